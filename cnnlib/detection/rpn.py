"""Region proposal network: Ren, He, Girshick, Sun, Faster R-CNN, 2015, section 3.1.

A 3x3 layer slides over the backbone's feature map. At each cell two 1x1 layers predict, for each of A anchors, how likely it
holds an object of any class and how to move it onto that object. An anchor is a fixed box; a proposal is a moved one.

Departures from the paper: one logit per anchor (its footnote allows it; `logits=2` is its two-way softmax); the 3x3 layer keeps
the map's 64 channels; three anchors per cell, squares of 16, 20 and 26 pixels; anchors that cross the border are trained on
too; 64 anchors are sampled from each of 16 images, where the paper samples 256 from one; lambda is 1 and both losses are
divided by the number of sampled anchors (the paper: 10 / 2,400 against 1 / 256, nearly the same); smooth L1 is as in the
authors' code.
"""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.detection.anchors import anchors, assign, sample
from cnnlib.detection.boxes import clip, decode, encode, in_float
from cnnlib.detection.detections import Detections, suppress
from cnnlib.models.backbone import CHANNELS, STRIDE

SIZES, RATIOS = (16, 20, 26), (1,)
ANCHORS, POSITIVE_SHARE = 64, 0.5  # sampled per image in training, and how many of them may be positive (section 3.1.3)
BETA = 1 / 9  # the distance from which smooth L1 is linear, in the authors' code
MAX_COUNT, MAX_OVERLAP = 256, 0.7  # proposals per image before NMS, and the IoU above which NMS drops one (section 3.3)


class RPN(nn.Module):
    """Predict at every anchor whether an object is there: map (N, C, H', W') -> logits (N, A'), deltas (N, A', 4).

    A' = H' W' A anchors in the order of `anchors`, A = sizes x ratios. Raises ValueError if `logits` is not 1 or 2.

    >>> import torch
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
            raise ValueError(f"logits must be 1 or 2 per anchor, got {logits}")
        self.stride, self.sizes, self.ratios, self.logits = stride, tuple(sizes), tuple(ratios), logits
        hidden, per_cell = hidden or channels, len(self.sizes) * len(self.ratios)
        self.conv = nn.Sequential(nn.Conv2d(channels, hidden, 3, padding=1), nn.ReLU())
        self.cls = nn.Conv2d(hidden, logits * per_cell, 1)
        self.reg = nn.Conv2d(hidden, 4 * per_cell, 1)
        for layer in (self.conv[0], self.cls, self.reg):  # section 3.1.3
            nn.init.normal_(layer.get_parameter("weight"), std=0.01)
            nn.init.zeros_(layer.get_parameter("bias"))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Compute one logit (its sigmoid is the "objectness") and four deltas for each anchor."""
        y = self.conv(x)
        logits, deltas = (layer(y).permute(0, 2, 3, 1) for layer in (self.cls, self.reg))  # (N, H', W', ...)
        logits = logits.reshape(len(x), -1, self.logits)
        if self.logits == 2:  # the softmax of two scores is the sigmoid of their difference
            logits = logits.diff(dim=2)
        return logits[:, :, 0], deltas.reshape(len(x), -1, 4)

    def anchors(self, x: Tensor) -> Tensor:
        """Lay the anchors on a map: (N, C, H', W') -> (A', 4), in pixels of the image."""
        height, width = x.shape[2:]
        return anchors(height, width, self.stride, self.sizes, self.ratios, x.device).to(in_float(x).dtype)


def anchor_losses(logits: Tensor, deltas: Tensor, anchors: Tensor, boxes: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """Measure equation 1: (N, A'), (N, A', 4), (A', 4), objects (N, T, 4), (N, T) -> {"objectness", "anchor box"}, scalars.

    "objectness" is the log loss of object against background, "anchor box" the smooth L1 distance of the deltas of positive
    anchors, both averaged over all sampled anchors. The labels only distinguish objects from padding. Without anchors both
    losses are 0.
    """
    logits, deltas = in_float(logits), in_float(deltas)
    matches = assign(anchors, boxes, labels)
    sampled = sample(matches, ANCHORS, POSITIVE_SHARE)
    count = sampled.sum().clamp(min=1)
    image, index = (sampled & (matches >= 0)).nonzero(as_tuple=True)  # (positives,)
    targets = encode(boxes[image, matches[image, index]], anchors[index])
    is_object = (matches[sampled] >= 0).to(logits)
    return {
        "objectness": F.binary_cross_entropy_with_logits(logits[sampled], is_object, reduction="sum") / count,
        "anchor box": F.smooth_l1_loss(deltas[image, index], targets, reduction="sum", beta=BETA) / count,
    }


def best_proposals(
    logits: Tensor, deltas: Tensor, anchors: Tensor, height: int, width: int, max_count: int = MAX_COUNT
) -> tuple[Tensor, Tensor]:
    """Move the anchors of the highest logits: (N, A'), (N, A', 4), (A', 4) -> boxes (N, P, 4), objectness (N, P).

    P is `max_count`, or all anchors if there are fewer; the best first, clipped to the image. No gradient flows back through
    the proposals.

    >>> import torch
    >>> cells = torch.tensor([[0.0, 0.0, 8.0, 8.0], [0.0, 4.0, 8.0, 12.0]])
    >>> best_proposals(torch.tensor([[0.0, 9.0]]), torch.zeros(1, 2, 4), cells, height=10, width=8, max_count=1)[0]
    tensor([[[ 0.,  4.,  8., 10.]]])
    """
    logits, index = logits.detach().topk(min(max_count, logits.shape[1]))
    deltas = deltas.detach().gather(1, index[:, :, None].expand(-1, -1, 4))
    return clip(decode(deltas, anchors[index]), height, width), logits.sigmoid()


def suppress_proposals(
    boxes: Tensor, objectness: Tensor, size: Sequence[int], max_count: int, max_overlap: float = MAX_OVERLAP
) -> list[Detections]:
    """Drop proposals that overlap better ones of their image: (N, P, 4), (N, P) -> N `Detections` of label 0, best first.

    At most `max_count` per image of `size` = (height, width); boxes without area inside it are dropped.
    """
    every = -1.0  # below all scores
    pairs = zip(boxes, objectness[:, :, None], strict=True)
    return [suppress(proposed, scores, size, every, max_overlap, max_count) for proposed, scores in pairs]
