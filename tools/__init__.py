"""What turns the lessons' texts into notebooks, slides, a website and assignments: `python -m tools.NAME`, or `make`."""

from __future__ import annotations  # tools.install is started by any Python

import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class ToolError(Exception):
    """A problem that the person at the keyboard can solve; its message is what they read, without a traceback."""


def run(main: Callable[[], int | None]) -> None:
    """Run a command and exit with the status it returns, or with 1 and the message of a ToolError."""
    try:
        sys.exit(main())
    except ToolError as error:
        sys.exit(str(error))
