"""The influence of each pixel on the middle unit of each layer of VGG-16, which is computed once and stored."""

import base64
from typing import Any

import numpy as np
from torch import Tensor
from torch.nn import functional as F

from cnnlib import receptive_fields
from cnnlib.data.photos import PHOTOS, photo
from cnnlib.explorers.receptive_field import SIDE
from cnnlib.models.vgg import LAYERS, narrow_vgg
from cnnlib.receptive_fields import Field, side_of_95_percent

MAP = 56  # pixels of a stored map's side at most: larger fields are averaged
EQUAL = "equal"  # with equal weights the influence is the same on every photograph


def measured() -> dict[str, Any]:
    """Measure every layer, with and without pools, with random weights on each photograph and with equal ones.

    `fields[pools]` lists size, stride and first row of each layer's field. `sides[pools][key]` lists the side of the square
    with 95 % of the influence. `maps[pools][key]` holds the maps as bytes in base64, one after the other, each the
    square root of the influence, 255 at its largest, over the part of the field that lies within the image.
    """
    found: dict[str, Any] = {"layers": list(LAYERS), "fields": {}, "sides": {}, "maps": {}}
    for pools in (True, False):
        name = "five" if pools else "none"
        fields = field_after(pools)
        found["fields"][name] = [[field.size, field.stride, first_row(field)] for field in fields]
        found["sides"][name], found["maps"][name] = {}, {}
        for key in (*PHOTOS, EQUAL):
            sides, maps = zip(*(_one(layer, field, pools, key) for layer, field in enumerate(fields, 1)), strict=True)
            found["sides"][name][key] = list(sides)
            found["maps"][name][key] = base64.b64encode(b"".join(maps)).decode()
    return found


def field_after(pools: bool) -> list[Field]:
    """List the receptive field of each layer, from the first."""
    fields = [Field()]
    for name in LAYERS:
        pool = name.startswith("pool")
        window = (2, 2) if pool else (3, 1, 1)
        fields.append(fields[-1] if pool and not pools else fields[-1].through(*window))
    return fields[1:]


def first_row(field: Field) -> int:
    """Find the first row of the image that the middle unit sees; a negative row is in the padding."""
    return field.rows(SIDE // field.stride // 2)[0]


def influence(layer: int, field: Field, pools: bool, key: str) -> Tensor:
    """Measure the influence of each pixel on the middle unit of a layer: -> (224, 224)."""
    equal = key == EQUAL
    image = photo(next(iter(PHOTOS)) if equal else key, SIDE)
    pixels = image.mean(1, keepdim=True) if equal else (image - image.mean()) / image.std()
    middle = SIDE // field.stride // 2
    return receptive_fields.influence(narrow_vgg(pools, equal)[:layer], pixels[0], (middle, middle))


def shrunk(whole: Tensor, field: Field) -> np.ndarray:
    """Cut the field out of an influence and shrink it to at most `MAP` pixels: (224, 224) -> bytes (side, side)."""
    first = first_row(field)
    inside = slice(max(first, 0), min(first + field.size, SIDE))
    part = whole[inside, inside]
    side = min(len(part), MAP)
    small = F.interpolate(part[None, None], size=(side, side), mode="area")[0, 0]
    return (small / small.max()).sqrt().mul(255).round().byte().numpy()


def _one(layer: int, field: Field, pools: bool, key: str) -> tuple[int, bytes]:
    whole = influence(layer, field, pools, key)
    side = side_of_95_percent(whole, first_row(field) + (field.size - 1) / 2)
    return side, shrunk(whole, field).tobytes()
