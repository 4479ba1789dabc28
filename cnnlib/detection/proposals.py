"""Proposals: boxes that may contain an object, before any class is predicted.

Uijlings, van de Sande, Gevers, Smeulders, Selective Search for Object Recognition, 2013, section 3 (the grouping itself is in
`cnnlib.detection.grouping`), and its baseline: windows that slide over the whole image.

Departures from the paper: the boxes have a fixed order, the last merged first, where section 3.3 shuffles it; `PHOTO` has the
colour spaces and scales of the paper's "fast" mode but one similarity, the sum of all four, where that mode has two.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from cnnlib.detection.boxes import area, check_boxes, check_finite, in_float, iou
from cnnlib.detection.grouping import grouping

PHOTO = {  # options of `selective_search` for a photograph: the famous 2,000 boxes
    "strategies": (("hsv", 50), ("lab", 50), ("hsv", 100), ("lab", 100)),
    "sigma": 0.8,
    "narrowest": 20,
}


def selective_search(
    image: Tensor,
    scale: float = 16,
    sigma: float = 1.6,
    smallest: int | None = None,
    strategies: Sequence[tuple[str, float]] | None = None,
    narrowest: float = 10,
    whole: bool = False,
) -> Tensor:
    """Propose boxes that may contain an object: (3, H, W) in [0, 1] -> (M, 4), x1 y1 x2 y2 in pixels, no two equal.

    The boxes of all regions of `grouping`, the last merged first: the first boxes are the large and medium ones. `strategies`
    are pairs of a colour space and a scale: the image is grouped once for each, and their boxes take turns, first the first
    box of every strategy, then the second; by default there is one strategy, RGB at `scale`. A box with a side below
    `narrowest` pixels is left out, and so is that of the whole image unless `whole`. The defaults suit `cnnlib.data.scenes`;
    use `selective_search(image, **PHOTO)` for a photograph. The boxes are float32, or float64 if the image is. Raises
    ValueError as `grouping` does.

    >>> image = torch.zeros(3, 32, 48)
    >>> image[0, 8:24, 12:40] = 1
    >>> selective_search(image, sigma=0)
    tensor([[12.,  8., 40., 24.]])
    """
    ranked = []
    for colours, k in [("rgb", scale)] if strategies is None else strategies:
        boxes = grouping(image, k, sigma, smallest, colours).boxes.flip(0)
        ranked += [(rank, *box) for rank, box in enumerate(boxes.tolist())]
    ranked.sort(key=lambda row: row[0])  # stable: within a rank the strategies keep their order
    unique = dict.fromkeys(tuple(box) for _, *box in ranked)
    boxes = in_float(image).new_tensor(list(unique)).view(-1, 4)
    sides = boxes[:, 2:] - boxes[:, :2]
    keep = sides.amin(1) >= narrowest
    if not whole:
        keep &= area(boxes) < image[0].numel()
    return boxes[keep]


def sliding_windows(height: int, width: int, sizes: Sequence[float], ratios: Sequence[float], step: int) -> Tensor:
    """Slide windows of every size and ratio over an image, `step` pixels at a time: -> (M, 4), x1 y1 x2 y2.

    A window has area size^2 and ratio height / width, rounded to pixels, and is inside the image; one that is larger than the
    image is left out. Raises ValueError if a number is not positive and finite.

    >>> sliding_windows(64, 64, sizes=(16, 24), ratios=(1,), step=8).shape    # 7 x 7 and 6 x 6
    torch.Size([85, 4])
    """
    if not all(0 < number < math.inf for number in (height, width, step, *sizes, *ratios)):
        raise ValueError(f"sliding_windows needs positive numbers, got {height=}, {width=}, {sizes=}, {ratios=}, {step=}")
    found = [torch.zeros(0, 4)]
    for size in sizes:
        for ratio in ratios:
            h, w = max(1, round(size * ratio**0.5)), max(1, round(size / ratio**0.5))
            top, left = (torch.arange(0, max(0, room + 1), step) for room in (height - h, width - w))
            corners = torch.cartesian_prod(top, left).view(-1, 2)
            found.append(torch.cat([corners.flip(1), corners.flip(1) + torch.tensor([w, h])], 1).float())
    return torch.cat(found)


def padded(proposals: Sequence[Tensor]) -> Tensor:
    """Stack the proposals of N images, filled up with boxes of zeros to the longest list: N x (M, 4) -> (N, P, 4).

    Raises ValueError if there is no list or one is not (M, 4).

    >>> padded([torch.ones(1, 4), torch.ones(3, 4)]).sum(2)
    tensor([[4., 0., 0.],
            [4., 4., 4.]])
    """
    if not proposals or any(boxes.ndim != 2 or boxes.shape[1] != 4 for boxes in proposals):
        raise ValueError(f"padded takes a list of (M, 4), got {[tuple(boxes.shape) for boxes in proposals]}")
    return nn.utils.rnn.pad_sequence(list(proposals), batch_first=True)


def recall(proposals: Tensor, boxes: Tensor, min_overlap: float = 0.5) -> float:
    """Compute the share of objects that some proposal covers with IoU >= `min_overlap`: (M, 4), (T, 4) -> 0 to 1.

    Boxes without area, such as padding, are not counted; NaN if there are no others. Raises ValueError if the shapes are not
    (M, 4), (T, 4), a coordinate is not finite or not 0 < `min_overlap` <= 1.

    >>> recall(torch.tensor([[0.0, 0.0, 8.0, 8.0]]), torch.tensor([[0.0, 0.0, 8.0, 9.0], [0.0, 0.0, 20.0, 9.0]]))
    0.5
    """
    check_boxes(proposals, boxes)
    if proposals.ndim != 2 or boxes.ndim != 2 or not 0 < min_overlap <= 1:
        given = f"{tuple(proposals.shape)}, {tuple(boxes.shape)}, {min_overlap=}"
        raise ValueError(f"recall takes proposals (M, 4), boxes (T, 4), 0 < min_overlap <= 1, got {given}")
    check_finite(proposals=proposals, boxes=boxes)
    boxes = boxes[area(boxes) > 0]
    if not len(boxes):
        return math.nan
    return (iou(boxes, proposals) >= min_overlap).any(1).sum().item() / len(boxes)
