"""Masks and boxes drawn over images, with a legend and a text alternative."""

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from torch import Tensor

from cnnlib.canvas import COLOURS, PHOTO_DPI, Figure, blank, course_style, draw_box
from cnnlib.detection.detections import Detections, best_overlaps

BACKGROUND = "#5b6770"
IGNORED = "#ffffff"
PALETTE = (*COLOURS, "#f0e442", "#882255", "#44aa99", "#332288")  # four more for the ten classes of a real data set


@course_style()
def masks(
    images: Tensor,
    labels: Tensor,
    classes: Sequence[str],
    titles: Sequence[str] = (),
    columns: int = 4,
    inches: float = 1.7,
    weight: float = 0.75,
) -> Figure:
    """Draw the label of each pixel over its image: images (N, 3, H, W) in [0, 1], labels (N, H, W) -> a figure with a legend.

    Label 0 is the background, in grey; label k > 0 is `classes[k - 1]`; any higher label is white, such as VOC's borders.
    """
    figure, axes = _grid(images, columns, inches, titles)
    palette = np.array([to_rgb(BACKGROUND), *(to_rgb(colour_of(k)) for k in range(len(classes))), to_rgb(IGNORED)])
    indices = labels.cpu().clamp(max=len(classes) + 1).numpy()
    for ax, image, label in zip(axes, _pixels(images), indices, strict=False):
        ax.imshow((1 - weight) * image + weight * palette[label], interpolation="nearest")
    _legend(figure, classes, "background")
    found = [name for k, name in enumerate(classes, 1) if (indices == k).any()]
    listed = f" ({', '.join(map(str, titles))})" if len(titles) else ""
    figure.alt = f"{len(images)} images{listed}, each pixel in the colour of its label; seen: {', '.join(found) or 'nothing'}."
    return figure


@course_style()
def boxes(
    images: Tensor,
    found: Sequence[Detections],
    classes: Sequence[str],
    titles: Sequence[str] = (),
    columns: int = 4,
    inches: float = 2.0,
    min_score: float = 0.0,
) -> Figure:
    """Draw boxes over their images, in the colour of their class, with their scores: images (N, 3, H, W) -> a figure.

    Detections that score below `min_score` are left out; a score of 1, that of the ground truth, is not written.
    """
    figure, axes = _grid(images, columns, inches, titles)
    words = []
    for index, (ax, image, one) in enumerate(zip(axes, _pixels(images), found, strict=False)):
        ax.imshow(image)
        shown = [(b, s, k) for b, s, k in zip(*(part.tolist() for part in one), strict=True) if s >= min_score]
        for box, score, label in sorted(shown, key=lambda item: item[1]):
            draw_box(ax, box, colour_of(label), f"{score:.2f}" if score < 1 else "")
        named = ", ".join(classes[label] for _, _, label in shown)
        words.append(f"{titles[index] if len(titles) else f'image {index}'}: {named or 'nothing'}")
    _legend(figure, classes)
    figure.alt = f"Boxes over {len(images)} images. {'; '.join(words)}."
    return figure


@course_style()
def shifts(
    images: Tensor,
    true: Sequence[Detections],
    before: Sequence[Detections],
    after: Sequence[Detections],
    classes: Sequence[str],
    count: int = 2,
    min_score: float = 0.5,
) -> Figure:
    """Draw the `count` scenes in which moving the boxes raises the IoU most, before and after: images (N, 3, H, W).

    They are chosen from the scenes in which every object is found before and after. Boxes that score below `min_score` are left
    out; the ground-truth boxes are dashed.
    """
    overlaps = [[best_overlaps(t, one, min_score) for t, one in zip(true, found, strict=True)] for found in (before, after)]
    gains = torch.stack([((b - a) * ((a >= 0.5) & (b >= 0.5)).all()).sum() for a, b in zip(*overlaps, strict=True)])
    figure, axes = blank(7.2, 7.2 * images.shape[2] / images.shape[3] / (2 * count) + 0.7, 1, 2 * count, PHOTO_DPI)
    words = []
    for place, index in enumerate(gains.topk(count).indices.tolist()):
        for turn, (name, found) in enumerate((("proposed", before), ("moved", after))):
            ax, overlap = axes[2 * place + turn], overlaps[turn][index].mean()
            ax.imshow(images[index].permute(1, 2, 0).numpy())
            ax.axis("off")
            ax.set_title(f"{name}: IoU {overlap:.2f}", fontsize=8.5)
            shown, _, labels = (part[found[index].scores >= min_score].tolist() for part in found[index])
            for box, label in zip(shown, labels, strict=True):
                draw_box(ax, box, colour_of(label))
            for box in true[index].boxes.tolist():
                draw_box(ax, box, "black", style="--", width=0.9, halo=0)
            words.append(f"{name} {overlap:.2f}")
    names = [Patch(color=colour_of(k), label=name) for k, name in enumerate(classes)]
    dashed = Line2D([], [], color="black", linewidth=0.9, linestyle="--", label="ground truth")
    figure.legend(handles=[*names, dashed], loc="outside lower center", ncols=len(names) + 1, frameon=False, fontsize=8)
    figure.alt = (
        f"{count} scenes, each with its boxes as proposed and moved, the ground truth dashed. Mean IoU: {', '.join(words)}."
    )
    return figure


def colour_of(label: int) -> str:
    """Return the colour of class `label`, the same in every figure."""
    return PALETTE[label % len(PALETTE)]


def _pixels(images: Tensor) -> list[np.ndarray]:
    return list(images.detach().cpu().clamp(0, 1).permute(0, 2, 3, 1).numpy())


def _grid(images: Tensor, columns: int, inches: float, titles: Sequence[str]) -> tuple[Figure, list[Axes]]:
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    tall = inches * images.shape[2] / images.shape[3] + (0.25 if len(titles) else 0.05)
    figure, axes = blank(max(columns * inches, 4.4), rows * tall + 0.3, rows, columns, PHOTO_DPI)
    for ax in axes:
        ax.axis("off")
    for ax, title in zip(axes, titles, strict=False):
        ax.set_title(title, fontsize=8.5)
    return figure, axes


def _legend(figure: Figure, classes: Sequence[str], background: str = "") -> None:
    patches = [Patch(color=colour_of(k), label=name) for k, name in enumerate(classes)]
    if background:
        patches.insert(0, Patch(color=BACKGROUND, label=background))
    figure.legend(handles=patches, loc="outside lower center", ncols=min(len(patches), 7), frameon=False, fontsize=8)
