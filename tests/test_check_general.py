"""What all checks tell alike: errors in plain words, relations of results and values, other layers, slips in counting."""

import pytest
import torch
from checked import CHECKS, line_of
from torch import nn
from torch.nn import functional as F

from cnnlib.checks.engine import Check, outputs
from cnnlib.checks.engine.advice import advised
from cnnlib.checks.engine.related import named_values
from cnnlib.checks.engine.structure import differing

A, B, MAPS = torch.ones(2, 3), torch.ones(2, 3), torch.ones(1, 3, 4, 4)


class Late(nn.Module):
    def __init__(self):
        self.layer = nn.Identity()


def gradient_of_another():
    x, y = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    return torch.autograd.grad(x.sum(), y)


ERRORS = {
    "matrix": (lambda: A @ B, "here 3, as rows on its right, here 2"),
    "vector": (lambda: A @ torch.ones(2), "here 3, as rows on its right, here 2"),
    "two vectors": (lambda: torch.ones(3) @ torch.ones(4), "here 3, as rows on its right, here 4"),
    "batch": (lambda: A @ MAPS[0].permute(1, 2, 0), "here 3, as rows on its right, here 4"),
    "sum": (lambda: torch.ones(3) + torch.ones(4), "3 and 4 are neither"),
    "cat": (lambda: torch.cat([torch.ones(2, 3), torch.ones(3, 3)], 1), "along axis 1 needs parts that agree"),
    "stack": (lambda: torch.stack([torch.ones(2), torch.ones(3)]), "`torch.stack` needs equal shapes"),
    "einsum": (lambda: torch.einsum("ab,cb->ac", A, A.T), "the letter b stands for two axes"),
    "tuple": (lambda: (A,).sum(), "a tuple holds the tensor"),
    "list": (lambda: [A].sum(), "a list is not a tensor"),
    "star": (lambda: nn.Sequential([nn.ReLU()]), "takes the modules one by one, not a list"),
    "scalar": (lambda: torch.ones(2, requires_grad=True).mul(2).backward(), "a gradient is that of a single number"),
    "no graph": (lambda: A.sum().backward(), "the number is not computed from a tensor that records"),
    "other tensor": (gradient_of_another, "the very tensor"),
    "class": (lambda: nn.Sequential(nn.ReLU), "`nn.ReLU` is the class"),
    "function": (lambda: nn.Sequential(F.relu), "`F.relu` is a function"),
    "generator": (lambda: nn.Sequential(nn.ReLU() for _ in range(2)), "a star before them unpacks them"),
    "no list in cat": (lambda: torch.cat(A, B), "`torch.cat` takes the tensors in a list"),
    "pair": (lambda: (1, 2) - 1, "a tuple is no number"),
    "item": (lambda: torch.autograd.grad(A.sum().item(), A), "not a number made with `.item()`"),
    "odd padding": (lambda: F.pad(A, (0, 0, 1)), "takes two numbers per axis"),
    "layer in cat": (lambda: torch.cat([A, nn.ReLU()]), "one is a ReLU; a layer has to be called"),
    "star in cat": (lambda: torch.cat(*[A, A, A]), "`torch.cat` takes a single list"),
    "groups": (lambda: nn.Conv2d(3, 4, 1, groups=2), "`groups` has to divide"),
    "super": (Late, "`__init__` has to begin with"),
    "batch norm": (lambda: nn.BatchNorm2d(5)(MAPS), "a batch norm for 5 channels is given 3"),
    "index": (lambda: A.select(0, 0)[3], "index 3 does not exist along axis 0: there are 3"),
    "power": (lambda: 2.5 ^ len(A), "`^` is not a power"),
    "dict": (lambda: nn.ModuleDict([nn.ReLU()]), "a dict is expected"),
}


@pytest.mark.parametrize(("raising", "words"), ERRORS.values(), ids=ERRORS)
def test_an_error_of_torch_is_told_in_plain_words_too(raising, words):
    with pytest.raises(Exception) as caught:
        raising()
    assert words in advised(f"your code raised {caught.type.__name__}: {caught.value}", {})


def test_an_error_is_told_with_its_line_and_its_meaning():
    said = line_of(CHECKS["bottleneck.merge"], lambda w1, b1, w2, b2: w1 @ w2)
    assert "mat1 and mat2 shapes cannot be multiplied" in said
    assert "`@` needs as many columns on its left" in said


@pytest.mark.parametrize(
    ("words", "wrong"),
    {
        "the result is 9 whatever the inputs are": lambda a: 9,
        "`^` is no power": lambda a: a ^ 2,
        "expected 9, got 12, on a 3": lambda a: a**2 + a,
    }.items(),
)
def test_numbers_that_are_related_to_the_right_ones_are_told_so(words, wrong):
    square = Check("square", reference=lambda a: a**2, cases=[dict(a=3), dict(a=5)], mistakes={}, hints=["-"])
    assert words in line_of(square, wrong)


