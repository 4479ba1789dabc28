"""Find the tests that touch a file: those that import it, directly or through other modules, the nearest first."""

import ast
from functools import cache
from pathlib import Path

from tools import ROOT

FURTHEST = 3  # imports between a test and a file that it still touches
ENGINE = ("answers", "forms", "verdicts", "paper", "sentences", "limits", "networks", "hostile", "isolation")
BY_NAME = {  # folders whose modules tests find by walking or by name -> those tests
    "cnnlib/explorers/js/": ["explorer_counts", "explorer_numbers", "explorer_regions", "explorers"],
    "cnnlib/checks/engine/": [f"check_{name}" for name in ENGINE],
    "cnnlib/checks/": ["checks", "check_answers", "check_verdicts"],
}


def imported(path: Path) -> set[str]:
    """List the files of this repository that a file imports, anywhere in it, as paths from its root."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    places = [name.replace(".", "/") for name in names]
    candidates = {f"{start}{place}{end}" for place in places for start in ("", "tests/") for end in (".py", "/__init__.py")}
    return {candidate for candidate in candidates if (ROOT / candidate).is_file()}


@cache
def importers() -> dict[str, set[str]]:
    """Map each file to those that import it."""
    found: dict[str, set[str]] = {}
    for folder in ("cnnlib", "tools", "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for name in imported(path):
                found.setdefault(name, set()).add(path.relative_to(ROOT).as_posix())
    return found


def tests_of(file: str) -> list[str]:
    """List the files of tests that touch a file: its own doctests, its namesake, then by nearness and length."""
    reached, distance, front = {file: 0}, 0, [file]
    while front and distance < FURTHEST:
        distance += 1
        front = sorted({user for name in front for user in importers().get(name, ())} - set(reached))
        reached |= dict.fromkeys(front, distance)
    for folder, names in BY_NAME.items():
        if file.startswith(folder):
            reached |= {f"tests/test_{name}.py": 0 for name in names}
            break
    tests = [name for name in reached if name.startswith("tests/test_") and name != "tests/test_mutants.py"]
    namesake = f"tests/test_{Path(file).stem}.py"
    tests.sort(key=lambda name: (name != namesake, reached[name], (ROOT / name).stat().st_size))
    has_examples = file.endswith(".py") and ">>>" in (ROOT / file).read_text(encoding="utf-8")
    return [file] * (has_examples and file.startswith("cnnlib/")) + tests
