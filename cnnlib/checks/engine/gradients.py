"""Compare the gradients that reach the inputs of a function with those that should."""

from typing import Any

import torch
from torch import Tensor

from cnnlib.checks.engine.comparing import same

CUTS = "`.detach()`, `torch.no_grad()` or numpy"


def cut_off(name: str, got: Tensor, expected: Tensor) -> str:
    """Say that a gradient does not arrive at an input, or at parts of it, or that only a part of each number arrives."""
    arrived = got != 0
    if not same(got[arrived], expected[arrived]):
        return f"the gradient of `{name}` is not that of the formula: {CUTS} cuts a part of it off"
    return f"its gradient does not reach {'all of ' if arrived.any() else ''}`{name}`: {CUTS} cuts it off"


def gradients_of(value: Any, leaves: list[Tensor]) -> list[Tensor]:
    """Compute the gradients of a weighted sum of all floats in a result; zeros where none arrives."""
    total = sum((torch.linspace(0.5, 1.5, one.numel()).to(one) * one.flatten()).sum() for one in _floats(value))
    if not isinstance(total, Tensor) or not total.requires_grad:
        return [torch.zeros_like(leaf) for leaf in leaves]
    found = torch.autograd.grad(total, leaves, allow_unused=True)
    return [torch.zeros_like(leaf) if one is None else one for one, leaf in zip(found, leaves, strict=True)]


def _floats(value: Any) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value] if value.is_floating_point() and value.numel() else []
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [one for part in parts for one in _floats(part)]
