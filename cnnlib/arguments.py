"""The arguments of a training, checked before anything is computed: whatever is wrong gets one sentence."""

import math
from collections.abc import Mapping, Sequence
from itertools import chain
from numbers import Integral, Real
from typing import Any

import torch
from torch import Tensor, nn


def check_network(model: Any) -> None:
    """Raise ValueError unless `model` is a network with a weight that can be trained."""
    if not isinstance(model, nn.Module):
        raise ValueError(f"model must be a network, an instance of nn.Module, got {_kind(model)}")
    if not any(weight.requires_grad for weight in model.parameters()):
        raise ValueError(
            f"the network {type(model).__name__} has no weight to train: it has none, or requires_grad is False for all"
        )


def check_data(name: str, data: Any) -> None:
    """Raise ValueError unless `data` is a tuple or a list of tensors that have the same length, at least 1."""
    expected = f"{name} must be a tuple of tensors, such as (images, labels)"
    if not isinstance(data, (tuple, list)):
        raise ValueError(f"{expected}, got {_kind(data)}")
    strangers = [_kind(part) for part in data if not isinstance(part, Tensor)]
    if not data or strangers:
        raise ValueError(f"{expected}, got a {type(data).__name__} with {', '.join(strangers) or 'nothing in it'}")
    lengths = [len(tensor) if tensor.ndim else 0 for tensor in data]
    if len(set(lengths)) > 1 or not lengths[0]:
        raise ValueError(f"{name} must have tensors of the same length, at least 1, got lengths {lengths}")


def check_whole(name: str, number: Any, least: int, most: float = math.inf, meaning: str = "") -> None:
    """Raise ValueError unless `number` is a whole number in `least` ... `most`."""
    if not isinstance(number, Integral) or isinstance(number, bool) or not least <= int(number) <= most:
        bounds = f"of at least {least}" if most == math.inf else f"from {least} to {most}{meaning}"
        raise ValueError(f"{name} must be a whole number {bounds}, got {name}={number!r}")


def check_positive(name: str, number: Any) -> None:
    """Raise ValueError unless `number` is None or a finite number above 0."""
    if number is not None and not (
        isinstance(number, Real) and not isinstance(number, bool) and math.isfinite(number) and float(number) > 0
    ):
        raise ValueError(f"{name} must be a finite number above 0, or None, got {name}={number!r}")


def check_augmentation(augment: Any) -> None:
    """Raise ValueError unless `augment` is None or a function."""
    if augment is not None and not callable(augment):
        raise ValueError(
            f"augment must be a function of a batch of images, such as augmentation.random_shifts(4), got {_kind(augment)}"
        )


def check_objective(objective: Any, needs_scores: bool) -> None:
    """Raise ValueError unless `objective` has `loss` and, if there is validation data, `scores`; a class is not enough."""
    methods = ("loss", "scores") if needs_scores else ("loss",)
    if isinstance(objective, type) or not all(callable(getattr(objective, name, None)) for name in methods):
        needed = "loss(model, *batch) and scores(model, data), such as training.Classification()"
        raise ValueError(f"objective must be an object with the methods {needed}, got {_kind(objective)}")


def check_optimizer(optimizer: Any, rate: float | None) -> None:
    """Raise ValueError unless `optimizer` is an optimizer and `rate` is None, or a function that makes one for a network."""
    is_class = isinstance(optimizer, type) and issubclass(optimizer, torch.optim.Optimizer)
    if is_class or not (isinstance(optimizer, torch.optim.Optimizer) or callable(optimizer)):
        needed = "a function that makes one from the network, such as training.sgd or lambda net: Adam(net.parameters())"
        raise ValueError(f"optimizer must be an optimizer or {needed}, got {_kind(optimizer)}")
    if isinstance(optimizer, torch.optim.Optimizer) and rate is not None:
        raise ValueError(f"rate={rate} is for an optimizer that is made here; the one given has a learning rate of its own")


def check_updates(optimizer: Any, model: nn.Module) -> None:
    """Raise ValueError unless `optimizer` updates weights of `model` alone, at least one of which is not frozen."""
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise ValueError(f"the function given as optimizer must return an optimizer, got {_kind(optimizer)}")
    updated = [weight for group in optimizer.param_groups for weight in group["params"]]
    if not set(model.parameters()).issuperset(updated):
        raise ValueError("the optimizer updates weights that are not of this network: make it from the network that is trained")
    if not any(weight.requires_grad for weight in updated):
        raise ValueError("every weight that the optimizer updates is frozen: requires_grad is False for all of them")


def check_names(runs: Any) -> None:
    """Raise ValueError unless `runs` maps names, strings, to networks, at least one."""
    if not isinstance(runs, Mapping):
        raise ValueError(f'compare needs the networks by name, such as {{"plain": net}}, got {_kind(runs)}')
    if not runs:
        raise ValueError("compare needs at least one network")
    for name in runs:
        check_name(name)


def check_name(name: Any) -> None:
    """Raise ValueError unless the name of a training is a string."""
    if not isinstance(name, str):
        raise ValueError(f"the name of a training must be a string, got {name!r}")


def check_nothing_shared(models: Mapping[str, nn.Module]) -> None:
    """Raise ValueError if training one of `models` changes memory that another one uses too."""
    uses: Sequence[tuple[bool, str, str, int]] = [
        (isinstance(tensor, nn.Parameter) and not tensor.requires_grad, name, where, tensor.untyped_storage().data_ptr())
        for name, model in models.items()
        for where, tensor in chain(model.named_parameters(), model.named_buffers())
    ]
    owners: dict[int, str] = {}
    for frozen, name, where, address in sorted(uses, key=lambda use: use[0]):  # first those that a training changes
        other = owners.get(address, name)
        if address and other != name:  # an address of 0 is an empty tensor's
            raise ValueError(f"the networks {other!r} and {name!r} share `{where}`: train a copy.deepcopy of one of them")
        if not frozen:
            owners[address] = name


def _kind(thing: Any) -> str:
    """Describe what was given instead, in a few words."""
    if thing is None:
        return "None"
    return f"the class {thing.__name__}" if isinstance(thing, type) else f"a value of the type {type(thing).__name__}"
