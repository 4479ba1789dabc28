"""Types: `make check` runs pyright on every module of the library and the tools, and users of the library get its types."""

import json
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
MODULES = [path for folder in SETTINGS["pyright"]["include"] for path in sorted((ROOT / folder).rglob("*.py"))]
IGNORE = re.compile(r"#\s*(?:type|pyright):\s*(?:ignore|basic|strict|standard|report)([^#\n]*)")
REASONED = re.compile(r"\[report\w+\] \w+ \w+.*")


def reasonless(source: str) -> list[str]:
    """List the comments that silence pyright for more than one rule, or without saying why."""
    return [found[0] for found in IGNORE.finditer(source) if not REASONED.fullmatch(found[1])]


@pytest.mark.parametrize(
    "comment",
    [
        "# type: ignore",
        "# pyright: ignore",
        "# pyright: ignore[reportCallIssue]",
        "# pyright: basic",
        "x  # type: ignore[call]",
    ],
)
def test_a_comment_without_a_reason_is_found(comment):
    assert reasonless(comment)
    assert not reasonless("x  # pyright: ignore[reportCallIssue] every kernel defines it")


def test_every_comment_that_silences_pyright_says_why():
    found = {str(path.relative_to(ROOT)): reasonless(path.read_text(encoding="utf-8")) for path in MODULES}
    assert not {name: comments for name, comments in found.items() if comments}


def test_all_modules_are_checked_but_the_templates_that_are_copied():
    assert set(SETTINGS["pyright"]["include"]) == {"cnnlib", "tools"} and SETTINGS["pyright"]["exclude"] == ["tools/templates"]
    assert SETTINGS["pyright"]["typeCheckingMode"] == "basic"
    assert not [rule for rule in SETTINGS["pyright"] if rule.startswith("report")], "a rule is switched off for all files"


def test_users_of_the_library_get_its_types():
    assert files("cnnlib").joinpath("py.typed").is_file()
    assert "py.typed" in SETTINGS["setuptools"]["package-data"]["cnnlib"]


@pytest.mark.parametrize("command", ["test", "check"])
def test_make_checks_the_types(command):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    needed = re.search(rf"^{command}: ([^#]*)", makefile, re.MULTILINE)[1].split()
    assert "types" in needed and re.search(r"^types: \.venv/\.typed\b", makefile, re.MULTILINE)
    assert re.search(r"^\.venv/\.typed: .*\n\t\$\(BIN\)/pyright", makefile, re.MULTILINE)


def test_the_types_of_all_javascript_are_checked():
    settings = json.loads((ROOT / "jsconfig.json").read_text(encoding="utf-8"))
    assert settings["compilerOptions"]["checkJs"] and "exclude" not in settings
    own = {path for folder in ("cnnlib", "browser", "tools") for path in (ROOT / folder).rglob("*.js")}
    checked = {path for folder in settings["include"] for path in (ROOT / folder).rglob("*.js")}
    assert own == checked and len(own) > 25
    assert not [path.name for path in own if re.search(r"@ts-(no|ignore|expect)", path.read_text(encoding="utf-8"))]
