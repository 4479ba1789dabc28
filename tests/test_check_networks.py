"""How a network is judged: by its outputs, however its layers are registered; then by whether it trains as the right one."""

from collections import OrderedDict
from dataclasses import replace

import pytest
import torch
from checked import line_of
from samples import BLOCK, Plus
from torch import nn
from torch.nn import functional as F

from cnnlib.checks import Check, WrongAnswer, outputs, random

ON = ", on c 3"


def body(c):
    return [nn.Conv2d(c, c, 3, padding=1), nn.BatchNorm2d(c)]


class Other(nn.Module):
    """Right: other names, another order, weights of its own."""

    def __init__(self, c):
        super().__init__()
        self.norm = nn.BatchNorm2d(c)
        self.weight = nn.Parameter(torch.zeros(c, c, 3, 3))
        self.bias = nn.Parameter(torch.zeros(c))

    def forward(self, x):
        return x + self.norm(F.conv2d(x, self.weight, self.bias, padding=1))


class Changed(Plus):
    """The right network with one thing changed."""

    def __init__(self, c, add=None, forward=None, **changes):
        super().__init__(c)
        for name, layer in (add or {}).items():
            self.add_module(name, layer)
        self.send = forward or (lambda net, x: net.body(x) + x)

    def forward(self, x):
        return self.send(self, x)


def changed(forward=None, add=lambda c: {}):
    return lambda c: Changed(c, add(c), forward)


def without_learning(net, x):
    with torch.no_grad():
        return net.body(x) + x


def through_numpy(net, x):
    return torch.from_numpy(net.body(x).detach().numpy()) + x


def in_place(net, x):
    x += net.body(x)
    return x


def spoilt_for_backward(net, x):
    y = torch.sigmoid(x)
    z = net.body(x) + x + 0 * y
    y += 1
    return z


def frozen(c):
    net = Plus(c)
    net.body[0].requires_grad_(False)
    return net


def last_statistics(c):
    net = Plus(c)
    net.body[1].momentum = 0.5
    return net


class Twice(nn.Module):
    """Two convolutions are asked; one is used twice."""

    def __init__(self, c):
        super().__init__()
        self.conv, self.spare = nn.Conv2d(c, c, 1), nn.Conv2d(c, c, 1)

    def forward(self, x):
        return self.conv(self.conv(x))


