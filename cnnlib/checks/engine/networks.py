"""Look at a network by its outputs.

Every parameter gets numbers that depend on its shape and kind alone, so that layers may be registered in any order and under
any name. A layer that is used twice is found by its weights: there are fewer of them, or another layer is never used.
"""

import contextlib
import copy
import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from cnnlib.checks.engine.blame import Refused
from cnnlib.checks.engine.copies import copied, is_unchanged
from cnnlib.checks.engine.words import describe, kind

ALWAYS_REFUSED = {  # torch's words -> what they mean; a layer in single precision was not registered with the network
    r"\(double\) and (bias|weight) type \(float\)|Double (but found|and) Float|double != float|share same datatype": (
        "a layer is not part of the network; make it an attribute in `__init__`, or use `nn.ModuleList` instead of a list"
    ),
    r"Module \[Module(List|Dict)\] is missing the required": (
        "an `nn.ModuleList` or `nn.ModuleDict` only holds layers; an `nn.Sequential` runs them one after the other"
    ),
}


class outputs:  # noqa: N801 - it is written as a function: `look=outputs(x)`
    """Look at a network by its outputs for `x` in evaluation mode; once they are right, at how it trains (`training.fault`).

    `refusals` explains torch's words where a network cannot run: a pattern -> what it means. With `own_weights` the network
    keeps its numbers. `keys` are the names that its parts have to have, in this order.
    """

    def __init__(
        self, x: Tensor, refusals: Mapping[str, str] | None = None, own_weights: bool = False, keys: tuple[str, ...] = ()
    ) -> None:
        self.x, self.refusals, self.own_weights, self.keys = x, refusals or {}, own_weights, keys

    def __call__(self, net: Any) -> Any:
        """Give a copy of the network its numbers and run it on a copy of `x`; raises Refused if that cannot be."""
        with torch.no_grad():
            return self.send(self.ready(net), copied(self.x))

    def ready(self, net: Any) -> nn.Module:
        """Copy a network, in double precision and evaluation mode, and give it its numbers."""
        if isinstance(net, type) and issubclass(net, nn.Module):
            raise Refused(f"expected a network, got {describe(net)} itself; call it: `{net.__name__}(...)`")
        if not isinstance(net, nn.Module):
            raise Refused(f"expected a network (nn.Module), got {kind(net)}")
        with contextlib.suppress(Exception):  # one that keeps what it has computed cannot be copied
            net = copy.deepcopy(net)
        net = net.double().eval()
        if any(map(nn.parameter.is_lazy, [*net.parameters(), *net.buffers()])):  # sizes come from the first input
            with torch.no_grad():
                self.send(net, copied(self.x))
        if len(list(net.named_parameters())) < len(list(net.named_parameters(remove_duplicate=False))):
            raise Refused("one layer is used at several places and has one set of weights: `[layer] * n` repeats it")
        if not self.own_weights:
            _number(net)
        return net

    def send(self, net: nn.Module, x: Tensor) -> Any:
        """Run a network on `x`; raises Refused if it changes `x`, or with the words of `refusals`."""
        before = copied(x.detach())
        try:
            made = net(x)
        except RuntimeError as error:
            if refused := self._refused(error):
                raise refused from None
            raise
        if not is_unchanged(before, x):
            raise Refused("the network changes its input in place (`inplace=True`, `+=`, `relu_()`); work on a copy")
        return made

    def _refused(self, error: RuntimeError) -> Refused | None:
        for pattern, words in (self.refusals | ALWAYS_REFUSED).items():
            if found := re.search(pattern, str(error)):
                numbers = " (a layer that takes {takes} channels is given {given})" if found.groupdict() else ""
                return Refused(words + numbers.format(**found.groupdict()))
        return None


def _number(net: nn.Module) -> None:
    """Give every tensor of a network numbers by its shape and kind alone: factors and variances around 1, others around 0."""
    for name, tensor in net.state_dict().items():
        if not tensor.is_floating_point():
            tensor.zero_()
            continue
        seed = sum(size * 31**axis for axis, size in enumerate(tensor.shape))
        numbers = torch.rand(tensor.shape, dtype=tensor.dtype, generator=torch.Generator().manual_seed(seed))
        if tensor.ndim > 1:
            tensor.copy_((numbers - 0.4) / tensor[0].numel() ** 0.5)
        else:
            tensor.copy_(numbers - 0.5 if name.endswith(("bias", "mean")) else numbers + 0.5)
