"""The explorers of lesson 09: two boxes, merging regions, suppression."""

from collections.abc import Sequence
from functools import cache

import torch
from matplotlib.patches import Rectangle
from torch import Tensor

from cnnlib import figures, overlays
from cnnlib.data.photos import PHOTOS, photo
from cnnlib.data.scenes import SCENE_CLASSES, scenes
from cnnlib.detection.boxes import iou
from cnnlib.detection.detections import Detections
from cnnlib.detection.grouping import Hierarchy, grouping
from cnnlib.detection.proposals import padded, selective_search
from cnnlib.detection.rcnn import RCNN
from cnnlib.detection.regions import RegionClassifier
from cnnlib.detection.suppression import nms_by_class
from cnnlib.widgets import Explorer, menu, slider

SIDE = 20  # pixels of the first of two boxes
PIXELS, SCALE, BLUR = 200, 50, 0.8  # of the photographs that are grouped
NARROWEST = 12  # pixels: smaller boxes are not drawn
SHOWN = 12  # scenes to choose from
LABEL = 26, 4.5  # about the width and height of a name with its score, in pixels of a scene
TRAINING_SCENES = 60  # for a detector, if none is given


def overlap_explorer() -> Explorer:
    """Move and stretch one box over another: what they share, what they cover together, and the quotient."""
    controls = {
        "right": slider("moved right", 5, -24, 24),
        "down": slider("moved down", 0, -24, 24),
        "width": slider("width", 20, 2, 40),
        "height": slider("height", 20, 2, 40),
    }
    return Explorer(overlapping, controls)


@figures.course_style()
def overlapping(right: int, down: int, width: int, height: int) -> figures.Figure:
    """Draw a box of 20 x 20 pixels and a second one, and colour what both cover."""
    first, second = (30, 30, 30 + SIDE, 30 + SIDE), (30 + right, 30 + down, 30 + right + width, 30 + down + height)
    x1, y1, x2, y2 = (pick(pair) for pick, pair in zip((max, max, min, min), zip(first, second, strict=True), strict=True))
    shared = max(x2 - x1, 0) * max(y2 - y1, 0)
    union = SIDE**2 + width * height - shared
    figure, (ax,) = figures.blank(3.6, 3.4)
    ax.set(xlim=(4, 96), ylim=(96, 4), aspect="equal")
    ax.axis("off")
    for box, colour in ((first, figures.COLOURS[0]), (second, figures.COLOURS[1])):
        ax.add_patch(Rectangle(box[:2], box[2] - box[0], box[3] - box[1], facecolor=colour, alpha=0.22))
        overlays.draw_box(ax, [edge + 0.5 for edge in box], colour, width=2, halo=0)  # no pixels are shown here
    if shared:
        ax.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, facecolor=figures.COLOURS[2], alpha=0.75))
    ax.set_title(f"shared {shared}, together {union}: IoU {shared / union:.2f}", fontsize=figures.SMALL)
    figure.alt = (
        f"A box of {SIDE} x {SIDE} pixels and one of {width} x {height}, its corner {right} to the right and {down} down. "
        f"They share {shared} pixels and cover {union} together: IoU {shared / union:.2f}."
    )
    return figure


def grouping_explorer() -> Explorer:
    """Merge the regions of a photograph step by step: choose it, and how many regions are left."""
    controls = {
        "name": menu("photograph", PHOTOS),
        "left": slider("regions left", 12, 1, 120),
    }
    return Explorer(grouped, controls)


@cache
def hierarchy(name: str) -> tuple[Tensor, Hierarchy]:
    """Load a photograph and group it: -> (3, 200, 200), Hierarchy."""
    image = photo(name, PIXELS)[0]
    return image, grouping(image, SCALE, BLUR, colours="hsv")


@figures.course_style()
def grouped(name: str, left: int) -> figures.Figure:
    """Draw the regions that are left, each in its mean colour, and on the photograph the box of each."""
    image, found = hierarchy(name)
    first = len(found.merges) + 1
    left = min(left, first)
    merges = first - left
    labels = found.after(merges)
    numbers, index = labels.unique(return_inverse=True)
    colours = torch.stack([torch.bincount(index.ravel(), channel.ravel()) for channel in image])  # (3, regions)
    colours = colours / torch.bincount(index.ravel())
    proposals = found.boxes[: first + merges]
    proposals = proposals[(proposals[:, 2:] - proposals[:, :2]).amin(1) >= NARROWEST].unique(dim=0)
    figure, axes = figures.blank(6.8, 3.6, 1, 2)
    axes[0].imshow(colours[:, index].permute(1, 2, 0).numpy().clip(0, 1), interpolation="nearest")
    axes[1].imshow(image.permute(1, 2, 0).numpy())
    drawn = 0
    for box in found.boxes[numbers].tolist():
        if min(box[2] - box[0], box[3] - box[1]) >= NARROWEST:
            drawn += 1
            overlays.draw_box(axes[1], box, figures.COLOURS[drawn % len(figures.COLOURS)], width=1.6, halo=0)
    for ax in axes:
        ax.axis("off")
    axes[0].set_title(f"{first} regions, {merges} merges: {left} left", fontsize=figures.SMALL)
    axes[1].set_title(f"their boxes; {len(proposals)} different ones so far", fontsize=figures.SMALL)
    figure.alt = (
        f"The photograph {name}: of {first} regions {left} are left after {merges} merges, each in its mean colour; beside it "
        f"the boxes of those at least {NARROWEST} pixels wide, {drawn}. So far {len(proposals)} different boxes were proposed."
    )
    return figure


