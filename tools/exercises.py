"""What an exercise is in a lesson: its facts, its check, and its solution regions."""

import re
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import NamedTuple

from nbformat import NotebookNode

from tools import ToolError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
CHECK = re.compile(r"^check\.(\w+)\(", re.MULTILINE)
CHECKS = re.compile(r"^from cnnlib\.checks import (\w+) as check$", re.MULTILINE)
MARKS = ("✔", "○", "✘")  # with which the verdict of a check begins


class Part(NamedTuple):
    """Consecutive lines of a cell: an answer, between two markers, or text outside of any answer."""

    lines: list[str]
    is_answer: bool = False
    indent: str = ""  # of the marker that opens an answer


def parts(source: str) -> Iterator[Part]:
    """Split a cell's source at its solution markers, which are left out; raises ToolError for one without its pair.

    >>> [part.lines for part in parts("x = ...\\n### BEGIN SOLUTION\\nx = 1\\n### END SOLUTION\\ncheck.one(x)")]
    [['x = ...'], ['x = 1'], ['check.one(x)']]
    """
    part = Part([])
    for line in source.splitlines():
        marker = line.strip()
        if marker not in (BEGIN, END):
            if re.sub(r"\W+", "", marker).upper() in ("BEGINSOLUTION", "ENDSOLUTION"):
                raise ToolError(f"{marker!r} is not a marker; write `{BEGIN}` or `{END}`")
            part.lines.append(line)
            continue
        if part.is_answer == (marker == BEGIN):
            raise ToolError(f"`{marker}` has no counterpart")
        yield part
        part = Part([], marker == BEGIN, line[: line.index(marker)])
    if part.is_answer:
        raise ToolError(f"`{BEGIN}` has no counterpart")
    yield part


def has_answer(source: str) -> bool:
    """Tell whether a cell contains a solution region."""
    return any(part.is_answer for part in parts(source))


def announced(notebook: NotebookNode) -> list[NotebookNode]:
    """List what is known of the exercises, in order: each has a `number`, `name`, `kind`, `minutes` and `level`."""
    return [cell.metadata["exercise"] for cell in notebook.cells if "exercise" in cell.metadata]


def exercise_of(cell: NotebookNode) -> str:
    """Return the name of the check of an exercise, or an empty string for any other cell."""
    return cell.metadata.get("exercise", {}).get("name", "")


def checks_of(notebook: NotebookNode) -> ModuleType:
    """Import the module of checks that a lesson imports; raises ToolError if there is none."""
    for cell in notebook.cells:
        if found := CHECKS.search(cell.source):
            return import_module(f"cnnlib.checks.{found[1]}")
    raise ToolError("a lesson must contain the line `from cnnlib.checks import NAME as check`")


def without_answers(source: str, placeholder: str = "raise NotImplementedError") -> str:
    """Remove each answer; the placeholder replaces an indented one, nothing replaces one at top level."""
    lines = []
    for part in parts(source):
        if not part.is_answer:
            lines += part.lines
        elif part.indent:
            lines.append(part.indent + placeholder)
    return "\n".join(lines)


def plain(output: NotebookNode) -> str:
    """Read an output as plain text: what was printed, or the one line of a verdict, which is shown as HTML too."""
    return output.get("text") or output.get("data", {}).get("text/plain", "")


def with_answers(source: str) -> str:
    """Keep the answers, without their markers."""
    return "\n".join(line for part in parts(source) for line in part.lines)
