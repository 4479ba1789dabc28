"""FCN: Long, Shelhamer, Darrell, Fully Convolutional Networks for Semantic Segmentation, 2015, sections 3.1, 3.3, 4.1 to 4.3.

A classifier is convolutionalized, its last layer gives way to scores for each class, and learned upsampling brings them back to
the image, on the way adding the scores of earlier, finer maps. torchvision has another network under this name, a dilated
ResNet; ours is compared with the paper's steps written out in functional calls.

Departures from the paper: it pads conv1_1 by 100 pixels and crops what comes out; here the image is padded to a multiple of
the network's stride and fc6 by 3, so that every map covers exactly the image and one crop undoes the one pad. Weights are
drawn unless a trained `classifier` is given, and no variant starts from the one before. Upsampling layers have no bias, of
which the paper does not speak.
"""

import math
from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.meta import meta_copy, run_on_meta
from cnnlib.models.vgg import vgg
from cnnlib.transposed import upsampling

# fmt: off
VARIANTS = {32: 0, 16: 1, 8: 2}    # stride of the finest map that is scored: how many maps are added to the coarsest
STAGES = {
    #        channels  layers of VGG-16
    "pool1": (  64, ("conv1", "pool1")),
    "pool2": ( 128, ("conv2", "pool2")),
    "pool3": ( 256, ("conv3", "pool3")),
    "pool4": ( 512, ("conv4", "pool4")),
    "fc7":   (4096, ("conv5", "pool5", "fc6", "fc7")),
}
SIZES = {"pool1": 112, "pool2": 56, "pool3": 28, "pool4": 14, "fc7": 7}
# fmt: on
POINTWISE = (nn.ReLU, nn.Sigmoid, nn.Tanh, nn.GELU, nn.Dropout, nn.Identity)
WHOLE_MAP = (nn.Linear, nn.Flatten, nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)


def fcn(variant: int = 8, classes: int = 21, classifier: nn.Sequential | None = None) -> "SkipNet":
    """Build FCN-32s, -16s or -8s on VGG-16: (N, 3, H, W) -> (N, classes, H, W) for any H and W.

    A `classifier` is a `vgg(16)` for images of 224 pixels: the two networks then share all its weights but fc8's. Scores start
    at 0 (4.2, 4.3), with equal chances for every class.

    >>> with torch.device("meta"):
    ...     fcn(8)(torch.zeros(2, 3, 375, 500)).shape
    torch.Size([2, 21, 375, 500])
    """
    if variant not in VARIANTS:
        raise ValueError(f"variant must be one of {list(VARIANTS)}, got {variant!r}")
    net = convolutionalize(vgg(16) if classifier is None else classifier, 224)
    cast(Any, net).fc6[0].padding = (3, 3)  # 7 x 7 around each place of pool5, and as many places as there
    stages = nn.Sequential()
    for name, (_, layers) in STAGES.items():
        stages.add_module(name, nn.Sequential())
        for layer in layers:
            stages[-1].add_module(layer, net.get_submodule(layer))
    return SkipNet(stages, [channels for channels, _ in STAGES.values()], classes, VARIANTS[variant])


class SkipNet(nn.Module):
    """Score the last maps of a body, add them up from coarse to fine, upsample: (N, C, H, W) -> (N, classes, H, W).

    `stages` run one after the other; each yields its number of `channels` and lowers the resolution by its stride, 2 unless
    `strides` says otherwise. The last map and `skips` maps before it are scored. Coarser scores are upsampled by a transposed
    convolution that starts bilinear and learns; the last, to the image, is bilinear and stays so (section 4.3).

    The image is padded with zeros to a multiple of the whole stride, half on each side, and the scores are cropped to the same
    window: so any image fits, and nothing is cropped in between. Place i of a map of stride s is taken to lie on pixels
    s i to s i + s - 1, as after pools; the half pixel by which a 3x3 layer of stride 2 looks further up and left is left to
    the weights. Raises ValueError if the arguments disagree or a stage strides otherwise than said.
    """

    def __init__(
        self, stages: nn.Sequential, channels: Sequence[int], classes: int, skips: int = 0, strides: Sequence[int] | None = None
    ) -> None:
        super().__init__()
        names, strides = [name for name, _ in stages.named_children()], strides or [2] * len(stages)
        if not len(names) == len(channels) == len(strides):
            raise ValueError(f"each stage has channels and a stride, got {len(names)}, {len(channels)} and {len(strides)}")
        if not 0 <= skips < len(names):
            raise ValueError(f"skips must be at least 0 and below the number of stages, {len(names)}, got {skips}")
        self.stages, self.strides = stages, tuple(strides)
        first = len(names) - 1 - skips
        scored = range(len(names) - 1, first - 1, -1)  # coarsest first
        self.scores = nn.ModuleDict({names[i]: scoring(channels[i], classes) for i in scored})
        self.upsamplings = nn.ModuleDict({names[i]: upsampling(classes, strides[i + 1]) for i in scored[1:]})
        self.to_image = upsampling(classes, math.prod(strides[: first + 1])).requires_grad_(False)

    def forward(self, images: Tensor) -> Tensor:
        """Score every class at every pixel: logits."""
        height, width = images.shape[2:]
        padded, top, left = pad_to_multiple(images, math.prod(self.strides))
        maps, total = self.maps(padded), None
        for name, score in self.scores.items():
            total = score(maps[name]) if total is None else self.upsamplings[name](total) + score(maps[name])
        return self.to_image(total)[:, :, top : top + height, left : left + width]

    def maps(self, images: Tensor) -> dict[str, Tensor]:
        """Run the stages and keep what each yields, by its name; H and W are multiples of the whole stride."""
        x, maps = images, {}
        for (name, stage), stride in zip(self.stages.named_children(), self.strides, strict=True):
            (h, w), x = x.shape[2:], stage(x)
            if x.shape[2:] != (h // stride, w // stride):
                raise ValueError(f"stage {name} must make {h // stride} x {w // stride} of {h} x {w}, got {tuple(x.shape[2:])}")
            maps[name] = x
        return maps


def scoring(c_in: int, classes: int) -> nn.Conv2d:
    """Make a 1x1 layer that scores each class, 0 at the start: (N, C, H, W) -> (N, classes, H, W)."""
    layer = nn.Conv2d(c_in, classes, 1)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.get_parameter("bias"))
    return layer


