"""The website as a reader meets it, below a path of its own and without a network: every page, the keyboard, the search.

Screenshots go to build/screenshots, for human eyes.
"""

# ruff: noqa: D103

from itertools import pairwise

import pytest

from browser.looks import SHOTS
from tools import ROOT
from tools.chromium import browser, served
from tools.texts import texts

SITE = ROOT / "build" / "site"
FACTS = """async () => {
  const images = [...document.images];
  images.forEach(image => image.loading = "eager");
  await Promise.allSettled(images.map(image => image.decode()));
  if (window.MathJax?.startup) await MathJax.startup.promise;
  return {
    broken: images.filter(image => !image.naturalWidth).map(image => image.src),
    nameless: images.filter(image => !image.alt.trim()).map(image => image.src),
    headings: [...document.querySelectorAll("main :is(h1, h2, h3, h4, h5, h6)")]
      .filter(heading => heading.checkVisibility())  // the theme has more for print
      .map(heading => +heading.tagName[1]),
    wide: document.documentElement.scrollWidth > innerWidth ? document.documentElement.scrollWidth : 0,
    raw: [...document.querySelectorAll(".math")].filter(place => !place.querySelector("mjx-container svg")).length,
    wrong: document.querySelectorAll("mjx-merror, [data-mml-node=merror]").length,
  };
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Serve the site, which `make browser-test` has built, below /some/course."""
    assert (SITE / "index.html").is_file(), "there is no site: run `make site` first"
    folder = tmp_path_factory.mktemp("host")
    (folder / "some").mkdir()
    (folder / "some" / "course").symlink_to(SITE)
    with served(folder) as root:
        yield f"{root}/some/course"


@pytest.fixture(scope="module")
def reader(address):
    """A browser that lets nothing out: it notes every request beyond the site, every missing file, every console error."""
    with browser() as context:
        context.faults = []
        context.route(
            lambda url: not url.startswith((address, "data:")),
            lambda route: (context.faults.append(f"asked for {route.request.url}"), route.abort()),
        )
        context.on("response", lambda got: got.status < 400 or context.faults.append(f"{got.status} {got.url}"))
        context.on("console", lambda line: line.type != "error" or context.faults.append(f"console: {line.text}"))
        context.on("weberror", lambda error: context.faults.append(f"error: {error.error}"))
        yield context


def open_page(reader, place, width=1280, scheme="light"):
    page = reader.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto(place)
    return page


def test_every_page_is_whole_at_400_pixels(address, reader):
    found = {}
    for file in sorted(SITE.rglob("*.html")):
        if "_static" in file.parts:
            continue
        name = file.relative_to(SITE).as_posix()
        page = open_page(reader, f"{address}/{name}", width=400)
        facts = page.evaluate(FACTS)
        levels = [0, *facts.pop("headings")]
        facts["disorder"] = any(deeper > level + 1 for level, deeper in pairwise(levels)) or levels.count(1) != 1
        found |= {f"{name}: {fact}": value for fact, value in facts.items() if value}
        found |= {f"{name}: {fault}": True for fault in reader.faults}
        reader.faults.clear()
        page.close()
    assert len(list((SITE / "lessons").glob("*.html"))) == len(texts())
    assert not found, "\n".join(f"{fault} {value}" for fault, value in found.items())


def test_the_keyboard_reaches_search_navigation_and_an_answer(address, reader):
    page = open_page(reader, f"{address}/lessons/03_bottleneck.html")
    wanted, seen = {"Search", "03 VGG and the receptive field", "Answer to exercise 1"}, set()
    for _ in range(150):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.innerText?.trim().split('\\n')[0] || document.activeElement.ariaLabel"))
        if wanted <= seen:
            break
    assert wanted <= seen, f"150 times Tab did not reach {wanted - seen}"
    answer = page.locator("details.hide").first
    output = answer.get_by_text("✔ pixel")
    for key, is_open in (("Enter", True), ("Space", False), ("Space", True)):
        page.keyboard.press(key)
        assert output.is_visible() == is_open, key
    page.close()


@pytest.mark.parametrize(
    "words, place", [("bottleneck", "02 The 1x1 convolution"), ("병목", "Glossary"), ("RoIAlign", "09 Fast")]
)
def test_search_finds_a_term(address, reader, words, place):
    page = open_page(reader, f"{address}/start.html")
    page.keyboard.press("Control+k")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.locator("#search-results a").filter(has_text=place).first.wait_for(timeout=10_000)
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
    assert download.value.path().read_bytes() == (ROOT / "lessons" / "03_bottleneck.ipynb").read_bytes()
    page.close()


def test_screenshots(address, reader):
    for name in ("index", "glossary", "lessons/03_bottleneck"):
        for width in (1280, 400):
            for scheme in ("light", "dark"):
                page = open_page(reader, f"{address}/{name}.html", width, scheme)
                page.evaluate(FACTS)
                page.screenshot(path=SHOTS / f"site-{name.rpartition('/')[2]}-{width}-{scheme}.png")
                page.close()
