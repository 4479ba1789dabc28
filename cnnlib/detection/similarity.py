"""How similar two regions are.

Uijlings, van de Sande, Gevers, Smeulders, Selective Search for Object Recognition, 2013, section 3.2, equations 2 to 6.
The pixels are read once, for the regions to start from: all features of a merged region come from its two parts.

Departures from the paper: texture is counted from differences of neighbouring pixels, not from derivatives of Gaussians.
"""

from dataclasses import dataclass

import numpy as np

COLOUR_BINS, TEXTURE_BINS, ORIENTATIONS = 25, 10, 8
STEEPEST = 0.25  # per pixel: steeper slopes share the last bin of the texture


@dataclass(frozen=True)
class Regions:
    """The features of R regions, with room for the R - 1 that result from merging them.

    `histograms` (2R - 1, 315): 3 x 25 shares of colour that sum to 1, then 8 x 3 x 10 shares of texture that sum to 1.
    `sizes` (2R - 1,) in pixels, `boxes` (2R - 1, 4) x1 y1 x2 y2, `image` the size of the image in pixels.
    """

    histograms: np.ndarray
    sizes: np.ndarray
    boxes: np.ndarray
    image: int

    def similarity(self, a: np.ndarray, b: np.ndarray | int) -> np.ndarray:
        """Add up the four similarities of pairs of regions (equations 2 to 6): indices (P,), (P,) -> (P,), 0 to 4.

        Colour and texture: the intersection of the histograms. Size: 1 - the pair's share of the image, so that small regions
        merge first. Fill: 1 - the share of the image that is in the box around the pair but not in the pair.
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
        """Fill in region `new` from two others: the mean of their histograms, weighted by their sizes (section 3.2)."""
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
