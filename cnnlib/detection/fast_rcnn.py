"""Fast R-CNN: Girshick, Fast R-CNN, 2015, sections 2 (the network and its two losses) and 3.1 (detection).

The backbone runs once per image, then a small head runs on each region of its feature map. The head predicts what is in the
region (a softmax over background and classes) and, for each class, how to move the box. Both are trained at once, together with
the backbone.

Among the classes of a region, 0 is the background and k > 0 is label k - 1, as in the paper.

Departures from the paper: a backbone of 96 thousand weights with stride 4 in place of VGG-16; one hidden layer of 128, without
dropout, in place of two of 4,096; RoIAlign (Mask R-CNN, 2017) unless `pooling` is "max"; 16 images with 32 regions each per
step, where the paper takes 2 and 64; background is any region below 0.5 IoU, not only those above 0.1; the ground-truth boxes
join the proposals in training; box targets are divided by fixed standard deviations, not by measured ones; no flipped images.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.detection.anchors import BACKGROUND, LEFT_OUT, sample
from cnnlib.detection.boxes import area, decode, encode, in_float, iou
from cnnlib.detection.detector import Detector
from cnnlib.detection.pooling import roi_align, roi_pool
from cnnlib.detection.rois import as_rois, rois_of, split_by_image
from cnnlib.models.backbone import CHANNELS, STRIDE

POOLING = {"align": roi_align, "max": roi_pool}
DELTA_STD = (0.1, 0.1, 0.2, 0.2)  # standard deviations of the deltas of regions that overlap their object by half or more
REGIONS = 32  # sampled per image in training
POSITIVE_SHARE, POSITIVE_IOU = 0.25, 0.5  # section 2.3: at most a quarter of them is positive, from an IoU of 0.5 on


class RegionHead(nn.Module):
    """Classify regions and move their boxes: map (N, C, H', W'), rois (R, 5) -> (R, classes + 1), (R, classes, 4).

    The first output is the scores before the softmax, the background's first; the second is the deltas of each class, divided
    by `DELTA_STD`. `pooling` is "align" or "max", `size` the bins along each axis, `stride` that of the map. Raises ValueError
    for any other `pooling`.

    >>> head = RegionHead(classes=5, size=4)
    >>> [y.shape for y in head(torch.zeros(2, 64, 16, 16), torch.tensor([[1.0, 5.0, 7.0, 30.0, 20.0]]))]
    [torch.Size([1, 6]), torch.Size([1, 5, 4])]
    """

    def __init__(
        self,
        classes: int,
        pooling: str = "align",
        size: int = 7,
        hidden: int = 128,
        channels: int = CHANNELS,
        stride: int = STRIDE,
    ) -> None:
        super().__init__()
        if pooling not in POOLING:
            raise ValueError(f"pooling must be one of {list(POOLING)}, got {pooling!r}")
        self.pool, self.size, self.scale, self.classes = POOLING[pooling], size, 1 / stride, classes
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(channels * size**2, hidden), nn.ReLU())
        self.scores = nn.Linear(hidden, classes + 1)
        deltas = nn.Linear(hidden, 4 * classes)
        self.deltas = nn.Sequential(deltas, nn.Unflatten(1, (classes, 4)))
        for layer, std in ((self.scores, 0.01), (deltas, 0.001)):  # section 2.3
            nn.init.normal_(layer.weight, std=std)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor, rois: Tensor) -> tuple[Tensor, Tensor]:
        """Pool the regions to one size, then apply the hidden layer and the two layers that follow it."""
        y = self.fc(self.pool(x, rois, self.size, self.scale))
        return self.scores(y), self.deltas(y)

    def losses(self, x: Tensor, boxes: Tensor, labels: Tensor, proposals: Tensor) -> dict[str, Tensor]:
        """Sample regions and measure both losses: map, (N, T, 4), (N, T), (N, P, 4) -> {"class", "box"}, scalars.

        The ground-truth boxes join the proposals. Raises ValueError as `match` does.
        """
        candidates = torch.cat([proposals, boxes], 1)
        matches = match(candidates, boxes, labels)
        image, index = sample(matches, REGIONS, POSITIVE_SHARE).nonzero(as_tuple=True)  # (R,)
        regions, objects = candidates[image, index], matches[image, index]
        labels = F.pad(labels, (1, 0), value=BACKGROUND)[image, objects + 1]  # object -1 is the column put in front
        boxes = F.pad(boxes, (0, 0, 1, 0))[image, objects + 1]
        rois = as_rois(image, regions)
        scores, deltas = self(x, rois)
        return region_losses(scores, deltas, regions, boxes, labels + 1)

    def scored(self, x: Tensor, rois: Tensor) -> list[tuple[Tensor, ...]]:
        """Score and move regions: map of N images, (R, 5) -> N pairs of boxes (R_n, classes, 4) and scores (R_n, classes)."""
        scores, deltas = self(x, rois)
        boxes = decode(deltas * deltas.new_tensor(DELTA_STD), rois[:, None, 1:])
        return split_by_image(rois, len(x), boxes, scores.softmax(1)[:, 1:])


def match(proposals: Tensor, boxes: Tensor, labels: Tensor, positive: float = POSITIVE_IOU, lowest: float = 0.0) -> Tensor:
    """Find what each proposal is trained on: (N, P, 4), objects (N, T, 4), labels (N, T) -> matches (N, P).

    A match is the index of the object that the proposal overlaps most if the IoU is >= `positive`, else -1 for background if it
    is >= `lowest` (the paper: 0.1), else -2: the proposal is not trained on, and neither is a box without area (padding).
    Raises ValueError if the shapes disagree.

    >>> proposals = torch.tensor([[[0.0, 0.0, 8.0, 8.0], [0.0, 4.0, 8.0, 12.0], [0.0, 0.0, 0.0, 0.0]]])
    >>> match(proposals, torch.tensor([[[0.0, 0.0, 8.0, 7.0]]]), torch.tensor([[3]]))
    tensor([[ 0, -1, -2]])
    """
    if proposals.ndim != 3 or boxes.shape != (*labels.shape, 4) or len(proposals) != len(boxes) or labels.ndim != 2:
        shapes = f"{tuple(proposals.shape)}, {tuple(boxes.shape)}, {tuple(labels.shape)}"
        raise ValueError(f"match takes proposals (N, P, 4), boxes (N, T, 4) and labels (N, T), got {shapes}")
    overlap = iou(proposals, boxes) * (labels >= 0)[:, None]  # (N, P, T)
    best, index = F.pad(overlap, (0, 1)).max(2)  # a column of zeros: there may be no objects at all
    matches = torch.where(best >= positive, index, BACKGROUND)
    return matches.masked_fill((best < lowest) | (area(proposals) == 0), LEFT_OUT)


def region_losses(scores: Tensor, deltas: Tensor, regions: Tensor, objects: Tensor, classes: Tensor) -> dict[str, Tensor]:
    """Measure equation 1: (R, K + 1), (R, K, 4), regions (R, 4), objects (R, 4), classes (R,) -> {"class", "box"}.

    "class" is the log loss of the true class, "box" the smooth L1 distance of its deltas where that is not background, both
    averaged over all R regions. Without regions both are 0.

    >>> box = torch.tensor([[0.0, 0.0, 8.0, 8.0]])
    >>> region_losses(torch.zeros(1, 2), torch.zeros(1, 1, 4), box, box + torch.tensor([1.6, 0.0, 1.6, 0.0]), torch.tensor([1]))
    {'class': tensor(0.6931), 'box': tensor(1.5000)}
    """
    scores, deltas, count = in_float(scores), in_float(deltas), max(len(classes), 1)
    positive = (classes > 0).nonzero()[:, 0]
    targets = encode(objects[positive], regions[positive]) / deltas.new_tensor(DELTA_STD)
    predicted = deltas[positive, classes[positive] - 1]  # (positives, 4)
    return {
        "class": F.cross_entropy(scores, classes, reduction="sum") / count,
        "box": F.smooth_l1_loss(predicted, targets, reduction="sum") / count,
    }


class FastRCNN(Detector):
    """A backbone and a head for regions that are proposed from outside; see `RegionHead` for the options.

    >>> net = FastRCNN(classes=5)
    >>> scores, deltas = net(torch.zeros(2, 3, 64, 64), torch.tensor([[1.0, 5.0, 7.0, 30.0, 20.0]]))
    >>> scores.shape, deltas.shape
    (torch.Size([1, 6]), torch.Size([1, 5, 4]))
    """

    def __init__(self, classes: int, backbone: nn.Module | None = None, **options: Any) -> None:
        super().__init__(classes, backbone)
        self.head = RegionHead(classes, **options)

    def forward(self, images: Tensor, rois: Tensor) -> tuple[Tensor, Tensor]:
        """Score regions and predict how to move them: (N, 3, H, W), (R, 5) -> (R, classes + 1), (R, classes, 4)."""
        return self.head(self.backbone(images), rois)

    def losses(self, images: Tensor, boxes: Tensor, labels: Tensor, proposals: Tensor) -> dict[str, Tensor]:
        """Measure both losses on a batch, by name: "class" and "box"; training minimises their sum (lambda = 1)."""
        return self.head.losses(self.backbone(images), boxes, labels, proposals)

    def scored(self, images: Tensor, proposals: Tensor) -> list[tuple[Tensor, ...]]:
        """Score and move proposals: (N, 3, H, W), (N, P, 4) -> N pairs of boxes (R_n, classes, 4), scores (R_n, classes)."""
        return self.head.scored(self.backbone(images), rois_of(proposals))
