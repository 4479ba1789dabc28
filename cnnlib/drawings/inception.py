"""The drawing of lesson 05: the two kinds of Inception block, side by side."""

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from cnnlib import figures


@figures.course_style()
def diagram() -> figures.Figure:
    """Draw inception_3a without and with its 1x1 reductions: four branches between an input and a concatenation."""
    figure, axes = figures.blank(10.4, 3.7, 1, 2)
    naive = [["1x1, 64"], ["3x3, 128"], ["5x5, 32"], ["max pool"]]
    reduced = [["1x1, 64"], ["1x1, 96", "3x3, 128"], ["1x1, 16", "5x5, 32"], ["max pool", "1x1, 32"]]
    for ax, title, branches in ((axes[0], "naive", naive), (axes[1], "with 1x1 layers: inception_3a", reduced)):
        ax.set(xlim=(-0.1, 4.1), ylim=(-0.15, 4.1), title=title)
        ax.axis("off")
        _box(ax, 0.0, 3.5, 4.0, "input, 192 channels", figures.PALE)
        _box(ax, 0.0, 0.0, 4.0, "concatenate: ? channels", figures.PALE)
        for column, layers in enumerate(branches):
            heights = [1.75] if len(layers) == 1 else [2.33, 1.17]
            for words, height in zip(layers, heights, strict=True):
                large = words.startswith(("3x3,", "5x5,"))
                _box(ax, column + 0.04, height, 0.92, words, "#9ccbe8" if large else "#dff0fa" if "," in words else "#fbe3c0")
            ends = [3.5, *(edge for height in heights for edge in (height + 0.55, height)), 0.55]
            for top, bottom in zip(ends[::2], ends[1::2], strict=True):
                ax.annotate(
                    "", (column + 0.5, bottom), (column + 0.5, top), arrowprops={"arrowstyle": "->", "color": figures.INK}
                )
    figure.alt = (
        "Two blocks, each from 192 channels down to a concatenation. Naive: 64 filters 1x1, 128 of 3x3, 32 of 5x5 and a 3x3 "
        "max pool side by side. With 1x1 layers: 64 of 1x1; 96 of 1x1, then 128 of 3x3; 16 of 1x1, then 32 of 5x5; max pool, "
        "then 32 of 1x1."
    )
    return figure


def _box(ax: Axes, left: float, bottom: float, width: float, words: str, colour: str) -> None:
    shape = "round,pad=0,rounding_size=0.06"
    ax.add_patch(
        FancyBboxPatch((left, bottom), width, 0.55, boxstyle=shape, facecolor=colour, edgecolor=figures.INK, linewidth=0.8)
    )
    ax.text(left + width / 2, bottom + 0.275, words, ha="center", va="center", fontsize=figures.SMALL, color=figures.INK)
