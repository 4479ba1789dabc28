"""Right answers of lesson 09, written another way than the references."""

import math
from fractions import Fraction

import numpy as np
import torch
import torchvision
from torch.nn import functional as F


def pairs_in_loops(a, b):
    out = a.new_zeros(len(a), len(b))
    for i, (x1, y1, x2, y2) in enumerate(a.tolist()):
        for j, (u1, v1, u2, v2) in enumerate(b.tolist()):
            shared = max(0, min(x2, u2) - max(x1, u1)) * max(0, min(y2, v2) - max(y1, v1))
            out[i, j] = shared / ((x2 - x1) * (y2 - y1) + (u2 - u1) * (v2 - v1) - shared)
    return out


def pairs_side_by_side(a, b):
    w = (torch.minimum(a[:, None, 2], b[:, 2]) - torch.maximum(a[:, None, 0], b[:, 0])).clamp(min=0)
    h = (torch.minimum(a[:, None, 3], b[:, 3]) - torch.maximum(a[:, None, 1], b[:, 1])).clamp(min=0)
    area = lambda box: (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])
    return w * h / (area(a)[:, None] + area(b) - w * h)


def best_of_what_is_left(candidates, scores, threshold):
    left, kept = scores.argsort(descending=True), []
    while len(left):
        kept.append(left[0])
        left = left[1:][pairs_side_by_side(candidates[left[:1]], candidates[left[1:]])[0] <= threshold]
    return torch.stack(kept)


def crossed_out(candidates, scores, threshold):
    scores, kept = scores.clone(), []
    share = pairs_in_loops(candidates, candidates)
    while scores.max() > -math.inf:
        best = scores.argmax().item()
        kept.append(best)
        scores[share[best] > threshold] = -math.inf
        scores[best] = -math.inf
    return torch.tensor(kept)


def crossed_out_by_mask(candidates, scores, threshold):
    order = scores.sort(descending=True).indices
    share, stays = torchvision.ops.box_iou(candidates[order], candidates[order]), torch.ones(len(order), dtype=torch.bool)
    for place in range(len(order)):
        if stays[place]:
            stays[place + 1 :] &= share[place, place + 1 :] <= threshold
    return order[stays].tolist()


def pairs_with_an_epsilon(a, b):
    w, h = (torch.minimum(a[:, None, 2 + k], b[:, 2 + k]) - torch.maximum(a[:, None, k], b[:, k]) for k in (0, 1))
    shared = F.relu(w) * F.relu(h)
    return shared / ((a[:, 2:] - a[:, :2]).prod(1)[:, None] + (b[:, 2:] - b[:, :2]).prod(1) - shared + 1e-6)


def area_as_published(hits, objects):
    found = np.cumsum(hits.numpy())
    recall = np.concatenate([[0], found / objects, [1]])
    precision = np.concatenate([[0], found / np.arange(1, len(hits) + 1), [0]])
    for place in range(len(precision) - 1, 0, -1):
        precision[place - 1] = max(precision[place - 1], precision[place])
    steps = np.where(recall[1:] != recall[:-1])[0]
    return np.sum((recall[steps + 1] - recall[steps]) * precision[steps + 1])


def area_of_a_staircase(hits, objects):
    found, area = 0, 0.0
    precision = []
    for number, hit in enumerate(hits.tolist(), 1):
        found += hit
        precision.append(found / number)
    for number, hit in enumerate(hits.tolist()):
        if hit:
            area += max(precision[number:]) / objects
    return area


def one_step_a_hit(hits, objects):
    place = hits.nonzero().flatten() + 1.0
    precision = torch.arange(1, len(place) + 1) / place
    return sum(precision[number:].max() for number in range(len(place))) / objects


def deltas_in_a_loop(true, proposal):
    rows = []
    for (x1, y1, x2, y2), (u1, v1, u2, v2) in zip(true.tolist(), proposal.tolist(), strict=True):
        w, h, w_ref, h_ref = x2 - x1, y2 - y1, u2 - u1, v2 - v1
        shift = (x1 + w / 2 - u1 - w_ref / 2) / w_ref, (y1 + h / 2 - v1 - h_ref / 2) / h_ref
        rows.append([*shift, math.log(w / w_ref), math.log(h / h_ref)])
    return true.new_tensor(rows)


def deltas_of_columns(true, proposal):
    x, y, w, h = torchvision.ops.box_convert(true, "xyxy", "cxcywh").unbind(1)
    x_ref, y_ref, w_ref, h_ref = torchvision.ops.box_convert(proposal, "xyxy", "cxcywh").unbind(1)
    return torch.stack([(x - x_ref) / w_ref, (y - y_ref) / h_ref, w.log() - w_ref.log(), h.log() - h_ref.log()], 1)


def region_in_loops(x, box, stride, levels):
    x1, y1, x2, y2 = box.tolist()
    columns = [i for i in range(x.shape[2]) if x1 < i * stride < x2]
    rows = [i for i in range(x.shape[1]) if y1 < i * stride < y2]
    piece = x[:, rows][:, :, columns]
    parts = []
    for n in levels:
        for channel in piece:
            for i in range(n):
                for j in range(n):
                    down = slice(math.floor(i * len(rows) / n), math.ceil((i + 1) * len(rows) / n))
                    across = slice(math.floor(j * len(columns) / n), math.ceil((j + 1) * len(columns) / n))
                    parts.append(channel[down, across].max())
    return torch.stack(parts)


def region_with_axes_of_an_image(x, box, stride, levels):
    first, last = (box[:2] / stride).floor().long() + 1, (box[2:] / stride).ceil().long() - 1
    (left, top), (right, bottom) = first.tolist(), last.tolist()
    piece = x[None, :, top : bottom + 1, left : right + 1]
    out = x.new_zeros(0)
    for n in levels:
        out = torch.cat([out, F.adaptive_max_pool2d(piece, (n, n)).reshape(-1)])
    return out


RIGHT_ANSWERS = {
    "overlap": [pairs_in_loops, pairs_side_by_side, pairs_with_an_epsilon],
    "nms": [best_of_what_is_left, crossed_out, crossed_out_by_mask, torchvision.ops.nms],
    "area": [area_of_a_staircase, one_step_a_hit, area_as_published],
    "by_hand": [0.62, "0.63", Fraction(5, 8)],
    "encode": [deltas_in_a_loop, deltas_of_columns],
    "region": [region_in_loops, region_with_axes_of_an_image],
    "operating": ["0.55", 0.55],
}
