"""Every figure: the same bytes again, a text alternative, and the cells it says it draws."""

import html
import inspect
import io
import re
import warnings

import matplotlib.figure
import numpy as np
import pytest
import torch
from PIL import Image

from cnnlib import figures
from cnnlib.drawings.faster_rcnn import first_stage
from cnnlib.drawings.inception import strips
from cnnlib.drawings.vgg import profiles
from cnnlib.mime import DRAWING

NAN = float("nan")


def randoms(*shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


DRAWN = {
    "images": lambda **k: figures.images(randoms(3, 3, 7, 11), ["cat", "dog", "cat"], **k),
    "images of one channel": lambda **k: figures.images(randoms(2, 1, 7, 11), **k),
    "one image": lambda **k: figures.images(randoms(1, 3, 7, 11), **k),
    "feature_maps": lambda **k: figures.feature_maps(randoms(5, 7, 11) - 0.5, [f"filter {i}" for i in range(5)], **k),
    "feature_maps without titles": lambda **k: figures.feature_maps(randoms(1, 2, 7, 11), **k),
    "one feature map": lambda **k: figures.feature_maps(randoms(1, 7, 11), **k),
    "numbers": lambda **k: figures.numbers(
        {"in": torch.tensor([[1, 2, 3], [4, 5, 6]]), "out": torch.tensor([[NAN, 0.5]])}, mark={"in": (0, 1, 2, 2)}, **k
    ),
    "lines": lambda **k: figures.lines(
        [1, 2, 3], {"relu": [0.5, 1, 2], "sigmoid": [0.5, 0.05, 0.005]}, "layer", "norm", True, **k
    ),
    "bars": lambda **k: figures.bars({"MLP": 13.4, "CNN": 68}, "accuracy, %", chance=10, **k),
}


def taking(option):
    """List the drawings whose function has that option."""
    return [name for name in DRAWN if option in inspect.signature(getattr(figures, name.split()[0], figures.images)).parameters]


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAWN)
def test_a_figure_is_the_same_bytes_from_call_to_call(name):
    figure = DRAWN[name]()
    formats = figure.rendered()
    for picture in formats.values():
        assert "matplotlib" not in str(picture).lower()
    assert DRAWN[name]().rendered() == formats
    assert figure.rendered() == formats  # and shown a second time


@pytest.mark.parametrize("name", DRAWN)
def test_a_figure_comes_with_its_text_alternative(name):
    figure = DRAWN[name]()
    bundle, metadata = figure._repr_mimebundle_()
    [(mime, facts)] = metadata.items()
    assert mime in ("image/png", "image/jpeg")
    assert set(bundle) - {DRAWING} == {mime, "text/html", "text/plain"}
    assert f'alt="{html.escape(figure.alt)}"' in bundle["text/html"] and "max-width:100%" in bundle["text/html"]
    assert "background:white" in bundle["text/html"], "black letters on a dark page cannot be read"
    assert bundle["text/plain"] == facts["alt"] == figure.alt != figures.Figure.alt
    assert figure.alt == figure.alt.strip().removesuffix(":")
    with Image.open(io.BytesIO(bundle[mime])) as saved:
        assert saved.width / facts["width"] == pytest.approx(saved.height / facts["height"], abs=0.05)
        assert saved.width / facts["width"] > 1.4
    assert ("needs_background" in facts) == figure.sheet == (name != "one image")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("images", r"3 images: cat, dog\."),
        ("one image", r"1 image\."),
        ("feature_maps", r"5 .*maps of 7 x 11.*: filter 0, filter 1,"),
        ("one feature map", r"1 .*map of 7 x 11"),
        ("numbers", r"in: \[\[1, 2, 3\], \[4, 5, 6\]\]"),
        ("lines", r"norm against layer: relu from 0\.5 to 2; sigmoid from 0\.5 to 0\.005\."),
        ("bars", r"accuracy, %: MLP 13, CNN 68"),
    ],
)
def test_the_text_alternative_says_what_is_shown(name, words):
    assert re.search(words, DRAWN[name]().alt)


@pytest.mark.parametrize("name", taking("alt"))
def test_a_text_alternative_of_ones_own_is_kept(name):
    assert DRAWN[name](alt="My words.").alt == "My words."


@pytest.mark.parametrize("name", taking("ax"))
def test_a_figure_draws_into_axes_that_are_given(name):
    figure, (left, right) = figures.blank(8, 3, 1, 2)
    assert DRAWN[name](ax=right) is figure
    assert not left.has_data()
    assert right.has_data()
    theirs = matplotlib.figure.Figure()
    assert DRAWN[name](ax=theirs.subplots()) is theirs


def test_two_panels_of_a_figure_are_both_described():
    figure, (left, right) = figures.blank(8, 3, 1, 2)
    DRAWN["lines"](ax=left)
    DRAWN["bars"](ax=right)
    assert "norm against layer" in figure.alt
    assert "accuracy, %" in figure.alt


def test_images_show_their_pixels():
    picture = randoms(1, 3, 7, 11)
    [shown] = figures.images(picture).axes[0].images
    np.testing.assert_array_equal(shown.get_array(), picture[0].permute(1, 2, 0))


def test_a_grey_image_is_as_dark_as_its_numbers():
    [shown] = figures.images(torch.full((1, 1, 3, 3), 0.5)).axes[0].images
    assert shown.get_clim() == (0, 1)


