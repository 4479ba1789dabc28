"""Which cells of a submission a check needs, directly or through other cells: all others need not run to grade it."""

import builtins

from nbformat import NotebookNode

from .names import Names, Unclear, statements


def needed(cells: list[NotebookNode]) -> set[int]:
    """Find the positions of the answers, of the checks, and of every code cell that defines or may change what these read.

    A cell is left out only if no cell that runs reads a name that it binds, or an object that it stores into or gives to a
    call. It is not seen that a function which is called changes a global object, or that two names are one object.
    If the text of a cell does not tell what it reads (`exec`, `globals()`, a magic), all code cells are needed.
    """
    code = [index for index, cell in enumerate(cells) if cell.cell_type == "code"]
    graded = {index for index in code if is_graded(cells[index])}
    try:
        parsed = {index: statements(cells[index].source) for index in code}
    except Unclear:
        return set(code)
    fixed = set(dir(builtins)).union(*(one.fixed for names in parsed.values() for one in names))
    found, later = graded, set()
    while True:  # a name that a function reads may be bound after the function was defined
        kept = walk(parsed, graded, later, fixed)
        read = {name for index in kept for one in parsed[index] for name in one.later}
        if (kept, read) == (found, later):
            return kept
        found, later = kept, read


def is_graded(cell: NotebookNode) -> bool:
    """Tell whether a cell is an answer or a check for nbgrader."""
    role = cell.metadata.get("nbgrader", {})
    return bool(role.get("solution") or role.get("grade"))


def walk(parsed: dict[int, list[Names]], graded: set[int], always: set[str], fixed: set[str]) -> set[int]:
    """Go through the cells from the last to the first, with the names that are read after it; `always` never end."""
    kept, live = set(), set()
    for index in sorted(parsed, reverse=True):
        if index in graded or any(touches(one, live | always, fixed) for one in parsed[index]):
            kept.add(index)
            for one in reversed(parsed[index]):
                live = (live - one.sets) | one.now
    return kept


def touches(one: Names, live: set[str], fixed: set[str]) -> bool:
    """Tell whether a statement binds one of these names, or may change its object."""
    return bool((one.sets | one.binds | one.stores | (one.passes - fixed)) & live)
