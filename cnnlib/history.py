"""The table that grows through the course: a row per lesson, with what each idea costs and what it brings."""

import re
from dataclasses import astuple, dataclass

from cnnlib.table import Table


@dataclass(frozen=True)
class Row:
    """One idea: parameters and multiply-adds of the network that made it known, its receptive field in input pixels."""

    year: int
    idea: str
    network: str
    parameters: str
    macs: str
    receptive_field: str
    costs: str
    brings: str


HEADINGS = ("year", "idea", "network", "parameters", "MACs", "receptive field", "what it costs", "what it brings")
NUMBERS = ("year", "parameters", "MACs", "receptive field")
ROWS = (
    Row(
        1998,
        "small filters, the same at every position",
        "LeNet-5, 32×32",
        "61,706",
        "416,520",
        "32",
        "work: every weight is used at every position of the map",
        "a pattern learned at one position is detected at all of them",
    ),
    Row(
        2012,
        "train it on a million photographs, with ReLU, dropout and augmentation",
        "AlexNet, 227×227",
        "60,965,224",
        "724,406,816",
        "195",
        "five to six days on two GPUs",
        "a top-5 error of 15.3 % on ImageNet, where the second-best entry had 26.2 %",
    ),
    Row(
        2014,
        "mix channels with 1×1 filters, and reduce them before a 3×3 layer",
        "bottleneck 256-64-64-256 (2015), 14×14",
        "69,632",
        "13,647,872",
        "3",
        "three layers in a row where there was one",
        "an eighth of the weights of one 3×3 layer",
    ),
    Row(
        2014,
        "only 3×3 filters, many layers",
        "VGG-16, 224×224",
        "138,357,544",
        "15.470 G",
        "404",
        "89.4 % of its parameters in three layers, ten times the work of GoogLeNet",
        "large windows from small filters, with a ReLU after each",
    ),
    Row(
        2014,
        "filters of several sizes side by side",
        "GoogLeNet, 224×224",
        "6,998,552",
        "1.583 G",
        "907",
        "54 widths to choose, six for each of nine blocks",
        "a twentieth of VGG's parameters",
    ),
    Row(
        2015,
        "add the output of a block to its input",
        "ResNet-50, 224×224",
        "25,557,032",
        "3.858 G",
        "483",
        "the input of a block is kept in memory until its output is computed",
        "networks of a hundred layers can be trained",
    ),
    Row(
        2016,
        "let every layer read the maps of all layers before it",
        "DenseNet-121, 224×224",
        "7,978,856",
        "2.834 G",
        "2,071",
        "memory: each map is copied for every layer that reads it",
        "about the error of ResNet-101 with less than half of its parameters (DenseNet-201)",
    ),
    Row(
        2014,
        "apply a classifier at every place, and add finer maps",
        "FCN-8s on VGG-16, 384×384",
        "134,489,759",
        "62.610 G",
        "404",
        "a class for every pixel of the training images",
        "a class for every pixel, in images of any size",
    ),
    Row(
        2014,
        "classify boxes that may hold an object",
        "R-CNN on AlexNet, 224×224 per region",
        "61,100,840",
        "0.714 G a region",
        "355",
        "about 2,000 passes per image (SPPNet: one pass for all regions)",
        "a box, a label and a score for every object",
    ),
    Row(
        2015,
        "let the network propose the regions",
        "Faster R-CNN on VGG-16, VOC's 20 classes",
        "137,078,239",
        "convolutions once, 0.120 G a region",
        "228 (a proposal)",
        "four losses to balance, anchors to choose",
        "proposals in 10 ms per image, better than those of selective search",
    ),
    Row(
        2015,
        "predict all boxes and classes of an image in one tensor",
        "the YOLO of lesson 11, 64×64",
        "467,499",
        "55,418,880",
        "78",
        "one object per cell, and boxes that fit less closely",
        "one pass and no proposals: 45 images per second in the paper",
    ),
)


def amount(words: str) -> float:
    """Read the first number of a cell.

    >>> amount("61,706"), amount("0.714 G a region")
    (61706.0, 714000000.0)
    """
    number, giga = re.findall(r"(\d[\d,.]*)( G\b)?", words)[0]
    return float(number.replace(",", "")) * (1e9 if giga else 1)


def table(lessons: int) -> Table:
    """Show the rows of the first `lessons` lessons; raises ValueError if there are fewer."""
    if not 1 <= lessons <= len(ROWS):
        raise ValueError(f"the table has lines for lessons 1 to {len(ROWS)}, got {lessons}")
    return Table(HEADINGS, [tuple(map(str, astuple(row))) for row in ROWS[:lessons]], NUMBERS)
