"""Wrong answers of lesson 08."""

import itertools
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def as_convolution(weight=None, bias=None, **how):
    """Copy weights and bias as a learner would, with something changed; without `weight` or `bias` the new ones stay."""

    def build(linear, channels, size):
        conv = nn.Conv2d(channels, linear.out_features, (size, size), **how)
        with torch.no_grad():
            if weight:
                conv.weight.copy_(weight(linear.weight.clone(), channels, size))
            if bias:
                conv.bias.copy_(bias(linear.bias.clone()))
        return conv

    return build


def in_order(weight, channels, size):
    return weight.reshape(len(weight), channels, size, size)


def averaged(weight, channels, size):
    """Average over the channels; `copy_` lays the one channel that is left over all of them."""
    return torch.einsum("kcrs->krs", in_order(weight, channels, size))[:, None] / channels


def windows(**how):
    """Give settings that depend on the size, as functions of it."""
    return lambda linear, channels, size: as_convolution(
        in_order, unchanged, **{name: setting(size) for name, setting in how.items()}
    )(linear, channels, size)


def unchanged(bias):
    return bias


def that_takes_the_weights_away(linear, channels, size):
    conv = as_convolution(in_order, unchanged)(linear, channels, size)
    linear.bias.data.zero_()
    return conv


def that_cannot_be_trained(linear, channels, size):
    return as_convolution(in_order, unchanged)(linear, channels, size).requires_grad_(False)


def all_channels(pixel, stamp):
    return np.einsum("nc,ckrs->nkrs", pixel, stamp)


JOINED = {"add": np.add, "subtract": np.subtract, "max": np.maximum, "write": lambda part, new: new}


def stamped(row=lambda i, s: i * s, column=lambda j, s: j * s, kernel=lambda w: w, extra=(0, 0), join="add", one=all_channels):
    """Stamp number by number, in numpy, with something changed."""

    def transposed(x, weight, stride):
        image, stamp = x.numpy(), kernel(weight).numpy()
        (n, _, h, w), (_, k, r, s) = image.shape, stamp.shape
        out = np.zeros((n, k, (h - 1) * stride + r + extra[0] * stride, (w - 1) * stride + s + extra[1] * stride))
        for i in range(h):
            for j in range(w):
                y, z = row(i, stride), column(j, stride)
                new, part = one(image[:, :, i, j], stamp), out[:, :, y : y + r, z : z + s]
                part[...] = JOINED[join](part, new)
        return torch.from_numpy(out)

    return transposed


def averaged_where_they_overlap(x, weight, stride):
    count = stamped()(torch.ones_like(x[:, :1]), torch.ones_like(weight[:1]), stride)
    return (stamped()(x, weight, stride) / count).nan_to_num(0)


def side_by_side(x, weight, stride):
    tiles = torch.einsum("nchw,ckrs->nkhrws", x, weight)
    return tiles.flatten(4).flatten(2, 3)


def blanked(x, row=None, column=None):
    keep = torch.ones_like(x)
    if row is not None:
        keep[:, :, row] = 0
    if column is not None:
        keep[..., column] = 0
    return x * keep


def cut_off(x, weight, stride):
    return stamped()(x, weight, stride)[:, :, : x.shape[2] * stride, : x.shape[3] * stride]


def doubling(padding, more=lambda k: k % 2):
    return lambda kernel: (padding(kernel), more(kernel))


def products(own=False, after=False, start=1, step=lambda spread, stride: spread * stride):
    """Go through the strides as a learner would, with something changed."""

    def dilations(strides):
        spread, found = start, []
        for stride in reversed(strides) if after else strides:
            if own:
                spread = step(spread, stride)
            found.append(spread)
            if not own:
                spread = step(spread, stride)
        return found[::-1] if after else found

    return dilations


def intersection_over_union(hit, own, taken):
    return hit / (own + taken - hit)


def iou(quotient=intersection_over_union, mean=np.mean):
    """Divide as numpy does, in float32."""

    def mean_iou(confusion):
        counts = confusion.numpy().astype(np.float32)
        with np.errstate(all="ignore"):
            return mean(quotient(counts.diagonal(), counts.sum(1), counts.sum(0)))

    return mean_iou


