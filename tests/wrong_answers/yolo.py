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


def encode_offsets_from_exchanged_cells(boxes, cells, size):
    targets = encode()(boxes, cells, size)
    targets[:, 2:4] += targets[:, [1, 0]] - targets[:, [0, 1]]
    return targets


def encode_with_numbered_cells(boxes, cells, size):
    row, column, *numbers = encode()(boxes, cells, size).unbind(1)
    return torch.stack([cells * row + column, *numbers], 1)


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


def cell_loss_of_nearest(predicted, probabilities, overlap, truth, label):
    apart = [float(((box[:2] - truth[:2]) ** 2).sum()) for box in predicted.detach()]
    pick = lambda predicted, overlap: apart.index(min(apart))  # noqa: E731
    return cell_loss(pick=pick)(predicted, probabilities, overlap, truth, label)


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


def decode_in_parts(of_place=1, of_offset=1):
    """Multiply the cell's row and column and the offsets by a cell's sides, or only one of both."""

    def boxes(prediction, width, height, per_cell):
        rows, columns, _ = prediction.shape
        x, y, w, h, _ = prediction[..., : 5 * per_cell].reshape(rows, columns, per_cell, 5).unbind(-1)
        i, j = torch.arange(rows).view(-1, 1, 1).to(x), torch.arange(columns).view(1, -1, 1).to(x)
        along, down = width / columns, height / rows
        x = j * along**of_place + x * along**of_offset
        y = i * down**of_place + y * down**of_offset
        return torchvision.ops.box_convert(torch.stack([x, y, w * width, h * height], -1), "cxcywh", "xyxy")

    return boxes


def decode_times_confidence(prediction, width, height, per_cell):
    boxes = decode()(prediction, width, height, per_cell)
    for b in range(per_cell):
        boxes[:, :, b] *= prediction[:, :, 5 * b + 4, None]
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


def kmeans_step_to_nearest_box(sizes, centres):
    return torch.stack([max(sizes, key=lambda box: similar(box, centre)) for centre in centres])


def kmeans_step_weighted(sizes, centres):
    weights = torch.tensor([[similar(box, centre) for box in sizes.tolist()] for centre in centres.tolist()])  # (K, M)
    return (weights / weights.sum(1, keepdim=True)) @ sizes.float()


def assigned(total=sum, sign=1, result=tuple, ways=itertools.permutations):
    """Try all assignments, with something changed."""

    def choose(cost):
        rows = (sign * cost).tolist()
        tried = ways(range(len(rows[0])), len(rows))
        return torch.tensor(
            result(min(tried, key=lambda way: total([row[column] for row, column in zip(rows, way, strict=True)])))
        )

    return choose


def assigned_in_turns(cost):
    free, chosen = set(range(cost.shape[1])), []
    for row in cost:
        chosen.append(min(free, key=lambda column, row=row: row[column]))
        free.remove(chosen[-1])
    return torch.tensor(chosen)


def assigned_with(column_of):
    """Let the objects choose one after the other, and ask `column_of` what the free columns leave of the favourite."""

    def choose(cost):
        free, chosen = set(range(cost.shape[1])), []
        for row in cost.tolist():
            chosen.append(column_of(free, row.index(min(row)), len(row)))
            free.discard(chosen[-1])
        return chosen

    return choose


def assigned_number(cost):
    ways = list(itertools.permutations(range(cost.shape[1]), len(cost)))
    return torch.tensor(ways.index(tuple(assigned()(cost).tolist())))


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


def encode_with_centres_in_pixels(boxes, cells, size):
    right = encode()(boxes, cells, size)
    return torch.cat([right[:, :2], (boxes[:, :2] + boxes[:, 2:]) / 2, right[:, 4:]], 1)


