"""Wrong answers of lesson 06."""

import numpy as np
import torch
from right_answers.resnet import FlatBlock, parameters_of_layers
from torch import nn
from torch.nn import functional as F


def weight_with(fill, pairs=lambda c: [(k, k) for k in range(c)]):
    """Fill the windows of some pairs of a filter and a channel one by one."""

    def identity(channels):
        weight = torch.zeros((channels, channels, 3, 3))
        for k, channel in pairs(channels):
            fill(weight[k, channel])
        return weight

    return identity


def every_pair(c):
    return [(k, channel) for k in range(c) for channel in range(c)]


def put(value, *places):
    def fill(window):
        for row, column in places:
            window[row, column] = value

    return fill


def whole(value):
    return lambda window: window.fill_(value)


def mean_of_channels(channels):
    return weight_with(put(1 / channels, (1, 1)), every_pair)(channels)


def depthwise(channels):
    weight = torch.zeros(channels, 1, 3, 3)
    weight[:, 0, 1, 1] = 1
    return weight


def wrong_order(channels):
    weight = torch.zeros(3, 3, channels, channels)
    weight[1, 1] = torch.eye(channels)
    return weight


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


def padded_with_ones(image, channels, step):
    picked = image[:, :, ::step, ::step]
    n, c, h, w = picked.shape
    return torch.cat([picked, torch.ones(n, channels - c, h, w, dtype=image.dtype)], 1)


def padded_in_number(image, channels, step):
    return F.pad(image[:, :, ::step, ::step], (0, 0, 0, 0, 0, 0, 0, channels - image.shape[1]))


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


class BlockThatGrowsLate(Block):
    """The first 3x3 layer keeps the number of channels."""

    def __init__(self, c_in, c_out, stride):
        super().__init__(c_in, c_out, stride)
        self.body = nn.Sequential(conv(c_in, c_in, 3, stride), nn.ReLU(), conv(c_in, c_out, 3))


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


def counted(c_in, c_out):
    return (9 * c_in + 2) * c_out


def with_all_projections(n):
    count, c_in = parameters_of_layers(n), 16
    for width in (16, 32, 64):
        for _ in range(n):
            count, c_in = count + c_in * width + 2 * width, width
    return count


