"""Render the still picture of each explorer, for where nothing can run: a saved notebook, GitHub, a printed page.

python -m tools.stills [NAME ...]     render those whose module or default values changed; the others stay as they are
"""

import hashlib
import io
import itertools
import json
import sys
import tempfile
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import BrowserContext

import cnnlib.explorers
from cnnlib.explorers import EXPLORERS
from cnnlib.explorers.explorer import WIDTH
from cnnlib.explorers.modules import bundle, styles
from cnnlib.explorers.page import fragment
from tools import ToolError, run
from tools.chromium import browser

PACKAGE = Path(cnnlib.explorers.__file__).parent
STILLS, DATA = PACKAGE / "stills", PACKAGE / "data"
SCALE = 1.5  # pixels of the picture per CSS pixel
LARGEST = 60_000  # bytes
SHEET = "body { margin: 0; background: white } .cnnlib-explorer { margin: 0; border-color: transparent }"
HIDDEN = ".play, .file, .invitation { display: none !important }"  # a picture cannot be played


def identity(name: str) -> str:
    """Hash what a still shows: the module, the styles, the default settings and the stored data."""
    data = DATA / f"{name}.json"
    parts = [bundle(name), styles(), json.dumps(EXPLORERS[name].settings(), sort_keys=True)]
    parts.append(data.read_text(encoding="utf-8") if data.is_file() else "")
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def shown(name: str) -> str | None:
    """Read the identity that is written into a still; None if there is no still."""
    path = STILLS / f"{name}.png"
    if not path.is_file():
        return None
    with Image.open(path) as picture:
        return picture.info.get("explorer")


def render(context: BrowserContext, name: str, folder: Path) -> bytes:
    """Render one explorer in a light page of 700 pixels: a PNG with a palette, at most 60 KB.

    Fine if that is small enough, else with fewer colours or a pixel per CSS pixel. Raises ToolError if nothing is.
    """
    page, path = context.new_page(), folder / f"{name}.html"
    path.write_text(f"<!doctype html><meta charset='utf-8'>{fragment(name)}<style>{SHEET}{HIDDEN}</style>", encoding="utf-8")
    page.goto(path.as_uri())
    page.wait_for_selector(".cnnlib-explorer .words:not(:empty)")
    page.wait_for_timeout(500)  # photographs are decoded
    element = page.locator(".cnnlib-explorer")
    shots = [element.screenshot(scale=scale) for scale in ("device", "css")]
    page.close()
    about = PngInfo()
    about.add_text("explorer", identity(name))
    for shot, colours in itertools.product(shots, (256, 96, 64, 48)):
        file = io.BytesIO()
        picture = Image.open(io.BytesIO(shot)).convert("RGB").quantize(colours, dither=Image.Dither.NONE)
        picture.save(file, "PNG", optimize=True, pnginfo=about)
        if file.tell() <= LARGEST:
            return file.getvalue()
    raise ToolError(f"the still of {name} takes {file.tell()} bytes, more than {LARGEST}")


def main(names: list[str]) -> None:
    """Render the stills named, or all, if they are not up to date."""
    stale = [name for name in names or EXPLORERS if shown(name) != identity(name)]
    if not stale:
        return print("All stills are up to date.")
    STILLS.mkdir(exist_ok=True)
    size = {"width": WIDTH, "height": 900}
    with (
        browser(viewport=size, device_scale_factor=SCALE, color_scheme="light") as context,
        tempfile.TemporaryDirectory() as folder,
    ):
        for name in stale:
            picture = render(context, name, Path(folder))
            (STILLS / f"{name}.png").write_bytes(picture)
            print(f"{name}: {len(picture) / 1024:.0f} KB")


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
