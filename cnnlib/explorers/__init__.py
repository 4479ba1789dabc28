"""Explorers: figures that follow the hand, in a notebook, on a page and in a slide.

Each is a small Python value that holds the data and one ES module in `js/` that draws them. The module does all the work
while a reader moves things: an explorer still works after its kernel has died, and on a page or in a slide (`page.fragment`).
"""

from cnnlib.explorers.anchors import AnchorsExplorer
from cnnlib.explorers.convolution import ConvolutionExplorer
from cnnlib.explorers.counts import CountsExplorer
from cnnlib.explorers.dense import DenseExplorer
from cnnlib.explorers.depth import DepthExplorer
from cnnlib.explorers.explorer import MIME, Explorer
from cnnlib.explorers.filter import FilterExplorer
from cnnlib.explorers.grid import GridExplorer
from cnnlib.explorers.grouping import GroupingExplorer
from cnnlib.explorers.heat_map import HeatMapExplorer
from cnnlib.explorers.inception import InceptionExplorer
from cnnlib.explorers.mixing import MixingExplorer
from cnnlib.explorers.overlap import OverlapExplorer
from cnnlib.explorers.pooling import PoolingExplorer
from cnnlib.explorers.receptive_field import ReceptiveFieldExplorer
from cnnlib.explorers.suppression import SuppressionExplorer
from cnnlib.explorers.transposed import TransposedExplorer
from cnnlib.explorers.windows import WindowsExplorer

EXPLORERS: dict[str, type[Explorer]] = {
    explorer.name: explorer
    for explorer in (
        ConvolutionExplorer,
        FilterExplorer,
        MixingExplorer,
        CountsExplorer,
        WindowsExplorer,
        ReceptiveFieldExplorer,
        InceptionExplorer,
        DepthExplorer,
        DenseExplorer,
        HeatMapExplorer,
        TransposedExplorer,
        OverlapExplorer,
        GroupingExplorer,
        SuppressionExplorer,
        PoolingExplorer,
        AnchorsExplorer,
        GridExplorer,
    )
}

__all__ = [
    "EXPLORERS",
    "MIME",
    "AnchorsExplorer",
    "ConvolutionExplorer",
    "CountsExplorer",
    "DenseExplorer",
    "DepthExplorer",
    "Explorer",
    "FilterExplorer",
    "GridExplorer",
    "GroupingExplorer",
    "HeatMapExplorer",
    "InceptionExplorer",
    "MixingExplorer",
    "OverlapExplorer",
    "PoolingExplorer",
    "ReceptiveFieldExplorer",
    "SuppressionExplorer",
    "TransposedExplorer",
    "WindowsExplorer",
]
