"""Wrong answers of lesson 06."""

import numpy as np
import torch
from right_answers.resnet import FlatBlock, parameters_of_layers
from torch import nn
from torch.nn import functional as F


def residual_step_by_step(before=lambda y: y, after=F.relu, join=torch.add):
    def residual(image, function):
        return after(join(before(function(image)), image))

    return residual


def residual_in_place(image, function):
    image += function(image)
    return image.relu()


def residual_with_its_body_twice(image, function):
    out = image
    for _ in range(2):
        out = function(out)
    return torch.clamp(image + out, min=0)


def padded(image, channels, step, pick=lambda x, s: x[:, :, ::s, ::s], place=0):
    """Fill a tensor of zeros from channel `place` on."""
    picked = pick(image, step)
    n, c, h, w = picked.shape
    out = torch.zeros(n, channels, h, w, dtype=image.dtype)
    out[:, place : place + c] = picked
    return out


def padded_with(**how):
    return lambda image, channels, step: padded(image, channels, step, **how)


def padded_pixel_by_pixel(image, channels, step):
    n, c, h, w = image.shape
    out = torch.zeros(n, channels, h // step, w // step)
    for i in range(h // step):
        for j in range(w // step):
            out[:, :c, i, j] = image[:, :, i * step, j * step]
    return out


def padded_with_copies(image, channels, step):
    return image[:, torch.arange(channels) % image.shape[1]][:, :, ::step, ::step]


def conv(c_in, c_out, size, stride=1):
    """The lesson's own."""
    return nn.Sequential(nn.Conv2d(c_in, c_out, size, stride, size // 2, bias=False), nn.BatchNorm2d(c_out))


class Block(nn.Module):
    """A block with its parts as a learner would write them, some of them changed."""

    def __init__(self, c_in, c_out, stride, first=conv, second=conv, shortcut=conv, same=None, between=nn.ReLU):
        super().__init__()
        self.body = nn.Sequential(first(c_in, c_out, 3, stride), between(), second(c_out, c_out, 3))
        same = stride == 1 and c_in == c_out if same is None else same(c_in, c_out, stride)
        self.shortcut = nn.Identity() if same else shortcut(c_in, c_out, 1, stride)

    def forward(self, x):
        out = self.body(x)
        out += self.shortcut(x)
        return F.relu(out)


def block(forward=None, **parts):
    kind = type("Block", (Block,), {"forward": forward} if forward else {})
    return lambda c_in, c_out, stride: kind(c_in, c_out, stride, **parts)


def without_stride(c_in, c_out, size, stride):
    return conv(c_in, c_out, size)


def layers(**how):
    """Convolutions without batch norm."""
    return lambda c_in, c_out, size, stride=1: nn.Conv2d(c_in, c_out, size, stride, padding=size // 2, **how)


def biased(c_in, c_out, size, stride=1):
    return nn.Sequential(nn.Conv2d(c_in, c_out, size, stride=stride, padding=size // 2), nn.BatchNorm2d(c_out))


def block_with_a_strided_second_layer(first):
    def build(c_in, c_out, stride):
        return Block(c_in, c_out, stride, first=first, second=lambda i, o, size: conv(i, o, size, stride))

    return build


class Padding(nn.Module):
    """Option A as a layer."""

    def __init__(self, c_out, stride):
        super().__init__()
        self.c_out, self.stride = c_out, stride

    def forward(self, x):
        return padded(x, self.c_out, self.stride)


class NormFirst(nn.Module):
    """The block of 2016."""

    def __init__(self, c_in, c_out, stride):
        super().__init__()
        self.norm1, self.norm2 = nn.BatchNorm2d(c_in), nn.BatchNorm2d(c_out)
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
        self.match = nn.Sequential() if c_in == c_out and stride == 1 else conv(c_in, c_out, 1, stride)

    def forward(self, x):
        out = self.conv1(self.norm1(x).relu())
        return self.match(x) + self.conv2(self.norm2(out).relu())


def unpadded(c_in, c_out, size, stride=1):
    return nn.Sequential(nn.Conv2d(c_in, c_out, size, stride, bias=False), nn.BatchNorm2d(c_out))


class WithOneSecondLayer(nn.Module):
    """The second 3x3 layer is used twice, the first one never."""

    def __init__(self, c_in, c_out, stride):
        super().__init__()
        self.block = FlatBlock(c_in, c_out, stride)
        if c_in == c_out and stride == 1:
            self.block.conv2, self.block.norm2 = self.block.conv1, self.block.norm1

    def forward(self, x):
        return self.block(x)


def forward_that_adds_in_place(net, x):
    shortcut = net.shortcut(x)
    shortcut += net.body(x)
    return F.relu(shortcut)


def parameters(widths=(16, 32, 64), layer=lambda i, o: 9 * i * o + 2 * o, start=None, end=650, per_block=2):
    def count(n):
        total, c_in = layer(3, widths[0]) if start is None else start, widths[0]
        for width in widths:
            for _ in range(per_block * n):
                total, c_in = total + layer(c_in, width), width
        return np.int64(total + end)

    return count


WRONG_ANSWERS = {
    "blocks": [("18", "18 is the number of layers in blocks"), (10.0, "10 counts the first"), (8, "8 is not right")],
    "residual": [
        (residual_step_by_step(join=lambda y, x: y), "the shortcut is missing"),
        (lambda x, body: F.relu(x), "the body is missing"),
        (
            lambda x, body: F.relu(x + body(x).detach()),
            "the value is right, but the gradient of `x` is not that of the formula",
        ),
        (residual_step_by_step(before=F.relu, after=lambda y: y), "the ReLU comes before the sum"),
        (residual_step_by_step(before=nn.ReLU()), "there is a ReLU before the sum as well"),
        (residual_step_by_step(after=nn.Identity()), "the ReLU after the sum is missing"),
        (residual_step_by_step(join=torch.maximum), "23 of the 24 values differ"),
        (residual_step_by_step(join=lambda y, x: torch.cat((x, y), dim=1)), "`x` and body are concatenated"),
        (residual_step_by_step(join=torch.sub), "the shortcut is subtracted"),
        (lambda x, body: x.relu() + body(x), "the ReLU is on the shortcut alone"),
        (residual_step_by_step(join=torch.mul), "shortcut and body are multiplied"),
        (lambda x, body: F.relu(body(x) + x.detach()), "the value is right, but the gradient of `x` is not that of"),
        (lambda x, body: F.relu(x + body(x)).detach(), "the value is right, but its gradient does not reach `x`"),
        (residual_step_by_step(join=lambda y, x: x - y), "the body is subtracted"),
        (residual_step_by_step(join=lambda y, x: torch.cat([y, x], dim=1)), "body and `x` are concatenated"),
        (residual_step_by_step(join=lambda y, x: torch.stack([y, x]).mean(0)), "the two are averaged"),
        (residual_step_by_step(join=lambda y, x: y + x.clamp(min=0)), "the shortcut has a ReLU; `x` passes"),
        (residual_step_by_step(before=F.relu, join=lambda y, x: y + x.relu(), after=nn.Identity()), "shortcut and body have a"),
        (residual_step_by_step(join=lambda y, x: y, after=nn.Identity()), "shortcut and ReLU are missing"),
        (lambda x, body: nn.ReLU()(body(x.relu()) + x), "the body reads `F.relu(x)`"),
        (residual_with_its_body_twice, "the body is applied twice"),
        (residual_in_place, "the input `x` was changed in place"),
    ],
    "gradient": [
        (0, "almost nothing arrives"),
        ("2", "2 is what you get if the ten slopes"),
        (2.358, "that is nine blocks"),
        (2.6, "2.6 is not right"),
    ],
    "cause": [("A", "overfitting is"), ("(b)", "look at the measured gradients")],
    "zero_padded": [
        (padded_with(pick=lambda x, s: F.avg_pool2d(x, s)), "the pixels are averaged"),
        (padded_with(pick=lambda x, s: F.max_pool2d(x, s)), "the largest pixels are taken"),
        (padded_with(pick=lambda x, s: x), "`stride` is ignored"),
        (padded_with(pick=lambda x, s: x[..., ::s]), "only the columns are subsampled"),
        (padded_with(pick=lambda x, s: x[:, :, 1::s, 1::s]), "row and column 0 are left out"),
        (lambda x, c, s: padded(x, c, s, place=c - x.shape[1]), "the zero channels come first"),
        (lambda x, c, s: F.pad(x[:, :, ::s, ::s], (0, 0, 0, 0, 0, c)), "`c_out` channels are added"),
        (lambda x, c, s: F.pad(x[:, :, ::s, ::s], (0, 0, 0, 0, c - x.shape[1])), "your code raised RuntimeError in line"),
        (padded_with(pick=lambda x, s: x[:, :, ::s]), "only the rows are subsampled"),
        (padded_with(pick=lambda x, s: x[:, :, s - 1 :: s, s - 1 :: s]), "the last pixel of each step is taken"),
        (padded_with(pick=lambda x, s: x[:, :, ::2, ::2]), "every second pixel is taken, whatever `stride` is"),
        (lambda x, c, s: padded(x, c, s, place=(c - x.shape[1]) // 2), "half of the zero channels come first"),
        (padded_with_copies, "the channels are repeated"),
        (padded_pixel_by_pixel, "the rows that do not fill a step are left out"),
        (lambda x, c, s: F.pad(x[:, :, ::s, ::s], (0, c - x.shape[1])), "the width grew"),
        (lambda x, c, s: nn.ZeroPad2d((0, 0, 0, c - x.shape[1]))(x[:, :, ::s, ::s]), "the height grew"),
        (lambda x, c, s: F.max_pool2d(x, 1, s).float(), "the channels are not padded"),
        (lambda x, c, s: F.interpolate(x, scale_factor=1 / s), "expected shape"),
        (lambda x, c, s: padded(x.detach(), c, s), "the value is right, but its gradient does not reach `x`"),
    ],
    "block": [
        (block(lambda net, x: F.relu(net.body(x))), "the shortcut is missing"),
        (block(lambda net, x: net.body(x) + net.shortcut(x)), "the ReLU after the sum is missing"),
        (block(lambda net, x: F.relu(net.body(x)) + net.shortcut(x)), "the ReLU comes before the sum"),
        (block(lambda net, x: F.relu(net.body(x).relu() + net.shortcut(x))), "there is a ReLU before the sum as well"),
        (block(lambda net, x: F.relu(torch.cat([net.body(x), net.shortcut(x)], 1))), "body and shortcut are concatenated"),
        (block(first=unpadded, second=unpadded), "the body's map is smaller than that of the shortcut"),
        (block(second=unpadded), "the body's map is smaller than that of the shortcut"),
        (block(first=unpadded), "the body's map is smaller than that of the shortcut"),
        (block(shortcut=lambda i, o, k, s: conv(i, o, k)), "shortcut and body differ in height and width"),
        (block(first=lambda i, o, k, s: conv(i, o, k)), "shortcut and body differ in height and width"),
        (block(same=lambda i, o, s: True), "shortcut and body differ in height and width"),
        (block(same=lambda i, o, s: s == 1), "shortcut and body differ in channels"),
        (block(same=lambda i, o, s: False), "there is a projection even where the shape stays"),
        (block(shortcut=lambda i, o, k, s: nn.Conv2d(i, o, k, s)), "the projection has a bias and no batch norm"),
        (block(shortcut=lambda i, o, k, s: conv(i, o, 3, s)), "the projection is 3x3"),
        (block(shortcut=lambda i, o, k, s: conv(o, o, k, s)), "a layer reads another number of channels"),
        (block(shortcut=lambda i, o, k, s: nn.Conv2d(i, o, k, s, 1, bias=False)), "the projection's map is larger"),
        (block(lambda net, x: F.relu(net.body(x) * net.shortcut(x))), "shortcut and body are multiplied"),
        (block(lambda net, x: torch.cat((net.shortcut(x), net.body(x)), 1).relu()), "shortcut and body are concatenated"),
        (block(shortcut=lambda i, o, k, s: Padding(o, s)), "the shortcut pads with zeros"),
        (block(shortcut=layers(bias=False)), "the projection has no batch norm"),
        (block(shortcut=biased), "the projection's convolution has a bias; its batch norm"),
        (block(first=biased, second=biased), "the 3x3 layers have a bias"),
        (block(first=biased, second=biased, shortcut=biased), "all convolutions have a bias"),
        (block(first=layers(bias=False), second=layers(bias=False)), "the body has no batch norm; use"),
        (block(first=layers(), second=layers()), "the body has biases and no batch norm"),
        (block(**dict.fromkeys(("first", "second", "shortcut"), layers(bias=False))), "there is no batch norm at all"),
        (block(**dict.fromkeys(("first", "second", "shortcut"), layers())), "there are biases and no batch norm"),
        (block(shortcut=lambda *shape: conv(*shape).append(nn.ReLU())), "the projection has a ReLU"),
        (block_with_a_strided_second_layer(first=conv), "the body halves the map twice"),
        (block_with_a_strided_second_layer(first=without_stride), "the second 3x3 layer has the stride"),
        (block(first=without_stride, shortcut=without_stride, same=lambda i, o, s: i == o), "`stride` is ignored"),
        (block(first=without_stride, shortcut=without_stride), "no layer has the stride"),
        (block(between=nn.Identity), "the ReLU between the two 3x3 layers is missing"),
        (block(between=nn.Identity, second=lambda *shape: nn.Identity()), "the body has one 3x3 layer"),
        (NormFirst, "batch norm and ReLU come before the convolutions"),
        (block(forward_that_adds_in_place), "the network changes its input in place"),
        (WithOneSecondLayer, "one layer is used at several places"),
    ],
    "halving": [("7", "7 is the paper's network"), (np.int64(14), "14 follows the comment"), (8, "8 is not right")],
    "cifar_parameters": [
        (parameters(layer=lambda i, o: 9 * i * o), "the batch norms are not counted"),
        (parameters(layer=lambda i, o: 9 * i * o + o), "the batch norms learn two numbers per channel"),
        (parameters(layer=lambda i, o: 9 * i * o + 3 * o), "the convolutions have no biases here"),
        (parameters(layer=lambda i, o: 3 * i * o + 2 * o), "a 3x3 kernel has 9 weights"),
        (parameters(end=640), "the fully connected layer's 10 biases"),
        (parameters(end=0), "the fully connected layer is not counted"),
        (lambda n: parameters_of_layers(n) + (512 + 64 + 2048 + 128), "projections are counted"),
        (parameters(layer=lambda i, o: 9 * i * o + 4 * o), "the batch norms' running means and variances are counted"),
        (parameters(layer=lambda i, o: 9 * (i if i == 3 else o) * o + 2 * o), "the first layer of a stage reads"),
        (parameters(widths=(64, 128, 256), end=2570), "64, 128 and 256 are ImageNet's channels"),
        (parameters(per_block=1), "a block has two 3x3 layers; one is counted"),
        (parameters(start=0), "the first convolution and its batch norm are not counted"),
        (parameters(start=3 * 3 * 3 * 16), "the first convolution's batch norm is not counted"),
        (parameters(start=3 * 3 * 16 + 2 * 16), "the first convolution reads 3 channels; one is counted"),
        (lambda n: 6 * n + 2, "expected 75290, got 8"),
        (lambda n: parameters_of_layers(n) + 0.5, "expected 75290, got 75290.5"),
    ],
}
