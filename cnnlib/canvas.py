"""What every figure is drawn with: the course's style, a figure that has a text alternative, a box over pixels."""

import base64
import html
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import matplotlib
import matplotlib.figure
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox
from PIL import Image

from cnnlib import rendering
from cnnlib.colours import INK, Colour
from cnnlib.mime import DRAWING
from cnnlib.rendering import INCH

MARGIN = 8  # CSS pixels of white around a figure
EDGE = 0.04  # inches that are left around what is drawn
COLUMN = 760  # CSS pixels of a page's column
FULL = (COLUMN - 2 * MARGIN) / INCH  # inches of a figure that fills it
SMALL, NORMAL = 9.5, 10.5  # points of the smallest letters, 12.7 CSS pixels, and of most
LETTER = 0.6  # of its size: the width of an average letter, for titles that have to fit
STYLE: dict[Any, Any] = {  # by the names of matplotlib's settings
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,  # grid lines are below everything else
    "axes.edgecolor": INK,
    "axes.titlesize": NORMAL,
    "font.size": NORMAL,
    "figure.titlesize": NORMAL,
    "legend.fontsize": NORMAL,
}


@contextmanager
def course_style() -> Iterator[None]:
    """Draw in the course's style, on top of matplotlib's own defaults, whatever the user has set.

    matplotlib reads its settings when something is added to a figure and again when the figure is rendered, so that every
    function that draws is decorated with `@course_style()`, and `Figure.rendered` is too.
    """
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


class Figure(matplotlib.figure.Figure):
    """A matplotlib figure that a notebook shows as an image with a text alternative.

    What is drawn becomes SVG, what has pixels a JPEG or PNG. JupyterLab shows the HTML, because it gives a bare image no
    alternative. A saved notebook keeps a PNG or JPEG with its words and size, which every reader shows and which needs no
    trust, and beside the PNG of a drawing the SVG, for pages and slides.
    """

    alt = "A figure"
    sheet = True  # False for a photograph alone, which needs no white margin
    moving = False  # True for a drawing that is about to be replaced: its edges stay in place, and it is made fast
    panel = FULL  # inches of each of its pictures side by side
    _part: Bbox | None = None  # what is rendered, in inches

    @course_style()
    def rendered(self, sharpest: bool = False) -> dict[str, bytes | str]:
        """Render to each format that is saved, or to the `sharpest` alone: MIME type -> bytes, or text of an SVG."""
        part = self._settle()
        if rendering.has_pixels(self):
            return dict([rendering.photograph(self, part)])
        drawing = {DRAWING: rendering.svg(self, part)}
        return {**({} if sharpest or self.moving else {"image/png": rendering.png(self, part)}), **drawing}

    @course_style()
    def pixels(self, density: float) -> Image.Image:
        """Render to RGB, `density` pixels per CSS pixel."""
        return rendering.pixels(self, self._settle(), density)

    def _settle(self) -> Bbox:
        """Lay the figure out once, a layout engine would move things a little at every drawing, and find what is not empty."""
        if self._part:
            return self._part
        self.draw_without_rendering()
        self.set_layout_engine("none")
        self._part = Bbox.from_extents(0, 0, *self.get_size_inches())
        if not self.moving and self.sheet and self.axes:
            drawn = self.get_tightbbox()
            self._part = Bbox.intersection(self._part, drawn.padded(EDGE)) or self._part
        return self._part

    def html(self, formats: dict[str, bytes | str] | None = None) -> str:
        """Write the figure as an HTML image with its text alternative, never wider than the page, on a sheet of white."""
        mime, picture = list((formats or self.rendered(sharpest=True)).items())[-1]
        data = picture.encode() if isinstance(picture, str) else picture
        source = f"data:{mime.replace(DRAWING, 'image/svg+xml')};base64,{base64.b64encode(data).decode()}"
        margin = MARGIN if self.sheet else 0
        sheet = f"padding:{margin}px; border-radius:{margin}px; background:white; box-sizing:border-box"  # on a dark page
        alt = html.escape(self.alt, quote=True)
        return f'<img src="{source}" alt="{alt}" style="width:{self.size()[0] + 2 * margin}px; max-width:100%; {sheet}">'

    def size(self) -> tuple[int, int]:
        """Return the width and height of what is shown in CSS pixels."""
        part = self._settle()
        return round(part.width * INCH), round(part.height * INCH)

    @course_style()
    def smallest_letter(self) -> float | None:
        """Measure the smallest letters in CSS pixels, as they are in a page's column; None where there are no letters."""
        self._settle()
        points = rendering.smallest_letter(self)
        share = min(1, COLUMN / (self.size()[0] + 2 * MARGIN))
        return round(share * points * INCH / 72, 1) if points < float("inf") else None

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        formats = self.rendered()
        width, height = self.size()
        facts = {
            "alt": self.alt,
            "width": width,
            "height": height,
        }
        facts |= {} if self.moving else {"smallest_letter": self.smallest_letter()}
        facts |= {"needs_background": "light"} if self.sheet else {}  # JupyterLab puts white behind it
        return {**formats, "text/html": self.html(formats), "text/plain": self.alt}, {next(iter(formats)): facts}


