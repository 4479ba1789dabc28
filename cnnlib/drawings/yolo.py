"""The drawings of lesson 11: what one cell has to predict, and what came after the six detectors of the course."""

import torch

from cnnlib import figures
from cnnlib.canvas import draw_box
from cnnlib.colours import colour_of
from cnnlib.data.scenes import SCENE_CLASSES, scenes
from cnnlib.detection.detections import ground_truth
from cnnlib.detection.yolo import yolo_target
from cnnlib.diagrams import Diagram
from cnnlib.diagrams.sheet import MARGIN, NARROW, WIDE, Sheet
from cnnlib.diagrams.text import LINE, SIZE, wrap
from cnnlib.overlays import draw_detections

SIDE, CELLS = 64, 8  # pixels of a scene, and cells along it
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


@figures.course_style()
def one_cell() -> figures.Figure:
    """Draw a scene in 8×8 cells, with one object and its cell framed, and the ten numbers that this cell has to predict."""
    drawn = scenes(6, seed=1)
    found, number = ground_truth(*drawn[1:3])[3], 0
    target = yolo_target(drawn.boxes[3:4], drawn.labels[3:4], CELLS, SIDE)
    middle = (found.boxes[number, :2] + found.boxes[number, 2:]) / 2
    column, row = (middle * CELLS / SIDE).floor().int().tolist()
    label = int(target.labels[0, row, column])

    figure, (left, right) = figures.blank(8.0, 3.5, 1, 2, widths=[1.0, 1.1])
    left.imshow(drawn.images[3].permute(1, 2, 0).numpy())
    for line in range(1, CELLS):
        left.axvline(line * SIDE / CELLS - 0.5, color="white", linewidth=0.7)
        left.axhline(line * SIDE / CELLS - 0.5, color="white", linewidth=0.7)
    draw_detections(left, found, SCENE_CLASSES)
    side = SIDE / CELLS
    draw_box(left, (column * side, row * side, (column + 1) * side, (row + 1) * side), figures.COLOURS[4], width=3)
    left.plot(*(middle - 0.5).tolist(), "o", color=colour_of(label), markeredgecolor="white", markersize=9)
    left.axis("off")

    numbers = [*target.offsets[0, row, column].tolist(), *target.sizes[0, row, column].tolist(), 1.0]
    numbers += torch.eye(len(SCENE_CLASSES))[label].tolist()
    names = ["x", "y", "w", "h", "confidence", *SCENE_CLASSES]
    colours = [figures.COLOURS[0]] * 4 + [figures.INK] + [colour_of(k) for k in range(len(SCENE_CLASSES))]
    right.barh(range(10), numbers, color=colours, height=0.62)
    for place, value in enumerate(numbers):
        right.text(
            value + 0.03,
            place,
            f"{value:.2f}" if place < 4 else "its IoU, at best 1" if place == 4 else f"{value:.0f}",
            va="center",
            color=figures.INK,
        )
    right.set_yticks(range(10), names)
    right.set(ylim=(9.5, -0.5), xlim=(0, 1.5), xticks=[])
    right.spines["bottom"].set_visible(False)
    right.set_title("what the framed cell should predict", fontsize=figures.NORMAL)
    figure.alt = (
        f"A scene of {len(found.labels)} drawn objects, divided into 8×8 cells. One object, a {SCENE_CLASSES[label]}, has its "
        "centre marked, and the one cell that holds this centre is framed. Next to the scene are the ten numbers that the "
        "framed cell has to predict: x, y, w, h and the confidence of its box, and one probability for each of five classes."
    )
    return figure


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
    """Draw a limit and its steps side by side; the y below them is returned."""
    width = (room - 3 * LEAD) / 4
    height = max(_height(words, width) for words in (limit, *steps))
    for number, words in enumerate((limit, *steps)):
        x = number * (width + LEAD)
        if number:
            sheet.line([(x - LEAD, y + height / 2), (x, y + height / 2)], arrow=True)
        _box(sheet, words, (x, y), (width, height), "convolution" if number else "pooling")
    return y + height


def _column(sheet: Sheet, limit: Words, steps: tuple[Words, ...], y: float, room: float) -> float:
    """Draw a limit over the whole width and its steps below each other; the y below them is returned."""
    height = _height(limit, room)
    _box(sheet, limit, (0, y), (room, height), "pooling")
    y += height
    for words in steps:
        sheet.line([(LEAD, y), (LEAD, y + LEAD)], arrow=True)
        _box(sheet, words, (0, y + LEAD), (room, _height(words, room)), "convolution")
        y += LEAD + _height(words, room)
    return y + GAP
