"""Suppression against torchvision: every index and its order, at ties, at the threshold itself, and in blocks of boxes."""

import math

import pytest
import torch
from test_boxes import random_boxes
from torch import Tensor
from torchvision import ops

from cnnlib.detection.suppression import nms, nms_by_class

DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
EMPTY = torch.zeros(0, 4)


def whole_boxes(n: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    start = torch.randint(0, 11, (n, 2), generator=generator)
    return torch.cat([start, start + torch.randint(1, 13, (n, 2), generator=generator)], 1).float()


@DTYPES
@pytest.mark.parametrize("max_overlap", [0.0, 0.3, 0.5, 0.7, 1.0])
@pytest.mark.parametrize("n", [1, 2, 63, 67, 127, 131, 401])
def test_suppression_is_torchvisions(n, max_overlap, dtype):
    some, scores = random_boxes(n, dtype=dtype), torch.rand(n, generator=torch.Generator().manual_seed(1), dtype=dtype)
    assert torch.equal(nms(some, scores, max_overlap), ops.nms(some, scores, max_overlap))
    labels = torch.randint(0, 3, (n,), generator=torch.Generator().manual_seed(2))
    assert torch.equal(nms_by_class(some, scores, labels, max_overlap), ops.batched_nms(some, scores, labels, max_overlap))


@DTYPES
@pytest.mark.parametrize("max_overlap", [0.1, 0.2, 0.3, 0.5, 0.6])
def test_equal_scores_and_overlaps_that_are_exactly_the_maximum_are_decided_as_torchvision_does(max_overlap, dtype):
    for seed in range(7):
        some = whole_boxes(197, seed).to(dtype)
        scores = torch.randint(0, 5, (197,), generator=torch.Generator().manual_seed(seed)) / 5
        assert torch.equal(nms(some, scores.to(dtype), max_overlap), ops.nms(some, scores.to(dtype), max_overlap))


def one_label_after_another(some: Tensor, scores: Tensor, labels: Tensor, max_overlap: float) -> Tensor:
    """Suppress with torchvision's `nms` in a loop over the labels: its `batched_nms` moves boxes apart, which rounds them."""
    kept = torch.zeros(len(some), dtype=torch.bool)
    for label in labels.unique():
        own = (labels == label).nonzero()[:, 0]
        kept[own[ops.nms(some[own], scores[own], max_overlap)]] = True
    best_first = scores.argsort(descending=True, stable=True)
    return best_first[kept[best_first]]


@DTYPES
@pytest.mark.parametrize("classes", [1, 5, 20, 80])
@pytest.mark.parametrize("n", [50, 63, 64, 65, 127, 128, 129, 701, 2000])
def test_suppression_by_class_is_torchvisions_label_by_label(n, classes, dtype):
    generator = torch.Generator().manual_seed(n)
    labels = torch.randint(0, classes, (n,), generator=generator) * 1000 - 7  # labels need not be small or count from 0
    some = torch.cat([random_boxes(n - n // 2, size=300), whole_boxes(n // 2, n)]).to(dtype)
    scores = torch.randint(0, 50, (n,), generator=generator).to(dtype) / 50  # many ties
    for max_overlap in (0.3, 0.5):
        expected = one_label_after_another(some, scores, labels, max_overlap)
        assert torch.equal(nms_by_class(some, scores, labels, max_overlap), expected)


def test_an_overlap_of_exactly_the_maximum_is_kept():
    half = torch.tensor([[0.0, 0.0, 10.0, 10.0], [0.0, 0.0, 10.0, 5.0]])
    scores = torch.tensor([0.9, 0.8])
    assert nms(half, scores, 0.5).tolist() == [0, 1]
    assert nms(half, scores, math.nextafter(0.5, 0)).tolist() == [0]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.int32, torch.uint8])
def test_boxes_of_any_dtype_are_suppressed_as_in_float32(dtype):
    some = (random_boxes(97) * 2).to(dtype)
    scores = (torch.rand(97, generator=torch.Generator().manual_seed(1)) * 100).to(dtype)
    labels = torch.arange(97, dtype=torch.uint8) % 3
    assert torch.equal(nms(some, scores, 0.3), nms(some.float(), scores.float(), 0.3))
    assert torch.equal(nms_by_class(some, scores, labels, 0.3), nms_by_class(some.float(), scores.float(), labels.long(), 0.3))


def test_the_scores_may_be_infinite():
    some, scores = random_boxes(3), torch.tensor([-math.inf, 2.0, math.inf])
    assert nms(some, scores, 1.0).tolist() == [2, 1, 0]


def test_of_equal_scores_the_first_is_kept():
    same = torch.tensor([[0.0, 0.0, 5.0, 5.0]]).repeat(300, 1)
    assert nms(same, torch.ones(300), 0.5).tolist() == [0]
    assert nms_by_class(same, torch.ones(300), torch.arange(300) % 3, 0.5).tolist() == [0, 1, 2]


def test_a_dropped_box_drops_nobody():
    chain = torch.tensor([[0.0, 0.0, 10.0, 10.0], [3.0, 0.0, 13.0, 10.0], [6.0, 0.0, 16.0, 10.0]])
    assert nms(chain, torch.tensor([0.9, 0.8, 0.7]), 0.5).tolist() == [0, 2]


def test_nothing_is_kept_of_nothing():
    none = torch.zeros(0)
    for kept in (nms(EMPTY, none, 0.5), nms_by_class(EMPTY, none, none.long(), 0.5)):
        assert kept.shape == (0,) and kept.dtype == torch.long


def test_boxes_without_area_are_kept_as_torchvision_keeps_them():
    flat = torch.tensor([[3.0, 3.0, 3.0, 3.0], [3.0, 3.0, 3.0, 3.0], [0.0, 0.0, 9.0, 9.0]])
    scores = torch.tensor([0.5, 0.9, 0.7])
    assert torch.equal(nms(flat, scores, 0.5), ops.nms(flat, scores, 0.5))


def test_suppression_needs_no_graph():
    some, scores = random_boxes(7).requires_grad_(), torch.rand(7).requires_grad_()
    assert not nms(some, scores, 0.5).requires_grad


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: nms(torch.zeros(7, 5), torch.zeros(7), 0.5), r"\(7, 5\)"),
        (lambda: nms(torch.zeros(7, 4), torch.zeros(5), 0.5), r"\(7, 4\) and \(5,\)"),
        (lambda: nms(torch.zeros(2, 7, 4), torch.zeros(2, 7), 0.5), r"\(2, 7, 4\)"),
        (lambda: nms_by_class(torch.zeros(7, 4), torch.zeros(7), torch.zeros(3), 0.5), r"\(7, 4\) and \(7,\), \(3,\)"),
        (lambda: nms_by_class(torch.zeros(7, 4), torch.zeros(7), torch.zeros(7), 0.5), "integers, got torch.float32"),
        (lambda: nms(torch.zeros(7, 4), torch.zeros(7), 1.5), r"max_overlap must be in 0 ... 1, got 1.5"),
        (lambda: nms(torch.zeros(7, 4), torch.zeros(7), -0.1), "got -0.1"),
        (lambda: nms(torch.zeros(7, 4), torch.zeros(7), math.nan), "got nan"),
        (lambda: nms(torch.tensor([[0.0, 0, 5, math.nan]] * 7), torch.zeros(7), 0.5), "boxes must be finite, 7 of their 28"),
        (lambda: nms(torch.tensor([[0.0, 0, 5, math.inf]] * 7), torch.zeros(7), 0.5), "boxes must be finite, 7 of their 28"),
        (lambda: nms(torch.zeros(7, 4), torch.zeros(7) / 0, 0.5), "scores must not be NaN, 7 of 7 are"),
    ],
)
def test_errors_say_the_numbers(call, words):
    with pytest.raises(ValueError, match=words):
        call()
