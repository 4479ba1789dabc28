"""Faster R-CNN: the paper's counts, targets, losses and proposals against torchvision's RPN, the four losses together."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from torchvision.models.detection.rpn import RegionProposalNetwork

from cnnlib import training
from cnnlib.data.scenes import scenes
from cnnlib.detection import rpn
from cnnlib.detection.anchors import anchors, assign
from cnnlib.detection.boxes import area, iou
from cnnlib.detection.detector import DetectionObjective
from cnnlib.detection.faster_rcnn import FasterRCNN
from cnnlib.detection.rpn import RPN, anchor_losses, best_proposals, suppress_proposals

SCENES = scenes(8)
TRUTH = SCENES.images, SCENES.boxes, SCENES.labels
LOSSES = ["objectness", "anchor box", "class", "box"]


def detector(seed: int = 0, **options: object) -> FasterRCNN:
    torch.manual_seed(seed)
    return FasterRCNN(classes=5, **{"size": 3, "hidden": 16} | options)


def first_stage(seed: int = 0, spread: float = 0.2) -> tuple[Tensor, Tensor, Tensor]:
    """Draw logits (8, 1008), deltas (8, 1008, 4) and lay anchors (1008, 4)."""
    generator = torch.Generator().manual_seed(seed)
    cells = anchors(14, 12, 5, (16, 24), (0.5, 1, 2))
    logits, deltas = (torch.randn(8, len(cells), *last, generator=generator) for last in ((), (4,)))
    return logits, deltas * spread, cells


def theirs(cells: Tensor, **options: object) -> RegionProposalNetwork:
    settings = dict(fg_iou_thresh=0.7, bg_iou_thresh=0.3, batch_size_per_image=64, positive_fraction=0.5)
    settings |= dict(pre_nms_top_n=dict(training=53, testing=53), post_nms_top_n=dict(training=19, testing=19), nms_thresh=0.7)
    return RegionProposalNetwork(lambda images, maps: [cells] * 8, None, **settings | options)


# the network


def test_on_vgg_it_has_the_papers_counts():
    with torch.device("meta"):
        net = RPN(512, 16, sizes=(128, 256, 512), ratios=(0.5, 1, 2), logits=2)
        x = torch.zeros(1, 512, 60, 40)
        logits, deltas = net(x)
    count = {name: sum(p.numel() for p in part.parameters()) for name, part in net.named_children()}
    assert count == {"conv": 2_359_808, "cls": 9_234, "reg": 18_468}
    assert logits.shape == (1, 21_600) and deltas.shape == (1, 21_600, 4)
    assert net.anchors(torch.zeros(1, 1, 60, 40)).shape == (21_600, 4)


def test_two_logits_are_the_softmax_of_something_against_nothing():
    torch.manual_seed(0)
    net, x = RPN(sizes=(16, 24), ratios=(1, 2, 0.5), logits=2), torch.randn(2, 64, 5, 7)
    pairs = net.cls(net.conv(x)).permute(0, 2, 3, 1).reshape(2, -1, 2)
    torch.testing.assert_close(net(x)[0].sigmoid(), pairs.softmax(2)[:, :, 1])


def test_every_anchor_reads_the_outputs_of_its_own_cell():
    torch.manual_seed(0)
    net, x = RPN(sizes=(16, 24), ratios=(1, 2, 0.5)), torch.randn(2, 64, 5, 7)
    logits, deltas = net(x)
    y = net.conv(x)
    torch.testing.assert_close(logits.view(2, 5, 7, 6)[1, 3, 4, 5], net.cls(y)[1, 5, 3, 4])
    torch.testing.assert_close(deltas.view(2, 5, 7, 6, 4)[1, 3, 4, 5], net.reg(y)[1, 20:24, 3, 4])


# its losses


def test_both_losses_are_torchvisions(monkeypatch):
    logits, deltas, cells = first_stage()
    monkeypatch.setattr(rpn, "sample", lambda matches, n, share: matches > -2)
    ours = anchor_losses(logits, deltas, cells, SCENES.boxes, SCENES.labels)
    reference = theirs(cells)
    reference.fg_bg_sampler = lambda labels: ([label == 1 for label in labels], [label == 0 for label in labels])
    truth = [dict(boxes=boxes[labels >= 0]) for boxes, labels in zip(SCENES.boxes, SCENES.labels, strict=True)]
    labels, matched = reference.assign_targets_to_anchors([cells] * 8, truth)
    targets = reference.box_coder.encode(matched, [cells] * 8)
    expected = reference.compute_loss(logits.flatten()[:, None], deltas.flatten(0, 1), labels, targets)
    torch.testing.assert_close(tuple(ours.values()), expected)


def test_the_losses_of_four_anchors_by_hand():
    cells = torch.tensor([[0.0, 0, 10, 10], [20, 20, 30, 30], [0, 0, 10, 5], [40, 0, 50, 10]])
    truth = torch.tensor([[[1.0, 0.0, 11.0, 10.0]]])  # IoU 9 / 11, 0, 45 / 105, 0: the third anchor learns nothing
    losses = anchor_losses(torch.zeros(1, 4), torch.zeros(1, 4, 4), cells, truth, torch.tensor([[2]]))
    assert losses["objectness"].item() == pytest.approx(0.693147)
    assert losses["anchor box"].item() == pytest.approx(4.5 * 0.1**2 / 3)


def test_the_sample_is_balanced():
    cells = first_stage()[2]
    for seed in range(3):
        torch.manual_seed(seed)
        drawn = rpn.sample(assign(cells, SCENES.boxes, SCENES.labels), rpn.ANCHORS, rpn.POSITIVE_SHARE)
        assert drawn.sum(1).tolist() == [64] * 8


# its proposals


@pytest.mark.parametrize("seed", range(3))
def test_proposals_are_torchvisions(seed):
    logits, deltas, cells = first_stage(seed)
    boxes, objectness = best_proposals(logits, deltas, cells, 70, 60, max_count=53)
    ours = suppress_proposals(boxes, objectness, (70, 60), max_count=19)
    reference = theirs(cells).eval()
    decoded = reference.box_coder.decode(deltas.flatten(0, 1), [cells] * 8).view(8, -1, 4)
    boxes, scores = reference.filter_proposals(decoded, logits, [(70, 60)] * 8, [len(cells)])
    for one, theirs_, score in zip(ours, boxes, scores, strict=True):
        torch.testing.assert_close((one.boxes, one.scores), (theirs_, score), rtol=1e-4, atol=1e-4)
        assert one.labels.tolist() == [0] * len(one.boxes)


def test_no_gradient_flows_through_proposals_and_boxes_without_area_are_left_out():
    logits, deltas, cells = first_stage()
    boxes, objectness = best_proposals(logits.requires_grad_(), deltas.requires_grad_(), cells - 500, 70, 60)
    assert boxes.shape == (8, 256, 4) and not boxes.requires_grad and not objectness.requires_grad
    assert [len(one.boxes) for one in suppress_proposals(boxes, objectness, (70, 60), 50)] == [0] * 8


def test_fewer_anchors_than_the_maximum_are_all_proposed():
    logits, deltas, cells = first_stage()
    assert best_proposals(logits[:, :7], deltas[:, :7], cells[:7], 70, 60)[0].shape == (8, 7, 4)


# both stages


@pytest.mark.parametrize("case", ["usual", "no objects", "no room for objects", "other proportions", "proposals far away"])
def test_losses_and_gradients_are_finite(case):
    images, boxes, labels = TRUTH
    net = detector(anchors=dict(logits=2)) if case == "usual" else detector()
    if case == "no objects":
        boxes, labels = torch.zeros_like(boxes), torch.full_like(labels, -1)
    if case == "no room for objects":
        boxes, labels = boxes[:, :0], labels[:, :0]
    if case == "other proportions":
        images = F.pad(images, (0, 12, 0, 20))
    if case == "proposals far away":
        torch.nn.init.constant_(net.rpn.reg.bias, -1e4)
    losses = net.losses(images, boxes, labels)
    assert list(losses) == LOSSES and all(loss.isfinite() and loss.ndim == 0 for loss in losses.values())
    assert (losses["anchor box"] > 0) == (losses["box"] > 0) == (case not in ("no objects", "no room for objects"))
    sum(losses.values()).backward()
    assert all(p.grad.isfinite().all() for p in net.parameters() if p.grad is not None)


def test_each_loss_trains_its_own_stage_and_the_backbone():
    for name, own, other in [("objectness", "rpn", "head"), ("anchor box", "rpn", "head"), ("class", "head", "rpn")]:
        net = detector()
        net.losses(*TRUTH)[name].backward()
        learned = {part for part, module in net.named_children() if any(p.grad is not None for p in module.parameters())}
        assert learned == {"backbone", own} and other not in learned


def test_the_loss_is_the_sum_and_repeats_with_the_seed():
    net, losses = detector(), []
    for _ in range(2):
        torch.manual_seed(3)
        losses.append(DetectionObjective().loss(net, *TRUTH))
    torch.manual_seed(3)
    assert losses[0] == losses[1] == sum(net.losses(*TRUTH).values())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_detect_and_propose_give_what_they_promise(dtype):
    net, images = detector(1).to(dtype), SCENES.images.to(dtype)
    with torch.no_grad():
        net.head.scores.weight *= 100  # an untrained head is sure of nothing
    proposed, found = net.train().propose(images, max_proposals=30, batch_size=3), net.detect(images, batch_size=3)
    assert net.training and len(found) == len(proposed) == 8
    for few, one in zip(proposed, found, strict=True):
        assert 0 < len(few.boxes) <= 30 and not few.labels.any() and 0 < len(one.boxes) <= 100
        assert ((one.labels >= 0) & (one.labels < 5)).all()
        assert (iou(few.boxes, few.boxes).triu(1) <= 0.7).all()
        for boxes, scores, _ in (few, one):
            assert boxes.dtype == scores.dtype == dtype and not boxes.requires_grad
            assert (boxes >= 0).all() and (boxes <= 64).all() and (area(boxes) > 0).all()
            assert (scores.diff() <= 0).all() and (scores > 0).all() and (scores <= 1).all()


def test_the_second_stage_judges_as_many_proposals_as_it_may():
    net = detector()
    assert all(len(one.boxes) == 5 for one in net.detect(SCENES.images, max_proposals=1, min_score=0, max_overlap=1))
    assert all(len(one.boxes) == 0 for one in net.detect(SCENES.images, max_proposals=0))


def test_forward_is_the_first_stage_before_suppression():
    net = detector().eval()
    boxes, objectness = net(SCENES.images)
    assert boxes.shape == (8, 256, 4) and (objectness.diff() <= 0).all()
    assert torch.equal(
        suppress_proposals(boxes, objectness, (64, 64), 9)[3].boxes, net.propose(SCENES.images, max_proposals=9)[3].boxes
    )


@pytest.mark.slow
def test_it_overfits_eight_scenes():
    net = detector(size=5, hidden=64)
    training.train(net, TRUTH, epochs=80, objective=DetectionObjective(), optimizer=training.adamw(net), batch=8, clip=5.0)
    assert DetectionObjective().scores(net, TRUTH)["mAP50"] > 0.9


def test_errors_say_the_numbers():
    with pytest.raises(ValueError, match="1 or 2 per anchor, got 3"):
        RPN(logits=3)
    with pytest.raises(ValueError, match="pooling must be one of"):
        detector(pooling="none")
