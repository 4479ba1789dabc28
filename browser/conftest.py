"""What the browser tests share: JupyterLab in a learner's folder, and one sentence if there is no browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext

from tools.chromium import browser, chromium
from tools.lesson_page import Server, jupyterlab
from tools.vendored import Missing


def pytest_sessionstart() -> None:
    """Stop before the first test if there is no browser: a skipped test would look like a passed one."""
    try:
        chromium()
    except Missing as missing:
        pytest.exit(str(missing), returncode=1)


@pytest.fixture(scope="module")
def lab() -> Iterator[Server]:
    """Start JupyterLab as `make lab` does, in a copy of the course."""
    with jupyterlab() as started:
        yield started


@pytest.fixture(scope="module")
def learner() -> Iterator[BrowserContext]:
    """Open a browser of 1280 x 900 pixels."""
    with browser(viewport={"width": 1280, "height": 900}) as context:
        yield context
