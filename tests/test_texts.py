"""A text that would make a broken lesson is refused, with a sentence that names the cell."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tools import ToolError
from tools.exercises import checks_of, with_answers, without_answers
from tools.texts import colab_badge, solution_cells, texts

HEAD = "---\nkernelspec:\n  display_name: Python 3\n  language: python\n  name: python3\n---\n\n# 99 A lesson\n\n"
ANNOUNCED = "**Exercise 1, write (3 min, easy).** Write it.\n\n"


def code(*lines):
    return "```{code-cell} ipython3\n" + "\n".join(lines) + "\n```\n\n"


EXERCISE = code("def f(x):", "    ### BEGIN SOLUTION", "    return x + 1234567", "    ### END SOLUTION", "", "", "check.f(f)")


def written(folder, body, head=HEAD):
    """Write a text of this body and return its path."""
    path = folder / "99_lesson.md"
    path.write_text(head + body, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "body, message",
    [
        (ANNOUNCED + EXERCISE.replace("    ### END SOLUTION\n", ""), "cell 2: `### BEGIN SOLUTION` has no counterpart"),
        (ANNOUNCED + EXERCISE.replace("    ### BEGIN SOLUTION\n", ""), "cell 2: `### END SOLUTION` has no counterpart"),
        (ANNOUNCED + EXERCISE.replace("### BEGIN", "### begin"), "is not a marker"),
        (ANNOUNCED + EXERCISE.replace("check.f(f)", "f(1)"), "cell 2: an exercise must end with one check"),
        (ANNOUNCED + EXERCISE + code("1 + 1") + EXERCISE, "1 exercises are announced"),
        (ANNOUNCED + EXERCISE + ANNOUNCED.replace("Exercise 1", "Exercise 2") + EXERCISE, "is used twice"),
        (ANNOUNCED + EXERCISE + ANNOUNCED + EXERCISE.replace("check.f(", "check.g("), "is used twice: ['1', '1']"),
        (EXERCISE, "0 exercises are announced"),
        (ANNOUNCED + code("check.f(1)"), "`check.f` belongs to a cell without a solution region"),
        ("<<<<<<< HEAD\n\n" + ANNOUNCED + EXERCISE, "contains a merge marker ('<<<<<<< HEAD')"),
        (ANNOUNCED + EXERCISE + ">>>>>>> 1a2b3c", "contains a merge marker ('>>>>>>> 1a2b3c')"),
        ("### BEGIN SOLUTION\n\n" + ANNOUNCED + EXERCISE, "must not contain solution markers"),
    ],
)
def test_a_broken_text_is_an_error_that_names_the_cell(tmp_path, body, message):
    with pytest.raises(ToolError, match="99_lesson") as caught:
        solution_cells(written(tmp_path, body))
    assert message in str(caught.value)


def test_a_text_must_start_with_its_title(tmp_path):
    with pytest.raises(ToolError, match="must be Markdown that starts with a title"):
        solution_cells(written(tmp_path, "words", HEAD.replace("# 99 A lesson", "A lesson")))


def test_no_badge_while_the_course_has_no_address():
    assert colab_badge({"repository": "", "branch": "main"}, "01_convolution") == ""
    badge = colab_badge({"repository": "https://github.com/some/course.git", "branch": "main"}, "01_convolution")
    assert "github/some/course/blob/main/lessons/01_convolution.ipynb" in badge


def test_an_unknown_lesson_is_answered_with_the_ones_there_are():
    with pytest.raises(ToolError, match=r"no lesson starts with '77'; the lessons are 01_convolution"):
        texts(["77"])


def test_spaces_after_a_marker_do_not_matter():
    source = "def f(x):\n    ### BEGIN SOLUTION  \n    return x\n    ### END SOLUTION\t\n"
    assert without_answers(source) == "def f(x):\n    raise NotImplementedError"
    assert with_answers(source) == "def f(x):\n    return x"


def test_a_lesson_that_imports_no_checks_is_an_error():
    with pytest.raises(ToolError, match="a lesson must contain the line `from cnnlib"):
        checks_of(new_notebook(cells=[new_code_cell("import torch")]))
