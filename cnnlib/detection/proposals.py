"""Proposals: boxes that may hold an object, before anyone knows which.

Uijlings, van de Sande, Gevers, Smeulders, Selective Search for Object Recognition, 2013, section 3 (the grouping itself is in
`cnnlib.detection.grouping`), and what it is compared with: windows that slide over the whole image.

Departures from the paper: the boxes have a fixed order, the last merged first, where section 3.3 shuffles it; `PHOTO` has the
colour spaces and scales of the paper's "fast" mode but one similarity, the sum of all four, where that mode has two.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from cnnlib.detection.boxes import area, iou
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
    """Propose boxes in which an object may be: (3, H, W) in [0, 1] -> (M, 4), x1 y1 x2 y2 in pixels, none twice.

    The box of every region of `grouping`, the last merged first: a prefix has the large and middling ones. `strategies`,
    pairs of a colour space and a scale, groups once for each and takes turns; without it there is one, RGB at `scale`. A
    box with a side below `narrowest` pixels is left out, and so is that of the whole image unless `whole`. The defaults
    suit `cnnlib.data.scenes`, `selective_search(image, **PHOTO)` a photograph. Raises ValueError as `grouping` does.

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
    boxes = image.new_tensor(list(unique)).view(-1, 4)
    sides = boxes[:, 2:] - boxes[:, :2]
    keep = sides.amin(1) >= narrowest
    if not whole:
        keep &= area(boxes) < image[0].numel()
    return boxes[keep]


def sliding_windows(height: int, width: int, sizes: Sequence[float], ratios: Sequence[float], step: int) -> Tensor:
    """Slide windows of every size and ratio over an image, `step` pixels at a time: -> (M, 4), x1 y1 x2 y2.

    A window has area size^2 and ratio height / width, rounded to pixels, and lies inside the image; one that is larger than
    the image is left out. Raises ValueError if a number is not positive.

    >>> sliding_windows(64, 64, sizes=(16, 24), ratios=(1,), step=8).shape    # 7 x 7 and 6 x 6
    torch.Size([85, 4])
    """
    if min(height, width, step, *sizes, *ratios) <= 0:
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
    """Stack the proposals of N images, as many rows as the longest list has: N x (M, 4) -> (N, P, 4), then boxes of zeros.

    Raises ValueError if there is no list or one is not (M, 4).

    >>> padded([torch.ones(1, 4), torch.ones(3, 4)]).sum(2)
    tensor([[4., 0., 0.],
            [4., 4., 4.]])
    """
    if not proposals or any(boxes.ndim != 2 or boxes.shape[1] != 4 for boxes in proposals):
        raise ValueError(f"padded takes a list of (M, 4), got {[tuple(boxes.shape) for boxes in proposals]}")
    return nn.utils.rnn.pad_sequence(list(proposals), batch_first=True)


def recall(proposals: Tensor, boxes: Tensor, threshold: float = 0.5) -> float:
    """Tell which share of the objects some proposal covers with IoU >= `threshold`: (M, 4), (T, 4) -> 0 to 1.

    Boxes without area, such as padding, are not counted; NaN if there is no other.

    >>> recall(torch.tensor([[0.0, 0.0, 8.0, 8.0]]), torch.tensor([[0.0, 0.0, 8.0, 9.0], [0.0, 0.0, 20.0, 9.0]]))
    0.5
    """
    boxes = boxes[area(boxes) > 0]
    if not len(boxes):
        return float("nan")
    return (iou(boxes, proposals) >= threshold).any(1).float().mean().item()
