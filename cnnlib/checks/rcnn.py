"""Checks of lesson 09: overlap, suppression, average precision, box regression, and the features of a region."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations, product

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from cnnlib.checks.engine import Check, but, digits, random, uniform
from cnnlib.checks.engine.comparing import same


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


def _first_pair(got: Tensor, a: Tensor, b: Tensor) -> str:
    """Work out the first wrong pair of boxes."""
    i, j = (~torch.isclose(got, _iou(a, b))).nonzero()[0].tolist()
    (w, h), (of_a, of_b) = _lengths(a, b)[i, j].tolist(), _areas(a, b)
    if min(w, h) <= 0:
        return f"box {i} of `a` and box {j} of `b` do not overlap"
    areas = f"{of_a[i, 0]:.4g} and {of_b[j]:.4g}"
    return f"box {i} of `a` and box {j} of `b` share {w:.4g} x {h:.4g} pixels, and have the areas {areas}"


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
        "x2 * y2 is taken for the area of a box; it is (x2 - x1) * (y2 - y1)": lambda a, b: _over_union(
            _clamped(_lengths(a, b)), a[:, 2:].prod(1)[:, None], b[:, 2:].prod(1)
        ),
        "the larger x2 and y2 are taken for the end of the intersection; it ends at the smaller ones": lambda a, b: _over_union(
            (torch.maximum(a[:, None, 2:], b[:, 2:]) - torch.maximum(a[:, None, :2], b[:, :2])).clamp(min=0).prod(2),
            *_areas(a, b),
        ),
        "the smaller x1 and y1 are taken for the start of the intersection; it starts at the larger ones": lambda a, b: (
            _over_union(
                (torch.minimum(a[:, None, 2:], b[:, 2:]) - torch.minimum(a[:, None, :2], b[:, :2])).clamp(min=0).prod(2),
                *_areas(a, b),
            )
        ),
        "the box around both is taken for the intersection; `maximum` of x1 and y1, `minimum` of x2 and y2": lambda a, b: (
            _over_union(_enclosing(a, b), *_areas(a, b))
        ),
        "width and height of the intersection are added; multiply them": partial(
            _iou, shared=lambda lengths: lengths.clamp(min=0).sum(2)
        ),
        "the intersection is subtracted twice; the union is both areas less the intersection, once": partial(
            _iou, share=lambda shared, a, b: shared / (a + b - 2 * shared)
        ),
        "negative lengths are made positive; boxes that lie apart share nothing, so clamp both lengths at 0": partial(
            _iou, shared=lambda lengths: lengths.abs().prod(2)
        ),
        "the areas are multiplied; the union is their sum less the intersection": partial(
            _iou, share=lambda shared, a, b: shared / (a * b)
        ),
    },
    errors={
        "must match the size of tensor": (
            "every row of `a` meets every row of `b`: `a[:, None]` is (M, 1, 4), and PyTorch repeats both to (M, K, ...)"
        ),
    },
    without=("box_iou",),
    explain=_first_pair,
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


def _kept_wrongly(got: Tensor, candidates: Tensor, scores: Tensor, threshold: float) -> str:
    """Name the first box that should not have been kept, or dropped, and why."""
    kept, right = got.flatten().tolist(), _suppress(candidates, scores, threshold).tolist()
    if len(set(kept)) < len(kept):
        return "a box is returned twice"
    shares = _iou(candidates, candidates)
    for box in kept:
        rival = next((one for one in right if scores[one] > scores[box] and shares[one, box] > threshold), None)
        if rival is not None:
            share = f"{shares[rival, box]:.3g}"
            return f"box {box} is kept, but it overlaps box {rival}, which stays and has a better score, by {share}"
    box = next((one for one in right if one not in kept), None)
    if box is None:
        return "the right boxes stay, in another order"
    return f"box {box} is dropped, but no box that stays and has a better score overlaps it by more than {threshold:g}"


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
    errors={
        "iou takes": "a single box needs an axis: `candidates[i][None]` is (1, 4), as is the slice `candidates[left[:1]]`",
        "non-empty": "no box is kept: the best one always is, also if it is the only one, and scores may be negative",
    },
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
        "each box is compared with the one just before it in the list; compare it with all that stayed": partial(
            _suppress, rivals=lambda kept, before: before[-1:]
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
    explain=_kept_wrongly,
    hints=[
        "`left = scores.argsort(descending=True)`. While there are some: keep `left[0]`, drop its rivals from `left`.",
        "`boxes.iou(candidates[left[:1]], candidates[left[1:]])[0]` is (left - 1,): how much the best overlaps each other one.",
        "In the loop: `kept.append(left[0])`, then `left = left[1:][... <= threshold]`. At the end `torch.stack(kept)`.",
    ],
)

parts = Check(
    "parts",
    reference="c",
    choices=("a", "b", "c", "d"),
    mistakes={
        "a part still has the highest score and goes first, so a lower threshold drops the whole cup all the more": "a",
        "the parts have higher scores than the whole cup, so a higher limit keeps them": "b",
        "a box that fits better would lose as well, because the score does not depend on how well a box fits": "d",
    },
    hints=[
        "NMS obeys the scores. Which of the four changes makes the score of a part lower than that of the whole?",
        "The network was trained to name a cup that is cut off as well as a whole one. Who could teach the difference?",
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
        "0.50 divides the sum by the five detections; divide it by the four discs": (1 + 3 / 4 + 3 / 4) / 5,
        "0.48 divides by the five detections and takes 2/3 at the second hit; divide by four discs, and take 3/4 there": (
            (1 + 2 / 3 + 3 / 4) / 5
        ),
        "0.38 lacks the first step of recall, from 0 to 1/4, at a precision of 1": (3 / 4 + 3 / 4) / 4,
        "0.45 is recall times precision at the end, 3/4 times 3/5; AP is the area below the whole curve": 3 / 4 * 3 / 5,
        "0.57 joins the points by slanted lines; the best precision from each hit on gives steps": (
            (1 + (1 / 2 + 2 / 3) / 2 + (2 / 3 + 3 / 4) / 2) / 4
        ),
        "2.5 is the sum over the hits; divide it by the four discs": 2.5,
        "0.67 is the precision at the second hit, or F1 at the end; AP is the area below the whole curve": 2 / 3,
        "1.0 is the best precision, at the first hit; it falls after it, and one disc is never found": 1.0,
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


def _area_of_recall(hits: Tensor, objects: int) -> float:
    """Take the recall at each hit, the largest from there on, for the precision."""
    return (_from_here_on(hits.double().cumsum(0) / objects)[hits].sum() / objects).item()


def _each_precision(got: float, hits: Tensor, objects: int) -> str:
    best = _from_here_on(_precision(hits))[hits].tolist()
    if not best:
        return "there is no hit, so the area is 0"
    return (
        f"the best precision from each hit on is {', '.join(f'{one:.4g}' for one in best)}; their sum is divided by {objects}"
    )


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
        "the sum is divided by the hits, and 0 / 0 is NaN if there are none; divide it by the objects": lambda hits, objects: (
            _area(hits, int(hits.sum())) if hits.any() else math.nan
        ),
        "the detections are counted from 0; the first of them is 1 of 1": lambda hits, objects: (
            _from_here_on(hits.double().cumsum(0) / torch.arange(len(hits)))[hits].sum() / objects
        ).item(),
        "`//` rounds the precision down; divide by `/`": partial(
            _area, best=lambda precision: _from_here_on(precision.floor())
        ),
        "that is the recall at each hit; take the precision, hits over detections": _area_of_recall,
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
        "the first step of recall is missing: it begins at 0 and grows by 1 / objects at the first hit": partial(
            _slanted, best=_from_here_on
        ),
        "the places of the hits are turned into 1 / place; precision is the hits so far over the place": lambda hits, objects: (
            (hits / torch.arange(1, len(hits) + 1)).sum().item() / objects
        ),
        "the list is read from its end; the best score comes first": but(_area, hits=lambda hits: hits.flip(0)),
        "slanted lines join the precisions as they are; take the best from each place on, in steps 1 / objects wide": partial(
            _slanted, best=lambda precision: precision
        ),
        "that is the recall at the end, hits over objects; AP is the area below the precision": lambda hits, objects: (
            hits.sum().item() / objects
        ),
        "that is the precision at the end, hits over detections; AP is the area below it": lambda hits, objects: (
            hits.double().mean().item()
        ),
        "the precision at each hit is averaged over the hits; the best from there on counts, divided by the objects": (
            lambda hits, objects: _precision(hits)[hits].mean().item() if hits.any() else 0.0
        ),
        "that is the largest precision of all; AP is the area below the curve": lambda hits, objects: (
            _precision(hits).max().item()
        ),
        "the smallest precision from each hit on is taken; take the largest": partial(
            _area, best=lambda precision: precision.flip(0).cummin(0).values.flip(0)
        ),
    },
    explain=_each_precision,
    hints=[
        "`hits.cumsum(0)` counts the hits so far; divided by 1, 2, 3 ... it is the precision after each detection.",
        "The best precision from each place on: turn the list round, `cummax(0).values`, and turn it back.",
        "The sum of these at the hits, `best[hits].sum()`, over `objects`.",
    ],
    within=1e-5,  # booleans divide to float32
)


operating = Check(
    "operating",
    reference=0.55,
    mistakes={
        "0.95 stops where the precision falls below 65 % for the first time; further down the list it rises again": 0.95,
        "0.85 shows two hits in three, 67 %; further down there is another place with at least 65 % and more discs": 0.85,
        "0.80 shows three hits in four, 75 %; one can go further down and still have 65 %": 0.8,
        "0.30 shows all boxes, of which 5 in 8 are hits, 62.5 %": 0.3,
        "0.40 shows seven boxes, of which 4 are hits, 57 %": 0.4,
        "0.60 shows five boxes, of which 3 are hits, 60 %": 0.6,
        "0.90 shows two boxes, of which one is a hit, 50 %": 0.9,
        "0.65 is the precision that is demanded; the answer is a score of the table": 0.65,
        "0.67 is the precision, 4 hits in 6 boxes; the answer is the score of the sixth box": 4 / 6,
        "0.75 is the precision after the fourth box; the answer is a score of the table": 0.75,
        "0.63 is the precision after all eight boxes; the answer is a score of the table": 5 / 8,
        "8 is the number of all boxes; the answer is the score of the last one that is shown": 8,
        "5 is the number of all hits; the answer is the score of the last box that is shown": 5,
        "3 is the number of hits after four boxes; the answer is the score of the last box that is shown": 3,
        "6 is the number of boxes that are shown; the answer is the score of the last of them": 6,
        "4 is the number of discs that are found; the answer is the score of the last box that is shown": 4,
    },
    hints=[
        "Write the precision below each score: the hits so far over the boxes so far.",
        "The precisions are 1/1, 1/2, 2/3, 3/4, 3/5, 4/6, 4/7, 5/8. Which of them are at least 0.65?",
        "Of the places with at least 0.65, the last one shows the most discs.",
    ],
    digits=2,
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


def _centres_and_sizes(got: Tensor, true: Tensor, proposal: Tensor) -> str:
    """Say which numbers of the first wrong box are wrong, and from which centres and sizes they follow."""
    wrong = ~torch.isclose(got, _encode(true, proposal))
    row = wrong.any(1).nonzero()[0, 0]
    names = " and ".join(name for name, is_wrong in zip(("tx", "ty", "tw", "th"), wrong[row], strict=True) if is_wrong)
    (x, y), (w, h) = _centre(true)[row].tolist(), _sides(true)[row].tolist()
    (px, py), (pw, ph) = _centre(proposal)[row].tolist(), _sides(proposal)[row].tolist()
    return (
        f"wrong: {names}; the true box has the centre ({x:g}, {y:g}) and the size {w:g} x {h:g}, "
        f"the proposal ({px:g}, {py:g}) and {pw:g} x {ph:g}"
    )


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
        "tx and ty are twice as large; the centre is (x1 + x2) / 2, and the shift is divided by the whole width and height": (
            partial(_encode, centre=lambda boxes: 2 * _centre(boxes))
        ),
        "the shift is that of the lower right corners; take the centres": partial(_encode, centre=lambda boxes: boxes[:, 2:]),
        "x2 / 2 is added to x1; half of the width, (x2 - x1) / 2, belongs there": partial(
            _encode, centre=lambda boxes: boxes[:, :2] + boxes[:, 2:] / 2
        ),
        "both shifts are divided by the width; divide ty by the height": partial(
            _encode, shift=lambda d, wh, of: d / of[:, :1]
        ),
        "tw and th are the sizes of the true box; take the logarithm of their ratio to the proposal's": partial(
            _encode, size=lambda wh, of: wh
        ),
        "the logarithm is that of the true size alone; divide by the proposal's size first": partial(
            _encode, size=lambda wh, of: wh.log()
        ),
        "the size is the proposal's over the true one, without a logarithm; take the logarithm of true over proposal": partial(
            _encode, size=lambda wh, of: of / wh
        ),
        "`//` cuts the centres to whole pixels; divide by 2 with `/`": partial(
            _encode, centre=lambda boxes: _centre(boxes).floor()
        ),
        "the proposal's centre is not subtracted; tx and ty are shifts from it": lambda true, proposal: torch.cat(
            [_centre(true) / _sides(proposal), (_sides(true) / _sides(proposal)).log()], 1
        ),
        "the root of the ratio of the sizes is taken; take its logarithm": partial(
            _encode, size=lambda wh, of: (wh / of).sqrt()
        ),
        "the shifts have no sign; a box to the left has a negative tx": partial(
            _encode, shift=lambda d, wh, of: (d / of).abs()
        ),
    },
    explain=_centres_and_sizes,
    hints=[
        "Turn both boxes into centre and size: x = (x1 + x2) / 2, w = x2 - x1, y and h likewise.",
        "Slices do x and y at once: `(true[:, :2] + true[:, 2:]) / 2` is (R, 2), `true[:, 2:] - true[:, :2]` the sizes.",
        "`torch.cat([(centre_true - centre_proposal) / size_proposal, (size_true / size_proposal).log()], 1)`.",
    ],
)


def _cells(low: float, high: float, stride: int) -> tuple[int, int]:
    """Round a side of a box inwards to cells: -> the first one, and the one after the last."""
    return math.floor(low / stride) + 1, math.ceil(high / stride)


def _levels(piece: Tensor, n: int) -> Tensor:
    return F.adaptive_max_pool2d(piece, n)


def _region(
    x: Tensor,
    box: Tensor,
    stride: int,
    levels: Sequence[int],
    cells: Callable[[float, float, int], tuple[int | None, int | None]] = _cells,
    pool: Callable[[Tensor, int], Tensor] = _levels,
    flatten: Callable[[Tensor], Tensor] = torch.flatten,
) -> Tensor:
    left, top, right, bottom = box.tolist()
    rows, columns = slice(*cells(top, bottom, stride)), slice(*cells(left, right, stride))
    piece = x[:, rows, columns]
    return torch.cat([flatten(pool(piece, n)) for n in levels])


def _chained(x: Tensor, box: Tensor, stride: int, levels: Sequence[int]) -> Tensor:
    """Pool each level from the one before."""
    left, top, right, bottom = box.tolist()
    piece, parts = x[:, slice(*_cells(top, bottom, stride)), slice(*_cells(left, right, stride))], []
    for n in levels:
        piece = F.adaptive_max_pool2d(piece, n)
        parts.append(piece.flatten())
    return torch.cat(parts)


def _by_channel(x: Tensor, box: Tensor, stride: int, levels: Sequence[int]) -> Tensor:
    """Join the levels within each channel."""
    return torch.cat([_region(channel[None], box, stride, levels) for channel in x])


def _outwards(low: float, high: float, stride: int) -> tuple[int, int]:
    return math.floor(low / stride), math.ceil(high / stride) + 1


def _nearest(low: float, high: float, stride: int) -> tuple[int, int]:
    return round(low / stride), round(high / stride) + 1


def _nearest_without_the_end(low: float, high: float, stride: int) -> tuple[int, int]:
    return round(low / stride), round(high / stride)


def _cut_off(low: float, high: float, stride: int) -> tuple[int, int]:
    return int(low // stride), int(high // stride)


def _cut_off_with_the_end(low: float, high: float, stride: int) -> tuple[int, int]:
    return int(low // stride), int(high // stride) + 1


def _without_the_last(low: float, high: float, stride: int) -> tuple[int, int]:
    first, end = _cells(low, high, stride)
    return first, end - 1


def _without_the_first(low: float, high: float, stride: int) -> tuple[int, int]:
    first, end = _cells(low, high, stride)
    return first + 1, end


def _with_one_before(low: float, high: float, stride: int) -> tuple[int, int]:
    first, end = _cells(low, high, stride)
    return first - 1, end


def _with_one_after(low: float, high: float, stride: int) -> tuple[int, int]:
    first, end = _cells(low, high, stride)
    return first, end + 1


def _ceiled(low: float, high: float, stride: int) -> tuple[int, int]:
    return math.ceil(low / stride), math.ceil(high / stride)


def _ceiled_and_floored(low: float, high: float, stride: int) -> tuple[int, int]:
    return math.ceil(low / stride), math.floor(high / stride) + 1


def _ceiled_and_floored_without_the_end(low: float, high: float, stride: int) -> tuple[int, int]:
    return math.ceil(low / stride), math.floor(high / stride)


def _floored_without_the_end(low: float, high: float, stride: int) -> tuple[int, int]:
    return math.floor(low / stride) + 1, math.floor(high / stride)


def _up_to_the_floor(low: float, high: float, stride: int) -> tuple[int, int]:
    return math.floor(low / stride) + 1, math.floor(high / stride) + 1


def _after_the_ceiling(low: float, high: float, stride: int) -> tuple[int, int]:
    return math.ceil(low / stride) + 1, math.ceil(high / stride)


def _in_pixels(low: float, high: float, stride: int) -> tuple[int, int]:
    return _cells(low, high, 1)


def _everything(low: float, high: float, stride: int) -> tuple[int | None, int | None]:
    return None, None


def _of_stride_4(low: float, high: float, stride: int) -> tuple[int, int]:
    return _cells(low, high, 4)


def _turned(box: Tensor) -> Tensor:
    """Exchange x and y of a box."""
    return box[[1, 0, 3, 2]]


def _from_corner_and_size(box: Tensor) -> Tensor:
    """Take two corners for a corner and a size."""
    return torch.cat([box[:2], box[:2] + box[2:]])


MOST_PIXELS = 64  # of a map whose rectangles are all tried


def _cells_of(got: Tensor, x: Tensor, box: Tensor, stride: int, levels: Sequence[int]) -> str:
    """Find the cells that were pooled, if any rectangle of the map gives what the answer gave."""
    left, top, right, bottom = box.tolist()
    (t, b), (first, end) = _cells(top, bottom, stride), _cells(left, right, stride)
    told = f"the region has the rows {t} to {b - 1} and the columns {first} to {end - 1}"
    if x[0].numel() > MOST_PIXELS:
        return told
    found = []
    for (y1, y2), (x1, x2) in product(*(combinations(range(side + 1), 2) for side in x.shape[1:])):
        if same(got, torch.cat([F.adaptive_max_pool2d(x[:, y1:y2, x1:x2], n).flatten() for n in levels])):
            found.append(f"; the rows {y1} to {y2 - 1} and the columns {x1} to {x2 - 1} give what came")
    return told + (found[0] if len(found) == 1 else "")


region = Check(
    "region",
    reference=_region,
    cases=[
        dict(x=digits(1, 6, 8), box=_table([1, 1, 7, 5])[0], stride=2, levels=[1]),  # columns 1 to 3, rows 1 and 2
        dict(x=digits(2, 7, 9, seed=1), box=_table([2, 1, 8, 5])[0], stride=2, levels=[1, 2]),  # left and right on the grid
        dict(x=random(3, 11, 13, seed=14), box=_table([2.5, 1.2, 13.3, 13.9])[0], stride=3, levels=[2, 4, 1]),
        dict(x=random(2, 13, 11, seed=15), box=_table([1.0, 0.5, 9.5, 11.0])[0], stride=2, levels=[3, 2]),
    ],
    mistakes={
        "the last cells are missing: a slice excludes its end, and cell ceil(x2 / S) - 1 still belongs to the region": partial(
            _region, cells=_without_the_last
        ),
        "the first cells are missing: the region begins at cell floor(x1 / S) + 1, which is included": partial(
            _region, cells=_without_the_first
        ),
        "the region begins one cell too early, at floor(x1 / S); SPPNet begins at floor(x1 / S) + 1": partial(
            _region, cells=_with_one_before
        ),
        "the region ends one cell too late; its last cell is ceil(x2 / S) - 1": partial(_region, cells=_with_one_after),
        "the edges are rounded outwards; SPPNet rounds them inwards": partial(_region, cells=_outwards),
        "the edges are rounded to the nearest cell; SPPNet rounds them inwards": partial(_region, cells=_nearest),
        "the edges are rounded to the nearest cell, and the last cell is missing; SPPNet rounds them inwards": partial(
            _region, cells=_nearest_without_the_end
        ),
        "both edges are rounded down and the last cell is left out; use floor(x1 / S) + 1 to ceil(x2 / S) - 1": partial(
            _region, cells=_cut_off
        ),
        "both edges are rounded down; use floor(x1 / S) + 1 to ceil(x2 / S) - 1, both included": partial(
            _region, cells=_cut_off_with_the_end
        ),
        "the region begins at ceil(x1 / S), which differs from floor(x1 / S) + 1 where an edge is on the grid": partial(
            _region, cells=_ceiled
        ),
        "ceil(x1 / S) and floor(x2 / S) are used; on the grid, floor(x1 / S) + 1 and ceil(x2 / S) - 1 are other cells": partial(
            _region, cells=_ceiled_and_floored
        ),
        "the slice runs from ceil(x1 / S) to floor(x2 / S); use floor(x1 / S) + 1 and ceil(x2 / S)": partial(
            _region, cells=_ceiled_and_floored_without_the_end
        ),
        "the slice ends at floor(x2 / S); the last cell is ceil(x2 / S) - 1, so the slice ends at ceil(x2 / S)": partial(
            _region, cells=_floored_without_the_end
        ),
        "floor(x2 / S) is the last cell; where an edge is on the grid, ceil(x2 / S) - 1 is one less": partial(
            _region, cells=_up_to_the_floor
        ),
        "the region begins at ceil(x1 / S) + 1; it begins at floor(x1 / S) + 1": partial(_region, cells=_after_the_ceiling),
        "the box is not divided by `stride`; it is in pixels of the image, and `x` has cells": partial(
            _region, cells=_in_pixels
        ),
        "the whole map is pooled; cut the cells of the box out first": partial(_region, cells=_everything),
        "4 is used instead of `stride`": partial(_region, cells=_of_stride_4),
        "x and y are exchanged: x1 and x2 select columns, the last axis of the map": but(_region, box=_turned),
        "the last two numbers of the box are taken for its width and height; they are the corner x2, y2": but(
            _region, box=_from_corner_and_size
        ),
        "the bins are averaged; take the maximum of each bin": partial(_region, pool=F.adaptive_avg_pool2d),
        "`n` is taken for the size of a bin; it is the number of bins along an axis": partial(_region, pool=F.max_pool2d),
        "each level is computed from the one before; pool the region itself for each": _chained,
        "the channels come last in each level; a level is flattened as (C, n, n)": partial(
            _region, flatten=lambda y: y.permute(1, 2, 0).flatten()
        ),
        "rows and columns of the bins are exchanged": partial(_region, flatten=lambda y: y.transpose(1, 2).flatten()),
        "the levels are joined within each channel; flatten each level, then join them": _by_channel,
        "4, 2 and 1 are used instead of `levels`": but(_region, levels=(4, 2, 1)),
        "the levels are sorted, the most bins first; keep the order of `levels`": but(
            _region, levels=lambda levels: sorted(levels, reverse=True)
        ),
        "the levels are sorted, the fewest bins first; keep the order of `levels`": but(_region, levels=sorted),
        "the levels are in the reverse order": but(_region, levels=lambda levels: levels[::-1]),
        "only the first level is there; join all of them": but(_region, levels=lambda levels: levels[:1]),
        "only the last level is there; join all of them": but(_region, levels=lambda levels: levels[-1:]),
        "the result has an axis for the images; return a tensor with one axis": but(_region, result=lambda y: y[None]),
        "the levels are joined next to each other in every channel, (C, ...); flatten each level first": lambda **case: (
            _by_channel(**case).view(len(case["x"]), -1)
        ),
    },
    explain=_cells_of,
    hints=[
        "First the cells: divide the four numbers by `stride`; `math.floor(left) + 1` is the first column.",
        "A slice excludes its end, so the columns are `math.floor(left) + 1 : math.ceil(right)`; the rows likewise.",
        "For each level, `F.adaptive_max_pool2d(x[:, rows, columns], n).flatten()`; then `torch.cat([...])`.",
    ],
)

sharper = Check(
    "sharper",
    reference="a",
    choices=("a", "b", "c"),
    mistakes={
        "R-CNN describes its crops by 4 x 4 maxima of bins too, so that cannot be the difference": "b",
        "both use the same network with the same weights": "c",
    },
    hints=[
        "Which of the three does R-CNN share with SPPNet? That cannot be the difference.",
        "A cell of the map is 4 pixels wide, and our objects are about 20 pixels wide. Where does the edge of a proposal go?",
    ],
)
