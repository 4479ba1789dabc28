"""Random numbers: one switch for every seed of a lesson, and trainings whose numbers do not depend on each other.

`CNNLIB_SEED=3` shifts every seed by 3 times 1,000.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from cnnlib.device import device

_of_thread = threading.local()


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


def generator() -> torch.Generator | None:
    """Return the generator of the training that runs in this Python thread; None, for torch's global one, outside of any.

    An objective that samples passes it on (`torch.rand(..., generator=seeds.generator())`), so that several can train at once.
    """
    return getattr(_of_thread, "generator", None)


@contextmanager
def drawing_from(own: torch.Generator) -> Iterator[None]:
    """Make `own` the generator of this Python thread."""
    before, _of_thread.generator = generator(), own
    try:
        yield
    finally:
        _of_thread.generator = before


@contextmanager
def forked() -> Iterator[None]:
    """Give torch's global generators, of the processor and of the device, the state back that they have now."""
    accelerator = {"cuda": torch.cuda, "mps": torch.mps}.get(device.type)
    state, on_device = torch.get_rng_state(), accelerator and accelerator.get_rng_state()
    try:
        yield
    finally:
        torch.set_rng_state(state)
        if accelerator:
            accelerator.set_rng_state(on_device)


def with_own_numbers(job: Callable[..., None], state: Tensor, alone: bool, *args: Any) -> None:
    """Run `job(*args)` with random numbers that start from `state`, if it is `alone` those of torch's global generator too."""
    own = torch.Generator()
    own.set_state(state)
    with drawing_from(own), forked() if alone else nullcontext():
        job(*args)


def draws_globally(function: Callable[[], object]) -> bool:
    """Run `function` and tell whether it drew from torch's global generator, as dropout does; the generator stays as it was.

    >>> draws_globally(lambda: torch.nn.Dropout()(torch.ones(3))), draws_globally(lambda: torch.zeros(3))
    (True, False)
    """
    watch = _Watch()
    with forked(), watch:
        function()
    return watch.drew


class _Watch(TorchDispatchMode):
    """Notices every operator that torch marks as random, unless it is given a generator."""

    drew = False

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # as torch calls it
        values = (*args, *(kwargs or {}).values())
        if torch.Tag.nondeterministic_seeded in func.tags and not any(isinstance(v, torch.Generator) for v in values):
            self.drew = True
        return func(*args, **(kwargs or {}))
