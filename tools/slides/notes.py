"""Complete the notes for the speaker: every slide has its minutes, what to ask, and what to say."""

import html
import re
from dataclasses import replace

from tools.slides.slide import Slide
from tools.slides.words import shortened

LENGTH = 420  # characters of the text that a slide without other notes quotes
ALT = re.compile(r'alt="([^"]+)"')
ASKED = {  # kind of an exercise -> how to pose it
    "predict": "Everybody writes an answer down before anybody says one; take three from the room, then press the key.",
    "write": "In pairs, one keyboard. After half of the time, put a hint on the screen: `check.{name}.hint()`.",
    "find": "A show of hands for each letter, then one voice for each, then the key.",
}
POSED = {  # kind of another slide -> what to ask
    "words open": "Who would change what? Take two plans, and ask for each: which measurement would defend it?",
    "notice": "Ask what one sees before you say it; two voices are enough.",
    "result": "Let one person say what is shown before you explain it.",
}
GUESS = "Ask, and let everybody write a guess down before the next key."


def noted(slides: list[Slide]) -> list[Slide]:
    """Complete the notes of all slides."""
    return [replace(slide, notes=[*minutes(slide), *asked(slide), *(slide.notes or said(slide))]) for slide in slides]


def minutes(slide: Slide) -> list[str]:
    """Write how long a slide takes, in half minutes, if the lesson plans it."""
    if not slide.seconds:
        return []
    return [f"**{max(1, round(slide.seconds / 30)) / 2:g} min** for this slide."]


def asked(slide: Slide) -> list[str]:
    """Write how to pose an exercise or a question."""
    if "kind" in slide.facts:
        return [ASKED[slide.facts["kind"]].format(name=slide.facts["name"])]
    if slide.asks and any(block.step is not None for block in slide.shown):
        return [GUESS]
    return [POSED[slide.kind]] if slide.kind in POSED else []


def said(slide: Slide) -> list[str]:
    """Quote the lesson, or else describe the picture."""
    if slide.text:
        return [shortened(" ".join(" ".join(slide.text).split()), LENGTH)[0]]
    alts = [html.unescape(alt) for block in slide.kept for alt in ALT.findall(block.html)]
    return [f"The picture: {alt}" for alt in alts]
