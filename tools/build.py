"""Build the notebooks: solutions/NN_name.md -> solutions/NN_name.ipynb (executed) -> lessons/NN_name.ipynb (answers taken out).

python tools/build.py               build what is stale, two notebooks side by side
python tools/build.py 01 --force    build lesson 01 again, stale or not
python tools/build.py --check       execute nothing: say what is stale or wrong, exit 1 if anything is
"""

import argparse
import copy
import json
import os
import re
import shutil
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
EXERCISE = re.compile(r"\*\*Exercise (\d+), (predict|write|find) \((\d+) min, (easy|medium|hard)\)\.\*\*")
CHECK = re.compile(r"^check\.(\w+)\(", re.MULTILINE)
WIDGET = "application/vnd.jupyter.widget-view+json"
FIXED = {"CNNLIB_THREADS": "1", "OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


class BuildError(Exception):
    """A text that cannot become a lesson; the message names the file, the cell and what is wrong."""


def texts(names: list[str] | None = None) -> list[Path]:
    """List the lessons' texts, or those whose name starts with one of `names`."""
    found = sorted((ROOT / "solutions").glob("[0-9][0-9]_*.md"))
    for name in names or []:
        if not any(text.name.startswith(name) for text in found):
            raise BuildError(f"no lesson starts with {name!r}; there are {', '.join(text.stem for text in found)}")
    return [text for text in found if not names or any(text.name.startswith(name) for name in names)]


def course() -> dict[str, str]:
    """Read the course's address from pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["course"]


def solution_cells(text: Path) -> NotebookNode:
    """Turn a text into a notebook without outputs: badge, setup cell and cell ids put in, rules checked."""
    source = jupytext.read(text, fmt="md:myst")
    settings = course()
    setup = (ROOT / "tools" / "setup_cell.py").read_text(encoding="utf-8").strip()
    setup = setup.replace('REPOSITORY = ""', f"REPOSITORY = {json.dumps(settings['repository'])}").replace(
        'BRANCH = "main"', f"BRANCH = {json.dumps(settings['branch'])}"
    )
    cells = source.cells
    if not cells or not cells[0].source.startswith("# "):
        raise BuildError(f"{text.name}: the first cell must be Markdown that starts with a title, `# NN Name`")
    cells.insert(1, nbformat.v4.new_code_cell(setup, metadata={"tags": ["nbval-ignore-output", "setup"]}))
    if badge := colab_badge(settings, text.stem):
        cells[0].source = f"{badge}\n\n{cells[0].source}"
    for number, cell in enumerate(cells):
        cell.id = f"{text.stem}-{number:02d}"
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": source.metadata["kernelspec"]})
    check_rules(notebook, text.name)
    return notebook


def colab_badge(settings: dict[str, str], name: str) -> str:
    """Make the "Open in Colab" badge, or nothing while the course has no address."""
    address = settings["repository"].rstrip("/").removesuffix(".git")
    if not address.startswith("https://github.com/"):
        return ""
    place = f"{address.removeprefix('https://github.com/')}/blob/{settings['branch']}/lessons/{name}.ipynb"
    badge = "https://colab.research.google.com/assets/colab-badge.svg"
    return f"[![Open in Colab]({badge})](https://colab.research.google.com/github/{place})"


def check_rules(notebook: NotebookNode, name: str) -> None:
    """Raise BuildError for a marker without its pair, an exercise without a check, a check asked twice or never."""
    announced, judged = [], []
    for number, cell in enumerate(notebook.cells):
        here = f"{name}, cell {number}"
        if cell.cell_type == "markdown":
            announced += [match[1] for match in EXERCISE.finditer(cell.source)]
            if BEGIN in cell.source or END in cell.source:
                raise BuildError(f"{here}: a solution marker stands in Markdown, where nothing takes the answer out")
            continue
        without_answers(cell.source, here)
        checks = CHECK.findall(cell.source)
        judged += checks
        if BEGIN in cell.source and len(checks) != 1:
            raise BuildError(f"{here}: an exercise ends with exactly one check, `check.name(answer)`, found {checks or 'none'}")
        if checks and BEGIN not in cell.source:
            raise BuildError(f"{here}: `check.{checks[0]}` judges a cell that has no solution region")
    if len(announced) != len(judged):
        raise BuildError(f"{name}: {len(announced)} exercises are announced ({', '.join(announced)}) and {len(judged)} checked")
    if len(set(judged)) != len(judged) or len(set(announced)) != len(announced):
        raise BuildError(f"{name}: an exercise number or a check stands twice: {announced}, {judged}")


def without_answers(source: str, here: str = "cell") -> str:
    """Take each solution region out: a stub stands in its place inside a function, nothing at top level."""
    kept, inside = [], False
    for line in source.splitlines():
        mark = line.strip()
        if mark not in (BEGIN, END):
            if re.sub(r"\W+", "", mark).upper() in ("BEGINSOLUTION", "ENDSOLUTION"):
                raise BuildError(f"{here}: {mark!r} is not a marker; write `{BEGIN}` or `{END}`")
            kept += [] if inside else [line]
            continue
        if inside == (mark == BEGIN):
            raise BuildError(f"{here}: `{mark}` stands without its pair")
        inside = not inside
        if mark == BEGIN and line != mark:
            kept.append(line.replace(BEGIN, "raise NotImplementedError"))
    if inside:
        raise BuildError(f"{here}: `{BEGIN}` stands without its pair")
    return "\n".join(kept)


def lesson_of(solution: NotebookNode, name: str = "lesson") -> NotebookNode:
    """Make the learner's notebook: no answers, no outputs, nothing in the metadata that an execution left there."""
    lesson = copy.deepcopy(solution)
    for number, cell in enumerate(lesson.cells):
        if cell.cell_type == "code":
            cell.source = without_answers(cell.source, f"{name}, cell {number}")
            cell.outputs, cell.execution_count = [], None
            cell.metadata = nbformat.from_dict({"tags": ["setup"]} if "setup" in cell.metadata.get("tags", []) else {})
    lesson.metadata = nbformat.from_dict({"kernelspec": solution.metadata["kernelspec"]})
    return lesson


def execute(notebook: NotebookNode, folder: Path, seconds: int = 1200) -> NotebookNode:
    """Run a copy from the first cell to the last on one thread and return it with outputs; raises CellExecutionError."""
    from nbclient import NotebookClient

    executed = copy.deepcopy(notebook)
    client = NotebookClient(
        executed,
        timeout=seconds,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        coalesce_streams=True,
        store_widget_state=False,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],  # newer kernels warn that this machine talks to itself in plain text
    )
    client.execute(env=os.environ | FIXED)
    for cell in executed.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if keep_static(output)]
    executed.metadata = notebook.metadata
    return executed


