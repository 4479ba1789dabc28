"""Drawn networks: what they show is what the network computes, and every letter can be read."""

import io
import re
import xml.etree.ElementTree as ET
from itertools import combinations

import numpy as np
import pytest
import torch
from matplotlib import font_manager
from PIL import Image, ImageFont
from torch import nn

from cnnlib import anatomy, diagrams
from cnnlib.detection.detector import Detector
from cnnlib.detection.fast_rcnn import FastRCNN
from cnnlib.detection.faster_rcnn import FasterRCNN
from cnnlib.detection.rcnn import RCNN
from cnnlib.detection.sppnet import SPPNet
from cnnlib.detection.yolo import Yolo
from cnnlib.diagrams.detectors import pipeline
from cnnlib.diagrams.ladder import rungs
from cnnlib.diagrams.parts import steps
from cnnlib.diagrams.raster import rasterised
from cnnlib.diagrams.reading import inside
from cnnlib.diagrams.sheet import NARROW, WIDE
from cnnlib.diagrams.text import LINE, SIZE, width, wrap
from cnnlib.drawings import region_networks, unet
from cnnlib.mime import DRAWING
from cnnlib.models import densenet, fcn, inception, resnet, vgg

PHOTO, SCENE = (3, 224, 224), (3, 64, 64)
SVG = "{http://www.w3.org/2000/svg}"
LENET = nn.Sequential()
LENET.conv1 = nn.Sequential(nn.Conv2d(1, 6, 5), nn.Sigmoid(), nn.AvgPool2d(2))
LENET.conv2 = nn.Sequential(nn.Conv2d(6, 16, 5), nn.Sigmoid(), nn.AvgPool2d(2))
LENET.fc1 = nn.Sequential(nn.Flatten(), nn.Linear(400, 120), nn.Sigmoid())
LENET.fc2 = nn.Sequential(nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10))


