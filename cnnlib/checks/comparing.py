"""Compare an answer with what was expected, and say in words how they differ."""

import copy
from collections.abc import Callable
from numbers import Real
from types import FunctionType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from cnnlib.checks.running import Refused


def describe(value: Any) -> str:
    """Name a value in a few words: a tensor by its shape, anything else as Python prints it, shortened.

    >>> describe(torch.zeros(2, 3)), describe(None), describe(2)
    ('(2, 3)', 'None', '2')
    """
    if isinstance(value, Tensor):
        return str(value.item()) if value.ndim == 0 else str(tuple(value.shape))
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, list) and value and all(isinstance(one, Tensor) for one in value):
        return f"[{', '.join(map(describe, value))}]"
    if isinstance(value, FunctionType):
        return "a function"
    try:
        text = " ".join(repr(value).split())
    except Exception:  # a layer made with a tensor where a setting belongs: `nn.ReLU(x)`
        return f"a {type(value).__name__} that cannot be printed"
    return text if len(text) <= 40 else f"{text[:37]}..."


def wrong_kind(answer: Any, expected: Any) -> str | None:
    """Say what is wrong with the kind of an answer (its type, a number that is NaN), or None if its value can be looked at."""
    if answer is None:
        return "the answer is None; end the function with `return`" if isinstance(expected, Tensor) else "the answer is None"
    if isinstance(expected, Tensor):
        return _wrong_kind_of_tensor(answer, expected)
    if isinstance(expected, Real):
        return _wrong_kind_of_number(answer)
    if not isinstance(answer, type(expected)):
        return f"{_kind(expected)} is asked, got {_kind(answer)}"
    return None


def _wrong_kind_of_tensor(answer: Any, expected: Tensor) -> str | None:
    if not isinstance(answer, Tensor):
        return f"a torch tensor is asked, got {_kind(answer)}"
    if (asked := _numbers(expected)) != (given := _numbers(answer)):
        return f"{asked} are asked ({expected.dtype}), the result holds {given} ({answer.dtype}, shape {tuple(answer.shape)})"
    if expected.requires_grad and not answer.requires_grad:
        return "nothing can be learned from the result: `.detach()`, `.item()` or `torch.no_grad()` cut its gradient off"
    return None


def wrong_dtype(answer: Any, expected: Any) -> str | None:
    """Say that a tensor whose values are right has another dtype than the input's, or None."""
    if not isinstance(expected, Tensor) or answer.dtype == expected.dtype:
        return None
    if not expected.is_floating_point():
        return f"the numbers are right, their type should be {expected.dtype}, not {answer.dtype}"
    return f"the result is {answer.dtype}, the input {expected.dtype}; make tensors with the input's `.new_zeros(...)`"


def in_single(value: Any) -> Any:
    """Copy a tensor of fractions, a layer or a list of such in single precision; anything else stays as it is."""
    if isinstance(value, list):
        return [in_single(one) for one in value]
    if isinstance(value, nn.Module):
        return copy.deepcopy(value).float()
    return value.float() if isinstance(value, Tensor) and value.is_floating_point() else value


def _numbers(tensor: Tensor) -> str:
    if tensor.dtype == torch.bool:
        return "truth values"
    return "fractions" if tensor.is_floating_point() else "whole numbers"


def _wrong_kind_of_number(answer: Any) -> str | None:
    if isinstance(answer, Tensor) and answer.numel() == 1:
        answer = answer.item()
    if isinstance(answer, Tensor):
        return f"one number is asked, got a tensor of {answer.numel()}"
    if isinstance(answer, bool) or not isinstance(answer, Real):
        return f"a number is asked, got {_kind(answer)}"
    return "the answer is NaN (not a number)" if answer != answer else None


def same(answer: Any, expected: Any, within: float = 0.0) -> bool:
    """Tell whether two values agree: tensors to 1e-6 (float64; else 1e-4), numbers to `within`, anything else exactly."""
    if isinstance(expected, Tensor):
        return isinstance(answer, Tensor) and answer.shape == expected.shape and not _wrong_numbers(answer, expected).any()
    if isinstance(expected, Real):
        return bool(expected - (off := max(within, 1e-9 * abs(expected))) <= answer <= expected + off)
    return bool(answer == expected)


def _wrong_numbers(answer: Tensor, expected: Tensor) -> Tensor:
    rtol, atol = (1e-6, 1e-9) if answer.dtype == expected.dtype else (1e-4, 1e-5)  # single precision has 7 digits
    given, right = answer.detach().to(expected.dtype), expected.detach()
    return ~torch.isclose(given, right, rtol=rtol, atol=atol, equal_nan=True)  # a named mistake may give NaN


def difference(answer: Any, expected: Any) -> str:
    """Say how an answer of the right kind differs: by its shape, or by its first wrong number."""
    if not isinstance(expected, Tensor):
        return f"expected {describe(expected)}, got {describe(answer)}"
    if answer.shape != expected.shape:
        return f"expected shape {tuple(expected.shape)}, got {tuple(answer.shape)}"
    if answer.is_floating_point() and answer.isnan().any():
        return "the result contains NaN (not a number)"
    if not expected.ndim:
        return f"expected {expected.item():.4g}, got {answer.item():.4g}"
    wrong = _wrong_numbers(answer, expected)
    first = tuple(wrong.nonzero()[0].tolist())
    share = f"{int(wrong.sum())} of {wrong.numel()} numbers are wrong"
    return f"{share}, the first at {list(first)}: expected {expected[first].item():.4g}, got {answer[first].item():.4g}"


def outputs(x: Tensor) -> Callable[[nn.Module], Tensor]:
    """Look at a network by its outputs for `x`, in eval mode, with numbers that depend on the shapes of its tensors alone.

    So layers may be registered in any order and under any name. Use it as `Check(..., look=outputs(x))`.
    """

    def look(net: nn.Module) -> Tensor:
        if len(list(net.named_parameters())) < len(list(net.named_parameters(remove_duplicate=False))):
            raise Refused("one layer stands at several places and has one set of weights: `[layer] * n` repeats it")
        net = net.double().eval()
        for tensor in net.state_dict().values():
            if tensor.is_floating_point():
                seed = sum(size * 31**axis for axis, size in enumerate(tensor.shape))
                numbers = torch.rand(tensor.shape, dtype=tensor.dtype, generator=torch.Generator().manual_seed(seed))
                tensor.copy_(numbers + 0.5 if tensor.ndim < 2 else (numbers - 0.4) / tensor[0].numel() ** 0.5)
        with torch.no_grad():
            return net(x)

    return look


def _kind(value: Any) -> str:
    name = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name} ({describe(value)})"
