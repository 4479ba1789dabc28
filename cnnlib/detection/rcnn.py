"""R-CNN: Girshick, Donahue, Darrell, Malik, Rich Feature Hierarchies for Accurate Object Detection and Semantic Segmentation,
2013, section 2 (regions, features, SVMs) and appendix A (the warp). The network runs once per proposal.

Departures from the paper: crops of 32 pixels with 6 of context on each side for a network trained on drawn crops, in place of
227 with 16 for AlexNet; the last feature map, pooled to 4 x 4, in place of fc7 (table 2 has pool5 too). The rest is in
`cnnlib.detection.regions`.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.detection.pooling import crop_and_warp
from cnnlib.detection.regions import RegionClassifier
from cnnlib.models.backbone import CHANNELS

POOLED = 4  # bins along each axis of the last feature map
CROP_BATCH_SIZE = 128  # that go through the network at a time: their feature maps stay in the processor's cache


class RCNN(RegionClassifier):
    """Warp every proposal to size x size pixels, `context` of them around it, and describe it by the backbone's feature map.

    `channels` are those of the map.

    >>> net = RCNN(classes=5)
    >>> net.features(torch.zeros(2, 3, 64, 64), torch.tensor([[1.0, 5.0, 7.0, 30.0, 20.0]])).shape    # 64 channels x 4 x 4
    torch.Size([1, 1024])
    """

    def __init__(
        self,
        classes: int,
        backbone: nn.Module | None = None,
        size: int = 32,
        context: int = 6,
        channels: int = CHANNELS,
    ) -> None:
        super().__init__(classes, backbone, channels * POOLED**2)
        self.size, self.context = size, context

    def features(self, images: Tensor, rois: Tensor) -> Tensor:
        """Run the network once per region: (N, 3, H, W), (R, 5) -> (R, C 16)."""
        self.passes += len(rois)
        crops = crop_and_warp(images, rois, self.size, self.context).contiguous(memory_format=torch.channels_last)
        return torch.cat(
            [F.adaptive_max_pool2d(self.backbone(some), POOLED).flatten(1) for some in crops.split(CROP_BATCH_SIZE)]
        )
