"""Compute what the explorers read from `cnnlib/explorers/data`.

python -m tools.explorer_data [NAME ...]     compute the files named, or all (two minutes)

It is needed only when the code changes that computes them; slow tests compare samples with what is stored.
"""

import json
import sys
from typing import Any

from tools import ROOT, run

DATA = ROOT / "cnnlib" / "explorers" / "data"


def suppression() -> dict[str, Any]:
    """Train an R-CNN on 60 scenes and detect on twelve crowded ones."""
    from cnnlib.data.scenes import SCENE_CLASSES, scenes
    from cnnlib.detection.proposals import padded, selective_search
    from cnnlib.detection.rcnn import RCNN
    from cnnlib.explorers.suppression import found

    few = scenes(60)
    proposals = padded([selective_search(image) for image in few.images])
    net = RCNN(len(SCENE_CLASSES)).fit(few.images, few.boxes, few.labels, proposals)
    return {"classes": list(SCENE_CLASSES), "scenes": found(net)}


def receptive_field() -> dict[str, Any]:
    """Measure what moves the middle unit of each layer of VGG-16 on each photograph."""
    from cnnlib.explorers.influence import measured

    return measured()


def depth() -> dict[str, Any]:
    """Measure the gradients that arrive at each block of plain and residual networks."""
    from cnnlib.explorers.gradients import measured

    return measured()


def grouping() -> dict[str, Any]:
    """Group every photograph."""
    from cnnlib.data.photos import PHOTOS
    from cnnlib.explorers.grouping import hierarchy, written

    return {name: written(hierarchy(name)) for name in PHOTOS}


def heat_map() -> dict[str, Any]:
    """Slide the course's classifier over scenes of five sizes."""
    from cnnlib.explorers.heat_map import measured

    return measured()


COMPUTED = {compute.__name__: compute for compute in (suppression, receptive_field, depth, grouping, heat_map)}


def main(names: list[str]) -> None:
    """Compute the files named, or all."""
    for name in names or COMPUTED:
        text = json.dumps(COMPUTED[name](), separators=(",", ":"))
        (DATA / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        print(f"{name}: {len(text) / 1024:.0f} KB")


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
