"""All six detectors alike: the same options, the same answers for nothing, half precision and other devices, one objective."""

import inspect

import pytest
import torch
from torch import Tensor, nn

import cnnlib.detection
from cnnlib import seeds
from cnnlib.data.scenes import scenes
from cnnlib.detection import RCNN, DetectionObjective, Detector, FasterRCNN, FastRCNN, SPPNet, Yolo, YoloV2, detection_scores
from cnnlib.detection.boxes import area, iou
from cnnlib.models.backbone import block

ANCHORS = torch.tensor([[16.0, 16.0], [26.0, 26.0]])
NAN, INF, ONE = float("nan"), float("inf"), torch.tensor([5])
SCENES = scenes(7)
PROPOSALS = torch.cat([SCENES.boxes, SCENES.boxes + 3, torch.zeros(7, 2, 4)], 1) * (torch.arange(7) != 4)[:, None, None]


def region_classifier(kind: type, backbone: nn.Module | None = None) -> Detector:
    """Build R-CNN or SPPNet with linear models as if `fit` had learned them."""
    net = kind(5, backbone)
    seeds.seed(1)
    for name, buffer in net.named_buffers(recurse=False):
        buffer.copy_(torch.randn(buffer.shape) * 0.01 if "std" not in name else torch.ones(buffer.shape))
    return net


MAKERS = {
    "R-CNN": lambda backbone=None: region_classifier(RCNN, backbone),
    "SPPNet": lambda backbone=None: region_classifier(SPPNet, backbone),
    "Fast R-CNN": lambda backbone=None: FastRCNN(5, backbone, size=3, hidden=16),
    "Faster R-CNN": lambda backbone=None: FasterRCNN(5, backbone, size=3, hidden=16),
    "YOLO": lambda backbone=None: Yolo(5, backbone),
    "YOLOv2": lambda backbone=None: YoloV2(5, backbone, anchors=ANCHORS),
}
NEEDS_PROPOSALS = ("R-CNN", "SPPNet", "Fast R-CNN")


@pytest.fixture(params=MAKERS)
def kind(request):
    return request.param


@pytest.fixture
def net(kind):
    seeds.seed(0)
    return MAKERS[kind]()


@pytest.fixture
def inputs(kind):
    return (SCENES.images, PROPOSALS) if kind in NEEDS_PROPOSALS else (SCENES.images,)


def same(a, b, **tolerance):
    assert len(a) == len(b)
    for one, other in zip(a, b, strict=True):
        assert torch.equal(one.labels, other.labels)
        torch.testing.assert_close((one.boxes, one.scores), (other.boxes, other.scores), **tolerance)


def test_detections_are_what_they_promise(net, inputs):
    images = inputs[0]
    net.train()
    net.backbone.eval()
    found = net.detect(*inputs, min_score=0.01, max_overlap=0.4, max_count=6, batch_size=3)
    assert net.training and not net.backbone.training
    assert len(found) == 7 and sum(len(one.scores) for one in found) > 7
    for boxes, scores, labels in found:
        assert boxes.shape == (len(scores), 4) and labels.shape == scores.shape and len(scores) <= 6
        assert (boxes >= 0).all() and (boxes <= 64).all() and (area(boxes) > 0).all()
        assert (scores > 0.01).all() and (scores <= 1).all() and (scores.diff() <= 0).all() and not scores.requires_grad
        assert ((labels >= 0) & (labels < 5)).all() and {part.device for part in (boxes, scores, labels)} == {images.device}
        assert (iou(boxes, boxes) * (labels[:, None] == labels)).triu(1).max() <= 0.4001 if len(boxes) else True


def test_boxes_without_area_in_the_image_are_never_detections(net, inputs, monkeypatch):
    outside = torch.tensor([[-20.0, 3, 0, 20], [64, 3, 80, 20], [5, -20, 20, -1], [5, 64, 20, 80], [7, 7, 7, 9], [9, 9, 5, 5]])
    boxes = torch.cat([outside, torch.tensor([[-5.0, 3, 4, 90]])])
    scores = torch.full((7, 5), 0.9)
    for shape in (boxes, boxes[:, None].expand(-1, 5, -1)):
        monkeypatch.setattr(net, "scored", lambda images, *rest, shape=shape: [(shape, scores)] * len(images))
        for one in net.detect(*inputs):
            assert one.boxes.tolist() == [[0, 3, 4, 64]] * 5 and sorted(one.labels.tolist()) == [0, 1, 2, 3, 4]


def test_the_batch_size_changes_nothing(net, inputs):
    options = dict(min_score=0.01, max_count=5)
    same(net.detect(*inputs, batch_size=7, **options), net.detect(*inputs, batch_size=2, **options), atol=1e-4, rtol=1e-4)


