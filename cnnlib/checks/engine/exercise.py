"""What an exercise asks: what is right, on which cases, which mistakes have names, and what to hint."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cnnlib.checks.engine.variants import Variants, Written


@dataclass
class Exercise:
    """The data of a check.

    `reference` is the right value or a right function; `mistakes` names wrong values or wrong functions; `choices` lists the
    letters of a multiple choice. Functions are called with positional arguments, in the order of each case, so that a learner
    may rename them. `look` makes what is compared of an answer or, with `cases`, of what a function made: `outputs(x)` for a
    network.

    A number is right within half a unit of the last of `digits` decimals, if the statement asks for so many; an estimate is
    right within `within`; anything else is exact, to the rounding of floats.

    The gradients of the result with respect to the inputs named in `gradients` have to be those of the reference. `given` is
    how many lines the stub has before its `raise`, or in its `__init__`. `changes` names the inputs that an answer is meant to
    change, such as a network that it trains. `without` lists functions that the statement rules out.

    `errors` gives advice on errors of an answer's own code, by a part of their words. `explain` works the failing case out for
    an answer without a name: it takes what the answer gave, and the case. `layers` turns a case into layers, name -> (channels
    read, side of the window, filters), if the result is the number of their weights: then slips in counting them have names.

    `variants` are other sets of numbers for a value: `reference` and `mistakes` may then be functions of these numbers, and
    the names of such mistakes and the hints contain them in braces.
    """

    name: str
    reference: Any
    mistakes: Mapping[str, Any]
    hints: Sequence[str]
    cases: Sequence[Mapping[str, Any]] = ()
    choices: Sequence[str] = ()
    within: float = 0.0
    digits: int | None = None
    look: Callable[[Any], Any] | None = None
    gradients: Sequence[str] = ()
    given: int = 0
    changes: Sequence[str] = ()
    without: Sequence[str] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    explain: Callable[..., str] | None = None
    layers: Callable[..., Mapping[str, tuple[int, int, int]]] | None = None
    variants: Variants | None = None
    written: Written | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.variants and self.written is None:  # a copy keeps the numbers that its original asks for
            self.written = Written(self.reference, self.mistakes, self.hints)
            self.vary(0)

    def vary(self, which: int) -> None:
        """Ask for another set of its numbers, from here on; raises ValueError if there is no such set."""
        if not (self.variants and self.written):
            raise ValueError(f"`{self.name}` has no variants")
        self.reference, self.mistakes, self.hints = self.variants.filled(self.written, which)

    @property
    def tolerance(self) -> float:
        """How far a number may be off."""
        return self.within if self.digits is None else (0.5 + 1e-9) * 10.0**-self.digits
