"""The website as a reader meets it, below a path of its own and without a network: every page, the keyboard, the search.

Screenshots go to build/screenshots, for human eyes.
"""

# ruff: noqa: D103

import re
from itertools import pairwise

import pytest

from browser.looks import SHOTS
from browser.site import FACTS, LESSONS, SITE, open_page
from tools.notebooks import lesson_of, render
from tools.texts import solution_cells, texts


def test_every_page_is_whole_at_390_pixels(address, reader):
    found = {}
    for file in sorted(SITE.rglob("*.html")):
        if "_static" in file.parts:
            continue
        name = file.relative_to(SITE).as_posix()
        page = open_page(reader, f"{address}/{name}", width=390)
        facts = page.evaluate(FACTS)
        levels = [0, *facts.pop("headings")]
        facts["disorder"] = any(deeper > level + 1 for level, deeper in pairwise(levels)) or levels.count(1) != 1
        found |= {f"{name}: {fact}": value for fact, value in facts.items() if value}
        found |= {f"{name}: {fault}": True for fault in reader.faults}
        reader.faults.clear()
        page.close()
    assert len(list(LESSONS.glob("*.html"))) == len(texts())
    assert not found, "\n".join(f"{fault} {value}" for fault, value in found.items())


@pytest.mark.parametrize("words, place", [("bottleneck", "03 "), ("병목", "Glossary"), ("RoIAlign", "10 ")])
def test_search_finds_a_term(address, reader, words, place):
    page = open_page(reader, f"{address}/start.html")
    page.keyboard.press("Control+k")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.locator("#search-results a").filter(has_text=place).first.wait_for(timeout=10_000)
    context = page.locator("#search-results p.context").first
    context.wait_for(timeout=10_000)
    assert not re.search(
        r"\\|Contents|Previous|Skip to|answer = ", "".join(page.locator("#search-results p.context").all_inner_texts())
    )
    assert reader.faults == []
    page.close()


def test_first_use_leads_to_the_glossary(address, reader):
    page = open_page(reader, f"{address}/lessons/04_vgg.html")
    link = page.locator("a.first-use", has_text="effective receptive field")
    assert link.get_attribute("title").startswith("The part of the receptive field")
    link.click()
    page.wait_for_url(f"{address}/glossary.html#term-effective-receptive-field")
    page.close()


def test_download_is_the_lesson_without_answers(address, reader):
    page = open_page(reader, f"{address}/lessons/03_bottleneck.html")
    with page.expect_download() as download:
        page.get_by_text("Download the notebook").click()
    assert download.value.suggested_filename == "03_bottleneck.ipynb"
    lesson = lesson_of(solution_cells(texts(["03"])[0]))
    assert download.value.path().read_text(encoding="utf-8") == render(lesson)
    page.close()


def test_screenshots(address, reader):
    for name in ("index", "glossary", "lessons/03_bottleneck"):
        for width in (1280, 390):
            for scheme in ("light", "dark"):
                page = open_page(reader, f"{address}/{name}.html", width, scheme)
                page.evaluate(FACTS)
                page.screenshot(path=SHOTS / f"site-{name.rpartition('/')[2]}-{width}-{scheme}.png")
                page.close()
