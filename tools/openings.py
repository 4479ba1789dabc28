"""Draw the pictures with which the lessons open, solutions/pictures/NN_name.png: one function per lesson.

python -m tools.openings [NN ...]     draw those of these lessons, or all
"""

import io
import sys
from collections.abc import Callable

import torch
from matplotlib.axes import Axes
from matplotlib.patches import ConnectionPatch
from PIL import Image
from torch.nn import functional as F

from cnnlib import results
from cnnlib.canvas import Figure, blank, course_style, draw_box
from cnnlib.colours import COLOURS
from cnnlib.data import shapes
from cnnlib.data.photos import photo
from cnnlib.figures import number_grid
from tools import ROOT, ToolError, run

PICTURES = ROOT / "solutions" / "pictures"
WIDTH, INCHES = 800, 8.0  # pixels of a picture, and inches of its figure
LARGEST = 60_000  # bytes


@course_style()
def convolution() -> Figure:
    """Show a photograph, one window of it, its product with a kernel, and where the sum is in the feature map."""
    gray = photo("cat", 128).mean(1, keepdim=True)
    kernel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    y = F.conv2d(gray, kernel[None, None])[0, 0]
    row, column = 57, 29
    window = gray[0, 0, row : row + 3, column : column + 3]

    figure, axes = blank(INCHES, 2.5, 1, 4, widths=[2.5, 1.15, 1.15, 2.5])
    left, pixels, weights, right = axes
    left.imshow(gray[0, 0].numpy(), cmap="gray", vmin=0, vmax=1)
    right.imshow(y.numpy(), cmap="RdBu_r", vmin=-1.6, vmax=1.6)
    number_grid(pixels, (window * 100).round().numpy() / 100, "one window", 2)
    number_grid(weights, kernel.numpy(), "times the kernel", 2)
    total = f"the products add up to {(window * kernel).sum():.2f}".replace("-", "\N{MINUS SIGN}")
    weights.text(2.5, 3.1, total, fontsize=10, ha="right").set_in_layout(False)  # it may reach over the window
    for ax, title in ((left, "photograph"), (right, "feature map")):
        ax.set_title(title, fontsize=10)
        ax.axis("off")
    frame = (column - 1, row - 1, column + 4, row + 4)
    draw_box(left, frame, COLOURS[1], width=2)
    draw_box(right, frame, COLOURS[1], width=2)
    _connect(left, (column + 4, row + 1), pixels, (-0.5, 1))
    _connect(weights, (2.5, 1), right, (column - 1, row + 1))
    figure.alt = (
        "A grey photograph of a cat with one window of 3 x 3 pixels framed, the numbers in the window, the nine weights of a "
        "kernel, and the feature map, in which the sum of the nine products is one number; the cat's outlines stand out."
    )
    return figure


def _connect(start: Axes, one: tuple[float, float], end: Axes, other: tuple[float, float]) -> None:
    arrow = ConnectionPatch(
        one, other, start.transData, end.transData, arrowstyle="-|>", mutation_scale=12, color=COLOURS[1], linewidth=1.6
    )
    start.figure.add_artist(arrow)


@course_style()
def training() -> Figure:
    """Show the five shapes of the easy task, and the loss of the deep sigmoid network with and without batch norm."""
    losses = results.read("first_epoch").values
    images, labels = shapes.crops(100, style=shapes.GENTLE)
    figure, axes = blank(INCHES, 2.7, 1, 2, widths=[1.0, 2.0])
    left, right = axes
    rows = [images[labels % 5 == shape][:4].mean(1) for shape in range(5)]  # (4, H, W) each
    left.imshow(torch.cat([torch.cat(list(row), 1) for row in rows]).numpy(), cmap="gray", vmin=0, vmax=1)
    left.axis("off")
    steps = range(8, 376, 15)
    for words, loss, colour, height in zip(("without it", "with it"), losses.values(), COLOURS, (1.66, 0.6), strict=False):
        right.plot(steps, loss, color=colour, linewidth=2)
        right.text(372, height, words, color=colour, fontsize=11, ha="right", va="bottom")
    right.set(xlabel="step", ylabel="training loss", ylim=(0, 2), xlim=(0, 376))
    right.set_title("eight layers, with and without an extra layer after each", fontsize=10)
    ends = [
        f"{words} it goes from {loss[0]:.2f} to {loss[-1]:.2f}"
        for words, loss in zip(("without", "with"), losses.values(), strict=True)
    ]
    figure.alt = (
        "On the left, twenty small grey images, four of each of five shapes: disc, square, triangle, cross and ring. On the "
        f"right, the training loss of eight layers over 375 steps: {ends[0]} an extra layer after each of them, {ends[1]} it."
    )
    return figure


OPENINGS: dict[str, Callable[[], Figure]] = {"01_convolution": convolution, "02_training": training}


def rendered(figure: Figure) -> bytes:
    """Render a figure as a PNG with a palette, 800 pixels wide; raises ToolError if it has more than 60 KB."""
    drawn = figure.pixels(2 * WIDTH / figure.size()[0])
    small = drawn.resize((WIDTH, round(drawn.height * WIDTH / drawn.width)), Image.Resampling.LANCZOS)
    for colours in (256, 128, 64, 32):
        buffer = io.BytesIO()
        small.quantize(colours).save(buffer, format="PNG", optimize=True)
        if buffer.tell() <= LARGEST:
            return buffer.getvalue()
    raise ToolError(f"a picture has {buffer.tell():,} bytes, more than {LARGEST:,}; draw less or shrink photographs")


def main() -> None:
    """Draw the pictures of the lessons named on the command line."""
    names = sys.argv[1:]
    chosen = [name for name in OPENINGS if not names or name.startswith(tuple(names))]
    if not chosen:
        raise ToolError(f"no opening picture starts with {' or '.join(names)}; there are {', '.join(OPENINGS)}")
    PICTURES.mkdir(exist_ok=True)
    for name in chosen:
        data = rendered(OPENINGS[name]())
        (PICTURES / f"{name}.png").write_bytes(data)
        print(f"solutions/pictures/{name}.png: {len(data) / 1000:.0f} KB")


if __name__ == "__main__":
    run(main)
