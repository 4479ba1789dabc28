"""Every network against two witnesses: the output sizes of its paper, and torchvision with the same weights in it.

Networks are made on `meta` and filled afterwards, so that no time goes into initial weights. What torchvision lacks (5x5 in
GoogLeNet, VGG's column C, plain twins, DenseNet without bottlenecks) is tested piece by piece in the file of its paper.
"""

from collections.abc import Callable, Iterable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision import models
from torchvision.models.resnet import BasicBlock, Bottleneck

from cnnlib.anatomy import stages
from cnnlib.models import densenet, inception, resnet, vgg

WALKS = {
    **{f"VGG-{d}": (vgg.vgg, [d], vgg.SIZES, 224) for d in vgg.COLUMNS},
    "GoogLeNet": (inception.googlenet, [], inception.SIZES, 224),
    "torchvision's GoogLeNet": (inception.googlenet, [1000, False, True], inception.SIZES, 224),
    **{f"ResNet-{d}": (resnet.resnet, [d], resnet.SIZES, 224) for d in resnet.DEPTHS},
    **{f"torchvision's ResNet-{d}": (resnet.resnet, [d, 1000, "B", True], resnet.SIZES, 224) for d in resnet.DEPTHS},
    **{f"plain-{d}": (resnet.resnet, [d, 1000, None], resnet.SIZES, 224) for d in (18, 34)},
    **{f"CIFAR ResNet-{d}": (resnet.resnet_cifar, [d], resnet.CIFAR_SIZES, 32) for d in (20, 32, 44, 56, 110, 1202)},
    **{f"DenseNet-{d}": (densenet.densenet, [d], densenet.SIZES, 224) for d in densenet.DEPTHS},
    **{f"CIFAR DenseNet {row}": (densenet.densenet_cifar, row, densenet.CIFAR_SIZES, 32) for row in densenet.TABLE_2},
}


QUICK = ("VGG-11", "GoogLeNet", "ResNet-18", "ResNet-50", "CIFAR ResNet-20", "DenseNet-121", "CIFAR DenseNet-BC 12 100")


def sparing(names: Iterable[str], besides: tuple[str, ...] = ()) -> list:
    """Keep one network a family in `make check`; `make test` takes them all."""
    quick = [name for name in names if name.startswith(QUICK) and not name.startswith(besides)]
    return [pytest.param(name, marks=[] if name in quick else pytest.mark.slow) for name in names]


@pytest.mark.parametrize("name", sparing(WALKS))
def test_every_stage_has_the_size_of_the_table(name):
    build, options, sizes, image = WALKS[name]
    with torch.device("meta"):
        net = build(*options)
    assert {s.name: s.output[1] if len(s.output) == 3 else 1 for s in stages(net, (3, image, image))} == sizes


