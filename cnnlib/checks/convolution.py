"""Checks of lesson 01: one window, output sizes, filters and channels, parameters, both gradients, translation."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from cnnlib.checks.engine import Check, but, digits, positional, random

window = Check(
    "window",
    reference=19,
    mistakes={
        "22 is what you get with a kernel rotated by 180 degrees; apply it as it is, top left weight to top left pixel": 22,
        "18 is what you get with a kernel mirrored from left to right; apply it as it is": 18,
        "17 is what you get with a kernel mirrored from top to bottom; apply it as it is": 17,
        "23 is what you get with the rows and columns of the kernel exchanged, or without the -4 of the first row": 23,
        "26 is the sum of the nine pixels; multiply each pixel by its weight before you add": 26,
        "6 is the sum of the nine weights; multiply each weight by its pixel before you add": 6,
        "29 is what you get if the weights -1 count as 1; a negative weight subtracts its pixel": 29,
        "24 is what you get if the weights -1 count as 0, or if the sum of the weights is multiplied by the middle pixel": 24,
        "28 is what you get if the weights 0 count as 1; a weight of 0 removes its pixel": 28,
        "4 is the sum of the first row alone; add the products of all three rows": 4,
        "12 is the sum of the middle row alone; add the products of all three rows": 12,
        "3 is the sum of the last row alone; add the products of all three rows": 3,
        "16 is the sum of the first two rows, and of the first two columns; add all nine products": 16,
        "15 is the sum of the last two rows, or the right sum without one 4; the first row adds up to 4 as well": 15,
        "7 is the sum of the first and the last row; the middle row is missing": 7,
        "that is the mean of the nine products; a filter adds them": 19 / 9,
        "8 is the largest of the nine products, and the sum of the first column; add all nine products": 8,
        "32 is the sum of all pixels and all weights; multiply each pixel by its weight, then add the products": 32,
        "59 is the sum of the matrix product; multiply number by number, each pixel by the weight on top of it": 59,
        "the sign is wrong; the products of the positive weights are larger than those of the negative ones": -19,
        "13 is what you get if the last row is subtracted; add the sums of all three rows": 13,
        "57 is three times the sum; add each product once": 57,
        "38 is twice the sum; add each product once": 38,
        "27 is what you get if the first weight -1 counts as 1; a negative weight subtracts its pixel": 27,
        "21 is what you get if the last weight -1 counts as 1; a negative weight subtracts its pixel": 21,
        "156 is the sum of all pixels times the sum of all weights; multiply each pixel by its own weight": 156,
        "20 is what you get without the last product, -1, or without all four corners; add all nine products": 20,
        "-1 is the sum of the four corner products, and of the diagonal; all nine products count": -1,
        "11 is what you get without one of the products 8; add all nine": 11,
        "that is the sum divided by the number or the sum of the weights that are not 0; only the sum is wanted": 19 / 6,
        "0 is the product in the centre; add all nine products": 0,
        "that is the mean of the nine pixels; multiply each pixel by its weight, then add the products": 26 / 9,
    },
    hints=[
        "Place the 3x3 weights on the 3x3 pixels: nine products, then one sum.",
        "The three products of the first row are 0 * 2, 2 * 4 and -1 * 4. Do the same with the two other rows.",
        "The rows of products add up to 0 + 8 - 4, then 4 + 0 + 8, then 4 + 0 - 1.",
    ],
)


def _slide(image: Tensor, kernel: Tensor) -> Tensor:
    return F.conv2d(image[None, None], kernel[None, None])[0, 0]


def _of_products(make: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    """Make each number of a map from the products of its window, (H', W', R S), by another rule than their sum."""

    def wrong(image: Tensor, kernel: Tensor) -> Tensor:
        return make((image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1) * kernel).flatten(2))

    return wrong


def _of_matrices(image: Tensor, kernel: Tensor, turn: Callable[[Tensor], Tensor] = torch.t) -> Tensor:
    windows = image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
    return (windows @ turn(kernel)).sum((2, 3))


def _with_windows(
    cut: Callable[[Tensor, int, int, int, int], Tensor],
    size: Callable[[int, int, int, int], tuple[int, int]] = lambda h, w, r, s: (h - r + 1, w - s + 1),
    add: Callable[[Tensor], Tensor] = torch.sum,
) -> Callable[..., Tensor]:
    """Go over the map in loops and cut each window out in another way, which torch may refuse: `cut(image, i, j, R, S)`."""

    def wrong(image: Tensor, kernel: Tensor) -> Tensor:
        out = image.new_zeros(*size(*image.shape, *kernel.shape))
        for i in range(out.shape[0]):
            for j in range(out.shape[1]):
                out[i, j] = add(cut(image, i, j, *kernel.shape) * kernel)
        return out

    return wrong


def _window(image: Tensor, i: int, j: int, r: int, s: int) -> Tensor:
    return image[i : i + r, j : j + s]


def _as_large_as_the_image(image: Tensor, kernel: Tensor) -> Tensor:
    return F.pad(_slide(image, kernel), (0, kernel.shape[1] - 1, 0, kernel.shape[0] - 1))


def _with_a_border(image: Tensor, kernel: Tensor) -> Tensor:
    top, left = ((side - 1) // 2 for side in kernel.shape)
    return _slide(F.pad(image, (left, kernel.shape[1] - 1 - left, top, kernel.shape[0] - 1 - top)), kernel)


def _first_row_only(y: Tensor) -> Tensor:
    return torch.cat([y[:1], torch.zeros_like(y[1:])])


def _first_number_only(y: Tensor) -> Tensor:
    return y * F.pad(torch.ones_like(y[:1, :1]), (0, y.shape[1] - 1, 0, y.shape[0] - 1))


slide = Check(
    "slide",
    reference=_slide,
    errors={"1D tensors expected": "`torch.dot` is for vectors; multiply with `*` and add with `.sum()`"},
    cases=[
        dict(image=digits(2, 3), kernel=digits(1, 1, seed=1)),  # sizes that coincide show what torch refuses elsewhere
        dict(image=digits(3, 4), kernel=digits(2, 2, seed=1)),
        dict(image=digits(3, 5), kernel=digits(2, 3, seed=1)),
        dict(image=random(7, 11), kernel=random(3, 2, seed=1)),
        dict(image=random(5, 13, seed=2), kernel=random(5, 2, seed=3)),
    ],
    mistakes={
        "the kernel is flipped; here it is applied as it is (cross-correlation)": but(
            _slide, kernel=lambda kernel: kernel.flip(0, 1)
        ),
        "the kernel is mirrored from left to right; apply it as it is": but(_slide, kernel=lambda kernel: kernel.flip(1)),
        "the kernel is mirrored from top to bottom; apply it as it is": but(_slide, kernel=lambda kernel: kernel.flip(0)),
        "the last row and the last column of the output are missing; a kernel of R rows fits at H - R + 1 places": (
            but(_slide, result=lambda y: y[:-1, :-1])
        ),
        "the last row and the last column of the output are never filled; a kernel of R rows fits at H - R + 1 places": but(
            _slide, result=lambda y: F.pad(y[:-1, :-1], (0, 1, 0, 1))
        ),
        "the products are averaged; a filter adds them": but(_slide, result=lambda y, kernel: y / kernel.numel()),
        "the largest product is taken; a filter adds all products of a window": _of_products(
            lambda products: products.amax(-1)
        ),
        "the pixels are added without their weights; multiply each window by the kernel first": but(
            _slide, kernel=torch.ones_like
        ),
        "pixels and weights are added; multiply each pixel by its weight, then add the products": but(
            _slide, kernel=torch.ones_like, result=lambda y, kernel: y + kernel.sum()
        ),
        "only the first row of the map is filled; `return` must not be inside the loop over the rows": but(
            _slide, result=_first_row_only
        ),
        "only the first number of the map is filled; `return` must not be inside the loops": but(
            _slide, result=_first_number_only
        ),
        "the sum is carried over from window to window; begin at 0 in each": but(
            _slide, result=lambda y: y.flatten().cumsum(0).view_as(y)
        ),
        "the weights are subtracted from the pixels; multiply each pixel by its weight": but(
            _slide, kernel=torch.ones_like, result=lambda y, kernel: y - kernel.sum()
        ),
        "window and kernel are multiplied as matrices; use `*`, which multiplies number by number": _of_matrices,
        "the result is divided by the sum of the weights; only the sum of the products is wanted": but(
            _slide, result=lambda y, kernel: y / kernel.sum()
        ),
        "negative results are cut off; keep them": but(_slide, result=torch.relu),
        "the results have lost their sign; keep it": but(_slide, result=torch.abs),
        "rows and columns of the kernel are exchanged; apply it as it is": but(_slide, kernel=lambda kernel: kernel.T),
        "the window moves by two pixels; it moves by one": but(_slide, result=lambda y: y[::2, ::2]),
        "a border of one pixel is added around the image; here there is no padding": but(
            _slide, image=lambda image: F.pad(image, (1, 1, 1, 1))
        ),
        "the map is rotated by 180 degrees; its number at (i, j) belongs to the window that begins there": but(
            _slide, result=lambda y: y.flip(0, 1)
        ),
        "the weights count without their sign; a negative weight subtracts its pixel": but(_slide, kernel=torch.abs),
        "only the last product of each window is kept; add all of them, for example with `.sum()`": _of_products(
            lambda products: products[..., -1]
        ),
        "rows and columns of the output are exchanged": but(_slide, result=lambda y: y.T),
        "every number of the map is that of the first window; cut the window out at row i and column j": but(
            _slide, result=lambda y: y[:1, :1].expand_as(y)
        ),
        "the map is as large as the image; without padding it has H - R + 1 rows and W - S + 1 columns": _as_large_as_the_image,
        "the map is as large as the image, because a border of zeros was added; here there is no padding": _with_a_border,
        "the map still has axes for the images and the channels; return only its rows and columns": but(
            _slide, result=lambda y: y[None, None]
        ),
        "each row of the map repeats its last number; assign to `out[i, j]`, not to a whole row": but(
            _slide, result=lambda y: y[:, -1:].expand_as(y)
        ),
        "each column of the map repeats its last number; assign to `out[i, j]`, not to a whole column": but(
            _slide, result=lambda y: y[-1:].expand_as(y)
        ),
        "single pixels are multiplied by the sum of the weights; multiply each pixel of a window by its own weight": (
            lambda image, kernel: (
                image[: image.shape[0] - kernel.shape[0] + 1, : image.shape[1] - kernel.shape[1] + 1] * kernel.sum()
            )
        ),
        "the sum of the pixels is multiplied by the sum of the weights; multiply each pixel by its own weight": but(
            _slide, kernel=torch.ones_like, result=lambda y, kernel: y * kernel.sum()
        ),
        "only the first product of each window is kept; add all of them, for example with `.sum()`": _of_products(
            lambda products: products[..., 0]
        ),
        "the products are multiplied with each other; a filter adds them": _of_products(lambda products: products.prod(-1)),
        "the last row and the last column of the kernel are never used; a slice ends before its second number": but(
            _slide, kernel=lambda kernel: F.pad(kernel[:-1, :-1], (0, 1, 0, 1))
        ),
        "only the first row of each window is used; add the products of all its rows": but(
            _slide, kernel=lambda kernel: F.pad(kernel[:1], (0, 0, 0, kernel.shape[0] - 1))
        ),
        "only the first column of each window is used; add the products of all its columns": but(
            _slide, kernel=lambda kernel: F.pad(kernel[:, :1], (0, kernel.shape[1] - 1))
        ),
        "the sum is carried over along each row of the map; begin at 0 in each window": but(
            _slide, result=lambda y: y.cumsum(1)
        ),
        "the last row of the output is missing; a kernel of R rows fits at H - R + 1 places": but(
            _slide, result=lambda y: y[:-1]
        ),
        "the last column of the output is missing; a kernel of S columns fits at W - S + 1 places": but(
            _slide, result=lambda y: y[:, :-1]
        ),
        "the last row of the output is never filled; a kernel of R rows fits at H - R + 1 places": but(
            _slide, result=lambda y: F.pad(y[:-1], (0, 0, 0, 1))
        ),
        "the last column of the output is never filled; a kernel of S columns fits at W - S + 1 places": but(
            _slide, result=lambda y: F.pad(y[:, :-1], (0, 1))
        ),
        "windows that reach over the edge of the image are counted; a window has to fit completely": but(
            _slide, image=lambda image, kernel: F.pad(image, (0, kernel.shape[1] - 1, 0, kernel.shape[0] - 1))
        ),
        "the window moves by its own size; it moves by one pixel, so that windows overlap": but(
            _slide, result=lambda y, kernel: y[:: kernel.shape[0], :: kernel.shape[1]]
        ),
        "the map is mirrored from left to right; its number at (i, j) belongs to the window that begins there": but(
            _slide, result=lambda y: y.flip(1)
        ),
        "the map is mirrored from top to bottom; its number at (i, j) belongs to the window that begins there": but(
            _slide, result=lambda y: y.flip(0)
        ),
        "the first row and the first column of the output are never filled; loops begin at 0": but(
            _slide, result=lambda y: F.pad(y[1:, 1:], (1, 0, 1, 0))
        ),
        "all numbers of the map are added up; each window gives one number of its own": but(_slide, result=torch.sum),
        "the map has one axis too many; its shape is (H - R + 1, W - S + 1)": but(_slide, result=lambda y: y[None]),
        "window and kernel are multiplied as matrices, which torch refuses if they are not square; use `*`": partial(
            _of_matrices, turn=torch.clone
        ),
        "the window does not have S columns; it is `image[i : i + R, j : j + S]`, with `R, S = kernel.shape`": _with_windows(
            lambda image, i, j, r, s: image[i : i + r, j : j + r]
        ),
        "the window does not have R rows; it is `image[i : i + R, j : j + S]`, with `R, S = kernel.shape`": _with_windows(
            lambda image, i, j, r, s: image[i : i + s, j : j + s]
        ),
        "rows and columns of the kernel are exchanged, which torch refuses if it is not square; apply it as it is": (
            _with_windows(lambda image, i, j, r, s: _window(image, i, j, r, s).T)
        ),
        "R and S are exchanged in the size of the map; it has H - R + 1 rows and W - S + 1 columns": _with_windows(
            _window, size=lambda h, w, r, s: (h - s + 1, w - r + 1)
        ),
        "H and W are exchanged; `image.shape` is (H, W), rows before columns": _with_windows(
            _window, size=lambda h, w, r, s: (w - r + 1, h - s + 1)
        ),
        "the window ends at row R and column S of the image; it ends at `i + R` and `j + S`": _with_windows(
            lambda image, i, j, r, s: image[i:r, j:s]
        ),
        "the window is one row and one column too large; a slice ends before its second number": _with_windows(
            lambda image, i, j, r, s: image[i : i + r + 1, j : j + s + 1]
        ),
        "the window is one row and one column too small; a slice ends before its second number": _with_windows(
            lambda image, i, j, r, s: image[i : i + r - 1, j : j + s - 1]
        ),
        "i and j are exchanged in the slice; the window is `image[i : i + R, j : j + S]`": _with_windows(
            lambda image, i, j, r, s: image[j : j + r, i : i + s]
        ),
        "the map is as large as the image, so that the last windows stick out; it has H - R + 1 rows": _with_windows(
            _window, size=lambda h, w, r, s: (h, w)
        ),
        "the window is centred at row i and column j; it begins there, `image[i : i + R, j : j + S]`": _with_windows(
            lambda image, i, j, r, s: image[i - r // 2 : i + r // 2 + 1, j - s // 2 : j + s // 2 + 1]
        ),
        "the map begins as a copy of the image and not with zeros; make it with `image.new_zeros`": but(
            _slide, result=lambda y, image: y + image[: y.shape[0], : y.shape[1]]
        ),
        "the map is square; it has H - R + 1 rows and W - S + 1 columns": _with_windows(
            _window, size=lambda h, w, r, s: (h - r + 1, h - r + 1)
        ),
        "the map has H - R - 1 rows and W - S - 1 columns; a kernel of R rows fits at H - R + 1 places": _with_windows(
            _window, size=lambda h, w, r, s: (h - r - 1, w - s - 1)
        ),
        "the map has H - R + 2 rows, so that the last windows stick out; a kernel of R rows fits at H - R + 1 places": (
            _with_windows(_window, size=lambda h, w, r, s: (h - r + 2, w - s + 2))
        ),
        "the kernel is taken to be 3x3; its size is `kernel.shape`": _with_windows(
            lambda image, i, j, r, s: image[i : i + 3, j : j + 3], size=lambda h, w, r, s: (h - 2, w - 2)
        ),
        "the products are added along one axis only; `.sum()` without an axis adds all of them": _with_windows(
            _window, add=lambda products: products.sum(0)
        ),
        "the products of each row stay apart; `.sum()` without an axis adds all of them": _with_windows(
            _window, add=lambda products: products.sum(1)
        ),
        "the products of a window are not added up; use `.sum()`": _with_windows(_window, add=torch.clone),
        "the map is flattened; its shape is (H - R + 1, W - S + 1)": but(_slide, result=torch.flatten),
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
        "the kernel is ignored; the window makes `size + 2 * padding - kernel` steps of one pixel": but(_size, kernel=0),
        "one position too many is counted: the kernel minus 1 is subtracted, and 1 is added after the division": positional(
            lambda n, k, s, p: (n + 2 * p - k + 1) // s + 1
        ),
        "only the kernel is divided by `stride`; put brackets around `size + 2 * padding - kernel`": positional(
            lambda n, k, s, p: n + 2 * p - k // s + 1
        ),
        "`padding` is subtracted; it makes the image larger": but(_size, padding=lambda padding: -padding),
        "`padding` is counted four times; along one axis there are two sides": but(_size, padding=lambda padding: 2 * padding),
        "`padding` is added after the division; it is part of the size in which the window moves": positional(
            lambda n, k, s, p: (n - k) // s + 1 + 2 * p
        ),
        "`stride` and `padding` are ignored": but(_size, stride=1, padding=0),
        "`padding` is ignored, and the + 1 is missing": positional(lambda n, k, s, p: (n - k) // s),
        "`padding` is ignored, and the + 1 is inside the division": positional(lambda n, k, s, p: (n - k + 1) // s),
        "`padding` is counted once, and the + 1 is missing": positional(lambda n, k, s, p: (n + p - k) // s),
        "the + 1 is missing, and the result of the division is not rounded down": positional(
            lambda n, k, s, p: (n + 2 * p - k) / s
        ),
        "a last window that ends exactly at the border is not counted; round down, then add 1": positional(
            lambda n, k, s, p: math.ceil((n + 2 * p - k) / s)
        ),
        "that is the size divided by `stride`, which holds for same padding only; use `kernel` and `padding`": positional(
            lambda n, k, s, p: math.ceil(n / s)
        ),
        "kernel and padding are ignored; the size alone is divided by `stride`": positional(lambda n, k, s, p: n // s),
        "the kernel is ignored, and the + 1 is missing": positional(lambda n, k, s, p: (n + 2 * p) // s),
        "the kernel is ignored, and the result is rounded up": positional(lambda n, k, s, p: math.ceil((n + 2 * p) / s)),
        "the kernel is subtracted after the division; the window moves in `size + 2 * padding - kernel` steps": positional(
            lambda n, k, s, p: (n + 2 * p) // s - k + 1
        ),
        "`padding` is halved; it is given per side, so it counts twice": but(_size, padding=lambda padding: padding // 2),
        "half of the kernel is subtracted; subtract all of it": but(_size, kernel=lambda kernel: kernel // 2),
        "the signs of kernel and padding are exchanged; padding makes room, the kernel needs it": positional(
            lambda n, k, s, p: (n - 2 * p + k) // s + 1
        ),
        "the steps are multiplied by `stride`; divide by it": positional(lambda n, k, s, p: (n + 2 * p - k) * s + 1),
        "that is one more than the number of positions; the first position counts once": but(_size, result=lambda n: n + 1),
        "that is the number of positions along both axes; count one axis": but(_size, result=lambda n: n * n),
        "only the size is divided by `stride`; put brackets around `size + 2 * padding - kernel`": positional(
            lambda n, k, s, p: n // s + 2 * p - k + 1
        ),
        "size and kernel are divided and rounded separately; subtract the kernel first, then divide": positional(
            lambda n, k, s, p: (n + 2 * p) // s - k // s + 1
        ),
        "`padding` is added after the division, and only once; it is part of the size in which the window moves": positional(
            lambda n, k, s, p: (n - k) // s + 1 + p
        ),
        "`padding` is counted once, and the + 1 is inside the division": positional(lambda n, k, s, p: (n + p - k + 1) // s),
        "`stride` spreads the kernel here, as a dilation does; it is the step of the window": positional(
            lambda n, k, s, p: n + 2 * p - s * (k - 1)
        ),
        "half of the kernel is subtracted at either end, which is one pixel too few for an odd kernel": positional(
            lambda n, k, s, p: (n + 2 * p - 2 * (k // 2)) // s + 1
        ),
        "half of the kernel is subtracted at either end, and the + 1 is missing; subtract all of the kernel": positional(
            lambda n, k, s, p: (n + 2 * p - 2 * (k // 2)) // s
        ),
        "`stride` is subtracted; the window makes steps of `stride` pixels, so divide by it": positional(
            lambda n, k, s, p: n + 2 * p - k + 1 - s
        ),
        "`%` gives the number of pixels that are left over; `//` counts the steps": positional(
            lambda n, k, s, p: (n + 2 * p - k) % s + 1
        ),
        "`%` gives the number of pixels that are left over; `//` counts the steps, and the first position adds 1": positional(
            lambda n, k, s, p: (n + 2 * p - k) % s
        ),
        "the padded size is divided by the kernel, as if the window moved by its own size; it moves by `stride`": positional(
            lambda n, k, s, p: (n + 2 * p) // k
        ),
        "`stride` is added after the division; the first position adds 1": positional(
            lambda n, k, s, p: (n + 2 * p - k) // s + s
        ),
        "all signs are reversed in the division; the kernel is subtracted from the padded size": positional(
            lambda n, k, s, p: (k - n - 2 * p) // s + 1
        ),
        "the kernel is added; it needs room, so subtract it": but(_size, kernel=lambda kernel: -kernel),
        "`stride` is taken to be 2; divide by the argument": but(_size, stride=2),
        "kernel and padding are ignored; a window needs room, and padding makes room": positional(
            lambda n, k, s, p: n // s + 1
        ),
        "`padding` is counted once, and the kernel is ignored": positional(lambda n, k, s, p: (n + p) // s + 1),
        "`padding` is counted once, and the result of the division is not rounded down": positional(
            lambda n, k, s, p: (n + p - k) / s + 1
        ),
        "the + 1 is inside the division, and its result is not rounded down": positional(
            lambda n, k, s, p: (n + 2 * p - k + 1) / s
        ),
        "that is two positions too few; add 1 to the number of steps": but(_size, result=lambda n: n - 2),
        "that is the size of the image; count the positions of the window": positional(lambda n, k, s, p: n),
        "that is the size of the padded image; count the positions of the window": positional(lambda n, k, s, p: n + 2 * p),
        "that is the position of the last window, `stride` pixels per step; count the positions": positional(
            lambda n, k, s, p: (n + 2 * p - k) // s * s
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
        "25 is the number of all windows without padding; how many windows contain the corner, with padding?": 25,
        "49 is the number of all windows; how many of them contain the corner?": 49,
        "24 is the number of pixels along the image's border; how many windows contain this one pixel?": 24,
        "81 is the number of pixels of the image with its border of zeros; how many windows contain the corner pixel?": 81,
        "that is the share of the window's nine pixels; the question is for the number of windows": 4 / 9,
        "5 is the length of the output without padding, or the number of an edge pixel's neighbours; count the windows that "
        "contain the corner": 5,
        "8 is the number of an inner pixel's neighbours; a corner has fewer, and the window centred on it counts too": 8,
        "16 squares the count of both axes; along each axis, two windows contain the corner": 16,
        "0 would mean that no window contains the corner; the window that begins one pixel above and left of the image does": 0,
    },
    hints=[
        "The centre of the window can be each of the 49 pixels. From which centres does the window contain the corner?",
        "Take one axis first: which centres are at most one pixel away from the first pixel, and inside the image?",
        "The centre must be the corner itself or one of its neighbours inside the image. Count these pixels.",
    ],
)


def _unmoved(input: Tensor, weight: Tensor, stride: int, **others: Any) -> Tensor:
    height, width = F.conv2d(input, weight, stride=stride, **others).shape[2:]
    return F.conv2d(input, weight, **others)[:, :, :height, :width]


def _per_pair(input: Tensor, weight: Tensor, bias: Tensor, **others: int) -> Tensor:
    k, c = weight.shape[:2]
    biases = bias.repeat_interleave(c)
    return F.conv2d(input.repeat(1, k, 1, 1), weight.reshape(k * c, 1, *weight.shape[2:]), biases, groups=k * c, **others)


def _padded_output(input: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:
    return F.pad(F.conv2d(input, weight, bias, stride), (padding,) * 4)


def _with_partial_windows(input: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:
    y = F.conv2d(input, weight, bias, stride, padding)
    sides = zip(input.shape[2:], weight.shape[2:], y.shape[2:], strict=True)
    rows, columns = (math.ceil((size + 2 * padding - kernel) / stride) + 1 - now for size, kernel, now in sides)
    reach = F.pad(input, (padding, padding + columns * stride, padding, padding + rows * stride))
    return F.conv2d(reach, weight, bias, stride)[:, :, : y.shape[2] + rows, : y.shape[3] + columns]


def _by_pattern(
    pattern: str = "ncrs,kcrs->nk",
    window: Callable[[int, int, int], slice] = lambda i, stride, r: slice(i * stride, i * stride + r),
    sides: int = 4,
) -> Callable[..., Tensor]:
    """Go over the windows with another pattern of einsum, other windows, or more padding, which torch may refuse."""

    def wrong(input: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:
        x, out = F.pad(input, (padding,) * sides), torch.zeros_like(F.conv2d(input, weight, bias, stride, padding))
        for i in range(out.shape[2]):
            for j in range(out.shape[3]):
                rows, columns = window(i, stride, weight.shape[2]), window(j, stride, weight.shape[3])
                out[:, :, i, j] = torch.einsum(pattern, x[:, :, rows, columns], weight) + bias
        return out

    return wrong


def _in_loops(
    input: Tensor,
    weight: Tensor,
    bias: Tensor,
    stride: int,
    padding: int,
    step: Callable[[int, int], int] = lambda stride, kernel: stride,
    room: Callable[[int, int], int] = lambda size, padding: size + 2 * padding,
) -> Tensor:
    """Go over the windows in loops; `step` is by how many pixels they move, `room` the number of pixels they move in."""
    x, kernels = F.pad(input, (padding,) * 4), weight.shape[2:]
    sides = [(room(size, padding) - k) // stride + 1 for size, k in zip(input.shape[2:], kernels, strict=True)]
    out = x.new_zeros(len(x), len(weight), *sides)
    for i in range(sides[0]):
        for j in range(sides[1]):
            top, left = (place * step(stride, k) for place, k in zip((i, j), kernels, strict=True))
            window = x[:, :, top : top + kernels[0], left : left + kernels[1]]
            out[:, :, i, j] = torch.einsum("ncrs,kcrs->nk", window, weight) + bias
    return out


conv2d = Check(
    "conv2d",
    reference=F.conv2d,
    without=("conv2d", "Conv2d", "convolution"),
    cases=[  # the first has sizes that coincide, and shows what torch refuses elsewhere
        dict(input=digits(2, 2, 2, 3), weight=digits(2, 2, 2, 2, seed=1), bias=digits(2, seed=2), stride=1, padding=0),
        dict(input=digits(1, 2, 4, 3), weight=digits(3, 2, 4, 1, seed=1), bias=digits(3, seed=2), stride=1, padding=0),
        dict(input=digits(1, 3, 4, 6), weight=digits(5, 3, 1, 2, seed=1), bias=digits(5, seed=2), stride=3, padding=1),
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
        "only the rows are padded; `F.pad` takes (left, right, top, bottom)": but(
            F.conv2d, padding=lambda padding: (padding, 0)
        ),
        "`stride` holds for the rows only; the window moves by it along both axes": but(
            F.conv2d, stride=lambda stride: (stride, 1)
        ),
        "`stride` holds for the columns only; the window moves by it along both axes": but(
            F.conv2d, stride=lambda stride: (1, stride)
        ),
        "the kernels are mirrored from left to right; apply them as they are": but(
            F.conv2d, weight=lambda weight: weight.flip(3)
        ),
        "the kernels are mirrored from top to bottom; apply them as they are": but(
            F.conv2d, weight=lambda weight: weight.flip(2)
        ),
        "the channels are averaged; a filter adds the products of all channels": but(
            F.conv2d, weight=lambda weight: weight / weight.shape[1]
        ),
        "the products of a window are averaged; a filter adds them": but(
            F.conv2d, weight=lambda weight: weight / weight[0].numel()
        ),
        "the sum is multiplied by the bias; add the bias": but(
            F.conv2d, bias=None, result=lambda y, bias: y * bias[:, None, None]
        ),
        "the bias is added to every product; a filter adds it once": but(
            F.conv2d, bias=lambda bias, weight: bias * weight[0].numel()
        ),
        "every filter gets the first bias; filter k has `bias[k]`": but(F.conv2d, bias=lambda bias: bias[:1].expand_as(bias)),
        "all images of the batch are added; each image has maps of its own": but(
            F.conv2d, result=lambda y: y.sum(0, keepdim=True).expand_as(y)
        ),
        "images and filters are exchanged in the result; its shape is (N, K, H', W')": but(
            F.conv2d, result=lambda y: y.transpose(0, 1)
        ),
        "the border is filled with ones; padding adds zeros": but(
            F.conv2d, input=lambda input, padding: F.pad(input, (padding,) * 4, value=1.0), padding=0
        ),
        "the border repeats the pixels at the edge; padding adds zeros": but(
            F.conv2d, input=lambda input, padding: F.pad(input, (padding,) * 4, mode="replicate"), padding=0
        ),
        "negative results are cut off; a convolution has no ReLU": but(F.conv2d, result=torch.relu),
        "`padding` is added twice on each side": but(F.conv2d, padding=lambda padding: 2 * padding),
        "windows that do not fit completely are counted; leave them out by rounding down": _with_partial_windows,
        "the zeros are added around the output; pad the input": _padded_output,
        "the last row and the last column of the output are missing": but(F.conv2d, result=lambda y: y[:, :, :-1, :-1]),
        "the last row and the last column of the output are never filled": but(
            F.conv2d, result=lambda y: F.pad(y[:, :, :-1, :-1], (0, 1, 0, 1))
        ),
        "only the first image is processed; the output has one row of maps per image": but(
            F.conv2d, input=lambda input: input[:1]
        ),
        "all images of the batch are added up to one; each image has maps of its own": but(
            F.conv2d, input=lambda input: input.sum(0, keepdim=True)
        ),
        "only the bottom and the right are padded; each of the four sides gets `padding`": but(
            F.conv2d, input=lambda input, padding: F.pad(input, (0, padding, 0, padding)), padding=0
        ),
        "all zeros are added at the bottom and the right; each of the four sides gets `padding`": but(
            F.conv2d, input=lambda input, padding: F.pad(input, (0, 2 * padding, 0, 2 * padding)), padding=0
        ),
        "the bias is added along the columns of each map, not per filter; add `bias[:, None, None]`": but(
            F.conv2d, bias=None, result=lambda y, bias: y + bias
        ),
        "the bias is added along the rows of each map, not per filter; add `bias[:, None, None]`": but(
            F.conv2d, bias=None, result=lambda y, bias: y + bias[:, None]
        ),
        "the sum of all biases is added to every map; filter k adds `bias[k]`": but(
            F.conv2d, bias=lambda bias: bias.sum().expand_as(bias)
        ),
        "the window moves by the size of the kernel; its corner is at `i * stride`, `j * stride`": partial(
            _in_loops, step=lambda stride, kernel: kernel
        ),
        "the output's size is computed from the padded input and counts `padding` once more": partial(
            _in_loops, room=lambda size, padding: size + 4 * padding
        ),
        "the output's size is computed without `padding`; the window moves over the padded input": partial(
            _in_loops, room=lambda size, padding: size
        ),
        "the bias is added twice; a filter adds it once": but(F.conv2d, bias=lambda bias: 2 * bias),
        "the channels of the input are in reverse order": but(F.conv2d, input=lambda input: input.flip(1)),
        "`stride` and `padding` are ignored": but(F.conv2d, stride=1, padding=0),
        "the mean of all biases is added to every map; filter k adds `bias[k]`": but(
            F.conv2d, bias=lambda bias: bias.mean().expand_as(bias)
        ),
        "the bias is added to the whole output again in every step of the loop; add it once": but(
            F.conv2d, bias=None, result=lambda y, bias: y + bias[:, None, None] * y[0, 0].numel()
        ),
        "channels of input and filter do not share a letter, so every channel meets every kernel; use `c` for both": but(
            F.conv2d,
            input=lambda input: input.sum(1, keepdim=True),
            weight=lambda weight: weight.sum(1, keepdim=True),
        ),
        "pixels and weights share no letters for rows and columns; use `r` and `s` for both": but(
            F.conv2d, weight=lambda weight: weight.sum((2, 3), keepdim=True).expand_as(weight)
        ),
        "all images of the batch are added, because `n` is missing on the right of the arrow": but(
            F.conv2d, input=lambda input: input.sum(0, keepdim=True).expand_as(input)
        ),
        "all filters are added, because `k` is missing on the right of the arrow; each filter has a map of its own": but(
            F.conv2d, weight=lambda weight: weight.sum(0, keepdim=True).expand_as(weight)
        ),
        "only the map of the first filter is filled": but(
            F.conv2d, result=lambda y: torch.cat([y[:, :1], torch.zeros_like(y[:, 1:])], 1)
        ),
        "only the maps of the first image are filled": but(
            F.conv2d, result=lambda y: torch.cat([y[:1], torch.zeros_like(y[1:])])
        ),
        "the window moves by `stride` along the columns only; its corner is at `i * stride`, `j * stride`": (
            lambda input, weight, bias, stride, padding: F.conv2d(input, weight, bias, (1, stride), padding)[
                :, :, : (input.shape[2] + 2 * padding - weight.shape[2]) // stride + 1
            ]
        ),
        "the window moves by `stride` along the rows only; its corner is at `i * stride`, `j * stride`": (
            lambda input, weight, bias, stride, padding: F.conv2d(input, weight, bias, (stride, 1), padding)[
                ..., : (input.shape[3] + 2 * padding - weight.shape[3]) // stride + 1
            ]
        ),
        "negative sums are cut off before the bias is added; a convolution has no ReLU": but(
            F.conv2d, bias=None, result=lambda y, bias: torch.relu(y) + bias[:, None, None]
        ),
        "the images of the batch are averaged; each image has maps of its own": but(
            F.conv2d, result=lambda y: y.mean(0, keepdim=True)
        ),
        "the last row of the output is missing": but(F.conv2d, result=lambda y: y[:, :, :-1]),
        "the last column of the output is missing": but(F.conv2d, result=lambda y: y[..., :-1]),
        "the filters are the last axis of the result; its shape is (N, K, H', W')": but(
            F.conv2d, result=lambda y: y.permute(0, 2, 3, 1)
        ),
        "the maps of the result are flattened; its shape is (N, K, H', W')": but(F.conv2d, result=lambda y: y.flatten(2)),
        "the border repeats the image from its other side; padding adds zeros": but(
            F.conv2d, input=lambda input, padding: F.pad(input, (padding,) * 4, mode="circular"), padding=0
        ),
        "the channels of the output are averaged; each filter has a map of its own": but(
            F.conv2d, result=lambda y: y.mean(1, keepdim=True)
        ),
        "only the first filter is used; the output has one map per filter": but(
            F.conv2d, weight=lambda weight: weight[:1], bias=lambda bias: bias[:1]
        ),
        "`padding` is taken to be 1; use the argument": but(F.conv2d, padding=1),
        "`stride` is taken to be 2; use the argument": but(F.conv2d, stride=2),
        "the axis of the images is missing; the result has the shape (N, K, H', W'), also for one image": but(
            F.conv2d, result=lambda y: y.squeeze(0)
        ),
        "the channels are averaged before they are multiplied, in input or filter; each channel has its own kernel": but(
            F.conv2d, weight=lambda weight: weight.mean(1, keepdim=True).expand_as(weight)
        ),
        "the axes of the filters are (K, C, R, S): here `c` stands before `k`; the pattern is `ncrs,kcrs->nk`": _by_pattern(
            "ncrs,ckrs->nk"
        ),
        "rows and columns of the kernels are exchanged; the pattern is `ncrs,kcrs->nk`": _by_pattern("ncrs,kcsr->nk"),
        "the channels are not added up, because `c` is on the right of the arrow; the pattern is `ncrs,kcrs->nk`": _by_pattern(
            "ncrs,kcrs->nkc"
        ),
        "images and filters are exchanged on the right of the arrow; the pattern is `ncrs,kcrs->nk`": _by_pattern(
            "ncrs,kcrs->kn"
        ),
        "the window ends at `(i + R) * stride`; it ends at `i * stride + R`": _by_pattern(
            window=lambda i, stride, r: slice(i * stride, (i + r) * stride)
        ),
        "the window ends at `i + R` and begins at `i * stride`; it ends at `i * stride + R`": _by_pattern(
            window=lambda i, stride, r: slice(i * stride, i + r)
        ),
        "the window begins at `i + stride`; it begins at `i * stride`": _by_pattern(
            window=lambda i, stride, r: slice(i + stride, i + stride + r)
        ),
        "the channels are padded as well; `F.pad` needs four numbers here: left, right, top, bottom": _by_pattern(sides=6),
        "the border mirrors the pixels of the image; padding adds zeros": but(
            F.conv2d, input=lambda input, padding: F.pad(input, (padding,) * 4, mode="reflect"), padding=0
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
    cases=[
        dict(c_in=3, c_out=7, r=5, s=2),
        dict(c_in=1, c_out=6, r=5, s=5),
        dict(c_in=64, c_out=128, r=3, s=3),
        dict(c_in=11, c_out=2, r=3, s=5),
    ],
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
        "only the weights of one filter are counted, and the biases of all": positional(lambda c, k, r, s: c * r * s + k),
        "the biases are counted like another input channel; a filter adds one number, not r * s": positional(
            lambda c, k, r, s: (c + 1) * r * s * k
        ),
        "there is one bias per filter and one per input channel; there is one per filter": positional(
            lambda c, k, r, s: c * r * s * k + c + k
        ),
        "there is one bias per weight; a filter adds one number": positional(lambda c, k, r, s: 2 * c * r * s * k),
        "the input's channels and the biases are missing": positional(lambda c, k, r, s: r * s * k),
        "the input's channels are missing from the weights, and the biases are one per channel, not per filter": positional(
            lambda c, k, r, s: r * s * k + c
        ),
        "that is the number of weights of one kernel; count all channels and filters, and the biases": positional(
            lambda c, k, r, s: r * s
        ),
        "that is the number of kernels, one per channel and filter; each has r * s weights": positional(
            lambda c, k, r, s: c * k
        ),
        "the kernel is taken to be s x s; it has r * s weights": but(_parameters, r=lambda s: s),
        "the biases are counted like another filter; each filter adds one number": positional(
            lambda c, k, r, s: c * r * s * (k + 1)
        ),
        "the biases are counted like another kernel, r * s numbers; there is one per filter": positional(
            lambda c, k, r, s: c * r * s * k + r * s
        ),
        "there are two biases per filter; each filter adds one number": positional(lambda c, k, r, s: (c * r * s + 2) * k),
        "only the biases are counted; add the weights": positional(lambda c, k, r, s: k),
        "the sides of a kernel are added; it has r * s weights": positional(lambda c, k, r, s: (c * (r + s) + 1) * k),
        "that is the number of weights of one filter; count all filters, and their biases": positional(
            lambda c, k, r, s: r * s * c
        ),
        "channels and kernel are added; a filter has `c_in * r * s` weights": positional(
            lambda c, k, r, s: (c + r * s + 1) * k
        ),
        "channels and filters are added; each of the `c_out` filters has `c_in * r * s` weights": positional(
            lambda c, k, r, s: (c + k) * r * s
        ),
        "channels and filters are added; each of the `c_out` filters has `c_in * r * s` weights and one bias": positional(
            lambda c, k, r, s: (c + k) * r * s + k
        ),
        "one bias is counted per pair of filters, `c_out * c_out`; each filter adds one number": positional(
            lambda c, k, r, s: c * r * s * k + k * k
        ),
        "that is one filter with a bias per channel; count all filters, each with one bias": positional(
            lambda c, k, r, s: c * (r * s + 1)
        ),
        "the input's channels are counted with the biases, not the weights; a filter has `c_in * r * s` weights": positional(
            lambda c, k, r, s: r * s * k + c * k
        ),
        "that is twice the number; weights and biases of the layer count once": but(_parameters, result=lambda n: 2 * n),
        "the sides of a kernel are added, and the biases are missing; it has r * s weights": positional(
            lambda c, k, r, s: c * k * (r + s)
        ),
        "the number of filters is counted twice; there are `c_out` filters": positional(lambda c, k, r, s: c * k * r * s * k),
        "one bias is counted per column of the kernel; each filter adds one number": positional(
            lambda c, k, r, s: c * k * r * s + s
        ),
        "one bias is counted per row of the kernel; each filter adds one number": positional(
            lambda c, k, r, s: c * k * r * s + r
        ),
        "one bias is counted per row of every kernel; each filter adds one number": positional(
            lambda c, k, r, s: c * k * r * s + c * k * r
        ),
        "the biases are subtracted; add one per filter": positional(lambda c, k, r, s: c * k * r * s - k),
        "one bias too many is counted; the layer has one per filter": but(_parameters, result=lambda n: n + 1),
        "the kernels are counted one row and one column too small; each has r * s weights": but(
            _parameters, r=lambda r: r - 1, s=lambda s: s - 1
        ),
        "one filter too many is counted; there are `c_out`": but(_parameters, c_out=lambda c_out: c_out + 1),
        "the size of the kernel is missing; each kernel has r * s weights": but(_parameters, r=1, s=1),
        "one bias too few is counted; the layer has one per filter": but(_parameters, result=lambda n: n - 1),
        "the input's channels are missing, and one bias is counted for the whole layer; each filter has its own": positional(
            lambda c, k, r, s: k * r * s + 1
        ),
        "channels and sides of the kernel are added; a filter has `c_in * r * s` weights": positional(
            lambda c, k, r, s: k * (c + r + s + 1)
        ),
        "that is one kernel and its bias; count all channels and filters": positional(lambda c, k, r, s: r * s + 1),
        "a bias channel and a bias filter are counted; each filter adds one number": positional(
            lambda c, k, r, s: (c + 1) * (k + 1) * r * s
        ),
    },
    hints=[
        "Count one filter first: how many weights does it have, over all its channels?",
        "One filter has `c_in * r * s` weights. What else does it learn, and how many filters are there?",
        "`(c_in * r * s + 1) * c_out`",
    ],
)


weight_gradient = Check(
    "weight_gradient",
    reference=17,
    mistakes={
        "-4 is the gradient of the top left weight, which the text derives; the bottom right one is on other pixels": -4,
        "10 is the gradient of the top right weight": 10,
        "12 is the gradient of the bottom left weight, or what you get without the third window": 12,
        "35 is the sum of the gradients of all four weights; only that of w[1, 1] is wanted": 35,
        "21 is what you get with g rotated by 180 degrees; g[0, 0] belongs to the first window, where w[1, 1] is on x[1, 1]": (
            21
        ),
        "15 is what you get with rows and columns of g exchanged; g[0, 1] belongs to the window that begins at column 1": 15,
        "-3 is what you get with g mirrored from left to right": -3,
        "-7 is what you get with g mirrored from top to bottom": -7,
        "14 is the sum of the four pixels that the weight is on; multiply each by the g of its window before you add": 14,
        "2 is the sum of g; multiply each g by the pixel that the weight is on in that window": 2,
        "6 is the sum of g times the weight; the derivative of w * x with respect to w is the pixel x, not the weight": 6,
        "7 is the sum of g times the kernel; multiply each g by the pixel that w[1, 1] is on, not by a weight": 7,
        "28 is the sum of the pixels times the sum of g; multiply each pixel by the g of its own window": 28,
        "29 is what you get if the -2 counts as 2; an output with a negative gradient counts negatively": 29,
        "23 is what you get without the first window; all four windows contain the weight": 23,
        "-6 is the contribution of the first window alone; add those of all four": -6,
        "18 is the contribution of the second window alone; add those of all four": 18,
        "5 is the contribution of the third window alone; add those of all four": 5,
        "0 is the contribution of the last window alone; add those of all four": 0,
        "13 is the output of the last window; the gradient is made with g, not with the kernel": 13,
        "51 is the right sum times the weight; the derivative of w * x with respect to w is x, without w": 51,
        "89 is the loss; its gradient with respect to one weight is the sum of g times the pixels under that weight": 89,
        "1 is the gradient with respect to the pixel in the middle": 1,
        "3 is the weight itself; how much does the loss change if it grows a little?": 3,
        "-14 is the weight after an update with learning rate 1; only the gradient is wanted": -14,
        "that is the mean over the four windows; their contributions are added": 4.25,
        "the sign is wrong: the gradient is positive; the minus sign belongs to the update, not to the gradient": -17,
    },
    hints=[
        "In each of the four windows, w[1, 1] is on the bottom right pixel. Which four pixels are these?",
        "They are x[1, 1], x[1, 2], x[2, 1] and x[2, 2]. Multiply each by the g of its window, and add.",
        "-2 * 3 + 3 * 6 + 1 * 5 + 0 * 0",
    ],
)


def _backward(
    image: Tensor,
    kernel: Tensor,
    g: Tensor,
    turn: Callable[[Tensor], Tensor] = lambda kernel: kernel.flip(0, 1),
    border: Callable[[int, int], tuple[int, ...]] = lambda r, s: (s - 1, s - 1, r - 1, r - 1),
    of_image: Callable[[Tensor], Tensor] = Tensor.clone,
    of_kernel: Callable[[Tensor, Tensor], Tensor] = _slide,
) -> tuple[Tensor, Tensor]:
    return _slide(F.pad(of_image(g), border(*kernel.shape)), turn(kernel)), of_kernel(image, g)


def _covered(kernel: Tensor, g: Tensor) -> Tensor:
    """Count the windows that contain each pixel, (H, W)."""
    return F.conv_transpose2d(torch.ones_like(g)[None, None], torch.ones_like(kernel)[None, None])[0, 0]


def _at_corners(like: Tensor, values: Tensor) -> Tensor:
    """Put each value where its window begins, and zeros elsewhere."""
    return F.pad(values, (0, like.shape[1] - values.shape[1], 0, like.shape[0] - values.shape[0]))


def _overwritten(image: Tensor, kernel: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    """Go over the windows and set, where contributions have to be added."""
    (r, s), of_image, of_kernel = kernel.shape, torch.zeros_like(image), torch.zeros_like(kernel)
    for i in range(g.shape[0]):
        for j in range(g.shape[1]):
            of_image[i : i + r, j : j + s] = g[i, j] * kernel
            of_kernel[:] = g[i, j] * image[i : i + r, j : j + s]
    return of_image, of_kernel


def _with_kernel_overwritten(image: Tensor, kernel: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    return _backward(image, kernel, g)[0], _overwritten(image, kernel, g)[1]


def _with_image_overwritten(image: Tensor, kernel: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    return _overwritten(image, kernel, g)[0], _backward(image, kernel, g)[1]


ROTATE = "the gradient with respect to the image uses the kernel as it is; rotate it by 180 degrees, `kernel.flip(0, 1)`"
BORDER = "the border around g is {}; it has S - 1 columns on the left and right and R - 1 rows at the top and bottom"
backward = Check(
    "backward",
    builds_on=[slide],
    without=("autograd", "backward", "requires_grad_", "requires_grad"),
    reference=_backward,
    cases=[
        dict(image=digits(3, 4), kernel=digits(2, 2, seed=1), g=digits(2, 3, seed=2)),
        dict(image=digits(3, 6), kernel=digits(2, 3, seed=1), g=digits(2, 4, seed=2)),
        dict(image=random(7, 11), kernel=random(3, 2, seed=1), g=random(5, 10, seed=2)),
        dict(image=random(7, 13, seed=3), kernel=random(3, 5, seed=4), g=random(5, 9, seed=5)),
    ],
    mistakes={
        ROTATE: partial(_backward, turn=lambda kernel: kernel),
        "the kernel is mirrored from top to bottom alone; rotated by 180 degrees, both axes are flipped": partial(
            _backward, turn=lambda kernel: kernel.flip(0)
        ),
        "the kernel is mirrored from left to right alone; rotated by 180 degrees, both axes are flipped": partial(
            _backward, turn=lambda kernel: kernel.flip(1)
        ),
        "rows and columns of the kernel are exchanged; rotated by 180 degrees, it is `kernel.flip(0, 1)`": partial(
            _backward, turn=torch.t
        ),
        "rows and columns of the kernel and of the border are exchanged; rotated by 180 degrees, it is `kernel.flip(0, 1)`": (
            partial(_backward, turn=torch.t, border=lambda r, s: (r - 1, r - 1, s - 1, s - 1))
        ),
        "the image's gradient has one window's sum at each place of g; spread g times the kernel over the window": but(
            _backward, result=lambda both, kernel, g: (_at_corners(both[0], kernel.sum() * g), both[1])
        ),
        "the kernel after an update is returned; return its gradient": but(
            _backward, result=lambda both, kernel: (both[0], kernel - both[1])
        ),
        "the two gradients are exchanged; that of the image comes first": but(_backward, result=lambda both: both[::-1]),
        BORDER.format("exchanged between rows and columns"): partial(
            _backward, border=lambda r, s: (r - 1, r - 1, s - 1, s - 1)
        ),
        BORDER.format("missing, so that pixels at the edge are left out"): partial(_backward, border=lambda r, s: (0, 0, 0, 0)),
        BORDER.format("one pixel wide, which is right for a 2x2 kernel only"): partial(
            _backward, border=lambda r, s: (1, 1, 1, 1)
        ),
        BORDER.format("as wide as the kernel"): partial(_backward, border=lambda r, s: (s, s, r, r)),
        BORDER.format("all at the top and the left"): partial(_backward, border=lambda r, s: (2 * s - 2, 0, 2 * r - 2, 0)),
        "each window overwrites what the windows before it contributed; add with `+=`": _overwritten,
        "in the gradient with respect to the image, each window overwrites those before it; add with `+=`": (
            _with_image_overwritten
        ),
        "the gradient with respect to the kernel is that of the last window alone; add those of all windows": (
            _with_kernel_overwritten
        ),
        "the gradient with respect to the kernel is averaged over the windows; their contributions are added": partial(
            _backward, of_kernel=lambda image, g: _slide(image, g) / g.numel()
        ),
        "the gradient with respect to the kernel is rotated by 180 degrees; `slide(image, g)` needs no rotation": partial(
            _backward, of_kernel=lambda image, g: _slide(image, g).flip(0, 1)
        ),
        "in the gradient with respect to the kernel, g is rotated by 180 degrees; it is used as it is": partial(
            _backward, of_kernel=lambda image, g: _slide(image, g.flip(0, 1))
        ),
        "in the gradient with respect to the image, g is rotated as well; only the kernel is": partial(
            _backward, of_image=lambda g: g.flip(0, 1)
        ),
        "the image's gradient is rotated by 180 degrees, as if g were rotated in place of the kernel": partial(
            _backward, of_image=lambda g: g.flip(0, 1), turn=lambda kernel: kernel
        ),
        "the wrong grid is rotated: rotate the kernel for the image's gradient, and leave the kernel's gradient": partial(
            _backward, turn=lambda kernel: kernel, of_kernel=lambda image, g: _slide(image, g).flip(0, 1)
        ),
        "the wrong grid is rotated: rotate the kernel for the image's gradient, and use g as it is": partial(
            _backward, turn=lambda kernel: kernel, of_kernel=lambda image, g: _slide(image, g.flip(0, 1))
        ),
        BORDER.format("R - 1 on all sides"): partial(_backward, border=lambda r, s: (r - 1, r - 1, r - 1, r - 1)),
        BORDER.format("S - 1 on all sides"): partial(_backward, border=lambda r, s: (s - 1, s - 1, s - 1, s - 1)),
        BORDER.format("twice as wide"): partial(_backward, border=lambda r, s: (2 * s - 2, 2 * s - 2, 2 * r - 2, 2 * r - 2)),
        "g has no border, and the kernel is not rotated": partial(
            _backward, turn=lambda kernel: kernel, border=lambda r, s: (0, 0, 0, 0)
        ),
        "the two gradients are exchanged, and the kernel is not rotated": but(
            partial(_backward, turn=lambda kernel: kernel), result=lambda both: both[::-1]
        ),
        "image and kernel after an update are returned; return the gradients": but(
            _backward, result=lambda both, image, kernel: (image - both[0], kernel - both[1])
        ),
        "the gradient with respect to the kernel ignores the image; multiply the pixels of each window by its g": partial(
            _backward,
            of_kernel=lambda image, g: g.sum().expand(image.shape[0] - g.shape[0] + 1, image.shape[1] - g.shape[1] + 1),
        ),
        "`g` is ignored in both gradients; each output counts as much as its g": but(_backward, g=torch.ones_like),
        "`g` is ignored in the gradient with respect to the kernel; multiply each window by its g": partial(
            _backward, of_kernel=lambda image, g: _slide(image, torch.ones_like(g))
        ),
        "`g` is ignored in the gradient with respect to the image; multiply the kernel by the g of each window": partial(
            _backward, of_image=torch.ones_like
        ),
        "the signs are wrong: the minus sign belongs to the update, not to the gradient": but(_backward, g=lambda g: -g),
        "the kernel's gradient is the output of the layer; slide g over the image, not the kernel": but(
            _backward, result=lambda both, image, kernel: (both[0], _slide(image, kernel))
        ),
        "the image's gradient is the output of the layer; slide the rotated kernel over g": but(
            _backward, result=lambda both, image, kernel: (_slide(image, kernel), both[1])
        ),
        "image and kernel themselves are returned; return their gradients": but(
            _backward, result=lambda both, image, kernel: (image, kernel)
        ),
        "the image's gradient is divided by the number of weights; contributions are added": but(
            _backward, result=lambda both, kernel: (both[0] / kernel.numel(), both[1])
        ),
        "the kernel's gradient is divided by the number of pixels; contributions are added": but(
            _backward, result=lambda both, image: (both[0], both[1] / image.numel())
        ),
        "the image's gradient is zero": but(_backward, result=lambda both: (0 * both[0], both[1])),
        "the kernel's gradient is zero": but(_backward, result=lambda both: (both[0], 0 * both[1])),
        "the kernel's gradient is mirrored from top to bottom": but(_backward, result=lambda both: (both[0], both[1].flip(0))),
        "the kernel's gradient is mirrored from left to right": but(_backward, result=lambda both: (both[0], both[1].flip(1))),
        "the kernel's gradient is added up to one number; each weight has its own": but(
            _backward, result=lambda both: (both[0], both[1].sum())
        ),
        "the gradients still have axes for images and channels; return only rows and columns": but(
            _backward, result=lambda both: tuple(one[None, None] for one in both)
        ),
        BORDER.format("all at the bottom and the right"): partial(_backward, border=lambda r, s: (0, 2 * s - 2, 0, 2 * r - 2)),
        BORDER.format("half as wide as the kernel"): partial(_backward, border=lambda r, s: (s // 2, s // 2, r // 2, r // 2)),
        "the gradient with respect to the image is averaged over the windows of each pixel; their contributions are added": but(
            _backward, result=lambda both, kernel, g: (both[0] / _covered(kernel, g), both[1])
        ),
        "both gradients are averaged over the windows; their contributions are added": but(
            _backward, result=lambda both, g: (both[0] / g.numel(), both[1] / g.numel())
        ),
        "the image's gradient is multiplied by the image; the derivative of w * x with respect to x is w": but(
            _backward, result=lambda both, image: (both[0] * image, both[1])
        ),
        "the kernel's gradient is multiplied by the kernel; the derivative of w * x with respect to w is x": but(
            _backward, result=lambda both, kernel: (both[0], both[1] * kernel)
        ),
        "rows and columns of the kernel's gradient are exchanged": but(_backward, result=lambda both: (both[0], both[1].T)),
        "rows and columns of the image's gradient are exchanged": but(_backward, result=lambda both: (both[0].T, both[1])),
        "both gradients are twice as large as they should be": but(
            _backward, result=lambda both: tuple(2 * one for one in both)
        ),
        "the sign of the image's gradient is wrong; the minus sign belongs to the update, not to the gradient": but(
            _backward, result=lambda both: (-both[0], both[1])
        ),
        "the sign of the kernel's gradient is wrong; the minus sign belongs to the update, not to the gradient": but(
            _backward, result=lambda both: (both[0], -both[1])
        ),
        "`g` itself is returned as the kernel's gradient; slide it over the image": but(
            _backward, result=lambda both, g: (both[0], g)
        ),
        "every pixel gets the sum of the weights as its gradient; add weight times g over the windows that contain it": but(
            _backward, result=lambda both, kernel: (kernel.sum().expand_as(both[0]), both[1])
        ),
        "every pixel gets the sum of g as its gradient; add weight times g over the windows that contain it": but(
            _backward, result=lambda both, g: (g.sum().expand_as(both[0]), both[1])
        ),
    },
    hints=[
        "The gradient of the kernel is the map of `image` with `g` as the kernel. Which shape does `slide(image, g)` have?",
        "For the image, pad `g` by S - 1 left and right and by R - 1 at the top and bottom, then slide `kernel.flip(0, 1)`.",
        "`slide(F.pad(g, (S - 1, S - 1, R - 1, R - 1)), kernel.flip(0, 1)), slide(image, g)`, with `R, S = kernel.shape`",
    ],
)

invariance = Check(
    "invariance",
    reference="a",
    choices=("a", "b", "c"),
    mistakes={
        "compare the two feature maps above: the moved photograph gives a different map, the same one moved": "b",
        "the filter need not see every position in training, because its weights are the same everywhere": "c",
    },
    hints=[
        "Equivariant: the output moves with the input. Invariant: the output does not change. Which of them did you see above?",
        "A sum over all positions of a feature map does not depend on where its large numbers are.",
    ],
)
