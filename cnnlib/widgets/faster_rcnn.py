"""The explorers of lesson 09, a region on a map and anchors over a scene, and a picture of what each stage sees."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle
from torch import Tensor

from cnnlib import figures, overlays
from cnnlib.data.scenes import SCENE_CLASSES, scenes
from cnnlib.detection.anchors import BACKGROUND, LEFT_OUT, anchors, assign
from cnnlib.detection.boxes import Detections
from cnnlib.detection.faster_rcnn import FasterRCNN
from cnnlib.detection.rpn import best_proposals
from cnnlib.evaluation import evaluating
from cnnlib.models.backbone import STRIDE
from cnnlib.widgets import Explorer, slider

CELLS = 10  # of the map along each axis, each of STRIDE pixels
SAMPLING = 2  # points along each axis of a bin
SIZE = 64  # pixels of a scene
DPI = 80  # a dozen scenes in one picture
OBJECTNESS = LinearSegmentedColormap.from_list("objectness", ["#f0a500", "#d55e00", "#3b0f70"])  # all dark enough for grey


def pooling_explorer() -> Explorer:
    """Move a region by single pixels over a map of stride 4: what RoI pooling takes for it, and where RoIAlign looks."""
    controls = {
        "left": slider("left, pixels", 6, 0, 14),
        "top": slider("top, pixels", 9, 0, 14),
        "side": slider("side, pixels", 21, 8, 25),
        "bins": slider("bins", 2, 1, 4),
    }
    return Explorer(pooled, controls)


def pooled(left: int, top: int, side: int, bins: int) -> figures.Figure:
    """Draw a square region on the map: the bins of RoI pooling over whole cells, the points of RoIAlign where they lie."""
    figure, axes = figures.blank(7.0, 3.7, 1, 2, figures.PHOTO_DPI)
    starts = left, top
    whole = [[int(np.floor(pixel / STRIDE + 0.5)) for pixel in (start, start + side)] for start in starts]  # x, then y
    for ax in axes:
        ax.set(xlim=(0, CELLS * STRIDE), ylim=(CELLS * STRIDE, 0), aspect="equal")
        ax.set_xticks(range(0, CELLS * STRIDE + 1, 2 * STRIDE))
        ax.set_yticks(range(0, CELLS * STRIDE + 1, 2 * STRIDE))
        ax.tick_params(length=0, labelsize=8)
        for lines in (ax.vlines, ax.hlines):
            lines(range(0, CELLS * STRIDE, STRIDE), 0, CELLS * STRIDE, color=figures.PALE, linewidth=0.8, zorder=0)
        ax.set_xlabel("pixels of the image", fontsize=9)
    _draw_bins(axes[0], whole, bins)
    axes[1].plot(*map(np.ravel, np.meshgrid(*(_points(start, side, bins) for start in starts))), ".", color=figures.COLOURS[1])
    for number in range(1, bins):
        axes[1].vlines(left + number * side / bins, top, top + side, color=figures.COLOURS[1], linewidth=0.9)
        axes[1].hlines(top + number * side / bins, left, left + side, color=figures.COLOURS[1], linewidth=0.9)
    for ax in axes:
        ax.add_patch(Rectangle((left, top), side, side, fill=False, edgecolor=figures.INK, linewidth=2, linestyle="--"))
    (x1, x2), (y1, y2) = ((STRIDE * first, STRIDE * (last + 1)) for first, last in whole)
    axes[0].set_title(f"RoI pooling: {x1}, {y1} to {x2}, {y2}", fontsize=9.5)
    axes[1].set_title(f"RoIAlign: {left}, {top} to {left + side}, {top + side}", fontsize=9.5)
    figure.alt = (
        f"A region from ({left}, {top}) to ({left + side}, {top + side}) pixels on a map of stride {STRIDE}, "
        f"{bins} x {bins} bins. RoI pooling takes the cells from ({x1}, {y1}) to ({x2}, {y2}); RoIAlign averages "
        f"{SAMPLING * SAMPLING} points in each bin of the region as it is."
    )
    return figure


def _draw_bins(ax: Axes, whole: list[list[int]], bins: int) -> None:
    """Colour the cells of each bin of RoI pooling, `whole` = first and last column, first and last row; bins may overlap."""
    for i in range(bins):
        for j in range(bins):
            (left, right), (top, bottom) = (
                (first + n * (last - first + 1) // bins, first - (-(n + 1) * (last - first + 1) // bins))
                for n, (first, last) in zip((j, i), whole, strict=True)
            )
            corner, width, height = (left * STRIDE, top * STRIDE), (right - left) * STRIDE, (bottom - top) * STRIDE
            colour = figures.COLOURS[(i + j) % 2 * 4]
            ax.add_patch(Rectangle(corner, width, height, facecolor=colour, alpha=0.45, edgecolor=figures.INK, linewidth=0.8))


def _points(start: int, side: int, bins: int) -> np.ndarray:
    return start + side * (np.arange(bins * SAMPLING) + 0.5) / (bins * SAMPLING)


def anchors_explorer() -> Explorer:
    """Lay squares of three sizes on every cell of a scene's map: which become positive, and which object has none?"""
    controls = {
        "number": slider("scene", 0, 0, 9),
        "small": slider("small, pixels", 16, 8, 40),
        "middle": slider("middle, pixels", 20, 8, 40),
        "large": slider("large, pixels", 26, 8, 40),
        "positive": slider("positive, %", 70, 30, 95),
        "negative": slider("negative, %", 30, 5, 70),
    }
    for name in ("positive", "negative"):
        controls[name].step = 5
    drawn = scenes(10, SIZE, seed=2)

    def draw(number: int, small: int, middle: int, large: int, positive: int, negative: int) -> figures.Figure:
        image, boxes, labels = (part[number : number + 1] for part in drawn[:3])
        return matched(image, boxes, labels, (small, middle, large), positive, negative)

    return Explorer(draw, controls)


