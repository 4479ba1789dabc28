"""Make the blocks of a slide from code, printed lines and figures, each with the height that it needs."""

import html
import math
import textwrap
from dataclasses import dataclass, replace

from nbconvert.filters import Highlight2HTML

from tools.pictures_of import Picture

WIDTH = 1160  # pixels of a slide of 1280 x 720 inside its margins
SMALLEST, LARGEST = 20, 26  # pixels of letters in code, printed lines and tables
ROWS = 18  # printed lines and rows of a table at most
highlight = Highlight2HTML()


@dataclass(frozen=True)
class Block:
    """A part of a slide; one with a step is hidden until a key is pressed. All blocks of one step appear together."""

    kind: str
    html: str
    height: int
    step: int | None = None
    ratio: float = 0  # of the width of a picture to its height; a picture takes the height that is left
    leaves: bool = False  # whether it makes room for what the first step shows
    width: int = WIDTH  # pixels that a table or code needs
    natural: int = 0  # pixels of width of a figure on a page, where its letters are just large enough
    lowest: int = 0  # pixels of height of code in the smallest letters

    @property
    def is_sight(self) -> bool:
        """Tell whether the block is a picture, an explorer or a table, which words can be about."""
        return bool(self.ratio) or self.kind == "table"

    def at(self, step: int | None) -> "Block":
        """Return the same block, which appears with a step."""
        return replace(self, step=step)


def size_for(lines: list[str], height: int) -> int:
    """Choose the letters' size for lines that have to fit into a slide's width and a height."""
    longest = max(map(len, lines), default=1)
    return int(max(SMALLEST, min(LARGEST, (WIDTH - 40) / (0.605 * longest), (height - 24) / (1.32 * len(lines)))))


def code(lines: list[str], height: int = 520) -> Block:
    """Lay out Python, as large as it fits."""
    size = size_for(lines, height)
    body = f'<div style="{style_of(lines, size)}">{highlight(chr(10).join(lines))}</div>'
    return Block("code", body, tall(lines, size), width=needs(lines), lowest=tall(lines, SMALLEST))


def style_of(lines: list[str], size: int) -> str:
    """Write the letters' size of code, and its columns, from which that in a narrow column follows."""
    return f"font-size: {size}px; --columns: {max(map(len, lines), default=1)}"


def needs(lines: list[str]) -> int:
    """Measure the width of code in the smallest letters."""
    return round(0.605 * SMALLEST * max(map(len, lines), default=1)) + 36


def tall(lines: list[str], size: int) -> int:
    """Measure the height of code on a slide."""
    return round(1.32 * size * wrapped(lines, size)) + 24


def wrapped(lines: list[str], size: int) -> int:
    """Count the lines that a slide shows of code, which breaks one that is too long."""
    return sum(max(1, math.ceil(len(line) * 0.605 * size / (WIDTH - 32))) for line in lines)


def in_place(stub: list[str], answer: list[str], height: int) -> Block:
    """Lay out a stub that the next key replaces by the answer."""
    size = min(size_for(lines, height) for lines in (stub, answer))
    start = f'data-fragment-index="0" style="{style_of([*stub, *answer], size)}"'
    both = f'<div class="code fragment fade-out" {start}>{highlight(chr(10).join(stub))}</div>'
    both += f'<div class="code fragment answer" {start}>{highlight(chr(10).join(answer))}</div>'
    low, high = (max(tall(stub, letters), tall(answer, letters)) for letters in (SMALLEST, size))
    return Block("in-place", both, high, width=needs([*stub, *answer]), lowest=low)


def print_out(lines: list[str]) -> Block:
    """Lay out printed lines: a line that is too long is wrapped, of too many the middle is left out."""
    wrapped = [part for line in lines for part in (textwrap.wrap(line, 92, subsequent_indent="  ") or [""])]
    if len(wrapped) > ROWS:
        wrapped = [*wrapped[: ROWS - 3], "...", *wrapped[-2:]]
    size = size_for(wrapped, 480)
    text = html.escape("\n".join(wrapped), quote=False)
    return Block("print", f'<pre style="font-size: {size}px">{text}</pre>', round(1.32 * size * len(wrapped)) + 26)


def figure(picture: Picture) -> Block:
    """Lay out a figure with its alternative text; it fills the free height."""
    ratio = picture.width / picture.height
    return Block("figure", f'<div class="sheet">{picture.tag()}</div>', 240, ratio=ratio, natural=picture.width)
