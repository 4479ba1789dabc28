"""Wrong answers of lesson 11."""

import itertools

import numpy as np
import torch
import torchvision
from scipy.optimize import linear_sum_assignment
from torch.nn import functional as F


def encode(
    centre=lambda a, b: (a + b) / 2,
    cell=lambda v, cells, size: int(v * cells / size),
    offset=lambda v, i, cells, size: v * cells / size - i,
    side=lambda a, b, cells, size: (b - a) / size,
    order=(0, 1, 2, 3, 4, 5),
):
    """Write the targets box by box in numpy, with something changed."""

    def rows(boxes, cells, size):
        found = []
        for x1, y1, x2, y2 in boxes.numpy():
            x, y = centre(x1, x2), centre(y1, y2)
            column, row = cell(x, cells, size), cell(y, cells, size)
            place = [row, column, offset(x, column, cells, size), offset(y, row, cells, size)]
            numbers = [*place, side(x1, x2, cells, size), side(y1, y2, cells, size)]
            found.append([numbers[k] for k in order])
        return torch.tensor(np.array(found, dtype=np.float32))

    return rows


def encode_corner_in_cell_of_centre(boxes, cells, size):
    targets = encode()(boxes, cells, size)
    for target, (x1, y1, _, _) in zip(targets, boxes * cells / size, strict=True):
        target[2:4] = torch.stack([x1 - target[1], y1 - target[0]])
    return targets


