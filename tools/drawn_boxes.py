"""Sketches of boxes, cells and detections of lessons 09 and 11, for `tools.drawn`."""

import math

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from cnnlib.canvas import Figure, blank, course_style
from cnnlib.colours import COLOURS, INK, PALE

INCHES = 7.6
GAINS = {  # points of mAP of each step from YOLO to YOLOv2 (Redmon and Farhadi 2016, Table 2)
    "batch norm": 2.4,
    "pretrained at 448 pixels": 3.7,
    "anchor boxes": -0.3,
    "Darknet-19": 0.4,
    "k-means and sigmoid": 4.8,
    "passthrough": 1.0,
    "several sizes": 1.4,
}


def box(ax: Axes, corners: tuple[float, float, float, float], colour: str, words: str = "", dashes: str = "-") -> None:
    """Draw a box x1 y1 x2 y2 with words at its upper left corner."""
    x1, y1, x2, y2 = corners
    ax.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, edgecolor=colour, linewidth=2.5, linestyle=dashes))
    if words:
        ax.annotate(words, (x1, y1), (2, 3), textcoords="offset points", color=colour, fontweight="bold")


@course_style()
def rounded() -> Figure:
    """Show a region on the cells of a feature map: its edges in pixels, and the whole cells that are read."""
    figure, (ax,) = blank(4.6, 4.0)
    for line in range(0, 33, 4):
        ax.plot([line, line], [0, 32], color=PALE, linewidth=1.5, zorder=0)
        ax.plot([0, 32], [line, line], color=PALE, linewidth=1.5, zorder=0)
    ax.add_patch(Rectangle((8, 8), 16, 12, color=COLOURS[5], alpha=0.35, linewidth=0))
    box(ax, (6.5, 5.5, 25, 22), COLOURS[1], "proposal")
    box(ax, (8, 8, 24, 20), COLOURS[0], dashes="--")
    ax.annotate("cells that are read", (16, 14), ha="center", va="center", color=COLOURS[0], fontweight="bold")
    ax.set(xlim=(-0.5, 32.5), ylim=(32.5, -0.5), aspect="equal", xlabel="pixels; a cell is 4 wide", xticks=range(0, 33, 8))
    ax.set_yticks(range(0, 33, 8))
    figure.alt = (
        "A grid of cells that are 4 pixels wide, a proposal whose edges lie inside cells, and the smaller rectangle of whole "
        "cells that is read in its place: up to 3 pixels are lost on each side."
    )
    return figure


@course_style()
def responsible() -> Figure:
    """Show the object and the two boxes that its cell predicts, in the exercise on the responsible box."""
    figure, (ax,) = blank(4.4, 4.0)
    ax.add_patch(Rectangle((10, 10), 20, 20, color=PALE))
    ax.annotate("object", (12, 13), fontweight="bold")
    box(ax, (10, 10, 30, 42), COLOURS[0])
    box(ax, (14, 14, 34, 34), COLOURS[1])
    ax.annotate("confidence 0.2", (10.5, 41.3), color=COLOURS[0], fontweight="bold")
    ax.annotate("confidence 0.9", (34.5, 25), color=COLOURS[1], fontweight="bold")
    ax.set(xlim=(4, 52), ylim=(46, 4), aspect="equal", xlabel="pixels", xticks=range(10, 51, 10), yticks=range(10, 41, 10))
    figure.alt = (
        "An object from (10, 10) to (30, 30); a box of confidence 0.2 from (10, 10) to (30, 42), and one of confidence 0.9 "
        "from (14, 14) to (34, 34)."
    )
    return figure


@course_style()
def sizes() -> Figure:
    """Show what an error of four pixels in the width means for boxes of several widths: IoU and two squared errors."""
    figure, axes = blank(INCHES, 2.9, 1, 3)
    widths = (8, 16, 32)
    columns = {
        "IoU": [width / (width + 4) for width in widths],
        "squared error of w": [(4 / 64) ** 2 for _ in widths],
        "squared error of the root": [(math.sqrt((w + 4) / 64) - math.sqrt(w / 64)) ** 2 for w in widths],
    }
    for ax, (title, values) in zip(axes, columns.items(), strict=True):
        bars = ax.bar([str(width) for width in widths], values, color=COLOURS[0], width=0.6)
        ax.bar_label(bars, [f"{value:.2g}" for value in values], padding=2)
        ax.set(title=title, xlabel="width, pixels", yticks=[], ylim=(0, 1.2 * max(values)))
        ax.spines["left"].set_visible(False)
    words = "; ".join(f"{title} {', '.join(f'{value:.2g}' for value in values)}" for title, values in columns.items())
    figure.alt = f"Bars for boxes that are 8, 16 and 32 pixels wide and predicted 4 pixels too wide: {words}."
    return figure


@course_style()
def cell() -> Figure:
    """Show the numbers that YOLO predicts for one cell: two boxes and one set of class probabilities."""
    figure, (ax,) = blank(INCHES, 1.5)
    names = ["x", "y", "w", "h", "conf."] * 2 + ["p"] * 20
    for place, name in enumerate(names):
        colour = COLOURS[0] if place < 5 else COLOURS[2] if place < 10 else COLOURS[4]
        ax.add_patch(Rectangle((place, 0), 0.92, 1, facecolor=colour, alpha=0.3 if name != "conf." else 0.75, edgecolor=INK))
        ax.annotate(name, (place + 0.46, 0.5), ha="center", va="center", rotation=90 if name == "conf." else 0)
    for left, right, words in ((0, 5, "first box"), (5, 10, "second box"), (10, 30, "one probability per class of VOC")):
        ax.annotate(words, ((left + right) / 2, -0.25), ha="center", va="top", fontweight="bold")
    ax.set(xlim=(-0.2, 30.2), ylim=(-0.9, 1.1))
    ax.axis("off")
    figure.alt = (
        "A strip of 30 numbers: x, y, w, h and confidence of a first box, the same of a second box, and 20 probabilities of "
        "classes."
    )
    return figure


@course_style()
def gains() -> Figure:
    """Show how many points of mAP each step from YOLO to YOLOv2 brought, from 63.4 to 76.8."""
    figure, (ax,) = blank(INCHES, 3.3)
    start = 63.4
    for row, gain in enumerate(GAINS.values()):
        ax.barh(row, gain, left=start, color=COLOURS[0] if gain > 0 else COLOURS[1])
        ax.annotate(f"{gain:+.1f}".replace("-", "−"), (max(start, start + gain) + 0.15, row), va="center")
        start += gain
    ax.set(yticks=range(len(GAINS)), yticklabels=list(GAINS), xlabel="mAP on VOC 2007, %", xlim=(63, 78.5))
    ax.invert_yaxis()
    ax.grid(axis="x", color=PALE)
    figure.alt = f"Steps from YOLO, 63.4 % mAP, to YOLOv2: {', '.join(f'{name} {gain:+.1f}' for name, gain in GAINS.items())}."
    return figure
