"""How good a detector is: precision and recall of one class, and the area under them by VOC's and by COCO's rules.

Everingham et al., "The Pascal Visual Object Classes (VOC) Challenge", 2010, section 4.2 (11 points); the devkit of VOC 2010,
section 3.4.1 (all points); COCO's evaluation as pycocotools computes it (101 points). The ground truth is padded: boxes
(N, T, 4) in pixels, labels (N, T), -1 where there is no object. Predictions are a list of N `Detections`. Everything is
computed in float64 on the CPU, and so are the results. Departures from the paper: those of `cnnlib.detection.matching`.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from cnnlib.detection.detections import Detections
from cnnlib.detection.matching import judge

COCO_OVERLAPS = np.linspace(0.5, 0.95, 10)
COCO_MAX_COUNT = 100  # detections per image and class that count, the highest scores first
POINTS = ("all", 11, 101)


class Curve(NamedTuple):
    """Recall and precision of one class if the first 1 ... M detections are kept, and the scores, from the highest down."""

    recall: Tensor
    precision: Tensor
    scores: Tensor


def precision_recall(
    predictions: Sequence[Detections], boxes: Tensor, labels: Tensor, label: int, min_overlap: float = 0.5, rule: str = "free"
) -> Curve:
    """Walk down the detections of one class: N x (M, 4), (N, T, 4), (N, T) -> a curve of as many points as detections.

    From the highest score down, over all images, each detection takes the object of its class and image that it overlaps
    most, if their intersection over union is at least `min_overlap`. That is a true positive (a hit); every other detection,
    including a second one of the same object, is a false positive. Precision = hits / detections so far, recall = hits /
    objects (NaN if the class has none). Scores that tie keep their order.

    `rule` says which objects a detection may choose from: "free", those not yet taken (COCO); "any", where a detection that
    chooses a taken object is a false positive (VOC's devkit). Raises ValueError for shapes that disagree, a true box without
    an area, numbers that are not finite, a negative label, a `min_overlap` outside 0 < `min_overlap` <= 1 or any other rule.

    >>> one, twice = torch.tensor([[[0.0, 0.0, 10.0, 10.0]]]), torch.tensor([[0.0, 0.0, 10.0, 9.0], [0.0, 0.0, 10.0, 8.0]])
    >>> detections = Detections(twice, torch.tensor([0.5, 0.75]), torch.tensor([3, 3]))
    >>> precision_recall([detections], one, torch.tensor([[3]]), label=3).precision
    tensor([1.0000, 0.5000], dtype=torch.float64)
    """
    judged = judge(predictions, boxes, labels, _overlaps(label, min_overlap), rule)
    hits = judged.hits[judged.labels == label, 0]
    precision, recall = _curve(hits, int((labels == label).sum()))
    return Curve(*map(torch.from_numpy, (recall, precision, judged.scores[judged.labels == label])))


def average_precision(
    predictions: Sequence[Detections],
    boxes: Tensor,
    labels: Tensor,
    label: int,
    min_overlap: float = 0.5,
    points: str | int = "all",
    rule: str = "free",
) -> float:
    """Average the precision of one class over its recall: N x (M, 4), (N, T, 4), (N, T) -> 0 ... 1, NaN if it has no object.

    At each recall the precision counted is the best at this or a higher recall (0 if none is reached). `points` says
    where it is read: "all", the area under that staircase (VOC from 2010 on); 11, at 0, 0.1 ... 1 (VOC until 2009);
    101, at 0, 0.01 ... 1 (COCO). Hits, `rule` and errors are those of `precision_recall`; also raises ValueError for any
    other `points`.

    >>> truth, labels = torch.tensor([[[0.0, 0.0, 10.0, 10.0], [20.0, 0.0, 30.0, 10.0]]]), torch.tensor([[3, 3]])
    >>> detections = Detections(truth[0, [0, 0]], torch.tensor([0.75, 0.5]), torch.tensor([3, 3]))
    >>> average_precision([detections], truth, labels, label=3)
    0.5
    """
    if points not in POINTS:
        raise ValueError(f"points must be one of {list(POINTS)}, got {points!r}")
    judged = judge(predictions, boxes, labels, _overlaps(label, min_overlap), rule)
    return _area(judged.hits[judged.labels == label, 0], int((labels == label).sum()), points)


def detection_scores(predictions: Sequence[Detections], boxes: Tensor, labels: Tensor, classes: int) -> dict[str, float]:
    """Score a detector as COCO does: N x (M, 4), (N, T, 4), (N, T) -> {"mAP50", "AP75", "AP50:95"}, each in 0 ... 1.

    Each is the mean over the classes that occur in the ground truth of the average precision read at 101 recalls, with a
    minimal overlap of 0.5, of 0.75, and averaged over 0.5, 0.55 ... 0.95. The 100 highest scores per image and class count.
    Equal to pycocotools' COCOeval (boxes, all areas, no crowds). Raises ValueError as `precision_recall` does, and if there is
    no object or a label is not in 0 ... classes - 1.

    >>> truth, labels = torch.tensor([[[0.0, 0.0, 10.0, 10.0], [0.0, 0.0, 0.0, 0.0]]]), torch.tensor([[3, -1]])
    >>> lower = Detections(torch.tensor([[0.0, 0.0, 10.0, 8.0]]), torch.tensor([0.75]), torch.tensor([3]))
    >>> detection_scores([lower], truth, labels, classes=5)
    {'mAP50': 1.0, 'AP75': 1.0, 'AP50:95': 0.7}
    """
    judged = judge(predictions, boxes, labels, COCO_OVERLAPS, max_count=COCO_MAX_COUNT)
    found, objects = np.unique(labels[labels >= 0].cpu().numpy(), return_counts=True)
    if not len(found):
        raise ValueError(f"detection_scores needs at least one object, all {labels.numel()} labels are -1")
    highest = max(found.max(), judged.labels.max(initial=0))
    if highest >= classes:
        raise ValueError(f"labels must be in 0 ... classes - 1 = {classes - 1}, got {highest}")
    table = [
        [_area(hits, count, 101) for hits in judged.hits[judged.labels == label].T]
        for label, count in zip(found, objects, strict=True)
    ]
    at = np.mean(table, 0)  # (overlaps,)
    return {"mAP50": at[0].item(), "AP75": at[5].item(), "AP50:95": at.mean().item()}


def _curve(hits: np.ndarray, objects: int) -> tuple[np.ndarray, np.ndarray]:
    total = hits.cumsum()
    return total / np.arange(1, len(hits) + 1), total / (objects or np.nan)


def _area(hits: np.ndarray, objects: int, points: str | int) -> float:
    if not objects:
        return float("nan")
    precision, recall = _curve(hits, objects)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    if points == "all":  # recall grows by 1 / objects at every hit and nowhere else
        return best[hits].sum().item() / objects
    reached = np.searchsorted(recall, np.linspace(0, 1, int(points)))
    return np.append(best, 0)[reached].mean().item()


def _overlaps(label: int, min_overlap: float) -> np.ndarray:
    if label < 0 or not 0 < min_overlap <= 1:
        raise ValueError(f"label must be at least 0 and min_overlap in 0 < min_overlap <= 1, got {label=}, {min_overlap=}")
    return np.array([min_overlap])
