"""Checks of lesson 06: the identity in a plain block, gradients, causes, shortcuts, exact parameters, an error in print."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.checks.engine import Check, Variants, but, digits, outputs, positional, random


def _dirac(c: int) -> Tensor:
    return nn.init.dirac_(torch.zeros(c, c, 3, 3))


def _own(window: Tensor) -> Callable[[int], Tensor]:
    """Make a weight in which filter k reads channel k alone, with these weights: (3, 3)."""
    return lambda c: torch.eye(c)[..., None, None] * window


def _single(row: int, column: int) -> Tensor:
    window = torch.zeros(3, 3)
    window[row, column] = 1
    return window


identity_weight = Check(
    "identity_weight",
    reference=_dirac,
    cases=[dict(c=c) for c in (1, 2, 3, 5)],
    mistakes={
        "every filter reads all channels, so that each output is a sum of channels; filter k should read channel k alone": (
            lambda c: _single(1, 1).expand(c, c, 3, 3)
        ),
        "every filter computes the mean of all channels; filter k should read channel k alone, with the weight 1": (
            lambda c: _single(1, 1).expand(c, c, 3, 3) / c
        ),
        "each filter adds up its whole window; only the weight in the middle of the window should be 1, the others 0": _own(
            torch.ones(3, 3)
        ),
        "each filter computes the mean of its window, which blurs; only the weight in the middle should be 1, the others 0": (
            _own(torch.full((3, 3), 1 / 9))
        ),
        "the 1 is in the top left corner of the window, which moves the map by a pixel; it should be in the middle": _own(
            _single(0, 0)
        ),
        "the 1 is in the bottom right corner of the window, which moves the map by a pixel; it should be in the middle": _own(
            _single(2, 2)
        ),
        "each window is a 3x3 identity matrix, which adds up three pixels; only the weight in the middle should be 1": _own(
            torch.eye(3)
        ),
        "every window of every channel is a 3x3 identity matrix; filter k should read channel k alone, and there the middle": (
            lambda c: torch.eye(3).expand(c, c, 3, 3)
        ),
        "only channel 0 is passed on; every channel needs a weight of 1": lambda c: F.pad(
            _dirac(1), (0, 0, 0, 0, 0, c - 1, 0, c - 1)
        ),
        "every filter reads channel 0; filter k should read channel k": lambda c: F.pad(
            _single(1, 1).expand(c, 1, 3, 3), (0, 0, 0, 0, 0, c - 1)
        ),
        "only filter 0 reads anything, and it adds up all channels; filter k should read channel k": lambda c: F.pad(
            _single(1, 1).expand(1, c, 3, 3), (0, 0, 0, 0, 0, 0, 0, c - 1)
        ),
        "the last channel is not passed on; every channel needs a weight of 1": lambda c: F.pad(
            _dirac(c - 1), (0, 0, 0, 0, 0, 1, 0, 1)
        ),
        "channel 0 is not passed on; every channel needs a weight of 1": lambda c: F.pad(
            _dirac(c - 1), (0, 0, 0, 0, 1, 0, 1, 0)
        ),
        "each filter adds up the middle row of its window; only the weight in the middle of the window should be 1": _own(
            _single(1, 0) + _single(1, 1) + _single(1, 2)
        ),
        "each filter adds up the middle column of its window; only the weight in the middle of the window should be 1": _own(
            _single(0, 1) + _single(1, 1) + _single(2, 1)
        ),
        "the place of the 1 in the window depends on c; it is the middle, [1, 1], whatever c is": lambda c: _own(
            _single(c // 2, c // 2)
        )(c),
        "the order of the channels is reversed; filter k should read channel k": lambda c: _dirac(c).flip(0),
        "all weights are 1, which adds up whole windows of all channels; only c of them should be 1, the others 0": lambda c: (
            torch.ones(c, c, 3, 3)
        ),
        "all weights are the same fraction, which blurs and mixes channels; only c of them should differ from 0": lambda c: (
            torch.full((c, c, 3, 3), 1 / (9 * c))
        ),
        "all weights are 0, so that the output is 0; filter k should have the weight 1 in the middle of channel k": lambda c: (
            torch.zeros(c, c, 3, 3)
        ),
        "the sign is wrong; the weights are 1, so that the output is x and not -x": lambda c: -_dirac(c),
        "this is the weight of a depthwise convolution, (c, 1, 3, 3); here each filter has weights for all c channels": (
            lambda c: _single(1, 1).expand(c, 1, 3, 3)
        ),
        "this is the weight of a 1x1 convolution, (c, c, 1, 1); the weight asked for is (c, c, 3, 3)": lambda c: torch.eye(c)[
            ..., None, None
        ],
        "this is a single window, (3, 3); a layer of c filters that read c channels has the shape (c, c, 3, 3)": lambda c: (
            _single(1, 1)
        ),
        "this is the weight of a single filter, (c, 3, 3); a layer of c filters has the shape (c, c, 3, 3)": lambda c: _single(
            1, 1
        ).expand(c, 3, 3),
        "the axes are in the wrong order; the filters and their channels come first, then the rows and columns": lambda c: (
            _dirac(c).permute(2, 3, 0, 1)
        ),
        "this is the identity matrix, (c, c); put it in the middle of windows of zeros, (c, c, 3, 3)": lambda c: torch.eye(c),
        "each weight is 1 / c; a filter that reads its own channel alone needs the weight 1": lambda c: _dirac(c) / c,
        "all weights are 1/9, which blurs and adds channels up; only c of them should differ from 0": lambda c: torch.full(
            (c, c, 3, 3), 1 / 9
        ),
    },
    hints=[
        "Begin with c = 1. Which of the nine weights is on the pixel itself, in the middle of the window?",
        "For c = 2, filter 0 should output channel 0. Which weights does it need for channel 1?",
        "Start with `torch.zeros(c, c, 3, 3)` and set `weight[k, k, 1, 1]` to 1 for every channel k.",
    ],
)

early_relu = Check(
    "early_relu",
    reference="a",
    choices=("a", "b", "c", "d"),
    mistakes={
        "if F(x) is 1, both blocks output 3; ask what the additional ReLU does to an F(x) below 0": "b",
        "if F(x) is 0, both blocks output 2; ask what the additional ReLU does to an F(x) below 0": "c",
        "the last ReLU acts on the sum, the additional one on F(x) alone; compare the two blocks for F(x) = -1": "d",
    },
    hints=[
        "Compute both blocks for x = 2 and F(x) = 3, 0, -1 and -5.",
        "ReLU(F(x)) is never negative. Can x + ReLU(F(x)) be smaller than x?",
    ],
)

gradient = Check(
    "gradient",
    reference=lambda slope: (1 + slope) ** 10,
    mistakes={
        "almost nothing arrives only without the shortcuts, where each block multiplies by {slope}": lambda slope: slope**10,
        "{:g} is what you get if the ten slopes of {slope} are added up; the factors of blocks in a row are multiplied": (
            lambda slope: 1 + 10 * slope
        ),
        "{:g} is what the shortcuts alone pass on; each body adds its own slope of {slope}": lambda: 1.0,
        "{:g} is the factor of one block; there are ten": lambda slope: 1 + slope,
        "{:g} is the sum of ten factors; the factors of blocks in a row are multiplied": lambda slope: 10 * (1 + slope),
        "that is nine blocks; there are ten": lambda slope: (1 + slope) ** 9,
        "{:,} takes a slope of 1 for the body; it is {slope}": lambda: 1024,
        "that is eleven blocks; there are ten": lambda slope: (1 + slope) ** 11,
        "2.6 has one decimal; give two": 2.6,
        "the factor of a block is 1 + {slope}, not 1 - {slope}": lambda slope: (1 - slope) ** 10,
        "25.94 is ten times the product; the factors of ten blocks are multiplied, and that is all": 10 * 1.1**10,
        "10 adds ten shortcuts up; blocks in a row multiply their factors of 1.1": 10,
        "10.1 adds the factors of nine shortcuts and one more; blocks in a row multiply their factors of 1.1": 10.1,
        "0.1 is the slope of one body; a block adds 1 for its shortcut, and there are ten blocks": 0.1,
        "1.59 is what is beyond 1; the derivative is the whole product": 1.1**10 - 1,
        "2.72 is the number e; ten factors of 1.1 are close to it, but smaller": 2.72,
        "12.59 is 10 to the power of 1.1; it is the other way round": 10**1.1,
        "2.5 counts the products of at most two slopes, or is rounded; give two decimals of ten factors of 1.1": 2.5,
    },
    hints=["The slope of x + f(x) is 1 + f'(x). What is it here?", "There are ten factors of {factor}."],
    digits=2,
    variants=Variants(
        dict(slope=0.1, power="0.0000000001"),
        dict(slope=0.2, power="0.0000001024"),
        dict(slope=0.3, power="0.0000059049"),
        dict(slope=0.4, power="0.0001048576"),
        wording=["$f'(x) = {slope}$ in each", "is ${slope}^{{10}}$, which is {power}."],
        derived=lambda slope: dict(factor=1 + slope),
    ),
)

cause = Check(
    "cause",
    reference="c",
    choices=("a", "b", "c"),
    mistakes={
        "overfitting is a low training loss with a high test loss; here the training loss itself is high": "a",
        "look at the measured gradients: with batch norm the first layers of plain-20 get more than the last, not less": "b",
    },
    hints=[
        "We made two measurements: the training loss of 8 and of 20 layers, and the gradients before training.",
        "Overfitting would show as a low training loss, vanishing as small gradients in the first blocks. Did either?",
    ],
)


def _pad(x: Tensor, c_out: int, before: int = 0) -> Tensor:
    return F.pad(x, (0, 0, 0, 0, before, c_out - x.shape[1] - before))


zero_padded = Check(
    "zero_padded",
    gradients=("x",),
    reference=lambda x, c_out, stride: _pad(x[:, :, ::stride, ::stride], c_out),
    cases=[
        dict(x=digits(1, 2, 3, 4), c_out=3, stride=2),
        dict(x=random(2, 3, 11, 7), c_out=7, stride=2),
        dict(x=random(3, 2, 7, 13, seed=1), c_out=5, stride=3),
        dict(x=random(2, 5, 3, 7, seed=2), c_out=11, stride=1),
        dict(x=random(2, 5, 4, 6, seed=3), c_out=5, stride=2),
    ],
    mistakes={
        words: positional(wrong)
        for words, wrong in {
            "the pixels are averaged; take every `stride`-th one as it is": lambda x, c, s: _pad(F.avg_pool2d(x, s), c),
            "the largest pixels are taken; take every `stride`-th one as it is": lambda x, c, s: _pad(F.max_pool2d(x, s), c),
            "the zero channels come first; they should come after the input's channels": lambda x, c, s: _pad(
                x[:, :, ::s, ::s], c, c - x.shape[1]
            ),
            "half of the zero channels come first (a well-known variant); here all come after the input's channels": (
                lambda x, c, s: _pad(x[:, :, ::s, ::s], c, (c - x.shape[1]) // 2)
            ),
            "the channels are repeated; the new ones should be zero": lambda x, c, s: x.repeat(1, c, 1, 1)[:, :c, ::s, ::s],
            "`stride` is ignored; take every `stride`-th row and column": lambda x, c, s: _pad(x, c),
            "only the rows are subsampled; subsample the columns too": lambda x, c, s: _pad(x[:, :, ::s], c),
            "only the columns are subsampled; subsample the rows too": lambda x, c, s: _pad(x[..., ::s], c),
            "the last pixel of each step is taken; begin with row and column 0, as a strided convolution does": (
                lambda x, c, s: _pad(x[:, :, s - 1 :: s, s - 1 :: s], c)
            ),
            "row and column 0 are left out; begin with them": lambda x, c, s: _pad(x[:, :, 1::s, 1::s], c),
            "every second pixel is taken, whatever `stride` is": lambda x, c, s: _pad(x[:, :, ::2, ::2], c),
            "the rows that do not fill a step are left out; H / stride is rounded up": lambda x, c, s: _pad(
                x[:, :, : x.shape[2] // s * s : s, : x.shape[3] // s * s : s], c
            ),
            "`c_out` channels are added; the result has `c_out` in all": lambda x, c, s: _pad(
                x[:, :, ::s, ::s], c + x.shape[1]
            ),
            "the width grew: `F.pad` pads the last axis first, so the channels are the third pair": lambda x, c, s: F.pad(
                x[:, :, ::s, ::s], (0, c - x.shape[1])
            ),
            "the height grew: `F.pad` pads the last axis first, so the channels are the third pair": lambda x, c, s: F.pad(
                x[:, :, ::s, ::s], (0, 0, 0, c - x.shape[1])
            ),
            "the new channels are filled with ones; they should be zero": lambda x, c, s: F.pad(
                x[:, :, ::s, ::s], (0, 0, 0, 0, 0, c - x.shape[1]), value=1
            ),
            "the number of channels is doubled, whatever `c_out` is": lambda x, c, s: _pad(x[:, :, ::s, ::s], 2 * x.shape[1]),
            "the top left part of the map is kept; take every `stride`-th row and column of the whole map": lambda x, c, s: (
                _pad(x[:, :, : -(-x.shape[2] // s), : -(-x.shape[3] // s)], c)
            ),
            "channels and rows are subsampled; leave the channels and subsample rows and columns": lambda x, c, s: _pad(
                x[:, ::s, ::s], c
            ),
            "the number of images grew: the third pair of `F.pad` is for the channels, the fourth for the images": (
                lambda x, c, s: F.pad(x[:, :, ::s, ::s], (0, 0, 0, 0, 0, 0, 0, c - x.shape[1]))
            ),
            "the channels are not padded; the result has `c_out`": lambda x, c, s: x[:, :, ::s, ::s],
            "zero channels come before and after those of `x`; all of them come after": lambda x, c, s: F.pad(
                x[:, :, ::s, ::s], (0, 0, 0, 0, c - x.shape[1], c - x.shape[1])
            ),
            "the top left part of the map is kept, rounded down; take every `stride`-th row and column of the whole map": (
                lambda x, c, s: _pad(x[:, :, : x.shape[2] // s, : x.shape[3] // s], c)
            ),
            "channels are thinned out as well as rows and columns; leave all channels": lambda x, c, s: F.pad(
                x[:, ::s, ::s, ::s], (0, 0, 0, 0, 0, c - x.shape[1])
            ),
        }.items()
    },
    hints=[
        "`x[:, :, ::stride, ::stride]` takes every `stride`-th row and column.",
        "How many channels are missing? `c_out - x.shape[1]` zeros come after them, in the third pair of `F.pad`.",
        "`F.pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, 0, c_out - x.shape[1]))`",
    ],
)


def _conv(c_in: int, c_out: int, size: int, stride: int = 1, bias: bool = False, padding: int | None = None) -> nn.Sequential:
    layer = nn.Conv2d(c_in, c_out, size, stride, size // 2 if padding is None else padding, bias=bias)
    return nn.Sequential(layer, nn.BatchNorm2d(c_out))


def _body(
    c_in: int, c_out: int, stride: int, second: int = 1, between: Callable = nn.ReLU, last: Callable = nn.Identity, **how: Any
) -> nn.Sequential:
    return nn.Sequential(_conv(c_in, c_out, 3, stride, **how), between(), _conv(c_out, c_out, 3, second, **how), last())


def _project(c_in: int, c_out: int, stride: int, size: int = 1, **how: Any) -> nn.Sequential:
    return _conv(c_in, c_out, size, stride, **how)


def _norm_first(c_in: int, c_out: int, stride: int) -> nn.Sequential:
    first, second = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False), nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
    return nn.Sequential(nn.BatchNorm2d(c_in), nn.ReLU(), first, nn.BatchNorm2d(c_out), nn.ReLU(), second)


def _without_norm(c_in: int, c_out: int, stride: int, bias: bool = False) -> nn.Sequential:
    first, second = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=bias), nn.Conv2d(c_out, c_out, 3, padding=1, bias=bias)
    return nn.Sequential(first, nn.ReLU(), second)


def _sum(y: Tensor, past: Tensor) -> Tensor:
    return F.relu(y + past)


def _stays(c_in: int, c_out: int, stride: int) -> bool:
    return c_in == c_out and stride == 1


class _Block(nn.Module):
    def __init__(self, shape: tuple, body: Callable, project: Callable, stays: Callable, join: Callable) -> None:
        super().__init__()
        self.body, self.shortcut, self.join = body(*shape), nn.Identity() if stays(*shape) else project(*shape), join

    def forward(self, x: Tensor) -> Tensor:
        return self.join(self.body(x), self.shortcut(x))


def _blocks(body: Callable = _body, project: Callable = _project, stays: Callable = _stays, join: Callable = _sum) -> Callable:
    """Make a function that builds a block with one thing about it changed."""
    return lambda c_in, c_out, stride: _Block((c_in, c_out, stride), body, project, stays, join)


class _Padded(nn.Module):
    def __init__(self, c_out: int, stride: int) -> None:
        super().__init__()
        self.c_out, self.stride = c_out, stride

    def forward(self, x: Tensor) -> Tensor:
        return _pad(x[:, :, :: self.stride, :: self.stride], self.c_out)


def _sizes(one: str, other: str) -> str:
    """Write torch's words for two maps that differ in width, whichever comes first."""
    return rf"tensor a \({one}\).*tensor b \({other}\).*dimension 3|tensor a \({other}\).*tensor b \({one}\).*dimension 3"


