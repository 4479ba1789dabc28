"""What all detectors share: classes, a backbone, one way to detect, and one objective to train and to measure them."""

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from cnnlib.detection.average_precision import detection_scores
from cnnlib.detection.detections import Detections, suppress
from cnnlib.evaluation import evaluating
from cnnlib.models.backbone import pretrained_backbone

Result = TypeVar("Result")


class Detector(nn.Module):
    """A network with `classes`, a `backbone` (by default the course's own, pretrained) and `detect`.

    A subclass defines `scored(images, *inputs)`, which returns for each image boxes (M, 4) or (M, C, 4) in pixels, neither
    clipped nor suppressed, and their scores (M, C) in 0 ... 1 for C classes. One that is trained by gradient descent also
    defines `losses(images, boxes, labels, *inputs)` -> {name: scalar}. The `inputs` are proposals (N, P, 4), padded with boxes
    of zeros, for a detector that needs them. The four attributes in capitals are the defaults of `detect`.
    """

    scored: Callable[..., Iterable[tuple[Tensor, ...]]]
    losses: Callable[..., dict[str, Tensor]]
    MIN_SCORE, MAX_OVERLAP, MAX_COUNT, BATCH_SIZE = 0.05, 0.3, 100, 50

    def __init__(self, classes: int, backbone: nn.Module | None = None) -> None:
        super().__init__()
        self.classes = classes
        self.backbone = pretrained_backbone() if backbone is None else backbone

    def detect(
        self,
        images: Tensor,
        *inputs: Tensor,
        min_score: float | None = None,
        max_overlap: float | None = None,
        max_count: int | None = None,
        batch_size: int | None = None,
        **options: Any,
    ) -> list[Detections]:
        """Find objects: (N, 3, H, W), and proposals (N, P, 4) if needed -> N `Detections` on the images' device, best first.

        Scores of at most `min_score` are dropped, then per class the boxes that overlap a better one by more than
        `max_overlap`; at most `max_count` per image are kept. Runs in evaluation mode, `batch_size` images at a time; `options`
        are those of `scored`. Raises ValueError if the images are not (N, 3, H, W) floats, N differs or a number is negative.
        """
        min_score = self.MIN_SCORE if min_score is None else min_score
        max_overlap = self.MAX_OVERLAP if max_overlap is None else max_overlap
        max_count = self.MAX_COUNT if max_count is None else max_count
        if max_count < 0:
            raise ValueError(f"max_count must be at least 0, got {max_count}")

        def step(images: Tensor, *inputs: Tensor) -> list[Detections]:
            size = images.shape[2:]
            scored = self.scored(images, *inputs, **options)
            return [suppress(boxes, scores, size, min_score, max_overlap, max_count) for boxes, scores in scored]

        found = self.by_batch(step, images, *inputs, batch_size=batch_size)
        return [Detections(*(part.to(images.device) for part in one)) for one in found]

    def by_batch(
        self, step: Callable[..., Sequence[Result]], images: Tensor, *inputs: Tensor, batch_size: int | None = None
    ) -> list[Result]:
        """Run `step` in evaluation mode on `batch_size` images and their inputs at a time, and chain what it returns.

        Each batch is moved to the network's device. Raises ValueError as `detect` does.
        """
        batch_size = self.BATCH_SIZE if batch_size is None else batch_size
        _check(images, inputs, batch_size)
        like = next(self.parameters())
        results: list[Result] = []
        with evaluating(self):
            for start in range(0, len(images), batch_size):
                batch, *rest = (part[start : start + batch_size] for part in (images, *inputs))
                results += step(batch.to(like), *(part.to(like.device) for part in rest))
        return results


class DetectionObjective:
    """The objective of every detector that is trained by gradient descent.

    Data: images (N, 3, H, W), boxes (N, T, 4), labels (N, T) with -1 where there is no object, and the detector's inputs.
    """

    def loss(self, model: Detector, *batch: Tensor) -> Tensor:
        """Add up the losses of a batch: images, boxes, labels, inputs -> a scalar."""
        return reduce(torch.add, model.losses(*batch).values())

    def scores(self, model: Detector, data: Sequence[Tensor]) -> dict[str, float]:
        """Measure average precision as COCO does: {"mAP50", "AP75", "AP50:95"}."""
        images, boxes, labels, *inputs = data
        return detection_scores(model.detect(images, *inputs), boxes, labels, model.classes)


def _check(images: Tensor, inputs: Sequence[Tensor], batch_size: int) -> None:
    if images.ndim != 4 or not images.is_floating_point():
        raise ValueError(f"a detector takes float images (N, 3, H, W), got {tuple(images.shape)} {images.dtype}")
    for proposals in inputs:
        if not isinstance(proposals, Tensor):
            raise ValueError(f"a detector takes images and proposals as tensors and options by name, got {proposals!r}")
        if len(proposals) != len(images):
            raise ValueError(f"each image needs its proposals, got {len(images)} images and {len(proposals)} rows")
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")
