"""The cells of a lesson on the website: what is folded, what is asked, what is left out, and the look of each box."""

import base64
import re

import nbformat
import pytest
from docutils import nodes
from docutils.core import publish_doctree
from myst_parser.docutils_ import Parser

from cnnlib.checks.engine import Check
from cnnlib.checks.engine.verdicts import RIGHT, Verdict
from cnnlib.explorers import MIME
from tools import ToolError
from tools.forms import LEADS, OPTIONS, UNSEEN, Box
from tools.numbering import Numbers
from tools.texts import written
from tools.website import cells
from tools.website.boxes import on_site
from tools.website.outputs import shown

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
NUMBERS = Numbers({"lesson": "98", "other": "99"}, {"stride": "98.1"}, {("lesson", "product"): 1, ("lesson", "sum"): 2})
HEAD = "---\nkernelspec:\n  display_name: Python 3\n  language: python\n  name: python3\n---\n\n# A lesson\n\nWhy?\n\n+++\n\n"
ASKED = """:::{exercise} product
:kind: predict
:minutes: 2
:level: easy

What is six times seven?
:::

```{code-cell} ipython3
answer = ...
### BEGIN SOLUTION
answer = 6 * 7
### END SOLUTION
check.product(answer)
```

"""
NOTICE = ":::{notice}\nIt is even.\n:::\n\n"
QUESTION = ":::{question}\nWhich is larger?\n:::\n\n"


def code(*lines: str) -> str:
    """Write a code cell of a text."""
    return "```{code-cell} ipython3\n" + "\n".join(lines) + "\n```\n\n"


GUESSED = QUESTION + code('guess = ...  # "a" or <b>') + code("guesses.echo(guess)", "print(7)")


def page(folder, body: str, **outputs: str) -> list[str]:
    """Make a page and list its cells as text: Markdown as it is, code after `>`, its outputs after `=`."""
    text = folder / "98_lesson.md"
    text.write_text(HEAD + body, encoding="utf-8")
    made = cells.Page("98_lesson", NUMBERS, folder)
    for cell in written(text).cells:
        executed = nbformat.from_dict(cell)
        if cell.cell_type == "code":
            said = outputs.get(cell.id.replace("-", "_"))
            executed.outputs = [nbformat.v4.new_output("stream", text=said)] if said else []
        made.add(cell, executed)
    made.end()
    return [line for cell in made.cells for line in lines(cell)]


def lines(cell: nbformat.NotebookNode) -> list[str]:
    """List what a reader sees of a cell."""
    if cell.cell_type == "markdown":
        return [cell.source]
    assert cell.source, "Sphinx skips a cell without a source, and its outputs with it"
    is_seen = "remove-input" not in cell.metadata.get("tags", [])
    return [f"> {cell.source}"] * is_seen + [f"= {output.text}" for output in cell.outputs]


def opened(kind: str, words: str) -> str:
    """Write what opens a fold."""
    return f'<details class="fold {kind}"><summary>{words}</summary>'