def their_vgg(depth: int, size: int) -> nn.Module:
    """torchvision's VGG pools to 7 x 7 where an image is not 224 pixels wide; ours has a smaller fc6."""
    net = models.get_model(f"vgg{depth}", num_classes=11)
    net.avgpool, net.classifier[0] = nn.Identity(), nn.Linear(512 * (size // 32) ** 2, 4096)
    return net


def their_resnet(depth: int, stride_in_first: bool = False) -> nn.Module:
    net = models.get_model(f"resnet{depth}", num_classes=11)
    for block in net.modules():
        if stride_in_first and isinstance(block, Bottleneck):
            block.conv1.stride, block.conv2.stride = block.conv2.stride, block.conv1.stride
    return net


class ZeroChannels(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, x.shape[1]))


def their_resnet_cifar(depth: int, project: bool) -> nn.Module:
    layers, c_in = [nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()], 16
    for width in (16, 32, 64):
        projection = nn.Sequential(nn.Conv2d(c_in, width, 1, 2, bias=False), nn.BatchNorm2d(width))
        shortcut = None if width == c_in else projection if project else ZeroChannels()
        layers += [BasicBlock(c_in, width, 1 if width == c_in else 2, shortcut)]
        layers += [BasicBlock(width, width) for _ in range((depth - 2) // 6 - 1)]
        c_in = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 11))


def their_densenet(depth: int) -> nn.Module:
    blocks = [columns[densenet.DEPTHS.index(depth)] for columns in densenet.TABLE_1.values()]
    return models.DenseNet(32, blocks, num_init_features=64, num_classes=11)


def their_densenet_bc(growth: int, depth: int) -> nn.Module:
    net = models.DenseNet(growth, [(depth - 4) // 6] * 3, num_init_features=2 * growth, num_classes=11)
    net.features.conv0 = nn.Conv2d(3, 2 * growth, 3, padding=1, bias=False)
    net.features.norm0 = net.features.relu0 = net.features.pool0 = nn.Identity()
    return net


def their_googlenet() -> nn.Module:
    return models.googlenet(num_classes=11, aux_logits=False, init_weights=False)


Build = Callable[[], nn.Module]
TWINS: dict[str, tuple[Build, Build, int]] = {
    **{f"VGG-{d}": (lambda d=d: vgg.vgg(d, 11, 64), lambda d=d: their_vgg(d, 64), 64) for d in (11, 13, 16, 19)},
    "GoogLeNet": (lambda: inception.googlenet(11, as_torchvision=True), their_googlenet, 96),
    **{
        f"ResNet-{d}": (lambda d=d: resnet.resnet(d, 11, as_torchvision=True), lambda d=d: their_resnet(d), 64)
        for d in resnet.DEPTHS
    },
    "ResNet-50 with the paper's stride": (lambda: resnet.resnet(50, 11), lambda: their_resnet(50, True), 64),
    "CIFAR ResNet-20 A": (lambda: resnet.resnet_cifar(20, 11), lambda: their_resnet_cifar(20, False), 32),
    "CIFAR ResNet-110 A": (lambda: resnet.resnet_cifar(110, 11), lambda: their_resnet_cifar(110, False), 32),
    "CIFAR ResNet-20 B": (lambda: resnet.resnet_cifar(20, 11, "B"), lambda: their_resnet_cifar(20, True), 32),
    **{f"DenseNet-{d}": (lambda d=d: densenet.densenet(d, 11), lambda d=d: their_densenet(d), 64) for d in densenet.DEPTHS},
    **{
        f"CIFAR DenseNet-BC {growth} {depth}": (
            lambda k=growth, d=depth: densenet.densenet_cifar(k, d, classes=11),
            lambda k=growth, d=depth: their_densenet_bc(k, d),
            size,
        )
        for growth, depth, size in ((12, 100, 32), (24, 250, 8), (40, 190, 8))
    },
}


def randomise(net: nn.Module) -> None:
    """Fill a network so that no two numbers agree: swapped weights, affine parameters or statistics show."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.normal_(module.weight, std=module.weight[0].numel() ** -0.5)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.normal_(module.running_mean, std=0.1)
            module.num_batches_tracked.zero_()
        if isinstance(getattr(module, "bias", None), nn.Parameter):
            nn.init.normal_(module.bias, std=0.1)


def copy_weights(source: nn.Module, target: nn.Module) -> None:
    """Copy parameters and statistics in their order: the names differ, the order and the shapes do not."""
    for theirs, ours in zip(source.state_dict().values(), target.state_dict().values(), strict=True):
        assert theirs.shape == ours.shape
        ours.copy_(theirs)


def assert_equal(ours: Tensor, theirs: Tensor) -> None:
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4 * max(1.0, theirs.abs().max().item()))


@pytest.mark.slow
@pytest.mark.parametrize("name", sparing(TWINS, besides=("ResNet-50", "DenseNet-121")))
def test_the_same_weights_give_what_torchvision_gives(name):
    torch.manual_seed(0)
    ours_on_meta, theirs_on_meta, size = TWINS[name]
    with torch.device("meta"):
        ours, theirs = ours_on_meta(), theirs_on_meta()
    ours, theirs = ours.to_empty(device="cpu").eval(), theirs.to_empty(device="cpu").eval()
    randomise(theirs)
    copy_weights(theirs, ours)
    images, weights = torch.randn(2, 3, size, size), torch.randn(2, 11)
    expected, got = theirs(images), ours(images)
    assert expected.std() > 0.01
    assert_equal(got, expected)
    gradients = [
        torch.autograd.grad((y * weights).sum(), list(net.parameters())) for y, net in ((got, ours), (expected, theirs))
    ]
    for mine, other in zip(*gradients, strict=True):
        assert_equal(mine, other)


def test_the_heads_of_googlenet_are_torchvisions():
    torch.manual_seed(0)
    ours = inception.googlenet(11, heads=True, as_torchvision=True)
    theirs = models.googlenet(num_classes=11, aux_logits=True, init_weights=False)
    randomise(theirs)
    copy_weights(nn.ModuleList([theirs.aux1, theirs.aux2]), ours.heads)
    heads, theirs.aux1, theirs.aux2 = (theirs.aux1, theirs.aux2), None, None
    copy_weights(theirs, ours.net)
    theirs.aux1, theirs.aux2 = heads
    for module in (*ours.modules(), *theirs.modules()):
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    images = torch.randn(2, 3, 96, 96)
    logits, head_4d, head_4a = theirs._forward(images)  # torchvision 0.19's forward names the heads the other way round
    for mine, other in zip(ours(images), (logits, head_4a, head_4d), strict=True):
        assert_equal(mine, other)
    assert_equal(ours.eval()(images), theirs.eval()(images))
