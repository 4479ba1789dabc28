"""The decks as a lecturer meets them: every slide at 1280 x 720 in all its steps, answers one key away, notes, no network."""

# ruff: noqa: D103

import pytest

from browser.looks import SHOTS
from tools.chromium import browser, served
from tools.slides.pages import OUT
from tools.texts import texts

# lists what leaves the screen, is cut, or is too small to read in the present step of a slide
FAULTS = """() => {
  const page = Reveal.getCurrentSlide().querySelector(".page"), faults = [];
  if (page.scrollHeight > 720 || page.scrollWidth > 1280) faults.push(`${page.scrollWidth} x ${page.scrollHeight}`);
  for (const part of page.querySelectorAll("h2, p, li, pre, table, img, mjx-container")) {
    const box = part.getBoundingClientRect(), letters = parseFloat(getComputedStyle(part).fontSize);
    if (box.left < 0 || box.top < 0 || box.right > 1281 || box.bottom > 721) faults.push(`${part.tagName} leaves the screen`);
    if (part.scrollWidth > part.clientWidth + 1 && part.tagName === "PRE") faults.push("code is cut");
    if (letters < 15 && part.tagName !== "IMG") faults.push(`${part.tagName} has letters of ${letters} pixels`);
    if (part.tagName !== "IMG") continue;
    if (!part.naturalWidth || box.height < 120) faults.push(`a figure is ${box.height} pixels high`);
    if (part.alt.length < 10) faults.push("a figure has no words");
  }
  const parts = [...page.children].map((part) => part.getBoundingClientRect());
  if (parts.some((box, index) => index && box.top < parts[index - 1].bottom - 1)) faults.push("two parts overlap");
  return faults;
}"""
FORWARD = "Reveal.availableFragments().next && Reveal.nextFragment()"


@pytest.fixture(scope="module")
def decks():
    """A browser of the size of a projector, and the address of the decks, which `make browser-test` has built."""
    assert (OUT / "index.html").is_file(), "there are no slides: run `make slides` first"
    with browser(viewport={"width": 1280, "height": 720}) as context, served(OUT) as address:
        yield context, address


@pytest.fixture
def page(decks):
    """A page that fails the test if anything is asked of another machine, is missing, or goes wrong."""
    page, trouble = decks[0].new_page(), []
    page.on("request", lambda request: trouble.append(request.url) if not is_local(request.url) else None)
    page.on(
        "response", lambda response: trouble.append(f"{response.status} {response.url}") if response.status >= 400 else None
    )
    page.on("console", lambda message: trouble.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    yield page
    page.close()
    assert not trouble


def is_local(url):
    return url.startswith(("http://127.0.0.1:", "data:", "file:", "about:", "blob:"))


def opened(page, address, lesson):
    page.goto(f"{address}/{lesson}.html")
    page.wait_for_selector("html[data-formulas=ready]")


@pytest.mark.parametrize("lesson", [text.stem for text in texts()])
def test_every_slide_fits_in_every_step(page, decks, lesson):
    opened(page, decks[1], lesson)
    total, faults = page.evaluate("Reveal.getTotalSlides()"), []
    assert 25 <= total <= 40
    for index in range(total):
        page.evaluate(f"Reveal.slide({index})")
        faults += [(index + 1, fault) for fault in page.evaluate(FAULTS)]
        while page.evaluate(FORWARD):
            faults += [(index + 1, fault) for fault in page.evaluate(FAULTS)]
    assert not faults
    assert page.locator("mjx-merror").count() == 0


@pytest.mark.parametrize("lesson", [text.stem for text in texts()])
def test_an_answer_is_hidden_until_a_key_is_pressed(page, decks, lesson):
    opened(page, decks[1], lesson)
    tasks = page.evaluate("Reveal.getSlides().flatMap((slide, n) => slide.matches('.exercise') ? [n] : [])")
    assert 6 <= len(tasks) <= 9
    answer = page.locator("section.present .fragment[data-fragment-index='0']:not(.fade-out)")
    for index in tasks:
        page.evaluate(f"Reveal.slide({index})")
        assert answer.evaluate("part => getComputedStyle(part).visibility") == "hidden"
        page.keyboard.press("ArrowRight")
        assert page.evaluate("Reveal.getIndices().h") == index
        assert answer.evaluate("part => getComputedStyle(part).visibility") == "visible"


@pytest.mark.parametrize("way", ["served", "from the disk"])
def test_the_speakers_window_shows_the_notes(page, decks, way):
    opened(page, decks[1] if way == "served" else OUT.as_uri(), "01_convolution")
    page.evaluate("Reveal.slide(2)")
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    notes = popup.value.locator(".speaker-controls-notes .value")
    notes.get_by_text("Multiply each pixel by the weight").wait_for()
    popup.value.set_viewport_size({"width": 1280, "height": 720})
    popup.value.screenshot(path=SHOTS / "slides_speaker.png")
    popup.value.close()


def test_the_index_leads_to_every_deck(page, decks):
    page.goto(f"{decks[1]}/index.html")
    links = page.locator("ol a").evaluate_all("links => links.map((link) => link.getAttribute('href'))")
    assert links == [f"{text.stem}.html" for text in texts()]


def test_a_deck_prints_one_page_a_slide(page, decks):
    page.goto(f"{decks[1]}/01_convolution.html?print-pdf")
    page.wait_for_selector("html[data-formulas=ready]")
    page.wait_for_selector(".pdf-page")
    assert page.locator(".pdf-page").count() == page.locator(".pdf-page section").count() >= 25
