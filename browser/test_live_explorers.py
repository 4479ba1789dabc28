"""The explorers of `cnnlib.explorers` on a page from a disk: mouse, touch, keyboard, wide and narrow, light and dark."""

# ruff: noqa: D103

import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect

from cnnlib.detection.yolo import Yolo
from cnnlib.explorers import EXPLORERS, GridExplorer
from cnnlib.explorers.page import fragment
from tools.chromium import browser

LOOKS = [(390, "dark"), (1280, "light")]  # what depends on the scheme is tried in both at each width
FRAME = 16.7  # milliseconds
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>explorers</title><style>body {{ margin: 12px }} .gap {{ height: 1500px }}
[id^="explorer-"] {{ margin-block: 1300px }} /* so far apart that only the one in view is drawn */</style>{}</html>"""


@pytest.fixture(scope="module")
def sheet(tmp_path_factory) -> Path:
    """Write a page with all explorers, in a folder whose name needs care, and the grid again with a network's predictions."""
    folder = tmp_path_factory.mktemp("explorers") / "a sub path"
    folder.mkdir()
    trained = fragment("grid", GridExplorer(Yolo(classes=5)).values(), ident="explorer-trained")
    page = folder / "page.html"
    page.write_text(PAGE.format("".join([*map(fragment, EXPLORERS), trained])), encoding="utf-8")
    return page


@pytest.fixture(scope="module", params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]}")
def context(request) -> Iterator[BrowserContext]:
    """Open a browser of one width and scheme; the narrow one has a touch screen."""
    width, scheme = request.param
    with browser(viewport={"width": width, "height": 900}, color_scheme=scheme, has_touch=width < 500) as opened:
        yield opened


@pytest.fixture
def page(context: BrowserContext, sheet: Path) -> Iterator[Page]:
    """Open the page, whose explorers draw themselves as they come into view; no error and no request is allowed."""
    page, problems = context.new_page(), []
    page.set_default_timeout(5000)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: problems.append(request.url) if request.url.startswith("http") else None)
    page.goto(sheet.as_uri())
    yield page
    page.close()
    assert not problems


def of(page: Page, name: str) -> Locator:
    """Bring an explorer into view, and wait until it has drawn itself."""
    place = page.locator(f"#explorer-{name}")
    found = place.locator(".cnnlib-explorer")
    if not found.count():
        place.scroll_into_view_if_needed()
        found.locator(".words:not(:empty)").wait_for()
        page.wait_for_function(f"!document.querySelector('#explorer-{name}').innerText.includes('being read')")
    found.scroll_into_view_if_needed()
    return found


def slider(page: Page, name: str, label: str) -> Locator:
    """Find a slider of an explorer."""
    return of(page, name).get_by_role("slider", name=label, exact=True)


