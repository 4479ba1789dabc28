"""Wrong answers of lesson 05."""

from functools import partial
from types import SimpleNamespace

import torch
from right_answers.inception import Beside, conv, reduced_in_a_dictionary
from torch import nn


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


def naive_in_order(*places):
    return naive(lambda net, x: torch.cat([parts(net, x)[place] for place in places], 1))


def naive_on_the_pooled_map(net, x):
    x = net.pool(x)
    return torch.cat([net.one(x), net.three(x), net.five(x), x], 1)


LAYERS = dict(one=("c", "k1", 1), reduce3=("c", "r3", 1), three=("r3", "k3", 3), reduce5=("c", "r5", 1))
LAYERS |= dict(five=("r5", "k5", 5), pool=("c", "p", 1))


def named(row):
    return SimpleNamespace(**dict(zip(("c", "k1", "r3", "k3", "r5", "k5", "p"), row, strict=True)))


def count(bias=False, **changes):
    """Let torch count the block's weights, with layers changed or, as None, left out."""

    def weights(*row):
        widths, layers = vars(named(row)), filter(None, (LAYERS | changes).values())
        built = [nn.Conv2d(widths[a], widths[b], size, bias=bias, device="meta") for a, b, size in layers]
        return sum(p.numel() for layer in built for p in layer.parameters())

    return weights


def reduced(**changes):
    """Build the right block and exchange branches: name -> function of the widths by name."""

    def build(*row):
        net = reduced_in_a_dictionary(*row)
        for name, change in changes.items():
            net[{"three": "3x3", "five": "5x5"}.get(name, name)] = change(named(row))
        return net

    return build


def reduced_in_order(*keys):
    return lambda *row: Beside({key: reduced_in_a_dictionary(*row)[key] for key in keys})


def reduced_with(conv, reduction=None):
    """Build the right block of other layers."""
    reduction = reduction or conv

    def build(c, k1, r3, k3, r5, k5, p):
        three = nn.Sequential(reduction(c, r3, 1), conv(r3, k3, 3))
        five = nn.Sequential(reduction(c, r5, 1), conv(r5, k5, 5))
        pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), conv(c, p, 1))
        return Beside({"1x1": conv(c, k1, 1), "3x3": three, "5x5": five, "pool": pool})

    return build


def conv_and_relu(c_in, c_out, size, **options):
    return nn.Sequential(nn.Conv2d(c_in, c_out, size, padding="same", **options), nn.ReLU())


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


class NaiveInAPlainList(nn.Module):
    def __init__(self, c_in, c1, c3, c5):
        super().__init__()
        self.all = [conv(c_in, c1, 1), conv(c_in, c3, 3), conv(c_in, c5, 5), nn.MaxPool2d(3, 1, 1)]

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.all], 1)


def in_a_row(c_in, c1, c3, c5):
    return nn.Sequential(conv(c_in, c1, 1), conv(c1, c3, 3), conv(c3, c5, 5), nn.MaxPool2d(3, 1, 1))


def naive_with(pool=None, conv=conv, sizes=(1, 3, 5)):
    """Write the right class with another pool, other layers or other windows."""

    def build(c_in, c1, c3, c5):
        net = Naive(c_in, c1, c3, c5)
        net.one, net.three, net.five = (conv(c_in, c, size) for c, size in zip((c1, c3, c5), sizes, strict=True))
        net.pool = pool or net.pool
        return Beside(dict(net.named_children()))

    return build