def suppression_explorer(net: RegionClassifier | None = None) -> Explorer:
    """Suppress what overlaps a better box: choose a scene, the lowest score and the highest IoU that is allowed.

    `net` is a fitted detector; without one, an R-CNN is trained on 60 scenes (some seconds).
    """
    net = net or fitted()
    images, everything = crowded(), {}

    def draw(scene: int, min_score: int, max_overlap: int) -> figures.Figure:
        image = images[scene]
        if scene not in everything:
            everything[scene] = all_scored(net, image)
        return suppressed(image, everything[scene], min_score, max_overlap)

    controls = {
        "scene": slider("scene", 3, 0, SHOWN - 1),
        "min_score": slider("least score, %", 50, 5, 95),
        "max_overlap": slider("IoU allowed, %", 30, 0, 100),
    }
    return Explorer(draw, controls)


def crowded(drawn: int = 200) -> Tensor:
    """Choose the scenes whose objects of one class overlap most: (SHOWN, 3, 64, 64)."""
    many = scenes(drawn, seed=3)
    alike = (many.labels[:, :, None] == many.labels[:, None]) & (many.labels >= 0)[:, None]
    apart = ~torch.eye(many.labels.shape[1], dtype=torch.bool)
    overlap = (iou(many.boxes, many.boxes) * alike * apart).amax((1, 2))
    return many.images[overlap.topk(SHOWN).indices]


def fitted() -> RCNN:
    """Train R-CNN on a few scenes."""
    few = scenes(TRAINING_SCENES)
    proposals = padded([selective_search(image) for image in few.images])
    return RCNN(len(SCENE_CLASSES)).fit(few.images, few.boxes, few.labels, proposals)


def all_scored(net: RegionClassifier, image: Tensor) -> Detections:
    """Score every proposal of an image (3, H, W) for every class, and suppress nothing."""
    everything = dict(min_score=0.0, max_overlap=1.0, max_count=10**6)
    return net.detect(image[None], selective_search(image)[None], **everything)[0]


@figures.course_style()
def suppressed(image: Tensor, found: Detections, min_score: int, max_overlap: int) -> figures.Figure:
    """Draw the boxes that score at least `min_score` %, and those that NMS keeps if they may overlap by `max_overlap` % IoU."""
    lowest, highest = min_score / 100, max_overlap / 100
    boxes, scores, labels = (part[found.scores >= lowest] for part in found)
    kept = nms_by_class(boxes, scores, labels, highest)
    figure, axes = figures.blank(6.6, 3.6, 1, 2)
    for ax, chosen in zip(axes, (scores.argsort(), kept.flip(0)), strict=True):
        ax.imshow(image.permute(1, 2, 0).numpy())
        ax.axis("off")
        for index in chosen.tolist():
            overlays.draw_box(ax, boxes[index].tolist(), overlays.colour_of(int(labels[index])))
    names = [f"{SCENE_CLASSES[labels[index]]} {scores[index]:.2f}" for index in kept[:8].tolist()]
    taken: list[tuple[float, float]] = []
    style = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.6}
    for index, name in zip(kept.tolist(), names, strict=False):
        taken.append(free_place(boxes[index].tolist(), taken, image.shape[1]))
        axes[1].text(*taken[-1], name, fontsize=figures.SMALL, color=figures.INK, va="top", bbox=style)
    axes[0].set_title(f"{len(boxes)} boxes that score {lowest:.2f} or more", fontsize=figures.SMALL)
    axes[1].set_title(f"{len(kept)} kept: no two of a class above IoU {highest:.2f}", fontsize=figures.SMALL)
    pairs = ((iou(boxes, boxes) > highest).sum().item() - len(boxes)) // 2
    figure.alt = (
        f"A scene with {len(boxes)} boxes that score at least {lowest:.2f}, and the {len(kept)} that are left "
        f"at an IoU of {highest:.2f}: {', '.join(names) or 'none'}. Pairs of boxes above that IoU: {pairs}."
    )
    return figure


def free_place(box: Sequence[float], taken: Sequence[tuple[float, float]], height: int) -> tuple[float, float]:
    """Find where a box's name covers no other: above its upper left, below its lower left, or down from there."""
    x, top, _, bottom = box
    places = [(x, top - LABEL[1] - 1), (x, bottom), *((x, top + down) for down in range(height))]
    inside = [place for place in places if 0 <= place[1] <= height - LABEL[1]]
    free = (p for p in inside if all(abs(p[0] - a) >= LABEL[0] or abs(p[1] - b) >= LABEL[1] for a, b in taken))
    return next(free, places[0])
