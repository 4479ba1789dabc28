"""Checks of lesson 08: overlap, suppression, average precision, box regression, the pyramid, and what a pass costs."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn import functional as F

from cnnlib.checks.engine import Check, random, uniform


def _boxes(n: int, seed: int, spread: float = 30) -> Tensor:
    """Draw boxes with corners of whole numbers from 1 on and sides of 4 to 20 pixels: -> (n, 4)."""
    drawn = uniform(n, 4, seed=seed)
    start, sides = 1 + (drawn[:, :2] * spread).floor(), 4 + (drawn[:, 2:] * 17).floor()
    return torch.cat([start, start + sides], 1)


def _sides(boxes: Tensor, more: float = 0) -> Tensor:
    return boxes[:, 2:] - boxes[:, :2] + more


def _shared(a: Tensor, b: Tensor, least: float | None = 0, more: float = 0) -> Tensor:
    """Measure the intersection of every pair; `least` is where a length is clamped."""
    start, end = torch.maximum(a[:, None, :2], b[:, :2]), torch.minimum(a[:, None, 2:], b[:, 2:])
    return (end - start + more).clamp(min=least).prod(2) if least is not None else (end - start + more).prod(2)


def _areas(a: Tensor, b: Tensor, more: float = 0) -> tuple[Tensor, Tensor]:
    return _sides(a, more).prod(1)[:, None], _sides(b, more).prod(1)


def _iou(a: Tensor, b: Tensor, least: float | None = 0, more: float = 0) -> Tensor:
    shared, (of_a, of_b) = _shared(a, b, least, more), _areas(a, b, more)
    return shared / (of_a + of_b - shared)


def _cornered(boxes: Tensor) -> Tensor:
    """Take two corners for a corner and a size."""
    return torch.cat([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], 1)


overlap = Check(
    "overlap",
    reference=_iou,
    cases=[
        dict(a=_boxes(7, 0), b=_boxes(5, 1)),
        dict(a=_boxes(3, 2), b=_boxes(11, 3, 60)),
        dict(a=_boxes(6, 4), b=_boxes(2, 5)),
    ],
    mistakes={
        "boxes apart share something: a length below 0 has to become 0 before the product": lambda a, b: _iou(a, b, None),
        "the product is clamped; of two boxes apart along both axes both lengths are negative, and their product is not": (
            lambda a, b: _shared(a, b, None).clamp(min=0) / (sum(_areas(a, b)) - _shared(a, b, None).clamp(min=0))
        ),
        "the union counts what is shared twice; subtract it once": lambda a, b: _shared(a, b) / sum(_areas(a, b)),
        "that is a share of the box of `a`; divide by the union": lambda a, b: _shared(a, b) / _areas(a, b)[0],
        "that is a share of the box of `b`; divide by the union": lambda a, b: _shared(a, b) / _areas(a, b)[1],
        "that is a share of the smaller box; divide by the union": lambda a, b: _shared(a, b) / torch.minimum(*_areas(a, b)),
        "a width is x2 - x1, without + 1: the numbers are edges": lambda a, b: _iou(a, b, more=1),
        "the last two numbers are a corner, x2 and y2, not a width and a height": lambda a, b: _iou(_cornered(a), _cornered(b)),
        "rows and columns are exchanged: a row for each box of `a`": lambda a, b: _iou(b, a),
    },
    hints=[
        "Along x the two share from the larger x1 to the smaller x2; if that is negative, they share nothing.",
        "`a[:, None, 0]` (M, 1) against `b[:, 0]` (K,) gives all pairs: `torch.maximum` of these is (M, K).",
        "w = (torch.minimum(a[:, None, 2], b[:, 2]) - torch.maximum(a[:, None, 0], b[:, 0])).clamp(min=0), h likewise; "
        "then w * h / (area_a[:, None] + area_b - w * h).",
    ],
)


def _suppress(
    candidates: Tensor,
    scores: Tensor,
    threshold: float,
    lowest: bool = False,
    forgive: bool = True,
    drops: Callable[[Tensor, float], Tensor] = torch.gt,
) -> Tensor:
    """Keep numbers from the best down; without `forgive`, boxes that are dropped drop others too."""
    order, kept = scores.argsort(descending=not lowest).tolist(), []
    for place, number in enumerate(order):
        rivals = kept if forgive else order[:place]
        if not rivals or not drops(_iou(candidates[number][None], candidates[rivals]), threshold).any():
            kept.append(number)
    return torch.tensor(kept)


def _against_the_first(candidates: Tensor, scores: Tensor, threshold: float) -> Tensor:
    order = scores.argsort(descending=True)
    free = _iou(candidates[order[:1]], candidates[order])[0] <= threshold
    free[0] = True
    return order[free]


CHAIN = torch.tensor(  # the second box is dropped by the first, and would have dropped the third
    [
        [9, 8, 29, 28],
        [14, 8, 34, 28],
        [19, 8, 39, 28],
        [60, 50, 80, 66],
        [61, 52, 79, 66],
        [58, 8, 70, 19],
        [30, 32, 50, 52],
        [30, 32, 50, 42],
    ]
).double()  # the last two overlap by exactly 0.5, the threshold: both stay

nms = Check(
    "nms",
    reference=_suppress,
    cases=[
        dict(candidates=CHAIN, scores=torch.tensor([0.9, 0.8, 0.7, 0.55, 0.75, 0.3, 0.4, 0.6]).double(), threshold=0.5),
        dict(candidates=_boxes(17, 6, 20), scores=random(17, seed=7).sigmoid(), threshold=0.3),
        dict(candidates=_boxes(11, 8, 14), scores=random(11, seed=9).sigmoid(), threshold=0.15),
    ],
    mistakes={
        "the lowest score goes first; begin with the best": lambda candidates, scores, threshold: _suppress(
            candidates, scores, threshold, lowest=True
        ),
        "a box that was dropped drops others too; only boxes that are kept do": lambda candidates, scores, threshold: _suppress(
            candidates, scores, threshold, forgive=False
        ),
        "only the very best box drops others; go on with the best of what is left": _against_the_first,
        "nothing is dropped, the boxes are only sorted": lambda candidates, scores, threshold: scores.argsort(descending=True),
        "the numbers are in the order of the boxes; the best score goes first": lambda candidates, scores, threshold: (
            _suppress(candidates, scores, threshold).sort().values
        ),
        "whatever touches a kept box is dropped; compare with `threshold`": lambda candidates, scores, threshold: _suppress(
            candidates, scores, 0.0
        ),
        "the boxes are taken as they came; begin with the best score": lambda candidates, scores, threshold: _suppress(
            candidates, -torch.arange(len(scores)), threshold
        ),
        "`threshold` is ignored, 0.5 stands in its place": lambda candidates, scores, threshold: _suppress(
            candidates, scores, 0.5
        ),
        "a box that overlaps by exactly `threshold` stays; only more than that drops it": (
            lambda candidates, scores, threshold: _suppress(candidates, scores, threshold, drops=torch.ge)
        ),
        "these are numbers in the sorted list; give those of the boxes as they came": lambda candidates, scores, threshold: (
            scores.argsort(descending=True).argsort()[_suppress(candidates, scores, threshold)]
        ),
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
        "at the second hit the precision is 2/3, further down 3/4: the best from there on counts": (1 + 2 / 3 + 3 / 4) / 4,
        "that is the mean over three hits; the fourth object is never found and counts 0": (1 + 3 / 4 + 3 / 4) / 3,
        "that is the mean over three hits; divide by the four objects, and take the best precision from there on": (
            (1 + 2 / 3 + 3 / 4) / 3
        ),
        "that is in per cent; an AP lies between 0 and 1": 62.5,
        "that is the precision at the end, 3 of 5": 0.6,
        "that is the recall at the end, 3 of 4": 0.75,
        "the precision counts at hits alone; a miss reaches no new recall": (1 + 1 / 2 + 2 / 3 + 3 / 4 + 3 / 5) / 5,
    },
    hints=[
        "Precision after each detection: 1/1, 1/2, 2/3, 3/4, 3/5. A hit stands at the first, third and fourth.",
        "Three steps of recall, each 1/4 wide, at precisions 1, 3/4 and 3/4. The last quarter is never reached.",
    ],
    within=0.0015,
)


def _precision(hits: Tensor) -> Tensor:
    return hits.double().cumsum(0) / torch.arange(1, len(hits) + 1)


def _from_here_on(precision: Tensor) -> Tensor:
    return precision.flip(0).cummax(0).values.flip(0)


def _average(
    hits: Tensor,
    objects: int,
    best: Callable[[Tensor], Tensor] = _from_here_on,
    count: Callable[[Tensor, int], int] = lambda hits, objects: objects,
) -> float:
    total = best(_precision(hits))[hits].sum().item()
    return total / count(hits, objects)


average_precision = Check(
    "average_precision",
    reference=_average,
    cases=[
        dict(hits=torch.tensor([1, 0, 1, 1, 0, 0, 1]).bool(), objects=6),
        dict(hits=torch.tensor([0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 0]).bool(), objects=7),
        dict(hits=torch.tensor([0, 1, 0]).bool(), objects=2),
    ],
    mistakes={
        "the best precision from there on counts; a later, higher one is forgotten": lambda hits, objects: _average(
            hits, objects, best=lambda precision: precision
        ),
        "the running maximum goes the wrong way; it has to come from the end of the list": lambda hits, objects: _average(
            hits, objects, best=lambda precision: precision.cummax(0).values
        ),
        "the running maximum is not turned back; `flip(0)` once more": lambda hits, objects: _average(
            hits, objects, best=lambda precision: precision.flip(0).cummax(0).values
        ),
        "divided by the hits; objects that are never found count too": lambda hits, objects: _average(
            hits, objects, count=lambda hits, objects: int(hits.sum())
        ),
        "divided by the detections; divide by the objects": lambda hits, objects: _average(
            hits, objects, count=lambda hits, objects: len(hits)
        ),
        "misses are added up too; recall grows at hits alone": lambda hits, objects: (
            _from_here_on(_precision(hits)).sum().item() / objects
        ),
        "that is the recall at the end: hits over objects": lambda hits, objects: hits.sum().item() / objects,
        "that is the precision at the end: hits over detections": lambda hits, objects: hits.double().mean().item(),
    },
    hints=[
        "`hits.cumsum(0)` counts the hits so far; divided by 1, 2, 3 ... it is the precision after each detection.",
        "The best precision from each place on: turn the list round, `cummax(0).values`, and turn it back.",
        "The sum of these at the hits, `best[hits].sum()`, over `objects`.",
    ],
    within=1e-5,
)


def _centred(boxes: Tensor) -> tuple[Tensor, Tensor]:
    return (boxes[:, :2] + boxes[:, 2:]) / 2, _sides(boxes)


def _encode(
    true: Tensor,
    proposal: Tensor,
    centre: Callable[[Tensor], Tensor] = lambda boxes: _centred(boxes)[0],
    size: Callable[[Tensor, Tensor], Tensor] = lambda wh, of: (wh / of).log(),
) -> Tensor:
    wh, of = _sides(true), _sides(proposal)
    return torch.cat([(centre(true) - centre(proposal)) / of, size(wh, of)], 1)


def _undivided(true: Tensor, proposal: Tensor) -> Tensor:
    return torch.cat([_centred(true)[0] - _centred(proposal)[0], (_sides(true) / _sides(proposal)).log()], 1)


encode = Check(
    "encode",
    reference=_encode,
    cases=[dict(true=_boxes(7, 10), proposal=_boxes(7, 11)), dict(true=_boxes(3, 12), proposal=_boxes(3, 13))],
    mistakes={
        "the shift is one of corners; it is one of centres": lambda true, proposal: _encode(
            true, proposal, centre=lambda boxes: boxes[:, :2]
        ),
        "the shift is in pixels; divide it by the proposal's width and height": _undivided,
        "the shift is divided by the size of the true box; the proposal is all that is known later": lambda true, proposal: (
            torch.cat([-_encode(proposal, true)[:, :2], _encode(true, proposal)[:, 2:]], 1)
        ),
        "the logarithm of the sizes is forgotten": lambda true, proposal: _encode(true, proposal, size=lambda wh, of: wh / of),
        "the change of size is a difference; take the logarithm of the quotient": lambda true, proposal: _encode(
            true, proposal, size=lambda wh, of: (wh - of) / of
        ),
        "that is the way from the true box to the proposal": lambda true, proposal: _encode(proposal, true),
        "the last two numbers are a corner, x2 and y2, not a width and a height": lambda true, proposal: _encode(
            _cornered(true), _cornered(proposal)
        ),
        "`true[:, 2:]` is the corner x2, y2, not the size; subtract `true[:, :2]`": lambda true, proposal: torch.cat(
            [(_centred(true)[0] - _centred(proposal)[0]) / proposal[:, 2:], (true[:, 2:] / proposal[:, 2:]).log()], 1
        ),
        "the order is x, width, y, height; first the two shifts, then the two sizes": lambda true, proposal: _encode(
            true, proposal
        )[:, [0, 2, 1, 3]],
        "a centre is (x1 + x2) / 2; that is (x2 - x1) / 2, half of the width": lambda true, proposal: _encode(
            true, proposal, centre=lambda boxes: _sides(boxes) / 2
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
        "those are the passes; but an image is larger than a crop, and a pass over it costs more": 40,
        "the other way round: the image has four times the pixels of a crop": 160,
        "twice as long along both axes is four times the pixels": 20,
        "that is the other quotient: one pass against forty": 0.1,
    },
    hints=["Count pixels: 40 crops of 32 x 32 against one image of 64 x 64.", "40 * 32 * 32 / (64 * 64)."],
)


def _pyramid(
    x: Tensor,
    levels: Sequence[int],
    pool: Callable[[Tensor, int], Tensor] = F.adaptive_max_pool2d,
    flatten: Callable[[Tensor], Tensor] = lambda y: y.flatten(1),
) -> Tensor:
    return torch.cat([flatten(pool(x, n)) for n in levels], 1)


def _whole_windows(x: Tensor, n: int) -> Tensor:
    """Keep the maxima of n x n bins that share no pixel and leave out what is over."""
    size = [side // n for side in x.shape[2:]]
    return F.max_pool2d(x, size)[:, :, :n, :n]


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
        dict(x=random(2, 3, 11, 13, seed=14), levels=[4, 2, 1]),
        dict(x=random(3, 2, 7, 5, seed=15), levels=[3, 1]),
        dict(x=random(1, 5, 6, 9, seed=16), levels=[2]),
    ],
    mistakes={
        "the bins are averaged; take the largest number": lambda x, levels: _pyramid(x, levels, F.adaptive_avg_pool2d),
        "`n` is how many bins there are along an axis, not their size": lambda x, levels: _pyramid(x, levels, F.max_pool2d),
        "what does not fit into n equal windows is left out; bins have to cover the whole map": lambda x, levels: _pyramid(
            x, levels, _whole_windows
        ),
        "each level is flattened with the channels last; they come first": lambda x, levels: _pyramid(
            x, levels, flatten=lambda y: y.permute(0, 2, 3, 1).flatten(1)
        ),
        "a bin ends at ceil((i + 1) H / n), not at floor: neighbours may share a line of pixels": lambda x, levels: _pyramid(
            x, levels, _floored
        ),
        "the levels are joined within each channel; flatten each level whole, then join them": lambda x, levels: torch.cat(
            [F.adaptive_max_pool2d(x, n).flatten(2) for n in levels], 2
        ).flatten(1),
        "`levels` is ignored, 4, 2 and 1 stand in its place": lambda x, levels: _pyramid(x, (4, 2, 1)),
        "the levels are in the reverse order": lambda x, levels: _pyramid(x, levels[::-1]),
        "only the first level is there; put all of them side by side": lambda x, levels: _pyramid(x, levels[:1]),
        "only the last level is there; put all of them side by side": lambda x, levels: _pyramid(x, levels[-1:]),
    },
    hints=[
        "Among torch's pooling layers the *adaptive* ones are told how many numbers to make, not how large the windows are.",
        "`F.adaptive_max_pool2d(x, n)` makes n x n bins of a map of any size. Do it for each level.",
        "Flatten each level to (N, C n n), then `torch.cat([...], 1)`.",
    ],
)

sharper = Check(
    "sharper",
    reference="b",
    choices=("a", "b", "c"),
    mistakes={
        "R-CNN's 4 x 4 numbers a channel are maxima of bins too": "a",
        "both use the same network, and neither trains it any further": "c",
    },
    hints=[
        "Which of the three does R-CNN share? That cannot be the difference.",
        "A cell of the map is 4 pixels wide; our objects are about 20. Where does the edge of a proposal go?",
    ],
)
