"""The first case of a network can be checked on paper: few whole numbers, printed with the weights by `check.name.show()`."""

from dataclasses import replace

import pytest
import torch
from checked import as_answer, line_of
from samples import Plus
from test_check_answers import NETWORKS
from test_check_networks import Changed, Other
from torch import nn

from cnnlib.checks import Check, WrongAnswer, outputs, random
from cnnlib.checks.engine import digits
from cnnlib.checks.engine.copies import ease

PAPER = Check(
    "paper",
    reference=lambda c: nn.Sequential(nn.Conv2d(c, 1, 1), nn.BatchNorm2d(1), nn.ReLU()),
    mistakes={},
    hints=["one", "two"],
    cases=[dict(c=2), dict(c=3)],
    look=outputs(torch.tensor([[[[1.0, -1, 1]], [[3.0, 1, 2]]]]).double(), random(2, 3, 5, 7)),
)
BLOCK = replace(PAPER, name="block", reference=Plus, cases=[dict(c=1), dict(c=3)])
BLOCK.look = outputs(digits(1, 1, 2, 3, low=-5, high=5), random(2, 3, 5, 7))


def shown(check, answer, capsys):
    """Judge a wrong answer, and return what `show` prints of the case."""
    fresh = replace(check)
    with pytest.raises(WrongAnswer):
        fresh(answer)
    capsys.readouterr()
    fresh.show()
    return capsys.readouterr().out


def is_whole(tensor, of=1.0):
    return torch.allclose(tensor * of, (tensor * of).round(), rtol=0, atol=1e-4)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_first_case_of_a_network_has_few_whole_numbers(name):
    check = NETWORKS[name]
    net = check.reference(**min(check.cases, key=ease))
    look = check.look.suited(net)
    assert look.x.numel() <= 40 and look.is_whole
    weights = [tensor for tensor in look.ready(net).state_dict().values() if tensor.is_floating_point()]
    assert sum(map(torch.numel, weights)) <= 100 and all(map(is_whole, weights))
    made = look(net)
    assert is_whole(made, of=4) and made.numel() <= 40 and len(made.unique()) > 2  # the mean of four whole numbers


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_most_mistakes_are_seen_on_paper_with_all_numbers(name, capsys):
    check = NETWORKS[name]
    texts = [shown(check, as_answer(check, wrong), capsys) for wrong in check.mistakes.values()]
    for text in texts:
        lines = text.splitlines()
        assert "the network's input: shape (" in text and "\nyour network, in evaluation mode" in text and "\nexpected" in text
        assert len(lines) <= 50 and max(map(len, lines)) <= 84
    on_paper = [text for text in texts if " numbers: " not in text]
    assert len([text for text in on_paper if "weight" in text and " = [" in text]) >= 0.75 * len(texts)


@pytest.mark.parametrize("name", NETWORKS)
def test_cases_that_cannot_be_checked_on_paper_follow(name):
    check = NETWORKS[name]
    assert any(not check.look.suited(check.reference(**case)).is_whole for case in check.cases)


def test_what_is_shown_can_be_followed_on_paper(capsys):
    text = shown(PAPER, lambda c: nn.Sequential(nn.Conv2d(c, 1, 1), nn.BatchNorm2d(1)), capsys)
    assert text.splitlines() == [
        "The smallest case that fails:",
        "c = 2",
        "the network's input: shape (1, 2, 1, 3), float64",
        "    [[[[ 1 -1  1]]",
        "      [[ 3  1  2]]]]",
        "your network, in evaluation mode, with the check's weights:",
        "    0 Conv2d: weight (1, 2, 1, 1) = [[[[1]] [[1]]]], bias = [-2]",
        "    1 BatchNorm2d: weight = [2], bias = [-2], mean = [0], var = [1]",
        "expected: shape (1, 1, 1, 3), float64",
        "    [[[[2 0 0]]]]",
        "got: shape (1, 1, 1, 3), float64",
        "    [[[[ 2 -6  0]]]]",
    ]


@pytest.mark.parametrize("answer", [Plus, Other, lambda c: Changed(c, {}, lambda net, x: x + net.body(x))])
def test_whole_weights_do_not_depend_on_names_and_order(answer):
    assert line_of(BLOCK, answer) == "✔ block"
    assert line_of(BLOCK, lambda c: Plus(c, plus=False)).endswith("on c 1; `check.block.show()` prints this case")


class Masked(nn.Module):
    """Right, but where its ReLU is given 0 the gradient is another one."""

    def __init__(self, c):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(c, 1, 1), nn.BatchNorm2d(1)

    def forward(self, x):
        y = self.norm(self.conv(x))
        return y * (y >= 0)


def test_whole_numbers_that_meet_the_edge_of_a_relu_change_no_verdict():
    look = PAPER.look.suited(PAPER.reference(2))
    assert 0 in look.ready(PAPER.reference(2))[:2](look.x)
    assert line_of(PAPER, Masked) == "✔ paper"


def test_training_mode_is_shown_as_such(capsys):
    def twice_in_training(net, x):
        return (2 if net.training else 1) * net.body(x) + x

    text = shown(BLOCK, lambda c: Changed(c, {}, twice_in_training), capsys)
    assert "your network, in training mode, with the check's weights:" in text and "c = 3" in text


def test_what_is_no_network_is_shown_without_weights(capsys):
    text = shown(PAPER, lambda c: [nn.Conv2d(c, 1, 1)], capsys)
    assert "the network's input: shape (1, 2, 1, 3)" in text and "your network" not in text


def test_a_case_that_no_input_suits_is_the_check_s_own_fault():
    with pytest.raises(ValueError, match=r"reads none of the inputs \[\(1, 2, 1, 3\), \(2, 3, 5, 7\)\]"):
        replace(PAPER, cases=[dict(c=4)])(lambda c: nn.Conv2d(c, 1, 1))
