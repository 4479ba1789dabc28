"""What an ordinary wrong answer is told: one sentence with the numbers, and the learner's own line if it raised."""

import re
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
import torch
from checked import line_of, stub
from samples import BLOCK, DOUBLE, FOUR, LETTER, LOSS, MASK, NAMED, ORDER, PAIR, ROW, SCALAR, SHARE, SUM
from torch import nn

from cnnlib.checks import Check, random
from cnnlib.checks.engine.words import inputs_of

ON = ", on x (3, 2)"


# Each raises in a line of the learner's own, which the sentence has to show.
def broken(x):
    y = x + 1
    return y @ y


def helped(x):
    return broken(x)


def recursive(x):
    return recursive(x)


@torch.no_grad()
def decorated(x):
    return x @ x


class Module(nn.Module):
    def forward(self, x):
        return x @ x


class ModuleInside(nn.Module):
    def forward(self, x):
        return nn.Linear(3, 3)(x)


def in_place(x):
    x *= 2
    return x


def not_implemented_in_torch(x):
    return (x > 0) - (x < 0)


def left_over(x):
    y = 2 * x
    raise NotImplementedError
    return y


WRONG = {
    "None": (DOUBLE, lambda x: None, "the answer is None; end the function with `return`" + ON),
    "a list": (DOUBLE, lambda x: (2 * x).tolist(), "expected a torch tensor, got a list ("),
    "an array": (DOUBLE, lambda x: (2 * x).numpy(), "expected a torch tensor, got a numpy.ndarray ("),
    "a string": (DOUBLE, lambda x: "2x", "expected a torch tensor, got a str ('2x')" + ON),
    "NaN": (DOUBLE, lambda x: 2 * x.log(), "the result contains NaN (not a number): look for 0 / 0"),
    "float32": (
        DOUBLE,
        lambda x: 2 * x.float(),
        "is torch.float32, the input torch.float64; make tensors with the input's `.new_zeros(...)`" + ON,
    ),
    "float64 whatever comes": (
        DOUBLE,
        lambda x: 2 * x.double(),
        "is torch.float64, the input torch.float32; make tensors with the input's `.new_zeros(...)`, on inputs in float32, x",
    ),
    "float64 alone": (DOUBLE, lambda x: 2 * torch.eye(len(x)).double() @ x, "your code raised RuntimeError in line {}, `"),
    "no gradient": (
        LOSS,
        lambda x, y: (x.detach() - y).square().sum(),
        "the value is right, but its gradient does not reach `x`: `.detach()`, `torch.no_grad()` or numpy cuts it off, on x",
    ),
    "half a gradient": (
        LOSS,
        lambda x, y: x.square().sum() - (2 * x.detach() * y).sum() + y.square().sum(),
        "the value is right, but the gradient of `x` is not that of the formula: `.detach()`, `torch.no_grad()` or numpy cuts",
    ),
    "the gradient of one row": (
        LOSS,
        lambda x, y: (torch.cat([x[:1], x[1:].detach()]) - y).square().sum(),
        "the value is right, but its gradient does not reach all of `x`: `.detach()`, `torch.no_grad()` or numpy cuts it off",
    ),
    "a number for a loss": (LOSS, lambda x, y: (x - y).square().sum().item(), "expected a torch tensor, got a float ("),
    "float32 and wrong": (DOUBLE, lambda x: 3 * x.float(), "it is tripled" + ON),
    "integers": (DOUBLE, lambda x: x.long(), "expected floats (torch.float64), got integers (torch.int64,"),
    "floats": (ORDER, lambda x: x.sort(0)[0], "expected integers (torch.int64), got floats (torch.float64,"),
    "booleans": (ORDER, lambda x: x > 0, "expected integers (torch.int64), got booleans (torch.bool,"),
    "nothing": (ORDER, lambda x: torch.tensor([]), "expected shape (3, 2), got (0,)"),
    "an empty list": (ORDER, lambda x: [], "expected shape (3, 2), got (0,)"),
    "int32": (ORDER, lambda x: x.argsort(0).int(), "values are right, but their dtype should be torch.int64, not torch.int32"),
    "a list of floats": (ROW, lambda x: [1.5, 2, 0], "expected a torch tensor, got a list ([1.5, 2, 0])"),
    "a ragged list": (ORDER, lambda x: [[1], [2, 0]], "expected a torch tensor, got a list ([[1], [2, 0]])"),
    "shape": (DOUBLE, lambda x: 2 * torch.cat([x, x]), "expected shape (3, 2), got (6, 2)" + ON),
    "one value": (
        DOUBLE,
        lambda x: 2 * x + (x == x[0, 1]),
        "1 of the 6 values differs, the first at [0, 1]: expected -0.5869, got 0.4131" + ON + "; `check.double.show()` prints",
    ),
    "the only value": (
        Check("one", reference=lambda x: 2 * x[:1], cases=[dict(x=random(3))], mistakes={}, hints=["Double."]),
        lambda x: x[:1],
        "✘ one: the value differs: expected 3.082, got 1.541, on x (3,); ",
    ),
    "the fifth digit": (
        DOUBLE,
        lambda x: 2 * x + 1e-5,
        "6 of the 6 values differ, the first at [0, 0]: expected 3.08199, got 3.082,",
    ),
    "in place": (DOUBLE, in_place, "the input `x` was changed in place; work on a copy" + ON),
    "an error": (DOUBLE, broken, "your code raised RuntimeError in line {}, `return y @ y`: mat1 and mat2 shapes cannot be"),
    "an error's case": (DOUBLE, broken, ON),
    "a helper's error": (DOUBLE, helped, "RuntimeError in line {} of your `broken`, `return y @ y`: mat1"),
    "recursion": (
        DOUBLE,
        recursive,
        "your code raised RecursionError in line {}, `return recursive(x)`: maximum recursion depth",
    ),
    "a decorated error": (DOUBLE, decorated, "your code raised RuntimeError in line {}, `return x @ x`: mat1 and mat2"),
    "a module's error": (DOUBLE, Module(), "your code raised RuntimeError in line {}, `return x @ x`: mat1 and mat2"),
    "an inner module's error": (
        DOUBLE,
        ModuleInside(),
        "your code raised RuntimeError in line {}, `return nn.Linear(3, 3)(x)`: mat1",
    ),
    "torch's NotImplementedError": (DOUBLE, not_implemented_in_torch, "in line {}, `return (x > 0) - (x < 0)`: Subtraction"),
    "a module without forward": (DOUBLE, nn.Module(), "your code raised NotImplementedError"),
    "a stub under code": (
        DOUBLE,
        left_over,
        "`raise NotImplementedError` is left in line {}, under your code; delete that line" + ON,
    ),
    "too many parameters": (DOUBLE, lambda x, y: x, "expected a function of 1 argument, (x), got one of (x, y)"),
    "too few parameters": (LOSS, lambda x: x, "expected a function of 2 arguments, (x, y), got one of (x)"),
    "no function": (DOUBLE, 3, "expected a function, got 3"),
    "a result": (DOUBLE, torch.ones(3, 3), "expected a function, got (3, 3)"),
    "a class": (DOUBLE, Module, "expected a function, got the class `Module`; make one of it: `Module()`"),
    "None for a number": (SUM, lambda x: None, "the answer is None; end the function with `return`"),
    "a string for a number": (SUM, lambda x: "four", "expected a number, got a str ('four')" + ON),
    "a tensor for a number": (SUM, lambda x: x, "expected one number, got a tensor of 6" + ON),
    "a bool for a number": (SUM, lambda x: True, "expected a number, got a bool (True)" + ON),
    "another number": (SUM, lambda x: x.sum() - x[0, 1], "expected -2.84"),
    "a huge number": (SUM, lambda x: 10**400, "expected -2.84"),
    "a complex number": (SUM, lambda x: 1j, "expected a number, got a complex number (1j)" + ON),
    "bytes for a number": (SUM, lambda x: b"3", "expected a number, got bytes (b'3')" + ON),
    "a layer for a number": (
        SUM,
        lambda x: nn.ReLU(x),
        "got a torch.nn.modules.activation.ReLU (a ReLU that cannot be printed)",
    ),
    "a scalar": (SCALAR, lambda x: x.sum() - x[0, 1], "✘ scalar: expected -2.84"),
    "a mask": (MASK, lambda x: (x > 0) ^ (x == x[0, 0]), "1 of the 6 values differs, the first at [0, 0]: expected True, got"),
    "one of a pair": (PAIR, lambda x: x.sum(), "expected 2 values, got a torch.Tensor (-2.84"),
    "the second of a pair": (PAIR, lambda x: (x.sum(), 2 * x + (x == x[0, 1])), "value 2 of 2: 1 of the 6 values differs"),
    "the kind of the second": (PAIR, lambda x: (x.sum(), 3), "value 2 of 2: expected a torch tensor, got an int (3)"),
    "keys": (NAMED, lambda x: {"a": x.sum()}, "expected the keys 'a', 'b' in this order, got 'a'" + ON),
    "order of keys": (NAMED, lambda x: {"b": 2 * x, "a": x.sum()}, "expected the keys 'a', 'b' in this order, got 'b', 'a'"),
    "the value at a key": (NAMED, lambda x: {"a": x.sum(), "b": x}, "at 'b': 6 of the 6 values differ"),
    "value: a word": (FOUR, "four", "expected a number, got a str ('four')"),
    "value: a list": (FOUR, [4], "expected a number, got a list ([4])"),
    "value: NaN": (FOUR, float("nan"), "the answer is NaN (not a number)"),
    "value: infinity": (FOUR, float("inf"), "inf is not right; `check.four.hint()` gives a hint"),
    "value: a huge number": (FOUR, 10**400, "is not right; `check.four.hint()` gives a hint"),
    "value: too far": (FOUR, 4.2, "4.2 is not right; `check.four.hint()` gives a hint"),
    "value: a mistake": (FOUR, 5.05, "one too many"),
    "value: a digit too few": (SHARE, 0.6, "two decimals are asked for; 0.6 has one"),
    "value: a rounded mistake": (SHARE, 0.37, "that is the rest"),
    "value: a fraction": (SHARE, "1/8 ", "1/8 is not right"),
    "choice: another letter": (LETTER, "z", "answer one of 'a', 'b', got 'z'"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_answer_is_told_why_in_one_line(kind):
    check, answer, words = WRONG[kind]
    said = re.sub(r"in line \d+", "in line {}", line_of(check, answer))
    assert said.startswith(f"✘ {check.name}: ")
    assert words in said


def test_an_error_inside_the_library_shows_the_learner_s_line():
    from cnnlib.layers import conv2d

    said = line_of(DOUBLE, lambda x: conv2d(x, x))
    assert "in line" in said and "`said = line_of(DOUBLE, lambda x: conv2d(x, x))`" in said


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (5 / 27, "0.185185"),
        ("3.04", "3.04"),
        (" 1/7 ", "1/7"),
        (Decimal("3.04"), "3.04"),
        (3.2e6, "3200000"),
        (torch.tensor(0.25), "0.25"),
        (7, "7"),
    ],
)
def test_a_number_that_is_not_right_is_repeated_as_it_was_written(answer, said):
    assert line_of(FOUR, answer).startswith(f"✘ four: {said} is not right; ")


