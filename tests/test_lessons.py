"""Each lesson is what its text says, has its parts and leaks no answer. (That it runs unsolved is tested in conftest.py.)"""

import json

import pytest

from tools import ROOT
from tools.exercises import announced, has_answer, parts
from tools.notebooks import problems
from tools.texts import FOLDED, solution_cells, texts

TEXTS = texts()
LESSONS = [ROOT / "lessons" / f"{text.stem}.ipynb" for text in TEXTS]
MAX_MEGABYTES = 1.5
TOLD = {  # lines of answers that a text tells on purpose: what is asked for is their order and what is around them
    "02_training": ("network.train()", "optimizer.zero_grad()", "loss.backward()", "optimizer.step()"),
    "04_vgg": ("pixels = image.clone().requires_grad_()",),
}


def answers(text):
    """List the lines that stand between solution markers and are long enough to be recognised."""
    regions = (part.lines for part in parts(text.read_text(encoding="utf-8")) if part.is_answer)
    return [line.strip() for lines in regions for line in lines if len(line.strip()) > 12]


@pytest.mark.parametrize("text, lesson", list(zip(TEXTS, LESSONS, strict=True)), ids=[text.stem for text in TEXTS])
def test_no_answer_leaks_into_a_lesson(text, lesson):
    content = json.loads(lesson.read_text(encoding="utf-8"))
    everything = "\n".join("".join(cell["source"]) for cell in content["cells"])
    known = answers(text)
    assert known, "the text has no solution region"
    assert [line for line in known if line in everything and line not in TOLD.get(text.stem, ())] == []
    assert "SOLUTION" not in lesson.read_text(encoding="utf-8")
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in content["cells"])
    assert set(content["metadata"]) == {"kernelspec"}
    assert all(set(cell["metadata"]) <= {"tags", *FOLDED} for cell in content["cells"])


@pytest.mark.parametrize("text", TEXTS, ids=[text.stem for text in TEXTS])
def test_notebooks_on_disk_are_what_the_text_says(text):
    assert problems(text) == []


@pytest.mark.parametrize("text", TEXTS, ids=[text.stem for text in TEXTS])
def test_a_notebook_is_small_and_a_lesson_has_its_parts(text):
    notebook = solution_cells(text)
    cells = notebook.cells
    source = "\n".join(cell.source for cell in cells)
    assert text.with_suffix(".ipynb").stat().st_size < MAX_MEGABYTES * 1e6
    assert "**You will be able to**" in source and "**Takes** about" in source and "**Builds on**" in source
    kinds = {exercise["kind"] for exercise in announced(notebook)}
    assert kinds == {"predict", "write", "find"}
    assert cells[-1].source.startswith("report(check)\nhistory.table(")
    imports = next(cell for cell in cells[2:] if cell.cell_type == "code")
    assert imports.metadata.jupyter.source_hidden, "the imports are not folded: they need the tag `hide-input`"
    assert 30 <= len(cells) <= 85, f"{len(cells)} cells"


@pytest.mark.parametrize("text", TEXTS, ids=[text.stem for text in TEXTS])
def test_code_cells_are_short_enough_to_read(text):
    for index, cell in enumerate(solution_cells(text).cells):
        if (
            cell.cell_type == "code" and "jupyter" not in cell.metadata and not has_answer(cell.source)
        ):  # folded ones may be long
            lines = [line for line in cell.source.splitlines() if line.strip()]
            assert len(lines) <= 18, f"cell {index} has {len(lines)} lines"
