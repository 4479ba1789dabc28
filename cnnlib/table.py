"""Tables: aligned text for a terminal, HTML for a notebook."""

import math
from collections.abc import Collection, Iterable, Sequence
from html import escape
from typing import TypeAlias

Cell: TypeAlias = str | int | float


class Table:
    """Rows below headings, which name the units; `total` is a last row, and a `caption` is written above.

    Cells are words or numbers. A column of numbers is aligned on the right: whole numbers with commas, others with as many
    decimals as give the largest of them three digits. `numbers` names further columns for the right, whose numbers are already
    text. The items of a dict are rows. Raises ValueError if a row has more or fewer cells than there are headings.

    >>> Table(("network", "weights"), {"LeNet-5": 61_706, "VGG-16": 138_357_544}.items())
    network      weights
    LeNet-5       61,706
    VGG-16   138,357,544
    """

    def __init__(
        self,
        headings: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        numbers: Collection[str] = (),
        total: Sequence[Cell] | None = None,
        caption: str = "",
    ) -> None:
        self.headings, self.caption, cells = tuple(headings), caption, [tuple(row) for row in rows]
        for row in (*cells, *([total] if total else [])):
            if len(row) != len(headings):
                raise ValueError(f"each row must have {len(headings)} cells, one per heading, got {row}")
        columns = list(zip(*cells, *([total] if total else []), strict=True)) or [()] * len(headings)
        self.is_number = [
            heading in numbers or (bool(column) and all(isinstance(cell, int | float) for cell in column if cell != ""))
            for heading, column in zip(headings, columns, strict=True)
        ]
        written = list(zip(*map(_written, columns), strict=True))
        self.rows, self.total = (written[:-1], written[-1]) if total else (written, None)

    def __repr__(self) -> str:
        lines = [self.headings, *self.rows, *([self.total] if self.total else [])]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        text = ["  ".join(map(_aligned, line, widths, self.is_number)).rstrip() for line in lines]
        return "\n".join([self.caption] * bool(self.caption) + text)

    def _repr_html_(self) -> str:
        head = self._html_row(self.headings, "th")
        body = "\n".join(self._html_row(row, "td") for row in self.rows)
        foot = f"\n<tfoot>{self._html_row(self.total, 'td')}</tfoot>" if self.total else ""
        caption = f"<caption>{escape(self.caption)}</caption>\n" if self.caption else ""
        return f"<table>\n{caption}<thead>{head}</thead>\n<tbody>\n{body}\n</tbody>{foot}\n</table>"

    def _html_row(self, row: Sequence[str], tag: str) -> str:
        sides = ["right" if is_number else "left" for is_number in self.is_number]
        tags = [tag if cell else "td" for cell in row]  # an empty heading is none, for those who hear the table
        cells = (
            f'<{tag} style="text-align: {side}">{escape(cell)}</{tag}>'
            for tag, side, cell in zip(tags, sides, row, strict=True)
        )
        return f"<tr>{''.join(cells)}</tr>"


def _written(column: Sequence[Cell]) -> list[str]:
    """Write the cells of a column, its fractions with equally many decimals."""
    fractions = [abs(cell) for cell in column if isinstance(cell, float) and math.isfinite(cell)]
    largest = max(fractions, default=0)
    decimals = max(0, 2 - math.floor(math.log10(largest))) if largest else 2
    form = {float: f",.{decimals}f", int: ","}
    return [format(cell, form.get(type(cell), "")) for cell in column]


def _aligned(cell: str, width: int, is_number: bool) -> str:
    return cell.rjust(width) if is_number else cell.ljust(width)
