"""Boxes against torchvision, and at the edges where an overlap is easily wrong: no area, no contact, no boxes."""

import math

import pytest
import torch
from torch import Tensor
from torchvision import ops
from torchvision.models.detection._utils import BoxCoder

from cnnlib.detection import boxes

DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
EMPTY = torch.zeros(0, 4)


def random_boxes(*shape: int, seed: int = 0, size: float = 64, dtype: torch.dtype = torch.float32) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    start = torch.rand(*shape, 2, generator=generator, dtype=dtype) * size
    return torch.cat([start, start + 1 + torch.rand(*shape, 2, generator=generator, dtype=dtype) * size / 2], -1)


@DTYPES
def test_area_and_overlap_are_torchvisions(dtype):
    a, b = random_boxes(7, dtype=dtype), random_boxes(11, seed=1, dtype=dtype)
    torch.testing.assert_close(boxes.area(a), ops.box_area(a))
    torch.testing.assert_close(boxes.iou(a, b), ops.box_iou(a, b))
    assert boxes.iou(a, b).dtype == dtype


def test_overlap_takes_a_batch_and_repeats_what_has_none():
    a, b = random_boxes(3, 7), random_boxes(3, 11, seed=1)
    torch.testing.assert_close(boxes.iou(a, b), torch.stack([ops.box_iou(*pair) for pair in zip(a, b, strict=True)]))
    torch.testing.assert_close(boxes.iou(a[0], b), torch.stack([ops.box_iou(a[0], each) for each in b]))
    torch.testing.assert_close(boxes.iou(a, b[:1]), torch.stack([ops.box_iou(each, b[0]) for each in a]))


def test_boxes_that_do_not_touch_overlap_by_nothing():
    apart = torch.tensor([[0.0, 0.0, 2.0, 2.0], [5.0, 5.0, 7.0, 7.0], [2.0, 0.0, 4.0, 2.0]])
    assert torch.equal(boxes.iou(apart, apart), torch.eye(3))


def test_whole_numbers_are_boxes_too():
    assert boxes.iou(torch.tensor([[0, 0, 4, 4]]), torch.tensor([[0, 0, 4, 2], [3, 3, 3, 3]])).tolist() == [[0.5, 0.0]]


def test_boxes_without_area_overlap_nothing_and_have_finite_gradients():
    flat = torch.tensor([[3.0, 3.0, 3.0, 3.0], [0.0, 2.0, 9.0, 2.0], [8.0, 8.0, 1.0, 1.0], [9.0, 0.0, 1.0, 5.0]])
    flat.requires_grad_()
    others = torch.cat([flat, torch.tensor([[0.0, 0.0, 10.0, 10.0]])])
    overlap = boxes.iou(flat, others)
    assert not overlap.any() and not boxes.area(flat).any()
    assert torch.autograd.grad(overlap.sum(), flat)[0].isfinite().all()


def test_empty_boxes_have_no_overlap():
    some = random_boxes(5)
    assert boxes.iou(EMPTY, some).shape == (0, 5) and boxes.iou(some, EMPTY).shape == (5, 0)
    assert boxes.iou(random_boxes(2, 0), random_boxes(2, 5)).shape == (2, 0, 5)
    assert boxes.area(EMPTY).shape == (0,)
    for same in (boxes.clip(EMPTY, 5, 7), boxes.encode(EMPTY, EMPTY), boxes.decode(EMPTY, EMPTY)):
        assert same.shape == (0, 4)


@DTYPES
def test_clip_is_torchvisions_and_leaves_its_input_alone(dtype):
    some = random_boxes(3, 7, dtype=dtype) - 20
    before = some.clone()
    torch.testing.assert_close(boxes.clip(some, 23, 31), ops.clip_boxes_to_image(some, (23, 31)))
    assert torch.equal(some, before)


@DTYPES
def test_deltas_are_torchvisions_there_and_back(dtype):
    some, reference, coder = random_boxes(13, dtype=dtype), random_boxes(13, seed=1, dtype=dtype), BoxCoder((1.0,) * 4)
    deltas = boxes.encode(some, reference)
    torch.testing.assert_close(deltas, coder.encode_single(some, reference))
    torch.testing.assert_close(boxes.decode(deltas, reference), some)
    wild = 9 * torch.randn(13, 4, dtype=dtype, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(boxes.decode(wild, reference), coder.decode_single(wild, reference))


def test_a_decoded_box_stays_finite():
    grown = boxes.decode(torch.full((1, 4), 1e4), torch.tensor([[0.0, 0.0, 16.0, 16.0]]))
    torch.testing.assert_close(grown[:, 2:] - grown[:, :2], torch.tensor([[1000.0, 1000.0]]))
    assert math.log(1000 / 16) == boxes.LARGEST_LOG


def test_deltas_of_a_batch_share_their_references():
    some, reference = random_boxes(3, 7), random_boxes(7, seed=1)
    deltas = boxes.encode(some, reference)
    torch.testing.assert_close(deltas[1], boxes.encode(some[1], reference))
    torch.testing.assert_close(boxes.decode(deltas, reference), some)


def test_deltas_carry_gradients():
    def there_and_back(deltas: Tensor) -> Tensor:
        return boxes.decode(deltas, random_boxes(5, dtype=torch.float64))

    deltas = torch.randn(5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    assert torch.autograd.gradcheck(there_and_back, deltas)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: boxes.area(torch.zeros(7, 5)), r"x1 y1 x2 y2 .*\(7, 5\)"),
        (lambda: boxes.area(torch.tensor(1.0)), r"got \(\)"),
        (lambda: boxes.iou(torch.zeros(7, 4), torch.zeros(5, 3)), r"\(5, 3\)"),
        (lambda: boxes.iou(torch.zeros(4), torch.zeros(5, 4)), r"\(4,\), \(5, 4\)"),
        (lambda: boxes.iou(torch.zeros(2, 7, 4), torch.zeros(3, 5, 4)), r"one N, got \(2, 7, 4\), \(3, 5, 4\)"),
        (lambda: boxes.clip(torch.zeros(7, 2), 5, 5), r"\(7, 2\)"),
        (lambda: boxes.encode(torch.zeros(7, 4), torch.zeros(7, 5)), r"\(7, 5\)"),
        (lambda: boxes.decode(torch.zeros(7, 5), torch.zeros(7, 4)), r"\(7, 5\)"),
    ],
)
def test_errors_say_the_numbers(call, words):
    with pytest.raises(ValueError, match=words):
        call()
