"""Open JupyterLab on the first lesson in work/, or print its address where no browser can open.

python -m tools.lab    as `make lab` does, in an environment of your own, such as conda's
"""

import argparse
import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path

from tools import ROOT, ToolError, run, work

SETTINGS = [
    "--ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    "--ServerApp.log_level=WARN",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
]


def main() -> None:
    """Bring work/ up to date and start JupyterLab on loopback."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", default="8888")
    parser.add_argument("--allow-root", action="store_true")
    parser.add_argument("--no-browser", action="store_true")
    options = parser.parse_args()
    port = free(options.port)
    sentences = [*work.update(ROOT), library_elsewhere(ROOT)]
    place = f"/lab/tree/work/{first_notebook()}"
    token = os.environ.setdefault("JUPYTER_TOKEN", secrets.token_hex(16))
    print("\n".join([*filter(None, sentences), "Your notebooks are in work/, and JupyterLab opens the first of them."]))
    print("If no browser opens, copy this address into one. Ctrl-C, twice, stops JupyterLab.")
    print(f"\n    http://127.0.0.1:{port}{place}?token={token}\n", flush=True)
    flags = [flag for flag, given in (("--allow-root", options.allow_root), ("--no-browser", options.no_browser)) if given]
    start([*SETTINGS, f"--port={port}", f"--LabApp.default_url={place}", *flags])


def free(port: str) -> int:
    """Return a port as a number; raises ToolError if it is none, or if another program listens on it."""
    if not port.isdecimal() or not 1024 <= int(port) <= 65535:
        raise ToolError(f"PORT must be a number from 1024 to 65535, got {port!r}.")
    with socket.socket() as probe:
        if os.name == "posix":  # elsewhere it would make a port in use look free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError:
            raise ToolError(f"Port {port} is in use; choose another one: make lab PORT={int(port) + 1}") from None
    return int(port)


def first_notebook() -> str:
    """Name the first lesson that has a notebook in work/; raises ToolError if none has."""
    for lesson in work.lessons_of(ROOT):
        if (work.work_folder(lesson) / lesson.name).exists():
            return lesson.name
    raise ToolError("No lesson could be copied to work/.")


def library_elsewhere(root: Path) -> str:
    """Say if notebooks in work/ would not find this folder's `cnnlib`, as in a course that was moved or copied."""
    command = [sys.executable, "-c", "import cnnlib; print(cnnlib.__path__[0])"]
    found = subprocess.run(command, cwd=root / "work", capture_output=True, text=True)
    if found.returncode == 0 and Path(found.stdout.strip()).resolve() == (root / "cnnlib").resolve():
        return ""
    where = f"is in {found.stdout.strip()}" if found.returncode == 0 else "is not installed"
    return (
        f"The `cnnlib` that notebooks import {where}: `{Path(sys.executable).name} -m pip install -e .` installs this folder's."
    )


def start(command: list[str]) -> None:
    """Run JupyterLab in this process, so that whoever ends it ends the server and its kernels."""
    settings = str(ROOT / "tools" / "jupyter")  # no question about news, no teacher's buttons
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, (settings, os.environ.get("JUPYTER_CONFIG_PATH"))))
    os.chdir(ROOT)
    from jupyterlab.labapp import LabApp

    LabApp.launch_instance(command)


if __name__ == "__main__":
    run(main)
