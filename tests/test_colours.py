"""Colours that every reader can tell apart, and that mean the same in every chart of a lesson.

The simulation is that of Machado, Oliveira and Fernandes (2009), "A Physiologically-based Model for Simulation of Color Vision
Deficiency", tables for severity 1.0, on linear RGB; differences are CIEDE2000, in which 2 is just noticeable.
"""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from skimage.color import deltaE_ciede2000, rgb2lab

from cnnlib import charts, colours, figures
from cnnlib.colours import BACKGROUND, CLASS_COLOURS, COLOURS, IGNORED, INK, MARKS

SEEN = {
    "all cones": np.eye(3),
    "no green cones (deuteranopia)": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "no red cones (protanopia)": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}
CLEAR = 12  # CIEDE2000: told apart at a glance, in a line or an area
USED_TOGETHER = {
    "lines and bars": (*COLOURS, INK),
    "masks": (*CLASS_COLOURS, BACKGROUND, IGNORED),
}


@pytest.fixture(autouse=True)
def freed():
    """Forget the kinds that a test fixed."""
    yield
    colours.fix_colours()


def simulated(colour, matrix):
    channel = np.array(to_rgb(colour))
    linear = np.where(channel <= 0.04045, channel / 12.92, ((channel + 0.055) / 1.055) ** 2.4)
    seen = (matrix @ linear).clip(0, 1)
    return np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)


def difference(one, other, matrix):
    return float(deltaE_ciede2000(*(rgb2lab(simulated(colour, matrix)[None, None]) for colour in (one, other))).item())


@pytest.mark.parametrize("eyes", SEEN)
@pytest.mark.parametrize("use", USED_TOGETHER)
def test_colours_that_are_used_together_differ_for_all_eyes(use, eyes):
    pairs = {pair: difference(*pair, SEEN[eyes]) for pair in combinations(USED_TOGETHER[use], 2)}
    assert {pair: number for pair, number in pairs.items() if number < CLEAR} == {}


def test_the_simulation_finds_the_pair_that_the_first_edition_confused():
    pink, teal = "#cc79a7", "#44aa99"
    assert difference(pink, teal, SEEN["all cones"]) > 40
    assert difference(pink, teal, SEEN["no green cones (deuteranopia)"]) < 4


def test_lines_differ_in_their_marks_too():
    looks = colours.looks(map(str, range(12)))
    assert len(set(looks)) == 12
    assert len({look.mark for look in looks[: len(MARKS)]}) == len(MARKS)
    assert len({(look.colour, look.dashes) for look in looks}) == 12


def test_a_kind_of_network_has_one_colour_in_every_chart():
    figures.fix_colours("plain", "residual")
    loss = charts.lines([1, 2], {"residual, 20 layers": [2, 1], "plain, 20 layers": [3, 2], "other": [1, 1]}, "epoch", "loss")
    right = charts.bars({"plain": 20, "residual": 80, "a guess": 10}, "accuracy, %")
    drawn = {line.get_label(): line.get_color() for line in loss.axes[0].lines}
    assert drawn == {"residual, 20 layers": COLOURS[1], "plain, 20 layers": COLOURS[0], "other": COLOURS[2]}
    filled = [patch.get_facecolor()[:3] for patch in right.axes[0].patches]
    assert filled == [to_rgb(colour) for colour in (COLOURS[0], COLOURS[1], BACKGROUND)]


def test_series_of_one_kind_have_its_colour_and_differ_in_marks_and_dashes():
    figures.fix_colours("plain", "residual")
    looks = colours.looks(["plain, 8 layers", "plain, 20 layers", "residual, 8 layers"])
    assert [look.colour for look in looks] == [COLOURS[0], COLOURS[0], COLOURS[1]]
    assert len({(look.mark, look.dashes) for look in looks[:2]}) == 2


def test_the_longest_kind_counts_and_a_part_of_a_word_does_not():
    colours.fix_colours("dense", "dense-BC", "BC")
    assert [colours.kind_of(name) for name in ("dense, 20", "dense-BC, 20", "condense", "BC")] == [0, 1, None, 2]
