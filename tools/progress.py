"""Print how far a learner is, a line per lesson: `make progress`, or python -m tools.progress.

The verdicts are those that the notebooks in work/ show under their exercises, as they were saved: nothing is run. An
exercise counts as solved if any notebook shows it solved, so that a renamed copy or a newer version of a lesson counts
too; a notebook belongs to the lesson whose checks it imports. An exercise is left if it has no verdict or was not
attempted; its answer is "typed, not run" if the saved verdict, or that there is none, does not fit what was typed.
"""

import html
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from nbformat import NotebookNode

from tools import ROOT, run
from tools.exercises import CHECK, CHECKS, MARKS
from tools.notebook_files import BrokenNotebook, read
from tools.work import PLACEHOLDER, lessons_of, record_of


class Standing(NamedTuple):
    """The names of a lesson's exercises by state; `not_run`, those with an answer that was typed but not run, are left."""

    solved: list[str]
    wrong: list[str]
    left: list[str]
    not_run: list[str]

    def remark(self) -> str:
        """Name the exercises that need attention."""
        named = {"wrong": self.wrong, "typed, not run": self.not_run}
        return "; ".join(f"{state}: {', '.join(names)}" for state, names in named.items() if names)


def standing(lesson: NotebookNode, notebooks: Iterable[NotebookNode], copied: Iterable[NotebookNode] = ()) -> Standing:
    """Judge by what `notebooks` show; `copied` are older versions of the lesson, whose cells are not the learner's."""
    shown, result = exercises(notebooks), Standing([], [], [], [])
    given = exercises([lesson, *copied])
    for name in exercises([lesson]):
        originals = {cell.source for cell in given[name]}
        states = {state(name, cell, cell.source not in originals) for cell in shown.get(name, ())}
        best = next((fields for fields in ("solved", "wrong", "not_run") if fields in states), "left")
        getattr(result, best).append(name)
        if best == "not_run":
            result.left.append(name)
    return result


def exercises(notebooks: Iterable[NotebookNode]) -> dict[str, list[NotebookNode]]:
    """Collect the code cells that call each check, by the check's name."""
    found: dict[str, list[NotebookNode]] = {}
    for notebook in notebooks:
        for cell in notebook.cells:
            for name in CHECK.findall(cell.source) if cell.cell_type == "code" else ():
                found.setdefault(name, []).append(cell)
    return found


def state(name: str, cell: NotebookNode, is_edited: bool) -> str:
    """Read the verdict of the check `name` from a cell's outputs; a cell that failed before its check is wrong if edited."""
    outputs = cell.get("outputs", [])
    verdicts = re.findall(rf"([{''.join(MARKS)}])\s*{name}\b", "\n".join(map(words, outputs)))
    if "✔" in verdicts:
        return "solved"
    failed = any(output.get("output_type") == "error" for output in outputs)
    if "✘" in verdicts or (failed and is_edited):
        return "wrong"
    was_attempted = is_edited and not (verdicts and PLACEHOLDER.search(cell.source))
    return "not_run" if was_attempted else "left"


def words(output: NotebookNode) -> str:
    """Return what an output says in any of its forms: text, HTML without its tags, error."""
    data = output.get("data", {})
    page = html.unescape(re.sub(r"<[^>]*>", "", str(data.get("text/html", ""))))
    return "\n".join(map(str, (output.get("text", ""), data.get("text/plain", ""), page, output.get("evalue", ""))))


def report(root: Path) -> list[str]:
    """Make the lines to print: a table with one line per lesson, then a sentence for each notebook that cannot be read."""
    folder = root / "work"
    if not folder.is_dir():
        return ["There is no work/ yet: `make lab` copies the lessons there and opens the first one."]
    sentences: list[str] = []
    by_checks: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*.ipynb")):
        if notebook := readable(path, sentences):
            by_checks.setdefault(subject(notebook), []).append(path)
    standings = {}
    for path in lessons_of(root):
        if lesson := readable(path, sentences):
            mine = by_checks.get(subject(lesson), [])
            copied = [readable(record_of(one), []) for one in mine]
            standings[path.stem] = standing(lesson, map(read, mine), filter(None, copied))
    return table(standings) + sentences


def readable(path: Path, sentences: list[str]) -> NotebookNode | None:
    """Read a notebook; where it is broken, add a sentence to `sentences` and return None."""
    try:
        return read(path)
    except BrokenNotebook as broken:
        sentences.append(str(broken))
        return None


def subject(notebook: NotebookNode) -> str:
    """Name the module of checks that a notebook imports, or nothing."""
    return next((found[1] for cell in notebook.cells if (found := CHECKS.search(cell.source))), "")


def table(standings: dict[str, Standing]) -> list[str]:
    """Lay the counts out in aligned columns, with a total at the end."""
    rows = [(name, *map(len, one[:3]), one.remark()) for name, one in standings.items()]
    rows.append(("total", *(sum(len(one[column]) for one in standings.values()) for column in (0, 1, 2)), ""))
    wide = max(len(name) for name, *_ in rows)
    lines = [f"{'lesson':{wide}}  solved  wrong  left"]
    lines += [f"{name:{wide}}  {solved:6}  {wrong:5}  {left:4}  {remark}" for name, solved, wrong, left, remark in rows]
    return [line.rstrip() for line in lines]


def main() -> None:
    """Print the report."""
    print("\n".join(report(ROOT)))


if __name__ == "__main__":
    run(main)