def words(page: Page, name: str) -> str:
    """Read the words below an explorer's picture after the next frame."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return of(page, name).locator(".words").inner_text()


def test_everything_fits_and_can_be_read(page):
    for name in [*EXPLORERS, "trained"]:
        of(page, name)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = """() => [...document.querySelectorAll(".cnnlib-explorer *")].filter((element) =>
        [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) && element.checkVisibility() &&
        parseFloat(getComputedStyle(element).fontSize) < 12).map((element) => element.outerHTML.slice(0, 80))"""
    assert page.evaluate(small) == []
    unnamed = """() => [...document.querySelectorAll(".cnnlib-explorer :is(input, select, button)")].filter((element) =>
        !element.labels?.length && !element.ariaLabel && !element.textContent.trim()).map((element) => element.outerHTML)"""
    assert page.evaluate(unnamed) == []


def luminance(page: Page, selector: str, what: str) -> float:
    """Measure how light the colour of an element is, 0 to 1, as WCAG does."""
    colour = page.evaluate(f"(s) => getComputedStyle(document.querySelector(s)).{what}", selector)
    channels = [int(channel) / 255 for channel in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_colours_follow_the_page_and_have_contrast(page):
    of(page, "filter")  # has words of all kinds
    for scheme, theme in (("light", None), ("dark", None), ("light", "dark"), ("dark", "light")):
        page.emulate_media(color_scheme=scheme)
        page.evaluate("(theme) => theme && (document.documentElement.dataset.theme = theme)", theme)
        surface = luminance(page, ".cnnlib-explorer", "backgroundColor")
        assert (surface < 0.1) == ((theme or scheme) == "dark")
        for text in (".words", ".name", ".title"):
            ink = luminance(page, f".cnnlib-explorer {text}", "color")
            low, high = sorted((surface, ink))
            assert (high + 0.05) / (low + 0.05) >= 4.5, f"{text} on a {theme} page"
    page.evaluate("delete document.documentElement.dataset.theme; document.body.dataset.jpThemeLight = 'false'")
    assert luminance(page, ".cnnlib-explorer", "backgroundColor") < 0.1, "JupyterLab's dark theme"


def test_keys_move_controls_and_nothing_else(page):
    page.evaluate("document.addEventListener('keydown', (event) => (window.leaked = event.key))")
    step = slider(page, "convolution", "step")
    step.focus()
    page.keyboard.press("ArrowRight")
    assert "8 of 25" in words(page, "convolution")
    page.keyboard.press("Home")
    assert "1 of 25" in words(page, "convolution")
    of(page, "convolution").get_by_label("output").focus()
    page.keyboard.press("ArrowDown")
    assert "row 1, column 0 (step 6 of 25)" in words(page, "convolution")
    of(page, "overlap").get_by_label("box A").focus()
    before = words(page, "overlap")
    for key in ("ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    assert words(page, "overlap") != before and "Box A has 32×27" in words(page, "overlap")
    of(page, "receptive_field").get_by_label("layers: arrow keys").focus()
    page.keyboard.press("ArrowRight")
    assert "pool4" in words(page, "receptive_field")
    of(page, "trained").get_by_label("the scene: arrow keys").focus()
    page.keyboard.press("ArrowUp")
    assert "Row 1, column 4" in words(page, "trained")
    assert page.evaluate("window.leaked") is None
    page.keyboard.press("Escape")
    assert page.evaluate("window.leaked") == "Escape"


def test_an_output_under_the_pointer_shows_its_sum(page):
    cell = of(page, "convolution").locator('[data-grid="output"][data-row="4"][data-column="3"]')
    cell.hover()
    assert "row 4, column 3 (step 24 of 25)" in words(page, "convolution")
    assert of(page, "convolution").locator(".frame").count() == 10
    page.mouse.move(1, 1)
    assert "(step 7 of 25)" in words(page, "convolution")
    cell.click()
    page.mouse.move(1, 1)
    assert "(step 24 of 25)" in words(page, "convolution")


def test_a_kernel_that_does_not_fit_is_a_sentence(page):
    for label in ("kernel size", "dilation"):
        slider(page, "convolution", label).focus()
        page.keyboard.press("End")
    assert (
        words(page, "convolution")
        == "The dilated kernel is 13 pixels wide and does not fit into 7 pixels. Add padding, or reduce the dilation."
    )
    slider(page, "convolution", "kernel size").focus()
    page.keyboard.press("Home")
    assert "of 49" in words(page, "convolution")


def test_play_runs_to_the_end_and_stops(page):
    layer = slider(page, "receptive_field", "layer")
    layer.evaluate("(input) => { input.value = 16; input.dispatchEvent(new Event('input')) }")
    of(page, "receptive_field").get_by_role("button").click()
    assert "pause" in of(page, "receptive_field").get_by_role("button").inner_text()
    page.wait_for_function("document.querySelector('#explorer-receptive_field button').textContent.includes('play')")
    assert "pool5" in words(page, "receptive_field")


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag with a finger where there is a touch screen, else with the mouse."""
    if not page.evaluate("navigator.maxTouchPoints"):
        page.mouse.move(*start)
        page.mouse.down()
        page.mouse.move(*end, steps=5)
        return page.mouse.up()
    session = page.context.new_cdp_session(page)
    for share in range(6):
        x, y = (a + (b - a) * share / 5 for a, b in zip(start, end, strict=True))
        kind = "touchMove" if share else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_boxes_are_dragged_and_stretched(page):
    overlap = of(page, "overlap")
    scale = overlap.locator("svg").bounding_box()["width"] / 96
    body = overlap.locator(".box").nth(1).locator(".body").bounding_box()
    middle = body["x"] + body["width"] * 0.8, body["y"] + body["height"] * 0.8
    drag(page, middle, (middle[0] - 12 * scale, middle[1] - 4 * scale))
    assert "box B has 36×28 = 1008" in words(page, "overlap") and "Intersection: 832" in words(page, "overlap")
    corner = overlap.locator(".box").nth(1).locator('[data-handle="se"]').bounding_box()
    at = corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2
    drag(page, at, (at[0] - 6 * scale, at[1]))
    assert "box B has 30×28" in words(page, "overlap")
    drag(page, (at[0] - 6 * scale, at[1]), (2000, 2000))
    assert "box B has 72×44" in words(page, "overlap"), "a box stays in its scene"


