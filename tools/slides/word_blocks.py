"""Make the blocks of a slide from Markdown, each with the height that it needs."""

import html
import math
import re
import textwrap
from pathlib import Path

from nbconvert.filters import markdown2html

from tools import ROOT
from tools.forms import IMAGE
from tools.pictures_of import Picture, size_of
from tools.slides.blocks import Block, code, figure
from tools.slides.table_blocks import table
from tools.slides.words import Words, inline


def block_of(words: Words) -> Block:
    """Lay out a block of Markdown."""
    if words.kind == "picture":
        [(alt, path)] = IMAGE.findall(words.text)
        return figure(stored(ROOT / "solutions" / path, alt))
    if words.kind == "code":
        lines = [line for line in words.text.splitlines() if not line.startswith("```")]
        return code(textwrap.dedent("\n".join(lines)).splitlines())
    if words.kind == "table":
        return table(markdown2html(words.text))
    if words.kind == "formula":
        size = 34 if len(words.text) < 85 else 28
        return Block("formula", f'<div style="font-size: {size}px">{html.escape(words.text, quote=False)}</div>', 110)
    rows = re.split(r"\n(?=(?:-|\d+\.) )", words.text)
    height = 38 * sum(math.ceil(len(row) / 80) for row in rows) + 10 * len(rows)
    return Block(words.kind, markdown2html(words.text), height)


def drawing_of(words: Words) -> dict[str, Block]:
    """Return a picture of the text by the name of its file, without the suffix."""
    [(_, path)] = IMAGE.findall(words.text)
    return {Path(path).stem: block_of(words)}


def part(title: str) -> Block:
    """Lay out a heading in the middle of a slide."""
    return Block("part", f"<h3>{inline(title)}</h3>", 56)


def notice(text: str) -> Block:
    """Lay out what to notice."""
    return Block("notice", inline(text), 34 * math.ceil(len(text) / 92) + 12)


def stored(path: Path, alt: str) -> Picture:
    """Read the file of a picture, or the SVG of the same drawing beside it."""
    sharp = path.with_suffix(".svg")
    path = sharp if sharp.is_file() else path
    data = path.read_bytes()
    return Picture(data, path.suffix, alt, *size_of(data), on_white=True)
