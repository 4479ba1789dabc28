"""How gradients grow in the networks of lessons 06 and 07, and how plain ones train at smaller rates; for `tools.results`."""

import itertools
from types import ModuleType

import torch
from torch import nn
from torch.nn import functional as F

from cnnlib import metrics, seeds, training
from cnnlib.data import shapes
from cnnlib.models import densenet, resnet
from cnnlib.models.resnet import Residual
from cnnlib.results import Result
from tools import ROOT
from tools.definitions import definitions
from tools.trainings import from_lesson

MODULES: dict[str, ModuleType | type] = dict(torch=torch, nn=nn, F=F, seeds=seeds, training=training, metrics=metrics)
MODULES |= dict(densenet=densenet, resnet=resnet, Residual=Residual)


def lesson(text: str, *names: str, **context: object) -> dict:
    """Define what a lesson defines, with the modules that it imports."""
    return definitions(ROOT / "solutions" / text, *names, **MODULES | context)


def gradient_growth() -> Result:
    """Measure in lessons 06 and 07, before training, how much gradients grow on their way back, from many initialisations."""
    images, labels = (part[:128] for part in shapes.crops(3000, seed=0, style=shapes.GENTLE))
    blocks = {"plain": "plain", "residual": "with_shortcut", "projected": "projected", "pre-activated": "PreActivated"}
    names = "conv", "body", "network", "last_norm", "arriving", *blocks.values()
    made, values = lesson("06_resnet.md", *names, images=images, labels=labels), {}
    for (kind, block), layers in itertools.product(blocks.items(), (20, 32)):
        last = [made["last_norm"]] if kind == "pre-activated" else []
        found = [made["arriving"](layers, made[block], *last, seed=seed) for seed in range(1, 13)]
        values[f"{kind}, {layers}"] = [round(ratio, 1) for ratio in found]
    images, labels = (part[:128] for part in shapes.crops(4000, seed=0, style=shapes.GENTLE))
    names = "Stack", "classifier", "windowed", "residual", "growth"
    made = lesson("07_densenet.md", *names)
    makers = {
        "chain": lambda: made["windowed"](16, 16, 1),
        "residual": lambda: made["residual"](16),
        "dense": lambda: made["windowed"](16, 4, 99),
    }
    for name, make in makers.items():
        for seed in range(1, 13):
            seeds.seed(seed)
            ratio = round(made["growth"](make(), images, labels), 1)
            values.setdefault(f"{name}, lesson 07", []).append(ratio)
    about = "Gradient at the first block's (or the stem's) maps, divided by that at the last one's, before training."
    return Result(about, list(range(1, 13)), values)


RATES = (0.03, 0.01)  # the lesson's own is 0.1


def smaller_rates() -> Result:
    """Train the plain networks of lesson 06 with smaller peak learning rates than the lesson's."""
    made = from_lesson("06_resnet.md", "conv", "body", "plain", "network")
    train = shapes.crops(3000, seed=0, style=shapes.GENTLE)
    values: dict[str, dict[str, list[float]]] = {f"plain-{layers}": {} for layers in (8, 20)}
    for layers, rate, seed in itertools.product((8, 20), RATES, (0, 1)):
        seeds.seed(seed)
        net = made["network"](layers, made["plain"])
        *_, last = training.fit(net, train, epochs=3, batch_size=32, rate=rate, seed=seed)
        values[f"plain-{layers}"].setdefault(str(rate), []).append(round(last.loss, 2))
    return Result("Mean training loss of the last of three epochs, by peak learning rate.", [0, 1], values)
