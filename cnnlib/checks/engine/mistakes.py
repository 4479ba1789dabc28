"""How wrong answers are written: the right one with one thing about it changed."""

import inspect
from collections.abc import Callable
from typing import Any

from cnnlib.checks.engine.copies import copied

REFUSALS = (RuntimeError, ValueError, IndexError)  # what a mistake may raise on a case: then it explains no answer


def but(right: Callable, /, result: Callable | None = None, **inputs: Any) -> Callable:
    """Make a wrong function of a right one: with other `inputs`, with another `result`, or both.

    An input is a value, or a function of the inputs that it names (of itself, if it names none); `result` takes what the
    right function returned, and may name inputs after it. All of them see the case's own inputs.

    >>> power = lambda base, exponent: base**exponent
    >>> but(power, exponent=2)(base=3, exponent=4)
    9
    >>> but(power, base=lambda exponent: exponent, result=lambda y, base: y + base)(base=3, exponent=2)
    7
    """

    def wrong(**case: Any) -> Any:
        values = {name: _input(name, value, case) for name, value in inputs.items()}
        made = right(**{name: copied(value) for name, value in case.items()} | values)
        return made if result is None else result(made, **named(result, case, 1))

    return wrong


def _input(name: str, value: Any, case: dict[str, Any]) -> Any:
    if not callable(value):
        return value
    inputs = named(value, case)
    return value(**inputs) if inputs else value(copied(case[name]))


def named(function: Callable, case: dict[str, Any], first: int = 0) -> dict[str, Any]:
    """Copy those inputs of the case that a function names, after its `first` parameters."""
    try:
        names = list(inspect.signature(function).parameters)[first:]
    except ValueError:  # some functions written in C do not tell
        names = []
    return {name: copied(case[name]) for name in names if name in case}


def positional(function: Callable) -> Callable:
    """Let a function with short names of its own be called with those of a case, in the same order.

    >>> positional(lambda b, e: b**e)(base=3, exponent=2)
    9
    """
    return lambda **case: function(*case.values())
