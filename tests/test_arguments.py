"""What a training refuses: each argument that is wrong gets one sentence, when the function is called."""

import copy
import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from cnnlib import training

IMAGES, LABELS = torch.rand(67, 3, 7, 5), torch.zeros(67).long()
DATASET = TensorDataset(IMAGES, LABELS)


def net():
    return nn.Sequential(nn.Conv2d(3, 5, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 2))


CALLS = {
    "fit": lambda model, data, valid=None, **options: training.fit(model, data, valid, **options),
    "train": lambda model, data, valid=None, **options: training.train(model, data, valid, **options),
    "compare": lambda model, data, valid=None, **options: training.compare({"a": model}, data, valid, **options),
    "Run": lambda model, data, **options: training.compare({"a": training.Run(model, data=data, **options)}),
}
FOREIGN = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)
NOT_DATA = {
    "a tuple of tensors.* got a value of the type Tensor": IMAGES,
    "got a value of the type TensorDataset": DATASET,
    "got a value of the type DataLoader": DataLoader(DATASET),
    "got a tuple with nothing in it": (),
    "got a tuple with a value of the type ndarray": (np.zeros((67, 3, 7, 5)), LABELS),
    r"lengths \[67, 5\]": (IMAGES, LABELS[:5]),
    r"lengths \[0, 0\]": (IMAGES[:0], LABELS[:0]),
    r"lengths \[67, 0\]": (IMAGES, torch.tensor(3)),
}
WRONG = [
    *[(name, sentence, thing) for name in ("data", "valid") for sentence, thing in NOT_DATA.items()],
    *[("epochs", f"whole number of at least 1, got epochs={bad}", bad) for bad in (0, -1, 2.5, True, None)],
    *[("batch_size", f"whole number from 1 to 67.*batch_size={bad}", bad) for bad in (0, 68, 64.0, True)],
    *[("seed", f"whole number from 0 to .*seed={bad}", bad) for bad in (-1, 0.5, True, 2**32)],
    *[(name, f"above 0.*{name}=", bad) for name in ("rate", "clip") for bad in (0, -1, math.nan, math.inf, "0.1", True)],
    ("objective", "methods loss.*type CrossEntropyLoss", nn.CrossEntropyLoss()),
    ("objective", "methods loss.*the class Classification", training.Classification),
    ("optimizer", "optimizer must be.*type str", "sgd"),
    ("optimizer", "optimizer must be.*the class Adam", torch.optim.Adam),
    ("optimizer", "must return an optimizer, got None", lambda model: None),
    ("optimizer", "not of this network", FOREIGN),
    ("optimizer", "updates is frozen", lambda model: training.sgd(model[0].requires_grad_(False))),
    ("model", "an instance of nn.Module, got None", None),
    ("model", "an instance of nn.Module, got the class Linear", nn.Linear),
    ("model", "no weight to train", nn.Flatten()),
    ("model", "Sequential has no weight to train", net().requires_grad_(False)),
]


@pytest.mark.parametrize(("name", "sentence", "wrong"), WRONG, ids=[f"{name}: {sentence}" for name, sentence, _ in WRONG])
@pytest.mark.parametrize("call", CALLS)
def test_a_wrong_argument_is_refused_with_one_sentence(call, name, sentence, wrong):
    with pytest.raises(ValueError, match=sentence) as refused:
        CALLS[call](**{"model": net(), "data": (IMAGES, LABELS), name: wrong})
    assert len(str(refused.value)) < 250 and "\n" not in str(refused.value)


def test_a_rate_is_for_an_optimizer_that_is_made():
    with pytest.raises(ValueError, match=r"rate=0\.1"):
        training.fit(net(), (IMAGES, LABELS), optimizer=FOREIGN, rate=0.1)


@pytest.mark.parametrize(
    ("sentence", "call"),
    [
        ("networks by name.* got a value of the type list", lambda: training.compare([net()], (IMAGES, LABELS))),
        ("networks by name.* got None", lambda: training.compare(None, (IMAGES, LABELS))),
        ("at least one network", lambda: training.compare({}, (IMAGES, LABELS))),
        ("must be a string, got 1", lambda: training.compare({1: net()}, (IMAGES, LABELS))),
        ("must be a string, got 3", lambda: training.train(net(), (IMAGES, LABELS), label=3)),
        ("no data to train 'a' on", lambda: training.compare({"a": net()})),
        ("no data to train 'a' on", lambda: training.compare({"a": training.Run(net(), data=None)}, (IMAGES, LABELS))),
        ("'b': model must be", lambda: training.compare({"a": net(), "b": None}, (IMAGES, LABELS))),
    ],
)
def test_names_networks_and_data_of_a_comparison_are_checked_first(sentence, call):
    with pytest.raises(ValueError, match=sentence):
        call()


def test_an_objective_needs_no_scores_where_nothing_is_validated():
    class LossAlone:
        loss = training.Classification.loss

    training.fit(net(), (IMAGES, LABELS), objective=LossAlone())
    with pytest.raises(ValueError, match="methods"):
        training.fit(net(), (IMAGES, LABELS), (IMAGES, LABELS), objective=LossAlone())


def test_numbers_of_numpy_are_numbers():
    training.fit(net(), (IMAGES, LABELS), epochs=np.int64(2), seed=np.int32(1), rate=np.float32(0.1), clip=1)


@pytest.mark.parametrize("frozen", [False, True])
def test_weights_of_two_tensors_in_the_same_memory_are_shared(frozen):
    a, b = net(), net()
    b[0].weight.data = a[0].weight.data
    b[0].weight.requires_grad_(not frozen)  # frozen in one network, it would still be changed by the training of the other
    with pytest.raises(ValueError, match=r"'[ab]' and '[ab]' share `0\.weight`"):
        training.compare({"b": b, "a": a}, (IMAGES, LABELS))
    empty = [nn.Sequential(net()).append(nn.Linear(2, 2)) for _ in range(2)]
    for model in empty:
        model.register_buffer("nothing", torch.zeros(0))
    assert len(training.compare({"a": empty[0], "b": copy.deepcopy(empty[0])}, (IMAGES, LABELS), epochs=1)) == 2
