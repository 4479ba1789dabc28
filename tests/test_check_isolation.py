"""A check can be trusted: whatever an answer does, the check, its inputs and the state around it stay what they were."""

import contextlib
import os
import random as python_random
import signal
import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch
from checked import CHECKS, FUNCTIONS, LESSONS, as_answer, line_of, stub
from right_answers import RIGHT_ANSWERS
from samples import DOUBLE, LOSS, SAMPLES
from test_check_hostile import HOSTILE
from test_check_networks import NETWORKS
from test_check_sentences import WRONG
from torch import nn
from wrong_answers import WRONG_ANSWERS

from cnnlib.checks import Check, outputs, random
from cnnlib.checks.engine.copies import copied
from cnnlib.checks.engine.state import SETTINGS, isolated


def known_answers():
    """List (check, answer) for all answers that are known: references, mistakes, right ones, and the tests' wrong ones."""
    for check in CHECKS.values():
        yield from ((check, as_answer(check, wrong)) for wrong in [check.reference, *check.mistakes.values()])
        yield from ((check, answer) for answer in (..., None, stub, 3, "b", torch.zeros(3, 2)))
    for lesson, answers in RIGHT_ANSWERS.items():
        yield from ((CHECKS[f"{lesson}.{name}"], answer) for name, functions in answers.items() for answer in functions)
    for lesson, answers in WRONG_ANSWERS.items():
        yield from ((CHECKS[f"{lesson}.{name}"], answer) for name, pairs in answers.items() for answer, _ in pairs)
    yield from ((check, answer) for check, answer, _ in [*WRONG.values(), *HOSTILE.values(), *NETWORKS.values()])


QUICK = [(check, answer) for check, answer in known_answers() if "endless" not in getattr(answer, "__name__", "")]


@pytest.mark.slow
def test_any_answer_gets_the_same_verdict_in_any_order_however_often():
    """Two shuffles: each answer is judged twice, after others and before others than the first time."""
    verdicts = {}
    for seed in range(2):
        order = list(range(len(QUICK)))
        python_random.Random(seed).shuffle(order)
        for number in order:
            line = line_of(*QUICK[number])
            assert verdicts.setdefault(number, line) == line


NAMES = """signal handlers, streams, inference mode, grad mode, default dtype, default device, threads, deterministic mode,
    anomaly detection, torch's random state, accelerators' random states, numpy's random state, Python's random state,
    torch's print options, numpy's print options, numpy's handling of errors, warnings, working directory, environment,
    recursion limit"""


def test_the_table_of_what_is_restored_is_whole():
    assert {setting.name for setting in SETTINGS} == {" ".join(name.split()) for name in NAMES.split(",")}


def spoils_everything(x):
    """Change whatever an answer can change for others, and leave it so."""
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    torch.inference_mode().__enter__()
    torch.set_default_device("meta")
    torch.set_num_threads(7)
    torch.use_deterministic_algorithms(True)
    torch.autograd.set_detect_anomaly(True)
    torch.manual_seed(5)
    np.random.seed(5)
    python_random.seed(5)
    torch.set_printoptions(precision=1)
    np.set_printoptions(precision=1)
    np.seterr(all="raise")
    warnings.simplefilter("error")
    os.chdir("/")
    os.environ["SPOILT"] = "yes"
    sys.setrecursionlimit(12_345)
    sys.stdout = sys.stderr = sys.stdin = None
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return x


def spoils_and_raises(x):
    spoils_everything(x)
    raise SystemExit


def plain(value):
    return value.tolist() if isinstance(value, torch.Tensor) else value


def state():
    """Read every setting but those that are contexts, whose effects are among the others."""
    rows = {setting.name: plain(setting.save()) for setting in SETTINGS if setting.name not in ("inference mode", "warnings")}
    return rows | {"inference mode": torch.is_inference_mode_enabled(), "warnings": warnings.filters[:]}


