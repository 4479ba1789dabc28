"""What the browser tests share: JupyterLab in a learner's folder, the website, and one sentence if there is no browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext

from browser.site import SITE
from tools.chromium import browser, chromium, served
from tools.lesson_page import Server, jupyterlab
from tools.vendored import Missing


def pytest_sessionstart() -> None:
    """Stop before the first test if there is no browser: a skipped test would look like a passed one."""
    try:
        chromium()
    except Missing as missing:
        pytest.exit(str(missing), returncode=1)


@pytest.fixture(scope="session")
def lab() -> Iterator[Server]:
    """Start JupyterLab as `make lab` does, in a copy of the course."""
    with jupyterlab() as started:
        yield started


@pytest.fixture(scope="module")
def learner() -> Iterator[BrowserContext]:
    """Open a browser of 1280 x 900 pixels."""
    with browser(viewport={"width": 1280, "height": 900}) as context:
        yield context


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the site, which `make browser-test` has built, below /some/course."""
    assert (SITE / "index.html").is_file(), "there is no site: run `make site` first"
    folder = tmp_path_factory.mktemp("host")
    (folder / "some").mkdir()
    (folder / "some" / "course").symlink_to(SITE)
    with served(folder) as root:
        yield f"{root}/some/course"


@pytest.fixture(scope="module")
def reader(address: str) -> Iterator[BrowserContext]:
    """Open a browser that notes every request beyond the site, every missing file and every error."""
    with browser() as context:
        context.faults = []
        context.route(
            lambda url: not url.startswith((address, "data:", SITE.as_uri())),
            lambda route: (context.faults.append(f"asked for {route.request.url}"), route.abort()),
        )
        context.on("response", lambda got: got.status < 400 or context.faults.append(f"{got.status} {got.url}"))
        context.on("console", lambda line: line.type != "error" or context.faults.append(f"console: {line.text}"))
        context.on("weberror", lambda error: context.faults.append(f"error: {error.error}"))
        yield context
