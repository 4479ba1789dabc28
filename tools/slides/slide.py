"""A slide, and what a code cell adds to it: the answer of an exercise, or printed lines and figures."""

import re
from dataclasses import dataclass, field

from nbformat import NotebookNode

from cnnlib.checks import Check
from tools.exercises import MARKS, plain
from tools.pictures_of import picture_of
from tools.slides.blocks import ROOM, Block, code, figure, in_place, print_out, table
from tools.slides.snippets import printed, stub_and_answer


@dataclass
class Slide:
    """One slide: title and subtitle in Markdown, its section, the blocks it shows, and the speaker's notes."""

    kind: str
    title: str
    section: str = ""
    subtitle: str = ""
    shown: list[Block] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def left(self) -> int:
        """Return the free height in pixels."""
        titles = 48 * (len(self.title) // 54 + 1) + 24 * bool(self.section) + 46 * -(-len(self.subtitle) // 60)
        return ROOM - titles - sum(block.height for block in self.shown)


def answer_of(source: str, check: Check, height: int) -> Block:
    """Make the answer of an exercise, hidden at first: a function replaces its stub, a value is computed."""
    stub, lines = stub_and_answer(source)
    if stub and not re.match(r"\w+ = \.\.\.", stub[-1]):
        return in_place(stub, lines, height)
    value = check.reference
    shown = f"{value:,.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else ""
    lines[-1] += f"  # {shown}" if shown else ""
    return code(lines, 200, step=0)


def results_of(cell: NotebookNode, step: int | None) -> list[Block]:
    """List the results of a cell: first everything it printed, then its figures and tables."""
    words = "".join(output.text for output in cell.outputs if output.output_type == "stream" and output.name == "stdout")
    made = [print_out(lines, step)] if (lines := printed(words, cell.source)) else []
    for output in cell.outputs:
        data = output.get("data", {})
        if picture := picture_of(output):
            made.append(figure(picture, step))
        elif "text/html" in data and not plain(output).startswith(MARKS):
            made.append(table(data["text/html"], step))
    return made
