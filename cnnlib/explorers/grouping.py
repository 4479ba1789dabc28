"""Selective search on photographs, merge by merge."""

import base64
from typing import TYPE_CHECKING, Any

import traitlets

from cnnlib.explorers.explorer import Explorer, data, setting, stored

if TYPE_CHECKING:
    from cnnlib.detection.grouping import Hierarchy

SIDE, SCALE, BLUR = 200, 50, 0.8  # of the photographs that are grouped


class GroupingExplorer(Explorer):
    """Merge the regions of a photograph step by step; point at a region to see its box."""

    name = "grouping"
    alt = (
        "Twelve regions that are left of a portrait, each in its mean colour: hat, face, flag, jacket; next to it the "
        "photograph with the boxes of these regions."
    )
    photographs = data(traitlets.Dict())
    groupings = data(traitlets.Dict())
    photograph = setting(traitlets.Unicode("hopper"))
    merges = setting(traitlets.Int(133, min=0))

    @classmethod
    def common(cls) -> dict[str, Any]:
        """Load the photographs and how their regions merge."""
        from cnnlib.explorers.encoding import photographs

        return {"photographs": photographs(SIDE), "groupings": stored("grouping")}


def hierarchy(name: str) -> "Hierarchy":
    """Group one of the course's photographs, which has 200 x 200 pixels."""
    from cnnlib.data.photos import photo
    from cnnlib.detection.grouping import grouping

    return grouping(photo(name, SIDE)[0], SCALE, BLUR, colours="hsv")


def written(found: "Hierarchy") -> dict[str, Any]:
    """Write a hierarchy as the module reads it: runs of pixels of one region, as bytes (region, length), and the merges.

    Raises ValueError if there are more than 256 regions.
    """
    runs: list[int] = []
    for row in found.labels.tolist():
        runs += [row[0], 0]
        for label in row:
            runs = runs if label == runs[-2] else [*runs, label, 0]
            runs[-1] += 1
    if len(found.merges) > 255:
        raise ValueError(f"a region's index must fit into a byte, got {len(found.merges) + 1} regions")
    return {"runs": base64.b64encode(bytes(runs)).decode(), "merges": found.merges.tolist()}
