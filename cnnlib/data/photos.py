"""Photographs: those that matplotlib, scikit-image and scikit-learn install, and the reader's own; no network is needed."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor
from torch.nn import functional as F

from cnnlib.files import reason


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


def photo(name: str | os.PathLike, size: int | None = None) -> Tensor:
    """Load one photograph, a name of `PHOTOS` or the path of an image file: -> (1, 3, H, W) in [0, 1].

    A file is shown upright, as its EXIF data say; grey, palette and CMYK images become RGB, 16 bits are kept, and what is
    transparent becomes white. `size` cuts out the central square and shrinks it to `size` pixels, each the mean of those it
    covers. Raises ValueError, with one sentence, for what is neither a name nor an image.

    >>> photo("hopper", 64).shape
    torch.Size([1, 3, 64, 64])
    """
    known = PHOTOS.get(name) if isinstance(name, str) else None
    pixels = (torch.from_numpy(known().copy()).float() / 255 if known else _file(name)).permute(2, 0, 1)[None]
    if size is None:
        return pixels  # (1, 3, H, W)
    side = min(pixels.shape[2:])
    top, left = ((length - side) // 2 for length in pixels.shape[2:])
    return F.interpolate(pixels[:, :, top : top + side, left : left + side], size=(size, size), mode="area")


def _file(name: str | os.PathLike) -> Tensor:
    """Read an image file: (H, W, 3) in [0, 1]."""
    if not isinstance(name, str | os.PathLike) or not Path(name).expanduser().is_file():
        raise ValueError(f"photo must be one of {list(PHOTOS)} or the path of a file, got {str(name)!r}, which is neither")
    file = Path(name).expanduser()
    try:
        with Image.open(file) as image:
            return _pixels(ImageOps.exif_transpose(image))
    except Exception as error:  # each format has a decoder with errors of its own
        raise ValueError(f"{file.name} cannot be read as an image ({reason(error)}): save it as a JPEG or PNG file") from None


def _pixels(image: Image.Image) -> Tensor:
    """Turn an image of any mode into colours on white: (H, W, 3) in [0, 1]."""
    if image.mode.startswith(("I", "F")):  # grey of 16 bits, or fractions of 1
        grey = torch.from_numpy(np.array(image, np.float32)) / (1 if image.mode == "F" else 65535)
        return grey.clamp(0, 1)[:, :, None].expand(-1, -1, 3)
    image = image.convert("RGBA")
    on_white = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return torch.from_numpy(np.array(on_white)).float() / 255
