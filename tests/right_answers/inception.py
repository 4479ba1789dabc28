"""Right answers of lesson 05, written another way than the references."""

import torch
from torch import nn
from torch.nn import functional as F


def conv(c_in, c_out, size):
    layer = nn.Conv2d(c_in, c_out, size, padding="same", bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(c_out), nn.ReLU())


class Naive(nn.Module):
    def __init__(self, channels, k1, k3, k5):
        super().__init__()
        self.five, self.three, self.one = conv(channels, k5, 5), conv(channels, k3, 3), conv(channels, k1, 1)
        self.widths = k1, k3, k5

    def forward(self, x):
        k1, k3, k5 = self.widths
        out = x.new_empty(len(x), sum(self.widths) + x.shape[1], *x.shape[2:])
        out[:, :k1], out[:, k1 : k1 + k3] = self.one(x), self.three(x)
        out[:, k1 + k3 : k1 + k3 + k5], out[:, k1 + k3 + k5 :] = self.five(x), F.max_pool2d(x, 3, 1, 1)
        return out


class NaiveInAList(nn.Module):
    def __init__(self, channels, k1, k3, k5):
        super().__init__()
        self.all = nn.ModuleList([*map(conv, [channels] * 3, (k1, k3, k5), (1, 3, 5)), nn.MaxPool2d(3, 1, 1)])

    def forward(self, x):
        return torch.hstack([branch(x) for branch in self.all])


class Beside(nn.ModuleDict):
    def forward(self, x):
        return torch.cat([branch(x) for branch in self.values()], dim=1)


def reduced_one_by_one(channels, k1, r3, k3, r5, k5, p):
    """Start from an empty Branches, as a learner who adds what is computed elsewhere; its pool is written by hand."""

    class Pool(nn.Module):
        def forward(self, x):
            return F.pad(x, (1, 1, 1, 1), value=-torch.inf).unfold(2, 3, 1).unfold(3, 3, 1).amax((4, 5))

    net = Beside()
    net["1x1"] = conv(channels, k1, 1)
    net["3x3"] = nn.Sequential(conv(channels, r3, 1), conv(r3, k3, 3))
    net.add_module("5x5", nn.Sequential(conv(channels, r5, 1), conv(r5, k5, 5)))
    net.update({"pool": nn.Sequential(Pool(), conv(channels, p, 1))})
    return net


def reduced_in_a_dictionary(channels, k1, r3, k3, r5, k5, p):
    """Collect the branches in a ModuleDict by name, as the library does."""

    three = nn.Sequential(*conv(channels, r3, 1), *conv(r3, k3, 3))
    five = nn.Sequential(*conv(channels, r5, 1), *conv(r5, k5, 5))
    pool = nn.Sequential(nn.MaxPool2d((3, 3), (1, 1), (1, 1)), *conv(channels, p, 1))
    return Beside({"1x1": conv(channels, k1, 1), "3x3": three, "5x5": five, "pool": pool})


def weights_of_the_layers(c, k1, r3, k3, r5, k5, p):
    layers = [(c, k1, 1), (c, r3, 1), (r3, k3, 3), (c, r5, 1), (r5, k5, 5), (c, p, 1)]
    return sum(nn.Conv2d(a, b, size, device="meta").weight.numel() for a, b, size in layers)


RIGHT_ANSWERS = {
    "naive": [Naive, NaiveInAList],
    "count": [weights_of_the_layers, lambda c, a, b, d, e, f, g: torch.tensor(c * (a + b + e + g) + b * d * 9 + e * f * 25)],
    "reduced": [reduced_one_by_one, reduced_in_a_dictionary],
    "design": [[1, 43, 128, 16, 64, 63], (32.0, 32, 128, 22, 64, 32), torch.tensor([40, 33, 130, 17, 66, 20])],
}
