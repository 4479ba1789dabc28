"""From a region of any size to features of one size: by warping pixels, by maxima in bins, by interpolation.

Girshick, Donahue, Darrell, Malik, R-CNN, 2013, appendix A (warping); He, Zhang, Ren, Sun, Spatial Pyramid Pooling in Deep
Convolutional Networks, 2014, section 2.2 and appendix A (the pyramid and its bins); Girshick, Fast R-CNN, 2015, section 2.1
(RoI pooling); He, Gkioxari, Dollár, Girshick, Mask R-CNN, 2017, section 3 (RoIAlign).

A region is a row of `cnnlib.detection.rois`, in pixels of the input image; `scale` = 1 / stride converts them to pixels of the
map. Every bin of a region is a bag of the map's pixels, and torch's `embedding_bag` reduces all bags at once, without a copy
of the map for each region. No gradient flows into the regions, as in torchvision.

Everything is computed in float32 (float64 if the map is float64), whatever the map's dtype is; the result has the map's dtype,
and float32 for a map of integers. Every function raises ValueError if `rois` are not finite, not (R, 5), or not of images of
the batch, and if the map has NaN.

Departures from the papers: pixels outside an image have that image's own mean colour (R-CNN: the mean over the data set);
`roi_pyramid` rounds corners as RoI pooling does (SPPNet: inwards, to pixels whose receptive fields are centred next to them).
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from cnnlib.detection.boxes import in_float
from cnnlib.detection.rois import take_apart


def crop_and_warp(images: Tensor, rois: Tensor, size: int, context: int = 0) -> Tensor:
    """Cut regions out of images and stretch each to a square: (N, C, H, W), (R, 5) -> (R, C, size, size).

    Both axes are stretched independently (anisotropic), bilinearly, by torch's `grid_sample`, one call per image. The region
    fills the square except for `context` pixels on each side, which show what surrounds it at the same scale (the paper: 16
    of 227); outside the image is its mean colour. Raises ValueError if `context` leaves no room for the region.

    >>> crop_and_warp(torch.zeros(2, 3, 48, 64), torch.tensor([[1.0, 5.0, 7.0, 30.0, 20.0]]), size=32).shape
    torch.Size([1, 3, 32, 32])
    """
    if not 0 <= 2 * context < size:
        raise ValueError(f"context on both sides must leave room for the region, got context={context}, size={size}")
    image, x1, y1, x2, y2 = take_apart(images, rois)
    dtype, images = _result(images), in_float(images)
    along = (torch.arange(size, dtype=images.dtype, device=images.device) + 0.5 - context) / (size - 2 * context)
    x, y = (start[:, None] + along * (end - start)[:, None] for start, end in ((x1, x2), (y1, y2)))  # (R, size)
    x, y = 2 * x / images.shape[3] - 1, 2 * y / images.shape[2] - 1  # grid_sample's -1 and 1 are the image's edges
    grid = torch.stack([x[:, None].expand(-1, size, -1), y[:, :, None].expand(-1, -1, size)], 3)  # (R, size, size, 2)
    mean = images.mean((2, 3), keepdim=True)  # subtracted first, added last: the zeros outside become the mean
    order = image.argsort(stable=True)
    grids = grid[order].split(image.bincount(minlength=len(images)).tolist())
    nothing = images.new_zeros(images.shape[1], 0, size)  # of a batch without images too
    crops = [  # (C, R_n size, size) each
        F.grid_sample(centred[None], own.flatten(0, 1)[None], align_corners=False)[0]
        for centred, own in zip(images - mean, grids, strict=True)
    ]
    warped = torch.cat([nothing, *crops], 1).unflatten(1, (len(rois), size)).transpose(0, 1)
    return (warped[order.argsort()] + mean[image]).to(dtype)


def spatial_pyramid(x: Tensor, levels: Sequence[int] = (4, 2, 1)) -> Tensor:
    """Keep the maximum of each bin of coarser and coarser grids: (N, C, H, W) -> (N, C (16 + 4 + 1)).

    Row i of n extends from floor(i H / n) to ceil((i + 1) H / n), columns likewise; bins may share a line of pixels, and
    none is empty. A level is flattened as (C, n, n). Raises ValueError if `x` has not four axes or no level is given.

    >>> spatial_pyramid(torch.zeros(2, 3, 11, 13)).shape
    torch.Size([2, 63])
    """
    _check_levels(x, levels)
    height, width = x.shape[2:]
    pyramid = []
    for n in levels:
        rows, columns = ([slice(i * size // n, -(-(i + 1) * size // n)) for i in range(n)] for size in (height, width))
        bins = [x[:, :, row, column].amax((2, 3)) for row in rows for column in columns]
        pyramid.append(torch.stack(bins, 2).flatten(1))
    return torch.cat(pyramid, 1)


def roi_pool(x: Tensor, rois: Tensor, size: int, scale: float) -> Tensor:
    """Keep the maximum of each of size x size bins of every region: (N, C, H, W), (R, 5) -> (R, C, size, size).

    Corners are rounded to pixels of the map, both ends belong to the region, and a region is at least one pixel; bins extend
    from floor to ceil and are cut off at the map's border. An empty bin gives 0. Raises ValueError if `size` is below 1.

    >>> roi_pool(torch.zeros(2, 3, 16, 16), torch.tensor([[1.0, 5.0, 7.0, 30.0, 20.0]]), size=7, scale=1 / 4).shape
    torch.Size([1, 3, 7, 7])
    """
    if size < 1:
        raise ValueError(f"size must be 1 bin along each axis or more, got {size}")
    image, x1, y1, x2, y2 = take_apart(x, rois)
    rows, no_row = _bin_pixels(y1 * scale, y2 * scale, size, x.shape[2])
    columns, no_column = _bin_pixels(x1 * scale, x2 * scale, size, x.shape[3])
    pooled = F.embedding_bag(_bags(x, image, rows, columns).flatten(0, 2), _pixels(x), mode="max")
    empty = no_row[:, None, :, None] | no_column[:, None, None, :]
    return _as_maps(pooled, len(rois), size).masked_fill(empty, 0).to(_result(x))


def _bin_pixels(start: Tensor, end: Tensor, bins: int, limit: int) -> tuple[Tensor, Tensor]:
    """List the pixels of each bin along one axis: ends (R,) -> indices (R, bins, K), and which bins are empty (R, bins).

    K is the widest bin's size; narrower bins repeat their last pixel, which changes no maximum.
    """
    start, end = (value.sign() * (value.abs() + 0.5).floor() for value in (start, end))  # torch.round takes halves to even
    step = ((end - start + 1).clamp(min=1) / bins)[:, None]
    index = torch.arange(bins, device=start.device)
    first = (start[:, None] + (index * step).floor()).clamp(0, limit).long()
    after = (start[:, None] + ((index + 1) * step).ceil()).clamp(0, limit).long()
    widest = max(1, int((after - first).max())) if len(start) else 1
    pixels = torch.minimum(first[:, :, None] + torch.arange(widest, device=start.device), after[:, :, None] - 1)
    return pixels.clamp(0, limit - 1), after <= first


def roi_pyramid(x: Tensor, rois: Tensor, levels: Sequence[int] = (4, 2, 1), scale: float = 1.0) -> Tensor:
    """Build the spatial pyramid of every region of a map that is computed once: (N, C, H, W), (R, 5) -> (R, C (16 + 4 + 1)).

    Rounds and raises as `roi_pool` does.

    >>> roi_pyramid(torch.zeros(2, 3, 16, 16), torch.tensor([[1.0, 5.0, 7.0, 30.0, 20.0]]), scale=1 / 4).shape
    torch.Size([1, 63])
    """
    _check_levels(x, levels)
    return torch.cat([roi_pool(x, rois, n, scale).flatten(1) for n in levels], 1)


def roi_align(x: Tensor, rois: Tensor, size: int, scale: float, sampling: int = 2, aligned: bool = True) -> Tensor:
    """Average interpolated points in each of size x size bins of every region: (N, C, H, W), (R, 5) -> (R, C, size, size).

    Nothing is rounded: each bin has sampling x sampling points, evenly spaced, each interpolated from its four nearest pixels.
    `aligned` puts the centre of pixel 0 at 0.5, which is right; False puts it at 0 and makes a region at least one pixel, as
    the first version did. Raises ValueError if `size` or `sampling` is below 1.

    >>> roi_align(torch.zeros(2, 3, 16, 16), torch.tensor([[1.0, 5.0, 7.0, 30.0, 20.0]]), size=7, scale=1 / 4).shape
    torch.Size([1, 3, 7, 7])
    """
    if min(size, sampling) < 1:
        raise ValueError(f"roi_align needs at least one bin and one point per bin along each axis, got {size=}, {sampling=}")
    image, *corners = take_apart(x, rois)
    x1, y1, x2, y2 = (corner * scale - 0.5 * aligned for corner in corners)
    if not aligned:
        x2, y2 = torch.maximum(x2, x1 + 1), torch.maximum(y2, y1 + 1)
    rows, up = _neighbours(y1, y2, size, sampling, x.shape[2])
    columns, left = _neighbours(x1, x2, size, sampling, x.shape[3])
    weights = (up[:, :, None, :, None] * left[:, None, :, None, :]).flatten(3).flatten(0, 2)  # (R size size, 4 sampling^2)
    bags = _bags(x, image, rows, columns).flatten(0, 2)
    pooled = F.embedding_bag(bags, _pixels(x), mode="sum", per_sample_weights=weights)
    return _as_maps(pooled, len(rois), size).to(_result(x))


def _neighbours(start: Tensor, end: Tensor, bins: int, sampling: int, limit: int) -> tuple[Tensor, Tensor]:
    """Find the two pixels next to each point along one axis: ends (R,) -> indices and weights (R, bins, 2 sampling).

    A point up to one pixel outside the map takes the value at the border; one further out has weight 0.
    """
    steps = (torch.arange(bins * sampling, dtype=start.dtype, device=start.device) + 0.5) / (bins * sampling)
    point = start[:, None] + steps * (end - start)[:, None]
    seen = (point >= -1) & (point <= limit)
    point = point.clamp(0, limit - 1)
    low = point.floor()
    share = point - low
    indices = torch.stack([low, (low + 1).clamp(max=limit - 1)], 2).long()
    weights = torch.stack([1 - share, share], 2) * seen[:, :, None] / sampling
    indices, weights = (pair.unflatten(1, (bins, sampling)).flatten(2) for pair in (indices, weights))
    return indices, weights


def _bags(x: Tensor, image: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Give the pixels of every bin their indices in `_pixels`: rows (R, n, K), columns (R, n, L) -> (R, n, n, K L)."""
    height, width = x.shape[2:]
    row = image.view(-1, 1, 1, 1, 1) * height + rows[:, :, None, :, None]
    return (row * width + columns[:, None, :, None, :]).flatten(3)


def _pixels(x: Tensor) -> Tensor:
    return in_float(x).permute(0, 2, 3, 1).flatten(0, 2)  # (N H W, C)


def _as_maps(pooled: Tensor, regions: int, size: int) -> Tensor:
    return pooled.view(regions, size, size, pooled.shape[1]).permute(0, 3, 1, 2)


def _result(x: Tensor) -> torch.dtype:
    return x.dtype if x.is_floating_point() else torch.float32


def _check_levels(x: Tensor, levels: Sequence[int]) -> None:
    if x.ndim != 4 or not levels or min(levels) < 1:
        raise ValueError(f"a pyramid takes x (N, C, H, W) and levels of at least 1 bin, got {tuple(x.shape)}, {levels=}")
