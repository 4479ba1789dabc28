"""The commands behind `make`: a package whose modules hide no other module, without changes of the import path."""

import ast
import doctest
import re
import sys
from importlib import import_module
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

import pytest

from tools import ROOT

FOLDERS = ("cnnlib", "tools", "tests", "browser")
FILES = [ROOT / "conftest.py", *(path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")))]
MODULES = [path for path in sorted((ROOT / "tools").rglob("*.py")) if path.parent.name != "templates"]
BENCHES = [path for path in MODULES if path.stem.startswith("bench_")]  # parts of bench that also run alone
COMMANDS = [path for path in MODULES if '__name__ == "__main__"' in path.read_text(encoding="utf-8") and path not in BENCHES]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
LONGEST = 200
TAKEN = sys.stdlib_module_names | set(packages_distributions())


def dotted(path: Path) -> str:
    """Name a module as `import` does."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def changes_the_import_path(tree: ast.AST) -> bool:
    """Tell whether code names `sys.path` anywhere."""
    return any(isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.path" for node in ast.walk(tree))


@pytest.mark.parametrize("path", FILES, ids=dotted)
def test_no_file_changes_the_import_path(path):
    assert not changes_the_import_path(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_a_tool_has_a_name_of_its_own(path):
    names = {path.stem, path.parent.name} - {"__init__", "__main__", "tools"}
    assert not names & TAKEN, f"{dotted(path)} has the name of another module"
    assert find_spec(dotted(path)) is not None


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_a_file_of_tools_is_short(path):
    assert path.read_text(encoding="utf-8").count("\n") <= LONGEST


@pytest.mark.parametrize("path", COMMANDS, ids=dotted)
def test_every_command_has_a_target_in_the_makefile(path):
    name = dotted(path).removesuffix(".__main__")
    assert re.search(rf"-m {re.escape(name)}\b", MAKEFILE), f"no target runs {name}"


def test_every_module_that_the_makefile_runs_exists():
    named = set(re.findall(r"-m (tools(?:\.\w+)+)", MAKEFILE))
    assert named == {dotted(path).removesuffix(".__main__") for path in COMMANDS}


@pytest.mark.parametrize("path", [path for path in MODULES if ">>>" in path.read_text(encoding="utf-8")], ids=dotted)
def test_the_examples_of_docstrings_hold(path):
    assert doctest.testmod(import_module(dotted(path))).failed == 0


@pytest.mark.parametrize("package", sorted({path.parent.name for path in (ROOT / "cnnlib").glob("*/*.py")}))
def test_the_readme_lists_every_package_of_the_library(package):
    assert f"{package}/ " in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=str)
def test_no_file_cites_the_label_of_an_internal_list(path):
    labels = re.findall(r"\([BF]\d+\)", path.read_text(encoding="utf-8"))
    assert set(labels) <= {"(F1)"}, labels  # F1 is also a name of the Dice score
