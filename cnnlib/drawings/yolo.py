"""The drawing of lesson 11: what came after the six detectors of the course."""

from cnnlib.diagrams import Diagram
from cnnlib.diagrams.sheet import MARGIN, NARROW, WIDE, Sheet
from cnnlib.diagrams.text import LINE, SIZE, wrap

PADDING, GAP, LEAD = 8, 12, 22  # pixels inside a box, between two rows, and of an arrow

Words = tuple[str, str]  # a name and what it is
# A limit that the six detectors showed, where this was seen, and the detectors that removed it.
LATER: tuple[tuple[Words, tuple[Words, ...]], ...] = (
    (
        ("One coarse map", "small objects and groups: a cell of YOLO learns one object"),
        (
            ("SSD, 2015", "boxes from six maps of different stride"),
            ("FPN, 2016", "fine maps get the context of coarse ones"),
            ("YOLOv3, 2018", "three grids"),
        ),
    ),
    (
        ("Nearly all is background", "the anchors of Faster R-CNN, the cells of YOLO"),
        (
            ("SSD, 2015", "only the hardest negatives, three per positive"),
            ("RetinaNet, 2017", "focal loss: what is easy counts little"),
        ),
    ),
    (
        ("Boxes given in advance", "anchors chosen by hand or by k-means"),
        (
            ("FCOS, 2019", "anchor-free: each position predicts four distances"),
            ("YOLOv8, 2023", "anchor-free, without objectness"),
        ),
    ),
    (
        ("A loss that is not the overlap", "four pixels too wide; AP75"),
        (
            ("GIoU and CIoU, 2019", "the overlap itself is trained"),
            ("YOLOv8, 2023", "CIoU and a distribution for each side"),
        ),
    ),
    (
        ("Suppression by a fixed rule", "all six detectors repeat boxes"),
        (
            ("DETR, 2020", "set prediction: boxes and objects matched one to one"),
            ("YOLOv10, 2024", "one box per object, no suppression"),
        ),
    ),
)


def later() -> Diagram:
    """Draw the limits of the six detectors, a row each, and the later detectors that removed them."""
    rows = "; ".join(
        f"{limit} ({seen}): {', then '.join(f'{name}, {idea}' for name, idea in steps)}" for (limit, seen), steps in LATER
    )
    svgs = []
    for width, draw in ((WIDE, _row), (NARROW, _column)):
        sheet, y = Sheet(), 0.0
        for limit, steps in LATER:
            y = draw(sheet, limit, steps, y, width - 2 * MARGIN) + GAP
        svgs.append(sheet.svg(width - 2 * MARGIN, y - GAP, "From the limits of six detectors to later ones"))
    return Diagram("what came after the six detectors", f"Five limits and what removed them. {rows}.", *svgs)


def _lines(words: Words, room: float) -> list[tuple[str, bool]]:
    name, idea = words
    return [(line, True) for line in wrap(name, room, bold=True)] + [(line, False) for line in wrap(idea, room)]


def _box(sheet: Sheet, words: Words, place: tuple[float, float], size: tuple[float, float], kind: str) -> None:
    (x, y), (width, height) = place, size
    sheet.box(x, y, width, height, kind)
    lines = _lines(words, width - 2 * PADDING)
    sheet.lines(x + width / 2, y + (height - len(lines) * LINE) / 2 + (LINE - SIZE) / 2 - 1, lines)


def _height(words: Words, width: float) -> float:
    return len(_lines(words, width - 2 * PADDING)) * LINE + 2 * PADDING


def _row(sheet: Sheet, limit: Words, steps: tuple[Words, ...], y: float, room: float) -> float:
    """Draw a limit and its steps side by side; returns the y below them."""
    width = (room - 3 * LEAD) / 4
    height = max(_height(words, width) for words in (limit, *steps))
    for number, words in enumerate((limit, *steps)):
        x = number * (width + LEAD)
        if number:
            sheet.line([(x - LEAD, y + height / 2), (x, y + height / 2)], arrow=True)
        _box(sheet, words, (x, y), (width, height), "convolution" if number else "pooling")
    return y + height


def _column(sheet: Sheet, limit: Words, steps: tuple[Words, ...], y: float, room: float) -> float:
    """Draw a limit over the whole width and its steps below each other; returns the y below them."""
    height = _height(limit, room)
    _box(sheet, limit, (0, y), (room, height), "pooling")
    y += height
    for words in steps:
        sheet.line([(LEAD, y), (LEAD, y + LEAD)], arrow=True)
        _box(sheet, words, (0, y + LEAD), (room, _height(words, room)), "convolution")
        y += LEAD + _height(words, room)
    return y + GAP
