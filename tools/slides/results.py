"""What a code cell adds to a slide: the answer of an exercise, or printed lines, figures, tables and explorers."""

import ast
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from nbformat import NotebookNode

from cnnlib.mime import EXPLORER
from tools.exercises import MARKS
from tools.pictures_of import picture_of
from tools.rules import ECHO
from tools.slides.blocks import ROWS, Block, code, figure, in_place, print_out
from tools.slides.explorer_blocks import explorer
from tools.slides.reading import Code
from tools.slides.snippets import defined, stub_and_answer, taught
from tools.slides.table_blocks import table
from tools.slides.tall import folded

MOST = 6  # lines of code above what they printed
ENOUGH = 480  # pixels of height for both
MISTAKES = 5  # of an exercise in the notes; a check lists the likely ones first
FEW = 2  # printed lines that a slide shows above a figure; more are left to the figure


def answer_of(source: str, value: Any, height: int) -> Block:
    """Make the answer of an exercise, hidden at first: a function replaces its stub, a value is computed."""
    stub, lines = stub_and_answer(source)
    if stub and not re.match(r"\w+ = \.\.\.", stub[-1]):
        return in_place(stub, lines, height)
    return replace(code([*lines[:-1], lines[-1] + shown(value)], 200), kind="value", step=0)


def answer_notes(source: str, mistakes: Iterable[str]) -> str:
    """Write the notes of an exercise in Markdown: the answer, and the first of the mistakes that its check names."""
    answer, names = "\n".join(stub_and_answer(source)[1]), list(mistakes)
    said = "\n".join(f"- {mistake}" for mistake in names[:MISTAKES])
    more = f"\n\nThe check names {len(names) - MISTAKES} more." if len(names) > MISTAKES else ""
    return f"The answer:\n\n```python\n{answer}\n```\n\nLikely mistakes:\n\n{said}{more}"


def shown(value: Any) -> str:
    """Write the number that an answer comes to as a comment; an empty string for any other answer."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return f"  # {value:,.4g}" if isinstance(value, float) else f"  # {value:,}"


def results_of(cell: Code) -> list[Block]:
    """List what a cell shows: first what it printed, then its figures, tables and explorers."""
    made = [block for output in cell.outputs if (block := shown_by(output))]
    words = "".join(output.text for output in cell.outputs if output.output_type == "stream" and output.name == "stdout")
    lines = printed(words)[cell.source.startswith(ECHO) :]
    if source := taught_by(lines):
        more = ["# ... and the rest is in the lesson"] if len(source) > ROWS else []
        return [code([*source[: ROWS - len(more)], *more]), *made]
    if lines and (len(lines) <= FEW or not any(block.ratio for block in made)):
        return [print_out(lines), *made]
    return made


def source_above(cell: Code, results: list[Block]) -> list[Block]:
    """Choose code to show: a few lines above what they printed, or the functions of a cell that shows nothing."""
    if "hide-input" in cell.tags or any(block.kind != "print" for block in results):
        return []
    lines = taught(cell.source) if results else defined(cell.source)
    made = [code(lines)] if lines else []
    fits = len(lines) <= MOST and sum(block.height for block in made + results) < ENOUGH
    return made if fits or not results else []


def shown_by(output: NotebookNode) -> Block | None:
    """Lay out an explorer, a picture or a table; a verdict of a check is left out."""
    data = output.get("data", {})
    if EXPLORER in data:
        return explorer(**data[EXPLORER])
    if picture := picture_of(output):
        return figure(folded(picture))
    return table(data["text/html"]) if "<table" in data.get("text/html", "") else None


def printed(text: str) -> list[str]:
    """Keep the lines that a cell printed, without verdicts of checks."""
    return [line.rstrip() for line in text.rstrip().splitlines() if not line.startswith((*MARKS, "Solved "))]


def taught_by(lines: list[str]) -> list[str]:
    """Return the lines if they are the source of a function or a class, which a cell printed to be read."""
    try:
        tree = ast.parse("\n".join(lines))
    except SyntaxError:
        return []
    return lines if any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in tree.body) else []
