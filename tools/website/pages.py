"""Sphinx's sources in build/site-source: the lessons, the glossary, and the pages of docs/."""

import copy
import re
import shutil
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools import ROOT, ToolError
from tools.notebook_files import read
from tools.notebooks import lesson_of, stale_solution, write
from tools.numbering import Numbers, count
from tools.texts import colab_address, course, solution_cells, texts, written
from tools.website import explorers, formulas, home
from tools.website.cells import Page
from tools.website.glossary import glossary_page
from tools.website.play import checks_of

SOURCE = ROOT / "build" / "site-source"
LINK = re.compile(r"(?<!!)\[([^\[\]]+)\]\((?!https?:|#|mailto:)([^)\s#]+)(#[^)\s]*)?\)")


def page_of(text: Path, executed: NotebookNode, numbers: Numbers, figures: Path) -> NotebookNode:
    """Make the page of a lesson from its text and its executed cells; figures become files in `figures`."""
    page, cells = Page(text.stem, numbers, figures, checks_of(text.stem[3:])), written(text).cells
    for cell, done in zip(cells, executed.cells, strict=True):
        try:
            page.add(cell, done)
        except ToolError as error:
            raise ToolError(f"{text.name}, the cell {cell.id!r}: {error}") from None
    page.end()
    page.cells[0].source = with_links(page.cells[0].source, text.stem, colab_address(course(), text.stem))
    return nbformat.v4.new_notebook(cells=page.cells, metadata={"kernelspec": executed.metadata["kernelspec"]})


def with_links(source: str, name: str, colab: str) -> str:
    """Add links to the first cell, below its picture or else below the title: to the notebook, and to Colab if `colab`."""
    links = f"{{download}}`Download the notebook <../notebooks/{name}.ipynb>`"
    links += f" · [Open in Colab]({colab})" if colab else ""
    return re.sub(r"\A(?:(?s:.*?)^!\[.*|.*)$", lambda opening: f"{opening[0]}\n\n{links}", source, count=1, flags=re.MULTILINE)


def lesson(text: Path, numbers: Numbers, folder: Path | None = None) -> None:
    """Write a lesson's page, its figures and the notebook to download; raises ToolError if its outputs are stale.

    `folder` has executed notebooks, for a trial: cells that changed since then are shown without outputs.
    """
    wanted, path = solution_cells(text), (folder or text.parent) / f"{text.stem}.ipynb"
    problem = stale_solution(path, wanted)
    if problem and not folder:
        raise ToolError(f"{problem}: run `make notebooks` first.")
    executed = read(path) if path.is_file() else wanted
    if problem:
        executed = with_outputs(wanted, executed)
    write(page_of(text, executed, numbers, SOURCE / "_static" / "figures"), SOURCE / "lessons" / path.name)
    write(lesson_of(wanted), SOURCE / "notebooks" / path.name)


def with_outputs(wanted: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """Give the cells the outputs of those executed cells that have the same source."""
    known, shown = {cell.source: cell.get("outputs", []) for cell in executed.cells}, copy.deepcopy(wanted)
    for cell in shown.cells:
        if cell.cell_type == "code":
            cell.outputs = copy.deepcopy(known.get(cell.source, []))
    return shown


def relinked(words: str, pages: list[str], settings: dict[str, str]) -> str:
    """Replace links to files of the repository by links to pages, to the repository's address, or by plain text."""

    def place(match: re.Match) -> str:
        path, anchor = match[2].removeprefix("../").removeprefix("docs/"), match[3] or ""
        page = re.sub(r"^solutions/(\d\d_\w+)\.(md|ipynb)$", r"lessons/\1.ipynb", path)
        page = page.replace("CONTRIBUTING", "contributing")
        if page in pages:
            return f"[{match[1]}]({page}{anchor})"
        address = settings["repository"].rstrip("/").removesuffix(".git")
        return f"[{match[1]}]({address}/blob/{settings['branch']}/{path}{anchor})" if address else match[1]

    return LINK.sub(place, words).replace("](docs/", "](").replace("](solutions/pictures/", "](lessons/pictures/")


def prepare(folder: Path | None = None) -> None:
    """Write Sphinx's sources to build/site-source, with executed notebooks from solutions/ or from a folder (see `lesson`)."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.copytree(ROOT / "docs", SOURCE, ignore=shutil.ignore_patterns("*.yml"))
    shutil.copytree(Path(__file__).parent / "_static", SOURCE / "_static")
    for made in ("_static/figures", "lessons", "notebooks"):
        (SOURCE / made).mkdir(parents=True, exist_ok=True)
    explorers.write(SOURCE)
    formulas.copy(SOURCE / "_static")
    home.write(SOURCE, course())
    shutil.copytree(ROOT / "solutions" / "pictures", SOURCE / "lessons" / "pictures")
    numbers = count()
    for text in texts():
        lesson(text, numbers, folder)
    lessons = {text.stem[3:]: f"lessons/{text.stem}.ipynb" for text in texts()}
    (SOURCE / "glossary.md").write_text(glossary_page(), encoding="utf-8")
    shutil.copy(ROOT / "README.md", SOURCE)
    shutil.copy(ROOT / "CONTRIBUTING.md", SOURCE / "contributing.md")
    pages = [*lessons.values(), *(page.name for page in SOURCE.glob("*.md"))]
    for page in SOURCE.glob("*.md"):
        page.write_text(relinked(page.read_text(encoding="utf-8"), pages, course()), encoding="utf-8")
