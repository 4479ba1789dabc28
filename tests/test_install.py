"""`make lab` and `python -m tools.install` install what a learner needs, once, and the small build of torch where it does."""

import re
import shutil
import subprocess
import sys
import tomllib

import pytest

from tools import ROOT, ToolError, install

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
LEARNERS = {"lab", "work", "progress", "doctor"}


@pytest.fixture
def commands(monkeypatch, tmp_path):
    """A course's folder of its own, on Linux without a GPU, and the list of the commands that would have been run in it."""
    ran = []

    class Done:
        def __init__(self, command):
            self.returncode = any(word in commands.failing for word in command)

    def note(command, **options):
        ran.append(" ".join(command))
        return Done(command)

    class Commands(list):
        failing = ("import importlib.metadata as found; found.version('torch')",)  # torch is not installed yet

        def of(self, word):
            return [command for command in ran if word in command]

    commands = Commands()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install.subprocess, "run", note)
    monkeypatch.setattr(install.shutil, "which", lambda name, path=None: None if name == "nvidia-smi" else name)
    monkeypatch.setattr(install, "GPU_FILES", ())
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(sys, "argv", ["install"])
    monkeypatch.delenv("MAKELEVEL", raising=False)
    return commands


def test_without_a_gpu_on_linux_torch_is_the_build_for_processors(commands, capsys):
    install.main()
    asked, taken = commands.of("--torch-backend cpu")
    assert "--dry-run" in asked and "--dry-run" not in taken, "whether it can be reached is asked before anything is fetched"
    assert taken.endswith("-c constraints.txt torch torchvision")
    (pip,) = commands.of("-m pip")
    assert pip.endswith("--no-compile -c constraints.txt -e .[lab]"), "a learner imports a part of it"
    assert capsys.readouterr().out.splitlines()[-1] == "Open JupyterLab with: .venv/bin/python -m tools.lab"


@pytest.mark.parametrize("failing", ["--dry-run", "--torch-backend"])
def test_where_it_cannot_be_reached_a_sentence_says_so_and_the_usual_one_is_installed(failing, commands, capsys):
    commands.failing += (failing,)
    install.main()
    assert "cannot be reached from here: the usual one is installed." in capsys.readouterr().out
    assert commands.of("-m pip")[-1].endswith("-e .[lab]")


def test_a_network_that_never_answers_is_not_waited_for(commands, monkeypatch, capsys):
    waited = []

    def silent(command, timeout=None, **options):
        if timeout is not None:
            waited.append(timeout)
            raise subprocess.TimeoutExpired(command, timeout)
        return subprocess.CompletedProcess(command, int("importlib" in command[-1]))

    monkeypatch.setattr(install.subprocess, "run", silent)
    install.main()
    assert waited and sum(waited) < 10
    assert "cannot be reached" in capsys.readouterr().out


@pytest.mark.parametrize("reason", ["a GPU", "another system", "torch is there"])
def test_otherwise_the_usual_one_is_installed_without_a_word(reason, commands, monkeypatch, capsys):
    if reason == "a GPU":
        monkeypatch.setattr(install, "GPU_FILES", (str(ROOT),))
    elif reason == "another system":
        monkeypatch.setattr(sys, "platform", "darwin")
    else:
        commands.failing = ()
    install.main()
    assert not commands.of("--torch-backend") and "cannot be reached" not in capsys.readouterr().out


def test_only_a_finished_installation_leaves_its_mark(commands, tmp_path):
    commands.failing += (".[lab]",)
    with pytest.raises(ToolError, match=r"The installation stopped"):
        install.main()
    assert not (tmp_path / ".venv" / ".lab").exists()
    commands.failing = ()
    install.main()
    assert (tmp_path / ".venv" / ".lab").read_text() == f"{tmp_path.as_posix()}\n"
    assert not (tmp_path / ".venv" / ".ready").exists()


def test_developers_have_what_learners_have_and_more(commands, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["install", "--dev"])
    install.main()
    (pip,) = commands.of("-m pip")
    assert pip.endswith("-c constraints.txt -e .[dev]") and "--no-compile" not in pip, (
        "tests import all of it, in many processes"
    )
    assert {".lab", ".ready"} <= {file.name for file in (tmp_path / ".venv").iterdir()}
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert "cnnlib[lab]" in extras["dev"] and set(extras["lab"]) == {"cnnlib[photos]", "jupyterlab>=4.2"}


def test_an_environment_that_cannot_be_made_leaves_nothing_behind(commands, tmp_path):
    shutil.rmtree(tmp_path / ".venv")
    commands.failing += ("venv",)
    with pytest.raises(ToolError, match="apt install python3-venv"):
        install.main()
    assert not (tmp_path / ".venv").exists()


def test_an_old_python_is_one_sentence(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    with pytest.raises(ToolError, match=r"^Python 3\.11 or newer is needed, this one is 3\.9; name another one: "):
        install.refuse_an_old_python()


@pytest.mark.parametrize("name", ["__init__.py", "install.py"])
def test_an_old_python_reads_as_far_as_that_sentence(name):
    text = (ROOT / "tools" / name).read_text(encoding="utf-8")
    compile(text, name, "exec", dont_inherit=True)
    assert "\nfrom __future__ import annotations" in text and not re.search(r"^\s*match |:= |except\*", text, re.MULTILINE)


def test_learners_targets_install_what_learners_need_and_all_others_everything():
    needs = dict(re.findall(r"^([\w-]+):.* ?(\.venv/\.\w+)", MAKEFILE, re.MULTILINE))
    assert {target for target, stamp in needs.items() if stamp == ".venv/.lab"} == LEARNERS
    assert set(needs.values()) == {".venv/.lab", ".venv/.ready", ".venv/.typed"} and len(needs) > 20


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize(("target", "stamp"), [("lab", ".lab"), ("slides", ".ready")])
@pytest.mark.parametrize("moved", [False, True])
def test_make_installs_again_where_the_folder_is_another(target, stamp, moved, tmp_path):
    """A folder that was moved or copied brings a .venv with it that belongs to the old one."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / stamp).write_text(f"{tmp_path / 'old' if moved else tmp_path.resolve()}\n")
    plan = subprocess.run(["make", "-n", target], capture_output=True, text=True, cwd=tmp_path, check=True).stdout
    assert ("-m tools.install" in plan) == moved and f"-m tools.{target}" in plan


@pytest.mark.parametrize("page", ["README.md", "tools/templates/setup_cell.py", "docs/start.md"])
def test_the_way_without_make_is_named(page):
    assert "python -m tools.install" in (ROOT / page).read_text(encoding="utf-8")
