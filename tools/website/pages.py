"""Sphinx's sources in build/site-source: the lessons with folded answers, the glossary, and the pages of docs/."""

import re
import shutil
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools import ROOT, ToolError
from tools.exercises import exercise_of, with_answers, without_answers
from tools.notebook_files import read
from tools.notebooks import lesson_of, stale_solution, write
from tools.pictures_of import picture_of
from tools.texts import course, solution_cells, texts
from tools.vendored import node_modules
from tools.website.glossary import glossary_page

SOURCE = ROOT / "build" / "site-source"
LINK = re.compile(r"(?<!!)\[([^\[\]]+)\]\((?!https?:|#|mailto:)([^)\s#]+)(#[^)\s]*)?\)")


def page_of(executed: NotebookNode, name: str, figures: Path) -> NotebookNode:
    """Make the page of a lesson: no setup cell, links under the title, answers folded, figures as files in `figures`."""
    page = nbformat.v4.new_notebook(metadata=executed.metadata)
    for index, cell in enumerate(executed.cells):
        if cell.cell_type == "markdown":
            page.cells.append(with_links(cell, name) if index == 0 else cell)
        elif "setup" not in cell.metadata.get("tags", []):
            cell.outputs = [shown(output, figures / f"{name}-{cell.id}-{i}") for i, output in enumerate(cell.outputs)]
            page.cells += folded(cell) if exercise_of(cell) else [cell]
    return page


def with_links(cell: NotebookNode, name: str) -> NotebookNode:
    """Add links below the title: to the lesson's notebook, and to Colab if the course has an address."""
    badge, title, rest = re.fullmatch(r"(\[!\[.*\n\n)?(# .*\n)((?s:.*))", cell.source).groups()
    links = f"{{download}}`Download the notebook <../notebooks/{name}.ipynb>`"
    if badge:
        links += f" · [Open in Colab]({badge.rstrip().rpartition('](')[2]}"
    return nbformat.v4.new_markdown_cell(f"{title}\n{links}\n{rest}", id=cell.id)


def folded(cell: NotebookNode) -> list[NotebookNode]:
    """Split an exercise in two: the learner's version, and the folded answer with its output."""
    stub = nbformat.v4.new_code_cell(without_answers(cell.source), id=f"{cell.id}-stub")
    answer = nbformat.from_dict({**cell, "metadata": {"tags": ["hide-cell"]}})
    answer.source = with_answers(cell.source)
    prompt = f"Answer to exercise {cell.metadata['exercise']['number']}"
    answer.metadata.mystnb = {"code_prompt_show": prompt, "code_prompt_hide": prompt}
    return [stub, answer]


def shown(output: NotebookNode, path: Path) -> NotebookNode:
    """Write an output's figure to a file, `path` with a suffix, and show it with its text alternative from the notebook."""

    def place(data: bytes, suffix: str) -> str:
        file = path.with_name(path.name + suffix)
        file.write_bytes(data)
        return f"../_static/figures/{file.name}"

    if picture := picture_of(output):
        output.data = {"text/html": picture.tag(place, 'loading="lazy"')}
    return output


def lesson(text: Path) -> None:
    """Write a lesson's page, its figures and the notebook to download; raises ToolError if its outputs are stale."""
    wanted, executed = solution_cells(text), text.with_suffix(".ipynb")
    if problem := stale_solution(executed, wanted):
        raise ToolError(f"{problem}: run `make notebooks` first.")
    write(page_of(read(executed), text.stem, SOURCE / "_static" / "figures"), SOURCE / "lessons" / executed.name)
    write(lesson_of(wanted), SOURCE / "notebooks" / executed.name)


def relinked(words: str, pages: list[str], settings: dict[str, str]) -> str:
    """Replace links to files of the repository by links to pages, to the repository's address, or by plain text."""

    def place(match: re.Match) -> str:
        path, anchor = match[2].removeprefix("../").removeprefix("docs/"), match[3] or ""
        if (page := re.sub(r"^solutions/(\d\d_\w+)\.(md|ipynb)$", r"lessons/\1.ipynb", path)) in pages:
            return f"[{match[1]}]({page}{anchor})"
        address = settings["repository"].rstrip("/").removesuffix(".git")
        return f"[{match[1]}]({address}/blob/{settings['branch']}/{path}{anchor})" if address else match[1]

    return LINK.sub(place, words).replace("](docs/", "](")


def prepare() -> None:
    """Write Sphinx's sources to build/site-source."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.copytree(ROOT / "docs", SOURCE, ignore=shutil.ignore_patterns("*.yml"))
    shutil.copytree(Path(__file__).parent / "_static", SOURCE / "_static")
    for folder in ("_static/figures", "_static/mathjax", "lessons", "notebooks"):
        (SOURCE / folder).mkdir(parents=True, exist_ok=True)
    for text in texts():
        lesson(text)
    lessons = {text.stem[3:]: f"lessons/{text.stem}.ipynb" for text in texts()}
    (SOURCE / "glossary.md").write_text(glossary_page(lessons), encoding="utf-8")
    shutil.copy(ROOT / "README.md", SOURCE)
    pages = [*lessons.values(), *(page.name for page in SOURCE.glob("*.md"))]
    for page in SOURCE.glob("*.md"):
        page.write_text(relinked(page.read_text(encoding="utf-8"), pages, course()), encoding="utf-8")
    shutil.copy(node_modules() / "mathjax" / "es5" / "tex-svg.js", SOURCE / "_static" / "mathjax")
