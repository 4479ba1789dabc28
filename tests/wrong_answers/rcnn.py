"""Wrong answers of lesson 09."""

import itertools
import math

import numpy as np
import torch
import torchvision
from torch.nn import functional as F

from cnnlib.detection import boxes


def overlap(clamp=lambda w, h: max(w, 0) * max(h, 0), share=lambda i, a, b: i / (a + b - i), more=0):
    """Write IoU in loops over numbers, with something changed."""

    def iou(a, b):
        table = np.zeros((len(a), len(b)))
        for m, (x1, y1, x2, y2) in enumerate(a.tolist()):
            for k, (u1, v1, u2, v2) in enumerate(b.tolist()):
                inter = clamp(min(x2, u2) - max(x1, u1) + more, min(y2, v2) - max(y1, v1) + more)
                areas = (x2 - x1 + more) * (y2 - y1 + more), (u2 - u1 + more) * (v2 - v1 + more)
                table[m, k] = share(inter, *areas)
        return torch.from_numpy(table).float()

    return iou


def overlap_over_the_box_around_both(a, b):
    w, h = (torch.min(a[:, None, k + 2], b[:, k + 2]).sub(torch.max(a[:, None, k], b[:, k])).relu() for k in (0, 1))
    across, down = (torch.max(a[:, None, k + 2], b[:, k + 2]) - torch.min(a[:, None, k], b[:, k]) for k in (0, 1))
    return w * h / (across * down)


def overlap_of_centres(a, b):
    return torchvision.ops.box_iou(*(torchvision.ops.box_convert(box.float(), "cxcywh", "xyxy") for box in (a, b)))


def overlap_of_corners_and_sizes(a, b):
    return torchvision.ops.box_iou(*(torchvision.ops.box_convert(box, "xywh", "xyxy") for box in (a, b)))


def overlap_of_pairs(a, b):
    count = min(len(a), len(b))
    return torchvision.ops.box_iou(a[:count], b[:count]).diagonal()


def nms(keeps=lambda share, threshold: share <= threshold, order=lambda scores: scores.argsort(descending=True)):
    """Write NMS by crossing out what is left, with something changed."""

    def suppress(candidates, scores, threshold):
        left, kept = order(scores).tolist(), []
        while left:
            best, *rest = left
            kept.append(best)
            shares = torchvision.ops.box_iou(candidates[best][None], candidates)[0].tolist()
            left = [one for one in rest if keeps(shares[one], threshold)]
        return np.array(kept)

    return suppress


def nms_of_all_pairs(candidates, scores, threshold):
    order = scores.argsort(descending=True)
    share = torchvision.ops.box_iou(candidates[order], candidates[order]).triu(1)
    return order[(share <= threshold).all(0)]


def nms_of_sorted_boxes(candidates, scores, threshold):
    order = scores.argsort(descending=True)
    return torchvision.ops.nms(candidates[order], scores[order], threshold)


def nms_of_neighbours(candidates, scores, threshold):
    kept = []
    for one in scores.argsort(descending=True).tolist():
        if not kept or torchvision.ops.box_iou(candidates[[kept[-1]]], candidates[[one]]) <= threshold:
            kept.append(one)
    return kept


def nms_of_the_best_alone(candidates, scores, threshold):
    order = scores.argsort(descending=True)
    share = torchvision.ops.box_iou(candidates[order[:1]], candidates[order[1:]])[0]
    return torch.cat([order[:1], order[1:][share <= threshold]])


def dropped_by_nms(candidates, scores, threshold):
    kept = torchvision.ops.nms(candidates, scores, threshold).tolist()
    return torch.tensor([one for one in scores.argsort(descending=True).tolist() if one not in kept])


def nms_of_scores_above_zero(candidates, scores, threshold):
    scores, kept = scores.clone(), []
    while scores.max() > 0:
        kept.append(int(scores.argmax()))
        scores[torchvision.ops.box_iou(candidates[kept[-1:]], candidates)[0] > threshold] = 0
        scores[kept[-1]] = 0
    return torch.tensor(kept, dtype=torch.long)


