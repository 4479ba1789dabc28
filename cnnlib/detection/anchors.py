"""Anchors: Ren, He, Girshick, Sun, Faster R-CNN, 2015, sections 3.1.1 (what they are), 3.1.2 (their targets) and 3.3.

Departures from the paper: none. Where it is silent we do as torchvision does: an anchor that is positive for several objects
belongs to the one it overlaps most.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from cnnlib import seeds
from cnnlib.detection.boxes import check_boxes, check_finite, in_float, iou

BACKGROUND, LEFT_OUT = -1, -2


def anchors(
    height: int,
    width: int,
    stride: float,
    sizes: Sequence[float],
    ratios: Sequence[float],
    device: torch.device | str | None = None,
) -> Tensor:
    """Place A = sizes x ratios boxes on each cell of a map of `height` x `width`: -> (height width A, 4), in pixels.

    Cell (i, j) is centred at ((j + 0.5) stride, (i + 0.5) stride) of the image. An anchor has area size^2 and ratio height /
    width. Order: rows, columns, sizes, ratios. Raises ValueError if a number is not positive and finite.

    >>> anchors(60, 40, stride=16, sizes=(128, 256, 512), ratios=(0.5, 1, 2)).shape    # the paper's 21,600
    torch.Size([21600, 4])
    """
    if not all(0 < number < math.inf for number in (height, width, stride, *sizes, *ratios)):
        raise ValueError(f"anchors needs positive numbers, got {height=}, {width=}, {stride=}, {sizes=}, {ratios=}")
    size = torch.tensor([float(s) for s in sizes], device=device)[:, None]
    root = torch.tensor([float(r) for r in ratios], device=device).sqrt()
    w, h = (size / root).flatten(), (size * root).flatten()
    shapes = torch.stack([-w, -h, w, h], 1) / 2  # (A, 4)
    y, x = ((torch.arange(cells, device=device) + 0.5) * stride for cells in (height, width))
    y, x = torch.meshgrid(y, x, indexing="ij")
    centres = torch.stack([x, y, x, y], 2)  # (height, width, 4)
    return (centres[:, :, None] + shapes).flatten(0, 2)


def assign(
    anchors: Tensor,
    boxes: Tensor,
    labels: Tensor,
    positive: float = 0.7,
    negative: float = 0.3,
    inside: tuple[int, int] | None = None,
) -> Tensor:
    """Assign each anchor what it is trained on: anchors (A', 4), objects (N, T, 4), labels (N, T) -> matches (N, A').

    A match is the index of an object, 0 to T - 1, or -1 for background, or -2 for an anchor that is left out. An anchor is
    positive if its IoU with an object is >= `positive`, or if no anchor overlaps that object more and the overlap is not 0; it
    is background if its IoU with every object is below `negative`. Label -1 marks padding. `inside` = (height, width) of the
    image leaves out anchors that cross its border. Raises ValueError if the shapes disagree, an anchor or an object is not
    finite, or not 0 <= `negative` <= `positive`.

    >>> cells = torch.tensor([[0.0, 0.0, 8.0, 8.0], [0.0, 4.0, 8.0, 12.0], [8.0, 0.0, 16.0, 8.0]])
    >>> assign(cells, torch.tensor([[[0.0, 0.0, 8.0, 7.0]]]), torch.tensor([[3]]))
    tensor([[ 0, -1, -1]])
    """
    if anchors.ndim != 2 or boxes.ndim != 3 or labels.shape != boxes.shape[:2]:
        shapes = f"{tuple(anchors.shape)}, {tuple(boxes.shape)}, {tuple(labels.shape)}"
        raise ValueError(f"assign takes anchors (A', 4), boxes (N, T, 4) and labels (N, T), got {shapes}")
    if not 0 <= negative <= positive:
        raise ValueError(f"assign needs 0 <= negative <= positive, got {negative=} and {positive=}")
    check_boxes(anchors, boxes)
    real = labels >= 0
    check_finite(anchors=anchors, boxes=boxes[real])
    overlap = iou(anchors, boxes).masked_fill(~real[:, None], 0)  # (N, A', T)
    crossing = _crossing(anchors, inside)
    matches = labels.new_full(overlap.shape[:2], BACKGROUND, dtype=torch.long)
    if overlap.numel():
        overlap = overlap.masked_fill(crossing[:, None], 0)  # nor can they be the best that an object has
        best, index = overlap.max(2)
        best_of_object = ((overlap == overlap.amax(1, keepdim=True)) & (overlap > 0)).any(2)
        matches[best >= negative] = LEFT_OUT
        matches = torch.where((best >= positive) | best_of_object, index, matches)
    return matches.masked_fill(crossing, LEFT_OUT)


def _crossing(anchors: Tensor, inside: tuple[int, int] | None) -> Tensor:
    """Find the anchors that leave an image of (height, width): (A', 4) -> (A',)."""
    if inside is None:
        return torch.zeros(len(anchors), dtype=torch.bool, device=anchors.device)
    (height, width), (x1, y1, x2, y2) = inside, in_float(anchors).unbind(1)
    return (x1 < 0) | (y1 < 0) | (x2 > width) | (y2 > height)


def sample(matches: Tensor, n: int, share: float, generator: torch.Generator | None = None) -> Tensor:
    """Sample at most `n` anchors per image to train on: matches (N, A') -> mask (N, A').

    At most `share` of the n are positive (the paper: half of 256); background fills the rest. Raises ValueError if `matches`
    are not (N, A') integers, n is negative or `share` is not in 0 ... 1.

    >>> matches = torch.tensor([[2, -1, 0, -1, -2, -1, 1, -1]])
    >>> matches[sample(matches, n=4, share=0.25)].sort().values.ge(0)
    tensor([False, False, False,  True])
    """
    if matches.ndim != 2 or matches.is_floating_point() or n < 0 or not 0 <= share <= 1:
        given = f"{tuple(matches.shape)} {matches.dtype}, {n=}, {share=}"
        raise ValueError(f"sample takes matches (N, A') of integers, n >= 0, share in 0 ... 1, got {given}")
    generator = generator or seeds.generator()
    device = generator.device if generator else matches.device
    keys = torch.rand(matches.shape, generator=generator, device=device).to(matches.device)
    positive = _draw(matches >= 0, keys, matches.new_tensor(int(share * n)))
    return positive | _draw(matches == BACKGROUND, keys, n - positive.sum(1, keepdim=True))


def _draw(candidates: Tensor, keys: Tensor, limit: Tensor) -> Tensor:
    """Keep the `limit` candidates of each row that have the lowest keys: (N, A') -> (N, A')."""
    rank = keys.masked_fill(~candidates, 1).argsort(1).argsort(1)  # the second turns an order into places
    return candidates & (rank < limit)
