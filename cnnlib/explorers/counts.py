"""The weights of one 3x3 layer against those of a bottleneck."""

import traitlets

from cnnlib.explorers.explorer import Explorer, setting


class CountsExplorer(Explorer):
    """Choose the channels around a bottleneck and inside it, and compare its weights with those of one 3x3 layer."""

    name = "counts"
    alt = (
        "Two bars: one 3x3 layer from 256 channels to 256 has 589,824 weights, a bottleneck of 1x1, 3x3 and 1x1 with 128 "
        "channels inside has 212,992, of which two thirds are in its 3x3 filters."
    )
    channels = setting(traitlets.Int(256, min=32, max=512))
    narrow = setting(traitlets.Int(128, min=8, max=512))
