"""What R-CNN and SPPNet share: features of a region are classified by one linear SVM per class, and ridge regression moves its
box. The two differ in how they compute those features.

Girshick, Donahue, Darrell, Malik, Rich Feature Hierarchies for Accurate Object Detection and Semantic Segmentation, 2013,
sections 2.2 and 2.3 (SVMs and suppression), appendix B (which regions are positive) and appendix C (box regression).

Departures from the paper: the network is not fine-tuned on regions; a region is positive from an IoU of 0.5 with an object of
the class on (the paper: only the ground-truth boxes are, which is `positive_iou=1`); hard negatives are sought once, among
regions already described; features are scaled to mean 0 and standard deviation 1, and lambda = 100 suits those (the paper:
1,000). Where the paper is silent: squared hinge with C = 0.003, and the margin m of an SVM becomes the score
1 / (1 + exp(-m)).
"""

from typing import Any, Self, cast

import torch
from torch import Tensor, nn

from cnnlib import memory
from cnnlib.detection.boxes import area, decode, encode, in_float, iou
from cnnlib.detection.detections import Detections
from cnnlib.detection.detector import Detector
from cnnlib.detection.rois import rois_of, split_by_image

POSITIVE_IOU, NEGATIVE_IOU = 0.5, 0.3  # a region is trained on as its class from the first on, as background below the second
REGRESSION_IOU = 0.6  # boxes are regressed from this IoU on (appendix C)
NEGATIVE_STEP = 4  # every fourth negative is trained on before the hard ones are found
C, LAMBDA = 3e-3, 100.0


class RegionClassifier(Detector):
    """Detect objects among proposals with a frozen network and linear models on its features; a subclass defines `features`.

    `passes` counts the images, or crops, that the last `fit` or `detect` sent through the network. The buffers hold what `fit`
    learns for D = `width` features of mean 0 and standard deviation 1: `svm_weight` (classes, D), `svm_bias` (classes,),
    `ridge_weight` (classes, 4, D), `ridge_bias` (classes, 4), and the `mean` and `std` (D,) of the features before scaling.
    """

    MIN_SCORE, BATCH_SIZE = 0.25, 16
    mean: Tensor
    std: Tensor
    svm_weight: Tensor
    svm_bias: Tensor
    ridge_weight: Tensor
    ridge_bias: Tensor

    def __init__(self, classes: int, backbone: nn.Module | None = None, width: int = 0) -> None:
        super().__init__(classes, backbone)
        self.passes = 0
        learned = {
            "mean": (width,),
            "std": (width,),
            "svm_weight": (classes, width),
            "svm_bias": (classes,),
            "ridge_weight": (classes, 4, width),
            "ridge_bias": (classes, 4),
        }
        for name, shape in learned.items():
            self.register_buffer(name, torch.zeros(shape))

    def features(self, images: Tensor, rois: Tensor) -> Tensor:
        """Describe regions by D numbers each: (N, 3, H, W), (R, 5) -> (R, D)."""
        raise NotImplementedError(f"{type(self).__name__} does not define features")

    def fit(
        self, images: Tensor, boxes: Tensor, labels: Tensor, proposals: Tensor, *, positive_iou: float = POSITIVE_IOU
    ) -> Self:
        """Train on images (N, 3, H, W), objects (N, T, 4), labels (N, T) with -1 and proposals (N, P, 4) with zeros.

        The ground-truth boxes join the proposals. For the SVMs, a region is positive from an IoU of `positive_iou` with an
        object of the class on. Raises ValueError if the shapes disagree, a label is not in 0 ... classes - 1, a class has no
        object or no region that is not it, or `positive_iou` is not between 0.3, below which a region is negative, and 1.
        """
        self._check(images, boxes, labels, proposals)
        candidates = torch.cat([proposals, boxes * (labels >= 0)[..., None]], 1)
        real = area(candidates) > 0  # (N, P + T), R of them
        overlap = iou(candidates, boxes) * (labels >= 0)[:, None]  # (N, P + T, T)
        of_class = labels[..., None] == torch.arange(self.classes, device=labels.device)  # (N, T, classes)
        by_class = torch.stack([(overlap * of_class[:, None, :, k]).amax(2) for k in range(self.classes)], 2)[real]
        best, index = (part[real] for part in overlap.max(2))
        image = real.nonzero()[:, 0]
        self.passes = 0
        x = self._describe_all(images, candidates, len(best))
        self.mean, self.std = x.mean(0), x.std(0) + 1e-3
        x.sub_(self.mean).div_(self.std)  # in place, to save memory
        self.svm_weight, self.svm_bias = fit_svms(x, by_class.to(x.device), positive_iou)
        near = best >= REGRESSION_IOU
        targets, near_labels = encode(boxes[image, index][near], candidates[real][near]), labels[image, index][near]
        self.ridge_weight, self.ridge_bias = fit_ridges(x[near.to(x.device)], targets, near_labels, self.classes)
        return self

    def detect(self, images: Tensor, *inputs: Tensor, **options: Any) -> list[Detections]:
        """Find objects as `Detector.detect` does; raises ValueError before `fit` too."""
        if not self.std.any():
            raise ValueError("detect needs what fit learns: call fit first")
        self.passes = 0
        return super().detect(images, *inputs, **options)

    def scored(self, images: Tensor, proposals: Tensor, *, regress: bool = True) -> list[tuple[Tensor, ...]]:
        """Score proposals, and move them if `regress`: (N, 3, H, W), (N, P, 4) -> N pairs (R_n, classes, 4), (R_n, classes)."""
        x, rois = self._describe(images, proposals)
        x = (x - self.mean) / self.std
        scores = (x @ self.svm_weight.T + self.svm_bias).sigmoid()  # (R, classes)
        boxes = rois[:, None, 1:].expand(-1, self.classes, -1)
        if regress:
            boxes = decode(torch.einsum("rd,kcd->rkc", x, self.ridge_weight) + self.ridge_bias, boxes)
        return split_by_image(rois, len(images), boxes, scores)

    def _describe_all(self, images: Tensor, proposals: Tensor, regions: int) -> Tensor:
        """Describe the regions of all images, batch by batch: -> (R, D), in one tensor because it is the largest of all."""
        x, end = torch.empty(0), 0

        def step(images: Tensor, proposals: Tensor) -> list[Tensor]:
            nonlocal x, end
            features, _ = self._describe(images, proposals)
            if not end:
                x = in_float(features.new_empty(regions, features.shape[1]))
            start, end = end, end + len(features)
            x[start:end] = features
            return []

        self.by_batch(step, images, proposals)
        memory.return_freed()  # that of the feature maps
        return x

    def _describe(self, images: Tensor, proposals: Tensor) -> tuple[Tensor, Tensor]:
        rois = rois_of(proposals)
        return self.features(images.to(memory_format=torch.channels_last), rois), rois

    def _check(self, images: Tensor, boxes: Tensor, labels: Tensor, proposals: Tensor) -> None:
        if boxes.shape != (*labels.shape, 4) or proposals.ndim != 3 or not len(images) == len(labels) == len(proposals):
            shapes = ", ".join(str(tuple(part.shape)) for part in (images, boxes, labels, proposals))
            raise ValueError(f"fit takes images (N, 3, H, W), (N, T, 4), (N, T) and proposals (N, P, 4), got {shapes}")
        found = sorted(set(labels[labels >= 0].tolist()))
        if found != list(range(self.classes)):
            raise ValueError(f"fit needs objects of every class 0 ... {self.classes - 1} and of no other, got {found}")


