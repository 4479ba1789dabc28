"""The ids of cells stay as they are when a lesson's text grows and is renumbered."""

import re
from itertools import pairwise

import jupytext
import pytest
from nbformat import from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell

from tools.assignments import assignment
from tools.cell_ids import set_ids
from tools.exercises import exercise_of
from tools.forms import boxes
from tools.texts import solution_cells, texts

TEXTS = texts()
MORE = "## One section more\n\nA word more."


def grown(text, folder):
    """Write a copy of a text with a section more before every code cell that no exercise or question waits for."""
    source = jupytext.read(text, fmt="md:myst")
    cells = [source.cells[0]]
    for before, cell in pairwise(source.cells):
        waits = before.source.startswith("guess =") or boxes(before.source, "exercise") + boxes(before.source, "question")
        if cell.cell_type == "code" and not waits:
            cells += [new_markdown_cell(MORE), new_code_cell("1 + 1")]
        cells.append(cell)
    source.cells = cells
    copy = folder / text.name
    jupytext.write(source, copy, fmt="md:myst")
    return copy


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.stem)
def test_ids_are_valid_unique_and_named_after_the_exercises(text):
    ids = [cell.id for cell in assignment(text).cells]
    assert all(re.fullmatch(r"[a-zA-Z0-9-_]{1,64}", one) for one in ids)
    assert len(set(ids)) == len(ids)
    exercises = [cell for cell in solution_cells(text).cells if "SOLUTION" in cell.source]
    assert [cell.id for cell in exercises] == [exercise_of(cell) for cell in exercises]


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.stem)
def test_new_cells_and_numbers_change_no_id(text, tmp_path):
    before, after = solution_cells(text), solution_cells(grown(text, tmp_path))
    added = [cell for cell in after.cells if cell.source == "1 + 1" or cell.source.endswith("A word more.")]
    assert len(added) >= 10
    assert [cell.id for cell in after.cells if cell not in added] == [cell.id for cell in before.cells]
    assert any("## " in cell.source and cell.source != after.cells[i].source for i, cell in enumerate(before.cells))


def test_equal_first_words_get_numbers_and_exercises_keep_their_names():
    solved = "### BEGIN SOLUTION\nanswer = 7\n### END SOLUTION\ncheck.f(answer)"
    sources = ["f", "f", "f check", solved, "1 + 1", "2 + 2", "x" * 100, "x" * 100]
    cells = [new_code_cell(source) for source in sources] + [new_markdown_cell("병목")]
    cells[3].metadata = from_dict({"exercise": {"name": "f"}})
    set_ids(cells)
    names = ["f-2", "f-3", "f-check-2", "f", "cell", "cell-2", "x" * 56, "x" * 56 + "-2", "cell-3"]
    assert [cell.id for cell in cells] == names
