"""The website in a browser: its pages, and scripts that look for faults in one."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tools import ROOT
from tools.vendored import node_modules

SITE = ROOT / "build" / "site"
LESSONS = SITE / "lessons"
SCRIPTS = Path(__file__).parent / "scripts"
FACTS, CUT, CONTRAST, NUMBERS = (
    (SCRIPTS / f"{name}.js").read_text(encoding="utf-8") for name in ("facts", "cut", "contrast", "numbers")
)
VIOLATIONS = """async () => {
  const { violations } = await axe.run({ exclude: ["mjx-container"] }, { resultTypes: ["violations"], preload: false });
  return violations.map(({ id, impact, help, nodes }) => `${impact} ${id}: ${help}: ${nodes[0].html}`);
}"""


def open_page(reader: BrowserContext, place: str, width: int = 1280, scheme: str = "light") -> Page:
    """Open a page in a window of this width, light or dark."""
    page = reader.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto(place)
    return page


def violations(page: Page) -> list[str]:
    """List what axe-core finds on the page as it is, minor things as well."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate((node_modules() / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    found: Any = page.evaluate(VIOLATIONS)
    return found


def lesson_with(words: str) -> str:
    """Name the page of the first lesson whose HTML contains these words."""
    for page in sorted(LESSONS.glob("*.html")):
        if words in page.read_text(encoding="utf-8"):
            return f"lessons/{page.name}"
    pytest.fail(f"no lesson contains {words}")
