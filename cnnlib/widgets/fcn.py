"""The explorers of lesson 08: a transposed convolution pixel by pixel, and the heat map of a classifier over a scene."""

import numpy as np
import torch
from matplotlib.colors import to_rgb
from torch import Tensor
from torch.nn import functional as F

from cnnlib import figures
from cnnlib.data.scenes import SCENE_CLASSES, scenes
from cnnlib.models.backbone import pretrained_classifier
from cnnlib.models.fcn import convolutionalize
from cnnlib.transposed import transposed_size
from cnnlib.widgets import Explorer, menu, slider

PIXELS = 4  # of the row that is enlarged
WINDOW = 32  # pixels that the classifier looks at


def transposed_explorer() -> Explorer:
    """Enlarge a row of four pixels: which of them reaches which output pixel, and how often each is reached."""
    controls = {
        "kernel": slider("kernel", 3, 1, 6),
        "stride": slider("stride", 2, 1, 4),
        "padding": slider("padding", 0, 0, 3),
        "output_padding": slider("output_padding", 0, 0, 3),
    }
    return Explorer(stamped, controls)


@figures.course_style()
def stamped(kernel: int, stride: int, padding: int, output_padding: int) -> figures.Figure:
    """Draw the matrix of a transposed convolution of four pixels, and below it how many stamps fall on each output pixel."""
    size = transposed_size(PIXELS, kernel, stride, padding, output_padding)
    reached = reach(kernel, stride, padding, output_padding)
    figure, (ax, bars) = figures.blank(7.4, 4.0, 2, 1)
    colours = np.ones((PIXELS, size, 3))
    for pixel in range(PIXELS):
        colours[pixel, reached[pixel] > 0] = 0.6 + 0.4 * np.array(to_rgb(figures.COLOURS[pixel]))  # pale, for dark letters
    ax.imshow(colours, aspect="auto")
    for pixel, place in np.argwhere(reached > 0):
        ax.text(
            place, pixel, f"{reached[pixel, place]:.0f}", ha="center", va="center", color=figures.INK, fontsize=figures.SMALL
        )
    ax.set_yticks(range(PIXELS), [f"pixel {i}" for i in range(PIXELS)])
    ax.set_xticks(np.arange(-0.5, size), [])
    ax.tick_params(length=0)
    ax.grid(axis="x", color=figures.PALE)
    ax.set_title(f"{PIXELS} pixels become {size}; a number is the place in the kernel, from 1", fontsize=figures.SMALL)
    count = (reached > 0).sum(0)
    bars.bar(range(size), count, color=figures.COLOURS[0], width=0.9)
    bars.set_xlim(-0.5, size - 0.5)
    bars.set_xticks(range(size))
    bars.set_yticks(range(int(count.max()) + 1))
    bars.set_xlabel("output pixel")
    bars.set_ylabel("stamps on it")
    inner = set(count[kernel - 1 : size - kernel + 1].tolist())
    even = "evenly" if kernel % stride == 0 else "unevenly: a checkerboard"
    figure.alt = (
        f"A transposed convolution with kernel {kernel}, stride {stride}, padding {padding}, output_padding {output_padding} "
        f"makes {size} pixels of {PIXELS}. Stamps on each output pixel: {count.tolist()}; away from the border {even}"
        f"{f' ({sorted(inner)})' if inner else ''}."
    )
    return figure


def reach(kernel: int, stride: int, padding: int, output_padding: int = 0) -> np.ndarray:
    """Say with which place of the kernel, from 1, each pixel of a row reaches each output pixel, 0 for none: (4, size).

    >>> reach(kernel=3, stride=2, padding=1)[:2].tolist()
    [[2.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 2.0, 3.0, 0.0, 0.0, 0.0]]
    """
    row = torch.eye(PIXELS).view(PIXELS, 1, 1, PIXELS)
    places = torch.arange(1.0, kernel + 1).view(1, 1, 1, kernel)
    spread = F.conv_transpose2d(
        row, places, stride=(1, stride), padding=(0, padding), output_padding=(0, min(output_padding, stride - 1))
    )
    return spread[:, 0, 0].numpy()


def heat_map_explorer() -> Explorer:
    """Run the course's classifier, convolutionalized, over a scene of any size: choose the size, the scene and the class."""
    net = convolutionalize(pretrained_classifier(), WINDOW).eval()
    size = slider("size in pixels", 128, 48, 256)
    size.step = 8
    number = slider("scene", 1, 0, 9)
    shown = menu("class", SCENE_CLASSES, "triangle")

    def draw(size: int, number: int, shown: str) -> figures.Figure:
        image = scenes(number + 1, size, seed=7).images[number:]
        with torch.no_grad():
            heat = shape_probabilities(net(image))[0, SCENE_CLASSES.index(shown)]
        return heated(image, heat, shown)

    return Explorer(draw, {"size": size, "number": number, "shown": shown})


def shape_probabilities(scores: Tensor) -> Tensor:
    """Add up what the ten classes of crops say of each shape, in either texture: (N, 10, H', W') -> (N, 5, H', W')."""
    probabilities = scores.softmax(1)
    return probabilities[:, :5] + probabilities[:, 5:]


@figures.course_style()
def heated(image: Tensor, heat: Tensor, shown: str) -> figures.Figure:
    """Draw a scene (1, 3, H, W) and beside it the heat map (H', W') of one class, over the pixels that it stands for."""
    figure, axes = figures.blank(6.6, 3.1, 1, 2)
    height, width = image.shape[2:]
    for ax in axes:
        ax.imshow(image[0].permute(1, 2, 0).numpy(), interpolation="nearest")
        ax.axis("off")
    step = (width - WINDOW) / max(heat.shape[1] - 1, 1)
    inset = (WINDOW - step) / 2  # the middle of the first window, less half a step
    place = (inset - 0.5, width - inset - 0.5, height - inset - 0.5, inset - 0.5)
    axes[1].imshow(heat.numpy(), cmap="inferno", vmin=0, vmax=1, alpha=0.7, extent=place)
    axes[1].set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
    axes[0].set_title(f"the scene, {height} x {width} pixels", fontsize=figures.SMALL)
    axes[1].set_title(f"{shown}: {heat.shape[0]} x {heat.shape[1]} places, yellow is certain", fontsize=figures.SMALL)
    figure.alt = (
        f"A scene of {height} x {width} pixels and over it the probability of a {shown} at {heat.shape[0]} x {heat.shape[1]} "
        f"places: at most {heat.max():.2f}, above one half at {int((heat > 0.5).sum())} of them."
    )
    return figure
