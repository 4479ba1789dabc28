"""A matplotlib figure as bytes: SVG for what is drawn, the smallest of three raster formats for what has pixels.

The bytes are the same for the same drawing and versions of matplotlib and Pillow: no dates, no random identifiers.
"""

import io
import re
from collections.abc import Iterator
from xml.etree import ElementTree

import matplotlib
import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.image import AxesImage
from matplotlib.transforms import Bbox
from PIL import Image

INCH = 96  # CSS pixels
SHARP, LARGE = 2.0, 1.5  # pixels per CSS pixel: of most pictures, and of those that are large
LARGEST = 100_000  # CSS pixels of a picture that is rendered with SHARP
QUALITY = 88  # of a JPEG; its colours are stored for every pixel, or red lines get a rim
HARM = 1.5  # mean difference of 255 levels that fewer colours may cause
NAMESPACE = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
SHARED = {"stroke-linejoin": "round", "stroke-linecap": "butt"}  # what matplotlib's own style sheet says
NOTHING = {("stroke-dashoffset", "0"), ("opacity", "1")}


def has_pixels(figure: Figure) -> bool:
    """Tell whether a figure shows an image made of pixels, such as a photograph or a feature map."""
    return any(image.get_visible() for image in figure.findobj(AxesImage))


class _Letters(RendererBase):
    """Draws nothing and notes the sizes of the letters that are drawn, in points; an exponent is smaller than its line."""

    def __init__(self) -> None:
        super().__init__()
        self.points: list[float] = []

    def draw_text(self, gc: GraphicsContextBase, x: float, y: float, s: str, prop: FontProperties, *more, **options) -> None:
        smaller = 0.7 if options.get("ismath") and re.search(r"[\^_]", s) else 1
        self.points.append(smaller * prop.get_size_in_points())

    def draw_path(self, *drawn) -> None:
        """Draw nothing."""

    draw_image = draw_gouraud_triangles = draw_path  # pyright: ignore[reportAssignmentType] none of the three draws


def smallest_letter(figure: Figure) -> float:
    """Find the size of the smallest letters that are drawn, in points; infinity if there are none."""
    renderer = _Letters()
    figure.draw(renderer)
    return min(renderer.points, default=float("inf"))


def png(figure: Figure, part: Bbox) -> bytes:
    """Render a drawing to a PNG of few colours, for readers who cannot show its SVG."""
    return _saved(_few_colours(pixels(figure, part, LARGE), 64), "png", optimize=True)


def photograph(figure: Figure, part: Bbox) -> tuple[str, bytes]:
    """Render a figure with pixels to the smallest format that does no visible harm: -> (MIME type, bytes)."""
    exact = pixels(figure, part, SHARP if part.width * part.height * INCH**2 <= LARGEST else LARGE)
    few = _few_colours(exact, 256)
    found = [("image/jpeg", _saved(exact, "jpeg", quality=QUALITY, subsampling=0, optimize=True))]
    difference = np.abs(np.asarray(few.convert("RGB"), np.int16) - np.asarray(exact, np.int16))
    found.append(("image/png", _saved(few if difference.mean() <= HARM else exact, "png", optimize=True)))
    return min(found, key=lambda one: len(one[1]))


def _few_colours(picture: Image.Image, count: int) -> Image.Image:
    return picture.quantize(count, dither=Image.Dither.NONE)


def pixels(figure: Figure, part: Bbox, density: float) -> Image.Image:
    """Render a part of a figure, in inches from its lower left, to RGB with `density` pixels per CSS pixel."""
    before, figure.dpi = figure.dpi, INCH * density
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    figure.dpi = before
    high = figure.get_size_inches()[1]
    edges = part.x0, high - part.y1, part.x1, high - part.y0
    left, top, right, bottom = (round(edge * INCH * density) for edge in edges)
    return picture.crop((left, top, right, bottom))


def _saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def svg(figure: Figure, part: Bbox) -> str:
    """Render a part of a drawing to SVG whose letters are outlines: it looks alike wherever it is shown.

    Styles are written as attributes, since GitHub removes `style`. Numbers have two decimals of a point.
    """
    buffer, before = io.StringIO(), figure.dpi
    with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": "cnnlib"}):
        FigureCanvasSVG(figure).print_svg(buffer, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    figure.dpi = before
    root = ElementTree.fromstring(buffer.getvalue())
    _simplify(root)
    _rename(root)
    corner = 72 * part.x0, 72 * (figure.get_size_inches()[1] - part.y1)
    view = " ".join(f"{number:.1f}" for number in (*corner, 72 * part.width, 72 * part.height))
    root.attrib = {"width": f"{part.width * INCH:.0f}", "height": f"{part.height * INCH:.0f}", "viewBox": view} | SHARED
    ElementTree.register_namespace("", NAMESPACE[1:-1])
    return ElementTree.tostring(root, "unicode")


def _simplify(parent: ElementTree.Element) -> None:
    """Remove style sheets, metadata, white space and groups that say nothing; write styles and numbers briefly."""
    children: list[ElementTree.Element] = []
    for child in parent:
        if child.tag in (f"{NAMESPACE}metadata", f"{NAMESPACE}style"):
            continue
        _simplify(child)
        _shorten(child)
        empty = child.tag in (f"{NAMESPACE}g", f"{NAMESPACE}defs") and not len(child)
        if child.tag == f"{NAMESPACE}g" and not set(child.attrib) - {"id"}:
            children += child
        elif not empty:
            children.append(child)
    parent[:] = children
    parent.text = parent.tail = None


def _shorten(element: ElementTree.Element) -> None:
    attributes = element.attrib
    for rule in filter(None, attributes.pop("style", "").split(";")):
        name, value = (part.strip() for part in rule.split(":", 1))
        if (name, value) not in NOTHING and SHARED.get(name) != value:
            attributes[name] = value
    for name in attributes:
        if name in ("d", "transform", "x", "y", "width", "height", "stroke-dasharray"):
            attributes[name] = _brief(attributes[name])
    if LINK in attributes:
        attributes["href"] = attributes.pop(LINK)
    if "d" in attributes:
        attributes["d"] = re.sub(r" ?([A-Za-z]) ?", r"\1", attributes["d"])
        attributes["d"] = re.sub(r"(?<=L)[^A-Za-z]+(?:L[^A-Za-z]+)+", lambda m: m[0].replace("L", " "), attributes["d"])


def _brief(text: str) -> str:
    def short(match: re.Match) -> str:
        return f"{float(match[0]):.{6 if match[0].startswith('0.0') else 2}f}".rstrip("0").rstrip(".").replace("-0.", "-.")

    return " ".join(re.sub(r"-?\d+\.\d+(?:e-?\d+)?", short, text).split())


def _rename(root: ElementTree.Element) -> None:
    """Give the parts that others refer to short names, in their order, and the others none."""
    used = set(re.findall(r"#([\w.-]+)", " ".join(_references(root))))
    names = {}
    for element in root.iter():
        if (name := element.attrib.pop("id", None)) in used:
            names.setdefault(name, f"i{len(names)}")
            element.set("id", names[name])
    for element in root.iter():
        for key, value in element.attrib.items():
            if "#" in value and key in ("href", "clip-path", "fill"):
                element.set(key, re.sub(r"(?<=#)[\w.-]+", lambda match: names.get(match[0], match[0]), value))


def _references(root: ElementTree.Element) -> Iterator[str]:
    for element in root.iter():
        yield from (value for key, value in element.attrib.items() if key in ("href", "clip-path", "fill"))
