"""The explorer of lesson 06: depth against training loss and against the gradients at the start, plain and residual."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib import figures
from cnnlib.data import shapes
from cnnlib.models.resnet import Residual, convolution
from cnnlib.widgets import Explorer, menu, slider

LAYERS = (8, 14, 20, 26, 32)
LOSSES = {  # mean training loss of the last epoch, mean of two starts: `trained` of lesson 06, CNNLIB_SEED=0
    "plain": (0.28, 0.72, 1.43, 1.63, 2.21),
    "residual": (0.39, 0.19, 0.20, 0.18, 0.34),
}
STARTS = {  # the norm after a convolution, and the variance of its weights: factor / inputs
    "batch norm": (nn.BatchNorm2d, 2.0),
    "no batch norm, variance 2 / inputs": (None, 2.0),
    "no batch norm, torch's own start": (None, 1 / 3),
}
LOWEST = {"no batch norm, torch's own start": 1e-14}  # where the axis of gradients begins, if not at 0.1; it ends at 1,000


def depth_explorer() -> Explorer:
    """Choose a depth: the training loss that it reached, and the gradients that arrive at each block before training."""
    images, labels = shapes.crops(16, seed=2, style=shapes.GENTLE)
    controls = {
        "blocks": slider("blocks", 9, 2, 15),
        "start": menu("norm and start", STARTS),
    }

    def draw(blocks: int, start: str) -> figures.Figure:
        measured = {kind: gradients(network(blocks, kind == "residual", start), images, labels) for kind in LOSSES}
        return depth_figure(blocks, start, measured)

    return Explorer(draw, controls)


def network(blocks: int, residual: bool, start: str, width: int = 16) -> nn.Sequential:
    """Build the lesson's network, the same weights at every call: (N, 3, 32, 32) -> (N, 10)."""
    norm, factor = STARTS[start]

    def layer(c_in: int, size: int, stride: int = 1) -> nn.Sequential:
        return nn.Sequential(convolution(c_in, width, size, stride), norm(width) if norm else nn.Identity())

    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = nn.Sequential()
        net.stem = nn.Sequential(layer(3, 5, 2), nn.ReLU(), nn.MaxPool2d(2))
        bodies = [nn.Sequential(layer(width, 3), nn.ReLU(), layer(width, 3)) for _ in range(blocks)]
        net.blocks = nn.Sequential(*(Residual(body, nn.Identity() if residual else None) for body in bodies))
        net.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 10))
        for module in net.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.normal_(module.weight, std=(factor / module.weight[0].numel()) ** 0.5)
    return net


def gradients(net: nn.Sequential, images: Tensor, labels: Tensor) -> list[float]:
    """Measure the loss's gradient at the input of each block, root mean square, as a multiple of that after the last."""
    maps = [net.stem(images)]
    for block in net.blocks:
        maps.append(block(maps[-1]))
    loss = F.cross_entropy(net.head(maps[-1]), labels)
    sizes = [gradient.square().mean().sqrt().item() for gradient in torch.autograd.grad(loss, maps)]
    return [size / sizes[-1] for size in sizes[:-1]]


@figures.course_style()
def depth_figure(blocks: int, start: str, measured: dict[str, list[float]]) -> figures.Figure:
    """Draw the training losses by depth with the chosen one marked, beside the gradients by block."""
    figure, (left, right) = figures.blank(9.6, 3.6, 1, 2)
    styles = dict(zip(LOSSES, zip((1, 0), ("s", "o"), strict=True), strict=True))
    for kind, (colour, mark) in styles.items():
        look = dict(color=figures.COLOURS[colour], marker=mark, markersize=5, linewidth=1.8, label=kind)
        left.plot(LAYERS, LOSSES[kind], **look)
        right.plot(range(1, blocks + 1), measured[kind], **look)
    left.axvline(2 * blocks + 2, color=figures.INK, linestyle="--", linewidth=1.2)
    left.set(xlabel="layers", ylabel="training loss", ylim=(0, 2.5), xlim=(5, 35), xticks=LAYERS, yticks=(0, 0.5, 1, 1.5, 2))
    left.set_title(f"three epochs, with batch norm\n({2 * blocks + 2} layers marked)")
    right.axhline(1, color=figures.INK, linewidth=0.8)
    right.set(xlabel="block (1 is nearest to the image)", ylabel="gradient at its input", yscale="log")
    right.set_xticks(range(1, blocks + 1, 2))
    right.set_ylim(LOWEST.get(start, 0.1), 1000)
    right.yaxis.set_major_formatter("{x:g}")
    right.minorticks_off()  # which take a fifth of a second to draw
    right.set_title(f"before training:\n{start}")
    for ax in (left, right):
        ax.grid(color=figures.PALE)
        ax.legend(frameon=False)
    ends = "; ".join(f"{kind} {values[0]:.2g} times the gradient after the last block" for kind, values in measured.items())
    figure.alt = (
        f"Training loss by depth, plain from {LOSSES['plain'][0]} at 8 layers up to {LOSSES['plain'][-1]} at 32, residual "
        f"from {LOSSES['residual'][0]} to {LOSSES['residual'][-1]}; {2 * blocks + 2} layers marked. "
        f"Right, {start}, {blocks} blocks: at the first block {ends}."
    )
    return figure
