"""What a layer is called in a drawing, and of which kind it is."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, TypeGuard

from torch import nn

from cnnlib.models.densenet import DenseLayer
from cnnlib.models.inception import Branches
from cnnlib.models.resnet import Bottleneck, Residual

COUNTS = ("", "", "two ", "three ", "four ", "five ", "six ", "seven ", "eight ", "nine ", "ten ")
COUNTED = ("convolution", "block", "layer")  # words that take an s
MAX_POOLS, ADAPTIVE_POOLS = (nn.MaxPool2d, nn.AdaptiveMaxPool2d), (nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)
POINTWISE = {  # layers that share the box of the layer next to them
    nn.BatchNorm2d: "batch norm",
    nn.LocalResponseNorm: "response norm",
    nn.ReLU: "ReLU",
    nn.ReLU6: "ReLU6",
    nn.Sigmoid: "sigmoid",
    nn.Tanh: "tanh",
    nn.GELU: "GELU",
    nn.Softmax: "softmax",
    nn.Dropout: "dropout",
    nn.Flatten: "flatten",
    nn.Unflatten: "reshape",
    nn.Identity: "identity",
}
BLOCKS = {DenseLayer: "dense layer", Bottleneck: "bottleneck block"}


def is_chain(module: nn.Module) -> TypeGuard[nn.Sequential]:
    """Tell whether a module runs its children one after the other, as `nn.Sequential` does."""
    return type(module).forward is nn.Sequential.forward


def kind(module: nn.Module) -> str:
    """Sort a layer: "convolution", "upsampling", "pooling", "linear", "pointwise", "block" or "other"."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        return "convolution" if isinstance(module, nn.Conv2d) else "upsampling"
    if isinstance(module, MAX_POOLS + ADAPTIVE_POOLS + (nn.AvgPool2d,)):
        return "pooling"
    if isinstance(module, nn.Linear):
        return "linear"
    if isinstance(module, Residual | DenseLayer | Branches):
        return "block"
    return "pointwise" if type(module) in POINTWISE else "other"


def words(module: nn.Module) -> str:
    """Name a layer as a figure does.

    >>> words(nn.Conv2d(3, 8, 3, stride=2)), words(nn.AdaptiveAvgPool2d(1))
    ('3×3 convolution, stride 2', 'global average pooling')
    """
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        return f"{_times(module.kernel_size)} {_convolution(module)}{_stride(module.stride)}"
    if kind(module) == "pooling":
        return _pooling(module)
    if isinstance(module, nn.Linear):
        return "fully connected"
    if isinstance(module, Branches):
        return f"{_count(len(module))}parallel branches"
    if isinstance(module, Residual) and type(module) not in BLOCKS:
        return "residual block" if module.shortcut is not None else "plain block"
    return POINTWISE.get(type(module)) or BLOCKS.get(type(module)) or type(module).__name__


def _count(count: int) -> str:
    return COUNTS[count] if count < len(COUNTS) else f"{count} "


def _convolution(module: nn.Conv2d | nn.ConvTranspose2d) -> str:
    kind = "" if module.groups == 1 else "depthwise " if module.groups == module.in_channels else "grouped "
    return f"{kind}{'transposed ' if isinstance(module, nn.ConvTranspose2d) else ''}convolution"


def _pooling(module: Any) -> str:
    which = "max" if isinstance(module, MAX_POOLS) else "average"
    if isinstance(module, ADAPTIVE_POOLS):
        size = _times(module.output_size)
        return f"global {which} pooling" if size == "1×1" else f"{which} pooling to {size}"
    kernel, stride = _times(module.kernel_size), module.stride
    return f"{kernel} {which} pooling" + (_stride(stride) if _times(stride) != kernel else "")


def _times(size: int | tuple[int | None, ...] | None) -> str:
    height, width = size if isinstance(size, tuple) else (size, size)
    return f"{'H' if height is None else height}×{'W' if width is None else width}"  # None: as large as the map


def _stride(stride: int | tuple[int, ...]) -> str:
    down, right = stride if isinstance(stride, tuple) else (stride, stride)
    return f", stride {down if down == right else f'{down}×{right}'}" if (down, right) != (1, 1) else ""


def layers(module: nn.Module) -> Iterator[nn.Module]:
    """List the layers and blocks of a chain in order, chains within it opened."""
    if is_chain(module):
        for child in module:
            yield from layers(child)
    else:
        yield module


def summary(module: nn.Module) -> tuple[str, str]:
    """Say what a stage consists of, without its pointwise layers if it has others, and give its main kind.

    >>> summary(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.ReLU()))
    ('two 3×3 convolutions', 'convolution')
    """
    found = list(layers(module))
    main = [layer for layer in found if kind(layer) != "pointwise"] or found
    said = []
    for name, same in groupby(main, words):
        count = len(list(same))
        first, comma, rest = name.partition(",")
        plural = "" if count == 1 else " layers" if first == "fully connected" else "s" if first.endswith(COUNTED) else ""
        said.append(f"{_count(count)}{first}{plural}{comma}{rest}")
    return ", ".join(said), kind(main[0]) if main else "other"
