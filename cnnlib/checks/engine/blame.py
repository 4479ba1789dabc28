"""Find the learner's own line that caused an error, and tell a stub from code that was written."""

import inspect
import linecache
import math
import re
import sysconfig
import traceback
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

LIBRARY = Path(__file__).parents[2]  # cnnlib itself: an error inside it is not the learner's line
LIBRARIES = [LIBRARY] + [Path(sysconfig.get_path(kind)) for kind in ("stdlib", "purelib", "platlib")]
FOLDERS = {"site-packages", "dist-packages"}
LONGEST = 200  # letters of an exception's own words


class NotAttempted(Exception):
    """An answer is still the stub that came with the lesson, or calls one that is; the words say which."""


class Failure(Exception):
    """An answer cannot be judged by its value; the message says why in words."""


class Raised(Failure):
    """An answer's own code raised an error; `cause` tells errors apart, wherever and in whatever order their numbers come."""

    def __init__(self, words: str, error: BaseException) -> None:
        super().__init__(words)
        self.cause = cause_of(error)


class Refused(Failure, RuntimeError):
    """A network cannot be looked at: a failure for the learner, an error as any other where mistakes are tried."""


def failure_of(error: BaseException, answer: Any, given: int) -> Exception:
    """Turn what an answer raised into a Failure, or into NotAttempted if it is a stub; `given` lines come with the stub."""
    frames = [frame for frame in traceback.walk_tb(error.__traceback__) if _is_own(frame[0].f_code)]
    if not frames:
        return Raised(_words(error, ""), error)
    frame, number = frames[-1]
    is_answers, code = _is_part(frame.f_code, answer), frame.f_code
    text = linecache.getline(code.co_filename, number).strip()
    if isinstance(error, NotImplementedError) and not str(error) and _raised_by(error, frame):
        return _stub(code, number, answer if is_answers else None, given)
    place = f" in line {number}" + ("" if is_answers or code.co_name == "<module>" else f" of your `{_name(code)}`")
    return Raised(_words(error, f"{place}, `{text}`" if text else place), error)


def cause_of(error: BaseException) -> tuple[str, list[str]]:
    """Split an error into its words and the numbers in them, which change places with the operands.

    >>> cause_of(ValueError("size 3 is not 2")) == cause_of(ValueError("size 2 is not 3"))
    True
    """
    said = _said(error)
    return type(error).__name__ + re.sub(r"\d+", "0", said), sorted(re.findall(r"\d+", said))


def _said(error: BaseException) -> str:
    try:
        return " ".join(str(error).split())
    except BaseException:
        return "its words cannot be printed"


def _words(error: BaseException, place: str) -> str:
    said = _said(error)
    said = f"{said[:LONGEST]}..." if len(said) > LONGEST else said.removesuffix(".")
    return f"your code raised {type(error).__name__}{place}" + (f": {said}" if said else "")


def _is_own(code: CodeType) -> bool:
    """Tell a learner's code from that of this library, of Python or of an installed library."""
    path = Path(code.co_filename)
    is_made = code.co_filename.startswith(("<frozen", "<__array_function__"))
    return not (is_made or FOLDERS & set(path.parts) or any(map(path.is_relative_to, LIBRARIES)))


def _raised_by(error: BaseException, frame: Any) -> bool:
    """Tell whether the learner's own line raised the error, and not a library below it."""
    *_, (last, _) = traceback.walk_tb(error.__traceback__)
    return last is frame


def _stub(code: CodeType, number: int, answer: Any, given: int) -> Exception:
    """Say what is left to write; in a class, `given` lines come with `__init__`."""
    if answer is None:
        return NotAttempted(f"it calls `{_name(code)}`, which is not written yet")
    is_forward = isinstance(answer, type) and code.co_name == "forward"
    if _written(code, number) > (0 if is_forward else given):
        return Failure(f"`raise NotImplementedError` is left in line {number}, under your code; delete that line")
    has_layers = is_forward and "__init__" in vars(answer) and _written(answer.__init__.__code__) > given
    return NotAttempted("`forward` is not written yet" if has_layers else "")


def _written(code: CodeType, end: float = math.inf) -> int:
    """Count the lines of code before the line `end`."""
    lines = {line for _, _, line in code.co_lines() if line and code.co_firstlineno < line < end}
    return sum(_counts(linecache.getline(code.co_filename, line)) for line in lines)


def _counts(text: str) -> bool:
    return not text.strip().startswith(("super().__init__(", "def ", "@"))


def _name(code: CodeType) -> str:
    """Name a function, or the class of a method, as the learner wrote it."""
    names = [name for name in code.co_qualname.split(".") if name != "<locals>"]
    return names[-2] if len(names) > 1 and names[-1] in ("__init__", "forward") else names[-1]


def _is_part(code: CodeType, answer: Any) -> bool:
    """Tell whether code belongs to an answer: its function, what is defined inside, the methods of its class."""
    return any(code is one for own in _functions(answer) for one in _nested(own.__code__))


def _functions(answer: Any) -> list[FunctionType]:
    answer = inspect.unwrap(getattr(answer, "func", getattr(answer, "__func__", answer)))
    if isinstance(answer, FunctionType):
        return [answer]
    kind = answer if isinstance(answer, type) else type(answer)
    return [value for value in vars(kind).values() if isinstance(value, FunctionType)]


def _nested(code: CodeType) -> list[CodeType]:
    return [code] + [one for part in code.co_consts if isinstance(part, CodeType) for one in _nested(part)]


def names_of(answer: Any) -> set[str]:
    """Collect the names of globals and attributes that an answer's own code uses."""
    return {name for function in _functions(answer) for code in _nested(function.__code__) for name in code.co_names}


def expects(answer: Callable, names: list[str]) -> str | None:
    """Say that a function does not take as many arguments as a case has, or None; some do not tell what they take."""
    try:
        signature = inspect.signature(answer)
    except (TypeError, ValueError):
        return None
    try:
        signature.bind(*names)
    except TypeError:
        kind = "arguments" if len(names) > 1 else "argument"
        return f"expected a function of {len(names)} {kind}, ({', '.join(names)}), got one of {signature}"
    return None
