"""Exercises that are answered on a page are judged as their checks judge them, and read as they read."""

import json
import re
from fractions import Fraction
from html import unescape

import pytest
from node import call

from cnnlib.checks.engine.judging import value_problem
from tools import ROOT
from tools.exercises import announced
from tools.texts import solution_cells, texts
from tools.website.play import checks_of, form, values

SCRIPT = (ROOT / "tools" / "website" / "_static" / "play.js").read_text(encoding="utf-8")
EXPORTED = SCRIPT + "\nexport { calculated, verdict };"
LESSONS = [text.stem[3:] for text in texts()]
CHECKS = [(f"{lesson} {name}", check) for lesson in LESSONS for name, check in checks_of(lesson).items() if values(check)]


def judged(calls):
    return call("play", "verdict", calls, EXPORTED)


def typed(value):
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "check"), CHECKS, ids=[name for name, _ in CHECKS])
def test_right_wrong_and_unknown_answers_are_told_what_the_notebook_tells(name, check):
    """The right value, every named mistake, values just inside and outside of what is accepted, and values without a name."""
    data, right = values(check), check.reference
    answers = [right, *check.mistakes.values(), *check.choices]
    if isinstance(right, float | int):
        step = max(check.tolerance, 1e-9 * abs(right))
        answers += [right + sign * factor * step for sign in (-1, 1) for factor in (0.9, 1.1)] + [right + 1e6, -3.25e5]
    told = judged([[data, typed(answer)] for answer in answers])
    for answer, said in zip(answers, told, strict=True):
        problem = value_problem(check, answer)
        assert said["mark"] == ("✘" if problem else "✔"), answer
        if problem and "is not right" not in problem.words:
            assert said["words"] == problem.words, answer
        elif problem:
            assert said["words"] == f"{typed(answer)} is not right"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "value"),
    {
        "4": 4,
        " -3 ": -3,
        "−3": -3,
        "5/8": 0.625,
        "589,824": 589824,
        "1 200": 1200,
        "1_000.5": 1000.5,
        "12.5 %": 12.5,
        "2 * 3 + 1": 7,
        "2*(3+4)**2": 98,
        "-2**2": -4,
        "2**-1": 0.5,
        "2^3": 8,
        "7//2": 3,
        "(0*2 + 2·4 − 1×4) + 6÷2": 7,
        "1e-3": 0.001,
        ".5": 0.5,
        "8/4/2": 1,
        "7 - 2 - 1": 4,
        "four": None,
        "4x": None,
        "0,5": None,
        "(3": None,
        "3 4": None,
        "1/0": None,
        "alert(1)": None,
        "+": None,
    }.items(),
)
def test_a_number_or_a_calculation_is_read_as_python_reads_it(text, value):
    (read,) = call("play", "calculated", [[text]], EXPORTED)
    assert read == (None if value is None else pytest.approx(float(Fraction(value)), rel=1e-12))


def test_what_is_no_answer_gets_a_sentence():
    data = {"right": [49, 196, 196], "within": 0, "choices": [], "mistakes": [], "hints": []}
    one = data | {"right": [4]}
    said = judged([[data, "49, 196, 196"], [data, "(49 196 196)"], [data, "49, 196"], [one, "four"], [one, "  "]])
    assert [each["mark"] for each in said] == ["✔", "✔", "✘", "✘", "–"]
    assert said[2]["words"] == "expected 3 numbers, with commas between them"
    assert said[3]["words"] == "“four” is neither a number nor a calculation such as 2 * 3 + 1"


@pytest.mark.slow
def test_most_predictions_and_finds_can_be_played():
    """Two need a kernel for their form, the others ask for code."""
    asked = {(text.stem[3:], each["name"], each["kind"]) for text in texts() for each in announced(solution_cells(text))}
    playable = {tuple(name.split()) for name, _ in CHECKS}
    assert playable <= {(lesson, name) for lesson, name, _ in asked}
    left = {(lesson, name) for lesson, name, kind in asked if kind != "write" and (lesson, name) not in playable}
    code = {name for lesson, name in left if callable(checks_of(lesson)[name].reference)}
    assert len(playable) >= 45 and {name for _, name in left} - code <= {"distance", "design"}


def test_a_form_holds_what_its_check_knows_and_nothing_that_html_would_read():
    checks = checks_of("convolution")
    written = form("window", checks)
    assert "\n" not in written and "<script" not in written
    data = json.loads(unescape(re.search(r'data-play="([^"]*)"', written)[1]))
    assert data == values(checks["window"]) and data["right"] == [19]
    assert form("convolve", checks) == form("none", checks) == ""
    assert form("invariance", checks).count('type="radio"') == len(checks["invariance"].choices)
