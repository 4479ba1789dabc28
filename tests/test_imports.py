"""The library's shape: imports run one way, files are short and named by what they are."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parent.parent / "cnnlib"
LONGEST = 230
LINES = [  # from bottom to top: a module imports from its own line and those above it
    ("console",),
    ("seeds", "device", "cores", "threads", "side_by_side", "files", "weights", "evaluation", "layers", "transposed"),
    ("mime", "colours", "rendering", "guesses"),
    ("augmentation", "results"),
    ("detection.boxes", "memory", "meta", "table"),
    ("models", "data", "metrics", "anatomy", "receptive_fields", "detection", "canvas", "charts", "names", "figures"),
    ("objectives", "arguments", "loop", "live", "training", "history", "doctor"),
    ("overlays", "drawings", "explorers", "diagrams"),
]
LEVEL = {name: level for level, line in enumerate(LINES) for name in line}
STRANGERS = {("models", "anatomy"), ("anatomy", "models"), ("models", "receptive_fields"), ("receptive_fields", "models")}


FILES = {  # every module by its name without `cnnlib.`
    ".".join(part for part in path.relative_to(LIBRARY).with_suffix("").parts if part != "__init__"): path
    for path in sorted(LIBRARY.rglob("*.py"))
}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}
CHECKS = [name for name in TREES if name.split(".")[0] == "checks"]
OTHERS = [name for name in TREES if name and name not in CHECKS]


def imported(name: str) -> set[str]:
    """List the modules of cnnlib that a module imports, inside functions too, without `cnnlib.`."""
    found = set()
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"cnnlib.{name} line {node.lineno}: write the import in full"
            assert node.names[0].name != "*", f"cnnlib.{name} line {node.lineno}: import *"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    found = {module.removeprefix("cnnlib.") for module in found if f"{module}.".startswith("cnnlib.")}
    return {module if module in TREES else module.rpartition(".")[0] for module in found}


def line_of(name: str) -> str:
    """Find the entry of the table that a module belongs to: its own, else its package's."""
    assert name in LEVEL or name.split(".")[0] in LEVEL, f"cnnlib.{name} has no line in LINES"
    return name if name in LEVEL else name.split(".")[0]


def test_every_entry_of_the_table_that_exists_is_a_module():
    assert len(OTHERS) > 10
    assert {line_of(name) for name in OTHERS} >= {"seeds", "layers", "data", "training", "explorers"}


@pytest.mark.parametrize("name", OTHERS)
def test_imports_run_one_way(name):
    for other in imported(name):
        assert other not in CHECKS, f"cnnlib.{name} imports cnnlib.{other}"
        mine, theirs = line_of(name), line_of(other)
        assert LEVEL[theirs] <= LEVEL[mine], f"cnnlib.{name} imports cnnlib.{other}, which stands above it"
        assert (mine, theirs) not in STRANGERS, f"cnnlib.{name} imports cnnlib.{other}"


def test_imports_make_no_circle():
    TopologicalSorter({name: imported(name) - {name} for name in TREES}).prepare()


@pytest.mark.parametrize("name", CHECKS)
def test_checks_know_nothing_of_the_library_that_they_judge(name):
    assert imported(name) <= {*CHECKS, "console"}  # which prints, and computes nothing


def test_no_module_is_named_by_what_it_is_not():
    names = {part for name in TREES for part in name.split(".")}
    assert not names & {"utils", "util", "common", "helpers", "misc"}


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_is_one_idea(name):
    lines = FILES[name].read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST
