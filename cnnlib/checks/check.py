"""A check is a value: what is right, on which cases, which mistakes have names, and what to hint.

Calling it with an answer has three outcomes, one line each: `✔ name`, `○ name: not attempted yet`, and `✘ name: ...`, which
also raises `WrongAnswer`, so that a run from the command line stops.
"""

import contextlib
import io
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from torch import Tensor, nn

from cnnlib.checks.comparing import describe, difference, in_single, same, wrong_dtype, wrong_kind
from cnnlib.checks.running import Failure, NotAttempted, run

Case = Mapping[str, Any]


WIDTH = 80  # letters: JupyterLab breaks a longer line in the middle of a word, in a window of 800 pixels


class WrongAnswer(AssertionError):
    """Says in one line what is wrong with an answer; a notebook shows that line and no traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


@dataclass
class Check:
    """Judge one exercise, by value (a number, a choice) or by running a function on `cases`.

    `reference` is the right value or a right function; `mistakes` names wrong values or wrong functions; `choices` lists the
    letters of a multiple choice; `within` is how far a number may be off. Functions are called with positional arguments, in
    the order of each case, so that a learner may rename them. Where the functions make a network, `look` says what of it is
    compared: usually `outputs(x)`.
    """

    name: str
    reference: Any
    mistakes: Mapping[str, Any]
    hints: Sequence[str]
    cases: Sequence[Case] = ()
    choices: Sequence[str] = ()
    within: float = 0.0
    look: Callable[[nn.Module], Any] | None = None
    solved: bool | None = field(default=None, init=False)
    _hints_given: int = field(default=0, init=False, repr=False)

    def __call__(self, answer: Any) -> None:
        """Judge `answer`: print a line if it is right or missing, raise WrongAnswer if it is wrong."""
        try:
            if answer is ...:
                raise NotAttempted
            problem = self._problem_of_function(answer) if self.cases else self._problem_of_value(answer)
        except NotAttempted:
            self.solved = None
            print(f"○ {self.name}: not attempted yet")
            return
        except Failure as failure:
            problem = str(failure)
        self.solved = problem is None
        if problem is not None:
            raise WrongAnswer(f"✘ {self.name}: {problem}") from None
        print(f"✔ {self.name}")

    def hint(self) -> None:
        """Print the next hint; after the last one, the last one again."""
        number = min(self._hints_given + 1, len(self.hints))
        self._hints_given = number
        print(textwrap.fill(f"Hint {number} of {len(self.hints)}: {self.hints[number - 1]}", WIDTH, break_long_words=False))

    def _problem_of_value(self, answer: Any) -> str | None:
        if isinstance(answer, str) and self.choices:
            answer = answer.strip().lower()
        if self.choices and not (isinstance(answer, str) and answer in self.choices):
            return f"answer one of {', '.join(map(repr, self.choices))}, got {describe(answer)}"
        if problem := wrong_kind(answer, self.reference):
            return problem
        if same(answer, self.reference, self.within):
            return None
        for mistake, wrong in self.mistakes.items():
            if same(answer, wrong, self.within):
                return mistake
        return f"{describe(answer)} is not it; `check.{self.name}.hint()` helps"

    def _problem_of_function(self, answer: Any) -> str | None:
        if not callable(answer):
            return f"a function is asked, got {describe(answer)}"
        right = [self._seen(self.reference(**case)) for case in self.cases]
        given = []
        for case, expected in zip(self.cases, right, strict=True):
            given.append(run(lambda *values: self._seen(answer(*values)), case))
            if problem := wrong_kind(given[-1], expected):
                return f"{problem}, on {_inputs(case)}"
        off = [index for index, expected in enumerate(right) if not same(given[index], expected, self.within)]
        if not off:
            return self._problem_of_dtype(answer, given, right)
        place = f"on {_inputs(self.cases[off[0]])}"
        for mistake, wrong in self.mistakes.items():
            if self._explains(wrong, given):
                return f"{mistake}, {place}"
        return f"{difference(given[off[0]], right[off[0]])}, {place}"

    def _problem_of_dtype(self, answer: Callable, given: Sequence[Any], right: Sequence[Any]) -> str | None:
        """Look at the types of right values, and whether they follow the inputs: the first case once more, in float32."""
        for result, expected, case in zip(given, right, self.cases, strict=True):
            if problem := wrong_dtype(result, expected):
                return f"{problem}, on {_inputs(case)}"
        single = {name: in_single(value) for name, value in self.cases[0].items()}
        expected = self.reference(**single)
        if not isinstance(expected, Tensor):
            return None
        place = f"on inputs in float32, {_inputs(single)}"
        try:
            with contextlib.redirect_stdout(io.StringIO()):  # what it prints was seen on the cases
                problem = wrong_dtype(run(answer, single), expected)
        except Failure as failure:
            problem = str(failure)
        return f"{problem}, {place}" if problem else None

    def _seen(self, result: Any) -> Any:
        """Turn what a function made into what is compared; raises Failure if a network is asked and something else made."""
        if self.look is None:
            return result
        if not isinstance(result, nn.Module):
            raise Failure(f"a network (nn.Module) is asked, got {describe(result)}")
        return self.look(result)

    def _explains(self, wrong: Callable, given: Sequence[Any]) -> bool:
        """Tell whether a named mistake gives what the learner's function gave, on every case."""
        try:
            return all(
                same(result, self._seen(wrong(**case)), self.within) for result, case in zip(given, self.cases, strict=True)
            )
        except (RuntimeError, ValueError, IndexError):  # a mistake may not run on every case
            return False


def _inputs(case: Case) -> str:
    return ", ".join(f"{name} {describe(value)}" for name, value in case.items())


def checks_of(lesson: ModuleType) -> list[Check]:
    """List the checks of a lesson's module in the order in which they are written."""
    return [value for value in vars(lesson).values() if isinstance(value, Check)]


def report(lesson: ModuleType) -> None:
    """Print how many of a lesson's exercises are solved, and which are left."""
    checks = checks_of(lesson)
    wrong = [check.name for check in checks if check.solved is False]
    missing = [check.name for check in checks if check.solved is None]
    line = f"Solved {len(checks) - len(wrong) - len(missing)} of {len(checks)}."
    line += f" Still wrong: {', '.join(wrong)}." if wrong else ""
    line += f" Not attempted yet: {', '.join(missing)}." if missing else ""
    print(line)
