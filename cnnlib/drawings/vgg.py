"""The drawing of lesson 04: the influence of each pixel row of a receptive field."""

from collections.abc import Mapping

from torch import Tensor

from cnnlib import figures


@figures.course_style()
def profiles(influences: Mapping[int, Tensor]) -> figures.Figure:
    """Draw the influence of each pixel row of a receptive field, one panel per network, all to one scale: layers -> (H, W)."""
    figure, axes = figures.blank(7.6, 2.7, 1, len(influences))
    widest = max(map(len, influences.values())) / 2
    highest = max(float(one.sum(1).max() / one.sum()) for one in influences.values())
    for ax, (layers, influence) in zip(axes, influences.items(), strict=True):
        rows = (influence.sum(1) / influence.sum()).tolist()
        edges = [row - len(rows) / 2 for row in range(len(rows) + 1)]
        ax.axvspan(edges[0], edges[-1], color=figures.PALE)
        ax.stairs(rows, edges, color=figures.COLOURS[5], alpha=0.45, fill=True)
        ax.stairs(rows, edges, color=figures.COLOURS[0])
        ax.set_title(f"{layers} layers")
        ax.set_xlabel("pixels from the middle")
        ax.set_xlim(-widest, widest)
        ax.set_ylim(0, 1.05 * highest)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
    figure.alt = (
        f"The influence of each row of pixels on one unit after {', '.join(map(str, influences))} layers of 3×3, to one "
        "scale: a bell that gets wider, but fills ever less of the receptive field, a grey strip."
    )
    return figure
