"""Only those cells of the lessons that their explorers need: the lessons in one notebook that runs in a minute."""

import ast
import re

import nbformat
from nbformat import NotebookNode

from tools.texts import solution_cells, texts

EXPLORER = re.compile(r"\w+Explorer\(")
SCENES = re.compile(r"\bscenes\((\d{3,})")  # many scenes, for training or testing
FEWER = 20  # times fewer are drawn
TRAINS = ("training.train", "training.compare")


def explorers() -> tuple[NotebookNode, dict[str, int]]:
    """Make a notebook of all explorers of all lessons; returns it and the index of each one's cell by lesson and name."""
    cells, places = [], {}
    for text in texts():
        lesson = solution_cells(text)
        code = [cell.source for cell in lesson.cells if cell.cell_type == "code"]
        cells = cells or [code[0]]  # the setup cell, which is the same in all
        for index, source in enumerate(code):
            for show in shows(source):
                before = [statement for earlier in code[1:index] for statement in ast.parse(earlier).body]
                before += [statement for statement in ast.parse(source).body if statement.lineno < show.lineno]
                cells.append("\n".join(map(ast.unparse, needed(before, show))))
                places[f"{text.stem[:2]} {ast.unparse(show)}"] = len(cells)
                cells.append(ast.unparse(show))
    cells = [SCENES.sub(lambda many: f"scenes({int(many[1]) // FEWER}", source) for source in cells]
    return nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)), metadata=lesson.metadata), places


def shows(source: str) -> list[ast.stmt]:
    """List the statements of a cell that show an explorer."""
    return [statement for statement in ast.parse(source).body if EXPLORER.match(ast.unparse(statement))]


def needed(before: list[ast.stmt], last: ast.stmt) -> list[ast.stmt]:
    """Choose the statements that `last` depends on, also indirectly, and those that train a network that it uses."""
    kept, wanted = [], names(last, ast.Load)
    for statement in reversed(before):
        bound = names(statement, ast.Store)
        call = getattr(statement, "value", None)
        trains = isinstance(call, ast.Call) and ast.unparse(call.func) in TRAINS and names(call.args[0], ast.Load) & wanted
        if bound & wanted or trains:
            kept.insert(0, statement)
            wanted = wanted - bound | names(statement, ast.Load)
    return kept


def names(statement: ast.AST, context: type[ast.expr_context]) -> set[str]:
    """Collect the names that a statement reads (ast.Load) or binds (ast.Store)."""
    found = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, context)}
    if context is ast.Store:
        nodes = [node for node in ast.walk(statement) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        found |= {node.name for node in nodes}
        if isinstance(statement, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    return found
