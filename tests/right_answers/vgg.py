"""Right answers of lesson 04, written another way than the references."""

from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def field_from_the_top(layers):
    size = 1
    for kernel, stride in reversed(layers):
        size = (size - 1) * stride + kernel
    return size


def field_as_one_sum(layers):
    return 1 + sum((k - 1) * int(np.prod([s for _, s in layers[:i]])) for i, (k, _) in enumerate(layers))


def field_as_a_set_of_pixels(layers):
    seen = {0}
    for kernel, stride in layers[::-1]:
        seen = {place * stride + i for place in seen for i in range(kernel)}
    return torch.tensor(len(range(min(seen), max(seen) + 1)))


def influence_by_backward(net, picture):
    x = picture.detach().clone()
    x.requires_grad = True
    y = net(x)
    y[:, :, y.shape[2] // 2, y.shape[3] // 2].sum().backward()
    return x.grad.abs().sum(dim=(0, 1))


def influence_in_evaluation_mode(net, picture):
    was_training = net.training
    made = influence_by_backward(net.eval(), picture)
    net.train(was_training)
    return made


def influence_by_a_mask(net, picture):
    picture = picture.clone().requires_grad_()
    y = net(picture)
    mask = torch.zeros_like(y)
    mask[..., y.shape[-2] // 2, y.shape[-1] // 2] = 1
    (gradient,) = torch.autograd.grad(y, picture, grad_outputs=mask)
    return gradient.squeeze(0).abs().sum(0)


def influence_by_func(net, picture):
    def middle(x):
        y = net(x)
        return y[..., y.size(2) // 2, y.size(3) // 2].sum()

    return torch.func.grad(middle)(picture).abs().sum(1)[0]


def influence_by_jacobian(net, picture):
    def middle(x):
        y = net(x)[0]
        return y[:, y.shape[1] // 2, y.shape[2] // 2].sum()

    return torch.autograd.functional.jacobian(middle, picture)[0].abs().sum(0)


def block_in_stages(c_in, c_out, layers):
    stages = [nn.Sequential(nn.Conv2d(c_in, c_out, 3, 1, 1), nn.ReLU())]
    stages += [nn.Sequential(nn.Conv2d(c_out, c_out, 3, padding="same"), nn.ReLU(inplace=True)) for _ in range(layers - 1)]
    stages.append(nn.MaxPool2d(kernel_size=2, stride=2))
    return nn.Sequential(*stages)


def block_that_pools_before_its_last_relu(c_in, c_out, layers):
    parts = []
    for i in range(layers):
        parts += [nn.ReLU()] * (i > 0) + [nn.Conv2d(c_in if i == 0 else c_out, c_out, 3, padding=1)]
    return nn.Sequential(*parts, nn.MaxPool2d(2), nn.ReLU())  # the maximum of what is not negative: the same


def block_of_lazy_layers(c_in, c_out, layers):
    return nn.Sequential(
        *[nn.Sequential(nn.LazyConv2d(c_out, 3, padding="same"), nn.ReLU()) for _ in range(layers)], nn.MaxPool2d(2)
    )


class Block(nn.Module):
    def __init__(self, c_in, c_out, layers):
        super().__init__()
        widths = [c_in] + [c_out] * layers
        self.convs = nn.ModuleList(nn.Conv2d(a, b, (3, 3), padding=(1, 1)) for a, b in pairwise(widths))

    def forward(self, x):
        for conv in self.convs:
            x = conv(x).relu()
        return F.max_pool2d(x, 2)


RIGHT_ANSWERS = {
    "receptive_field": [field_from_the_top, field_as_one_sum, field_as_a_set_of_pixels],
    "influence": [
        influence_by_backward,
        influence_in_evaluation_mode,
        influence_by_a_mask,
        influence_by_func,
        influence_by_jacobian,
    ],
    "block": [block_in_stages, block_that_pools_before_its_last_relu, block_of_lazy_layers, Block],
}
