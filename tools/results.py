"""Measure what takes too long for a lesson, with the lesson's own networks, and store it for `cnnlib.results`.

python -m tools.results                 all results: about an hour on one core
python -m tools.results activations     this one
"""

import itertools
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib import results, seeds, training
from cnnlib.augmentation import random_shifts
from cnnlib.data import real, shapes
from cnnlib.results import Result
from tools import ROOT, ToolError, region_results, run
from tools.dense_results import reading
from tools.detector_results import focal_loss, pooling_control
from tools.growth_results import cuts, gradient_growth, smaller_rates
from tools.trainings import SEEDS, accuracy, chosen, from_lesson, trained
from tools.transfer import faces, transfer, transfer_long


def enlarged(net: nn.Module, factor: float) -> nn.Module:
    """Multiply the weights of all convolutions: `factor` 4 makes up for the sigmoid's slope of 1/4."""
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d):
            layer.weight.data *= factor
    return net


ACTIVATION_RATES = [0.005, 0.015, 0.05, 0.15, 0.5]


def activations() -> Result:
    """Train the eight-layer network of lesson 02 with three activations, with and without batch norm."""
    lesson = from_lesson("02_training.md", "deep", "easy", "he_initialised")
    train, valid, test = (lesson["easy"](count, seed) for count, seed in ((6000, 0), (2000, 2), (2000, 1)))
    builds = {"sigmoid, weights 4 times as large": lambda: enlarged(lesson["deep"](nn.Sigmoid), 4)}
    for kind, norm in itertools.product((nn.Sigmoid, nn.Tanh, nn.ReLU), (False, True)):
        name = kind.__name__.replace("S", "s").replace("T", "t")
        builds[f"{name}, batch norm" if norm else name] = partial(lesson["deep"], kind, norm)
    options = dict(epochs=1, batch_size=16)
    values = {name: chosen(build, ACTIVATION_RATES, train, valid, test, **options) for name, build in sorted(builds.items())}
    about = "Accuracy in per cent of the eight-layer network after one epoch of 375 steps, at the best of five learning rates."
    return Result(about, SEEDS, values)


def first_epoch() -> Result:
    """Note the training loss of the deep sigmoid network of lesson 02, with and without batch norm, step by step."""
    lesson = from_lesson("02_training.md", "deep", "easy", "he_initialised")
    values = {}
    for name, norm in {"without batch norm": False, "with batch norm": True}.items():
        seeds.seed(0)
        one = training.fit(lesson["deep"](nn.Sigmoid, norm), lesson["easy"](6000, 0), epochs=1, batch_size=16, rate=0.15)
        losses: list[float] = []
        one.on_step = lambda loss, losses=losses: losses.append(loss.item())
        list(one)
        values[name] = [round(sum(losses[start : start + 15]) / 15, 3) for start in range(0, len(losses), 15)]
    return Result("Training loss of the eight-layer sigmoid network, means of 15 steps each.", [0], values)


SHARING_RATES = {"MLP": [0.02, 0.08], "locally connected": [0.01, 0.02, 0.1, 0.2], "CNN": [0.1, 0.2]}


def sharing() -> Result:
    """Train the MLP, the locally connected network and the CNN of lesson 02 for six epochs."""
    lesson = from_lesson("02_training.md", "he_initialised", "Local", "stage", "network", "dense", "mlp")
    train, valid, test = (shapes.crops(count, seed=seed) for count, seed in ((6000, 0), (2000, 2), (2000, 1)))
    builds = {
        "MLP": lesson["mlp"],
        "locally connected": lambda: lesson["network"](shared=False),
        "CNN": lambda: lesson["network"](shared=True),
    }
    values = {name: chosen(build, SHARING_RATES[name], train, valid, test, epochs=6) for name, build in builds.items()}
    about = "Accuracy in per cent after six epochs on 6,000 crops, at the best of the learning rates tried."
    return Result(about, SEEDS, values)


def canvas() -> Result:
    """Train the two CNNs of lesson 02 on a canvas of 40 pixels where no shift cuts anything off."""
    lesson = from_lesson("02_training.md", "conv", "body", "flattening", "pooling")
    loaded = real.fashion_mnist(8000)
    if loaded is None:
        raise ToolError("this result needs Fashion-MNIST")
    (images, labels), (test_images, test_labels) = loaded
    values: dict[str, dict[str, list[float]]] = {}
    for name, by in itertools.product(("flattening", "pooling"), (0, 4)):
        build = (lambda: lesson["flattening"](40)) if name == "flattening" else lesson["pooling"]
        augment = random_shifts(by) if by else None
        nets = [trained(build, seed, (on_canvas(images), labels), rate=0.1, epochs=2, augment=augment) for seed in SEEDS]
        key = f"{name}, trained with shifts" if by else name
        curves = [curve(net, test_images[:2000], test_labels[:2000]) for net in nets]
        values[key] = dict(zip(map(str, SEEDS), curves, strict=True))
    about = "Accuracy in per cent on 2,000 test images of Fashion-MNIST, shifted by 0 to 8 pixels on a canvas of 40 x 40."
    return Result(about, SEEDS, values)


