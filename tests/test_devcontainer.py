"""The development container installs what `make lab` installs, and shows the port at which JupyterLab answers."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
CONTAINER = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))


def test_what_runs_after_its_creation_is_a_target_of_the_makefile():
    command, target = CONTAINER["postCreateCommand"].split()
    assert command == "make" and re.search(rf"^{re.escape(target)}:", MAKEFILE, re.MULTILINE)


def test_its_python_is_new_enough_and_is_the_one_that_make_fills():
    assert CONTAINER["image"].endswith(":3.11")
    python = CONTAINER["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert python == "${containerWorkspaceFolder}/.venv/bin/python" and "BIN := .venv/bin" in MAKEFILE


def test_the_port_of_make_lab_is_forwarded():
    assert CONTAINER["forwardPorts"] == [int(re.search(r"^PORT \?= (\d+)", MAKEFILE, re.MULTILINE)[1])]
