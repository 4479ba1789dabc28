"""Look at a network by its outputs.

Every parameter gets numbers that depend on its shape and kind alone, so that layers may be registered in any order and under
any name: whole numbers where the input holds whole numbers, so that a case can be checked on paper. A layer that is used twice
is found by its weights: there are fewer of them, or another layer is never used.
"""

import contextlib
import copy
import re
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from cnnlib.checks.engine.blame import Refused
from cnnlib.checks.engine.copies import copied, is_unchanged
from cnnlib.checks.engine.words import describe, kind

WEIGHTS, SCALES = (-2, -1, 1, 2), (2, 3)  # whole numbers of weights and biases, and of batch norm's factors
EPS = 1e-5  # what batch norm adds to the variance
ALWAYS_REFUSED = {  # torch's words -> what they mean; a layer in single precision was not registered with the network
    r"\(double\) and (bias|weight) type \(float\)|Double (but found|and) Float|double != float|share same datatype": (
        "a layer is not part of the network; make it an attribute in `__init__`, or use `nn.ModuleList` instead of a list"
    ),
    r"Module \[Module(List|Dict)\] is missing the required": (
        "an `nn.ModuleList` or `nn.ModuleDict` only holds layers; an `nn.Sequential` runs them one after the other"
    ),
}


class outputs:  # noqa: N801 - it is written as a function: `look=outputs(x)`
    """Look at a network by its outputs in evaluation mode; once they are right, at how it trains (`training.fault`).

    A case is looked at with the first of the `inputs` that the right network reads. One of whole numbers comes with whole
    weights, and training is left out: where a ReLU is given 0, right networks may have different gradients. `refusals`
    explains torch's words where a network cannot run: a pattern -> what it means. With `own_weights` the network keeps its
    numbers. `keys` are the names that its parts have to have, in this order.
    """

    def __init__(
        self,
        *inputs: Tensor,
        refusals: Mapping[str, str] | None = None,
        own_weights: bool = False,
        keys: tuple[str, ...] = (),
    ) -> None:
        self.inputs, self.refusals, self.own_weights, self.keys = inputs, refusals or {}, own_weights, keys

    @property
    def x(self) -> Tensor:
        """What the network is run on."""
        return self.inputs[0]

    @property
    def is_whole(self) -> bool:
        """Whether the case can be checked on paper."""
        return torch.equal(self.x, self.x.round())

    def suited(self, right: nn.Module) -> "outputs":
        """Keep the first of the inputs that the right network reads; raises ValueError if it reads none."""
        for x in self.inputs:
            one = copy.copy(self)
            one.inputs = (x,)
            with contextlib.suppress(RuntimeError):
                one(right)
                return one
        raise ValueError(f"the right network reads none of the inputs {[tuple(x.shape) for x in self.inputs]}")

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
            _number(net, _whole if self.is_whole else _fraction)
        return net

    def shown(self, net: Any, mode: str) -> dict[str, Any]:
        """Name what `Check.show` prints of a network: what it is run on, and the network with its numbers, if it is one."""
        named: dict[str, Any] = {"the network's input": self.x}
        with contextlib.suppress(Refused):
            whose = "its own weights" if self.own_weights else "the check's weights"
            named[f"your network, in {mode} mode, with {whose}"] = self.ready(net)
        return named

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
        for pattern, words in {**self.refusals, **ALWAYS_REFUSED}.items():
            if found := re.search(pattern, str(error)):
                return Refused(words + _numbers(**found.groupdict()))
        return None


def _numbers(takes: str = "", given: str = "") -> str:
    return f" (a layer that takes {takes} channel{'s' * (takes != '1')} is given {given})" if takes else ""


def _number(net: nn.Module, numbers: Callable[[str, Tensor], Tensor]) -> None:
    """Give every tensor of a network numbers by its shape and kind alone."""
    for name, tensor in net.state_dict().items():
        if not tensor.is_floating_point():
            tensor.zero_()
            continue
        seed = sum(size * 31**axis for axis, size in enumerate(tensor.shape))
        sampled = torch.rand(tensor.shape, dtype=tensor.dtype, generator=torch.Generator().manual_seed(seed))
        tensor.copy_(numbers(name, sampled))


def _fraction(name: str, sampled: Tensor) -> Tensor:
    """Make factors and variances around 1, others around 0, of numbers from 0 to 1."""
    if sampled.ndim > 1:
        return (sampled - 0.4) / sampled[0].numel() ** 0.5
    return sampled - 0.5 if name.endswith(("bias", "mean")) else sampled + 0.5


def _whole(name: str, sampled: Tensor) -> Tensor:
    """Make whole numbers of numbers from 0 to 1; batch norm's statistics are such that it only scales and shifts."""
    if name.endswith("mean"):
        return torch.zeros_like(sampled)
    if name.endswith("var"):
        return torch.full_like(sampled, 1 - EPS)
    is_scale = sampled.ndim < 2 and not name.endswith("bias")
    choices = sampled.new_tensor(SCALES if is_scale else WEIGHTS)
    return choices[(sampled * len(choices)).long()]
