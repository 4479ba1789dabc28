"""Turn the sections of a lesson into slides, by their structure: boxes, headings, definitions, results and exercises."""

from collections.abc import Iterable
from dataclasses import replace
from types import ModuleType

from tools.forms import LEADS, Box
from tools.slides.blocks import Block
from tools.slides.companions import arranged
from tools.slides.notes import noted
from tools.slides.reading import Code, Section
from tools.slides.results import answer_notes, answer_of, results_of, source_above
from tools.slides.slide import GAP, LARGE, Slide
from tools.slides.stack import Stack
from tools.slides.word_blocks import block_of, drawing_of, notice
from tools.slides.words import LONG, Words, blocks, definitions, question_and_rest, sentences, shortened

NOTICE = (300, 200, 120)  # characters of a notice beside its result: the most that fit
FIRST = ("prose", "picture")  # kinds of words of which the title slide shows the first


class Deck(Stack):
    """The slides of a lesson, collected part by part."""

    def __init__(self, sections: Iterable[Section], checks: ModuleType, in_class: frozenset[int] | None = None) -> None:
        super().__init__()
        self.checks, self.exercises, self.in_class = checks, 0, in_class  # numbers; None is all of them
        for section in sections:
            self.begin(section)
            for part in section.parts if self.slides else self.opened(section):
                if isinstance(part, Words):
                    self.read(part)
                elif isinstance(part, Code):
                    self.answer(part, part.exercise) if part.exercise else self.show(part)
                else:
                    getattr(self, part.kind)(part)
            self.settle()
            self.last.notes += self.said
            self.last.text += self.text
            self.address()
            self.spread()
        self.slides = noted(arranged(self.slides, self.drawings))

    def begin(self, section: Section) -> None:
        """Begin a section: without slides of its own, its first paragraph leads and its definitions are shown."""
        self.section, self.said, self.text, self.calls, self.planned = section, [], [], [], 0
        self.edited, self.spoken = section.has("slide"), section.has("speaker")
        self.title, self.lead, self.asked = section.title, "", ""
        self.pending: list[Words] = []

    def opened(self, section: Section) -> list[Words | Box | Code]:
        """Make the title slide of the first paragraph and the first picture, and return the other parts of the opening."""
        words = [part for part in section.parts if isinstance(part, Words)]
        firsts = [next((part for part in words if part.kind == kind), None) for kind in FIRST]
        lead, picture = firsts
        self.start("title", section.title, lead.text if lead else "")
        self.put([block_of(picture)] if picture else [])
        return [part for part in section.parts if part not in firsts]

    def read(self, words: Words) -> None:
        """Read a block of Markdown outside of boxes: it is said, and shown only in a section without slides of its own."""
        if words.kind == "picture":
            self.drawings |= drawing_of(words)
        elif words.kind in ("prose", "list"):
            (self.text if self.spoken else self.said).append(words.text)
        if words.kind == "lead":
            self.settle()
            self.title = words.text
        elif self.edited or (words.kind == "prose" and not self.heading):
            return
        elif words.kind != "prose":
            self.pending.append(words)
        elif not (self.is_here or self.lead or self.pending) and len(words.text) < 2 * LONG:
            self.lead = words.text
        else:
            self.asked = question_and_rest(words.text)[0]
            self.pending += [Words("prose", shown)] if (shown := definitions(words.text)) else []

    def settle(self, least: int = 2) -> None:
        """Make a slide of the words that wait, unless they are fewer sentences than `least`; a lead alone makes none."""
        words, lead = self.pending, self.lead
        self.pending, self.lead = [], ""
        count = sum(len(sentences(part.text)) if part.kind == "prose" else 2 for part in words)
        if count + bool(words or least == 1) * len(sentences(lead)) < least:
            return
        asked = self.asked
        self.start("words", self.title, lead)
        self.put(map(block_of, words))
        self.asked = asked

    def show(self, cell: Code) -> None:
        """Show what a cell printed and drew on the slide that introduces it; its code only where no slides were written."""
        results = results_of(cell)
        waits = self.is_here and self.last.kind == "question" and self.last.is_open  # for the first cell that shows something
        if not (self.edited or waits):
            results = source_above(cell, results) + results
        if not results:
            return
        self.settle(least=1)
        slide = self.introduced(results[0])
        step, slide.is_open = (0 if slide.asks else None), False
        for block in results:
            if slide.shown and not slide.takes(block):
                slide, step = self.start("result", slide.title), None
                slide.is_open = False
            slide.shown.append(block.at(None if block.kind == "code" else step))

    def introduced(self, result: Block) -> Slide:
        """Find the slide that introduces a result, or that shows a single result before it, or else start one."""
        slide = self.last
        if self.is_here and slide.kind == "question" and slide.is_open:
            slide.clear_for(result)
            return slide
        if self.is_here and slide.is_bare and slide.title == self.title and not self.asked and slide.takes(result, LARGE):
            return slide
        if self.is_here and slide.is_open and not slide.shown and not slide.takes(result):
            slide.lead = ""  # it is among the notes
        if self.is_here and slide.is_open and slide.takes(result):
            return slide
        return self.start("result", self.asked or self.title)

    def answer(self, cell: Code, exercise: dict) -> None:
        """Add the answer of an exercise, hidden until a key is pressed, and the mistakes that its check names to the notes."""
        check, slide = getattr(self.checks, exercise["name"]), self.last
        block = answer_of(cell.source, check.reference, max(200, slide.body - slide.words - 2 * GAP))
        if not slide.takes(block):
            slide = self.start("exercise answered", f"{slide.title}: the answer")
        slide.shown.append(block)
        slide.is_open = False
        slide.notes.append(answer_notes(cell.source, check.mistakes))

    def exercise(self, box: Box) -> None:
        """Pose an exercise."""
        self.settle()
        self.exercises += 1
        slide = self.start("exercise", f"Exercise {self.exercises}")
        slide.facts = box.options | {"name": box.argument, "number": self.exercises}
        slide.is_homework = self.in_class is not None and self.exercises not in self.in_class
        slide.shows = box.options.get("shows", "")
        slide.shown += map(block_of, blocks(box.body))

    def slide(self, box: Box) -> None:
        """Show a slide that was written as such; between an exercise and its answer it is the statement for the room."""
        last, shown, wanted = self.last, list(map(block_of, blocks(box.body))), box.options.get("shows", "")
        if last.kind == "exercise" and last.is_open:
            last.title, last.shown, last.shows = f"{last.title}: {box.argument}", shown, wanted or last.shows
        elif self.is_here and last.is_bare and not wanted and replace(last, shown=shown).takes(last.shown[0]):
            last.title = box.argument
            last.shown = [*shown, last.shown[0].at(0 if last.asks else None)]
        else:
            self.start("words", box.argument).is_open = not wanted
            self.last.shows = wanted
            self.put(shown)

    def question(self, box: Box) -> None:
        """Ask: the title asks, the words before it are shown, and the result comes with the next key."""
        self.settle()
        first, *others = blocks(box.body)
        asked, rest = question_and_rest(first.text)
        if not asked and not others and len(rest) <= LONG:
            asked, rest = rest, ""
        shown = list(map(block_of, [Words("prose", rest)] * bool(rest) + others))
        about = self.last.results if self.is_here else []
        if about and replace(self.last, title=asked, shown=[*shown, *about[:-1]]).takes(about[-1]):
            self.slides[-1] = replace(self.last, kind="question", title=asked or self.title, shown=shown + about, is_open=True)
            return
        self.start("question", asked or self.title).shows = box.options.get("shows", "")
        self.put(shown, "question")

    def notice(self, box: Box) -> None:
        """Show what to notice one key after the result, or on a slide of its own where there is no room."""
        last, (first, *others) = self.last, blocks(box.body)
        cuts, fits = [shortened(first.text, length) for length in NOTICE], self.is_here and not last.is_open
        short = next((cut for cut, _ in cuts if fits and last.takes(notice(cut))), "")
        if short:
            hidden = last.kind.startswith("exercise") or any(shown.step is not None for shown in last.shown)
            last.shown.append(notice(short).at(int(hidden)))
            rest = f"After the key: {first.text}"
        else:
            slide = self.start("notice", "What to notice")
            slide.shown, slide.is_open, rest = [block_of(first)], False, ""
        self.last.notes += [rest] * bool(rest) + [part.text for part in others]

    def sidebar(self, box: Box) -> None:
        """Leave an aside to the speaker."""
        if not self.spoken:
            self.said.append(f"{box.argument}: {box.body}")

    def speaker(self, box: Box) -> None:
        """Give the speaker notes and minutes for the slide at this place, and for exercises."""
        self.settle()
        self.speak(box)

    def closing(self, box: Box) -> None:
        """Show the open exercise, or what came next."""
        self.settle()
        self.start(f"words {box.kind}", LEADS[box.kind].rstrip(".")).shows = box.options.get("shows", "")
        self.put(map(block_of, blocks(box.body)))

    open = next = closing
