"""Anchors one by one, their assignment against torchvision's Matcher, and samples counted image by image."""

import pytest
import torch
from torch import Tensor
from torchvision.models.detection._utils import Matcher
from torchvision.ops import box_iou

from cnnlib.detection.anchors import BACKGROUND, LEFT_OUT, anchors, assign, sample
from cnnlib.detection.boxes import area

ANCHORS = anchors(7, 11, 8, sizes=(13, 23), ratios=(0.5, 1, 2))
SIZE = (56, 88)  # of the image below them: height, width


def objects(n: int = 5, max_count: int = 3, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Draw padded objects: boxes (n, max_count, 4), labels (n, max_count); the first image is full, the last one is empty."""
    generator = torch.Generator().manual_seed(seed)
    start = torch.rand(n, max_count, 2, generator=generator) * torch.tensor([60.0, 30.0])
    boxes = torch.cat([start, start + 8 + torch.rand(n, max_count, 2, generator=generator) * 20], 2)
    labels = torch.randint(0, 5, (n, max_count), generator=generator)
    labels[torch.linspace(0, max_count, n).round().long()[:, None] > torch.arange(max_count)] = -1
    return boxes * (labels >= 0)[:, :, None], labels


def test_the_paper_lays_21600_anchors():
    assert anchors(60, 40, 16, (128, 256, 512), (0.5, 1, 2)).shape == (60 * 40 * 9, 4)


def test_every_anchor_is_where_its_place_says():
    at = ANCHORS.view(7, 11, 2, 3, 4)
    for i, j, s, r in [(0, 0, 0, 0), (6, 10, 1, 2), (3, 5, 0, 2), (2, 9, 1, 0)]:
        x1, y1, x2, y2 = at[i, j, s, r].tolist()
        assert ((x1 + x2) / 2, (y1 + y2) / 2) == pytest.approx(((j + 0.5) * 8, (i + 0.5) * 8))
        assert (y2 - y1) / (x2 - x1) == pytest.approx((0.5, 1, 2)[r])
        assert (x2 - x1) * (y2 - y1) == pytest.approx((13, 23)[s] ** 2)


def test_the_area_does_not_depend_on_the_ratio():
    torch.testing.assert_close(area(ANCHORS).view(-1, 2, 3), torch.tensor([169.0, 529.0])[:, None].expand(77, 2, 3))


@pytest.mark.parametrize(("positive", "negative"), [(0.7, 0.3), (0.5, 0.5), (0.5, 0.4), (0.3, 0.1)])
@pytest.mark.parametrize("seed", range(5))
def test_the_assignment_is_torchvisions(positive, negative, seed):
    boxes, labels = objects(seed=seed)
    matches = assign(ANCHORS, boxes, labels, positive, negative)
    matcher = Matcher(positive, negative, allow_low_quality_matches=True)
    for image, real in enumerate(labels >= 0):
        expected = torch.full((len(ANCHORS),), BACKGROUND)
        if real.any():
            expected = matcher(box_iou(boxes[image, real], ANCHORS))
            expected[expected >= 0] = real.nonzero()[:, 0][expected[expected >= 0]]
        assert torch.equal(matches[image], expected)


def test_the_papers_thresholds_are_the_defaults_and_belong_to_the_upper_side():
    """Section 3.1.2: positive from 0.7 on, background below 0.3; what lies between is left out."""
    overlaps = (1.0, 0.7, 0.69, 0.31, 0.3, 0.29, 0.0)
    laid = torch.tensor([[0.0, 0.0, 100.0, 100 * overlap] for overlap in overlaps])
    matches = assign(laid, torch.tensor([[[0.0, 0.0, 100.0, 100.0]]]), torch.tensor([[3]]))
    assert matches.tolist() == [[0, 0, LEFT_OUT, LEFT_OUT, LEFT_OUT, BACKGROUND, BACKGROUND]]


def test_the_best_anchor_of_an_object_is_positive_however_little_it_overlaps():
    laid = torch.tensor([[0.0, 0.0, 8.0, 8.0], [7.0, 7.0, 15.0, 15.0]])
    assert assign(laid, torch.tensor([[[14.0, 14.0, 22.0, 22.0]]]), torch.tensor([[0]])).tolist() == [[BACKGROUND, 0]]


def test_an_anchor_of_two_objects_belongs_to_the_one_it_overlaps_more():
    laid, both = torch.tensor([[0.0, 0.0, 10.0, 10.0]]), torch.tensor([[[0.0, 0.0, 10.0, 8.0], [0.0, 0.0, 10.0, 9.0]]])
    assert assign(laid, both, torch.tensor([[0, 0]])).tolist() == [[1]]


def test_padding_may_hold_any_numbers():
    boxes, labels = objects()
    rubbish = torch.where((labels < 0)[..., None], torch.tensor(torch.nan), boxes)
    assert torch.equal(assign(ANCHORS, rubbish, labels), assign(ANCHORS, boxes, labels))


def test_an_anchor_that_touches_the_border_is_inside():
    laid = torch.tensor(
        [[0.0, 0.0, 88.0, 56.0], [0.0, 0.0, 88.5, 56.0], [0.0, 0.0, 88.0, 56.5], [-0.5, 0, 8, 8], [0, -0.5, 8, 8]]
    )
    matches = assign(laid, torch.zeros(1, 0, 4), torch.zeros(1, 0).long(), inside=SIZE)
    assert matches.tolist() == [[BACKGROUND] + [LEFT_OUT] * 4]


def test_padding_may_come_before_an_object():
    boxes = torch.tensor([[[0.0, 0.0, 0.0, 0.0], [8.0, 8.0, 24.0, 24.0]], [[8.0, 8.0, 24.0, 24.0], [8.0, 8.0, 24.0, 24.0]]])
    matches = assign(ANCHORS, boxes, torch.tensor([[-1, 3], [-1, 2]]))
    assert torch.equal(matches[0], matches[1]) and matches.max() == 1 and 0 not in matches


def test_anchors_equally_good_are_all_positive():
    four = torch.tensor([[0.0, 0.0, 8.0, 8.0], [8.0, 0.0, 16.0, 8.0], [0.0, 8.0, 8.0, 16.0], [8.0, 8.0, 16.0, 16.0]])
    assert assign(four, torch.tensor([[[4.0, 4.0, 12.0, 12.0]]]), torch.tensor([[0]])).tolist() == [[0, 0, 0, 0]]


def test_an_object_that_no_anchor_touches_has_none():
    assert (assign(ANCHORS, torch.tensor([[[500.0, 500.0, 520.0, 520.0]]]), torch.tensor([[0]])) == BACKGROUND).all()


def test_images_without_objects_are_background():
    for boxes, labels in [(torch.zeros(3, 2, 4), torch.full((3, 2), -1)), (torch.zeros(3, 0, 4), torch.zeros(3, 0).long())]:
        matches = assign(ANCHORS, boxes, labels)
        assert matches.shape == (3, len(ANCHORS)) and matches.dtype == torch.long and (matches == BACKGROUND).all()


def test_no_images_and_no_anchors_have_no_matches():
    assert assign(ANCHORS, torch.zeros(0, 2, 4), torch.zeros(0, 2).long()).shape == (0, len(ANCHORS))
    assert assign(ANCHORS[:0], *objects()).shape == (5, 0)
    assert sample(torch.zeros(3, 0).long(), 7, 0.5).shape == (3, 0)


def test_anchors_across_the_border_are_left_out_and_win_no_object():
    boxes, labels = objects()
    inside = (ANCHORS[:, :2] >= 0).all(1) & (ANCHORS[:, 2:] <= torch.tensor([88.0, 56.0])).all(1)
    matches = assign(ANCHORS, boxes, labels, inside=SIZE)
    assert 0 < inside.sum() < len(ANCHORS) and (matches[:, ~inside] == LEFT_OUT).all()
    assert torch.equal(matches[:, inside], assign(ANCHORS[inside], boxes, labels))
    assert (assign(ANCHORS, boxes, labels, inside=(3, 3)) == LEFT_OUT).all()


def test_the_assignment_works_in_double_precision():
    boxes, labels = objects()
    assert torch.equal(assign(ANCHORS.double(), boxes.double(), labels), assign(ANCHORS, boxes, labels))


def test_a_sample_is_filled_with_background():
    matches = torch.full((3, 101), LEFT_OUT)
    matches[0, :40], matches[0, 40:90] = 1, BACKGROUND  # plenty of both
    matches[1, 50:53], matches[1, :50] = 0, BACKGROUND  # three positives
    matches[2, 7:17] = BACKGROUND  # too little of anything
    drawn = sample(matches, n=20, share=0.5, generator=torch.Generator().manual_seed(0))
    assert drawn.dtype == torch.bool and not (drawn & (matches == LEFT_OUT)).any()
    assert (drawn & (matches >= 0)).sum(1).tolist() == [10, 3, 0]
    assert (drawn & (matches == BACKGROUND)).sum(1).tolist() == [10, 17, 10]


def test_a_generator_makes_samples_repeatable_and_only_then():
    matches = assign(ANCHORS, *objects(), 0.5, 0.3)
    first, again, other = (sample(matches, 16, 0.5, torch.Generator().manual_seed(seed)) for seed in (0, 0, 1))
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert sample(matches, 16, 0.5).sum(1).tolist() == [16] * 5


def test_every_anchor_is_drawn_equally_often():
    matches = torch.full((4000, 10), BACKGROUND)
    matches[:, :4] = 0
    often = sample(matches, 5, 0.4, torch.Generator().manual_seed(0)).double().mean(0)
    torch.testing.assert_close(often, torch.tensor([0.5] * 10, dtype=torch.double), atol=0.04, rtol=0)


@pytest.mark.parametrize(("n", "share", "counts"), [(0, 0.5, [0, 0]), (6, 0.0, [0, 6]), (6, 1.0, [4, 2]), (7, 0.25, [1, 6])])
def test_at_most_the_share_of_a_sample_is_positive(n, share, counts):
    matches = torch.tensor([[0, BACKGROUND] * 4 + [BACKGROUND] * 9])
    drawn = sample(matches, n, share)
    assert [(drawn & (matches >= 0)).sum().item(), (drawn & (matches == BACKGROUND)).sum().item()] == counts


@pytest.mark.parametrize("wrong", [dict(height=0), dict(width=-1), dict(stride=0), dict(sizes=(8, 0)), dict(ratios=(-1,))])
def test_anchors_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="positive numbers, got .*" + next(iter(wrong))):
        anchors(**dict(height=2, width=3, stride=8, sizes=(8,), ratios=(1,)) | wrong)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: assign(ANCHORS, torch.zeros(2, 4), torch.zeros(2)), r"\(N, T, 4\).* \(2, 4\)"),
        (lambda: assign(ANCHORS[None], torch.zeros(2, 3, 4), torch.zeros(2, 3)), r"\(A', 4\).* \(1, 462, 4\)"),
        (lambda: assign(ANCHORS, torch.zeros(2, 3, 4), torch.zeros(2, 2)), r"\(N, T\).* \(2, 2\)"),
        (lambda: assign(ANCHORS, torch.zeros(2, 3, 5), torch.zeros(2, 3)), r"\(2, 3, 5\)"),
        (lambda: assign(ANCHORS, torch.zeros(2, 3, 4), torch.zeros(2, 3), 0.3, 0.7), "negative=0.7 and positive=0.3"),
        (lambda: sample(torch.zeros(7), 5, 0.5), r"\(7,\)"),
        (lambda: sample(torch.zeros(2, 7).long(), -1, 0.5), "n=-1"),
        (lambda: sample(torch.zeros(2, 7).long(), 5, 1.5), "share=1.5"),
    ],
)
def test_errors_say_the_numbers(call, words):
    with pytest.raises(ValueError, match=words):
        call()