def test_an_object_s_box_takes_its_cell_along(page):
    grid = of(page, "grid")
    body = grid.locator(".handles .body").first.bounding_box()
    side = grid.locator(".scene").bounding_box()["width"]
    start = body["x"] + body["width"] / 2, body["y"] + body["height"] / 2
    before = words(page, "grid")
    drag(page, start, (start[0] + side / 8, start[1]))
    page.mouse.move(1, 1)
    after = words(page, "grid")
    assert "should predict" in after and after != before


def test_a_region_is_dragged_and_roi_pooling_notices_late(page):
    pooling = of(page, "pooling")
    region = pooling.get_by_label("region for RoIAlign")
    region.focus()
    before = words(page, "pooling")
    page.keyboard.press("ArrowRight")
    after = words(page, "pooling")
    pooled = [sentence.split("RoI pooling")[1].split(". RoIAlign")[0] for sentence in (before, after)]
    assert pooled[0].split("gives")[1] == pooled[1].split("gives")[1]
    assert before.split("RoIAlign")[1] != after.split("RoIAlign")[1]
    corner = pooling.locator('[data-handle="se"]').first.bounding_box()
    at = corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2
    drag(page, at, (at[0] + 30, at[1] + 30))
    assert words(page, "pooling") != after
    slider(page, "pooling", "bins per side").press("End")
    assert len(re.findall(r"\d+\.\d", words(page, "pooling"))) == 16 == pooling.locator(".bin").count()


def test_an_object_between_the_cells_keeps_its_best_anchor(page):
    anchors = of(page, "anchors")
    anchors.locator('[data-grid="map"][data-row="3"][data-column="4"]').hover()
    assert "row 3, column 4:" in words(page, "anchors")
    box = anchors.locator(".handles .box").first
    box.focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    assert "positive" in words(page, "anchors")
    for size in ("small", "middle", "large"):
        slider(page, "anchors", f"{size} anchor").press("Home")
    assert re.search(r"anchors [1-9]\d* are positive", words(page, "anchors"))


def test_what_is_pointed_at_is_explained(page):
    of(page, "transposed").locator('[data-grid="sums"][data-column="2"]').hover()
    assert "Output pixel 2 gets 2 stamps: place 2 of the kernel from pixel 0" in words(page, "transposed")
    of(page, "windows").locator('[data-grid="unit"][data-row="1"][data-column="1"]').hover()
    assert "a unit of map 1 sees 3 pixels" in words(page, "windows")
    of(page, "mixing").locator("canvas").last.hover(position={"x": 20, "y": 20})
    assert re.search(r"Row \d+, column \d+: 1 · 0\.\d\d \+ 0 ·", words(page, "mixing"))
    of(page, "grouping").locator(".over").first.hover()
    assert "The region under the pointer has" in words(page, "grouping")
    of(page, "heat_map").locator(".over").last.hover(position={"x": 2, "y": 2})
    assert "In the window at row 0, column 0" in words(page, "heat_map")


def test_arrow_keys_reach_what_the_pointer_reaches(page):
    of(page, "windows").get_by_label("units: arrow keys").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    assert "a pixel sees 1 pixel" in words(page, "windows")
    of(page, "heat_map").get_by_label("the heat map: arrow keys").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert "In the window at row 1, column 0" in words(page, "heat_map")
    of(page, "anchors").get_by_label("the map: arrow keys").focus()
    page.keyboard.press("ArrowUp")
    assert "row 5, column 5:" in words(page, "anchors")


def test_counts_follow_their_sliders(page):
    slider(page, "counts", "channels inside the bottleneck").press("Home")
    assert "8 channels inside has 2,048 + 576 + 2,048 = 4,672: 126.25 times fewer" in words(page, "counts")
    slider(page, "inception", "5×5").press("End")
    assert "more than the budget" in words(page, "inception")
    of(page, "dense").get_by_role("combobox").select_option("bc")
    assert "Depth L = 76" in words(page, "dense")
    of(page, "depth").get_by_role("combobox").select_option("no batch norm, torch's own initialisation")
    slider(page, "depth", "blocks").press("End")
    assert "32 layers, no batch norm, torch's own initialisation" in words(page, "depth")


def test_merges_are_played(page):
    grouping = of(page, "grouping")
    slider(page, "grouping", "merges").press("End")
    assert "1 is left" in words(page, "grouping")
    grouping.get_by_role("combobox").select_option("cat")
    assert "Of 124 regions" in words(page, "grouping")


def test_a_padding_that_crops_everything_is_a_sentence(page):
    for label, key in (("kernel size", "Home"), ("stride", "Home"), ("padding", "End")):
        slider(page, "transposed", label).press(key)
    assert words(page, "transposed") == "Nothing is left: 4 pixels become 4 without padding, and a padding of 3 crops 6."