@pytest.mark.parametrize(
    ("right", "digits", "wrong", "words"),
    [
        (3.03, 2, 3.0, "two decimals are asked for; 3 has none"),
        (3.034, 2, 1 / 3.034, "that is the inverse"),
        (0.25, None, 25, "that is the answer in percent"),
        (7, None, -7, "the sign is wrong"),
        ((49, 196, 98), None, (98, 49, 196), "these are the right numbers in another order"),
    ],
)
def test_a_value_that_is_related_to_the_right_one_is_told_so(right, digits, wrong, words):
    value = Check("value", reference=right, mistakes={}, hints=["-"], digits=digits)
    assert line_of(value, wrong).startswith(f"✘ value: {words}")


@pytest.mark.parametrize("name", [name for name, check in CHECKS.items() if not check.cases])
def test_no_relation_names_the_right_value(name):
    check = CHECKS[name]
    assert all(line_of(check, wrong).startswith("✘") for words, wrong in named_values(check) if words not in check.mistakes)


def net(*layers):
    return lambda c: nn.Sequential(*(layer(c) for layer in layers))


LAYERED = Check(
    "layered",
    reference=net(lambda c: nn.Conv2d(c, 2, 3, padding=1), lambda c: nn.ReLU(), lambda c: nn.MaxPool2d(2)),
    cases=[dict(c=1), dict(c=3)],
    mistakes={},
    hints=["-"],
    look=outputs(torch.randn(1, 1, 6, 6).double(), torch.randn(1, 3, 6, 6).double()),
)
STRUCTURES = {
    "the network has 2 `nn.Conv2d`; 1 is asked for": net(
        lambda c: nn.Conv2d(c, 2, 3, padding=1), lambda c: nn.Conv2d(2, 2, 1), lambda c: nn.ReLU(), lambda c: nn.MaxPool2d(2)
    ),
    "the network has an `nn.Sigmoid`, which is not": net(
        lambda c: nn.Conv2d(c, 2, 3, padding=1), lambda c: nn.Sigmoid(), lambda c: nn.MaxPool2d(2)
    ),
    "the windows of the convolutions are 5; asked for are 3": net(
        lambda c: nn.Conv2d(c, 2, 5, padding=2), lambda c: nn.ReLU(), lambda c: nn.MaxPool2d(2)
    ),
    "the strides of the pools are 1; asked for are 2": net(
        lambda c: nn.Conv2d(c, 2, 3, padding=1), lambda c: nn.ReLU(), lambda c: nn.MaxPool2d(2, 1)
    ),
    "4 of the": net(lambda c: nn.ReLU(), lambda c: nn.Conv2d(c, 2, 3, padding=1), lambda c: nn.MaxPool2d(2)),
}


@pytest.mark.parametrize(("words", "wrong"), list(STRUCTURES.items())[:-1])
def test_a_network_with_other_layers_is_told_which(words, wrong):
    assert words in line_of(LAYERED, wrong)


def test_a_network_with_the_right_layers_in_another_order_is_not_told_a_difference_of_layers():
    said = line_of(LAYERED, list(STRUCTURES.values())[-1])
    assert "asked for" not in said and "differ" in said


COUNTED = Check(
    "counted",
    reference=lambda c, k: c * 2 * 9 + 2 * k + 25 * k,
    layers=lambda c, k: {"the first layer": (c, 3, 2), "the second layer": (2, 1, k), "the third": (1, 5, k)},
    cases=[dict(c=3, k=5), dict(c=7, k=4)],
    mistakes={},
    hints=["-"],
)


@pytest.mark.parametrize(
    ("words", "wrong"),
    {
        "the biases are counted": lambda c, k: c * 18 + 27 * k + 2 + 2 * k,
        "the second layer is missing": lambda c, k: c * 18 + 25 * k,
        "the second layer is counted twice": lambda c, k: c * 18 + 29 * k,
        "of the first layer, the window is counted by its side": lambda c, k: c * 6 + 27 * k,
        "of the first layer, a filter reads all channels": lambda c, k: 18 + 27 * k,
        "of the second layer, one filter is counted": lambda c, k: c * 18 + 2 + 25 * k,
        "channels read and filters are added": lambda c, k: (c + 2) * 9 + 2 + k + 25 * (k + 1),
    }.items(),
)
def test_a_slip_in_counting_the_weights_of_layers_is_named(words, wrong):
    assert words in line_of(COUNTED, wrong)


def test_a_layer_that_is_missing_is_counted_in_words():
    said = differing(nn.Sequential(nn.ReLU()), nn.Sequential(nn.Linear(3, 2)))
    assert said == "the network has no `nn.Linear`; 1 is asked for"