def test_nothing_gives_nothing(net, inputs):
    assert net.detect(*(part[:0] for part in inputs)) == []
    assert [len(one.scores) for one in net.detect(*inputs, max_count=0)] == [0] * 7
    assert [len(one.scores) for one in net.detect(*inputs, min_score=1.0)] == [0] * 7
    if len(inputs) == 2:
        for nothing in (torch.zeros(7, 0, 4), torch.zeros(7, 3, 4)):
            assert [len(one.scores) for one in net.detect(inputs[0], nothing, min_score=0)] == [0] * 7


def test_a_network_in_half_precision_finds_about_the_same_in_float32(net, inputs):
    options = dict(min_score=0.0, max_overlap=1.0, max_count=10**6)
    expected = net.detect(*inputs, **options)
    found = net.to(torch.bfloat16).detect(*inputs, **options)
    for one, other in zip(found, expected, strict=True):
        assert one.boxes.dtype == torch.float32 and one.boxes.isfinite().all() and one.scores.isfinite().all()
        assert len(one.scores) >= 0.8 * len(other.scores)


@pytest.mark.slow
def test_in_half_precision_every_image_is_read_itself(kind):
    """bfloat16 has 8 digits: as the index of an image, 257 would be 256."""
    seeds.seed(0)
    net = MAKERS[kind]().to(torch.bfloat16)
    if kind in ("YOLO", "Faster R-CNN", "YOLOv2"):
        net.size = 16
    images = torch.rand(259, 3, 16, 16)
    inputs = (torch.tensor([2.0, 2, 14, 14]).expand(259, 1, 4),) if kind in NEEDS_PROPOSALS else ()
    options = dict(min_score=0.0, max_overlap=1.0)
    together = net.detect(images, *inputs, batch_size=259, **options)
    few = net.detect(images[-3:], *(part[-3:] for part in inputs), **options)
    for one, other in zip(together[-3:], few, strict=True):
        torch.testing.assert_close(one.scores, other.scores, atol=0.01, rtol=0.01)


def test_a_detector_takes_any_backbone_and_moves_as_one_module(kind, inputs):
    backbone = nn.Sequential(block(3, 64), nn.MaxPool2d(4))
    net = MAKERS[kind](backbone)
    assert net.backbone is backbone and net.classes == 5
    moved = net.double()
    assert {part.dtype for part in (*moved.parameters(), *moved.buffers()) if part.is_floating_point()} == {torch.float64}
    assert len(moved.detect(*inputs)) == 7


def test_a_state_dict_holds_all_that_was_learned(kind, net, inputs):
    seeds.seed(5)
    other = MAKERS[kind]()
    for part in other.parameters():
        nn.init.constant_(part, 0.1)
    other.load_state_dict(net.state_dict())
    same(net.detect(*inputs, min_score=0.01), other.detect(*inputs, min_score=0.01))


DEFAULTS = {  # min_score, max_overlap, max_count, batch_size: one set per family, NMS at 0.3 in the R-CNNs
    "R-CNN": (0.25, 0.3, 100, 16),
    "SPPNet": (0.25, 0.3, 100, 16),
    "Fast R-CNN": (0.05, 0.3, 100, 50),
    "Faster R-CNN": (0.05, 0.3, 100, 50),
    "YOLO": (0.05, 0.5, 100, 64),
    "YOLOv2": (0.05, 0.5, 100, 64),
}


def test_the_defaults_are_the_documented_attributes(kind, net, inputs):
    found = net.MIN_SCORE, net.MAX_OVERLAP, net.MAX_COUNT, net.BATCH_SIZE
    assert found == DEFAULTS[kind]
    explicit = dict(zip(("min_score", "max_overlap", "max_count", "batch_size"), DEFAULTS[kind], strict=True))
    same(net.detect(*inputs), net.detect(*inputs, **explicit))


def test_images_on_another_device_are_moved_and_results_come_back(kind, net, inputs, monkeypatch):
    """Without a GPU: the network sees what `Tensor.to` was called with, and the results are moved to the images' device."""
    moves, to = [], Tensor.to
    monkeypatch.setattr(Tensor, "to", lambda self, *args, **kwargs: moves.append(args) or to(self, *args, **kwargs))
    net.detect(*inputs, min_score=0.0)
    like = next(net.parameters())
    assert any(args and args[0] is like for args in moves)
    assert sum(args == (inputs[0].device,) for args in moves) >= 3 * len(inputs[0])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_network_on_the_gpu_takes_images_from_the_processor_and_the_other_way_round(net, inputs):
    expected = net.detect(*inputs, min_score=0.05)
    net.cuda()
    assert all(part.device.type == "cpu" for one in net.detect(*inputs) for part in one)
    found = net.detect(*(part.cuda() for part in inputs))
    assert all(part.device.type == "cuda" for one in found for part in one) and len(found) == len(expected)


