"""The decks as a lecturer meets them: nothing overflows, results wait for a key, countdown, explorers, print, no network."""

# ruff: noqa: D103

from contextlib import contextmanager

import pytest

from browser.looks import SHOTS
from cnnlib.explorers import EXPLORERS
from cnnlib.mime import EXPLORER
from tools import ToolError
from tools.chromium import browser, served
from tools.slides.blocks import code
from tools.slides.explorer_blocks import script
from tools.slides.pages import OUT, template
from tools.slides.pdf import PAGE, printed
from tools.slides.results import shown_by
from tools.slides.slide import Slide
from tools.texts import texts

LESSONS = [text.stem for text in texts()]
# lists what leaves the slide, is cut, overlaps, or is too small to read in every step of every slide
FAULTS = """(smallest) => {
 const faultsOf = () => {
  const slide = Reveal.getCurrentSlide(), page = slide.querySelector(".page"), body = page.querySelector(".body"), faults = [];
  const frame = page.getBoundingClientRect(), scale = frame.width / 1280;
  if (body.scrollHeight > body.clientHeight + 2) faults.push(`${body.scrollHeight} of ${body.clientHeight} pixels are used`);
  for (const part of page.querySelectorAll("h2, p, li, pre, table, td, .sheet, mjx-container, footer, button")) {
    const box = part.getBoundingClientRect(), letters = parseFloat(getComputedStyle(part).fontSize);
    if (!box.width || part.closest(".cnnlib-explorer-place, mjx-assistive-mml")) continue;
    const inside = box.left >= frame.left - 2 && box.right <= frame.right + 2 && box.bottom <= frame.bottom + 2;
    if (!inside) faults.push(`${part.tagName} leaves the slide`);
    if (letters < smallest && !part.matches(".sheet")) faults.push(`${part.tagName} has letters of ${letters} pixels`);
    if (part.matches(".sheet") && box.width / scale < 500 && box.height / scale < 250) {
      faults.push(`a figure is ${Math.round(box.width / scale)} x ${Math.round(box.height / scale)} pixels large`);
    }
  }
  for (const image of page.querySelectorAll(".sheet img")) if (image.alt.length < 10) faults.push("a figure has no words");
  const shown = [...body.children].map((part) => part.getBoundingClientRect()).filter((box) => box.height);
  if (!slide.matches(".beside") && shown.some((box, index) => index && box.top < shown[index - 1].bottom - 2)) {
    faults.push("two parts overlap");
  }
  return faults;
 };
 const found = [], note = (index) => faultsOf().forEach((fault) => found.push([index + 1, fault]));
 const seen = (part) => part.checkVisibility({ visibilityProperty: true });
 for (let index = 0; index < Reveal.getTotalSlides(); index += 1) {
  Reveal.slide(index, 0, -1);
  const slide = Reveal.getCurrentSlide();
  const hidden = [...slide.querySelectorAll(".fragment[data-fragment-index='0']:not(.fade-out)")];
  if (slide.matches(".exercise, .asks") && hidden.some(seen)) {
   found.push([index + 1, "an answer is seen before a key is pressed"]);
  }
  note(index);
  while (Reveal.availableFragments().next) {
   Reveal.nextFragment();
   note(index);
  }
  if (!hidden.every(seen)) found.push([index + 1, "the answer is not seen in the end"]);
 }
 return found;
}"""
LETTERS = """(place) => {  // the smallest words beside the picture of an explorer, in pixels of the slide
  const scale = place.getBoundingClientRect().width / place.offsetWidth;
  const parts = [...place.querySelectorAll(".name, .title, .words, .row, .bar, .key, table, select, output, button")];
  return scale * Math.min(...parts.map((part) => parseFloat(getComputedStyle(part).fontSize)));
}"""
FULLEST = 18  # pixels of the letters of words on a slide that is full; code and tables have at least 20
SCREENS = [("projector", 1280, 720, "dark"), ("full HD", 1920, 1080, "light"), ("telephone", 844, 390, "dark")]


@pytest.fixture(scope="module")
def decks():
    """A browser of the size of a projector, and the address of the decks, which `make browser-test` has built."""
    if not (OUT / "index.html").is_file():
        raise ToolError("there are no slides: run `make slides` first")
    with browser(viewport={"width": 1280, "height": 720}, color_scheme="light") as context, served(OUT) as address:
        yield context, address


