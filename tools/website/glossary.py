"""Read docs/glossary.yml: the terms of the course, patterns that find them in a text, and the page that lists them."""

import re
from dataclasses import dataclass
from functools import cache
from itertools import groupby
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


def glossary_page() -> str:
    """Write the page in MyST: a field to filter by, and the terms below their first letters, in alphabetical order."""
    ordered = sorted(terms(), key=lambda term: (letter(term), term.term.lower()))
    groups = {first: list(group) for first, group in groupby(ordered, key=letter)}
    parts = [f"# Glossary\n\n{INTRODUCTION}\n{bar(list(groups))}"]
    for first, group in groups.items():
        parts.append(f"({anchor(first)})=\n## {first}\n\n```{{glossary}}\n" + "\n".join(map(entry, group)) + "```\n")
    return "\n".join(parts)


INTRODUCTION = """The words of the course, the words of the papers and of PyTorch for the same things, the Korean words (those
of the lecture notes that the course follows, or else the usual ones of the field), and the section that teaches each. In a
lesson the first use of a word shows its meaning.
"""
BAR = """<div class="glossary-bar">
<label>Filter <input type="search" id="glossary-filter" autocomplete="off" placeholder="a term, or 합성곱"></label>
<nav aria-label="Letters">{links}</nav>
<p role="status" id="glossary-count"></p>
</div>
"""


def letter(term: Term) -> str:
    """Name the group of a term: its first letter, or 0-9.

    >>> letter(Term("1×1 convolution", "", "bottleneck", ""))
    '0-9'
    """
    return term.term[0].upper() if term.term[0].isalpha() else "0-9"


def anchor(first: str) -> str:
    """Name the place of a letter."""
    return f"letter-{first.lower()}"


def bar(letters: list[str]) -> str:
    """Write the field and the links to the letters."""
    return BAR.format(links=" ".join(f'<a href="#{anchor(first)}">{first}</a>' for first in letters))


def entry(term: Term) -> str:
    """Write one entry of the glossary directive."""
    words = {
        "Symbol": term.symbol,
        "In papers": term.paper,
        "PyTorch": term.torch,
        "Korean": f'<span lang="ko">{term.korean}</span>',
    }
    lines = [*(f"  - {name}: {word}" for name, word in words.items() if word), f"  - {{taught}}`{term.term}`"]
    return "\n".join([term.term, f"  {term.meaning}", "", *lines, ""])
