"""Wrong answers of lesson 04."""

from itertools import pairwise

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


def field_of(layers, change=lambda layers: layers, of=lambda size: size):
    """Use the right recurrence on other layers than the given ones, or return something else than the size."""
    size, jump = 1, 1
    for kernel, stride in change(list(layers)):
        size, jump = size + kernel * jump - jump, jump * stride
    return of(size)


def of_other(layers):
    return lambda given: field_of(given, layers)


def field_of_the_last_layer_alone(layers):
    size, jump = 1, 1
    for kernel, stride in layers:
        size = (kernel - 1) * jump
        jump = jump * stride
    return size


def field_that_returns_too_early(layers):
    size, jump = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * jump
        jump *= stride
        return size


def field_from_the_top_without_minus_one(layers):
    size = 1
    for kernel, stride in layers[::-1]:
        size = stride * size + kernel
    return size


def field_from_the_top_without_brackets(layers):
    size = 1
    for kernel, stride in reversed(layers):
        size = size * stride - 1 + kernel
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


def influence_that_is_the_map(net, image):
    return net(image).detach().squeeze(0).abs().sum(0)


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


class BlockWithoutFirstPadding(Block):
    def forward(self, x):
        self.convs[0].padding = (0, 0)
        return super().forward(x)


class BlockWithoutLaterPadding(Block):
    def forward(self, x):
        for conv in self.convs[1:]:
            conv.padding = (0, 0)
        return super().forward(x)


class BlockThatPoolsFirst(Block):
    def forward(self, x):
        x = F.max_pool2d(x, 2)
        for conv in self.convs:
            x = F.relu(conv(x))
        return x


class BlockWithReLUsFirst(Block):
    def forward(self, x):
        for conv in self.convs:
            x = conv(F.relu(x))
        return F.max_pool2d(x, 2)


def block_that_widens_at_its_end(c_in, c_out, layers):
    widths = [c_in] * layers + [c_out]
    parts = [nn.Sequential(nn.Conv2d(a, b, 3, padding=1), nn.ReLU()) for a, b in pairwise(widths)]
    return nn.Sequential(*parts, nn.MaxPool2d(2))


