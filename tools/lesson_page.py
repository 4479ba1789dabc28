"""Operate JupyterLab in a browser as a learner would, in a copy of the course: for `make browser-test` and `make picture`."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
from playwright.sync_api import Locator, Page

from tools import ROOT, ToolError
from tools.chromium import free_port
from tools.execution import FIXED

STARTS = 120  # seconds within which the server, and a notebook with its kernel, must start
STATE = """() => {
    const prompts = [...document.querySelectorAll(".jp-Notebook .jp-CodeCell > .jp-Cell-inputWrapper .jp-InputPrompt")];
    return {
        dialog: document.querySelector(".jp-Dialog")?.innerText,
        idle: document.querySelector("#jp-main-statusbar")?.textContent.includes("| Idle") ?? false,
        waiting: prompts.find(one => one.textContent.includes("*"))?.closest(".jp-Cell").querySelector(".cm-line")?.textContent,
    };
}"""


class Trouble(ToolError):
    """A failure that a learner would have seen, in one sentence."""


class Server(NamedTuple):
    """A running JupyterLab: its address with the token, the learner's folder of notebooks, its process."""

    address: str
    work: Path
    process: psutil.Popen


@contextmanager
def jupyterlab() -> Iterator[Server]:
    """Start JupyterLab as `make lab` does, with a new learner's settings, in a folder of its own; stop it at the end."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        for folder in ("lessons", "tools"):
            shutil.copytree(ROOT / folder, Path(home, folder), ignore=shutil.ignore_patterns("__pycache__"))
        own = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        env = {name: value for name, value in os.environ.items() if name not in {*FIXED, "JUPYTER_TOKEN"}}
        env |= {name: str(Path(home, name.lower())) for name in own}
        env |= {"CNNLIB_THREADS": "1", "OMP_NUM_THREADS": "1"}  # several kernels share the processor
        port = str(free_port())
        command = [sys.executable, "-m", "tools.lab", "--port", port, "--no-browser"]
        command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        log = Path(home, "log")
        with log.open("w") as output:
            server = psutil.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=env, cwd=home)
        try:
            yield Server(wait_for_address(server, log), Path(home, "work"), server)
        finally:
            stop(server)


def wait_for_address(server: psutil.Popen, log: Path) -> str:
    """Wait until the server answers at the address that it printed; raises Trouble with the last line of its log."""
    end = time.monotonic() + STARTS
    while server.poll() is None and time.monotonic() < end:
        if found := re.search(r"http://\S+token=\w+", log.read_text()):
            try:
                urllib.request.urlopen(found[0], timeout=5).close()
                return found[0]
            except OSError:
                pass
        time.sleep(0.2)
    last = (log.read_text().strip() or "it printed nothing").splitlines()[-1]
    raise Trouble(f"JupyterLab did not answer within {STARTS} seconds: {last}")


def stop(server: psutil.Popen) -> None:
    """Stop a server, its children and its kernels."""
    try:
        family = [*server.children(recursive=True), server]
    except psutil.NoSuchProcess:
        return
    for process in family:
        try:
            process.terminate()
        except psutil.NoSuchProcess:
            continue
    for process in psutil.wait_procs(family, timeout=10)[1]:
        process.kill()


class Lesson:
    """A notebook in the browser; indices of cells start at 0 and include Markdown."""

    def __init__(self, page: Page, address: str, name: str) -> None:
        """Open `work/<name>`, in its own workspace, and wait for its kernel; raises Trouble."""
        self.page = page
        workspace = re.sub(r"\W", "-", name)  # JupyterLab finds none whose name contains a dot
        page.goto(re.sub(r"/lab/tree/work/[^?]+", f"/lab/workspaces/{workspace}/tree/work/{name}", address))
        page.locator("#jp-main-statusbar").wait_for(timeout=1000 * STARTS)
        self.wait(STARTS)

    def wait(self, seconds: float) -> None:
        """Wait until every cell has run and the kernel is idle; raises Trouble after `seconds`, or if a dialog opens."""
        end, rested = time.monotonic() + seconds, 0
        while rested < 3:  # observations in a row: the kernel is idle between two cells, too
            state = self.page.evaluate(STATE)
            if state["dialog"]:
                raise Trouble(f"JupyterLab shows a dialog: {' '.join(state['dialog'].split())}")
            if time.monotonic() > end:
                at = f", at the cell that starts with {state['waiting']!r}" if state.get("waiting") else ""
                raise Trouble(f"The kernel was not idle within {seconds:.0f} seconds{at}.")
            rested = rested + 1 if state["idle"] and state.get("waiting") is None else 0
            self.page.wait_for_timeout(250)

    def menu(self, *entries: str) -> None:
        """Choose from the menu bar, entry by entry."""
        self.page.locator(".lm-MenuBar-itemLabel").get_by_text(entries[0], exact=True).click()
        for entry in entries[1:]:
            self.page.locator(".lm-Menu-itemLabel").get_by_text(entry, exact=True).click()

    def run_all(self, seconds: float) -> None:
        """Run every cell from the menu and wait for the last."""
        self.menu("Run", "Run All Cells")
        self.wait(seconds)

    def cell(self, index: int) -> Locator:
        """Find a cell."""
        return self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{index}"]')

    def run(self, index: int, source: str, seconds: float = 60) -> str:
        """Replace the text of a cell by `source`, run it with Shift+Enter, and return its output."""
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Shift+Enter")
        self.wait(seconds)
        return self.output(index)

    def output(self, index: int) -> str:
        """Read the output of a cell."""
        return "\n".join(self.cell(index).locator(".jp-OutputArea-output").all_inner_texts()).strip()

    def look(self, theme: str, width: int) -> None:
        """Choose the theme, "Light" or "Dark", and the width of the window; a narrow one hides the list of files."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.menu("Settings", "Theme", f"JupyterLab {theme}")
        self.page.locator(f'body[data-jp-theme-light="{str(theme == "Light").lower()}"]').wait_for(state="attached")
        files = self.page.locator("#filebrowser")
        if files.is_visible() != (width > 1000):
            self.page.keyboard.press("ControlOrMeta+b")
