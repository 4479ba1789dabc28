"""Checks of lesson 06: channels, dense layer, block and transition, -BC, memory, connections cut, weights compared."""

from functools import partial

import torch
from torch import Tensor, nn

from cnnlib.checks.engine import Check, outputs, random

NORM_REFUSES = r"running_mean should contain (?P<given>\d+) elements not (?P<takes>\d+)"
CONVOLUTION_REFUSES = r"to have (?P<takes>\d+) channels, but got (?P<given>\d+) channels"
BOTH_READ = "a part takes another number of channels than it is given; batch norm and then convolution both take `c_in`"
NEXT_READS = "a layer takes another number of channels than it is given: each one reads `growth` more than the one before"
SMALLER = "the new maps are smaller than the old ones: the 3x3 convolution needs `padding=1`"
ALONG_IMAGES = "the maps are concatenated along axis 0, the images: channels are axis 1, `dim=1`"
ALONG_PIXELS = "the maps are concatenated along the pixels, axis 2 or 3: channels are axis 1, `dim=1`"
ADDED = "the new maps are added to the old ones; here they are concatenated: `torch.cat([x, new], dim=1)`"

channels = Check(
    "channels",
    reference=256,
    mistakes={
        "that is the growth rate: what one layer adds, not what comes out of the block": 32,
        "the block's own input is in its output too: nothing is thrown away": 192,
        "that is after one layer; there are six": 96,
        "that is what the last layer reads; its own maps come on top": 224,
        "channels are not multiplied: each layer adds 32 to what there is": 64 * 32 * 6,
    },
    hints=["After the first layer there are 64 + 32 channels. After the second?", "64 + 6 * 32"],
)


