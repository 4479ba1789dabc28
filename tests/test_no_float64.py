"""No float64 on the device: every objective is trained, scored and used where it is refused, as by Apple's MPS."""

from functools import partial

import pytest
import torch
from no_float64 import no_float64
from torch import nn

from cnnlib import device as device_module
from cnnlib import evaluation, loop, side_by_side, training
from cnnlib.data.scenes import scenes
from cnnlib.detection import RCNN, DetectionObjective, FasterRCNN, FastRCNN, SPPNet, Yolo, YoloV2, padded

ANCHORS = torch.tensor([[12.0, 12.0], [20.0, 20.0]])


@pytest.fixture
def device(monkeypatch):
    monkeypatch.setenv("CNNLIB_THREADS", "1")
    with no_float64() as device:
        for module in (device_module, evaluation, loop, side_by_side):
            monkeypatch.setattr(module, "device", device)
        yield device


def classification():
    images, labels = torch.rand(20, 3, 9, 9), torch.randint(0, 3, (20,))
    net = nn.Sequential(nn.Conv2d(3, 3, 3), nn.BatchNorm2d(3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return net, training.Classification(), (images, labels), lambda: training.predict(net, images)


def segmentation():
    images, labels = torch.rand(20, 3, 9, 9), torch.randint(0, 3, (20, 9, 9))
    labels[:, 0] = training.IGNORED
    net = nn.Conv2d(3, 3, 1)
    return net, training.Segmentation(), (images, labels), lambda: training.predict(net, images).argmax(1)


def detection(make, proposals=False):
    drawn, net = scenes(8), make(classes=5)
    boxes = (padded([boxes + 1 for boxes in drawn.boxes]),) if proposals else ()
    data = (drawn.images, drawn.boxes, drawn.labels, *boxes)
    return net, DetectionObjective(), data, lambda: net.detect(drawn.images, *boxes)


TASKS = {
    "classification": classification,
    "segmentation": segmentation,
    "Fast R-CNN": partial(detection, partial(FastRCNN, size=5), proposals=True),
    "Faster R-CNN": partial(detection, partial(FasterRCNN, size=5)),
    "YOLO": partial(detection, Yolo),
    "YOLOv2": partial(detection, partial(YoloV2, anchors=ANCHORS)),
}


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS)
def test_every_objective_trains_scores_and_predicts_without_float64_on_the_device(task, device):
    net, objective, data, use = TASKS[task]()
    training.place(net)
    before = {name: weight.detach().cpu().clone() for name, weight in net.named_parameters()}
    [epoch] = training.train(net, data, data, epochs=1, objective=objective, batch_size=4, optimizer=training.adamw, clip=5.0)
    use()
    assert epoch.scores and epoch.loss > 0
    assert next(net.parameters()).device == device
    assert not any(torch.equal(after.cpu(), before[name]) for name, after in net.named_parameters() if after.requires_grad)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [RCNN, SPPNet])
def test_linear_models_are_fitted_and_used_without_float64_on_the_device(kind, device):
    drawn = scenes(12)
    proposals = padded([torch.cat([boxes, boxes + 9, 64 - boxes.flip(-1)]).clamp(0, 64) for boxes in drawn.boxes])
    net = training.place(kind(classes=5)).fit(drawn.images, drawn.boxes, drawn.labels, proposals)
    found = net.detect(drawn.images, proposals, min_score=0.0)
    assert all(buffer.device == device and buffer.any() for buffer in net.buffers(recurse=False))
    assert sum(len(one.scores) for one in found) and all(one.boxes.isfinite().all() for one in found)


@pytest.mark.parametrize("compute", [lambda x: x.double(), lambda x: training.place(x.cpu().double()), lambda x: x.numpy()])
def test_what_the_device_refuses(compute, device):
    with pytest.raises((TypeError, RuntimeError)):
        compute(training.place(torch.zeros(3)))
