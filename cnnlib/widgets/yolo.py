"""The explorer of lesson 11: what every cell of YOLO's grid predicts, and what its target is."""

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from torch import Tensor
from torch.nn import functional as F

from cnnlib import figures, overlays, training
from cnnlib.data.scenes import SCENE_CLASSES, scenes
from cnnlib.detection.boxes import clip
from cnnlib.detection.yolo import Cells, Yolo, boxes_by_cell, yolo_target
from cnnlib.widgets import Explorer, slider

SIZE, CELLS = 64, 8  # pixels of a scene, cells along a side
SCENES = 10


def grid_explorer(net: Yolo | None = None) -> Explorer:
    """Read the tensor cell by cell: choose a scene and a cell.

    Without `net` the tensor is the target, for any number of cells. With a trained `net` it is the network's prediction, and
    all boxes of at least a chosen score are drawn.
    """
    drawn = scenes(SCENES, SIZE, seed=4)
    column, row = ((drawn.boxes[1, 0, :2] + drawn.boxes[1, 0, 2:]) / 2 * CELLS / SIZE).long().clamp(max=CELLS - 1).tolist()
    place = {"row": slider("row", row, 0, 15), "column": slider("column", column, 0, 15)}
    scene = {"scene": slider("scene", 1, 0, SCENES - 1)}
    if net is None:

        def draw(scene: int, cells: int, row: int, column: int) -> figures.Figure:
            image, boxes, labels = (part[scene : scene + 1] for part in drawn[:3])
            return cell_by_cell(image, ideal(boxes, labels, cells, SIZE), row, column, per_cell=1)

        return Explorer(draw, scene | {"cells": slider("cells a side", CELLS, 1, 16)} | place)
    for control in place.values():
        control.max = CELLS - 1
    prediction = training.predict(net, drawn.images).cpu()

    def draw_prediction(scene: int, row: int, column: int, min_score: int) -> figures.Figure:
        image, one = (part[scene : scene + 1] for part in (drawn.images, prediction))
        return cell_by_cell(image, one, row, column, net.per_cell, min_score / 100)

    return Explorer(draw_prediction, scene | place | {"min_score": slider("least score, %", 30, 5, 95)})


def ideal(boxes: Tensor, labels: Tensor, cells: int, size: float, classes: int = len(SCENE_CLASSES)) -> Tensor:
    """Write the target as the tensor of a network with one box per cell: (N, T, 4), (N, T) -> (N, S, S, 5 + C).

    >>> ideal(torch.tensor([[[8.0, 16.0, 24.0, 40.0]]]), torch.tensor([[3]]), cells=4, size=64)[0, 1, 1].tolist()
    [0.0, 0.75, 0.25, 0.375, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    """
    target = yolo_target(boxes, labels, cells, size)
    real = (target.labels >= 0)[..., None]
    which = F.one_hot(target.labels.clamp(min=0), classes) * real
    return torch.cat([target.offsets, target.sizes, real.float(), which.float()], -1)


@figures.course_style()
def cell_by_cell(
    image: Tensor, prediction: Tensor, row: int, column: int, per_cell: int = 2, min_score: float | None = None
) -> figures.Figure:
    """Draw a scene (1, 3, H, H) and its tensor (1, S, S, B * 5 + C): one cell's boxes, the best scores, one cell's numbers.

    A row or column beyond the last becomes the last. With `min_score`, the boxes of all cells that score that much are drawn.
    """
    size, cells = image.shape[3], prediction.shape[1]
    row, column = min(row, cells - 1), min(column, cells - 1)
    predicted = boxes_by_cell(prediction, size, per_cell)
    figure, (scene, grid, bars) = figures.blank(7.6, 2.9, 1, 3)
    figure.set_layout_engine("none")  # by hand: the picture follows a slider
    for ax, left in ((scene, 0.01), (grid, 0.325), (bars, 0.715)):
        ax.set_position((left, 0.08, 0.275, 0.75))
    scene.imshow(image[0].permute(1, 2, 0).numpy())
    ticks = np.arange(cells + 1) * size / cells - 0.5
    scene.hlines(ticks, -0.5, size - 0.5, color="white", linewidth=0.4, alpha=0.8)
    scene.vlines(ticks, -0.5, size - 0.5, color="white", linewidth=0.4, alpha=0.8)
    scene.set(xlim=(-0.5, size - 0.5), ylim=(size - 0.5, -0.5))
    scene.axis("off")
    shown = _draw_likely(scene, predicted, min_score, size) if min_score is not None else ""
    _draw_cell(scene, predicted, row, column, size / cells)
    best = _draw_grid(grid, predicted, row, column)
    words = _draw_numbers(bars, predicted, row, column)
    scene.set_title(shown or f"row {row}, column {column}", fontsize=figures.SMALL)
    figure.alt = (
        f"A scene in {cells} x {cells} cells. {f'Drawn: {shown}. ' if shown else ''}Row {row}, column {column} predicts: "
        f"{words}. The best score is above one half in {int((best > 0.5).sum())} cells."
    )
    return figure


