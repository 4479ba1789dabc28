"""Read docs/glossary.yml: the terms of the course, patterns that find them in a text, and the page that lists them."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tools import ROOT

DATA = ROOT / "docs" / "glossary.yml"


@dataclass(frozen=True)
class Term:
    """One term of the course, with its names elsewhere; an empty string where there is none."""

    term: str
    korean: str
    lesson: str
    meaning: str
    symbol: str = ""
    paper: str = ""
    torch: str = ""
    also: tuple[str, ...] = ()
    linked_in: tuple[str, ...] = ()


def spelling(words: str) -> str:
    """Write a regular expression for one spelling, which also matches a line break, a plural s and a capital first letter.

    >>> spelling("dense block")
    '[Dd]ense\\\\s+blocks?'
    """
    pattern = r"\s+".join(map(re.escape, words.split())).replace("'", "['’]") + "s?"
    return f"[{pattern[0].upper()}{pattern[0]}]{pattern[1:]}" if pattern[0].islower() else pattern


@cache
def terms() -> list[Term]:
    """List the glossary in the order of the file."""
    entries = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return [Term(**{key: _fixed(value) for key, value in entry.items()}) for entry in entries]


def _fixed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def finder(chosen: list[Term]) -> tuple[re.Pattern, list[Term]]:
    """Make a pattern that finds the terms, the longest where several match; group i + 1 belongs to term i of the list."""
    every = [(words, term) for term in chosen for words in (term.term, *term.also)]
    every.sort(key=lambda one: -len(one[0]))
    spellings = "|".join(f"({spelling(words)})" for words, _ in every)
    return re.compile(rf"(?<![\w-])(?:{spellings})(?![\w-])"), [term for _, term in every]


def glossary_page(lessons: dict[str, str]) -> str:
    """Write the page in MyST: one entry per term, in alphabetical order; `lessons` maps a lesson's name to its file."""
    entries = [entry(term, lessons[term.lesson]) for term in sorted(terms(), key=lambda term: term.term.lower())]
    return "# Glossary\n\n" + INTRODUCTION + "\n```{glossary}\n" + "\n".join(entries) + "```\n"


INTRODUCTION = """The words of the course, the words of the papers and of PyTorch for the same things, the Korean words (those
of the lecture notes that the course follows, or else the usual ones of the field), and the lesson that explains each. In a
lesson the first use of a word leads here.
"""


def entry(term: Term, lesson: str) -> str:
    """Write one entry of the glossary directive."""
    words = {
        "Symbol": term.symbol,
        "In papers": term.paper,
        "PyTorch": term.torch,
        "Korean": f'<span lang="ko">{term.korean}</span>',
    }
    lines = [f"{term.term}", f"  {term.meaning}", ""]
    lines += [f"  - {name}: {word}" for name, word in words.items() if word]
    return "\n".join([*lines, f"  - [Lesson {Path(lesson).name[:2]}]({lesson})", ""])
