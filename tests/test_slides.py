"""The slides' structure, without a browser and without npm: what is shown, in which order, and what waits for a key."""

import re
import subprocess
import sys
from dataclasses import replace

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from cnnlib.checks import convolution
from cnnlib.diagrams.sheet import Sheet
from cnnlib.mime import EXPLORER
from tools import ROOT, ToolError
from tools.exercises import checks_of
from tools.lecturers import in_class
from tools.pictures_of import Picture, size_of
from tools.rules import check_rules
from tools.slides import explorer_blocks, results, table_blocks, word_blocks
from tools.slides.blocks import SMALLEST, Block, code, in_place
from tools.slides.deck import Deck
from tools.slides.pages import template
from tools.slides.reading import Code, lesson, paired, sections
from tools.slides.slide import Slide
from tools.slides.snippets import stub_and_answer
from tools.slides.tall import folded
from tools.slides.words import sentences
from tools.texts import solution_cells, texts, written

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
FIGURE = new_output(
    "display_data", {"image/png": DOT}, metadata={"image/png": {"alt": "A single <dot>", "width": 700, "height": 300}}
)
ANSWER = "answer = ...\n### BEGIN SOLUTION\nanswer = 2 + 2\n### END SOLUTION\ncheck.window(answer)"
MOST = 52  # slides of a deck: more are too many for ninety minutes
EXERCISE = ":::{exercise} window\n:kind: predict\n:minutes: 2\n:level: easy\n\nWhich number?\n:::"


LARGER = new_output(
    "display_data", {"image/png": DOT}, metadata={"image/png": {"alt": "A larger dot", "width": 700, "height": 250}}
)


def said(text):
    return new_output("stream", name="stdout", text=text)


def slides_of(*cells):
    """Make a deck: Markdown as strings, code as (source, outputs)."""
    first = new_markdown_cell("# Title\n\nWhat is it?")
    made = [new_markdown_cell(cell) if isinstance(cell, str) else new_code_cell(cell[0], outputs=cell[1]) for cell in cells]
    notebook = new_notebook(cells=[first, *made])
    check_rules(notebook, "01_title.md")
    return Deck(sections(notebook), convolution).slides[1:]


def steps(slide):
    return [(block.kind, block.step) for block in slide.shown]


def test_a_section_with_slides_takes_its_words_from_them_alone():
    prose = "Much is **said** here.\n\n- in a list\n\n:::{slide} Dots\n- small\n- round\n:::"
    (slide,) = slides_of(f"## Part\n\n{prose}")
    assert (slide.title, steps(slide)) == ("Dots", [("list", None)])
    assert slide.notes == ["Much is **said** here.", "- in a list"]


def test_a_slide_takes_the_figure_that_follows():
    cells = ("figures.show()", [FIGURE]), ("figures.show(2)", [FIGURE])
    first, second = slides_of("## Part\n\n:::{slide} Dots\n- small\n:::", *cells)
    assert (steps(first), steps(second)) == ([("list", None), ("figure", None)], [("figure", None)])
    assert (first.section, second.title) == ("Part", "Part")
    assert 'alt="A single &lt;dot&gt;"' in first.shown[1].html


def test_a_figure_that_would_be_small_gets_a_slide_of_its_own():
    long = ":::{slide} Dots\n" + "\n".join(
        f"- point {n} " + "is long enough for a line of its own, and longer" * 2 for n in range(7)
    )
    first, second = slides_of(f"## Part\n\n{long}\n:::", ("figures.show()", [FIGURE]))
    assert [block.kind for block in first.shown] == ["list"] and [block.kind for block in second.shown] == ["figure"]


def test_a_question_then_its_result_then_the_notice():
    question = "## Part\n\n:::{question}\nWe look at dots. How many are there?\n:::"
    guess, result = ("guess = ...  # a number", []), ("guesses.echo(guess)\nfigures.show()", [said("Your guess: 3\n"), FIGURE])
    (slide,) = slides_of(question, guess, result, ":::{notice}\nThere is one.\n\nNo more.\n:::")
    assert (slide.title, slide.asks) == ("How many are there?", True)
    assert steps(slide) == [("prose", None), ("figure", 0), ("notice", 1)]
    assert slide.notes[1:] == ["After the key: There is one.", "No more."]
    assert "Your guess" not in "".join(block.html for block in slide.shown)


