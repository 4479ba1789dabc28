"""What all detectors share: classes, a backbone, one way to detect, and one objective to train and to measure them."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from numbers import Integral, Real
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from cnnlib.detection.average_precision import detection_scores
from cnnlib.detection.boxes import check_finite
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
        are those of `scored`. Raises ValueError if the images are not (N, 3, H, W) finite floats, N differs, `min_score` or
        `max_overlap` is not in 0 ... 1, or a count is not a whole number; TypeError for inputs or options that do not exist.
        """
        min_score = self.MIN_SCORE if min_score is None else min_score
        max_overlap = self.MAX_OVERLAP if max_overlap is None else max_overlap
        max_count = self.MAX_COUNT if max_count is None else max_count
        for name, share in (("min_score", min_score), ("max_overlap", max_overlap)):
            if not isinstance(share, Real | Tensor) or not 0 <= share <= 1:
                raise ValueError(f"{name} must be in 0 ... 1, got {share}")
        check_count("max_count", max_count)
        self._check_call(images, *inputs, **options)

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

    def _check_call(self, *inputs: Any, **options: Any) -> None:
        called = inspect.signature(self.scored)
        try:
            called.bind(*inputs, **options)
        except TypeError as error:
            names = {name: part.kind is part.KEYWORD_ONLY for name, part in called.parameters.items()}
            tensors, by_name = ([name for name, last in names.items() if last is kind] for kind in (False, True))
            takes = f"takes {' and '.join(tensors)}, then options by name, of its own {by_name or 'none'}"
            raise TypeError(f"{type(self).__name__}.detect {takes}: {error}") from None


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


def check_count(name: str, count: int, lowest: int = 0) -> None:
    """Raise ValueError unless `count` is a whole number of at least `lowest`."""
    if not isinstance(count, Integral) or count < lowest:
        raise ValueError(f"{name} must be a whole number of at least {lowest}, got {count}")


def _check(images: Tensor, inputs: Sequence[Tensor], batch_size: int) -> None:
    if not isinstance(images, Tensor):
        raise ValueError(f"a detector takes float images (N, 3, H, W) as one tensor, got {type(images).__name__}")
    if images.ndim != 4 or images.shape[1] != 3 or not images.is_floating_point():
        raise ValueError(f"a detector takes float images (N, 3, H, W), got {tuple(images.shape)} {images.dtype}")
    check_finite(images=images)
    for proposals in inputs:
        if not isinstance(proposals, Tensor):
            raise ValueError(f"a detector takes images and proposals as tensors and options by name, got {proposals!r}")
        if len(proposals) != len(images):
            raise ValueError(f"each image needs its proposals, got {len(images)} images and {len(proposals)} rows")
    check_count("batch_size", batch_size, 1)
