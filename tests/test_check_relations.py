"""What is told where no mistake has a name: a relation between all results and the right ones, advice on an error, a rule."""

import contextlib
from dataclasses import replace

import pytest
import torch
from checked import FUNCTIONS, line_of
from samples import DOUBLE
from torch.nn import functional as F

from cnnlib.checks import Check
from cnnlib.checks.engine.comparing import same
from cnnlib.checks.engine.copies import copied
from cnnlib.checks.engine.forms import wrong_form
from cnnlib.checks.engine.mistakes import REFUSALS
from cnnlib.checks.engine.relations import relation

RIGHT = torch.tensor([[0.25, 0.5, 0.75], [1.5, 2.25, 4.0]])
BY_AXES = [torch.arange(24.0).view(2, 3, 4), torch.arange(120.0).view(4, 5, 6)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: -x, "every value has the wrong sign"),
        (lambda x: 3 * x, "every value is 3 times as large as it should be"),
        (lambda x: x / 2, "every value is 0.5 times as large as it should be"),
        (lambda x: x + 1, "every value is 1 too large"),
        (lambda x: x - 0.25, "every value is 0.25 too small"),
        (lambda x: 1 - x, "every value is 1 minus the right one"),
        (lambda x: x**2, "every value is the square of the right one"),
        (lambda x: x**0.5, "every value is the square root of the right one"),
        (lambda x: 1 / x, "every value is upside down, 1 divided by the right one"),
        (lambda x: x.round(), "the values are rounded to whole numbers"),
        (lambda x: x.floor(), "the values are rounded down"),
        (lambda x: (10 * x).round() / 10, "the values are rounded to 1 decimals"),
        (lambda x: x.T, "the values are right, but the axes are in another order: axis 0 should be axis 1, axis 1 should be"),
        (lambda x: x.flip(1), "the values are right, but axis 1 is in reverse order"),
        (lambda x: x.flatten(), "the values are right, but their shape should be (2, 3), not (6,)"),
        (lambda x: x[None], "the values are right, but their shape should be (2, 3), not (1, 2, 3)"),
        (lambda x: x.flip(0, 1), "the values are right, but their order is not"),
    ],
)
def test_a_relation_of_all_values_is_told(change, words):
    assert relation([change(RIGHT)], [RIGHT]).startswith(words)


def test_a_relation_holds_on_all_cases_or_is_not_told():
    moved = [x.permute(1, 2, 0) for x in BY_AXES]
    assert relation(moved, BY_AXES).endswith("axis 0 should be axis 1, axis 1 should be axis 2, axis 2 should be axis 0")
    mixed = [moved[0], BY_AXES[1].permute(2, 0, 1)]
    assert relation(mixed, BY_AXES) == "the values are right, but their order is not"
    assert relation([2 * RIGHT, 3 * RIGHT], [RIGHT, RIGHT]) is None
    assert relation([2.0, 4.0, 8.0], [1.0, 2.0, 4.0]) == "every value is 2 times as large as it should be"


@pytest.mark.parametrize("right", [torch.zeros(5), torch.ones(7), torch.tensor([2.0]), torch.tensor([True, False, True])])
def test_a_few_values_tell_no_relation(right):
    assert relation([right.double() * 2 + 1], [right]) is None


def test_a_check_tells_a_relation_with_the_first_wrong_value():
    line = line_of(DOUBLE, lambda x: x / 2)
    assert line.startswith("✘ double: every value is 0.25 times as large as it should be: ") and "the first at [0, 0]" in line


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (lambda x: x.max(0).abs(), "take `.values` or `.indices`"),
        (lambda x: x if x > 0 else 2 * x, "need one truth value"),
        (lambda x: torch.stack([]), "the list is empty"),
        (lambda x: x.sum * 2, "a method needs brackets to be called"),
        (lambda x: x[: len(x) / 1], "an index is a whole number"),
        (lambda x: x @ x.float().T, "numbers of two dtypes meet"),
        (lambda x: (x > 0) - (x < 0), "turn the booleans into numbers first"),
        (lambda x: x.view(7, 7), "a view keeps the number of numbers"),
    ],
)
def test_an_error_comes_with_advice(answer, advice):
    line = line_of(DOUBLE, answer)
    assert line.startswith("✘ double: your code raised ") and advice in line


def test_an_exercise_has_advice_of_its_own():
    own = replace(DOUBLE, errors={"truth value|Boolean value": "double every number"})
    assert "; double every number, on x" in line_of(own, lambda x: x if x > 0 else 2 * x)


def test_what_a_statement_rules_out_is_refused_if_the_values_are_right():
    relu = Check("relu", lambda x: x.clamp(min=0), mistakes={}, hints=[], cases=[dict(x=RIGHT - 1)], without=("relu",))
    assert line_of(relu, lambda x: F.relu(x)) == (
        "✘ relu: the values are right, but `relu` is ready-made; write the function without it"
    )
    assert "ready-made" not in line_of(relu, lambda x: F.relu(-x))
    assert line_of(relu, lambda x: x * (x > 0)) == "✔ relu"


def test_a_list_that_was_changed_in_place_is_told_so():
    check = Check("count", lambda counts: [0, 0], mistakes={}, hints=[], cases=[dict(counts=[1, 2])])

    def cleared(counts):
        counts[:] = [0, 0]
        return counts

    assert line_of(check, cleared).startswith("✘ count: the input `counts` was changed in place")


def test_a_mistake_is_found_behind_arithmetic_in_single_precision():
    cases = [dict(x=100 * torch.rand(50, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) - 50)]
    check = Check("shift", lambda x: x + 1, mistakes={"2 is added": lambda x: x + 2}, hints=[], cases=cases)
    assert line_of(check, lambda x: (x.float() + 2).double()).startswith("✘ shift: 2 is added")
    nearly_right = replace(check, mistakes={"a hair is added": lambda x: x + 1 + 1e-9})
    assert "a hair" not in line_of(nearly_right, lambda x: (x.float() + 1).double())


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, check in FUNCTIONS.items() if check.explain])
def test_a_case_is_worked_out_whatever_an_answer_gave(name):
    check, told = FUNCTIONS[name], []
    for mistake in check.mistakes.values():
        for case in check.cases:
            right = check.reference(**copied(dict(case)))
            with contextlib.suppress(*REFUSALS):
                made = mistake(**copied(dict(case)))
                if not wrong_form(made, right) and not same(made, right, check.tolerance):
                    told.append(check.explain(made, **copied(dict(case))))
    assert len(set(told)) >= 2
    assert all(isinstance(words, str) and words and "\n" not in words and len(words) < 220 for words in told)


def test_a_case_is_worked_out_for_an_answer_without_a_name():
    worked = replace(DOUBLE, explain=lambda got, x: f"the first number is {x[0, 0]:.3g}")
    assert "expected 3.082, got 2.541; the first number is 1.54, on x" in line_of(worked, lambda x: x + 1)
    assert "every value is" in line_of(worked, lambda x: x / 2) and "the first number" not in line_of(worked, lambda x: x / 2)

    def refuses(got, x):
        raise IndexError

    assert "; `check.double.show()`" in line_of(replace(DOUBLE, explain=refuses), lambda x: x + 1)
