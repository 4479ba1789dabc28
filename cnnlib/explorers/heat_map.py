"""The heat map of a classifier that is slid over scenes of five sizes."""

import base64
from functools import cache
from typing import TYPE_CHECKING, Any

import traitlets

from cnnlib.explorers.explorer import Explorer, data, setting, stored

if TYPE_CHECKING:
    from torch import Tensor, nn

SIZES, SCENES, SEED = (48, 64, 96, 128, 192), 5, 7
WINDOW = 32  # pixels that the classifier looks at


class HeatMapExplorer(Explorer):
    """Slide the course's classifier over a scene: choose its size and the shape, point at a place to see its window."""

    name = "heat_map"
    alt = (
        "A scene of drawn shapes, and over it the probability of a triangle at 25 x 25 places: bright around the triangle, "
        "and in a few other windows too. The window of the largest probability is framed."
    )
    scenes = data(traitlets.List())
    sizes = data(traitlets.List(traitlets.Int(), default_value=list(SIZES)))
    classes = data(traitlets.List(traitlets.Unicode()))
    scene = setting(traitlets.Int(1, min=0, max=SCENES - 1))
    size = setting(traitlets.Int(3, min=0, max=len(SIZES) - 1, help="index into `sizes`"))
    shape = setting(traitlets.Unicode("triangle"))

    @classmethod
    def common(cls) -> dict[str, Any]:
        """Read the scenes and their maps."""
        return stored("heat_map")


def measured() -> dict[str, Any]:
    """Slide the classifier over all scenes in all sizes: per scene the images, and the maps of all shapes as bytes."""
    from cnnlib.data.scenes import SCENE_CLASSES, scenes
    from cnnlib.explorers.encoding import data_url

    drawn = [scenes(SCENES, size, seed=SEED).images for size in SIZES]
    found = []
    for images in zip(*drawn, strict=True):
        found.append({"images": [data_url(image, quality=88) for image in images], "maps": list(map(map_bytes, images))})
    return {"scenes": found, "classes": list(SCENE_CLASSES)}


def shape_maps(net: "nn.Module", image: "Tensor") -> "Tensor":
    """Run a fully convolutional classifier of ten classes over an image: (3, H, W) -> (5, H', W'), a probability per shape."""
    import torch

    from cnnlib.data.shapes import shape_probabilities

    with torch.no_grad():
        return shape_probabilities(net(image[None]))[0]


@cache
def _net() -> "nn.Module":
    from cnnlib.models.backbone import pretrained_classifier
    from cnnlib.models.fcn import convolutionalize

    return convolutionalize(pretrained_classifier(), WINDOW).eval()


def map_bytes(image: "Tensor") -> str:
    """Write the maps of a scene as the module reads them: (3, H, W) -> 5 H' W' bytes in base64, 255 for a probability of 1."""
    return base64.b64encode(shape_maps(_net(), image).mul(255).round().byte().numpy().tobytes()).decode()
