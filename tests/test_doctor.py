"""The doctor: each line is right or says what to do, and no machine makes it fail."""

import os
import sys
from importlib import metadata
from pathlib import Path

import pytest

from cnnlib import doctor

EVERY_PART = ["Python", "torch", "cnnlib", "trained on", "cores", "memory", "weights can be written", "npm"]


def texts(part):
    return [str(finding) for finding in part()]


def test_this_machine_has_a_line_for_everything(capsys):
    doctor.look()
    lines = capsys.readouterr().out.splitlines()
    assert all(line[0] in "✔✘–" for line in lines)
    for word in EVERY_PART:
        assert sum(word in line for line in lines) >= 1, word


def test_an_old_python_is_told_the_newer_one(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 9))
    assert texts(doctor.python)[0].startswith("✘ Python")
    assert "needs 3.11 or newer" in texts(doctor.python)[0]


def test_a_missing_and_an_old_package_are_named(monkeypatch):
    def version(name):
        if name == "anywidget":
            raise metadata.PackageNotFoundError(name)
        return "2.0" if name == "torch" else "99"

    monkeypatch.setattr(metadata, "version", version)
    lines = texts(doctor.packages)
    assert any("anywidget>=0.9.13 is needed, none is installed" in line and "pip install -e ." in line for line in lines)
    assert any("torch>=2.4 is needed, 2.0 is installed" in line for line in lines)
    assert len([line for line in lines if line.startswith("✘")]) == 2


def test_another_folder_s_library_is_told(tmp_path, monkeypatch):
    (tmp_path / "cnnlib").mkdir()
    (tmp_path / "cnnlib" / "doctor.py").touch()
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    (line,) = texts(doctor.library)
    assert line.startswith("✘ cnnlib comes from") and str(tmp_path / "cnnlib") in line
    monkeypatch.chdir(doctor.LIBRARY)
    assert texts(doctor.library)[0].startswith("✔ cnnlib")


def test_a_device_that_is_not_there_is_one_sentence(monkeypatch):
    monkeypatch.setenv("CNNLIB_DEVICE", "gpu")
    assert texts(doctor.device) == ["✘ CNNLIB_DEVICE must be cpu, cuda, cuda:0, cuda:1 ... or mps, got 'gpu'"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"proc/meminfo": "MemTotal: 9 kB\nMemAvailable:   3000000 kB\n"}, 3.0),
        ({"proc/meminfo": "MemAvailable: 3000000 kB", "memory.max": "2000000000", "memory.current": "500000000"}, 1.5),
        ({"proc/meminfo": "MemAvailable: 3000000 kB", "memory.max": "max", "memory.current": "500000000"}, 3.0),
        ({}, None),
    ],
)
def test_free_memory_is_the_container_s_where_it_is_less(files, expected, tmp_path):
    for name, text in files.items():
        file = tmp_path / (name if "/" in name else f"sys/fs/cgroup/{name}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert doctor.free_gb(tmp_path) == expected


@pytest.mark.parametrize(("free", "sign"), [(1.4, "✘"), (1.8, "✔"), (None, "–")])
def test_a_lesson_needs_its_memory(free, sign, monkeypatch):
    monkeypatch.setattr(doctor, "free_gb", lambda: free)
    (line,) = texts(doctor.memory)
    assert line[0] == sign
    assert ("shut other notebooks" in line) == (sign == "✘")


@pytest.mark.skipif(os.name != "posix", reason="folders without rights are a matter of POSIX")
def test_a_folder_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("CNNLIB_DATA", str(tmp_path / "file"))
    assert texts(doctor.data)[0].startswith(f"✘ data sets and trained weights cannot be written to {tmp_path / 'file'} (")
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_missing_programs_are_no_fault(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    monkeypatch.setattr(doctor, "installed_version", lambda name: None)
    lines = [*texts(doctor.browser), *texts(doctor.npm), *texts(doctor.photographs)]
    assert [line[0] for line in lines] == ["–"] * 3


def test_whatever_breaks_is_a_line(monkeypatch, capsys):
    def broken():
        raise RuntimeError("no such thing")
        yield

    monkeypatch.setattr(doctor, "npm", broken)
    assert not doctor.look()
    assert "✘ broken could not be looked at: RuntimeError: no such thing" in capsys.readouterr().out


def test_something_to_do_is_told_by_the_exit(monkeypatch, capsys):
    for sign, result in ((True, True), (None, True), (False, False)):
        monkeypatch.setattr(doctor, "findings", lambda sign=sign: [doctor.Finding(sign, "x")])
        assert doctor.look() is result


def test_the_library_s_folder_is_this_one():
    assert Path(__file__).parent.parent / "cnnlib" == doctor.LIBRARY
