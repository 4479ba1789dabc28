"""Checks of lesson 03: a 1x1 filter, its layer, its work, two of them in a row, the bottleneck, a branch of GoogLeNet."""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.checks.engine import Check, Failure, but, describe, digits, outputs, positional, random

pixel = Check(
    "pixel",
    reference=3,
    mistakes={
        "1 is the result without the bias; add it": 1,
        "-1 is what you get if the bias is subtracted; add it": -1,
        "7 is what you get if the bias is added once per channel; a filter adds it once": 7,
        "6 is what you get from channel 0 alone; a filter adds the products of all channels": 6,
        "4 is the sum of the weights and the bias; multiply each weight by its channel's number first": 4,
        "10 is the sum of the numbers and the bias; multiply each number by its channel's weight first": 10,
        "15 is what you get if the weight -2 counts as 2; a negative weight subtracts": 15,
        "the weights are not paired with their channels: 1 belongs to channel 0, -2 to channel 1 and 3 to channel 2": 9,
        "35 is what you get from all nine pixels; the window of a 1x1 filter is one pixel, the framed one": 35,
    },
    hints=[
        "The window of a 1x1 filter is a single pixel, so there is one product per channel: three products.",
        "The first product is 1 * 4. Add the two others to it, and the bias.",
        "The products are 1 * 4, -2 * 3 and 3 * 1, and the bias is 2.",
    ],
)


def _conv1x1(x: Tensor, weight: Tensor) -> Tensor:
    return F.conv2d(x, weight[:, :, None, None])


conv1x1 = Check(
    "conv1x1",
    reference=_conv1x1,
    cases=[
        dict(x=digits(1, 3, 2, 4), weight=digits(2, 3, seed=1)),
        dict(x=random(2, 3, 5, 7), weight=random(11, 3, seed=1)),
        dict(x=random(3, 5, 11, 2, seed=2), weight=random(7, 5, seed=3)),
    ],
    mistakes={
        "rows and columns of the output are exchanged": but(_conv1x1, result=lambda y: y.transpose(2, 3)),
        "the channels come last; the letters to the right of `->` give the order of the result's axes": but(
            _conv1x1, result=lambda y: y.movedim(1, 3)
        ),
        "the channels come before the images; the letters to the right of `->` give the order of the result's axes": but(
            _conv1x1, result=lambda y: y.transpose(0, 1)
        ),
        "the pixels are in the wrong order; `reshape` moves no axis, so move the last one with `.permute(0, 3, 1, 2)`": but(
            _conv1x1, result=lambda y: y.movedim(1, 3).reshape(y.shape)
        ),
        "`reshape` makes rows of neighbouring pixels; a row must hold the C numbers of one pixel, so permute first": (
            lambda x, weight: (x.reshape(len(x), *x.shape[2:], -1) @ weight.T).movedim(3, 1)
        ),
        "`reshape` does not move the channel axis; permute first, so that a row holds the C numbers of one pixel": (
            lambda x, weight: (x.reshape(-1, x.shape[1]) @ weight.T).reshape(len(x), len(weight), *x.shape[2:])
        ),
        "the products are averaged over the channels; a filter adds them": but(_conv1x1, result=lambda y, x: y / x.shape[1]),
        "the sum is over the pixels too; keep h and w to the right of `->`": but(_conv1x1, result=lambda y: y.sum((2, 3))),
        "`weight` and `x` have different letters for the channels, so each is summed alone; give both the letter c": (
            lambda x, weight: torch.einsum("nchw,kd->nkhw", x, weight)
        ),
        "all filters are added up to one feature map; each filter has a map of its own": but(
            _conv1x1, result=lambda y: y.sum(1)
        ),
    },
    hints=[
        "The result has the axes n, k, h and w. Which letter is in both inputs and not in the result, so that it is summed?",
        "`x` is 'nchw' and `weight` is 'kc'; `torch.einsum` puts the result's axes in the order of the letters after `->`.",
        "`torch.einsum('nchw,kc->nkhw', x, weight)`",
    ],
)

