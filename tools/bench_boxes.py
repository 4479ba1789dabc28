"""Time suppression and the pooling of regions against torchvision.ops: a part of `make bench`."""

import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor
from torchvision import ops

from cnnlib.detection import pooling, suppression

ROUNDS = 15
Pair = tuple[Callable[[], Tensor], Callable[[], Tensor]]  # ours and torchvision's


def boxes_and_scores(count: int) -> tuple[Tensor, Tensor]:
    """Draw boxes with sides of 10 to 100 pixels in an image of about 600 x 600, and scores: -> (count, 4), (count,)."""
    corners = torch.rand(count, 2) * 500
    return torch.cat([corners, corners + 10 + torch.rand(count, 2) * 90], 1), torch.rand(count)


def suppression_by_class(count: int, classes: int) -> Pair:
    """Set up the suppression of `count` boxes of `classes` labels."""
    boxes, scores = boxes_and_scores(count)
    labels = torch.randint(classes, (count,))
    return (
        lambda: suppression.nms_by_class(boxes, scores, labels, 0.5),
        lambda: ops.batched_nms(boxes, scores, labels, 0.5),
    )


def pairs(count: int = 2000) -> dict[str, Pair]:
    """Set up what is timed, by name."""
    boxes, scores = boxes_and_scores(count)
    maps, corners = torch.rand(2, 64, 16, 16), torch.rand(count, 2) * 40
    rois = torch.cat([torch.randint(2, (count, 1)), corners, corners + 8 + torch.rand(count, 2) * 16], 1)
    by_class = {
        f"NMS by class, {some:,} boxes of {classes} classes": suppression_by_class(some, classes)
        for some in (50, count)
        for classes in (5, 20, 80)
    }
    return {
        f"NMS of {count:,} boxes": (lambda: suppression.nms(boxes, scores, 0.5), lambda: ops.nms(boxes, scores, 0.5)),
        **by_class,
        f"RoI pooling of {count:,} regions": (
            lambda: pooling.roi_pool(maps, rois, 7, 0.25),
            lambda: ops.roi_pool(maps, rois, 7, 0.25),
        ),
        f"RoIAlign of {count:,} regions": (
            lambda: pooling.roi_align(maps, rois, 7, 0.25),
            lambda: ops.roi_align(maps, rois, 7, 0.25, sampling_ratio=2, aligned=True),
        ),
    }


def ratio(ours: Callable[[], Tensor], theirs: Callable[[], Tensor]) -> float:
    """Run both by turns: -> the median of the ratios of their times, without the first, which warms up."""
    ratios = []
    for _ in range(ROUNDS + 1):
        seconds = []
        for run in (ours, theirs):
            start = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - start)
        ratios.append(seconds[0] / seconds[1])
    return statistics.median(ratios[1:])


def measure_detection() -> None:
    """Print the times of suppression and of the pooling of regions as multiples of torchvision's, on one thread."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    for name, pair in pairs().items():
        print(f"{name}: {ratio(*pair):.1f} times torchvision's time")


if __name__ == "__main__":
    measure_detection()
