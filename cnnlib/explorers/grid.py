"""YOLO's grid, cell by cell: the target of a scene, or what a learner's trained network predicts."""

from functools import cache
from typing import TYPE_CHECKING, Any

import traitlets

from cnnlib.explorers.explorer import Explorer, data, setting

if TYPE_CHECKING:
    from cnnlib.data.scenes import Scenes
    from cnnlib.detection.yolo import Yolo

SIZE, SCENES, SEED = 64, 10, 4


class GridExplorer(Explorer):
    """Read YOLO's tensor cell by cell. Without `net` it is the target, for any number of cells, and boxes can be dragged.

    With a trained `net` it is what the network predicts for the same scenes, computed when the explorer is made.
    """

    name = "grid"
    alt = (
        "A scene of drawn shapes in 8 x 8 cells, with the box of the object whose centre lies in the framed cell; next to it "
        "the class and the score of each cell, and the numbers of the framed one: x, y, w, h, confidence and five class scores."
    )
    scenes = data(traitlets.List())
    classes = data(traitlets.List(traitlets.Unicode()))
    size = data(traitlets.Int(SIZE))
    per_cell = data(traitlets.Int(1))
    predictions = data(traitlets.List())  # of a network: per scene the numbers of all cells, row by row
    scene = setting(traitlets.Int(1, min=0, max=SCENES - 1))
    cells = setting(traitlets.Int(8, min=1, max=16))
    cell = setting(traitlets.List(traitlets.Int(), default_value=[2, 4], minlen=2, maxlen=2, help="row and column"))
    min_score = setting(traitlets.Int(30, min=5, max=95, help="per cent"))

    def __init__(self, net: "Yolo | None" = None, **values: Any) -> None:
        super().__init__(**(predicted(net) if net is not None else {}) | values)

    @classmethod
    def common(cls) -> dict[str, Any]:
        """Draw the scenes."""
        from cnnlib.data.scenes import SCENE_CLASSES
        from cnnlib.explorers.encoding import drawn_scenes

        return {"scenes": drawn_scenes(SCENES, SIZE, SEED), "classes": list(SCENE_CLASSES)}


@cache
def drawn() -> "Scenes":
    """Draw the scenes that the explorer shows."""
    from cnnlib.data.scenes import scenes

    return scenes(SCENES, SIZE, SEED)


def predicted(net: "Yolo") -> dict[str, Any]:
    """Predict all scenes with a network. Raises ValueError if it reads scenes of another size."""
    from cnnlib import training

    if net.size != SIZE:
        raise ValueError(f"the explorer's scenes have {SIZE} x {SIZE} pixels, but this network reads {net.size} x {net.size}")
    tensor = training.predict(net, drawn().images).cpu().double()  # (N, S, S, B * 5 + C)
    numbers = tensor.flatten(1).mul(10**4).round().div(10**4).tolist()
    return {"predictions": numbers, "cells": tensor.shape[1], "per_cell": net.per_cell}
