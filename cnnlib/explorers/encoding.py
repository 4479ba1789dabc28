"""Photographs and scenes as small images that a browser reads: data addresses."""

import base64
import io
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

QUALITY = 85


def data_url(image: "Tensor", quality: int = QUALITY) -> str:
    """Write an image as the address of a JPEG: (3, H, W) or (1, H, W) in [0, 1] -> "data:image/jpeg;base64,...".

    >>> import torch
    >>> data_url(torch.zeros(1, 8, 8))[:23]
    'data:image/jpeg;base64,'
    """
    import numpy as np
    from PIL import Image

    pixels = (image.detach().cpu().clamp(0, 1) * 255).round().byte().numpy()
    picture = Image.fromarray(np.moveaxis(pixels, 0, -1).squeeze(-1) if len(pixels) == 1 else np.moveaxis(pixels, 0, -1))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality, subsampling=0, optimize=True)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"


@cache
def photographs(side: int, gray: bool = False) -> dict[str, str]:
    """Write the course's photographs as `side` x `side` pixels: name -> address."""
    from cnnlib.data.photos import PHOTOS, photo

    found = {name: photo(name, side)[0] for name in PHOTOS}
    return {name: data_url(image.mean(0, keepdim=True) if gray else image) for name, image in found.items()}


@cache
def drawn_scenes(count: int, size: int, seed: int) -> list[dict[str, Any]]:
    """Draw scenes and write them as the modules read them: image, boxes and labels, without padding."""
    from cnnlib.data.scenes import scenes

    found = []
    for image, boxes, labels in zip(*scenes(count, size, seed)[:3], strict=True):
        there = labels >= 0
        lists = {"boxes": boxes[there].long().tolist(), "labels": labels[there].tolist()}
        found.append({"image": data_url(image, quality=92)} | lists)
    return found