def test_an_input_that_is_a_network_is_named_as_one():
    case = dict(linear=nn.Linear(3, 2), c=3, body=BLOCK.reference(3))
    assert inputs_of(case) == "`linear` an `nn.Linear`, c 3, `body` a network"


def raising(words):
    def answer(x):
        raise ValueError(words)

    return answer


def test_the_words_of_an_error_are_shortened_with_dots_and_fit_into_the_sentence():
    assert line_of(DOUBLE, raising("too small.")).endswith(": too small, on x (3, 2)")
    assert line_of(DOUBLE, raising("a" * 201)).endswith(f": {'a' * 200}..., on x (3, 2)")


def test_stubs_are_not_attempted_and_another_s_stub_is_named():
    assert line_of(DOUBLE, stub) == "○ double: not attempted yet"
    assert line_of(DOUBLE, lambda x: 2 * stub(x)) == "○ double: it calls `stub`, which is not written yet"


def test_lines_that_come_with_a_stub_do_not_count_as_written():
    assert "under your code" in line_of(DOUBLE, left_over)
    given = Check("double", DOUBLE.reference, DOUBLE.mistakes, DOUBLE.hints, DOUBLE.cases, given=1)
    assert line_of(given, left_over) == "○ double: not attempted yet"


def test_layers_without_a_forward_are_told_so():
    class Half(nn.Module):
        def __init__(self, c):
            super().__init__()
            self.layer = nn.Conv2d(c, c, 1)

        def forward(self, x):
            raise NotImplementedError

    assert line_of(BLOCK, Half) == "○ block: `forward` is not written yet"
    assert line_of(replace(BLOCK, given=1), Half) == "○ block: not attempted yet"


