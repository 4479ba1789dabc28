"""Start a browser, and a web server on loopback, for the pictures and the tests in a browser.

python -m tools.chromium     print the browser that is used; exit 1 with one sentence if there is none
"""

import functools
import http.server
import os
import re
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, BrowserType, Error, sync_playwright

from tools import run
from tools.vendored import Missing

FLAGS = ["--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-sync"]
FLAGS += ["--disable-quic", "--disable-background-networking", "--disable-component-update"]
NO_SANDBOX = re.compile(r"No usable sandbox|without --no-sandbox is not supported|Failed to move to new namespace")


def chromium() -> str:
    """Find a Chromium or Chrome on this machine; raises Missing."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise Missing("This needs a browser: on Debian and Ubuntu, apt install chromium (or put a Chrome on the PATH).")
    return found


@contextmanager
def browser(**options) -> Iterator[BrowserContext]:
    """Start a headless Chromium with a new profile and yield its context, which gets `options`; raises Missing."""
    options |= {"executable_path": chromium(), "headless": True, "args": FLAGS}
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        context = launch(playwright.chromium, profile, options)
        try:
            yield context
        finally:
            context.close()


def launch(kind: BrowserType, profile: str, options: dict) -> BrowserContext:
    """Launch a browser in its sandbox, or without one for root and where the system does not allow a sandbox."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    try:
        return kind.launch_persistent_context(profile, chromium_sandbox=not is_root, **options)
    except Error as error:
        if is_root or not NO_SANDBOX.search(str(error)):
            raise
    return kind.launch_persistent_context(profile, chromium_sandbox=False, **options)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback, on a free port, and yield its address without a last slash."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words: object) -> None:
            """Print nothing: the tests look for missing files themselves."""

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *of: object) -> None:
            """Print nothing: a page may be closed before everything is loaded."""

    server = Server(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def free_port() -> int:
    """Find a port on loopback that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    run(lambda: print(chromium()))
