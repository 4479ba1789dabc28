"""A deck as axe-core examines it: the first slides of five kinds, with all their steps, light and dark."""

# ruff: noqa: D103

from browser.site import violations
from tools.chromium import browser
from tools.slides.pages import OUT

FIRST_OF_EACH = """() => {
  const kinds = Reveal.getSlides().map((slide) => slide.className.replace(/ (past|future|present|has-\\S+)/g, ""));
  return kinds.flatMap((kind, index) => (kinds.indexOf(kind) === index ? [index] : []));
}"""
GRAVE = ("serious", "critical")
FORWARD = "Reveal.availableFragments().next && Reveal.nextFragment()"


def test_axe_finds_nothing_serious_on_a_deck():
    found = []
    with browser(viewport={"width": 1280, "height": 720}) as context:
        page = context.new_page()
        page.goto((OUT / "01_convolution.html").as_uri())
        page.wait_for_selector("html[data-formulas=ready] .reveal.ready")
        for index in page.evaluate(FIRST_OF_EACH)[:5]:
            page.evaluate(f"Reveal.slide({index}, 0, -1)")
            while page.evaluate(FORWARD):
                pass
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                page.wait_for_timeout(200)
                found += [f"slide {index + 1}, {scheme}: {fault}" for fault in violations(page) if fault.startswith(GRAVE)]
    assert not found, "\n".join(found)
