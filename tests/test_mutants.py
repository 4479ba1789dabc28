"""The changes of tests/mutants/ fit the code as it is, reach every part of it, and are judged as `make mutants` says."""

import json
import os
import re
import subprocess

import pytest

from tools import ROOT, ToolError
from tools.mutants import __main__ as command
from tools.mutants import nearness, trial
from tools.mutants.changes import Change, read
from tools.mutants.trial import Outcome

CHANGES = read()
BY_FILE = {change.file: change for change in CHANGES}
MODULES = [
    path.relative_to(ROOT).as_posix()
    for path in sorted((ROOT / "cnnlib").rglob("*.py"))
    if path.name != "__init__.py" or re.search(r"^(def|class) ", path.read_text(encoding="utf-8"), re.MULTILINE)
]
GATE = [
    "tools/lab.py",
    "tools/notebooks.py",
    "tools/notebook_files.py",
    "tools/work.py",
    "tools/exercises.py",
    "tools/rules.py",
]
CALLED = sorted(
    {
        f"cnnlib/explorers/js/{name}.js"
        for path in (ROOT / "tests").glob("test_explorer_*.py")
        for name in re.findall(r'\bcall\("(\w+)"', path.read_text(encoding="utf-8"))
    }
)


def change(**values):
    return Change(**{"kind": "k", "file": "f.py", "line": "a = 1", "becomes": "a = 2", "breaks": "It is 1."} | values)


@pytest.mark.parametrize("file", BY_FILE)
def test_every_change_of_a_file_can_be_made(file):
    source = (ROOT / file).read_text(encoding="utf-8")
    for one in CHANGES:
        if one.file == file:
            assert one.applied(source).count("\n") == source.count("\n")


def test_there_are_enough_changes_and_no_two_alike():
    keys = [one.key for one in CHANGES]
    assert len(keys) >= 200 and len(set(keys)) == len(keys)


@pytest.mark.parametrize("file", [*MODULES, *GATE, *CALLED])
def test_every_part_of_the_course_is_changed(file):
    assert file in BY_FILE, f"tests/mutants has no change of {file}"


def test_what_a_change_breaks_is_a_sentence_and_few_have_a_reason_to_survive():
    for one in CHANGES:
        assert re.fullmatch(r"[A-Za-z`\"'0-9_(-].*\.", one.breaks) and len(one.breaks) < 130, one
        assert not one.survives or re.fullmatch(r"[A-Z`].{20,}\.", one.survives), one
    assert sum(bool(one.survives) for one in CHANGES) <= 0.1 * len(CHANGES)


def test_the_remembered_tests_are_of_changes_and_files_that_exist():
    remembered = json.loads(command.KILLERS.read_text(encoding="utf-8"))
    assert set(remembered) <= {one.key for one in CHANGES}
    assert len(remembered) >= 0.8 * len(CHANGES)
    assert all((ROOT / name.partition("::")[0]).is_file() for name in remembered.values())


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"line": "b = 1"}, 0),
        ({"line": "a"}, 2),
        ({"line": "a = 1\n"}, 1),
        ({"becomes": "a = 1"}, 1),
    ],
)
def test_a_change_that_does_not_fit_is_one_sentence(values, found):
    with pytest.raises(ToolError, match=rf"^f\.py contains the line .* {found} times, so it cannot be changed: It is 1\.$"):
        change(**values).applied("a = 1\nc = a\n")


@pytest.mark.parametrize("after", ["def", "class"])
def test_an_anchor_that_is_in_doubt_is_one_sentence(after):
    with pytest.raises(ToolError, match=rf"^f\.py contains '{after}' \d times, not once: It is 1\.$"):
        change(after=after).applied("def f():\n    a = 1\ndef g():\n    a = 1\n")


def test_behind_an_anchor_the_first_line_that_fits_is_changed():
    source = "def f():\n    a = 1\ndef g():\n    a = 1\n    a = 1\n"
    assert change(after="def g").applied(source) == "def f():\n    a = 1\ndef g():\n    a = 2\n    a = 1\n"


@pytest.mark.slow
def test_tests_are_listed_from_the_nearest_on():
    tests = nearness.tests_of("cnnlib/detection/anchors.py")
    assert tests[:2] == ["cnnlib/detection/anchors.py", "tests/test_anchors.py"]
    assert tests.index("tests/test_dtypes.py") < tests.index("tests/test_faster_rcnn.py")
    assert "tests/test_mutants.py" not in nearness.tests_of("tools/mutants/changes.py")
    assert nearness.tests_of("cnnlib/explorers/js/grid.js") and nearness.tests_of("cnnlib/checks/yolo.py")


LINE = "f.py: 'a = 1' -> 'a = 2'"
REASON = "No input tells the two apart."


