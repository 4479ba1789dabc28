"""Record the home page's explorer for the README, docs/filter.gif: a window moves over a photograph, filters change.

A GIF, because GitHub lets readers stop those.
"""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import BrowserContext, Page

from tools.chromium import served

LARGEST = 1_000_000  # bytes
FRAME, REST = 90, 900  # milliseconds that a picture is shown: while the window moves, and before the filter changes
STEPS = 14  # pictures of one way of the window
WAYS = {  # filter: where the window starts and ends, as shares of the photograph's width and height
    "vertical edges": ((0.02, 0.2), (0.98, 0.5)),
    "horizontal edges": ((0.98, 0.5), (0.45, 0.62)),
    "sharpen": ((0.45, 0.62), (0.9, 0.8)),
    "outlines": ((0.9, 0.8), (0.55, 0.35)),
}
LAYOUT = """
.home-play { position: fixed; inset: 0 auto auto 0; z-index: 9999; width: 720px; min-height: 0 !important; background: white; }
.home-play .cnnlib-explorer { border: 0; border-radius: 0; padding: 12px !important; }
.home-play .stage { display: grid; grid-template: 1fr auto 0.6fr / 20rem 1fr; column-gap: 1.5rem; min-height: 0 !important; }
.home-play .picture { grid-row: 1 / span 3; width: 20rem !important; }
.home-play .stage .chips { align-self: end; }
.home-play :is(.invitation, .words, .problem, .chips:has(.file)) { display: none !important; }
"""


def path_of_the_window() -> list[tuple[str, float, float, int]]:
    """List for each picture the filter, the window's place as shares of width and height, and milliseconds."""
    found = []
    for name, ((x, y), (to_x, to_y)) in WAYS.items():
        shares = [step / STEPS for step in range(STEPS + 1)]
        found += [(name, x + (to_x - x) * share, y + (to_y - y) * share, FRAME) for share in shares]
        found[-1] = (*found[-1][:3], REST)
    return found


def pictures(page: Page) -> list[Image.Image]:
    """Play along the path and take a picture of each place."""
    page.add_style_tag(content=LAYOUT)
    box, shown, found = page.locator(".picture").bounding_box() or {}, None, []
    for name, x, y, _ in path_of_the_window():
        if name != shown:
            page.get_by_role("button", name=name, exact=True).click()
            shown = name
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        shot = page.locator(".home-play .cnnlib-explorer").screenshot(animations="disabled")
        found.append(Image.open(io.BytesIO(shot)).convert("RGB"))
    return found


def animated(shots: list[Image.Image], milliseconds: list[int]) -> bytes:
    """Write pictures as one GIF that repeats, with as many colours of one palette as LARGEST allows."""
    few = shots[:: max(1, len(shots) // 8)]
    sheet = Image.new("RGB", (few[0].width, few[0].height * len(few)))
    for place, shot in enumerate(few):
        sheet.paste(shot, (0, place * shot.height))
    for colours in (255, 128, 64, 32):
        palette = sheet.quantize(colours, dither=Image.Dither.NONE)
        first, *others = [shot.quantize(palette=palette, dither=Image.Dither.NONE) for shot in shots]
        file = io.BytesIO()
        first.save(file, "GIF", save_all=True, append_images=others, duration=milliseconds, loop=0, optimize=True)
        if file.tell() <= LARGEST:
            break
    return file.getvalue()


def record(context: BrowserContext, site: Path, path: Path) -> None:
    """Record the explorer of the site's home page in the file `path`."""
    with served(site) as address:
        page = context.new_page()
        page.set_viewport_size({"width": 1280, "height": 900})
        page.emulate_media(reduced_motion="reduce", color_scheme="light")
        page.goto(f"{address}/index.html")
        page.locator(".home-play .total:not(:empty)").wait_for()
        path.write_bytes(animated(pictures(page), [milliseconds for *_, milliseconds in path_of_the_window()]))
        page.close()
