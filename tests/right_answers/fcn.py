"""Right answers of lesson 08, written another way than the references."""

import itertools
import math
import operator

import torch
from torch import nn
from torch.nn import functional as F


def filled_layer(linear, channels, size):
    conv = nn.Conv2d(channels, linear.out_features, kernel_size=(size, size))
    with torch.no_grad():
        conv.weight.copy_(linear.weight.reshape(conv.weight.shape))
        conv.bias.copy_(linear.bias)
    return conv


def layer_by_state(linear, channels, size):
    conv = nn.Conv2d(channels, len(linear.weight), size).double()
    conv.load_state_dict({"weight": linear.weight.unflatten(1, (channels, size, size)), "bias": linear.bias})
    return conv


def stamps_one_by_one(x, weight, stride):
    (n, _, h, w), (_, k, r, s) = x.shape, weight.shape
    out = torch.zeros(n, k, (h - 1) * stride + r, (w - 1) * stride + s, dtype=x.dtype)
    for i in range(h):
        for j in range(w):
            stamp = (x[:, :, i, j][:, :, None, None, None] * weight).sum(1)
            out[:, :, i * stride : i * stride + r, j * stride : j * stride + s] += stamp
    return out


def stamps_by_spreading(x, weight, stride):
    n, c, h, w = x.shape
    spread = x.new_zeros(n, c, (h - 1) * stride + 1, (w - 1) * stride + 1)
    spread[:, :, ::stride, ::stride] = x
    r, s = weight.shape[2:]
    return F.conv2d(F.pad(spread, (s - 1, s - 1, r - 1, r - 1)), weight.flip(2, 3).transpose(0, 1))


def folded(x, weight, stride):
    columns = torch.einsum("nchw,ckrs->nkrshw", x, weight).flatten(1, 3).flatten(2)
    size = [(a - 1) * stride + b for a, b in zip(x.shape[2:], weight.shape[2:], strict=True)]
    return F.fold(columns, size, tuple(weight.shape[2:]), stride=stride)


def as_a_gradient(x, weight, stride):
    """A transposed convolution is what the gradient of a convolution flows back through."""
    size = [(a - 1) * stride + b for a, b in zip(x.shape[2:], weight.shape[2:], strict=True)]
    image = x.new_zeros(len(x), weight.shape[1], *size).requires_grad_()
    return torch.autograd.grad(F.conv2d(image, weight, stride=stride), image, x)[0]


def padding_by_parity(kernel):
    return ((kernel - 2) // 2, 0) if kernel % 2 == 0 else ((kernel - 1) // 2, 1)


def padding_by_search(kernel):
    return next((p, more) for more in (0, 1) for p in range(kernel) if (7 - 1) * 2 + kernel - 2 * p + more == 14)


def dilations_backwards(strides):
    return [1] if len(strides) == 1 else [*dilations_backwards(strides[:-1]), math.prod(strides[:-1])]


def iou_in_a_loop(confusion):
    found = []
    for k in range(len(confusion)):
        union = confusion[k].sum() + confusion[:, k].sum() - confusion[k, k]
        if union:
            found.append(confusion[k, k].item() / union.item())
    return sum(found) / len(found)


RIGHT_ANSWERS = {
    "as_convolution": [filled_layer, layer_by_state],
    "transposed": [stamps_one_by_one, stamps_by_spreading, folded, as_a_gradient],
    "doubling": [padding_by_parity, padding_by_search, lambda kernel: [(kernel - 1) // 2, kernel % 2]],
    "dilations": [
        dilations_backwards,
        lambda strides: [1, *itertools.accumulate(strides[:-1], operator.mul)],
        lambda strides: torch.tensor([1, *strides[:-1]]).cumprod(0).tolist(),
    ],
    "mean_iou": [iou_in_a_loop, lambda c: (c.diagonal() / (c.sum(0) + c.sum(1) - c.diagonal())).nanmean()],
}
