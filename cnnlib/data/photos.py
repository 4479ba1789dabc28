"""Photographs that matplotlib, scikit-image and scikit-learn install: no network needed."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F


def _grace_hopper() -> np.ndarray:
    from matplotlib import cbook, image

    return image.imread(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))


def _of_scikit_learn(name: str) -> Callable[[], np.ndarray]:
    def read() -> np.ndarray:
        from sklearn.datasets import load_sample_image

        return load_sample_image(f"{name}.jpg")

    return read


def _of_scikit_image(name: str) -> Callable[[], np.ndarray]:
    def read() -> np.ndarray:
        from skimage import data

        return getattr(data, name)()

    return read


PHOTOS = {
    "hopper": _grace_hopper,
    "china": _of_scikit_learn("china"),
    "flower": _of_scikit_learn("flower"),
    "astronaut": _of_scikit_image("astronaut"),
    "cat": _of_scikit_image("cat"),
    "coffee": _of_scikit_image("coffee"),
}


def photo(name: str, size: int | None = None) -> Tensor:
    """Load one photograph: a name of `PHOTOS` -> (1, 3, H, W) in [0, 1].

    `size` cuts out the central square and shrinks it to `size` pixels, each the mean of those it covers. Raises ValueError for
    a name that is not there.

    >>> photo("hopper", 64).shape
    torch.Size([1, 3, 64, 64])
    """
    if name not in PHOTOS:
        raise ValueError(f"photo must be one of {list(PHOTOS)}, got {name!r}")
    pixels = torch.from_numpy(PHOTOS[name]().copy()).permute(2, 0, 1)[None].float() / 255  # (1, 3, H, W)
    if size is None:
        return pixels
    side = min(pixels.shape[2:])
    top, left = ((length - side) // 2 for length in pixels.shape[2:])
    return F.interpolate(pixels[:, :, top : top + side, left : left + side], size=(size, size), mode="area")
