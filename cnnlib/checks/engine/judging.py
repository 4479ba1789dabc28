"""Judge an answer: None if it is right, else what is wrong with it and on which case."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from torch import nn

from cnnlib.checks.engine.advice import advised
from cnnlib.checks.engine.blame import Failure, NotAttempted, Raised, expects, names_of
from cnnlib.checks.engine.comparing import difference, not_a_number, same, wrong_dtype
from cnnlib.checks.engine.copies import copied, ease, in_single
from cnnlib.checks.engine.exercise import Exercise
from cnnlib.checks.engine.explaining import Tried, kind, mistake_of, where
from cnnlib.checks.engine.forms import letter, read, wrong_form
from cnnlib.checks.engine.gradients import cut_off, gradients_of
from cnnlib.checks.engine.limits import Printed
from cnnlib.checks.engine.networks import outputs
from cnnlib.checks.engine.related import named_values, slip
from cnnlib.checks.engine.running import Trial, guarded, prepared, run
from cnnlib.checks.engine.structure import differing
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
    look = check.look or _itself
    right = look(check.reference)
    with comparable():
        seen = read(look(answer), right)
        if problem := wrong_form(seen, right) or not_a_number(seen):
            return Problem(problem)
        if same(seen, right, check.tolerance):
            return None
    named = (words for words, wrong in named_values(check) if same(seen, look(wrong), check.tolerance))
    said = repeated(answer, seen) if check.look is None else describe(answer)
    unnamed = f"{said} is not right; `check.{check.name}.hint()` gives a hint"
    return Problem(next(named, unnamed))


def function_problem(check: Exercise, answer: Any, printed: Printed) -> Problem | None:
    """Judge an answer that is a function, on all cases, the smallest first."""
    if not callable(answer):
        return Problem(f"expected a function, got {describe(answer)}")
    if check.look is None and isinstance(answer, type) and issubclass(answer, nn.Module):
        return Problem(f"expected a function, got {describe(answer)}; make one of it: `{answer.__name__}()`")
    if isinstance(check.look, outputs) and isinstance(answer, nn.Module):
        return Problem(f"expected a function or a class that makes a network, got a network: {type(answer).__name__}")
    if problem := expects(answer, list(check.cases[0])):
        return Problem(problem)
    judging = _Judging(check, answer, printed)
    with comparable():
        return judging.problem() or ready_made(check, answer)


def ready_made(check: Exercise, answer: Any) -> Problem | None:
    """Say that a right answer calls a function that its statement rules out."""
    found = [name for name in check.without if name in names_of(answer)]
    return Problem(f"the values are right, but `{found[0]}` is ready-made; write the function without it") if found else None


def _itself(value: Any) -> Any:
    return value


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
        self.cases = sorted(check.cases, key=ease)
        self.right = [self._trial_of_reference(case) for case in self.cases]
        self.looks = [self._look(trial.made) for trial in self.right]
        self.expected = [look(trial.made) for look, trial in zip(self.looks, self.right, strict=True)]
        self.trials: list[Trial] = []
        self.given: list[Any] = []

    def _trial_of_reference(self, case: Mapping[str, Any]) -> Trial:
        inputs, leaves = prepared(case, tuple(self.check.gradients))
        return Trial(self.check.reference(**inputs), leaves)

    def _look(self, right: Any) -> Callable[[Any], Any]:
        look = self.check.look or _itself
        return look.suited(right) if isinstance(look, outputs) else look

    def problem(self) -> Problem | None:
        for place in range(len(self.cases)):
            try:
                self._try(place)
            except Raised as error:  # it may run on other cases, which says something about the mistake
                self.given.append(error)
                self.trials += [Trial(None, [])] * (place + 1 - len(self.trials))
            except Failure as failure:
                return self._failed(failure, place)
        return self._wrong_value() or self._wrong_gradient() or self._wrong_network() or self._wrong_dtype()

    def _failed(self, failure: Failure, place: int) -> Problem:
        """Cite a case whose result cannot be compared, or on which there is none: no further case is tried."""
        if len(self.given) > place:
            return self._problem(mistake_of(self._tried()) or str(failure), place, self.expected[place], self.given[place])
        self.given.append(failure)
        return self._wrong_value() or self._problem(str(failure), place, self.expected[place])

    def _problem(
        self, words: str, place: int, expected: Any = None, got: Any = None, is_named: bool = True, mode: str = "evaluation"
    ) -> Problem:
        """Cite a case; of a network, show what it was run on and its weights as well."""
        case, shown = self.cases[place], {}
        if isinstance(look := self.looks[place], outputs):
            made = self.trials[place].made if place < len(self.trials) else None
            with suppress(Failure, NotAttempted):  # a network that cannot be looked at
                shown = guarded(lambda: look.shown(made, mode), self.answer, Printed())
        return Problem(f"{words}, on {inputs_of(case)}", {**case, **shown}, expected, got, is_named)

    def _try(self, place: int) -> None:
        """Run the answer on a case; raises Failure if its value cannot be looked at."""
        check = self.check
        trial = run(self.answer, self.cases[place], self.printed, tuple(check.gradients), check.given, tuple(check.changes))
        self.trials.append(trial)
        seen, expected = trial.made, self.expected[place]
        if self.check.look is not None:
            seen = guarded(lambda: self.looks[place](trial.made), self.answer, self.printed, self.check.given)
        self.given.append(read(seen, expected))
        if problem := wrong_form(self.given[-1], expected):
            is_forgotten = trial.made is None
            raise Failure(problem + ("; end the function with `return`" if is_forgotten else ""))

    def _wrong_value(self) -> Problem | None:
        """Say what is wrong with the values, or which error the code raised."""
        tried = self._tried()
        wrong = tried.wrong_places()
        if not wrong:
            return None
        stops = [place for place in wrong if isinstance(self.given[place], Failure)]
        mistake, first = mistake_of(tried), next((place for place in wrong if place not in stops), wrong[0])
        if mistake is None and stops:
            words = advised(str(self.given[stops[0]]), self.check.errors) + where(tried)
            return self._problem(words, stops[0], self.expected[stops[0]])
        expected, got = self.expected[first], None if first in stops else self.given[first]
        words = mistake or self._differing(tried, first)
        return self._problem(words, first, expected, got, is_named=mistake is not None)

    def _differing(self, tried: Tried, place: int) -> str:
        """Say how values differ whose mistake has no name: a slip in counting, other layers, or a kind all share."""
        words = difference(self.given[place], self.expected[place], self.check.tolerance)
        if isinstance(self.check.look, outputs):
            found = differing(self.trials[place].made, self.right[place].made)
        else:
            found = slip(self.check, self.answer, self.cases, self.given, self.expected)
        return f"{found}: {words}" if found else kind(tried, words, place)

    def _tried(self) -> Tried:
        return Tried(self.check, self.cases, self.looks, self.expected, self.given)

    def _wrong_gradient(self) -> Problem | None:
        names = tuple(self.check.gradients)
        for place in range(len(self.cases) if names else 0):
            expected = gradients_of(self.expected[place], self.right[place].leaves)
            got = gradients_of(self.given[place], self.trials[place].leaves)
            for name, one, other in zip(names, got, expected, strict=True):
                if not same(one, other, self.check.tolerance):
                    return self._problem(f"the value is right, but {cut_off(name, one, other)}", place, other, one)
        return None

    def _wrong_network(self) -> Problem | None:
        for place, look in enumerate(self.looks):
            if not isinstance(look, outputs) or look.is_whole:
                continue
            made, right = self.trials[place].made, self.right[place].made
            try:
                found = guarded(lambda look=look, made=made, right=right: fault(look, made, right), self.answer, self.printed)
            except Failure as failure:
                found = Fault(str(failure))
            if found:
                is_named = found.got is None
                mode = "evaluation" if is_named else "training"
                return self._problem(found.words, place, found.expected, found.got, is_named, mode)
        return None

    def _wrong_dtype(self) -> Problem | None:
        """Look at the dtypes of right values, and whether they follow the inputs: the smallest case again, in float32."""
        for place, (result, expected) in enumerate(zip(self.given, self.expected, strict=True)):
            if problem := wrong_dtype(result, expected):
                return self._problem(problem, place, expected, result)
        if self.check.look is not None or self.check.changes:
            return None
        single = {name: in_single(value) for name, value in self.cases[0].items()}
        expected = self.check.reference(**copied(single))
        try:
            made = read(run(self.answer, single, Printed()).made, expected)  # what it prints was seen on the cases
            problem = wrong_form(made, expected) or wrong_dtype(made, expected)
        except Failure as failure:
            problem = str(failure)
        return Problem(f"{problem}, on inputs in float32, {inputs_of(single)}") if problem else None