class TwiceAlone(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv = nn.Conv2d(c, c, 1)

    def forward(self, x):
        return self.conv(self.conv(x))


class Two(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.second, self.first = nn.Conv2d(c, c, 1), nn.Conv2d(c, c, 1)

    def forward(self, x):
        return self.second(self.first(x))


IMAGES = random(2, 3, 5, 7)
TWO = Check("two", lambda c: nn.Sequential(nn.Conv2d(c, c, 1), nn.Conv2d(c, c, 1)), {}, [""], [dict(c=3)], look=outputs(IMAGES))
NAMES = Check(
    "names",
    lambda c: nn.Sequential(OrderedDict(a=nn.Conv2d(c, c, 1), b=nn.ReLU())),
    {},
    [""],
    [dict(c=3)],
    look=outputs(IMAGES, keys=("a", "b")),
)
CUT = "`.detach()`, `torch.no_grad()` or numpy cuts"

NETWORKS = {
    "a mistake": (BLOCK, lambda c: Plus(c, plus=False), "the shortcut is missing" + ON),
    "no network": (BLOCK, lambda c: None, "expected a network (nn.Module), got a NoneType (None)" + ON),
    "a class": (BLOCK, lambda c: Plus, "expected a network, got the class `Plus` itself; call it: `Plus(...)`" + ON),
    "an instance": (BLOCK, Plus(3), "expected a function or a class that makes a network, got a network: Plus"),
    "too small": (
        BLOCK,
        lambda c: nn.Conv2d(c, c, 3),
        "1 is asked for: expected shape (2, 3, 5, 7), got (2, 3, 3, 5)" + ON,
    ),
    "a tuple": (BLOCK, changed(lambda net, x: (net.body(x), x)), "expected a torch tensor, got a tuple ("),
    "no_grad": (BLOCK, changed(without_learning), f"it cannot be trained: {CUT} the outputs off from the weights" + ON),
    "numpy": (BLOCK, changed(through_numpy), f"no gradient reaches the weights of `body.0`: {CUT} them off" + ON),
    "detached": (
        BLOCK,
        changed(lambda net, x: net.body(x) + x.detach()),
        f"the outputs are right, but not the gradient of the input: {CUT} a part off" + ON,
    ),
    "frozen": (BLOCK, frozen, "the weights of `body.0` cannot be trained: their `requires_grad` is False" + ON),
    "unused": (BLOCK, changed(add=lambda c: {"spare": nn.Linear(2, 2)}), "`spare` is made and never used in `forward`" + ON),
    "in place": (BLOCK, changed(in_place), "the network changes its input in place (`inplace=True`, `+=`, `relu_()`); work on"),
    "spoilt": (BLOCK, changed(spoilt_for_backward), "it cannot be trained: a value that the backward pass needs is changed in"),
    "dropout": (
        BLOCK,
        changed(lambda net, x: net.drop(net.body(x)) + x, add=lambda c: {"drop": nn.Dropout(0.5)}),
        "the outputs are right in evaluation mode and differ in training mode: there is a `Dropout` in it" + ON,
    ),
    "functional dropout": (
        BLOCK,
        changed(lambda net, x: F.dropout(net.body(x), 0.5, net.training) + x),
        "the outputs are right in evaluation mode and differ in training mode: they are random, as after `F.dropout`" + ON,
    ),
    "batch norm in evaluation mode": (
        BLOCK,
        changed(lambda net, x: net.eval().body(x) + x),
        "differ in training mode: batch norm has to use the statistics of the batch there, not the running ones" + ON,
    ),
    "another sum in training": (
        BLOCK,
        changed(lambda net, x: net.body(x) + (2 if net.training else 1) * x),
        "differ in training mode" + ON + "; `check.block.show()` prints this case",
    ),
    "momentum": (BLOCK, last_statistics, "in training mode the batch norms' running statistics differ from those of the"),
    "used twice": (TWO, Twice, "`spare` is made and never used in `forward`" + ON),
    "used twice alone": (TWO, TwiceAlone, "there are 12 parameters where 24 are expected; is a layer used twice?" + ON),
    "repeated": (TWO, lambda c: nn.Sequential(*[nn.Conv2d(c, c, 1)] * 2), "one set of weights: `[layer] * n` repeats it" + ON),
    "names": (NAMES, lambda c: nn.Sequential(nn.Conv2d(c, c, 1), nn.ReLU()), "expected the names a, b in this order, got 0, 1"),
}


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_wrong_network_is_told_why(kind):
    check, answer, words = NETWORKS[kind]
    assert words in line_of(check, answer)


def test_outputs_that_differ_in_training_mode_are_shown(capsys):
    check = replace(BLOCK)
    with pytest.raises(WrongAnswer):
        check(changed(lambda net, x: net.body(x) + (2 if net.training else 1) * x))
    capsys.readouterr()
    check.show()
    shown = capsys.readouterr().out
    assert "expected: shape (2, 3, 5, 7)" in shown and "got: shape (2, 3, 5, 7)" in shown


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (BLOCK, Plus),
        (BLOCK, Other),
        (BLOCK, changed(lambda net, x: x + net.body(x))),
        (BLOCK, lambda c: Changed(c, {"conv": nn.LazyConv2d(c, 3, padding=1), "body": nn.BatchNorm2d(c)}, lazily)),
        (TWO, Two),
        (TWO, lambda c: nn.Sequential(nn.LazyConv2d(c, 1), nn.LazyConv2d(c, 1))),
        (NAMES, lambda c: nn.Sequential(OrderedDict(a=nn.Conv2d(c, c, 1), b=nn.ReLU(inplace=True)))),
    ],
)
def test_a_right_network_is_right_however_it_is_written(check, answer):
    assert line_of(check, answer) == f"✔ {check.name}"


def lazily(net, x):
    return net.body(net.conv(x)) + x


def test_a_network_that_an_answer_keeps_is_not_changed():
    kept = Plus(3)
    before = {name: tensor.clone() for name, tensor in kept.state_dict().items()}
    assert line_of(BLOCK, lambda c: kept) == "✔ block"
    assert all(torch.equal(tensor, kept.state_dict()[name]) for name, tensor in before.items())
    assert kept.training and kept.body[0].weight.dtype == torch.float32


@pytest.mark.parametrize("kind", [nn.Conv2d, nn.ConvTranspose2d, nn.Linear])
@pytest.mark.parametrize("bias", [True, False])
def test_a_layer_that_is_not_registered_is_told_as_such(kind, bias):
    class InAList(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = [kind(*(7, 7) if kind is nn.Linear else (3, 3, 1), bias=bias)]

        def forward(self, x):
            return self.layers[0](x)

    check = Check("net", lambda c: nn.Conv2d(3, 3, 1), {}, [""], [dict(c=3)], look=outputs(IMAGES))
    assert line_of(check, lambda c: InAList()).startswith("✘ net: a layer is not part of the network; make it an attribute in")


def test_a_refusal_of_torch_has_words_of_ours():
    look = outputs(IMAGES, refusals={r"to have (?P<takes>\d+) channels, but got (?P<given>\d+) channels": "the widths differ"})
    check = Check("widths", lambda c: nn.Conv2d(c, c, 1), {}, [""], [dict(c=3)], look=look)
    said = "✘ widths: the widths differ (a layer that takes 4 channels is given 3), on c 3"
    assert line_of(check, lambda c: nn.Conv2d(c + 1, c, 1)) == said
