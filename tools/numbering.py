"""Count lessons, sections and exercises, and replace references to them by their numbers."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tools import ROOT, ToolError

FENCE = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(?:\((?P<label>[\w-]+)\)=\n)?(?P<marks>##?) (?P<title>[^\n]+?)(?P<uncounted> \{-\})?$", re.MULTILINE)
FENCE_OR_HEADING = re.compile(rf"{FENCE.pattern}|{HEADING.pattern}", re.MULTILINE | re.DOTALL)
EXERCISE = re.compile(r"^:{3,}\{exercise\} (\w+)", re.MULTILINE)
LABEL = re.compile(r"^\(([\w-]+)\)=$", re.MULTILINE)
ROLE = re.compile(  # or code, which is left alone
    rf"{FENCE.pattern}|\{{(?P<role>[\w:-]+)\}}`(?P<target>[^`]*)`|(?P<ticks>`+)[^`].*?(?P=ticks)(?!`)", re.MULTILINE | re.DOTALL
)


class Numbers(NamedTuple):
    """What is counted in the course: lessons by name ("01"), sections by label ("1.3"), exercises by lesson and check (3)."""

    lessons: dict[str, str]
    sections: dict[str, str]
    exercises: dict[tuple[str, str], int]


def count(text: Path | None = None) -> Numbers:
    """Count everything in the course, with `text` in place of its lesson; raises ToolError for labels that name nothing."""
    paths = {path.name: path for path in (*(ROOT / "solutions").glob("[0-9][0-9]_*.md"), *([text] if text else []))}
    numbers = Numbers({}, {}, {})
    for _, path in sorted(paths.items()):
        number, _, name = path.stem.partition("_")
        prose = FENCE.sub("", path.read_text(encoding="utf-8-sig"))
        numbers.lessons[name] = number
        numbers.exercises.update({(name, check): place for place, check in enumerate(EXERCISE.findall(prose), start=1)})
        labels = sections(prose, int(number))
        for label in LABEL.findall(prose):
            if label not in labels:
                raise ToolError(f"{path.name}: the label `({label})=` must be on the line before a counted heading")
            if label in numbers.sections:
                raise ToolError(f"{path.name}: the label `({label})=` is used twice in the course")
            numbers.sections[label] = labels[label]
    return numbers


def sections(prose: str, lesson: int) -> dict[str, str]:
    """Number the labelled sections of a lesson.

    >>> sections("## Windows\\n\\n(stride)=\\n## Stride and padding", 1)
    {'stride': '1.2'}
    """
    headings = [heading for heading in HEADING.finditer(prose) if heading["marks"] == "##" and not heading["uncounted"]]
    return {heading["label"]: f"{lesson}.{place}" for place, heading in enumerate(headings, start=1) if heading["label"]}


def numbered(source: str, lesson: str, section: int) -> tuple[str, int]:
    """Number the headings of a cell; `section` is the number of the last one before it; returns the last number too.

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

    >>> resolved("See {section}`stride`.", "vgg", Numbers({}, {"stride": "1.3"}, {}))
    'See section 1.3.'
    """
    known = {
        "lesson": numbers.lessons,
        "number": numbers.lessons,
        "section": numbers.sections,
        "exercise": {check: place for (lesson, check), place in numbers.exercises.items() if lesson == name},
    }

    def replacement(match: re.Match) -> str:
        if not (role := match["role"]):
            return match[0]  # code
        kind, target = role[0].lower() + role[1:], match["target"]
        if kind not in known:
            raise ToolError(f"`{{{role}}}` is no role of a text; the roles are {', '.join(known)}")
        if target not in known[kind]:
            raise ToolError(f"{{{role}}}`{target}` refers to nothing; known are {', '.join(known[kind])}")
        return shown(kind, target, str(known[kind][target]) if role == "number" else f"{role} {known[kind][target]}")

    return ROLE.sub(replacement, source)
