"""The website as a reader meets it, below a path of its own and without a network: every page, at two widths, light and dark.

Each page is opened once. Screenshots go to build/screenshots, for human eyes.
"""

# ruff: noqa: D103

from collections import defaultdict
from itertools import pairwise, product

import pytest
from playwright.sync_api import Page

from browser.looks import SHOTS
from browser.site import CONTRAST, CUT, FACTS, LESSONS, NUMBERS, SITE, open_page, violations
from tools.notebooks import lesson_of, render
from tools.texts import solution_cells, texts

PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html") if "_static" not in path.parts)
EXAMINED = ("index.html", "glossary.html", "classes.html", "lessons/01_convolution.html", "lessons/11_yolo.html")  # by axe-core
SHOWN = ("index.html", "glossary.html", "lessons/03_bottleneck.html")
LOOKS = tuple(product((390, 1280), ("light", "dark")))
AXE = (390, "dark"), (1280, "light")


def visit(page: Page, name: str) -> dict[str, list[str]]:
    """List everything that is wrong with a page, by the name of the test that forbids it."""
    found, facts = defaultdict(list), page.evaluate(FACTS)
    levels = [0, *facts.pop("headings")]
    facts["disorder"] = any(deeper > level + 1 for level, deeper in pairwise(levels)) or levels.count(1) != 1
    found["whole"] = [f"{fact} {value}" for fact, value in facts.items() if value]
    if name in SHOWN:
        shoot(page, name)
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    if name in EXAMINED:
        for place in page.locator("[data-explorer]").all():
            place.scroll_into_view_if_needed()
            place.locator(".cnnlib-explorer").wait_for()
    for width, scheme in LOOKS:
        look(page, width, scheme)
        if scheme == "light":  # widths do not depend on colours, nor colours on widths
            found["cut"] += [f"{width} {fault}" for fault in page.evaluate(CUT)]
        if width == 1280:
            found["contrast"] += [f"{scheme} {fault}" for fault in page.evaluate(CONTRAST)]
        if name in EXAMINED and (width, scheme) in AXE:
            found["axe"] += [f"{width} {scheme} {fault}" for fault in violations(page)]
    found["numbers"] = page.evaluate(NUMBERS)
    return found


def look(page: Page, width: int, scheme: str) -> None:
    """Change a page's width and colours, and wait for the scripts that follow them."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.wait_for_timeout(150)


def shoot(page: Page, name: str) -> None:
    """Take a screenshot of each look of a page."""
    for width, scheme in LOOKS:
        look(page, width, scheme)
        page.screenshot(path=SHOTS / f"site-{name.rpartition('/')[2]}-{width}-{scheme}.png")


@pytest.fixture(scope="module")
def faults(address, reader) -> dict[str, list[str]]:
    """Visit every page once; returns what is wrong, by test."""
    every = defaultdict(list)
    for name in PAGES:
        page = open_page(reader, f"{address}/{name}", width=390)
        for test, found in visit(page, name).items():
            every[test] += [f"{name}: {fault}" for fault in found]
        every["asked"] += [f"{name}: {fault}" for fault in reader.faults]
        reader.faults.clear()
        page.close()
    return every


@pytest.mark.parametrize(
    "test",
    [
        pytest.param("whole", id="every page is whole at 390 pixels"),
        pytest.param("asked", id="nothing is missing, asked of others or an error"),
        pytest.param("cut", id="nothing is cut off or too small"),
        pytest.param("contrast", id="words stand out"),
        pytest.param("axe", id="axe finds nothing"),
        pytest.param("numbers", id="numbers are on the right"),
    ],
)
def test_pages(faults, test):
    assert not faults[test], "\n".join(faults[test])


def test_every_lesson_has_a_page():
    assert len(list(LESSONS.glob("*.html"))) == len(texts())


def test_download_is_the_lesson_without_answers(address, reader):
    page = open_page(reader, f"{address}/lessons/03_bottleneck.html")
    with page.expect_download() as download:
        page.get_by_text("Download the notebook").click()
    assert download.value.suggested_filename == "03_bottleneck.ipynb"
    lesson = lesson_of(solution_cells(texts(["03"])[0]))
    assert download.value.path().read_text(encoding="utf-8") == render(lesson)
    page.close()
