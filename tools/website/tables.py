"""Sphinx extension: a column of numbers is aligned on the right, so that digits of one place are below each other."""

import re

from docutils import nodes
from sphinx.application import Sphinx

NUMBER = re.compile(r"[-−+≈<>]?\s?\d[\d,]*(\.\d+)?\s?[%×]?")
NOTHING = ("", "-", "–")


def is_of_numbers(cells: list[str]) -> bool:
    """Tell whether all cells of a column are numbers; some may be empty.

    >>> is_of_numbers(["1,024", "-", "≈ 3.5 %"]), is_of_numbers(["3", "three"]), is_of_numbers(["-"])
    (True, False, False)
    """
    filled = [cell for cell in map(str.strip, cells) if cell not in NOTHING]
    return bool(filled) and all(NUMBER.fullmatch(cell) for cell in filled)


def align(table: nodes.table) -> None:
    """Align the columns of numbers, except for a first one, which names the rows; a table with joined cells is left alone."""
    rows = [row.children for row in table.findall(nodes.row)]
    if len({len(row) for row in rows}) > 1:
        return
    headings = len(next(table.findall(nodes.thead), []))
    for column in list(zip(*rows, strict=True))[1:]:
        if is_of_numbers([cell.astext() for cell in column[headings:]]):
            for cell in column:
                cell["classes"] = [*(name for name in cell["classes"] if not name.startswith("text-")), "text-right"]


def on_read(app: Sphinx, document: nodes.document) -> None:
    """Align the tables of a page."""
    for table in document.findall(nodes.table):
        align(table)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("doctree-read", on_read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
