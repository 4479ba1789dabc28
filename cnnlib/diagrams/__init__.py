"""Architectures drawn from the networks themselves: stages, shapes, branches, sums and concatenations."""

from collections.abc import Callable

from torch import nn

from cnnlib.detection.detector import Detector
from cnnlib.diagrams import flow, ladder, staircase, volumes
from cnnlib.diagrams.detectors import pipeline
from cnnlib.diagrams.layers import is_chain
from cnnlib.diagrams.parts import Chain, sentence
from cnnlib.diagrams.reading import inside, stages
from cnnlib.diagrams.sheet import MARGIN, NARROW, WIDE, Diagram, Sheet
from cnnlib.meta import Shape
from cnnlib.models.fcn import SkipNet

__all__ = ["Diagram", "drawing", "network"]


def network(net: nn.Module, shape: Shape = (3, 224, 224), name: str = "", parameters: bool = False) -> Diagram:
    """Draw a network, a block or a detector that reads one input of `shape`, (C, H, W) or (D,).

    A Sequential with named stages is drawn as volumes, one per stage, with their `parameters` if wanted. A block, a Sequential
    without names, an FCN and a detector are drawn as boxes, layer by layer, with their branches, sums and concatenations. A
    module that is not known is a box with its name. Raises ValueError if the input does not fit.

    >>> network(nn.Sequential(nn.Conv2d(3, 8, 5), nn.ReLU(), nn.Flatten(), nn.Linear(72, 10)), (3, 7, 7), "a small network")
    Drawing of a small network: 3 × 7 × 7 → 10
    """
    _check(net, shape)
    if is_chain(net) and any(not key.isdigit() for key in net._modules):
        boxes = stages(net, shape, parameters)
        chain, draw = Chain(tuple(boxes)), lambda sheet, room: volumes.draw(sheet, boxes, room)
    else:
        chain = pipeline(net, shape) if isinstance(net, Detector) else inside(net, shape)
        layout = ladder if isinstance(net, SkipNet) else staircase if staircase.fits(chain) else flow
        draw = lambda sheet, room: layout.draw(sheet, chain, room)  # noqa: E731    as short as the other
    title = f"{name or type(net).__name__}: {' → '.join(filter(None, (chain.parts[0].shape, chain.parts[-1].shape)))}"
    return drawing(title, sentence(chain), draw)


def drawing(title: str, words: str, draw: Callable[[Sheet, float], tuple[float, float]]) -> Diagram:
    """Make a drawing of what `draw` puts on a sheet of some width; it returns the width and height that it used.

    `words` say what the drawing shows, for those who cannot see it.
    """
    svgs = []
    for width in (WIDE, NARROW):
        sheet = Sheet()
        used = draw(sheet, width - 2 * MARGIN)
        svgs.append(sheet.svg(*used, title))
    return Diagram(title, f"{title}. {words}.", *svgs)


def _check(net: nn.Module, shape: Shape) -> None:
    if not isinstance(net, nn.Module):
        raise ValueError(f"a network must be an nn.Module, got a {type(net).__name__}")
    if is_chain(net) and not net._modules:
        raise ValueError("a network must have at least one layer, got none")
    if not isinstance(shape, tuple | list) or not shape or not all(isinstance(side, int) and side > 0 for side in shape):
        raise ValueError(f"shape must be that of one input, such as (3, 224, 224), got {shape!r}")
