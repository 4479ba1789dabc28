"""Faster R-CNN: Ren, He, Girshick, Sun, Faster R-CNN: Towards Real-Time Object Detection with Region Proposal Networks, 2015.

Fast R-CNN whose proposals come from a network on the same map (`cnnlib.detection.rpn`): four losses, one backbone. All are
learned at once, and a proposal is taken for a constant: "approximate joint training", section 3.2 (ii).

Departures from the paper: those of `cnnlib.detection.rpn` and `cnnlib.detection.fast_rcnn`; training uses the 256 proposals of
the highest objectness without NMS, where the paper has 2,000 after it; detection uses the 50 best after NMS, not 300.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.detection.average_precision import detection_scores
from cnnlib.detection.boxes import Detections
from cnnlib.detection.fast_rcnn import RegionHead
from cnnlib.detection.rpn import RPN, anchor_losses, best_proposals, thin_out
from cnnlib.evaluation import evaluating

PROPOSALS = 50  # an image, after NMS
Stage = Callable[[Tensor, list[Detections]], list[Detections]]


class FasterRCNN(nn.Module):
    """Propose regions and judge them, on one map: `backbone`, `rpn` and `head`; `forward` gives the proposals.

    `anchors` are options of `RPN`, the others those of `RegionHead`.

    >>> from cnnlib.models.backbone import pretrained_backbone
    >>> net = FasterRCNN(pretrained_backbone(), classes=5)
    >>> boxes, objectness = net(torch.zeros(2, 3, 64, 64))
    >>> boxes.shape, objectness.shape
    (torch.Size([2, 256, 4]), torch.Size([2, 256]))
    """

    def __init__(self, backbone: nn.Module, classes: int, anchors: dict[str, object] | None = None, **options: object) -> None:
        super().__init__()
        self.backbone, self.rpn, self.head = backbone, RPN(**anchors or {}), RegionHead(classes, **options)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Propose the boxes of the highest objectness, before NMS: (N, 3, H, W) -> (N, P, 4), (N, P)."""
        x = self.backbone(images)
        return best_proposals(*self.rpn(x), self.rpn.anchors(x), *images.shape[2:])

    def losses(self, images: Tensor, boxes: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Measure all four losses on a batch, by name: "objectness", "anchor box", "class", "box"."""
        x = self.backbone(images)
        (logits, deltas), anchors = self.rpn(x), self.rpn.anchors(x)
        first = anchor_losses(logits, deltas, anchors, boxes, labels)
        proposals, _ = best_proposals(logits, deltas, anchors, *images.shape[2:])
        return first | self.head.losses(x, proposals, boxes, labels)

    def propose(self, images: Tensor, proposals: int = PROPOSALS, batch: int = 50) -> list[Detections]:
        """Show what the first stage alone finds: (N, 3, H, W) -> N `Detections` of label 0, score = objectness, best first.

        At most `proposals` an image, after NMS, on the images' device; in evaluation mode, `batch` images at once.
        """
        return self._run(images, proposals, batch, lambda x, proposed: proposed)

    def detect(
        self,
        images: Tensor,
        proposals: int = PROPOSALS,
        floor: float = 0.05,
        threshold: float = 0.3,
        most: int = 100,
        batch: int = 50,
    ) -> list[Detections]:
        """Find objects: (N, 3, H, W) -> N `Detections` on the images' device, best first, at most `most` an image.

        The second stage judges the best `proposals` of the first; `floor` and `threshold` as in `FastRCNN.detect`.
        """

        def judge(x: Tensor, proposed: list[Detections]) -> list[Detections]:
            rois = torch.cat([F.pad(one.boxes, (1, 0), value=image) for image, one in enumerate(proposed)])
            return self.head.detect(x, rois, images.shape[2:], floor, threshold, most)

        return self._run(images, proposals, batch, judge)

    def _run(self, images: Tensor, proposals: int, batch: int, second: Stage) -> list[Detections]:
        found, where = [], self.head.scores.weight
        with evaluating(self):
            for some in images.split(batch):
                x = self.backbone(some.to(where))
                boxes, objectness = best_proposals(*self.rpn(x), self.rpn.anchors(x), *images.shape[2:])
                found += second(x, thin_out(boxes, objectness, proposals))
        return [Detections(*(part.to(images.device) for part in one)) for one in found]


class JointDetection:
    """The objective of Faster R-CNN. Data: images (N, 3, H, W), boxes (N, T, 4), labels (N, T), -1 where there is no object."""

    def loss(self, model: FasterRCNN, *batch: Tensor) -> Tensor:
        """Add up the four losses of a batch: images, boxes, labels -> a scalar."""
        return sum(model.losses(*batch).values())

    def scores(self, model: FasterRCNN, data: tuple[Tensor, ...]) -> dict[str, float]:
        """Measure average precision as COCO does: {"mAP50", "AP75", "AP50:95"}."""
        images, boxes, labels = data
        return detection_scores(model.detect(images), boxes, labels, model.head.classes)
