"""Wrong answers of lesson 04."""

import torch
from right_answers.inception import conv, reduced_in_a_dictionary
from torch import nn
from torch.nn import functional as F


class Naive(nn.Module):
    """The stub of the lesson, to which `naive` gives a `forward`."""

    def __init__(self, c_in, c1, c3, c5):
        super().__init__()
        self.one, self.three, self.five = conv(c_in, c1, 1), conv(c_in, c3, 3), conv(c_in, c5, 5)
        self.pool = nn.MaxPool2d(3, stride=1, padding=1)


def naive(forward):
    return type("Naive", (Naive,), {"forward": forward})


def parts(net, x):
    return [net.one(x), net.three(x), net.five(x), net.pool(x)]


def reduced(**changes):
    """Build the right block and exchange branches: name -> function of the widths."""

    def build(*widths):
        net = reduced_in_a_dictionary(*widths)
        for name, change in changes.items():
            net[{"three": "3x3", "five": "5x5"}.get(name, name)] = change(*widths)
        return net

    return build


class WithoutNames(nn.Module):
    def __init__(self, *widths):
        super().__init__()
        self.one, self.three, self.five, self.pool = reduced_in_a_dictionary(*widths).values()

    def forward(self, x):
        return torch.cat(parts(self, x), 1)


class Wrapped(nn.Module):
    def __init__(self, *widths):
        super().__init__()
        self.branches = reduced_in_a_dictionary(*widths)

    def forward(self, x):
        return self.branches(x)


def with_one_reduction_for_both(c, k1, r3, k3, r5, k5, p):
    net, shared = reduced_in_a_dictionary(c, k1, r3, k3, r5, k5, p), conv(c, r3, 1)
    net["3x3"], net["5x5"] = nn.Sequential(shared, conv(r3, k3, 3)), nn.Sequential(shared, conv(r3, k5, 5))
    return net


def loss(shares=(1.0, 0.3, 0.3), one=lambda logits, labels: nn.CrossEntropyLoss()(logits, labels)):
    def total(*values):
        *logits, labels = values
        return torch.stack([share * one(part, labels) for share, part in zip(shares, logits, strict=True)]).sum(0)

    return total


def by_hand(logits, labels):
    return -logits.log_softmax(1)[range(len(labels)), labels]


WRONG_ANSWERS = {
    "channels": [("224", "224 are the channels without the pool branch"), (256.0, "256 are the channels of"), (1, "1 is not")],
    "naive": [
        (naive(lambda net, x: torch.cat(parts(net, x))), "axis 0 counts the images"),
        (naive(lambda net, x: torch.cat(parts(net, x), 3)), "axes 2 and 3 are the pixels"),
        (naive(lambda net, x: sum(parts(net, x))), "maps with different numbers of channels cannot be added"),
        (naive(lambda net, x: torch.cat([*parts(net, x)[:3], x], 1)), "the input itself is concatenated"),
        (naive(lambda net, x: torch.cat([branch(x) for branch in list(net.children())[::-1]], 1)), "the order is reversed"),
        (naive(lambda net, x: torch.cat(parts(net, x), 1).relu()), "544 of the 4862 values differ"),
        (naive(torch.no_grad()(lambda net, x: torch.cat(parts(net, x), 1))), "it cannot be trained"),
        (naive(lambda net, x: torch.cat(parts(net, x.relu_()), 1)), "the network changes its input in place"),
    ],
    "count": [
        (lambda c, a, b, d, e, f, g: c * (a + b + e + g) + b * d * 3 + e * f * 5, "a 3x3 filter has 9 weights per channel"),
        (lambda *row: sum(p.numel() for p in reduced_in_a_dictionary(*row)["1x1"].parameters()), "expected 3941, got 18"),
    ],
    "reduced": [
        (WithoutNames, "expected the names 1x1, 3x3, 5x5, pool in this order, got one, three, five, pool"),
        (Wrapped, "expected the names 1x1, 3x3, 5x5, pool in this order, got branches"),
        (with_one_reduction_for_both, "one layer is used at several places"),
        (
            reduced(five=lambda c, k1, r3, k3, r5, k5, p: nn.Sequential(conv(c, r5, 1), conv(r5, k5, 3))),
            "the 5x5 branch has a 3x3",
        ),
        (reduced(three=lambda c, k1, r3, k3, *row: conv(c, k3, 3)), "the 3x3 filters read the input"),
        (reduced(pool=lambda *row: nn.MaxPool2d(3, 1, 1)), "the pool branch has no 1x1 filters"),
        (
            reduced(pool=lambda *row: nn.Sequential(nn.MaxPool2d(3), conv(row[0], row[6], 1))),
            "the branches' maps differ in size",
        ),
        (
            reduced(three=lambda c, k1, r3, k3, *row: nn.Sequential(conv(c, r3, 1), nn.Conv2d(r3, k3, 3))),
            "the branches' maps differ in size and cannot be concatenated; each branch has to keep height and width",
        ),
        (
            reduced(three=lambda c, k1, r3, k3, *row: nn.Sequential(conv(c, r3, 1), conv(c, k3, 3))),
            "a layer reads another number",
        ),
        (lambda *row: dict(reduced_in_a_dictionary(*row)), "expected a network (nn.Module), got a dict"),
    ],
    "field": [("10", "10 is the sum of two kernel sizes"), (5, "5 is the field of one block"), (25, "25 is not right")],
    "contradiction": [
        ("D", "1072 K weights at 7 x 7 pixels"),
        ("a", "2.7 K weights"),
        ("e", "answer one of 'a', 'b', 'c', 'd'"),
    ],
    "smaller": [("4,608", "4,608 is what the layer has left"), (-8192, "the sign"), (0.64, "0.64 is not right")],
    "loss": [
        (loss((1, 1, 1)), "the heads count in full"),
        (loss((1, 0.3, 0)), "the second head is missing"),
        (loss((1, 0.5, 0.5)), "expected 6.114, got 7.673"),
        (
            loss(one=lambda logits, labels: F.cross_entropy(logits, labels, reduction="sum")),
            "the losses of the images are added",
        ),
        (loss(one=by_hand), "there is one loss per image"),
        (
            loss(one=lambda logits, labels: F.cross_entropy(logits.float().softmax(-1), labels)),
            "`F.cross_entropy` takes logits",
        ),
        (lambda *values: loss()(*values).item(), "expected a torch tensor, got a float"),
        (
            lambda *values: torch.tensor(loss()(*values).item()).double(),
            "the value is right, but its gradient does not reach `last`",
        ),
    ],
}
