"""The explorer of lesson 05, channels moved between four branches under a budget, and a picture of the two kinds of block."""

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from cnnlib import figures
from cnnlib.widgets import Explorer, slider

C_IN, SIDE = 192, 28  # what inception_3a is given
BRANCHES = ("1x1", "1x1 → 3x3", "1x1 → 5x5", "pool → 1x1")
NUMBER = {"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.9}


def inception_explorer() -> Explorer:
    """Move channels between the branches of a block on 192 channels of 28 x 28, and watch the number of weights."""
    controls = {
        "c1": slider("1x1", 64, 0, 256),
        "c3_reduce": slider("3x3 reduce", 96, 1, 192),
        "c3": slider("3x3", 128, 0, 256),
        "c5_reduce": slider("5x5 reduce", 16, 1, 192),
        "c5": slider("5x5", 32, 0, 256),
        "c_pool": slider("pool", 32, 0, 256),
        "budget": slider("budget, K", 164, 50, 500),
    }
    return Explorer(branch_weights, controls)


@figures.course_style()
def branch_weights(c1: int, c3_reduce: int, c3: int, c5_reduce: int, c5: int, c_pool: int, budget: int) -> figures.Figure:
    """Draw the weights and output channels of each branch of a block, and their sum against `budget` thousand."""
    narrow = [C_IN * c1, C_IN * c3_reduce * (c3 > 0), C_IN * c5_reduce * (c5 > 0), C_IN * c_pool]
    large = [0, 9 * c3_reduce * c3, 25 * c5_reduce * c5, 0]
    given, total = [c1, c3, c5, c_pool], sum(narrow) + sum(large)
    if not sum(given):
        raise ValueError("all four branches give no channel: move one of the sliders 1x1, 3x3, 5x5, pool")
    left, says = 1000 * budget - total, "of the budget are left"
    if left < 0:
        left, says = -left, "too many for the budget"
    figure, (weights_ax, channels) = figures.blank(9.2, 3.0, 1, 2)
    rows = [f"{name}" for name in (*BRANCHES, "all four")]
    narrow.append(sum(narrow))
    large.append(sum(large))
    weights_ax.barh(rows, narrow, color=figures.COLOURS[5], height=0.62, label="1x1 weights")
    weights_ax.barh(rows, large, left=narrow, color=figures.COLOURS[0], height=0.62, label="3x3 and 5x5 weights")
    for row, weights in enumerate(a + b for a, b in zip(narrow, large, strict=True)):
        weights_ax.text(
            weights, row, f" {weights:,}", va="center", color=figures.INK, fontsize=figures.SMALL, bbox=NUMBER, zorder=3
        )
    weights_ax.axvline(1000 * budget, color=figures.COLOURS[1], linestyle="--", linewidth=1.8, label="budget", zorder=2)
    weights_ax.set_xlim(0, 1.3 * max(total, 1000 * budget))
    weights_ax.locator_params("x", nbins=6)
    weights_ax.xaxis.set_major_formatter(lambda value, _: f"{value / 1000:.0f} K")
    weights_ax.set_title("weights")
    weights_ax.legend(frameon=False, fontsize=figures.SMALL, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3)
    channels.barh(rows, [*given, sum(given)], color=figures.COLOURS[2], height=0.62)
    for row, count in enumerate([*given, sum(given)]):
        channels.text(count, row, f" {count}", va="center", color=figures.INK, fontsize=figures.SMALL)
    channels.set_xlim(0, 1.2 * max(sum(given), 256))
    channels.set_yticks(range(5), [""] * 5)
    channels.set_title("channels that come out")
    for ax in (weights_ax, channels):
        ax.set_ylim(4.6, -0.6)
    words = f"{total:,} weights, {abs(left):,} {says}; {total * SIDE**2 / 1e6:.1f} M MACs at {SIDE} x {SIDE}"
    figure.suptitle(words, fontsize=figures.NORMAL, color=figures.COLOURS[1] if says.startswith("too") else figures.INK)
    shares = ", ".join(
        f"{name} {a + b:,} for {k} channels" for name, a, b, k in zip(BRANCHES, narrow, large, given, strict=False)
    )
    figure.alt = f"An Inception block on {C_IN} channels: {words}. Weights: {shares}."
    return figure


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
