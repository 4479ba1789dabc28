"""Fill the lists "What learners get wrong" of docs/lecturers.md from the checks.

python -m tools.lecturers
"""

import re

from cnnlib.checks import Check
from tools import ROOT, run
from tools.exercises import announced, checks_of
from tools.texts import solution_cells, texts

PAGE = ROOT / "docs" / "lecturers.md"
REGION = re.compile(r"(<!-- mistakes (\d\d), filled by `make lecturers` -->\n).*?(<!-- end -->)", re.DOTALL)


def mistakes(lesson: str) -> str:
    """List the first named mistake of each check of a lesson; raises ToolError for an unknown lesson."""
    notebook = solution_cells(texts([lesson])[0])
    checks = checks_of(notebook)
    lines = [f"- {one['number']} `{one['name']}`: {first(getattr(checks, one['name']))}" for one in announced(notebook)]
    return "\n".join(lines) + "\n"


def first(check: Check) -> str:
    """Describe the first named mistake of a check, with the wrong answer itself if the words do not start with it."""
    words, wrong = next(iter(check.mistakes.items()))
    if isinstance(wrong, bool) or not isinstance(wrong, int | float | str):
        return words
    shown = f"{wrong:,.4g}" if isinstance(wrong, float) else f"{wrong:,}" if isinstance(wrong, int) else str(wrong)
    return words if words.startswith(f"{shown} ") else f"answer *{shown}*: {words}"


def filled(page: str) -> str:
    """Replace every marked region of the page."""
    return REGION.sub(lambda match: match[1] + mistakes(match[2]) + match[3], page)


def main() -> None:
    """Update the page on disk."""
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    run(main)
