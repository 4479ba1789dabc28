"""ResNet: He, Zhang, Ren, Sun, Deep Residual Learning for Image Recognition, 2015, Table 1 and section 4.2 (CIFAR-10).

torchvision's bottleneck strides in its 3x3 layer and not in its first 1x1, which never looks at three pixels of four;
`as_torchvision=True` builds it. `shortcut` is the paper's option where the shape changes: "A" pads with zero channels, "B"
projects with a 1x1 layer. None leaves every shortcut out: the paper's plain twin.

Departures from the paper: the default is option B at every ImageNet depth, as in torchvision, where Table 2 takes A for 18 and
34 layers; the pool that opens conv2_x is a stage of its own; the fully connected layer keeps torch's initial weights.
"""

from collections.abc import Callable

from torch import Tensor, nn

# fmt: off
DEPTHS = (                18, 34, 50, 101, 152)
TABLE_1 = {
    #       width stride  blocks, of two layers up to 34 and of three from 50
    "conv2_x": ( 64, 1,  ( 2,  3,  3,   3,   3)),
    "conv3_x": (128, 2,  ( 2,  4,  4,   4,   8)),
    "conv4_x": (256, 2,  ( 2,  6,  6,  23,  36)),
    "conv5_x": (512, 2,  ( 2,  3,  3,   3,   3)),
}
SIZES = {
    "conv1": 112, "pool1": 56, "conv2_x": 56, "conv3_x": 28, "conv4_x": 14, "conv5_x": 7, "average_pool": 1, "fc": 1,
}
CIFAR = {
    #       width stride; n blocks of two layers each, and the first has conv1 besides
    "conv2_x": (16, 1),
    "conv3_x": (32, 2),
    "conv4_x": (64, 2),
}
CIFAR_SIZES = {"conv1": 32, "conv2_x": 32, "conv3_x": 16, "conv4_x": 8, "average_pool": 1, "fc": 1}
# fmt: on


def resnet(depth: int = 18, classes: int = 1000, shortcut: str | None = "B", as_torchvision: bool = False) -> nn.Sequential:
    """Build a column of Table 1.

    >>> import torch
    >>> resnet(18, classes=10)(torch.zeros(2, 3, 64, 64)).shape
    torch.Size([2, 10])
    """
    if depth not in DEPTHS:
        raise ValueError(f"depth must be one of {list(DEPTHS)}, got {depth}")
    net, c_in = nn.Sequential(), 64
    net.add_module("conv1", nn.Sequential(convolution(3, c_in, 7, stride=2), nn.BatchNorm2d(c_in), nn.ReLU()))
    net.add_module("pool1", nn.MaxPool2d(3, stride=2, padding=1))
    for name, (width, stride, columns) in TABLE_1.items():
        blocks = columns[DEPTHS.index(depth)]
        if depth < 50:
            net.add_module(name, stage(BasicBlock, blocks, c_in, width, stride, shortcut))
            c_in = width
        else:
            net.add_module(name, stage(Bottleneck, blocks, c_in, width, stride, shortcut, as_torchvision))
            c_in = 4 * width
    return finish(net, c_in, classes)


def resnet_cifar(depth: int = 20, classes: int = 10, shortcut: str | None = "A") -> nn.Sequential:
    """Build the network of 6n + 2 layers for 32 x 32 images: the paper has n = 3, 5, 7, 9, 18 and 200.

    >>> import torch
    >>> resnet_cifar(20)(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 10])
    """
    n, rest = divmod(depth - 2, 6)
    if n < 1 or rest:
        raise ValueError(f"depth must be 6n + 2, such as 20, 32, 44, 56 or 110, got {depth}")
    net, c_in = nn.Sequential(), 16
    net.add_module("conv1", nn.Sequential(convolution(3, c_in, 3), nn.BatchNorm2d(c_in), nn.ReLU()))
    for name, (width, stride) in CIFAR.items():
        net.add_module(name, stage(BasicBlock, n, c_in, width, stride, shortcut))
        c_in = width
    return finish(net, c_in, classes)


