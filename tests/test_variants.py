"""Predict exercises with other numbers: whichever set a class gets, statement, right answer, mistakes and hints agree."""

import re
from dataclasses import replace
from itertools import pairwise
from numbers import Integral

import pytest
from checked import CHECKS, line_of

from cnnlib.checks.engine import Check, Variants
from cnnlib.checks.engine.comparing import same
from tools import assignments
from tools.exercises import CHECKS as LESSON
from tools.exercises import exercise_of, with_answers
from tools.templates.grading.needed import needed
from tools.texts import solution_cells, texts

VARIED = {name: check for name, check in CHECKS.items() if check.variants}
SETS = [
    pytest.param(name, which, id=f"{name}-{which}")
    for name, check in VARIED.items()
    for which in range(len(check.variants.sets))
]
TEXTS = {LESSON.search(text.read_text(encoding="utf-8"))[1]: text for text in texts()}


def varied(name, which):
    check = replace(VARIED[name])
    check.vary(which)
    return check


def statement_of(name):
    lesson, _, exercise = name.partition(".")
    cells = solution_cells(TEXTS[lesson]).cells
    return next(before.source for before, cell in pairwise(cells) if exercise_of(cell) == exercise)


def numbers_in(text):
    return re.findall(r"\d+(?:[.,]\d+)*", text)


def test_at_least_ten_exercises_of_several_lessons_vary():
    assert len(VARIED) >= 10 and len({name.partition(".")[0] for name in VARIED}) >= 5
    assert all(len(check.variants.sets) >= 4 for check in VARIED.values())


@pytest.mark.parametrize(("name", "which"), SETS)
def test_the_right_answer_is_right_and_each_mistake_is_told_as_itself(name, which):
    check = varied(name, which)
    assert line_of(check, check.reference) == f"✔ {check.name}"
    assert isinstance(check.reference, Integral | float) and len(check.mistakes) >= 4
    for words, wrong in check.mistakes.items():
        assert line_of(check, wrong) == f"✘ {check.name}: {words}", f"the right answer is {check.reference}"


@pytest.mark.parametrize(("name", "which"), SETS)
def test_a_set_keeps_the_kind_of_number_and_changes_the_answer(name, which):
    lesson_s, check = VARIED[name], varied(name, which)
    assert isinstance(check.reference, Integral) == isinstance(lesson_s.reference, Integral)
    if which:
        assert not same(check.reference, lesson_s.reference, check.tolerance), "the answer can be copied from the lesson"


@pytest.mark.parametrize(("name", "which"), SETS)
def test_a_mistake_that_begins_with_a_number_begins_with_its_value(name, which):
    check = varied(name, which)
    for words, wrong in check.mistakes.items():
        if found := re.match(r"-?[\d,]+(?:\.\d+)?(?= )", words):
            decimals = len(found[0].partition(".")[2])
            assert abs(float(found[0].replace(",", "")) - wrong) <= 0.5001 * 10.0**-decimals, words


@pytest.mark.slow
@pytest.mark.parametrize(("name", "which"), SETS)
def test_the_statement_shows_the_numbers_and_none_of_the_lesson_s_own(name, which):
    check, statement = VARIED[name], statement_of(name)
    variants = check.variants
    changed = variants.worded(statement, which)
    assert (changed == statement) == (which == 0)
    for piece in variants.wording:
        assert changed.count(piece.format(**variants.numbers(which))) == 1
        statement = statement.replace(piece.format(**variants.numbers(0)), "")
    box = re.sub(r"data:\S+", "", statement[statement.index("**Exercise") :].partition("\n")[2])  # pictures have digits too
    left = set(numbers_in(box)) & {str(number) for number in variants.sets[0].values()}
    assert not left, f"the statement contains {left} outside of the pieces {variants.wording}"


@pytest.mark.parametrize("name", VARIED)
def test_the_hints_of_a_set_contain_none_of_the_numbers_that_only_the_lesson_has(name):
    check = VARIED[name]
    own = check.variants.numbers(0)
    for which in range(1, len(check.variants.sets)):
        gone = {str(own[key]) for key in own} - {str(number) for number in check.variants.numbers(which).values()}
        other = " ".join(varied(name, which).hints)
        literal = set(numbers_in(" ".join(re.sub(r"{.*?}", "", hint) for hint in check.written.hints)))
        assert not gone & set(numbers_in(other)) - literal
        typed = {number for number in gone & literal if len(number) > 1}  # single digits are those of 1x1, or of a figure
        assert not typed, f"a hint contains {typed} as typed"


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 2027])
@pytest.mark.parametrize("lesson", sorted({name.partition(".")[0] for name in VARIED}))
def test_an_assignment_with_a_seed_has_the_set_in_statement_answer_and_check(lesson, seed):
    plain, other = (assignments.assignment(TEXTS[lesson], each).cells for each in (None, seed))
    assert [cell.id for cell in plain] == [cell.id for cell in other]
    changed = {cell.id for cell, its in zip(other, plain, strict=True) if cell != its}
    names = {check.name for name, check in VARIED.items() if name.startswith(f"{lesson}.")}
    assert {one for one in changed if one in names or one.removesuffix("-check") in names} == names | {
        f"{n}-check" for n in names
    }
    assert len(changed) == 3 * len(names), "statement, answer and check of each"
    assert needed(other) == needed(plain), "grading runs the same cells"
    for cell in other:
        if cell.id in names:
            check = replace(VARIED[f"{lesson}.{cell.id}"])
            judge = next(each.source for each in other if each.id == f"{cell.id}-check")
            assert judge.startswith(f"check.{check.name}.vary(")
            name_space = {"check": type("lesson", (), {check.name: check})}
            exec(with_answers(cell.source) + "\n" + judge, name_space)
            assert check.solved and check.reference != VARIED[f"{lesson}.{cell.id}"].reference


def test_a_seed_is_the_same_choice_always_and_seeds_differ():
    check = next(iter(VARIED.values()))
    chosen = [check.variants.chosen(seed, check.name) for seed in range(40)]
    assert chosen == [check.variants.chosen(seed, check.name) for seed in range(40)]
    assert set(chosen) == set(range(1, len(check.variants.sets)))


def test_what_does_not_exist_is_one_sentence():
    with pytest.raises(ValueError, match=r"^`plain` has no variants$"):
        Check("plain", 1, {}, []).vary(1)
    sides = Variants(dict(side=20), dict(side=30), wording=["{side} pixels"])
    with pytest.raises(ValueError, match="there are the variants 0 to 1, and no variant 2"):
        sides.numbers(2)
    with pytest.raises(ValueError, match="the statement does not contain '20 pixels' exactly once"):
        sides.worded("20 metres", 1)
