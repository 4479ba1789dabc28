"""The boxes of a text in notebooks: Markdown that is rendered, pictures that travel with it, numbers in place of references."""

import re

import pytest
from nbconvert.filters import markdown2html
from test_texts import ANNOUNCED, EXERCISE, IMPORTS, NOTICE, QUESTION, RESULT, text_of

from tools.forms import COLOURS, LEADS, OPTIONS, UNSEEN, Box, boxes, in_notebook, lead, pieces
from tools.notebooks import lesson_of
from tools.numbering import count, numbered
from tools.texts import FOLDED, HOW_TO_RUN, solution_cells

BODY = "Words and $x^2$, *soft*.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nx = [1]\n```\n\n$$\ny\n$$"
SHOWN = [kind for kind in OPTIONS if kind not in UNSEEN]
PIXEL = "![A cat.](pictures/01_convolution.png)"


def box_of(kind, body=BODY):
    """Write a box of a text."""
    argument = {"exercise": " f", "sidebar": " Aside", "slide": " Title"}.get(kind, "")
    values = {"kind": "write", "minutes": "3", "level": "easy"}
    options = "".join(f":{name}: {values[name]}\n" for name in OPTIONS[kind])
    return f":::{{{kind}}}{argument}\n{options}\n{body}\n:::"


@pytest.mark.parametrize("kind", SHOWN)
def test_the_markdown_of_a_box_is_rendered(kind):
    page = markdown2html(in_notebook(f"Before.\n\n{box_of(kind)}\n\nAfter.", 4))
    before, inside, after = re.split(r"<div class=\"alert\"[^>]*>|</div>\s*(?=<p>After)", page)
    title = {"exercise": "Exercise 4, write (3 min, easy)", "sidebar": "Aside"}.get(kind) or LEADS[kind]
    assert f"<p><strong>{title}</strong></p>" in inside and "Before." in before and "After." in after
    for tag in ("<em>soft</em>", "<li>one</li>", "<td>1</td>", 'class="highlight', "$x^2$", "$$\ny\n$$"):
        assert tag in inside, tag


def test_a_notice_that_spoils_an_answer_or_a_result_is_folded_and_rendered():
    page = markdown2html(in_notebook(box_of("notice"), spoils=True))
    title, inside = page.split("</summary>")
    assert title.startswith('<details class="alert"') and LEADS["notice"] in title
    assert "<em>soft</em>" in inside and "<li>one</li>" in inside and "$x^2$" in inside
    assert "<details" not in in_notebook(box_of("notice")) + in_notebook(box_of("question"), spoils=True)


def test_only_what_follows_an_answer_or_the_result_of_a_question_is_folded(tmp_path):
    body = f"{IMPORTS}{NOTICE}{ANNOUNCED}{EXERCISE}{NOTICE}{QUESTION}{RESULT}{NOTICE}{RESULT}{NOTICE}"
    cells = solution_cells(text_of(tmp_path, body)).cells
    notices = [cell.source for cell in cells if LEADS["notice"] in cell.source]
    assert ["<details" in notice for notice in notices] == [False, True, True, False]


def test_kinds_differ_by_their_words_and_by_their_looks():
    boxes = [Box(kind, "Aside" if kind == "sidebar" else "", dict.fromkeys(OPTIONS[kind], "1"), BODY) for kind in SHOWN]
    assert len({lead(one) for one in boxes}) == len(SHOWN)
    looks = {re.search('style="(.*?)"', in_notebook(box_of(kind), 1))[1] for kind in SHOWN}
    assert len(looks) == len(SHOWN) == len(COLOURS)


@pytest.mark.parametrize("kind", sorted(UNSEEN))
def test_notes_and_slides_are_in_no_notebook(kind):
    assert in_notebook(f"One.\n\n{box_of(kind)}\n\nTwo.") == "One.\n\nTwo."


def test_code_is_no_directive_and_no_reference(tmp_path):
    source = "`{lesson}` and ``{lesson}`vgg` ``\n\n```text\n:::{nothing}\n{lesson}`vgg`\n## Heading\n```\n\n{Lesson}`vgg`."
    assert list(pieces(source)) == [source]
    shown = solution_cells(text_of(tmp_path, source)).cells[0].source
    assert source.replace("{Lesson}`vgg`", "Lesson 04") in shown


def test_a_picture_is_data_below_the_words_whose_rendering_holds_it():
    source = in_notebook(f"{PIXEL}\n\n{box_of('notice', f'As in {PIXEL}.')}")
    words, definition = source.rsplit("\n\n", 1)
    assert words.count("![A cat.][01_convolution]") == 2 and len(words) < 500
    assert re.fullmatch(r"\[01_convolution\]: data:image/png;base64,[\w+/]+=*", definition)
    assert markdown2html(source).count('<img src="data:image/png;base64,') == 2


def test_boxes_of_one_kind_are_found():
    assert [box.argument for box in boxes(ANNOUNCED + ANNOUNCED.replace("} f", "} g"), "exercise")] == ["f", "g"]
    assert boxes(ANNOUNCED, "notice") == []


def test_a_copy_of_a_text_replaces_its_lesson_when_things_are_counted(tmp_path):
    numbers = count(text_of(tmp_path, "(here)=\n## One\n\n## Two {-}\n\n(there)=\n## Three\n\n" + ANNOUNCED))
    assert (numbers.sections["here"], numbers.sections["there"]) == ("99.1", "99.2")
    assert (numbers.lessons["lesson"], numbers.exercises["lesson", "f"], numbers.lessons["vgg"]) == ("99", 1, "04")
    assert "here" not in count().sections


def test_sections_go_on_from_cell_to_cell():
    assert numbered("## One\n\n```\n## code\n```\n\n## Two", "03", 4) == ("## 3.5 One\n\n```\n## code\n```\n\n## 3.6 Two", 6)
    assert numbered("### Small", "03", 4) == ("### Small", 4)


def test_the_first_screen_of_a_notebook(tmp_path):
    notebook = solution_cells(text_of(tmp_path, f"{PIXEL}\n\n{IMPORTS}{ANNOUNCED}{EXERCISE}"))
    for cells in (notebook.cells, lesson_of(notebook).cells):
        title, setup, imports = cells[:3]
        assert title.source.startswith("# 99 A lesson\n\n![A cat.][01_convolution]")
        assert title.source.count(HOW_TO_RUN) == 1 and "Shift+Enter" in HOW_TO_RUN
        assert setup.source.startswith("# @title Run this cell first")
        for folded in (setup, imports):
            assert FOLDED.items() <= folded.metadata.items() and "hide-input" in folded.metadata.tags
        assert not any(key in cells[-1].metadata for key in FOLDED)
