"""Fast R-CNN: regions and what they learn against torchvision's RoIHeads, losses by hand, detections as promised."""

import inspect

import pytest
import torch
from torch import Tensor, nn
from torchvision.models.detection.roi_heads import RoIHeads, fastrcnn_loss

from cnnlib import training
from cnnlib.data.scenes import scenes
from cnnlib.detection import fast_rcnn
from cnnlib.detection.boxes import area, encode, iou
from cnnlib.detection.detector import DetectionObjective
from cnnlib.detection.fast_rcnn import DELTA_STD, FastRCNN, RegionHead, match, region_losses
from cnnlib.detection.rois import rois_of

SCENES = scenes(8)


def jittered(boxes: Tensor, seed: int = 0, copies: int = 5, others: int = 17) -> Tensor:
    """Stand in for proposals: moved copies of the objects, random boxes, and padding: (N, T, 4) -> (N, P, 4)."""
    generator = torch.Generator().manual_seed(seed)
    near = boxes.repeat(1, copies, 1)
    near = near + torch.randn(near.shape, generator=generator) * 3 * (near.sum(2, keepdim=True) > 0)
    start = torch.rand(len(boxes), others, 2, generator=generator) * 40
    far = torch.cat([start, start + 10 + torch.rand(start.shape, generator=generator) * 14], 2)
    return torch.cat([near, far, torch.zeros(len(boxes), 3, 4)], 1).clamp(0, 64)


PROPOSALS = jittered(SCENES.boxes)


def detector(seed: int = 0, **options: object) -> FastRCNN:
    torch.manual_seed(seed)
    return FastRCNN(classes=5, **{"size": 3, "hidden": 16} | options)


# what a region learns


@pytest.mark.parametrize("seed", range(3))
def test_matches_and_classes_are_torchvisions(seed):
    proposals = jittered(SCENES.boxes, seed)
    matches = match(proposals, SCENES.boxes, SCENES.labels)
    theirs = RoIHeads(None, None, None, 0.5, 0.5, 32, 0.25, None, 0.05, 0.5, 100)
    for image, real in enumerate(SCENES.labels >= 0):
        found = area(proposals[image]) > 0
        objects, labels = SCENES.boxes[image, real], SCENES.labels[image, real] + 1
        indices, classes = theirs.assign_targets_to_proposals([proposals[image, found]], [objects], [labels])
        ours = matches[image, found]
        assert (ours >= 0).any() and (ours == -1).any()
        assert torch.equal(ours >= 0, classes[0] > 0)
        assert torch.equal(ours[ours >= 0], real.nonzero()[indices[0][ours >= 0], 0])
        assert (matches[image, ~found] == -2).all()


def test_the_papers_background_starts_at_an_overlap_of_a_tenth():
    matches = match(PROPOSALS, SCENES.boxes, SCENES.labels, lowest=0.1)
    best = (iou(PROPOSALS, SCENES.boxes)).amax(2)
    assert (matches[best < 0.1] == -2).all() and (matches[(best >= 0.1) & (best < 0.5)] == -1).all()


def test_a_region_is_positive_from_an_overlap_of_one_half_on():
    """Section 2.3: IoU of at least 0.5 is foreground, [0.1, 0.5) is background; 0.1 is `lowest` here, 0 by default."""
    objects = torch.tensor([[[0.0, 0.0, 10.0, 10.0]]])
    widths = torch.tensor([10.0, 5.0, 4.9, 1.0, 0.9])
    proposals = torch.stack([0 * widths, 0 * widths, widths, 0 * widths + 10], 1)[None]
    labels = torch.tensor([[3]])
    assert match(proposals, objects, labels).tolist() == [[0, 0, -1, -1, -1]]
    assert match(proposals, objects, labels, lowest=0.1).tolist() == [[0, 0, -1, -1, -2]]
    assert match(proposals, objects, labels, positive=0.49, lowest=0.5).tolist() == [[0, 0, -2, -2, -2]]


