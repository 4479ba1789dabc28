"""Freed memory goes back to the system, and where there is no glibc nothing happens."""

import ctypes
import re
from pathlib import Path

import pytest
import torch

from cnnlib import memory

STATUS = Path("/proc/self/status")


def resident() -> int:
    return 1024 * int(re.search(r"VmRSS:\s+(\d+)", STATUS.read_text())[1])


@pytest.mark.skipif(not STATUS.exists(), reason="needs Linux")
def test_freed_blocks_go_back_to_the_system():
    blocks = [torch.ones(25_000) for _ in range(2000)]  # 100 kB each, below the size from which every C library asks the system
    pinned, blocks = blocks[1::100], None
    before = resident()
    memory.return_freed()
    assert resident() < before - 100e6
    assert all((block == 1).all() for block in pinned)


@pytest.mark.parametrize("library", [OSError("no such file"), object()])
def test_without_glibc_nothing_happens(library, monkeypatch):
    def load(name):
        if isinstance(library, OSError):
            raise library
        return library

    monkeypatch.setattr(ctypes, "CDLL", load)
    memory.return_freed()
