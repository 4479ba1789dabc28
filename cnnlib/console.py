"""Print where a terminal may lack letters, as Windows consoles do: signs become words there, other letters question marks."""

import sys

WORDS = str.maketrans({"✔": "OK", "✘": "WRONG", "○": "OPEN", "–": "-", "−": "-"})


def printable(text: str, encoding: str | None) -> str:
    """Return a text as a terminal with this encoding can print it; None stands for UTF-8.

    >>> printable("✔ conv2d", "cp1252")
    'OK conv2d'
    """
    encoding = encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(WORDS).encode(encoding, "replace").decode(encoding)
    return text


def say(text: object) -> None:
    """Print a text, whatever letters the terminal has."""
    print(printable(str(text), getattr(sys.stdout, "encoding", None)))
