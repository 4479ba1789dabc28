"""Every explorer of every lesson in JupyterLab: looked at, moved by keyboard, its controls labelled.

Screenshots go to build/screenshots, for human eyes.
"""

# ruff: noqa: D103

import re

import pytest

from browser import parts
from browser.looks import LOOKS, shoot
from tools.lesson_page import Lesson, Trouble
from tools.notebooks import write

EXPLORERS, PLACES = parts.explorers()


@pytest.fixture(scope="module")
def explorers(lab, learner):
    """One notebook with every explorer of every lesson, all cells run."""
    write(EXPLORERS, lab.work / "explorers.ipynb")
    lesson = Lesson(learner.new_page(), lab.address, "explorers.ipynb")
    lesson.run_all(seconds=600)
    wrong = lesson.page.locator('.jp-OutputArea-output:is([data-mime-type$="stderr"], [data-mime-type$="error"])')
    assert wrong.all_text_contents() == []
    yield lesson
    lesson.page.close()


@pytest.mark.parametrize("theme, width", LOOKS)
def test_explorers_are_looked_at(theme, width, explorers):
    explorers.look(theme, width)
    for name, index in PLACES.items():
        shoot(explorers, index, f"explorer-{re.sub(r'[^a-z0-9]+', '_', name).strip('_')}-{theme.lower()}-{width}")


@pytest.mark.parametrize("name", PLACES)
def test_an_explorer_follows_the_keyboard_and_its_controls_are_labelled(name, explorers):
    cell = explorers.cell(PLACES[name])
    cell.scroll_into_view_if_needed()  # cells out of view have no text
    controls = cell.locator(".widget-inline-hbox:not(.widget-html)")
    assert controls.count() >= 2
    labels = controls.locator(".widget-label")
    assert labels.count() == controls.count() == len(set(labels.all_inner_texts()) - {""})
    cut = labels.evaluate_all("all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.innerText)")
    assert cut == [], "labels are cut off"
    moved = cell.locator('[role="slider"], input[type="number"]')
    for index in range(moved.count()):
        move(explorers.page, moved.nth(index), cell.locator(".widget-html-content").last)


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