@pytest.mark.parametrize("answer", [lambda x: 2 * x, lambda x: 3 * x, spoils_everything, spoils_and_raises, stub, ...])
def test_the_state_around_a_check_is_as_it_was(answer):
    torch.manual_seed(1)
    before = state()
    line_of(DOUBLE, answer)
    after = state()
    assert list(before) == list(after)
    for name, value in before.items():
        np.testing.assert_equal(after[name], value, err_msg=name)


def test_a_setting_that_cannot_be_restored_does_not_keep_others_from_it():
    limit = sys.getrecursionlimit()
    folder = os.getcwd()
    with contextlib.suppress(FileNotFoundError), isolated():
        sys.setrecursionlimit(12_345)
        os.makedirs("/tmp/gone", exist_ok=True)
        os.chdir("/tmp/gone")
        os.rmdir("/tmp/gone")
    assert (sys.getrecursionlimit(), os.getcwd()) == (limit, folder)


@pytest.mark.parametrize(
    "set_up",
    [
        lambda: torch.set_default_dtype(torch.float64),
        lambda: torch.set_grad_enabled(False),
        lambda: torch.set_default_device("meta"),
        lambda: torch.manual_seed(7),
        lambda: np.random.seed(7),
    ],
)
def test_a_verdict_does_not_depend_on_what_the_notebook_has_set(set_up):
    answers = [
        (DOUBLE, lambda x: 2 * x),
        (DOUBLE, lambda x: 2 * x + torch.zeros(1) + np.random.rand() + torch.rand(1)),
        (LOSS, lambda x, y: (x - y).square().sum()),
    ]
    lines = [line_of(*answer) for answer in answers]
    with isolated():
        set_up()
        assert [line_of(*answer) for answer in answers] == lines


def test_inference_mode_around_a_check_does_not_matter():
    with torch.inference_mode():
        assert line_of(LOSS, lambda x, y: (x - y).square().sum()) == "✔ loss"


PROGRAM = """
import importlib, random, sys, numpy, torch
read = lambda: (random.getstate(), numpy.random.get_state()[1].tolist(), torch.get_rng_state().tolist())
for lesson in sys.argv[1:]:
    before = read()
    importlib.import_module(f"cnnlib.checks.{lesson}")
    assert read() == before, f"importing cnnlib.checks.{lesson} moves a random state"
"""


@pytest.mark.slow
def test_importing_a_check_moves_no_random_state():
    subprocess.run([sys.executable, "-c", PROGRAM, *LESSONS], check=True)


NETS = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)).double()
CASE = dict(
    tensor=random(3, 2), list=[random(2), [random(3)]], tuple=(random(2), 1), dict={"a": random(2)}, array=np.ones(3), net=NETS
)
HELD = Check("held", lambda tensor, **others: 2 * tensor, {}, ["Copy."], [CASE])


def set_weight(net):
    with torch.no_grad():
        net[0].weight[0, 0] = 9


