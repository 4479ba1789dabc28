"""The files of build/slides: a page per deck, and the scripts and styles that it loads."""

import shutil
from pathlib import Path

import jinja2
from nbconvert.filters import markdown2html
from pygments.formatters import HtmlFormatter

from tools import ROOT
from tools.exercises import checks_of
from tools.lecturers import in_class
from tools.slides.deck import Deck
from tools.slides.explorer_blocks import script
from tools.slides.reading import lesson
from tools.slides.words import inline
from tools.texts import solution_cells
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
COLOURS = {'[data-theme="light"]': "default", '[data-theme="dark"]': "github-dark"}  # of code


def template(name: str) -> jinja2.Template:
    """Load a page's template, with filters that turn Markdown into HTML."""
    pages = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True, lstrip_blocks=True)
    pages.filters |= {"inline": inline, "markdown": markdown2html}
    return pages.get_template(name)


def deck(text: Path, folder: Path) -> str:
    """Make the page of a lesson's slides from its text and its executed notebook, which is in `folder`."""
    slides = Deck(lesson(text, folder), checks_of(solution_cells(text)), in_class(text.stem[:2])).slides
    explorers = script([block for slide in slides for block in slide.shown])
    return template("deck.html").render(slides=slides, explorers=explorers)


def carry(folder: Path) -> None:
    """Copy the scripts and styles that the decks load."""
    modules = node_modules()
    folder.mkdir(parents=True, exist_ok=True)
    for source, name in CARRIED.items():
        shutil.copy(modules / source, folder / name)
    shutil.copy(TEMPLATES / "deck.js", folder / "deck.js")
    colours = [HtmlFormatter(style=style).get_style_defs(f"{theme} .highlight") for theme, style in COLOURS.items()]
    styles = "\n".join([(TEMPLATES / "deck.css").read_text(encoding="utf-8"), *colours])
    (folder / "deck.css").write_text(styles, encoding="utf-8")
