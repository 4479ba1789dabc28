"""The slides of a lesson as they are collected: where something goes that is shown or said."""

from collections.abc import Iterable

from tools.slides.blocks import Block
from tools.slides.reading import Section
from tools.slides.slide import Slide

SHORT = 1.5  # minutes of a slide without an exercise, before they are scaled to the plan


class Stack:
    """Slides, the section that they have reached, and what was said since the last slide."""

    def __init__(self) -> None:
        self.slides: list[Slide] = []
        self.section = Section("")
        self.said: list[str] = []
        self.text: list[str] = []  # of the lesson since the last slide, where the notes say something else
        self.asked = ""  # the question that was asked last, for the title of the next result
        self.planned = 0  # minutes that the section's notes plan

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
        self.slides.append(Slide(kind, title, self.heading, lead))
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

    def spread(self) -> None:
        """Spread the minutes that a section's notes plan over its slides, in proportion to an exercise's own minutes."""
        slides = [slide for slide in self.slides if slide.section == self.heading]
        shares = [float(slide.facts.get("minutes", SHORT)) for slide in slides]
        for slide, share in zip(slides, shares, strict=True):
            slide.seconds = round(60 * self.planned * share / sum(shares))