@pytest.mark.parametrize(
    ("values", "outcome", "words"),
    [
        ({}, Outcome("tests/t.py::t", False, 1), ""),
        ({}, Outcome("", False, 1), f"{LINE} (It is 1.): no test failed"),
        ({}, Outcome("", True, 20), f"{LINE} (It is 1.): no test failed within 20 s"),
        ({"loops": True}, Outcome("", True, 20), ""),
        ({"loops": True}, Outcome("", False, 1), f"{LINE} (It is 1.): no test failed"),
        ({"survives": REASON}, Outcome("", False, 1), ""),
        (
            {"survives": REASON},
            Outcome("tests/t.py::t", False, 1),
            f"{LINE} is noticed by tests/t.py::t; remove its `survives`",
        ),
    ],
)
def test_an_outcome_is_judged(values, outcome, words):
    assert command.verdict(change(**values), outcome) == words


def test_the_table_counts_by_kind():
    outcomes = {
        change(): Outcome("t", False, 1.4),
        change(kind="l"): Outcome("", False, 2),
        change(line="b"): Outcome("", True, 2),
    }
    assert repr(command.table(outcomes)).splitlines() == [
        "kind  changes  killed  survivors  seconds",
        "k           2       1          1        3",
        "l           1       0          1        2",
        "all         3       1          2        5",
    ]


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """Run the command on changes of its own, with outcomes by their lines."""
    killers = tmp_path / "killers.json"
    killers.write_text('{"gone": "tests/t.py::t"}')

    def run(outcomes, survives="", among=()):
        reasons = {line: survives if line in among else "" for line in outcomes}
        changes = [change(file="Makefile", line=line, becomes="x", survives=reason) for line, reason in reasons.items()]
        monkeypatch.setattr(command, "read", lambda: changes)
        monkeypatch.setattr(command, "KILLERS", killers)
        monkeypatch.setattr(command, "tried", lambda changes, *more: ((one, outcomes[one.line]) for one in changes))
        monkeypatch.setattr("sys.argv", ["mutants"])
        command.main()
        return json.loads(killers.read_text())

    return run


def test_what_noticed_a_change_is_remembered_and_what_is_gone_forgotten(ran):
    assert ran({"lab: .venv": Outcome("tests/t.py::t", False, 1)}) == {"Makefile | lab: .venv | x": "tests/t.py::t"}


def test_a_change_that_no_test_notices_is_an_error(ran, capsys):
    with pytest.raises(ToolError, match=r"^50% of 2 changes are noticed; 1 outcomes above need a test or a reason$"):
        ran({"lab: .venv": Outcome("tests/t.py::t", False, 1), "work: .venv": Outcome("", False, 1)})
    assert "Makefile: 'work: .venv' -> 'x' (It is 1.): no test failed\n" in capsys.readouterr().out


def test_reasons_do_not_replace_tests(ran):
    outcomes = {one: Outcome("", False, 1) for one in ("lab: .venv", "work: .venv")}
    outcomes |= {one: Outcome("tests/t.py::t", False, 1) for one in ("doctor: .venv", "progress: .venv", "gpu-check: .venv")}
    with pytest.raises(ToolError, match=r"^60% of 5 changes are noticed; 0 outcomes above need a test or a reason$"):
        ran(outcomes, survives=REASON, among=("lab: .venv", "work: .venv"))


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of a tree of two files, without what takes long to import."""
    root, place = tmp_path / "root", tmp_path / "copy"
    (root / "tests").mkdir(parents=True)
    (root / "pyproject.toml").write_text('[tool.pytest.ini_options]\npythonpath = ["."]\nmarkers = ["slow"]\n')
    (root / "lib.py").write_text("a = 1\nwhile a > 3:\n    pass\n")
    (root / "tests" / "test_lib.py").write_text(
        "import lib\n\n\ndef test_b():\n    pass\n\n\ndef test_a():\n    assert lib.a == 1\n"
    )
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    place.mkdir()
    monkeypatch.setattr(trial, "ROOT", root)
    monkeypatch.setattr(trial, "PRELOADED", ())
    return trial.Copy(place)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="make mutants forks")
@pytest.mark.parametrize(
    ("line", "becomes", "killer"),
    [
        ("a = 1", "a = 2", "tests/test_lib.py::test_a"),
        ("a = 1", "a == 1", "tests/test_lib.py"),
        ("while a > 3", "while a > 4", ""),
    ],
)
def test_the_first_test_that_fails_is_named_and_the_change_taken_back(copy, line, becomes, killer):
    one = change(file="lib.py", line=line, becomes=becomes, tests=("tests/test_lib.py",))
    outcome = copy.attempt(one, "", [], 60.0)
    assert (outcome.killer, outcome.timed_out) == (killer, False)
    assert (copy.folder / "lib.py").read_bytes() == (trial.ROOT / "lib.py").read_bytes()
    assert copy.run(["tests/test_lib.py"], 60.0) == ("", False)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="make mutants forks")
def test_a_change_that_does_not_end_runs_out_of_time(copy):
    one = change(file="lib.py", line="while a > 3", becomes="while a > 0", tests=("tests/test_lib.py",))
    outcome = copy.attempt(one, "", [], 4.0)
    assert (outcome.killer, outcome.timed_out) == ("", True)
