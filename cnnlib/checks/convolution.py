"""Checks of lesson 01: one window, output sizes, filters and channels, parameters, the matrix product, translation."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from cnnlib.checks.engine import Check, but, digits, positional, random

window = Check(
    "window",
    reference=10,
    mistakes={
        "5 is what you get with a flipped kernel; apply it as it is, its top left weight to the top left pixel": 5,
        "7 is what you get with the rows and columns of the kernel exchanged; apply the kernel as it is": 7,
        "17 is the sum of the nine pixels; multiply each pixel by its weight before you add": 17,
        "4 is the sum of the nine weights; multiply each weight by its pixel before you add": 4,
        "16 is what you get if the weight -1 counts as 1; a negative weight subtracts its pixel": 16,
        "that is the mean of the nine products; a filter adds them": 10 / 9,
    },
    hints=[
        "Place the 3x3 weights on the 3x3 pixels: nine products, then one sum.",
        "The three products of the first row are 1 * 0, 2 * 1 and 3 * 2. Do the same with the two other rows.",
        "The rows of products add up to 0 + 2 + 6, then -3 + 0 + 1, then 0 + 0 + 4.",
    ],
)


def _slide(image: Tensor, kernel: Tensor) -> Tensor:
    return F.conv2d(image[None, None], kernel[None, None])[0, 0]


slide = Check(
    "slide",
    reference=_slide,
    cases=[
        dict(image=digits(3, 5), kernel=digits(2, 3, seed=1)),
        dict(image=random(7, 11), kernel=random(3, 2, seed=1)),
        dict(image=random(5, 13, seed=2), kernel=random(5, 2, seed=3)),
    ],
    mistakes={
        "the kernel is flipped; here it is applied as it is (cross-correlation)": but(
            _slide, kernel=lambda kernel: kernel.flip(0, 1)
        ),
        "the last row and the last column of the output are missing; a kernel of R rows fits at H - R + 1 places": (
            but(_slide, result=lambda y: y[:-1, :-1])
        ),
        "the last row and the last column of the output are never filled; a kernel of R rows fits at H - R + 1 places": but(
            _slide, result=lambda y: F.pad(y[:-1, :-1], (0, 1, 0, 1))
        ),
        "the products are averaged; a filter adds them": but(_slide, result=lambda y, kernel: y / kernel.numel()),
        "the pixels are added without their weights; multiply each window by the kernel first": but(
            _slide, kernel=torch.ones_like
        ),
        "rows and columns of the output are exchanged": but(_slide, result=lambda y: y.T),
    },
    hints=[
        "Write two loops, over the output's rows and columns. At how many places does a kernel of R rows fit among H rows?",
        "The window at (i, j) is `image[i : i + R, j : j + S]`.",
        "`out[i, j] = (image[i : i + R, j : j + S] * kernel).sum()`, with out made by `image.new_zeros(H - R + 1, W - S + 1)`.",
    ],
)


def _size(size: int, kernel: int, stride: int, padding: int) -> int:
    return (size + 2 * padding - kernel) // stride + 1


output_size = Check(
    "output_size",
    reference=_size,
    cases=[
        dict(zip(("size", "kernel", "stride", "padding"), numbers, strict=True))
        for numbers in [  # no division leaves a half, which is rounded to the nearest in more than one way
            (6, 4, 3, 0),  # the last two pixels are in no window
            (5, 5, 2, 0),  # a single window
            (5, 3, 1, 1),
            (1, 3, 1, 1),  # an image smaller than the kernel
            (13, 5, 5, 3),
            (32, 4, 2, 1),
            (31, 7, 3, 2),
            (227, 11, 4, 0),
        ]
    ],
    mistakes={
        "`padding` is counted once; it is given per side, so it counts twice": positional(
            lambda n, k, s, p: (n + p - k) // s + 1
        ),
        "the + 1 is missing; a window that never moves still has one position": but(_size, result=lambda n: n - 1),
        "the + 1 is inside the division; it counts the first position, so add it to the result of the division": positional(
            lambda n, k, s, p: (n + 2 * p - k + 1) // s
        ),
        "`stride` is ignored": but(_size, stride=1),
        "`padding` is ignored": but(_size, padding=0),
        "the result of the division is not rounded down; a window that does not fit whole is not taken": positional(
            lambda n, k, s, p: (n + 2 * p - k) / s + 1
        ),
        "the result of the division is rounded up; a window that does not fit whole is not taken, so round down": positional(
            lambda n, k, s, p: math.ceil((n + 2 * p - k) / s) + 1
        ),
        "the result of the division is rounded to the nearest integer; a window that does not fit whole is not taken": (
            positional(lambda n, k, s, p: round((n + 2 * p - k) / s) + 1)
        ),
    },
    hints=[
        "Start with stride 1: how many steps can a window of `kernel` pixels make inside `size + 2 * padding` pixels?",
        "It makes `size + 2 * padding - kernel` steps of one pixel. How many steps of `stride` pixels? At how many positions?",
        "`(size + 2 * padding - kernel) // stride + 1`",
    ],
)

corner = Check(
    "corner",
    reference=4,
    mistakes={
        "1 is the number of windows without padding; with a border of zeros, more windows contain the corner": 1,
        "2 is the count along one axis; the windows move along rows and along columns": 2,
        "3 is the number of the corner's neighbours; the window whose centre is the corner contains it too": 3,
        "6 holds for a pixel on an edge; at a corner, two sides are cut off": 6,
        "9 holds for an inner pixel; around a corner, some of these windows would start outside the padding": 9,
    },
    hints=[
        "The centre of the window can be each of the 36 pixels. From which centres does the window contain the corner?",
        "Take one axis first: which centres are at most one pixel away from the first pixel, and inside the image?",
        "The centre must be the corner itself or one of its neighbours inside the image. Count these pixels.",
    ],
)


def _unmoved(input: Tensor, weight: Tensor, stride: int, **others: object) -> Tensor:
    height, width = F.conv2d(input, weight, stride=stride, **others).shape[2:]
    return F.conv2d(input, weight, **others)[:, :, :height, :width]


def _per_pair(input: Tensor, weight: Tensor, bias: Tensor, **others: int) -> Tensor:
    k, c = weight.shape[:2]
    biases = bias.repeat_interleave(c)
    return F.conv2d(input.repeat(1, k, 1, 1), weight.reshape(k * c, 1, *weight.shape[2:]), biases, groups=k * c, **others)


conv2d = Check(
    "conv2d",
    reference=F.conv2d,
    cases=[
        dict(input=digits(1, 2, 4, 3), weight=digits(3, 2, 4, 1, seed=1), bias=digits(3, seed=2), stride=1, padding=0),
        dict(input=random(2, 3, 13, 11), weight=random(7, 3, 5, 4, seed=1), bias=random(7, seed=2), stride=1, padding=0),
        dict(input=random(2, 3, 13, 11), weight=random(7, 3, 5, 4, seed=1), bias=random(7, seed=2), stride=2, padding=0),
        dict(input=random(3, 2, 7, 11, seed=3), weight=random(5, 2, 4, 3, seed=4), bias=random(5, seed=5), stride=3, padding=2),
    ],
    mistakes={
        "the kernel is flipped; here it is applied as it is (cross-correlation)": but(
            F.conv2d, weight=lambda weight: weight.flip(2, 3)
        ),
        "`stride` is ignored": but(F.conv2d, stride=1),
        "`padding` is ignored": but(F.conv2d, padding=0),
        "the window does not move by `stride`; its corner is at `i * stride`, `j * stride`": _unmoved,
        "rows and columns of the output are exchanged": but(F.conv2d, result=lambda y: y.transpose(2, 3)),
        "only the columns are padded; `F.pad` takes (left, right, top, bottom)": but(
            F.conv2d, padding=lambda padding: (0, padding)
        ),
        "only the top and the left are padded; each of the four sides gets `padding`": but(
            F.conv2d, input=lambda input, padding: F.pad(input, (padding, 0, padding, 0)), padding=0
        ),
        "all zeros are added at the top and the left; each of the four sides gets `padding`": but(
            F.conv2d, input=lambda input, padding: F.pad(input, (2 * padding, 0, 2 * padding, 0)), padding=0
        ),
        "`padding` is split between two sides; each side gets all of it": but(F.conv2d, padding=lambda padding: padding // 2),
        "the bias is missing; each filter adds one number of its own": but(F.conv2d, bias=None),
        "the bias is subtracted; add it": but(F.conv2d, bias=lambda bias: -bias),
        "the bias is added once per channel; a filter adds it once": but(
            F.conv2d, bias=lambda bias, weight: bias * weight.shape[1]
        ),
        "every filter uses its first channel's kernel for all channels": but(
            F.conv2d, weight=lambda weight: weight[:, :1].expand_as(weight)
        ),
        "only the first channel of the input is used; a filter adds the products of all channels": but(
            F.conv2d, input=lambda input: input[:, :1], weight=lambda weight: weight[:, :1]
        ),
        "there is one feature map per pair of channel and filter; a filter adds its channels up to one map": _per_pair,
        "all filters are added up to one feature map; each filter has a map of its own": but(
            F.conv2d, result=lambda y: y.sum(1, keepdim=True)
        ),
    },
    hints=[
        "Pad first: `F.pad(input, (padding,) * 4)`. Then loop over the output's rows and columns, as in `slide`.",
        "At output (i, j) the window is `x[:, :, i * stride : i * stride + R, j * stride : j * stride + S]`.",
        "`out[:, :, i, j] = torch.einsum('ncrs,kcrs->nk', window, weight) + bias`; added at the end, `bias.view(-1, 1, 1)`.",
    ],
)


def _parameters(c_in: int, c_out: int, r: int, s: int) -> int:
    return (c_in * r * s + 1) * c_out


parameters = Check(
    "parameters",
    reference=_parameters,
    cases=[dict(c_in=3, c_out=7, r=5, s=2), dict(c_in=1, c_out=6, r=5, s=5), dict(c_in=64, c_out=128, r=3, s=3)],
    mistakes={
        "the biases are missing, as in the notes; each filter has one": but(_parameters, result=lambda n, c_out: n - c_out),
        "the input's channels are missing; each filter has a kernel for every one of them": but(_parameters, c_in=1),
        "there is one bias per kernel; a filter has one, however many channels it reads": positional(
            lambda c, k, r, s: (r * s + 1) * c * k
        ),
        "there is one bias for the whole layer; each filter has its own": positional(lambda c, k, r, s: c * r * s * k + 1),
        "there is one bias per input channel; there is one per filter": positional(lambda c, k, r, s: c * r * s * k + c),
        "the kernel is taken to be square; it has r * s weights": but(_parameters, s=lambda r: r),
        "the number of filters is missing; that is one filter": but(_parameters, c_out=1),
    },
    hints=[
        "Count one filter first: how many weights does it have, over all its channels?",
        "One filter has `c_in * r * s` weights. What else does it learn, and how many filters are there?",
        "`(c_in * r * s + 1) * c_out`",
    ],
)


def _columns_of_batch(input: Tensor, weight: Tensor) -> Tensor:
    columns = F.unfold(input, weight.shape[2:])
    product = weight.flatten(1) @ columns.reshape(columns.shape[1], -1)
    return product.reshape(F.conv2d(input, weight).shape)


matrix = Check(
    "matrix",
    given=1,
    reference=F.conv2d,
    cases=[
        dict(input=digits(1, 2, 4, 3), weight=digits(3, 2, 4, 1, seed=1)),
        dict(input=random(2, 3, 11, 13), weight=random(7, 3, 5, 4, seed=1)),
        dict(input=random(3, 2, 7, 5, seed=2), weight=random(5, 2, 1, 3, seed=3)),
    ],
    mistakes={
        "the kernel is flipped; here it is applied as it is (cross-correlation)": but(
            F.conv2d, weight=lambda weight: weight.flip(2, 3)
        ),
        "the batch axis is part of the columns; take one product per image": _columns_of_batch,
        "H' and W' are exchanged in the reshape": but(F.conv2d, result=lambda y: y.flatten(2).unflatten(2, y.shape[:1:-1])),
        "filters and positions are exchanged; bring the product to (N, K, L) before the reshape": but(
            F.conv2d, result=lambda y: y.flatten(2).transpose(1, 2).reshape(y.shape)
        ),
        "the output is still (N, K, L); reshape its L positions to H' x W'": but(F.conv2d, result=lambda y: y.flatten(2)),
        "rows and columns of each kernel are exchanged before the product": lambda input, weight: (
            weight.transpose(2, 3).flatten(1) @ F.unfold(input, weight.shape[2:])
        ).reshape(F.conv2d(input, weight).shape),
    },
    hints=[
        "Write one row per filter: `weight.flatten(1)` is (K, C R S). What is (K, C R S) times (N, C R S, L)?",
        "`weight.flatten(1) @ columns` is (N, K, L). Its L positions are the output's pixels, row by row.",
        "End with `.reshape(N, K, H - R + 1, W - S + 1)`.",
    ],
)

flatten = Check(
    "flatten",
    reference=16,
    mistakes={
        "4 images went in, but `-1` makes as many rows as the numbers fill": 4,
        "400 is the length of a row": 400,
        "1600 is how long a row must be to keep the images apart": 1600,
        "6400 is how many numbers there are; how many rows of 400 do they fill?": 6400,
    },
    hints=[
        "How many numbers are in the batch, and how many go into one row?",
        "The batch has 4 * 16 * 10 * 10 numbers; a row has 16 * 5 * 5.",
    ],
)

invariance = Check(
    "invariance",
    reference="b",
    choices=("a", "b", "c"),
    mistakes={
        "compare the two feature maps above: the shifted image gives another map, the same one shifted": "a",
        "the filter need not see every position in training, because its weights are the same everywhere": "c",
    },
    hints=[
        "Equivariant: the output moves with the input. Invariant: the output does not change. Which of them did you see above?",
        "A sum over all positions of a feature map does not depend on where its large numbers are.",
    ],
)
