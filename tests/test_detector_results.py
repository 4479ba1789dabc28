"""What lesson 10 stores: poolings that differ in one thing, and a loss that is used on all anchors."""

import pytest
import torch
from torch.nn import functional as F

from cnnlib import results
from cnnlib.data.scenes import scenes
from cnnlib.detection import FasterRCNN, rpn
from cnnlib.detection.pooling import roi_align, roi_pool
from cnnlib.detection.proposals import padded, selective_search
from tools import detector_results as measured

X = torch.randn(3, 5, 13, 17, generator=torch.Generator().manual_seed(0))
ROIS = torch.tensor([[1, 5, 9, 17, 25], [0, 0, 0, 68, 52], [2, 6, 6, 6, 6], [1, 30, 20, 61, 52], [2, 1, 3, 66, 9]]).float()


def by_hand(roi, size, reduce):
    image, *corners = roi.tolist()
    x1, y1, x2, y2 = (int(corner / 4 + 0.5) for corner in corners)
    out = torch.zeros(5, size, size)
    for i in range(size):
        for j in range(size):
            (h, w) = (y2 - y1 + 1, x2 - x1 + 1)
            rows = slice(y1 + i * h // size, y1 - (-(i + 1) * h // size))
            columns = slice(x1 + j * w // size, x1 - (-(j + 1) * w // size))
            piece = X[int(image), :, rows, columns]
            out[:, i, j] = reduce(piece.flatten(1)) if piece.numel() else 0
    return out


@pytest.mark.parametrize("size", [1, 3, 5])
def test_the_control_differs_from_roi_pooling_in_the_mean_alone(size):
    for pooling, reduce in ((measured.rounded_mean, lambda bin: bin.mean(1)), (roi_pool, lambda bin: bin.amax(1))):
        expected = torch.stack([by_hand(roi, size, reduce) for roi in ROIS])
        torch.testing.assert_close(pooling(X, ROIS, size, 1 / 4), expected)


@pytest.mark.parametrize("size", [1, 3, 5])
def test_the_control_differs_from_roi_align_in_the_maximum_alone(size):
    points = roi_align(X, ROIS, 2 * size, 1 / 4, sampling=1)
    torch.testing.assert_close(F.avg_pool2d(points, 2), roi_align(X, ROIS, size, 1 / 4))
    torch.testing.assert_close(measured.aligned_max(X, ROIS, size, 1 / 4), F.max_pool2d(points, 2))


def test_the_objectness_alone_is_another_and_starts_low(monkeypatch):
    data, seen = scenes(2, seed=3)[:3], []

    def loss(logits, is_object, gamma):
        seen.append((len(logits), is_object.sum().item(), gamma, logits.sigmoid().mean().item()))
        return logits.sum()

    net, twin = measured.WithFocal(5, loss, gamma=2, size=5), FasterRCNN(5, size=5)
    state = net.state_dict()
    twin.load_state_dict(state)
    both = []
    for one in (net, twin):
        torch.manual_seed(0)
        both.append(one.losses(*data))
    laid = rpn.assign(twin.rpn.anchors(torch.zeros(1, 64, 16, 16)), *data[1:])
    assert seen[0][:3] == ((laid != -2).sum().item(), (laid >= 0).sum().item(), 2)
    assert seen[0][3] == pytest.approx(measured.PRIOR, rel=0.1)
    assert list(both[0]) == list(both[1])
    for name in ("anchor box", "class", "box"):
        torch.testing.assert_close(both[0][name], both[1][name])
    assert both[0]["objectness"] != both[1]["objectness"]


def test_what_the_lesson_says_about_the_control_holds_for_every_seed():
    values = results.read("pooling_control").values
    assert list(values) == list(measured.POOLINGS)
    for seed in "012":
        ap = {name: runs[seed]["AP75"] for name, runs in values.items()}
        for reduce in ("maximum", "mean"):
            assert 0.12 <= ap[f"aligned, {reduce}"] - ap[f"rounded, {reduce}"] <= 0.22
        assert ap["rounded, maximum"] > ap["rounded, mean"]
        assert abs(ap["aligned, maximum"] - ap["aligned, mean"]) < 0.03


@pytest.mark.slow
def test_a_stored_detector_is_measured_again():
    train, test = scenes(1200), scenes(300, seed=1)
    proposals, others = (padded([selective_search(image) for image in part.images]) for part in (train, test))
    build = lambda: measured.with_pooling(measured.aligned_max)  # noqa: E731
    found = measured.measured(measured.trained(build, 0, (*train[:3], proposals)), test, others)
    assert found == pytest.approx(results.read("pooling_control").values["aligned, maximum"]["0"], abs=0.03)