BAD = {
    "one image": (lambda images, *rest: (images[0], *rest), {}, r"float images \(N, 3, H, W\), got \(3, 64, 64\)"),
    "bytes": (lambda images, *rest: ((255 * images).byte(), *rest), {}, r"float images .* torch.uint8"),
    "no tensor": (lambda images, *rest: (list(images), *rest), {}, "as one tensor, got list"),
    "four channels": (lambda images, *rest: (images[:, [0, 1, 2, 0]], *rest), {}, r"got \(7, 4, 64, 64\)"),
    "an infinite pixel": (lambda images, *rest: (images.clone().index_fill_(3, ONE, INF), *rest), {}, "images must be finite"),
    "pixels that are NaN": (lambda images, *rest: (images * NAN, *rest), {}, "images must be finite, 86016 of their 86016"),
} | {
    f"{name} {value}": (lambda *inputs: inputs, {name: value}, f"{name} must be {rule}, got {value}")
    for names, rule, values in (
        (("batch_size",), "a whole number of at least 1", (0, -3, 1.5)),
        (("max_count",), "a whole number of at least 0", (-1, 1.5, NAN)),
        (("min_score", "max_overlap"), r"in 0 \.\.\. 1", (-1, 1.01, NAN, "half")),
    )
    for name in names
    for value in values
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_one_sentence(net, inputs, case):
    change, options, words = BAD[case]
    with pytest.raises(ValueError, match=words):
        net.detect(*change(*inputs), **options)


def test_options_go_by_name(net, inputs):
    takes = (
        f"{type(net).__name__}.detect takes images{' and proposals' * (len(inputs) == 2)}, then options by name, of its own "
    )
    own = {RCNN: r"\['regress'\]", SPPNet: r"\['regress'\]", FasterRCNN: r"\['max_proposals'\]"}
    for images in (inputs[0], inputs[0][:0]):
        calls = [
            (lambda *given: net.detect(*given, 10), "too many positional arguments"),
            (lambda *given: net.detect(*given, PROPOSALS), "too many positional arguments"),
            (lambda *given: net.detect(*given, floor=0.5), "got an unexpected keyword argument 'floor'"),
        ]
        for call, reason in calls:
            with pytest.raises(TypeError, match=f"^{takes}{own.get(type(net), 'none')}: {reason}$"):
                call(images, *inputs[1:])


def test_each_image_needs_its_proposals(kind, net, inputs):
    if kind not in NEEDS_PROPOSALS:
        pytest.skip("needs no proposals")
    with pytest.raises(ValueError, match="each image needs its proposals, got 7 images and 6 rows"):
        net.detect(inputs[0], inputs[1][:6])
    with pytest.raises(ValueError, match="proposals as tensors and options by name, got 10"):
        net.detect(inputs[0], 10)
    with pytest.raises(TypeError, match=r"detect takes images and proposals, .*: missing a required argument: 'proposals'"):
        net.detect(inputs[0])


@pytest.mark.parametrize("detector", [RCNN, SPPNet, FastRCNN, FasterRCNN, Yolo, YoloV2])
def test_every_detector_takes_classes_and_backbone_in_this_order(detector):
    assert list(inspect.signature(detector).parameters)[:2] == ["classes", "backbone"]


# losses and the objective


TRAINED = [kind for kind in MAKERS if kind not in ("R-CNN", "SPPNet")]


@pytest.mark.parametrize("trained", TRAINED)
def test_losses_take_images_boxes_labels_and_then_the_inputs(trained):
    net = MAKERS[trained]()
    names = list(inspect.signature(net.losses).parameters)
    assert names == ["images", "boxes", "labels"] + ["proposals"] * (trained in NEEDS_PROPOSALS)
    data = SCENES.images, SCENES.boxes, SCENES.labels, *([PROPOSALS] if trained in NEEDS_PROPOSALS else [])
    seeds.seed(3)
    loss = DetectionObjective().loss(net, *data)
    seeds.seed(3)
    assert loss == sum(net.losses(*data).values()) and loss.requires_grad and loss.ndim == 0
    found = net.detect(SCENES.images, *data[3:])
    assert DetectionObjective().scores(net, data) == detection_scores(found, SCENES.boxes, SCENES.labels, 5)


# what the package exports


def test_what_the_package_names_it_has_and_no_name_hides_a_module():
    modules = {name for name, value in vars(cnnlib.detection).items() if inspect.ismodule(value)}
    assert modules >= {"boxes", "anchors", "average_precision"}  # `from cnnlib.detection import boxes` is the module
    for name in cnnlib.detection.__all__:
        assert not inspect.ismodule(getattr(cnnlib.detection, name)), name
    assert sorted(cnnlib.detection.__all__) == sorted(set(cnnlib.detection.__all__))