UNPADDED = "the body's map is smaller than that of the shortcut; a 3x3 layer needs `padding=1` to keep height and width"
PADDED = "the projection's map is larger than that of the body; a 1x1 layer needs no padding"
TWICE = "the body halves the map twice; only its first 3x3 layer has the stride"
SIZES_DIFFER = (
    "shortcut and body differ in height and width; both have the stride, once, and `nn.Identity()` fits only stride 1"
)
CHANNELS_DIFFER = "shortcut and body differ in channels; `nn.Identity()` fits only if `c_in == c_out`"
READS = (
    "a layer reads another number of channels than it is given; the first 3x3 layer and the projection read `c_in`, the second "
    "3x3 layer reads `c_out`"
)

block = Check(
    "block",
    reference=_blocks(),
    look=outputs(
        digits(1, 1, 3, 6, seed=16, low=-3, high=5),
        300 * random(2, 3, 11, 7),  # outputs beyond 6, where a ReLU6 differs
        refusals={  # the inputs are 6 and 7 pixels wide, and 3 and 4 after a stride of 2
            "dimension 1$": CHANNELS_DIFFER,
            "Kernel size can't be greater|" + _sizes("[24]", "6") + "|" + _sizes("[35]", "7"): UNPADDED,
            _sizes("6", "8") + "|" + _sizes("3", "4") + "|" + _sizes("7", "9") + "|" + _sizes("4", "5"): PADDED,
            _sizes("2", "[34]"): TWICE,
            "must match the size of tensor": SIZES_DIFFER,
            r"to have (?P<takes>\d+) channels, but got (?P<given>\d+) channels": READS,
            r"running_mean should contain (?P<given>\d+) elements not (?P<takes>\d+)": READS,
        },
    ),
    cases=[
        dict(c_in=c_in, c_out=c_out, stride=stride)
        for c_in, c_out, stride in [(1, 1, 1), (1, 2, 2), (3, 3, 1), (3, 5, 2), (3, 5, 1), (3, 3, 2)]
    ],
    mistakes={
        "the shortcut is missing; add it to the body's output": _blocks(join=lambda y, past: F.relu(y)),
        "the ReLU after the sum is missing": _blocks(join=lambda y, past: y + past),
        "the ReLU comes before the sum; it comes after it": _blocks(join=lambda y, past: F.relu(y) + past),
        "there is a ReLU before the sum as well; the one after the sum is enough": _blocks(
            body=lambda *shape: _body(*shape, last=nn.ReLU)
        ),
        "there is a ReLU on the shortcut; the one after the sum is enough": _blocks(
            join=lambda y, past: F.relu(y + F.relu(past))
        ),
        "the shortcut is subtracted; add it to the body's output": _blocks(join=lambda y, past: F.relu(y - past)),
        "the body's output is subtracted; add it to the shortcut": _blocks(join=lambda y, past: F.relu(past - y)),
        "the mean of shortcut and body is computed; add them": _blocks(join=lambda y, past: F.relu((y + past) / 2)),
        "shortcut and body are multiplied; add them": _blocks(join=lambda y, past: F.relu(y * past)),
        "shortcut and body are concatenated; add them": _blocks(join=lambda y, past: F.relu(torch.cat([past, y], 1))),
        "body and shortcut are concatenated; add them": _blocks(join=lambda y, past: F.relu(torch.cat([y, past], 1))),
        "there is a projection even where the shape stays (option C); there `x` passes unchanged": _blocks(
            stays=lambda *shape: False
        ),
        "the shortcut pads with zeros (option A); option B projects with a 1x1 layer": _blocks(
            project=lambda c_in, c_out, stride: _Padded(c_out, stride)
        ),
        "the projection is 3x3; in option B it is 1x1": _blocks(project=partial(_project, size=3)),
        "a max pool halves the map on the shortcut; in option B the 1x1 convolution has the stride": _blocks(
            project=lambda i, o, s: nn.Sequential(nn.MaxPool2d(s), _project(i, o, 1))
        ),
        "an average pool halves the map on the shortcut; in option B the 1x1 convolution has the stride": _blocks(
            project=lambda i, o, s: nn.Sequential(nn.AvgPool2d(s), _project(i, o, 1))
        ),
        "the projection has no batch norm": _blocks(project=lambda i, o, s: nn.Conv2d(i, o, 1, s, bias=False)),
        "the projection has a bias and no batch norm; it needs a batch norm and no bias": _blocks(
            project=lambda i, o, s: nn.Conv2d(i, o, 1, s)
        ),
        "the projection's convolution has a bias; its batch norm already has one": _blocks(
            project=partial(_project, bias=True)
        ),
        "all convolutions have a bias; use `conv`, whose batch norm already has one": _blocks(
            body=partial(_body, bias=True), project=partial(_project, bias=True)
        ),
        SIZES_DIFFER: _blocks(stays=lambda i, o, s: i == o),
        CHANNELS_DIFFER: _blocks(stays=lambda i, o, s: s == 1),
        UNPADDED: _blocks(body=partial(_body, padding=0)),
        PADDED: _blocks(project=partial(_project, padding=1)),
        TWICE: lambda c_in, c_out, stride: _blocks(body=partial(_body, second=stride))(c_in, c_out, stride),
        READS: _blocks(body=lambda i, o, s: nn.Sequential(_conv(i, o, 3, s), nn.ReLU(), _conv(i, o, 3))),
        "the projection has a ReLU; it is a convolution and a batch norm": _blocks(
            project=lambda i, o, s: nn.Sequential(_project(i, o, s), nn.ReLU())
        ),
        "the second 3x3 layer has the stride; the first one should have it": _blocks(
            body=lambda i, o, s: _body(i, o, 1, second=s)
        ),
        "`stride` is ignored": lambda c_in, c_out, stride: _blocks()(c_in, c_out, 1),
        "no layer has the stride; the first 3x3 layer and the projection both need it": _blocks(
            body=lambda i, o, s: _body(i, o, 1), project=lambda i, o, s: _project(i, o, 1)
        ),
        "the ReLU between the two 3x3 layers is missing": _blocks(body=partial(_body, between=nn.Identity)),
        "the 3x3 layers have a bias; use `conv`, whose batch norm already has one": _blocks(body=partial(_body, bias=True)),
        "the body has no batch norm; use `conv`": _blocks(body=_without_norm),
        "the body has biases and no batch norm; use `conv`": _blocks(body=partial(_without_norm, bias=True)),
        "there is no batch norm at all; use `conv`": _blocks(
            body=_without_norm, project=lambda i, o, s: nn.Conv2d(i, o, 1, s, bias=False)
        ),
        "there are biases and no batch norm at all; use `conv`": _blocks(
            body=partial(_without_norm, bias=True), project=lambda i, o, s: nn.Conv2d(i, o, 1, s)
        ),
        "the body has one 3x3 layer; a basic block has two": _blocks(body=lambda i, o, s: _conv(i, o, 3, s)),
        "the body has three 3x3 layers; a basic block has two": _blocks(
            body=lambda i, o, s: nn.Sequential(_body(i, o, s, last=nn.ReLU), _conv(o, o, 3))
        ),
        "the first layer of the body is 1x1; both are 3x3": _blocks(
            body=lambda i, o, s: nn.Sequential(_conv(i, o, 1, s), nn.ReLU(), _conv(o, o, 3))
        ),
        "the second 3x3 layer changes the number of channels; the first one should": _blocks(
            body=lambda i, o, s: nn.Sequential(_conv(i, i, 3, s), nn.ReLU(), _conv(i, o, 3))
        ),
        "batch norm and ReLU come before the convolutions (the variant of 2016); here they come after them": _blocks(
            body=_norm_first, join=lambda y, past: y + past
        ),
        "shortcut and body have a ReLU each before the sum; the one after the sum is the only one": _blocks(
            join=lambda y, past: F.relu(past) + F.relu(y)
        ),
    },
    hints=[
        "The body is that of the blocks before, but its first 3x3 layer reads `c_in` channels and has the stride.",
        "The shape stays if `stride == 1 and c_in == c_out`: then `nn.Identity()`, else `conv(c_in, c_out, 1, stride)`.",
        "In `__init__` make `self.body` and `self.shortcut`; `forward` is `return F.relu(self.shortcut(x) + self.body(x))`.",
    ],
)

