"""What counts as the same answer: forms, digits, tolerance at its limits; what a mistake may raise; what is shown."""

import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch
from checked import line_of
from samples import DOUBLE, FOUR, LETTER, PAIR, SHARE, SUM
from torch import nn

from cnnlib.checks import Check, WrongAnswer, but, random, report
from cnnlib.checks.engine import digits, layer, positional, uniform
from cnnlib.checks.engine.comparing import same
from cnnlib.checks.engine.words import apart

LARGE = Check("large", reference=589_824, mistakes={}, hints=["Multiply."])
HALF = Check("half", reference=0.625, mistakes={}, hints=["Divide."], digits=2)

FOURS = [
    4, 4.0, "4", " 4 ", "4.0", "+4", "8/2", np.float32(4), np.int64(4), np.array(4), np.array([[4]]), Decimal("4.00"),
    Fraction(8, 2), torch.tensor(4), torch.tensor([[4]]), torch.tensor([4.0]).half(),
]  # fmt: skip


@pytest.mark.parametrize("answer", FOURS, ids=repr)
def test_a_number_comes_in_many_forms(answer):
    exact = replace(FOUR, within=0.0)
    assert line_of(exact, answer) == "✔ four"


@pytest.mark.parametrize("answer", ["589,824", "589824", "589 824", "589_824", "589\u202f824", "5.89824e5", "589,824.0"])
def test_a_large_number_may_be_typed_as_it_is_printed(answer):
    assert line_of(LARGE, answer) == "✔ large"


@pytest.mark.parametrize("answer", ["58,9824", "5,89,824", "589.824", "589824 weights", True, [589824], 589824j, b"589824"])
def test_what_is_no_such_number_is_not_taken_for_one(answer):
    assert line_of(LARGE, answer).startswith("✘ large: ")


@pytest.mark.parametrize("answer", ["b", "B", " b ", "(b)", "b)", "B.", "b:", np.str_("b")])
def test_a_letter_comes_in_many_forms(answer):
    assert line_of(LETTER, answer) == "✔ letter"


@pytest.mark.parametrize("answer", ["ab", "", "bb", None, ["b"], b"b", "z"])
def test_what_is_no_letter_is_told_the_letters(answer):
    assert line_of(LETTER, answer).startswith("✘ letter: answer one of 'a', 'b', got ")


@pytest.mark.parametrize(("answer", "is_right"), [(0.62, 1), (0.63, 1), (0.625, 1), (0.6199, 0), (0.6301, 0), ("5/8", 1)])
def test_a_number_is_right_within_half_a_unit_of_the_last_digit(answer, is_right):
    assert line_of(HALF, answer).startswith("✔") == bool(is_right)


@pytest.mark.parametrize(("off", "is_right"), [(5e-10, 1), (2e-9, 0)])
def test_a_number_without_digits_is_exact_to_the_rounding_of_floats(off, is_right):
    assert line_of(Check("one", 1.0, {}, [""]), 1 + off).startswith("✔") == bool(is_right)


@pytest.mark.parametrize(
    ("dtype", "right", "wrong"),
    [
        (torch.float64, 5e-7, 2e-6),
        (torch.float32, 5e-5, 2e-4),
        (torch.float16, 5e-3, 3e-2),
        (torch.bfloat16, 5e-2, 2e-1),
    ],
)
def test_tensors_agree_to_the_digits_of_their_dtype(dtype, right, wrong):
    expected = torch.full((3, 2), 100.0, dtype=torch.float64)
    assert same((expected * (1 + right)).to(dtype), expected)
    assert not same((expected * (1 + wrong)).to(dtype), expected)


@pytest.mark.parametrize(("off", "is_same"), [(5e-10, True), (2e-9, False)])
def test_numbers_near_zero_agree_absolutely(off, is_same):
    assert same(torch.zeros(2).double() + off, torch.zeros(2).double()) is is_same


def test_integers_and_shapes_agree_exactly():
    assert not same(torch.tensor([10**15 + 1]), torch.tensor([10**15]))
    assert not same(torch.zeros(2, 1), torch.zeros(1, 2))
    assert not same((1, 2), (1, 2, 3))


def raises(error):
    def wrong(x):
        raise error("no")

    return wrong


@pytest.mark.parametrize("error", [RuntimeError, ValueError, IndexError])
def test_a_mistake_that_cannot_run_explains_no_answer(error):
    check = replace(DOUBLE, mistakes={"never": raises(error), **DOUBLE.mistakes})
    assert line_of(check, lambda x: 3 * x) == "✘ double: it is tripled, on x (3, 2)"


@pytest.mark.parametrize("error", [TypeError, NameError, ZeroDivisionError, AttributeError, KeyError])
def test_a_mistake_that_is_broken_is_no_refusal(error):
    check = replace(DOUBLE, mistakes={"broken": raises(error)})
    assert f"({error.__name__})" in line_of(check, lambda x: 3 * x)


def test_a_reference_that_is_broken_is_not_the_answer_s_fault():
    with pytest.raises(ZeroDivisionError):
        replace(DOUBLE, reference=lambda x: 1 / 0)(lambda x: x)


@pytest.mark.parametrize(
    ("expected", "got", "texts"),
    [(0.4, 0.1, ("0.4", "0.1")), (3.0, 3.00001, ("3", "3.00001")), (1 / 3, 1 / 3 + 1e-15, None), (True, 1.0, ("True", "1"))],
)
def test_two_numbers_never_print_alike(expected, got, texts):
    assert apart(expected, got) == texts if texts else len(set(apart(expected, got))) == 2