@pytest.mark.parametrize("asks", [":::{slide} How many?\n- count\n:::", ":::{question}\nHow many?\n:::"])
def test_whatever_a_cell_shows_waits_where_the_title_asks(asks):
    table = new_output("execute_result", {"text/html": "<table><tr><th>a</th></tr><tr><td>1</td></tr></table>"})
    (slide,) = slides_of(f"## Part\n\n{asks}", ("print(1)\nshow()", [said("1\n"), table]))
    hidden = [step for kind, step in steps(slide) if kind in ("print", "table")]
    assert hidden == [0, 0]


def test_a_question_waits_for_the_first_cell_that_shows_something():
    question = "## Part\n\n:::{question}\nHow many dots are there?\n:::"
    (slide,) = slides_of(question, ("def f(x):\n    return x", []), ("figures.show()", [FIGURE]))
    assert (slide.kind, steps(slide)) == ("question", [("figure", 0)])


def test_a_section_with_slides_shows_no_code_but_that_of_exercises():
    cells = ("def f(x):\n    return x", []), ("x = 1\nprint(x)", [said("1\n")])
    (slide,) = slides_of("## Part\n\n:::{slide} Dots\n- small\n:::", *cells)
    assert steps(slide) == [("list", None), ("print", None)]
    assert [kind for slide in slides_of("## Part", *cells) for kind, _ in steps(slide)] == ["code", "code", "print"]


def test_a_title_that_asks_but_hides_nothing_is_an_ordinary_slide():
    (slide,) = slides_of("## Part\n\n:::{slide} How many?\n- one\n:::")
    assert slide.asks and not slide.hides


@pytest.mark.parametrize("kind", ["predict", "find"])
def test_what_an_exercise_asks_about_is_beside_it_and_not_on_a_slide_before_as_well(kind):
    (slide,) = slides_of("## Part", ("figures.show()", [FIGURE]), EXERCISE.replace("predict", kind), (ANSWER, []))
    assert [kind for kind, _ in steps(slide)] == ["prose", "figure", "value"]


def test_code_that_is_to_be_written_leaves_no_room_for_a_figure():
    task, answer = EXERCISE.replace("predict", "write"), "def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION"
    first, second = slides_of("## Part", ("figures.show()", [FIGURE]), task, (f"{answer}\n\n\ncheck.window(f)", []))
    assert ([kind for kind, _ in steps(first)], [kind for kind, _ in steps(second)]) == (["figure"], ["prose", "in-place"])


def test_a_question_is_asked_beside_the_figure_that_it_is_about():
    asked = ":::{question}\nLook at the dot. How many are there?\n:::"
    (slide,) = slides_of("## Part", ("figures.show()", [FIGURE]), asked, ("print(1)", [said("1\n")]))
    assert (slide.title, slide.hides) == ("How many are there?", False)
    assert steps(slide) == [("prose", None), ("figure", None), ("print", 0)]
    (slide,) = slides_of("## Part", ("figures.show()", [FIGURE]), asked, ("figures.show()", [FIGURE]))
    assert [(block.kind, block.step, block.leaves) for block in slide.shown] == [
        ("prose", None, False),
        ("figure", None, True),
        ("figure", 0, False),
    ]


def test_what_was_shown_last_stays_beside_what_is_said_of_it():
    explorer = new_output("display_data", {EXPLORER: {"name": "overlap", "values": {}}, "image/png": DOT})
    notice = f":::{{notice}}\n{'One sees very much here, ' * 26}\n:::"
    moving, seen = slides_of("## Part", ("overlap.show()", [explorer]), notice)
    assert ([kind for kind, _ in steps(moving)], [kind for kind, _ in steps(seen)]) == (["explorer"], ["prose", "figure"])
    assert "data:image/png" in seen.shown[1].html
    summary = "Words.\n\n:::{slide} In short\n- small\n- round\n:::"
    write = EXERCISE.replace("predict", "write"), (ANSWER, [])
    shown = slides_of("## Part", ("f()", [FIGURE]), ("overlap.show()", [explorer]), *write, summary)
    assert shown[-1].shown[1].html == results.shown_by(FIGURE).html  # of a summary that is a drawing rather than an explorer


