"""Checks of lesson 02: a 1x1 filter, its layer, its work, two of them in a row, the bottleneck, a branch of GoogLeNet."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.checks.engine import Check, Failure, describe, outputs, random

pixel = Check(
    "pixel",
    reference=3,
    mistakes={
        "the bias is forgotten": 1,
        "the filter looks at neighbours: its window is one pixel, the framed one": 35,
        "the bias is added once a channel; a filter adds it once": 7,
        "only the first channel is looked at; a filter adds over all of them": 6,
        "that is the sum of the weights and the bias; multiply each weight by its channel's number first": 4,
        "the second weight is negative": 15,
        "the second weight alone is negative": 9,
        "the numbers are added up without their weights": 10,
        "the bias is added, not subtracted": -1,
    },
    hints=[
        "The window of a 1x1 filter is a single pixel, so there is one product a channel: three products.",
        "1 * 4, then -2 * 3, then 3 * 1, and the bias 2.",
    ],
    within=0.01,
)


def _conv1x1(x: Tensor, weight: Tensor) -> Tensor:
    return F.conv2d(x, weight[:, :, None, None])


conv1x1 = Check(
    "conv1x1",
    reference=_conv1x1,
    cases=[
        dict(x=random(2, 3, 5, 7), weight=random(11, 3, seed=1)),
        dict(x=random(3, 5, 11, 2, seed=2), weight=random(7, 5, seed=3)),
    ],
    mistakes={
        "height and width are exchanged": lambda x, weight: _conv1x1(x, weight).transpose(2, 3),
        "the channels of the result stand last; the letters on the right of `->` give the order of the axes": (
            lambda x, weight: _conv1x1(x, weight).movedim(1, 3)
        ),
        "the pixels come out in the wrong order: move the last axis with `.permute(0, 3, 1, 2)`, `reshape` only cuts anew": (
            lambda x, weight: _conv1x1(x, weight).movedim(1, 3).reshape(len(x), len(weight), *x.shape[2:])
        ),
        "`reshape` cuts the maps into rows of C neighbours; a row must hold the C numbers of one pixel, so permute first": (
            lambda x, weight: (x.reshape(len(x), *x.shape[2:], -1) @ weight.T).movedim(3, 1)
        ),
        "`reshape` does not move the channel axis: `permute` first, so that a row holds the C numbers of one pixel": (
            lambda x, weight: (x.reshape(-1, x.shape[1]) @ weight.T).reshape(len(x), len(weight), *x.shape[2:])
        ),
        "the channels are averaged; a filter adds its products up": lambda x, weight: _conv1x1(x, weight) / x.shape[1],
        "all filters are added up into one map; each filter makes its own": lambda x, weight: _conv1x1(x, weight).sum(
            1, keepdim=True
        ),
    },
    hints=[
        "In the result stand n, k, h and w. Which letter is added up, because it stands in both inputs and not in the result?",
        "`x` is 'nchw' and `weight` is 'kc': what `torch.einsum` writes on the right of `->` is the order of the result.",
        "`torch.einsum('nchw,kc->nkhw', x, weight)`",
    ],
)

macs = Check(
    "macs",
    reference=14 * 14 * 256 * 64,
    mistakes={
        "that is the number of weights; each is used once at every pixel of the map": 256 * 64,
        "that is the work of a 3x3 layer: a 1x1 filter has one weight a channel": 14 * 14 * 256 * 64 * 9,
        "a map has 14 x 14 pixels, not 14": 14 * 256 * 64,
        "the number of filters is forgotten: each of the 64 reads all 256 channels": 14 * 14 * 256,
        "a multiplication and its addition are one multiply-add, not two": 2 * 14 * 14 * 256 * 64,
    },
    hints=[
        "How many multiply-adds does one filter make at one pixel? How many filters are there, at how many pixels?",
        "Each output number costs 256 multiply-adds, and there are 64 * 14 * 14 of them.",
    ],
)


def _merged(w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Tensor:
    return torch.cat([w2 @ w1, (w2 @ b1 + b2)[:, None]], 1)


def _zero(x: Tensor) -> Tensor:
    return torch.zeros_like(x)


merge = Check(
    "merge",
    reference=_merged,
    cases=[
        dict(w1=random(3, 5), b1=random(3, seed=1), w2=random(7, 3, seed=2), b2=random(7, seed=3)),
        dict(w1=random(11, 2, seed=4), b1=random(11, seed=5), w2=random(5, 11, seed=6), b2=random(5, seed=7)),
    ],
    mistakes={
        "`b1` is forgotten: the second layer weighs it too": lambda w1, b1, w2, b2: _merged(w1, _zero(b1), w2, b2),
        "`b2` is forgotten": lambda w1, b1, w2, b2: _merged(w1, b1, w2, _zero(b2)),
        "the two biases are multiplied; the second layer weighs `b1`, then adds `b2`": lambda w1, b1, w2, b2: torch.cat(
            [w2 @ w1, ((w2 @ b1) * b2)[:, None]], 1
        ),
        "`b1` is added up instead of weighed: the second layer has a weight for each number of `b1`": (
            lambda w1, b1, w2, b2: torch.cat([w2 @ w1, (b1.sum() + b2)[:, None]], 1)
        ),
        "a ReLU stands between, and then no single layer can do it": lambda w1, b1, w2, b2: _merged(
            F.relu(w1), F.relu(b1), w2, b2
        ),
    },
    hints=[
        "Multiply out W2 (W1 x + b1) + b2. What stands before x, and what is left?",
        "Before x stands W2 W1; without x are W2 b1 and b2. In torch, `@` multiplies matrices.",
        "`weight = w2 @ w1` and `bias = w2 @ b1 + b2`",
    ],
)


def _two_layers(tables: Any) -> Tensor:
    """Send maps (2, 3, 5, 7) through two 1x1 layers with these weights, a ReLU between; raises Failure for other tables."""
    try:
        first, second = (torch.as_tensor(table, dtype=torch.float64) for table in tables)
    except (TypeError, ValueError, RuntimeError):
        raise Failure(f"two tables are asked, `first, second`, each a list of rows, got {describe(tables)}") from None
    if first.ndim != 2 or first.shape[1] != 3:
        raise Failure(f"`first` must be (M, 3), in each row the weights of red, green and blue, got {tuple(first.shape)}")
    if second.shape != (1, len(first)):
        needed = f"one row with a weight for each map that `first` makes, (1, {len(first)})"
        raise Failure(f"`second` must be {needed}, got {tuple(second.shape)}")
    return F.conv2d(F.relu(_conv1x1(random(2, 3, 5, 7), first)), second[:, :, None, None])


_HALVES = [[1, 0, -1], [-1, 0, 1]]

distance = Check(
    "distance",
    reference=(_HALVES, [[1, 1]]),
    mistakes={
        "that is only where red is the larger: blue - red is missing": (_HALVES[:1], [[1]]),
        "that is only where blue is the larger: red - blue is missing": (_HALVES[1:], [[1]]),
        "that is red - blue with its sign: add the two halves, do not subtract them": (_HALVES, [[1, -1]]),
        "that is half of the distance: each half counts in full, for the other is zero there": (_HALVES, [[0.5, 0.5]]),
        "that is red and green: the channels are red, green, blue, so blue has number 2": ([[1, -1, 0], [-1, 1, 0]], [[1, 1]]),
        "the difference comes too late: take it in the first layer, so that the ReLU acts on it": (
            [[1, 0, 0], [0, 0, 1]],
            [[1, -1]],
        ),
        "that is right only where red and blue are positive, for the ReLU lets nothing else through unchanged": (
            [[1, 0, -1], [1, 0, 0], [0, 0, 1]],
            [[2, -1, 1]],
        ),
    },
    hints=[
        "One filter makes red - blue, another blue - red. What does a ReLU leave of each? What is left of their sum?",
        "`first` has two rows, the first of them [1, 0, -1]; `second` has one row and adds.",
        "`tables = [[1, 0, -1], [-1, 0, 1]], [[1, 1]]`",
    ],
    look=_two_layers,
)

bottleneck_weights = Check(
    "bottleneck_weights",
    reference=lambda c, narrow: 2 * c * narrow + 9 * narrow**2,
    cases=[dict(c=256, narrow=64), dict(c=7, narrow=3), dict(c=512, narrow=11)],
    mistakes={
        "the last layer, back to `c` channels, is forgotten": lambda c, narrow: c * narrow + 9 * narrow**2,
        "the 3x3 layer reads and makes `narrow` channels, not `c`": lambda c, narrow: 2 * c * narrow + 9 * c**2,
        "the 3x3 layer reads `narrow` channels: the first layer has narrowed them": lambda c, narrow: (
            2 * c * narrow + 9 * c * narrow
        ),
        "the third layer is missing: the 3x3 layer makes `narrow` channels, a 1x1 layer leads back to `c`": lambda c, narrow: (
            c * narrow + 9 * narrow * c
        ),
        "the window of the 3x3 layer is forgotten: each kernel has 9 weights": lambda c, narrow: 2 * c * narrow + narrow**2,
        "a 3x3 kernel has 9 weights, not 3": lambda c, narrow: 2 * c * narrow + 3 * narrow**2,
        "each filter of the 3x3 layer reads all `narrow` channels, not one": lambda c, narrow: 2 * c * narrow + 9 * narrow,
        "biases are counted; here they are left out": lambda c, narrow: 2 * c * narrow + 9 * narrow**2 + 2 * narrow + c,
    },
    hints=[
        "Three layers: how many channels does each read, how many filters has it, how large is its window?",
        "`c * narrow` in the first, `narrow * narrow * 9` in the second, `narrow * c` in the third.",
    ],
)


def _block(
    c: int,
    narrow: int,
    widths: tuple[int, int] = (),
    relus: tuple[int, ...] = (1, 1, 1),
    bias: bool = False,
    ends: int = 1,  # kernel size of the first and the last layer
    edge: int = 0,  # and their padding
    last: int | None = None,
    **k: int,
) -> nn.Module:
    (one, two), act = widths or (narrow, narrow), [nn.ReLU() if relu else nn.Identity() for relu in relus]
    sizes = {"kernel_size": 3, "padding": 1} | k
    return nn.Sequential(
        *(nn.Conv2d(c, one, ends, padding=edge, bias=bias), act[0]),
        *(nn.Conv2d(one, two, **sizes, bias=bias), act[1]),
        *(nn.Conv2d(two, last or c, ends, padding=edge, bias=bias), act[2]),
    )


bottleneck = Check(
    "bottleneck",
    reference=_block,
    cases=[dict(c=7, narrow=3), dict(c=7, narrow=2)],
    mistakes={
        "the 3x3 layer has no padding, so the map shrinks": lambda c, narrow: _block(c, narrow, padding=0),
        "nothing stands between the first two layers: add a ReLU": lambda c, narrow: _block(c, narrow, relus=(0, 1, 1)),
        "nothing stands between the last two layers: add a ReLU": lambda c, narrow: _block(c, narrow, relus=(1, 0, 1)),
        "the ReLU after the last layer is missing": lambda c, narrow: _block(c, narrow, relus=(1, 1, 0)),
        "nothing stands between the three layers: add a ReLU after each": lambda c, narrow: _block(c, narrow, relus=(0, 0, 1)),
        "there is no ReLU: add one after each of the three layers": lambda c, narrow: _block(c, narrow, relus=(0, 0, 0)),
        "a ReLU stands after the first layer alone: add one after each": lambda c, narrow: _block(c, narrow, relus=(1, 0, 0)),
        "nothing is narrowed: the 3x3 layer has `narrow` channels in and out": lambda c, narrow: _block(c, narrow, (c, c)),
        "the 3x3 layer widens; it makes `narrow` channels, and the last layer widens": lambda c, narrow: _block(
            c, narrow, (narrow, c)
        ),
        "the 3x3 layer narrows; the first layer has to, so that the 3x3 layer reads `narrow` channels": (
            lambda c, narrow: _block(c, narrow, (c, narrow))
        ),
        "a 1x1 layer needs no padding: the map grows": lambda c, narrow: _block(c, narrow, edge=1),
        "all three windows are 3x3; the first and the last are 1x1": lambda c, narrow: _block(c, narrow, edge=1, ends=3),
        "the last layer stays narrow; it leads back to `c` channels": lambda c, narrow: _block(c, narrow, last=narrow),
        "there are two layers: a third, 1x1, leads back to `c` channels": lambda c, narrow: nn.Sequential(
            *_block(c, narrow, (narrow, c))[:4]
        ),
        "the layers have biases: say `bias=False` in each": lambda c, narrow: _block(c, narrow, bias=True),
        "the last layer is missing: it leads back to `c` channels": lambda c, narrow: _block(c, narrow)[:4],
        "the middle layer is 1x1; it alone looks at neighbours, so it has to be 3x3": lambda c, narrow: _block(
            c, narrow, kernel_size=1, padding=0
        ),
    },
    hints=[
        "Six modules in one `nn.Sequential`: three times a convolution and a ReLU.",
        "c -> narrow with a 1x1 window, narrow -> narrow with 3x3 and padding 1, narrow -> c with 1x1.",
        "It starts `nn.Sequential(nn.Conv2d(c, narrow, 1, bias=False), nn.ReLU(), nn.Conv2d(narrow, narrow, 3, padding=1, ...`",
    ],
    look=outputs(random(2, 7, 5, 11)),
)

branch = Check(
    "branch",
    reference=192 * 16 + 16 * 32 * 25,
    mistakes={
        "that is without the 1x1 layer: the 5x5 filters then read all 192 channels": 192 * 32 * 25,
        "the weights of the 1x1 layer are forgotten": 16 * 32 * 25,
        "that is the 1x1 layer alone": 192 * 16,
        "after the 1x1 layer the 5x5 filters read 16 channels, not 192": 192 * 16 + 192 * 32 * 25,
        "that is with a 3x3 window, as torchvision builds this branch; the paper has 5x5": 192 * 16 + 16 * 32 * 9,
        "biases are counted; here they are left out": 192 * 16 + 16 * 32 * 25 + 16 + 32,
        "those are the multiply-adds; weights do not know the size of the map": 28 * 28 * (192 * 16 + 16 * 32 * 25),
    },
    hints=[
        "Two layers in a row. What does the 5x5 layer read: the 192 channels, or what the 1x1 layer made of them?",
        "The first has 192 * 16 weights, the second 16 * 32 * 25.",
    ],
)

strided = Check(
    "strided",
    reference=49,
    mistakes={
        "the window is one pixel and jumps by two: what lies between is in no window": 196,
        "it jumps by two along both axes, so half of the rows and half of the columns are left": 98,
        "that is how many pixels are never read": 147,
    },
    hints=[
        "On a line of 14 pixels, on which does a window of 1 pixel stop if its step is 2?",
        "It stops at 7 rows and at 7 columns, and reads the pixel where it stops and no other.",
    ],
)
