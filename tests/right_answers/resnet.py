"""Right answers of lesson 06, written another way than the references."""

import torch
from torch import nn
from torch.nn import functional as F


def identity_of_rows(channels):
    return F.pad(torch.eye(channels)[:, :, None, None], (1, 1, 1, 1))


def identity_of_products(channels):
    middle = torch.tensor([0.0, 1, 0])
    return torch.einsum("kc,r,s->kcrs", torch.eye(channels), middle, middle)


def padded_by_filling(image, channels, step):
    n, c, h, w = image.shape
    out = image.new_zeros(n, channels, -(-h // step), -(-w // step))
    out[:, :c] = image[:, :, ::step, ::step]
    return out


def padded_by_joining(image, channels, step):
    picked = F.avg_pool2d(image, 1, step)
    zeros = torch.zeros_like(picked[:, :1]).repeat(1, channels - image.shape[1], 1, 1)
    return torch.cat((picked, zeros), dim=1)


def padded_by_a_convolution(image, channels, step):
    return F.conv2d(image, torch.eye(channels, image.shape[1], dtype=image.dtype)[..., None, None], stride=step)


class FlatBlock(nn.Module):
    """Layers one by one, the shortcut registered first, in-place ReLUs."""

    def __init__(self, inside, outside, jump):
        super().__init__()
        self.project = inside != outside or jump > 1
        if self.project:
            self.match = nn.Conv2d(inside, outside, 1, jump, bias=False)
            self.norm0 = nn.BatchNorm2d(outside)
        self.conv1 = nn.Conv2d(inside, outside, 3, stride=jump, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(outside)
        self.conv2 = nn.Conv2d(outside, outside, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(outside)

    def forward(self, x):
        y = self.norm1(self.conv1(x)).relu_()
        y = self.norm2(self.conv2(y))
        y += self.norm0(self.match(x)) if self.project else x
        return y.relu_()


class EmptyShortcut(nn.Module):
    """No layer on the shortcut means the identity, as an empty Sequential does."""

    def __init__(self, inside, outside, jump):
        super().__init__()
        norms = [nn.BatchNorm2d(outside) for _ in range(3)]
        first, second = nn.Conv2d(inside, outside, 3, jump, 1, bias=False), nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
        self.main = nn.Sequential(first, norms[0], nn.ReLU(), second, norms[1])
        self.skip = nn.Sequential()
        if inside != outside or jump != 1:
            self.skip.extend([nn.Conv2d(inside, outside, kernel_size=1, stride=jump, bias=False), norms[2]])

    def forward(self, x):
        return torch.clamp(self.main(x) + self.skip(x), min=0)


def parameters_in_closed_form(n):
    return 97_216 * n - 21_926


def parameters_of_layers(n):
    layers, channels = [nn.Conv2d(3, 16, 3, bias=False), nn.BatchNorm2d(16), nn.Linear(64, 10)], 16
    for width in (16, 32, 64):
        for _ in range(2 * n):
            layers += [nn.Conv2d(channels, width, 3, bias=False), nn.BatchNorm2d(width)]
            channels = width
    return sum(p.numel() for layer in layers for p in layer.parameters())


RIGHT_ANSWERS = {
    "identity_weight": [identity_of_rows, identity_of_products, lambda c: nn.init.dirac_(torch.empty(c, c, 3, 3))],
    "zero_padded": [padded_by_filling, padded_by_joining, padded_by_a_convolution],
    "block": [FlatBlock, EmptyShortcut],
    "cifar_parameters": [parameters_in_closed_form, parameters_of_layers],
}
