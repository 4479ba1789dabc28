"""Faster R-CNN: Ren, He, Girshick, Sun, Faster R-CNN: Towards Real-Time Object Detection with Region Proposal Networks, 2015.

Fast R-CNN whose proposals come from a network on the same feature map (`cnnlib.detection.rpn`): four losses, one backbone. All
are trained at once, and proposals are treated as constants: "approximate joint training", section 3.2 (ii).

Departures from the paper: those of `cnnlib.detection.rpn` and `cnnlib.detection.fast_rcnn`; training uses the 256 proposals of
the highest objectness without NMS, where the paper has 2,000 after it; detection uses the 50 best after NMS, not 300.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from cnnlib.detection.detections import Detections
from cnnlib.detection.detector import Detector, check_count
from cnnlib.detection.fast_rcnn import RegionHead
from cnnlib.detection.rois import rois_of
from cnnlib.detection.rpn import MAX_OVERLAP, RPN, anchor_losses, best_proposals, suppress_proposals
from cnnlib.models.backbone import CHANNELS, STRIDE

MAX_PROPOSALS = 50  # per image, after NMS


class FasterRCNN(Detector):
    """Propose regions and judge them, on one feature map: `backbone`, `rpn` and `head`; `forward` returns the proposals.

    `anchors` are options of `RPN`, the others those of `RegionHead`; `channels` and `stride` are those of the backbone's map.

    >>> net = FasterRCNN(classes=5)
    >>> boxes, objectness = net(torch.zeros(2, 3, 64, 64))
    >>> boxes.shape, objectness.shape
    (torch.Size([2, 256, 4]), torch.Size([2, 256]))
    """

    def __init__(
        self,
        classes: int,
        backbone: nn.Module | None = None,
        anchors: dict[str, Any] | None = None,
        channels: int = CHANNELS,
        stride: int = STRIDE,
        **options: Any,
    ) -> None:
        super().__init__(classes, backbone)
        self.rpn = RPN(channels, stride, **anchors or {})
        self.head = RegionHead(classes, channels=channels, stride=stride, **options)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Propose the boxes of the highest objectness, before NMS: (N, 3, H, W) -> (N, P, 4), (N, P)."""
        x = self.backbone(images)
        logits, deltas = self.rpn(x)
        return best_proposals(logits, deltas, self.rpn.anchors(x), *images.shape[2:])

    def losses(self, images: Tensor, boxes: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Measure all four losses on a batch, by name: "objectness", "anchor box", "class", "box"."""
        x = self.backbone(images)
        (logits, deltas), anchors = self.rpn(x), self.rpn.anchors(x)
        first = anchor_losses(logits, deltas, anchors, boxes, labels)
        proposals, _ = best_proposals(logits, deltas, anchors, *images.shape[2:])
        return first | self.head.losses(x, boxes, labels, proposals)

    def scored(self, images: Tensor, *, max_proposals: int = MAX_PROPOSALS) -> list[tuple[Tensor, ...]]:
        """Score and move the best proposals: (N, 3, H, W) -> N pairs of boxes (R_n, classes, 4), scores (R_n, classes)."""
        x = self.backbone(images)
        proposed = self._proposed(x, images.shape[2:], max_proposals, MAX_OVERLAP)
        return self.head.scored(x, rois_of(pad_sequence([one.boxes for one in proposed], batch_first=True)))

    def propose(
        self,
        images: Tensor,
        max_proposals: int = MAX_PROPOSALS,
        max_overlap: float = MAX_OVERLAP,
        batch_size: int | None = None,
        moved: bool = True,
    ) -> list[Detections]:
        """Run the first stage alone: (N, 3, H, W) -> N `Detections` of label 0, score = objectness, best first.

        At most `max_proposals` per image, after NMS, on the images' device. A `max_overlap` of 1 suppresses nothing, and with
        `moved=False` the boxes are the anchors themselves. Raises ValueError as `detect` does.
        """

        def step(images: Tensor) -> list[Detections]:
            return self._proposed(self.backbone(images), images.shape[2:], max_proposals, max_overlap, moved)

        found = self.by_batch(step, images, batch_size=batch_size)
        return [Detections(*(part.to(images.device) for part in one)) for one in found]

    def _proposed(
        self, x: Tensor, size: torch.Size, max_proposals: int, max_overlap: float, moved: bool = True
    ) -> list[Detections]:
        check_count("max_proposals", max_proposals)
        logits, deltas = self.rpn(x)
        boxes, objectness = best_proposals(logits, deltas if moved else torch.zeros_like(deltas), self.rpn.anchors(x), *size)
        return suppress_proposals(boxes, objectness, size, max_proposals, max_overlap)
