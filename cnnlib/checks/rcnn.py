"""Checks of lesson 09: overlap, suppression, average precision, box regression, the pyramid, and what a pass costs."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from cnnlib.checks.engine import Check, but, digits, positional, random, uniform


def _boxes(count: int, seed: int, spread: float = 30) -> Tensor:
    """Sample boxes with fractional corners from 1 on and sides of 4 to 20 pixels: -> (count, 4)."""
    sampled = uniform(count, 4, seed=seed)
    start, sides = 1 + spread * sampled[:, :2], 4 + 16 * sampled[:, 2:]
    return torch.cat([start, start + sides], 1)


def _table(*rows: Sequence[float]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float64)


def _sides(boxes: Tensor, more: float = 0) -> Tensor:
    return boxes[:, 2:] - boxes[:, :2] + more


def _lengths(a: Tensor, b: Tensor, more: float = 0) -> Tensor:
    """Measure how far every pair overlaps along x and y, below 0 where the boxes lie apart: -> (M, K, 2)."""
    return torch.minimum(a[:, None, 2:], b[:, 2:]) - torch.maximum(a[:, None, :2], b[:, :2]) + more


def _areas(a: Tensor, b: Tensor, more: float = 0) -> tuple[Tensor, Tensor]:
    return _sides(a, more).prod(1)[:, None], _sides(b, more).prod(1)


def _clamped(lengths: Tensor) -> Tensor:
    return lengths.clamp(min=0).prod(2)


def _enclosing(a: Tensor, b: Tensor) -> Tensor:
    return (torch.maximum(a[:, None, 2:], b[:, 2:]) - torch.minimum(a[:, None, :2], b[:, :2])).prod(2)


def _over_union(shared: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return shared / (a + b - shared)


def _iou(
    a: Tensor,
    b: Tensor,
    shared: Callable[[Tensor], Tensor] = _clamped,
    share: Callable[[Tensor, Tensor, Tensor], Tensor] = _over_union,
    more: float = 0,
) -> Tensor:
    return share(shared(_lengths(a, b, more)), *_areas(a, b, more))


def _cornered(boxes: Tensor) -> Tensor:
    """Take two corners for a corner and a size."""
    return torch.cat([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], 1)


def _around(boxes: Tensor) -> Tensor:
    """Take two corners for a centre and a size."""
    return torch.cat([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2], 1)


overlap = Check(
    "overlap",
    reference=_iou,
    cases=[
        dict(
            a=_table([1, 1, 5, 5], [2, 1, 5, 9]),
            b=_table([3, 2, 7, 6], [6, 7, 9, 9], [5, 1, 9, 3]),  # overlaps, lies apart along both axes, touches
        ),
        dict(a=_table([3, 2, 11, 8]), b=_table([3, 2, 11, 8], [3, 2, 7, 8], [1, 12, 9, 16], [20, 3, 27, 9], [12, 9, 20, 15])),
        dict(a=_boxes(7, 0), b=_boxes(5, 1)),
        dict(a=_boxes(3, 2, 20), b=_boxes(11, 3, 40)),
    ],
    mistakes={
        "boxes that lie apart seem to overlap; clamp both lengths at 0 before you multiply them": partial(
            _iou, shared=lambda lengths: lengths.prod(2)
        ),
        "the product is clamped; two boxes apart along both axes have two negative lengths, whose product is positive": partial(
            _iou, shared=lambda lengths: lengths.prod(2).clamp(min=0)
        ),
        "only the width of the intersection is clamped at 0; clamp its height too": partial(
            _iou, shared=lambda lengths: lengths[..., 0].clamp(min=0) * lengths[..., 1]
        ),
        "only the height of the intersection is clamped at 0; clamp its width too": partial(
            _iou, shared=lambda lengths: lengths[..., 0] * lengths[..., 1].clamp(min=0)
        ),
        "the union counts the intersection twice; subtract it once": partial(_iou, share=lambda shared, a, b: shared / (a + b)),
        "that is Dice, twice the intersection over the sum of both areas; divide the intersection by the union": partial(
            _iou, share=lambda shared, a, b: 2 * shared / (a + b)
        ),
        "the intersection is divided by the area of the box of `a`; divide it by the union": partial(
            _iou, share=lambda shared, a, b: shared / a
        ),
        "the intersection is divided by the area of the box of `b`; divide it by the union": partial(
            _iou, share=lambda shared, a, b: shared / b
        ),
        "the intersection is divided by the smaller area; divide it by the union": partial(
            _iou, share=lambda shared, a, b: shared / torch.minimum(a, b)
        ),
        "the intersection is divided by the larger area; divide it by the union": partial(
            _iou, share=lambda shared, a, b: shared / torch.maximum(a, b)
        ),
        "the intersection is divided by the smallest box around both; the union is the two areas less the intersection": (
            lambda a, b: _iou(a, b, share=lambda shared, of_a, of_b: shared / _enclosing(a, b))
        ),
        "that is the area of the intersection; divide it by the area of the union": partial(
            _iou, share=lambda shared, a, b: shared
        ),
        "1 is added to each width and height; corners are edges, so a width is x2 - x1": partial(_iou, more=1),
        "the last two numbers are taken for width and height; they are the corner x2, y2": but(_iou, a=_cornered, b=_cornered),
        "the numbers are taken for centre, width and height; they are two corners": but(_iou, a=_around, b=_around),
        "rows and columns are exchanged; row i belongs to box i of `a`": but(_iou, result=lambda y: y.T),
    },
    hints=[
        "Along x, two boxes overlap from the larger x1 to the smaller x2; what if that length is negative?",
        "`a[:, None, 0]` (M, 1) against `b[:, 0]` (K,) gives all pairs: `torch.maximum` of these is (M, K).",
        "w = (torch.minimum(a[:, None, 2], b[:, 2]) - torch.maximum(a[:, None, 0], b[:, 0])).clamp(min=0), h likewise; "
        "then w * h / (area_a[:, None] + area_b - w * h).",
    ],
)


def _suppress(
    candidates: Tensor,
    scores: Tensor,
    threshold: float,
    drops: Callable[[Tensor, float], Tensor] = torch.gt,
    rivals: Callable[[list[int], list[int]], list[int]] = lambda kept, before: kept,
) -> Tensor:
    """Keep boxes from the best score down; `rivals` are those, of all kept and of all before, that may drop the next."""
    order, kept = scores.argsort(descending=True).tolist(), []
    for place, index in enumerate(order):
        against = rivals(kept, order[:place])
        if not against or not drops(_iou(candidates[index][None], candidates[against]), threshold).any():
            kept.append(index)
    return torch.tensor(kept)


def _dropped(kept: Tensor, scores: Tensor) -> Tensor:
    """List the boxes that are not kept, best score first."""
    order = scores.argsort(descending=True)
    return order[~torch.isin(order, kept)]


nms = Check(
    "nms",
    reference=_suppress,
    cases=[
        dict(candidates=_table([5, 6, 13, 20]), scores=_table([0.9])[0], threshold=0.5),  # nothing to drop
        dict(  # from the best down: box 1 drops box 2, which would have dropped box 0
            candidates=_table([9, 2, 19, 12], [1, 2, 11, 12], [5, 2, 15, 12]),
            scores=_table([0.6, 0.9, 0.8])[0],
            threshold=0.4,
        ),
        dict(  # two boxes that overlap by exactly 0.5, the threshold: both stay
            candidates=_table([1, 1, 9, 9], [1, 1, 9, 5], [2, 1, 9, 9], [20, 20, 29, 31], [21, 22, 29, 31]),
            scores=_table([0.4, 0.7, 0.3, 0.6, 0.8])[0],
            threshold=0.5,
        ),
        dict(  # the same box twice, and a threshold that drops nothing
            candidates=_table([1, 1, 7, 5], [1, 1, 7, 5], [2, 1, 7, 5]), scores=_table([0.3, 0.2, 0.7])[0], threshold=1.0
        ),
        dict(  # 0.4625 drops a box, 0.4125 does not: cut to whole pixels, both would turn round
            candidates=_table([1, 1, 9, 9], [1, 1, 9, 4.7], [20, 20, 28, 28], [20, 20, 28, 23.3], [40, 3, 51, 8]),
            scores=_table([0.9, 0.8, 0.7, 0.6, 0.5])[0],
            threshold=0.45,
        ),
        dict(candidates=_boxes(11, 8, 14), scores=-random(11, seed=9).exp(), threshold=0.15),  # all scores below 0
        dict(candidates=_boxes(17, 6, 20), scores=random(17, seed=7), threshold=0.3),
    ],
    mistakes={
        "the lowest score goes first; begin with the best": but(_suppress, scores=torch.neg),
        "a box that is dropped drops others too; only boxes that stay may do that": partial(
            _suppress, rivals=lambda kept, before: before
        ),
        "only the best box drops others; go on with the best of what is left": partial(
            _suppress, rivals=lambda kept, before: kept[:1]
        ),
        "each box is compared with the last one that stayed; compare it with all that stayed": partial(
            _suppress, rivals=lambda kept, before: kept[-1:]
        ),
        "nothing is dropped, the boxes are only sorted": but(
            _suppress, result=lambda y, scores: scores.argsort(descending=True)
        ),
        "the comparison is inverted; boxes that overlap by more than `threshold` are dropped": partial(
            _suppress, drops=torch.le
        ),
        "the right boxes stay, in the order in which they came; the best score goes first": but(
            _suppress, result=lambda y: y.sort().values
        ),
        "the right boxes stay, the lowest score first; the best goes first": but(_suppress, result=lambda y: y.flip(0)),
        "every box that touches a kept one is dropped; compare the IoU with `threshold`": but(_suppress, threshold=0.0),
        "the boxes are taken as they came; begin with the best score": but(
            _suppress, scores=lambda scores: -torch.arange(len(scores))
        ),
        "0.5 is used instead of `threshold`": but(_suppress, threshold=0.5),
        "a box that overlaps by exactly `threshold` is dropped; only more than that drops it": partial(
            _suppress, drops=torch.ge
        ),
        "these are places in the sorted list; return the numbers of the boxes as they came": but(
            _suppress, result=lambda y, scores: scores.argsort(descending=True).argsort()[y]
        ),
        "boxes with a negative score are dropped; a score may be negative, and only an overlap drops a box": but(
            _suppress, result=lambda y, scores: y[scores[y] > 0]
        ),
        "these are the boxes that are dropped; return those that stay": but(_suppress, result=_dropped),
    },
    hints=[
        "`left = scores.argsort(descending=True)`. While there are some: keep `left[0]`, drop its rivals from `left`.",
        "`boxes.iou(candidates[left[:1]], candidates[left[1:]])[0]` is (left - 1,): how much the best overlaps each other one.",
        "In the loop: `kept.append(left[0])`, then `left = left[1:][... <= threshold]`. At the end `torch.stack(kept)`.",
    ],
)

by_hand = Check(
    "by_hand",
    reference=0.625,
    mistakes={
        "0.60 is the precision at the end, or takes 2/3 at the second hit; the best precision from there on, 3/4, counts": (
            (1 + 2 / 3 + 3 / 4) / 4
        ),
        "0.83 is the mean over three hits; the fourth disc is never found and counts 0": (1 + 3 / 4 + 3 / 4) / 3,
        "0.81 is the mean over three hits; divide by the four discs, and take the best precision from there on": (
            (1 + 2 / 3 + 3 / 4) / 3
        ),
        "62.5 is in per cent; an AP lies between 0 and 1": 62.5,
        "0.61 is what 11 points of recall give, as VOC had it until 2009; take the whole area": 6.75 / 11,
        "0.75 is the recall at the end, 3 of 4, and the precision at the third hit; AP is the area under the curve": 0.75,
        "0.70 averages the precision after all five detections; a miss reaches no new recall": (
            (1 + 1 / 2 + 2 / 3 + 3 / 4 + 3 / 5) / 5
        ),
    },
    hints=[
        "What is the precision after each of the five detections? Which of them raise the recall?",
        "The precisions are 1/1, 1/2, 2/3, 3/4, 3/5, with hits at the first, third and fourth; recall grows by 1/4 at each.",
        "Three steps of recall, each 1/4 wide, at precisions 1, 3/4 and 3/4. The last quarter is never reached.",
    ],
    digits=2,
)


def _precision(hits: Tensor) -> Tensor:
    return hits.double().cumsum(0) / torch.arange(1, len(hits) + 1)


def _from_here_on(precision: Tensor) -> Tensor:
    return precision.flip(0).cummax(0).values.flip(0)


def _area(hits: Tensor, objects: int, best: Callable[[Tensor], Tensor] = _from_here_on) -> float:
    return best(_precision(hits))[hits].sum().item() / objects


def _at_points(hits: Tensor, objects: int, points: int = 11) -> float:
    """Average the best precision at this or a higher recall over points of recall, 0 where it is never reached."""
    best, recall = _from_here_on(_precision(hits)), hits.cumsum(0) / objects
    reached = [best[recall >= point] for point in np.linspace(0, 1, points)]
    return sum(part.max().item() if len(part) else 0.0 for part in reached) / points


def _slanted(hits: Tensor, objects: int, best: Callable[[Tensor], Tensor]) -> float:
    return torch.trapezoid(best(_precision(hits)), hits.double().cumsum(0) / objects).item()


area = Check(
    "area",
    reference=_area,
    cases=[
        dict(hits=torch.tensor([0, 1, 1]).bool(), objects=3),  # (2/3 + 2/3) / 3
        dict(hits=torch.tensor([0, 0]).bool(), objects=2),
        dict(hits=torch.tensor([1]).bool(), objects=1),
        dict(hits=torch.tensor([1, 0, 1, 1, 0, 0, 1]).bool(), objects=6),
        dict(hits=torch.tensor([0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 0]).bool(), objects=7),
    ],
    mistakes={
        "the precision at each hit is taken as it is; the best from there on counts, also where it comes later": partial(
            _area, best=lambda precision: precision
        ),
        "the running maximum starts at the front; start it at the end of the list": partial(
            _area, best=lambda precision: precision.cummax(0).values
        ),
        "the running maximum is not turned back; `flip(0)` once more": partial(
            _area, best=lambda precision: precision.flip(0).cummax(0).values
        ),
        "the best precision of the whole list counts everywhere; take the best from each place on": partial(
            _area, best=lambda precision: precision.max().expand(len(precision))
        ),
        "the sum is divided by the hits; objects that are never found count too": but(
            _area, objects=lambda hits: max(int(hits.sum()), 1)
        ),
        "the sum is divided by the detections; divide it by the objects": but(_area, objects=lambda hits: len(hits)),
        "the sum is not divided; divide it by the objects": but(_area, objects=1),
        "misses are added up too; recall grows only at hits": lambda hits, objects: (
            _from_here_on(_precision(hits)).sum().item() / objects
        ),
        "the precision is averaged over all detections; add it up at hits and divide by the objects": lambda hits, objects: (
            _from_here_on(_precision(hits)).mean().item()
        ),
        "the precision is read at 11 points of recall; take the whole area": _at_points,
        "the precision is read at 101 points of recall; take the whole area": partial(_at_points, points=101),
        "slanted lines join the points; the area has steps, one per hit, 1 / objects wide": partial(
            _slanted, best=_from_here_on
        ),
        "slanted lines join the precisions as they are; take the best from each place on, in steps 1 / objects wide": partial(
            _slanted, best=lambda precision: precision
        ),
        "that is the recall at the end, hits over objects; AP is the area below the precision": lambda hits, objects: (
            hits.sum().item() / objects
        ),
        "that is the precision at the end, hits over detections; AP is the area below it": lambda hits, objects: (
            hits.double().mean().item()
        ),
    },
    hints=[
        "`hits.cumsum(0)` counts the hits so far; divided by 1, 2, 3 ... it is the precision after each detection.",
        "The best precision from each place on: turn the list round, `cummax(0).values`, and turn it back.",
        "The sum of these at the hits, `best[hits].sum()`, over `objects`.",
    ],
    within=1e-5,  # booleans divide to float32
)


def _centre(boxes: Tensor) -> Tensor:
    return (boxes[:, :2] + boxes[:, 2:]) / 2


def _encode(
    true: Tensor,
    proposal: Tensor,
    centre: Callable[[Tensor], Tensor] = _centre,
    shift: Callable[[Tensor, Tensor, Tensor], Tensor] = lambda d, wh, of: d / of,
    size: Callable[[Tensor, Tensor], Tensor] = lambda wh, of: (wh / of).log(),
    more: float = 0,
) -> Tensor:
    wh, of = _sides(true, more), _sides(proposal, more)
    return torch.cat([shift(centre(true) - centre(proposal), wh, of), size(wh, of)], 1)


def _corners_for_sizes(true: Tensor, proposal: Tensor) -> Tensor:
    wh, of = true[:, 2:], proposal[:, 2:]
    return torch.cat([(_centre(true) - _centre(proposal)) / of, (wh / of).log()], 1)


encode = Check(
    "encode",
    reference=_encode,
    cases=[
        dict(true=_table([1, 2, 9, 6]), proposal=_table([2, 1, 6, 9])),  # centres (5, 4) and (4, 5), sizes 8 x 4 and 4 x 8
        dict(true=_boxes(3, 12), proposal=_boxes(3, 13)),
        dict(true=_boxes(7, 10), proposal=_boxes(7, 11)),
    ],
    mistakes={
        "the shift is that of the upper left corners; take the centres": partial(_encode, centre=lambda boxes: boxes[:, :2]),
        "the shift is in pixels; divide it by the proposal's width and height": partial(_encode, shift=lambda d, wh, of: d),
        "the shift is divided by the size of the true box; divide it by that of the proposal, which is known when it detects": (
            partial(_encode, shift=lambda d, wh, of: d / wh)
        ),
        "tx is divided by the height and ty by the width; it is the other way round": partial(
            _encode, shift=lambda d, wh, of: d / of.flip(1)
        ),
        "the logarithm of the sizes is missing": partial(_encode, size=lambda wh, of: wh / of),
        "the logarithm is to base 2; take the natural one, `.log()`": partial(_encode, size=lambda wh, of: (wh / of).log2()),
        "the logarithm is to base 10; take the natural one, `.log()`": partial(_encode, size=lambda wh, of: (wh / of).log10()),
        "the ratio of the sizes is upside down; take true over proposal": partial(_encode, size=lambda wh, of: (of / wh).log()),
        "the sizes are subtracted; take the logarithm of their ratio": partial(_encode, size=lambda wh, of: wh - of),
        "the change of size is a relative difference; take the logarithm of the ratio": partial(
            _encode, size=lambda wh, of: (wh - of) / of
        ),
        "that is the way from the true box to the proposal; exchange the two": lambda true, proposal: _encode(proposal, true),
        "tx and ty have the wrong sign; subtract the proposal's centre from the true one": but(
            _encode, result=lambda y: y * torch.tensor([-1, -1, 1, 1])
        ),
        "the last two numbers are taken for width and height; they are the corner x2, y2": but(
            _encode, true=_cornered, proposal=_cornered
        ),
        "the boxes are taken for centre, width and height; they are two corners": but(_encode, true=_around, proposal=_around),
        "`true[:, 2:]` is the corner x2, y2, not the size; subtract `true[:, :2]`": _corners_for_sizes,
        "1 is added to each width and height; corners are edges, so a width is x2 - x1": partial(_encode, more=1),
        "the order is tx, tw, ty, th; first the two shifts, then the two sizes": but(
            _encode, result=lambda y: y[:, [0, 2, 1, 3]]
        ),
        "the order is ty, tx, th, tw; x comes before y": but(_encode, result=lambda y: y[:, [1, 0, 3, 2]]),
        "the sizes come before the shifts; the order is tx, ty, tw, th": but(_encode, result=lambda y: y[:, [2, 3, 0, 1]]),
        "tw and th are exchanged; the order is tx, ty, tw, th": but(_encode, result=lambda y: y[:, [0, 1, 3, 2]]),
        "half of the width is taken for the centre, (x2 - x1) / 2; the centre is (x1 + x2) / 2": partial(
            _encode, centre=lambda boxes: _sides(boxes) / 2
        ),
        "the two corners are added but not halved; the centre is (x1 + x2) / 2": partial(
            _encode, centre=lambda boxes: 2 * _centre(boxes)
        ),
        "`//` cuts the centres to whole pixels; divide by 2 with `/`": partial(
            _encode, centre=lambda boxes: _centre(boxes).floor()
        ),
    },
    hints=[
        "Turn both boxes into centre and size: x = (x1 + x2) / 2, w = x2 - x1, y and h likewise.",
        "Slices do x and y at once: `(true[:, :2] + true[:, 2:]) / 2` is (R, 2), `true[:, 2:] - true[:, :2]` the sizes.",
        "`torch.cat([(centre_true - centre_proposal) / size_proposal, (size_true / size_proposal).log()], 1)`.",
    ],
)

times = Check(
    "times",
    reference=10,
    mistakes={
        "40 is the number of passes; a pass over the whole image costs more than one over a crop": 40,
        "160 is what you get if a crop had four times the pixels of the image; it is the other way round": 160,
        "20 is what you get if the image had twice the pixels of a crop; it is twice as long along both axes": 20,
        "9 is how many times *more* they are; the question is how many times *as many*": 9,
        "0.1 is one pass over the image against forty crops; divide the other way round": 0.1,
        "40960 is how many pixels R-CNN sends; divide by those of the image": 40960,
        "0.25 is one crop against the image; there are 40 crops": 0.25,
    },
    hints=[
        "Count pixels, not passes: how many go through the network for each method?",
        "40 crops of 32 x 32 against one image of 64 x 64: 40 * 32 * 32 / (64 * 64).",
    ],
)


def _pyramid(
    x: Tensor,
    levels: Sequence[int],
    pool: Callable[[Tensor, int], Tensor] = F.adaptive_max_pool2d,
    flatten: Callable[[Tensor], Tensor] = lambda y: y.flatten(1),
) -> Tensor:
    return torch.cat([flatten(pool(x, n)) for n in levels], 1)


def _chained(x: Tensor, levels: Sequence[int]) -> Tensor:
    parts = []
    for n in levels:
        x = F.adaptive_max_pool2d(x, n)
        parts.append(x.flatten(1))
    return torch.cat(parts, 1)


def _whole_windows(x: Tensor, n: int) -> Tensor:
    """Keep the maxima of n x n bins of equal size that share no pixel, and leave out the rest."""
    return F.max_pool2d(x, [side // n for side in x.shape[2:]])[:, :, :n, :n]


def _padded_windows(x: Tensor, n: int) -> Tensor:
    """Keep the maxima of windows of ceil(side / n) pixels, side by side on a padded map."""
    window = [-(-side // n) for side in x.shape[2:]]
    return F.max_pool2d(x, window, padding=[(n * k - side + 1) // 2 for k, side in zip(window, x.shape[2:], strict=True)])


def _floored(x: Tensor, n: int) -> Tensor:
    """Keep the maxima of n x n bins that end where the next begins, rounded down; an empty bin takes one pixel."""
    for axis in (2, 3):
        ends = [i * x.shape[axis] // n for i in range(n + 1)]
        bins = [x.narrow(axis, a, max(b - a, 1)).amax(axis) for a, b in pairwise(ends)]
        x = torch.stack(bins, axis)
    return x


pyramid = Check(
    "pyramid",
    reference=_pyramid,
    cases=[
        dict(x=digits(1, 2, 3, 5), levels=[1, 2]),  # from small to large
        dict(x=random(1, 5, 6, 9, seed=16), levels=[2]),
        dict(x=random(3, 2, 7, 5, seed=15), levels=[3, 2]),
        dict(x=random(2, 3, 11, 13, seed=14), levels=[2, 4, 1]),
    ],
    mistakes={
        "the bins are averaged; take the maximum of each bin": partial(_pyramid, pool=F.adaptive_avg_pool2d),
        "`n` is taken for the size of a bin; it is the number of bins along an axis": partial(_pyramid, pool=F.max_pool2d),
        "pixels that do not fit into n equal windows are left out; bins have to cover the whole map": partial(
            _pyramid, pool=_whole_windows
        ),
        "the windows are all of one size on a padded map; a bin reaches from floor(i H / n) up to ceil((i + 1) H / n)": partial(
            _pyramid, pool=_padded_windows
        ),
        "a bin ends at floor((i + 1) H / n); it reaches up to the ceiling, so neighbours may share a row of pixels": partial(
            _pyramid, pool=_floored
        ),
        "each level is computed from the one before; pool `x` itself for each": _chained,
        "the channels come last in each level; a level is flattened as (C, n, n)": partial(
            _pyramid, flatten=lambda y: y.permute(0, 2, 3, 1).flatten(1)
        ),
        "rows and columns of the bins are exchanged": partial(_pyramid, flatten=lambda y: y.transpose(2, 3).flatten(1)),
        "the levels are joined within each channel; flatten each level, then join them": positional(
            lambda x, levels: torch.cat([F.adaptive_max_pool2d(x, n).flatten(2) for n in levels], 2).flatten(1)
        ),
        "4, 2 and 1 are used instead of `levels`": but(_pyramid, levels=(4, 2, 1)),
        "the levels are sorted, the most bins first; keep the order of `levels`": but(
            _pyramid, levels=lambda levels: sorted(levels, reverse=True)
        ),
        "the levels are sorted, the fewest bins first; keep the order of `levels`": but(_pyramid, levels=sorted),
        "the levels are in the reverse order": but(_pyramid, levels=lambda levels: levels[::-1]),
        "only the first level is there; put all of them side by side": but(_pyramid, levels=lambda levels: levels[:1]),
        "only the last level is there; put all of them side by side": but(_pyramid, levels=lambda levels: levels[-1:]),
    },
    hints=[
        "Among torch's pooling layers, the *adaptive* ones take the number of bins, not the size of a window.",
        "`F.adaptive_max_pool2d(x, n)` makes n x n bins of a map of any size. Do it for each level.",
        "Flatten each level to (N, C n n), then `torch.cat([...], 1)`.",
    ],
)

sharper = Check(
    "sharper",
    reference="b",
    choices=("a", "b", "c"),
    mistakes={
        "R-CNN too describes a crop by 4 x 4 maxima of bins, so that cannot be the difference": "a",
        "both use the same network, and neither trains it any further": "c",
    },
    hints=[
        "Which of the three does R-CNN share? That cannot be the difference.",
        "A cell of the map is 4 pixels wide; our objects are about 20. Where does the edge of a proposal go?",
    ],
)
