"""Wrong answers of lesson 01."""

import numpy as np
import torch
from torch.nn import functional as F

FLIPPED = "the kernel is flipped; here it is applied as it is"
SHAPE = "expected shape "


def slide_flipped_in_numpy(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image.numpy(), tuple(kernel.shape))
    return torch.from_numpy((windows * kernel.numpy()[::-1, ::-1]).sum((2, 3)))


def slide_with_the_mean(image, kernel):
    rows, columns = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    out = torch.zeros(rows, columns)  # float32
    for i in range(rows):
        for j in range(columns):
            out[i, j] = torch.mean(image[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel)
    return out


def slide_without_its_last_windows(image, kernel):
    (h, w), (r, s) = image.shape, kernel.shape
    out = image.new_zeros(h - r + 1, w - s + 1)
    for i in range(h - r):
        for j in range(w - s):
            out[i, j] = (image[i : i + r, j : j + s] * kernel).sum()
    return out


def conv2d_by_einsum(pad=lambda p: (p,) * 4, step=None, flip=False):
    """Write the whole convolution as one einsum over views, with something changed."""

    def conv2d(x, w, b, stride, padding):
        w = torch.flip(w, [2, 3]) if flip else w
        windows = F.pad(x, pad(padding)).unfold(2, w.shape[2], step or stride).unfold(3, w.shape[3], step or stride)
        return torch.einsum("nchwrs,kcrs->nkhw", windows, w) + b[:, None, None]

    return conv2d


def conv2d_with_a_bias_per_channel(x, w, b, stride, padding):
    out = 0
    for c in range(x.shape[1]):
        out = out + F.conv2d(x[:, c : c + 1], w[:, c : c + 1], b, stride, padding)
    return out


def matrix_with_exchanged_sides(x, w):
    rows, columns = x.shape[2] - w.shape[2] + 1, x.shape[3] - w.shape[3] + 1
    return torch.matmul(w.reshape(len(w), -1), F.unfold(x, w.shape[2:])).reshape(len(x), len(w), columns, rows)


WRONG_ANSWERS = {
    "window": [
        (4, "4 is the sum of the nine weights"),
        (np.float32(5), "5 is what you get with a flipped kernel"),
        ("17", "17 is the sum of the nine pixels"),
        (16.0, "16 is what you get if the weight -1 counts as 1"),
        (12, "12 is not right"),
    ],
    "slide": [
        (slide_flipped_in_numpy, FLIPPED),
        (slide_with_the_mean, "the products are averaged"),
        (slide_without_its_last_windows, "the last row and the last column of the output are never filled"),
        (lambda image, kernel: F.conv2d(image[None, None], kernel[None, None]), SHAPE),
        (lambda image, kernel: image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1).sum((2, 3)), "the pixels are"),
    ],
    "output_size": [
        (lambda n, k, s, p: (n + 2 * p - k + s - 1) // s + 1, "the result of the division is rounded up"),
        (lambda n, k, s, p: np.ceil((n + 2 * p - k) / s) + 1, "the result of the division is rounded up"),
        (lambda n, k, s, p: len(range(0, n + p - k + 1, s)), "`padding` is counted once"),
        (lambda n, k, s, p: np.float64(n + 2 * p - k) / s + 1, "the result of the division is not rounded down"),
        (lambda n, k, s, p: n // s, "expected 1, got "),
    ],
    "corner": [(torch.tensor(9), "9 holds for an inner pixel"), (2, "2 is the count along one axis"), (36, "36 is not right")],
    "conv2d": [
        (conv2d_by_einsum(flip=True), FLIPPED),
        (conv2d_by_einsum(step=1), "`stride` is ignored"),
        (conv2d_by_einsum(lambda p: (p, p)), "only the columns are padded"),
        (conv2d_by_einsum(lambda p: (p, 0, p, 0)), "only the top and the left are padded"),
        (conv2d_by_einsum(lambda p: (2 * p, 0, 2 * p, 0)), "all zeros are added at the top and the left"),
        (conv2d_by_einsum(lambda p: (0,) * 4), "`padding` is ignored"),
        (conv2d_with_a_bias_per_channel, "the bias is added once per channel"),
        (lambda x, w, b, s, p: F.conv2d(x.float(), w.float(), stride=s, padding=p), "the bias is missing"),
        (lambda x, w, b, s, p: F.conv2d(x.float(), w.float(), b.float(), s, p), "the result is torch.float32"),
        (lambda x, w, b, s, p: F.conv2d(x[:1], w, b, s, p), SHAPE),
        (lambda x, w, b, s, p: F.conv2d(x, w, b, s, p).relu(), "120 of the 225 values differ"),
    ],
    "parameters": [
        (lambda c, k, r, s: torch.zeros(k, c, r, s).numel(), "the biases are missing"),
        (lambda c, k, r, s: np.prod([c, k, r, s]) + c, "there is one bias per input channel"),
        (lambda c, k, r, s: c * k * r * s + k + c, "expected 217, got 220"),
    ],
    "matrix": [
        (matrix_with_exchanged_sides, "H' and W' are exchanged"),
        (lambda x, w: w.flatten(1) @ F.unfold(x, w.shape[2:]), "the output is still (N, K, L)"),
        (lambda x, w: F.conv2d(x, w).transpose(0, 1), SHAPE),
    ],
    "flatten": [(np.array([4]), "4 images went in"), ((16, 400), "expected a number, got a tuple"), (8, "8 is not right")],
    "invariance": [("(A)", "compare the two feature maps"), ("c.", "the filter need not see every position")],
}
