"""Marks that nbgrader gives: for several submissions at once, running what is needed, and the same with everything run."""

import os

import nbformat
import pytest
from test_cell_ids import grown

from tools import ToolError, assignments, autograde
from tools.assignments import POINTS
from tools.exercises import announced
from tools.notebooks import write
from tools.submissions import call, hand_in, released, solved
from tools.texts import solution_cells, texts

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="nbgrader grades on the servers of a class, which run Linux or macOS"),
    pytest.mark.slow,
]
LESSON = "03_bottleneck"
WORTH = {exercise["name"]: POINTS[exercise["level"]] for exercise in announced(solution_cells(texts([LESSON])[0]))}
TOTAL = sum(WORTH.values())
NOISY = """    import logging, os, warnings
    warnings.warn("this could be faster")
    logging.warning("this too")
    os.write(2, b"[W NNPACK.cpp:61] Could not initialize NNPACK!\\n")
"""
LAYER = """def layer(c_in, c_out, size, groups=1):
    return nn.Conv2d(c_in, c_out, size, padding=size // 2, groups=groups, bias=False), nn.ReLU()"""
WRONG = """def merge(w1, b1, w2, b2):
    return torch.cat([w2 @ w1, b2[:, None]], dim=1)"""


def write_assignment(text, folder):
    """Write the source of an assignment without the lesson's trainings, so that running everything takes seconds."""
    assignments.write([text], folder)
    path = folder / "source" / LESSON / f"{LESSON}.ipynb"
    source = nbformat.read(path, as_version=4)
    source.cells = [cell for cell in source.cells if not {"nbval-ignore-output"} & {*cell.metadata.get("tags", [])}]
    write(source, path)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    write_assignment(texts([LESSON])[0], folder)
    call(folder, "generate_assignment", LESSON)
    return folder


def marks(course, student, book="gradebook.db"):
    """Read from the gradebook: the score, the maximum, and the names of the checks that failed."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / book}", "cnn") as gradebook:
        found = gradebook.find_submission(LESSON, student)
        assert not found.needs_manual_grade
        failed = sorted(grade.name.removesuffix("-check") for grade in found.notebooks[0].grades if grade.auto_score == 0)
        return found.score, found.max_score, failed


def noisy(course):
    """Solve everything, print to stderr in three ways, and use what a cell of one's own has defined."""
    notebook, cell = solved(course, LESSON)
    cell["conv1x1"].source = cell["conv1x1"].source.replace("\n", f"\n{NOISY}", 1)
    cell["separable"].source = """def separable(c_in, c_out, size):
    return nn.Sequential(*layer(c_in, c_in, size, groups=c_in), *layer(c_in, c_out, 1))"""
    own = nbformat.v4.new_code_cell(LAYER)
    notebook.cells.insert(notebook.cells.index(cell["separable"]), own)
    return notebook


def tampered(course):
    """Tamper with a right submission in many ways; returns it and the exercises that must earn nothing for it."""
    notebook, cell = solved(course, LESSON)
    cell["pixel"].source, cell["pixel-check"].source = "answer = ...", "pass"
    gone = [cell["conv1x1-check"], cell["distance"], cell["distance-check"], cell["strided"]]
    cell["merge"].source, cell["merge-check"].metadata.tags = WRONG, ["skip-execution"]  # at which nbclient skips a cell
    del cell["bottleneck_weights"].metadata["nbgrader"]
    cell["separable"].source = f"input('Go on?')\n{cell['separable'].source}"
    cell["larger_window"].source = "answer = 7 * 7"  # right for the next exercise, whose answer is deleted
    twice = nbformat.from_dict(cell["bottleneck-check"])
    notebook.cells = [one for one in notebook.cells if one not in gone] + [twice]
    return notebook, ["bottleneck_weights", "distance", "larger_window", "merge", "pixel", "separable", "strided"]


def test_marks_of_several_at_once_are_those_of_one_after_another_with_everything_run(course):
    changed, failed = tampered(course)
    handed_in = {"noisy": noisy(course), "tampered": changed, "untouched": released(course, LESSON)}
    expected = {"noisy": [], "tampered": failed, "untouched": sorted(WORTH)}
    for student, notebook in handed_in.items():
        hand_in(course, student, LESSON, notebook)
    (course / "submitted" / "empty" / LESSON).mkdir(parents=True)
    folder, book = "--CourseDirectory.autograded_directory=whole", "--db=sqlite:///whole.db"
    (course / "whole.db").write_bytes((course / "gradebook.db").read_bytes())
    call(course, "autograde", LESSON, "--RunNeeded.run_all=True", folder, book, "--CourseDirectory.student_id_exclude=empty")
    assert autograde.autograde(course, LESSON, at_once=2) == ["empty"]
    for student, names in expected.items():
        earned = TOTAL - sum(map(WORTH.get, names))
        assert marks(course, student) == marks(course, student, "whole.db") == (earned, TOTAL, names)
    run = nbformat.read(course / "autograded" / "untouched" / LESSON / f"{LESSON}.ipynb", as_version=4)
    count = sum(bool(cell.get("execution_count")) for cell in run.cells)
    assert 2 * len(WORTH) < count < 2 * len(WORTH) + 4


def test_a_text_that_grew_after_the_release_gives_older_submissions_all_their_points(course, tmp_path):
    hand_in(course, "early", LESSON, solved(course, LESSON)[0])
    call(course, "autograde", LESSON, "--student=early")
    assert marks(course, "early") == (TOTAL, TOTAL, [])
    late, changed = solved(course, LESSON)[0], grown(texts([LESSON])[0], tmp_path)
    changed.write_text(changed.read_text(encoding="utf-8").replace(":level: easy", ":level: hard", 1), encoding="utf-8")
    write_assignment(changed, course)
    call(course, "generate_assignment", LESSON, "--force")
    assert "A word more." in "".join(cell.source for cell in released(course, LESSON).cells)
    hand_in(course, "late", LESSON, late)
    call(course, "autograde", LESSON, "--student=late")
    call(course, "autograde", LESSON, "--student=early", "--force")
    assert marks(course, "late") == marks(course, "early") == (TOTAL + 2, TOTAL + 2, [])


def test_what_was_not_handed_in_is_said(tmp_path):
    with pytest.raises(ToolError, match=rf"^nothing is handed in for {LESSON} in .*gradebook.db.*[^\n]$"):
        autograde.autograde(tmp_path, LESSON, at_once=1)
    (tmp_path / "gradebook.db").touch()
    (tmp_path / "submitted" / "ada" / LESSON).mkdir(parents=True)
    with pytest.raises(ToolError, match=f"^nothing is handed in for {LESSON} by bob$"):
        autograde.autograde(tmp_path, LESSON, at_once=1, only=["ada", "bob"])
