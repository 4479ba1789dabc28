"""Two boxes to drag and stretch, and how much of them overlaps."""

import traitlets

from cnnlib.explorers.explorer import Explorer, setting


class OverlapExplorer(Explorer):
    """Drag and stretch two boxes, and read their intersection, their union and the IoU.

    The boxes are [x1, y1, x2, y2] in whole pixels of a scene of 96 x 60.

    >>> OverlapExplorer(second=[0, 0, 10, 10]).first
    [24, 16, 56, 42]
    """

    name = "overlap"
    alt = (
        "Two boxes that overlap, the intersection filled; below them a bar as long as their union, of which the intersection "
        "fills a part: the IoU."
    )
    first = setting(traitlets.List(traitlets.Int(), default_value=[24, 16, 56, 42], minlen=4, maxlen=4))
    second = setting(traitlets.List(traitlets.Int(), default_value=[36, 20, 72, 48], minlen=4, maxlen=4))
