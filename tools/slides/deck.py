"""Turn the cells of an executed lesson into slides: headings, results and exercises start one, prose becomes notes."""

import re
from dataclasses import replace

from nbformat import NotebookNode

from tools.exercises import CHECK, EXERCISE, checks_of, exercise_of
from tools.slides.blocks import Block, code, inline, markdown, notice
from tools.slides.prose import LEAD, blocks, definitions, headline, opening, reply
from tools.slides.slide import Slide, answer_of, results_of
from tools.slides.snippets import defined, short, taught

GUESS = re.compile(r"[Gg]uess|[Yy]our order|before you (?:run|read)|What will|[Ww]ill it|[Ww]rite .{0,20} down")
WELL = 380  # height in pixels at which a figure is large enough


class Deck:
    """The slides of a lesson, collected cell by cell."""

    def __init__(self, notebook: NotebookNode) -> None:
        self.slides: list[Slide] = []
        self.section = self.question = self.replied = ""
        self.notes: list[str] = []
        self.held: list[Block] = []  # the figure of the first code cell is shown in the first section
        self.given = False  # whether the first figure shows numbers that the first exercise needs
        self.checks = checks_of(notebook)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                self.read(blocks(cell.source))
            elif exercise_of(cell):
                self.answer(cell.source)
            elif "setup" not in cell.metadata.get("tags", []):
                self.show(cell)
        self.say()

    def start(self, kind: str, title: str, subtitle: str = "") -> Slide:
        """Start a slide; the prose since the previous one becomes its notes."""
        section = "" if title == self.section or kind == "title" else self.section
        self.slides.append(Slide(kind, title, section, subtitle))
        self.say()
        return self.slides[-1]

    def title(self) -> str:
        """Choose a title: the last question, but not twice in a row, or else the section's title."""
        last = self.slides[-1]
        return (
            self.question if self.question and self.question not in (last.title, last.subtitle, self.replied) else self.section
        )

    def say(self) -> None:
        """Move the collected prose to the notes of the last slide."""
        self.slides[-1].notes += self.notes
        self.notes = []

    def put(self, block: Block, *kinds: str) -> None:
        """Put a block on the last slide if that has room and one of these kinds, or else on a new slide of the last kind."""
        if self.slides[-1].kind not in kinds or self.slides[-1].left() < block.height:
            self.start(kinds[-1], self.title())
        self.slides[-1].shown.append(block)

    def read(self, parts: list[tuple[str, str]]) -> None:
        """Read the blocks of a Markdown cell."""
        for index, (kind, text) in enumerate(parts):
            rest = [block for other, block in parts[index + 1 :] if other == "prose"]
            if kind == "heading":
                self.heading(text, rest)
            elif kind == "prose" and EXERCISE.match(text):
                self.task(parts[index:])
                break
            elif kind != "prose":
                self.put(markdown(text, kind), "section", "text")
            elif text.startswith("**What to notice"):
                self.notice(text)
            elif not LEAD.match(text):
                self.tell(text)
            else:
                self.start("text", LEAD.match(text)[1])
        if parts[0][0] == "heading" and self.slides[-1].kind != "exercise":
            self.say()

    def heading(self, text: str, prose: list[str]) -> None:
        """Start a lesson or a section with its question, or else with its first sentence."""
        title = text.lstrip("# ")
        if text.startswith("# "):
            self.start("title", title, prose[0])
            return
        self.section, self.question = title, ""
        prose = [paragraph for paragraph in prose if not EXERCISE.match(paragraph) and not LEAD.match(paragraph)]
        slide = self.start("section", title, opening(title, prose))
        if answer := reply(slide.subtitle, prose):
            slide.shown.append(replace(markdown(answer), step=0))
        self.replied = answer
        for block in self.held:
            self.put(block, "section", "result")

    def tell(self, text: str) -> None:
        """Collect prose for the notes; its question may become the next title, its definitions are shown."""
        self.notes.append(text)
        if text == self.slides[-1].subtitle or text.startswith("**Takes**"):
            return
        self.question = headline(text)
        for sentence in definitions(text):
            if sentence != self.slides[-1].subtitle:
                self.put(markdown(sentence), "section", "text")

    def notice(self, text: str) -> None:
        """Show what to notice below its result, one key later, or on a separate slide if there is no room."""
        self.question, block, last = "", notice(text, 200, step=1), self.slides[-1]
        if last.left() < block.height:
            block = notice(text, 100, step=1)
        if last.kind not in ("result", "exercise") or last.left() < block.height:
            self.start("notice", "What to notice")
            block = notice(text, 280, step=None)
        self.slides[-1].shown.append(block)
        self.notes.append(LEAD.sub("", text))
        self.say()

    def task(self, parts: list[tuple[str, str]]) -> None:
        """Show an exercise."""
        if self.slides[-1].kind == "section":
            self.say()
        number, kind, minutes, level = EXERCISE.match(parts[0][1]).groups()
        slide = self.start("exercise", f"Exercise {number}", f"{kind}, {minutes} min, {level}")
        self.question = ""
        for kind, text in parts:
            slide.shown.append(markdown(re.sub(r"^ (?! )", "", EXERCISE.sub("", text)), kind))

    def answer(self, source: str) -> None:
        """Add the answer to an exercise, hidden until a key is pressed, and the common mistakes to its notes."""
        slide, check = self.slides[-1], getattr(self.checks, CHECK.search(source)[1])
        if self.given and self.slides[-2].kind == "section":
            slide.shown += [block for block in self.held if block.height <= slide.left() - 70]
        self.held = []
        slide.shown.append(answer_of(source, check, max(200, slide.left())))
        wrong = "\n".join(f"- {mistake}" for mistake in check.mistakes)
        slide.notes.append(f"Mistakes that the check names:\n\n{wrong}")

    def show(self, cell: NotebookNode) -> None:
        """Show a cell's results, with its code if that is short or if there is no result."""
        prose = self.notes + (self.slides[-1].notes if self.slides[-1].kind in ("section", "text") else [])
        results = results_of(cell, 0 if GUESS.search(" ".join(prose)) else None)
        lines = taught(cell.source) if results else defined(cell.source)
        if not self.section:
            self.held, self.given = results, "figures.numbers" in cell.source
        elif results:
            self.lay(results, code(lines) if short(lines) else None)
            if live := re.match(r"explore\.\w+_explorer\(.*\)", cell.source.strip().splitlines()[-1]):
                self.slides[-1].shown.append(Block("live", f"To move in the notebook: {inline(f'`{live[0]}`')}", 34))
        elif len(lines) > 3:
            self.start("code", self.title()).shown.append(code(lines))

    def lay(self, results: list[Block], source: Block | None) -> None:
        """Put results on the slide that introduces them if all fit there, or else on one or two new slides."""
        last, best = self.slides[-1], sum(min(block.best, WELL) or block.height for block in results)
        leads = last.kind == "text" and not last.title.startswith("You will")
        closes = last.kind == "section" and not last.title[0].isdigit() and not last.shown
        if (leads or closes) and last.left() > best:
            last.kind = "result"
        else:
            self.start("result", self.title())
        if source and source.height + best < self.slides[-1].left():
            self.slides[-1].shown.append(source)
        for block in results:
            if self.slides[-1].shown and self.slides[-1].left() < block.height:
                self.start("result", self.title())
            self.slides[-1].shown.append(block)