def test_an_exercise_that_builds_on_another_says_so():
    built = Check("built", DOUBLE.reference, DOUBLE.mistakes, ["Double."], DOUBLE.cases, builds_on=[SHARE])
    assert "; it builds on `share`, which is not solved yet; `check.built.show()`" in line_of(built, lambda x: 4 * x)
    assert line_of(built, lambda x: 3 * x) == "✘ built: it is tripled, on x (3, 2)"


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (DOUBLE, lambda x: (x + x).requires_grad_()),
        (DOUBLE, lambda x: x.clone().mul_(2)),
        (DOUBLE, lambda *values: 2 * values[0]),
        (LOSS, lambda a, b: ((a - b) ** 2).sum()),
        (LOSS, lambda a, b: ((a - b.detach()) ** 2).sum()),
        (SUM, lambda x: x.sum()),
        (SUM, lambda x: x.sum().numpy()[()]),
        (SUM, lambda x: x.sum()[None, None]),
        (SUM, lambda x: str(x.sum().item())),
        (ROW, lambda x: x.argsort().tolist()),
        (ROW, lambda x: x.argsort().numpy()),
        (ROW, lambda x: tuple(x.argsort().tolist())),
        (PAIR, lambda x: [x.sum(), 2 * x]),
        (FOUR, np.float32(4.05)),
    ],
)
def test_right_answers_in_another_form_are_right(check, answer):
    assert line_of(check, answer).startswith("✔")
