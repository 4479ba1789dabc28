"""The stored results of lesson 10: which part of RoIAlign helps, and what a focal loss changes in a region proposal network."""

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch.nn import functional as F

from cnnlib import seeds, training
from cnnlib.data.scenes import Scenes, scenes
from cnnlib.detection import DetectionObjective, Detector, FasterRCNN, FastRCNN
from cnnlib.detection.anchors import LEFT_OUT, assign
from cnnlib.detection.average_precision import detection_scores
from cnnlib.detection.pooling import roi_align, roi_pool
from cnnlib.detection.proposals import padded, recall, selective_search
from cnnlib.detection.rpn import anchor_losses, best_proposals
from cnnlib.results import Result
from tools import ROOT
from tools.definitions import definitions

SEEDS = [0, 1, 2]
PRIOR = 0.01  # the objectness of every anchor before training, where the loss is of all anchors (RetinaNet, section 3.3)
Pooling = Callable[[Tensor, Tensor, int, float], Tensor]


def rounded_mean(x: Tensor, rois: Tensor, size: int, scale: float) -> Tensor:
    """Average the bins of RoI pooling: (N, C, H, W), (R, 5) -> (R, C, size, size).

    >>> rois = torch.tensor([[0.0, 0.0, 0.0, 11.0, 3.0]])
    >>> rounded_mean(torch.tensor([[[[1.0, 2.0, 6.0, 7.0]]]]), rois, size=1, scale=1 / 4)
    tensor([[[[4.]]]])
    """
    x1, y1, x2, y2 = (rois[:, 1:] * scale + 0.5).floor().unbind(1)
    columns, rows = _bins(x1, x2, size, x.shape[3]), _bins(y1, y2, size, x.shape[2])
    return torch.einsum("rih,rchw,rjw->rcij", rows, x[rois[:, 0].long()], columns)


def _bins(start: Tensor, end: Tensor, size: int, limit: int) -> Tensor:
    """Write the mean of each bin along one axis as weights: rounded ends (R,) -> (R, size, limit), 0 for an empty bin."""
    step, index = (end - start + 1)[:, None] / size, torch.arange(size)
    first, after = (index * step).floor() + start[:, None], ((index + 1) * step).ceil() + start[:, None]
    place = torch.arange(limit)
    inside = ((place >= first[:, :, None]) & (place < after[:, :, None])).to(start)
    return inside / inside.sum(2, keepdim=True).clamp(min=1)


def aligned_max(x: Tensor, rois: Tensor, size: int, scale: float) -> Tensor:
    """Take the maximum of RoIAlign's four points in each bin: (N, C, H, W), (R, 5) -> (R, C, size, size).

    >>> aligned_max(torch.zeros(2, 3, 16, 16), torch.tensor([[1.0, 5.0, 7.0, 30.0, 20.0]]), size=7, scale=1 / 4).shape
    torch.Size([1, 3, 7, 7])
    """
    return F.max_pool2d(roi_align(x, rois, 2 * size, scale, sampling=1), 2)


Trained = TypeVar("Trained", bound=Detector)
POOLINGS: dict[str, Pooling] = {
    "rounded, maximum": roi_pool,
    "rounded, mean": rounded_mean,
    "aligned, maximum": aligned_max,
    "aligned, mean": roi_align,
}


