"""The drawing of lesson 07: which layer reads the maps of which others, as arrows."""

import itertools

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Rectangle

from cnnlib import figures


@figures.course_style()
def connections(layers: int = 4) -> figures.Figure:
    """Draw which layer reads which others in a chain, a residual chain and a dense block."""
    figure, axes = figures.blank(9.4, 2.5, 1, 3)
    titles = {"chain": "chain", "residual": "residual: sums", "dense": "dense: concatenations"}
    for ax, (kind, title) in zip(axes, titles.items(), strict=True):
        arrows(ax, kind, layers)
        ax.set_title(title, fontsize=figures.SMALL)
    figure.alt = (
        f"{layers} layers three times: in a chain each reads the one before it; in a residual chain an arrow jumps over every "
        f"two layers; in a dense block each reads the input and all layers before it, {layers * (layers + 1) // 2} arrows."
    )
    return figure


def arrows(ax: Axes, kind: str, layers: int) -> None:
    """Draw layers as squares, and an arrow from each to the layers that read it; the kinds are those of `connections`."""
    for i, j in itertools.combinations(range(layers + 1), 2):
        if j - i > 1 and (kind == "chain" or (kind == "residual" and (j - i > 2 or i % 2))):
            continue
        colour, bend = (figures.COLOURS[1], "arc3,rad=-0.5") if j - i > 1 else (figures.INK, "arc3,rad=0")
        look = {"color": colour, "linewidth": 1.2, "mutation_scale": 9, "shrinkA": 7, "shrinkB": 7}
        ax.add_patch(FancyArrowPatch((i, 0), (j, 0), arrowstyle="-|>", connectionstyle=bend, **look))
    for i in range(layers + 1):
        ax.add_patch(Rectangle((i - 0.14, -0.2), 0.28, 0.4, facecolor=figures.PALE, edgecolor=figures.INK, zorder=3))
        ax.text(i, -0.45, str(i) if i else "in", ha="center", va="top", fontsize=figures.SMALL)
    ax.set(xlim=(-0.4, layers + 0.4), ylim=(-0.9, 0.35 + layers / 4), aspect="equal")
    ax.axis("off")
