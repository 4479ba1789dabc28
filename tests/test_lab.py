"""`make lab` says in a sentence what is wrong, and serves the first lesson of work/ at the address it prints."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import psutil
import pytest

from tools import ROOT, lab

LAB = [sys.executable, "-m", "tools.lab", "--allow-root", "--port"]


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.slow
@pytest.mark.parametrize("bad", ["abc", "80", "70000"])
def test_a_port_that_cannot_be_is_refused(bad):
    done = subprocess.run([*LAB, bad], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.returncode == 1
    assert done.stderr == f"PORT must be a number from 1024 to 65535, got '{bad}'.\n"


@pytest.mark.slow
def test_a_port_in_use_is_named_and_another_proposed(port):
    with socket.socket() as server:
        server.bind(("127.0.0.1", port))
        server.listen()
        done = subprocess.run([*LAB, str(port)], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert (done.returncode, done.stderr) == (1, f"Port {port} is in use; choose another one: make lab PORT={port + 1}\n")


@pytest.fixture
def course(tmp_path):
    """A copy of the course's lessons and tools."""
    for folder in ("lessons", "tools"):
        shutil.copytree(ROOT / folder, tmp_path / "course" / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "course"


@pytest.mark.slow
def test_what_cannot_be_started_is_one_sentence(port, course):
    (course / "work").write_text("a file where the folder should be")
    done = subprocess.run([*LAB, str(port)], capture_output=True, text=True, timeout=60, cwd=course)
    assert (done.returncode, done.stdout) == (1, "") and re.fullmatch(r".*work.* cannot be written: .*\n", done.stderr)


def test_broken_notebooks_are_sentences_and_the_next_lesson_is_opened(course, monkeypatch, capsys):
    """The first lesson is broken in lessons/, so that work/ has none; started is the second, on loopback alone."""
    (course / "lessons" / "01_convolution.ipynb").write_text("<<<<<<< HEAD")
    monkeypatch.setattr(lab, "ROOT", course)
    monkeypatch.setattr(sys, "argv", ["lab", "--port", "8899"])
    monkeypatch.setattr(lab, "free", int)
    commands = []
    monkeypatch.setattr(lab, "start", commands.append)
    lab.main()
    printed = capsys.readouterr().out
    assert printed.startswith("lessons/01_convolution.ipynb is not a notebook: it contains merge markers")
    assert "http://127.0.0.1:8899/lab/tree/work/02_training.ipynb?token=" in printed
    assert {"--ip=127.0.0.1", "--port=8899", "--LabApp.default_url=/lab/tree/work/02_training.ipynb"} <= set(commands[0])


@pytest.fixture
def started(monkeypatch, capsys):
    """Start with options, but no server: returns its command, its environment and what is printed."""

    def start(*options):
        environment, commands = {name: value for name, value in os.environ.items() if name != "JUPYTER_TOKEN"}, []
        with monkeypatch.context() as patch:
            patch.setattr(lab.os, "environ", environment)
            patch.setattr(lab.work, "update", lambda root: ["One lesson is new."])
            patch.setattr(lab, "library_elsewhere", lambda root: "")
            patch.setattr(lab, "first_notebook", lambda: "01_first.ipynb")
            patch.setattr(lab, "free", int)
            patch.setattr(lab, "start", commands.append)
            patch.setattr(sys, "argv", ["lab", *options])
            lab.main()
        return commands[0], environment, capsys.readouterr().out

    return start


def test_the_server_asks_for_a_token_that_nobody_guesses_and_that_is_printed(started):
    tokens = set()
    for _ in range(3):
        _, environment, printed = started()
        token = environment["JUPYTER_TOKEN"]
        assert re.fullmatch(r"[0-9a-f]{32}", token)  # 128 bits
        assert f"\n    http://127.0.0.1:8888/lab/tree/work/01_first.ipynb?token={token}\n" in printed
        tokens.add(token)
    assert len(tokens) == 3


def test_the_server_listens_on_loopback_at_the_printed_port_or_not_at_all(started):
    command, _, printed = started("--port", "8899")
    assert {"--ip=127.0.0.1", "--port=8899", "--ServerApp.port_retries=0"} <= set(command)
    assert "One lesson is new.\n" in printed and ":8899/" in printed
    assert "--LabApp.default_url=/lab/tree/work/01_first.ipynb" in command


@pytest.mark.parametrize("option", ["--allow-root", "--no-browser"])
def test_a_flag_of_the_server_is_given_only_if_it_is_wanted(option, started):
    assert option in started(option)[0]
    assert option not in started()[0]


def test_a_port_at_the_ends_of_the_range_is_one_and_beyond_them_none(monkeypatch):
    monkeypatch.setattr(lab.socket.socket, "bind", lambda *_: None)  # whether or not they are in use here
    for port in ("1024", "65535"):
        assert lab.free(port) == int(port)
    for port in ("1023", "65536", "", "-1", "8888.0"):
        with pytest.raises(lab.ToolError, match=f"^PORT must be a number from 1024 to 65535, got '{port}'"):
            lab.free(port)


@pytest.mark.parametrize("installed", ["here", "elsewhere", "nowhere"])
def test_a_library_of_another_folder_is_noticed(installed, tmp_path, monkeypatch):
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        (folder / "cnnlib").mkdir(parents=True)
        (folder / "cnnlib" / "__init__.py").touch()
    (here / "work").mkdir()
    (tmp_path / "cnnlib.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str({"here": here, "elsewhere": there, "nowhere": tmp_path}[installed]))
    sentence = lab.library_elsewhere(here)
    if installed == "here":
        assert sentence == ""
    else:
        assert ("is not installed" if installed == "nowhere" else f"is in {there / 'cnnlib'}") in sentence


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lab", "work", "progress"])
def test_a_learner_s_commands_need_nothing_that_only_developers_install(name):
    developers = {"jupytext", "nbclient", "nbconvert", "nbgrader", "nbval", "playwright", "psutil", "pytest", "torch", "yaml"}
    code = f"import sys; sys.modules.update(dict.fromkeys({developers})); import tools.{name}"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


def test_binder_opens_the_first_lesson_in_work_which_postbuild_makes():
    address = re.search(r"mybinder\.org\S+urlpath=lab/tree/(\S+)", (ROOT / "docs" / "publish.md").read_text(encoding="utf-8"))[
        1
    ]
    assert address == f"work/{lab.work.lessons_of(ROOT)[0].name}"
    assert (ROOT / "postBuild").read_text(encoding="utf-8").splitlines()[-1] == "python -m tools.work"
    assert os.access(ROOT / "postBuild", os.X_OK)


PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "environment.yml"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_page_sends_learners_to_lessons(path):
    assert not re.search(r"(jupyter lab|lab/tree/|answers \w+ in `?)lessons", path.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_the_printed_address_serves_the_first_lesson_to_this_machine_and_to_nobody_without_the_token(port, course, tmp_path):
    log = tmp_path / "log"
    with log.open("w") as output:
        server = subprocess.Popen([*LAB, str(port), "--no-browser"], stdout=output, stderr=subprocess.STDOUT, cwd=course)
    try:
        address = None
        for _ in range(120):
            time.sleep(0.5)
            address = address or re.search(r"http://\S+token=\w+", log.read_text())
            try:
                page = urllib.request.urlopen(address[0], timeout=5).read().decode()
                break
            except (OSError, TypeError):
                continue
        assert "/lab/tree/work/01_convolution.ipynb?" in address[0]
        assert "jupyter-config-data" in page
        token = address[0].rpartition("=")[2]
        served = urllib.request.urlopen(f"http://127.0.0.1:{port}/api/contents/work/01_convolution.ipynb?token={token}")
        assert "One window, one number" in served.read().decode()
        for secret in ("", "?token=0000"):
            with pytest.raises(urllib.error.HTTPError, match="403"):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/contents/work{secret}")
        listening = [place.laddr for place in psutil.Process(server.pid).net_connections() if place.status == "LISTEN"]
        assert port in {place.port for place in listening} and {place.ip for place in listening} == {"127.0.0.1"}
    finally:
        server.terminate()
        server.wait(20)
