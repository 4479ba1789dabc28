"""Pooled regions against torchvision: values and gradients, regions across the border, of no size, none at all."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from torchvision import ops

from cnnlib.detection import pooling

DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
X = (3, 5, 13, 17)
ODD = [  # across each border, outside on each side, a point, a line, inside out, halves (which round away from zero)
    [0, -9, -7, 30, 20], [1, 40, 30, 90, 80], [2, -50, -50, -20, -20], [0, 100, 100, 120, 130], [1, 6, 6, 6, 6],
    [2, 0, 9, 50, 9], [0, 30, 20, 10, 5], [1, 2, 2, 10, 14], [2, -2, -6, 6, 18], [0, 0, 0, 68, 52],
]  # fmt: skip


def image(*shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(shape, dtype=dtype, generator=torch.Generator().manual_seed(0))


def regions(n: int = 31, dtype: torch.dtype = torch.float64) -> Tensor:
    """Draw regions of an image of 52 x 68 pixels, a stride-4 map of which is `X`, and add the odd ones."""
    generator = torch.Generator().manual_seed(1)
    start = torch.rand(n, 2, dtype=dtype, generator=generator) * 50
    end = start + torch.rand(n, 2, dtype=dtype, generator=generator) * 40
    index = torch.randint(0, X[0], (n, 1), generator=generator).to(dtype)
    return torch.cat([torch.cat([index, start, end], 1), torch.tensor(ODD, dtype=dtype)])


def same_numbers_and_gradients(ours: Callable[[Tensor], Tensor], theirs: Callable[[Tensor], Tensor], x: Tensor) -> None:
    results = []
    for pool in (ours, theirs):
        leaf = x.clone().requires_grad_()
        out = pool(leaf)
        weights = torch.arange(1.0, 1 + out.numel(), dtype=out.dtype).view(out.shape).cos()
        results.append([out, torch.autograd.grad((out * weights).sum(), leaf)[0]])
    torch.testing.assert_close(*results)


@DTYPES
@pytest.mark.parametrize("scale", [1 / 4, 1 / 16, 1.0])
@pytest.mark.parametrize("size", [1, 2, 7])
def test_roi_pooling_is_torchvisions(size, scale, dtype):
    x, rois = image(*X, dtype=dtype), regions(dtype=dtype)
    same_numbers_and_gradients(
        lambda x: pooling.roi_pool(x, rois, size, scale), lambda x: ops.roi_pool(x, rois, size, scale), x
    )


@DTYPES
@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize(("size", "sampling", "scale"), [(1, 1, 1 / 4), (2, 3, 1 / 16), (7, 2, 1 / 4), (3, 2, 1.0)])
def test_roi_align_is_torchvisions(size, sampling, scale, aligned, dtype):
    x, rois = image(*X, dtype=dtype), regions(dtype=dtype)
    same_numbers_and_gradients(
        lambda x: pooling.roi_align(x, rois, size, scale, sampling, aligned),
        lambda x: ops.roi_align(x, rois, size, scale, sampling, aligned),
        x,
    )


@pytest.mark.parametrize("shape", [(3, 5, 1, 17), (3, 5, 13, 1), (3, 1, 1, 1)])
def test_maps_of_one_line_are_pooled_too(shape):
    x, rois = image(*shape), regions()
    same_numbers_and_gradients(lambda x: pooling.roi_pool(x, rois, 3, 1 / 4), lambda x: ops.roi_pool(x, rois, 3, 1 / 4), x)
    same_numbers_and_gradients(
        lambda x: pooling.roi_align(x, rois, 3, 1 / 4), lambda x: ops.roi_align(x, rois, 3, 1 / 4, 2, True), x
    )


def test_of_equal_numbers_the_first_takes_the_gradient_as_in_torchvision():
    x, rois = F.relu(image(*X) - 0.5), regions()
    same_numbers_and_gradients(lambda x: pooling.roi_pool(x, rois, 3, 1 / 4), lambda x: ops.roi_pool(x, rois, 3, 1 / 4), x)


def test_bins_without_a_pixel_are_zero():
    outside = torch.tensor([[0.0, 100, 100, 120, 130]])
    assert torch.equal(pooling.roi_pool(torch.ones(1, 3, 11, 13), outside, 2, 1 / 4), torch.zeros(1, 3, 2, 2))


def test_pooling_takes_images_with_their_channels_last_in_memory():
    x, rois = image(*X), regions()
    for pool in (pooling.roi_pool, pooling.roi_align):
        torch.testing.assert_close(pool(x.to(memory_format=torch.channels_last), rois, 3, 1 / 4), pool(x, rois, 3, 1 / 4))


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize(("point", "value"), [(-1.01, 0), (-1.0, 2), (-0.5, 2), (12.0, 14), (13.0, 14), (13.01, 0)])
def test_a_point_up_to_one_pixel_outside_the_map_has_the_value_at_its_border(point, value, aligned):
    x = (
        torch.arange(2.0, 15.0, dtype=torch.float64).view(1, 1, 13, 1).expand(1, 1, 13, 17)
    )  # 2 in the first row, 14 in the last
    start = point - 0.5 + 0.5 * aligned
    roi = torch.tensor([[0, 5, start, 6, start + 1]], dtype=torch.float64)  # its one point is in the middle
    assert pooling.roi_align(x, roi, 1, 1.0, 1, aligned).item() == value
    assert ops.roi_align(x, roi, 1, 1.0, 1, aligned).item() == value


def test_the_defaults_of_roi_align_are_the_papers_four_points_aligned():
    x, rois = image(*X), regions()
    torch.testing.assert_close(pooling.roi_align(x, rois, 3, 1 / 4), ops.roi_align(x, rois, 3, 1 / 4, 2, True))


def test_no_gradient_flows_into_the_regions():
    x, rois = image(*X).requires_grad_(), regions().requires_grad_()
    torch.autograd.backward(pooling.roi_align(x, rois, 3, 1 / 4).sum())
    assert rois.grad is None and x.grad.any()


@pytest.mark.parametrize("shape", [(2, 3, 13, 11), (2, 3, 16, 16), (2, 3, 3, 2), (1, 1, 1, 1)])
@pytest.mark.parametrize("levels", [(4, 2, 1), (3,), (6, 5)])
def test_the_pyramid_is_torchs_adaptive_pools(shape, levels):
    same_numbers_and_gradients(
        lambda x: pooling.spatial_pyramid(x, levels),
        lambda x: torch.cat([F.adaptive_max_pool2d(x, n).flatten(1) for n in levels], 1),
        image(*shape),
    )


def test_the_pyramid_of_the_whole_map_is_the_pyramid_of_the_map():
    x = image(*X)
    whole = torch.tensor([[n, 0.0, 0.0, 16.0, 12.0] for n in range(3)])  # both ends belong to a region
    torch.testing.assert_close(pooling.roi_pyramid(x, whole), pooling.spatial_pyramid(x))


def test_the_pyramid_of_regions_is_torchvisions_pools():
    rois = regions()
    same_numbers_and_gradients(
        lambda x: pooling.roi_pyramid(x, rois, (4, 2, 1), 1 / 4),
        lambda x: torch.cat([ops.roi_pool(x, rois, n, 1 / 4).flatten(1) for n in (4, 2, 1)], 1),
        image(*X),
    )


@DTYPES
def test_a_whole_image_is_warped_as_it_is_resized(dtype):
    x = image(2, 3, 48, 64, dtype=dtype)
    whole = torch.tensor([[1, 0, 0, 64, 48], [0, 0, 0, 64, 48], [1, 0, 0, 64, 48]], dtype=dtype)
    resized = F.interpolate(x, (16, 16), mode="bilinear", align_corners=False)
    torch.testing.assert_close(pooling.crop_and_warp(x, whole, 16), resized[[1, 0, 1]])


def test_a_crop_as_large_as_the_square_is_a_slice():
    x = image(3, 3, 29, 37)
    rois = torch.tensor([[2.0, 11, 5, 24, 18], [0, 3, 16, 16, 29]])
    slices = torch.stack([x[2, :, 5:18, 11:24], x[0, :, 16:29, 3:16]])
    torch.testing.assert_close(pooling.crop_and_warp(x, rois, 13), slices)


def test_a_crop_is_what_roi_align_sees_at_one_point_a_bin():
    x, rois = image(3, 3, 90, 110), regions()[:31]  # away from the border, where the two differ
    rois[:, 1:] += 5
    aligned = ops.roi_align(x, rois, 13, 1.0, 1, True)
    torch.testing.assert_close(pooling.crop_and_warp(x, rois, 13), aligned)


def test_context_is_counted_in_pixels_of_the_square():
    x = image(1, 3, 41, 41)
    inner, outer = torch.tensor([[0.0, 14, 16, 24, 31]]), torch.tensor([[0.0, 10, 10, 28, 37]])
    # 5 of 20 pixels on each side: the region's 10 x 15 pixels fill 10 x 10, so 5 pixels are 5 and 7.5 of the image
    with_context = pooling.crop_and_warp(x, inner, 20, context=5)
    torch.testing.assert_close(with_context[:, :, 5:15, 5:15], pooling.crop_and_warp(x, inner, 10))
    wider = torch.tensor([[0.0, 14 - 5, 16 - 7.5, 24 + 5, 31 + 7.5]])
    torch.testing.assert_close(with_context, pooling.crop_and_warp(x, wider, 20))
    assert not torch.allclose(with_context, pooling.crop_and_warp(x, outer, 20))


def test_outside_the_image_is_its_mean_colour():
    x = image(2, 3, 29, 37)
    crop = pooling.crop_and_warp(x, torch.tensor([[1.0, -60, -50, -20, -10]]), 7)
    torch.testing.assert_close(crop, x[1].mean((1, 2))[:, None, None].expand(1, 3, 7, 7))


def test_a_batch_without_images_or_without_regions_gives_no_crops():
    for count in (0, 2):
        assert pooling.crop_and_warp(torch.zeros(count, 3, 11, 13), torch.zeros(0, 5), 7).shape == (0, 3, 7, 7)


def test_crops_carry_the_gradient_to_their_images():
    rois = torch.tensor([[1, 2, 1, 9, 7], [0, 5, 3, 8, 12], [1, -3, 0, 4, 4]], dtype=torch.float64)
    x = image(2, 2, 7, 11).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: pooling.crop_and_warp(x, rois, 3, context=1), x)


POOLS = {
    "crop_and_warp": lambda x, rois: pooling.crop_and_warp(x, rois, 7),
    "roi_pool": lambda x, rois: pooling.roi_pool(x, rois, 7, 1 / 4),
    "roi_pyramid": lambda x, rois: pooling.roi_pyramid(x, rois, (7,), 1 / 4),
    "roi_align": lambda x, rois: pooling.roi_align(x, rois, 7, 1 / 4),
}
EACH = pytest.mark.parametrize("pool", POOLS.values(), ids=POOLS)


@EACH
def test_no_regions_give_no_rows_and_no_gradient(pool):
    x = image(*X).requires_grad_()
    out = pool(x, torch.zeros(0, 5))
    assert out.shape in [(0, 5, 7, 7), (0, 5 * 49)]
    assert not torch.autograd.grad(out.sum(), x)[0].any()


@EACH
def test_regions_may_have_a_different_precision(pool):
    assert pool(image(*X), regions(dtype=torch.float32)).dtype == torch.float64


@EACH
def test_boxes_without_the_index_of_their_image_are_refused(pool):
    with pytest.raises(ValueError, match=r"the image's index and x1 y1 x2 y2: \(R, 5\), got \(7, 4\)"):
        pool(image(*X), torch.zeros(7, 4))
    with pytest.raises(ValueError, match=r"got \(5,\)"):
        pool(image(*X), torch.zeros(5))


@EACH
def test_images_outside_the_batch_are_refused(pool):
    for number, found in ((3, "0 to 3"), (-1, "-1 to 0")):
        with pytest.raises(ValueError, match=f"an image's index, 0 to 2 in this batch, got {found}"):
            pool(image(*X), torch.tensor([[0.0, 1, 1, 5, 5], [number, 1, 1, 5, 5]]))


@EACH
def test_one_image_without_its_batch_axis_is_refused(pool):
    with pytest.raises(ValueError, match=r"\(5, 13, 17\)"):
        pool(image(*X[1:]), torch.zeros(1, 5))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: pooling.crop_and_warp(image(*X), regions(), 8, context=4), "context=4, size=8"),
        (lambda: pooling.crop_and_warp(image(*X), regions(), 8, context=-1), "context=-1, size=8"),
        (lambda: pooling.roi_pool(image(*X), regions(), 0, 1 / 4), "got 0"),
        (lambda: pooling.roi_align(image(*X), regions(), 0, 1 / 4), "got size=0, sampling=2"),
        (lambda: pooling.roi_align(image(*X), regions(), 7, 1 / 4, sampling=0), "got size=7, sampling=0"),
        (lambda: pooling.spatial_pyramid(image(*X), ()), r"levels=\(\)"),
        (lambda: pooling.spatial_pyramid(image(*X), (4, 0)), r"levels=\(4, 0\)"),
        (lambda: pooling.spatial_pyramid(image(*X[1:])), r"\(5, 13, 17\)"),
        (lambda: pooling.roi_pyramid(image(*X), regions(), ()), r"levels=\(\)"),
    ],
)
def test_errors_say_the_numbers(call, words):
    with pytest.raises(ValueError, match=words):
        call()
