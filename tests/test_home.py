"""The home page: its cards, its doors, its explorer's script, and the course as an archive."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools import ROOT, ToolError
from tools.texts import texts
from tools.website import archive, home

NOWHERE, SOMEWHERE = ({"repository": address, "branch": "main"} for address in ("", "https://github.com/someone/course"))


def test_a_card_per_lesson_has_its_question_minutes_and_picture():
    cards = home.cards()
    assert [card.name for card in cards] == [text.stem for text in texts()]
    assert all(60 <= card.minutes <= 180 and card.question.endswith("?") for card in cards)
    assert all((ROOT / "solutions" / "pictures" / card.picture).is_file() and len(card.alt) > 60 for card in cards)


@pytest.mark.parametrize(
    "pattern, missing", [("ROW", "its row in README.md"), ("TAKES", "its minutes"), ("OPENING", "its picture")]
)
def test_a_lesson_without_a_part_of_its_card_is_told_in_a_sentence(monkeypatch, pattern, missing):
    monkeypatch.setattr(home, pattern, re.compile("(?!)"))
    with pytest.raises(ToolError, match=rf"01_convolution\.md: the home page does not find {re.escape(missing)}"):
        home.cards()


@pytest.mark.parametrize("settings", [NOWHERE, SOMEWHERE])
def test_every_link_leads_to_a_page_and_colab_needs_an_address(settings):
    words = home.html("first", settings, 9_600_000) + home.html("more", settings, 0)
    links = re.findall(r'href="([^"]+)"', words)
    pages = [link.removesuffix(".html") for link in links if link.endswith(".html")]
    there = (
        {path.stem for path in (ROOT / "docs").glob("*.md")} | {"contributing"} | {f"lessons/{text.stem}" for text in texts()}
    )
    assert set(pages) <= there and len(pages) == len(texts()) + 5
    assert any("colab.research" in link for link in links) == bool(settings["repository"])
    assert f"_static/{archive.ARCHIVE}" in links and "10 MB" in words


def test_the_script_of_the_explorer_loads_from_a_disk():
    text = home.script()
    assert not re.search(r"^(import|export) ", text, re.MULTILINE) and "</" not in text
    assert not re.findall(r"\b(fetch|XMLHttpRequest|WebSocket|eval|import)\(", text)
    assert set(re.findall(r"(?<=data:image/)\w+", text)) == {"jpeg"} and len(text) < 150_000
    assert (home.FOLDER / "explorer.js").read_text(encoding="utf-8").count("\n") <= 200
    if shutil.which("node") is None:
        pytest.skip("Node is not installed, so the script's syntax cannot be checked here")
    done = subprocess.run(["node", "--check", "-"], input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_archive_holds_what_a_learner_runs_and_nothing_that_was_made(tmp_path):
    path = tmp_path / "course.zip"
    assert archive.write_archive(path) == path.stat().st_size < 20e6
    with zipfile.ZipFile(path) as course:
        names = {name.removeprefix(f"{archive.FOLDER}/") for name in course.namelist()}
        course.extractall(tmp_path)
    assert {
        "Makefile",
        "README.md",
        "LICENSE",
        "pyproject.toml",
        "constraints.txt",
        "tools/lab.py",
        "cnnlib/doctor.py",
    } <= names
    assert {f"{folder}/{text.stem}.ipynb" for folder in ("lessons", "solutions") for text in texts()} <= names
    assert not [name for name in names if archive.is_made(Path(name)) or name.endswith(".pyc")]
    root = tmp_path / archive.FOLDER
    done = subprocess.run([sys.executable, "-m", "tools.work"], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (root / "work").glob("*.ipynb")} == {f"{text.stem}.ipynb" for text in texts()}


def test_without_git_the_archive_is_the_same(tmp_path, monkeypatch):
    kept = {"Makefile", "tools/lab.py", "lessons/a b.ipynb", ".gitignore", "cnnlib/data/shapes.py"}
    made = {".venv/bin/python", "build/site/index.html", "tools/__pycache__/lab.pyc", "cnnlib.egg-info/PKG-INFO"}
    own = {"work/a.ipynb", "data/a.pt"}
    for name in kept | made | own:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    assert {path.as_posix() for path in archive.course_files(tmp_path)} == kept
    sizes = {archive.write_archive(tmp_path / f"build/{name}.zip", tmp_path) for name in "ab"}
    assert len(sizes) == 1 and (tmp_path / "build/a.zip").read_bytes() == (tmp_path / "build/b.zip").read_bytes()
    monkeypatch.setenv("PATH", "")
    assert {path.as_posix() for path in archive.course_files(tmp_path)} == kept
