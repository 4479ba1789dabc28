"""Try changes side by side: a process and a copy of the tree per core."""

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from cnnlib.cores import cores
from tools import ToolError
from tools.mutants.changes import Change
from tools.mutants.trial import Copy, Outcome

BASELINE = 900.0  # seconds for all the tests that noticed a change, on the tree as it is

copies: list[Copy] = []  # the one of this process
noticed: defaultdict[str, set[str]] = defaultdict(set)  # in this process: file -> tests that noticed a change of it


def start(folder: str) -> None:
    """Copy the tree once per process, into a folder of its own."""
    copies.append(Copy(Path(mkdtemp(dir=folder))))


def attempt(change: Change, remembered: str, limit: float) -> Outcome:
    """Try one change in this process's copy; the tests that noticed other changes of its file come early."""
    outcome = copies[0].attempt(change, remembered, [] if remembered else sorted(noticed[change.file]), limit)
    noticed[change.file] |= {outcome.killer} - {""}
    return outcome


def failing(tests: list[str]) -> str:
    """Name a test that fails, or takes too long, without any change; an empty string if none does."""
    killer, timed_out = copies[0].run(tests, BASELINE) if tests else ("", False)
    return killer or ("a test that does not end" if timed_out else "")


def tried(changes: list[Change], killers: dict[str, str], limit: float) -> Iterator[tuple[Change, Outcome]]:
    """Yield each change with its outcome, as they come; raises ToolError if a test that noticed one fails without any."""
    killing, workers = set(), max(1, min(cores(), len(changes)))
    fork = get_context("fork")
    with TemporaryDirectory(prefix="mutants-") as folder, ProcessPoolExecutor(workers, fork, start, (folder,)) as pool:
        running = {pool.submit(attempt, change, killers.get(change.key, ""), limit): change for change in changes}
        for future in as_completed(running):
            killing |= {future.result().killer} - {""}
            yield running[future], future.result()
        parts = [sorted(killing)[part::workers] for part in range(workers)]
        if failed := [name for name in pool.map(failing, parts) if name]:
            raise ToolError(f"without any change fails {failed[0]}: what it noticed is not known")
