"""The channels, parameters and memory of a DenseNet for CIFAR."""

import traitlets

from cnnlib.explorers.explorer import Explorer, setting


class DenseExplorer(Explorer):
    """Choose growth rate, depth and kind ("plain" or "bc") of a CIFAR DenseNet: channels by layer, parameters, memory."""

    name = "dense"
    alt = (
        "Bars of the channels that each layer of three dense blocks reads, from 16 up to 436, and of what it adds, 12; below, "
        "the network's parameters and the memory stored per image, next to those of ResNet-110."
    )
    growth = setting(traitlets.Int(12, min=4, max=40))
    layers = setting(traitlets.Int(12, min=2, max=32))
    kind = setting(traitlets.Enum(["plain", "bc"], "plain"))