def keep_static(output: NotebookNode) -> bool:
    """Keep one static image of a figure: no widget, which lives with its kernel, and no second copy in HTML.

    False if nothing static is left of the output, as of a progress bar.
    """
    data = output.get("data", {})
    if "image/png" in data:
        data.pop("text/html", None)
    return data.pop(WIDGET, None) is None or "image/png" in data


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
    except BuildError as error:
        return [str(error)]
    found = []
    if not executed.is_file():
        found.append(f"{executed.name} is missing")
    elif difference := stale_cell(nbformat.read(executed, as_version=4), wanted):
        found.append(f"solutions/{executed.name} is stale: {difference}")
    if not lesson.is_file():
        found.append(f"lessons/{lesson.name} is missing")
    elif lesson.read_text(encoding="utf-8") != render(lesson_of(wanted, text.name)):
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
        write(execute(wanted, ROOT / "solutions"), path)
        done = "executed"
    else:
        done = "up to date"
    fresh = render(lesson_of(wanted, text.name))
    if not lesson.is_file() or lesson.read_text(encoding="utf-8") != fresh:
        keep_work(lesson)
        lesson.write_text(fresh, encoding="utf-8", newline="\n")
    return f"{text.stem}: {done}, {path.stat().st_size / 1e6:.2f} MB"


def main() -> int:
    """Read the command line and build or check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*", help="lesson numbers, such as 01 (default: all)")
    parser.add_argument("--check", action="store_true", help="execute nothing, say what is stale")
    parser.add_argument("--force", action="store_true", help="execute even what is up to date")
    options = parser.parse_args()
    try:
        chosen = texts(options.lessons)
        if options.check:
            stale = [problem for text in chosen for problem in problems(text)]
            print("\n".join(stale) + "\nrun `make notebooks`" if stale else f"{len(chosen)} lessons are what their texts say")
            return bool(stale)
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            for line in pool.map(lambda text: build(text, options.force), chosen):
                print(line, flush=True)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    except Exception as error:
        if type(error).__name__ != "CellExecutionError":
            raise
        print(f"a cell failed, and nothing was written for its lesson:\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
