"""Select the lines of code, and of its output, that a slide shows."""

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
MAX_LINES, MAX_LENGTH = 6, 100  # of code next to a result
EMPTY = re.compile(r"[\w, ]+ = [{}\[\], ]+|start = time\.\w+\(\)")
SOURCE = re.compile(r"^(\s|def |class |\)|@|$)")


def taught(source: str) -> list[str]:
    """Keep the instructive lines of a cell: no imports, no asserts, no calls that only draw, print or set up."""
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
    """Tell whether code is short enough for a place next to its result."""
    return 0 < len(lines) <= MAX_LINES and max(map(len, lines)) <= MAX_LENGTH


def defined(source: str) -> list[str]:
    """Keep the functions (also lambdas) and classes of a cell."""
    lines, kept = source.splitlines(), []
    for node in ast.parse(source).body:
        named = isinstance(node, ast.FunctionDef | ast.ClassDef)
        parts = getattr(node.value, "values", [node.value]) if isinstance(node, ast.Assign) else []
        if named or (parts and all(any(isinstance(inner, ast.Lambda) for inner in ast.walk(part)) for part in parts)):
            kept += [*lines[node.lineno - 1 : node.end_lineno], "" if named else None]
    return tidy([line for line in kept if line is not None])


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


def printed(text: str, source: str, max_lines: int = 12) -> list[str]:
    """Keep the first lines that a cell printed, without verdicts of checks and printed source code."""
    lines = [line.rstrip() for line in text.splitlines() if not line.startswith((*MARKS, "Solved "))]
    lines = [line for line in lines if "is not on this machine" not in line]  # a notice about missing data
    if "getsource" in source:
        lines = [line for line in lines if not SOURCE.match(line)]
    return lines if len(lines) <= max_lines + 1 else [*lines[:max_lines], "..."]
