"""Transposed convolution against torch, in float64: numbers, gradients, sizes; and as a convolution's matrix turned over."""

import itertools

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from cnnlib.layers import conv2d
from cnnlib.transposed import bilinear_kernel, conv_transpose2d, convolution_matrix, transposed_size


def randoms(*shapes, dtype: torch.dtype = torch.float64) -> list:
    generator = torch.Generator().manual_seed(len(shapes))
    return [shape if shape is None else torch.randn(shape, dtype=dtype, generator=generator) for shape in shapes]


X = (2, 3, 7, 5)
CASES = [  # input, weight, stride, padding, output_padding
    (X, (3, 7, 5, 4), 1, 0, 0),
    (X, (3, 7, 5, 4), 2, 1, 0),
    (X, (3, 7, 5, 4), 3, 2, 2),
    (X, (3, 1, 4, 5), 2, 3, 1),
    (X, (3, 5, 1, 1), 1, 0, 0),
    (X, (3, 5, 1, 2), 3, 0, 2),  # stamps that do not touch
    (X, (3, 2, 2, 3), 5, 1, 4),
    ((3, 1, 1, 2), (1, 1, 11, 7), 2, 2, 1),
    ((0, 3, 7, 5), (3, 7, 5, 4), 2, 1, 1),
]


@pytest.mark.parametrize("bias", [True, None])
@pytest.mark.parametrize(("x", "weight", "stride", "padding", "output_padding"), CASES)
def test_it_is_torchs_in_numbers_and_gradients(x, weight, stride, padding, output_padding, bias):
    results = []
    for layer in (conv_transpose2d, F.conv_transpose2d):
        inputs = [t if t is None else t.requires_grad_() for t in randoms(x, weight, bias and weight[1:2])]
        out = layer(*inputs, stride, padding, output_padding)
        weights = torch.arange(1.0, 1 + out.numel(), dtype=out.dtype).view(out.shape)
        results.append([out, *torch.autograd.grad((out * weights).sum(), [t for t in inputs if t is not None])])
    torch.testing.assert_close(*results)


def test_it_keeps_float32_and_takes_channels_last_in_memory():
    x, weight = (t.to(memory_format=torch.channels_last) for t in randoms(X, (3, 7, 5, 4), dtype=torch.float32))
    torch.testing.assert_close(conv_transpose2d(x, weight, stride=2), F.conv_transpose2d(x, weight, stride=2))


def test_sizes_are_torchs_and_fail_where_torch_fails():
    failed = 0
    for size, kernel, stride, padding, output_padding in itertools.product(
        (1, 2, 7), (1, 2, 3, 5), (1, 2, 3), (0, 1, 2, 4), (0, 1, 2)
    ):
        x, weight = torch.zeros(1, 1, size, 3), torch.zeros(1, 1, kernel, 1)
        try:
            expected = F.conv_transpose2d(x, weight, None, (stride, 1), (padding, 0), (output_padding, 0)).shape[2]
        except RuntimeError:
            failed += 1
            with pytest.raises(ValueError, match=r"output_padding|padding \d"):
                transposed_size(size, kernel, stride, padding, output_padding)
        else:
            assert transposed_size(size, kernel, stride, padding, output_padding) == expected
    assert failed > 100


def test_three_ways_from_7_to_14_pixels_and_one_to_13():
    ways = {(4, 2, 1, 0): 14, (2, 2, 0, 0): 14, (3, 2, 1, 1): 14, (3, 2, 1, 0): 13}
    assert {way: transposed_size(7, *way) for way in ways} == ways


def test_output_padding_tells_apart_the_sizes_that_a_convolution_maps_to_one():
    for size, stride in itertools.product((12, 13, 14, 15, 16), (1, 2, 3)):
        there = conv2d(torch.zeros(1, 1, size, 5), torch.zeros(1, 1, 3, 3), stride=stride, padding=1).shape[2]
        rest = (size + 2 - 3) % stride
        assert transposed_size(there, 3, stride, 1, rest) == size


def flat(x: Tensor) -> Tensor:
    return x.flatten(1).T


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (1, 2), (2, 1), (3, 0), (3, 1)])
def test_a_convolution_is_a_matrix_and_the_transposed_one_is_that_matrix_turned_over(stride, padding):
    x, weight = randoms((2, 3, 11, 6), (5, 3, 3, 4))
    y = F.conv2d(x, weight, stride=stride, padding=padding)
    matrix = convolution_matrix(weight, 11, 6, stride, padding)
    assert matrix.shape == (y[0].numel(), x[0].numel())
    torch.testing.assert_close(matrix @ flat(x), flat(y))

    (y,) = randoms(tuple(y.shape))
    rest = (11 + 2 * padding - 3) % stride  # the pixels that the last window leaves over, on both axes
    back = conv_transpose2d(y, weight, None, stride, padding, output_padding=rest)
    torch.testing.assert_close(matrix.T @ flat(y), flat(back))
    (gradient,) = torch.autograd.grad(F.conv2d(x.requires_grad_(), weight, None, stride, padding), x, y)
    torch.testing.assert_close(matrix.T @ flat(y), flat(gradient))


