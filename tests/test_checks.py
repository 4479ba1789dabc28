"""Every check of every lesson, found by walking `cnnlib.checks`: a new check is tested as soon as it is written.

First the checks themselves (reference, named mistakes, cases, hints, other right answers), then the engine's words for
answers of the wrong kind.
"""

import importlib
import pkgutil
import re
import signal
import time
from dataclasses import replace
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch
from right_answers import RIGHT_ANSWERS
from torch import nn

from cnnlib import checks
from cnnlib.checks import Check, WrongAnswer, report, running

ENGINE = {"check", "comparing", "running"}
LESSONS = {
    name: importlib.import_module(f"cnnlib.checks.{name}")
    for _, name, _ in pkgutil.iter_modules(checks.__path__)
    if name not in ENGINE
}
CHECKS = {
    f"{lesson}.{name}": c for lesson, module in LESSONS.items() for name, c in vars(module).items() if isinstance(c, Check)
}
FUNCTIONS = {name: check for name, check in CHECKS.items() if check.cases}
MISTAKES = [
    pytest.param(check, mistake, id=f"{name}-{mistake}") for name, check in CHECKS.items() for mistake in check.mistakes
]
ANSWERS = [
    pytest.param(f"{lesson}.{name}", answer, id=f"{lesson}.{name}-{number}")
    for lesson, answers in RIGHT_ANSWERS.items()
    for name, functions in answers.items()
    for number, answer in enumerate(functions)
]
ALIKE = {"fcn.mean_iou": "a confusion matrix is square"}  # checks with a tensor whose sizes cannot be distinct -> why


@pytest.fixture
def line(capsys):
    """Judge an answer and return the one line that a learner sees, and nothing else."""

    def line(check: Check, answer) -> str:
        fresh = replace(check)
        try:
            fresh(answer)
        except WrongAnswer as wrong:
            said, outcome = str(wrong), False
            assert capsys.readouterr().out == ""
        else:
            said = capsys.readouterr().out.removesuffix("\n")
            outcome = True if said.startswith("✔") else None
        assert "\n" not in said
        assert said.startswith({True: f"✔ {check.name}", False: f"✘ {check.name}: ", None: f"○ {check.name}: "}[outcome])
        assert fresh.solved is outcome
        return said

    return line


def by_position(check: Check, function):
    """Make a function with named arguments callable as a learner's is."""
    return lambda *values: function(**dict(zip(check.cases[0], values, strict=True)))


def as_answer(check: Check, wrong):
    return by_position(check, wrong) if check.cases else wrong


def stub(*values):
    raise NotImplementedError


# --- the checks ---


@pytest.mark.parametrize("name", CHECKS)
def test_the_reference_is_right(name, line):
    check = CHECKS[name]
    assert line(check, as_answer(check, check.reference)) == f"✔ {check.name}"


@pytest.mark.parametrize(("check", "mistake"), MISTAKES)
def test_a_named_mistake_is_wrong_and_named(check, mistake, line):
    said = line(check, as_answer(check, check.mistakes[mistake]))
    assert said.startswith(f"✘ {check.name}: {mistake}, on " if check.cases else f"✘ {check.name}: {mistake}")


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
def test_a_choice_is_one_of_the_letters(name, line):
    check = CHECKS[name]
    if check.choices:
        assert {check.reference, *check.mistakes.values()} == set(check.choices)
        assert line(check, f" {check.reference.upper()} ").startswith("✔")
        for outside in ("z", None, 3, [check.reference], np.array([1, 2]), torch.ones(2)):
            assert ", ".join(map(repr, check.choices)) in line(check, outside)


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
def test_a_right_answer_written_another_way_is_right(name, answer, line):
    assert line(CHECKS[name], answer).startswith("✔")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_check_has_a_right_answer_written_another_way(name):
    lesson, _, check = name.partition(".")
    assert RIGHT_ANSWERS.get(lesson, {}).get(check), "add one to tests/right_answers/"


@pytest.mark.parametrize("name", CHECKS)
def test_unattempted_is_neither_right_nor_wrong(name, line):
    check = CHECKS[name]
    assert line(check, ...) == f"○ {check.name}: not attempted yet"
    if check.cases:
        assert line(check, stub) == f"○ {check.name}: not attempted yet"


@pytest.mark.parametrize("name", CHECKS)
def test_an_answer_of_no_use_is_told_so_in_one_line(name, line):
    check = CHECKS[name]
    for answer in (None, object(), np.zeros((3, 3)), [torch.zeros(3, 2)] * 2):
        assert line(check, answer).startswith("✘")
        if check.cases:
            assert line(check, lambda *values, answer=answer: answer).startswith("✘")


# --- the engine ---


def random(*shape):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


