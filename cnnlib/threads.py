"""How many processor threads a training step should use: measured, because no rule knows.

On two idle cores two threads win; let another program take one core and the same two threads are many times slower than one.
So a few steps are timed on each candidate, the rest take the fastest, and a step that is suddenly slow starts the race anew.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch

TRIALS = 3
SLOWER = 4.0  # so many times slower than it should be: the machine has changed, or this count is out of the race


def candidates() -> list[int]:
    """List the thread counts worth trying: 1, 2, 4 ... up to this machine's cores, or `CNNLIB_THREADS` alone if it is set.

    >>> candidates()[0] >= 1
    True
    """
    fixed = os.environ.get("CNNLIB_THREADS")
    if not fixed:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return [2**power for power in range(cores.bit_length())]
    if not fixed.isdecimal() or int(fixed) < 1:
        raise ValueError(f"CNNLIB_THREADS must be a whole number of at least 1, got {fixed!r}")
    return [int(fixed)]


class FastestThreads:
    """Time steps on each candidate, then stay with the one whose fastest step was fastest, for as long as that holds."""

    def __init__(self, counts: list[int]) -> None:
        self.counts = counts
        self.warm: set[int] = set()  # the first step on a count prepares its kernels and says nothing
        self.fastest: dict[int, float] = {}
        self.queue: list[int] = []
        self.race(TRIALS)

    @property
    def best(self) -> int:
        """The fastest count so far; the first candidate before any measurement."""
        return min(self.fastest, key=self.fastest.__getitem__, default=self.counts[0])

    def race(self, trials: int) -> None:
        """Forget what was measured and time every candidate again, the present best first."""
        if len(self.counts) > 1:
            order = sorted(self.counts, key=lambda count: count != self.best)
            self.queue = [count for count in order for _ in range(trials)]
            self.fastest = {}

    @contextmanager
    def step(self) -> Iterator[None]:
        """Run one training step on the count whose turn it is."""
        count = self.queue[0] if self.queue else self.best
        if torch.get_num_threads() != count:
            torch.set_num_threads(count)
        start = time.perf_counter()
        yield
        self._note(count, time.perf_counter() - start)
        if torch.get_num_threads() != self.best:
            torch.set_num_threads(self.best)  # for what comes between two steps

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