class WithFocal(FasterRCNN):
    """Faster R-CNN whose objectness is trained on all anchors by a loss of one `gamma`, not on sampled ones."""

    def __init__(self, classes: int, focal: Callable[[Tensor, Tensor, float], Tensor], gamma: float, **options: Any) -> None:
        super().__init__(classes, **options)
        self.focal, self.gamma = focal, gamma
        torch.nn.init.constant_(self.rpn.cls.get_parameter("bias"), math.log(PRIOR / (1 - PRIOR)))

    def losses(self, images: Tensor, boxes: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Measure the losses of `FasterRCNN`, but for "objectness"."""
        x = self.backbone(images)
        (logits, deltas), laid = self.rpn(x), self.rpn.anchors(x)
        first = anchor_losses(logits, deltas, laid, boxes, labels)
        matches = assign(laid, boxes, labels)
        trained = matches != LEFT_OUT
        first["objectness"] = self.focal(logits[trained], matches[trained] >= 0, self.gamma)
        proposals, _ = best_proposals(logits, deltas, laid, *images.shape[2:])
        return first | self.head.losses(x, boxes, labels, proposals)


def trained(build: Callable[[], Trained], seed: int, data: Sequence[Tensor]) -> Trained:
    """Build and train a detector as lesson 10 does, with all random numbers from `seed`."""
    seeds.seed(seed)
    net = build()
    options: dict[str, Any] = dict(objective=DetectionObjective(), optimizer=training.adamw, batch_size=16, clip=5.0)
    for _ in training.fit(net, data, epochs=3, seed=seed, **options):
        pass
    return net


def with_pooling(pooling: Pooling) -> FastRCNN:
    """Build the Fast R-CNN of lesson 10 with any pooling."""
    net = FastRCNN(5, size=5)
    net.head.pool = pooling
    return net


def measured(net: Detector, test: Scenes, *inputs: Tensor) -> dict[str, float]:
    """Measure average precision on new scenes, to three decimals."""
    scores = detection_scores(net.detect(test.images, *inputs), *test[1:3], classes=5)
    return {name: round(value, 3) for name, value in scores.items()}


def first_covered(net: FasterRCNN, test: Scenes, count: int = 8) -> float:
    """Measure the share of objects that one of the first `count` proposals covers with an IoU of 0.7 or more."""
    proposed, there = net.propose(test.images, count), (test.labels >= 0).sum(1)
    covered = torch.tensor([recall(one.boxes, objects, 0.7) for one, objects in zip(proposed, test.boxes, strict=True)])
    return round(((covered * there).sum() / there.sum()).item(), 3)


def pooling_control(seeds_of: Sequence[int] = SEEDS) -> Result:
    """Train the Fast R-CNN of lesson 10 with corners rounded or not, and with maxima or means."""
    train, test = scenes(1200), scenes(300, seed=1)
    proposals, test_proposals = (padded([selective_search(image) for image in part.images]) for part in (train, test))
    values: dict[str, dict[str, dict[str, float]]] = {name: {} for name in POOLINGS}
    for (name, pooling), seed in itertools.product(POOLINGS.items(), seeds_of):
        net = trained(lambda pooling=pooling: with_pooling(pooling), seed, (*train[:3], proposals))
        values[name][str(seed)] = measured(net, test, test_proposals)
    about = "Average precision of Fast R-CNN on 300 new scenes after three epochs on 1,200, by seed."
    return Result(about, list(seeds_of), values)


def focal_loss(seeds_of: Sequence[int] = SEEDS) -> Result:
    """Train the Faster R-CNN of lesson 10 on sampled anchors, on all of them, and on all of them with a focal loss."""
    focal = definitions(ROOT / "solutions" / "10_faster_rcnn.md", "focal", torch=torch, F=F)["focal"]
    train, test = scenes(1200), scenes(300, seed=1)
    builds: dict[str, Callable[[], FasterRCNN]] = {
        "64 sampled, cross-entropy": lambda: FasterRCNN(5, size=5),
        "all, cross-entropy": lambda: WithFocal(5, focal, gamma=0, size=5),
        "all, focal loss": lambda: WithFocal(5, focal, gamma=2, size=5),
    }
    values: dict[str, dict[str, dict[str, float]]] = {name: {} for name in builds}
    for (name, build), seed in itertools.product(builds.items(), seeds_of):
        net = trained(build, seed, train[:3])
        values[name][str(seed)] = measured(net, test) | {"recall": first_covered(net, test)}
    about = "Average precision of Faster R-CNN on 300 new scenes, and the recall at IoU 0.7 of its first 8 proposals, by seed."
    return Result(about, list(seeds_of), values)
