"""Wrong answers of lesson 07."""

import numpy as np
import torch
from right_answers.densenet import LayerPartByPart, block_layer_by_layer, cut_on_a_copy
from torch import nn
from torch.nn import functional as F


class DenseLayer(nn.Module):
    """A learner's dense layer, with something changed."""

    def __init__(self, c_in, growth, forward=None, norm=None, after=nn.Identity, **settings):
        super().__init__()
        self.norm = nn.BatchNorm2d(norm or c_in)
        self.relu = nn.ReLU(inplace=True)
        self.after = after(growth)
        self.conv = nn.Conv2d(c_in, growth, **dict(kernel_size=3, padding=1, bias=False) | settings)
        self.send = forward or (lambda net, x: torch.cat((x, net.made(x)), dim=1))

    def made(self, x):
        return self.after(self.conv(self.relu(self.norm(x))))

    def forward(self, x):
        return self.send(self, x)


def dense_layer(forward=None, **settings):
    return lambda c_in, growth: DenseLayer(c_in, growth, forward, **settings)


class ConvolutionFirst(nn.Module):
    def __init__(self, c_in, growth):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(c_in, growth, 3, 1, 1, bias=False), nn.BatchNorm2d(growth), nn.ReLU())

    def forward(self, x):
        return torch.cat([x, self.body(x)], dim=1)


class OnlyNew(LayerPartByPart):
    def forward(self, maps):
        return self.conv(F.relu(self.norm(maps)))


class WithBottleneck(nn.Module):
    def __init__(self, c_in, k):
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(c_in), nn.Conv2d(c_in, 4 * k, kernel_size=1, bias=False)
        self.norm2, self.conv2 = nn.BatchNorm2d(4 * k), nn.Conv2d(4 * k, k, kernel_size=3, padding="same", bias=False)

    def forward(self, x):
        y = self.conv1(F.relu(self.norm1(x)))
        return torch.hstack((x, self.conv2(F.relu(self.norm2(y)))))


