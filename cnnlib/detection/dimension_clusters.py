"""Sizes of anchors by k-means: Redmon, Farhadi, YOLO9000: Better, Faster, Stronger, 2016, section 2, "Dimension Clusters".

Departures from the paper: none.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from cnnlib.seeds import shifted


def size_overlap(a: Tensor, b: Tensor) -> Tensor:
    """Compute the IoU of sizes as if all boxes shared a centre: w h (..., M, 2), (K, 2) -> (..., M, K).

    >>> size_overlap(torch.tensor([[4.0, 4.0]]), torch.tensor([[4.0, 4.0], [2.0, 4.0]]))
    tensor([[1.0000, 0.5000]])
    """
    shared = torch.minimum(a[..., :, None, :], b).prod(-1)
    return shared / (a.prod(-1)[..., None] + b.prod(-1) - shared)


def anchor_sizes(sizes: Tensor, k: int = 5, seed: int = 0, steps: int = 100) -> Tensor:
    """Find `k` typical sizes by k-means with the distance 1 - IoU: w h (M, 2) -> (k, 2), the smallest area first.

    Starts from k different sizes sampled with `seed`. Each step assigns every size to the nearest centre and moves each centre
    to the mean of its sizes, until nothing moves or for `steps` steps. Raises ValueError if `sizes` is not (M, 2), has a
    number that is not positive, or holds fewer than k different sizes.

    >>> anchor_sizes(torch.tensor([[8.0, 8.0], [8.0, 10.0], [30.0, 10.0]]), k=2)
    tensor([[ 8.,  9.],
            [30., 10.]])
    """
    if sizes.ndim != 2 or sizes.shape[1] != 2 or not (sizes > 0).all():
        raise ValueError(
            f"anchor_sizes takes w h (M, 2), all positive, got {tuple(sizes.shape)}, {(~(sizes > 0)).sum()} of them not"
        )
    different = sizes.unique(dim=0)
    if not 1 <= k <= len(different):
        raise ValueError(f"k must be in 1 ... {len(different)}, the number of different sizes, got {k}")
    start = torch.randperm(len(different), generator=torch.Generator().manual_seed(shifted(seed)))[:k]
    centres = different[start.to(sizes.device)]
    for _ in range(steps):
        member = F.one_hot(size_overlap(sizes, centres).argmax(1), k).to(sizes)  # (M, k)
        count = member.sum(0)[:, None]
        moved = torch.where(count > 0, member.T @ sizes / count.clamp(min=1), centres)
        if torch.equal(moved, centres):
            break
        centres = moved
    return centres[centres.prod(1).argsort()]
