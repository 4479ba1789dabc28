"""Checks of lesson 07: dense layer, block and transition, -BC, depth, memory, connections cut, a block on half the channels."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from cnnlib.checks.engine import Check, Variants, but, digits, layer, outputs, random

NORM_REFUSES = r"running_mean should contain (?P<given>\d+) elements not (?P<takes>\d+)"
CONVOLUTION_REFUSES = r"to have (?P<takes>\d+) channels, but got (?P<given>\d+) channels"
BOTH_READ = "a module reads the wrong number of channels; batch norm and convolution both read `c_in` channels"
NEXT_READS = "a layer reads the wrong number of channels; the first reads `c_in`, each one `growth` more than the one before"
SIZES_DIFFER = "the new maps differ in size from the old ones; a 3x3 convolution with `padding=1` and stride 1 keeps the size"
ALONG_IMAGES = "the maps are concatenated along axis 0, which counts the images; concatenate them along the channels, `dim=1`"
ALONG_PIXELS = "the maps are concatenated along the rows or columns of pixels; concatenate them along the channels, `dim=1`"
STACKED = "`torch.stack` makes a new axis; join the maps along the channels, `torch.cat([x, new], dim=1)`"
ADDED = "the new maps are added to the old ones; concatenate them, `torch.cat([x, new], dim=1)`"

damaged = Check(
    "damaged",
    reference=64 + 3 * 24,
    mistakes={
        "0 would be right for residual blocks; in a dense block the maps of the layers before are passed on as they are": 0,
        "64 is the block's input alone; layers 1 to 3 do not read the maps of layer 4 either, so theirs stay as well": 64,
        "72 is what layers 1 to 3 add; the block's input is in its output too, and it does not change either": 72,
        "48 is what two layers add; three layers come before layer 4, and the block's input does not change either": 48,
        "144 is what the six other layers add; layers 5 to 7 read the maps of layer 4, and the block's input stays too": 144,
        "184 counts five layers besides the block's input; only layers 1 to 3 do not read the maps of layer 4": 184,
        "67 counts one channel for each of the layers 1 to 3; each of them adds 24": 67,
        "96 is how many channels change, those of layers 4 to 7; the question is how many stay": 96,
        "160 counts the maps of layer 4 itself among those that stay; its weights are the ones that are damaged": 160,
        "208 is what you get if only the maps of layer 4 change; layers 5 to 7 read these maps, so theirs change as well": 208,
        "112 counts two layers before layer 4; there are three": 112,
        "88 counts one layer before layer 4; there are three": 88,
        "232 is the number of channels of the output; those of layer 4 and of the layers after it change": 232,
        "168 is what all seven layers add; those of layer 4 and of the layers after it change": 168,
        "24 is the growth rate, what a single layer adds; three layers and the block's input stay": 24,
        "3 is the number of layers that stay; the question is about channels": 3,
        "4 is the number of layers that change; the question is how many channels stay": 4,
    },
    hints=[
        "Which layers read the maps of layer 4, directly or through other layers?",
        "The block's input and layers 1 to 3 are computed before layer 4. How many channels are these?",
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
        **how: Any,
    ) -> None:
        super().__init__()
        wide = 4 * growth if "b" in order else c_in
        how.setdefault("padding", size // 2)
        convolution = nn.Conv2d(wide, growth, size, bias=bias, **how)
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
            "stack expects each tensor": STACKED,
            NORM_REFUSES: BOTH_READ,
            CONVOLUTION_REFUSES: BOTH_READ,
        },
    ),
    mistakes={
        "the input is missing; `forward` returns the old maps and then the new ones": partial(_Layer, join=_only_new),
        "the convolution computes all channels; it should compute `growth` new ones, to be concatenated to the old": (
            lambda c_in, growth: _Layer(c_in, c_in + growth, join=_only_new)
        ),
        "the convolution computes `c_in + growth` channels next to the old ones; it should compute `growth` new ones": (
            lambda c_in, growth: _Layer(c_in, c_in + growth)
        ),
        "the convolution computes `c_in` channels; it should compute `growth` new ones": lambda c_in, growth: _Layer(
            c_in, c_in
        ),
        "the new maps come first; the old ones should": partial(_Layer, join=lambda x, new: torch.cat([new, x], 1)),
        "the convolution comes first; batch norm and ReLU should come before it": partial(_Layer, order="cmr"),
        "the ReLU is missing": partial(_Layer, order="nc"),
        "the batch norm is missing": partial(_Layer, order="rc"),
        "batch norm and ReLU are missing": partial(_Layer, order="c"),
        "ReLU and batch norm are in the wrong order; the batch norm should come first": partial(_Layer, order="rnc"),
        "there is a ReLU after the convolution as well; the one before it is enough": partial(_Layer, order="nrcr"),
        "there is a batch norm after the convolution as well; the one before it is enough": partial(_Layer, order="nrcm"),
        "the ReLU comes after the convolution; it should come before it": partial(_Layer, order="ncr"),
        "the order is convolution, ReLU, batch norm; it should be batch norm, ReLU, convolution": partial(_Layer, order="crm"),
        "the convolution comes first, and the ReLU is missing; the order is batch norm, ReLU, convolution": partial(
            _Layer, order="cm"
        ),
        "the ReLU comes after the convolution, and the batch norm is missing": partial(_Layer, order="cr"),
        "batch norm and ReLU come after the concatenation; they belong before the convolution, and apply to its input alone": (
            lambda c_in, growth: nn.Sequential(_Layer(c_in, growth, order="c"), nn.BatchNorm2d(c_in + growth), nn.ReLU())
        ),
        "there is a ReLU after the concatenation as well; nothing follows it": partial(
            _Layer, join=lambda x, new: torch.cat([x, new], 1).relu()
        ),
        "the old maps went through a ReLU; they should be passed on unchanged": partial(
            _Layer, join=lambda x, new: torch.cat([x.relu(), new], 1)
        ),
        "the old maps are in the output twice; once is enough": partial(_Layer, join=lambda x, new: torch.cat([x, x, new], 1)),
        "the kernel is 1x1; it should be 3x3, with padding 1": partial(_Layer, size=1),
        "the kernel is 5x5; it should be 3x3, with padding 1": partial(_Layer, size=5),
        "the convolution has a bias; it should have none, `bias=False`": partial(_Layer, bias=True),
        "this layer has a bottleneck, which comes later in this lesson; here there is one convolution": partial(
            _Layer, order="nrbwrc"
        ),
        "the old maps are normalised in the output; they should be passed on unchanged": partial(_Layer, changed=1),
        "the old maps went through the batch norm and the ReLU; they should be passed on unchanged": partial(_Layer, changed=2),
        SIZES_DIFFER: partial(_Layer, padding=0),
        ALONG_IMAGES: partial(_Layer, join=lambda x, new: torch.cat([x, new])),
        ALONG_PIXELS: partial(_Layer, join=lambda x, new: torch.cat([x, new], 2)),
        ADDED: partial(_Layer, join=torch.add),
        STACKED: partial(_Layer, join=lambda x, new: torch.stack([x, new], 1)),
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
        **how: Any,
    ) -> None:
        super().__init__()
        maps = [torch.empty(1, c_in, 1, 1)] + [torch.empty(1, growth, 1, 1)] * layers
        sizes = [sum(part.shape[1] for part in read(maps[: i + 1])) if grows else c_in for i in range(layers)]
        self.layers = nn.ModuleList(_Layer(c, growth, _only_new, **how) for c in sizes)
        self.read, self.give = read, give

    def forward(self, x: Tensor) -> Tensor:
        maps = [x]
        for one in self.layers:
            maps.append(one(torch.cat(self.read(maps), 1)))
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
        "only the maps of the last layer are in the output; concatenate those of all layers": partial(
            _Block, give=lambda maps: maps[-1:]
        ),
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
        "one layer adds all new channels; there should be `layers` of them, and each adds `growth`": (
            lambda c_in, layers, growth: _Layer(c_in, layers * growth)
        ),
        "each layer adds `c_in` channels; it should add `growth`": but(_Block, growth=lambda c_in: c_in),
        "the outputs of the layers are concatenated once more; the output of the last layer contains all maps already": partial(
            _Block, give=lambda maps: [one for i in range(len(maps)) for one in maps[: i + 1]]
        ),
        "there is one layer only; `layers` says how many there should be": but(_Block, layers=1),
        "there are a batch norm and a ReLU at the end; nothing follows the last layer": lambda c_in, layers, growth: (
            nn.Sequential(_Block(c_in, layers, growth), nn.BatchNorm2d(c_in + layers * growth), nn.ReLU())
        ),
        "there is a ReLU at the end; nothing follows the last layer": lambda **sizes: nn.Sequential(_Block(**sizes), nn.ReLU()),
        "the map is halved at the end; a pool is part of the transition, which follows the block": lambda **sizes: (
            nn.Sequential(_Block(**sizes), nn.AvgPool2d(2))
        ),
        "the maps are in reverse order; the input should come first and the maps of the last layer last": partial(
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
    **how: Any,
) -> nn.Sequential:
    how.setdefault("padding", size // 2)
    convolution = nn.Conv2d(c_in, c_out, size, bias=bias, **how)
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
        "the map keeps its size; an average pool with a window of 2x2 and stride 2 halves it": partial(
            _transition, order="nrc"
        ),
        "the pool takes the maximum; it should take the mean, `nn.AvgPool2d`": partial(_transition, pool=nn.MaxPool2d(2)),
        "the pool has stride 1; it needs stride 2 to halve the map": partial(_transition, pool=nn.AvgPool2d(2, stride=1)),
        "the pool has a window of 3x3; it should be 2x2": partial(_transition, pool=nn.AvgPool2d(3, 2, padding=1)),
        "the pool averages the whole map; its window should be 2x2": partial(_transition, pool=nn.AdaptiveAvgPool2d(1)),
        "the pool has a window of 3x3 and ignores the border; it should be 2x2": partial(_transition, pool=nn.AvgPool2d(3, 2)),
        "height and width are divided by 4; they should be halved, by one pool with a window of 2x2": partial(
            _transition, pool=nn.AvgPool2d(4)
        ),
        "the 1x1 convolution is missing; it computes the `c_out` channels": partial(_transition, order="nrp"),
        "the convolution computes `c_in` channels; it should compute `c_out`": but(_transition, c_out=lambda c_in: c_in),
        "the convolution computes half of `c_in` channels; it should compute `c_out`": but(
            _transition, c_out=lambda c_in: c_in // 2
        ),
        "a convolution with a 2x2 kernel and stride 2 halves the map; use a 1x1 convolution and an average pool": partial(
            _transition, order="nrc", size=2, stride=2, padding=0
        ),
        "a stride of 2 without a pool ignores three of four pixels; an average pool uses all four": partial(
            _transition, order="nrc", stride=2
        ),
        "the convolution has a stride as well; only the pool should halve the map": partial(_transition, stride=2),
        "the pool comes before the ReLU; the mean of a ReLU is not the ReLU of the mean": partial(_transition, order="pnrc"),
        "the convolution comes first; batch norm and ReLU should come before it": partial(_transition, order="cmrp"),
        "ReLU and batch norm are in the wrong order; the batch norm should come first": partial(_transition, order="rncp"),
        "the ReLU comes after the convolution; it should come before it": partial(_transition, order="ncrp"),
        "the ReLU comes last; it should come between batch norm and convolution": partial(_transition, order="ncpr"),
        "there is a ReLU after the convolution as well; the one before it is enough": partial(_transition, order="nrcrp"),
        "there is a ReLU at the end as well; the one before the convolution is enough": partial(_transition, order="nrcpr"),
        "there is a batch norm after the convolution as well; the one before it is enough": partial(_transition, order="nrcmp"),
        "batch norm and ReLU come before the convolution and after it; before it is enough": partial(
            _transition, order="nrcmrp"
        ),
        "the order is convolution, ReLU, batch norm; it should be batch norm, ReLU, convolution": partial(
            _transition, order="crmp"
        ),
        "the ReLU is missing": partial(_transition, order="ncp"),
        "the batch norm is missing": partial(_transition, order="rcp"),
        "batch norm and ReLU are missing": partial(_transition, order="cp"),
        "the kernel is 3x3; a transition uses a 1x1 convolution": partial(_transition, size=3),
        "the convolution has a bias; it should have none, `bias=False`": partial(_transition, bias=True),
        "there is padding; neither a 1x1 convolution nor this pool needs any": partial(_transition, padding=1),
        BOTH_READ: partial(_transition, norm=4),
    },
    hints=[
        "Four parts in an `nn.Sequential`: batch norm, ReLU, 1x1 convolution, average pool.",
        "The batch norm reads `c_in` channels; the convolution is `nn.Conv2d(c_in, c_out, 1, bias=False)`.",
    ],
)

bottleneck = Check(
    "bottleneck",
    reference=lambda k: 36 * k // 5 + 1,
    mistakes={
        "with 86 channels the bottleneck has 9,312 weights, the 3x3 layer 9,288; it takes one channel more": 86,
        "with {:g} channels both would have the same number of weights; take the first whole number above it": (
            lambda equal: equal
        ),
        "14 is right for a 1x1 convolution with 12 outputs; this one has 48": 14,
        "1 is what you get if the 3x3 convolution after the 1x1 is left out; it has 9 x {k4} x {k} weights": lambda: 1,
        "88 is what you get with biases, and there are none; without them, 87 is enough": 88,
        "89 is what you get if batch norms count as well; without them, 87 is enough": 89,
        "8 is what you get if the 3x3 convolution after the 1x1 makes one channel; it makes 12, with 9 x 48 x 12 weights": 8,
        "{} is how many weights the single 3x3 convolution has per channel that it reads, 9 x {k}": lambda k: 9 * k,
        "{} is how many weights per channel the second layer saves; it has to make up for the {last:,} of its 3x3 "
        "convolution": (lambda k: 5 * k),
        "{:,} is how many weights the 3x3 convolution after the 1x1 has; how many channels save as many?": lambda last: last,
        "{} is 4 k, where the 1x1 convolution begins to reduce the channels; the 3x3 after it has weights too": lambda k4: k4,
        "{} is the first number that the 1x1 convolution reduces; the 3x3 after it has weights too": lambda k4: k4 + 1,
        "12 is the growth rate; compare the weights of the two layers": 12,
        "24 is 2 k, what the network's first convolution makes; compare the weights of the two layers": 24,
        "10 leaves out the window of the second 3x3 convolution, which has 9 x 48 x 12 weights": 10,
        "29 counts the window of the second 3x3 convolution by its side; it has 9 x 48 x 12 weights": 29,
        "346 has the second 3x3 convolution make 48 channels; it makes 12": 346,
        "13 is the first number above k; compare 108 c with 48 c + 5,184": 13,
    },
    hints=[
        "With C channels in, the 3x3 alone has 9 x C x {k} weights. How many have the 1x1 and the 3x3 of the pair?",
        "The pair has C x {k4} + 9 x {k4} x {k}. Which whole number C is the first with {k9} C > {k4} C + {last:,}?",
    ],
    variants=Variants(
        dict(k=12),
        dict(k=16),
        dict(k=24),
        dict(k=32),
        wording=["growth rate is $k = {k}$", "channels to {k}. Another", "channels to {k4} and a", "from {k4} to {k}. What"],
        derived=lambda k: dict(k4=4 * k, k9=9 * k, last=36 * k * k, equal=36 * k / 5),
    ),
)

depth = Check(
    "depth",
    reference=196,
    mistakes={
        "100 is what she wanted; with it, a block of -BC has 16 layers and adds 192 channels, and hers adds 384": 100,
        "32 is the number of dense layers per block; L counts the convolutions of all blocks and four more layers": 32,
        "96 is the number of dense layers in all three blocks; each has two convolutions, and L counts both": 96,
        "192 is the number of convolutions in the dense layers; four more layers are outside the blocks": 192,
        "64 is the number of convolutions in one block; there are three blocks, and four layers outside them": 64,
        "68 counts one block only; there are three": 68,
        "132 counts two blocks; there are three": 132,
        "16 is the number of dense layers per block with L = 100; her blocks add 384 channels, 12 per layer": 16,
        "34 is 408 / 12; 24 of the 408 channels are the block's input, and L counts convolutions": 34,
        "36 is the number of dense layers per block and four more; there are three blocks, with two convolutions per layer": 36,
        "102 is 3 x 408 / 12; 24 of the 408 channels are the block's input, and each layer has two convolutions": 102,
        "204 is 2 x 3 x 408 / 12; 24 of the 408 channels are the block's input, and four more layers count": 204,
        "388 adds four layers to 384 channels; each dense layer adds 12 channels and has two convolutions": 388,
        "200 counts eight layers outside the blocks; there are four": 200,
        "384 is how many channels a block adds; each dense layer adds 12 of them": 384,
        "98 counts one convolution per dense layer and two layers outside; there are two per layer, and four outside": 98,
        "193 counts one layer outside the blocks; there are four": 193,
        "194 counts two layers outside the blocks; there are four": 194,
        "195 counts three layers outside the blocks; there are four": 195,
        "197 counts five layers outside the blocks; there are four": 197,
        "198 counts six layers outside the blocks; there are four": 198,
        "that is as many as if a block added 408 channels; 24 of them are its input": 34 * 6 + 4,
        "202 counts 33 dense layers per block; 408 - 24 channels are 32 layers of 12": 202,
        "56 is 678 / 12; the 678 contain the input of the last block": 56,
    },
    hints=[
        "The first block reads 24 channels and outputs 408. How many layers add 12 channels each?",
        "32 dense layers per block, and three blocks. Each dense layer of -BC has two convolutions.",
        "Outside the blocks L counts four layers: the first convolution, two in the transitions, and the fully connected one.",
    ],
)

memory = Check(
    "memory",
    reference=984,
    mistakes={
        "160 is the colleague's estimate; layer 2 stores the block's input once more, and the maps of layer 1": 160,
        "1,144 counts the output of the block as well; none of its layers reads it": 1144,
        "792 leaves out the input of the block; each of the twelve layers reads its 16 channels too": 792,
        "808 counts the input of the block once; each of the twelve layers reads it and stores a copy": 808,
        "936 leaves out the input of the block, and counts the maps of layer 12, which none of these layers reads": 936,
        "952 counts the input of the block once, and the maps of layer 12, which none of these layers reads": 952,
        "1,128 has every layer read its own maps too; layer 1 reads 16 channels, not 28": 1128,
        "1,920 has all layers read 160 channels; only the output of the block is that wide": 1920,
        "1,776 has all layers read 148 channels, as the last one does; layer 1 reads 16": 1776,
        "1,056 has the layers read (16 + 160) / 2 channels on average; the last one reads 148, not 160": 1056,
        "148 is what the last layer reads; add what the eleven layers before it read": 148,
        "144 is what the twelve layers add; the question is what they read": 144,
        "192 counts the input of the block for each layer; a layer also reads the maps of the layers before it": 192,
        "304 counts 160 channels for the block and 144 for one more copy; there is a copy for every layer that reads": 304,
        "836 counts eleven layers; there are twelve": 836,
        "968 has eleven layers read (16 + 160) / 2 channels on average; there are twelve, and the last one reads 148": 968,
        "1,000 counts the input of the block once more; layer 1 has stored it already": 1000,
        "1,968 counts twice what each layer reads; here it is stored once": 1968,
        "1,728 has all layers read 144 channels; layer 1 reads 16, and layer 12 reads 148": 1728,
        "864 is half of 12 x 144; add what each layer reads, from 16 to 148": 864,
        "320 counts the 160 channels twice; the input is copied for each of twelve layers": 320,
        "78 is the number of connections; each of them carries 16 or 12 channels": 78,
        "66 is how often maps of layers are read; these are 12 channels each time, and each layer reads the input too": 66,
        "2,304 multiplies input, layers and growth rate; add what each of the twelve layers reads": 2304,
        "82 is what a layer reads on average; add up what twelve layers read": 82,
        "336 adds the input for each layer and the new maps once; each layer reads all maps before it": 336,
        "352 adds the colleague's estimate and the input for each layer; each layer reads all maps before it": 352,
        "1,132 counts the last layer twice; it reads 148 channels once": 1132,
        "960 is half of 12 x 160; the layers read (16 + 148) / 2 channels on average": 960,
    },
    hints=[
        "Layer 1 reads the 16 channels of the input, layer 2 reads 16 + 12 = 28. How many does layer 12 read?",
        "Layer i, counted from 0, reads 16 + 12 i channels. The last one, i = 11, reads 148.",
        "Add the twelve numbers 16, 28, ..., 148. The first and the last make 164, as do the second and the second last.",
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
        "the channels are set to zero; set each to its own mean": partial(_with_mean, scale=0),
        "all channels get the same mean; each should get its own": partial(_with_mean, dims=(0, 1, 2, 3)),
        "each image keeps its own mean; average over the images too": partial(_with_mean, dims=(2, 3)),
        "each pixel keeps its own mean; average over rows and columns too": partial(_with_mean, dims=(0,)),
        "each row keeps its own mean; average over rows too": partial(_with_mean, dims=(0, 3)),
        "each column keeps its own mean; average over columns too": partial(_with_mean, dims=(0, 2)),
        "the channels are averaged with each other; each has a mean of its own, over images, rows and columns": partial(
            _with_mean, dims=(1,)
        ),
        "the channels are removed; replace them by their means, because the layer that reads them needs as many as before": (
            lambda x, start, stop: torch.cat([x[:, :start], x[:, stop:]], 1)
        ),
        "only the cut channels are returned; the others belong to the copy too": (
            lambda x, start, stop: _with_mean(x, start, stop)[:, start:stop]
        ),
        "all channels are cut; cut only `start` to `stop - 1`": but(_with_mean, start=0, stop=lambda x: x.shape[1]),
        "only the means are returned; put them in the place of the channels, in a copy of `x`": lambda x, start, stop: x[
            :, start:stop
        ].mean((0, 2, 3), keepdim=True),
        "the means are added to the channels; they should replace them": lambda x, start, stop: torch.cat(
            [x[:, :start], (x + _with_mean(x, start, stop))[:, start:stop], x[:, stop:]], 1
        ),
        "the means are subtracted from the channels; they should replace them": lambda x, start, stop: torch.cat(
            [x[:, :start], (x - _with_mean(x, start, stop))[:, start:stop], x[:, stop:]], 1
        ),
        "one mean is taken over all channels of `x`; each channel should get its own": lambda x, start, stop: torch.cat(
            [x[:, :start], x.mean().expand_as(x[:, start:stop]), x[:, stop:]], 1
        ),
        "the means are those of the first channels; take those of `start` to `stop - 1`": lambda x, start, stop: torch.cat(
            [x[:, :start], _with_mean(x, 0, x.shape[1])[:, : stop - start], x[:, stop:]], 1
        ),
        "each image gets one mean for all its channels; each channel should get its own, over all images": partial(
            _with_mean, dims=(1, 2, 3)
        ),
        "only the first image is cut; cut all of them": lambda x, start, stop: torch.cat(
            [_with_mean(x, start, stop)[:1], x[1:]]
        ),
        "the largest number takes the place of the mean": lambda x, start, stop: torch.cat(
            [x[:, :start], x[:, start:stop].amax((0, 2, 3), keepdim=True).expand_as(x[:, start:stop]), x[:, stop:]], 1
        ),
        "`stop` is used as a number of channels; the last channel that is cut is `stop - 1`": but(
            _with_mean, stop=lambda x, start, stop: min(start + stop, x.shape[1])
        ),
        "rows are cut instead of channels; channels are axis 1": lambda x, start, stop: torch.cat(
            [x[:, :, :start], x[:, :, start:stop].mean((0, 1, 3), keepdim=True).expand_as(x[:, :, start:stop]), x[:, :, stop:]],
            2,
        ),
        "images are cut instead of channels; channels are axis 1": lambda x, start, stop: torch.cat(
            [x[:start], x[start:stop].mean((0, 2, 3), keepdim=True).expand_as(x[start:stop]), x[stop:]]
        ),
        "the other channels are cut; cut `start` to `stop - 1`": lambda x, start, stop: torch.cat(
            [_with_mean(x, 0, start)[:, :start], x[:, start:stop], _with_mean(x, stop, x.shape[1])[:, stop:]], 1
        ),
        "channel `stop` is cut as well; it is the first one after the cut that should stay": but(
            _with_mean, stop=lambda stop: stop + 1
        ),
        "channel `stop - 1` is not cut; it should be the last one that is": but(_with_mean, stop=lambda stop: stop - 1),
        "channel `start` is not cut; it should be the first one that is": but(_with_mean, start=lambda start: start + 1),
        "the means have lost their axes, so they go along the columns; keep the axes with `keepdim=True`": _along_columns,
        "channels from 0 on are cut; begin at `start`": but(_with_mean, start=0),
        "all channels from `start` on are cut; end at `stop - 1`": but(_with_mean, stop=lambda x: x.shape[1]),
        "nothing is cut; put the means into the copy that is returned": lambda x, start, stop: x,
        "the cut channels come first; they should stay at their place": lambda x, start, stop: torch.cat(
            [_with_mean(x, start, stop)[:, start:stop], x[:, :start], x[:, stop:]], 1
        ),
        "the median takes the place of the mean": lambda x, start, stop: torch.cat(
            [x[:, :start], x[:, start:stop].median().expand_as(x[:, start:stop]), x[:, stop:]], 1
        ),
        "images and channels are averaged; average over images, rows and columns, axes 0, 2 and 3": partial(
            _with_mean, dims=(0, 1)
        ),
        "the numbers are added up; take their mean": lambda x, start, stop: torch.cat(
            [x[:, :start], x[:, start:stop].sum((0, 2, 3), keepdim=True).expand_as(x[:, start:stop]), x[:, stop:]], 1
        ),
    },
    hints=[
        "Work on a copy: `x = x.clone()`. The channels are `x[:, start:stop]`.",
        "Their means, over images, rows and columns: `x[:, start:stop].mean((0, 2, 3), keepdim=True)`.",
        "`x[:, start:stop] = x[:, start:stop].mean((0, 2, 3), keepdim=True)`, on the copy.",
    ],
)


def _doubled(y: Tensor) -> Tensor:
    return 2 * y


def _split(
    x: Tensor,
    block: Callable[[Tensor], Tensor],
    order: Callable[[Tensor, Tensor], list[Tensor]] = lambda kept, made: [kept, made],
    at: Callable[[int], int] = lambda c: c // 2,
    dim: int = 1,
) -> Tensor:
    size = at(x.shape[1])
    return torch.cat(order(x[:, :size], block(x[:, size:])), dim)


def _halved(x: Tensor, block: Callable[[Tensor], Tensor], axis: int) -> Tensor:
    half = x.shape[axis] // 2
    return torch.cat([x.narrow(axis, 0, half), block(x.narrow(axis, half, x.shape[axis] - half))], axis)


def _split_with_sum(x: Tensor, block: Callable[[Tensor], Tensor]) -> Tensor:
    first, last = x.chunk(2, 1)
    return torch.cat([first, last + block(last)], 1)


def _first_through(x: Tensor, block: Callable[[Tensor], Tensor], swap: bool = False) -> Tensor:
    first, last = x.chunk(2, 1)
    return torch.cat([last, block(first)] if swap else [block(first), last], 1)


cross_stage = Check(
    "cross_stage",
    reference=_split,
    cases=[
        dict(x=digits(2, 4, 2, 2), block=_doubled),
        dict(x=random(2, 6, 5, 7), block=layer(nn.Conv2d, 3, 5, 3, padding=1)),
        dict(x=random(3, 10, 7, 2, seed=1), block=layer(nn.Conv2d, 5, 2, 1, seed=1)),
        dict(x=random(1, 4, 6, 5, seed=2), block=layer(nn.Conv2d, 2, 2, 3, padding=1, seed=2)),
    ],
    gradients=("x",),
    mistakes={
        "the new maps come first; the unchanged half should": partial(_split, order=lambda kept, made: [made, kept]),
        "the first half goes through `block`; the last half should, and the first stays as it is": partial(
            _first_through, swap=True
        ),
        "the first half goes through `block` and its maps come first; keep the first half and send the last one through": (
            _first_through
        ),
        "the unchanged half is missing; concatenate it and what `block` makes": partial(
            _split, order=lambda kept, made: [made]
        ),
        "only the unchanged half is returned; concatenate it and what `block` makes": partial(
            _split, order=lambda kept, made: [kept]
        ),
        "all channels of `x` are kept next to the new maps; only the first half is": lambda x, block: torch.cat(
            [x, block(x[:, x.shape[1] // 2 :])], 1
        ),
        "the last half is kept and goes through `block` too; the half that is kept is the first": lambda x, block: torch.cat(
            [x[:, x.shape[1] // 2 :], block(x[:, x.shape[1] // 2 :])], 1
        ),
        "the first half is kept and goes through `block` too; the half that goes through is the last": lambda x, block: (
            torch.cat([x[:, : x.shape[1] // 2], block(x[:, : x.shape[1] // 2])], 1)
        ),
        "both halves go through `block`; the first should stay as it is": lambda x, block: torch.cat(
            [block(half) for half in x.chunk(2, 1)], 1
        ),
        "every second channel is kept, from channel 0 on; keep the first C/2 channels instead": lambda x, block: torch.cat(
            [x[:, ::2], block(x[:, 1::2])], 1
        ),
        "every second channel is kept, from channel 1 on; keep the first C/2 channels instead": lambda x, block: torch.cat(
            [x[:, 1::2], block(x[:, ::2])], 1
        ),
        "the halves are added; concatenate them along the channels": lambda x, block: (
            x[:, : x.shape[1] // 2] + block(x[:, x.shape[1] // 2 :])
        ),
        "the maps that `block` makes are returned twice; the first half should be unchanged": partial(
            _split, order=lambda kept, made: [made, made]
        ),
        "all channels of `x` go through `block`; only the last C/2 should, and the first C/2 stay": lambda x, block: block(x),
        "all channels of `x` go through `block`, and all are kept; keep the first half, and send the last half through": (
            lambda x, block: torch.cat([x, block(x)], 1)
        ),
        "all channels of `x` go through `block`; keep the first half, and send only the last half through": lambda x, block: (
            torch.cat([x[:, : x.shape[1] // 2], block(x)], 1)
        ),
        "the input of `block` is added to its output, as in a residual block; return what `block` makes as it is": (
            _split_with_sum
        ),
        "the output of `block` is added to `x`, as in a residual block; send half of the channels through and concatenate": (
            lambda x, block: x + block(x)
        ),
        "the rows are divided into halves; divide the channels, axis 1": partial(_halved, axis=2),
        "the images are divided into halves; divide the channels, axis 1": partial(_halved, axis=0),
        "half of the number of images is taken for C/2; the number of channels is `x.shape[1]`": lambda x, block: torch.cat(
            [x[:, : len(x) // 2], block(x[:, len(x) // 2 :])], 1
        ),
        "the columns are divided into halves; divide the channels, axis 1": partial(_halved, axis=3),
        "one channel too few is kept; keep C/2": lambda x, block: torch.cat(
            [x[:, : x.shape[1] // 2 - 1], block(x[:, x.shape[1] // 2 :])], 1
        ),
        "one channel too many is kept; keep C/2": lambda x, block: torch.cat(
            [x[:, : x.shape[1] // 2 + 1], block(x[:, x.shape[1] // 2 :])], 1
        ),
        "`block` is applied twice; once is enough": lambda x, block: torch.cat(
            [x[:, : x.shape[1] // 2], block(block(x[:, x.shape[1] // 2 :]))], 1
        ),
        "the last half is not sent through `block`; that is `x` itself": lambda x, block: x,
        ALONG_IMAGES: partial(_split, dim=0),
        ALONG_PIXELS: partial(_split, dim=2),
        "the maps are concatenated along the columns; concatenate them along the channels, `dim=1`": partial(_split, dim=3),
    },
    hints=[
        "Half of the channels: `half = x.shape[1] // 2`. The two halves are `x[:, :half]` and `x[:, half:]`.",
        "Send the last half through `block`, and concatenate along the channels with `torch.cat([...], dim=1)`.",
        "`return torch.cat([x[:, :half], block(x[:, half:])], dim=1)`",
    ],
)
