"""Masks and boxes drawn over images, with their names, a legend and a text alternative."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from torch import Tensor

from cnnlib.canvas import FULL, SMALL, Figure, blank, course_style, draw_box, panels
from cnnlib.colours import BACKGROUND, IGNORED, colour_of
from cnnlib.detection.detections import Detections, best_overlaps
from cnnlib.names import name_boxes, name_regions

LEGEND = 0.3  # inches of one row of a legend
BROAD = 5  # pictures in a row, at most: smaller ones have no room for names


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

    Label 0 is the background, in grey; label k > 0 is `classes[k - 1]`, whose name is written on its largest region if it has
    room there; any higher label is white, such as VOC's borders.
    """
    height, width = images.shape[2:]
    columns, inches = _broad(len(images), columns, inches)
    below = LEGEND * _legend_rows(len(classes) + 1)
    figure, axes = panels(len(images), columns, inches, height / width, titles, below, least=FULL)
    palette = np.array([to_rgb(BACKGROUND), *(to_rgb(colour_of(k)) for k in range(len(classes))), to_rgb(IGNORED)])
    indices = labels.cpu().clamp(max=len(classes) + 1).numpy()
    for ax, image, label in zip(axes, _pixels(images), indices, strict=False):
        ax.imshow((1 - weight) * image + weight * palette[label], interpolation="nearest")
        name_regions(ax, label, classes)
    _legend(figure, [Patch(color=BACKGROUND, label="background"), *_patches(classes)])
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
    """Draw boxes over their images, with the names of their classes and their scores: images (N, 3, H, W) -> a figure.

    Detections that score below `min_score` are left out; a score of 1, that of the ground truth, is not written.
    """
    columns, inches = _broad(len(images), columns, inches)
    figure, axes = panels(len(images), columns, inches, images.shape[2] / images.shape[3], titles)
    words = []
    for index, (ax, image, one) in enumerate(zip(axes, _pixels(images), found, strict=False)):
        ax.imshow(image)
        seen = Counter(draw_detections(ax, one, classes, min_score))
        named = ", ".join(name if count == 1 else f"{name} ({count})" for name, count in seen.items())
        words.append(f"{titles[index] if len(titles) else f'image {index}'}: {named or 'nothing'}")
    figure.alt = f"Boxes over {len(images)} images. {'; '.join(words)}."
    return figure


def draw_detections(ax: Axes, found: Detections, classes: Sequence[str], min_score: float = 0.0) -> list[str]:
    """Draw the boxes of one image with their names and, below 1, their scores, the best on top: -> the classes drawn."""
    shown = [(b, s, int(k)) for b, s, k in zip(*(part.tolist() for part in found), strict=True) if s >= min_score]
    shown.sort(key=lambda item: -item[1])
    colours = [colour_of(label) for _, _, label in shown]
    for (box, _, _), colour in zip(reversed(shown), reversed(colours), strict=True):
        draw_box(ax, box, colour)
    names = [f"{classes[label]} {score:.2f}" if score < 1 else classes[label] for _, score, label in shown]
    name_boxes(ax, [box for box, _, _ in shown], names, colours)
    return [classes[label] for _, _, label in shown]


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
    figure, axes = blank(FULL, FULL * images.shape[2] / images.shape[3] / (2 * count) + 0.25 + LEGEND, 1, 2 * count)
    words = []
    for place, index in enumerate(gains.topk(count).indices.tolist()):
        for turn, (name, found) in enumerate((("proposed", before), ("moved", after))):
            ax, overlap = axes[2 * place + turn], overlaps[turn][index].mean()
            ax.imshow(images[index].permute(1, 2, 0).numpy())
            ax.axis("off")
            ax.set_title(f"{name}: IoU {overlap:.2f}", fontsize=SMALL)
            good = found[index].scores >= min_score
            shown, labels = found[index].boxes[good].tolist(), [int(label) for label in found[index].labels[good]]
            colours = [colour_of(label) for label in labels]
            for box, colour in zip(shown, colours, strict=True):
                draw_box(ax, box, colour)
            name_boxes(ax, shown, [classes[label] for label in labels], colours)
            for box in true[index].boxes.tolist():
                draw_box(ax, box, "black", style="--", width=0.9, halo=0)
            words.append(f"{name} {overlap:.2f}")
    _legend(figure, [Line2D([], [], color="black", linewidth=0.9, linestyle="--", label="ground truth")])
    figure.alt = (
        f"{count} scenes, each with its boxes as proposed and moved, the ground truth dashed. Mean IoU: {', '.join(words)}."
    )
    return figure


def _broad(count: int, columns: int, inches: float) -> tuple[int, float]:
    """Choose more rows, of equal length and as wide, where pictures would be too small for names: -> (columns, inches)."""
    if min(count, columns) <= BROAD:
        return columns, inches
    fewer = -(-count // -(-count // BROAD))
    return fewer, inches * columns / fewer


def _pixels(images: Tensor) -> list[np.ndarray]:
    return list(images.detach().cpu().clamp(0, 1).permute(0, 2, 3, 1).numpy())


def _patches(classes: Sequence[str]) -> list[Patch]:
    return [Patch(color=colour_of(k), label=name) for k, name in enumerate(classes)]


def _legend_rows(count: int) -> int:
    return -(-count // 6)


def _legend(figure: Figure, handles: Sequence[Artist]) -> None:
    """Explain below a figure what its colours mean, in rows of at most six."""
    columns = -(-len(handles) // _legend_rows(len(handles)))
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, frameon=False, fontsize=SMALL)
