"""The table that grows through the course: one line a lesson, what each idea cost and what it bought."""

import html
from dataclasses import astuple, dataclass


@dataclass(frozen=True)
class Row:
    """One idea: parameters and multiply-adds of the network that made it known, its receptive field in input pixels."""

    year: int
    idea: str
    network: str
    parameters: str
    macs: str
    receptive_field: str
    cost: str
    bought: str


HEADINGS = ("year", "idea", "network", "parameters", "MACs", "receptive field", "what it cost", "what it bought")
ROWS = (
    Row(
        1998,
        "the same small filters everywhere",
        "LeNet-5, 32 x 32",
        "61,706",
        "416,520",
        "32",
        "every weight is paid for at every pixel",
        "what is learned in one place is known in all",
    ),
)


class Table:
    """Rows of text that a notebook shows as a table and a terminal as aligned columns."""

    def __init__(self, rows: tuple[Row, ...]) -> None:
        self.lines = [HEADINGS, *(tuple(map(str, astuple(row))) for row in rows)]

    def _repr_html_(self) -> str:
        body = "".join(
            f"<tr>{''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in line)}</tr>"
            for line, tag in zip(self.lines, ["th"] + ["td"] * len(self.lines), strict=False)
        )
        return f"<table>{body}</table>"

    def __repr__(self) -> str:
        widths = [max(map(len, column)) for column in zip(*self.lines, strict=True)]
        return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in self.lines)


def table(lessons: int) -> Table:
    """Show the rows of the first `lessons` lessons; raises ValueError if there are not so many."""
    if not 1 <= lessons <= len(ROWS):
        raise ValueError(f"the table has lines for lessons 1 to {len(ROWS)}, got {lessons}")
    return Table(ROWS[:lessons])
