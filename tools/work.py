"""Keep a learner's notebooks in work/: the lessons are copied there, and what the learner did is never overwritten.

python -m tools.work    copy the lessons without opening JupyterLab, as VS Code and Binder need

A copy is replaced when the course has a new version of its lesson, but only if nobody touched the copy. A touched copy
stays as it is, and the new version is put next to it as NN_name.new.ipynb, which is replaced in turn until it is touched.

A copy is touched if the type or text of a cell differs from what was copied, if a cell was added, removed or moved, or if
any cell but the set-up cell has outputs: outputs alone may be a training that took minutes, or the verdict on an answer
that was deleted since. What was copied is kept in work/.course; a copy without such a record counts as touched.
"""

import contextlib
import itertools
import re
from pathlib import Path

from nbformat import NotebookNode

from tools import ROOT, ToolError, run
from tools.exercises import CHECK, without_answers
from tools.notebook_files import BrokenNotebook, has_outputs, read, sources, write

PLACEHOLDER = re.compile(r"= \.\.\.( *#.*)?$|raise NotImplementedError$", re.MULTILINE)


def lessons_of(root: Path) -> list[Path]:
    """List the notebooks of lessons/; raises ToolError if there are none."""
    lessons = [path for path in sorted((root / "lessons").glob("[0-9][0-9]_*.ipynb")) if "." not in path.stem]
    if not lessons:
        raise ToolError(f"There are no notebooks in {root / 'lessons'}: `make notebooks` builds them.")
    return lessons


def update(root: Path) -> list[str]:
    """Copy each lesson that work/ lacks and each whose copy nobody touched; returns what to tell the learner.

    A broken notebook is one of the sentences; raises ToolError if there are no lessons or if work/ cannot be written.
    """
    sentences = []
    for lesson in lessons_of(root):
        try:
            course = read(lesson)
            is_changed = worked_in(course, root / "solutions" / lesson.name)
            sentences.append(rescue(lesson) if is_changed else update_copy(lesson, course))
        except BrokenNotebook as broken:
            sentences.append(str(broken))
        except OSError as error:
            raise ToolError(f"{error.filename} cannot be used: {error.strerror}. The folder must be yours.") from error
    return [sentence for sentence in sentences if sentence]


def update_copy(lesson: Path, course: NotebookNode) -> str:
    """Bring the copy of one lesson up to date; returns a sentence if the learner should know, and raises BrokenNotebook."""
    copy = work_folder(lesson) / lesson.name
    new = copy.with_suffix(".new.ipynb")
    if not copy.exists():
        put(lesson, copy)
    elif sources(read(copy)) == sources(course):
        write(record_of(copy), lesson.read_bytes())
    elif not is_touched(copy):
        put(lesson, copy)
        return f"work/{copy.name} is now the course's new version: you had not changed the old one."
    elif recorded(copy) != sources(course):
        return put_beside(lesson, course, new)
    if new.exists() and not is_touched(new):
        new.unlink()
    return ""


def put_beside(lesson: Path, course: NotebookNode, new: Path) -> str:
    """Put the course's new version next to a touched copy, unless that was done before, and return a sentence about it."""
    if recorded(new) == sources(course):
        return f"work/{new.name} is still there: the course's new version of your work/{lesson.name}." if new.exists() else ""
    if new.exists() and is_touched(new):
        both = f"work/{lesson.name} and work/{new.name} both contain work of yours"
        return f"The course has changed {lesson.stem} again; {both}. Rename the second, and `make lab` puts the newest there."
    put(lesson, new)
    return f"The course has changed {lesson.stem}: your work stays in work/{lesson.name}, the new version is work/{new.name}."


def worked_in(lesson: NotebookNode, solution: Path) -> bool:
    """Tell whether somebody worked in a built lesson: it has outputs, or it is not its solution without the answers.

    Where there is no solution to compare with, an exercise without its placeholder counts as worked in.
    """
    if has_outputs(lesson):
        return True
    try:
        built = [(kind, without_answers(text) if kind == "code" else text) for kind, text in sources(read(solution))]
    except ToolError:
        return any(CHECK.search(text) and not PLACEHOLDER.search(text) for kind, text in sources(lesson) if kind == "code")
    return sources(lesson) != built


def rescue(lesson: Path) -> str:
    """Keep in work/ a notebook of lessons/ in which somebody worked; returns a sentence, or nothing if this was done before.

    It takes the place of the lesson's copy if there is none, unless it is broken.
    """
    folder, data = work_folder(lesson), lesson.read_bytes()
    rescued = folder / ".course" / "rescued" / lesson.name
    if rescued.is_file() and rescued.read_bytes() == data:
        return ""
    places = (folder / f"{lesson.stem}.saved{number}.ipynb" for number in itertools.count(1))
    with contextlib.suppress(BrokenNotebook):
        read(lesson)
        places = itertools.chain([folder / lesson.name], places)
    kept = next(place for place in places if not place.exists())
    write(kept, data)
    write(rescued, data)
    return f"Somebody had changed lessons/{lesson.name}; that notebook is kept as work/{kept.name}. Answers belong in work/."


def is_touched(copy: Path) -> bool:
    """Tell whether a notebook in work/ may hold something of the learner's."""
    try:
        notebook = read(copy)
    except BrokenNotebook:
        return True
    return has_outputs(notebook) or sources(notebook) != recorded(copy)


def put(lesson: Path, copy: Path) -> None:
    """Copy a lesson into work/ and record what was copied; raises ToolError."""
    data = lesson.read_bytes()
    write(copy, data)
    write(record_of(copy), data)


def recorded(copy: Path) -> list[tuple[str, str]] | None:
    """Return the cells that were copied to this place, or None if there is no record."""
    try:
        return sources(read(record_of(copy)))
    except BrokenNotebook:
        return None


def record_of(copy: Path) -> Path:
    """Name the file that remembers what was copied to this place."""
    return copy.parent / ".course" / copy.name


def work_folder(lesson: Path) -> Path:
    """Name the folder of the learner's notebooks."""
    return lesson.parent.parent / "work"


def main() -> None:
    """Copy the lessons and say what the learner should know."""
    for sentence in update(ROOT):
        print(sentence)
    print("The lessons are in work/.")


if __name__ == "__main__":
    run(main)
