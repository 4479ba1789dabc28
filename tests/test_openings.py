"""The pictures with which the lessons open: there, small, and drawn by one function each."""

import re
from pathlib import Path

import pytest
from PIL import Image

from tools import ROOT, ToolError
from tools.drawn import DRAWN
from tools.drawn import LARGEST as MOST
from tools.openings import LARGEST, OPENINGS, PICTURES, WIDTH, rendered
from tools.pictures_of import size_of


@pytest.mark.slow
@pytest.mark.parametrize("name", OPENINGS)
def test_a_lesson_shows_its_opening_picture_with_its_text_alternative(name):
    path = PICTURES / name
    assert path.stat().st_size <= LARGEST
    with Image.open(path) as picture:
        assert picture.width == WIDTH
    text = (ROOT / "solutions" / name).with_suffix(".md").read_text(encoding="utf-8")
    assert re.findall(rf"!\[([^\]]+)\]\(pictures/{re.escape(name)}\)", text) == [OPENINGS[name]().alt]


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAWN)
def test_a_drawing_is_in_its_lesson_in_both_forms_with_its_words(name):
    drawing, text = DRAWN[name](), next((ROOT / "solutions").glob(f"{name[:2]}_*.md")).read_text(encoding="utf-8")
    words = drawing.alt.replace("[", "(").replace("]", ")")  # Markdown ends an alternative text at a bracket
    assert f"![{words}](pictures/{name}.png)" in text
    assert f":shows: {name}\n" in text or text.count(f"(pictures/{name}.png)") == 2  # on a slide, too
    for suffix in (".png", ".svg"):
        path = PICTURES / f"{name}{suffix}"
        assert 1_000 < path.stat().st_size <= MOST
        width, height = size_of(path.read_bytes())
        assert 200 < width < 900 and height < 700


@pytest.mark.slow
@pytest.mark.parametrize("name", OPENINGS)
def test_a_picture_is_drawn_as_wide_as_it_is_shown(name):
    suffix = Path(name).suffix
    start = {".png": b"\x89PNG", ".jpg": b"\xff\xd8\xff"}[suffix]
    assert rendered(OPENINGS[name](), suffix).startswith(start)


def test_a_picture_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr("tools.openings.LARGEST", 1_000)
    with pytest.raises(ToolError, match="more than 1,000"):
        rendered(OPENINGS["01_convolution.png"]())


def test_the_numbers_of_lesson_01_s_opening_picture_add_up_as_they_are_shown():
    _, pixels, weights, _ = OPENINGS["01_convolution.png"]().axes
    *kernel, total = (text.get_text() for text in weights.texts)
    products = [float(text.get_text()) * float(weight) for text, weight in zip(pixels.texts, kernel, strict=True)]
    assert total == f"the products add up to {sum(products):.2f}".replace("-", "\N{MINUS SIGN}")
