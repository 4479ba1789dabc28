"""The explorer of lesson 07, the size and memory of a DenseNet, and the drawings that only this lesson needs."""

from itertools import pairwise

import numpy as np
from matplotlib.patches import FancyArrowPatch, Rectangle

from cnnlib import figures
from cnnlib.widgets import Explorer, menu, slider

BLOCKS = ((32, "1"), (16, "2"), (8, "3"))  # side of the maps of each block, for 32 x 32 images
KINDS = {"3x3 alone": False, "bottleneck, halving (-BC)": True}


def dense_explorer() -> Explorer:
    """Choose growth rate, depth and kind of a CIFAR DenseNet: channels layer by layer, parameters, memory."""
    kind = menu("kind", KINDS)
    controls = {"growth": slider("growth rate", 12, 4, 40), "layers": slider("layers per block", 12, 2, 32), "kind": kind}
    return Explorer(lambda growth, layers, kind: costs(growth, layers, KINDS[kind]), controls)


def walk(growth: int, layers: int, bc: bool) -> list[list[int]]:
    """List what each layer of each of the three blocks reads; the last number of a block is what comes out of it."""
    c_in, blocks = 2 * growth if bc else 16, []
    for _ in BLOCKS:
        blocks.append([c_in + i * growth for i in range(layers + 1)])
        c_in = blocks[-1][-1] // 2 if bc else blocks[-1][-1]
    return blocks


def parameters(growth: int, layers: int, bc: bool) -> int:
    """Count the parameters of the CIFAR network for ten classes.

    >>> parameters(12, 16, True)
    769162
    """
    blocks, total, wide = walk(growth, layers, bc), 0, 4 * growth
    total += 27 * blocks[0][0] + 12 * blocks[-1][-1] + 10  # the first convolution; the last batch norm and layer
    for reads in blocks:
        for c in reads[:-1]:
            total += 2 * c + (c * wide + 2 * wide + 9 * wide * growth if bc else 9 * c * growth)
    return total + sum(reads[-1] * (2 + following[0]) for reads, following in pairwise(blocks))  # the transitions


def stored(growth: int, layers: int, bc: bool, recompute: bool = False) -> int:
    """Count the numbers stored for the backward pass, for one image, to within 1 %.

    Each layer stores the concatenation it read and that after batch norm and ReLU; `recompute` stores each map once, and makes
    the copies again when they are needed (Pleiss et al. 2017).
    """
    total = 3 * 32 * 32
    for (side, _), reads in zip(BLOCKS, walk(growth, layers, bc), strict=True):
        inner = layers * 8 * growth if bc and not recompute else layers * 4 * growth if bc else 0
        mixed = 0 if side == 8 else reads[-1] // 2 if bc else reads[-1]  # the 1x1 layer of a transition
        total += side * side * (mixed + inner + (reads[-1] if recompute else 2 * sum(reads)))
    return total


@figures.course_style()
def costs(growth: int, layers: int, bc: bool) -> figures.Figure:
    """Draw the channels that each layer reads, the parameters, and the memory of one image in training."""
    blocks = walk(growth, layers, bc)
    depth = 3 * layers * (2 if bc else 1) + 4
    figure, axes = figures.blank(9.4, 3.6, 1, 3)
    axes[0].set_title(f"L = {depth}, k = {growth}{', -BC' if bc else ''}: channels", fontsize=figures.SMALL)
    for number, reads in enumerate(blocks):
        place = np.arange(layers + 1) + number * (layers + 1)
        axes[0].bar(place[:-1], reads[:-1], width=0.85, color=figures.COLOURS[number])
        axes[0].bar(place[:-1], [growth] * layers, bottom=reads[:-1], width=0.85, color=figures.INK)
    middles = [layers / 2 - 0.5 + number * (layers + 1) for number in range(3)]
    axes[0].set_xticks(middles, [f"block {name}" for _, name in BLOCKS])
    axes[0].tick_params(axis="x", length=0)
    axes[0].set_ylabel("read (colour), added (black)")
    weights, copies, once = parameters(growth, layers, bc), stored(growth, layers, bc), stored(growth, layers, bc, True)
    panel(axes[1], f"{weights:,} parameters", "millions", {"this": weights / 1e6, "ResNet-110": 1.727962})
    panel(axes[2], "stored for the backward pass", "MB per image", {"this": copies * 4e-6, "copies made\nagain": once * 4e-6})
    axes[2].axhline(RESNET_110 * 4e-6, color=figures.INK, linestyle="--", linewidth=1.2)
    corner = {"transform": axes[2].get_yaxis_transform(), "va": "bottom", "ha": "right"}
    axes[2].text(0.98, RESNET_110 * 4e-6, "ResNet-110", fontsize=figures.SMALL, **corner)
    figure.alt = (
        f"A DenseNet of depth {depth} with growth rate {growth}{' and bottlenecks' if bc else ''}: its layers read "
        f"{blocks[0][0]} to {blocks[-1][-2]} channels and add {growth} each; {weights:,} parameters; {copies * 4e-6:.1f} MB "
        f"are stored per image, {once * 4e-6:.1f} MB if copies are made again; ResNet-110: 1,727,962 parameters, "
        f"{RESNET_110 * 4e-6:.1f} MB."
    )
    return figure


RESNET_110 = 2_108_384  # numbers stored for one image, as section 6.5 counts them


def panel(ax: object, title: str, ylabel: str, values: dict[str, float]) -> None:
    """Draw one bar per name with its number on top, in no block's colour."""
    ax.bar(list(values), list(values.values()), color=figures.PALE, edgecolor=figures.INK, width=0.6)
    for place, value in enumerate(values.values()):
        ax.text(
            place, value, f"{value:.2f}" if value < 10 else f"{value:.0f}", ha="center", va="bottom", fontsize=figures.SMALL
        )
    ax.set_title(title, fontsize=figures.SMALL)
    ax.set_ylabel(ylabel)
    ax.margins(y=0.12)


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
    figure, axes = figures.blank(4.7 * len(grids), 4.2, 1, len(grids))
    for ax, (title, grid) in zip(axes, grids.items(), strict=True):
        top = np.nanmax(grid)
        ax.imshow(grid, cmap="Blues", vmin=0, vmax=1.6 * top)
        for (row, column), value in np.ndenumerate(grid):
            if np.isfinite(value):
                text = form.format(value)
                text = "0" if text == "-0" else text
                ax.text(column, row, text, ha="center", va="center", fontsize=figures.SMALL, color=figures.INK)
        ax.set_yticks(range(len(grid)), ["stem", *names])
        ax.set_xticks(range(grid.shape[1]), [*names, "classifier"][: grid.shape[1]], fontsize=figures.SMALL)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        ax.set(title=title, xlabel="readers: layers", ylabel="what they read: layers")
    places = {title: np.unravel_index(np.nanargmax(grid), grid.shape) for title, grid in grids.items()}
    figure.alt = "; ".join(
        f"{title}: {form.format(grids[title][row, column])} at most, where {[*names, 'the classifier'][column]} reads "
        f"{['the stem', *names][row]}"
        for title, (row, column) in places.items()
    )
    return figure
