"""Time the autograding of prepared submissions: 20 of one lesson, and what 200 of them would take.

python -m tools.grading_time                   lesson 03, as many at once as there are cores
python -m tools.grading_time 01 --run-all      lesson 01 with every training, for comparison
python -m tools.grading_time all               two submissions of each lesson
"""

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

from tools import ToolError, run
from tools.autograde import autograde
from tools.submissions import KINDS, hand_in, new_course, prepared
from tools.texts import texts

LINE = "{:<16}{:>9}{:>14}{:>15}{:>15}{:>22}"


def measure(lesson: str, count: int, at_once: int, *options: str) -> tuple[float, float]:
    """Grade `count` prepared submissions; returns the seconds it took and the processor seconds."""
    with tempfile.TemporaryDirectory() as place:
        course = Path(place)
        new_course(course, lesson)
        for number in range(count):
            kind = KINDS[number % len(KINDS)]
            hand_in(course, f"learner-{number:03}", lesson, prepared(course, lesson, kind))
        start, spent = time.perf_counter(), processor()
        if failed := autograde(course, lesson, at_once, *options):
            raise ToolError(f"not graded: {', '.join(failed)}")
        return time.perf_counter() - start, processor() - spent


def processor() -> float:
    """Count the processor seconds of this process and of those that it started and waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    """Read the command line, measure, and print a line per lesson."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lesson", nargs="?", default="03", help="the number of a lesson, or `all` (default: 03)")
    parser.add_argument("--submissions", type=int, help="how many are graded (default: 20, or 2 of each lesson)")
    parser.add_argument("--at-once", type=int, default=os.cpu_count(), help="submissions graded at once (default: cores)")
    parser.add_argument("--run-all", action="store_true", help="run every cell, as nbgrader does by itself")
    options = parser.parse_args()
    count = options.submissions or (2 if options.lesson == "all" else 20)
    print(f"{count} submissions per lesson, right, wrong, missing and mixed in turn; {options.at_once} at once")
    print(LINE.format("lesson", "seconds", "processor, s", "of it each, s", "200, clock min", "200, processor min"), flush=True)
    for text in texts([] if options.lesson == "all" else [options.lesson]):
        seconds, spent = measure(text.stem, count, options.at_once, *["--RunNeeded.run_all=True"] * options.run_all)
        row = seconds, spent, spent / count, 200 * seconds / count / 60, 200 * spent / count / 60
        print(LINE.format(text.stem, *(f"{number:.1f}" for number in row)), flush=True)


if __name__ == "__main__":
    run(main)
