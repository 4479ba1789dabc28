"""Checks of lesson 08: a fully connected layer as a convolution, transposed convolution, skips, mean IoU."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.checks.engine import Check, Refused, but, digits, layer, outputs, random

weights = Check(
    "weights",
    reference=65_536,
    mistakes={
        "4,096 is what a 1x1 kernel has; the filter has to see the whole 4 x 4 map, as the linear layer does": 4_096,
        "1,024 is what one filter has; there are 64": 1_024,
        "16 is one filter on one channel; there are 64 filters, each with 64 channels": 16,
        "36,864 is what 3x3 kernels have; the filter has to see the whole 4 x 4 map": 36_864,
        "65,600 counts the biases; leave them out": 65_600,
        "1,048,576 counts the weights once per pixel; on a 4 x 4 map the 4 x 4 kernel has one position": 1_048_576,
    },
    hints=[
        "A number of the linear layer's output weighs all 64 x 4 x 4 numbers of the map. What kernel sees as much at once?",
        "There are 64 filters of 64 channels of 4 x 4 pixels. Compare with the 1,024 x 64 weights of the linear layer.",
    ],
)


def _linear(c_in: int, c_out: int, seed: int) -> nn.Linear:
    """Make a linear layer whose weights and biases are whole numbers from 1 to 9."""
    made = layer(nn.Linear, c_in, c_out).float()
    made.weight.data, made.bias.data = digits(c_out, c_in, seed=seed).float(), digits(c_out, seed=seed + 1).float()
    return made


NEW_WEIGHTS = "the layer has new weights; copy those of the linear layer into it"
NO_BIAS = "the bias of the linear layer is missing; copy it too"
PADDING = "there is padding; the kernel sees only windows that fit into the map"
STRIDE = "there is a stride; the kernel moves by 1"
NO_CONVOLUTION = "a linear layer takes one size only; return an `nn.Conv2d`, which takes any"


class _copied(outputs):  # noqa: N801 - as `outputs`
    """Look at a layer's outputs; one whose weights or biases are all below 1 was never given those of the linear layer.

    Whatever their amounts, padding and strides are told.
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
        return super().__call__(net)


def _as_convolution(
    linear: nn.Linear, channels: int, size: int, order: Callable[[Tensor], Tensor] = lambda w: w, bias: bool = True, **how: int
) -> nn.Conv2d:
    layer = nn.Conv2d(channels, linear.out_features, size, bias=bias, **how)
    layer.weight = nn.Parameter(order(linear.weight.detach().view(-1, channels, size, size)).contiguous())
    if bias:
        layer.bias = nn.Parameter(linear.bias.detach().clone())
    return layer


def _channels_last(weight: Tensor) -> Tensor:
    filters, channels, size, _ = weight.shape
    return weight.reshape(filters, size, size, channels).permute(0, 3, 1, 2)


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
        "the weights are averaged over the channels": partial(
            _as_convolution, order=lambda w: w.mean(1, keepdim=True).expand_as(w)
        ),
        PADDING: lambda linear, channels, size: _as_convolution(linear, channels, size, padding=size // 2),
        STRIDE: lambda linear, channels, size: _as_convolution(linear, channels, size, stride=size),
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
    reference=17,
    mistakes={
        "20 ignores how large a window is; the last one has to fit into the image as a whole": 20,
        "5 is what windows side by side give; they move by 8 pixels, not by their size": 5,
        "16 is without the window at pixel 0; add 1": 16,
        "289 is the number of all windows; count those along one side": 289,
        "128 is the number of pixels by which the window can move": 128,
        "129 is what a step of 1 pixel gives; the windows are 8 pixels apart": 129,
    },
    hints=[
        "The first window starts at pixel 0, the last one at pixel 160 - 32.",
        "(160 - 32) / 8 + 1, the formula for the output size of a convolution.",
    ],
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
        "What is next to a crop's outermost pixels when the first 3x3 layer reads them? And in the scene?",
        "A crop ends, so its border is padded with zeros in each of the layers. In the scene the neighbours are there.",
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


SIZE_TOO_SMALL = "the result is cut off; it has (H - 1) stride + R rows and (W - 1) stride + S columns"

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
        "a stamp overwrites what is below it; where stamps overlap they add up, `+=`": _overwritten,
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
        "rows and columns of the kernel are exchanged": but(_stamp, weight=lambda weight: weight.transpose(2, 3)),
        SIZE_TOO_SMALL: but(
            _stamp, result=lambda y, x, stride: y[:, :, : x.shape[2] * stride, : x.shape[3] * stride].contiguous()
        ),
        "there are empty rows at the end; (H - 1) stride + R rows are enough": but(
            _stamp, result=lambda y, stride: F.pad(y, (0, stride, 0, stride))
        ),
        "only the first channel is stamped; the stamps of all channels add up": but(
            _stamp, x=lambda x: x[:, :1], weight=lambda weight: weight[:1]
        ),
        "the stamps are averaged over the channels; they add up": but(_stamp, result=lambda y, x: y / x.shape[1]),
        "only the first image is stamped; each image has an output of its own": but(_stamp, x=lambda x: x[:1].expand_as(x)),
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
        "14 is twice the input, or counts the padding on one side only; the formula is (7 - 1) stride + kernel - 2 padding": 14,
        "15 is without the padding, which takes away one pixel on each side here": 15,
        "17 adds the padding; in a transposed convolution it takes pixels away": 17,
        "4 is the size after a convolution; a transposed convolution goes the other way": 4,
        "12 is where the last stamp starts; it is 3 pixels wide, and padding takes away 2": 12,
        "19 puts the seven stamps side by side; they are 2 pixels apart and overlap": 19,
    },
    hints=[
        "There are seven stamps, 2 pixels apart, each 3 wide. Then one pixel is cut off on each side.",
        "The last stamp starts at pixel 6 * 2. Where does it end, and what do the two sides take away?",
    ],
)

