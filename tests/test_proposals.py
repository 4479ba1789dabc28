"""Selective search against a slow reading of its paper, its boxes on drawings and photographs, and the sliding windows."""

import itertools

import numpy as np
import pytest
import torch

from cnnlib.data.photos import photo
from cnnlib.data.scenes import scenes
from cnnlib.detection import grouping as grouped
from cnnlib.detection import similarity
from cnnlib.detection.boxes import iou
from cnnlib.detection.grouping import Hierarchy, grouping
from cnnlib.detection.proposals import PHOTO, recall, selective_search, sliding_windows


def noise(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def pixels_of(image):
    return image.numpy()


def box_of(mask):
    y, x = np.nonzero(mask)
    return [x.min(), y.min(), x.max() + 1, y.max() + 1]


def slow_similarity(pixels, one, two):
    """Equations 2 to 6 on two masks, read from the pixels."""
    slopes, total = similarity.slopes(pixels), 0.0
    for channels, bins, top in ((pixels, 25, 1), (slopes, 10, similarity.STEEPEST)):
        for channel in channels:
            inside = [np.histogram(channel[mask].clip(0, top), bins, (0, top))[0] / mask.sum() for mask in (one, two)]
            total += np.minimum(*inside).sum() / len(channels)
    area, pair = one.size, one.sum() + two.sum()
    x1, y1, x2, y2 = box_of(one | two)
    return total + (1 - pair / area) + (1 - ((x2 - x1) * (y2 - y1) - pair) / area)


def touch(one, two):
    return (
        (one[:, 1:] & two[:, :-1]).any()
        or (one[:, :-1] & two[:, 1:]).any()
        or (one[1:] & two[:-1]).any()
        or (one[:-1] & two[1:]).any()
    )


def slow_merges(pixels, labels):
    """Algorithm 1 without a memory: compare all neighbours anew before every merge."""
    masks = {number: labels == number for number in range(labels.max() + 1)}
    merges, first = [], len(masks)
    while len(masks) > 1:
        pairs = [(a, b) for a, b in itertools.combinations(masks, 2) if touch(masks[a], masks[b])]
        a, b = max(pairs, key=lambda pair: slow_similarity(pixels, masks[pair[0]], masks[pair[1]]))
        masks[first + len(merges)] = masks.pop(a) | masks.pop(b)
        merges.append([a, b])
    return merges


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_the_merges_are_those_of_the_paper_read_slowly(seed):
    image = noise(3, 23, 29, seed=seed)
    found = grouping(image, scale=3, sigma=0.7, smallest=20)
    assert len(found.merges) > 5
    assert found.merges.tolist() == slow_merges(pixels_of(image), found.labels.numpy())


def test_a_merged_region_looks_as_if_its_pixels_had_been_read_again():
    pixels, labels = pixels_of(noise(3, 17, 19)), (np.arange(17)[:, None] // 6 * 4 + np.arange(19) // 5)
    regions = similarity.describe(pixels, labels)
    merges = grouped.merge_all(regions, grouped.neighbours(labels))
    found = Hierarchy(torch.from_numpy(labels), torch.tensor(merges), torch.from_numpy(regions.boxes))
    for k in range(1, len(merges) + 1):
        numbers, relabelled = np.unique(found.after(k).numpy(), return_inverse=True)
        again = similarity.describe(pixels, relabelled.reshape(labels.shape))
        for name in ("histograms", "sizes", "boxes"):
            np.testing.assert_allclose(getattr(regions, name)[numbers], getattr(again, name)[: len(numbers)])


def test_every_region_has_its_box_and_merges_end_in_the_whole_image():
    found = grouping(noise(3, 37, 41), scale=5, sigma=0.7)
    for k in range(len(found.merges) + 1):
        labels = found.after(k)
        assert len(labels.unique()) == len(found.merges) + 1 - k
        for number in labels.unique():
            assert found.boxes[number].tolist() == box_of((labels == number).numpy())
    assert torch.equal(found.after(0), found.labels)
    assert found.boxes[-1].tolist() == [0, 0, 41, 37]
    assert len(found.boxes) == 2 * len(found.merges) + 1


@pytest.mark.parametrize("k", [-1, 99])
def test_there_are_no_more_merges_than_there_were(k):
    with pytest.raises(ValueError, match=f"from 0 to the 0 merges, got {k}"):
        grouping(torch.zeros(3, 11, 13)).after(k)


def test_shares_of_colour_and_of_texture_sum_to_one():
    rows = similarity.describe(pixels_of(noise(3, 11, 13)), np.arange(143).reshape(11, 13) // 20).histograms
    assert rows.shape == (15, 315) and not rows[8:].any()
    np.testing.assert_allclose(rows[:8, :75].sum(1), 1)
    np.testing.assert_allclose(rows[:8, 75:].sum(1), 1)


def test_values_at_and_beyond_the_ends_are_in_the_end_bins():
    values = np.array([[[-1.0, 0.0, 0.5, 1.0, 2.0]]])
    assert similarity.histograms(values, np.zeros((1, 5), int), 5).tolist() == [[0.4, 0, 0.2, 0, 0.4]]


def test_a_slope_is_steepest_in_its_own_direction():
    ramp = np.broadcast_to(np.arange(13.0) / 13, (3, 11, 13))
    steepness = similarity.slopes(ramp).reshape(8, 3, 11, 13).mean((1, 2, 3)) * 13
    half = 0.5**0.5
    np.testing.assert_allclose(steepness, [1, half, 0, -half, -1, -half, 0, half], atol=1e-12)


def test_no_first_region_is_below_the_smallest_which_is_the_scale_by_default():
    image = noise(3, 47, 53)
    for options, smallest in ((dict(scale=30), 30), (dict(scale=4, smallest=11), 11), (dict(), 16)):
        labels = grouping(image, **options).labels
        assert labels.unique(return_counts=True)[1].min() >= smallest
        assert torch.equal(labels, grouping(image, **dict(scale=16) | options | dict(smallest=smallest)).labels)
    assert len(grouping(image, scale=4).labels.unique()) > len(grouping(image, scale=4, smallest=11).labels.unique())


def test_of_equally_similar_neighbours_those_of_the_lowest_indices_merge_first():
    labels = np.arange(4).reshape(2, 2).repeat(3, 0).repeat(3, 1)
    regions = similarity.describe(np.full((3, 6, 6), 0.5), labels)
    assert grouped.merge_all(regions, grouped.neighbours(labels))[:2] == [(0, 1), (2, 3)]


def test_neighbours_share_an_edge_and_not_a_corner():
    labels = np.random.default_rng(0).integers(0, 17, (11, 13))
    masks = [labels == number for number in range(17)]
    expected = [[a, b] for a, b in itertools.combinations(range(17), 2) if touch(masks[a], masks[b])]
    assert grouped.neighbours(labels).tolist() == expected
    assert grouped.neighbours(np.array([[0, 1], [2, 0]])).tolist() == [[0, 1], [0, 2]]


def test_a_region_in_two_colours_is_put_together_before_it_joins_the_background():
    image = torch.full((3, 47, 53), 0.5)
    image[:, 10:30, 10:40] = torch.tensor([0.9, 0.1, 0.1])[:, None, None]
    image[:, 10:30, 25:40] = torch.tensor([0.8, 0.2, 0.1])[:, None, None]
    assert grouping(image, sigma=0).merges.shape == (2, 2)
    assert selective_search(image, sigma=0)[0].tolist() == [10, 10, 40, 30]


@pytest.mark.parametrize("size", [(1, 1), (1, 13), (11, 1), (2, 2)])
def test_the_smallest_images_are_grouped(size):
    found = grouping(noise(3, *size), scale=0.1, sigma=0, smallest=1)
    assert found.boxes[-1].tolist() == [0, 0, size[1], size[0]]


def test_an_image_of_one_colour_has_no_box_but_its_own():
    flat = torch.full((3, 23, 31), 0.3)
    assert selective_search(flat).shape == (0, 4)
    assert selective_search(flat, whole=True).tolist() == [[0, 0, 31, 23]]
    assert selective_search(flat, whole=True, narrowest=24).shape == (0, 4)
    assert grouping(flat).merges.shape == (0, 2)


def test_boxes_are_different_wide_enough_and_inside_the_image():
    image = noise(3, 47, 53)
    boxes = selective_search(image, scale=3, sigma=0.7, smallest=5, narrowest=7)
    assert len(boxes) > 20 and len(boxes.unique(dim=0)) == len(boxes)
    assert (boxes[:, 2:] - boxes[:, :2]).min() >= 7
    assert boxes.min() >= 0 and boxes[:, 2].max() <= 53 and boxes[:, 3].max() <= 47
    assert len(selective_search(image, scale=3, sigma=0.7, smallest=5, narrowest=0, whole=True)) > len(boxes)


def test_the_last_merged_come_first():
    image = scenes(1).images[0]
    every = selective_search(image, narrowest=0, whole=True)
    assert every.tolist() == list(map(list, dict.fromkeys(map(tuple, grouping(image).boxes.flip(0).tolist()))))
    assert every[0].tolist() == [0, 0, 64, 64]


def test_strategies_take_turns_by_rank_and_none_of_their_boxes_comes_twice():
    image, strategies = scenes(1).images[0], [("rgb", 16), ("lab", 30), ("hsv", 8)]
    ranked = [grouping(image, k, colours=colours).boxes.flip(0).tolist() for colours, k in strategies]
    turns = [tuple(box) for rank in itertools.zip_longest(*ranked) for box in rank if box]
    expected = [
        box for box in dict.fromkeys(turns) if min(box[2] - box[0], box[3] - box[1]) >= 10 and box != (0.0, 0.0, 64.0, 64.0)
    ]
    assert [tuple(box) for box in selective_search(image, strategies=strategies).tolist()] == expected
    assert len({len(boxes) for boxes in ranked}) > 1 and len(turns) > len(set(turns))


def test_without_strategies_there_is_one_and_of_none_there_are_no_boxes():
    image = scenes(1).images[0]
    assert torch.equal(selective_search(image), selective_search(image, strategies=[("rgb", 16)]))
    assert selective_search(image, strategies=[]).shape == (0, 4)


def test_a_box_of_exactly_the_narrowest_side_is_kept():
    image = torch.zeros(3, 32, 48)
    image[0, 8:24, 12:40] = 1
    assert selective_search(image, sigma=0, narrowest=16).tolist() == [[12, 8, 40, 24]]
    assert selective_search(image, sigma=0, narrowest=16.1).shape == (0, 4)
    image[0, 8:18] = image[0, 18:24] = 0
    image[0, 8:18, 12:40] = 1
    assert selective_search(image, sigma=0).tolist() == [[12, 8, 40, 18]]  # 10 pixels, the default


def test_a_photograph_is_searched_with_the_papers_fast_strategies():
    """Its "fast" mode has HSV and Lab, k = 50 and 100; the blur of 0.8 is in the code that came with it."""
    assert set(PHOTO["strategies"]) == set(itertools.product(("hsv", "lab"), (50, 100)))
    assert PHOTO["sigma"] == 0.8


@pytest.mark.parametrize("colours", grouped.COLOURS)
def test_an_image_has_the_same_boxes_every_time_and_in_either_precision(colours):
    image = scenes(1, seed=1).images[0]
    boxes = selective_search(image, strategies=[(colours, 16)])
    assert boxes.dtype == torch.float32 and torch.equal(boxes, selective_search(image, strategies=[(colours, 16)]))
    assert torch.equal(boxes.double(), selective_search(image.double().requires_grad_(), strategies=[(colours, 16)]))


def test_colours_fill_the_range_from_0_to_1():
    rgb = np.array(list(itertools.product((0.0, 0.5, 1.0), repeat=3)), np.float32)[None]
    for convert in grouped.COLOURS.values():
        assert convert(rgb).min() >= 0 and convert(rgb).max() <= 1.001


@pytest.mark.slow
def test_drawn_objects_are_among_some_forty_boxes_an_image():
    drawn = scenes(64, seed=3)
    found = [selective_search(image) for image in drawn.images]
    shares = [recall(*pair) for pair in zip(found, drawn.boxes, strict=True)]
    assert sum(shares) / len(shares) > 0.95
    assert sum(map(len, found)) / len(found) < 55


@pytest.mark.slow
def test_a_photograph_has_its_two_thousand_boxes():
    boxes = selective_search(photo("astronaut")[0], **PHOTO)
    assert 1500 < len(boxes) < 2700
    assert (boxes[:, 2:] - boxes[:, :2]).min() >= 20


def test_windows_slide_through_the_image_and_not_beyond():
    windows = sliding_windows(47, 53, sizes=(10, 20, 50), ratios=(0.25, 1, 4), step=7).tolist()
    expected = []
    for h, w in ((5, 20), (10, 10), (20, 5), (10, 40), (20, 20), (40, 10)):  # 50 leaves no room
        expected += [[x, y, x + w, y + h] for y in range(0, 48 - h, 7) for x in range(0, 54 - w, 7)]
    assert windows == expected


def test_a_window_that_does_not_fit_is_left_out():
    assert sliding_windows(11, 13, sizes=(12,), ratios=(1,), step=1).shape == (0, 4)
    assert sliding_windows(11, 13, sizes=(11,), ratios=(1,), step=2).tolist() == [[0, 0, 11, 11], [2, 0, 13, 11]]


@pytest.mark.parametrize("wrong", [dict(step=0), dict(sizes=(8, -3)), dict(ratios=(0,)), dict(height=0)])
def test_windows_that_cannot_be_are_refused(wrong):
    numbers = dict(height=11, width=13, sizes=(8,), ratios=(1,), step=2)
    with pytest.raises(ValueError, match=r"positive numbers, got height=.*width=13, sizes=.*ratios=.*step="):
        sliding_windows(**numbers | wrong)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_recall_counts_objects_and_not_proposals(dtype):
    proposals = torch.tensor([[0, 0, 10, 10], [0, 0, 10, 9], [50, 50, 60, 60]], dtype=dtype)
    boxes = torch.tensor([[0, 0, 10, 10], [50, 50, 60, 70], [90, 90, 99, 99], [0, 0, 0, 0]], dtype=dtype)
    assert iou(boxes, proposals)[1, 2] == 0.5
    assert recall(proposals, boxes) == pytest.approx(2 / 3)
    assert recall(proposals, boxes, min_overlap=0.51) == pytest.approx(1 / 3)


def test_half_an_object_is_enough_by_default_and_less_is_not():
    one = torch.tensor([[0.0, 0.0, 10.0, 100.0]])
    assert [recall(torch.tensor([[0.0, 0.0, 10.0, height]]), one) for height in (50.0, 49.0)] == [1, 0]
    assert recall(one, one, min_overlap=1) == 1
    for wrong in (0, 1.01, torch.nan):
        with pytest.raises(ValueError, match=rf"0 < min_overlap <= 1, got \(1, 4\), \(1, 4\), min_overlap={wrong}"):
            recall(one, one, wrong)


def test_no_proposal_finds_nothing_and_no_object_leaves_nothing_to_find():
    boxes = torch.tensor([[0.0, 0.0, 10.0, 10.0]])
    assert recall(torch.zeros(0, 4), boxes) == 0
    assert np.isnan(recall(boxes, torch.zeros(0, 4))) and np.isnan(recall(boxes, torch.zeros(4, 4)))


@pytest.mark.parametrize(
    ("image", "options", "words"),
    [
        (torch.zeros(1, 3, 11, 13), {}, r"\(3, H, W\) of floats in \[0, 1\], got \(1, 3, 11, 13\) of torch.float32"),
        (torch.zeros(7), {}, r"got \(7,\)"),
        (torch.zeros(11, 13, 3), {}, r"got \(11, 13, 3\)"),
        (torch.zeros(3, 0, 13), {}, r"got \(3, 0, 13\)"),
        (torch.zeros(3, 11, 13, dtype=torch.uint8), {}, "of torch.uint8"),
        (torch.full((3, 11, 13), 255.0), {}, r"in \[0, 1\], got 255 to 255"),
        (torch.full((3, 11, 13), torch.nan), {}, "got nan to nan"),
        (torch.zeros(3, 11, 13), dict(scale=0), "got scale=0, sigma=1.6, smallest=1"),
        (torch.zeros(3, 11, 13), dict(sigma=-1), "sigma=-1"),
        (torch.zeros(3, 11, 13), dict(smallest=0), "smallest=0"),
        (torch.zeros(3, 11, 13), dict(strategies=[("cmyk", 16)]), r"one of \['rgb', 'hsv', 'lab'\], got 'cmyk'"),
    ],
)
def test_errors_say_the_numbers(image, options, words):
    with pytest.raises(ValueError, match=words):
        selective_search(image, **options)
