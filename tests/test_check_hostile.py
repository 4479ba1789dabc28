"""What an answer can do besides being wrong: each is one clear sentence, soon, and leaves nothing behind."""

import asyncio
import re
import sys

import numpy as np
import pytest
import torch
from samples import DOUBLE, FOUR, LETTER, ORDER, SUM

from cnnlib.checks import WrongAnswer

ON = ", on x (3, 2)"


class OwnError(BaseException):
    """An exception that no `except Exception` catches."""


class Unprintable(Exception):
    """An exception whose words cannot be had."""

    def __str__(self):
        raise ValueError("no words")


class Secret:
    """A value that cannot be printed, compared or asked for its class."""

    def __repr__(self):
        raise OwnError

    def __eq__(self, other):
        raise OwnError

    __hash__ = None


class Stranger:
    """A value that lies about its class."""

    @property
    def __class__(self):
        raise OwnError


def leaves(x):
    sys.exit(0)


def presses_a_key(x):
    raise KeyboardInterrupt


def raises_its_own(x):
    raise OwnError("mine")


def raises_unprintable(x):
    raise Unprintable


def out_of_memory(x):
    return torch.zeros(10**15)


def generates(x):
    yield 2 * x


async def waits(x):
    await asyncio.sleep(0)


def prints_much(x):
    for number in range(100_000):
        print(number)
    return 2 * x


def prints_one_line(x):
    for _ in range(10_000):
        print("x" * 1_000, end="")
    return 3 * x


HOSTILE = {
    "meta": (
        DOUBLE,
        lambda x: (2 * x).to("meta"),
        "the result is on the device `meta`, which holds shapes and no numbers" + ON,
    ),
    "sparse": (
        DOUBLE,
        lambda x: (2 * x).to_sparse(),
        "expected a dense tensor, got a sparse one (torch.sparse_coo): `.to_dense()`",
    ),
    "csr": (DOUBLE, lambda x: (2 * x).to_sparse_csr(), "expected a dense tensor, got a sparse one (torch.sparse_csr): `.to_"),
    "nested": (DOUBLE, lambda x: torch.nested.nested_tensor([2 * x]), "expected a plain tensor, got a nested tensor" + ON),
    "complex": (
        DOUBLE,
        lambda x: 2 * x + 0j,
        "expected floats (torch.float64), got complex numbers (torch.complex128, shape (3,",
    ),
    "quantized": (
        DOUBLE,
        lambda x: torch.quantize_per_tensor(x.float(), 0.1, 0, torch.qint8),
        "expected a plain tensor, got a quantized one (torch.qint8): `.dequantize()`" + ON,
    ),
    "float16": (
        DOUBLE,
        lambda x: (2 * x).half(),
        "the result is torch.float16, the input torch.float64; make tensors with the",
    ),
    "bfloat16": (DOUBLE, lambda x: (2 * x).bfloat16(), "the result is torch.bfloat16, the input torch.float64; make tensors"),
    "float16 and wrong": (
        DOUBLE,
        lambda x: (2 * x + 0.1).half(),
        "6 of the 6 values differ, the first at [0, 0]: expected 3",
    ),
    "a meta number": (
        SUM,
        lambda x: x.sum().to("meta"),
        "the result is on the device `meta`, which holds shapes and no numbers" + ON,
    ),
    "sys.exit": (DOUBLE, leaves, "your code raised SystemExit in line {}, `sys.exit(0)`: 0" + ON),
    "KeyboardInterrupt": (
        DOUBLE,
        presses_a_key,
        "your code raised KeyboardInterrupt in line {}, `raise KeyboardInterrupt`" + ON,
    ),
    "own BaseException": (DOUBLE, raises_its_own, 'your code raised OwnError in line {}, `raise OwnError("mine")`: mine' + ON),
    "unprintable": (
        DOUBLE,
        raises_unprintable,
        "raised Unprintable in line {}, `raise Unprintable`: its words cannot be printed",
    ),
    "memory": (DOUBLE, out_of_memory, "your code raised RuntimeError in line {}, `return torch.zeros(10**15)`: "),
    "a generator": (DOUBLE, generates, "the function is a generator: it has a `yield`; end it with `return`" + ON),
    "a coroutine": (DOUBLE, waits, "the function is a coroutine; write `def`, without `async`" + ON),
    "a secret": (DOUBLE, lambda x: Secret(), "expected a torch tensor, got a test_check_hostile.Secret (a Secret that cannot"),
    "a secret value": (FOUR, Secret(), "expected a number, got a test_check_hostile.Secret (a Secret that cannot be printed)"),
    "a secret letter": (LETTER, Secret(), "answer one of 'a', 'b', got a Secret that cannot be printed"),
    "a stranger": (FOUR, Stranger(), "the answer cannot be compared with what is expected (OwnError)"),
    "a stranger's result": (DOUBLE, lambda x: Stranger(), "the answer cannot be compared with what is expected (OwnError)"),
    "an object array": (
        ORDER,
        lambda x: np.array([x, None], dtype=object),
        "expected a torch tensor, got a numpy.ndarray (an arr",
    ),
    "much printed": (DOUBLE, lambda x: 3 * prints_much(x) / 2, "it is tripled"),
    "one line printed": (DOUBLE, prints_one_line, "it is tripled"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_whatever_an_answer_does_is_one_sentence(kind, capsys):
    check, answer, words = HOSTILE[kind]
    with pytest.raises(WrongAnswer) as wrong:
        check(answer)
    said = re.sub(r"in line \d+", "in line {}", str(wrong.value))
    assert words in said
    assert said.startswith(f"✘ {check.name}: ") and "\n" not in said and len(said) < 400
    assert check.solved is False
    assert len(capsys.readouterr().out) < 25_000


def test_endless_printing_is_twenty_lines_and_a_count(capsys):
    with pytest.raises(WrongAnswer):
        DOUBLE(lambda x: prints_much(x) * 2)
    printed = capsys.readouterr().out.splitlines()
    assert printed == [*map(str, range(20)), "... and 199,980 more lines"]


def test_printing_is_not_returning_and_the_print_is_shown(capsys):
    with pytest.raises(WrongAnswer, match="✘ double: the result is printed, not returned; end the function with `return`"):
        DOUBLE(lambda x: print("my sum", end=""))
    assert capsys.readouterr().out == "my sum\n"
    DOUBLE(lambda x: print(len(x), file=sys.stderr) or 2 * x)
    assert capsys.readouterr() == ("3\n5\n✔ double\n", "")