def _draw_likely(ax: Axes, predicted: Cells, min_score: float, size: int) -> str:
    """Draw every box whose best score is at least `min_score`, thin and clipped: -> their count in words."""
    probability, label = predicted.probabilities[0].max(-1)
    score = predicted.confidences[0] * probability[..., None]  # (S, S, B)
    chosen = score >= min_score
    labels = label[..., None].expand_as(score)[chosen].tolist()
    for box, which in zip(clip(predicted.boxes[0][chosen], size, size).tolist(), labels, strict=True):
        overlays.draw_box(ax, box, overlays.colour_of(which), width=1.2)
    return f"{len(labels)} boxes that score {min_score:.2f} or more"


def _draw_cell(ax: Axes, predicted: Cells, row: int, column: int, side: float) -> None:
    """Frame one cell and draw its boxes with their centres; the line is wider for a higher confidence."""
    frame = (column * side - 0.5, row * side - 0.5), side, side
    ax.add_patch(Rectangle(*frame, facecolor="white", alpha=0.35))
    ax.add_patch(Rectangle(*frame, fill=False, edgecolor=figures.INK, linewidth=1.6))
    colour = overlays.colour_of(int(predicted.probabilities[0, row, column].argmax()))
    numbers = zip(predicted.boxes[0, row, column].tolist(), predicted.confidences[0, row, column].tolist(), strict=True)
    for (x1, y1, x2, y2), confidence in numbers:
        if min(x2 - x1, y2 - y1) <= 0:
            continue
        overlays.draw_box(ax, (x1, y1, x2, y2), colour, width=0.8 + 2.6 * confidence)
        ax.plot((x1 + x2) / 2 - 0.5, (y1 + y2) / 2 - 0.5, "o", color=colour, markeredgecolor="white", markersize=5)


def _draw_grid(ax: Axes, predicted: Cells, row: int, column: int) -> Tensor:
    """Colour each cell by its most likely class, more strongly for a higher score: -> the best score of each cell (S, S)."""
    probability, label = predicted.probabilities[0].max(-1)
    best = probability * predicted.confidences[0].amax(-1)
    palette = torch.tensor([to_rgb(overlays.colour_of(k)) for k in range(predicted.probabilities.shape[-1])])
    colours = 1 - best[..., None] * (1 - palette[label])
    ax.imshow(colours.clamp(0, 1).numpy())
    cells = len(best)
    if cells <= 10:
        for (i, j), score in np.ndenumerate(best.numpy()):
            if score >= 0.1:
                ax.text(j, i, f"{score:.1f}", ha="center", va="center", fontsize=figures.SMALL, color=figures.INK)
    ticks = np.arange(cells + 1) - 0.5
    ax.hlines(ticks, -0.5, cells - 0.5, color=figures.PALE, linewidth=0.8)
    ax.vlines(ticks, -0.5, cells - 0.5, color=figures.PALE, linewidth=0.8)
    ax.axis("off")
    ax.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=figures.INK, linewidth=2, zorder=5))
    ax.set_title("best class and score", fontsize=figures.SMALL)
    return best


def _draw_numbers(ax: Axes, predicted: Cells, row: int, column: int) -> str:
    """Write the five numbers of each box of a cell over bars of its class probabilities: -> the same in words."""
    probabilities = predicted.probabilities[0, row, column].tolist()
    names = SCENE_CLASSES[: len(probabilities)]
    ax.barh(names, probabilities, color=[overlays.colour_of(k) for k in range(len(names))], height=0.6)
    for place, probability in enumerate(probabilities):
        ax.text(min(probability, 0.8), place, f" {probability:.2f}", va="center", fontsize=figures.SMALL)
    ax.set(xlim=(0, 1.02), xticks=[0, 0.5, 1])
    ax.invert_yaxis()
    ax.tick_params(length=0, labelsize=figures.SMALL)
    lines = []
    parts = (predicted.offsets[0, row, column], predicted.sizes[0, row, column], predicted.confidences[0, row, column, :, None])
    for x, y, w, h, confidence in torch.cat(parts, -1).tolist():
        lines.append(f"x {x:.2f} y {y:.2f} w {w:.2f} h {h:.2f}, conf. {confidence:.2f}")
    ax.set_title("\n".join(lines), fontsize=figures.SMALL, loc="right")
    classes = ", ".join(f"{name} {probability:.2f}" for name, probability in zip(names, probabilities, strict=True))
    return f"{'; '.join(lines)}; {classes}"
