"""Make the environment of the rehearsal, build/class-env: JupyterHub and nbgrader on top of the course's own environment.

The course's packages are read from where they are, through a path file, and never changed.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from tools import ROOT, ToolError, run

FOLDER = ROOT / "build" / "class-env"
BIN = FOLDER / "bin"
PROXY = FOLDER / "node_modules" / ".bin" / "configurable-http-proxy"
NOBODY = 65534  # a user without rights


def as_nobody(*command: str | Path) -> bool:
    """Tell whether a user without rights can run a command: files in somebody's home folder are often closed to others."""
    try:
        done = subprocess.run(command, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", capture_output=True)
    except PermissionError:
        return False
    return done.returncode == 0


def interpreter() -> str:
    """Find a Python of the version of this one that learners can run as well; this one if there is none."""
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    found = [sys._base_executable, shutil.which(name, path="/usr/bin:/usr/local/bin:/opt/python/bin")]
    usable = [python for python in found if python and (os.geteuid() or as_nobody(python, "-c", "import ensurepip, venv"))]
    return (usable or [sys.executable])[0]


def make() -> None:
    """Install what is missing; raises ToolError if a program is missing."""
    if not shutil.which("npm"):
        raise ToolError("`npm` is missing, which installs JupyterHub's proxy; on Debian and Ubuntu: apt install npm")
    subprocess.run([interpreter(), "-m", "venv", "--clear", FOLDER], check=True)
    packages = next(FOLDER.glob("lib/python*/site-packages"))
    course = sysconfig.get_paths()["purelib"]
    (packages / "course.pth").write_text(f"import site; site.addsitedir({course!r})\n", encoding="utf-8")
    shared = FOLDER / "share" / "jupyter"
    shared.mkdir(parents=True)
    (shared / "nbconvert").symlink_to(Path(sys.prefix, "share", "jupyter", "nbconvert"))  # the templates of feedback
    pip = [BIN / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--ignore-installed", "--no-deps", "nbgrader>=0.9.6", "alembic"], check=True)
    old = "soupsieve<3"  # newer ones cannot make feedback with Debian 12's Python, 3.11.2, whose `re` has a fault
    subprocess.run([*pip, "--ignore-installed", "--no-deps", old], check=True)
    subprocess.run([*pip, "jupyterhub>=5"], check=True)
    npm = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", FOLDER, "configurable-http-proxy@5"]
    subprocess.run(npm, check=True)


if __name__ == "__main__":
    run(make)
