"""Boxes: how much two of them overlap, how one is told relative to another, which of many that overlap is kept.

A box is x1 y1 x2 y2 in pixels of the input image, x1 < x2 and y1 < y2: edges, not pixel numbers, so a width is x2 - x1 and
nothing is added to it. Deltas are those of Girshick, Donahue, Darrell, Malik, Rich Feature Hierarchies for Accurate Object
Detection and Semantic Segmentation, 2013, appendix C, equations 1 to 9.

Departures from the paper: `decode` limits how far a box can grow; the deltas are not divided by their spread.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

LARGEST_LOG = math.log(1000 / 16)  # a box of the 16 pixels of one cell can grow to 1,000: exp never overflows
BLOCK = 128  # boxes: with two thousand left, a matrix of 1 MB, which stays in the processor's cache


class Detections(NamedTuple):
    """What was found on one image: `boxes` (M, 4), `scores` (M,) in [0, 1], `labels` (M,); best first as a rule."""

    boxes: Tensor
    scores: Tensor
    labels: Tensor


def area(boxes: Tensor) -> Tensor:
    """Measure boxes in square pixels: (..., 4) -> (...); 0 where x2 <= x1 or y2 <= y1.

    Raises ValueError if the last axis is not 4.

    >>> area(torch.tensor([[0.0, 0.0, 4.0, 3.0], [5.0, 5.0, 5.0, 9.0]]))
    tensor([12.,  0.])
    """
    _check(boxes)
    x1, y1, x2, y2 = boxes.unbind(-1)
    return (x2 - x1).clamp(min=0) * (y2 - y1).clamp(min=0)


def iou(a: Tensor, b: Tensor) -> Tensor:
    """Divide the intersection of every pair of boxes by its union: (M, 4), (K, 4) -> (M, K), numbers in [0, 1].

    A leading axis of images is kept: (N, M, 4), (N, K, 4) -> (N, M, K), and either may leave it out. A box without area has
    0 with every box, itself included. Raises ValueError if a last axis is not 4 or the leading axes disagree.

    >>> iou(torch.tensor([[0.0, 0.0, 4.0, 4.0]]), torch.tensor([[2.0, 0.0, 6.0, 4.0], [4.0, 0.0, 8.0, 4.0]]))
    tensor([[0.3333, 0.0000]])
    """
    _check(a, b)
    if min(a.ndim, b.ndim) < 2 or (a.ndim == b.ndim == 3 and len(a) != len(b) and 1 not in (len(a), len(b))):
        raise ValueError(f"iou takes (M, 4), (K, 4) or (N, M, 4), (N, K, 4) with one N, got {tuple(a.shape)}, {tuple(b.shape)}")
    intersection = _shared(a, b, 0) * _shared(a, b, 1)
    union = area(a)[..., :, None] + area(b)[..., None, :] - intersection
    return intersection / (union + (union == 0))  # two boxes without area: 0 / 1, not 0 / 0


def _shared(a: Tensor, b: Tensor, axis: int) -> Tensor:
    """Measure what every pair has in common along x (axis 0) or y (axis 1)."""
    start = torch.maximum(a[..., :, None, axis], b[..., None, :, axis])
    end = torch.minimum(a[..., :, None, axis + 2], b[..., None, :, axis + 2])
    return (end - start).clamp(min=0)  # apart: a negative length, and two of them would make a positive area


def clip(boxes: Tensor, height: float, width: float) -> Tensor:
    """Cut boxes off at the border of an image of `height` x `width` pixels: (..., 4) -> (..., 4).

    A box outside the image keeps no area. Raises ValueError if the last axis is not 4.

    >>> clip(torch.tensor([[-3.0, 2.0, 5.0, 90.0]]), height=48, width=64)
    tensor([[ 0.,  2.,  5., 48.]])
    """
    _check(boxes)
    x1, y1, x2, y2 = boxes.unbind(-1)
    return torch.stack([x1.clamp(0, width), y1.clamp(0, height), x2.clamp(0, width), y2.clamp(0, height)], -1)


def encode(boxes: Tensor, reference: Tensor) -> Tensor:
    """Tell boxes relative to reference boxes, as a network learns them: (..., 4), (..., 4) -> deltas (..., 4).

    From centre and size: tx = (x - x_ref) / w_ref, ty likewise, tw = log(w / w_ref), th likewise (appendix C, equations 6
    to 9). A box without area has a logarithm of minus infinity: leave out padding before. The shapes broadcast. Raises
    ValueError if a last axis is not 4.

    >>> encode(torch.tensor([[4.0, 0.0, 12.0, 8.0]]), torch.tensor([[0.0, 0.0, 8.0, 8.0]]))
    tensor([[0.5000, 0.0000, 0.0000, 0.0000]])
    """
    _check(boxes, reference)
    (x, y, w, h), (x_ref, y_ref, w_ref, h_ref) = _centred(boxes), _centred(reference)
    return torch.stack([(x - x_ref) / w_ref, (y - y_ref) / h_ref, (w / w_ref).log(), (h / h_ref).log()], -1)


def decode(deltas: Tensor, reference: Tensor) -> Tensor:
    """Undo `encode`, with a limit: deltas (..., 4), reference boxes (..., 4) -> boxes (..., 4) (equations 1 to 4).

    tw and th are capped at log(1000 / 16) as in torchvision, so that an untrained network's boxes stay finite. The shapes
    broadcast. Raises ValueError if a last axis is not 4.

    >>> decode(torch.tensor([[0.5, 0.0, 0.0, 0.0]]), torch.tensor([[0.0, 0.0, 8.0, 8.0]]))
    tensor([[ 4.,  0., 12.,  8.]])
    """
    _check(deltas, reference)
    (tx, ty, tw, th), (x_ref, y_ref, w_ref, h_ref) = deltas.unbind(-1), _centred(reference)
    x, y = x_ref + tx * w_ref, y_ref + ty * h_ref
    w, h = w_ref * tw.clamp(max=LARGEST_LOG).exp(), h_ref * th.clamp(max=LARGEST_LOG).exp()
    return torch.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], -1)


def _centred(boxes: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Turn corners into centre and size: (..., 4) -> x, y, width, height of (...) each."""
    x1, y1, x2, y2 = boxes.unbind(-1)
    w, h = x2 - x1, y2 - y1
    return x1 + w / 2, y1 + h / 2, w, h


