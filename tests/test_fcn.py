"""FCN: classifiers that slide, counts and sizes of the three variants, and the paper written out in functional calls."""

import itertools
from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.anatomy import parameters, stages, up_to
from cnnlib.models import densenet, fcn, inception, resnet, vgg
from cnnlib.models.fcn import SkipNet, convolutionalize
from cnnlib.receptive_fields import receptive_field
from cnnlib.transposed import bilinear_kernel, upsampling

# all parameters, and those that learn: not the bilinear last layer
COUNTS = {32: (136_152_917, 134_346_581), 16: (134_815_994, 134_364_410), 8: (134_489_759, 134_376_863)}


def on_meta(variant: int, **options) -> SkipNet:
    with torch.device("meta"):
        return fcn.fcn(variant, **options)


def small(skips: int) -> SkipNet:
    """Build four stages of one convolution and one pool each, whose last map and `skips` maps before it are scored."""
    widths, body = [16, 32, 64, 128], nn.Sequential()
    for i, (c_in, c_out) in enumerate(itertools.pairwise((3, *widths)), 1):
        conv = nn.Conv2d(c_in, c_out, 3, padding=1, bias=False)
        body.add_module(f"pool{i}", nn.Sequential(conv, nn.BatchNorm2d(c_out), nn.ReLU(), nn.MaxPool2d(2)))
    return SkipNet(body, widths, classes=6, skips=skips)


def learned(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters() if p.requires_grad)


def randomise(net: SkipNet) -> SkipNet:
    """Draw the scores, which start at zero, so that they show."""
    for layer in net.scores.values():
        nn.init.normal_(layer.weight, std=layer.in_channels**-0.5)
        nn.init.normal_(layer.bias)
    for layer in net.upsamplings.values():
        nn.init.normal_(layer.weight, std=0.1)
    return net.eval()


def assert_equal(ours: Tensor, theirs: Tensor) -> None:
    assert theirs.std() > 1e-3
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


# classifiers that slide

SLIDING = {  # the classifier, the size it was made for, larger images, the grid of scores on them
    "VGG-11": (partial(vgg.vgg, 11, 7, size=32), 32, (70, 129), (2, 4)),
    "GoogLeNet": (partial(inception.googlenet, 7), 64, (64, 129), (1, 3)),
    "CIFAR ResNet-20": (partial(resnet.resnet_cifar, 20, 7), 32, (32, 45), (1, 5)),
    "CIFAR DenseNet": (partial(densenet.densenet_cifar, 5, 13, False, classes=7), 32, (36, 49), (2, 5)),
}


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n == "VGG-11" else n for n in SLIDING])
def test_a_classifier_that_slides_gives_the_same_scores_and_a_grid_on_larger_images(name):
    torch.manual_seed(0)
    build, size, larger, grid = SLIDING[name]
    classifier = build()
    for module in classifier.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean, std=0.1)
    before = {key: value.clone() for key, value in classifier.state_dict().items()}
    net = convolutionalize(classifier, size)
    assert all(torch.equal(value, before[key]) for key, value in classifier.state_dict().items())
    assert parameters(net) == parameters(classifier)
    assert not any(isinstance(m, nn.Linear | nn.Flatten | nn.AdaptiveAvgPool2d) for m in net.modules())
    x = torch.randn(2, 3, size, size)
    assert_equal(net.eval()(x)[:, :, 0, 0], classifier.eval()(x))
    assert net(torch.randn(2, 3, *larger)).shape == (2, 7, *grid)


