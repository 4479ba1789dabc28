"""Shorten code and what it printed to what a slide should show."""

import ast
import re

from tools.exercises import CHECK, MARKS, with_answers, without_answers

DRAWN = (
    "figures.",
    "overlays.",
    "explore.",
    "display(",
    "print(",
    "report(",
    "history.",
    "anatomy.table",
    "seeds.",
    "save_weights(",
)
LINES, LETTERS = 6, 100  # of code beside a result
EMPTY = re.compile(r"[\w, ]+ = [{}\[\], ]+|start = time\.\w+\(\)")
SOURCE = re.compile(r"^(\s|def |class |\)|@|$)")


def taught(source: str) -> list[str]:
    """Keep the lines of a cell that teach: no imports, no asserts, no calls that only draw, print or set up."""
    lines, tree = source.splitlines(), ast.parse(source)
    for node in tree.body:
        text = ast.get_source_segment(source, node) or ""
        loops = isinstance(node, ast.For | ast.With) and "print(" in text
        if (
            isinstance(node, ast.Import | ast.ImportFrom | ast.Assert)
            or loops
            or text.startswith(DRAWN)
            or EMPTY.fullmatch(text)
        ):
            lines[node.lineno - 1 : node.end_lineno] = [None] * (node.end_lineno - node.lineno + 1)
    return tidy([line for line in lines if line is not None])


def short(lines: list[str]) -> bool:
    """Say whether code is short enough to stand beside its result."""
    return 0 < len(lines) <= LINES and max(map(len, lines)) <= LETTERS


def defined(source: str) -> list[str]:
    """Keep the functions, classes and short functions (lambda) of a cell."""
    lines, kept = source.splitlines(), []
    for node in ast.parse(source).body:
        named = isinstance(node, ast.FunctionDef | ast.ClassDef)
        parts = getattr(node.value, "values", [node.value]) if isinstance(node, ast.Assign) else []
        if named or (parts and all(any(isinstance(inner, ast.Lambda) for inner in ast.walk(part)) for part in parts)):
            kept += [*lines[node.lineno - 1 : node.end_lineno], "" if named else None]
    return tidy([line for line in kept if line is not None])


def tidy(lines: list[str]) -> list[str]:
    """Take the blank lines at both ends out, and of several in a row all but one."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n").splitlines()


def stub_and_answer(source: str) -> tuple[list[str], list[str]]:
    """Split an exercise: what the learner finds (dots where the answer belongs), and the answer in its place."""
    stub, answer = (
        [line for line in version.splitlines() if not CHECK.match(line)]
        for version in (without_answers(source, "..."), with_answers(source))
    )
    return tidy(stub), tidy([line for line in answer if not re.fullmatch(r"\w+ = \.\.\.(  #.*)?", line)])


def printed(text: str, source: str, most: int = 12) -> list[str]:
    """Keep what a cell printed: no marks of checks, no source code, and only the beginning of what is long."""
    lines = [line.rstrip() for line in text.splitlines() if not line.startswith((*MARKS, "Solved "))]
    lines = [line for line in lines if "is not on this machine" not in line]  # of data that were not there
    if "getsource" in source:
        lines = [line for line in lines if not SOURCE.match(line)]
    return lines if len(lines) <= most + 1 else [*lines[:most], "..."]