def area(best=lambda precision, i: max(precision[i:]), count=lambda found, total, objects: objects, only_hits=True):
    """Add up the area hit by hit, with something changed."""

    def average(hits, objects):
        precision = [float(np.mean(hits.numpy()[: i + 1])) for i in range(len(hits))]
        parts = [best(precision, i) for i, hit in enumerate(hits) if hit or not only_hits]
        return sum(parts) / count(int(hits.sum()), len(hits), objects) if parts else 0

    return average


def curve(hits, objects):
    found = np.cumsum(hits.numpy())
    return found / np.arange(1, len(hits) + 1), found / objects


def area_at_points(points):
    def average(hits, objects):
        precision, recall = curve(hits, objects)
        return np.mean([max(precision[recall >= t], default=0) for t in points])

    return average


def area_by_trapezia(best=lambda precision: np.maximum.accumulate(precision[::-1])[::-1]):
    def average(hits, objects):
        precision, recall = curve(hits, objects)
        return np.trapezoid(best(precision), recall)

    return average


def area_of_steps_after_the_first(hits, objects):
    precision, recall = curve(hits, objects)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float((best[1:] * np.diff(recall)).sum())


def area_of_one_over_the_place(hits, objects):
    return sum(1 / place for place, hit in enumerate(hits.tolist(), 1) if hit) / objects


def area_not_turned_back(hits, objects):
    precision = hits.cumsum(0) / torch.arange(1, len(hits) + 1)
    best = precision.flip(0).cummax(0).values
    return sum(best[place] for place in range(len(hits)) if hits[place]) / objects


def mean_of_the_best(hits, objects):
    precision, _ = curve(hits, objects)
    return float(np.mean([precision[i:].max() for i in range(len(hits))]))


def area_counted_from_0(hits, objects):
    precision = hits.cumsum(0) / torch.arange(len(hits))
    return (precision.flip(0).cummax(0).values.flip(0)[hits].sum() / objects).item()


def encode(shift=lambda d, w, of: d / of, size=lambda w, of: math.log(w / of), centre=lambda a, b: (a + b) / 2, more=0):
    """Write the deltas box by box, with something changed."""

    def deltas(true, proposal):
        rows = []
        for t, p in zip(true.tolist(), proposal.tolist(), strict=True):
            w, of = ([box[k + 2] - box[k] + more for k in (0, 1)] for box in (t, p))
            d = [centre(t[k], t[k + 2]) - centre(p[k], p[k + 2]) for k in (0, 1)]
            rows.append([shift(*one) for one in zip(d, w, of, strict=True)] + [size(*one) for one in zip(w, of, strict=True)])
        return torch.tensor(rows)  # float32

    return deltas


def encode_in_order(*places):
    return lambda true, proposal: torch.stack([encode()(true, proposal)[:, place] for place in places], 1)


def encode_of(convert):
    """Write the deltas column by column, of boxes that are converted in another way."""

    def deltas(true, proposal):
        (x, y, w, h), (px, py, pw, ph) = (convert(boxes).T for boxes in (true, proposal))
        return torch.stack([(x - px) / pw, (y - py) / ph, torch.log(w / pw), torch.log(h / ph)], 1)

    return deltas


def centre_and_corner(boxes):
    return torch.cat([(boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:]], 1)


def encode_by_widths(true, proposal):
    deltas = encode()(true, proposal)
    sizes = proposal[:, 2:] - proposal[:, :2]
    deltas[:, 1] *= sizes[:, 1] / sizes[:, 0]
    return deltas


def encode_of_heights_and_widths(true, proposal):
    (x, y, w, h), (px, py, pw, ph) = (torchvision.ops.box_convert(boxes, "xyxy", "cxcywh").T for boxes in (true, proposal))
    return torch.stack([(x - px) / ph, (y - py) / pw, torch.log(w / pw), torch.log(h / ph)], 1)