def matched(image: Tensor, boxes: Tensor, labels: Tensor, sizes: Sequence[int], positive: int, negative: int) -> figures.Figure:
    """Draw what the anchors of one scene learn: positive ones as boxes, and every cell by the best of its three anchors."""
    cells = SIZE // STRIDE
    laid = anchors(cells, cells, STRIDE, sizes, (1,))
    matches = assign(laid, boxes, labels, positive / 100, negative / 100)[0]
    figure, axes = figures.blank(7.4, 3.9, 1, 2, figures.PHOTO_DPI)
    there = labels[0] >= 0
    for ax in axes:
        _show_pale(ax, image[0])
        ax.axis("off")
        ax.set(xlim=(-0.5, SIZE - 0.5), ylim=(SIZE - 0.5, -0.5))
    for box, match in zip(laid[matches >= 0].tolist(), matches[matches >= 0].tolist(), strict=True):
        corner, width, height = (box[0] - 0.5, box[1] - 0.5), box[2] - box[0], box[3] - box[1]
        colour = overlays.colour_of(int(labels[0, match]))
        axes[0].add_patch(Rectangle(corner, width, height, fill=False, edgecolor=colour, linewidth=1.8))
    for box in boxes[0, there].tolist():
        overlays.draw_box(axes[0], box, figures.INK, style="--")
    best = torch.where(matches == LEFT_OUT, -0.5, matches.double()).view(cells, cells, len(sizes)).amax(2)
    y, x = (((np.indices((cells, cells)) + 0.5) * STRIDE) - 0.5).reshape(2, -1)
    for kind, colour, marker in ((best >= 0, 1, "o"), (best == -0.5, 3, "x"), (best == BACKGROUND, 0, ".")):
        inside = kind.flatten().numpy()
        axes[1].plot(x[inside], y[inside], marker, color=figures.COLOURS[colour], markersize=5 if marker != "." else 3)
    count = {
        "positive": int((matches >= 0).sum()),
        "left out": int((matches == LEFT_OUT).sum()),
        "background": int((matches == BACKGROUND).sum()),
    }
    each = [int((matches == t).sum()) for t in there.nonzero()[:, 0].tolist()]
    names = [SCENE_CLASSES[k] for k in labels[0, there].tolist()]
    said = ", ".join(f"{name} {n}" for name, n in zip(names, each, strict=True))
    sides = ", ".join(map(str, sizes))
    axes[0].set_title(f"{count['positive']} positive ({said})", fontsize=9)
    axes[1].set_title(f"x: {count['left out']} left out; small dots: {count['background']} background", fontsize=9)
    figure.suptitle(
        f"squares of {sides} pixels; at least {positive} % positive, below {negative} % background; dashed: objects",
        fontsize=9.5,
    )
    figure.alt = (
        f"A scene and its {len(laid)} anchors, squares of {sides} pixels; positive from {positive} % IoU, background below "
        f"{negative} %. {', '.join(f'{n} {name}' for name, n in count.items())}. Positive anchors of each object: {said}."
    )
    return figure


