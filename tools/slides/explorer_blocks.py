"""Explorers in a deck: each place has its still picture and values, and one script for all brings them to life."""

import re
from dataclasses import replace
from typing import Any

from cnnlib.explorers import EXPLORERS
from cnnlib.explorers.explorer import still as stored
from cnnlib.explorers.page import place, shared
from tools.pictures_of import Picture, size_of
from tools.slides.blocks import Block, figure

PLACE = re.compile(r'data-explorer="(\w+)"')
RATIO = 1.9  # width to height of the room that an explorer is given


def explorer(name: str, values: dict[str, Any]) -> Block:
    """Lay out an explorer; touches and keys inside of it do not turn the slides."""
    return Block("explorer", f'<div tabindex="-1" data-prevent-swipe>{place(name, values)}</div>', 480, ratio=RATIO)


def still(block: Block) -> Block:
    """Lay out the still picture of an explorer, beside words about what one has seen."""
    name = PLACE.findall(block.html)[0]
    data = stored(name) or b""
    picture = Picture(data, ".png", EXPLORERS[name].alt, *size_of(data), on_white=True)
    return replace(figure(picture), natural=0)  # it has more pixels than a page shows


def script(blocks: list[Block]) -> str:
    """Write the styles and the script for all explorers among some blocks; an empty string if there is none."""
    names = [name for block in blocks for name in PLACE.findall(block.html)]
    return shared(names) if names else ""
