"""Channels moved between the four branches of an Inception block, under a budget of weights."""

import traitlets

from cnnlib.explorers.explorer import Explorer, setting


class InceptionExplorer(Explorer):
    """Move channels between the branches of a block on 192 channels of 28 x 28, and watch the number of weights.

    The settings start as those of inception_3a; `budget` is in thousands of weights.
    """

    name = "inception"
    alt = (
        "Bars of the weights of four branches and of their output channels: inception_3a has 163,328 weights, most of them in "
        "the 3x3 filters, just below a budget of 164 thousand, and turns 192 channels into 256."
    )
    c1 = setting(traitlets.Int(64, min=0, max=256))
    c3_reduce = setting(traitlets.Int(96, min=1, max=192))
    c3 = setting(traitlets.Int(128, min=0, max=256))
    c5_reduce = setting(traitlets.Int(16, min=1, max=192))
    c5 = setting(traitlets.Int(32, min=0, max=256))
    c_pool = setting(traitlets.Int(32, min=0, max=256))
    budget = setting(traitlets.Int(164, min=50, max=500))