def on_canvas(images: Tensor, by: int = 0) -> Tensor:
    """Put images of 28 x 28 on a black canvas of 40 x 40, `by` pixels to the right of column 4."""
    return F.pad(images, (4 + by, 8 - by, 6, 6))


def curve(net: nn.Module, images: Tensor, labels: Tensor) -> list[float]:
    """Measure the accuracy on a canvas for shifts of 0 to 8 pixels."""
    return [accuracy(net, (on_canvas(images, by), labels)) for by in range(9)]


LONG = {
    "plain-8": (8, "plain"),
    "plain-20": (20, "plain"),
    "residual-8": (8, "with_shortcut"),
    "residual-20": (20, "with_shortcut"),
}


def long_training() -> Result:
    """Train networks of lesson 06 for ten epochs where the lesson itself has time for three."""
    lesson = from_lesson("06_resnet.md", "conv", "body", "plain", "with_shortcut", "network")
    train, test = (shapes.crops(count, seed=seed, style=shapes.GENTLE) for count, seed in ((3000, 0), (2000, 1)))
    values: dict[str, dict[str, dict]] = {name: {} for name in LONG}
    for (name, (layers, block)), seed in itertools.product(LONG.items(), SEEDS):
        seeds.seed(seed)
        net = lesson["network"](layers, lesson[block])
        losses = [round(epoch.loss, 4) for epoch in training.fit(net, train, epochs=10, batch_size=32, seed=seed)]
        values[name][str(seed)] = {"loss": losses, "train": accuracy(net, train), "test": accuracy(net, test)}
    about = "Mean training loss of each of ten epochs, and accuracy in per cent afterwards, by seed."
    return Result(about, SEEDS, values)


def branches() -> Result:
    """Train the five networks of lesson 05 from ten seeds, and silence each branch of those that have branches."""
    lesson = from_lesson("05_inception.md", "conv", "block", "reduced_pair", "KINDS", "network", "Silence", "silenced")
    train, test = shapes.crops(5000, seed=0), shapes.crops(2000, seed=1)
    right: dict[str, list[float]] = {name: [] for name in lesson["KINDS"]}
    without: dict[str, list[float]] = {name: [] for name in ("1x1", "3x3", "5x5", "pool")}
    for seed, name in itertools.product(range(10), right):
        net = trained(partial(lesson["network"], name), seed, train)
        right[name].append(accuracy(net, test))
        if name == "two Inception":
            for branch, found in without.items():
                found.append(accuracy(lesson["silenced"](net, branch), test))
    about = "Test accuracy in per cent after three epochs on 5,000 crops, whole and with one branch of both blocks silenced."
    return Result(about, list(range(10)), {"right": right, "silenced": without})


RESULTS: Mapping[str, Callable[[], Result]] = {
    "activations": activations,
    "first_epoch": first_epoch,
    "sharing": sharing,
    "canvas": canvas,
    "long_training": long_training,
    "branches": branches,
    "pooling_control": pooling_control,
    "focal_loss": focal_loss,
    "positives": region_results.positives,
    "fine_tuning": region_results.fine_tuning,
    "transfer": transfer,
    "transfer_long": transfer_long,
    "faces": faces,
    "reading": reading,
    "gradient_growth": gradient_growth,
    "smaller_rates": smaller_rates,
    "cuts": cuts,
}


def main() -> None:
    """Measure the results named on the command line, or all, and store them."""
    os.environ |= {"CNNLIB_SEED": "0", "CNNLIB_THREADS": "1"}  # with other numbers of threads, other rounding
    unknown = [name for name in sys.argv[1:] if name not in RESULTS]
    if unknown:
        raise ToolError(f"there is no result {unknown[0]!r}; there are {', '.join(RESULTS)}")
    torch.set_num_threads(1)
    for name in sys.argv[1:] or RESULTS:
        path = results.write(name, RESULTS[name]())
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes", flush=True)


if __name__ == "__main__":
    run(main)
