"""Networks without numbers: on torch's `meta` device tensors have a shape and no values, so that any network is run at once."""

import copy
from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor, nn

Shape = tuple[int, ...]
Result = TypeVar("Result")
Network = TypeVar("Network", bound=nn.Module)


def meta_copy(net: Network) -> Network:
    """Copy a network to the meta device, in float32 and evaluation mode; the network itself stays as it is.

    >>> next(meta_copy(nn.Linear(1024, 64)).parameters()).shape
    torch.Size([64, 1024])
    """
    tensors: dict[int, Tensor] = {id(p): nn.Parameter(p.detach().to("meta")) for p in net.parameters()}
    tensors |= {id(b): b.to("meta") for b in net.buffers()}
    return copy.deepcopy(net, tensors).float().eval()


def run_on_meta(net: Callable[[Tensor], Result], shape: Shape, name: str = "the network") -> Result:
    """Run a network that is on the meta device on one input of `shape`: (C, H, W) -> what it returns for (1, C, H, W).

    Raises ValueError, with `name` and torch's reason, if the input does not fit.
    """
    try:
        return net(torch.empty(1, *shape, device="meta"))
    except (RuntimeError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"an input of shape {tuple(shape)} does not fit {name}: {reason}") from error
