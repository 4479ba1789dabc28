"""VGG: Simonyan, Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition, 2015, Table 1.

Five stages of 3x3 convolutions, each ending in a 2x2 pool, then three fully connected layers. The paper leaves its layers
nameless; conv5_3, pool5 and fc6 are the names that the papers after it use.

Departures from the paper: the weights start by Glorot and Bengio's rule, which section 3.1 allows, and not from a trained
network A; column A-LRN, which adds no weights, is left out.
"""

from functools import cache

import torch
from torch import nn

# fmt: off
COLUMNS = (          11,     13,     "16C",     16,        19)    # A, B, C, D, E: the weight layers
TABLE_1 = {
    "conv1": ( 64, ((3,),   (3, 3), (3, 3),    (3, 3),    (3, 3))),
    "conv2": (128, ((3,),   (3, 3), (3, 3),    (3, 3),    (3, 3))),
    "conv3": (256, ((3, 3), (3, 3), (3, 3, 1), (3, 3, 3), (3, 3, 3, 3))),
    "conv4": (512, ((3, 3), (3, 3), (3, 3, 1), (3, 3, 3), (3, 3, 3, 3))),
    "conv5": (512, ((3, 3), (3, 3), (3, 3, 1), (3, 3, 3), (3, 3, 3, 3))),
}
HIDDEN = {"fc6": 4096, "fc7": 4096}
SIZES = {
    "conv1": 224, "pool1": 112, "conv2": 112, "pool2": 56, "conv3": 56, "pool3": 28, "conv4": 28, "pool4": 14,
    "conv5": 14, "pool5": 7, "fc6": 1, "fc7": 1, "fc8": 1,
}
# fmt: on
LAYERS = tuple(  # of VGG-16, pools included: conv1_1, conv1_2, pool1, ...
    name
    for stage, (_, columns) in TABLE_1.items()
    for name in (*(f"{stage}_{i + 1}" for i in range(len(columns[COLUMNS.index(16)]))), stage.replace("conv", "pool"))
)
NARROW = 8  # channels of a VGG-16 that is quickly computed: what a unit sees does not depend on the width


def vgg(depth: int | str = 16, classes: int = 1000, size: int = 224) -> nn.Sequential:
    """Build a column of Table 1, 11 to 19 weight layers deep ("16C" is column C), for images of `size` x `size` pixels.

    >>> vgg(11, classes=10, size=32)(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 10])
    """
    if depth not in COLUMNS:
        raise ValueError(f"depth must be one of {list(COLUMNS)}, got {depth!r}")
    if size < 32:
        raise ValueError(f"size must be at least 32, for five pools to halve it, got {size}")
    net = nn.Sequential()
    c_in = 3
    for name, (c_out, columns) in TABLE_1.items():
        net.add_module(name, block(c_in, c_out, columns[COLUMNS.index(depth)], name))
        net.add_module(name.replace("conv", "pool"), nn.MaxPool2d(2, stride=2))
        c_in = c_out
    add_classifier(net, c_in * (size // 32) ** 2, classes)
    return initialise(net)


def block(c_in: int, c_out: int, kernels: tuple[int, ...] = (3, 3), name: str = "conv") -> nn.Sequential:
    """Stack convolutions that keep the size, a ReLU after each: (N, C, H, W) -> (N, K, H, W).

    >>> block(3, 64)(torch.zeros(2, 3, 11, 13)).shape
    torch.Size([2, 64, 11, 13])
    """
    layers = nn.Sequential()
    for i, kernel in enumerate(kernels, 1):
        layers.add_module(f"{name}_{i}", nn.Conv2d(c_in, c_out, kernel, padding=kernel // 2))
        layers.add_module(f"relu_{i}", nn.ReLU())
        c_in = c_out
    return layers


def add_classifier(net: nn.Sequential, c_in: int, classes: int) -> None:
    """Append fc6, fc7 and fc8: (N, C, H, W) -> (N, classes), where `c_in` is C x H x W."""
    for name, c_out in HIDDEN.items():
        fc = [nn.Linear(c_in, c_out), nn.ReLU(), nn.Dropout(0.5)]
        net.add_module(name, nn.Sequential(nn.Flatten(), *fc) if name == "fc6" else nn.Sequential(*fc))
        c_in = c_out
    net.add_module("fc8", nn.Linear(c_in, classes))


def initialise(net: nn.Sequential) -> nn.Sequential:
    """Draw the weights by Glorot and Bengio's rule (variance 2 / (inputs + outputs)) and set the biases to 0."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.xavier_normal_(module.weight)
            nn.init.zeros_(module.get_parameter("bias"))
    return net


@cache
def narrow_vgg(pools: bool = True, equal: bool = False) -> nn.Sequential:
    """Build the convolutions and pools of VGG-16 with 8 channels, a child for each of `LAYERS`: (N, 3, H, W) -> (N, 8, H', W').

    The weights are random or all `equal`. With equal weights one channel represents all, so that it reads (N, 1, H, W), and
    pools average: a maximum would let one pixel of four through. Without `pools` they are identities.

    >>> narrow_vgg()(torch.zeros(2, 3, 64, 96)).shape
    torch.Size([2, 8, 2, 3])
    """
    generator = torch.Generator().manual_seed(0)
    net, c_in, width = nn.Sequential(), 1 if equal else 3, 1 if equal else NARROW
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
