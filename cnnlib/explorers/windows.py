"""Windows upon windows along one line of pixels: what a unit sees through several layers."""

import traitlets

from cnnlib.explorers.explorer import Explorer, setting


class WindowsExplorer(Explorer):
    """Stack up to four convolutions over a line of pixels; point at a unit to see its window, and the windows below it."""

    name = "windows"
    alt = (
        "A line of pixels, two maps above it and the windows between them: the unit in the middle of map 2 sees 3 units of "
        "map 1 and through them 5 pixels of the image."
    )
    layers = setting(traitlets.Int(2, min=1, max=4))
    kernel = setting(traitlets.Int(3, min=1, max=5))
    stride = setting(traitlets.Int(1, min=1, max=3, help="of the first layer"))
