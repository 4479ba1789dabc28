"""Ids of cells that stay the same when other cells are added, removed or renumbered."""

import re
from collections.abc import Iterable
from itertools import chain, count

from nbformat import NotebookNode

from tools.exercises import exercise_of

WORDS = 6  # of a cell's first line
MARKUP = re.compile(r"^(:{3,}.*|:\w+:.*|\([\w-]+\)=|\s*)\n", re.MULTILINE)  # lines of directives, labels, blank lines


def set_ids(cells: list[NotebookNode]) -> None:
    """Identify an exercise by the name of its check, and any other cell by its first words (and a number among equals)."""
    taken = {f"{name}{suffix}" for cell in cells for name in [exercise_of(cell)] for suffix in ("", "-check")}
    for cell in cells:
        cell.id = exercise_of(cell) or free_id(first_words(cell.source), taken)
        taken.add(cell.id)


def first_words(source: str) -> str:
    """Turn the first line of a cell into an id, without directives and the numbers of sections, which may change.

    >>> first_words("## 1.3 Stride, padding, and the size of what comes out")
    'stride-padding-and-the-size-of'
    >>> first_words(":::{exercise} conv1x1\\n:kind: write\\n\\nWrite `conv1x1` with one product.\\n:::")
    'write-conv1x1-with-one-product'
    """
    line = MARKUP.sub("", source).strip().partition("\n")[0].lower()
    words = re.findall(r"\d*[a-z][a-z0-9]*", line.encode("ascii", "ignore").decode())
    return "-".join(words[:WORDS])[:56] or "cell"


def free_id(wanted: str, taken: Iterable[str]) -> str:
    """Append a number to an id that is taken: the second of equals ends with -2."""
    return next(one for one in chain([wanted], (f"{wanted}-{number}" for number in count(2))) if one not in taken)
