"""Fill docs/lecturers.md from the texts: numbers of sections, minutes of the plans, what learners get wrong.

python -m tools.lecturers
"""

import re

from cnnlib.checks import Check
from tools import ROOT, ToolError, run
from tools.exercises import announced, checks_of
from tools.forms import Box, pieces
from tools.texts import solution_cells, texts, written

PAGE = ROOT / "docs" / "lecturers.md"
REGION = re.compile(r"(<!-- mistakes (\d\d), filled by `make lecturers` -->\n).*?(<!-- end -->)", re.DOTALL)
CHAPTER = re.compile(r"^## (\d\d) .*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| (?:\d+\.\d+ )?([^|]+?) \| (\d+|-) \|", re.MULTILINE)  # name of a section, minutes
PLANNED = re.compile(r"^\| [^|]+ \| \d+ \| (?:\d+|-) \|([^|]*)\|$", re.MULTILINE)  # exercises of a section to do in class
HEADING = re.compile(r"^## (?:(\d+\.\d+) )?(.+)$", re.MULTILINE)


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


def sections(lesson: str) -> dict[str, tuple[str, int]]:
    """Read the number of each section of a lesson, "" where it has none, and the minutes of its notes for the speaker."""
    found, current = {"opening": ("", 0)}, "opening"
    for cell in written(texts([lesson])[0]).cells:
        for piece in pieces(cell.source) if cell.cell_type == "markdown" else ():
            if not isinstance(piece, Box):
                for number, current in HEADING.findall(piece):
                    found[current] = (number, 0)
            elif piece.kind == "speaker":
                number, minutes = found[current]
                found[current] = (number, minutes + int(piece.options["minutes"]))
    return found


def in_class(lesson: str) -> frozenset[int]:
    """List the numbers of the exercises that the plan of 90 minutes does in class; the others are homework."""
    chapter = next(match[0] for match in CHAPTER.finditer(PAGE.read_text(encoding="utf-8")) if match[1] == lesson)
    return frozenset(int(number) for cell in PLANNED.findall(chapter) for number in re.findall(r"\d+", cell))


def planned(chapter: re.Match) -> str:
    """Write the numbers of the sections of a plan, and their minutes if the text states them; raises ToolError."""
    known = sections(chapter[1])

    def row(match: re.Match) -> str:
        if match[1] not in known:
            raise ToolError(f"docs/lecturers.md, lesson {chapter[1]}: the lesson has no section called {match[1]!r}")
        number, minutes = known[match[1]]
        return f"| {number} {match[1]}".replace("|  ", "| ") + f" | {minutes or match[2]} |"

    return ROW.sub(row, chapter[0])


def filled(page: str) -> str:
    """Fill the plan and the list of mistakes of every lesson on the page."""
    return REGION.sub(lambda match: match[1] + mistakes(match[2]) + match[3], CHAPTER.sub(planned, page))


def main() -> None:
    """Update the page on disk."""
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    run(main)
