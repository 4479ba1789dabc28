"""Checks of lesson 04: receptive fields by hand, by the recurrence and by gradient, what stacks cost, a VGG block."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from cnnlib.checks.engine import Check, but, digits, layer, outputs, random

three_layers = Check(
    "three_layers",
    reference=7,
    mistakes={
        "9 is the sum of the kernel sizes; neighbouring windows overlap, so each layer after the first adds 2 pixels, not 3": 9,
        "5 is the receptive field of two layers; the third adds one pixel on each side": 5,
        "3 is the receptive field of one layer; two more layers look at its outputs": 3,
        "6 is what the three layers add; the pixel in the middle counts too": 6,
        "49 is the area; the question is how many pixels wide the receptive field is": 49,
        "27 is the number of weights of three kernels; how many pixels do they reach together?": 27,
        "25 is the area of the receptive field of two layers; how many pixels wide is that of three?": 25,
        "81 is the square of 9; the question is a width, and neighbouring windows overlap": 81,
        "8 is one too many: the first layer sees 3 pixels, and each of the two others adds 2": 8,
        "4 is too few: each layer adds a pixel on the left and one on the right": 4,
        "11 adds 4 pixels for each further layer; with stride 1 a 3x3 layer adds 2": 11,
        "13 is the receptive field of three 5x5 layers; these are 3x3": 13,
        "15 doubles what is added each time, 2, 4 and 8; with stride 1 each layer adds 2 pixels": 15,
        "10 adds 3 pixels for each layer; windows overlap, so each adds 2, to the pixel itself": 10,
    },
    hints=[
        "One layer sees 3 pixels, two see 5. How many does the second add, and where?",
        "Each 3x3 layer looks one unit further on each side, so the size grows 1, 3, 5, ...",
    ],
)

after_pool = Check(
    "after_pool",
    reference=10,
    mistakes={
        "8 is what you get without the pool's stride; after the pool, neighbouring units are 2 pixels apart": 8,
        "6 is the receptive field of one output of the pool; a convolution follows": 6,
        "12 adds 3 * 2 pixels to the pool's 6, or doubles them; the last layer adds (3 - 1) * 2, because windows overlap": 12,
        "7 is what you get without the pool; it has a window of its own, and a stride": 7,
        "9 leaves out the pool's window, which adds one pixel to the 5 of the two convolutions": 9,
        "11 is what you get if kernel sizes are added, or if a pool's stride widens its own window; windows overlap": 11,
        "14 doubles the field of 5 to 10 at the pool, or has one convolution more; the pool adds one pixel, 5 + 1": 14,
        "5 is the receptive field of the two convolutions; a pool and a convolution follow": 5,
        "18 is three times the pool's field of 6; the three fields overlap, each is only 2 pixels from the next": 18,
        "20 is twice the receptive field; the pool doubles the distance between units, not their field": 20,
        "16 doubles the field at the pool; only what the last layer adds is doubled": 16,
        "100 is the area of the receptive field; how many pixels wide is it?": 100,
    },
    hints=[
        "The two convolutions see 5 pixels. The pool puts two such units together, one pixel apart. How many pixels is that?",
        "The last window extends one unit further on each side, and after the pool neighbouring units are 2 pixels apart.",
        "6 pixels below the pool, then 2 more on each side.",
    ],
)

Layers = Iterable[tuple[int, int]]


def _walk(layers: Layers, step: Callable[[int, int, int, int], tuple[int, int]], size: int = 1) -> int:
    jump = 1
    for kernel, stride in layers:
        size, jump = step(size, jump, kernel, stride)
    return size


def _walking(step: Callable[[int, int, int, int], tuple[int, int]], size: int = 1) -> Callable[[Layers], int]:
    return partial(_walk, step=step, size=size)


_field = _walking(lambda r, j, k, s: (r + (k - 1) * j, j * s))

receptive_field = Check(
    "receptive_field",
    reference=_field,
    cases=[
        dict(layers=((3, 1),)),
        dict(layers=((3, 1), (3, 1))),
        dict(layers=((2, 2), (3, 1))),
        dict(layers=((3, 1), (3, 1), (2, 2), (3, 1))),
        dict(layers=((11, 4), (3, 2), (5, 1), (3, 2), (3, 1))),
        dict(layers=((5, 1), (2, 3), (3, 2), (3, 5), (2, 1))),
    ],
    mistakes={
        "the kernel sizes are added; windows overlap, so a layer adds (kernel - 1) units": lambda layers: sum(
            kernel for kernel, _ in layers
        ),
        "every stride is ignored; after a stride, neighbouring units are further apart": _walking(
            lambda r, j, k, s: (r + k - 1, j)
        ),
        "a layer's own stride widens its own window; multiply `jump` by it only after the size has grown": _walking(
            lambda r, j, k, s: (r + (k - 1) * j * s, j * s)
        ),
        "only a layer's own stride counts; `jump` is the product of the strides of all layers below it": _walking(
            lambda r, j, k, s: (r + (k - 1) * s, 1)
        ),
        "only the stride of the layer just below counts; `jump` is the product of the strides of all layers below": _walking(
            lambda r, j, k, s: (r + (k - 1) * j, s)
        ),
        "the strides are added; multiply them": _walking(lambda r, j, k, s: (r + (k - 1) * j, j + s - 1)),
        "`jump` is the sum of the strides and starts at 1; it is their product": _walking(
            lambda r, j, k, s: (r + (k - 1) * j, j + s)
        ),
        "the size grows by kernel * jump; its first unit is there already, so it grows by (kernel - 1) * jump": _walking(
            lambda r, j, k, s: (r + k * j, j * s)
        ),
        "the size starts at 0; a pixel sees itself, so start at 1": _walking(
            lambda r, j, k, s: (r + (k - 1) * j, j * s), size=0
        ),
        "the order is reversed; the rule with `jump` starts at the image, `(size - 1) * stride + kernel` at the top": but(
            _field, layers=lambda layers: layers[::-1]
        ),
        "the size is multiplied by the stride; only the distance between units grows": _walking(
            lambda r, j, k, s: ((r + (k - 1) * j) * s, j * s)
        ),
        "that is `jump`, the distance between neighbouring units; return the size": _walking(lambda j, _, k, s: (j * s, 1)),
        "the brackets around `kernel - 1` are missing: the size grows by `(kernel - 1) * jump`": _walking(
            lambda r, j, k, s: (r + k * j - 1, j * s)
        ),
        "the size grows by an even number each time; a window of 2 units adds one, `kernel - 1`": _walking(
            lambda r, j, k, s: (r + 2 * (k // 2) * j, j * s)
        ),
        "the size grows by half a window; both sides together add `kernel - 1` units": _walking(
            lambda r, j, k, s: (r + k // 2 * j, j * s)
        ),
        "the kernel sizes are multiplied, directly or in `jump`; the size grows by `(kernel - 1) * jump`, and `jump` is the "
        "product of the strides": _walking(lambda r, j, k, s: (r * k, j)),
        "a pair is `(kernel, stride)`, in this order; they are exchanged": but(
            _field, layers=lambda layers: [layer[::-1] for layer in layers]
        ),
        "only the first layer counts; is the `return` inside the loop?": but(_field, layers=lambda layers: layers[:1]),
        "the first layer is left out": but(_field, layers=lambda layers: layers[1:]),
        "the last layer is left out": but(_field, layers=lambda layers: layers[:-1]),
        "layers with a stride are left out; they have a window as well": but(
            _field, layers=lambda layers: [(kernel, stride) for kernel, stride in layers if stride == 1]
        ),
        "that is the area; return the width": but(_field, result=lambda size: size**2),
        "from the top, the rule is `(size - 1) * stride + kernel`; `- 1` is missing": but(
            _walking(lambda r, _, k, s: (r * s + k, 1)), layers=lambda layers: layers[::-1]
        ),
        "from the top, the rule is `(size - 1) * stride + kernel`; the brackets are around `size - 1`": but(
            _walking(lambda r, _, k, s: (r * s + k - 1, 1)), layers=lambda layers: layers[::-1]
        ),
        "the size grows by (kernel - stride) * jump; it grows by (kernel - 1) * jump, for every stride": _walking(
            lambda r, j, k, s: (r + (k - s) * j, j * s)
        ),
        "one pixel is counted too many": but(_field, result=lambda size: size + 1),
        "what a layer adds replaces the size; add it, with `+=`": _walking(lambda r, j, k, s: ((k - 1) * j, j * s)),
        "kernel times stride is added up; a layer adds (kernel - 1) * jump": lambda layers: sum(k * s for k, s in layers),
        "brackets are missing: the size grows by `(kernel - 1) * jump`, not by `kernel - 1 * jump`": _walking(
            lambda r, j, k, s: (r + k - j, j * s)
        ),
        "only the last layer counts; set `size` and `jump` before the loop": but(_field, layers=lambda layers: layers[-1:]),
        "the size is multiplied by `jump` in the end; return it as it is": lambda layers: (
            _field(layers) * _walk(layers, lambda r, j, k, s: (r * s, j))
        ),
    },
    hints=[
        "Keep two numbers, `size = 1` and `jump = 1`, and go through the layers from the image up.",
        "For each layer, `size` grows by `(kernel - 1) * jump`. How does its stride change `jump` for the layers above?",
        "`for kernel, stride in layers: size += (kernel - 1) * jump; jump *= stride`, then `return size`.",
    ],
)


def _stack(*kernels: int, stride: int = 1, seed: int = 0) -> nn.Sequential:
    layers, channels = [], (3, 5, 7, 2)
    for i, kernel in enumerate(kernels):
        step = stride if i == 0 else 1
        layers += [layer(nn.Conv2d, channels[i], channels[i + 1], kernel, step, padding=1, seed=seed + i), nn.Tanh()]
    return nn.Sequential(*layers)


def _whole_weights() -> nn.Conv2d:
    conv = layer(nn.Conv2d, 2, 3, 3, padding=1, bias=False)
    conv.weight.data = digits(3, 2, 3, 3) - 5
    return conv


def _gradient(net: nn.Module, image: Tensor, of: Callable[[Tensor], Tensor]) -> Tensor:
    pixels = image.clone().requires_grad_()
    return torch.autograd.grad(of(net(pixels)).sum(), pixels)[0]  # (1, C, H, W)


def _middle(y: Tensor) -> Tensor:
    return y[0, :, y.shape[2] // 2, y.shape[3] // 2]


def _added(gradient: Tensor) -> Tensor:
    return gradient.abs().sum((0, 1))


def _influence(
    net: nn.Module, image: Tensor, of: Callable[[Tensor], Tensor] = _middle, then: Callable[[Tensor], Tensor] = _added
) -> Tensor:
    return then(_gradient(net, image, of))


def _of_image(net: nn.Module, image: Tensor) -> Tensor:
    return _influence(net, image, lambda y: y[0, :, image.shape[2] // 2, image.shape[3] // 2])


def _one_by_one(net: nn.Module, image: Tensor) -> Tensor:
    units = range(net(image).shape[1])
    return torch.stack([_influence(net, image, lambda y, k=k: _middle(y)[k]) for k in units]).sum(0)


influence = Check(
    "influence",
    reference=_influence,
    cases=[
        dict(net=_whole_weights(), image=digits(1, 2, 5, 4)),
        dict(net=_stack(3, 3), image=random(1, 3, 11, 13)),
        # a map smaller than the image that still has a unit at the image's middle
        dict(net=_stack(3, 3, 3, stride=2, seed=7), image=random(1, 3, 17, 23, seed=1)),
    ],
    mistakes={
        "all units of the map are added up; take only those in the middle, `y[0, :, H' // 2, W' // 2]`": partial(
            _influence, of=lambda y: y
        ),
        "the signs are kept, so that positive and negative gradients cancel; take `.abs()` before the sum": partial(
            _influence, then=lambda gradient: gradient.sum((0, 1))
        ),
        "the channels are added up before `.abs()`, so that they cancel; take `.abs()` first": partial(
            _influence, then=lambda gradient: gradient.sum((0, 1)).abs()
        ),
        "the corner of the map is taken; take its middle, row `H' // 2` and column `W' // 2`": partial(
            _influence, of=lambda y: y[0, :, 0, 0]
        ),
        "the middle row is used as the column as well; the middle column is `W' // 2`": partial(
            _influence, of=lambda y: y[0, :, y.shape[2] // 2, y.shape[2] // 2]
        ),
        "row and column of the middle are exchanged": partial(
            _influence, of=lambda y: y[0, :, y.shape[3] // 2, y.shape[2] // 2]
        ),
        "each unit has a gradient and an `.abs()` of its own; add the units up before you compute the gradient": _one_by_one,
        "the units are averaged; add them up": partial(_influence, of=lambda y: _middle(y).mean()),
        "only the first channel of the map is taken; add the units of all channels up": partial(
            _influence, of=lambda y: _middle(y)[0]
        ),
        "only the first channel of the image is kept; add all of them up": partial(
            _influence, then=lambda gradient: gradient.abs()[0, 0]
        ),
        "the largest channel of the image is kept; add all of them up": partial(
            _influence, then=lambda gradient: gradient.abs().amax((0, 1))
        ),
        "the channels are combined by the root of their squares; add up their absolute values": partial(
            _influence, then=lambda gradient: gradient[0].norm(dim=0)
        ),
        "negative gradients are dropped; they count too, so take `.abs()`": partial(
            _influence, then=lambda gradient: gradient.relu().sum((0, 1))
        ),
        "the absolute values of the units are added up; add up the units, and take `.abs()` of the gradient": partial(
            _influence, of=lambda y: _middle(y).abs()
        ),
        "only the middle channel of the map is taken; add the units of all channels up": partial(
            _influence, of=lambda y: _middle(y)[y.shape[1] // 2]
        ),
        "only the largest of the units is taken; add all of them up": partial(_influence, of=lambda y: _middle(y).max()),
        "that only says whether a pixel has an influence; return how large it is": partial(
            _influence, then=lambda gradient: (_added(gradient) > 0).to(gradient)
        ),
        "that counts the channels with an influence; add up how large their influence is": partial(
            _influence, then=lambda gradient: (gradient != 0).sum((0, 1)).to(gradient)
        ),
        "the influence is divided by its maximum; return it as it is": partial(
            _influence, then=lambda gradient: _added(gradient) / _added(gradient).max()
        ),
        "the influence is divided by its sum; return it as it is": partial(
            _influence, then=lambda gradient: _added(gradient) / _added(gradient).sum()
        ),
        "the middle of an even number of rows or columns is one later: `H' // 2`, not `(H' - 1) // 2`": partial(
            _influence, of=lambda y: y[0, :, (y.shape[2] - 1) // 2, (y.shape[3] - 1) // 2]
        ),
        "the gradient is that of the mean of the whole map; take only the units in its middle": partial(
            _influence, of=lambda y: y.mean()
        ),
        "the last unit of each map is taken; take the middle, row `H' // 2` and column `W' // 2`": partial(
            _influence, of=lambda y: y[0, :, -1, -1]
        ),
        "that is the map itself; return the gradient of its middle with respect to the image": lambda net, image: (
            net(image).detach()[0].abs().sum(0)
        ),
        "the channels of the image are averaged; add them up": partial(
            _influence, then=lambda gradient: gradient.abs().mean((0, 1))
        ),
        "the gradients are squared; add up their absolute values": partial(
            _influence, then=lambda gradient: gradient.square().sum((0, 1))
        ),
        "the channels of the image are still separate; add them up, to (H, W)": partial(
            _influence, then=lambda gradient: gradient.abs()[0]
        ),
        "the batch axis of length 1 is still there; the result is (H, W)": partial(
            _influence, then=lambda gradient: gradient.abs().sum(1)
        ),
        "the middle of the image is taken; take the middle of the map, whose size may be another": _of_image,
        "that is the gradient of every channel, (1, C, H, W); add the channels up, to (H, W)": partial(
            _influence, then=torch.abs
        ),
        "the gradient is multiplied by the image; return it as it is": lambda net, image: _added(
            _gradient(net, image, _middle) * image
        ),
        "the whole middle row of the map is taken; take the column `W' // 2` of it": partial(
            _influence, of=lambda y: y[0, :, y.shape[2] // 2]
        ),
        "the pixels are added up and the channels are kept; add the channels up, to (H, W)": partial(
            _influence, then=lambda gradient: gradient.abs().sum((2, 3))
        ),
    },
    hints=[
        "Copy the image so that you can ask for its gradient, `pixels = image.clone().requires_grad_()`, and run `net` on it.",
        "`middle = y[0, :, y.shape[2] // 2, y.shape[3] // 2].sum()` is one number; `torch.autograd.grad(middle, pixels)` is a "
        "tuple with one gradient, (1, C, H, W).",
        "`(gradient,) = torch.autograd.grad(middle, pixels)`, then `return gradient.abs().sum((0, 1))`.",
    ],
)

growth = Check(
    "growth",
    reference=2,
    mistakes={
        "4 holds for the receptive field; here the variances add up, and the standard deviation is their root": 4,
        "3.82 is the ratio of the two receptive fields, 65 / 17; the standard deviation grows more slowly": 65 / 17,
        "1.96 is the root of the ratio of the receptive fields; take that of the numbers of layers": (65 / 17) ** 0.5,
        "the standard deviation does grow; each layer is one more random step": 1,
        "16 is the square of 4; the variance grows by a factor of 4, and the standard deviation is its root": 16,
        "1.41 is the root of 2; the number of layers, and with it the variance, grows by a factor of 4": 2**0.5,
        "2.83 is the root of 8; take the root of 32 / 8": 8**0.5,
        "5.66 is the root of 32; take the root of 32 / 8": 32**0.5,
        "0.5 is the factor from 32 layers to 8; the question is from 8 to 32": 0.5,
        "4.62 is the standard deviation after 32 layers; divide it by that after 8": (2 * 32 / 3) ** 0.5,
        "2.31 is the standard deviation after 8 layers, or the difference between the two; the question is their ratio": (
            16 / 3
        )
        ** 0.5,
        "24 is the difference of the numbers of layers; the question is a factor": 24,
        "2.67 is 2 * 32 / 3, divided by 8; divide one standard deviation by the other": 8 / 3,
        "8 is the number of layers; by which factor does the root of it grow to 32?": 8,
        "21.33 is the variance after 32 layers; compare the roots of two variances": 64 / 3,
        "5.33 is the variance after 8 layers; compare the roots of two variances": 16 / 3,
        "4.9 is the root of 24, the difference of the numbers of layers; take the root of their ratio": 24**0.5,
        "3.76 or 3.77 compares other sizes; the standard deviation is the root of the number of layers, up to a factor": 64
        / 17,
        "48 is how many pixels the receptive field grows by; the question is a factor, of the standard deviation": 48,
        "0.82 is the standard deviation of one step; by which factor do 32 steps spread more than 8?": (2 / 3) ** 0.5,
        "0.25 is the ratio of the numbers of layers, upside down; take the root of 32 / 8": 0.25,
    },
    hints=[
        "Each layer moves the influence by -1, 0 or 1 pixel, as in a random walk. How far does it get in n steps?",
        "Variances add up, so n layers have n times the variance of one. The standard deviation is the root of the variance.",
    ],
    digits=2,
)

every_pixel = Check(
    "every_pixel",
    reference="c",
    choices=("a", "b", "c"),
    mistakes={
        "a max pool passes on one of four values, but each of the four can be that one, so all of them count": "a",
        "the recurrence finds which pixels can matter, not how much they do; look at the influence in the explorer": "b",
    },
    hints=[
        "Choose conv5_3 in the explorer. Does the bright area fill the receptive field?",
        "The recurrence gives the outermost pixel that can matter at all. How many paths lead from "
        "it to the unit, and how many from the middle?",
    ],
)

seven = Check(
    "seven",
    reference=100 * (49 / 27 - 1),
    mistakes={
        "that is how many percent *fewer* weights the three layers have; divide the difference by their 27": 100
        * (1 - 27 / 49),
        "that is 49 in percent of 27; how many percent *more* is it?": 100 * 49 / 27,
        "that is the comparison with a single 3x3 layer; there are three of them": 100 * (49 / 9 - 1),
        "kernels have two sides; compare 7 * 7 with 3 * 3 * 3, not 7 with 3": 100 * (7 / 3 - 1),
        "that is the comparison of one 5x5 layer with two 3x3 layers": 100 * (25 / 18 - 1),
        "22 is the difference of 49 and 27; how many percent of the 27 is it?": 22,
        "that is 27 in percent of 49; by how many percent of 27 does 49 exceed 27?": 100 * 27 / 49,
        "the sign says fewer, and the 49 are the whole; by how many percent of 27 does 49 exceed 27?": 100 * (27 / 49 - 1),
        "that is how many times the weights of one 3x3 layer a 7x7 layer has; compare it with three": 49 / 9,
        "82 is rounded up; 81.48 is nearer to 81": 82,
        "49 is the weights of one 7x7 kernel; how many percent more than 27 is that?": 49,
        "28 is how many percent fewer weights two 3x3 layers have than one 5x5": 28,
        "that is a fraction; multiply it by 100 to get percent": 22 / 27,
        "that is a ratio; by how many percent does it exceed 1?": 49 / 27,
        "that compares 9 with 7; three 3x3 kernels have 27 weights and one 7x7 kernel has 49": 100 * (7 / 9 - 1),
        "172 compares 49 with two 3x3 layers; there are three": 100 * (49 / 18 - 1),
        "40 is the difference of 49 and 9; three 3x3 layers have 27, and the question is a percentage": 40,
    },
    hints=[
        "How many weights does a layer from C channels to C channels have with a 3x3 kernel? Three of them? One with 7x7?",
        "Compare 49 C^2 with 27 C^2: the ratio is 1 and how many hundredths?",
    ],
    digits=0,
)

stem = Check(
    "stem",
    reference=28512 / 9408,
    mistakes={
        "27 / 49 holds for equal channels; the 7x7 reads 3 channels, the second and third 3x3 read 32": 27 / 49,
        "49 / 9 compares one kernel with one kernel; count the channels, and all three layers": 49 / 9,
        "that is the old stem divided by the new one": 9408 / 28512,
        "28,512 is the number of weights of the new stem; divide it by that of the old one": 28512,
        "that is how many times *more*; divide the new stem's weights by the old one's": 28512 / 9408 - 1,
        "the layers between have 32 channels, not 64": (27 * 64 + 2 * 9 * 64 * 64) / 9408,
        "the first of the three layers has 32 filters, and the last reads 32 channels": (27 * 64 + 9 * 64 * 32 + 9 * 32 * 64)
        / 9408,
        "the biases are counted; here they are left out": (28512 + 32 + 32 + 64) / (9408 + 64),
        "the first of the three layers is left out": (9216 + 18432) / 9408,
        "only the last of the three layers is counted": 18432 / 9408,
        "only the first of the three layers is counted": 864 / 9408,
        "only one of the three layers has 64 filters, and only the last: it has 32 * 9 * 64 weights": (864 + 9216 + 9216)
        / 9408,
        "the 3 channels that the old layer reads are left out; it has 3 * 49 * 64 weights": 28512 / (49 * 64),
        "the channels that each layer reads are left out; a layer has c_in * k * k * c_out weights": (9 * 32 + 9 * 32 + 9 * 64)
        / (49 * 64),
        "that is the ratio in percent; divide it by 100": 303,
        "5.4 is the ratio of one 7x7 kernel and one 3x3 kernel; count the channels, and all three layers": 5.4,
        "two decimals are asked for; 3 is rounded to none": 3,
        "1.81 is 49 / 27, for equal channels; the 7x7 reads 3 channels, the second and third 3x3 read 32": 49 / 27,
        "the last of the three layers is left out": (864 + 9216) / 9408,
        "only the layer from 32 to 32 channels is counted": 9216 / 9408,
        "the windows are left out; a 3x3 kernel has 9 weights and a 7x7 kernel 49": (96 + 1024 + 2048) / 192,
        "a 3x3 kernel has 9 weights and a 7x7 kernel 49, not 3 and 7": 3 * (96 + 1024 + 2048) / 1344,
        "that is the difference of the numbers of weights; divide them": 28512 - 9408,
        "the strides are counted; a stride changes no weights, and all maps have 112 rows": 28512 / 9408 / 4,
        "303 or 203 is in percent; give the ratio": 100 * (28512 / 9408 - 1),
    },
    hints=[
        "A layer has c_in * 3 * 3 * c_out weights. There are three layers: 3 to 32, 32 to 32, 32 to 64.",
        "The old stem has 3 * 49 * 64 weights, the first layer of the new one 3 * 9 * 32. Count the two others.",
        "Divide 3 * 9 * 32 + 32 * 9 * 32 + 32 * 9 * 64 by 3 * 49 * 64.",
    ],
    digits=2,
)


def _block(
    c_in: int,
    c_out: int,
    layers: int,
    padding: int = 1,
    kernel: int = 3,
    norm: bool = False,
    bias: bool = True,
    active: Callable[[int], bool] = lambda left: True,  # of how many layers are left
    pool: nn.Module | None = None,
    pools: bool = False,
) -> nn.Sequential:
    parts: list[nn.Module] = []
    for left in range(layers)[::-1]:
        parts.append(nn.Conv2d(c_out if parts else c_in, c_out, kernel, padding=padding, bias=bias))
        if norm:
            parts.append(nn.BatchNorm2d(c_out))
        if active(left):
            parts.append(nn.ReLU())
        if pools and left:
            parts.append(nn.MaxPool2d(2))
    return nn.Sequential(*parts, pool or nn.MaxPool2d(2))


_CHANNELS = (
    "the first convolution has to read `c_in` channels and all others `c_out`, since that is what the one before outputs"
)


def _rebuilt(change: Callable[[list[nn.Module]], list[nn.Module]]) -> Callable[..., nn.Sequential]:
    return but(_block, result=lambda block: nn.Sequential(*change(list(block))))


def _put(kind: type[nn.Module], new: Callable[[Any], nn.Module]) -> Callable[[list[nn.Module]], list[nn.Module]]:
    return lambda parts: [new(part) if isinstance(part, kind) else part for part in parts]


def _unpadded(conv: Any) -> nn.Conv2d:
    return nn.Conv2d(conv.in_channels, conv.out_channels, 3)


def _narrow(c_in: int, c_out: int, layers: int) -> nn.Sequential:
    parts: list[nn.Module] = []
    for left in range(layers)[::-1]:
        parts += [nn.Conv2d(c_in, c_in if left else c_out, 3, padding=1), nn.ReLU()]
    return nn.Sequential(*parts, nn.MaxPool2d(2))


def _strided(c_in: int, c_out: int, layers: int) -> nn.Sequential:
    block = list(_block(c_in, c_out, layers))[:-1]
    block[0] = nn.Conv2d(c_in, c_out, 3, stride=2, padding=1)
    return nn.Sequential(*block)


block = Check(
    "block",
    reference=_block,
    cases=[
        dict(c_in=1, c_out=2, layers=1),
        dict(c_in=3, c_out=5, layers=1),
        dict(c_in=3, c_out=5, layers=2),
        dict(c_in=3, c_out=7, layers=3),
    ],
    look=outputs(
        digits(1, 1, 4, 5, seed=14, low=-3, high=5),
        300 * random(2, 3, 11, 13),
        refusals={r"(?P<takes>\d+) channels, but got (?P<given>\d+)": _CHANNELS},
    ),
    mistakes={
        "the convolutions have no padding; a 3x3 window with `padding=1` keeps the map's size": partial(_block, padding=0),
        "there is no ReLU; add one after each convolution": partial(_block, active=lambda left: False),
        "there is no ReLU between the convolutions, so together they are one linear layer": partial(
            _block, active=lambda left: left == 0
        ),
        "the ReLU after the last convolution is missing": partial(_block, active=lambda left: left > 0),
        "the pool is missing; a block ends with `nn.MaxPool2d(2)`": partial(_block, pool=nn.Identity()),
        "the pool averages; VGG takes the maximum": partial(_block, pool=nn.AvgPool2d(2)),
        "the pool moves by 1; it has to move by 2 to halve the map": partial(_block, pool=nn.MaxPool2d(2, stride=1)),
        "the pool has a 3x3 window; VGG's has 2x2": partial(_block, pool=nn.MaxPool2d(3, stride=2)),
        "there is a pool after every convolution; a block has one, at its end": partial(_block, pools=True),
        "there is one convolution too few": but(_block, layers=lambda layers: layers - 1),
        "there is one convolution too many": but(_block, layers=lambda layers: layers + 1),
        "`layers` is ignored; there are always two convolutions": but(_block, layers=2),
        "there is batch norm; VGG is older than batch norm and has none": partial(_block, norm=True),
        "there is batch norm in place of biases; VGG has biases, and is older than batch norm": partial(
            _block, norm=True, bias=False
        ),
        "the biases are missing; without batch norm, the convolutions need their own": partial(_block, bias=False),
        "only the last convolution outputs `c_out` channels; all of them do, from the first on": _narrow,
        "each ReLU is before its convolution; it has to be after it": _rebuilt(
            lambda parts: [part for pair in zip(parts[1::2], parts[:-1:2], strict=True) for part in pair] + parts[-1:]
        ),
        "the pool is at the beginning of the block; it has to be at its end": _rebuilt(lambda parts: parts[-1:] + parts[:-1]),
        "there is a sigmoid in place of each ReLU": _rebuilt(_put(nn.ReLU, lambda part: nn.Sigmoid())),
        "there is a tanh in place of each ReLU": _rebuilt(_put(nn.ReLU, lambda part: nn.Tanh())),
        "there is a leaky ReLU in place of each ReLU": _rebuilt(_put(nn.ReLU, lambda part: nn.LeakyReLU())),
        "a convolution with stride 2 halves the map; here a max pool has to do it": _strided,
        "there are twice as many convolutions as `layers`": but(_block, layers=lambda layers: 2 * layers),
        "every convolution has stride 2; they have stride 1, and the pool halves the map": _rebuilt(
            _put(nn.Conv2d, lambda part: nn.Conv2d(part.in_channels, part.out_channels, 3, stride=2, padding=1))
        ),
        "the map is halved twice; a block ends with one 2x2 pool": partial(
            _block, pool=nn.Sequential(nn.MaxPool2d(2), nn.MaxPool2d(2))
        ),
        "the pool rounds the size of the map up; leave out `ceil_mode`": partial(_block, pool=nn.MaxPool2d(2, ceil_mode=True)),
        "the pool has a 3x3 window and padding; VGG's has 2x2 and none": partial(_block, pool=nn.MaxPool2d(3, 2, padding=1)),
        "only the first convolution has padding; the others need `padding=1` too": _rebuilt(
            lambda parts: parts[:2] + _put(nn.Conv2d, _unpadded)(parts[2:])
        ),
        "the first convolution has no padding; it needs `padding=1` as the others do": _rebuilt(
            lambda parts: [_unpadded(parts[0]), *parts[1:]]
        ),
        "the pool has padding; it needs none": partial(_block, pool=nn.MaxPool2d(2, padding=1)),
        "the convolutions have a padding of 2; a 3x3 window keeps the map's size with `padding=1`": partial(_block, padding=2),
        "the kernels are 5x5; they have to be 3x3": partial(_block, kernel=5, padding=2),
        "the kernels are 1x1; they have to be 3x3": partial(_block, kernel=1, padding=0),
    },
    hints=[
        "Collect layers in a list: `nn.Conv2d(c_in, c_out, 3, padding=1)` and `nn.ReLU()`, `layers` times, then the pool.",
        "Only the first convolution reads `c_in` channels; all others read `c_out`. Set `c_in = c_out` after the first.",
        "`parts += [nn.Conv2d(c_in, c_out, 3, padding=1), nn.ReLU()]; c_in = c_out` in the loop, then "
        "`return nn.Sequential(*parts, nn.MaxPool2d(2))`.",
    ],
)
