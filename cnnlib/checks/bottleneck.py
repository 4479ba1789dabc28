"""Checks of lesson 03: a 1x1 filter, its layer, two of them in a row, the bottleneck, depthwise separable layers, a stride."""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.checks.engine import Check, Failure, Variants, but, describe, digits, outputs, positional, random

pixel = Check(
    "pixel",
    reference=lambda a, b, c, bias: 4 * a - 3 * b + c + bias,
    mistakes={
        "{} is the result without the bias; add it": lambda a, b, c: 4 * a - 3 * b + c,
        "{} is what you get if the bias is subtracted; add it": lambda a, b, c, bias: 4 * a - 3 * b + c - bias,
        "{} is what you get if the bias is added once per channel; a filter adds it once": (
            lambda a, b, c, bias: 4 * a - 3 * b + c + 3 * bias
        ),
        "{} is what you get from channel 0 alone; a filter adds the products of all channels": lambda a, bias: 4 * a + bias,
        "{} is the sum of the weights and the bias; multiply each weight by its channel's number first": (
            lambda a, b, c, bias: a - b + c + bias
        ),
        "{} is the sum of the numbers and the bias; multiply each number by its channel's weight first": lambda bias: 8 + bias,
        "{} is what you get if the weight -{b} counts as {b}; a negative weight subtracts": (
            lambda a, b, c, bias: 4 * a + 3 * b + c + bias
        ),
        "the weights are not paired with their channels: 1 belongs to channel 0, -2 to channel 1 and 3 to channel 2": 9,
        "{} is what you get from channel 2 alone; a filter adds the products of all channels": lambda c, bias: c + bias,
        "{} is what you get from channel 1 alone; a filter adds the products of all channels": lambda b, bias: bias - 3 * b,
        "8 is the sum of the three numbers; multiply each by its channel's weight, and add the bias": 8,
        "{} is the sum of the weights times the sum of the numbers; multiply within each channel, then add": (
            lambda a, b, c, bias: 8 * (a - b + c) + bias
        ),
        "{} is the sum of the products times the bias; the bias is added": lambda a, b, c, bias: (4 * a - 3 * b + c) * bias,
        "33 is what you get from all nine pixels, without the bias; the window is the framed pixel alone": 33,
        "35 is what you get from all nine pixels; the window of a 1x1 filter is one pixel, the framed one": 35,
    },
    hints=[
        "The window of a 1x1 filter is a single pixel, so there is one product per channel: three products.",
        "The first product is {a} * 4. Add the two others to it, and the bias.",
        "The products are {a} * 4, -{b} * 3 and {c} * 1, and the bias is {bias}.",
    ],
    variants=Variants(
        dict(a=1, b=2, c=3, bias=2),
        dict(a=1, b=3, c=1, bias=3),
        dict(a=3, b=2, c=1, bias=4),
        dict(a=3, b=2, c=5, bias=2),
        wording=["weights {a}, −{b} and {c} for channels 0, 1 and 2, and the bias {bias}."],
    ),
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
        "the channels come last; move them with `.movedim(3, 1)`, or put k second in the letters after `->`": but(
            _conv1x1, result=lambda y: y.movedim(1, 3)
        ),
        "the channels come before the images; `.transpose(0, 1)` exchanges them, or put n first in the letters after `->`": but(
            _conv1x1, result=lambda y: y.transpose(0, 1)
        ),
        "the pixels are still in one line; unfold the last axis into H and W with `.reshape(...)`": but(
            _conv1x1, result=lambda y: y.flatten(2)
        ),
        "the pixels are in one line and the channels come last; exchange the two, then unfold the line into H and W": but(
            _conv1x1, result=lambda y: y.flatten(2).transpose(1, 2)
        ),
        "H and W are exchanged in `reshape`; the rows of an image come first": but(
            _conv1x1, result=lambda y: y.reshape(*y.shape[:2], y.shape[3], y.shape[2])
        ),
        "N and K are exchanged in `reshape`; the images come first": but(
            _conv1x1, result=lambda y: y.reshape(y.shape[1], y.shape[0], *y.shape[2:])
        ),
        "the numbers of several images are mixed; a product (K, N H W) has its filters first, so `reshape` to K first": (
            lambda x, weight: (weight @ x.transpose(0, 1).flatten(1)).reshape(len(x), len(weight), *x.shape[2:])
        ),
        "`reshape` does not move the images behind the channels; use `x.flatten(2)`, which keeps the images apart": (
            lambda x, weight: (weight @ x.reshape(x.shape[1], -1)).reshape(len(x), len(weight), *x.shape[2:])
        ),
        "only the first image is convolved; keep the axis of the images": but(_conv1x1, result=lambda y: y[0]),
        "the products are not added up; leave the letter of the channels out after `->`": (
            lambda x, weight: x[:, None] * weight[None, :, :, None, None]
        ),
        "the filters are added up and the channels are kept; it is the other way round": (
            lambda x, weight: x * weight.sum(0)[:, None, None]
        ),
        "the images are added up; keep n after `->`, and leave the letter of the channels out": (
            lambda x, weight: x.sum(0) * weight[:, :, None, None]
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
        "a ReLU is applied to the result; return the sums as they are": but(_conv1x1, result=F.relu),
        "all filters are added up to one feature map; each filter has a map of its own": but(
            _conv1x1, result=lambda y: y.sum(1)
        ),
        "only the last channel counts; the products of all channels are added, with `+=`": lambda x, weight: (
            weight[:, -1, None, None] * x[:, None, -1]
        ),
        "a sigmoid is applied to the result; return the sums as they are": but(_conv1x1, result=torch.sigmoid),
    },
    hints=[
        "`x.flatten(2)` has the shape (N, C, H W): a column of C numbers per pixel. Which matrix multiplies it from the left?",
        "`weight @ x.flatten(2)` has the shape (N, K, H W). What is left is to unfold the last axis into H and W.",
        "`(weight @ x.flatten(2)).reshape(len(x), len(weight), *x.shape[2:])`",
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
        "`b2` is subtracted; add it": but(_merged, b2=torch.neg),
        "`w2 @ b1` is subtracted; add it": but(_merged, b1=torch.neg),
        "the bias is zero; add `w2 @ b1` and `b2`": but(_merged, b1=torch.zeros_like, b2=torch.zeros_like),
        "the biases are missing; the last line, which appends them as one more column, is given": but(
            _merged, result=lambda y: y[:, :-1]
        ),
        "`b1` is added to `w1`; only `w1` is multiplied by the input, so `b1` belongs to the bias alone": (
            lambda w1, b1, w2, b2: torch.cat([w2 @ (w1 + b1[:, None]), (w2 @ b1 + b2)[:, None]], 1)
        ),
        "`w2` and `b1` are added up apart from each other; `w2 @ b1` multiplies each weight by its number of `b1`": (
            lambda w1, b1, w2, b2: torch.cat([w2 @ w1, (w2.sum(1) * b1.sum() + b2)[:, None]], 1)
        ),
        "the bias comes first; append it as the last column": but(_merged, result=lambda y: y.roll(1, 1)),
        "a ReLU is applied to `w1`; with a ReLU between the layers, no single layer can replace them": but(_merged, w1=F.relu),
        "a ReLU is applied to the merged weights; there is none between the layers": but(
            _merged, result=lambda y: torch.cat([F.relu(y[:, :-1]), y[:, -1:]], 1)
        ),
        "a ReLU is applied to `w1` and `b1`; with a ReLU between the layers, no single layer can replace them": but(
            _merged, w1=F.relu, b1=F.relu
        ),
        "`b2` is counted twice; add it once": but(_merged, b2=lambda b2: 2 * b2),
        "`b1` is averaged without `w2`; the second layer multiplies each number of `b1` by a weight": lambda w1, b1, w2, b2: (
            torch.cat([w2 @ w1, (b1.mean() + b2)[:, None]], 1)
        ),
        "the rows of the merged weights are added up for the bias; it is `w2 @ b1 + b2`": lambda w1, b1, w2, b2: torch.cat(
            [w2 @ w1, ((w2 @ w1).sum(1) + b2)[:, None]], 1
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
    if first.ndim == 1:
        raise Failure(
            f"`first` and `second` are lists of rows, such as [[1, 0, 0]]; `first` is a single row, got {describe(tables)}"
        )
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
        "the ReLU acts on red and on -blue apart from each other; one row has to hold the weights of both": (
            [[1, 0, 0], [0, 0, -1]],
            [[1, 1]],
        ),
        "that is twice red - blue where red is larger, and zero elsewhere; one filter has to compute blue - red": (
            [[1, 0, -1], [1, 0, -1]],
            [[1, 1]],
        ),
        "that is twice blue - red where blue is larger, and zero elsewhere; one filter has to compute red - blue": (
            [[-1, 0, 1], [-1, 0, 1]],
            [[1, 1]],
        ),
        "that is blue - red with its sign; `second` has to add the two halves, not subtract them": (_HALVES, [[-1, 1]]),
        "that is twice the distance; each half counts once": (_HALVES, [[2, 2]]),
        "that is the distance with a minus sign; `second` has to add the two halves": (_HALVES, [[-1, -1]]),
        "that is the distance of green and blue; red's weight is the first": ([[0, 1, -1], [0, -1, 1]], [[1, 1]]),
        "that is |red + blue|; in each row, red and blue have opposite signs": ([[1, 0, 1], [-1, 0, -1]], [[1, 1]]),
        "green has an influence; its weight, the second of each row, is 0": ([[1, -1, -1], [-1, 1, 1]], [[1, 1]]),
        "a third filter adds green; the distance needs two filters, of red and blue alone": (
            [*_HALVES, [0, 1, 0]],
            [[1, 1, 1]],
        ),
        "that is right only where red and blue are positive, because the ReLU sets negative numbers to zero": (
            [[1, 0, -1], [1, 0, 0], [0, 0, 1]],
            [[2, -1, 1]],
        ),
        "that is the larger of red and blue where blue is positive; the second filter has to compute blue - red": (
            [[1, 0, -1], [0, 0, 1]],
            [[1, 1]],
        ),
        "that is |red| - |blue|; a ReLU has to act on the difference of the two": (
            [[1, 0, 0], [-1, 0, 0], [0, 0, 1], [0, 0, -1]],
            [[1, 1, -1, -1]],
        ),
        "the second row computes -red - blue; it has to be blue - red": ([[1, 0, -1], [-1, 0, -1]], [[1, 1]]),
        "that is never positive; add the two halves, red - blue and blue - red": ([[1, 0, -1]], [[-1]]),
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
    layers=lambda c, narrow: {
        "the first 1x1 layer": (c, 1, narrow),
        "the 3x3 layer": (narrow, 3, narrow),
        "the last 1x1 layer": (narrow, 1, c),
    },
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
        "the last layer is counted with `c` channels on both sides; it reads `narrow` channels": positional(
            lambda c, n: c * n + 9 * n**2 + c * c
        ),
        "the last layer is counted with `narrow` filters; it expands to `c` channels": positional(
            lambda c, n: c * n + 9 * n**2 + n * n
        ),
        "the 3x3 layer is counted with `c` filters, and the last layer reads `c` channels; the 3x3 layer outputs `narrow`": (
            positional(lambda c, n: c * n + 9 * n * c + c * c)
        ),
        "the weights of the layers are multiplied; add them": positional(lambda c, n: (c * n) * (9 * n**2) * (n * c)),
        "that is one 3x3 layer from `c` to `c` channels; a bottleneck has three layers": positional(lambda c, n: 9 * c**2),
        "that is the 3x3 layer alone; add the two 1x1 layers": positional(lambda c, n: 9 * n**2),
        "that is the two 1x1 layers alone; add the 3x3 layer between them": positional(lambda c, n: 2 * c * n),
        "that is how many weights are saved; return how many there are": positional(lambda c, n: 9 * c**2 - _weights(c, n)),
        "a layer has a kernel for each pair of a channel and a filter; multiply the two numbers": positional(
            lambda c, n: 2 * c + 9 * n
        ),
        "the biases are counted; here they are left out": positional(lambda c, n: _weights(c, n) + 2 * n + c),
        "that is how many times fewer weights than one 3x3 layer; return how many there are": positional(
            lambda c, n: 9 * c**2 / _weights(c, n)
        ),
        "`narrow` is taken to be `c // 4`; it is the second argument": positional(lambda c, n: _weights(c, c // 4)),
        "a 1x1 layer has a weight for each pair of a channel and a filter, `c * narrow`": positional(
            lambda c, n: 2 * c + 9 * n**2
        ),
        "there are two 3x3 layers; the last layer is 1x1": positional(lambda c, n: c * n + 18 * n**2),
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
    biases: tuple[int, ...] = (0, 0, 0),
    norm: bool = False,
    before: bool = False,  # whether each ReLU comes before its layer
    ends: int = 1,  # kernel size of the first and the last layer
    edge: int = 0,  # and their padding
    step: int = 1,  # the stride of the first layer
    last: int | None = None,
    layers: int = 3,
    **middle: int,
) -> nn.Module:
    one, two = widths or (narrow, narrow)
    sizes: list[dict[str, Any]] = [
        dict(kernel_size=ends, padding=edge, stride=step),
        dict(kernel_size=3, padding=1) | middle,
        dict(kernel_size=ends, padding=edge),
    ]
    parts: list[nn.Module] = []
    channels = zip((c, one, two), (one, two, last or c), sizes, relus, biases, strict=True)
    for c_in, c_out, size, relu, bias in list(channels)[:layers]:
        convolution = nn.Conv2d(c_in, c_out, **size, bias=bool(bias))
        relu_after = [nn.ReLU()] * relu
        norms = [nn.BatchNorm2d(c_out)] * norm
        parts += [*relu_after, convolution] if before else [convolution, *norms, *relu_after]
    return nn.Sequential(*parts)


class _WithShortcut(nn.Module):
    def __init__(self, c: int, narrow: int) -> None:
        super().__init__()
        self.body = _block(c, narrow, relus=(1, 1, 0))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.body(x))


class _AndShortcut(_WithShortcut):
    def __init__(self, c: int, narrow: int) -> None:
        super().__init__(c, narrow)
        self.body = _block(c, narrow)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


def _longer(c: int, narrow: int) -> nn.Module:
    """Make a bottleneck with a second 3x3 layer."""
    first, relu, *rest = _block(c, narrow).children()
    return nn.Sequential(first, relu, nn.Conv2d(narrow, narrow, 3, padding=1, bias=False), nn.ReLU(), *rest)


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
        "the layers have biases; set `bias=False` in each": partial(_block, biases=(1, 1, 1)),
        "the first layer has a bias; set `bias=False` there as well": partial(_block, biases=(1, 0, 0)),
        "the 3x3 layer has a bias; set `bias=False` there as well": partial(_block, biases=(0, 1, 0)),
        "the last layer has a bias; set `bias=False` there as well": partial(_block, biases=(0, 0, 1)),
        "a shortcut adds the input; this bottleneck has none": _WithShortcut,
        "there are two 3x3 layers; a bottleneck has three layers, 1x1, 3x3 and 1x1": _longer,
        "the first layer has stride 2, so the feature map shrinks; leave the stride at 1": partial(_block, step=2),
        "the 3x3 layer has a dilation; leave it at 1": partial(_block, dilation=2),
        "the middle has `c // 2` channels; it has `narrow`": lambda c, narrow: _block(c, c // 2),
        "each ReLU comes before its layer; it comes after it": partial(_block, before=True),
        "the 3x3 layer is depthwise; without `groups` each of its filters reads all `narrow` channels": (
            lambda c, narrow: _block(c, narrow, groups=narrow)
        ),
        "the middle window is 5x5; it is 3x3": partial(_block, kernel_size=5, padding=2),
        "the windows are exchanged; the first and the last layer are 1x1, and the middle one is 3x3": partial(
            _block, ends=3, edge=1, kernel_size=1, padding=0
        ),
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
        "the input is added after the last ReLU; this bottleneck has no shortcut": _AndShortcut,
        "the first layer has the 3x3 window; it is 1x1, and the middle one is 3x3": lambda c, narrow: nn.Sequential(
            nn.Conv2d(c, narrow, 3, padding=1, bias=False),
            nn.ReLU(),
            *list(_block(c, narrow, kernel_size=1, padding=0).children())[2:],
        ),
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
            "mat1 and mat2 shapes": "`nn.Linear` works on the last axis, here the columns; use `nn.Conv2d` with a 1x1 window",
            r"(?P<takes>\d+) channels, but got (?P<given>\d+)": "each layer reads as many channels as the one before outputs",
        },
    ),
)


def _pair(
    c_in: int,
    c_out: int,
    size: int,
    groups: int | None = None,
    mixing: int = 1,  # kernel size of the second layer
    relus: tuple[int, int] = (1, 1),
    padding: int | None = None,
    stride: int = 1,
    biases: tuple[int, int] = (0, 0),
    norm: bool = False,
    layers: int = 2,
    reverse: bool = False,
    before: bool = False,  # whether each ReLU comes before its layer
    grouped: int = 1,  # groups of the second layer
    border: int | None = None,  # and its padding
    early: bool = False,  # whether the depthwise layer outputs `c_out` channels
) -> nn.Module:
    width = c_out if reverse else c_in
    edge = size // 2 if padding is None else padding
    between = c_out if early else width
    depthwise = nn.Conv2d(width, between, size, stride, edge, groups=groups or width, bias=bool(biases[0]))
    pad = mixing // 2 if border is None else border
    reads = between if early else c_in
    pointwise = nn.Conv2d(reads, c_out, mixing, padding=pad, groups=grouped, bias=bool(biases[1]))
    parts: list[nn.Module] = []
    for layer, relu in list(zip([depthwise, pointwise][:: -1 if reverse else 1], relus, strict=True))[:layers]:
        relu_after = [nn.ReLU()] * relu
        norms = [nn.BatchNorm2d(layer.out_channels)] * norm
        parts += [*relu_after, layer] if before else [layer, *norms, *relu_after]
    return nn.Sequential(*parts)


separable = Check(
    "separable",
    reference=_pair,
    cases=[dict(c_in=2, c_out=4, size=3), dict(c_in=4, c_out=8, size=3), dict(c_in=4, c_out=4, size=5)],
    mistakes={
        "the first layer mixes channels; with `groups=c_in` each of its filters reads one channel": partial(_pair, groups=1),
        "the first layer has two groups, so each filter reads half of the channels; use `groups=c_in`": partial(
            _pair, groups=2
        ),
        "the depthwise layer outputs `c_out` channels; it has one filter per channel, and the 1x1 layer expands": partial(
            _pair, early=True
        ),
        "the order is exchanged; the depthwise layer comes first, then the 1x1 layer": partial(_pair, reverse=True),
        "the depthwise layer has no padding, so the map shrinks; use `padding=size // 2`": partial(_pair, padding=0),
        "the padding is 1 for every window; a larger window needs more, `padding=size // 2`": partial(_pair, padding=1),
        "the padding is `size`, so the map grows; use `padding=size // 2`": (
            lambda c_in, c_out, size: _pair(c_in, c_out, size, padding=size)
        ),
        "the padding is `size - 1`, so the map grows; use `padding=size // 2`": (
            lambda c_in, c_out, size: _pair(c_in, c_out, size, padding=size - 1)
        ),
        "the ReLU between the two layers is missing": partial(_pair, relus=(0, 1)),
        "the ReLU after the last layer is missing": partial(_pair, relus=(1, 0)),
        "there is no ReLU; add one after each layer": partial(_pair, relus=(0, 0)),
        "the layers have biases; set `bias=False` in both": partial(_pair, biases=(1, 1)),
        "the depthwise layer has a bias; set `bias=False` in both layers": partial(_pair, biases=(1, 0)),
        "the 1x1 layer has a bias; set `bias=False` in both layers": partial(_pair, biases=(0, 1)),
        "the first layer is an ordinary convolution to `c_out` channels; it is depthwise, from `c_in` to `c_in`": partial(
            _pair, groups=1, early=True
        ),
        "the 1x1 layer has groups as well, so the channels are not all mixed; leave its `groups` at 1": (
            lambda c_in, c_out, size: _pair(c_in, c_out, size, grouped=c_in)
        ),
        "each filter of the first layer reads two channels; with `groups=c_in` it reads one": (
            lambda c_in, c_out, size: _pair(c_in, c_out, size, groups=c_in // 2)
        ),
        "the 1x1 layer is padded, so the map grows; a 1x1 window needs no padding": (
            lambda c_in, c_out, size: _pair(c_in, c_out, size, border=size // 2)
        ),
        "the 1x1 layer has `padding=1`, so the map grows; a 1x1 window needs no padding": partial(_pair, border=1),
        "the windows are exchanged; the depthwise layer has the window, and the layer that mixes is 1x1": (
            lambda c_in, c_out, size: _pair(c_in, c_out, 1, mixing=size)
        ),
        "there is only one layer; a 1x1 layer has to mix the channels after the depthwise one": partial(
            _pair, early=True, layers=1
        ),
        "each ReLU comes before its layer; it comes after it": partial(_pair, before=True),
        "there is batch norm after the layers; this network has convolutions and ReLUs alone": partial(_pair, norm=True),
        "the window of the depthwise layer is always 3x3; use `size`": lambda c_in, c_out, size: _pair(c_in, c_out, 3),
        "the window is 3x3 and the padding follows `size`; use `size` for both": (
            lambda c_in, c_out, size: _pair(c_in, c_out, 3, padding=size // 2)
        ),
        "the second layer has a window too; its filters are 1x1": (
            lambda c_in, c_out, size: _pair(c_in, c_out, size, mixing=size)
        ),
        "both windows are 1x1; the first has `size` x `size` pixels": lambda c_in, c_out, size: _pair(c_in, c_out, 1),
        "the 1x1 layer is missing; without it the channels never mix": partial(_pair, layers=1),
        "the last layer outputs `c_in` channels; it has `c_out` filters": lambda c_in, c_out, size: _pair(c_in, c_in, size),
        "the depthwise layer has stride 2, so the map shrinks; leave the stride at 1": partial(_pair, stride=2),
    },
    hints=[
        "A network of four modules: a convolution, a ReLU, a convolution, a ReLU.",
        "The first convolution has `groups=c_in`, so that each filter reads one channel, and `padding=size // 2`.",
        "It starts `nn.Sequential(nn.Conv2d(c_in, c_in, size, padding=size // 2, groups=c_in, bias=False), nn.ReLU(), ...`",
    ],
    look=outputs(
        digits(1, 2, 3, 3, seed=7, low=-5, high=5),
        100 * random(2, 4, 9, 11),
        refusals={
            r"(?P<takes>\d+) channels, but got (?P<given>\d+)": "the 1x1 layer reads `c_in` channels",
            "divisible by groups": "the depthwise layer has one filter per channel: it reads and outputs `c_in` channels",
        },
    ),
)

larger_window = Check(
    "larger_window",
    reference=lambda before, after: 100 * after / before - 100,
    mistakes={
        "{:.1f} is the growth of an ordinary layer, or of the depthwise layer alone; the 1x1 layer does not grow": lambda: (
            4000 / 9
        ),
        "{:.1f} is the new size of the depthwise layer in percent of its old size; the question is about the pair": lambda: (
            4900 / 9
        ),
        "15.0 is not exact enough; leave out biases, and give one decimal": 100 * 10_240 / 68_352,
        "{:,} is how many weights the pair has after the change; by how many percent did it grow?": lambda after: after,
        "{:,} is how many weights the pair had before the change; by how many percent does it grow?": lambda before: before,
        "the 1x1 layer keeps its weights, but the depthwise layer gets larger": lambda: 0,
        "{:.1f} is the share of the 1x1 layer after the change; the question is how much the pair grows": (
            lambda c, after: 100 * c * c / after
        ),
        "12.7 is how much the share of the depthwise layer grows; divide the weights added by those before": (
            100 * (12_544 / 78_080 - 2304 / 67_840)
        ),
        "16.1 is the share of the depthwise layer after the change; the question is how much the pair grows": (
            100 * 12_544 / 78_080
        ),
        "3.4 is the share of the depthwise layer before the change; the question is how much the pair grows": (
            100 * 2304 / 67_840
        ),
        "5.4 is how many times larger the depthwise layer becomes; the question is about the pair, in percent": 49 / 9,
        "{:.1f} is the new size in percent of the old one; the growth is what is beyond 100": (
            lambda before, after: 100 * after / before
        ),
        "1.15 is the factor; a growth in percent is 100 times what is beyond 1": 78_080 / 67_840,
        "{:.2f} is the growth as a fraction; write it in percent": lambda c, before: 40 * c / before,
        "{:.1f} is the growth in percent of the new size; divide by the old one": lambda c, after: 4000 * c / after,
        "{:.1f} is the growth in percent of the 1x1 layer; divide by both layers' weights": lambda c: 4000 / c,
        "6.0 is the growth from 3x3 to 5x5; here it is 7x7": 100 * 4096 / 67_840,
        "{:,} is how many weights are added; write it in percent of the weights before": lambda c: 40 * c,
        "81.6 compares the windows from the larger one, 1 - 9 / 49; the pair has a 1x1 layer too": 100 * (1 - 9 / 49),
        "40 is how many weights each window gets; add those of the 1x1 layer, and divide": 40,
        "a growth is positive; divide the weights added by those before": -13.1,
    },
    hints=[
        "The pair has a depthwise layer, one kernel per channel, and a 1x1 layer of {c} x {c} weights. Which one grows?",
        "Before: {c} x 9 + {c} x {c} = {before:,} weights. After: {c} x 49 + {c} x {c}.",
        "{after:,} weights after and {before:,} before: `100 * ({after} / {before} - 1)`",
    ],
    digits=1,
    variants=Variants(
        dict(c=256),
        dict(c=128),
        dict(c=192),
        dict(c=512),
        wording=["from {c} to {c} channels, with a 3×3 window"],
        derived=lambda c: dict(before=c * (9 + c), after=c * (49 + c)),
    ),
)

strided = Check(
    "strided",
    reference=(49, 196, 196),
    mistakes={
        "49 is right for the first layer alone; windows of 3x3 that move by two overlap and read every pixel": (49, 49, 49),
        "the first number is not 196: a window of one pixel that moves by two skips every second row and column": (196,) * 3,
        "the last number is too small: the last layer reads 49 outputs of the 3x3 layer, each of nine pixels": (49, 196, 49),
        "the second number is too small: windows of 3x3 that move by two overlap, so they read every pixel": (49, 49, 196),
        "the second number is too small: with a padding of 1, the last window ends at the last pixel": (49, 169, 196),
        "the first number is too large: it is half of the pixels, but a stride acts along both axes": (98, 196, 196),
        "98 is half of the pixels; a stride acts along both axes, and windows of 3x3 overlap": (98, 98, 98),
        "the last number is too small: windows of 3x3 overlap, and the first number has a stride along both axes": (
            98,
            196,
            98,
        ),
        "13 rows are too few: with a padding of 1, the last window of 3x3 ends at the last pixel": (49, 169, 169),
        "12 rows are too few: with a padding of 1, no pixel at the border is left out": (49, 144, 144),
        "the second number is too small: with a padding of 1, no pixel at the border is left out": (49, 144, 196),
        "the second number is too large: a pixel that is in several windows counts once": (49, 441, 196),
        "no count is larger than 196: a pixel that is in several windows counts once": (49, 441, 441),
        "these are numbers of rows; count the pixels, and note that windows of 3x3 overlap": (7, 7, 7),
        "these are shares of the map; count the pixels": (0.25, 1, 1),
        "the first number is how many pixels are lost; count those that are read": (147, 196, 196),
        "these are the pixels without influence; count those with influence": (147, 0, 0),
        "these are numbers of rows; count the pixels": (7, 14, 14),
        "it is the other way round: the window of one pixel skips pixels, and windows of 3x3 overlap": (196, 49, 49),
        "the first and the last number are exchanged: a stride in the first layer skips pixels": (196, 196, 49),
        "225 counts pixels of the padding; the map has 196": (49, 225, 196),
        "these are percentages; count the pixels": (25, 100, 100),
    },
    hints=[
        "On a line of 14 pixels, which ones does a window of 1 pixel read if it moves by 2? And a window of 3 pixels?",
        "The window of 1 pixel reads 7 of the 14 along each axis. Windows of 3 pixels that move by 2 overlap by one pixel.",
        "In the last version, the 3x3 layer reads every pixel, and each output that is used has read a window of 3x3.",
    ],
)
