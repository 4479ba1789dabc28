"""Several trainings at once, one Python thread and one torch thread each.

Torch releases the interpreter's lock while it computes. A network as small as the course's cannot keep two torch threads busy;
two networks can.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial

import torch

from cnnlib import threads
from cnnlib.cores import cores
from cnnlib.device import device

Pulse = Callable[[], None]  # what a job calls after each step
PATIENCE = 0.1  # seconds between two looks at the threads


class Stopped(KeyboardInterrupt):
    """An interrupt, after all trainings have stopped: a notebook shows its sentence and no traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class _StopTraining(BaseException):
    """Ends a job that is to stop because another failed, or because of an interrupt."""


def workers(jobs: int) -> int:
    """Choose how many trainings run at once: one per core; one alone on a GPU and where `CNNLIB_THREADS` is set."""
    if device.type != "cpu" or threads.fixed():
        return 1
    return max(1, min(jobs, cores()))


def run_all(jobs: Sequence[Callable[[Pulse], None]], at_once: int, tick: Pulse) -> None:
    """Run the jobs, `at_once` at a time, and call `tick` from this thread again and again until all have ended.

    One at a time runs in this thread, where `tick` is the pulse. The first exception, an interrupt too, stops all jobs at their
    next pulse, and is raised when all have stopped. The jobs have this thread's gradient mode and automatic mixed precision.
    """
    if at_once > 1:
        _side_by_side(jobs, at_once, tick)
    else:
        for job in jobs:
            job(tick)


def _side_by_side(jobs: Sequence[Callable[[Pulse], None]], at_once: int, tick: Pulse) -> None:
    crew = _Crew()
    with ThreadPoolExecutor(at_once) as pool:
        try:
            futures = [pool.submit(crew.work, job) for job in jobs]
            crew.go.set()
            while wait(futures, PATIENCE).not_done:
                tick()
        finally:
            crew.stop.set()
            crew.go.set()
    if crew.errors:
        raise crew.errors[0]


class _Crew:
    """What the threads share: when to begin, whether to stop, and what was raised."""

    def __init__(self) -> None:
        self.go, self.stop = threading.Event(), threading.Event()
        self.errors: list[BaseException] = []
        self.gradients, kind = torch.is_grad_enabled(), device.type  # torch keeps these modes per thread
        self.mixed = partial(
            torch.autocast,
            kind,
            torch.get_autocast_dtype(kind),
            torch.is_autocast_enabled(kind),
            torch.is_autocast_cache_enabled(),
        )

    def work(self, job: Callable[[Pulse], None]) -> None:
        self.go.wait()  # until all threads are there: an interrupt in between finds none at work
        try:
            self.pulse()
            with torch.set_grad_enabled(self.gradients), self.mixed():
                job(self.pulse)
        except _StopTraining:
            pass
        except BaseException as error:
            self.errors.append(error)
            self.stop.set()

    def pulse(self) -> None:
        if self.stop.is_set():
            raise _StopTraining