class Unknown(nn.Module):
    """A learner's own block, of which the drawing knows nothing."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Conv2d(3, 5, 3)

    def forward(self, x):
        return self.inner(x) + 1


with torch.device("meta"):
    STAGED = {
        "LeNet": (LENET, (1, 32, 32)),
        "VGG-16": (vgg.vgg(16), PHOTO),
        "GoogLeNet": (inception.googlenet(), PHOTO),
        "ResNet-50": (resnet.resnet(50), PHOTO),
        "DenseNet-121": (densenet.densenet(), PHOTO),
    }
    OPENED = {
        "inception": (inception.inception(192, 64, 96, 128, 16, 32, 32), (192, 28, 28)),
        "residual": (resnet.BasicBlock(64, 64), (64, 56, 56)),
        "projected": (resnet.BasicBlock(64, 128, 2), (64, 56, 56)),
        "padded": (resnet.BasicBlock(64, 128, 2, "A"), (64, 56, 56)),
        "plain": (resnet.BasicBlock(64, 64, 1, None), (64, 56, 56)),
        "bottleneck": (resnet.Bottleneck(256, 64), (256, 56, 56)),
        "stage of bottlenecks": (resnet.resnet(50).conv3_x, (256, 56, 56)),
        "dense layer": (densenet.DenseLayer(64, 32), (64, 56, 56)),
        "dense block": (densenet.dense_block(64, 6, 32), (64, 56, 56)),
        "dense block of many channels": (densenet.dense_block(1000, 3, 12), (1000, 112, 112)),
        "dense block of many layers": (densenet.dense_block(64, 12, 32, bottleneck=False), (64, 28, 28)),
        "FCN-32s": (fcn.fcn(32), PHOTO),
        "FCN-8s": (fcn.fcn(8), PHOTO),
        "FCN-8s on an odd size": (fcn.fcn(8), (3, 375, 500)),
        "layers": (nn.Sequential(nn.Conv2d(3, 8, 5), nn.ReLU(), nn.Flatten(), nn.Linear(72, 10)), (3, 7, 7)),
        "one layer": (nn.Linear(7, 5), (7,)),
        "unknown": (Unknown(), SCENE),
    }
DETECTORS = {kind.__name__: (kind(classes=5), SCENE) for kind in (RCNN, SPPNet, FastRCNN, FasterRCNN, Yolo)}
ALL = STAGED | OPENED | DETECTORS
DRAWN = {
    "feature pyramid": region_networks.feature_pyramid,
    "Mask R-CNN": region_networks.mask_rcnn,
    "U-Net": unet.unet,
}


def drawing_of(name):
    return DRAWN[name]() if name in DRAWN else diagrams.network(*ALL[name], name=name)


def words_of(svg):
    """List the lines of a drawing: (x1, y1, x2, y2, words), in pixels of the sheet."""
    root = ET.fromstring(svg)
    assert root.get("font-size") == str(SIZE)
    margin = float(re.search(r"translate\((\d+) ", root.find(f"{SVG}g").get("transform"))[1])
    found = []
    for text in root.iter(f"{SVG}text"):
        assert text.get("font-size") is None
        length, x, y = float(text.get("textLength")), float(text.get("x")) + margin, float(text.get("y")) + margin
        assert length == pytest.approx(width(text.text, text.get("font-weight") == "bold"), abs=0.06)
        left = x - length / 2 if text.get("text-anchor") == "middle" else x
        found.append((left, y - 0.75 * SIZE, left + length, y + 0.22 * SIZE, text.text))
    return found


def boxes_of(svg):
    root = ET.fromstring(svg)
    margin = float(re.search(r"translate\((\d+) ", root.find(f"{SVG}g").get("transform"))[1])
    for box in root.find(f"{SVG}g").iter(f"{SVG}rect"):
        if box.get("rx"):
            x, y, w, h = (float(box.get(key)) for key in ("x", "y", "width", "height"))
            yield x + margin, y + margin, x + margin + w, y + margin + h


def overlap(a, b):
    return min(a[2], b[2]) - max(a[0], b[0]) > 0.1 and min(a[3], b[3]) - max(a[1], b[1]) > 0.1


@pytest.mark.parametrize("name", STAGED)
def test_names_and_shapes_are_those_of_the_network(name):
    net, shape = STAGED[name]
    drawn = diagrams.network(net, shape).alt
    for stage in anatomy.stages(net, shape):
        assert re.search(rf"\b{stage.name} \([^()]*, {' × '.join(map(str, stage.output))}\)", drawn), stage
    assert drawn.count(", then ") == len(list(net.children()))


@pytest.mark.parametrize("name", STAGED)
def test_parameters_are_shown_if_wanted(name):
    net, shape = STAGED[name]
    drawn = diagrams.network(net, shape, parameters=True).alt
    shown = [int(count.replace(",", "")) for count in re.findall(r"([\d,]+) parameters", drawn)]
    assert sum(shown) == anatomy.parameters(net)


@pytest.mark.parametrize("name", OPENED)
def test_the_last_box_is_what_the_network_returns(name):
    net, shape = OPENED[name]
    with torch.device("meta"):
        expected = tuple(net.to("meta").eval()(torch.zeros(1, *shape)).shape[1:])
    assert [step.output for step in steps(inside(net, shape)) if step.output][-1] == expected


def test_branches_sums_and_concatenations_are_those_of_the_block():
    def joins(name):
        return [step for step in steps(inside(*OPENED[name])) if step.kind in ("sum", "concatenation")]

    assert [join.pieces for join in joins("inception")] == [(64, 128, 32, 32)]
    assert [len(join.pieces) for join in joins("dense block")] == [2, 3, 4, 5, 6, 7]
    assert joins("dense block")[-1].pieces == (64, 32, 32, 32, 32, 32, 32)
    assert [step.output for step in joins("FCN-8s")] == [(21, 14, 14), (21, 28, 28)]
    assert [len(joins(name)) for name in ("residual", "bottleneck", "projected", "plain", "FCN-32s")] == [1, 1, 1, 0, 0]


@pytest.mark.slow
@pytest.mark.parametrize("name", [*ALL, *DRAWN])
def test_every_letter_can_be_read(name):
    drawing = drawing_of(name)
    assert SIZE >= 12
    for svg, widest in ((drawing.svg, WIDE), (drawing.narrow, NARROW)):
        root = ET.fromstring(svg)
        page = float(root.get("width")), float(root.get("height"))
        assert page[0] <= widest
        words = words_of(svg)
        for x1, y1, x2, y2, text in words:
            assert x1 >= 2 and y1 >= 2 and x2 <= page[0] - 2 and y2 <= page[1] - 2, text
        for one, other in combinations(words, 2):
            assert not overlap(one, other), (one, other)
        for box in boxes_of(svg):
            for line in words:
                is_inside = box[0] <= line[0] and box[1] <= line[1] and line[2] <= box[2] and line[3] <= box[3]
                assert is_inside or not overlap(box, line), (box, line)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*ALL, *DRAWN])
def test_no_two_boxes_overlap(name):
    drawing = drawing_of(name)
    for svg in (drawing.svg, drawing.narrow):
        assert not [pair for pair in combinations(boxes_of(svg), 2) if overlap(*pair)]


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_the_same_network_gives_the_same_bytes(name):
    assert diagrams.network(*ALL[name]) == diagrams.network(*ALL[name])


def test_the_network_stays_as_it_is():
    net = resnet.BasicBlock(3, 3).train()
    before = {key: value.clone() for key, value in net.state_dict().items()}
    diagrams.network(net, SCENE)
    assert net.training and all(torch.equal(value, before[key]) for key, value in net.state_dict().items())


def test_a_notebook_gets_both_forms_and_words():
    drawing = diagrams.network(LENET, (1, 32, 32), "LeNet-5")
    bundle, metadata = drawing._repr_mimebundle_()
    assert bundle["text/plain"] == "Drawing of LeNet-5: 1 × 32 × 32 → 10"
    assert bundle[DRAWING] == drawing.svg and bundle[DRAWING].startswith("<svg ")
    assert metadata["image/png"] == {"alt": drawing.alt, "narrow": drawing.narrow} | metadata["image/png"]
    html = bundle["text/html"]
    assert html.count("data:image/svg+xml;base64,") == 2 and f'alt="{drawing.alt}"' in html
    assert len(html) < 50_000


@pytest.mark.slow
@pytest.mark.parametrize("name", [*ALL, *DRAWN])
def test_a_reader_that_drops_svg_sees_the_same_drawing(name):
    drawing = drawing_of(name)
    bundle, metadata = drawing._repr_mimebundle_()
    facts, picture = metadata["image/png"], Image.open(io.BytesIO(bundle["image/png"]))
    assert len(bundle["image/png"]) < 100_000
    assert picture.size == (round(facts["width"] * 1.5), round(facts["height"] * 1.5))
    grey = np.asarray(picture.convert("L"))
    for x1, y1, x2, y2, words in words_of(drawing.svg):  # dark letters from one end of each line to the other
        line = grey[int(1.5 * y1) : int(1.5 * y2), int(1.5 * x1) : int(1.5 * x2) + 1]
        inked = (line < 128).any(0).nonzero()[0]
        assert inked[0] <= 6 and inked[-1] >= 1.5 * (x2 - x1) - 6, words
    edges = [(round(1.5 * x1), round(1.5 * (y1 + y2) / 2)) for x1, y1, _, y2 in boxes_of(drawing.svg)]
    assert all(grey[y, max(x - 2, 0) : x + 3].min() < 215 for x, y in edges)


def test_a_picture_of_what_no_sheet_draws_is_refused():
    with pytest.raises(ValueError, match="got <ellipse>"):
        rasterised('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><g><ellipse/></g></svg>', 0)


def test_a_module_that_is_not_known_is_a_box_with_its_name():
    assert diagrams.network(Unknown(), SCENE).alt.endswith("then Unknown, 5 × 62 × 62.")
    drawing = diagrams.network(nn.Sequential(Unknown(), nn.MaxPool2d(2)), SCENE)
    assert "Unknown, 5 × 62 × 62, then 2×2 max pooling, 5 × 31 × 31" in drawing.alt


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (nn.Conv2d(4, 4, 3, groups=4), "3×3 depthwise convolution"),
        (nn.Conv2d(4, 8, (1, 3), stride=(1, 2), groups=2), "1×3 grouped convolution, stride 1×2"),
        (nn.ConvTranspose2d(4, 4, 4, 2), "4×4 transposed convolution, stride 2"),
        (nn.MaxPool2d(3, 2), "3×3 max pooling, stride 2"),
        (nn.MaxPool2d((2, 3)), "2×3 max pooling"),
        (nn.AvgPool2d(1, 2), "1×1 average pooling, stride 2"),
        (nn.AdaptiveMaxPool2d((None, 6)), "max pooling to H×6"),
        (nn.AdaptiveAvgPool2d((1, 1)), "global average pooling"),
        (nn.LPPool2d(2, 2), "LPPool2d"),
        (nn.SiLU(), "SiLU"),
    ],
)
def test_layers_have_the_words_of_the_field(layer, expected):
    assert f"then {expected}, " in diagrams.network(layer, (4, 13, 17)).alt


def test_a_name_is_written_as_it_is():
    net = nn.Sequential()
    net.add_module("a <b> & c", nn.Conv2d(3, 4, 1))
    drawing = diagrams.network(net, SCENE, "<i> & 'you'")
    assert "a <b> & c" in [" ".join(text for *_, text in words_of(drawing.svg) if text.startswith("a <b>"))]
    assert drawing.alt.startswith("<i> & 'you': ")


def test_a_layer_used_twice_is_drawn_twice():
    relu, net = nn.ReLU(), nn.Sequential()
    for name, layer in (("a", nn.Conv2d(3, 4, 1)), ("b", relu), ("c", nn.Conv2d(4, 5, 1)), ("d", relu)):
        net.add_module(name, layer)
    assert diagrams.network(net, SCENE).alt.count("ReLU") == 2


@pytest.mark.parametrize(
    ("net", "shape", "sentence"),
    [
        ("vgg", PHOTO, "a network must be an nn.Module, got a str"),
        (LENET, (), "shape must be that of one input, such as (3, 224, 224), got ()"),
        (LENET, (1, 0, 32), "shape must be that of one input, such as (3, 224, 224), got (1, 0, 32)"),
        (LENET, 32, "shape must be that of one input, such as (3, 224, 224), got 32"),
        (LENET, (3, 32, 32), "an input of shape (3, 32, 32) does not fit conv1: "),
        (resnet.BasicBlock(4, 4), (3, 8, 8), "an input of shape (3, 8, 8) does not fit BasicBlock: "),
        (Yolo(5), (3, 32, 32), "an input of shape (3, 32, 32) does not fit the detector: "),
        (nn.Sequential(), SCENE, "a network must have at least one layer"),
        (Detector(5), SCENE, "a detector must be one of ['RCNN', "),
    ],
)
def test_bad_input_is_one_sentence(net, shape, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)) as caught:
        diagrams.network(net, shape)
    assert "\n" not in str(caught.value)


def test_widths_are_those_of_the_font():
    path = font_manager.findfont("Liberation Sans", fallback_to_default=False) if _has_liberation() else None
    if path is None:
        pytest.skip("Liberation Sans is not installed")
    font = ImageFont.truetype(path, 1000)
    for words in ("3×3 convolution, stride 2", "64 × 28 × 28", "inception_3a (5×5)"):
        assert width(words, size=1000) == pytest.approx(sum(map(font.getlength, words)), rel=0.01)


def _has_liberation():
    return any(font.name == "Liberation Sans" for font in font_manager.fontManager.ttflist)


def test_words_break_where_they_fit():
    assert wrap("", 50) == []
    for words in ("a_name_that_is_long_enough_to_be_cut", "two 3×3 convolutions, 2×2 max pooling", "x" * 99):
        lines = wrap(words, 60)
        assert all(width(line) <= 60 for line in lines)
        assert "".join(lines).replace(" ", "") == words.replace(" ", "")
    assert LINE > SIZE


def test_a_drawn_detector_counts_sizes_times_ratios_at_every_cell():
    detector = FasterRCNN(classes=5, anchors={"sizes": (8, 16), "ratios": (0.5, 1, 2)})
    outputs = {step.name: step.output for step in steps(pipeline(detector, SCENE))}
    assert outputs["objectness"] == (16 * 16 * 6,)  # a map of stride 4
    assert (16 * 16 * 6, 4) in [step.output for step in steps(pipeline(detector, SCENE)) if step.name == "box deltas"]


def test_the_last_rung_of_a_ladder_is_the_coarsest():
    with torch.device("meta"):
        found = rungs(inside(fcn.fcn(8), (3, 64, 64)))
    assert [rung.stage.name for rung in found] == ["input", "pool1", "pool2", "pool3", "pool4", "fc7"]
    assert [rung.score is not None for rung in found] == [False, False, False, True, True, True]
