"""What every figure is drawn with: the course's style and colours, a figure that has a text alternative, a box over pixels."""

import base64
import html
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import matplotlib
import matplotlib.figure
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Rectangle

Colour = str | tuple[float, ...]  # as matplotlib takes it
INK, PALE = "#1f2933", "#e4e7eb"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")  # Okabe and Ito: colour-blind safe
MARKS = ("o", "s", "^", "D", "v", "P")
MARGIN = 8  # pixels of white around a figure
PHOTO_DPI = 100  # enough for pictures of pixels, and a notebook stays small
STYLE = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,  # grid lines are below everything else
    "font.size": 10,
    "axes.titlesize": 11,
}


@contextmanager
def course_style() -> Iterator[None]:
    """Draw in the course's style, on top of matplotlib's own defaults, whatever the user has set.

    matplotlib reads its settings when something is added to a figure and again when the figure is rendered, so that every
    function that draws is decorated with `@course_style()`, and `Figure.png` is too.
    """
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


class Figure(matplotlib.figure.Figure):
    """A matplotlib figure that a notebook shows as an image with a text alternative.

    JupyterLab shows the HTML, because it gives a bare image/png no alternative; saved notebooks keep the PNG and the words.
    """

    alt = "A figure"

    @course_style()
    def png(self) -> bytes:
        """Render to PNG, the same bytes for the same drawing and version of matplotlib."""
        self.draw_without_rendering()
        self.set_layout_engine("none")  # which would move things a little at every drawing
        buffer = io.BytesIO()
        FigureCanvasAgg(self).print_png(buffer, metadata={"Software": None})
        return buffer.getvalue()

    def html(self, png: bytes | None = None) -> str:
        """Write the figure as an HTML image with its text alternative, never wider than the page, on a sheet of white."""
        source = base64.b64encode(png or self.png()).decode()
        width = round(self.get_size_inches()[0] * 72) + 2 * MARGIN
        sheet = f"padding:{MARGIN}px; border-radius:{MARGIN}px; background:white; box-sizing:border-box"  # on a dark page
        alt = html.escape(self.alt, quote=True)
        return f'<img src="data:image/png;base64,{source}" alt="{alt}" style="width:{width}px; max-width:100%; {sheet}">'

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        width, height = (round(inches * 72) for inches in self.get_size_inches())
        png = self.png()
        bundle = {"image/png": png, "text/html": self.html(png), "text/plain": self.alt}
        return bundle, {"image/png": {"alt": self.alt, "width": width, "height": height}}


@course_style()
def blank(
    width: float, height: float, rows: int = 1, columns: int = 1, dpi: int = 144, widths: Sequence[float] | None = None
) -> tuple[Figure, list[Axes]]:
    """Make a figure of `width` x `height` inches with a grid of axes, listed row by row; `widths` are those of the columns."""
    figure = Figure(figsize=(width, height), dpi=dpi, layout="constrained", facecolor="white")
    axes = figure.subplots(rows, columns, squeeze=False, width_ratios=widths).ravel().tolist()
    return figure, axes


@course_style()
def draw_box(
    ax: Axes,
    box: Sequence[float],
    colour: Colour,
    text: str = "",
    style: str = "-",
    width: float = 1.8,
    halo: float = 1.4,
) -> None:
    """Draw x1 y1 x2 y2 over an image shown with `imshow`, whose pixels have their centres at whole numbers.

    The line is `width` points wide, on a white line that is `halo` points wider; the text is at the upper left.
    """
    x1, y1, x2, y2 = box
    rectangle = partial(Rectangle, (x1 - 0.5, y1 - 0.5), x2 - x1, y2 - y1, fill=False)
    if halo:
        ax.add_patch(rectangle(edgecolor="white", linewidth=width + halo))
    ax.add_patch(rectangle(edgecolor=colour, linewidth=width, linestyle=style))
    if text:
        box_of_text = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.6}
        ax.text(x1, y1, text, fontsize=6.5, color=INK, va="bottom" if y1 > 5 else "top", bbox=box_of_text, clip_on=True)
