"""Kinds of mistakes that all exercises share are told without a name of their own, and only where they hold on every case."""

import re

import pytest
import torch
from checked import FUNCTIONS, as_answer, line_of
from torch import Tensor
from torch.nn import functional as F

from cnnlib.checks import Check, outputs, random
from cnnlib.checks.engine import digits
from cnnlib.checks.engine.changes import of_result
from cnnlib.checks.engine.copies import copied
from cnnlib.checks.engine.places import right_where

SUMS = Check(
    "sums",
    reference=lambda x, w, by: by * torch.einsum("nch,kc->nkh", x, w),
    cases=[
        dict(x=digits(2, 3, 4), w=digits(2, 3, seed=1), by=1),
        dict(x=random(2, 3, 5), w=random(7, 3, seed=1), by=2),
        dict(x=random(3, 2, 7), w=random(5, 2, seed=2), by=-3),
        dict(x=random(2, 2, 3), w=random(3, 2, seed=3), by=1),
    ],
    mistakes={"everything is 0": lambda x, w, by: 0 * by * torch.einsum("nch,kc->nkh", x, w)},
    hints=["Add."],
)
PAIRS = Check(
    "pairs",
    reference=lambda x, y: (x @ y, x + y),
    cases=[dict(x=random(3, 3), y=random(3, 3, seed=1)), dict(x=random(5, 5), y=random(5, 5, seed=2))],
    mistakes={},
    hints=["Both."],
)
COUNT = Check(
    "count",
    reference=lambda n, k: n * k + 1,
    cases=[dict(n=3, k=4), dict(n=5, k=2), dict(n=7, k=11)],
    mistakes={},
    hints=["Multiply."],
)


def sums(x: Tensor, w: Tensor, by: int) -> Tensor:
    return by * torch.einsum("nch,kc->nkh", x, w)


def last_left_out(x: Tensor, w: Tensor, by: int) -> Tensor:
    out = torch.zeros_like(sums(x, w, by))
    out[:, :-1] = sums(x, w, by)[:, :-1]
    return out


