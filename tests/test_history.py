"""The table that grows through the course, as text and as HTML."""

import re
from dataclasses import replace

import pytest
from torch import nn

from cnnlib import history

LESSONS = range(1, len(history.ROWS) + 1)


@pytest.mark.parametrize("lessons", LESSONS)
def test_text_and_html_show_the_same_cells(lessons):
    table = history.table(lessons)
    text = repr(table).splitlines()
    rows = re.findall("<tr>(.*?)</tr>", table._repr_html_())
    assert len(text) == len(rows) == lessons + 1
    assert re.findall("<th>(.*?)</th>", rows[0]) == list(history.HEADINGS)
    for line, row in zip(text[1:], rows[1:], strict=True):
        cells = re.findall("<td>(.*?)</td>", row)
        assert len(cells) == len(history.HEADINGS)
        assert re.split("  +", line) == cells


def test_columns_of_the_text_are_aligned():
    head, row, *_ = repr(history.table(1)).splitlines()
    assert head.index("network") == row.index(history.ROWS[0].network)
    assert head.index("what it bought") == row.index(history.ROWS[0].bought)


def test_html_is_escaped():
    assert "a &lt; b &amp; c" in history.Table((replace(history.ROWS[0], idea="a < b & c"),))._repr_html_()


@pytest.mark.parametrize("lessons", [0, -1, len(history.ROWS) + 1])
def test_a_line_that_is_not_there_is_refused(lessons):
    with pytest.raises(ValueError, match=f"1 to {len(history.ROWS)}, got {lessons}"):
        history.table(lessons)


def test_the_years_go_up():
    years = [row.year for row in history.ROWS]
    assert years == sorted(years)


def test_the_line_of_lenet_is_true():
    layers = {
        nn.Conv2d(1, 6, 5): 28**2,
        nn.Conv2d(6, 16, 5): 10**2,
        nn.Linear(400, 120): 1,
        nn.Linear(120, 84): 1,
        nn.Linear(84, 10): 1,
    }
    count = {layer: sum(p.numel() for p in layer.parameters()) for layer in layers}
    macs = sum(layer.weight.numel() * positions for layer, positions in layers.items())
    connected = sum(number for layer, number in count.items() if isinstance(layer, nn.Linear)) / sum(count.values())
    lenet = history.ROWS[0]
    assert (lenet.parameters, lenet.macs) == (f"{sum(count.values()):,}", f"{macs:,}")
    assert lenet.cost.startswith(f"{100 * connected:.1f} %")
