"""Small checks on which the engine of the checks is tried."""

import torch
from torch import nn

from cnnlib.checks import Check, outputs, random

DOUBLE = Check(
    "double",
    reference=lambda x: 2 * x,
    cases=[dict(x=random(5, 7)), dict(x=random(3, 2))],
    mistakes={"it is tripled": lambda x: 3 * x, "it is transposed": lambda x: 2 * x.T},
    hints=["Multiply."],
)
SUM = Check("total", reference=lambda x: x.sum().item(), cases=[dict(x=random(3, 2))], mistakes={}, hints=["Add."])
LOSS = Check(
    "loss",
    reference=lambda x, y: (x - y).square().sum(),
    cases=[dict(x=random(3, 2), y=random(3, 2, seed=1))],
    mistakes={},
    hints=["Square."],
    gradients=("x",),
)
SCALAR = Check("scalar", reference=lambda x: x.sum(), cases=[dict(x=random(3, 2))], mistakes={}, hints=["Add."])
ORDER = Check("order", reference=lambda x: x.argsort(0), cases=[dict(x=random(3, 2))], mistakes={}, hints=["Sort."])
ROW = Check("row", reference=lambda x: x.argsort(), cases=[dict(x=random(5))], mistakes={}, hints=["Sort."])
MASK = Check("mask", reference=lambda x: x > 0, cases=[dict(x=random(3, 2))], mistakes={}, hints=["Compare."])
PAIR = Check("pair", reference=lambda x: (x.sum(), 2 * x), cases=[dict(x=random(3, 2))], mistakes={}, hints=["Both."])
NAMED = Check("named", reference=lambda x: {"a": x.sum(), "b": 2 * x}, cases=[dict(x=random(3, 2))], mistakes={}, hints=[""])
FOUR = Check("four", reference=4, mistakes={"one too many": 5}, hints=["Count."], within=0.1)
SHARE = Check("share", reference=0.6279, mistakes={"that is the rest": 0.3721}, hints=["Divide."], digits=2)
LETTER = Check("letter", reference="b", choices=("a", "b"), mistakes={"no": "a"}, hints=["Look."])


class Plus(nn.Module):
    """Convolution and batch norm with a shortcut."""

    def __init__(self, c: int, plus: bool = True) -> None:
        super().__init__()
        self.body, self.plus = nn.Sequential(nn.Conv2d(c, c, 3, padding=1), nn.BatchNorm2d(c)), plus

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body(x) + (x if self.plus else 0)


BLOCK = Check(
    "block",
    reference=Plus,
    mistakes={"the shortcut is missing": lambda c: Plus(c, plus=False)},
    hints=["one", "two"],
    cases=[dict(c=3)],
    look=outputs(random(2, 3, 5, 7)),
)
SAMPLES = [DOUBLE, SUM, LOSS, SCALAR, ORDER, ROW, MASK, PAIR, NAMED, FOUR, SHARE, LETTER, BLOCK]
