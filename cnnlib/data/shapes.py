"""Drawn images: labelled, and the same for the same seed on every machine.

Everything is drawn by numpy in chunks of 64 images, each chunk with a generator of its own, so that image number 100 is the
same whether 101 or 6,000 are wanted. Only operations that every processor rounds alike are
used, sines and cosines are taken in double precision, and the images are rounded to 8 bits.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cnnlib.seeds import shifted

SHAPES = ("disc", "square", "triangle", "cross", "ring")
TEXTURES = ("striped", "checked")
CROP_CLASSES = tuple(f"{texture} {shape}" for texture in TEXTURES for shape in SHAPES)
CHUNK = 64


@dataclass(frozen=True)
class Style:
    """How hard a picture is: sizes as fractions of the image's side, `period` in pixels, `noise` in grey levels of 1."""

    radius: tuple[float, float]
    period: tuple[float, float]
    clutter: int
    noise: float


HARD = Style(radius=(0.30, 0.42), period=(3.5, 5.0), clutter=2, noise=0.05)
GENTLE = Style(radius=(0.36, 0.44), period=(5.0, 7.0), clutter=0, noise=0.03)


def crops(n: int, size: int = 32, seed: int = 0, style: Style = HARD) -> tuple[Tensor, Tensor]:
    """Draw one textured shape per image: n -> images (n, 3, size, size) in [0, 1], labels (n,) in 0 ... 9.

    Label `5 * texture + shape`, in the order of `CROP_CLASSES`. Position, size, rotation, colours, background, clutter and
    noise are random and independent of the label. Raises ValueError if `n` or `size` is not positive.

    >>> images, labels = crops(3)
    >>> images.shape, labels.dtype
    (torch.Size([3, 3, 32, 32]), torch.int64)
    """
    if n < 1 or size < 1:
        raise ValueError(f"crops needs at least one image of at least one pixel, got n={n}, size={size}")
    chunks = [_crop_chunk(shifted(seed), index, size, style) for index in range(-(-n // CHUNK))]
    pixels = np.concatenate([pixels for pixels, _ in chunks])[:n]
    labels = np.concatenate([labels for _, labels in chunks])[:n]
    return torch.from_numpy(pixels).float().div_(255), torch.from_numpy(labels)


def shape_probabilities(scores: Tensor) -> Tensor:
    """Add up the probabilities of each shape in either texture: scores (N, 10, H', W') -> (N, 5, H', W').

    >>> shape_probabilities(torch.zeros(1, 10, 1, 1)).flatten().tolist()[:2]
    [0.20000000298023224, 0.20000000298023224]
    """
    probabilities = scores.softmax(1)
    return probabilities[:, : len(SHAPES)] + probabilities[:, len(SHAPES) :]


def _crop_chunk(seed: int, index: int, size: int, style: Style) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng([seed, index])
    labels = rng.integers(0, len(CROP_CLASSES), CHUNK)
    canvas = background(rng, CHUNK, size)
    for _ in range(style.clutter):
        paint(canvas, segment(rng, CHUNK, size), random_colours(rng, CHUNK))
    radius = uniform(rng, CHUNK, *style.radius) * size
    centre = radius + rng.random((2, CHUNK, 1, 1), np.float32) * (size - 2 * radius)
    u, v = local_frame(rng, centre, size)
    cover = coverage(labels % len(SHAPES), u, v, radius)
    weave = texture(rng, labels // len(SHAPES), u, v, style.period)
    paint(canvas, cover, two_colours(rng, CHUNK, weave))
    canvas += (rng.random(canvas.shape, np.float32) - 0.5) * (style.noise * 12**0.5)
    return np.rint(canvas.clip(0, 1) * 255).astype(np.uint8), labels


def uniform(rng: np.random.Generator, n: int, low: float, high: float) -> np.ndarray:
    """Draw one number per image: (n, 1, 1)."""
    return low + (high - low) * rng.random((n, 1, 1), np.float32)


def random_colours(rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw one colour per image: (n, 3, 1, 1)."""
    return rng.random((n, 3, 1, 1), np.float32)


def background(rng: np.random.Generator, n: int, size: int) -> np.ndarray:
    """Fill each image with a slope from one colour to another: (n, 3, size, size)."""
    ramp = np.linspace(0, 1, size, dtype=np.float32)
    start, down, right = (random_colours(rng, n) for _ in range(3))
    return start + 0.5 * (down - start) * ramp[:, None] + 0.5 * (right - start) * ramp


def local_frame(rng: np.random.Generator, centre: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Turn pixel centres into the object's own rotated coordinates, in pixels: two (n, size, size)."""
    position = np.arange(size, dtype=np.float32) + 0.5
    y, x = position[:, None] - centre[0], position - centre[1]
    angle = uniform(rng, len(x), 0, 2 * np.pi)
    cos, sin = (turn(angle.astype(np.float64)).astype(np.float32) for turn in (np.cos, np.sin))
    return cos * x + sin * y, cos * y - sin * x


def length(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Measure from the origin, with operations that every processor rounds alike (`np.hypot` is not one of them)."""
    return np.sqrt(x * x + y * y)


def coverage(shape: np.ndarray, u: np.ndarray, v: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """How much of each pixel the object covers, 0 to 1: (n,) kinds, local frame (n, H, W), radius (n, 1, 1) -> (n, H, W).

    Each shape is a signed distance in pixels, negative inside; half a pixel on either side of its zero is the soft edge.
    """
    outside = {
        "disc": lambda u, v, r: length(u, v) - 0.95 * r,
        "square": lambda u, v, r: np.maximum(abs(u), abs(v)) - 0.82 * r,
        "triangle": lambda u, v, r: np.maximum(0.866 * abs(u) + 0.5 * v, -v) - 0.6 * r,
        "cross": lambda u, v, r: np.maximum(np.maximum(abs(u), abs(v)) - r, np.minimum(abs(u), abs(v)) - 0.36 * r),
        "ring": lambda u, v, r: abs(length(u, v) - 0.74 * r) - 0.26 * r,
    }
    distance = np.empty_like(u)
    for kind, name in enumerate(SHAPES):
        of_kind = shape == kind
        distance[of_kind] = outside[name](u[of_kind], v[of_kind], radius[of_kind])
    return (0.5 - distance).clip(0, 1)


def texture(
    rng: np.random.Generator, kind: np.ndarray, u: np.ndarray, v: np.ndarray, period: tuple[float, float]
) -> np.ndarray:
    """Weave stripes (kind 0) or a chessboard (kind 1) into the local frame: -> (n, H, W), 0 or 1 with soft edges."""
    width = uniform(rng, len(u), *period)
    phase = rng.random((2, len(u), 1, 1), np.float32)

    def stripes(distance: np.ndarray, phase: np.ndarray) -> np.ndarray:
        wave = abs((distance / width + phase) % 1 - 0.5) - 0.25
        return (2 * wave * width).clip(-1, 1)

    along = stripes(u, phase[0])
    return 0.5 + 0.5 * np.where(kind[:, None, None] == 1, along * stripes(v, phase[1]), along)


def two_colours(rng: np.random.Generator, n: int, weave: np.ndarray) -> np.ndarray:
    """Colour a weave with two colours that differ by at least 0.35 in brightness: (n, H, W) -> (n, 3, H, W)."""
    dark, light = random_colours(rng, n) * 0.55, 0.45 + random_colours(rng, n) * 0.55
    red, green, blue = (light - dark).swapaxes(0, 1)
    gap = 0.35 - (red + green + blue)[:, None] / 3
    light = light + gap.clip(0, None) / 2
    dark = dark - gap.clip(0, None) / 2
    return dark + (light - dark) * weave[:, None]


def segment(rng: np.random.Generator, n: int, size: int) -> np.ndarray:
    """Draw one short line per image, as coverage: (n, size, size)."""
    a, b = rng.random((2, 2, n, 1, 1), np.float32) * size
    position = np.arange(size, dtype=np.float32) + 0.5
    y, x = position[:, None] - a[0], position - a[1]
    dy, dx = b - a
    along = ((y * dy + x * dx) / (dy * dy + dx * dx + 1e-6)).clip(0, 1)
    return (1.2 - length(y - along * dy, x - along * dx)).clip(0, 1)


def paint(canvas: np.ndarray, cover: np.ndarray, colour: np.ndarray) -> None:
    """Lay `colour` over `canvas` in place where `cover` (n, H, W) says so."""
    canvas += cover[:, None] * (colour - canvas)
