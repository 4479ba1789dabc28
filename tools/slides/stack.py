"""The slides of a lesson as they are collected: where something goes that is shown or said."""

from collections.abc import Iterable

from tools.forms import Box
from tools.slides.blocks import Block
from tools.slides.notes import addressed
from tools.slides.reading import Section
from tools.slides.slide import Slide

BRIEFEST = 0.5  # minutes of a slide without an exercise where the plan is short


class Stack:
    """Slides, the section that they have reached, and what was said since the last slide."""

    def __init__(self) -> None:
        self.slides: list[Slide] = []
        self.section = Section("")
        self.said: list[str] = []
        self.text: list[str] = []  # of the lesson since the last slide, where the notes say something else
        self.asked = ""  # the question that was asked last, for the title of the next result
        self.drawings: dict[str, Block] = {}  # of the text, by the names of their files
        self.planned = 0  # minutes that the section's notes plan
        self.calls: list[tuple[int, str, list[str]]] = []  # exercises, what is said of them, and the notes at that place

    @property
    def last(self) -> Slide:
        """Return the slide that is shown at this place."""
        return self.slides[-1]

    @property
    def is_here(self) -> bool:
        """Tell whether the last slide belongs to the present section."""
        return self.last.section == self.heading

    @property
    def heading(self) -> str:
        """Return the title of the present section, an empty string in the opening."""
        return self.section.title if self.slides and self.section.title != self.slides[0].title else ""

    def start(self, kind: str, title: str, lead: str = "") -> Slide:
        """Start a slide; what was said since the last one becomes its notes."""
        self.slides.append(Slide(kind, title, self.heading, lead, label=self.section.label))
        self.last.notes, self.said = self.said, []
        self.last.text, self.text = self.text, []
        self.asked = ""
        return self.slides[-1]

    def put(self, shown: Iterable[Block], kind: str = "words") -> None:
        """Put blocks on the last slide, and on a new one with the same title where that is full."""
        for block in shown:
            if self.last.shown and not self.last.takes(block):
                self.start(kind, self.last.title)
            self.last.shown.append(block)

    def speak(self, box: Box) -> None:
        """Give what the speaker says to the slide at this place, and what is said of an exercise to that."""
        notes, said = self.last.notes, addressed(box.body)
        if here := said.pop(0, ""):
            notes.append(f"**The section ({box.options['minutes']} min).** {here}")
        self.calls += [(number, words, notes) for number, words in said.items()]
        self.planned += int(box.options["minutes"])

    def address(self) -> None:
        """Add what is said of an exercise to its notes, or, if it belongs to another section, to those at this place."""
        notes = {slide.facts["number"]: slide.notes for slide in self.slides if slide.section == self.heading and slide.facts}
        for number, words, here in self.calls:
            notes.get(number, here).append(words)

    def spread(self) -> None:
        """Spread the minutes that a section's notes plan over its slides: exercises get their own first, if there is room."""
        slides = [slide for slide in self.slides if slide.section == self.heading]
        own = [0 if slide.is_homework else float(slide.facts.get("minutes", 0)) for slide in slides]
        others = own.count(0)
        if not self.planned:
            return
        scale = min(1, (self.planned - BRIEFEST * others) / max(1, sum(own)))
        rest = (self.planned - scale * sum(own)) / (2 * others + len(slides) - others)  # a discussion takes half as long
        for slide, minutes in zip(slides, own, strict=True):
            slide.seconds = round(60 * (scale * minutes + rest * (1 if minutes else 2)))