macs = Check(
    "macs",
    reference=14 * 14 * 256 * 64,
    mistakes={
        "16,384 is the number of weights; each is used once at every pixel of the feature map": 256 * 64,
        "that is the work of a 3x3 layer; a 1x1 filter has one weight per channel": 14 * 14 * 256 * 64 * 9,
        "that is the work for 14 pixels; a feature map has 14 x 14": 14 * 256 * 64,
        "that is the work of one filter; each of the 64 reads all 256 channels": 14 * 14 * 256,
        "that is twice the work; a multiplication and its addition count as one multiply-add": 2 * 14 * 14 * 256 * 64,
        "256 and 64 are added; each of the 64 filters reads all 256 channels, so multiply them": 14 * 14 * (256 + 64),
    },
    hints=[
        "How many multiply-adds does one filter make at one pixel? How many filters are there, at how many pixels?",
        "Each number of the output costs 256 multiply-adds, and there are 64 * 14 * 14 of them.",
    ],
)


def _merged(w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Tensor:
    return torch.cat([w2 @ w1, (w2 @ b1 + b2)[:, None]], 1)


merge = Check(
    "merge",
    reference=_merged,
    cases=[
        dict(w1=digits(3, 2), b1=digits(3, seed=1), w2=digits(4, 3, seed=2), b2=digits(4, seed=3)),
        dict(w1=random(3, 5), b1=random(3, seed=1), w2=random(7, 3, seed=2), b2=random(7, seed=3)),
        dict(w1=random(11, 2, seed=4), b1=random(11, seed=5), w2=random(5, 11, seed=6), b2=random(5, seed=7)),
    ],
    mistakes={
        "`b1` is missing from the bias; the second layer multiplies it by `w2`": but(_merged, b1=torch.zeros_like),
        "`b2` is missing from the bias": but(_merged, b2=torch.zeros_like),
        "the two biases are multiplied; the second layer multiplies `b1` by `w2`, then adds `b2`": (
            lambda w1, b1, w2, b2: torch.cat([w2 @ w1, ((w2 @ b1) * b2)[:, None]], 1)
        ),
        "`b1` is added up without `w2`; the second layer multiplies each number of `b1` by a weight": (
            lambda w1, b1, w2, b2: torch.cat([w2 @ w1, (b1.sum() + b2)[:, None]], 1)
        ),
        "a ReLU is applied to `w1` and `b1`; with a ReLU between the layers, no single layer can replace them": but(
            _merged, w1=F.relu, b1=F.relu
        ),
    },
    hints=[
        "Multiply out W2 (W1 x + b1) + b2. Which matrix multiplies x, and which terms are without x?",
        "W2 W1 multiplies x; the terms without x are W2 b1 and b2. In torch, `@` multiplies matrices.",
        "`weight = w2 @ w1` and `bias = w2 @ b1 + b2`",
    ],
)


def _two_layers(tables: Any) -> Tensor:
    """Send maps (2, 3, 5, 7) through two 1x1 layers with these weights, a ReLU between; raises Failure for other tables."""
    try:
        first, second = (torch.as_tensor(table, dtype=torch.float64) for table in tables)
    except (TypeError, ValueError, RuntimeError):
        raise Failure(f"expected two tables, `first, second`, each a list of rows, got {describe(tables)}") from None
    if first.ndim != 2 or first.shape[1] != 3:
        raise Failure(f"`first` must be (M, 3), in each row the weights of red, green and blue, got {tuple(first.shape)}")
    if second.shape != (1, len(first)):
        needed = f"one row with a weight for each channel that `first` outputs, (1, {len(first)})"
        raise Failure(f"`second` must be {needed}, got {tuple(second.shape)}")
    return F.conv2d(F.relu(_conv1x1(random(2, 3, 5, 7), first)), second[:, :, None, None])


_HALVES = [[1, 0, -1], [-1, 0, 1]]

distance = Check(
    "distance",
    reference=(_HALVES, [[1, 1]]),
    mistakes={
        "that is the distance only where red is larger; add a filter for blue - red": (_HALVES[:1], [[1]]),
        "that is the distance only where blue is larger; add a filter for red - blue": (_HALVES[1:], [[1]]),
        "that is red - blue with its sign; `second` has to add the two halves, not subtract them": (_HALVES, [[1, -1]]),
        "that is half of the distance; where one half is positive the other is zero, so each counts in full": (
            _HALVES,
            [[0.5, 0.5]],
        ),
        "that is the distance of red and green; the order is red, green, blue, so blue's weight is the third": (
            [[1, -1, 0], [-1, 1, 0]],
            [[1, 1]],
        ),
        "the difference is taken after the ReLU; take it in the first layer, so that the ReLU acts on it": (
            [[1, 0, 0], [0, 0, 1]],
            [[1, -1]],
        ),
        "that is right only where red and blue are positive, because the ReLU sets negative numbers to zero": (
            [[1, 0, -1], [1, 0, 0], [0, 0, 1]],
            [[2, -1, 1]],
        ),
    },
    hints=[
        "One filter computes red - blue, another blue - red. What does a ReLU leave of each, and of their sum?",
        "`first` has two rows, the first of which is [1, 0, -1]; `second` has one row.",
        "`tables = [[1, 0, -1], [-1, 0, 1]], [[1, 1]]`",
    ],
    look=_two_layers,
)


def _weights(c: int, narrow: int) -> int:
    return 2 * c * narrow + 9 * narrow**2


bottleneck_weights = Check(
    "bottleneck_weights",
    reference=_weights,
    cases=[dict(c=5, narrow=2), dict(c=7, narrow=3), dict(c=512, narrow=11), dict(c=256, narrow=64)],
    mistakes={
        "a 1x1 layer is missing; the first reduces to `narrow` channels, the last expands back to `c`": positional(
            lambda c, n: c * n + 9 * n**2
        ),
        "the 3x3 layer is counted with `c` channels; it reads `narrow` channels and outputs `narrow`": positional(
            lambda c, n: 2 * c * n + 9 * c**2
        ),
        "the 3x3 layer is counted with `c` channels on one side; it reads `narrow` channels and outputs `narrow`": positional(
            lambda c, n: 2 * c * n + 9 * c * n
        ),
        "that is two layers; the 3x3 layer outputs `narrow` channels, and a third layer, 1x1, leads back to `c`": positional(
            lambda c, n: c * n + 9 * n * c
        ),
        "the 3x3 window is missing; each of its kernels has 9 weights": positional(lambda c, n: 2 * c * n + n**2),
        "a 3x3 kernel has 9 weights, not 3": positional(lambda c, n: 2 * c * n + 3 * n**2),
        "each filter of the 3x3 layer reads all `narrow` channels, not one": positional(lambda c, n: 2 * c * n + 9 * n),
        "all three layers are counted as 3x3; the first and the last are 1x1": positional(lambda c, n: 9 * (2 * c * n + n**2)),
        "the biases are counted; here they are left out": positional(lambda c, n: _weights(c, n) + 2 * n + c),
    },
    hints=[
        "For each of the three layers: how many channels does it read, how many filters does it have, how large is a kernel?",
        "The first layer has `c * narrow` weights. The second reads `narrow` channels with `narrow` filters of 3x3.",
        "`c * narrow + narrow * narrow * 9 + narrow * c`",
    ],
)


def _block(
    c: int,
    narrow: int,
    widths: tuple[int, int] | None = None,
    relus: tuple[int, ...] = (1, 1, 1),
    bias: bool = False,
    norm: bool = False,
    ends: int = 1,  # kernel size of the first and the last layer
    edge: int = 0,  # and their padding
    last: int | None = None,
    layers: int = 3,
    **middle: int,
) -> nn.Module:
    one, two = widths or (narrow, narrow)
    sizes = [
        dict(kernel_size=ends, padding=edge),
        dict(kernel_size=3, padding=1) | middle,
        dict(kernel_size=ends, padding=edge),
    ]
    parts: list[nn.Module] = []
    for c_in, c_out, size, relu in list(zip((c, one, two), (one, two, last or c), sizes, relus, strict=True))[:layers]:
        parts.append(nn.Conv2d(c_in, c_out, **size, bias=bias))
        if norm:
            parts.append(nn.BatchNorm2d(c_out))
        if relu:
            parts.append(nn.ReLU())
    return nn.Sequential(*parts)


bottleneck = Check(
    "bottleneck",
    reference=_block,
    cases=[dict(c=2, narrow=1), dict(c=7, narrow=2), dict(c=7, narrow=3)],
    mistakes={
        "the 3x3 layer has no padding, so the feature map shrinks; with `padding=1` it keeps its size": partial(
            _block, padding=0
        ),
        "a ReLU is missing between the first two layers; add one after each layer": partial(_block, relus=(0, 1, 1)),
        "a ReLU is missing between the last two layers; add one after each layer": partial(_block, relus=(1, 0, 1)),
        "the ReLU after the last layer is missing": partial(_block, relus=(1, 1, 0)),
        "there is no ReLU between the three layers; add one after each": partial(_block, relus=(0, 0, 1)),
        "there is no ReLU; add one after each of the three layers": partial(_block, relus=(0, 0, 0)),
        "only the first layer has a ReLU; add one after each": partial(_block, relus=(1, 0, 0)),
        "the layers have biases; set `bias=False` in each": partial(_block, bias=True),
        "there is batch norm after the layers; this bottleneck has convolutions and ReLUs alone": partial(_block, norm=True),
        "nothing is reduced; the first layer outputs `narrow` channels, and the 3x3 layer reads and outputs as many": (
            lambda c, narrow: _block(c, narrow, (c, c))
        ),
        "the 3x3 layer expands to `c` channels; it outputs `narrow`, and the last layer expands": (
            lambda c, narrow: _block(c, narrow, (narrow, c))
        ),
        "the 3x3 layer reads `c` channels; the first layer has to reduce them to `narrow`": (
            lambda c, narrow: _block(c, narrow, (c, narrow))
        ),
        "the 1x1 layers are padded, so the feature map grows; a 1x1 window needs no padding": partial(_block, edge=1),
        "all three windows are 3x3; the first and the last are 1x1": partial(_block, edge=1, ends=3),
        "the last layer outputs `narrow` channels; it leads back to `c`": lambda c, narrow: _block(c, narrow, last=narrow),
        "there are two layers; the 3x3 layer outputs `narrow` channels, and a third, 1x1, leads back to `c`": (
            lambda c, narrow: _block(c, narrow, (narrow, c), layers=2)
        ),
        "the last layer is missing; it leads back to `c` channels": partial(_block, layers=2),
        "the middle layer is 1x1; it is the only one that looks at neighbours, so make it 3x3": partial(
            _block, kernel_size=1, padding=0
        ),
        "the 3x3 layer has stride 2, so the feature map shrinks; leave the stride at 1": partial(_block, stride=2),
    },
    hints=[
        "A network of six modules: three times a convolution and a ReLU.",
        "The first convolution leads from c to narrow with a 1x1 window, the second from narrow to narrow with 3x3. The third?",
        "It starts `nn.Sequential(nn.Conv2d(c, narrow, 1, bias=False), nn.ReLU(), nn.Conv2d(narrow, narrow, 3, padding=1, ...`",
    ],
    look=outputs(
        digits(1, 2, 3, 3, seed=7, low=-5, high=5),
        1000 * random(2, 7, 5, 11),  # outputs beyond 6, where a ReLU6 differs
        refusals={
            r"(?P<takes>\d+) channels, but got (?P<given>\d+)": "each layer reads as many channels as the one before outputs"
        },
    ),
)

branch = Check(
    "branch",
    reference=192 * 16 + 16 * 32 * 25,
    mistakes={
        "that is the branch without its 1x1 layer; after it, the 5x5 filters read 16 channels, not 192": 192 * 32 * 25,
        "that is the 5x5 layer alone; add the weights of the 1x1 layer": 16 * 32 * 25,
        "that is the 1x1 layer alone; add the weights of the 5x5 layer": 192 * 16,
        "after the 1x1 layer, the 5x5 filters read 16 channels, not 192": 192 * 16 + 192 * 32 * 25,
        "that is with a 3x3 window, as torchvision builds this branch; the paper has 5x5": 192 * 16 + 16 * 32 * 9,
        "a 5x5 kernel has 25 weights, not 5": 192 * 16 + 16 * 32 * 5,
        "16 and 32 are exchanged; the 1x1 layer outputs 16 channels, the 5x5 layer 32": 192 * 32 + 32 * 16 * 25,
        "the 1x1 layer is counted with 25 weights per kernel; it has one": 25 * (192 * 16 + 16 * 32),
        "the biases are counted; here they are left out": 192 * 16 + 16 * 32 * 25 + 16 + 32,
        "those are the multiply-adds; the number of weights does not depend on the size of the map": 784
        * (192 * 16 + 16 * 32 * 25),
    },
    hints=[
        "Two layers follow each other. Does the 5x5 layer read the 192 channels, or the output of the 1x1 layer?",
        "The first layer has 192 * 16 weights. The second has 32 filters of 5x5; how many channels does each read?",
        "192 * 16 weights in the first layer, 16 * 32 * 25 in the second.",
    ],
)

strided = Check(
    "strided",
    reference=49,
    mistakes={
        "196 is all of them; the window is one pixel and moves by two, so the pixels between are in no window": 196,
        "98 is half of them; the window moves by two along both axes": 98,
        "147 is how many pixels are never read": 147,
        "7 is the number of rows that are read; count the pixels": 7,
    },
    hints=[
        "On a line of 14 pixels, which ones does a window of 1 pixel read if it moves by 2?",
        "It reads 7 of the 14 along each axis, and no pixel between them.",
    ],
)
