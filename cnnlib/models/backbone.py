"""The course's own backbone: a small VGG with batch norm, trained to classify drawn crops.

What ImageNet is to the networks of the papers, the ten classes of `cnnlib.data.shapes.crops` are to the detectors of lessons 09
to 11 and to the FCN of lesson 08. The crops are far more similar to the drawn scenes than ImageNet is to VOC, so pretraining
helps more here than there. `make pretrain` writes the file of weights, with one fixed seed.
"""

from pathlib import Path

from torch import nn

from cnnlib.weights import read_weights

# fmt: off
STAGES = {
    #      width layers; each stage after the first begins with a pool that halves the map
    "conv1": (12, 1),
    "conv2": (24, 2),
    "conv3": (64, 3),
}
# fmt: on
STRIDE, CHANNELS = 4, 64  # of the feature map that conv3 computes
WEIGHTS = Path(__file__).with_name("backbone.pt")


def classifier(classes: int = 10) -> nn.Sequential:
    """Build the untrained network, from any image to its scores: (N, 3, H, W) -> (N, classes).

    >>> import torch
    >>> classifier()(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 10])
    """
    net, c_in = nn.Sequential(), 3
    for index, (name, (width, layers)) in enumerate(STAGES.items()):
        if index:
            net.add_module(f"pool{index}", nn.MaxPool2d(2))
        net.add_module(name, stage := nn.Sequential())
        for _ in range(layers):
            stage.append(block(c_in, width))
            c_in = width
    net.add_module("average_pool", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
    net.add_module("fc", nn.Linear(c_in, classes))
    return net


def block(c_in: int, c_out: int) -> nn.Sequential:
    """Build the layer that everything here consists of, 3x3 convolution, batch norm, ReLU: (N, C, H, W) -> (N, K, H, W)."""
    convolution = nn.Conv2d(c_in, c_out, 3, padding=1, bias=False)  # the batch norm has one
    return nn.Sequential(convolution, nn.BatchNorm2d(c_out), nn.ReLU())


def pretrained_classifier() -> nn.Sequential:
    """Load the network trained on crops: (N, 3, H, W) -> (N, 10), over `cnnlib.data.shapes.CROP_CLASSES`.

    Raises ValueError if its file is missing or is not what `make pretrain` writes.
    """
    net = classifier()
    try:
        read_weights(WEIGHTS, net)
    except ValueError as error:
        raise ValueError(f"{WEIGHTS.name} cannot be read ({error}); `make pretrain` makes it anew") from None
    return net


def pretrained_backbone() -> nn.Sequential:
    """Load the trained network without its classification head, with a stride of 4: (N, 3, H, W) -> (N, 64, H // 4, W // 4).

    >>> import torch
    >>> pretrained_backbone()(torch.zeros(2, 3, 64, 64)).shape
    torch.Size([2, 64, 16, 16])
    """
    return pretrained_classifier()[:-2]
