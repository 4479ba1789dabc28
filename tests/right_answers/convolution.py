"""Right answers of lesson 01, written another way than the references."""

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def slide_by_four_loops(picture, weights):
    (h, w), (r, s) = picture.shape, weights.shape
    out = picture.new_zeros(h - r + 1, w - s + 1)
    for i in range(h - r + 1):
        for j in range(w - s + 1):
            for a in range(r):
                for b in range(s):
                    out[i, j] += picture[i + a, j + b] * weights[a, b]
    return out


def slide_by_shifted_images(picture, weights):
    (h, w), (r, s) = picture.shape, weights.shape
    rows, columns = h - r + 1, w - s + 1
    return sum(weights[a, b] * picture[a : a + rows, b : b + columns] for a in range(r) for b in range(s))


def slide_in_numpy(picture, weights):
    windows = np.lib.stride_tricks.sliding_window_view(picture.numpy(), tuple(weights.shape))
    return torch.from_numpy((windows * weights.numpy()).sum((2, 3)))


def slide_in_lists(picture, weights):
    x, w, (r, s) = picture.tolist(), weights.tolist(), weights.shape
    number = lambda i, j: sum(x[i + a][j + b] * w[a][b] for a in range(r) for b in range(s))
    return picture.new_tensor([[number(i, j) for j in range(len(x[0]) - s + 1)] for i in range(len(x) - r + 1)])


def slide_by_fourier(picture, weights):
    spectrum = torch.fft.rfft2(picture) * torch.fft.rfft2(weights, s=picture.shape).conj()
    whole = torch.fft.irfft2(spectrum, s=picture.shape)
    return whole[: len(picture) - len(weights) + 1, : picture.shape[1] - weights.shape[1] + 1]


class Slide(nn.Module):
    def forward(self, image, kernel, stride=1):
        windows = image.unfold(0, len(kernel), stride).unfold(1, kernel.shape[1], stride)
        return torch.einsum("hwrs,rs->hw", windows, kernel)


def positions_counted(pixels, window, step, border):
    count, start = 0, -border
    while start + window <= pixels + border:
        count, start = count + 1, start + step
    return count


