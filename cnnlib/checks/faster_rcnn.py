"""Checks of lesson 09: a region pooled from a map, the two losses, anchors and what they learn."""

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from cnnlib.checks.engine import Check, random

columns = Check(
    "columns",
    reference=8,
    mistakes={
        "both ends belong to the region: from column 2 to column 9 there are eight": 7,
        "7.25 has no place on a map; the ends are rounded first: 2.25 and 9.25": 7.25,
        "the ends are rounded to the nearest column, not outwards: 9.25 becomes 9": 9,
        "that is its width in pixels of the image; the map has a stride of 4": 28,
    },
    hints=[
        "Where do the two ends lie on the map? Divide by the stride, then round each.",
        "9 / 4 becomes 2 and 37 / 4 becomes 9. Columns 2, 3, ..., 9, both ends included.",
    ],
)


def _nearest(value: float) -> int:
    return math.floor(value + 0.5)


def _pool(
    x: Tensor,
    roi: Tensor,
    size: int,
    scale: float,
    whole: Callable[[float], int] = _nearest,
    reduce: Callable[[Tensor, int], Tensor] = F.adaptive_max_pool2d,
    more: int = 1,
) -> Tensor:
    """Cut the region out of the map of its image and reduce it to size x size."""
    image, *corners = roi.tolist()
    x1, y1, x2, y2 = (whole(corner * scale) for corner in corners)
    return reduce(x[int(image), :, y1 : y2 + more, x1 : x2 + more], size)