def test_words_that_sum_a_result_up_come_with_the_next_key_in_place_of_its_notice():
    summary = ":::{slide} In short\n- small\n- round\n:::"
    notice = ":::{notice}\nThere is one.\n:::"
    (slide,) = slides_of("## Part\n\nProse.", ("figures.show()", [FIGURE]), f"{notice}\n\n{summary}")
    assert (slide.title, steps(slide)) == ("In short", [("figure", None), ("notice", 0)])
    assert "<li>small" in slide.shown[1].html and "After the key: There is one." in slide.notes
    asked = "## Part\n\n:::{question}\nHow many dots are there?\n:::"
    (slide,) = slides_of(asked, ("figures.show()", [FIGURE]), f"{notice}\n\n{summary}")
    assert (slide.title, steps(slide)) == ("How many dots are there?", [("figure", 0), ("notice", 1)])


def test_a_notice_without_room_is_left_to_the_speaker_where_words_sum_it_up():
    long = f":::{{notice}}\n{'One sees very much here, ' * 40}\n:::\n\n:::{{slide}} In short\n- small\n:::"
    (slide,) = slides_of("## Part\n\nProse.", ("figures.show()", [FIGURE]), long)
    assert steps(slide) == [("figure", None), ("notice", 0)] and "very much" not in slide.shown[1].html
    assert any("very much" in note for note in slide.notes)


def shown_beside(shows, size="\n- small\n"):
    words = f"(other)=\n## Other\n\n:::{{slide}} Dots\n:shows: {shows}\n{size}\n:::"
    return slides_of("(dots)=\n## Part\n\nProse.", ("figures.show()", [FIGURE]), ("figures.show(2)", [LARGER]), words)[-1]


def test_a_text_names_the_picture_of_another_section_beside_its_words():
    assert [kind for kind, _ in steps(shown_beside("nothing"))] == ["list"]
    last, first = shown_beside("dots").shown[1], shown_beside("dots 1").shown[1]
    assert ("A larger" in last.html, "A single" in first.html) == (True, True)
    with pytest.raises(ToolError, match="shows dots 3, but section dots has 2 pictures"):
        shown_beside("dots 3")
    with pytest.raises(ToolError, match="has no room for what it shows: dots"):
        shown_beside("dots", "- much " * 400)


def test_code_is_beside_a_picture_if_its_lines_stay_whole():
    task = EXERCISE.replace("predict", "write").replace(":level: easy", ":level: easy\n:shows: dots 1")
    tall = new_output(
        "display_data", {"image/png": DOT}, metadata={"image/png": {"alt": "A tall dot", "width": 300, "height": 500}}
    )
    answer = "def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION\n\n\ncheck.window(f)"
    slide = slides_of("(dots)=\n## Part", ("figures.show()", [tall]), task, (answer, []))[-1]
    assert [kind for kind, _ in steps(slide)] == ["prose", "figure", "in-place"] and slide.column > 300
    with pytest.raises(ToolError, match="no room"):
        slides_of("(dots)=\n## Part", ("figures.show()", [tall]), task, (answer.replace("return x", "x" * 80), []))


def test_a_table_is_beside_no_exercise_that_follows_it():
    table = new_output("execute_result", {"text/html": "<table><tr><th>a</th></tr><tr><td>1</td></tr></table>"})
    slides = slides_of("## Part\n\nProse.", ("table", [table]), EXERCISE, (ANSWER, []))
    assert [[kind for kind, _ in steps(slide)] for slide in slides] == [["table"], ["prose", "value"]]


def test_what_is_said_of_an_exercise_is_among_its_notes():
    speaker = ":::{speaker}\n:minutes: 6\n\nVote. {Exercise}`window`: many say 3. Ask why.\n:::"
    cells = f"# Title\n\nWhat?\n\n## Part\n\n:::{{slide}} Dots\n- small\n:::\n\n{speaker}\n\n{EXERCISE}"
    notebook = new_notebook(cells=[new_markdown_cell(cells), new_code_cell(ANSWER)])
    check_rules(notebook, "01_title.md")
    notebook.cells[0].source = cells.replace("{Exercise}`window`", "Exercise 1")  # as references are resolved
    first, second = Deck(sections(notebook), convolution).slides[1:]
    assert "**The section (6 min).** Vote." in first.notes and "Exercise 1: many say 3. Ask why." in second.notes


