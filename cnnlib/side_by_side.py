"""Several trainings at once, one Python thread and one torch thread each.

Torch releases the interpreter's lock while it computes. A network as small as the course's cannot keep two torch threads busy;
two networks can.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait

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
    next pulse, and is raised when all have stopped.
    """
    if at_once == 1:
        for job in jobs:
            job(tick)
        return
    go, stop, errors = threading.Event(), threading.Event(), []

    def pulse() -> None:
        if stop.is_set():
            raise _StopTraining

    def work(job: Callable[[Pulse], None]) -> None:
        go.wait()  # until all threads are there: an interrupt in between finds none at work
        try:
            pulse()
            job(pulse)
        except _StopTraining:
            pass
        except BaseException as error:
            errors.append(error)
            stop.set()

    with ThreadPoolExecutor(at_once) as pool:
        try:
            futures = [pool.submit(work, job) for job in jobs]
            go.set()
            while wait(futures, PATIENCE).not_done:
                tick()
        finally:
            stop.set()
            go.set()
    if errors:
        raise errors[0]
