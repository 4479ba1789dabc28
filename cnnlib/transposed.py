"""Transposed convolution from first principles: the matrix of a convolution turned over, and its bilinear start."""

import math

import torch
from torch import Tensor, nn

from cnnlib.layers import conv2d


def transposed_size(size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0) -> int:
    """Count the pixels that a transposed convolution makes of `size` pixels along one axis.

    They are (size - 1) stride - 2 padding + kernel + output_padding. `padding` pixels are cut off each side: it is the padding
    of the convolution that goes the other way, and that one maps `stride` sizes to one. `output_padding` says which of them,
    as pixels more at the far end. Raises ValueError if it is not below `stride`, or if the padding leaves nothing.

    >>> [transposed_size(7, kernel, 2, padding, more) for kernel, padding, more in [(4, 1, 0), (2, 0, 0), (3, 1, 1), (3, 1, 0)]]
    [14, 14, 14, 13]
    """
    if min(size, kernel, stride) < 1 or padding < 0:
        raise ValueError(f"size, kernel and stride must be at least 1 and padding 0, got {size}, {kernel}, {stride}, {padding}")
    if not 0 <= output_padding < stride:
        raise ValueError(f"output_padding must be at least 0 and below the stride {stride}, got {output_padding}")
    spread = (size - 1) * stride + kernel + output_padding
    if spread <= 2 * padding:
        raise ValueError(f"padding {padding} cuts off all of the {spread} pixels that {size} pixels are spread over")
    return spread - 2 * padding


def conv_transpose2d(
    x: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> Tensor:
    """Stamp `weight` onto the output once for each input pixel: (N, C, H, W), (C, K, R, S) -> (N, K, H', W').

    Stamps lie `stride` pixels apart and add up where they overlap; then `padding` pixels are cut off each side. H' and W' are
    those of `transposed_size`. Each input pixel is one row of the matrix product, each offset in the kernel one addition.
    Raises ValueError if `x` and `weight` disagree on C, and as `transposed_size` does.

    >>> conv_transpose2d(torch.zeros(2, 21, 10, 15), torch.zeros(21, 5, 64, 64), stride=32, padding=16).shape
    torch.Size([2, 5, 320, 480])
    """
    if x.ndim != 4 or weight.ndim != 4 or x.shape[1] != weight.shape[0]:
        raise ValueError(
            f"conv_transpose2d takes x (N, C, H, W) and weight (C, K, R, S) with one C, "
            f"got {tuple(x.shape)}, {tuple(weight.shape)}"
        )
    (n, _, h, w), (_, k, r, s) = x.shape, weight.shape
    height, width = (transposed_size(size, kernel, stride, padding, output_padding) for size, kernel in ((h, r), (w, s)))
    stamps = (weight.flatten(1).T @ x.flatten(2)).view(n, k, r, s, h, w)
    out = x.new_zeros(n, k, height + 2 * padding, width + 2 * padding)
    for i in range(r):
        for j in range(s):
            out[:, :, i : i + h * stride : stride, j : j + w * stride : stride] += stamps[:, :, i, j]
    out = out[:, :, padding : padding + height, padding : padding + width]
    return out if bias is None else out + bias.view(-1, 1, 1)


def convolution_matrix(weight: Tensor, height: int, width: int, stride: int = 1, padding: int = 0) -> Tensor:
    """Write a convolution of `height` x `width` pixels as a matrix: (K, C, R, S) -> (K H' W', C H W).

    With images flattened the convolution is `matrix @ x`, from C H W numbers to K H' W', and the transposed convolution with
    the same weight, stride and padding is `matrix.T @ y`, back to as many numbers as there were, but not to the same ones.
    Column i is what the convolution makes of an image that is 1 at number i and 0 elsewhere. Raises ValueError as
    `conv2d` does.

    >>> convolution_matrix(torch.ones(1, 1, 3, 3), 4, 4).sum(1)    # 4 windows of 9 pixels
    tensor([9., 9., 9., 9.])
    """
    shape = (weight.shape[1], height, width)
    units = torch.eye(math.prod(shape), dtype=weight.dtype, device=weight.device).unflatten(1, shape)
    return conv2d(units, weight, stride=stride, padding=padding).flatten(1).T


def bilinear_kernel(channels: int, size: int) -> Tensor:
    """Make the weight of a transposed convolution that interpolates each channel for itself: (channels, channels, size, size).

    The kernel is a tent, 1 at its middle (size - 1) / 2, which falls by 1 / ceil(size / 2) a pixel. To enlarge by a factor f it
    takes size 2f - f % 2, stride f and padding f // 2: equal to bilinear interpolation, save for half an input pixel along
    the border, where stamps are missing. Long et al. 2015, section 3.3. Raises ValueError below 1 channel or 1 pixel.

    >>> bilinear_kernel(1, 4)[0, 0] * 16
    tensor([[1., 3., 3., 1.],
            [3., 9., 9., 3.],
            [3., 9., 9., 3.],
            [1., 3., 3., 1.]])
    """
    if min(channels, size) < 1:
        raise ValueError(f"channels and size must be at least 1, got {channels} and {size}")
    tent = 1 - (torch.arange(size) - (size - 1) / 2).abs() / ((size + 1) // 2)
    return torch.eye(channels)[:, :, None, None] * torch.outer(tent, tent)  # (C, C, size, size)


def upsampling(channels: int, factor: int) -> nn.ConvTranspose2d:
    """Make a transposed convolution that starts as bilinear interpolation: (N, C, H, W) -> (N, C, factor H, factor W).

    >>> upsampling(21, 32)
    ConvTranspose2d(21, 21, kernel_size=(64, 64), stride=(32, 32), padding=(16, 16), bias=False)
    """
    kernel = 2 * factor - factor % 2
    layer = nn.ConvTranspose2d(channels, channels, kernel, factor, factor // 2, bias=False)
    with torch.no_grad():
        layer.weight.copy_(bilinear_kernel(channels, kernel))
    return layer