@pytest.mark.parametrize(("planned", "timer"), [(6, 120), (2, 90), (0, 120)])
def test_a_countdown_is_never_longer_than_the_slide(planned, timer):
    speaker = f":::{{speaker}}\n:minutes: {planned}\n\nVote.\n:::"
    slides = slides_of(f"## Part\n\n:::{{slide}} Dots\n- small\n:::\n\n{speaker}\n\n{EXERCISE}", (ANSWER, []))
    assert slides[-1].timer == timer and (not planned or slides[-1].seconds >= timer)


def test_homework_has_no_countdown():
    notebook = new_notebook(cells=[new_markdown_cell(f"# Title\n\nWhat?\n\n{EXERCISE}"), new_code_cell(ANSWER)])
    check_rules(notebook, "01_title.md")
    slides = Deck(sections(notebook), convolution, in_class=frozenset()).slides
    page = template("deck.html").render(slides=slides, explorers="")
    assert "2 minutes at home" in page and "countdown" not in page


def test_a_printed_line_alone_makes_no_slide():
    figure, line = ("figures.show()", [FIGURE]), ("print(1)", [said("1 < 2\n")])
    words = "## Part\n\n:::{slide} Dots\n- small\n:::"
    slides = slides_of(words, figure, EXERCISE, (ANSWER, []), line, "Words.\n\n:::{open}\nDraw dots.\n:::")
    assert slides[-2].kind == "exercise" and slides[-2].notes[-1] == "It prints: `1 < 2`"


def test_slides_of_words_are_joined_under_two_headings():
    one, two = ":::{slide} Dots\n- small\n:::", ":::{slide} Lines\n- long\n:::"
    (slide,) = slides_of(f"## Part\n\n{one}\n\n{two}")
    assert (slide.title, [kind for kind, _ in steps(slide)]) == ("Dots", ["list", "part", "list"])
    assert "<h3>Lines</h3>" in slide.shown[1].html


def test_a_drawing_that_is_too_tall_goes_on_beside_itself():
    sheet = Sheet()
    for step in range(12):
        sheet.box(0, 70 * step, 200, 40, "data")
        sheet.text(100, 70 * step + 25, f"step {step}")
        sheet.line([(100, 70 * step + 40), (100, 70 * step + 70)], arrow=True)
    svg = sheet.svg(200, 840, "steps")
    picture = Picture(svg.encode(), ".svg", "twelve steps", 220, 860, on_white=True, narrow=svg.encode())
    wide = folded(picture)
    assert (picture.width, picture.height) == (220, 860) and wide.width in (480, 740) and wide.height < 500
    assert size_of(wide.data) == (wide.width, wide.height) and all(f"step {step}<" in wide.data.decode() for step in range(12))
    sheet.polygon([(0, 0), (9, 0), (9, 9)], "blue")  # the face of a volume
    volumes = replace(picture, data=sheet.svg(200, 840, "volumes").encode(), narrow=b"")
    assert folded(volumes) is volumes


def test_a_notice_is_beside_a_table_below_which_it_has_no_room():
    rows = "".join(f"<tr><td>{n}</td><td>word</td></tr>" for n in range(9))
    table = new_output("execute_result", {"text/html": f"<table><tr><th>n</th><th>words</th></tr>{rows}</table>"})
    notice = f":::{{notice}}\n{'One sees much here. ' * 14}\n:::"
    (slide,) = slides_of("## Part", ("table", [table]), notice)
    assert steps(slide) == [("table", None), ("notice", 0)]
    assert slide.column == slide.shown[0].width < 500


def test_of_a_long_source_a_slide_shows_the_beginning():
    cell = Code("print(source)", [said("def f(x):\n" + "    x += 1\n" * 40)], frozenset(), None)
    (block,) = results.results_of(cell)
    assert block.kind == "code" and "the rest is in the lesson" in block.html and block.html.count("+=") == 16


def test_a_statement_shows_its_result_at_once_and_then_the_notice():
    cells = ("figures.show()", [FIGURE]), ":::{notice}\nIt is small.\n:::"
    (slide,) = slides_of("## Part\n\n:::{slide} One dot\n- small\n:::", *cells)
    assert steps(slide) == [("list", None), ("figure", None), ("notice", 0)]