halving = Check(
    "halving",
    reference=56,
    mistakes={
        "7 is the paper's network, with its max pool and a stride in three stages; follow the line of code": 7,
        "14 follows the comment; in the code the list is empty in the first stage only": 14,
        "112 is the map after the first convolution; one stage halves it too": 112,
        "28 halves once more; the list is empty in one stage only": 28,
        "224 is the image; the first convolution has stride 2": 224,
        "3,136 is the number of pixels of the whole map; the question is how many it is wide": 56 * 56,
        "3.5 halves in every stage and at a max pool; in the code one stage halves": 3.5,
        "512 is the number of channels; the question is how many pixels wide the map is": 512,
        "55 is one too few; a padded layer of stride 2 halves 112 to 56": 55,
        "64 is the width of the first stage in channels; the question is how many pixels wide the map is": 64,
        "448 is twice the image; a stride of 2 halves the map": 448,
    },
    hints=[
        "In which of the four stages is the list `blocks` still empty?",
        "The first convolution halves 224 to 112; then one stage of the four halves.",
    ],
)


def _count(
    n: int, widths: tuple[int, ...] = (16, 32, 64), norm: int = 2, project: bool = False, grow: bool = True, per_block: int = 2
) -> int:
    """Count a CIFAR ResNet with `norm` numbers per channel in each batch norm and `per_block` layers in each block."""
    total, c_in, layers = 27 * widths[0] + norm * widths[0], widths[0], per_block * n
    for width in widths:
        total += 9 * (c_in if grow else width) * width + (layers - 1) * 9 * width * width + layers * norm * width
        total += c_in * width + norm * width if project and c_in != width else 0
        c_in = width
    return total + 10 * c_in + 10


