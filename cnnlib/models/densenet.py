"""DenseNet: Huang, Liu, van der Maaten, Weinberger, Densely Connected Convolutional Networks, 2017, Tables 1 and 2.

Every layer of a block sees the maps of all layers before it and adds `growth` channels of its own. DenseNet-BC, the network of
Table 1, has a 1x1 bottleneck in each layer and halves the channels in each transition.

Departures from the paper: none. The last batch norm and the ReLU of a transition, on which it is silent, are as in its authors'
code; dropout, used only without augmentation (C10, C100, SVHN), is left out.
"""

import torch
from torch import Tensor, nn

# fmt: off
DEPTHS = (            121, 169, 201, 264)
TABLE_1 = {         # layers, each of a 1x1 and a 3x3 convolution
    "dense_block_1": (  6,   6,   6,   6),
    "dense_block_2": ( 12,  12,  12,  12),
    "dense_block_3": ( 24,  32,  48,  64),
    "dense_block_4": ( 16,  32,  32,  48),
}
GROWTH = 32
SIZES = {
    "convolution": 112, "pooling": 56, "dense_block_1": 56, "transition_1": 28, "dense_block_2": 28, "transition_2": 14,
    "dense_block_3": 14, "transition_3": 7, "dense_block_4": 7, "norm": 7, "average_pool": 1, "fc": 1,
}
TABLE_2 = (         # growth, depth, -BC: the six networks for CIFAR
    (12,  40, False),
    (12, 100, False),
    (24, 100, False),
    (12, 100, True),
    (24, 250, True),
    (40, 190, True),
)
CIFAR_SIZES = {
    "convolution": 32, "dense_block_1": 32, "transition_1": 16, "dense_block_2": 16, "transition_2": 8, "dense_block_3": 8,
    "norm": 8, "average_pool": 1, "fc": 1,
}
# fmt: on


def densenet(depth: int = 121, classes: int = 1000) -> nn.Sequential:
    """Build a column of Table 1.

    >>> densenet(121, classes=10)(torch.zeros(2, 3, 64, 64)).shape
    torch.Size([2, 10])
    """
    if depth not in DEPTHS:
        raise ValueError(f"depth must be one of {list(DEPTHS)}, got {depth}")
    c_in = 2 * GROWTH
    net = nn.Sequential()
    net.add_module("convolution", nn.Sequential(convolution(3, c_in, 7, stride=2), nn.BatchNorm2d(c_in), nn.ReLU()))
    net.add_module("pooling", nn.MaxPool2d(3, stride=2, padding=1))
    blocks = [columns[DEPTHS.index(depth)] for columns in TABLE_1.values()]
    return finish(net, c_in, blocks, GROWTH, True, classes)


def densenet_cifar(growth: int = 12, depth: int = 100, bc: bool = True, classes: int = 10) -> nn.Sequential:
    """Build a network for 32 x 32 images: three blocks of (depth - 4) / 3 layers, half as many with bottlenecks (`bc`).

    >>> densenet_cifar(growth=12, depth=40, bc=False)(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 10])
    """
    layers, rest = divmod(depth - 4, 6 if bc else 3)
    if layers < 1 or rest:
        raise ValueError(f"depth must be {'6n' if bc else '3n'} + 4, got {depth}")
    c_in = 2 * growth if bc else 16
    net = nn.Sequential()
    net.add_module("convolution", convolution(3, c_in, 3))
    return finish(net, c_in, [layers] * 3, growth, bc, classes)


class DenseLayer(nn.Module):
    """Append `growth` new channels to those that came in: (N, C, H, W) -> (N, C + growth, H, W).

    >>> DenseLayer(64, growth=32)(torch.zeros(2, 64, 11, 13)).shape
    torch.Size([2, 96, 11, 13])
    """

    def __init__(self, c_in: int, growth: int, bottleneck: bool = True) -> None:
        super().__init__()
        self.body = nn.Sequential()
        if bottleneck:
            self.body.extend(norm_relu_convolution(c_in, 4 * growth, 1))
            c_in = 4 * growth
        self.body.extend(norm_relu_convolution(c_in, growth, 3))

    def forward(self, x: Tensor) -> Tensor:
        """Concatenate the input and what the layer makes of it."""
        return torch.cat([x, self.body(x)], dim=1)


def dense_block(c_in: int, layers: int, growth: int, bottleneck: bool = True) -> nn.Sequential:
    """Chain layers, each of which sees all before it: (N, C, H, W) -> (N, C + layers x growth, H, W).

    >>> dense_block(64, layers=6, growth=32)(torch.zeros(2, 64, 11, 13)).shape
    torch.Size([2, 256, 11, 13])
    """
    return nn.Sequential(*[DenseLayer(c_in + i * growth, growth, bottleneck) for i in range(layers)])


def transition(c_in: int, c_out: int) -> nn.Sequential:
    """Mix channels by a 1x1 convolution and halve the map: (N, C, H, W) -> (N, K, H / 2, W / 2).

    >>> transition(256, 128)(torch.zeros(2, 256, 22, 26)).shape
    torch.Size([2, 128, 11, 13])
    """
    return norm_relu_convolution(c_in, c_out, 1).append(nn.AvgPool2d(2, stride=2))


def norm_relu_convolution(c_in: int, c_out: int, size: int) -> nn.Sequential:
    """Make the paper's composite function, normalised before and not after: (N, C, H, W) -> (N, K, H, W)."""
    return nn.Sequential(nn.BatchNorm2d(c_in), nn.ReLU(), convolution(c_in, c_out, size))


def convolution(c_in: int, c_out: int, size: int, stride: int = 1) -> nn.Conv2d:
    """Make a convolution that keeps the size at stride 1: (N, C, H, W) -> (N, K, H', W')."""
    return nn.Conv2d(c_in, c_out, size, stride, size // 2, bias=False)  # a batch norm has one


def finish(net: nn.Sequential, c_in: int, blocks: list[int], growth: int, bc: bool, classes: int) -> nn.Sequential:
    """Append dense blocks with transitions between and the classifier, and draw the weights by He's rule."""
    for i, layers in enumerate(blocks, 1):
        net.add_module(f"dense_block_{i}", dense_block(c_in, layers, growth, bc))
        c_in += layers * growth
        if i < len(blocks):
            c_out = c_in // 2 if bc else c_in
            net.add_module(f"transition_{i}", transition(c_in, c_out))
            c_in = c_out
    net.add_module("norm", nn.Sequential(nn.BatchNorm2d(c_in), nn.ReLU()))
    net.add_module("average_pool", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
    net.add_module("fc", nn.Linear(c_in, classes))
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    return net
