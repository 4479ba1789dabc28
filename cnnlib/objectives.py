"""What a training minimises and what it reports: one class per task."""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib import metrics
from cnnlib.evaluation import outputs, predict

Data = Sequence[Tensor]  # tensors that agree on their first axis: images, labels, ...
IGNORED = 255  # the label of pixels that are left out: VOC's borders


class Objective(Protocol):
    """A task: the loss of a batch, which is minimised, and the scores of a whole set, which are reported."""

    def loss(self, model: nn.Module, *batch: Tensor) -> Tensor:
        """Measure how wrong the model is on one batch: a scalar to minimise."""
        ...

    def scores(self, model: nn.Module, data: Data) -> dict[str, float]:
        """Measure how good the model is on a whole set, by name."""
        ...


class Classification:
    """Images (N, 3, H, W) to labels (N,): trained on the cross-entropy, scored by the accuracy."""

    def loss(self, model: nn.Module, *batch: Tensor) -> Tensor:
        """Take the cross-entropy of a batch: images (N, C, H, W), labels (N,) -> a scalar."""
        images, labels = batch
        return F.cross_entropy(model(images), labels)

    def scores(self, model: nn.Module, data: Data) -> dict[str, float]:
        """Measure the accuracy on images and labels."""
        images, labels = data
        return {"accuracy": metrics.accuracy(predict(model, images), labels)}


class Segmentation:
    """Images (N, 3, H, W) to a label per pixel (N, H, W): trained on the cross-entropy, scored by the overlap of regions.

    Pixels labelled `IGNORED` are left out of both.
    """

    def loss(self, model: nn.Module, *batch: Tensor) -> Tensor:
        """Take the mean cross-entropy over all pixels: images (N, C, H, W), labels (N, H, W) -> a scalar."""
        images, labels = batch
        return F.cross_entropy(model(images), labels, ignore_index=IGNORED)

    def scores(self, model: nn.Module, data: Data) -> dict[str, float]:
        """Measure mean IoU and pixel accuracy over all images together; logits are kept of one batch at a time."""
        images, labels = data
        counts, start = torch.zeros((), dtype=torch.long), 0
        for logits in outputs(model, images, batch_size=64):  # (n, K, H, W); with 256, maps at full size would take 400 MB
            truth = labels[start : start + len(logits)].to(logits.device)
            counts = metrics.confusion(logits.argmax(1), truth, logits.shape[1], IGNORED).cpu() + counts
            start += len(logits)
        return {"mean IoU": metrics.mean_iou(counts), "pixel accuracy": metrics.pixel_accuracy(counts)}