WRONG_ANSWERS = {
    "left": [
        ("256", "256 would be right if the pool had no channels"),
        (192.0, "192 are the channels that the pool outputs"),
        (448, "448 is the sum"),
        (1, "1 is not"),
        (21.333333333333332, "a third of the rest is not asked for"),
        (85, "85 divides all 256 channels by three"),
        (0, "0 would be right for a block that outputs 192 channels"),
        (224, "224 are the filters of the example"),
        (128, "128 is half of 256"),
        (416, "416 is the output of the example"),
        (48, "48 is a quarter of 192"),
        (85.333333333, "85.3 divides all 256 channels by three"),
    ],
    "naive": [
        (naive(lambda net, x: torch.cat(parts(net, x))), "axis 0 counts the images"),
        (naive(lambda net, x: torch.cat(parts(net, x), 3)), "axes 2 and 3 are the pixels"),
        (naive(lambda net, x: sum(parts(net, x))), "maps with different numbers of channels cannot be added"),
        (naive(lambda net, x: torch.stack(parts(net, x))), "`torch.stack` makes a new axis"),
        (naive(lambda net, x: torch.cat([*parts(net, x)[:3], x], 1)), "the input itself is concatenated"),
        (naive(naive_on_the_pooled_map), "the filters read the pooled map"),
        (naive(lambda net, x: torch.cat([branch(x) for branch in list(net.children())[::-1]], 1)), "the order is reversed"),
        (naive_in_order(0, 1, 2), "the pool branch is missing"),
        (naive_in_order(0, 2, 1, 3), "3x3 and 5x5 are exchanged"),
        (naive_in_order(3, 0, 1, 2), "the pool comes first"),
        (naive_in_order(0, 1, 3, 2), "the pool comes before 5x5"),
        (naive(lambda net, x: torch.cat(parts(net, x), 1).relu()), "the negative numbers of the pool are replaced by 0"),
        (naive(torch.no_grad()(lambda net, x: torch.cat(parts(net, x), 1))), "it cannot be trained"),
        (naive(lambda net, x: torch.cat(parts(net, x.relu_()), 1)), "the network changes its input in place"),
        (NaiveInAPlainList, "a layer is not part of the network; make it an attribute in `__init__`, or use `nn.ModuleList`"),
        (naive_with(pool=nn.MaxPool2d(3)), "the branches' maps differ in size and cannot be concatenated"),
        (naive_with(pool=nn.MaxPool2d(3, stride=1)), "the branches' maps differ in size and cannot be concatenated"),
        (naive_with(pool=nn.MaxPool2d(2)), "the branches' maps differ in size and cannot be concatenated"),
        (naive_with(pool=nn.AvgPool2d(3, 1, 1)), "the pool averages"),
        (naive_with(conv=partial(nn.Conv2d, padding="same")), "there is no batch norm and no ReLU"),
        (naive_with(sizes=(1, 3, 3)), "the 5x5 branch has 3x3 filters"),
        (naive_with(sizes=(1, 5, 5)), "the 3x3 branch has 5x5 filters"),
        (naive_with(sizes=(3, 3, 5)), "the 1x1 branch has 3x3 filters"),
        (naive_with(pool=nn.MaxPool2d(5, 1, 2)), "the pool's window is 5x5"),
        (
            naive(lambda net, x: torch.cat([*parts(net, x)[:3], net.pool(x).relu()], 1)),
            "the negative numbers of the pool are replaced by 0",
        ),
        (lambda c_in, c1, c3, c5: naive_with()(c_in, c1, c5, c3), "the numbers of filters `c3` and `c5` are exchanged"),
        (naive(lambda net, x: net.pool(torch.cat(parts(net, x)[:3], 1))), "the pool reads what the filters output"),
        (in_a_row, "the layers follow each other"),
        (naive(parts), "expected a torch tensor, got a list"),
    ],
    "count": [
        (count(reduce3=None, reduce5=None), "the 1x1 filters before the 3x3 and the 5x5 are not counted"),
        (count(three=("c", "k3", 3), five=("c", "k5", 5)), "the 3x3 and 5x5 filters read the reduced map"),
        (
            count(reduce3=None, reduce5=None, three=("c", "k3", 3), five=("c", "k5", 5)),
            "that is a block without reductions",
        ),
        (count(pool=None), "the 1x1 filters after the pool are not counted"),
        (count(one=None), "the 1x1 filters of the first branch are not counted"),
        (count(pool=("c", "p", 3)), "the 1x1 filters after the pool are counted as 3x3"),
        (lambda c, a, b, d, e, f, g: c * (a + b + e + g) + b * d * 3 + e * f * 5, "a 3x3 filter has 9 weights per channel"),
        (count(five=("r5", "k5", (1, 5))), "a 5x5 filter has 25 weights per channel, not 5"),
        (count(five=("r5", "k5", 3)), "the 5x5 filters are counted as 3x3"),
        (count(three=("r3", "k3", 1), five=("r5", "k5", 1)), "the windows are missing"),
        (count(bias=True), "the biases are counted"),
        (count(reduce3=None), "the 1x1 filters before the 3x3 are not counted"),
        (count(reduce5=None), "the 1x1 filters before the 5x5 are not counted"),
        (count(three=None), "the 3x3 filters are not counted"),
        (count(five=None), "the 5x5 filters are not counted"),
        (count(three=("c", "k3", 3)), "the 3x3 filters read the `c3_reduce` channels"),
        (count(five=("c", "k5", 5)), "the 5x5 filters read the `c5_reduce` channels"),
        (count(three=("r3", "k3", 5), five=("r5", "k5", 3)), "a 3x3 filter has 9 weights per channel and a 5x5 filter 25, and"),
        (lambda c, a, b, d, e, f, g: c * (a + b + e + g) + d * 9 + f * 25, "a 3x3 filter has 9 weights for *each* channel"),
        (lambda *row: sum(p.numel() for p in reduced_in_a_dictionary(*row)["1x1"].parameters()), "expected 3941, got 18"),
        (lambda c, c1, r3, c3, r5, c5, p: 25 * c * c5 + 9 * c * c3 + c * c1, "that is the naive block, without its reductio"),
        (lambda c, c1, r3, c3, r5, c5, p: (p + r5 + r3 + c1) * c + r3 * c5 * 9 + r5 * c3 * 25, "`c3` and `c5` are exchanged"),
        (
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + r3 * 9 * c3 + r5 * 25 * c5 + p),
            "the weights of the two layers of a branch are",
        ),
        (
            lambda c, c1, r3, c3, r5, c5, p: c * c1 + 9 * r3 * (c + c3) + 25 * r5 * (c + c5) + c * p,
            "the windows are counted twice",
        ),
        (
            lambda c, c1, r3, c3, r5, c5, p: c * c1 + c * r3 + c * r5 + 9 * r3 * c3 + 25 * r5 * c5 + p * (c1 + c3 + c5),
            "the filters after the pool read its `c_in` ch",
        ),
        (
            lambda c, c1, r3, c3, r5, c5, p: c1 * (c + r3) + 9 * r3 * c3 + c3 * r5 + c5 * (25 * r5 + p),
            "the layers are counted as a chain",
        ),
        (
            lambda c, c1, r3, c3, r5, c5, p: c * c1 + c * r3 + c * c3 + c * r5 + c * c5 + c * p,
            "all filters are counted as 1x1 filters that r",
        ),
        (
            lambda c, c1, r3, c3, r5, c5, p: c * (p + c1) + r3 * (c + 9) + r5 * (c + 25),
            "the numbers of filters `c3` and `c5` are miss",
        ),
        (
            lambda c, c1, r3, c3, r5, c5, p: c * c1 + r3 * (c + 25 * c5) + r5 * (c + 9 * c3) + c * p,
            "the reductions are exchanged",
        ),
        (
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + p) + r3 * (c + 9 * c3 + 25 * c5),
            "one reduction is counted for both branches",
        ),
        (
            lambda c, c1, r3, c3, r5, c5, p: c * (c1 + c3 + c5 + p) + r3 * (c + 9 * c3) + r5 * (c + 25 * c5),
            "the 3x3 and 5x5 filters are counted as 1x1 fi",
        ),
    ],
    "reduced": [
        (WithoutNames, "expected the names 1x1, 3x3, 5x5, pool in this order, got one, three, five, pool"),
        (Wrapped, "expected the names 1x1, 3x3, 5x5, pool in this order, got branches"),
        (with_one_reduction_for_both, "one layer is used at several places"),
        (reduced(five=lambda w: nn.Sequential(conv(w.c, w.r5, 1), conv(w.r5, w.k5, 3))), "the 5x5 branch has a 3x3"),
        (
            reduced(three=lambda w: conv(w.c, w.k3, 3), five=lambda w: conv(w.c, w.k5, 5)),
            "the 3x3 and the 5x5 filters read the input",
        ),
        (reduced(three=lambda w: conv(w.c, w.k3, 3)), "the 3x3 filters read the input"),
        (reduced(five=lambda w: conv(w.c, w.k5, 5)), "the 5x5 filters read the input"),
        (
            reduced(five=lambda w: nn.Sequential(conv(w.c, w.r3, 1), conv(w.r3, w.k5, 5))),
            "the 5x5 branch has the reduction of the 3x3",
        ),
        (lambda c, k1, r3, k3, r5, *row: reduced_in_a_dictionary(c, k1, r5, k3, r3, *row), "the two reductions are exchanged"),
        (
            reduced(
                three=lambda w: nn.Sequential(conv(w.c, w.r3, 3), conv(w.r3, w.k3, 1)),
                five=lambda w: nn.Sequential(conv(w.c, w.r5, 5), conv(w.r5, w.k5, 1)),
            ),
            "the 1x1 filters come after the 3x3 and the 5x5",
        ),
        (reduced(pool=lambda w: nn.MaxPool2d(3, 1, 1)), "the pool branch has no 1x1 filters"),
        (reduced(pool=lambda w: conv(w.c, w.p, 1)), "the pool branch has no pool"),
        (
            reduced(pool=lambda w: nn.Sequential(conv(w.c, w.p, 1), nn.MaxPool2d(3, 1, 1))),
            "the 1x1 filters come before the pool",
        ),
        (
            reduced(pool=lambda w: nn.Sequential(nn.AvgPool2d(3, 1, 1), conv(w.c, w.p, 1))),
            "the pool averages",
        ),
        (reduced(pool=lambda w: nn.Sequential(nn.MaxPool2d(3), conv(w.c, w.p, 1))), "the branches' maps differ in size"),
        (
            reduced(three=lambda w: nn.Sequential(conv(w.c, w.r3, 1), nn.Conv2d(w.r3, w.k3, 3))),
            "the branches' maps differ in size and cannot be concatenated; each branch has to keep height and width",
        ),
        (reduced(three=lambda w: nn.Sequential(conv(w.c, w.r3, 1), conv(w.c, w.k3, 3))), "a layer reads another number"),
        (reduced_with(conv, nn.Conv2d), "the reductions have no batch norm and no ReLU"),
        (reduced_with(conv, partial(nn.Conv2d, bias=False)), "the reductions have neither batch norm nor ReLU"),
        (reduced_with(partial(nn.Conv2d, padding="same")), "there is no batch norm and no ReLU"),
        (reduced_with(partial(nn.Conv2d, padding="same", bias=False)), "there is neither batch norm nor ReLU"),
        (reduced_with(conv_and_relu), "there are biases in place of batch norm"),
        (reduced_with(partial(conv_and_relu, bias=False)), "there is no batch norm; build"),
        (reduced_in_order("1x1", "5x5", "3x3", "pool"), "3x3 and 5x5 are exchanged"),
        (reduced_in_order("pool", "1x1", "3x3", "5x5"), "the pool comes first"),
        (reduced_in_order("1x1", "3x3", "pool", "5x5"), "the pool comes before 5x5"),
        (reduced_in_order("pool", "5x5", "3x3", "1x1"), "the order is reversed"),
        (reduced_in_order("1x1", "3x3", "5x5"), "the pool branch is missing"),
        (lambda *row: dict(reduced_in_a_dictionary(*row)), "expected a network (nn.Module), got a dict"),
        (
            reduced(
                three=lambda w: nn.Sequential(conv(w.c, w.r3, 1), conv(w.r3, w.k5, 3)),
                five=lambda w: nn.Sequential(conv(w.c, w.r5, 1), conv(w.r5, w.k3, 5)),
            ),
            "the numbers of filters `c3` and `c5`",
        ),
    ],
    "field": [
        ("10", "10 is the sum of two kernel sizes"),
        (5, "5 is the field of one block"),
        (25, "25 is the area of one 5x5 window"),
        (8, "8 leaves out a pixel"),
        (6, "6 adds one pixel"),
        (1, "1 is the narrowest path"),
        (12, "12 is not right"),
        (3, "3 is the field of one 3x3 window"),
        (11, "11 adds 6 pixels for the second block"),
        (50, "50 is 2 x 25"),
    ],
    "design": [
        ((64, 96, 128, 16, 32, 32), "`c5`, the fifth number, is 32"),
        ([32, 96, 128, 16, 64, 32], "the block has 169,984 weights, 69,984 more than the budget"),
        ((64, 64, 128, 16, 64, 32), "the block outputs c1 + c3 + c5 + c_pool = 288 channels instead of 256"),
        ((32, 44, 128, 16, 64, 32), "the block has 100,096 weights, 96 more than the budget"),
        ((32, 31, 128, 16, 64, 32), "`c3_reduce`, the second number, is 31, less than a quarter of the 128 filters"),
        ((96, 24, 96, 16, 64, 0), "every width is at least 1; the smallest here is 0"),
        ((32, 32, 128, 16, 64), "expected six whole numbers, c1, c3_reduce, c3, c5_reduce, c5, c_pool, got"),
        ((192, 32, 32, 128, 16, 64, 32), "expected six whole numbers"),
        ((32.5, 32, 128, 16, 64, 31.5), "expected six whole numbers"),
        ((32, 32, 128, "16", 64, 31), "the block outputs c1 + c3 + c5 + c_pool = 255 channels instead of 256"),
        ((32, 128, 64, 32, 32, 16), "the block outputs c1 + c3 + c5 + c_pool = 144 channels instead of 256"),
        ((-1, 32, 128, 16, 64, 65), "every width is at least 1; the smallest here is -1"),
        (torch.tensor([33, 32, 127, 16, 64, 32]), "`c3`, the third number, is 127"),
        (83968, "expected six whole numbers"),
        (None, "expected six whole numbers"),
        ("32 32 128 16 64 32", "expected six whole numbers"),
    ],
    "reach": [
        ("A", "the stages after 4d take no part in this prediction, so changing"),
        ("b", "the prediction also depends"),
        ("D.", "the stages after 4d take no part in this prediction; the gradient flows back"),
        ("inception_4d", "answer one of"),
        (["c"], "answer one of"),
        ("e", "answer one of"),
    ],
    "differs": [
        ("a", "equal numbers of parameters"),
        ("B", "more channels are one difference"),
        ("c", "a longer path is one difference"),
        ("b and c", "answer one of"),
        (4, "answer one of"),
    ],
    "smaller": [
        ("4,608", "4,608 is what the layer has left"),
        (-8192, "the sign"),
        (0.64, "0.64 is the share"),
        (256, "256 is for one filter"),
        (1024, "1,024 takes 5 - 3 weights"),
        (196608, "196,608 belongs to the 3x3 branch"),
        (8224, "8224 is not right"),
        (155_136, "155,136 is how many weights the block has lef"),
        (64, "64 is the share of the layer in percent"),
        (8192 + 192 * 16, "11,264 counts the 1x1 layer before as well"),
        (192 * 16 + 16 * 32 * 9, "7,680 is what the branch has left"),
        (16 * 128 * 16, "32,768 takes the 128 filters of the 3x3 branc"),
        (192 * 16 + 16 * 32 * 25, "15,872 is what the branch has in the paper"),
    ],
}
