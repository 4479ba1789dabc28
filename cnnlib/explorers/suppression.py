"""Non-maximum suppression step by step, over all the boxes that a detector finds."""

from typing import TYPE_CHECKING, Any

import traitlets

from cnnlib.explorers.explorer import Explorer, data, setting, stored

if TYPE_CHECKING:
    from torch import Tensor

    from cnnlib.detection.regions import RegionClassifier

SHOWN = 12  # scenes to choose from
WORST = 0.3  # lower scores are never shown


class SuppressionExplorer(Explorer):
    """Suppress overlapping boxes step by step: the best box is kept, boxes that overlap it too much are dropped, and so on.

    `net` is a trained detector; without one, the boxes are those of an R-CNN that was trained on 60 scenes.
    """

    name = "suppression"
    alt = (
        "A scene of drawn shapes with the boxes of a detector: the best is kept, those it suppresses are dashed. Next to it "
        "is the list of boxes, best first, each with its class, its score and its result."
    )
    scenes = data(traitlets.List())
    classes = data(traitlets.List(traitlets.Unicode()))
    size = data(traitlets.Int(64))
    scene = setting(traitlets.Int(10, min=0))
    min_score = setting(traitlets.Int(40, min=30, max=95, help="per cent"))
    max_overlap = setting(traitlets.Int(30, min=0, max=100, help="per cent"))
    by_class = setting(traitlets.Bool(True))
    step = setting(traitlets.Int(1, min=0))

    def __init__(self, net: "RegionClassifier | None" = None, **values: Any) -> None:
        super().__init__(**({"scenes": found(net)} if net is not None else {}) | values)

    @classmethod
    def common(cls) -> dict[str, Any]:
        """Read the scenes and what an R-CNN found on them."""
        return {name: stored("suppression")[name] for name in ("scenes", "classes")}


def found(net: "RegionClassifier") -> list[dict[str, Any]]:
    """Detect on the crowded scenes and suppress nothing: the lists that the explorer's module reads."""
    from cnnlib.detection.proposals import selective_search
    from cnnlib.explorers.encoding import data_url

    scenes = []
    for image in crowded():
        proposals = selective_search(image)[None]
        boxes, scores, labels = net.detect(image[None], proposals, min_score=0.0, max_overlap=1.0, max_count=10**6)[0]
        enough = scores >= WORST
        lists = {"boxes": _rounded(boxes[enough], 1), "scores": _rounded(scores[enough], 3), "labels": labels[enough].tolist()}
        scenes.append({"image": data_url(image, quality=92)} | lists)
    return scenes


def crowded(drawn: int = 200) -> "Tensor":
    """Choose the scenes whose objects of one class overlap most: (SHOWN, 3, 64, 64)."""
    import torch

    from cnnlib.data.scenes import scenes
    from cnnlib.detection.boxes import iou

    many = scenes(drawn, seed=3)
    alike = (many.labels[:, :, None] == many.labels[:, None]) & (many.labels >= 0)[:, None]
    apart = ~torch.eye(many.labels.shape[1], dtype=torch.bool)
    overlap = (iou(many.boxes, many.boxes) * alike * apart).amax((1, 2))
    return many.images[overlap.topk(SHOWN).indices]


def _rounded(values: Any, digits: int) -> list:
    return (values.double() * 10**digits).round().div(10**digits).tolist()
