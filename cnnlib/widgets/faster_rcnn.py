"""The explorers of lesson 10, a region on a feature map and anchors over a scene, and a picture of each stage's boxes."""

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
from cnnlib.detection.detections import Detections
from cnnlib.detection.faster_rcnn import FasterRCNN
from cnnlib.models.backbone import STRIDE
from cnnlib.widgets import Explorer, slider

CELLS = 10  # of the map along each axis, each of STRIDE pixels
SAMPLING = 2  # points along each axis of a bin
SIZE = 64  # pixels of a scene
OBJECTNESS = LinearSegmentedColormap.from_list("objectness", ["#f0a500", "#d55e00", "#3b0f70"])  # all dark enough for grey


def pooling_explorer() -> Explorer:
    """Move a region by single pixels over a map of stride 4: which cells RoI pooling uses, and which points RoIAlign."""
    controls = {
        "left": slider("left, pixels", 6, 0, 14),
        "top": slider("top, pixels", 9, 0, 14),
        "side": slider("side, pixels", 21, 8, 25),
        "bins": slider("bins", 2, 1, 4),
    }
    return Explorer(pooled, controls)


@figures.course_style()
def pooled(left: int, top: int, side: int, bins: int) -> figures.Figure:
    """Draw a square region on the map: the bins of RoI pooling, which are whole cells, and the sampling points of RoIAlign."""
    figure, axes = figures.blank(7.0, 3.7, 1, 2)
    starts = left, top
    whole = [[int(np.floor(pixel / STRIDE + 0.5)) for pixel in (start, start + side)] for start in starts]  # x, then y
    for ax in axes:
        ax.set(xlim=(0, CELLS * STRIDE), ylim=(CELLS * STRIDE, 0), aspect="equal")
        ax.set_xticks(range(0, CELLS * STRIDE + 1, 2 * STRIDE))
        ax.set_yticks(range(0, CELLS * STRIDE + 1, 2 * STRIDE))
        ax.tick_params(length=0, labelsize=figures.SMALL)
        for lines in (ax.vlines, ax.hlines):
            lines(range(0, CELLS * STRIDE, STRIDE), 0, CELLS * STRIDE, color=figures.PALE, linewidth=0.8, zorder=0)
        ax.set_xlabel("pixels of the image", fontsize=figures.SMALL)
    _draw_bins(axes[0], whole, bins)
    axes[1].plot(*map(np.ravel, np.meshgrid(*(_points(start, side, bins) for start in starts))), ".", color=figures.COLOURS[1])
    for line in range(1, bins):
        axes[1].vlines(left + line * side / bins, top, top + side, color=figures.COLOURS[1], linewidth=0.9)
        axes[1].hlines(top + line * side / bins, left, left + side, color=figures.COLOURS[1], linewidth=0.9)
    for ax in axes:
        ax.add_patch(Rectangle((left, top), side, side, fill=False, edgecolor=figures.INK, linewidth=2, linestyle="--"))
    (x1, x2), (y1, y2) = ((STRIDE * first, STRIDE * (last + 1)) for first, last in whole)
    axes[0].set_title(f"RoI pooling: {x1}, {y1} to {x2}, {y2}", fontsize=figures.SMALL)
    axes[1].set_title(f"RoIAlign: {left}, {top} to {left + side}, {top + side}", fontsize=figures.SMALL)
    figure.alt = (
        f"A region from ({left}, {top}) to ({left + side}, {top + side}) pixels on a map of stride {STRIDE}, "
        f"{bins} x {bins} bins. RoI pooling uses the cells from ({x1}, {y1}) to ({x2}, {y2}); RoIAlign averages "
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
    """Place squares of three sizes at every cell of a scene's map: which are positive, and which object has none?"""
    controls = {
        "scene": slider("scene", 0, 0, 9),
        "small": slider("small, pixels", 16, 8, 40),
        "middle": slider("middle, pixels", 20, 8, 40),
        "large": slider("large, pixels", 26, 8, 40),
        "positive": slider("positive, %", 70, 30, 95),
        "negative": slider("negative, %", 30, 5, 70),
    }
    for name in ("positive", "negative"):
        controls[name].step = 5
    drawn = scenes(10, SIZE, seed=2)

    def draw(scene: int, small: int, middle: int, large: int, positive: int, negative: int) -> figures.Figure:
        image, boxes, labels = (part[scene : scene + 1] for part in drawn[:3])
        return matched(image, boxes, labels, (small, middle, large), positive, negative)

    return Explorer(draw, controls)


@figures.course_style()
def matched(image: Tensor, boxes: Tensor, labels: Tensor, sizes: Sequence[int], positive: int, negative: int) -> figures.Figure:
    """Draw how the anchors of one scene are matched: positive ones as boxes, each cell by the best of its three anchors."""
    cells = SIZE // STRIDE
    laid = anchors(cells, cells, STRIDE, sizes, (1,))
    matches = assign(laid, boxes, labels, positive / 100, negative / 100)[0]
    figure, axes = figures.blank(7.4, 3.9, 1, 2)
    real = labels[0] >= 0
    for ax in axes:
        _show_pale(ax, image[0])
        ax.axis("off")
        ax.set(xlim=(-0.5, SIZE - 0.5), ylim=(SIZE - 0.5, -0.5))
    for box, match in zip(laid[matches >= 0].tolist(), matches[matches >= 0].tolist(), strict=True):
        overlays.draw_box(axes[0], box, overlays.colour_of(int(labels[0, match])), halo=0)
    for box in boxes[0, real].tolist():
        overlays.draw_box(axes[0], box, figures.INK, style="--")
    best = torch.where(matches == LEFT_OUT, -0.5, matches.double()).view(cells, cells, len(sizes)).amax(2)
    y, x = (((np.indices((cells, cells)) + 0.5) * STRIDE) - 0.5).reshape(2, -1)
    for kind, colour, marker in ((best >= 0, 1, "o"), (best == -0.5, 0, "x"), (best == BACKGROUND, 0, ".")):
        inside = kind.flatten().numpy()
        axes[1].plot(x[inside], y[inside], marker, color=figures.COLOURS[colour], markersize=5 if marker != "." else 3)
    count = {
        "positive": int((matches >= 0).sum()),
        "left out": int((matches == LEFT_OUT).sum()),
        "background": int((matches == BACKGROUND).sum()),
    }
    each = [int((matches == t).sum()) for t in real.nonzero()[:, 0].tolist()]
    names = [SCENE_CLASSES[k] for k in labels[0, real].tolist()]
    listed = ", ".join(f"{name} {n}" for name, n in zip(names, each, strict=True))
    sides = ", ".join(map(str, sizes))
    axes[0].set_title(f"{count['positive']} positive ({listed})", fontsize=figures.SMALL)
    axes[1].set_title(f"x: {count['left out']} left out; small dots: {count['background']} background", fontsize=figures.SMALL)
    figure.suptitle(
        f"squares of {sides} pixels; at least {positive} % positive, below {negative} % background; dashed: objects",
        fontsize=figures.SMALL,
    )
    figure.alt = (
        f"A scene and its {len(laid)} anchors, squares of {sides} pixels; positive from {positive} % IoU, background below "
        f"{negative} %. {', '.join(f'{n} {name}' for name, n in count.items())}. Positive anchors of each object: {listed}."
    )
    return figure


def _show_pale(ax: Axes, image: Tensor) -> None:
    """Show a scene (3, H, W) in pale grey, so that only what is drawn on it has colours."""
    ax.imshow(image.mean(0).numpy(), cmap="gray", vmin=0, vmax=1, alpha=0.45)


def first_stage(net: FasterRCNN, images: Tensor, max_count: int) -> dict[str, list[Detections]]:
    """Follow the `max_count` anchors of the highest objectness: the anchors, the anchors moved, and what NMS leaves of all."""
    return {
        f"the {max_count} anchors of the highest objectness": net.propose(images, max_count, max_overlap=1, moved=False),
        "moved by their deltas": net.propose(images, max_count, max_overlap=1),
        f"after NMS, the best {max_count // 2} of all": net.propose(images, max_count // 2),
    }


@figures.course_style()
def stages(
    images: Tensor, before: Mapping[str, Sequence[Detections]], after: Mapping[str, Sequence[Detections]]
) -> figures.Figure:
    """Draw boxes stage by stage, one row each: images (N, 3, H, W), `before` of no class, `after` in the colours of classes.

    A box of no class has the colour of its score, from orange at 0 to purple at 1; its scene is grey.
    """
    rows = {**before, **after}
    figure, axes = figures.blank(2.2 * len(images), 2.3 * len(rows) + 0.5, len(rows), len(images))
    for place, ax in enumerate(axes):
        title, image = list(rows)[place // len(images)], place % len(images)
        found = rows[title][image]
        if title in after:
            ax.imshow(images[image].permute(1, 2, 0).numpy())
        else:
            _show_pale(ax, images[image])
        ax.axis("off")
        if not image:
            ax.set_title(title, fontsize=figures.SMALL, loc="left")
        for box, score, label in sorted(zip(*(part.tolist() for part in found), strict=True), key=lambda one: one[1]):
            if title in after:
                overlays.draw_box(ax, box, overlays.colour_of(label))
            else:
                overlays.draw_box(ax, box, OBJECTNESS(score), width=1.3, halo=0)
    bar = figure.colorbar(ScalarMappable(cmap=OBJECTNESS), ax=axes, location="bottom", fraction=0.02, aspect=50)
    bar.set_label("score of a box without a class", fontsize=figures.SMALL)
    counts = "; ".join(f"{title}: {', '.join(str(len(one.boxes)) for one in found)}" for title, found in rows.items())
    figure.alt = f"{len(images)} scenes, one row per stage, the number of boxes on each. {counts}."
    return figure
