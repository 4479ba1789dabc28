"""Non-maximum suppression: of boxes that overlap, keep the one with the highest score.

Girshick, Donahue, Darrell, Malik, Rich Feature Hierarchies for Accurate Object Detection and Semantic Segmentation, 2013,
section 2.2 (greedy, for each class independently).

Departures from the paper: none. Ties are resolved as torchvision resolves them.
"""

import numpy as np
import torch
from torch import Tensor

from cnnlib.detection.boxes import check_boxes, check_finite, in_float, iou

BLOCK = 64  # boxes: with two thousand left, a matrix of half a megabyte, which stays in the processor's cache


def nms(boxes: Tensor, scores: Tensor, max_overlap: float) -> Tensor:
    """Keep the best box, drop what overlaps it by more than `max_overlap` IoU, repeat with the rest: (M, 4), (M,) -> (K,).

    Returns the indices of the K boxes kept, the best score first and of equal scores the first one first. Raises ValueError
    if the shapes are not (M, 4), (M,), a coordinate is not finite, a score is NaN or `max_overlap` is not in 0 ... 1.

    >>> boxes = torch.tensor([[0.0, 0.0, 9.0, 9.0], [0.0, 0.0, 9.0, 8.0], [9.0, 0.0, 18.0, 9.0]])
    >>> nms(boxes, torch.tensor([0.8, 0.9, 0.7]), max_overlap=0.5)
    tensor([1, 2])
    """
    _check_scored(boxes, scores, max_overlap)
    return _suppress(boxes, scores, torch.zeros(len(boxes), dtype=torch.long), max_overlap)


def nms_by_class(boxes: Tensor, scores: Tensor, labels: Tensor, max_overlap: float) -> Tensor:
    """Suppress as `nms` does, but let a box drop only boxes of its own label: (M, 4), (M,), (M,) -> (K,).

    Raises ValueError as `nms` does, and if `labels` are not (M,) integers.

    >>> boxes = torch.tensor([[0.0, 0.0, 9.0, 9.0], [0.0, 0.0, 9.0, 8.0], [0.0, 0.0, 8.0, 9.0]])
    >>> nms_by_class(boxes, torch.tensor([0.8, 0.9, 0.7]), torch.tensor([0, 1, 1]), max_overlap=0.5)
    tensor([1, 0])
    """
    _check_scored(boxes, scores, max_overlap, labels)
    return _suppress(boxes, scores, labels.long().cpu(), max_overlap)


def _suppress(boxes: Tensor, scores: Tensor, labels: Tensor, max_overlap: float) -> Tensor:
    """Go through the boxes label by label, from the best one down, `BLOCK` at once: (M, 4), (M,), (M,) -> indices (K,).

    Every decision depends on the ones before it, so they are made on the CPU.
    """
    device, boxes, scores, kinds = scores.device, in_float(boxes.detach()).cpu(), scores.detach().cpu(), labels.cpu().numpy()
    check_finite(boxes=boxes)
    if scores.isnan().any():
        raise ValueError(f"scores must not be NaN, {scores.isnan().sum()} of {len(scores)} are")
    limit = np.array([max_overlap], float)  # of 64 bits, as torchvision compares: an IoU of 3 / 10 in float32 is above 0.3
    best_first, kept = scores.argsort(descending=True, stable=True).numpy(), np.zeros(len(boxes), bool)
    left = best_first[kinds[best_first].argsort(kind="stable")]  # by label; within a label the best is still first
    while len(left):
        block = left[:BLOCK]
        rivals = left[kinds[left] <= kinds[block[-1]]]  # the block itself too, but no boxes of later labels
        overlap = iou(boxes[torch.from_numpy(block)], boxes[torch.from_numpy(rivals)]).numpy()
        alive = _survivors((overlap <= limit) | (kinds[block, None] != kinds[rivals]))
        kept[block[alive[: len(block)]]] = True
        left = np.concatenate([rivals[len(block) :][alive[len(block) :]], left[len(rivals) :]])
    return torch.from_numpy(best_first[kept[best_first]]).to(device)


def _survivors(harmless: np.ndarray) -> np.ndarray:
    """Let each box that is still there drop later ones: (some, all), True where i is no rival of j -> alive (all,)."""
    harmless |= np.tri(*harmless.shape, dtype=bool)  # a box drops neither itself nor those before it
    alive = np.ones(harmless.shape[1], bool)
    for index, leaves in enumerate(harmless):
        if alive[index]:
            alive &= leaves
    return alive


def _check_scored(boxes: Tensor, scores: Tensor, max_overlap: float, labels: Tensor | None = None) -> None:
    check_boxes(boxes)
    columns = [scores] if labels is None else [scores, labels]
    if boxes.ndim != 2 or any(column.shape != boxes.shape[:1] for column in columns):
        shapes = ", ".join(str(tuple(column.shape)) for column in columns)
        raise ValueError(f"each of the boxes (M, 4) needs one score (and one label), got {tuple(boxes.shape)} and {shapes}")
    if labels is not None and labels.is_floating_point():
        raise ValueError(f"labels must be integers, got {labels.dtype}")
    if not 0 <= max_overlap <= 1:
        raise ValueError(f"max_overlap must be in 0 ... 1, got {max_overlap}")
