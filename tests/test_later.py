"""The map of what came after the six detectors: every box and word is in it, on a page and on a telephone."""

import re

import pytest

from cnnlib.diagrams.sheet import NARROW, WIDE
from cnnlib.drawings import yolo

DRAWING = yolo.later()


@pytest.mark.parametrize(("svg", "width"), [(DRAWING.svg, WIDE), (DRAWING.narrow, NARROW)])
def test_limits_and_detectors_are_drawn_next_to_each_other(svg, width):
    boxes = [list(map(float, box)) for box in re.findall(r'<rect x="(.+?)" y="(.+?)" width="(.+?)" height="(.+?)" rx="6"', svg)]
    assert len(boxes) == sum(1 + len(steps) for _, steps in yolo.LATER)
    for number, (x, y, w, h) in enumerate(boxes):
        assert x >= 0
        assert x + w <= width
        others = boxes[number + 1 :]
        assert not any(x < u + a and u < x + w and y < v + b and v < y + h for u, v, a, b in others)
    assert svg.count("<polygon") == sum(len(steps) for _, steps in yolo.LATER)  # an arrow before each detector
    words = " ".join(re.findall(r"<text[^>]*>(.*?)</text>", svg))
    for (limit, _), steps in yolo.LATER:
        assert all(name in words for name in (limit, *(name for name, _ in steps)))


def test_the_map_has_words_for_those_who_cannot_see_it():
    assert all(name in DRAWING.alt for _, steps in yolo.LATER for name, _ in steps)


def test_detectors_of_a_row_are_in_the_order_of_their_years():
    for _, steps in yolo.LATER:
        years = [int(name[-4:]) for name, _ in steps]
        assert years == sorted(years)