def test_the_transpose_is_no_inverse():
    x, weight = randoms((2, 3, 11, 7), (5, 3, 3, 3))
    back = conv_transpose2d(F.conv2d(x, weight), weight)
    assert back.shape == x.shape and not torch.allclose(back, x, atol=1.0)


def test_the_matrix_is_banded_and_holds_nothing_but_the_kernel():
    weight = torch.arange(1.0, 7).view(1, 1, 2, 3)
    matrix = convolution_matrix(weight, 3, 4)
    assert matrix.shape == (4, 12) and matrix.count_nonzero() == 4 * 6
    assert all(row[row != 0].tolist() == [1, 2, 3, 4, 5, 6] for row in matrix)


@pytest.mark.parametrize("factor", [2, 3, 4, 5, 8])
def test_a_bilinear_stamp_interpolates_away_from_the_border(factor):
    (x,) = randoms((2, 3, 7, 5), dtype=torch.float32)
    size = 2 * factor - factor % 2
    ours = conv_transpose2d(x, bilinear_kernel(3, size), None, factor, factor // 2)
    theirs = F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)
    assert ours.shape == theirs.shape == (2, 3, 7 * factor, 5 * factor)
    border = factor // 2
    inside = (..., slice(border, -border), slice(border, -border))
    torch.testing.assert_close(ours[inside], theirs[inside], rtol=0, atol=1e-5)
    assert not torch.allclose(ours, theirs, atol=1e-2)


def test_a_bilinear_kernel_keeps_the_channels_apart():
    kernel = bilinear_kernel(5, 4)
    assert kernel.shape == (5, 5, 4, 4)
    for i, j in itertools.product(range(5), repeat=2):
        assert torch.equal(kernel[i, j], kernel[0, 0] if i == j else torch.zeros(4, 4))


@pytest.mark.parametrize(
    ("size", "row"),
    [(1, [1]), (2, [0.5, 0.5]), (3, [0.5, 1, 0.5]), (4, [0.25, 0.75, 0.75, 0.25]), (5, [1 / 3, 2 / 3, 1, 2 / 3, 1 / 3])],
)
def test_a_bilinear_kernel_is_the_product_of_two_tents(size, row):
    tent = torch.tensor(row, dtype=torch.float32)
    torch.testing.assert_close(bilinear_kernel(1, size)[0, 0], tent[:, None] * tent)


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (dict(padding=5), "padding 5 cuts off all of the 7 pixels that 5 pixels"),
        (dict(stride=2, output_padding=2), "below the stride 2, got 2"),
        (dict(output_padding=1), "below the stride 1, got 1"),
        (dict(stride=2, output_padding=-1), "got -1"),
        (dict(stride=0), "got 5, 3, 0, 0"),
        (dict(padding=-1), "got 5, 3, 1, -1"),
    ],
)
def test_sizes_that_cannot_be_are_refused(options, numbers):
    with pytest.raises(ValueError, match=numbers):
        transposed_size(5, 3, **options)
    with pytest.raises(ValueError, match=numbers):
        conv_transpose2d(torch.zeros(1, 2, 5, 5), torch.zeros(2, 7, 3, 3), **options)


@pytest.mark.parametrize(("x", "weight"), [(X, (7, 3, 5, 4)), (X, (3, 7, 5)), ((3, 7, 5), (3, 7, 5, 4))])
def test_shapes_that_do_not_meet_are_refused(x, weight):
    with pytest.raises(ValueError) as error:
        conv_transpose2d(torch.zeros(x), torch.zeros(weight))
    assert str(x) in str(error.value) and str(weight) in str(error.value)


def test_a_kernel_larger_than_the_image_has_no_matrix():
    with pytest.raises(ValueError, match=r"a window of 5 .* does not fit into 4 pixels"):
        convolution_matrix(torch.zeros(2, 3, 5, 1), 4, 7)


@pytest.mark.parametrize(("channels", "size"), [(0, 4), (3, 0)])
def test_a_kernel_of_nothing_is_refused(channels, size):
    with pytest.raises(ValueError, match=f"got {channels} and {size}"):
        bilinear_kernel(channels, size)