@contextmanager
def watched(context):
    """Open a page that fails the test if anything is asked of another machine, is missing, or goes wrong."""
    page, trouble = context.new_page(), []
    page.on("request", lambda request: trouble.append(request.url) if not is_local(request.url) else None)
    page.on(
        "response", lambda response: trouble.append(f"{response.status} {response.url}") if response.status >= 400 else None
    )
    page.on("console", lambda message: trouble.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    yield page
    page.close()
    assert not trouble


@pytest.fixture
def page(decks):
    """Open a page for one test."""
    with watched(decks[0]) as page:
        yield page


@pytest.fixture(scope="module")
def trial(decks):
    """A deck of an explorer of each kind and of an exercise, as a file from the disk."""
    slides = [Slide("title", "A trial", lead="What moves?")]
    slides += [Slide("result", name, "explorers", shown=[explorer(name)]) for name in EXPLORERS]
    slides.append(Slide("exercise", "Exercise 1", "tasks", shown=[code(["x = 1"]).at(0)], facts={"minutes": "2"}))
    slides.append(Slide("words", "The end", "tasks", shown=[code(["y = 2"])]))
    explorers = script([block for slide in slides for block in slide.shown])
    path = OUT / "trial.html"
    path.write_text(template("deck.html").render(slides=slides, explorers=explorers), encoding="utf-8")
    yield path.as_uri()
    path.unlink()


def explorer(name):
    return shown_by({"data": {EXPLORER: {"name": name, "values": {}}}})


def is_local(url):
    return url.startswith(("http://127.0.0.1:", "data:", "file:", "about:", "blob:"))


def opened(page, address, lesson=""):
    page.goto(f"{address}/{lesson}.html" if lesson else address)
    page.wait_for_selector("html[data-formulas=ready] .reveal.ready")


def place(page):
    return page.evaluate("Reveal.getIndices().h")


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_slide_fits_in_every_step_and_hides_what_is_asked(page, decks, lesson):
    opened(page, decks[1], lesson)
    assert 20 <= page.evaluate("Reveal.getTotalSlides()") <= 52
    assert not page.evaluate(FAULTS, FULLEST)
    assert page.locator("mjx-merror").count() == 0


@pytest.mark.parametrize(("screen", "width", "height", "theme"), SCREENS)
def test_a_deck_fits_every_screen(page, decks, screen, width, height, theme):
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=theme)
    opened(page, decks[1], "01_convolution")
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    assert not page.evaluate(FAULTS, FULLEST)
    for index in (0, 2, 4):
        page.evaluate(f"Reveal.slide({index})")
        page.screenshot(path=SHOTS / f"slides_{screen.replace(' ', '_')}_{theme}_{index}.png")


def test_an_answer_is_one_key_away(page, decks):
    opened(page, decks[1], LESSONS[0])
    exercise = page.evaluate("Reveal.getSlides().findIndex((slide) => slide.matches('.exercise'))")
    page.evaluate(f"Reveal.slide({exercise}, 0, -1)")
    page.keyboard.press("ArrowRight")
    assert place(page) == exercise and page.locator("section.present .fragment.visible").count() == 1


def test_a_countdown_is_calm_where_motion_is_not_wanted(page, trial):
    page.clock.install()
    page.emulate_media(reduced_motion="reduce")
    opened(page, trial)
    page.evaluate(f"Reveal.slide({len(EXPLORERS) + 1}, 0, -1)")
    button = page.locator("section.present .countdown")
    page.keyboard.press("t")
    page.clock.run_for(15_000)
    assert "1:50" in button.inner_text()
    page.clock.run_for(100_000)
    assert "0:05" in button.inner_text()


def test_the_countdown_starts_pauses_and_leaves_the_keys_to_the_slides(page, trial):
    page.clock.install()
    opened(page, trial)
    page.evaluate(f"Reveal.slide({len(EXPLORERS) + 1}, 0, -1)")
    button = page.locator("section.present .countdown")
    assert "2:00" in button.inner_text()
    page.keyboard.press("t")
    page.clock.run_for(5_000)
    assert "1:55" in button.inner_text() and button.get_attribute("data-state") == "runs"
    button.click()
    page.clock.run_for(5_000)
    assert "1:55" in button.inner_text() and button.get_attribute("data-state") == "waits"
    page.keyboard.press("Space")  # shows the answer and does not press the button again
    assert button.get_attribute("data-state") == "waits" and page.locator("section.present .fragment.visible").count() == 1
    page.keyboard.press("t")
    page.clock.run_for(120_000)
    assert "0:00" in button.inner_text() and button.get_attribute("data-state") == "over"