def test_without_padding_the_grid_holds_the_scores_of_every_crop():
    torch.manual_seed(0)
    body = [nn.Conv2d(5, 7, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(7, 11, 2), nn.Flatten()]
    classifier = nn.Sequential(*body, nn.Linear(11 * 4 * 4, 13), nn.Tanh(), nn.Linear(13, 3, bias=False)).double()
    x = torch.randn(2, 5, 18, 23, dtype=torch.float64)
    grid = convolutionalize(classifier, 12, channels=5)(x)
    assert grid.shape == (2, 3, 4, 6)
    for i in range(4):
        for j in range(6):
            crop = x[:, :, 2 * i : 2 * i + 12, 2 * j : 2 * j + 12]
            torch.testing.assert_close(grid[:, :, i, j], classifier(crop))


def test_vgg_16_keeps_its_names_and_its_layers_become_convolutions():
    with torch.device("meta"):
        net = convolutionalize(vgg.vgg(16), 224)
    found = {s.name: s.output for s in stages(net, (3, 224, 224))}
    assert list(found) == list(vgg.SIZES)
    assert {name: output[1] for name, output in found.items()} == vgg.SIZES
    assert [tuple(m.weight.shape) for m in (net.fc6[0], net.fc7[0], net.fc8)] == [
        (4096, 512, 7, 7),
        (4096, 4096, 1, 1),
        (1000, 4096, 1, 1),
    ]
    assert [type(m) for m in net.fc6] == [nn.Conv2d, nn.ReLU, nn.Dropout]
    assert parameters(net) == 138_357_544
    assert stages(net, (3, 384, 512))[-1].output == (1000, 6, 10)


def test_the_weights_are_shared_and_the_mode_is_kept():
    classifier = nn.Sequential(nn.Conv2d(3, 5, 3), nn.Sequential(nn.Flatten(), nn.Dropout()), nn.Linear(45, 7)).eval()
    classifier[2].weight.requires_grad_(False)
    net = convolutionalize(classifier, 5)
    assert not any(m.training for m in net.modules())
    assert net[2].weight.data_ptr() == classifier[2].weight.data_ptr() and not net[2].weight.requires_grad
    assert net[0] is classifier[0] and net[2].bias is classifier[2].bias
    assert isinstance(classifier[2], nn.Linear) and classifier[1][0].start_dim == 1


def test_a_layer_that_is_used_twice_is_used_twice():
    relu = nn.ReLU()
    classifier = nn.Sequential(nn.Conv2d(3, 5, 3), relu, nn.Flatten(), nn.Linear(45, 7), relu)
    net = convolutionalize(classifier, 5)
    assert net[1] is relu and net[-1] is relu and len(net) == 4


def test_an_adaptive_pool_that_leaves_the_map_as_it_is_goes_on_doing_so():
    torch.manual_seed(0)
    classifier = nn.Sequential(nn.Conv2d(3, 5, 3), nn.AdaptiveAvgPool2d((5, None)), nn.Flatten(), nn.Linear(125, 7))
    x = torch.randn(2, 3, 7, 7)
    assert_equal(convolutionalize(classifier, 7)(x).flatten(1), classifier(x))


class Squeeze(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weigh = nn.Linear(5, 5)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weigh(x.mean((2, 3)))[:, :, None, None]


class Mean(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mean((2, 3))


CONV, FLATTEN, LINEAR = nn.Conv2d(3, 5, 3), nn.Flatten(), nn.Linear(5 * 9 * 9, 7)


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([CONV, FLATTEN, nn.LayerNorm(405), LINEAR], r"cannot make 2 \(LayerNorm\) slide"),
        ([CONV, FLATTEN, LINEAR, nn.Softmax(-1)], r"cannot make 3 \(Softmax\) slide"),
        ([CONV, nn.Sequential(FLATTEN, nn.BatchNorm1d(405)), LINEAR], r"cannot make 1\.1 \(BatchNorm1d\) slide"),
        ([CONV, nn.Linear(9, 7)], r"cannot make 1 \(Linear\) slide"),
        ([CONV, Squeeze(), FLATTEN, LINEAR], r"cannot make 1 \(Squeeze\) slide"),
        ([CONV, nn.AdaptiveAvgPool2d(3), FLATTEN, LINEAR], r"cannot make 1 \(AdaptiveAvgPool2d\) slide"),
        ([CONV, nn.Flatten(2), LINEAR], r"cannot make 1 \(Flatten\) slide"),
        ([CONV, Mean(), LINEAR], r"cannot convert 1 \(Mean\): it must return a map, got \(1, 5\)"),
        ([CONV, FLATTEN, nn.Linear(99, 7)], r"2 \(Linear\) takes 99 numbers, but the map before it is 5 x 9 x 9"),
        ([CONV, nn.MaxPool2d(13), FLATTEN], r"shape \(5, 9, 9\) does not fit layer 1"),
        ([CONV, FLATTEN], "no linear layer follows the flatten, whose map is 9 x 9"),
    ],
)
def test_what_cannot_slide_is_refused_by_name(layers, words):
    with pytest.raises(ValueError, match=words):
        convolutionalize(nn.Sequential(*layers), 11)


def test_a_classifier_that_is_no_sequence_is_refused():
    with pytest.raises(ValueError, match=r"classifier must be an nn\.Sequential, got a Squeeze"):
        convolutionalize(Squeeze())


# the three variants


@pytest.mark.parametrize("variant", COUNTS)
def test_the_parameters_of_the_variants(variant):
    net = on_meta(variant)
    assert (parameters(net), learned(net)) == COUNTS[variant]
    assert parameters(net.to_image) == 21 * 21 * (2 * variant) ** 2
    assert parameters(net.stages) == 138_357_544 - (4096 * 1000 + 1000)
    assert [parameters(s) for s in net.scores.values()] == [86_037, 10_773, 5_397][: len(net.scores)]
    assert [parameters(u) for u in net.upsamplings.values()] == [7_056] * (len(net.scores) - 1)


def test_the_widest_upsampling_with_a_bias():
    layer = nn.ConvTranspose2d(21, 21, 64, 32, 16, device="meta")
    assert parameters(layer) == 1_806_357 and parameters(upsampling(21, 32)) == 1_806_336
    assert layer(torch.zeros(1, 21, 10, 15, device="meta")).shape == (1, 21, 320, 480)


def test_the_maps_have_the_sizes_of_the_table_and_lie_on_the_image():
    net = on_meta(8)
    assert {s.name: s.output[1] for s in stages(net.stages)} == fcn.SIZES
    assert [s.output[0] for s in stages(net.stages)] == [channels for channels, _ in fcn.STAGES.values()]
    for i, name in enumerate(fcn.STAGES, 1):
        field = receptive_field(up_to(net.stages, name))
        assert field.stride == 2**i
        assert field.offset + (field.size - 1) / 2 == (field.stride - 1) / 2  # its middle is that of the pixels it lies on
    assert field.size == 404


@pytest.mark.parametrize("variant", fcn.VARIANTS)
def test_every_image_gets_scores_for_its_own_pixels(variant):
    net = on_meta(variant, classes=5)
    for size in ((224, 224), (375, 500), (1, 1), (31, 33), (320, 480)):
        assert net(torch.zeros(2, 3, *size, device="meta")).shape == (2, 5, *size)


@pytest.mark.parametrize("skips", range(4))
@pytest.mark.parametrize("size", [(64, 64), (61, 67), (1, 17), (16, 95)])
def test_scores_start_at_zero_on_images_of_any_size(skips, size):
    scores = small(skips)(torch.rand(2, 3, *size))
    assert scores.shape == (2, 6, *size) and not scores.any()


def test_another_variant_is_refused():
    with pytest.raises(ValueError, match=r"variant must be one of \[32, 16, 8\], got 64"):
        fcn.fcn(64)


# adding maps


def windows(height: int, width: int, stride: int) -> tuple[tuple[int, int, int, int], slice, slice]:
    """Derive the pad and the crop once more, from the sizes alone."""
    (top, h), (left, w) = ((-size % stride // 2, -(-size // stride) * stride) for size in (height, width))
    pad = (left, w - width - left, top, h - height - top)
    return pad, slice(top, top + height), slice(left, left + width)


@pytest.mark.parametrize("size", [(61, 67), (48, 33)])
def test_a_small_network_is_the_paper_written_out(size):
    torch.manual_seed(0)
    net, images = randomise(small(2)).double(), torch.randn(2, 3, *size, dtype=torch.float64)
    pad, rows, columns = windows(*size, 16)
    pool2 = net.stages[:2](F.pad(images, pad))
    pool3 = net.stages[2](pool2)
    pool4 = net.stages[3](pool3)
    weight = {name: p.double() for name, p in net.state_dict().items()}
    scores = {
        name: F.conv2d(x, weight[f"scores.{name}.weight"], weight[f"scores.{name}.bias"])
        for name, x in {"pool2": pool2, "pool3": pool3, "pool4": pool4}.items()
    }
    fine = F.conv_transpose2d(scores["pool4"], weight["upsamplings.pool3.weight"], stride=2, padding=1) + scores["pool3"]
    finer = F.conv_transpose2d(fine, weight["upsamplings.pool2.weight"], stride=2, padding=1) + scores["pool2"]
    expected = F.conv_transpose2d(finer, bilinear_kernel(6, 8).double(), stride=4, padding=2)[:, :, rows, columns]
    assert_equal(net(images), expected)


def identity(net: SkipNet) -> SkipNet:
    for layer in net.scores.values():
        nn.init.eye_(layer.weight[:, :, 0, 0].detach())
    return net


@pytest.mark.parametrize(("strides", "skips"), [((2, 2, 2), 0), ((2, 2, 2), 2), ((4, 2), 1), ((3, 2), 1), ((2, 3), 1)])
@pytest.mark.parametrize("size", [(61, 67), (72, 48)])
def test_maps_are_added_and_cropped_where_they_lie(strides, skips, size):
    pools = nn.Sequential(*[nn.AvgPool2d(stride) for stride in strides])
    net = identity(SkipNet(pools, [2] * len(strides), 2, skips, strides))
    ramp = torch.stack(torch.meshgrid(*[torch.arange(float(n)) for n in size], indexing="ij"))[None]
    inside = (..., slice(14, -14), slice(14, -14))  # a ramp, averaged and interpolated, is itself: each map adds one
    torch.testing.assert_close(net(ramp)[inside], (1 + skips) * ramp[inside], rtol=0, atol=1e-3)


def test_new_maps_leave_the_predictions_as_they_were():
    torch.manual_seed(0)
    coarse, fine = small(0).eval(), small(1).eval()
    nn.init.normal_(coarse.scores["pool4"].weight)
    fine.load_state_dict({k: v for k, v in coarse.state_dict().items() if "to_image" not in k}, strict=False)
    images = torch.rand(2, 3, 64, 64)
    inside = (..., slice(16, -16), slice(16, -16))
    difference = (coarse(images) - fine(images))[inside].abs().mean()
    assert 0 < difference < 0.1 * coarse(images)[inside].std()  # two bilinear steps are nearly one


def test_everything_but_the_last_layer_learns():
    torch.manual_seed(0)
    net, images = small(2), torch.rand(3, 3, 61, 67)
    truth = torch.randint(6, (3, 61, 67))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(2):  # the scores are zero in the first step, and the body learns from the second on
        optimizer.zero_grad()
        F.cross_entropy(net(images), truth).backward()
        optimizer.step()
    assert all((p.grad is not None and p.grad.any()) for p in net.parameters() if p.requires_grad)
    assert torch.equal(net.to_image.weight, bilinear_kernel(6, 8)) and net.to_image.weight.grad is None


@pytest.mark.parametrize("first", [nn.Conv2d(3, 3, 3, stride=2, padding=1), nn.MaxPool2d(2, ceil_mode=True)])
@pytest.mark.parametrize("size", [(61, 67), (8, 1)])
def test_a_body_may_stride_by_convolutions_and_round_as_it_likes(first, size):
    body = nn.Sequential(first, nn.Conv2d(3, 7, 5, stride=4, padding=2))
    net = SkipNet(body, channels=(3, 7), classes=11, skips=1, strides=(2, 4))
    assert net(torch.rand(2, 3, *size)).shape == (2, 11, *size)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (dict(channels=(3,)), "got 2, 1 and 2"),
        (dict(strides=(2, 2, 2)), "got 2, 2 and 3"),
        (dict(skips=2), "below the number of stages, 2, got 2"),
        (dict(skips=-1), "got -1"),
    ],
)
def test_a_body_described_wrongly_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        SkipNet(nn.Sequential(nn.AvgPool2d(2), nn.AvgPool2d(2)), **{"channels": (3, 3), "classes": 5} | options)


def test_a_stage_that_strides_otherwise_is_refused():
    net = SkipNet(nn.Sequential(nn.AvgPool2d(2), nn.AvgPool2d(4)), (3, 3), 5)
    with pytest.raises(ValueError, match=r"stage 1 must make 4 x 6 of 8 x 12, got \(2, 3\)"):
        net(torch.zeros(2, 3, 15, 23))


# VGG-16 with its numbers


@pytest.fixture(scope="module")
def vgg_16() -> nn.Sequential:
    torch.manual_seed(0)
    return vgg.vgg(16, classes=11).eval()


@pytest.mark.slow
def test_vgg_16_slides(vgg_16):
    x, net = torch.randn(1, 3, 224, 224), convolutionalize(vgg_16, 224)
    assert_equal(net(x)[:, :, 0, 0], vgg_16(x))
    assert net(torch.randn(1, 3, 256, 320)).shape == (1, 11, 2, 4)


@pytest.mark.slow
def test_the_middle_of_an_fcn_sees_what_its_classifier_sees(vgg_16):
    x, net = torch.randn(1, 3, 224, 224), fcn.fcn(32, classifier=vgg_16)
    assert_equal(net.maps(x)["fc7"][:, :, 3, 3], up_to(vgg_16, "fc7")(x))
    assert vgg_16(x).shape == (1, 11)


@pytest.mark.slow
@pytest.mark.parametrize("variant", fcn.VARIANTS)
def test_a_variant_is_the_paper_written_out(vgg_16, variant):
    torch.manual_seed(0)
    net, images = randomise(fcn.fcn(variant, 5, vgg_16)), torch.randn(2, 3, 61, 75)
    pad, rows, columns = windows(61, 75, 32)
    x, maps = F.pad(images, pad), {}
    for stage, layers in vgg.TABLE_1.items():
        for i in range(1, 1 + len(layers[1][vgg.COLUMNS.index(16)])):
            layer = vgg_16.get_submodule(f"{stage}.{stage}_{i}")
            x = F.relu(F.conv2d(x, layer.weight, layer.bias, padding=1))
        x = maps[stage] = F.max_pool2d(x, 2)
    fc6, fc7 = vgg_16.fc6[1], vgg_16.fc7[0]
    x = F.relu(F.conv2d(x, fc6.weight.view(4096, 512, 7, 7), fc6.bias, padding=3))
    x = F.relu(F.conv2d(x, fc7.weight[:, :, None, None], fc7.bias))
    x = F.conv2d(x, net.scores["fc7"].weight, net.scores["fc7"].bias)
    for name in ("pool4", "pool3")[: fcn.VARIANTS[variant]]:
        finer = maps[name.replace("pool", "conv")]
        x = F.conv_transpose2d(x, net.upsamplings[name].weight, stride=2, padding=1)
        x = x + F.conv2d(finer, net.scores[name].weight, net.scores[name].bias)
    x = F.conv_transpose2d(x, bilinear_kernel(5, 2 * variant), stride=variant, padding=variant // 2)
    assert_equal(net(images), x[:, :, rows, columns])
