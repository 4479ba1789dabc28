"""Checks of lesson 11: YOLO's target and loss, decoding, anchors by k-means, and DETR's assignment."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import combinations, permutations

import torch
from torch import Tensor
from torch.nn import functional as F

from cnnlib.checks.engine import Check, Variants, but, digits, positional, uniform


def _inside(*shape: int, seed: int = 0) -> Tensor:
    """Sample numbers that are neither 0 nor 1."""
    return uniform(*shape, seed=seed, low=0.05, high=0.95)


def _table(*rows: list[float]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float64)


lost = Check(
    "lost",
    reference=2,
    mistakes={
        "1 gives each of the two boxes of a cell an object; a cell has one set of class probabilities and learns one object": 1,
        "3 counts all objects of the crowded cell, though one of them is learned, or it goes by the upper left corners; the "
        "centre decides, and one object of each cell has a place": 3,
        "0 would be right if each centre had a cell of its own; compute the centres of the first three objects": 0,
        "4 is the number of objects that have a place, or it keeps one of each group of boxes that overlap; count the objects "
        "without a place, cell by cell": 4,
        "6 is the number of all objects; at least one object of each cell has a place": 6,
        "5 is what is left over if the whole image has one place; every cell has one": 5,
        "12 is the number of cells without an object; count the objects without a place": 12,
        "10 would be left of 16 cells if each object had one; count the objects without a place": 10,
    },
    hints=[
        "A cell has a side of 16 pixels. The centre of a box is ((x1 + x2) / 2, (y1 + y2) / 2). In which cell is each centre?",
        "The first three centres are (10, 10), (10, 14) and (14, 12). How many objects can their cell learn?",
    ],
)


def _centred(boxes: Tensor) -> Tensor:
    return (boxes[:, :2] + boxes[:, 2:]) / 2


def _encode(
    boxes: Tensor,
    cells: int,
    size: float,
    centre: Callable[[Tensor], Tensor] = _centred,
    whole: Callable[[Tensor], Tensor] = torch.floor,
    offset: Callable[[Tensor, Tensor, int, float], Tensor] = lambda centre, cell, cells, size: centre * cells / size - cell,
    extent: Callable[[Tensor, int, float], Tensor] = lambda sides, cells, size: sides / size,
) -> Tensor:
    middle = centre(boxes)
    cell = whole(middle * cells / size)
    sides = extent(boxes[:, 2:] - boxes[:, :2], cells, size)
    return torch.cat([cell.flip(1), offset(middle, cell, cells, size), sides], 1)


def _boxes(count: int, size: float, seed: int) -> Tensor:
    """Draw boxes of 10 to 60 % of the image's side that lie inside it."""
    sides = uniform(count, 2, seed=seed, low=0.1, high=0.6) * size
    corner = _inside(count, 2, seed=seed + 1) * (size - sides)
    return torch.cat([corner, corner + sides], 1)


def _first_box(got: Tensor, boxes: Tensor, cells: int, size: float) -> str:
    """Say which numbers of the first wrong box are wrong, and from which centre and size they follow."""
    wrong = ~torch.isclose(got, _encode(boxes, cells, size))
    row = int(wrong.any(1).nonzero()[0])
    names = " and ".join(n for n, is_wrong in zip(("row", "column", "x", "y", "w", "h"), wrong[row], strict=True) if is_wrong)
    (x, y), (w, h) = _centred(boxes)[row].tolist(), (boxes[row, 2:] - boxes[row, :2]).tolist()
    sides = f"{w:.4g} x {h:.4g} pixels, a cell {size / cells:.4g}"
    return f"wrong: {names}; the box has its centre at ({x:.4g}, {y:.4g}) and a size of {sides}"


