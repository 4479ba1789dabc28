"""Accuracy on tables small enough to count by hand; segmentation against loops and against torchmetrics."""

import math

import pytest
import torch
from torchmetrics.classification import MulticlassJaccardIndex
from torchmetrics.segmentation import MeanIoU

from cnnlib.metrics import accuracy, confusion, intersection_over_union, mean_iou, pixel_accuracy

SCORES = torch.tensor([[0.1, 0.7, 0.2], [0.5, 0.3, 0.4], [-3.0, -2.0, -1.0], [0.0, 2.0, 9.0], [8.0, 1.0, 1.0]])


@pytest.mark.parametrize(
    ("labels", "expected"),
    [([1, 0, 2, 2, 0], 1), ([0, 1, 0, 1, 2], 0), ([1, 0, 2, 0, 1], 3 / 5), ([1, 1, 1, 1, 1], 1 / 5)],
)
def test_accuracy_counts_the_rows_whose_highest_score_is_right(labels, expected):
    assert accuracy(SCORES, torch.tensor(labels)) == expected
    assert type(accuracy(SCORES, torch.tensor(labels))) is float


@pytest.mark.parametrize(
    ("scores", "labels", "numbers"),
    [
        ((5, 3), (4,), r"\(5, 3\), \(4,\)"),
        ((5,), (5,), r"\(5,\), \(5,\)"),
        ((5, 3), (5, 1), r"\(5, 1\)"),
        ((0, 3), (0,), r"\(0,\)"),
    ],
)
def test_shapes_that_disagree_are_refused(scores, labels, numbers):
    with pytest.raises(ValueError, match=numbers):
        accuracy(torch.zeros(scores), torch.zeros(labels, dtype=torch.long))


def masks(images=3, occurring=3, border=False, seed=0, dtype=torch.int64):
    """Draw a predicted and a true mask; the first prediction leaves the last class out."""
    generator = torch.Generator().manual_seed(seed)
    predicted, truth = (torch.randint(0, occurring, (images, 11, 13), generator=generator) for _ in range(2))
    predicted[0].clamp_(max=max(occurring - 2, 0))
    if border:
        truth[:, :2] = 255
    return predicted.to(dtype), truth.to(dtype)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16, torch.int64])
@pytest.mark.parametrize("border", [False, True])
def test_confusion_is_what_a_loop_over_pixels_counts(dtype, border):
    predicted, truth = masks(occurring=17, border=border, dtype=dtype)
    expected = torch.zeros(19, 19, dtype=torch.int64)
    for column, row in zip(predicted.flatten().tolist(), truth.flatten().tolist(), strict=True):
        if row != 255:
            expected[row, column] += 1
    assert torch.equal(confusion(predicted, truth, 19), expected)
    assert torch.equal(sum(confusion(*pair, 19) for pair in zip(predicted, truth, strict=True)), expected)


def test_what_is_predicted_on_the_border_does_not_matter():
    predicted, truth = torch.tensor([[0, 1], [255, -7]]), torch.tensor([[0, 0], [255, 255]])
    assert confusion(predicted, truth, 2).tolist() == [[1, 1], [0, 0]]
    assert confusion(predicted[:1], truth[:1], 2, ignore=None).tolist() == [[1, 1], [0, 0]]
    assert confusion(predicted[:1], truth[:1] - torch.tensor([0, 1]), 256, ignore=-1).sum() == 1


@pytest.mark.parametrize("occurring", [1, 3, 7])
@pytest.mark.parametrize("border", [False, True])
def test_mean_iou_is_torchmetrics_over_all_images_with_classes_that_are_absent(occurring, border):
    predicted, truth = masks(occurring=occurring, border=border, seed=occurring)
    counts = confusion(predicted, truth, 7)
    theirs = MulticlassJaccardIndex(7, ignore_index=255)
    for pair in zip(predicted, truth, strict=True):  # counted image by image, as a loop over batches does
        theirs.update(*pair)
    assert mean_iou(counts) == pytest.approx(theirs.compute().item(), abs=1e-6)
    each = MulticlassJaccardIndex(7, ignore_index=255, average="none")(predicted, truth)
    torch.testing.assert_close(intersection_over_union(counts).nan_to_num(0.0).float(), each)