def cell_loss_of_all_roots(predicted, probabilities, overlap, truth, label):
    """Compare the square roots of all four numbers of a box."""
    if label < 0:
        return predicted[:, 4].pow(2).sum() / 2
    best = overlap.argmax()
    box = F.mse_loss(predicted[best, :4].sqrt(), truth.sqrt(), reduction="sum")
    sure, rest = (predicted[best, 4] - overlap[best]) ** 2, predicted[torch.arange(len(overlap)) != best, 4]
    return (
        5 * box
        + sure
        + rest.pow(2).sum() / 2
        + (probabilities - F.one_hot(torch.tensor(label), len(probabilities))).pow(2).sum()
    )


def cell_loss_of_plain_confidences(predicted, probabilities, overlap, truth, label):
    return predicted[:, 4].sum() / 2 if label < 0 else cell_loss()(predicted, probabilities, overlap, truth, label)


def cell_loss_of_every_box(predicted, probabilities, overlap, truth, label):
    """Move every box of the cell to the object, and leave the confidences as they are."""
    right = cell_loss()(predicted, probabilities, overlap, truth, label)
    if label < 0:
        return right
    idle = predicted[torch.arange(len(overlap)) != overlap.argmax()]
    errors = (idle[:, :2] - truth[:2]).pow(2).sum() + (idle[:, 2:4].sqrt() - truth[2:].sqrt()).pow(2).sum()
    return right + 5 * errors


def decode_with_confidence(prediction, width, height, per_cell):
    boxes = decode()(prediction, width, height, per_cell)
    return torch.cat([boxes, torch.stack([prediction[..., 5 * b + 4 : 5 * b + 5] for b in range(per_cell)], 2)], -1)


