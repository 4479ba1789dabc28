"""Every layer against torch.nn.functional, in float64: the numbers and the gradients."""

import itertools

import pytest
import torch
from torch.nn import functional as F

from cnnlib import layers


def randoms(*shapes):
    generator = torch.Generator().manual_seed(len(shapes))
    return [shape if shape is None else torch.randn(shape, dtype=torch.float64, generator=generator) for shape in shapes]


def unfolded(x, kernel, stride=1):
    """torch's windows in our order: (N, C, H, W) -> (N, C, H', W', R, S)."""
    columns = F.unfold(x, kernel, stride=stride)
    height, width = ((size - k) // stride + 1 for size, k in zip(x.shape[2:], kernel, strict=True))
    return columns.view(len(x), x.shape[1], *kernel, height, width).permute(0, 1, 4, 5, 2, 3)


X = (2, 3, 13, 11)
CONV = [  # input, weight, stride, padding
    (X, (7, 3, 5, 4), 1, 0),
    (X, (7, 3, 5, 4), 2, 1),
    (X, (5, 3, 1, 1), 1, 0),
    (X, (5, 3, 1, 2), 3, 2),
    (X, (2, 3, 13, 11), 1, 0),
    ((3, 1, 5, 7), (1, 1, 7, 2), 3, 5),
]
CASES = [  # ours, torch's, shapes of the inputs (None for no bias), the arguments after them
    *(
        (ours, F.conv2d, [x, weight, bias and weight[:1]], (stride, padding))
        for ours in (layers.conv2d_loops, layers.conv2d)
        for x, weight, stride, padding in CONV
        for bias in (True, None)
    ),
    *(
        (ours, theirs, [X], window)
        for ours, theirs in ((layers.max_pool2d, F.max_pool2d), (layers.avg_pool2d, F.avg_pool2d))
        for window in [(2, None, 0), (3, 2, 1), (5, 3, 2), (1, 2, 0), (11, None, 5)]
    ),
    *((layers.pad, lambda x, p, v: F.pad(x, (p,) * 4, value=v), [X], border) for border in [(0, 1.0), (1, 0.0), (7, -2.5)]),
    *((layers.windows, unfolded, [X], window) for window in [((5, 4), 1), ((3, 2), 3), ((13, 11), 1)]),
    (layers.global_avg_pool, lambda x: F.adaptive_avg_pool2d(x, 1).flatten(1), [X], ()),
    *((layers.relu, F.relu, [shape], ()) for shape in [X, (7,), ()]),
    *((layers.linear, F.linear, [(2, 7), (5, 7), bias], ()) for bias in [(5,), None]),
]


@pytest.mark.parametrize(("ours", "theirs", "shapes", "options"), CASES)
def test_layer_is_torchs_in_numbers_and_gradients(ours, theirs, shapes, options):
    results = []
    for layer in (ours, theirs):
        inputs = [x if x is None else x.requires_grad_() for x in randoms(*shapes)]
        out = layer(*inputs, *options)
        weights = torch.arange(1.0, 1 + out.numel(), dtype=out.dtype).view(out.shape)
        results.append([out, *torch.autograd.grad((out * weights).sum(), [x for x in inputs if x is not None])])
    torch.testing.assert_close(*results)


def test_layers_take_images_with_their_channels_last_in_memory():
    x, weight = (t.to(memory_format=torch.channels_last) for t in randoms(X, (7, 3, 5, 4)))
    torch.testing.assert_close(layers.conv2d(x, weight, stride=2), F.conv2d(x, weight, stride=2))
    torch.testing.assert_close(layers.max_pool2d(x, 3), F.max_pool2d(x, 3))


def test_relu_is_torchs_at_the_ends_and_at_zero():
    x = torch.tensor([-torch.inf, -0.0, 0.0, torch.inf, torch.nan], requires_grad=True)
    torch.testing.assert_close(layers.relu(x), F.relu(x), equal_nan=True)
    gradients = [torch.autograd.grad(relu(x)[1:4].sum(), x)[0] for relu in (layers.relu, F.relu)]
    torch.testing.assert_close(*gradients)


def test_output_size_is_what_torch_makes_and_fails_where_torch_fails():
    for size, kernel, stride, padding, dilation in itertools.product(
        (1, 2, 7, 12), (1, 2, 3, 5), (1, 2, 3), (0, 1, 3), (1, 2, 3)
    ):
        image, weight = torch.zeros(1, 1, size, 99), torch.zeros(1, 1, kernel, 1)  # torch 2.4 checks nothing on `meta`
        try:
            expected = F.conv2d(image, weight, None, (stride, 1), (padding, 0), (dilation, 1)).shape[2]
        except RuntimeError:
            with pytest.raises(ValueError, match=f"{kernel} .*{dilation}, .*{stride}.* {size} .*{padding}"):
                layers.output_size(size, kernel, stride, padding, dilation)
        else:
            assert layers.output_size(size, kernel, stride, padding, dilation) == expected


@pytest.mark.parametrize("wrong", [dict(kernel=0), dict(stride=0), dict(dilation=0), dict(padding=-1)])
def test_output_size_refuses_windows_that_cannot_be(wrong):
    with pytest.raises(ValueError, match=str(*wrong.values())):
        layers.output_size(7, **{"kernel": 3} | wrong)


@pytest.mark.parametrize(
    ("layer", "shapes", "numbers"),
    [
        *((layer, [X, (7, 2, 5, 4)], r"\(2, 3, 13, 11\).*\(7, 2, 5, 4\)") for layer in (layers.conv2d, layers.conv2d_loops)),
        *((layer, [X, (7, 3, 5)], r"\(7, 3, 5\)") for layer in (layers.conv2d, layers.conv2d_loops)),
        *((layer, [X, (7, 3, 5, 12)], "12.* 11 ") for layer in (layers.conv2d, layers.conv2d_loops)),
        (layers.linear, [(2, 7), (5, 3)], r"\(2, 7\).*\(5, 3\)"),
        (layers.linear, [(2, 7, 1), (5, 7)], r"\(2, 7, 1\)"),
    ],
)
def test_errors_say_the_numbers(layer, shapes, numbers):
    with pytest.raises(ValueError, match=numbers):
        layer(*randoms(*shapes))


@pytest.mark.parametrize("pool", [layers.max_pool2d, layers.avg_pool2d])
@pytest.mark.parametrize(("kernel", "padding", "words"), [(3, 2, "half a kernel"), (12, 0, "does not fit into 11 pixels")])
def test_a_pool_that_cannot_be_is_refused(pool, kernel, padding, words):
    with pytest.raises(ValueError, match=words):
        pool(torch.zeros(2, 3, 11, 13), kernel, padding=padding)
