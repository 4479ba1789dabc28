"""A guess is echoed in one line, whatever it is, and is never judged."""

import pytest
import torch

from cnnlib import guesses


@pytest.mark.parametrize(
    "guess, shown",
    [
        (..., "none yet"),
        (30, "30"),
        ("b", "b"),
        ("  two\nlines ", "two lines"),
        ([1, 2.5], "[1, 2.5]"),
        (torch.tensor(3), "tensor(3)"),
        (None, "None"),
        ("x" * 101, "x" * 99 + "…"),
        ("x" * 100, "x" * 100),
    ],
)
def test_a_guess_is_echoed_in_one_line(guess, shown, capsys):
    assert guesses.echo(guess) is None
    assert capsys.readouterr().out == f"Your guess: {shown}\n"
