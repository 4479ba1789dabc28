"""GoogLeNet against Table 1: its own channel columns, the two columns that are printed beside them, and its heads."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from cnnlib.anatomy import macs, parameters, stages
from cnnlib.models import inception
from cnnlib.receptive_fields import receptive_field

# Thousands (1,024) of weights, without biases, that follow from the channel columns.
COMPUTED = {
    "inception_3a": 159.5,
    "inception_3b": 379.0,
    "inception_4a": 366.8,
    "inception_4b": 438.0,
    "inception_4c": 497.5,
    "inception_4d": 590.5,
    "inception_4e": 847.0,
    "inception_5a": 1018.0,
    "inception_5b": 1409.0,
}
# The channels that come out: the paper's column "output size".
CHANNELS = {
    "inception_3a": 256,
    "inception_3b": 480,
    "inception_4a": 512,
    "inception_4b": 512,
    "inception_4c": 512,
    "inception_4d": 528,
    "inception_4e": 832,
    "inception_5a": 832,
    "inception_5b": 1024,
}


def on_meta(**options) -> nn.Module:
    with torch.device("meta"):
        return inception.googlenet(**options)


def weights(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters() if p.ndim > 1)


def test_the_counts_of_the_paper_and_of_torchvision():
    paper, torchvisions = on_meta(), on_meta(as_torchvision=True)
    assert (parameters(paper), macs(paper)) == (6_998_552, 1_582_671_872)
    assert (parameters(torchvisions), macs(torchvisions)) == (6_624_904, 1_498_376_192)


@pytest.mark.parametrize("name", COMPUTED)
def test_the_weights_follow_from_the_channels_and_not_from_the_printed_column(name):
    block, (printed, _) = getattr(on_meta(), name), inception.PRINTED[name]
    assert round(weights(block) / 1024, 1) == COMPUTED[name]
    assert printed == pytest.approx(COMPUTED[name], rel=0.08)  # 4c is furthest: 463 for 497.5


def test_two_printed_counts_are_off_by_more_than_two_per_cent():
    off = [name for name, computed in COMPUTED.items() if abs(inception.PRINTED[name][0] / computed - 1) > 0.02]
    assert off == ["inception_4c", "inception_5a"]


def test_the_printed_operations_are_multiply_adds():
    costs = {stage.name: stage.macs / 1e6 for stage in stages(on_meta())}
    off = {name: round(costs[name]) for name, (_, printed) in inception.PRINTED.items() if abs(costs[name] - printed) > 1}
    assert off == {"conv1": 118, "inception_5a": 51}  # printed as 34 and 54


def test_the_channels_that_come_out_are_the_papers():
    assert {s.name: s.output[0] for s in stages(on_meta()) if s.name in CHANNELS} == CHANNELS


def test_the_published_field_counts_the_average_pool():
    net = on_meta()
    assert receptive_field(net).size == 907
    assert receptive_field(nn.Sequential(*list(net)[:-3])).size == 907 - 6 * 32
    assert receptive_field(on_meta(as_torchvision=True)).size == 571


def test_reductions_save_more_than_half_of_3a():
    block = inception.inception(192, 64, 96, 128, 16, 32, 32)
    assert (weights(block), macs(block, (192, 28, 28))) == (163_328, 163_328 * 28**2)
    naive = inception.naive(192, 64, 128, 32)
    assert (weights(naive), macs(naive, (192, 28, 28))) == (387_072, 303_464_448)
    assert naive(torch.zeros(1, 192, 7, 5)).shape == (1, 416, 7, 5)


def test_a_block_is_its_four_branches_side_by_side():
    torch.manual_seed(0)
    block, x = inception.inception(7, 2, 3, 5, 11, 13, 17), torch.randn(2, 7, 19, 23)
    for bias in [p for p in block.parameters() if p.ndim == 1]:
        nn.init.normal_(bias)
    w1, b1, w3r, b3r, w3, b3, w5r, b5r, w5, b5, wp, bp = block.parameters()
    expected = [
        F.relu(F.conv2d(x, w1, b1)),
        F.relu(F.conv2d(F.relu(F.conv2d(x, w3r, b3r)), w3, b3, padding=1)),
        F.relu(F.conv2d(F.relu(F.conv2d(x, w5r, b5r)), w5, b5, padding=2)),
        F.relu(F.conv2d(F.max_pool2d(x, 3, 1, 1), wp, bp)),
    ]
    torch.testing.assert_close(block(x), torch.cat(expected, 1))


@pytest.mark.slow
def test_the_heads_take_part_in_training_alone():
    torch.manual_seed(0)
    net = inception.googlenet(classes=7, heads=True)
    assert {name: parameters(head) for name, head in net.heads.items()} == {
        "inception_4a": (512 * 128 + 128) + (2048 * 1024 + 1024) + (1024 * 7 + 7),
        "inception_4d": (528 * 128 + 128) + (2048 * 1024 + 1024) + (1024 * 7 + 7),
    }
    images = torch.randn(1, 3, 224, 224)
    logits = net(images)
    assert [y.shape for y in logits] == [(1, 7)] * 3
    sum(y.square().sum() for y in logits).backward()
    assert all(p.grad is not None and p.grad.any() for p in net.parameters() if p.ndim > 1)
    net.eval()
    torch.testing.assert_close(net(images), net.net(images))


def test_response_norm_stands_where_figure_3_has_it():
    def norms(net):
        return [name for name, m in net.named_modules() if isinstance(m, nn.LocalResponseNorm)]

    assert norms(on_meta()) == ["pool1.1", "conv2.2"]
    assert norms(on_meta(as_torchvision=True)) == []


def test_the_weights_start_by_hes_rule():
    torch.manual_seed(0)
    net = inception.googlenet(classes=1000)
    for layer in (net.inception_5b["3x3"][1][0], net.linear):
        assert layer.weight.var().item() == pytest.approx(2 / layer.weight[0].numel(), rel=0.02)
        assert not layer.bias.any()