def test_padding_of_the_truth_matches_nothing():
    boxes = torch.tensor([[[8.0, 8.0, 24.0, 24.0], [30.0, 30.0, 50.0, 50.0]]])
    assert match(boxes, boxes, torch.tensor([[-1, 4]])).tolist() == [[-1, 1]]


@pytest.mark.parametrize("objects", [0, 2])
def test_without_objects_all_is_background(objects):
    matches = match(PROPOSALS, torch.zeros(8, objects, 4), torch.full((8, objects), -1))
    assert torch.equal(matches, torch.where(area(PROPOSALS) > 0, -1, -2))


# losses


@pytest.mark.parametrize("function", [match, region_losses, RegionHead.losses, FastRCNN.losses])
def test_boxes_come_before_their_labels(function):
    names = list(inspect.signature(function).parameters)
    boxes, labels = ("objects", "classes") if function is region_losses else ("boxes", "labels")
    assert names.index(boxes) + 1 == names.index(labels)


def test_both_losses_are_torchvisions():
    torch.manual_seed(0)
    scores, deltas = torch.randn(13, 6), torch.randn(13, 5, 4)
    start = torch.rand(13, 2) * 30
    regions = torch.cat([start, start + 8 + torch.rand(13, 2) * 20], 1)
    objects, classes = regions + torch.rand(13, 4), torch.randint(0, 6, (13,))
    assert 0 < (classes > 0).sum() < 13
    ours = region_losses(scores, deltas, regions, objects, classes)
    targets = encode(objects, regions) / torch.tensor(DELTA_STD)
    class_loss, box_loss = fastrcnn_loss(scores, torch.cat([torch.zeros(13, 4), deltas.flatten(1)], 1), [classes], [targets])
    torch.testing.assert_close(ours["class"], class_loss)
    # torchvision's smooth L1 is straight from 1 / 9 on, the paper's from 1 on
    positive = classes > 0
    distance = (deltas[positive, classes[positive] - 1] - targets[positive]).abs()
    smooth = torch.where(distance < 1 / 9, 4.5 * distance**2, distance - 1 / 18)
    torch.testing.assert_close(smooth.sum() / 13, box_loss)
    torch.testing.assert_close(ours["box"], torch.where(distance < 1, distance**2 / 2, distance - 0.5).sum() / 13)


def test_losses_of_two_regions_by_hand():
    regions = torch.tensor([[0.0, 0.0, 10.0, 10.0], [0.0, 0.0, 10.0, 10.0]])
    objects = torch.tensor([[0.0, 0.0, 10.0, 10.0], [0.5, 3.0, 10.5, 13.0]])  # (0.5, 3, 0, 0) after division
    losses = region_losses(torch.zeros(2, 4), torch.zeros(2, 3, 4), regions, objects, torch.tensor([0, 2]))
    assert losses["class"].item() == pytest.approx(1.386294)  # log 4
    assert losses["box"].item() == pytest.approx((0.5**2 / 2 + 3 - 0.5) / 2)


def test_without_regions_both_losses_are_0():
    none = torch.zeros(0, 4)
    losses = region_losses(torch.zeros(0, 6), torch.zeros(0, 5, 4), none, none, torch.zeros(0, dtype=torch.long))
    assert {name: loss.item() for name, loss in losses.items()} == {"class": 0, "box": 0}


def test_deltas_are_in_units_of_their_standard_deviations():
    """Deltas of 1 move a region by a tenth of its size and stretch it by exp(0.2)."""
    net = detector()
    with torch.no_grad():
        net.head.deltas[0].weight.zero_()
        net.head.deltas[0].bias.fill_(1)
    ((boxes, scores),) = net.scored(SCENES.images[:1], torch.tensor([[[20.0, 10.0, 40.0, 30.0]]]))
    side = 20 * torch.tensor(0.2).exp()
    assert boxes.shape == (1, 5, 4) and scores.shape == (1, 5)
    torch.testing.assert_close(boxes[0, 3], torch.stack([32 - side / 2, 22 - side / 2, 32 + side / 2, 22 + side / 2]))