def region(
    first=lambda low, stride: math.floor(low / stride) + 1,
    after=lambda high, stride: math.ceil(high / stride),
    reduce=lambda part: part.flatten(1).amax(1),
    end=lambda i, side, n: math.ceil((i + 1) * side / n),
    order=list,
    axes=(0, 1, 2, 3),
):
    """Write the features of a region bin by bin, with something changed."""

    def features(x, box, stride, levels):
        x1, y1, x2, y2 = (box[axis].item() for axis in axes)
        piece = x[:, first(y1, stride) : after(y2, stride), first(x1, stride) : after(x2, stride)]
        height, width = piece.shape[1:]
        parts = []
        for n in order(levels):
            rows, columns = ([(i * s // n, max(end(i, s, n), i * s // n + 1)) for i in range(n)] for s in (height, width))
            bins = [[reduce(piece[:, a:b, c:d]) for c, d in columns] for a, b in rows]
            parts.append(torch.stack([torch.stack(row, 1) for row in bins], 1).reshape(-1))
        return torch.hstack(parts)

    return features


def region_of(pool=F.adaptive_max_pool2d, flatten="cij", levels=list, rows=None, columns=None):
    """Write the features of a region level by level in numpy, with something changed."""

    def features(x, box, stride, given):
        x1, y1, x2, y2 = (box / stride).tolist()
        piece = x[:, int(y1) + 1 : math.ceil(y2), int(x1) + 1 : math.ceil(x2)]
        if rows:
            piece = x[:, rows(y1, y2), columns(x1, x2)]
        parts = [np.einsum(f"cij->{flatten}", pool(piece[None], n)[0].numpy()).reshape(-1) for n in levels(given)]
        return torch.from_numpy(np.concatenate(parts))

    return features


def region_in_steps(x, box, stride, levels):
    x1, y1, x2, y2 = box
    x = x[:, y1.div(stride).floor().int() + 1 : (y2 / stride).ceil().int(), int(x1 // stride) + 1 : (x2 / stride).ceil().int()]
    out = []
    for n in levels:
        x = F.adaptive_max_pool2d(x, (n, n))
        out.append(x.reshape(-1))
    return torch.cat(out, dim=-1)


def region_channel_by_channel(x, box, stride, levels):
    return torch.cat([region()(x[c : c + 1], box, stride, levels) for c in range(len(x))])


def region_of_the_whole_map(x, box, stride, levels):
    return torch.cat([F.adaptive_max_pool2d(x, n).flatten() for n in levels])


def region_rounded_outwards(x, box, stride, levels):
    x1, y1 = (box[:2] / stride).floor().int().tolist()
    x2, y2 = (box[2:] / stride).ceil().int().tolist()
    return torch.cat([F.adaptive_max_pool2d(x[:, y1 : y2 + 1, x1 : x2 + 1], n).flatten() for n in levels])


def region_rounded(x, box, stride, levels):
    x1, y1, x2, y2 = (box / stride).round().int().tolist()
    return torch.cat([F.adaptive_max_pool2d(x[:, y1 : y2 + 1, x1 : x2 + 1], n).flatten() for n in levels])


def region_rounded_without_the_end(x, box, stride, levels):
    x1, y1, x2, y2 = (round(edge / stride) for edge in box.tolist())
    return torch.cat([F.adaptive_max_pool2d(x[:, y1:y2, x1:x2], n).flatten() for n in levels])


def region_with_both_rounded_down(x, box, stride, levels):
    x1, y1, x2, y2 = (int(edge / stride) for edge in box.tolist())
    return torch.cat([F.adaptive_max_pool2d(x[:, y1 : y2 + 1, x1 : x2 + 1], n).flatten() for n in levels])


def region_of_corner_and_size(x, box, stride, levels):
    x1, y1, width, height = box.tolist()
    return region()(x, torch.tensor([x1, y1, x1 + width, y1 + height]), stride, levels)


def region_cut_off(x, box, stride, levels):
    x1, y1, x2, y2 = (box // stride).int().tolist()
    return torch.cat([F.adaptive_max_pool2d(x[:, y1:y2, x1:x2], n).flatten() for n in levels])


def nms_that_returns_an_empty_tensor(candidates, scores, threshold):
    kept = nms()(candidates, scores, threshold)
    return torch.tensor([int(index) for index in kept if scores[index] > 0])


def overlap_between(start, end, area=lambda w, h: w * h, clamped=lambda v: v.clip(0)):
    """Take other corners for those of the intersection, in numpy."""

    def iou(a, b):
        one, other = a.numpy()[:, None], b.numpy()
        sides = clamped(end(one[..., 2:], other[..., 2:]) - start(one[..., :2], other[..., :2]))
        shared = area(sides[..., 0], sides[..., 1])
        of_a, of_b = ((box[..., 2] - box[..., 0]) * (box[..., 3] - box[..., 1]) for box in (one, other))
        return torch.from_numpy(shared / (of_a + of_b - shared))

    return iou


def overlap_of_far_corners(a, b):
    sides = torch.minimum(a[:, None, 2:], b[:, 2:]) - torch.maximum(a[:, None, :2], b[:, :2])
    shared = sides.relu().prod(-1)
    return shared / ((a[:, 2] * a[:, 3])[:, None] + b[:, 2] * b[:, 3] - shared)


def nms_of_the_one_before(candidates, scores, threshold):
    order = scores.argsort(descending=True).tolist()
    shares = torchvision.ops.box_iou(candidates, candidates)
    return torch.tensor(order[:1] + [i for before, i in itertools.pairwise(order) if shares[before, i] <= threshold])


def region_in_columns(x, box, stride, levels):
    return torch.cat([region_channel_by_channel(one[None], box, stride, levels)[None] for one in x])


WRONG_ANSWERS = {
    "overlap": [
        (
            overlap(share=lambda i, a, b: i / (a + b - i - i) if a + b > 2 * i else math.inf),
            "the intersection is subtracted twice",
        ),
        (overlap(clamp=lambda w, h: abs(w) * abs(h)), "negative lengths are made positive"),
        (overlap(share=lambda i, a, b: i / a / b), "the areas are multiplied"),
        (overlap_of_far_corners, "x2 * y2 is taken for the area"),
        (overlap_between(np.maximum, np.maximum), "the larger x2 and y2 are taken"),
        (overlap_between(np.minimum, np.minimum), "the smaller x1 and y1 are taken"),
        (overlap_between(np.minimum, np.maximum), "the box around both is taken for the intersection"),
        (overlap_between(np.maximum, np.minimum, np.add), "width and height of the intersection are added"),
        (lambda a, b: torchvision.ops.box_iou(a, b), "the values are right, but `box_iou` is ready-made"),
        (overlap(clamp=lambda w, h: w * h), "boxes that lie apart seem to overlap"),
        (overlap(clamp=lambda w, h: max(w * h, 0)), "the product is clamped"),
        (overlap(clamp=lambda w, h: max(w, 0) * h), "only the width of the intersection is clamped"),
        (overlap(clamp=lambda w, h: w * max(h, 0)), "only the height of the intersection is clamped"),
        (overlap(share=lambda i, a, b: i), "that is the area of the intersection"),
        (overlap_of_corners_and_sizes, "the last two numbers are taken for width and height"),
        (overlap(share=lambda i, a, b: i / a), "the intersection is divided by the area of the box of `a`"),
        (overlap(share=lambda i, a, b: i / b), "the intersection is divided by the area of the box of `b`"),
        (overlap(share=lambda i, a, b: i / max(a, b)), "the intersection is divided by the larger area"),
        (overlap_over_the_box_around_both, "the intersection is divided by the smallest box around both"),
        (overlap(share=lambda i, a, b: i / (a + b)), "the union counts the intersection twice"),
        (overlap(share=lambda i, a, b: 2 * i / (a + b)), "that is Dice"),
        (overlap(share=lambda i, a, b: i / min(a, b)), "the intersection is divided by the smaller area"),
        (overlap(more=1), "1 is added to each width and height"),
        (overlap_of_centres, "the numbers are taken for centre, width and height"),
        (lambda a, b: torchvision.ops.box_iou(b, a), "rows and columns are exchanged"),
        (torchvision.ops.generalized_box_iou, "6 of the 6 values differ"),
        (overlap_of_pairs, "expected shape"),
    ],
    "nms": [
        (
            lambda c, s, t: torch.stack([i for i in s.argsort() if not (boxes.iou(c[[i]], c) > t).any()]),
            "your code raised ValueError",
        ),
        (nms_of_the_one_before, "each box is compared with the one just before"),
        (nms(order=lambda scores: scores.argsort()), "the lowest score goes first"),
        (nms(order=lambda scores: torch.arange(len(scores))), "the boxes are taken as they came"),
        (nms(keeps=lambda share, threshold: share < threshold), "a box that overlaps by exactly `threshold`"),
        (nms(keeps=lambda share, threshold: share > threshold), "the comparison is inverted"),
        (nms(keeps=lambda share, threshold: share <= 0.5), "0.5 is used instead of `threshold`"),
        (nms(keeps=lambda share, threshold: share == 0), "every box that touches a kept one"),
        (nms(keeps=lambda share, threshold: share <= 1 - threshold), "expected shape (2,), got (3,)"),
        (nms_of_all_pairs, "a box that is dropped drops others too"),
        (nms_of_sorted_boxes, "these are places in the sorted list"),
        (nms_of_neighbours, "each box is compared with the last one that stayed"),
        (nms_that_returns_an_empty_tensor, "boxes with a negative score are dropped"),
        (nms_of_the_best_alone, "only the best box drops others"),
        (lambda candidates, scores, threshold: scores.sort(descending=True).indices, "nothing is dropped"),
        (lambda *case: nms()(*case)[::-1].copy(), "the right boxes stay, the lowest score first"),
        (dropped_by_nms, "these are the boxes that are dropped"),
        (nms_of_scores_above_zero, "boxes with a negative score are dropped"),
        (lambda candidates, *rest: candidates[nms()(candidates, *rest)], "expected integers"),
        (lambda *case: torch.from_numpy(nms()(*case)).sort().values, "the right boxes stay, in the order"),
        (lambda *case: nms()(*case)[0], "expected a torch tensor, got a numpy.int64"),
    ],
    "by_hand": [
        (0.67, "0.67 is the precision at the second hit"),
        (1, "1.0 is the best precision"),
        (0.6, "0.60 is the precision at the end, or takes 2/3"),
        (0.83, "0.83 is the mean over three hits"),
        ("0.81", "0.81 is the mean over three hits"),
        (3 / 4, "0.75 is the recall"),
        (62.5, "62.5 is in per cent"),
        (0.573, "0.57 joins the points by slanted lines"),
        (0.5, "0.50 divides the sum by the five detections"),
        ("0.48", "0.48 divides by the five detections and takes 2/3"),
        (0.375, "0.38 lacks the first step of recall"),
        (0.45, "0.45 is recall times precision"),
        (5 / 2, "2.5 is the sum over the hits"),
        (0.875, "0.875 is not right"),
        (0.61, "0.61 is what 11 points"),
    ],
    "area": [
        (
            lambda hits, objects: area(best=lambda p, i: p[i], count=lambda found, total, objects: found)(hits, objects),
            "the precision at each hit is averaged over the hits",
        ),
        (lambda hits, objects: float(curve(hits, objects)[0].max()), "that is the largest precision of all"),
        (area(best=lambda precision, i: min(precision[i:])), "the smallest precision from each hit on"),
        (
            lambda hits, objects: float("nan") if not hits.any() else area()(hits, int(hits.sum())),
            "the sum is divided by the hits, and 0 / 0",
        ),
        (area(lambda precision, i: max(p // 1 for p in precision[i:])), "`//` rounds the precision down"),
        (
            lambda hits, objects: float(sum(curve(hits, objects)[1].max() for hit in hits if hit) / objects),
            "that is the recall at each hit",
        ),
        (area(best=lambda precision, i: precision[i]), "the precision at each hit is taken as it is"),
        (area(best=lambda precision, i: max(precision[: i + 1])), "the running maximum starts at the front"),
        (area(best=lambda precision, i: max(precision)), "the best precision of the whole list"),
        (area(best=lambda precision, i: max(precision[i + 1 :], default=0)), "expected 1, got 0"),
        (area(count=lambda found, total, objects: found), "the sum is divided by the hits"),
        (area(count=lambda found, total, objects: total), "the sum is divided by the detections"),
        (area(only_hits=False), "misses are added up too"),
        (area(count=lambda found, total, objects: 1), "the sum is not divided"),
        (area_not_turned_back, "the running maximum is not turned back"),
        (mean_of_the_best, "the precision is averaged over all detections"),
        (area_at_points(np.arange(0, 1.1, 0.1)), "the precision is read at 11 points"),
        (area_at_points(np.arange(0, 1.01, 0.01)), "the precision is read at 101 points"),
        (area_by_trapezia(), "the first step of recall is missing"),
        (area_of_steps_after_the_first, "the first step of recall is missing"),
        (area_of_one_over_the_place, "the places of the hits are turned into 1 / place"),
        (lambda hits, objects: area()(hits.flip(0), objects), "the list is read from its end"),
        (area_by_trapezia(best=lambda precision: precision), "slanted lines join the precisions as they are"),
        (lambda hits, objects: curve(hits, objects)[1][-1], "that is the recall at the end"),
        (lambda hits, objects: sum(hits) / len(hits), "that is the precision at the end"),
        (area_counted_from_0, "the detections are counted from 0"),
        (lambda hits, objects: hits.cumsum(0) / objects, "expected one number"),
    ],
    "encode": [
        (
            lambda true, proposal: (
                encode()(true, proposal)
                + torch.tensor([[(a + c) / 2 / (c - a), (b + d) / 2 / (d - b), 0, 0] for a, b, c, d in proposal.tolist()])
            ),
            "the proposal's centre is not subtracted",
        ),
        (encode(size=lambda w, of: math.sqrt(w / of)), "the root of the ratio of the sizes"),
        (encode(shift=lambda d, w, of: abs(d) / of), "the shifts have no sign"),
        (encode(centre=lambda a, b: a), "the shift is that of the upper left corners"),
        (encode(shift=lambda d, w, of: d), "the shift is in pixels"),
        (encode(shift=lambda d, w, of: d / w), "the shift is divided by the size of the true box"),
        (encode(size=lambda w, of: w / of), "the logarithm of the sizes is missing"),
        (encode(size=lambda w, of: math.log2(w / of)), "the logarithm is to base 2"),
        (encode(size=lambda w, of: math.log(of / w)), "the ratio of the sizes is upside down"),
        (encode(size=lambda w, of: math.log(w) / math.log(of)), "2 of the 4 values differ"),
        (encode(shift=lambda d, w, of: -d / of), "tx and ty have the wrong sign"),
        (encode(centre=lambda a, b: (a + b) // 2), "`//` cuts the centres"),
        (encode(more=1), "1 is added to each width and height"),
        (encode(centre=lambda a, b: (b - a) / 2), "half of the width is taken for the centre"),
        (encode(centre=lambda a, b: a + b), "tx and ty are twice as large"),
        (encode(shift=lambda d, w, of: d / (of / 2)), "tx and ty are twice as large"),
        (encode(centre=lambda a, b: b), "the shift is that of the lower right corners"),
        (encode(centre=lambda a, b: a + b / 2), "x2 / 2 is added to x1"),
        (encode_by_widths, "both shifts are divided by the width"),
        (encode(size=lambda w, of: w), "tw and th are the sizes of the true box"),
        (encode(size=lambda w, of: math.log(w)), "the logarithm is that of the true size alone"),
        (encode(size=lambda w, of: of / w), "the size is the proposal's over the true one"),
        (encode(size=lambda w, of: math.log10(w / of)), "the logarithm is to base 10"),
        (encode(size=lambda w, of: w - of), "the sizes are subtracted"),
        (encode(size=lambda w, of: (w - of) / of), "the change of size is a relative difference"),
        (encode_of_heights_and_widths, "tx is divided by the height and ty by the width"),
        (encode_in_order(0, 2, 1, 3), "the order is tx, tw, ty, th"),
        (encode_in_order(1, 0, 3, 2), "the order is ty, tx, th, tw"),
        (encode_in_order(2, 3, 0, 1), "the sizes come before the shifts"),
        (encode_in_order(0, 1, 3, 2), "tw and th are exchanged"),
        (encode_of(lambda boxes: boxes), "the boxes are taken for centre, width and height"),
        (
            encode_of(lambda boxes: torchvision.ops.box_convert(boxes, "xywh", "cxcywh")),
            "the last two numbers are taken for width and height",
        ),
        (encode_of(centre_and_corner), "`true[:, 2:]` is the corner"),
        (lambda true, proposal: encode()(proposal, true), "that is the way from the true box to the proposal"),
    ],
    "parts": [
        ("a", "a part still has the highest score and goes first"),
        ("(B)", "the parts have higher scores than the whole cup"),
        ("d)", "a box that fits better would lose as well"),
    ],
    "operating": [
        (0.95, "0.95 stops where the precision falls below 65 %"),
        (0.8, "0.80 shows three hits in four"),
        (".85", "0.85 shows two hits in three"),
        (0.3, "0.30 shows all boxes"),
        (0.4, "0.40 shows seven boxes"),
        (0.6, "0.60 shows five boxes"),
        ("0.90", "0.90 shows two boxes"),
        (0.65, "0.65 is the precision that is demanded"),
        (0.667, "0.67 is the precision, 4 hits in 6 boxes"),
        (6, "6 is the number of boxes that are shown"),
        (4, "4 is the number of discs that are found"),
        (0.75, "0.75 is the precision after the fourth box"),
        (0.625, "0.63 is the precision after all eight boxes"),
        (8, "8 is the number of all boxes"),
        (5, "5 is the number of all hits"),
        ("3", "3 is the number of hits after four boxes"),
        (0.5, "0.5 is not right"),
    ],
    "region": [
        (region_in_columns, "the levels are joined next to each other"),
        (region(after=lambda high, stride: math.ceil(high / stride) - 1), "the last cells are missing"),
        (region(after=lambda high, stride: math.ceil(high / stride) + 1), "the region ends one cell too late"),
        (region(first=lambda low, stride: math.floor(low / stride)), "the region begins one cell too early"),
        (region(first=lambda low, stride: math.floor(low / stride) + 2), "the first cells are missing"),
        (region(first=lambda low, stride: math.ceil(low / stride)), "the region begins at ceil(x1 / S)"),
        (
            region(first=lambda low, s: math.ceil(low / s), after=lambda high, s: math.floor(high / s) + 1),
            "ceil(x1 / S) and floor(x2 / S) are used",
        ),
        (
            region(first=lambda low, s: math.ceil(low / s), after=lambda high, s: math.floor(high / s)),
            "the slice runs from ceil(x1 / S) to floor(x2 / S)",
        ),
        (region(after=lambda high, stride: math.floor(high / stride)), "the slice ends at floor(x2 / S)"),
        (region(after=lambda high, stride: math.floor(high / stride) + 1), "floor(x2 / S) is the last cell"),
        (region(first=lambda low, stride: math.ceil(low / stride) + 1), "the region begins at ceil(x1 / S) + 1"),
        (region_rounded_outwards, "the edges are rounded outwards"),
        (region(first=lambda low, s: low // s, after=lambda high, s: math.ceil(high / s)), "your code raised TypeError"),
        (region_rounded_without_the_end, "the edges are rounded to the nearest cell, and the last cell is missing"),
        (region_with_both_rounded_down, "both edges are rounded down; use"),
        (region_of_corner_and_size, "the last two numbers of the box are taken for its width and height"),
        (region_rounded, "the edges are rounded to the nearest cell"),
        (region_cut_off, "both edges are rounded down and the last cell is left out"),
        (region(axes=(1, 0, 3, 2)), "x and y are exchanged"),
        (region(reduce=lambda part: part.flatten(1).mean(1)), "the bins are averaged"),
        (region_of(pool=F.max_pool2d), "`n` is taken for the size of a bin"),
        (region_of(levels=lambda levels: [4, 2, 1]), "4, 2 and 1 are used instead of `levels`"),
        (region_of(levels=lambda levels: levels[::-1]), "the levels are in the reverse order"),
        (region_of(levels=lambda levels: levels[:1]), "only the first level"),
        (region_of(levels=lambda levels: levels[-1:]), "only the last level"),
        (region(order=sorted), "the levels are sorted, the fewest bins first"),
        (region(order=lambda levels: sorted(levels)[::-1]), "the levels are sorted, the most bins first"),
        (region_of(flatten="ijc"), "the channels come last in each level"),
        (region_of(flatten="cji"), "rows and columns of the bins are exchanged"),
        (region_in_steps, "each level is computed from the one before"),
        (region_channel_by_channel, "the levels are joined within each channel"),
        (region_of_the_whole_map, "the whole map is pooled"),
        (lambda x, box, stride, levels: region()(x, box, 1, levels), "the box is not divided by `stride`"),
        (lambda x, box, stride, levels: region()(x, box, 4, levels), "4 is used instead of `stride`"),
        (lambda *case: region()(*case)[None], "the result has an axis for the images"),
        (lambda x, box, stride, levels: [F.adaptive_max_pool2d(x, n) for n in levels], "expected a torch tensor"),
    ],
    "sharper": [("b", "R-CNN describes its crops by 4 x 4 maxima"), ("(C)", "both use the same network")],
}
