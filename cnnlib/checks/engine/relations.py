"""Say in what simple way all results of an answer differ from the right ones: told where no mistake has a name."""

from collections.abc import Callable, Iterator, Sequence
from itertools import permutations
from numbers import Real
from typing import Any

import torch
from torch import Tensor

from cnnlib.checks.engine.comparing import same

HUGE = 1e300  # a number that is not compared
FEWEST = 3  # numbers that are not 0 and differ: fewer can agree with a relation by chance
ORDER = "the values are right, but their order is not"  # the least that can be said
MOST_AXES = 5  # of a tensor whose orders of axes are tried


def relation(given: Sequence[Any], expected: Sequence[Any]) -> str | None:
    """Name what turns the right results of all cases into those of an answer, or return None.

    >>> relation([torch.tensor([2.0, 6.0, 4.0])], [torch.tensor([1.0, 3.0, 2.0])])
    'every value is 2 times as large as it should be'
    >>> relation([torch.arange(6).view(3, 2).T], [torch.arange(6).view(3, 2)])
    'the values are right, but the axes are in another order: axis 0 should be axis 1, axis 1 should be axis 0'
    """
    pairs = [(one, other) for one, other in zip(given, expected, strict=True) if not same(one, other)]
    if pairs and all(isinstance(value, Tensor) for pair in pairs for value in pair) and (found := _of_axes(pairs)):
        return found
    numbers = list(_numbers(given, expected))
    if len(numbers) < len(given):
        return None
    answer, right = (torch.cat(parts) for parts in zip(*numbers, strict=True))
    return _of_values(answer, right) if _is_telling(right) else None


def _numbers(given: Sequence[Any], expected: Sequence[Any]) -> Iterator[tuple[Tensor, Tensor]]:
    """Lay out the numbers of each case in a row; a case whose shape is wrong is left out."""
    for pair in zip(given, expected, strict=True):
        rows = [_row(value) for value in pair]
        if rows[0] is not None and rows[1] is not None and _shape(pair[0]) == _shape(pair[1]):
            yield rows[0], rows[1]


def _row(value: Any) -> Tensor | None:
    if isinstance(value, Tensor) and value.dtype != torch.bool and not value.dtype.is_complex:
        return value.detach().double().flatten()
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    is_number = is_number and abs(value) < HUGE  # pyright: ignore[reportOperatorIssue] real numbers have an order
    return torch.tensor([float(value)], dtype=torch.float64) if is_number else None


def _shape(value: Any) -> tuple[int, ...]:
    return tuple(value.shape) if isinstance(value, Tensor) else ()


def _is_telling(right: Tensor) -> bool:
    return len(right[right != 0].unique()) >= FEWEST


def _of_values(answer: Tensor, right: Tensor) -> str | None:
    """Compare all numbers with what one operation makes of the right ones."""
    first = right.abs().argmax()
    factor, shift = answer[first] / right[first], answer[first] - right[first]
    less = "large" if shift > 0 else "small"
    operations: dict[str, Callable[[Tensor], Tensor]] = {
        "every value has the wrong sign": lambda x: -x,
        f"every value is {_written(factor)} times as large as it should be": lambda x: factor * x,
        f"every value is {_written(shift.abs())} too {less}": lambda x: x + shift,
        "every value is 1 minus the right one": lambda x: 1 - x,
        "every value is the square of the right one": torch.square,
        "every value is the square root of the right one": torch.sqrt,
        "every value is upside down, 1 divided by the right one": torch.reciprocal,
        "the values are rounded to whole numbers": torch.round,
        "the values are rounded down": torch.floor,
        **{f"the values are rounded to {n} decimals": (lambda x, n=n: x.round(decimals=n)) for n in (1, 2, 3)},
    }
    return next((words for words, change in operations.items() if factor != 0 and _agree(answer, change(right))), None)


def _written(number: Tensor) -> str:
    return f"{number.item():.4g}"


def _agree(answer: Tensor, other: Tensor) -> bool:
    return bool(torch.isclose(answer, other, rtol=1e-6, atol=1e-9).all())


def _of_axes(pairs: list[tuple[Tensor, Tensor]]) -> str | None:
    """Find an order of axes, a mirrored axis, another shape or another order of the same values."""
    if all(answer.ndim == right.ndim <= MOST_AXES for answer, right in pairs):
        dimensions = pairs[0][1].ndim
        for order in list(permutations(range(dimensions)))[1:]:
            if all(same(answer.permute(*order), right) for answer, right in pairs if right.ndim == dimensions):
                moved = [f"axis {place} should be axis {new}" for new, place in enumerate(order) if new != place]
                return f"the values are right, but the axes are in another order: {', '.join(sorted(moved))}"
        for axis in range(dimensions):
            if _is_telling_pair(pairs) and all(same(answer.flip(axis), right) for answer, right in pairs):
                return f"the values are right, but axis {axis} is in reverse order"
    if all(answer.numel() == right.numel() for answer, right in pairs):
        if all(same(answer.reshape(right.shape), right) for answer, right in pairs):
            answer, right = pairs[0]
            return f"the values are right, but their shape should be {tuple(right.shape)}, not {tuple(answer.shape)}"
        if _is_telling_pair(pairs) and all(same(_sorted(answer), _sorted(right)) for answer, right in pairs):
            return ORDER
    return None


def _is_telling_pair(pairs: list[tuple[Tensor, Tensor]]) -> bool:
    return all(right.dtype != torch.bool and len(right.unique()) >= FEWEST for _, right in pairs)


def _sorted(values: Tensor) -> Tensor:
    return values.flatten().sort().values
