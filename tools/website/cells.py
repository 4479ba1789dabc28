"""A lesson's cells as the site shows them: answers and results are folded, a guess has a field, no reader gets a score."""

import html
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from cnnlib.checks.engine import Check
from tools.exercises import with_answers, without_answers
from tools.forms import Box, pieces
from tools.numbering import Numbers
from tools.rules import ECHO, GUESS
from tools.website import play
from tools.website.boxes import on_site
from tools.website.outputs import shown

SPOKEN = (ECHO, "report(check)")  # first lines of code that print one line about the reader's own answers
FIELD = (
    '<p class="guess"><label for="{place}">Your guess: <span>{expected}</span></label>\n'
    '<input id="{place}" maxlength="100" autocomplete="off"></p>'
)
END = "</details>"
WRITTEN = "To be written in {{download}}`the notebook <../notebooks/{name}.ipynb>`."
UNANSWERED = "answer = ...\ncheck.{name}(answer)"  # a cell of a notebook that has nothing but the place for an answer
ECHOED = '<p class="echo" data-guess="{place}" hidden></p>'


class Page:
    """The cells of a page, collected one by one; figures become files in the folder `figures`.

    An exercise whose check, among `checks`, needs no kernel can be answered on the page.
    """

    def __init__(self, name: str, numbers: Numbers, figures: Path, checks: Mapping[str, Check] | None = None) -> None:
        self.name, self.numbers, self.figures, self.checks = name, numbers, figures, checks or {}
        self.cells: list[NotebookNode] = []
        self.folded = ""  # the kind of the fold that is open: "answer", "result", or none
        self.guess = ""  # the id of the field whose result has not come yet

    def add(self, cell: NotebookNode, executed: NotebookNode) -> None:
        """Add what the site shows of a cell: `cell` in the forms of the text, `executed` with its outputs."""
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "markdown":
            self.read(cell.source)
        elif "guess" in tags:
            self.ask(cell.source)
        elif "setup" not in tags:
            source, outputs = without_speech(executed)
            outputs = [shown(output, self.figures / f"{self.name}-{executed.id}-{i}") for i, output in enumerate(outputs)]
            if "exercise" in cell.metadata:
                self.answer(source, outputs, cell.metadata["exercise"])
            elif "result" in tags:
                self.result(source, outputs)
            else:
                self.code(source, outputs, is_helper="hide-input" in tags)

    def read(self, source: str) -> None:
        """Add Markdown; the notices with which it begins are hidden with the result that they explain."""
        parts = list(pieces(source))
        if self.folded:
            notices = list(takewhile(lambda part: isinstance(part, Box) and part.kind == "notice", parts))
            self.markdown(on_site(notices, self.name[3:], self.numbers))
            self.end()
            parts = parts[len(notices) :]
        self.markdown(on_site(parts, self.name[3:], self.numbers))

    def ask(self, source: str) -> None:
        """Add a field for a guess."""
        self.guess = f"guess-{len(self.cells)}"
        expected = GUESS.findall(source)[0].removeprefix("  # ")
        self.markdown(FIELD.format(place=self.guess, expected=html.escape(expected)))

    def result(self, source: str, outputs: list[NotebookNode]) -> None:
        """Add the code of an experiment, and its result in a fold, with the guess above it."""
        self.end()
        self.cells.append(new_code_cell(source))
        self.folded = "result"
        self.start(self.folded, "Show the result")
        if self.guess:
            self.markdown(ECHOED.format(place=self.guess))
        self.guess = ""
        self.output(source, outputs)

    def answer(self, source: str, outputs: list[NotebookNode], exercise: Mapping[str, Any]) -> None:
        """Add an exercise as a learner gets it, or a form if the page can judge it, and its answer in a fold."""
        self.end()
        asked, form = without_answers(source), play.form(exercise["name"], self.checks)
        self.markdown(form)
        if not form or asked != UNANSWERED.format(**exercise):
            self.cells.append(new_code_cell(asked))
        if not form:
            self.markdown(WRITTEN.format(name=self.name))
        self.folded = "answer"
        self.start(self.folded, f"Answer to exercise {exercise['number']}")
        self.cells.append(new_code_cell(with_answers(source).removeprefix("answer = ...\n"), outputs=outputs))

    def code(self, source: str, outputs: list[NotebookNode], is_helper: bool) -> None:
        """Add any other code, also to the fold of a result if that is open; helpers are folded, their outputs are not."""
        if self.folded == "answer":
            self.end()
        if is_helper:
            self.start("helper", "Imports and helpers")
            self.cells.append(new_code_cell(source))
            self.markdown(END)
            self.output(source, outputs)
        elif source:
            self.cells.append(new_code_cell(source, outputs=outputs))

    def output(self, source: str, outputs: list[NotebookNode]) -> None:
        """Add outputs without their code, which must be there all the same: Sphinx skips a cell that has none."""
        if outputs:
            self.cells.append(new_code_cell(source, metadata={"tags": ["remove-input"]}, outputs=outputs))

    def markdown(self, source: str) -> None:
        """Add Markdown, if there is any."""
        if source:
            self.cells.append(new_markdown_cell(source))

    def start(self, kind: str, words: str) -> None:
        """Open a fold."""
        self.markdown(f'<details class="fold {kind}"><summary>{words}</summary>')

    def end(self) -> None:
        """Close the fold that is open, if there is one."""
        if self.folded:
            self.markdown(END)
        self.folded = ""


def without_speech(executed: NotebookNode) -> tuple[str, list[NotebookNode]]:
    """Return a cell's source and outputs, without the line that speaks to the learner and the line that this prints."""
    first, _, rest = executed.source.partition("\n")
    if first not in SPOKEN:
        return executed.source, executed.outputs
    outputs = list(executed.outputs)
    if outputs and outputs[0].output_type == "stream":
        outputs[0] = outputs[0].copy()
        outputs[0].text = outputs[0].text.partition("\n")[2]
    return rest.lstrip("\n"), [output for output in outputs if output.get("text") != ""]
