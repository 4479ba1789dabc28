"""Say in which layers a network differs from the right one, where its outputs differ and the mistake has no name."""

from collections import Counter
from typing import Any

from torch import nn

LEARNING = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear, nn.BatchNorm2d)
CONVOLUTION = {  # what is compared of convolutions, and how it is written
    "kernel_size": "windows",
    "stride": "strides",
    "dilation": "dilations",
    "groups": "`groups`",
    "in_channels": "numbers of channels read",
    "out_channels": "numbers of filters",
    "padding": "paddings",
}
POOL = {"kernel_size": "windows", "stride": "strides", "padding": "paddings"}


def differing(made: nn.Module, right: nn.Module) -> str | None:
    """Name the first difference between the layers of two networks, or None if they have the same layers."""
    one, other = _leaves(made), _leaves(right)
    for kind in LEARNING:
        mine, asked = (sum(isinstance(layer, kind) for layer in layers) for layers in (one, other))
        if mine != asked:
            return (
                f"the network has {_many(mine)} `nn.{kind.__name__}`; {_many(asked)} {'is' if asked == 1 else 'are'} asked for"
            )
    known = {type(layer) for layer in other} | {nn.ReLU, nn.Identity, nn.Flatten}
    for layer in one:
        if type(layer) not in known and type(layer).__module__.startswith("torch.nn"):
            return f"the network has an `nn.{type(layer).__name__}`, which is not asked for"
    return _settings(one, other, nn.Conv2d, CONVOLUTION, "convolutions") or next(
        filter(None, (_settings(one, other, kind, POOL, "pools") for kind in (nn.MaxPool2d, nn.AvgPool2d))), None
    )


def _leaves(net: nn.Module) -> list[nn.Module]:
    return [module for module in net.modules() if not list(module.children())]


def _many(count: int) -> str:
    return "no" if count == 0 else str(count)


def _settings(one: list, other: list, kind: type, names: dict[str, str], words: str) -> str | None:
    """Compare a setting after the other, each as a bag over all layers of a kind."""
    for name, written in names.items():
        mine, asked = (
            Counter(_pair(getattr(layer, name)) for layer in layers if isinstance(layer, kind)) for layers in (one, other)
        )
        if mine != asked and sum(mine.values()) == sum(asked.values()):
            return f"the {written} of the {words} are {_list(mine)}; asked for are {_list(asked)}"
    return None


def _pair(value: Any) -> str:
    value = value if isinstance(value, tuple) else (value, value)
    return str(value[0]) if value[0] == value[-1] else "x".join(map(str, value))


def _list(bag: Counter) -> str:
    texts = sorted(bag.elements())
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
