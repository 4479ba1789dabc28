"""Print a failing case so that it can be followed on paper: inputs, weights, what is expected, what came."""

import textwrap
from collections.abc import Iterator, Mapping
from itertools import groupby
from numbers import Real
from typing import Any

import numpy as np
from torch import Tensor, nn

from cnnlib.checks.engine.comparing import wrong_places
from cnnlib.checks.engine.judging import Problem
from cnnlib.checks.engine.words import WIDTH, apart, describe

MAX_NUMBERS, MAX_WEIGHTS = 100, 150  # numbers of a tensor and of a network that are printed
INDENT = "    "
MAX_ROWS = 24  # lines of a tensor
GLUE = "\u00a0"  # stands for a space at which no line is broken
SHORT = 40  # letters


def case_text(problem: Problem) -> str:
    """Write the inputs of a case, what is expected and what came."""
    lines = ["The smallest case that fails:"]
    for is_number, items in groupby((problem.case or {}).items(), lambda item: isinstance(item[1], int | float)):
        if is_number:
            lines.append(", ".join(f"{name} = {describe(value)}" for name, value in items))
        else:
            lines += [line for name, value in items for line in _entry(name, value, None)]
    if problem.expected is not None:
        lines += _entry("expected", problem.expected, problem.got)
    if problem.got is not None:
        lines += _entry("got", problem.got, problem.expected)
    return "\n".join(lines)


def _entry(name: str, value: Any, other: Any) -> list[str]:
    if isinstance(value, list | tuple) and _holds_tensors(value):
        others = other if isinstance(other, list | tuple) and len(other) == len(value) else [None] * len(value)
        parts = zip(value, others, strict=True)
        return [line for place, (one, two) in enumerate(parts) for line in _entry(f"{name}[{place}]", one, two)]
    if isinstance(value, Mapping):
        others = other if isinstance(other, Mapping) else {}
        return [line for key, one in value.items() for line in _entry(f"{name}[{key!r}]", one, others.get(key))]
    if isinstance(value, nn.Module):
        return [f"{name}:", *(list(_layers(value)) or [INDENT + describe(value)])]
    if isinstance(value, Tensor) and value.ndim:
        return [f"{name}: shape {tuple(value.shape)}, {str(value.dtype).removeprefix('torch.')}", *_numbers(value, other)]
    if isinstance(value, float | Tensor) and isinstance(other, Real | Tensor):
        return [f"{name} = {apart(_number(value), _number(other))[0]}"]
    return [f"{name} = {describe(value)}"]


def _holds_tensors(value: Any) -> bool:
    return isinstance(value, Tensor) or (isinstance(value, list | tuple) and any(map(_holds_tensors, value)))


def _number(value: float | Real | Tensor) -> Any:
    return value.item() if isinstance(value, Tensor) and value.numel() == 1 else value


def _layers(net: nn.Module) -> Iterator[str]:
    """Write a line for each layer that has weights: its name, its kind, its tensors; of a large network, the shapes alone."""
    is_small = sum(tensor.numel() for tensor in net.state_dict().values()) <= MAX_WEIGHTS
    for name, layer in net.named_modules():
        own = [*layer.named_parameters(recurse=False), *(layer.named_buffers(recurse=False) if is_small else [])]
        parts = [_weights(key, tensor, is_small) for key, tensor in own if tensor.is_floating_point()]
        if parts:
            line = f"{name} {type(layer).__name__}: {', '.join(parts)}".lstrip()
            wrapper = textwrap.TextWrapper(WIDTH, INDENT, 2 * INDENT, break_long_words=False, break_on_hyphens=False)
            wrapped = wrapper.wrap(line)
            yield from (part.replace(GLUE, " ") for part in wrapped)


def _weights(name: str, tensor: Tensor, with_numbers: bool) -> str:
    """Write a tensor by its shape, with its numbers if they are wanted."""
    shape = str(tuple(tensor.shape)).replace(" ", GLUE)
    if not with_numbers:
        return f"{name}{GLUE}{shape}"
    numbers = _nested(_array(tensor.detach().double().round(decimals=4)).tolist())
    return GLUE.join([name.removeprefix("running_"), *([shape] if tensor.ndim > 1 else []), "=", numbers])


def _nested(numbers: list | float) -> str:
    """Write nested lists of numbers in a line that is not broken within one that is short."""
    if not isinstance(numbers, list):
        return f"{numbers:g}"
    parts = list(map(_nested, numbers))
    return f"[{(GLUE if sum(map(len, parts)) < SHORT else ' ').join(parts)}]"


def _numbers(value: Tensor, other: Any) -> list[str]:
    """Print a tensor's numbers, with enough digits to tell it from another tensor."""
    if max(value.numel(), other.numel() if isinstance(other, Tensor) else 0) > MAX_NUMBERS:
        return _differing(value, other)
    width = WIDTH - len(INDENT)
    settings: dict[str, Any] = dict(
        precision=_digits(value, other), suppress_small=True, max_line_width=width, threshold=MAX_NUMBERS
    )
    rows = [row for row in np.array2string(_array(value), **settings).splitlines() if row]
    return [f"{INDENT}{row}" for row in rows] if len(rows) <= MAX_ROWS else _differing(value, other)


def _array(value: Tensor) -> np.ndarray:
    """Convert to numpy; whole numbers to integers, which print without a point."""
    value = value.detach()
    array = (value.double() + 0.0 if value.is_floating_point() else value).numpy()  # -0.0 becomes 0.0
    is_whole = value.is_floating_point() and (np.abs(array) < 1e15).all() and np.allclose(array, array.round(), 0, 1e-9)
    return array.round().astype(int) if is_whole else array


def _differs(value: Tensor, other: Tensor) -> Tensor:
    """Tell where two tensors of one shape differ, each rounded as its dtype needs."""
    return wrong_places(value, other) & wrong_places(other, value)


def _digits(value: Tensor, other: Any) -> int:
    if not isinstance(other, Tensor) or other.shape != value.shape or not value.is_floating_point():
        return 4
    gaps = (value.detach().double() - other.detach().double()).abs()
    gaps = gaps[_differs(value, other) & gaps.isfinite()]
    return 4 if not len(gaps) else int(np.clip(1 - np.floor(np.log10(gaps.min().item())), 4, 15))


def _differing(value: Tensor, other: Any) -> list[str]:
    """Print the numbers of a large tensor at the first places where it differs from another."""
    if not isinstance(other, Tensor) or other.shape != value.shape:
        first = ", ".join(apart(number, None)[0] for number in value.flatten()[:6].tolist())
        return [f"{INDENT}{value.numel():,} numbers: {first}, ..."]
    places = _differs(value, other).nonzero()[:8]
    both = ((place, value[tuple(place)].item(), other[tuple(place)].item()) for place in places)
    return [f"{INDENT}at {place.tolist()}: {apart(one, two)[0]}" for place, one, two in both]
