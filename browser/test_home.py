"""The home page as a stranger meets it: on a telephone, with the keyboard, with a photograph of their own, from a disk."""

# ruff: noqa: D103

from fractions import Fraction

from playwright.sync_api import Page, expect

from browser.site import CUT, FACTS, SITE, open_page
from tools import ROOT

TELEPHONE = {"width": 390, "height": 664}  # what the bars of its browser leave of a screen of 390 x 844


def adds_up(page: Page) -> bool:
    """Tell whether the sum is that of the nine pixels times the nine weights."""
    pixels = [int(text) for text in page.locator(".pixels span").all_inner_texts()]
    weights = [Fraction(field.input_value()) for field in page.locator(".sum input").all()]
    total = int(page.locator(".total").inner_text().replace("−", "-"))
    return abs(sum(pixel * weight for pixel, weight in zip(pixels, weights, strict=True)) - total) <= 0.5


def rested(page: Page) -> None:
    """Wait until the window no longer moves by itself."""
    page.wait_for_function("document.querySelector('.cut')?.style.left.startsWith('56.9')", timeout=10_000)


def test_a_stranger_on_a_telephone_plays_on_the_first_screen(address, reader):
    page = reader.new_page()
    page.set_viewport_size(TELEPHONE)
    page.goto(f"{address}/index.html")
    rested(page)
    picture, start = page.locator(".picture"), page.get_by_role("link", name="Start lesson 1")
    box = picture.bounding_box()
    assert box["y"] + box["height"] <= TELEPHONE["height"] and start.bounding_box()["y"] < box["y"]
    assert adds_up(page) and int(page.locator(".total").inner_text()) > 300, "the window rests where there is something to see"
    before = page.locator(".words").inner_text()
    page.mouse.move(box["x"] + 200, box["y"] + 100)
    page.wait_for_function("before => document.querySelector('.words').innerText !== before", arg=before)
    assert not page.locator(".invitation").is_visible() and adds_up(page)
    for chip in ("outlines", "sharpen", "horizontal edges", "blur"):
        page.get_by_role("button", name=chip, exact=True).click()
        page.locator(f'.chip[aria-pressed="true"]:text-is("{chip}")').wait_for()
        assert adds_up(page)
    assert page.locator(".sum input").first.input_value() == "1/9"
    assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE["width"]
    assert reader.faults == []
    page.close()


def test_keyboard_and_a_photograph_of_ones_own(address, reader):
    page = open_page(reader, f"{address}/index.html")
    page.emulate_media(reduced_motion="reduce")
    page.reload()
    rested(page)
    page.locator(".picture").press("ArrowRight")
    page.wait_for_function("!document.querySelector('.cut').style.left.startsWith('56.9')")
    page.locator(".sum input").first.press("ArrowUp")
    page.wait_for_function("!document.querySelector('.chip[aria-pressed=true]')")
    before = page.locator(".pixels").inner_text()
    page.locator(".chip input").set_input_files(ROOT / "solutions" / "pictures" / "06_resnet.png")
    page.wait_for_function("before => document.querySelector('.pixels').innerText !== before", arg=before)
    page.locator(".chip input").set_input_files(ROOT / "README.md")
    page.get_by_text("This file is not an image").wait_for()
    page.get_by_role("button", name="another photograph").click()
    assert page.locator(".problem").inner_text() == "", "what was wrong is no longer shown"
    for weight in page.locator(".sum input").all():
        weight.fill("-123456")
    expect(page.locator(".sum input").last).to_have_value("-99")
    assert page.locator(".sum input").first.input_value() == "-99" and adds_up(page)
    assert page.locator(".total").evaluate("total => total.scrollWidth <= total.clientWidth"), "the largest sum fits"
    assert reader.faults == []
    page.close()


def test_the_course_can_be_taken_away_and_the_page_runs_from_a_disk(reader):
    page = open_page(reader, (SITE / "index.html").as_uri())
    rested(page)
    assert page.locator(".home-cards li").count() == 11 and page.locator(".home-doors li").count() == 4
    with page.expect_download() as download:
        page.get_by_role("link", name="Get the course").click()
    assert download.value.suggested_filename == "cnn-course.zip"
    page.evaluate(FACTS)
    assert page.evaluate(CUT) == []
    assert reader.faults == []
    page.close()
