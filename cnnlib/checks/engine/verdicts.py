"""Show a verdict: as HTML where a frontend shows it, as one line of text everywhere else."""

import html
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from cnnlib import console

RIGHT, MISSING, WRONG = "✔", "○", "✘"
COLOURS = {RIGHT: "46, 160, 67", MISSING: "128, 128, 128", WRONG: "207, 34, 46"}  # of the edge; thinned out, of the sheet
BOX = (
    "border-left: 4px solid rgb({0}); background: rgba({0}, 0.1); padding: 0.4em 0.8em; margin: 0.2em 0; "
    "max-width: 50em; overflow-wrap: anywhere; line-height: 1.5"
)
CODE = "background: rgba(128, 128, 128, 0.18); color: inherit; padding: 0.1em 0.3em; border-radius: 3px"


class WrongAnswer(AssertionError):
    """Says in one line what is wrong with an answer; a notebook shows that line, or the box, and no traceback."""

    is_shown = False  # as HTML already

    def _render_traceback_(self) -> list[str]:
        return ["the cell stops here" if self.is_shown else str(self)]


@dataclass(frozen=True)
class Verdict:
    """The outcome of a check, with its hints; its text is one line."""

    mark: str
    name: str
    words: str = ""
    solved: str = ""
    hints: Sequence[str] = ()

    def __repr__(self) -> str:
        return f"{self.mark} {self.name}" + (f": {self.words}" if self.words else "")

    def _repr_html_(self) -> str:
        """Write the line in a box, the hints folded below it, one inside the other."""
        line = f"<strong>{self.mark} {html.escape(self.name)}</strong>"
        line += f": {coded(self.words)}" if self.words else ""
        line += f" <span>&middot; {html.escape(self.solved)}</span>" if self.solved else ""
        hints = ""
        for number, hint in reversed(list(enumerate(self.hints, 1))):
            title = f"<summary>Hint {number} of {len(self.hints)}</summary>"
            hints = f'<details style="margin: 0.3em 0 0 0">{title}<div>{coded(hint)}</div>{hints}</details>'
        return f'<div style="{BOX.format(COLOURS[self.mark])}"><div>{line}</div>{hints}</div>'


def coded(text: str) -> str:
    """Turn text with code between backticks into HTML.

    >>> coded("a `b < c` d").replace(CODE, "...")
    'a <code style="...">b &lt; c</code> d'
    """
    return re.sub(r"`([^`]+)`", rf'<code style="{CODE}">\1</code>', html.escape(text, quote=False))


def in_notebook() -> bool:
    """Tell whether this runs in a kernel, whose frontend shows HTML."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return shell is not None and hasattr(shell, "kernel")


def publish(verdict: Verdict) -> None:
    """Show a verdict; a wrong answer is raised as WrongAnswer too, so that a run from the command line stops."""
    shows_html = in_notebook()
    if shows_html:
        sys.modules["IPython"].display.display(verdict)
    if verdict.mark == WRONG:
        wrong = WrongAnswer(repr(verdict))
        wrong.is_shown = shows_html
        raise wrong from None
    if not shows_html:
        console.say(verdict)
