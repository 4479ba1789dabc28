"""How the notebooks are tested: on one thread each, with all cells of a notebook on one worker (`--dist loadfile`)."""

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
import pytest

from cnnlib.cores import cores
from tools import ROOT
from tools.execution import FIXED, comparable, execute
from tools.exercises import CHECK, plain

# before torch is imported anywhere; the kernels that nbval starts inherit it
os.environ.update(FIXED)

WORKER = 2.5e9  # bytes: a worker with what the tests import, and the kernel of the largest notebook

gc.disable()  # imported modules stay in memory: examining them again and again costs a sixth of `make check`


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Start a worker per core, and no more than fit into the memory that is free."""
    return max(1, min(cores(), int(psutil.virtual_memory().available / WORKER)))


def pytest_configure(config: pytest.Config) -> None:
    """Heed interrupts, and compare figures by their words, and explorers without their values."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a job in the background: tests interrupt themselves
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not config.pluginmanager.hasplugin("nbval"):
        return
    from nbval.plugin import IPyNbCell

    compare = IPyNbCell.compare_outputs
    IPyNbCell.compare_outputs = lambda cell, test, ref, *rest, **options: compare(
        cell, list(map(comparable, test)), list(map(comparable, ref)), *rest, **options
    )


@pytest.fixture(scope="module")
def unshifted() -> Iterator[None]:
    """Keep random numbers as they are without `CNNLIB_SEED`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CNNLIB_SEED", raising=False)
        yield


@pytest.fixture
def one_thread(unshifted: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Train with one thread, and give torch its number of threads back."""
    import torch

    monkeypatch.setenv("CNNLIB_THREADS", "1")
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Find an unsolved lesson for every text in solutions/."""
    is_text = file_path.parent.name == "solutions" and file_path.suffix == ".md"
    return Text.from_parent(parent, path=file_path) if is_text else None


class Text(pytest.File):
    """The text of a lesson: nbval runs the solution that is built from it, and the unsolved lesson must run, too."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the one test."""
        yield UnsolvedLesson.from_parent(self, name="unsolved lesson")


class UnsolvedLesson(pytest.Item):
    """Run all cells of the learner's notebook: every check must report that its exercise was not attempted."""

    def runtest(self) -> None:
        """Execute the lesson and compare the output of its checks."""
        lesson = ROOT / "lessons" / f"{self.path.stem}.ipynb"
        executed = execute(nbformat.read(lesson, as_version=4), lesson.parent)
        code = [cell for cell in executed.cells if cell.cell_type == "code"]
        printed = {cell.id: [plain(output) for output in cell.outputs] for cell in code}
        names = {cell.id: CHECK.search(cell.source)[1] for cell in code if CHECK.search(cell.source)}
        assert 6 <= len(names) <= 9, f"{len(names)} exercises"
        for cell, name in names.items():
            assert printed[cell] == [f"○ {name}: not attempted yet"], f"{cell} printed {printed[cell]!r}"
        last = printed[code[-1].id][0]
        assert last.startswith(f"Solved 0 of {len(names)}. Not attempted yet: "), f"the last cell printed {last!r}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the notebooks first, since they take longest; collect the garbage of tests only."""
    gc.freeze()
    gc.enable()
    items.sort(key=lambda item: item.path.suffix not in (".ipynb", ".md"))
