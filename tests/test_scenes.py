"""Drawn scenes: the same for the same seed, with boxes and masks that agree, and labels that nothing but the shape tells."""

import hashlib
import time

import pytest
import torch

from cnnlib.data import scenes as drawn
from cnnlib.data.scenes import SCENE_CLASSES, boxes_of, scenes

CHECKSUM = "64f74046747561c7"


pytestmark = pytest.mark.usefixtures("unshifted")


@pytest.fixture(scope="module")
def many(unshifted):
    return scenes(1024)


def test_the_drawing_is_the_stored_one():
    few = scenes(64)
    parts = [(255 * few.images).round().byte(), few.labels, few.instances, few.semantic, few.boxes.long()]
    assert hashlib.sha256(b"".join(part.numpy().tobytes() for part in parts)).hexdigest()[:16] == CHECKSUM


@pytest.mark.slow
def test_scene_100_does_not_depend_on_how_many_are_drawn(many):
    few = scenes(101)
    assert all(torch.equal(a, b[:101]) for a, b in zip(few, many, strict=True))


def test_another_seed_draws_others_and_the_environment_shifts_it(many, monkeypatch):
    assert not torch.equal(scenes(5, seed=1).images, many.images[:5])
    monkeypatch.setenv("CNNLIB_SEED", "1")
    shifted = scenes(5)
    monkeypatch.delenv("CNNLIB_SEED")
    assert torch.equal(shifted.images, scenes(5, seed=1000).images)


def test_shapes_types_and_ranges(many):
    assert [tuple(part.shape) for part in many] == [(1024, 3, 64, 64), (1024, 4, 4), (1024, 4), (1024, 64, 64), (1024, 64, 64)]
    assert many.images.dtype == many.boxes.dtype == torch.float32
    assert many.labels.dtype == many.semantic.dtype == many.instances.dtype == torch.int64
    assert many.images.min() >= 0 and many.images.max() <= 1


def test_one_to_four_objects_of_every_class(many):
    there = many.labels >= 0
    counts = there.sum(1).bincount()
    assert counts[0] == 0 and len(counts) == 5 and counts[1:].min() > 100
    assert many.labels[there].bincount().min() > 0.15 * there.sum()


def test_boxes_labels_and_masks_agree(many):
    there = many.labels >= 0
    sides = many.boxes[..., 2:] - many.boxes[..., :2]
    assert (sides[there] >= 8).all() and (sides[there] <= drawn.WINDOW).all() and (many.boxes[~there] == 0).all()
    assert torch.equal(boxes_of(many.instances), many.boxes)
    for number in range(drawn.MOST_OBJECTS):
        seen = many.instances == number + 1
        assert torch.equal(seen.any(2).any(1), there[:, number])
        assert (many.semantic == many.labels[:, number, None, None] + 1)[seen].all()
    assert torch.equal(many.semantic > 0, many.instances > 0)


def test_some_objects_hide_others_but_most_of_each_is_seen(many):
    overlaps = 0
    for number in range(1, drawn.MOST_OBJECTS):
        before, after = many.boxes[:, number - 1], many.boxes[:, number]
        width = (torch.minimum(before, after)[:, 2:] - torch.maximum(before, after)[:, :2]).clamp(min=0)
        overlaps += int((width.prod(1) > 0).sum())
    assert overlaps > 100
    areas = torch.stack([(many.instances == number + 1).sum((1, 2)) for number in range(drawn.MOST_OBJECTS)], 1)
    assert areas[many.labels >= 0].min() > 40


def test_colours_tell_nothing(many):
    """The mean colour of an object, by class: all alike within what chance allows."""
    means = []
    for label in range(len(SCENE_CLASSES)):
        inside = (many.semantic == label + 1)[:, None]
        means.append((many.images * inside).sum((0, 2, 3)) / inside.sum())
    spread = torch.stack(means)
    assert (spread.max(0).values - spread.min(0).values).max() < 0.06


@pytest.mark.parametrize("size", [28, 47, 160])
def test_any_size_and_objects_keep_their_pixels(size):
    big = scenes(65, size)
    assert big.images.shape == (65, 3, size, size)
    sides = (big.boxes[..., 2:] - big.boxes[..., :2])[big.labels >= 0]
    assert sides.max() <= drawn.WINDOW and sides.median() > 12


@pytest.mark.parametrize("n, size", [(0, 64), (3, 27)])
def test_too_few_or_too_small(n, size):
    with pytest.raises(ValueError, match=f"scenes needs n >= 1 and a size of at least 28 pixels, got n={n}, size={size}"):
        scenes(n, size)


def test_a_box_is_the_smallest_that_holds_what_is_seen():
    mask = torch.zeros(2, 11, 13, dtype=torch.int64)
    mask[0, 3:5, 7:12] = 2
    mask[1, 10, 0] = 1
    expected = torch.tensor([[[0.0, 0, 0, 0], [7, 3, 12, 5]], [[0, 10, 1, 11], [0, 0, 0, 0]]])
    assert torch.equal(boxes_of(mask, objects=2), expected)


def test_drawing_is_not_slow():
    """Against sorting as much noise, in one run: about 1,000 scenes a second where this was written."""
    start = time.process_time()
    scenes(256)
    drawing = time.process_time() - start
    start = time.process_time()
    torch.randn(256, 3, 64, 64).sort()
    assert drawing < 40 * (time.process_time() - start)
