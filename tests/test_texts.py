"""A text that would make a broken lesson is refused, with a sentence that names the cell."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tools import ToolError
from tools.exercises import checks_of, with_answers, without_answers
from tools.texts import colab_badge, solution_cells, texts, written

HEAD = "---\nkernelspec:\n  display_name: Python 3\n  language: python\n  name: python3\n---\n\n# A lesson\n\n"
ANNOUNCED = ":::{exercise} f\n:kind: write\n:minutes: 3\n:level: easy\n\nWrite it.\n:::\n\n"
QUESTION = ":::{question}\nWhich is larger?\n:::\n\n"
NOTICE = ":::{notice}\nThey are equal.\n:::\n\n"


def code(*lines):
    return "```{code-cell} ipython3\n" + "\n".join(lines) + "\n```\n\n"


EXERCISE = code("def f(x):", "    ### BEGIN SOLUTION", "    return x + 1234567", "    ### END SOLUTION", "", "", "check.f(f)")
IMPORTS = code(":tags: [hide-input]", "", "import torch")
GUESS = code("guess = ...  # a number")
RESULT = code("print(1)")
ECHOED = code("guesses.echo(guess)", "print(1)")


def text_of(folder, body, head=HEAD):
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
        (ANNOUNCED + EXERCISE + code("1 + 1") + EXERCISE, "cell 4: expected `:::{exercise} f` before it, got ['f']"),
        (ANNOUNCED + EXERCISE + ANNOUNCED + EXERCISE, "99_lesson.md: a check is used twice: ['f', 'f']"),
        (ANNOUNCED + EXERCISE.replace("check.f(", "check.g("), "cell 2: expected `check.f`, which is announced, got ['g']"),
        (ANNOUNCED + RESULT + EXERCISE, "cell 2: expected `check.f`, which is announced, got a cell without a check"),
        (ANNOUNCED, "no code cell follows the last exercise"),
        (EXERCISE, "cell 2: expected `:::{exercise} f` before it"),
        (code("check.f(1)"), "cell 2: `check.f` belongs to a cell without a solution region"),
        ("<<<<<<< HEAD\n\n" + ANNOUNCED + EXERCISE, "contains a merge marker ('<<<<<<< HEAD')"),
        (ANNOUNCED + EXERCISE + ">>>>>>> 1a2b3c", "contains a merge marker ('>>>>>>> 1a2b3c')"),
        ("### BEGIN SOLUTION\n\n" + ANNOUNCED + EXERCISE, "cell 0: Markdown must not contain solution markers"),
        (QUESTION, "no code cell follows the last question"),
        (QUESTION + QUESTION + RESULT, "cell 0: the question before this question has no code cell"),
        (QUESTION + ANNOUNCED + EXERCISE, "cell 0: the question before this exercise has no code cell"),
        (GUESS + ECHOED, "cell 2: a guess follows a question and is one line"),
        (QUESTION + GUESS.replace("  # a number", "") + ECHOED, "cell 2: a guess follows a question and is one line"),
        (QUESTION + GUESS + RESULT, "cell 3: a result starts with `guesses.echo(guess)` if"),
        (QUESTION + ECHOED, "cell 2: a result starts with `guesses.echo(guess)` if"),
        (ECHOED, "cell 2: a result starts with `guesses.echo(guess)` if"),
        (NOTICE + RESULT, "cell 0: a notice follows the cell with the result, with nothing between them"),
        (RESULT + "So it is.\n\n" + NOTICE, "cell 3: a notice follows the cell with the result, with nothing between them"),
        (RESULT + ":::{speaker}\n:minutes: 3\n\nAsk.\n:::\n\n" + RESULT, "cell 3: the cell has only notes or slides"),
        ("**Exercise 4, write.** Write it.", "cell 0: `Exercise 4` is typed by hand"),
        ("**What to notice.** It is.", "cell 0: `**What to notice` is typed by hand"),
        ("## 1.3 Stride", "cell 0: `## 1.3` is typed by hand"),
        ("See lesson 3.", "cell 0: `lesson 3` is typed by hand"),
        ("See sections 1.3 and 1.4.", "cell 0: `sections 1.3` is typed by hand"),
        (code("print(1)  # as in exercise 5"), "cell 2: `exercise 5` is typed by hand"),
        (":::{notize}\nIt is.\n:::", "cell 0: `:::{notize}` is no form of a text; the forms are exercise, question, notice"),
        (":::{notice}\nIt is.", "cell 0: `:::{notice}` has no counterpart"),
        (":::{notice}\nIt is.\n\n:::{next}\nMore.\n:::", "cell 0: `:::{next}` is inside of `:::{notice}`"),
        (":::notice\nIt is.\n:::", "cell 0: `:::notice` has no counterpart"),
        (":::{notice} Look\nIt is.\n:::", "cell 0: `:::{notice}` takes no title, got 'Look'"),
        (":::{sidebar}\nIt is.\n:::", "cell 0: `:::{sidebar}` needs a name or title, got ''"),
        (":::{notice}\n\n:::", "cell 0: `:::{notice}` is empty"),
        (
            ANNOUNCED.replace(":level: easy\n", ""),
            "cell 0: `:::{exercise}` takes the options ['kind', 'minutes', 'level']",
        ),
        (ANNOUNCED.replace("easy", "easier"), "`:::{exercise}`, option level: expected easy|medium|hard, got 'easier'"),
        ("See {lesson}`nothing`.", "the cell 'a-lesson': {lesson}`nothing` refers to nothing; known are convolution,"),
        ("See {section}`nothing`.", "the cell 'a-lesson': {section}`nothing` refers to nothing"),
        ("See {exercise}`window`.", "the cell 'a-lesson': {exercise}`window` refers to nothing"),
        ("See {term}`kernel`.", "the cell 'a-lesson': `{term}` is no role of a text; the roles are lesson,"),
        ("(here)=\nWords.", "the label `(here)=` must be on the line before a counted heading"),
        ("(here)=\n## One\n\n(here)=\n## Two", "the label `(here)=` is used twice"),
        ("![A cat.](pictures/none.png)", "the cell 'a-lesson': none.png is no picture in pictures"),
    ],
)
def test_a_broken_text_is_one_sentence_with_file_and_cell(tmp_path, body, message):
    with pytest.raises(ToolError, match=r"99_lesson.*[^\n]$") as caught:
        solution_cells(text_of(tmp_path, body))
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_code_cells_are_marked(tmp_path):
    body = ANNOUNCED + EXERCISE + NOTICE + QUESTION + GUESS + ECHOED + NOTICE + QUESTION + RESULT + "Words.\n\n" + RESULT
    cells = [cell for cell in written(text_of(tmp_path, body)).cells[2:] if cell.cell_type == "code"]
    facts = {"name": "f", "kind": "write", "minutes": 3, "level": "easy", "number": 1}
    assert [dict(cell.metadata) for cell in cells] == [
        {"exercise": facts},
        {"tags": ["guess"]},
        {"tags": ["result"]},
        {"tags": ["result"]},
        {},
    ]


def test_a_text_must_start_with_its_title(tmp_path):
    with pytest.raises(ToolError, match="must be Markdown that starts with a title"):
        solution_cells(text_of(tmp_path, "words", HEAD.replace("# A lesson", "A lesson")))


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
