"""Install the JavaScript that the website and the slides include: package.json -> build/npm/node_modules; run some of it."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tools import ROOT, ToolError

FOLDER = ROOT / "build" / "npm"


class Missing(ToolError):
    """A program or package that the project cannot install by itself; the message explains how to get it."""


def node_modules() -> Path:
    """Return the folder of the installed packages; installs them the first time and whenever package.json changes.

    Raises Missing if npm is not installed or cannot fetch the packages.
    """
    wanted, have = ROOT / "package.json", FOLDER / "package.json"
    ready = FOLDER / "ready"
    if ready.is_file() and have.is_file() and have.read_bytes() == wanted.read_bytes():
        return FOLDER / "node_modules"
    npm = shutil.which("npm")
    if npm is None:
        raise Missing("The site and the slides need npm, which comes with Node.js: on Debian and Ubuntu, apt install npm.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    ready.unlink(missing_ok=True)
    shutil.copy(wanted, have)
    print("npm installs the JavaScript of the website and the slides into build/npm: once, in some seconds.", flush=True)
    quiet = ["--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run([npm, "install", *quiet], cwd=FOLDER, capture_output=True, text=True)
    if done.returncode:
        why = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[0]
        raise Missing(f"npm could not fetch the packages of package.json ({why}); check the connection and run it again.")
    ready.touch()
    return FOLDER / "node_modules"


def node() -> str:
    """Return the path of Node.js; raises Missing where it is not installed."""
    program = shutil.which("node")
    if program is None:
        raise Missing("The site and the types of the JavaScript need Node.js: on Debian and Ubuntu, apt install nodejs.")
    return program


def computed(script: str, data: Any) -> Any:
    """Run a script in Node.js, where it may `require` the packages; it reads `data` as JSON and prints its result as JSON.

    Raises ToolError with the first line of what the script complains about.
    """
    packages = node_modules()
    done = subprocess.run([node(), "-e", script], cwd=packages.parent, input=json.dumps(data), capture_output=True, text=True)
    if done.returncode:
        complaints = [line for line in done.stderr.splitlines() if "Error" in line] or ["Node.js failed"]
        raise ToolError(complaints[0])
    return json.loads(done.stdout)
