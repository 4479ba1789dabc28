"""Checks of lesson 04: branches side by side, their channels and weights, GoogLeNet's table, its heads."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.checks.engine import Check, outputs, positional, random


class _Beside(nn.Module):
    """Run modules side by side and join their maps, by default along the channels; a stand-in for any block."""

    def __init__(self, *branches: nn.Module, join: Callable[[list[Tensor]], Tensor] = torch.hstack) -> None:
        super().__init__()
        self.branches, self.join = nn.ModuleList(branches), join

    def forward(self, x: Tensor) -> Tensor:
        return self.join([branch(x) for branch in self.branches])


def _conv(c_in: int, c_out: int, size: int) -> nn.Sequential:
    layer = nn.Conv2d(c_in, c_out, size, padding=size // 2, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(c_out), nn.ReLU())


def _pool(kind: Callable = nn.MaxPool2d) -> nn.Module:
    return kind(3, stride=1, padding=1)


channels = Check(
    "channels",
    reference=64 + 128 + 32 + 192,
    mistakes={
        "that is the block on the right, with 1x1 filters behind the pool; the naive pool keeps all 192": 256,
        "the pool branch is missing: a pool gives as many channels as it gets": 64 + 128 + 32,
        "the branches are not added but laid one behind the other": 192,
        "the pool branch gives one map a channel, not one for each of its nine pixels": 64 + 128 + 32 + 192 * 9,
        "each filter makes one map, however many channels it weighs": 192 * (64 + 128 + 32),
    },
    hints=[
        "A branch of K filters gives K channels. How many does a pool give, which works on each channel alone?",
        "64 + 128 + 32 from the filters, and all 192 from the pool.",
    ],
)


ALONG_IMAGES = "axis 0 counts the images; lay the maps one behind the other along the channels, axis 1"
ALONG_PIXELS = "axes 2 and 3 are the pixels; lay the maps one behind the other along the channels, axis 1"
ADDED = "maps of different channels cannot be added; concatenate them"
STACKED = "`torch.stack` makes a new axis; `torch.cat` lays the maps one behind the other"


def _naive(**how: Callable) -> Callable[..., nn.Module]:
    return lambda c_in, c1, c3, c5: _Beside(_conv(c_in, c1, 1), _conv(c_in, c3, 3), _conv(c_in, c5, 5), _pool(), **how)


naive = Check(
    "naive",
    reference=_naive(),
    cases=[dict(c_in=7, c1=2, c3=3, c5=5), dict(c_in=7, c1=5, c3=2, c5=3)],
    mistakes={
        "the pool branch is left out": lambda c_in, c1, c3, c5: _Beside(
            _conv(c_in, c1, 1), _conv(c_in, c3, 3), _conv(c_in, c5, 5)
        ),
        "the input itself is concatenated where its pool should be": lambda c_in, c1, c3, c5: _Beside(
            _conv(c_in, c1, 1), _conv(c_in, c3, 3), _conv(c_in, c5, 5), nn.Identity()
        ),
        "the order is 1x1, 3x3, 5x5, pool: 5x5 stands before 3x3 here": lambda c_in, c1, c3, c5: _Beside(
            _conv(c_in, c1, 1), _conv(c_in, c5, 5), _conv(c_in, c3, 3), _pool()
        ),
        "the order is 1x1, 3x3, 5x5, pool: the pool stands first here": lambda c_in, c1, c3, c5: _Beside(
            _pool(), _conv(c_in, c1, 1), _conv(c_in, c3, 3), _conv(c_in, c5, 5)
        ),
        "the order is 1x1, 3x3, 5x5, pool: the pool stands before 5x5 here": lambda c_in, c1, c3, c5: _Beside(
            _conv(c_in, c1, 1), _conv(c_in, c3, 3), _pool(), _conv(c_in, c5, 5)
        ),
        "the filters see the pooled map; every branch sees the input itself": lambda c_in, c1, c3, c5: nn.Sequential(
            _pool(), _Beside(_conv(c_in, c1, 1), _conv(c_in, c3, 3), _conv(c_in, c5, 5), nn.Identity())
        ),
        ALONG_IMAGES: _naive(join=torch.cat),
        ALONG_PIXELS: _naive(join=partial(torch.cat, dim=2)),
        ADDED: _naive(join=sum),
        STACKED: _naive(join=partial(torch.stack, dim=1)),
    },
    hints=[
        "Send the same `x` through each of the four: `self.one(x)`, `self.three(x)` and so on.",
        "`torch.cat([...], dim=1)` lays a list of maps one behind the other along the channels.",
        "`return torch.cat([self.one(x), self.three(x), self.five(x), self.pool(x)], dim=1)`",
    ],
    look=outputs(
        random(2, 7, 11, 13),
        refusals={
            "except in dimension 0": ALONG_IMAGES,
            "except in dimension [23]": ALONG_PIXELS,
            "The size of tensor a": ADDED,
            "stack expects each tensor": STACKED,
        },
    ),
)

_NAMES = ("c_in", "c1", "c3_reduce", "c3", "c5_reduce", "c5", "c_pool")
_ROWS = [(192, 64, 96, 128, 16, 32, 32), (7, 2, 3, 5, 11, 13, 17), (512, 160, 112, 224, 24, 64, 64)]


def _rows(*rows: tuple[int, ...]) -> list[dict[str, int]]:
    return [dict(zip(_NAMES, row, strict=True)) for row in rows]


def _count(c: int, c1: int, r3: int, c3: int, r5: int, c5: int, p: int) -> int:
    return c * (c1 + r3 + r5 + p) + 9 * r3 * c3 + 25 * r5 * c5


weights = Check(
    "weights",
    reference=positional(_count),
    cases=_rows(*_ROWS),
    mistakes={
        "the 1x1 filters in front of the 3x3 and the 5x5 are left out of the count": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + p) + 9 * r3 * c3 + 25 * r5 * c5
        ),
        "the 3x3 and 5x5 filters see the narrowed map, not all channels that come in": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + r3 + r5 + p + 9 * c3 + 25 * c5)
        ),
        "that is a block without reductions: a 1x1 layer has to narrow the map for the 3x3 and the 5x5": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + p + 9 * c3 + 25 * c5)
        ),
        "the 1x1 filters behind the pool are left out": positional(lambda *row: _count(*row) - row[0] * row[6]),
        "a 3x3 filter has 9 weights a channel and a 5x5 filter 25, not 3 and 5": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + r3 + r5 + p) + 3 * r3 * c3 + 5 * r5 * c5
        ),
        "a 5x5 filter has 25 weights a channel, not 5": positional(lambda *row: _count(*row) - 20 * row[4] * row[5]),
        "the 5x5 filters are counted as 3x3": positional(lambda *row: _count(*row) - 16 * row[4] * row[5]),
        "the biases are counted; only weights are asked, as in the paper's table": positional(
            lambda c, *widths: _count(c, *widths) + sum(widths)
        ),
    },
    hints=[
        "Six layers have weights: c_in x size x size x c_out each. For the second layer of a branch, what is its c_in?",
        "The 1x1 layers on the input: c_in (c1 + c3_reduce + c5_reduce + c_pool).",
        "`c_in * (c1 + c3_reduce + c5_reduce + c_pool) + 9 * c3_reduce * c3 + 25 * c5_reduce * c5`",
    ],
)


def _with(change: Callable[..., dict] = lambda *row: {}) -> Callable[..., nn.Module]:
    """Build the block with some branches changed; their order is that of the dictionary."""

    def build(c: int, c1: int, r3: int, c3: int, r5: int, c5: int, p: int) -> nn.Module:
        right = {
            "one": [_conv(c, c1, 1)],
            "three": [_conv(c, r3, 1), _conv(r3, c3, 3)],
            "five": [_conv(c, r5, 1), _conv(r5, c5, 5)],
            "pool": [_pool(), _conv(c, p, 1)],
        }
        changed = change(c, c1, r3, c3, r5, c5, p)
        order = changed.pop("order", right)
        return _Beside(*(nn.Sequential(*(right | changed)[name]) for name in order))

    return positional(build)


CHANNELS_DIFFER = (
    "a layer gets other channels than its `c_in` says: in a branch the second gets what the first makes; branches stand in "
    "`Branches`, not in a row"
)
SIZES_DIFFER = "the branches' maps differ in size: the pool needs `stride=1` and `padding=1`"

block = Check(
    "block",
    reference=_with(),
    cases=_rows((7, 2, 3, 5, 11, 13, 17), (7, 13, 5, 3, 2, 17, 11)),
    mistakes={
        "the large filters see the input; a 1x1 layer has to narrow it first": _with(
            lambda c, c1, r3, c3, r5, c5, p: {"three": [_conv(c, c3, 3)], "five": [_conv(c, c5, 5)]}
        ),
        "the 3x3 branch sees the input; a 1x1 layer has to narrow it first": _with(
            lambda c, c1, r3, c3, r5, c5, p: {"three": [_conv(c, c3, 3)]}
        ),
        "the 5x5 branch sees the input; a 1x1 layer has to narrow it first": _with(
            lambda c, c1, r3, c3, r5, c5, p: {"five": [_conv(c, c5, 5)]}
        ),
        "the 5x5 branch has the reduction of the 3x3": _with(
            lambda c, c1, r3, c3, r5, c5, p: {"five": [_conv(c, r3, 1), _conv(r3, c5, 5)]}
        ),
        "the 5x5 branch has a 3x3 filter": _with(
            lambda c, c1, r3, c3, r5, c5, p: {"five": [_conv(c, r5, 1), _conv(r5, c5, 3)]}
        ),
        "the pool branch keeps all its channels; 1x1 filters behind the pool bring them to `c_pool`": _with(
            lambda *row: {"pool": [_pool()]}
        ),
        "the pool branch has its 1x1 filters alone, and no pool": _with(lambda *row: {"pool": [_conv(row[0], row[6], 1)]}),
        "the 1x1 filters stand in front of the pool; they belong behind it": _with(
            lambda *row: {"pool": [_conv(row[0], row[6], 1), _pool()]}
        ),
        "the pool averages; Inception's takes the maximum": _with(
            lambda *row: {"pool": [_pool(nn.AvgPool2d), _conv(row[0], row[6], 1)]}
        ),
        "the two reductions are exchanged": _with(
            lambda c, c1, r3, c3, r5, c5, p: {
                "three": [_conv(c, r5, 1), _conv(r5, c3, 3)],
                "five": [_conv(c, r3, 1), _conv(r3, c5, 5)],
            }
        ),
        "the reductions are bare: norm and ReLU stand behind each convolution, so use `conv`": _with(
            lambda c, c1, r3, c3, r5, c5, p: {
                "three": [nn.Conv2d(c, r3, 1), _conv(r3, c3, 3)],
                "five": [nn.Conv2d(c, r5, 1), _conv(r5, c5, 5)],
            }
        ),
        "no norm and no ReLU: they stand behind each convolution, so use `conv`": _with(
            lambda c, c1, r3, c3, r5, c5, p: {
                "one": [nn.Conv2d(c, c1, 1)],
                "three": [nn.Conv2d(c, r3, 1), nn.Conv2d(r3, c3, 3, padding=1)],
                "five": [nn.Conv2d(c, r5, 1), nn.Conv2d(r5, c5, 5, padding=2)],
                "pool": [_pool(), nn.Conv2d(c, p, 1)],
            }
        ),
        "the 1x1 filters stand behind the large ones; they narrow the map in front of them": _with(
            lambda c, c1, r3, c3, r5, c5, p: {
                "three": [_conv(c, r3, 3), _conv(r3, c3, 1)],
                "five": [_conv(c, r5, 5), _conv(r5, c5, 1)],
            }
        ),
        CHANNELS_DIFFER: _with(lambda c, c1, r3, c3, r5, c5, p: {"three": [_conv(c, r3, 1), _conv(c, c3, 3)]}),
        SIZES_DIFFER: _with(lambda *row: {"pool": [nn.MaxPool2d(3), _conv(row[0], row[6], 1)]}),
        "the order is 1x1, 3x3, 5x5, pool: 5x5 stands before 3x3 here": _with(
            lambda *row: {"order": ("one", "five", "three", "pool")}
        ),
        "the order is 1x1, 3x3, 5x5, pool: the pool stands first here": _with(
            lambda *row: {"order": ("pool", "one", "three", "five")}
        ),
        "the order is 1x1, 3x3, 5x5, pool: the pool stands before 5x5 here": _with(
            lambda *row: {"order": ("one", "three", "pool", "five")}
        ),
        "the pool branch is left out": _with(lambda *row: {"order": ("one", "three", "five")}),
    },
    hints=[
        "A branch of two layers is `nn.Sequential(first, second)`; the second gets as many channels as the first makes.",
        '`"3x3": nn.Sequential(conv(c_in, c3_reduce, 1), conv(c3_reduce, c3, 3))`, and the 5x5 branch likewise.',
        'The last: `"pool": nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), conv(c_in, c_pool, 1))`.',
    ],
    look=outputs(
        random(2, 7, 11, 13, seed=1), refusals={"channels instead": CHANNELS_DIFFER, "except in dimension 1": SIZES_DIFFER}
    ),
)

field = Check(
    "field",
    reference=9,
    mistakes={
        "that is one block, or the way through the 3x3 filters; the widest way takes the 5x5 filters twice": 5,
        "windows do not add up as kernel sizes: the second 5x5 adds 4 pixels": 10,
        "the branches lie side by side, not one behind the other: only the widest counts in each block": 17,
        "that counts the pool as a third step of the widest way; it is a branch of its own": 13,
        "the side is asked, not the area": 81,
    },
    hints=[
        "Each way through two blocks takes one branch of each. Which way sees most, and what did lesson 03 say of two layers?",
        "A 5x5 window, and then another that adds 4: 1 + 4 + 4.",
    ],
)

contradiction = Check(
    "contradiction",
    reference="c",
    choices=("a", "b", "c", "d"),
    mistakes={
        "2.7 K weights at 112 x 112 pixels are 34 to 35 million: within rounding these two agree": "a",
        "380 K weights at 28 x 28 pixels are 305 million: within rounding these two agree": "b",
        "1072 K weights at 7 x 7 pixels are 54 million: these two agree with each other": "d",
    },
    hints=[
        "Every weight is used once at every output pixel. Weights times pixels should be the operations.",
        "1,024 times 2.7 x 112 x 112, 380 x 28 x 28, 463 x 14 x 14 and 1072 x 7 x 7. Which is far from its last column?",
    ],
)

smaller = Check(
    "smaller",
    reference=16 * 32 * (25 - 9),
    mistakes={
        "that is for one filter on one channel; there are 32 filters on 16 channels": 16,
        "the sign: how many weights *fewer* is asked, and that is a positive number": -16 * 32 * (25 - 9),
        "that is what the layer has left": 16 * 32 * 9,
        "that is what the layer should have; how many of them are missing?": 16 * 32 * 25,
        "the layer sees the 16 channels of its reduction, not the 192 of the block": 192 * 32 * 16,
        "that is for one channel; the 32 filters look at 16 channels each": 32 * 16,
    },
    hints=[
        "The name says 5x5. Which `kernel_size` does the second layer have?",
        "32 filters on 16 channels, each with 9 weights a channel in place of 25.",
    ],
)


_cross = F.cross_entropy
_LABELS = [torch.tensor([0, 2, 4, 1, 3, 2, 0]), torch.tensor([2, 0, 1, 1, 0])]

loss = Check(
    "loss",
    gradients=("last", "early", "later"),
    reference=lambda last, early, later, labels: _cross(last, labels) + 0.3 * (_cross(early, labels) + _cross(later, labels)),
    cases=[
        dict(last=random(7, 5), early=random(7, 5, seed=1), later=random(7, 5, seed=2), labels=_LABELS[0]),
        dict(last=random(5, 3, seed=3), early=random(5, 3, seed=4), later=random(5, 3, seed=5), labels=_LABELS[1]),
    ],
    mistakes={
        "the heads count in full; the paper weighs each with 0.3": lambda last, early, later, labels: (
            _cross(last, labels) + _cross(early, labels) + _cross(later, labels)
        ),
        "the heads share the 0.3; each gets all of it": lambda last, early, later, labels: (
            _cross(last, labels) + 0.15 * (_cross(early, labels) + _cross(later, labels))
        ),
        "the network's own loss is weighed with 0.3 too; it counts in full": lambda last, early, later, labels: (
            0.3 * (_cross(last, labels) + _cross(early, labels) + _cross(later, labels))
        ),
        "the 0.3 stands before the first head alone; the second gets it too": lambda last, early, later, labels: (
            _cross(last, labels) + 0.3 * _cross(early, labels) + _cross(later, labels)
        ),
        "the 0.3 stands before the second head alone; the first gets it too": lambda last, early, later, labels: (
            _cross(last, labels) + _cross(early, labels) + 0.3 * _cross(later, labels)
        ),
        "`F.cross_entropy` takes logits and does the softmax itself; here it comes twice": lambda last, early, later, labels: (
            _cross(last.softmax(1), labels) + 0.3 * (_cross(early.softmax(1), labels) + _cross(later.softmax(1), labels))
        ),
        "the heads are left out": lambda last, early, later, labels: _cross(last, labels),
        "the second head is left out": lambda last, early, later, labels: _cross(last, labels) + 0.3 * _cross(early, labels),
        "the logits are added up before the loss; each head has a loss of its own": lambda last, early, later, labels: _cross(
            last + 0.3 * (early + later), labels
        ),
    },
    hints=[
        "Three losses: `F.cross_entropy(logits, labels)` of each. The first counts in full.",
        "`F.cross_entropy(last, labels) + 0.3 * ...`, where the dots stand for the sum of the two others.",
    ],
)
