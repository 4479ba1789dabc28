"""Run a lesson's solution with CNNLIB_SEED = 0 ... 9 and print the output of every cell with an assertion.

python -m tools.every_seed 01            ten seeds, two at a time
python -m tools.every_seed 01 --seeds 3  seeds 0, 1, 2
"""

import argparse
import os
import re
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from nbclient.exceptions import CellExecutionError

from tools import ROOT, run
from tools.execution import execute
from tools.exercises import plain
from tools.texts import solution_cells, texts

NOISE = re.compile(r"%\||^Your guess: ")  # progress bars and what a learner would have guessed


def measured(text: Path, seed: int) -> tuple[int, list[str], str]:
    """Execute one lesson with one seed; returns the seed, the output of its cells with assertions, and the error, if any."""
    os.environ["CNNLIB_SEED"] = str(seed)
    try:
        executed = execute(solution_cells(text), ROOT / "solutions")
    except CellExecutionError as error:
        return seed, [], str(error).strip().splitlines()[-1]
    lines = []
    for cell in executed.cells:
        if cell.cell_type == "code" and "\nassert " in f"\n{cell.source}":
            printed = map(plain, cell.outputs)
            lines += [line for text in printed for line in text.splitlines() if line and not NOISE.search(line)]
    return seed, lines, ""


def main() -> int:
    """Read the command line and run the seeds; returns 1 if an assertion failed for any of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*", help="lesson numbers (default: all)")
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()
    failed, chosen = 0, texts(options.lessons)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for text in chosen:
            print(f"{text.stem}, seeds 0 to {options.seeds - 1}")
            for seed, lines, problem in pool.map(measured, [text] * options.seeds, range(options.seeds)):
                failed += bool(problem)
                print(f"  seed {seed}: " + (f"FAILED: {problem}" if problem else "; ".join(lines)), flush=True)
    return min(failed, 1)


if __name__ == "__main__":
    run(main)
