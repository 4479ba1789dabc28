"""Read a lesson for its deck: sections of words, boxes and code cells, the code with what the executed notebook shows."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from nbformat import NotebookNode

from tools import ToolError
from tools.forms import Box, pieces
from tools.notebook_files import read
from tools.numbering import LABEL, count, resolved
from tools.slides.words import Words, blocks
from tools.texts import written

REPORT = "report("  # begins the cell that tells a learner what is solved


class Code(NamedTuple):
    """A code cell: its source, what it shows, its tags, and the facts of its exercise."""

    source: str
    outputs: list[NotebookNode]
    tags: frozenset[str]
    exercise: dict | None


@dataclass
class Section:
    """A section of a lesson: its title, its label, and its parts in order; the first one has the lesson's title."""

    title: str
    label: str = ""
    parts: list[Words | Box | Code] = field(default_factory=list)

    def has(self, kind: str) -> bool:
        """Tell whether there is a box of this kind: a section with slides takes its words from them alone."""
        return any(isinstance(part, Box) and part.kind == kind for part in self.parts)


def lesson(text: Path, folder: Path) -> list[Section]:
    """Read a text together with its executed notebook in `folder`; raises ToolError if the notebook does not belong to it."""
    return sections(paired(written(text), folder / f"{text.stem}.ipynb", text))


def paired(notebook: NotebookNode, path: Path, text: Path) -> NotebookNode:
    """Give the cells of a text the outputs of its executed notebook, and write numbers in place of references."""
    if not path.is_file():
        raise ToolError(f"{path.name} is missing in {path.parent.name}: run `make notebooks` first")
    executed, numbers = read(path), count()
    if [cell.cell_type for cell in executed.cells] != [cell.cell_type for cell in notebook.cells]:
        sizes = f"{len(executed.cells)} cells, its text {len(notebook.cells)}"
        raise ToolError(f"{path.name} in {path.parent.name} does not agree with its text ({sizes}): run `make notebooks`")
    for cell, done in zip(notebook.cells, executed.cells, strict=True):
        if cell.cell_type == "code":
            cell.outputs = done.outputs
        else:
            cell.source = resolved(cell.source, text.stem[3:], numbers)
    return notebook


def sections(notebook: NotebookNode) -> list[Section]:
    """Divide the cells of a lesson at its headings; a later section of words alone, such as references, is for readers."""
    found: list[Section] = []
    label = ""
    for part in parts(notebook):
        if isinstance(part, Words) and part.kind == "label":
            label = part.text
        elif isinstance(part, Words) and part.kind == "heading":
            found.append(Section(part.text, label))
            label = ""
        else:
            found[-1].parts.append(part)
    return [section for section in found if section is found[0] or any(not isinstance(part, Words) for part in section.parts)]


def parts(notebook: NotebookNode) -> Iterator[Words | Box | Code]:
    """List the words, labels, boxes and code cells of a lesson in order, without set-up, places for guesses, and the report."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield from (Words("label", name) for name in LABEL.findall(cell.source))
            for piece in pieces(cell.source):
                yield from [piece] if isinstance(piece, Box) else blocks(piece)
        else:
            tags = frozenset(cell.metadata.get("tags", []))
            if not tags & {"setup", "guess"} and not cell.source.startswith(REPORT):
                yield Code(cell.source, cell.outputs, tags, cell.metadata.get("exercise"))
