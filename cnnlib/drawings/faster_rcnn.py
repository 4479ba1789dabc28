"""The drawing of lesson 10: boxes stage by stage, from anchors to detections."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap
from torch import Tensor

from cnnlib import figures, overlays
from cnnlib.data.scenes import SCENE_CLASSES
from cnnlib.detection.detections import Detections
from cnnlib.detection.faster_rcnn import FasterRCNN

OBJECTNESS = LinearSegmentedColormap.from_list("objectness", ["#f0a500", "#d55e00", "#3b0f70"])  # all dark enough for grey


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
    """Draw boxes stage by stage, one row each: images (N, 3, H, W), `before` of no class, `after` with the names of classes.

    A box of no class has the colour of its score, from orange at 0 to purple at 1; its scene is grey.
    """
    rows = {**before, **after}
    figure, axes = figures.blank(2.2 * len(images), 2.3 * len(rows) + 0.5, len(rows), len(images))
    for place, ax in enumerate(axes):
        title, image = list(rows)[place // len(images)], place % len(images)
        found = rows[title][image]
        if title in after:
            ax.imshow(images[image].permute(1, 2, 0).numpy())
            overlays.draw_detections(ax, found, SCENE_CLASSES)
        else:
            _show_pale(ax, images[image])
            for box, score in sorted(zip(found.boxes.tolist(), found.scores.tolist(), strict=True), key=lambda one: one[1]):
                overlays.draw_box(ax, box, OBJECTNESS(score), width=1.3, halo=0)
        ax.axis("off")
        if not image:
            ax.set_title(title, fontsize=figures.SMALL, loc="left")
    bar = figure.colorbar(ScalarMappable(cmap=OBJECTNESS), ax=axes, location="bottom", fraction=0.02, aspect=50)
    bar.set_label("score of a box without a class", fontsize=figures.SMALL)
    counts = "; ".join(f"{title}: {', '.join(str(len(one.boxes)) for one in found)}" for title, found in rows.items())
    figure.alt = f"{len(images)} scenes, one row per stage, the number of boxes on each. {counts}."
    return figure
