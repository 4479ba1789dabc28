"""Explorers: figures that follow the hand, in a notebook, on a page and in a slide.

Each is a small Python value that holds the data and one ES module in `js/` that draws them. The module does all the work
while a reader moves things: an explorer still works after its kernel has died, and on a page or in a slide (`page.fragment`).
"""

from cnnlib.explorers.convolution import ConvolutionExplorer
from cnnlib.explorers.explorer import MIME, Explorer
from cnnlib.explorers.filter import FilterExplorer
from cnnlib.explorers.grid import GridExplorer
from cnnlib.explorers.overlap import OverlapExplorer
from cnnlib.explorers.receptive_field import ReceptiveFieldExplorer
from cnnlib.explorers.suppression import SuppressionExplorer

EXPLORERS: dict[str, type[Explorer]] = {
    explorer.name: explorer
    for explorer in (
        ConvolutionExplorer,
        FilterExplorer,
        ReceptiveFieldExplorer,
        OverlapExplorer,
        SuppressionExplorer,
        GridExplorer,
    )
}

__all__ = [
    "EXPLORERS",
    "MIME",
    "ConvolutionExplorer",
    "Explorer",
    "FilterExplorer",
    "GridExplorer",
    "OverlapExplorer",
    "ReceptiveFieldExplorer",
    "SuppressionExplorer",
]
