"""Say whether a network whose outputs are right can be trained as the right one can."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.modules.dropout import _DropoutNd

from cnnlib.checks.engine.comparing import same
from cnnlib.checks.engine.copies import copied
from cnnlib.checks.engine.forms import wrong_form
from cnnlib.checks.engine.gradients import CUTS
from cnnlib.checks.engine.networks import outputs


class Fault(NamedTuple):
    """What is wrong with a network whose outputs are right, and the outputs in training mode if they show it."""

    words: str
    expected: Any = None
    got: Any = None


def fault(look: outputs, net: nn.Module, right: nn.Module) -> Fault | None:
    """Find what is wrong with a network whose outputs are right: gradients, parameters, training mode, names; or None."""
    net, right = look.ready(net), look.ready(right)
    if words := _wrong_gradients(look, net, right) or _wrong_count(net, right):
        return Fault(words)
    words = _wrong_keys(net, look.keys)
    return _wrong_training(look, net, right) or (Fault(words) if words else None)


def _wrong_keys(net: nn.Module, keys: tuple[str, ...]) -> str | None:
    found = list(dict(net.named_children()))
    if not keys or found == list(keys):
        return None
    return f"expected the names {', '.join(keys)} in this order, got {', '.join(found) or 'none'}"


def _wrong_gradients(look: outputs, net: nn.Module, right: nn.Module) -> str | None:
    expected = _gradients(look, right)
    with _called(net) as called:
        try:
            gradients = _gradients(look, net)
        except RuntimeError as error:
            if "inplace operation" not in str(error):
                raise
            return "it cannot be trained: a value that the backward pass needs is changed in place (`+=`, `relu_()`)"
    if gradients is None or expected is None:
        return f"it cannot be trained: {CUTS} cuts the outputs off from the weights"
    for (name, parameter), gradient in zip(net.named_parameters(), gradients[1:], strict=True):
        if gradient is None:
            return _unreached(name, parameter, name.rpartition(".")[0] in called)
    if not same(gradients[0], expected[0]):
        return f"the outputs are right, but not the gradient of the input: {CUTS} cuts a part off"
    return None


def _gradients(look: outputs, net: nn.Module) -> list[Tensor | None] | None:
    """Compute the gradients of a weighted sum of the outputs: that of the input, then those of the parameters."""
    leaf = copied(look.x).requires_grad_()
    made = look.send(net, leaf.clone())
    if not made.requires_grad:
        return None
    weights = torch.linspace(0.5, 1.5, made.numel(), dtype=made.dtype).view_as(made)
    wanted = [leaf] + [parameter for parameter in net.parameters() if parameter.requires_grad]
    found = iter(torch.autograd.grad((made * weights).sum(), wanted, allow_unused=True))
    first = next(found)
    return [first] + [next(found) if parameter.requires_grad else None for parameter in net.parameters()]


@contextmanager
def _called(net: nn.Module) -> Iterator[set[str]]:
    """Note the names of the modules that are called."""
    called: set[str] = set()

    def note(name: str) -> Callable[..., None]:
        return lambda *values: called.add(name)

    handles = [module.register_forward_hook(note(name)) for name, module in net.named_modules()]
    try:
        yield called
    finally:
        for handle in handles:
            handle.remove()


def _unreached(name: str, parameter: Tensor, is_called: bool) -> str:
    layer, _, own = name.rpartition(".")
    if not parameter.requires_grad:
        return f"the weights of `{layer or own}` cannot be trained: their `requires_grad` is False"
    if is_called:
        return f"no gradient reaches the weights of `{layer or own}`: {CUTS} cuts them off"
    return f"`{layer or own}` is made and never used in `forward`"


def _wrong_count(net: nn.Module, right: nn.Module) -> str | None:
    count, expected = (sum(parameter.numel() for parameter in one.parameters()) for one in (net, right))
    if count == expected:
        return None
    reason = "is a layer used twice?" if count < expected else "which of them are too many?"
    return f"the outputs are right, but there are {count:,} parameters where {expected:,} are expected; {reason}"


def _wrong_training(look: outputs, net: nn.Module, right: nn.Module) -> Fault | None:
    before = _statistics(net)
    try:
        expected, made = _trained(look, right), _trained(look, net)
    except ValueError:  # batch norm refuses a single value per channel
        return None
    statistics, right_statistics = _statistics(net), _statistics(right)
    if wrong_form(made, expected) or not same(made, expected):
        is_random = not same(made, _trained(look, net, seed=1))
        is_fixed = same(statistics, before) and not same(right_statistics, before)
        words = f"the outputs are right in evaluation mode and differ in training mode{_cause(net, is_random, is_fixed)}"
        return Fault(words, expected, made)
    if not same(statistics, right_statistics):
        return Fault("in training mode the batch norms' running statistics differ from those of the right network")
    return None


def _trained(look: outputs, net: nn.Module, seed: int = 0) -> Any:
    """Compute the outputs in training mode."""
    torch.default_generator.manual_seed(seed)
    return look.send(net.train(), copied(look.x))


def _cause(net: nn.Module, is_random: bool, is_fixed: bool) -> str:
    if is_random:
        dropout = next((type(module).__name__ for module in net.modules() if isinstance(module, _DropoutNd)), None)
        return f": there is a `{dropout}` in it" if dropout else ": they are random, as after `F.dropout`"
    if is_fixed:
        return ": batch norm has to use the statistics of the batch there, not the running ones"
    return ""


def _statistics(net: nn.Module) -> list[Tensor]:
    """List the buffers of a network in an order that does not depend on how its layers are registered."""
    found = [buffer.double().flatten() for buffer in net.buffers()]
    return sorted(found, key=lambda buffer: (len(buffer), round(buffer.sum().item(), 6)))
