"""Hierarchical grouping: Uijlings, van de Sande, Gevers, Smeulders, Selective Search for Object Recognition, 2013, section 3.

The regions to start from are those of Felzenszwalb, Huttenlocher, Efficient Graph-Based Image Segmentation, 2004, as
scikit-image has them. The pixels are read once, for these: all that a merged region is known by comes from its two parts.

Departures from the paper: texture is counted from differences of neighbouring pixels, not from derivatives of Gaussians.
"""

from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np
import torch
from torch import Tensor


def _hsv(rgb: np.ndarray) -> np.ndarray:
    from skimage import color  # here, because it imports scipy

    return color.rgb2hsv(rgb)


def _lab(rgb: np.ndarray) -> np.ndarray:
    from skimage import color

    return (color.rgb2lab(rgb) + np.float32([0, 128, 128])) / np.float32([100, 255, 255])


COLOURS = {"rgb": lambda rgb: rgb, "hsv": _hsv, "lab": _lab}  # from RGB to three numbers in [0, 1], (H, W, 3)
COLOUR_BINS, TEXTURE_BINS, ORIENTATIONS = 25, 10, 8
STEEPEST = 0.25  # a pixel: steeper slopes share the last bin of the texture


@dataclass(frozen=True)
class Hierarchy:
    """Regions that were merged until one was left: `labels` (H, W), `merges` (R - 1, 2), `boxes` (2R - 1, 4).

    `labels` says which of the R first regions a pixel is in. Merge number k joined the two regions `merges[k]` into number
    R + k. `boxes` are x1 y1 x2 y2 in pixels, of all regions in the order of their numbers: the last is the whole image.
    """

    labels: Tensor
    merges: Tensor
    boxes: Tensor

    def after(self, k: int) -> Tensor:
        """Draw the label map after the first `k` merges: -> (H, W), R - k different numbers.

        Raises ValueError if there were fewer merges.
        """
        if not 0 <= k <= len(self.merges):
            raise ValueError(f"k must be from 0 to the {len(self.merges)} merges, got {k}")
        first = len(self.merges) + 1
        now_in = torch.arange(first + k, device=self.labels.device)
        for number in reversed(range(k)):  # from the last down: what a region became is known before its parts ask
            now_in[self.merges[number]] = now_in[first + number].item()
        return now_in[self.labels]


def grouping(
    image: Tensor, scale: float = 16, sigma: float = 1.6, smallest: int | None = None, colours: str = "rgb"
) -> Hierarchy:
    """Cut an image into regions and merge the most similar neighbours until one is left: (3, H, W) in [0, 1] -> Hierarchy.

    `sigma` is the blur before the cut in pixels, `scale` the k of Felzenszwalb and Huttenlocher: the higher, the fewer
    regions. None is below `smallest` pixels, by default `scale`, as in the authors' code. A blur of a third of a
    texture's period melts its stripes together. `colours` is a key of `COLOURS`. Raises ValueError for another image, a
    colour space that is not there, and numbers that are not positive (`sigma` may be 0).

    >>> grouping(torch.rand(3, 24, 32)).labels.shape
    torch.Size([24, 32])
    """
    from skimage.segmentation import felzenszwalb

    smallest = max(1, round(scale)) if smallest is None else smallest
    _check(image, scale, sigma, smallest, colours)
    rgb = image.detach().cpu().float().permute(1, 2, 0).numpy()  # (H, W, 3)
    pixels = COLOURS[colours](rgb).clip(0, 1)
    labels = felzenszwalb(pixels, scale, sigma, smallest)
    regions = describe(pixels.transpose(2, 0, 1), labels)
    merges = merge_all(regions, neighbours(labels))
    return Hierarchy(
        torch.from_numpy(labels).long().to(image.device),
        torch.tensor(merges, dtype=torch.int64, device=image.device).view(-1, 2),
        torch.from_numpy(regions.boxes).to(image),
    )


@dataclass(frozen=True)
class Regions:
    """What is known of R regions, with room for the R - 1 that come of merging them.

    `histograms` (2R - 1, 315): 3 x 25 shares of colour that sum to 1, then 8 x 3 x 10 shares of texture that sum to 1.
    `sizes` (2R - 1,) in pixels, `boxes` (2R - 1, 4) x1 y1 x2 y2, `image` the number of pixels of the image.
    """

    histograms: np.ndarray
    sizes: np.ndarray
    boxes: np.ndarray
    image: int

    def similarity(self, a: np.ndarray, b: np.ndarray | int) -> np.ndarray:
        """Add up the four similarities of pairs of regions (equations 2 to 6): numbers (P,), (P,) -> (P,), 0 to 4.

        Colour and texture: what the histograms share. Size: 1 - the pair's share of the image, so that small ones go first.
        Fill: 1 - the share of the image that is in the box around the pair and not in the pair.
        """
        colour_and_texture = np.minimum(self.histograms[a], self.histograms[b]).sum(1)
        pair = self.sizes[a] + self.sizes[b]
        x1, y1, x2, y2 = self.box_around(a, b).T
        size = 1 - pair / self.image
        fill = 1 - ((x2 - x1) * (y2 - y1) - pair) / self.image
        return colour_and_texture + size + fill

    def box_around(self, a: np.ndarray | int, b: np.ndarray | int) -> np.ndarray:
        """Find the box around two regions: -> (4,), or (P, 4) for P pairs."""
        one, two = self.boxes[a], self.boxes[b]
        return np.concatenate([np.minimum(one[..., :2], two[..., :2]), np.maximum(one[..., 2:], two[..., 2:])], -1)

    def merge(self, a: int, b: int, new: int) -> None:
        """Fill in region `new` from two others: the mean of their histograms, weighted with their sizes (section 3.2)."""
        sizes = self.sizes[[a, b]]
        self.sizes[new] = sizes.sum()
        self.histograms[new] = sizes @ self.histograms[[a, b]] / sizes.sum()
        self.boxes[new] = self.box_around(a, b)


