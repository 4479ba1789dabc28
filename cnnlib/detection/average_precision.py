"""How good a detector is: precision and recall of one class, and the area under them by VOC's and by COCO's rules.

Everingham et al., "The Pascal Visual Object Classes (VOC) Challenge", 2010, section 4.2 (matching, 11 points); the devkit of
VOC 2010, section 3.4.1 (all points); COCO's evaluation as pycocotools computes it (101 points). Truth is padded: boxes
(N, T, 4) in pixels, labels (N, T), -1 where there is no object. Predictions are a list of N `Detections`. Everything is
computed in float64 on the processor. Departures from the paper: no + 1 in the widths of boxes, no object is "difficult"
(or a "crowd", in COCO), and a detection chooses among the objects not yet taken unless `rule` says otherwise.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from cnnlib.detection.boxes import iou
from cnnlib.detection.detections import Detections

COCO_THRESHOLDS = np.linspace(0.5, 0.95, 10)
COCO_MOST = 100  # detections of an image and class that count, the highest scores first
POINTS = ("all", 11, 101)
RULES = ("free", "any")


class Curve(NamedTuple):
    """Recall and precision of one class if the first 1 ... M detections are kept, and the scores, from the highest down."""

    recall: Tensor
    precision: Tensor
    scores: Tensor


class _Judged(NamedTuple):
    """The detections of all images from the highest score down; `hits` (M, thresholds) are those that found an object."""

    labels: np.ndarray
    scores: np.ndarray
    hits: np.ndarray


def precision_recall(
    predictions: Sequence[Detections], boxes: Tensor, labels: Tensor, label: int, threshold: float = 0.5, rule: str = "free"
) -> Curve:
    """Walk down the detections of one class: N x (M, 4), (N, T, 4), (N, T) -> a curve of as many points as detections.

    From the highest score down, over all images, each detection takes the object of its class and image that it overlaps
    most, if their intersection over union is at least `threshold`. That is a hit; every other detection, a second one of
    the same object too, is a false positive. Precision = hits / detections so far, recall = hits / objects (NaN if the
    class has none). Scores that tie keep their order.

    `rule` says which objects a detection may choose from: "free", those not yet taken (COCO); "any", and if the one chosen
    is taken, it is false (VOC's devkit). Raises ValueError for shapes that disagree, a true box without an area, numbers
    that are not finite, a negative label, a threshold outside 0 < threshold <= 1 or another rule.

    >>> one, twice = torch.tensor([[[0.0, 0.0, 10.0, 10.0]]]), torch.tensor([[0.0, 0.0, 10.0, 9.0], [0.0, 0.0, 10.0, 8.0]])
    >>> detections = Detections(twice, torch.tensor([0.5, 0.75]), torch.tensor([3, 3]))
    >>> precision_recall([detections], one, torch.tensor([[3]]), label=3).precision
    tensor([1.0000, 0.5000], dtype=torch.float64)
    """
    judged = _judge(predictions, boxes, labels, _asked(label, threshold), rule)
    hits = judged.hits[judged.labels == label, 0]
    precision, recall = _curve(hits, (labels == label).sum().item())
    return Curve(*map(torch.from_numpy, (recall, precision, judged.scores[judged.labels == label])))


def average_precision(
    predictions: Sequence[Detections],
    boxes: Tensor,
    labels: Tensor,
    label: int,
    threshold: float = 0.5,
    points: str | int = "all",
    rule: str = "free",
) -> float:
    """Average the precision of one class over its recall: N x (M, 4), (N, T, 4), (N, T) -> 0 ... 1, NaN if it has no object.

    At each recall the precision counted is the best at this or a higher recall (0 if none is reached). `points` says
    where it is read: "all", the area under that staircase (VOC from 2010 on); 11, at 0, 0.1 ... 1 (VOC until 2009);
    101, at 0, 0.01 ... 1 (COCO). Hits, `rule` and errors as in `precision_recall`; raises ValueError for other points too.

    >>> truth, labels = torch.tensor([[[0.0, 0.0, 10.0, 10.0], [20.0, 0.0, 30.0, 10.0]]]), torch.tensor([[3, 3]])
    >>> detections = Detections(truth[0, [0, 0]], torch.tensor([0.75, 0.5]), torch.tensor([3, 3]))
    >>> average_precision([detections], truth, labels, label=3)
    0.5
    """
    if points not in POINTS:
        raise ValueError(f"points must be one of {list(POINTS)}, got {points!r}")
    judged = _judge(predictions, boxes, labels, _asked(label, threshold), rule)
    return _area(judged.hits[judged.labels == label, 0], (labels == label).sum().item(), points)


def detection_scores(predictions: Sequence[Detections], boxes: Tensor, labels: Tensor, classes: int) -> dict[str, float]:
    """Score a detector as COCO does: N x (M, 4), (N, T, 4), (N, T) -> {"mAP50", "AP75", "AP50:95"}, each in 0 ... 1.

    Each is the mean over the classes that occur in the truth of the average precision read at 101 recalls, at a threshold
    of 0.5, of 0.75, and over 0.5, 0.55 ... 0.95. The 100 highest scores of an image and class count. Equal to
    pycocotools' COCOeval (boxes, all areas, no crowds). Raises ValueError as `precision_recall` does, and if the truth is empty
    or a label is not in 0 ... classes - 1.

    >>> truth, labels = torch.tensor([[[0.0, 0.0, 10.0, 10.0], [0.0, 0.0, 0.0, 0.0]]]), torch.tensor([[3, -1]])
    >>> lower = Detections(torch.tensor([[0.0, 0.0, 10.0, 8.0]]), torch.tensor([0.75]), torch.tensor([3]))
    >>> detection_scores([lower], truth, labels, classes=5)
    {'mAP50': 1.0, 'AP75': 1.0, 'AP50:95': 0.7}
    """
    judged = _judge(predictions, boxes, labels, COCO_THRESHOLDS, most=COCO_MOST)
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
    at = np.mean(table, 0)  # (thresholds,)
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
    reached = np.searchsorted(recall, np.linspace(0, 1, points))
    return np.append(best, 0)[reached].mean().item()


def _judge(
    predictions: Sequence[Detections],
    boxes: Tensor,
    labels: Tensor,
    thresholds: np.ndarray,
    rule: str = "free",
    most: int | None = None,
) -> _Judged:
    if rule not in RULES:
        raise ValueError(f"rule must be one of {list(RULES)}, got {rule!r}")
    _check_truth(predictions, boxes, labels)
    _check_predictions(predictions)
    if rule == "free":  # of two objects that are overlapped equally COCO takes the later one, argmax the earlier
        boxes, labels = boxes.flip(1), labels.flip(1)
    image = np.repeat(np.arange(len(boxes)), [len(one.scores) for one in predictions])
    found = torch.cat([one.labels for one in predictions]).long().cpu().numpy()
    scores = torch.cat([one.scores for one in predictions]).detach().cpu().double().numpy()
    overlaps = [
        iou(one.boxes.detach().cpu().double(), truth) for one, truth in zip(predictions, boxes.cpu().double(), strict=True)
    ]
    overlaps = np.where(found[:, None] == labels.cpu().numpy()[image], torch.cat(overlaps).numpy(), -1)  # (M, T)

    order = np.argsort(-scores, kind="stable")
    image, found, scores, overlaps = image[order], found[order], scores[order], overlaps[order]
    rank = _ranks(image * (found.max(initial=0) + 1) + found)
    kept = rank < (most or len(rank))
    return _Judged(found[kept], scores[kept], _match(overlaps[kept], image[kept], rank[kept], thresholds, rule))


def _ranks(groups: np.ndarray) -> np.ndarray:
    """Number the members of each group from 0 in their order: (M,) -> (M,)."""
    order = np.argsort(groups, kind="stable")
    ranks = np.empty_like(order)
    ranks[order] = np.arange(len(order)) - np.searchsorted(groups[order], groups[order])
    return ranks


def _match(overlaps: np.ndarray, image: np.ndarray, rank: np.ndarray, thresholds: np.ndarray, rule: str) -> np.ndarray:
    """Let detections take objects: the first of every image and class at once, then the second ones: -> (M, thresholds)."""
    thresholds = np.minimum(thresholds, 1 - 1e-10)  # so that rounding does not cost a perfect box its hit
    hits = np.zeros((len(overlaps), len(thresholds)), bool)
    free = np.ones((image.max(initial=0) + 1, len(thresholds), overlaps.shape[1]), bool)
    for turn in range(rank.max(initial=-1) + 1):
        rows = np.flatnonzero(rank == turn)  # no two of them want the same object
        open_ones = free[image[rows]]  # (rows, thresholds, T)
        wanted = np.where(open_ones | (rule == "any"), overlaps[rows, None], -1)
        best = wanted.argmax(2)[..., None]
        near, is_open = (np.take_along_axis(of, best, 2)[..., 0] for of in (wanted, open_ones))
        hits[rows] = (near >= thresholds) & is_open
        row, column = np.nonzero(hits[rows])
        free[image[rows[row]], column, best[row, column, 0]] = False
    return hits


def _asked(label: int, threshold: float) -> np.ndarray:
    if label < 0 or not 0 < threshold <= 1:
        raise ValueError(f"label must be at least 0 and threshold in 0 < threshold <= 1, got {label=}, {threshold=}")
    return np.array([threshold])


def _check_truth(predictions: Sequence[Detections], boxes: Tensor, labels: Tensor) -> None:
    if boxes.shape != (*labels.shape, 4) or labels.ndim != 2 or not labels.numel() or len(predictions) != len(labels):
        raise ValueError(
            "truth is boxes (N, T, 4) and labels (N, T), N and T > 0, with N predictions; "
            f"got {tuple(boxes.shape)}, {tuple(labels.shape)}, {len(predictions)}"
        )
    if labels.is_floating_point() or labels.min() < -1:
        raise ValueError(f"labels are whole numbers from -1 (no object) up, got {labels.dtype} from {labels.min()}")
    corners = boxes[labels >= 0]
    broken = corners[~(corners.isfinite().all(1) & (corners[:, :2] < corners[:, 2:]).all(1))]
    if len(broken):
        raise ValueError(f"a true box is x1 y1 x2 y2 with x1 < x2 and y1 < y2, got {broken[0].tolist()}")


def _check_predictions(predictions: Sequence[Detections]) -> None:
    for number, (boxes, scores, labels) in enumerate(predictions):
        if scores.ndim != 1 or labels.shape != scores.shape or boxes.shape != (len(scores), 4) or labels.is_floating_point():
            given = ", ".join(f"{tuple(part.shape)} {part.dtype}" for part in (boxes, scores, labels))
            raise ValueError(
                f"predictions[{number}] must be boxes (M, 4), scores (M,) and labels (M,), whole numbers; got {given}"
            )
        if not (boxes.isfinite().all() and scores.isfinite().all() and (labels >= 0).all()):
            raise ValueError(f"predictions[{number}] has a box or a score that is not finite, or a label below 0")
