"""Select the lines of code that a slide shows."""

import ast
import re

from tools.exercises import CHECK, with_answers, without_answers

SHOWS = ("display", "print", "report")  # functions that show what they get: their result is on the slide, not their call


def taught(source: str) -> list[str]:
    """Keep the instructive lines of a cell: no imports, no asserts, no calls that only show something.

    >>> taught("import torch\\nx = f(1)\\nprint(x)\\nassert x\\nfigures.show(x)")
    ['x = f(1)']
    """
    body, left_out = ast.parse(source).body, set()
    for node in body:
        last = node is body[-1] and isinstance(node, ast.Expr)
        if last or isinstance(node, ast.Import | ast.ImportFrom | ast.Assert) or calls(node):
            left_out.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return tidy([line for number, line in enumerate(source.splitlines(), 1) if number not in left_out])


def calls(node: ast.AST) -> bool:
    """Tell whether a statement, or one in its loop, calls a function that shows something."""
    if isinstance(node, ast.For | ast.With):
        return any(map(calls, node.body))
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in SHOWS


def defined(source: str) -> list[str]:
    """Keep the functions and classes of a cell."""
    lines, kept = source.splitlines(), []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            kept += [*lines[first - 1 : node.end_lineno], ""]
    return tidy(kept)


def tidy(lines: list[str]) -> list[str]:
    """Remove blank lines at both ends, and all but one of several in a row."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n").splitlines()


def stub_and_answer(source: str) -> tuple[list[str], list[str]]:
    """Return the learner's version of an exercise, with dots in place of the answer, and the solved version."""
    stub, answer = (
        [line for line in version.splitlines() if not CHECK.match(line)]
        for version in (without_answers(source, "..."), with_answers(source))
    )
    return tidy(stub), tidy([line for line in answer if not re.fullmatch(r"\w+ = \.\.\.(  #.*)?", line)])
