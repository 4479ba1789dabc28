"""Prepared submissions of a lesson, with which tests and measurements do what a class does."""

import subprocess
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools import ToolError, assignments, notebooks
from tools.autograde import nbgrader
from tools.exercises import CHECK
from tools.texts import texts

KINDS = ("right", "wrong", "missing", "mixed")  # what a submission's answers are, in turn
Cells = dict[str, NotebookNode]  # the cells that nbgrader knows, by name


def new_course(folder: Path, lesson: str) -> None:
    """Make a course folder of one lesson and generate its assignment."""
    assignments.write(texts([lesson]), folder)
    call(folder, "generate_assignment", lesson)


def call(folder: Path, *command: str) -> None:
    """Run one of nbgrader's commands in a course folder; raises ToolError with its last words if it fails."""
    process = nbgrader(folder, *command, stderr=subprocess.PIPE, text=True)
    words = process.communicate(timeout=1800)[1]
    if process.returncode:
        raise ToolError(f"`nbgrader {' '.join(command)}` failed:\n{words[-3000:]}")


def by_name(notebook: NotebookNode) -> Cells:
    """Find the cells that nbgrader knows: an answer has the name of its exercise, its check that name and `-check`."""
    return {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}


def released(course: Path, lesson: str) -> NotebookNode:
    """Read what learners get."""
    return nbformat.read(course / "release" / lesson / f"{lesson}.ipynb", as_version=4)


def solved(course: Path, lesson: str) -> tuple[NotebookNode, Cells]:
    """Write the text's answers into what learners get; returns it and its cells by name."""
    source = by_name(nbformat.read(course / "source" / lesson / f"{lesson}.ipynb", as_version=4))
    notebook = released(course, lesson)
    cells = by_name(notebook)
    for name, cell in cells.items():
        if cell.metadata.nbgrader.solution:
            cell.source = source[name].source
    return notebook, cells


def prepared(course: Path, lesson: str, kind: str) -> NotebookNode:
    """Prepare a submission whose answers are all right, wrong or missing, or of these in turn if it is `mixed`."""
    notebook, cells = solved(course, lesson)
    stubs = by_name(released(course, lesson))
    answers = [name for name, cell in cells.items() if cell.metadata.nbgrader.solution]
    for number, name in enumerate(answers):
        this = KINDS[number % 3] if kind == "mixed" else kind
        if this == "missing":
            cells[name].source = stubs[name].source
        elif this == "wrong":
            judged = CHECK.sub("", cells[f"{name}-check"].source).partition(")")[0]
            cells[name].source += f"\n{judged} = 0"
    return notebook


def hand_in(course: Path, student: str, lesson: str, notebook: NotebookNode) -> None:
    """Put a notebook where nbgrader puts what it collected."""
    place = course / "submitted" / student / lesson
    place.mkdir(parents=True)
    notebooks.write(notebook, place / f"{lesson}.ipynb")