CHANGES = {
    "tensor": lambda v: v["tensor"].mul_(2),
    "list": lambda v: v["list"].append(1),
    "list, inside": lambda v: v["list"][1][0].zero_(),
    "tuple": lambda v: v["tuple"][0].zero_(),
    "dict": lambda v: v["dict"].update(b=1),
    "dict, inside": lambda v: v["dict"]["a"].zero_(),
    "array": lambda v: v["array"].fill(2),
    "net": lambda v: set_weight(v["net"]),
    "net's data": lambda v: setattr(v["net"][0].weight, "data", v["net"][0].weight.data.flatten()),
    "net, by running it": lambda v: v["net"](v["tensor"]),
    "tensor's shape": lambda v: v["tensor"].resize_(2, 3),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_in_place_is_told_and_never_reaches_the_check(change):
    def answer(*values):
        result = 2 * values[0]
        CHANGES[change](dict(zip(CASE, values, strict=True)))
        return result

    name = change.split("'")[0].split(",")[0]
    for _ in range(2):
        assert f"✘ held: the input `{name}` was changed in place; work on a copy, on " in line_of(HELD, answer)
    assert line_of(HELD, lambda tensor, *others: 2 * tensor) == "✔ held"


@pytest.mark.parametrize(
    "answer",
    [
        lambda *values: 2 * values[0].clone().requires_grad_().detach(),
        lambda tensor, *others: 2 * tensor.requires_grad_().detach() + 0 * tensor.requires_grad_(False),
        lambda *values: values[-1].eval()(values[0]).sum().backward() or (values[-1].train() and 2 * values[0]),
    ],
)
def test_gradients_of_weights_may_be_filled_in_and_marks_restored(answer):
    assert line_of(HELD, answer) == "✔ held"


MARKS = {
    "tensor": (lambda v: v["tensor"].requires_grad_(), "`requires_grad` or `.grad`"),
    "list": (lambda v: v["list"][1][0].requires_grad_(), "`requires_grad` or `.grad`"),
    "dict": (lambda v: setattr(v["dict"]["a"], "grad", torch.zeros(2).double()), "`requires_grad` or `.grad`"),
    "net": (lambda v: v["net"].eval(), "training mode"),
}


@pytest.mark.parametrize("name", MARKS)
def test_a_mark_left_on_an_input_is_told(name):
    mark, words = MARKS[name]

    def answer(*values):
        result = 2 * values[0].detach()
        mark(dict(zip(CASE, values, strict=True)))
        return result

    assert f"✘ held: the input `{name}` was changed: its {words}; work on a copy, on " in line_of(HELD, answer)


def test_what_an_answer_returns_or_keeps_cannot_change_what_is_expected():
    kept = []

    def keeps(x):
        kept.append(x)
        for one in kept:
            one.zero_()
        return x

    identity = Check("identity", lambda x: x, {}, ["Give it back."], [dict(x=random(3, 2)), dict(x=random(5))])
    for _ in range(2):
        assert "was changed in place" in line_of(identity, keeps)
        assert line_of(identity, lambda x: x) == "✔ identity"


def test_what_feeds_a_network_is_a_copy():
    check = Check("relu", lambda c: nn.ReLU(), {}, ["Clamp."], [dict(c=1)], look=outputs(random(2, 3)))
    for _ in range(2):
        assert "changes its input in place" in line_of(check, lambda c: nn.ReLU(inplace=True))
    assert line_of(check, lambda c: nn.ReLU()) == "✔ relu"


@pytest.mark.slow
def test_every_function_check_hands_out_no_object_of_its_own():
    for check in [*FUNCTIONS.values(), *(sample for sample in SAMPLES if sample.cases)]:
        given = []
        line_of(check, lambda *values, given=given: given.extend(values))
        held = [value for case in check.cases for value in case.values() if isinstance(value, torch.Tensor | nn.Module | list)]
        assert not {id(one) for one in held} & {id(one) for one in given}


def test_a_copied_optimizer_updates_the_copied_network():
    net = nn.Linear(2, 1)
    inputs = copied(dict(net=net, optimizer=torch.optim.SGD(net.parameters(), lr=1.0)))
    before = net.weight.clone()
    inputs["net"](torch.ones(1, 2)).sum().backward()
    inputs["optimizer"].step()
    assert torch.equal(net.weight, before)
    assert torch.allclose(inputs["net"].weight, before - 1)


@pytest.mark.parametrize("changes", [(), ("net",)])
def test_only_an_input_that_is_meant_to_change_may_be_changed(changes):
    def trained(net):
        net.weight.data += 1
        return net.weight.sum().item()

    check = Check("trained", trained, {}, ("a", "b"), cases=[dict(net=nn.Linear(2, 1).double())], changes=changes)
    said = line_of(check, trained)
    assert said.startswith("✔" if changes else "✘ trained: the input `net` was changed in place")
