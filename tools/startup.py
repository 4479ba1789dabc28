"""Measure how each lesson starts and what its kernel needs on one thread (Linux, macOS): a table with a line per lesson.

python -m tools.startup                  all lessons: some two minutes each
python -m tools.startup 01 05            lessons 01 and 06
python -m tools.startup --imports-only   run no lesson: only the ratio of the imports

imports      processor seconds of the first cell's imports, as a multiple of those of `import torch`: median, fresh processes
first step   the seconds from the first cell of the solution to the end of the first optimizer step; lesson 09 has none
processor    the processor seconds of the kernel from the first cell to the last
memory       the largest resident memory of the kernel, and the cell that first reached it
"""

import argparse
import ast
import inspect
import json
import statistics
import subprocess
import sys
from pathlib import Path

import nbformat

from tools import ROOT, run
from tools.execution import execute
from tools.texts import solution_cells, texts

HEADINGS = f"{'lesson':<16}{'imports':>10}{'first step':>12}{'processor':>11}   memory"


def first_imports(text: Path) -> str:
    """List the imports of a lesson's first cell after set-up, as code."""
    first = next(
        cell for cell in solution_cells(text).cells if cell.cell_type == "code" and "setup" not in cell.metadata.get("tags", [])
    )
    statements = ast.parse(first.source).body
    return "\n".join(ast.unparse(each) for each in statements if isinstance(each, ast.Import | ast.ImportFrom))


def seconds_of(imports: str) -> float:
    """Run imports in a fresh process and measure their processor seconds, which a busy machine changes little."""
    code = f"import time\nstart = time.process_time()\n{imports}\nprint(time.process_time() - start)"
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def import_ratio(text: Path, rounds: int) -> float:
    """Measure a lesson's imports as a multiple of `import torch`: the median over `rounds` pairs of fresh processes."""
    imports = first_imports(text)
    return statistics.median(seconds_of(imports) / seconds_of("import torch") for _ in range(rounds))


def watch() -> None:
    """Note, inside a kernel, the moment of the first optimizer step and the peak of the memory after each cell."""
    import re
    import resource
    import time
    from pathlib import Path

    from torch.optim.optimizer import register_optimizer_step_post_hook

    shell = get_ipython()  # noqa: F821  # pyright: ignore[reportUndefinedVariable] every kernel defines it
    shell.watched = watched = {"start": time.time(), "first step": None, "peaks": []}

    def note_first_step(*_: object) -> None:
        handle.remove()
        watched["first step"] = time.time() - watched["start"]

    def note_memory(*_: object) -> None:
        used, status = resource.getrusage(resource.RUSAGE_SELF), Path("/proc/self/status")
        watched["processor"] = used.ru_utime + used.ru_stime
        if status.exists():  # Linux: `ru_maxrss` would count the process that started the kernel
            watched["peaks"].append(1024 * int(re.findall(r"VmHWM:\s+(\d+)", status.read_text())[0]))
        else:  # macOS counts in bytes
            watched["peaks"].append(used.ru_maxrss)

    handle = register_optimizer_step_post_hook(note_first_step)
    shell.events.register("post_run_cell", note_memory)


def measure(text: Path) -> tuple[str, str, str]:
    """Run a lesson's solution in a kernel: the seconds to its first step, its processor seconds, its peak of memory."""
    notebook = solution_cells(text)
    numbers = [number for number, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    start = nbformat.v4.new_code_cell(f"import time\n{inspect.getsource(watch)}\nwatch()")
    end = nbformat.v4.new_code_cell("import json\nprint(json.dumps(get_ipython().watched))")
    notebook.cells = [start, *notebook.cells, end]
    watched = json.loads(execute(notebook, ROOT / "solutions").cells[-1].outputs[-1].text)
    peaks = watched["peaks"][1:]  # the first is that of `start`
    peak, step = max(peaks), watched["first step"]
    cell = numbers[peaks.index(peak)]
    return "none" if step is None else f"{step:.1f} s", f"{watched['processor']:.1f} s", f"{peak / 1e9:.2f} GB in cell {cell}"


def main() -> None:
    """Read the command line, measure, and print a line per lesson."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*", help="lesson numbers (default: all)")
    parser.add_argument("--imports-only", action="store_true", help="run no lesson")
    parser.add_argument("--rounds", type=int, default=5, help="pairs of fresh processes for the ratio (default: 5)")
    options = parser.parse_args()
    chosen = texts(options.lessons)
    print(HEADINGS, flush=True)
    for text in chosen:
        ratio = import_ratio(text, options.rounds)
        step, processor, memory = ("", "", "") if options.imports_only else measure(text)
        print(f"{text.stem:<16}{ratio:>10.2f}{step:>12}{processor:>11}   {memory}".rstrip(), flush=True)


if __name__ == "__main__":
    run(main)
