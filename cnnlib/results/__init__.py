"""Numbers that take too long to measure in a lesson: measured once by `make results`, stored with their seeds, read here."""

import json
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent


class Result(NamedTuple):
    """A stored experiment: what was measured, with which seeds, and its numbers by name."""

    about: str
    seeds: list[int]
    values: dict


def read(name: str) -> Result:
    """Read a stored result; raises ValueError, with one sentence, if there is none of this name.

    >>> read("activations").seeds
    [0, 1, 2]
    """
    path = FOLDER / f"{name}.json"
    if not path.is_file():
        stored = ", ".join(sorted(file.stem for file in FOLDER.glob("*.json"))) or "none"
        raise ValueError(
            f"no result is stored as {name!r} (stored: {stored}); `python -m tools.results {name}` would measure it"
        )
    return Result(**json.loads(path.read_text(encoding="utf-8")))


def write(name: str, result: Result) -> Path:
    """Store a result where `read` finds it, and return the path of its file."""
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps(result._asdict(), indent=1) + "\n", encoding="utf-8")
    return path
