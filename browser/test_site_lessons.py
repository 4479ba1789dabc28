"""A lesson of the website in a browser: folds, guesses, explorers, and everything open at two widths, light and dark."""

# ruff: noqa: D103

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page

from browser.site import SITE, lesson_with, open_page


def test_the_keyboard_reaches_search_navigation_and_an_answer(address, reader):
    page = open_page(reader, f"{address}/lessons/01_convolution.html")
    wanted, seen = {"Search", "02 Training a CNN", "Answer to exercise 1"}, set()
    for _ in range(150):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.innerText?.trim().split('\\n')[0] || document.activeElement.ariaLabel"))
        if wanted <= seen:
            break
    assert wanted <= seen, f"150 times Tab did not reach {wanted - seen}"
    answer = page.locator("details.answer").first
    for key, is_open in (("Enter", True), ("Space", False), ("Space", True)):
        page.keyboard.press(key)
        assert answer.locator(".cell_input").is_visible() == is_open, key
    assert not re.search(r"[Ss]olved \d|\d solved", page.content())
    page.close()


@pytest.mark.parametrize(
    "typed, shown", [("  about 30  ", "Your guess: about 30"), ("<b>x</b>", "Your guess: <b>x</b>"), ("", "")]
)
def test_a_guess_is_shown_above_the_result(address, reader, typed, shown):
    page = open_page(reader, f"{address}/{lesson_with('data-guess')}")
    echo = page.locator("[data-guess]").first
    field, fold = page.locator(f"#{echo.get_attribute('data-guess')}"), echo.locator("xpath=ancestor::details")
    assert not fold.locator(".cell_output").first.is_visible() and not echo.is_visible()
    field.click()
    page.keyboard.type(typed)
    if typed:
        field.press("Enter")  # opens the result
    else:
        fold.locator("summary").click()
    assert fold.locator(".cell_output").first.is_visible()
    assert (echo.inner_text() if echo.is_visible() else "") == shown
    assert reader.faults == []
    page.close()


def test_a_result_opens_when_the_browser_looks_for_its_words(address, reader):
    place = f"{address}/{lesson_with('fold result')}"
    page = open_page(reader, place)
    notice = page.locator("details.result .box-notice p:last-child").first
    words = " ".join(notice.evaluate("words => words.textContent").split()[-5:])
    assert not notice.is_visible()
    page.close()
    page = open_page(reader, f"{place}#:~:text={quote(words)}")
    page.wait_for_function("[...document.querySelectorAll('details.result')].some(fold => fold.open)", timeout=10_000)
    page.close()


def moves(page: Page, explorer: Locator) -> bool:
    """Move an explorer by the keyboard and tell whether its words change."""
    before = explorer.inner_text()
    explorer.locator("input[type=range], .numbers input, .box").first.press("ArrowUp")
    page.wait_for_timeout(300)
    return explorer.inner_text() != before


@pytest.mark.parametrize("width, scheme", [(390, "light"), (1280, "dark")])
def test_explorers_run_when_they_come_near(address, reader, width, scheme):
    page = open_page(reader, f"{address}/{lesson_with('data-explorer')}", width, scheme)
    places = page.locator("[data-explorer]")
    assert places.count()
    for place in places.all():
        assert place.locator("img").get_attribute("alt")
        place.scroll_into_view_if_needed()
        explorer = place.locator(".cnnlib-explorer")
        explorer.wait_for(timeout=10_000)
        assert moves(page, explorer)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert reader.faults == []
    page.close()


def test_an_explorer_runs_from_a_disk(reader):
    page = open_page(reader, (SITE / lesson_with("data-explorer")).as_uri())
    place = page.locator("[data-explorer]").first
    place.scroll_into_view_if_needed()
    place.locator(".cnnlib-explorer").wait_for(timeout=10_000)
    assert moves(page, place.locator(".cnnlib-explorer"))
    page.close()
