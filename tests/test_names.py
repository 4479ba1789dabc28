"""Names on boxes and regions: on the picture, beside what they name, and not on each other."""

from itertools import combinations

import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox

from cnnlib import overlays
from cnnlib.data.scenes import SCENE_CLASSES, scenes
from cnnlib.detection import Detections, ground_truth
from cnnlib.names import MOST

SCENES = scenes(5)


def frames(ax):
    """The rectangles of the names on a picture, in pixels of the figure."""
    renderer = FigureCanvasAgg(ax.figure).get_renderer()
    return [text.get_bbox_patch().get_window_extent(renderer) for text in ax.texts]


def _near(ax, frame, box):
    """Tell whether a name touches a box x1 y1 x2 y2 of the image."""
    corners = ax.transData.transform([(box[0] - 1.5, box[3] + 1.5), (box[2] + 1.5, box[1] - 1.5)])
    return frame.overlaps(Bbox(corners))


@pytest.mark.parametrize("columns", [3, 5])
def test_names_are_on_the_picture_and_not_on_each_other(columns):
    truth = ground_truth(SCENES.boxes, SCENES.labels)
    figure = overlays.boxes(
        SCENES.images, [one._replace(scores=one.scores / 2) for one in truth], SCENE_CLASSES, columns=columns
    )
    figure.size()
    for ax, one in zip(figure.axes, truth, strict=False):
        drawn = frames(ax)
        assert len(drawn) == len(one.boxes)
        assert all(any(_near(ax, frame, box) for box in one.boxes.tolist()) for frame in drawn)
        for frame in drawn:
            inside = ax.get_window_extent()
            assert inside.x0 - 4 <= frame.x0 and frame.x1 <= inside.x1 + 4
            assert inside.y0 - 4 <= frame.y0 and frame.y1 <= inside.y1 + 4
        assert not [pair for pair in combinations(drawn, 2) if pair[0].padded(-1.5).overlaps(pair[1].padded(-1.5))]


def test_a_name_is_not_written_on_another_box():
    boxes = torch.tensor([[35.0, 8, 57, 30], [41, 34, 57, 46]])  # there is room between them for less than two names
    found = Detections(boxes, torch.tensor([0.71, 0.68]), torch.tensor([1, 2]))
    figure = overlays.boxes(SCENES.images[:1].expand(4, -1, -1, -1), [found] * 4, SCENE_CLASSES, columns=4, inches=1.5)
    figure.size()
    ax = figure.axes[0]
    upper, lower = frames(ax)
    assert _near(ax, upper, boxes[0].tolist()) and not _near(ax, upper, boxes[1].tolist())
    assert _near(ax, lower, boxes[1].tolist()) and not _near(ax, lower, boxes[0].tolist())


def test_of_many_boxes_the_best_are_named():
    many = Detections(torch.tensor([[5.0, 5, 30, 30]] * 20), torch.linspace(0.1, 0.9, 20), torch.zeros(20, dtype=torch.int64))
    [ax] = overlays.boxes(SCENES.images[:1], [many], SCENE_CLASSES).axes
    assert ax.texts[0].get_text() == f"{SCENE_CLASSES[0]} 0.90"
    assert 3 <= len(ax.texts) <= MOST


def test_the_name_of_a_class_is_written_on_its_largest_region():
    labels = torch.zeros(1, 64, 64, dtype=torch.int64)
    labels[0, 5:30, 2:50] = 2
    labels[0, 60:62, 60:62] = 3
    ax = overlays.masks(SCENES.images[:1], labels, SCENE_CLASSES, inches=2).axes[0]
    assert [text.get_text() for text in ax.texts] == [SCENE_CLASSES[1]]
    x, y = ax.texts[0].get_position()
    assert 2 <= x <= 50 and 5 <= y <= 30


@pytest.mark.parametrize(
    ("count", "columns", "shape"), [(8, 8, (2, 4)), (6, 8, (2, 3)), (5, 5, (1, 5)), (10, 5, (2, 5)), (2, 8, (1, 2))]
)
def test_rows_are_short_enough_for_names(count, columns, shape):
    images = SCENES.images[:1].expand(count, -1, -1, -1)
    for figure in (
        overlays.masks(images, torch.zeros(count, 64, 64, dtype=torch.int64), SCENE_CLASSES, columns=columns),
        overlays.boxes(images, [], SCENE_CLASSES, columns=columns),
    ):
        grid = figure.axes[0].get_gridspec()
        assert (grid.nrows, grid.ncols) == shape
