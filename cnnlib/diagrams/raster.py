"""A drawing as PNG, for readers who cannot show its SVG: its shapes and words drawn once more by matplotlib."""

from xml.etree import ElementTree

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Circle, FancyBboxPatch, Patch, PathPatch, Polygon, Rectangle
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D, Bbox

from cnnlib.canvas import INK, course_style
from cnnlib.diagrams.text import SIZE
from cnnlib.rendering import INCH, NAMESPACE, png

POINT = 0.75  # points per CSS pixel


@course_style()
def rasterised(svg: str, margin: float) -> bytes:
    """Render what a `Sheet` has written, whose origin is inside a `margin`, to a PNG of few colours."""
    root = ElementTree.fromstring(svg)
    width, height = _number(root, "width"), _number(root, "height")
    figure = Figure(figsize=(width / INCH, height / INCH), dpi=INCH, facecolor="white")
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(-margin, width - margin), ylim=(height - margin, -margin))
    ax.axis("off")
    for element in root.iterfind(f"{NAMESPACE}g/*"):
        ax.add_artist(_patch(element))  # add_patch would measure every curve of every letter
    return png(figure, Bbox.from_extents(0, 0, width / INCH, height / INCH))


def _patch(element: ElementTree.Element) -> Patch:
    """Make of one element of the SVG what matplotlib draws."""
    kind, fill, stroke = element.tag.removeprefix(NAMESPACE), element.get("fill", INK), element.get("stroke", "none")
    x, y, width, height, radius, line = (_number(element, n) for n in ("x", "y", "width", "height", "rx", "stroke-width"))
    look = {"facecolor": fill, "edgecolor": stroke, "linewidth": POINT * (line or 1)}
    if kind == "rect" and radius:
        return FancyBboxPatch((x, y), width, height, boxstyle=f"round,pad=0,rounding_size={radius}", **look)
    if kind == "rect":
        return Rectangle((x, y), width, height, **look)
    if kind == "circle":
        return Circle((_number(element, "cx"), _number(element, "cy")), _number(element, "r"), **look)
    if kind in ("polygon", "polyline"):
        points = [tuple(map(float, pair.split(","))) for pair in element.get("points", "").split()]
        if fill != "none":
            look["facecolor"] = (fill, float(element.get("fill-opacity", 1)))
        return Polygon(points, closed=kind == "polygon", **look)
    if kind == "text":
        return _words(element, x, y)
    raise ValueError(f"a drawing has shapes and words, got <{kind}>")


def _words(element: ElementTree.Element, x: float, y: float) -> Patch:
    """Draw a line of text as outlines of exactly the length that the SVG gives it."""
    font = FontProperties(family="DejaVu Sans", weight=element.get("font-weight", "normal"))
    path, length = TextPath((0, 0), element.text or "", size=SIZE, prop=font), _number(element, "textLength")
    start, end = path.vertices[:, 0].min(), path.vertices[:, 0].max()
    left = x - length / 2 if element.get("text-anchor") == "middle" else x
    fitted = Affine2D().translate(-start, 0).scale(length / (end - start), -1).translate(left, y)
    return PathPatch(path.transformed(fitted), facecolor=element.get("fill", INK), linewidth=0)


def _number(element: ElementTree.Element, name: str) -> float:
    return float(element.get(name, 0))
