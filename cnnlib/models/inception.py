"""GoogLeNet: Szegedy et al., Going Deeper with Convolutions, 2015, Table 1; response norms from Figure 3, heads from section 5.

torchvision's network is another one: batch norm for the response norm, 3x3 filters where the paper has 5x5, a 2x2 pool before
5a and, in the heads, a pool to 4x4 that adapts. `as_torchvision=True` builds it, to compare or to take its weights.

Departures from the paper: pooling rounds sizes up, which the table needs and the paper does not say; its 7x7 average pool is
global, the same at 224 pixels; response norm has Caffe's constants and the weights start by He's rule, the paper names neither.
"""

from functools import partial

import torch
from torch import Tensor, nn

# fmt: off
TABLE_1 = {
    #                               size stride  reduce  out
    "conv1":        ("convolution", 7,   2,      None,    64),
    "pool1":        ("max pool",    3,   2),
    "conv2":        ("convolution", 3,   1,        64,   192),
    "pool2":        ("max pool",    3,   2),
    #                             1x1  3x3r  3x3  5x5r  5x5  pool
    "inception_3a": ("inception",  64,  96,  128,  16,   32,   32),
    "inception_3b": ("inception", 128, 128,  192,  32,   96,   64),
    "pool3":        ("max pool",    3,   2),
    "inception_4a": ("inception", 192,  96,  208,  16,   48,   64),
    "inception_4b": ("inception", 160, 112,  224,  24,   64,   64),
    "inception_4c": ("inception", 128, 128,  256,  24,   64,   64),
    "inception_4d": ("inception", 112, 144,  288,  32,   64,   64),
    "inception_4e": ("inception", 256, 160,  320,  32,  128,  128),
    "pool4":        ("max pool",    3,   2),
    "inception_5a": ("inception", 256, 160,  320,  32,  128,  128),
    "inception_5b": ("inception", 384, 192,  384,  48,  128,  128),
}
SIZES = {
    "conv1": 112, "pool1": 56, "conv2": 56, "pool2": 28, "inception_3a": 28, "inception_3b": 28, "pool3": 14,
    "inception_4a": 14, "inception_4b": 14, "inception_4c": 14, "inception_4d": 14, "inception_4e": 14, "pool4": 7,
    "inception_5a": 7, "inception_5b": 7, "average_pool": 1, "dropout": 1, "linear": 1,
}
# The last two columns as printed: thousands of weights, millions of operations. Not all of them follow from the others.
PRINTED = {
    "conv1": (2.7, 34), "conv2": (112, 360), "inception_3a": (159, 128), "inception_3b": (380, 304),
    "inception_4a": (364, 73), "inception_4b": (437, 88), "inception_4c": (463, 100), "inception_4d": (580, 119),
    "inception_4e": (840, 170), "inception_5a": (1072, 54), "inception_5b": (1388, 71), "linear": (1000, 1),
}
# fmt: on
RESPONSE_NORMS = ("pool1", "conv2")
HEADS = ("inception_4a", "inception_4d")


def googlenet(classes: int = 1000, heads: bool = False, as_torchvision: bool = False) -> nn.Module:
    """Build Table 1: a Sequential of its rows, or with `heads` that network and its two auxiliary classifiers.

    >>> googlenet(classes=10)(torch.zeros(2, 3, 64, 64)).shape
    torch.Size([2, 10])
    """
    net, widths, channels = nn.Sequential(), {}, 3
    for name, row in TABLE_1.items():
        stage, channels = build(name, channels, row, as_torchvision)
        if isinstance(stage, nn.Sequential) and name in RESPONSE_NORMS and not as_torchvision:
            stage.append(nn.LocalResponseNorm(5))
        net.add_module(name, stage)
        widths[name] = channels
    net.add_module("average_pool", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
    net.add_module("dropout", nn.Dropout(0.4))
    net.add_module("linear", nn.Linear(channels, classes))
    if heads:
        net = WithHeads(net, {name: head(widths[name], classes, as_torchvision) for name in HEADS})
    return initialise(net)


def build(name: str, c_in: int, row: tuple, as_torchvision: bool = False) -> tuple[nn.Module, int]:
    """Turn a row of Table 1 into its stage and the number of channels that come out."""
    kind, *columns = row
    if kind == "inception":
        return inception(c_in, *columns, as_torchvision=as_torchvision), columns[0] + columns[2] + columns[4] + columns[5]
    if kind == "max pool":
        size, stride = columns
        size = 2 if as_torchvision and name == "pool4" else size
        return nn.Sequential(nn.MaxPool2d(size, stride, ceil_mode=True)), c_in
    size, stride, reduce, c_out = columns
    first = [convolution(c_in, reduce, 1, as_torchvision=as_torchvision)] if reduce else []
    return nn.Sequential(*first, convolution(reduce or c_in, c_out, size, stride, as_torchvision)), c_out


def inception(
    c_in: int, c1: int, c3_reduce: int, c3: int, c5_reduce: int, c5: int, c_pool: int, as_torchvision: bool = False
) -> "Branches":
    """See the same map through 1x1, 3x3 and 5x5 filters and a pool: (N, C, H, W) -> (N, c1 + c3 + c5 + c_pool, H, W).

    >>> inception(192, 64, 96, 128, 16, 32, 32)(torch.zeros(2, 192, 11, 13)).shape
    torch.Size([2, 256, 11, 13])
    """
    conv = partial(convolution, as_torchvision=as_torchvision)
    return Branches(
        {
            "1x1": conv(c_in, c1, 1),
            "3x3": nn.Sequential(conv(c_in, c3_reduce, 1), conv(c3_reduce, c3, 3)),
            "5x5": nn.Sequential(conv(c_in, c5_reduce, 1), conv(c5_reduce, c5, 3 if as_torchvision else 5)),
            "pool": nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), conv(c_in, c_pool, 1)),
        }
    )


