"""Wrong answers of lesson 08."""

import numpy as np
import torch
from torch import nn


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
                part[...] = {"add": part + new, "write": new, "max": np.maximum(part, new)}[join]
        return torch.from_numpy(out)

    return transposed


def cut_off(x, weight, stride):
    return stamped()(x, weight, stride)[:, :, : x.shape[2] * stride, : x.shape[3] * stride]


def fused(join=lambda total, finer: total + finer, end=lambda total, scores: total):
    def fuse(levels, bigger):
        total, *others = levels
        for finer in others:
            total = join(bigger(total), finer)
        return end(total, levels)

    return fuse


def fused_by_repeating(scores, double):
    total = scores[0]
    for finer in scores[1:]:
        total = total.repeat_interleave(2, 2).repeat_interleave(2, 3) + finer
    return total


def fused_without_the_finest(scores, double):
    total = 0
    for level in scores[:-1]:
        total = double(total + level)
    return total


def fused_bilinearly(scores, double):
    total = scores[0]
    for finer in scores[1:]:
        total = nn.functional.interpolate(total, size=finer.shape[2:], mode="bilinear", align_corners=False) + finer
    return total


def fused_in_place(scores, double):
    for place in range(1, len(scores)):
        scores[place] += double(scores[place - 1])
    return scores[-1]


def intersection_over_union(hit, own, taken):
    return hit / (own + taken - hit)


def iou(quotient=intersection_over_union, mean=np.mean):
    """Divide as numpy does, in float32."""

    def mean_iou(confusion):
        counts = confusion.numpy().astype(np.float32)
        with np.errstate(all="ignore"):
            return mean(quotient(counts.diagonal(), counts.sum(1), counts.sum(0)))

    return mean_iou


WRONG_ANSWERS = {
    "weights": [("4,096", "4,096 is what a 1x1 kernel has"), (65_600.0, "65,600 counts the biases"), (64, "64 is not right")],
    "as_convolution": [
        (as_convolution(), "the layer has new weights"),
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
        (as_convolution(in_order, lambda bias: bias.flip(0)), "12 of the 12 values differ"),
        (lambda *case: nn.Sequential(as_convolution(in_order, unchanged)(*case), nn.ReLU()), "there is a ReLU after"),
        (lambda linear, channels, size: linear, "a linear layer takes one size only"),
        (that_takes_the_weights_away, "the input `linear` was changed in place"),
        (that_cannot_be_trained, "the weights of `weight` cannot be trained"),
    ],
    "grid": [
        ("20", "20 ignores how large a window is"),
        (16.0, "16 is without the window at pixel 0"),
        (18, "18 is not right"),
    ],
    "unequal": [("A.", "rounding makes"), ("c)", "in eval mode")],
    "transposed": [
        (stamped(join="write"), "a stamp overwrites what is below it"),
        (stamped(join="max"), "48 of the 72 values differ"),
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
    "size": [("15", "15 is without the padding"), (14.0, "14 is twice the input"), (11, "11 is not right")],
    "inverse": [("A", "look at the printed image"), ("(b)", "no kernel can undo")],
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
        (iou(mean=lambda each: 100 * np.nanmean(each)), "that is in percent"),
        (iou(mean=np.nanmax), "that is the largest IoU"),
        (iou(mean=np.nansum), "that is the sum of the IoUs"),
        (iou(mean=lambda each: each), "expected a number, got a numpy.ndarray"),
        (iou(lambda hit, own, taken: hit.sum() / (own + taken - hit).sum()), "the pixels of all classes are added up"),
        (iou(lambda hit, own, taken: (hit / (own + taken - hit))[hit > 0]), "a class that is never right is left out"),
        (iou(lambda hit, own, taken: (hit / (own + taken - hit))[own * taken > 0]), "a class that is only predicted, or only"),
        (lambda confusion: torch.tensor(1), "expected 0.5357, got 1"),
    ],
    "fused": [
        (fused(lambda total, finer: torch.hstack([total, finer])), "the scores are concatenated"),
        (fused(lambda total, finer: (total + finer) / 2), "the scores are averaged at each level"),
        (fused(end=lambda total, scores: total / len(scores)), "the sum is divided by the number of levels"),
        (fused(lambda total, finer: total), "only the coarsest scores are doubled"),
        (fused(torch.mul), "the scores are multiplied"),
        (lambda scores, double: double(scores[-2]) + scores[-1], "only the last two levels are added"),
        (lambda scores, double: double(scores[0]) + scores[1], "only the first two levels are added"),
        (lambda scores, double: double(fused()(scores, double)), "the sum is doubled once more"),
        (lambda scores, double: fused()(scores[1:], double), "the coarsest scores are missing"),
        (fused_without_the_finest, "the finest scores are missing"),
        (fused(lambda total, finer: torch.stack([total, finer]).amax(0)), "the larger of two scores is taken"),
        (fused(lambda total, finer: total - finer), "the finer scores are subtracted"),
        (fused_bilinearly, "the scores are interpolated bilinearly"),
        (lambda scores, double: scores[-1], "only the finest scores are returned"),
        (fused_by_repeating, "each pixel is repeated"),
        (lambda scores, double: fused()(scores[::-1], double), "your code raised RuntimeError in line"),
        (
            fused(lambda total, finer: total.detach() + finer),
            "the value is right, but its gradient does not reach all of `scores`",
        ),
        (fused_in_place, "the input `scores` was changed in place"),
    ],
}
