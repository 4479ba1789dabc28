"""A white sheet to draw on, written as SVG with the standard library, and the value that a notebook shows."""

import base64
import html
import re
from dataclasses import dataclass, field

from cnnlib.canvas import INK
from cnnlib.diagrams.raster import rasterised
from cnnlib.diagrams.text import LINE, SIZE, width
from cnnlib.mime import DRAWING

MARGIN = 10  # pixels of white around a drawing
WIDE, NARROW = 720, 358  # CSS pixels: the column of a page and of a telephone
NARROW_SCREEN = 640  # CSS pixels of a window below which the narrow form is shown
FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"
KINDS = {  # Okabe and Ito's colours for edges and volumes, and a tint of each under dark letters
    "convolution": ("#0072b2", "#dcecf7"),
    "pooling": ("#d55e00", "#fbe6d8"),
    "upsampling": ("#e69f00", "#fcf0d5"),
    "linear": ("#009e73", "#d9f2ea"),
    "block": ("#56b4e9", "#e3f3fc"),
    "concatenation": ("#cc79a7", "#f8e8f1"),
    "sum": (INK, "#ffffff"),
    "data": (INK, "#ffffff"),
    "other": ("#6b7785", "#eef0f2"),
    "pointwise": ("#6b7785", "#eef0f2"),
}
PIECES = ("#e3b5cd", "#ffffff")  # light enough for dark letters


@dataclass
class Sheet:
    """Collect shapes and words at pixels (x, y), y downwards, and write them out as one SVG."""

    elements: list[str] = field(default_factory=list)

    def box(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        """Draw a rounded box in the colours of a kind."""
        edge, fill = KINDS[kind]
        place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
        self.elements.append(f'<rect {place} rx="6" fill="{fill}" stroke="{edge}" stroke-width="1.6"/>')

    def piece(self, x: float, y: float, width: float, height: float, index: int) -> None:
        """Draw one of the maps that a concatenation puts side by side, light and dark in turns."""
        place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
        self.elements.append(f'<rect {place} fill="{PIECES[index % 2]}" stroke="{INK}" stroke-width="0.8"/>')

    def shade(self, x: float, y: float, width: float, height: float) -> None:
        """Fill a rectangle without an edge, in the tint of a concatenation."""
        place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
        self.elements.append(f'<rect {place} fill="{KINDS["concatenation"][1]}"/>')

    def polygon(self, points: list[tuple[float, float]], fill: str, opacity: float = 1) -> None:
        """Fill a polygon, with a thin dark edge."""
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.elements.append(f'<polygon points="{corners}" fill="{fill}" fill-opacity="{opacity:g}" stroke="{INK}"/>')

    def line(self, points: list[tuple[float, float]], arrow: bool = False) -> None:
        """Draw a line through points, with an arrowhead at its end if `arrow`."""
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.elements.append(f'<polyline points="{corners}" fill="none" stroke="{INK}" stroke-width="1.4"/>')
        if arrow:
            self._arrowhead(points[-2], points[-1])

    def _arrowhead(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        (x0, y0), (x, y) = start, end
        length = max(((x - x0) ** 2 + (y - y0) ** 2) ** 0.5, 1e-6)
        dx, dy = (x - x0) / length, (y - y0) / length
        sides = [(x - 8 * dx - 4 * dy, y - 8 * dy + 4 * dx), (x - 8 * dx + 4 * dy, y - 8 * dy - 4 * dx)]
        corners = " ".join(f"{a:.1f},{b:.1f}" for a, b in ((x, y), *sides))
        self.elements.append(f'<polygon points="{corners}" fill="{INK}"/>')

    def plus(self, x: float, y: float, radius: float) -> None:
        """Draw a circled plus around (x, y)."""
        edge, fill = KINDS["sum"]
        self.elements.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{fill}" stroke="{edge}" stroke-width="1.6"/>'
        )
        arm = radius - 5
        self.line([(x - arm, y), (x + arm, y)])
        self.line([(x, y - arm), (x, y + arm)])

    def text(self, x: float, y: float, words: str, bold: bool = False, anchor: str = "middle") -> None:
        """Write one line with its baseline at y, around x or, with the anchor "start", from x on."""
        weight = ' font-weight="bold"' if bold else ""
        length = f'textLength="{width(words, bold):.1f}" lengthAdjust="spacingAndGlyphs"'
        place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
        self.elements.append(f"<text {place} {length}{weight}>{html.escape(words)}</text>")

    def lines(self, x: float, y: float, lines: list[tuple[str, bool]]) -> None:
        """Write lines (words, bold) below each other, centred on x, from y downwards."""
        for i, (words, bold) in enumerate(lines):
            self.text(x, y + i * LINE + SIZE, words, bold)

    def svg(self, width: float, height: float, title: str) -> str:
        """Write the sheet out: the origin of the drawing is inside the margin."""
        w, h = round(width) + 2 * MARGIN, round(height) + 2 * MARGIN
        head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img"'
        style = f'font-family="{FONT}" font-size="{SIZE}" fill="{INK}"'
        body = "\n".join(self.elements)
        return (
            f"{head} {style}>\n<title>{html.escape(title)}</title>\n"
            f'<rect width="{w}" height="{h}" rx="8" fill="white"/>\n'
            f'<g transform="translate({MARGIN} {MARGIN})">\n{body}\n</g>\n</svg>\n'
        )


@dataclass(frozen=True)
class Diagram:
    """A drawing in two forms, for a page and for a telephone, with a name and a text alternative; a notebook shows it."""

    name: str
    alt: str
    svg: str
    narrow: str

    def html(self) -> str:
        """Write both forms as one HTML picture: the window's width decides which is shown."""
        wide, narrow = (
            f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}" for svg in (self.svg, self.narrow)
        )
        source = f'<source media="(max-width: {NARROW_SCREEN}px)" srcset="{narrow}">'
        alt = html.escape(self.alt, quote=True)
        return f'<picture>{source}<img src="{wide}" alt="{alt}" style="max-width:100%; height:auto"></picture>'

    def __repr__(self) -> str:
        return f"Drawing of {self.name}"

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        picture = {"image/png": rasterised(self.svg, MARGIN), DRAWING: self.svg}
        width, height = map(int, re.findall(r'(?:width|height)="(\d+)"', self.svg)[:2])
        facts = {"alt": self.alt, "width": width, "height": height, "needs_background": "light", "narrow": self.narrow}
        return picture | {"text/html": self.html(), "text/plain": repr(self)}, {"image/png": facts}
