"""DenseNet against its paper: Table 1's networks, the six of Table 2 for CIFAR, and what concatenation keeps."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from cnnlib.anatomy import macs, parameters
from cnnlib.models import densenet

# depth: exact parameters, exact multiply-adds
COUNTS = {
    121: (7_978_856, 2_834_161_664),
    169: (14_149_480, 3_359_843_328),
    201: (20_013_928, 4_291_365_888),
    264: (33_337_704, 5_751_653_376),
}
# growth, depth, -BC: millions of parameters in Table 2, exact parameters
CIFAR = {
    (12, 40, False): (1.0, 1_019_722),
    (12, 100, False): (7.0, 6_979_642),
    (24, 100, False): (27.2, 27_249_082),
    (12, 100, True): (0.8, 769_162),
    (24, 250, True): (15.3, 15_324_406),
    (40, 190, True): (25.6, 25_624_430),
}


def on_meta(depth: int) -> nn.Sequential:
    with torch.device("meta"):
        return densenet.densenet(depth)


def cifar_on_meta(*row: int | bool) -> nn.Sequential:
    with torch.device("meta"):
        return densenet.densenet_cifar(*row)


@pytest.mark.parametrize("depth", [pytest.param(d, marks=pytest.mark.slow) if d > 121 else d for d in COUNTS])
def test_the_counts_of_table_1(depth):
    net = on_meta(depth)
    assert (parameters(net), macs(net)) == COUNTS[depth]


@pytest.mark.slow
@pytest.mark.parametrize("row", CIFAR)
def test_the_counts_of_table_2(row):
    net, (millions, exact) = cifar_on_meta(*row), CIFAR[row]
    assert parameters(net) == exact and round(exact / 1e6, 1) == millions


def test_the_six_networks_are_those_of_table_2():
    assert list(CIFAR) == list(densenet.TABLE_2)


@pytest.mark.parametrize("depth", densenet.DEPTHS)
def test_the_depth_counts_convolutions_and_the_last_layer(depth):
    layers = [m for m in on_meta(depth).modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(layers) == (265 if depth == 264 else depth)  # the paper's own column has one layer more than its name


@pytest.mark.parametrize("row", densenet.TABLE_2)
def test_the_depth_counts_layers_and_not_blocks(row):
    net = cifar_on_meta(*row)
    assert len([m for m in net.modules() if isinstance(m, nn.Conv2d | nn.Linear)]) == row[1]
    assert len([name for name, _ in net.named_children() if name.startswith("dense_block")]) == 3


@pytest.mark.parametrize("bottleneck", [True, False])
def test_a_layer_keeps_what_came_in_and_appends_its_own(bottleneck):
    torch.manual_seed(0)
    layer, x = densenet.DenseLayer(7, growth=5, bottleneck=bottleneck).eval(), torch.randn(2, 7, 11, 13)
    y = layer(x)
    assert y.shape == (2, 12, 11, 13) and torch.equal(y[:, :7], x) and torch.equal(y[:, 7:], layer.body(x))


def test_a_layer_without_bottleneck_is_norm_relu_3x3():
    torch.manual_seed(0)
    layer, x = densenet.DenseLayer(7, growth=5, bottleneck=False), torch.randn(2, 7, 11, 13)
    weight = layer.body[-1].weight
    assert parameters(layer) == 2 * 7 + 5 * 7 * 9
    expected = F.conv2d(F.relu(F.batch_norm(x, None, None, training=True)), weight, padding=1)
    torch.testing.assert_close(layer(x)[:, 7:], expected)


def test_a_bottleneck_is_four_growths_wide():
    convolutions = [m for m in densenet.DenseLayer(7, growth=5).modules() if isinstance(m, nn.Conv2d)]
    assert [(m.in_channels, m.out_channels, m.kernel_size) for m in convolutions] == [(7, 20, (1, 1)), (20, 5, (3, 3))]


def test_a_block_ends_with_its_input_and_every_layers_own():
    torch.manual_seed(0)
    block, x = densenet.dense_block(7, layers=3, growth=5).eval(), torch.randn(2, 7, 11, 13)
    y = block(x)
    assert y.shape == (2, 7 + 3 * 5, 11, 13) and torch.equal(y[:, :12], block[0](x))


@pytest.mark.parametrize(("row", "first", "channels"), [((12, 40, False), 16, [160, 304]), ((12, 100, True), 24, [108, 150])])
def test_bc_starts_with_two_growths_and_halves_in_transitions(row, first, channels):
    net = cifar_on_meta(*row)
    assert net.convolution.out_channels == first
    assert [net.transition_1[2].out_channels, net.transition_2[2].out_channels] == channels


def test_the_weights_start_by_hes_rule():
    torch.manual_seed(0)
    for layer in [m for m in densenet.densenet(121).dense_block_4.modules() if isinstance(m, nn.Conv2d)][:6]:
        assert layer.weight.var().item() == pytest.approx(2 / layer.weight[0].numel(), rel=0.05)


@pytest.mark.parametrize("depth", [120, 161, "121"])
def test_another_depth_is_refused(depth):
    with pytest.raises(ValueError, match=rf"depth must be one of \[121, 169, 201, 264\], got {depth}"):
        densenet.densenet(depth)


@pytest.mark.parametrize(("depth", "bc", "rule"), [(41, False, "3n"), (43, True, "6n"), (4, False, "3n"), (-2, True, "6n")])
def test_another_depth_for_cifar_is_refused(depth, bc, rule):
    with pytest.raises(ValueError, match=rf"depth must be {rule} \+ 4, got {depth}"):
        densenet.densenet_cifar(12, depth, bc)
