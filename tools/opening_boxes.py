"""The opening pictures of lessons 09 to 11: crops with names, boxes that are proposed and moved, what a cell has to predict."""

from typing import Any

import torch
from torch.nn import functional as F

from cnnlib.canvas import Figure, blank, course_style, draw_box
from cnnlib.colours import COLOURS, INK, colour_of
from cnnlib.data.photos import photo
from cnnlib.data.scenes import SCENE_CLASSES, scenes
from cnnlib.detection.anchors import anchors
from cnnlib.detection.boxes import iou
from cnnlib.detection.detections import ground_truth
from cnnlib.detection.pooling import crop_and_warp
from cnnlib.detection.proposals import PHOTO, selective_search
from cnnlib.detection.yolo import yolo_target
from cnnlib.overlays import draw_detections
from tools.opening_pictures import INCHES

CUP = (48, 9, 208, 203)  # the cup in the photograph of 256 x 256, boxed by hand
SIDE, CELLS = 64, 8  # pixels of a scene, and cells along it


@course_style()
def faster_rcnn() -> Figure:
    """Show a photograph with the boxes of selective search, with the anchors of one cell, and one anchor that was moved."""
    image = photo("coffee", 256)[0]
    soft = F.avg_pool2d(image.mean(0, keepdim=True), 5, 1, 2, count_include_pad=False)[0].numpy()  # a small file
    cup = torch.tensor([CUP]).float()
    laid = anchors(16, 16, 16, (64, 112, 192), (0.5, 1, 2))
    best = laid[iou(laid, cup)[:, 0].argmax()].tolist()
    figure, axes = blank(INCHES, 2.95, 1, 3)
    searched = selective_search(image, **PHOTO)
    for box in searched[::16].tolist():
        draw_box(axes[0], box, COLOURS[1], width=1, halo=0)
    for ax in axes[1:]:
        ax.plot(*torch.cartesian_prod(*[torch.arange(8, 256, 16)] * 2).T, ".", color="white", markersize=2)
    for box in laid.view(256, 9, 4)[8 * 16 + 8].tolist():
        draw_box(axes[1], box, COLOURS[0], width=1.6)
    draw_box(axes[2], best, COLOURS[0], width=1.6)
    draw_box(axes[2], CUP, COLOURS[2], width=2.6)
    titles = "boxes of an algorithm", "nine fixed boxes per cell", "one of them, moved"
    for ax, title in zip(axes, titles, strict=True):
        ax.imshow(soft, cmap="gray", vmin=-0.6, vmax=1)
        ax.set(xlim=(0, 256), ylim=(256, 0))
        ax.set_title(title, fontsize=10)
        ax.axis("off")
    figure.alt = (
        "A grey photograph of a cup of coffee, three times: with many boxes that an algorithm proposes; with a grid of dots "
        "and, around one dot, nine boxes of three sizes and three shapes; and with one of them next to the box of the cup."
    )
    return figure


@course_style()
def yolo() -> Figure:
    """Draw a scene in 8×8 cells, with one object and its cell framed, and the ten numbers that this cell has to predict."""
    drawn = scenes(6, seed=1)
    found, number = ground_truth(*drawn[1:3])[3], 0
    target = yolo_target(drawn.boxes[3:4], drawn.labels[3:4], CELLS, SIDE)
    middle = (found.boxes[number, :2] + found.boxes[number, 2:]) / 2
    column, row = (middle * CELLS / SIDE).floor().int().tolist()
    label = int(target.labels[0, row, column])

    figure, (left, right) = blank(INCHES, 3.5, 1, 2, widths=[1.0, 1.1])
    left.imshow(drawn.images[3].permute(1, 2, 0).numpy())
    for line in range(1, CELLS):
        left.axvline(line * SIDE / CELLS - 0.5, color="white", linewidth=0.7)
        left.axhline(line * SIDE / CELLS - 0.5, color="white", linewidth=0.7)
    draw_detections(left, found, SCENE_CLASSES)
    side = SIDE / CELLS
    draw_box(left, (column * side, row * side, (column + 1) * side, (row + 1) * side), COLOURS[4], width=3)
    left.plot(*(middle - 0.5).tolist(), "o", color=colour_of(label), markeredgecolor="white", markersize=9)
    left.axis("off")

    numbers = [*target.offsets[0, row, column].tolist(), *target.sizes[0, row, column].tolist(), 1.0]
    numbers += torch.eye(len(SCENE_CLASSES))[label].tolist()
    names = ["x", "y", "w", "h", "confidence", *SCENE_CLASSES]
    colours = [COLOURS[0]] * 4 + [INK] + [colour_of(k) for k in range(len(SCENE_CLASSES))]
    right.barh(range(10), numbers, color=colours, height=0.62)
    for place, value in enumerate(numbers):
        right.text(
            value + 0.03,
            place,
            f"{value:.2f}" if place < 4 else "its IoU, at best 1" if place == 4 else f"{value:.0f}",
            va="center",
            color=INK,
        )
    right.set_yticks(range(10), names)
    right.set(ylim=(9.5, -0.5), xlim=(0, 1.5), xticks=[])
    right.spines["bottom"].set_visible(False)
    right.set_title("what the framed cell should predict", fontsize=10)
    figure.alt = (
        f"A scene of {len(found.labels)} drawn objects, divided into 8×8 cells. One object, a {SCENE_CLASSES[label]}, has its "
        "centre marked, and the one cell that holds this centre is framed. Next to the scene are the ten numbers that the "
        "framed cell has to predict: x, y, w, h and the confidence of its box, and one probability for each of five classes."
    )
    return figure


CROPS = {  # boxes on the photograph of a cup, and what EfficientNet-Lite0 calls them: lesson 09 prints it
    "espresso, 1.00": (180, 18, 410, 310),
    "clog, 0.96": (196, 224, 262, 312),
    "ladle, 0.96": (326, 230, 408, 326),
    "cello, 0.38": (460, 20, 596, 160),
}


@course_style()
def rcnn() -> Figure:
    """Show a photograph with four boxes, and the four warped crops with the names that a classifier gives them."""
    image, boxes = photo("coffee"), torch.tensor(list(CROPS.values())).float()
    crops = crop_and_warp(image, F.pad(boxes, (1, 0)), size=128, context=8)
    figure, axes = blank(INCHES, 2.75, 2, 4, widths=[1.6, 1.6, 1, 1])
    grid: Any = axes[0].get_gridspec()
    for ax in (axes[0], axes[1], axes[4], axes[5]):
        ax.remove()
    left = figure.add_subplot(grid[:, :2])
    left.imshow(image[0].permute(1, 2, 0).numpy())
    left.axis("off")
    rest = (axes[2], axes[3], axes[6], axes[7])
    for ax, (name, box), crop, colour in zip(rest, CROPS.items(), crops, COLOURS, strict=False):
        draw_box(left, box, colour, width=2)
        ax.imshow(crop.permute(1, 2, 0).clamp(0, 1).numpy())
        ax.set_title(name, fontsize=10)
        ax.set(xticks=[], yticks=[])
        for side in ax.spines.values():
            side.set(visible=True, edgecolor=colour, linewidth=2.5)
    figure.alt = (
        "A photograph of a cup of coffee with four boxes, and the four crops, each stretched to a square, with the name that a "
        f"classifier gives it: the cup, {'; the handle, '.join(list(CROPS)[:2])}; the bowl of the spoon, {list(CROPS)[2]}; the "
        f"bare table, {list(CROPS)[3]}."
    )
    return figure