def test_an_exercise_has_minutes_an_answer_one_key_away_and_its_mistakes_in_the_notes():
    (slide,) = slides_of(f"## Part\n\n{EXERCISE}", (ANSWER, [said("✔ window\n")]), ":::{notice}\nIt is even.\n:::")
    assert (slide.title, slide.facts["minutes"], slide.facts["kind"]) == ("Exercise 1", "2", "predict")
    assert steps(slide) == [("prose", None), ("value", 0), ("notice", 1)]
    answer = re.sub("<[^>]+>", "", slide.shown[1].html).split()
    assert answer == ["answer", "=", "2", "+", "2", "#", str(convolution.window.reference)]
    notes = "\n".join(slide.notes)
    named = list(convolution.window.mistakes)
    assert "answer = 2 + 2" in notes and [mistake for mistake in named if mistake in notes] == named[:5]
    assert f"The check names {len(named) - 5} more." in notes


def test_a_slide_between_an_exercise_and_its_answer_is_the_statement_for_the_room():
    (slide,) = slides_of(f"## Part\n\n{EXERCISE}\n\n:::{{slide}} A dot\nAdd two and two.\n:::", (ANSWER, []))
    assert slide.title == "Exercise 1: A dot"
    assert slide.shown[0].html == "<p>Add two and two.</p>\n"


def test_a_function_takes_the_place_of_its_stub():
    source = "def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION\n\n\ncheck.f(f)"
    assert stub_and_answer(source) == (["def f(x):", "    ..."], ["def f(x):", "    return x"])
    block = results.answer_of(source, None, 300)
    assert block.kind == "in-place" and block.html.count('data-fragment-index="0"') == 2


def test_what_the_speaker_says_belongs_to_the_slide_before():
    speaker = ":::{speaker}\n:minutes: 4\n\nAsk for a show of hands.\n:::"
    first, second = slides_of(f"## Part\n\n:::{{slide}} Dots\n- small\n:::\n\n{speaker}\n\n:::{{open}}\nDraw lines.\n:::")
    assert first.notes == ["**2 min** for this slide.", "**The section (4 min).** Ask for a show of hands."]
    assert (first.seconds, second.seconds) == (120, 120)


def test_words_join_the_figure_before_them():
    after = "Prose.\n\n:::{slide} Dots\n- small\n:::"
    (slide,) = slides_of("## Part\n\nProse.", ("figures.show()", [FIGURE]), after)
    assert (slide.title, steps(slide)) == ("Dots", [("list", None), ("figure", None)])


def test_words_that_join_a_figure_decide_whether_it_waits():
    joined = ("figures.show()", [FIGURE]), "Prose.\n\n:::{slide} Dots\n- small\n:::"
    (slide,) = slides_of("## How many?\n\nProse.", *joined)
    assert (slide.title, steps(slide)) == ("Dots", [("list", None), ("figure", None)])


def test_a_heading_within_a_section_begins_no_section():
    (slide,) = slides_of("## Part\n\n### Sums\n\n- one\n- two", ("figures.show()", [FIGURE]))
    assert (slide.section, slide.title, steps(slide)) == ("Part", "Sums", [("list", None), ("figure", None)])


def test_the_open_exercise_and_what_came_next_have_slides():
    first, second = slides_of("## End\n\n:::{open}\nChange a dot.\n:::\n\n:::{next}\nLarger dots.\n:::")
    assert (first.title, second.title) == ("Try it yourself", "What came next")


def test_without_slides_definitions_are_shown_and_a_lead_alone_makes_none():
    part = "## Part\n\nWhy dots?\n\nThe **dot** is all. It is said aloud.\n\n- one\n- two"
    first, second = slides_of(part, ("x = 1", []), f"## Rest\n\nWhy lines?\n\n{EXERCISE}", (ANSWER, []))
    assert (first.title, first.lead, [kind for kind, _ in steps(first)]) == ("Part", "Why dots?", ["prose", "list"])
    assert first.shown[0].html == "<p>The <strong>dot</strong> is all.</p>\n"
    assert (second.title, second.notes[1]) == ("Exercise 1", "Why lines?")


def test_printed_source_is_shown_as_code_and_verdicts_are_not_shown():
    cell = Code("print(source)", [said("def f(x):\n    return x\n")], frozenset(), None)
    assert [block.kind for block in results.results_of(cell)] == ["code"]
    cell = Code("report(check)", [said("✔ window\nSolved 9 of 9.\n")], frozenset(), None)
    assert results.results_of(cell) == []