def test_suppression_is_followed_in_the_list(page):
    suppression = of(page, "suppression")
    step = slider(page, "suppression", "step")
    step.focus()
    page.keyboard.press("End")
    sentence = words(page, "suppression")
    kept = int(re.search(r"(\d+) are kept", sentence)[1])
    assert suppression.locator("tr.kept").count() == kept == int(re.search(r"of (\d+):", sentence)[1])
    suppression.get_by_label("each class on its own").click()
    assert suppression.locator("tr.kept").count() <= kept


def test_the_menu_says_your_own_once_a_weight_changes(page):
    found = of(page, "filter")
    menu = found.get_by_role("combobox", name="filter", exact=True)
    weight = found.get_by_label("row 1, column 1")
    weight.fill("0.75")
    assert "your own" in words(page, "filter") and menu.input_value() == "your own"
    weight.press("ArrowUp")
    assert weight.input_value() == "1.25"
    menu.select_option("blur")
    expect(weight).to_have_value("1/9")
    assert "Filter: blur" in words(page, "filter")
    weight.fill("2/3")
    expect(found.locator(".words")).to_contain_text("Filter: your own")
    weight.fill("1e99")
    weight.fill("5000")
    expect(weight).to_have_value("999")  # no larger weight is taken
    weight.fill("a word")
    weight.blur()
    expect(weight).to_have_value("999")
    menu.select_option("blur")
    expect(menu).not_to_contain_text("your own")


def test_a_photograph_of_one_s_own_stays_in_the_browser(page, tmp_path):
    path = tmp_path / "own.png"
    Image.linear_gradient("L").resize((300, 200)).save(path)
    found = of(page, "filter")
    found.get_by_label("your own photograph").set_input_files(path)
    found.get_by_role("combobox", name="filter", exact=True).select_option("identity")
    menu = found.get_by_role("combobox", name="photograph", exact=True)
    page.wait_for_function(
        "[...document.querySelectorAll('#explorer-filter option')].filter((o) => o.value === 'your own').length"
    )
    assert menu.input_value() == "your own" and "0.00 to 1.00" in words(page, "filter")
    menu.select_option("cat")
    assert menu.input_value() == "cat"
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no image")
    found.get_by_label("your own photograph").set_input_files(broken)
    page.wait_for_selector("#explorer-filter .problem:not(:empty)")
    assert "not an image" in found.locator(".problem").inner_text() and menu.input_value() == "cat"
    menu.select_option("coffee")
    assert found.locator(".problem").inner_text() == "", "a photograph of the course takes its place"


HALVES = """(canvas) => [0, canvas.height / 2].map((top) => {
  const { data } = canvas.getContext("2d").getImageData(0, top + 4, canvas.width, canvas.height / 2 - 8);
  return data.filter((_, i) => i % 4 === 0).reduce((sum, value) => sum + value, 0) / (data.length / 4);
})"""  # the mean grey of the upper and the lower half
CORNER = """([canvas, low, high]) => {
  const [value] = canvas.getContext("2d").getImageData(9, 9, 1, 1).data;
  return low <= value && value <= high;
}"""


def test_a_photograph_is_upright_and_what_is_transparent_is_white(page, tmp_path):
    found = of(page, "filter")
    picture = found.locator("canvas").first
    stored, exif = Image.new("RGB", (300, 200), "black"), Image.Exif()
    stored.paste("white", (0, 0, 150, 200))
    exif[274] = 6  # the camera was held upright: the left half as stored is the upper half as seen
    stored.save(tmp_path / "upright.jpg", exif=exif)
    found.get_by_label("your own photograph").set_input_files(tmp_path / "upright.jpg")
    page.wait_for_function(CORNER, arg=[picture.element_handle(), 251, 255])
    upper, lower = picture.evaluate(HALVES)
    assert upper > 250 and lower < 5
    clear = Image.new("RGBA", (60, 60), "black")
    clear.paste((0, 0, 0, 0), (0, 30, 60, 60))
    clear.save(tmp_path / "clear.png")
    found.get_by_label("your own photograph").set_input_files(tmp_path / "clear.png")
    page.wait_for_function(CORNER, arg=[picture.element_handle(), 0, 4])
    upper, lower = picture.evaluate(HALVES)
    assert upper < 5 and lower > 250


