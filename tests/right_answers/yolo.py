"""Right answers of lesson 11, written another way than the references."""

import itertools

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment


def encoded_box_by_box(boxes, cells, size):
    side, rows = size / cells, []
    for x1, y1, x2, y2 in boxes.tolist():
        x, y = (x1 + x2) / 2, (y1 + y2) / 2
        column, row = int(x // side), int(y // side)
        rows.append([row, column, x / side - column, y / side - row, (x2 - x1) / size, (y2 - y1) / size])
    return boxes.new_tensor(rows)


def encoded_by_remainder(boxes, cells, size):
    x1, y1, x2, y2 = (boxes / size).unbind(1)
    x, y = (x1 + x2) / 2 * cells, (y1 + y2) / 2 * cells
    return torch.stack([y.long(), x.long(), x % 1, y % 1, x2 - x1, y2 - y1], 1)


def loss_term_by_term(predicted, probabilities, overlap, truth, label):
    loss = predicted.new_zeros(())
    for box, (x, y, w, h, confidence) in enumerate(predicted):
        if label >= 0 and overlap[box] == overlap.max():
            loss += 5 * ((x - truth[0]) ** 2 + (y - truth[1]) ** 2)
            loss += 5 * ((w**0.5 - truth[2] ** 0.5) ** 2 + (h**0.5 - truth[3] ** 0.5) ** 2)
            loss += (confidence - overlap[box]) ** 2
        else:
            loss += 0.5 * confidence**2
    if label >= 0:
        for number, probability in enumerate(probabilities):
            loss += (probability - int(number == label)) ** 2
    return loss


def loss_by_masks(predicted, probabilities, overlap, truth, label):
    here = torch.zeros(len(predicted), dtype=torch.bool)
    if label >= 0:
        here[overlap.argmax()] = True
    goal = torch.cat([truth[:2], truth[2:].sqrt()])
    boxes = torch.cat([predicted[:, :2], predicted[:, 2:4].sqrt()], 1)
    classes = torch.eye(len(probabilities), dtype=probabilities.dtype)[label]
    return (
        5 * ((boxes - goal)[here] ** 2).sum()
        + ((predicted[:, 4] - overlap)[here] ** 2).sum()
        + 0.5 * (predicted[:, 4][~here] ** 2).sum()
        + (label >= 0) * ((probabilities - classes) ** 2).sum()
    )


def decoded_cell_by_cell(prediction, width, height, per_cell):
    rows, columns, _ = prediction.shape
    boxes = prediction.new_zeros(rows, columns, per_cell, 4)
    for i in range(rows):
        for j in range(columns):
            for b in range(per_cell):
                x, y, w, h = prediction[i, j, 5 * b : 5 * b + 4].tolist()
                x, y = (j + x) / columns * width, (i + y) / rows * height
                corners = [x - w * width / 2, y - h * height / 2, x + w * width / 2, y + h * height / 2]
                boxes[i, j, b] = prediction.new_tensor(corners)
    return boxes


def decoded_by_meshgrid(prediction, width, height, per_cell):
    rows, columns, _ = prediction.shape
    numbers = prediction[..., : 5 * per_cell].reshape(rows, columns, per_cell, 5)
    corner = torch.stack(torch.meshgrid(torch.arange(columns), torch.arange(rows), indexing="xy"), -1)[:, :, None]
    image, cells = prediction.new_tensor([width, height]), prediction.new_tensor([columns, rows])
    centre, half = (corner + numbers[..., :2]) * image / cells, numbers[..., 2:4] * image / 2
    return torch.cat([centre - half, centre + half], -1)


def stepped_box_by_box(sizes, centres):
    def overlap(a, b):
        shared = min(a[0], b[0]) * min(a[1], b[1])
        return shared / (a[0] * a[1] + b[0] * b[1] - shared)

    own = [[] for _ in centres]
    for box in sizes:
        near = [1 - overlap(box, centre) for centre in centres]
        own[near.index(min(near))].append(box)
    return torch.stack([torch.stack(group).mean(0) if group else old for group, old in zip(own, centres, strict=True)])


def stepped_by_matrix(sizes, centres):
    w, h = (torch.minimum(sizes[:, None, k], centres[None, :, k]) for k in (0, 1))
    union = (sizes[:, 0] * sizes[:, 1])[:, None] + centres[:, 0] * centres[:, 1] - w * h
    member = torch.nn.functional.one_hot((w * h / union).argmax(1), len(centres)).to(sizes)
    count = member.sum(0)[:, None]
    return torch.where(count > 0, member.T @ sizes / count.clamp(min=1), centres)


def assigned_step_by_step(cost):
    """Give the first object each free prediction in turn, and assign the others likewise."""

    def best(row, free):
        if row == len(cost):
            return 0.0, []
        ways = []
        for column in free:
            rest, columns = best(row + 1, [other for other in free if other != column])
            ways.append((float(cost[row, column]) + rest, [column, *columns]))
        return min(ways)

    return torch.tensor(best(0, list(range(cost.shape[1])))[1])


def assigned_with_numpy(cost):
    ways = np.array(list(itertools.permutations(range(cost.shape[1]), len(cost))))  # (ways, T)
    return ways[cost.numpy()[np.arange(len(cost)), ways].sum(1).argmin()]


RIGHT_ANSWERS = {
    "lost": ["2", 2.0],
    "constant": ["0.030", 3 / 100, 1.5 / 50, 0.0302],
    "assign": [
        assigned_step_by_step,
        assigned_with_numpy,
        lambda cost: assigned_step_by_step(cost).tolist(),
        lambda cost: linear_sum_assignment(cost)[1],
    ],
    "encode": [encoded_box_by_box, encoded_by_remainder],
    "confidence": [0.62, 0.63, "5/8"],
    "cell_loss": [loss_term_by_term, loss_by_masks],
    "decode": [decoded_cell_by_cell, decoded_by_meshgrid],
    "kmeans_step": [stepped_box_by_box, stepped_by_matrix],
}
