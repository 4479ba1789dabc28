"""Count lessons, sections and exercises, and replace references to them by their numbers."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from tools import ROOT, ToolError

FENCE = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(?:\((?P<label>[\w-]+)\)=\n)?(?P<marks>##?) (?P<title>[^\n]+?)(?P<uncounted> \{-\})?$", re.MULTILINE)
FENCE_OR_HEADING = re.compile(rf"{FENCE.pattern}|{HEADING.pattern}", re.MULTILINE | re.DOTALL)
EXERCISE = re.compile(r"^:{3,}\{exercise\} (\w+)", re.MULTILINE)
REFERENCE = re.compile(r"\{([Ll]esson|[Ss]ection|[Ee]xercise|number)\}`([\w-]+)`")


class Numbers(NamedTuple):
    """What is counted in the course: lessons by name ("01"), sections by label ("1.3"), exercises by lesson and check (3)."""

    lessons: dict[str, str]
    sections: dict[str, str]
    exercises: dict[tuple[str, str], int]


def count(paths: Iterable[Path] | None = None) -> Numbers:
    """Count everything in these texts, or in all of them; raises ToolError if a label is used twice."""
    numbers = Numbers({}, {}, {})
    for path in sorted(paths or (ROOT / "solutions").glob("[0-9][0-9]_*.md")):
        number, _, name = path.stem.partition("_")
        prose = FENCE.sub("", path.read_text(encoding="utf-8-sig"))
        numbers.lessons[name] = number
        numbers.exercises.update({(name, check): place for place, check in enumerate(EXERCISE.findall(prose), start=1)})
        section = 0
        for heading in HEADING.finditer(prose):
            section += heading["marks"] == "##" and not heading["uncounted"]
            if label := heading["label"]:
                if label in numbers.sections:
                    raise ToolError(f"{path.name}: the label ({label})= is used twice")
                numbers.sections[label] = f"{int(number)}.{section}"
    return numbers


def numbered(source: str, lesson: str, section: int) -> tuple[str, int]:
    """Number the headings of a cell; `section` is the number of the last one before it, the new one is returned too.

    >>> numbered("# Training\\n\\n## The loss\\n\\n## Real data {-}", "02", 0)
    ('# 02 Training\\n\\n## 2.1 The loss\\n\\n## Real data', 1)
    """

    def number(match: re.Match) -> str:
        nonlocal section
        if not match["marks"]:
            return match[0]  # a fence, whose comments look like headings
        label = f"({match['label']})=\n" if match["label"] else ""
        if match["marks"] == "#":
            return f"{label}# {lesson} {match['title']}"
        if match["uncounted"]:
            return f"{label}## {match['title']}"
        section += 1
        return f"{label}## {int(lesson)}.{section} {match['title']}"

    return FENCE_OR_HEADING.sub(number, source), section


def resolved(
    source: str, name: str, numbers: Numbers, shown: Callable[[str, str, str], str] = lambda role, target, words: words
) -> str:
    """Replace the references in the lesson `name` by words; raises ToolError for one that refers to nothing.

    `shown(role, target, words)` writes one reference, for a page that has links.
    """

    def replacement(match: re.Match) -> str:
        role, target = match[1].lower(), match[2]
        known = {
            "lesson": numbers.lessons,
            "number": numbers.lessons,
            "section": numbers.sections,
            "exercise": {check: place for (lesson, check), place in numbers.exercises.items() if lesson == name},
        }[role]
        if target not in known:
            raise ToolError(f"{{{match[1]}}}`{target}` refers to nothing; known are {', '.join(known)}")
        return shown(role, target, str(known[target]) if role == "number" else f"{match[1]} {known[target]}")

    return REFERENCE.sub(replacement, source)
