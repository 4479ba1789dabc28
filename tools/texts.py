"""Read the lessons' texts, solutions/NN_name.md: list them, turn them into cells, and check the rules of writing."""

import json
import tomllib
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from tools import ROOT, ToolError
from tools.cell_ids import set_ids
from tools.exercises import BEGIN, CHECK, END, announced, has_answer
from tools.notebook_files import MERGE_MARKER

SETUP_CELL = ROOT / "tools" / "templates" / "setup_cell.py"


def texts(names: list[str] | None = None) -> list[Path]:
    """List the lessons' texts, or those whose name starts with one of `names`."""
    found = sorted((ROOT / "solutions").glob("[0-9][0-9]_*.md"))
    for name in names or []:
        if not any(text.name.startswith(name) for text in found):
            raise ToolError(f"no lesson starts with {name!r}; the lessons are {', '.join(text.stem for text in found)}")
    return [text for text in found if not names or any(text.name.startswith(name) for name in names)]


def course() -> dict[str, str]:
    """Read the course's address from pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["course"]


def title_of(text: Path) -> str:
    """Read a lesson's title."""
    return next(line[2:] for line in text.read_text(encoding="utf-8").splitlines() if line.startswith("# "))


def solution_cells(text: Path) -> NotebookNode:
    """Turn a text into a notebook without outputs: add badge, setup cell and cell ids, and check the rules."""
    if found := MERGE_MARKER.search(text.read_text(encoding="utf-8-sig")):
        raise ToolError(f"{text.name} contains a merge marker ({found[0].strip()!r}): keep one of the versions around it")
    source = jupytext.read(text, fmt="md:myst")
    settings = course()
    setup = SETUP_CELL.read_text(encoding="utf-8").strip()
    setup = setup.replace('REPOSITORY = ""', f"REPOSITORY = {json.dumps(settings['repository'])}").replace(
        'BRANCH = "main"', f"BRANCH = {json.dumps(settings['branch'])}"
    )
    cells = source.cells
    if not cells or not cells[0].source.startswith("# "):
        raise ToolError(f"{text.name}: the first cell must be Markdown that starts with a title, `# NN Name`")
    cells.insert(1, nbformat.v4.new_code_cell(setup, metadata={"tags": ["nbval-ignore-output", "setup"]}))
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": source.metadata["kernelspec"]})
    check_rules(notebook, text.name)
    set_ids(cells)
    if badge := colab_badge(settings, text.stem):
        cells[0].source = f"{badge}\n\n{cells[0].source}"
    return notebook


def colab_badge(settings: dict[str, str], name: str) -> str:
    """Make the "Open in Colab" badge; an empty string while the course has no address."""
    address = settings["repository"].rstrip("/").removesuffix(".git")
    if not address.startswith("https://github.com/"):
        return ""
    place = f"{address.removeprefix('https://github.com/')}/blob/{settings['branch']}/lessons/{name}.ipynb"
    badge = "https://colab.research.google.com/assets/colab-badge.svg"
    return f"[![Open in Colab]({badge})](https://colab.research.google.com/github/{place})"


def check_rules(notebook: NotebookNode, name: str) -> None:
    """Raise ToolError for an unpaired marker, an exercise without a check, or a number or check that is used twice."""
    numbers, judged = [match["number"] for match in announced(notebook)], []
    for index, cell in enumerate(notebook.cells):
        here = f"{name}, cell {index}"
        if cell.cell_type == "markdown":
            if BEGIN in cell.source or END in cell.source:
                raise ToolError(f"{here}: Markdown must not contain solution markers: no answer is removed from it")
            continue
        try:
            is_exercise = has_answer(cell.source)
        except ToolError as error:
            raise ToolError(f"{here}: {error}") from None
        checks = CHECK.findall(cell.source)
        judged += checks
        if is_exercise and len(checks) != 1:
            raise ToolError(f"{here}: an exercise must end with one check, `check.name(answer)`, found {checks or 'none'}")
        if checks and not is_exercise:
            raise ToolError(f"{here}: `check.{checks[0]}` belongs to a cell without a solution region")
    if len(numbers) != len(judged):
        raise ToolError(f"{name}: {len(numbers)} exercises are announced ({', '.join(numbers)}) and {len(judged)} checked")
    if len(set(judged)) != len(judged) or len(set(numbers)) != len(numbers):
        raise ToolError(f"{name}: an exercise number or a check is used twice: {numbers}, {judged}")
