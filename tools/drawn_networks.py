"""Drawings of networks and of the training loop, for lessons 02, 04, 06 and 07, for `tools.drawn`."""

import torch
from torch import nn

from cnnlib import diagrams
from cnnlib.diagrams import Diagram, flow
from cnnlib.diagrams.parts import Chain, Fork, Step, sentence
from cnnlib.diagrams.sheet import Sheet
from cnnlib.diagrams.text import LINE
from cnnlib.models.densenet import DenseLayer
from cnnlib.models.vgg import vgg

STEPS = (  # of a training loop: what happens, and in which words of PyTorch
    ("forward pass", "network(images)"),
    ("loss", "cross_entropy(logits, labels)"),
    ("clear the old gradients", "optimizer.zero_grad()"),
    ("backward pass", "loss.backward()"),
    ("move the weights", "optimizer.step()"),
)
BOX, GAP, LANE = 240, 24, 36  # pixels: a box of the loop, between two, and beside them
CONVOLUTIONS = {  # of AlexNet: channels in and out, kernel, stride, padding, groups, and whether a max pool follows
    "conv1": (3, 96, 11, 4, 0, 1, True),
    "conv2": (96, 256, 5, 1, 2, 2, True),
    "conv3": (256, 384, 3, 1, 1, 1, False),
    "conv4": (384, 384, 3, 1, 1, 2, False),
    "conv5": (384, 256, 3, 1, 1, 2, True),
}


def loop() -> Diagram:
    """Draw the five steps of a training loop, and the way back to the next batch."""
    height = 2 * LINE + 16

    def draw(sheet: Sheet, room: float) -> tuple[float, float]:
        for place, (name, code) in enumerate(STEPS):
            y = place * (height + GAP)
            sheet.box(0, y, BOX, height, "convolution")
            sheet.lines(BOX / 2, y + 6, [(name, True), (code, False)])
            if place:
                sheet.line([(BOX / 2, y - GAP), (BOX / 2, y)], arrow=True)
        bottom, right = len(STEPS) * (height + GAP) - GAP, BOX + LANE
        sheet.line(
            [(BOX, bottom - height / 2), (right, bottom - height / 2), (right, height / 2), (BOX, height / 2)], arrow=True
        )
        sheet.text(right + 8, bottom / 2, "next batch", anchor="start")
        return right + 80, bottom

    words = ", then ".join(f"{name}, {code}" for name, code in STEPS)
    return diagrams.drawing("the training loop", f"{words}, and back to the first step with the next batch", draw)


def vgg_block() -> Diagram:
    """Draw the second block of VGG-16."""
    layers = nn.Conv2d(64, 128, 3, padding=1), nn.ReLU(), nn.Conv2d(128, 128, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)
    return diagrams.network(nn.Sequential(*layers), (64, 112, 112), "the second block of VGG-16")


def vgg16() -> Diagram:
    """Draw VGG-16: five blocks with their pools, and three fully connected layers."""
    with torch.device("meta"):
        stages = dict(vgg(16).named_children())
    net = nn.Sequential()
    for number in range(1, 6):
        net.add_module(f"block {number}", nn.Sequential(*stages[f"conv{number}"].children(), stages[f"pool{number}"]))
    for name in ("fc6", "fc7", "fc8"):
        net.add_module(name, stages[name])
    return diagrams.network(net, name="VGG-16", parameters=True)


def preactivated() -> Diagram:
    """Draw a block with pre-activation: norm and ReLU before each convolution, and nothing on the direct path."""
    shape, names = (16, 8, 8), ("batch norm, ReLU", "3×3 convolution") * 2
    body = Chain(tuple(Step("", name, shape, "convolution" if "conv" in name else "pointwise") for name in names))
    fork = Fork((body, Chain((), "direct path")), Step("", "sum", shape, "sum"))
    chain = Chain((Step("input", "", shape, "data"), fork))
    return diagrams.drawing("a pre-activation block", sentence(chain), lambda sheet, room: flow.draw(sheet, chain, room))


def dense_layer() -> Diagram:
    """Draw a dense layer with a bottleneck, as in DenseNet-121."""
    return diagrams.network(DenseLayer(64, 32), (64, 56, 56), "a dense layer with a bottleneck")


def alexnet() -> Diagram:
    """Draw AlexNet: five convolutional and three fully connected layers."""
    net = nn.Sequential()
    for name, (c_in, c_out, kernel, stride, padding, groups, pools) in CONVOLUTIONS.items():
        layers = [nn.Conv2d(c_in, c_out, kernel, stride, padding, groups=groups), nn.ReLU()]
        net.add_module(name, nn.Sequential(*layers, *([nn.MaxPool2d(3, 2)] if pools else [])))
    net.add_module("fc6", nn.Sequential(nn.Flatten(), nn.Linear(9216, 4096), nn.ReLU()))
    net.add_module("fc7", nn.Sequential(nn.Linear(4096, 4096), nn.ReLU()))
    net.add_module("fc8", nn.Linear(4096, 1000))
    return diagrams.network(net, (3, 227, 227), "AlexNet")
