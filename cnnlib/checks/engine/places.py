"""Say on which cases an answer is right, if one property of the inputs tells them from the others."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

FEWEST = 2  # cases that are right, and that are wrong: fewer can share a property by chance


def right_where(cases: Sequence[Mapping[str, Any]], is_right: Sequence[bool]) -> str | None:
    """Name the one property that all cases with a right result have and no other case has, or None.

    >>> right_where([dict(stride=stride) for stride in (1, 1, 2, 3)], [True, True, False, False])
    '`stride` is 1'
    """
    if min(sum(is_right), len(is_right) - sum(is_right)) < FEWEST:
        return None
    properties = [_properties(case) for case in cases]
    names = [
        name for name in properties[0] if all(one.get(name) is right for one, right in zip(properties, is_right, strict=True))
    ]
    return names[0] if len(names) == 1 else None


def _properties(case: Mapping[str, Any]) -> dict[str, bool]:
    found: dict[str, bool] = {}
    numbers = {name: value for name, value in case.items() if isinstance(value, int) and not isinstance(value, bool)}
    for name, value in numbers.items():
        found |= {f"`{name}` is {number}": value == number for number in (0, 1)}
        found |= {f"`{name}` is not {number}": value != number for number in (0, 1)}
        found |= {f"`{name}` is negative": value < 0, f"`{name}` is not negative": value >= 0}
    if len(numbers) > 1:
        found["none of the numbers is negative"] = min(numbers.values()) >= 0
        found["none of the numbers is 0"] = 0 not in numbers.values()
    for name, value in case.items():
        if isinstance(value, bool):
            found |= {f"`{name}` is True": value, f"`{name}` is False": not value}
        if isinstance(value, Tensor):
            found |= _shapes(name, value)
    return found


def _shapes(name: str, value: Tensor) -> dict[str, bool]:
    found = {f"axis {axis} of `{name}` has length 1": length == 1 for axis, length in enumerate(value.shape)}
    if value.ndim > 1:
        found[f"`{name}` is square"] = value.shape[-1] == value.shape[-2]
    return found
