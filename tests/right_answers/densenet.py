"""Right answers of lesson 07, written another way than the references."""

import torch
from torch import nn
from torch.nn import functional as F


class LayerPartByPart(nn.Module):
    def __init__(self, channels, k):
        super().__init__()
        self.conv = nn.Conv2d(channels, k, kernel_size=(3, 3), padding="same", bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, maps):
        return torch.hstack((maps, self.conv(F.relu(self.norm(maps)))))


class LazyLayer(nn.Module):
    """Sizes come from the first input, one ReLU works in place."""

    def __init__(self, _, k):
        super().__init__()
        self.new = nn.Sequential(nn.LazyBatchNorm2d(), nn.ReLU(inplace=True), nn.LazyConv2d(k, 3, padding=1, bias=False))

    def forward(self, maps):
        return torch.concatenate([maps, self.new(maps)], axis=1)


class LayerThatFillsIn(LayerPartByPart):
    def forward(self, maps):
        c, k = maps.shape[1], self.conv.out_channels
        out = maps.new_empty(len(maps), c + k, *maps.shape[2:])
        out[:, :c] = maps
        out[:, c:] = self.conv(self.norm(maps).clamp(min=0))
        return out


class BlockWithList(nn.Module):
    def __init__(self, c_in, layers, growth):
        super().__init__()
        widths = range(c_in, c_in + layers * growth, growth)
        self.norms = nn.ModuleList(nn.BatchNorm2d(c) for c in widths)
        self.convolutions = nn.ModuleList(nn.Conv2d(c, growth, 3, padding=1, bias=False) for c in widths)

    def forward(self, x):
        maps = [x]
        for norm, convolution in zip(self.norms, self.convolutions, strict=True):
            maps.append(convolution(norm(torch.cat(maps, 1)).relu()))
        return torch.cat(maps, 1)


def block_layer_by_layer(c_in, layers, growth):
    block = nn.Sequential()
    for _ in range(layers):
        block.append(LayerPartByPart(c_in, growth))
        c_in += growth
    return block


def transition_pooling_first(c_in, c_out):
    return nn.Sequential(nn.BatchNorm2d(c_in), nn.ReLU(), nn.AvgPool2d(2), nn.Conv2d(c_in, c_out, 1, bias=False))


class TransitionAsFunctions(nn.Module):
    def __init__(self, c_in, c_out):
        super().__init__()
        self.mix = nn.Conv2d(c_in, c_out, 1, bias=False)
        self.norm = nn.BatchNorm2d(c_in)

    def forward(self, x):
        return F.avg_pool2d(self.mix(F.relu(self.norm(x))), 2, stride=2)


def cut_on_a_copy(maps, first, end):
    maps = maps.clone()
    maps[:, first:end] = maps[:, first:end].mean((0, 2, 3), keepdim=True)
    return maps


def cut_channel_by_channel(maps, first, end):
    channels = [maps[:, c] for c in range(maps.shape[1])]
    return torch.stack(
        [torch.full_like(one, one.mean().item()) if first <= c < end else one for c, one in enumerate(channels)], 1
    )


def cut_with_a_mask(maps, first, end):
    place = torch.arange(maps.shape[1]).view(1, -1, 1, 1)
    return torch.where((place >= first) & (place < end), maps.mean((0, 2, 3), keepdim=True), maps)


def halves_by_chunk(maps, layers):
    kept, rest = maps.chunk(2, dim=1)
    return torch.hstack((kept, layers(rest)))


def halves_filled_in(maps, layers):
    half = maps.size(1) // 2
    made = layers(maps[:, half:])
    out = maps.new_zeros(len(maps), half + made.shape[1], *made.shape[2:])
    out[:, :half], out[:, half:] = maps[:, :half], made
    return out


class HalvesAsAModule(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = layers

    def forward(self, maps):
        kept, rest = torch.split(maps, maps.shape[1] // 2, 1)
        return torch.cat((kept, self.layers(rest)), 1)


RIGHT_ANSWERS = {
    "dense_layer": [LayerPartByPart, LayerThatFillsIn, LazyLayer],
    "dense_block": [BlockWithList, block_layer_by_layer],
    "transition": [transition_pooling_first, TransitionAsFunctions],
    "cross_stage": [halves_by_chunk, halves_filled_in, lambda x, block: HalvesAsAModule(block)(x)],
    "cut": [cut_on_a_copy, cut_channel_by_channel, cut_with_a_mask],
}
