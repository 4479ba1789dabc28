"""Drawing of U-Net, which lesson 08 describes and does not train."""

from cnnlib.diagrams import Diagram, drawing
from cnnlib.diagrams.flow import Flow
from cnnlib.diagrams.parts import Step
from cnnlib.diagrams.sheet import Sheet

SIDE, CHANNELS = 256, (64, 128, 256, 512, 1024)  # pixels of the image; channels of the five levels, from fine to coarse
COLOURS, CLASSES = 1, 2  # grey microscopy; cell and background
WIDEST, NARROWEST_GAP, ARROW = 196, 20, 14  # pixels: a box, the gap between two columns, an arrow from row to row


def unet() -> Diagram:
    """Draw U-Net (Ronneberger et al. 2015, figure 1), with padded convolutions, for an image of 256 x 256.

    The paper's convolutions are not padded, so that its maps lose two pixels with each of them.

    >>> unet()
    Drawing of U-Net: 1 × 256 × 256 → 2 × 256 × 256
    """
    levels = [
        f"{width} channels of {SIDE >> i} × {SIDE >> i} pixels"
        + (", kept and concatenated with the upsampled maps of the level below" if width < max(CHANNELS) else "")
        for i, width in enumerate(CHANNELS)
    ]
    title = f"U-Net: {COLOURS} × {SIDE} × {SIDE} → {CLASSES} × {SIDE} × {SIDE}"
    return drawing(title, f"From fine to coarse, two 3×3 convolutions on each way: {'; '.join(levels)}", _draw)


def _draw(sheet: Sheet, room: float) -> tuple[float, float]:
    """Draw three columns: the way down; the concatenations, with the upsampled maps; and the convolutions of the way up."""
    box = min(WIDEST, (room - 2 * NARROWEST_GAP) / 3)
    gap = (room - 3 * box) / 2
    pen, x = Flow(sheet, box, 2 * CHANNELS[-2]), [i * (box + gap) for i in range(3)]
    rows, ends = [_row(level) for level in range(len(CHANNELS))], _ends()
    high = max(pen.height(step, box) for row in rows for step in row)
    apart = high + 2 * ARROW + max(pen.height(step, box) for step in _between(0))
    first = max(pen.height(end, box) for end in ends) + ARROW + high / 2
    middles = [first + level * apart for level in range(len(rows))]
    for level, (row, y) in enumerate(zip(rows, middles, strict=True)):
        for left, step in zip(x, row, strict=False):
            pen.draw_step(step, left, y - pen.height(step, box) / 2, box)
        for left in x[: len(row) - 1]:
            sheet.line([(left + box, y), (left + box + gap, y)], arrow=True)
        if len(row) > 1:
            _draw_between(pen, level, x, y, y + apart)
    edge = first - pen.height(rows[0][0], box) / 2
    for left, end, is_input in zip((x[0], x[2]), ends, (True, False), strict=True):
        y = first - high / 2 - ARROW
        pen.draw_step(end, left, y - pen.height(end, box), box)
        _arrow(sheet, left + box / 2, *((y, edge) if is_input else (edge, y)))
    return x[-1] + box, middles[-1] + pen.height(rows[-1][0], box) / 2


def _arrow(sheet: Sheet, x: float, start: float, end: float) -> None:
    sheet.line([(x, start), (x, end)], arrow=True)


def _ends() -> tuple[Step, Step]:
    scores = Step("scores", "1×1 convolution", (CLASSES, SIDE, SIDE), "convolution")
    return Step("image", "", (COLOURS, SIDE, SIDE), "data"), scores


def _row(level: int) -> tuple[Step, ...]:
    """List the boxes of a level: the way down, what is concatenated, the way up; the coarsest has the first alone."""
    width, side = CHANNELS[level], SIDE >> level
    convolutions = Step("", "two 3×3 convolutions", (width, side, side), "convolution")
    if width == max(CHANNELS):
        return (convolutions,)
    joined = Step("", "concatenation", (2 * width, side, side), "concatenation", pieces=(width, width))
    return convolutions, joined, convolutions


def _between(level: int) -> tuple[Step, Step]:
    """Make the two boxes between a level and the one below it."""
    up = Step("", "2×2 transposed convolution", (CHANNELS[level], SIDE >> level, SIDE >> level), "upsampling")
    return Step("", "2×2 max pooling", (), "pooling"), up


def _draw_between(pen: Flow, level: int, x: list[float], above: float, below: float) -> None:
    """Draw the pool and the upsampling between two levels, whose boxes have their middles at `above` and `below`."""
    half, y, sheet = pen.box / 2, (above + below) / 2, pen.sheet
    (block, joined, *_), (pool, up) = _row(level), _between(level)
    block_edge, joined_edge, pool_edge, up_edge = (pen.height(step, pen.box) / 2 for step in (block, joined, pool, up))
    for left, step, edge in ((x[0], pool, pool_edge), (x[1], up, up_edge)):
        pen.draw_step(step, left, y - edge, pen.box)
    _arrow(sheet, x[0] + half, above + block_edge, y - pool_edge)
    _arrow(sheet, x[0] + half, y + pool_edge, below - block_edge)
    _arrow(sheet, x[1] + half, y - up_edge, above + joined_edge)
    if level + 2 == len(CHANNELS):
        sheet.line([(x[0] + pen.box, below), (x[1] + half, below), (x[1] + half, y + up_edge)], arrow=True)
    else:
        sheet.line([(x[2] + half, below - block_edge), (x[2] + half, y), (x[1] + pen.box, y)], arrow=True)
