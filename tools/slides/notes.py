"""Complete the notes for the speaker: every slide has its minutes, what to ask, and what to say."""

import html
import re
from dataclasses import replace

from tools.slides.slide import Slide
from tools.slides.words import sentences, shortened

LENGTH = 420  # characters of the text that a slide without other notes quotes
ALT = re.compile(r'alt="([^"]+)"')
CALLED = re.compile(r"\b[Ee]xercise (\d+)")  # in words whose references are resolved
ASKED = {  # kind of an exercise -> how to pose it
    "predict": "Everybody writes an answer down before anybody says one; take three from the room, then press the key.",
    "write": "In pairs, one keyboard. After half of the time, put a hint on the screen: `check.{name}.hint()`.",
    "find": "A show of hands for each letter, then one voice for each, then the key.",
}
POSED = {  # kind of another slide -> what to ask
    "words open": "Who would change what? Take two plans, and ask for each: which measurement would defend it?",
    "words next": "Ask which of these removes a limit that the class has met today.",
    "notice": "Ask what one sees before you say it; two voices are enough.",
    "result": "Let one person say what is shown before you explain it.",
}
RECALL = "Let somebody say each point in other words before you go on."
HOMEWORK = "Homework where the class has 90 minutes: say what is asked, and show the answer only if there is time."
GUESS = "Ask, and let everybody write a guess down before the next key."


def noted(slides: list[Slide]) -> list[Slide]:
    """Complete the notes of all slides."""
    return [replace(slide, notes=[*minutes(slide), *asked(slide), *(slide.notes or said(slide))]) for slide in slides]


def addressed(words: str) -> dict[int, str]:
    """Divide what a speaker says: from the first sentence on that names an exercise, it belongs to that exercise; 0 is none.

    >>> addressed("Vote first. Exercise 2: the answer is 10. Many say 9. Do exercise 3 in pairs.")
    {0: 'Vote first.', 2: 'Exercise 2: the answer is 10. Many say 9.', 3: 'Do exercise 3 in pairs.'}
    """
    said: dict[int, list[str]] = {}
    number = 0
    for sentence in sentences(words):
        if called := CALLED.search(sentence):
            number = int(called[1])
        said.setdefault(number, []).append(sentence)
    return {number: " ".join(found) for number, found in said.items()}


def minutes(slide: Slide) -> list[str]:
    """Write how long a slide takes, in half minutes, if the lesson plans it."""
    if not slide.seconds:
        return []
    return [f"**{max(1, round(slide.seconds / 30)) / 2:g} min** for this slide."]


def asked(slide: Slide) -> list[str]:
    """Write how to pose an exercise or a question."""
    if slide.is_homework:
        return [HOMEWORK]
    if "kind" in slide.facts:
        return [ASKED[slide.facts["kind"]].format(name=slide.facts["name"])]
    if slide.asks and any(block.step is not None for block in slide.shown):
        return [GUESS]
    return [POSED[slide.kind]] if slide.kind in POSED else []


def said(slide: Slide) -> list[str]:
    """Quote the lesson, or else describe the picture, or let the class say it."""
    if slide.text:
        return [shortened(" ".join(" ".join(slide.text).split()), LENGTH)[0]]
    alts = [html.unescape(alt) for block in slide.kept for alt in ALT.findall(block.html)]
    return [f"The picture: {alt}" for alt in alts] or [RECALL] * (slide.kind == "words")
