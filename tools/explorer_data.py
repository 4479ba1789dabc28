"""Compute what the explorers read from `cnnlib/explorers/data`.

python -m tools.explorer_data [suppression] [receptive_field]     compute the files named, or both (two minutes)

It is needed only when the code changes that computes them; a slow test compares some of the influences with the stored ones.
"""

import json
import sys
from typing import Any

from tools import ROOT, run

DATA = ROOT / "cnnlib" / "explorers" / "data"


def suppression() -> dict[str, Any]:
    """Train an R-CNN on 60 scenes and detect on twelve crowded ones."""
    from cnnlib.data.scenes import SCENE_CLASSES
    from cnnlib.explorers.suppression import found
    from cnnlib.widgets.rcnn import fitted

    return {"classes": list(SCENE_CLASSES), "scenes": found(fitted())}


def receptive_field() -> dict[str, Any]:
    """Measure what moves the middle unit of each layer of VGG-16 on each photograph."""
    from cnnlib.explorers.influence import measured

    return measured()


COMPUTED = {"suppression": suppression, "receptive_field": receptive_field}


def main(names: list[str]) -> None:
    """Compute the files named, or all."""
    for name in names or COMPUTED:
        text = json.dumps(COMPUTED[name](), separators=(",", ":"))
        (DATA / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        print(f"{name}: {len(text) / 1024:.0f} KB")


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
