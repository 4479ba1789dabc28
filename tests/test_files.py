"""The user's data folder under any HOME, files that appear only when they are complete, messages of one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cnnlib import files


@pytest.fixture
def homeless(monkeypatch):
    """No HOME, and a user that the system does not know."""
    pwd = pytest.importorskip("pwd")  # not on Windows, where the profile's folder is looked up in another way

    def unknown(name):
        raise KeyError(name)

    monkeypatch.delenv("CNNLIB_DATA", raising=False)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    with pytest.raises(RuntimeError):
        Path.home()


def test_by_default_data_is_in_the_users_cache(monkeypatch, tmp_path):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    for value in (None, ""):  # an empty variable is no folder
        monkeypatch.setenv("CNNLIB_DATA", "") if value == "" else monkeypatch.delenv("CNNLIB_DATA", raising=False)
        assert files.data_folder() == tmp_path / ".cache" / "cnnlib"
    assert files.shown(files.data_folder() / "x") == str(Path("~", ".cache", "cnnlib", "x"))
    assert files.shown(tmp_path.parent) == str(tmp_path.parent)


def test_a_tilde_in_the_variable_is_the_home_folder(monkeypatch, tmp_path):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("CNNLIB_DATA", "~/course")
    assert files.data_folder() == tmp_path / "course"


@pytest.mark.parametrize("named", [None, "~/course", "~no-such-user-7/course"])
def test_without_a_home_the_folder_is_a_temporary_one(homeless, monkeypatch, named):
    if named:
        monkeypatch.setenv("CNNLIB_DATA", named)
    folder = files.data_folder()
    assert folder.is_dir() and files.data_folder() == folder
    assert files.shown(folder) == str(folder)


def test_a_temporary_folder_is_gone_when_python_ends():
    code = "from cnnlib import files; print(files.data_folder())"
    env = os.environ | {"CNNLIB_DATA": "~no-such-user-7/course"}
    folder = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout.strip()
    assert Path(folder).name.startswith("cnnlib-") and not Path(folder).exists()


def test_a_file_appears_when_it_is_complete(tmp_path):
    file = tmp_path / "new" / "a.txt"
    with files.written_whole(file) as part:
        part.write_text("1")
        assert not file.exists()
    with files.written_whole(file) as part:
        part.write_text("2")
        assert file.read_text() == "1"
    assert file.read_text() == "2" and os.listdir(file.parent) == ["a.txt"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_after_an_error_the_old_file_is_there_and_no_other(tmp_path, error):
    file = tmp_path / "a.txt"
    file.write_text("1")
    with pytest.raises(error), files.written_whole(file) as part:
        part.write_text("half")
        raise error
    assert file.read_text() == "1" and os.listdir(tmp_path) == ["a.txt"]


def test_a_reason_is_one_line_and_never_empty():
    assert files.reason(ValueError("a\n  b\tc")) == "a b c"
    assert files.reason(ValueError("x" * 200)) == "x" * 80
    assert files.reason(EOFError()) == "EOFError"
