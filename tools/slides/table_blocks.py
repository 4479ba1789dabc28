"""Lay out HTML tables: letters as large as they fit; where they would be too small, rows in the middle are left out."""

import math
import re

from tools.slides.blocks import LARGEST, SMALLEST, WIDTH, Block

ROOM = 450  # pixels of height
GAP = 1.2  # widths of a letter size between two columns
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
    size = next((size for size in sizes if height_of([*kept, *gap], size) <= min(ROOM, tall[size])), SMALLEST)
    middle = len(kept) // 2
    body = "".join([*kept[:middle], *gap, *kept[middle:]])
    return Block("table", f'<table style="font-size: {size}px">{body}</table>', height_of([*kept, *gap], size))


def cells(row: str) -> list[str]:
    """List the words in the cells of a row."""
    return [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]


def height_of(rows: list[str], size: int) -> int:
    """Estimate the height of rows: short columns get the width that they need, long ones share the rest."""
    words = [cells(row) for row in rows]
    needs = [max(map(len, column)) for column in zip(*words, strict=False)]
    room = WIDTH / (LETTER * size) - GAP / LETTER * len(needs)  # letters in a line
    share = room / max(1, len(needs))
    long = [need for need in needs if need > share]
    rest = (room - sum(need for need in needs if need <= share)) / max(1, len(long))
    widths = [max(1, min(need, rest)) for need in needs]
    lines = [max(math.ceil(len(cell) / width) for cell, width in zip(row, widths, strict=False)) for row in words]
    return round(sum(size * (1.2 * count + 0.5) for count in lines)) + 12
