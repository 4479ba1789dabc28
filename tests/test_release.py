"""A release refuses what would make it wrong, and its tag is one step beside a branch that it leaves alone."""

import re

import pytest

from tools import ToolError, release

FILES = {
    "pyproject.toml": '[project]\nversion = "1.2.0"\n[tool.course]\nrepository = ""\nbranch = "main"\n',
    "CITATION.cff": "cff-version: 1.2.0\nversion: 1.2.0\n",
    "docs/adopt.md": "`git clone --branch v1.2.0`",
    "CHANGELOG.md": "# Changes\n\n## 1.2.0, the third edition\n\n## 1.1.0\n",
}


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A small repository without lessons, in which the site and the slides are a file each."""
    root = tmp_path / "course"
    root.mkdir()
    for name, value in (("NAME", "A"), ("EMAIL", "a@example.org")):
        for role in ("AUTHOR", "COMMITTER"):
            monkeypatch.setenv(f"GIT_{role}_{name}", value)
    monkeypatch.setattr(release, "ROOT", root)
    monkeypatch.setattr(release, "PLACE", tmp_path / "released")
    monkeypatch.setattr(release, "texts", list)
    monkeypatch.setattr(release, "python", build)
    for name, words in FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(words, encoding="utf-8")
    release.git("init", "--quiet")
    release.git("add", ".")
    release.git("commit", "--quiet", "--message", "All")
    return root


def build(tree, *command):
    if command[0] == "-m":
        folder = tree / "build" / next(name for name, module in release.PACKED.items() if module == command[1])
        folder.mkdir(parents=True)
        (folder / "index.html").write_text("A page.")


def test_a_clean_tree_whose_files_agree_is_tagged_and_packed(repository):
    before = release.git("rev-parse", "HEAD")
    assert list(release.hindrances("1.2.0")) == []
    files = release.release("1.2.0")
    assert [file.name for file in files] == ["cnn-course-1.2.0-site.zip", "cnn-course-1.2.0-slides.zip"]
    assert all(file.stat().st_size > 100 for file in files)
    assert release.git("rev-parse", "HEAD") == before == release.git("rev-parse", "v1.2.0^{commit}^")
    assert release.git("status", "--porcelain") == "" and len(release.git("worktree", "list").splitlines()) == 1
    assert 'branch = "v1.2.0"' in release.git("show", "v1.2.0:pyproject.toml")
    assert list(release.hindrances("1.2.0")) == ["The tag v1.2.0 exists already."]


def test_what_hinders_a_release_is_said(repository):
    assert list(release.hindrances("1.2")) == ["A version is three numbers, such as 0.2.0, got '1.2'."]
    assert sorted(release.hindrances("1.3.0")) == sorted(f"{name} names version 1.2.0, not 1.3.0." for name in FILES)
    (repository / "new.txt").write_text("x")
    assert list(release.hindrances("1.2.0")) == ["There are changes that are not committed: new.txt."]


def test_a_build_that_fails_tags_nothing_and_leaves_no_tree(repository, monkeypatch):
    def fail(tree, *command):
        raise ToolError("no npm")

    monkeypatch.setattr(release, "python", fail)
    with pytest.raises(ToolError, match="no npm"):
        release.release("1.2.0")
    assert release.git("tag") == "" and len(release.git("worktree", "list").splitlines()) == 1


def test_the_files_of_the_course_name_one_version():
    assert len(set(release.named_versions().values())) == 1


def test_the_citation_is_complete():
    words = (release.ROOT / "CITATION.cff").read_text(encoding="utf-8")
    yaml = pytest.importorskip("yaml").safe_load(words)
    assert {"cff-version", "message", "title", "authors", "version", "date-released", "license", "type"} <= set(yaml)
    assert yaml["cff-version"] == "1.2.0" and yaml["type"] in ("software", "dataset") and yaml["authors"]
    assert all({"name"} <= set(author) or {"family-names", "given-names"} <= set(author) for author in yaml["authors"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", str(yaml["date-released"]))
