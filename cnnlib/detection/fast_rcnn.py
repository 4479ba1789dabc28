"""Fast R-CNN: Girshick, Fast R-CNN, 2015, sections 2 (the network and its two losses) and 3.1 (detection).

One pass of the backbone for an image, then a small head for each region of its map: what is in it (softmax over background
and classes), and for each class how to move the box. Both are learned at once, together with the backbone.

The numbers of a region: class 0 is the background, class k > 0 is label k - 1, as in the paper.

Departures from the paper: a backbone of 96 thousand weights with stride 4 in place of VGG-16; one hidden layer of 128, without
dropout, in place of two of 4,096; RoIAlign (Mask R-CNN, 2017) unless `pooling` is "max"; 16 images and 32 regions each for a
step, where the paper takes 2 and 64; background is any region below 0.5 IoU, not only those above 0.1; the true boxes join
the proposals while training; box targets are divided by fixed spreads, not by those measured; no flipped images.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.detection.anchors import BACKGROUND, LEFT_OUT, sample
from cnnlib.detection.average_precision import detection_scores
from cnnlib.detection.boxes import Detections, area, clip, decode, encode, iou
from cnnlib.detection.pooling import roi_align, roi_pool, rois_of
from cnnlib.detection.suppression import nms_by_class
from cnnlib.evaluation import evaluating
from cnnlib.models.backbone import CHANNELS, STRIDE

POOLING = {"align": roi_align, "max": roi_pool}
SPREAD = (0.1, 0.1, 0.2, 0.2)  # of the deltas of a region that overlaps its object by half or more
REGIONS, SHARE, POSITIVE = 32, 0.25, 0.5  # regions an image learns from, how many may be positive, and from which IoU on


class RegionHead(nn.Module):
    """Say what a region is and where its box should be: map (N, C, H', W'), rois (R, 5) -> (R, classes + 1), (R, classes, 4).

    Scores before the softmax, the background's first; deltas of each class, divided by `SPREAD`. `pooling` is "align" or
    "max", `size` the bins along each axis, `stride` that of the map. Raises ValueError for another `pooling`.

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
        self.deltas = nn.Sequential(nn.Linear(hidden, 4 * classes), nn.Unflatten(1, (classes, 4)))
        for layer, std in ((self.scores, 0.01), (self.deltas[0], 0.001)):  # section 2.3
            nn.init.normal_(layer.weight, std=std)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor, rois: Tensor) -> tuple[Tensor, Tensor]:
        """Pool the regions to one size, then one hidden layer and its two siblings."""
        y = self.fc(self.pool(x, rois, self.size, self.scale))
        return self.scores(y), self.deltas(y)

    def losses(self, x: Tensor, proposals: Tensor, boxes: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Draw regions and measure both losses: map, (N, P, 4), (N, T, 4), (N, T) -> {"class", "box"}, scalars.

        The true boxes join the proposals. Raises ValueError as `match` does.
        """
        candidates = torch.cat([proposals, boxes], 1)
        matches = match(candidates, boxes, labels)
        image, number = sample(matches, REGIONS, SHARE).nonzero(as_tuple=True)  # (R,)
        regions, objects = candidates[image, number], matches[image, number]
        labels = F.pad(labels, (1, 0), value=BACKGROUND)[image, objects + 1]  # object -1 is the column put in front
        boxes = F.pad(boxes, (0, 0, 1, 0))[image, objects + 1]
        rois = torch.cat([image[:, None], regions], 1)
        return region_losses(*self(x, rois), regions, labels + 1, boxes)

    def detect(
        self, x: Tensor, rois: Tensor, size: tuple[int, int], floor: float, threshold: float, most: int
    ) -> list[Detections]:
        """Classify and move regions, then suppress by class: map of N images, (R, 5) -> N `Detections`, best first.

        `size` is the images' (height, width). A region may be found again as another class, with another box.
        """
        scores, deltas = self(x, rois)
        scores = scores.softmax(1)[:, 1:]  # (R, classes)
        boxes = clip(decode(deltas * deltas.new_tensor(SPREAD), rois[:, None, 1:]), *size)
        found = []
        for image in range(len(x)):  # each has another number of boxes
            region, label = ((scores > floor) & (rois[:, :1] == image) & (area(boxes) > 0)).nonzero(as_tuple=True)
            kept = nms_by_class(boxes[region, label], scores[region, label], label, threshold)[:most]
            region, label = region[kept], label[kept]
            found.append(Detections(boxes[region, label], scores[region, label], label))
        return found


def match(proposals: Tensor, boxes: Tensor, labels: Tensor, positive: float = POSITIVE, lowest: float = 0.0) -> Tensor:
    """Say what each proposal learns: (N, P, 4), objects (N, T, 4), labels (N, T) -> matches (N, P).

    A match is the number of the object it overlaps most if the IoU is >= `positive`, -1 for background if it is >= `lowest`
    (the paper: 0.1), else -2: it learns nothing, nor does a box without area (padding). Raises ValueError if the shapes
    disagree.

    >>> proposals = torch.tensor([[[0.0, 0.0, 8.0, 8.0], [0.0, 4.0, 8.0, 12.0], [0.0, 0.0, 0.0, 0.0]]])
    >>> match(proposals, torch.tensor([[[0.0, 0.0, 8.0, 7.0]]]), torch.tensor([[3]]))
    tensor([[ 0, -1, -2]])
    """
    if proposals.ndim != 3 or boxes.shape != (*labels.shape, 4) or len(proposals) != len(boxes) or labels.ndim != 2:
        shapes = f"{tuple(proposals.shape)}, {tuple(boxes.shape)}, {tuple(labels.shape)}"
        raise ValueError(f"match takes proposals (N, P, 4), boxes (N, T, 4) and labels (N, T), got {shapes}")
    overlap = iou(proposals, boxes) * (labels >= 0)[:, None]  # (N, P, T)
    most, number = F.pad(overlap, (0, 1)).max(2)  # a column of zeros: there may be no objects at all
    matches = torch.where(most >= positive, number, BACKGROUND)
    return matches.masked_fill((most < lowest) | (area(proposals) == 0), LEFT_OUT)


def region_losses(scores: Tensor, deltas: Tensor, regions: Tensor, classes: Tensor, objects: Tensor) -> dict[str, Tensor]:
    """Measure equation 1: (R, K + 1), (R, K, 4), regions (R, 4), classes (R,), objects (R, 4) -> {"class", "box"}.

    The log loss of the true class, and the smooth L1 distance of its deltas where that is not background, both averaged
    over all R regions. Without regions both are 0.

    >>> box = torch.tensor([[0.0, 0.0, 8.0, 8.0]])
    >>> region_losses(torch.zeros(1, 2), torch.zeros(1, 1, 4), box, torch.tensor([1]), box + torch.tensor([1.6, 0.0, 1.6, 0.0]))
    {'class': tensor(0.6931), 'box': tensor(1.5000)}
    """
    count = max(len(classes), 1)
    positive = (classes > 0).nonzero()[:, 0]
    targets = encode(objects[positive], regions[positive]) / deltas.new_tensor(SPREAD)
    told = deltas[positive, classes[positive] - 1]  # (positives, 4)
    return {
        "class": F.cross_entropy(scores, classes, reduction="sum") / count,
        "box": F.smooth_l1_loss(told, targets, reduction="sum") / count,
    }


class FastRCNN(nn.Module):
    """A backbone and a head for regions that are proposed from outside; see `RegionHead` for the options.

    >>> from cnnlib.models.backbone import pretrained_backbone
    >>> net = FastRCNN(pretrained_backbone(), classes=5)
    >>> scores, deltas = net(torch.zeros(2, 3, 64, 64), torch.tensor([[1.0, 5.0, 7.0, 30.0, 20.0]]))
    >>> scores.shape, deltas.shape
    (torch.Size([1, 6]), torch.Size([1, 5, 4]))
    """

    def __init__(self, backbone: nn.Module, classes: int, **options: object) -> None:
        super().__init__()
        self.backbone, self.head = backbone, RegionHead(classes, **options)

    def forward(self, images: Tensor, rois: Tensor) -> tuple[Tensor, Tensor]:
        """Score regions and tell how to move them: (N, 3, H, W), (R, 5) -> (R, classes + 1), (R, classes, 4)."""
        return self.head(self.backbone(images), rois)

    def losses(self, images: Tensor, boxes: Tensor, labels: Tensor, proposals: Tensor) -> dict[str, Tensor]:
        """Measure both losses on a batch, by name: "class" and "box"; their sum is what training goes down from."""
        return self.head.losses(self.backbone(images), proposals, boxes, labels)

    def detect(
        self,
        images: Tensor,
        proposals: Tensor,
        floor: float = 0.05,
        threshold: float = 0.3,
        most: int = 100,
        batch: int = 50,
    ) -> list[Detections]:
        """Find objects among proposals: (N, 3, H, W), (N, P, 4) padded with zeros -> N `Detections` on the images' device.

        Best first, at most `most` an image. Scores of at most `floor` are dropped, then by class the boxes that overlap a
        better one by more than `threshold`. In evaluation mode, `batch` images at once. Raises ValueError if N differs.
        """
        if len(images) != len(proposals):
            raise ValueError(f"each image needs its proposals, got {len(images)} images and {len(proposals)} rows")
        found, where = [], self.head.scores.weight
        with evaluating(self):
            for some, proposed in zip(images.split(batch), proposals.split(batch), strict=True):
                x = self.backbone(some.to(where))
                found += self.head.detect(x, rois_of(proposed.to(where)), images.shape[2:], floor, threshold, most)
        return [Detections(*(part.to(images.device) for part in one)) for one in found]


class RegionDetection:
    """The objective of Fast R-CNN. Data: images, boxes (N, T, 4), labels (N, T) with -1, proposals (N, P, 4) with zeros."""

    def loss(self, model: FastRCNN, *batch: Tensor) -> Tensor:
        """Add up the two losses of a batch (lambda = 1): images, boxes, labels, proposals -> a scalar."""
        return sum(model.losses(*batch).values())

    def scores(self, model: FastRCNN, data: tuple[Tensor, ...]) -> dict[str, float]:
        """Measure average precision as COCO does: {"mAP50", "AP75", "AP50:95"}."""
        images, boxes, labels, proposals = data
        return detection_scores(model.detect(images, proposals), boxes, labels, model.head.classes)
