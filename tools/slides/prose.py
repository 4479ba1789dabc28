"""Read a lesson's Markdown as a lecturer does: what is asked, what is defined, what is only said."""

import re
from itertools import pairwise

FENCE = re.compile(r"^```")
LEAD = re.compile(r"^\*\*(What to notice|You will be able to)\.?\*\*\s*")
# a sentence ends before a space and a capital, a number, a bracket, a formula or bold; "et al." and initials end nothing
END = re.compile(r"((?:(?<!\bal)(?<!\b[A-Z])\.|[?!])[\"”)*]*)\s+(?=[A-Z0-9\"“(*$`])")
SHORT, LONG = 60, 120  # characters: a question that says too little alone, a sentence too long for a title


def blocks(markdown: str) -> list[tuple[str, str]]:
    """Cut Markdown into (kind, text): heading, formula, fence, list, table, code or prose."""
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
    """Name what a block of Markdown is."""
    starts = {"#": "heading", "$$": "formula", "```": "fence", "- ": "list", "|": "table", "    ": "code"}
    return next((name for start, name in starts.items() if text.startswith(start)), "prose")


def sentences(prose: str) -> list[str]:
    """Cut a paragraph into sentences.

    >>> sentences("He et al. (2015) ask: why? It *works*. (Not always.) So, $x$ is 1.8.")
    ['He et al. (2015) ask: why?', 'It *works*.', '(Not always.)', 'So, $x$ is 1.8.']
    """
    return END.sub(r"\1\n", " ".join(prose.split())).splitlines()


def questions(prose: str) -> list[str]:
    """List the questions of a paragraph, a short one with the sentence before it; those in brackets are left out.

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
    """Find a title in the paragraph before a result: its last question, or its first sentence, or nothing."""
    first = sentences(prose)[0]
    fits = SHORT / 4 < len(first) < LONG and "**" not in first and not first[0].islower() and first[-1] != ":"
    return next(reversed(questions(prose)), first if fits else "")


def opening(title: str, prose: list[str]) -> str:
    """Find the line under a heading: the first question that says enough alone, or else the first sentence."""
    asked = [question for paragraph in prose for question in questions(paragraph) if len(question) >= SHORT / 3]
    if asked and not title.endswith(("?", "in one line")):
        return asked[0]
    return sentences(prose[0])[0] if prose else ""


def reply(question: str, prose: list[str]) -> str:
    """Find the sentence after a question: the answer, where it says enough; one with a bold term is shown anyway."""
    said = [sentence for paragraph in prose for sentence in sentences(paragraph)]
    for asked, sentence in pairwise(said):
        if question.endswith(asked) and asked.endswith("?"):
            fits = SHORT / 3 < len(sentence) < 1.5 * LONG and not sentence.endswith(("?", ":")) and "**" not in sentence
            return sentence if fits and not sentence.startswith(("(", "The notes")) else ""
    return ""


def definitions(prose: str) -> list[str]:
    """List the sentences that hold a bold term: these stand on the slide, the others are said."""
    return [sentence for sentence in sentences(prose) if re.search(r"\*\*[^*]+\*\*", sentence)]


def in_short(notice: str, most: int) -> str:
    """Keep the first sentences of a notice, as many as a slide bears."""
    first, *others = sentences(LEAD.sub("", notice))
    for sentence in others:
        if len(first) + len(sentence) > most or sentence.startswith("(") or sentence.endswith("?"):
            break
        first += f" {sentence}"
    return first