@pytest.fixture(scope="module")
def moving(decks, trial):
    """One page that shows the trial, for all explorers."""
    with watched(decks[0]) as page:
        opened(page, trial)
        yield page


@pytest.mark.parametrize("name", EXPLORERS)
def test_an_explorer_fills_its_slide(moving, name):
    page = moving
    page.evaluate(f"Reveal.slide({list(EXPLORERS).index(name) + 1})")
    page.wait_for_selector("section.present .cnnlib-explorer-place[style*=scale]")
    page.wait_for_timeout(300)
    box = page.locator("section.present .cnnlib-explorer-place").bounding_box()
    page.screenshot(path=SHOTS / f"slides_explorer_{name}.png")
    assert box["x"] >= 59 and box["y"] >= 60 and box["x"] + box["width"] <= 1221 and box["y"] + box["height"] <= 677
    assert box["width"] > 1000 or box["height"] > 480
    assert page.locator("section.present .cnnlib-explorer-place").evaluate(LETTERS) > 19.5


def test_an_explorer_has_the_keys_while_it_has_the_focus(page, trial):
    opened(page, trial)
    page.keyboard.press("ArrowRight")
    slider = page.locator("section.present input[type=range]").first
    slider.wait_for()
    slider.focus()
    before, value = place(page), slider.input_value()
    page.keyboard.press("ArrowRight")
    assert place(page) == before and slider.input_value() != value
    page.keyboard.press("Escape")
    assert not page.evaluate("Reveal.isOverview()")
    page.keyboard.press("ArrowRight")
    assert place(page) == before + 1
    page.keyboard.press("ArrowLeft")
    page.locator("section.present .words").first.click()  # a click inside of it gives it the keys as well
    page.keyboard.press("ArrowRight")
    assert place(page) == before
    page.locator("section.present h2").click()
    page.keyboard.press("ArrowRight")
    assert place(page) == before + 1


def test_a_key_turns_the_deck_dark_and_it_stays_so(page, decks):
    opened(page, decks[1], LESSONS[0])
    page.keyboard.press("d")
    assert page.evaluate("getComputedStyle(document.querySelector('.page')).color") == "rgb(238, 241, 244)"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.keyboard.press("d")


@pytest.mark.parametrize("way", ["served", "from the disk"])
def test_the_speakers_window_shows_the_notes(page, decks, way):
    opened(page, decks[1] if way == "served" else OUT.as_uri(), "01_convolution")
    exercise = page.evaluate("Reveal.getSlides().findIndex((slide) => slide.matches('.exercise'))")
    page.evaluate(f"Reveal.slide({exercise})")
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    notes = popup.value.locator(".speaker-controls-notes .value")
    notes.get_by_text("Likely mistakes").wait_for()
    popup.value.set_viewport_size({"width": 1280, "height": 720})
    popup.value.screenshot(path=SHOTS / "slides_speaker.png")
    popup.value.close()


def test_the_index_leads_to_every_deck(page, decks):
    page.goto(f"{decks[1]}/index.html")
    links = page.locator("ol a").evaluate_all("links => links.map((link) => link.getAttribute('href'))")
    assert links == [f"{lesson}.html" for lesson in LESSONS]


def test_a_deck_prints_one_page_a_slide_with_still_explorers(page, trial):
    opened(page, f"{trial}?print-pdf")
    page.wait_for_selector(".pdf-page")
    assert page.locator(".pdf-page").count() == page.locator(".pdf-page section").count() == len(EXPLORERS) + 3
    page.wait_for_timeout(300)
    assert page.locator(".cnnlib-explorer").count() == 0
    assert page.locator(".cnnlib-explorer-place > img").count() == len(EXPLORERS)


def test_a_deck_is_printed_as_pdf_with_every_result(decks, trial):
    path = printed(decks[0], "trial")
    assert len(PAGE.findall(path.read_bytes())) == len(EXPLORERS) + 3
    path.unlink()
