"""The forms of a text in JupyterLab: boxes that are seen and read in light and dark, folded cells that can be opened.

Screenshots go to build/screenshots, for human eyes.
"""

# ruff: noqa: D103

import pytest

from browser.looks import LOOKS, SHOTS, shoot
from tools.forms import OPTIONS, UNSEEN
from tools.lesson_page import Lesson
from tools.notebooks import lesson_of, write
from tools.texts import solution_cells

BODY = """Words, $x^2$, `code` and

- a list

```python
x = 1
```"""
ARGUMENTS = {"exercise": " f\n:kind: predict\n:minutes: 2\n:level: easy\n", "sidebar": " An aside\n"}
KINDS = [kind for kind in OPTIONS if kind not in {*UNSEEN, "exercise", "question"}]
EXERCISE = "```{code-cell} ipython3\nanswer = ...\n### BEGIN SOLUTION\nanswer = 1\n### END SOLUTION\ncheck.f(answer)\n```"
TEXT = """---
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# All forms

![A photograph and its feature map.](pictures/01_convolution.png)

```{code-cell} ipython3
:tags: [hide-input]

class check:
    f = print


print("a folded cell shows its output")
```

{boxes}

```{code-cell} ipython3
:tags: [hide-input]

raise ValueError("a folded cell shows its error")
```
"""


def box(kind: str) -> str:
    return f":::{{{kind}}}{ARGUMENTS.get(kind, '')}\n{BODY}\n:::"


@pytest.fixture(scope="module")
def forms(lab, learner, tmp_path_factory):
    """A notebook with a box of each kind, all cells run."""
    path = tmp_path_factory.mktemp("forms") / "99_forms.md"
    result = "```{code-cell} ipython3\nprint('a result')\n```"
    parts = [*map(box, KINDS), box("exercise"), EXERCISE, box("notice"), box("question"), result, box("notice")]
    path.write_text(TEXT.replace("{boxes}", "\n\n".join(parts)), encoding="utf-8")
    write(lesson_of(solution_cells(path)), lab.work / "99_forms.ipynb")
    lesson = Lesson(learner.new_page(), lab.address, "99_forms.ipynb")
    lesson.run_all(seconds=60)
    yield lesson
    lesson.page.close()


def test_a_box_holds_rendered_markdown(forms):
    boxes = forms.page.locator(".jp-MarkdownCell .alert")
    assert boxes.count() == len(KINDS) + 4
    for index in range(boxes.count()):
        inside = boxes.nth(index)
        for part in ("li", "code", "mjx-container, .MathJax"):
            assert inside.locator(part).count() >= 1, (index, part)


def test_a_folded_notice_opens_by_a_click(forms):
    notice = forms.page.locator("details.alert").first
    assert not notice.locator("li").is_visible()
    notice.locator("summary").click()
    assert notice.locator("li").is_visible()


def test_folded_cells_show_their_outputs_and_errors_and_open_by_a_click(forms):
    code = forms.page.locator(".jp-CodeCell")
    setup, imports, failed = code.nth(0), code.nth(1), code.last
    assert "Run this cell first" in setup.locator(".jp-Placeholder").inner_text()
    assert "a folded cell shows its output" in imports.locator(".jp-OutputArea-output").inner_text()
    assert "a folded cell shows its error" in failed.locator(".jp-OutputArea-output").inner_text()
    assert imports.locator(".cm-content").count() == 0 or not imports.locator(".cm-content").is_visible()
    imports.locator(".jp-Placeholder-content").first.click()
    imports.locator(".cm-content").wait_for(state="visible")


def test_the_picture_of_a_lesson_is_shown(forms):
    picture = forms.cell(0).locator("img[alt]")
    assert picture.get_attribute("alt") == "A photograph and its feature map."
    assert picture.evaluate("image => image.naturalWidth") > 300


@pytest.mark.parametrize("theme, width", LOOKS)
def test_words_in_boxes_can_be_read(theme, width, forms):
    forms.look(theme, width)
    for index in range(2):
        shoot(forms, index * 3, f"forms-{theme.lower()}-{width}-{index}")
    colours = "box => [getComputedStyle(box).color, getComputedStyle(document.querySelector('.jp-RenderedMarkdown')).color]"
    for box in forms.page.locator(".jp-MarkdownCell .alert").all():
        inside, outside = box.evaluate(colours)
        assert inside == outside, "a box has letters of the page's own colour"
    assert SHOTS.is_dir()
