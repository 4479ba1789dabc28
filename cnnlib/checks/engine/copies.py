"""Copies of the inputs, so that an answer never sees the check's own, and whether an answer changed what it was given."""

import copy
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


def copied(value: Any, memo: dict | None = None) -> Any:
    """Copy a value and all that it holds: tensors, modules, arrays, containers of such.

    What the values of a dict share, their copies share too: an optimizer goes on updating the network beside it.

    A tensor that was computed with gradients, which `deepcopy` refuses, is cloned; its gradients go on to where they went.
    """
    if isinstance(value, Tensor) and value.grad_fn is not None:
        return value.clone()
    if type(value) is dict:
        memo = {} if memo is None else memo
        return {key: copied(one, memo) for key, one in value.items()}
    return [copied(one, memo) for one in value] if type(value) is list else copy.deepcopy(value, memo)


def is_unchanged(before: Any, after: Any) -> bool:
    """Tell whether a value is as it was: numbers, shapes and dtypes of all that it holds; for gradients see `marks`."""
    if isinstance(before, Tensor):
        return isinstance(after, Tensor) and _equal(before, after)
    if isinstance(before, np.ndarray):
        return before.shape == after.shape and before.dtype == after.dtype and before.tobytes() == after.tobytes()
    if isinstance(before, nn.Module):
        return is_unchanged(before.state_dict(), after.state_dict())
    if isinstance(before, Mapping):
        return list(before) == list(after) and all(is_unchanged(value, after[key]) for key, value in before.items())
    if isinstance(before, Sequence) and not isinstance(before, str | bytes):
        return len(before) == len(after) and all(map(is_unchanged, before, after))
    return before == after if isinstance(before, Real | str) else True


def marks(value: Any) -> list[tuple[bool, ...]]:
    """List of all tensors in a value whether gradients are recorded for them and whether they hold one, of modules the mode."""
    if isinstance(value, nn.Module):
        return [(module.training,) for module in value.modules()]
    if isinstance(value, Tensor):
        return [(value.requires_grad, value.is_leaf and value.grad is not None)]
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return [mark for part in parts for mark in marks(part)]


def _equal(before: Tensor, after: Tensor) -> bool:
    if before.shape != after.shape or before.dtype != after.dtype:
        return False
    return bool(torch.isclose(before.detach(), after.detach(), rtol=0, atol=0, equal_nan=True).all())


def size(value: Any) -> float:
    """Measure how much there is to read in a value: the numbers it holds, or how large a number is."""
    if isinstance(value, Tensor | np.ndarray):
        return float(np.prod(value.shape))
    if isinstance(value, nn.Module):
        return sum(map(size, value.state_dict().values()))
    if isinstance(value, Mapping):
        return sum(map(size, value.values()))
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return sum(map(size, value))
    return abs(float(value)) if isinstance(value, int | float) else 1.0


def ease(case: Mapping[str, Any]) -> tuple[bool, float]:
    """Order cases: those whose numbers have at most two decimals come first, then those with less to read."""
    return any(map(_has_long_numbers, case.values())), size(case)


def _has_long_numbers(value: Any) -> bool:
    if isinstance(value, Tensor):
        return value.is_floating_point() and not torch.allclose(100 * value, (100 * value).round(), rtol=0, atol=1e-3)
    if isinstance(value, nn.Module):
        return any(map(_has_long_numbers, value.state_dict().values()))
    return isinstance(value, list | tuple) and any(map(_has_long_numbers, value))


def in_single(value: Any) -> Any:
    """Copy a value with all its floats in single precision; anything else stays as it is."""
    if isinstance(value, Tensor):
        return value.detach().float().requires_grad_(value.requires_grad) if value.is_floating_point() else value.clone()
    if isinstance(value, nn.Module):
        return copied(value).float()
    if isinstance(value, list | tuple):
        return type(value)(map(in_single, value))
    if isinstance(value, dict):
        return {key: in_single(one) for key, one in value.items()}
    return copied(value)
