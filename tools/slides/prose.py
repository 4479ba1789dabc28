"""Find the questions, definitions and answers in a lesson's Markdown; what is left over becomes notes for the speaker."""

import re
from itertools import pairwise

FENCE = re.compile(r"^```")
LEAD = re.compile(r"^\*\*(What to notice|You will be able to)\.?\*\*\s*")
# a sentence ends before a space and a capital, digit, bracket, formula or bold term, but not after "et al." or initials
END = re.compile(r"((?:(?<!\bal)(?<!\b[A-Z])\.|[?!])[\"”)*]*)\s+(?=[A-Z0-9\"“(*$`])")
SHORT, LONG = 60, 120  # characters: a shorter question needs context, a longer sentence is no title


def blocks(markdown: str) -> list[tuple[str, str]]:
    """Split Markdown into (kind, text): heading, formula, fence, list, table, code or prose."""
    found, lines, fenced = [], [], False
    for line in [*markdown.splitlines(), ""]:
        if FENCE.match(line):
            fenced = not fenced
        if line.strip() or fenced:
            lines.append(line)
        elif lines:
            found.append((kind("\n".join(lines)), "\n".join(lines)))
            lines = []
    return found


def kind(text: str) -> str:
    """Classify a block of Markdown."""
    starts = {"#": "heading", "$$": "formula", "```": "fence", "- ": "list", "|": "table", "    ": "code"}
    return next((name for start, name in starts.items() if text.startswith(start)), "prose")


def sentences(prose: str) -> list[str]:
    """Split a paragraph into sentences.

    >>> sentences("He et al. (2015) ask: why? It *works*. (Not always.) So, $x$ is 1.8.")
    ['He et al. (2015) ask: why?', 'It *works*.', '(Not always.)', 'So, $x$ is 1.8.']
    """
    return END.sub(r"\1\n", " ".join(prose.split())).splitlines()


def questions(prose: str) -> list[str]:
    """List the questions of a paragraph, a short one with the sentence before it, without those in brackets.

    >>> questions("Move a photograph. What happens? (Why?) So there.")
    ['Move a photograph. What happens?']
    """
    found, before = [], ""
    for sentence in sentences(prose):
        if sentence.endswith("?") and not sentence.startswith("("):
            short = len(sentence) < SHORT and len(before) < LONG and not before.startswith("(")
            found.append(f"{before} {sentence}".strip() if short else sentence)
        before = sentence
    return found


def headline(prose: str) -> str:
    """Choose a title from the paragraph before a result: its last question, its first sentence, or an empty string."""
    first = sentences(prose)[0]
    fits = SHORT / 4 < len(first) < LONG and "**" not in first and not first[0].islower() and first[-1] != ":"
    return next(reversed(questions(prose)), first if fits else "")


def opening(title: str, prose: list[str]) -> str:
    """Choose the line below a heading: the first question that is long enough, or else the first sentence."""
    asked = [question for paragraph in prose for question in questions(paragraph) if len(question) >= SHORT / 3]
    if asked and not title.endswith(("?", "in one line")):
        return asked[0]
    return sentences(prose[0])[0] if prose else ""


def reply(question: str, prose: list[str]) -> str:
    """Find the answer in the sentence after a question; a sentence with a bold term is shown as a definition instead."""
    every = [sentence for paragraph in prose for sentence in sentences(paragraph)]
    for asked, sentence in pairwise(every):
        if question.endswith(asked) and asked.endswith("?"):
            fits = SHORT / 3 < len(sentence) < 1.5 * LONG and not sentence.endswith(("?", ":")) and "**" not in sentence
            return sentence if fits and not sentence.startswith(("(", "The notes")) else ""
    return ""


def definitions(prose: str) -> list[str]:
    """List the sentences that contain a bold term: they are shown, the others become notes."""
    return [sentence for sentence in sentences(prose) if re.search(r"\*\*[^*]+\*\*", sentence)]


def in_short(notice: str, max_length: int) -> str:
    """Keep the first sentences of a notice, up to `max_length` characters but at least one."""
    first, *others = sentences(LEAD.sub("", notice))
    for sentence in others:
        if len(first) + len(sentence) > max_length or sentence.startswith("(") or sentence.endswith("?"):
            break
        first += f" {sentence}"
    return first
