"""The layers of lesson 01 from first principles, each equal to torch's: convolution twice, padding, pooling, ReLU, linear."""

import torch
from torch import Tensor


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Count the positions of a window along one axis: floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1.

    `padding` is per side. Raises ValueError if the window does not fit even once.

    >>> output_size(224, kernel=7, stride=2, padding=3)
    112
    """
    reach = dilation * (kernel - 1) + 1
    if min(kernel, stride, dilation) < 1 or padding < 0 or size + 2 * padding < reach:
        raise ValueError(
            f"a window of {kernel} (dilation {dilation}, stride {stride}) does not fit into {size} pixels padded by {padding}"
        )
    return (size + 2 * padding - reach) // stride + 1


def pad(x: Tensor, padding: int, value: float = 0.0) -> Tensor:
    """Put a border of `padding` pixels on each side: (N, C, H, W) -> (N, C, H + 2 padding, W + 2 padding).

    >>> pad(torch.ones(1, 1, 2, 2), 1).sum()
    tensor(4.)
    """
    n, c, height, width = x.shape
    out = x.new_full((n, c, height + 2 * padding, width + 2 * padding), value)
    out[:, :, padding : padding + height, padding : padding + width] = x
    return out


def windows(x: Tensor, kernel: tuple[int, int], stride: int = 1) -> Tensor:
    """See every window of an image as a view, without copying: (N, C, H, W) -> (N, C, H', W', R, S).

    >>> windows(torch.zeros(2, 3, 11, 13), (5, 4), stride=2).shape
    torch.Size([2, 3, 4, 5, 5, 4])
    """
    return x.unfold(2, kernel[0], stride).unfold(3, kernel[1], stride)  # (N, C, H', W', R, S)


def conv2d_loops(x: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int = 1, padding: int = 0) -> Tensor:
    """Slide `weight` over `x`, one output pixel at a time: (N, C, H, W), (K, C, R, S) -> (N, K, H', W').

    H' = (H + 2 padding - R) // stride + 1, and W' likewise. This is cross-correlation: the kernel is not
    flipped. Raises ValueError if `x` and `weight` disagree on C or the kernel does not fit.

    >>> conv2d_loops(torch.zeros(2, 3, 8, 9), torch.zeros(5, 3, 3, 3), padding=1).shape
    torch.Size([2, 5, 8, 9])
    """
    height, width = _sizes(x, weight, stride, padding)
    x, (r, s) = pad(x, padding), weight.shape[2:]
    out = x.new_zeros(len(x), len(weight), height, width)
    for i in range(height):
        for j in range(width):
            window = x[:, :, i * stride : i * stride + r, j * stride : j * stride + s]
            out[:, :, i, j] = torch.einsum("ncrs,kcrs->nk", window, weight)
    return out if bias is None else out + bias.view(-1, 1, 1)


def conv2d(x: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int = 1, padding: int = 0) -> Tensor:
    """Slide `weight` over `x` as one matrix product: (N, C, H, W), (K, C, R, S) -> (N, K, H', W').

    Every window becomes a column of C R S numbers, every filter a row. The same numbers and errors as `conv2d_loops`.

    >>> conv2d(torch.zeros(2, 3, 32, 32), torch.zeros(8, 3, 5, 5), padding=2).shape
    torch.Size([2, 8, 32, 32])
    """
    height, width = _sizes(x, weight, stride, padding)
    views = windows(pad(x, padding), (weight.shape[2], weight.shape[3]), stride)
    columns = views.permute(0, 1, 4, 5, 2, 3).flatten(1, 3).flatten(2)  # (N, C R S, H' W')
    out = (weight.flatten(1) @ columns).unflatten(2, (height, width))
    return out if bias is None else out + bias.view(-1, 1, 1)


def _sizes(x: Tensor, weight: Tensor, stride: int, padding: int) -> tuple[int, int]:
    if x.ndim != 4 or weight.ndim != 4 or x.shape[1] != weight.shape[1]:
        raise ValueError(
            f"conv2d takes x (N, C, H, W) and weight (K, C, R, S) with one C, got {tuple(x.shape)}, {tuple(weight.shape)}"
        )
    height, width = (
        output_size(size, kernel, stride, padding) for size, kernel in zip(x.shape[2:], weight.shape[2:], strict=True)
    )
    return height, width


def max_pool2d(x: Tensor, kernel: int, stride: int | None = None, padding: int = 0) -> Tensor:
    """Keep the largest number of each window, channel by channel: (N, C, H, W) -> (N, C, H', W').

    `stride` is the kernel's size unless given; padding counts as minus infinity.

    >>> max_pool2d(torch.arange(16.0).view(1, 1, 4, 4), 2).flatten()
    tensor([ 5.,  7., 13., 15.])
    """
    _check_pool(x, kernel, stride or kernel, padding)
    return windows(pad(x, padding, float("-inf")), (kernel, kernel), stride or kernel).amax((-2, -1))


def avg_pool2d(x: Tensor, kernel: int, stride: int | None = None, padding: int = 0) -> Tensor:
    """Average each window, channel by channel: (N, C, H, W) -> (N, C, H', W'); padding counts as zeros, as in torch.

    >>> avg_pool2d(torch.arange(16.0).view(1, 1, 4, 4), 2).flatten()
    tensor([ 2.5000,  4.5000, 10.5000, 12.5000])
    """
    _check_pool(x, kernel, stride or kernel, padding)
    return windows(pad(x, padding), (kernel, kernel), stride or kernel).mean((-2, -1))


def _check_pool(x: Tensor, kernel: int, stride: int, padding: int) -> None:
    if x.ndim != 4 or 2 * padding > kernel:
        raise ValueError(f"pooling takes x (N, C, H, W) and at most half a kernel of padding, got {tuple(x.shape)}, {padding=}")
    for size in x.shape[2:]:
        output_size(size, kernel, stride, padding)


def global_avg_pool(x: Tensor) -> Tensor:
    """Average each whole map: (N, C, H, W) -> (N, C). Where on the map a number stood is forgotten.

    >>> global_avg_pool(torch.ones(2, 3, 8, 8)).shape
    torch.Size([2, 3])
    """
    return x.mean((-2, -1))


def relu(x: Tensor) -> Tensor:
    """Keep what is positive and set the rest to zero, in any shape.

    >>> relu(torch.tensor([-2.0, 3.0]))
    tensor([0., 3.])
    """
    return torch.where(x <= 0, 0, x)  # not clamp: torch 2.4 gives it a slope of 1 at zero, ReLU's is 0


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Weigh all inputs for each output: (N, D), (K, D) -> (N, K). Raises ValueError if they disagree on D.

    >>> linear(torch.zeros(2, 7), torch.zeros(5, 7)).shape
    torch.Size([2, 5])
    """
    if x.ndim != 2 or weight.ndim != 2 or x.shape[1] != weight.shape[1]:
        raise ValueError(f"linear takes x (N, D) and weight (K, D) with one D, got {tuple(x.shape)}, {tuple(weight.shape)}")
    out = x @ weight.T
    return out if bias is None else out + bias
