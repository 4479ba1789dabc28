"""The course as a learner meets it: JupyterLab, a lesson run whole, exercises answered, nothing left behind.

Screenshots go to build/screenshots, for human eyes.
"""

# ruff: noqa: D103

import re
import subprocess
import sys

import nbformat
import psutil
import pytest

from browser.looks import LOOKS, SHOTS, shoot
from tools import ROOT
from tools.lesson_page import Lesson, jupyterlab

FIRST = "01_convolution.ipynb"
CELLS = nbformat.read(ROOT / "lessons" / FIRST, as_version=4).cells


def cell_of(check):
    """The index of the cell of lesson 01 that ends with this check."""
    return next(index for index, cell in enumerate(CELLS) if f"check.{check}(" in cell.source)


@pytest.fixture(scope="module")
def first(lab, learner):
    """Lesson 01, all cells run."""
    lesson = Lesson(learner.new_page(), lab.address, FIRST)
    lesson.run_all(seconds=600)
    yield lesson
    lesson.page.close()


def test_a_lesson_runs_whole(first, lab):
    first.menu("File", "Save Notebook")
    first.page.locator("#jp-main-statusbar").get_by_text("Saving completed").wait_for()
    code = [cell for cell in nbformat.read(lab.work / FIRST, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.source for cell in code if cell.execution_count is None] == []
    assert [output.evalue for cell in code for output in cell.outputs if output.output_type == "error"] == []
    assert "Solved 0 of 9." in first.output(len(CELLS) - 1)
    assert first.page.locator(".jp-OutputArea-output img:not([alt])").count() == 0
    assert first.page.locator(".Toastify__toast").all_inner_texts() == [], "JupyterLab asks the learner something"


def test_a_right_answer_a_wrong_one_and_a_hint(first):
    right, wrong = cell_of("parameters"), cell_of("output_size")
    answer = "def parameters(c_in, c_out, r, s):\n    return (c_in * r * s + 1) * c_out\n\n\ncheck.parameters(parameters)"
    assert first.run(right, answer) == "✔ parameters · 1 of 9 solved"
    mistake = "def output_size(size, kernel, stride, padding):\n    return size - kernel\n\n\ncheck.output_size(output_size)"
    printed = first.run(wrong, mistake)
    assert re.fullmatch(r"✘ output_size: .+\nHint 1 of \d\nthe cell stops here", printed), printed
    assert "Traceback" not in printed
    assert first.run(wrong, mistake + "\ncheck.output_size.hint()") == printed, "the cell stops at the wrong answer"
    assert first.run(right, answer + "\ncheck.output_size.hint()").startswith("✔ parameters · 1 of 9 solved\nHint 1 of ")


def test_an_error_in_the_learner_s_code_keeps_the_learner_s_line(first):
    source = "def slide(image, kernel):\n    return image @ kernels\n\n\ncheck.slide(slide)"
    printed = first.run(cell_of("slide"), source)
    assert printed.startswith("✘ slide: ") and "kernels" in printed and "cnnlib" not in printed, printed


@pytest.mark.parametrize("theme, width", LOOKS)
def test_a_lesson_is_looked_at(theme, width, first):
    first.look(theme, width)
    name = f"01-{theme.lower()}-{width}"
    first.cell(0).scroll_into_view_if_needed()
    first.page.screenshot(path=SHOTS / f"{name}-top.png")
    for check in ("parameters", "output_size"):
        shoot(first, cell_of(check), f"{name}-{check}")


def test_an_answer_typed_and_saved_survives_a_new_version_of_the_lesson(lab, learner):
    name = "03_bottleneck.ipynb"
    cells = nbformat.read(lab.work / name, as_version=4).cells
    index = next(i for i, cell in enumerate(cells) if cell.cell_type == "code" and "jupyter" not in cell.metadata)  # not folded
    page = learner.new_page()
    lesson = Lesson(page, lab.address, name)
    lesson.cell(index).locator(".cm-content").click()
    page.keyboard.insert_text("mine = 1234567\n")
    lesson.menu("File", "Save Notebook")
    page.locator("#jp-main-statusbar").get_by_text("Saving completed").wait_for()
    page.close()
    course = lab.work.parent / "lessons" / name
    changed = nbformat.read(course, as_version=4)
    changed.cells[0].source += "\n\nA new paragraph."
    nbformat.write(changed, course)
    for _ in range(2):
        done = subprocess.run([sys.executable, "-m", "tools.work"], cwd=course.parent.parent, capture_output=True, text=True)
        assert "03_bottleneck.new.ipynb" in done.stdout, done.stderr
    assert "mine = 1234567" in (lab.work / name).read_text(encoding="utf-8")
    page = learner.new_page()
    newer = Lesson(page, lab.address, "03_bottleneck.new.ipynb")
    assert "A new paragraph." in newer.cell(0).inner_text() and "1234567" not in newer.cell(index).inner_text()
    page.close()


@pytest.mark.parametrize("dies", [True, False], ids=["killed", "stopped"])
def test_a_server_leaves_no_process_behind(dies, learner):
    with jupyterlab() as server:
        page = learner.new_page()
        Lesson(page, server.address, FIRST)
        page.close()
        family = [server.process, *server.process.children(recursive=True)]
        assert "ipykernel" in " ".join(family[-1].cmdline())
        if dies:
            server.process.kill()
    assert psutil.wait_procs(family, timeout=30)[1] == []