def pad_to_multiple(images: Tensor, stride: int) -> tuple[Tensor, int, int]:
    """Pad with zeros until `stride` divides H and W, half on each side: images, and the rows above and columns to the left.

    >>> padded, top, left = pad_to_multiple(torch.zeros(2, 3, 61, 64), 32)
    >>> padded.shape, top, left
    (torch.Size([2, 3, 64, 64]), 1, 0)
    """
    rows, columns = (-size % stride for size in images.shape[2:])
    top, left = rows // 2, columns // 2
    return F.pad(images, (left, columns - left, top, rows - top)), top, left


def convolutionalize(classifier: nn.Sequential, size: int = 224, channels: int = 3) -> nn.Sequential:
    """Let a classifier of `size` x `size` pixels slide over larger images: (N, C, H, W) -> (N, K, H', W').

    Section 3.1: the first linear layer becomes a convolution whose kernel is as large as the map, the linear layers after it
    become 1x1, a global pool a pool of the map's size with stride 1; the flatten goes, all else stays, names too. An image of
    `size` pixels gets the same scores as before, as a 1 x 1 map. The two networks share their weights, so that training one
    trains the other, until one is moved to another device or memory format. Raises ValueError with the name of a layer that it
    cannot convert.

    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(8 * 5 * 5, 10))
    >>> convolutionalize(net, size=7)(torch.zeros(2, 3, 11, 13)).shape
    torch.Size([2, 10, 5, 7])
    """
    if type(classifier) is not nn.Sequential:
        raise ValueError(f"classifier must be an nn.Sequential, got a {type(classifier).__name__}")
    net, x, is_flat = _convert_all(classifier, torch.empty(1, channels, size, size, device="meta"), False)
    if is_flat and x.shape[2:] != (1, 1):
        raise ValueError(f"no linear layer follows the flatten, whose map is {x.shape[2]} x {x.shape[3]}")
    return net


def _convert_all(net: nn.Sequential, x: Tensor, is_flat: bool, prefix: str = "") -> tuple[nn.Sequential, Tensor, bool]:
    """Convert layer by layer, sending a map without numbers along: what comes out, and whether the classifier flattened it."""
    converted = nn.Sequential()
    converted.training = net.training
    for name, layer in net._modules.items():  # named_children leaves out the second use of a layer
        path = f"{prefix}{name}"
        if type(layer) is nn.Sequential:
            layer, x, is_flat = _convert_all(layer, x, is_flat, f"{path}.")
        else:
            is_flat = is_flat or isinstance(layer, nn.Flatten)
            layer = _convert(path, layer, x, is_flat)
            x = x if layer is None else _map_after(path, layer, x)
        if layer is not None:
            converted.add_module(name, layer)
    return converted, x, is_flat


def _convert(name: str, layer: nn.Module, x: Tensor, is_flat: bool) -> nn.Module | None:
    """Find what replaces a layer on maps such as `x`: another layer, itself, or None for a flatten."""
    where, (c, h, w) = f"{name} ({type(layer).__name__})", x.shape[1:]
    if isinstance(layer, nn.Flatten) and (layer.start_dim, layer.end_dim) in ((1, -1), (1, 3)):
        return None
    if isinstance(layer, nn.Linear) and is_flat:
        if layer.in_features != c * h * w:
            raise ValueError(f"{where} takes {layer.in_features} numbers, but the map before it is {c} x {h} x {w}")
        return _as_convolution(layer, (c, h, w))
    if isinstance(layer, nn.AdaptiveAvgPool2d) and not is_flat:
        left = layer(x).shape[2:]
        if left in ((1, 1), (h, w)):  # global, or as large as the map that it would leave unchanged
            return nn.AvgPool2d((h - left[0] + 1, w - left[1] + 1), stride=1)
    elif isinstance(layer, POINTWISE) or not (is_flat or any(isinstance(m, WHOLE_MAP) for m in layer.modules())):
        return layer
    raise ValueError(f"cannot make {where} slide over larger images than those of the classifier")


def _as_convolution(linear: nn.Linear, shape: tuple[int, int, int]) -> nn.Conv2d:
    c, h, w = shape
    layer = nn.Conv2d(c, linear.out_features, (h, w), bias=linear.bias is not None, device="meta")
    layer.weight = nn.Parameter(linear.weight.detach().view(-1, c, h, w), requires_grad=linear.weight.requires_grad)
    layer.bias = linear.bias
    layer.training = linear.training
    return layer


def _map_after(name: str, layer: nn.Module, x: Tensor) -> Tensor:
    """Find what a layer makes of a map on the meta device: (1, C, H, W) -> (1, K, H', W')."""
    y = run_on_meta(meta_copy(layer), x.shape[1:], f"layer {name}")
    if y.ndim != 4:
        raise ValueError(f"cannot convert {name} ({type(layer).__name__}): it must return a map, got {tuple(y.shape)}")
    return y
