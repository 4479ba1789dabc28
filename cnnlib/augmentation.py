"""Augmentation: functions that change the images of a training batch, differently each time, and leave the labels alone."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from cnnlib import seeds


def random_shifts(by: int) -> Callable[[Tensor], Tensor]:
    """Make a function that shifts every image of a batch (N, C, H, W) by its own random offset, for `fit(augment=...)`.

    Both offsets, along the rows and along the columns, are sampled evenly from -by ... by. What leaves the image is lost, and
    zeros fill the pixels that become free. Raises ValueError if `by` is not a whole number of at least 0.

    >>> random_shifts(4)(torch.ones(2, 3, 28, 28)).shape
    torch.Size([2, 3, 28, 28])
    """
    if not isinstance(by, int) or isinstance(by, bool) or by < 0:
        raise ValueError(f"by must be a whole number of pixels of at least 0, got {by!r}")

    def shifted(images: Tensor) -> Tensor:
        count, _, height, width = images.shape
        windows = F.pad(images, (by,) * 4).unfold(2, height, 1).unfold(3, width, 1)  # (N, C, 2 by + 1, 2 by + 1, H, W)
        down, right = torch.randint(2 * by + 1, (2, count), generator=seeds.generator()).to(images.device)
        return windows[torch.arange(count, device=images.device), :, down, right]  # (N, C, H, W)

    return shifted
