"""A table: the same cells as text and as HTML, numbers on the right, the total last."""

import html
import re

import pytest

from cnnlib.table import Table

SMALL = Table(("layer", "weights"), [("a < b & c", "8"), ("fc", "61,706")], numbers=["weights"], total=("total", "61,714"))


def test_text_is_aligned_by_column_and_numbers_on_the_right():
    assert repr(SMALL).splitlines() == [
        "layer      weights",
        "a < b & c        8",
        "fc          61,706",
        "total       61,714",
    ]


def test_html_shows_the_same_cells_aligned_alike():
    shown = SMALL._repr_html_()
    cells = re.findall('<t[hd] style="text-align: (left|right)">(.*?)</t[hd]>', shown)
    assert " ".join(html.unescape(text) for _, text in cells) == "layer weights a < b & c 8 fc 61,706 total 61,714"
    assert [side for side, _ in cells] == ["left", "right"] * 4
    assert "<b" not in shown.replace("<tbody", "")


@pytest.mark.parametrize("part", ["thead", "tbody", "tfoot"])
def test_html_has_a_head_a_body_and_a_foot(part):
    assert SMALL._repr_html_().count(f"<{part}>") == 1


def test_without_a_total_nothing_is_below_the_rows():
    table = Table(("layer", "weights"), [("fc", "8")])
    assert repr(table).splitlines() == ["layer  weights", "fc     8"]
    assert "tfoot" not in table._repr_html_()


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match=r"must have 2 cells, one per heading, got \('fc',\)"):
        Table(("layer", "weights"), [("fc",)])
