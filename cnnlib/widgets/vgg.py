"""The explorers of lesson 04: windows upon windows, and what a unit of VGG-16 sees of a photograph."""

from collections.abc import Mapping, Sequence
from functools import cache

import torch
from matplotlib.patches import Polygon
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib import figures, receptive_fields
from cnnlib.canvas import draw_box
from cnnlib.data.photos import PHOTOS, photo
from cnnlib.models.vgg import COLUMNS, TABLE_1
from cnnlib.receptive_fields import Field
from cnnlib.widgets import Explorer, menu, slider

SIDE = 224
LAYERS = [
    name
    for stage, (_, columns) in TABLE_1.items()
    for name in (*(f"{stage}_{i + 1}" for i in range(len(columns[COLUMNS.index(16)]))), stage.replace("conv", "pool"))
]
CHANNELS = 8  # of a VGG-16 narrow enough to be redrawn at once: what a unit sees does not depend on the width


def windows_explorer() -> Explorer:
    """Pile windows upon windows along one line of pixels: layers, kernel, stride of the first layer."""
    controls = {
        "layers": slider("layers", 2, 1, 4),
        "kernel": slider("kernel", 5, 1, 5),
        "stride": slider("first stride", 1, 1, 3),
    }
    return Explorer(
        lambda layers, kernel, stride: windows([(kernel, stride if i == 0 else 1) for i in range(layers)]), controls
    )


@figures.course_style()
def windows(layers: Sequence[tuple[int, int]]) -> figures.Figure:
    """Draw which units of each map one unit of the last map sees: (kernel, stride) from the image up."""
    steps, starts, counts = [1], [0.0], [1]
    for kernel, stride in layers:
        starts.append(starts[-1] + (kernel - 1) / 2 * steps[-1])
        steps.append(steps[-1] * stride)
    for kernel, stride in reversed(layers):
        counts.insert(0, (counts[0] - 1) * stride + kernel)
    figure, (ax,) = figures.blank(7.2, 0.8 * len(layers) + 1.5)

    def place(level: int, i: int) -> float:
        return starts[level] + i * steps[level]

    for level, (kernel, stride) in enumerate(layers, 1):
        for i in range(counts[level]):
            ends = [place(level - 1, i * stride + j) for j in (0, kernel - 1)]
            corners = [(place(level, i), level), (ends[1], level - 1), (ends[0], level - 1)]
            ax.add_patch(Polygon(corners, facecolor=figures.COLOURS[0], alpha=0.12, edgecolor="none"))
            ax.plot([ends[0], place(level, i), ends[1]], [level - 1, level, level - 1], color=figures.COLOURS[5], linewidth=0.9)
    for level, count in enumerate(counts):
        beyond = [i for i in range(-6, count + 6) if not 0 <= i < count and -2.5 < place(level, i) < counts[0] + 1.5]
        ax.plot([place(level, i) for i in beyond], [level] * len(beyond), "s", color=figures.PALE, markersize=7)
        ax.plot([place(level, i) for i in range(count)], [level] * count, "s", color=figures.COLOURS[0], markersize=7)
        name = "image" if level == 0 else f"map {level}"
        ax.text(counts[0] + 2.2, level, f"{name}: {count}", va="center", color=figures.INK)
    ax.set_xlim(-3, counts[0] + max(3.5, 0.34 * counts[0] + 2))
    ax.set_ylim(-0.4, len(layers) + 0.4)
    ax.axis("off")
    shape = f"kernel {layers[0][0]}" + (f", stride {layers[0][1]} in the first layer" if layers[0][1] > 1 else "")
    ax.set_title(
        f"{len(layers)} layer{'s' * (len(layers) > 1)}, {shape}: one unit on top sees {counts[0]} pixel{'s' * (counts[0] > 1)}",
        loc="left",
    )
    seen = ", ".join(f"{count} of map {level}" if level else f"{count} pixels" for level, count in enumerate(counts[:-1]))
    figure.alt = f"A pyramid of windows, {shape}: one unit of map {len(layers)} sees {seen}."
    return figure


@figures.course_style()
def profiles(influences: Mapping[int, Tensor]) -> figures.Figure:
    """Draw the influence of each pixel row of a receptive field, one panel per network, all to one scale: layers -> (H, W)."""
    figure, axes = figures.blank(7.6, 2.7, 1, len(influences))
    widest = max(map(len, influences.values())) / 2
    highest = max(float(one.sum(1).max() / one.sum()) for one in influences.values())
    for ax, (layers, influence) in zip(axes, influences.items(), strict=True):
        rows = influence.sum(1) / influence.sum()
        middle = len(rows) // 2
        places = range(-middle, middle + 1)
        ax.axvspan(-middle - 0.5, middle + 0.5, color=figures.PALE)
        ax.fill_between(places, rows, color=figures.COLOURS[5], alpha=0.45, step="mid", linewidth=0)
        ax.step(places, rows, where="mid", color=figures.COLOURS[0])
        ax.set_title(f"{layers} layers")
        ax.set_xlabel("pixels from the middle")
        ax.set_xlim(-widest, widest)
        ax.set_ylim(0, 1.05 * highest)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
    figure.alt = (
        f"The influence of each row of pixels on one unit after {', '.join(map(str, influences))} layers of 3x3, to one "
        "scale: a bell that gets wider, but fills ever less of the receptive field, a grey strip."
    )
    return figure


