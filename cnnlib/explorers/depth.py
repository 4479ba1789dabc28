"""Depth against training loss and against the gradients before training, plain and residual."""

from typing import Any

import traitlets

from cnnlib.explorers.explorer import Explorer, data, setting, stored


class DepthExplorer(Explorer):
    """Choose a depth and an initialisation: the training loss, and the gradients that arrive at each block before training.

    Everything was measured once, see `gradients.py`.
    """

    name = "depth"
    alt = (
        "Left, training loss by depth: it rises for plain networks from 8 to 32 layers and stays low for residual ones. Right, "
        "the gradient by block on a logarithmic axis: with batch norm it grows towards the image, more so without shortcuts."
    )
    depths = data(traitlets.List(traitlets.Int()))
    losses = data(traitlets.Dict())
    gradients = data(traitlets.Dict())
    blocks = setting(traitlets.Int(9, min=2, max=15))
    start = setting(traitlets.Unicode("batch norm"))

    @classmethod
    def common(cls) -> dict[str, Any]:
        """Read what was measured."""
        return stored("depth")
