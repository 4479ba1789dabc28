"""Build the notebooks: solutions/NN_name.md -> solutions/NN_name.ipynb (executed) -> lessons/NN_name.ipynb (no answers).

python -m tools.notebooks               build what is stale, two notebooks side by side
python -m tools.notebooks 01 --force    build lesson 01 again, stale or not
python -m tools.notebooks --check       execute nothing: list what is stale or wrong, exit 1 if anything is
"""

import argparse
import copy
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from tools import ROOT, ToolError, notebook_files, run
from tools.execution import execute
from tools.exercises import without_answers
from tools.notebook_files import BrokenNotebook, read
from tools.texts import FOLDED, solution_cells, texts
from tools.work import rescue, worked_in


def lesson_of(solution: NotebookNode) -> NotebookNode:
    """Make the learner's notebook: no answers, no outputs, no metadata of an execution."""
    lesson = copy.deepcopy(solution)
    for cell in lesson.cells:
        if cell.cell_type == "code":
            cell.source = without_answers(cell.source)
            cell.outputs, cell.execution_count = [], None
            tags = [tag for tag in ("hide-input", "setup") if tag in cell.metadata.get("tags", [])]
            cell.metadata = nbformat.from_dict({"tags": tags, **FOLDED} if tags else {})
    lesson.metadata = nbformat.from_dict({"kernelspec": solution.metadata["kernelspec"]})
    return lesson


def write(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook: the same content gives the same bytes."""
    notebook_files.write(path, render(notebook).encode())


def render(notebook: NotebookNode) -> str:
    """Turn a notebook into the text of its file."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"


def problems(text: Path) -> list[str]:
    """List what is stale or broken about one lesson on disk, without executing anything."""
    executed, lesson = text.with_suffix(".ipynb"), ROOT / "lessons" / f"{text.stem}.ipynb"
    try:
        wanted = solution_cells(text)
    except ToolError as error:
        return [str(error)]
    return list(filter(None, (stale_solution(executed, wanted), stale_lesson(lesson, wanted))))


def stale_solution(executed: Path, wanted: NotebookNode) -> str:
    """Explain why an executed notebook must be built again; an empty string if it need not be."""
    if not executed.is_file():
        return f"solutions/{executed.name} is missing"
    try:
        difference = stale_cell(read(executed), wanted)
    except BrokenNotebook as broken:
        return broken.problem
    return f"solutions/{executed.name} is stale: {difference}" if difference else ""


def stale_lesson(lesson: Path, wanted: NotebookNode) -> str:
    """Explain why a learner's notebook must be written again, or return ""; line ends do not matter."""
    if not lesson.is_file():
        return f"lessons/{lesson.name} is missing"
    if lesson.read_bytes().replace(b"\r\n", b"\n") == render(lesson_of(wanted)).encode():
        return ""
    try:
        read(lesson)
    except BrokenNotebook as broken:
        return broken.problem
    return f"lessons/{lesson.name} differs from its text, or somebody worked in it"


def stale_cell(executed: NotebookNode, wanted: NotebookNode) -> str:
    """Name the first cell of an executed notebook that differs from its text or was not executed; "" if there is none."""
    for index, (cell, source) in enumerate(zip(executed.cells, wanted.cells, strict=False)):
        if any(cell[key] != source[key] for key in ("cell_type", "id", "source", "metadata")):
            return f"cell {index} differs from its text"
        if cell.cell_type == "code" and cell.execution_count is None:
            return f"cell {index} was not executed"
    return "" if len(executed.cells) == len(wanted.cells) else "the number of cells differs"


def build(text: Path, force: bool) -> str:
    """Build one lesson if it is stale; returns a line that reports what was done.

    The lesson is written first: until the old solution is replaced, it tells whether somebody worked in the old lesson.
    """
    wanted = solution_cells(text)
    path, lesson = text.with_suffix(".ipynb"), ROOT / "lessons" / f"{text.stem}.ipynb"
    solution, done = None, "up to date"
    if force or stale_solution(path, wanted):
        try:
            solution, done = execute(wanted, ROOT / "solutions"), "executed"
        except CellExecutionError as error:
            raise ToolError(f"{text.name}: a cell failed, and nothing was written for this lesson:\n{error}") from error
    if stale_lesson(lesson, wanted):
        for sentence in keep_work(lesson, path):
            print(sentence, flush=True)
        write(lesson_of(wanted), lesson)
    if solution:
        write(solution, path)
    return f"{text.stem}: {done}, {path.stat().st_size / 1e6:.2f} MB"


def keep_work(lesson: Path, solution: Path) -> list[str]:
    """Copy a lesson that is broken or that somebody worked in to work/; returns the sentences to print."""
    if not lesson.is_file():
        return []
    try:
        sentences = [] if not worked_in(read(lesson), solution) else [rescue(lesson)]
    except BrokenNotebook as broken:
        sentences = [f"{broken.problem}; it is built again.", rescue(lesson)]
    return list(filter(None, sentences))


def main() -> None:
    """Read the command line and build or check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*", help="lesson numbers, such as 01 (default: all)")
    parser.add_argument("--check", action="store_true", help="execute nothing, list what is stale")
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
