"""Region proposal network: Ren, He, Girshick, Sun, Faster R-CNN, 2015, section 3.1.

A 3x3 layer slides over the backbone's map; at each cell two 1x1 layers say of A anchors how likely each holds an object of any
class, and how to move it onto that. An anchor is where a question is asked; a proposal is the box that comes out.

Departures from the paper: one logit an anchor (its footnote allows it; `logits=2` is its two-way softmax); the 3x3 layer
keeps the map's 64 channels; three anchors a cell, squares of 16, 20 and 26 pixels; anchors that cross the border learn too;
64 anchors an image, of 16 images, where the paper draws 256 of one; lambda is 1 and both losses are divided by the anchors
drawn (the paper: 10 / 2,400 against 1 / 256, nearly the same); smooth L1 is as in the authors' code.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.detection.anchors import anchors, assign, sample
from cnnlib.detection.boxes import Detections, area, clip, decode, encode
from cnnlib.detection.suppression import nms
from cnnlib.models.backbone import CHANNELS, STRIDE

SIZES, RATIOS = (16, 20, 26), (1,)
ANCHORS, SHARE = 64, 0.5  # anchors an image learns from, and how many of them may be positive
BETA = 1 / 9  # from which distance on smooth L1 is straight, in the authors' code
BEST, OVERLAP = 256, 0.7  # proposals an image before NMS, and the IoU above which NMS drops one


class RPN(nn.Module):
    """Ask at every anchor whether something is there: map (N, C, H', W') -> logits (N, A'), deltas (N, A', 4).

    A' = H' W' A anchors in the order of `anchors`, A = sizes x ratios. Raises ValueError if `logits` is not 1 or 2.

    >>> [y.shape for y in RPN()(torch.zeros(2, 64, 11, 13))]    # 11 x 13 x 3 anchors
    [torch.Size([2, 429]), torch.Size([2, 429, 4])]
    """

    def __init__(
        self,
        channels: int = CHANNELS,
        stride: int = STRIDE,
        sizes: Sequence[float] = SIZES,
        ratios: Sequence[float] = RATIOS,
        hidden: int | None = None,
        logits: int = 1,
    ) -> None:
        super().__init__()
        if logits not in (1, 2):
            raise ValueError(f"logits must be 1 or 2 an anchor, got {logits}")
        self.stride, self.sizes, self.ratios, self.logits = stride, tuple(sizes), tuple(ratios), logits
        hidden, each = hidden or channels, len(self.sizes) * len(self.ratios)
        self.conv = nn.Sequential(nn.Conv2d(channels, hidden, 3, padding=1), nn.ReLU())
        self.cls = nn.Conv2d(hidden, logits * each, 1)
        self.reg = nn.Conv2d(hidden, 4 * each, 1)
        for layer in (self.conv[0], self.cls, self.reg):  # section 3.1.3
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Compute one logit (the sigmoid of it is "objectness") and four deltas for each anchor."""
        y = self.conv(x)
        logits, deltas = (layer(y).permute(0, 2, 3, 1) for layer in (self.cls, self.reg))  # (N, H', W', ...)
        logits = logits.reshape(len(x), -1, self.logits)
        if self.logits == 2:  # the softmax of two scores is the sigmoid of their difference
            logits = logits.diff(dim=2)
        return logits[:, :, 0], deltas.reshape(len(x), -1, 4)

    def anchors(self, x: Tensor) -> Tensor:
        """Lay the anchors on a map: (N, C, H', W') -> (A', 4), in pixels of the image."""
        return anchors(*x.shape[2:], self.stride, self.sizes, self.ratios, x.device).to(x.dtype)


def anchor_losses(logits: Tensor, deltas: Tensor, anchors: Tensor, boxes: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """Measure equation 1: (N, A'), (N, A', 4), (A', 4), objects (N, T, 4), (N, T) -> {"objectness", "anchor box"}, scalars.

    The log loss of "something" against "nothing", and the smooth L1 distance of the deltas of positive anchors, both averaged
    over all anchors drawn. Labels serve to tell objects from padding alone. Without anchors both are 0.
    """
    matches = assign(anchors, boxes, labels)
    drawn = sample(matches, ANCHORS, SHARE)
    count = drawn.sum().clamp(min=1)
    image, number = (drawn & (matches >= 0)).nonzero(as_tuple=True)  # (positives,)
    targets = encode(boxes[image, matches[image, number]], anchors[number])
    something = (matches[drawn] >= 0).to(logits)
    return {
        "objectness": F.binary_cross_entropy_with_logits(logits[drawn], something, reduction="sum") / count,
        "anchor box": F.smooth_l1_loss(deltas[image, number], targets, reduction="sum", beta=BETA) / count,
    }


def best_proposals(
    logits: Tensor, deltas: Tensor, anchors: Tensor, height: int, width: int, most: int = BEST
) -> tuple[Tensor, Tensor]:
    """Move the anchors of the highest logits: (N, A'), (N, A', 4), (A', 4) -> boxes (N, P, 4), objectness (N, P).

    P = `most` or all that there are, the best first, cut off at the border of the image; no gradient flows back through them.

    >>> cells = torch.tensor([[0.0, 0.0, 8.0, 8.0], [0.0, 4.0, 8.0, 12.0]])
    >>> best_proposals(torch.tensor([[0.0, 9.0]]), torch.zeros(1, 2, 4), cells, height=10, width=8, most=1)[0]
    tensor([[[ 0.,  4.,  8., 10.]]])
    """
    logits, number = logits.detach().topk(min(most, logits.shape[1]))
    deltas = deltas.detach().gather(1, number[:, :, None].expand(-1, -1, 4))
    return clip(decode(deltas, anchors[number]), height, width), logits.sigmoid()


def thin_out(boxes: Tensor, objectness: Tensor, most: int, overlap: float = OVERLAP) -> list[Detections]:
    """Suppress proposals that overlap better ones of their image: (N, P, 4), (N, P) -> N `Detections` of label 0.

    At most `most` an image, best first; boxes without area are left out.
    """
    found = []
    for proposed, scores in zip(boxes, objectness, strict=True):  # each image keeps another number
        real = area(proposed) > 0
        proposed, scores = proposed[real], scores[real]
        kept = nms(proposed, scores, overlap)[:most]
        found.append(Detections(proposed[kept], scores[kept], torch.zeros_like(kept)))
    return found
