"""Wrong answers of lesson 03."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    """The bottleneck as a class of a learner's own, with something changed."""

    def __init__(self, c, narrow, bias=False, padding=1, stride=1, send=None):
        super().__init__()
        self.reduce = nn.Conv2d(c, narrow, (1, 1), bias=bias)
        self.look = nn.Conv2d(narrow, narrow, (3, 3), stride, padding, bias=bias)
        self.expand = nn.Conv2d(narrow, c, (1, 1), bias=bias)
        self.send = send or (lambda net, x: F.relu(net.expand(F.relu(net.look(F.relu(net.reduce(x)))))))

    def forward(self, x):
        return self.send(self, x)


class Pair(nn.Module):
    """A depthwise separable pair as a class of a learner's own, with something changed."""

    def __init__(self, c_in, c_out, size, groups=None, padding=None, bias=False, send=None):
        super().__init__()
        padding = size // 2 if padding is None else padding
        self.look = nn.Conv2d(c_in, c_in, size, padding=padding, groups=groups or c_in, bias=bias)
        self.mix = nn.Conv2d(c_in, c_out, 1, bias=bias)
        self.send = send or (lambda net, x: F.relu(net.mix(F.relu(net.look(x)))))

    def forward(self, x):
        return self.send(self, x)


def separable(layers):
    """Stack layers, each given by its positional arguments (channels in and out, window, stride, padding) and groups."""

    def build(c_in, c_out, size):
        parts = []
        for *settings, groups in layers(c_in, c_out, size):
            parts += [nn.Conv2d(*settings, groups=groups, bias=False), nn.ReLU()]
        return nn.Sequential(*parts)

    return build


