"""Read and write notebook files: a broken file is one sentence, and a file is written whole or not at all."""

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from cnnlib.files import written_whole
from tools import ToolError

MERGE_MARKER = re.compile(r"^(<{7}|>{7}) .*$", re.MULTILINE)
REPAIRS = {  # by folder
    "lessons": "Restore it with `git checkout HEAD -- lessons/{name}`, or build it again with `make notebooks`.",
    "solutions": "Build it again with `make notebooks`.",
    "work": "Rename it, and the next `make lab` puts a fresh copy in its place.",
}


class BrokenNotebook(ToolError):
    """A file that is no notebook or cannot be read; the message names it and says how to repair it, `problem` only names it."""

    def __init__(self, path: Path, problem: str) -> None:
        self.problem = f"{path.parent.name}/{path.name} {problem}"
        repair = REPAIRS.get(path.parent.name, "").format(name=path.name)
        super().__init__(f"{self.problem}. {repair}".rstrip())


def read(path: Path) -> NotebookNode:
    """Read a notebook, its line ends as `\\n`; raises BrokenNotebook."""
    text = ""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        notebook = nbformat.v4.reads(text)
        for cell in notebook.cells:
            cell.source = cell.source.replace("\r\n", "\n")
        return notebook
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        reason = "it contains merge markers (`<<<<<<<`)" if MERGE_MARKER.search(text) else "its JSON is broken"
        problem = f"is not a notebook: {reason}"
    raise BrokenNotebook(path, problem)


def sources(notebook: NotebookNode) -> list[tuple[str, str]]:
    """List the type and text of each cell: what a person types, without the ids and metadata that programs add."""
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def has_outputs(notebook: NotebookNode) -> bool:
    """Tell whether any cell but the set-up cell has outputs."""
    return any(cell.get("outputs") and "setup" not in cell.get("metadata", {}).get("tags", []) for cell in notebook.cells)


def write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, and its folder where there is none; raises ToolError if that is not possible."""
    try:
        with written_whole(path) as part:
            part.write_bytes(data)
    except OSError as error:
        reason = f"{error.strerror}. The folder must be yours, and the disk must have room"
        raise ToolError(f"{path} cannot be written: {reason}.") from error
