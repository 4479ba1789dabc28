"""Read an answer in whatever form it comes: numbers as strings, in arrays, as fractions; letters with brackets; lists."""

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from numbers import Real
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cnnlib.checks.engine.words import describe, kind, numbers_of, odd

THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}((,\d{3})+|([ _\u00a0\u202f]\d{3})+)(\.\d*)?")


def letter(answer: Any, choices: Sequence[str]) -> Any:
    """Read a letter: " b ", "B.", "(b)" and "b)" are "b"; anything else is returned as it is."""
    text = re.sub(r"[\s().:]", "", answer).lower() if isinstance(answer, str) else answer
    return text if isinstance(text, str) and text in choices else answer


def number(answer: Any) -> Any:
    """Read a number: one in a tensor or an array, a Decimal, a string; anything else is returned as it is.

    >>> number(torch.tensor([[4]])), number("589,824"), number("5/8") == 0.625, number("four")
    (4, 589824, True, 'four')
    """
    if isinstance(answer, Tensor) and (odd(answer) or answer.requires_grad):
        return answer
    if isinstance(answer, Tensor | np.ndarray | np.generic):
        is_one = (answer.numel() if isinstance(answer, Tensor) else answer.size) == 1
        return answer.item() if is_one else answer
    if isinstance(answer, Decimal):
        return Fraction(answer) if answer.is_finite() else float(answer)
    return _read(answer.strip()) if isinstance(answer, str) else answer


def _read(text: str) -> Any:
    if THOUSANDS.fullmatch(text):
        text = re.sub(r"[^\d.+-]", "", text)
    try:
        read = Fraction(text)
    except (ValueError, ZeroDivisionError):
        try:
            return float(text)  # "inf" and "nan", told as such
        except ValueError:
            return text
    return read.numerator if read.denominator == 1 else read


def read(answer: Any, expected: Any) -> Any:
    """Bring an answer into the form of what is expected, where it can only mean that."""
    if isinstance(expected, Real) and not isinstance(expected, bool):
        return number(answer)
    if isinstance(expected, Tensor) and not expected.is_floating_point() and isinstance(answer, list | tuple | np.ndarray):
        try:
            made = torch.as_tensor(np.array(answer))
        except (ValueError, TypeError, RuntimeError):
            return answer
        return made.to(expected.dtype) if not made.numel() or numbers_of(made) == numbers_of(expected) else answer
    if isinstance(expected, list | tuple) and isinstance(answer, list | tuple) and len(answer) == len(expected):
        return type(expected)(read(one, other) for one, other in zip(answer, expected, strict=True))
    return answer


def wrong_form(answer: Any, expected: Any) -> str | None:
    """Say what is wrong with the form of an answer, its type, or None if its value can be looked at."""
    if answer is None:
        return "the answer is None"
    if isinstance(expected, Tensor):
        return _of_tensor(answer, expected)
    if isinstance(expected, bool):
        return None if isinstance(answer, bool) else f"expected True or False, got {kind(answer)}"
    if isinstance(expected, Real):
        return _of_number(answer)
    if isinstance(expected, list | tuple):
        return _of_parts(answer, expected)
    if isinstance(expected, dict):
        return _of_dict(answer, expected)
    return None if isinstance(answer, type(expected)) else f"expected {kind(expected)}, got {kind(answer)}"


def _of_number(answer: Any) -> str | None:
    if isinstance(answer, Tensor):
        has_graph = answer.requires_grad and answer.numel() == 1
        graph = "expected a number, got a tensor that keeps its graph for gradients; `.item()` makes a number of it"
        return odd(answer) or (graph if has_graph else f"expected one number, got a tensor of {answer.numel()}")
    if isinstance(answer, bool) or not isinstance(answer, Real):
        return f"expected a number, got {kind(answer)}"
    return None


def _of_parts(answer: Any, expected: list | tuple) -> str | None:
    if not isinstance(answer, list | tuple) or len(answer) != len(expected):
        return f"expected {len(expected)} values, got {kind(answer)}"
    parts = (wrong_form(one, other) for one, other in zip(answer, expected, strict=True))
    return next((f"value {place} of {len(expected)}: {wrong}" for place, wrong in enumerate(parts, 1) if wrong), None)


def _of_dict(answer: Any, expected: dict) -> str | None:
    keys = ", ".join(map(repr, expected))
    if not isinstance(answer, dict):
        return f"expected a dict with the keys {keys}, got {kind(answer)}"
    if list(answer) != list(expected):
        return f"expected the keys {keys} in this order, got {', '.join(map(repr, answer)) or 'none'}"
    return next((f"at {key!r}: {wrong}" for key in expected if (wrong := wrong_form(answer[key], expected[key]))), None)


def _of_tensor(answer: Any, expected: Tensor) -> str | None:
    if not isinstance(answer, Tensor):
        return f"expected a torch tensor, got {kind(answer)}"
    if problem := odd(answer):
        return problem
    if not answer.numel() and answer.shape != expected.shape:
        return None  # `torch.tensor([])` holds no number of any kind; its shape is told
    if (wanted := numbers_of(expected)) != (given := numbers_of(answer)):
        place = f"({answer.dtype}, shape {describe(answer) if answer.ndim else '()'})"
        return f"expected {wanted} ({expected.dtype}), got {given} {place}"
    return None
