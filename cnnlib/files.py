"""Files on the user's machine: in which folder they are, how one is written, what to say if one cannot be read."""

import os
import pickle
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.client import HTTPException
from pathlib import Path

# no file, no network, half a download; half a pickle, a label without its tag, XML or PNG that does not parse
UNREADABLE = (
    *(OSError, RuntimeError, HTTPException, EOFError, ValueError, TypeError, AttributeError, LookupError, SyntaxError),
    pickle.UnpicklingError,
)


def data_folder() -> Path:
    """Name the folder of data sets and trained weights: `CNNLIB_DATA`, by default `~/.cache/cnnlib`.

    Where the home folder of `~` cannot be found, it is a temporary folder, which is gone when Python ends.
    """
    named = os.environ.get("CNNLIB_DATA") or str(Path("~", ".cache", "cnnlib"))
    try:
        return Path(named).expanduser()
    except RuntimeError:  # neither HOME nor an entry for this user, as in some containers
        return Path(_temporary().name)


@cache
def _temporary() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="cnnlib-")  # of this process alone: what others write may be dangerous to read


def shown(path: Path) -> str:
    """Write a path as a user would: the home folder as `~`."""
    with suppress(RuntimeError, ValueError):  # no home folder, or the path is outside it
        return str(Path("~") / path.relative_to(Path.home()))
    return str(path)


@contextmanager
def written_whole(file: Path) -> Iterator[Path]:
    """Give a temporary path beside `file` to write to; `file` appears, or is replaced, only when all is written.

    Makes the folder if it is not there. After an error nothing is left behind.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, written_whole(Path(folder, "new", "three.txt")) as part:
    ...     _ = part.write_text("3")
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        yield part
        part.replace(file)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def reason(error: Exception, length: int = 80) -> str:
    """Put an error's message on one line of at most `length` characters; without a message, give its type.

    >>> reason(ValueError("no such\\n   file"))
    'no such file'
    """
    return " ".join(str(error).split())[:length] or type(error).__name__