DOUBLE = Check(
    "double",
    reference=lambda x: 2 * x,
    cases=[dict(x=random(3, 2)), dict(x=random(5, 7))],
    mistakes={"it is tripled": lambda x: 3 * x, "it is transposed": lambda x: 2 * x.T},
    hints=["Multiply."],
)
SUM = Check("total", reference=lambda x: x.sum().item(), cases=[dict(x=random(3, 2))], mistakes={}, hints=["Add."])
LOSS = Check(
    "loss",
    reference=lambda x: x.square().sum(),
    cases=[dict(x=random(3, 2).requires_grad_())],
    mistakes={},
    hints=["Square."],
)
SCALAR = Check("scalar", reference=lambda x: x.sum(), cases=[dict(x=random(3, 2))], mistakes={}, hints=["Add."])
ORDER = Check("order", reference=lambda x: x.argsort(0), cases=[dict(x=random(3, 2))], mistakes={}, hints=["Sort."])
MASK = Check("mask", reference=lambda x: x > 0, cases=[dict(x=random(3, 2))], mistakes={}, hints=["Compare."])
FOUR = Check("four", reference=4, mistakes={"one too many": 5}, hints=["Count."], within=0.1)
ON = ", on x (3, 2)"


def in_place(x):
    x *= 2
    return x


# Each raises in a line of the learner's own, which the message has to show.
def broken(x):
    y = x + 1
    return y @ y


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


def not_implemented_in_torch(x):
    return (x > 0) - (x < 0)


WRONG = {
    "None": (DOUBLE, lambda x: None, "the answer is None; end the function with `return`" + ON),
    "a list": (DOUBLE, lambda x: (2 * x).tolist(), "a torch tensor is asked, got a list ("),
    "an array": (DOUBLE, lambda x: (2 * x).numpy(), "a torch tensor is asked, got a numpy.ndarray ("),
    "a string": (DOUBLE, lambda x: "2x", "a torch tensor is asked, got a str ('2x')" + ON),
    "NaN": (DOUBLE, lambda x: 2 * x.log(), "the result contains NaN (not a number)" + ON),
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
    "no gradient": (LOSS, lambda x: x.detach().square().sum(), "nothing can be learned from the result: `.detach()`,"),
    "float32 and wrong": (DOUBLE, lambda x: 3 * x.float(), "it is tripled" + ON),
    "whole numbers": (
        DOUBLE,
        lambda x: x.long(),
        "fractions are asked (torch.float64), the result holds whole numbers (torch.int64,",
    ),
    "fractions": (
        ORDER,
        lambda x: x.sort(0)[0],
        "whole numbers are asked (torch.int64), the result holds fractions (torch.float64,",
    ),
    "truth values": (
        ORDER,
        lambda x: x > 0,
        "whole numbers are asked (torch.int64), the result holds truth values (torch.bool,",
    ),
    "int32": (
        ORDER,
        lambda x: x.argsort(0).int(),
        "the numbers are right, their type should be torch.int64, not torch.int32" + ON,
    ),
    "shape": (DOUBLE, lambda x: 2 * x[:, :1], "expected shape (3, 2), got (3, 1)" + ON),
    "a number": (
        DOUBLE,
        lambda x: 2 * x + (x == x[0, 1]),
        "1 of 6 numbers are wrong, the first at [0, 1]: expected -0.5869, got 0.4131" + ON,
    ),
    "in place": (DOUBLE, in_place, "the input `x` was changed in place; work on a copy"),
    "an error": (DOUBLE, broken, "your code raised RuntimeError in line {}, `return y @ y`: mat1 and mat2 shapes cannot be"),
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
    "arguments": (DOUBLE, lambda x, y: x, "your code raised TypeError: <lambda>() missing 1 required positional argument: 'y'"),
    "no function": (DOUBLE, 3, "a function is asked, got 3"),
    "a result": (DOUBLE, random(3, 3), "a function is asked, got (3, 3)"),
    "None for a number": (SUM, lambda x: None, "the answer is None"),
    "a string for a number": (SUM, lambda x: "4", "a number is asked, got a str ('4')" + ON),
    "a tensor for a number": (SUM, lambda x: x, "one number is asked, got a tensor of 6" + ON),
    "a bool for a number": (SUM, lambda x: True, "a number is asked, got a bool (True)" + ON),
    "another number": (SUM, lambda x: x.sum() + 1, "expected -2.84"),
    "a huge number": (SUM, lambda x: 10**400, "expected -2.84"),
    "a complex number": (SUM, lambda x: 1j, "a number is asked, got a complex (1j)" + ON),
    "a layer for a number": (
        SUM,
        lambda x: nn.ReLU(x),
        "got a torch.nn.modules.activation.ReLU (a ReLU that cannot be printed)",
    ),
    "a scalar": (SCALAR, lambda x: x.sum() + 1, "✘ scalar: expected -2.84"),
    "a mask": (MASK, lambda x: x < 0, "6 of 6 numbers are wrong, the first at [0, 0]: expected"),
    "value: a string": (FOUR, "4", "a number is asked, got a str ('4')"),
    "value: a list": (FOUR, [4], "a number is asked, got a list ([4])"),
    "value: NaN": (FOUR, float("nan"), "the answer is NaN (not a number)"),
    "value: infinity": (FOUR, float("inf"), "inf is not it; `check.four.hint()` helps"),
    "value: a huge number": (FOUR, 10**400, "is not it; `check.four.hint()` helps"),
    "value: too far": (FOUR, 4.2, "4.2 is not it; `check.four.hint()` helps"),
    "value: a mistake": (FOUR, 5.05, "one too many"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_answer_is_told_why_in_one_line(kind, line):
    check, answer, words = WRONG[kind]
    said = re.sub(r"in line \d+", "in line {}", line(check, answer))
    assert said.startswith(f"✘ {check.name}: ")
    assert words in said


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (DOUBLE, lambda x: (x + x).requires_grad_()),
        (DOUBLE, lambda x: x.clone().mul_(2)),
        (LOSS, lambda x: (x * x).sum()),
        (SUM, lambda x: x.sum()),
        (SUM, lambda x: x.sum().numpy()[()]),
        (FOUR, np.float32(4.05)),
        (FOUR, torch.tensor([4])),
    ],
)
def test_right_answers_of_another_kind_are_right(check, answer, line):
    assert line(check, answer).startswith("✔")


