"""The explorer of lesson 03: three channels of a photograph mixed pixel by pixel, and the weights of a bottleneck."""

import ipywidgets as ui
import torch
from matplotlib.axes import Axes
from torch.nn import functional as F

from cnnlib import figures
from cnnlib.data.photos import PHOTOS, photo
from cnnlib.widgets import LOOK, WRAP, Explorer, menu, slider


def mixing_explorer() -> Explorer:
    """Mix red, green and blue with a 1x1 filter of your own; beside it what narrowing the channels does to the weights."""
    weights = {name: _weight(name, value) for name, value in {"red": 1.0, "green": 0.0, "blue": 0.0, "bias": 0.0}.items()}
    sizes = {"channels": slider("channels", 256, 32, 512), "narrow": slider("narrowed to", 128, 8, 512)}
    for control in sizes.values():
        control.step = 8
    picture = menu("photograph", PHOTOS, "flower")
    photos = {name: photo(name, 160) for name in PHOTOS}

    def draw(picture: str, red: float, green: float, blue: float, bias: float, channels: int, narrow: int) -> figures.Figure:
        return mixed(photos[picture], (red, green, blue), bias, channels, narrow)

    layout = ui.HBox([ui.VBox([picture, *weights.values()]), ui.VBox(list(sizes.values()))], layout=WRAP)
    return Explorer(draw, {"picture": picture, **weights, **sizes}, layout)


def _weight(name: str, value: float) -> ui.FloatSlider:
    return ui.FloatSlider(value, min=-1, max=1, step=0.25, description=name, **LOOK)


@figures.course_style()
def mixed(image: torch.Tensor, weights: tuple[float, float, float], bias: float, channels: int, narrow: int) -> figures.Figure:
    """Draw a photograph (1, 3, H, W), what a 1x1 filter makes of it, and the weights of a 3x3 layer and a bottleneck."""
    response = F.conv2d(image, torch.tensor(weights).view(1, 3, 1, 1), torch.tensor([bias]))[0, 0]
    figure, axes = figures.blank(10.6, 3.5, 1, 3)
    axes[0].imshow(image[0].permute(1, 2, 0).numpy())
    axes[0].set_title("the photograph,\n3 channels", fontsize=figures.SMALL)
    limit = max(response.abs().max().item(), 1e-6)
    shown = axes[1].imshow(response.numpy(), cmap="RdBu_r", vmin=-limit, vmax=limit)
    figure.colorbar(shown, ax=axes[1], shrink=0.8)
    red, green, blue = (f"{weight:+.2f}" for weight in weights)
    axes[1].set_title(f"{red} red, {green} green,\n{blue} blue, bias {bias:+.2f}", fontsize=figures.SMALL)
    for ax in axes[:2]:
        ax.axis("off")
    plain, parts = weight_counts(channels, narrow)
    _draw_weights(axes[2], plain, parts)
    axes[2].set_title(f"weights from {channels}\nchannels to {channels}", fontsize=figures.SMALL)
    figure.alt = (
        f"A photograph and the map that a 1x1 filter makes of it: {red} red {green} green {blue} blue, bias {bias:+.2f}; "
        f"from {response.min():.2f} (blue) to {response.max():.2f} (red). Beside them the weights: from {channels} channels to "
        f"{channels} one 3x3 layer has {plain:,} weights, a bottleneck of {narrow} channels {sum(parts):,}."
    )
    return figure


def weight_counts(channels: int, narrow: int) -> tuple[int, tuple[int, int, int]]:
    """Count the weights of one 3x3 layer, and of the three layers of a bottleneck.

    >>> weight_counts(256, 64)
    (589824, (16384, 36864, 16384))
    """
    return 9 * channels**2, (channels * narrow, 9 * narrow**2, narrow * channels)


def _draw_weights(ax: Axes, plain: int, parts: tuple[int, int, int]) -> None:
    """Stack the weights of a plain 3x3 layer and of a bottleneck, each with its sum on top."""
    one, three = figures.COLOURS[0], figures.COLOURS[4]
    ax.bar("one 3x3", plain, color=three, width=0.6, label="in 3x3 filters")
    floor = 0
    for part, colour in zip(parts, (one, three, one), strict=True):
        ax.bar("1x1, 3x3, 1x1", part, bottom=floor, color=colour, width=0.6, edgecolor="white", linewidth=0.8)
        floor += part
    ax.bar("1x1, 3x3, 1x1", 0, color=one, label="in 1x1 filters")
    for place, total in enumerate((plain, floor)):
        ax.text(place, total, f"{total:,}", ha="center", va="bottom", color=figures.INK)
    times = plain / floor
    words = f"{times:.2f} times fewer" if times > 1 else f"{1 / times:.2f} times as many"
    ax.set_xlabel(words)
    ax.set_ylim(0, 1.35 * max(plain, floor))
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.legend(frameon=False, fontsize=figures.SMALL, loc="upper right", ncols=2)
