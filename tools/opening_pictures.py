"""What the opening pictures of the lessons show: one function per lesson, each returns a figure."""

import torch
from matplotlib.axes import Axes
from matplotlib.patches import ConnectionPatch
from torch.nn import functional as F

from cnnlib import results
from cnnlib.canvas import Figure, blank, course_style, draw_box
from cnnlib.colours import COLOURS
from cnnlib.data import shapes
from cnnlib.data.photos import photo
from cnnlib.explorers.influence import field_after, first_row, influence
from cnnlib.explorers.receptive_field import SIDE
from cnnlib.figures import number_grid
from cnnlib.models import efficientnet_lite
from cnnlib.models.vgg import LAYERS

INCHES = 8.0  # of a figure's width


@course_style()
def convolution() -> Figure:
    """Show a photograph, one window of it, its product with a kernel, and where the sum is in the feature map."""
    gray = photo("cat", 128).mean(1, keepdim=True)
    kernel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    y = F.conv2d(gray, kernel[None, None])[0, 0]
    row, column = 57, 30
    window = gray[0, 0, row : row + 3, column : column + 3]

    figure, axes = blank(INCHES, 2.5, 1, 4, widths=[2.5, 1.15, 1.15, 2.5])
    left, pixels, weights, right = axes
    left.imshow(gray[0, 0].numpy(), cmap="gray", vmin=0, vmax=1)
    right.imshow(y.numpy(), cmap="RdBu_r", vmin=-1.6, vmax=1.6)
    number_grid(pixels, (window * 100).round().numpy() / 100, "one window", 2)
    number_grid(weights, kernel.numpy(), "times the kernel", 2)
    total = f"the products add up to {(window * kernel).sum():.2f}".replace("-", "\N{MINUS SIGN}")
    weights.text(2.5, 3.1, total, fontsize=10, ha="right").set_in_layout(False)  # it may reach over the window
    for ax, title in ((left, "photograph"), (right, "feature map")):
        ax.set_title(title, fontsize=10)
        ax.axis("off")
    frame = (column - 1, row - 1, column + 4, row + 4)
    draw_box(left, frame, COLOURS[1], width=2)
    draw_box(right, frame, COLOURS[1], width=2)
    _connect(left, (column + 4, row + 1), pixels, (-0.5, 1))
    _connect(weights, (2.5, 1), right, (column - 1, row + 1))
    figure.alt = (
        "A grey photograph of a cat with one window of 3 x 3 pixels framed, the numbers in the window, the nine weights of a "
        "kernel, and the feature map, in which the sum of the nine products is one number; the cat's outlines stand out."
    )
    return figure


def _connect(start: Axes, one: tuple[float, float], end: Axes, other: tuple[float, float]) -> None:
    arrow = ConnectionPatch(
        one, other, start.transData, end.transData, arrowstyle="-|>", mutation_scale=12, color=COLOURS[1], linewidth=1.6
    )
    start.figure.add_artist(arrow)


@course_style()
def training() -> Figure:
    """Show the five shapes of the easy task, and the loss of the deep sigmoid network with and without batch norm."""
    losses = results.read("first_epoch").values
    images, labels = shapes.crops(100, style=shapes.GENTLE)
    figure, axes = blank(INCHES, 2.7, 1, 2, widths=[1.0, 2.0])
    left, right = axes
    rows = [images[labels % 5 == shape][:4].mean(1) for shape in range(5)]  # (4, H, W) each
    left.imshow(torch.cat([torch.cat(list(row), 1) for row in rows]).numpy(), cmap="gray", vmin=0, vmax=1)
    left.axis("off")
    steps = range(8, 376, 15)
    for words, loss, colour, height in zip(("without it", "with it"), losses.values(), COLOURS, (1.66, 0.6), strict=False):
        right.plot(steps, loss, color=colour, linewidth=2)
        right.text(372, height, words, color=colour, fontsize=11, ha="right", va="bottom")
    right.set(xlabel="step", ylabel="training loss", ylim=(0, 2), xlim=(0, 376))
    right.set_title("eight layers, with and without an extra layer after each", fontsize=10)
    without, with_it = (f"from {loss[0]:.2f} to {loss[-1]:.2f}" for loss in losses.values())
    figure.alt = (
        "On the left, twenty small grey images, four of each of five shapes: disc, square, triangle, cross and ring. On the "
        f"right, the training loss of eight layers over 375 steps: {without} without an extra layer after each of them, "
        f"{with_it} with it."
    )
    return figure


