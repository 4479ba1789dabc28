"""What leads a reader to a place on the website: search, glossary, the popovers of terms, figures at their full size."""

# ruff: noqa: D103

import re

import pytest

from browser.site import SITE, open_page


def found(page, query):
    """Type into the search of the page and list the titles and addresses of the hits."""
    page.locator(".bd-search-container input").fill(query)
    page.wait_for_function("document.querySelector('.bd-search-container .said').textContent")
    links = page.locator(".bd-search-container .found .title a")
    return [(link.inner_text(), link.get_attribute("href")) for link in links.all()]


@pytest.mark.parametrize("way", ["served", "from the disk"])
def test_search_leads_to_sections(address, reader, way):
    page = open_page(reader, f"{address if way == 'served' else SITE.as_uri()}/lessons/04_vgg.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("roialign")
    hits = page.locator("dialog .found .title a")
    hits.first.wait_for()
    titles = hits.all_inner_texts()
    assert titles[0] == "RoIAlign" and "10.2 RoIAlign" in titles
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=roialign")
    page.locator(".found a").get_by_text("10.2 RoIAlign", exact=True).click()
    page.wait_for_url("**/lessons/10_faster_rcnn.html#*")
    place = page.evaluate("document.querySelector(':target').innerText")
    assert place.startswith("10.2 RoIAlign")
    assert reader.faults == []
    page.close()


def test_search_finds_words_in_any_form_and_shows_them(address, reader):
    page = open_page(reader, f"{address}/search.html")
    assert found(page, "1x1 convolutions")[0][0].startswith(("1×1 convolution", "03 1×1"))
    assert found(page, "병목")[0] == ("bottleneck", "glossary.html#term-bottleneck".replace("glossary", "./glossary"))
    assert any(title.startswith("2.1 ") for title, _ in found(page, "softmax loss"))
    assert found(page, "a.*(b") == [] and "Nothing found" in page.locator(".said").last.inner_text()
    for query in ("padding", "conv2d", "loss", "why"):
        assert len(found(page, query)) > 5
        shown = " ".join(page.locator(".found .words").all_inner_texts())
        assert not re.search(r"\\|\$|Contents|Previous|Skip to|answer = |### |import torch|Download the", shown)
        assert query in shown.lower()
    page.close()


def test_glossary_is_filtered_and_has_letters(address, reader):
    page = open_page(reader, f"{address}/glossary.html", width=390)
    every = page.locator("dl.glossary > dt:visible")
    total = every.count()
    field = page.get_by_label("Filter")
    field.focus()
    page.keyboard.type("POOLING")
    assert 3 <= every.count() < total / 4
    assert page.locator("dl.glossary > dd:visible").count() == every.count()
    assert page.get_by_role("status").get_by_text(f"{every.count()} terms").is_visible()
    field.fill("수용")
    assert "receptive field" in " ".join(every.all_inner_texts())
    field.fill("")
    assert every.count() == total
    page.get_by_role("navigation", name="Letters").get_by_text("R", exact=True).press("Enter")
    page.wait_for_url("**#letter-r")
    first = page.locator("#letter-r dt").first
    bar = page.locator(".glossary-bar").bounding_box()
    assert bar["y"] + bar["height"] <= first.bounding_box()["y"] < 900
    page.close()


def test_glossary_leads_to_the_section_that_teaches_a_term(address, reader):
    page = open_page(reader, f"{address}/glossary.html")
    items = page.locator("dl.glossary > dd")
    links = items.get_by_text("Taught in").locator("a")
    assert links.count() == items.count()
    assert all("#" in link for link in links.evaluate_all("links => links.map((link) => link.getAttribute('href'))"))
    bottleneck = page.locator("#term-bottleneck + dd").get_by_text("Taught in").locator("a")
    assert bottleneck.inner_text() == "3.4 The bottleneck"
    bottleneck.click()
    page.wait_for_url("**/lessons/03_bottleneck.html#*")
    assert page.evaluate("document.querySelector(':target').innerText").startswith("3.4 The bottleneck")
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_term_opens_by_mouse_and_keyboard(address, reader, width):
    page = open_page(reader, f"{address}/lessons/04_vgg.html", width, "dark")
    word, sheet = page.locator("a.first-use", has_text="effective receptive field"), page.locator("#meaning")
    assert word.get_attribute("title") is None
    word.click()
    assert "The part of the receptive field" in sheet.inner_text() and word.get_attribute("aria-expanded") == "true"
    box, below = sheet.bounding_box(), word.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] >= 0 and box["y"] + box["height"] <= 900
    assert box["y"] >= below["y"] + 10 or box["y"] + box["height"] <= below["y"] + below["height"]
    page.keyboard.press("Escape")
    assert not sheet.is_visible() and word.get_attribute("aria-expanded") == "false"
    for key in ("Enter", "Space"):
        word.press(key)
        assert sheet.is_visible()
        page.keyboard.press("Escape")
        assert not sheet.is_visible() and word.evaluate("word => word === document.activeElement")
    word.click()
    word.click()
    assert not sheet.is_visible(), "a second click closes it"
    word.click()
    page.mouse.click(5, 400)
    assert not sheet.is_visible(), "a click elsewhere closes it"
    word.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/glossary.html#term-effective-receptive-field")
    assert reader.faults == []
    page.close()


def test_a_figure_opens_at_its_full_size_on_a_telephone(address, reader):
    page = open_page(reader, f"{address}/lessons/01_convolution.html", width=390)
    figure, sheet = page.locator(".figure-frame.small").first, page.locator("dialog.full-size")
    for frame in page.locator(".figure-frame.small:visible").all():
        picture, button = frame.locator("img").bounding_box(), frame.get_by_role("button").bounding_box()
        assert button["y"] >= picture["y"] + picture["height"], "the button covers nothing of its figure"
    figure.locator("img").click()
    picture = sheet.locator("img")
    assert picture.evaluate("image => image.width") > 1.5 * figure.locator("img").evaluate("image => image.width")
    page.keyboard.press("Escape")
    assert not sheet.is_visible()
    figure.get_by_role("button").press("Enter")
    sheet.get_by_role("button", name="Close").click()
    assert not sheet.is_visible()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.wait_for_timeout(200)
    assert page.locator(".figure-frame.small").count() == 0
    page.close()
