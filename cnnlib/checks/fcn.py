"""Checks of lesson 08: a fully connected layer as a convolution, heat maps, transposed convolution, mean IoU, dilation."""

import itertools
import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.checks.engine import Check, Refused, Variants, but, digits, layer, outputs, random


def _linear(c_in: int, c_out: int, seed: int) -> nn.Linear:
    """Make a linear layer whose weights and biases are whole numbers from 1 to 9."""
    made = layer(nn.Linear, c_in, c_out).float()
    made.weight.data, made.bias.data = digits(c_out, c_in, seed=seed).float(), digits(c_out, seed=seed + 1).float()
    return made


NEW_WEIGHTS = "the weights are not those of the linear layer; copy them into the layer as they are"
NO_BIAS = "the bias of the linear layer is missing; copy it too"
PADDING = "there is padding; the kernel sees only windows that fit into the map"
STRIDE = "there is a stride; the kernel moves by 1"
DILATION = "there is a dilation; the kernel reads pixels that are next to each other"
NO_CONVOLUTION = "a linear layer takes one size only; return an `nn.Conv2d`, which takes any"


class _copied(outputs):  # noqa: N801 - as `outputs`
    """Look at a layer's outputs; one whose weights or biases are all below 1 was never given those of the linear layer.

    Whatever their amounts, padding, strides and dilations are told.
    """

    def __call__(self, net: Any) -> Any:
        for conv in (module for module in self.ready(net).modules() if isinstance(module, nn.Conv2d)):
            if conv.weight.abs().max() < 1:
                raise Refused(NEW_WEIGHTS)
            if conv.bias is not None and conv.bias.abs().max() < 1:
                raise Refused(NO_BIAS)
            if conv.padding not in ((0, 0), "valid"):
                raise Refused(PADDING)
            if conv.stride != (1, 1):
                raise Refused(STRIDE)
            if conv.dilation != (1, 1):
                raise Refused(DILATION)
        return super().__call__(net)


def _as_convolution(
    linear: nn.Linear, channels: int, size: int, order: Callable[[Tensor], Tensor] = lambda w: w, bias: bool = True, **how: Any
) -> nn.Conv2d:
    layer = nn.Conv2d(channels, linear.out_features, size, bias=bias, **how)
    layer.weight = nn.Parameter(order(linear.weight.detach().view(-1, channels, size, size)).contiguous())
    if bias:
        layer.bias = nn.Parameter(linear.bias.detach().clone())
    return layer


def _channels_last(weight: Tensor) -> Tensor:
    filters, channels, size, _ = weight.shape
    return weight.reshape(filters, size, size, channels).permute(0, 3, 1, 2)


def _rows_first(weight: Tensor) -> Tensor:
    filters, channels, size, _ = weight.shape
    return weight.reshape(filters, size, channels, size).transpose(1, 2)


def _transposed_first(linear: nn.Linear, channels: int, size: int) -> nn.Conv2d:
    conv = _as_convolution(linear, channels, size)
    conv.weight.data = linear.weight.detach().T.reshape(conv.weight.shape).contiguous()
    return conv


