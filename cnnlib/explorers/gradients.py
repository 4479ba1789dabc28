"""The gradients that arrive at each block of plain and residual networks before training, computed once and stored."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.data import shapes
from cnnlib.models.resnet import Residual, convolution

DEPTHS = (8, 14, 20, 26, 32)
LOSSES = {  # mean training loss of the last epoch, mean of two starts: `trained` of the lesson on ResNet, CNNLIB_SEED=0
    "plain": (0.28, 0.72, 1.43, 1.63, 2.21),
    "residual": (0.39, 0.19, 0.20, 0.18, 0.34),
}
STARTS = {  # the norm after a convolution, and the variance of its weights: factor / inputs
    "batch norm": (nn.BatchNorm2d, 2.0),
    "no batch norm, He initialisation": (None, 2.0),
    "no batch norm, torch's own initialisation": (None, 1 / 3),
}
BLOCKS = range(2, 16)


def measured() -> dict[str, Any]:
    """Measure all depths, starts and both kinds: `gradients[start][kind]` lists, per number of blocks, a number per block."""
    images, labels = shapes.crops(16, seed=2, style=shapes.GENTLE)

    def rounded(blocks: int, kind: str, start: str) -> list[float]:
        return [float(f"{size:.3g}") for size in gradients(network(blocks, kind == "residual", start), images, labels)]

    found = {start: {kind: [rounded(blocks, kind, start) for blocks in BLOCKS] for kind in LOSSES} for start in STARTS}
    return {"depths": list(DEPTHS), "losses": {kind: list(losses) for kind, losses in LOSSES.items()}, "gradients": found}


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
    stem, blocks, head = net
    maps = [stem(images)]
    for block in blocks.children():
        maps.append(block(maps[-1]))
    loss = F.cross_entropy(head(maps[-1]), labels)
    sizes = [gradient.square().mean().sqrt().item() for gradient in torch.autograd.grad(loss, maps)]
    return [size / sizes[-1] for size in sizes[:-1]]