@course_style()
def blank(
    width: float, height: float, rows: int = 1, columns: int = 1, widths: Sequence[float] | None = None
) -> tuple[Figure, list[Axes]]:
    """Make a figure of `width` x `height` inches with a grid of axes, listed row by row; `widths` are those of the columns.

    A figure that would be wider than a page's column is made smaller in both directions, so that its letters stay readable.
    """
    share = min(1, FULL / width)
    figure = Figure(figsize=(share * width, share * height), dpi=INCH, layout="constrained", facecolor="white")
    figure.panel = share * width / columns
    axes = figure.subplots(rows, columns, squeeze=False, width_ratios=widths).ravel().tolist()
    return figure, axes


@course_style()
def panels(
    count: int, columns: int, inches: float, ratio: float, titles: Sequence[str] = (), below: float = 0.0, least: float = 0.0
) -> tuple[Figure, list[Axes]]:
    """Make `count` axes for pictures whose height is `ratio` of their width: without frames, with titles that fit.

    A picture is `inches` wide, or as wide as makes a nearly full row fill a page's column. `below` leaves inches for a legend,
    which needs a figure of at least `least` inches.
    """
    columns = min(columns, count)
    inches = FULL / columns if columns * inches > 0.75 * FULL else inches
    titles = [wrapped(title, inches) for title in titles]
    lines = max((title.count("\n") + 1 for title in titles), default=0)
    rows = -(-count // columns)
    figure, axes = blank(
        max(columns * inches, least), rows * (inches * ratio + 1.3 * lines * SMALL / 72 + 0.08) + below, rows, columns
    )
    figure.panel = inches
    for ax in axes:
        ax.axis("off")
    for ax, title in zip(axes, titles, strict=False):
        ax.set_title(title, fontsize=SMALL)
    return figure, axes


def wrapped(words: str, inches: float, size: float = SMALL) -> str:
    """Break a title into lines that fit the `inches` of its axes in letters of `size` points."""
    room = max(4, int(72 * inches / (LETTER * size)))
    return "\n".join(textwrap.fill(line, room, break_long_words=False) for line in str(words).splitlines())


@course_style()
def draw_box(
    ax: Axes,
    box: Sequence[float],
    colour: Colour,
    style: str = "-",
    width: float = 1.8,
    halo: float = 1.4,
) -> None:
    """Draw x1 y1 x2 y2 over an image shown with `imshow`, whose pixels have their centres at whole numbers.

    The line is `width` points wide, on a white line that is `halo` points wider.
    """
    x1, y1, x2, y2 = box
    rectangle = partial(Rectangle, (x1 - 0.5, y1 - 0.5), x2 - x1, y2 - y1, fill=False)
    if halo:
        ax.add_patch(rectangle(edgecolor="white", linewidth=width + halo))
    ax.add_patch(rectangle(edgecolor=colour, linewidth=width, linestyle=style))