WRONG_ANSWERS = {
    "identity_weight": [
        (weight_with(put(1, (1, 1)), every_pair), "every filter reads all channels"),
        (mean_of_channels, "every filter computes the mean of all channels"),
        (weight_with(whole(1)), "each filter adds up its whole window"),
        (weight_with(whole(1 / 9)), "each filter computes the mean of its window"),
        (weight_with(put(1, (0, 0))), "the 1 is in the top left corner"),
        (weight_with(put(1, (2, 2))), "the 1 is in the bottom right corner"),
        (weight_with(put(1, (0, 0), (1, 1), (2, 2))), "each window is a 3x3 identity matrix"),
        (weight_with(put(1, (0, 0), (1, 1), (2, 2)), every_pair), "every window of every channel is a 3x3 identity"),
        (weight_with(put(1, (1, 1)), lambda c: [(0, 0)]), "only channel 0 is passed on"),
        (weight_with(put(1, (1, 1)), lambda c: [(k, 0) for k in range(c)]), "every filter reads channel 0"),
        (weight_with(put(1, (1, 1)), lambda c: [(0, k) for k in range(c)]), "only filter 0 reads anything"),
        (weight_with(put(1, (1, 1)), lambda c: [(k, c - 1 - k) for k in range(c)]), "the order of the channels is reversed"),
        (weight_with(put(1, (1, 1)), lambda c: [(k, k) for k in range(c - 1)]), "the last channel is not passed on"),
        (weight_with(put(1, (1, 1)), lambda c: [(k, k) for k in range(1, c)]), "channel 0 is not passed on"),
        (weight_with(put(1, (1, 0), (1, 1), (1, 2))), "each filter adds up the middle row"),
        (weight_with(put(1, (0, 1), (1, 1), (2, 1))), "each filter adds up the middle column"),
        (lambda c: weight_with(put(1, (c // 2, c // 2)))(c), "the place of the 1 in the window depends on c"),
        (weight_with(whole(1), every_pair), "all weights are 1"),
        (lambda c: torch.ones(c, c, 3, 3) / c / 9, "all weights are the same fraction"),
        (weight_with(whole(0)), "all weights are 0"),
        (weight_with(put(-1, (1, 1))), "the sign is wrong"),
        (depthwise, "this is the weight of a depthwise convolution"),
        (lambda c: torch.eye(c).reshape(c, c, 1, 1), "this is the weight of a 1x1 convolution"),
        (lambda c: depthwise(1)[0, 0], "this is a single window"),
        (lambda c: depthwise(c)[:, 0], "this is the weight of a single filter"),
        (wrong_order, "the axes are in the wrong order"),
        (weight_with(put(2, (1, 1))), "1 of the 9 values differs"),
        (lambda c: torch.eye(c), "this is the identity matrix"),
        (lambda c: torch.diag(torch.ones(c)), "this is the identity matrix"),
        (lambda c: nn.init.dirac_(torch.empty(c, c, 3, 3)).div(c), "each weight is 1 / c"),
        (lambda c: torch.ones(c, c, 3, 3) / 9, "all weights are 1/9"),
    ],
    "early_relu": [("B", "if F(x) is 1"), ("(c)", "if F(x) is 0"), ("d", "the last ReLU acts on the sum")],
    "gradient": [
        (0, "almost nothing arrives"),
        ("2", "2 is what you get if the ten slopes"),
        (2.358, "that is nine blocks"),
        (2.6, "2.6 has one decimal"),
        (2.85, "that is eleven blocks"),
        (0.35, "the factor of a block is 1 + 0.1"),
        (4, "4 is not right"),
        (25.937, "25.94 is ten times the product"),
        (10, "10 adds ten shortcuts up"),
        (10.1, "10.1 adds the factors of nine shortcuts and o"),
        (0.1, "0.1 is the slope of one body"),
        (1.594, "1.59 is what is beyond 1"),
        (2.72, "2.72 is the number e"),
        (12.59, "12.59 is 10 to the power of 1.1"),
        (2.5, "2.5 counts the products of at most two slopes"),
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
        (padded_with_ones, "the new channels are filled with ones"),
        (lambda x, c, s: padded(x, 2 * x.shape[1], s), "the number of channels is doubled"),
        (padded_with(pick=lambda x, s: x[:, :, : -(-x.shape[2] // s), : -(-x.shape[3] // s)]), "the top left part of the map"),
        (padded_with(pick=lambda x, s: x[:, ::s, ::s]), "channels and rows are subsampled"),
        (padded_in_number, "the number of images grew"),
        (padded_pixel_by_pixel, "the rows that do not fill a step are left out"),
        (lambda x, c, s: F.pad(x[:, :, ::s, ::s], (0, c - x.shape[1])), "the width grew"),
        (lambda x, c, s: nn.ZeroPad2d((0, 0, 0, c - x.shape[1]))(x[:, :, ::s, ::s]), "the height grew"),
        (lambda x, c, s: F.max_pool2d(x, 1, s).float(), "the channels are not padded"),
        (lambda x, c, s: F.interpolate(x, scale_factor=1 / s), "expected shape"),
        (lambda x, c, s: padded(x.detach(), c, s), "the value is right, but its gradient does not reach `x`"),
        (
            lambda x, c, s: F.pad(x[..., ::s, ::s], (0, 0, 0, 0, c - x.shape[1], c - x.shape[1])),
            "zero channels come before and after",
        ),
        (
            lambda x, c, s: F.pad(x[..., : x.shape[-2] // s, : x.shape[-1] // s], (0, 0, 0, 0, 0, c - x.shape[1])),
            "the top left part of the map is kept, rounded down",
        ),
        (lambda x, c, s: F.pad(x[:, ::s, ::s, ::s], (0, 0, 0, 0, 0, c - x.shape[1])), "channels are thinned out"),
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
        (block(lambda net, x: F.relu(net.body(x) - net.shortcut(x))), "the shortcut is subtracted"),
        (block(lambda net, x: F.relu(net.shortcut(x) - net.body(x))), "the body's output is subtracted"),
        (block(lambda net, x: F.relu(net.shortcut(x) / 2 + net.body(x) / 2)), "the mean of shortcut and body"),
        (block(lambda net, x: F.relu(net.shortcut(x).relu() + net.body(x))), "there is a ReLU on the shortcut"),
        (block(shortcut=lambda i, o, k, s: nn.Sequential(nn.MaxPool2d(2), conv(i, o, k))), "a max pool halves the map"),
        (block(shortcut=lambda i, o, k, s: nn.Sequential(nn.AvgPool2d(s), conv(i, o, k))), "an average pool halves the map"),
        (block(second=lambda i, o, k: nn.Sequential(conv(i, o, k), nn.ReLU(), conv(o, o, k))), "the body has three 3x3 layers"),
        (block(first=lambda i, o, k, s: conv(i, o, 1, s)), "the first layer of the body is 1x1"),
        (BlockThatGrowsLate, "the second 3x3 layer changes the number of channels"),
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
        (block(lambda net, x: F.relu(net.shortcut(x)) + F.relu(net.body(x))), "shortcut and body have a ReLU each"),
    ],
    "halving": [
        ("3,136", "3,136 is the number of pixels"),
        ("7", "7 is the paper's network"),
        (np.int64(14), "14 follows the comment"),
        (8, "8 is not right"),
        (3.5, "3.5 halves in every stage and at a max pool"),
        (512, "512 is the number of channels"),
        (55, "55 is one too few"),
        (64, "64 is the width of the first stage in channel"),
        (448, "448 is twice the image"),
    ],
    "dropped": [("a", "a plain network has exactly"), ("B", "this is true, but"), ("c)", "a plain network can overfit too")],
    "cifar_parameters": [
        (parameters(layer=lambda i, o: 9 * i * o), "the batch norms are not counted"),
        (parameters(layer=lambda i, o: 9 * i * o + o), "the batch norms learn two numbers per channel"),
        (parameters(layer=lambda i, o: 9 * i * o + 3 * o), "the convolutions have no biases here"),
        (parameters(layer=lambda i, o: 3 * i * o + 2 * o), "a 3x3 kernel has 9 weights"),
        (lambda n: parameters_of_layers(n) - n * (32 + 64 + 128), "a batch norm follows each of the two layers"),
        (parameters(end=640), "the fully connected layer's 10 biases"),
        (parameters(end=0), "the fully connected layer is not counted"),
        (lambda n: parameters_of_layers(n) + (512 + 64 + 2048 + 128), "projections are counted"),
        (parameters(layer=lambda i, o: 9 * i * o + 4 * o), "the batch norms' running means and variances are counted"),
        (parameters(layer=lambda i, o: 9 * (i if i == 3 else o) * o + 2 * o), "the first layer of a stage reads"),
        (parameters(widths=(64, 128, 256), end=2570), "64, 128 and 256 are ImageNet's channels"),
        (parameters(per_block=1), "a block has two 3x3 layers; one is counted"),
        (parameters(per_block=3), "a block has two 3x3 layers; three are counted"),
        (parameters(per_block=4), "a stage has n blocks; 2n are counted"),
        (lambda n: parameters(per_block=6 * n + 2)(1), "6n + 2 is the number of layers of the whole network"),
        (parameters(end=64 * 64 * 10 + 10), "the fully connected layer reads 64 numbers, one per channel"),
        (parameters(end=65_000), "there are 10 classes"),
        (parameters(layer=lambda i, o: 9 * i * o, end=0), "only the convolutions are counted"),
        (parameters(layer=lambda i, o: 9 * i * o, end=640), "neither the batch norms nor"),
        (parameters(start=7 * 7 * 3 * 16 + 32), "the first convolution is 3x3; one of 7x7"),
        (parameters(layer=lambda i, o: i * o + 2 * o), "a 3x3 kernel has 9 weights; 1 is counted"),
        (lambda n: parameters_of_layers(n) + 512 + 2048, "projections without batch norm are counted"),
        (with_all_projections, "a projection in every block is counted"),
        (parameters(start=0), "the first convolution and its batch norm are not counted"),
        (parameters(start=3 * 3 * 3 * 16), "the first convolution's batch norm is not counted"),
        (parameters(start=3 * 3 * 16 + 2 * 16), "the first convolution reads 3 channels; one is counted"),
        (lambda n: 6 * n + 3, "expected 75290, got 9"),
        (lambda n: parameters_of_layers(n) + 0.5, "every value is 0.5 too large: expected 75290, got 75290.5"),
        (
            lambda n: (
                counted(3, 16) + 650 + sum(counted(a, b) + 2 * n * counted(b, b) for a, b in ((16, 16), (16, 32), (32, 64)))
            ),
            "a stage has 2n layers",
        ),
        (lambda n: counted(3, 16) + 6 * n * counted(16, 16) + 64 * 10 + 10, "all layers are counted with 16 channels"),
        (lambda n: 2 + 2 * 3 * n, "that is the number of layers"),
        (
            lambda n: (
                counted(16, 16)
                + 650
                + sum(counted(a, b) + (2 * n - 1) * counted(b, b) for a, b in ((16, 16), (16, 32), (32, 64)))
            ),
            "the first convolution reads the 3 channels of",
        ),
        (
            lambda n: (
                counted(3, 16)
                + 650
                + sum(2 * counted(a, b) + (2 * n - 2) * counted(b, b) for a, b in ((16, 16), (16, 32), (32, 64)))
            ),
            "the second layer of a stage's first block is coun",
        ),
        (
            lambda n: (
                (
                    counted(3, 16)
                    + 650
                    + sum(counted(a, b) + (2 * n - 1) * counted(b, b) for a, b in ((16, 16), (16, 32), (32, 64)))
                )
                / 10**6
            ),
            "the result is in millions",
        ),
        (
            lambda n: counted(3, 16) + 650 + sum(counted(a, b) + n * counted(b, b) for a, b in ((16, 16), (16, 32), (32, 64))),
            "a stage has 2n layers",
        ),
        (
            lambda n: (
                counted(3, 16)
                + 650
                + sum(counted(a, b) + (2 * n - 2) * counted(b, b) for a, b in ((16, 16), (16, 32), (32, 64)))
            ),
            "a stage has 2n layers",
        ),
        (
            lambda n: (
                counted(3, 16)
                + 170
                + sum(counted(a, b) + (2 * n - 1) * counted(b, b) for a, b in ((16, 16), (16, 32), (32, 64)))
            ),
            "the fully connected layer reads the 64 channe",
        ),
        (
            lambda n: (
                9 * 48
                + 6
                + 650
                + sum(9 * a * b + 2 * a + (2 * n - 1) * counted(b, b) for a, b in ((16, 16), (16, 32), (32, 64)))
            ),
            "a batch norm has two numbers for each channel",
        ),
        (
            lambda n: (
                counted(3, 16)
                + 65 * 100
                + sum(counted(a, b) + (2 * n - 1) * counted(b, b) for a, b in ((16, 16), (16, 32), (32, 64)))
            ),
            "there are 10 classes",
        ),
        (
            lambda n: (
                counted(3, 16)
                + 650
                + sum(counted(a, b) + (2 * n - 1) * counted(b, b) + a * b + 2 * b for a, b in ((16, 16), (16, 32), (32, 64)))
            ),
            "projections are counted in all three stages",
        ),
    ],
}
