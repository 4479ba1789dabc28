"""Hierarchical grouping: Uijlings, van de Sande, Gevers, Smeulders, Selective Search for Object Recognition, 2013, section 3.

The regions to start from are those of Felzenszwalb, Huttenlocher, Efficient Graph-Based Image Segmentation, 2004, as
scikit-image has them. Which of them are similar is computed in `cnnlib.detection.similarity`. Departures from the paper: those
of `cnnlib.detection.similarity`.
"""

import math
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np
import torch
from torch import Tensor

from cnnlib.detection.boxes import in_float
from cnnlib.detection.similarity import Regions, describe


def _hsv(rgb: np.ndarray) -> np.ndarray:
    from skimage import color  # here, because it imports scipy

    return color.rgb2hsv(rgb)


def _lab(rgb: np.ndarray) -> np.ndarray:
    from skimage import color

    return (color.rgb2lab(rgb) + np.array([0, 128, 128], np.float32)) / np.array([100, 255, 255], np.float32)


COLOURS = {"rgb": lambda rgb: rgb, "hsv": _hsv, "lab": _lab}  # from RGB to three numbers in [0, 1], (H, W, 3)


@dataclass(frozen=True)
class Hierarchy:
    """Regions that were merged until one was left: `labels` (H, W), `merges` (R - 1, 2), `boxes` (2R - 1, 4).

    `labels` holds the index of the region, one of the R first ones, that a pixel is in. Merge k joined the two regions
    `merges[k]` into region R + k. `boxes` are x1 y1 x2 y2 in pixels of all regions, by index: the last is the whole image.
    """

    labels: Tensor
    merges: Tensor
    boxes: Tensor

    def after(self, k: int) -> Tensor:
        """Compute the label map after the first `k` merges: -> (H, W), R - k different indices.

        Raises ValueError if there are fewer merges.
        """
        if not 0 <= k <= len(self.merges):
            raise ValueError(f"k must be from 0 to the {len(self.merges)} merges, got {k}")
        first = len(self.merges) + 1
        now_in = torch.arange(first + k, device=self.labels.device)
        for merge in reversed(range(k)):  # from the last down: what a region became is known before its parts need it
            now_in[self.merges[merge]] = now_in[first + merge].item()
        return now_in[self.labels]


def grouping(
    image: Tensor, scale: float = 16, sigma: float = 1.6, smallest: int | None = None, colours: str = "rgb"
) -> Hierarchy:
    """Cut an image into regions and merge the most similar neighbours until one is left: (3, H, W) in [0, 1] -> Hierarchy.

    `sigma` is the blur before the segmentation in pixels, `scale` the k of Felzenszwalb and Huttenlocher: the higher, the
    fewer regions. No region is below `smallest` pixels, by default `scale`, as in the authors' code. A blur of a third of a
    texture's period merges its stripes. `colours` is a key of `COLOURS`. The boxes are float32, or float64 if the image is.
    Raises ValueError for any other image, an unknown colour space, and numbers that are not positive (`sigma` may be 0) and
    finite.

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
        torch.from_numpy(regions.boxes).to(in_float(image)),
    )


def neighbours(labels: np.ndarray) -> np.ndarray:
    """List the pairs of regions that share an edge of a pixel: (H, W) -> (P, 2), the lower index first, no pair twice.

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

    Of equally similar pairs the one with the lowest indices goes first, so that an image always has the same hierarchy.
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
        merged.update((a, b))
        regions.merge(a, b, new)
        beside[new] = (beside[a] | beside[b]) - {a, b}
        around = sorted(beside[new])
        for other in around:  # in place: a background may have thousands of neighbours
            beside[other] -= {a, b}
            beside[other].add(new)
        for s, other in zip(regions.similarity(np.array(around, int), new).tolist(), around, strict=True):
            heappush(queue, (-s, other, new))
    return merges


def _check(image: Tensor, scale: float, sigma: float, smallest: int, colours: str) -> None:
    if image.ndim != 3 or len(image) != 3 or not image.numel() or not image.is_floating_point():
        raise ValueError(f"an image is (3, H, W) of floats in [0, 1], got {tuple(image.shape)} of {image.dtype}")
    if not (image.min() >= 0 and image.max() <= 1):  # NaN fails too
        raise ValueError(f"an image is in [0, 1], got {image.min().item():.4g} to {image.max().item():.4g}")
    if not (0 < scale < math.inf and 0 <= sigma < math.inf and smallest >= 1):
        raise ValueError(f"grouping needs scale > 0, sigma >= 0 and smallest >= 1, got {scale=}, {sigma=}, {smallest=}")
    if colours not in COLOURS:
        raise ValueError(f"colours must be one of {list(COLOURS)}, got {colours!r}")
