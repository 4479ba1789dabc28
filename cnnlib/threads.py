"""How many processor threads a training step should use: measured, because no rule knows.

On two idle cores two threads win; let another program take one core and the same two threads are many times slower than one.
So a few steps are timed on each candidate, the rest take the fastest, and a step that is suddenly slow starts the race anew.
"""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch

from cnnlib.cores import cores

TRIALS = 3  # steps timed on each candidate in the first race of a process
SLOWER = 4.0  # times the expected seconds: beyond it the machine has changed, or this count is out of the race
MAX_THREADS = 8  # the networks of the course gain nothing from more
MAX_FIXED = 256  # far more threads than the memory holds end Python without a word
REMEMBERED: dict[
    tuple[int, ...], int
] = {}  # candidates -> the count that was fastest when they were last compared in this process


def fixed() -> int | None:
    """Read the number of threads that `CNNLIB_THREADS` sets, None if it is not set."""
    value = os.environ.get("CNNLIB_THREADS")
    if not value:
        return None
    if not value.isdecimal() or not 1 <= int(value) <= MAX_FIXED:
        raise ValueError(f"CNNLIB_THREADS must be a whole number from 1 to {MAX_FIXED}, got {value!r}")
    return int(value)


def candidates() -> list[int]:
    """List the thread counts worth trying: 1, 2, 4 and 8 up to the cores there are, or `CNNLIB_THREADS` alone if it is set.

    >>> candidates()[0] >= 1
    True
    """
    if count := fixed():
        return [count]
    return [2**power for power in range(min(cores(), MAX_THREADS).bit_length())]


class FastestThreads:
    """Time steps on each candidate, then stay with the one whose fastest step was fastest, for as long as that holds.

    The first race of a process tries all candidates, `TRIALS` steps each. The winner is remembered: later trainings try the
    remembered count and its neighbours in the list, one step each.
    """

    def __init__(self, counts: Sequence[int]) -> None:
        self.counts = list(counts)
        self.warm: set[int] = set()  # whose first step is over: it also prepares the kernels, so its time is not used
        self.fastest: dict[int, float] = {}
        self.queue: list[int] = []
        if tuple(self.counts) in REMEMBERED:
            self.check()
        else:
            self.race(TRIALS)

    @property
    def best(self) -> int:
        """The fastest count so far; before any measurement the one remembered, or the first candidate."""
        remembered = REMEMBERED.get(tuple(self.counts), self.counts[0])
        return min(self.fastest, key=self.fastest.__getitem__, default=remembered)

    def race(self, trials: int) -> None:
        """Forget what was measured and time every candidate `trials` times, the present best first."""
        self._line_up(self.counts, trials)

    def check(self) -> None:
        """Time the present best and its neighbours in the list once more: is it still the best?"""
        place = self.counts.index(self.best)
        self._line_up(self.counts[max(place - 1, 0) : place + 2], 1)

    def _line_up(self, counts: Sequence[int], trials: int) -> None:
        if len(self.counts) > 1:
            order = sorted(counts, key=lambda count: count != self.best)
            self.queue = [count for count in order for _ in range(trials)]
            self.fastest = {}

    @contextmanager
    def step(self) -> Iterator[None]:
        """Run one training step on the count whose turn it is; the best count is in force afterwards, even after an error."""
        count = self.queue[0] if self.queue else self.best
        try:
            _use(count)
            start = time.perf_counter()
            yield
            self._note(count, time.perf_counter() - start)
        finally:
            _use(self.best)  # for what comes between two steps, and for whatever follows an exception

    def _note(self, count: int, seconds: float) -> None:
        if len(self.counts) == 1:
            return
        if count not in self.warm:
            self.warm.add(count)
            return
        racing = bool(self.queue)
        if racing:
            self.queue.pop(0)
        elif seconds > SLOWER * self.fastest[count]:
            self.race(1)
            return
        self.fastest[count] = min(seconds, self.fastest.get(count, seconds))
        if racing and seconds > SLOWER * self.fastest[self.best]:
            self.queue = [other for other in self.queue if other != count]
        if not self.queue:
            REMEMBERED[tuple(self.counts)] = self.best


def _use(count: int) -> None:
    if torch.get_num_threads() != count:
        torch.set_num_threads(count)