def test_the_mean_iou_of_torchmetrics_averages_over_images_and_agrees_on_one():
    predicted, truth = masks(images=5)
    theirs = MeanIoU(7, input_format="index")
    each = [intersection_over_union(confusion(*pair, 7)) for pair in zip(predicted, truth, strict=True)]
    for image in range(5):
        alone = MeanIoU(7, input_format="index")(predicted[image : image + 1], truth[image : image + 1])
        assert mean_iou(confusion(predicted[image], truth[image], 7)) == pytest.approx(alone.item(), abs=1e-6)
    assert theirs(predicted, truth).item() == pytest.approx(torch.stack(each).nanmean().item(), abs=1e-6)
    assert theirs.compute().item() != pytest.approx(mean_iou(confusion(predicted, truth, 7)), abs=1e-4)


def test_a_perfect_mask_scores_one_and_leaves_absent_classes_undefined():
    _, truth = masks(occurring=5)
    counts = confusion(truth, truth, 7)
    assert pixel_accuracy(counts) == mean_iou(counts) == 1.0
    assert intersection_over_union(counts).tolist()[:5] == [1.0] * 5
    assert intersection_over_union(counts)[5:].isnan().all()


def test_nothing_but_background_is_accurate_and_overlaps_little():
    truth = torch.zeros(10, 10, dtype=torch.int64)
    truth[:2, :5] = 1
    counts = confusion(torch.zeros_like(truth), truth, 2)
    assert pixel_accuracy(counts) == 0.9
    assert mean_iou(counts) == 0.45
    assert type(pixel_accuracy(counts)) is type(mean_iou(counts)) is float


def test_a_class_that_is_only_predicted_counts_as_zero():
    assert intersection_over_union(torch.tensor([[8, 1], [0, 0]])).tolist() == pytest.approx([8 / 9, 0])
    assert mean_iou(torch.tensor([[8, 1], [0, 0]])) == pytest.approx(4 / 9)


def test_an_empty_image_counts_nothing():
    counts = confusion(torch.zeros(0, dtype=torch.int64), torch.zeros(0, dtype=torch.int64), 3)
    assert torch.equal(counts, torch.zeros(3, 3, dtype=torch.int64))
    assert all(map(math.isnan, intersection_over_union(counts)))
    for metric in (pixel_accuracy, mean_iou):
        with pytest.raises(ValueError, match="at least one pixel"):
            metric(counts)


ZEROS = torch.zeros(2, 3, dtype=torch.int64)


@pytest.mark.parametrize(
    ("predicted", "truth", "options", "words"),
    [
        (ZEROS, ZEROS[:1], {}, r"one shape, got \(2, 3\) torch.int64, \(1, 3\)"),
        (ZEROS.float(), ZEROS, {}, "integers .* torch.float32"),
        (ZEROS, ZEROS.double(), {}, "integers .* torch.float64"),
        (ZEROS, ZEROS, dict(classes=0), "classes=0"),
        (ZEROS, ZEROS, dict(ignore=4), "outside .* classes=5, ignore=4"),
        (ZEROS, ZEROS, dict(ignore=0), "outside .* classes=5, ignore=0"),
        (ZEROS, ZEROS, dict(classes=256), "classes=256, ignore=255"),
        (ZEROS + 5, ZEROS, {}, r"predicted must be in 0 ... 4, got 5 ... 5"),
        (ZEROS, ZEROS - 1, {}, r"truth must be in 0 ... 4, got -1 ... -1"),
        (ZEROS, ZEROS + 255, dict(ignore=None), r"truth must be in 0 ... 4, got 255"),
    ],
)
def test_masks_that_cannot_be_counted_are_refused(predicted, truth, options, words):
    with pytest.raises(ValueError, match=words):
        confusion(predicted, truth, **{"classes": 5} | options)


@pytest.mark.parametrize("metric", [pixel_accuracy, intersection_over_union, mean_iou])
@pytest.mark.parametrize(
    "wrong", [torch.ones(2, 3), torch.ones(4), torch.tensor([[1, -1], [0, 0]]), torch.full((2, 2), torch.nan)]
)
def test_what_is_no_confusion_matrix_is_refused(metric, wrong):
    with pytest.raises(ValueError, match=r"a confusion matrix is \(K, K\)"):
        metric(wrong)
