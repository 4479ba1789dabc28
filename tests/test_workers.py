"""How `make test` shares the work: a worker per core, as far as the memory reaches, and the slowest tests are printed."""

import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import conftest

ROOT = Path(__file__).parent.parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


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


IGNORING = """
import signal, sys, pytest
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "-c", "pyproject.toml", "--rootdir", ".", sys.argv[1]]))
"""


@pytest.mark.slow
def test_a_job_in_the_background_heeds_the_interrupts_of_its_tests(tmp_path):
    test = tmp_path / "test_interrupt.py"
    test.write_text(
        "import signal\n\n\ndef test_it():\n    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
    )
    shutil.copy(ROOT / "conftest.py", tmp_path)
    done = subprocess.run([sys.executable, "-c", IGNORING, str(test)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
