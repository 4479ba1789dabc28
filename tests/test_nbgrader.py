"""The lessons as nbgrader assignments: what the tool writes, and what marks nbgrader itself gives for it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tools import ROOT, ToolError, assignments
from tools.exercises import BEGIN, CHECK, EXERCISE
from tools.notebooks import write
from tools.texts import solution_cells, texts

TEXTS = texts()
LESSON = "02_bottleneck"
SERVED = pytest.mark.skipif(os.name == "nt", reason="nbgrader grades on the servers of a class, which run Linux or macOS")
WRONG = """def merge(w1, b1, w2, b2):
    return torch.cat([w2 @ w1, b2[:, None]], dim=1)"""
WARNS = """    import warnings
    warnings.warn("this could be faster")
"""
HIDDEN = re.compile(r"\n### BEGIN HIDDEN TESTS\nassert check\.(\w+)\.solved, .*\n### END HIDDEN TESTS")


def facts(cell):
    return cell.metadata["nbgrader"]


def words(cell):
    return cell.source.split()


@pytest.mark.parametrize("text", TEXTS, ids=[text.stem for text in TEXTS])
def test_an_exercise_is_an_answer_and_a_check_and_all_else_is_locked(text):
    lesson, cells = solution_cells(text).cells, iter(assignments.assignment(text).cells)
    names, points = [], 0
    for cell in lesson:
        given = next(cells)
        names.append(facts(given)["grade_id"])
        assert facts(given)["locked"] != facts(given)["solution"] == (BEGIN in cell.source)
        if facts(given)["solution"]:
            check = next(cells)
            assert facts(check)["locked"] and facts(check)["grade"] and facts(check)["points"] in (1, 2, 3)
            assert HIDDEN.search(check.source)[1] == CHECK.search(check.source)[1]
            assert CHECK.search(given.source) is None
            given = nbformat.from_dict(given | {"source": f"{given.source}\n{HIDDEN.sub('', check.source)}"})
            names, points = [*names, facts(check)["grade_id"]], points + facts(check)["points"]
        assert words(given) == words(cell)
    worth = {"easy": 1, "medium": 2, "hard": 3}
    assert points == sum(worth[level] for *_, level in EXERCISE.findall(text.read_text(encoding="utf-8")))
    assert next(cells, None) is None and len(set(names)) == len(names)


def test_a_second_run_leaves_the_settings_alone(tmp_path):
    text = texts(["02"])
    assert assignments.write(text, tmp_path) == [f"{LESSON}: 9 exercises, 14 points"]
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
    assignments.write(texts([LESSON]), folder)
    path = folder / "source" / LESSON / f"{LESSON}.ipynb"
    source = nbformat.read(path, as_version=4)
    source.cells = [cell for cell in source.cells if cell.metadata.get("tags", []) != ["nbval-ignore-output"]]
    write(source, path)
    nbgrader(folder, "generate_assignment", LESSON)
    return folder


def released(course):
    return nbformat.read(course / "release" / LESSON / f"{LESSON}.ipynb", as_version=4)


def hand_in(course, student, notebook):
    place = course / "submitted" / student / LESSON
    place.mkdir(parents=True)
    write(notebook, place / f"{LESSON}.ipynb")


def solved(course):
    """Write the text's answers into the released assignment; returns it with its cells by name."""
    answers = nbformat.read(course / "source" / LESSON / f"{LESSON}.ipynb", as_version=4)
    answers = {facts(cell)["grade_id"]: cell.source for cell in answers.cells if facts(cell)["solution"]}
    notebook = released(course)
    for cell in notebook.cells:
        cell.source = answers.get(facts(cell)["grade_id"], cell.source)
    return notebook, {facts(cell)["grade_id"]: cell for cell in notebook.cells}


@SERVED
@pytest.mark.slow
def test_what_is_released_is_the_lesson_and_holds_no_answer(course):
    lesson = nbformat.read(ROOT / "lessons" / f"{LESSON}.ipynb", as_version=4)
    given = iter(released(course).cells)
    for cell in lesson.cells:
        if cell.cell_type == "code" and not CHECK.search(cell.source):
            continue  # compared above; trainings are left out
        found = next(one for one in given if one.cell_type == "markdown" or facts(one)["solution"])
        asked = words(found) + (words(next(given)) if facts(found)["solution"] else [])
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
    cell["macs"].source = "answer = ..."
    cell["macs-check"].metadata["tags"] = ["skip-execution"]  # the tag at which nbclient skips a cell
    hand_in(course, "wrong", wrong)

    nbgrader(course, "autograde", LESSON)
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "cnn") as book:
        marks = {who: book.find_submission(LESSON, who) for who in ("right", "wrong")}
        lost = [grade.name for grade in marks["wrong"].notebooks[0].grades if grade.score == 0]
        assert (marks["right"].score, marks["right"].max_score, marks["right"].needs_manual_grade) == (14, 14, False)
        assert sorted(lost) == ["macs-check", "merge-check", "pixel-check"]
        assert marks["wrong"].score == 14 - (1 + 1 + 2)
