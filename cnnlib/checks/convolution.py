"""Checks of lesson 01: one window, output sizes, filters and channels, parameters, the matrix product, translation."""

import torch
from torch.nn import functional as F

from cnnlib.checks.engine import Check, random

window = Check(
    "window",
    reference=4,
    mistakes={
        "the kernel is flipped: lay it on the window as it stands, top left on top left": 5,
        "that is the sum of the window alone; each pixel has to be multiplied by its weight first": 14,
        "that is the sum of the weights alone; multiply each by the pixel under it": 3,
        "that is the mean of the nine products; a filter adds them": 4 / 9,
    },
    hints=[
        "Lay the 3x3 weights on the 3x3 pixels. Nine products, then one sum.",
        "The rows of products add up to 0 + 2 + 0, then -3 + 0 + 1, then 0 + 0 + 4.",
    ],
    within=0.01,
)

slide = Check(
    "slide",
    reference=lambda image, kernel: F.conv2d(image[None, None], kernel[None, None])[0, 0],
    cases=[
        dict(image=random(7, 11), kernel=random(3, 2, seed=1)),
        dict(image=random(5, 13, seed=2), kernel=random(5, 2, seed=3)),
    ],
    mistakes={
        "the kernel is flipped: this course slides it as it stands (cross-correlation)": lambda image, kernel: F.conv2d(
            image[None, None], kernel.flip(-2, -1)[None, None]
        )[0, 0],
        "the last row and column of windows are missing: there are H - R + 1 of them, not H - R": lambda image, kernel: (
            F.conv2d(image[None, None], kernel[None, None])[0, 0, :-1, :-1]
        ),
        "the last row and column are never filled: there are H - R + 1 of them, not H - R": lambda image, kernel: F.pad(
            F.conv2d(image[None, None], kernel[None, None])[0, 0, :-1, :-1], (0, 1, 0, 1)
        ),
        "the products are averaged; a filter adds them": lambda image, kernel: (
            F.conv2d(image[None, None], kernel[None, None])[0, 0] / kernel.numel()
        ),
        "rows and columns are exchanged": lambda image, kernel: F.conv2d(image[None, None], kernel[None, None])[0, 0].T,
    },
    hints=[
        "Two loops, over the rows and columns of the output. How many positions has a window of R rows among H?",
        "The window at (i, j) is `image[i : i + R, j : j + S]`.",
        "`out[i, j] = (image[i : i + R, j : j + S] * kernel).sum()`, with out made by `image.new_zeros(H - R + 1, W - S + 1)`.",
    ],
)