ANSWERS = {
    "axes": (
        SUMS,
        lambda x, w, by: torch.einsum("nch,kc->nhk", x, w) * by,
        "axis 1 should be axis 2, axis 2 should be axis 1: ",
    ),
    "mirrored": (SUMS, lambda x, w, by: sums(x, w, by).flip(2), "the values are right, but axis 2 is in reverse order: "),
    "an input mirrored": (
        SUMS,
        lambda x, w, by: sums(x, w.flip(0, 1), by),
        "what you get if `w` is mirrored along axes 0 and 1",
    ),
    "an input ignored": (SUMS, lambda x, w, by: sums(x, w, 1), "the result is what you get if `by` is taken to be 1"),
    "its sign": (SUMS, lambda x, w, by: sums(x, w, abs(by)), "the result is what you get if `by` has lost its sign"),
    "a mean": (
        SUMS,
        lambda x, w, by: by * (x[:, None] * w[..., None]).mean(2),
        "the result is divided by the length of axis 1 of",
    ),
    "a factor": (SUMS, lambda x, w, by: 1.5 * sums(x, w, by), "every value is 1.5 times as large as it should be: "),
    "twice": (SUMS, lambda x, w, by: 2 * sums(x, w, by), "every value is 2 times as large as it should be: "),
    "an addend": (SUMS, lambda x, w, by: sums(x, w, by) - 0.5, "every value is 0.5 too small: "),
    "a shape": (
        SUMS,
        lambda x, w, by: sums(x, w, by).flatten(1),
        "the values are right, but their shape should be (2, 2, 4), not (2, 8), on x",
    ),
    "missing": (SUMS, lambda x, w, by: sums(x, w, by)[..., :-1], "the last entry of the result along axis 2 is missing"),
    "not filled": (
        SUMS,
        last_left_out,
        "8 of the 16 values of the result are 0, as if never computed, and the others are right",
    ),
    "two changes": (
        SUMS,
        lambda x, w, by: sums(x, w, 1).flip(0),
        "the result is mirrored along axis 0, and it is what you get if `by` is taken to be 1",
    ),
    "one of two": (PAIRS, lambda x, y: (y @ x, x + y), "value 1 of 2 is what you get if `x` and `y` are exchanged"),
    "the other": (PAIRS, lambda x, y: (x @ y, x - y), "value 2 of 2 is what you get if `y` has the wrong sign"),
    "an input itself": (PAIRS, lambda x, y: (x @ y, x), "value 2 of 2 is `x` itself"),
    "a number": (COUNT, lambda n, k: n * k, "every value is 1 too small: "),
    "an input of a number": (COUNT, lambda n, k: n * (k + 1) + 1, "the result is what you get if 1 is added to `k`"),
    "where it is right": (
        SUMS,
        lambda x, w, by: sums(x, w, by) + (by - 1) * x.sum(),
        "; it is right where `by` is 1, and nowhere else",
    ),
    "where it runs": (PAIRS, lambda x, y: (x @ y, x + y.reshape(3, 3)), "your code raised RuntimeError in line "),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_kind_of_mistake_is_told(kind):
    check, answer, words = ANSWERS[kind]
    said = line_of(check, answer)
    assert words in said and said.endswith(f"`check.{check.name}.show()` prints this case") == ("raised" not in words)


def test_an_answer_that_is_wrong_in_one_place_is_no_kind():
    def answer(x, w, by):
        y = sums(x, w, by)
        y[0, 0, 0] += 1
        return y

    assert "differs, the first at [0, 0, 0]" in line_of(SUMS, answer)


def test_a_kind_that_holds_on_a_part_of_the_cases_is_not_told():
    assert "values differ" in line_of(SUMS, lambda x, w, by: sums(x, w, by).flip(2) if by > 0 else sums(x, w, by) + x.max())


@pytest.mark.parametrize("words", [words for words, _ in of_result(random(2, 3, 4))])
def test_each_change_of_a_result_is_told_to_somebody_who_made_it(words):
    change = dict(of_result(random(2, 3, 4)))[words]
    check = Check("same", reference=lambda x: 2 * x, cases=SIMPLE, mistakes={}, hints=[""])
    said = line_of(check, lambda x: change(2 * x))
    assert not re.match(r"✘ same: (\d+ of the|expected shape)", said)


SIMPLE = [dict(x=random(2, 3, 5)), dict(x=random(3, 7, 2, seed=1).abs())]


def test_two_mistakes_that_raise_the_same_error_are_not_told_apart():
    def refused(x):
        return x[:, 1:] + x

    cases = [dict(x=random(3, 4)), dict(x=random(5, 7))]
    one = Check("one", reference=lambda x: 2 * x, cases=cases, mistakes={"it is cut": refused}, hints=[""])
    two = Check("two", one.reference, {"it is cut": refused, "it is cut at the end": lambda x: x[:, :-1] + x}, [""], cases)
    assert line_of(one, lambda x: x + x[:, 1:]).startswith("✘ one: it is cut, on x (3, 4)")
    assert line_of(two, lambda x: x + x[:, 1:]).startswith("✘ two: your code raised RuntimeError in line ")


def test_where_an_answer_is_right_needs_one_property():
    sides = [(1, 2, 2), (2, 2, 3), (3, 3, 3)]
    cases = [dict(n=n, x=torch.ones(rows, columns)) for n, rows, columns in sides for _ in range(2)]
    assert right_where(cases, [True, True] + [False] * 4) == "`n` is 1"
    assert right_where(cases, [True, True, False, False, True, True]) == "`x` is square"
    assert right_where(cases, [False] * 5 + [True]) is None
    assert right_where(cases[:4], [True, True, False, False]) is None  # both properties tell them apart
    assert right_where(cases, [False] * 6) is None


TENSORS = [
    name
    for name, check in FUNCTIONS.items()
    if not isinstance(check.look, outputs)
    and not check.changes
    and isinstance(check.reference(**copied(check.cases[0])), Tensor)
]


@pytest.mark.parametrize("name", TENSORS)
def test_every_check_of_a_tensor_says_that_a_result_is_scaled(name):
    check = FUNCTIONS[name]
    said = line_of(check, as_answer(check, lambda **case: 1.75 * check.reference(**case)))
    values = torch.cat([check.reference(**copied(case)).flatten() for case in check.cases])
    are_few = len(values[values != 0].unique()) < 3
    assert are_few or not values.is_floating_point() or "1.75 times as large as it should be" in said


def test_a_check_of_lesson_01_names_what_it_has_no_name_for():
    said = line_of(
        FUNCTIONS["convolution.slide"], lambda image, kernel: 3 * F.conv2d(image[None, None], kernel[None, None])[0, 0]
    )
    assert said.startswith("✘ slide: every value is 3 times as large as it should be")


def test_a_change_does_what_its_words_say():
    x = torch.tensor([[1.0, 2.0], [3.0, 6.0]])
    changes = dict(of_result(x))
    assert (changes["{} is added up over all axes"](x), changes["{} is averaged over all axes"](x)) == (12, 3)
    assert changes["{} is replaced by its largest entry along axis 1"](x).flatten().tolist() == [2, 6]
    assert changes["{} is moved by one forwards along axis 0"](x).tolist() == [[0, 0], [1, 2]]
    assert changes["{} is mirrored along axis 1"](x).tolist() == [[2, 1], [6, 3]]
    assert changes["every second entry of {} along axis 0 is missing"](x).tolist() == [[1, 2]]