OTHER_PAIRS = [
    (lambda a, b, k: [(a, a, k, 1, k // 2, 2), (a, b, 1, 1, 0, 1)], "the first layer has two groups"),
    (lambda a, b, k: [(a, b, k, 1, k // 2, a), (b, b, 1, 1, 0, 1)], "the depthwise layer outputs `c_out` channels"),
    (lambda a, b, k: [(a, b, 1, 1, 0, 1), (b, b, k, 1, k // 2, b)], "the order is exchanged"),
    (lambda a, b, k: [(a, a, k, 1, k, a), (a, b, 1, 1, 0, 1)], "the padding is `size`"),
    (lambda a, b, k: [(a, a, k, 1, k - 1, a), (a, b, 1, 1, 0, 1)], "the padding is `size - 1`"),
    (lambda a, b, k: [(a, a, 3, 1, 1, a), (a, b, 1, 1, 0, 1)], "the window of the depthwise layer is always 3x3"),
    (lambda a, b, k: [(a, a, 3, 1, k // 2, a), (a, b, 1, 1, 0, 1)], "the window is 3x3 and the padding follows `size`"),
    (lambda a, b, k: [(a, a, k, 1, k // 2, a), (a, b, k, 1, k // 2, 1)], "the second layer has a window too"),
    (lambda a, b, k: [(a, b, k, 1, k // 2, 1), (b, b, 1, 1, 0, 1)], "the first layer is an ordinary convolution"),
    (lambda a, b, k: [(a, a, k, 1, k // 2, a), (a, b, 1, 1, 0, a)], "the 1x1 layer has groups as well"),
    (lambda a, b, k: [(a, a, k, 1, k // 2, a), (a, b, 1, 1, k // 2, 1)], "the 1x1 layer is padded"),
    (lambda a, b, k: [(a, a, 1, 1, 0, a), (a, b, k, 1, k // 2, 1)], "the windows are exchanged"),
    (lambda a, b, k: [(a, a, k, 1, k // 2, a), (a, b, 1, 1, 1, 1)], "the 1x1 layer has `padding=1`"),
    (lambda a, b, k: [(a, b, k, 1, k // 2, a)], "there is only one layer"),
    (lambda a, b, k: [(a, a, 1, 1, 0, a), (a, b, 1, 1, 0, 1)], "both windows are 1x1"),
    (lambda a, b, k: [(a, a, k, 1, k // 2, a), (a, a, 1, 1, 0, 1)], "the last layer outputs `c_in` channels"),
    (lambda a, b, k: [(a, a, k, 2, k // 2, a), (a, b, 1, 1, 0, 1)], "the depthwise layer has stride 2"),
]


def sending(send):
    return lambda c, narrow: Block(c, narrow, send=send)


def biased(make, name):
    """Give one layer of a network a bias."""

    def build(*sizes):
        net = make(*sizes)
        layer = getattr(net, name)
        layer.bias = nn.Parameter(torch.zeros(layer.out_channels))
        return net

    return build


def right(c, n):
    """List the layers of the bottleneck: channels in and out, and the size of the window."""
    return [(c, n, 1), (n, n, 3), (n, c, 1)]


OTHER_LAYERS = [  # and what is said of them: of their weights, if they are counted, and of the network
    (lambda c, n: [(c, c, 1), (c, c, 3), (c, c, 1)], None, "nothing is reduced"),
    (
        lambda c, n: [(c, n, 1), (c, c, 3), (n, c, 1)],
        "the 3x3 layer is counted with `c` channels; it reads",
        "each layer reads as many channels",
    ),
    (
        lambda c, n: [(c, n, 1), (n, c, 3), (n, c, 1)],
        "the 3x3 layer is counted with `c` channels on one side",
        "each layer reads as many channels",
    ),
    (lambda c, n: [(c, n, 1), (n, c, 3), (c, c, 1)], None, "the 3x3 layer expands to `c` channels"),
    (lambda c, n: [(c, c, 1), (c, n, 3), (n, c, 1)], None, "the 3x3 layer reads `c` channels"),
    (lambda c, n: [(c, n, 1), (n, c, 3)], "that is two layers", "there are two layers"),
    (lambda c, n: [(c, n, 1), (n, n, 3)], "a 1x1 layer is missing", "the last layer is missing"),
    (lambda c, n: [(c, n, 1), (n, n, 3), (n, n, 1)], None, "the last layer outputs `narrow` channels"),
    (lambda c, n: [(c, n, 1), (n, n, 1), (n, c, 1)], "the 3x3 window is missing", "the middle layer is 1x1"),
    (lambda c, n: [(c, n, 3), (n, n, 3), (n, c, 3)], "all three layers are counted as 3x3", "all three windows are 3x3"),
    (
        lambda c, n: [(c, n, 1), (1, n, 3), (n, c, 1)],
        "each filter of the 3x3 layer reads all",
        "each layer reads as many channels",
    ),
]


def counted(layers, weights=lambda size: size * size):
    return lambda c, narrow: sum(np.prod([a, b, weights(size)]) for a, b, size in layers(c, narrow))


def stacked(layers, padding=lambda size: size // 2, norm=False):
    def bottleneck(c, narrow):
        net = nn.Sequential()
        for i, (a, b, size) in enumerate(layers(c, narrow)):
            conv = nn.Conv2d(a, b, size, padding=padding(size), bias=False)
            net.add_module(f"layer{i}", nn.Sequential(conv, *[nn.BatchNorm2d(b)] * norm, nn.ReLU()))
        return net

    return bottleneck


def in_place(c, narrow):
    return nn.Sequential(nn.ReLU(inplace=True), Block(c, narrow))


def rows_of_pixels(rows, back):
    """Send the pixels through `nn.Linear`, with a table that is made and taken apart in some way."""

    def conv1x1(x, weight):
        linear = nn.Linear(x.shape[1], len(weight), bias=False)  # float32
        linear.weight.data = weight.float()
        return back(linear(rows(x.float())), len(x), len(weight), *x.shape[2:]).detach()

    return conv1x1


def merge(weight=lambda w1, w2: w2 @ w1, bias=lambda b1, w2, b2: w2 @ b1 + b2):
    return lambda w1, b1, w2, b2: torch.cat([weight(w1, w2), bias(b1, w2, b2)[:, None]], dim=1)


WRONG_ANSWERS = {
    "pixel": [
        (torch.tensor([9]), "the weights are not paired with their channels"),  # 3, -2, 1, or 1, 2, -3
        ("15", "15 is what you get if the weight -2 counts as 2"),
        (2, "2 is the sum of the products times the bias"),
        (33, "33 is what you get from all nine pixels, without"),
        (19, "19 is not right"),
    ],
    "conv1x1": [
        (lambda x, w: torch.einsum("nchw,kc->knhw", x, w), "the channels come before the images"),
        (lambda x, w: x.float().permute(0, 2, 3, 1) @ w.float().T, "the channels come last"),
        (lambda x, w: torch.from_numpy(np.einsum("nchw,kd->nkhw", x.numpy(), w.numpy())), "`weight` and `x` have different"),
        (lambda x, w: F.linear(x.movedim(1, 3), w).reshape(len(x), len(w), *x.shape[2:]), "the pixels are in the wrong order"),
        (lambda x, w: (x[:, None] * w[None, :, :, None, None]).mean(2), "the products are averaged over the channels"),
        (lambda x, w: torch.einsum("nchw,kc->nkwh", x, w), "rows and columns of the output are exchanged"),
        (
            rows_of_pixels(lambda x: x.reshape(len(x), *x.shape[2:], x.shape[1]), lambda y, *shape: y.permute(0, 3, 1, 2)),
            "`reshape` makes rows of neighbouring pixels",
        ),
        (
            rows_of_pixels(lambda x: x.reshape(-1, x.shape[1]), lambda y, *shape: y.view(shape)),
            "`reshape` does not move the channel axis",
        ),
        (lambda x, w: torch.einsum("nchw,kc->nk", x, w), "the sum is over the pixels too"),
        (lambda x, w: torch.einsum("nchw,kc->nhw", x, w), "all filters are added up to one feature map"),
        (lambda x, w: F.conv2d(x, w[:, :, None, None]).clamp(min=0), "a ReLU is applied to the result"),
        (lambda x, w: F.conv2d(x, w[:, :, None, None]).abs(), "the result has lost its sign"),
        (lambda x, w: w @ x.flatten(2), "the pixels are still in one line"),
        (lambda x, w: x.flatten(2).transpose(1, 2) @ w.T, "the pixels are in one line and the channels come last"),
        (lambda x, w: (w @ x.flatten(2)).reshape(len(x), len(w), x.shape[3], x.shape[2]), "H and W are exchanged"),
        (lambda x, w: (w @ x.flatten(2)).reshape(len(w), len(x), *x.shape[2:]), "N and K are exchanged"),
        (lambda x, w: torch.tensordot(w, x, ([1], [1])).reshape(len(x), len(w), *x.shape[2:]), "the numbers of several images"),
        (
            lambda x, w: (w @ x.reshape(x.shape[1], -1)).reshape(len(x), len(w), *x.shape[2:]),
            "`reshape` does not move the images",
        ),
        (lambda x, w: F.conv2d(x[:1], w[:, :, None, None])[0], "only the first image"),
        (lambda x, w: torch.einsum("nchw,kc->nkchw", x, w), "the products are not added up"),
        (lambda x, w: torch.einsum("nchw,kc->nchw", x, w), "the filters are added up and the channels are kept"),
        (lambda x, w: torch.einsum("nchw,kc->kchw", x, w), "the images are added up"),
        (lambda x, w: torch.stack([x[:, -1] * k for k in w[:, -1]], 1), "only the last channel counts"),
        (lambda x, w: torch.sigmoid(torch.einsum("nchw,kc->nkhw", x, w)), "a sigmoid is applied"),
    ],
    "merge": [
        (merge(bias=lambda b1, w2, b2: b2), "`b1` is missing"),
        (merge(bias=lambda b1, w2, b2: torch.mv(w2, b1)), "`b2` is missing"),
        (merge(bias=lambda b1, w2, b2: b1.sum() + b2), "`b1` is added up without `w2`"),
        (merge(bias=lambda b1, w2, b2: b2 * (w2 * b1).sum(1)), "the two biases are multiplied"),
        (
            merge(lambda w1, w2: w2 @ w1.clamp(min=0), lambda b1, w2, b2: w2 @ b1.clamp(min=0) + b2),
            "a ReLU is applied to `w1` and `b1`",
        ),
        (merge(bias=lambda b1, w2, b2: w2 @ b1 - b2), "`b2` is subtracted"),
        (merge(bias=lambda b1, w2, b2: b2 - (w2 @ b1)), "`w2 @ b1` is subtracted"),
        (merge(bias=lambda b1, w2, b2: 0 * b2), "the bias is zero"),
        (merge(bias=lambda b1, w2, b2: b2 + b1.sum() * w2.sum(1)), "`w2` and `b1` are added up apart"),
        (lambda w1, b1, w2, b2: torch.column_stack([w2 @ b1 + b2, w2 @ w1]), "the bias comes first"),
        (lambda w1, b1, w2, b2: torch.column_stack([w2 @ (w1 + b1[:, None]), w2 @ b1 + b2]), "`b1` is added to `w1`"),
        (merge(bias=lambda b1, w2, b2: w2 @ b1.relu() + b2), "5 of the 15 values differ"),
        (merge(weight=lambda w1, w2: torch.mm(w2, w1.clamp(min=0))), "a ReLU is applied to `w1`; with"),
        (merge(weight=lambda w1, w2: torch.mm(w2, w1).clamp(min=0)), "a ReLU is applied to the merged weights"),
        (lambda w1, b1, w2, b2: w2 @ w1, "the biases are missing"),
        (merge(weight=lambda w1, w2: w1 @ w2), "your code raised RuntimeError"),
        (merge(bias=lambda b1, w2, b2: w2 @ b1 + b2 + b2), "`b2` is counted twice"),
        (merge(bias=lambda b1, w2, b2: b2 + b1.sum() / len(b1)), "`b1` is averaged without"),
        (
            lambda w1, b1, w2, b2: torch.cat([w2 @ w1, (w2 @ w1).sum(1, keepdim=True) + b2[:, None]], 1),
            "the rows of the merged weights",
        ),
    ],
    "distance": [
        ((np.eye(3), [[1, 0, -1]]), "the difference is taken after the ReLU"),
        (([[1, 0, -1], [0, 0, 0]], [[1, 1]]), "that is the distance only where red is larger"),
        (torch.tensor([[1, 0, -1], [-1, 0, 1]]), "`first` and `second` are lists of rows"),
        (([[1, 0, -1], [-1, 0]], [[1, 1]]), "expected two tables"),
        (([[1, 0, 1], [-1, 0, -1]], [[1, 1]]), "that is |red + blue|"),
        ([[1, 0, -1], [-1, 0, 1]], "`first` and `second` are lists of rows"),
        ((torch.eye(3)[[0, 2]] * torch.tensor([1, 1, -1]), [[1, 1]]), "the ReLU acts on red and on -blue apart"),
        ((np.array([[2, 0, -2], [2, 0, -2]]), [[0.5, 0.5]]), "that is twice red - blue where red is larger"),
        (([[1, 0, -1]], [[2]]), "that is twice red - blue where red is larger"),
        (([[1, 0, -1], [-1, 0, 1]], [[-1, 1]]), "that is blue - red with its sign"),
        (([[2, 0, -2], [-2, 0, 2]], [[1, 1]]), "that is twice the distance"),
        (([[0, 1, -1], [0, -1, 1]], [[1, 1]]), "that is the distance of green and blue"),
        (([[1, -1, -1], [-1, 1, 1]], [[1, 1]]), "green has an influence"),
        (([[1, 0, -1], [0, 1, 0], [-1, 0, 1]], [[1, 1, 1]]), "a third filter adds green"),
        (([[1, 0, -1], [-1, 0, 1]], [[3, 3]]), "([[1, 0, -1], [-1, 0, 1]], [[3, 3]]) is not right"),
        (([[0, 0, 1], [1, 0, -1]], [[1, 1]]), "that is the larger of red and blue"),
        (([[1, 0, 0], [0, 0, 1], [-1, 0, 0], [0, 0, -1]], [[1, -1, 1, -1]]), "that is |red| - |blue|"),
        (([[-1, 0, -1], [1, 0, -1]], [[1, 1]]), "the second row computes -red - blue"),
        (([[1, 0, -1]], [[-1]]), "that is never positive"),
    ],
    "bottleneck_weights": [
        (lambda c, n: sum(p.numel() for p in Block(c, n, bias=True).parameters()), "the biases are counted"),
        (lambda c, n: 9 * n * n + n * c, "a 1x1 layer is missing"),
        *[(counted(layers), words) for layers, words, _ in OTHER_LAYERS if words],
        (counted(right, weights=lambda size: size), "a 3x3 kernel has 9 weights, not 3"),
        (lambda c, n: 9 * c * c, "that is one 3x3 layer from `c` to `c`"),
        (lambda c, n: 9 * c * c - n * (2 * c + 9 * n), "that is how many weights are saved"),
        (lambda c, n: np.prod([c * n, 9 * n * n, n * c]), "the weights of the layers are multiplied"),
        (lambda c, n: (3 * n) ** 2, "that is the 3x3 layer alone"),
        (lambda c, n: n * c + n * c, "that is the two 1x1 layers alone"),
        (counted(lambda c, n: [(c, n, 1), (n, c, 3), (c, c, 1)]), "the 3x3 layer is counted with `c` filters, and the last"),
        (lambda c, n: c + 9 * n + c, "a layer has a kernel for each pair"),
        (counted(lambda c, n: [(c, n, 1), (n, n, 3), (c, c, 1)]), "the last layer is counted with `c` channels"),
        (counted(lambda c, n: [(c, n, 1), (n, n, 3), (n, n, 1)]), "the last layer is counted with `narrow` filters"),
        (lambda c, n: 2 * c * n + 9 * n**3, "expected 56, got 92"),
        (lambda c, narrow: c * c * 9 / (narrow * (2 * c + 9 * narrow)), "that is how many times fewer"),
        (lambda c, narrow: c * (c // 4) * 2 + 9 * (c // 4) * (c // 4), "`narrow` is taken to be"),
        (lambda c, narrow: c + narrow**2 * 9 + c, "a 1x1 layer has a weight for"),
        (lambda c, narrow: narrow * (c + 2 * 9 * narrow), "there are two 3x3 layers"),
    ],
    "bottleneck": [
        (lambda c, n: Block(c, n, padding=0), "the 3x3 layer has no padding"),
        (lambda c, n: Block(c, n, bias=True), "the layers have biases"),
        (lambda c, n: Block(c, n, stride=2), "the 3x3 layer has stride 2"),
        *[(stacked(layers), words) for layers, _, words in OTHER_LAYERS],
        (stacked(right, padding=lambda size: 1), "the 1x1 layers are padded"),
        (stacked(right, norm=True), "there is batch norm after the layers"),
        (
            sending(lambda net, x: net.expand(F.relu(net.look(F.relu(net.reduce(x)))))),
            "the ReLU after the last layer is missing",
        ),
        (sending(lambda net, x: net.expand(net.look(net.reduce(x))).clamp(min=0)), "there is no ReLU between"),
        (
            sending(lambda net, x: F.relu(net.expand(F.relu(net.look(net.reduce(x)))))),
            "a ReLU is missing between the first two",
        ),
        (sending(lambda net, x: F.relu(net.expand(net.look(F.relu(net.reduce(x)))))), "a ReLU is missing between the last two"),
        (sending(lambda net, x: net.expand(net.look(net.reduce(x)))), "there is no ReLU; add one"),
        (sending(lambda net, x: net.expand(net.look(net.reduce(x).relu()))), "only the first layer has a ReLU"),
        (sending(lambda net, x: F.relu(x + net.expand(F.relu(net.look(F.relu(net.reduce(x))))))), "a shortcut adds the input"),
        (sending(lambda net, x: net.expand(F.relu(net.look(F.relu(net.reduce(F.relu(x))))))), "each ReLU comes before"),
        (biased(Block, "reduce"), "the first layer has a bias"),
        (biased(Block, "look"), "the 3x3 layer has a bias"),
        (biased(Block, "expand"), "the last layer has a bias"),
        (
            lambda c, n: nn.Sequential(
                *[nn.Conv2d(c, n, 1, bias=False), nn.ReLU(), nn.Conv2d(n, n, 3, 1, 1, groups=n, bias=False), nn.ReLU()],
                *[nn.Conv2d(n, c, 1, bias=False), nn.ReLU()],
            ),
            "the 3x3 layer is depthwise",
        ),
        (stacked(lambda c, n: right(c, c // 2)), "the middle has `c // 2` channels"),
        (
            lambda c, n: nn.Sequential(nn.MaxPool2d(1, 2), Block(c, n)),  # reads every second pixel, as the stride does
            "the first layer has stride 2",
        ),
        (
            sending(lambda net, x: F.relu(net.expand(F.relu(F.conv2d(F.relu(net.reduce(x)), net.look.weight, None, 1, 1, 2))))),
            "the 3x3 layer has a dilation",
        ),
        (stacked(lambda c, n: [(c, n, 1), (n, n, 5), (n, c, 1)]), "the middle window is 5x5"),
        (stacked(lambda c, n: [(c, n, 3), (n, n, 1), (n, c, 3)]), "the windows are exchanged"),
        (stacked(lambda c, n: [(c, n, 1), (n, n, 3), (n, n, 3), (n, c, 1)]), "there are two 3x3 layers"),
        (lambda c, n: nn.Sequential(nn.Linear(c, n, bias=False), nn.ReLU()), "`nn.Linear` works on the last axis"),
        (in_place, "the network changes its input in place"),
        (lambda c, n: nn.Sequential(nn.Conv2d(c, n, 1, bias=False), nn.Conv2d(c, c, 3)), "each layer reads as many channels"),
        (lambda c, n: [nn.Conv2d(c, n, 1), nn.ReLU()], "expected a network (nn.Module), got a list"),
        (lambda c, n: nn.Sequential(Block(c, n), nn.Dropout()), "the outputs are right in evaluation mode and differ in"),
        (
            lambda c, narrow: Block(
                c, narrow, send=lambda net, x: x + F.relu(net.expand(F.relu(net.look(F.relu(net.reduce(x))))))
            ),
            "the input is added after the last ReLU",
        ),
        (
            lambda c, n: nn.Sequential(
                *[
                    part
                    for i, o, k in ((c, n, 3), (n, n, 1), (n, c, 1))
                    for part in (nn.Conv2d(i, o, k, padding=k // 2, bias=False), nn.ReLU())
                ]
            ),
            "the first layer has the 3x3 window",
        ),
    ],
    "separable": [
        (lambda a, b, k: Pair(a, b, k, groups=1), "the first layer mixes channels"),
        (lambda a, b, k: Pair(a, b, k, padding=0), "the depthwise layer has no padding"),
        (lambda a, b, k: Pair(a, b, k, padding=1), "the padding is 1 for every window"),
        (lambda a, b, k: Pair(a, b, k, bias=True), "the layers have biases"),
        (
            lambda a, b, k: nn.Sequential(
                nn.Conv2d(a, a, k, 1, k // 2, groups=a, bias=False),
                *[nn.BatchNorm2d(a), nn.ReLU(), nn.Conv2d(a, b, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU()],
            ),
            "there is batch norm after the layers",
        ),
        (biased(Pair, "look"), "the depthwise layer has a bias"),
        (biased(Pair, "mix"), "the 1x1 layer has a bias"),
        (lambda a, b, k: Pair(a, b, k, groups=a // 2), "each filter of the first layer reads two channels"),
        (lambda a, b, k: Pair(a, b, k, send=lambda net, x: net.mix(F.relu(net.look(x.relu())))), "each ReLU comes before"),
        (lambda a, b, k: Pair(a, b, k, send=lambda net, x: net.mix(F.relu(net.look(x)))), "the ReLU after the last layer"),
        (lambda a, b, k: Pair(a, b, k, send=lambda net, x: F.relu(net.mix(net.look(x)))), "the ReLU between the two layers"),
        (lambda a, b, k: Pair(a, b, k, send=lambda net, x: net.mix(net.look(x))), "there is no ReLU"),
        (lambda a, b, k: Pair(a, b, k, send=lambda net, x: F.relu(net.look(x))), "the 1x1 layer is missing"),
        (lambda a, b, k: nn.Sequential(nn.Conv2d(a, b, k, groups=a), nn.Conv2d(a, b, 1)), "the 1x1 layer reads `c_in`"),
        *[(separable(layers), words) for layers, words in OTHER_PAIRS],
    ],
    "larger_window": [
        (15, "15.0 is not exact enough"),
        (544.4, "544.4 is the new size of the depthwise layer"),
        ("78,080", "78,080 is how many weights the pair has after"),
        (16.1, "16.1 is the share of the depthwise layer after"),
        (16.6, "16.6 is not right"),
        ("444.4", "444.4 is the growth of an ordinary layer"),
        (0.151, "0.15 is the growth as a fraction"),
        (13.1, "13.1 is the growth in percent of the new size"),
        (81.63, "81.6 compares the windows from the larger one"),
        (40, "40 is how many weights each window gets"),
        (-13.1, "a growth is positive"),
    ],
    "strided": [
        ([49, 49, 49], "49 is right for the first layer alone"),
        (torch.tensor([196, 196, 196]), "expected 3 values, got a torch.Tensor"),
        (49, "expected 3 values, got an int (49)"),
        ((49, 196), "expected 3 values, got a tuple ((49, 196))"),
        (("49", "196", "49"), "the last number is too small"),
        ((np.int64(7), 14, 14), "these are numbers of rows"),
        ((147, 0, 0), "these are the pixels without influence"),
        ((49, 100, 196), "(49, 100, 196) is not right"),
        ((49, 441, 441), "no count is larger than 196"),
        ((0.25, 1, 1), "these are shares of the map"),
        ((49, 225, 196), "225 counts pixels of the padding"),
        ((25, 100, 100), "these are percentages"),
    ],
}
