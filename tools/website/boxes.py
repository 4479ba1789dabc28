"""The forms of a text as the site shows them: boxes as admonitions, references as links, all of it in MyST."""

from collections.abc import Iterable

from tools.forms import LEADS, UNSEEN, Box
from tools.numbering import Numbers, resolved

FENCE = ":" * 9  # longer than any within a box


def on_site(parts: Iterable[Box | str], name: str, numbers: Numbers) -> str:
    """Write plain Markdown and boxes of the lesson `name` in MyST, without the boxes that only slides show."""

    def link(role: str, target: str, words: str) -> str:
        if role == "section":
            return f"{{ref}}`{words} <{target}>`"
        if role == "exercise":
            return f"{{ref}}`{words} <{label(name, target)}>`"
        return f"{{doc}}`{words} <{numbers.lessons[target]}_{target}>`"

    seen = [part for part in parts if isinstance(part, str) or part.kind not in UNSEEN]
    shown = [part if isinstance(part, str) else admonition(part, name, numbers) for part in seen]
    return resolved("\n\n".join(shown), name, numbers, link)


def admonition(box: Box, name: str, numbers: Numbers) -> str:
    """Write a box as an admonition: its kind is a class, an exercise has its number in the title and can be linked to."""
    title, options, body = LEADS.get(box.kind, box.argument), [f":class: box box-{box.kind}"], box.body
    if box.kind == "exercise":
        title = f"Exercise {numbers.exercises[name, box.argument]}"
        options.append(f":name: {label(name, box.argument)}")
        body = f"{facts(box.options)}\n\n{body}"
    return "\n".join([f"{FENCE}{{admonition}} {title}", *options, "", body, FENCE])


def label(name: str, check: str) -> str:
    """Name an exercise for links: the name of its check is unique in its lesson alone."""
    return f"exercise-{name}-{check}"


def facts(options: dict[str, str]) -> str:
    """Write the small line of an exercise: its kind, its minutes and its level.

    >>> facts({"kind": "predict", "minutes": "2", "level": "easy"})
    '<p class="facts">predict · 2 min · easy</p>'
    """
    return f'<p class="facts">{options["kind"]} · {options["minutes"]} min · {options["level"]}</p>'
