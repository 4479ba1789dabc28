"""Regions keep the index of their image and their coordinates, whatever the precision of boxes and maps."""

import math

import pytest
import torch
from torch import Tensor

from cnnlib.detection import pooling
from cnnlib.detection.fast_rcnn import RegionHead
from cnnlib.detection.pooling import roi_align
from cnnlib.detection.rois import as_rois, rois_of, take_apart

HALVES = pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=["float16", "bfloat16"])
POOLS = {
    "crop_and_warp": lambda x, rois: pooling.crop_and_warp(x, rois, 3),
    "roi_pool": lambda x, rois: pooling.roi_pool(x, rois, 3, 1 / 4),
    "roi_pyramid": lambda x, rois: pooling.roi_pyramid(x, rois, (3,), 1 / 4),
    "roi_align": lambda x, rois: pooling.roi_align(x, rois, 3, 1 / 4),
}
EACH = pytest.mark.parametrize("pool", POOLS.values(), ids=POOLS)
BOX = [5.0, 7.0, 30.0, 20.0]


def images_of_their_own_value(count: int, dtype: torch.dtype) -> Tensor:
    """Make images of 5 x 7 pixels that are as large as their index, within what bfloat16 can hold: (count, 1, 5, 7)."""
    values = torch.arange(count) % 5 + torch.arange(count) // 256 * 100
    return values.to(dtype).view(-1, 1, 1, 1).expand(-1, 1, 5, 7)


@HALVES
def test_regions_of_boxes_in_half_precision_keep_their_image(dtype):
    boxes = torch.tensor([BOX], dtype=dtype).expand(2051, 1, 4)
    rois = rois_of(boxes)
    assert rois.dtype == torch.float32 and rois[:, 0].tolist() == list(range(2051))
    assert torch.equal(as_rois(torch.arange(2051), boxes[:, 0]), rois)


@HALVES
def test_a_detector_trained_in_half_precision_pools_the_right_images(dtype):
    head, seen = RegionHead(classes=2, channels=1, size=1), []
    head.pool = lambda x, rois, size, scale: seen.append(rois) or roi_align(x, rois, size, scale)
    head.to(dtype)
    boxes, labels = torch.tensor([[BOX]], dtype=dtype).expand(300, 1, 4), torch.zeros(300, 1, dtype=torch.long)
    head.losses(images_of_their_own_value(300, dtype), boxes, labels, boxes[:, :0])
    assert seen[0].dtype == torch.float32 and seen[0][:, 0].tolist() == list(range(300))


def test_padding_is_no_region():
    boxes = torch.tensor([[BOX, [0.0] * 4], [[0.0] * 4, [0.0] * 4], [[9.0, 0, 9, 5], BOX]])  # 9 to 9: no width
    assert rois_of(boxes).tolist() == [[0.0, *BOX], [2.0, *BOX]]


def test_regions_are_float64_if_the_boxes_are():
    boxes = torch.tensor([[BOX]], dtype=torch.float64) / 3
    assert torch.equal(rois_of(boxes), torch.cat([torch.zeros(1, 1), boxes[0]], 1))
    assert as_rois(torch.tensor([3]), torch.tensor([[5, 7, 30, 20]])).tolist() == [[3.0, *BOX]]


@EACH
@HALVES
@pytest.mark.parametrize("index", [256, 257, 299])
def test_a_map_in_half_precision_is_read_at_the_right_image(pool, dtype, index):
    x = images_of_their_own_value(300, dtype)
    pooled = pool(x, torch.tensor([[index, *BOX]]))
    assert pooled.dtype == dtype and (pooled == x[index, 0, 0, 0]).all()


@EACH
@HALVES
def test_coordinates_keep_their_digits_beside_a_map_in_half_precision(pool, dtype):
    """From 512 to 1,024 pixels bfloat16 has steps of 4 and float16 of 0.5."""
    x = torch.arange(1024.0).remainder(7).view(1, 1, 1, -1).expand(1, 1, 4, -1)
    region = torch.tensor([[0, 1000.7, 0.0, 1025.2, 3.0]])
    assert torch.equal(pool(x.to(dtype), region), pool(x, region).to(dtype))


@EACH
def test_pooling_under_autocast_is_that_of_float32(pool):
    x = torch.rand(300, 2, 5, 7, generator=torch.Generator().manual_seed(0))
    rois = torch.tensor([[257, *BOX], [299, 3.0, 1.0, 9.0, 9.0]])
    expected = [pool(x, rois), pool(x.bfloat16().float(), rois).bfloat16()]
    with torch.autocast("cpu", torch.bfloat16):
        for found, right in zip((pool(x, rois), pool(x.bfloat16(), rois)), expected, strict=True):
            assert found.dtype == right.dtype and torch.equal(found, right)


@EACH
@pytest.mark.parametrize(("dtype", "count"), [(torch.bfloat16, 257), (torch.float16, 2049)])
def test_regions_in_half_precision_are_refused_where_they_cannot_tell_images_apart(pool, dtype, count):
    rois = torch.tensor([[count - 1.0, *BOX]]).to(dtype)
    assert rois[0, 0] == count - 1
    pool(torch.zeros(count, 1, 5, 7), rois)
    with pytest.raises(ValueError, match=f"rois of {dtype} cannot tell {count + 1} images apart: give them in float32"):
        pool(torch.zeros(count + 1, 1, 5, 7), rois)


@EACH
@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("column", range(5))
def test_regions_that_are_not_finite_are_refused(pool, column, value):
    rois = torch.tensor([[0, *BOX]] * 3)
    rois[1, column] = value
    with pytest.raises(ValueError, match="rois must be finite, 1 of their 15 numbers are not"):
        pool(torch.zeros(2, 3, 5, 7), rois)


@EACH
def test_a_map_with_nan_is_refused(pool):
    x = torch.zeros(2, 3, 5, 7)
    x[1, 2, 3, 4] = math.nan
    with pytest.raises(ValueError, match="the map must not have NaN, 1 of its 210 numbers are"):
        pool(x, torch.tensor([[0, *BOX]]))


@EACH
def test_maps_and_regions_of_integers_are_pooled_in_float32(pool):
    x = torch.randint(0, 255, (2, 3, 5, 7), generator=torch.Generator().manual_seed(0))
    rois = torch.tensor([[1, 5, 7, 30, 20]])
    expected = pool(x.float(), rois.float())
    assert expected.dtype == torch.float32
    for values, regions in ((x.byte(), rois.byte()), (x, rois), (x.int(), rois.short())):
        assert torch.equal(pool(values, regions), expected)


def test_an_index_between_two_images_is_refused():
    with pytest.raises(ValueError, match=r"an image's index, 0 to 1 in this batch, got 0.5 to 0.5"):
        take_apart(torch.zeros(2, 3, 5, 7), torch.tensor([[0.5, *BOX]]))


def test_boxes_that_are_not_finite_or_not_of_a_batch_are_no_regions():
    with pytest.raises(ValueError, match="boxes must be finite, 4 of their 8"):
        rois_of(torch.tensor([[BOX, [math.nan] * 4]]))
    with pytest.raises(ValueError, match=r"\(N, P, 4\), got \(1, 4\)"):
        rois_of(torch.tensor([BOX]))
