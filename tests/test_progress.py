"""`make progress` counts what the notebooks in work/ show, whatever form a verdict has."""

import json
import re

import nbformat
import pytest

from cnnlib.checks.engine.verdicts import Verdict
from tools import ROOT, progress, work
from tools.exercises import CHECK

NAMES = ("slide", "slide_fast", "size")
IMPORT = "import torch\n\nfrom cnnlib.checks import first as check\nfrom cnnlib.checks import report"


def stub(name):
    return f"def {name}(x):\n    raise NotImplementedError\n\n\ncheck.{name}({name})"


def answered(name):
    return f"def {name}(x):\n    return x\n\n\ncheck.{name}({name})"


def notebook(*cells):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(IMPORT), *cells])


def code(source, *outputs):
    return nbformat.v4.new_code_cell(source, outputs=list(outputs), execution_count=1 if outputs else None)


LESSON = notebook(*map(code, map(stub, NAMES)))


def stream(text):
    return nbformat.v4.new_output("stream", text=text)


def display(**forms):
    return nbformat.v4.new_output("display_data", {mime.replace("_", "/"): text for mime, text in forms.items()})


def error(value, name="WrongAnswer"):
    return nbformat.v4.new_output("error", ename=name, evalue=value, traceback=[])


def states(*cells, copied=()):
    result = progress.standing(LESSON, [notebook(*cells)], copied)
    return {name: field for field, names in result._asdict().items() for name in names}


def verdict(line):
    """What the checks show for a line."""
    mark, name, words = re.fullmatch(r"(.) (\w+)(?:: (.*))?", line).groups()
    return Verdict(mark, name, words or "", "3 of 9 solved", ["read `x < y` again", "✔ is what you want to see"])


