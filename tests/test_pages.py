"""The pages about the course say what the repository holds: files, commands, numbers, the version."""

import re
import tomllib
from pathlib import Path

import pytest
from PIL import Image

from tools import ROOT, moving_picture
from tools.assignments import POINTS
from tools.exercises import announced
from tools.texts import solution_cells, texts
from tools.website.home import FILTERS

PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob(".github/workflows/*.yml")]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TREE = README.partition("## What is where")[2].split("```")[1]


def named(path):
    """List the files of the repository and the commands that a page names."""
    words = path.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)\s#]+)", words)
    files = re.findall(r"(?<![\w./-])(?:solutions|lessons|docs|tools|tests|browser|cnnlib)/[\w./]*\w(?![*\w])", words)
    return [*(path.parent / link for link in links), *(ROOT / file for file in files)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_file_that_a_page_names_is_there(path):
    missing = [str(file) for file in named(path) if not file.exists() and "NN_name" not in file.name]
    assert not missing


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_command_that_a_page_names_exists(path):
    words, makefile = path.read_text(encoding="utf-8"), (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"(?:`|^)make ([a-z-]+)", words, re.MULTILINE)
    assert set(targets) <= set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for module in re.findall(r"python -m ((?:tools|cnnlib)[a-z_.]*[a-z])", words):
        file = ROOT / module.replace(".", "/")
        assert file.with_suffix(".py").exists() or (file / "__main__.py").exists(), module


def in_the_tree():
    """List each name in the README's tree of files, with the folder under which it stands."""
    found, folder = [], ROOT
    for line in TREE.strip().splitlines():
        if line[0] != " ":
            folder = ROOT / line.split()[0]
        found += [(folder, name) for name in re.findall(r"(?<![\w/*.-])[a-z]\w*(?:\.py|\.yml|/)(?!\w)", line[12:])]
    return found


@pytest.mark.parametrize("folder, name", in_the_tree(), ids=str)
def test_the_tree_of_files_is_true(folder, name):
    assert name == "work/" or next(folder.rglob(name.rstrip("/")), None)


def test_the_readme_counts_lessons_and_exercises():
    count = {text.name: text.read_text(encoding="utf-8").count("\n:::{exercise}") for text in texts()}
    assert len(count) == 11 and "Eleven notebooks" in README and "## The eleven lessons" in README
    assert f"{sum(count.values())} checked exercises" in README
    assert set(count.values()) == {9} and "Every lesson has nine checked exercises" in README
    linked = re.findall(r"\(lessons/(\w+)\.ipynb\)", README)
    assert linked == [text.stem for text in texts()]


def test_the_readme_opens_with_a_small_moving_picture_that_a_command_makes():
    words, file = re.search(r"!\[([^]]+)\]\(([^)]+)\)", README).groups()
    assert README.index(file) < README.index("## What a lesson looks like") < README.index("## What is where")
    assert (ROOT / file).stat().st_size <= moving_picture.LARGEST
    with Image.open(ROOT / file) as picture:
        assert picture.n_frames > 30 and picture.info["loop"] == 0
        assert 5_000 <= sum(pause for *_, pause in moving_picture.path_of_the_window()) <= 15_000
    for name in moving_picture.WAYS:
        assert name in FILTERS and name.removesuffix(" edges").removesuffix("s").removesuffix("en") in words
    assert f'"{Path(file).name}"' in (ROOT / "tools" / "pictures.py").read_text(encoding="utf-8")


def test_every_picture_of_the_readme_is_there_and_described():
    shown = re.findall(r"!\[([^]]*)\]\(([^)]+)\)", README) + [
        (alt, src) for src, alt in re.findall(r'<img src="([^"]+)"[^>]* alt="([^"]*)"', README)
    ]
    assert README.count("<img") + README.count("![") == len(shown) >= 5
    assert [src for alt, src in shown if not (ROOT / src).is_file() or len(alt) < 20] == []


@pytest.mark.slow
def test_the_page_for_classes_says_how_many_points_a_lesson_has():
    points = [sum(POINTS[exercise["level"]] for exercise in announced(solution_cells(text))) for text in texts()]
    page = (ROOT / "docs" / "classes.md").read_text(encoding="utf-8")
    assert f"from {min(points)} to {max(points)} per lesson" in page


def test_the_newest_entry_of_the_changelog_is_the_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    newest = re.search(r"^## ([\d.]+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)[1]
    assert version == newest


def test_the_page_of_the_notes_has_a_verdict_in_every_row_and_links_every_lesson():
    page = (ROOT / "docs" / "notes.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| the notes")]
    assert [row for row in rows if not re.search(r"\| \*\*(Right|Loose|Wrong)\.?\*\*", row)] == []
    assert {text.stem for text in texts()} == set(re.findall(r"lessons/(\w+)\.ipynb", page))


def test_the_page_for_colab_speaks_to_learners_and_promises_no_address():
    words = (ROOT / "docs" / "colab.md").read_text(encoding="utf-8")
    assert not re.findall(r"NAME/REPOSITORY|make \w+|pyproject|nbval|git ", words), "that is for the owner, in publish.md"
    assert "## If it has none" in words and "cnn-course.zip" in words
