"""Run tests in a copy of the tree: a process that has imported torch forks for each run, which takes a second then."""

import importlib
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import ROOT
from tools.mutants.changes import Change
from tools.mutants.nearness import tests_of

LIMIT = 20.0  # seconds that the tests of one change may take
PRELOADED = (
    *("torch", "torchvision", "matplotlib.pyplot", "ipywidgets", "anywidget"),
    *("nbformat", "nbclient", "psutil", "pytest", "_pytest.doctest"),
)
NO_TESTS = 5  # pytest's exit code: all of them are slow
OURS = ("cnnlib", "tools", "tests", "conftest")


@dataclass(frozen=True)
class Outcome:
    """What became of a change: the first test that failed, if one did, and the seconds it took."""

    killer: str
    timed_out: bool
    seconds: float


class FirstFailure:
    """A plugin of pytest that writes the name of the first test that fails into a pipe."""

    def __init__(self, pipe: int) -> None:
        self.pipe = pipe

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note a test that failed."""
        self.note(report)

    def pytest_collectreport(self, report: Any) -> None:
        """Note a file whose import failed."""
        self.note(report)

    def note(self, report: Any) -> None:
        """Write the name if it is a failure."""
        if report.failed:
            os.write(self.pipe, report.nodeid.encode() + b"\n")


class Copy:
    """A copy of the tree, as git sees it, in an empty folder; `run` and `attempt` never touch the tree itself."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.serial = folder, 0
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
        )
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (ROOT / name).is_file():  # git also lists what is deleted
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.folder / name)
        for name in PRELOADED:
            importlib.import_module(name)

    def attempt(self, change: Change, remembered: str, related: list[str], limit: float) -> Outcome:
        """Apply a change, run its tests until one fails, and take the change back.

        First comes the `remembered` test, then those that noticed `related` changes, then all that touch the file.
        """
        begun, path = time.monotonic(), self.folder / change.file
        original, status = path.read_bytes(), path.stat()
        path.write_text(change.applied(original.decode()), encoding="utf-8")
        self.serial += 1
        os.utime(path, (self.serial, self.serial))  # a date that no compiled file has
        names = list(change.tests or tests_of(change.file))
        try:
            for some in filter(any, ([remembered], related, names[:2], *([name] for name in names[2:]))):
                killer, timed_out = self.run(some, begun + limit - time.monotonic())
                if killer or timed_out:
                    return Outcome(killer, timed_out, time.monotonic() - begun)
            return Outcome("", False, time.monotonic() - begun)
        finally:
            path.write_bytes(original)
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    def run(self, tests: list[str], seconds: float) -> tuple[str, bool]:
        """Run tests in a fork; returns the first that failed, or "", and whether time ran out."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            self._test(tests, writing)
        os.close(writing)
        code = exit_code(child, seconds)
        with os.fdopen(reading, "rb") as pipe:
            failed = pipe.read().decode().split("\n")[0]
        if not failed and code not in (None, 0, 1, NO_TESTS) and not any("::" in name for name in tests):
            failed = "conftest.py"  # which pytest could not import; a test that is gone is refused, too
        return failed, code is None and not failed

    def _test(self, tests: list[str], pipe: int) -> None:
        """Be the fork: forget what is imported of the tree, and run pytest in the copy."""
        os.setsid()
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        os.chdir(self.folder)
        os.environ["PYTHONPATH"] = str(self.folder)
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        sys.dont_write_bytecode = False  # what is compiled once serves every change
        for name in [name for name in sys.modules if name.split(".")[0] in OURS]:
            del sys.modules[name]
        code: int = 1
        try:
            import pytest

            options = ["-x", "-p", "no:cacheprovider", "-p", "no:nbval", "-m", "not slow", "--doctest-modules"]
            code = pytest.main([*options, *tests], plugins=[FirstFailure(pipe)])
        finally:
            os._exit(code)


def exit_code(child: int, seconds: float) -> int | None:
    """Wait for a process until it ends, or kill it and its own after some seconds and return None."""
    until = time.monotonic() + seconds
    while True:
        process, status = os.waitpid(child, os.WNOHANG)
        if process:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > until:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        time.sleep(0.02)