cifar_parameters = Check(
    "cifar_parameters",
    reference=_count,
    cases=[dict(n=n) for n in (1, 3, 5, 9, 18)],
    mistakes={
        "the batch norms are not counted; each learns two numbers per channel": partial(_count, norm=0),
        "the batch norms learn two numbers per channel, a scale and a shift; one is counted": partial(_count, norm=1),
        "the batch norms' running means and variances are counted; they are not learned": partial(_count, norm=4),
        "the convolutions have no biases here; the batch norm after each already has one": partial(_count, norm=3),
        "projections are counted; option A has none": partial(_count, project=True),
        "projections without batch norm are counted; option A has none": but(_count, result=lambda y: y + 16 * 32 + 32 * 64),
        "a projection in every block is counted (option C); option A has none": lambda n: (
            _count(n, project=True) + (n - 1) * sum(w * w + 2 * w for w in (16, 32, 64)) + 16 * 16 + 2 * 16
        ),
        "the first layer of a stage reads the channels of the stage before: 16 to 32, 32 to 64": partial(_count, grow=False),
        "64, 128 and 256 are ImageNet's channels; CIFAR's are 16, 32 and 64": partial(_count, widths=(64, 128, 256)),
        "a block has two 3x3 layers; one is counted": partial(_count, per_block=1),
        "a block has two 3x3 layers; three are counted": partial(_count, per_block=3),
        "a stage has n blocks; 2n are counted": partial(_count, per_block=4),
        "6n + 2 is the number of layers of the whole network; a stage has 2n": lambda n: _count(1, per_block=6 * n + 2),
        "a batch norm follows each of the two layers of a block; one per block is counted": lambda n: _count(n) - 2 * n * 112,
        "the fully connected layer's 10 biases are not counted": but(_count, result=lambda y: y - 10),
        "the fully connected layer is not counted": but(_count, result=lambda y: y - 650),
        "the fully connected layer reads 64 numbers, one per channel; 64 * 8 * 8 are counted": but(
            _count, result=lambda y: y + 63 * 640
        ),
        "there are 10 classes; 1,000 are counted": but(_count, result=lambda y: y - 650 + 65_000),
        "only the convolutions are counted; batch norms and the fully connected layer learn numbers too": (
            lambda n: _count(n, norm=0) - 650
        ),
        "neither the batch norms nor the fully connected layer's biases are counted": lambda n: _count(n, norm=0) - 10,
        "the first convolution and its batch norm are not counted": but(_count, result=lambda y: y - 464),
        "the first convolution's batch norm is not counted": but(_count, result=lambda y: y - 32),
        "the first convolution reads 3 channels; one is counted": but(_count, result=lambda y: y - 18 * 16),
        "the first convolution is 3x3; one of 7x7, as for ImageNet, is counted": but(
            _count, result=lambda y: y + (49 - 9) * 3 * 16
        ),
        "a 3x3 kernel has 9 weights; 3 are counted": lambda n: _count(n) - 6 * (_count(n, norm=0) - 650) // 9,
        "a 3x3 kernel has 9 weights; 1 is counted": lambda n: _count(n) - 8 * (_count(n, norm=0) - 650) // 9,
        "a stage has 2n layers; one more is counted in each": lambda n: (
            _count(n) + sum(9 * w * w + 2 * w for w in (16, 32, 64))
        ),
        "all layers are counted with 16 channels; the stages have 16, 32 and 64": lambda n: (
            464 + 6 * n * (9 * 16 * 16 + 32) + 650
        ),
        "that is the number of layers; count what they learn": lambda n: 6 * n + 2,
        "the first convolution reads the 3 channels of the image; 16 are counted": lambda n: _count(n) + 9 * 13 * 16,
        "the second layer of a stage's first block is counted with too few channels; it reads `width`": lambda n: (
            _count(n) - 9 * (16 * 32 + 32 * 64)
        ),
        "the result is in millions; return the number itself": lambda n: _count(n) / 1e6,
        "a stage has 2n layers; n + 1 are counted": lambda n: (
            _count(n) - (n - 1) * sum(9 * w * w + 2 * w for w in (16, 32, 64))
        ),
        "a stage has 2n layers; 2n - 1 are counted": lambda n: _count(n) - sum(9 * w * w + 2 * w for w in (16, 32, 64)),
        "the fully connected layer reads the 64 channels of the last stage; 16 are counted": but(
            _count, result=lambda y: y - 480
        ),
        "a batch norm has two numbers for each channel that its convolution outputs; those that it reads are counted": but(
            _count, result=lambda y: y - 2 * 13 - 2 * 16 - 2 * 32
        ),
        "there are 10 classes; 100 are counted": but(_count, result=lambda y: y + 9 * 650),
        "projections are counted in all three stages; option A has none": lambda n: _count(n, project=True) + 16 * 16 + 2 * 16,
    },
    hints=[
        "Start with one layer of the body and its batch norm: it has 9 * c_in * c_out + 2 * c_out numbers.",
        "A stage of width w has 2n such layers. Each reads w channels except the first, which reads those of the stage before.",
        "First convolution 9 * 3 * 16 + 2 * 16, three stages, then 64 * 10 + 10. For n = 3: 464, 14,016 in the first stage, "
        "51,072, 203,520 and 650.",
    ],
)

dropped = Check(
    "dropped",
    reference="d",
    choices=("a", "b", "c", "d"),
    mistakes={
        "a plain network has exactly as many parameters as its residual twin; an identity shortcut has none": "a",
        "this is true, but it holds for a residual block as well, and there stochastic depth works": "b",
        "a plain network can overfit too; ask what the next block receives from a block whose body is left out": "c",
    },
    hints=[
        "What does a residual block output if its body outputs zeros? And a plain block?",
        "The answer must be something that is different in a residual network, where stochastic depth works.",
    ],
)