as_convolution = Check(
    "as_convolution",
    reference=_as_convolution,
    cases=[
        dict(linear=_linear(8, 2, seed=1), channels=2, size=2),
        dict(linear=_linear(12, 2, seed=1), channels=3, size=2),
        dict(linear=_linear(75, 7, seed=2), channels=3, size=5),
        dict(linear=_linear(48, 11, seed=3), channels=3, size=4),
        dict(linear=_linear(3, 5, seed=4), channels=3, size=1),
    ],
    look=_copied(
        digits(1, 2, 3, 4, seed=42, low=-5, high=5),  # outputs below 0, where a ReLU differs
        9 * random(1, 3, 6, 5),
        refusals={"mat1 and mat2 shapes cannot be multiplied|same number of dimensions": NO_CONVOLUTION},
        own_weights=True,
    ),
    mistakes={
        "the weights are cut up with the channels last; a flattened map has all pixels of channel 0 first, row by row": partial(
            _as_convolution, order=_channels_last
        ),
        "rows and columns of the kernel are exchanged": partial(_as_convolution, order=lambda w: w.transpose(2, 3)),
        "the kernel is flipped; torch's convolution does not flip it": partial(_as_convolution, order=lambda w: w.flip(2, 3)),
        "the rows of the kernel are in reverse order; torch's convolution does not flip it": partial(
            _as_convolution, order=lambda w: w.flip(2)
        ),
        "the columns of the kernel are in reverse order; torch's convolution does not flip it": partial(
            _as_convolution, order=lambda w: w.flip(3)
        ),
        "the channels are in reverse order; a flattened map has channel 0 first": partial(
            _as_convolution, order=lambda w: w.flip(1)
        ),
        "the filters are in reverse order; filter 0 has the weights of output 0": partial(
            _as_convolution, order=lambda w: w.flip(0)
        ),
        "the weights are cut up with the rows before the channels; a flattened map has all pixels of channel 0 first": partial(
            _as_convolution, order=_rows_first
        ),
        "the weights are summed over the channels; each channel has weights of its own": partial(
            _as_convolution, order=lambda w: w.sum(1, keepdim=True).expand_as(w)
        ),
        "the weights are averaged over the channels": partial(
            _as_convolution, order=lambda w: w.mean(1, keepdim=True).expand_as(w)
        ),
        "the weights are transposed before they are cut up; `linear.weight` has a row per output already": _transposed_first,
        PADDING: lambda linear, channels, size: _as_convolution(linear, channels, size, padding=size // 2),
        STRIDE: lambda linear, channels, size: _as_convolution(linear, channels, size, stride=size),
        DILATION: lambda linear, channels, size: _as_convolution(linear, channels, size, dilation=2),
        "there is a ReLU after the convolution; the linear layer has none": lambda linear, channels, size: nn.Sequential(
            _as_convolution(linear, channels, size), nn.ReLU()
        ),
        NO_BIAS: partial(_as_convolution, bias=False),
        NEW_WEIGHTS: lambda linear, channels, size: nn.Conv2d(channels, linear.out_features, size),
        NO_CONVOLUTION: lambda linear, channels, size: nn.Sequential(nn.Flatten(), linear),
    },
    hints=[
        "Make an `nn.Conv2d(channels, linear.out_features, size)` and give it the weights: which shape do they need?",
        "`linear.weight.view(-1, channels, size, size)` is in the right order already, because flatten uses this order.",
        '`conv.load_state_dict({"weight": linear.weight.view_as(conv.weight), "bias": linear.bias})`, then return it.',
    ],
)

grid = Check(
    "grid",
    reference=lambda side: (side - 32) // 8 + 1,
    mistakes={
        "{:g} ignores how large a window is; the last one has to fit into the image as a whole": lambda side: side // 8,
        "{} ignores how large a window is; the last one has to fit into the image as a whole": (lambda side: side // 8 + 1),
        "{} is what windows side by side give; they move by 8 pixels, not by their size": lambda side: side // 32,
        "4 windows, 8 pixels apart, need 3 * 8 + 32 = 56 pixels; the windows overlap, and more of them fit in": 4,
        "19 windows of 32 pixels, 8 pixels apart, need 18 * 8 + 32 = 176 pixels": 19,
        "33 is what a step of 4 pixels gives, as in the explorer; these windows are 8 pixels apart": 33,
        "15 windows of 32 pixels, 8 pixels apart, need 14 * 8 + 32 = 144 pixels; two more fit in": 15,
        "18 windows of 32 pixels, 8 pixels apart, need 17 * 8 + 32 = 168 pixels": 18,
        "{} is without the window at pixel 0; add 1": lambda side: (side - 32) // 8,
        "24 adds the window to the image; subtract it, because the last window has to fit in, and add 1": 24,
        "25 adds the window to the image; subtract it, because the last window has to fit in": 25,
        "40 is 160 / 4; the windows are 8 pixels apart, and the last one has to fit in": 40,
        "{} is the number of all windows; count those along one side": lambda side: ((side - 32) // 8 + 1) ** 2,
        "{} is the number of pixels by which the window can move": lambda side: side - 32,
        "{} is what a step of 1 pixel gives; the windows are 8 pixels apart": lambda side: side - 31,
    },
    hints=[
        "The first window starts at pixel 0, the last one at pixel {side} - 32.",
        "({side} - 32) / 8 + 1, the formula for the output size of a convolution.",
    ],
    variants=Variants(
        dict(side=160),
        dict(side=224),
        dict(side=192),
        dict(side=128),
        wording=["has {side}×{side} pixels"],
    ),
)

unequal = Check(
    "unequal",
    reference="d",
    choices=("a", "b", "c", "d"),
    mistakes={
        "rounding causes differences near 0.00001; these are a considerable part of the scores' standard deviation": "a",
        "in evaluation mode batch norm uses stored statistics, which are the same for a crop and for a scene": "b",
        "how well the weights fit does not matter: the same weights compute both scores, from the same 32 x 32 pixels": "c",
    },
    hints=[
        "Both scores come from the same weights. Which numbers do these weights meet in a crop, and which in the scene?",
        "What is next to a crop's outermost pixels when the first 3x3 layer reads them? And what is there in the scene?",
    ],
)

scale = Check(
    "scale",
    reference=lambda height, cat: height * 200 // cat,
    mistakes={
        "300 halves the photograph, and the cat is then 50 pixels high; it has to become larger": 300,
        "200 is the height that the cat should have; the whole photograph is six times as high as the cat": 200,
        "{} is the height of the cat; the question is about the whole photograph": lambda cat: cat,
        "224 is the height of the training images; the cat would be 37 pixels high": 224,
        "{} leaves the photograph as it is, with a cat of {cat} pixels": lambda height: height,
        "{:,} is the width after resizing; the height is asked": lambda width, cat: width * 200 // cat,
        "{} adds the missing {missing} pixels to the photograph; resizing multiplies, and the cat needs a factor of "
        "{factor:g}": (lambda height, missing: height + missing),
        "{} is the width of the photograph; the cat needs a factor of {factor:g}": lambda width: width,
        "{:g} is the factor; the height of the resized photograph is asked": lambda factor: factor,
        "0.5 is the factor in the wrong direction; the cat has to become larger, and the height in pixels is asked": 0.5,
        "6 is the ratio of the photograph to the cat; the height of the resized photograph is asked": 6,
        "a height of 3,600 makes the cat 600 pixels high; the factor is 200 / 100": 3600,
        "{:,} is {height} times 200; divide it by the {cat} pixels that the cat has now": lambda height: height * 200,
        "a height of 150 makes the cat 25 pixels high; it has to become larger, and by the factor 200 / 100": 150,
        "a height of 336 makes the cat 56 pixels high; it has to become larger, and by the factor 200 / 100": 336,
        "a height of 400 makes the cat 67 pixels high; it has to become larger, and by the factor 200 / 100": 400,
        "a height of 448 makes the cat 75 pixels high; it has to become larger, and by the factor 200 / 100": 448,
        "a height of 672 makes the cat 112 pixels high; the factor is 200 / 100": 672,
        "a height of 900 makes the cat 150 pixels high; the factor is 200 / 100": 900,
        "a height of 1,800 makes the cat 300 pixels high; the factor is 200 / 100": 1800,
        "2,400 makes the cat 400 pixels high": 2400,
        "1,344 scales to 224 pixels of cat; the cat should be 200 pixels high": 1344,
    },
    hints=[
        "By which factor does the cat have to grow? The whole photograph grows by the same factor.",
        "From {cat} to 200 pixels is a factor of {factor:g}. The photograph is {height} pixels high.",
    ],
    variants=Variants(
        dict(height=600, width=800, cat=100),
        dict(height=560, width=840, cat=80),
        dict(height=450, width=900, cat=125),
        dict(height=360, width=640, cat=160),
        wording=["has {height}×{width} pixels", "is only {cat} pixels high"],
        derived=lambda cat: dict(missing=200 - cat, factor=200 / cat),
    ),
)


def _stamp(x: Tensor, weight: Tensor, stride: int | tuple[int, int]) -> Tensor:
    return F.conv_transpose2d(x, weight, stride=stride)


def _joined(x: Tensor, weight: Tensor, stride: int, join: Callable[[Tensor, Tensor], Tensor] = lambda old, new: new) -> Tensor:
    """Stamp row by row, and `join` each stamp with what is there: by default it is written over it."""
    (n, _, h, w), (_, k, r, s) = x.shape, weight.shape
    out = x.new_zeros(n, k, (h - 1) * stride + r, (w - 1) * stride + s)
    for i in range(h):
        for j in range(w):
            rows, columns = slice(i * stride, i * stride + r), slice(j * stride, j * stride + s)
            stamp = torch.einsum("nc,ckrs->nkrs", x[:, :, i, j], weight)
            out[:, :, rows, columns] = join(out[:, :, rows, columns], stamp)
    return out


def _without_last(rows: bool, columns: bool) -> Callable:
    """Leave out the last row or column of stamps, or both."""

    def zeroed(x: Tensor) -> Tensor:
        x[:, :, x.shape[2] - rows :], x[:, :, :, x.shape[3] - columns :] = 0, 0
        return x

    return but(_stamp, x=zeroed)


def _side_by_side(x: Tensor, weight: Tensor, stride: int) -> Tensor:
    return F.conv_transpose2d(x, weight, stride=weight.shape[2:])


def _on_canvas(stamps: Tensor, x: Tensor, weight: Tensor, stride: int) -> Tensor:
    """Put what lies too close into a canvas of the right size."""
    out = torch.zeros_like(_stamp(x, weight, stride))
    out[:, :, : stamps.shape[2], : stamps.shape[3]] = stamps
    return out


def _first_row(x: Tensor) -> Tensor:
    return torch.cat([x[:, :, :1], 0 * x[:, :, 1:]], 2)


def _first_pixel(x: Tensor) -> Tensor:
    return torch.cat([_first_row(x)[..., :1], 0 * x[..., 1:]], 3)


SIZE_TOO_SMALL = "the result is cut off; it has (H - 1) stride + R rows and (W - 1) stride + S columns"


def _stamps(got: Tensor, x: Tensor, weight: Tensor, stride: int) -> str:
    """Say how large the output is, or which pixels stamp on its first wrong place."""
    right = _stamp(x, weight, stride)
    sides = [(x.shape[axis], weight.shape[axis], "rows" if axis == 2 else "columns") for axis in (2, 3)]
    if got.shape != right.shape:
        sizes = [f"({n} - 1) * {stride} + {k} = {(n - 1) * stride + k} {name}" for n, k, name in sides]
        return f"the output has {len(x)} x {weight.shape[1]} maps of {sizes[0]} and {sizes[1]}"
    row, column = (~torch.isclose(got, right)).nonzero()[0].tolist()[2:]
    seen = [[i for i in range(n) if 0 <= at - i * stride < k] for at, (n, k, _) in zip((row, column), sides, strict=True)]
    pixels = ", ".join(f"({i}, {j})" for i in seen[0] for j in seen[1])
    return f"row {row} and column {column} of the output get the stamps of the pixels {pixels} of `x`"


transposed = Check(
    "transposed",
    reference=_stamp,
    cases=[
        dict(x=digits(1, 2, 3, 4), weight=digits(2, 1, 4, 3, seed=1), stride=2),
        dict(x=random(2, 3, 4, 5), weight=random(3, 2, 5, 4, seed=1), stride=2),
        dict(x=random(1, 2, 3, 7, seed=2), weight=random(2, 5, 3, 4, seed=3), stride=3),
        dict(x=random(2, 5, 7, 3, seed=4), weight=random(5, 3, 4, 2, seed=5), stride=1),
        dict(x=random(4, 3, 5, 2, seed=6), weight=random(3, 7, 2, 1, seed=7), stride=3),
    ],
    mistakes={
        "a stamp overwrites what is below it; where stamps overlap they add up, `+=`": _joined,
        "the larger number is kept where stamps overlap; they add up, `+=`": partial(_joined, join=torch.maximum),
        "the stamps are averaged where they overlap; they add up": but(
            _stamp,
            result=lambda y, x, weight, stride: (
                y / _stamp(torch.ones_like(x[:, :1]), torch.ones_like(weight[:1]), stride).clamp(min=1)
            ),
        ),
        "the stamps are subtracted; they are added, `+=`": but(_stamp, result=lambda y: -y),
        "the stamps are side by side; pixel (i, j) stamps from (i * stride, j * stride)": _side_by_side,
        "the last row and the last column of pixels do not stamp": _without_last(True, True),
        "the last row of pixels does not stamp": _without_last(True, False),
        "the last column of pixels does not stamp": _without_last(False, True),
        "`stride` is ignored": but(_stamp, stride=1),
        "the size is right, but the stamps are one pixel apart; pixel (i, j) stamps from (i * stride, j * stride)": (
            lambda x, weight, stride: _on_canvas(_stamp(x, weight, 1), x, weight, stride)
        ),
        "the rows of stamps are one pixel apart; pixel (i, j) stamps from row i * stride": (
            lambda x, weight, stride: _on_canvas(_stamp(x, weight, (1, stride)), x, weight, stride)
        ),
        "the columns of stamps are one pixel apart; pixel (i, j) stamps from column j * stride": (
            lambda x, weight, stride: _on_canvas(_stamp(x, weight, (stride, 1)), x, weight, stride)
        ),
        "the kernel is flipped; it is stamped as it is": but(_stamp, weight=lambda weight: weight.flip(2, 3)),
        "the rows of the kernel are in reverse order; it is stamped as it is": but(
            _stamp, weight=lambda weight: weight.flip(2)
        ),
        "the columns of the kernel are in reverse order; it is stamped as it is": but(
            _stamp, weight=lambda weight: weight.flip(3)
        ),
        "rows and columns of the kernel are exchanged": but(_stamp, weight=lambda weight: weight.transpose(2, 3)),
        "one pixel is cut off on each side; there is no padding here": but(
            _stamp, result=lambda y: y[:, :, 1:-1, 1:-1].contiguous()
        ),
        SIZE_TOO_SMALL: but(
            _stamp, result=lambda y, x, stride: y[:, :, : x.shape[2] * stride, : x.shape[3] * stride].contiguous()
        ),
        "there are empty rows at the end; (H - 1) stride + R rows are enough": but(
            _stamp, result=lambda y, stride: F.pad(y, (0, stride, 0, stride))
        ),
        "there are stride - 1 empty rows at the end; (H - 1) stride + R rows are enough": but(
            _stamp, result=lambda y, stride: F.pad(y, (0, stride - 1, 0, stride - 1))
        ),
        "the stamps are divided by the number of numbers in the kernel; they add up": but(
            _stamp, result=lambda y, weight: y / weight[0, 0].numel()
        ),
        "only the last channel is stamped; the stamps of all channels add up": but(
            _stamp, x=lambda x: x[:, -1:], weight=lambda weight: weight[-1:]
        ),
        "only the first channel is stamped; the stamps of all channels add up": but(
            _stamp, x=lambda x: x[:, :1], weight=lambda weight: weight[:1]
        ),
        "the stamps are averaged over the channels; they add up": but(_stamp, result=lambda y, x: y / x.shape[1]),
        "only the first image is stamped; each image has an output of its own": but(_stamp, x=lambda x: x[:1].expand_as(x)),
        "only the first image is stamped, and the outputs of all others are 0; stamp all images": but(
            _stamp, x=lambda x: torch.cat([x[:1], 0 * x[1:]])
        ),
        "only the first row of pixels stamps; `return` belongs after both loops": but(_stamp, x=_first_row),
        "only the first pixel stamps; `return` belongs after both loops": but(_stamp, x=_first_pixel),
    },
    errors={
        "must match the size of tensor|doesn't match the broadcast shape|could not be broadcast|shape mismatch": (
            "a stamp is (N, K, R, S), and the part of `out` for it has R rows from i * stride and S columns from j * stride"
        ),
        "index .* is out of bounds": "`x` is (N, C, H, W): i counts its H rows, j its W columns",
        "einsum": '`x[:, :, i, j]` is "nc" and `weight` is "ckrs"; C comes first in `weight`, K second',
    },
    without=("conv_transpose2d", "ConvTranspose2d"),
    explain=_stamps,
    hints=[
        "Two loops over the pixels of `x`. Pixel (i, j) stamps rows i * stride to i * stride + R - 1, columns likewise.",
        'One stamp for all images: `torch.einsum("nc,ckrs->nkrs", x[:, :, i, j], weight)`. Start from `x.new_zeros(...)`.',
        "The output has (H - 1) * stride + R rows; `out[:, :, rows, columns] += stamp`.",
    ],
)


def _doubling(kernel: int) -> tuple[int, int]:
    return (kernel - 1) // 2, kernel % 2


def _made_of_n(got: tuple[int, int], kernel: int) -> str:
    padding, more = got
    extra = kernel - 2 - 2 * padding + more
    size = (
        f"2n {'+' if extra > 0 else '-'} {abs(extra)}" if extra else "2n, but `output_padding` should be the smaller of 0 and 1"
    )
    return f"with a padding of {padding} and an `output_padding` of {more}, n pixels become {size}"


doubling = Check(
    "doubling",
    reference=_doubling,
    cases=[dict(kernel=kernel) for kernel in (2, 4, 3, 5, 6, 7, 8, 9, 10)],
    mistakes={
        "the two numbers are exchanged; return `(padding, output_padding)`": lambda kernel: _doubling(kernel)[::-1],
        "an odd kernel needs an `output_padding` of 1: without it the size is odd": lambda kernel: ((kernel - 1) // 2, 0),
        "`output_padding` is 1 for even kernels here; it is needed for odd ones": lambda kernel: (
            (kernel - 1) // 2,
            1 - kernel % 2,
        ),
        "this is same padding of a convolution, one pixel too many for an even kernel": lambda kernel: (
            kernel // 2,
            kernel % 2,
        ),
        "this is same padding of a convolution without `output_padding`; solve (n - 1) 2 + kernel - 2 padding + "
        "output_padding = 2n": lambda kernel: (kernel // 2, 0),
        "the padding of odd kernels is one too small: the size is 2n + 2": lambda kernel: (kernel // 2 - 1, kernel % 2),
        "for odd kernels the size is 2n + 1; add one pixel of padding and an `output_padding` of 1": lambda kernel: (
            kernel // 2 - 1,
            0,
        ),
        "this is same padding of a convolution, and `output_padding` is always 1; solve (n - 1) 2 + kernel - 2 padding + "
        "output_padding = 2n": lambda kernel: (kernel // 2, 1),
        "this is same padding of a convolution, and `output_padding` is 1 for even kernels; it is needed for odd ones": (
            lambda kernel: (kernel // 2, 1 - kernel % 2)
        ),
        "(1, 0) is right for a kernel of 4 only; the padding grows with the kernel": lambda kernel: (1, 0),
        "(1, 1) is right for a kernel of 3 only; the padding grows with the kernel": lambda kernel: (1, 1),
        "the padding of odd kernels is one too small, and even kernels need no `output_padding`": lambda kernel: (
            kernel // 2 - 1,
            1,
        ),
        "(kernel - 1) / 2 is not a whole number for even kernels; round it down": lambda kernel: (
            (kernel - 1) / 2,
            kernel % 2,
        ),
        "for odd kernels the padding (kernel - 2) / 2 is not a whole number; they need (kernel - 1) / 2": lambda kernel: (
            (kernel - 2) / 2,
            kernel % 2,
        ),
        "the padding is one too large: the size is 2n - 2": lambda kernel: ((kernel + 1) // 2, kernel % 2),
        "2 padding has to be kernel - 2, not padding, and odd kernels need an `output_padding` of 1": lambda kernel: (
            kernel - 2,
            0,
        ),
        "there is no padding, so the size is at least 2n + kernel - 2": lambda kernel: (0, kernel % 2),
        "2 padding has to be kernel - 2 for even kernels, and they need no `output_padding`": lambda kernel: (kernel - 2, 1),
        "`output_padding` is 1 for even kernels here, but it is needed for odd ones, whose padding is (kernel - 1) / 2": (
            lambda kernel: (kernel // 2 - 1, 1 - kernel % 2)
        ),
        "2 padding has to be kernel - 2 for even kernels, not padding": lambda kernel: (kernel - 2, kernel % 2),
        "`output_padding` is 0 or 1; odd kernels need 1": lambda kernel: ((kernel - 1) // 2, 2 * (kernel % 2)),
        "`output_padding` is always 1, but an even kernel doubles the size without it": lambda kernel: ((kernel - 1) // 2, 1),
        "(kernel - 2) / 2 is not a whole number for odd kernels; they need an `output_padding` of 1": lambda kernel: (
            (kernel - 2) / 2,
            0,
        ),
        "the padding is counted for both sides together; it is per side": lambda kernel: (
            kernel - 2 + kernel % 2,
            kernel % 2,
        ),
        "there is no padding, so the size is 2n + kernel - 2": lambda kernel: (0, 0),
        "an `output_padding` of -1 for odd kernels would cut off; it is 0 or 1, and the padding is one larger": lambda kernel: (
            (kernel - 2) // 2,
            -(kernel % 2),
        ),
        "an `output_padding` of 2 is as large as the stride; even kernels need 0 and one pixel less": lambda kernel: (
            kernel // 2,
            2 - kernel % 2,
        ),
        "`output_padding` is 1 for even kernels and 2 for odd ones; they need 0 and 1": lambda kernel: (
            (kernel - 1) // 2,
            1 + kernel % 2,
        ),
    },
    explain=_made_of_n,
    hints=[
        "Set the formula of the text equal to 2n: (n - 1) 2 + kernel - 2 padding + output_padding = 2n.",
        "So 2 padding - output_padding = kernel - 2. When can the left side be even, when does it have to be odd?",
        "An even kernel takes padding (kernel - 2) / 2 and output_padding 0, an odd one (kernel - 1) / 2 and 1.",
    ],
)


def _parts(confusion: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Count shared pixels, a class's own, and those taken for it."""
    return confusion.diagonal().double(), confusion.sum(1), confusion.sum(0)


def _over(confusion: Tensor, below: Callable[[Tensor, Tensor, Tensor], Tensor], nowhere: float | None = None) -> Tensor:
    """Divide the shared pixels of each class by `below(shared, own, taken)`; a class that is nowhere is left out or set."""
    shared, own, taken = _parts(confusion)
    there = own + taken > 0
    quotient = shared / below(shared, own, taken)
    return quotient[there] if nowhere is None else torch.where(there, quotient, nowhere)


def _union(shared: Tensor, own: Tensor, taken: Tensor) -> Tensor:
    return own + taken - shared


def _mean_iou(confusion: Tensor) -> float:
    return _over(confusion, _union).mean().item()


def _counts(*rows: tuple[int, ...]) -> dict[str, Tensor]:
    return dict(confusion=torch.tensor(rows))


def _each_iou(got: float, confusion: Tensor) -> str:
    return f"the IoUs of the classes that occur are {', '.join(f'{iou:.4g}' for iou in _over(confusion, _union).tolist())}"


mean_iou = Check(
    "mean_iou",
    reference=_mean_iou,
    cases=[
        _counts((3, 1), (2, 4)),
        _counts((5, 1, 0), (2, 3, 0), (0, 0, 0)),
        _counts((4, 1, 0), (2, 0, 1), (1, 1, 3)),
        _counts((50, 3, 2, 0), (7, 11, 5, 0), (2, 0, 13, 0), (0, 0, 0, 0)),
        _counts((5, 0, 2, 1, 0), (3, 0, 1, 0, 0), (0, 0, 0, 0, 0), (0, 0, 0, 0, 0), (0, 0, 0, 0, 0)),
    ],
    mistakes={
        words: (lambda confusion, wrong=wrong: wrong(confusion).mean().item())
        for words, wrong in {
            "that is pixel accuracy, all right pixels over all pixels; compute an IoU for each class": lambda c: (
                c.diagonal().sum() / c.sum()
            ),
            "the union is too large; shared pixels are in the row and in the column, and count once": lambda c: _over(
                c, lambda shared, own, taken: own + taken
            ),
            "that is the Dice score (F1), 2 shared / (row + column); IoU is shared / union": lambda c: _over(
                c, lambda shared, own, taken: (own + taken) / 2
            ),
            "each class is divided by its own pixels alone; the union includes those wrongly taken for it": lambda c: (
                c.diagonal() / c.sum(1)
            ),
            "each class is divided by the pixels taken for it; the union includes those that were missed": lambda c: (
                c.diagonal() / c.sum(0)
            ),
            "that is the mean of the classes' recall, shared / row; IoU is shared / union": lambda c: (
                c.diagonal() / c.sum(1)
            ).nanmean(),
            "that is the mean of the classes' precision, shared / column; IoU is shared / union": lambda c: (
                c.diagonal() / c.sum(0)
            ).nanmean(),
            "a class that is nowhere gives 0 / 0, NaN; leave it out of the mean": lambda c: _over(c, _union, torch.nan),
            "a class that is nowhere counts as 0; leave it out of the mean": lambda c: _over(c, _union, 0.0),
            "a class that is nowhere counts as perfect; leave it out of the mean": lambda c: _over(c, _union, 1.0),
            "a class that is never right is left out; only one that is nowhere should be": lambda c: _over(c, _union)[
                _over(c, _union) > 0
            ],
            "a class that is only predicted is left out; it has a union, and counts as 0": lambda c: _over(c, _union, 0.0)[
                c.sum(1) > 0
            ],
            "a class that is only in the truth is left out; it has a union, and counts as 0": lambda c: _over(c, _union, 0.0)[
                c.sum(0) > 0
            ],
            "a class that is only predicted, or only in the truth, is left out; it counts as 0": lambda c: _over(
                c, _union, 0.0
            )[(c.sum(0) > 0) & (c.sum(1) > 0)],
            "the background is left out; it is a class like the others": lambda c: _over(c, _union)[1:],
            "the classes are weighted by their pixels; each counts the same": lambda c: (
                (_over(c, _union, 0.0) * c.sum(1)).sum() / c.sum()
            ),
            "the pixels of all classes are added up before the division; compute an IoU for each class, then the mean": (
                lambda c: _parts(c)[0].sum() / _union(*_parts(c)).sum()
            ),
            "each class is divided by the larger of row and column; the union is row + column - shared": lambda c: _over(
                c, lambda shared, own, taken: torch.maximum(own, taken)
            ),
            "each class is divided by the smaller of row and column; the union is row + column - shared": lambda c: (
                c.diagonal() / torch.minimum(c.sum(0), c.sum(1))
            ).nanmean(),
            "the shared pixels are subtracted twice; the union contains them once": lambda c: _over(
                c, lambda shared, own, taken: own + taken - 2 * shared
            ),
            "that is the share of the pixels outside, 1 - mean IoU": lambda c: 1 - _over(c, _union).mean(),
            "that is the median of the IoUs; take the mean": lambda c: _over(c, _union).median(),
            "that is the smallest IoU; take the mean": lambda c: _over(c, _union).min(),
            "1 is added above and below the fraction, which changes every IoU; leave out a class that is nowhere instead": (
                lambda c: (c.diagonal() + 1) / (_union(*_parts(c)) + 1)
            ),
            "the last class is left out; it is a class like the others": lambda c: _over(c, _union, torch.nan)[:-1].nanmean(),
            "the background is left out, and a class that is nowhere counts as 0": lambda c: _over(c, _union, 0.0)[1:],
            "each class is divided by all pixels; divide by its union": lambda c: c.diagonal() / c.sum(),
            "the result is rounded; four decimals are needed": lambda c: _over(c, _union).mean().round(decimals=2),
            "`//` rounds the fractions down; divide by `/`": lambda c: _over(c, _union).floor(),
            "that is in percent; return a number from 0 to 1": lambda c: 100 * _over(c, _union),
            "that is the largest IoU; take the mean": lambda c: _over(c, _union).max(),
            "that is the sum of the IoUs; take the mean": lambda c: _over(c, _union).sum(),
        }.items()
    },
    explain=_each_iou,
    hints=[
        "`confusion.diagonal()` holds the shared pixels, a row's sum the class's own, a column's sum those taken for it.",
        "union = row + column - shared. Where the union is 0 the class is nowhere: leave it out of the mean.",
        "`iou = shared / union`, then `iou[union > 0].mean().item()`.",
    ],
    digits=4,
)

frozen = Check(
    "frozen",
    reference="b",
    choices=("a", "b", "c", "d"),
    mistakes={
        "without gradients the weights of the backbone stay as they are, as the first bar of the chart confirms": "a",
        "weight decay is only applied to weights that have a gradient; the first bar of the chart shows that none changed": "c",
        "the 1x1 convolutions come after the maps that were compared; they are not part of the backbone": "d",
    },
    hints=[
        "A layer can store numbers that are no parameters. Which layer of the backbone does?",
        "When does a batch norm change its running mean and variance, and when does it use them?",
    ],
)


def _dilations(strides: Sequence[int]) -> list[int]:
    return [math.prod(strides[:number]) for number in range(len(strides))]


def _product_before(got: Sequence[int], strides: Sequence[int]) -> str:
    place = next(i for i, (one, right) in enumerate(zip(got, _dilations(strides), strict=True)) if one != right)
    if not place:
        return "there is no stride before layer 1, so its dilation is 1"
    before = ", ".join(map(str, strides[:place]))
    return f"the strides before layer {place + 1} are {before}, and their product is {math.prod(strides[:place])}"


dilations = Check(
    "dilations",
    reference=_dilations,
    cases=[
        dict(strides=strides)
        for strides in ([2, 1], [1, 2, 1], [3, 1, 2, 1], [1, 2, 1, 1, 2, 1, 1, 1], [4, 1, 5, 1, 3, 2], [1, 1, 1], [2, 2, 2, 2])
    ],
    mistakes={
        "a layer's own stride is counted; it only moves apart what the layers after it read": lambda strides: [
            math.prod(strides[: number + 1]) for number in range(len(strides))
        ],
        "the strides of the layers before are added; the distances multiply": lambda strides: [
            sum(strides[:number]) or 1 for number in range(len(strides))
        ],
        "the strides are added, each layer's own too; multiply those of the layers before": lambda strides: [
            sum(strides[: number + 1]) for number in range(len(strides))
        ],
        "the strides before a layer are added, which gives 0 for the first; they multiply, starting from 1": lambda strides: [
            sum(strides[:number]) for number in range(len(strides))
        ],
        "1 is added to the sum of the strides before a layer; they multiply": lambda strides: [
            1 + sum(strides[:number]) for number in range(len(strides))
        ],
        "the dilations grow by what each stride exceeds 1; the strides multiply": lambda strides: [
            1 + sum(stride - 1 for stride in strides[:number]) for number in range(len(strides))
        ],
        "the dilation grows by 1 after each stride above 1; the strides multiply": lambda strides: [
            1 + sum(stride > 1 for stride in strides[:number]) for number in range(len(strides))
        ],
        "the dilations are 1, 2, 3 and so on, whatever the strides are": lambda strides: [*range(1, len(strides) + 1)],
        "each layer has its own stride times the one just before; multiply all strides before it, without its own": (
            lambda strides: [1, *(math.prod(pair) for pair in itertools.pairwise(strides))]
        ),
        "every layer has the largest stride; a layer's dilation is the product of the strides before it": lambda strides: (
            [max(strides)] * len(strides)
        ),
        "every layer has the first stride; a layer's dilation is the product of the strides before it": lambda strides: (
            [strides[0]] * len(strides)
        ),
        "the first layer's stride is left out; it moves apart what all later layers read": lambda strides: [
            math.prod(strides[1:number]) for number in range(len(strides))
        ],
        "the products are one layer late; the stride of the layer just before is included": lambda strides: [
            math.prod(strides[: max(0, number - 1)]) for number in range(len(strides))
        ],
        "a layer's own stride is counted from the second layer on; it only moves apart what the layers after it read": (
            lambda strides: [1, *(math.prod(strides[: number + 1]) for number in range(1, len(strides)))]
        ),
        "these are the strides in reverse order; a layer's dilation is the product of the strides before it": lambda strides: (
            strides[::-1]
        ),
        "the largest stride up to a layer is taken; multiply the strides before it": lambda strides: [
            max(strides[: number + 1]) for number in range(len(strides))
        ],
        "the strides of all other layers are multiplied; take only those before the layer": lambda strides: [
            math.prod(strides) // stride for stride in strides
        ],
        "the dilation is 2 after any stride above 1, and 1 again after the next layer; all strides before a layer multiply": (
            lambda strides: [1, *(1 + (stride > 1) for stride in strides[:-1])]
        ),
        "a stride s counts as 2 to the power of s - 1; the strides themselves multiply": lambda strides: [
            2 ** sum(stride - 1 for stride in strides[:number]) for number in range(len(strides))
        ],
        "a layer with a stride above 1 has dilation 1 here; what it reads is moved apart by the strides before it too": (
            lambda strides: [1 if own > 1 else d for own, d in zip(strides, _dilations(strides), strict=True)]
        ),
        "these are twice the products; the first layer has dilation 1": lambda strides: [
            2 * dilation for dilation in _dilations(strides)
        ],
        "these are the strides themselves; a layer's dilation is the product of the strides before it": lambda strides: list(
            strides
        ),
        "only the stride of the layer just before counts here; all strides before it multiply": lambda strides: [
            1,
            *strides[:-1],
        ],
        "every layer has the total stride; a layer's dilation is the product of the strides before it": lambda strides: (
            [math.prod(strides)] * len(strides)
        ),
        "the dilations double at each layer, whatever its stride is": lambda strides: [
            2**number for number in range(len(strides))
        ],
        "every stride counts as 2; multiply by the stride itself": lambda strides: [
            2 ** sum(stride > 1 for stride in strides[:number]) for number in range(len(strides))
        ],
        "the strides of the layers *after* a layer are multiplied; those before it move its pixels apart": lambda strides: [
            math.prod(strides[number + 1 :]) for number in range(len(strides))
        ],
        "the strides from a layer to the end are multiplied; take those of the layers before it": lambda strides: [
            math.prod(strides[number:]) for number in range(len(strides))
        ],
        "the order is reversed; the first layer comes first": lambda strides: _dilations(strides)[::-1],
        "the largest stride before a layer is taken; the strides multiply": lambda strides: [
            max(strides[:number], default=1) for number in range(len(strides))
        ],
        "all dilations are 1: with them, layers after a stride read pixels that are too close together": lambda strides: (
            [1] * len(strides)
        ),
        "a dilation of 0 means nothing; the weights next to each other have dilation 1": lambda strides: [
            dilation - 1 for dilation in _dilations(strides)
        ],
        "the last stride above 1 before a layer is taken; all strides before it multiply": lambda strides: [
            next((stride for stride in reversed(strides[:number]) if stride > 1), 1) for number in range(len(strides))
        ],
    },
    explain=_product_before,
    hints=[
        "After a layer of stride 2, what were two neighbours for the next layer are two places apart if the stride is 1.",
        "A layer's own stride does not change what the layer itself reads, only what the layers after it read.",
        "Keep a product: it starts with 1, is appended for each layer, and is then multiplied by the layer's stride.",
    ],
)