def added(strides):
    return [sum(strides[:number]) or 1 for number in range(len(strides))]


def returned_early(x, weight, stride, rows=1, columns=None):
    """Stamp the first rows and columns of pixels alone, as a `return` inside the loops does."""
    seen = torch.zeros_like(x)
    seen[:, :, :rows, :columns] = 1
    return stamped()(x * seen, weight, stride)


def dilations_but_at_strides(strides):
    return [1 if own > 1 else math.prod(strides[:number]) for number, own in enumerate(strides)]


def dilations_in_place(strides):
    strides[:] = [math.prod(strides[:number]) for number in range(len(strides))]
    return strides


WRONG_ANSWERS = {
    "as_convolution": [
        (as_convolution(lambda w, c, s: in_order(w, c, s) / 100, unchanged), "the weights are not those of the linear layer"),
        (as_convolution(lambda w, c, s: in_order(w.T.contiguous().view_as(w), c, s), unchanged), "the weights are transposed"),
        (
            lambda linear, channels, size: as_convolution(in_order, unchanged)(linear, channels, 1),
            "your code raised RuntimeError",
        ),
        (as_convolution(), "the weights are not those of the linear layer"),
        (as_convolution(in_order), "the bias of the linear layer is missing"),
        (as_convolution(in_order, lambda bias: 0 * bias), "the bias of the linear layer is missing"),
        (as_convolution(in_order, bias=None), "the bias of the linear layer is missing"),
        (as_convolution(lambda w, c, s: in_order(w, c, s).mT, unchanged), "rows and columns of the kernel are exchanged"),
        (as_convolution(lambda w, c, s: in_order(w, c, s).flip((2, 3)), unchanged), "the kernel is flipped"),
        (as_convolution(lambda w, c, s: w.view(-1, s, s, c).movedim(3, 1), unchanged), "the weights are cut up with the"),
        (as_convolution(averaged, unchanged), "the weights are averaged over the channels"),
        (windows(padding=lambda size: size // 2), "there is padding"),
        (windows(padding=lambda size: size - 1), "there is padding"),
        (as_convolution(in_order, unchanged, padding="same"), "there is padding"),
        (windows(stride=lambda size: size), "there is a stride"),
        (as_convolution(in_order, unchanged, stride=2), "there is a stride"),
        (as_convolution(in_order, unchanged, padding=1), "there is padding"),
        (lambda *case: nn.Sequential(as_convolution(in_order, unchanged)(*case), nn.Flatten()), "expected shape (1, 2, 2, 3)"),
        (as_convolution(in_order, unchanged, dilation=(2, 2)), "there is a dilation"),
        (windows(dilation=lambda size: size), "there is a dilation"),
        (as_convolution(lambda w, c, s: in_order(w, c, s).flip(-2), unchanged), "the rows of the kernel are in"),
        (as_convolution(lambda w, c, s: in_order(w, c, s).flip(-1), unchanged), "the columns of the kernel are in reverse"),
        (as_convolution(lambda w, c, s: in_order(w, c, s).flip(1), unchanged), "the channels are in reverse order"),
        (as_convolution(lambda w, c, s: in_order(w, c, s).flip(0), lambda bias: bias.flip(0)), "12 of the 12"),
        (as_convolution(lambda w, c, s: in_order(w.flip(0), c, s), unchanged), "the filters are in reverse order"),
        (as_convolution(lambda w, c, s: w.view(-1, s, c, s).movedim(2, 1), unchanged), "the weights are cut up with the rows"),
        (
            as_convolution(lambda w, c, s: in_order(w, c, s).sum(1)[:, None], unchanged),
            "the weights are summed over the channels",
        ),
        (as_convolution(in_order, lambda bias: bias.flip(0)), "12 of the 12 values differ"),
        (lambda *case: nn.Sequential(as_convolution(in_order, unchanged)(*case), nn.ReLU()), "there is a ReLU after"),
        (lambda linear, channels, size: linear, "a linear layer takes one size only"),
        (that_takes_the_weights_away, "the input `linear` was changed in place"),
        (that_cannot_be_trained, "the weights of `weight` cannot be trained"),
    ],
    "grid": [
        (24, "24 adds the window"),
        (40, "40 is 160 / 4"),
        ("20", "20 ignores how large a window is"),
        (16.0, "16 is without the window at pixel 0"),
        (21, "21 ignores how large a window is"),
        ("4", "4 windows, 8 pixels apart"),
        (15, "15 windows of 32 pixels"),
        (18, "18 windows of 32 pixels"),
        ("19", "19 windows of 32 pixels"),
        (33, "33 is what a step of 4 pixels gives"),
        (25, "25 adds the window"),
    ],
    "unequal": [("A.", "rounding causes"), ("(b)", "in evaluation mode batch norm"), ("c)", "how well the weights fit")],
    "scale": [
        (300, "300 halves the photograph"),
        ("200", "200 is the height that the cat should have"),
        (600.0, "600 leaves the photograph as it is"),
        (1600, "1,600 is the width"),
        (2, "2 is the factor"),
        (0.5, "0.5 is the factor in the wrong direction"),
        (6, "6 is the ratio"),
        (3600, "a height of 3,600"),
        ("120000", "120,000 is 600 times 200"),
        (150.0, "a height of 150"),
        (400, "a height of 400"),
        (448, "a height of 448"),
        (672, "a height of 672"),
        (900, "a height of 900"),
        (1800, "a height of 1,800"),
        (1199, "1199 is not right"),
        (336, "a height of 336 makes"),
    ],
    "transposed": [
        (lambda x, *case: stamped()(torch.cat([x[:1], 0 * x[1:]]), *case), "only the first image is stamped, and"),
        (returned_early, "only the first row of pixels stamps"),
        (lambda *case: returned_early(*case, columns=1), "only the first pixel stamps"),
        (
            lambda x, weight, stride: F.conv_transpose2d(x, weight, stride=stride),
            "the values are right, but `conv_transpose2d`",
        ),
        (stamped(join="write"), "a stamp overwrites what is below it"),
        (stamped(join="max"), "the larger number is kept where stamps overlap"),
        (stamped(join="subtract"), "the stamps are subtracted"),
        (averaged_where_they_overlap, "the stamps are averaged where they overlap"),
        (side_by_side, "the stamps are side by side"),
        (lambda x, w, s: stamped()(blanked(x, -1, -1), w, s), "the last row and the last column of pixels"),
        (lambda x, w, s: stamped()(blanked(x, row=-1), w, s), "the last row of pixels does not stamp"),
        (lambda x, w, s: stamped()(blanked(x, column=-1), w, s), "the last column of pixels does not stamp"),
        (stamped(kernel=lambda w: w.flip(2)), "the rows of the kernel are in reverse order"),
        (stamped(kernel=lambda w: w.flip(3)), "the columns of the kernel are in reverse order"),
        (lambda x, w, s: stamped()(x, w, s)[..., 1:-1, 1:-1], "one pixel is cut off on each side"),
        (lambda x, w, s: F.conv_transpose2d(x, w, stride=s, output_padding=s - 1), "there are stride - 1 empty rows"),
        (lambda x, w, s: stamped()(x, w, s) / math.prod(w.shape[2:]), "the stamps are divided by the number of"),
        (stamped(one=lambda pixel, stamp: all_channels(pixel[:, -1:], stamp[-1:])), "only the last channel is stamped"),
        (stamped(kernel=lambda w: 0 * w), "the result is 0 everywhere"),
        (stamped(lambda i, s: i, lambda j, s: j), "the size is right, but the stamps are one pixel apart"),
        (stamped(row=lambda i, s: i), "the rows of stamps are one pixel apart"),
        (stamped(column=lambda j, s: j), "the columns of stamps are one pixel apart"),
        (stamped(kernel=lambda w: w.flip((2, 3))), "the kernel is flipped"),
        (stamped(kernel=lambda w: w.transpose(2, 3)), "rows and columns of the kernel are exchanged"),
        (stamped(kernel=lambda w: w.transpose(0, 1)), "your code raised ValueError"),
        (stamped(one=lambda pixel, stamp: all_channels(pixel[:, :1], stamp[:1])), "only the first channel is stamped"),
        (
            stamped(one=lambda pixel, stamp: (pixel[:, :, None, None, None] * stamp).mean(1)),
            "the stamps are averaged over the channels",
        ),
        (stamped(one=lambda pixel, stamp: np.tensordot(pixel[0], stamp, 1)), "only the first image is stamped"),
        (stamped(extra=(1, 1)), "there are empty rows at the end"),
        (cut_off, "the result is cut off"),
        (lambda x, w, s: stamped()(x, w, 1), "`stride` is ignored"),
        (lambda x, w, s: stamped()(x, w, s).float(), "the result is torch.float32"),
    ],
    "doubling": [
        (doubling(lambda k: k // 2 - 1, lambda k: -(k % 2)), "an `output_padding` of -1"),
        (doubling(lambda k: k // 2, lambda k: 2 if k % 2 == 0 else 1), "an `output_padding` of 2 is"),
        (doubling(lambda k: (k - 1) // 2, lambda k: 1 + k % 2), "`output_padding` is 1 for even kernels and 2"),
        (doubling(lambda k: k // 2), "this is same padding of a convolution, one pixel too many"),
        (doubling(lambda k: k // 2, lambda k: 0), "this is same padding of a convolution without"),
        (doubling(lambda k: (k - 1) // 2, lambda k: 0), "an odd kernel needs an `output_padding` of 1"),
        (doubling(lambda k: (k - 1) // 2, lambda k: 1), "`output_padding` is always 1"),
        (doubling(lambda k: (k - 1) // 2, lambda k: 1 - k % 2), "`output_padding` is 1 for even kernels here"),
        (doubling(lambda k: k // 2 - 1), "the padding of odd kernels is one too small"),
        (doubling(lambda k: (k - 2) // 2, lambda k: 0), "for odd kernels the size is 2n + 1"),
        (doubling(lambda k: (k - 2) / 2, lambda k: 0), "(kernel - 2) / 2 is not a whole number"),
        (doubling(lambda k: 2 * ((k - 1) // 2)), "the padding is counted for both sides"),
        (doubling(lambda k: k // 2, lambda k: 1), "this is same padding of a convolution, and `output_padding` is always 1"),
        (
            doubling(lambda k: k // 2, lambda k: 1 - k % 2),
            "this is same padding of a convolution, and `output_padding` is 1 for",
        ),
        (lambda kernel: (1, 1), "(1, 1) is right for a kernel of 3 only"),
        (doubling(lambda k: (k - 2) // 2, lambda k: 1), "the padding of odd kernels is one too small, and even"),
        (doubling(lambda k: k / 2 - 0.5), "(kernel - 1) / 2 is not a whole number for even kernels"),
        (doubling(lambda k: k / 2 - 1), "for odd kernels the padding (kernel - 2) / 2 is not"),
        (doubling(lambda k: (k + 1) // 2), "the padding is one too large"),
        (doubling(lambda k: k - 2, lambda k: 0), "2 padding has to be kernel - 2, not padding, and odd"),
        (doubling(lambda k: 0), "there is no padding, so the size is at least"),
        (doubling(lambda k: k - 2, lambda k: 1), "2 padding has to be kernel - 2 for even kernels, and they"),
        (doubling(lambda k: (k - 2) // 2, lambda k: (k + 1) % 2), "`output_padding` is 1 for even kernels here, but"),
        (doubling(lambda k: k - 2), "2 padding has to be kernel - 2 for even kernels"),
        (doubling(lambda k: (k - 1) // 2, lambda k: k % 2 * 2), "`output_padding` is 0 or 1"),
        (lambda kernel: ((kernel % 2), (kernel - 1) // 2), "the two numbers are exchanged"),
        (lambda kernel: (kernel - 1) // 2, "expected 2 values, got an int (0)"),
        (lambda kernel: (0, 0), "there is no padding"),
        (lambda kernel: (1, 0), "(1, 0) is right for a kernel of 4 only"),
        (lambda kernel: (kernel, 0), "value 1 of 2: expected 0, got 2; with a padding of 2"),
        (lambda kernel: None, "the answer is None"),
    ],
    "frozen": [("A", "without gradients the weights"), ("(c)", "weight decay"), ("d.", "the 1x1 convolutions come after")],
    "dilations": [
        (products(step=lambda spread, stride: stride if stride > 1 else spread), "the last stride above 1"),
        (dilations_but_at_strides, "a layer with a stride above 1 has dilation 1 here"),
        (dilations_in_place, "the input `strides` was changed in place"),
        (products(own=True), "a layer's own stride is counted"),
        (products(after=True), "the strides of the layers *after* a layer"),
        (products(after=True, own=True), "the strides from a layer to the end"),
        (
            lambda strides: [sum(strides[:number]) or 1 for number, _ in enumerate(strides)],
            "the strides of the layers before are added",
        ),
        (products(own=True, start=0, step=lambda spread, stride: spread + stride), "the strides are added, each layer's own"),
        (products(step=lambda spread, stride: 2 * spread), "the dilations double at each layer"),
        (products(step=lambda spread, stride: spread * (2 if stride > 1 else 1)), "every stride counts as 2"),
        (products(step=max), "the largest stride before a layer is taken"),
        (
            lambda strides: [sum(strides[:number]) for number, _ in enumerate(strides)],
            "the strides before a layer are added, which",
        ),
        (products(step=lambda spread, stride: spread + stride), "1 is added to the sum of the strides"),
        (products(step=lambda spread, stride: spread + stride - 1), "the dilations grow by what each stride exceeds 1"),
        (products(step=lambda spread, stride: spread + (stride > 1)), "the dilation grows by 1 after each stride above 1"),
        (products(step=lambda spread, stride: spread + 1), "the dilations are 1, 2, 3 and so on"),
        (
            lambda strides: [1, *(one * other for one, other in itertools.pairwise(strides))],
            "each layer has its own stride times the one just before",
        ),
        (lambda strides: len(strides) * [max(strides)], "every layer has the largest stride"),
        (lambda strides: len(strides) * strides[:1], "every layer has the first stride"),
        (lambda strides: products()([1, *strides[1:]]), "the first layer's stride is left out"),
        (lambda strides: [1, *products()(strides)[:-1]], "the products are one layer late"),
        (lambda strides: [1, *products(own=True)(strides)[1:]], "a layer's own stride is counted from the second layer on"),
        (lambda strides: list(reversed(strides)), "these are the strides in reverse order"),
        (lambda strides: list(itertools.accumulate(strides, max)), "the largest stride up to a layer"),
        (
            lambda strides: [math.prod([*strides[:number], *strides[number + 1 :]]) for number in range(len(strides))],
            "the strides of all other layers are multiplied",
        ),
        (lambda strides: [1, *(2 if stride > 1 else 1 for stride in strides[:-1])], "the dilation is 2 after any stride"),
        (products(step=lambda spread, stride: spread * 2 ** (stride - 1)), "a stride s counts as 2 to the power"),
        (products(start=2), "these are twice the products"),
        (lambda strides: strides, "these are the strides themselves"),
        (lambda strides: [1, *strides[:-1]], "only the stride of the layer just before counts"),
        (lambda strides: products()(strides)[::-1], "the order is reversed"),
        (lambda strides: products()(strides)[:-1], "expected 2 values, got a list ([1])"),
        (lambda strides: products()(strides)[1:], "expected 2 values, got a list ([2])"),
        (lambda strides: products()([*strides, 1]), "expected 2 values, got a list ([1, 2, 2])"),
        (lambda strides: [1 for _ in strides], "all dilations are 1"),
        (lambda strides: [products(own=True)(strides)[-1] for _ in strides], "every layer has the total stride"),
        (lambda strides: [one - 1 for one in products()(strides)], "a dilation of 0 means nothing"),
        (lambda strides: products(own=True)(strides)[-1], "expected"),
    ],
    "mean_iou": [
        (iou(lambda hit, own, taken: hit.sum() / own.sum()), "that is pixel accuracy"),
        (iou(), "a class that is nowhere gives 0 / 0"),
        (iou(lambda hit, own, taken: hit / (own + taken - hit + 1e-6)), "a class that is nowhere counts as 0"),
        (iou(lambda hit, own, taken: (hit + 1e-6) / (own + taken - hit + 1e-6)), "a class that is nowhere counts as perfect"),
        (iou(lambda hit, own, taken: hit / (own + taken), np.nanmean), "the union is too large"),
        (iou(lambda hit, own, taken: 2 * hit / (own + taken), np.nanmean), "that is the Dice score"),
        (iou(lambda hit, own, taken: hit / own), "each class is divided by its own pixels alone"),
        (iou(lambda hit, own, taken: hit / taken), "each class is divided by the pixels taken for it"),
        (iou(lambda hit, own, taken: hit / own, np.nanmean), "that is the mean of the classes' recall"),
        (iou(lambda hit, own, taken: hit / taken, np.nanmean), "that is the mean of the classes' precision"),
        (iou(lambda hit, own, taken: (hit / (own + taken - hit))[1:], np.nanmean), "the background is left out"),
        (
            iou(lambda hit, own, taken: hit[own > 0] / (own + taken - hit)[own > 0]),
            "a class that is only predicted is left out",
        ),
        (
            iou(lambda hit, own, taken: hit[taken > 0] / (own + taken - hit)[taken > 0]),
            "a class that is only in the truth is left out",
        ),
        (
            iou(lambda hit, own, taken: own / own.sum() * intersection_over_union(hit, own, taken), np.nansum),
            "the classes are weighted by their pixels",
        ),
        (iou(lambda hit, own, taken: hit / np.maximum(own, taken), np.nanmean), "each class is divided by the larger"),
        (iou(lambda hit, own, taken: hit / np.minimum(own, taken), np.nanmean), "each class is divided by the smaller"),
        (iou(lambda hit, own, taken: hit / (own + taken - 2 * hit), np.nanmean), "the shared pixels are subtracted twice"),
        (iou(mean=lambda each: 1 - np.nanmean(each)), "that is the share of the pixels outside"),
        (
            lambda c: (c.diagonal() / (c.sum(0) + c.sum(1) - c.diagonal())).nanmedian().item(),
            "that is the median of the IoUs",
        ),
        (iou(mean=np.nanmin), "that is the smallest IoU"),
        (iou(lambda hit, own, taken: (hit + 1) / (own + taken - hit + 1)), "1 is added above and below the fraction"),
        (iou(mean=lambda each: np.nanmean(each[:-1])), "the last class is left out"),
        (iou(mean=lambda each: np.nan_to_num(each)[1:].mean()), "the background is left out, and a class"),
        (iou(lambda hit, own, taken: hit / own.sum()), "each class is divided by all pixels"),
        (iou(mean=lambda each: np.nanmean(each).round(2)), "the result is rounded"),
        (iou(lambda hit, own, taken: hit // (own + taken - hit), np.nanmean), "`//` rounds the fractions down"),
        (iou(mean=lambda each: 100 * np.nanmean(each)), "that is in percent"),
        (iou(mean=np.nanmax), "that is the largest IoU"),
        (iou(mean=np.nansum), "that is the sum of the IoUs"),
        (iou(mean=lambda each: each), "expected a number, got a numpy.ndarray"),
        (iou(lambda hit, own, taken: hit.sum() / (own + taken - hit).sum()), "the pixels of all classes are added up"),
        (iou(lambda hit, own, taken: (hit / (own + taken - hit))[hit > 0]), "a class that is never right is left out"),
        (iou(lambda hit, own, taken: (hit / (own + taken - hit))[own * taken > 0]), "a class that is only predicted, or only"),
        (lambda confusion: torch.tensor(1), "the result is 1 whatever the inputs are: expected 0.5357, got 1"),
    ],
}
