"""Every function that draws gives the same picture whatever the user set in matplotlib: dark style, LaTeX, font, origin."""

import importlib
import inspect
import pkgutil

import matplotlib
import matplotlib.style
import pytest
import torch

from cnnlib import charts, drawings, figures, overlays
from cnnlib.data.scenes import SCENE_CLASSES, scenes
from cnnlib.detection import ground_truth
from cnnlib.drawings import densenet, faster_rcnn, inception, vgg

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
    "densenet.connections": lambda: densenet.connections(3),
    "faster_rcnn.stages": lambda: faster_rcnn.stages(SCENE.images, {"before": TRUTH}, {"after": TRUTH}),
    "inception.strips": lambda: inception.strips({"four 3×3": [59.0, 83], "Inception": [70.0, 86]}, "%"),
    "vgg.profiles": lambda: vgg.profiles({2: randoms(5, 5), 4: randoms(9, 9)}),
}


def drawing_functions():
    """Find every public function of the library that returns a figure."""
    modules = [
        charts,
        figures,
        overlays,
        *(importlib.import_module(f"cnnlib.drawings.{m.name}") for m in pkgutil.iter_modules(drawings.__path__)),
    ]
    for module in modules:
        for name, function in vars(module).items():
            is_own = inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
            if is_own and inspect.signature(function).return_annotation is figures.Figure:
                yield f"{module.__name__.rpartition('.')[2]}.{name}"


def test_every_drawing_function_is_drawn_here():
    assert set(drawing_functions()) == set(DRAWN)


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAWN)
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
