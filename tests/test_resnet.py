"""ResNet against its paper: Table 1's costs, CIFAR's exact counts, the three kinds of shortcut and the plain twin."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.anatomy import macs, parameters, up_to
from cnnlib.models import resnet
from cnnlib.receptive_fields import measured_receptive_field, receptive_field

# depth: billions of multiply-adds in Table 1, exact ones and parameters with option B, field of conv5_x
COUNTS = {
    18: (1.8, 1_814_073_344, 11_689_512, 435),
    34: (3.6, 3_663_761_408, 21_797_672, 899),
    50: (3.8, 3_857_973_248, 25_557_032, 483),
    101: (7.6, 7_570_194_432, 44_549_160, 1027),
    152: (11.3, 11_282_415_616, 60_192_808, 1507),
}
TORCHVISION = {50: (4_089_184_256, 427), 101: (7_801_405_440, 971), 152: (11_513_626_624, 1451)}
CIFAR = {20: 269_722, 32: 464_154, 44: 658_586, 56: 853_018, 110: 1_727_962, 1202: 19_421_274}


def on_meta(depth: int, **options) -> nn.Sequential:
    with torch.device("meta"):
        return resnet.resnet(depth, **options)


def cifar_on_meta(depth: int, **options) -> nn.Sequential:
    with torch.device("meta"):
        return resnet.resnet_cifar(depth, **options)


@pytest.mark.parametrize("depth", [pytest.param(d, marks=pytest.mark.slow) if d > 50 else d for d in COUNTS])
def test_the_counts_are_those_of_table_1(depth):
    net, (billions, cost, weights, field) = on_meta(depth), COUNTS[depth]
    assert (macs(net), parameters(net), receptive_field(up_to(net, "conv5_x")).size) == (cost, weights, field)
    assert cost / 1e9 == pytest.approx(billions, abs=0.07)


def test_the_paper_counted_18_and_34_layers_with_option_a():
    assert [macs(on_meta(depth, shortcut="A")) for depth in (18, 34)] == [1_794_805_760, 3_644_493_824]
    assert [macs(on_meta(depth, shortcut=None)) for depth in (18, 34)] == [1_794_805_760, 3_644_493_824]


@pytest.mark.parametrize("depth", [pytest.param(d, marks=pytest.mark.slow) if d > 50 else d for d in TORCHVISION])
def test_torchvision_strides_later_pays_more_and_sees_less(depth):
    net, (cost, field) = on_meta(depth, as_torchvision=True), TORCHVISION[depth]
    assert (macs(net), receptive_field(up_to(net, "conv5_x")).size) == (cost, field)
    assert parameters(net) == COUNTS[depth][2]


@pytest.mark.parametrize("depth", [pytest.param(d, marks=pytest.mark.slow) if d > 110 else d for d in CIFAR])
def test_the_counts_for_cifar(depth):
    net = cifar_on_meta(depth)
    assert parameters(net) == CIFAR[depth]
    assert len([m for m in net.modules() if isinstance(m, nn.Conv2d | nn.Linear)]) == depth


@pytest.mark.parametrize("depth", resnet.DEPTHS)
def test_the_depth_counts_the_layers_off_the_shortcuts(depth):
    layers = [name for name, m in on_meta(depth).named_modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len([name for name in layers if "shortcut" not in name]) == depth


def test_cifar_20_by_shortcut():
    assert parameters(cifar_on_meta(20, shortcut="B")) == 272_474
    assert parameters(cifar_on_meta(20, shortcut=None)) == parameters(cifar_on_meta(20, shortcut="A")) == 269_722
    assert receptive_field(up_to(cifar_on_meta(20), "conv4_x"), (3, 32, 32)).size == 81
    assert measured_receptive_field(up_to(cifar_on_meta(20), "conv4_x"), (3, 97, 97)) == 81


def test_a_bottleneck_costs_an_eighth_of_one_3x3_layer():
    def weights(module: nn.Module) -> int:
        return sum(m.weight.numel() for m in module.modules() if isinstance(m, nn.Conv2d))

    assert (weights(resnet.convolution(256, 256, 3)), weights(resnet.Bottleneck(256, 64))) == (589_824, 69_632)


def test_option_a_picks_every_second_pixel_and_adds_silent_channels():
    x = torch.randn(2, 5, 11, 13)
    y = resnet.build_shortcut(5, 17, stride=2, option="A")(x)
    assert torch.equal(y[:, :5], x[:, :, ::2, ::2]) and y.shape == (2, 17, 6, 7) and not y[:, 5:].any()
    assert not list(resnet.build_shortcut(5, 17, stride=2, option="A").parameters())


def test_a_shortcut_is_the_identity_wherever_it_can_be():
    for net, changes in ((on_meta(18), 3), (on_meta(50), 4), (cifar_on_meta(20), 2)):
        shortcuts = [m.shortcut for m in net.modules() if isinstance(m, resnet.Residual)]
        assert len([s for s in shortcuts if not isinstance(s, nn.Identity)]) == changes


def silence(block: resnet.Residual) -> resnet.Residual:
    nn.init.zeros_(block.body[-1].weight)
    return block.eval()


@pytest.mark.parametrize("make", [lambda: resnet.BasicBlock(20, 20), lambda: resnet.Bottleneck(20, 5)])
def test_a_silent_body_leaves_the_input_to_a_relu(make):
    x = torch.randn(2, 20, 11, 13)
    assert torch.equal(silence(make())(x), F.relu(x))


@pytest.mark.parametrize("kind", [resnet.BasicBlock, resnet.Bottleneck])
def test_a_plain_block_has_no_way_past_its_body(kind):
    x, block = torch.randn(2, 28, 11, 13), kind(28, 7, shortcut=None).eval()
    assert torch.equal(block(x), F.relu(block.body(x)))
    assert not silence(block)(x).any()


@pytest.mark.parametrize(("as_torchvision", "strides"), [(False, [2, 1, 1]), (True, [1, 2, 1])])
def test_a_bottleneck_strides_once(as_torchvision, strides):
    block = resnet.Bottleneck(7, 5, stride=2, as_torchvision=as_torchvision)
    assert [m.stride[0] for m in block.body if isinstance(m, nn.Conv2d)] == strides


@pytest.mark.parametrize("net", [on_meta(34), on_meta(50), cifar_on_meta(20)], ids=["34", "50", "CIFAR"])
def test_only_the_first_block_of_a_stage_strides(net):
    for name, stage in net.named_children():
        if name.endswith("_x"):
            strides = [max(m.stride[0] for m in block.modules() if isinstance(m, nn.Conv2d)) for block in stage]
            assert strides == [1 if name == "conv2_x" else 2] + [1] * (len(stage) - 1)


def gradient_of_the_input(shortcut: str | None) -> Tensor:
    torch.manual_seed(0)
    blocks = nn.Sequential(*[resnet.BasicBlock(7, 7, shortcut=shortcut) for _ in range(13)]).eval()
    x = torch.randn(2, 7, 11, 13).abs().requires_grad_()
    for block in blocks:
        nn.init.constant_(block.body[-1].weight, 0.1)
    return torch.autograd.grad(blocks(x).sum(), x)[0]


def test_a_shortcut_carries_the_gradient():
    assert gradient_of_the_input("A").abs().mean() > 1e6 * gradient_of_the_input(None).abs().mean()


def test_the_weights_start_by_hes_rule():
    torch.manual_seed(0)
    for net in (resnet.resnet(18), resnet.resnet_cifar(44)):
        layers = [m for m in net.modules() if isinstance(m, nn.Conv2d)][-5:]
        for layer in layers:
            assert layer.weight.var().item() == pytest.approx(2 / layer.weight[0].numel(), rel=0.05)


@pytest.mark.parametrize("depth", [20, 0, "18"])
def test_another_depth_is_refused(depth):
    with pytest.raises(ValueError, match=rf"depth must be one of \[18, 34, 50, 101, 152\], got {depth}"):
        resnet.resnet(depth)


@pytest.mark.parametrize("depth", [2, 18, 21, 0, -4])
def test_another_depth_for_cifar_is_refused(depth):
    with pytest.raises(ValueError, match=rf"depth must be 6n \+ 2, .* got {depth}"):
        resnet.resnet_cifar(depth)


def test_another_shortcut_is_refused():
    with pytest.raises(ValueError, match="shortcut must be 'A', 'B' or None, got 'C'"):
        resnet.resnet(18, shortcut="C")
