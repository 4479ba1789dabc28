"""What can be different about a tensor or a number: each change with the words that describe it.

A wrong answer is often the right one with its axes exchanged, with one of its inputs mirrored or ignored, and the like.
`engine.kinds` tries these changes on what a check expects, and on the inputs of its cases.
"""

from collections.abc import Callable, Iterator
from itertools import combinations, permutations
from numbers import Real
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

Change = tuple[str, Callable[[Any], Any]]  # "{} is mirrored along axis 1", and the function that does it


def of_result(value: Any) -> Iterator[Change]:
    """List what can be different about a result, `{}` in the words."""
    if isinstance(value, Tensor) and value.ndim:
        yield from _orders(value.ndim)
        yield from _parts(value.ndim)
        yield from _moves(value.ndim)
        yield from _sums(value.ndim)
    if isinstance(value, Tensor | Real) and not isinstance(value, bool):
        yield from _numbers(value)


def of_input(value: Any) -> Iterator[Change]:
    """List what can be different about an input, `{}` in the words."""
    if isinstance(value, bool):
        yield "{} is read the other way round", lambda value: not value
        yield "{} is taken to be True", lambda value: True
        yield "{} is taken to be False", lambda value: False
    elif isinstance(value, int):
        yield from _integers()
    elif isinstance(value, Tensor):
        yield from _orders(value.ndim)
        yield from _uses(value.ndim)
        if value.is_floating_point():
            yield from _scales()


def _orders(ndim: int) -> Iterator[Change]:
    for one, other in combinations(range(ndim), 2):
        yield (
            f"axes {one} and {other} of {{}} are exchanged",
            lambda value, one=one, other=other: value.transpose(one, other),
        )
    for count in range(1, ndim + 1):
        for axes in combinations(range(ndim), count):
            named = f"axis {axes[0]}" if count == 1 else f"axes {', '.join(map(str, axes[:-1]))} and {axes[-1]}"
            yield f"{{}} is mirrored along {named}", lambda value, axes=axes: value.flip(axes)
    for order in permutations(range(ndim)):
        if sum(place != axis for place, axis in enumerate(order)) > 2:
            words = f"the axes of {{}} are in the order {order}"
            yield words, lambda value, order=order: value.permute(order)


def _parts(ndim: int) -> Iterator[Change]:
    for axis in range(ndim):
        yield (
            f"the last entry of {{}} along axis {axis} is missing",
            lambda value, a=axis: value.narrow(a, 0, value.shape[a] - 1),
        )
        yield (
            f"the first entry of {{}} along axis {axis} is missing",
            lambda value, a=axis: value.narrow(a, 1, value.shape[a] - 1),
        )
        yield f"{{}} has only its first entry along axis {axis}", lambda value, a=axis: value.narrow(a, 0, 1)
        yield f"{{}} has only its last entry along axis {axis}", lambda value, a=axis: value.narrow(a, value.shape[a] - 1, 1)
        yield f"only the first entry along axis {axis} is returned of {{}}", lambda value, a=axis: value.select(a, 0)
        yield f"only the last entry along axis {axis} is returned of {{}}", lambda value, a=axis: value.select(a, -1)
        yield (
            f"every second entry of {{}} along axis {axis} is missing",
            lambda value, a=axis: value.index_select(a, torch.arange(0, value.shape[a], 2)),
        )
    if ndim > 1:
        yield "the last entries of {} along its last two axes are missing", lambda value: value[..., :-1, :-1]
        yield "the first entries of {} along its last two axes are missing", lambda value: value[..., 1:, 1:]
        yield "every second entry of {} along its last two axes is missing", lambda value: value[..., ::2, ::2]
    yield "{} has a border of zeros, which belongs to no value", lambda value: F.pad(value, (1, 1) * min(value.ndim, 2))


def _moves(ndim: int) -> Iterator[Change]:
    for axis in range(ndim):
        for by, where in ((1, "forwards"), (-1, "backwards")):
            yield f"{{}} is moved by one {where} along axis {axis}", lambda value, a=axis, by=by: _moved(value, a, by)
            yield (
                f"{{}} is moved by one {where} along axis {axis}, and what leaves it comes in again",
                lambda value, a=axis, by=by: value.roll(by, a),
            )


