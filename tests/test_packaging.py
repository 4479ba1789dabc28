"""The wheel and the source package: what they hold is the library, whole, and its licences."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LICENCES = {"LICENSE", "LICENSES/CC-BY-4.0.txt"}
BUILD = "from setuptools import build_meta as b; b.build_wheel('dist'); b.build_sdist('dist')"
MADE = {"__pycache__", ".ipynb_checkpoints"}


def library():
    """List the files of the library, without what running it leaves."""
    files = (path.relative_to(ROOT) for path in (ROOT / "cnnlib").rglob("*") if path.is_file())
    return {file.as_posix() for file in files if not MADE & set(file.parts)}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Build both packages from a copy of what git tracks: -> the names in the wheel, those in the source package."""
    pytest.importorskip("setuptools", minversion="77")
    root = tmp_path_factory.mktemp("course")
    ignored = shutil.ignore_patterns(*MADE, "*.egg-info")
    for name in ("cnnlib", "tests", "LICENSES"):
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    for name in ("pyproject.toml", "MANIFEST.in", "README.md", "LICENSE", "Makefile", "conftest.py"):
        shutil.copy(ROOT / name, root)
    environment = os.environ | {"PYTHONPATH": ""}
    done = subprocess.run([sys.executable, "-c", BUILD], cwd=root, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    wheel, source = next(root.glob("dist/*.whl")), next(root.glob("dist/*.tar.gz"))
    with tarfile.open(source) as archive:
        files = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    return set(zipfile.ZipFile(wheel).namelist()), files


@pytest.mark.slow
def test_the_wheel_is_the_library_whole_and_its_licences(built):
    wheel, _ = built
    facts = {name for name in wheel if ".dist-info/" in name}
    assert wheel - facts == library()
    assert {name.partition("/licenses/")[2] for name in facts} >= LICENCES


@pytest.mark.slow
def test_the_source_package_builds_the_same_and_has_nothing_that_cannot_run(built):
    _, source = built
    inside = {name for name in source if name.startswith("cnnlib/")}
    assert inside == library()
    rest = {name for name in source - inside if not name.startswith("cnnlib.egg-info/")}
    assert rest == {*LICENCES, "pyproject.toml", "MANIFEST.in", "README.md", "PKG-INFO", "setup.cfg"}


def test_the_library_holds_what_its_lessons_read():
    names = library()
    assert {"cnnlib/py.typed", "cnnlib/models/backbone.pt", "cnnlib/explorers/js/explorers.css"} <= names
    for kind in ("results/*.json", "explorers/js/*.js", "explorers/stills/*.png", "explorers/data/*.json"):
        assert list((ROOT / "cnnlib").glob(kind)), kind


def test_the_licences_are_whole_and_name_every_folder():
    assert PROJECT["license-files"] == ["LICENSE", "LICENSES/*.txt"]
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "MIT License" in text and "LICENSES/CC-BY-4.0.txt" in text
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split()] + [".git"]
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not any(map(path.match, ignored))}
    assert {"cnnlib", "docs", ".github"} <= folders
    assert not [folder for folder in folders if f"{folder}/" not in text]
    legal = (ROOT / "LICENSES" / "CC-BY-4.0.txt").read_text(encoding="utf-8")
    assert re.findall(r"^Section (\d) --", legal, re.MULTILINE) == list("12345678")
    assert legal.startswith("Attribution 4.0 International\n") and "creativecommons.org" in legal.splitlines()[-1]
