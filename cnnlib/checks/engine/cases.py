"""Print a failing case so that it can be followed on paper: inputs, what is expected, what came."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from cnnlib.checks.engine.judging import Problem
from cnnlib.checks.engine.words import apart, describe

MAX_NUMBERS = 120  # numbers of a tensor that are printed


def case_text(problem: Problem) -> str:
    """Write the inputs of a case, what is expected and what came."""
    lines = ["The smallest case that fails:"]
    for name, value in (problem.case or {}).items():
        lines += _entry(name, value, None)
    if problem.expected is not None:
        lines += _entry("expected", problem.expected, problem.got)
    if problem.got is not None:
        lines += _entry("got", problem.got, problem.expected)
    return "\n".join(lines)


def _entry(name: str, value: Any, other: Any) -> list[str]:
    if isinstance(value, list | tuple) and any(isinstance(one, Tensor) for one in value):
        others = other if isinstance(other, list | tuple) and len(other) == len(value) else [None] * len(value)
        parts = zip(value, others, strict=True)
        return [line for place, (one, two) in enumerate(parts) for line in _entry(f"{name}[{place}]", one, two)]
    if isinstance(value, Mapping):
        others = other if isinstance(other, Mapping) else {}
        return [line for key, one in value.items() for line in _entry(f"{name}[{key!r}]", one, others.get(key))]
    if isinstance(value, nn.Module):
        weights = [line for key, one in value.state_dict().items() for line in _entry(f"{name}.{key}", one, None)]
        return [f"{name} = {describe(value)}", *weights]
    if isinstance(value, Tensor) and value.ndim:
        return [f"{name}: shape {tuple(value.shape)}, {str(value.dtype).removeprefix('torch.')}", *_numbers(value, other)]
    return [f"{name} = {describe(value)}"]


def _numbers(value: Tensor, other: Any) -> list[str]:
    """Print a tensor's numbers, with enough digits to tell it from another tensor."""
    if value.numel() > MAX_NUMBERS:
        return _differing(value, other)
    settings = dict(precision=_digits(value, other), suppress_small=True, max_line_width=96, threshold=MAX_NUMBERS)
    rows = np.array2string(_array(value), **settings)
    return [f"    {row}" for row in rows.splitlines()]


def _array(value: Tensor) -> np.ndarray:
    value = value.detach()
    return (value.double() if value.is_floating_point() else value).numpy()


def _digits(value: Tensor, other: Any) -> int:
    if not isinstance(other, Tensor) or other.shape != value.shape or not value.is_floating_point():
        return 4
    gaps = (value.detach().double() - other.detach().double()).abs()
    gaps = gaps[(gaps > 0) & gaps.isfinite()]
    return 4 if not len(gaps) else int(np.clip(1 - np.floor(np.log10(gaps.min().item())), 4, 15))


def _differing(value: Tensor, other: Any) -> list[str]:
    """Print the numbers of a large tensor at the first places where it differs from another."""
    if not isinstance(other, Tensor) or other.shape != value.shape:
        first = ", ".join(apart(number, None)[0] for number in value.flatten()[:8].tolist())
        return [f"    {value.numel():,} numbers: {first}, ..."]
    places = (~torch.isclose(value.detach().double(), other.detach().double(), equal_nan=True)).nonzero()[:8]
    both = ((place, value[tuple(place)].item(), other[tuple(place)].item()) for place in places)
    return [f"    at {place.tolist()}: {apart(one, two)[0]}" for place, one, two in both]
