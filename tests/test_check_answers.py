"""Wrong answers in a learner's own words are told what is wrong, and kinds of wrong answers are found by all checks alike."""

from functools import cache

import pytest
import torch
from checked import CHECKS, FUNCTIONS, as_answer, line_of
from torch import nn
from torch.nn import functional as F
from wrong_answers import WRONG_ANSWERS

from cnnlib.checks import outputs
from cnnlib.checks.engine.copies import copied

WRONG = {f"{lesson}.{name}": pairs for lesson, answers in WRONG_ANSWERS.items() for name, pairs in answers.items()}
ANSWERS = [
    pytest.param(name, number, words, id=f"{name}: {words}")
    for name, pairs in WRONG.items()
    for number, (_, words) in enumerate(pairs)
]
NETWORKS = {name: check for name, check in FUNCTIONS.items() if isinstance(check.look, outputs)}
LOSSES = [(name, input) for name, check in FUNCTIONS.items() for input in check.gradients]


@cache
def verdict(name, number):
    """Judge one of the wrong answers to a check; the line is read by two tests."""
    answer, _ = WRONG[name][number]
    return line_of(CHECKS[name], answer)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "number", "words"), ANSWERS)
def test_a_wrong_answer_is_told_so(name, number, words):
    assert verdict(name, number).startswith(f"✘ {CHECKS[name].name}: {words}")


@pytest.mark.slow
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_named_mistake_is_told_to_somebody_who_made_it_in_other_code(name):
    lines = [verdict(name, number) for number in range(len(WRONG.get(name, [])))]
    never = [m for m in CHECKS[name].mistakes if not any(line.startswith(f"✘ {CHECKS[name].name}: {m}") for line in lines)]
    assert never == []


class Around(nn.Module):
    """A right network with something added around it."""

    def __init__(self, net, forward, **layers):
        super().__init__()
        self.net, self.send = net, forward
        for name, layer in layers.items():
            self.add_module(name, layer)

    def forward(self, x):
        return self.send(self, x)


def changes_its_input(net, x):
    y = net.net(x.clone())
    x.zero_()
    return y


KINDS = {
    "its input is detached": (
        lambda net: Around(net, lambda a, x: a.net(x.detach())),
        "the outputs are right, but not the gradient",
    ),
    "its output is detached": (lambda net: Around(net, lambda a, x: a.net(x).detach()), "it cannot be trained"),
    "no gradients": (lambda net: Around(net, torch.no_grad()(lambda a, x: a.net(x))), "it cannot be trained"),
    "numpy": (lambda net: Around(net, lambda a, x: torch.from_numpy(a.net(x).detach().numpy())), "it cannot be trained"),
    "frozen weights": (lambda net: net.requires_grad_(False), ""),
    "a layer that is not used": (lambda net: Around(net, lambda a, x: a.net(x), spare=nn.Linear(2, 3)), "`spare` is made and"),
    "outputs cut off at 6, as by `nn.ReLU6`": (lambda net: nn.Sequential(net, nn.Hardtanh(-6, 6)), ""),
    "dropout": (
        lambda net: nn.Sequential(net, nn.Dropout()),
        "the outputs are right in evaluation mode and differ in training",
    ),
    "a dropout function": (
        lambda net: Around(net, lambda a, x: F.dropout(a.net(x), training=a.training)),
        "the outputs are right in evaluation mode and differ in training",
    ),
    "its input is changed": (lambda net: Around(net, changes_its_input), "the network changes its input in place"),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_with_right_outputs_that_trains_otherwise_is_wrong(name, kind):
    check, (change, words) = NETWORKS[name], KINDS[kind]
    said = line_of(check, as_answer(check, lambda **case: change(check.reference(**case))))
    assert said.startswith(f"✘ {check.name}: {words}")


@pytest.mark.parametrize(("name", "input"), LOSSES)
def test_a_gradient_that_is_cut_off_is_told(name, input):
    check = FUNCTIONS[name]

    def cut(**case):
        value = case[input]
        detached = [one.detach() for one in value] if isinstance(value, list) else value.detach()
        return check.reference(**case | {input: detached})

    said = line_of(check, as_answer(check, cut))
    assert said.startswith(f"✘ {check.name}: the value is right, but its gradient does not reach `{input}`")


def spoiling(check, input):
    """Write a right answer that sets one of its inputs to zero when it is done."""

    def answer(*values):
        case = dict(zip(check.cases[0], values, strict=True))
        made = check.reference(**copied(check.cases[0]))
        spoilt = case[input]
        for tensor in spoilt.parameters() if isinstance(spoilt, nn.Module) else [spoilt]:
            tensor.data.zero_()
        return made

    return answer


INPUTS = [
    (name, input)
    for name, check in FUNCTIONS.items()
    for input, value in check.cases[0].items()
    if isinstance(value, torch.Tensor | nn.Module) and input not in check.changes
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "input"), INPUTS)
def test_a_right_answer_that_changes_what_it_is_given_is_told_so(name, input):
    check = FUNCTIONS[name]
    assert line_of(check, spoiling(check, input)).startswith(f"✘ {check.name}: the input `{input}` was changed in place")


CORNERS = [  # checks with coordinates of boxes, and the input that holds them
    ("rcnn.overlap", "a"),
    ("rcnn.overlap", "b"),
    ("rcnn.nms", "candidates"),
    ("rcnn.encode", "true"),
    ("rcnn.encode", "proposal"),
    ("faster_rcnn.pool", "roi"),
    ("yolo.encode", "boxes"),
]


@pytest.mark.slow
@pytest.mark.parametrize("whole", [torch.floor, torch.round, torch.ceil])
@pytest.mark.parametrize(("name", "input"), CORNERS)
def test_corners_cut_to_whole_pixels_are_wrong(name, input, whole):
    check = FUNCTIONS[name]
    said = line_of(check, as_answer(check, lambda **case: check.reference(**case | {input: whole(case[input])})))
    assert said.startswith(f"✘ {check.name}: ")
