"""Right answers of lesson 03, written another way than the references."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def conv1x1_by_loops(maps, table):
    out = maps.new_zeros(len(maps), len(table), *maps.shape[2:])
    for k in range(len(table)):
        for c in range(maps.shape[1]):
            out[:, k] += table[k, c] * maps[:, c]
    return out


def conv1x1_as_linear(maps, table):
    return F.linear(maps.permute(0, 2, 3, 1), table).permute(0, 3, 1, 2)


def conv1x1_of_flat_maps(maps, table):
    return (table @ maps.flatten(2)).unflatten(2, maps.shape[2:])


def conv1x1_in_numpy(maps, table):
    return torch.from_numpy(np.tensordot(maps.numpy(), table.numpy(), ([1], [1])).transpose(0, 3, 1, 2).copy())


def merge_by_probing(w1, b1, w2, b2):
    layer = lambda x: F.linear(F.linear(x, w1, b1), w2, b2)
    bias = layer(w1.new_zeros(1, w1.shape[1]))
    return torch.cat([layer(torch.eye(w1.shape[1], dtype=w1.dtype)) - bias, bias]).T


def merge_with_a_constant_channel(w1, b1, w2, b2):
    last = torch.zeros(1, w1.shape[1] + 1, dtype=w1.dtype)
    last[0, -1] = 1
    return torch.column_stack([w2, b2]) @ torch.cat([torch.column_stack([w1, b1]), last])


def weights_of_the_layers(c, narrow):
    layers = nn.Conv2d(c, narrow, 1), nn.Conv2d(narrow, narrow, 3), nn.Conv2d(narrow, c, 1)
    return sum(layer.weight.numel() for layer in layers)


class Bottleneck(nn.Module):
    def __init__(self, channels, width):
        super().__init__()
        self.widen = nn.Conv2d(width, channels, 1, bias=False)
        self.look = nn.Conv2d(width, width, 3, padding="same", bias=False)
        self.narrow = nn.Conv2d(channels, width, 1, bias=False)

    def forward(self, x):
        return self.widen(self.look(self.narrow(x).relu()).clamp(min=0)).relu()


def bottleneck_of_pairs(channels, width):
    layer = lambda a, b, k: nn.Sequential(nn.Conv2d(a, b, k, padding=k // 2, bias=False), nn.ReLU())
    return nn.Sequential(layer(channels, width, 1), layer(width, width, 3), layer(width, channels, 1))


def bottleneck_with_one_relu(channels, width):
    relu = nn.ReLU(inplace=True)
    first, last = nn.LazyConv2d(width, 1, bias=False), nn.LazyConv2d(channels, 1, bias=False)
    return nn.Sequential(first, relu, nn.Conv2d(width, width, 3, 1, 1, bias=False), relu, last, relu)


class Separable(nn.Module):
    def __init__(self, before, after, size):
        super().__init__()
        self.mix = nn.Conv2d(before, after, (1, 1), bias=False)
        self.look = nn.Conv2d(before, before, size, padding="same", groups=before, bias=False)

    def forward(self, x):
        return self.mix(self.look(x).relu()).clamp(min=0)


def separable_of_pairs(before, after, size):
    layer = lambda c, k, **more: nn.Sequential(nn.Conv2d(before, c, k, bias=False, **more), nn.ReLU())
    return nn.Sequential(layer(before, size, padding=(size - 1) // 2, groups=before), layer(after, 1))


RIGHT_ANSWERS = {
    "conv1x1": [conv1x1_by_loops, conv1x1_as_linear, conv1x1_of_flat_maps, conv1x1_in_numpy],
    "merge": [merge_by_probing, merge_with_a_constant_channel],
    "distance": [
        (torch.tensor([[-1.0, 0, 1], [1, 0, -1]]), torch.ones(1, 2)),
        [np.array([[2, 0, -2], [-4, 0, 4]]), ((0.5, 0.25),)],
        ([[1, 0, -1], [1, 0, 0], [-1, 0, 0], [0, 0, 1], [0, 0, -1]], [[2, -1, 1, 1, -1]]),  # 2 relu(d) - d, d = red - blue
    ],
    "bottleneck_weights": [
        weights_of_the_layers,
        lambda c, m: m * (c + 9 * m + c),
        lambda c, m: torch.tensor(2 * c * m + (3 * m) ** 2),
    ],
    "separable": [Separable, separable_of_pairs],
    "larger_window": [15.1, "15.09", torch.tensor(15.094), 15.09433962],
    "bottleneck": [Bottleneck, bottleneck_of_pairs, bottleneck_with_one_relu],
}