FORMS = {
    "a line": lambda line: [stream(f"{line}\n")],
    "a line after others": lambda line: [stream(f"epoch 1\nepoch 2\n{line}\n")],
    "plain text of a display": lambda line: [display(text_plain=line)],
    "HTML": lambda line: [display(text_html=f'<div class="x" data-a="1 > 0"><b>{line[0]}</b>\n <code>{line[2:]}</code></div>')],
    "both": lambda line: [display(text_html=f"<p>{line[0]}&nbsp;{line[2:]}</p>", text_plain=line)],
    "the library's own": lambda line: [display(text_html=verdict(line)._repr_html_(), text_plain=repr(verdict(line)))],
    "the library's own, HTML alone": lambda line: [display(text_html=verdict(line)._repr_html_())],
    "after a figure": lambda line: [display(image_png="iVBOR", text_plain="<Figure>"), stream(line)],
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize(
    "line, expected", [("✔ slide", "solved"), ("✘ slide: 3 < 5, expected `7`", "wrong"), ("○ slide: not attempted yet", "left")]
)
def test_a_verdict_is_read_in_every_form(form, line, expected):
    source = stub("slide") if expected == "left" else answered("slide")
    assert states(code(source, *form(line)))["slide"] == expected


def test_a_raised_verdict_is_wrong():
    assert states(code(answered("slide"), error("✘ slide: the kernel is flipped")))["slide"] == "wrong"


def test_a_name_that_begins_with_another_is_not_that_other():
    both = states(
        code(answered("slide_fast"), stream("✔ slide_fast")), code(stub("slide"), stream("○ slide: not attempted yet"))
    )
    assert both == {"slide_fast": "solved", "slide": "left", "size": "left"}


@pytest.mark.parametrize(
    "cell, expected",
    [
        (code(stub("slide")), "left"),
        (code(answered("slide")), "not_run"),
        (code(answered("slide").replace("\n", "\r\n")), "not_run"),
        (code(answered("slide"), stream("○ slide: not attempted yet")), "not_run"),
        (code(stub("slide").replace("raise", "# soon\n    raise"), stream("○ slide: not attempted yet")), "left"),
        (code(answered("slide"), error("name 'y' is not defined", "NameError")), "wrong"),
        (code(stub("slide"), error("name 'check' is not defined", "NameError")), "left"),
        (code("check.slide.hint()", stream("Hint 1 of 3: ✔ slide")), "left"),
        (nbformat.v4.new_markdown_cell("check.slide(x)\n\n✔ slide"), "left"),
    ],
)
def test_an_answer_that_was_not_judged(cell, expected):
    result = progress.standing(LESSON, [nbformat.v4.reads(nbformat.writes(notebook(cell)))])
    assert ("slide" in result.not_run) == (expected == "not_run")
    assert "slide" in (result.left if expected == "not_run" else getattr(result, expected))


def test_a_solved_exercise_stays_solved_whatever_is_tried_below_it():
    tries = [code(answered("slide"), stream("✔ slide")), code("check.slide(None)", error("✘ slide: got None"))]
    assert states(*tries)["slide"] == states(*reversed(tries))["slide"] == "solved"


def test_a_stub_of_an_older_version_was_not_typed_by_the_learner():
    older = notebook(code("# the old stub\n" + stub("slide")))
    assert progress.standing(LESSON, [older]).not_run == ["slide"]
    assert progress.standing(LESSON, [older], copied=[older]).not_run == []


@pytest.fixture
def course(tmp_path):
    """A course of two lessons, copied to work/."""
    second = notebook(code(stub("weights")))
    second.cells[0].source = IMPORT.replace("first", "second")
    (tmp_path / "lessons").mkdir()
    for name, lesson in {"01_first": LESSON, "02_second": second}.items():
        nbformat.write(lesson, tmp_path / "lessons" / f"{name}.ipynb")
    work.update(tmp_path)
    return tmp_path


def test_without_work_it_is_one_sentence(tmp_path):
    (sentence,) = progress.report(tmp_path)
    assert sentence.startswith("There is no work/ yet: `make lab` ")


def test_the_table_is_aligned_and_ends_with_a_total(course):
    solved = code(answered("slide"), stream("✔ slide"))
    nbformat.write(notebook(solved, code(answered("size"), error("✘ size: no"))), course / "work" / "01_first.ipynb")
    nbformat.write(notebook(code(answered("slide_fast"))), course / "work" / "01_first.new.ipynb")
    assert progress.report(course) == [
        "lesson     solved  wrong  left",
        "01_first        1      1     1  wrong: size; typed, not run: slide_fast",
        "02_second       0      0     1",
        "total           1      1     2",
    ]


def test_a_renamed_notebook_counts(course):
    nbformat.write(notebook(code(answered("slide"), stream("✔ slide"))), course / "work" / "my try.ipynb")
    assert progress.report(course)[1] == "01_first        1      0     2"


@pytest.mark.parametrize("folder", ["work", "lessons"])
def test_a_broken_notebook_is_a_sentence_after_the_table(course, folder):
    (course / folder / "01_first.ipynb").write_text('{\n<<<<<<< HEAD\n"cells": []\n=======\n>>>>>>> main\n}')
    *table, sentence = progress.report(course)
    assert sentence.startswith(f"{folder}/01_first.ipynb is not a notebook: it contains merge markers")
    assert table[0].startswith("lesson") and table[-1].startswith("total")


@pytest.mark.parametrize("damage", ["outputs", "data", "text"])
def test_outputs_of_an_unusual_form_are_no_error(course, damage):
    content = notebook(code(answered("slide"), stream("✔ slide"), display(text_plain="x")))
    cell = content.cells[1]
    if damage == "outputs":
        del cell["outputs"]
    elif damage == "data":
        cell.outputs[1].data = {"text/html": {"a": 1}, "application/x": [1, 2]}
    else:
        cell.outputs[0].text = ["✔ sli", "de\n"]
    (course / "work" / "01_first.ipynb").write_text(json.dumps(content))
    assert progress.report(course)[1].split()[1] == ("0" if damage == "outputs" else "1")


def test_every_lesson_of_the_course_is_found_by_its_checks():
    lessons = [progress.read(path) for path in work.lessons_of(ROOT)]
    assert len({progress.subject(lesson) for lesson in lessons} - {""}) == len(lessons)
    for lesson in lessons:
        result = progress.standing(lesson, [lesson])
        assert len(result.left) == sum(len(CHECK.findall(cell.source)) for cell in lesson.cells) and not result.not_run
