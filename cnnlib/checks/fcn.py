"""Checks of lesson 07: a fully connected layer as a convolution, transposed convolution, skips, mean IoU."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.checks.engine import Check, layer, outputs, random

weights = Check(
    "weights",
    reference=65_536,
    mistakes={
        "that is a 1x1 kernel; the filter has to see the whole 4 x 4 map, as the linear layer does": 4_096,
        "that is one filter; there are 64": 1_024,
        "that is one filter on one channel; there are 64 filters, each with 64 channels": 16,
        "the biases are left out here": 65_600,
        "the size of the output is counted in; on a 4 x 4 map the kernel has one place to stand": 1_048_576,
    },
    hints=[
        "A number of the linear layer's output weighs all 64 x 4 x 4 numbers of the map. What kernel sees as much at once?",
        "64 filters of 64 channels of 4 x 4 pixels. Compare with the 1,024 x 64 weights of the linear layer.",
    ],
)


def _as_convolution(
    linear: nn.Linear, channels: int, size: int, order: Callable[[Tensor], Tensor] = lambda w: w, bias: bool = True
) -> nn.Conv2d:
    layer = nn.Conv2d(channels, linear.out_features, size)
    layer.weight = nn.Parameter(order(linear.weight.detach().view(-1, channels, size, size)).contiguous())
    layer.bias = nn.Parameter(linear.bias.detach().clone() if bias else torch.zeros(linear.out_features))
    return layer


as_convolution = Check(
    "as_convolution",
    reference=_as_convolution,
    cases=[
        dict(linear=layer(nn.Linear, 75, 7).float(), channels=3, size=5),
        dict(linear=layer(nn.Linear, 48, 11).float(), channels=3, size=4),
    ],
    look=outputs(random(2, 3, 9, 8, seed=3), own_weights=True),
    mistakes={
        "the weights are cut up with the channels last; flatten runs through a map's rows first, and channel after channel": (
            lambda linear, channels, size: _as_convolution(
                linear, channels, size, lambda w: w.reshape(len(w), size, size, channels).permute(0, 3, 1, 2)
            )
        ),
        "rows and columns of the kernel are exchanged": lambda linear, channels, size: _as_convolution(
            linear, channels, size, lambda w: w.transpose(2, 3)
        ),
        "the kernel is flipped; torch's convolution does not flip it": lambda linear, channels, size: _as_convolution(
            linear, channels, size, lambda w: w.flip(2, 3)
        ),
        "the bias is forgotten": lambda linear, channels, size: _as_convolution(linear, channels, size, bias=False),
        "the layer has new weights; those of the linear layer have to be copied into it": (
            lambda linear, channels, size: _as_convolution(linear, channels, size, lambda w: 0 * w + 0.01)
        ),
    },
    hints=[
        "Make an `nn.Conv2d(channels, linear.out_features, size)` and give it the weights: which shape do they need?",
        "`linear.weight.view(-1, channels, size, size)` is in the right order already, because flatten ran in this order.",
        '`conv.load_state_dict({"weight": linear.weight.view_as(conv.weight), "bias": linear.bias})`, then return it.',
    ],
)

grid = Check(
    "grid",
    reference=17,
    mistakes={
        "the window is ignored: it has to fit into the image as a whole": 20,
        "the windows lie side by side; they move on by 8 pixels, not by their size": 5,
        "the first place is forgotten: + 1": 16,
        "that is all places; asked is the number along one side": 289,
        "that is the number of pixels over which the window can move": 128,
    },
    hints=["The first window starts at pixel 0, the last one at pixel 160 - 32.", "(160 - 32) / 8 + 1, as in lesson 01."],
)

unequal = Check(
    "unequal",
    reference="b",
    choices=("a", "b", "c"),
    mistakes={
        "rounding makes differences near 0.00001; these are near the size of the scores": "a",
        "in eval mode batch norm uses stored statistics, the same for one crop and for a whole scene": "c",
    },
    hints=[
        "What stands beside a crop's outermost pixels when the first 3x3 layer runs over them? And in the scene?",
        "A crop ends, so its border is padded with zeros, in each of the layers. In the scene the neighbours are there.",
    ],
)


def _stamp(x: Tensor, weight: Tensor, stride: int) -> Tensor:
    return F.conv_transpose2d(x, weight, stride=stride)


def _overwritten(x: Tensor, weight: Tensor, stride: int) -> Tensor:
    """Stamp row by row, the later stamp over the earlier one."""
    (n, _, h, w), (_, k, r, s) = x.shape, weight.shape
    out = x.new_zeros(n, k, (h - 1) * stride + r, (w - 1) * stride + s)
    for i in range(h):
        for j in range(w):
            rows, columns = slice(i * stride, i * stride + r), slice(j * stride, j * stride + s)
            out[:, :, rows, columns] = torch.einsum("nc,ckrs->nkrs", x[:, :, i, j], weight)
    return out


def _on_canvas(stamps: Tensor, x: Tensor, weight: Tensor, stride: int) -> Tensor:
    """Put what lies too close into a canvas of the right size."""
    out = torch.zeros_like(_stamp(x, weight, stride))
    out[:, :, : stamps.shape[2], : stamps.shape[3]] = stamps
    return out


transposed = Check(
    "transposed",
    reference=_stamp,
    cases=[
        dict(x=random(2, 3, 4, 5), weight=random(3, 2, 5, 4, seed=1), stride=2),
        dict(x=random(1, 2, 3, 7, seed=2), weight=random(2, 5, 3, 4, seed=3), stride=3),
        dict(x=random(2, 5, 7, 3, seed=4), weight=random(5, 3, 4, 2, seed=5), stride=1),
    ],
    mistakes={
        "a stamp wipes out what lies under it; where stamps overlap they add up: `+=`": _overwritten,
        "`stride` is ignored": lambda x, weight, stride: _stamp(x, weight, 1),
        "the size heeds `stride`, but the stamps lie one pixel apart: pixel (i, j) stamps from (i * stride, j * stride)": (
            lambda x, weight, stride: _on_canvas(_stamp(x, weight, 1), x, weight, stride)
        ),
        "the kernel is flipped; it is stamped as it is": lambda x, weight, stride: _stamp(x, weight.flip(2, 3), stride),
        "rows and columns of the kernel are exchanged": lambda x, weight, stride: _stamp(x, weight.transpose(2, 3), stride),
        "the result is cut off: (H - 1) stride + R rows": lambda x, weight, stride: _stamp(x, weight, stride)[
            :, :, : x.shape[2] * stride, : x.shape[3] * stride
        ],
        "there are empty rows at the end: (H - 1) stride + R of them are enough": lambda x, weight, stride: F.pad(
            _stamp(x, weight, stride), (0, stride, 0, stride)
        ),
        "only the first channel is stamped; the stamps of all channels add up": lambda x, weight, stride: _stamp(
            x[:, :1], weight[:1], stride
        ),
    },
    hints=[
        "Two loops over the pixels of `x`. Pixel (i, j) stamps rows i * stride to i * stride + R - 1, columns likewise.",
        'One stamp for all images: `torch.einsum("nc,ckrs->nkrs", x[:, :, i, j], weight)`. Start from `x.new_zeros(...)`.',
        "The output has (H - 1) * stride + R rows; `out[:, :, rows, columns] += stamp`.",
    ],
)

size = Check(
    "size",
    reference=13,
    mistakes={
        "twice the input is the intention, but the formula gives another number": 14,
        "`padding` takes pixels away here, one on each side": 15,
        "`padding` takes pixels away here, it adds none": 17,
        "that is the convolution; the transposed one goes the other way": 4,
        "the last stamp starts at 2 * 6, and it is 3 pixels wide": 12,
    },
    hints=[
        "Seven stamps, 2 pixels apart, the last one 3 wide. Then one pixel is cut off each side.",
        "(7 - 1) * 2 + 3 - 2 * 1.",
    ],
)

inverse = Check(
    "inverse",
    reference="c",
    choices=("a", "b", "c"),
    mistakes={
        "look at the printed image and at what came back: the numbers differ by far more than rounding": "a",
        "no kernel undoes a convolution that makes 3 numbers of 5: two of them are gone": "b",
    },
    hints=[
        "Compare the last printed line with the image it should have come back to.",
        "The matrix is turned over, not inverted: the places are those of the image, the values are not.",
    ],
)


def _double(x: Tensor) -> Tensor:
    """Enlarge by 2 with weights that no interpolation has: an answer has to use the function that it is given."""
    kernel = torch.tensor([[0.9, 1.2], [0.7, 1.1]]).to(x).expand(x.shape[1], 1, 2, 2)
    return F.conv_transpose2d(x, kernel, stride=2, groups=x.shape[1])


def _fused(scores: Sequence[Tensor], double: Callable[[Tensor], Tensor]) -> Tensor:
    total = scores[0]
    for finer in scores[1:]:
        total = double(total) + finer
    return total


def _last_pair(scores: Sequence[Tensor], double: Callable[[Tensor], Tensor]) -> Tensor:
    return double(scores[-2]) + scores[-1]


def _averaged(scores: Sequence[Tensor], double: Callable[[Tensor], Tensor]) -> Tensor:
    total = scores[0]
    for finer in scores[1:]:
        total = (double(total) + finer) / 2
    return total


def _multiplied(scores: Sequence[Tensor], double: Callable[[Tensor], Tensor]) -> Tensor:
    total = scores[0]
    for finer in scores[1:]:
        total = double(total) * finer
    return total


def _without_fine(scores: Sequence[Tensor], double: Callable[[Tensor], Tensor]) -> Tensor:
    total = scores[0]
    for _ in scores[1:]:
        total = double(total)
    return total


def _concatenated(scores: Sequence[Tensor], double: Callable[[Tensor], Tensor]) -> Tensor:
    total = scores[0]
    for finer in scores[1:]:
        total = torch.cat([double(total), finer], 1)
    return total


fused = Check(
    "fused",
    reference=_fused,
    cases=[
        dict(scores=[random(2, 3, 2, 5), random(2, 3, 4, 10, seed=1), random(2, 3, 8, 20, seed=2)], double=_double),
        dict(scores=[random(1, 2, 3, 2, seed=3)], double=_double),
        dict(scores=[random(3, 2, 1, 3, seed=4), random(3, 2, 2, 6, seed=5)], double=_double),
    ],
    mistakes={
        "the scores are concatenated; they are added, class by class": _concatenated,
        "only the last two are added; the coarser ones have to come along": lambda scores, double: (
            _last_pair(scores, double) if len(scores) > 1 else scores[0]
        ),
        "the sum is halved; it is a sum, not a mean": _averaged,
        "the scores are multiplied; they are added": _multiplied,
        "the finer scores are left out": _without_fine,
        "the sum is doubled once more at the end; the finest scores give the size": lambda scores, double: double(
            _fused(scores, double)
        ),
    },
    hints=[
        "Begin with the coarsest, `total = scores[0]`, and go through the others.",
        "In each step: double `total`, which then has the size of the next finer scores, and add those.",
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


COUNTS = torch.tensor([[50, 3, 2, 0], [7, 11, 5, 0], [2, 0, 13, 0], [0, 0, 0, 0]])
MORE = torch.tensor([[5, 0, 2, 1, 0], [3, 0, 1, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]])

mean_iou = Check(
    "mean_iou",
    reference=_mean_iou,
    cases=[dict(confusion=COUNTS), dict(confusion=MORE)],
    mistakes={
        words: (lambda confusion, wrong=wrong: wrong(confusion).nanmean().item())
        for words, wrong in {
            "that is pixel accuracy: all right pixels over all pixels": lambda c: c.diagonal().sum() / c.sum(),
            "the union is too large: shared pixels are in the row and in the column, and count once": lambda c: _over(
                c, lambda shared, own, taken: own + taken
            ),
            "each class is divided by its own pixels alone; those wrongly taken for it belong to the union": lambda c: _over(
                c, lambda shared, own, taken: own
            ),
            "each class is divided by the pixels taken for it; those that were missed belong to the union": lambda c: _over(
                c, lambda shared, own, taken: taken
            ),
            "a class that is nowhere counts as 0; leave it out of the mean": lambda c: _over(c, _union, 0.0),
            "a class that is nowhere counts as perfect; leave it out of the mean": lambda c: _over(c, _union, 1.0),
            "a class that is never right was left out; only one that is nowhere is": lambda c: _over(
                c, lambda shared, own, taken: torch.where(shared > 0, _union(shared, own, taken), torch.nan)
            ),
            "a class that is only predicted was left out; it is in the union, and counts as 0": lambda c: _over(c, _union, 0.0)[
                c.sum(1) > 0
            ],
            "a class that is only in the truth was left out; it is in the union, and counts as 0": lambda c: _over(
                c, _union, 0.0
            )[c.sum(0) > 0],
            "the background is left out; it is a class like the others": lambda c: _over(c, _union)[1:],
            "the classes are weighted by their pixels; each counts the same": lambda c: (
                (_over(c, _union, 0.0) * c.sum(1)).sum() / c.sum()
            ),
        }.items()
    },
    hints=[
        "`confusion.diagonal()` holds the shared pixels, a row's sum the class's own, a column's sum those taken for it.",
        "union = row + column - shared. Where the union is 0 the class is nowhere: leave it out of the mean.",
        "`iou = shared / union`, then `iou[union > 0].mean().item()`.",
    ],
    within=1e-5,
)
