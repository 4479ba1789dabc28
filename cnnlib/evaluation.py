"""A network during inference: in evaluation mode, without gradients, and afterwards as it was."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from cnnlib.device import device, place


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


def outputs(model: nn.Module, images: Tensor, batch_size: int = 256) -> Iterator[Tensor]:
    """Yield what `model` outputs in evaluation mode, batch by batch: (N, C, H, W) -> (batch_size, ...), on the device.

    The model is moved to the device. Raises ValueError if there is no image or `batch_size` is below 1.
    """
    if not len(images) or batch_size < 1:
        raise ValueError(f"outputs needs at least one image and batch_size >= 1, got {len(images)} images, {batch_size=}")
    model.to(device)
    for batch in images.split(batch_size):
        with evaluating(model):
            result = model(place(batch))
        yield result


def predict(model: nn.Module, images: Tensor, batch_size: int = 256) -> Tensor:
    """Run `model` in evaluation mode without gradients, batch by batch: (N, C, H, W) -> (N, ...), on the device.

    >>> predict(nn.Conv2d(3, 5, 1), torch.zeros(7, 3, 8, 8), batch_size=4).shape
    torch.Size([7, 5, 8, 8])
    """
    return torch.cat(list(outputs(model, images, batch_size)))
