"""Figures as bytes: the format fits the content, an SVG is plain and small, letters can be read, nothing is too wide."""

import base64
import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from PIL import Image
from test_figures import DRAWN as DRAWN_ALONE
from test_style import DRAWN

from cnnlib import canvas, charts, figures, live
from cnnlib.data.photos import photo
from cnnlib.mime import DRAWING
from tools import ROOT
from tools.notebook_files import read

READABLE = 12  # CSS pixels
TRACK = live.Track(100, 50, losses=[2.0, 1.0], epochs=[0.5, 1.0])
EVERY = DRAWN | DRAWN_ALONE | {"live.losses": lambda: live.losses({"plain": TRACK})}


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY)
def test_letters_can_be_read_in_a_page_s_column(name):
    figure = EVERY[name]()
    smallest = figure.smallest_letter()
    assert smallest is None or smallest >= READABLE
    assert figure.size()[0] + 2 * canvas.MARGIN <= canvas.COLUMN


@pytest.mark.parametrize("path", sorted((ROOT / "solutions").glob("*.ipynb")), ids=lambda path: path.stem)
def test_letters_of_a_lesson_s_figures_can_be_read(path):
    cells = [cell for cell in read(path).cells if cell.cell_type == "code"]
    facts = [facts for cell in cells for output in cell.outputs for facts in output.get("metadata", {}).values()]
    assert [one["alt"] for one in facts if (one.get("smallest_letter") or READABLE) < READABLE] == []


def test_the_smallest_letter_is_found_and_hidden_ones_do_not_count():
    figure, (ax,) = figures.blank(4, 3)
    ax.text(0.5, 0.5, "read me", fontsize=6)
    hidden = ax.text(0.5, 0.2, "hidden", fontsize=3)
    hidden.set_visible(False)
    ax.axis("off")
    ax.set_xlabel("not drawn either", fontsize=2)
    assert figure.smallest_letter() == 8.0
    ax.texts[0].remove()
    assert figure.smallest_letter() is None


def test_an_exponent_counts_as_what_it_is():
    figure, (ax,) = figures.blank(4, 3)
    ax.axis("off")
    ax.text(0.5, 0.5, "$10^{-5}$", fontsize=10.5)
    assert figure.smallest_letter() < READABLE


def test_a_figure_that_is_asked_to_be_too_wide_becomes_as_wide_as_the_column():
    figure, _ = figures.blank(20, 5)
    assert figure.get_size_inches() == pytest.approx((canvas.FULL, 5 * canvas.FULL / 20))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["figures.numbers", "charts.lines", "charts.bars", "charts.curves", "inception.strips", "densenet.connections"]
)
def test_what_is_drawn_is_an_svg_beside_a_png_of_few_colours(name):
    figure = DRAWN[name]()
    bundle, _ = figure._repr_mimebundle_()
    root = ElementTree.fromstring(bundle[DRAWING])
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "g", "defs", "path", "use", "clipPath", "rect"}, "letters are outlines, and there are no pixels"
    assert not [element for element in root.iter() if "style" in element.attrib], "GitHub removes styles"
    assert (int(root.get("width")), int(root.get("height"))) == figure.size()
    assert not re.search(r"\d\.\d{3}", re.sub(r"scale\([\d. -]+\)", "", bundle[DRAWING]))
    names = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(names) == len(set(names))
    assert set(re.findall(r"#(i\d+)", bundle[DRAWING])) == set(names)
    assert len(bundle[DRAWING]) < 30_000
    assert Image.open(io.BytesIO(bundle["image/png"])).mode == "P"
    assert base64.b64encode(bundle[DRAWING].encode()).decode() in bundle["text/html"]


def test_a_photograph_is_a_jpeg_and_a_map_of_few_colours_a_png():
    photograph = figures.images(photo("hopper", 200)).rendered()
    assert list(photograph) == ["image/jpeg"]
    assert list(figures.feature_maps(torch.eye(7)[None]).rendered()) == ["image/png"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hopper", "cat"])
def test_no_format_does_visible_harm(name):
    figure = figures.images(photo(name, 128).expand(3, -1, -1, -1), ["a", "b", "c"])
    [(_, saved)] = figure.rendered().items()
    exact = figure.pixels(2)
    difference = np.abs(np.asarray(Image.open(io.BytesIO(saved)).convert("RGB"), float) - np.asarray(exact, float))
    assert difference.mean() < 3


def test_a_photograph_alone_fills_its_figure_and_has_no_sheet():
    figure = figures.images(photo("hopper", 64), inches=2)
    assert figure.size() == (192, 192)
    assert "padding:0px" in figure.html() and "needs_background" not in str(figure._repr_mimebundle_()[1])
    assert np.asarray(figure.pixels(1))[[0, -1]].mean() < 250


def test_empty_margins_are_cut_off_but_not_of_a_picture_that_is_replaced():
    figure, (ax,) = figures.blank(6, 6)
    ax.imshow(np.zeros((5, 50)))
    assert figure.size()[1] < 120
    moving, (ax,) = figures.blank(6, 6)
    ax.imshow(np.zeros((5, 50)))
    moving.moving = True
    assert moving.size() == (576, 576)


@pytest.mark.slow
def test_figures_are_small_enough_for_a_notebook_of_1_5_mb():
    names = ("charts.lines", "charts.bars", "figures.numbers", "overlays.boxes", "overlays.masks")
    assert all(sum(map(len, DRAWN[name]().rendered().values())) < 60_000 for name in names)


def test_zero_on_a_logarithmic_axis_is_a_hollow_mark_at_the_bottom():
    figure = charts.lines([1, 2, 3], {"relu": [0.5, 1, 2], "sigmoid": [0.5, 0.0, 0.0]}, "layer", "norm", log=True)
    _, sigmoid, zeros = figure.axes[0].lines
    assert np.isnan(sigmoid.get_ydata()).tolist() == [False, True, True]
    assert zeros.get_xdata().tolist() == [2, 3] and zeros.get_linestyle() == "None"
    bottom, top = np.log(figure.axes[0].get_ylim())
    assert 0.1 < (np.log(0.5) - bottom) / (top - bottom) < 0.25, "a small number is not drawn where zero is"
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["relu", "sigmoid"]


@pytest.mark.parametrize("last", [1.0, 1e-3, 1e-11])
def test_no_number_of_a_logarithmic_axis_is_on_the_mark_of_zero(last):
    figure = charts.lines([1, 2, 3], {"relu": [14.0, 1, last], "sigmoid": [0.5, 0.0, 0.0]}, "layer", "norm", log=True)
    figure.canvas.draw()
    (ax,) = figure.axes
    (zero,) = [text.get_window_extent() for text in ax.texts if text.get_text() == "0"]
    labels = [label.get_window_extent() for label in ax.get_yticklabels() if label.get_text()]
    shown = [box for box in labels if ax.bbox.y0 <= (box.y0 + box.y1) / 2 <= ax.bbox.y1]
    assert len(shown) >= 2
    assert not any(box.overlaps(zero) for box in shown)


def test_probabilities_are_never_red():
    figure = figures.feature_maps(torch.rand(2, 5, 7), ["disc", "ring"], probabilities=True)
    red, green = np.array(figure.axes[0].images[0].cmap(np.linspace(0, 1, 11)))[:, :2].T
    assert (red <= green + 0.1).all()
    assert figure.axes[-1].get_xlabel() == "probability"
    assert "dark blue at 0, yellow at 1" in figure.alt
