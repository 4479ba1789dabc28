"""Every explorer: each control changes the picture, nothing raises, and a reader without a kernel sees a figure.

The explorers are found by their name: a new one is tested as soon as it is written.
"""

import html
import importlib
import pkgutil
import re

import ipywidgets as ui
import pytest
import torch
from torch.nn import functional as F

from cnnlib import figures, widgets
from cnnlib.widgets import convolution as convolution_widgets

MODULES = [importlib.import_module(f"cnnlib.widgets.{module.name}") for module in pkgutil.iter_modules(widgets.__path__)]
EXPLORERS = {name: make for module in MODULES for name, make in vars(module).items() if name.endswith("_explorer")}


TRAINS = "suppression_explorer"  # an R-CNN, some seconds before it shows anything


@pytest.fixture(scope="module", params=[pytest.param(e, marks=pytest.mark.slow) if e == TRAINS else e for e in EXPLORERS])
def explorer(request):
    return EXPLORERS[request.param]()


def all_controls(widget):
    if isinstance(widget, ui.Box):
        return [control for child in widget.children for control in all_controls(child)]
    return [widget] if hasattr(widget, "value") and not isinstance(widget, ui.HTML) else []


def control_of(explorer, description):
    return next(control for control in all_controls(explorer.box) if control.description == description)


def another(control):
    """A value that the control may take and has not."""
    if isinstance(control, ui.Dropdown):
        return next(option for option in control.options if option != control.value)
    step = control.step or 1
    return control.value + step if control.value + step <= getattr(control, "max", torch.inf) else control.value - step


@pytest.fixture(scope="module")
def moves(explorer):
    """Move each control, alone: its description -> the picture after the move, and how often it was drawn."""
    draw, drawn, moves = explorer.draw, [], {}
    explorer.draw = lambda **values: drawn.append(values) or draw(**values)
    for control in all_controls(explorer.box):
        drawn.clear()
        value, control.value = control.value, another(control)
        moves[control.description] = explorer.picture.value, len(drawn)
        explorer.redraw = lambda: None
        control.value = value
        del explorer.redraw
    explorer.draw = draw
    explorer.redraw()
    return moves


@pytest.mark.slow  # it draws each explorer some ten times
def test_every_control_changes_the_picture(moves, explorer):
    for name, (picture, _) in moves.items():
        assert picture != explorer.picture.value, name
        assert picture.startswith(("<img ", '<p role="alert">')), name


@pytest.mark.slow
def test_one_move_draws_once_or_twice_not_once_a_control(moves):
    assert {name: times for name, (_, times) in moves.items() if not 1 <= times <= 2} == {}


def test_every_control_is_laid_out_with_a_label_of_its_own(explorer):
    controls = all_controls(explorer.box)
    assert {id(control) for control in explorer.controls.values()} <= {id(control) for control in controls}
    assert all(control.description for control in controls)
    assert len({control.description for control in controls}) == len(controls)


def test_an_explorer_shows_a_widget_a_picture_and_words(explorer):
    bundle, metadata = explorer._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.box.model_id
    [(mime, facts)] = metadata.items()
    assert bundle[mime].startswith((b"\x89PNG", b"\xff\xd8"))
    assert bundle["text/plain"] == facts["alt"] != figures.Figure.alt
    assert f'alt="{html.escape(explorer.figure.alt)}"' in explorer.picture.value


def values(explorer, **wanted):
    for name, value in wanted.items():
        explorer.controls[name].value = value


@pytest.fixture
def convolution():
    return convolution_widgets.convolution_explorer()


def test_an_impossible_combination_is_a_sentence_and_the_way_back_is_open(convolution):
    before = convolution.picture.value
    values(convolution, kernel=5, dilation=3)
    assert convolution.picture.value.startswith('<p role="alert">a window of 5 (dilation 3')
    values(convolution, dilation=1, kernel=3)
    assert convolution.picture.value == before


def test_a_sentence_cannot_become_markup():
    def refuse(n):
        if n:
            raise ValueError("1 < 2 <script>")
        return figures.blank(1, 1)[0]

    explorer = widgets.Explorer(refuse, {"n": widgets.slider("n", 0, 0, 1)})
    explorer.controls["n"].value = 1
    assert explorer.picture.value == '<p role="alert">1 &lt; 2 &lt;script&gt;</p>'


@pytest.mark.parametrize(
    ("moves", "steps"),
    [
        ([dict(step=25), dict(kernel=5)], 9),
        pytest.param([dict(padding=2, kernel=1), dict(step=121), dict(stride=3)], 16, marks=pytest.mark.slow),
        pytest.param([dict(padding=2)], 81, marks=pytest.mark.slow),
    ],
)
def test_the_step_slider_ends_at_the_last_step(moves, steps, convolution):
    for move in moves:
        values(convolution, **move)
    slider = convolution.controls["step"]
    assert slider.max == steps
    assert f"step {slider.value} of {steps} " in convolution.picture.value


@pytest.mark.parametrize(
    "options", [(3, 1, 0, 1), (3, 2, 1, 2), *(pytest.param(o, marks=pytest.mark.slow) for o in ((2, 3, 2, 1), (3, 1, 2, 3)))]
)
def test_the_sum_over_a_step_is_true(options):
    """Kernel, stride, padding, dilation: the products that are written out add up to the output that is framed."""
    for step in (0, 3, 8):
        figure = convolution_widgets.convolution_step(*options, step)
        terms, value = re.fullmatch(r"step \d+ of \d+:   (.*) = (-?\d+)", figure.get_suptitle()).groups()
        products = [term.split("·") for term in terms.split(" + ")]
        assert sum(int(pixel) * int(weight.strip("()")) for pixel, weight in products) == int(value)
        assert figure.alt.endswith(f"gives {value}.")
        assert len(figure.axes[2].texts) == step + 1


def test_the_menu_fills_in_the_filter_and_a_changed_one_loses_its_name():
    explorer = convolution_widgets.filter_explorer()
    control_of(explorer, "filter").value = "sharpen"
    weights = torch.tensor([control.value for name, control in explorer.controls.items() if name != "picture"])
    assert torch.equal(weights.view(3, 3), torch.tensor(convolution_widgets.KERNELS["sharpen"]))
    assert "sharpen" in explorer.picture.value
    values(explorer, w11=-7.0)
    assert "sharpen" not in explorer.picture.value


@pytest.mark.parametrize("name", convolution_widgets.KERNELS)
def test_a_filtered_photograph_is_the_cross_correlation(name):
    gray = torch.rand(1, 1, 7, 11, generator=torch.Generator().manual_seed(0))
    kernel = torch.tensor(convolution_widgets.KERNELS[name], dtype=torch.float32)
    figure = convolution_widgets.filtered(gray, kernel)
    before, after = (torch.as_tensor(ax.images[0].get_array().data) for ax in figure.axes)
    torch.testing.assert_close(before, gray[0, 0])
    torch.testing.assert_close(after, F.conv2d(gray, kernel[None, None], padding=1)[0, 0])
    assert name in figure.alt