def describe(pixels: np.ndarray, labels: np.ndarray) -> Regions:
    """Measure the regions of a label map: pixels (3, H, W) in [0, 1], labels (H, W) in 0 ... R - 1 -> Regions."""
    shares = [histograms(pixels, labels, COLOUR_BINS), histograms(slopes(pixels) / STEEPEST, labels, TEXTURE_BINS)]
    (height, width), count = labels.shape, labels.max() + 1
    y, x = (index.ravel() for index in np.indices(labels.shape))
    boxes = np.full((count, 4), (width, height, 0, 0))
    for side, (extreme, edge) in enumerate(((np.minimum, x), (np.minimum, y), (np.maximum, x + 1), (np.maximum, y + 1))):
        extreme.at(boxes[:, side], labels.ravel(), edge)
    measured = np.concatenate(shares, 1), np.bincount(labels.ravel()).astype(float), boxes.astype(float)
    return Regions(*(np.concatenate([m, np.zeros_like(m)[1:]]) for m in measured), image=labels.size)


def slopes(pixels: np.ndarray) -> np.ndarray:
    """Measure how steeply each channel rises in eight directions, 45 degrees apart: (3, H, W) -> (8 x 3, H, W), per pixel."""
    down, right = (np.gradient(pixels, axis=axis) if pixels.shape[axis] > 1 else 0 * pixels for axis in (1, 2))
    angle = np.arange(ORIENTATIONS, dtype=pixels.dtype) * (2 * np.pi / ORIENTATIONS)
    sin, cos = np.sin(angle)[:, None, None, None], np.cos(angle)[:, None, None, None]
    return (cos * right + sin * down).reshape(-1, *pixels.shape[1:])


def histograms(values: np.ndarray, labels: np.ndarray, bins: int) -> np.ndarray:
    """Count the values of each region in `bins` of [0, 1], channel by channel: (C, H, W), (H, W) -> (R, C bins).

    A row sums to 1. Values outside [0, 1] are in the first or last bin.
    """
    channels = len(values)
    cells = (values * bins).astype(np.int64).clip(0, bins - 1)
    cells += bins * np.arange(channels)[:, None, None] + channels * bins * labels
    counts = np.bincount(cells.ravel(), minlength=channels * bins * (labels.max() + 1)).reshape(-1, channels * bins)
    return counts / counts.sum(1, keepdims=True)


def neighbours(labels: np.ndarray) -> np.ndarray:
    """List the pairs of regions that share an edge of a pixel: (H, W) -> (P, 2), the lower number first, none twice.

    >>> neighbours(np.array([[0, 0, 1], [2, 2, 1]])).tolist()
    [[0, 1], [0, 2], [1, 2]]
    """
    beside = np.stack([labels[:, :-1], labels[:, 1:]], -1).reshape(-1, 2)
    below = np.stack([labels[:-1], labels[1:]], -1).reshape(-1, 2)
    pairs = np.sort(np.concatenate([beside, below]), 1)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    count = labels.max() + 1
    return np.stack(np.divmod(np.unique(pairs[:, 0] * count + pairs[:, 1]), count), 1)


def merge_all(regions: Regions, pairs: np.ndarray) -> list[tuple[int, int]]:
    """Merge the most similar neighbours until one region is left (algorithm 1): pairs (P, 2) -> R - 1 pairs, in order.

    Of equally similar pairs that of the lowest numbers goes first, so that an image always has the same hierarchy.
    """
    beside = [set() for _ in regions.sizes]
    for a, b in pairs.tolist():
        beside[a].add(b)
        beside[b].add(a)
    queue = [(-s, a, b) for s, (a, b) in zip(regions.similarity(*pairs.T).tolist(), pairs.tolist(), strict=True)]
    heapify(queue)
    merges, merged, first = [], set(), (len(regions.sizes) + 1) // 2
    while queue:
        _, a, b = heappop(queue)
        if a in merged or b in merged:
            continue
        new = first + len(merges)
        merges.append((a, b))
        merged |= {a, b}
        regions.merge(a, b, new)
        beside[new] = (beside[a] | beside[b]) - {a, b}
        around = sorted(beside[new])
        for other in around:
            beside[other] = beside[other] - {a, b} | {new}
        for s, other in zip(regions.similarity(np.array(around, int), new).tolist(), around, strict=True):
            heappush(queue, (-s, other, new))
    return merges


def _check(image: Tensor, scale: float, sigma: float, smallest: int, colours: str) -> None:
    if image.ndim != 3 or len(image) != 3 or not image.numel() or not image.is_floating_point():
        raise ValueError(f"an image is (3, H, W) of floats in [0, 1], got {tuple(image.shape)} of {image.dtype}")
    if not (image.min() >= 0 and image.max() <= 1):  # NaN fails too
        raise ValueError(f"an image is in [0, 1], got {image.min().item():.4g} to {image.max().item():.4g}")
    if not (scale > 0 and sigma >= 0 and smallest >= 1):
        raise ValueError(f"grouping needs scale > 0, sigma >= 0 and smallest >= 1, got {scale=}, {sigma=}, {smallest=}")
    if colours not in COLOURS:
        raise ValueError(f"colours must be one of {list(COLOURS)}, got {colours!r}")