WRONG_ANSWERS = {
    "lost": [
        (7, "7 is not right"),
        (1, "1 gives each of the two boxes"),
        (3, "3 counts all objects of the crowded cell"),
        ("0", "0 would be right"),
        (4, "4 is the number of objects that have a place"),
        (6, "6 is the number of all objects"),
        (12, "12 is the number of cells without an object"),
        (10, "10 would be left of 16 cells"),
        (5, "5 is what is left over"),
    ],
    "encode": [
        (encode_with_centres_in_pixels, "x and y are the centre in pixels of the image"),
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
        (encode(side=lambda a, b, cells, size: b / size), "x2 and y2 are taken for w and h"),
        (encode(side=lambda a, b, cells, size: a / size), "2 of the 6 values differ"),
        (encode(side=lambda a, b, cells, size: (b - a) / cells), "w and h are divided by `cells`; divide them by `size`"),
        (encode(side=lambda a, b, cells, size: (b - a) / (size * cells)), "w and h are divided by `size` and by `cells`"),
        (
            encode(cell=lambda v, cells, size: v * cells / size, offset=lambda v, i, cells, size: i % 1),
            "the cell's row and column are not cut",
        ),
        (encode(order=(0, 1, 4, 5, 2, 3)), "w and h come before x and y"),
        (encode_by_whole_cells, "a cell's side is cut to whole pixels"),
        (encode(side=lambda a, b, cells, size: np.log((b - a) / size)), "the logarithms of w and h are returned"),
        (encode(side=lambda a, b, cells, size: (b - a + 1) / size), "1 pixel is added to each side"),
        (encode(cell=lambda v, cells, size: int(np.ceil(v * cells / size)) - 1), "a centre on a border is given to the cell"),
        (encode(centre=lambda a, b: a + b), "the corners are added"),
        (encode(centre=lambda a, b: (b - a) / 2), "half of the box's sides is taken for its centre"),
        (encode(centre=lambda a, b: b), "the lower right corner is taken for the centre"),
        (lambda boxes, *rest: encode()(boxes.view(-1, 2, 2).mT.flatten(1), *rest), "the boxes are read as x1, x2, y1, y2"),
        (
            encode(cell=lambda v, cells, size: v // cells, offset=lambda v, i, cells, size: v / cells - i),
            "a cell is taken to have a side of `cells` pixels",
        ),
        (encode_offsets_from_exchanged_cells, "the row is subtracted from x and the column from y"),
        (
            encode(
                cell=lambda v, cells, size: v * cells // size * size / cells,
                offset=lambda v, corner, cells, size: (v - corner) * cells / size,
            ),
            "the cell's corner is given in pixels",
        ),
        (encode(order=(2, 3, 4, 5)), "the row and the column of the cell are missing"),
        (encode_with_numbered_cells, "the cells are numbered through"),
        (lambda *case: encode()(*case).permute(1, 0), "the result is (6, M)"),
    ],
    "confidence": [
        (0.5625, "0.56 is the IoU times"),
        (0.8, "0.8 is 1 minus the confidence"),
        (1, "a box that fits badly should say so"),
        ("0.47", "0.47 is the IoU of the other box"),
        (0.64, "0.64 is how much of the object"),
        (441 / 693, "0.64 is how much of the object"),
        (0.9, "0.9 is the confidence of the other box"),
        (0.375, "0.38 counts the intersection twice in the union, or it is 1 - IoU"),
        ("0.38", "0.38 counts the intersection twice in the union"),
        (0.125, "0.125 is the IoU times the confidence"),
        (0.9 * 256 / 544, "0.42 combines an IoU with a predicted confidence"),
        (0.625 - 0.2, "0.42 combines an IoU with a predicted confidence"),
        (0.44, "0.44 is the IoU of the two boxes with each other"),
        ((0.2 + 0.9) / 2, "0.55 is a mean over the two boxes"),
        ((400 / 640 + 256 / 544) / 2, "0.55 is a mean over the two boxes"),
        (1.6, "1.6 is the union over the intersection"),
        (20 * 20, "400 is the intersection"),
        (0.5, "0.5 is not right"),
    ],
    "cell_loss": [
        (cell_loss_of_all_roots, "x and y are compared by their square roots too"),
        (cell_loss_of_every_box, "all boxes of the cell learn position and size"),
        (cell_loss_of_plain_confidences, "the confidences of an empty cell are added up as they are"),
        (lambda *case: cell_loss()(*case).reshape(1), "the loss has an axis"),
        (cell_loss(pick=lambda predicted, overlap: overlap.tolist().index(min(overlap))), "the box that overlaps least"),
        (cell_loss(pick=lambda predicted, overlap: predicted[:, -1].argmax().item()), "the most confident box"),
        (cell_loss(pick=lambda predicted, overlap: 0), "the first box"),
        (cell_loss(pick=lambda predicted, overlap: len(predicted) - 1), "the last box"),
        (cell_loss(weights=(1, 1, 1, 0.5, 1)), "the terms of the box have the weight 1"),
        (
            cell_loss(weights=(1, 1, 1, 1, 1), empty=lambda predicted, p: predicted[:, 4].pow(2).sum()),
            "all terms have the weight 1",
        ),
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
            cell_loss(
                empty=lambda predicted, p: 0.5 * predicted[:, 4].sum() ** 2,
                others=lambda predicted, overlap, best: (predicted[:, 4].sum() - predicted[best, 4]) ** 2,
            ),
            "the confidences that aim at 0 are added up and then squared",
        ),
        (
            cell_loss(
                empty=lambda predicted, p: 0.5 * predicted[:, 4].sum(),
                others=lambda predicted, overlap, best: predicted[:, 4].sum() - predicted[best, 4],
            ),
            "the confidences that aim at 0 are not squared",
        ),
        (
            cell_loss(
                empty=lambda predicted, p: 0.5 * predicted[:, 4].pow(2).mean(),
                others=lambda predicted, overlap, best: (
                    (predicted[:, 4].pow(2).sum() - predicted[best, 4] ** 2) / (len(predicted) - 1)
                ),
            ),
            "the confidences that aim at 0 are averaged",
        ),
        (
            cell_loss(
                others=lambda predicted, overlap, best: (1 - predicted[:, 4]).pow(2).sum() - (1 - predicted[best, 4]) ** 2
            ),
            "the confidences of the other boxes aim at 1",
        ),
        (cell_loss(target=lambda overlap: 0), "the confidence of the responsible box aims at 0"),
        (
            cell_loss(weights=(5, 5, 0.5, 1, 1), empty=lambda predicted, p: predicted[:, 4].pow(2).sum()),
            "the weights of the confidence terms are exchanged",
        ),
        (
            cell_loss(weights=(0.5, 0.5, 1, 5, 1), empty=lambda predicted, p: 5 * predicted[:, 4].pow(2).sum()),
            "the weights 5 and 0.5 are exchanged",
        ),
        (
            cell_loss(weights=(25, 25, 1, 0.25, 1), empty=lambda predicted, p: sum((0.5 * c) ** 2 for c in predicted[:, 4])),
            "the errors are weighted before they are squared",
        ),
        (cell_loss(weights=(5, 5, 1, 0.5, 0.5)), "the class term has the weight 0.5"),
        (cell_loss(weights=(5, 5, 1, 0.5, 5)), "the class term has the weight 5"),
        (
            cell_loss(classes=lambda p, label: F.mse_loss(p, F.one_hot(torch.tensor(label), len(p)).to(p))),
            "the class term is averaged",
        ),
        (cell_loss(classes=lambda p, label: p.pow(2).sum() - p[label] ** 2), "the class term lacks the right class"),
        (
            cell_loss(classes=lambda p, label: ((F.softmax(p, 0) - torch.eye(len(p))[label]) ** 2).sum()),
            "a softmax is applied to the class probabilities",
        ),
        (
            cell_loss(classes=lambda p, label: -(1 - p).log().sum() + (1 - p[label]).log() - p[label].log()),
            "the class term is a binary cross-entropy",
        ),
        (cell_loss(root=lambda v: v.log()), "the logarithms of w and h are compared"),
        (
            cell_loss(pick=lambda predicted, overlap: max(range(len(overlap)), key=lambda b: overlap[b] * predicted[b, 4])),
            "the product of overlap and confidence chooses the box",
        ),
        (cell_loss_of_nearest, "the box with the nearest centre is taken"),
        (
            lambda predicted, *rest: cell_loss()(torch.cat([predicted[:, 1:], predicted[:, :1]], 1), *rest),
            "the confidence is read from the first column",
        ),
        (
            cell_loss(empty=lambda predicted, p: 0.5 * (predicted**2).sum()),
            "an empty cell learns positions and sizes too",
        ),
        (
            lambda predicted, *rest: cell_loss()(predicted.detach(), *rest),
            "the value is right, but its gradient does not reach `predicted`",
        ),
        (lambda *case: cell_loss()(*case).item(), "expected a torch tensor, got a float"),
    ],
    "published": [("b", "that agrees with the paper"), ("C", "`1 - there` is 0")],
    "decode": [
        (lambda p, width, height, b: decode()(p, width, width, b), "`width` is used for the height as well"),
        (lambda p, width, height, b: decode()(p, height, height, b), "`height` is used for the width as well"),
        (lambda p, *case: decode()(p.sigmoid(), *case), "a sigmoid is applied to all numbers"),
        (decode_with_confidence, "the confidence is returned with the corners"),
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
        (decode(size=lambda w, h, width, height, rows, columns: (w, h)), "w and h are not multiplied by the image's"),
        (decode(size=lambda w, h, width, height, *rest: (np.exp(w) * width, np.exp(h) * height)), "w and h are exponentials"),
        (decode(size=lambda w, h, width, height, *rest: (h * width, w * height)), "w and h are exchanged"),
        (decode(place=lambda i, j, x, y: (j + y, i + x)), "x and y are exchanged"),
        (
            decode(size=lambda w, h, width, height, rows, columns: (w * columns, h * rows)),
            "w and h are multiplied by the numbers of columns and rows",
        ),
        (
            decode(size=lambda w, h, width, height, rows, columns: (w * width / rows, h * height / columns)),
            "w is divided by the rows and h by the columns",
        ),
        (decode(cell=lambda *case: (1, 1)), "x and y are left in cells"),
        (decode(cell=lambda w, h, rows, columns: (1 / columns, 1 / rows)), "x and y are left as fractions of the image"),
        (decode(cell=lambda w, h, rows, columns: (w, h)), "x and y are not divided by the numbers of columns and rows"),
        (decode(cell=lambda w, h, rows, columns: (h / columns, w / rows)), "x is multiplied by the height and y by the width"),
        (decode_in_parts(of_place=0), "only x and y are multiplied by a cell's sides"),
        (decode_in_parts(of_offset=0), "only the cell's row and column are multiplied"),
        (decode(box=lambda x, y, w, h: [x - w / 2, y - h / 2, w, h]), "those are a corner, width and height"),
        (decode(box=lambda x, y, w, h: [x - w, y - h, x, y]), "x and y are taken for the lower right corner"),
        (decode(box=lambda x, y, w, h: np.round([x - w / 2, y - h / 2, x + w / 2, y + h / 2])), "the corners are rounded"),
        (
            decode(place=lambda i, j, x, y: (j + 1 / (1 + np.exp(-x)), i + 1 / (1 + np.exp(-y)))),
            "a sigmoid is applied to x and y",
        ),
        (decode(first=lambda b, per_cell, classes: 5 * b + 1), "the confidence is read first"),
        (decode_times_confidence, "the boxes are multiplied by their confidences"),
        (decode(box=lambda x, y, w, h: [x - w / 2, y + h / 2, x + w / 2, y - h / 2]), "the values are right, but their order"),
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
        (lambda *case: decode()(*case).flatten(0, 2), "the values are right, but their shape"),
    ],
    "constant": [
        (0.015, "0.015 or 0.016 is what you get with the weight 1"),
        (2 * 0.75 / 98, "0.015 or 0.016 is what you get with the weight 1"),
        (1.5 / 96, "0.015 or 0.016 is what you get with the weight 1"),
        (0.016, "0.015 or 0.016 is what you get with the weight 1"),
        (3 / 52, "0.058 has 48 c as the derivative"),
        (0.02, "0.02 is for a target of 1"),
        (1.5, "1.5 is the sum of both targets"),
        (1.5 / 51, "0.029 counts the two responsible boxes"),
        (1.5 / 48, "0.031 divides 1.5"),
        (1.5 / 49, "0.031 divides 1.5"),
        (0.04, "0.04 is for a target of 1"),
        (1.5 / 25.5, "0.059 is for one box per cell"),
        (0.75, "0.75 is best for the two"),
        (0.375, "0.375 is the middle"),
        (0, "0 is best for term 4 alone"),
        (0.75 / 98, "0.008 is for one object"),
        (3, "that is the answer in percent"),
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
        (kmeans_step(turns=2), "two turns are taken"),
        (
            kmeans_step(distance=lambda a, b: 1 - np.minimum(a, b).prod() / np.maximum(a, b).prod()),
            "the larger width times the larger height is no union",
        ),
        (kmeans_step(distance=lambda a, b: abs(a - b).max()), "the distance is the larger of both differences"),
        (
            kmeans_step(distance=lambda a, b: np.hypot(*(np.log(a) - np.log(b)))),
            "the distance is Euclid's between logarithms",
        ),
        (kmeans_step(distance=lambda a, b: abs(a[0] - b[0])), "only the widths are compared"),
        (kmeans_step_to_nearest_box, "each centre moves to the box that it overlaps most"),
        (kmeans_step_weighted, "each centre moves to a mean of all boxes with the IoU as their weight"),
        (kmeans_step(move=lambda own, old: np.mean([*own, old], 0)), "the old centre is counted as one of its boxes"),
        (
            kmeans_step(move=lambda own, old: np.full(2, own.mean()) if len(own) else old),
            "the mean is taken over widths and heights together",
        ),
        (
            kmeans_step(move=lambda own, old: own.prod(0) ** (1 / len(own)) if len(own) else old),
            "the geometric mean of the boxes is taken",
        ),
        (
            kmeans_step(move=lambda own, old: (own.min(0) + own.max(0)) / 2 if len(own) else old),
            "the middle between the smallest and the largest side is taken",
        ),
        (kmeans_step(move=lambda own, old: [*own, old][0]), "a centre moves to the first of its boxes"),
        (kmeans_step(move=lambda own, old: [old, *own][-1]), "a centre moves to the last of its boxes"),
        (kmeans_step(move=lambda own, old: own.max(0) if len(own) else old), "a centre takes the largest width and height"),
        (
            kmeans_step(move=lambda own, old: np.rint(own.mean(0)) if len(own) else old),
            "the new centres are rounded to whole pixels",
        ),
        (
            lambda sizes, centres: kmeans_step(move=lambda own, old: sizes.numpy().mean(0) if len(own) else old)(
                sizes, centres
            ),
            "each centre moves to the mean of all boxes",
        ),
        (
            lambda sizes, centres: kmeans_step(move=lambda own, old: np.mean(own if len(own) else sizes.numpy(), 0))(
                sizes, centres
            ),
            "a centre that no box chose moves to the mean of all boxes",
        ),
        (lambda *case: kmeans_step()(*case)[:, [1, 0]], "width and height are exchanged"),
        (
            lambda sizes, centres: torch.tensor(
                [max(range(len(centres)), key=lambda k: similar(box, centres[k])) for box in sizes]
            ),
            "the number of each box's centre is returned",
        ),
    ],
    "assign": [
        (lambda cost: assigned()(cost).argsort(), "the places that sort the columns"),
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
        (lambda cost: cost[range(len(cost)), assigned()(cost)].sum(), "that is the smallest total cost"),
        (lambda cost: cost[linear_sum_assignment(cost)], "those are the costs of the chosen pairs"),
        (lambda cost: cost.min(dim=1).values, "those are the smallest costs of the rows"),
        (lambda cost: cost.min(dim=0).values, "those are the smallest costs of the columns"),
        (torch.min, "that is the smallest cost of all"),
        (lambda cost: sum(row.min() for row in cost), "those are the smallest costs of the rows, added up"),
        (lambda cost: torch.eye(cost.shape[1]).long()[assigned()(cost)], "the result is a table of 0 and 1;"),
        (lambda cost: torch.eye(cost.shape[1])[assigned()(cost)], "the result is a table of 0 and 1, in floats"),
        (lambda cost: torch.eye(cost.shape[1])[assigned()(cost)] == 1, "the result is a table of True and False"),
        (lambda cost: assigned_in_turns(cost.flip(0)).flip(0), "the objects choose from the last to the first"),
        (
            assigned_with(lambda free, column, m: next(c % m for c in range(column, 2 * m) if c % m in free)),
            "an object whose favourite is taken gets the next",
        ),
        (
            assigned_with(lambda free, column, m: column if column in free else -1),
            "an object whose favourite is taken gets none",
        ),
        (assigned(ways=itertools.combinations), "the columns grow from row to row"),
        (assigned(ways=lambda columns, count: itertools.permutations(range(count))), "only the first T columns are tried"),
        (assigned(result=lambda columns: columns[::-1]), "the columns are in the reverse order"),
        (lambda cost: assigned()(cost) + cost.shape[1] * torch.arange(len(cost)), "the columns are counted through all rows"),
        (lambda cost: torch.tensor(np.stack(linear_sum_assignment(cost))), "the result has the rows and the columns"),
        (assigned_number, "the result is the number of the best way"),
        (lambda cost: assigned()(cost.sqrt()), "2 of the 2 values differ"),
        (lambda cost: assigned()(cost / cost.sum(1, keepdim=True)), "2 of the 2 values differ"),
        (lambda cost: assigned()(cost).double(), "expected integers"),
        (lambda cost: linear_sum_assignment(cost)[0], "the first predictions are always chosen"),
        (lambda cost: torch.topk(cost.flatten(), len(cost), largest=False).indices, "2 of the 2 values differ"),
        (lambda cost: torch.zeros(len(cost), dtype=torch.long), "1 of the 2 values differs"),
    ],
}
