"""Charts: lines over numbers, precision against recall, and bars, in colours that mean the same in every chart of a lesson."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter
from torch import Tensor

from cnnlib.canvas import FULL, SMALL, Figure, blank, course_style, wrapped
from cnnlib.colours import BACKGROUND, COLOURS, INK, PALE, Look, kind_of, looks

LEGEND = 1.9  # inches of a chart's legend


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

    A series may end before `x` does, as that of a training that was stopped. One without a number has no line. Where a
    logarithmic axis has no place for a number, because it is 0, a hollow triangle at the bottom shows where.
    """
    figure, ax = _panel(ax, FULL, 3.6)
    for (name, y), look in zip(series.items(), looks(series), strict=True):
        if len(y):
            _line(ax, x[: len(y)], y, name, look, log)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    if log:
        _log_axis(ax)
    if all(isinstance(number, int) for number in x):
        ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    ax.grid(color=PALE)
    name_lines(ax)
    ends = (f"{name} from {y[0]:.3g} to {y[-1]:.3g}" if len(y) else f"{name} has no number yet" for name, y in series.items())
    _add_alt(figure, f"{ylabel} against {xlabel}: {'; '.join(ends) or 'no series'}.")
    return figure


def _line(ax: Axes, x: Sequence[float], y: Sequence[float], name: str, look: Look, log: bool) -> None:
    """Draw a series; on a logarithmic axis a number that is not positive is a hollow triangle at the bottom."""
    at, heights = np.asarray(x), np.asarray(y, float)
    below = heights <= 0 if log else np.zeros(len(y), bool)
    style: dict[str, Any] = dict(color=look.colour, marker=look.mark, linestyle=look.dashes, markersize=5.5, linewidth=1.8)
    ax.plot(at, np.where(below, np.nan, heights), label=name, **style)
    if below.any():
        hollow: dict[str, Any] = dict(
            marker="v", markersize=7, markerfacecolor="white", markeredgecolor=look.colour, linestyle="none"
        )
        ax.plot(at[below], np.full(below.sum(), 0.03), transform=ax.get_xaxis_transform(), label="_0", **hollow)
        if not any(text.get_text() == "0" for text in ax.texts):
            ax.annotate("0", (0, 0.03), xycoords="axes fraction", xytext=(-6, 0), textcoords="offset points", ha="right")


def _log_axis(ax: Axes) -> None:
    """Make the y axis logarithmic, with plain numbers at powers of ten, or at 1, 2 and 5 where it has less than two of them."""
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    least = low
    if ax.texts:  # the mark of zero: leave room below the smallest number, and no number next to it
        ax.set_ylim(low := low * (low / high) ** 0.15, high)
        least = low * (high / low) ** 0.1
    decades = np.log10(high / low)
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades < 2 else (1,), numticks=9))
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.yaxis.set_major_formatter(lambda y, _: f"{y:g}" if y >= least else "")  # in 10 to the power of -5, -5 is small


@course_style()
def curves(curve: Mapping[str, Sequence[Tensor]], xlabel: str = "recall", ylabel: str = "precision") -> Figure:
    """Draw precision against recall, one colour and mark per name: (recall (M,), precision (M,)) each, or a `Curve`.

    Thin as measured, thick the best precision at this or a higher recall.
    """
    figure, (ax,) = blank(FULL, 3.8)
    ends = []
    for index, ((name, (recall, precision, *_)), look) in enumerate(zip(curve.items(), looks(curve), strict=True)):
        best = precision.flip(0).cummax(0).values.flip(0)
        ax.plot(recall.numpy(), precision.numpy(), color=look.colour, linewidth=0.8, alpha=0.6)
        first = best[:1] if len(best) else 0  # nothing was found
        style: dict[str, Any] = dict(
            color=look.colour, linewidth=2, marker=look.mark, markersize=6, markevery=(0.02 * (index + 1), 0.12)
        )
        ax.step(np.append(0, recall), np.append(first, best), where="pre", label=name, **style)
        reached, last = (np.append(part.numpy(), 0)[-2 if len(part) else 0] for part in (recall, precision))
        ends.append(f"{name} ends at recall {reached:.2f} with precision {last:.2f}")
    ax.set(xlabel=xlabel, ylabel=ylabel, xlim=(0, 1.02), ylim=(0, 1.05))
    ax.grid(color=PALE)
    name_lines(ax)
    figure.alt = f"{ylabel} against {xlabel}, as measured (thin) and the best from there on (thick): {'; '.join(ends)}."
    return figure


@course_style()
def bars(
    values: Mapping[str, float], xlabel: str, chance: float | None = None, form: str = "{:.0f}", ax: Axes | None = None
) -> Figure:
    """Draw one horizontal bar per name with its number at the end; `chance` marks what guessing reaches.

    A bar whose name contains one of the kinds given to `fix_colours` has the colour of that kind, and the others are grey.
    """
    names = [wrapped(name, 2.4) for name in values]
    figure, ax = _panel(ax, FULL, sum(0.27 + 0.15 * (name.count("\n") + 1) for name in names) + 0.9)
    kinds = list(map(kind_of, values))
    other = COLOURS[0] if all(kind is None for kind in kinds) else BACKGROUND
    colours = [other if kind is None else COLOURS[kind % len(COLOURS)] for kind in kinds]
    rows = range(len(values))
    ax.barh(rows, list(values.values()), color=colours, height=0.62)
    ax.set_yticks(rows, names, multialignment="right")
    for row, value in enumerate(values.values()):
        ax.annotate(form.format(value), (value, row), xytext=(5, 0), textcoords="offset points", va="center", color=INK)
    if chance is not None:
        ax.axvline(chance, color=INK, linestyle="--", linewidth=1.5)
        ax.text(chance, -0.75, " guessing", color=INK, fontsize=SMALL, va="center")
    ax.set_ylim(len(values) - 0.5, -1 if chance is not None else -0.5)
    ax.set_xlabel(xlabel)
    ax.margins(x=0.1)
    _add_alt(figure, f"{xlabel}: {', '.join(f'{name} {form.format(value)}' for name, value in values.items()) or 'no bar'}.")
    return figure


def name_lines(ax: Axes) -> None:
    """Name the lines beside a chart, in lines that leave the chart most of the room."""
    handles, names = ax.get_legend_handles_labels()
    if handles:
        ax.legend(handles, [wrapped(name, LEGEND) for name in names], frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))


def _add_alt(figure: Figure, words: str) -> None:
    """Add the sentence of one panel to a figure's text alternative."""
    alt = getattr(figure, "alt", Figure.alt)
    figure.alt = words if alt == Figure.alt else f"{alt} {words}"


def _panel(ax: Axes | None, width: float, height: float) -> tuple[Figure, Axes]:
    """Take the axes that were given, whose figure may be matplotlib's own, or make a figure with axes."""
    if ax is not None:
        return cast(Figure, ax.figure), ax
    figure, axes = blank(width, height)
    return figure, axes[0]
