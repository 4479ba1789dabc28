"""VGG against its paper: Table 1 layer by layer, Table 2's parameters, the fields of the papers that built on it."""

import pytest
import torch
from torch import nn

from cnnlib.anatomy import macs, parameters, up_to
from cnnlib.models import vgg
from cnnlib.receptive_fields import Field, receptive_field

# depth: millions of parameters in Table 2, exact parameters, exact multiply-adds
COUNTS = {
    11: (133, 132_863_336, 7_609_090_048),
    13: (133, 133_047_848, 11_308_466_176),
    "16C": (134, 133_638_952, 11_770_888_192),
    16: (138, 138_357_544, 15_470_264_320),
    19: (144, 143_667_240, 19_632_062_464),
}


def on_meta(depth: int | str, **options) -> nn.Sequential:
    with torch.device("meta"):
        return vgg.vgg(depth, **options)


@pytest.mark.parametrize("depth", COUNTS)
def test_the_counts_are_those_of_table_2(depth):
    net, (millions, exact, cost) = on_meta(depth), COUNTS[depth]
    assert (parameters(net), macs(net)) == (exact, cost)
    assert round(exact / 1e6) == millions


@pytest.mark.parametrize("depth", COUNTS)
def test_the_depth_counts_the_weight_layers(depth):
    layers = [m for m in on_meta(depth).modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(layers) == int(str(depth).rstrip("C"))


def test_column_c_is_column_d_with_three_1x1_filters():
    kernels = [
        [(name, m.kernel_size[0]) for name, m in on_meta(depth).named_modules() if isinstance(m, nn.Conv2d)]
        for depth in ("16C", 16)
    ]
    ones = [c for c, d in zip(*kernels, strict=True) if c != d]
    assert ones == [("conv3.conv3_3", 1), ("conv4.conv4_3", 1), ("conv5.conv5_3", 1)]


def test_nine_tenths_of_vgg_16_are_fully_connected():
    net = on_meta(16)
    convolutions = parameters(up_to(net, "pool5"))
    connected = parameters(net) - convolutions
    assert (convolutions, connected, parameters(net.fc6)) == (14_714_688, 123_642_856, 102_764_544)
    assert round(100 * connected / parameters(net), 1) == 89.4


def test_the_published_fields_of_vgg_16():
    net = on_meta(16)
    assert [receptive_field(up_to(net, name)).size for name in ("conv5.conv5_3", "pool5", "fc6")] == [196, 212, 404]
    rpn = nn.Conv2d(512, 512, 3, padding=1, device="meta")
    assert receptive_field(nn.Sequential(up_to(net, "conv5"), rpn)) == Field(228, 16, -106)


@pytest.mark.parametrize(("layers", "kernel"), [(2, 5), (3, 7)])
def test_a_stack_of_3x3_sees_what_one_large_filter_sees_for_fewer_weights(layers, kernel):
    stack, single = vgg.block(31, 31, (3,) * layers), vgg.block(31, 31, (kernel,))
    assert receptive_field(stack, (31, 17, 19)) == receptive_field(single, (31, 17, 19)) == Field(kernel, 1, -layers)
    assert [parameters(net) for net in (stack, single)] == [layers * (9 * 31**2 + 31), kernel**2 * 31**2 + 31]


def test_every_convolution_is_followed_by_a_relu():
    kinds = [type(layer).__name__ for layer in vgg.block(3, 5, (3, 1, 3), "conv3")]
    assert kinds == ["Conv2d", "ReLU"] * 3
    assert vgg.block(3, 5)(torch.randn(2, 3, 7, 11)).min() == 0


def test_images_may_be_smaller():
    net = vgg.vgg(11, classes=7, size=71)
    assert net(torch.zeros(2, 3, 71, 71)).shape == (2, 7)
    assert net.fc6[1].in_features == 512 * 2 * 2


def test_the_weights_start_by_glorots_rule():
    torch.manual_seed(0)
    net = vgg.vgg(11, classes=7, size=32)
    for layer in (net.conv3.conv3_1, net.fc7[0]):
        inputs, outputs = layer.weight[0].numel(), layer.weight[:, 0].numel()
        assert layer.weight.var().item() == pytest.approx(2 / (inputs + outputs), rel=0.02)
        assert not layer.bias.any()


@pytest.mark.parametrize("depth", [12, "C", 0])
def test_another_depth_is_refused(depth):
    with pytest.raises(ValueError, match=rf"depth must be one of \[11, 13, '16C', 16, 19\], got {depth!r}"):
        vgg.vgg(depth)


def test_an_image_that_cannot_be_halved_five_times_is_refused():
    with pytest.raises(ValueError, match=r"size must be at least 32, .* got 31"):
        vgg.vgg(11, size=31)