def _show_pale(ax: Axes, image: Tensor) -> None:
    """Show a scene in pale grey, (3, H, W): the colours belong to what is drawn on it."""
    ax.imshow(image.mean(0).numpy(), cmap="gray", vmin=0, vmax=1, alpha=0.45)


def first_stage(net: FasterRCNN, images: Tensor, most: int) -> dict[str, list[Detections]]:
    """Follow the `most` anchors of the highest objectness: as they lie, moved by their deltas, and what NMS leaves of all."""
    where = net.head.scores.weight
    with evaluating(net):
        x = net.backbone(images.to(where))
        (logits, deltas), laid = net.rpn(x), net.rpn.anchors(x)
        still = best_proposals(logits, 0 * deltas, laid, *images.shape[2:], most)
        moved = best_proposals(logits, deltas, laid, *images.shape[2:], most)
    found = {f"the {most} anchors of the highest objectness": still, "moved by their deltas": moved}
    listed = {name: [_unlabelled(*one) for one in zip(*each, strict=True)] for name, each in found.items()}
    return listed | {f"after NMS, the best {most // 2} of all": net.propose(images, most // 2)}


def _unlabelled(boxes: Tensor, scores: Tensor) -> Detections:
    return Detections(boxes.cpu(), scores.cpu(), torch.zeros(len(boxes), dtype=torch.long))


def stages(
    images: Tensor, before: Mapping[str, Sequence[Detections]], after: Mapping[str, Sequence[Detections]]
) -> figures.Figure:
    """Draw boxes stage by stage, one row each: images (N, 3, H, W), `before` of no class, `after` in the colours of classes.

    A box of no class has the colour of its score, from orange at 0 to purple at 1; its scene is grey.
    """
    rows = before | after
    figure, axes = figures.blank(2.2 * len(images), 2.3 * len(rows) + 0.5, len(rows), len(images), DPI)
    for place, ax in enumerate(axes):
        title, image = list(rows)[place // len(images)], place % len(images)
        found = rows[title][image]
        if title in after:
            ax.imshow(images[image].permute(1, 2, 0).numpy())
        else:
            _show_pale(ax, images[image])
        ax.axis("off")
        if not image:
            ax.set_title(title, fontsize=8.5, loc="left")
        for box, score, label in sorted(zip(*(part.tolist() for part in found), strict=True), key=lambda one: one[1]):
            if title in after:
                overlays.draw_box(ax, box, overlays.colour_of(label))
                continue
            corner, width, height = (box[0] - 0.5, box[1] - 0.5), box[2] - box[0], box[3] - box[1]
            ax.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=OBJECTNESS(score), linewidth=1.3))
    bar = figure.colorbar(ScalarMappable(cmap=OBJECTNESS), ax=axes, location="bottom", fraction=0.02, aspect=50)
    bar.set_label("score of a box without a class", fontsize=8.5)
    counts = "; ".join(f"{title}: {', '.join(str(len(one.boxes)) for one in found)}" for title, found in rows.items())
    figure.alt = f"{len(images)} scenes, one row a stage, the number of boxes on each. {counts}."
    return figure
