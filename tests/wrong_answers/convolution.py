"""Wrong answers of lesson 01."""

import numpy as np
import torch
from torch import nn
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


def slide_to_the_wrong_place(image, kernel):
    size = [a - b + 1 for a, b in zip(image.shape, kernel.shape, strict=True)]
    out = torch.zeros(size[::-1])  # columns and rows
    for i in range(size[0]):
        for j in range(size[1]):
            out[j, i] = torch.sum(image[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel)
    return out


def slide_over_too_few_places(image, kernel):
    places = range(len(image) - len(kernel)), range(image.shape[1] - kernel.shape[1])
    rows = [[image[i:, j:][: len(kernel), : kernel.shape[1]].mul(kernel).sum() for j in places[1]] for i in places[0]]
    return torch.tensor(rows).reshape(len(places[0]), len(places[1]))


def conv2d_by_einsum(pad=lambda p: (p,) * 4, step=None, flip=False, to="nkhw", add=torch.add):
    """Write the whole convolution as one einsum over views, with something changed."""

    def conv2d(x, w, b, stride, padding):
        w = torch.flip(w, [2, 3]) if flip else w
        windows = F.pad(x, pad(padding)).unfold(2, w.shape[2], step or stride).unfold(3, w.shape[3], step or stride)
        return add(torch.einsum(f"nchwrs,kcrs->{to}", windows, w), b[:, None, None])

    return conv2d


def conv2d_in_loops(corner=lambda i, stride: i * stride, weigh=lambda window, w: (window * w).sum((1, 2, 3))):
    """Write the whole convolution as loops over filters, rows and columns, with something changed."""

    def conv2d(x, w, b, stride, padding):
        (n, _, height, width), (k, _, r, s) = x.shape, w.shape
        padded = nn.ZeroPad2d(padding)(x.float())
        out = torch.empty(n, k, (height + 2 * padding - r) // stride + 1, (width + 2 * padding - s) // stride + 1)
        for f, i, j in np.ndindex(out.shape[1:]):
            y, z = corner(i, stride), corner(j, stride)
            out[:, f, i, j] = weigh(padded[:, :, y : y + r, z : z + s], w[f]) + b[f]
        return out

    return conv2d


def conv2d_with_a_map_per_pair(x, w, b, stride, padding):
    maps = []
    for kernels, bias in zip(w, b, strict=True):
        for c in range(len(kernels)):
            maps.append(F.conv2d(x[:, [c]], kernels[None, [c]], stride=stride, padding=padding) + bias)
    return torch.cat(maps, dim=1)


def conv2d_with_all_filters_in_one_map(x, w, b, stride, padding):
    return sum(F.conv2d(x, w[[k]], b[[k]], stride, padding) for k in range(len(w)))


def numbers_of(layer):
    return sum(p.numel() for p in layer.parameters())


def conv2d_with_a_bias_per_channel(x, w, b, stride, padding):
    out = 0
    for c in range(x.shape[1]):
        out = out + F.conv2d(x[:, c : c + 1], w[:, c : c + 1], b, stride, padding)
    return out


def matrix_with_exchanged_sides(x, w):
    rows, columns = x.shape[2] - w.shape[2] + 1, x.shape[3] - w.shape[3] + 1
    return torch.matmul(w.reshape(len(w), -1), F.unfold(x, w.shape[2:])).reshape(len(x), len(w), columns, rows)


def matrix_of_views(filters=lambda w: w.reshape(len(w), -1), product=torch.matmul):
    """Multiply filters and columns, with something changed."""

    def matrix(x, w):
        height, width = x.size(2) - w.size(2) + 1, x.size(3) - w.size(3) + 1
        return product(filters(w), F.unfold(x, w.shape[2:])).reshape(x.size(0), w.size(0), height, width)

    return matrix


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
        (slide_over_too_few_places, "the last row and the last column of the output are missing"),
        (slide_to_the_wrong_place, "rows and columns of the output are exchanged"),
        (lambda image, kernel: F.conv2d(image[None, None], kernel[None, None]), SHAPE),
        (lambda image, kernel: image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1).sum((2, 3)), "the pixels are"),
    ],
    "output_size": [
        (lambda n, k, s, p: (n + 2 * p - k + s - 1) // s + 1, "the result of the division is rounded up"),
        (lambda n, k, s, p: np.ceil((n + 2 * p - k) / s) + 1, "the result of the division is rounded up"),
        (lambda n, k, s, p: len(range(0, n + p - k + 1, s)), "`padding` is counted once"),
        (lambda n, k, s, p: np.float64(n + 2 * p - k) / s + 1, "the result of the division is not rounded down"),
        (lambda n, k, s, p: round((n + 2 * p - k) / s + 1), "the result of the division is rounded to the nearest"),
        (lambda n, k, s, p: int((n - k + 2 * p) / s + 0.5) + 1, "the result of the division is rounded to the nearest"),
        (lambda n, k, s, p: int((n + 2 * p - k) / s), "the + 1 is missing"),
        (lambda n, k, s, p: np.floor((n - (k - 1) + 2 * p) / s), "the + 1 is inside the division"),
        (lambda n, k, s, p: len(range(k, n + 2 * p + 1)), "`stride` is ignored"),
        (lambda n, k, s, p: np.floor_divide(n - k, s) + 1, "`padding` is ignored"),
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
        (conv2d_by_einsum(lambda p: (p // 2, p - p // 2) * 2), "`padding` is split between two sides"),
        (conv2d_by_einsum(to="nkwh"), "rows and columns of the output are exchanged"),
        (conv2d_by_einsum(add=torch.sub), "the bias is subtracted"),
        (conv2d_in_loops(corner=lambda i, stride: i), "the window does not move by `stride`"),
        (conv2d_in_loops(weigh=lambda window, w: (window * w[0]).sum((1, 2, 3))), "every filter uses its first channel's"),
        (conv2d_in_loops(weigh=lambda window, w: (window[:, 0] * w[0]).sum((1, 2))), "only the first channel of the input"),
        (conv2d_with_a_map_per_pair, "there is one feature map per pair"),
        (conv2d_with_all_filters_in_one_map, "all filters are added up to one feature map"),
        (conv2d_with_a_bias_per_channel, "the bias is added once per channel"),
        (lambda x, w, b, s, p: F.conv2d(x.float(), w.float(), stride=s, padding=p), "the bias is missing"),
        (lambda x, w, b, s, p: F.conv2d(x.float(), w.float(), b.float(), s, p), "the result is torch.float32"),
        (lambda x, w, b, s, p: F.conv2d(x[:1], w, b, s, p), SHAPE),
        (lambda x, w, b, s, p: F.conv2d(x, w, b, s, p).relu(), "120 of the 225 values differ"),
    ],
    "parameters": [
        (lambda c, k, r, s: torch.zeros(k, c, r, s).numel(), "the biases are missing"),
        (lambda c, k, r, s: np.prod([c, k, r, s]) + c, "there is one bias per input channel"),
        (lambda c, k, r, s: numbers_of(nn.Conv2d(1, k, (r, s))), "the input's channels are missing"),
        (lambda c, k, r, s: numbers_of(nn.Conv2d(c, c * k, (r, s), groups=c)), "there is one bias per kernel"),
        (lambda c, k, r, s: np.prod((k, c, r, s)) + 1, "there is one bias for the whole layer"),
        (lambda c, k, r, s: numbers_of(nn.Conv2d(c, k, r)), "the kernel is taken to be square"),
        (lambda c, k, r, s: numbers_of(nn.Linear(c * r * s, 1)), "the number of filters is missing"),
        (lambda c, k, r, s: c * k * r * s + k + c, "expected 217, got 220"),
    ],
    "matrix": [
        (matrix_with_exchanged_sides, "H' and W' are exchanged"),
        (matrix_of_views(lambda w: torch.rot90(w, 2, (2, 3)).flatten(1)), FLIPPED),
        (matrix_of_views(lambda w: torch.stack([kernels.mT.ravel() for kernels in w])), "rows and columns of each kernel"),
        (matrix_of_views(product=lambda a, b: a @ b.view(a.size(1), -1)), "the batch axis is part of the columns"),
        (matrix_of_views(product=lambda a, b: b.mT @ a.T), "filters and positions are exchanged"),
        (lambda x, w: w.flatten(1) @ F.unfold(x, w.shape[2:]), "the output is still (N, K, L)"),
        (lambda x, w: F.conv2d(x, w).transpose(0, 1), SHAPE),
    ],
    "flatten": [(np.array([4]), "4 images went in"), ((16, 400), "expected a number, got a tuple"), (8, "8 is not right")],
    "invariance": [("(A)", "compare the two feature maps"), ("c.", "the filter need not see every position")],
}
