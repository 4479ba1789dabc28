"""Checks of lesson 07: channels, dense layer, block and transition, -BC, memory, connections cut, weights compared."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from cnnlib.checks.engine import Check, but, digits, outputs, random

NORM_REFUSES = r"running_mean should contain (?P<given>\d+) elements not (?P<takes>\d+)"
CONVOLUTION_REFUSES = r"to have (?P<takes>\d+) channels, but got (?P<given>\d+) channels"
BOTH_READ = (
    "a part reads another number of channels than it is given; batch norm comes first, and it and the convolution both read "
    "`c_in` channels"
)
NEXT_READS = (
    "a layer reads another number of channels than it is given; each reads `growth` more than the one before, from `c_in` on"
)
SIZES_DIFFER = "the new maps differ in size from the old ones; a 3x3 convolution with `padding=1` and stride 1 keeps the size"
ALONG_IMAGES = "axis 0 counts the images; concatenate the maps along the channels, `dim=1`"
ALONG_PIXELS = "axes 2 and 3 are the pixels; concatenate the maps along the channels, `dim=1`"
ADDED = "the new maps are added to the old ones; concatenate them, `torch.cat([x, new], dim=1)`"

channels = Check(
    "channels",
    reference=256,
    mistakes={
        "32 is the growth rate, what one layer adds; there are six layers and the block's input": 32,
        "192 is what the six layers add; the block's own input is in its output too": 192,
        "96 is the number of channels after one layer; there are six": 96,
        "224 is what the last layer reads; its own maps are added to them": 224,
        "288 is one layer too many; there are six": 288,
        "the channels are not multiplied; each layer adds 32 to those that it reads": 64 * 32 * 6,
        "each layer adds 32 channels, not 64": 64 + 6 * 64,
    },
    hints=[
        "After the first layer there are 64 + 32 channels. After the second?",
        "The six layers add 32 channels each, and the 64 of the input stay.",
    ],
)


def _cat(x: Tensor, new: Tensor) -> Tensor:
    return torch.cat([x, new], 1)


def _only_new(x: Tensor, new: Tensor) -> Tensor:
    return new


class _Layer(nn.Module):
    """Batch norm, ReLU and a 3x3 convolution, in another `order`; `join` makes the output of the input and the new maps."""

    def __init__(
        self,
        c_in: int,
        growth: int,
        join: Callable[[Tensor, Tensor], Tensor] = _cat,
        order: str = "nrc",
        norm: int | None = None,
        changed: int = 0,  # how many parts the old maps go through as well
        size: int = 3,
        bias: bool = False,
        **how: int,
    ) -> None:
        super().__init__()
        wide = 4 * growth if "b" in order else c_in
        convolution = nn.Conv2d(wide, growth, size, bias=bias, **{"padding": size // 2} | how)
        parts = {"n": nn.BatchNorm2d(norm or c_in), "r": nn.ReLU(), "c": convolution, "m": nn.BatchNorm2d(growth)}
        parts |= {"b": nn.Conv2d(c_in, wide, 1, bias=False), "w": nn.BatchNorm2d(wide)}
        self.body = nn.Sequential(*[parts[letter] for letter in order])
        self.join, self.changed = join, changed

    def forward(self, x: Tensor) -> Tensor:
        return self.join(self.body[: self.changed](x), self.body(x))


dense_layer = Check(
    "dense_layer",
    reference=_Layer,
    cases=[dict(c_in=2, growth=1), dict(c_in=3, growth=2), dict(c_in=3, growth=5)],
    look=outputs(
        digits(1, 2, 3, 3, seed=1, low=-5, high=5),
        300 * random(2, 3, 7, 11),  # outputs beyond 6, where a ReLU6 differs
        refusals={
            "except in dimension 0": ALONG_IMAGES,
            "except in dimension 1": SIZES_DIFFER,
            "except in dimension [23]": ALONG_PIXELS,
            "The size of tensor a": ADDED,
            NORM_REFUSES: BOTH_READ,
            CONVOLUTION_REFUSES: BOTH_READ,
        },
    ),
    mistakes={
        "the input is missing; `forward` returns the old maps and then the new ones": partial(_Layer, join=_only_new),
        "the convolution makes the old maps anew; let it make `growth` maps and concatenate them to the old ones": (
            lambda c_in, growth: _Layer(c_in, c_in + growth, join=_only_new)
        ),
        "the new maps come first; the old ones should": partial(_Layer, join=lambda x, new: torch.cat([new, x], 1)),
        "the convolution comes first; here batch norm and ReLU come before it": partial(_Layer, order="cmr"),
        "the ReLU is missing": partial(_Layer, order="nc"),
        "the batch norm is missing": partial(_Layer, order="rc"),
        "batch norm and ReLU are missing": partial(_Layer, order="c"),
        "ReLU and batch norm are in the wrong order; first normalise, then ReLU": partial(_Layer, order="rnc"),
        "there is a ReLU after the convolution as well; the one before it is enough": partial(_Layer, order="nrcr"),
        "there is a batch norm after the convolution as well; the one before it is enough": partial(_Layer, order="nrcm"),
        "the kernel is 1x1; it is 3x3, with padding 1": partial(_Layer, size=1),
        "the kernel is 5x5; it is 3x3, with padding 1": partial(_Layer, size=5),
        "the convolution has a bias; here it has none, `bias=False`": partial(_Layer, bias=True),
        "this layer has a bottleneck, which comes later in this lesson; here there is one convolution": partial(
            _Layer, order="nrbwrc"
        ),
        "the old maps come out normalised; they should come out as they came in": partial(_Layer, changed=1),
        "the old maps come out after norm and ReLU; they should come out as they came in": partial(_Layer, changed=2),
        SIZES_DIFFER: partial(_Layer, padding=0),
        ALONG_IMAGES: partial(_Layer, join=lambda x, new: torch.cat([x, new])),
        ALONG_PIXELS: partial(_Layer, join=lambda x, new: torch.cat([x, new], 2)),
        ADDED: partial(_Layer, join=torch.add),
        BOTH_READ: lambda c_in, growth: _Layer(c_in, growth, norm=growth),
    },
    hints=[
        "`nn.Sequential(nn.BatchNorm2d(...), nn.ReLU(), nn.Conv2d(...))` makes the new maps. How many channels has each part?",
        "The batch norm reads `c_in` channels; the convolution is `nn.Conv2d(c_in, growth, 3, padding=1, bias=False)`.",
        "With these three as `self.body`, `forward` is `return torch.cat([x, self.body(x)], dim=1)`.",
    ],
)


def _all(maps: list[Tensor]) -> list[Tensor]:
    return maps


class _Block(nn.Module):
    """Layers of which each reads what `read` picks from the maps made so far; `give` picks what comes out."""

    def __init__(
        self,
        c_in: int,
        layers: int,
        growth: int,
        read: Callable[[list[Tensor]], list[Tensor]] = _all,
        give: Callable[[list[Tensor]], list[Tensor]] = _all,
        grows: bool = True,
        **how: str,
    ) -> None:
        super().__init__()
        maps = [torch.empty(1, c_in, 1, 1)] + [torch.empty(1, growth, 1, 1)] * layers
        sizes = [sum(part.shape[1] for part in read(maps[: i + 1])) if grows else c_in for i in range(layers)]
        self.layers = nn.ModuleList(_Layer(c, growth, _only_new, **how) for c in sizes)
        self.read, self.give = read, give

    def forward(self, x: Tensor) -> Tensor:
        maps = [x]
        for layer in self.layers:
            maps.append(layer(torch.cat(self.read(maps), 1)))
        return torch.cat(self.give(maps), 1)


dense_block = Check(
    "dense_block",
    reference=_Block,
    builds_on=[dense_layer],
    cases=[
        dict(c_in=1, layers=2, growth=1),
        dict(c_in=3, layers=1, growth=2),
        dict(c_in=3, layers=2, growth=5),
        dict(c_in=3, layers=4, growth=2),
    ],
    look=outputs(
        digits(1, 1, 3, 3, seed=25, low=-5, high=5),
        300 * random(2, 3, 7, 11),
        refusals={NORM_REFUSES: NEXT_READS, CONVOLUTION_REFUSES: NEXT_READS},
    ),
    mistakes={
        "the block's input is missing from its output": partial(_Block, give=lambda maps: maps[1:]),
        "only the last layer's maps come out; concatenate those of all layers": partial(_Block, give=lambda maps: maps[-1:]),
        "each layer reads only the maps of the one before it; it should read all maps so far": partial(
            _Block, read=lambda maps: maps[-1:]
        ),
        "nothing is concatenated; each layer should read all maps so far": partial(
            _Block, read=lambda maps: maps[-1:], give=lambda maps: maps[-1:]
        ),
        "every layer reads the block's input alone; it should read all maps so far": partial(
            _Block, read=lambda maps: maps[:1]
        ),
        "there is one layer too few": but(_Block, layers=lambda layers: layers - 1),
        "there is one layer too many": but(_Block, layers=lambda layers: layers + 1),
        "the maps come out in reverse; the input comes first, the last layer's maps last": partial(
            _Block, read=lambda maps: maps[::-1], give=lambda maps: maps[::-1]
        ),
        "`layers` and `growth` are exchanged": but(_Block, layers=lambda growth: growth, growth=lambda layers: layers),
        "these layers have a bottleneck, which comes later in this lesson; use your `DenseLayer`": partial(
            _Block, order="nrbwrc"
        ),
        NEXT_READS: partial(_Block, grows=False),
    },
    hints=[
        "How many channels does the first layer read? The second reads `growth` more. And layer number i?",
        "Layer number i, counted from 0, is `DenseLayer(c_in + i * growth, growth)`.",
        "`return nn.Sequential(*[DenseLayer(c_in + i * growth, growth) for i in range(layers)])`",
    ],
)


def _transition(
    c_in: int,
    c_out: int,
    order: str = "nrcp",
    pool: nn.Module | None = None,
    norm: int | None = None,
    size: int = 1,
    bias: bool = False,
    **how: int,
) -> nn.Sequential:
    convolution = nn.Conv2d(c_in, c_out, size, bias=bias, **{"padding": size // 2} | how)
    parts = {"n": nn.BatchNorm2d(norm or c_in), "r": nn.ReLU(), "c": convolution, "p": pool or nn.AvgPool2d(2)}
    parts["m"] = nn.BatchNorm2d(c_out)
    return nn.Sequential(*[parts[letter] for letter in order])


transition = Check(
    "transition",
    reference=_transition,
    cases=[dict(c_in=2, c_out=1), dict(c_in=3, c_out=2), dict(c_in=3, c_out=5)],
    look=outputs(
        digits(1, 2, 4, 4, seed=1, low=-5, high=5),
        300 * random(2, 3, 8, 14),
        refusals={NORM_REFUSES: BOTH_READ, CONVOLUTION_REFUSES: BOTH_READ},
    ),
    mistakes={
        "the map keeps its size; the average pool is missing": partial(_transition, order="nrc"),
        "the pool takes the maximum; here it takes the mean": partial(_transition, pool=nn.MaxPool2d(2)),
        "the pool moves by 1; it has to move by 2 to halve the map": partial(_transition, pool=nn.AvgPool2d(2, stride=1)),
        "the pool has a 3x3 window; here it has 2x2": partial(_transition, pool=nn.AvgPool2d(3, 2, padding=1)),
        "the pool averages the whole map; it has a 2x2 window": partial(_transition, pool=nn.AdaptiveAvgPool2d(1)),
        "a stride of 2 drops three pixels of four; the pool averages all four": partial(_transition, order="nrc", stride=2),
        "the convolution has a stride as well; only the pool halves the map": partial(_transition, stride=2),
        "the pool comes before the ReLU; the mean of a ReLU is not the ReLU of the mean": partial(_transition, order="pnrc"),
        "the convolution comes first; batch norm and ReLU come before it": partial(_transition, order="cmrp"),
        "ReLU and batch norm are in the wrong order; first normalise, then ReLU": partial(_transition, order="rncp"),
        "the ReLU comes after the convolution; it comes before it": partial(_transition, order="ncrp"),
        "the ReLU is missing": partial(_transition, order="ncp"),
        "the batch norm is missing": partial(_transition, order="rcp"),
        "batch norm and ReLU are missing": partial(_transition, order="cp"),
        "the kernel is 3x3; a transition mixes channels with a 1x1": partial(_transition, size=3),
        "the convolution has a bias; here it has none, `bias=False`": partial(_transition, bias=True),
        "the convolution has padding; a 1x1 convolution needs none": partial(_transition, padding=1),
        BOTH_READ: partial(_transition, norm=4),
    },
    hints=[
        "Four parts in an `nn.Sequential`: batch norm, ReLU, 1x1 convolution, average pool.",
        "The batch norm reads `c_in` channels; the convolution is `nn.Conv2d(c_in, c_out, 1, bias=False)`.",
    ],
)

bottleneck = Check(
    "bottleneck",
    reference=87,
    mistakes={
        "with 86 channels the bottleneck has 9,312 weights, the 3x3 layer 9,288; it takes one channel more": 86,
        "86.4 is where both have the same number; take the first whole number above it": 86.4,
        "14 is for a 1x1 to 12 maps; it makes 48": 14,
        "1 is what you get without the 3x3 layer after the 1x1; it has 9 x 48 x 12 weights": 1,
        "88 is not the first such number; one channel less is enough": 88,
        "48 is 4 k, where the 1x1 begins to narrow; the 3x3 after it has weights too": 48,
        "49 is the first number that the 1x1 narrows; the 3x3 after it has weights too": 49,
    },
    hints=[
        "With C channels in, the 3x3 alone has 9 x C x 12 weights. How many have the 1x1 and the 3x3 of the pair?",
        "The pair has C x 48 + 9 x 48 x 12. Which whole number C is the first with 108 C > 48 C + 5,184?",
    ],
)

layers = Check(
    "layers",
    reference=16,
    mistakes={
        "32 counts convolutions; each dense layer of -BC has two, and L counts both": 32,
        "48 is the number of dense layers in all three blocks": 48,
        "96 is the number of convolutions in all three blocks": 96,
        "33 counts the layers outside the blocks too; four of the 100 are outside, and a dense layer here has two": 33,
        "100 is L, which counts convolutions and the last layer, not dense layers": 100,
        "that is 100 / 6; subtract the four layers outside the blocks first": 100 / 6,
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
        "few new channels, but what does the convolution *read*? Each concatenation copies all earlier maps": "b",
        "the size of the maps does not depend on the number of weights; it depends on channels and pixels": "d",
    },
    hints=[
        "The backward pass needs what each batch norm and each convolution has read. How wide is that in layer 16 of a block?",
        "Layer i, counted from 0, reads c + i k channels and keeps a copy: a block's sum grows with the square of its depth.",
    ],
)


def _with_mean(x: Tensor, start: int, stop: int, dims: tuple[int, ...] = (0, 2, 3), scale: float = 1.0) -> Tensor:
    mean = scale * x[:, start:stop].mean(dims, keepdim=True).expand_as(x[:, start:stop])
    return torch.cat([x[:, :start], mean, x[:, stop:]], 1)


def _along_columns(x: Tensor, start: int, stop: int) -> Tensor:
    """Put the means where torch puts them without `keepdim`: the cases cut as many channels as there are columns."""
    mean = x[:, start:stop].mean((0, 2, 3)).expand_as(x[:, start:stop])
    return torch.cat([x[:, :start], mean, x[:, stop:]], 1)


cut = Check(
    "cut",
    reference=_with_mean,
    cases=[
        dict(x=digits(2, 5, 1, 3), start=1, stop=4),
        dict(x=random(3, 11, 5, 2), start=4, stop=6),
        dict(x=random(2, 7, 3, 5, seed=1), start=1, stop=6),
        dict(x=random(1, 5, 4, 3, seed=2), start=2, stop=5),
        dict(x=random(2, 5, 4, 1, seed=3), start=0, stop=1),
    ],
    mistakes={
        "the channels are set to zero; set them to their means, which the reader's batch norm expects": partial(
            _with_mean, scale=0
        ),
        "all the channels get one mean; each has its own": partial(_with_mean, dims=(0, 1, 2, 3)),
        "each image keeps its own mean; average over the images too": partial(_with_mean, dims=(2, 3)),
        "each pixel keeps its own mean; average over rows and columns too": partial(_with_mean, dims=(0,)),
        "each row keeps its own mean; average over rows too": partial(_with_mean, dims=(0, 3)),
        "each column keeps its own mean; average over columns too": partial(_with_mean, dims=(0, 2)),
        "the channels are averaged with each other; each has a mean of its own, over images, rows and columns": partial(
            _with_mean, dims=(1,)
        ),
        "the channels are taken out; replace them by their means, because the reader needs as many as before": (
            lambda x, start, stop: torch.cat([x[:, :start], x[:, stop:]], 1)
        ),
        "only the cut channels are returned; the others belong to the copy too": (
            lambda x, start, stop: _with_mean(x, start, stop)[:, start:stop]
        ),
        "all channels are cut; cut only `start` to `stop - 1`": but(_with_mean, start=0, stop=lambda x: x.shape[1]),
        "the other channels are cut; cut `start` to `stop - 1`": lambda x, start, stop: torch.cat(
            [_with_mean(x, 0, start)[:, :start], x[:, start:stop], _with_mean(x, stop, x.shape[1])[:, stop:]], 1
        ),
        "channel `stop` is cut as well; it is the first that stays": but(_with_mean, stop=lambda stop: stop + 1),
        "channel `stop - 1` stays; it is the last that is cut": but(_with_mean, stop=lambda stop: stop - 1),
        "channel `start` stays; it is the first that is cut": but(_with_mean, start=lambda start: start + 1),
        "the means have lost their axes and are laid along the columns; keep the axes, `keepdim=True`": _along_columns,
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
        "the measure is a mean over the source, so it does not depend on the order of the source's maps": "a",
        "the measure takes absolute values, so it does not depend on a sign (and the ReLU in between would)": "c",
    },
    hints=[
        "A map reaches the weight through the reader's batch norm. What if the norm's factor is ten times larger?",
        "Multiply the factor by ten and divide the weight by ten: is the output the same, and the measure?",
    ],
)
