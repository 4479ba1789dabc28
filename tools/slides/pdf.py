"""Print decks as PDF, one page per slide with all results shown: build/slides/NN_name.pdf.

python -m tools.slides.pdf 03
"""

import argparse
import re
from pathlib import Path

from playwright.sync_api import BrowserContext

from tools import ToolError, run
from tools.chromium import browser
from tools.slides.pages import OUT
from tools.texts import texts

PAGE = re.compile(rb"/Type\s*/Page\b")


def printed(context: BrowserContext, name: str) -> Path:
    """Print a deck that `tools.slides` has made; raises ToolError if it is missing or the pages are not its slides."""
    page, path = OUT / f"{name}.html", OUT / f"{name}.pdf"
    if not page.is_file():
        raise ToolError(f"there is no deck {page.name} in build/slides: run `python -m tools.slides {name[:2]}` first")
    tab = context.new_page()
    tab.goto(f"{page.as_uri()}?print-pdf")
    tab.wait_for_selector("html[data-formulas=ready] .pdf-page")
    slides = tab.locator(".pdf-page section").count()
    tab.pdf(path=path, width="1280px", height="720px", print_background=True)
    tab.close()
    if (pages := len(PAGE.findall(path.read_bytes()))) != slides:
        raise ToolError(f"{path.name} has {pages} pages for {slides} slides")
    return path


def main() -> None:
    """Print the decks of the lessons with these numbers, or of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*", help="lesson numbers, such as 01 (default: all)")
    chosen = texts(parser.parse_args().lessons)
    with browser(viewport={"width": 1280, "height": 720}) as context:
        for text in chosen:
            path = printed(context, text.stem)
            print(f"build/slides/{path.name}: {len(PAGE.findall(path.read_bytes()))} pages, {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    run(main)
