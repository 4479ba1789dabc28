"""`make lab` says in a sentence what is wrong with a port, and serves the first lesson at the address it prints."""

import re
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from tools import ROOT

LAB = [sys.executable, "-m", "tools.lab", "--allow-root", "--port"]


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("bad", ["abc", "80", "70000"])
def test_a_port_that_cannot_be_is_refused(bad):
    done = subprocess.run([*LAB, bad], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.returncode == 1
    assert done.stderr == f"PORT must be a number from 1024 to 65535, got '{bad}'.\n"


def test_a_port_in_use_is_named_and_another_proposed(port):
    with socket.socket() as server:
        server.bind(("127.0.0.1", port))
        server.listen()
        done = subprocess.run([*LAB, str(port)], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert (done.returncode, done.stderr) == (1, f"Port {port} is in use; choose another one: make lab PORT={port + 1}\n")


@pytest.mark.slow
def test_the_printed_address_serves_the_first_lesson(port, tmp_path):
    log = tmp_path / "log"
    with log.open("w") as output:
        lab = subprocess.Popen([*LAB, str(port), "--no-browser"], stdout=output, stderr=subprocess.STDOUT, cwd=ROOT)
    try:
        address = None
        for _ in range(120):
            time.sleep(0.5)
            address = address or re.search(r"http://\S+token=\w+", log.read_text())
            try:
                page = urllib.request.urlopen(address[0], timeout=5).read().decode()
                break
            except (OSError, TypeError):
                continue
        assert "/lab/tree/lessons/01_convolution.ipynb?" in address[0]
        assert "jupyter-config-data" in page
        token = address[0].rpartition("=")[2]
        served = urllib.request.urlopen(f"http://127.0.0.1:{port}/api/contents/lessons/01_convolution.ipynb?token={token}")
        assert "One window, one number" in served.read().decode()
    finally:
        lab.terminate()
        lab.wait(20)
