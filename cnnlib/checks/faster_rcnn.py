"""Checks of lesson 10: a region pooled from a map, the losses of both stages, anchors and what they are trained on."""

import math
from collections.abc import Callable
from functools import partial
from itertools import combinations, pairwise, product

import torch
from torch import Tensor
from torch.nn import functional as F

from cnnlib.checks.engine import Check, Variants, but, digits, positional, random
from cnnlib.checks.engine.comparing import same

columns = Check(
    "columns",
    reference=lambda first, last: last - first + 1,
    mistakes={
        "{} leaves out one end; both belong to the region: the columns from {first} to {last}": lambda first, last: (
            last - first
        ),
        "{} is the width of the region on the map, without rounding; round its two ends first": lambda x1, x2: (
            (x2 - x1 + 1) / 4
        ),
        "9 is what you get if the ends are rounded outwards; 9.25 becomes 9, the nearest": 9,
        "{} is the width in pixels of the image; the map has a stride of 4": lambda x1, x2: x2 - x1,
        "{} counts pixels of the image, both ends included; the map has a stride of 4": lambda x1, x2: x2 - x1 + 1,
        "10 is what you get from column 1 on; 2.25 becomes 2": 10,
        "{} is the width on the map without rounding, and one column more; round the two ends first": (
            lambda x1, x2: (x2 - x1 + 5) / 4
        ),
        "{} leaves out both ends; the columns {first} and {last} belong to the region": lambda first, last: last - first - 1,
        "{} is x1 + x2; the region extends from x1 to x2": lambda x1, x2: x1 + x2,
        "{} is (x1 + x2) / 4; the region extends from x1 to x2": lambda x1, x2: (x1 + x2) / 4,
        "9.25 is where the region ends on the map; count the columns from its start to its end": 9.25,
        "16 is the number of columns of the whole map; count those of the region": 16,
        "12 is x1 + x2, 46, over 4, rounded; the region extends from x1 to x2": 12,
    },
    hints=[
        "Where are the two ends on the map? Divide each by the stride, then round it.",
        "{x1} / 4 becomes {first} and {x2} / 4 becomes {last}. Columns {first}, {second}, ..., {last}, both ends included.",
    ],
    variants=Variants(
        dict(x1=9, x2=37),
        dict(x1=13, x2=45),
        dict(x1=5, x2=49),
        dict(x1=17, x2=41),
        wording=["from x1 = {x1} to x2 = {x2} in the image"],
        derived=lambda x1, x2: dict(first=round(x1 / 4), second=round(x1 / 4) + 1, last=round(x2 / 4)),
    ),
)


def _distinct(*shape: int, step: int = 7) -> Tensor:
    """Make whole numbers from 1 on, all different, so that every bin has one maximum."""
    count = math.prod(shape)
    prime = next(n for n in range(count + 1, 3 * count) if all(n % k for k in range(2, n)))
    return (torch.arange(1, count + 1) * step % prime).double().reshape(shape)


def _nearest(value: float) -> int:
    return math.floor(value + 0.5)


