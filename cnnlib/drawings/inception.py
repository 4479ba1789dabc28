"""The drawing of lesson 05: the accuracies of several networks over many seeds."""

from collections.abc import Mapping, Sequence

from cnnlib import figures
from cnnlib.colours import COLOURS, kind_of


@figures.course_style()
def strips(values: Mapping[str, Sequence[float]], xlabel: str) -> figures.Figure:
    """Draw a row per name: a point per value, and a bar at their mean; colours as `fix_colours` says."""
    figure, (ax,) = figures.blank(7.6, 0.55 * len(values) + 0.7)
    words = []
    for row, (name, found) in enumerate(values.items()):
        mean, kind = sum(found) / len(found), kind_of(name)
        colour = COLOURS[(kind or 0) % len(COLOURS)]
        ax.plot(found, [row] * len(found), "o", color=colour, alpha=0.55, markersize=8)
        ax.plot([mean, mean], [row - 0.32, row + 0.32], color=figures.INK, linewidth=3)
        ax.annotate(f"{mean:.0f}", (mean, row - 0.36), color=figures.INK, ha="center", va="bottom", fontsize=figures.SMALL)
        words.append(f"{name} {min(found):.0f} to {max(found):.0f}, mean {mean:.0f}")
    ax.set_yticks(range(len(values)), values)
    ax.set_ylim(len(values) - 0.5, -0.8)
    ax.set_xlabel(xlabel)
    ax.grid(axis="x", color=figures.PALE)
    figure.alt = f"{xlabel}, a point per seed: {'; '.join(words)}."
    return figure
