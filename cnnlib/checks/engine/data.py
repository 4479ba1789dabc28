"""Numbers for cases: seeded, in double precision, without touching any random state."""

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

Layer = TypeVar("Layer", bound=nn.Module)


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def random(*shape: int, seed: int = 0) -> Tensor:
    """Sample a tensor of this shape from the standard normal distribution.

    >>> random(2, 3).shape, random(2, 3).dtype
    (torch.Size([2, 3]), torch.float64)
    """
    return torch.randn(*shape, dtype=torch.float64, generator=_generator(seed))


def uniform(*shape: int, seed: int = 0, low: float = 0.0, high: float = 1.0) -> Tensor:
    """Sample a tensor of this shape evenly between `low` and `high`."""
    return low + (high - low) * torch.rand(*shape, dtype=torch.float64, generator=_generator(seed))


def digits(*shape: int, seed: int = 0, low: int = 1, high: int = 9) -> Tensor:
    """Sample whole numbers from `low` to `high`, as floats: a case that can be checked on paper.

    >>> digits(2, 3).tolist()
    [[9.0, 1.0, 3.0], [7.0, 8.0, 7.0]]
    """
    return torch.randint(low, high + 1, shape, generator=_generator(seed)).double()


def layer(kind: Callable[..., Layer], *settings: Any, seed: int = 0, scale: float = 1.0, **named: Any) -> Layer:
    """Make a layer of this kind with these settings, in double precision, its weights sampled with `seed`.

    >>> layer(torch.nn.Conv2d, 2, 3, 3, padding=1).weight.shape
    torch.Size([3, 2, 3, 3])
    """
    with torch.random.fork_rng(devices=[]):  # torch's random state stays as it is; `skip_init` takes half a second to import
        made = kind(*settings, **named, dtype=torch.float64)
    for number, parameter in enumerate(made.parameters()):
        parameter.data = scale * random(*parameter.shape, seed=seed + number)
    return made
