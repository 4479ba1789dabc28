"""Read a network's parts from its modules: each is run on torch's `meta` device, so that every shape is the network's own."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from cnnlib.diagrams.layers import kind, summary, words
from cnnlib.diagrams.parts import Chain, Fork, Link, Part, Step
from cnnlib.meta import Shape, meta_copy, run_on_meta
from cnnlib.models.densenet import DenseLayer
from cnnlib.models.fcn import SkipNet, pad_to_multiple
from cnnlib.models.inception import Branches
from cnnlib.models.resnet import Residual

LONG = 3  # blocks: from this number on, each is drawn as one box beside its shortcut


def shape_of(y: object) -> Shape:
    """Leave the batch out: (1, C, H, W) -> (C, H, W), and () for what is not one tensor."""
    return tuple(y.shape[1:]) if isinstance(y, Tensor) else ()


def stages(net: nn.Sequential, shape: Shape, parameters: bool = False) -> list[Step]:
    """List the input and the named children of a network as boxes."""
    found = [Step("input", "", tuple(shape), "data")]
    for name, child in zip(net._modules, meta_copy(net), strict=True):  # named_children leaves out the second use of a layer
        output = shape_of(run_on_meta(child, found[-1].output, name))
        said, main = summary(child)
        weights = sum(p.numel() for p in child.parameters())
        said += f", {weights:,} parameters" if parameters and weights else ""
        found.append(Step(name, said, output, main))
    return found


def inside(module: nn.Module, shape: Shape) -> Chain:
    """Open a block: its layers, branches, sums and concatenations, from the input on."""
    copied = meta_copy(module)
    run_on_meta(copied, shape, type(module).__name__)
    part, _ = read(copied, torch.empty(1, *shape, device="meta"))
    parts = part.parts if isinstance(part, Chain) else (part,)
    return Chain((Step("input", "", tuple(shape), "data"), *parts))


def read(module: nn.Module, x: Tensor, brief: str = "") -> tuple[Part, Tensor]:
    """Read one module on the meta device and send x through it; what is not known is a box with its name."""
    for known, reader in READERS.items():
        if type(module).forward is known.forward:
            return reader(module, x, brief)
    y = module(x)
    return Step("", words(module), shape_of(y), kind(module)), y


def _read_chain(net: nn.Sequential, x: Tensor, brief: str) -> tuple[Chain, Tensor]:
    children = list(net)
    is_long = sum(kind(child) == "block" for child in children) >= LONG
    parts: list[Link] = []
    for i, child in enumerate(children, 1):
        part, x = read(child, x, f"{words(child)} {i}" if is_long else "")
        if isinstance(child, DenseLayer) and isinstance(part, Fork) and parts:
            part = _extended(parts[-1], part)
        parts += part.parts if isinstance(part, Chain) else [part]
    return Chain(tuple(_share_boxes(parts))), x


def _share_boxes(parts: list[Link]) -> list[Link]:
    """Put pointwise layers into the box before them, or into the next one in a chain that begins with one."""
    is_before = bool(parts) and isinstance(parts[0], Step) and parts[0].kind == "pointwise"
    merged: list[Link] = []
    for part in parts:
        last = merged[-1] if merged else None
        if isinstance(last, Step) and isinstance(part, Step) and (last if is_before else part).kind == "pointwise":
            merged[-1] = Step("", f"{last.words}, {part.words}", part.output, part.kind if is_before else last.kind)
        else:
            merged.append(part)
    return merged


def _read_branches(block: Branches, x: Tensor, brief: str) -> tuple[Fork, Tensor]:
    branches = [_as_chain(read(branch, x)[0]) for branch in block.values()]
    y = block(x)
    return Fork(tuple(branches), _concatenation(y.shape[1:], [branch(x).shape[1] for branch in block.values()])), y


def _read_residual(block: Residual, x: Tensor, brief: str) -> tuple[Part, Tensor]:
    body, y = _body(block.body, x, brief), block(x)
    relu = Step("", words(block.relu), shape_of(y), "pointwise")
    if block.shortcut is None:
        return Chain((*body.parts, relu)), y
    is_bare = isinstance(block.shortcut, nn.Identity)
    shortcut = Chain((), "shortcut") if is_bare else _as_chain(read(block.shortcut, x)[0])
    return Chain((Fork((body, shortcut), Step("", "sum", shape_of(y), "sum")), relu)), y


def _read_dense(layer: DenseLayer, x: Tensor, brief: str) -> tuple[Fork, Tensor]:
    body, y = _body(layer.body, x, brief), layer(x)
    pieces = (x.shape[1], y.shape[1] - x.shape[1])
    return Fork((body, Chain((), "all earlier maps" if brief else "input")), _concatenation(y.shape[1:], pieces)), y


def _concatenation(shape: Shape, pieces: Sequence[int]) -> Step:
    said = f"concatenation of {' + '.join(map(str, pieces))} channels"
    return Step("", said, tuple(shape), "concatenation", tuple(pieces))


def _extended(before: Link, part: Fork) -> Fork:
    """List the maps that a dense layer found concatenated one by one, if it follows another dense layer."""
    if not isinstance(before, Fork) or before.join.kind != "concatenation":
        return part
    return Fork(part.branches, _concatenation(part.join.output, (*before.join.pieces, *part.join.pieces[1:])))


def _body(body: nn.Module, x: Tensor, brief: str) -> Chain:
    if brief:
        said, main = summary(body)
        return Chain((Step(brief, said, shape_of(body(x)), main),))
    return _as_chain(read(body, x)[0])


def _as_chain(part: Part) -> Chain:
    return part if isinstance(part, Chain) else Chain((part,))


def _read_skips(net: SkipNet, x: Tensor, brief: str) -> tuple[Chain, Tensor]:
    """Read an FCN: its stages, and the scores of the last ones, added up from coarse to fine."""
    padded, *_ = pad_to_multiple(x, math.prod(net.strides))
    maps, names = net.maps(padded), list(net.stages._modules)
    first = len(names) - len(net.scores)

    def stage(name: str) -> Step:
        said, main = summary(net.stages.get_submodule(name))
        return Step(name, said, shape_of(maps[name]), main)

    def scored(index: int) -> tuple[tuple[Link, ...], Tensor]:
        """Read all that scores the map of a stage and the coarser ones after it."""
        name = names[index]
        y = net.scores[name](maps[name])
        score = Step("score", words(net.scores[name]), shape_of(y), "convolution")
        if index + 1 == len(names):
            return (score,), y
        coarser, total = scored(index + 1)
        up, total = _upsampled(net.upsamplings[name], total)
        deep = Chain((stage(names[index + 1]), *coarser, up))
        return (Fork((deep, Chain((score,))), Step("", "sum", shape_of(total), "sum")),), total

    parts, total = scored(first)
    up, _ = _upsampled(net.to_image, total)
    y = net(x)
    cropped = Step(up.name, f"{up.words}, cropped to the image", shape_of(y), up.kind)
    return Chain((*map(stage, names[: first + 1]), *parts, cropped)), y


def _upsampled(layer: Any, x: Tensor) -> tuple[Step, Tensor]:
    """Read a transposed convolution."""
    y = layer(x)
    return Step(f"upsample ×{layer.stride[0]}", words(layer), shape_of(y), "upsampling"), y


READERS = {
    nn.Sequential: _read_chain,
    Branches: _read_branches,
    Residual: _read_residual,
    DenseLayer: _read_dense,
    SkipNet: _read_skips,
}
