"""Say in a few words what a value is, and print two numbers so that they never look alike."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from types import FunctionType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

WIDTH = 80  # letters: JupyterLab breaks a longer line in the middle of a word, in a window of 800 pixels
DIGITS = range(4, 18)  # of a number in a message: as few as tell two numbers apart; 17 tell any two apart
NAMES = {"complex": "a complex number", "bytes": "bytes"}  # types whose own name makes no sentence


def describe(value: Any) -> str:
    """Name a value in a few words: a tensor by its shape, anything else as Python prints it, shortened.

    >>> describe(torch.zeros(2, 3)), describe(None), describe(2)
    ('(2, 3)', 'None', '2')
    """
    if isinstance(value, Tensor):
        return str(value.item()) if odd(value) is None and value.ndim == 0 else str(tuple(value.shape))
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, list) and value and all(isinstance(one, Tensor) for one in value):
        return f"[{', '.join(map(describe, value))}]"
    if isinstance(value, list) and value and all(map(_is_pair_of_tensors, value)):
        return f"a list of {len(value)} pairs of tensors"
    if isinstance(value, torch.optim.Optimizer):
        return f"an `optim.{type(value).__name__}`"
    if isinstance(value, FunctionType):
        return "a function"
    if isinstance(value, type):
        return f"the class `{value.__name__}`"
    if isinstance(value, Fraction):
        return str(value)
    try:
        text = " ".join(repr(value).split())
    except BaseException:  # a layer made with a tensor where a setting belongs, `nn.ReLU(x)`, or worse
        return f"a {type(value).__name__} that cannot be printed"
    return _shortened(text)


def _is_pair_of_tensors(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(isinstance(part, Tensor) for part in value)


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."


def repeated(answer: Any, number: Any) -> str:
    """Print an answer that was read as a number: a text as it was written, any other number with six digits.

    >>> repeated("3.04", Fraction("3.04")), repeated(5 / 27, 5 / 27)
    ('3.04', '0.185185')
    """
    return _shortened(str(answer).strip()) if isinstance(answer, str | Decimal) else _printed(number, 6)


def kind(value: Any) -> str:
    """Name the type of a value, and the value."""
    name = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
    if isinstance(value, type):
        return describe(value)
    article = "an" if name[0] in "aeiou" else "a"
    return f"{NAMES.get(name, f'{article} {name}')} ({describe(value)})"


def numbers_of(tensor: Tensor) -> str:
    """Name the kind of numbers that a tensor holds."""
    if tensor.dtype == torch.bool:
        return "booleans"
    if tensor.dtype.is_complex:
        return "complex numbers"
    return "floats" if tensor.is_floating_point() else "integers"


def apart(expected: Any, got: Any) -> tuple[str, str]:
    """Print two numbers with as few digits as tell them apart.

    >>> apart(0.25, 0.5), apart(1.0, 1.00001), apart(589824, 65536.0), apart(75290, 75290.5)
    (('0.25', '0.5'), ('1', '1.00001'), ('589824', '65536'), ('75290', '75290.5'))
    """
    for digits in DIGITS:
        texts = _printed(expected, digits), _printed(got, digits)
        if not _read_alike(*texts):
            break
    return texts


def _read_alike(one: str, other: str) -> bool:
    """Tell whether two printed numbers are the same, as 75290 and 7.529e+04 are."""
    try:
        return float(one) == float(other)
    except ValueError:  # a fraction, a complex number
        return one == other


def _printed(number: Any, digits: int) -> str:
    if isinstance(number, bool) or not isinstance(number, float):
        return describe(number)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else f"{number:.{digits}g}"


def inputs_of(case: Mapping[str, Any]) -> str:
    """Name the inputs of a case; a layer of torch by its class."""
    return ", ".join(
        f"`{name}` {_network(value)}" if isinstance(value, nn.Module) else f"{name} {describe(value)}"
        for name, value in case.items()
    )


def _network(net: nn.Module) -> str:
    return f"an `nn.{type(net).__name__}`" if type(net).__module__.startswith("torch.nn.") else "a network"


def odd(tensor: Tensor) -> str | None:
    """Say what keeps a tensor from being looked at as it is, or None."""
    if tensor.is_nested:
        return "expected a plain tensor, got a nested tensor"
    if tensor.layout != torch.strided:
        return f"expected a dense tensor, got a sparse one ({tensor.layout}): `.to_dense()`"
    if tensor.is_quantized:
        return f"expected a plain tensor, got a quantized one ({tensor.dtype}): `.dequantize()`"
    if tensor.is_meta:
        return "the result is on the device `meta`, which holds shapes and no numbers"
    if tensor.device.type != "cpu":
        return f"the result is on the device `{tensor.device}`, the inputs are on the CPU; make tensors with `.new_zeros(...)`"
    return None
