"""The drawings of lesson 07: who reads whom, as arrows and as squares with numbers."""

import numpy as np
from matplotlib.patches import FancyArrowPatch, Rectangle

from cnnlib import figures
from cnnlib.canvas import FULL


@figures.course_style()
def connections(layers: int = 4) -> figures.Figure:
    """Draw who reads whom in a chain, a residual chain and a dense block."""
    figure, axes = figures.blank(9.4, 2.5, 1, 3)
    pairs = [(i, j) for j in range(1, layers + 1) for i in range(j)]
    for ax, title, far in zip(axes, ("chain", "residual: sums", "dense: concatenations"), (1, 2, layers), strict=True):
        residual = title.startswith("res")
        for i, j in pairs:
            step = j - i
            if step == 1 or (residual and step == 2 and i % 2 == 0) or (not residual and step <= far):
                colour, bend = (figures.COLOURS[1], "arc3,rad=-0.5") if step > 1 else (figures.INK, "arc3,rad=0")
                look = {"color": colour, "linewidth": 1.2, "mutation_scale": 9, "shrinkA": 7, "shrinkB": 7}
                ax.add_patch(FancyArrowPatch((i, 0), (j, 0), arrowstyle="-|>", connectionstyle=bend, **look))
        for i in range(layers + 1):
            ax.add_patch(Rectangle((i - 0.14, -0.2), 0.28, 0.4, facecolor=figures.PALE, edgecolor=figures.INK, zorder=3))
            ax.text(i, -0.45, "in" if not i else str(i), ha="center", va="top", fontsize=figures.SMALL)
        ax.set(xlim=(-0.4, layers + 0.4), ylim=(-0.9, 1.35), aspect="equal")
        ax.set_title(title, fontsize=figures.SMALL)
        ax.axis("off")
    figure.alt = (
        f"{layers} layers three times: in a chain each reads the one before it; in a residual chain an arrow jumps over every "
        f"two layers; in a dense block each reads the input and all layers before it, {layers * (layers + 1) // 2} arrows."
    )
    return figure


@figures.course_style()
def readers(grids: dict[str, np.ndarray], names: list[str], form: str = "{:.2f}") -> figures.Figure:
    """Draw who reads whom as squares with numbers: title -> (sources, readers), NaN where there is no connection."""
    figure, axes = figures.blank(min(4.7 * len(grids), FULL), 4.2, 1, len(grids))
    for ax, (title, grid) in zip(axes, grids.items(), strict=True):
        top = np.nanmax(grid)
        figures.squares(ax, np.ma.masked_invalid(grid), cmap="Blues", vmin=0, vmax=1.6 * top)
        for (row, column), value in np.ndenumerate(grid):
            if np.isfinite(value):
                text = form.format(value)
                text = "0" if text == "-0" else text
                ax.text(column, row, text, ha="center", va="center", fontsize=figures.SMALL, color=figures.INK)
        ax.set_yticks(range(len(grid)), ["stem", *names])
        ax.set_xticks(range(grid.shape[1]), [*names, "\nclassifier"][: grid.shape[1]], fontsize=figures.SMALL)
        ax.tick_params(length=0)
        ax.set(title=title, xlabel="readers: layers", ylabel="what they read: layers")
    places = {title: np.unravel_index(np.nanargmax(grid), grid.shape) for title, grid in grids.items()}
    figure.alt = "; ".join(
        f"{title}: {form.format(grids[title][row, column])} at most, where {[*names, 'the classifier'][column]} reads "
        f"{['the stem', *names][row]}"
        for title, (row, column) in places.items()
    )
    return figure
