"""The command that runs the course on a GPU, rehearsed on the processor with small notebooks."""

import json

import pytest

from tools import ToolError, gpu_check


@pytest.fixture
def notebook(tmp_path):
    def notebook(*sources):
        cells = [{"cell_type": "code", "source": source.splitlines(True)} for source in sources]
        file = tmp_path / "07_small.ipynb"
        file.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": ["# Small"]}, *cells]}))
        return file

    return notebook


@pytest.mark.slow
def test_cells_share_their_names_and_pictures_are_not_shown(notebook, capsys):
    measured = gpu_check.measure(notebook("x = 3", "display(x)\nassert x == 3", "x"), "cpu")
    assert measured.fault == ""
    assert measured.device == "cpu" and measured.gpu == 0
    assert 0.1 < measured.memory < 20


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("x = 1\nassert x == 2, 'one is not two'", "cell 1, line 2: AssertionError: one is not two"),
        ("assert False", "cell 1, line 1: AssertionError: no message"),
        ("def f(:", "cell 1, line ?: SyntaxError"),
        (
            "from cnnlib.checks import convolution as check\ncheck.window(1000)",
            "cell 1, line 2: WrongAnswer: ✘ window: 1000 is not right",
        ),
    ],
)
def test_a_fault_is_named_with_its_cell_and_line(source, fault, notebook):
    assert gpu_check.execute(notebook(source)).startswith(fault)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "fault"),
    [("assert False", "cell 1, line 1: AssertionError: no message"), ("import os\nos._exit(3)", "the process ended with 3: ")],
)
def test_the_fault_of_a_process_is_passed_on(source, fault, notebook):
    assert gpu_check.measure(notebook(source), "cpu").fault.startswith(fault)


def test_the_cell_s_source_can_be_read_as_in_a_notebook(notebook):
    sources = ("def f(x):\n    return x + 1", "import inspect\nassert 'x + 1' in inspect.getsource(f)")
    assert gpu_check.execute(notebook(*sources)) == ""


@pytest.mark.slow
def test_a_lesson_that_does_not_end_is_stopped(notebook, monkeypatch):
    monkeypatch.setattr(gpu_check, "SECONDS", 1)
    assert gpu_check.measure(notebook("import time\ntime.sleep(60)"), "cpu").fault == "not done after 1 seconds"


def test_the_table_has_a_line_per_lesson(capsys, monkeypatch):
    monkeypatch.setattr(gpu_check.sys, "argv", ["gpu_check", "01", "--no-tests", "--compare"])
    monkeypatch.setattr(
        gpu_check, "measure", lambda path, device: gpu_check.Measured(device or "cuda", 2.0, 1.25, 0 if device else 0.5, "")
    )
    assert gpu_check.main() == 0
    *_, line = capsys.readouterr().out.splitlines()
    assert line == "| 01_convolution | cuda | 2.0 | 1.25 | 0.50 | cpu | 2.0 | 1.25 | 0.00 | every claim held |"


def test_a_failed_claim_is_the_exit(capsys, monkeypatch):
    monkeypatch.setattr(gpu_check.sys, "argv", ["gpu_check", "01", "--no-tests"])
    monkeypatch.setattr(
        gpu_check, "measure", lambda path, device: gpu_check.Measured("cuda", 2.0, 1.25, 0.5, "cell 3, line 1: x")
    )
    assert gpu_check.main() == 1
    assert "cuda: cell 3, line 1: x" in capsys.readouterr().out


def test_an_unknown_lesson_is_a_sentence():
    with pytest.raises(ToolError, match=r"There is no solution 99; there are 01, 02"):
        gpu_check.chosen(["99"])


def test_the_parity_tests_are_there():
    assert all((gpu_check.ROOT / "tests" / f"{name}.py").exists() for name in gpu_check.PARITY)
