"""Lay out HTML tables: letters as large as they fit; where they would be too small, rows in the middle are left out."""

import math
import re

from tools.slides.blocks import LARGEST, SMALLEST, WIDTH, Block

ROOM = 450  # pixels of height
GAP = 1.2  # widths of a letter size between two columns
FLAT = 22  # pixels of letters that are not made smaller to keep each cell in one line
TALL = 4  # heights of a letter in a row at most, on average
LETTER = 0.56  # of the letters' size is the mean width of a letter


def table(source: str) -> Block:
    """Lay out a table."""
    rows = re.findall(r"<tr.*?</tr>", source, re.DOTALL)
    kept, gap = rows, []
    while height_of([*kept, *gap], SMALLEST) > ROOM and len(kept) > 3:
        gap = [f"<tr>{'<td>…</td>' * len(cells(rows[0]))}</tr>"]
        kept = [*kept[: len(kept) // 2], *kept[len(kept) // 2 + 1 :]]
    tall = [TALL * size * len(kept) for size in range(LARGEST + 1)]  # rows of many lines read badly
    sizes = range(LARGEST, SMALLEST, -1)
    shown, middle = [*kept, *gap], (len(kept) + 1) // 2
    fitting = [size for size in sizes if height_of(shown, size) <= min(ROOM, tall[size])] or [SMALLEST]
    flat = [size for size in fitting if size >= FLAT and width_of(shown, size) <= WIDTH - 40]  # no cell has two lines
    size = (flat or fitting)[0]
    style = f"font-size: {size}px{'; white-space: nowrap' if flat else ''}"
    body = "".join([*kept[:middle], *gap, *kept[middle:]])
    width = min(WIDTH, width_of(shown, size))
    return Block("table", f'<table style="{style}">{body}</table>', height_of(shown, size), width=width)


def cells(row: str) -> list[str]:
    """List the words in the cells of a row."""
    return [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]


def needs(rows: list[str]) -> list[int]:
    """Count the letters of the longest cell of each column."""
    return [max(map(len, column)) for column in zip(*map(cells, rows), strict=False)]


def width_of(rows: list[str], size: int) -> int:
    """Estimate the width of rows whose cells have one line."""
    return round(size * (LETTER * sum(needs(rows)) + GAP * len(needs(rows)))) + 10


def height_of(rows: list[str], size: int) -> int:
    """Estimate the height of rows: short columns get the width that they need, long ones share the rest."""
    columns = needs(rows)
    room = WIDTH / (LETTER * size) - GAP / LETTER * len(columns)  # letters in a line
    share = room / max(1, len(columns))
    long = [need for need in columns if need > share]
    rest = (room - sum(need for need in columns if need <= share)) / max(1, len(long))
    widths = [max(1, min(need, rest)) for need in columns]
    lines = [max(math.ceil(len(cell) / width) for cell, width in zip(cells(row), widths, strict=False)) for row in rows]
    return round(sum(size * (1.2 * count + 0.5) for count in lines)) + 12
