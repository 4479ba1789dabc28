"""The explorers of lesson 08: two boxes, merging regions, suppression."""

from collections.abc import Sequence
from functools import cache

import torch
from matplotlib.patches import Rectangle
from torch import Tensor

from cnnlib import figures, overlays
from cnnlib.data.photos import PHOTOS, photo
from cnnlib.data.scenes import SCENE_CLASSES, scenes
from cnnlib.detection.boxes import Detections, clip, decode, iou
from cnnlib.detection.grouping import Hierarchy, grouping
from cnnlib.detection.proposals import padded, selective_search
from cnnlib.detection.rcnn import RCNN
from cnnlib.detection.regions import RegionClassifier
from cnnlib.detection.suppression import nms_by_class
from cnnlib.evaluation import evaluating
from cnnlib.models.backbone import pretrained_backbone
from cnnlib.widgets import Explorer, menu, slider

SIDE = 20  # pixels of the first of two boxes
PIXELS, SCALE, BLUR = 200, 50, 0.8  # of the photographs that are grouped
NARROWEST = 12  # pixels: smaller boxes are not drawn
SHOWN = 12  # scenes to choose from
LABEL = 26, 4.5  # about the width and height of a name with its score, in pixels of a scene
LEARNED = 60  # scenes that a detector learns from if none is given


def overlap_explorer() -> Explorer:
    """Move and stretch one box over another: what they share, what they cover together, and the quotient."""
    controls = {
        "right": slider("moved right", 5, -24, 24),
        "down": slider("moved down", 0, -24, 24),
        "width": slider("width", 20, 2, 40),
        "height": slider("height", 20, 2, 40),
    }
    return Explorer(overlapping, controls)


def overlapping(right: int, down: int, width: int, height: int) -> figures.Figure:
    """Draw a box of 20 x 20 pixels and a second one, and colour what both cover."""
    first, second = (30, 30, 30 + SIDE, 30 + SIDE), (30 + right, 30 + down, 30 + right + width, 30 + down + height)
    x1, y1, x2, y2 = (pick(pair) for pick, pair in zip((max, max, min, min), zip(first, second, strict=True), strict=True))
    shared = max(x2 - x1, 0) * max(y2 - y1, 0)
    union = SIDE**2 + width * height - shared
    figure, (ax,) = figures.blank(3.6, 3.4, dpi=figures.PHOTO_DPI)
    ax.set(xlim=(4, 96), ylim=(96, 4), aspect="equal")
    ax.axis("off")
    for (left, top, end, bottom), colour in ((first, figures.COLOURS[0]), (second, figures.COLOURS[1])):
        box = (left, top), end - left, bottom - top
        ax.add_patch(Rectangle(*box, facecolor=colour, alpha=0.22))
        ax.add_patch(Rectangle(*box, fill=False, edgecolor=colour, linewidth=2))
    if shared:
        ax.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, facecolor=figures.COLOURS[2], alpha=0.75))
    ax.set_title(f"shared {shared}, together {union}: IoU {shared / union:.2f}", fontsize=10)
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
    figure, axes = figures.blank(6.8, 3.6, 1, 2, figures.PHOTO_DPI)
    axes[0].imshow(colours[:, index].permute(1, 2, 0).numpy().clip(0, 1), interpolation="nearest")
    axes[1].imshow(image.permute(1, 2, 0).numpy())
    drawn = 0
    for x1, y1, x2, y2 in found.boxes[numbers].tolist():
        if min(x2 - x1, y2 - y1) >= NARROWEST:
            drawn += 1
            colour = figures.COLOURS[drawn % len(figures.COLOURS)]
            axes[1].add_patch(Rectangle((x1 - 0.5, y1 - 0.5), x2 - x1, y2 - y1, fill=False, edgecolor=colour, linewidth=1.6))
    for ax in axes:
        ax.axis("off")
    axes[0].set_title(f"{first} regions, {merges} merges: {left} left", fontsize=10)
    axes[1].set_title(f"their boxes; {len(proposals)} different ones so far", fontsize=10)
    figure.alt = (
        f"The photograph {name}: of {first} regions {left} are left after {merges} merges, each in its mean colour; beside it "
        f"the boxes of those at least {NARROWEST} pixels wide, {drawn}. So far {len(proposals)} different boxes were proposed."
    )
    return figure


def suppression_explorer(net: RegionClassifier | None = None) -> Explorer:
    """Let the best box drop its rivals: choose a scene, the lowest score and the IoU from which on a box is a rival.

    `net` is a detector that has learned; without one, an R-CNN learns from 60 scenes (some seconds).
    """
    net = net or learned()
    images, everything = crowded(), {}

    def draw(number: int, least: int, threshold: int) -> figures.Figure:
        image = images[number]
        if number not in everything:
            everything[number] = scored(net, image)
        return suppressed(image, everything[number], least, threshold)

    controls = {
        "number": slider("scene", 3, 0, SHOWN - 1),
        "least": slider("least score, %", 50, 5, 95),
        "threshold": slider("IoU allowed, %", 30, 0, 100),
    }
    return Explorer(draw, controls)


