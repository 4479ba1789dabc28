"""The course's colours and marks: told apart by readers with colour-blind eyes, and the same for the same thing.

Six colours are Okabe and Ito's (2008). For classes there are four more, chosen so that all ten differ, from each other, from
the background's grey and from white, as seen by readers who lack the red or green cones too.
"""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import count
from typing import NamedTuple

Colour = str | tuple[float, ...]  # as matplotlib takes it
INK, PALE = "#1f2933", "#e4e7eb"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
CLASS_COLOURS = (*COLOURS, "#f5ee8c", "#7a2800", "#14146e", "#000000")
BACKGROUND, IGNORED = "#5b6770", "#ffffff"
MARKS = ("o", "s", "^", "D", "v", "P")
DASHES = ("-", "--", ":", "-.")

_kinds: list[str] = []


class Look(NamedTuple):
    """How a series is drawn: no two of a chart agree in colour, mark and dashes."""

    colour: str
    mark: str
    dashes: str


def fix_colours(*kinds: str) -> None:
    """Give each kind of network its own colour and mark in every chart that follows, in the order of COLOURS and MARKS.

    A series or bar is of a kind if its name contains the kind's name: after `fix_colours("plain", "residual")`, "residual, 20
    layers" is orange in every figure. Of several names that fit, the longest counts. Called without names, it frees all.
    """
    _kinds[:] = kinds


def kind_of(name: str) -> int | None:
    """Find the kind whose name a series' name contains, as words: its place in `fix_colours`, or None."""
    found = [kind for kind in _kinds if re.search(rf"(?<!\w){re.escape(kind)}(?!\w)", name)]
    return _kinds.index(max(found, key=len)) if found else None


def looks(names: Iterable[str]) -> list[Look]:
    """Choose how each series of a chart is drawn: its kind's colour, or the next that is free.

    >>> [look.colour for look in looks(["a", "b"])]
    ['#0072b2', '#d55e00']
    """
    kinds = map(kind_of, names)
    free = count(len(_kinds))
    used: Counter[int] = Counter()
    made = []
    for place in (next(free) if kind is None else kind for kind in kinds):
        colour = place % len(COLOURS)
        turn = used[colour]
        used[colour] += 1
        made.append(Look(COLOURS[colour], MARKS[(place + turn) % len(MARKS)], DASHES[turn % len(DASHES)]))
    return made


def colour_of(label: int) -> str:
    """Return the colour of class `label`, the same in every figure."""
    return CLASS_COLOURS[label % len(CLASS_COLOURS)]
