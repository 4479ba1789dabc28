"""What the tests of the checks share: every check of every lesson, and the line that a learner sees.

Checks are found by walking `cnnlib.checks`: a new one is tested as soon as it is written.
"""

import contextlib
import importlib
import io
import pkgutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cnnlib import checks
from cnnlib.checks import Check, WrongAnswer

LESSONS = {
    name: importlib.import_module(f"cnnlib.checks.{name}")
    for _, name, is_package in pkgutil.iter_modules(checks.__path__)
    if not is_package
}
CHECKS = {
    f"{lesson}.{name}": c for lesson, module in LESSONS.items() for name, c in vars(module).items() if isinstance(c, Check)
}
FUNCTIONS = {name: check for name, check in CHECKS.items() if check.cases}


def line_of(check: Check, answer: Any) -> str:
    """Judge an answer with a fresh copy of a check, and return the one line that a learner sees."""
    fresh, printed = replace(check), io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            fresh(answer)
    except WrongAnswer as wrong:
        line, outcome = str(wrong), False
    else:
        line = printed.getvalue().splitlines()[-1]  # an answer may have printed before
        outcome = True if line.startswith("✔") else None
    assert "\n" not in line
    assert line.startswith({True: f"✔ {check.name}", False: f"✘ {check.name}: ", None: f"○ {check.name}: "}[outcome])
    assert fresh.solved is outcome
    return line


def as_answer(check: Check, wrong: Any) -> Any:
    """Make a reference or a mistake callable as a learner's function is: by position."""
    return by_position(check, wrong) if check.cases else wrong


def by_position(check: Check, function: Callable) -> Callable:
    return lambda *values: function(**dict(zip(check.cases[0], values, strict=True)))


def stub(*values: Any) -> Any:
    raise NotImplementedError
