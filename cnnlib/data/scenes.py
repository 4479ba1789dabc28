"""Drawn scenes: several objects per image, each with its box, its label and its mask; the same for the same seed everywhere.

Drawn as the crops of `cnnlib.data.shapes` are, in chunks of 64 images with a generator each. Objects keep their size in pixels
however large the scene is, so that a network trained on small scenes can be run on large ones.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from cnnlib.data import shapes
from cnnlib.seeds import shifted

SCENE_CLASSES = shapes.SHAPES
MOST_OBJECTS = 4
RADIUS = (8.0, 14.0)  # of the circle around an object, in pixels
PERIOD = (4.0, 6.0)  # of a texture, in pixels
WINDOW = 36  # pixels: room for the largest object, which its corners may leave by a fifth of the radius
LINES = 3  # that lead nowhere and must not be found
NOISE = 0.04
TRIES = 6  # places drawn for an object before it is left out
APART = 0.75  # of the sum of two radii, at least, between two centres


class Scenes(NamedTuple):
    """Images with what is on them; each has room for four objects, and `labels` is -1 where there is none.

    `images` (N, 3, H, W) in [0, 1]. `boxes` (N, 4, 4), x1 y1 x2 y2 in pixels around what is seen of an object, zeros where
    there is none. `labels` (N, 4), numbers into `SCENE_CLASSES`. `semantic` (N, H, W), 0 for the background, else 1 + the
    label of the object in front. `instances` (N, H, W), 0 for the background, else 1 + the number of the object.
    """

    images: Tensor
    boxes: Tensor
    labels: Tensor
    semantic: Tensor
    instances: Tensor


def scenes(n: int, size: int = 64, seed: int = 0) -> Scenes:
    """Draw `n` scenes of one to four textured shapes, some in front of others, on a sloping background with stray lines.

    Position, size, rotation, texture and colours are random and independent of the label. Raises ValueError if `n` is
    not positive or `size` leaves no room for the largest object (28 pixels).

    >>> drawn = scenes(3)
    >>> drawn.images.shape, drawn.boxes.shape, drawn.semantic.dtype
    (torch.Size([3, 3, 64, 64]), torch.Size([3, 4, 4]), torch.int64)
    """
    if n < 1 or size < 2 * RADIUS[1]:
        raise ValueError(f"scenes needs n >= 1 and a size of at least {2 * RADIUS[1]:.0f} pixels, got n={n}, size={size}")
    chunks = [_chunk(shifted(seed), index, size) for index in range(-(-n // shapes.CHUNK))]
    pixels, labels, instances = (torch.from_numpy(np.concatenate(part)[:n]) for part in zip(*chunks, strict=True))
    semantic = torch.cat([labels.new_full((n, 1), -1), labels], 1).gather(1, instances.flatten(1)).view_as(instances) + 1
    return Scenes(pixels.float().div_(255), boxes_of(instances), labels, semantic, instances)


def boxes_of(instances: Tensor, objects: int = MOST_OBJECTS) -> Tensor:
    """Find the box around each object of a mask: (N, H, W) -> (N, objects, 4), x1 y1 x2 y2, zeros where it is not seen.

    >>> boxes_of(torch.tensor([[[0, 1, 1], [0, 0, 1]]]), objects=1)
    tensor([[[1., 0., 3., 2.]]])
    """
    numbers = torch.arange(1, objects + 1, device=instances.device)
    seen = (instances[:, None] == numbers.view(-1, 1, 1)).byte()  # a maximum of bytes is faster than `any`
    sides = []
    for lines in (seen.amax(2), seen.amax(3)):  # (N, objects, W), then (N, objects, H)
        first = lines.argmax(2)
        last = lines.shape[2] - lines.flip(2).argmax(2)
        sides.append((first, last))
    (left, right), (top, bottom) = sides
    return torch.stack([left, top, right, bottom], 2) * seen.amax((2, 3))[..., None].float()


def _chunk(seed: int, index: int, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw 64 scenes: pixels (64, 3, H, W) of 8 bits, labels (64, 4), instances (64, H, W)."""
    rng, n = np.random.default_rng([seed, 1, index]), shapes.CHUNK
    canvas = shapes.background(rng, n, size)
    for _ in range(LINES):
        shapes.paint(canvas, shapes.segment(rng, n, size), shapes.random_colours(rng, n))
    radius = RADIUS[0] + (RADIUS[1] - RADIUS[0]) * rng.random((MOST_OBJECTS, n), np.float32)
    centre, there = _places(rng, radius, size)
    there &= np.arange(MOST_OBJECTS)[:, None] <= rng.integers(0, MOST_OBJECTS, n)
    kinds = rng.integers(0, len(SCENE_CLASSES), (MOST_OBJECTS, n))
    instances = np.zeros((n, size, size), np.int64)
    window = min(size, WINDOW)
    for number in range(MOST_OBJECTS):
        corner = np.rint(centre[:, number] - window / 2).clip(0, size - window)
        u, v = shapes.local_frame(rng, (centre[:, number] - corner)[..., None, None], window)
        cover = shapes.coverage(kinds[number], u, v, radius[number, :, None, None]) * there[number, :, None, None]
        weave = shapes.texture(rng, rng.integers(0, 2, n), u, v, PERIOD)
        colours = shapes.two_colours(rng, n, weave)
        for image, (top, left) in enumerate(corner.astype(int).T):
            inside = np.s_[..., top : top + window, left : left + window]
            shapes.paint(canvas[image][inside][None], cover[[image]], colours[[image]])
            instances[image][inside][cover[image] >= 0.5] = number + 1
    canvas += (rng.random(canvas.shape, np.float32) - 0.5) * (NOISE * 12**0.5)
    labels = np.where(there, kinds, -1).T
    return np.rint(canvas.clip(0, 1) * 255).astype(np.uint8), labels, instances


def _places(rng: np.random.Generator, radius: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Give each object the first place drawn that is apart from those before it: centres (2, 4, n), found (4, n)."""
    objects, n = radius.shape
    centre, there = np.zeros((2, objects, n), np.float32), np.zeros((objects, n), bool)
    for number in range(objects):
        drawn = radius[number] + rng.random((2, TRIES, n), np.float32) * (size - 2 * radius[number])
        gap = shapes.length(*(drawn[:, None] - centre[:, :number, None]))  # (number, TRIES, n)
        clear = ((gap >= APART * (radius[:number] + radius[number])[:, None]) | ~there[:number, None]).all(0)
        first = clear.argmax(0)
        centre[:, number] = drawn[:, first, np.arange(n)]
        there[number] = clear.any(0)
    return centre, there