@course_style()
def bottleneck() -> Figure:
    """Show a photograph, its three channels, a 1×1 filter, and the feature map that it makes of them."""
    image = photo("flower", 128)[0]
    weights = torch.tensor([1.0, -0.4, -0.6])
    figure, axes = blank(INCHES, 2.2, 1, 6, widths=[1.5, 1, 1, 1, 0.45, 1.5])
    photograph, *channels, numbers, mixed = axes
    photograph.imshow(image.permute(1, 2, 0).numpy())
    for ax, channel, name in zip(channels, image, ("red", "green", "blue"), strict=True):
        ax.imshow(channel.numpy(), cmap="gray", vmin=0, vmax=1)
        ax.set_title(name, fontsize=10)
    number_grid(numbers, weights[:, None].numpy(), "weights", 1)
    y = torch.einsum("chw,c->hw", image, weights)
    mixed.imshow(y.numpy(), cmap="RdBu_r", vmin=-0.6, vmax=0.6)
    photograph.set_title("photograph", fontsize=10)
    mixed.set_title("weighted sum per pixel", fontsize=10)
    for ax in (photograph, *channels, mixed):
        ax.axis("off")
    figure.alt = (
        "A photograph of a flower, its red, green and blue channels as three grey images, the three weights of a 1×1 filter, "
        "and the feature map that the weighted sum gives: the flower is red and positive, the leaves are blue and negative."
    )
    return figure


@course_style()
def vgg() -> Figure:
    """Show the receptive fields of VGG-16's layers on a photograph, and the influence of each pixel on its last convolution."""
    image = photo("cat", SIDE)
    fields = dict(zip(LAYERS, field_after(pools=True), strict=True))
    figure, (left, right) = blank(INCHES, 3.1, 1, 2)
    left.imshow(image[0].permute(1, 2, 0).numpy())
    chosen = ("conv1_2", "conv2_2", "conv3_3", "conv4_3", "conv5_3")
    for name, colour in zip(chosen, COLOURS, strict=False):
        first, size = first_row(fields[name]), fields[name].size
        draw_box(left, (first, first, first + size, first + size), colour, width=2)
        left.plot([], [], color=colour, linewidth=2.5, label=f"{name}: {size}")
    moved = influence(list(LAYERS).index("conv5_3") + 1, fields["conv5_3"], True, "cat")
    right.imshow((moved / moved.max()).sqrt().numpy(), cmap="magma")
    left.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    left.set_title("receptive fields of five layers, in pixels", fontsize=10)
    right.set_title("influence of each pixel on conv5_3", fontsize=10)
    for ax in (left, right):
        ax.axis("off")
    figure.alt = (
        "A photograph of a cat with five squares within each other, the receptive fields of layers of VGG-16 from 5 to 196 "
        "pixels wide; next to it the influence of each pixel on the last convolution, which is large only near the middle."
    )
    return figure


@course_style()
def inception() -> Figure:
    """Show a photograph at three sizes, with a square around an eye in each."""
    figure, axes = blank(INCHES, 3.0, 1, 3)
    for ax, scale in zip(axes, (1, 2, 4), strict=True):
        side, half = 160 // scale, 23 / scale
        ax.imshow(F.pad(photo("cat", side), [(160 - side) // 2] * 4, value=0.9)[0].permute(1, 2, 0).numpy())
        row, column = ((160 - side) / 2 + place / scale for place in (62, 52))
        draw_box(ax, (column - half, row - half, column + half, row + half), COLOURS[1], width=2)
        ax.set_title(f"the eye needs {2 * half:.0f} \N{MULTIPLICATION SIGN} {2 * half:.0f} pixels", fontsize=10)
        ax.axis("off")
    figure.alt = (
        "The same photograph of a cat at three sizes, with a square around an eye in each. The"
        " squares are 46, 23 and 12 pixels wide."
    )
    return figure


CATS = [281, 282, 285]  # of ImageNet's classes: tabby, tiger cat, Egyptian cat


@course_style()
def fcn() -> Figure:
    """Show a photograph, and the probability of a cat at each place of a coarse and of a fine map."""
    image, net = photo("cat"), efficientnet_lite.pretrained()
    figure, (left, *right) = blank(INCHES, 2.1, 1, 3)
    left.imshow(image[0].permute(1, 2, 0).numpy())
    left.set_title("photograph", fontsize=10)
    for ax, times in zip(right, (1, 3), strict=True):
        large = F.interpolate(image, size=(224 * times, 352 * times), mode="bilinear", antialias=True).clamp(0, 1)
        with torch.no_grad():
            maps = net.get_submodule("features")(efficientnet_lite.normalised(large))[0]
            weight, bias = net.get_parameter("classifier.weight"), net.get_parameter("classifier.bias")
            logits = torch.einsum("chw,kc->khw", maps, weight) + bias[:, None, None]
        ax.imshow(logits.softmax(0)[CATS].sum(0).numpy(), cmap="cividis", vmin=0, vmax=1)
        ax.set_title(f"a cat? at {7 * times} × {11 * times} places", fontsize=10)
    for ax in (left, *right):
        ax.axis("off")
    figure.alt = (
        "A photograph of a cat, and two maps of the probability of a cat computed by the same network: of 7 by 11 places, in "
        "which the whole cat is bright, and of 21 by 33 places, in which only fragments of the cat are bright."
    )
    return figure
