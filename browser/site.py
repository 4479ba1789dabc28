"""The website in a browser: its pages, and scripts that look for faults in one."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tools import ROOT

SITE = ROOT / "build" / "site"
LESSONS = SITE / "lessons"
SCRIPTS = Path(__file__).parent / "scripts"
FACTS, CUT, CONTRAST = ((SCRIPTS / f"{name}.js").read_text(encoding="utf-8") for name in ("facts", "cut", "contrast"))


def open_page(reader: BrowserContext, place: str, width: int = 1280, scheme: str = "light") -> Page:
    """Open a page in a window of this width, light or dark."""
    page = reader.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto(place)
    return page


def lesson_with(words: str) -> str:
    """Name the page of the first lesson whose HTML contains these words."""
    for page in sorted(LESSONS.glob("*.html")):
        if words in page.read_text(encoding="utf-8"):
            return f"lessons/{page.name}"
    pytest.fail(f"no lesson contains {words}")