def crowded(drawn: int = 200) -> Tensor:
    """Choose the scenes whose objects of one class overlap most: (SHOWN, 3, 64, 64)."""
    many = scenes(drawn, seed=3)
    alike = (many.labels[:, :, None] == many.labels[:, None]) & (many.labels >= 0)[:, None]
    apart = ~torch.eye(many.labels.shape[1], dtype=torch.bool)
    most = (iou(many.boxes, many.boxes) * alike * apart).amax((1, 2))
    return many.images[most.topk(SHOWN).indices]


def learned() -> RCNN:
    """Train R-CNN on a few scenes."""
    few = scenes(LEARNED)
    proposals = padded([selective_search(image) for image in few.images])
    return RCNN(pretrained_backbone(), len(SCENE_CLASSES)).fit(few.images, few.boxes, few.labels, proposals)


def scored(net: RegionClassifier, image: Tensor) -> Detections:
    """Judge every proposal of an image (3, H, W) for every class: -> (P K, 4), (P K,), (P K,), nothing suppressed."""
    proposals = selective_search(image)
    rois = torch.cat([torch.zeros(len(proposals), 1), proposals], 1)
    where = next(net.backbone.parameters()).device
    with evaluating(net.backbone):
        x = net.features(image[None].to(where), rois.to(where))
    x = (x - net.mean) / net.spread
    scores = (x @ net.svm[0].T + net.svm[1]).sigmoid().cpu()  # (P, K)
    deltas = (torch.einsum("rd,kcd->rkc", x, net.ridge[0]) + net.ridge[1]).cpu()
    boxes = clip(decode(deltas, proposals[:, None]), *image.shape[1:])
    labels = torch.arange(scores.shape[1]).expand_as(scores)
    return Detections(boxes.flatten(0, 1), scores.flatten(), labels.flatten())


def suppressed(image: Tensor, found: Detections, least: int, threshold: int) -> figures.Figure:
    """Draw the boxes that score at least `least` per cent, and what suppression at `threshold` per cent IoU leaves of them."""
    boxes, scores, labels = (part[found.scores >= least / 100] for part in found)
    kept = nms_by_class(boxes, scores, labels, threshold / 100)
    figure, axes = figures.blank(6.6, 3.6, 1, 2, figures.PHOTO_DPI)
    for ax, chosen in zip(axes, (scores.argsort(), kept.flip(0)), strict=True):
        ax.imshow(image.permute(1, 2, 0).numpy())
        ax.axis("off")
        for number in chosen.tolist():
            overlays.draw_box(ax, boxes[number].tolist(), overlays.colour_of(labels[number].item()))
    taken = []
    for number in kept[:8].tolist():
        x, y = free_place(boxes[number].tolist(), taken, image.shape[1])
        taken.append((x, y))
        style = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.6}
        text = f"{SCENE_CLASSES[labels[number]]} {scores[number]:.2f}"
        axes[1].text(x, y, text, fontsize=6.5, color=figures.INK, va="top", bbox=style)
    axes[0].set_title(f"{len(boxes)} boxes of a score from {least / 100:.2f} on", fontsize=10)
    axes[1].set_title(f"{len(kept)} kept: no two of a class above IoU {threshold / 100:.2f}", fontsize=10)
    names = ", ".join(f"{SCENE_CLASSES[labels[n]]} {scores[n]:.2f}" for n in kept[:8].tolist())
    rivals = (iou(boxes, boxes) > threshold / 100).sum().item() - len(boxes)
    figure.alt = (
        f"A scene with {len(boxes)} boxes that score at least {least / 100:.2f}, and the {len(kept)} that are left "
        f"at an IoU of {threshold / 100:.2f}: {names or 'none'}. Pairs of boxes above that IoU: {rivals // 2}."
    )
    return figure


def free_place(box: Sequence[float], taken: Sequence[tuple[float, float]], height: int) -> tuple[float, float]:
    """Find where a box's name covers no other: above its upper left, below its lower left, or down from there."""
    x, top, _, bottom = box
    places = [(x, top - LABEL[1] - 1), (x, bottom), *((x, top + down) for down in range(height))]
    inside = [place for place in places if 0 <= place[1] <= height - LABEL[1]]
    free = (p for p in inside if all(abs(p[0] - a) >= LABEL[0] or abs(p[1] - b) >= LABEL[1] for a, b in taken))
    return next(free, places[0])
