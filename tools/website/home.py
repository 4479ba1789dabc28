"""The home page: a live explorer, the lessons as cards, a door for each kind of reader, and the course to take away."""

import json
import re
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image

from cnnlib.explorers.encoding import data_url
from cnnlib.explorers.filter import KERNELS
from cnnlib.explorers.modules import EXPORT, IMPORT, imported, slim, unexported
from tools import ROOT, ToolError
from tools.texts import colab_address, texts
from tools.website.archive import ARCHIVE, write_archive

EXTRA = "extra"  # copied as it is to the top of the site
FOLDER = Path(__file__).parent / "home"
ROW = re.compile(
    r"^\| (?P<number>\d\d) \| \[(?P<title>.+?)\]\(lessons/(?P<name>\w+)\.ipynb\) \| (?P<question>.+?) \|$", re.MULTILINE
)
TAKES = re.compile(r"^\*\*Takes\*\* about (\d+) minutes", re.MULTILINE)
OPENING = re.compile(r"^!\[(?P<alt>.+?)\]\(pictures/(?P<file>[\w.]+)\)$", re.MULTILINE)
PHOTOGRAPHS = ("coffee", "china", "astronaut", "cat")
SIDE = 224  # pixels of a photograph
CARDS, CARD_WIDTH = "_static/cards", 608  # the pictures of the cards, twice as wide as a card
FILTERS = {  # what the home page calls the filters of the explorer in lesson 01
    "vertical edges": KERNELS["vertical edges (Sobel)"],
    "horizontal edges": KERNELS["horizontal edges (Sobel)"],
    "outlines": KERNELS["all edges (Laplace)"],
    "sharpen": KERNELS["sharpen"],
    "blur": KERNELS["blur"],
}


class Card(NamedTuple):
    """What the home page shows of a lesson: the row of the README's table, the minutes and the opening picture of its text."""

    number: str
    name: str
    title: str
    question: str
    minutes: int
    picture: str
    alt: str


def cards() -> list[Card]:
    """Collect a card per lesson; raises ToolError for a lesson without a row in the README, minutes or picture."""
    rows = {row["name"]: row for row in ROW.finditer((ROOT / "README.md").read_text(encoding="utf-8"))}
    found = []
    for text in texts():
        words = text.read_text(encoding="utf-8")
        row, takes, opening = rows.get(text.stem), TAKES.search(words), OPENING.search(words)
        if not (row and takes and opening):
            missing = "its row in README.md" if not row else "its minutes (**Takes** about ...)" if not takes else "its picture"
            raise ToolError(f"{text.name}: the home page does not find {missing}")
        facts = row["number"], text.stem, row["title"], row["question"], int(takes[1]), opening["file"], opening["alt"]
        found.append(Card(*facts))
    return found


def script() -> str:
    """Write the explorer with all that it needs as a script that is no module, so that it also loads from a disk."""
    from cnnlib.data.photos import photo

    own = (FOLDER / "explorer.js").read_text(encoding="utf-8")
    parts = dict.fromkeys(part for neighbour in IMPORT.findall(own) for part in imported(neighbour))
    photographs = {name: data_url(photo(name, SIDE)[0], quality=90) for name in PHOTOGRAPHS}
    course = json.dumps({"photographs": photographs, "kernels": FILTERS}, separators=(",", ":"))
    modules = [*map(unexported, parts), EXPORT.sub("", slim(IMPORT.sub("", own)))]
    return "\n".join(["(() => {", f"const COURSE = {course};", *modules, "})();", ""])


def html(part: str, settings: dict[str, str], size: int) -> str:
    """Write "first" or "more" of the home page, or "404"; `settings` is `[tool.course]`, `size` are the archive's bytes."""
    pages = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    lessons = cards()
    colab = colab_address(settings, lessons[0].name)
    values = {"lessons": lessons, "colab": colab, "archive": f"_static/{ARCHIVE}", "cards": CARDS, "size": size}
    return pages.get_template(f"{part}.html").render(values)


def write(source: Path, settings: dict[str, str]) -> None:
    """Write below Sphinx's sources: two parts of the home page, its script, the course as an archive, and the page 404.html."""
    (source / "_static" / "home.js").write_text(script(), encoding="utf-8")
    (source / CARDS).mkdir()
    for card in cards():
        with Image.open(ROOT / "solutions" / "pictures" / card.picture) as picture:
            small = picture.convert("RGB")  # its colours are mixed, which a palette's numbers cannot be
        small.thumbnail((CARD_WIDTH, CARD_WIDTH))
        small.save(source / CARDS / f"{card.name}.webp", quality=85)
    size = write_archive(source / "_static" / ARCHIVE)
    for part in ("first", "more"):
        (source / f"home-{part}.html").write_text(html(part, settings, size), encoding="utf-8")
    (source / EXTRA).mkdir()
    (source / EXTRA / "404.html").write_text(html("404", settings, size), encoding="utf-8")
