"""Names on boxes and regions: where a word covers neither another word nor more than it must of the picture."""

from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from cnnlib.canvas import SMALL, Figure
from cnnlib.colours import INK, Colour

MOST = 6  # names on one picture: more would cover it
COVERED = 0.5  # of a name's place must belong to the region
OWN = 0.25  # how much a pixel counts that a name covers of its own box, next to one of another
HIGH = 1.35  # the height of a name with its margin, in sizes of its letters

Frame = tuple[float, float, float, float]  # x1 y1 x2 y2


def name_boxes(ax: Axes, boxes: Sequence[Sequence[float]], names: Sequence[str], colours: Sequence[Colour]) -> None:
    """Write the names of boxes x1 y1 x2 y2 beside them, framed in the colours of their boxes.

    Only the first MOST are named, and of them those whose names have room that no earlier one has taken. A name goes where it
    covers least of the other boxes, or else of its own: on another box it would be taken for that box's name.
    """
    taken: list[Frame] = []
    for box, name, colour in list(zip(boxes, names, colours, strict=True))[:MOST]:
        width, height = _size(ax, name)
        x1, y1, x2, y2 = box
        near = x1 - 1, y1 - 1, x2 + 1, y2 + 1  # a name farther away would be taken for that of another box
        places = (place for place in _inside(ax, _around(box, width, height), width, height) if _meet(place, near))
        free = [place for place in places if not any(_meet(place, other) for other in taken)]
        others = [other for other in boxes if other is not box]
        frame = min(free, key=lambda place: _cost(place, box, others), default=None)
        if frame is None:
            continue
        taken.append(frame)
        style = {"facecolor": "white", "edgecolor": colour, "alpha": 0.88, "pad": 1.2, "linewidth": 1.2}
        middle = (frame[0] + frame[2]) / 2 - 0.5, (frame[1] + frame[3]) / 2 - 0.5
        ax.text(*middle, name, fontsize=SMALL, color=INK, ha="center", va="center", bbox=style)


def name_regions(ax: Axes, labels: np.ndarray, classes: Sequence[str]) -> None:
    """Write the name of class k > 0 where it covers most pixels of its class: labels (H, W); small regions get none."""
    taken: list[Frame] = []
    for k, name in enumerate(classes, 1):
        width, height = (int(np.ceil(length)) for length in _size(ax, name))
        if (labels == k).sum() < COVERED * width * height or width > labels.shape[1] or height > labels.shape[0]:
            continue
        sums = np.pad((labels == k).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
        covered = sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width] + sums[:-height, :-width]
        y, x = (int(place) for place in np.unravel_index(covered.argmax(), covered.shape))
        frame = x, y, x + width, y + height
        if covered.max() < COVERED * width * height or any(_meet(frame, other) for other in taken):
            continue
        taken.append(frame)
        style = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.8}
        middle = x + width / 2 - 0.5, y + height / 2 - 0.5
        ax.text(*middle, name, fontsize=SMALL, color=INK, ha="center", va="center", bbox=style)


def _size(ax: Axes, name: str) -> tuple[float, float]:
    """Measure a name with its margin in pixels of the picture that `ax` shows."""
    low, high = sorted(ax.get_xlim())
    scale = (high - low) / (72 * 0.94 * cast(Figure, ax.figure).panel)  # the rest is a margin
    width, _, _ = text_to_path.get_text_width_height_descent(name, FontProperties(size=SMALL), False)
    return (width + 5) * scale, HIGH * SMALL * scale


def _around(box: Sequence[float], width: float, height: float) -> Iterator[tuple[float, float]]:
    """Propose corners for a name: above the box, below it, inside it, then down along it."""
    x1, y1, x2, y2 = box
    yield from ((x1, y1 - height), (x2 - width, y1 - height), (x1, y2), (x2 - width, y2), (x1, y1), (x1, y2 - height))
    yield from ((x, y + height * n / 2) for n in range(1, 12) for y in (y1, y1 - height * n) for x in (x1, x2 - width))


def _inside(ax: Axes, corners: Iterator[tuple[float, float]], width: float, height: float) -> Iterator[Frame]:
    """Move names into the picture."""
    (left, right), (top, bottom) = (sorted(limits) for limits in (ax.get_xlim(), ax.get_ylim()))
    for x, y in corners:
        x = max(left + 0.5, min(x, right - width))
        y = max(top + 0.5, min(y, bottom - height))
        yield x, y, x + width, y + height


def _cost(place: Frame, box: Sequence[float], others: Sequence[Sequence[float]]) -> float:
    """Measure how much of the other boxes a name covers, and a little of its own."""
    return sum(_shared(place, other) for other in others) + OWN * _shared(place, box)


def _shared(one: Sequence[float], other: Sequence[float]) -> float:
    sides = (min(one[end], other[end]) - max(one[end - 2], other[end - 2]) for end in (2, 3))
    return float(np.prod([max(side, 0.0) for side in sides]))


def _meet(one: Frame, other: Frame) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
