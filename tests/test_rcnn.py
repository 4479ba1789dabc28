"""R-CNN and SPPNet: what they learn from, their linear models against scikit-learn's, and what they find on drawn scenes."""

import pytest
import torch
from sklearn.linear_model import Ridge
from sklearn.svm import LinearSVC
from torch import nn

from cnnlib.data.scenes import scenes
from cnnlib.detection import regions
from cnnlib.detection.average_precision import detection_scores
from cnnlib.detection.boxes import area, iou
from cnnlib.detection.pooling import crop_and_warp
from cnnlib.detection.proposals import padded, selective_search
from cnnlib.detection.rcnn import RCNN
from cnnlib.detection.regions import RegionClassifier, fit_ridges, fit_svms
from cnnlib.detection.sppnet import SPPNet, cells_inside
from cnnlib.models.backbone import pretrained_backbone

KINDS = [RCNN, SPPNet]


def noise(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def proposals_of(images):
    return padded([selective_search(image) for image in images])


@pytest.fixture(scope="module")
def drawn():
    few = scenes(40)
    return few.images, few.boxes, few.labels, proposals_of(few.images)


@pytest.fixture(scope="module", params=[pytest.param(RCNN, marks=pytest.mark.slow), SPPNet])
def fitted(request, drawn):
    return request.param(classes=5).fit(*drawn)


def test_lists_of_proposals_are_filled_up_with_boxes_of_zeros():
    together = padded([torch.ones(2, 4), torch.zeros(0, 4), torch.full((3, 4), 2.0)])
    assert together.shape == (3, 3, 4)
    assert area(together).eq(0).all()
    assert together.sum((1, 2)).tolist() == [8, 0, 24]


@pytest.mark.parametrize("bad", [[], [torch.zeros(3, 5)], [torch.zeros(4)]])
def test_only_lists_of_boxes_are_padded(bad):
    with pytest.raises(ValueError, match="list of"):
        padded(bad)


def test_an_svm_is_scikit_learns_without_the_regions_in_between():
    x, overlap = noise(211, 7), torch.rand(211, 3, generator=torch.Generator().manual_seed(1))
    weight, bias = fit_svms(x, overlap)
    for label in range(3):
        learned = (overlap[:, label] < 0.3) | (overlap[:, label] >= 0.5)
        svm = LinearSVC(C=regions.C, dual=True, tol=0.1, max_iter=2000, random_state=0)
        svm.fit(x[learned].numpy(), overlap[learned, label].ge(0.5).numpy())
        torch.testing.assert_close(x @ weight[label] + bias[label], torch.from_numpy(svm.decision_function(x.numpy())).float())


def test_an_svm_stands_near_the_minimum_of_its_objective():
    x, y = noise(211, 7).double(), noise(211, seed=2).gt(0.4)
    weight, bias = fit_svms(x, y[:, None].double())
    both = torch.cat([weight[0], bias]).requires_grad_()  # liblinear counts the bias among the weights

    def objective(both):
        margin = (x @ both[:-1] + both[-1]) * (2.0 * y - 1)
        return both.square().sum() / 2 + regions.C * (1 - margin).clamp(min=0).square().sum()

    best = torch.zeros(8, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([best], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = objective(best)
        loss.backward()
        return loss

    optimizer.step(closure)
    assert objective(both) < 1.001 * objective(best)


def test_easy_negatives_are_left_out_and_would_change_little(monkeypatch):
    monkeypatch.setattr(regions, "C", 0.1)
    x = noise(2000, 7)
    x[100:, 0] -= 3
    overlap = torch.zeros(2000, 1)
    overlap[:100] = 1
    sizes, fit = [], regions._fit_svm
    monkeypatch.setattr(regions, "_fit_svm", lambda x, positive: sizes.append(len(x)) or fit(x, positive))
    weight, bias = fit_svms(x, overlap)
    assert sizes[0] == 100 + 475 and sizes[0] < sizes[1] < 1000
    whole, at = fit(x, overlap[:, 0] >= 0.5)
    torch.testing.assert_close(x @ weight[0] + bias, x @ whole + at, rtol=0, atol=0.05)


def test_regions_are_positive_from_one_half_on_and_negative_below_three_tenths(monkeypatch):
    """The paper found 0.3 by a grid search (section 2.3). Of the negatives the first fit uses every fourth."""
    fitted = []
    answer = torch.tensor([0.0]), torch.tensor(-9.0)  # an SVM for which no negative is hard
    monkeypatch.setattr(regions, "_fit_svm", lambda x, positive: fitted.append((x.flatten().tolist(), positive)) or answer)
    overlap = torch.tensor([0.5, 0.49, 0.3, 0.29, 0.0, 0.1, 0.2, 0.25, 1.0])
    fit_svms(torch.arange(9.0)[:, None], overlap[:, None])
    assert [x for x, _ in fitted] == [[0, 3, 7, 8]] * 2
    assert fitted[0][1].tolist() == [True, False, False, True]


def test_only_ground_truth_boxes_are_positive_if_that_is_asked_for(monkeypatch):
    """As in the paper (section 2.3); what is between stays left out, as it is neither."""
    fitted = []
    answer = torch.tensor([0.0]), torch.tensor(-9.0)
    monkeypatch.setattr(regions, "_fit_svm", lambda x, positive: fitted.append((x.flatten().tolist(), positive)) or answer)
    overlap = torch.tensor([1.0, 0.99, 0.5, 0.3, 0.1])
    fit_svms(torch.arange(5.0)[:, None], overlap[:, None], positive_iou=1)
    assert [x for x, _ in fitted] == [[0, 4]] * 2
    assert fitted[0][1].tolist() == [True, False]


@pytest.mark.slow
def test_fit_passes_on_what_is_positive(monkeypatch, drawn):
    asked = []
    svms = regions.fit_svms
    monkeypatch.setattr(regions, "fit_svms", lambda x, overlap, lowest: asked.append(lowest) or svms(x, overlap, lowest))
    SPPNet(classes=5).fit(*drawn, positive_iou=1.0)
    SPPNet(classes=5).fit(*drawn)
    assert asked == [1.0, 0.5]


@pytest.mark.parametrize("bad", [0.29, 1.01])
def test_a_positive_region_is_no_negative_one(bad):
    with pytest.raises(ValueError, match=rf"positive_iou must be in 0.3 \.\.\. 1, got {bad}"):
        fit_svms(torch.zeros(2, 1), torch.tensor([[0.0], [1.0]]), positive_iou=bad)


def test_hard_negatives_are_those_within_the_margin(monkeypatch):
    fitted = []
    answer = torch.tensor([1.0]), torch.tensor(0.0)  # a region's margin is its one feature
    monkeypatch.setattr(regions, "_fit_svm", lambda x, positive: fitted.append(x.flatten().tolist()) or answer)
    x = torch.tensor([5.0, -3.0, -1.0, -0.99, 2.0, -2.0])
    fit_svms(x[:, None], torch.tensor([1.0, 0, 0, 0, 0, 0])[:, None])
    assert fitted == [pytest.approx([5, -3, -2]), pytest.approx([5, -3, -0.99, 2, -2])]


def test_the_constants_are_those_of_the_docstring():
    assert (regions.C, regions.LAMBDA) == (0.003, 100)
    assert (regions.POSITIVE_IOU, regions.NEGATIVE_IOU, regions.REGRESSION_IOU) == (0.5, 0.3, 0.6)  # 0.3 and 0.6: the paper


def test_boxes_are_regressed_from_an_overlap_of_six_tenths_on(monkeypatch, drawn):
    seen = {}
    monkeypatch.setattr(regions, "fit_svms", lambda x, overlap, _: (torch.zeros(1, 1344), torch.zeros(1)))
    monkeypatch.setattr(regions, "fit_ridges", lambda x, deltas, labels, k: seen.update(deltas=deltas) or (x[:1], x[:1]))
    objects, labels = torch.tensor([[[0.0, 0.0, 10.0, 10.0]]]), torch.tensor([[0]])
    widths = torch.tensor([6.0, 5.9, 8.0])
    proposals = torch.stack([0 * widths, 0 * widths, widths, 0 * widths + 10], 1)[None]
    SPPNet(classes=1).fit(drawn[0][:1], objects, labels, proposals)
    expected = (10 / torch.tensor([6.0, 8.0, 10.0])).log()  # the object itself joins the proposals
    torch.testing.assert_close(seen["deltas"][:, 2], expected)


def test_an_svm_needs_both_sides():
    for overlap in (torch.zeros(5, 1), torch.ones(5, 1), torch.full((5, 1), 0.4)):
        with pytest.raises(ValueError, match="class 0 needs positive and negative regions"):
            fit_svms(noise(5, 2), overlap)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_ridge_solves_the_normal_equations_of_its_class(dtype):
    x, deltas, labels = noise(53, 7).to(dtype), noise(53, 4, seed=1).to(dtype), torch.arange(53) % 3
    weight, bias = fit_ridges(x, deltas, labels, classes=3)
    assert weight.dtype == bias.dtype == dtype
    for label in range(3):
        own, target = x[labels == label].double(), deltas[labels == label].double()
        centred, moved = own - own.mean(0), target - target.mean(0)
        solved = torch.linalg.solve(centred.T @ centred + regions.LAMBDA * torch.eye(7), centred.T @ moved)
        torch.testing.assert_close(weight[label].double(), solved.T, atol=1e-6, rtol=1e-4)
        torch.testing.assert_close(bias[label].double(), target.mean(0) - own.mean(0) @ solved, atol=1e-6, rtol=1e-4)
        ridge = Ridge(alpha=regions.LAMBDA).fit(own.numpy(), target.numpy())
        torch.testing.assert_close(weight[label].double(), torch.from_numpy(ridge.coef_), atol=1e-6, rtol=1e-4)


def test_a_ridge_needs_a_region_of_every_class():
    with pytest.raises(ValueError, match="class 1 needs at least one"):
        fit_ridges(noise(3, 2), noise(3, 4), torch.tensor([0, 0, 2]), classes=3)


def test_r_cnn_describes_a_region_by_its_own_crop_alone():
    net, images = RCNN(5, pretrained_backbone().eval()), torch.rand(2, 3, 43, 61)
    rois = torch.tensor([[1.0, 5.0, 7.0, 30.0, 20.0], [0.0, 11.0, 3.0, 37.0, 41.0]])
    crop = crop_and_warp(images, rois[1:], 32, 6)
    expected = nn.functional.max_pool2d(net.backbone(crop), 2).flatten(1)
    torch.testing.assert_close(net.features(images, rois)[1:], expected)


def test_sppnet_sees_only_cells_within_the_region():
    net = SPPNet(5, nn.Sequential(nn.Conv2d(1, 1, 1)), levels=(1,), stride=1)
    nn.init.ones_(net.backbone[0].weight)
    nn.init.zeros_(net.backbone[0].bias)
    image = torch.arange(13.0 * 17).view(1, 1, 13, 17)
    found = net.features(image, torch.tensor([[0.0, 2.5, 3.5, 7.5, 9.5]]))
    assert found.tolist() == [[9.0 * 17 + 7]]


def test_the_projection_rounds_inwards_as_in_the_paper():
    rois = torch.tensor([[3.0, 0.0, 16.0, 17.0, 33.0]])
    assert cells_inside(rois, stride=16).tolist() == [[3, 1, 2, 1, 2]]


@pytest.mark.parametrize(("kind", "expected"), [(RCNN, 5), (SPPNet, 3)])
def test_passes_are_regions_or_images(kind, expected):
    boxes = padded([torch.tensor([[3.0, 5.0, 20.0, 30.0]]).expand(k, 4) for k in (2, 0, 3)])
    net = kind(classes=1)
    net.std.fill_(1)
    found = net.detect(torch.rand(3, 3, 47, 61), boxes)
    assert net.passes == expected
    assert [len(one.scores) for one in found] == [1, 0, 1]
    assert found[0].scores.item() == 0.5
    torch.testing.assert_close(found[0].boxes, boxes[0, :1])


@pytest.mark.slow
def test_detections_are_what_they_promise(fitted, drawn):
    images, _, _, proposals = drawn
    before = fitted.backbone.training
    for regress in (False, True):
        found = fitted.detect(images[:18], proposals[:18], regress=regress, max_count=7)
        assert len(found) == 18
        assert sum(len(one.scores) for one in found) > 18
        for one, proposed in zip(found, proposals, strict=False):
            assert one.boxes.shape == (len(one.scores), 4) and one.labels.shape == one.scores.shape
            assert len(one.scores) <= 7
            assert one.scores.ge(0).all() and one.scores.le(1).all() and one.scores.diff().le(0).all()
            assert one.boxes.ge(0).all() and one.boxes.le(64).all() and area(one.boxes).gt(0).all()
            same = (one.labels[:, None] == one.labels) & ~torch.eye(len(one.labels), dtype=torch.bool)
            assert (iou(one.boxes, one.boxes) * same).le(0.3 + 1e-6).all()
            assert regress or iou(one.boxes, proposed).amax(1).gt(0.999).all()
    assert fitted.backbone.training == before
    assert all(not parameter.grad_fn for parameter in fitted.backbone.parameters())


@pytest.mark.slow
def test_an_image_is_judged_alone_whatever_stands_beside_it(fitted, drawn):
    images, _, _, proposals = drawn
    together, alone = fitted.detect(images[:18], proposals[:18])[17], fitted.detect(images[17:18], proposals[17:18])[0]
    for one, other in zip(together, alone, strict=True):
        torch.testing.assert_close(one, other, atol=1e-3, rtol=1e-3)


def test_without_proposals_nothing_is_found(fitted, drawn):
    for proposals in (torch.zeros(2, 0, 4), torch.zeros(2, 3, 4)):
        assert [len(one.scores) for one in fitted.detect(drawn[0][:2], proposals)] == [0, 0]
    assert fitted.detect(drawn[0][:0], drawn[3][:0]) == []


def test_slivers_are_proposals_too(fitted, drawn):
    slivers = torch.tensor([[[63.9, 0.0, 64.0, 64.0], [5.0, 5.0, 5.1, 5.1], [0.0, 63.0, 64.0, 64.0]]])
    for one in fitted.detect(drawn[0][:1], slivers):
        assert one.boxes.isfinite().all() and one.scores.isfinite().all()


@pytest.mark.slow
def test_padding_and_images_without_objects_change_nothing_that_is_learned(drawn):
    images, boxes, labels, proposals = drawn
    labels = labels.clone()
    labels[0] = -1  # boxes under label -1 are not objects, whatever they hold
    one = SPPNet(classes=5).fit(images, boxes, labels, proposals)
    emptied = boxes * (labels >= 0)[..., None]
    wider = torch.cat([proposals, torch.zeros(len(images), 3, 4)], 1)
    other = SPPNet(classes=5).fit(images, emptied, labels, wider)
    for name, learned in one.named_buffers():
        torch.testing.assert_close(learned, other.get_buffer(name))


@pytest.mark.slow
def test_a_network_in_half_precision_is_fitted_in_float32(drawn):
    net = SPPNet(classes=5).to(torch.bfloat16)
    found = net.fit(*(part[:16] for part in drawn)).detect(drawn[0][:2], drawn[3][:2], min_score=0.0)
    assert net.svm_weight.dtype == net.ridge_bias.dtype == torch.float32 and net.svm_weight.isfinite().all()
    assert all(len(one.scores) and one.scores.dtype == one.boxes.dtype == torch.float32 for one in found)


@pytest.mark.slow
def test_features_that_never_change_teach_nothing_and_break_nothing(drawn):
    """A dead channel has a standard deviation of 0, by which nothing can be divided."""

    class Dead(nn.Module):
        def forward(self, x):
            return x * (torch.arange(64) > 0)[:, None, None]

    few = [part[:16] for part in drawn]
    net = SPPNet(5, nn.Sequential(pretrained_backbone(), Dead())).fit(*few)
    assert all(buffer.isfinite().all() for buffer in net.buffers() if buffer.is_floating_point())
    assert all(one.boxes.isfinite().all() and one.scores.isfinite().all() for one in net.detect(few[0], few[3]))


def test_features_may_have_any_width(drawn):
    """Two stages of the backbone: 24 channels and stride 2. `channels` only prepares buffers for weights to be loaded."""
    few = [part[:16] for part in drawn]
    net = SPPNet(5, pretrained_backbone()[:3], stride=2).fit(*few)
    assert net.svm_weight.shape == (5, 24 * 21) and len(net.detect(few[0], few[3])) == 16
    loaded = SPPNet(5, pretrained_backbone()[:3], stride=2, channels=24)
    loaded.load_state_dict(net.state_dict())
    assert torch.equal(loaded.ridge_weight, net.ridge_weight)


def test_fit_says_what_is_missing(drawn):
    images, boxes, labels, proposals = drawn
    net = SPPNet(classes=5)
    with pytest.raises(ValueError, match="fit takes images"):
        net.fit(images, boxes, labels, proposals[:3])
    with pytest.raises(ValueError, match="fit takes images"):
        net.fit(images, boxes[:, :3], labels, proposals)
    with pytest.raises(ValueError, match=r"every class 0 ... 4 and of no other, got \[0, 1, 2, 3\]"):
        net.fit(images, boxes, labels.where(labels < 4, -1), proposals)
    with pytest.raises(ValueError, match=r"every class 0 ... 3 and of no other"):
        SPPNet(classes=4).fit(images, boxes, labels, proposals)


def test_detect_says_what_is_missing(fitted, drawn):
    with pytest.raises(ValueError, match="call fit first"):
        RCNN(classes=5).detect(drawn[0], drawn[3])
    with pytest.raises(ValueError, match="got 2 images and 3 rows"):
        fitted.detect(drawn[0][:2], drawn[3][:3])
    with pytest.raises(NotImplementedError):
        RegionClassifier(5, nn.Identity()).features(drawn[0], torch.zeros(0, 5))


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "more"), [(RCNN, 0.15), (SPPNet, 0.1)])
def test_box_regression_moves_boxes_onto_their_objects(kind, more):
    train, valid = scenes(200), scenes(100, seed=1)
    net = kind(classes=5).fit(train.images, train.boxes, train.labels, proposals_of(train.images))
    proposals = proposals_of(valid.images)
    plain, moved = (
        detection_scores(net.detect(valid.images, proposals, regress=regress), valid.boxes, valid.labels, 5)
        for regress in (False, True)
    )
    assert moved["mAP50"] > 0.8
    assert moved["AP75"] > plain["AP75"] + more
