"""What the two YOLOs share: a network that predicts everything about an image in one pass, and helpers for its targets.

Recipe: 1,600 scenes, 2 epochs in batches of 8, AdamW 3e-3, clip 5: about 22 seconds on one thread.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.detection.detector import Detector
from cnnlib.models.backbone import CHANNELS, STRIDE, block


class SingleShot(Detector):
    """Backbone, three layers of which the first strides, a 1x1 head: images (N, 3, H, W) -> (N, H / 8, W / 8, outputs).

    A subclass defines what the numbers of a cell mean, by `losses` and `scored`. `channels` and `stride` are those of the
    backbone's feature map.
    """

    MAX_OVERLAP, BATCH_SIZE = 0.5, 64

    def __init__(
        self,
        classes: int,
        outputs: int,
        backbone: nn.Module | None = None,
        channels: int = CHANNELS,
        stride: int = STRIDE,
        width: int = 128,
    ) -> None:
        super().__init__(classes, backbone)
        self.stride = 2 * stride
        halve = nn.Conv2d(channels, width, 3, stride=2, padding=1, bias=False)  # a pool would lose where things are
        first = nn.Sequential(halve, nn.BatchNorm2d(width), nn.ReLU())
        self.neck = nn.Sequential(first, block(width, width), block(width, width))
        self.head = nn.Conv2d(width, outputs, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Predict everything in one pass: (N, 3, H, W) -> (N, H / 8, W / 8, outputs)."""
        return self.head(self.neck(self.backbone(images))).permute(0, 2, 3, 1)


def first_in_slot(slot: Tensor, real: Tensor, slots: int) -> Tensor:
    """Find the object that each slot holds: slots of objects (N, T), which are real (N, T) -> indices (N, slots), -1 for none.

    Of several objects with one slot, the first takes it.

    >>> first_in_slot(torch.tensor([[2, 0, 2]]), torch.tensor([[True, False, True]]), slots=3)
    tensor([[-1, -1,  0]])
    """
    if not slot.shape[1]:
        return slot.new_full((len(slot), slots), -1)
    fits = F.one_hot(slot, slots) * real[..., None]  # (N, T, slots)
    taken, first = fits.max(1)
    return first.masked_fill(taken == 0, -1)


def pick(objects: Tensor, index: Tensor, fill: float) -> Tensor:
    """Choose objects by index, `fill` for index -1: (N, T, ...), (N, slots) -> (N, slots, ...)."""
    filler = objects.new_full((len(objects), 1, *objects.shape[2:]), fill)
    row = torch.arange(len(objects), device=objects.device)[:, None]
    return torch.cat([filler, objects], 1)[row, index + 1]


def corners(rows: int, columns: int, like: Tensor) -> Tensor:
    """List the upper left corner of every cell, in cells: -> (rows, columns, 2), x y; device and dtype are those of `like`.

    >>> corners(2, 3, torch.zeros(1))[1]
    tensor([[0., 1.],
            [1., 1.],
            [2., 1.]])
    """
    y, x = (torch.arange(cells, device=like.device, dtype=like.dtype) for cells in (rows, columns))
    return torch.stack(torch.meshgrid(x, y, indexing="xy"), -1)


def check_truth(boxes: Tensor, labels: Tensor, images: int | None = None) -> None:
    """Raise ValueError unless the ground truth is boxes (N, T, 4) and labels (N, T), and N = `images` if that is given."""
    if images not in (None, len(labels)):
        raise ValueError(f"a prediction for {images} images needs the ground truth of as many, got {len(labels)}")
    if boxes.ndim != 3 or boxes.shape != (*labels.shape, 4):
        raise ValueError(f"ground truth is boxes (N, T, 4) and labels (N, T), got {tuple(boxes.shape)}, {tuple(labels.shape)}")


def check_labels(labels: Tensor, classes: int) -> None:
    """Raise ValueError unless all labels are below C = `classes`."""
    if labels.numel() and labels.max() >= classes:
        raise ValueError(f"labels must be below C = {classes}, got {labels.max()}")
