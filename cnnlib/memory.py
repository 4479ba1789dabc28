"""Memory that was freed goes back to the system: a notebook's kernel lives long, and its machine may have 2 GB."""

import contextlib
import ctypes


def return_freed() -> None:
    """Return freed memory to the system where the C library is glibc, which keeps it for later; do nothing elsewhere.

    What it keeps serves blocks of up to 32 MB only: without this call, the largest tensors come on top of it.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