def block_with_a_stride(c_in, c_out, layers):
    net = Block(c_in, c_out, layers, pool=lambda x, size: x)
    net.convs[0].stride = (2, 2)
    return net


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
        (8, "8 is one too many"),
        (4, "4 is too few"),
        (np.float64(25), "25 is the area of the receptive field of two layers"),
        (9**2, "81 is the square of 9"),
        (torch.tensor(13), "13 is the receptive field of three 5x5 layers"),
        (12, "12 is not right"),
        (15, "15 doubles what is added each time, 2, 4 and "),
        (10, "10 adds 3 pixels for each layer"),
    ],
    "after_pool": [
        (np.array(8), "8 is what you get without the pool's stride"),
        (6 + 3 * 2, "12 adds 3 * 2 pixels to the pool's 6, or doubles them"),
        (3 * 6, "18 is three times the pool's field"),
        ("14", "14 doubles the field of 5 to 10 at the pool"),
        (20, "20 is twice the receptive field"),
        (2 * 6 + 4, "16 doubles the field at the pool"),
        (13, "13 is not right"),
    ],
    "receptive_field": [
        (field(lambda k, s, j: k - 1, lambda j, s: j), "every stride is ignored"),
        (field(lambda k, s, j: (k - 1) * j * s, lambda j, s: j * s), "a layer's own stride widens its own window"),
        (field(lambda k, s, j: (k - 1) * j, lambda j, s: s), "only the stride of the layer just below counts"),
        (field(lambda k, s, j: (k - 1) * j, lambda j, s: j + s), "`jump` is the sum of the strides and starts at 1"),
        (field(lambda k, s, j: k * j, lambda j, s: j * s), "the size grows by kernel * jump"),
        (field_by_the_other_rule_in_the_wrong_order, "the order is reversed; the rule with `jump` starts at the image"),
        (lambda layers: np.array(layers)[:, 0].sum(), "the kernel sizes are added"),
        (field(lambda k, s, j: (k - 1) * s, lambda j, s: j), "only a layer's own stride counts"),
        (field(lambda k, s, j: (k - 1) * j, lambda j, s: j + s - 1), "the strides are added"),
        (field(lambda k, s, j: (k - 1) * j, lambda j, s: j * s, start=0), "the size starts at 0"),
        (field_that_is_multiplied, "the size is multiplied by the stride"),
        (lambda layers: np.prod([stride for _, stride in layers]), "that is `jump`"),
        (lambda layers: int(np.prod([k for k, _ in layers])), "the kernel sizes are multiplied"),
        (field(lambda k, s, j: k * j - 1, lambda j, s: j * s), "the brackets around `kernel - 1` are missing"),
        (field(lambda k, s, j: k // 2 * j * 2, lambda j, s: j * s), "the size grows by an even number each time"),
        (field(lambda k, s, j: k // 2 * j, lambda j, s: j * s), "the size grows by half a window"),
        (
            of_other(lambda layers: [(kernel, kernel) for kernel, _ in layers]),
            "the kernel sizes are multiplied, directly or in `jump`",
        ),
        (of_other(lambda layers: [(stride, kernel) for kernel, stride in layers]), "a pair is `(kernel, stride)`"),
        (field_that_returns_too_early, "only the first layer counts"),
        (of_other(lambda layers: layers[1:]), "the first layer is left out"),
        (of_other(lambda layers: layers[: len(layers) - 1]), "the last layer is left out"),
        (of_other(lambda layers: [layer for layer in layers if layer[1] < 2]), "layers with a stride are left out"),
        (lambda layers: field_of(layers, of=lambda size: size * size), "that is the area; return the width"),
        (lambda layers: field_of(layers, of=lambda size: 1 + size), "one pixel is counted too many"),
        (field(lambda k, s, j: (k - s) * j, lambda j, s: j * s), "the size grows by (kernel - stride) * jump"),
        (field_from_the_top_without_brackets, "from the top, the rule is `(size - 1) * stride + kernel`; the brackets"),
        (field_from_the_top_without_minus_one, "from the top, the rule is `(size - 1) * stride + kernel`"),
        (field(lambda k, s, j: k * s - 1, lambda j, s: j), "expected 54, got 30"),
        (field_of_the_last_layer_alone, "what a layer adds replaces"),
        (lambda layers: sum([one * two for one, two in layers]), "kernel times stride is added up"),
        (field(lambda k, s, j: k - 1 * j, lambda j, s: j * s), "brackets are missing: the size"),
        (lambda layers: layers[-1][0], "only the last layer counts"),
        (
            lambda layers: (
                field(lambda k, s, j: (k - 1) * j, lambda j, s: j * s)(layers) * np.prod([s for _, s in layers]).item()
            ),
            "the size is multiplied by `jump`",
        ),
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
        (influence(add=lambda g: g[0].abs().max(dim=0).values), "the largest"),
        (influence(add=lambda g: (g * g).sum((0, 1)).sqrt()), "the channels are combined by the root of their squares"),
        (influence(add=lambda g: g.clamp(min=0).sum((0, 1))), "negative gradients are dropped"),
        (influence(add=lambda g: g.any(1)[0].double()), "that only says whether a pixel has an influence"),
        (influence(add=lambda g: g.ne(0).sum((0, 1)).double()), "that counts the channels with an influence"),
        (influence(add=lambda g: (a := g.abs().sum((0, 1))) / a.amax()), "the influence is divided by its maximum"),
        (influence(add=lambda g: g.abs().sum((0, 1)) / g.abs().sum()), "the influence is divided by its sum"),
        (
            influence(pick=lambda y: y[..., (y.shape[2] - 1) // 2, (y.shape[3] - 1) // 2].sum()),
            "the middle of an even number of rows or columns is one later",
        ),
        (influence(pick=torch.mean), "the gradient is that of the mean of the whole map"),
        (influence(pick=lambda y: y.flatten(2)[..., -1].sum()), "the last unit of each map is taken"),
        (influence(pick=lambda y: (h := y.shape[2] // 2) and y[0, :, h, h].sum()), "the middle row is used as the column"),
        (influence_that_is_the_map, "that is the map itself"),
        (influence(pick=lambda y: y[0, :, y.shape[2] // 2, y.shape[3] // 2].abs().sum()), "the absolute values of the units"),
        (influence(pick=lambda y: y[0, :, y.shape[2] // 2, y.shape[3] // 2].amax()), "only the largest of the units"),
        (influence(pick=lambda y: y[0, len(y[0]) // 2, y.shape[2] // 2, y.shape[3] // 2]), "only the middle channel"),
        (influence(pick=lambda y: y[0, :, y.shape[2] // 2, y.shape[3] // 2].square().sum()), "9 of the 20 values differ"),
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
        (influence(add=torch.abs), "that is the gradient of every channel"),
        (
            lambda net, image: influence(add=lambda gradient: (gradient * image).abs().sum((0, 1)))(net, image),
            "the gradient is multiplied by the image",
        ),
        (influence(pick=lambda y: y[0, :, y.shape[2] // 2].sum()), "the whole middle row of the map"),
        (influence(add=lambda g: g.abs().sum((2, 3))), "the pixels are added up"),
    ],
    "growth": [
        (4, "4 holds for the receptive field"),
        (1.96, "1.96 is the root of the ratio"),
        (1.9, "1.9 is not right"),
        (1.41, "1.41 is the root of 2"),
        (0.5, "0.5 is the factor from 32"),
        (2.31, "2.31 is the standard"),
        (2.67, "2.67 is 2 * 32 / 3, divided by 8"),
        (8, "8 is the number of layers"),
        (21.33, "21.33 is the variance after 32 layers"),
        (5.33, "5.33 is the variance after 8 layers"),
        (4.9, "4.9 is the root of 24, the difference of the "),
        (3.7647, "3.76 or 3.77 compares other sizes"),
        (48, "48 is how many pixels the receptive field gro"),
        (0.8165, "0.82 is the standard deviation of one step"),
        (0.25, "0.25 is the ratio of the numbers of layers, u"),
    ],
    "every_pixel": [("A", "a max pool passes on one of four values"), ("b)", "the recurrence finds which pixels can matter")],
    "seven": [
        (1.81, "that is a ratio"),
        ("0.81", "that is a fraction"),
        (45, "that is how many percent *fewer*"),
        (82, "82 is rounded up"),
        (55.1, "that is 27 in percent of 49"),
        (-45, "the sign says fewer"),
        (28, "28 is how many percent fewer"),
        (80, "80 is not right"),
        (-22, "that compares 9 with 7"),
        (172.2, "172 compares 49 with two 3x3 layers"),
        (40, "40 is the difference of 49 and 9"),
    ],
    "stem": [
        (2.03, "that is how many times *more*"),
        (3.02, "the biases are counted"),
        (3, "two decimals are asked for"),
        (303, "that is the ratio in percent"),
        (2.94, "the first of the three layers is left out"),
        (9.09, "the 3 channels that the old"),
        ("5.4", "5.4 is the ratio of one 7x7 kernel and one 3x3 kernel"),
        (1.5, "1.5 is not right"),
        (1.81, "1.81 is 49 / 27, for equal channels"),
        (1.07, "the last of the three layers is left out"),
        (0.98, "only the layer from 32 to 32 channels is coun"),
        (16.5, "the windows are left out"),
        (7.07, "a 3x3 kernel has 9 weights and a 7x7 kernel 4"),
        (28512 - 9408, "that is the difference of the numbers of weig"),
        (0.76, "the strides are counted"),
        (203.06, "303 or 203 is in percent"),
    ],
    "block": [
        (block(padding=0), "the convolutions have no padding"),
        (block(act=lambda x: x), "there is no ReLU; add one"),
        (block(pool=F.avg_pool2d), "the pool averages"),
        (block(pool=lambda x, size: F.max_pool2d(x, 3, 2)), "the pool has a 3x3 window"),
        (block(bias=False), "the biases are missing"),
        (block(same=True), "one layer is used at several places"),
        (block(keep=list), "a layer is not part of the network"),
        (block(act=F.leaky_relu), "there is a leaky ReLU in place of each ReLU"),
        (block(act=torch.sigmoid), "there is a sigmoid in place of each ReLU"),
        (block(act=torch.tanh), "there is a tanh in place of each ReLU"),
        (block(act=F.gelu), "1 of the 8 values differs"),
        (block(pool=lambda x, size: F.max_pool2d(x, 3, size, 1)), "the pool has a 3x3 window and padding"),
        (block(pool=lambda x, size: F.max_pool2d(x, size * size)), "the map is halved twice"),
        (BlockWithoutLaterPadding, "only the first convolution has padding"),
        (BlockWithoutFirstPadding, "the first convolution has no padding"),
        (BlockThatPoolsFirst, "the pool is at the beginning of the block"),
        (BlockWithReLUsFirst, "each ReLU is before its convolution"),
        (block_that_widens_at_its_end, "only the last convolution outputs `c_out` channels"),
        (block_with_a_stride, "a convolution with stride 2 halves the map"),
        (block(stride=2), "every convolution has stride 2"),
        (block(padding=2), "the convolutions have a padding of 2"),
        (lambda c_in, c_out, layers: Block(c_in, c_out, layers + layers), "there are twice as many convolutions as `layers`"),
        (block(pool=lambda x, size: F.max_pool2d(F.max_pool2d(x, size), size)), "the map is halved twice"),
        (block(pool=lambda x, size: F.max_pool2d(x, size, ceil_mode=True)), "the pool rounds the size of the map up"),
        (block(pool=lambda x, size: F.max_pool2d(x, size, padding=1)), "the pool has padding"),
        (lambda c_in, c_out, layers: Block(c_out, c_in, layers), "the first convolution has to read `c_in` channels"),
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
        (block_with_one_width, "the first convolution has to read `c_in` channels"),
        (block_with_a_spare_layer, "`head` is made and never used"),
    ],
}
