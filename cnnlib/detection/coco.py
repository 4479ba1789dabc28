"""Torchvision's Faster R-CNN with MobileNetV3 and a feature pyramid, trained on COCO: 80 kinds of objects in photographs.

Its weights are read from the folder that `CNNLIB_DATA` names and fetched only where `CNNLIB_FETCH` is 1. The network is
torchvision's own: Ren et al. 2015, Howard et al. 2019 (MobileNetV3), Lin et al. 2016 (FPN), Lin et al. 2014 (COCO).
"""

import os
import socket
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn

from cnnlib.detection.detections import Detections
from cnnlib.files import UNREADABLE, data_folder, reason, written_whole

FILE = "fasterrcnn_mobilenet_v3_large_320_fpn-907ea3f9.pth"  # the last part is the start of its SHA-256
URL = f"https://download.pytorch.org/models/{FILE}"
MEGABYTES = 78
PATIENCE = 10  # seconds after which a network that does not answer counts as none
COUNTER = "num_batches_tracked"  # of a batch norm; the published file has none, since it was trained with frozen ones


def pretrained() -> nn.Module | None:
    """Load the network in evaluation mode; where its weights are not here, one sentence is printed and None returned."""
    file = data_folder() / "weights" / FILE
    try:
        if not file.exists():
            _fetch(file)
        net = _network()
        _load(net, torch.load(file, map_location="cpu", weights_only=True))
    except UNREADABLE as error:
        print(f"torchvision's Faster R-CNN is not shown ({reason(error, 300)}); nothing that follows needs it.")
        return None
    return net.eval()


def detect(net: nn.Module, images: Tensor, min_score: float = 0.5) -> list[Detections]:
    """Find objects in photographs: (N, 3, H, W) in [0, 1] -> N `Detections`, best first; labels are indices of `classes`.

    Boxes with scores below `min_score` are left out.
    """
    with torch.no_grad():
        results = net(list(images))
    found = []
    for result in results:
        kept = result["scores"] >= min_score
        found.append(Detections(*(result[name][kept] for name in ("boxes", "scores", "labels"))))
    return found


@cache
def classes() -> tuple[str, ...]:
    """List the 91 names of COCO's labels: 0 is the background, and eleven numbers are not used ("N/A")."""
    from torchvision.models.detection import FasterRCNN_MobileNet_V3_Large_320_FPN_Weights as Weights

    return tuple(Weights.COCO_V1.meta["categories"])


def _network() -> nn.Module:
    from torchvision.models import detection  # here, because torchvision takes as long to import as torch

    return detection.fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None)


def _fetch(file: Path) -> None:
    if os.environ.get("CNNLIB_FETCH") != "1":
        raise RuntimeError(f"the environment variable CNNLIB_FETCH=1 allows the download of its weights, {MEGABYTES} MB")
    patience = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        with written_whole(file) as part:
            torch.hub.download_url_to_file(URL, str(part), hash_prefix=FILE[-12:-4], progress=False)
    finally:
        socket.setdefaulttimeout(patience)


def _load(net: nn.Module, state: dict[str, Tensor]) -> None:
    """Load published weights; raises RuntimeError if they are not those of this network."""
    missing, unexpected = net.load_state_dict(state, strict=False)
    if unexpected or any(not key.endswith(COUNTER) for key in missing):
        raise RuntimeError("its file holds the weights of another network")