class NormOfAll(nn.Module):
    def __init__(self, c_in, growth):
        super().__init__()
        self.conv = nn.Conv2d(c_in, growth, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(c_in + growth)

    def forward(self, x):
        return F.relu(self.norm(torch.cat([x, self.conv(x)], dim=1)))


def norm_of_new(new):
    """A layer whose batch norm is for the new channels; `new` is how a learner makes them."""
    return lambda c, k: DenseLayer(c, k, lambda net, x: torch.cat((x, new(net, x)), 1), norm=k)


def old_maps_overwritten(*parts):
    """Send the old maps through some of the parts before they are concatenated."""

    def forward(net, x):
        for part in parts:
            x = getattr(net, part)(x)
        rest = x if "relu" in parts else F.relu(x)
        return torch.cat((x, net.conv(rest)), dim=1)

    return forward


def block_of(*layers):
    return nn.Sequential(*layers)


def block_that_repeats_a_layer(c_in, layers, growth):
    return block_of(*[DenseLayer(c_in, growth)] * layers)


def block_that_forgets_to_grow(c_in, layers, growth):
    return block_of(*[DenseLayer(c_in, growth) for _ in range(layers)])


def block_that_multiplies(c_in, layers, growth):
    return block_of(*[DenseLayer(c_in * (i + 1), growth) for i in range(layers)])


class BlockInAList(nn.Module):
    def __init__(self, c_in, layers, growth):
        super().__init__()
        self.layers = [DenseLayer(c_in + i * growth, growth) for i in range(layers)]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class BlockWithoutItsInput(nn.Module):
    def __init__(self, c_in, layers, growth):
        super().__init__()
        self.c_in, self.block = c_in, block_layer_by_layer(c_in, layers, growth)

    def forward(self, x):
        return self.block(x)[:, self.c_in :]


class BlockThatJoinsOutputs(BlockInAList):
    def __init__(self, c_in, layers, growth):
        super().__init__(c_in, layers, growth)
        self.layers = nn.ModuleList(self.layers)

    def forward(self, x):
        outputs = [x]
        for layer in self.layers:
            outputs.append(layer(outputs[-1]))
        return torch.cat(outputs, 1)


class BlockByHand(nn.Module):
    """A block that keeps its own list of maps; `reads` and `gives` are what a learner takes of it."""

    def __init__(self, c_in, layers, growth, reads, gives, widths):
        super().__init__()
        self.layers = nn.ModuleList([OnlyNew(widths(c_in, growth, i), growth) for i in range(layers)])
        self.reads, self.gives = reads, gives

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps += [layer(self.reads(maps))]
        return self.gives(maps)


def block_by_hand(reads=torch.hstack, gives=torch.hstack, widths=lambda c_in, growth, i: c_in + i * growth):
    return lambda c_in, layers, growth: BlockByHand(c_in, layers, growth, reads, gives, widths)


class Transition(nn.Module):
    """A transition whose parts are called one by one, some of them changed."""

    def __init__(self, c_in, c_out, norm=None, pool=lambda x: F.avg_pool2d(x, 2), act=F.relu, forward=None, **settings):
        super().__init__()
        self.norm, self.conv = (
            norm or nn.BatchNorm2d(c_in),
            nn.Conv2d(c_in, c_out, **dict(kernel_size=1, bias=False) | settings),
        )
        self.pool, self.act = pool, act
        self.send = forward or (lambda net, x: net.pool(net.conv(net.act(net.norm(x)))))

    def forward(self, x):
        return self.send(self, x)


def transition(**changes):
    return lambda c_in, c_out: Transition(c_in, c_out, **changes)


def with_norm_after(then):
    """A transition with one more batch norm; `then` is what a learner does between convolution and pool."""

    def made(c_in, c_out):
        net = Transition(c_in, c_out, forward=lambda net, x: net.pool(then(net, net.conv(F.relu(net.norm(x))))))
        net.after = nn.BatchNorm2d(c_out)
        return net

    return made


def cut(mean=lambda part: part.mean((0, 2, 3), keepdim=True), first=0, last=0):
    """Fill a copy, through numpy, with something changed."""

    def filled(maps, start, end):
        part = slice(start + first, end + last)
        out = maps.numpy().copy()
        out[:, part] = mean(maps[:, part]).numpy()
        return torch.from_numpy(out)

    return filled


def filled(x, place, value):
    """A copy of `x` with `value` at a place."""
    x = x.clone()
    x[place] = value
    return x


def cut_out(x, start, stop):
    return torch.from_numpy(np.delete(x.numpy(), np.s_[start:stop], axis=1))


def cut_the_others(x, start, stop):
    x = x.clone()
    for c in range(x.shape[1]):
        if not start <= c < stop:
            x[:, c] = x[:, c].mean()
    return x


def cut_in_place(x, start, stop):
    x[:, start:stop] = x[:, start:stop].mean((0, 2, 3), keepdim=True)
    return x


def crossed(parts, dim=1):
    """Concatenate what `parts` makes of the two halves of the channels and of `block`."""

    def joined(maps, block):
        first, last = maps.chunk(2, 1)
        return torch.cat(parts(first, last, block), dim)

    return joined


def halves_in_a_copy(maps, block):
    out, half = maps.clone(), maps.shape[1] // 2
    out[:, half:] = block(maps[:, half:])
    return out


def halves_in_place(maps, block):
    half = maps.shape[1] // 2
    made = block(maps[:, half:])
    with torch.no_grad():
        maps[:, half:] = 0
    return torch.cat([maps[:, :half], made], 1)


WRONG_ANSWERS = {
    "damaged": [
        (144, "144 is what the six other layers add"),
        (184, "184 counts five layers"),
        (64 + 3, "67 counts one channel"),
        (2 * 24, "48 is what two layers add"),
        ("72", "72 is what layers 1 to 3 add"),
        (160.0, "160 counts the maps of layer 4 itself"),
        (208, "208 is what you get if only the maps of layer 4 change"),
        (96, "96 is how many channels change"),
        (136 / 232, "0.586207 is not right"),
    ],
    "dense_layer": [
        (OnlyNew, "the input is missing"),
        (
            lambda c, k: nn.Sequential(nn.BatchNorm2d(c), nn.ReLU(), nn.Conv2d(c, c + k, 3, padding=1, bias=False)),
            "the convolution computes all channels; ",
        ),
        (ConvolutionFirst, "the convolution comes first"),
        (dense_layer(lambda net, x: torch.cat((net.made(x), x), dim=1)), "the new maps come first"),
        (dense_layer(lambda net, x: torch.cat((x, net.conv(net.norm(x))), dim=1)), "the ReLU is missing"),
        (dense_layer(lambda net, x: torch.cat((x, net.conv(x.relu())), dim=1)), "the batch norm is missing"),
        (
            dense_layer(lambda net, x: torch.cat((x, net.conv(net.norm(x.relu()))), 1)),
            "ReLU and batch norm are in the wrong order",
        ),
        (dense_layer(lambda net, x: torch.cat((x, net.made(x).relu()), 1)), "there is a ReLU after the convolution"),
        (dense_layer(lambda net, x: torch.cat((x, net.conv(x)), 1)), "batch norm and ReLU are missing"),
        (dense_layer(after=nn.BatchNorm2d), "there is a batch norm after the convolution as well"),
        (dense_layer(old_maps_overwritten("norm")), "the old maps are normalised in the"),
        (dense_layer(old_maps_overwritten("norm", "relu")), "the old maps went through the batch norm "),
        (WithBottleneck, "this layer has a bottleneck"),
        (lambda c, k: DenseLayer(c, c + k), "the convolution computes `c_in + growth` channels next to the old ones"),
        (lambda c, k: DenseLayer(c, c), "the convolution computes `c_in` channels"),
        (
            dense_layer(lambda net, x: torch.cat((x, net.conv(net.norm(x)).relu()), 1)),
            "the ReLU comes after the convolution; it",
        ),
        (dense_layer(lambda net, x: torch.cat((x, F.relu(net.conv(x))), 1)), "the ReLU comes after the convolution, and the"),
        (norm_of_new(lambda net, x: net.norm(F.relu(net.conv(x)))), "the order is convolution, ReLU, batch norm"),
        (norm_of_new(lambda net, x: net.norm(net.conv(x))), "the convolution comes first, and the ReLU is missing"),
        (NormOfAll, "batch norm and ReLU come after the concatenation"),
        (dense_layer(lambda net, x: F.relu(torch.cat((x, net.made(x)), 1))), "there is a ReLU after the concatenation"),
        (dense_layer(lambda net, x: torch.cat((F.relu(x), net.made(x)), 1)), "the old maps went through a ReLU"),
        (dense_layer(lambda net, x: torch.cat((x, x, net.made(x)), 1)), "the old maps are in the output twice"),
        (dense_layer(lambda net, x: torch.stack((x, net.made(x)), 1)), "`torch.stack` makes a new axis"),
        (dense_layer(lambda net, x: torch.cat((x, net.made(x)))), "the maps are concatenated along ax"),
        (dense_layer(lambda net, x: torch.cat((x, net.made(x)), -1)), "the maps are concatenated along th"),
        (dense_layer(lambda net, x: x + net.made(x)), "the new maps are added to the old ones"),
        (dense_layer(lambda net, x: torch.cat((x, net.conv(net.relu(x))), 1)), "the network changes its input in place"),
        (dense_layer(lambda net, x: torch.cat((x.detach(), net.made(x)), 1)), "the outputs are right, but not the gradient"),
        (dense_layer(bias=True), "the convolution has a bias"),
        (dense_layer(padding=0), "the new maps differ in size from the old ones"),
        (dense_layer(stride=2), "the new maps differ in size from the old ones"),
        (dense_layer(kernel_size=1, padding=0), "the kernel is 1x1"),
        (dense_layer(kernel_size=5, padding=2), "the kernel is 5x5"),
        (lambda c_in, growth: DenseLayer(c_in, growth, norm=growth), "a module reads the wrong number"),
    ],
    "dense_block": [
        (block_that_repeats_a_layer, "one layer is used at several places"),
        (block_that_forgets_to_grow, "a layer reads the wrong number of channels"),
        (block_that_multiplies, "a layer reads the wrong number of channels"),
        (lambda c, n, k: block_layer_by_layer(c, n - 1, k), "there is one layer too few"),
        (lambda c, n, k: block_layer_by_layer(c, n + 1, k), "there is one layer too many"),
        (lambda c, n, k: block_layer_by_layer(c, k, n), "`layers` and `growth` are exchanged"),
        (lambda c, n, k: nn.ModuleList(block_layer_by_layer(c, n, k)), "an `nn.ModuleList` or `nn.ModuleDict` only holds"),
        (lambda c, n, k: list(block_layer_by_layer(c, n, k)), "expected a network (nn.Module), got a list"),
        (lambda c, n, k: block_of(*[OnlyNew(k if i else c, k) for i in range(n)]), "nothing is concatenated"),
        (block_by_hand(gives=lambda maps: maps[-1]), "only the maps of the last layer are"),
        (
            block_by_hand(lambda maps: maps[-1], widths=lambda c_in, growth, i: growth if i else c_in),
            "each layer reads only the maps of the one before it",
        ),
        (block_by_hand(lambda maps: maps[0], widths=lambda c_in, growth, i: c_in), "every layer reads the block's input alone"),
        (block_by_hand(*[lambda maps: torch.hstack(maps[::-1])] * 2), "the maps are in reverse order; the"),
        (lambda c, n, k: block_of(*[WithBottleneck(c + i * k, k) for i in range(n)]), "these layers have a bottleneck"),
        (BlockWithoutItsInput, "the block's input is missing from its output"),
        (lambda c, n, k: DenseLayer(c, n * k), "one layer adds all new channels"),
        (lambda c, n, k: block_of(*[DenseLayer(c + i * c, c) for i in range(n)]), "each layer adds `c_in` channels"),
        (BlockThatJoinsOutputs, "the outputs of the layers are concatenated once more"),
        (lambda c, n, k: block_of(*block_layer_by_layer(c, n, k), nn.ReLU()), "there is a ReLU at the end"),
        (lambda c, n, k: DenseLayer(c, k), "there is one layer only"),
        (
            lambda c, n, k: block_of(*block_layer_by_layer(c, n, k), nn.BatchNorm2d(c + n * k), nn.ReLU()),
            "there are a batch norm and a ReLU at the end",
        ),
        (lambda c, n, k: block_of(*block_layer_by_layer(c, n, k), nn.AvgPool2d(2)), "the map is halved at the end"),
        (BlockInAList, "a layer is not part of the network"),
    ],
    "transition": [
        (transition(pool=lambda x: x), "the map keeps its size"),
        (transition(pool=lambda x: F.max_pool2d(x, 2)), "the pool takes the maximum"),
        (transition(pool=lambda x: F.avg_pool2d(x, 2, 1)), "the pool has stride 1; it needs st"),
        (transition(pool=lambda x: F.avg_pool2d(x, 3, 2, 1)), "the pool has a window of 3x3; it s"),
        (transition(pool=lambda x: x[..., ::2, ::2]), "a stride of 2 without a pool ignores thr"),
        (transition(pool=lambda x: x.mean((2, 3), keepdim=True)), "the pool averages the whole map"),
        (transition(pool=lambda x: x, stride=2), "a stride of 2 without a pool ignores thr"),
        (transition(stride=(2, 2)), "the convolution has a stride as well"),
        (
            lambda c_in, c_out: Transition(
                c_in, c_out, nn.BatchNorm2d(c_out), forward=lambda net, x: net.pool(F.relu(net.norm(net.conv(x))))
            ),
            "the convolution comes first",
        ),
        (
            transition(forward=lambda net, x: net.pool(net.conv(net.norm(F.relu(x))))),
            "ReLU and batch norm are in the wrong order",
        ),
        (
            transition(forward=lambda net, x: net.pool(net.conv(net.norm(x)).clamp(min=0))),
            "the ReLU comes after the convolution",
        ),
        (transition(forward=lambda net, x: net.pool(net.conv(x))), "batch norm and ReLU are missing"),
        (transition(act=lambda x: x), "the ReLU is missing"),
        (transition(act=lambda x: F.avg_pool2d(x, 2).relu(), pool=lambda x: x), "the pool comes before the ReLU"),
        (transition(act=torch.sigmoid), "4 of the 4 values differ"),
        (transition(norm=nn.Identity()), "the batch norm is missing"),
        (transition(kernel_size=3, padding=1), "the kernel is 3x3"),
        (transition(padding=1), "there is padding"),
        (transition(pool=lambda x: F.avg_pool2d(x, 2, 2, 1)), "there is padding"),
        (transition(pool=nn.AvgPool2d(1)), "the map keeps its size"),
        (transition(pool=lambda x: F.avg_pool2d(F.avg_pool2d(x, 2), 2)), "height and width are divided by 4"),
        (transition(pool=nn.AvgPool2d(3, 2)), "the pool has a window of 3x3 and ignores the border"),
        (lambda c_in, c_out: nn.Sequential(nn.BatchNorm2d(c_in), nn.ReLU(), nn.AvgPool2d(2)), "the 1x1 convolution is missing"),
        (lambda c_in, c_out: Transition(c_in, c_in), "the convolution computes `c_in` channels"),
        (lambda c_in, c_out: Transition(c_in, c_in // 2), "the convolution computes half of `c_in`"),
        (transition(kernel_size=2, stride=2, pool=nn.Identity()), "a convolution with a 2x2 kernel and stride 2"),
        (transition(forward=lambda net, x: F.relu(net.pool(net.conv(net.norm(x))))), "the ReLU comes last"),
        (
            transition(forward=lambda net, x: net.pool(net.conv(F.relu(net.norm(x))).relu())),
            "there is a ReLU after the convolution as well",
        ),
        (
            transition(forward=lambda net, x: net.pool(net.conv(F.relu(net.norm(x)))).relu()),
            "there is a ReLU at the end as well",
        ),
        (with_norm_after(lambda net, y: net.after(y)), "there is a batch norm after the convolution as well"),
        (with_norm_after(lambda net, y: F.relu(net.after(y))), "batch norm and ReLU come before the convolution and after it"),
        (
            lambda c_in, c_out: Transition(
                c_in, c_out, nn.BatchNorm2d(c_out), forward=lambda net, x: net.pool(net.norm(F.relu(net.conv(x))))
            ),
            "the order is convolution, ReLU, batch norm",
        ),
        (transition(bias=True), "the convolution has a bias"),
        (lambda c_in, c_out: Transition(c_in, c_out, norm=nn.BatchNorm2d(c_out)), "a module reads the wrong number"),
    ],
    "bottleneck": [
        (88, "88 is what you get with biases"),
        (89.0, "89 is what you get if batch norms count"),
        (8, "8 is what you get if the 3x3"),
        (9 * 12, "108 is how many weights"),
        (108 - 48, "60 is how many weights per channel"),
        (9 * 48 * 12, "5,184 is how many weights"),
        ("86", "with 86 channels"),
        (86.4, "with 86.4 channels both would have the "),
        (100, "100 is not right"),
        (12, "12 is the growth rate"),
        (24, "24 is 2 k, what the network's first convoluti"),
        (10, "10 leaves out the window of the second 3x3 co"),
        (29, "29 counts the window of the second 3x3 convol"),
        (346, "346 has the second 3x3 convolution make 48 ch"),
        (13, "13 is the first number above k"),
    ],
    "depth": [
        (36, "36 is the number of dense layers per block"),
        (3 * 32 + 2, "98 counts one convolution per dense layer"),
        (34 * 3, "102 is 3 x 408 / 12"),
        (34 * 6, "204 is 2 x 3 x 408 / 12"),
        (388, "388 adds four layers to 384 channels"),
        (200, "200 counts eight layers"),
        (100, "100 is what she wanted"),
        ("192", "192 is the number of convolutions in the dense layers"),
        (np.float32(96), "96 is the number of dense layers"),
        (195, "195 counts three layers outside"),
        (12, "12 is not right"),
        (202, "202 counts 33 dense layers per block"),
        (56, "56 is 678 / 12"),
    ],
    "memory": [
        (1144, "1,144 counts the output of the block"),
        (16 + 792, "808 counts the input of the block once"),
        (936, "936 leaves out the input"),
        (952, "952 counts the input"),
        (12 * 160, "1,920 has all layers read 160"),
        (12 * 148, "1,776 has all layers read 148"),
        (12 * 88, "1,056 has the layers read"),
        (148, "148 is what the last layer reads"),
        (144, "144 is what the twelve layers add"),
        (12 * 16, "192 counts the input"),
        (304, "304 counts 160"),
        (836, "836 counts eleven layers"),
        (968, "968 has eleven layers"),
        (1000, "1,000 counts the input"),
        (1968, "1,968 counts twice"),
        (12 * 144, "1,728 has all layers read 144"),
        (864, "864 is half of"),
        (320, "320 counts the 160"),
        (12 * 13 / 2, "78 is the number of connections"),
        (12 * 11 / 2, "66 is how often"),
        ("160", "160 is the colleague's estimate"),
        (16 * 12 + 12 * 12 * 13 / 2, "1,128 has every layer read its own maps too"),
        (np.int64(792), "792 leaves out the input of the block"),
        ("c", ""),
        (2304, "2,304 multiplies input, layers and growth rat"),
        (82, "82 is what a layer reads on average"),
        (336, "336 adds the input for each layer and the new"),
        (352, "352 adds the colleague's estimate and the inp"),
        (1132, "1,132 counts the last layer twice"),
        (960, "960 is half of 12 x 160"),
    ],
    "cut": [
        (cut(lambda part: 0 * part), "the channels are set to zero"),
        (cut(lambda part: part.mean()), "all channels get the same mean; ea"),
        (cut(lambda part: part.mean((2, 3), keepdim=True)), "each image keeps its own mean"),
        (cut(lambda part: part.mean(0)), "each pixel keeps its own mean"),
        (cut(lambda part: part.mean((0, 3), keepdim=True)), "each row keeps its own mean"),
        (cut(lambda part: part.mean(0).mean(1, keepdim=True)), "each column keeps its own mean"),
        (cut(lambda part: part.mean(1, keepdim=True)), "the channels are averaged with each other"),
        (cut(lambda part: part.mean((0, 2, 3))), "the means have lost their axes"),
        (cut(lambda part: part.sum((0, 2, 3), keepdim=True)), "the numbers are added up"),
        (cut(last=1), "channel `stop` is cut as well"),
        (cut(last=-1), "channel `stop - 1` is not cut; it "),
        (cut(first=1), "channel `start` is not cut; it sho"),
        (cut_out, "the channels are removed; replace "),
        (cut_the_others, "the other channels are cut"),
        (cut_in_place, "the input `x` was changed in place"),
        (lambda x, start, stop: cut_on_a_copy(x, start, stop)[:, start:stop], "only the cut channels are returned"),
        (lambda x, start, stop: cut_on_a_copy(x, 0, x.shape[1]), "all channels are cut"),
        (lambda x, start, stop: x[:, start:stop].mean(dim=(0, 2, 3), keepdim=True), "only the means are returned"),
        (cut(lambda part: part + part.mean((0, 2, 3), keepdim=True)), "the means are added to the channels"),
        (cut(lambda part: part - part.mean((0, 2, 3), keepdim=True)), "the means are subtracted from the channels"),
        (lambda x, start, stop: filled(x, (slice(None), slice(start, stop)), x.mean()), "one mean is taken over all channels"),
        (
            lambda x, start, stop: filled(
                x, (slice(None), slice(start, stop)), x.mean((0, 2, 3), keepdim=True)[:, : stop - start]
            ),
            "the means are those of the first channels",
        ),
        (cut(lambda part: part.mean((1, 2, 3), keepdim=True)), "each image gets one mean for all its channels"),
        (
            lambda x, start, stop: filled(x, (0, slice(start, stop)), x[:, start:stop].mean((0, 2, 3))[:, None, None]),
            "only the first image is cut",
        ),
        (cut(lambda part: part.amax((0, 2, 3), keepdim=True)), "the largest number takes the place"),
        (lambda x, start, stop: cut_on_a_copy(x, start, start + stop), "`stop` is used as a number of channels"),
        (
            lambda x, start, stop: filled(x, slice(start, stop), x[start:stop].mean((0, 2, 3), keepdim=True)),
            "images are cut instead of channels",
        ),
        (
            lambda x, start, stop: filled(
                x, (slice(None), slice(None), slice(start, stop)), x[:, :, start:stop].mean((0, 1, 3), keepdim=True)
            ),
            "rows are cut instead of channels",
        ),
        (
            lambda x, start, stop: torch.cat([x[:, :stop].mean((0, 2, 3), True).expand_as(x[:, :stop]), x[:, stop:]], 1),
            "channels from 0 on are cut",
        ),
        (
            lambda x, start, stop: torch.cat([x[:, :start], x[:, start:].mean((0, 2, 3), True).expand_as(x[:, start:])], 1),
            "all channels from `start` on are cut",
        ),
        (lambda x, start, stop: x.clone(), "nothing is cut"),
        (
            lambda x, start, stop: torch.cat(
                [
                    x[:, start:stop].mean((0, 2, 3), True).expand(len(x), -1, *x.shape[2:]),
                    x[:, [i for i in range(x.shape[1]) if not start <= i < stop]],
                ],
                1,
            ),
            "the cut channels come first",
        ),
        (
            lambda x, start, stop: torch.cat(
                [x[:, :start], torch.full_like(x[:, start:stop], x[:, start:stop].median().item()), x[:, stop:]], 1
            ),
            "the median takes the place",
        ),
        (
            lambda x, start, stop: torch.cat(
                [x[:, :start], x[:, start:stop].mean((0, 1), True).expand_as(x[:, start:stop]), x[:, stop:]], 1
            ),
            "images and channels are averaged",
        ),
        (
            lambda x, start, stop: torch.cat(
                [x[:, :start], x[:, start:stop].sum((0, 2, 3), True).expand_as(x[:, start:stop]), x[:, stop:]], 1
            ),
            "the numbers are added up",
        ),
    ],
    "cross_stage": [
        (lambda x, block: torch.hstack((block(x[:, x.size(1) // 2 :]), x[:, : x.size(1) // 2])), "the new maps come first"),
        (crossed(lambda first, last, block: (last, block(first))), "the first half goes through `block`; the last half should"),
        (
            crossed(lambda first, last, block: (block(first), last)),
            "the first half goes through `block` and its maps come first",
        ),
        (crossed(lambda first, last, block: (block(last),)), "the unchanged half is missing"),
        (crossed(lambda first, last, block: (first,)), "only the unchanged half is returned"),
        (crossed(lambda first, last, block: (first, last, block(last))), "all channels of `x` are kept"),
        (crossed(lambda first, last, block: (last, block(last))), "the last half is kept and goes through"),
        (crossed(lambda first, last, block: (first, block(first))), "the first half is kept and goes through"),
        (crossed(lambda first, last, block: (block(first), block(last))), "both halves go through `block`"),
        (crossed(lambda first, last, block: (block(last), block(last))), "the maps that `block` makes are returned twice"),
        (crossed(lambda first, last, block: (first, last)), "the last half is not sent through `block`"),
        (lambda x, block: torch.hstack((x[:, 0::2], block(x[:, 1::2]))), "every second channel is kept, from channel 0 on"),
        (lambda x, block: torch.hstack((x[:, 1::2], block(x[:, 0::2]))), "every second channel is kept, from channel 1 on"),
        (lambda x, block: x[:, : x.size(1) // 2].add(block(x[:, x.size(1) // 2 :])), "the halves are added"),
        (crossed(lambda first, last, block: (first, block(last)), 0), "the maps are concatenated along ax"),
        (crossed(lambda first, last, block: (first, block(last)), -2), "the maps are concatenated along th"),
        (crossed(lambda first, last, block: (first, block(last)), -1), "the maps are concatenated along the columns"),
        (lambda x, block: torch.cat((x, block(x)), 1), "all channels of `x` go through `block`, and all are kept"),
        (lambda x, block: torch.cat((x[:, : x.size(1) // 2], block(x)), 1), "all channels of `x` go through `block`; keep the"),
        (lambda x, block: block(x), "all channels of `x` go through `block`; only the last C/2 should"),
        (crossed(lambda first, last, block: (first, block(last) + last)), "the input of `block` is added to its output"),
        (crossed(lambda first, last, block: (first, block(block(last)))), "`block` is applied twice"),
        (lambda x, block: x + block(x), "the output of `block` is added to `x`"),
        (lambda x, block: torch.cat((x[:, :, : x.size(2) // 2], block(x[:, :, x.size(2) // 2 :])), 2), "the rows are divided"),
        (lambda x, block: torch.cat((x[..., : x.size(3) // 2], block(x[..., x.size(3) // 2 :])), 3), "the columns are divided"),
        (crossed(lambda first, last, block: (first[:, :-1], block(last))), "one channel too few is kept"),
        (crossed(lambda first, last, block: (first, last[:, :1], block(last))), "one channel too many is kept"),
        (lambda x, block: torch.cat((x[: len(x) // 2], block(x[len(x) // 2 :]))), "the images are divided into halves"),
        (lambda x, block: torch.hstack((x[:, : len(x) // 2], block(x[:, len(x) // 2 :]))), "half of the number of images"),
        (halves_in_place, "the input `x` was changed in place"),
        (halves_in_a_copy, "your code raised RuntimeError"),
        (crossed(lambda first, last, block: (first.detach(), block(last))), "the value is right, but its gradient"),
        (crossed(lambda first, last, block: (first, block(last).relu())), ""),
    ],
}
