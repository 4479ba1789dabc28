"""Controls of lessons 06 and 07: growth of gradients, smaller learning rates, connections cut; for `tools.results`."""

import itertools
import random
from collections.abc import Iterable
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib import metrics, seeds, training
from cnnlib.data import shapes
from cnnlib.models import densenet, resnet
from cnnlib.models.resnet import Residual
from cnnlib.results import Result
from tools import ROOT
from tools.definitions import definitions
from tools.trainings import SEEDS, accuracy, from_lesson, trained

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


LAYERS, STEM, GROWTH = 24, 16, 4  # of the dense network of lesson 07
Connection = tuple[int, int]  # source and reader: stem 0, layers 1 to 24, head 25
CONNECTIONS: list[Connection] = [(source, reader) for reader in range(1, LAYERS + 2) for source in range(reader)]


def without(cut: Iterable[Connection], made: dict, net: Any, test: tuple[Tensor, Tensor]) -> float:
    """Cut connections as lesson 07 does, and measure the accuracy."""
    hooks, cut = [], set(cut)
    for number, reader in enumerate([*net.stack.layers, net.head], 1):
        sources = [source for source in range(number) if (source, number) in cut]

        def change(module: nn.Module, inputs: tuple[Tensor], sources: list[int] = sources) -> Tensor:
            x = inputs[0]
            for source in sources:
                stop = STEM + GROWTH * source
                x = made["cut"](x, stop - GROWTH if source else 0, stop)
            return x

        hooks.append(reader.register_forward_pre_hook(change))
    found = accuracy(net, test)
    for hook in hooks:
        hook.remove()
    return found


def cuts() -> Result:
    """Train the dense network of lesson 07 and cut its connections: the longest ones, or as many at random."""
    made = lesson("07_densenet.md", "Stack", "classifier", "windowed", "cut")
    train, test = (shapes.crops(count, seed=part, style=shapes.GENTLE) for count, part in ((4000, 0), (2000, 1)))
    test, values = (test[0][:1000], test[1][:1000]), {}
    for seed in SEEDS:
        net = trained(lambda: made["windowed"](STEM, GROWTH, 99), seed, train, epochs=3)
        for length in (25, 12, 8, 4):
            longer = [one for one in CONNECTIONS if one[1] - one[0] > length]
            values.setdefault(f"longer than {length}", []).append(without(longer, made, net, test))
        count = sum(reader - source > 12 for source, reader in CONNECTIONS)
        for choice in range(3):
            some = random.Random(choice).sample(CONNECTIONS, count)
            values.setdefault(f"{count} at random, choice {choice}", []).append(without(some, made, net, test))
    return Result("Accuracy in per cent on 1,000 test crops with connections cut, after three epochs on 4,000.", SEEDS, values)