def naive(c_in: int, c1: int, c3: int, c5: int) -> "Branches":
    """Build the block of Figure 2 (a), without reductions: (N, C, H, W) -> (N, c1 + c3 + c5 + C, H, W).

    >>> naive(192, 64, 128, 32)(torch.zeros(2, 192, 11, 13)).shape
    torch.Size([2, 416, 11, 13])
    """
    filters = {f"{size}x{size}": convolution(c_in, c_out, size) for size, c_out in ((1, c1), (3, c3), (5, c5))}
    return Branches({**filters, "pool": nn.MaxPool2d(3, stride=1, padding=1)})


def convolution(c_in: int, c_out: int, size: int, stride: int = 1, as_torchvision: bool = False) -> nn.Sequential:
    """Convolve with padding that keeps the size at stride 1, then ReLU: (N, C, H, W) -> (N, K, H', W').

    >>> convolution(3, 64, 7, stride=2)(torch.zeros(2, 3, 22, 26)).shape
    torch.Size([2, 64, 11, 13])
    """
    conv = nn.Conv2d(c_in, c_out, size, stride, size // 2, bias=not as_torchvision)
    norm = [nn.BatchNorm2d(c_out, eps=1e-3)] if as_torchvision else []
    return nn.Sequential(conv, *norm, nn.ReLU())


def head(c_in: int, classes: int = 1000, as_torchvision: bool = False) -> nn.Sequential:
    """Classify from the middle of the network: (N, C, 14, 14) -> (N, classes).

    >>> head(512)(torch.zeros(2, 512, 14, 14)).shape
    torch.Size([2, 1000])
    """
    pool = nn.AdaptiveAvgPool2d(4) if as_torchvision else nn.AvgPool2d(5, stride=3)  # 14 -> 4
    reduce = convolution(c_in, 128, 1, as_torchvision=as_torchvision)
    hidden = [nn.Flatten(), nn.Linear(128 * 4 * 4, 1024), nn.ReLU(), nn.Dropout(0.7)]
    return nn.Sequential(pool, reduce, *hidden, nn.Linear(1024, classes))


class Branches(nn.ModuleDict):
    """Run modules side by side on one input and concatenate their channels: (N, C, H, W) -> (N, K1 + K2 + ..., H, W)."""

    def forward(self, x: Tensor) -> Tensor:
        """Concatenate what each branch makes of the input."""
        return torch.cat([branch(x) for branch in self.values()], dim=1)


class WithHeads(nn.Module):
    """A network and classifiers on some of its stages: in training (logits, logits of each head), else logits alone.

    The paper adds 0.3 times the loss of each head to that of the network, and drops the heads for prediction.
    """

    def __init__(self, net: nn.Sequential, heads: dict[str, nn.Module]) -> None:
        super().__init__()
        self.net, self.heads = net, nn.ModuleDict(heads)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Classify images, in training also from the middle: (N, 3, H, W) -> (N, classes) or a tuple of them."""
        early = []
        for name, stage in self.net.named_children():
            x = stage(x)
            if self.training and name in self.heads:
                early.append(self.heads[name](x))
        return (x, *early) if self.training else x


def initialise(net: nn.Module) -> nn.Module:
    """Draw the weights by He's rule (variance 2 / inputs) and set the biases to 0."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return net
