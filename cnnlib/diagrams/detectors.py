"""The pipeline of a detector, from the image to its detections, read from the detector itself."""

from cnnlib.detection.detector import Detector
from cnnlib.detection.fast_rcnn import FastRCNN, RegionHead
from cnnlib.detection.faster_rcnn import MAX_PROPOSALS, FasterRCNN
from cnnlib.detection.pooling import roi_align
from cnnlib.detection.rcnn import POOLED, RCNN
from cnnlib.detection.regions import RegionClassifier
from cnnlib.detection.single_shot import SingleShot
from cnnlib.detection.sppnet import SPPNet
from cnnlib.diagrams.layers import summary, words
from cnnlib.diagrams.parts import Chain, Fork, Link, Step
from cnnlib.diagrams.reading import shape_of
from cnnlib.meta import Shape, meta_copy, run_on_meta

OUTSIDE = Chain((Step("proposals", "from outside, such as selective search", (), "data"),))


def pipeline(detector: Detector, shape: Shape) -> Chain:
    """List what happens to one image of `shape`, and to one region of it in the detectors that have regions.

    Raises ValueError for a detector that the course does not have.
    """
    for known, reader in READERS.items():
        if isinstance(detector, known):
            image = Step("image", "", tuple(shape), "data")
            after = Step("detections", "boxes, classes, scores", (), "data")
            return Chain((image, *reader(detector, shape), after))
    raise ValueError(f"a detector must be one of {[known.__name__ for known in READERS]}, got a {type(detector).__name__}")


def _backbone(detector: Detector, shape: Shape, note: str) -> Step:
    output = shape_of(run_on_meta(meta_copy(detector.backbone), shape, "the backbone"))
    return Step("backbone", note, output, "convolution")


def _suppression() -> Step:
    return Step("non-maximum suppression", "per class", (), "other")


def _rcnn(detector: RCNN, shape: Shape) -> list[Link]:
    size = (shape[0], detector.size, detector.size)
    warp = Step("crop and warp", f"with {detector.context} pixels of context, for each proposal", size, "other")
    backbone = _backbone(detector, size, "once per proposal")
    pool = Step("max pooling", f"to {POOLED}×{POOLED}", (backbone.output[0], POOLED, POOLED), "pooling")
    return [Fork((Chain((), "image"), OUTSIDE), warp), backbone, pool, _linear_models(detector)]


def _sppnet(detector: SPPNet, shape: Shape) -> list[Link]:
    levels = ", ".join(f"{n}×{n}" for n in detector.levels)
    pool = Step("spatial pyramid pooling", f"{levels}, for each proposal", tuple(detector.mean.shape), "pooling")
    backbone = _backbone(detector, shape, "once per image")
    return [Fork((Chain((backbone,)), OUTSIDE), pool), _linear_models(detector)]


def _linear_models(detector: RegionClassifier) -> Fork:
    """Draw what R-CNN and SPPNet fit to their features."""
    svms = Step("linear SVMs", "one score per class", (detector.classes,), "linear")
    ridges = Step("ridge regression", "a box per class", (detector.classes, 4), "linear")
    return Fork((Chain((svms,)), Chain((ridges,))), _suppression())


def _fast_rcnn(detector: FastRCNN, shape: Shape) -> list[Link]:
    backbone = _backbone(detector, shape, "once per image")
    return [Fork((Chain((backbone,)), OUTSIDE), _pooled(detector.head, backbone)), *_head(detector.head)]


def _faster_rcnn(detector: FasterRCNN, shape: Shape) -> list[Link]:
    backbone, rpn = _backbone(detector, shape, "once per image"), detector.rpn
    _, height, width = backbone.output
    count = height * width * len(rpn.sizes) * len(rpn.ratios)
    slide = Step("region proposal network", summary(rpn.conv)[0], (rpn.cls.in_channels, height, width), "convolution")
    logits = Step("objectness", f"{words(rpn.cls)}, per anchor", (count,), "convolution")
    deltas = Step("box deltas", f"{words(rpn.reg)}, per anchor", (count, 4), "convolution")
    proposals = Step("proposals", f"the best {MAX_PROPOSALS}, after suppression", (), "other")
    own = Chain((slide, Fork((Chain((logits,)), Chain((deltas,))), proposals)))
    return [backbone, Fork((Chain((), "feature map"), own), _pooled(detector.head, backbone)), *_head(detector.head)]


def _pooled(head: RegionHead, backbone: Step) -> Step:
    name = "RoIAlign" if head.pool is roi_align else "RoI max pooling"
    return Step(name, "for each proposal", (backbone.output[0], head.size, head.size), "pooling")


def _head(head: RegionHead) -> list[Link]:
    hidden = Step("hidden layer", "fully connected, ReLU", (head.scores.in_features,), "linear")
    scores = Step("class", "fully connected, softmax with background", (head.scores.out_features,), "linear")
    deltas = Step("box deltas", "fully connected, per class", (head.classes, 4), "linear")
    return [hidden, Fork((Chain((scores,)), Chain((deltas,))), _suppression())]


def _single_shot(detector: SingleShot, shape: Shape) -> list[Link]:
    backbone = _backbone(detector, shape, "once per image")
    copied = meta_copy(detector)
    neck = shape_of(run_on_meta(copied.get_submodule("neck"), backbone.output, "the neck"))
    cells = shape_of(run_on_meta(copied, shape, "the detector"))
    return [
        backbone,
        Step("neck", summary(detector.neck)[0], neck, "convolution"),
        Step("head", f"{words(detector.head)}: a vector per cell", cells, "convolution"),
        Step("decoding", "boxes and scores of every cell", (), "other"),
        _suppression(),
    ]


READERS = {
    RCNN: _rcnn,
    SPPNet: _sppnet,
    FastRCNN: _fast_rcnn,
    FasterRCNN: _faster_rcnn,
    SingleShot: _single_shot,
}
