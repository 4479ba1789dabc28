"""The one place that chooses where tensors live: a GPU if there is one, else the processor (`CNNLIB_DEVICE` overrides)."""

import os
from typing import TypeVar

import torch
from torch import Tensor, nn

Placed = TypeVar("Placed", Tensor, nn.Module)


def choose(name: str | None = None) -> torch.device:
    """Choose the device called `name`; without a name a CUDA GPU if there is one, else the processor.

    Raises ValueError if `name` is not cpu, cuda, cuda:0, cuda:1 ... or mps, or if this machine does not have that device.

    >>> choose("cpu")
    device(type='cpu')
    """
    if not name:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    kind, _, index = name.partition(":")
    if kind not in ("cpu", "cuda", "mps") or (":" in name and not (kind == "cuda" and index.isdecimal())):
        raise ValueError(f"CNNLIB_DEVICE must be cpu, cuda, cuda:0, cuda:1 ... or mps, got {name!r}")
    there = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available())}[kind]
    if int(index or 0) >= there:
        raise ValueError(f"CNNLIB_DEVICE is {name!r}, but torch finds {there or 'no'} {kind} device on this machine")
    return torch.device(name)


device = choose(os.environ.get("CNNLIB_DEVICE"))


def place(thing: Placed) -> Placed:
    """Move a model or a tensor to the device, images and filters with their channels last in memory."""
    if isinstance(thing, nn.Module) or thing.ndim == 4:
        return thing.to(device).to(memory_format=torch.channels_last)
    return thing.to(device)
