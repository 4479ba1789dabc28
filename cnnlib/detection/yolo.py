"""YOLO: Redmon, Divvala, Girshick, Farhadi, You Only Look Once: Unified, Real-Time Object Detection, 2015, section 2.

The image is divided into S x S cells. Each predicts B boxes, a confidence for each of them, and C class probabilities, all in
one forward pass: one tensor (N, S, S, B * 5 + C), for the paper's VOC 7 x 7 x (2 * 5 + 20). Its last axis holds x y w h
confidence, B times, then the classes; x y is the centre within the cell, w h the size within the image, each in 0 ... 1.

Departures from the paper: a small pretrained backbone and a convolutional head in place of 24 layers and two fully connected
ones; 8 x 8 cells of 8 pixels; a sigmoid in place of the last layer's linear outputs, so that every number is in 0 ... 1 and w
and h have square roots; AdamW, and no augmentation. The paper leaves two things open: here an image's loss is a sum, as in
equation 3, and a batch's is the mean over its images; of two objects centred in one cell, only the first is a target.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.detection.boxes import area, in_float, iou
from cnnlib.detection.single_shot import SingleShot, check_labels, check_truth, corners, first_in_slot, pick

SMALLEST = 1e-6  # side of a box within the image: the square root has no finite slope at 0


class Target(NamedTuple):
    """What each cell should predict: `labels` (N, S, S), -1 in a cell without the centre of an object, where the rest is 0.

    `offsets` (N, S, S, 2) x y in the cell, `sizes` (N, S, S, 2) w h in the image, `boxes` (N, S, S, 4) in pixels.
    """

    offsets: Tensor
    sizes: Tensor
    boxes: Tensor
    labels: Tensor


class Cells(NamedTuple):
    """What each cell predicts: `boxes` (N, S, S, B, 4) in pixels, not clipped, and the numbers that they are computed from.

    `offsets` (N, S, S, B, 2) x y in the cell, `sizes` (N, S, S, B, 2) w h in the image, `confidences` (N, S, S, B), and
    `probabilities` (N, S, S, C) of the classes, given that there is an object.
    """

    offsets: Tensor
    sizes: Tensor
    boxes: Tensor
    confidences: Tensor
    probabilities: Tensor


def yolo_target(boxes: Tensor, labels: Tensor, cells: int, size: float) -> Target:
    """Assign objects to the cells that hold their centres: (N, T, 4), (N, T) -> a `Target` of S x S = `cells` x `cells`.

    `size` is the image's side in pixels. Label -1 marks padding, and a box without area counts as padding. Of objects
    centred in one cell, the first is kept; a centre on the right or lower border belongs to the last cell. Raises ValueError
    if the shapes disagree or a number is not positive.

    >>> target = yolo_target(torch.tensor([[[8.0, 16.0, 24.0, 40.0]]]), torch.tensor([[3]]), cells=4, size=64)
    >>> target.labels[0, 1], target.offsets[0, 1, 1], target.sizes[0, 1, 1]
    (tensor([-1,  3, -1, -1]), tensor([0.0000, 0.7500]), tensor([0.2500, 0.3750]))
    """
    if cells < 1 or size <= 0:
        raise ValueError(f"yolo_target needs at least one cell and a positive size, got {cells=}, {size=}")
    check_truth(boxes, labels)
    centre = (boxes[..., :2] + boxes[..., 2:]) / 2 * (cells / size)  # (N, T, 2), in cells
    column, row = centre.floor().long().clamp(0, cells - 1).unbind(-1)
    index = first_in_slot(row * cells + column, (labels >= 0) & (area(boxes) > 0), cells**2)
    centre, boxes, labels = (pick(objects, index, fill) for objects, fill in ((centre, 0), (boxes, 0), (labels, -1)))
    corner = corners(cells, cells, boxes).flatten(0, 1) * (index >= 0)[..., None]
    parts = (centre - corner, (boxes[..., 2:] - boxes[..., :2]) / size, boxes, labels)
    return Target(*(part.unflatten(1, (cells, cells)) for part in parts))


def yolo_loss(
    prediction: Tensor,
    boxes: Tensor,
    labels: Tensor,
    size: float,
    per_cell: int = 2,
    lambda_coord: float = 5.0,
    lambda_noobj: float = 0.5,
) -> dict[str, Tensor]:
    """Measure equation 3 by its five lines: (N, S, S, B * 5 + C), objects (N, T, 4), labels (N, T) -> {name: scalar}.

    All are weighted sums of squares, summed over an image and averaged over the batch; their sum is the loss. "centre" and
    "size" (of square roots) count for the box that is responsible for an object: of the boxes of its cell the one that
    overlaps it most, the first of equals. The target of its confidence ("object") is that overlap, treated as a constant; the
    target of the confidences of all other boxes ("no object") is 0; "class" counts in cells with an object. Raises ValueError
    as `yolo_target` and `boxes_by_cell` do, and for a different number of images or a label that is not below C.

    >>> truth, labels = torch.tensor([[[8.0, 16.0, 24.0, 40.0]]]), torch.tensor([[3]])
    >>> {name: round(part.item(), 4) for name, part in yolo_loss(torch.full((1, 4, 4, 15), 0.25), truth, labels, 64).items()}
    {'centre': 1.5625, 'size': 0.0631, 'object': 0.0016, 'no object': 0.9688, 'class': 0.8125}
    """
    prediction = in_float(prediction)
    predicted = boxes_by_cell(prediction, size, per_cell)
    check_truth(boxes, labels, len(prediction))
    target = yolo_target(boxes.to(prediction), labels, prediction.shape[1], size)
    classes = predicted.probabilities.shape[-1]
    check_labels(labels, classes)
    here = target.labels >= 0  # (N, S, S)
    with torch.no_grad():
        overlap = iou(predicted.boxes.flatten(0, 2), target.boxes.flatten(0, 2)[:, None])
        overlap = overlap.view_as(predicted.confidences)
        responsible = here[..., None] & F.one_hot(overlap.argmax(-1), per_cell).bool()  # (N, S, S, B)
    offset = predicted.offsets[responsible] - target.offsets[here]
    root = predicted.sizes[responsible].clamp(min=SMALLEST).sqrt() - target.sizes[here].sqrt()
    error = predicted.probabilities[here] - F.one_hot(target.labels[here], classes)
    errors = {
        "centre": lambda_coord * offset.square().sum(),
        "size": lambda_coord * root.square().sum(),
        "object": (predicted.confidences - overlap)[responsible].square().sum(),
        "no object": lambda_noobj * predicted.confidences[~responsible].square().sum(),
        "class": error.square().sum(),
    }
    return {name: part / max(len(prediction), 1) for name, part in errors.items()}


def boxes_by_cell(prediction: Tensor, size: float, per_cell: int = 2) -> Cells:
    """Interpret the tensor cell by cell: (N, S, S, B * 5 + C) -> `Cells`, B = `per_cell`, in an image of `size` pixels a side.

    Raises ValueError if the prediction has any other shape.

    >>> cells = boxes_by_cell(torch.full((1, 7, 7, 30), 0.5), size=448)
    >>> cells.boxes.shape, cells.probabilities.shape, cells.boxes[0, 0, 0, 0]
    (torch.Size([1, 7, 7, 2, 4]), torch.Size([1, 7, 7, 20]), tensor([-80., -80., 144., 144.]))
    """
    shape = tuple(prediction.shape)
    if len(shape) != 4 or shape[1] != shape[2] or per_cell < 1 or shape[3] <= 5 * per_cell:
        raise ValueError(f"a prediction is (N, S, S, {per_cell} * 5 + C), C > 0, got {shape}")
    prediction = in_float(prediction)  # half precision has too few digits for coordinates
    numbers, probabilities = prediction.tensor_split([5 * per_cell], -1)
    offsets, sizes, confidences = numbers.unflatten(-1, (per_cell, 5)).split([2, 2, 1], -1)  # (N, S, S, B, ...)
    centre = (corners(*shape[1:3], prediction)[:, :, None] + offsets) * (size / shape[1])
    boxes = torch.cat([centre - sizes * size / 2, centre + sizes * size / 2], -1)
    return Cells(offsets, sizes, boxes, confidences[..., 0], probabilities)


def decode(prediction: Tensor, size: float, per_cell: int = 2) -> tuple[Tensor, Tensor]:
    """Score each box for each class: (N, S, S, B * 5 + C) -> boxes (N, S * S * B, 4) in pixels, scores (N, S * S * B, C).

    Score = confidence x class probability (equation 1). Raises ValueError as `boxes_by_cell` does.

    >>> [part.shape for part in decode(torch.zeros(1, 7, 7, 30), size=448)]    # the paper's 98 boxes
    [torch.Size([1, 98, 4]), torch.Size([1, 98, 20])]
    """
    predicted = boxes_by_cell(prediction, size, per_cell)
    scores = predicted.confidences[..., :, None] * predicted.probabilities[..., None, :]  # (N, S, S, B, C)
    return predicted.boxes.flatten(1, 3), scores.flatten(1, 3)


class Yolo(SingleShot):
    """The network for scenes with sides of `size` pixels: (N, 3, size, size) -> (N, S, S, B * 5 + C), S = size / 8.

    >>> Yolo(classes=5)(torch.zeros(2, 3, 64, 64)).shape
    torch.Size([2, 8, 8, 15])
    """

    def __init__(
        self, classes: int, backbone: nn.Module | None = None, per_cell: int = 2, size: int = 64, **options: Any
    ) -> None:
        super().__init__(classes, per_cell * 5 + classes, backbone, **options)
        self.per_cell, self.size = per_cell, size

    def forward(self, images: Tensor) -> Tensor:
        """Predict numbers in 0 ... 1. Raises ValueError for images of a different size: w and h are fractions of `size`."""
        if images.shape[-2:] != (self.size, self.size):
            raise ValueError(f"this network reads images of {self.size} x {self.size} pixels, got {tuple(images.shape)}")
        return super().forward(images).sigmoid()

    def losses(self, images: Tensor, boxes: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Measure `yolo_loss` on a batch: (N, 3, size, size), (N, T, 4), (N, T) -> {name: scalar}."""
        return yolo_loss(self(images), boxes, labels, self.size, self.per_cell)

    def scored(self, images: Tensor) -> list[tuple[Tensor, ...]]:
        """Predict and `decode`: (N, 3, size, size) -> N pairs of boxes (S * S * B, 4) and scores (S * S * B, C)."""
        return list(zip(*decode(self(images), self.size, self.per_cell), strict=True))
