"""Checks of lesson 03: receptive fields by hand, by the recurrence and by gradient, the bill of a stack, a VGG block."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from cnnlib.checks.engine import Check, layer, outputs, random

three_layers = Check(
    "three_layers",
    reference=7,
    mistakes={
        "the kernel sizes are added; neighbouring windows overlap, so each layer adds 2 pixels, not 3": 9,
        "that is two layers; the third adds one pixel on each side": 5,
        "that is the area; the question is how many pixels wide it is": 49,
        "those are the weights of the three kernels; how many pixels do they reach together?": 27,
        "that is one layer alone; its outputs are looked at by two more": 3,
    },
    hints=[
        "One layer sees 3 pixels, two see 5. What does the second add, and where?",
        "A window of 3 looks one place further on each side of the place under it: 1, 3, 5, ...",
    ],
)

after_pool = Check(
    "after_pool",
    reference=10,
    mistakes={
        "the pool's stride is ignored: after it, neighbours are 2 pixels apart": 8,
        "a layer's own stride does not widen its own window, and kernel sizes are not added": 11,
        "that is what one output of the pool sees; a convolution follows": 6,
        "the pool doubles the step, not the field": 12,
        "the pool is left out: it has a window of its own, and a stride": 7,
        "the pool's own window adds a pixel, and a layer's own stride does not count for it, only those below": 9,
        "the pool sees two units, 5 + 1 pixels; its stride counts only for the layer above": 14,
    },
    hints=[
        "Two convolutions: 5. The pool puts two of these side by side, one pixel apart: 6. Now neighbours are 2 apart.",
        "The last window reaches one place further on each side, and a place is now 2 pixels: 6 + 2 + 2.",
    ],
)

Layers = Iterable[tuple[int, int]]


def _walk(layers: Layers, step: Callable[[int, int, int, int], tuple[int, int]], size: int = 1) -> int:
    jump = 1
    for kernel, stride in layers:
        size, jump = step(size, jump, kernel, stride)
    return size


receptive_field = Check(
    "receptive_field",
    reference=lambda layers: _walk(layers, lambda r, j, k, s: (r + (k - 1) * j, j * s)),
    cases=[
        dict(layers=((3, 1), (3, 1))),
        dict(layers=((3, 1), (3, 1), (2, 2), (3, 1))),
        dict(layers=((11, 4), (3, 2), (5, 1), (3, 2), (3, 1))),
        dict(layers=((5, 1), (2, 3), (3, 2), (3, 5), (2, 1))),
    ],
    mistakes={
        "the kernel sizes are added (3 + 3 = 6); overlapping windows add k - 1": lambda layers: sum(k for k, _ in layers),
        "every stride is ignored: after a stride, neighbours lie further apart": lambda layers: (
            1 + sum(k - 1 for k, _ in layers)
        ),
        "a layer's own stride widens its own window; multiply `jump` by it after the field has grown": lambda layers: _walk(
            layers, lambda r, j, k, s: (r + (k - 1) * j * s, j * s)
        ),
        "a layer's own stride is taken for the jump below it; `jump` is the product of all strides below": lambda layers: _walk(
            layers, lambda r, j, k, s: (r + (k - 1) * s, 1)
        ),
        "only the stride of the layer just below counts; `jump` is the product of all strides below": lambda layers: _walk(
            layers, lambda r, j, k, s: (r + (k - 1) * j, s)
        ),
        "the strides are added up; they multiply": lambda layers: _walk(
            layers, lambda r, j, k, s: (r + (k - 1) * j, j + s - 1)
        ),
        "the field grows by k times the jump; the first of the k windows is there already: (k - 1)": lambda layers: _walk(
            layers, lambda r, j, k, s: (r + k * j, j * s)
        ),
        "it starts at 0; a pixel sees itself, so start at 1": lambda layers: _walk(
            layers, lambda r, j, k, s: (r + (k - 1) * j, j * s), size=0
        ),
        "the layers are read from the top; these rules go from the image up": lambda layers: _walk(
            reversed(layers), lambda r, j, k, s: (r + (k - 1) * j, j * s)
        ),
        "the field is multiplied by the stride; only the step grows": lambda layers: _walk(
            layers, lambda r, j, k, s: ((r + (k - 1) * j) * s, j * s)
        ),
        "that is `jump`, the step between neighbours, not the field": lambda layers: _walk(
            layers, lambda j, _, k, s: (j * s, 1)
        ),
    },
    hints=[
        "Keep two numbers, `size = 1` and `jump = 1`, and go through the layers from the image up.",
        "For each layer: first `size` grows by `(kernel - 1) * jump`, then `jump` is multiplied by `stride`.",
        "`for kernel, stride in layers: size += (kernel - 1) * jump; jump *= stride`, then `return size`.",
    ],
)


def _stack(*kernels: int, stride: int = 1, seed: int = 0) -> nn.Sequential:
    layers, channels = [], (3, 5, 7, 2)
    for i, kernel in enumerate(kernels):
        step = stride if i == 0 else 1
        layers += [layer(nn.Conv2d, channels[i], channels[i + 1], kernel, step, padding=1, seed=seed + i), nn.Tanh()]
    return nn.Sequential(*layers)


def _gradient(net: nn.Module, image: Tensor, of: Callable[[Tensor], Tensor]) -> Tensor:
    pixels = image.clone().requires_grad_()
    return torch.autograd.grad(of(net(pixels)).sum(), pixels)[0]  # (1, C, H, W)


def _middle(y: Tensor) -> Tensor:
    return y[0, :, y.shape[2] // 2, y.shape[3] // 2]


influence = Check(
    "influence",
    reference=lambda net, image: _gradient(net, image, _middle).abs().sum((0, 1)),
    cases=[
        dict(net=_stack(3, 3), image=random(1, 3, 11, 13)),
        dict(net=_stack(5, 3, 3, stride=2, seed=7), image=random(1, 3, 17, 23, seed=1)),
    ],
    mistakes={
        "the whole map is taken; only its middle is asked, `y[0, :, H // 2, W // 2]`": lambda net, image: (
            _gradient(net, image, lambda y: y).abs().sum((0, 1))
        ),
        "the signs are kept, and positive and negative gradients cancel: `.abs()` before the sum": lambda net, image: _gradient(
            net, image, _middle
        ).sum((0, 1)),
        "the channels are added up before `.abs()`, and cancel": lambda net, image: (
            _gradient(net, image, _middle).sum((0, 1)).abs()
        ),
        "the corner of the map is taken, not its middle": lambda net, image: (
            _gradient(net, image, lambda y: y[0, :, 0, 0]).abs().sum((0, 1))
        ),
        "each output channel has a gradient and an `.abs()` of its own; add the channels up first": lambda net, image: sum(
            _gradient(net, image, lambda y, k=k: _middle(y)[k]).abs().sum((0, 1)) for k in range(net(image).shape[1])
        ),
        "only the first channel of the output is taken; add all of them up": lambda net, image: (
            _gradient(net, image, lambda y: _middle(y)[0]).abs().sum((0, 1))
        ),
        "only the first channel of the image is kept; add the three up": lambda net, image: _gradient(
            net, image, _middle
        ).abs()[0, 0],
        "the channels are averaged; add them up": lambda net, image: _gradient(net, image, _middle).abs().mean((0, 1)),
        "the channels of the image are still apart: add them up, to (H, W)": lambda net, image: _gradient(
            net, image, _middle
        ).abs()[0],
        "the axis of length 1 is still there: (H, W) is asked": lambda net, image: _gradient(net, image, _middle).abs().sum(1),
        "the middle of the image is taken for the middle of the map": lambda net, image: (
            _gradient(
                net,
                image,
                lambda y: y[0, :, min(image.shape[2] // 2, y.shape[2] - 1), min(image.shape[3] // 2, y.shape[3] - 1)],
            )
            .abs()
            .sum((0, 1))
        ),
    },
    hints=[
        "Copy the image and ask for its gradient: `pixels = image.clone().requires_grad_()`. Send `pixels` through `net`.",
        "`middle = y[0, :, y.shape[2] // 2, y.shape[3] // 2].sum()` is one number; `torch.autograd.grad(middle, pixels)` is a "
        "tuple with one gradient, (1, C, H, W).",
        "`(gradient,) = torch.autograd.grad(middle, pixels)`, then `return gradient.abs().sum((0, 1))`.",
    ],
)

growth = Check(
    "growth",
    reference=2,
    mistakes={
        "that holds for the receptive field, which grows with n; spreads of steps that go either way do not add up": 4,
        "that is the ratio of the two receptive fields, 65 / 17; the bell grows more slowly": 65 / 17,
        "it does grow: each layer blurs the influence once more": 1,
        "the *square* of the spread grows 4-fold, not 16-fold": 16,
    },
    hints=[
        "Each layer moves the influence by -1, 0 or 1 pixel, like a step of a drunkard. How far does he get in n steps?",
        "Variances add up: n layers have n times the variance of one. The spread is its square root.",
    ],
    within=0.15,
)

every_pixel = Check(
    "every_pixel",
    reference="c",
    choices=("a", "b", "c"),
    mistakes={
        "a pool keeps the largest of four, but the window is as wide as you computed": "a",
        "look at the bell: the recurrence counts which pixels can matter, not how much they do": "b",
    },
    hints=[
        "Choose conv5_3 in the explorer. Does the brightness fill the frame?",
        "The recurrence gives the outermost pixel that can matter at all. How many paths lead from "
        "it to the unit, how many from the middle?",
    ],
)

seven = Check(
    "seven",
    reference=100 * (49 / 27 - 1),
    mistakes={
        "that is how much *fewer* the three have, of the 49; what is asked is how much more the one has, of the 27": 100
        * (1 - 27 / 49),
        "that is the 49 in percent of the 27; how much *more* is it?": 100 * 49 / 27,
        "that is the ratio; by how many percent does it exceed 1?": 49 / 27,
        "that is a fraction; the answer is asked in percent": 22 / 27,
        "that is against a single 3x3; there are three of them": 100 * (49 / 9 - 1),
        "kernels have two sides: compare 7 x 7 with 3 x 3 x 3, not 7 with 3": 100 * (7 / 3 - 1),
        "that is one 5x5 against two 3x3": 100 * (25 / 18 - 1),
    },
    hints=[
        "How many weights has a layer from C channels to C channels with a kernel of 3 x 3? Three of them? One with 7 x 7?",
        "27 C^2 against 49 C^2: 49 / 27 is 1 and how many hundredths?",
    ],
    within=0.5,
)

stem = Check(
    "stem",
    reference=28512 / 9408,
    mistakes={
        "27 against 49 holds for equal channels; the 7x7 looks at 3 channels, the second and third 3x3 at 32": 27 / 49,
        "5.4 is 49 / 9, one kernel against one kernel; count channels and all three layers": 49 / 9,
        "that is the old stem divided by the new one": 9408 / 28512,
        "those are the weights of the new stem; divide them by those of the old one": 28512,
        "the layers between have 32 channels, not 64": (27 * 64 + 2 * 9 * 64 * 64) / 9408,
        "the first of the three layers has 32 filters, the last looks at 32 channels": (27 * 64 + 9 * 64 * 32 + 9 * 32 * 64)
        / 9408,
    },
    hints=[
        "Weights of a layer: c_in * 3 * 3 * c_out. There are three layers: 3 to 32, 32 to 32, 32 to 64.",
        "Old: 3 * 49 * 64. New: 3 * 9 * 32 + 32 * 9 * 32 + 32 * 9 * 64.",
    ],
    within=0.05,
)


def _block(
    c_in: int,
    c_out: int,
    layers: int,
    padding: int = 1,
    kernel: int = 3,
    norm: bool = False,
    bias: bool = True,
    active: Callable[[int], bool] = lambda i: True,
    pool: nn.Module | None = None,
    pools: bool = False,
) -> nn.Sequential:
    parts: list[nn.Module] = []
    for i in range(layers):
        parts.append(nn.Conv2d(c_in if i == 0 else c_out, c_out, kernel, padding=padding, bias=bias))
        if norm:
            parts.append(nn.BatchNorm2d(c_out))
        if active(i):
            parts.append(nn.ReLU())
        if pools and i < layers - 1:
            parts.append(nn.MaxPool2d(2))
    return nn.Sequential(*parts, pool or nn.MaxPool2d(2))


block = Check(
    "block",
    reference=_block,
    cases=[dict(c_in=3, c_out=5, layers=2), dict(c_in=3, c_out=7, layers=3)],
    look=outputs(3 * random(2, 3, 11, 13)),
    mistakes={
        "the convolutions have no padding; 3x3 with padding 1 keeps the size": lambda **k: _block(**k, padding=0),
        "there is no ReLU at all": lambda **k: _block(**k, active=lambda i: False),
        "no ReLU stands between the convolutions, so they are one linear layer": lambda layers, **k: _block(
            layers=layers, **k, active=lambda i: i == layers - 1
        ),
        "the ReLU after the last convolution is missing": lambda layers, **k: _block(
            layers=layers, **k, active=lambda i: i < layers - 1
        ),
        "the pool is missing: a block ends in `nn.MaxPool2d(2)`": lambda **k: _block(**k, pool=nn.Identity()),
        "the pool averages; VGG takes the maximum": lambda **k: _block(**k, pool=nn.AvgPool2d(2)),
        "the pool moves by 1; it has to move by 2 to halve the map": lambda **k: _block(**k, pool=nn.MaxPool2d(2, stride=1)),
        "there is a pool after every convolution; a block has one, at its end": lambda **k: _block(**k, pools=True),
        "there is one convolution too few": lambda layers, **k: _block(layers=layers - 1, **k),
        "there is one convolution too many": lambda layers, **k: _block(layers=layers + 1, **k),
        "there is batch norm in it; VGG is older than batch norm": lambda **k: _block(**k, norm=True),
        "the biases are missing: without batch norm the convolutions need their own": lambda **k: _block(**k, bias=False),
        "the kernels are 5x5": lambda **k: _block(**k, kernel=5, padding=2),
    },
    hints=[
        "Collect layers in a list: `nn.Conv2d(c_in, c_out, 3, padding=1)` and `nn.ReLU()`, `layers` times, then the pool.",
        "Only the first convolution looks at `c_in` channels; all others look at `c_out`. Set `c_in = c_out` after the first.",
        "`parts += [nn.Conv2d(c_in, c_out, 3, padding=1), nn.ReLU()]; c_in = c_out` in the loop, then "
        "`return nn.Sequential(*parts, nn.MaxPool2d(2))`.",
    ],
)
