"""What R-CNN and SPPNet share: numbers that describe a region are judged by one linear SVM a class and move its box by ridge
regression. The two differ in how they come by those numbers.

Girshick, Donahue, Darrell, Malik, Rich Feature Hierarchies for Accurate Object Detection and Semantic Segmentation, 2013,
sections 2.2 and 2.3 (SVMs and suppression) and appendix C (box regression).

Departures from the paper: the network is not fine-tuned on regions; a region is positive from an IoU of 0.5 with an object of
the class on (the paper: only the true boxes are); hard negatives are sought once, among regions already described; every
number is brought to mean 0 and spread 1, and lambda = 100 suits those (the paper: 1,000). Where the paper is silent:
squared hinge with C = 0.003, and the margin m of an SVM becomes the score 1 / (1 + exp(-m)).
"""

from collections.abc import Iterator
from typing import Self

import torch
from torch import Tensor, nn

from cnnlib.detection.boxes import Detections, area, clip, decode, encode, iou
from cnnlib.detection.pooling import rois_of
from cnnlib.detection.suppression import nms_by_class
from cnnlib.evaluation import evaluating

POSITIVE, NEGATIVE, NEAR = 0.5, 0.3, 0.6  # IoU: learned as the class from here on, as not the class below, moved from here on
FEW = 4  # one in so many regions that are not the class is learned from before hard ones are sought
C, LAMBDA = 3e-3, 100.0
LEAST, OVERLAP, MOST = 0.25, 0.3, 100  # the lowest score kept, the IoU above which NMS drops a box, detections an image
BATCH = 16  # images at once


