"""Functions, classes and values as a lesson defines them, for measurements and tests that must not have a copy of their own."""

import ast
from pathlib import Path

from tools import ToolError
from tools.texts import solution_cells


def definitions(text: Path, *names: str, **context: object) -> dict:
    """Define what has these names as a lesson's solution does, with `context` in its module: name -> object.

    Definitions come in the lesson's order and can use each other. Raises ToolError if the lesson has none of such a name.
    """
    wanted, space = set(names), dict(context)
    for cell in solution_cells(text).cells:
        if cell.cell_type == "code" and "setup" not in cell.metadata.get("tags", []):
            for node in ast.parse(cell.source).body:
                target = node.targets[0] if isinstance(node, ast.Assign) else None
                if {getattr(node, "name", None), getattr(target, "id", None)} & wanted:
                    exec(compile(ast.Module([node], []), text.name, "exec"), space)
    if missing := wanted - set(space):
        raise ToolError(f"{text.name} no longer defines {', '.join(sorted(missing))}")
    return space
