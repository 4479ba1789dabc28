"""Run the course on a GPU (or on any device), without Jupyter: parity tests, then each lesson's cells with all their claims.

python -m tools.gpu_check                      everything on the device that `cnnlib` chooses: some minutes on one GPU
python -m tools.gpu_check --compare            each lesson on the processor too, for the table
python -m tools.gpu_check 02 09 --no-tests     two lessons only
CNNLIB_DEVICE=cpu python -m tools.gpu_check    a rehearsal without a GPU

A lesson is one process that executes the code cells of its built solution in order: answers, their checks and every `assert`.
Pictures are drawn and not shown. The table has seconds by the clock and the largest memory, on the processor and on the GPU.
It ends with 1 if a test, a check or a claim fails, and says which cell it was.
"""

import argparse
import builtins
import json
import linecache
import os
import re
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import NamedTuple

from tools import ROOT, ToolError, run

PARITY = (
    "test_layers",
    "test_models",
    "test_device",
    "test_training",
    "test_rois",
    "test_boxes",
    "test_suppression",
    "test_detectors",
)
SECONDS = 600  # for one lesson
RESULT = "gpu_check: "  # with which the line of a lesson's process begins


class Measured(NamedTuple):
    """What one run took: seconds, GB of memory, GB of the GPU's memory (0 without one), and what failed, if anything did."""

    device: str
    seconds: float
    memory: float
    gpu: float
    fault: str


def cells_of(notebook: Path) -> list[tuple[int, str]]:
    """Read the code cells of a built notebook with their numbers; needs nothing but JSON."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [(number, "".join(cell["source"])) for number, cell in enumerate(cells) if cell["cell_type"] == "code"]


def execute(notebook: Path) -> str:
    """Execute the cells of a notebook in this process; returns where and how it failed, or an empty string."""
    namespace = {"__name__": "__main__", "display": lambda *things, **options: [repr(thing) for thing in things]}
    builtins.display = namespace["display"]  # pyright: ignore[reportAttributeAccessIssue] a kernel defines it too
    for number, source in cells_of(notebook):
        name = f"<{notebook.stem} cell {number}>"
        linecache.cache[name] = len(source), None, source.splitlines(True), name  # for inspect and for messages
        try:
            exec(compile(source, name, "exec"), namespace)
        except Exception as error:
            lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == name]
            said = " ".join(str(error).split()) or "no message"
            return f"cell {number}, line {lines[-1] if lines else '?'}: {type(error).__name__}: {said[:300]}"
    return ""


def measure_here(notebook: Path) -> Measured:
    """Execute a notebook in this process and measure it."""
    import matplotlib

    matplotlib.use("agg")
    start = time.perf_counter()
    fault = execute(notebook)
    seconds = time.perf_counter() - start
    import torch

    from cnnlib.device import device

    gpu = torch.cuda.max_memory_allocated(device) / 1e9 if device.type == "cuda" else 0.0
    return Measured(str(device), round(seconds, 1), round(peak_gb(), 2), round(gpu, 2), fault)


def peak_gb() -> float:
    """Return the largest resident memory of this process so far in GB; 0 where the system does not tell it."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.findall(r"VmHWM:\s+(\d+)", status.read_text(encoding="utf-8"))[0]) * 1024 / 1e9
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e9


def measure(notebook: Path, device: str | None) -> Measured:
    """Measure a notebook in a process of its own, on `device` or on the one that `cnnlib` chooses."""
    settings = os.environ | ({"CNNLIB_DEVICE": device} if device else {}) | {"TQDM_DISABLE": "1"}
    command = [sys.executable, "-m", "tools.gpu_check", "--here", str(notebook)]
    try:
        done = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return Measured(device or "?", SECONDS, 0, 0, f"not done after {SECONDS} seconds")
    line = next((line for line in done.stdout.splitlines() if line.startswith(RESULT)), None)
    if line is None:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return Measured(device or "?", 0, 0, 0, f"the process ended with {done.returncode}: {last[:300]}")
    return Measured(*json.loads(line.removeprefix(RESULT)))


def parity() -> bool:
    """Run the tests that compare the library with torch and torchvision, on the device."""
    files = [f"tests/{name}.py" for name in PARITY if (ROOT / "tests" / f"{name}.py").exists()]
    return not subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files], cwd=ROOT).returncode


def row(lesson: str, *runs: Measured) -> str:
    """Write the runs of a lesson as a line of a Markdown table."""
    cells = [cell for each in runs for cell in (each.device, f"{each.seconds:.1f}", f"{each.memory:.2f}", f"{each.gpu:.2f}")]
    faults = "; ".join(f"{each.device}: {each.fault}" for each in runs if each.fault)
    return f"| {' | '.join([lesson, *cells, faults or 'every claim held'])} |"


def chosen(numbers: list[str]) -> list[Path]:
    """List the built solutions with these numbers, or all; raises ToolError for a number without one."""
    notebooks = sorted((ROOT / "solutions").glob("[0-9][0-9]_*.ipynb"))
    there = [path.stem[:2] for path in notebooks]
    if unknown := [number for number in numbers if number not in there]:
        raise ToolError(f"There is no solution {', '.join(unknown)}; there are {', '.join(there)}.")
    return [path for path in notebooks if not numbers or path.stem[:2] in numbers]


def main() -> int:
    """Run tests and lessons, print the table, and return 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*", help="lesson numbers (default: all)")
    parser.add_argument("--compare", action="store_true", help="run each lesson on the processor too")
    parser.add_argument("--no-tests", action="store_true", help="run no parity tests")
    parser.add_argument("--here", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        print(RESULT + json.dumps(measure_here(options.here)), flush=True)
        return 0
    notebooks = chosen(options.lessons)
    failed = not options.no_tests and not parity()
    devices = [None, "cpu"] if options.compare else [None]
    print("| lesson |" + " device | seconds | memory, GB | GPU memory, GB |" * len(devices) + " claims |")
    print("|---|" + "---|---:|---:|---:|" * len(devices) + "---|", flush=True)
    for notebook in notebooks:
        runs = [measure(notebook, device) for device in devices]
        print(row(notebook.stem, *runs), flush=True)
        failed = failed or any(each.fault for each in runs)
    return int(failed)


if __name__ == "__main__":
    run(main)
