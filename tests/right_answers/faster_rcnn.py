"""Right answers of lesson 10, written another way than the references."""

import math

import torch
import torchvision
from torch.nn import functional as F


def pooled_bin_by_bin(x, roi, size, scale):
    image, x1, y1, x2, y2 = (math.floor(value + 0.5) for value in (roi * roi.new_tensor([1] + [scale] * 4)).tolist())
    h, w = y2 - y1 + 1, x2 - x1 + 1
    out = x.new_zeros(x.shape[1], size, size)
    for i in range(size):
        for j in range(size):
            top, bottom = y1 + math.floor(i * h / size), y1 + math.ceil((i + 1) * h / size)
            left, right = x1 + math.floor(j * w / size), x1 + math.ceil((j + 1) * w / size)
            out[:, i, j] = x[image, :, top:bottom, left:right].flatten(1).max(1).values
    return out


def pooled_by_torch(x, roi, size, scale):
    x1, y1, x2, y2 = (roi[1:] * scale).add(0.5).floor().long()
    return F.adaptive_max_pool2d(x[roi[0].long()][:, y1 : y2 + 1, x1 : x2 + 1], size)


def pooled_by_torchvision(x, roi, size, scale):
    return torchvision.ops.roi_pool(x, roi[None], size, scale)[0]


def pooled_axis_by_axis(x, roi, size, scale):
    corners = (roi[1:] * scale + 0.5).floor().int().tolist()
    piece = x[int(roi[0]), :, corners[1] : corners[3] + 1, corners[0] : corners[2] + 1]
    for axis in (1, 2):
        n = piece.shape[axis]
        bins = [piece.narrow(axis, i * n // size, -(-(i + 1) * n // size) - i * n // size) for i in range(size)]
        piece = torch.stack([b.amax(axis) for b in bins], axis)
    return piece


def loss_in_a_loop(deltas, classes, targets):
    total = deltas.new_zeros(())
    for row, k, target in zip(deltas, classes.tolist(), targets, strict=True):
        if k:
            total = total + F.smooth_l1_loss(row[k - 1], target, reduction="sum")
    return total / len(deltas)


def loss_by_mask(deltas, classes, targets):
    mask = F.one_hot(classes, deltas.shape[1] + 1)[:, 1:, None]
    distance = (deltas - targets[:, None]).abs()
    return (mask * torch.where(distance < 1, 0.5 * distance**2, distance - 0.5)).sum((1, 2)).mean()


def loss_by_zeros(deltas, classes, targets):
    told = deltas[torch.arange(len(classes)), (classes - 1).clamp(min=0)]
    return (F.huber_loss(told, targets, reduction="none") * (classes > 0)[:, None]).sum() / classes.numel()


def anchors_in_loops(height, width, stride, sizes, ratios):
    found = []
    for i in range(height):
        for j in range(width):
            x, y = (j + 0.5) * stride, (i + 0.5) * stride
            for size in sizes.tolist():
                for ratio in ratios.tolist():
                    w, h = size / math.sqrt(ratio), size * math.sqrt(ratio)
                    found.append([x - w / 2, y - h / 2, x + w / 2, y + h / 2])
    return torch.tensor(found, dtype=sizes.dtype)


def anchors_from_areas(height, width, stride, sizes, ratios):
    w = torch.sqrt(sizes.repeat_interleave(len(ratios)) ** 2 / ratios.repeat(len(sizes)))
    h = w * ratios.repeat(len(sizes))
    y = torch.arange(height).repeat_interleave(width)[:, None] * stride + stride / 2
    x = torch.arange(width).repeat(height)[:, None] * stride + stride / 2
    return torch.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], 2).view(-1, 4)


def matches_in_a_loop(overlap, positive, negative):
    matches = []
    for row in overlap.tolist():
        best = max(row)
        matches.append(row.index(best) if best >= positive else -1 if best < negative else -2)
    for t in range(overlap.shape[1]):
        best = overlap[:, t].argmax().item()
        matches[best] = overlap[best].argmax().item()
    return torch.tensor(matches)


def matches_by_rules(overlap, positive, negative):
    best, index = overlap.max(1)
    matches = torch.full((len(overlap),), -2)
    matches[best < negative] = -1
    matches[best >= positive] = index[best >= positive]
    anchors = overlap.argmax(0)
    matches[anchors] = overlap[anchors].argmax(1)
    return matches


def matches_by_mask(overlap, positive, negative):
    best, index = overlap.amax(1), overlap.argmax(1)
    chosen = torch.zeros(len(overlap), dtype=torch.bool).index_fill(0, overlap.argmax(0), True) | (best >= positive)
    return torch.where(chosen, index, -2 + (best < negative).long())


def focal_in_a_loop(scores, objects, power):
    total = scores.new_zeros(())
    for score, is_object in zip(scores, objects.tolist(), strict=True):
        towards = score if is_object else -score
        total = total - torch.sigmoid(-towards) ** power * F.logsigmoid(towards)
    return total / max(int(objects.sum()), 1)


def focal_by_cross_entropy(logits, is_object, gamma):
    loss = F.binary_cross_entropy_with_logits(logits, is_object.to(logits), reduction="none")
    return ((1 - (-loss).exp()) ** gamma * loss).sum() / is_object.count_nonzero().clamp(min=1)


def focal_in_two_sums(logits, is_object, gamma):
    objects, background = logits[is_object], logits[~is_object]
    of_objects = (1 - objects.sigmoid()).pow(gamma) * F.softplus(-objects)
    of_background = background.sigmoid().pow(gamma) * F.softplus(background)
    return (of_objects.sum() + of_background.sum()) / max(len(objects), 1)


def focal_by_torchvision(logits, is_object, gamma):
    total = torchvision.ops.sigmoid_focal_loss(logits, is_object.to(logits), alpha=-1, gamma=gamma, reduction="sum")
    return total / is_object.sum().clamp(min=1)


RIGHT_ANSWERS = {
    "pool": [pooled_bin_by_bin, pooled_by_torch, pooled_by_torchvision, pooled_axis_by_axis],
    "shifted": [0.68, "0.681"],
    "box_loss": [loss_in_a_loop, loss_by_mask, loss_by_zeros],
    "lay": [anchors_in_loops, anchors_from_areas],
    "focal": [focal_in_a_loop, focal_by_cross_entropy, focal_in_two_sums, focal_by_torchvision],
    "assign": [matches_in_a_loop, matches_by_rules, matches_by_mask],
}