inverse = Check(
    "inverse",
    reference="c",
    choices=("a", "b", "c"),
    mistakes={
        "look at the printed image and at what came back: the numbers differ by far more than rounding": "a",
        "no kernel can undo a convolution that makes 3 numbers of 5: two of them are lost": "b",
    },
    hints=[
        "Compare the last printed line with the image it should have come back to.",
        "The matrix is transposed, not inverted: the places are those of the image, the values are not.",
    ],
)


class _Double:
    """Enlarge by 2 with a stamp that no interpolation has: an answer has to use the function that it is given."""

    def __call__(self, x: Tensor) -> Tensor:
        kernel = torch.tensor([[1.0, 2.0], [3.0, 4.0]]).to(x).expand(x.shape[1], 1, 2, 2)
        return F.conv_transpose2d(x, kernel, stride=2, groups=x.shape[1])

    def __repr__(self) -> str:  # as it is in the line of a check
        return "a stamp of [[1, 2], [3, 4]]"


def _fused(
    scores: Sequence[Tensor],
    double: Callable[[Tensor], Tensor],
    join: Callable[[Tensor, Tensor], Tensor] = torch.add,
) -> Tensor:
    total = scores[0]
    for finer in scores[1:]:
        total = join(double(total), finer)
    return total


def _levels(n: int, classes: int, h: int, w: int, levels: int, make: Callable = random) -> list[Tensor]:
    return [make(n, classes, h * 2**level, w * 2**level, seed=level) for level in range(levels)]


fused = Check(
    "fused",
    gradients=("scores",),
    reference=_fused,
    cases=[
        dict(scores=_levels(1, 2, 1, 3, levels=2, make=digits), double=_Double()),
        dict(scores=_levels(2, 3, 2, 5, levels=3), double=_Double()),
        dict(scores=_levels(3, 2, 1, 3, levels=2), double=_Double()),
        dict(scores=_levels(1, 2, 3, 1, levels=4), double=_Double()),
    ],
    mistakes={
        "the scores are concatenated; add them, class by class": partial(
            _fused, join=lambda total, finer: torch.cat([total, finer], 1)
        ),
        "only the last two levels are added; double and add all of them, from the coarsest on": but(
            _fused, scores=lambda scores: scores[-2:]
        ),
        "only the finest scores are returned; add the coarser ones": but(_fused, scores=lambda scores: scores[-1:]),
        "only the first two levels are added; go on to the finest": but(_fused, scores=lambda scores: scores[:2]),
        "the coarsest scores are missing; begin with `scores[0]`": but(
            _fused, scores=lambda scores: [torch.zeros_like(scores[0]), *scores[1:]]
        ),
        "the finest scores are missing; add them at the end": but(
            _fused, scores=lambda scores: [*scores[:-1], torch.zeros_like(scores[-1])]
        ),
        "the scores are averaged at each level; add them": partial(_fused, join=lambda total, finer: (total + finer) / 2),
        "the sum is divided by the number of levels; it is a sum, not a mean": but(
            _fused, result=lambda y, scores: y / len(scores)
        ),
        "the scores are multiplied; add them": partial(_fused, join=torch.mul),
        "the larger of two scores is taken; add them": partial(_fused, join=torch.maximum),
        "the finer scores are subtracted; add them": partial(_fused, join=torch.sub),
        "only the coarsest scores are doubled up to the finest size; add those of each level": partial(
            _fused, join=lambda total, finer: total
        ),
        "the sum is doubled once more at the end; the finest scores have the final size": but(
            _fused, result=lambda y, double: double(y)
        ),
        "each pixel is repeated; use `double`, the function that is given": but(
            _fused, double=lambda double: partial(F.interpolate, scale_factor=2)
        ),
        "the scores are interpolated bilinearly; use `double`, the function that is given": but(
            _fused, double=lambda double: partial(F.interpolate, scale_factor=2, mode="bilinear")
        ),
    },
    hints=[
        "Begin with the coarsest, `total = scores[0]`, and go through the others.",
        "In each step double `total`, which then has the size of the next finer scores, and add those.",
        "`for finer in scores[1:]: total = double(total) + finer`",
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
            "that is in percent; return a number from 0 to 1": lambda c: 100 * _over(c, _union),
            "that is the largest IoU; take the mean": lambda c: _over(c, _union).max(),
            "that is the sum of the IoUs; take the mean": lambda c: _over(c, _union).sum(),
        }.items()
    },
    hints=[
        "`confusion.diagonal()` holds the shared pixels, a row's sum the class's own, a column's sum those taken for it.",
        "union = row + column - shared. Where the union is 0 the class is nowhere: leave it out of the mean.",
        "`iou = shared / union`, then `iou[union > 0].mean().item()`.",
    ],
    digits=4,
)