def receptive_field_explorer() -> Explorer:
    """Go up through VGG-16: the receptive field of its middle unit on a photograph, beside what moves that unit."""
    controls = {
        "layer": slider("layer", 17, 1, len(LAYERS)),
        "pools": menu("pools", ["five, as in VGG-16", "none"]),
        "weights": menu("weights", ["drawn at random", "all equal"]),
        "picture": menu("photograph", PHOTOS, "cat"),
    }

    def draw(layer: int, pools: str, weights: str, picture: str) -> figures.Figure:
        return seen(layer, pools != "none", weights == "all equal", picture)

    return Explorer(draw, controls)


@figures.course_style()
def seen(layer: int, pools: bool, equal: bool, picture: str) -> figures.Figure:
    """Draw the receptive fields of the middle units of the first layers, and the influence of each pixel on the last."""
    image = _photograph(picture)
    net = narrow_vgg(pools, equal)[:layer]
    fields = [Field()]
    for name in LAYERS[:layer]:
        if name.startswith("conv"):
            fields.append(fields[-1].through(3, padding=1))
        elif pools:
            fields.append(fields[-1].through(2, stride=2))
    field = fields[-1]
    middle = SIDE // field.stride // 2
    pixels = image.mean(1, keepdim=True) if equal else (image - image.mean()) / image.std()
    seen_rows = field.rows(middle)
    first = seen_rows[0]
    cut = max(0, min(first, SIDE - 1 - seen_rows[-1])) // 32 * 32  # what lies beyond the field need not be computed
    place = middle - cut // field.stride
    influence = receptive_fields.influence(net, pixels[0, :, cut : SIDE - cut, cut : SIDE - cut], (place, place))
    influence = F.pad(influence, (cut,) * 4)
    side = side_of_95_percent(influence, first + (field.size - 1) / 2)

    figure, axes = figures.blank(7.6, 4.2, 1, 2)
    axes[0].imshow(image[0].permute(1, 2, 0).numpy())
    for smaller in fields[1:-1]:
        draw_box(axes[0], _square(smaller.rows(SIDE // smaller.stride // 2)[0], smaller.size), "white", width=0.7, halo=0)
    axes[1].imshow((influence / influence.max()).sqrt().numpy(), cmap="magma", vmin=0, vmax=1)
    for ax in axes:
        draw_box(ax, _square(first, field.size), figures.COLOURS[5], width=2.2, halo=0)
        ax.axis("off")
        ax.set_xlim(-0.5, SIDE - 0.5)
        ax.set_ylim(SIDE - 0.5, -0.5)
    draw_box(axes[1], _square(first + (field.size - side) / 2, side), "white", style="--", width=1.6, halo=0)
    name = LAYERS[layer - 1]
    axes[0].set_title(f"up to {name}: the field is {field.size} x {field.size}")
    axes[1].set_title(f"95 % of the influence (dashed): {side} x {side}")
    where = f"{name} of VGG-16{'' if pools else ' without its pools'}"
    figure.alt = (
        f"A photograph of {SIDE} x {SIDE} pixels ({picture}) with the receptive field of a unit of {where}: {field.size} x "
        f"{field.size} pixels. Beside it how strongly each pixel moves that unit, weights "
        f"{'all equal' if equal else 'drawn at random'}: a bright middle, and 95 % of the influence in {side} x {side} pixels."
    )
    return figure


def side_of_95_percent(influence: Tensor, centre: float) -> int:
    """Find the smallest square around the `centre` (row and column) that holds 95 % of an influence: (H, W) -> its side."""
    away = (torch.arange(len(influence)) - centre).abs()
    distance, order = torch.maximum(away[:, None], away).flatten().sort(stable=True)
    held = influence.double().flatten()[order].cumsum(0)
    return int(2 * distance[(held < 0.95 * held[-1]).sum()]) + 1


@cache
def narrow_vgg(pools: bool = True, equal: bool = False) -> nn.Sequential:
    """Build the convolutions and pools of VGG-16 with few channels, its weights random or all equal; ReLUs stay in the stages.

    With equal weights one channel tells all, and pools average: the maximum would let one pixel of four through.
    """
    generator = torch.Generator().manual_seed(0)
    net, c_in, width = nn.Sequential(), 1 if equal else 3, 1 if equal else CHANNELS
    for name in LAYERS:
        if name.startswith("pool"):
            pool = nn.AvgPool2d(2) if equal else nn.MaxPool2d(2)
            net.add_module(name, pool if pools else nn.Identity())
            continue
        conv = nn.Conv2d(c_in, width, 3, padding=1, bias=False).requires_grad_(False)
        drawn = torch.randn(conv.weight.shape, generator=generator) * (2 / (9 * c_in)) ** 0.5
        conv.weight.copy_(torch.full_like(drawn, 1 / 9) if equal else drawn)
        net.add_module(name, nn.Sequential(conv, nn.ReLU()))
        c_in = width
    return net


@cache
def _photograph(name: str) -> Tensor:
    return photo(name, SIDE)


def _square(first: float, side: int) -> tuple[float, float, float, float]:
    """Make the box of a square whose first row and column are `first`: x1 y1 x2 y2."""
    return first, first, first + side, first + side
