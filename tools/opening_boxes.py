"""The opening picture of lesson 10: boxes of an algorithm, and fixed boxes of which one is moved."""

import torch
from torch.nn import functional as F

from cnnlib.canvas import Figure, blank, course_style, draw_box
from cnnlib.colours import COLOURS
from cnnlib.data.photos import photo
from cnnlib.detection.anchors import anchors
from cnnlib.detection.boxes import iou
from cnnlib.detection.proposals import PHOTO, selective_search
from tools.opening_pictures import INCHES

CUP = (48, 9, 208, 203)  # the cup in the photograph of 256 x 256, boxed by hand


@course_style()
def faster_rcnn() -> Figure:
    """Show a photograph with the boxes of selective search, with the anchors of one cell, and one anchor that was moved."""
    image = photo("coffee", 256)[0]
    soft = F.avg_pool2d(image.mean(0, keepdim=True), 5, 1, 2, count_include_pad=False)[0].numpy()  # a small file
    cup = torch.tensor([CUP]).float()
    laid = anchors(16, 16, 16, (64, 112, 192), (0.5, 1, 2))
    best = laid[iou(laid, cup)[:, 0].argmax()].tolist()
    figure, axes = blank(INCHES, 2.95, 1, 3)
    searched = selective_search(image, **PHOTO)
    for box in searched[::16].tolist():
        draw_box(axes[0], box, COLOURS[1], width=1, halo=0)
    for ax in axes[1:]:
        ax.plot(*torch.cartesian_prod(*[torch.arange(8, 256, 16)] * 2).T, ".", color="white", markersize=2)
    for box in laid.view(256, 9, 4)[8 * 16 + 8].tolist():
        draw_box(axes[1], box, COLOURS[0], width=1.6)
    draw_box(axes[2], best, COLOURS[0], width=1.6)
    draw_box(axes[2], CUP, COLOURS[2], width=2.6)
    titles = "boxes of an algorithm", "nine fixed boxes per cell", "one of them, moved"
    for ax, title in zip(axes, titles, strict=True):
        ax.imshow(soft, cmap="gray", vmin=-0.6, vmax=1)
        ax.set(xlim=(0, 256), ylim=(256, 0))
        ax.set_title(title, fontsize=10)
        ax.axis("off")
    figure.alt = (
        "A grey photograph of a cup of coffee, three times: with many boxes that an algorithm proposes; with a grid of dots "
        "and, around one dot, nine boxes of three sizes and three shapes; and with one of them next to the box of the cup."
    )
    return figure
