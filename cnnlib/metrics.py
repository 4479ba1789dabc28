"""How good a prediction is: accuracy for classifiers, pixels and overlaps for segmentation.

Detectors are scored in `cnnlib.detection.average_precision`.
"""

import torch
from torch import Tensor


def accuracy(scores: Tensor, labels: Tensor) -> float:
    """Count how often the highest score is the right one: (N, K), (N,) -> a fraction in 0 ... 1.

    A row of scores with NaN predicts no class and counts as wrong. Raises ValueError if the shapes disagree, N is 0 or the
    labels are not integers.

    >>> import torch
    >>> accuracy(torch.tensor([[0.1, 0.9], [0.8, 0.2]]), torch.tensor([1, 1]))
    0.5
    """
    if scores.ndim != 2 or labels.shape != scores.shape[:1] or not scores.numel() or labels.is_floating_point():
        given = f"{tuple(scores.shape)}, {tuple(labels.shape)} {labels.dtype}"
        raise ValueError(f"accuracy takes scores (N, K), labels (N,) of integers, N > 0 and K > 0; got {given}")
    right = (scores.argmax(1) == labels.to(scores.device)) & ~scores.isnan().any(1)
    return right.sum().item() / len(labels)


def confusion(predicted: Tensor, truth: Tensor, classes: int, ignore: int | None = 255) -> Tensor:
    """Count which class is predicted as which: (...), (...) -> (classes, classes) integers, rows truth, columns predicted.

    Pixels whose true class is `ignore` are left out, whatever is predicted there: 255 is the border around VOC's objects.
    The counts of several batches may be added. Raises ValueError if the shapes disagree, a tensor does not hold integers, a
    counted pixel has no class in 0 ... classes - 1, or `ignore` is one of the classes.

    >>> confusion(torch.tensor([0, 1, 1, 1]), torch.tensor([0, 0, 1, 255]), classes=2)
    tensor([[1, 1],
            [0, 1]])
    """
    if predicted.shape != truth.shape or any(t.is_floating_point() or t.is_complex() for t in (predicted, truth)):
        given = (f"{tuple(t.shape)} {t.dtype}" for t in (predicted, truth))
        raise ValueError(f"confusion takes integers in two tensors of one shape, got {', '.join(given)}")
    if classes < 1 or (ignore is not None and 0 <= ignore < classes):
        raise ValueError(f"confusion needs classes >= 1 and an ignore outside 0 ... classes - 1, got {classes=}, {ignore=}")
    truth, predicted = truth.long(), predicted.long().to(truth.device)  # bytes would overflow below
    if ignore is not None:
        truth, predicted = truth[truth != ignore], predicted[truth != ignore]
    for name, values in (("truth", truth), ("predicted", predicted)):
        if values.numel() and (values.min() < 0 or values.max() >= classes):
            raise ValueError(f"{name} must be in 0 ... {classes - 1}, got {values.min()} ... {values.max()}")
    return torch.bincount((truth * classes + predicted).flatten(), minlength=classes**2).view(classes, classes)


def pixel_accuracy(confusion: Tensor) -> float:
    """Compute the share of pixels whose class is predicted: (K, K) -> a fraction in 0 ... 1 (Long et al. 2015, section 5).

    Large classes weigh most: predicting background everywhere scores well. Raises ValueError if no pixel is counted.

    >>> pixel_accuracy(torch.tensor([[6, 1], [1, 0]]))
    0.75
    """
    counts = _counts(confusion)
    if not counts.sum():
        raise ValueError("pixel_accuracy needs at least one pixel, the confusion matrix is all zeros")
    return (counts.trace() / counts.sum()).item()


def intersection_over_union(confusion: Tensor) -> Tensor:
    """Divide the intersection of truth and prediction by their union, class by class: (K, K) -> (K,) in 0 ... 1.

    n_kk / (row sum k + column sum k - n_kk), in float64 on the CPU. NaN for a class that is in neither; 0 for one that is
    only in one of them.

    >>> intersection_over_union(torch.tensor([[6, 1, 0], [1, 0, 0], [0, 0, 0]]))
    tensor([0.7500, 0.0000,    nan], dtype=torch.float64)
    """
    counts = _counts(confusion)
    shared = counts.diagonal()
    return shared / (counts.sum(0) + counts.sum(1) - shared)


def mean_iou(confusion: Tensor) -> float:
    """Average the intersection over union of the classes that occur: (K, K) -> a fraction in 0 ... 1.

    Long et al. 2015, section 5, "mean IU", but classes in neither truth nor prediction are left out; in the paper's data every
    class occurs. Equal to torchmetrics' MulticlassJaccardIndex, which counts over all images first and leaves out the same
    classes (class by class it shows them as 0, not NaN). Its MeanIoU is equal on a single image: for several it averages over
    all pairs of an image and a class that occurs in it. Raises ValueError if no pixel is counted.

    >>> mean_iou(torch.tensor([[6, 1, 0], [1, 0, 0], [0, 0, 0]]))
    0.375
    """
    if not _counts(confusion).sum():
        raise ValueError("mean_iou needs at least one pixel, the confusion matrix is all zeros")
    return intersection_over_union(confusion).nanmean().item()


def _counts(confusion: Tensor) -> Tensor:
    wrong = ~((confusion >= 0) & confusion.isfinite())
    if confusion.ndim != 2 or confusion.shape[0] != confusion.shape[1] or wrong.any():
        given = f"{tuple(confusion.shape)}, {wrong.sum()} of them negative or not finite"
        raise ValueError(f"a confusion matrix is (K, K) counts, got {given}")
    return confusion.cpu().double()  # on the CPU: not every device has float64
