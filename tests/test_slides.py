"""The slides' text and code, and the lecturers' page, without a browser and without npm."""

import re
import subprocess
import sys

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from cnnlib.checks import convolution
from tools import ROOT, lecturers
from tools.exercises import EXERCISE
from tools.slides import blocks, prose, snippets
from tools.slides.deck import Deck
from tools.texts import texts

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PAGE = lecturers.PAGE.read_text(encoding="utf-8")
LESSONS = {section[:2]: section for section in re.split(r"^## (?=\d\d )", PAGE, flags=re.MULTILINE)[1:]}


@pytest.fixture(scope="module")
def deck():
    """A lesson of three cells that teach, of which one is an exercise."""
    task = "**Exercise 1, predict (2 min, easy).** Which number?\n\n    if x:\n        y()"
    answer = "answer = ...\n### BEGIN SOLUTION\nanswer = 2 + 2\n### END SOLUTION\ncheck.window(answer)"
    image = {"image/png": DOT, "text/plain": "<Figure>"}
    figure = new_output("display_data", image, metadata={"image/png": {"alt": "A single <dot>"}})
    cells = [
        new_markdown_cell("# 01 Title\n\nWhat is it?\n\n**You will be able to**\n\n- see"),
        new_code_cell("from cnnlib.checks import convolution as check"),
        new_markdown_cell(f"## 1.1 Part\n\nWhy does a dot matter so much? The **dot** is all. It is said aloud.\n\n{task}"),
        new_code_cell(answer, outputs=[new_output("stream", name="stdout", text="✔ window\n")]),
        new_markdown_cell("Guess: how large is the dot that follows?"),
        new_code_cell("import torch\nfigures.show(1)", outputs=[figure]),
        new_markdown_cell("**What to notice.** It is small. (Very.)"),
    ]
    return Deck(new_notebook(cells=cells)).slides


def test_kinds_of_slides(deck):
    assert [slide.kind for slide in deck] == ["title", "text", "section", "exercise", "result"]
    assert deck[2].subtitle == "Why does a dot matter so much?"
    assert [block.html for block in deck[2].shown] == ["<p>The <strong>dot</strong> is all.</p>\n"]


def test_prose_is_said_and_mistakes_are_told(deck):
    assert "It is said aloud." in deck[2].notes[0]
    assert all(mistake in deck[3].notes[-1] for mistake in convolution.window.mistakes)


def test_answer_and_guessed_result_come_a_key_later(deck):
    task, code, answer = deck[3].shown
    assert (task.step, task.html, answer.step) == (None, "<p>Which number?</p>\n", 0)
    assert re.sub("<[^>]+>", "", code.html).strip("\n") == "if x:\n    y()"
    assert re.sub("<[^>]+>", "", answer.html).split() == ["answer", "=", "2", "+", "2", "#", str(convolution.window.reference)]
    figure, notice = deck[4].shown
    assert (figure.kind, figure.step, notice.html, notice.step) == ("figure", 0, "It is small.", 1)
    assert 'alt="A single &lt;dot&gt;"' in figure.html


def test_a_function_takes_the_place_of_its_stub():
    source = "def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION\n\n\ncheck.f(f)"
    assert snippets.stub_and_answer(source) == (["def f(x):", "    ..."], ["def f(x):", "    return x"])


def test_code_without_what_does_not_teach():
    source = "import torch\nx = f(1)\nfigures.show(x)\nassert x\nfor a in x:\n    print(a)\nresult = {}"
    assert snippets.taught(source) == ["x = f(1)"]


def test_long_print_is_cut_and_source_left_out():
    assert snippets.printed("def f():\n    pass\n\nkept\n", "print(inspect.getsource(f))") == ["kept"]
    assert snippets.printed("".join(f"{n}\n" for n in range(30)), "")[-2:] == ["11", "..."]


def test_blocks_keep_fences_whole():
    kinds = [kind for kind, _ in prose.blocks("a\n\n```\nb\n\nc\n```\n\n- d\n- e\n\n$$ f $$\n\n| g |")]
    assert kinds == ["prose", "fence", "list", "formula", "table"]


def test_code_fits_the_slide():
    long = ["x" * 110] * 15
    assert 15 <= blocks.size_for(long, 480) <= 17
    assert blocks.code(long).height < blocks.ROOM


@pytest.mark.parametrize("command", ["notebooks", "slides", "assignments", "every_seed"])
def test_an_unknown_lesson_is_answered_in_one_sentence(command):
    done = subprocess.run(
        [sys.executable, "-m", f"tools.{command}", "44"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"no lesson starts with '44'; the lessons are 01_.*\n", done.stderr)


def test_mistakes_of_the_lecturers_page_are_those_of_the_checks():
    assert lecturers.filled(PAGE) == PAGE, "run `make lecturers`"


@pytest.mark.parametrize("text", texts(), ids=lambda text: text.stem[:2])
def test_plan_covers_the_lesson_in_90_and_in_45_minutes(text):
    rows = re.findall(r"^\| (?!section|---)(.*?) \| (\d+) \| (\d+|-) \|(.*?)\|$", LESSONS[text.stem[:2]], re.MULTILINE)
    sections = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", text.read_text("utf-8"), re.MULTILINE | re.DOTALL))
    assert [name for name, *_ in rows] == list(sections)
    assert (sum(int(row[1]) for row in rows), sum(int(row[2]) for row in rows if row[2] != "-")) == (90, 45)
    for name, whole, half, planned in rows:
        minutes = {match["number"]: int(match["minutes"]) for match in EXERCISE.finditer(sections[name])}
        assert sum(minutes[number] for number in re.findall(r"\d+", planned)) <= int(whole)
        assert sum(minutes[number] for number in re.findall(r"\*\*(\d+)\*\*", planned)) <= int(half.replace("-", "0"))
