"""A check is a value: an exercise, and whether it is solved.

Calling it with an answer has three outcomes, one line each: `✔ name`, `○ name: not attempted yet`, and `✘ name: ...`, which
also raises `WrongAnswer`, so that a run from the command line stops.
"""

import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from cnnlib.checks.engine.blame import Failure, NotAttempted
from cnnlib.checks.engine.cases import case_text
from cnnlib.checks.engine.exercise import Exercise
from cnnlib.checks.engine.judging import Problem, function_problem, value_problem
from cnnlib.checks.engine.limits import Printed
from cnnlib.checks.engine.state import isolated
from cnnlib.checks.engine.verdicts import MISSING, RIGHT, WRONG, Verdict, publish
from cnnlib.checks.engine.words import WIDTH


@dataclass
class Check(Exercise):
    """Judge an exercise, by value (a number, a choice) or by running a function on its cases.

    `builds_on` lists the checks whose answers this exercise uses. `solved` is the outcome of the last call: None where
    nothing was judged.
    """

    builds_on: Sequence["Check"] = ()
    solved: bool | None = field(default=None, init=False)
    _hints_given: int = field(default=0, init=False, repr=False)
    _problem: Problem | None = field(default=None, init=False, repr=False)

    def __call__(self, answer: Any) -> None:
        """Judge `answer`: show whether it is right or missing, raise WrongAnswer if it is wrong."""
        self.solved = self._problem = None
        printed = Printed()
        try:
            with isolated():
                self._problem = self._judged(answer, printed)
        except NotAttempted as missing:
            verdict = Verdict(MISSING, self.name, str(missing) or "not attempted yet", hints=self.hints)
        else:
            self.solved = self._problem is None
            words = "" if self._problem is None else self._words(self._problem)
            mark = RIGHT if self.solved else WRONG
            verdict = Verdict(mark, self.name, words, self._standing() if self.solved else "", self.hints if words else ())
        finally:
            print(printed.text(), end="")  # a learner's own print is for the learner
        publish(verdict)

    def _judged(self, answer: Any, printed: Printed) -> Problem | None:
        if answer is ...:
            raise NotAttempted
        try:
            return function_problem(self, answer, printed) if self.cases else value_problem(self, answer)
        except Failure as failure:
            return Problem(str(failure))

    def _words(self, problem: Problem) -> str:
        if problem.is_named:
            return problem.words
        unsolved = [f"; it builds on `{check.name}`, which is not solved yet" for check in self.builds_on if not check.solved]
        return "".join([problem.words, *unsolved[:1], f"; `check.{self.name}.show()` prints this case"])

    def _standing(self) -> str:
        """Count how many exercises of this one's lesson are solved; a check outside of a lesson counts nothing."""
        lessons = (checks_of(module) for name, module in sys.modules.items() if name.startswith("cnnlib.checks."))
        checks = next((lesson for lesson in lessons if any(check is self for check in lesson)), None)
        return f"{sum(check.solved is True for check in checks)} of {len(checks)} solved" if checks else ""

    def hint(self) -> None:
        """Print the next hint; after the last one, the last one again."""
        number = min(self._hints_given + 1, len(self.hints))
        self._hints_given = number
        print(textwrap.fill(f"Hint {number} of {len(self.hints)}: {self.hints[number - 1]}", WIDTH, break_long_words=False))

    def show(self) -> None:
        """Print the smallest case on which the last answer was wrong: its inputs, what is expected, what came."""
        if self._problem is None or self._problem.case is None:
            print(f"There is no failing case of `{self.name}` to show.")
            return
        with isolated():  # whatever print options are set
            text = case_text(self._problem)
        print(text)


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
