"""The lessons as nbgrader assignments: what the tool writes, and what nbgrader releases of it."""

import os
import re
import sys

import nbformat
import pytest

from tools import ToolError, assignments
from tools.assignments import POINTS
from tools.exercises import CHECK, announced, exercise_of
from tools.notebooks import lesson_of
from tools.submissions import new_course, released
from tools.texts import FOLDED, solution_cells, texts

TEXTS = texts()
LESSON = "03_bottleneck"
WORTH = {exercise["name"]: POINTS[exercise["level"]] for exercise in announced(solution_cells(texts([LESSON])[0]))}
TOTAL = sum(WORTH.values())
SERVED = pytest.mark.skipif(os.name == "nt", reason="nbgrader grades on the servers of a class, which run Linux or macOS")
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
    step = tmp_path / "grading" / "steps.py"
    for file in (step, tmp_path / "nbgrader_config.py"):
        file.write_text("mine")
    assignments.write(text, tmp_path)
    assert (tmp_path / "nbgrader_config.py").read_text() == "mine"
    assert step.read_text(encoding="utf-8") == (assignments.GRADING / "steps.py").read_text(encoding="utf-8")


def test_an_unknown_lesson_is_answered_with_a_sentence(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "argv", ["assignments", "77", "--folder", str(tmp_path)])
    with pytest.raises(ToolError, match=r"^no lesson starts with '77'; .*[^\n]$"):
        assignments.main()
    assert capsys.readouterr().out == ""


@SERVED
@pytest.mark.slow
def test_what_is_released_is_the_lesson_and_holds_no_answer(tmp_path):
    new_course(tmp_path, LESSON)
    lesson = lesson_of(solution_cells(texts([LESSON])[0]))
    cells = released(tmp_path, LESSON).cells
    looks = {cell.id: {key: cell.metadata.get(key) for key in FOLDED} for cell in cells}
    assert all(looks[cell.id] == {key: cell.metadata.get(key) for key in FOLDED} for cell in lesson.cells if cell.id in looks)
    guesses = [cell for cell in cells if cell.source.startswith("guess = ...")]
    assert guesses and all("nbgrader" not in cell.metadata and cell.metadata.get("editable", True) for cell in guesses)
    given = iter(cells)
    for cell in lesson.cells:
        found = next(given)
        asked = words(found) + (words(next(given)) if "nbgrader" in found.metadata else [])
        assert asked == words(cell)
    everything = (tmp_path / "release" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8")
    assert "SOLUTION" not in everything and "HIDDEN" not in everything and ".solved" not in everything
