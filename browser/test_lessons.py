"""The course as a learner meets it: JupyterLab, a lesson run whole, every explorer moved by keyboard, exercises answered.

Screenshots go to build/screenshots, for human eyes.
"""

# ruff: noqa: D103

import re

import build
import nbformat
import parts
import psutil
import pytest
from lesson_page import Lesson, Trouble, jupyterlab

SHOTS = build.ROOT / "build" / "screenshots"
LOOKS = [("Light", 1280), ("Light", 800), ("Dark", 800), ("Dark", 1280)]
EXPLORERS, PLACES = parts.explorers()
FIRST = "01_convolution.ipynb"
CELLS = nbformat.read(build.ROOT / "lessons" / FIRST, as_version=4).cells


def cell_of(check):
    """The number of the cell of lesson 01 that ends with this check."""
    return next(number for number, cell in enumerate(CELLS) if f"check.{check}(" in cell.source)


def shoot(lesson, number, name):
    """Make a picture of a cell."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    lesson.cell(number).scroll_into_view_if_needed()
    lesson.page.wait_for_timeout(100)  # what comes into sight finds its height
    lesson.cell(number).screenshot(path=SHOTS / f"{name}.png", animations="disabled")


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
    code = [cell for cell in nbformat.read(lab.lessons / FIRST, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.source for cell in code if cell.execution_count is None] == []
    assert [output.evalue for cell in code for output in cell.outputs if output.output_type == "error"] == []
    assert "Solved 0 of 9." in first.output(len(CELLS) - 1)
    assert first.page.locator(".jp-OutputArea-output img:not([alt])").count() == 0
    assert first.page.locator(".Toastify__toast").all_inner_texts() == [], "JupyterLab asks the learner something"


def test_a_right_answer_a_wrong_one_and_a_hint(first):
    right, wrong = cell_of("parameters"), cell_of("output_size")
    answer = "def parameters(c_in, c_out, r, s):\n    return (c_in * r * s + 1) * c_out\n\n\ncheck.parameters(parameters)"
    assert first.run(right, answer) == "✔ parameters"
    mistake = "def output_size(size, kernel, stride, padding):\n    return size - kernel\n\n\ncheck.output_size(output_size)"
    said = first.run(wrong, mistake)
    assert re.fullmatch(r"✘ output_size: .+", said), said
    assert "Traceback" not in said
    assert first.run(wrong, mistake + "\ncheck.output_size.hint()") == said, "the cell stops at the wrong answer"
    assert first.run(right, answer + "\ncheck.output_size.hint()").startswith("✔ parameters\nHint 1 of ")


def test_an_error_in_the_learner_s_code_keeps_the_learner_s_line(first):
    source = "def slide(image, kernel):\n    return image @ kernels\n\n\ncheck.slide(slide)"
    said = first.run(cell_of("slide"), source)
    assert said.startswith("✘ slide: ") and "kernels" in said and "cnnlib" not in said, said


@pytest.mark.parametrize("theme, width", LOOKS)
def test_a_lesson_is_looked_at(theme, width, first):
    first.look(theme, width)
    name = f"01-{theme.lower()}-{width}"
    first.cell(0).scroll_into_view_if_needed()
    first.page.screenshot(path=SHOTS / f"{name}-top.png")
    for check in ("parameters", "output_size"):
        shoot(first, cell_of(check), f"{name}-{check}")


@pytest.fixture(scope="module")
def explorers(lab, learner):
    """One notebook with every explorer of every lesson, all cells run."""
    build.write(EXPLORERS, lab.lessons / "explorers.ipynb")
    lesson = Lesson(learner.new_page(), lab.address, "explorers.ipynb")
    lesson.run_all(seconds=600)
    wrong = lesson.page.locator('.jp-OutputArea-output:is([data-mime-type$="stderr"], [data-mime-type$="error"])')
    assert wrong.all_text_contents() == []
    yield lesson
    lesson.page.close()


@pytest.mark.parametrize("theme, width", LOOKS)
def test_explorers_are_looked_at(theme, width, explorers):
    explorers.look(theme, width)
    for name, number in PLACES.items():
        shoot(explorers, number, f"explorer-{re.sub(r'[^a-z0-9]+', '_', name).strip('_')}-{theme.lower()}-{width}")


@pytest.mark.parametrize("name", PLACES)
def test_an_explorer_follows_the_keyboard_and_its_controls_are_labelled(name, explorers):
    cell = explorers.cell(PLACES[name])
    cell.scroll_into_view_if_needed()  # what is out of sight has no words
    controls = cell.locator(".widget-inline-hbox:not(.widget-html)")
    assert controls.count() >= 2
    labels = controls.locator(".widget-label")
    assert labels.count() == controls.count() == len(set(labels.all_inner_texts()) - {""})
    cut = labels.evaluate_all("all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.innerText)")
    assert cut == [], "labels are cut off"
    moved = cell.locator('[role="slider"], input[type="number"]')
    for number in range(moved.count()):
        move(explorers.page, moved.nth(number), cell.locator(".widget-html-content").last)


def move(page, control, picture):
    """Press an arrow key on a control, and wait for another picture, or another sentence."""
    control.focus()
    before = picture.inner_html()
    at_end = control.evaluate("e => e.ariaValueNow !== null && e.ariaValueNow === e.ariaValueMax")
    page.keyboard.press("ArrowLeft" if at_end else "ArrowUp")
    page.wait_for_function("([e, old]) => e.innerHTML !== old", arg=[picture.element_handle(), before], timeout=20_000)


def test_a_hanging_kernel_is_a_sentence(explorers):
    with pytest.raises(Trouble, match=r"not idle within 2 seconds, at the cell that starts with 'while True:'"):
        explorers.run(1, "while True:\n    pass", seconds=2)
    explorers.menu("Kernel", "Interrupt Kernel")
    explorers.wait(20)


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
