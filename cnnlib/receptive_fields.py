"""What one output of a network sees of the image: by the recurrence, and by gradient."""

import copy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn

from cnnlib.anatomy import IMAGE
from cnnlib.meta import Shape, meta_copy, run_on_meta

WINDOWS = (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)
ADAPTIVE = (nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)


@dataclass(frozen=True)
class Field:
    """The rows of the image that one output sees: output i sees `size` of them, the first is row `offset` + i `stride`.

    Rows below 0 or beyond the image lie in the padding. A new field is that of a pixel.
    """

    size: int = 1
    stride: int = 1
    offset: int = 0

    def through(self, window: int, stride: int = 1, padding: int = 0) -> "Field":
        """See through one more window: its outer inputs lie (window - 1) strides apart.

        >>> Field().through(3, padding=1).through(2, stride=2).through(3, padding=1)
        Field(size=8, stride=2, offset=-3)
        """
        return Field(self.size + (window - 1) * self.stride, self.stride * stride, self.offset - padding * self.stride)

    def rows(self, i: int) -> range:
        """List the rows of the image that output i sees, padding included."""
        first = self.offset + i * self.stride
        return range(first, first + self.size)


def receptive_field(net: nn.Module, shape: Shape = IMAGE) -> Field:
    """Compute what one output of a network sees of the image, from top to bottom, by the recurrence `Field.through`.

    Where branches meet, the widest counts. Batch norm and ReLU see nothing new; padding only moves the rows. Flattening and
    global pooling are one window as large as their input, so that the answer can exceed the image: the rest is padding.
    Raises ValueError where one output differs from the next in what it sees (transposed convolution) or branches of unequal
    stride meet.

    >>> receptive_field(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.MaxPool2d(2)))
    Field(size=6, stride=2, offset=0)
    """
    traced = fx.symbolic_trace(nn.Sequential(meta_copy(net)))  # a graph: who feeds whom
    run_on_meta(_Shapes(traced).run, shape)
    fields: dict[fx.Node, Field] = {}
    for node in traced.graph.nodes:
        inputs = [n for n in node.all_input_nodes if n in fields]
        if node.op == "placeholder":
            fields[node] = Field()
        elif node.op == "output":
            return _union([fields[n] for n in inputs])
        elif inputs and "shape" in node.meta:
            module = traced.get_submodule(node.target) if node.op == "call_module" else None
            fields[node] = _see(_union([fields[n] for n in inputs]), node, module, _height(inputs[0]), _height(node))
    raise ValueError(f"a {type(net).__name__} without an output")


class _Shapes(fx.Interpreter):
    """Run a graph and note at each node the shape that it makes, and how many rows a padding puts above."""

    def run_node(self, n: fx.Node) -> object:
        result = super().run_node(n)
        if getattr(n.target, "__name__", "") == "pad":
            sides = self.fetch_args_kwargs_from_env(n)[0][1]  # left, right, above, below
            n.meta["above"] = sides[2] if len(sides) > 2 else 0
        if isinstance(result, Tensor):
            n.meta["shape"] = result.shape
        return result


def influence(net: nn.Module, image: Tensor, unit: tuple[int, int] | None = None) -> Tensor:
    """Measure how strongly each pixel moves one place of the output map, by default the middle one: (C, H, W) -> (H, W).

    The size of the gradient, summed over channels, with the network in eval mode; all outputs count where there is no map.

    >>> influence(nn.Conv2d(3, 8, 3), torch.ones(3, 7, 11)).count_nonzero()
    tensor(9)
    """
    net = copy.deepcopy(net).eval()
    pixels = image.detach()[None].requires_grad_()
    output = net(pixels)
    if output.ndim == 4:
        row, column = unit or (output.shape[2] // 2, output.shape[3] // 2)
        output = output[:, :, row, column]
    (gradient,) = torch.autograd.grad(output.sum(), pixels)
    return gradient.abs().sum((0, 1))


def side_of_95_percent(influence: Tensor, centre: float) -> int:
    """Find the smallest square around the `centre` (row and column) that holds 95 % of an influence: (H, W) -> its side.

    >>> side_of_95_percent(torch.ones(20, 20), centre=9.5)
    20
    """
    away = (torch.arange(len(influence)) - centre).abs()
    distance, order = torch.maximum(away[:, None], away).flatten().sort(stable=True)
    held = influence.double().flatten()[order].cumsum(0)
    return int(2 * distance[(held < 0.95 * held[-1]).sum()]) + 1


def measured_receptive_field(net: nn.Module, shape: Shape = IMAGE) -> int:
    """Measure over how many rows of the image pixels move the middle output: `receptive_field(net).size`, if it has as many.

    Every path is opened first: equal positive weights, the average for the maximum, which lets one pixel through, and ReLU for
    ReLU6, whose gradient is 0 above 6.

    >>> measured_receptive_field(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2)), (3, 17, 19))
    4
    """
    moved = influence(_open(net), torch.ones(shape, dtype=torch.float64)).any(1).nonzero()
    return int(moved.max() - moved.min()) + 1


def _open(net: nn.Module) -> nn.Module:
    """Copy a network with equal positive weights, in float64: over many layers the outermost path grows faint."""
    net = nn.Sequential(meta_copy(net)).to_empty(device="cpu").double()
    for p in net.parameters():
        nn.init.constant_(p, 1 / p.shape[1:].numel())
    for parent in list(net.modules()):
        if reset := getattr(parent, "reset_running_stats", None):
            reset()
        for name, child in parent.named_children():
            if isinstance(child, nn.MaxPool2d):
                setattr(parent, name, nn.AvgPool2d(child.kernel_size, child.stride, child.padding, child.ceil_mode))
            elif isinstance(child, nn.ReLU6):
                setattr(parent, name, nn.ReLU())
    return net


def _see(field: Field, node: fx.Node, module: nn.Module | None, height: int, left: int) -> Field:
    """Extend a field by one step of the graph, which makes `left` rows of `height`."""
    if isinstance(module, WINDOWS):
        return field.through(*_window(module))
    if "above" in node.meta or isinstance(module, nn.ConstantPad2d):
        return field.through(1, padding=module.padding[2] if isinstance(module, nn.ConstantPad2d) else node.meta["above"])
    name = type(module).__name__ if module else getattr(node.target, "__name__", str(node.target))
    even = isinstance(module, ADAPTIVE) and height % left == 0
    pointwise = height == left and "conv" not in name.lower() and "pool" not in name.lower()
    if left == 1 or even or pointwise:
        return field.through(height // left, height // left)
    raise ValueError(f"cannot tell which pixels {name} sees, {height} rows in and {left} out: use modules with a fixed window")


def _window(module: Any) -> tuple[int, int, int]:
    size, stride, dilation = (_first(getattr(module, name, 1)) for name in ("kernel_size", "stride", "dilation"))
    window = dilation * (size - 1) + 1
    if isinstance(module.padding, str):
        return window, stride, {"same": (window - 1) // 2, "valid": 0}[module.padding]
    return window, stride, _first(module.padding)


def _union(fields: list[Field]) -> Field:
    strides = {field.stride for field in fields}
    if len(strides) != 1:
        raise ValueError(f"branches that meet must have one stride, got {sorted(strides)}")
    first = min(field.offset for field in fields)
    return Field(max(field.offset + field.size for field in fields) - first, strides.pop(), first)


def _height(node: fx.Node) -> int:
    shape = node.meta["shape"]
    return shape[2] if len(shape) == 4 else 1


def _first(value: int | tuple[int, ...]) -> int:
    return value if isinstance(value, int) else value[0]
