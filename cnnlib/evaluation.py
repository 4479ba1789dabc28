"""A network while it is measured: in evaluation mode, without gradients, and afterwards as it was."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Put a model into evaluation mode, without gradients, and give every part of it its own mode back afterwards.

    >>> net = nn.Sequential(nn.Dropout(), nn.Linear(3, 2))
    >>> with evaluating(net):
    ...     net.training, net(torch.ones(1, 3)).requires_grad
    (False, False)
    >>> net.training
    True
    """
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, mode in modes:
            module.training = mode
