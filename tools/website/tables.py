"""Sphinx extension: a column of numbers is aligned on the right, so that digits of one place are below each other.

An empty heading is a plain cell, since a reader who hears the table would wait for its words.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

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


class blank(nodes.entry):  # noqa: N801 (docutils names a node as its element)
    """A cell of a table's head without words."""


def visit_blank(translator: HTML5Translator, node: nodes.Element) -> None:
    """Begin a cell."""
    node.parent.column += 1  # pyright: ignore[reportAttributeAccessIssue] a cell of the table is read inside its parent
    translator.body.append(translator.starttag(node, "td", ""))


def depart_blank(translator: HTML5Translator, node: nodes.Element) -> None:
    """End a cell."""
    translator.body.append("</td>\n")


def fill(table: nodes.table) -> None:
    """Make plain cells of the empty headings of a table."""
    for head in table.findall(nodes.thead):
        for cell in [cell for cell in head.findall(nodes.entry) if not cell.astext()]:
            cell.replace_self(blank("", **cell.attributes))


def on_read(app: Sphinx, document: nodes.document) -> None:
    """Align the tables of a page and look after their headings."""
    for table in document.findall(nodes.table):
        align(table)
        fill(table)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_node(blank, html=(visit_blank, depart_blank))
    app.connect("doctree-read", on_read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
