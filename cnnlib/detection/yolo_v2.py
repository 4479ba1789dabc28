"""YOLOv2: Redmon, Farhadi, YOLO9000: Better, Faster, Stronger, 2016, section 2, "Dimension Clusters" and the two after it.

A cell no longer predicts sizes from scratch. It corrects A anchors, found by k-means among the boxes of the training set, and
each anchor has a class of its own. One tensor (N, S, S', A * (5 + C)): tx ty tw th to, then the classes, A times.

    x = (column + sigmoid(tx)) stride    y = (row + sigmoid(ty)) stride    w = anchor's w exp(tw)    h = anchor's h exp(th)

Departures from the paper: our backbone and cells of 8 pixels; no passthrough layer, no training at several sizes; cross-entropy
for the classes. The paper gives no loss. Ours has, as the authors' code, squares of sigmoid(tx), sigmoid(ty), tw, th and of the
confidence sigmoid(to), whose target is the overlap of its box with the object; the confidence of a box that overlaps some
object by more than 0.6 and is responsible for none is not trained. An image's loss is a sum, a batch's the mean over its
images.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.detection.boxes import LARGEST_LOG, area, in_float, iou
from cnnlib.detection.dimension_clusters import size_overlap
from cnnlib.detection.single_shot import SingleShot, check_labels, check_truth, corners, first_in_slot, pick

IGNORED_OVERLAP = 0.6  # above it, a box without an object of its own may be confident
INITIAL_LOGIT = -3.0  # of the confidence, in an untrained network: a confidence of 0.05


class Anchored(NamedTuple):
    """What each anchor of each cell predicts.

    `offsets` (N, S, S', A, 2) x y in the cell, `sizes` (N, S, S', A, 2) tw th, `boxes` (N, S, S', A, 4) in pixels, not clipped,
    `confidences` (N, S, S', A), `probabilities` (N, S, S', A, C), given that there is an object, and their `logits`.
    """

    offsets: Tensor
    sizes: Tensor
    boxes: Tensor
    confidences: Tensor
    probabilities: Tensor
    logits: Tensor


class AnchorTarget(NamedTuple):
    """What each anchor should predict: `labels` (N, S, S', A), -1 without an object; the rest only counts where it has one.

    `offsets` (N, S, S', A, 2) x y in the cell, `sizes` (N, S, S', A, 2) tw th, `boxes` (N, S, S', A, 4) in pixels.
    """

    offsets: Tensor
    sizes: Tensor
    boxes: Tensor
    labels: Tensor


def boxes_by_anchor(prediction: Tensor, anchors: Tensor, stride: float) -> Anchored:
    """Interpret the tensor anchor by anchor: (N, S, S', A * (5 + C)), sizes (A, 2) in pixels -> `Anchored`.

    As in `boxes.decode`, tw and th grow a box by at most exp(`LARGEST_LOG`). Raises ValueError if the shapes disagree.

    >>> predicted = boxes_by_anchor(torch.zeros(1, 8, 8, 20), torch.tensor([[8.0, 8.0], [16.0, 24.0]]), stride=8)
    >>> predicted.boxes[0, 0, 1], predicted.probabilities.shape
    (tensor([[ 8.,  0., 16.,  8.],
            [ 4., -8., 20., 16.]]), torch.Size([1, 8, 8, 2, 5]))
    """
    a = len(anchors)
    if anchors.shape != (a, 2) or prediction.ndim != 4 or prediction.shape[3] % max(a, 1) or prediction.shape[3] <= 5 * a:
        shapes = f"{tuple(prediction.shape)} and {tuple(anchors.shape)}"
        raise ValueError(f"a prediction is (N, S, S', A * (5 + C)), C > 0, with anchors (A, 2), got {shapes}")
    prediction = in_float(prediction)  # half precision has too few digits for coordinates
    numbers = prediction.unflatten(3, (a, -1))  # (N, S, S', A, 5 + C)
    offsets, sizes, confidences = numbers[..., :2].sigmoid(), numbers[..., 2:4], numbers[..., 4].sigmoid()
    rows, columns = prediction.shape[1:3]
    centre = (corners(rows, columns, prediction)[:, :, None] + offsets) * stride
    half = anchors.to(prediction) * sizes.clamp(max=LARGEST_LOG).exp() / 2
    boxes = torch.cat([centre - half, centre + half], -1)
    return Anchored(offsets, sizes, boxes, confidences, numbers[..., 5:].softmax(-1), numbers[..., 5:])


def anchor_target(boxes: Tensor, labels: Tensor, anchors: Tensor, cells: tuple[int, int], stride: float) -> AnchorTarget:
    """Assign objects to cells and anchors: (N, T, 4), (N, T), sizes (A, 2) -> `AnchorTarget` of `cells` = (rows, columns).

    An object belongs to the cell that holds its centre and to the anchor that is most like it in size (the first of equals).
    Two objects of one cell are both kept if their anchors differ; else only the first is. Label -1 marks padding, and a box
    without area counts as padding. Raises ValueError if the shapes disagree.

    >>> anchors = torch.tensor([[8.0, 8.0], [16.0, 24.0]])
    >>> target = anchor_target(torch.tensor([[[8.0, 16.0, 24.0, 40.0]]]), torch.tensor([[3]]), anchors, (8, 8), stride=8)
    >>> target.labels[0, 3, 2], target.offsets[0, 3, 2, 1], target.sizes[0, 3, 2, 1]
    (tensor([-1,  3]), tensor([0.0000, 0.5000]), tensor([0., 0.]))
    """
    check_truth(boxes, labels)
    if anchors.ndim != 2 or anchors.shape[1] != 2 or not len(anchors):
        raise ValueError(f"anchors are w h (A, 2), got {tuple(anchors.shape)}")
    (rows, columns), a = cells, len(anchors)
    anchors = anchors.to(boxes)
    sizes = boxes[..., 2:] - boxes[..., :2]
    centre = (boxes[..., :2] + boxes[..., 2:]) / (2 * stride)  # (N, T, 2), in cells
    last = torch.tensor([columns - 1, rows - 1], device=boxes.device)
    cell = centre.floor().long().clamp(min=0).minimum(last)
    real = (labels >= 0) & (area(boxes) > 0)
    sizes = sizes.masked_fill(~real[..., None], 1)  # padding has no logarithm
    best = size_overlap(sizes, anchors).argmax(-1)  # (N, T)
    index = first_in_slot((cell[..., 1] * columns + cell[..., 0]) * a + best, real, rows * columns * a)
    parts = ((centre - cell, 0), ((sizes / anchors[best]).log(), 0), (boxes, 0), (labels, -1))
    return AnchorTarget(*(pick(part, index, fill).unflatten(1, (rows, columns, a)) for part, fill in parts))


def yolo_v2_loss(
    prediction: Tensor,
    boxes: Tensor,
    labels: Tensor,
    anchors: Tensor,
    stride: float,
    lambda_coord: float = 3.0,
    lambda_obj: float = 5.0,
    lambda_noobj: float = 1.0,
) -> dict[str, Tensor]:
    """Measure a loss in the manner of YOLO's: (N, S, S', A * (5 + C)), (N, T, 4), (N, T), sizes (A, 2) -> {name: scalar}.

    "centre", "size", "object", "no object" and "class", weighted, summed over an image and averaged over the batch; their sum
    is the loss. The overlap that is a confidence's target is treated as a constant. Raises ValueError as `boxes_by_anchor` and
    `anchor_target` do, and for a different number of images or a label that is not below C.

    >>> anchors = torch.tensor([[8.0, 8.0], [16.0, 24.0]])
    >>> truth, labels = torch.tensor([[[8.0, 16.0, 24.0, 40.0]]]), torch.tensor([[3]])
    >>> parts = yolo_v2_loss(torch.zeros(1, 8, 8, 20), truth, labels, anchors, stride=8)
    >>> parts["centre"], parts["size"], parts["class"]    # 3 (0.5^2 + 0^2), 0, log 5
    (tensor(0.7500), tensor(0.), tensor(1.6094))
    """
    check_truth(boxes, labels, len(prediction))
    prediction, (rows, columns) = in_float(prediction), prediction.shape[1:3]
    target = anchor_target(boxes.to(prediction), labels, anchors, (rows, columns), stride)
    predicted = boxes_by_anchor(prediction, anchors, stride)
    check_labels(labels, predicted.logits.shape[-1])
    here = target.labels >= 0  # (N, S, S', A)
    with torch.no_grad():
        real = (labels >= 0)[:, None]
        near = ((iou(predicted.boxes.flatten(1, 3), boxes.to(prediction)) > IGNORED_OVERLAP) & real).any(2).view_as(here)
        own = iou(predicted.boxes[here][:, None], target.boxes[here][:, None])[:, 0, 0]
    errors = {
        "centre": lambda_coord * (predicted.offsets - target.offsets)[here].square().sum(),
        "size": lambda_coord * (predicted.sizes - target.sizes)[here].square().sum(),
        "object": lambda_obj * (predicted.confidences[here] - own).square().sum(),
        "no object": lambda_noobj * predicted.confidences[~here & ~near].square().sum(),
        "class": F.cross_entropy(predicted.logits[here], target.labels[here], reduction="sum"),
    }
    return {name: error / max(len(prediction), 1) for name, error in errors.items()}


def decode(prediction: Tensor, anchors: Tensor, stride: float) -> tuple[Tensor, Tensor]:
    """Score each box for each class: (N, S, S', A * (5 + C)) -> boxes (N, S * S' * A, 4) in pixels, scores (..., C).

    Score = confidence x class probability, as in YOLO. Raises ValueError as `boxes_by_anchor` does.

    >>> [part.shape for part in decode(torch.zeros(1, 13, 13, 125), torch.ones(5, 2), stride=32)]    # 5 anchors, 20 classes
    [torch.Size([1, 845, 4]), torch.Size([1, 845, 20])]
    """
    predicted = boxes_by_anchor(prediction, anchors, stride)
    return predicted.boxes.flatten(1, 3), (predicted.confidences[..., None] * predicted.probabilities).flatten(1, 3)


class YoloV2(SingleShot):
    """The network for scenes of any size: (N, 3, H, W) -> (N, H / 8, W / 8, A * (5 + C)), for anchors (A, 2) in pixels.

    >>> YoloV2(classes=5, anchors=torch.tensor([[8.0, 8.0], [16.0, 24.0]]))(torch.zeros(2, 3, 64, 96)).shape
    torch.Size([2, 8, 12, 20])
    """

    anchors: Tensor

    def __init__(self, classes: int, backbone: nn.Module | None = None, *, anchors: Tensor, **options: Any) -> None:
        super().__init__(classes, len(anchors) * (5 + classes), backbone, **options)
        self.register_buffer("anchors", anchors.clone())
        with torch.no_grad():  # few boxes have an object: none is confident at first
            self.head.get_parameter("bias").view(len(anchors), -1)[:, 4] = INITIAL_LOGIT

    def losses(self, images: Tensor, boxes: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Measure `yolo_v2_loss` on a batch: (N, 3, H, W), (N, T, 4), (N, T) -> {name: scalar}."""
        return yolo_v2_loss(self(images), boxes, labels, self.anchors, self.stride)

    def scored(self, images: Tensor) -> list[tuple[Tensor, ...]]:
        """Predict and `decode`: (N, 3, H, W) -> N pairs of boxes (M, 4) and scores (M, C), M = A H W / 64."""
        return list(zip(*decode(self(images), self.anchors, self.stride), strict=True))
