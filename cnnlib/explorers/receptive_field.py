"""The receptive field of a unit of VGG-16 on a photograph, layer by layer."""

from typing import Any

import traitlets

from cnnlib.explorers.explorer import Explorer, data, setting, stored

SIDE = 224


class ReceptiveFieldExplorer(Explorer):
    """Move through VGG-16: the receptive field of each layer's middle unit, next to the influence of each pixel on that unit.

    `pools` is "five" or "none", `weights` is "random" or "equal". The influence was measured once, on a VGG-16 with few
    channels: the receptive field does not depend on the width.
    """

    name = "receptive_field"
    alt = (
        "A photograph of a cat with the receptive fields of the layers of VGG-16 as squares within squares; next to it the "
        "influence of each pixel on the middle unit of the last of them, bright in the middle; below, a bar per layer."
    )
    photographs = data(traitlets.Dict())
    layers = data(traitlets.List(traitlets.Unicode()))
    fields = data(traitlets.Dict())
    sides = data(traitlets.Dict())
    maps = data(traitlets.Dict())
    layer = setting(traitlets.Int(13, min=1, max=18))
    pools = setting(traitlets.Enum(["five", "none"], "five"))
    weights = setting(traitlets.Enum(["random", "equal"], "random"))
    photograph = setting(traitlets.Unicode("cat"))

    @classmethod
    def common(cls) -> dict[str, Any]:
        """Load the photographs and what was measured on them."""
        from cnnlib.explorers.encoding import photographs

        return {"photographs": photographs(SIDE)} | stored("receptive_field")