def _up_to_ceiling(i: int, side: int, size: int) -> int:
    return -(-(i + 1) * side // size)


def _largest(region: Tensor, size: int, end: Callable[[int, int, int], int] = _up_to_ceiling) -> Tensor:
    """Keep the maximum of each of size x size bins, from i side // size up to `end`: (C, h, w) -> (C, size, size)."""
    for axis in (1, 2):
        side = region.shape[axis]
        starts = [i * side // size for i in range(size)]
        bins = [region.narrow(axis, a, min(end(i, side, size), side) - a).amax(axis) for i, a in enumerate(starts)]
        region = torch.stack(bins, axis)
    return region


def _of_starts_rounded_up(region: Tensor, size: int) -> Tensor:
    """Keep the maxima of bins whose start is rounded up as their end is: (C, h, w) -> (C, size, size)."""
    for axis in (1, 2):
        edges = [-(-i * region.shape[axis] // size) for i in range(size + 1)]
        bins = [region.narrow(axis, a, b - a).amax(axis) for a, b in pairwise(edges)]
        region = torch.stack(bins, axis)
    return region


def _sums(region: Tensor, size: int) -> Tensor:
    _, h, w = region.shape
    bins = [
        region[:, i * h // size : _up_to_ceiling(i, h, size), j * w // size : _up_to_ceiling(j, w, size)].sum((1, 2))
        for i in range(size)
        for j in range(size)
    ]
    return torch.stack(bins, 1).unflatten(1, (size, size))


def _of_whole_steps(region: Tensor, size: int) -> Tensor:
    """Keep the maxima of bins of h // size rows and w // size columns: (C, h, w) -> (C, size, size)."""
    _, h, w = region.shape
    return F.max_pool2d(region, (h // size, w // size))[:, :size, :size]


def _pool(
    x: Tensor,
    roi: Tensor,
    size: int,
    scale: float,
    start: Callable[[float], int] = _nearest,
    end: Callable[[float], int] = _nearest,
    reduce: Callable[[Tensor, int], Tensor] = _largest,
    more: int = 1,
) -> Tensor:
    """Cut the region out of the map of its image and reduce it to size x size."""
    image, *corners = roi.tolist()
    x1, y1, x2, y2 = (whole(corner * scale) for whole, corner in zip((start, start, end, end), corners, strict=True))
    return reduce(x[int(image), :, y1 : y2 + more, x1 : x2 + more], size)


def _pool_of_sides(x: Tensor, roi: Tensor, size: int, scale: float) -> Tensor:
    image, *numbers = roi.tolist()
    x1, y1, w, h = (_nearest(number * scale) for number in numbers)
    return _largest(x[int(image), :, y1 : y1 + h, x1 : x1 + w], size)


def _pool_cut(x: Tensor, roi: Tensor, scale: float) -> Tensor:
    """Cut the region out of its map: (N, C, H, W), (5,) -> (C, h, w)."""
    return _pool(x, roi, 0, scale, reduce=lambda region, size: region)


def _largest_of_chunks(region: Tensor, size: int) -> Tensor:
    """Keep the maxima of chunks of ceil(h / size) rows and ceil(w / size) columns: (C, h, w) -> (C, size, size)."""
    for axis in (1, 2):
        region = torch.stack([part.amax(axis) for part in region.split(-(-region.shape[axis] // size), axis)], axis)
    return region


MOST_PIXELS = 64  # of a map whose rectangles are all tried


def _pixels_of(got: Tensor, x: Tensor, roi: Tensor, size: int, scale: float) -> str:
    """Find the pixels of the map that were pooled, if any rectangle gives what the answer gave."""
    image, *corners = roi.tolist()
    x1, y1, x2, y2 = (_nearest(corner * scale) for corner in corners)
    told = f"the region has the rows {y1} to {y2} and the columns {x1} to {x2} of map {int(image)}"
    if x[0, 0].numel() > MOST_PIXELS:
        return told
    found = []
    for (top, bottom), (left, right) in product(*(combinations(range(side + 1), 2) for side in x.shape[2:])):
        piece = x[int(image), :, top:bottom, left:right]
        if min(piece.shape[1:]) >= size and same(got, _largest(piece, size)):
            found.append(f"; the rows {top} to {bottom - 1} and the columns {left} to {right - 1} give what came")
    return told + (found[0] if len(found) == 1 else "")


pool = Check(
    "pool",
    gradients=("x",),
    reference=_pool,
    cases=[
        dict(x=_distinct(2, 1, 5, 7), roi=torch.tensor([1, 1, 3, 9, 6.4]).double(), size=2, scale=1 / 2),  # 2 x 5 pixels
        dict(x=random(4, 2, 17, 23, seed=2), roi=torch.tensor([3, 8.9, 6.2, 13.1, 12.8]).double(), size=3, scale=1 / 2),
        dict(x=random(2, 3, 19, 17, seed=1), roi=torch.tensor([1, 4.6, 3.4, 14.8, 15.3]).double(), size=2, scale=1 / 3),
        dict(x=random(3, 5, 29, 31), roi=torch.tensor([2, 5.0, 2.2, 27.3, 15.2]).double(), size=4, scale=1 / 2),
        dict(x=random(2, 4, 13, 11, seed=3), roi=torch.tensor([1, 9.0, 10.0, 34.0, 38.0]).double(), size=1, scale=1 / 4),
    ],
    mistakes={
        "the first number is ignored; it is the index of the image in the batch": but(_pool, x=lambda x: x[:1].expand_as(x)),
        "the images are counted from 1; the first number is an index and begins at 0": but(_pool, x=lambda x: x.roll(1, 0)),
        "x and y are exchanged; x1 and x2 cut out columns, y1 and y2 rows": but(_pool, roi=lambda roi: roi[[0, 2, 1, 4, 3]]),
        "the numbers are taken for x, y, width and height; they are two corners": but(
            _pool, roi=lambda roi: torch.cat([roi[:3], roi[1:3] + roi[3:]])
        ),
        "the last two numbers are taken for width and height; they are the second corner": _pool_of_sides,
        "`scale` is missing; the corners are in pixels of the image, the map is smaller": but(_pool, scale=1.0),
        "the last row and column are missing; both ends belong to the region": partial(_pool, more=0),
        "the region has one row and one column too many; it ends with the row of y2 and the column of x2": partial(
            _pool, more=2
        ),
        "the whole map is pooled; cut the region out of it first": lambda x, roi, size, scale: _largest(x[int(roi[0])], size),
        "1 is added to the first corner instead of the second; the region begins with the row of y1": (
            lambda x, roi, size, scale: _largest(_pool_cut(x, roi, scale)[:, 1:, 1:], size)
        ),
        "the last column is missing; x2 belongs to the region as y2 does": (
            lambda x, roi, size, scale: _largest(_pool_cut(x, roi, scale)[:, :, :-1], size)
        ),
        "the last row is missing; y2 belongs to the region as x2 does": (
            lambda x, roi, size, scale: _largest(_pool_cut(x, roi, scale)[:, :-1], size)
        ),
        "the corners are rounded before they are multiplied by `scale`; multiply first": but(
            partial(_pool, start=int, end=int), roi=lambda roi: (roi + 0.5).floor()
        ),
        "every bin has ceil(h / size) rows, so the last bin is too small; bin i begins at floor(i h / size)": (
            lambda x, roi, size, scale: _largest_of_chunks(_pool_cut(x, roi, scale), size)
        ),
        "`round` takes 2.5 to 2, the even number; use `floor(value + 0.5)`": partial(_pool, start=round, end=round),
        "the corners are rounded down; round them to the nearest pixel": partial(_pool, start=int, end=int),
        "the corners are rounded up; round them to the nearest pixel": partial(_pool, start=math.ceil, end=math.ceil),
        "the corners are rounded outwards; round them to the nearest pixel": partial(_pool, start=math.floor, end=math.ceil),
        "rows and columns of the bins are exchanged": but(_pool, result=lambda y: y.transpose(1, 2)),
        "a bin has h // size rows, so the last rows are in no bin; it ends before ceil((i + 1) h / size)": partial(
            _pool, reduce=_of_whole_steps
        ),
        "the bins are averaged; take the maximum of each bin": partial(_pool, reduce=F.adaptive_avg_pool2d),
        "the bins are added up; take the maximum of each bin": partial(_pool, reduce=_sums),
        "a bin begins too late; its start, i h / size, is rounded down": partial(_pool, reduce=_of_starts_rounded_up),
        "a bin ends too early; its end, (i + 1) h / size, is rounded up": partial(
            _pool, reduce=partial(_largest, end=lambda i, side, size: max((i + 1) * side // size, i * side // size + 1))
        ),
        "the index of the image is multiplied by `scale` as well; only the four corners are": but(
            _pool, roi=lambda roi, scale: torch.cat([(roi[:1] * scale + 0.5).floor(), roi[1:]])
        ),
        "the regions of all images are pooled; the first number chooses one of them": lambda x, roi, size, scale: torch.stack(
            [_pool(one[None], torch.cat([0 * roi[:1], roi[1:]]), size, scale) for one in x]
        ),
        "the maximum is taken over the channels too; each channel has bins of its own": but(_pool, result=lambda y: y.amax(0)),
        "the smallest number of each bin is kept; take the largest": lambda x, roi, size, scale: -_pool(-x, roi, size, scale),
        "a bin takes one row and one column too many; its end is not included": partial(
            _pool, reduce=partial(_largest, end=lambda i, side, size: _up_to_ceiling(i, side, size) + 1)
        ),
    },
    explain=_pixels_of,
    hints=[
        "`image, x1, y1, x2, y2 = roi.tolist()`; multiply the corners by `scale` and round them.",
        "The piece is `x[int(image), :, y1 : y2 + 1, x1 : x2 + 1]`, h rows and w columns.",
        "Bin i has the rows `i * h // size` to `-(-(i + 1) * h // size)`, that one excluded; then `.amax((1, 2))`.",
    ],
    errors={
        "out of bounds for dimension 0": "`roi` is the index of the image, then x1, y1, x2, y2",
        "non-zero size|specified for input.numel|non-empty": (
            "a bin is empty: the corners are multiplied by `scale`, y1 and y2 cut out rows, and bins of rows depend on h"
        ),
    },
)

shifted = Check(
    "shifted",
    reference=lambda shared, area: shared / (2 * area - shared),
    mistakes={
        "{:.2f} is what you get for a shift along one axis; this one is along both": (lambda side: (side - 2) / (side + 2)),
        "{:.2f} is the intersection over one box, or Dice; IoU divides by the union": lambda shared, area: shared / area,
        "{:.2f} counts the intersection twice in the union; subtract it once": lambda shared, area: shared / (2 * area),
        "{:.2f} is the share of one side; the boxes are shifted along both": lambda side: (side - 2) / side,
        "0.1 is the shift as a share of one side; IoU is intersection over union": 0.1,
        "0.01 is the area of 2 x 2 pixels over that of one box; the boxes share 18 x 18 pixels": 0.01,
        "0.67 takes 22 x 22 for the union, or a shift by 4 along one axis; the union is both areas less the intersection": 324
        / 484,
        "0.47 is what you get if each side loses 4 pixels; it loses 2, so the intersection is 18 x 18": (
            16 * 16 / (2 * 400 - 16 * 16)
        ),
        "0.69 is what you get if 1 is added to each side; corners are edges here, and a box has 20 x 20 pixels": 361 / 521,
        "68 is in per cent; an IoU lies between 0 and 1": 68,
        "68.07 is in per cent; an IoU lies between 0 and 1": 68.07,
        "{:.2f} is 1 - IoU; give the IoU itself": lambda shared, area: 1 - shared / (2 * area - shared),
        "0.99 takes 2 x 2 pixels away; the boxes share 18 x 18 pixels": 0.99,
        "0.64 is what you get if each side loses 4 pixels, over one box; it loses 2, and IoU divides by the union": 256 / 400,
        "{} is the area of the intersection; divide it by the area of the union": lambda shared: shared,
    },
    hints=[
        "How large is the rectangle that both boxes share? How large is the area that they cover together?",
        "The boxes share {inner} x {inner} pixels, and the union is both areas less that: "
        "{shared} / ({area} + {area} - {shared}).",
    ],
    digits=2,
    variants=Variants(
        dict(side=20),
        dict(side=18),
        dict(side=22),
        dict(side=14),
        wording=["have {side}×{side} pixels"],
        derived=lambda side: dict(inner=side - 2, shared=(side - 2) ** 2, area=side**2),
    ),
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
    count: Callable[[Tensor, Tensor], int] = lambda classes, deltas: len(classes),
) -> Tensor:
    positive = classes > 0
    predicted = deltas[positive, classes[positive] + row]
    return of(predicted - targets[positive]).sum() / count(classes, deltas)


def _positives(classes: Tensor) -> int:
    return int((classes > 0).sum())


def _with_background(deltas: Tensor, classes: Tensor, targets: Tensor) -> Tensor:
    return _smooth(deltas[torch.arange(len(classes)), classes - 1] - targets).sum() / len(classes)


def _with_row_of_background(deltas: Tensor, classes: Tensor, targets: Tensor) -> Tensor:
    return _smooth(deltas[torch.arange(len(classes)), classes] - targets).sum() / len(classes)


def _of_all_classes(deltas: Tensor, classes: Tensor, targets: Tensor) -> Tensor:
    positive = classes > 0
    return _smooth(deltas[positive] - targets[positive][:, None]).sum() / len(classes)


def _every_row(deltas: Tensor, classes: Tensor, targets: Tensor) -> Tensor:
    """Compare rows of all regions with the target of each region that has an object; PyTorch repeats the targets."""
    positive = classes > 0
    return _smooth(deltas[:, classes[positive] - 1] - targets[positive]).sum() / len(classes)


# No region is of the last class, whose number is no row: a forgotten -1 is then named, where torch would raise an IndexError.
# The regions, those with an object and the classes differ in number, so that what a sum is divided by can be told.
def _each_region(got: Tensor, deltas: Tensor, classes: Tensor, targets: Tensor) -> str:
    """List what each region with an object adds to the sum."""
    places = (classes > 0).nonzero().flatten().tolist()
    parts = [f"{_smooth(deltas[r, classes[r] - 1] - targets[r]).sum():.4g}" for r in places]
    if not parts:
        return "no region contains an object, so the loss is 0"
    return f"the regions {places} contain an object and add {' + '.join(parts)}; the sum is divided by R = {len(classes)}"


box_loss = Check(
    "box_loss",
    gradients=("deltas",),
    reference=_box_loss,
    cases=[
        dict(deltas=digits(2, 3, 4), classes=torch.tensor([2, 0]), targets=digits(2, 4, seed=1)),
        dict(deltas=random(3, 2, 4, seed=2), classes=torch.tensor([0, 0, 0]), targets=random(3, 4, seed=3)),
        dict(deltas=random(1, 3, 4, seed=6), classes=torch.tensor([1]), targets=random(1, 4, seed=7)),
        dict(deltas=2 * random(5, 3, 4, seed=4), classes=torch.tensor([2, 0, 0, 1, 0]), targets=random(5, 4, seed=5)),
        dict(deltas=2 * random(7, 6, 4), classes=torch.tensor([3, 0, 1, 5, 0, 2, 5]), targets=random(7, 4, seed=1)),
    ],
    mistakes={
        "the sum is divided by the regions that hold an object; divide it by all R": partial(
            _box_loss, count=lambda classes, deltas: max(_positives(classes), 1)
        ),
        "the sum is divided by the regions that hold an object, and 0 / 0 is NaN; divide it by all R": partial(
            _box_loss, count=lambda classes, deltas: _positives(classes)
        ),
        "that is the mean over the numbers of the regions with an object; add up and divide by R": partial(
            _box_loss, count=lambda classes, deltas: max(4 * _positives(classes), 1)
        ),
        "that is the mean over the numbers of the regions with an object, NaN if there are none; add up, divide by R": partial(
            _box_loss, count=lambda classes, deltas: 4 * _positives(classes)
        ),
        "the sum is divided by 4 R; the four numbers of a box are added up": partial(
            _box_loss, count=lambda classes, deltas: 4 * len(classes)
        ),
        "the sum is divided by K, the number of classes; divide it by R, the number of regions": partial(
            _box_loss, count=lambda classes, deltas: deltas.shape[1]
        ),
        "the sum is not divided; divide it by the R regions": partial(_box_loss, count=lambda classes, deltas: 1),
        "class k has row k - 1 of `deltas`: there is no row for the background": partial(_box_loss, row=0),
        "the background is included, and class k has row k - 1; class 0 has no box": _with_row_of_background,
        "the regions of class 1 are left out; it contains an object, and only class 0 is the background": but(
            _box_loss,
            deltas=lambda deltas, classes, targets: torch.where((classes == 1)[:, None, None], targets[:, None], deltas),
        ),
        "the first row of `deltas` is taken for every class; class k has row k - 1": but(
            _box_loss, classes=lambda classes: classes.clamp(max=1)
        ),
        "the targets are added; the loss is that of predicted - target": but(_box_loss, targets=torch.neg),
        "the rows of all classes are added up before the comparison; only that of the true class counts": but(
            _box_loss, deltas=lambda deltas: deltas.sum(1, keepdim=True).expand_as(deltas)
        ),
        "the rows of all classes are averaged before the comparison; only that of the true class counts": but(
            _box_loss, deltas=lambda deltas: deltas.mean(1, keepdim=True).expand_as(deltas)
        ),
        "the targets of the first regions are taken; select those of the regions with an object": but(
            _box_loss, targets=lambda targets, classes: targets[(classes > 0).cumsum(0).sub(1).clamp(min=0)]
        ),
        "the classes are counted from the last row; class k has row k - 1": but(
            _box_loss, deltas=lambda deltas: deltas.flip(1)
        ),
        "the background is included; regions of class 0 have no box": _with_background,
        "`deltas[:, row]` takes a row of every region for each region; pair them, `deltas[positive, row]`": lambda **case: (
            _every_row(**case)
        ),
        "the rows of all classes are compared; only that of the true class counts": _of_all_classes,
        "only the background is compared; regions with an object are, `classes > 0`": lambda deltas, classes, targets: (
            _with_background(deltas, classes, targets) - _box_loss(deltas, classes, targets)
        ),
        "both halves are missing; the loss is d^2 / 2 within 1 and |d| - 1/2 beyond it": partial(
            _box_loss, of=lambda d: torch.where(d.abs() < 1, d**2, d.abs())
        ),
        "the square is not halved; within 1 the loss is d^2 / 2": partial(
            _box_loss, of=lambda d: torch.where(d.abs() < 1, d**2, d.abs() - 0.5)
        ),
        "1/2 is not subtracted beyond 1, where the loss is |d| - 1/2": partial(
            _box_loss, of=lambda d: torch.where(d.abs() < 1, d**2 / 2, d.abs())
        ),
        "that is the squared error everywhere; within 1 take half of it, beyond 1 the loss is |d| - 1/2": partial(
            _box_loss, of=torch.square
        ),
        "that is half the squared error everywhere; beyond 1 the loss is |d| - 1/2": partial(_box_loss, of=lambda d: d**2 / 2),
        "that is the absolute error everywhere; within 1 the loss is d^2 / 2, beyond it |d| - 1/2": partial(
            _box_loss, of=torch.abs
        ),
        "the loss becomes linear at 1/9, as in the authors' code for the RPN; here it becomes linear at 1": partial(
            _box_loss, of=lambda d: F.smooth_l1_loss(d, 0 * d, reduction="none", beta=1 / 9)
        ),
        "`d < 1` holds for every negative d; compare |d| with 1": partial(
            _box_loss, of=lambda d: torch.where(d < 1, d**2 / 2, d - 0.5)
        ),
        "the loss has the wrong sign": but(_box_loss, result=torch.neg),
    },
    explain=_each_region,
    hints=[
        "`positive = classes > 0` selects the regions with an object, and `classes[positive] - 1` is their row of `deltas`.",
        '`F.smooth_l1_loss(a, b, reduction="sum")` is a sum, 0 if there is nothing to add up; a mean of nothing is NaN.',
        '`F.smooth_l1_loss(deltas[positive, classes[positive] - 1], targets[positive], reduction="sum") / len(classes)`.',
    ],
    errors={
        "must match the size of tensor|shape mismatch": (
            "select the same regions of `deltas` and of `targets`, and of `deltas` one row per region, `deltas[positive, row]`"
        ),
        "out of bounds": "class k has row k - 1 of `deltas`, so the last class has the last row",
    },
)


control = Check(
    "control",
    reference="b",
    choices=("a", "b", "c", "d"),
    mistakes={
        "more seeds show whether the difference is larger than chance, but the two networks still differ in both ways": "a",
        "more bins change both networks, and the two still differ in the rounding and in the maximum": "c",
        "with stride 1 both networks change, and the two still differ in the maximum as well as in the rounding": "d",
    },
    hints=[
        "Write a table with two rows, rounded or not, and two columns, maximum or mean. Which cells have been trained?",
        "A comparison isolates the rounding if its two networks both take maxima, or both take means.",
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


def _clipped(anchors: Tensor, height: int, width: int, stride: int) -> Tensor:
    return anchors.clamp(min=0).minimum(anchors.new_tensor([width, height] * 2) * stride)


def _paired(height: int, width: int, stride: int, sizes: Tensor, ratios: Tensor) -> Tensor:
    """Combine the first size with the first ratio, and so on, as `zip` does."""
    pairs = [_lay(height, width, stride, s[None], r[None]) for s, r in zip(sizes, ratios, strict=False)]
    return torch.stack(pairs, 1).flatten(0, 1)


def _first_anchor(got: Tensor, height: int, width: int, stride: int, sizes: Tensor, ratios: Tensor) -> str:
    """Compare centre and size of the first wrong anchor."""
    right = _lay(height, width, stride, sizes, ratios)
    place = int((~torch.isclose(got, right)).any(1).nonzero()[0])
    (x1, y1, x2, y2), (a1, b1, a2, b2) = got[place].tolist(), right[place].tolist()
    return (
        f"anchor {place} has the centre ({(a1 + a2) / 2:.4g}, {(b1 + b2) / 2:.4g}) and the size {a2 - a1:.4g} x {b2 - b1:.4g}, "
        f"yours ({(x1 + x2) / 2:.4g}, {(y1 + y2) / 2:.4g}) and {x2 - x1:.4g} x {y2 - y1:.4g}"
    )


lay = Check(
    "lay",
    reference=_lay,
    cases=[
        dict(height=1, width=2, stride=4, sizes=torch.tensor([8.0]).double(), ratios=torch.tensor([1.0, 4]).double()),
        dict(height=3, width=5, stride=4, sizes=torch.tensor([7.0, 11]).double(), ratios=torch.tensor([0.5, 1, 2]).double()),
        dict(height=5, width=2, stride=7, sizes=torch.tensor([19.0]).double(), ratios=torch.tensor([0.25, 1.5]).double()),
        dict(height=2, width=7, stride=16, sizes=torch.tensor([13.0, 51, 29]).double(), ratios=torch.tensor([3.0]).double()),
    ],
    mistakes={
        "an anchor is centred on its cell's corner; the centre of column j is (j + 0.5) stride": partial(_lay, centre=0.0),
        "an anchor is centred one cell too far; the centre of column j is (j + 0.5) stride": partial(_lay, centre=1.0),
        "`stride // 2` cuts half a pixel off; the centre of column j is (j + 0.5) stride": but(
            _lay, result=lambda y, stride: y - stride % 2 / 2
        ),
        "width and height are exchanged; the ratio is height / width": partial(
            _lay, shape=lambda size, ratio: (size * ratio.sqrt(), size / ratio.sqrt())
        ),
        "the width is `size`; an anchor has the area size^2, so the width is size / sqrt(ratio)": partial(
            _lay, shape=lambda size, ratio: (size, size * ratio)
        ),
        "the height is `size`; an anchor has the area size^2, so the height is size sqrt(ratio)": partial(
            _lay, shape=lambda size, ratio: (size / ratio, size)
        ),
        "the root of the ratio is missing; the width is size / sqrt(ratio), the height size sqrt(ratio)": partial(
            _lay, shape=lambda size, ratio: (size / ratio, size * ratio)
        ),
        "the width is `size` and the height size sqrt(ratio); the area is size^2 only if the width is size / sqrt(ratio)": (
            partial(_lay, shape=lambda size, ratio: (size, size * ratio.sqrt()))
        ),
        "size i is only combined with ratio i; every size has every ratio": _paired,
        "the anchors keep an axis for rows, columns and shapes; the result has one row per anchor": but(
            _lay, result=lambda y, height, width: y.view(height, width, -1, 4)
        ),
        "the ratio is ignored; the width is size / sqrt(ratio), the height size sqrt(ratio)": partial(
            _lay, shape=lambda size, ratio: (size, size)
        ),
        "the width is multiplied by the root of the ratio like the height; it is divided by it": partial(
            _lay, shape=lambda size, ratio: (size * ratio.sqrt(), size * ratio.sqrt())
        ),
        "the root of the ratio is missing, and width and height are exchanged; the width is size / sqrt(ratio)": partial(
            _lay, shape=lambda size, ratio: (size * ratio, size / ratio)
        ),
        "`sizes` are taken for areas; an anchor of size s has the area s^2": but(_lay, sizes=lambda sizes: sizes.sqrt()),
        "`sizes` are multiplied by the stride; they are in pixels of the image": but(
            _lay, sizes=lambda sizes, stride: sizes * stride
        ),
        "those are centres and sizes; return two corners": partial(_lay, corners=lambda x, y, w, h: [x, y, w, h]),
        "those are a corner and sizes; return two corners": partial(
            _lay, corners=lambda x, y, w, h: [x - w / 2, y - h / 2, w, h]
        ),
        "the corners are a whole width and height from the centre; half of each is enough": partial(
            _lay, corners=lambda x, y, w, h: [x - w, y - h, x + w, y + h]
        ),
        "the centre is taken for the upper left corner": partial(_lay, corners=lambda x, y, w, h: [x, y, x + w, y + h]),
        "x and y of the centres are exchanged; x counts columns, y rows": partial(
            _lay, corners=lambda x, y, w, h: [y - w / 2, x - h / 2, y + w / 2, x + h / 2]
        ),
        "x and y are exchanged; the order is x1, y1, x2, y2": partial(
            _lay, corners=lambda x, y, w, h: [y - h / 2, x - w / 2, y + h / 2, x + w / 2]
        ),
        "the order is x1, x2, y1, y2; it should be x1, y1, x2, y2": partial(
            _lay, corners=lambda x, y, w, h: [x - w / 2, x + w / 2, y - h / 2, y + h / 2]
        ),
        "the second corner is one pixel short; corners are edges here, so x2 - x1 is the width": partial(
            _lay, corners=lambda x, y, w, h: [x - w / 2, y - h / 2, x + w / 2 - 1, y + h / 2 - 1]
        ),
        "y1 and y2 are exchanged; y grows downwards, and y1 is the smaller one": partial(
            _lay, corners=lambda x, y, w, h: [x - w / 2, y + h / 2, x + w / 2, y - h / 2]
        ),
        "`height` and `width` of the map are exchanged": positional(
            lambda height, width, stride, sizes, ratios: _lay(width, height, stride, sizes, ratios)
        ),
        "`stride` is missing; anchors are in pixels of the image": but(_lay, stride=1),
        "the anchors are clipped to the image; leave them as they are": but(_lay, result=_clipped),
        "negative coordinates are clipped to 0; leave them as they are": but(_lay, result=lambda y: y.clamp(min=0)),
        "the anchors are rounded to whole pixels; leave them as they are": but(_lay, result=torch.round),
        "the anchors are divided by the stride; they are in pixels of the image": but(
            _lay, result=lambda y, stride: y / stride
        ),
        "the columns come before the rows; the order is rows, columns, sizes, ratios": partial(_lay, order="xysr"),
        "the ratios come before the sizes; the order is rows, columns, sizes, ratios": partial(_lay, order="yxrs"),
        "the sizes and ratios come before the cells; all anchors of a cell follow each other": partial(_lay, order="sryx"),
        "the ratios and sizes come before the cells; all anchors of a cell follow each other": partial(_lay, order="rsyx"),
        "the height is divided by the root of the ratio like the width; it is multiplied by it": partial(
            _lay, shape=lambda size, ratio: (size / ratio.sqrt(), size / ratio.sqrt())
        ),
        "0.5 is added after the multiplication by `stride`; the centre of column j is (j + 0.5) stride": but(
            _lay, result=lambda y, stride: y + 0.5 - stride / 2
        ),
    },
    explain=_first_anchor,
    hints=[
        "Two parts: the A shapes of one cell, `[-w, -h, w, h] / 2`, and the centres of all cells, `[x, y, x, y]`. Add them.",
        "`w, h = (sizes[:, None] / ratios.sqrt()).flatten(), (sizes[:, None] * ratios.sqrt()).flatten()`: (A,) each.",
        'Centres: `torch.meshgrid(rows, columns, indexing="ij")`, stacked to (H, W, 4); `centres[:, :, None] + shapes` is '
        "(H, W, A, 4); then `.flatten(0, 2)`.",
    ],
)

BACKGROUND, LEFT_OUT = -1, -2


def _assign(overlap: Tensor, positive: float, negative: float, best_anchors: bool = True, between: int = LEFT_OUT) -> Tensor:
    best, index = overlap.max(1)
    chosen = best >= positive
    if best_anchors:
        chosen = chosen | (overlap == overlap.amax(0)).any(1)
    return torch.where(chosen, index, torch.where(best < negative, BACKGROUND, between))


def _background_last(overlap: Tensor, positive: float, negative: float) -> Tensor:
    best = overlap.amax(1)
    return torch.where(best < negative, BACKGROUND, _assign(overlap, positive, negative))


def _background_with_one(overlap: Tensor, positive: float, negative: float) -> Tensor:
    matches = _assign(overlap, positive, negative)
    return torch.where((matches < 0) & (overlap < negative).any(1), BACKGROUND, matches)


def _best_of_all(overlap: Tensor, positive: float, negative: float) -> Tensor:
    only = torch.where(overlap == overlap.max(), overlap, -1.0).amax(1) > 0
    return torch.where(only, overlap.argmax(1), _assign(overlap, positive, negative, best_anchors=False))


def _background_by_mean(overlap: Tensor, positive: float, negative: float) -> Tensor:
    matches = _assign(overlap, positive, negative)
    return torch.where(matches >= 0, matches, torch.where(overlap.mean(1) < negative, BACKGROUND, LEFT_OUT))


def _own_object(overlap: Tensor, positive: float, negative: float) -> Tensor:
    matches = _assign(overlap, positive, negative, best_anchors=False)
    for t, anchor in enumerate(overlap.argmax(0).tolist()):
        matches[anchor] = t
    return matches


def _unless_matched(overlap: Tensor, positive: float, negative: float) -> Tensor:
    matches = _assign(overlap, positive, negative, best_anchors=False)
    for t, anchor in enumerate(overlap.argmax(0).tolist()):
        if not (matches == t).any():
            matches[anchor] = overlap[anchor].argmax()
    return matches


def _best_by_rows(overlap: Tensor, positive: float, negative: float) -> Tensor:
    """Take the numbers of objects for numbers of anchors."""
    matches, index = _assign(overlap, positive, negative, best_anchors=False), overlap.argmax(1)
    matches[index] = index[index]
    return matches


def _own_object_first(overlap: Tensor, positive: float, negative: float) -> Tensor:
    best = overlap.amax(1)
    return torch.where(best < negative, BACKGROUND, _own_object(overlap, positive, negative))


def _one_of_several(overlap: Tensor, positive: float, negative: float, last: bool, best_too: bool = True) -> Tensor:
    """Give an anchor with several objects from `positive` on the first or the last; `best_too`: the best of an object too."""
    matches, count = _assign(overlap, positive, negative), overlap.shape[1]
    several = (overlap >= positive) if best_too else (overlap >= positive) & (overlap < overlap.amax(0)).all(1, keepdim=True)
    for t in range(count) if last else reversed(range(count)):
        matches[several[:, t]] = t
    return matches


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
SHARED = [  # the first anchor is the best of object 0 and overlaps object 2 more, whose best anchor is the second
    [0.36, 0.17, 0.42],
    [0.05, 0.20, 0.61],
    [0.12, 0.48, 0.33],
    [0.31, 0.26, 0.08],
    [0.22, 0.04, 0.15],
]
SEVERAL = [  # anchors with several objects above `positive`: the first, the last, the middle one fits best
    [0.85, 0.74, 0.11, 0.02],
    [0.09, 0.72, 0.88, 0.13],
    [0.73, 0.91, 0.75, 0.21],
    [0.12, 0.76, 0.71, 0.19],  # this one and the next two are the best of no object
    [0.10, 0.71, 0.77, 0.20],
    [0.18, 0.04, 0.78, 0.10],
    [0.24, 0.32, 0.28, 0.16],
    [0.05, 0.23, 0.14, 0.26],
]


def _overlaps(rows: list[list[float]]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float64)


def _rule(got: Tensor, overlap: Tensor, positive: float, negative: float) -> str:
    """Say which rule decides about the first wrong anchor."""
    right = _assign(overlap, positive, negative)
    place = int((got != right).nonzero()[0])
    best, index = overlap[place].max(0)
    fits = f"anchor {place} overlaps object {index} most, by {best:g}"
    if best >= positive:
        return f"{fits}, which is not below `positive`: rule 1 makes it positive"
    if right[place] >= 0:
        owner = int((overlap[place] == overlap.amax(0)).nonzero()[0])
        return f"{fits}, and it is the best anchor of object {owner}: rule 2 makes it positive"
    rule = (
        "which is below `negative`: rule 3 makes it background" if best < negative else "between the thresholds: it is left out"
    )
    return f"{fits}, {rule}"


assign = Check(
    "assign",
    reference=_assign,
    cases=[
        dict(overlap=_overlaps([[0.8, 0.1], [0.2, 0.4], [0.5, 0.3], [0.15, 0.25]]), positive=0.7, negative=0.35),
        dict(overlap=_overlaps([[0.12], [0.34], [0.27]]), positive=0.5, negative=0.3),  # one object
        dict(
            overlap=_overlaps([[0.35, 0.20], [0.62, 0.10], [0.61, 0.45], [0.55, 0.43], [0.30, 0.52], [0.41, 0.05]]),
            positive=0.6,
            negative=0.4,
        ),
        dict(overlap=_overlaps(TAKEN), positive=0.7, negative=0.3),
        dict(overlap=_overlaps(SHARED), positive=0.7, negative=0.3),
        dict(overlap=_overlaps(SEVERAL), positive=0.7, negative=0.3),
        dict(overlap=_overlaps(OVERLAPS), positive=0.7, negative=0.3),
    ],
    mistakes={
        "an object whose best anchor is below `positive` has none; its best anchor is positive, however small the IoU": partial(
            _assign, best_anchors=False
        ),
        "the best anchor of an object is made background where it is below `negative`; apply the rule of the best last": (
            _background_last
        ),
        "an anchor between the two thresholds is made background; it is left out, -2": partial(_assign, between=BACKGROUND),
        "an anchor between the two thresholds is made positive; it is left out, -2": but(
            _assign, positive=lambda negative: negative
        ),
        "only the best anchor of each object is positive; so are all others from `positive` on": but(_assign, positive=2.0),
        "an anchor of exactly `positive` is positive too (>=)": but(_assign, positive=lambda positive: positive + 1e-6),
        "an anchor of exactly `negative` is not below it; it is left out": but(
            _assign, negative=lambda negative: negative + 1e-6
        ),
        "the best anchor of an object may overlap another object more; it is given to that one": _own_object,
        "an object that has a positive anchor already does not get its best one; it gets that one too": _unless_matched,
        "an anchor with several objects from `positive` on is given to the last one; take the one it overlaps most": partial(
            _one_of_several, last=True
        ),
        "an anchor with several objects from `positive` on is given to the first one; take the one it overlaps most": partial(
            _one_of_several, last=False
        ),
        "an anchor above `positive` is given to the last such object; take the one it overlaps most": partial(
            _one_of_several, last=True, best_too=False
        ),
        "an anchor above `positive` is given to the first such object; take the one it overlaps most": partial(
            _one_of_several, last=False, best_too=False
        ),
        "0.7 and 0.3 are used instead of `positive` and `negative`": but(_assign, positive=0.7, negative=0.3),
        "0.7 is used instead of `positive`": but(_assign, positive=0.7),
        "0.3 is used instead of `negative`": but(_assign, negative=0.3),
        "an anchor below `negative` with one object is made background; it has to be below with every object": (
            _background_with_one
        ),
        "-1 and -2 are exchanged; background is -1": but(
            _assign, result=lambda y: torch.where(y < 0, BACKGROUND + LEFT_OUT - y, y)
        ),
        "a positive anchor has a 1; return the number of its object": but(_assign, result=lambda y: torch.where(y >= 0, 1, y)),
        "every positive anchor is given to object 0; return the number of the one that it overlaps most": but(
            _assign, result=lambda y: torch.where(y >= 0, 0, y)
        ),
        "the objects are counted from 1; the first has the number 0": but(_assign, result=lambda y: y + (y >= 0)),
        "background is 0, which is the number of the first object; it is -1": but(
            _assign, result=lambda y: torch.where(y == BACKGROUND, 0, y)
        ),
        "an anchor that is left out is 0, which is the number of the first object; it is -2": but(
            _assign, result=lambda y: torch.where(y == LEFT_OUT, 0, y)
        ),
        "only one object gets its best anchor, that of the largest IoU of all; every object does": _best_of_all,
        "the mean of a row is compared with `negative`; its largest IoU is": _background_by_mean,
        "`argmax(1)` is taken for the best anchor of each object; it is the best object of each anchor, so use `argmax(0)`": (
            _best_by_rows
        ),
        "the best anchors are positive only if background does not overwrite them, and they are given to their own object": (
            _own_object_first
        ),
    },
    explain=_rule,
    hints=[
        "`best, index = overlap.max(1)` returns the largest IoU of each anchor, and the object of that IoU.",
        "Start with -2 everywhere; -1 where `best < negative`; `index` where `best >= positive`.",
        "Last, `best = overlap.argmax(0)`: the best anchor of each object gets `index[best]`, even where it was background.",
    ],
)

what_anchors_are = Check(
    "what_anchors_are",
    reference="c",
    choices=("a", "b", "c"),
    mistakes={
        "the image is no input of `lay`, which computes the anchors, so they cannot depend on it": "a",
        "no anchor is a parameter; training changes the layers that predict a score and four deltas for each anchor": "b",
    },
    hints=[
        "Which arguments did your function `lay` have? Was the image among them, or anything that is trained?",
        "The anchors depend on the size of the map alone. The network predicts a score and four deltas for each of them.",
    ],
)


def _focal(
    logits: Tensor,
    is_object: Tensor,
    gamma: float,
    factor: Callable[[Tensor, float], Tensor] = lambda p, gamma: (1 - p) ** gamma,
    count: Callable[[Tensor], Tensor | float] = lambda is_object: is_object.sum().clamp(min=1),
    weight: Callable[[Tensor], Tensor | float] = lambda is_object: 1.0,
) -> Tensor:
    towards = torch.where(is_object, logits, -logits)  # large where the answer is right
    losses = factor(towards.sigmoid(), gamma) * F.softplus(-towards)
    return (weight(is_object) * losses).sum() / count(is_object)


def _of_object(logits: Tensor, is_object: Tensor, gamma: float) -> Tensor:
    """Take p and not p_t in the factor: background is weighted as if it were an object."""
    losses = F.softplus(torch.where(is_object, -logits, logits))
    return ((-logits).sigmoid() ** gamma * losses).sum() / is_object.sum().clamp(min=1)


def _one_logarithm(logits: Tensor, is_object: Tensor, gamma: float) -> Tensor:
    p_true = torch.where(is_object, logits, -logits).sigmoid()
    return ((1 - p_true) ** gamma * F.softplus(-logits)).sum() / is_object.sum().clamp(min=1)


def _never_background(logits: Tensor, is_object: Tensor, gamma: float) -> Tensor:
    return ((-logits).sigmoid() ** gamma * F.softplus(-logits)).sum() / is_object.sum().clamp(min=1)


def _of_logits(logits: Tensor, is_object: Tensor, gamma: float) -> Tensor:
    """Forget the sigmoid in the factor."""
    losses = F.softplus(torch.where(is_object, -logits, logits))
    return ((1 - torch.where(is_object, logits, 1 - logits)) ** gamma * losses).sum() / is_object.sum().clamp(min=1)


def _unsafe(logits: Tensor, is_object: Tensor, gamma: float) -> Tensor:
    p = logits.sigmoid()
    p_true = torch.where(is_object, p, 1 - p)
    return -((1 - p_true) ** gamma * p_true.log()).sum() / is_object.sum().clamp(min=1)


def _of_losses(
    logits: Tensor,
    is_object: Tensor,
    gamma: float,
    factor: Callable[[Tensor, Tensor, float], Tensor] = lambda p_true, is_object, gamma: (1 - p_true) ** gamma,
    before: Fold = lambda logits: logits,
    after: Fold = lambda losses: losses,
) -> Tensor:
    """Compute the losses from `before` of the logits, change them by `after`, and multiply by the right factor."""
    losses = after(F.binary_cross_entropy_with_logits(before(logits), is_object.to(logits), reduction="none"))
    p_true = torch.where(is_object, logits, -logits).sigmoid()
    return (factor(p_true, is_object, gamma) * losses).sum() / is_object.sum().clamp(min=1)


def _of_products(logits: Tensor, is_object: Tensor, gamma: float) -> Tensor:
    towards = torch.where(is_object, logits, -logits)
    return (((-towards).sigmoid() * F.softplus(-towards)) ** gamma).sum() / is_object.sum().clamp(min=1)


def _without_logarithm(logits: Tensor, is_object: Tensor, gamma: float) -> Tensor:
    return (torch.where(is_object, -logits, logits).sigmoid() ** gamma).sum() / is_object.sum().clamp(min=1)


def _of_the_sum(logits: Tensor, is_object: Tensor, gamma: float) -> Tensor:
    """Apply the factor to the mean loss, as if the whole batch were one anchor."""
    mean = F.binary_cross_entropy_with_logits(logits, is_object.to(logits))
    return (1 - (-mean).exp()) ** gamma * mean


def _sum_times_sum(logits: Tensor, is_object: Tensor, gamma: float) -> Tensor:
    towards = torch.where(is_object, logits, -logits)
    return ((-towards).sigmoid() ** gamma).sum() * F.softplus(-towards).sum() / is_object.sum().clamp(min=1)


def _divided(by: Callable[[Tensor], Tensor | float]) -> Callable[..., Tensor]:
    return partial(_focal, count=by)


# The anchors, those with an object and those without differ in number, so that the divisor can be told.
def _each_anchor(got: Tensor, logits: Tensor, is_object: Tensor, gamma: float) -> str:
    """Work out the first anchor, and say what the sum is divided by."""
    towards = torch.where(is_object, logits, -logits)
    p, loss, count = towards[0].sigmoid().item(), F.softplus(-towards[0]).item(), max(1, int(is_object.sum()))
    return (
        f"anchor 0 has p_t = {p:.4g} and -log p_t = {loss:.4g}, so it adds {(1 - p) ** gamma * loss:.4g}; the sum of all "
        f"{len(logits)} is divided by {count}"
    )


focal = Check(
    "focal",
    gradients=("logits",),
    reference=_focal,
    cases=[
        dict(logits=torch.tensor([1.0, -2.0, 3.0]).double(), is_object=torch.tensor([True, False, False]), gamma=2),
        dict(logits=torch.tensor([2.0, -1.0]).double(), is_object=torch.tensor([False, False]), gamma=1),
        dict(logits=3 * random(7), is_object=torch.tensor([False, True, False, False, True, False, False]), gamma=2),
        dict(logits=random(5, seed=1), is_object=torch.tensor([True, True, True, False, False]), gamma=0),
        dict(logits=2 * random(11, seed=2), is_object=torch.arange(11) % 4 == 1, gamma=3),
        dict(logits=torch.tensor([200.0, -200.0, 200.0, -200.0, 2.0]).double(), is_object=torch.arange(5) % 3 == 1, gamma=2),
    ],
    mistakes={
        "the factor is missing, so this is the cross-entropy; multiply each loss by (1 - p_t)^gamma": but(_focal, gamma=0),
        "the factor is p_t^gamma, which weakens the anchors that are classified badly; take (1 - p_t)^gamma": partial(
            _focal, factor=lambda p, gamma: p**gamma
        ),
        "`gamma` is a factor here; it is the exponent of 1 - p_t": partial(_focal, factor=lambda p, gamma: gamma * (1 - p)),
        "the factor is 1 - p_t^gamma; gamma is the exponent of the whole bracket, (1 - p_t)^gamma": partial(
            _focal, factor=lambda p, gamma: 1 - p**gamma
        ),
        "the factor is (1 + p_t)^gamma; it is (1 - p_t)^gamma": partial(_focal, factor=lambda p, gamma: (1 + p) ** gamma),
        "the product is raised to gamma; only the factor 1 - p_t is": _of_products,
        "the logarithm is missing; multiply each factor by -log p_t": _without_logarithm,
        "only the anchors with an object have the factor; background has it too, with p_t = 1 - p": partial(
            _of_losses, factor=lambda p_true, is_object, gamma: torch.where(is_object, (1 - p_true) ** gamma, 1.0)
        ),
        "the sigmoid is applied twice; `F.binary_cross_entropy_with_logits` takes the logits": partial(
            _of_losses, before=torch.sigmoid
        ),
        "large losses are cut off, at -log p_t = 100 by `F.binary_cross_entropy`; take the version with logits": partial(
            _of_losses, after=lambda losses: losses.clamp(max=100)
        ),
        "the sum is divided twice, by all anchors and by those with an object; divide it by those with an object": _divided(
            lambda is_object: len(is_object) * is_object.sum().clamp(min=1)
        ),
        "gamma is 2 whatever the argument says; use `gamma`": but(_focal, gamma=2),
        "the factor is (1 - p)^gamma for background too, where p_t is 1 - p": _of_object,
        "the logarithm is that of p for background too, where p_t is 1 - p": _one_logarithm,
        "p is used for background too, in the factor and in the logarithm; p_t is 1 - p there": _never_background,
        "the factor is computed from the logits; the probability p is their sigmoid": _of_logits,
        "the factor is missing, and the sum is divided by the number of all anchors; this is the mean cross-entropy": but(
            _divided(len), gamma=0
        ),
        "objects and background are exchanged; p_t is p for an anchor with an object": but(
            _focal,
            is_object=lambda is_object: ~is_object,
            result=lambda y, is_object: y * (~is_object).sum().clamp(min=1) / is_object.sum().clamp(min=1),
        ),
        "the sum is divided by the number of all anchors; divide it by the number of anchors with an object": _divided(len),
        "the sum is divided by the number of anchors of background; divide it by the number of those with an object": _divided(
            lambda is_object: (~is_object).sum().clamp(min=1)
        ),
        "the sum is divided by one more than the number of objects; add nothing, and divide by 1 if there is none": _divided(
            lambda is_object: is_object.sum() + 1
        ),
        "the sum is divided by the number of objects even if there is none, and x / 0 is infinite; then divide by 1": _divided(
            lambda is_object: is_object.sum()
        ),
        "the sum is not divided; divide it by the number of anchors with an object": _divided(lambda is_object: 1.0),
        "only the anchors with an object are added up; background belongs to the sum too": partial(
            _focal, weight=lambda is_object: is_object.double()
        ),
        "only the anchors of background are added up; those with an object belong to the sum too": partial(
            _focal, weight=lambda is_object: (~is_object).double()
        ),
        "objects are weighted by 0.25 and background by 0.75; alpha is left out here": partial(
            _focal, weight=lambda is_object: torch.where(is_object, 0.25, 0.75).double()
        ),
        "objects are weighted by 0.75 and background by 0.25; alpha is left out here": partial(
            _focal, weight=lambda is_object: torch.where(is_object, 0.75, 0.25).double()
        ),
        "objects are weighted by 0.25, and alpha is left out here": partial(
            _focal, weight=lambda is_object: torch.where(is_object, 0.25, 1.0).double()
        ),
        "the factor is applied to the mean loss; each anchor has a factor of its own": _of_the_sum,
        "a logarithm of 0 makes the result infinite or NaN; take -log p_t from `F.binary_cross_entropy_with_logits`": _unsafe,
        "the loss has the wrong sign; a logarithm of p_t is negative": but(_focal, result=torch.neg),
        "the loss is 0 without an object; background has losses too, and their sum is then divided by 1": but(
            _focal, result=lambda y, is_object: y * is_object.any()
        ),
        "factors and losses are added up before they are multiplied; multiply them anchor by anchor": _sum_times_sum,
        **{
            f"a floor of {floor:g} below p_t cuts large losses off; take -log p_t from `F.binary_cross_entropy_with_logits`": (
                partial(_of_losses, after=lambda losses, floor=floor: losses.clamp(max=-math.log(floor)))
            )
            for floor in (1e-6, 1e-7, 1e-8, 1e-10, 1e-12)
        },
    },
    explain=_each_anchor,
    hints=[
        "Three steps: -log p_t of every anchor, p_t of every anchor, and the sum of the products.",
        '`F.binary_cross_entropy_with_logits(logits, is_object.to(logits.dtype), reduction="none")` is -log p_t, (M,).',
        "`p = logits.sigmoid()`, `p_true = torch.where(is_object, p, 1 - p)`; `is_object.sum().clamp(min=1)` divides.",
    ],
)
