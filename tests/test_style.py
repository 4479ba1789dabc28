"""Every function that draws gives the same picture whatever the user set in matplotlib: dark style, LaTeX, font, origin."""

import importlib
import inspect
import pkgutil

import matplotlib
import matplotlib.style
import numpy as np
import pytest
import torch

from cnnlib import charts, figures, overlays, widgets
from cnnlib.data.scenes import SCENE_CLASSES, scenes
from cnnlib.detection import Detections, ground_truth
from cnnlib.widgets import bottleneck, convolution, densenet, faster_rcnn, fcn, inception, rcnn, resnet, vgg, yolo

HOSTILE = {
    "text.usetex": True,
    "image.origin": "lower",
    "image.cmap": "jet",
    "image.interpolation": "bicubic",
    "font.family": "monospace",
    "font.size": 30,
    "lines.linewidth": 9,
    "lines.marker": "x",
    "axes.grid": True,
    "axes.axisbelow": False,
    "axes.titlelocation": "left",
    "axes.facecolor": "red",
    "axes.spines.bottom": False,
    "axes.xmargin": 0.4,
    "xtick.direction": "in",
    "ytick.labelsize": 25,
    "legend.frameon": True,
    "legend.fontsize": 30,
    "patch.force_edgecolor": True,
    "figure.autolayout": True,
    "figure.dpi": 30,
    "figure.subplot.left": 0.4,
    "path.sketch": (5, 20, 2),
}


def randoms(*shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


SCENE = scenes(1)
TRUTH = ground_truth(SCENE.boxes, SCENE.labels)
DENSE = {"kind": np.array([[0.5, np.nan], [0.25, 1.0]])}
DRAWN = {
    "figures.images": lambda: figures.images(randoms(2, 3, 7, 11), ["cat", "dog"], columns=2),
    "figures.feature_maps": lambda: figures.feature_maps(randoms(2, 7, 11) - 0.5, columns=2),
    "figures.numbers": lambda: figures.numbers({"in": torch.tensor([[1, 2], [3, 4]])}, mark={"in": (0, 1, 2, 1)}),
    "charts.lines": lambda: figures.lines([1, 2, 3], {"relu": [0.5, 1, 2]}, "layer", "norm", log=True),
    "charts.curves": lambda: figures.curves({"ring": (torch.tensor([0.5, 1.0]), torch.tensor([0.5, 0.75]))}),
    "charts.bars": lambda: figures.bars({"MLP": 13.4, "CNN": 68}, "accuracy, %", chance=10),
    "overlays.masks": lambda: overlays.masks(SCENE.images, SCENE.semantic, SCENE_CLASSES, ["scene"]),
    "overlays.boxes": lambda: overlays.boxes(
        SCENE.images, [one._replace(scores=one.scores / 2) for one in TRUTH], SCENE_CLASSES
    ),
    "overlays.shifts": lambda: overlays.shifts(SCENE.images, TRUTH, TRUTH, TRUTH, SCENE_CLASSES, count=1),
    "bottleneck.mixed": lambda: bottleneck.mixed(randoms(1, 3, 7, 11), (1.0, -0.5, 0.25), 0.5, 256, 64),
    "convolution.convolution_step": lambda: convolution.convolution_step(3, 2, 1, 1, 4),
    "convolution.filtered": lambda: convolution.filtered(randoms(1, 1, 7, 11), torch.eye(3)),
    "densenet.costs": lambda: densenet.costs(12, 3, bc=True),
    "densenet.connections": lambda: densenet.connections(3),
    "densenet.readers": lambda: densenet.readers(DENSE, ["layer 1"]),
    "faster_rcnn.pooled": lambda: faster_rcnn.pooled(9, 12, 20, 3),
    "faster_rcnn.matched": lambda: faster_rcnn.matched(SCENE.images, SCENE.boxes, SCENE.labels, (16, 20, 26), 70, 30),
    "faster_rcnn.stages": lambda: faster_rcnn.stages(SCENE.images, {"before": TRUTH}, {"after": TRUTH}),
    "fcn.stamped": lambda: fcn.stamped(3, 2, 1, 1),
    "fcn.heated": lambda: fcn.heated(SCENE.images, randoms(5, 5), "disc"),
    "inception.branch_weights": lambda: inception.branch_weights(64, 96, 128, 16, 32, 32, 164),
    "inception.diagram": inception.diagram,
    "rcnn.overlapping": lambda: rcnn.overlapping(5, 3, 20, 24),
    "rcnn.grouped": lambda: rcnn.grouped("hopper", 12),
    "rcnn.suppressed": lambda: rcnn.suppressed(SCENE.images[0], Detections(*(part.cpu() for part in TRUTH[0])), 5, 30),
    "resnet.depth_figure": lambda: resnet.depth_figure(4, "batch norm", {kind: [2.0, 1.5, 1.2, 1.0] for kind in resnet.LOSSES}),
    "vgg.windows": lambda: vgg.windows([(3, 2), (3, 1)]),
    "vgg.profiles": lambda: vgg.profiles({2: randoms(5, 5), 4: randoms(9, 9)}),
    "vgg.seen": lambda: vgg.seen(5, True, False, "hopper"),
    "yolo.cell_by_cell": lambda: yolo.cell_by_cell(SCENE.images, yolo.ideal(*SCENE[1:3], 4, 64), 1, 2, per_cell=1),
}
LATER = {"rcnn.grouped", "vgg.seen"}  # a photograph that is grouped, a network that is run


def drawing_functions():
    """Find every public function of the library that returns a figure."""
    modules = [
        charts,
        figures,
        overlays,
        *(importlib.import_module(f"cnnlib.widgets.{m.name}") for m in pkgutil.iter_modules(widgets.__path__)),
    ]
    for module in modules:
        for name, function in vars(module).items():
            is_own = inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
            if is_own and inspect.signature(function).return_annotation is figures.Figure:
                yield f"{module.__name__.rpartition('.')[2]}.{name}"


def test_every_drawing_function_is_drawn_here():
    assert set(drawing_functions()) == set(DRAWN)


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow) if name in LATER else name for name in DRAWN])
def test_what_the_user_set_changes_no_pixel(name):
    expected = DRAWN[name]().rendered()
    with matplotlib.rc_context():
        matplotlib.style.use("dark_background")
        matplotlib.rcParams.update(HOSTILE)
        before = {setting: matplotlib.rcParams[setting] for setting in HOSTILE}
        bundle, _ = DRAWN[name]()._repr_mimebundle_()
        assert {mime: bundle[mime] for mime in expected} == expected
        assert {setting: matplotlib.rcParams[setting] for setting in HOSTILE} == before


def test_a_figure_drawn_before_the_user_s_settings_is_rendered_without_them():
    figure, expected = DRAWN["charts.bars"](), DRAWN["charts.bars"]().rendered()
    with matplotlib.rc_context(HOSTILE):
        assert figure.rendered() == expected
