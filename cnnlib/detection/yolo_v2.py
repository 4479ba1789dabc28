"""YOLOv2: Redmon, Farhadi, YOLO9000: Better, Faster, Stronger, 2017, section 2, "Dimension Clusters" and the two after it.

A cell no longer guesses sizes from nothing: it corrects A anchors, found by k-means among the boxes of the training set, and
each anchor has a class of its own. One tensor (N, S, S', A * (5 + C)): tx ty tw th to, then the classes, A times.

    x = (column + sigmoid(tx)) stride    y = (row + sigmoid(ty)) stride    w = anchor's w exp(tw)    h = anchor's h exp(th)

Departures from the paper: our backbone and cells of 8 pixels; no passthrough layer, no training at several sizes; cross-entropy
for the classes. The paper gives no loss. Ours has, as the authors' code, squares of sigmoid(tx), sigmoid(ty), tw, th and of the
confidence sigmoid(to), which aims at the overlap of its box with the object; a box that overlaps some object by more than 0.6
and is responsible for none learns no confidence. An image's loss is a sum, a batch's the mean over its images.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from cnnlib.detection.boxes import LARGEST_LOG, area, iou
from cnnlib.detection.single_shot import SingleShot, check_labels, check_truth, corners, first_in_slot, pick
from cnnlib.seeds import shifted

NEAR = 0.6  # overlap from which a box is not blamed for its confidence
RESERVED = -3.0  # to of an untrained network: a confidence of 0.05


class Anchored(NamedTuple):
    """What each anchor of each cell says.

    `offsets` (N, S, S', A, 2) x y in the cell, `sizes` (N, S, S', A, 2) tw th, `boxes` (N, S, S', A, 4) in pixels, not clipped,
    `confidences` (N, S, S', A), `probabilities` (N, S, S', A, C), if there is an object, and their `logits`.
    """

    offsets: Tensor
    sizes: Tensor
    boxes: Tensor
    confidences: Tensor
    probabilities: Tensor
    logits: Tensor


class AnchorTarget(NamedTuple):
    """What each anchor should say: `labels` (N, S, S', A), -1 where it has no object; the rest counts elsewhere only.

    `offsets` (N, S, S', A, 2) x y in the cell, `sizes` (N, S, S', A, 2) tw th, `boxes` (N, S, S', A, 4) in pixels.
    """

    offsets: Tensor
    sizes: Tensor
    boxes: Tensor
    labels: Tensor


def size_overlap(a: Tensor, b: Tensor) -> Tensor:
    """Take the IoU of sizes as if all boxes shared a centre: w h (..., M, 2), (K, 2) -> (..., M, K).

    >>> size_overlap(torch.tensor([[4.0, 4.0]]), torch.tensor([[4.0, 4.0], [2.0, 4.0]]))
    tensor([[1.0000, 0.5000]])
    """
    shared = torch.minimum(a[..., :, None, :], b).prod(-1)
    return shared / (a.prod(-1)[..., None] + b.prod(-1) - shared)


def anchor_sizes(sizes: Tensor, k: int = 5, seed: int = 0, steps: int = 100) -> Tensor:
    """Find `k` typical sizes by k-means with the distance 1 - IoU: w h (M, 2) -> (k, 2), the smallest area first.

    Starts from k different sizes drawn by `seed`; each turn gives every size to the nearest centre and moves a centre to the
    mean of its own, until nothing moves or for `steps` turns. Raises ValueError if `sizes` is not (M, 2), has a number
    that is not positive, or holds fewer than k different sizes.

    >>> anchor_sizes(torch.tensor([[8.0, 8.0], [8.0, 10.0], [30.0, 10.0]]), k=2)
    tensor([[ 8.,  9.],
            [30., 10.]])
    """
    if sizes.ndim != 2 or sizes.shape[1] != 2 or not (sizes > 0).all():
        raise ValueError(
            f"anchor_sizes takes w h (M, 2), all positive, got {tuple(sizes.shape)}, {(~(sizes > 0)).sum()} of them not"
        )
    different = sizes.unique(dim=0)
    if not 1 <= k <= len(different):
        raise ValueError(f"k must be in 1 ... {len(different)}, the number of different sizes, got {k}")
    drawn = torch.randperm(len(different), generator=torch.Generator().manual_seed(shifted(seed)))[:k]
    centres = different[drawn.to(sizes.device)]
    for _ in range(steps):
        member = F.one_hot(size_overlap(sizes, centres).argmax(1), k).to(sizes)  # (M, k)
        count = member.sum(0)[:, None]
        moved = torch.where(count > 0, member.T @ sizes / count.clamp(min=1), centres)
        if torch.equal(moved, centres):
            break
        centres = moved
    return centres[centres.prod(1).argsort()]


def boxes_by_anchor(prediction: Tensor, anchors: Tensor, stride: float) -> Anchored:
    """Read the tensor anchor by anchor: (N, S, S', A * (5 + C)), sizes (A, 2) in pixels -> `Anchored`.

    As in `boxes.decode`, tw and th grow a box by at most exp(`LARGEST_LOG`). Raises ValueError if the shapes disagree.

    >>> said = boxes_by_anchor(torch.zeros(1, 8, 8, 20), torch.tensor([[8.0, 8.0], [16.0, 24.0]]), stride=8)
    >>> said.boxes[0, 0, 1], said.probabilities.shape
    (tensor([[ 8.,  0., 16.,  8.],
            [ 4., -8., 20., 16.]]), torch.Size([1, 8, 8, 2, 5]))
    """
    a = len(anchors)
    if anchors.shape != (a, 2) or prediction.ndim != 4 or prediction.shape[3] % max(a, 1) or prediction.shape[3] <= 5 * a:
        shapes = f"{tuple(prediction.shape)} and {tuple(anchors.shape)}"
        raise ValueError(f"a prediction is (N, S, S', A * (5 + C)), C > 0, with anchors (A, 2), got {shapes}")
    numbers = prediction.unflatten(3, (a, -1))  # (N, S, S', A, 5 + C)
    offsets, sizes, confidences = numbers[..., :2].sigmoid(), numbers[..., 2:4], numbers[..., 4].sigmoid()
    centre = (corners(*prediction.shape[1:3], prediction)[:, :, None] + offsets) * stride
    half = anchors.to(prediction) * sizes.clamp(max=LARGEST_LOG).exp() / 2
    boxes = torch.cat([centre - half, centre + half], -1)
    return Anchored(offsets, sizes, boxes, confidences, numbers[..., 5:].softmax(-1), numbers[..., 5:])


def anchor_target(boxes: Tensor, labels: Tensor, anchors: Tensor, cells: tuple[int, int], stride: float) -> AnchorTarget:
    """Write objects into cells and anchors: (N, T, 4), (N, T), sizes (A, 2) -> `AnchorTarget` of `cells` = (rows, columns).

    An object belongs to the cell that holds its centre and to the anchor that is most like it in size (the first of several).
    Two objects of one cell get along if their anchors differ; else the first stays. Label -1 marks padding, and a box
    without area counts as padding. Raises ValueError if a shape is another.

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
    most = torch.tensor([columns - 1, rows - 1], device=boxes.device)
    cell = centre.floor().long().clamp(min=0).minimum(most)
    real = (labels >= 0) & (area(boxes) > 0)
    sizes = sizes.masked_fill(~real[..., None], 1)  # padding has no logarithm
    best = size_overlap(sizes, anchors).argmax(-1)  # (N, T)
    number = first_in_slot((cell[..., 1] * columns + cell[..., 0]) * a + best, real, rows * columns * a)
    parts = ((centre - cell, 0), ((sizes / anchors[best]).log(), 0), (boxes, 0), (labels, -1))
    return AnchorTarget(*(pick(part, number, fill).unflatten(1, (rows, columns, a)) for part, fill in parts))


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
    is the loss. The overlap that a confidence aims at is taken as given. Raises ValueError as `boxes_by_anchor` and
    `anchor_target` do, for another number of images and for a label that is not below C.

    >>> anchors = torch.tensor([[8.0, 8.0], [16.0, 24.0]])
    >>> truth, labels = torch.tensor([[[8.0, 16.0, 24.0, 40.0]]]), torch.tensor([[3]])
    >>> parts = yolo_v2_loss(torch.zeros(1, 8, 8, 20), truth, labels, anchors, stride=8)
    >>> parts["centre"], parts["size"], parts["class"]    # 3 (0.5^2 + 0^2), 0, log 5
    (tensor(0.7500), tensor(0.), tensor(1.6094))
    """
    check_truth(boxes, labels, len(prediction))
    target = anchor_target(boxes.to(prediction), labels, anchors, tuple(prediction.shape[1:3]), stride)
    said = boxes_by_anchor(prediction, anchors, stride)
    check_labels(labels, said.logits.shape[-1])
    here = target.labels >= 0  # (N, S, S', A)
    with torch.no_grad():
        real = (labels >= 0)[:, None]
        near = ((iou(said.boxes.flatten(1, 3), boxes.to(prediction)) > NEAR) & real).any(2).view_as(here)
        own = iou(said.boxes[here][:, None], target.boxes[here][:, None])[:, 0, 0]
    errors = {
        "centre": lambda_coord * (said.offsets - target.offsets)[here].square().sum(),
        "size": lambda_coord * (said.sizes - target.sizes)[here].square().sum(),
        "object": lambda_obj * (said.confidences[here] - own).square().sum(),
        "no object": lambda_noobj * said.confidences[~here & ~near].square().sum(),
        "class": F.cross_entropy(said.logits[here], target.labels[here], reduction="sum"),
    }
    return {name: error / max(len(prediction), 1) for name, error in errors.items()}


def decode(prediction: Tensor, anchors: Tensor, stride: float) -> tuple[Tensor, Tensor]:
    """Score each box for each class: (N, S, S', A * (5 + C)) -> boxes (N, S * S' * A, 4) in pixels, scores (..., C).

    Score = confidence x class probability, as in YOLO. Raises ValueError as `boxes_by_anchor` does.

    >>> [part.shape for part in decode(torch.zeros(1, 13, 13, 125), torch.ones(5, 2), stride=32)]    # 5 anchors, 20 classes
    [torch.Size([1, 845, 4]), torch.Size([1, 845, 20])]
    """
    said = boxes_by_anchor(prediction, anchors, stride)
    return said.boxes.flatten(1, 3), (said.confidences[..., None] * said.probabilities).flatten(1, 3)


class YoloV2(SingleShot):
    """The network for scenes of any size: (N, 3, H, W) -> (N, H / 8, W / 8, A * (5 + C)), for anchors (A, 2) in pixels.

    >>> YoloV2(torch.tensor([[8.0, 8.0], [16.0, 24.0]]), classes=5)(torch.zeros(2, 3, 64, 96)).shape
    torch.Size([2, 8, 12, 20])
    """

    def __init__(self, anchors: Tensor, classes: int = 5) -> None:
        super().__init__(len(anchors) * (5 + classes), classes)
        self.register_buffer("anchors", anchors.clone())
        with torch.no_grad():  # few boxes ever have an object: none claims one at first
            self.head.bias.view(len(anchors), -1)[:, 4] = RESERVED

    def losses(self, images: Tensor, boxes: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Measure `yolo_v2_loss` on a batch: (N, 3, H, W), (N, T, 4), (N, T) -> {name: scalar}."""
        return yolo_v2_loss(self(images), boxes, labels, self.anchors, self.stride)

    def scored(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Predict and `decode`: (N, 3, H, W) -> boxes (N, M, 4), scores (N, M, C), M = A H W / 64."""
        return decode(self(images), self.anchors, self.stride)
