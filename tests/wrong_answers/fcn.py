"""Wrong answers of lesson 07."""

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


def unchanged(bias):
    return bias


def that_takes_the_weights_away(linear, channels, size):
    conv = as_convolution(in_order, unchanged)(linear, channels, size)
    linear.bias.data.zero_()
    return conv


def that_cannot_be_trained(linear, channels, size):
    return as_convolution(in_order, unchanged)(linear, channels, size).requires_grad_(False)


def stamped(row=lambda i, s: i * s, column=lambda j, s: j * s, kernel=lambda w: w, extra=(0, 0), join="add"):
    """Stamp number by number, in numpy, with something changed."""

    def transposed(x, weight, stride):
        image, stamp = x.numpy(), kernel(weight).numpy()
        (n, _, h, w), (_, k, r, s) = image.shape, stamp.shape
        out = np.zeros((n, k, (h - 1) * stride + r + extra[0] * stride, (w - 1) * stride + s + extra[1] * stride))
        for i in range(h):
            for j in range(w):
                y, z = row(i, stride), column(j, stride)
                one = np.einsum("nc,ckrs->nkrs", image[:, :, i, j], stamp)
                part = out[:, :, y : y + r, z : z + s]
                part[...] = {"add": part + one, "write": one, "max": np.maximum(part, one)}[join]
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


def fused_in_place(scores, double):
    for place in range(1, len(scores)):
        scores[place] += double(scores[place - 1])
    return scores[-1]


def iou(quotient, mean=np.mean):
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
        (as_convolution(in_order, unchanged, padding=1), "expected shape (1, 5, 6, 5), got (1, 5, 8, 7)"),
        (as_convolution(in_order, lambda bias: bias.flip(0)), "40 of the 40 values differ"),
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
        (stamped(extra=(1, 1)), "there are empty rows at the end"),
        (cut_off, "the result is cut off"),
        (lambda x, w, s: stamped()(x, w, 1), "`stride` is ignored"),
        (lambda x, w, s: stamped()(x, w, s).float(), "the result is torch.float32"),
    ],
    "size": [("15", "15 is without the padding"), (14.0, "14 is twice the input"), (11, "11 is not right")],
    "inverse": [("A", "look at the printed image"), ("(b)", "no kernel can undo")],
    "mean_iou": [
        (iou(lambda hit, own, taken: hit.sum() / own.sum()), "that is pixel accuracy"),
        (iou(lambda hit, own, taken: hit / (own + taken - hit)), "a class that is nowhere gives 0 / 0"),
        (iou(lambda hit, own, taken: hit / (own + taken - hit + 1e-6)), "a class that is nowhere counts as 0"),
        (iou(lambda hit, own, taken: (hit + 1e-6) / (own + taken - hit + 1e-6)), "a class that is nowhere counts as perfect"),
        (iou(lambda hit, own, taken: hit / (own + taken), np.nanmean), "the union is too large"),
        (iou(lambda hit, own, taken: 2 * hit / (own + taken), np.nanmean), "that is the Dice score"),
        (iou(lambda hit, own, taken: hit / own), "each class is divided by its own pixels alone"),
        (iou(lambda hit, own, taken: hit / taken, np.nanmean), "that is the mean of the classes' precision"),
        (iou(lambda hit, own, taken: (hit / (own + taken - hit))[1:], np.nanmean), "the background is left out"),
        (
            iou(lambda hit, own, taken: hit[own > 0] / (own + taken - hit)[own > 0]),
            "a class that is only predicted is left out",
        ),
        (iou(lambda hit, own, taken: hit / (own + taken - hit), lambda q: q), "expected a number, got a numpy.ndarray"),
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
