"""Checks of lesson 05: a residual block, gradients through a stack, three shortcuts, exact parameters, two errors in print."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.checks.engine import Check, layer, outputs, positional, random


class _Layer(nn.Conv2d):
    def __repr__(self) -> str:  # as it stands in the line of a check
        return "a 3x3 layer"


def _body_of(channels: int, seed: int) -> nn.Module:
    return layer(_Layer, channels, channels, 3, padding=1, seed=seed, scale=1 / 3)


blocks = Check(
    "blocks",
    reference=9,
    mistakes={
        "the first convolution and the fully connected layer are layers too, and stand in no block": 10,
        "that is how many layers stand in blocks; a block has two": 18,
        "only one layer is taken off; the first convolution and the fully connected one both stand outside": 9.5,
        "that is the depth of the network itself": 20,
    },
    hints=["Which layers of the 20 stand in no block? Take them off first.", "(20 - 2) layers, two a block."],
)

residual = Check(
    "residual",
    reference=lambda x, body: F.relu(x + body(x)),
    cases=[dict(x=random(2, 3, 7, 5), body=_body_of(3, seed=1)), dict(x=random(3, 5, 11, 7, seed=3), body=_body_of(5, seed=4))],
    mistakes={
        "the shortcut is missing: `x` itself is added to what the body makes of it": lambda x, body: F.relu(body(x)),
        "the ReLU comes before the sum, so that a block could only add and never take away": lambda x, body: (
            x + F.relu(body(x))
        ),
        "the ReLU behind the sum is missing": lambda x, body: x + body(x),
        "there is a ReLU before the sum as well, so that a block can only add and never take away": lambda x, body: F.relu(
            x + F.relu(body(x))
        ),
        "shortcut and body are multiplied; the block adds them": lambda x, body: F.relu(x * body(x)),
        "the shortcut is subtracted; the block adds it": lambda x, body: F.relu(body(x) - x),
        "the two are concatenated; the block adds them, so that the channels stay as many": lambda x, body: F.relu(
            torch.cat([x, body(x)], 1)
        ),
        "the two are averaged; the block adds them, and `x` passes whole": lambda x, body: F.relu((x + body(x)) / 2),
        "`x` goes through a ReLU on the shortcut; it has to pass unchanged": lambda x, body: F.relu(F.relu(x) + body(x)),
    },
    hints=["Two steps: the sum of `x` and `body(x)`, then `F.relu` of the sum.", "`return F.relu(x + body(x))`"],
)

gradient = Check(
    "gradient",
    reference=1.1**10,
    mistakes={
        "that is without the shortcuts: each block would multiply by 0.1": 0.1**10,
        "the blocks stand one behind the other: their factors are multiplied, not added up": 2.0,
        "the shortcut alone has slope 1, but the body adds its own 0.1 in each block": 1.0,
        "that is one block": 1.1,
        "that is the sum of ten factors; blocks one behind the other multiply": 11.0,
    },
    hints=["The slope of x + f(x) is 1 + f'(x). What is it here?", "Ten factors of 1.1: `1.1 ** 10`."],
    within=0.01,
)

cause = Check(
    "cause",
    reference="c",
    choices=("a", "b", "c"),
    mistakes={
        "overfitting is a low training loss beside a high test loss; here the training loss itself is high": "a",
        "look at the measured gradients: with batch norm the first layers of plain-20 get more than the last, not less": "b",
    },
    hints=[
        "Two measurements stand above: the training loss of 8 and 20 layers, and the gradients before training.",
        "Overfitting would show in a low training loss, vanishing in small gradients at the first blocks. Did either?",
    ],
)


def _pad(x: Tensor, c_out: int, before: int = 0) -> Tensor:
    return F.pad(x, (0, 0, 0, 0, before, c_out - x.shape[1] - before))


zero_padded = Check(
    "zero_padded",
    reference=lambda x, c_out, stride: _pad(x[:, :, ::stride, ::stride], c_out),
    cases=[
        dict(x=random(2, 3, 11, 7), c_out=7, stride=2),
        dict(x=random(3, 2, 7, 13, seed=1), c_out=5, stride=3),
        dict(x=random(2, 5, 3, 7, seed=2), c_out=11, stride=1),
    ],
    mistakes={
        words: positional(wrong)
        for words, wrong in {
            "the pixels are averaged; take every `stride`-th one as it is": lambda x, c, s: _pad(F.avg_pool2d(x, s), c),
            "the largest pixels are taken; take every `stride`-th one": lambda x, c, s: _pad(F.max_pool2d(x, s), c),
            "the zeros stand before the channels; here they come behind": lambda x, c, s: _pad(
                x[:, :, ::s, ::s], c, c - x.shape[1]
            ),
            "half of the zeros stand before the channels (a well-known variant); here all come behind": lambda x, c, s: _pad(
                x[:, :, ::s, ::s], c, (c - x.shape[1]) // 2
            ),
            "the channels are repeated; the new ones are zero": lambda x, c, s: x.repeat(1, c, 1, 1)[:, :c, ::s, ::s],
            "`stride` is ignored": lambda x, c, s: _pad(x, c),
            "only the rows are thinned out; the columns are as well": lambda x, c, s: _pad(x[:, :, ::s], c),
            "the first pixel kept is number 0, as in a strided convolution": lambda x, c, s: _pad(
                x[:, :, s - 1 :: s, s - 1 :: s], c
            ),
            "the first row and column are left out; the first pixel kept is number 0": lambda x, c, s: _pad(
                x[:, :, 1::s, 1::s], c
            ),
            "every second pixel is taken, whatever `stride` says": lambda x, c, s: _pad(x[:, :, ::2, ::2], c),
            "`c_out` channels are added; the result has `c_out` in all": lambda x, c, s: _pad(
                x[:, :, ::s, ::s], c + x.shape[1]
            ),
            "the width grew: `F.pad` starts with the last axis, channels are the third pair": lambda x, c, s: F.pad(
                x[:, :, ::s, ::s], (0, c - x.shape[1])
            ),
            "the height grew: `F.pad` starts with the last axis, channels are the third pair": lambda x, c, s: F.pad(
                x[:, :, ::s, ::s], (0, 0, 0, c - x.shape[1])
            ),
            "the channels are not padded": lambda x, c, s: x[:, :, ::s, ::s],
        }.items()
    },
    hints=[
        "`x[:, :, ::stride, ::stride]` takes every `stride`-th row and column.",
        "How many channels are missing? `c_out - x.shape[1]`: they are the right number of the third pair of `F.pad`.",
        "`F.pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, 0, c_out - x.shape[1]))`",
    ],
)


def _conv(c_in: int, c_out: int, size: int, stride: int = 1, bias: bool = False) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(c_in, c_out, size, stride, size // 2, bias=bias), nn.BatchNorm2d(c_out))


def _body(
    c_in: int, c_out: int, stride: int, second: int = 1, between: Callable = nn.ReLU, bias: bool = False
) -> nn.Sequential:
    return nn.Sequential(_conv(c_in, c_out, 3, stride, bias), between(), _conv(c_out, c_out, 3, second, bias))


def _project(c_in: int, c_out: int, stride: int, size: int = 1, bias: bool = False) -> nn.Sequential:
    return _conv(c_in, c_out, size, stride, bias)


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


SIZES_DIFFER = "shortcut and body differ in height and width: both need the stride, once; `nn.Identity()` fits only if it is 1"
CHANNELS_DIFFER = "shortcut and body differ in their channels: `nn.Identity()` fits only if `c_in == c_out` as well"


block = Check(
    "block",
    reference=_blocks(),
    look=outputs(
        random(2, 3, 11, 7),
        refusals={
            "must match the size of tensor .* dimension 1$": CHANNELS_DIFFER,
            "must match the size of tensor": SIZES_DIFFER,
        },
    ),
    cases=[dict(c_in=3, c_out=c_out, stride=stride) for c_out, stride in [(3, 1), (5, 2), (5, 1), (3, 2)]],
    mistakes={
        "the shortcut is missing": _blocks(join=lambda y, past: F.relu(y)),
        "the ReLU behind the sum is missing": _blocks(join=lambda y, past: y + past),
        "the ReLU stands before the sum and not behind it": _blocks(join=lambda y, past: F.relu(y) + past),
        "there is a ReLU before the sum as well; only the sum goes through one": _blocks(
            join=lambda y, past: F.relu(F.relu(y) + past)
        ),
        "shortcut and body are multiplied; the block adds them": _blocks(join=lambda y, past: F.relu(y * past)),
        "there is a projection even where the shape stays; there `x` passes unchanged": _blocks(stays=lambda *shape: False),
        "the projection is 3x3; option B takes a 1x1 layer": _blocks(project=lambda i, o, s: _project(i, o, s, size=3)),
        "the projection has no batch norm": _blocks(project=lambda i, o, s: nn.Conv2d(i, o, 1, s, bias=False)),
        "the projection has a bias and no batch norm; it is the other way round": _blocks(
            project=lambda i, o, s: nn.Conv2d(i, o, 1, s)
        ),
        "the projection's convolution has a bias; the batch norm behind it has one": _blocks(
            project=lambda i, o, s: _project(i, o, s, bias=True)
        ),
        "all convolutions have a bias; use `conv`, whose batch norm has one": _blocks(
            body=lambda *shape: _body(*shape, bias=True), project=lambda i, o, s: _project(i, o, s, bias=True)
        ),
        SIZES_DIFFER: _blocks(stays=lambda i, o, s: i == o),
        CHANNELS_DIFFER: _blocks(stays=lambda i, o, s: s == 1),
        "the projection has a ReLU; it is a convolution and a batch norm": _blocks(
            project=lambda i, o, s: nn.Sequential(_project(i, o, s), nn.ReLU())
        ),
        "the second 3x3 layer strides; the first one does": _blocks(body=lambda i, o, s: _body(i, o, 1, second=s)),
        "`stride` is ignored": lambda c_in, c_out, stride: _blocks()(c_in, c_out, 1),
        "the ReLU between the two 3x3 layers is missing": _blocks(body=lambda *shape: _body(*shape, between=nn.Identity)),
        "the 3x3 layers have a bias; use `conv`, whose batch norm has one": _blocks(
            body=lambda *shape: _body(*shape, bias=True)
        ),
        "the body has no batch norm; use `conv`": _blocks(
            body=lambda i, o, s: nn.Sequential(
                nn.Conv2d(i, o, 3, s, 1, bias=False), nn.ReLU(), nn.Conv2d(o, o, 3, padding=1, bias=False)
            )
        ),
        "the body has one 3x3 layer; a basic block has two": _blocks(body=lambda i, o, s: _conv(i, o, 3, s)),
    },
    hints=[
        "The body is that of section 5.1, but its first 3x3 layer takes `c_in` channels and the stride.",
        "The shape stays if `stride == 1 and c_in == c_out`: then `nn.Identity()`, else `conv(c_in, c_out, 1, stride)`.",
        "In `__init__` make `self.body` and `self.shortcut`; `forward` is `return F.relu(self.shortcut(x) + self.body(x))`.",
    ],
)

halving = Check(
    "halving",
    reference=56,
    mistakes={
        "that is the paper's network, with its max pool and a stride in three stages; follow the line of code": 7,
        "that is what the comment says; the list is empty in the first stage only": 14,
        "the first convolution strides, and then one stage does: which one?": 112,
        "one stage strides, the first; the list is never empty again": 28,
    },
    hints=[
        "In which of the four stages is the list `blocks` still empty?",
        "224, 112 behind the first convolution; then one stage of four halves.",
    ],
)


def _count(n: int, widths: tuple[int, ...] = (16, 32, 64), norm: int = 2, project: bool = False, grow: bool = True) -> int:
    """Count a CIFAR ResNet with `norm` numbers a channel in each batch norm."""
    total, c_in = 27 * widths[0] + norm * widths[0], widths[0]
    for width in widths:
        total += 9 * (c_in if grow else width) * width + (2 * n - 1) * 9 * width * width + 2 * n * norm * width
        total += c_in * width + norm * width if project and c_in != width else 0
        c_in = width
    return total + 10 * c_in + 10


cifar_parameters = Check(
    "cifar_parameters",
    reference=_count,
    cases=[dict(n=n) for n in (3, 5, 9, 18)],
    mistakes={
        "the batch norms are forgotten: each learns two numbers a channel": lambda n: _count(n, norm=0),
        "a batch norm learns two numbers a channel, a scale and a shift": lambda n: _count(n, norm=1),
        "the batch norms' running means and variances are counted; they are not learned": lambda n: _count(n, norm=4),
        "the convolutions have no bias here; the batch norm behind each has one": lambda n: _count(n, norm=3),
        "projections are counted; option A has none": lambda n: _count(n, project=True),
        "the first layer of a stage takes the channels of the stage before: 16 into 32, 32 into 64": lambda n: _count(
            n, grow=False
        ),
        "these are ImageNet's channels, 64 to 256; CIFAR's are 16, 32, 64": lambda n: _count(n, (64, 128, 256)),
        "the fully connected layer's 10 biases are forgotten": lambda n: _count(n) - 10,
        "the fully connected layer is forgotten": lambda n: _count(n) - 650,
        "the first convolution is forgotten: 3 channels into 16, and its batch norm": lambda n: _count(n) - 464,
        "the first convolution's batch norm is forgotten": lambda n: _count(n) - 32,
    },
    hints=[
        "Start with a layer of the body and its batch norm: 9 * c_in * c_out + 2 * c_out.",
        "A stage of width w has 2n such layers; all take w channels but the first, which takes those of the stage before.",
        "First convolution 9 * 3 * 16 + 2 * 16, three stages, then 64 * 10 + 10. For n = 3: 464, 14,016 in the first stage, "
        "51,072, 203,520 and 650.",
    ],
)
