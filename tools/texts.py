"""Read the lessons' texts, solutions/NN_name.md: list them, and turn them into cells."""

import json
import tomllib
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from tools import ROOT, ToolError
from tools.cell_ids import set_ids
from tools.forms import boxes, in_notebook
from tools.notebook_files import MERGE_MARKER
from tools.numbering import count, numbered, resolved
from tools.rules import check_rules

FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}  # in JupyterLab; in Colab
HOW_TO_RUN = "Click the cell below and press **Shift+Enter** to run it and select the next one. Run all cells in this order."
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


def written(text: Path) -> NotebookNode:
    """Read a text as cells, numbered and with ids, in the forms of the text: for the site and the slides.

    The tags `setup`, `guess` and `result` and the metadata `exercise` name what a code cell is. The cells of `solution_cells`
    are the same in number and order.
    """
    if found := MERGE_MARKER.search(text.read_text(encoding="utf-8-sig")):
        raise ToolError(f"{text.name} contains a merge marker ({found[0].strip()!r}): keep one of the versions around it")
    source = jupytext.read(text, fmt="md:myst")
    cells = source.cells
    if not cells or not cells[0].source.startswith("# "):
        raise ToolError(f"{text.name}: the first cell must be Markdown that starts with a title, `# Name`")
    cells.insert(1, setup_cell())
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": source.metadata["kernelspec"]})
    check_rules(notebook, text.name)
    set_ids(cells)
    section = 0
    for cell in cells:
        if cell.cell_type == "markdown":
            cell.source, section = numbered(cell.source, text.stem[:2], section)
    return notebook


def setup_cell() -> NotebookNode:
    """Make the cell that finds or installs the library, from its template and the course's address."""
    setup, settings = SETUP_CELL.read_text(encoding="utf-8").strip(), course()
    for name, key in {'REPOSITORY = ""': "repository", 'BRANCH = "main"': "branch"}.items():
        setup = setup.replace(name, f"{key.upper()} = {json.dumps(settings[key])}")
    return nbformat.v4.new_code_cell(setup, metadata={"tags": ["nbval-ignore-output", "hide-input", "setup"]})


def solution_cells(text: Path) -> NotebookNode:
    """Turn a text into a notebook without outputs: boxes in place of directives, references in words, badge, folded cells."""
    notebook, numbers = written(text), count(text)
    notebook.cells[0].source += f"\n\n{HOW_TO_RUN}"
    place, spoils = 0, False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            place += bool(boxes(cell.source, "exercise"))
            try:
                cell.source = in_notebook(resolved(cell.source, text.stem[3:], numbers), place, spoils)
            except ToolError as error:
                raise ToolError(f"{text.name}, the cell {cell.id!r}: {error}") from None
            continue
        tags = cell.metadata.get("tags", [])
        spoils = "exercise" in cell.metadata or "result" in tags
        if "hide-input" in tags:
            cell.metadata.update(FOLDED)
    if badge := colab_badge(course(), text.stem):
        notebook.cells[0].source = f"{badge}\n\n{notebook.cells[0].source}"
    return notebook


def colab_address(settings: dict[str, str], name: str) -> str:
    """Write the address at which Colab opens a lesson; an empty string while the course has no address."""
    address = settings["repository"].rstrip("/").removesuffix(".git")
    if not address.startswith("https://github.com/"):
        return ""
    place = f"{address.removeprefix('https://github.com/')}/blob/{settings['branch']}/lessons/{name}.ipynb"
    return f"https://colab.research.google.com/github/{place}"


def colab_badge(settings: dict[str, str], name: str) -> str:
    """Make the "Open in Colab" badge; an empty string while the course has no address."""
    address = colab_address(settings, name)
    return f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({address})" if address else ""