def nms(boxes: Tensor, scores: Tensor, threshold: float) -> Tensor:
    """Keep the best box, drop what overlaps it by more than `threshold` IoU, go on with the rest: (M, 4), (M,) -> (kept,).

    Gives the numbers of the boxes kept, best score first and of equal scores the first one first. Raises ValueError if the
    shapes are not (M, 4), (M,).

    >>> boxes = torch.tensor([[0.0, 0.0, 9.0, 9.0], [0.0, 0.0, 9.0, 8.0], [9.0, 0.0, 18.0, 9.0]])
    >>> nms(boxes, torch.tensor([0.8, 0.9, 0.7]), threshold=0.5)
    tensor([1, 2])
    """
    _check_scored(boxes, scores)
    return _greedy(scores, threshold, lambda some, others: iou(boxes[some], boxes[others]))


def nms_by_class(boxes: Tensor, scores: Tensor, labels: Tensor, threshold: float) -> Tensor:
    """Suppress as `nms` does, but let only boxes of one label drop each other: (M, 4), (M,), (M,) -> (kept,).

    Raises ValueError if the shapes are not (M, 4), (M,), (M,).

    >>> boxes = torch.tensor([[0.0, 0.0, 9.0, 9.0], [0.0, 0.0, 9.0, 8.0], [0.0, 0.0, 8.0, 9.0]])
    >>> nms_by_class(boxes, torch.tensor([0.8, 0.9, 0.7]), torch.tensor([0, 1, 1]), threshold=0.5)
    tensor([1, 0])
    """
    _check_scored(boxes, scores, labels)

    def overlap(some: Tensor, others: Tensor) -> Tensor:
        return iou(boxes[some], boxes[others]) * (labels[some][:, None] == labels[others])

    return _greedy(scores, threshold, overlap)


def _greedy(scores: Tensor, threshold: float, overlap: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """Walk down the boxes from the best, and let each that is still there drop its rivals: (M,) -> numbers (kept,).

    `overlap` is asked for a block of boxes at once, against all that are left: (some,), (others,) -> (some, others).
    """
    left, kept = scores.argsort(descending=True, stable=True), []
    while len(left):
        # in double precision, as torchvision compares: an IoU of 3 / 10 in float32 is above a threshold of 0.3
        harmless = (overlap(left[:BLOCK], left).cpu().double() <= threshold).numpy()
        alive = np.ones(len(left), bool)
        for box, spares in enumerate(harmless):
            if alive[box]:
                alive[box + 1 :] &= spares[box + 1 :]
        alive = torch.from_numpy(alive).to(left.device)
        kept.append(left[:BLOCK][alive[:BLOCK]])
        left = left[BLOCK:][alive[BLOCK:]]
    return torch.cat(kept) if kept else left


def _check(*boxes: Tensor) -> None:
    for each in boxes:
        if each.ndim == 0 or each.shape[-1] != 4:
            raise ValueError(f"the last axis of boxes is 4 numbers, x1 y1 x2 y2 (or four deltas), got {tuple(each.shape)}")


def _check_scored(boxes: Tensor, *columns: Tensor) -> None:
    _check(boxes)
    if boxes.ndim != 2 or any(column.shape != boxes.shape[:1] for column in columns):
        shapes = ", ".join(str(tuple(column.shape)) for column in columns)
        raise ValueError(f"each of the boxes (M, 4) needs one score (and one label), got {tuple(boxes.shape)} and {shapes}")
