"""Nine weights of your own on a photograph."""

from typing import Any

import traitlets

from cnnlib.explorers.explorer import Explorer, data, setting

SIDE = 256
NINTH = 1 / 9
KERNELS = {  # each of nine weights, row by row
    "identity": [0, 0, 0, 0, 1, 0, 0, 0, 0],
    "blur": [NINTH] * 9,
    "sharpen": [0, -1, 0, -1, 5, -1, 0, -1, 0],
    "vertical edges (Sobel)": [-1, 0, 1, -2, 0, 2, -1, 0, 1],
    "horizontal edges (Sobel)": [-1, -2, -1, 0, 0, 0, 1, 2, 1],
    "all edges (Laplace)": [0, 1, 0, 1, -4, 1, 0, 1, 0],
}


class FilterExplorer(Explorer):
    """Slide a 3 x 3 filter over a grey photograph: nine weights to type, well-known ones in a menu.

    On a page and in a notebook alike a reader can choose a photograph of their own, which never leaves the browser.
    """

    name = "filter"
    alt = (
        "A grey photograph, nine weights in a 3 x 3 square (Sobel's filter for vertical edges), and the filtered photograph: "
        "orange where it gets brighter from left to right, blue where it gets darker."
    )
    photographs = data(traitlets.Dict())
    kernels = data(traitlets.Dict(default_value=KERNELS))
    photograph = setting(traitlets.Unicode("hopper"))
    weights = setting(traitlets.List(traitlets.Float(), default_value=KERNELS["vertical edges (Sobel)"], minlen=9, maxlen=9))

    @classmethod
    def common(cls) -> dict[str, Any]:
        """Load the photographs."""
        from cnnlib.explorers.encoding import photographs

        return {"photographs": photographs(SIDE, gray=True)}
