"""Charts and sketches of lessons 02, 04 and of the course, for `tools.drawn`."""

import math
from collections.abc import Sequence
from dataclasses import replace

import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from cnnlib import anatomy, history
from cnnlib.canvas import Figure, blank, course_style
from cnnlib.colours import COLOURS, INK, PALE
from cnnlib.models.vgg import vgg

INCHES = 7.6
RIGHT = ("LeNet-5", "AlexNet", "bottleneck 256-64-64-256", "ResNet-50", "a small YOLO")  # names right of their points


@course_style()
def costs(lessons: int) -> Figure:
    """Show parameters against multiply-adds of the networks of the first `lessons` lessons, the last one in orange."""
    figure, (ax,) = blank(INCHES, 4.4)
    small = ("the YOLO of lesson 11", "a small YOLO")  # numbers of lessons are not typed in texts
    rows = [replace(row, network=row.network.replace(*small)) for row in history.ROWS[:lessons]]
    for row in rows:
        x, y = history.amount(row.parameters), history.amount(row.macs)
        name, colour = row.network.split(",")[0].split(" (")[0], COLOURS[1] if row is rows[-1] else COLOURS[0]
        ax.plot(x, y, "o", color=colour, markersize=9)
        place, side = ((10, 0), "left") if name in RIGHT else ((-10, 0), "right")
        weight = "bold" if row is rows[-1] else "normal"
        shown = f"{name}, per region ({row.year})" if "a region" in row.macs else f"{name} ({row.year})"
        ax.annotate(shown, (x, y), place, textcoords="offset points", ha=side, va="center", color=colour, fontweight=weight)
    ax.set(xscale="log", yscale="log", xlim=(2e4, 6e8), ylim=(1e5, 3e11), xlabel="parameters", ylabel="multiply-adds")
    ax.grid(color=PALE)
    named = "; ".join(f"{row.network} {row.parameters} parameters, {row.macs} multiply-adds" for row in rows)
    figure.alt = f"Multiply-adds against parameters, both on logarithmic axes: {named}."
    return figure


@course_style()
def fields(stacks: dict[str, Sequence[tuple[int, int]]], height: float) -> Figure:
    """Draw the receptive field of one unit along a row, one panel per stack of layers (kernel, stride)."""
    figure, axes = blank(INCHES, height, 1, len(stacks))
    words = []
    for ax, (title, layers) in zip(axes, stacks.items(), strict=True):
        words.append(f"{title}: {stack(ax, layers)} pixels")
        ax.set_title(title)
    figure.alt = (
        f"The units along a row that one unit on top depends on, layer by layer down to the pixels. {'; '.join(words)}."
    )
    return figure


def stack(ax: Axes, layers: Sequence[tuple[int, int]]) -> int:
    """Draw the units of a stack from the top down, with the windows between them; returns the width in pixels."""
    jumps = [math.prod(stride for _, stride in layers[:depth]) for depth in range(len(layers) + 1)]
    reads = [0.0]
    for depth in range(len(layers), -1, -1):
        half = (max(reads) - min(reads)) / 2 + 2 * jumps[depth]
        for step in range(-round(half / jumps[depth]), round(half / jumps[depth]) + 1):
            x = step * jumps[depth]
            ax.add_patch(Rectangle((x - 0.36, depth - 0.12), 0.72, 0.24, color=COLOURS[0] if x in reads else PALE, zorder=3))
        size = round((max(reads) - min(reads)) / jumps[depth]) + 1
        name = "pixels" if depth == 0 else f"layer {depth}: {layers[depth - 1][0]}×{layers[depth - 1][0]}"
        label = f"{name}, {size} unit{'s' * (size > 1)}" if depth else f"{size} pixels"
        ax.annotate(label, (0, depth - 0.3), ha="center", va="center", zorder=4)
        if depth:
            reach = (layers[depth - 1][0] - 1) / 2 * jumps[depth - 1]
            for x in reads:
                sides = [x, x - reach - 0.36, x + reach + 0.36]
                ax.fill(sides, [depth - 0.12, depth - 0.88, depth - 0.88], color=COLOURS[0], alpha=0.12, lw=0)
            kernel, jump = layers[depth - 1][0], jumps[depth - 1]
            reads = sorted({x + (step - (kernel - 1) / 2) * jump for x in reads for step in range(kernel)})
    ax.set(xlim=(min(reads) - 3, max(reads) + 3), ylim=(-0.5, len(layers) + 0.4))
    ax.axis("off")
    return round(max(reads) - min(reads)) + 1


@course_style()
def paths() -> Figure:
    """Draw the paths from five pixels of a row through two 3×3 layers to one unit, and count them."""
    figure, (ax,) = blank(6.0, 3.6)
    rows = [[1], [1, 1, 1], [1, 2, 3, 2, 1]]
    for depth, counts in enumerate(rows):
        for place, count in enumerate(counts):
            x, y = place - (len(counts) - 1) / 2, -depth
            ax.plot(x, y, "o", markersize=26, color=COLOURS[0] if depth < 2 else COLOURS[1], zorder=3)
            ax.annotate(str(count), (x, y), color="white", ha="center", va="center", fontweight="bold", fontsize=13, zorder=4)
            for step in (-1, 0, 1) if depth < 2 else ():
                ax.plot([x, x + step], [y, y - 1], color=INK, linewidth=1.2, zorder=1)
    for depth, name in enumerate(("the unit", "first layer", "pixels")):
        ax.annotate(name, (-2.45, -depth), ha="right", va="center")
    ax.set(xlim=(-3.6, 2.5), ylim=(-2.4, 0.4))
    ax.axis("off")
    figure.alt = (
        "A triangle of paths: one unit on top, three units of the first layer with one path each, and five pixels with 1, 2, "
        "3, 2 and 1 paths."
    )
    return figure