MEASURE = """async ([selector, values]) => {
  const input = document.querySelector(selector), drawing = [], waiting = [];
  for (const value of values) {
    const asked = performance.now();
    input.value = value;
    input.dispatchEvent(new Event("input"));
    await new Promise((done) => requestAnimationFrame((frame) => {
      document.body.offsetHeight;  // layout is part of it
      drawing.push(performance.now() - frame);
      waiting.push(performance.now() - asked);
      done();
    }));
  }
  return [drawing, waiting];
}"""
MOVED = {
    "convolution": ('label:nth-of-type(3) input[type="range"]', [0, 1, 2]),
    "filter": (".numbers input:nth-child(5)", [0.5, -1, 2]),
    "receptive_field": ('input[type="range"]', [4, 11, 17]),
    "suppression": ('input[type="range"]', [35, 60, 45]),
    "grid": ('input[type="range"]', [4, 16, 9]),
    "trained": ('input[type="range"]', [10, 30, 20]),
    "mixing": ('input[type="range"]', [-0.5, 0.25, 1]),
    "windows": ('input[type="range"]', [1, 4, 3]),
    "inception": ('input[type="range"]', [0, 200, 64]),
    "depth": ('input[type="range"]', [2, 15, 8]),
    "dense": ('input[type="range"]', [4, 40, 12]),
    "heat_map": ('input[type="range"]', [0, 4, 2]),
    "transposed": ('input[type="range"]', [1, 6, 3]),
    "grouping": ('input[type="range"]', [0, 70, 140]),
    "pooling": ('input[type="range"]', [1, 4, 2]),
    "anchors": ('input[type="range"]', [8, 40, 16]),
}


def test_the_picture_follows_in_the_next_frame(page):
    for name, (selector, values) in MOVED.items():
        of(page, name)
        drawing, waiting = page.evaluate(MEASURE, [f"#explorer-{name} {selector}", values * 3])
        middle, longest = statistics.median(drawing), max(drawing)
        print(f"{name}: {middle:.1f} ms to draw (longest {longest:.1f}), picture after {statistics.median(waiting):.1f} ms")


def test_the_latest_value_wins(page):
    script = """() => {
      const input = document.querySelector("#explorer-convolution .player input");
      for (let step = 1; step <= 20; step++) { input.value = step; input.dispatchEvent(new Event("input")); }
    }"""
    of(page, "convolution")
    page.evaluate(script)
    assert "(step 20 of 25)" in words(page, "convolution")


def test_a_screen_reader_is_told_once_things_are_quiet(page):
    live = of(page, "convolution").locator('[aria-live="polite"]')
    page.wait_for_timeout(900)
    slider(page, "convolution", "step").focus()
    page.keyboard.press("ArrowRight")
    assert "(step 8 of 25)" in words(page, "convolution") and "(step 7 of 25)" in live.inner_text()
    page.wait_for_timeout(900)
    assert "(step 8 of 25)" in live.inner_text()


def test_an_explorer_is_loaded_when_it_comes_into_view(context, tmp_path):
    path = tmp_path / "far.html"
    path.write_text(PAGE.format("<div class=gap></div>" + fragment("overlap")), encoding="utf-8")
    page = context.new_page()
    page.goto(path.as_uri())
    page.wait_for_timeout(300)
    assert page.locator(".cnnlib-explorer").count() == 0 and page.locator("img[alt]").count() == 1
    page.mouse.wheel(0, 3000)
    page.wait_for_selector(".cnnlib-explorer .words:not(:empty)")
    page.close()


def test_two_pictures_are_beside_each_other_wherever_both_fit(context, tmp_path):
    pairs = ("pooling", "anchors", "grouping", "heat_map", "mixing", "receptive_field")
    path = tmp_path / "pairs.html"
    path.write_text(PAGE.format("".join(map(fragment, pairs))), encoding="utf-8")
    page = context.new_page()
    for width in (520, 640, 860):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(path.as_uri())
        for name in pairs:
            page.locator(f"#explorer-{name}").scroll_into_view_if_needed()
            figures = page.locator(f"#explorer-{name} .figures figure:not(.grid)")
            figures.nth(1).wait_for()
            page.wait_for_function(f"!document.querySelector('#explorer-{name}').innerText.includes('being read')")
            left, right = (figures.nth(n).bounding_box() for n in range(2))
            assert right["x"] > left["x"] + left["width"] / 2, f"{name} at {width} pixels"
    page.close()


def test_a_browser_without_light_dark_keeps_the_still_picture(context, tmp_path):
    path = tmp_path / "old.html"
    path.write_text(PAGE.format("<script>CSS.supports = () => false</script>" + fragment("overlap")), encoding="utf-8")
    page = context.new_page()
    page.goto(path.as_uri())
    page.wait_for_timeout(300)
    assert page.locator(".cnnlib-explorer").count() == 0 and page.locator("img[alt]").count() == 1
    page.close()