def _apart(region: Tensor, size: int) -> Tensor:
    """Keep the maxima of bins that share no pixel: (C, h, w) -> (C, size, size)."""
    (_, h, w), steps = region.shape, range(size)
    rows, columns = ([slice(i * side // size, (i + 1) * side // size) for i in steps] for side in (h, w))
    return torch.stack([torch.stack([region[:, row, column].amax((1, 2)) for column in columns], 1) for row in rows], 1)


def _of_whole_steps(region: Tensor, size: int) -> Tensor:
    """Keep the maxima of bins of h // size rows and w // size columns: (C, h, w) -> (C, size, size)."""
    _, h, w = region.shape
    return F.max_pool2d(region, (h // size, w // size))[:, :size, :size]


def _pooled_outwards(x: Tensor, roi: Tensor, size: int, scale: float) -> Tensor:
    image, x1, y1, x2, y2 = roi.tolist()
    (left, top), (right, bottom) = (
        [whole(one * scale) for one in corner] for whole, corner in ((math.floor, (x1, y1)), (math.ceil, (x2, y2)))
    )
    return F.adaptive_max_pool2d(x[int(image), :, top : bottom + 1, left : right + 1], size)


def _with(roi: Tensor, order: list[int]) -> Tensor:
    return roi[order]


pool = Check(
    "pool",
    reference=_pool,
    cases=[
        dict(x=random(3, 5, 29, 31), roi=torch.tensor([2, 5.0, 2.2, 27.3, 15.2]).double(), size=4, scale=1 / 2),
        dict(x=random(2, 3, 19, 17, seed=1), roi=torch.tensor([1, 1.2, 3.4, 14.8, 15.3]).double(), size=2, scale=1 / 3),
        dict(x=random(4, 2, 17, 23, seed=2), roi=torch.tensor([3, 8.9, 6.2, 13.1, 12.8]).double(), size=3, scale=1 / 2),
    ],
    mistakes={
        "the first number is ignored; it says which image of the batch the region lies in": lambda x, roi, size, scale: _pool(
            x[:1].expand_as(x), roi, size, scale
        ),
        "x and y are exchanged; x1 and x2 cut columns out, y1 and y2 rows": lambda x, roi, size, scale: _pool(
            x, _with(roi, [0, 2, 1, 4, 3]), size, scale
        ),
        "the numbers are taken for x, y, width and height; they are two corners": lambda x, roi, size, scale: _pool(
            x, torch.cat([roi[:3], roi[1:3] + roi[3:]]), size, scale
        ),
        "`scale` is ignored; the corners are pixels of the image": lambda x, roi, size, scale: _pool(x, roi, size, 1.0),
        "the last row and column are missing; both ends belong to the region": lambda x, roi, size, scale: _pool(
            x, roi, size, scale, more=0
        ),
        "`round` takes 2.5 to 2, the even number; `floor(value + 0.5)` is asked": lambda x, roi, size, scale: _pool(
            x, roi, size, scale, whole=round
        ),
        "the corners are cut off to whole numbers; they are rounded to the nearest": lambda x, roi, size, scale: _pool(
            x, roi, size, scale, whole=int
        ),
        "the corners are rounded outwards; they are rounded to the nearest": _pooled_outwards,
        "rows and columns of bins are exchanged in the result": lambda x, roi, size, scale: _pool(
            x, roi, size, scale
        ).transpose(1, 2),
        "a bin is h // size rows high; what is left over at the end belongs to none": lambda x, roi, size, scale: _pool(
            x, roi, size, scale, reduce=_of_whole_steps
        ),
        "the bins are averaged; take the largest number": lambda x, roi, size, scale: _pool(
            x, roi, size, scale, reduce=F.adaptive_avg_pool2d
        ),
        "a bin ends too early; it reaches up to the ceiling of (i + 1) h / size": lambda x, roi, size, scale: _pool(
            x, roi, size, scale, reduce=lambda region, n: _apart(region, n) if min(region.shape[1:]) >= n else region
        ),
    },
    hints=[
        "`image, x1, y1, x2, y2 = roi.tolist()`; the corners times `scale`, rounded: `math.floor(value + 0.5)`. Cut out first.",
        "The piece is `x[int(image), :, y1 : y2 + 1, x1 : x2 + 1]`, h rows and w columns.",
        "Bins in row i: rows i * h // size up to -(-(i + 1) * h // size), without that one; columns likewise; `.amax((1, 2))`.",
    ],
)

shifted = Check(
    "shifted",
    reference=18 * 18 / (2 * 400 - 18 * 18),
    mistakes={
        "that is the shift along one axis alone": 18 / 22,
        "that is the intersection over one box; the union is larger": 18 * 18 / 400,
        "the intersection is counted twice in the union: subtract it once": 18 * 18 / 800,
        "that is one side; the boxes are shifted along both": 0.9,
        "the intersection is 18 x 18: each side loses 2 pixels, not 4": 16 * 16 / (2 * 400 - 16 * 16),
    },
    hints=["The boxes share 18 x 18 pixels. Their union is both areas less that.", "324 / (400 + 400 - 324)."],
    within=0.004,
)

last_layer = Check(
    "last_layer",
    reference="b",
    choices=("a", "b", "c"),
    mistakes={
        "that is R-CNN and SPPNet; nothing of an SVM reaches the convolutions, and these features lie on no disk": "a",
        "one set of scores serves both: the softmax that is learned is the one that detects": "c",
    },
    hints=[
        "An SVM is fitted to features that stand still. What has to stand there so that the layers below it can learn too?",
        "A softmax with one place more, for the background; beside it a layer of 4 K numbers; one loss, the sum of two.",
    ],
)

Fold = Callable[[Tensor], Tensor]


def _smooth(distance: Tensor) -> Tensor:
    near = distance.abs() < 1
    return torch.where(near, distance**2 / 2, distance.abs() - 0.5)


def _box_loss(
    deltas: Tensor,
    classes: Tensor,
    targets: Tensor,
    of: Fold = _smooth,
    row: int = -1,
    count: Callable[[Tensor], int] = len,
) -> Tensor:
    positive = classes > 0
    told = deltas[positive, classes[positive] + row]
    return of(told - targets[positive]).sum() / count(classes)


def _with_background(deltas: Tensor, classes: Tensor, targets: Tensor) -> Tensor:
    return _smooth(deltas[torch.arange(len(classes)), classes - 1] - targets).sum() / len(classes)


def _of_all_classes(deltas: Tensor, classes: Tensor, targets: Tensor) -> Tensor:
    positive = classes > 0
    return _smooth(deltas[positive] - targets[positive][:, None]).sum() / len(classes)


# No region is of the last class, whose number is no row: a forgotten -1 is then named, where torch would raise an IndexError.
box_loss = Check(
    "box_loss",
    gradients=("deltas",),
    reference=_box_loss,
    cases=[
        dict(
            deltas=2 * random(7, 5, 4),
            classes=torch.tensor([3, 0, 1, 4, 0, 2, 4]),
            targets=random(7, 4, seed=1),
        ),
        dict(deltas=random(3, 2, 4, seed=2), classes=torch.tensor([0, 0, 0]), targets=random(3, 4, seed=3)),
        dict(deltas=2 * random(5, 3, 4, seed=4), classes=torch.tensor([2, 0, 0, 1, 2]), targets=random(5, 4, seed=5)),
    ],
    mistakes={
        "divided by the regions that hold an object (or by 1); divide by all R": lambda deltas, classes, targets: _box_loss(
            deltas, classes, targets, count=lambda c: max(int((c > 0).sum()), 1)
        ),
        "the mean over no objects is 0 / 0, NaN; divide by all R": lambda deltas, classes, targets: _box_loss(
            deltas, classes, targets, count=lambda c: int((c > 0).sum())
        ),
        "divided by 4 R; the four numbers of a box are added up": lambda deltas, classes, targets: (
            _box_loss(deltas, classes, targets) / 4
        ),
        "not divided at all; the loss is a mean over the R regions": lambda deltas, classes, targets: (
            _box_loss(deltas, classes, targets) * len(classes)
        ),
        "class k stands in row k - 1: there is no row for the background": lambda deltas, classes, targets: _box_loss(
            deltas, classes, targets, row=0
        ),
        "the background learns boxes too; class 0 has none": _with_background,
        "the rows of all classes learn; only that of the true class does": _of_all_classes,
        "the squares are not halved; within 1 the loss is d^2 / 2, beyond it |d| - 1/2": lambda deltas, classes, targets: (
            _box_loss(deltas, classes, targets, of=lambda d: torch.where(d.abs() < 1, d**2, d.abs()))
        ),
        "that is d^2 everywhere; within 1 it is half of that, beyond 1 it goes straight on": lambda deltas, classes, targets: (
            _box_loss(deltas, classes, targets, of=torch.square)
        ),
        "it goes straight on from 1/9, as the RPN's in the authors' code; here from 1 on": lambda deltas, classes, targets: (
            _box_loss(deltas, classes, targets, of=lambda d: F.smooth_l1_loss(d, 0 * d, reduction="none", beta=1 / 9))
        ),
        "|d| without the bars: a delta that is too small counts as well": lambda deltas, classes, targets: _box_loss(
            deltas, classes, targets, of=lambda d: torch.where(d < 1, d**2 / 2, d - 0.5)
        ),
        "that is the squared distance; beyond 1 the loss goes straight on": lambda deltas, classes, targets: _box_loss(
            deltas, classes, targets, of=lambda d: d**2 / 2
        ),
        "that is the absolute distance; within 1 it is half the square": lambda deltas, classes, targets: _box_loss(
            deltas, classes, targets, of=torch.abs
        ),
    },
    hints=[
        "`positive = classes > 0` picks the regions that learn a box, and `classes[positive] - 1` their row of `deltas`.",
        '`F.smooth_l1_loss(a, b, reduction="sum")` is the sum; of nothing, as in the second case, it is 0 (a mean: NaN).',
        '`F.smooth_l1_loss(deltas[positive, classes[positive] - 1], targets[positive], reduction="sum") / len(classes)`.',
    ],
)


def _lay(
    height: int,
    width: int,
    stride: int,
    sizes: Tensor,
    ratios: Tensor,
    centre: float = 0.5,
    shape: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]] = lambda size, ratio: (size / ratio.sqrt(), size * ratio.sqrt()),
    corners: Callable[[Tensor, Tensor, Tensor, Tensor], list[Tensor]] = lambda x, y, w, h: [
        x - w / 2,
        y - h / 2,
        x + w / 2,
        y + h / 2,
    ],
    order: str = "yxsr",
) -> Tensor:
    """Lay the anchors on axes named y, x, s (sizes), r (ratios), in any order."""
    axes = {
        "y": (torch.arange(height, dtype=sizes.dtype) + centre) * stride,
        "x": (torch.arange(width, dtype=sizes.dtype) + centre) * stride,
        "s": sizes,
        "r": ratios,
    }
    grid = dict(zip(order, torch.meshgrid(*(axes[name] for name in order), indexing="ij"), strict=True))
    w, h = shape(grid["s"], grid["r"])
    return torch.stack(corners(grid["x"], grid["y"], w, h), -1).flatten(0, 3)


lay = Check(
    "lay",
    reference=_lay,
    cases=[
        dict(height=3, width=5, stride=4, sizes=torch.tensor([7.0, 11]).double(), ratios=torch.tensor([0.5, 1, 2]).double()),
        dict(height=2, width=7, stride=16, sizes=torch.tensor([13.0, 29, 51]).double(), ratios=torch.tensor([3.0]).double()),
        dict(height=5, width=2, stride=8, sizes=torch.tensor([19.0]).double(), ratios=torch.tensor([0.25, 1.5]).double()),
    ],
    mistakes={
        "an anchor sits on its cell's corner; the centre of cell j is (j + 0.5) stride": partial(_lay, centre=0.0),
        "width and height are exchanged; the ratio is height / width": partial(
            _lay, shape=lambda size, ratio: (size * ratio.sqrt(), size / ratio.sqrt())
        ),
        "the area is not size^2; size sqrt(ratio) is the height, size / sqrt(ratio) the width": partial(
            _lay, shape=lambda size, ratio: (size, size * ratio)
        ),
        "the area is not size^2; take the root of the ratio": partial(
            _lay, shape=lambda size, ratio: (size / ratio, size * ratio)
        ),
        "those are centres and sizes; two corners are asked": partial(_lay, corners=lambda x, y, w, h: [x, y, w, h]),
        "the corners lie a whole width and height from the centre; half of each is enough": partial(
            _lay, corners=lambda x, y, w, h: [x - w, y - h, x + w, y + h]
        ),
        "x and y of the centres are exchanged; x counts columns, y rows": partial(
            _lay, corners=lambda x, y, w, h: [y - w / 2, x - h / 2, y + w / 2, x + h / 2]
        ),
        "x and y are exchanged": partial(_lay, corners=lambda x, y, w, h: [y - h / 2, x - w / 2, y + h / 2, x + w / 2]),
        "`stride` is ignored; anchors are pixels of the image": lambda height, width, stride, sizes, ratios: _lay(
            height, width, 1, sizes, ratios
        ),
        "the order is columns before rows; a row of cells comes first": partial(_lay, order="xysr"),
        "the order is ratios before sizes": partial(_lay, order="yxrs"),
        "the order is sizes and ratios before cells; all anchors of a cell stand together": partial(_lay, order="sryx"),
    },
    hints=[
        "Two parts: the A shapes of one cell, `[-w, -h, w, h] / 2`, and the centres of all cells, `[x, y, x, y]`. Add them.",
        "`w, h = (sizes[:, None] / ratios.sqrt()).flatten(), (sizes[:, None] * ratios.sqrt()).flatten()`: (A,) each.",
        'Centres: `torch.meshgrid(rows, columns, indexing="ij")`, stacked to (H, W, 4); `centres[:, :, None] + shapes` is '
        "(H, W, A, 4); then `.flatten(0, 2)`.",
    ],
)

logits = Check(
    "logits",
    reference=9_234,
    mistakes={
        "that is one score an anchor (A); the paper has two of them (2A)": 4_617,
        "the biases are missing: one for each of the 18 outputs": 9_216,
        "that is one score an anchor, with the biases of two": 4_626,
        "that is one score an anchor, and the biases are missing": 4_608,
        "that is the layer of boxes: four numbers an anchor": 18_468,
        "that is one anchor; there are nine at each place": 1_026,
        "the layer is 1x1; the 3x3 one stands before it": 82_962,
        "the same weights serve all 2,400 places": 22_161_600,
    },
    hints=["How many outputs has it at each place? Two for each of nine anchors.", "18 outputs, each 512 weights and a bias."],
)

BACKGROUND, LEFT_OUT = -1, -2


def _assign(overlap: Tensor, positive: float, negative: float, best: bool = True, between: int = LEFT_OUT) -> Tensor:
    most, number = overlap.max(1)
    chosen = most >= positive
    if best:
        chosen = chosen | (overlap == overlap.amax(0)).any(1)
    return torch.where(chosen, number, torch.where(most < negative, BACKGROUND, between))


def _background_last(overlap: Tensor, positive: float, negative: float) -> Tensor:
    most = overlap.amax(1)
    return torch.where(most < negative, BACKGROUND, _assign(overlap, positive, negative))


def _best_alone(overlap: Tensor, positive: float, negative: float) -> Tensor:
    return _assign(overlap, 2.0, negative)


def _background_with_one(overlap: Tensor, positive: float, negative: float) -> Tensor:
    matches = _assign(overlap, positive, negative)
    return torch.where((matches < 0) & (overlap < negative).any(1), BACKGROUND, matches)


def _own_object(overlap: Tensor, positive: float, negative: float) -> Tensor:
    matches = _assign(overlap, positive, negative, best=False)
    for t, anchor in enumerate(overlap.argmax(0).tolist()):
        matches[anchor] = t
    return matches


def _exchanged(overlap: Tensor, positive: float, negative: float) -> Tensor:
    matches = _assign(overlap, positive, negative)
    return torch.where(matches < 0, BACKGROUND + LEFT_OUT - matches, matches)


def _first_object(overlap: Tensor, positive: float, negative: float) -> Tensor:
    matches = _assign(overlap, positive, negative)
    return torch.where(matches >= 0, 0, matches)


OVERLAPS = [
    [0.82, 0.05, 0.03],
    [0.45, 0.10, 0.02],
    [0.12, 0.55, 0.20],
    [0.08, 0.40, 0.11],
    [0.04, 0.07, 0.25],
    [0.02, 0.09, 0.21],
    [0.71, 0.15, 0.06],
    [0.70, 0.19, 0.14],  # exactly `positive`
    [0.30, 0.16, 0.13],  # exactly `negative`
    [0.33, 0.47, 0.01],
    [0.17, 0.24, 0.18],
]
TAKEN = [  # the first anchor is the best of two objects, the second that of one and overlaps another more
    [0.61, 0.48, 0.05],
    [0.42, 0.17, 0.36],
    [0.33, 0.21, 0.12],
    [0.08, 0.26, 0.31],
    [0.15, 0.04, 0.22],
]

assign = Check(
    "assign",
    reference=_assign,
    cases=[
        dict(overlap=torch.tensor(OVERLAPS, dtype=torch.float64), positive=0.7, negative=0.3),
        dict(
            overlap=torch.tensor([[0.35, 0.20], [0.62, 0.10], [0.58, 0.45], [0.30, 0.52], [0.41, 0.05]], dtype=torch.float64),
            positive=0.6,
            negative=0.4,
        ),
        dict(overlap=torch.tensor(TAKEN, dtype=torch.float64), positive=0.7, negative=0.3),
    ],
    mistakes={
        "an object whose best anchor is below `positive` gets none; its best anchor is positive all the same": (
            lambda overlap, positive, negative: _assign(overlap, positive, negative, best=False)
        ),
        "the best anchor of an object stays background where it is below `negative`; that rule comes last": _background_last,
        "between the two thresholds an anchor learns nothing (-2); it is not background": (
            lambda overlap, positive, negative: _assign(overlap, positive, negative, between=BACKGROUND)
        ),
        "anchors between the thresholds are positive": lambda overlap, positive, negative: _assign(overlap, negative, negative),
        "only the best anchor of each object is positive; all from `positive` on are": _best_alone,
        "an anchor of exactly `positive` is positive too (>=)": lambda overlap, positive, negative: _assign(
            overlap, positive + 1e-6, negative
        ),
        "an anchor of exactly `negative` is not below it; it learns nothing": lambda overlap, positive, negative: _assign(
            overlap, positive, negative + 1e-6
        ),
        "the best anchor of an object may overlap another one more; then it is given to that": _own_object,
        "the thresholds are 0.7 and 0.3 whatever is asked; use `positive` and `negative`": lambda overlap, positive, negative: (
            _assign(overlap, 0.7, 0.3)
        ),
        "background is below `negative` with every object, not with one": _background_with_one,
        "-1 and -2 are exchanged: background is -1": _exchanged,
        "a match is the number of the object, not yes or no": lambda overlap, positive, negative: torch.where(
            _assign(overlap, positive, negative) >= 0, 1, _assign(overlap, positive, negative)
        ),
        "every positive anchor is given to object 0": _first_object,
        "the numbers of the objects begin with 0": lambda overlap, positive, negative: (
            _assign(overlap, positive, negative) + (_assign(overlap, positive, negative) >= 0)
        ),
    },
    hints=[
        "`most, number = overlap.max(1)`: for each anchor its largest IoU, and with which object.",
        "Start with -2 everywhere; -1 where `most < negative`; `number` where `most >= positive`.",
        "Last, `overlap.argmax(0)` is the best anchor of each object: `matches[best] = number[best]`, background or not.",
    ],
)

what_anchors_are = Check(
    "what_anchors_are",
    reference="b",
    choices=("a", "b", "c"),
    mistakes={
        "nothing of the image goes into an anchor: look at the arguments of the function that lays them": "a",
        "no anchor is a parameter; what is learned are the layers that answer at each of them": "c",
    },
    hints=[
        "Which inputs did your function `lay` have? Was the image among them?",
        "The anchors are the same for every image of that size. The answers, one score and four deltas at each, are predicted.",
    ],
)
