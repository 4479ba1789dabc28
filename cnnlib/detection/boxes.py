"""Boxes: their area, how much two of them overlap, how one is encoded relative to another.

A box is x1 y1 x2 y2 in pixels of the input image, x1 < x2 and y1 < y2: edges, not pixel indices, so a width is x2 - x1 and
nothing is added to it. Deltas are those of Girshick, Donahue, Darrell, Malik, Rich Feature Hierarchies for Accurate Object
Detection and Semantic Segmentation, 2013, appendix C, equations 1 to 9.

Every function computes in float32, or in float64 if its boxes are float64: half precision has too few digits for
coordinates, and integers could overflow. NaN coordinates give NaN.

Departures from the paper: `decode` limits how far a box can grow; the deltas are not divided by their standard deviations.
"""

import math

import torch
from torch import Tensor

LARGEST_LOG = math.log(1000 / 16)  # a box of the 16 pixels of one cell can grow to 1,000: exp never overflows


def in_float(values: Tensor) -> Tensor:
    """Convert what is neither float32 nor float64, such as half precision and integers, to float32.

    >>> in_float(torch.tensor([1, 2])).dtype
    torch.float32
    """
    return values if values.dtype in (torch.float32, torch.float64) else values.float()


def area(boxes: Tensor) -> Tensor:
    """Measure boxes in square pixels: (..., 4) -> (...); 0 where x2 <= x1 or y2 <= y1.

    Raises ValueError if the last axis is not 4.

    >>> area(torch.tensor([[0.0, 0.0, 4.0, 3.0], [5.0, 5.0, 5.0, 9.0]]))
    tensor([12.,  0.])
    """
    check_boxes(boxes)
    return _area(in_float(boxes), -1)


def iou(a: Tensor, b: Tensor) -> Tensor:
    """Divide the intersection of every pair of boxes by its union: (M, 4), (K, 4) -> (M, K), numbers in [0, 1].

    A leading axis of images is kept: (N, M, 4), (N, K, 4) -> (N, M, K), and either may leave it out. A box without area has
    0 with every box, itself included. Raises ValueError if a last axis is not 4 or the leading axes disagree.

    >>> iou(torch.tensor([[0.0, 0.0, 4.0, 4.0]]), torch.tensor([[2.0, 0.0, 6.0, 4.0], [4.0, 0.0, 8.0, 4.0]]))
    tensor([[0.3333, 0.0000]])
    """
    check_boxes(a, b)
    if min(a.ndim, b.ndim) < 2 or (a.ndim == b.ndim == 3 and len(a) != len(b) and 1 not in (len(a), len(b))):
        raise ValueError(f"iou takes (M, 4), (K, 4) or (N, M, 4), (N, K, 4) with one N, got {tuple(a.shape)}, {tuple(b.shape)}")
    a, b = (in_float(boxes).mT.contiguous() for boxes in (a, b))  # (..., 4, M), (..., 4, K): rows of memory are read faster
    start = torch.maximum(a[..., :2, :, None], b[..., :2, None, :])  # (..., 2, M, K), along x and along y
    end = torch.minimum(a[..., 2:, :, None], b[..., 2:, None, :])
    width, height = (end - start).clamp(min=0).unbind(-3)  # apart: negative, and two of them would make a positive area
    intersection = width * height
    union = _area(a, -2)[..., :, None] + _area(b, -2)[..., None, :] - intersection
    return intersection / union.masked_fill(union == 0, 1)  # two boxes without area: 0 / 1, not 0 / 0


def _area(boxes: Tensor, axis: int) -> Tensor:
    x1, y1, x2, y2 = boxes.unbind(axis)
    return (x2 - x1).clamp(min=0) * (y2 - y1).clamp(min=0)


def clip(boxes: Tensor, height: float, width: float) -> Tensor:
    """Cut boxes off at the border of an image of `height` x `width` pixels: (..., 4) -> (..., 4).

    A box outside the image keeps no area. Raises ValueError if the last axis is not 4.

    >>> clip(torch.tensor([[-3.0, 2.0, 5.0, 90.0]]), height=48, width=64)
    tensor([[ 0.,  2.,  5., 48.]])
    """
    check_boxes(boxes)
    x1, y1, x2, y2 = in_float(boxes).unbind(-1)
    return torch.stack([x1.clamp(0, width), y1.clamp(0, height), x2.clamp(0, width), y2.clamp(0, height)], -1)


def encode(boxes: Tensor, reference: Tensor) -> Tensor:
    """Encode boxes relative to reference boxes, as a network learns them: (..., 4), (..., 4) -> deltas (..., 4).

    From centre and size: tx = (x - x_ref) / w_ref, ty likewise, tw = log(w / w_ref), th likewise (appendix C, equations 6
    to 9). A box without area has a logarithm of minus infinity: remove padding first. The shapes broadcast. Raises
    ValueError if a last axis is not 4.

    >>> encode(torch.tensor([[4.0, 0.0, 12.0, 8.0]]), torch.tensor([[0.0, 0.0, 8.0, 8.0]]))
    tensor([[0.5000, 0.0000, 0.0000, 0.0000]])
    """
    check_boxes(boxes, reference)
    (x, y, w, h), (x_ref, y_ref, w_ref, h_ref) = _centred(boxes), _centred(reference)
    return torch.stack([(x - x_ref) / w_ref, (y - y_ref) / h_ref, (w / w_ref).log(), (h / h_ref).log()], -1)


def decode(deltas: Tensor, reference: Tensor) -> Tensor:
    """Undo `encode`, with a limit: deltas (..., 4), reference boxes (..., 4) -> boxes (..., 4) (equations 1 to 4).

    tw and th are capped at log(1000 / 16) as in torchvision, so that an untrained network's boxes stay finite. The shapes
    broadcast. Raises ValueError if a last axis is not 4.

    >>> decode(torch.tensor([[0.5, 0.0, 0.0, 0.0]]), torch.tensor([[0.0, 0.0, 8.0, 8.0]]))
    tensor([[ 4.,  0., 12.,  8.]])
    """
    check_boxes(deltas, reference)
    (tx, ty, tw, th), (x_ref, y_ref, w_ref, h_ref) = in_float(deltas).unbind(-1), _centred(reference)
    x, y = x_ref + tx * w_ref, y_ref + ty * h_ref
    w, h = w_ref * tw.clamp(max=LARGEST_LOG).exp(), h_ref * th.clamp(max=LARGEST_LOG).exp()
    return torch.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], -1)


def _centred(boxes: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Turn corners into centre and size: (..., 4) -> x, y, width, height of (...) each."""
    x1, y1, x2, y2 = in_float(boxes).unbind(-1)
    w, h = x2 - x1, y2 - y1
    return x1 + w / 2, y1 + h / 2, w, h


def check_boxes(*boxes: Tensor) -> None:
    """Raise ValueError unless the last axis of each is 4."""
    for each in boxes:
        if each.ndim == 0 or each.shape[-1] != 4:
            raise ValueError(f"the last axis of boxes is 4 numbers, x1 y1 x2 y2 (or four deltas), got {tuple(each.shape)}")


def check_finite(**boxes: Tensor) -> None:
    """Raise ValueError if a coordinate is NaN or infinite, as those of a network that diverged are."""
    for name, values in boxes.items():
        finite = values.isfinite()
        if not finite.all():
            raise ValueError(f"{name} must be finite, {(~finite).sum()} of their {finite.numel()} numbers are not")
