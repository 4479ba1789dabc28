"""Faster R-CNN: the paper's counts, targets, losses and proposals against torchvision's RPN, the four losses together."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from torchvision.models.detection.rpn import RegionProposalNetwork

from cnnlib import training
from cnnlib.data.scenes import scenes
from cnnlib.detection import rpn
from cnnlib.detection.anchors import anchors
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


@pytest.mark.parametrize("positives", [0, 5, 32, 33, 900])
def test_the_sample_is_balanced(positives, monkeypatch):
    """64 anchors per image (module docstring), at most half of them positive (section 3.1.3); background fills the rest."""
    sampled, sample = [], rpn.sample
    monkeypatch.setattr(rpn, "sample", lambda *given: sampled.append(sample(*given)) or sampled[-1])
    logits, deltas, cells = first_stage()
    objects = SCENES.boxes[:, :1].expand(-1, len(cells), -1)
    matches = torch.where(torch.arange(len(cells)) < positives, 0, -1).expand(8, -1)
    monkeypatch.setattr(rpn, "assign", lambda *given: matches)
    anchor_losses(logits, deltas, cells, objects, torch.zeros(8, len(cells)))
    assert (sampled[0] & (matches >= 0)).sum(1).tolist() == [min(positives, 32)] * 8
    assert (sampled[0] & (matches < 0)).sum(1).tolist() == [64 - min(positives, 32)] * 8


def test_without_anchors_both_losses_are_0():
    logits, deltas = torch.zeros(8, 0, requires_grad=True), torch.zeros(8, 0, 4)
    losses = anchor_losses(logits, deltas, torch.zeros(0, 4), SCENES.boxes, SCENES.labels)
    assert [loss.item() for loss in losses.values()] == [0, 0]


def test_smooth_l1_is_linear_from_a_ninth_on():
    """At a distance of 1 / 9 the square 4.5 d^2 and the line d - 1 / 18 meet; beyond it the slope is 1."""
    box = torch.tensor([[0.0, 0.0, 10.0, 10.0]])
    for distance, expected in ((1 / 18, 4.5 / 18**2), (1 / 9, 1 / 18), (1.0, 1 - 1 / 18), (3.0, 3 - 1 / 18)):
        deltas = torch.tensor([[[distance, 0, 0, 0]]])
        losses = anchor_losses(torch.zeros(1, 1), deltas, box, box[None], torch.tensor([[0]]))
        assert losses["anchor box"].item() == pytest.approx(expected)


def test_the_layers_start_as_the_paper_says():
    """Section 3.1.3: a Gaussian of standard deviation 0.01; Fast R-CNN, section 2.3: 0.01 and 0.001; biases are 0."""
    torch.manual_seed(0)
    net = FasterRCNN(classes=5)
    layers = {net.rpn.conv[0]: 0.01, net.rpn.cls: 0.01, net.rpn.reg: 0.01, net.head.scores: 0.01, net.head.deltas[0]: 0.001}
    for layer, std in layers.items():
        assert layer.weight.std().item() == pytest.approx(std, rel=0.15) and abs(layer.weight.mean()) < 0.2 * std
        assert not layer.bias.any()


def test_the_defaults_are_those_of_the_docstrings_and_of_the_paper():
    net = RPN()
    assert (net.sizes, net.ratios, net.stride, net.logits) == ((16, 20, 26), (1,), 4, 1)
    assert net.conv[0].weight.shape == (64, 64, 3, 3)
    assert (rpn.MAX_COUNT, rpn.MAX_OVERLAP) == (256, 0.7)  # section 3.3: an IoU of 0.7
    assert FasterRCNN(classes=5)(SCENES.images)[0].shape == (8, 256, 4)
    logits, deltas, cells = first_stage()
    assert best_proposals(logits, deltas, cells, 70, 60)[0].shape == (8, 256, 4)


def test_proposals_at_the_maximal_overlap_are_kept():
    boxes, objectness = torch.tensor([[[0.0, 0, 10, 10], [0, 0, 10, 7], [0, 0, 10, 8]]]), torch.tensor([[0.9, 0.8, 0.7]])
    (found,) = suppress_proposals(boxes, objectness, (20, 20), max_count=9)
    assert found.boxes.tolist() == boxes[0, :2].tolist() and found.scores.tolist() == objectness[0, :2].tolist()
    certain = suppress_proposals(boxes, torch.zeros(1, 3), (20, 20), max_count=9)[0]
    assert len(certain.scores) == 2  # an objectness of 0 is no reason to drop a proposal


def test_the_second_stage_judges_50_proposals_at_most():
    net, counts = detector(), []
    net.head.register_forward_hook(lambda module, inputs, output: counts.append(inputs[1][:, 0].long().bincount(minlength=8)))
    every = net.propose(SCENES.images, max_proposals=1000)
    net.detect(SCENES.images)
    assert max(len(one.scores) for one in every) > 50
    assert counts[0].tolist() == [min(len(one.scores), 50) for one in every]
    assert [len(one.scores) for one in net.propose(SCENES.images)] == counts[0].tolist()


def test_the_first_stage_can_be_followed_step_by_step():
    net = detector().eval()
    with torch.no_grad():
        net.rpn.reg.bias.copy_(torch.tensor([0.3, 0, 0, 0]).repeat(3))
    still = net.propose(SCENES.images, 20, max_overlap=1, moved=False)
    moved = net.propose(SCENES.images, 20, max_overlap=1)
    squares = {tuple(box) for box in net.rpn.anchors(torch.zeros(1, 64, 16, 16)).clamp(0, 64).tolist()}
    for one, other in zip(still, moved, strict=True):
        assert len(one.boxes) == len(other.boxes) == 20 and torch.equal(one.scores, other.scores)
        assert {tuple(box) for box in one.boxes.tolist()} <= squares
        assert not torch.equal(one.boxes, other.boxes)


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
    training.train(net, TRUTH, epochs=80, objective=DetectionObjective(), optimizer=training.adamw(net), batch_size=8, clip=5.0)
    assert DetectionObjective().scores(net, TRUTH)["mAP50"] > 0.9


def test_errors_say_the_numbers():
    with pytest.raises(ValueError, match="1 or 2 per anchor, got 3"):
        RPN(logits=3)
    with pytest.raises(ValueError, match="pooling must be one of"):
        detector(pooling="none")
    for call in (detector().propose, detector().detect):
        for count in (-1, 1.5):
            with pytest.raises(ValueError, match=f"max_proposals must be a whole number of at least 0, got {count}"):
                call(SCENES.images, max_proposals=count)
