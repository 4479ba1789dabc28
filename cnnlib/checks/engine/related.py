"""Say how wrong numbers come about: values that are related to the right one, slips in counting the weights of layers."""

import dis
import itertools
from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from types import CodeType
from typing import Any

from cnnlib.checks.engine.comparing import same
from cnnlib.checks.engine.exercise import Exercise
from cnnlib.checks.engine.words import describe

POWER = "`^` is no power in Python, it combines the bits of two numbers; write `**`"


def slip(
    check: Exercise, answer: Any, cases: Sequence[Mapping[str, Any]], given: Sequence[Any], expected: Sequence[Any]
) -> str | None:
    """Say which slip explains wrong numbers, one per case: `^` for a power, a layer miscounted, inputs that do not count."""
    if not all(isinstance(one, Real) for one in (*given, *expected)):
        return None
    if uses_xor(answer):
        return POWER
    if check.layers and (found := layers_miscounted(check.layers, cases, given)):
        return found
    if len(set(given)) == 1 < len(set(expected)):
        return f"the result is {describe(given[0])} whatever the inputs are"
    return None


def of_value(right: Any, digits: int | None) -> list[tuple[str, Any]]:
    """List wrong values that are related to the right one: (words, value).

    >>> [value for _, value in of_value(0.25, 2)]
    [-0.25, 25.0, 4.0, 0.0, 0.2]
    """
    if isinstance(right, tuple):
        orders = dict.fromkeys(itertools.permutations(right))
        return [("these are the right numbers in another order", order) for order in orders if order != right]
    if not isinstance(right, Real) or isinstance(right, bool) or not right:
        return []
    named: list[tuple[str, Any]] = [("the sign is wrong", -right)]
    if isinstance(right, float) and -1 < right < 1:
        named.append(("that is the answer in percent; divide it by 100", 100 * right))
    if isinstance(right, float):
        named.append(("that is the inverse; divide the other way round", 1 / right))
    if digits == 2:
        rounded = [(float(round(right)), "none"), (round(right, 1), "one")]
        named += [(f"two decimals are asked for; {short:g} has {count}", short) for short, count in rounded if short != right]
    return named


def named_values(check: Exercise) -> list[tuple[str, Any]]:
    """List the wrong values that are told by name to one who answers with a value: (words, value)."""
    is_plain = check.look is None and not check.choices
    return [*check.mistakes.items(), *(of_value(check.reference, check.digits) if is_plain else [])]


def uses_xor(answer: Any) -> bool:
    """Tell whether a function uses `^`, which looks like a power."""
    code = getattr(answer, "__code__", None)
    return isinstance(code, CodeType) and any(
        step.opname == "BINARY_OP" and step.argrepr in ("^", "^=")
        for part in _nested(code)
        for step in dis.get_instructions(part)
    )


def _nested(code: CodeType) -> list[CodeType]:
    return [code] + [one for part in code.co_consts if isinstance(part, CodeType) for one in _nested(part)]


def layers_miscounted(
    layers: Callable[..., Mapping[str, tuple[int, int, int]]], cases: Sequence[Mapping[str, Any]], given: Sequence[Real]
) -> str | None:
    """Say what is wrong with numbers of weights, one per case; `layers` names (channels read, window, filters) of a case."""
    slips: dict[str, list[int]] = {}
    for case in cases[: len(given)]:
        for words, count in _slips(layers(**case)).items():
            slips.setdefault(words, []).append(count)
    return "; or ".join([words for words, counts in slips.items() if same(list(given), counts)][:2]) or None


def _slips(layers: Mapping[str, tuple[int, int, int]]) -> dict[str, int]:
    """Count the weights of layers with one thing wrong: words -> number."""
    each = {name: reads * side**2 * filters for name, (reads, side, filters) in layers.items()}
    total, outputs = sum(each.values()), sum(filters for _, _, filters in layers.values())
    slips = {
        "the biases are counted; here they are left out": total + outputs,
        "the batch norms are counted; here they are left out": total + 2 * outputs,
        "channels read and filters are added; multiply them": sum((r + f) * s**2 for r, s, f in layers.values()),
        "the windows are left out; a filter has a weight for each pixel of its window": sum(
            r * f for r, _, f in layers.values()
        ),
        "the windows are counted by their side; a window of 3x3 has nine pixels": sum(r * s * f for r, s, f in layers.values()),
        "the channels that the layers output are counted; count their weights": outputs,
    }
    for name, (reads, side, filters) in layers.items():
        slips |= {
            f"{name} is missing": total - each[name],
            f"only {name} is counted": each[name],
            f"{name} is counted twice": total + each[name],
            f"of {name}, a filter reads all channels of its input; one is counted": total - each[name] + side**2 * filters,
            f"of {name}, one filter is counted; it has as many as it outputs channels": total - each[name] + reads * side**2,
        }
        if side > 1:
            slips[f"of {name}, the window is counted by its side; it has {side**2} pixels"] = (
                total - each[name] + reads * side * filters
            )
            slips[f"of {name}, the window is left out; it has {side**2} pixels"] = total - each[name] + reads * filters
    return slips
