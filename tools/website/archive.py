"""The course as one archive: every file that git tracks, for those who have no git."""

import subprocess
import zipfile
from pathlib import Path

from tools import ROOT

ARCHIVE = "cnn-course.zip"
FOLDER = "cnn-course"  # what unpacking makes
MADE = {".git", ".venv", "build", "__pycache__", ".ipynb_checkpoints", ".pytest_cache", ".ruff_cache"}  # in any folder
OWN = ("work/", "data/")  # a learner's, in the course's folder
EPOCH = (2026, 1, 1, 0, 0, 0)  # the same archive from the same files


def course_files(root: Path = ROOT) -> list[Path]:
    """List the files of the course, relative to `root`: those that git tracks, or, without git, all that nothing makes."""
    git = ["git", "-C", str(root), "ls-files", "-z", "--cached"]
    try:
        listed = subprocess.run(git, capture_output=True).stdout.decode()
    except OSError:
        listed = ""
    found = [Path(name) for name in listed.split("\0") if name]
    if not found:  # no git, no repository, or unpacked within another one
        everything = (path.relative_to(root) for path in root.rglob("*"))
        found = [path for path in everything if not is_made(path)]
    return sorted(path for path in found if (root / path).is_file())


def is_made(path: Path) -> bool:
    """Tell whether a file, relative to the course, was made by a command or belongs to the learner."""
    return bool(MADE.intersection(path.parts)) or path.as_posix().startswith(OWN) or ".egg-info" in path.as_posix()


def write_archive(path: Path, root: Path = ROOT) -> int:
    """Write the course as a zip file; returns its size in bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in course_files(root):
            about = zipfile.ZipInfo(f"{FOLDER}/{file.as_posix()}", EPOCH)
            about.external_attr = (0o100755 if (root / file).stat().st_mode & 0o100 else 0o100644) << 16
            archive.writestr(about, (root / file).read_bytes(), zipfile.ZIP_DEFLATED)
    return path.stat().st_size