def test_scores_are_a_softmax_without_the_background():
    net = detector()
    ((_, scores),) = net.scored(SCENES.images[:1], PROPOSALS[:1])
    logits, _ = net(SCENES.images[:1], rois_of(PROPOSALS[:1]))
    torch.testing.assert_close(scores, logits.softmax(1)[:, 1:])


def test_the_deltas_of_other_classes_and_of_background_learn_nothing():
    deltas = torch.randn(2, 3, 4, requires_grad=True)
    box = torch.tensor([[0.0, 0.0, 10.0, 10.0]]).expand(2, 4)
    region_losses(torch.zeros(2, 4), deltas, box, box, torch.tensor([0, 2]))["box"].backward()
    assert deltas.grad[1, 1].all() and deltas.grad.count_nonzero() == 4


@pytest.mark.parametrize("pooling", ["align", "max"])
@pytest.mark.parametrize("case", ["usual", "no objects", "no proposals", "nothing at all", "degenerate proposals"])
def test_losses_and_gradients_are_finite(case, pooling):
    boxes, labels, proposals = SCENES.boxes, SCENES.labels, PROPOSALS
    if case in ("no objects", "nothing at all"):
        boxes, labels = torch.zeros_like(boxes), torch.full_like(labels, -1)
    if case in ("no proposals", "nothing at all"):
        proposals = torch.zeros(8, 0, 4)
    if case == "degenerate proposals":
        proposals = torch.cat([proposals, torch.tensor([64.0, 3.0, 64.0, 9.0]).expand(8, 2, 4)], 1)
    net = detector(pooling=pooling)
    losses = net.losses(SCENES.images, boxes, labels, proposals)
    assert list(losses) == ["class", "box"] and all(loss.isfinite() and loss.ndim == 0 for loss in losses.values())
    assert (losses["box"] > 0) == (case not in ("no objects", "nothing at all"))
    sum(losses.values()).backward()
    assert all(p.grad.isfinite().all() for p in net.parameters() if p.grad is not None)


def test_a_quarter_of_the_regions_is_positive_at_most_and_the_truth_is_among_them(monkeypatch):
    seen = []
    monkeypatch.setattr(fast_rcnn, "region_losses", lambda *given: seen.append(given))
    detector().losses(SCENES.images, SCENES.boxes, SCENES.labels, torch.zeros(8, 0, 4))
    *_, regions, objects, classes = seen.pop()
    assert len(regions) == (SCENES.labels >= 0).sum() and torch.equal(regions, objects)
    assert sorted(classes) == sorted(SCENES.labels[SCENES.labels >= 0] + 1)
    full = SCENES.boxes[:, :1]  # every scene has a first object
    detector().losses(SCENES.images, full, SCENES.labels[:, :1], jittered(full, copies=60, others=60))
    classes = seen.pop()[-1]
    assert len(classes) == 8 * 32 and (classes > 0).sum() == 8 * 8  # section 2.3: 25 % of the regions of an image


def test_the_loss_is_the_sum_and_repeats_with_the_seed():
    net, batch = detector(), (SCENES.images, SCENES.boxes, SCENES.labels, PROPOSALS)
    losses = []
    for _ in range(2):
        torch.manual_seed(3)
        losses.append(DetectionObjective().loss(net, *batch))
    torch.manual_seed(3)
    assert losses[0] == losses[1] == sum(net.losses(*batch).values())


# detections


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_detect_gives_what_it_promises(dtype):
    net = detector(1).to(dtype)
    with torch.no_grad():
        net.head.scores.weight *= 100  # an untrained head is sure of nothing
    net.train()
    net.backbone[0].eval()
    found = net.detect(SCENES.images.to(dtype), PROPOSALS.to(dtype), batch_size=3)
    assert net.training and net.head.training and not net.backbone[0].training
    assert len(found) == 8 and sum(len(one.boxes) for one in found) > 8
    for boxes, scores, labels in found:
        assert boxes.dtype == scores.dtype == dtype and len(boxes) == len(scores) == len(labels) <= 100
        assert boxes.isfinite().all() and (boxes >= 0).all() and (boxes <= 64).all() and (area(boxes) > 0).all()
        assert (scores.diff() <= 0).all() and (scores > 0.05).all() and (scores <= 1).all()
        same = iou(boxes, boxes) * (labels[:, None] == labels)
        assert (same.triu(1) <= 0.3001).all()
        assert not scores.requires_grad and ((labels >= 0) & (labels < 5)).all()
    whole = net.detect(SCENES.images.to(dtype), PROPOSALS.to(dtype))
    assert all(torch.equal(a.labels, b.labels) for a, b in zip(found, whole, strict=True))


