"""Explain what a function gave on the cases of its check: a named mistake, a kind that all share, or where it is right."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from cnnlib.checks.engine.blame import Failure, Raised, cause_of
from cnnlib.checks.engine.comparing import nearly, same
from cnnlib.checks.engine.copies import copied
from cnnlib.checks.engine.exercise import Exercise
from cnnlib.checks.engine.forms import wrong_form
from cnnlib.checks.engine.kinds import Seen, kind_of
from cnnlib.checks.engine.mistakes import REFUSALS
from cnnlib.checks.engine.networks import outputs
from cnnlib.checks.engine.places import right_where


class Tried(NamedTuple):
    """What is expected on each case, and what an answer gave on the first of them: values, or the failures in their place."""

    check: Exercise
    cases: Sequence[Mapping[str, Any]]
    looks: Sequence[Callable[[Any], Any]]
    expected: Sequence[Any]
    given: Sequence[Any]

    def is_right(self, place: int) -> bool:
        """Tell whether the value that was given on a case is the right one."""
        given, expected = self.given[place], self.expected[place]
        return not wrong_form(given, expected) and same(given, expected, self.check.tolerance)

    def wrong_places(self) -> list[int]:
        """List the cases on which the answer failed or gave a wrong value."""
        return [place for place in range(len(self.given)) if not self.is_right(place)]


def mistake_of(tried: Tried) -> str | None:
    """Name the first mistake of the check that gives on every case what the answer gave.

    Where the answer gave no wrong value but errors, only a mistake that no other one resembles is named.
    """
    is_told = any(not isinstance(tried.given[place], Failure) for place in tried.wrong_places())
    mistakes = tried.check.mistakes.items()
    found = (mistake for mistake, wrong in mistakes if _explains(tried, wrong, is_told))
    first = next(found, None)
    return first if is_told or next(found, None) is None else None


def _explains(tried: Tried, wrong: Callable, is_told: bool) -> bool:
    """Tell whether a mistake gives each value, and raises an error where the answer did: the same one, if no value is wrong."""
    differs = False
    for place, given in enumerate(tried.given):
        try:
            made = tried.looks[place](wrong(**copied(dict(tried.cases[place]))))
        except REFUSALS as error:  # a mistake may not run on every case
            if isinstance(given, Failure) and (is_told or _is_alike(tried.check, given, error)):
                differs = True
                continue
            return False
        if isinstance(given, Failure) or not _is_made(tried, place, made):
            return False
        differs = differs or not nearly(made, tried.expected[place])
    return differs


def _is_made(tried: Tried, place: int, made: Any) -> bool:
    given = tried.given[place]
    is_cut = wrong_form(given, tried.expected[place]) and wrong_form(given, made)  # floats to whole numbers of a mistake
    return not is_cut and (same(given, made, tried.check.tolerance) or nearly(given, made))


def _is_alike(check: Exercise, given: Failure, error: Exception) -> bool:
    """Tell whether an answer raised the error that a mistake raises; a network may be refused for many reasons."""
    return isinstance(given, Raised) and not isinstance(check.look, outputs) and given.cause == cause_of(error)


def kind(tried: Tried, difference: str, place: int) -> str:
    """Say what is common to all wrong values before their `difference` on a case, or work that case out after it.

    The values of networks are told by the mistakes of their check alone.
    """
    look = tried.check.look or (lambda value: value)
    if isinstance(look, outputs):
        return difference
    is_worked_out = tried.check.explain is not None and isinstance(tried.expected[place], list | tuple)  # better than its parts
    found = (
        None
        if is_worked_out
        else kind_of(Seen(tried.given, tried.expected, tried.cases, lambda case: look(tried.check.reference(**case))))
    )
    if not found:
        return difference + (worked_out(tried, place) or where(tried))
    told = re.sub(r"^value \d+ of \d+: ", "", difference)  # which value it is has been said
    return found if "shape" in found else f"{found}: {told}"


def worked_out(tried: Tried, place: int) -> str:
    """Let the exercise work a case out, if it can do so with what the answer gave."""
    if tried.check.explain is not None:
        with suppress(*REFUSALS):
            return f"; {tried.check.explain(copied(tried.given[place]), **copied(dict(tried.cases[place])))}"
    return ""


def where(tried: Tried) -> str:
    """Say on which cases the answer is right, if all were tried and one property tells them from the others."""
    if len(tried.given) < len(tried.cases):
        return ""
    wrong = set(tried.wrong_places())
    found = right_where(tried.cases, [place not in wrong for place in range(len(tried.cases))])
    return f"; it is right where {found}, and nowhere else" if found else ""