def fit_svms(x: Tensor, overlap: Tensor, positive_iou: float = POSITIVE_IOU) -> tuple[Tensor, Tensor]:
    """Train one SVM per class against all else: (R, D), IoU with the class's objects (R, K) -> weight (K, D), bias (K,).

    From an IoU of `positive_iou` on, a region is positive; below `NEGATIVE_IOU` it is negative; between them it is left out.
    The first fit uses one in `NEGATIVE_STEP` negatives, the second the hard ones among the others as well: easy ones would
    change little. Raises ValueError if a class has no positive or no negative region, or `positive_iou` is not between
    `NEGATIVE_IOU` and 1.

    >>> weight, bias = fit_svms(torch.tensor([[-1.0, 0.0], [1.0, 0.0]]), torch.tensor([[0.0], [1.0]]))
    >>> weight.shape, bias.shape
    (torch.Size([1, 2]), torch.Size([1]))
    """
    if not NEGATIVE_IOU <= positive_iou <= 1:
        raise ValueError(f"positive_iou must be in {NEGATIVE_IOU} ... 1, got {positive_iou}")
    weights, biases = [], []
    for label, over in enumerate(overlap.unbind(1)):
        positive, negative = over >= positive_iou, over < NEGATIVE_IOU
        if not (positive.any() and negative.any()):
            raise ValueError(f"class {label} needs positive and negative regions, got {positive.sum()} and {negative.sum()}")
        some = positive | negative & ((negative.cumsum(0) - 1) % NEGATIVE_STEP == 0)
        weight, bias = _fit_svm(x[some], positive[some])
        some |= negative & (x @ weight + bias > -1)  # hard: inside the margin, or on its wrong side
        weight, bias = _fit_svm(x[some], positive[some])
        weights.append(weight)
        biases.append(bias)
    return torch.stack(weights), torch.stack(biases)


def _fit_svm(x: Tensor, positive: Tensor) -> tuple[Tensor, Tensor]:
    """Train one SVM: (R, D), (R,) -> weight (D,), bias ()."""
    from sklearn.svm import LinearSVC  # here, because it takes most of a second to import

    like, features = x.new_empty(0), x.cpu().double().numpy()
    del x  # scikit-learn computes in float64, and would make its copy next to this one
    svm = cast(Any, LinearSVC)(C=C, dual=True, tol=0.1, max_iter=2000, random_state=0)  # it has no types of its own
    svm.fit(features, positive.cpu().numpy())
    return like.new_tensor(svm.coef_[0]), like.new_tensor(svm.intercept_[0])


def fit_ridges(x: Tensor, deltas: Tensor, labels: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    """Regress the deltas of every class on its regions' features: (R, D), (R, 4), (R,) -> weight (K, 4, D), bias (K, 4).

    Least squares with `LAMBDA` times the squared weights (appendix C, equation 5). Raises ValueError if a class has no
    region.

    >>> weight, bias = fit_ridges(torch.eye(3), torch.zeros(3, 4), torch.tensor([0, 1, 1]), classes=2)
    >>> weight.shape, bias.shape
    (torch.Size([2, 4, 3]), torch.Size([2, 4]))
    """
    from sklearn.linear_model import Ridge

    learned = []
    for label in range(classes):
        own = (labels == label).cpu()
        if not own.any():
            raise ValueError(f"class {label} needs at least one region for box regression, got none")
        ridge = Ridge(alpha=LAMBDA).fit(x.cpu()[own].double().numpy(), deltas.cpu()[own].double().numpy())
        learned.append((x.new_tensor(ridge.coef_), x.new_tensor(ridge.intercept_)))
    weights, biases = zip(*learned, strict=True)
    return torch.stack(weights), torch.stack(biases)
