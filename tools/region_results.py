"""What R-CNN gains from fine-tuning, and from positives as in the paper: measured for lesson 09, stored by `tools.results`."""

import itertools
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from cnnlib import seeds, training
from cnnlib.data.scenes import SCENE_CLASSES, Scenes, scenes
from cnnlib.detection import RCNN, area, crop_and_warp, detection_scores, iou
from cnnlib.detection.proposals import padded, selective_search
from cnnlib.detection.rcnn import POOLED
from cnnlib.models.backbone import CHANNELS, classifier, pretrained_backbone
from cnnlib.results import Result

SEEDS = [0, 2, 3]  # of the training scenes, and of all else that is random; the test scenes have seed 1
CLASSES = len(SCENE_CLASSES)
COUNTS = {60: 6, 600: 3}  # training scenes: epochs of fine-tuning
RATES = {"pretrained and fine-tuned": 0.05, "fine-tuned only": 0.1}  # 0.1 is the course's; what is learned is changed with care
NEGATIVES, POSITIVE_IOU = 3, 0.5  # negatives per positive; section 2.3


class Split(NamedTuple):
    """Scenes with their proposals."""

    scenes: Scenes
    proposals: Tensor

    def first(self, count: int) -> "Split":
        """Keep the first scenes."""
        return Split(Scenes(*(part[:count] for part in self.scenes)), self.proposals[:count])


def split(count: int, seed: int) -> Split:
    """Draw scenes and propose boxes on them."""
    drawn = scenes(count, seed=seed)
    return Split(drawn, padded([selective_search(image) for image in drawn.images]))


def measured(detector: RCNN, test: Split) -> dict[str, dict[str, float]]:
    """Score a detector's boxes as proposed and moved."""
    scores = {}
    for name, regress in {"as proposed": False, "moved": True}.items():
        found = detector.detect(test.scenes.images, test.proposals, regress=regress)
        of = detection_scores(found, test.scenes.boxes, test.scenes.labels, CLASSES)
        scores[name] = {name: round(of[name], 3) for name in ("mAP50", "AP75")}
    return scores


def fitted(train: Split, backbone: nn.Module, positive_iou: float = POSITIVE_IOU) -> RCNN:
    """Fit the linear models of R-CNN on a backbone."""
    images, boxes, labels, *_ = train.scenes
    return RCNN(CLASSES, backbone).fit(images, boxes, labels, train.proposals, positive_iou=positive_iou)


def positives() -> Result:
    """Fit R-CNN's SVMs with all boxes of IoU 0.5 or more as positives, and with the ground-truth boxes only."""
    test, values = split(300, 1), {}
    trains = {seed: split(600, seed) for seed in SEEDS}
    for name, lowest in {"IoU of 0.5 or more": 0.5, "ground-truth boxes only": 1.0}.items():
        runs = {seed: measured(fitted(train, pretrained_backbone(), lowest), test) for seed, train in trains.items()}
        values[name] = {str(seed): run for seed, run in runs.items()}
    return Result("R-CNN on 300 scenes, by what is a positive for its SVMs; 600 training scenes of each seed.", SEEDS, values)


def regions(train: Split, seed: int) -> tuple[Tensor, Tensor]:
    """Cut out all positives, and three negatives for each, to fine-tune on: -> crops (R, 3, 32, 32), labels (R,)."""
    images, boxes, labels, *_ = train.scenes
    real = labels >= 0
    candidates = torch.cat([train.proposals, boxes * real[..., None]], 1)
    is_box = area(candidates) > 0
    share, index = (iou(candidates, boxes) * real[:, None]).max(2)
    kinds = torch.where(share >= POSITIVE_IOU, labels.gather(1, index), CLASSES)[is_box]  # the last class is the background
    rois = torch.cat([is_box.nonzero()[:, :1].float(), candidates[is_box]], 1)
    positive, negative = ((kinds < CLASSES) == is_object for is_object in (True, False))
    order = torch.randperm(int(negative.sum()), generator=torch.Generator().manual_seed(seed))
    chosen = torch.cat([positive.nonzero()[:, 0], negative.nonzero()[order[: NEGATIVES * int(positive.sum())], 0]])
    return crop_and_warp(images, rois[chosen], RCNN(CLASSES).size, RCNN(CLASSES).context), kinds[chosen]


def tuned(train: Split, name: str, seed: int) -> nn.Module:
    """Make a backbone: pretrained on crops, or trained on regions, or both."""
    seeds.seed(seed)
    backbone = classifier()[:-2] if name == "fine-tuned only" else pretrained_backbone()
    if name in RATES:
        head = nn.AdaptiveMaxPool2d(POOLED), nn.Flatten(), nn.Linear(CHANNELS * POOLED**2, CLASSES + 1)
        options: dict[str, Any] = dict(epochs=COUNTS[len(train.proposals)], batch_size=128, rate=RATES[name], seed=seed)
        list(training.fit(nn.Sequential(backbone, *head), regions(train, seed), **options))
    return backbone


def fine_tuning() -> Result:
    """Fit R-CNN on a backbone that is pretrained on crops, fine-tuned on regions, or both, from 60 and from 600 scenes."""
    test, names = split(300, 1), ("pretrained", *RATES)
    values: dict[str, dict] = {str(count): {name: {} for name in names} for count in COUNTS}
    for seed in SEEDS:
        train = split(max(COUNTS), seed)
        for count, name in itertools.product(COUNTS, names):
            part = train.first(count)
            values[str(count)][name][str(seed)] = measured(fitted(part, tuned(part, name, seed)), test)
    return Result("R-CNN on 300 scenes, by what its backbone was trained on, from 60 and 600 training scenes.", SEEDS, values)
