"""Other numbers for an exercise: its right answer, mistakes and hints are written as functions of the numbers it states."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from cnnlib.checks.engine.mistakes import named


class Written(NamedTuple):
    """What a check was declared with, before numbers were filled in."""

    reference: Any
    mistakes: Mapping[str, Any]
    hints: Sequence[str]


class Variants:
    """The sets of numbers of an exercise, the lesson's own first.

    `derived` computes further numbers, which mistakes and hints may need, from those of a set. `wording` lists the pieces of
    the statement that contain the numbers, with their names in braces.

    >>> sides = Variants(dict(side=20), dict(side=30), wording=["{side}×{side}"], derived=lambda side: dict(area=side**2))
    >>> sides.numbers(1)
    {'side': 30, 'area': 900}
    >>> sides.worded("A box has 20×20 pixels.", 1)
    'A box has 30×30 pixels.'
    """

    def __init__(
        self,
        *sets: Mapping[str, Any],
        wording: Sequence[str],
        derived: Callable[..., dict[str, Any]] = lambda: {},
    ) -> None:
        self.sets, self.wording, self.derived = sets, wording, derived

    def numbers(self, which: int) -> dict[str, Any]:
        """Return the numbers of a set and those derived from them; raises ValueError for a set that does not exist."""
        if which not in range(len(self.sets)):
            raise ValueError(f"there are the variants 0 to {len(self.sets) - 1}, and no variant {which!r}")
        given = dict(self.sets[which])
        return given | self.derived(**named(self.derived, given))

    def chosen(self, seed: int, name: str) -> int:
        """Return which set a class with this seed gets for the exercise `name`: any but the lesson's own."""
        return random.Random(f"{seed} {name}").randrange(1, len(self.sets))

    def worded(self, statement: str, which: int) -> str:
        """Replace the lesson's own numbers in a statement; raises ValueError if a piece of it is not there exactly once."""
        old, new = self.numbers(0), self.numbers(which)
        for piece in self.wording:
            if statement.count(piece.format(**old)) != 1:
                raise ValueError(f"the statement does not contain {piece.format(**old)!r} exactly once")
            statement = statement.replace(piece.format(**old), piece.format(**new))
        return statement

    def filled(self, written: Written, which: int) -> Written:
        """Compute the right answer and the mistakes for a set, and fill the numbers into words.

        A mistake whose value is no function belongs to the lesson's own numbers, and is left out with others.
        """
        numbers = self.numbers(which)

        def value(given: Any) -> Any:
            return given(**named(given, numbers)) if callable(given) else given

        mistakes = {}
        for words, wrong in written.mistakes.items():
            made = value(wrong)
            if callable(wrong):
                mistakes[words.format(made, **numbers)] = made
            elif which == 0:
                mistakes[words] = wrong
        return Written(value(written.reference), mistakes, [hint.format(**numbers) for hint in written.hints])
