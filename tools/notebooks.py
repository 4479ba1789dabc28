"""Build the notebooks: solutions/NN_name.md -> solutions/NN_name.ipynb (executed) -> lessons/NN_name.ipynb (answers taken out).

python -m tools.notebooks               build what is stale, two notebooks side by side
python -m tools.notebooks 01 --force    build lesson 01 again, stale or not
python -m tools.notebooks --check       execute nothing: say what is stale or wrong, exit 1 if anything is
"""

import argparse
import copy
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from tools import ROOT, ToolError, run
from tools.execution import execute
from tools.exercises import without_answers
from tools.texts import solution_cells, texts


def lesson_of(solution: NotebookNode) -> NotebookNode:
    """Make the learner's notebook: no answers, no outputs, nothing in the metadata that an execution left there."""
    lesson = copy.deepcopy(solution)
    for cell in lesson.cells:
        if cell.cell_type == "code":
            cell.source = without_answers(cell.source)
            cell.outputs, cell.execution_count = [], None
            cell.metadata = nbformat.from_dict({"tags": ["setup"]} if "setup" in cell.metadata.get("tags", []) else {})
    lesson.metadata = nbformat.from_dict({"kernelspec": solution.metadata["kernelspec"]})
    return lesson


def write(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook with one layout, byte for byte the same for the same content."""
    path.write_text(render(notebook), encoding="utf-8", newline="\n")


def render(notebook: NotebookNode) -> str:
    """Turn a notebook into the text of its file."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"


def problems(text: Path) -> list[str]:
    """Say what is stale about one lesson on disk without executing anything."""
    executed, lesson = text.with_suffix(".ipynb"), ROOT / "lessons" / f"{text.stem}.ipynb"
    try:
        wanted = solution_cells(text)
    except ToolError as error:
        return [str(error)]
    found = []
    if not executed.is_file():
        found.append(f"{executed.name} is missing")
    elif difference := stale_cell(nbformat.read(executed, as_version=4), wanted):
        found.append(f"solutions/{executed.name} is stale: {difference}")
    if not lesson.is_file():
        found.append(f"lessons/{lesson.name} is missing")
    elif lesson.read_text(encoding="utf-8") != render(lesson_of(wanted)):
        found.append(f"lessons/{lesson.name} is not what its text says (or was worked in)")
    return found


def stale_cell(executed: NotebookNode, wanted: NotebookNode) -> str:
    """Name the first cell of an executed notebook that is not the text's, or that has not been executed."""
    strip = lambda cell: (cell.cell_type, cell.id, cell.source, cell.metadata)
    for number, (cell, source) in enumerate(zip(executed.cells, wanted.cells, strict=False)):
        if strip(cell) != strip(source):
            return f"cell {number} is not the text's"
        if cell.cell_type == "code" and cell.execution_count is None:
            return f"cell {number} was not executed"
    return "" if len(executed.cells) == len(wanted.cells) else "the number of cells differs"


def keep_work(lesson: Path) -> None:
    """Set a lesson that somebody has worked in aside before it is written anew."""
    if not lesson.is_file() or not any(cell.get("execution_count") for cell in nbformat.read(lesson, as_version=4).cells):
        return
    number = 1
    while (aside := lesson.with_name(f"{lesson.stem}.saved{number}.ipynb")).exists():
        number += 1
    shutil.copy(lesson, aside)
    print(f"lessons/{lesson.name} was worked in: kept as lessons/{aside.name}", flush=True)


def build(text: Path, force: bool) -> str:
    """Build one lesson where it is stale; returns a line that says what was done."""
    wanted = solution_cells(text)
    path, lesson = text.with_suffix(".ipynb"), ROOT / "lessons" / f"{text.stem}.ipynb"
    if force or not path.is_file() or stale_cell(nbformat.read(path, as_version=4), wanted):
        try:
            write(execute(wanted, ROOT / "solutions"), path)
        except CellExecutionError as error:
            raise ToolError(f"{text.name}: a cell failed, and nothing was written for this lesson:\n{error}") from error
        done = "executed"
    else:
        done = "up to date"
    fresh = render(lesson_of(wanted))
    if not lesson.is_file() or lesson.read_text(encoding="utf-8") != fresh:
        keep_work(lesson)
        lesson.write_text(fresh, encoding="utf-8", newline="\n")
    return f"{text.stem}: {done}, {path.stat().st_size / 1e6:.2f} MB"


def main() -> None:
    """Read the command line and build or check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*", help="lesson numbers, such as 01 (default: all)")
    parser.add_argument("--check", action="store_true", help="execute nothing, say what is stale")
    parser.add_argument("--force", action="store_true", help="execute even what is up to date")
    options = parser.parse_args()
    chosen = texts(options.lessons)
    if options.check:
        if stale := [problem for text in chosen for problem in problems(text)]:
            raise ToolError("\n".join([*stale, "run `make notebooks`"]))
        print(f"All {len(chosen)} lessons agree with their texts.")
        return
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for line in pool.map(lambda text: build(text, options.force), chosen):
            print(line, flush=True)


if __name__ == "__main__":
    run(main)
