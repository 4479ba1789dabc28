"""Limits for code that is not ours: seconds, printed lines, and who may interrupt it."""

import _thread
import contextlib
import io
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from types import FrameType
from typing import Any

SECONDS = 10  # for one case; a right answer written as six nested loops needs about a tenth of it
LINES = 20  # printed lines that are kept
LETTERS = 1_000  # of one printed line


class TimeUp(BaseException):
    """The time limit has passed. No `except Exception` of an answer catches it.

    Making one sets off the alarm again. Python heeds it as soon as the answer jumps or calls something: a `try` that swallows
    the first TimeUp is left by the second, and so on, until nothing of the answer is left.
    """

    if hasattr(signal, "SIGALRM"):
        __init__ = staticmethod(partial(_thread.interrupt_main, signal.SIGALRM))  # pyright: ignore[reportAssignmentType] no self


class Printed(io.TextIOBase):
    """A stream that keeps the first lines written to it and counts the others, in bounded memory."""

    def __init__(self) -> None:
        self.lines, self.line, self.count, self.letters = [], "", 0, 0

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def write(self, text: str) -> int:
        """Keep what fits."""
        self.letters += len(text)
        first, *others = text.split("\n")
        self.line = (self.line + first)[:LETTERS]
        for line in others:
            self._end()
            self.line = line[:LETTERS]
        return len(text)

    def _end(self) -> None:
        self.count += 1
        if self.count <= LINES:
            self.lines.append(self.line)
        self.line = ""

    def text(self) -> str:
        """Give back the kept lines, and a count of the others."""
        if self.line:
            self._end()
        more = [f"... and {self.count - LINES:,} more lines"] if self.count > LINES else []
        return "".join(f"{line}\n" for line in self.lines + more)


def call(function: Callable, *values: Any) -> Any:
    """Call a function: the time limit ends only what runs below this line, never the engine."""
    return function(*values)


def _is_below_call(frame: FrameType | None) -> bool:
    while frame is not None and (frame := frame.f_back) is not None:
        if frame.f_code is call.__code__:
            return True
    return False


class Limits:
    """The time limit of one call, and whether the learner interrupted it."""

    interrupted = False

    def end(self, number: int, frame: FrameType | None) -> None:
        """Raise TimeUp in the answer, now and in its next line; once the answer is left, the alarm does nothing."""
        if frame and frame.f_code is not Limits.end_line.__code__ and _is_below_call(frame):
            sys.settrace(self.end_line)
            while frame and frame.f_code is not call.__code__:
                frame.f_trace, frame = self.end_line, frame.f_back
            raise TimeUp

    def end_line(self, frame: FrameType, event: str, value: Any) -> Callable:
        """Raise TimeUp in the next line of the answer, which may be that of the `except` that swallowed the first."""
        if event == "line" and _is_below_call(frame):
            raise TimeUp
        return self.end_line

    def interrupt(self, number: int, frame: FrameType | None) -> None:
        """Note that the interrupt is real, and pass it on."""
        self.interrupted = True
        if callable(self.before):
            self.before(number, frame)

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """Apply them where the platform can: in the main thread, the time limit on POSIX systems alone."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        trace = sys.gettrace()
        self.before = signal.getsignal(signal.SIGINT)
        signal.signal(signal.SIGINT, self.interrupt)
        if timed := hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self.end)
            signal.setitimer(signal.ITIMER_REAL, SECONDS)
        try:
            yield
        finally:
            if timed:
                signal.setitimer(signal.ITIMER_REAL, 0)
            if sys.gettrace() is not trace:
                sys.settrace(trace)
