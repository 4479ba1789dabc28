"""The build makes the same bytes each time, finds whatever is stale, and overwrites no work of anybody."""

import sys

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError
from test_texts import ANNOUNCED, EXERCISE, HEAD, code, text_of

from tools import ROOT, ToolError, notebooks
from tools.execution import WIDGET, execute
from tools.notebooks import build, lesson_of, problems, render, stale_cell, write
from tools.texts import solution_cells


@pytest.fixture
def text(tmp_path):
    return lambda body: text_of(tmp_path, body)


def test_a_lesson_has_a_stub_inside_a_function_and_nothing_at_top_level(text):
    top = code("answer = ...", "### BEGIN SOLUTION", "answer = 7", "### END SOLUTION", "check.g(answer)")
    solution = solution_cells(text(ANNOUNCED + EXERCISE + ANNOUNCED.replace("exercise} f", "exercise} g") + top))
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
    body += code("from cnnlib.explorers import ConvolutionExplorer", "ConvolutionExplorer()")
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
    assert stale_cell(executed, changed) == "cell 2 differs from its text"


class Built:
    """A course of one lesson in a folder of its own, built; `execute` only numbers the cells."""

    def __init__(self, root):
        self.text, self.lesson = root / "solutions" / "99_lesson.md", root / "lessons" / "99_lesson.ipynb"
        self.solution, self.work = self.text.with_suffix(".ipynb"), root / "work"
        self.text.parent.mkdir()
        self.change_text("1234567")

    def change_text(self, answer, stub="def f(x):"):
        exercise = EXERCISE.replace("1234567", answer).replace("def f(x):", stub)
        self.text.write_text(HEAD + ANNOUNCED + exercise, encoding="utf-8")
        return build(self.text, force=False)

    def kept(self):
        return sorted(path.name for path in self.work.glob("*.ipynb"))


def numbered(notebook, folder):
    executed = nbformat.from_dict(notebook)
    for cell in executed.cells:
        if cell.cell_type == "code":
            cell.update(execution_count=1, outputs=[nbformat.v4.new_output("stream", text="done")])
    return executed


def call(monkeypatch, *arguments):
    """Run the command as from the command line."""
    monkeypatch.setattr(sys, "argv", ["notebooks", *arguments])
    return notebooks.main()


