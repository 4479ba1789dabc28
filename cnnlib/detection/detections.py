"""From scored boxes to detections, the last step of every detector, and detections beside the ground truth."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from cnnlib.detection.boxes import area, clip, iou
from cnnlib.detection.suppression import nms_by_class


class Detections(NamedTuple):
    """What was found on one image: `boxes` (M, 4), `scores` (M,) in [0, 1], `labels` (M,); usually the best first."""

    boxes: Tensor
    scores: Tensor
    labels: Tensor


def suppress(
    boxes: Tensor, scores: Tensor, size: Sequence[int], min_score: float, max_overlap: float, max_count: int
) -> Detections:
    """Turn the scored boxes of one image into detections, best first: (M, 4) or (M, C, 4), scores (M, C) -> `Detections`.

    A box has a score for each of C classes, and may have coordinates for each. Scores of at most `min_score` are dropped. The
    boxes are clipped to `size` = (height, width), and those that keep no area are dropped. Of the boxes of one class, those
    that overlap a better one by more than `max_overlap` IoU are dropped. The best `max_count` are kept.

    >>> boxes = torch.tensor([[0.0, 0.0, 9.0, 9.0], [0.0, 0.0, 9.0, 8.0], [-9.0, 0.0, 0.0, 9.0]])
    >>> scores = torch.tensor([[0.75, 0.0], [0.875, 0.5], [0.625, 0.0]])    # the third box is outside the image
    >>> suppress(boxes, scores, (16, 16), min_score=0.05, max_overlap=0.5, max_count=100).scores
    tensor([0.8750, 0.5000])
    """
    box, label = (scores > min_score).nonzero(as_tuple=True)
    boxes = clip(boxes[box, label] if boxes.ndim == 3 else boxes[box], *size)
    scores, inside = scores[box, label], area(boxes) > 0
    boxes, scores, label = boxes[inside], scores[inside], label[inside]
    kept = nms_by_class(boxes, scores, label, max_overlap)[:max_count]
    return Detections(boxes[kept], scores[kept], label[kept])


def ground_truth(boxes: Tensor, labels: Tensor) -> list[Detections]:
    """Write padded ground truth as detections of score 1: boxes (N, T, 4), labels (N, T), -1 for none -> N detections.

    >>> [len(one.labels) for one in ground_truth(torch.zeros(2, 3, 4), torch.tensor([[4, 0, -1], [-1, -1, -1]]))]
    [2, 0]
    """
    found = []
    for box, label in zip(boxes, labels, strict=True):
        real = label >= 0
        found.append(Detections(box[real], box.new_ones(int(real.sum())), label[real]))
    return found


def best_overlaps(true: Detections, found: Detections, min_score: float) -> Tensor:
    """Measure how well each object is covered by a box of its class that scores at least `min_score`: -> IoU or 0 (T,)."""
    fits = (true.labels[:, None] == found.labels) & (found.scores >= min_score)
    overlap = iou(true.boxes, found.boxes) * fits  # (T, M)
    return torch.cat([overlap, overlap.new_zeros(len(overlap), 1)], 1).amax(1)
