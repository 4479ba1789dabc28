"""Make a release: tag it, and pack its website and slides into build/release.

python -m tools.release 0.2.0    the version that pyproject.toml, CITATION.cff and CHANGELOG.md name already

The tag is put on a commit of its own, one step beside the branch: its lessons install this release and their badges open it.
The branch is not changed, and nothing is pushed.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tools import ROOT, ToolError, notebooks, run
from tools.texts import solution_cells, texts

PLACE = ROOT / "build" / "release"
PACKED = {"site": "tools.website", "slides": "tools.slides"}  # the folders in build/, and what makes them


def git(*command: str, folder: Path | None = None) -> str:
    """Run git and return what it prints; raises ToolError with its words."""
    done = subprocess.run(["git", *command], cwd=folder or ROOT, capture_output=True, text=True)
    if done.returncode:
        raise ToolError(f"`git {' '.join(command)}` failed: {done.stderr.strip()}")
    return done.stdout.strip()


def hindrances(version: str) -> Iterator[str]:
    """Yield a sentence for everything that must be done before a release."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        yield f"A version is three numbers, such as 0.2.0, got {version!r}."
        return
    if changed := git("status", "--porcelain"):
        yield f"There are changes that are not committed: {', '.join(line[2:].strip() for line in changed.splitlines())}."
    for name, found in named_versions().items():
        if found != version:
            yield f"{name} names version {found}, not {version}."
    if git("tag", "--list", f"v{version}"):
        yield f"The tag v{version} exists already."
    yield from (f"{problem}: run `make notebooks`." for text in texts() for problem in notebooks.problems(text))


def named_versions() -> dict[str, str]:
    """Read the version that each file names: CHANGELOG.md in its first heading, pages where they clone a tag."""
    citation = re.search(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    newest = re.search(r"^## (\d\S*\d)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    pages = {page.name: page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").glob("*.md"))}
    cloned = {name: re.search(r"--branch v(\d+\.\d+\.\d+)", words) for name, words in pages.items()}
    return {
        "pyproject.toml": tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"],
        "CITATION.cff": citation[1] if citation else "none",
        "CHANGELOG.md": newest[1] if newest else "none",
        **{f"docs/{name}": tag[1] for name, tag in cloned.items() if tag},
    }


def prepare(tree: Path, version: str) -> None:
    """Commit, in a tree of files of its own, lessons that install the release."""
    settings = tree / "pyproject.toml"
    words = settings.read_text(encoding="utf-8")
    settings.write_text(re.sub(r'^branch = ".*"$', f'branch = "v{version}"', words, flags=re.MULTILINE), encoding="utf-8")
    python(tree, "-c", "from tools.release import readdress; readdress()")
    git("commit", "--all", "--quiet", "--message", f"Release {version}: its lessons install it", folder=tree)


def python(tree: Path, *command: str) -> None:
    """Run Python with the modules of a tree of files; raises ToolError if it fails."""
    if subprocess.run([sys.executable, *command], cwd=tree).returncode:
        raise ToolError(f"`python {' '.join(command)}` failed; nothing is tagged")


def readdress() -> None:
    """Write the course's address into all notebooks, which would otherwise have to run again: no output depends on it."""
    for text in texts():
        wanted, path = solution_cells(text), text.with_suffix(".ipynb")
        executed = notebooks.read(path)
        for cell, new in zip(executed.cells, wanted.cells, strict=True):
            cell.source = new.source
        notebooks.write(executed, path)
        notebooks.write(notebooks.lesson_of(wanted), ROOT / "lessons" / f"{text.stem}.ipynb")


def release(version: str) -> list[Path]:
    """Build what is packed, tag it, and return the packed files."""
    PLACE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        tree = Path(place, "tree")
        git("worktree", "add", "--quiet", "--detach", str(tree))
        try:
            prepare(tree, version)
            files = []
            for name, module in PACKED.items():
                python(tree, "-m", module)
                base = PLACE / f"cnn-course-{version}-{name}"
                files.append(Path(shutil.make_archive(str(base), "zip", tree / "build", name)))
            git("tag", "--annotate", f"v{version}", "--message", f"Release {version}", folder=tree)
        finally:
            git("worktree", "remove", "--force", str(tree))
    return files


def main() -> None:
    """Read the command line and make the release, or say what hinders it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", help="three numbers, such as 0.2.0")
    version = parser.parse_args().version
    if found := list(hindrances(version)):
        raise ToolError("\n".join([*found, "Nothing was released."]))
    for file in release(version):
        print(f"{file.relative_to(ROOT)}, {file.stat().st_size / 1e6:.1f} MB")
    print(f"Tagged v{version}. Publish it with `git push origin v{version}`, and add the files above to the release's page.")


if __name__ == "__main__":
    run(main)
