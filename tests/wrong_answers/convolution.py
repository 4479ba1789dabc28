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


def conv2d_in_windows(grow=2, step=None, bias=lambda out, b: out + b[:, None, None]):
    """Write the whole convolution as loops over rows and columns; the padding counts `grow` times in the output's size."""

    def conv2d(x, w, b, stride, padding):
        padded, (r, s) = nn.ConstantPad2d(padding, 0)(x), w.shape[2:]
        height, width = ((n + grow * padding - k) // stride + 1 for n, k in zip(x.shape[2:], (r, s), strict=True))
        out = x.new_zeros(len(x), len(w), height, width)
        for i, j in np.ndindex(height, width):
            top, left = (i * stride, j * stride) if step is None else (i * r, j * s)
            out[:, :, i, j] = torch.einsum("ncrs,kcrs->nk", padded[:, :, top : top + r, left : left + s], w)
        return bias(out, b)

    return conv2d


def conv2d_with_a_map_per_pair(x, w, b, stride, padding):
    maps = []
    for kernels, bias in zip(w, b, strict=True):
        for c in range(len(kernels)):
            maps.append(F.conv2d(x[:, [c]], kernels[None, [c]], stride=stride, padding=padding) + bias)
    return torch.cat(maps, dim=1)


def conv2d_with_all_filters_in_one_map(x, w, b, stride, padding):
    return sum(F.conv2d(x, w[[k]], b[[k]], stride, padding) for k in range(len(w)))


def conv2d_with_a_bias_per_product(x, w, b, stride, padding):
    windows = F.pad(x, (padding,) * 4).unfold(2, w.shape[2], stride).unfold(3, w.shape[3], stride)
    products = windows[:, None] * w[:, :, None, None] + b.view(-1, 1, 1, 1, 1, 1)
    return products.sum((2, -1, -2))


def conv2d_of_the_sum_of_the_batch(x, w, b, stride, padding):
    windows = F.pad(x, (padding,) * 4).unfold(2, w.shape[2], stride).unfold(3, w.shape[3], stride).sum(0)
    one = torch.einsum("chwrs,kcrs->khw", windows, w) + len(x) * b[:, None, None]
    return one.repeat(len(x), 1, 1, 1)


def conv2d_with_its_last_windows(cut):
    """Compute all windows, and leave out the last row and column: cut off, or still zero."""

    def conv2d(x, w, b, stride, padding):
        y = conv2d_by_einsum()(x, w, b, stride, padding)
        if cut is torch.narrow:
            return cut(cut(y, 2, 0, y.shape[2] - 1), 3, 0, y.shape[3] - 1)
        y = cut(y)
        y[:, :, -1:], y[..., -1:] = 0, 0
        return y

    return conv2d


def conv2d_with_partial_windows(x, w, b, stride, padding):
    sizes = [-(-(size + 2 * padding - side) // stride) + 1 for size, side in zip(x.shape[2:], w.shape[2:], strict=True)]
    padded = F.pad(x, (padding, padding + stride, padding, padding + stride))
    return F.conv2d(padded, w, b, stride)[:, :, : sizes[0], : sizes[1]]


def conv2d_by_pattern(pattern, expand=False):
    """Loop over rows and columns, with another pattern of letters in the inner loop."""

    def conv2d(x, w, b, stride, padding):
        padded, (r, s) = F.pad(x, (padding,) * 4), w.shape[2:]
        sides = [(n - k) // stride + 1 for n, k in zip(padded.shape[2:], (r, s), strict=True)]
        out = x.new_zeros(len(x), len(w), *sides)
        for i, j in np.ndindex(*sides):
            window = padded[:, :, i * stride : i * stride + r, j * stride : j * stride + s]
            sums = torch.einsum(pattern, window, w)
            out[:, :, i, j] = (sums[:, None] if expand else sums) + b
        return out

    return conv2d


def conv2d_filled(fill):
    """Compute all maps, and write only some into an empty output."""

    def conv2d(x, w, b, stride, padding):
        y = conv2d_in_windows()(x, w, b, stride, padding)
        out = y.new_zeros(y.shape)
        out[fill] = y[fill]
        return out

    return conv2d


def conv2d_with_the_bias_in_the_loop(x, w, b, stride, padding):
    out = conv2d_by_einsum(add=lambda y, _: y)(x, w, b, stride, padding)
    for _ in range(out[0, 0].numel()):
        out = out + b.view(1, -1, 1, 1)
    return out


def conv2d_unmoved_along(axis):
    """Let the window move by one pixel along one axis, for as many places as there should be."""

    def conv2d(x, w, b, stride, padding):
        padded, (r, s) = F.pad(x, (padding,) * 4), w.shape[2:]
        sides = [(n - k) // stride + 1 for n, k in zip(padded.shape[2:], (r, s), strict=True)]
        out = x.new_zeros(len(x), len(w), *sides)
        for i, j in np.ndindex(*sides):
            top, left = (i, j * stride) if axis == 0 else (i * stride, j)
            out[:, :, i, j] = torch.einsum("ncrs,kcrs->nk", padded[:, :, top : top + r, left : left + s], w) + b
        return out

    return conv2d


def numbers_of(layer):
    return sum(p.numel() for p in layer.parameters())


def conv2d_with_a_bias_per_channel(x, w, b, stride, padding):
    out = 0
    for c in range(x.shape[1]):
        out = out + F.conv2d(x[:, c : c + 1], w[:, c : c + 1], b, stride, padding)
    return out


def slide_in_loops(number, place=lambda i: i):
    """Slide in two loops, with the number of a window or its place changed."""

    def slide(image, kernel):
        (h, w), (r, s) = image.shape, kernel.shape
        out = image.new_zeros(h - r + 1, w - s + 1)
        for i, j in np.ndindex(*out.shape):
            out[i, j] = number(image[place(i) : place(i) + r, place(j) : place(j) + s], kernel)
        return out

    return slide


def times(image, kernel):
    return (image * kernel).sum()


def slide_to_whole(line):
    """Assign each number to a whole row or column of the map, at `line(i, j)`."""

    def slide(image, kernel):
        (h, w), (r, s) = image.shape, kernel.shape
        out = image.new_zeros(h - r + 1, w - s + 1)
        for i, j in np.ndindex(*out.shape):
            out[line(i, j)] = times(image[i : i + r, j : j + s], kernel)
        return out

    return slide


def slide_over(rows=0, columns=0, fill=False):
    """Leave out the last rows or columns of the map, or leave them zero."""

    def slide(image, kernel):
        (h, w), (r, s) = image.shape, kernel.shape
        places = h - r + 1 - rows, w - s + 1 - columns
        out = image.new_zeros(h - r + 1, w - s + 1) if fill else image.new_zeros(places)
        for i, j in np.ndindex(*places):
            out[i, j] = times(image[i : i + r, j : j + s], kernel)
        return out

    return slide


def mirrored(answer, axis):
    return lambda *given: torch.flip(answer(*given), [axis])


def slide_from_one(image, kernel):
    (h, w), (r, s) = image.shape, kernel.shape
    out = image.new_zeros(h - r + 1, w - s + 1)
    for i in range(1, h - r + 1):
        for j in range(1, w - s + 1):
            out[i, j] = times(image[i : i + r, j : j + s], kernel)
    return out


def slide_over_the_edge(image, kernel):
    out = torch.zeros_like(image)
    for i, j in np.ndindex(*image.shape):
        window = image[i : i + len(kernel), j : j + kernel.shape[1]]
        out[i, j] = times(window, kernel[: len(window), : window.shape[1]])
    return out


def slide_over_tiles(image, kernel):
    (h, w), (r, s) = image.shape, kernel.shape
    out = image.new_zeros(h // r, w // s)
    for i, j in np.ndindex(*out.shape):
        out[i, j] = times(image[i * r : i * r + r, j * s : j * s + s], kernel)
    return out


def slide_with_a_running_row(image, kernel):
    out = slide_in_loops(times)(image, kernel)
    for j in range(1, out.shape[1]):
        out[:, j] += out[:, j - 1]
    return out


def slide_with_an_early_return(depth):
    """Return after the first number (0) or after the first row (1)."""

    def slide(image, kernel):
        out = image.new_zeros([a - b + 1 for a, b in zip(image.shape, kernel.shape, strict=True)])
        for i in range(out.shape[0]):
            for j in range(out.shape[1]):
                out[i, j] = times(image[i : i + len(kernel), j : j + kernel.shape[1]], kernel)
                if depth == 0:
                    return out
            if depth == 1:
                return out
        return out

    return slide


def slide_with_a_running_sum(image, kernel):
    out, total = image.new_zeros([a - b + 1 for a, b in zip(image.shape, kernel.shape, strict=True)]), 0
    for i, j in np.ndindex(*out.shape):
        total += times(image[i : i + len(kernel), j : j + kernel.shape[1]], kernel)
        out[i, j] = total
    return out


def slide_with_same_padding(image, kernel):
    top, left = ((side - 1) // 2 for side in kernel.shape)
    padded = F.pad(image, (left, kernel.shape[1] - 1 - left, top, kernel.shape[0] - 1 - top))
    return slide_in_loops(times)(padded, kernel)


def slide_in_a_larger_map(image, kernel):
    out = torch.zeros_like(image)
    for i in range(len(image) - len(kernel) + 1):
        for j in range(image.shape[1] - kernel.shape[1] + 1):
            out[i, j] = times(image[i : i + len(kernel), j : j + kernel.shape[1]], kernel)
    return out


def slide_cut_out(rows, columns, room=lambda side, size: side - size + 1, sizes=lambda kernel: kernel.shape, add=times):
    """Cut the windows out with other slices; torch refuses to multiply most of them by the kernel."""

    def slide(image, kernel):
        r, s = sizes(kernel)
        out = image.new_zeros(room(image.size(0), r), room(image.size(1), s))
        for i, j in np.ndindex(*out.shape):
            out[i, j] = add(image[rows(i, r), columns(j, s)], kernel)
        return out

    return slide


def begin(i, r, more=0):
    return slice(i, i + r + more)


def slide_square(image, kernel):
    side = len(image) - len(kernel) + 1
    return torch.stack(
        [
            torch.stack([times(image[begin(i, len(kernel)), begin(j, kernel.size(1))], kernel) for j in range(side)])
            for i in range(side)
        ]
    )


def slide_with_exchanged_indices(image, kernel):
    out = image.new_zeros(len(image) - len(kernel) + 1, image.size(1) - kernel.size(1) + 1)
    for i in range(len(out)):
        for j in range(out.size(1)):
            out[i, j] = torch.mul(image[j:][: len(kernel), i:][:, : kernel.size(1)], kernel).sum()
    return out


def slide_with_exchanged_sides(image, kernel, turn=lambda image, kernel: (image.shape[::-1], kernel.shape)):
    (h, w), (r, s) = turn(image, kernel)
    out = image.new_zeros(h - r + 1, w - s + 1)
    for i, j in np.ndindex(*out.shape):
        out[i, j] = times(image[i : i + len(kernel), j : j + kernel.size(1)], kernel)
    return out


def conv2d_by_another_einsum(
    pattern="ncrs,kcrs->nk", begin=lambda i, stride: i * stride, end=lambda i, stride, r: i * stride + r
):
    def conv2d(x, w, b, stride, padding):
        padded, (r, s) = nn.ZeroPad2d(padding)(x), w.shape[2:]
        places = [(n - k) // stride + 1 for n, k in zip(padded.shape[2:], (r, s), strict=True)]
        out = padded.new_zeros(len(x), len(w), *places)
        for i, j in np.ndindex(*places):
            rows, columns = slice(begin(i, stride), end(i, stride, r)), slice(begin(j, stride), end(j, stride, s))
            out[:, :, i, j] = torch.einsum(pattern, padded[:, :, rows, columns], w) + b
        return out

    return conv2d


def conv2d_with_more_channels(x, w, b, stride, padding):
    padded = F.pad(x, [padding] * 6)
    out = torch.zeros_like(F.conv2d(x, w, b, stride, padding))
    for i, j in np.ndindex(*out.shape[2:]):
        window = padded[:, :, i * stride :, j * stride :][:, :, : w.size(2), : w.size(3)]
        out[:, :, i, j] = torch.einsum("ncrs,kcrs->nk", window, w) + b
    return out


def backward_by_windows(
    scatter=lambda kernel: kernel,
    gather=lambda window: window,
    g_image=lambda g: g,
    g_kernel=lambda g: g,
    add=(True, True),
    scale=lambda g: 1,
):
    """Go over all windows and add up both gradients, with something changed."""

    def backward(image, kernel, g):
        (r, s), grads = kernel.shape, [torch.zeros_like(image), torch.zeros_like(kernel)]
        for i, j in np.ndindex(*g.shape):
            part = grads[0][i : i + r, j : j + s]
            part.copy_(part * add[0] + g_image(g)[i, j] * scatter(kernel))
            grads[1] = grads[1] * add[1] + g_kernel(g)[i, j] * gather(image[i : i + r, j : j + s]) * scale(g)
        return tuple(grads)

    return backward


def border_of(kernel):
    return [kernel.size(1) - 1] * 2 + [len(kernel) - 1] * 2


def backward_with_a_border(border, turns=2):
    """Slide the rotated kernel over g with another border."""

    def backward(image, kernel, g):
        padded = F.pad(g, border(*kernel.shape))
        return padded.unfold(0, len(kernel), 1).unfold(1, kernel.shape[1], 1).mul(torch.rot90(kernel, turns)).sum((2, 3)), (
            image.unfold(0, len(g), 1).unfold(1, g.shape[1], 1).mul(g).sum((2, 3))
        )

    return backward


def backward_then(change):
    """Compute both gradients, and change them afterwards."""
    return lambda image, kernel, g: change(image, kernel, g, *backward_by_windows()(image, kernel, g))


def covered(image, kernel):
    """Count the windows that contain each pixel."""
    count = torch.zeros_like(image)
    for i, j in np.ndindex(*[a - b + 1 for a, b in zip(image.shape, kernel.shape, strict=True)]):
        count[i : i + len(kernel), j : j + kernel.shape[1]] += 1
    return count


def rotated(x):
    return torch.rot90(x, 2)


def ones(g):
    return torch.full_like(g, 1.0)


WRONG_ANSWERS = {
    "window": [
        (6, "6 is the sum of the nine weights"),
        (np.float32(22), "22 is what you get with a kernel rotated"),
        ("26", "26 is the sum of the nine pixels"),
        (29.0, "29 is what you get if the weights -1 count as 1"),
        ("19/9", "that is the mean of the nine products"),
        (4 + 12 - 3, "13 is what you get if the last row is subtracted"),
        (2 * 19, "38 is twice the sum"),
        (3 * 19.0, "57 is three times the sum"),
        (27, "27 is what you get if the first weight -1"),
        ("21", "21 is what you get if the last weight -1"),
        (26 * 6, "156 is the sum of all pixels times the sum"),
        (8 + 4 + 8 + 0, "20 is what you get without the last product"),
        (-4 + 4 - 1, "-1 is the sum of the four corner"),
        (4 * 0, "0 is the product in the centre"),
        ("26/9", "that is the mean of the nine pixels"),
        (25, "25 is not right"),
    ],
    "slide": [
        (slide_flipped_in_numpy, FLIPPED),
        (slide_with_the_mean, "the products are averaged"),
        (slide_without_its_last_windows, "the last row and the last column of the output are never filled"),
        (slide_over_too_few_places, "the last row and the last column of the output are missing"),
        (slide_to_the_wrong_place, "rows and columns of the output are exchanged"),
        (lambda image, kernel: F.conv2d(image[None, None], kernel[None, None]), "the map still has axes"),
        (slide_in_loops(lambda x, w: times(x, w.flip(1))), "the kernel is mirrored from left to right"),
        (slide_in_loops(lambda x, w: times(x, w.flip(0))), "the kernel is mirrored from top to bottom"),
        (slide_in_loops(lambda x, w: torch.max(x * w)), "the largest product is taken"),
        (slide_in_loops(lambda x, w: (x + w).sum()), "pixels and weights are added"),
        (slide_in_loops(lambda x, w: (x * w.abs()).sum()), "the weights count without their sign"),
        (slide_in_loops(lambda x, w: (x * w)[-1, -1]), "only the last product"),
        (slide_with_an_early_return(1), "only the first row of the map is filled"),
        (slide_with_an_early_return(0), "only the first number of the map is filled"),
        (slide_with_a_running_sum, "the sum is carried over from window to window"),
        (slide_in_loops(lambda x, w: (x - w).sum()), "the weights are subtracted from the pixels"),
        (slide_in_loops(lambda x, w: torch.einsum("ij,kj->", x, w)), "window and kernel are multiplied as matrices"),
        (slide_in_loops(lambda x, w: times(x, w) / sum(w.flatten())), "the result is divided by the sum of the weights"),
        (slide_in_loops(lambda x, w: max(times(x, w), times(x, 0 * w))), "negative results are cut off"),
        (slide_in_loops(lambda x, w: abs(times(x, w))), "the results have lost their sign"),
        (lambda image, kernel: slide_in_loops(times)(image, kernel.mT), "rows and columns of the kernel are exchanged"),
        (lambda image, kernel: slide_in_loops(times)(image, kernel)[::2, ::2], "the window moves by two pixels"),
        (lambda image, kernel: slide_in_loops(times)(F.pad(image, [1] * 4), kernel), "a border of one pixel is added"),
        (lambda image, kernel: torch.rot90(slide_in_loops(times)(image, kernel), 2), "the map is rotated by 180 degrees"),
        (slide_in_loops(times, place=lambda i: 0), "every number of the map is that of the first window"),
        (slide_in_a_larger_map, "the map is as large as the image; without"),
        (slide_with_same_padding, "the map is as large as the image, because a border"),
        (lambda image, kernel: image * kernel.sum(), SHAPE),
        (slide_cut_out(begin, begin, add=lambda x, w: torch.mm(x, w).sum()), "window and kernel are multiplied as matrices, w"),
        (slide_cut_out(begin, begin, sizes=lambda kernel: [len(kernel)] * 2), "the window does not have S columns"),
        (slide_cut_out(begin, begin, sizes=lambda kernel: kernel.shape[::-1]), "the window does not have S columns"),
        (slide_cut_out(begin, begin, sizes=lambda kernel: [kernel.shape[1]] * 2), "the window does not have R rows"),
        (slide_cut_out(begin, begin, add=lambda x, w: times(x, w.T)), "rows and columns of the kernel are exchanged, which"),
        (
            lambda x, w: slide_with_exchanged_sides(x, w, lambda x, w: (x.shape, w.shape[::-1])),
            "R and S are exchanged in the size of the map",
        ),
        (slide_with_exchanged_sides, "H and W are exchanged"),
        (slide_cut_out(lambda i, r: slice(i, r), lambda j, s: slice(j, s)), "the window ends at row R and column S"),
        (slide_cut_out(lambda i, r: begin(i, r, 1), lambda j, s: begin(j, s, 1)), "the window is one row and one column too l"),
        (
            slide_cut_out(lambda i, r: begin(i, r, -1), lambda j, s: begin(j, s, -1)),
            "the window is one row and one column too s",
        ),
        (slide_with_exchanged_indices, "i and j are exchanged in the slice"),
        (slide_cut_out(begin, begin, room=lambda side, size: side), "the map is as large as the image, so that"),
        (
            slide_cut_out(*[lambda i, r: slice(i - r // 2, i + r // 2 + 1)] * 2),
            "the window is centred at row i and column j",
        ),
        (
            lambda x, w: slide_cut_out(begin, begin)(x, w) + x[: 1 - len(w) or None, : 1 - w.size(1) or None],
            "the map begins as",
        ),
        (slide_square, "the map is square"),
        (slide_cut_out(begin, begin, room=lambda side, size: side - size - 1), "the map has H - R - 1 rows"),
        (slide_cut_out(begin, begin, room=lambda side, size: side - size + 2), "the map has H - R + 2 rows"),
        (slide_cut_out(begin, begin, sizes=lambda kernel: (3, 3)), "the kernel is taken to be 3x3"),
        (slide_cut_out(begin, begin, add=lambda x, w: torch.sum(x * w, 0)), "the products are added along one axis only"),
        (slide_cut_out(begin, begin, add=lambda x, w: torch.sum(x * w, 1)), "the products of each row stay apart"),
        (slide_cut_out(begin, begin, add=torch.mul), "the products of a window are not added up"),
        (slide_to_whole(lambda i, j: i), "each row of the map repeats its last number"),
        (slide_to_whole(lambda i, j: (slice(None), j)), "each column of the map repeats its last number"),
        (slide_in_loops(lambda x, w: x[0, 0] * w.sum()), "single pixels are multiplied by the sum of the weights"),
        (slide_in_loops(lambda x, w: x.sum() * w.sum()), "the sum of the pixels is multiplied by the sum of the weights"),
        (slide_in_loops(lambda x, w: x[0, 0] * w[0, 0]), "only the first product of each window is kept"),
        (slide_in_loops(lambda x, w: torch.prod(x * w)), "the products are multiplied with each other"),
        (slide_in_loops(lambda x, w: times(x[:-1, :-1], w[:-1, :-1])), "the last row and the last column of the kernel are"),
        (slide_in_loops(lambda x, w: times(x[0], w[0])), "only the first row of each window is used"),
        (slide_in_loops(lambda x, w: times(x[:, 0], w[:, 0])), "only the first column of each window is used"),
        (slide_with_a_running_row, "the sum is carried over along each row of the map"),
        (mirrored(slide_in_loops(times), 1), "the map is mirrored from left to right"),
        (mirrored(slide_in_loops(times), 0), "the map is mirrored from top to bottom"),
        (slide_from_one, "the first row and the first column of the output are never filled"),
        (lambda image, kernel: sum(slide_in_loops(times)(image, kernel).flatten()), "all numbers of the map are added up"),
        (lambda image, kernel: torch.stack([slide_in_loops(times)(image, kernel)]), "the map has one axis too many"),
        (slide_over(rows=1), "the last row of the output is missing"),
        (slide_over(columns=1), "the last column of the output is missing"),
        (slide_over(rows=1, fill=True), "the last row of the output is never filled"),
        (slide_over(columns=1, fill=True), "the last column of the output is never filled"),
        (slide_over_the_edge, "windows that reach over the edge of the image are counted"),
        (slide_over_tiles, "the window moves by its own size"),
        (lambda image, kernel: torch.stack([*slide_in_loops(times)(image, kernel).flatten()]), "the map is flattened"),
        (lambda image, kernel: image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1).sum((2, 3)), "the pixels are"),
    ],
    "output_size": [
        (lambda n, k, s, p: (k - (n + 2 * p)) // s + 1, "all signs are reversed"),
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
        (lambda n, k, s, p: np.floor((n + 2 * p) / s) + 1, "the kernel is ignored"),
        (lambda n, k, s, p: (n + 2 * p - (k - 1)) // s + 1, "one position too many"),
        (lambda n, k, s, p: n + p + p - k // s + 1, "only the kernel is divided"),
        (lambda n, k, s, p: (n - 2 * p - k) // s + 1, "`padding` is subtracted"),
        (lambda n, k, s, p: (n + p * 4 - k) // s + 1, "`padding` is counted four times"),
        (lambda n, k, s, p: (n - k) // s + p + p + 1, "`padding` is added after the division"),
        (lambda n, k, s, p: ((n + 2 * p - k) // s + 1) ** 2, "that is the number of positions along both axes"),
        (lambda n, k, s, p: [*range(0, n + 2 * p - k + 1, s)][-1], "that is the position of the last window"),
        (lambda n, k, s, p: n // s, "kernel and padding are ignored"),
        (lambda n, k, s, p: len(range(k, n + 1)) if n >= k else n - k + 1, "`stride` and `padding` are ignored"),
        (lambda n, k, s, p: np.floor((n - k) / s), "`padding` is ignored, and the + 1 is missing"),
        (lambda n, k, s, p: np.floor((n - k + 1) / s), "`padding` is ignored, and the + 1 is inside"),
        (lambda n, k, s, p: np.floor((n + p - k) / s), "`padding` is counted once, and the + 1 is missing"),
        (lambda n, k, s, p: np.divide(n - k + 2 * p, s), "the + 1 is missing, and the result of the division is not"),
        (lambda n, k, s, p: -((k - n - 2 * p) // s), "a last window that ends exactly at the border"),
        (lambda n, k, s, p: (n + 2 * p - k - 1) // s + 1, "a last window that ends exactly at the border"),
        (lambda n, k, s, p: -(-n // s), "that is the size divided by `stride`"),
        (lambda n, k, s, p: np.floor((n + p + p) / s), "the kernel is ignored, and the + 1 is missing"),
        (lambda n, k, s, p: np.ceil((n + p + p) / s), "the kernel is ignored, and the result is rounded up"),
        (lambda n, k, s, p: 1 - k + (n + 2 * p) // s, "the kernel is subtracted after the division"),
        (lambda n, k, s, p: (n - k + p // 2 * 2) // s + 1, "`padding` is halved"),
        (lambda n, k, s, p: (n - int(k / 2) + 2 * p) // s + 1, "half of the kernel is subtracted"),
        (lambda n, k, s, p: (k + n - p - p) // s + 1, "the signs of kernel and padding are exchanged"),
        (lambda n, k, s, p: s * (n - k + 2 * p) + 1, "the steps are multiplied by `stride`"),
        (lambda n, k, s, p: len(range(0, n + 2 * p - k + 1, s)) + 1, "that is one more than the number of positions"),
        (lambda n, k, s, p: int(n / s) + p + p - k + 1, "only the size is divided by `stride`"),
        (lambda n, k, s, p: int((n + 2 * p) / s) - int(k / s) + 1, "size and kernel are divided and rounded separately"),
        (lambda n, k, s, p: p + 1 + (n - k) // s, "`padding` is added after the division, and only once"),
        (lambda n, k, s, p: np.floor((n + p - k + 1) / s), "`padding` is counted once, and the + 1 is inside"),
        (lambda n, k, s, p: n + 2 * p - (s * (k - 1) + 1) + 1, "`stride` spreads the kernel here"),
        (lambda n, k, s, p: (n - k // 2 - k // 2 + 2 * p) // s + 1, "half of the kernel is subtracted at either end, which"),
        (lambda n, k, s, p: (n - k // 2 - k // 2 + 2 * p) // s, "half of the kernel is subtracted at either end, and"),
        (lambda n, k, s, p: n - k - s + 2 * p + 1, "`stride` is subtracted"),
        (lambda n, k, s, p: divmod(n + 2 * p - k, s)[1] + 1, "`%` gives the number of pixels that are left over; `//` counts"),
        (lambda n, k, s, p: divmod(n + 2 * p - k, s)[1], "`%` gives the number of pixels that are left over; `//` counts"),
        (lambda n, k, s, p: int((n + 2 * p) / k), "the padded size is divided by the kernel"),
        (lambda n, k, s, p: len(range(0, n + 2 * p - k + 1, s)) - 2, "that is two positions too few"),
        (lambda n, k, s, p: max(n, 0), "that is the size of the image"),
        (lambda n, k, s, p: p + n + p, "that is the size of the padded image"),
        (lambda n, k, s, p: s + int((n + 2 * p - k) / s), "`stride` is added after the division"),
        (lambda n, k, s, p: (k + n + 2 * p) // s + 1, "the kernel is added"),
        (lambda n, k, s, p: (n + 2 * p - k) // 2 + 1, "`stride` is taken to be 2"),
        (lambda n, k, s, p: int(n / s + 1), "kernel and padding are ignored; a window needs room"),
        (lambda n, k, s, p: np.floor((n + p) / s) + 1, "`padding` is counted once, and the kernel is ignored"),
        (lambda n, k, s, p: 1 + (n - k + p) / s, "`padding` is counted once, and the result of the division"),
        (lambda n, k, s, p: np.divide(n + 2 * p - k + 1, s), "the + 1 is inside the division, and its result"),
        (lambda n, k, s, p: n * s, "expected 1, got "),
    ],
    "corner": [
        (torch.tensor(9), "9 holds for an inner pixel"),
        (2, "2 is the count along one axis"),
        (7 * 7, "49 is the number of all"),
        (7 - 3 + 1, "5 is the length of the output without padding"),
        ((7 - 3 + 1) ** 2, "25 is the number of all windows without"),
        (4 * 7 - 4, "24 is the number of pixels along"),
        (9**2, "81 is the number of pixels of"),
        ("4/9", "that is the share"),
        (7, "7 is not"),
    ],
    "conv2d": [
        (conv2d_in_windows(bias=lambda out, b: out + b), "the bias is added along the columns of each map"),
        (conv2d_in_windows(bias=lambda out, b: out + b[:, None]), "the bias is added along the rows of each map"),
        (conv2d_in_windows(bias=lambda out, b: out + b.sum()), "the sum of all biases is added to every map"),
        (conv2d_in_windows(grow=4), "the output's size is computed from the padded input"),
        (conv2d_in_windows(grow=0), "the output's size is computed without `padding`"),
        (conv2d_in_windows(step="kernel"), "the window moves by the size of the kernel"),
        (conv2d_by_einsum(pad=lambda p: (0, 2 * p, 0, 2 * p)), "all zeros are added at the bottom and the right"),
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
        (lambda x, w, b, s, p: conv2d_by_einsum()(x[:1], w, b, s, p), "only the first image is processed"),
        (lambda x, w, b, s, p: conv2d_by_einsum()(x, w, b, s, p)[0], "only the first entry along axis 0 is returned"),
        (conv2d_by_another_einsum("ncrs,ckrs->nk"), "the axes of the filters are (K, C, R, S)"),
        (conv2d_by_another_einsum("ncrs,kcsr->nk"), "rows and columns of the kernels are exchanged"),
        (conv2d_by_another_einsum("ncrs,kcrs->nkc"), "the channels are not added up"),
        (conv2d_by_another_einsum("ncrs,kcrs->kn"), "images and filters are exchanged on the right"),
        (conv2d_by_another_einsum(end=lambda i, stride, r: (i + r) * stride), "the window ends at `(i + R) * stride`"),
        (conv2d_by_another_einsum(end=lambda i, stride, r: i + r), "the window ends at `i + R`"),
        (
            conv2d_by_another_einsum(begin=lambda i, stride: i + stride, end=lambda i, stride, r: i + stride + r),
            "the window begins at `i + stride`",
        ),
        (lambda x, w, b, s, p: F.conv2d(x, w, b, s, p), "the values are right, but `conv2d` is ready-made"),
        (conv2d_with_more_channels, "the channels are padded as well"),
        (lambda x, w, b, s, p: nn.ZeroPad2d(p)(conv2d_by_einsum(lambda _: (0,) * 4)(x, w, b, s, p)), "the zeros are added"),
        (conv2d_with_its_last_windows(torch.narrow), "the last row and the last column of the output are missing"),
        (conv2d_with_its_last_windows(lambda y, *_: y.clone()), "the last row and the last column of the output are never"),
        (lambda x, w, b, s, p: conv2d_by_einsum()(sum(x)[None], w, b, s, p), "all images of the batch are added up to one"),
        (conv2d_by_einsum(lambda p: (0, p, 0, p)), "only the bottom and the right are padded"),
        (lambda x, w, b, s, p: conv2d_by_einsum()(x, w, b + b, s, p), "the bias is added twice"),
        (lambda x, w, b, s, p: conv2d_by_einsum()(x[:, range(x.shape[1])[::-1]], w, b, s, p), "the channels of the input are"),
        (conv2d_by_einsum(lambda p: (0,) * 4, step=1), "`stride` and `padding` are ignored"),
        (conv2d_by_einsum(lambda p: (0, 0, p, p)), "only the rows are padded"),
        (lambda x, w, b, s, p: F.conv2d(x, w, b, (s, 1), p), "`stride` holds for the rows only"),
        (lambda x, w, b, s, p: F.conv2d(x, w, b, (1, s), p), "`stride` holds for the columns only"),
        (lambda x, w, b, s, p: conv2d_by_einsum()(x, w.flip(-1), b, s, p), "the kernels are mirrored from left to right"),
        (lambda x, w, b, s, p: conv2d_by_einsum()(x, w.flip(-2), b, s, p), "the kernels are mirrored from top to bottom"),
        (conv2d_in_loops(weigh=lambda window, w: (window * w).sum((2, 3)).mean(1)), "the channels are averaged"),
        (conv2d_in_loops(weigh=lambda window, w: (window * w).mean((1, 2, 3))), "the products of a window are averaged"),
        (conv2d_by_einsum(add=torch.mul), "the sum is multiplied by the bias"),
        (conv2d_with_a_bias_per_product, "the bias is added to every product"),
        (lambda x, w, b, s, p: conv2d_by_einsum()(x, w, b[0].repeat(len(b)), s, p), "every filter gets the first bias"),
        (conv2d_of_the_sum_of_the_batch, "all images of the batch are added"),
        (lambda x, w, b, s, p: conv2d_by_einsum()(x, w, b, s, p).permute(1, 0, 2, 3), "images and filters are exchanged"),
        (lambda x, w, b, s, p: conv2d_by_einsum(lambda _: (0,) * 4)(nn.ConstantPad2d(p, 1.0)(x), w, b, s, 0), "the border is"),
        (lambda x, w, b, s, p: conv2d_by_einsum()(nn.ReplicationPad2d(p)(x), w, b, s, 0), "the border repeats the pixels"),
        (lambda x, w, b, s, p: F.conv2d(x, w, b, s, p).clamp(min=0), "negative results are cut off"),
        (conv2d_by_einsum(lambda p: (p + p,) * 4), "`padding` is added twice on each side"),
        (conv2d_with_partial_windows, "windows that do not fit completely are counted"),
        (conv2d_in_windows(bias=lambda out, b: out + b.mean()), "the mean of all biases is added to every map"),
        (conv2d_with_the_bias_in_the_loop, "the bias is added to the whole output again"),
        (conv2d_by_pattern("ncrs,kdrs->nk"), "channels of input and filter do not share a letter"),
        (conv2d_by_pattern("ncrs,kcpq->nk"), "pixels and weights share no letters"),
        (conv2d_by_pattern("ncrs,kcrs->k"), "all images of the batch are added, because `n`"),
        (conv2d_by_pattern("ncrs,kcrs->n", expand=True), "all filters are added, because `k`"),
        (conv2d_filled((slice(None), 0)), "only the map of the first filter is filled"),
        (conv2d_filled(0), "only the maps of the first image are filled"),
        (conv2d_unmoved_along(0), "the window moves by `stride` along the columns only"),
        (conv2d_unmoved_along(1), "the window moves by `stride` along the rows only"),
        (conv2d_by_einsum(add=lambda y, b: y.clamp(min=0) + b), "negative sums are cut off before the bias"),
        (lambda x, w, b, s, p: sum(conv2d_in_windows()(x, w, b, s, p))[None] / len(x), "the images of the batch are averaged"),
        (lambda x, w, b, s, p: conv2d_in_windows()(x, w, b, s, p)[..., :-1, :], "the last row of the output is missing"),
        (lambda x, w, b, s, p: conv2d_in_windows()(x, w, b, s, p)[..., :-1], "the last column of the output is missing"),
        (conv2d_by_einsum(to="nhwk", add=lambda y, b: y + b[:, 0, 0]), "the filters are the last axis of the result"),
        (lambda x, w, b, s, p: conv2d_in_windows()(x, w, b, s, p).reshape(len(x), len(w), -1), "the maps of the result are"),
        (lambda x, w, b, s, p: conv2d_in_windows()(nn.CircularPad2d(p)(x), w, b, s, 0), "the border repeats the image from"),
        (lambda x, w, b, s, p: conv2d_in_windows()(nn.ReflectionPad2d(p)(x), w, b, s, 0), "the border mirrors the pixels"),
        (
            lambda x, w, b, s, p: conv2d_in_windows()(x, w, b, s, p).mean(dim=1)[:, None],
            "the channels of the output are averaged",
        ),
        (lambda x, w, b, s, p: conv2d_in_windows()(x, w[:1], b[:1], s, p), "only the first filter is used"),
        (lambda x, w, b, s, p: conv2d_in_windows()(x, w, b, s, 1), "`padding` is taken to be 1"),
        (lambda x, w, b, s, p: conv2d_in_windows()(x, w, b, 2, p), "`stride` is taken to be 2"),
        (lambda x, w, b, s, p: torch.squeeze(conv2d_in_windows()(x, w, b, s, p), 0), "the axis of the images is missing"),
        (conv2d_in_loops(weigh=lambda window, w: (window * w.mean(0)).sum((1, 2, 3))), "the channels are averaged before"),
        (
            conv2d_in_loops(weigh=lambda window, w: (window.mean(1, keepdim=True) * w).sum((1, 2, 3))),
            "the channels are averaged before",
        ),
        (lambda x, w, b, s, p: F.conv2d(x, w, b, s, p).abs(), "the result has lost its sign"),
    ],
    "parameters": [
        (lambda c, k, r, s: torch.zeros(k, c, r, s).numel(), "the biases are missing"),
        (lambda c, k, r, s: np.prod([c, k, r, s]) + c, "there is one bias per input channel"),
        (lambda c, k, r, s: numbers_of(nn.Conv2d(1, k, (r, s))), "the input's channels are missing"),
        (lambda c, k, r, s: numbers_of(nn.Conv2d(c, c * k, (r, s), groups=c)), "there is one bias per kernel"),
        (lambda c, k, r, s: np.prod((k, c, r, s)) + 1, "there is one bias for the whole layer"),
        (lambda c, k, r, s: numbers_of(nn.Conv2d(c, k, r)), "the kernel is taken to be square"),
        (lambda c, k, r, s: numbers_of(nn.Linear(c * r * s, 1)), "the number of filters is missing"),
        (lambda c, k, r, s: torch.zeros(c, r, s).numel() + k, "only the weights of one filter are counted, and"),
        (lambda c, k, r, s: numbers_of(nn.Conv2d(c + 1, k, (r, s), bias=False)), "the biases are counted like another input"),
        (lambda c, k, r, s: numbers_of(nn.Conv2d(c, k, (r, s))) + c, "there is one bias per filter and one per input channel"),
        (lambda c, k, r, s: sum([c * r * s * k] * 2), "there is one bias per weight"),
        (lambda c, k, r, s: nn.Conv2d(c, k, (r, s)).bias.numel(), "only the biases are counted"),
        (lambda c, k, r, s: k * (c * r + c * s + 1), "the sides of a kernel are added"),
        (lambda c, k, r, s: nn.Conv2d(c, k, (r, s)).weight[0].numel(), "that is the number of weights of one filter"),
        (lambda c, k, r, s: sum([c, r * s, 1]) * k, "channels and kernel are added"),
        (lambda c, k, r, s: numbers_of(nn.Conv2d(1, k, (r, s), bias=False)), "the input's channels and the biases are missing"),
        (lambda c, k, r, s: torch.zeros(k, r, s).numel() + c, "the input's channels are missing from the weights, and"),
        (lambda c, k, r, s: torch.zeros(r, s).numel(), "that is the number of weights of one kernel"),
        (lambda c, k, r, s: numbers_of(nn.Conv2d(c, k, 1, bias=False)), "that is the number of kernels"),
        (lambda c, k, r, s: numbers_of(nn.Conv2d(c, k, s)), "the kernel is taken to be s x s"),
        (lambda c, k, r, s: numbers_of(nn.Conv2d(c, k + 1, (r, s), bias=False)), "the biases are counted like another filter"),
        (lambda c, k, r, s: np.prod([c, k, r, s]) + r * s, "the biases are counted like another kernel"),
        (lambda c, k, r, s: numbers_of(nn.Conv2d(c, k, (r, s))) + k, "there are two biases per filter"),
        (lambda c, k, r, s: sum([c, k]) * r * s, "channels and filters are added; each of the `c_out` filters has `c_in * r"),
        (lambda c, k, r, s: r * s * c + r * s * k + k, "channels and filters are added; each of the `c_out` filters has `c_in"),
        (lambda c, k, r, s: np.prod([c, k, r, s]) + k**2, "one bias is counted per pair of filters"),
        (lambda c, k, r, s: numbers_of(nn.Conv2d(c, c, (r, s), groups=c)), "that is one filter with a bias per channel"),
        (lambda c, k, r, s: torch.zeros(k, r, s).numel() + k * c, "the input's channels are counted with the biases"),
        (lambda c, k, r, s: 2 * numbers_of(nn.Conv2d(c, k, (r, s))), "that is twice the number"),
        (lambda c, k, r, s: k * (c * r + c * s), "the sides of a kernel are added, and the biases"),
        (lambda c, k, r, s: torch.zeros(k, c, r, s).numel() * k, "the number of filters is counted twice"),
        (lambda c, k, r, s: c * k * r * (s + 1), "one bias is counted per row of every kernel"),
        (lambda c, k, r, s: k * (c * r * s - 1), "the biases are subtracted"),
        (lambda c, k, r, s: numbers_of(nn.Conv2d(c, k, (r, s))) + 1, "one bias too many is counted"),
        (lambda c, k, r, s: k + c * k * (r - 1) * (s - 1), "the kernels are counted one row and one column too small"),
        (lambda c, k, r, s: torch.zeros(k + 1, c + 1, r, s).numel(), "a bias channel and a bias filter are counted"),
        (lambda c, k, r, s: numbers_of(nn.Conv2d(c, k + 1, (r, s))), "one filter too many is counted"),
        (lambda c, k, r, s: numbers_of(nn.Linear(c, k)), "the size of the kernel is missing"),
        (lambda c, k, r, s: numbers_of(nn.Conv2d(c, k, (r, s))) - 1, "one bias too few is counted"),
        (lambda c, k, r, s: torch.zeros(k, r, s).numel() + 1, "the input's channels are missing, and one bias is counted"),
        (lambda c, k, r, s: sum([c, r, s, 1]) * k, "channels and sides of the kernel are added"),
        (lambda c, k, r, s: numbers_of(nn.Conv2d(1, 1, (r, s))), "that is one kernel and its bias"),
        (lambda c, k, r, s: c * k * r * s + r, "one bias is counted per row of the kernel"),
        (lambda c, k, r, s: s * (c * k * r + 1), "one bias is counted per column of the kernel"),
    ],
    "weight_gradient": [
        (-4, "-4 is the gradient of the top left weight"),
        (torch.tensor(10.0), "10 is the gradient of the top right weight"),
        ("12", "12 is the gradient of the bottom left weight"),
        (35, "35 is the sum of the gradients"),
        (21, "21 is what you get with g rotated"),
        (14, "14 is the sum of the four pixels"),
        (-17, "the sign is wrong"),
        (51, "51 is the right sum times the weight"),
        (17 / 4, "that is the mean over the four windows"),
        (3 * (-2 + 3 + 1 + 0), "6 is the sum of g times the weight"),
        (-2 * -1 + 3 * 1 + 1 * 2 + 0 * 3, "7 is the sum of g times the kernel"),
        ((3 + 6 + 5 + 0) * (-2 + 3 + 1 + 0), "28 is the sum of the pixels times the sum of g"),
        (3 - 17, "-14 is the weight after an update"),
        (3, "3 is the weight itself"),
        (20, "20 is not right"),
    ],
    "backward": [
        (backward_by_windows(scatter=rotated), "the gradient with respect to the image uses the kernel as it is"),
        (backward_by_windows(scatter=lambda k: k.flip(0)), "the kernel is mirrored from left to right alone"),
        (backward_by_windows(scatter=lambda k: k.flip(-1)), "the kernel is mirrored from top to bottom alone"),
        (lambda x, w, g: backward_by_windows()(x, w, g)[::-1], "the two gradients are exchanged"),
        (backward_with_a_border(lambda r, s: [r - 1] * 2 + [s - 1] * 2), "the border around g is exchanged"),
        (backward_with_a_border(lambda r, s: [0] * 4), "the border around g is missing"),
        (backward_with_a_border(lambda r, s: [1] * 4), "the border around g is one pixel wide"),
        (backward_with_a_border(lambda r, s: [s] * 2 + [r] * 2), "the border around g is as wide as the kernel"),
        (backward_with_a_border(lambda r, s: [2 * (s - 1), 0, 2 * (r - 1), 0]), "the border around g is all at the top"),
        (backward_by_windows(add=(False, False)), "each window overwrites what"),
        (backward_by_windows(add=(False, True)), "in the gradient with respect to the image, each window overwrites"),
        (backward_by_windows(add=(True, False)), "the gradient with respect to the kernel is that of the last window"),
        (backward_by_windows(scale=lambda g: 1 / g.numel()), "the gradient with respect to the kernel is averaged"),
        (backward_by_windows(gather=rotated), "the gradient with respect to the kernel is rotated"),
        (
            lambda x, w, g: (slide_in_loops(times)(F.pad(g, border_of(w)), w.mT), slide_in_loops(times)(x, g)),
            "rows and columns of the kernel are exchanged",
        ),
        (
            lambda x, w, g: (slide_in_loops(times)(F.pad(g, border_of(w.mT)), w.mT), slide_in_loops(times)(x, g)),
            "rows and columns of the kernel and of the border",
        ),
        (
            backward_by_windows(
                scatter=lambda kernel: F.pad(kernel.sum()[None, None], [0, kernel.size(1) - 1, 0, len(kernel) - 1])
            ),
            "the image's gradient has one window's sum",
        ),
        (lambda x, w, g: (backward_by_windows()(x, w, g)[0], w - backward_by_windows()(x, w, g)[1]), "the kernel after an up"),
        (backward_by_windows(g_kernel=rotated), "in the gradient with respect to the kernel, g is rotated"),
        (backward_by_windows(g_image=rotated), "in the gradient with respect to the image, g is rotated as well"),
        (backward_by_windows(scatter=rotated, g_image=rotated), "the image's gradient is rotated by 180 degrees"),
        (
            backward_by_windows(scatter=rotated, gather=rotated),
            "the wrong grid is rotated: rotate the kernel for the image's gradient, and l",
        ),
        (
            backward_by_windows(scatter=rotated, g_kernel=rotated),
            "the wrong grid is rotated: rotate the kernel for the image's gradient, and u",
        ),
        (backward_with_a_border(lambda r, s: [r - 1] * 4), "the border around g is R - 1 on all sides"),
        (backward_with_a_border(lambda r, s: [s - 1] * 4), "the border around g is S - 1 on all sides"),
        (backward_with_a_border(lambda r, s: [2 * (s - 1)] * 2 + [2 * (r - 1)] * 2), "the border around g is twice as wide"),
        (backward_with_a_border(lambda r, s: [0] * 4, turns=0), "g has no border, and the kernel is not rotated"),
        (
            lambda x, w, g: backward_by_windows(scatter=rotated)(x, w, g)[::-1],
            "the two gradients are exchanged, and the kernel",
        ),
        (
            lambda x, w, g: [a - b for a, b in zip((x, w), backward_by_windows()(x, w, g), strict=True)],
            "image and kernel after",
        ),
        (backward_by_windows(gather=ones), "the gradient with respect to the kernel ignores the image"),
        (backward_by_windows(g_image=ones, g_kernel=ones), "`g` is ignored in both"),
        (backward_by_windows(g_kernel=ones), "`g` is ignored in the gradient with respect to the kernel"),
        (backward_by_windows(g_image=ones), "`g` is ignored in the gradient with respect to the image"),
        (backward_by_windows(g_image=torch.neg, g_kernel=torch.neg), "the signs are wrong"),
        (backward_with_a_border(lambda r, s: [0, 2 * (s - 1), 0, 2 * (r - 1)]), "the border around g is all at the bottom"),
        (backward_with_a_border(lambda r, s: [s // 2] * 2 + [r // 2] * 2), "the border around g is half as wide"),
        (backward_then(lambda x, w, g, i, k: (i / covered(x, w), k)), "the gradient with respect to the image is averaged"),
        (backward_then(lambda x, w, g, i, k: (i / len(g.flatten()), k / len(g.flatten()))), "both gradients are averaged"),
        (backward_then(lambda x, w, g, i, k: (i * x, k)), "the image's gradient is multiplied by the image"),
        (backward_then(lambda x, w, g, i, k: (i, k * w)), "the kernel's gradient is multiplied by the kernel"),
        (backward_then(lambda x, w, g, i, k: (i, k.mT)), "rows and columns of the kernel's gradient are exchanged"),
        (backward_then(lambda x, w, g, i, k: (i.mT, k)), "rows and columns of the image's gradient are exchanged"),
        (backward_by_windows(g_image=lambda g: g + g, g_kernel=lambda g: g + g), "both gradients are twice as large"),
        (backward_then(lambda x, w, g, i, k: (i, slide_in_loops(times)(x, w))), "the kernel's gradient is the output"),
        (backward_then(lambda x, w, g, i, k: (slide_in_loops(times)(x, w), k)), "the image's gradient is the output"),
        (backward_then(lambda x, w, g, i, k: (x.clone(), w.clone())), "image and kernel themselves are returned"),
        (backward_then(lambda x, w, g, i, k: (i / len(w.flatten()), k)), "the image's gradient is divided by the number"),
        (backward_then(lambda x, w, g, i, k: (i, k / len(x.flatten()))), "the kernel's gradient is divided by the number"),
        (backward_then(lambda x, w, g, i, k: (torch.zeros_like(x), k)), "the image's gradient is zero"),
        (backward_then(lambda x, w, g, i, k: (i, torch.zeros_like(w))), "the kernel's gradient is zero"),
        (backward_by_windows(gather=lambda window: window.flip(0)), "the kernel's gradient is mirrored from top to bottom"),
        (backward_by_windows(gather=lambda window: window.flip(1)), "the kernel's gradient is mirrored from left to right"),
        (backward_then(lambda x, w, g, i, k: (i, sum(k.flatten()))), "the kernel's gradient is added up to one number"),
        (backward_then(lambda x, w, g, i, k: (i.view(1, 1, *i.shape), k.view(1, 1, *k.shape))), "the gradients still have"),
        (backward_by_windows(g_image=torch.neg), "the sign of the image's gradient is wrong"),
        (backward_by_windows(g_kernel=torch.neg), "the sign of the kernel's gradient is wrong"),
        (backward_then(lambda x, w, g, i, k: (i, g.clone())), "`g` itself is returned as the kernel's gradient"),
        (backward_then(lambda x, w, g, i, k: (0 * x + w.sum(), k)), "every pixel gets the sum of the weights"),
        (backward_then(lambda x, w, g, i, k: (0 * x + g.sum(), k)), "every pixel gets the sum of g"),
        (lambda x, w, g: backward_by_windows()(x, w, g)[0], "expected 2 values, got "),
        (lambda x, w, g: backward_by_windows()(x.float(), w.float(), g.float()), "the result is torch.float32"),
        (lambda x, w, g: (backward_by_windows()(x, w, g)[0], None), "value 2 of 2: the answer is None"),
    ],
    "invariance": [("(B)", "compare the two feature maps"), ("c.", "the filter need not see every position")],
}
