"""The table that grows through the course, as text and as HTML."""

import html
import re

import pytest
import torch
from torch import nn
from torchvision.models import alexnet

from cnnlib import history
from cnnlib.anatomy import macs, parameters, up_to
from cnnlib.detection.yolo import Yolo
from cnnlib.models.densenet import densenet
from cnnlib.models.fcn import fcn
from cnnlib.models.inception import googlenet
from cnnlib.models.resnet import resnet
from cnnlib.models.vgg import vgg
from cnnlib.receptive_fields import receptive_field

LESSONS = range(1, len(history.ROWS) + 1)


@pytest.mark.parametrize("lessons", LESSONS)
def test_text_and_html_show_the_same_cells(lessons):
    table = history.table(lessons)
    text = repr(table).splitlines()
    rows = re.findall("<tr>(.*?)</tr>", table._repr_html_())
    assert len(text) == len(rows) == lessons + 1
    assert re.findall("<th[^>]*>(.*?)</th>", rows[0]) == list(history.HEADINGS)
    for line, row in zip(text[1:], rows[1:], strict=True):
        cells = [html.unescape(cell) for cell in re.findall("<td[^>]*>(.*?)</td>", row)]
        assert len(cells) == len(history.HEADINGS)
        assert re.split("  +", line) == cells


def test_columns_of_the_text_are_aligned():
    head, row, *_ = repr(history.table(1)).splitlines()
    assert head.index("network") == row.index(history.ROWS[0].network)
    assert head.index("parameters") + len("parameters") == row.index("61,706") + len("61,706")
    assert head.index("what it brings") == row.index(history.ROWS[0].brings)


@pytest.mark.parametrize("lessons", [0, -1, len(history.ROWS) + 1])
def test_a_line_that_is_not_there_is_refused(lessons):
    with pytest.raises(ValueError, match=f"1 to {len(history.ROWS)}, got {lessons}"):
        history.table(lessons)


def test_the_years_of_the_classifiers_go_up():
    years = [row.year for row in history.ROWS[:7]]
    assert years == sorted(years)


def test_the_line_of_fcn_is_true():
    row = history.ROWS[7]
    with torch.device("meta"):
        net = fcn(8)
    assert (row.parameters, row.macs) == (f"{parameters(net):,}", f"{macs(net, (3, 384, 384)) / 1e9:.3f} G")


def test_the_line_of_r_cnn_is_true():
    row = history.ROWS[8]
    with torch.device("meta"):
        net = alexnet()
    assert (row.parameters, row.macs) == (f"{parameters(net):,}", f"{macs(net) / 1e9:.3f} G a region")
    assert row.receptive_field == f"{receptive_field(net).size}"


def test_the_line_of_faster_r_cnn_is_true():
    """VGG-16 without fc8, the RPN of 512 channels and 9 anchors with two logits, 21 classes and 20 + 1 boxes."""
    with torch.device("meta"):
        net = vgg(16)
        proposing = [nn.Conv2d(512, 512, 3, padding=1), nn.Conv2d(512, 18, 1), nn.Conv2d(512, 36, 1)]
        judging = [nn.Linear(4096, 21), nn.Linear(4096, 84)]
    row, fully = history.ROWS[9], [net.fc6[1], net.fc7[0], *judging]
    everything = parameters(net) - parameters(net.fc8) + sum(map(parameters, proposing + judging))
    assert row.parameters == f"{everything:,}"
    assert row.macs == f"convolutions once, {sum(layer.weight.numel() for layer in fully) / 1e9:.3f} G a region"
    window = nn.Sequential(*up_to(net, "conv5"), proposing[0])
    assert row.receptive_field == f"{receptive_field(window).size} (a proposal)"


def test_the_line_of_yolo_is_true():
    net = Yolo(classes=5)
    layers, row = nn.Sequential(net.backbone, net.neck, net.head), history.ROWS[10]
    assert (row.parameters, row.macs) == (f"{parameters(net):,}", f"{macs(layers, (3, 64, 64)):,}")
    assert row.receptive_field == f"{receptive_field(layers, (3, 64, 64)).size}"


def test_the_line_of_lenet_is_true():
    layers = {
        nn.Conv2d(1, 6, 5): 28**2,
        nn.Conv2d(6, 16, 5): 10**2,
        nn.Linear(400, 120): 1,
        nn.Linear(120, 84): 1,
        nn.Linear(84, 10): 1,
    }
    count = {layer: sum(p.numel() for p in layer.parameters()) for layer in layers}
    macs = sum(layer.weight.numel() * positions for layer, positions in layers.items())
    lenet = history.ROWS[0]
    assert (lenet.parameters, lenet.macs) == (f"{sum(count.values()):,}", f"{macs:,}")


def alexnet_of_2012():
    """The network of Krizhevsky et al. 2012: conv2, conv4 and conv5 see half of the maps each, those of their own GPU."""
    net, pool = nn.Sequential(), nn.MaxPool2d(3, 2)
    first = nn.Conv2d(3, 96, 11, stride=4), pool, nn.Conv2d(96, 256, 5, padding=2, groups=2), pool
    second = nn.Conv2d(256, 384, 3, padding=1), nn.Conv2d(384, 384, 3, padding=1, groups=2)
    net.features = nn.Sequential(*first, *second, nn.Conv2d(384, 256, 3, padding=1, groups=2), pool)
    net.classifier = nn.Sequential(nn.Flatten(), nn.Linear(9216, 4096), nn.Linear(4096, 4096), nn.Linear(4096, 1000))
    return net


def bottleneck():
    return nn.Sequential(
        nn.Conv2d(256, 64, 1, bias=False), nn.Conv2d(64, 64, 3, padding=1, bias=False), nn.Conv2d(64, 256, 1, bias=False)
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("row", "build", "shape", "seen_by"),
    [
        (1, alexnet_of_2012, (3, 227, 227), lambda net: net.features),
        (2, bottleneck, (256, 14, 14), lambda net: net),
        (3, lambda: vgg(16), (3, 224, 224), lambda net: net),
        (4, googlenet, (3, 224, 224), lambda net: net),
        (5, lambda: resnet(50), (3, 224, 224), lambda net: up_to(net, "conv5_x")),
        (6, lambda: densenet(121), (3, 224, 224), lambda net: up_to(net, "dense_block_4")),
    ],
)
def test_the_lines_of_the_networks_are_true(row, build, shape, seen_by):
    with torch.device("meta"):
        net = build()
    line, work = history.ROWS[row], macs(net, shape)
    assert line.parameters == f"{parameters(net):,}"
    assert line.macs == (f"{work:,}" if work < 1e9 else f"{work / 1e9:.3f} G")
    assert line.receptive_field == f"{receptive_field(seen_by(net), shape).size:,}"
