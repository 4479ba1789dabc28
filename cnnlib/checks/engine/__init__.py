"""The engine of the checks: how an answer is run, compared, judged and shown. `cnnlib.checks` says how to use it."""

from cnnlib.checks.engine.blame import Failure, Refused
from cnnlib.checks.engine.check import Check, checks_of, report
from cnnlib.checks.engine.data import digits, layer, random, uniform
from cnnlib.checks.engine.mistakes import REFUSALS, but, positional
from cnnlib.checks.engine.networks import outputs
from cnnlib.checks.engine.variants import Variants
from cnnlib.checks.engine.verdicts import WrongAnswer
from cnnlib.checks.engine.words import describe

__all__ = [
    "REFUSALS",
    "Check",
    "Failure",
    "Refused",
    "Variants",
    "WrongAnswer",
    "but",
    "checks_of",
    "describe",
    "digits",
    "layer",
    "outputs",
    "positional",
    "random",
    "report",
    "uniform",
]
