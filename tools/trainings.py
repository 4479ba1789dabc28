"""Train the networks that a lesson defines, from several seeds, and evaluate them: for `tools.results`."""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib import metrics, seeds, training
from cnnlib.data import shapes
from cnnlib.models.inception import Branches
from cnnlib.models.resnet import Residual
from tools import ROOT
from tools.definitions import definitions

SEEDS = [0, 1, 2]
Data = tuple[Tensor, Tensor]


def from_lesson(text: str, *names: str) -> dict:
    """Define what a lesson defines, with the modules that it imports."""
    modules = dict(torch=torch, nn=nn, F=F, seeds=seeds, shapes=shapes, training=training, metrics=metrics, copy=copy)
    return definitions(ROOT / "solutions" / text, *names, Residual=Residual, Branches=Branches, **modules)


def accuracy(net: nn.Module, data: Data) -> float:
    """Measure the accuracy of a network in per cent, to one decimal."""
    return round(100 * metrics.accuracy(training.predict(net, data[0]), data[1]), 1)


def trained(build: Callable[[], nn.Module], seed: int, train: Data, **options: Any) -> nn.Module:
    """Build and train one network, with all random numbers from `seed`."""
    seeds.seed(seed)
    net = build()
    for _ in training.fit(net, train, seed=seed, **options):
        pass
    return net


def chosen(
    build: Callable[[], nn.Module], rates: list[float], train: Data, valid: Data, test: Data, **options: object
) -> dict[str, object]:
    """Choose the learning rate by the worst of the seeds on `valid`; report that rate's networks on `test`."""
    nets = {rate: [trained(build, seed, train, rate=rate, **options) for seed in SEEDS] for rate in rates}
    valid_scores = {rate: [accuracy(net, valid) for net in nets[rate]] for rate in rates}
    best = max(rates, key=lambda rate: min(valid_scores[rate]))
    return {
        "rate": best,
        "test": [accuracy(net, test) for net in nets[best]],
        "train": [accuracy(net, train) for net in nets[best]],
        "valid": {str(rate): scores for rate, scores in valid_scores.items()},
    }