def test_numbers_below_a_chart_are_left_to_the_chart():
    many = Code("x", [said("1\n2\n3\n"), FIGURE], frozenset(), None)
    few = Code("x", [said("1\n"), FIGURE], frozenset(), None)
    assert [[block.kind for block in results.results_of(cell)] for cell in (many, few)] == [["figure"], ["print", "figure"]]


def test_an_explorer_is_placed_with_its_values_and_the_script_is_there_once():
    output = new_output("display_data", {EXPLORER: {"name": "overlap", "values": {"first": [0, 0, 9, 9]}}, "image/png": DOT})
    block = results.shown_by(output)
    assert block.kind == "explorer" and '"first":[0,0,9,9]' in block.html and '<script type="module">' not in block.html
    script = explorer_blocks.script([block, block])
    assert script.count("export function") == 0 and script.count("explorers.overlap =") == 1
    assert explorer_blocks.script([code(["x"])]) == ""


def test_letters_are_never_smaller_than_the_smallest():
    long = ["x" * 110] * 15
    sizes = re.findall(r"font-size: (\d+)px", code(long).html + in_place(long, long, 300).html)
    assert set(sizes) == {str(SMALLEST)}


def test_a_table_that_is_too_high_loses_rows_in_its_middle():
    rows = "".join(f"<tr><td>{n}</td><td>{'word ' * 40}</td></tr>" for n in range(12))
    block = table_blocks.table(f"<table><tr><th>n</th><th>words</th></tr>{rows}</table>")
    assert (
        block.height <= table_blocks.ROOM and "…" in block.html and "<td>0</td>" in block.html and "<td>11</td>" in block.html
    )


def test_a_tall_picture_stands_beside_the_words_and_a_wide_one_below():
    words = word_blocks.block_of(word_blocks.Words("list", "- small\n- round"))
    tall, wide = (Slide("words", "Dots", shown=[words, Block("figure", "", 240, ratio=ratio)]) for ratio in (0.9, 3))
    assert tall.column > 400 and wide.column == 0


def test_a_notebook_of_another_text_is_refused(tmp_path):
    text = texts(["03"])[0]
    with pytest.raises(ToolError, match="run `make notebooks` first"):
        paired(written(text), tmp_path / "03.ipynb", text)


@pytest.mark.slow
@pytest.mark.parametrize("text", texts(), ids=lambda text: text.stem)
def test_a_deck_shows_more_than_words_and_suffices_for_ninety_minutes(text):
    try:
        slides = Deck(lesson(text, ROOT / "solutions"), checks_of(solution_cells(text)), in_class(text.stem[:2])).slides
    except ToolError as stale:
        pytest.skip(f"{stale} (the test of the notebooks' freshness fails)")
    assert 20 <= len(slides) <= MOST
    assert 2 * sum(any(block.ratio for block in slide.shown) for slide in slides) >= len(slides)  # a table is no picture
    assert not [slide.title for slide in slides if is_lonely(slide)]
    assert not [(slide.title, slide.notes) for slide in slides if all("for this slide" in note for note in slide.notes)]
    assert sum(slide.seconds for slide in slides) == pytest.approx(90 * 60, abs=180)
    assert not [slide.title for slide in slides if slide.timer > max(60, slide.seconds) and not slide.is_homework]


def is_lonely(slide):
    """Tell whether a slide shows one sentence and nothing else."""
    words = " ".join(block.html for block in slide.shown)
    alone = all(block.kind in ("prose", "notice") or (block.kind == "print" and block.height < 80) for block in slide.shown)
    return alone and len(sentences(slide.lead + words)) < 2


def test_the_page_marks_steps_sections_and_minutes():
    (slide,) = slides_of(f"## Part\n\n{EXERCISE}", (ANSWER, []))
    page = template("deck.html").render(slides=[slide], explorers="")
    assert "data-timing" not in page and 'data-seconds="120"' in page
    assert '<div class="value fragment" data-fragment-index="0">' in page and "<span>Part</span><span>1 / 1</span>" in page


@pytest.mark.slow
@pytest.mark.parametrize("command", ["notebooks", "slides", "assignments", "every_seed"])
def test_an_unknown_lesson_is_answered_in_one_sentence(command):
    done = subprocess.run(
        [sys.executable, "-m", f"tools.{command}", "44"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"no lesson starts with '44'; the lessons are 01_.*\n", done.stderr)