@course_style()
def shares() -> Figure:
    """Show the share of VGG-16's parameters and of its multiply-adds in each block and each fully connected layer."""
    figure, axes = blank(INCHES, 3.2, 1, 2)
    with torch.device("meta"):
        stages = [stage for stage in anatomy.stages(vgg(16)) if stage.parameters]
    words = []
    for ax, name, numbers in zip(
        axes, ("parameters", "multiply-adds"), ([s.parameters for s in stages], [s.macs for s in stages]), strict=True
    ):
        percent = [100 * number / sum(numbers) for number in numbers]
        bars = ax.barh([stage.name for stage in stages], percent, color=COLOURS[0])
        ax.bar_label(bars, [f"{share:.0f}" if share >= 0.5 else "<1" for share in percent], padding=3)
        ax.set(title=f"{name}, % of the network", xlim=(0, 1.15 * max(percent)), xticks=[])
        ax.invert_yaxis()
        ax.spines["bottom"].set_visible(False)
        words.append(f"{name}, %: " + ", ".join(f"{s.name} {share:.0f}" for s, share in zip(stages, percent, strict=True)))
    figure.alt = f"Shares of VGG-16. {'; '.join(words)}."
    return figure


@course_style()
def softmax(logits: Sequence[float] = (2, 1, -1)) -> Figure:
    """Show logits, their exponentials and the probabilities that a softmax makes of them."""
    figure, axes = blank(INCHES, 2.7, 1, 3)
    powers = [math.exp(logit) for logit in logits]
    steps = {"logits z": list(logits), "e to the power of z": powers, "divided by their sum": [p / sum(powers) for p in powers]}
    for ax, (title, values) in zip(axes, steps.items(), strict=True):
        bars = ax.bar(["class 0", "class 1", "class 2"], values, color=COLOURS[0], width=0.6)
        ax.bar_label(bars, [f"{value:.3g}".replace("-", "−") for value in values], padding=2)
        ax.axhline(0, color=INK, linewidth=1)
        ax.set(title=title, yticks=[], ylim=(min(0, 1.4 * min(values)), 1.2 * max(values)))
        ax.spines[["left", "bottom"]].set_visible(False)
    words = "; ".join(f"{title}: {', '.join(f'{value:.3g}' for value in values)}" for title, values in steps.items())
    figure.alt = f"Bars of three classes in three steps. {words}."
    return figure


@course_style()
def sets() -> Figure:
    """Show which part of the images chooses weights, which chooses among networks, and which measures."""
    figure, (ax,) = blank(INCHES, 1.9)
    parts = [("training set", "gradients choose the weights", 6), ("validation set", "we choose rates,\nlayers, epochs", 2.6)]
    parts += [("test set", "one measurement,\nat the end", 2.6)]
    left = 0.0
    for (name, use, width), colour in zip(parts, (COLOURS[0], COLOURS[1], COLOURS[2]), strict=True):
        ax.add_patch(Rectangle((left, 0), width - 0.08, 1, color=colour))
        ax.annotate(name, (left + width / 2, 0.5), ha="center", va="center", color="white", fontweight="bold", fontsize=13)
        ax.annotate(use, (left + width / 2, -0.12), ha="center", va="top", fontsize=12)
        left += width
    ax.set(xlim=(0, left), ylim=(-0.85, 1.05))
    ax.axis("off")
    figure.alt = (
        "A bar of all images in three parts: in the training set, gradients choose the weights; in the validation set, we "
        "choose rates, layers and epochs; the test set is for one measurement at the end."
    )
    return figure


@course_style()
def averaged() -> Figure:
    """Show which numbers of a batch share a mean: for batch norm, one channel of all images and pixels."""
    figure, (ax,) = blank(4.6, 4.2)
    for image in range(4):
        for channel in range(3):
            for row in range(3):
                for column in range(3):
                    place = (4.2 * channel + column, -4.2 * image - row)
                    colour = COLOURS[1] if channel == 1 else PALE
                    ax.add_patch(Rectangle(place, 0.92, 0.92, facecolor=colour, edgecolor="white"))
        ax.annotate(f"image {image}", (-0.5, -4.2 * image - 0.5), ha="right", va="center")
    for channel in range(3):
        ax.annotate(f"channel {channel}", (4.2 * channel + 1.5, 1.6), ha="center")
    ax.annotate("one mean and one variance", (5.7, -16.4), ha="center", color=COLOURS[1], fontweight="bold")
    ax.set(xlim=(-4.2, 12), ylim=(-17.2, 2.6), aspect="equal")
    ax.axis("off")
    figure.alt = (
        "Four images with three channels of 3×3 pixels each. The pixels of channel 1 in all four images have one colour: they "
        "share one mean and one variance."
    )
    return figure
