"""SPPNet: He, Zhang, Ren, Sun, Spatial Pyramid Pooling in Deep Convolutional Networks for Visual Recognition, 2014, section 4.1
(detection) and appendix A (regions on maps). The network runs once per image; proposals are cut from its feature map.

Departures from the paper: a map of stride 4 of a network trained on drawn crops; one scale (the paper: five); levels 4, 2, 1
(the paper: 6, 3, 2, 1), not followed by fully connected layers. The rest is in `cnnlib.detection.regions`.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from cnnlib.detection.pooling import roi_pyramid
from cnnlib.detection.regions import RegionClassifier
from cnnlib.models.backbone import CHANNELS, STRIDE


class SPPNet(RegionClassifier):
    """Describe every proposal by the spatial pyramid of its part of the image's one feature map.

    `channels` and `stride` are those of the map.

    >>> net = SPPNet(classes=5)
    >>> net.features(torch.zeros(2, 3, 64, 64), torch.tensor([[1.0, 5.0, 7.0, 30.0, 20.0]])).shape    # 64 (16 + 4 + 1)
    torch.Size([1, 1344])
    """

    def __init__(
        self,
        classes: int,
        backbone: nn.Module | None = None,
        levels: Sequence[int] = (4, 2, 1),
        channels: int = CHANNELS,
        stride: int = STRIDE,
    ) -> None:
        super().__init__(classes, backbone, channels * sum(n * n for n in levels))
        self.levels, self.stride = levels, stride

    def features(self, images: Tensor, rois: Tensor) -> Tensor:
        """Run the network once per image: (N, 3, H, W), (R, 5) -> (R, C (16 + 4 + 1))."""
        self.passes += len(images)
        return roi_pyramid(self.backbone(images), cells_inside(rois, self.stride), self.levels)


def cells_inside(rois: Tensor, stride: float) -> Tensor:
    """Project regions to a map, rounded inwards: (R, 5) in pixels of the image -> (R, 5) in cells, both ends included.

    First cell floor(x / S) + 1, last ceil(x / S) - 1 (appendix A): pixels outside a region stay out of its bins.

    >>> cells_inside(torch.tensor([[1.0, 5.0, 7.0, 30.0, 20.0]]), stride=4)
    tensor([[1., 2., 2., 7., 4.]])
    """
    image, first, last = rois.split([1, 2, 2], 1)
    return torch.cat([image, (first / stride).floor() + 1, (last / stride).ceil() - 1], 1)
