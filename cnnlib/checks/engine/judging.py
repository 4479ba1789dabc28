"""Judge an answer: None if it is right, else what is wrong with it and on which case."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from torch import nn

from cnnlib.checks.engine.blame import Failure, NotAttempted, expects
from cnnlib.checks.engine.comparing import difference, not_a_number, same, wrong_dtype
from cnnlib.checks.engine.copies import copied, in_single, size
from cnnlib.checks.engine.exercise import Exercise
from cnnlib.checks.engine.forms import letter, read, wrong_form
from cnnlib.checks.engine.gradients import cut_off, gradients_of
from cnnlib.checks.engine.limits import Printed
from cnnlib.checks.engine.mistakes import REFUSALS
from cnnlib.checks.engine.networks import outputs
from cnnlib.checks.engine.running import Trial, guarded, prepared, run
from cnnlib.checks.engine.training import Fault, fault
from cnnlib.checks.engine.words import describe, inputs_of, repeated


class Problem(NamedTuple):
    """What is wrong with an answer, and the case that shows it: its inputs, what is expected, what came."""

    words: str
    case: Mapping[str, Any] | None = None
    expected: Any = None
    got: Any = None
    is_named: bool = True


def value_problem(check: Exercise, answer: Any) -> Problem | None:
    """Judge an answer that is a value."""
    if check.choices:
        answer = letter(answer, check.choices)
        if not (isinstance(answer, str) and answer in check.choices):
            return Problem(f"answer one of {', '.join(map(repr, check.choices))}, got {describe(answer)}")
    look = check.look or (lambda value: value)
    right = look(check.reference)
    with comparable():
        seen = read(look(answer), right)
        if problem := wrong_form(seen, right) or not_a_number(seen):
            return Problem(problem)
        if same(seen, right, check.tolerance):
            return None
    named = (mistake for mistake, wrong in check.mistakes.items() if same(seen, look(wrong), check.tolerance))
    said = repeated(answer, seen) if check.look is None else describe(answer)
    unnamed = f"{said} is not right; `check.{check.name}.hint()` gives a hint"
    return Problem(next(named, unnamed))


def function_problem(check: Exercise, answer: Any, printed: Printed) -> Problem | None:
    """Judge an answer that is a function, on all cases, the smallest first."""
    if not callable(answer):
        return Problem(f"expected a function, got {describe(answer)}")
    if check.look is None and isinstance(answer, type) and issubclass(answer, nn.Module):
        return Problem(f"expected a function, got {describe(answer)}; make one of it: `{answer.__name__}()`")
    if check.look is not None and isinstance(answer, nn.Module):
        return Problem(f"expected a function or a class that makes a network, got a network: {type(answer).__name__}")
    if problem := expects(answer, list(check.cases[0])):
        return Problem(problem)
    judging = _Judging(check, answer, printed)
    with comparable():
        return judging.problem()


@contextmanager
def comparable() -> Iterator[None]:
    """Turn whatever a value does while it is looked at into a Failure."""
    try:
        yield
    except (Failure, NotAttempted, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise Failure(f"the answer cannot be compared with what is expected ({type(error).__name__})") from None


class _Judging:
    """One function on all cases of its check."""

    def __init__(self, check: Exercise, answer: Callable, printed: Printed) -> None:
        self.check, self.answer, self.printed = check, answer, printed
        self.cases = sorted(check.cases, key=size)
        self.right = [self._trial_of_reference(case) for case in self.cases]
        self.expected = [self._seen(trial.made) for trial in self.right]
        self.trials: list[Trial] = []
        self.given: list[Any] = []

    def _trial_of_reference(self, case: Mapping[str, Any]) -> Trial:
        inputs, leaves = prepared(case, tuple(self.check.gradients))
        return Trial(self.check.reference(**inputs), leaves)

    def _seen(self, made: Any) -> Any:
        return made if self.check.look is None else self.check.look(made)

    def problem(self) -> Problem | None:
        for case, expected in zip(self.cases, self.expected, strict=True):
            try:
                self._try(case, expected)
            except Failure as failure:
                got = self.given[len(self.trials) - 1] if len(self.given) == len(self.trials) != 0 else None
                return Problem(f"{failure}, on {inputs_of(case)}", case, expected, got)
        return self._wrong_value() or self._wrong_gradient() or self._wrong_network() or self._wrong_dtype()

    def _try(self, case: Mapping[str, Any], expected: Any) -> None:
        """Run the answer on a case; raises Failure if its value cannot be looked at."""
        trial = run(self.answer, case, self.printed, tuple(self.check.gradients), self.check.given)
        seen = trial.made
        if self.check.look is not None:
            seen = guarded(lambda: self._seen(trial.made), self.answer, self.printed, self.check.given)
        self.trials.append(trial)
        self.given.append(read(seen, expected))
        if problem := wrong_form(self.given[-1], expected):
            is_forgotten = seen is None and self.check.look is None
            raise Failure(problem + ("; end the function with `return`" if is_forgotten else ""))

    def _wrong_value(self) -> Problem | None:
        places = range(len(self.cases))
        wrong = [place for place in places if not same(self.given[place], self.expected[place], self.check.tolerance)]
        if not wrong:
            return None
        case, expected, got = self.cases[wrong[0]], self.expected[wrong[0]], self.given[wrong[0]]
        for mistake, function in self.check.mistakes.items():
            if self._explains(function):
                return Problem(f"{mistake}, on {inputs_of(case)}", case, expected, got)
        words = f"{difference(got, expected, self.check.tolerance)}, on {inputs_of(case)}"
        return Problem(words, case, expected, got, is_named=False)

    def _explains(self, wrong: Callable) -> bool:
        """Tell whether a named mistake gives what the answer gave, on every case."""
        try:
            return all(
                same(result, self._seen(wrong(**copied(dict(case)))), self.check.tolerance)
                for result, case in zip(self.given, self.cases, strict=True)
            )
        except REFUSALS:  # a mistake may not run on every case
            return False

    def _wrong_gradient(self) -> Problem | None:
        names = tuple(self.check.gradients)
        for place, case in enumerate(self.cases if names else ()):
            expected = gradients_of(self.expected[place], self.right[place].leaves)
            got = gradients_of(self.given[place], self.trials[place].leaves)
            for name, one, other in zip(names, got, expected, strict=True):
                if not same(one, other, self.check.tolerance):
                    words = f"the value is right, but {cut_off(name, one, other)}"
                    return Problem(f"{words}, on {inputs_of(case)}", case, other, one)
        return None

    def _wrong_network(self) -> Problem | None:
        look = self.check.look
        for trial, right, case in zip(self.trials, self.right, self.cases, strict=True):
            if not isinstance(look, outputs):
                return None
            try:
                found = guarded(lambda made=trial.made, net=right.made: fault(look, made, net), self.answer, self.printed)
            except Failure as failure:
                found = Fault(str(failure))
            if found:
                words = f"{found.words}, on {inputs_of(case)}"
                return Problem(words, case, found.expected, found.got, is_named=found.got is None)
        return None

    def _wrong_dtype(self) -> Problem | None:
        """Look at the dtypes of right values, and whether they follow the inputs: the smallest case again, in float32."""
        for result, expected, case in zip(self.given, self.expected, self.cases, strict=True):
            if problem := wrong_dtype(result, expected):
                return Problem(f"{problem}, on {inputs_of(case)}", case, expected, result)
        if self.check.look is not None:
            return None
        single = {name: in_single(value) for name, value in self.cases[0].items()}
        expected = self.check.reference(**copied(single))
        try:
            made = read(run(self.answer, single, Printed()).made, expected)  # what it prints was seen on the cases
            problem = wrong_form(made, expected) or wrong_dtype(made, expected)
        except Failure as failure:
            problem = str(failure)
        return Problem(f"{problem}, on inputs in float32, {inputs_of(single)}") if problem else None