def test_printing_is_not_returning_and_the_print_is_shown(capsys):
    with pytest.raises(WrongAnswer, match="✘ double: the result is printed, not returned; end the function with `return`"):
        replace(DOUBLE)(lambda x: print("my sum"))
    assert capsys.readouterr().out == "my sum\n"
    replace(DOUBLE)(lambda x: print(len(x)) or 2 * x)
    assert capsys.readouterr().out == "3\n5\n✔ double\n"


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="only POSIX systems can interrupt a function")
def test_an_endless_loop_is_stopped(line, monkeypatch):
    def endless(x):
        while True:
            pass

    monkeypatch.setattr(running, "SECONDS", 0.2)
    before, start = signal.getsignal(signal.SIGALRM), time.perf_counter()
    assert line(DOUBLE, endless) == "✘ double: still running after 0.2 seconds; look for a loop that does not end"
    assert time.perf_counter() - start < 2
    assert signal.getsignal(signal.SIGALRM) is before
    assert line(DOUBLE, lambda x: 2 * x) == "✔ double"
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)  # no alarm is left to go off later


def test_a_stub_called_by_an_answer_is_not_attempted(line):
    assert line(DOUBLE, lambda x: 2 * stub(x)) == "○ double: not attempted yet"


def test_a_wrong_answer_stops_a_program_and_shows_no_traceback_in_a_notebook():
    with pytest.raises(AssertionError) as caught:
        replace(FOUR)(5)
    assert caught.value._render_traceback_() == ["✘ four: one too many"]
    assert caught.value.__suppress_context__


def test_cases_survive_whatever_an_answer_does_to_them(line):
    with pytest.raises(WrongAnswer):
        replace(DOUBLE)(in_place)
    assert line(DOUBLE, lambda x: 2 * x) == "✔ double"


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


@pytest.fixture
def block():
    """A check whose functions make a network: convolution and batch norm with a shortcut."""

    class Plus(nn.Module):
        def __init__(self, c: int, plus: bool = True) -> None:
            super().__init__()
            self.body, self.plus = nn.Sequential(nn.Conv2d(c, c, 3, padding=1), nn.BatchNorm2d(c)), plus

        def forward(self, x):
            return self.body(x) + (x if self.plus else 0)

    x = torch.randn(2, 3, 5, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    wrong = {"the shortcut is missing": lambda c: Plus(c, plus=False)}
    return Check("block", Plus, wrong, ["one", "two"], cases=[dict(c=3)], look=checks.outputs(x)), Plus


def test_a_layer_that_stands_twice_is_told(block, line):
    check, plus = block
    check = replace(check, reference=lambda c: nn.Sequential(plus(c), plus(c)))
    assert line(check, check.reference) == "✔ block"
    assert "one set of weights: `[layer] * n` repeats it" in line(check, lambda c: nn.Sequential(*[plus(c)] * 2))


def test_a_network_is_judged_by_its_outputs_whatever_its_layers_are_called(block, line):
    check, plus = block

    class Other(nn.Module):
        def __init__(self, c):
            super().__init__()
            self.norm = nn.BatchNorm2d(c)
            self.conv = nn.Conv2d(c, c, 3, padding=1)

        def forward(self, x):
            return x + self.norm(self.conv(x))

    assert line(check, plus) == line(check, Other) == "✔ block"
    assert line(check, lambda c: plus(c, plus=False)) == "✘ block: the shortcut is missing, on c 3"
    assert line(check, lambda c: None).startswith("✘ block: a network (nn.Module) is asked, got None")
    assert "expected shape (2, 3, 5, 7), got (2, 3, 3, 5)" in line(check, lambda c: nn.Conv2d(c, c, 3))
