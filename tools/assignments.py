"""Make a course folder for nbgrader from the lessons' texts: build/nbgrader, or the folder that --folder names.

python -m tools.assignments                    every lesson: source/NN_name/NN_name.ipynb and nbgrader_config.py
python -m tools.assignments 02 --folder /class  one lesson, into a folder that lasts
python -m tools.assignments --variant 2027      predict exercises with other numbers, which the seed 2027 chooses

Sources and the folder grading/ are rewritten each time. Everything else (settings, gradebook, submissions) stays as it is.
"""

import argparse
import shutil
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools import ROOT, ToolError, notebooks, run
from tools.exercises import BEGIN, CHECK, END, announced, checks_of, exercise_of, parts
from tools.texts import solution_cells, texts

FOLDER = ROOT / "build" / "nbgrader"
TEMPLATES = ROOT / "tools" / "templates"
CONFIG = TEMPLATES / "nbgrader_config.py"
GRADING = TEMPLATES / "grading"  # what the settings import
POINTS = {"easy": 1, "medium": 2, "hard": 3}
HIDDEN = """check.{name}({answer}
### BEGIN HIDDEN TESTS
assert check.{name}.solved, "{name} was not attempted"
### END HIDDEN TESTS"""


def assignment(text: Path, seed: int | None = None) -> NotebookNode:
    """Turn a lesson into nbgrader's source: an exercise becomes an answer and a locked, graded check.

    With a `seed`, each predict exercise that has variants gets another set of numbers, which the seed chooses.
    """
    notebook = solution_cells(text)
    chosen = {} if seed is None else vary(notebook, seed)
    notebook.cells = [part for cell in notebook.cells for part in (split(cell, chosen) if exercise_of(cell) else [cell])]
    return notebook


def vary(notebook: NotebookNode, seed: int) -> dict[str, int]:
    """Write other numbers into the statements and answers that have variants; returns which variant each exercise has."""
    checks, chosen = checks_of(notebook), {}
    for statement, cell in pairwise(notebook.cells):
        check = getattr(checks, exercise_of(cell), None) if exercise_of(cell) else None
        if check and check.variants:
            which = chosen[check.name] = check.variants.chosen(seed, check.name)
            statement.source = check.variants.worded(statement.source, which)
            stub, _, call = (part.lines for part in parts(cell.source))
            right = check.variants.filled(check.written, which).reference
            cell.source = "\n".join([*stub, BEGIN, f"answer = {right!r}", END, *call])
    return chosen


def split(cell: NotebookNode, variants: Mapping[str, int]) -> list[NotebookNode]:
    """Split an exercise into the answer and its check, whose hidden lines fail an exercise that was not attempted."""
    call = next(CHECK.finditer(cell.source))
    answer, name = cell.source[: call.start()].rstrip(), call[1]
    numbers = f"check.{name}.vary({variants[name]})\n" if name in variants else ""
    source = numbers + HIDDEN.format(name=name, answer=cell.source[call.end() :].rstrip())
    check = nbformat.v4.new_code_cell(source, id=f"{cell.id}-check")
    cell.source, points = answer, POINTS[cell.metadata["exercise"]["level"]]
    return [with_role(cell, solution=True), with_role(check, locked=True, grade=True, points=points)]


def with_role(cell: NotebookNode, **role: bool | int) -> NotebookNode:
    """Add the metadata by which nbgrader recognises the cell; its `grade_id` is the cell's id."""
    flags = dict.fromkeys(("grade", "solution", "locked", "task"), False)
    cell.metadata["nbgrader"] = {"grade_id": cell.id, "schema_version": 3, "cell_type": cell.cell_type} | flags | role
    return cell


def write(chosen: list[Path], folder: Path, seed: int | None = None) -> list[str]:
    """Write assignments, and the settings where there are none yet; returns a line for each assignment."""
    lines = []
    for text in chosen:
        notebook, place = assignment(text, seed), folder / "source" / text.stem
        place.mkdir(parents=True, exist_ok=True)
        notebooks.write(notebook, place / f"{text.stem}.ipynb")
        points = [POINTS[exercise["level"]] for exercise in announced(notebook)]
        lines.append(f"{text.stem}: {len(points)} exercises, {sum(points)} points")
    if not (folder / CONFIG.name).exists():
        shutil.copy(CONFIG, folder)
    shutil.copytree(GRADING, folder / GRADING.name, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    return lines


def main() -> None:
    """Read the command line and write the course folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*", help="lesson numbers, such as 01 (default: all)")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="the course folder (default: build/nbgrader)")
    parser.add_argument(
        "--variant", type=int, metavar="SEED", help="give predict exercises other numbers, the same for each seed"
    )
    options = parser.parse_args()
    try:
        print("\n".join(write(texts(options.lessons), options.folder, options.variant)))
    except OSError as error:
        raise ToolError(f"the course folder cannot be written: {error}") from error
    print(f"nbgrader's course folder is {options.folder}; docs/classes.md explains the next steps.")


if __name__ == "__main__":
    run(main)
