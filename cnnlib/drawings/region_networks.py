"""Drawings of two networks that lesson 10 describes and does not train: the feature pyramid network and Mask R-CNN."""

from cnnlib.diagrams import Diagram, drawing, flow
from cnnlib.diagrams.flow import RADIUS, Flow
from cnnlib.diagrams.parts import Chain, Fork, Step, sentence
from cnnlib.diagrams.sheet import Sheet

SIDE, STAGES = 256, {2: 256, 3: 512, 4: 1024, 5: 2048}  # pixels of the image; channels of ResNet-50's stages C2 to C5
NARROWEST_GAP = 12  # pixels between two columns
WIDTH = 256  # channels of every level of the pyramid


def feature_pyramid() -> Diagram:
    """Draw the feature pyramid network on ResNet-50 (Lin et al. 2016, figure 3), for an image of 256 x 256.

    >>> feature_pyramid()
    Drawing of a feature pyramid network: 3 × 256 × 256 → four maps of 256 channels
    """
    levels = [
        f"stage C{k} (stride {2**k}, {SIDE >> k} × {SIDE >> k}), then a 1×1 convolution"
        + (f", plus the upsampled map of level {k + 1}" if k < max(STAGES) else "")
        + f", then a 3×3 convolution to P{k}"
        for k in STAGES
    ]
    title = f"a feature pyramid network: 3 × {SIDE} × {SIDE} → four maps of {WIDTH} channels"
    return drawing(title, f"From fine to coarse: {'; '.join(levels)}", _draw_pyramid)


def _draw_pyramid(sheet: Sheet, room: float) -> tuple[float, float]:
    """Draw four columns: the stages, which go down; the 1x1 convolutions; the sums, which go up; and the levels."""
    box = min(150, (room - 3 * NARROWEST_GAP) / 4)
    gap = (room - 4 * box) / 3
    pen, x = Flow(sheet, box, 0), [box / 2 + i * (box + gap) for i in range(4)]
    rows = {k: _row(k) for k in STAGES}
    up = Step("", "2 times as large", kind="upsampling")
    height = max(pen.height(step, box) for row in rows.values() for step in row)
    between = height + pen.height(up, box) / 2 + 4
    for i, (k, (stage, lateral, level)) in enumerate(rows.items()):
        y, has_sum = height / 2 + i * between, k < max(STAGES)
        for column, step in ((0, stage), (1, lateral), (3, level)):
            pen.draw_step(step, x[column] - box / 2, y - pen.height(step, box) / 2, box)
        sheet.line([(x[0] + box / 2, y), (x[1] - box / 2, y)], arrow=True)
        sheet.line([(x[2] + RADIUS * has_sum, y), (x[3] - box / 2, y)], arrow=True)
        sheet.line([(x[1] + box / 2, y), (x[2] - RADIUS * has_sum, y)], arrow=has_sum)
        if has_sum:
            sheet.plus(x[2], y, RADIUS)
            _draw_way_up(pen, up, x[2], y + between - (RADIUS if k + 1 < max(STAGES) else 0), y + RADIUS)
            below = y + between - pen.height(rows[k + 1][0], box) / 2
            sheet.line([(x[0], y + pen.height(stage, box) / 2), (x[0], below)], arrow=True)
    return x[3] + box / 2, height + (len(rows) - 1) * between


def _row(k: int) -> tuple[Step, Step, Step]:
    side = SIDE >> k
    stage = Step(f"C{k}", f"stride {2**k}, {STAGES[k]:,} channels", (side, side), "block")
    lateral = Step("", "1×1 convolution", (WIDTH, side, side), "convolution")
    return stage, lateral, Step(f"P{k}", "3×3 convolution", (WIDTH, side, side), "convolution")


def _draw_way_up(pen: Flow, step: Step, x: float, start: float, end: float) -> None:
    """Draw the upsampling half way between the row below and the sum above."""
    height = pen.height(step, pen.box)
    top = (start + end - height) / 2
    pen.draw_step(step, x - pen.box / 2, top, pen.box)
    pen.sheet.line([(x, start), (x, top + height)], arrow=True)
    pen.sheet.line([(x, top), (x, end)], arrow=True)


def mask_rcnn(classes: int = 80) -> Diagram:
    """Draw what Mask R-CNN (He et al. 2017, figure 4, right) does with each proposal, from the maps of a feature pyramid.

    >>> mask_rcnn()
    Drawing of Mask R-CNN, one proposal: 256 × 7 × 7 and 256 × 14 × 14 → class, box, mask
    """
    hidden = Step("two hidden layers", "fully connected, ReLU", (1024,), "linear")
    scores = Step("class", "softmax with background", (classes + 1,), "linear")
    deltas = Step("box deltas", "per class", (classes, 4), "linear")
    small, large = (Step("RoIAlign", "", (WIDTH, n, n), "pooling") for n in (7, 14))
    four = Step("four 3×3 convolutions", "", (WIDTH, 14, 14), "convolution")
    up = Step("2×2 transposed convolution", "stride 2", (WIDTH, 28, 28), "upsampling")
    mask = Step("mask", "1×1 convolution, one sigmoid per pixel and class", (classes, 28, 28), "convolution")
    end = Step("three losses, added up", "class, box and mask", (), "other")
    boxes = Chain(
        (small, hidden, Fork((Chain((scores,)), Chain((deltas,))), Step("", "two losses, as in Fast R-CNN", (), "other")))
    )
    parts = (Step("feature map", "and a proposal", (), "data"), Fork((boxes, Chain((large, four, up, mask))), end))
    title = "Mask R-CNN, one proposal: 256 × 7 × 7 and 256 × 14 × 14 → class, box, mask"
    return drawing(title, sentence(Chain(parts)), lambda sheet, room: flow.draw(sheet, Chain(parts), room))
