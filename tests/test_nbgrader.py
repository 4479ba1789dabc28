"""The lessons as nbgrader assignments: what the tool writes, and what marks nbgrader itself gives for it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from test_cell_ids import grown

from tools import ToolError, assignments
from tools.assignments import POINTS
from tools.exercises import CHECK, announced, exercise_of
from tools.notebooks import lesson_of, write
from tools.texts import FOLDED, solution_cells, texts

TEXTS = texts()
LESSON = "03_bottleneck"
WORTH = {exercise["name"]: POINTS[exercise["level"]] for exercise in announced(solution_cells(texts([LESSON])[0]))}
TOTAL = sum(WORTH.values())
SERVED = pytest.mark.skipif(os.name == "nt", reason="nbgrader grades on the servers of a class, which run Linux or macOS")
WRONG = """def merge(w1, b1, w2, b2):
    return torch.cat([w2 @ w1, b2[:, None]], dim=1)"""
WARNS = """    import warnings
    warnings.warn("this could be faster")
"""
HIDDEN = re.compile(r"\n### BEGIN HIDDEN TESTS\nassert check\.(\w+)\.solved, .*\n### END HIDDEN TESTS")


def facts(cell):
    return cell.metadata["nbgrader"]


def graded(notebook):
    """List the cells that nbgrader knows."""
    return [cell for cell in notebook.cells if "nbgrader" in cell.metadata]


def words(cell):
    return cell.source.split()


@pytest.mark.parametrize("text", TEXTS, ids=[text.stem for text in TEXTS])
def test_an_exercise_is_an_answer_and_a_locked_check_and_nothing_else_is_nbgraders(text):
    lesson, cells = solution_cells(text).cells, iter(assignments.assignment(text).cells)
    points = 0
    for cell in lesson:
        given = next(cells)
        if not (name := exercise_of(cell)):
            assert given == cell and "nbgrader" not in given.metadata
            continue
        check = next(cells)
        assert (facts(given)["grade_id"], facts(check)["grade_id"]) == (name, f"{name}-check")
        assert facts(given)["solution"] and not facts(given)["locked"] and not facts(given)["grade"]
        assert facts(check)["locked"] and facts(check)["grade"] and not facts(check)["solution"]
        assert HIDDEN.search(check.source)[1] == name and CHECK.search(given.source) is None
        assert words(nbformat.from_dict({"source": f"{given.source}\n{HIDDEN.sub('', check.source)}"})) == words(cell)
        points += facts(check)["points"]
    assert points == sum(POINTS[exercise["level"]] for exercise in announced(solution_cells(text)))
    assert next(cells, None) is None


def test_a_second_run_leaves_the_settings_alone(tmp_path):
    text = texts(["03"])
    assert assignments.write(text, tmp_path) == [f"{LESSON}: {len(WORTH)} exercises, {TOTAL} points"]
    (tmp_path / "nbgrader_config.py").write_text("mine")
    assignments.write(text, tmp_path)
    assert (tmp_path / "nbgrader_config.py").read_text() == "mine"


def test_an_unknown_lesson_is_answered_with_a_sentence(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "argv", ["assignments", "77", "--folder", str(tmp_path)])
    with pytest.raises(ToolError, match=r"^no lesson starts with '77'; .*[^\n]$"):
        assignments.main()
    assert capsys.readouterr().out == ""


def nbgrader(folder, *command):
    """Run one of nbgrader's commands in the course folder."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # where it finds alembic
    run = [sys.executable, "-m", "nbgrader", *command]
    done = subprocess.run(run, cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of one lesson without its trainings, which no exercise needs, released by nbgrader."""
    folder = tmp_path_factory.mktemp("course")
    write_assignment(texts([LESSON])[0], folder)
    nbgrader(folder, "generate_assignment", LESSON)
    return folder


def write_assignment(text, folder):
    """Write the source of an assignment without the lesson's trainings."""
    assignments.write([text], folder)
    path = folder / "source" / LESSON / f"{LESSON}.ipynb"
    source = nbformat.read(path, as_version=4)
    source.cells = [cell for cell in source.cells if not is_training(cell)]
    write(source, path)


def is_training(cell):
    tags = cell.metadata.get("tags", [])
    return "nbval-ignore-output" in tags and "setup" not in tags


def released(course):
    return nbformat.read(course / "release" / LESSON / f"{LESSON}.ipynb", as_version=4)


def hand_in(course, student, notebook):
    place = course / "submitted" / student / LESSON
    place.mkdir(parents=True)
    write(notebook, place / f"{LESSON}.ipynb")


def solved(course):
    """Write the text's answers into the released assignment; returns it with its cells by name."""
    answers = nbformat.read(course / "source" / LESSON / f"{LESSON}.ipynb", as_version=4)
    answers = {facts(cell)["grade_id"]: cell.source for cell in graded(answers) if facts(cell)["solution"]}
    notebook = released(course)
    cells = {facts(cell)["grade_id"]: cell for cell in graded(notebook)}
    for name, answer in answers.items():
        cells[name].source = answer
    return notebook, cells


def marks(course, student):
    """Read from the gradebook: the score, the maximum, and the names of the checks that failed."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "cnn") as book:
        found = book.find_submission(LESSON, student)
        assert not found.needs_manual_grade
        return found.score, found.max_score, sorted(grade.name for grade in found.notebooks[0].grades if grade.score == 0)


@SERVED
@pytest.mark.slow
def test_what_is_released_is_the_lesson_and_holds_no_answer(course):
    lesson = lesson_of(solution_cells(texts([LESSON])[0]))
    cells = released(course).cells
    looks = {cell.id: {key: cell.metadata.get(key) for key in FOLDED} for cell in cells}
    assert all(looks[cell.id] == {key: cell.metadata.get(key) for key in FOLDED} for cell in lesson.cells if cell.id in looks)
    guesses = [cell for cell in cells if cell.source.startswith("guess = ...")]
    assert guesses and all("nbgrader" not in cell.metadata and cell.metadata.get("editable", True) for cell in guesses)
    given = iter(cells)
    for cell in lesson.cells:
        if cell.cell_type == "code" and not CHECK.search(cell.source):
            continue  # compared above; trainings are left out
        found = next(one for one in given if one.cell_type == "markdown" or "nbgrader" in one.metadata)
        asked = words(found) + (words(next(given)) if "nbgrader" in found.metadata else [])
        assert asked == words(cell)
    everything = (course / "release" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8")
    assert "SOLUTION" not in everything and "HIDDEN" not in everything and ".solved" not in everything


@SERVED
@pytest.mark.slow
def test_right_answers_earn_all_points_and_wrong_missing_or_forged_ones_none(course):
    right, cell = solved(course)
    cell["conv1x1"].source = cell["conv1x1"].source.replace("\n", f"\n{WARNS}", 1)
    hand_in(course, "right", right)

    wrong, cell = solved(course)
    cell["merge"].source = WRONG
    cell["pixel"].source = "answer = ..."
    cell["pixel-check"].source = "pass"  # autograde writes it anew
    cell["larger_window"].source = "answer = ..."
    cell["larger_window-check"].metadata["tags"] = ["skip-execution"]  # the tag at which nbclient skips a cell
    hand_in(course, "wrong", wrong)

    nbgrader(course, "autograde", LESSON)
    assert marks(course, "right") == (TOTAL, TOTAL, [])
    failed = ["larger_window", "merge", "pixel"]
    assert marks(course, "wrong") == (TOTAL - sum(map(WORTH.get, failed)), TOTAL, [f"{name}-check" for name in failed])


@SERVED
@pytest.mark.slow
def test_a_text_that_grew_after_the_release_gives_older_submissions_all_their_points(course, tmp_path):
    hand_in(course, "early", solved(course)[0])
    nbgrader(course, "autograde", LESSON, "--student=early")
    late, changed = solved(course)[0], grown(texts([LESSON])[0], tmp_path)
    changed.write_text(changed.read_text(encoding="utf-8").replace(":level: easy", ":level: hard", 1), encoding="utf-8")
    write_assignment(changed, course)
    nbgrader(course, "generate_assignment", LESSON, "--force")
    assert "A word more." in "".join(cell.source for cell in released(course).cells)
    hand_in(course, "late", late)
    nbgrader(course, "autograde", LESSON, "--student=late")
    nbgrader(course, "autograde", LESSON, "--student=early", "--force")
    assert marks(course, "late") == marks(course, "early") == (TOTAL + 2, TOTAL + 2, [])
