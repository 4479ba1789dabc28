"""Anchors of three sizes at every cell of a scene's map, and the objects that they are matched with."""

from typing import Any

import traitlets

from cnnlib.explorers.explorer import Explorer, data, setting

SIZE, SCENES, SEED = 64, 10, 2


class AnchorsExplorer(Explorer):
    """Choose the sizes of three square anchors per cell and both thresholds, or drag an object: which anchors are positive?"""

    name = "anchors"
    alt = (
        "A pale scene with the positive anchors of its objects, in the colours of their classes; next to it the 16 x 16 cells "
        "of its map: a few large dots are positive, rings around them are left out, all other cells are background."
    )
    scenes = data(traitlets.List())
    classes = data(traitlets.List(traitlets.Unicode()))
    size = data(traitlets.Int(SIZE))
    scene = setting(traitlets.Int(0, min=0, max=SCENES - 1))
    sizes = setting(traitlets.List(traitlets.Int(), default_value=[16, 20, 26], minlen=3, maxlen=3, help="pixels"))
    positive = setting(traitlets.Int(70, min=30, max=95, help="per cent"))
    negative = setting(traitlets.Int(30, min=5, max=95, help="per cent"))
    cell = setting(traitlets.List(traitlets.Int(), default_value=[6, 5], minlen=2, maxlen=2, help="row and column"))

    @classmethod
    def common(cls) -> dict[str, Any]:
        """Draw the scenes."""
        from cnnlib.data.scenes import SCENE_CLASSES
        from cnnlib.explorers.encoding import drawn_scenes

        return {"scenes": drawn_scenes(SCENES, SIZE, SEED), "classes": list(SCENE_CLASSES)}
