"""Wrong answers of lesson 02."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    """The bottleneck as a class of a learner's own, with something changed."""

    def __init__(self, c, narrow, bias=False, padding=1, send=None):
        super().__init__()
        self.reduce = nn.Conv2d(c, narrow, (1, 1), bias=bias)
        self.look = nn.Conv2d(narrow, narrow, (3, 3), padding=padding, bias=bias)
        self.expand = nn.Conv2d(narrow, c, (1, 1), bias=bias)
        self.send = send or (lambda net, x: F.relu(net.expand(F.relu(net.look(F.relu(net.reduce(x)))))))

    def forward(self, x):
        return self.send(self, x)


def sending(send):
    return lambda c, narrow: Block(c, narrow, send=send)


def with_batch_norm(c, narrow):
    parts = []
    for a, b, size in (c, narrow, 1), (narrow, narrow, 3), (narrow, c, 1):
        parts.append(nn.Sequential(nn.Conv2d(a, b, size, padding="same", bias=False), nn.BatchNorm2d(b), nn.ReLU()))
    return nn.Sequential(*parts)


def in_place(c, narrow):
    return nn.Sequential(nn.ReLU(inplace=True), Block(c, narrow))


def merge(weight=lambda w1, w2: w2 @ w1, bias=lambda b1, w2, b2: w2 @ b1 + b2):
    return lambda w1, b1, w2, b2: torch.cat([weight(w1, w2), bias(b1, w2, b2)[:, None]], dim=1)


WRONG_ANSWERS = {
    "pixel": [
        (torch.tensor([9]), "the weights are not paired with their channels"),  # 3, -2, 1, or 1, 2, -3
        ("15", "15 is what you get if the weight -2 counts as 2"),
        (2, "2 is not right"),
    ],
    "conv1x1": [
        (lambda x, w: torch.einsum("nchw,kc->knhw", x, w), "the channels come before the images"),
        (lambda x, w: x.float().permute(0, 2, 3, 1) @ w.float().T, "the channels come last"),
        (lambda x, w: torch.from_numpy(np.einsum("nchw,kd->nkhw", x.numpy(), w.numpy())), "`weight` and `x` have different"),
        (lambda x, w: F.linear(x.movedim(1, 3), w).reshape(len(x), len(w), *x.shape[2:]), "the pixels are in the wrong order"),
        (lambda x, w: (x[:, None] * w[None, :, :, None, None]).mean(2), "the products are averaged over the channels"),
        (lambda x, w: F.relu(F.conv2d(x, w[:, :, None, None])), "392 of the 770 values differ"),
    ],
    "macs": [
        (3.2e6, "3200000 is not right"),
        (16384, "16,384 is the number of weights"),
        (6422528, "that is twice the work"),
    ],
    "merge": [
        (merge(bias=lambda b1, w2, b2: b2), "`b1` is missing"),
        (merge(bias=lambda b1, w2, b2: torch.mv(w2, b1)), "`b2` is missing"),
        (merge(bias=lambda b1, w2, b2: b1.sum() + b2), "`b1` is added up without `w2`"),
        (merge(bias=lambda b1, w2, b2: w2 @ b1 - b2), "4 of the 12 values differ"),
        (lambda w1, b1, w2, b2: w2 @ w1, "expected shape (4, 3), got (4, 2)"),
        (merge(weight=lambda w1, w2: w1 @ w2), "your code raised RuntimeError"),
    ],
    "distance": [
        ((np.eye(3), [[1, 0, -1]]), "the difference is taken after the ReLU"),
        (([[1, 0, -1], [0, 0, 0]], [[1, 1]]), "that is the distance only where red is larger"),
        (torch.tensor([[1, 0, -1], [-1, 0, 1]]), "`first` must be (M, 3)"),
        (([[1, 0, -1], [-1, 0]], [[1, 1]]), "expected two tables"),
        (([[1, 0, 1], [-1, 0, -1]], [[1, 1]]), "([[1, 0, 1], [-1, 0, -1]], [[1, 1]]) is not right"),
    ],
    "bottleneck_weights": [
        (lambda c, n: sum(p.numel() for p in Block(c, n, bias=True).parameters()), "the biases are counted"),
        (lambda c, n: 9 * n * n + n * c, "a 1x1 layer is missing"),
        (lambda c, n: 9 * c * c, "expected 56, got 225"),
    ],
    "bottleneck": [
        (lambda c, n: Block(c, n, padding=0), "the 3x3 layer has no padding"),
        (lambda c, n: Block(c, n, bias=True), "the layers have biases"),
        (with_batch_norm, "there is batch norm after the layers"),
        (
            sending(lambda net, x: net.expand(F.relu(net.look(F.relu(net.reduce(x)))))),
            "the ReLU after the last layer is missing",
        ),
        (sending(lambda net, x: net.expand(net.look(net.reduce(x))).clamp(min=0)), "there is no ReLU between"),
        (in_place, "the network changes its input in place"),
        (lambda c, n: nn.Sequential(nn.Conv2d(c, n, 1, bias=False), nn.Conv2d(c, c, 3)), "each layer reads as many channels"),
        (lambda c, n: [nn.Conv2d(c, n, 1), nn.ReLU()], "expected a network (nn.Module), got a list"),
        (lambda c, n: nn.Sequential(Block(c, n), nn.Dropout()), "the outputs are right in evaluation mode and differ in"),
    ],
    "branch": [
        ("153,600", "that is the branch without its 1x1 layer"),
        (18944, "16 and 32 are exchanged"),
        (1, "1 is not right"),
    ],
    "strided": [(np.int64(196), "196 is all of them"), (7, "7 is the number of rows"), ("1/4", "1/4 is not right")],
}
