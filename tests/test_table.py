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


def test_an_empty_heading_is_no_heading():
    made = Table(("", "weights"), [("VGG-16", 1)])._repr_html_()
    assert "<th " not in made.partition("</td>")[0] and made.count("<th ") == 1


def test_without_a_total_nothing_is_below_the_rows():
    table = Table(("layer", "weights"), [("fc", "8")])
    assert repr(table).splitlines() == ["layer  weights", "fc     8"]
    assert "tfoot" not in table._repr_html_()


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match=r"must have 2 cells, one per heading, got \('fc',\)"):
        Table(("layer", "weights"), [("fc",)])


def test_numbers_are_written_and_aligned_without_being_told():
    table = Table(("network", "weights", "accuracy, %"), [("a", 1234567, 87.314), ("b", 8, 5.2), ("c", 70, 60.0)])
    assert repr(table).splitlines() == [
        "network    weights  accuracy, %",
        "a        1,234,567         87.3",
        "b                8          5.2",
        "c               70         60.0",
    ]


@pytest.mark.parametrize(("numbers", "written"), [((0.5, 0.0123), ("0.500", "0.012")), ((0.0, 0.0), ("0.00", "0.00"))])
def test_decimals_give_the_largest_number_of_a_column_three_digits(numbers, written):
    assert [row[0] for row in Table(("loss",), [(number,) for number in numbers]).rows] == list(written)


def test_a_number_that_is_missing_leaves_its_column_on_the_right():
    assert Table(("a", "b"), [("x", 1.0), ("y", "")]).is_number == [False, True]


def test_yes_and_no_are_words():
    assert Table(("network", "trains"), [("a", True), ("b", False)]).rows == [("a", "True"), ("b", "False")]


def test_a_caption_is_above_and_a_dict_is_a_table():
    table = Table(("network", "weights"), {"LeNet-5": 61706}.items(), caption="Networks < 1 M")
    assert repr(table).splitlines()[0] == "Networks < 1 M"
    assert "<caption>Networks &lt; 1 M</caption>" in table._repr_html_()