output_size = Check(
    "output_size",
    reference=lambda size, kernel, stride, padding: (size + 2 * padding - kernel) // stride + 1,
    cases=[
        dict(size=size, kernel=kernel, stride=stride, padding=padding)
        for size, kernel, stride, padding in [(32, 5, 1, 0), (32, 3, 2, 1), (227, 11, 4, 0), (31, 7, 3, 2), (13, 5, 5, 3)]
    ],
    mistakes={
        "`padding` is added once; it is given per side, so it counts twice": lambda size, kernel, stride, padding: (
            (size + padding - kernel) // stride + 1
        ),
        "the + 1 is forgotten: a window that never moves still has one position": lambda size, kernel, stride, padding: (
            (size + 2 * padding - kernel) // stride
        ),
        "the + 1 stands inside the division; it counts the first position": lambda size, kernel, stride, padding: (
            (size + 2 * padding - kernel + 1) // stride
        ),
        "`stride` is ignored": lambda size, kernel, stride, padding: size + 2 * padding - kernel + 1,
        "`padding` is ignored": lambda size, kernel, stride, padding: (size - kernel) // stride + 1,
        "the division is not rounded down; a window that does not fit is not taken": lambda size, kernel, stride, padding: (
            (size + 2 * padding - kernel) / stride + 1
        ),
        "the division is rounded up; a window that does not fit is not taken": lambda size, kernel, stride, padding: (
            -(-(size + 2 * padding - kernel) // stride) + 1
        ),
    },
    hints=[
        "Start with stride 1: how many steps can a window of `kernel` pixels make inside `size + 2 * padding` pixels?",
        "It makes `size + 2 * padding - kernel` steps of one pixel. How many of `stride` pixels? At how many positions?",
        "`(size + 2 * padding - kernel) // stride + 1`",
    ],
)

corner = Check(
    "corner",
    reference=4,
    mistakes={
        "that is without padding; a border of zeros lets more windows reach the corner": 1,
        "that holds for an inner pixel; some of the windows around a corner would start outside the padding": 9,
        "that holds for a pixel on an edge; a corner is cut on two sides": 6,
    },
    hints=[
        "The window's centre may stand on each of the 36 pixels. From which centres does it cover the corner?",
        "The centre must be the corner itself or one of its neighbours inside the image: how many are these?",
    ],
)


def _without_jumps(input: torch.Tensor, weight: torch.Tensor, stride: int, **k: object) -> torch.Tensor:
    height, width = F.conv2d(input, weight, stride=stride, **k).shape[2:]
    return F.conv2d(input, weight, **k)[:, :, :height, :width]


conv2d = Check(
    "conv2d",
    reference=F.conv2d,
    cases=[
        dict(input=random(2, 3, 13, 11), weight=random(7, 3, 5, 4, seed=1), bias=random(7, seed=2), stride=1, padding=0),
        dict(input=random(2, 3, 13, 11), weight=random(7, 3, 5, 4, seed=1), bias=random(7, seed=2), stride=2, padding=0),
        dict(input=random(3, 2, 7, 11, seed=3), weight=random(5, 2, 4, 3, seed=4), bias=random(5, seed=5), stride=3, padding=2),
    ],
    mistakes={
        "the kernel is flipped": lambda input, weight, **k: F.conv2d(input, weight.flip(-2, -1), **k),
        "`stride` is ignored": lambda input, weight, bias, stride, padding: F.conv2d(input, weight, bias, 1, padding),
        "`padding` is ignored": lambda input, weight, bias, stride, padding: F.conv2d(input, weight, bias, stride, 0),
        "the window does not jump: its corner is at `i * stride`, `j * stride`": _without_jumps,
        "height and width of the output are exchanged": lambda input, weight, **k: F.conv2d(input, weight, **k).transpose(2, 3),
        "only the width is padded: `F.pad` takes left, right, top, bottom": lambda input, weight, padding, **k: F.conv2d(
            input, weight, padding=(0, padding), **k
        ),
        "`padding` is split over two sides; each side gets all of it": lambda input, weight, bias, stride, padding: F.conv2d(
            input, weight, bias, stride, padding // 2
        ),
        "the bias is forgotten: each filter adds one number of its own": lambda input, weight, bias, **k: F.conv2d(
            input, weight, **k
        ),
        "the bias is added once a channel; a filter adds it once": lambda input, weight, bias, **k: F.conv2d(
            input, weight, bias * weight.shape[1], **k
        ),
        "every filter uses its first channel's kernel on all channels": lambda input, weight, bias, **k: F.conv2d(
            input, weight[:, :1].expand_as(weight), bias, **k
        ),
        "only the first channel is looked at; a filter adds over all of them": lambda input, weight, bias, **k: F.conv2d(
            input[:, :1], weight[:, :1], bias, **k
        ),
        "there is one map for each pair of channel and filter; a filter adds its channels up to one map": (
            lambda input, weight, bias, **k: F.conv2d(
                input, weight.transpose(0, 1).reshape(-1, 1, *weight.shape[2:]), groups=weight.shape[1], **k
            )
        ),
        "all filters are added up into one map; each filter makes its own": lambda input, weight, bias, **k: F.conv2d(
            input, weight, bias, **k
        ).sum(1, keepdim=True),
    },
    hints=[
        "Pad first: `F.pad(input, (padding,) * 4)`. Then loop over the output's rows and columns, as in `slide`.",
        "At output (i, j) the window is `x[:, :, i * stride : i * stride + R, j * stride : j * stride + S]`.",
        "`out[:, :, i, j] = torch.einsum('ncrs,kcrs->nk', window, weight) + bias`; added at the end, `bias.view(-1, 1, 1)`.",
    ],
)

parameters = Check(
    "parameters",
    reference=lambda c_in, c_out, r, s: (c_in * r * s + 1) * c_out,
    cases=[dict(c_in=3, c_out=7, r=5, s=2), dict(c_in=1, c_out=6, r=5, s=5), dict(c_in=64, c_out=128, r=3, s=3)],
    mistakes={
        "the bias is forgotten, as in the notes: each filter has one": lambda c_in, c_out, r, s: c_in * r * s * c_out,
        "each filter has a kernel for every input channel": lambda c_in, c_out, r, s: (r * s + 1) * c_out,
        "a filter has one bias, not one a channel": lambda c_in, c_out, r, s: (r * s + 1) * c_in * c_out,
        "there is one bias for the whole layer; each filter has its own": lambda c_in, c_out, r, s: c_in * r * s * c_out + 1,
        "there is one bias for each input channel; each filter has one": lambda c_in, c_out, r, s: c_in * r * s * c_out + c_in,
        "the kernel is taken to be square: it has r x s weights": lambda c_in, c_out, r, s: (c_in * r * r + 1) * c_out,
        "the number of filters is forgotten": lambda c_in, c_out, r, s: c_in * r * s + 1,
    },
    hints=[
        "Count one filter first: how many weights has it, over all its channels?",
        "One filter has `c_in * r * s` weights and one bias. There are `c_out` of them.",
    ],
)


def _columns_of_batch(input: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    columns = F.unfold(input, weight.shape[2:])
    n, k, (height, width) = len(input), len(weight), (a - b + 1 for a, b in zip(input.shape[2:], weight.shape[2:], strict=True))
    folded = columns.reshape(columns.shape[1], -1)
    return (weight.flatten(1) @ folded).reshape(n, k, height, width)


matrix = Check(
    "matrix",
    given=1,
    reference=F.conv2d,
    cases=[
        dict(input=random(2, 3, 11, 13), weight=random(7, 3, 5, 4, seed=1)),
        dict(input=random(3, 2, 7, 5, seed=2), weight=random(5, 2, 1, 3, seed=3)),
    ],
    mistakes={
        "the kernel is flipped": lambda input, weight: F.conv2d(input, weight.flip(-2, -1)),
        "the batch axis is folded into the columns; take the product for each image": _columns_of_batch,
        "height and width of the output are exchanged": lambda input, weight: (
            F.conv2d(input, weight).flatten(2).unflatten(2, F.conv2d(input, weight).shape[:1:-1])
        ),
        "filters and positions are exchanged: bring the product to (N, K, L) before the reshape": lambda input, weight: (
            F.conv2d(input, weight).flatten(2).transpose(1, 2).reshape(F.conv2d(input, weight).shape)
        ),
        "the output is still (N, K, L); its L positions have to be reshaped to H' x W'": lambda input, weight: F.conv2d(
            input, weight
        ).flatten(2),
        "rows and columns of each kernel are exchanged before the product": lambda input, weight: (
            weight.transpose(2, 3).flatten(1) @ F.unfold(input, weight.shape[2:])
        ).reshape(F.conv2d(input, weight).shape),
    },
    hints=[
        "One row for each filter: `weight.flatten(1)` is (K, C R S). What is (K, C R S) times (N, C R S, L)?",
        "`weight.flatten(1) @ columns` is (N, K, L). Its L positions are the output read line by line.",
        "End with `.reshape(N, K, H - R + 1, W - S + 1)`.",
    ],
)

flatten = Check(
    "flatten",
    reference=16,
    mistakes={
        "four images went in, but `-1` makes as many rows as the numbers fill": 4,
        "that is the length of a row": 400,
        "that is how long a row must be to keep the images apart": 1600,
        "that is how many numbers there are; how many rows of 400 do they fill?": 6400,
    },
    hints=[
        "How many numbers are in the batch, and how many go into one row?",
        "4 * 16 * 10 * 10 numbers, 16 * 5 * 5 a row.",
    ],
)

invariance = Check(
    "invariance",
    reference="b",
    choices=("a", "b", "c"),
    mistakes={
        "look at the two maps above: the shifted image gives another map, the same one moved": "a",
        "the filter need not see each position in training: its weights are the same everywhere": "c",
    },
    hints=[
        "Equivariant: the output moves with the input. Invariant: the output does not change. Which one did you see above?",
        "A sum over all positions of a map does not know where on it the large numbers stand.",
    ],
)
