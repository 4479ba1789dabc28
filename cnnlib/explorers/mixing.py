"""Three channels of a photograph mixed pixel by pixel."""

from typing import Any

import traitlets

from cnnlib.explorers.explorer import Explorer, data, setting

SIDE = 160


class MixingExplorer(Explorer):
    """Mix red, green and blue with one 1x1 filter: three weights and a bias. Point at a pixel to see its sum."""

    name = "mixing"
    alt = (
        "A photograph of a flower, and the output of a 1x1 filter that passes on the red channel alone: the flower is deep "
        "orange, the leaves are nearly white. No edge has moved."
    )
    photographs = data(traitlets.Dict())
    photograph = setting(traitlets.Unicode("flower"))
    weights = setting(traitlets.List(traitlets.Float(), default_value=[1.0, 0.0, 0.0], minlen=3, maxlen=3))
    bias = setting(traitlets.Float(0.0))

    @classmethod
    def common(cls) -> dict[str, Any]:
        """Load the photographs."""
        from cnnlib.explorers.encoding import photographs

        return {"photographs": photographs(SIDE)}
