"""What is around the pages of the site: an address without a page, a printed page, the bytes of a first view."""

# ruff: noqa: D103

from browser.site import LESSONS, SITE, lesson_with, open_page, violations
from cnnlib.explorers.modules import styles
from tools import ROOT

THEME = 150_000  # bytes of its styles, of which it has 380 KB
LARGEST = 1_000_000  # bytes of the first view of a page, from a host that compresses nothing


LOST = {  # an address without a page: the lesson that is meant
    "lessons/02_bottleneck.html": "03 1×1 convolutions and bottlenecks",
    "lessons/6/more/x": "",
    "11-old.html": "11 YOLO",
}


def test_an_address_without_a_page_leads_back_to_the_course(address, reader):
    page = reader.new_page()
    page.emulate_media(color_scheme="dark")
    for asked, near in LOST.items():
        page.route(f"{address}/{asked}", lambda route: route.fulfill(status=404, path=SITE / "404.html"))
        page.goto(f"{address}/{asked}")
        page.locator("#ways").wait_for()
        assert asked in page.locator("#asked").inner_text()
        suggested = page.locator("#near a")
        assert (suggested.inner_text() if suggested.is_visible() else "") == near
        places = page.locator("main a:visible").evaluate_all("links => links.map(link => link.href)")
        assert len(places) == 4 + bool(near)
        assert [place for place in places if not (SITE / place.removeprefix(f"{address}/")).is_file()] == []
    assert violations(page) == []
    reader.faults.clear()  # the browser tells of each address without a page
    page.close()


def test_a_printed_lesson_is_light_unfolded_and_has_stills(address, reader):
    page = open_page(reader, f"{address}/{lesson_with('data-explorer')}", scheme="dark")
    place = page.locator("[data-explorer]").first
    place.scroll_into_view_if_needed()
    place.locator(".cnnlib-explorer").wait_for()
    assert not place.locator("> img").is_visible()
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert place.locator("> img").is_visible() and not place.locator(".cnnlib-explorer").is_visible()
    assert page.locator("details.fold:not([open])").count() == 0 and page.locator("html").get_attribute("data-theme") == "light"
    for gone in (".bd-sidebar-primary", ".bd-header-article", ".bd-sidebar-secondary", "p.guess"):
        assert not page.locator(gone).first.is_visible(), gone
    assert page.locator("h1:visible").count() == 1
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.locator("details.fold[open]").count() == 0 and page.locator("html").get_attribute("data-theme") == "dark"
    assert reader.faults == []
    page.close()


def test_the_theme_s_styles_are_small_and_the_site_s_own_are_whole():
    for sheet in (ROOT / "tools" / "website" / "_static").glob("*.css"):
        assert (SITE / "_static" / sheet.name).read_text(encoding="utf-8") == sheet.read_text(encoding="utf-8")
    assert (SITE / "_static" / "explorers" / "explorers.css").read_text(encoding="utf-8") == styles()
    assert (SITE / "_static" / "styles" / "pydata-sphinx-theme.css").stat().st_size < THEME


def sent(page, place):
    """Count the bytes that a host which compresses nothing sends for the first view of a page."""
    sizes = {}
    page.on("response", lambda got: sizes.update({got.url: got}))
    page.goto(place, wait_until="networkidle")
    return sum(len(got.body()) for url, got in list(sizes.items()) if not url.startswith("data:"))


def test_the_first_view_of_a_page_is_less_than_a_megabyte(address, reader):
    largest = sorted(LESSONS.glob("*.html"), key=lambda page: page.stat().st_size)[-2:]
    for name in ("index.html", *(f"lessons/{page.name}" for page in largest)):
        page = reader.new_page()
        page.set_viewport_size({"width": 1280, "height": 900})
        size = sent(page, f"{address}/{name}")
        print(f"{name}: {size / 1000:.0f} KB sent")
        assert size < LARGEST, f"{name}: {size:,} bytes"
        page.close()