class RegionClassifier:
    """Detect objects among proposals with a network that stays as it is and linear models on top; `features` is a subclass's.

    Not a module: what is learned comes from scikit-learn. `passes` counts the images, or crops, that the last `fit` or
    `detect` sent through the network. After `fit`, `svm` is (weight (classes, D), bias (classes,)) and `ridge`
    (weight (classes, 4, D), bias (classes, 4)), both for numbers of mean 0 and spread 1.
    """

    def __init__(self, backbone: nn.Module, classes: int) -> None:
        self.backbone, self.classes = backbone, classes
        self.passes, self.svm, self.ridge = 0, None, None

    def features(self, images: Tensor, rois: Tensor) -> Tensor:
        """Describe regions by D numbers each: (N, 3, H, W), (R, 5) -> (R, D)."""
        raise NotImplementedError("R-CNN and SPPNet each say how")

    def fit(self, images: Tensor, boxes: Tensor, labels: Tensor, proposals: Tensor) -> Self:
        """Learn from images (N, 3, H, W), objects (N, T, 4), labels (N, T) with -1 and proposals (N, P, 4) with zeros.

        The true boxes join the proposals. Raises ValueError if the shapes disagree, a label is not in 0 ... classes - 1, or
        a class has no object or no region that is not it.
        """
        self._check(images, boxes, labels, proposals)
        candidates = torch.cat([proposals, boxes * (labels >= 0)[..., None]], 1)
        real = area(candidates) > 0
        overlap = iou(candidates, boxes) * (labels >= 0)[:, None]  # (N, P + T, T)
        of_class = labels[..., None] == torch.arange(self.classes, device=labels.device)  # (N, T, classes)
        by_class = torch.stack([(overlap * of_class[:, None, :, k]).amax(2) for k in range(self.classes)], 2)[real]
        most, number = (part[real] for part in overlap.max(2))
        image = rois_of(candidates)[:, 0].long()
        x = torch.cat([numbers for numbers, _ in self._described(images, candidates)])
        self.mean, self.spread = x.mean(0), x.std(0) + 1e-3
        x = (x - self.mean) / self.spread
        self.svm = fit_svms(x, by_class.to(x.device))
        near = most >= NEAR
        targets = encode(boxes[image, number][near], candidates[real][near])
        self.ridge = fit_ridges(x[near.to(x.device)], targets, labels[image, number][near], self.classes)
        return self

    def detect(self, images: Tensor, proposals: Tensor, regress: bool = True, most: int = MOST) -> list[Detections]:
        """Find objects among proposals: (N, 3, H, W), (N, P, 4) padded with zeros -> N `Detections` on the images' device.

        Best first, at most `most` an image; `regress` says whether the boxes are moved. Raises ValueError before `fit`, or if
        N differs.
        """
        if self.svm is None:
            raise ValueError("detect needs what fit learns: call fit first")
        if len(images) != len(proposals):
            raise ValueError(f"each image needs its proposals, got {len(images)} images and {len(proposals)} rows")
        (weight, bias), found = self.svm, []
        for x, rois in self._described(images, proposals):
            x = (x - self.mean) / self.spread
            scores = (x @ weight.T + bias).sigmoid()  # (R, classes)
            boxes = rois[:, None, 1:].expand(-1, self.classes, -1)
            if regress:
                deltas = torch.einsum("rd,kcd->rkc", x, self.ridge[0]) + self.ridge[1]
                boxes = clip(decode(deltas, boxes), *images.shape[2:])
            found += _suppress(boxes, scores, rois[:, 0], min(BATCH, len(images) - len(found)), most)
        return [Detections(*(part.to(images.device) for part in one)) for one in found]

    def _described(self, images: Tensor, proposals: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Go over the images by `BATCH`: -> features (R, D) and regions (R, 5) of each batch, on the network's device."""
        self.passes, where = 0, next(self.backbone.parameters())
        for start in range(0, len(images), BATCH):
            some, proposed = images[start : start + BATCH], proposals[start : start + BATCH]
            rois = rois_of(proposed.to(where))
            with evaluating(self.backbone):
                x = self.features(some.to(where, memory_format=torch.channels_last), rois)
            yield x, rois

    def _check(self, images: Tensor, boxes: Tensor, labels: Tensor, proposals: Tensor) -> None:
        if boxes.shape != (*labels.shape, 4) or proposals.ndim != 3 or not len(images) == len(labels) == len(proposals):
            shapes = ", ".join(str(tuple(part.shape)) for part in (images, boxes, labels, proposals))
            raise ValueError(f"fit takes images (N, 3, H, W), (N, T, 4), (N, T) and proposals (N, P, 4), got {shapes}")
        found = sorted(set(labels[labels >= 0].tolist()))
        if found != list(range(self.classes)):
            raise ValueError(f"fit needs objects of every class 0 ... {self.classes - 1} and of no other, got {found}")


def fit_svms(x: Tensor, overlap: Tensor) -> tuple[Tensor, Tensor]:
    """Train an SVM a class against all else: (R, D), IoU with the class's objects (R, K) -> weight (K, D), bias (K,).

    From `POSITIVE` on a region is the class, below `NEGATIVE` it is not, between them it is left out. The first fit sees
    one in `FEW` of those that are not, the second the hard ones among the others as well: easy ones would change little.
    Raises ValueError if a class lacks one of the two.

    >>> weight, bias = fit_svms(torch.tensor([[-1.0, 0.0], [1.0, 0.0]]), torch.tensor([[0.0], [1.0]]))
    >>> weight.shape, bias.shape
    (torch.Size([1, 2]), torch.Size([1]))
    """
    weights, biases = [], []
    for label, over in enumerate(overlap.unbind(1)):
        positive, negative = over >= POSITIVE, over < NEGATIVE
        if not (positive.any() and negative.any()):
            raise ValueError(
                f"class {label} needs regions that are it and that are not, got {positive.sum()} and {negative.sum()}"
            )
        some = positive | negative & ((negative.cumsum(0) - 1) % FEW == 0)
        weight, bias = _fit_svm(x[some], positive[some])
        some |= negative & (x @ weight + bias > -1)  # hard: inside the margin, or on its wrong side
        weight, bias = _fit_svm(x[some], positive[some])
        weights.append(weight)
        biases.append(bias)
    return torch.stack(weights), torch.stack(biases)


def _fit_svm(x: Tensor, positive: Tensor) -> tuple[Tensor, Tensor]:
    from sklearn.svm import LinearSVC  # here, because it takes most of a second to import

    svm = LinearSVC(C=C, dual=True, tol=0.1, max_iter=2000, random_state=0).fit(x.cpu().numpy(), positive.cpu().numpy())
    return x.new_tensor(svm.coef_[0]), x.new_tensor(svm.intercept_[0])


def fit_ridges(x: Tensor, deltas: Tensor, labels: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    """Regress the deltas of every class on its regions' numbers: (R, D), (R, 4), (R,) -> weight (K, 4, D), bias (K, 4).

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
            raise ValueError(f"class {label} needs at least one region to learn from, got none")
        ridge = Ridge(alpha=LAMBDA).fit(x.cpu()[own].double().numpy(), deltas.cpu()[own].double().numpy())
        learned.append((x.new_tensor(ridge.coef_), x.new_tensor(ridge.intercept_)))
    weights, biases = zip(*learned, strict=True)
    return torch.stack(weights), torch.stack(biases)


def _suppress(boxes: Tensor, scores: Tensor, image: Tensor, images: int, most: int) -> list[Detections]:
    """Keep the best of what overlaps, by image and class: (R, classes, 4), (R, classes), (R,) -> `images` Detections."""
    found = []
    for number in range(images):  # each has another number of boxes
        region, label = ((scores > LEAST) & (image == number)[:, None] & (area(boxes) > 0)).nonzero(as_tuple=True)
        kept = nms_by_class(boxes[region, label], scores[region, label], label, OVERLAP)[:most]
        region, label = region[kept], label[kept]
        found.append(Detections(boxes[region, label], scores[region, label], label))
    return found