encode = Check(
    "encode",
    reference=_encode,
    cases=[
        dict(boxes=_table([9, 1, 15, 5]), cells=2, size=16),  # centred at (12, 3)
        dict(boxes=_table([2, 4, 6, 12], [20, 2, 30, 6]), cells=4, size=32),  # centred on borders between cells
        dict(boxes=_boxes(5, 60, seed=3), cells=5, size=60),
        dict(boxes=_boxes(3, 64, seed=5), cells=7, size=64),
        dict(boxes=_boxes(7, 448, seed=1), cells=7, size=448),
    ],
    mistakes={
        "row and column are exchanged; y gives the row": but(_encode, result=lambda y: y[:, [1, 0, 2, 3, 4, 5]]),
        "columns and rows are exchanged everywhere; the order is row, column, x, y, w, h": but(
            _encode, result=lambda y: y[:, [1, 0, 3, 2, 5, 4]]
        ),
        "x, y, w and h are first; the row and the column of the cell come before them": but(
            _encode, result=lambda y: y[:, [2, 3, 4, 5, 0, 1]]
        ),
        "w and h are exchanged; w is the width": but(_encode, result=lambda y: y[:, [0, 1, 2, 3, 5, 4]]),
        "the offsets x and y are exchanged; x is the one along the columns": but(
            _encode, result=lambda y: y[:, [0, 1, 3, 2, 4, 5]]
        ),
        "rows and columns are counted from 1; the first is 0": but(
            _encode, result=lambda y: y + torch.tensor([1, 1, 0, 0, 0, 0])
        ),
        "a cell's side is cut to whole pixels; 64 pixels in 7 cells are 9.14 each": positional(
            lambda boxes, cells, size: torch.cat(
                [_encode(boxes, cells, size // cells * cells)[:, :4], _encode(boxes, cells, size)[:, 4:]], 1
            )
        ),
        "the cell is that of the upper left corner; take that of the centre": partial(
            _encode, centre=lambda boxes: boxes[:, :2]
        ),
        "the cell is that of the centre, but x and y are those of the corner; take the centre for both": but(
            _encode,
            result=lambda y, boxes, cells, size: torch.cat([y[:, :2], boxes[:, :2] * cells / size - y[:, [1, 0]], y[:, 4:]], 1),
        ),
        "the boxes are taken for centre, width and height; they are two corners": but(
            _encode, boxes=lambda boxes: torch.cat([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2], 1)
        ),
        "the boxes are taken for corner, width and height; they are two corners": but(
            _encode, boxes=lambda boxes: torch.cat([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], 1)
        ),
        "the cell is rounded to the nearest; round down, so that x and y lie in 0 ... 1": partial(_encode, whole=torch.round),
        "x and y are relative to the image; they count from the cell's corner, in cells": partial(
            _encode, offset=lambda centre, cell, cells, size: centre / size
        ),
        "x and y are in pixels; their unit is one cell": partial(
            _encode, offset=lambda centre, cell, cells, size: centre - cell * size / cells
        ),
        "x and y are the centre in pixels of the image; they count from the cell's corner, in cells": partial(
            _encode, offset=lambda centre, cell, cells, size: centre
        ),
        "x and y are fractions of the image; their unit is one cell": partial(
            _encode, offset=lambda centre, cell, cells, size: centre / size - cell / cells
        ),
        "x and y count from the upper left corner of the image; they count from that of their cell": partial(
            _encode, offset=lambda centre, cell, cells, size: centre * cells / size
        ),
        "x and y count from the cell's middle; they count from its corner": partial(
            _encode, offset=lambda centre, cell, cells, size: centre * cells / size - cell - 0.5
        ),
        "w and h are relative to the cell; they are fractions of the whole image": partial(
            _encode, extent=lambda sides, cells, size: sides * cells / size
        ),
        "w and h are in pixels; they are fractions of the whole image": partial(
            _encode, extent=lambda sides, cells, size: sides
        ),
        "w and h are those of half a box; take x2 - x1 and y2 - y1": partial(
            _encode, extent=lambda sides, cells, size: sides / 2 / size
        ),
        "the square roots of w and h are returned; only the loss has square roots": partial(
            _encode, extent=lambda sides, cells, size: (sides / size).sqrt()
        ),
        "the logarithms of w and h are returned; they are fractions of the whole image": partial(
            _encode, extent=lambda sides, cells, size: (sides / size).log()
        ),
        "1 pixel is added to each side; w and h are (x2 - x1) / size and (y2 - y1) / size": partial(
            _encode, extent=lambda sides, cells, size: (sides + 1) / size
        ),
        "a centre on a border is given to the cell on its left or above; it belongs to the one on its right or below": partial(
            _encode, whole=lambda centre: centre.ceil() - 1
        ),
        "the corners are added, but their sum is not divided by 2; the centre is their mean": partial(
            _encode, centre=lambda boxes: boxes[:, :2] + boxes[:, 2:]
        ),
        "half of the box's sides is taken for its centre; the centre is the mean of both corners": partial(
            _encode, centre=lambda boxes: (boxes[:, 2:] - boxes[:, :2]) / 2
        ),
        "the lower right corner is taken for the centre; the centre is the mean of both corners": partial(
            _encode, centre=lambda boxes: boxes[:, 2:]
        ),
        "the boxes are read as x1, x2, y1, y2; their order is x1, y1, x2, y2": but(
            _encode, boxes=lambda boxes: boxes[:, [0, 2, 1, 3]]
        ),
        "a cell is taken to have a side of `cells` pixels; its side is `size / cells` pixels": but(
            _encode,
            result=lambda y, boxes, cells: torch.cat(
                [(_centred(boxes) / cells).floor().flip(1), _centred(boxes) / cells % 1, y[:, 4:]], 1
            ),
        ),
        "the row is subtracted from x and the column from y; x counts from the cell's column": partial(
            _encode, offset=lambda centre, cell, cells, size: centre * cells / size - cell.flip(1)
        ),
        "the cell's corner is given in pixels; return its row and its column": but(
            _encode, result=lambda y, cells, size: torch.cat([y[:, :2] * size / cells, y[:, 2:]], 1)
        ),
        "the row and the column of the cell are missing; they come before x, y, w and h": but(
            _encode, result=lambda y: y[:, 2:]
        ),
        "the cells are numbered through; return the row and the column of each": but(
            _encode, result=lambda y, cells: torch.cat([y[:, :1] * cells + y[:, 1:2], y[:, 2:]], 1)
        ),
        "w and h are divided by `cells`; divide them by `size`": partial(
            _encode, extent=lambda sides, cells, size: sides / cells
        ),
        "w and h are divided by `size` and by `cells`; divide them by `size` alone": partial(
            _encode, extent=lambda sides, cells, size: sides / size / cells
        ),
        "x2 and y2 are taken for w and h; w is x2 - x1 and h is y2 - y1": but(
            _encode, result=lambda y, boxes, size: torch.cat([y[:, :4], boxes[:, 2:] / size], 1)
        ),
        "the cell's row and column are not cut to whole numbers": but(
            _encode, result=lambda y: torch.cat([y[:, :2] + y[:, [3, 2]], y[:, 2:]], 1)
        ),
        "w and h come before x and y; the order is row, column, x, y, w, h": but(
            _encode, result=lambda y: y[:, [0, 1, 4, 5, 2, 3]]
        ),
        "the result is (6, M); return a row per box, (M, 6)": but(_encode, result=lambda y: y.T),
    },
    explain=_first_box,
    hints=[
        "The centre in cells: `centre = (boxes[:, :2] + boxes[:, 2:]) / 2 * cells / size`. What is its whole part?",
        "`cell = centre.floor()` holds column and row; `centre - cell` is the offset; w and h are divided by `size`.",
        "`torch.cat([cell.flip(1), centre - cell, (boxes[:, 2:] - boxes[:, :2]) / size], 1)`.",
    ],
)

confidence = Check(
    "confidence",
    reference=400 / 640,
    mistakes={
        "a box that fits badly should say so: its target is its IoU with the object, not 1": 1.0,
        "0 is for the other box; the responsible one has its IoU with the object as its target": 0,
        "0.47 is the IoU of the other box; responsible is the one that overlaps the object most, whatever its confidence": 256
        / 544,
        "0.2 is the confidence that it predicts now; which number should it predict?": 0.2,
        "0.9 is the confidence of the other box, which is not responsible": 0.9,
        # 400 / 1040 = 0.385, or 1 - 0.625 = 0.375
        "0.38 counts the intersection twice in the union, or it is 1 - IoU; take the IoU, where both areas "
        "less the intersection are the union": 0.38,
        "0.77 is Dice, twice the intersection over the sum of both areas; take the IoU": 800 / 1040,
        # 256 / 400 = 0.64, or 441 / 693 = 0.636
        "0.64 is how much of the object the other box covers, or an IoU with 1 added to each side; take the IoU": 0.638,
        "0.56 is the IoU times the confidence of the other box; the target is the IoU alone": 0.9 * 0.625,
        "0.8 is 1 minus the confidence that the box predicts now; the target is its IoU with the object": 0.8,
        "0.125 is the IoU times the confidence that the box predicts now; the target is the IoU alone": 0.2 * 400 / 640,
        # 0.9 * 0.4706 = 0.4235, or 0.625 - 0.2 = 0.425
        "0.42 combines an IoU with a predicted confidence; the target is the IoU of the responsible box alone": 0.424,
        "0.44 is the IoU of the two boxes with each other; take the IoU of the responsible box with the object": 320 / 720,
        "0.55 is a mean over the two boxes; only one of them is responsible": 0.549,  # of the IoUs or of the confidences
        "1.6 is the union over the intersection; it is the other way round": 640 / 400,
        "400 is the intersection; divide it by the union": 400,
    },
    hints=[
        "Two steps: which box overlaps the object most? And by how much?",
        "The first box contains the object: 400 pixels are shared, and its own 20 x 32 are the union.",
    ],
    digits=2,
)

Square = Callable[[Tensor], Tensor]


def _squares(errors: Tensor) -> Tensor:
    return errors.square().sum()


def _guess(probabilities: Tensor, wanted: Tensor, fold: Square) -> Tensor:
    return fold(probabilities - wanted)


def _cell_loss(
    predicted: Tensor,
    probabilities: Tensor,
    overlap: Tensor,
    truth: Tensor,
    label: int,
    noobj: float = 0.5,
    root: Callable[[Tensor], Tensor] = torch.sqrt,
    aim: Callable[[Tensor], Tensor] = lambda overlap: overlap,
    aim_of_others: Callable[[Tensor], Tensor] = torch.zeros_like,
    others: bool = True,
    pick: Callable[[Tensor, Tensor, Tensor], Tensor] = lambda predicted, overlap, truth: overlap.argmax(),
    fold: Square = _squares,
    quiet: Square | None = None,
    guess: Callable[[Tensor, Tensor, Square], Tensor] = _guess,
    centre: float = 5.0,
    sides: float = 5.0,
    sure: float = 1.0,
) -> Tensor:
    """Add up the five terms; each option is one thing that can go wrong."""
    if label < 0:
        return noobj * (quiet or fold)(predicted[:, 4])
    best = pick(predicted, overlap, truth)
    rest = torch.arange(len(predicted)) != best
    one_hot = (torch.arange(len(probabilities)) == label).to(probabilities)
    loss = centre * fold(predicted[best, :2] - truth[:2]) + sides * fold(root(predicted[best, 2:4]) - root(truth[2:]))
    loss = loss + sure * fold(predicted[best, 4:] - aim(overlap[best]))
    if others:
        loss = loss + noobj * (quiet or fold)(predicted[rest, 4] - aim_of_others(overlap[rest]))
    return loss + guess(probabilities, one_hot, fold)


def _others(predicted: Tensor, overlap: Tensor) -> Tensor:
    return _squares(predicted[:, 4]) - predicted[overlap.argmax(), 4].square()


def _picked(pick: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
    return partial(_cell_loss, pick=lambda predicted, overlap, truth: pick(predicted, overlap))


def _classes_per_box(predicted: Tensor, probabilities: Tensor, overlap: Tensor, truth: Tensor, label: int) -> Tensor:
    return _cell_loss(predicted, probabilities, overlap, truth, label, guess=lambda *own: len(predicted) * _guess(*own))


def _all_responsible(predicted: Tensor, probabilities: Tensor, overlap: Tensor, truth: Tensor, label: int) -> Tensor:
    if label < 0:
        return _cell_loss(predicted, probabilities, overlap, truth, label)
    box = _squares(predicted[:, :2] - truth[:2]) + _squares(predicted[:, 2:4].sqrt() - truth[2:].sqrt())
    one_hot = (torch.arange(len(probabilities)) == label).to(probabilities)
    return 5 * box + _squares(predicted[:, 4] - overlap) + _squares(probabilities - one_hot)


def _all_boxes_placed(predicted: Tensor, probabilities: Tensor, overlap: Tensor, truth: Tensor, label: int) -> Tensor:
    """Add the errors of position and size of all boxes, with the other terms as they are."""
    right = _cell_loss(predicted, probabilities, overlap, truth, label)
    if label < 0:
        return right
    errors = (predicted[:, :2] - truth[:2]).square() + (predicted[:, 2:4].sqrt() - truth[2:].sqrt()).square()
    return right + 5 * (errors.sum() - errors[overlap.argmax()].sum())


def _roots_everywhere(predicted: Tensor, probabilities: Tensor, overlap: Tensor, truth: Tensor, label: int) -> Tensor:
    squared = torch.cat([predicted[:, :2].sqrt(), predicted[:, 2:]], 1), torch.cat([truth[:2].sqrt(), truth[2:]])
    return _cell_loss(squared[0], probabilities, overlap, squared[1], label)


# The cases tell apart how a box may be chosen: most and least overlap, first, last, most and least confident; the last case
# does so for the nearest centre and for the product of overlap and confidence as well.
def _five_terms(got: Tensor, predicted: Tensor, probabilities: Tensor, overlap: Tensor, truth: Tensor, label: int) -> str:
    """List the terms of a cell."""
    if label < 0:
        return f"the cell is empty: 0.5 times the sum of {', '.join(f'{c**2:.4g}' for c in predicted[:, 4].tolist())}"
    best = int(overlap.argmax())
    rest = predicted[torch.arange(len(predicted)) != best, 4]
    terms = (
        5 * _squares(predicted[best, :2] - truth[:2]),
        5 * _squares(predicted[best, 2:4].sqrt() - truth[2:].sqrt()),
        _squares(predicted[best, 4] - overlap[best]),
        0.5 * _squares(rest),
        _squares(probabilities - F.one_hot(torch.tensor(label), len(probabilities))),
    )
    return f"box {best} is responsible, and the five terms are {', '.join(f'{term:.4g}' for term in terms)}"


cell_loss = Check(
    "cell_loss",
    gradients=("predicted", "probabilities"),
    reference=_cell_loss,
    cases=[
        dict(  # 5 (0.05 + 0.02) + 0.01 + 0.02 + 0.14
            predicted=_table([0.5, 0.3, 0.25, 0.64, 0.9], [0.6, 0.7, 0.16, 0.81, 0.2]),
            probabilities=_table([0.7, 0.2, 0.1])[0],
            overlap=_table([0.8, 0.3])[0],
            truth=_table([0.4, 0.5, 0.36, 0.49])[0],
            label=0,
        ),
        dict(
            predicted=_table([0.5, 0.5, 0.5, 0.5, 0.2], [0.5, 0.5, 0.5, 0.5, 0.4]),
            probabilities=_table([0.2, 0.5, 0.3])[0],
            overlap=_table([0.02, 0.01])[0],
            truth=_inside(4, seed=9),
            label=-1,
        ),
        dict(
            predicted=torch.cat([_inside(3, 4, seed=5), _table([0.45], [0.35], [0.85])], 1),
            probabilities=_inside(7, seed=10),
            overlap=_table([0.12, 0.57, 0.35])[0],
            truth=_inside(4, seed=6),
            label=2,
        ),
        dict(
            predicted=_inside(3, 5, seed=7),
            probabilities=_inside(2, seed=8),
            overlap=_table([0.31, 0.24, 0.64])[0],
            truth=_inside(4, seed=3),
            label=1,
        ),
        dict(
            predicted=_table(
                [0.31, 0.72, 0.42, 0.55, 0.6],
                [0.64, 0.35, 0.3, 0.7, 0.35],
                [0.52, 0.47, 0.2, 0.9, 0.85],
                [0.83, 0.2, 0.6, 0.4, 0.25],
            ),
            probabilities=_inside(6, seed=11),
            overlap=_table([0.5, 0.57, 0.2, 0.31])[0],
            truth=_table([0.5, 0.45, 0.44, 0.52])[0],
            label=4,
        ),
    ],
    errors={
        "non-negative|out of bounds": "a label of -1 is a cell without an object: treat it first; 0 is a class like any other"
    },
    mistakes={
        "the errors are averaged; add up their squares, because a mean changes the weight of each term": partial(
            _cell_loss, fold=lambda errors: errors.square().mean()
        ),
        "the boxes that are not responsible are missing; their confidences aim at 0, with the weight 0.5": partial(
            _cell_loss, others=False
        ),
        "the confidences that aim at 0 have the weight 1 instead of 0.5": partial(_cell_loss, noobj=1.0),
        "the confidences of the other boxes of a cell with an object have the weight 1 instead of 0.5": but(
            _cell_loss, result=lambda y, predicted, overlap, label: y + 0.5 * _others(predicted, overlap) * (label >= 0)
        ),
        "the confidences of an empty cell have the weight 1 instead of 0.5": but(
            _cell_loss, result=lambda y, label: 2 * y if label < 0 else y
        ),
        "all terms have the weight 1; position and size have 5, the confidences that aim at 0 have 0.5": partial(
            _cell_loss, centre=1.0, sides=1.0, noobj=1.0
        ),
        "the terms of the box have the weight 1 instead of 5": partial(_cell_loss, centre=1.0, sides=1.0),
        "the confidence of the responsible box has the weight 5 instead of 1": partial(_cell_loss, sure=5.0),
        "the confidence of the responsible box has the weight 0.5 instead of 1": partial(_cell_loss, sure=0.5),
        "the confidence of the responsible box is missing; it aims at its IoU": partial(_cell_loss, sure=0.0),
        "the confidence of the responsible box aims at 1; it aims at its IoU with the object": partial(
            _cell_loss, aim=torch.ones_like
        ),
        "the confidences of the other boxes aim at their IoU; they aim at 0": partial(
            _cell_loss, aim_of_others=lambda overlap: overlap
        ),
        "w and h are compared as they are; compare their square roots": partial(_cell_loss, root=lambda sides: sides),
        "w and h are squared; compare their square roots": partial(_cell_loss, root=torch.square),
        "x and y are compared by their square roots too; only w and h are": _roots_everywhere,
        "all boxes of the cell learn position and size; only the responsible one does": _all_boxes_placed,
        "the confidences of an empty cell are added up as they are; add up their squares": but(
            _cell_loss, result=lambda y, predicted, label: y if label >= 0 else 0.5 * predicted[:, 4].sum()
        ),
        "the loss has an axis; return a tensor without any, as `.sum()` gives it": but(_cell_loss, result=lambda y: y[None]),
        "the box that overlaps least is taken; responsible is the one that overlaps most": _picked(
            lambda predicted, overlap: overlap.argmin()
        ),
        "the most confident box is taken; responsible is the one that overlaps most": _picked(
            lambda predicted, overlap: predicted[:, 4].argmax()
        ),
        "the least confident box is taken; responsible is the one that overlaps most": _picked(
            lambda predicted, overlap: predicted[:, 4].argmin()
        ),
        "the first box is always taken; responsible is the one that overlaps most": _picked(
            lambda predicted, overlap: torch.tensor(0)
        ),
        "the last box is always taken; responsible is the one that overlaps most": _picked(
            lambda predicted, overlap: torch.tensor(len(predicted) - 1)
        ),
        "all boxes of the cell learn the object; only the responsible one does": _all_responsible,
        "only x and y have the weight 5; w and h have it too": partial(_cell_loss, sides=1.0),
        "only w and h have the weight 5; x and y have it too": partial(_cell_loss, centre=1.0),
        "the term of w and h is missing": partial(_cell_loss, sides=0.0),
        "the term of x and y is missing": partial(_cell_loss, centre=0.0),
        "the class term is missing": partial(_cell_loss, guess=lambda probabilities, wanted, fold: wanted.new_zeros(())),
        "the class term holds the right class alone; the other classes aim at 0": partial(
            _cell_loss, guess=lambda probabilities, wanted, fold: fold((probabilities - wanted)[wanted > 0])
        ),
        "the class term is counted once per box; a cell has one set of classes": _classes_per_box,
        "the class term is a logarithm; it is a sum of squares too": partial(
            _cell_loss, guess=lambda probabilities, wanted, fold: -(probabilities * wanted).sum().log()
        ),
        "the class term is PyTorch's cross-entropy; it is a sum of squares too": partial(
            _cell_loss, guess=lambda probabilities, wanted, fold: F.cross_entropy(probabilities, wanted.argmax())
        ),
        "the confidence of the responsible box is also drawn towards 0; only the others are": but(
            _cell_loss,
            result=lambda y, predicted, overlap, label: y + 0.5 * predicted[overlap.argmax(), 4].square() * (label >= 0),
        ),
        "an empty cell is treated like one with an object; its label -1 is no class": but(
            _cell_loss, label=lambda label, probabilities: label % len(probabilities)
        ),
        "an empty cell is treated like one with an object of no class; it learns confidences alone": but(
            _cell_loss, label=lambda label, probabilities: label if label >= 0 else len(probabilities)
        ),
        "a cell with an object of class 0 is treated as empty; only a label of -1 is an empty cell": but(
            _cell_loss, label=lambda label: label or -1
        ),
        "an empty cell has no loss; all of its confidences aim at 0": but(_cell_loss, result=lambda y, label: y * (label >= 0)),
        "in an empty cell, only the first confidence aims at 0; all of them do": but(
            _cell_loss, predicted=lambda predicted, label: predicted if label >= 0 else predicted[:1]
        ),
        "an empty cell learns positions and sizes too; it learns confidences alone": but(
            _cell_loss, result=lambda y, predicted, label: y + 0.5 * _squares(predicted[:, :4]) * (label < 0)
        ),
        "an empty cell learns classes too; it learns confidences alone": but(
            _cell_loss, result=lambda y, probabilities, label: y + _squares(probabilities) * (label < 0)
        ),
        "the errors are added up without their sign; add up their squares": partial(
            _cell_loss, fold=lambda errors: errors.abs().sum()
        ),
        "the confidences that aim at 0 are added up and then squared; square each of them": partial(
            _cell_loss, quiet=lambda errors: errors.sum().square()
        ),
        "the confidences that aim at 0 are not squared; add up their squares": partial(
            _cell_loss, quiet=lambda errors: errors.sum()
        ),
        "the confidences that aim at 0 are averaged; add up their squares": partial(
            _cell_loss, quiet=lambda errors: errors.square().mean()
        ),
        "the confidences of the other boxes aim at 1; they aim at 0": partial(_cell_loss, aim_of_others=torch.ones_like),
        "the confidence of the responsible box aims at 0; it aims at its IoU with the object": partial(
            _cell_loss, aim=torch.zeros_like
        ),
        "the weights of the confidence terms are exchanged; it is 1 for the responsible box, 0.5 for the others": partial(
            _cell_loss, noobj=1.0, sure=0.5
        ),
        "the weights 5 and 0.5 are exchanged; position and size have the weight 5": partial(
            _cell_loss, centre=0.5, sides=0.5, noobj=5.0
        ),
        "the errors are weighted before they are squared; multiply their squares by 5 and 0.5": partial(
            _cell_loss, centre=25.0, sides=25.0, noobj=0.25
        ),
        "the class term has the weight 0.5 instead of 1": partial(
            _cell_loss, guess=lambda probabilities, wanted, fold: 0.5 * fold(probabilities - wanted)
        ),
        "the class term has the weight 5 instead of 1": partial(
            _cell_loss, guess=lambda probabilities, wanted, fold: 5 * fold(probabilities - wanted)
        ),
        "the class term is averaged; add up its squares": partial(
            _cell_loss, guess=lambda probabilities, wanted, fold: (probabilities - wanted).square().mean()
        ),
        "the class term lacks the right class, whose target is 1": partial(
            _cell_loss, guess=lambda probabilities, wanted, fold: fold(probabilities[wanted == 0])
        ),
        "a softmax is applied to the class probabilities; they are probabilities already": partial(
            _cell_loss, guess=lambda probabilities, wanted, fold: fold(probabilities.softmax(0) - wanted)
        ),
        "the class term is a binary cross-entropy; it is a sum of squares too": partial(
            _cell_loss, guess=lambda probabilities, wanted, fold: F.binary_cross_entropy(probabilities, wanted, reduction="sum")
        ),
        "the logarithms of w and h are compared; compare their square roots": partial(_cell_loss, root=torch.log),
        "the product of overlap and confidence chooses the box; responsible is the one that overlaps most": _picked(
            lambda predicted, overlap: (predicted[:, 4] * overlap).argmax()
        ),
        "the box with the nearest centre is taken; responsible is the one that overlaps most": partial(
            _cell_loss, pick=lambda predicted, overlap, truth: torch.cdist(predicted[:, :2], truth[None, :2]).argmin()
        ),
        "the confidence is read from the first column; it is the last of the five": but(
            _cell_loss, predicted=lambda predicted: predicted.roll(-1, 1)
        ),
    },
    explain=_five_terms,
    hints=[
        "First the empty cell: `if label < 0: return 0.5 * predicted[:, 4].square().sum()`.",
        "`best = overlap.argmax()`; the other confidences are all of the cell but that of `best`. One-hot: zeros with a 1 at "
        "`label`.",
        "5 x (squares of x y + squares of the roots of w h), + (confidence - overlap[best])^2, + 0.5 x the squares of the "
        "other confidences, + the squares of `probabilities` less one-hot.",
    ],
)


published = Check(
    "published",
    reference="a",
    choices=("a", "b", "c"),
    mistakes={
        "that agrees with the paper: every box of an empty cell counts, and here a cell has two": "b",
        "`1 - there` is 0 in a cell with an object, so nothing in it is drawn towards 0": "c",
    },
    hints=[
        "Take a cell with an object and go through its two boxes: which number does each aim at?",
        "There `1 - there` is 0: the box that is not best occurs in no term. And the best one aims at `target_confidence`.",
    ],
)


def _cell(rows: int, columns: int, width: float, height: float) -> tuple[float, float]:
    return width / columns, height / rows


def _decode(
    prediction: Tensor,
    width: float,
    height: float,
    per_cell: int,
    read: Callable[[Tensor, int], Tensor] = lambda x, b: x[..., : 5 * b].unflatten(-1, (b, 5)),
    place: str = "xy",
    start: float = 0.0,
    cell: Callable[[int, int, float, float], tuple[float, float]] = _cell,
    unit: Callable[[int, int, float, float], tuple[float, float]] = lambda rows, columns, width, height: (width, height),
    corners: tuple[float, float] = (0.5, 0.5),
    side: Callable[[Tensor], Tensor] = lambda side: side,
    within: Callable[[Tensor], Tensor] = lambda offset: offset,
    order: tuple[int, ...] = (0, 1, 2, 3),
) -> Tensor:
    rows, columns = prediction.shape[:2]
    boxes = read(prediction, per_cell)[..., list(order)]  # (rows, columns, B, 4)
    row = (torch.arange(rows) + start).to(prediction).view(-1, 1, 1)
    column = (torch.arange(columns) + start).to(prediction).view(1, -1, 1)
    along, down = {"xy": (column, row), "yx": (row, column), "": (0, 0)}[place]
    (cell_width, cell_height), (w_unit, h_unit) = (of(rows, columns, width, height) for of in (cell, unit))
    x, y = (along + within(boxes[..., 0])) * cell_width, (down + within(boxes[..., 1])) * cell_height
    w, h = side(boxes[..., 2]) * w_unit, side(boxes[..., 3]) * h_unit
    first, last = corners
    return torch.stack([x - first * w, y - first * h, x + last * w, y + last * h], -1)


def _place(prediction: Tensor) -> Tensor:
    """Give the column, row, column and row of each cell: -> (rows, columns, 1, 4)."""
    row, column = torch.meshgrid(*map(torch.arange, prediction.shape[:2]), indexing="ij")
    return torch.stack([column, row, column, row], -1)[:, :, None].to(prediction)


def _sides(prediction: Tensor, width: float, height: float) -> Tensor:
    """Give a cell's width, height, width and height in pixels: -> (4,)."""
    rows, columns = prediction.shape[:2]
    return prediction.new_tensor([width / columns, height / rows] * 2)


def _centre_and_size(boxes: Tensor) -> Tensor:
    return torch.cat([(boxes[..., :2] + boxes[..., 2:]) / 2, boxes[..., 2:] - boxes[..., :2]], -1)


def _first_decoded(got: Tensor, prediction: Tensor, width: float, height: float, per_cell: int) -> str:
    """Compare centre and size of the first wrong box."""
    right = _decode(prediction, width, height, per_cell)
    row, column, box = (~torch.isclose(got, right)).any(-1).nonzero()[0].tolist()
    a, b = right[row, column, box], got[row, column, box]
    texts = [f"({(c[0] + c[2]) / 2:.4g}, {(c[1] + c[3]) / 2:.4g}) and {c[2] - c[0]:.4g} x {c[3] - c[1]:.4g}" for c in (a, b)]
    return f"box {box} of the cell in row {row} and column {column} has its centre at {texts[0]} pixels, yours at {texts[1]}"


decode = Check(
    "decode",
    reference=_decode,
    cases=[
        dict(prediction=digits(1, 2, 7, high=3) / 4, width=40, height=24, per_cell=1),
        dict(prediction=_inside(3, 2, 19, seed=2), width=64, height=96, per_cell=3),
        dict(prediction=_inside(5, 7, 13, seed=1), width=100, height=64, per_cell=2),
    ],
    mistakes={
        "the row is added to x and the column to y; x is the one along the columns": partial(_decode, place="yx"),
        "the place of the cell is missing; x and y count from its corner": partial(_decode, place=""),
        "x and y are taken for fractions of the image; they count from the cell's corner, in cells": partial(
            _decode, place="", cell=lambda rows, columns, width, height: (width, height)
        ),
        "both x and y are divided by the rows; x counts columns": partial(
            _decode, cell=lambda rows, columns, width, height: (width / rows, height / rows)
        ),
        "both x and y are divided by the columns; y counts rows": partial(
            _decode, cell=lambda rows, columns, width, height: (width / columns, height / columns)
        ),
        "the cells are taken for squares; a cell is width / columns wide and height / rows high": partial(
            _decode, cell=lambda rows, columns, width, height: (width / columns, width / columns)
        ),
        "a cell's sides are cut to whole pixels; 100 pixels in 7 columns are 14.29 each": partial(
            _decode, cell=lambda rows, columns, width, height: (width // columns, height // rows)
        ),
        "x is divided by the rows and y by the columns; it is the other way round": partial(
            _decode, cell=lambda rows, columns, width, height: (width / rows, height / columns)
        ),
        "`width` is used for the height as well; y and h are multiplied by `height`": but(_decode, height=lambda width: width),
        "`height` is used for the width as well; x and w are multiplied by `width`": but(_decode, width=lambda height: height),
        "a sigmoid is applied to all numbers; they are between 0 and 1 already": partial(
            _decode, within=torch.sigmoid, side=torch.sigmoid
        ),
        "the confidence is returned with the corners; return the four corners alone": lambda prediction, **case: torch.cat(
            [_decode(prediction, **case), prediction[..., : 5 * case["per_cell"]].unflatten(-1, (-1, 5))[..., 4:]], -1
        ),
        "the boxes are clipped to the image; leave them as they are": but(
            _decode, result=lambda y, width, height: y.minimum(y.new_tensor([width, height] * 2)).clamp(min=0)
        ),
        "negative corners are clipped to 0; leave them as they are": but(_decode, result=lambda y: y.clamp(min=0)),
        "those are centre and size; return two corners": but(_decode, result=_centre_and_size),
        "the corners come as x1, x2, y1, y2; the order is x1, y1, x2, y2": but(_decode, result=lambda y: y[..., [0, 2, 1, 3]]),
        "the corners come as y1, x1, y2, x2; the order is x1, y1, x2, y2": but(_decode, result=lambda y: y[..., [1, 0, 3, 2]]),
        "the boxes are fractions of the image; return pixels": but(_decode, width=1, height=1),
        "x and y are counted from the cell's middle; they count from its corner": partial(_decode, start=0.5),
        "the cells are counted from 1; the first row and column are 0": partial(_decode, start=1.0),
        "w and h are taken for fractions of the cell; they are fractions of the image": partial(_decode, unit=_cell),
        "`width` and `height` are exchanged": but(_decode, width=lambda height: height, height=lambda width: width),
        "w is multiplied by the height and h by the width; it is the other way round": partial(
            _decode, unit=lambda rows, columns, width, height: (height, width)
        ),
        "x and y are taken for a corner; they are the centre": partial(_decode, corners=(0.0, 1.0)),
        "the corners are a whole width and height from the centre; half of each is enough": partial(
            _decode, corners=(1.0, 1.0)
        ),
        "w and h are squared; only the loss has square roots": partial(_decode, side=torch.square),
        "w and h are exponentials; they are fractions of the image": partial(_decode, side=torch.exp),
        "w and h are exchanged; w is the third number of a box": partial(_decode, order=(0, 1, 3, 2)),
        "x and y are exchanged; x is the first number of a box": partial(_decode, order=(1, 0, 2, 3)),
        "w and h are not multiplied by the image's `width` and `height`": partial(
            _decode, unit=lambda rows, columns, width, height: (1, 1)
        ),
        "w and h are multiplied by the numbers of columns and rows; multiply them by `width` and `height`": partial(
            _decode, unit=lambda rows, columns, width, height: (columns, rows)
        ),
        "w is divided by the rows and h by the columns; both are fractions of the whole image": partial(
            _decode, unit=lambda rows, columns, width, height: (width / rows, height / columns)
        ),
        "x and y are left in cells; multiply them by a cell's sides": partial(
            _decode, cell=lambda rows, columns, width, height: (1, 1)
        ),
        "x and y are left as fractions of the image; multiply them by `width` and `height`": partial(
            _decode, cell=lambda rows, columns, width, height: (1 / columns, 1 / rows)
        ),
        "x and y are not divided by the numbers of columns and rows; a cell is width / columns by height / rows": partial(
            _decode, cell=lambda rows, columns, width, height: (width, height)
        ),
        "x is multiplied by the height and y by the width; it is the other way round": partial(
            _decode, cell=lambda rows, columns, width, height: (height / columns, width / rows)
        ),
        "only x and y are multiplied by a cell's sides; the cell's row and column are too": but(
            _decode,
            result=lambda y, prediction, width, height: y - _place(prediction) * (_sides(prediction, width, height) - 1),
        ),
        "only the cell's row and column are multiplied by a cell's sides; x and y are too": but(
            _decode,
            result=lambda y, prediction, width, height, per_cell: (
                y
                - prediction[..., : 5 * per_cell].unflatten(-1, (per_cell, 5))[..., [0, 1, 0, 1]]
                * (_sides(prediction, width, height) - 1)
            ),
        ),
        "those are a corner, width and height; return two corners": but(
            _decode, result=lambda y: torch.cat([y[..., :2], y[..., 2:] - y[..., :2]], -1)
        ),
        "x and y are taken for the lower right corner; they are the centre": partial(_decode, corners=(1.0, 0.0)),
        "the corners are rounded to whole pixels; leave them as they are": but(_decode, result=torch.round),
        "a sigmoid is applied to x and y; they are between 0 and 1 already": partial(_decode, within=torch.sigmoid),
        "the confidence is read first; it is the last of the five numbers of a box": partial(_decode, order=(1, 2, 3, 4)),
        "the boxes are multiplied by their confidences; return the boxes alone": but(
            _decode,
            result=lambda y, prediction, per_cell: y * prediction[..., : 5 * per_cell].unflatten(-1, (per_cell, 5))[..., 4:],
        ),
        "the roots of w and h are taken; only the loss has square roots": partial(_decode, side=torch.sqrt),
        "the classes are read first; the boxes come first in a cell": partial(
            _decode, read=lambda x, b: x[..., -5 * b :].unflatten(-1, (b, 5))
        ),
        "the numbers are read as (5, B); the five numbers of a box are next to each other, (B, 5)": partial(
            _decode, read=lambda x, b: x[..., : 5 * b].unflatten(-1, (5, b)).transpose(-1, -2)
        ),
        "a box is read as four numbers; its confidence is the fifth": partial(
            _decode, read=lambda x, b: x[..., : 4 * b].unflatten(-1, (b, 4))
        ),
        "the first box of a cell is returned for all; each has numbers of its own": partial(
            _decode, read=lambda x, b: x[..., None, :5].expand(-1, -1, b, -1)
        ),
    },
    explain=_first_decoded,
    hints=[
        "`numbers = prediction[..., : 5 * per_cell].unflatten(-1, (per_cell, 5))` is (rows, columns, B, 5).",
        "Columns and rows that broadcast: `torch.arange(columns)[None, :, None]`, `torch.arange(rows)[:, None, None]`.",
        "x = (column + x) width / columns, y likewise; w = w width, h = h height; then `torch.stack([x - w / 2, y - h / 2, "
        "x + w / 2, y + h / 2], -1)`.",
    ],
)

constant = Check(
    "constant",
    reference=lambda iou: 2 * iou / 50,
    mistakes={
        # 1.5 / 98 = 0.0153, 0.75 / 49.5 = 0.0152 or 1.5 / 96 = 0.0156
        "0.015 or 0.016 is what you get with the weight 1 in term 4, for one object, or without a factor 2 in the derivative "
        "of 2 (c - 0.75)^2; the derivative of the sum is 4 (c - 0.75) + 96 c": 0.0155,
        "{:.3f} counts the two responsible boxes in term 4 as well; the other boxes are 96": lambda iou: 2 * iou / 51,
        "0.031 divides 1.5 by 48 or 49; the two responsible boxes count with the weight 1 and the 96 others with 0.5, together "
        "50": 0.031,  # 0.0306 or 0.0313
        "{:.2f} is for a target of 1; the target of a responsible box is its IoU": lambda: 2 / 50,
        "{:.3f} is for one box per cell; there are 49 cells with two boxes each": lambda iou: 2 * iou / 25.5,
        "{} is best for the two responsible boxes alone; the other 96 confidences have the target 0": lambda iou: iou,
        "{:.3g} is the middle between both targets; 48 times as many boxes have the target 0, with half the weight": (
            lambda iou: iou / 2
        ),
        "0 is best for term 4 alone; two boxes have the target {iou}": lambda: 0,
        "{:.3f} is for one object and the weight 1 in term 4; there are two objects, and the weight is 0.5": (
            lambda iou: iou / 98
        ),
        "{:.3f} has 48 c as the derivative of 48 c^2; it is 96 c": lambda iou: 4 * iou / 52,
        "{:.2f} is for a target of 1 and the weight 1 in term 4; the target is {iou}, and the weight is 0.5": lambda: 2 / 98,
        "{:.1f} is the sum of both targets; all of the 98 confidences are the same number": lambda iou: 2 * iou,
    },
    hints=[
        "Of 98 confidences two have the target {iou} and the weight 1. How many have the target 0?",
        "The sum is 2 (c - {iou})^2 + 0.5 * 96 c^2. At its minimum, the derivative 4 (c - {iou}) + 96 c is 0.",
    ],
    digits=3,
    variants=Variants(
        dict(iou=0.75),
        dict(iou=0.85),
        dict(iou=0.7),
        dict(iou=0.8),
        wording=["with its object is {iou} for both"],
    ),
)


def _similar(sizes: Tensor, centres: Tensor) -> Tensor:
    shared = torch.minimum(sizes[:, None], centres).prod(-1)
    return shared / (sizes.prod(-1)[:, None] + centres.prod(-1) - shared)


def _mean(own: Tensor) -> Tensor:
    return own.mean(0)


def _step(
    sizes: Tensor,
    centres: Tensor,
    similar: Callable[[Tensor, Tensor], Tensor] = _similar,
    centre: Callable[[Tensor], Tensor] = _mean,
    stay: Callable[[Tensor], Tensor] = lambda old: old,
) -> Tensor:
    nearest = similar(sizes, centres).argmax(1)
    rows = [
        centre(sizes[nearest == k]) if (nearest == k).any() else stay(centres[k]) for k in range(len(centres))
    ]  # a centre that no box chose
    return torch.stack(rows)


def _settled(sizes: Tensor, centres: Tensor) -> Tensor:
    for _ in range(50):
        centres = _step(sizes, centres)
    return centres


def _chosen(sizes: Tensor, centres: Tensor) -> Tensor:
    """Count the boxes that choose each centre: -> (K, 1)."""
    return _similar(sizes, centres).argmax(1).bincount(minlength=len(centres))[:, None]


def _sizes(count: int, seed: int) -> Tensor:
    """Draw widths and heights from small to large, evenly in their logarithm."""
    return (uniform(count, 2, seed=seed, low=1.5, high=5.0)).exp()


def _groups(got: Tensor, sizes: Tensor, centres: Tensor) -> str:
    """List the boxes of the first wrong centre."""
    k = int((~torch.isclose(got, _step(sizes, centres))).any(1).nonzero()[0])
    own = (_similar(sizes, centres).argmax(1) == k).nonzero().flatten().tolist()
    return f"centre {k} is the most similar one of {f'the boxes {own}' if own else 'no box, so it stays'}"


kmeans_step = Check(
    "kmeans_step",
    reference=_step,
    cases=[
        dict(
            sizes=_table([11, 10], [2, 5], [7, 5], [7, 10], [1, 8], [4, 9]),
            centres=_table([5, 4], [1, 10], [90, 70]),  # none for the third
        ),
        dict(sizes=_table([3, 6], [5, 2], [7, 9]), centres=_table([4, 4])),
        dict(
            sizes=_sizes(11, seed=3),
            centres=torch.cat([_sizes(4, seed=4), _table([900, 1100])]),
        ),
        dict(sizes=_sizes(23, seed=2), centres=_sizes(3, seed=3)),
    ],
    mistakes={
        "the distance is Euclid's, by which large boxes count for more; take 1 - IoU": partial(
            _step, similar=lambda sizes, centres: -torch.cdist(sizes, centres)
        ),
        "the distance is the sum of both differences, by which large boxes count for more; take 1 - IoU": partial(
            _step, similar=lambda sizes, centres: -torch.cdist(sizes, centres, p=1)
        ),
        "each box goes to the centre that it overlaps least; the smallest 1 - IoU is the largest IoU": partial(
            _step, similar=lambda sizes, centres: -_similar(sizes, centres)
        ),
        "the intersection decides, alone or over the box's area, so the largest centre wins; divide it by the union": partial(
            _step, similar=lambda sizes, centres: torch.minimum(sizes[:, None], centres).prod(-1)
        ),
        "the intersection is divided by the centre's area, so the smallest centre wins; divide it by the union": partial(
            _step, similar=lambda sizes, centres: (torch.minimum(sizes[:, None], centres) / centres).prod(-1)
        ),
        "the areas are compared; boxes of one area may hardly overlap": partial(
            _step, similar=lambda sizes, centres: -(sizes.prod(-1)[:, None] - centres.prod(-1)).abs()
        ),
        "the new centre is the median of its boxes; take their mean": partial(_step, centre=lambda own: own.quantile(0.5, 0)),
        "the new centre is the lower median of its boxes, as torch has it; take their mean": partial(
            _step, centre=lambda own: own.median(0).values
        ),
        "the boxes of a centre are added up; take their mean": partial(_step, centre=lambda own: own.sum(0)),
        "the boxes of a centre are added up and divided by all M; divide by the number of its own": but(
            _step,
            result=lambda y, sizes, centres: torch.where(
                _chosen(sizes, centres) > 0, y * _chosen(sizes, centres) / len(sizes), centres
            ),
        ),
        "a centre that no box chose becomes 0; it stays where it is": partial(_step, stay=torch.zeros_like),
        "the mean of no boxes is NaN; a centre that no box chose stays where it is": partial(
            _step, stay=lambda old: torch.full_like(old, torch.nan)
        ),
        "a centre that no box chose is missing; it stays where it is": but(
            _step, result=lambda y, sizes, centres: y[_chosen(sizes, centres)[:, 0] > 0]
        ),
        "several turns are taken; take one": _settled,
        "two turns are taken; take one": lambda sizes, centres: _step(sizes, _step(sizes, centres)),
        "the larger width times the larger height is no union; the union is both areas less the intersection": partial(
            _step,
            similar=lambda sizes, centres: (
                torch.minimum(sizes[:, None], centres).prod(-1) / torch.maximum(sizes[:, None], centres).prod(-1)
            ),
        ),
        "the distance is the larger of both differences; take 1 - IoU": partial(
            _step, similar=lambda sizes, centres: -torch.cdist(sizes, centres, p=torch.inf)
        ),
        "the distance is Euclid's between logarithms; take 1 - IoU": partial(
            _step, similar=lambda sizes, centres: -torch.cdist(sizes.log(), centres.log())
        ),
        "only the widths are compared; take 1 - IoU, which depends on the heights as well": partial(
            _step, similar=lambda sizes, centres: -(sizes[:, None, 0] - centres[:, 0]).abs()
        ),
        "each centre moves to the box that it overlaps most; it moves to the mean of the boxes that chose it": (
            lambda sizes, centres: sizes[_similar(sizes, centres).argmax(0)]
        ),
        "each centre moves to a mean of all boxes with the IoU as their weight; each box belongs to one centre": (
            lambda sizes, centres: _similar(sizes, centres).T @ sizes / _similar(sizes, centres).sum(0)[:, None]
        ),
        "the old centre is counted as one of its boxes; take the mean of the boxes alone": but(
            _step,
            result=lambda y, sizes, centres: (y * _chosen(sizes, centres) + centres) / (_chosen(sizes, centres) + 1),
        ),
        "the mean is taken over widths and heights together; take one of each": partial(
            _step, centre=lambda own: own.mean().expand(2)
        ),
        "the geometric mean of the boxes is taken; take their mean": partial(_step, centre=lambda own: own.log().mean(0).exp()),
        "the middle between the smallest and the largest side is taken; take the mean": partial(
            _step, centre=lambda own: (own.amin(0) + own.amax(0)) / 2
        ),
        "a centre moves to the first of its boxes; it moves to their mean": partial(_step, centre=lambda own: own[0]),
        "a centre moves to the last of its boxes; it moves to their mean": partial(_step, centre=lambda own: own[-1]),
        "a centre takes the largest width and height of its boxes; take their mean": partial(
            _step, centre=lambda own: own.amax(0)
        ),
        "the new centres are rounded to whole pixels; leave them as they are": partial(
            _step, centre=lambda own: own.mean(0).round()
        ),
        "each centre moves to the mean of all boxes; take the boxes that chose it": but(
            _step,
            result=lambda y, sizes, centres: torch.where(_chosen(sizes, centres) > 0, sizes.mean(0), centres),
        ),
        "a centre that no box chose moves to the mean of all boxes; it stays where it is": but(
            _step, result=lambda y, sizes, centres: torch.where(_chosen(sizes, centres) > 0, y, sizes.mean(0))
        ),
        "width and height are exchanged; return them in the order of `sizes`": but(_step, result=lambda y: y.flip(1)),
        "the number of each box's centre is returned; return the new centres": (
            lambda sizes, centres: _similar(sizes, centres).argmax(1)
        ),
        "the centres do not move; each moves to the mean of its boxes": lambda sizes, centres: centres,
        "the centres go only half of the way; move each to the mean of its boxes": but(
            _step, result=lambda y, centres: (y + centres) / 2
        ),
        "the centres are sorted by area; keep their order": but(_step, result=lambda y: y[y.prod(-1).argsort()]),
        "the centres are sorted by width; keep their order": but(_step, result=lambda y: y[y[:, 0].argsort()]),
    },
    explain=_groups,
    hints=[
        "`shared = torch.minimum(sizes[:, None], centres).prod(-1)` is (M, K): with a common centre, two boxes "
        "share the smaller width times the smaller height.",
        "union = both areas less what is shared; `nearest = (shared / union).argmax(1)`.",
        "`moved = centres.clone()`; for each k with `(nearest == k).any()`: `moved[k] = sizes[nearest == k].mean(0)`.",
    ],
)


def _assign(
    cost: Tensor,
    total: Callable[[Tensor], Tensor] = torch.sum,
    ways: Callable[[range, int], Iterable[tuple[int, ...]]] = permutations,
) -> Tensor:
    """Try all ways to give each row a column of its own, and take the one with the smallest total."""
    tried = ways(range(cost.shape[1]), len(cost))
    return torch.tensor(min(tried, key=lambda way: float(total(cost[range(len(cost)), way]))))


def _in_turns(cost: Tensor) -> Tensor:
    left, chosen = cost.clone(), []
    for row in left:
        chosen.append(int(row.argmin()))
        left[:, chosen[-1]] = torch.inf
    return torch.tensor(chosen)


def _cheapest_first(cost: Tensor) -> Tensor:
    left, chosen = cost.clone(), [0] * len(cost)
    for _ in chosen:
        row, column = divmod(int(left.argmin()), cost.shape[1])
        chosen[row] = column
        left[row], left[:, column] = torch.inf, torch.inf
    return torch.tensor(chosen)


def _by_prediction(columns: Tensor, cost: Tensor) -> Tensor:
    objects = columns.new_full((cost.shape[1],), -1)
    objects[columns] = torch.arange(len(columns))
    return objects


def _marked(cost: Tensor) -> Tensor:
    """Mark the chosen pairs in a table: (T, M) -> (T, M) of 0 and 1."""
    return F.one_hot(_assign(cost), cost.shape[1])


def _next_if_taken(cost: Tensor) -> Tensor:
    chosen: list[int] = []
    for row in cost:
        column = int(row.argmin())
        while column in chosen:
            column = (column + 1) % cost.shape[1]
        chosen.append(column)
    return torch.tensor(chosen)


def _none_if_taken(cost: Tensor) -> Tensor:
    chosen: list[int] = []
    for row in cost:
        column = int(row.argmin())
        chosen.append(-1 if column in chosen else column)
    return torch.tensor(chosen)


def _number_of_the_way(cost: Tensor) -> Tensor:
    ways = permutations(range(cost.shape[1]), len(cost))
    return torch.stack([cost[range(len(cost)), way].sum() for way in ways]).argmin()


def _totals(got: Tensor, cost: Tensor) -> str:
    """Compare the total costs."""
    if got.shape != (len(cost),):
        return f"{len(cost)} objects need {len(cost)} columns"
    columns = got.tolist()
    if len(set(columns)) < len(columns):
        return "a prediction is chosen twice"
    totals = [cost[range(len(cost)), way].sum().item() for way in (columns, _assign(cost))]
    return f"your choice costs {totals[0]:.4g}, and the best one {totals[1]:.4g}"


assign = Check(
    "assign",
    reference=_assign,
    cases=[
        dict(cost=_table([1, 2, 7], [2, 9, 8])),
        dict(cost=_table([6, 2, 5], [3, 1, 7])),
        dict(cost=_table([2, 1, 9], [8, 4, 9])),
        dict(cost=_table([10, 12, 30], [1, 2, 9])),
        dict(cost=_inside(3, 5, seed=4)),
        dict(cost=_inside(4, 5, seed=38)),
        dict(cost=_inside(4, 6, seed=15)),
        dict(cost=_inside(1, 6, seed=2)),
    ],
    errors={r"min\(\) .*empty|empty sequence": "`permutations(range(M), T)` chooses T of M; the other way round there is none"},
    mistakes={
        "each object takes its cheapest prediction, so that two objects can share one; each prediction may be chosen once": (
            lambda cost: cost.argmin(1)
        ),
        "the objects choose one after the other, each the cheapest prediction that is left; the total can be smaller if an "
        "object does without its favourite": _in_turns,
        "the cheapest of all pairs is taken first, then the cheapest of those that are left; the total can be smaller without "
        "this pair": _cheapest_first,
        "this assignment has the largest total; choose the smallest": lambda cost: _assign(-cost),
        "the result lists the object of each prediction; list the prediction of each object": but(
            _assign, result=_by_prediction
        ),
        "each prediction takes its cheapest object; choose a prediction for each object": lambda cost: cost.argmin(0),
        "the largest of the costs is made small; make their sum small": lambda cost: _assign(cost, torch.max),
        "the product of the costs is made small; make their sum small": lambda cost: _assign(cost, torch.prod),
        "the sum of the squared costs is made small; make the sum of the costs small": lambda cost: _assign(cost.square()),
        "the first predictions are always chosen; look at their costs": lambda cost: torch.arange(len(cost)),
        "the columns are sorted; they should be in the order of the objects": but(_assign, result=lambda y: y.sort().values),
        "the columns are counted from 1; the first is 0": but(_assign, result=lambda y: y + 1),
        "the result has pairs of row and column; return the columns alone": but(
            _assign, result=lambda y: torch.stack([torch.arange(len(y)), y], 1)
        ),
        "each object takes its most expensive prediction; the costs should be small": lambda cost: cost.argmax(1),
        "those are the costs of the chosen pairs; return their columns": lambda cost: cost[range(len(cost)), _assign(cost)],
        "that is the smallest total cost; return the columns that have it": (
            lambda cost: cost[range(len(cost)), _assign(cost)].sum()
        ),
        "those are the smallest costs of the rows, and not their columns; each column may be chosen once": lambda cost: (
            cost.amin(1)
        ),
        "those are the smallest costs of the columns; choose a prediction for each object": lambda cost: cost.amin(0),
        "that is the smallest cost of all; choose a prediction for each object": lambda cost: cost.min(),
        "those are the smallest costs of the rows, added up; return columns, each of them at most once": (
            lambda cost: cost.amin(1).sum()
        ),
        "the result is a table of 0 and 1; return the column of the 1 in each row": _marked,
        "the result is a table of 0 and 1, in floats; return the column of the 1 in each row": lambda cost: _marked(
            cost
        ).double(),
        "the result is a table of True and False; return the column of the True in each row": lambda cost: _marked(cost).bool(),
        "the objects choose from the last to the first, each the cheapest prediction that is left; the total can be smaller": (
            lambda cost: _in_turns(cost.flip(0)).flip(0)
        ),
        "an object whose favourite is taken gets the next column; the total can be smaller": _next_if_taken,
        "an object whose favourite is taken gets none; choose a prediction for every object": _none_if_taken,
        "the columns grow from row to row; `permutations` yields all orders, `combinations` only one of each": (
            lambda cost: _assign(cost, ways=combinations)
        ),
        "only the first T columns are tried; `permutations(range(M), T)` chooses T of all M": lambda cost: _assign(
            cost[:, : len(cost)]
        ),
        "the places that sort the columns are returned; return the columns themselves": but(
            _assign, result=lambda y: y.argsort()
        ),
        "the columns are in the reverse order; the first belongs to the first object": but(_assign, result=lambda y: y.flip(0)),
        "the columns are counted through all rows; count from 0 in each row": but(
            _assign, result=lambda y, cost: y + torch.arange(len(y)) * cost.shape[1]
        ),
        "the result has the rows and the columns; return the columns alone": but(
            _assign, result=lambda y: torch.stack([torch.arange(len(y)), y])
        ),
        "the result is the number of the best way; return that way": _number_of_the_way,
    },
    explain=_totals,
    hints=[
        "`list(permutations(range(3), 2))` begins with (0, 1), (0, 2), (1, 0): each tuple has one column per object.",
        "For a tuple `columns`, `cost[range(T), columns].sum()` is the total cost.",
        "`min(ways, key=total)` returns the tuple with the smallest total; `torch.tensor` makes a tensor of it.",
    ],
)
