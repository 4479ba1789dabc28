"""Regions of interest (RoIs), as Girshick, Fast R-CNN, 2015, has them: a box and the image that it belongs to.

A region is a row (index of the image in the batch, x1, y1, x2, y2), in pixels of the input image, in float32 or float64: half
precision has too few digits for indices and coordinates. Departures from the paper: none.
"""

import torch
from torch import Tensor

from cnnlib.detection.boxes import area, check_finite, in_float


def as_rois(indices: Tensor, boxes: Tensor) -> Tensor:
    """Put the index of its image before each box: (R,), (R, 4) -> (R, 5), in float32, or float64 if the boxes are.

    Half precision would not do: bfloat16 rounds 257 to 256, which is a different image.

    >>> as_rois(torch.tensor([257]), torch.tensor([[5, 7, 30, 20]], dtype=torch.bfloat16))
    tensor([[257.,   5.,   7.,  30.,  20.]])
    """
    return torch.cat([indices[:, None].to(in_float(boxes)), in_float(boxes)], 1)


def rois_of(boxes: Tensor) -> Tensor:
    """List the boxes of a batch as regions, without those of no area (padding): (N, P, 4) -> (R, 5), images in order.

    Raises ValueError if the shape is not (N, P, 4) or a coordinate is not finite.

    >>> rois_of(torch.tensor([[[0.0, 0.0, 0.0, 0.0]], [[5.0, 7.0, 30.0, 20.0]]]))
    tensor([[ 1.,  5.,  7., 30., 20.]])
    """
    if boxes.ndim != 3:
        raise ValueError(f"rois_of takes the boxes of a batch, (N, P, 4), got {tuple(boxes.shape)}")
    check_finite(boxes=boxes)
    image, index = (area(boxes) > 0).nonzero(as_tuple=True)
    return as_rois(image, boxes[image, index])


def split_by_image(rois: Tensor, images: int, *columns: Tensor) -> list[tuple[Tensor, ...]]:
    """Group the rows of columns by the image of their region: rois (R, 5), columns (R, ...) -> `images` tuples of (R_n, ...).

    >>> rois = torch.tensor([[1.0, 5.0, 7.0, 30.0, 20.0], [0.0, 5.0, 7.0, 30.0, 20.0], [1.0, 9.0, 7.0, 30.0, 20.0]])
    >>> split_by_image(rois, 3, torch.tensor([10, 20, 30]))
    [(tensor([20]),), (tensor([10, 30]),), (tensor([], dtype=torch.int64),)]
    """
    image = rois[:, 0].long()
    order = image.argsort(stable=True)
    counts = image.bincount(minlength=images).tolist()
    return list(zip(*(column[order].split(counts) for column in columns), strict=True))


def take_apart(x: Tensor, rois: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Split regions of a map or of images: (N, C, H, W), (R, 5) -> image, x1, y1, x2, y2 of (R,) each, in the map's precision.

    Raises ValueError on what is not a region of `x`, and if `x` has NaN.

    >>> take_apart(torch.zeros(2, 3, 48, 64), torch.tensor([[1, 5, 7, 30, 20]]))
    (tensor([1]), tensor([5.]), tensor([7.]), tensor([30.]), tensor([20.]))
    """
    if x.ndim != 4:
        raise ValueError(f"regions are pooled from (N, C, H, W), got {tuple(x.shape)}")
    if rois.ndim != 2 or rois.shape[1] != 5:
        raise ValueError(f"a region is 5 numbers, the image's index and x1 y1 x2 y2: (R, 5), got {tuple(rois.shape)}")
    if rois.is_floating_point() and len(x) - 1 > 2 / torch.finfo(rois.dtype).eps:  # from there on it skips whole numbers
        raise ValueError(f"rois of {rois.dtype} cannot tell {len(x)} images apart: give them in float32")
    check_finite(rois=rois)
    if x.isnan().any():
        raise ValueError(f"the map must not have NaN, {x.isnan().sum()} of its {x.numel()} numbers are")
    image, *corners = in_float(rois.detach()).unbind(1)
    if len(image) and not (0 <= image.min() <= image.max() < len(x) and (image == image.floor()).all()):
        found = f"{image.min():g} to {image.max():g}"
        raise ValueError(f"the first column of rois is an image's index, 0 to {len(x) - 1} in this batch, got {found}")
    x1, y1, x2, y2 = (corner.to(in_float(x).dtype) for corner in corners)
    return image.long(), x1, y1, x2, y2
