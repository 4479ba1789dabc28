"""What the two YOLOs share: a network that says everything about an image in one pass, its targets, its last step.

Recipe: 1,600 scenes, 2 epochs in batches of 8, AdamW 3e-3, clip 5: about 22 seconds on one thread.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.detection.average_precision import detection_scores
from cnnlib.detection.boxes import Detections, clip
from cnnlib.detection.suppression import nms_by_class
from cnnlib.evaluation import evaluating
from cnnlib.models.backbone import CHANNELS, STRIDE, block, pretrained_backbone

AT_ONCE = 64  # images


class SingleShot(nn.Module):
    """Backbone, three layers of which the first strides, a 1x1 head: images (N, 3, H, W) -> (N, H / 8, W / 8, outputs).

    What the numbers of a cell mean a subclass says, by `losses(images, boxes, labels)` -> {name: scalar} and
    `scored(images)` -> boxes (N, M, 4) in pixels, scores (N, M, C) in 0 ... 1.
    """

    stride = 2 * STRIDE

    def __init__(self, outputs: int, classes: int, width: int = 128) -> None:
        super().__init__()
        self.classes = classes
        self.backbone = pretrained_backbone()
        halve = nn.Conv2d(CHANNELS, width, 3, stride=2, padding=1, bias=False)  # a pool would forget where things are
        halve = nn.Sequential(halve, nn.BatchNorm2d(width), nn.ReLU())
        self.neck = nn.Sequential(halve, block(width, width), block(width, width))
        self.head = nn.Conv2d(width, outputs, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Look once: (N, 3, H, W) -> (N, H / 8, W / 8, outputs)."""
        return self.head(self.neck(self.backbone(images))).permute(0, 2, 3, 1)

    def detect(self, images: Tensor, floor: float = 0.05, threshold: float = 0.5, most: int = 100) -> list[Detections]:
        """Find objects: (N, 3, H, W) -> N `Detections`, best first, at most `most` each.

        Scores of at most `floor` are dropped, then by class the boxes that overlap a better one by more than `threshold`.
        Runs in evaluation mode without gradients, where the network is, and leaves the mode as it was.
        """
        with evaluating(self):
            parts = [self.scored(part.to(self.head.weight)) for part in images.split(AT_ONCE)]
        size = images.shape[-2:]
        return [suppress(*image, size, floor, threshold, most) for part in parts for image in zip(*part, strict=True)]


class Detection:
    """The objective of a `SingleShot`: images (N, 3, H, W) to boxes (N, T, 4) and labels (N, T), -1 where there is none."""

    def loss(self, model: SingleShot, images: Tensor, boxes: Tensor, labels: Tensor) -> Tensor:
        """Add the parts of the loss of a batch up: -> a scalar."""
        return sum(model.losses(images, boxes, labels).values())

    def scores(self, model: SingleShot, data: Sequence[Tensor]) -> dict[str, float]:
        """Measure mAP50, AP75 and AP50:95 on images, boxes and labels."""
        images, boxes, labels = data
        return detection_scores(model.detect(images), boxes, labels, model.classes)


def first_in_slot(slot: Tensor, real: Tensor, slots: int) -> Tensor:
    """Say which object has a slot: slots of objects (N, T), which are real (N, T) -> object numbers (N, slots), -1 for none.

    >>> first_in_slot(torch.tensor([[2, 0, 2]]), torch.tensor([[True, False, True]]), slots=3)
    tensor([[-1, -1,  0]])
    """
    if not slot.shape[1]:
        return slot.new_full((len(slot), slots), -1)
    wanted = F.one_hot(slot, slots) * real[..., None]  # (N, T, slots)
    most, first = wanted.max(1)
    return first.masked_fill(most == 0, -1)


def pick(objects: Tensor, number: Tensor, fill: float) -> Tensor:
    """Lay objects out by number, `fill` for number -1: (N, T, ...), (N, slots) -> (N, slots, ...)."""
    filler = objects.new_full((len(objects), 1, *objects.shape[2:]), fill)
    row = torch.arange(len(objects), device=objects.device)[:, None]
    return torch.cat([filler, objects], 1)[row, number + 1]


def suppress(boxes: Tensor, scores: Tensor, size: tuple[int, int], floor: float, threshold: float, most: int) -> Detections:
    """Keep the best of one image's boxes: (M, 4), (M, C) -> `Detections`, clipped to `size` = (height, width).

    Scores of at most `floor` are dropped, then by class the boxes that overlap a better one by more than `threshold`.
    """
    box, label = (scores > floor).nonzero(as_tuple=True)
    boxes, scores = clip(boxes[box], *size), scores[box, label]
    kept = nms_by_class(boxes, scores, label, threshold)[:most]
    return Detections(boxes[kept], scores[kept], label[kept])


def corners(rows: int, columns: int, like: Tensor) -> Tensor:
    """Count cells from the image's corner: -> (rows, columns, 2), x y of each cell's own upper left corner.

    >>> corners(2, 3, torch.zeros(1))[1]
    tensor([[0., 1.],
            [1., 1.],
            [2., 1.]])
    """
    y, x = (torch.arange(cells, device=like.device, dtype=like.dtype) for cells in (rows, columns))
    return torch.stack(torch.meshgrid(x, y, indexing="xy"), -1)


def check_truth(boxes: Tensor, labels: Tensor, images: int | None = None) -> None:
    """Raise ValueError unless the truth is boxes (N, T, 4) and labels (N, T), and N = `images` if that is given."""
    if images not in (None, len(labels)):
        raise ValueError(f"a prediction for {images} images needs the truth of as many, got {len(labels)}")
    if boxes.ndim != 3 or boxes.shape != (*labels.shape, 4):
        raise ValueError(f"the truth is boxes (N, T, 4) and labels (N, T), got {tuple(boxes.shape)}, {tuple(labels.shape)}")


def check_labels(labels: Tensor, classes: int) -> None:
    """Raise ValueError unless all labels are below C = `classes`."""
    if labels.numel() and labels.max() >= classes:
        raise ValueError(f"labels must be below C = {classes}, got {labels.max()}")
