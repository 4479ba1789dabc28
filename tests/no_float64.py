"""A device without float64, such as Apple's GPUs, for tests on any machine.

Tensors of the device `meta` do it: under the mode below they are wrappers around tensors on the CPU, so they have values, but
`.cpu()` and `.to(device)` copy, other devices' tensors do not mix with them, and float64 is refused as Apple's backend does it.

    with no_float64() as device:
        loss = model.to(device)(images.to(device)).sum()
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode, return_and_correct_aliasing
from torch.utils._pytree import tree_leaves, tree_map

DEVICE = torch.device("meta")
MIXING = ("aten::index.", "aten::index_put", "aten::_index_put_impl", "aten::copy_")  # take tensors of two devices everywhere


class Elsewhere(Tensor):
    """A tensor on the device: its values are in `inner`, on the CPU."""

    @staticmethod
    def __new__(cls, inner: Tensor) -> "Elsewhere":
        layout = dict(strides=inner.stride(), storage_offset=inner.storage_offset(), dtype=inner.dtype, device=DEVICE)
        return Tensor._make_wrapper_subclass(cls, inner.shape, **layout)

    def __init__(self, inner: Tensor) -> None:
        self.inner = inner

    def __repr__(self) -> str:
        return f"Elsewhere({self.inner})"

    def tolist(self) -> list:
        return self.cpu().tolist()

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return dispatch(func, args, kwargs or {})


class NoFloat64(TorchDispatchMode):
    """Send what is made on the device to `Elsewhere`."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return dispatch(func, args, kwargs or {})


def dispatch(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """Run an operation on the CPU; its results are where its tensors, or its `device`, are."""
    tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
    here = any(isinstance(tensor, Elsewhere) for tensor in tensors)
    device = kwargs.get("device")
    if device is not None:
        here = torch.device(device).type == DEVICE.type
        kwargs = kwargs | {"device": torch.device("cpu")}
    elif here and not func.name().startswith(MIXING):
        strangers = [tensor for tensor in tensors if not isinstance(tensor, Elsewhere) and tensor.ndim]
        if strangers:
            raise RuntimeError(f"{func}: expected all tensors on one device, but {strangers[0].shape} is on the CPU")
    result = func(*tree_map(_inner, args), **tree_map(_inner, kwargs))
    if not here:
        return result
    result = tree_map(lambda leaf: _wrapped(leaf, func) if isinstance(leaf, Tensor) else leaf, result)
    return result if device is not None else return_and_correct_aliasing(func, args, kwargs, result)


def _inner(leaf: Any) -> Any:
    return leaf.inner if isinstance(leaf, Elsewhere) else leaf


def _wrapped(tensor: Tensor, func: Any) -> Elsewhere:
    if tensor.dtype in (torch.float64, torch.complex128):
        raise TypeError(f"{func}: cannot make a tensor of {tensor.dtype} on this device, which has no float64")
    return Elsewhere(tensor)


class Literals(TorchFunctionMode):
    """Send `torch.tensor([...], device=...)` and `x.new_tensor([...])` through the CPU: they bypass the mode above."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func is Tensor.new_tensor and isinstance(args[0], Elsewhere):
            kwargs, func, args = {"dtype": args[0].dtype, "device": DEVICE} | kwargs, torch.tensor, args[1:]
        if func in (torch.tensor, torch.as_tensor) and kwargs.get("device") is not None:
            device = kwargs.pop("device")
            return func(*args, **kwargs).to(device)
        return func(*args, **kwargs)


@contextmanager
def no_float64() -> Iterator[torch.device]:
    """Give a device whose tensors may be of any dtype but float64."""
    with NoFloat64(), Literals():
        yield DEVICE