def test_the_smallest_failing_case_is_shown(capsys):
    check = replace(DOUBLE, cases=[*DOUBLE.cases, dict(x=digits(2, 2))], mistakes={})
    with pytest.raises(WrongAnswer, match=r"on x \(2, 2\); `check.double.show\(\)` prints this case"):
        check(lambda x: 2 * x + (x == x[0, 1]))
    check.show()
    assert capsys.readouterr().out.splitlines() == [
        "The smallest case that fails:",
        "x: shape (2, 2), float64",
        "    [[9 1]",
        "     [3 7]]",
        "expected: shape (2, 2), float64",
        "    [[18  2]",
        "     [ 6 14]]",
        "got: shape (2, 2), float64",
        "    [[18  3]",
        "     [ 6 14]]",
    ]


def test_numbers_that_hardly_differ_are_shown_with_enough_digits(capsys):
    with pytest.raises(WrongAnswer):
        DOUBLE(lambda x: 2 * x + 1e-5)
    DOUBLE.show()
    _, expected, got = re.split("expected: shape|got: shape", capsys.readouterr().out)
    assert "3.08199" in expected and "3.08200" in got


def test_what_is_shown_of_large_tensors_of_parts_and_of_errors(capsys):
    large = replace(DOUBLE, cases=[dict(x=random(11, 13))], mistakes={})
    for check, answer in [(large, lambda x: 2 * x + 1), (PAIR, lambda x: (x.sum(), x)), (SUM, lambda x: x @ x)]:
        with pytest.raises(WrongAnswer):
            check(answer)
        check.show()
    shown = capsys.readouterr().out
    assert "at [0, 0]: " in shown and "expected[1]: shape (3, 2)" in shown and "expected = -2.84" in shown
    assert len(shown.splitlines()) < 60


def test_what_is_shown_does_not_depend_on_print_options(capsys):
    check = replace(DOUBLE)
    with pytest.raises(WrongAnswer):
        check(lambda x: 3 * x)
    check.show()
    with np.printoptions(precision=1, sign="+", formatter={"float": lambda number: "?"}):
        check.show()
    shown = capsys.readouterr().out
    assert shown[: len(shown) // 2] == shown[len(shown) // 2 :]


def test_tensors_in_pairs_in_a_list_are_shown(capsys):
    batches = [(digits(1, 2), digits(1)), (digits(2, 2), digits(2))]
    check = Check(
        "batches", reference=lambda batches: len(batches), cases=[dict(batches=batches)], mistakes={}, hints=["Count."]
    )
    with pytest.raises(WrongAnswer):
        check(lambda batches: 3)
    check.show()
    assert "batches[1][0]: shape (2, 2), float64\n    [[9 1]\n     [3 7]]\nbatches[1][1]: shape (2,)" in capsys.readouterr().out


@pytest.mark.parametrize("check", [FOUR, DOUBLE])
def test_without_a_failing_case_there_is_nothing_to_show(check, capsys):
    fresh = replace(check)
    fresh.show()
    fresh(...)
    fresh.show()
    assert capsys.readouterr().out.count(f"There is no failing case of `{check.name}` to show.") == 2


def test_but_changes_inputs_results_or_both_and_nothing_else():
    held = random(2)

    def right(x, k):
        return k * x

    assert torch.equal(but(right, k=3)(x=held, k=2), 3 * held)
    assert torch.equal(but(right, x=lambda x, k: x + k)(x=held, k=2), 2 * (held + 2))
    assert torch.equal(but(right, x=torch.neg)(x=held, k=2), -2 * held)
    assert torch.equal(but(right, result=lambda y, k: y / k)(x=held, k=2), held)
    assert torch.equal(but(right, x=lambda x: x.zero_())(x=held, k=2), 0 * held)
    assert torch.equal(held, random(2))
    assert positional(lambda a, b: a - b)(x=3, k=2) == 1


def test_numbers_for_cases_are_the_same_each_time_and_differ_by_seed():
    for make in (random, uniform, digits):
        assert torch.equal(make(3, 5), make(3, 5)) and not torch.equal(make(3, 5), make(3, 5, seed=1))
        assert make(3, 5).dtype == torch.float64
    assert digits(1000).unique().tolist() == list(range(1, 10))
    assert uniform(1000, low=2, high=3).aminmax().min >= 2 and uniform(1000, low=2, high=3).max() <= 3
    assert torch.equal(layer(nn.Linear, 3, 2).weight, layer(nn.Linear, 3, 2).weight)


@pytest.mark.parametrize(
    ("answers", "summary"),
    [
        ((..., ..., ...), "Solved 0 of 3. Not attempted yet: a, b, c."),
        ((4, 5, ...), "Solved 1 of 3. Still wrong: b. Not attempted yet: c."),
        ((4, 4, 4), "Solved 3 of 3."),
    ],
)
def test_the_report_counts(answers, summary, capsys):
    lesson = ModuleType("lesson")
    vars(lesson).update({name: replace(FOUR, name=name) for name in "abc"}, other=SimpleNamespace(solved=False))
    for name, answer in zip("abc", answers, strict=True):
        for given in (5, answer):  # the last answer counts
            try:
                vars(lesson)[name](given)
            except WrongAnswer:
                continue
    capsys.readouterr()
    report(lesson)
    assert capsys.readouterr().out == summary + "\n"
    assert line_of(SHARE, 0.63) == "✔ share"
