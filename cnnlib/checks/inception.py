"""Checks of lesson 05: branches side by side, their weights, a block under a budget, auxiliary classifiers, controls."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from cnnlib.checks.engine import Check, Failure, Variants, describe, digits, outputs, positional, random


class _Beside(nn.ModuleDict):
    """Run modules side by side and join their maps, by default along the channels; a stand-in for any block."""

    def __init__(self, branches: dict[str, nn.Module], join: Callable[[list[Tensor]], Tensor] = torch.hstack) -> None:
        super().__init__(branches)
        self.join = join

    def forward(self, x: Tensor) -> Tensor:
        return self.join([branch(x) for branch in self.values()])


def _conv(c_in: int, c_out: int, size: int, norm: bool = True, bias: bool = False) -> nn.Sequential:
    layer = nn.Conv2d(c_in, c_out, size, padding=size // 2, bias=bias)
    return nn.Sequential(layer, nn.BatchNorm2d(c_out) if norm else nn.Identity(), nn.ReLU())


def _bare(c_in: int, c_out: int, size: int, bias: bool = True) -> nn.Module:
    return nn.Conv2d(c_in, c_out, size, padding=size // 2, bias=bias)


def _pool(kind: Callable = nn.MaxPool2d) -> nn.Module:
    return kind(3, stride=1, padding=1)


KEYS = ("1x1", "3x3", "5x5", "pool")

left = Check(
    "left",
    reference=lambda all, read: all - read,
    mistakes={
        "{} would be right if the pool had no channels; it outputs as many channels as it reads, {read}": lambda all: all,
        "{} are the channels that the pool outputs; how many of the {all} are left for the filters?": lambda read: read,
        "{} is the sum; the pool's {read} channels are part of the {all}": lambda all, read: all + read,
        "a filter outputs one channel, however many channels it reads; the pool outputs all {read} that it reads": (
            lambda all, read: all * read
        ),
        "21 is a third of what is left; give the number of filters of all three branches together": 21,
        "the number of filters is not negative; take the pool's channels from the {all}": lambda all, read: read - all,
        "the pool works on each channel separately, so it outputs {read} channels and not one": lambda all: all - 1,
        "a third of the rest is not asked for; give the number of filters of all three branches together": (
            lambda all, read: (all - read) / 3
        ),
        "85 divides all 256 channels by three; the pool already outputs 192 of them": 85,
        "0 would be right for a block that outputs {read} channels; this one outputs {all}": lambda: 0,
        "224 are the filters of the example; there the block outputs 416 channels, not 256": 224,
        "128 is half of 256; the pool alone already outputs 192": 128,
        "416 is the output of the example; here it is 256": 416,
        "48 is a quarter of 192; the branches need not be equal, and the pool outputs all 192 channels": 48,
        "85.3 divides all 256 channels by three; the pool already outputs 192 of them": 256 / 3,
    },
    hints=[
        "A branch of K filters outputs K channels. How many does a pool output, which works on each channel separately?",
        "The four branches together output {all} channels, and the pool outputs {read} of them.",
    ],
    variants=Variants(
        dict(read=192, all=256),
        dict(read=160, all=240),
        dict(read=224, all=320),
        dict(read=256, all=384),
        wording=["reads {read} channels and outputs {all}."],
    ),
)


ALONG_IMAGES = "axis 0 counts the images; concatenate the maps along the channels, `dim=1`"
ALONG_PIXELS = "axes 2 and 3 are the pixels; concatenate the maps along the channels, `dim=1`"
ADDED = "maps with different numbers of channels cannot be added; concatenate them"
SIZES_DIFFER = (
    "the branches' maps differ in size and cannot be concatenated; each branch has to keep height and width, the pool with "
    "`stride=1, padding=1`"
)
STACKED = "`torch.stack` makes a new axis; `torch.cat` concatenates the maps along one that they have"


def _naive(
    order: tuple[str, ...] = KEYS, pool: Callable = _pool, conv: Callable = _conv, **how: Callable
) -> Callable[..., nn.Module]:
    def build(c_in: int, c1: int, c3: int, c5: int) -> nn.Module:
        branches = {"1x1": conv(c_in, c1, 1), "3x3": conv(c_in, c3, 3), "5x5": conv(c_in, c5, 5), "pool": pool()}
        return _Beside({name: branches[name] for name in order}, **how)

    return build


naive = Check(
    "naive",
    given=1,
    reference=_naive(),
    cases=[
        dict(c_in=2, c1=1, c3=1, c5=1),
        dict(c_in=7, c1=2, c3=3, c5=5),
        dict(c_in=7, c1=5, c3=2, c5=3),
    ],
    mistakes={
        "the pool branch is missing": _naive(KEYS[:3]),
        "the input itself is concatenated; concatenate its pool, `self.pool(x)`": _naive(pool=nn.Identity),
        "3x3 and 5x5 are exchanged; the order is 1x1, 3x3, 5x5, pool": _naive(("1x1", "5x5", "3x3", "pool")),
        "the pool comes first; the order is 1x1, 3x3, 5x5, pool": _naive(("pool", "1x1", "3x3", "5x5")),
        "the pool comes before 5x5; the order is 1x1, 3x3, 5x5, pool": _naive(("1x1", "3x3", "pool", "5x5")),
        "the order is reversed; it is 1x1, 3x3, 5x5, pool": _naive(KEYS[::-1]),
        "the filters read the pooled map; every branch reads the input itself": lambda **widths: nn.Sequential(
            _pool(), _naive(pool=nn.Identity)(**widths)
        ),
        ALONG_IMAGES: _naive(join=torch.cat),
        ALONG_PIXELS: _naive(join=partial(torch.cat, dim=2)),
        ADDED: _naive(join=sum),
        STACKED: _naive(join=partial(torch.stack, dim=1)),
        SIZES_DIFFER: _naive(pool=partial(nn.MaxPool2d, 3)),
        "the pool averages; Inception's takes the maximum": _naive(pool=partial(_pool, nn.AvgPool2d)),
        "there is no batch norm and no ReLU; make the three filter branches with `conv`": _naive(conv=_bare),
        "the 5x5 branch has 3x3 filters": _naive(conv=lambda a, b, size: _conv(a, b, min(size, 3))),
        "the 3x3 branch has 5x5 filters": _naive(conv=lambda a, b, size: _conv(a, b, 5 if size == 3 else size)),
        "the 1x1 branch has 3x3 filters": _naive(conv=lambda a, b, size: _conv(a, b, max(size, 3))),
        "the pool's window is 5x5; Inception's is 3x3": _naive(pool=lambda: nn.MaxPool2d(5, stride=1, padding=2)),
        "the negative numbers of the pool are replaced by 0; only the filters have a ReLU": _naive(
            pool=lambda: nn.Sequential(_pool(), nn.ReLU())
        ),
        "the numbers of filters `c3` and `c5` are exchanged": lambda c_in, c1, c3, c5: _naive()(c_in, c1, c5, c3),
        "the pool reads what the filters output; it reads the input, as they do": lambda **widths: nn.Sequential(
            _naive(KEYS[:3])(**widths), _pool()
        ),
        "the layers follow each other; they are branches, so each of them reads the input": lambda c_in, c1, c3, c5: (
            nn.Sequential(_conv(c_in, c1, 1), _conv(c1, c3, 3), _conv(c3, c5, 5), _pool())
        ),
    },
    hints=[
        "Make four attributes in `__init__`: three with `conv`, and `nn.MaxPool2d(3, stride=1, padding=1)`.",
        "In `forward`, send the same `x` through each of the four, then concatenate the list along the channels.",
        "`return torch.cat([self.one(x), self.three(x), self.five(x), self.pool(x)], dim=1)`",
    ],
    look=outputs(
        digits(1, 2, 2, 3, seed=10, low=-5, high=5),
        300 * random(2, 7, 11, 13) - 300,
        refusals={
            "except in dimension 0": ALONG_IMAGES,
            "except in dimension [23]": ALONG_PIXELS,
            "except in dimension 1|Output size is too small|Kernel size can't be greater": SIZES_DIFFER,
            "The size of tensor a": ADDED,
            "stack expects each tensor": STACKED,
        },
    ),
)

_NAMES = ("c_in", "c1", "c3_reduce", "c3", "c5_reduce", "c5", "c_pool")


def _rows(*rows: tuple[int, ...]) -> list[dict[str, int]]:
    return [dict(zip(_NAMES, row, strict=True)) for row in rows]


def _count(c: int, c1: int, r3: int, c3: int, r5: int, c5: int, p: int) -> int:
    return c * (c1 + r3 + r5 + p) + 9 * r3 * c3 + 25 * r5 * c5


count = Check(
    "count",
    reference=positional(_count),
    layers=positional(
        lambda c, c1, r3, c3, r5, c5, p: {
            "the 1x1 branch": (c, 1, c1),
            "the reduction before the 3x3 filters": (c, 1, r3),
            "the 3x3 layer": (r3, 3, c3),
            "the reduction before the 5x5 filters": (c, 1, r5),
            "the 5x5 layer": (r5, 5, c5),
            "the 1x1 layer after the pool": (c, 1, p),
        }
    ),
    cases=_rows((7, 2, 3, 5, 11, 13, 17), (192, 64, 96, 128, 16, 32, 32), (512, 160, 112, 224, 24, 64, 64)),
    mistakes={
        "the 1x1 filters before the 3x3 and the 5x5 are not counted": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + p) + 9 * r3 * c3 + 25 * r5 * c5
        ),
        "the 3x3 and 5x5 filters read the reduced map, not all `c_in` channels": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + r3 + r5 + p + 9 * c3 + 25 * c5)
        ),
        "that is a block without reductions; a 1x1 layer reduces the channels before the 3x3 and before the 5x5": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + p + 9 * c3 + 25 * c5)
        ),
        "the 1x1 filters after the pool are not counted": positional(lambda *row: _count(*row) - row[0] * row[6]),
        "the 1x1 filters of the first branch are not counted": positional(lambda *row: _count(*row) - row[0] * row[1]),
        "the 1x1 filters after the pool are counted as 3x3": positional(lambda *row: _count(*row) + 8 * row[0] * row[6]),
        "a 3x3 filter has 9 weights per channel and a 5x5 filter 25, not 3 and 5": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + r3 + r5 + p) + 3 * r3 * c3 + 5 * r5 * c5
        ),
        "a 5x5 filter has 25 weights per channel, not 5": positional(lambda *row: _count(*row) - 20 * row[4] * row[5]),
        "the 5x5 filters are counted as 3x3": positional(lambda *row: _count(*row) - 16 * row[4] * row[5]),
        "the windows are missing; a 3x3 filter has 9 weights per channel and a 5x5 filter 25": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + r3 + r5 + p) + r3 * c3 + r5 * c5
        ),
        "the biases are counted; count the weights alone, as the paper's table does": positional(
            lambda c, *widths: _count(c, *widths) + sum(widths)
        ),
        "the 1x1 filters before the 3x3 are not counted": positional(lambda *row: _count(*row) - row[0] * row[2]),
        "the 1x1 filters before the 5x5 are not counted": positional(lambda *row: _count(*row) - row[0] * row[4]),
        "the 3x3 filters are not counted": positional(lambda *row: _count(*row) - 9 * row[2] * row[3]),
        "the 5x5 filters are not counted": positional(lambda *row: _count(*row) - 25 * row[4] * row[5]),
        "the 3x3 filters read the `c3_reduce` channels of their reduction, not all `c_in`": positional(
            lambda *row: _count(*row) + 9 * (row[0] - row[2]) * row[3]
        ),
        "the 5x5 filters read the `c5_reduce` channels of their reduction, not all `c_in`": positional(
            lambda *row: _count(*row) + 25 * (row[0] - row[4]) * row[5]
        ),
        "a 3x3 filter has 9 weights per channel and a 5x5 filter 25, and not the other way round": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + r3 + r5 + p) + 25 * r3 * c3 + 9 * r5 * c5
        ),
        "a 3x3 filter has 9 weights for *each* channel of its reduction, and a 5x5 filter 25": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + r3 + r5 + p) + 9 * c3 + 25 * c5
        ),
        "that is the naive block, without its reductions and the filters after the pool": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + 9 * c3 + 25 * c5)
        ),
        "`c3` and `c5` are exchanged; the 3x3 filters read `c3_reduce`, the 5x5 filters `c5_reduce`": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + r3 + r5 + p) + 9 * r3 * c5 + 25 * r5 * c3
        ),
        "the weights of the two layers of a branch are multiplied; add them": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * c1 + 9 * c * r3 * c3 + 25 * c * r5 * c5 + c * p
        ),
        "the windows are counted twice; the reductions are 1x1": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + 9 * r3 + 25 * r5 + p) + 9 * r3 * c3 + 25 * r5 * c5
        ),
        "the filters after the pool read its `c_in` channels, not the outputs of the other branches": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + r3 + r5) + (c1 + c3 + c5) * p + 9 * r3 * c3 + 25 * r5 * c5
        ),
        "the layers are counted as a chain; the branches are side by side, and each begins with `c_in` channels": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * c1 + c1 * r3 + 9 * r3 * c3 + c3 * r5 + 25 * r5 * c5 + c5 * p
        ),
        "all filters are counted as 1x1 filters that read the input": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + r3 + c3 + r5 + c5 + p)
        ),
        "the numbers of filters `c3` and `c5` are missing; a layer has channels read x window x filters": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + r3 + r5 + p) + 9 * r3 + 25 * r5
        ),
        "the reductions are exchanged; the 3x3 filters read `c3_reduce`, the 5x5 filters `c5_reduce`": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + r3 + r5 + p) + 9 * r5 * c3 + 25 * r3 * c5
        ),
        "one reduction is counted for both branches; the 5x5 filters have one of their own, `c5_reduce`": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + r3 + p) + 9 * r3 * c3 + 25 * r3 * c5
        ),
        "the 3x3 and 5x5 filters are counted as 1x1 filters on the input as well": positional(
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + r3 + c3 + r5 + c5 + p) + 9 * r3 * c3 + 25 * r5 * c5
        ),
    },
    hints=[
        "Six layers have weights, c_in * size * size * c_out each. What is c_in for the second layer of a branch?",
        "The 1x1 layers that read the input have c_in * (c1 + c3_reduce + c5_reduce + c_pool) weights. Add the two others.",
        "`c_in * (c1 + c3_reduce + c5_reduce + c_pool) + 9 * c3_reduce * c3 + 25 * c5_reduce * c5`",
    ],
)


def _reduced(
    change: Callable[..., dict] = lambda *row: {}, order: tuple[str, ...] = KEYS, conv: Callable = _conv
) -> Callable[..., nn.Module]:
    """Build the block with some branches changed, or other layers."""

    def build(c: int, c1: int, r3: int, c3: int, r5: int, c5: int, p: int) -> nn.Module:
        right = {
            "1x1": [conv(c, c1, 1)],
            "3x3": [conv(c, r3, 1), conv(r3, c3, 3)],
            "5x5": [conv(c, r5, 1), conv(r5, c5, 5)],
            "pool": [_pool(), conv(c, p, 1)],
        }
        branches = right | change(c, c1, r3, c3, r5, c5, p)
        return _Beside({name: nn.Sequential(*branches[name]) for name in order})

    return positional(build)


def _bare_reductions(bias: bool) -> Callable[..., nn.Module]:
    return _reduced(
        lambda c, c1, r3, c3, r5, c5, p: {
            "3x3": [_bare(c, r3, 1, bias), _conv(r3, c3, 3)],
            "5x5": [_bare(c, r5, 1, bias), _conv(r5, c5, 5)],
        }
    )


CHANNELS_DIFFER = (
    "a layer reads another number of channels than it is given; the second layer of a branch reads what the first outputs, and "
    "every branch reads the block's input"
)

reduced = Check(
    "reduced",
    reference=_reduced(),
    cases=_rows((2, 1, 2, 1, 1, 1, 1), (7, 2, 3, 5, 11, 13, 17), (7, 13, 5, 3, 2, 17, 11)),
    mistakes={
        "the 3x3 and the 5x5 filters read the input; a 1x1 layer has to reduce its channels first": _reduced(
            lambda c, c1, r3, c3, r5, c5, p: {"3x3": [_conv(c, c3, 3)], "5x5": [_conv(c, c5, 5)]}
        ),
        "the 3x3 filters read the input; a 1x1 layer has to reduce its channels first": _reduced(
            lambda c, c1, r3, c3, r5, c5, p: {"3x3": [_conv(c, c3, 3)]}
        ),
        "the 5x5 filters read the input; a 1x1 layer has to reduce its channels first": _reduced(
            lambda c, c1, r3, c3, r5, c5, p: {"5x5": [_conv(c, c5, 5)]}
        ),
        "the 5x5 branch has the reduction of the 3x3; it has one of its own, `c5_reduce`": _reduced(
            lambda c, c1, r3, c3, r5, c5, p: {"5x5": [_conv(c, r3, 1), _conv(r3, c5, 5)]}
        ),
        "the 5x5 branch has a 3x3 filter": _reduced(
            lambda c, c1, r3, c3, r5, c5, p: {"5x5": [_conv(c, r5, 1), _conv(r5, c5, 3)]}
        ),
        "the pool branch has no 1x1 filters; add them after the pool, from `c_in` channels to `c_pool`": _reduced(
            lambda *row: {"pool": [_pool()]}
        ),
        "the pool branch has no pool; its 1x1 filters read the pooled map": _reduced(
            lambda *row: {"pool": [_conv(row[0], row[6], 1)]}
        ),
        "the 1x1 filters come before the pool; they belong after it": _reduced(
            lambda *row: {"pool": [_conv(row[0], row[6], 1), _pool()]}
        ),
        "the pool averages; Inception's takes the maximum": _reduced(
            lambda *row: {"pool": [_pool(nn.AvgPool2d), _conv(row[0], row[6], 1)]}
        ),
        "the two reductions are exchanged; `c3_reduce` belongs to the 3x3 branch, `c5_reduce` to the 5x5 branch": _reduced(
            lambda c, c1, r3, c3, r5, c5, p: {
                "3x3": [_conv(c, r5, 1), _conv(r5, c3, 3)],
                "5x5": [_conv(c, r3, 1), _conv(r3, c5, 5)],
            }
        ),
        "the reductions have no batch norm and no ReLU; build them with `conv` as well": _bare_reductions(bias=True),
        "the reductions have neither batch norm nor ReLU; build them with `conv` as well": _bare_reductions(bias=False),
        "there is no batch norm and no ReLU; build every convolution with `conv`": _reduced(conv=_bare),
        "there is neither batch norm nor ReLU; build every convolution with `conv`": _reduced(conv=partial(_bare, bias=False)),
        "there is no batch norm; build every convolution with `conv`": _reduced(conv=partial(_conv, norm=False)),
        "there are biases in place of batch norm; build every convolution with `conv`": _reduced(
            conv=partial(_conv, norm=False, bias=True)
        ),
        "the 1x1 filters come after the 3x3 and the 5x5; they have to reduce the channels before": _reduced(
            lambda c, c1, r3, c3, r5, c5, p: {
                "3x3": [_conv(c, r3, 3), _conv(r3, c3, 1)],
                "5x5": [_conv(c, r5, 5), _conv(r5, c5, 1)],
            }
        ),
        CHANNELS_DIFFER: _reduced(lambda c, c1, r3, c3, r5, c5, p: {"3x3": [_conv(c, r3, 1), _conv(c, c3, 3)]}),
        SIZES_DIFFER: _reduced(lambda *row: {"pool": [nn.MaxPool2d(3), _conv(row[0], row[6], 1)]}),
        "3x3 and 5x5 are exchanged; the order is 1x1, 3x3, 5x5, pool": _reduced(order=("1x1", "5x5", "3x3", "pool")),
        "the pool comes first; the order is 1x1, 3x3, 5x5, pool": _reduced(order=("pool", "1x1", "3x3", "5x5")),
        "the pool comes before 5x5; the order is 1x1, 3x3, 5x5, pool": _reduced(order=("1x1", "3x3", "pool", "5x5")),
        "the order is reversed; it is 1x1, 3x3, 5x5, pool": _reduced(order=KEYS[::-1]),
        "the pool branch is missing": _reduced(order=KEYS[:3]),
        "the numbers of filters `c3` and `c5` are exchanged": _reduced(
            lambda c, c1, r3, c3, r5, c5, p: {
                "3x3": [_conv(c, r3, 1), _conv(r3, c5, 3)],
                "5x5": [_conv(c, r5, 1), _conv(r5, c3, 5)],
            }
        ),
    },
    hints=[
        "A branch of two layers is `nn.Sequential(first, second)`; the second reads as many channels as the first outputs.",
        '`"3x3": nn.Sequential(conv(c_in, c3_reduce, 1), conv(c3_reduce, c3, 3))`, and the 5x5 branch likewise.',
        'The last: `"pool": nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), conv(c_in, c_pool, 1))`.',
    ],
    look=outputs(
        digits(1, 2, 2, 3, seed=46, low=-5, high=5),
        300 * random(2, 7, 11, 13, seed=1),
        refusals={
            "channels instead": CHANNELS_DIFFER,
            "except in dimension 1|Output size is too small|Kernel size can't be greater": SIZES_DIFFER,
        },
        keys=KEYS,
    ),
)


def _design(widths: Any) -> str:
    """Say that six widths meet the conditions of the exercise; raises Failure with the first that they do not."""
    try:
        row = [int(number) for number in widths if float(number) == int(number)]
        c1, r3, c3, r5, c5, p = row
    except (TypeError, ValueError, OverflowError, RuntimeError):
        names = ", ".join(_NAMES[1:])
        raise Failure(f"expected six whole numbers, {names}, got {describe(widths)}") from None
    out, total = c1 + c3 + c5 + p, _count(192, c1, r3, c3, r5, c5, p)
    conditions = {
        f"every width is at least 1; the smallest here is {min(row)}": min(row) >= 1,
        f"the block outputs c1 + c3 + c5 + c_pool = {out} channels instead of 256": out == 256,
        f"`c3`, the third number, is {c3}; at least 128 output channels come from 3x3 filters": c3 >= 128,
        f"`c5`, the fifth number, is {c5}; at least 64 output channels come from 5x5 filters": c5 >= 64,
        f"`c3_reduce`, the second number, is {r3}, less than a quarter of the {c3} filters that read it": 4 * r3 >= c3,
        f"`c5_reduce`, the fourth number, is {r5}, less than a quarter of the {c5} filters that read it": 4 * r5 >= c5,
        f"the block has {total:,} weights, {total - 100_000:,} more than the budget": total <= 100_000,
    }
    for sentence, holds in conditions.items():
        if not holds:
            raise Failure(sentence)
    return "all conditions are met"


design = Check(
    "design",
    reference=(32, 32, 128, 16, 64, 32),
    mistakes={
        "the block has 169,984 weights, 69,984 more than the budget": (32, 96, 128, 16, 64, 32),
        "the block outputs c1 + c3 + c5 + c_pool = 288 channels instead of 256": (64, 32, 128, 16, 64, 32),
        "`c3`, the third number, is 96; at least 128 output channels come from 3x3 filters": (64, 32, 96, 16, 64, 32),
        "`c5`, the fifth number, is 32; at least 64 output channels come from 5x5 filters": (64, 96, 128, 16, 32, 32),
        "`c3_reduce`, the second number, is 16, less than a quarter of the 128 filters that read it": (32, 16, 128, 16, 64, 32),
        "`c5_reduce`, the fourth number, is 8, less than a quarter of the 64 filters that read it": (32, 32, 128, 8, 64, 32),
        "every width is at least 1; the smallest here is 0": (64, 32, 128, 16, 64, 0),
    },
    hints=[
        "Begin with the output channels: 128 and 64 leave 64 for `c1` and `c_pool`. How these are divided changes no count.",
        "What is left to choose are the reductions. A quarter of 128 and a quarter of 64 are the smallest that are allowed.",
        "With 32 and 16 as reductions the block has 83,968 weights. The outputs are 128, 64, and 64 for the two others.",
    ],
    look=_design,
)

field = Check(
    "field",
    reference=9,
    mistakes={
        "5 is the field of one block, or of the 3x3 branches alone; the widest path takes the 5x5 branch twice": 5,
        "10 is the sum of two kernel sizes; windows overlap, so the second 5x5 adds 4 pixels": 10,
        "17 is the field of all filters in a row; the branches are side by side, so only the widest counts in each block": 17,
        "7 is what you get with a 5x5 branch and a 3x3 branch; the widest path takes the 5x5 branch twice": 7,
        "13 has more than two 5x5 windows on a path; the branches are side by side, and the pool is one of them": 13,
        "81 is the area; give the number of pixels along one side": 81,
        "25 is the area of one 5x5 window; give the side of what two of them see": 25,
        "8 leaves out a pixel: a first 5x5 window sees 5, and a second adds 4": 8,
        "6 adds one pixel; a second 5x5 window adds two pixels on each side": 6,
        "1 is the narrowest path, through the 1x1 filters; the field of a block is that of the path that sees most": 1,
        "3 is the field of one 3x3 window; the widest path takes a 5x5 window in each block": 3,
        "11 adds 6 pixels for the second block; a second 5x5 window adds 4": 11,
        "50 is 2 x 25; give the number of pixels along one side of what two 5x5 windows see": 50,
    },
    hints=[
        "Each path through two blocks takes one branch of each. Which path sees most, by the recurrence for two layers?",
        "The first 5x5 window sees 5 pixels. How many does a second one add?",
        "A 5x5 window, and then another that adds 4: 1 + 4 + 4.",
    ],
)

smaller = Check(
    "smaller",
    reference=16 * 32 * (25 - 9),
    mistakes={
        "16 is for one kernel; there are 32 filters, and each has a kernel for each of 16 channels": 16,
        "the sign: count how many weights *fewer* the branch has, which is a positive number": -16 * 32 * (25 - 9),
        "4,608 is what the layer has left; how many are missing?": 16 * 32 * 9,
        "12,800 is what the layer should have; how many of them are missing?": 16 * 32 * 25,
        "the 5x5 filters read the 16 channels of their reduction, not the 192 of the block": 192 * 32 * 16,
        "512 is the number of kernels; how many weights fewer does each of them have?": 32 * 16,
        "256 is for one filter, which reads 16 channels; the layer has 32 filters": 16 * 16,
        "1,024 takes 5 - 3 weights from each kernel; a 5x5 window has 25 weights and a 3x3 window 9": 16 * 32 * 2,
        "196,608 belongs to the 3x3 branch, which is as in the paper; look at the other branch with two layers": 96 * 128 * 16,
        "0.64 is the share of the layer's weights that are missing; give their number": 0.64,
        "155,136 is how many weights the block has left; how many are missing?": 155_136,
        "64 is the share of the layer in percent; give the number of weights": 64,
        "11,264 counts the 1x1 layer before as well; it is as in the paper": 8192 + 192 * 16,
        "7,680 is what the branch has left; how many weights are missing?": 192 * 16 + 16 * 32 * 9,
        "32,768 takes the 128 filters of the 3x3 branch; this layer has 32 filters": 16 * 128 * 16,
        "15,872 is what the branch has in the paper; how many weights are missing?": 192 * 16 + 16 * 32 * 25,
    },
    hints=[
        "The layer's name says 5x5. Which `kernel_size` does it have?",
        "32 filters read 16 channels each, with 9 weights per channel where there should be 25.",
    ],
)


reach = Check(
    "reach",
    reference="c",
    choices=("a", "b", "c", "d"),
    mistakes={
        "the stages after 4d take no part in this prediction, so changing their weights does not change this loss": "a",
        "the prediction also depends on all stages that compute the input of 4d, so the gradient reaches them too": "b",
        "the stages after 4d take no part in this prediction; the gradient flows back towards the image": "d",
    },
    hints=[
        "A stage has a gradient if changing its weights changes the loss. Which stages take part in this prediction?",
        "The classifier reads the output of 4d, which is computed from the image by all stages up to 4d.",
    ],
)

differs = Check(
    "differs",
    reference="d",
    choices=("a", "b", "c", "d"),
    mistakes={
        "equal numbers of parameters do not make all else equal: compare the depth, the channels and the receptive fields": "a",
        "more channels are one difference; the longest path through two blocks also has four layers instead of two": "b",
        "a longer path is one difference; the blocks also output 64 channels instead of 32": "c",
    },
    hints=[
        "Compare four things: branches, layers on the longest path, output channels, receptive field.",
        "The longest path has four layers instead of two, and 64 channels come out instead of 32. What do 5x5 windows change?",
    ],
)