def conv2d_by_six_loops(images, filters, bias, step, border):
    x, w, b = F.pad(images, (border,) * 4).tolist(), filters.tolist(), bias.tolist()
    (k, c, r, s), h, v = filters.shape, len(x[0][0]), len(x[0][0][0])
    rows, columns = (h - r) // step + 1, (v - s) // step + 1
    out = images.new_zeros(len(x), k, rows, columns)
    for n in range(len(x)):
        for m in range(k):
            for i in range(rows):
                for j in range(columns):
                    total = b[m]
                    for q in range(c):
                        for p in range(r * s):
                            total += x[n][q][i * step + p // s][j * step + p % s] * w[m][q][p // s][p % s]
                    out[n, m, i, j] = total
    return out


def conv2d_in_numpy(images, filters, bias, step, border):
    padded = np.pad(images.numpy(), [(0, 0), (0, 0), (border, border), (border, border)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, tuple(filters.shape[2:]), (2, 3))[:, :, ::step, ::step]
    out = np.einsum("nchwrs,kcrs->nkhw", windows, filters.numpy()) + bias.numpy()[:, None, None]
    return torch.from_numpy(out)


def conv2d_by_views(images, filters, bias, step, border):
    windows = F.pad(images, (border,) * 4).unfold(2, filters.shape[2], step).unfold(3, filters.shape[3], step)
    return torch.tensordot(windows, filters, ([1, 4, 5], [1, 2, 3])).permute(0, 3, 1, 2) + bias[:, None, None]


class Convolution(nn.Module):
    def forward(self, images, filters, bias, step, border):
        columns = F.unfold(images, filters.shape[2:], padding=border, stride=step)
        rows = (images.shape[2] + 2 * border - filters.shape[2]) // step + 1
        return (nn.Parameter(filters).flatten(1) @ columns + bias[:, None]).unflatten(2, (rows, -1))


def parameters_of_a_layer(c_in, filters, rows, columns):
    return sum(p.numel() for p in nn.Conv2d(c_in, filters, (rows, columns)).parameters())


def parameters_as_a_tensor(c_in, filters, rows, columns):
    return torch.tensor([c_in, rows, columns]).prod() * filters + filters


def backward_by_windows(picture, weights, g):
    of_picture, of_weights = torch.zeros_like(picture), torch.zeros_like(weights)
    (r, s), (rows, columns) = weights.shape, g.shape
    for i in range(rows):
        for j in range(columns):
            of_picture[i : i + r, j : j + s] += g[i, j] * weights
            of_weights += g[i, j] * picture[i : i + r, j : j + s]
    return of_picture, of_weights


def backward_by_weights(picture, weights, g):
    rows, columns = g.shape
    padded, pairs = torch.zeros_like(picture), np.ndindex(*weights.shape)
    of_weights = torch.stack([(picture[a : a + rows, b : b + columns] * g).sum() for a, b in np.ndindex(*weights.shape)])
    for a, b in pairs:
        padded[a : a + rows, b : b + columns] += weights[a, b] * g
    return [padded, of_weights.view_as(weights)]


def backward_by_a_transposed_layer(picture, weights, g):
    of_picture = F.conv_transpose2d(g[None, None], weights[None, None])[0, 0]
    return of_picture, F.conv2d(picture[None, None], g[None, None]).squeeze()[:, None].reshape(weights.shape)


def backward_in_numpy(picture, weights, g):
    sides = [(side - 1, side - 1) for side in weights.shape]
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(g.numpy(), sides), tuple(weights.shape))
    of_picture = np.einsum("hwrs,rs->hw", windows, weights.numpy()[::-1, ::-1])
    windows = np.lib.stride_tricks.sliding_window_view(picture.numpy(), tuple(g.shape))
    return torch.from_numpy(of_picture), torch.tensor(np.tensordot(windows, g.numpy(), 2))


def backward_by_a_matrix(picture, weights, g):
    """Build the matrix of the layer column by column, and multiply by its transpose."""
    ones = torch.eye(picture.numel(), dtype=picture.dtype).view(-1, 1, *picture.shape)
    matrix = F.conv2d(ones, weights[None, None]).flatten(1).T
    columns = F.unfold(picture[None, None], tuple(weights.shape))[0]
    return (matrix.T @ g.flatten()).view_as(picture), (columns @ g.flatten()).view_as(weights)


def backward_by_folding(picture, weights, g):
    columns = F.unfold(picture[None, None], weights.shape)[0]
    spread = (weights.reshape(-1, 1) @ g.reshape(1, -1))[None]
    return F.fold(spread, picture.shape, weights.shape)[0, 0], (columns @ g.flatten()).view_as(weights)


RIGHT_ANSWERS = {
    "slide": [slide_by_four_loops, slide_by_shifted_images, slide_in_numpy, slide_in_lists, slide_by_fourier, Slide()],
    "output_size": [
        positions_counted,
        lambda n, k, s, p: len(range(-p, n + p - k + 1, s)),
        lambda n, k, s, p: math.floor((n + 2 * p - k) / s) + 1,
        lambda n, k, s, p: torch.tensor((n + 2 * p - k) // s + 1),
        lambda n, k, s, p: np.floor((n + 2 * p - k) / s + 1),
        lambda n, k, s, p: -(-(n + 2 * p - k + 1) // s),
        lambda n, k, s, p: F.conv1d(torch.zeros(1, 1, n), torch.zeros(1, 1, k), stride=s, padding=p).shape[-1],
    ],
    "conv2d": [conv2d_by_six_loops, conv2d_in_numpy, conv2d_by_views, Convolution()],
    "parameters": [parameters_of_a_layer, parameters_as_a_tensor],
    "backward": [
        backward_by_windows,
        backward_by_weights,
        backward_by_a_transposed_layer,
        backward_in_numpy,
        backward_by_a_matrix,
        backward_by_folding,
    ],
}
