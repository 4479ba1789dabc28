"""Which device is chosen, and the one sentence where it cannot be."""

import os
import subprocess
import sys

import pytest
import torch

from cnnlib import device


@pytest.fixture
def machine(monkeypatch):
    def machine(cuda=0, mps=False):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    return machine


@pytest.mark.parametrize("nothing", [None, ""])
def test_without_a_name_a_gpu_is_taken_where_there_is_one(nothing, machine):
    machine(cuda=1)
    assert device.choose(nothing) == torch.device("cuda")
    machine(mps=True)
    assert device.choose(nothing) == torch.device("cpu")


@pytest.mark.parametrize("name", ["cpu", "cuda", "cuda:0", "cuda:1", "mps"])
def test_a_name_is_the_device(name, machine):
    machine(cuda=2, mps=True)
    assert device.choose(name) == torch.device(name)


@pytest.mark.parametrize(("name", "there"), [("cuda", 0), ("cuda:0", 0), ("cuda:2", 2), ("mps", 0)])
def test_a_device_that_is_not_there_is_named(name, there, machine):
    machine(cuda=there)
    with pytest.raises(ValueError, match=f"^CNNLIB_DEVICE is '{name}', but torch finds {there or 'no'} {name[:4].strip(':')}"):
        device.choose(name)


@pytest.mark.parametrize("name", ["gpu", "CPU", "cuda:", "cuda:x", "cuda:-1", "cpu:0", "mps:1", "meta", "0"])
def test_what_is_no_device_is_refused_with_what_would_be(name, machine):
    machine(cuda=2, mps=True)
    with pytest.raises(ValueError, match=f"^CNNLIB_DEVICE must be cpu, cuda, cuda:0, cuda:1 ... or mps, got '{name}'$"):
        device.choose(name)


@pytest.mark.slow
def test_the_environment_is_obeyed():
    said = {}
    for name in ("cpu", "gpu"):
        command = [sys.executable, "-c", "from cnnlib.device import device; print(device)"]
        run = subprocess.run(command, env={**os.environ, "CNNLIB_DEVICE": name}, capture_output=True, text=True)
        said[name] = (run.stdout + run.stderr).strip().splitlines()[-1]
    assert said["cpu"] == "cpu"
    assert said["gpu"] == "ValueError: CNNLIB_DEVICE must be cpu, cuda, cuda:0, cuda:1 ... or mps, got 'gpu'"
