"""The rules of writing: what the build refuses, and what it marks in the metadata of the code cells."""

import re

from nbformat import NotebookNode

from tools import ToolError
from tools.exercises import BEGIN, CHECK, END, has_answer
from tools.forms import LEADS, UNSEEN, Box, pieces

GUESS = re.compile(r"guess = \.\.\.(  # .+)")
ECHO = "guesses.echo(guess)"
COUNTED = re.compile(r"\b([Ll]essons?|[Ee]xercises?) \d+|\b[Ss]ections? \d+\.\d+")  # a paper's section is written §3.1
TYPED = re.compile(rf"^\*\*(Exercise \d|{'|'.join(map(re.escape, LEADS.values()))})|^##? \d+[.\d]*(?= )", re.MULTILINE)


def check_rules(notebook: NotebookNode, name: str) -> None:
    """Mark exercises, guesses and results in the metadata of code cells; raises ToolError for a text that breaks a rule."""
    waiting: Box | None = None  # the last exercise or question, until its code cell comes
    names, guessed, code_before = [], False, False
    for index, cell in enumerate(notebook.cells):
        if "setup" in cell.metadata.get("tags", []):
            continue
        try:
            if typed := COUNTED.search(cell.source):
                raise ToolError(
                    f"`{typed[0]}` is typed by hand: write {{lesson}}`name`, {{section}}`label`, {{exercise}}`check`"
                )
            if cell.cell_type == "markdown":
                waiting = read(cell, waiting, code_before)
                continue
            code_before = True
            cell.metadata.setdefault("tags", [])
            if (check := checked(cell, waiting)) and waiting:
                names.append(check)
                facts = {**waiting.options, "minutes": int(waiting.options["minutes"]), "number": len(names)}
                cell.metadata["exercise"] = {"name": check, **facts}
                waiting = None
            elif cell.source.startswith("guess = "):
                guessed = is_guess(cell, waiting)
            elif waiting or guessed or cell.source.startswith(ECHO):
                if guessed != cell.source.startswith(ECHO):
                    raise ToolError(f"a result starts with `{ECHO}` if a cell with `guess = ...` is before it, and only then")
                cell.metadata.tags.append("result")
                waiting, guessed = None, False
            if not cell.metadata.tags:
                del cell.metadata["tags"]
        except ToolError as error:
            raise ToolError(f"{name}, cell {index}: {error}") from None
    if waiting:
        raise ToolError(f"{name}: no code cell follows the last {waiting.kind}")
    if len(set(names)) != len(names):
        raise ToolError(f"{name}: a check is used twice: {names}")


def read(cell: NotebookNode, waiting: Box | None, code_before: bool) -> Box | None:
    """Return the exercise or question of a Markdown cell for which a code cell must follow."""
    if BEGIN in cell.source or END in cell.source:
        raise ToolError("Markdown must not contain solution markers: no answer is removed from it")
    if typed := TYPED.search(cell.source):
        raise ToolError(f"`{typed[0]}` is typed by hand: the build writes it (CONTRIBUTING.md)")
    parts = list(pieces(cell.source))
    kinds = [part.kind if isinstance(part, Box) else "" for part in parts]
    if set(kinds) <= UNSEEN:
        raise ToolError("the cell has only notes or slides, and notebooks would show an empty cell: join it with its neighbour")
    shown = [kind for kind in kinds if kind not in UNSEEN]
    if "notice" in shown[1:] or ("notice" in shown and not code_before):
        raise ToolError("a notice follows the cell with the result, with nothing between them")
    for part in parts:
        if isinstance(part, Box) and part.kind in ("exercise", "question"):
            if waiting:
                raise ToolError(f"the {waiting.kind} before this {part.kind} has no code cell")
            waiting = part
    return waiting


def checked(cell: NotebookNode, waiting: Box | None) -> str:
    """Return the name of the check of an exercise, or an empty string for any other cell."""
    checks, is_exercise = CHECK.findall(cell.source), has_answer(cell.source)
    if is_exercise and len(checks) != 1:
        raise ToolError(f"an exercise must end with one check, `check.name(answer)`, found {checks or 'none'}")
    if checks and not is_exercise:
        raise ToolError(f"`check.{checks[0]}` belongs to a cell without a solution region")
    announced = waiting.argument if waiting and waiting.kind == "exercise" else ""
    if announced != (checks[0] if checks else ""):
        expected = f"`check.{announced}`, which is announced" if announced else f"`:::{{exercise}} {checks[0]}` before it"
        raise ToolError(f"expected {expected}, got {checks or 'a cell without a check'}")
    return announced


def is_guess(cell: NotebookNode, waiting: Box | None) -> bool:
    """Mark the cell in which a guess is written down."""
    if not GUESS.fullmatch(cell.source) or not waiting or waiting.kind != "question":
        raise ToolError("a guess follows a question and is one line, `guess = ...  # what is expected`")
    cell.metadata.tags.append("guess")
    return True
