"""How `make test` shares the work: a worker per core, as far as the memory reaches, and the slowest tests are printed."""

from pathlib import Path
from types import SimpleNamespace

import pytest

import conftest

MAKEFILE = (Path(__file__).parent.parent / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("cores", "free", "workers"),
    [(2, 16e9, 2), (64, 16e9, 6), (8, 2e9, 1), (8, 0.5e9, 1), (1, 64e9, 1)],  # 2.5 GB for a worker and its kernel
)
def test_workers_fit_into_the_cores_and_the_memory(cores, free, workers, monkeypatch):
    monkeypatch.setattr(conftest, "cores", lambda: cores)
    monkeypatch.setattr(conftest.psutil, "virtual_memory", lambda: SimpleNamespace(available=free))
    assert conftest.pytest_xdist_auto_num_workers() == workers


def test_make_asks_for_them_and_for_the_slowest_tests():
    command = next(line for line in MAKEFILE.splitlines() if line.startswith("PYTEST :="))
    assert "-n auto" in command and "--durations=20" in command
