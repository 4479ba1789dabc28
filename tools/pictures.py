"""Make the pictures of the README, docs/*.png and docs/filter.gif: JupyterLab, a slide, the website in three ways.

All but the first need `make site slides`; a picture without its source is skipped, with a message.
"""

import io

from PIL import Image
from playwright.sync_api import BrowserContext, Error

from tools import ROOT, ToolError, run
from tools.chromium import browser, served
from tools.exercises import with_answers
from tools.lesson_page import Lesson, jupyterlab
from tools.moving_picture import record
from tools.notebooks import lesson_of, write
from tools.texts import solution_cells, texts

MAX_BYTES = 120_000  # per picture, at most
DOCS = ROOT / "docs"
LESSON = texts(["01"])[0]


def save(name: str, shots: list[bytes], width: int) -> None:
    """Join screenshots side by side, `width` pixels wide in all, in docs/<name>.png, which has at most MAX_BYTES."""
    images = [Image.open(io.BytesIO(shot)).convert("RGB") for shot in shots]
    whole = Image.new("RGB", (sum(image.width for image in images), max(image.height for image in images)), "white")
    for index, image in enumerate(images):
        whole.paste(image, (sum(before.width for before in images[:index]), 0))
    small = whole.resize((width, whole.height * width // whole.width), Image.Resampling.LANCZOS)
    path = DOCS / f"{name}.png"
    for colours in (256, 128, 64, 32, 16):
        small.quantize(colours).save(path, optimize=True)
        if path.stat().st_size <= MAX_BYTES:
            break
    print(f"docs/{path.name}: {small.width} x {small.height}, {path.stat().st_size / 1000:.0f} KB")


def in_jupyterlab(context: BrowserContext) -> None:
    """Show the explorer of strides in JupyterLab, and below it a solved exercise with its verdict."""
    solved = solution_cells(LESSON)
    part = lesson_of(solved)
    first, last = (
        next(i for i, cell in enumerate(part.cells) if words in cell.source)
        for words in ("ConvolutionExplorer()", "check.output_size(")
    )
    answer = with_answers(solved.cells[last].source)
    part.cells = [part.cells[i] for i in (1, 2, *range(first - 1, last + 1))]
    part.cells[2].source = "## 1.3" + part.cells[2].source.partition("## 1.3")[2]
    with jupyterlab() as server:
        write(part, server.work / LESSON.with_suffix(".ipynb").name)
        page = context.new_page()
        shown = Lesson(page, server.address, LESSON.with_suffix(".ipynb").name)
        shown.run_all(120)
        shown.run(len(part.cells) - 1, answer)
        shown.look("Light", 1000)
        page.set_viewport_size({"width": 1000, "height": 1180})
        shown.cell(2).evaluate("cell => cell.scrollIntoView()")
        page.wait_for_timeout(1000)
        save("jupyterlab", [page.screenshot()], 800)


def slide(context: BrowserContext) -> None:
    """Show the slide of lesson 01 with the explorer of a convolution, all of it."""
    with served(ROOT / "build" / "slides") as address:
        page = context.new_page()
        page.set_viewport_size({"width": 1280, "height": 720})
        page.goto(f"{address}/{LESSON.stem}.html")
        index = page.evaluate(
            "[...document.querySelectorAll('section')].findIndex(one => one.querySelector('[data-explorer=convolution]'))"
        )
        page.wait_for_selector(".reveal.ready")
        page.evaluate("index => Reveal.slide(index, 0, 99)", index)  # with what a key would show
        page.locator("section.present .cnnlib-explorer").first.wait_for()
        page.wait_for_timeout(2000)
        save("slide", [page.screenshot()], 800)


def site(context: BrowserContext) -> None:
    """Show the explorer of the home page at play, and a page of the website on a large screen and on a phone."""
    record(context, ROOT / "build" / "site", DOCS / "filter.gif")
    print(f"docs/filter.gif: {(DOCS / 'filter.gif').stat().st_size / 1000:.0f} KB")
    with served(ROOT / "build" / "site") as address:
        page = context.new_page()
        for name, width, height in (("site", 1280, 860), ("phone", 390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            page.goto(f"{address}/lessons/{LESSON.stem}.html")
            page.wait_for_load_state("networkidle")
            page.locator("h2").nth(2).evaluate("heading => heading.scrollIntoView()")
            page.wait_for_timeout(500)
            save(name, [page.screenshot()], min(width, 800))


BUILT = {"slides": slide, "site": site}  # folder of build/ -> function that makes its pictures


def main() -> None:
    """Make every picture that can be made; raises ToolError if one cannot."""
    pictures = [in_jupyterlab]
    for folder, picture in BUILT.items():
        if (ROOT / "build" / folder / "index.html").is_file():
            pictures.append(picture)
        else:
            print(f"No picture of the {folder}: run `make {folder}` first.")
    try:
        with browser() as context:
            for picture in pictures:
                picture(context)
    except Error as error:
        raise ToolError(str(error).splitlines()[0]) from error


if __name__ == "__main__":
    run(main)