def _moved(value: Tensor, axis: int, by: int) -> Tensor:
    moved = value.roll(by, axis)
    moved.select(axis, 0 if by > 0 else -1).zero_()
    return moved


def _sums(ndim: int) -> Iterator[Change]:
    kinds = {"added up": torch.sum, "averaged": torch.mean, "replaced by its largest entry": torch.amax}
    for word, function in kinds.items():
        for axis in range(ndim):
            for keepdim in (False, True):
                yield f"{{}} is {word} along axis {axis}", lambda value, f=function, a=axis, k=keepdim: f(value, a, keepdim=k)
        yield f"{{}} is {word} over all axes", function
    for axis in range(ndim):
        yield f"{{}} is carried over from entry to entry along axis {axis}", lambda value, a=axis: value.cumsum(a)


def _numbers(value: Any) -> Iterator[Change]:
    yield "{} has the wrong sign", lambda value: -value
    yield "{} has lost its sign", abs
    if isinstance(value, Tensor) and value.is_floating_point():
        words = {
            "the negative values of {} are cut off": torch.relu,
            "{} is cut to whole numbers": torch.trunc,
            "{} is limited to 0 ... 1": lambda value: value.clamp(0, 1),
            "{} is limited to -1 ... 1": lambda value: value.clamp(-1, 1),
            "the exponential of {} is returned": torch.exp,
            "the logarithm of {} is returned": torch.log,
            "a sigmoid is applied to {}": torch.sigmoid,
            "a tanh is applied to {}": torch.tanh,
        }
        yield from words.items()
        for axis in range(value.ndim):
            yield f"a softmax is applied to {{}} along axis {axis}", lambda value, a=axis: value.softmax(a)


def _integers() -> Iterator[Change]:
    for number in (0, 1, 2, 3):
        yield f"{{}} is taken to be {number}", lambda value, number=number: number
    yield "{} has the wrong sign", lambda value: -value
    yield "{} has lost its sign", abs
    yield "a negative {} is taken to be 0", lambda value: max(value, 0)
    yield "a positive {} is taken to be 0", lambda value: min(value, 0)
    yield "1 is added to {}", lambda value: value + 1
    yield "1 is subtracted from {}", lambda value: value - 1
    yield "{} is doubled", lambda value: 2 * value
    yield "{} is halved", lambda value: value // 2
    yield "{} is squared", lambda value: value**2


def _uses(ndim: int) -> Iterator[Change]:
    for axis in range(ndim):
        yield f"the first entry of {{}} along axis {axis} is used for all", lambda value, a=axis: _repeated(value, a, 0)
        yield f"the last entry of {{}} along axis {axis} is used for all", lambda value, a=axis: _repeated(value, a, -1)
        yield f"{{}} is moved by one forwards along axis {axis}", lambda value, a=axis: value.roll(1, a)
        yield f"{{}} is moved by one backwards along axis {axis}", lambda value, a=axis: value.roll(-1, a)


def _repeated(value: Tensor, axis: int, place: int) -> Tensor:
    return value.select(axis, place).unsqueeze(axis).expand_as(value).clone()


def _scales() -> Iterator[Change]:
    yield "{} has the wrong sign", lambda value: -value
    yield "{} has lost its sign", torch.abs
    yield "{} is ignored, as if it were 1 everywhere", torch.ones_like
    yield "{} is ignored, as if it were 0 everywhere", torch.zeros_like
    yield "{} is squared", torch.square
    yield "{} is doubled", lambda value: 2 * value
    yield "{} is halved", lambda value: value / 2
    yield "one divided by {} is used", torch.reciprocal
    yield "the mean of {} is subtracted from it", lambda value: value - value.mean()
    yield "{} is divided by its sum", lambda value: value / value.sum()
    yield "{} is divided by the sum of its values without their sign", lambda value: value / value.abs().sum()
    yield "{} is divided by its largest value", lambda value: value / value.max()
    yield "{} is averaged over all its axes", lambda value: value.mean().expand_as(value).clone()
    yield "{} is added up over all its axes", lambda value: value.sum().expand_as(value).clone()
