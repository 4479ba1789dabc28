"""Kinds of mistakes that all exercises share, found by trying them: an axis exchanged, an input ignored, a mean for a sum.

They speak for answers that none of a check's own mistakes explains. Each is an equation that holds on every case, so what is
said of an answer is true of it, however it was written.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import combinations
from numbers import Real
from typing import Any, NamedTuple

import torch
from torch import Tensor

from cnnlib.checks.engine.changes import of_input, of_result
from cnnlib.checks.engine.comparing import same
from cnnlib.checks.engine.copies import copied
from cnnlib.checks.engine.relations import ORDER, relation

SOME, ENOUGH = 3, 20  # numbers in the results that can tell one change, and two at once
WHOLE = "the result"
Cases = Sequence[Mapping[str, Any]]


class Seen(NamedTuple):
    """What an answer gave and what is right on each case, and how to make what would be right for other inputs."""

    given: Sequence[Any]
    right: Sequence[Any]
    cases: Cases
    make: Callable[[Mapping[str, Any]], Any]
    name: str = WHOLE


def kind_of(seen: Seen) -> str | None:
    """Say what an answer's wrong values have in common, in words without an end, or None."""
    if isinstance(seen.right[0], list | tuple):
        return _of_parts(seen)
    with torch.no_grad():
        found = (words for find in FINDERS for words in find(seen))
        return next(found, None)


def _of_parts(seen: Seen) -> str | None:
    """Look at the first wrong part of a result that has several."""
    count = len(seen.right[0])
    for place in range(count):
        part = Seen(
            [one[place] for one in seen.given],
            [one[place] for one in seen.right],
            seen.cases,
            lambda case, place=place: seen.make(case)[place],
            f"value {place + 1} of {count}",
        )
        if not _agrees(part, part.right):
            return kind_of(part)
    return None


def _agrees(seen: Seen, made: Sequence[Any]) -> bool:
    return all(same(one, other) for one, other in zip(seen.given, made, strict=True))


def _holds(seen: Seen, make: Callable[[Any, Mapping[str, Any]], Any]) -> bool:
    """Tell whether a change of the right value, or of the case, makes what the answer gave on every case."""
    with suppress(Exception):  # a change may not be possible
        pairs = zip(seen.given, seen.right, seen.cases, strict=True)
        return all(same(given, make(right, case)) for given, right, case in pairs)
    return False


def _of_relation(seen: Seen) -> Iterator[str]:
    found = relation(seen.given, seen.right)
    if found and found != ORDER:
        yield found if seen.name == WHOLE else f"{seen.name}: {found}"


def _of_result(seen: Seen) -> Iterator[str]:
    for words, change in of_result(seen.right[0]):
        if _holds(seen, lambda right, case, change=change: change(right)):
            yield words.format(seen.name)
    for name in seen.cases[0]:
        if _holds(seen, lambda right, case, name=name: case[name]):
            yield f"{seen.name} is `{name}` itself"


def _of_size(seen: Seen) -> Iterator[str]:
    """Find a size by which all values are multiplied or divided, as by a mean in place of a sum."""
    if not _is_many(seen, SOME):
        return
    for words, size in _sizes(seen.cases[0]):
        if _holds(seen, lambda right, case, size=size: right * size(case)):
            yield f"{seen.name} is multiplied by {words}"
        if _holds(seen, lambda right, case, size=size: right / size(case)):
            yield f"{seen.name} is divided by {words}"


def _is_many(seen: Seen, count: int) -> bool:
    """Tell whether there are enough numbers for a rule to be no accident."""
    return sum(one.numel() if isinstance(one, Tensor) else isinstance(one, Real) for one in seen.right) >= count


def _sizes(case: Mapping[str, Any]) -> Iterator[tuple[str, Callable[[Mapping[str, Any]], int]]]:
    """List what a result may have been divided by: numbers among the inputs, and the sizes of tensors."""
    for name, value in case.items():
        if isinstance(value, int) and not isinstance(value, bool):
            yield f"`{name}`", lambda case, name=name: case[name]
        if isinstance(value, Tensor):
            yield f"the number of values in `{name}`", lambda case, name=name: case[name].numel()
            if value.ndim > 1:
                yield f"the number of values in `{name}[0]`", lambda case, name=name: case[name][0].numel()
            for axis in range(value.ndim):
                words = f"the length of axis {axis} of `{name}`"
                yield words, lambda case, name=name, axis=axis: case[name].shape[axis]


def _of_zeros(seen: Seen) -> Iterator[str]:
    """Tell that all wrong values are 0, as those that were never computed."""
    for given, right in zip(seen.given, seen.right, strict=True):
        is_tensor = isinstance(right, Tensor) and isinstance(given, Tensor) and right.is_floating_point()
        if not is_tensor or given.shape != right.shape:
            return
    both = [(given.flatten(), right.flatten()) for given, right in zip(seen.given, seen.right, strict=True)]
    if all(same(torch.where(given == 0, given, right), given) for given, right in both):
        count, total = next((int((one == 0).sum()), one.numel()) for one, other in both if not same(one, other))
        if count < total:
            yield f"{count} of the {total} values of {seen.name} are 0, as if never computed, and the others are right"
        else:
            yield f"{seen.name} is 0 everywhere"


def _of_input(seen: Seen) -> Iterator[str]:
    if not _is_many(seen, SOME):
        return
    for words, change in _changed_cases(seen.cases[0]):
        if _holds(seen, lambda right, case, change=change: seen.make(change(case))):
            yield f"{seen.name} is what you get if {words}"


def _of_both(seen: Seen) -> Iterator[str]:
    """Try two changes at once, one of an input and one of the result; only many numbers can tell them."""
    if not isinstance(seen.right[0], Tensor) or not _is_many(seen, ENOUGH):
        return
    for words, change in _changed_cases(seen.cases[0]):
        made: list = []
        with suppress(Exception):
            made = [seen.make(change(case)) for case in seen.cases[:1]]
        for more, result in of_result(seen.right[0]) if made else ():
            first = seen._replace(given=seen.given[:1], right=made, cases=seen.cases[:1])
            if _holds(first, lambda right, case, result=result: result(right)) and _holds(
                seen, lambda right, case, change=change, result=result: result(seen.make(change(case)))
            ):
                yield f"{more.format(seen.name)}, and it is what you get if {words}"


def _changed_cases(case: Mapping[str, Any]) -> Iterator[tuple[str, Callable]]:
    """List what can be different about the inputs: one of them changed, or two of a type exchanged."""
    for name, value in case.items():
        for words, change in of_input(value):
            named = words.format(f"`{name}`")
            yield named, lambda case, name=name, change=change: copied(dict(case)) | {name: change(copied(case[name]))}
    for one, other in combinations(case, 2):
        if type(case[one]) is type(case[other]) and not isinstance(case[one], bool):
            yield (
                f"`{one}` and `{other}` are exchanged",
                lambda case, one=one, other=other: copied(dict(case)) | {one: copied(case[other]), other: copied(case[one])},
            )


def _of_order(seen: Seen) -> Iterator[str]:
    if relation(seen.given, seen.right) == ORDER:
        yield ORDER if seen.name == WHOLE else f"{seen.name}: {ORDER}"


FINDERS = (_of_relation, _of_result, _of_zeros, _of_input, _of_size, _of_both, _of_order)
