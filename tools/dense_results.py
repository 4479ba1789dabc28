"""How accurate the stacks of lesson 07 are from eight starts: measured for the lesson, stored by `tools.results`."""

import torch
from torch import nn

from cnnlib.data import shapes
from cnnlib.models import densenet, resnet
from cnnlib.results import Result
from tools import ROOT
from tools.definitions import definitions
from tools.trainings import accuracy, trained

STARTS = range(8)
WINDOWS = {"chain": (16, 1), "last four": (8, 4), "dense": (4, 99)}  # growth rate, window
NAMES = ("chain", "residual", "last four", "dense")


def lesson() -> dict:
    """Define the networks of lesson 07, with the modules that it imports."""
    names = "Stack", "classifier", "windowed", "residual"
    return definitions(ROOT / "solutions" / "07_densenet.md", *names, torch=torch, nn=nn, densenet=densenet, resnet=resnet)


def learned(name: str, seed: int) -> float:
    """Train one network as the lesson does and return its accuracy on the test images in per cent."""
    train, test = (shapes.crops(count, seed=part, style=shapes.GENTLE) for count, part in ((4000, 0), (2000, 1)))
    made = lesson()
    build = (lambda: made["residual"](16)) if name == "residual" else lambda: made["windowed"](16, *WINDOWS[name])
    return accuracy(trained(build, seed, train, epochs=3), test)


def reading() -> Result:
    """Train stacks that differ in which earlier maps a layer reads."""
    values = {name: {str(seed): learned(name, seed) for seed in STARTS} for name in NAMES}
    about = "Accuracy in per cent on 2,000 test crops after three epochs on 4,000; the seed sets weights and order of images."
    return Result(about, list(STARTS), values)
