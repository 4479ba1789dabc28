"""What explorers of windows, weights and depth show is what the networks have, for every setting or for many random ones."""

import itertools
import random
import re

import pytest
import torch
from node import call
from torch import nn
from torch.nn import functional as F

from cnnlib import anatomy
from cnnlib.explorers import gradients
from cnnlib.explorers.explorer import stored
from cnnlib.explorers.modules import source
from cnnlib.models import densenet, inception
from cnnlib.models.resnet import resnet_cifar
from cnnlib.receptive_fields import Field
from cnnlib.transposed import transposed_size

TRANSPOSED = list(itertools.product(range(1, 7), range(1, 5), range(4), range(4)))


def test_every_transposed_convolution_is_torch_s():
    names = ("kernel", "stride", "padding", "output_padding")
    shown = call("transposed", "reach", [[dict(zip(names, setting, strict=True))] for setting in TRANSPOSED])
    fitting = 0
    for (kernel, stride, padding, more), rows in zip(TRANSPOSED, shown, strict=True):
        more = min(more, stride - 1)
        if 3 * stride + kernel - 2 * padding + more < 1:
            assert rows == [[]] * 4
            continue
        places = torch.arange(1.0, kernel + 1).view(1, 1, 1, kernel)
        options = dict(stride=(1, stride), padding=(0, padding), output_padding=(0, more))
        expected = F.conv_transpose2d(torch.eye(4).view(4, 1, 1, 4), places, **options)[:, 0, 0]
        assert [[0 if place is None else place + 1 for place in row] for row in rows] == expected.tolist()
        assert len(rows[0]) == transposed_size(4, kernel, stride, padding, more)
        fitting += 1
    assert len(TRANSPOSED) == 384 and fitting > 350


def test_mixed_photographs_are_torch_s():
    generator = torch.Generator().manual_seed(3)
    images = torch.randint(0, 256, (500, 4, 5, 7), generator=generator)
    weights = (torch.rand(500, 4, generator=generator) * 2 - 1).double()
    calls = [[i.flatten(1).T.flatten().tolist(), w[:3].tolist(), w[3].item()] for i, w in zip(images, weights, strict=True)]
    shown = torch.tensor(call("mixing", "mixed", calls)).view(500, 5, 7)
    for image, weight, one in zip(images, weights, shown, strict=True):
        pixels = image[None, :3].double() / 255
        expected = F.conv2d(pixels, weight[:3].view(1, 3, 1, 1), weight[3:])[0, 0]
        torch.testing.assert_close(one.double(), expected, atol=1e-6, rtol=1e-5)


def test_every_stack_of_windows_sees_what_the_recurrence_says():
    settings = list(itertools.product(range(1, 5), range(1, 6), range(1, 4), (0, 3)))
    calls = [[{"kernel": kernel, "stride": stride}, layers, unit] for layers, kernel, stride, unit in settings]
    for (layers, kernel, stride, unit), ranges in zip(settings, call("windows", "seen", calls), strict=True):
        field, expected = Field(), []
        for layer in range(layers):
            field = field.through(kernel, stride if layer == 0 else 1)
        assert list(range(ranges[0][0], ranges[0][1] + 1)) == list(field.rows(unit))
        for level in reversed(range(layers + 1)):
            seen = Field()
            for _ in range(layers - level):
                seen = seen.through(kernel, stride if level == 0 and _ == 0 else 1)
            expected.insert(0, [seen.rows(unit)[0], seen.rows(unit)[-1]])
        assert ranges == expected


def test_windows_are_drawn_with_two_pixels_on_each_side_and_every_unit_that_fits():
    names = ("layers", "kernel", "stride")
    settings = list(itertools.product(range(1, 5), range(1, 6), range(1, 4)))
    shown = call("windows", "drawn", [[dict(zip(names, setting, strict=True))] for setting in settings])
    for (layers, kernel, stride), units in zip(settings, shown, strict=True):
        field, pixels = Field(), range(-2, Field().through(kernel, stride).through((layers - 1) * (kernel - 1) + 1).size + 2)
        assert units[0] == list(pixels)
        for layer, row in enumerate(units[1:]):
            field = field.through(kernel, stride if layer == 0 else 1)
            assert row == [unit for unit in pixels if {*field.rows(unit)} <= {*pixels}]


@pytest.mark.parametrize(("channels", "narrow"), [(256, 64), (32, 8), (512, 512), (64, 200)])
def test_weights_of_a_bottleneck_are_those_of_its_layers(channels, narrow):
    with torch.device("meta"):
        layers = [
            nn.Conv2d(*shape, bias=False) for shape in ((channels, narrow, 1), (narrow, narrow, 3), (narrow, channels, 1))
        ]
        plain = nn.Conv2d(channels, channels, 3, bias=False)
    (shown,) = call("counts", "weights", [[{"channels": channels, "narrow": narrow}]])
    assert shown == {"plain": [plain.weight.numel()], "bottleneck": [layer.weight.numel() for layer in layers]}