def encode_by_whole_cells(boxes, cells, size):
    side = size // cells
    x, y, w, h = torchvision.ops.box_convert(boxes, "xyxy", "cxcywh").T
    return torch.stack([y // side, x // side, x % side / side, y % side / side, w / size, h / size], 1)


def cell_loss(
    pick=lambda predicted, overlap: int(torch.argmax(overlap)),
    error=lambda a, b: (a - b) ** 2,
    weights=(5, 5, 1, 0.5, 1),
    root=lambda v: v**0.5,
    target=lambda overlap: overlap,
    is_empty=lambda label: label == -1,
    classes=lambda p, label: ((p - F.one_hot(torch.tensor(label), len(p))) ** 2).sum(),
    empty=lambda predicted, p: 0.5 * sum(c**2 for c in predicted[:, 4]),
    others=lambda predicted, overlap, best: sum(predicted[b, 4] ** 2 for b in range(len(predicted)) if b != best),
):
    """Write the loss term by term, with something changed."""

    def loss(predicted, probabilities, overlap, truth, label):
        if is_empty(label):
            return empty(predicted, probabilities)
        best = pick(predicted, overlap)
        x, y, w, h, c = predicted[best]
        place = error(x, truth[0]) + error(y, truth[1])
        size = error(root(w), root(truth[2])) + error(root(h), root(truth[3]))
        quiet = others(predicted, overlap, best)
        terms = place, size, error(c, target(overlap[best])), quiet, classes(probabilities, label)
        return sum(weight * term for weight, term in zip(weights, terms, strict=True))

    return loss


def cell_loss_by_mse(predicted, probabilities, overlap, truth, label):
    target = torch.zeros_like(predicted[:, 4])
    if label < 0:
        return 0.5 * F.mse_loss(predicted[:, 4], target)
    best, one_hot = overlap.argmax(), torch.eye(len(probabilities)).to(predicted)[label]
    rest = torch.arange(len(predicted)) != best
    loss = 5 * F.mse_loss(predicted[best, :2], truth[:2]) + 5 * F.mse_loss(predicted[best, 2:4].sqrt(), truth[2:].sqrt())
    loss = loss + F.mse_loss(predicted[best, 4], overlap[best]) + 0.5 * F.mse_loss(predicted[rest, 4], target[rest])
    return loss + F.mse_loss(probabilities, one_hot)


def cell_loss_box_by_box(learn=lambda b, best: b == best, classes_per_box=False):
    """Write the loss in a loop over the boxes, with something changed."""
    add_up = torch.nn.MSELoss(reduction="sum")

    def loss(predicted, probabilities, overlap, truth, label):
        total = predicted.new_zeros(())
        for b, (box, iou) in enumerate(zip(predicted, overlap, strict=True)):
            if label < 0 or not learn(b, overlap.argmax()):
                total = total + 0.5 * box[4] ** 2
            else:
                total = total + 5 * add_up(box[:2], truth[:2]) + 5 * add_up(box[2:4].sqrt(), truth[2:].sqrt())
                total = total + (box[4] - iou) ** 2
        if label >= 0:
            wanted = F.one_hot(torch.tensor(label), len(probabilities)).to(predicted)
            total = total + add_up(probabilities, wanted) * (len(predicted) if classes_per_box else 1)
        return total

    return loss


def decode(
    place=lambda i, j, x, y: (j + x, i + y),
    cell=lambda w, h, rows, columns: (w / columns, h / rows),
    size=lambda w, h, width, height, rows, columns: (w * width, h * height),
    box=lambda x, y, w, h: [x - w / 2, y - h / 2, x + w / 2, y + h / 2],
    first=lambda b, per_cell, classes: 5 * b,
):
    """Write the boxes cell by cell, with something changed."""

    def boxes(prediction, width, height, per_cell):
        rows, columns, numbers = prediction.shape
        out = torch.zeros(rows, columns, per_cell, 4)
        for i, j, b in np.ndindex(rows, columns, per_cell):
            start = first(b, per_cell, numbers - 5 * per_cell)
            x, y, w, h = prediction[i, j, start : start + 4].tolist()
            x, y = place(i, j, x, y)
            along, down = cell(width, height, rows, columns)
            corners = box(x * along, y * down, *size(w, h, width, height, rows, columns))
            out[i, j, b] = torch.tensor(corners)
        return out

    return boxes


def decode_by_reshape(prediction, width, height, per_cell):
    rows, columns, _ = prediction.shape
    numbers = prediction[..., : 5 * per_cell].reshape(rows, columns, 5, per_cell).movedim(2, -1)
    moved = torch.cat([numbers.flatten(2), prediction[..., 5 * per_cell :]], -1)
    return decode()(moved, width, height, per_cell)


def similar(a, b):
    shared = min(a[0], b[0]) * min(a[1], b[1])
    return shared / (a[0] * a[1] + b[0] * b[1] - shared)


def kmeans_step(
    distance=lambda a, b: 1 - similar(a, b),
    move=lambda own, old: np.mean(own, 0) if len(own) else old,
    turns=1,
):
    """Write a turn of k-means with numpy, with something changed."""

    def step(sizes, centres):
        boxes, at = sizes.numpy(), centres.numpy()
        for _ in range(turns):
            own = np.array([min(range(len(at)), key=lambda k, box=box: distance(box, at[k])) for box in boxes])
            at = np.array([move(boxes[own == k], old) for k, old in enumerate(at)])
        return torch.tensor(at, dtype=torch.float32)

    return step


def kmeans_step_over_all(sizes, centres):
    return kmeans_step(move=lambda own, old: sum(own) / len(sizes) if len(own) else old)(sizes, centres)


def kmeans_step_without_empty(sizes, centres):
    inter = torch.min(sizes[:, None, :], centres[None]).prod(2)
    own = (inter / (sizes.prod(1)[:, None] + centres.prod(1) - inter)).argmax(1)
    return torch.stack([sizes[own == k].mean(0) for k in own.unique()])


def assigned(total=sum, sign=1, result=tuple):
    """Try all assignments, with something changed."""

    def choose(cost):
        rows = (sign * cost).tolist()
        ways = itertools.permutations(range(len(rows[0])), len(rows))
        return torch.tensor(
            result(min(ways, key=lambda way: total([row[column] for row, column in zip(rows, way, strict=True)])))
        )

    return choose


def assigned_in_turns(cost):
    free, chosen = set(range(cost.shape[1])), []
    for row in cost:
        chosen.append(min(free, key=lambda column, row=row: row[column]))
        free.remove(chosen[-1])
    return torch.tensor(chosen)


def assigned_in_order_of_costs(cost):
    chosen = {}
    for place in cost.flatten().argsort().tolist():
        row, column = place // cost.shape[1], place % cost.shape[1]
        if row not in chosen and column not in chosen.values():
            chosen[row] = column
    return torch.tensor([chosen[row] for row in range(len(cost))])


def assigned_by_prediction(cost):
    objects = torch.full((cost.shape[1],), -1)
    objects[assigned()(cost)] = torch.arange(len(cost))
    return objects


WRONG_ANSWERS = {
    "lost": [
        (1, "1 gives each of the two boxes"),
        (3, "3 counts all objects of the crowded cell"),
        ("0", "0 would be right"),
        (4, "4 is the number of objects that have a place"),
        (6, "6 is the number of all objects"),
        (5, "5 is not right"),
    ],
    "encode": [
        (encode(order=(1, 0, 3, 2, 5, 4)), "columns and rows are exchanged everywhere"),
        (encode(order=(2, 3, 4, 5, 0, 1)), "x, y, w and h are first"),
        (encode(order=(1, 0, 2, 3, 4, 5)), "row and column are exchanged"),
        (encode(order=(0, 1, 3, 2, 4, 5)), "the offsets x and y are exchanged"),
        (encode(order=(0, 1, 2, 3, 5, 4)), "w and h are exchanged"),
        (encode(centre=lambda a, b: a), "the cell is that of the upper left corner"),
        (encode(cell=lambda v, cells, size: round(v * cells / size)), "the cell is rounded to the nearest"),
        (encode(offset=lambda v, i, cells, size: v / size), "x and y are relative to the image"),
        (encode(offset=lambda v, i, cells, size: v - i * size / cells), "x and y are in pixels"),
        (encode(offset=lambda v, i, cells, size: (v - i * size / cells) / size), "x and y are fractions of the image"),
        (encode(side=lambda a, b, cells, size: (b - a) * cells / size), "w and h are relative to the cell"),
        (
            encode(cell=lambda v, cells, size: v * cells // size + 1, offset=lambda v, i, cells, size: v * cells / size % 1),
            "rows and columns are counted from 1",
        ),
        (encode_corner_in_cell_of_centre, "the cell is that of the centre, but x and y are those of the corner"),
        (
            encode(centre=lambda x, w: x, side=lambda x, w, cells, size: w / size),
            "the boxes are taken for centre, width and height",
        ),
        (
            encode(centre=lambda x, w: x + w / 2, side=lambda x, w, cells, size: w / size),
            "the boxes are taken for corner, width and height",
        ),
        (encode(offset=lambda v, i, cells, size: v / (size / cells)), "x and y count from the upper left corner of the image"),
        (encode(offset=lambda v, i, cells, size: v * cells / size - (i + 0.5)), "x and y count from the cell's middle"),
        (encode(side=lambda a, b, cells, size: ((a + b) / 2 - a) / size), "w and h are those of half a box"),
        (encode(side=lambda a, b, cells, size: np.sqrt((b - a) / size)), "the square roots of w and h are returned"),
        (encode(side=lambda a, b, cells, size: b - a), "w and h are in pixels"),
        (encode(side=lambda a, b, cells, size: b / size), "2 of the 6 values differ"),
        (encode_by_whole_cells, "a cell's side is cut to whole pixels"),
    ],
    "confidence": [
        (1, "a box that fits badly should say so"),
        ("0.47", "0.47 is the IoU of the other box"),
        (0.64, "0.64 is how much of the object"),
        (441 / 693, "0.64 is how much of the object"),
        (0.9, "0.9 is the confidence of the other box"),
        (0.5, "0.5 is not right"),
    ],
    "cell_loss": [
        (cell_loss(pick=lambda predicted, overlap: overlap.tolist().index(min(overlap))), "the box that overlaps least"),
        (cell_loss(pick=lambda predicted, overlap: predicted[:, -1].argmax().item()), "the most confident box"),
        (cell_loss(pick=lambda predicted, overlap: 0), "the first box"),
        (cell_loss(pick=lambda predicted, overlap: len(predicted) - 1), "the last box"),
        (cell_loss(weights=(1, 1, 1, 0.5, 1)), "the terms of the box have the weight 1"),
        (cell_loss(weights=(5, 1, 1, 0.5, 1)), "only x and y have the weight 5"),
        (cell_loss(weights=(5, 5, 1, 0.5, 0)), "the class term is missing"),
        (cell_loss(weights=(5, 5, 1, 0, 1)), "the boxes that are not responsible are missing"),
        (cell_loss(weights=(5, 5, 1, 1, 1)), "the confidences of the other boxes of a cell with an object have the weight 1"),
        (cell_loss(weights=(5, 5, 1, 5, 0.5)), "expected 0.52, got 0.63"),
        (
            cell_loss(weights=(5, 5, 1, 1, 1), empty=lambda predicted, p: predicted[:, 4].dot(predicted[:, 4])),
            "the confidences that aim at 0 have the weight 1",
        ),
        (cell_loss(weights=(5, 5, 5, 0.5, 1)), "the confidence of the responsible box has the weight 5"),
        (cell_loss(weights=(5, 5, 0.5, 0.5, 1)), "the confidence of the responsible box has the weight 0.5"),
        (cell_loss(weights=(5, 5, 0, 0.5, 1)), "the confidence of the responsible box is missing"),
        (cell_loss(weights=(1, 5, 1, 0.5, 1)), "only w and h have the weight 5"),
        (cell_loss(weights=(5, 0, 1, 0.5, 1)), "the term of w and h is missing"),
        (cell_loss(weights=(0, 5, 1, 0.5, 1)), "the term of x and y is missing"),
        (
            cell_loss(
                others=lambda predicted, iou, best: (
                    F.mse_loss(predicted[:, 4], iou, reduction="sum") - (predicted[best, 4] - iou[best]) ** 2
                )
            ),
            "the confidences of the other boxes aim at their IoU",
        ),
        (
            cell_loss(others=lambda predicted, overlap, best: predicted[:, 4] @ predicted[:, 4]),
            "the confidence of the responsible box is also drawn towards 0",
        ),
        (
            cell_loss(pick=lambda predicted, overlap: min(range(len(predicted)), key=lambda b: predicted[b, 4])),
            "the least confident box",
        ),
        (cell_loss_box_by_box(learn=lambda b, best: True), "all boxes of the cell learn the object"),
        (cell_loss_box_by_box(classes_per_box=True), "the class term is counted once per box"),
        (cell_loss(root=lambda v: v * v), "w and h are squared"),
        (cell_loss(root=lambda v: v), "w and h are compared as they are"),
        (cell_loss(target=lambda overlap: 1), "the confidence of the responsible box aims at 1"),
        (cell_loss(is_empty=lambda label: label <= 0), "a cell with an object of class 0 is treated as empty"),
        (
            cell_loss(is_empty=lambda label: False, classes=lambda p, label: ((p - torch.eye(len(p))[label]) ** 2).sum()),
            "an empty cell is treated like one with an object; its label",
        ),
        (
            cell_loss(
                is_empty=lambda label: False,
                classes=lambda p, label: sum((p[k] - float(k == label)) ** 2 for k in range(len(p))),
            ),
            "an empty cell is treated like one with an object of no class",
        ),
        (cell_loss(empty=lambda predicted, p: 0.5 * predicted[0, 4] ** 2), "in an empty cell, only the first confidence"),
        (cell_loss(empty=lambda predicted, p: predicted.sum() * 0), "an empty cell has no loss"),
        (
            cell_loss(empty=lambda predicted, p: 0.5 * (predicted[:, 4] ** 2).sum() + (p**2).sum()),
            "an empty cell learns classes too",
        ),
        (
            cell_loss(empty=lambda predicted, p: (predicted[:, 4] ** 2).sum()),
            "the confidences of an empty cell have the weight 1",
        ),
        (cell_loss(classes=lambda p, label: (p[label] - 1) ** 2), "the class term holds the right class alone"),
        (cell_loss(classes=lambda p, label: -p[label].log()), "the class term is a logarithm"),
        (
            cell_loss(classes=lambda p, label: torch.nn.CrossEntropyLoss()(p[None], torch.tensor([label]))),
            "the class term is PyTorch's",
        ),
        (
            cell_loss(
                error=lambda a, b: abs(a - b),
                classes=lambda p, label: sum(abs(p[k] - float(k == label)) for k in range(len(p))),
                empty=lambda predicted, p: 0.5 * predicted[:, 4].norm(1),
                others=lambda predicted, overlap, best: predicted[:, 4].norm(1) - predicted[best, 4],
            ),
            "the errors are added up without their sign",
        ),
        (cell_loss_by_mse, "the errors are averaged"),
        (
            lambda predicted, *rest: cell_loss()(predicted.detach(), *rest),
            "the value is right, but its gradient does not reach `predicted`",
        ),
        (lambda *case: cell_loss()(*case).item(), "expected a torch tensor, got a float"),
    ],
    "published": [("b", "that agrees with the paper"), ("C", "`1 - there` is 0")],
    "decode": [
        (lambda *case: decode()(*case).relu(), "negative corners are clipped to 0"),
        (decode(place=lambda i, j, x, y: (i + x, j + y)), "the row is added to x"),
        (decode(place=lambda i, j, x, y: (x, y)), "the place of the cell is missing"),
        (decode(place=lambda i, j, x, y: (j + 0.5 + x, i + 0.5 + y)), "x and y are counted from the cell's middle"),
        (decode(cell=lambda w, h, rows, columns: (w // columns, h // rows)), "a cell's sides are cut to whole pixels"),
        (decode(cell=lambda w, h, rows, columns: (w / rows, h / columns)), "x is divided by the rows"),
        (decode(cell=lambda w, h, rows, columns: (w / columns, h / columns)), "both x and y are divided by the columns"),
        (decode(cell=lambda w, h, rows, columns: (w / rows, h / rows)), "both x and y are divided by the rows"),
        (decode(cell=lambda w, h, rows, columns: (w / columns, w / columns)), "the cells are taken for squares"),
        (
            decode(place=lambda i, j, x, y: (x, y), cell=lambda w, h, rows, columns: (w, h)),
            "x and y are taken for fractions of the image",
        ),
        (
            decode(cell=lambda w, h, rows, columns: (1 / columns, 1 / rows), size=lambda w, h, *rest: (w, h)),
            "the boxes are fractions of the image",
        ),
        (decode(place=lambda i, j, x, y: (j + 1 + x, i + 1 + y)), "the cells are counted from 1"),
        (decode(size=lambda w, h, width, height, *rest: (w * w * width, h * h * height)), "w and h are squared"),
        (decode(size=lambda w, h, width, height, *rest: (w**0.5 * width, h**0.5 * height)), "the roots of w and h are taken"),
        (
            decode(size=lambda w, h, width, height, rows, columns: (w * width / columns, h * height / rows)),
            "w and h are taken for",
        ),
        (decode(size=lambda w, h, width, height, rows, columns: (w * height, h * width)), "w is multiplied by the height"),
        (decode(size=lambda w, h, width, height, rows, columns: (w, h)), "8 of the 8 values differ"),
        (decode(box=lambda x, y, w, h: [x, y, w, h]), "those are centre and size"),
        (decode(box=lambda x, y, w, h: [x, y, x + w, y + h]), "x and y are taken for a corner"),
        (decode(box=lambda x, y, w, h: [x - w, y - h, x + w, y + h]), "the corners are a whole width"),
        (decode(box=lambda x, y, w, h: [x - w / 2, x + w / 2, y - h / 2, y + h / 2]), "the corners come as x1, x2, y1, y2"),
        (decode(box=lambda x, y, w, h: [y - h / 2, x - w / 2, y + h / 2, x + w / 2]), "the corners come as y1, x1, y2, x2"),
        (decode(first=lambda b, per_cell, classes: 0), "the first box of a cell is returned for all"),
        (decode(first=lambda b, per_cell, classes: 5 * b + classes), "the classes are read first"),
        (decode(first=lambda b, per_cell, classes: 4 * b), "a box is read as four numbers"),
        (decode_by_reshape, "the numbers are read as (5, B)"),
        (lambda prediction, width, height, b: decode()(prediction, height, width, b), "`width` and `height` are exchanged"),
        (
            lambda prediction, w, h, b: torchvision.ops.clip_boxes_to_image(decode()(prediction, w, h, b), (h, w)),
            "the boxes are clipped to the image",
        ),
        (lambda *case: decode()(*case).flatten(0, 2), "expected shape"),
    ],
    "constant": [
        (0.015, "0.015 is what you get with the weight 1"),
        (2 * 0.75 / 98, "0.015 is what you get with the weight 1"),
        (1.5 / 96, "0.015 is what you get with the weight 1"),
        (1.5 / 51, "0.029 counts the two responsible boxes"),
        (1.5 / 48, "0.031 divides 1.5"),
        (1.5 / 49, "0.031 divides 1.5"),
        (0.04, "0.04 is for a target of 1"),
        (1.5 / 25.5, "0.059 is for one box per cell"),
        (0.75, "0.75 is best for the two"),
        (0.375, "0.375 is the middle"),
        (0, "0 is best for term 4 alone"),
        (0.75 / 98, "0.008 is for one object"),
        (3, "3 is not right"),
    ],
    "kmeans_step": [
        (kmeans_step(distance=lambda a, b: ((a - b) ** 2).sum()), "the distance is Euclid's"),
        (kmeans_step(distance=lambda a, b: abs(a - b).sum()), "the distance is the sum of both differences"),
        (kmeans_step(distance=similar), "each box goes to the centre that it overlaps least"),
        (
            kmeans_step(distance=lambda a, b: 1 - np.minimum(a, b).prod() / b.prod()),
            "the intersection is divided by the centre's",
        ),
        (kmeans_step(distance=lambda a, b: -np.minimum(a, b).prod()), "the intersection decides"),
        (kmeans_step(distance=lambda a, b: -np.minimum(a, b).prod() / a.prod()), "the intersection decides, alone or over"),
        (kmeans_step(distance=lambda a, b: abs(a.prod() - b.prod())), "the areas are compared"),
        (kmeans_step(distance=lambda a, b: abs(a[0] / a[1] - b[0] / b[1])), "6 of the 6 values differ"),
        (kmeans_step(move=lambda own, old: np.median(own, 0) if len(own) else old), "the new centre is the median"),
        (
            kmeans_step(move=lambda own, old: torch.tensor(own).median(0).values.numpy() if len(own) else old),
            "the new centre is the lower median",
        ),
        (kmeans_step(move=lambda own, old: torch.tensor(own).mean(0).numpy()), "the mean of no boxes is NaN"),
        (kmeans_step(move=lambda own, old: own.mean(0) if len(own) else 0 * old), "a centre that no box chose becomes 0"),
        (kmeans_step(move=lambda own, old: own.sum(0) if len(own) else old), "the boxes of a centre are added up; take"),
        (kmeans_step_over_all, "the boxes of a centre are added up and divided by all M"),
        (lambda *case: torch.tensor(sorted(kmeans_step()(*case).tolist())), "the centres are sorted by width"),
        (lambda *case: torch.tensor(sorted(kmeans_step()(*case).tolist(), key=np.prod)), "the centres are sorted by area"),
        (kmeans_step(turns=50), "several turns are taken"),
        (lambda sizes, centres: centres.clone(), "the centres do not move"),
        (lambda *case: torch.lerp(case[1], kmeans_step()(*case).to(case[1]), 0.5), "the centres go only half of the way"),
        (kmeans_step_without_empty, "a centre that no box chose is missing"),
    ],
    "assign": [
        (lambda cost: cost.argmin(dim=1), "each object takes its cheapest prediction"),
        (lambda cost: [row.index(min(row)) for row in cost.tolist()], "each object takes its cheapest prediction"),
        (assigned_in_turns, "the objects choose one after the other"),
        (assigned_in_order_of_costs, "the cheapest of all pairs is taken first"),
        (assigned(sign=-1), "this assignment has the largest total"),
        (assigned(total=max), "the largest of the costs is made small"),
        (assigned(total=np.prod), "the product of the costs is made small"),
        (assigned(total=lambda costs: sum(c**2 for c in costs)), "the sum of the squared costs"),
        (assigned(result=sorted), "the columns are sorted"),
        (assigned(result=lambda columns: [c + 1 for c in columns]), "the columns are counted from 1"),
        (assigned(result=lambda columns: list(enumerate(columns))), "the result has pairs of row and column"),
        (assigned_by_prediction, "the result lists the object of each prediction"),
        (lambda cost: cost.argmin(0), "each prediction takes its cheapest object"),
        (lambda cost: cost.argmax(1), "each object takes its most expensive prediction"),
        (lambda cost: torch.arange(cost.shape[0]), "the first predictions are always chosen"),
        (lambda cost: cost[range(len(cost)), assigned()(cost)].sum(), "expected integers"),
        (lambda cost: cost[range(len(cost)), assigned()(cost)], "expected integers"),
        (lambda cost: assigned()(cost).double(), "expected integers"),
        (lambda cost: linear_sum_assignment(cost)[0], "the first predictions are always chosen"),
        (lambda cost: torch.topk(cost.flatten(), len(cost), largest=False).indices, "2 of the 2 values differ"),
        (lambda cost: torch.zeros(len(cost), dtype=torch.long), "1 of the 2 values differs"),
    ],
}
