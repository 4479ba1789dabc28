"""From scored boxes to detections: against torchvision's steps, at every documented boundary; ground truth as detections."""

import pytest
import torch
from torch import Tensor
from torchvision.ops import batched_nms, clip_boxes_to_image

from cnnlib.data.scenes import scenes
from cnnlib.detection.boxes import area
from cnnlib.detection.detections import Detections, best_overlaps, ground_truth, suppress
from cnnlib.detection.rois import split_by_image

SIZE = (53, 97)
EVERYTHING = dict(min_score=-1.0, max_overlap=1.0, max_count=10**6)


def scored(boxes: int = 61, classes: int = 5, seed: int = 0, own: bool = False) -> tuple[Tensor, Tensor]:
    """Draw boxes that often cross the border and sometimes are outside, (M, 4) or (M, C, 4), and scores (M, C)."""
    generator = torch.Generator().manual_seed(seed)
    shape = (boxes, classes) if own else (boxes,)
    corner, side = (torch.rand(*shape, 2, generator=generator, dtype=torch.double) for _ in range(2))
    corner = corner * 130 - 20
    return torch.cat([corner, corner + 7 + 19 * side], -1), torch.rand(boxes, classes, generator=generator).double()


@pytest.mark.parametrize("own", [False, True], ids=["one box for all classes", "a box per class"])
@pytest.mark.parametrize("seed", range(3))
def test_suppression_is_torchvisions(own, seed):
    boxes, scores = scored(seed=seed, own=own)
    found = suppress(boxes, scores, SIZE, min_score=0.3, max_overlap=0.4, max_count=1000)
    box, label = (scores > 0.3).nonzero(as_tuple=True)
    clipped = clip_boxes_to_image(boxes[box, label] if own else boxes[box], SIZE)
    inside = area(clipped) > 0
    assert not inside.all()
    clipped, label, kept_scores = clipped[inside], label[inside], scores[box[inside], label[inside]]
    kept = batched_nms(clipped, kept_scores, label, 0.4)
    assert torch.equal(found.boxes, clipped[kept]) and torch.equal(found.labels, label[kept])
    assert torch.equal(found.scores, kept_scores[kept])
    few = suppress(boxes, scores, SIZE, min_score=0.3, max_overlap=0.4, max_count=7)
    assert all(torch.equal(part, whole[:7]) for part, whole in zip(few, found, strict=True))


@pytest.mark.parametrize("box", [[-9, 3, 0, 20], [97, 3, 110, 20], [5, -8, 20, 0], [5, 53, 20, 60], [5, 5, 5, 9], [9, 5, 5, 9]])
def test_a_box_without_area_in_the_image_is_dropped(box):
    boxes = torch.tensor([box, [5, 5, 20, 20]], dtype=torch.float32)
    assert suppress(boxes, torch.tensor([[0.9], [0.5]]), SIZE, **EVERYTHING).scores.tolist() == [0.5]


def test_a_score_at_the_minimum_is_dropped_and_an_overlap_at_the_maximum_is_kept():
    boxes = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 5], [20, 0, 30, 10]])  # the first two overlap by 0.5
    scores = torch.tensor([[0.75], [0.5], [0.25]])

    def count(**options):
        return len(suppress(boxes, scores, SIZE, **EVERYTHING | options).scores)

    assert count(min_score=0.25) == 2 and count(min_score=0.2499) == 3
    assert count(max_overlap=0.5) == 3 and count(max_overlap=0.4999) == 2
    assert [count(max_count=n) for n in (0, 1, 3)] == [0, 1, 3]


def test_what_a_network_that_diverged_predicts_is_no_detection():
    nan, infinite = float("nan"), float("inf")
    boxes = torch.tensor([[nan, 0, 10, 10], [-infinite, 0, infinite, 10], [0, 0, 10, 10]])
    found = suppress(boxes, torch.tensor([[0.9], [0.8], [nan]]), SIZE, **EVERYTHING)
    assert found.boxes.tolist() == [[0, 0, 97, 10]]


def test_regions_are_divided_among_images_in_any_order():
    image = torch.tensor([2, 0, 2, 3, 0, 2])
    rois = torch.cat([image[:, None], torch.zeros(6, 4)], 1)
    column = torch.arange(6)[:, None]
    divided = split_by_image(rois, 5, column, 10 * column)
    assert [part.flatten().tolist() for part, _ in divided] == [[1, 4], [], [0, 2, 5], [3], []]
    assert all(torch.equal(10 * a, b) for a, b in divided)
    assert split_by_image(torch.zeros(0, 5), 2, column[:0])[1][0].shape == (0, 1)


def test_ground_truth_holds_the_objects_that_are_there():
    drawn = scenes(3)
    found = ground_truth(drawn.boxes, drawn.labels)
    assert [len(one.labels) for one in found] == (drawn.labels >= 0).sum(1).tolist()
    assert all((one.scores == 1).all() and (one.labels >= 0).all() for one in found)
    assert torch.equal(found[1].boxes, drawn.boxes[1][drawn.labels[1] >= 0])


def test_an_object_is_covered_by_the_best_box_of_its_class_that_scores_enough():
    true = Detections(torch.tensor([[0.0, 0, 10, 10], [20, 0, 30, 10]]), torch.ones(2), torch.tensor([1, 2]))
    boxes = torch.tensor([[0.0, 0, 10, 8], [0, 0, 10, 9], [0, 0, 10, 10], [20, 0, 30, 10]])
    found = Detections(boxes, torch.tensor([0.5, 0.5, 0.4, 0.9]), torch.tensor([1, 1, 1, 1]))
    torch.testing.assert_close(best_overlaps(true, found, min_score=0.5), torch.tensor([0.9, 0.0]))
    nothing = Detections(*(part[:0] for part in found))
    assert best_overlaps(true, nothing, 0.0).tolist() == [0, 0]
