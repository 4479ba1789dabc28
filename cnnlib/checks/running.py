"""Run a learner's function on one case, and turn whatever goes wrong into one clear line."""

import contextlib
import io
import signal
import sysconfig
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

LONGEST = 200  # letters of an exception's own words
SECONDS = 10  # for one case; a right answer written as six nested loops needs about a tenth of it

HERE = Path(__file__).parent
LIBRARIES = [Path(sysconfig.get_path(kind)) for kind in ("stdlib", "purelib", "platlib")]


class NotAttempted(Exception):
    """The answer is still the stub that came with the lesson."""


class Failure(Exception):
    """The learner's function could not be judged by its value; the message says why in words."""


class Refused(Failure, RuntimeError):
    """A network cannot be looked at: a failure for the learner, an error as any other where mistakes are tried."""


def run(answer: Callable, case: Mapping[str, Any]) -> Any:
    """Call `answer` with copies of the case's values; raises NotAttempted or Failure."""
    values = [_copy(value) for value in case.values()]
    printed = io.StringIO()
    try:
        with _time_limit(SECONDS), contextlib.redirect_stdout(printed):
            result = answer(*values)
    except Failure:
        raise
    except Exception as error:
        if _is_stub(error):
            raise NotAttempted from None
        raise Failure(_where(error)) from None
    finally:
        print(printed.getvalue(), end="")  # a learner's own print is for the learner
    if result is None and printed.getvalue():
        raise Failure("the result is printed, not returned; end the function with `return`")
    for (name, before), after in zip(case.items(), values, strict=True):
        if not _untouched(before, after):
            raise Failure(f"the input `{name}` was changed in place; work on a copy")
    return result


def _copy(value: Any) -> Any:
    """Copy a tensor or a list of tensors; anything else is handed on."""
    if isinstance(value, list):
        return [_copy(one) for one in value]
    return value.clone() if isinstance(value, Tensor) else value


def _untouched(before: Any, after: Any) -> bool:
    if isinstance(before, list):
        return len(before) == len(after) and all(map(_untouched, before, after))
    return not isinstance(before, Tensor) or torch.equal(before, after)


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Stop the block after `seconds` where the platform can: in the main thread of a POSIX system."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signum: int, frame: Any) -> None:
        raise Failure(f"still running after {seconds:g} seconds; look for a loop that does not end")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _is_stub(error: Exception) -> bool:
    """Tell the stub of an exercise from a NotImplementedError of torch: a bare `raise` in the learner's own code."""
    frames = traceback.extract_tb(error.__traceback__)
    return isinstance(error, NotImplementedError) and not str(error) and _is_own(frames[-1])


def _is_own(frame: traceback.FrameSummary) -> bool:
    """Tell a learner's line from one of this package, of Python or of an installed library."""
    return not Path(frame.filename).is_relative_to(HERE) and not any(map(Path(frame.filename).is_relative_to, LIBRARIES))


def _where(error: Exception) -> str:
    """Name an exception and the learner's own line that caused it."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_own(frame)]
    line = f" in line {own[-1].lineno}, `{own[-1].line}`" if own else ""
    said = " ".join(str(error).split())
    return f"your code raised {type(error).__name__}{line}" + (f": {said[:LONGEST]}" if said else "")
