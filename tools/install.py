"""Install the course into .venv: what a learner needs or, with --dev, also what verifies and builds it.

python -m tools.install          what `make lab` does first; the way where there is no `make`, as on Windows
python -m tools.install --dev    what `make test` does first

Any Python from 3.11 on runs it; it needs no other package. On Linux without a GPU it takes the build of torch for processors,
which saves 4 GB: `uv` knows where that is. Where it cannot be had, the usual build is installed.
"""

from __future__ import annotations  # an older Python gets as far as the sentence that refuses it

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tools import ROOT, ToolError, run

OLDEST = (3, 11)
CONSTRAINTS = ("-c", "constraints.txt")
TORCH = ("torch", "torchvision")
GPU_FILES = ("/proc/driver/nvidia/version", "/dev/nvidia0", "/dev/dxg", "/dev/kfd")  # NVIDIA, Windows' Linux, AMD
PATIENCE = 9  # seconds for finding out whether the build of torch for processors can be reached


def main() -> None:
    """Read the command line, install, and say what was taken and how to go on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", action="store_true", help="install what verifies and builds the course, too")
    is_for_developers = parser.parse_args().dev
    refuse_an_old_python()
    print("Installing into .venv: some minutes the first time, nothing after that.", flush=True)
    python = environment(ROOT / ".venv")
    if wants_processor_build(python):
        install_processor_build(python)
    # Python compiles what a learner imports when it is imported first; all of it would be 200 MB more
    extra, how = ("dev", []) if is_for_developers else ("lab", ["--no-compile"])
    pip(python, *how, *CONSTRAINTS, "-e", f".[{extra}]")
    for stamp in (".lab", ".ready") if is_for_developers else (".lab",):
        (ROOT / ".venv" / stamp).write_text(f"{ROOT.as_posix()}\n")  # a course may be moved or copied
    print(f"Installed into .venv: {gigabytes(ROOT / '.venv'):.1f} GB.")
    if "MAKELEVEL" not in os.environ:
        print(f"Open JupyterLab with: {python.relative_to(ROOT)} -m tools.lab")


def refuse_an_old_python() -> None:
    """Raise ToolError if the Python that runs this is too old for the course."""
    if sys.version_info[:2] < OLDEST:
        found, oldest = (".".join(map(str, version[:2])) for version in (sys.version_info, OLDEST))
        advice = "name another one: `make lab PYTHON=python3.12`, or `python3.12 -m tools.install`"
        raise ToolError(f"Python {oldest} or newer is needed, this one is {found}; {advice}.")


def environment(folder: Path) -> Path:
    """Make a virtual environment if there is none, and return its Python; raises ToolError if it cannot be made."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        made = subprocess.run([sys.executable, "-m", "venv", str(folder)])
        if made.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            raise ToolError("Python could not make a virtual environment; on Debian and Ubuntu: apt install python3-venv")
    return python


def wants_processor_build(python: Path) -> bool:
    """Tell whether the usual build of torch would bring gigabytes that this machine cannot use, and none is there yet."""
    if not sys.platform.startswith("linux") or has_gpu():
        return False
    return not succeeds([str(python), "-c", "import importlib.metadata as found; found.version('torch')"])


def has_gpu() -> bool:
    """Tell whether the driver of a GPU is here."""
    return shutil.which("nvidia-smi") is not None or any(os.path.exists(file) for file in GPU_FILES)


def install_processor_build(python: Path) -> bool:
    """Install the build of torch for processors with `uv`; returns whether that worked. A sentence says if not."""
    with tempfile.TemporaryDirectory() as folder:
        uv = shutil.which("uv") or fetched_uv(python, Path(folder))
        command = [uv, "pip", "install", "--quiet", "--python", str(python), "--torch-backend", "cpu", *CONSTRAINTS, *TORCH]
        hasty = os.environ | {"UV_HTTP_TIMEOUT": "5", "UV_HTTP_RETRIES": "0"}
        is_there = uv and succeeds([*command, "--dry-run"], env=hasty, timeout=PATIENCE) and succeeds(command)
    if not is_there:
        print("The small build of torch, for processors, cannot be reached from here: the usual one is installed.", flush=True)
    return bool(is_there)


def fetched_uv(python: Path, folder: Path) -> str | None:
    """Put `uv` into a folder that will be thrown away, and return its path; None if it cannot be had."""
    if not succeeds([str(python), "-m", "pip", "install", "--quiet", "--target", str(folder), "uv"]):
        return None
    return shutil.which("uv", path=str(folder / "bin"))


def succeeds(command: list[str], **options: Any) -> bool:
    """Run a command without its words; returns whether it ended well and in time."""
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, **options).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def pip(python: Path, *arguments: str) -> None:
    """Install with pip; raises ToolError if it fails, after pip's own words."""
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    if subprocess.run(command, cwd=ROOT).returncode:
        raise ToolError("The installation stopped; what pip says above names the reason. The same command goes on from here.")


def gigabytes(folder: Path) -> float:
    """Add up the sizes of the files in a folder, in GB."""
    return sum(os.lstat(os.path.join(place, name)).st_size for place, _, names in os.walk(folder) for name in names) / 1e9


if __name__ == "__main__":
    run(main)
