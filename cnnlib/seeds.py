"""One switch for every random number of a lesson: `CNNLIB_SEED=3` shifts every seed by 3 times 1,000."""

import os

import torch


def shifted(seed: int) -> int:
    """Add the environment's shift to a seed.

    >>> shifted(7) - shifted(0)
    7
    """
    shift = os.environ.get("CNNLIB_SEED") or "0"
    if not shift.isdecimal():
        raise ValueError(f"CNNLIB_SEED must be a whole number of at least 0, got {shift!r}")
    return seed + 1000 * int(shift)


def seed(number: int = 0) -> None:
    """Seed torch, shifted by the environment: the same number gives the same weights and the same batches."""
    torch.manual_seed(shifted(number))
