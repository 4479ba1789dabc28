"""Read the changes that are kept in tests/mutants/, and apply one of them to a text."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from tools import ROOT, ToolError

FOLDER = ROOT / "tests" / "mutants"


@dataclass(frozen=True)
class Change:
    """One change of one line of a file: `line`, or a part of a line, becomes `becomes`.

    `line` occurs once in the file, or is the first occurrence behind `after`, which occurs once. `breaks` says which promise
    does not hold any more. `loops`: the change may cause an endless loop, so running out of time is noticing. `survives`:
    why no test can notice it. `tests`: the tests to run, where imports do not lead to them.
    """

    kind: str
    file: str
    line: str
    becomes: str
    breaks: str
    after: str = ""
    loops: bool = False
    survives: str = ""
    tests: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Identify the change in the list of what noticed it."""
        return " | ".join(filter(None, (self.file, self.after, self.line.strip(), self.becomes.strip() or "nothing")))

    def applied(self, source: str) -> str:
        """Return the changed text of the file; raises ToolError if the line is not there, or in doubt."""
        start = 0
        if self.after:
            if source.count(self.after) != 1:
                raise ToolError(
                    f"{self.file} contains {self.after!r} {source.count(self.after)} times, not once: {self.breaks}"
                )
            start = source.index(self.after) + len(self.after)
        found = source.count(self.line, start)
        if found == 0 or (found > 1 and not self.after) or "\n" in self.line or self.line == self.becomes:
            raise ToolError(
                f"{self.file} contains the line {self.line!r} {found} times, so it cannot be changed: {self.breaks}"
            )
        return source[:start] + source[start:].replace(self.line, self.becomes, 1)


def read(folder: Path = FOLDER) -> list[Change]:
    """List the changes of all files of the folder, in their order."""
    changes = []
    for path in sorted(folder.glob("*.toml")):
        for file, entries in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for entry in entries:
                tests = tuple(entry.pop("tests", ()))
                changes.append(Change(kind=path.stem, file=file, tests=tests, **entry))
    return changes
