"""Pictures by one call: each function draws, gives the figure its text alternative, and returns it; a notebook shows it.

Every function returns the `Figure` it drew on (not the axes: a notebook can show a figure, with its text alternative, and can
only print axes); those that draw one panel, `lines` and `bars`, take `ax` to draw into a panel of another.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from torch import Tensor

from cnnlib.canvas import FULL, NORMAL, SMALL, Figure, blank, course_style, draw_box, panels, wrapped
from cnnlib.charts import bars, curves, lines
from cnnlib.colours import COLOURS, INK, PALE, fix_colours

__all__ = [
    "COLOURS",
    "INK",
    "NORMAL",
    "PALE",
    "SMALL",
    "Figure",
    "bars",
    "blank",
    "course_style",
    "curves",
    "feature_maps",
    "fix_colours",
    "images",
    "lines",
    "number_grid",
    "numbers",
    "squares",
]

CELL = 0.45  # inches of a cell of numbers


@course_style()
def images(x: Tensor, titles: Sequence[str] = (), columns: int = 8, inches: float = 1.1, alt: str = "") -> Figure:
    """Show a batch of images in a grid: (N, 3 or 1, H, W) in [0, 1]."""
    figure, axes = panels(len(x), columns, inches, x.shape[2] / x.shape[3], titles)
    for ax, image in zip(axes, x.detach().cpu(), strict=False):
        ax.imshow(image.clamp(0, 1).permute(1, 2, 0).numpy(), cmap="gray", vmin=0, vmax=1)
    if len(x) == 1 and not len(titles):  # a photograph alone
        figure.sheet = False
        figure.set_layout_engine("none")
        figure.set_size_inches(inches, inches * x.shape[2] / x.shape[3])
        axes[0].set_position((0, 0, 1, 1))
    shown = f": {', '.join(dict.fromkeys(map(str, titles)))}" if len(titles) else ""
    figure.alt = alt or f"{len(x)} image{'s' if len(x) > 1 else ''}{shown}."
    return figure


@course_style()
def feature_maps(
    y: Tensor,
    titles: Sequence[str] = (),
    columns: int = 4,
    inches: float = 2.0,
    limit: float | None = None,
    alt: str = "",
    probabilities: bool = False,
) -> Figure:
    """Show the K maps of one image, blue below zero, white at zero, red above: (K, H, W) or (1, K, H, W).

    The full colours mean `limit` in all maps, or each map's own largest number where it is not given; bars below the maps tell.
    `probabilities` are in [0, 1] and go from dark blue to yellow.
    """
    maps = y.detach().cpu().reshape(-1, *y.shape[-2:])
    _, height, width = maps.shape
    names = list(titles) if len(titles) else [f"map {index}" for index in range(len(maps))]
    shared = probabilities or limit is not None
    rows = -(-len(maps) // min(columns, len(maps)))
    figure, axes = panels(len(maps), columns, inches, height / width, names, 0.6 if shared else 0.4 * rows)
    for ax, one in zip(axes, maps, strict=False):
        full = 1.0 if probabilities else limit or one.nan_to_num(0, 0, 0).abs().max().item() or 1.0
        low, colours = (0, "cividis") if probabilities else (-full, "RdBu_r")
        shown = ax.imshow(one.numpy(), cmap=colours, vmin=low, vmax=full)
        if not shared:
            _scale(figure, shown, ax, aspect=18)
    if shared:
        label = "probability" if probabilities else "blue below zero, red above"
        _scale(figure, shown, axes, aspect=40, shrink=0.45).set_label(label, fontsize=SMALL)
    listed = f": {', '.join(map(str, titles))}" if len(titles) else ""
    meaning = "dark blue at 0, yellow at 1" if probabilities else "blue below zero, red above"
    figure.alt = alt or f"{len(maps)} {'maps' if len(maps) > 1 else 'map'} of {height} x {width}, {meaning}{listed}."
    return figure


def _scale(figure: Figure, shown: ScalarMappable, axes: Axes | list[Axes], **look: Any) -> Colorbar:
    """Draw the bar of colours of what is `shown`, with its ends and the middle or zero."""
    bar = figure.colorbar(shown, ax=axes, location="bottom", pad=0.03, **look)
    low, high = shown.get_clim()
    ends = [low, (low + high) / 2, high]
    bar.set_ticks(ends, labels=[f"{end:.2g}" for end in ends])
    bar.ax.tick_params(labelsize=SMALL, length=2)
    bar.outline.set_visible(False)
    return bar


def _brief(number: float) -> str:
    """Write a number with three digits, a whole one in full."""
    return f"{number:.0f}" if number == round(number) and abs(number) < 1e5 else f"{number:.3g}"


@course_style()
def numbers(grids: Mapping[str, Tensor], alt: str = "", mark: Mapping[str, tuple[int, int, int, int]] | None = None) -> Figure:
    """Write small matrices as coloured tables, side by side: title -> (H, W).

    `mark` draws a frame in the grid of that title: (row, column, rows, columns).
    """
    widths = [max(grid.shape[1], 3) for grid in grids.values()]
    tall = max(grid.shape[0] for grid in grids.values())
    cell = min(CELL, FULL / (sum(widths) + len(widths)))
    titles = [wrapped(title, cell * (width + 0.8)) for title, width in zip(grids, widths, strict=True)]
    lines = max(title.count("\n") + 1 for title in titles)
    wide, high = cell * (sum(widths) + len(widths)), cell * (tall + 0.4) + 0.2 + 0.18 * lines
    figure, axes = blank(wide, high, 1, len(grids))
    figure.set_layout_engine("none")
    left = cell / 2
    for ax, name, title, grid, width in zip(axes, grids, titles, grids.values(), widths, strict=True):
        number_grid(ax, grid.detach().cpu().numpy(), title)
        (rows, columns), reach = grid.shape, width / 2
        bottom = cell * (0.2 + (tall - rows) / 2)
        ax.set_position((left / wide, bottom / high, cell * width / wide, cell * rows / high))
        ax.set_xlim((columns - 1) / 2 - reach, (columns - 1) / 2 + reach)  # cells of one size in all grids
        left += cell * (width + 1)
        if mark and name in mark:
            row, column, rows, columns = mark[name]
            draw_box(ax, (column, row, column + columns, row + rows), INK, width=3, halo=0)
            ax.patches[-1].set_clip_on(False)  # at the edge of a grid the whole line is seen
    figure.alt = alt or "; ".join(f"{title}: {grid.tolist()}" for title, grid in grids.items())
    return figure


@course_style()
def number_grid(ax: Axes, grid: np.ndarray, title: str, limit: float | None = None) -> None:
    """Draw a matrix with its numbers in the cells: (H, W); NaN is an empty cell."""
    shown = np.where(np.isfinite(grid), grid, 0)
    limit = limit or max(float(np.abs(shown).max()), 1.0)
    squares(ax, shown, cmap="RdBu_r", vmin=-2 * limit, vmax=2 * limit)
    for (row, column), number in np.ndenumerate(grid):
        if np.isfinite(number):
            ax.text(column, row, _brief(number), ha="center", va="center", fontsize=SMALL, color=INK)
    ax.set(xticks=[], yticks=[])
    ax.set_title(title, fontsize=SMALL)


def squares(ax: Axes, grid: np.ndarray, **look: Any) -> None:
    """Draw a matrix (H, W) as coloured squares around whole numbers, the first row on top; they stay sharp at any size."""
    edges = (np.arange(length + 1) - 0.5 for length in reversed(grid.shape))
    ax.pcolormesh(*edges, grid, edgecolor="white", linewidth=1.5, **look)
    ax.set(aspect="equal", ylim=(grid.shape[0] - 0.5, -0.5))
    ax.spines[:].set_visible(False)
