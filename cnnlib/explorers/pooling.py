"""A region on a feature map, as RoI pooling and as RoIAlign take it."""

import traitlets

from cnnlib.explorers.explorer import Explorer, data, setting

MAP = [[(7 * i + 4 * j + i * j) % 10 for j in range(10)] for i in range(10)]  # a cell is 4 pixels of the image wide


class PoolingExplorer(Explorer):
    """Drag a region by single pixels over a map of stride 4: the cells that RoI pooling uses, the points of RoIAlign.

    The region is [x1, y1, x2, y2] in pixels of an image of 40 x 40.
    """

    name = "pooling"
    alt = (
        "A map of 10 x 10 numbers with a region on it, twice. RoI pooling takes whole cells, more than the region covers, and "
        "keeps the maximum of each of 2 x 2 bins; RoIAlign averages four points in each bin of the region as it is."
    )
    map = data(traitlets.List(default_value=MAP))
    region = setting(traitlets.List(traitlets.Int(), default_value=[6, 9, 27, 30], minlen=4, maxlen=4))
    bins = setting(traitlets.Int(2, min=1, max=4))
