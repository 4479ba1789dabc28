"""The build refuses a text that would make a broken lesson, and makes the same bytes from build to build."""

import nbformat
import pytest

from tools import ROOT, ToolError
from tools.execution import WIDGET, execute
from tools.notebooks import keep_work, lesson_of, render, stale_cell, write
from tools.texts import colab_badge, solution_cells, texts

HEAD = "---\nkernelspec:\n  display_name: Python 3\n  language: python\n  name: python3\n---\n\n# 99 A lesson\n\n"
ANNOUNCED = "**Exercise 1, write (3 min, easy).** Write it.\n\n"


def code(*lines):
    return "```{code-cell} ipython3\n" + "\n".join(lines) + "\n```\n\n"


EXERCISE = code("def f(x):", "    ### BEGIN SOLUTION", "    return x + 1234567", "    ### END SOLUTION", "", "", "check.f(f)")


@pytest.fixture
def text(tmp_path):
    def write(body, head=HEAD):
        path = tmp_path / "99_lesson.md"
        path.write_text(head + body, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    "body, message",
    [
        (ANNOUNCED + EXERCISE.replace("    ### END SOLUTION\n", ""), "cell 2: `### BEGIN SOLUTION` has no counterpart"),
        (ANNOUNCED + EXERCISE.replace("    ### BEGIN SOLUTION\n", ""), "cell 2: `### END SOLUTION` has no counterpart"),
        (ANNOUNCED + EXERCISE.replace("### BEGIN", "### begin"), "is not a marker"),
        (ANNOUNCED + EXERCISE.replace("check.f(f)", "f(1)"), "cell 2: an exercise ends with exactly one check"),
        (ANNOUNCED + EXERCISE + code("1 + 1") + EXERCISE, "1 exercises are announced"),
        (ANNOUNCED + EXERCISE + ANNOUNCED.replace("Exercise 1", "Exercise 2") + EXERCISE, "is used twice"),
        (EXERCISE, "0 exercises are announced"),
        (ANNOUNCED + code("check.f(1)"), "`check.f` judges a cell that has no solution region"),
        ("### BEGIN SOLUTION\n\n" + ANNOUNCED + EXERCISE, "must not contain solution markers"),
    ],
)
def test_a_broken_text_is_an_error_that_names_the_cell(text, body, message):
    with pytest.raises(ToolError, match="99_lesson") as caught:
        solution_cells(text(body))
    assert message in str(caught.value)


def test_a_text_must_start_with_its_title(text):
    with pytest.raises(ToolError, match="must be Markdown that starts with a title"):
        solution_cells(text("words", HEAD.replace("# 99 A lesson", "A lesson")))


def test_a_lesson_has_a_stub_inside_a_function_and_nothing_at_top_level(text):
    top = code("answer = ...", "### BEGIN SOLUTION", "answer = 7", "### END SOLUTION", "check.g(answer)")
    solution = solution_cells(text(ANNOUNCED + EXERCISE + ANNOUNCED.replace("Exercise 1", "Exercise 2") + top))
    lesson = lesson_of(solution)
    assert lesson.cells[2].source == "def f(x):\n    raise NotImplementedError\n\n\ncheck.f(f)"
    assert lesson.cells[4].source == "answer = ...\ncheck.g(answer)"
    assert "return x + 1234567" in solution.cells[2].source, "the solution itself is left alone"


def test_a_lesson_carries_nothing_of_an_execution(text):
    solution = solution_cells(text(ANNOUNCED + EXERCISE))
    cell = solution.cells[2]
    cell.outputs = [nbformat.v4.new_output("stream", text="1234567")]
    cell.execution_count, cell.metadata["execution"] = 3, {"answer": "1234567"}
    solution.metadata["widgets"] = {"state": "1234567"}
    assert "1234567" not in render(lesson_of(solution))


@pytest.mark.slow
def test_executing_twice_gives_the_same_bytes(text):
    body = ANNOUNCED + EXERCISE.replace("check.f(f)", "class check:\n    f = print\n\n\ncheck.f(f(1))")
    body += code(
        "from cnnlib import figures", "import torch", "figures.images(torch.rand(2, 3, 8, 8).round())".replace("rand", "ones")
    )
    body += code("from cnnlib.widgets import convolution", "convolution.convolution_explorer()")
    body += code("from tqdm.auto import tqdm", "for _ in tqdm(range(3)):", "    pass", "print(1)", "print(2)")
    wanted = solution_cells(text(body))
    first, second = (render(execute(wanted, ROOT, 120)) for _ in range(2))
    assert first == second
    assert "1234568" in first and "image/png" in first and WIDGET not in first and '"execution"' not in first


def test_stale_cells_are_named(text, monkeypatch):
    wanted = solution_cells(text(ANNOUNCED + EXERCISE))
    executed = nbformat.from_dict(wanted)
    assert stale_cell(executed, wanted) == "cell 1 was not executed"
    for number, cell in enumerate(executed.cells):
        if cell.cell_type == "code":
            cell.execution_count = number
    assert stale_cell(executed, wanted) == ""
    changed = solution_cells(text(ANNOUNCED + EXERCISE.replace("1234567", "7654321")))
    assert stale_cell(executed, changed) == "cell 2 is not the text's"


def test_no_badge_while_the_course_has_no_address():
    assert colab_badge({"repository": "", "branch": "main"}, "01_convolution") == ""
    badge = colab_badge({"repository": "https://github.com/some/course.git", "branch": "main"}, "01_convolution")
    assert "github/some/course/blob/main/lessons/01_convolution.ipynb" in badge


def test_an_unknown_lesson_is_answered_with_the_ones_there_are():
    with pytest.raises(ToolError, match=r"no lesson starts with '77'; there are 01_convolution"):
        texts(["77"])


def test_work_in_a_lesson_is_set_aside_before_it_is_built_anew(tmp_path, capsys, monkeypatch):
    lesson = tmp_path / "01_x.ipynb"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("mine = 1")])
    write(notebook, lesson)
    keep_work(lesson)
    assert list(tmp_path.iterdir()) == [lesson]
    notebook.cells[0].execution_count = 1
    write(notebook, lesson)
    keep_work(lesson)
    keep_work(lesson)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["01_x.ipynb", "01_x.saved1.ipynb", "01_x.saved2.ipynb"]
    assert "kept as" in capsys.readouterr().out