def kinds(made: list[str]) -> list[str]:
    """List the kinds of the folds of a page; fails if they are not opened and closed in turns."""
    marks = [line for line in made if line == cells.END or line.startswith("<details")]
    assert marks[1::2] == [cells.END] * (len(marks) // 2)
    return [re.match(r'<details class="fold (\w+)"', mark)[1] for mark in marks[::2]]


def test_an_answer_is_folded_with_its_verdict_and_the_notice_behind_it(tmp_path):
    made = page(tmp_path, ASKED + NOTICE + "Then.", product="✔ product\n")
    begin, end = made.index(opened("answer", "Answer to exercise 1")), made.index(cells.END)
    assert made[begin - 2] == "> answer = ...\ncheck.product(answer)" and made[begin - 1].startswith(
        "To be written in {download}"
    )
    assert made[begin + 1 : begin + 3] == ["> answer = 6 * 7\ncheck.product(answer)", "= ✔ product\n"]
    assert begin + 3 < end and "It is even." in made[begin + 3] and made[end + 1 :] == ["Then."]


def test_a_result_is_folded_with_its_notice_and_its_code_is_not(tmp_path):
    made = page(tmp_path, QUESTION + code("print(7)") + NOTICE, print="7\n")
    begin = made.index(opened("result", "Show the result"))
    assert made[begin - 1] == "> print(7)" and made[begin + 1] == "= 7\n"
    assert "It is even." in made[begin + 2] and made[begin + 3 :] == [cells.END]


def test_a_guess_is_a_field_and_its_echo_is_in_the_fold(tmp_path):
    made = page(tmp_path, GUESSED, guesses_echo_guess="Your guess: none yet\n7\n")
    field, result, begin, echo, output, end = made[-6:]
    place = re.search(r'<input id="([\w-]+)"', field)[1]
    assert f'<label for="{place}">' in field and "&quot;a&quot; or &lt;b&gt;" in field
    assert result == "> print(7)" and begin == opened("result", "Show the result")
    assert f'data-guess="{place}"' in echo and (output, end) == ("= 7\n", cells.END)
    assert not any("guess = ..." in line or "none yet" in line for line in made)


def test_two_guesses_have_two_fields(tmp_path):
    fields = re.findall(r'<input id="([\w-]+)"', "\n".join(page(tmp_path, GUESSED + GUESSED)))
    assert len(set(fields)) == 2


@pytest.mark.parametrize(
    "body, wanted",
    [
        (code("print(7)") + NOTICE, []),  # a notice without a question is seen
        (ASKED + code("print(8)") + NOTICE, ["answer"]),  # only what directly follows an answer
        (ASKED + ASKED.replace("product", "sum"), ["answer", "answer"]),
        (ASKED + QUESTION + code("print(7)"), ["answer", "result"]),
        (QUESTION + code("print(7)") + ASKED, ["result", "answer"]),
        (QUESTION + code("print(7)") + QUESTION + code("print(8)"), ["result", "result"]),
    ],
)
def test_folds_are_never_one_inside_another(tmp_path, body, wanted):
    assert kinds(page(tmp_path, body)) == wanted


def test_the_line_after_an_answer_is_seen(tmp_path):
    made = page(tmp_path, ASKED + code("print(8)") + NOTICE)
    assert made.index(cells.END) < made.index("> print(8)")


def test_code_between_a_result_and_its_notice_is_hidden_with_them(tmp_path):
    made = page(tmp_path, QUESTION + code("print(7)") + code("print(8)") + NOTICE)
    assert made.index("> print(7)") < made.index(opened("result", "Show the result")) < made.index("> print(8)")
    assert made[-1] == cells.END


def test_helpers_are_folded_and_their_outputs_are_not(tmp_path):
    made = page(tmp_path, "```{code-cell} ipython3\n:tags: [hide-input]\n\nimport torch\n```", import_torch="2\n")
    assert made[-4:] == [opened("helper", "Imports and helpers"), "> import torch", cells.END, "= 2\n"]


def test_no_reader_is_told_what_they_solved(tmp_path):
    body = code("report(check)", "history.table(1)")
    made = page(tmp_path, body, report_check="Solved 9 of 9.\nyear\n")
    assert made[-2:] == ["> history.table(1)", "= year\n"]
    assert page(tmp_path, code("report(check)"), report_check="Solved 9 of 9.\n") == page(tmp_path, "")
    verdict = Verdict(RIGHT, "product", solved="3 of 9 solved", hints=["a hint"])
    data = {"text/html": verdict._repr_html_(), "text/plain": repr(verdict)}
    made = shown(nbformat.v4.new_output("display_data", data), tmp_path / "x").data["text/html"]
    assert made == Verdict(RIGHT, "product", hints=["a hint"])._repr_html_()


def test_neither_the_setup_nor_what_is_for_slides_is_on_a_page(tmp_path):
    made = page(tmp_path, ":::{speaker}\n:minutes: 4\n\nAsk the class.\n:::\n\n:::{slide} Key\nSmall.\n:::\n\nWords.")
    assert made[-1].endswith("Words.") and "Ask" not in "".join(made) and "Small" not in "".join(made)
    assert not any("cnnlib" in line for line in made)


def parsed(body: str) -> nodes.document:
    """Parse MyST as the site does."""
    enabled = {"myst_enable_extensions": ["colon_fence", "dollarmath"], "report_level": 5}
    return publish_doctree(body, parser=Parser(), settings_overrides=enabled)


@pytest.mark.parametrize("kind", [kind for kind in OPTIONS if kind not in UNSEEN])
def test_a_box_is_an_admonition_with_a_title_and_may_hold_anything(kind):
    options = {"kind": "predict", "minutes": "2", "level": "easy"} if kind == "exercise" else {}
    body = "Words and $x^2$.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nx = 1\n```\n\n$$\nx\n$$"
    argument = "product" if kind == "exercise" else "Aside" if kind == "sidebar" else ""
    made = parsed(on_site([Box(kind, argument, options, body)], "lesson", NUMBERS)).next_node(nodes.admonition)
    title = {"exercise": "Exercise 1", "sidebar": "Aside"}.get(kind) or LEADS[kind]
    assert made["classes"] == ["box", f"box-{kind}"] and made.next_node(nodes.title).astext() == title
    wanted = (nodes.math, nodes.bullet_list, nodes.table, nodes.literal_block, nodes.math_block)
    assert all(made.next_node(node) is not None for node in wanted)
    assert ("predict · 2 min · easy" in made.astext()) == (kind == "exercise")


def test_references_are_links_also_in_boxes():
    words = "See {section}`stride`, {Lesson}`other`, {exercise}`product`, lessons {number}`other`."
    made = on_site([words, Box("notice", "", {}, words)], "lesson", NUMBERS)
    links = "{ref}`section 98.1 <stride>`", "{doc}`Lesson 99 <99_other>`", "{doc}`99 <99_other>`"
    assert all(made.count(link) == 2 for link in (*links, "{ref}`exercise 1 <exercise-lesson-product>`"))
    exercise = on_site([Box("exercise", "product", dict.fromkeys(OPTIONS["exercise"], "2"), "?")], "lesson", NUMBERS)
    assert parsed(exercise).next_node(nodes.admonition)["names"] == ["exercise-lesson-product"]
    with pytest.raises(ToolError, match="refers to nothing"):
        on_site(["{section}`nowhere`"], "lesson", NUMBERS)


def picture(**more: str) -> nbformat.NotebookNode:
    """Make an output with a figure."""
    facts = {"image/png": {"alt": 'a "map" < 1', "width": 30, "height": 20}}
    return nbformat.v4.new_output("display_data", {"image/png": DOT, "text/plain": "a", **more}, metadata=facts)


def test_figure_becomes_a_file_with_its_text_alternative(tmp_path):
    made = shown(picture(), tmp_path / "x-0").data["text/html"]
    assert (tmp_path / "x-0.png").read_bytes() == base64.b64decode(DOT)
    assert 'src="../_static/figures/x-0.png" alt="a &quot;map&quot; &lt; 1" width="30" height="20"' in made


def test_figures_of_lessons_with_equal_ids_are_different_files(tmp_path):
    for name in ("01_a", "02_b"):
        made = cells.Page(name, NUMBERS, tmp_path)
        cell = nbformat.v4.new_code_cell("1", id="x", outputs=[picture()])
        made.add(cell, cell)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["01_a-x-0.png", "02_b-x-0.png"]


def test_an_explorer_is_alive_with_its_values(tmp_path):
    output = picture(**{MIME: {"name": "overlap", "values": {"first": [1, 2, 33, 44]}}})
    made = shown(output, tmp_path / "98_lesson-x-0").data
    assert list(made) == ["text/html"] and 'id="98_lesson-x-0"' in made["text/html"] and "[1,2,33,44]" in made["text/html"]


def test_what_the_page_judges_has_a_form_in_place_of_the_stub(tmp_path):
    made = cells.Page("98_lesson", NUMBERS, tmp_path, {"product": Check("product", 42, {"that is the sum": 13}, ["Multiply."])})
    made.answer(
        "answer = ...\n### BEGIN SOLUTION\nanswer = 6 * 7\n### END SOLUTION\ncheck.product(answer)",
        [],
        {"name": "product", "number": 1},
    )
    assert [cell.cell_type for cell in made.cells] == ["markdown", "markdown", "code"]
    assert made.cells[0].source.startswith('<form class="play"') and "notebooks/" not in made.cells[0].source
