"""The files of build/slides: a page per deck, and the scripts and styles that it loads."""

import shutil
from pathlib import Path

import jinja2
from nbconvert.filters import markdown2html
from pygments.formatters import HtmlFormatter

from tools import ROOT, ToolError
from tools.notebook_files import read
from tools.slides.blocks import inline
from tools.slides.deck import Deck
from tools.vendored import node_modules

OUT = ROOT / "build" / "slides"
TEMPLATES = Path(__file__).parent
CARRIED = {  # file of an npm package -> file of the decks
    "reveal.js/dist/reveal.js": "reveal.js",
    "reveal.js/dist/reveal.css": "reveal.css",
    "reveal.js/dist/reset.css": "reset.css",
    "reveal.js/plugin/notes/notes.js": "notes.js",
    "reveal.js/LICENSE": "LICENSE-reveal.txt",
    "mathjax/es5/tex-svg.js": "tex-svg.js",
    "mathjax/LICENSE": "LICENSE-mathjax.txt",
}


def template(name: str) -> jinja2.Template:
    """Load a page's template, with filters that turn Markdown into HTML."""
    pages = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True, lstrip_blocks=True)
    pages.filters |= {"inline": inline, "markdown": markdown2html}
    return pages.get_template(name)


def deck(text: Path) -> str:
    """Make the page of a lesson's slides; raises ToolError if the lesson was never executed."""
    executed = text.with_suffix(".ipynb")
    if not executed.is_file():
        raise ToolError(f"{executed.name} is missing: run `make notebooks` first")
    return template("deck.html").render(slides=Deck(read(executed)).slides)


def carry(folder: Path) -> None:
    """Copy the scripts and styles that the decks load."""
    modules = node_modules()
    folder.mkdir(parents=True, exist_ok=True)
    for source, name in CARRIED.items():
        shutil.copy(modules / source, folder / name)
    colours = HtmlFormatter(style="default").get_style_defs(".highlight")
    (folder / "deck.css").write_text((TEMPLATES / "deck.css").read_text(encoding="utf-8") + colours, encoding="utf-8")
