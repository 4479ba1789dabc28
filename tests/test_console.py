"""What is printed where a terminal lacks letters, as on Windows."""

import io
import subprocess
import sys

import pytest

from cnnlib import console, doctor
from cnnlib.checks import convolution

ENCODINGS = ["utf-8", "cp1252", "ascii"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_everything_that_is_printed_can_be_encoded(encoding):
    for text in ("✔ conv2d", "✘ window: 5 × 5", "○ pool: 한글"):
        console.printable(text, encoding).encode(encoding)


def test_letters_that_a_terminal_has_are_not_changed():
    assert console.printable("✔ 한글", "utf-8") == console.printable("✔ 한글", None) == "✔ 한글"
    assert console.printable("3 × 3 – é", "cp1252") == "3 × 3 – é"
    assert console.printable("✔ 한글 ✘", "cp1252") == "OK ?? WRONG"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_verdict_and_the_doctor_print_on_any_terminal(encoding, monkeypatch):
    printed = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", printed)
    convolution.window(...)
    doctor.look()
    printed.flush()
    text = printed.buffer.getvalue().decode(encoding)
    assert "window" in text and "Python" in text


@pytest.mark.slow
def test_a_right_answer_in_a_script_on_a_windows_console(tmp_path):
    code = "from cnnlib.checks import convolution as check; check.window(...)"
    done = subprocess.run([sys.executable, "-X", "utf8=0", "-c", code], env={"PYTHONIOENCODING": "cp1252"}, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode("cp1252").startswith("OPEN window")