def test_weights_of_branches_are_those_of_an_inception_block():
    generator = random.Random(0)
    names = ("c1", "c3_reduce", "c3", "c5_reduce", "c5", "c_pool")
    widths = [[generator.randint(1, 192) for _ in names] for _ in range(200)]
    shown = call("inception", "branches", [[dict(zip(names, one, strict=True))] for one in widths])
    for one, branches in zip(widths, shown, strict=True):
        with torch.device("meta"):
            block = inception.inception(192, *one)
        small = large = 0
        for module in block.modules():
            if isinstance(module, nn.Conv2d):
                small += module.weight.numel() * (module.kernel_size == (1, 1))
                large += module.weight.numel() * (module.kernel_size != (1, 1))
        assert sum(branch["small"] for branch in branches) == small
        assert sum(branch["large"] for branch in branches) == large
        assert sum(branch["channels"] for branch in branches) == one[0] + one[2] + one[4] + one[5]


def test_a_branch_without_outputs_needs_no_reduction():
    (shown,) = call("inception", "branches", [[dict(c1=1, c3_reduce=96, c3=0, c5_reduce=16, c5=0, c_pool=0)]])
    assert [branch["small"] + branch["large"] for branch in shown] == [192, 0, 0, 0]


def densenet_settings(count: int) -> list[tuple[int, int, str]]:
    every = list(itertools.product(range(4, 41), range(2, 33), ("plain", "bc")))
    return random.Random(0).sample(every, count)


@pytest.mark.parametrize("count", [12, pytest.param(500, marks=pytest.mark.slow)])
def test_parameters_of_a_densenet_are_counted_without_building_it(count):
    settings = densenet_settings(count)
    calls = [[dict(zip(("growth", "layers", "kind"), setting, strict=True))] for setting in settings]
    for (growth, layers, kind), shown in zip(settings, call("dense", "parameters", calls), strict=True):
        with torch.device("meta"):
            net = densenet.densenet_cifar(growth, 3 * layers * (2 if kind == "bc" else 1) + 4, bc=kind == "bc")
        assert shown == anatomy.parameters(net)


def kept(net: nn.Module, images: torch.Tensor) -> float:
    """Count the numbers that a forward pass stores for the backward pass, each piece of memory once, per image."""
    own, pieces = {p.untyped_storage().data_ptr() for p in net.parameters()}, {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own and tensor.is_floating_point():
            pieces[storage.data_ptr()] = storage.nbytes() // 4
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        output = net(images)
    del output
    return sum(pieces.values()) / len(images)


@pytest.mark.parametrize(("growth", "layers", "kind"), [(12, 4, "plain"), (6, 7, "plain"), (12, 5, "bc"), (5, 3, "bc")])
def test_memory_of_a_densenet_is_what_torch_stores(growth, layers, kind):
    net = densenet.densenet_cifar(growth, 3 * layers * (2 if kind == "bc" else 1) + 4, bc=kind == "bc")
    (shown,) = call("dense", "stored", [[{"growth": growth, "layers": layers, "kind": kind}]])
    assert shown == pytest.approx(kept(net, torch.rand(2, 3, 32, 32)), rel=0.01)


def test_resnet_110_in_the_explorer_is_the_library_s():
    text = source("dense.js")
    assert int(re.search(r"RESNET_110 = { parameters: (\d+)", text)[1]) == anatomy.parameters(resnet_cifar(110))


def test_arriving_gradients_are_looked_up_by_depth_and_start():
    values = stored("depth")
    states = list(itertools.product(gradients.BLOCKS, gradients.STARTS))
    shown = call("depth", "arriving", [[{"gradients": values["gradients"], "blocks": b, "start": s}] for b, s in states])
    for (blocks, start), one in zip(states, shown, strict=True):
        assert {kind: len(sizes) for kind, sizes in one.items()} == {"plain": blocks, "residual": blocks}
        assert one == {kind: values["gradients"][start][kind][blocks - 2] for kind in one}


@pytest.mark.parametrize("start", gradients.STARTS)
@pytest.mark.parametrize("blocks", [2, 9])
def test_stored_gradients_are_what_is_measured(start, blocks):
    from cnnlib.data import shapes

    images, labels = shapes.crops(16, seed=2, style=shapes.GENTLE)
    for kind in ("plain", "residual"):
        measured = gradients.gradients(gradients.network(blocks, kind == "residual", start), images, labels)
        assert stored("depth")["gradients"][start][kind][blocks - 2] == pytest.approx(measured, rel=0.02)