class _Layer(nn.Module):
    """Batch norm, ReLU and a 3x3 convolution; `join` makes the output of its input and what it made of it."""

    def __init__(self, c_in: int, growth: int, join: object = lambda x, new: torch.cat([x, new], 1), **k: object) -> None:
        super().__init__()
        size, bias, order = k.get("size", 3), bool(k.get("bias")), str(k.get("order", "nrc"))
        wide = 4 * growth if "b" in order else c_in
        convolution = nn.Conv2d(wide, growth, size, padding=k.get("padding", size // 2), bias=bias)
        parts = {"n": nn.BatchNorm2d(k.get("norm", c_in)), "r": nn.ReLU(), "c": convolution, "m": nn.BatchNorm2d(growth)}
        parts |= {"b": nn.Conv2d(c_in, wide, 1, bias=False), "w": nn.BatchNorm2d(wide)}
        self.body = nn.Sequential(*[parts[letter] for letter in order])
        self.join, self.changed = join, k.get("changed", 0)  # how many parts the old maps have gone through as well

    def forward(self, x: Tensor) -> Tensor:
        return self.join(self.body[: self.changed](x), self.body(x))


dense_layer = Check(
    "dense_layer",
    reference=_Layer,
    cases=[dict(c_in=3, growth=2), dict(c_in=3, growth=5)],
    look=outputs(
        300 * random(2, 3, 7, 11),
        {
            "except in dimension 0": ALONG_IMAGES,
            "except in dimension 1": SMALLER,
            "except in dimension [23]": ALONG_PIXELS,
            "The size of tensor a": ADDED,
            NORM_REFUSES: BOTH_READ,
            CONVOLUTION_REFUSES: BOTH_READ,
        },
    ),
    mistakes={
        "the input is missing: `forward` returns what came in and the new maps": partial(_Layer, join=lambda x, new: new),
        "the convolution makes the old maps anew; they stay, and it makes `growth` maps": lambda c_in, growth: _Layer(
            c_in, c_in + growth, join=lambda x, new: new
        ),
        "the new maps stand in front: first what came in, then what is new": partial(
            _Layer, join=lambda x, new: torch.cat([new, x], 1)
        ),
        "the convolution stands first; here batch norm and ReLU come before it": partial(_Layer, order="cmr"),
        "the ReLU is missing": partial(_Layer, order="nc"),
        "the batch norm is missing": partial(_Layer, order="rc"),
        "ReLU and batch norm are exchanged: first normalise, then ReLU": partial(_Layer, order="rnc"),
        "the kernel is 1x1; it is 3x3, with padding 1": partial(_Layer, size=1),
        "the convolution has a bias, which the next batch norm takes away again: `bias=False`": partial(_Layer, bias=True),
        "this one has a bottleneck, which comes in 6.4": partial(_Layer, order="nrbwrc"),
        "the old maps come out normalised; they go out as they came in": partial(_Layer, changed=1),
        "the old maps come out behind norm and ReLU; they go out as they came in": partial(_Layer, changed=2),
        SMALLER: partial(_Layer, padding=0),
        ALONG_IMAGES: partial(_Layer, join=lambda x, new: torch.cat([x, new])),
        ALONG_PIXELS: partial(_Layer, join=lambda x, new: torch.cat([x, new], 2)),
        ADDED: partial(_Layer, join=lambda x, new: x + new),
        BOTH_READ: lambda c_in, growth: _Layer(c_in, growth, norm=growth),
    },
    hints=[
        "`nn.Sequential(nn.BatchNorm2d(...), nn.ReLU(), nn.Conv2d(...))` makes the new maps. How many channels has each part?",
        "The batch norm sees `c_in` channels; the convolution is `nn.Conv2d(c_in, growth, 3, padding=1, bias=False)`.",
        "`return torch.cat([x, self.body(x)], dim=1)`",
    ],
)


class _Block(nn.Module):
    """Layers of which each reads what `read` picks from the maps made so far; `give` picks what comes out."""

    def __init__(
        self, c_in: int, layers: int, growth: int, read: object = lambda maps: maps, give: object = None, **k: object
    ) -> None:
        super().__init__()
        widths = [torch.empty(1, c_in, 1, 1)] + [torch.empty(1, growth, 1, 1)] * layers
        sizes = [sum(part.shape[1] for part in read(widths[: i + 1])) for i in range(layers)]
        sizes = k.get("sizes", sizes)
        self.layers = nn.ModuleList(_Layer(c, growth, lambda x, new: new, order=k.get("order", "nrc")) for c in sizes)
        self.read, self.give = read, give or (lambda maps: maps)

    def forward(self, x: Tensor) -> Tensor:
        maps = [x]
        for layer in self.layers:
            maps.append(layer(torch.cat(self.read(maps), 1)))
        return torch.cat(self.give(maps), 1)


dense_block = Check(
    "dense_block",
    reference=_Block,
    cases=[dict(c_in=3, layers=2, growth=5), dict(c_in=3, layers=4, growth=2)],
    look=outputs(300 * random(2, 3, 7, 11), {NORM_REFUSES: NEXT_READS, CONVOLUTION_REFUSES: NEXT_READS}),
    mistakes={
        "the block's input is missing from its output": partial(_Block, give=lambda maps: maps[1:]),
        "only the last layer's maps come out; all of them do": partial(_Block, give=lambda maps: maps[-1:]),
        "each layer reads only the one before it; it reads all of them": partial(_Block, read=lambda maps: maps[-1:]),
        "a plain chain: nothing is concatenated": partial(_Block, read=lambda maps: maps[-1:], give=lambda maps: maps[-1:]),
        "every layer reads the block's input alone, not the layers before it": partial(_Block, read=lambda maps: maps[:1]),
        "there is one layer too few": lambda c_in, layers, growth: _Block(c_in, layers - 1, growth),
        "the maps come out in reverse: the input first, the last layer's last": partial(_Block, give=lambda maps: maps[::-1]),
        "`layers` and `growth` are exchanged": lambda c_in, layers, growth: _Block(c_in, growth, layers),
        "these layers have a bottleneck, which comes in 6.4; use your `DenseLayer`": partial(_Block, order="nrbwrc"),
        NEXT_READS: lambda c_in, layers, growth: _Block(c_in, layers, growth, sizes=[c_in] * layers),
    },
    hints=[
        "How many channels does the first layer read? The second reads `growth` more. And layer number i?",
        "Layer number i, counted from 0, is `DenseLayer(c_in + i * growth, growth)`.",
        "`return nn.Sequential(*[DenseLayer(c_in + i * growth, growth) for i in range(layers)])`",
    ],
)


def _transition(c_in: int, c_out: int, order: str = "nrcp", **k: object) -> nn.Sequential:
    size, pool = k.get("size", 1), k.get("pool", nn.AvgPool2d)
    convolution = nn.Conv2d(c_in, c_out, size, k.get("stride", 1), padding=size // 2, bias=bool(k.get("bias")))
    parts = {"n": nn.BatchNorm2d(k.get("norm", c_in)), "r": nn.ReLU(), "c": convolution, "p": pool(2)}
    parts["m"] = nn.BatchNorm2d(c_out)
    return nn.Sequential(*[parts[letter] for letter in order])


transition = Check(
    "transition",
    reference=_transition,
    cases=[dict(c_in=3, c_out=2), dict(c_in=3, c_out=5)],
    look=outputs(300 * random(2, 3, 8, 14), {NORM_REFUSES: BOTH_READ, CONVOLUTION_REFUSES: BOTH_READ}),
    mistakes={
        "the map keeps its size: the average pool is missing": partial(_transition, order="nrc"),
        "the pool takes the largest number; here it takes the mean": partial(_transition, pool=nn.MaxPool2d),
        "a stride of 2 drops three pixels of four; the pool averages all four": partial(_transition, order="nrc", stride=2),
        "the pool stands before the ReLU: the mean of a ReLU is not the ReLU of the mean": partial(_transition, order="pnrc"),
        "the convolution stands first; batch norm and ReLU come before it": partial(_transition, order="cmrp"),
        "ReLU and batch norm are exchanged: first normalise, then ReLU": partial(_transition, order="rncp"),
        "the ReLU is missing": partial(_transition, order="ncp"),
        "the batch norm is missing": partial(_transition, order="rcp"),
        "the kernel is 3x3; a transition mixes channels with a 1x1": partial(_transition, size=3),
        "the convolution has a bias: `bias=False`": partial(_transition, bias=True),
        BOTH_READ: partial(_transition, norm=4),
    },
    hints=[
        "Four parts in an `nn.Sequential`: batch norm, ReLU, 1x1 convolution, `nn.AvgPool2d(2)`.",
        "The batch norm sees `c_in` channels; the convolution is `nn.Conv2d(c_in, c_out, 1, bias=False)`.",
    ],
)

bottleneck = Check(
    "bottleneck",
    reference=87,
    mistakes={
        "at 86 channels the bottleneck has 9,312 weights, the 3x3 layer 9,288: one channel more": 86,
        "that is the exact crossing; the first whole number above it": 86.4,
        "that is with a 1x1 of 12 maps; it makes 4 x 12": 14,
        "the 3x3 layer after the 1x1 is forgotten: it has 9 x 48 x 12 weights": 1,
        "from there on it has fewer, but it is not the first such number: one channel less is enough": 88,
        "that is 4 k; from there on the 1x1 narrows, but the 3x3 after it has to be paid as well": 48,
        "that is where the 1x1 begins to narrow, but the 3x3 after it has to be paid as well": 49,
    },
    hints=[
        "With C channels in: the 3x3 alone has 9 x C x 12 weights; the pair has C x 48 + 9 x 48 x 12.",
        "108 C > 48 C + 5,184: which whole number C is the first?",
    ],
)

layers = Check(
    "layers",
    reference=16,
    mistakes={
        "each dense layer of -BC has two convolutions, and L counts both": 32,
        "that is all three blocks together": 48,
        "that is the number of convolutions in all three blocks": 96,
        "L counts convolutions, of which four stand outside the blocks, and each dense layer here has two": 33,
        "L counts convolutions, not blocks or dense layers": 100,
    },
    hints=[
        "Outside the blocks: the first convolution, one in each of the two transitions, and the fully connected layer.",
        "100 - 4 convolutions are left for three blocks, two in each dense layer.",
    ],
)

memory = Check(
    "memory",
    reference="c",
    choices=("a", "b", "c", "d"),
    mistakes={
        "weights are the small part: 769,162 of them fill 3 MB. What else is kept until the backward pass?": "a",
        "few new channels, but what does the convolution *read*? Each concatenation makes all earlier maps anew": "b",
        "a network's maps have nothing to do with its number of weights: they go by channels and pixels": "d",
    },
    hints=[
        "The backward pass needs what each batch norm and each convolution has read. How wide is that in layer 16 of a block?",
        "Layer i, counted from 0, reads c + i k channels and keeps a copy: a block's sum grows with its layers' square.",
    ],
)


def _with_mean(x: Tensor, start: int, stop: int, dims: tuple[int, ...] = (0, 2, 3)) -> Tensor:
    mean = x[:, start:stop].mean(dims, keepdim=True).expand_as(x[:, start:stop])
    return torch.cat([x[:, :start], mean, x[:, stop:]], 1)


def _along_columns(x: Tensor, start: int, stop: int) -> Tensor:
    """Put the means where torch puts them without `keepdim`: the cases cut as many channels as there are columns."""
    mean = x[:, start:stop].mean((0, 2, 3)).expand_as(x[:, start:stop])
    return torch.cat([x[:, :start], mean, x[:, stop:]], 1)


cut = Check(
    "cut",
    reference=_with_mean,
    cases=[dict(x=random(3, 11, 5, 2), start=4, stop=6), dict(x=random(2, 7, 3, 5, seed=1), start=1, stop=6)],
    mistakes={
        "the channels are set to zero; the reader's batch norm expects their mean": lambda x, start, stop: torch.cat(
            [x[:, :start], torch.zeros_like(x[:, start:stop]), x[:, stop:]], 1
        ),
        "all the channels get one mean; each has its own": partial(_with_mean, dims=(0, 1, 2, 3)),
        "each image keeps its own mean: average over the images too": partial(_with_mean, dims=(2, 3)),
        "each pixel keeps its own mean: average over rows and columns too": partial(_with_mean, dims=(0,)),
        "the channels are taken out; the reader needs as many as before": lambda x, start, stop: torch.cat(
            [x[:, :start], x[:, stop:]], 1
        ),
        "the other channels changed as well; only `start` to `stop - 1` are cut": lambda x, start, stop: _with_mean(
            x, 0, x.shape[1]
        ),
        "channel `stop` is cut as well; it is the first that stays": lambda x, start, stop: _with_mean(x, start, stop + 1),
        "channel `stop - 1` stays; it is the last that is cut": lambda x, start, stop: _with_mean(x, start, stop - 1),
        "channel `start` stays; it is the first that is cut": lambda x, start, stop: _with_mean(x, start + 1, stop),
        "the means have lost their axes and stand along the columns: `keepdim=True`": _along_columns,
    },
    hints=[
        "Work on a copy: `x = x.clone()`. The channels are `x[:, start:stop]`.",
        "Their means, over images, rows and columns: `x[:, start:stop].mean((0, 2, 3), keepdim=True)`.",
        "`x[:, start:stop] = x[:, start:stop].mean((0, 2, 3), keepdim=True)`, on the copy.",
    ],
)

norms = Check(
    "norms",
    reference="b",
    choices=("a", "b", "c"),
    mistakes={
        "the measure is a mean over the source: it does not see in which order its maps stand": "a",
        "the measure takes absolute values: it does not see a sign (and the ReLU in between would)": "c",
    },
    hints=[
        "A map reaches the weight through the reader's batch norm. What if the norm's factor is ten times larger?",
        "Factor times ten, weight by ten: the output is the same, and the measure is not.",
    ],
)
