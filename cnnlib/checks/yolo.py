"""Checks of lesson 10: the tensor of YOLO, its targets and its loss, boxes out of it, anchors by k-means."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from cnnlib.checks.engine import Check, uniform


def _inside(*shape: int, seed: int = 0) -> Tensor:
    """Sample numbers that are neither 0 nor 1."""
    return uniform(*shape, seed=seed, low=0.05, high=0.95)


outputs = Check(
    "outputs",
    reference=1_470,
    mistakes={
        "each box has classes of its own there; a cell has one set of 20, whatever its boxes": 2_450,
        "a box has five numbers: x, y, w, h and its confidence": 1_372,
        "that is one box a cell; there are two": 1_225,
        "that is one cell; there are 7 x 7": 30,
        "that is the number of boxes; each comes with numbers": 98,
        "the classes are missing: 20 a cell": 490,
    },
    hints=[
        "Count the numbers of one cell first: two boxes of five numbers each, and the classes once.",
        "7 x 7 x (2 x 5 + 20).",
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


encode = Check(
    "encode",
    reference=_encode,
    cases=[
        dict(boxes=_boxes(7, 448, seed=1), cells=7, size=448),
        dict(boxes=_boxes(5, 60, seed=3), cells=5, size=60),
        dict(boxes=_boxes(3, 64, seed=5), cells=7, size=64),
    ],
    mistakes={
        "row and column are exchanged; y tells the row": lambda boxes, cells, size: _encode(boxes, cells, size)[
            :, [1, 0, 2, 3, 4, 5]
        ],
        "w and h are exchanged; w is the width": lambda boxes, cells, size: _encode(boxes, cells, size)[:, [0, 1, 2, 3, 5, 4]],
        "the offsets x and y are exchanged; x tells the column": lambda boxes, cells, size: _encode(boxes, cells, size)[
            :, [0, 1, 3, 2, 4, 5]
        ],
        "a cell's side is cut to whole pixels; 64 pixels in 7 cells are 9.14 each": lambda boxes, cells, size: torch.cat(
            [
                _encode(boxes, cells, size // cells * cells)[:, :4],
                _encode(boxes, cells, size)[:, 4:],
            ],
            1,
        ),
        "the cell is that of the upper left corner; the centre decides": partial(_encode, centre=lambda boxes: boxes[:, :2]),
        "the box is taken for centre and size; it is two corners": lambda boxes, cells, size: _encode(
            torch.cat([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2], 1), cells, size
        ),
        "the cell is rounded to the nearest; cut off, so that the offset lies in 0 ... 1": partial(_encode, whole=torch.round),
        "x and y are relative to the image; they count from the cell's corner, in cells": partial(
            _encode, offset=lambda centre, cell, cells, size: centre / size
        ),
        "x and y are in pixels; one cell is the unit": partial(
            _encode, offset=lambda centre, cell, cells, size: centre - cell * size / cells
        ),
        "x and y count from the cell's middle; they count from its corner": partial(
            _encode, offset=lambda centre, cell, cells, size: centre * cells / size - cell - 0.5
        ),
        "w and h are relative to the cell; the whole image is their unit": partial(
            _encode, extent=lambda sides, cells, size: sides * cells / size
        ),
        "w and h are in pixels; the whole image is their unit": partial(_encode, extent=lambda sides, cells, size: sides),
        "w and h have roots already; those belong to the loss": partial(
            _encode, extent=lambda sides, cells, size: (sides / size).sqrt()
        ),
    },
    hints=[
        "The centre in cells: `centre = (boxes[:, :2] + boxes[:, 2:]) / 2 * cells / size`. What stands before the point?",
        "`cell = centre.floor()` holds column and row; `centre - cell` is the offset; w and h are divided by `size`.",
        "`torch.cat([cell.flip(1), centre - cell, (boxes[:, 2:] - boxes[:, :2]) / size], 1)`.",
    ],
)

confidence = Check(
    "confidence",
    reference=400 / 640,
    mistakes={
        "a box that fits badly shall say so: the target is its IoU with the object, not 1": 1.0,
        "that is the IoU of the other box; responsible is the one that overlaps the object most, however sure it is": 256 / 544,
        "that is what it says now; asked is what it should say": 0.2,
        "that is the confidence of the other box, which is not responsible": 0.9,
        "the union counts what both share once": 400 / 1040,
        "that is the share of the object that is covered; IoU divides by the union": 256 / 400,
    },
    hints=[
        "Two steps: which box overlaps the object most? And by how much?",
        "The first box contains the object: 400 pixels are shared, and its own 20 x 32 are the union.",
    ],
    within=0.006,  # 0.62 and 0.63 will do
)

Square = Callable[[Tensor], Tensor]


def _guess(probabilities: Tensor, wanted: Tensor, fold: Square) -> Tensor:
    return fold(probabilities - wanted)


def _cell_loss(
    said: Tensor,
    probabilities: Tensor,
    overlap: Tensor,
    truth: Tensor,
    label: int,
    coord: float = 5.0,
    noobj: float = 0.5,
    root: Callable[[Tensor], Tensor] = torch.sqrt,
    aim: Callable[[Tensor], Tensor] = lambda overlap: overlap,
    others: bool = True,
    pick: Callable[[Tensor, Tensor], Tensor] = lambda said, overlap: overlap.argmax(),
    fold: Square = lambda errors: errors.square().sum(),
    guess: Callable[[Tensor, Tensor, Square], Tensor] = _guess,
    centre: float = 1.0,
    sides: float = 1.0,
) -> Tensor:
    """Add up the five terms; each option is one thing that can go wrong."""
    if label < 0:
        return noobj * fold(said[:, 4])
    best = pick(said, overlap)
    rest = torch.arange(len(said)) != best
    one_hot = (torch.arange(len(probabilities)) == label).to(probabilities)
    box = centre * fold(said[best, :2] - truth[:2]) + sides * fold(root(said[best, 2:4]) - root(truth[2:]))
    loss = coord * box + fold(said[best, 4:] - aim(overlap[best]))
    if others:
        loss = loss + noobj * fold(said[rest, 4])
    return loss + guess(probabilities, one_hot, fold)


def _classes_of_empty_cells(said: Tensor, probabilities: Tensor, overlap: Tensor, truth: Tensor, label: int) -> Tensor:
    loss = _cell_loss(said, probabilities, overlap, truth, label)
    return loss + probabilities.square().sum() * (label < 0)


def _empty_unseen(said: Tensor, probabilities: Tensor, overlap: Tensor, truth: Tensor, label: int) -> Tensor:
    return _cell_loss(said, probabilities, overlap, truth, label % len(probabilities))


def _empty_silent(said: Tensor, probabilities: Tensor, overlap: Tensor, truth: Tensor, label: int) -> Tensor:
    return _cell_loss(said, probabilities, overlap, truth, label) * (label >= 0)


def _empty_first(said: Tensor, probabilities: Tensor, overlap: Tensor, truth: Tensor, label: int) -> Tensor:
    return _cell_loss(said if label >= 0 else said[:1], probabilities, overlap, truth, label)


def _best_counts_twice(said: Tensor, probabilities: Tensor, overlap: Tensor, truth: Tensor, label: int) -> Tensor:
    best = said[overlap.argmax(), 4]
    return _cell_loss(said, probabilities, overlap, truth, label) + 0.5 * best.square() * (label >= 0)


def _classes_per_box(said: Tensor, probabilities: Tensor, overlap: Tensor, truth: Tensor, label: int) -> Tensor:
    return _cell_loss(said, probabilities, overlap, truth, label, guess=lambda *own: len(said) * _guess(*own))


def _all_responsible(said: Tensor, probabilities: Tensor, overlap: Tensor, truth: Tensor, label: int) -> Tensor:
    if label < 0:
        return _cell_loss(said, probabilities, overlap, truth, label)
    box = (said[:, :2] - truth[:2]).square().sum() + (said[:, 2:4].sqrt() - truth[2:].sqrt()).square().sum()
    one_hot = (torch.arange(len(probabilities)) == label).to(probabilities)
    return 5 * box + (said[:, 4] - overlap).square().sum() + (probabilities - one_hot).square().sum()


cell_loss = Check(
    "cell_loss",
    gradients=("said",),
    reference=_cell_loss,
    cases=[
        dict(
            said=_inside(2, 5, seed=1),
            probabilities=_inside(3, seed=2),
            overlap=torch.tensor([0.31, 0.64], dtype=torch.float64),
            truth=_inside(4, seed=3),
            label=2,
        ),
        dict(
            said=_inside(3, 5, seed=5),
            probabilities=_inside(7, seed=10),
            overlap=torch.tensor([0.35, 0.12, 0.57], dtype=torch.float64),
            truth=_inside(4, seed=6),
            label=0,
        ),
        dict(
            said=_inside(2, 5, seed=7),
            probabilities=_inside(3, seed=8),
            overlap=torch.tensor([0.02, 0.01], dtype=torch.float64),
            truth=_inside(4, seed=9),
            label=-1,
        ),
    ],
    mistakes={
        "the errors are averaged; YOLO adds them up, and a mean changes the weight of each term": partial(
            _cell_loss, fold=lambda errors: errors.square().mean()
        ),
        "the boxes that are not responsible are forgotten: their confidences belong to the no-object term": partial(
            _cell_loss, others=False
        ),
        "the no-object term has the weight 0.5": partial(_cell_loss, noobj=1.0),
        "the terms of the box have the weight 5": partial(_cell_loss, coord=1.0),
        "the confidence aims at 1; it aims at the IoU with the object": partial(_cell_loss, aim=torch.ones_like),
        "w and h are compared as they are; their square roots are": partial(_cell_loss, root=lambda sides: sides),
        "the surest box is taken; responsible is the one that overlaps most": partial(
            _cell_loss, pick=lambda said, overlap: said[:, 4].argmax()
        ),
        "the first box is always taken; responsible is the one that overlaps most": partial(
            _cell_loss, pick=lambda said, overlap: torch.tensor(0)
        ),
        "all boxes of the cell learn the object; only the responsible one does": _all_responsible,
        "5 is the weight of both terms of the box; w and h are left out": partial(_cell_loss, sides=0.2),
        "5 is the weight of both terms of the box; x and y are left out": partial(_cell_loss, centre=0.2),
        "the class term is missing": partial(_cell_loss, guess=lambda probabilities, wanted, fold: wanted.new_zeros(())),
        "the class term knows the right class alone; the other classes aim at 0": partial(
            _cell_loss, guess=lambda probabilities, wanted, fold: fold((probabilities - wanted)[wanted > 0])
        ),
        "the class term is there once a box; a cell has one": _classes_per_box,
        "the class term is a logarithm; it is squares, too": partial(
            _cell_loss, guess=lambda probabilities, wanted, fold: -(probabilities * wanted).sum().log()
        ),
        "the class term is PyTorch's cross-entropy; it is squares, too": partial(
            _cell_loss, guess=lambda probabilities, wanted, fold: F.cross_entropy(probabilities, wanted.argmax())
        ),
        "the responsible box stands in the no-object term as well; the others alone do": _best_counts_twice,
        "an empty cell is treated like one with an object; its label -1 is no class": _empty_unseen,
        "an empty cell is told nothing; all of its confidences aim at 0": _empty_silent,
        "only the first box of an empty cell is told to be unsure; all of them are": _empty_first,
        "an empty cell learns classes too; it learns confidences alone": _classes_of_empty_cells,
        "errors are taken as they are, without their sign; take their squares": partial(
            _cell_loss, fold=lambda errors: errors.abs().sum()
        ),
    },
    hints=[
        "First the empty cell: `if label < 0: return 0.5 * said[:, 4].square().sum()`.",
        "`best = overlap.argmax()`; no-object: all confidences of the cell less that of `best`. One-hot: a clone of "
        "`probabilities` whose entry `label` is 1 less.",
        "5 x (squares of x y + squares of the roots of w h), + (confidence - overlap[best])^2, + 0.5 x the squares of the "
        "other confidences, + the squares of `probabilities` less one-hot.",
    ],
)


published = Check(
    "published",
    reference="a",
    choices=("a", "b", "c"),
    mistakes={
        "so it should be: every box that is not responsible counts, and an empty cell has two": "b",
        "`1 - there` is 0 in its cell, so nothing there is drawn towards 0": "c",
    },
    hints=[
        "Take a cell with an object and go through its two boxes: which number does each aim at?",
        "There `1 - there` is 0: the box that is not best stands in no term. And the best one aims at `target_confidence`.",
    ],
)


def _decode(
    prediction: Tensor,
    width: float,
    height: float,
    per_cell: int,
    read: Callable[[Tensor, int], Tensor] = lambda x, b: x[..., : 5 * b].unflatten(-1, (b, 5)),
    place: str = "xy",
    start: float = 0.0,
    cut: Callable[[int, int], tuple[int, int]] = lambda rows, columns: (rows, columns),
    unit: Callable[[int, int], tuple[int, int]] = lambda rows, columns: (1, 1),
    corners: float = 0.5,
    squared: bool = False,
) -> Tensor:
    rows, columns = prediction.shape[:2]
    boxes = read(prediction, per_cell)  # (rows, columns, B, 5)
    row = (torch.arange(rows) + start).to(prediction).view(-1, 1, 1)
    column = (torch.arange(columns) + start).to(prediction).view(1, -1, 1)
    along, down = (column, row) if place == "xy" else (row, column)
    if place == "":
        along = down = 0
    down_unit, along_unit = unit(rows, columns)
    down_cells, along_cells = cut(rows, columns)
    x, y = (along + boxes[..., 0]) * width / along_cells, (down + boxes[..., 1]) * height / down_cells
    w, h = boxes[..., 2] * width / along_unit, boxes[..., 3] * height / down_unit
    if squared:
        w, h = w * boxes[..., 2], h * boxes[..., 3]
    first, last = corners, 1 - corners
    return torch.stack([x - first * w, y - first * h, x + last * w, y + last * h], -1)


def _apart(corners: Tensor) -> tuple[Tensor, Tensor]:
    """Take boxes apart into centres and sides: (..., 4) -> (..., 2), (..., 2)."""
    return (corners[..., :2] + corners[..., 2:]) / 2, corners[..., 2:] - corners[..., :2]


def _moved(
    prediction: Tensor, width: float, height: float, per_cell: int, cell: Callable[[int, int], tuple[float, float]]
) -> Tensor:
    """Lay the boxes on cells of another width and height; their own sides stay."""
    rows, columns = prediction.shape[:2]
    centre, sides = _apart(_decode(prediction, width, height, per_cell))
    centre = centre / torch.tensor([width / columns, height / rows]) * torch.tensor(cell(rows, columns))
    return torch.cat([centre - sides / 2, centre + sides / 2], -1)


def _sides_exchanged(prediction: Tensor, width: float, height: float, per_cell: int) -> Tensor:
    centre, _ = _apart(_decode(prediction, width, height, per_cell))
    _, sides = _apart(_decode(prediction, height, width, per_cell))
    return torch.cat([centre - sides / 2, centre + sides / 2], -1)


TO_CENTRE = torch.tensor([[0.5, 0, -1, 0], [0, 0.5, 0, -1], [0.5, 0, 1, 0], [0, 0.5, 0, 1]], dtype=torch.float64)

decode = Check(
    "decode",
    reference=_decode,
    cases=[
        dict(prediction=_inside(5, 7, 13, seed=1), width=100, height=64, per_cell=2),
        dict(prediction=_inside(3, 2, 19, seed=2), width=64, height=96, per_cell=3),
    ],
    mistakes={
        "x counts from the row and y from the column; the column tells x": partial(_decode, place="yx"),
        "the cell is forgotten; x and y count from its corner": partial(_decode, place=""),
        "x and y are taken for fractions of the image; they count from the cell's corner, in cells": partial(
            _decode, place="", cut=lambda rows, columns: (1, 1)
        ),
        "both x and y are divided by the rows; x counts columns": partial(_decode, cut=lambda rows, columns: (rows, rows)),
        "both x and y are divided by the columns; y counts rows": partial(
            _decode, cut=lambda rows, columns: (columns, columns)
        ),
        "cells are taken for squares as high as they are wide; the height of a cell is height / rows": (
            lambda prediction, width, height, per_cell: _moved(
                prediction, width, height, per_cell, lambda rows, columns: (width / columns, width / columns)
            )
        ),
        "a cell's sides are cut to whole pixels; 100 pixels in 7 columns are 14.29 each": (
            lambda prediction, width, height, per_cell: _moved(
                prediction, width, height, per_cell, lambda rows, columns: (width // columns, height // rows)
            )
        ),
        "x is divided by the rows and y by the columns": partial(_decode, cut=lambda rows, columns: (columns, rows)),
        "boxes are clipped to the image; leave them as they are": lambda prediction, width, height, per_cell: (
            _decode(prediction, width, height, per_cell).minimum(torch.tensor([width, height] * 2)).clamp(min=0)
        ),
        "centre and size are returned; two corners are asked": lambda prediction, width, height, per_cell: (
            _decode(prediction, width, height, per_cell) @ TO_CENTRE
        ),
        "x and y are taken from the cell's middle; they count from its corner": partial(_decode, start=0.5),
        "w and h are taken for fractions of the cell; they are fractions of the image": partial(
            _decode, unit=lambda rows, columns: (rows, columns)
        ),
        "width and height are exchanged": lambda prediction, width, height, per_cell: _decode(
            prediction, height, width, per_cell
        ),
        "w is multiplied by the height and h by the width": _sides_exchanged,
        "x and y are taken for a corner; they are the centre": partial(_decode, corners=0.0),
        "the corners lie a whole width from the centre; half of it is enough": lambda prediction, width, height, per_cell: (
            2 * _decode(prediction, width, height, per_cell)
            - _decode(prediction * _no_sides(prediction, per_cell), width, height, per_cell)
        ),
        "w and h are squared; only the loss has square roots": partial(_decode, squared=True),
        "the classes come last in a cell; the boxes come first": partial(
            _decode, read=lambda x, b: x[..., -5 * b :].unflatten(-1, (b, 5))
        ),
        "the five numbers of a box stand together; read (B, 5), not (5, B)": partial(
            _decode, read=lambda x, b: x[..., : 5 * b].unflatten(-1, (5, b)).transpose(-1, -2)
        ),
    },
    hints=[
        "`numbers = prediction[..., : 5 * per_cell].unflatten(-1, (per_cell, 5))` is (rows, columns, B, 5).",
        "Columns and rows that broadcast: `torch.arange(columns)[None, :, None]`, `torch.arange(rows)[:, None, None]`.",
        "x = (column + x) width / columns, y likewise; w = w width, h = h height; then `torch.stack([x - w / 2, y - h / 2, "
        "x + w / 2, y + h / 2], -1)`.",
    ],
)


def _no_sides(prediction: Tensor, per_cell: int) -> Tensor:
    """Make a factor that sets w and h of each box to 0 and leaves the rest."""
    keep = torch.ones_like(prediction)
    for box in range(per_cell):
        keep[..., 5 * box + 2 : 5 * box + 4] = 0
    return keep


one_class = Check(
    "one_class",
    reference="b",
    choices=("a", "b", "c"),
    mistakes={
        "the two boxes share one set of classes, and an object has one responsible box; a second object of the cell has no "
        "place": "a",
        "suppression works within a class, so it spares the two; the loss is earlier": "c",
    },
    hints=[
        "Where would the class of the second object stand? Count the numbers of a cell again.",
        "Two boxes, but one set of class probabilities: a cell can say one class.",
    ],
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


def _sizes(count: int, seed: int) -> Tensor:
    """Draw widths and heights from small to large, evenly in their logarithm."""
    return (uniform(count, 2, seed=seed, low=1.5, high=5.0)).exp()


kmeans_step = Check(
    "kmeans_step",
    reference=_step,
    cases=[
        dict(sizes=_sizes(23, seed=1), centres=_sizes(3, seed=2)),
        dict(
            sizes=_sizes(11, seed=3),
            centres=torch.cat([_sizes(4, seed=4), torch.tensor([[900.0, 1100.0]], dtype=torch.float64)]),
        ),
    ],
    mistakes={
        "the distance is Euclid's, so large boxes count for more; take 1 - IoU": partial(
            _step, similar=lambda sizes, centres: -torch.cdist(sizes, centres)
        ),
        "each box goes to the centre that it overlaps least; the smallest 1 - IoU is the largest IoU": partial(
            _step, similar=lambda sizes, centres: -_similar(sizes, centres)
        ),
        "that is the intersection alone, and the largest centre wins; divide by the union": partial(
            _step, similar=lambda sizes, centres: torch.minimum(sizes[:, None], centres).prod(-1)
        ),
        "areas are compared; boxes of one area may hardly overlap": partial(
            _step, similar=lambda sizes, centres: -(sizes.prod(-1)[:, None] - centres.prod(-1)).abs()
        ),
        "that is the median; the new centre is the mean": partial(_step, centre=lambda own: own.median(0).values),
        "the boxes of a centre are added up, not averaged": partial(_step, centre=lambda own: own.sum(0)),
        "a centre that no box chose became 0; it stays where it is": partial(_step, stay=torch.zeros_like),
        "the mean of no boxes is NaN; a centre that no box chose stays where it is": partial(
            _step, stay=lambda old: torch.full_like(old, torch.nan)
        ),
        "several turns are taken; one is asked": _settled,
        "the centres are sorted; they keep their order": lambda sizes, centres: _step(sizes, centres)[
            _step(sizes, centres).prod(-1).argsort()
        ],
    },
    hints=[
        "`shared = torch.minimum(sizes[:, None], centres).prod(-1)` is (M, K): laid centre on centre, two boxes "
        "share the smaller width times the smaller height.",
        "union = both areas less what is shared; `nearest = (shared / union).argmax(1)`.",
        "`moved = centres.clone()`; for each k with `(nearest == k).any()`: `moved[k] = sizes[nearest == k].mean(0)`.",
    ],
)

outputs_v2 = Check(
    "outputs_v2",
    reference=21_125,
    mistakes={
        "that is one set of classes a cell, as in the first version; here each anchor has its own": 7_605,
        "that is one anchor a cell; there are five": 4_225,
        "that is the number of boxes; each has 25 numbers": 845,
        "a box has a confidence too: 4 + 1 + 20": 20_280,
        "that is one cell; there are 13 x 13": 125,
        "the five numbers of the box itself are missing": 16_900,
        "that is the older grid; 416 / 32 is 13": 6_125,
    },
    hints=["Per anchor: four numbers of the box, a confidence, 20 classes.", "13 x 13 x 5 x (5 + 20)."],
)
