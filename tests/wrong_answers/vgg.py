"""Wrong answers of lesson 04."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def field(grow, jump, start=1):
    """Write the recurrence in a learner's own way, with something changed."""

    def receptive_field(layers):
        r, j = start, 1
        for layer in layers:
            k, s = layer[0], layer[1]
            r, j = r + grow(k, s, j), jump(j, s)
        return float(r)

    return receptive_field


def field_by_the_other_rule_in_the_wrong_order(layers):
    size = 1
    for kernel, stride in layers:
        size = (size - 1) * stride + kernel
    return size


def field_that_is_multiplied(layers):
    size = jump = 1
    for kernel, stride in layers:
        for _ in range(kernel - 1):
            size += jump
        size, jump = size * stride, jump * stride
    return size


def influence(pick=lambda y: y[0, :, y.shape[2] // 2, y.shape[3] // 2].sum(), add=lambda g: g.abs().sum((0, 1))):
    def by_backward(net, image):
        x = image.detach().clone()
        x.requires_grad = True
        pick(net(x)).backward()
        return add(x.grad)

    return by_backward


def influence_unit_by_unit(net, image):
    pixels = image.clone().requires_grad_()
    made = net(pixels)
    total = torch.zeros(image.shape[2:])
    for unit in made[0, :, made.shape[2] // 2, made.shape[3] // 2]:
        total += torch.autograd.grad(unit, pixels, retain_graph=True)[0].abs()[0].sum(0)
    return total


def influence_on_the_middle_of_the_image(net, image):
    h, w = image.shape[-2:]
    return influence(pick=lambda y: y[0, :, h // 2, w // 2].sum())(net, image)


def influence_that_opens_the_net(net, image):
    for parameter in net.parameters():
        parameter.data.fill_(1)
    return influence()(net, image)


def influence_that_changes_the_image(net, image):
    image -= image.mean()
    return influence()(net, image)


def influence_that_marks_the_image(net, image):
    image.requires_grad_()
    net(image)[0, :, image.shape[2] // 2, image.shape[3] // 2].sum().backward()
    return image.grad.abs().sum((0, 1))


def influence_that_leaves_another_mode(net, image):
    return influence()(net.eval() if net.training else net.train(), image)


def influence_that_leaves_a_gradient(net, image):
    made = influence_that_marks_the_image(net, image)
    image.requires_grad_(False)
    return made


class Block(nn.Module):
    """A block as a class of a learner's own, with something changed."""

    def __init__(self, c_in, c_out, layers, keep=nn.ModuleList, same=False, act=F.relu, pool=F.max_pool2d, **conv):
        super().__init__()
        sizes = dict(kernel_size=3, padding=1) | conv
        first, later = nn.Conv2d(c_in, c_out, **sizes), [nn.Conv2d(c_out, c_out, **sizes) for _ in range(layers - 1)]
        self.convs = keep([first] + (later[:1] * (layers - 1) if same else later))
        self.act, self.pool = act, pool

    def forward(self, x):
        for conv in self.convs:
            x = self.act(conv(x))
        return self.pool(x, 2)


def block(**changes):
    return lambda c_in, c_out, layers: Block(c_in, c_out, layers, **changes)


def block_with_one_width(c_in, c_out, layers):
    parts = [nn.Sequential(nn.Conv2d(c_in, c_out, 3, padding=1), nn.ReLU()) for _ in range(layers)]
    return nn.Sequential(*parts, nn.MaxPool2d(2))


def block_with_one_layer_too_few(c_in, c_out, layers):
    parts = []
    for i in range(1, layers):
        parts += [nn.Conv2d(c_in if i == 1 else c_out, c_out, 3, padding="same"), nn.ReLU(inplace=True)]
    return nn.Sequential(*parts, nn.MaxPool2d(kernel_size=2, stride=2))


class BlockWithoutTheLastReLU(Block):
    def forward(self, x):
        x = self.convs[0](x)
        for conv in self.convs[1:]:
            x = conv(F.relu(x))
        return F.max_pool2d(x, 2)


def normed(**how):
    return block(keep=lambda convs: nn.ModuleList(nn.Sequential(c, nn.BatchNorm2d(c.out_channels)) for c in convs), **how)


def block_with_a_spare_layer(c_in, c_out, layers):
    net = Block(c_in, c_out, layers)
    net.head = nn.Linear(3, 3)
    return net


WRONG_ANSWERS = {
    "three_layers": [
        ("9", "9 is the sum of the kernel sizes"),
        (5.0, "5 is the receptive field"),
        (8, "8 is not right"),
    ],
    "after_pool": [(np.array(8), "8 is what you get without the pool's stride"), (20, "20 is not right")],
    "receptive_field": [
        (field(lambda k, s, j: k - 1, lambda j, s: j), "every stride is ignored"),
        (field(lambda k, s, j: (k - 1) * j * s, lambda j, s: j * s), "a layer's own stride widens its own window"),
        (field(lambda k, s, j: (k - 1) * j, lambda j, s: s), "only the stride of the layer just below counts"),
        (field(lambda k, s, j: (k - 1) * j, lambda j, s: j + s), "`jump` is the sum of the strides and starts at 1"),
        (field(lambda k, s, j: k * j, lambda j, s: j * s), "the field grows by kernel * jump"),
        (field_by_the_other_rule_in_the_wrong_order, "the order is reversed; the rule with `jump` starts at the image"),
        (lambda layers: np.array(layers)[:, 0].sum(), "the kernel sizes are added"),
        (field(lambda k, s, j: (k - 1) * s, lambda j, s: j), "only a layer's own stride counts"),
        (field(lambda k, s, j: (k - 1) * j, lambda j, s: j + s - 1), "the strides are added"),
        (field(lambda k, s, j: (k - 1) * j, lambda j, s: j * s, start=0), "the field starts at 0"),
        (field_that_is_multiplied, "the field is multiplied by the stride"),
        (lambda layers: np.prod([stride for _, stride in layers]), "that is `jump`"),
        (lambda layers: int(np.prod([k for k, _ in layers])), "expected 5, got 9"),
    ],
    "influence": [
        (influence(pick=lambda y: y.sum()), "all units of the map are added up"),
        (influence(add=lambda g: g[0].sum(0)), "the signs are kept"),
        (influence(add=lambda g: torch.from_numpy(np.abs(g.numpy().sum((0, 1))))), "the channels are added up before `.abs()`"),
        (
            influence(pick=lambda y: y[0, :, y.shape[3] // 2, y.shape[2] // 2].sum()),
            "row and column of the middle are exchanged",
        ),
        (influence(add=lambda g: (g * g).sum((0, 1)).float()), "the gradients are squared"),
        (influence(add=lambda g: g.abs().amax((0, 1))), "8 of the 20 values differ"),
        (influence(pick=lambda y: y[0, :, 0, 0].sum()), "the corner of the map is taken"),
        (influence_unit_by_unit, "each unit has a gradient and an `.abs()` of its own"),
        (influence(pick=lambda y: y[0, :, y.shape[2] // 2, y.shape[3] // 2].mean()), "the units are averaged"),
        (influence(pick=lambda y: y[0, 0, y.shape[2] // 2, y.shape[3] // 2]), "only the first channel of the map is taken"),
        (influence(add=lambda g: g[:, 0].squeeze().abs()), "only the first channel of the image is kept"),
        (influence(add=lambda g: torch.from_numpy(np.abs(g[0].numpy()).mean(0))), "the channels of the image are averaged"),
        (influence(add=lambda g: g.abs().squeeze(0)), "the channels of the image are still separate"),
        (influence(add=lambda g: torch.einsum("nchw->nhw", g.abs())), "the batch axis of length 1 is still there"),
        (influence_on_the_middle_of_the_image, "the middle of the image is taken"),
        (influence_that_opens_the_net, "the input `net` was changed in place"),
        (influence_that_changes_the_image, "the input `image` was changed in place"),
        (influence_that_marks_the_image, "the input `image` was changed: its `requires_grad` or `.grad`"),
        (influence_that_leaves_another_mode, "the input `net` was changed: its training mode"),
        (influence_that_leaves_a_gradient, "the input `image` was changed: its `requires_grad` or `.grad`"),
    ],
    "growth": [(4, "4 holds for the receptive field"), (1.96, "1.96 is the root of the ratio"), (1.9, "1.9 is not right")],
    "every_pixel": [("A", "a max pool passes on one of four values"), ("b)", "the recurrence finds which pixels can matter")],
    "seven": [
        (1.81, "that is a ratio"),
        ("0.81", "that is a fraction"),
        (45, "that is how many percent *fewer*"),
        (82, "82 is not right"),
    ],
    "stem": [(2.03, "that is how many times *more*"), (3.02, "the biases are counted"), (3, "3 is not right")],
    "block": [
        (block(padding=0), "the convolutions have no padding"),
        (block(act=lambda x: x), "there is no ReLU; add one"),
        (block(pool=F.avg_pool2d), "the pool averages"),
        (block(pool=lambda x, size: F.max_pool2d(x, 3, 2)), "the pool has a 3x3 window"),
        (block(bias=False), "the biases are missing"),
        (block(same=True), "one layer is used at several places"),
        (block(keep=list), "a layer is not part of the network"),
        (block(act=F.leaky_relu), "1 of the 8 values differs"),
        (block(act=lambda x: F.relu(x).detach()), "it cannot be trained"),
        (lambda c_in, c_out, layers: Block(c_in, c_out, 2), "`layers` is ignored"),
        (block(keep=lambda convs: nn.ModuleList([nn.Sequential(*convs)])), "there is no ReLU between the convolutions"),
        (BlockWithoutTheLastReLU, "the ReLU after the last convolution is missing"),
        (block(pool=lambda x, size: x), "the pool is missing"),
        (block(pool=lambda x, size: F.max_pool2d(x, size, 1)), "the pool moves by 1"),
        (block(act=lambda x: F.max_pool2d(x.relu(), 2), pool=lambda x, size: x), "there is a pool after every convolution"),
        (block_with_one_layer_too_few, "there is one convolution too few"),
        (lambda c_in, c_out, layers: Block(c_in, c_out, layers + 1), "there is one convolution too many"),
        (normed(), "there is batch norm; VGG is older"),
        (normed(bias=False), "there is batch norm in place of biases"),
        (block(kernel_size=5, padding=2), "the kernels are 5x5"),
        (block(kernel_size=1, padding=0), "the kernels are 1x1"),
        (block_with_one_width, "only the first convolution reads `c_in` channels"),
        (block_with_a_spare_layer, "`head` is made and never used"),
    ],
}
