"""Exercises that are answered on the page itself, without a kernel: a number, some numbers or a letter.

The page gets the values of the check, its named mistakes and its hints; `_static/play.js` judges with them as the check does.
"""

import html
import json
from collections.abc import Mapping
from importlib import import_module
from numbers import Real
from typing import Any

from cnnlib.checks.engine import Check
from cnnlib.checks.engine.related import named_values

FORM = (
    '<form class="play" data-play="{data}" hidden>{fields}<button type="submit">Check</button>'
    '<button type="button" class="hint">Hint</button><p class="verdict" role="status"></p><ol class="hints" hidden></ol></form>'
)
LETTER = '<label><input type="radio" name="{name}" value="{letter}"> {letter}</label>'
LETTERS = "<fieldset><legend>Your answer</legend>{radios}</fieldset>"
NUMBER = '<label>Your answer <input type="text" autocomplete="off" spellcheck="false" placeholder="{example}"></label>'


def checks_of(lesson: str) -> dict[str, Check]:
    """Find the checks of a lesson, `"convolution"`, by their names."""
    return {name: check for name, check in vars(import_module(f"cnnlib.checks.{lesson}")).items() if isinstance(check, Check)}


def values(check: Check) -> dict[str, Any] | None:
    """Return what a page needs to judge an answer, ready for JSON; None if only a kernel can judge it."""
    if check.look or not isinstance(check.reference, Real | str | tuple):
        return None
    return {
        "right": parts(check.reference),
        "within": check.tolerance,
        "choices": list(check.choices),
        "mistakes": [[parts(wrong), words] for words, wrong in named_values(check)],
        "hints": list(check.hints),
    }


def parts(value: Any) -> list[Any]:
    """Write a value as a list: of its numbers, or of one number or letter."""
    return [one if isinstance(one, str) else float(one) for one in (value if isinstance(value, tuple) else (value,))]


def form(name: str, checks: Mapping[str, Check]) -> str:
    """Write the form of an exercise as one line of HTML; an empty text if the page cannot judge it."""
    data = values(checks[name]) if name in checks else None
    if data is None:
        return ""
    if data["choices"]:
        radios = "".join(LETTER.format(name=f"play-{name}", letter=html.escape(letter)) for letter in data["choices"])
        fields = LETTERS.format(radios=radios)
    else:
        many = len(data["right"])
        fields = NUMBER.format(example="a number, or 2 * 3 + 1" if many == 1 else f"{many} numbers: 1, 2, ...")
    return FORM.format(data=html.escape(json.dumps(data, ensure_ascii=False)), fields=fields)
