"""Make the blocks of a slide (text, code, printed lines, table, figure), each with the height that it needs."""

import html
import math
import re
import textwrap
from dataclasses import dataclass

from nbconvert.filters import Highlight2HTML, markdown2html

from tools.pictures_of import Picture
from tools.slides.prose import in_short

WIDTH, ROOM = 1160, 640  # pixels of a slide of 1280 x 720 inside its margins
SMALLEST, LARGEST = 15, 26  # pixels of letters in code and printed lines
highlight = Highlight2HTML()


@dataclass
class Block:
    """A part of a slide; one with a step is hidden until a key is pressed. All blocks of one step appear together."""

    kind: str
    html: str
    height: int
    step: int | None = None
    best: int = 0  # preferred height of a figure, in pixels


def inline(text: str) -> str:
    """Turn one line of Markdown into HTML without a paragraph around it."""
    return re.sub(r"^<p>|</p>$", "", markdown2html(text).strip())


def markdown(text: str, kind: str = "prose") -> Block:
    """Lay out text, a list, a formula, a table or a fenced drawing."""
    if kind in ("fence", "code"):
        lines = [line for line in text.splitlines() if not line.startswith("```")]
        shift = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
        return code([line[shift:] for line in lines])
    if kind == "formula":
        size = 34 if len(text) < 85 else 26
        return Block(kind, f'<div style="font-size: {size}px">{html.escape(text, quote=False)}</div>', 110)
    if kind == "table":
        return table(markdown2html(text))
    rows = sum(math.ceil(len(row) / 82) for row in re.split(r"\n(?=- )", text))
    return Block(kind, markdown2html(text), 38 * rows + (10 * text.count("\n- ") if kind == "list" else 0) + 16)


def notice(text: str, max_length: int, step: int | None) -> Block:
    """Lay out what to notice, cut after the last sentence within `max_length` characters."""
    short = in_short(text, max_length)
    return Block("notice", inline(short), 36 * math.ceil(len(short) / 86) + 30, step)


def size_for(lines: list[str], height: int) -> int:
    """Choose the letters' size for lines that have to fit into a slide's width and a height."""
    longest = max(map(len, lines), default=1)
    return int(max(SMALLEST, min(LARGEST, (WIDTH - 40) / (0.605 * longest), (height - 24) / (1.32 * len(lines)))))


def code(lines: list[str], height: int = 480, step: int | None = None) -> Block:
    """Lay out Python, as large as it fits."""
    size = size_for(lines, height)
    body = highlight("\n".join(lines))
    return Block("code", f'<div style="font-size: {size}px">{body}</div>', round(1.32 * size * len(lines)) + 40, step)


def in_place(stub: list[str], answer: list[str], height: int) -> Block:
    """Lay out a stub that the next key replaces by the answer."""
    size = min(size_for(lines, height) for lines in (stub, answer))
    start = f'data-fragment-index="0" style="font-size: {size}px"'
    both = f'<div class="code fragment fade-out" {start}>{highlight(chr(10).join(stub))}</div>'
    both += f'<div class="code fragment" {start}>{highlight(chr(10).join(answer))}</div>'
    return Block("in-place", both, round(1.32 * size * len(answer)) + 40)


def print_out(lines: list[str], step: int | None = None) -> Block:
    """Lay out printed lines; a line that is too long is wrapped."""
    lines = [part for line in lines for part in ([line] if len(line) <= 120 else textwrap.wrap(line, 116))]
    size = size_for(lines, 360)
    text = html.escape("\n".join(lines), quote=False)
    return Block("print", f'<pre style="font-size: {size}px">{text}</pre>', round(1.32 * size * len(lines)) + 34, step)


def table(source: str, step: int | None = None) -> Block:
    """Lay out an HTML table, as large as it fits; of many rows with long cells only the last five are kept."""
    rows = re.findall(r"<tr.*?</tr>", source, re.DOTALL)
    columns, longest = source.count("<th"), max(len(re.sub(r"<[^>]+>", " ", row)) for row in rows)
    wide = longest > 100
    if wide and len(rows) > 6:
        source, rows = f"<table>{rows[0]}{''.join(rows[-5:])}</table>", rows[:6]
    for size in range(LARGEST, SMALLEST - 1, -1):
        lines = math.ceil(0.9 * size * longest / (WIDTH - 1.2 * size * columns)) if wide else 1
        height = round(len(rows) * size * (1.2 * lines + 0.5)) + 24
        if height < 540:
            break
    style = f"font-size: {size}px" + "; width: 100%" * wide
    return Block("table", source.replace("<table", f'<table style="{style}"', 1), height, step)


def figure(picture: Picture, step: int | None = None) -> Block:
    """Lay out a figure with its alternative text; it fills the free height."""
    width, height = picture.width, picture.height
    best = round(min(460, WIDTH * height / width))
    return Block("figure", picture.tag(), min(400 if height > 0.75 * width else 300, best), step, best)
