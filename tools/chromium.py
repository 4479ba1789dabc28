"""One way to a browser and to a web server on loopback, for the pictures and the tests in a browser.

python -m tools.chromium     say which browser is used; exit 1 with a sentence if there is none
"""

import functools
import http.server
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools import run
from tools.vendored import Missing

FLAGS = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-sync"]
FLAGS += ["--disable-quic", "--disable-background-networking", "--disable-component-update"]


def chromium() -> str:
    """Find a Chromium or Chrome on this machine; raises Missing."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise Missing("This needs a browser: on Debian and Ubuntu, apt install chromium (or put a Chrome on the PATH).")
    return found


@contextmanager
def browser(**options) -> Iterator:
    """Start a headless Chromium with a fresh profile and yield its Playwright `BrowserContext`; `options` go to it."""
    from playwright.sync_api import sync_playwright

    executable = chromium()
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=executable, headless=True, args=FLAGS, **options
        )
        try:
            yield context
        finally:
            context.close()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback, on a free port, and yield its address without a last slash."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words: object) -> None:
            """Say nothing: the page under test tells what is missing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    server.handle_error = lambda request, client: None  # a page that is closed before it has everything is no fault
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