@pytest.fixture
def built(tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    monkeypatch.setattr(notebooks, "texts", lambda names: [tmp_path / "solutions" / "99_lesson.md"])
    monkeypatch.setattr(notebooks, "execute", numbered)
    return Built(tmp_path)


def test_what_is_built_is_not_stale_whatever_its_line_ends(built):
    assert problems(built.text) == []
    built.lesson.write_bytes(built.lesson.read_bytes().replace(b"\n", b"\r\n"))
    assert problems(built.text) == []


@pytest.mark.parametrize("stub", ["def f(x):", "def f(x, y):"])
def test_a_lesson_that_nobody_worked_in_is_built_again_without_a_word(built, stub, capsys):
    built.change_text("7654321", stub)
    assert problems(built.text) == [] and stub in built.lesson.read_text(encoding="utf-8")
    assert built.kept() == [] and capsys.readouterr().out == ""


WORK = {
    "typed, not run": lambda cell: cell.update(source="def f(x):\n    return mine"),
    "run": lambda cell: cell.update(outputs=[nbformat.v4.new_output("stream", text="mine")], execution_count=1),
}


@pytest.mark.parametrize("do_work", WORK.values(), ids=WORK)
@pytest.mark.parametrize("change", ["the lesson alone", "the text too"])
def test_work_in_a_lesson_is_kept_in_work_before_it_is_built_again(built, do_work, change, capsys):
    notebook = nbformat.read(built.lesson, as_version=4)
    do_work(notebook.cells[2])
    write(notebook, built.lesson)
    before = built.lesson.read_bytes()
    assert "somebody worked in it" in problems(built.text)[0]
    built.change_text("7654321" if change == "the text too" else "1234567")
    assert problems(built.text) == [] and b"mine" not in built.lesson.read_bytes()
    assert built.kept() == ["99_lesson.ipynb"] and (built.work / "99_lesson.ipynb").read_bytes() == before
    assert "is kept as work/99_lesson.ipynb" in capsys.readouterr().out


def test_work_that_cannot_be_kept_is_not_overwritten(built):
    built.work.write_text("a file where the folder should be")
    built.lesson.write_text("{", encoding="utf-8")
    with pytest.raises(ToolError, match="cannot be written"):
        build(built.text, force=False)
    assert built.lesson.read_text(encoding="utf-8") == "{"


@pytest.mark.parametrize("content", ["{", "{\n<<<<<<< HEAD\n}", "", "[]"], ids=["half", "merge markers", "empty", "another"])
@pytest.mark.parametrize("folder", ["solutions", "lessons"])
def test_a_broken_notebook_is_named_and_built_again(built, folder, content, capsys):
    broken = built.lesson.parent.parent / folder / "99_lesson.ipynb"
    broken.write_text(content, encoding="utf-8")
    (problem,) = problems(built.text)
    assert problem.startswith(f"{folder}/99_lesson.ipynb is not a notebook: ") and "\n" not in problem
    assert ("merge markers" in problem) == ("<<<" in content)
    build(built.text, force=False)
    assert problems(built.text) == []
    assert built.kept() == ([] if folder == "solutions" else ["99_lesson.saved1.ipynb"])
    assert folder == "solutions" or capsys.readouterr().out.startswith(problem)


def test_a_failed_write_leaves_the_old_notebooks(built, monkeypatch):
    before = [path.read_bytes() for path in (built.lesson, built.solution)]
    monkeypatch.setattr("pathlib.Path.write_bytes", lambda path, data: (path.open("wb").write(data[:9]), 1 / 0))
    with pytest.raises(ZeroDivisionError):
        built.change_text("7654321", "def f(x, y):")
    assert [path.read_bytes() for path in (built.lesson, built.solution)] == before
    assert sorted(path.name for path in built.lesson.parent.iterdir()) == ["99_lesson.ipynb"]


def test_the_check_accepts_notebooks_that_agree_with_their_texts(built, monkeypatch, capsys):
    assert call(monkeypatch, "--check") is None
    assert capsys.readouterr().out == "All 1 lessons agree with their texts.\n"


@pytest.mark.parametrize(
    "folder, change, message",
    [
        ("solutions", lambda notebook: notebook.cells.pop(), "is stale: the number of cells differs"),
        ("solutions", lambda notebook: notebook.cells[2].update(source="1"), "is stale: cell 2 differs from its text"),
        ("solutions", lambda notebook: notebook.cells[2].update(id="x"), "is stale: cell 2 differs from its text"),
        ("solutions", lambda notebook: notebook.cells[2].metadata.update(tags=["x"]), "is stale: cell 2 differs from its text"),
        ("solutions", lambda notebook: notebook.cells[2].update(execution_count=None), "is stale: cell 2 was not executed"),
        ("lessons", lambda notebook: notebook.cells[0].update(source="# Other words"), "differs from its text"),
        ("lessons", lambda notebook: notebook.cells[2].update(execution_count=1), "differs from its text"),
        ("lessons", lambda notebook: notebook.metadata.update(widgets={}), "differs from its text"),
        ("solutions", None, "is missing"),
        ("lessons", None, "is missing"),
    ],
)
def test_the_check_fails_for_whatever_is_stale(built, monkeypatch, folder, change, message):
    path = built.lesson if folder == "lessons" else built.solution
    notebook = nbformat.read(path, as_version=4)
    path.unlink()
    if change is not None:
        change(notebook)
        write(notebook, path)
    with pytest.raises(ToolError) as caught:
        call(monkeypatch, "--check")
    first, last = str(caught.value).splitlines()
    assert first.startswith(f"{folder}/99_lesson.ipynb {message}") and last == "run `make notebooks`"


def test_a_notebook_is_executed_where_it_is_stale_or_where_it_is_forced(built, monkeypatch):
    executed = []
    monkeypatch.setattr(notebooks, "execute", lambda wanted, folder: executed.append(folder) or numbered(wanted, folder))
    call(monkeypatch)
    assert executed == []
    call(monkeypatch, "99", "--force")
    built.solution.unlink()
    call(monkeypatch)
    assert executed == [built.solution.parent] * 2
    assert call(monkeypatch, "--check") is None


def test_nothing_is_written_for_a_lesson_with_a_cell_that_fails(built, monkeypatch):
    def fail(wanted, folder):
        raise CellExecutionError("traceback", "NameError", "name 'y' is not defined")

    before = [path.read_bytes() for path in (built.lesson, built.solution)]
    monkeypatch.setattr(notebooks, "execute", fail)
    with pytest.raises(ToolError, match=r"^99_lesson\.md: a cell failed, and nothing was written"):
        built.change_text("7654321", "def f(x, y):")
    assert [path.read_bytes() for path in (built.lesson, built.solution)] == before
