"""Lay out a dense block as stairs: a bar of channels that grows by a piece with every layer, and the layers next to it."""

from typing import Any, cast

from cnnlib.diagrams.flow import WIDEST, Flow
from cnnlib.diagrams.parts import Chain, Fork, Part, Step
from cnnlib.diagrams.sheet import Sheet
from cnnlib.diagrams.text import LINE, SIZE, width, wrap

FEWEST = 3  # layers that make stairs
BAR = 22  # the height of a bar
DROP, REST = 22, 12  # from the middle of a bar down to the next layer, and from the layer to the middle of the next bar
NOTE = "Each bar is a concatenation: the input and what every layer added, with their channels."


def fits(chain: Chain) -> bool:
    """Tell whether a chain is an input and dense layers, each drawn as one box, and nothing else."""
    return len(chain.parts) > FEWEST and all(_is_layer(part) for part in chain.parts[1:])


def _is_layer(part: Part) -> bool:
    if not isinstance(part, Fork) or part.join.kind != "concatenation" or len(part.branches) != 2:
        return False
    body, bare = part.branches
    return not bare.parts and len(body.parts) == 1 and isinstance(body.parts[0], Step)


def draw(sheet: Sheet, chain: Chain, room: float) -> tuple[float, float]:
    """Draw a dense block within `room` pixels; returns its width and height."""
    box = min(WIDEST - 16, 0.32 * room)
    flow, left = Flow(sheet, box, 0), box + 0.05 * room  # of the bars
    parts = cast(tuple[Any, ...], chain.parts)  # a box, and forks of two branches: see `fits`
    image, *layers = parts
    bodies = [layer.branches[0].parts[0] for layer in layers]
    first = f"input: {image.shape}"
    words = max(width(first), width(layers[-1].join.shape)) + 8
    scale = (room - left - words) / sum(layers[-1].join.pieces)
    y = BAR / 2
    _draw_bar(sheet, left, y, (image.output[0],), scale, first)
    for layer, body in zip(layers, bodies, strict=True):
        pieces, top, height = layer.join.pieces, y + DROP, flow.height(body, box)
        below = top + height + REST
        ends = left + sum(pieces[:-1]) * scale, left + sum(pieces) * scale
        sheet.shade(left, y + BAR / 2 + 1, ends[0] - left, below - y - BAR - 2)
        sheet.line([(left, y), (box / 2, y), (box / 2, top)], arrow=True)
        flow.draw_step(body, 0, top, box)
        new = sum(ends) / 2
        sheet.line([(box, top + height / 2), (new, top + height / 2), (new, below - BAR / 2)], arrow=True)
        _draw_bar(sheet, left, below, pieces, scale, layer.join.shape)
        y = below
    note = wrap(NOTE, room)
    sheet.lines(room / 2, y + BAR, [(line, False) for line in note])
    return room, y + BAR + len(note) * LINE


def _draw_bar(sheet: Sheet, x: float, y: float, pieces: tuple[int, ...], scale: float, shape: str) -> None:
    """Draw the maps that are there, one piece per layer, with their channels where these fit."""
    baseline = y + 0.36 * SIZE
    for i, piece in enumerate(pieces):
        sheet.piece(x, y - BAR / 2, piece * scale, BAR, i)
        if width(str(piece)) + 2 <= piece * scale:
            sheet.text(x + piece * scale / 2, baseline, str(piece))
        x += piece * scale
    sheet.text(x + 8, baseline, shape, anchor="start")
