"""Unix accounts that exist during the rehearsal, and nothing of them after it."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from classroom.environment import BIN, as_nobody


def why_not() -> str:
    """Say in a sentence why no accounts can be made here; an empty string if they can."""
    if os.geteuid() or not shutil.which("useradd"):
        return "Accounts can only be made by root on Linux: all learners share this one, and who may read what is not tried."
    if not as_nobody(BIN / "python", "-c", "import nbgrader, jupyterhub, torch"):
        return "Other accounts cannot read this environment: all learners share this one, and who may read what is not tried."
    return ""


@contextmanager
def accounts(count: int, homes: Path) -> Iterator[list[str]]:
    """Make accounts with private homes; at the end their processes are ended and they are removed."""
    prefix, made = f"cnn{secrets.token_hex(3)}", []
    try:
        for number in range(count):
            name = f"{prefix}-{number:02}"
            subprocess.run(["useradd", "--create-home", "--base-dir", homes, "--shell", "/bin/sh", name], check=True)
            made.append(name)
            (homes / name).chmod(0o700)
        yield made
    finally:
        end_processes_of(made)
        for name in made:
            subprocess.run(["userdel", name], check=True)


def end_processes_of(names: list[str]) -> None:
    """End every process that runs under one of these accounts."""
    theirs = [process for process in psutil.process_iter(["username"]) if process.info["username"] in names]
    for process in theirs:
        process.kill()
    psutil.wait_procs(theirs, timeout=30)


@contextmanager
def folders(count: int, homes: Path) -> Iterator[list[str]]:
    """Make only the homes, for a lecturer and learners who share one account; nbgrader is told the learners' names."""
    lecturer, *names = [f"person-{number:02}" for number in range(count)]
    (homes / lecturer).mkdir()
    for name in names:
        settings = homes / name / ".jupyter" / "nbgrader_config.py"
        settings.parent.mkdir(parents=True)
        settings.write_text(f'c = get_config()\nc.CourseDirectory.student_id = "{name}"\n', encoding="utf-8")
    yield [lecturer, *names]