class Residual(nn.Module):
    """Add what a body makes of a map to the map itself, then ReLU: (N, C, H, W) -> (N, K, H', W')."""

    def __init__(self, body: nn.Module, shortcut: nn.Module | None) -> None:
        super().__init__()
        self.body, self.shortcut, self.relu = body, shortcut, nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Compute ReLU(F(x) + x), or ReLU(F(x)) without a shortcut."""
        y = self.body(x)
        return self.relu(y if self.shortcut is None else y + self.shortcut(x))


class BasicBlock(Residual):
    """Two 3x3 layers and a shortcut: (N, C, H, W) -> (N, width, H', W').

    >>> import torch
    >>> BasicBlock(64, 128, stride=2)(torch.zeros(2, 64, 22, 26)).shape
    torch.Size([2, 128, 11, 13])
    """

    def __init__(self, c_in: int, width: int, stride: int = 1, shortcut: str | None = "B") -> None:
        body = nn.Sequential(
            convolution(c_in, width, 3, stride),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            convolution(width, width, 3),
            nn.BatchNorm2d(width),
        )
        super().__init__(body, build_shortcut(c_in, width, stride, shortcut))


class Bottleneck(Residual):
    """Reduce by 1x1, 3x3 in between, restore by 1x1, and a shortcut: (N, C, H, W) -> (N, 4 width, H', W').

    >>> import torch
    >>> Bottleneck(256, 64)(torch.zeros(2, 256, 11, 13)).shape
    torch.Size([2, 256, 11, 13])
    """

    def __init__(
        self, c_in: int, width: int, stride: int = 1, shortcut: str | None = "B", as_torchvision: bool = False
    ) -> None:
        first, second = (1, stride) if as_torchvision else (stride, 1)
        body = nn.Sequential(
            convolution(c_in, width, 1, first),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            convolution(width, width, 3, second),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            convolution(width, 4 * width, 1),
            nn.BatchNorm2d(4 * width),
        )
        super().__init__(body, build_shortcut(c_in, 4 * width, stride, shortcut))


def build_shortcut(c_in: int, c_out: int, stride: int = 1, option: str | None = "B") -> nn.Module | None:
    """Lead a map past a block, unchanged where the shape stays, else by `option`: (N, C, H, W) -> (N, K, H', W').

    >>> import torch
    >>> build_shortcut(16, 32, stride=2, option="A")(torch.zeros(2, 16, 22, 26)).shape
    torch.Size([2, 32, 11, 13])
    """
    if option not in ("A", "B", None):
        raise ValueError(f"shortcut must be 'A', 'B' or None, got {option!r}")
    if option is None:
        return None
    if stride == 1 and c_in == c_out:
        return nn.Identity()
    if option == "A":  # a 1x1 pool picks every second pixel; of width, height and channels only the last are padded
        return nn.Sequential(nn.AvgPool2d(1, stride), nn.ZeroPad3d((0, 0, 0, 0, 0, c_out - c_in)))
    return nn.Sequential(convolution(c_in, c_out, 1, stride), nn.BatchNorm2d(c_out))


def stage(block: Callable[..., Residual], blocks: int, c_in: int, width: int, stride: int, *options: object) -> nn.Sequential:
    """Chain blocks of one width, the first of which strides and takes `c_in` channels."""
    chain = nn.Sequential(block(c_in, width, stride, *options))
    c_out = 4 * width if block is Bottleneck else width
    for _ in range(blocks - 1):
        chain.append(block(c_out, width, 1, *options))
    return chain


def convolution(c_in: int, c_out: int, size: int, stride: int = 1) -> nn.Conv2d:
    """Make a convolution that keeps the size at stride 1: (N, C, H, W) -> (N, K, H', W')."""
    return nn.Conv2d(c_in, c_out, size, stride, size // 2, bias=False)  # the batch norm has one


def finish(net: nn.Sequential, c_in: int, classes: int) -> nn.Sequential:
    """Append the average pool and the fully connected layer, and draw the weights by He's rule (variance 2 / inputs)."""
    net.add_module("average_pool", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
    net.add_module("fc", nn.Linear(c_in, classes))
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    return net
