"""Lessons of the second edition have all that they need, and a lesson that lacks something is told so in a sentence."""

import re

import nbformat
import pytest
from test_texts import ANNOUNCED, ECHOED, EXERCISE, GUESS, IMPORTS, NOTICE, QUESTION, text_of

from tools import ROOT
from tools.exercises import plain
from tools.rewritten import REWRITTEN, shortcomings
from tools.texts import texts, written

PICTURE = "![A cat.](pictures/01_convolution.png)\n\n"
SPEAKER = ":::{speaker}\n:minutes: 80\n\nAsk.\n:::\n\n"
GUESSED = QUESTION + GUESS + ECHOED + NOTICE
OPEN, NEXT = ":::{open}\nChange one thing.\n:::\n\n", ":::{next}\nVGG.\n:::\n\n"
WHOLE = PICTURE + SPEAKER + IMPORTS + ANNOUNCED + EXERCISE + NOTICE + GUESSED + GUESSED + OPEN + NEXT
MANY = "".join(ANNOUNCED.replace("} f", f"}} f{i}") + EXERCISE.replace("check.f(", f"check.f{i}(") for i in range(9))

RAW = re.compile(r"\{['\"]\w|\[\(|\b(tensor|array)\(\[|^\s*\(\w+\): \w+\(", re.MULTILINE)  # a dict, pairs, a tensor, a module
STILL_RAW: set[str] = set()  # remove a lesson when it is rewritten


def test_a_whole_lesson_lacks_nothing(tmp_path):
    assert shortcomings(written(text_of(tmp_path, WHOLE))) == []


@pytest.mark.parametrize(
    "old, new, sentence",
    [
        (EXERCISE, EXERCISE + MANY, "10 exercises: at most 9 are expected"),
        (GUESSED + GUESSED, GUESSED, "1 cells for guesses: at least 2 are expected"),
        (":minutes: 80", ":minutes: 74", "the speaker's blocks add up to 74 minutes: 75 to 100 are expected"),
        (":minutes: 80", ":minutes: 101", "the speaker's blocks add up to 101 minutes: 75 to 100 are expected"),
        (OPEN, "", "0 boxes `:::{open}`: one is expected"),
        (NEXT, NEXT + NEXT, "2 boxes `:::{next}`: one is expected"),
        (PICTURE, "", "cell 0 has no picture"),
        (":tags: [hide-input]\n\n", "", "the first code cell is not folded: it needs the tag `hide-input`"),
        (
            "return x + 1234567",
            f"return x + {'1' * 80}",
            "cell 4: a line has 95 letters, at most 88 are expected: return x + 1111111111111111111...",
        ),
        ("print(1)", "print(1)\n" * 18, "cell 7: 19 lines of code, at most 18 are expected: fold it or split it"),
    ],
)
def test_what_a_lesson_lacks_is_one_sentence(tmp_path, old, new, sentence):
    assert old in WHOLE
    assert sentence in shortcomings(written(text_of(tmp_path, WHOLE.replace(old, new))))


def test_folded_cells_and_answers_may_be_long(tmp_path):
    long = WHOLE.replace("import torch", "import torch\n" * 30).replace("    return x", "    x = x\n" * 30 + "    return x")
    assert shortcomings(written(text_of(tmp_path, long))) == []


@pytest.mark.parametrize("name", REWRITTEN)
def test_a_rewritten_lesson_lacks_nothing(name):
    assert shortcomings(written(texts([name])[0])) == []


def raw(notebook):
    """List the cells that print a dict, a list of pairs, a tensor or a module; printed source code is no result."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and "getsource" not in cell.source]
    return [cell.id for cell in cells if any(RAW.search(plain(output)) for output in cell.outputs)]


@pytest.mark.parametrize("path", sorted((ROOT / "solutions").glob("*.ipynb")), ids=lambda path: path.stem)
def test_results_are_tables_or_charts(path):
    found = raw(nbformat.read(path, as_version=4))
    assert bool(found) == (path.stem in STILL_RAW), (
        f"print {found} as a `cnnlib.table.Table`" if found else "remove it from STILL_RAW"
    )


@pytest.mark.parametrize(
    "printed, is_raw",
    [
        ("{'mAP50': 0.9}", True),
        ("R-CNN {'mAP50': 0.9}", True),
        ("[(1, 2), (3, 4)]", True),
        ("tensor([1.0])", True),
        ("Sequential(\n  (0): ReLU()\n)", True),
        ("(1, 3, 128, 128) -> (1, 4, 128, 128)", False),
        ("48,000 weights (ten times fewer)", False),
    ],
)
def test_what_is_raw(printed, is_raw):
    cell = nbformat.v4.new_code_cell("f()", outputs=[nbformat.v4.new_output("stream", text=printed)])
    assert bool(raw(nbformat.v4.new_notebook(cells=[cell]))) == is_raw