def test_score_overlap_and_count_can_be_chosen():
    net = detector(1)
    every = net.detect(SCENES.images, PROPOSALS, min_score=0, max_overlap=1, max_count=10**6)
    assert [len(one.boxes) for one in every] == [5 * n for n in (area(PROPOSALS) > 0).sum(1)]
    assert all(len(one.boxes) == 7 for one in net.detect(SCENES.images, PROPOSALS, min_score=0, max_count=7))
    assert all(len(one.boxes) == 0 for one in net.detect(SCENES.images, PROPOSALS, min_score=1))


def test_images_without_proposals_have_no_detections():
    for proposals in (torch.zeros(8, 3, 4), torch.zeros(8, 0, 4)):
        assert [len(one.boxes) for one in detector().detect(SCENES.images, proposals)] == [0] * 8


def test_a_region_of_one_image_sees_that_image_alone():
    net = detector().eval()
    rois = rois_of(PROPOSALS)
    scores, deltas = net(SCENES.images, rois)
    one = rois[:, 0] == 5
    alone = net(SCENES.images[5:6], rois[one] * torch.tensor([0.0, 1, 1, 1, 1]))
    torch.testing.assert_close((scores[one], deltas[one]), alone)


@pytest.mark.parametrize("size", [4, 5, 7])
def test_the_head_has_the_weights_it_should(size):
    assert RegionHead(5).size == 7 and RegionHead(5).pool is fast_rcnn.roi_align  # section 2.1: 7 x 7, for VGG-16
    count = sum(p.numel() for p in RegionHead(5, size=size).parameters())
    assert count == (64 * size**2 + 1) * 128 + 129 * 6 + 129 * 20


def test_on_vgg_the_siblings_tell_21_classes_and_move_20():
    with torch.device("meta"):
        head = RegionHead(20, "max", size=7, hidden=4096, channels=512, stride=16)
    assert head.scores.out_features == 21 and head.deltas[0].out_features == 80 and head.fc[1].in_features == 25_088


@pytest.mark.slow
@pytest.mark.parametrize("pooling", ["align", "max"])
def test_it_overfits_eight_scenes(pooling):
    net = detector(pooling=pooling, size=5, hidden=64)
    data = SCENES.images, SCENES.boxes, SCENES.labels, PROPOSALS
    training.train(net, data, epochs=40, objective=DetectionObjective(), optimizer=training.adamw(net), batch_size=8, clip=5.0)
    assert DetectionObjective().scores(net, data)["mAP50"] > 0.9


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: RegionHead(5, pooling="mean"), r"\['align', 'max'\], got 'mean'"),
        (lambda: FastRCNN(5, nn.Identity()).detect(torch.zeros(2, 3, 8, 8), torch.zeros(3, 1, 4)), "2 images and 3"),
        (lambda: match(torch.zeros(2, 4), torch.zeros(2, 3, 4), torch.zeros(2, 3)), r"\(N, P, 4\).* \(2, 4\)"),
        (lambda: match(torch.zeros(2, 7, 4), torch.zeros(3, 3, 4), torch.zeros(3, 3)), r"\(2, 7, 4\), \(3, 3, 4\)"),
        (lambda: match(torch.zeros(2, 7, 4), torch.zeros(2, 3, 4), torch.zeros(2, 5)), r"\(2, 3, 4\), \(2, 5\)"),
    ],
)
def test_errors_say_the_numbers(call, words):
    with pytest.raises(ValueError, match=words):
        call()
