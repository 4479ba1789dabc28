"""Compare an answer of the right form with what was expected, and say in words how they differ.

One rule for dtypes: a floating result has the dtype of the inputs. Another one is compared with as many digits as it has,
so that a wrong value is told first, and the dtype after it.
"""

from numbers import Real
from typing import Any

import torch
from torch import Tensor

from cnnlib.checks.engine.words import apart, describe

EXACT = (1e-6, 1e-9)  # relative and absolute difference that counts as equal, in the dtype that is expected
SINGLE = 1e-6  # of the largest number: what some steps in float32 change
OTHER = {  # the same for a result in another dtype, by the digits that it has
    torch.float32: (1e-4, 1e-5),
    torch.float16: (1e-2, 1e-3),
    torch.bfloat16: (1e-1, 1e-2),
}


def same(answer: Any, expected: Any, within: float = 0.0) -> bool:
    """Tell whether two values agree: tensors to EXACT or OTHER, numbers to `within`, containers part by part."""
    if isinstance(expected, Tensor):
        return isinstance(answer, Tensor) and answer.shape == expected.shape and not wrong_places(answer, expected).any()
    if isinstance(expected, Real):
        return isinstance(answer, Real) and _is_near(answer, expected, within)
    if isinstance(expected, dict):
        return isinstance(answer, dict) and same(list(answer.items()), list(expected.items()), within)
    if isinstance(expected, list | tuple):
        is_alike = isinstance(answer, list | tuple) and len(answer) == len(expected)
        return is_alike and all(same(one, other, within) for one, other in zip(answer, expected, strict=True))
    return bool(answer == expected)


def nearly(answer: Any, other: Any) -> bool:
    """Tell whether two floating tensors of one shape agree to the digits that arithmetic in float32 leaves."""
    is_alike = all(isinstance(value, Tensor) and value.is_floating_point() for value in (answer, other))
    if not is_alike or answer.shape != other.shape or not answer.numel():
        return False
    gap, largest = (answer.detach().double() - other.detach().double()).abs().max(), other.detach().abs().max()
    return bool(largest.isfinite() and gap <= SINGLE * largest)


def _is_near(answer: Any, expected: Any, within: float) -> bool:
    """Compare two real numbers."""
    if answer != answer or expected != expected:  # a named mistake may give NaN
        return bool(answer != answer and expected != expected)
    if answer == expected:  # infinity as well
        return True
    off = max(within, 1e-9 * abs(expected))
    return bool(expected - off <= answer <= expected + off)


def wrong_places(answer: Tensor, expected: Tensor) -> Tensor:
    """Tell of each number of a tensor whether it differs from what is expected; the shapes agree."""
    if not expected.is_floating_point():
        return answer.to(expected.dtype) != expected
    relative, absolute = EXACT if answer.dtype == expected.dtype else OTHER.get(answer.dtype, EXACT)
    given, right = answer.detach().to(expected.dtype), expected.detach()
    return ~torch.isclose(given, right, rtol=relative, atol=absolute, equal_nan=True)  # a named mistake may give NaN


def difference(answer: Any, expected: Any, within: float = 0.0) -> str:
    """Say how an answer of the right form differs: by its shape, or by its first wrong number."""
    if isinstance(expected, Tensor):
        return _of_tensors(answer, expected)
    if isinstance(expected, dict):
        wrong = next(key for key in expected if not same(answer[key], expected[key], within))
        return f"at {wrong!r}: {difference(answer[wrong], expected[wrong], within)}"
    if isinstance(expected, list | tuple):
        wrong = next(place for place, one in enumerate(expected) if not same(answer[place], one, within))
        return f"value {wrong + 1} of {len(expected)}: {difference(answer[wrong], expected[wrong], within)}"
    if problem := not_a_number(answer):
        return problem
    texts = apart(expected, answer) if isinstance(expected, Real) else (describe(expected), describe(answer))
    return "expected {}, got {}".format(*texts)


def not_a_number(answer: Any) -> str | None:
    """Say that a number is NaN, or None."""
    return "the answer is NaN (not a number)" if isinstance(answer, Real) and answer != answer else None


def _of_tensors(answer: Tensor, expected: Tensor) -> str:
    if answer.shape != expected.shape:
        return f"expected shape {tuple(expected.shape)}, got {tuple(answer.shape)}"
    if answer.is_floating_point() and answer.isnan().any() and not expected.isnan().any():
        return "the result contains NaN (not a number): look for 0 / 0, or a root or logarithm of a negative number"
    wrong = wrong_places(answer, expected)
    first = tuple(wrong.nonzero()[0].tolist())
    texts = "expected {}, got {}".format(*apart(expected[first].item(), answer[first].item()))
    if not expected.ndim:
        return texts
    if wrong.numel() == 1:
        return f"the value differs: {texts}"
    differ = f"values {'differs' if wrong.sum() == 1 else 'differ'}"
    share = f"{int(wrong.sum())} of the {wrong.numel()} {differ}"
    return f"{share}, the first at {list(first)}: {texts}"


def wrong_dtype(answer: Any, expected: Any) -> str | None:
    """Say that a tensor whose values are right has another dtype than what is expected, or None."""
    if isinstance(expected, dict):
        answer, expected = list(answer.values()), list(expected.values())
    if isinstance(expected, list | tuple):
        return next(filter(None, map(wrong_dtype, answer, expected)), None)
    if not isinstance(expected, Tensor) or answer.dtype == expected.dtype:
        return None
    if not expected.is_floating_point():
        return f"the values are right, but their dtype should be {expected.dtype}, not {answer.dtype}"
    return f"the result is {answer.dtype}, the input {expected.dtype}; make tensors with the input's `.new_zeros(...)`"
