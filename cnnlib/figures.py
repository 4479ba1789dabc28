"""Pictures by one call: each function draws, gives the figure its text alternative, and returns it; a notebook shows it.

Every function returns the `Figure` it drew on (not the axes: a notebook can show a figure, with its text alternative, and can
only print axes); those that draw one panel, `lines` and `bars`, take `ax` to draw into a panel of another.
"""

from collections.abc import Mapping, Sequence

import matplotlib.figure
import numpy as np
from matplotlib.axes import Axes
from torch import Tensor

from cnnlib.canvas import COLOURS, INK, MARKS, PALE, PHOTO_DPI, Figure, blank, course_style, draw_box


@course_style()
def images(x: Tensor, titles: Sequence[str] = (), columns: int = 8, inches: float = 1.1, alt: str = "") -> Figure:
    """Show a batch of images in a grid: (N, 3 or 1, H, W) in [0, 1]."""
    rows = -(-len(x) // columns)
    ratio = x.shape[2] / x.shape[3]
    figure, axes = blank(columns * inches, rows * (inches * ratio + (0.25 if len(titles) else 0.05)), rows, columns, PHOTO_DPI)
    for ax in axes:
        ax.axis("off")
    for index, (ax, image) in enumerate(zip(axes, x.detach().cpu(), strict=False)):
        ax.imshow(image.clamp(0, 1).permute(1, 2, 0).numpy(), cmap="gray", vmin=0, vmax=1)
        if len(titles):
            ax.set_title(titles[index], fontsize=8)
    shown = f": {', '.join(dict.fromkeys(map(str, titles)))}" if len(titles) else ""
    figure.alt = alt or f"{len(x)} image{'s' if len(x) > 1 else ''}{shown}."
    return figure


@course_style()
def feature_maps(
    y: Tensor, titles: Sequence[str] = (), columns: int = 4, inches: float = 2.0, limit: float | None = None, alt: str = ""
) -> Figure:
    """Show the K maps of one image, blue below zero, white at zero, red above: (K, H, W) or (1, K, H, W).

    The full colours mean `limit` in all maps, or each map's own largest number where it is not given.
    """
    maps = y.detach().cpu().reshape(-1, *y.shape[-2:])
    (_, height, width), rows = maps.shape, -(-len(maps) // columns)
    figure, axes = blank(columns * inches, rows * (inches * height / width + 0.3), rows, columns, PHOTO_DPI)
    for ax in axes:
        ax.axis("off")
    for index, (ax, one) in enumerate(zip(axes, maps, strict=False)):
        full = limit or one.nan_to_num(0, 0, 0).abs().max().item() or 1.0
        ax.imshow(one.numpy(), cmap="RdBu_r", vmin=-full, vmax=full)
        ax.set_title(titles[index] if len(titles) else f"map {index}", fontsize=9)
    shown = f": {', '.join(map(str, titles))}" if len(titles) else ""
    figure.alt = (
        alt or f"{len(maps)} {'maps' if len(maps) > 1 else 'map'} of {height} x {width}, blue below zero, red above{shown}."
    )
    return figure


@course_style()
def numbers(grids: Mapping[str, Tensor], alt: str = "", mark: Mapping[str, tuple[int, int, int, int]] | None = None) -> Figure:
    """Write small matrices as coloured tables, side by side: title -> (H, W).

    `mark` draws a frame in the grid of that title: (row, column, rows, columns).
    """
    cell = 0.42
    widths = [max(grid.shape[1], 3) for grid in grids.values()]
    tall = max(grid.shape[0] for grid in grids.values())
    figure, axes = blank(cell * (sum(widths) + len(widths)), cell * tall + 0.5, 1, len(grids), widths=widths)
    for ax, (title, grid) in zip(axes, grids.items(), strict=True):
        number_grid(ax, grid.detach().cpu().numpy(), title)
        if mark and title in mark:
            row, column, rows, columns = mark[title]
            draw_box(ax, (column, row, column + columns, row + rows), INK, width=3, halo=0)
    figure.alt = alt or "; ".join(f"{title}: {grid.tolist()}" for title, grid in grids.items())
    return figure


@course_style()
def number_grid(ax: Axes, grid: np.ndarray, title: str, limit: float | None = None) -> None:
    """Draw a matrix with its numbers in the cells: (H, W); NaN is an empty cell."""
    shown = np.where(np.isfinite(grid), grid, 0)
    limit = limit or max(np.abs(shown).max(), 1)
    ax.imshow(shown, cmap="RdBu_r", vmin=-2 * limit, vmax=2 * limit)
    for (row, column), number in np.ndenumerate(grid):
        if np.isfinite(number):
            ax.text(column, row, f"{number:.3g}", ha="center", va="center", fontsize=8.5, color=INK)
    ax.set_xticks(np.arange(-0.5, grid.shape[1]), [])
    ax.set_yticks(np.arange(-0.5, grid.shape[0]), [])
    ax.grid(color="white", linewidth=1.5)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_title(title, fontsize=9.5)


@course_style()
def lines(
    x: Sequence[float],
    series: Mapping[str, Sequence[float]],
    xlabel: str,
    ylabel: str,
    log: bool = False,
    ax: Axes | None = None,
) -> Figure:
    """Draw one line per series over `x`, named in a legend; `log` for a logarithmic y axis.

    A series may end before `x` does, as that of a training that was stopped. One without a number has no line.
    """
    figure, ax = _panel(ax, 6.2, 3.4)
    for index, (name, y) in enumerate(series.items()):
        colour = COLOURS[index % len(COLOURS)]
        if len(y):
            ax.plot(x[: len(y)], y, color=colour, marker=MARKS[index % len(MARKS)], markersize=5, linewidth=1.8, label=name)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    if log:
        ax.set_yscale("log")
    ax.grid(color=PALE)
    if ax.lines:
        ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    ends = (f"{name} from {y[0]:.3g} to {y[-1]:.3g}" if len(y) else f"{name} has no number yet" for name, y in series.items())
    _add_alt(figure, f"{ylabel} against {xlabel}: {'; '.join(ends) or 'no series'}.")
    return figure


@course_style()
def curves(curve: Mapping[str, Sequence[Tensor]], xlabel: str = "recall", ylabel: str = "precision") -> Figure:
    """Draw precision against recall, one colour per name: (recall (M,), precision (M,)) each, or a `Curve`.

    Thin as measured, thick the best precision at this or a higher recall.
    """
    figure, (ax,) = blank(5.6, 3.3)
    ends = []
    for (name, (recall, precision, *_)), colour in zip(curve.items(), COLOURS, strict=False):
        best = precision.flip(0).cummax(0).values.flip(0)
        ax.plot(recall.numpy(), precision.numpy(), color=colour, linewidth=0.8, alpha=0.6)
        first = best[:1] if len(best) else 0  # nothing was found
        ax.step(np.append(0, recall), np.append(first, best), where="pre", color=colour, linewidth=2, label=name)
        reached, last = (np.append(part.numpy(), 0)[-2 if len(part) else 0] for part in (recall, precision))
        ends.append(f"{name} ends at recall {reached:.2f} with precision {last:.2f}")
    ax.set(xlabel=xlabel, ylabel=ylabel, xlim=(0, 1.02), ylim=(0, 1.05))
    ax.grid(color=PALE)
    ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    figure.alt = f"{ylabel} against {xlabel}, as measured (thin) and the best from there on (thick): {'; '.join(ends)}."
    return figure


@course_style()
def bars(
    values: Mapping[str, float], xlabel: str, chance: float | None = None, form: str = "{:.0f}", ax: Axes | None = None
) -> Figure:
    """Draw one horizontal bar per name with its number at the end; `chance` marks what guessing reaches."""
    figure, ax = _panel(ax, 6.2, 0.42 * len(values) + 0.9)
    ax.barh(list(values), list(values.values()), color=COLOURS[0], height=0.62)
    for row, value in enumerate(values.values()):
        ax.text(value, row, " " + form.format(value), va="center", color=INK)
    if chance is not None:
        ax.axvline(chance, color=COLOURS[1], linestyle="--", linewidth=1.5)
        ax.text(chance, -0.75, " guessing", color=COLOURS[1], fontsize=9, va="center")
    ax.invert_yaxis()
    ax.set_ylim(len(values) - 0.5, -1 if chance is not None else -0.5)
    ax.set_xlabel(xlabel)
    ax.margins(x=0.1)
    _add_alt(figure, f"{xlabel}: {', '.join(f'{name} {form.format(value)}' for name, value in values.items()) or 'no bar'}.")
    return figure


def _add_alt(figure: matplotlib.figure.Figure, words: str) -> None:
    """Add the sentence of one panel to a figure's text alternative."""
    alt = getattr(figure, "alt", Figure.alt)
    figure.alt = words if alt == Figure.alt else f"{alt} {words}"


def _panel(ax: Axes | None, width: float, height: float) -> tuple[Figure, Axes]:
    if ax is not None:
        return ax.figure, ax
    figure, axes = blank(width, height)
    return figure, axes[0]
