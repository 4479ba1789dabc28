"""Judges of the exercises: one module a lesson, one `Check` an exercise. They know torch, and none of our own answers."""

from cnnlib.checks.check import Check, WrongAnswer, report
from cnnlib.checks.comparing import outputs

__all__ = ["Check", "WrongAnswer", "outputs", "report"]
