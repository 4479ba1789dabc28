"""How many processor threads a training step should use: measured, because no rule knows.

On two idle cores two threads win by a fifth; let another program take one core and the same two threads are four times slower
than one. So the first steps of each epoch are timed, a few on each candidate, and the rest of the epoch takes the fastest.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch

TRIALS = 4


def candidates() -> list[int]:
    """List the thread counts worth trying: 1, 2, 4 ... up to this machine's cores, or `CNNLIB_THREADS` alone if it is set.

    >>> candidates()[0] >= 1
    True
    """
    fixed = os.environ.get("CNNLIB_THREADS")
    if fixed is None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return [2**power for power in range(cores.bit_length())]
    if not fixed.isdecimal() or int(fixed) < 1:
        raise ValueError(f"CNNLIB_THREADS must be a whole number of at least 1, got {fixed!r}")
    return [int(fixed)]


class FastestThreads:
    """Time steps on each candidate in turn, `TRIALS` times, then stay with the one whose fastest step was fastest."""

    def __init__(self, counts: list[int]) -> None:
        self.seconds = {count: [] for count in counts}
        self.trials = iter([count for _ in range(TRIALS) for count in counts] if len(counts) > 1 else [])

    @property
    def best(self) -> int:
        """The fastest count so far; the first candidate before any measurement."""
        return min(self.seconds, key=lambda count: min(self.seconds[count], default=float("inf")))

    @contextmanager
    def step(self) -> Iterator[None]:
        """Run one training step on the count whose turn it is."""
        count = next(self.trials, None)
        torch.set_num_threads(count or self.best)
        start = time.perf_counter()
        yield
        if count:
            self.seconds[count].append(time.perf_counter() - start)
