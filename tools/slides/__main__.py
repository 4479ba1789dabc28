"""Make a deck of slides of each lesson from its executed notebook: build/slides/NN_name.html, and an index page.

python -m tools.slides                 all lessons
python -m tools.slides 03              lesson 03
python -m tools.slides --from work     with what the notebooks in work/ show, in place of those in solutions/
"""

import argparse
from pathlib import Path

from tools import ROOT, run
from tools.slides.pages import OUT, carry, deck, template
from tools.texts import texts, title_of


def main() -> None:
    """Build the decks of the lessons with these numbers, or of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*", help="lesson numbers, such as 01 (default: all)")
    parser.add_argument("--from", dest="folder", type=Path, default=ROOT / "solutions", help="folder of executed notebooks")
    options = parser.parse_args()
    chosen = texts(options.lessons)
    carry(OUT / "carried")
    for text in chosen:
        page = deck(text, options.folder.resolve())
        (OUT / f"{text.stem}.html").write_text(page, encoding="utf-8")
        print(f"build/slides/{text.stem}.html: {page.count('<section')} slides, {len(page) / 1e6:.1f} MB", flush=True)
    made = {text.stem: title_of(text) for text in texts() if (OUT / f"{text.stem}.html").is_file()}
    (OUT / "index.html").write_text(template("index.html").render(lessons=made), encoding="utf-8")


if __name__ == "__main__":
    run(main)
