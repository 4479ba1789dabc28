"""Make a deck of slides of each lesson from its executed notebook: build/slides/NN_name.html, and an index page.

python tools/slides.py       all lessons
python tools/slides.py 03    lesson 03
"""

import shutil
import sys
from pathlib import Path

import jinja2
import nbformat
from build import ROOT, BuildError, texts
from nbconvert.filters import markdown2html
from pygments.formatters import HtmlFormatter
from slide_blocks import inline
from slide_deck import Deck
from vendored import Missing, node_modules

OUT = ROOT / "build" / "slides"
TEMPLATES = ROOT / "tools" / "slides"
CARRIED = {  # what the decks need of the npm packages
    "reveal.js/dist/reveal.js": "reveal.js",
    "reveal.js/dist/reveal.css": "reveal.css",
    "reveal.js/dist/reset.css": "reset.css",
    "reveal.js/plugin/notes/notes.js": "notes.js",
    "reveal.js/LICENSE": "LICENSE-reveal.txt",
    "mathjax/es5/tex-svg.js": "tex-svg.js",
    "mathjax/LICENSE": "LICENSE-mathjax.txt",
}


def template(name: str) -> jinja2.Template:
    """Load a page's template; titles and text pass through Markdown there."""
    pages = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True, lstrip_blocks=True)
    pages.filters |= {"inline": inline, "markdown": markdown2html}
    return pages.get_template(name)


def deck(text: Path) -> str:
    """Make the page of a lesson's slides; raises BuildError if the lesson was never executed."""
    executed = text.with_suffix(".ipynb")
    if not executed.is_file():
        raise BuildError(f"{executed.name} is missing: run `make notebooks` first")
    return template("deck.html").render(slides=Deck(nbformat.read(executed, as_version=4)).slides)


def carry(folder: Path) -> None:
    """Copy the scripts and styles that stand beside the decks."""
    modules = node_modules()
    folder.mkdir(parents=True, exist_ok=True)
    for source, name in CARRIED.items():
        shutil.copy(modules / source, folder / name)
    colours = HtmlFormatter(style="default").get_style_defs(".highlight")
    (folder / "deck.css").write_text((TEMPLATES / "deck.css").read_text(encoding="utf-8") + colours, encoding="utf-8")


def main(names: list[str]) -> int:
    """Build the decks of the lessons with these numbers, or of all."""
    try:
        chosen = texts(names)
        carry(OUT / "carried")
        for text in chosen:
            page = deck(text)
            (OUT / f"{text.stem}.html").write_text(page, encoding="utf-8")
            print(f"build/slides/{text.stem}.html: {page.count('<section')} slides, {len(page) / 1e6:.1f} MB", flush=True)
        titles = {
            text.stem: next(line[2:] for line in text.read_text("utf-8").splitlines() if line[:2] == "# ") for text in texts()
        }
        made = {name: title for name, title in titles.items() if (OUT / f"{name}.html").is_file()}
        (OUT / "index.html").write_text(template("index.html").render(lessons=made), encoding="utf-8")
    except (BuildError, Missing) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
