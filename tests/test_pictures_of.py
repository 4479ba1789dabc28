"""The picture of an output, whatever its format: its bytes, words, size and sheet; and what nbval compares of it."""

import base64
import io

import pytest
from nbformat.v4 import new_output
from PIL import Image

from cnnlib.mime import DRAWING, EXPLORER
from tools.execution import WIDGET, comparable, keep_static
from tools.pictures_of import picture_of

DRAWN = '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20" viewBox="0 0 30 20"></svg>'
FACTS = {"alt": 'a "map" < 1', "width": 30, "height": 20, "needs_background": "light"}


def pixels(kind):
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40)).save(buffer, kind)
    return base64.b64encode(buffer.getvalue()).decode()


def output(data, **facts):
    return new_output("display_data", data, metadata={mime: facts for mime in data if mime.startswith("image/")})


DRAWING_AND_PNG = {"image/png": pixels("png"), DRAWING: DRAWN}


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (DRAWING_AND_PNG, ".svg"),
        ({"image/svg+xml": DRAWN}, ".svg"),
        ({"image/png": pixels("png")}, ".png"),
        ({"image/jpeg": pixels("jpeg")}, ".jpg"),
    ],
)
def test_the_sharpest_format_is_shown_with_the_words_and_the_size_that_are_saved(data, suffix):
    picture = picture_of(output(data | {"text/plain": "a"}, **FACTS))
    assert (picture.suffix, picture.alt, picture.width, picture.height) == (suffix, FACTS["alt"], 30, 20)
    assert picture.on_white
    tag = picture.tag(lambda data, suffix: f"x{suffix}", 'loading="lazy"')
    assert tag.startswith(f'<img src="x{suffix}" alt="a &quot;map&quot; &lt; 1" width="30" height="20" class="on-white" load')
    assert picture.tag().startswith('<img src="data:image/')


@pytest.mark.parametrize("data", [{"image/png": pixels("png")}, {"image/jpeg": pixels("jpeg")}])
def test_what_is_not_saved_is_read_from_the_pixels(data):
    picture = picture_of(output(data))
    assert (picture.width, picture.height, picture.alt, picture.on_white) == (60, 40, "", False)
    assert (picture_of(output(data, width=30)).width, picture_of(output(data, width=30)).height) == (30, 20)


def test_a_drawing_without_a_size_has_that_of_its_sheet_and_its_narrow_form_is_for_telephones():
    narrow = DRAWN.replace('width="30"', 'width="15"')
    picture = picture_of(output({"image/svg+xml": DRAWN}, alt="a", narrow=narrow))
    assert (picture.width, picture.height) == (30, 20)
    tag = picture.tag(lambda data, suffix: f"x{suffix}")
    assert tag.startswith(
        '<picture><source media="(max-width: 640px)" srcset="x-narrow.svg" width="15" height="20"><img src="x'
    )
    assert picture.tag().count("data:image/svg+xml;base64,") == 2


def test_an_output_without_a_picture_has_none():
    assert picture_of(output({"text/html": "<table>", "text/plain": "a"})) is None
    assert picture_of(new_output("stream", text="a")) is None


@pytest.mark.parametrize("data", [DRAWING_AND_PNG, {"image/svg+xml": DRAWN}, {"image/jpeg": pixels("jpeg")}])
def test_a_picture_is_saved_without_its_copy_in_html_and_compared_by_its_words(data):
    live = output(data | {"text/html": "<img>", "text/plain": "a", WIDGET: {"model_id": "x"}})
    assert keep_static(live)
    assert set(live.data) == {*data, "text/plain"}
    assert comparable(output(live.data | {EXPLORER: {}}))["data"] == {"text/plain": "a"}


def test_a_table_stays_html_and_a_progress_bar_is_not_saved():
    table = output({"text/html": "<table>", "text/plain": "a"})
    assert keep_static(table) and set(comparable(table)["data"]) == {"text/html", "text/plain"}
    assert not keep_static(output({WIDGET: {}, "text/plain": "a"}))
