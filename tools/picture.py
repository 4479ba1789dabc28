"""Make the README's picture: lesson 01, executed, as a learner sees it (needs Debian's or Ubuntu's chromium)."""

import copy
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-sync"]
FLAGS += ["--disable-quic", "--disable-background-networking", "--disable-component-update"]


def main() -> int:
    """Render two parts of the executed lesson to one PNG."""
    from nbconvert import HTMLExporter
    from nbformat import read
    from PIL import Image

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        print("The picture needs chromium: apt install chromium", file=sys.stderr)
        return 1
    notebook = read(ROOT / "solutions" / "01_convolution.ipynb", as_version=4)
    sections = ("## 1.3", "**Exercise 3"), ("**Batch normalisation**", "## Real data")
    with tempfile.TemporaryDirectory() as folder:
        shots = []
        for number, (start, end) in enumerate(sections):
            first, last = (next(i for i, cell in enumerate(notebook.cells) if mark in cell.source) for mark in (start, end))
            part = copy.deepcopy(notebook)
            part.cells = part.cells[first:last]
            part.cells[0].source = start + part.cells[0].source.partition(start)[2]
            page = Path(folder, f"{number}.html")
            page.write_text(HTMLExporter(template_name="lab").from_notebook_node(part)[0], encoding="utf-8")
            shot = page.with_suffix(".png")
            command = [
                chromium,
                *FLAGS,
                f"--user-data-dir={folder}/profile",
                f"--screenshot={shot}",
                "--window-size=1120,860",
                page.as_uri(),
            ]
            subprocess.run(command, check=True, capture_output=True, timeout=120)
            shots.append(Image.open(shot).convert("RGB"))
        whole = Image.new("RGB", (sum(shot.width for shot in shots), shots[0].height), "white")
        for number, shot in enumerate(shots):
            whole.paste(shot, (number * shot.width, 0))
        (ROOT / "docs").mkdir(exist_ok=True)
        whole.resize((whole.width * 3 // 5, whole.height * 3 // 5)).quantize(128).save(
            ROOT / "docs" / "lesson.png", optimize=True
        )
    print("docs/lesson.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
