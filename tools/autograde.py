"""Grade the submissions of a lesson, several at once, where nbgrader alone takes one after another.

python -m tools.autograde 01_convolution --folder /srv/cnn/course    as many at once as there are cores
python -m tools.autograde 01_convolution --at-once 4 --force         four, also those that are graded already
python -m tools.autograde 01_convolution --students ada --run-all    one of them, with every training of the lesson

Runs `nbgrader autograde` in several processes. A gradebook in SQLite has room for one writer, so each process gets a copy of
it, and what it wrote is merged into the course's gradebook at the end. Scores that a person gave are never touched.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

from tools import ToolError, run
from tools.assignments import FOLDER

BOOK = "gradebook.db"


def nbgrader(folder: Path, *command: str, **options: Any) -> subprocess.Popen:
    """Start one of nbgrader's commands in a course folder."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # where it finds alembic
    python = [sys.executable, "-W", "ignore", "-m", "nbgrader"]  # it warns a lot about its own use of its database
    return subprocess.Popen([*python, *command], cwd=folder, env=os.environ | {"PATH": path}, **options)


def url(database: Path) -> str:
    """Write the address of a gradebook as nbgrader expects it."""
    return f"sqlite:///{database}"


def autograde(folder: Path, lesson: str, at_once: int, *options: str, only: Sequence[str] = ()) -> list[str]:
    """Grade what was handed in for a lesson, by all or by `only` some, and merge the marks; returns who could not be graded."""
    folder = folder.resolve()
    everybody = {place.parent.name for place in folder.glob(f"submitted/*/{lesson}")}
    if not (folder / BOOK).is_file() or not everybody:
        raise ToolError(f"nothing is handed in for {lesson} in {folder}: there must be {BOOK} and submitted/NAME/{lesson}/")
    if strangers := {*only} - everybody:
        raise ToolError(f"nothing is handed in for {lesson} by {', '.join(sorted(strangers))}")
    students = sorted(only or everybody)
    with tempfile.TemporaryDirectory() as place:
        shares = [share for start in range(at_once) if (share := students[start::at_once])]
        books = [Path(place, f"{number}.db") for number in range(len(shares))]
        by_book = dict(zip(books, shares, strict=True))
        workers = [worker(folder, lesson, everybody - {*share}, book, *options) for book, share in by_book.items()]
        for process in workers:
            process.wait()
        failed = [name for book, share in by_book.items() for name in merge(book, folder / BOOK, lesson, share)]
    ungraded = [name for name in students if not (folder / "autograded" / name / lesson).is_dir()]
    return sorted({*failed, *ungraded})


def worker(folder: Path, lesson: str, others: set[str], book: Path, *options: str) -> subprocess.Popen:
    """Start grading all students but `others`, with a copy of the gradebook."""
    shutil.copy(folder / BOOK, book)
    exclude = [f"--CourseDirectory.student_id_exclude={','.join(sorted(others))}"] if others else []
    return nbgrader(folder, "autograde", lesson, f"--db={url(book)}", "--log-level=ERROR", *exclude, *options)


def merge(source: Path, target: Path, lesson: str, students: list[str]) -> list[str]:
    """Copy the automatic scores and comments of some students into another gradebook; returns who has none."""
    missing = []
    quiet = warnings.catch_warnings(action="ignore")  # nbgrader's use of its database causes a lot of them
    with quiet, Gradebook(url(source)) as theirs, Gradebook(url(target)) as book:
        for student in students:
            try:
                graded = theirs.find_submission(lesson, student)
            except MissingEntry:
                missing.append(student)
                continue
            book.update_or_create_student(student)
            book.update_or_create_submission(lesson, student, timestamp=graded.timestamp)  # pyright: ignore[reportArgumentType] a date
            for notebook in graded.notebooks:
                copy_marks(notebook, book.find_submission_notebook(notebook.name, lesson, student))
            book.db.commit()
    return missing


def copy_marks(source: Any, target: Any) -> None:
    """Copy what nbgrader's autograde writes about one notebook."""
    target.late_submission_penalty = source.late_submission_penalty
    grades, comments = ({one.name: one for one in ones} for ones in (target.grades, target.comments))
    for grade in source.grades:
        mine = grades[grade.name]
        mine.auto_score = grade.auto_score
        mine.needs_manual_grade = mine.manual_score is not None or mine.auto_score is None
    for comment in source.comments:
        comments[comment.name].auto_comment = comment.auto_comment


def main() -> None:
    """Read the command line and grade."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lesson", help="the name of the assignment, such as 01_convolution")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="the course folder (default: build/nbgrader)")
    parser.add_argument("--at-once", type=int, default=os.cpu_count(), help="submissions graded at once (default: cores)")
    parser.add_argument("--students", nargs="+", default=[], help="grade these alone (default: all who handed in)")
    parser.add_argument("--force", action="store_true", help="grade again what is graded")
    parser.add_argument("--run-all", action="store_true", help="run every cell, whether a check needs it or not")
    options = parser.parse_args()
    if options.at_once < 1:
        raise ToolError(f"--at-once must be 1 or more, got {options.at_once}")
    extra = ["--force"] * options.force + ["--RunNeeded.run_all=True"] * options.run_all
    if failed := autograde(options.folder, options.lesson, options.at_once, *extra, only=options.students):
        raise ToolError(f"not graded: {', '.join(failed)}. The lines above say why; all others have their marks.")


if __name__ == "__main__":
    run(main)
