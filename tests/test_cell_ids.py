"""The ids of cells stay as they are when a lesson's text grows and is renumbered."""

import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from tools.assignments import assignment
from tools.cell_ids import set_ids
from tools.exercises import announced, exercise_of
from tools.texts import solution_cells, texts

TEXTS = texts()
CODE = "```{code-cell} ipython3\n"
MORE = f"+++\n\nA word more.\n\n{CODE}1 + 1\n```\n\n"


def grown(text, folder):
    """Write a copy of a text with new cells before every code cell and with other numbers of sections and exercises."""
    source = text.read_text(encoding="utf-8").replace(CODE, MORE + CODE)
    source = re.sub(r"^## (\d+)\.(\d+)", lambda match: f"## {int(match[1]) + 3}.{int(match[2]) + 10}", source, flags=re.M)
    number = re.compile(r"\*\*Exercise (\d+)")
    source = number.sub(lambda match: f"**Exercise {int(match[1]) + 20}", source)
    copy = folder / text.name
    copy.write_text(source, encoding="utf-8")
    return copy


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.stem)
def test_ids_are_valid_unique_and_named_after_the_exercises(text):
    ids = [cell.id for cell in assignment(text).cells]
    assert all(re.fullmatch(r"[a-zA-Z0-9-_]{1,64}", one) for one in ids)
    assert len(set(ids)) == len(ids)
    cells = solution_cells(text).cells
    assert [cell.id for cell in cells if exercise_of(cell)] == list(filter(None, map(exercise_of, cells)))


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.stem)
def test_new_cells_and_numbers_change_no_id(text, tmp_path):
    before, after = solution_cells(text), solution_cells(grown(text, tmp_path))
    added = [cell for cell in after.cells if cell.source in ("A word more.", "1 + 1")]
    assert len(added) >= 20
    assert [cell.id for cell in after.cells if cell not in added] == [cell.id for cell in before.cells]
    assert announced(after)[0]["number"] == "21"


def test_equal_first_words_get_numbers_and_exercises_keep_their_names():
    solved = "### BEGIN SOLUTION\nanswer = 7\n### END SOLUTION\ncheck.f(answer)"
    sources = ["f", "f", "f check", solved, "1 + 1", "2 + 2", "x" * 100, "x" * 100]
    cells = [new_code_cell(source) for source in sources] + [new_markdown_cell("병목")]
    set_ids(cells)
    names = ["f-2", "f-3", "f-check-2", "f", "cell", "cell-2", "x" * 56, "x" * 56 + "-2", "cell-3"]
    assert [cell.id for cell in cells] == names
