"""Fold a drawing that is taller than a slide: its parts are next to each other, and its line goes on from one to the next."""

import re
from dataclasses import replace
from itertools import pairwise

from tools.pictures_of import Picture, size_of
from tools.slides.blocks import WIDTH

HEIGHT = 540  # pixels of a slide below its title
GAP, TURN = 40, 16  # pixels between two parts, and above and below them, where the line turns
WORTH = 1.15  # times larger than as a whole are the letters of a drawing that is folded
MOVED = re.compile(r'<g transform="translate\((\d+) \1\)">')  # the drawing inside its margin
BOX = re.compile(r'<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="([\d.]+)"')
CIRCLE = re.compile(r'<circle cx="([\d.-]+)" cy="([\d.-]+)" r="([\d.]+)"')
TEXT = re.compile(r'<text x="([\d.-]+)" y="([\d.-]+)"')
LINE = re.compile(r'<polyline points="([^"]+)"')
VOLUME = "fill-opacity"  # of the faces of volumes, whose rows go from left to right
STYLE = 'fill="none" stroke="#1f2933" stroke-width="1.4"'


def folded(picture: Picture) -> Picture:
    """Return the drawing in the form in which it is largest on a slide: as it is, or one of its two forms in parts."""
    best, scale = picture, WORTH * scale_of(picture.width, picture.height)
    for data in (picture.data, picture.narrow) if picture.narrow else ():
        for count in (2, 3):
            drawing = in_parts(data.decode(), count)
            if drawing and scale_of(*size_of(drawing)) > scale:
                width, height = size_of(drawing)
                best = replace(picture, data=drawing, width=width, height=height, narrow=b"")
                scale = scale_of(width, height)
    return best


def scale_of(width: int, height: int) -> float:
    """Return the scale at which a picture of this size fills a slide."""
    return min(WIDTH / width, HEIGHT / height)


def in_parts(svg: str, count: int) -> bytes:
    """Cut a drawing where a single line goes down, and draw its parts side by side; nothing where there is no such place."""
    cuts = [cut for part in range(1, count) if (cut := nearest(svg, part / count))]
    if len(set(cuts)) < count - 1:
        return b""
    width, height = size_of(svg.encode())
    edges = [0.0, *(y for y, _ in cuts), float(height)]
    head, inner = svg[: svg.index(">") + 1], svg[svg.index(">") + 1 : svg.rindex("</svg>")]
    wide, tall = count * width + (count - 1) * GAP, round(max(b - a for a, b in pairwise(edges)) + 2 * TURN)
    parts = [f'<rect width="{wide}" height="{tall}" rx="8" fill="white"/>']
    for place, (start, end) in enumerate(pairwise(edges)):
        left, size = place * (width + GAP), f'width="{width}" height="{end - start:g}"'
        view = f'viewBox="0 {start:g} {width} {end - start:g}"'
        parts.append(f'<svg x="{left}" y="{TURN}" {size} {view}>{inner}</svg>')
        if place:
            parts.append(turn(left, left - GAP - width, cuts[place - 1][1], TURN + start - edges[place - 1]))
    sizes = f'width="{wide}" height="{tall}" viewBox="0 0 {wide} {tall}"'
    head = re.sub(r'width="\d+" height="\d+" viewBox="[^"]+"', sizes, head, count=1)
    return "\n".join([head, *parts, "</svg>"]).encode()


def turn(left: float, before: float, x: float, bottom: float) -> str:
    """Draw the line from the lower end of the part at `before` to the upper end of the next, at `left`."""
    half, middle = TURN / 2, left - GAP / 2
    corners = [(before + x, bottom), (before + x, bottom + half), (middle, bottom + half)]
    corners += [(middle, half), (left + x, half), (left + x, TURN)]
    return f'<polyline points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in corners)}" {STYLE}/>'


def nearest(svg: str, share: float) -> tuple[float, float] | None:
    """Find the height nearest to a share of the whole at which nothing but one line goes down, and the line's x."""
    moved, (_, height) = MOVED.search(svg), size_of(svg.encode())
    if moved is None or VOLUME in svg:
        return None
    margin, drawn = float(moved[1]), svg[moved.end() :]
    taken = [(y - 10, y + tall) for _, y, _, tall in numbers(BOX, drawn)]
    taken += [(y - r, y + r) for _, y, r in numbers(CIRCLE, drawn)] + [(y - 14, y + 5) for _, y in numbers(TEXT, drawn)]
    lines = [[tuple(map(float, point.split(","))) for point in points.split()] for points in LINE.findall(drawn)]
    sides = [pair for line in lines for pair in pairwise(line)]
    found = []
    for y in range(20, height - 20, 2):
        crossing = {x for (x, start), (_, end) in sides if min(start, end) <= y <= max(start, end)}
        if len(crossing) == 1 and not any(start - 2 <= y <= end + 2 for start, end in taken):
            found.append((y + margin, crossing.pop() + margin))
    return min(found, key=lambda cut: abs(cut[0] - share * height), default=None)


def numbers(pattern: re.Pattern, drawn: str) -> list[tuple[float, ...]]:
    """List the numbers of all elements of a kind."""
    return [tuple(map(float, found)) for found in pattern.findall(drawn)]
