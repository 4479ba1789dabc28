"""What a network is made of: its stages, their parameters and multiply-adds.

Everything is counted on a copy whose weights have a shape but no numbers (torch's `meta` device): a large network takes no
longer than a small one, and the network itself, its mode and its batch-norm statistics stay as they are.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from cnnlib.meta import Shape, meta_copy, run_on_meta
from cnnlib.table import Table

IMAGE = (3, 224, 224)


@dataclass(frozen=True)
class Stage:
    """One named part of a network: its output for one image is (C, H, W) or (K,); () if it takes no part in prediction."""

    name: str
    output: Shape
    parameters: int
    macs: int


def parameters(net: nn.Module) -> int:
    """Count the weights and biases of a network, each once.

    >>> parameters(nn.Conv2d(3, 64, 3))    # 64 filters of 3 x 3 x 3 and a bias each
    1792
    """
    return sum(p.numel() for p in net.parameters())


def macs(net: nn.Module, shape: Shape = IMAGE) -> int:
    """Count the multiply-adds for one image: those of convolutions, transposed convolutions and linear layers.

    >>> macs(nn.Conv2d(3, 64, 3, padding=1), (3, 32, 32))    # 1,728 weights at 1,024 positions
    1769472
    """
    return sum(stage.macs for stage in stages(net, shape))


def stages(net: nn.Module, shape: Shape = IMAGE) -> list[Stage]:
    """Walk the named children of a network: what one image of `shape` becomes in each, and what it costs.

    >>> stages(nn.Sequential(nn.Conv2d(3, 8, 5, stride=2), nn.Flatten()), (3, 13, 17))[1].output
    (280,)
    """
    copied = meta_copy(net if list(net.children()) else nn.Sequential(net))
    outputs: dict[str, Shape] = {}
    costs: Counter[str] = Counter()

    def watch(path: str) -> Callable[[nn.Module, tuple, object], None]:
        def note(module: nn.Module, inputs: tuple, output: object) -> None:
            outputs[path] = tuple(output.shape[1:]) if isinstance(output, Tensor) else ()
            costs[path.partition(".")[0]] += _macs(module, inputs, output)

        return note

    for path, module in copied.named_modules():
        module.register_forward_hook(watch(path))
    run_on_meta(copied, shape)
    return [Stage(name, outputs.get(name, ()), parameters(child), costs[name]) for name, child in copied.named_children()]


def table(net: nn.Module, shape: Shape = IMAGE) -> Table:
    """Lay the stages out in a table, the total below them.

    >>> table(nn.Sequential(nn.Conv2d(3, 8, 5, stride=2), nn.Flatten(), nn.Linear(280, 10)), (3, 13, 17))
    stage  output     parameters    MACs
    0      8 x 5 x 7         608  21,000
    1      280                 0       0
    2      10              2,810   2,800
    total                  3,418  23,800
    """
    found = stages(net, shape)
    rows = [(s.name, " x ".join(map(str, s.output)), s.parameters, s.macs) for s in found]
    total = ("total", "", parameters(net), sum(s.macs for s in found))
    return Table(("stage", "output", "parameters", "MACs"), rows, total=total)


def up_to(net: nn.Module, name: str) -> nn.Sequential:
    """Cut a Sequential after the stage `name`, or after a layer in it: `up_to(net, "conv5.conv5_3")`. The weights are shared.

    >>> [name for name, _ in up_to(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten()), "1").named_children()]
    ['0', '1']
    """
    child, _, rest = name.partition(".")
    children = net._modules  # named_children leaves out the second use of a layer
    if not isinstance(net, nn.Sequential) or child not in children:
        raise ValueError(f"name must be one of {list(children)} in a Sequential, got {name!r} in a {type(net).__name__}")
    cut = nn.Sequential()
    cut.training = net.training
    for key, module in children.items():
        cut.add_module(key, up_to(module, rest) if module and key == child and rest else module)
        if key == child:
            break
    return cut


def _macs(module: nn.Module, inputs: tuple, output: Any) -> int:
    if isinstance(module, nn.ConvTranspose2d):
        return inputs[0].numel() * module.weight[0].numel()  # each input pixel is spread by C' x R x S weights
    if isinstance(module, nn.Conv2d | nn.Linear):
        return output.numel() * module.weight[0].numel()
    return 0
