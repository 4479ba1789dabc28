"""Every explorer of every lesson in JupyterLab: looked at, moved by keyboard, its controls labelled, its kernel killed.

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


UNNAMED = """(root) => [...root.querySelectorAll("input, select, button")].filter((element) =>
    !element.labels?.length && !element.ariaLabel && !element.textContent.trim()).map((element) => element.outerHTML)"""
SHOWN = "(root) => root.querySelector('.stage').innerHTML + root.querySelector('.words').textContent"


@pytest.mark.parametrize("name", PLACES)
def test_an_explorer_follows_the_keyboard_and_its_controls_are_labelled(name, explorers):
    root = explorer_in(explorers, name)
    assert root.evaluate(UNNAMED) == []
    sliders = root.locator('input[type="range"], input[type="number"]')
    for index in range(sliders.count()):
        move(explorers.page, root, sliders.nth(index))


def explorer_in(explorers, name):
    """Find an explorer in its cell, once it has drawn itself."""
    cell = explorers.cell(PLACES[name])
    cell.scroll_into_view_if_needed()  # cells out of view have no text
    root = cell.locator(".cnnlib-explorer")
    root.locator(".words:not(:empty)").wait_for(timeout=20_000)
    explorers.page.wait_for_function("(root) => !root.innerText.includes('being read')", arg=root.element_handle())
    return root


def move(page, root, control):
    """Press an arrow key on a control, and wait for another picture, or another sentence."""
    control.focus()
    before = root.evaluate(SHOWN)
    at_end = control.evaluate("e => e.type === 'range' && e.value === e.max")
    at_both = control.evaluate("e => e.type === 'range' && e.min === e.max")
    page.keyboard.press("ArrowLeft" if at_end else "ArrowUp")
    changed = f"([root, old]) => ({SHOWN})(root) !== old"
    if not at_both:
        page.wait_for_function(changed, arg=[root.element_handle(), before], timeout=5000)


def test_a_hanging_kernel_is_a_sentence(explorers):
    with pytest.raises(Trouble, match=r"not idle within 2 seconds, at the cell that starts with 'while True:'"):
        explorers.run(1, "while True:\n    pass", seconds=2)
    explorers.menu("Kernel", "Interrupt Kernel")
    explorers.wait(20)


def test_a_dead_kernel_leaves_explorers_playing(explorers):
    explorers.menu("Kernel", "Shut Down Kernel")
    explorers.page.wait_for_timeout(1000)
    name = next(name for name in PLACES if "ConvolutionExplorer" in name)
    root = explorer_in(explorers, name)
    move(explorers.page, root, root.get_by_role("slider", name="stride"))
    root.get_by_role("button").click()
    explorers.page.wait_for_function(
        "(root) => root.querySelector('button').textContent.includes('pause')", arg=root.element_handle()
    )