@pytest.mark.parametrize("cells", [[-2.0, 0.0, 2.0], [-0.5, 0.0, 0.25], [0.0, NAN, 4.0], [0.0, 0.0, 0.0]])
def test_a_feature_map_is_white_at_zero_red_above_and_blue_below(cells):
    [shown] = figures.feature_maps(torch.tensor([[cells]])).axes[0].images
    colours = [
        "white" if min(red, blue) > 0.95 else "red" if red > blue else "blue" if blue > red else "no colour"
        for red, _, blue, _ in shown.cmap(shown.norm(cells))
    ]
    expected = ["white" if cell == 0 else "red" if cell > 0 else "blue" if cell < 0 else "no colour" for cell in cells]
    assert colours == expected


@pytest.mark.parametrize("empty", [NAN, -torch.inf])
def test_number_grids_leave_cells_without_a_number_empty(empty):
    grid = torch.tensor([[empty, 1.5, -2.0], [0.25, empty, 1234.0]])
    with warnings.catch_warnings(action="error"):
        figure = figures.numbers({"grid": grid, "nothing": torch.full((2, 2), empty)})
        figure.rendered()
    texts = [[text.get_text() for text in ax.texts] for ax in figure.axes]
    assert texts == [["1.5", "-2", "0.25", "1234"], []]


@pytest.mark.slow
def test_cells_of_numbers_have_one_size_in_all_grids_and_figures():
    groups = [[(2, 2)], [(3, 3), (2, 2)], [(5, 2), (1, 1), (2, 5)], [(12, 12)]]
    sides = set()
    for shapes in groups:
        figure = figures.numbers({f"a grid of {shape}": torch.zeros(shape) for shape in shapes})
        figure.rendered()
        for ax in figure.axes:
            origin, right, below = ax.transData.transform([(0, 0), (1, 0), (0, 1)])
            sides |= {round(right[0] - origin[0], 1), round(origin[1] - below[1], 1)}
    assert sides == {round(figures.CELL * 96, 1)}


def test_marks_frame_the_named_cells():
    [frame] = DRAWN["numbers"]().axes[0].patches
    assert not frame.get_clip_on(), "a frame at the edge of a grid is cut to half its width"
    assert frame.get_bbox().bounds == (0.5, -0.5, 2, 2)


def test_a_bar_for_guessing_stands_where_guessing_is():
    axes = DRAWN["bars"]().axes[0]
    assert axes.lines[0].get_xdata()[0] == 10
    assert [text.get_text().strip() for text in axes.texts] == ["13", "68", "guessing"]


def test_one_limit_makes_the_colours_of_maps_comparable():
    figure = figures.feature_maps(torch.tensor([[[0.5]], [[-2.0]]]), limit=2)
    assert [ax.images[0].norm.vmax for ax in figure.axes[:2]] == [2, 2]
    own = figures.feature_maps(torch.tensor([[[0.5]], [[-2.0]]]))
    assert [ax.images[0].norm.vmax for ax in own.axes[:2]] == [0.5, 2]


def test_a_curve_is_drawn_as_measured_and_as_the_best_from_there_on():
    measured = torch.tensor([0.5, 1.0]), torch.tensor([0.5, 0.75])
    figure = figures.curves({"ring": measured, "nothing": (torch.zeros(0), torch.zeros(0))})
    thin, thick = figure.axes[0].lines[:2]
    assert thin.get_ydata().tolist() == [0.5, 0.75] and thick.get_ydata().tolist() == [0.75, 0.75, 0.75]
    assert "ring ends at recall 1.00 with precision 0.75" in figure.alt


def test_series_that_end_early_or_have_no_number_are_no_error():
    series = {"whole": [0.5, 1, 2], "stopped": [4, 3], "before it began": []}
    figure = figures.lines([1, 2, 3], series, "epoch", "loss")
    assert [len(line.get_xdata()) for line in figure.axes[0].lines] == [3, 2]
    assert [line.get_label() for line in figure.axes[0].lines] == ["whole", "stopped"]
    assert figure.alt == "loss against epoch: whole from 0.5 to 2; stopped from 4 to 3; before it began has no number yet."
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert figures.lines([], {"a": []}, "epoch", "loss").alt == "loss against epoch: a has no number yet."
        assert figures.lines([1], {}, "epoch", "loss").alt == "loss against epoch: no series."
    with pytest.raises(ValueError):
        figures.lines([1], {"longer than x": [1, 2]}, "epoch", "loss")


def test_a_strip_has_its_bar_at_the_mean_and_the_first_name_on_top():
    figure = strips({"a": [50.0, 70.0, 90.0], "b": [10.0, 20.0]}, "%")
    (ax,) = figure.axes
    assert "a 50 to 90, mean 70; b 10 to 20, mean 15" in figure.alt
    assert [line.get_xdata()[0] for line in ax.lines[1::2]] == [70.0, 15.0]
    bottom, top = ax.get_ylim()
    assert bottom > top  # rows count downwards


def test_profiles_have_one_scale_and_their_middle_at_zero():
    figure = profiles({2: torch.eye(5), 4: torch.ones(9, 9)})
    assert all(ax.get_ylim() == (0, pytest.approx(1.05 / 5)) for ax in figure.axes)  # the highest row of all
    assert {ax.get_xlim() for ax in figure.axes} == {(-4.5, 4.5)}  # half of the widest
    edges = [patch.get_data().edges for ax in figure.axes for patch in ax.patches if hasattr(patch, "get_data")]
    assert edges and all(one[0] == -one[-1] for one in edges)


def test_the_first_stage_is_followed_from_the_anchors_to_what_suppression_leaves():
    """Recorded: what is asked of the network, row by row."""
    calls = []

    class Net:
        def propose(self, images, count, **options):
            calls.append((count, options))
            return []

    rows = first_stage(Net(), torch.zeros(1, 3, 8, 8), 20)
    assert calls == [(20, {"max_overlap": 1, "moved": False}), (20, {"max_overlap": 1}), (10, {})]
    assert [name[:12] for name in rows] == ["the 20 ancho", "moved by the", "after NMS, t"]
