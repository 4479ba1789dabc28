"""Tables: aligned text for a terminal, HTML for a notebook."""

from collections.abc import Collection, Sequence
from html import escape


class Table:
    """Rows of text below headings; the columns named in `numbers` are aligned on the right, and `total` is a last row.

    Raises ValueError if a row has more or fewer cells than there are headings.

    >>> Table(("network", "weights"), [("LeNet-5", "61,706"), ("VGG-16", "138,357,544")], numbers=["weights"])
    network      weights
    LeNet-5       61,706
    VGG-16   138,357,544
    """

    def __init__(
        self,
        headings: Sequence[str],
        rows: Sequence[Sequence[str]],
        numbers: Collection[str] = (),
        total: Sequence[str] | None = None,
    ) -> None:
        self.headings, self.rows, self.total = tuple(headings), [tuple(row) for row in rows], total
        self.is_number = [heading in numbers for heading in headings]
        for row in (*self.rows, *([total] if total else [])):
            if len(row) != len(headings):
                raise ValueError(f"each row must have {len(headings)} cells, one per heading, got {row}")

    def __repr__(self) -> str:
        lines = [self.headings, *self.rows, *([self.total] if self.total else [])]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join("  ".join(map(_aligned, line, widths, self.is_number)).rstrip() for line in lines)

    def _repr_html_(self) -> str:
        head = self._html_row(self.headings, "th")
        body = "\n".join(self._html_row(row, "td") for row in self.rows)
        foot = f"\n<tfoot>{self._html_row(self.total, 'td')}</tfoot>" if self.total else ""
        return f"<table>\n<thead>{head}</thead>\n<tbody>\n{body}\n</tbody>{foot}\n</table>"

    def _html_row(self, row: Sequence[str], tag: str) -> str:
        sides = ["right" if is_number else "left" for is_number in self.is_number]
        cells = (f'<{tag} style="text-align: {side}">{escape(cell)}</{tag}>' for side, cell in zip(sides, row, strict=True))
        return f"<tr>{''.join(cells)}</tr>"


def _aligned(cell: str, width: int, is_number: bool) -> str:
    return cell.rjust(width) if is_number else cell.ljust(width)
