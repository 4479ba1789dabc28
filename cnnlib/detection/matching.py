"""Which detections find an object: matching by score and overlap, as the rules of VOC and of COCO say.

Everingham et al., "The Pascal Visual Object Classes (VOC) Challenge", 2010, section 4.2; COCO's evaluation as pycocotools
computes it. Departures from the paper: no + 1 in the widths of boxes, no object is "difficult" (or a "crowd", in COCO), and a
detection chooses among the objects not yet taken unless `rule` says otherwise.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from cnnlib.detection.boxes import iou
from cnnlib.detection.detections import Detections

RULES = ("free", "any")


class Judged(NamedTuple):
    """The detections of all images from the highest score down; `hits` (M, overlaps) are those that found an object."""

    labels: np.ndarray
    scores: np.ndarray
    hits: np.ndarray


def judge(
    predictions: Sequence[Detections],
    boxes: Tensor,
    labels: Tensor,
    min_overlaps: np.ndarray,
    rule: str = "free",
    max_count: int | None = None,
) -> Judged:
    """Find out which detections are hits at each minimal overlap: N x (M, 4), (N, T, 4), (N, T), (overlaps,) -> `Judged`.

    `max_count` limits the detections per image and class, `rule` is explained in `precision_recall`. Raises ValueError as that
    does.
    """
    if rule not in RULES:
        raise ValueError(f"rule must be one of {list(RULES)}, got {rule!r}")
    _check_truth(predictions, boxes, labels)
    _check_predictions(predictions)
    if rule == "free":  # of two objects with equal overlap COCO takes the later one, argmax the earlier
        boxes, labels = boxes.flip(1), labels.flip(1)
    image = np.repeat(np.arange(len(boxes)), [len(one.scores) for one in predictions])
    found = torch.cat([one.labels.cpu() for one in predictions]).long().numpy()
    scores = torch.cat([one.scores.detach().cpu() for one in predictions]).double().numpy()
    overlaps = [
        iou(one.boxes.detach().cpu().double(), truth) for one, truth in zip(predictions, boxes.cpu().double(), strict=True)
    ]
    overlaps = np.where(found[:, None] == labels.cpu().numpy()[image], torch.cat(overlaps).numpy(), -1)  # (M, T)

    order = np.argsort(-scores, kind="stable")
    image, found, scores, overlaps = image[order], found[order], scores[order], overlaps[order]
    rank = _ranks(image * (found.max(initial=0) + 1) + found)
    counted = rank < (max_count or len(rank))
    matched = _match(overlaps[counted], image[counted], rank[counted], min_overlaps, rule)
    return Judged(found[counted], scores[counted], matched)


def _ranks(groups: np.ndarray) -> np.ndarray:
    """Count the members of each group from 0 in their order: (M,) -> (M,)."""
    order = np.argsort(groups, kind="stable")
    ranks = np.empty_like(order)
    ranks[order] = np.arange(len(order)) - np.searchsorted(groups[order], groups[order])
    return ranks


def _match(overlaps: np.ndarray, image: np.ndarray, rank: np.ndarray, min_overlaps: np.ndarray, rule: str) -> np.ndarray:
    """Let detections take objects: the first of every image and class at once, then the second ones: -> (M, overlaps)."""
    min_overlaps = np.minimum(min_overlaps, 1 - 1e-10)  # so that rounding does not cost a perfect box its hit
    hits = np.zeros((len(overlaps), len(min_overlaps)), bool)
    free = np.ones((image.max(initial=0) + 1, len(min_overlaps), overlaps.shape[1]), bool)
    for turn in range(rank.max(initial=-1) + 1):
        rows = np.flatnonzero(rank == turn)  # no two of them want the same object
        open_ones = free[image[rows]]  # (rows, overlaps, T)
        wanted = np.where(open_ones | (rule == "any"), overlaps[rows, None], -1)
        best = wanted.argmax(2)[..., None]
        near, is_open = (np.take_along_axis(of, best, 2)[..., 0] for of in (wanted, open_ones))
        hits[rows] = (near >= min_overlaps) & is_open
        row, column = np.nonzero(hits[rows])
        free[image[rows[row]], column, best[row, column, 0]] = False
    return hits


def _check_truth(predictions: Sequence[Detections], boxes: Tensor, labels: Tensor) -> None:
    if boxes.shape != (*labels.shape, 4) or labels.ndim != 2 or not labels.numel() or len(predictions) != len(labels):
        raise ValueError(
            "the ground truth is boxes (N, T, 4) and labels (N, T), N and T > 0, with N predictions; "
            f"got {tuple(boxes.shape)}, {tuple(labels.shape)}, {len(predictions)}"
        )
    if labels.is_floating_point() or labels.min() < -1:
        raise ValueError(f"labels are integers from -1 (no object) up, got {labels.dtype} from {labels.min()}")
    corners = boxes[labels >= 0]
    broken = corners[~(corners.isfinite().all(1) & (corners[:, :2] < corners[:, 2:]).all(1))]
    if len(broken):
        raise ValueError(f"a true box is x1 y1 x2 y2 with x1 < x2 and y1 < y2, got {broken[0].tolist()}")


def _check_predictions(predictions: Sequence[Detections]) -> None:
    for index, (boxes, scores, labels) in enumerate(predictions):
        if scores.ndim != 1 or labels.shape != scores.shape or boxes.shape != (len(scores), 4) or labels.is_floating_point():
            given = ", ".join(f"{tuple(part.shape)} {part.dtype}" for part in (boxes, scores, labels))
            raise ValueError(f"predictions[{index}] must be boxes (M, 4), scores (M,) and labels (M,), integers; got {given}")
        if not (boxes.isfinite().all() and scores.isfinite().all() and (labels >= 0).all()):
            raise ValueError(f"predictions[{index}] has a box or a score that is not finite, or a label below 0")
