"""A transposed convolution, stamp by stamp."""

import traitlets

from cnnlib.explorers.explorer import Explorer, setting


class TransposedExplorer(Explorer):
    """Enlarge a row of four pixels: which of them reaches which output pixel, and how many stamps each output pixel gets."""

    name = "transposed"
    alt = (
        "Four rows of cells, one per input pixel: a kernel of 3 is stamped onto 7 output pixels at every second place. Below, "
        "the number of stamps per output pixel alternates between 1 and 2."
    )
    kernel = setting(traitlets.Int(3, min=1, max=6))
    stride = setting(traitlets.Int(2, min=1, max=4))
    padding = setting(traitlets.Int(0, min=0, max=3))
    output_padding = setting(traitlets.Int(0, min=0, max=3))
    stamped = setting(traitlets.Int(4, min=1, max=4))
