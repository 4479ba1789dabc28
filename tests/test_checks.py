"""The checks of the lessons: reference, named mistakes, cases, hints, other right answers."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from checked import CHECKS, FUNCTIONS, LESSONS, as_answer, line_of, stub
from right_answers import RIGHT_ANSWERS

from cnnlib.checks import Check
from cnnlib.checks.engine.copies import ease

FAST = 1  # of the likeliest mistakes and of the right answers of each check: what `make check` tries
MISTAKES = [
    pytest.param(check, mistake, id=f"{name}-{mistake}", marks=[pytest.mark.slow] if number >= FAST else [])
    for name, check in CHECKS.items()
    for number, mistake in enumerate(check.mistakes)
]
ANSWERS = [
    pytest.param(f"{lesson}.{name}", answer, id=f"{lesson}.{name}-{number}", marks=[pytest.mark.slow] if number >= FAST else [])
    for lesson, answers in RIGHT_ANSWERS.items()
    for name, functions in answers.items()
    for number, answer in enumerate(functions)
]
ALIKE = {  # checks with a tensor whose sizes cannot be distinct -> why
    "convolution.slide": "square kernels show the values of answers that torch refuses for others",
    "convolution.conv2d": "sizes that coincide show the values of answers that torch refuses for others",
    "convolution.backward": "a square kernel shows the values of answers that torch refuses for others",
    "training.shift": "a square image moves right and down by few pixels",
    "fcn.mean_iou": "a confusion matrix is square",
    "densenet.cross_stage": "every axis of the smallest case can be halved; the sizes of the others differ",
}


@pytest.mark.parametrize("name", CHECKS)
def test_the_reference_is_right_and_nothing_else_is_printed(name, capsys):
    check = replace(CHECKS[name])
    check(as_answer(check, check.reference))
    assert capsys.readouterr() == (f"✔ {check.name}\n", "")


@pytest.mark.parametrize(("check", "mistake"), MISTAKES)
def test_a_named_mistake_is_wrong_and_named(check, mistake):
    said = line_of(check, as_answer(check, check.mistakes[mistake]))
    ends = (", on ", " (a layer that takes ") if check.cases else ("",)
    assert said.startswith(tuple(f"✘ {check.name}: {mistake}{end}" for end in ends))


@pytest.mark.parametrize("lesson", LESSONS)
def test_names_are_those_of_the_module(lesson):
    named = {name: check.name for name, check in vars(LESSONS[lesson]).items() if isinstance(check, Check)}
    assert named
    assert list(named.values()) == list(named)


@pytest.mark.parametrize("name", CHECKS)
def test_hints_come_one_by_one_and_the_last_stays(name, capsys):
    check = replace(CHECKS[name])
    count = len(check.hints)
    assert count >= 2
    for number in (*range(count), count - 1):
        check.hint()
        said = capsys.readouterr().out
        assert said.split() == f"Hint {number + 1} of {count}: {check.hints[number]}".split()
        assert max(map(len, said.splitlines())) <= 80


@pytest.mark.parametrize("name", CHECKS)
def test_a_choice_is_one_of_the_letters(name):
    check = CHECKS[name]
    if check.choices:
        assert {check.reference, *check.mistakes.values()} == set(check.choices)
        assert line_of(check, f" {check.reference.upper()} ").startswith("✔")
        for outside in ("z", None, 3, [check.reference], np.array([1, 2]), torch.ones(2)):
            assert ", ".join(map(repr, check.choices)) in line_of(check, outside)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_cases_and_mistakes_are_enough_to_tell(name):
    check = FUNCTIONS[name]
    assert len(check.cases) >= 2
    assert len(check.mistakes) >= 3
    assert len({tuple(case) for case in check.cases}) == 1, "the order of a case is the order of the arguments"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_size_type_or_zero_of_a_case_hides_a_mistake(name):
    tensors = {
        f"case {number}, {argument}": value
        for number, case in enumerate(FUNCTIONS[name].cases)
        for argument, value in case.items()
        if isinstance(value, torch.Tensor)
    }
    floats = {place: value for place, value in tensors.items() if value.is_floating_point()}
    assert {place: value.dtype for place, value in floats.items() if value.dtype != torch.float64} == {}
    assert [place for place, value in floats.items() if (value == 0).any()] == []
    alike = {place: tuple(value.shape) for place, value in tensors.items() if len(set(value.shape)) < value.ndim}
    assert bool(alike) == (name in ALIKE), alike


def test_exceptions_are_of_checks_that_exist():
    assert set(ALIKE) <= set(FUNCTIONS)


@pytest.mark.parametrize(("name", "answer"), ANSWERS)
def test_a_right_answer_written_another_way_is_right(name, answer):
    assert line_of(CHECKS[name], answer).startswith("✔")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_check_has_a_right_answer_written_another_way(name):
    lesson, _, check = name.partition(".")
    assert RIGHT_ANSWERS.get(lesson, {}).get(check), "add one to tests/right_answers/"


@pytest.mark.parametrize("name", CHECKS)
def test_unattempted_is_neither_right_nor_wrong(name):
    check = CHECKS[name]
    assert line_of(check, ...) == f"○ {check.name}: not attempted yet"
    if check.cases:
        assert line_of(check, stub) == f"○ {check.name}: not attempted yet"


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKS)
def test_an_answer_of_no_use_is_told_so_in_one_line_of(name):
    check = CHECKS[name]
    for answer in (None, object(), np.zeros((3, 3)), [torch.zeros(3, 2)] * 2):
        assert line_of(check, answer).startswith("✘")
        if check.cases:
            assert line_of(check, lambda *values, answer=answer: answer).startswith("✘")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_first_case_can_be_checked_on_paper(name):
    case = min(FUNCTIONS[name].cases, key=ease)
    has_long_numbers, amount = ease({key: value for key, value in case.items() if not isinstance(value, int | float)})
    assert not has_long_numbers and amount <= 100


@pytest.mark.parametrize("name", CHECKS)
def test_no_lesson_or_section_is_named_by_a_number_that_the_build_counts(name):
    for text in [*CHECKS[name].mistakes, *CHECKS[name].hints]:
        assert not re.search(r"(lesson|section|exercise)s? \d|\bin \d+\.\d+[;,.]", text, re.IGNORECASE), text
