"""How a verdict is shown: a box of HTML in a kernel, one plain line everywhere else; readable on light and dark pages."""

import re
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
from checked import CHECKS, stub
from samples import DOUBLE, FOUR

from cnnlib.checks import WrongAnswer
from cnnlib.checks.engine import verdicts
from cnnlib.checks.engine.verdicts import COLOURS, MISSING, RIGHT, WRONG, Verdict


@pytest.fixture
def kernel(monkeypatch):
    """Stand in for a kernel: the values that were displayed."""
    shown = []
    display = SimpleNamespace(display=shown.append)
    module = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=object()), display=display)
    monkeypatch.setitem(sys.modules, "IPython", module)
    return shown


def test_a_kernel_is_shown_a_box_with_the_plain_line_beside_it(kernel, capsys):
    right, missing, wrong = (replace(DOUBLE) for _ in range(3))
    right(lambda x: 2 * x)
    missing(stub)
    with pytest.raises(WrongAnswer) as caught:
        wrong(lambda x: 3 * x)
    lines = ["✔ double", "○ double: not attempted yet", "✘ double: it is tripled, on x (3, 2)"]
    assert list(map(repr, kernel)) == lines
    assert str(caught.value) == lines[-1]
    assert caught.value._render_traceback_() == ["the cell stops here"]
    assert capsys.readouterr().out == ""


def test_elsewhere_there_is_the_line_alone_and_no_traceback(capsys):
    replace(FOUR)(4)
    with pytest.raises(AssertionError) as caught:
        replace(FOUR)(5)
    assert caught.value._render_traceback_() == ["✘ four: one too many"]
    assert caught.value.__suppress_context__
    assert capsys.readouterr().out == "✔ four\n"


def test_a_terminal_s_ipython_is_no_kernel(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace()))
    assert not verdicts.in_notebook()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    assert not verdicts.in_notebook()


def test_a_right_verdict_counts_the_lesson_and_hides_the_hints(kernel, monkeypatch):
    check = CHECKS["convolution.window"]
    for name, other in CHECKS.items():
        if name.startswith("convolution."):
            monkeypatch.setattr(other, "solved", None)  # another test may have solved it
    try:
        check(check.reference)
        page = kernel[0]._repr_html_()
        assert "1 of 9 solved" in page and "<details" not in page
    finally:
        check.solved = None


def test_hints_are_folded_one_inside_the_other_and_code_is_code():
    page = Verdict(WRONG, "name", "a `b < c` & d", hints=["first", "`second`"])._repr_html_()
    assert "a <code style=" in page and ">b &lt; c</code> &amp; d" in page
    assert re.sub(r' style="[^"]*"', "", page).endswith(
        "<details><summary>Hint 1 of 2</summary><div>first</div>"
        "<details><summary>Hint 2 of 2</summary><div><code>second</code></div></details></details></div>"
    )
    assert "<script" not in page and " id=" not in page and " open" not in page


def luminance(colour):
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (one / 255 for one in colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def over(page, colour, share):
    return [share * one + (1 - share) * under for one, under in zip(colour, page, strict=True)]


@pytest.mark.parametrize("mark", [RIGHT, MISSING, WRONG])
@pytest.mark.parametrize(("page", "text"), [((255, 255, 255), (33, 33, 33)), ((17, 17, 17), (224, 224, 224))], ids=str)
def test_words_and_code_are_readable_on_light_and_dark_pages(mark, page, text):
    colour = [int(part) for part in COLOURS[mark].split(",")]
    sheet = over(page, colour, 0.1)
    assert contrast(sheet, text) >= 4.5
    assert contrast(over(sheet, (128, 128, 128), 0.18), text) >= 4.5
    assert contrast(page, colour) >= 3  # the edge, which no words depend on
