"""A kernel that slides over a small image, and how each of its sums is made."""

import traitlets

from cnnlib.explorers.explorer import Explorer, data, setting

IMAGE = [
    [1, 3, 2, 2, 0, 0, 0],
    [0, 1, 4, 4, 1, 0, 4],
    [1, 4, 0, 4, 0, 4, 1],
    [4, 1, 1, 2, 3, 2, 4],
    [4, 0, 0, 1, 4, 3, 4],
    [2, 3, 0, 2, 1, 3, 4],
    [1, 0, 4, 1, 1, 3, 2],
]
KERNELS = {  # by the side; the keys are text, as JSON has them
    "1": [[-1]],
    "2": [[-1, 0], [-1, 1]],
    "3": [[-1, 0, -1], [-1, 0, 0], [0, -1, 1]],
    "4": [[-1, 0, -1, -1], [0, 0, 0, -1], [1, 0, 1, 1], [0, 0, 1, 0]],
    "5": [[-1, 0, -1, -1, 0], [0, 0, -1, 1, 0], [1, 1, 0, 0, 1], [0, 1, 0, 1, 0], [-1, 1, 0, 0, -1]],
}


class ConvolutionExplorer(Explorer):
    """Slide a kernel over a 7 x 7 image, step by step: kernel size, stride, padding and dilation.

    >>> explorer = ConvolutionExplorer(stride=2)
    >>> explorer, explorer.stride
    (ConvolutionExplorer(), 2)
    """

    name = "convolution"
    alt = (
        "A 7 x 7 image of small whole numbers, a 3 x 3 kernel, the nine products of the kernel and the window framed in the "
        "image, and the output, filled in up to the seventh of its 25 sums."
    )
    image = data(traitlets.List(default_value=IMAGE))
    kernels = data(traitlets.Dict(default_value=KERNELS))
    kernel = setting(traitlets.Int(3, min=1, max=5))
    stride = setting(traitlets.Int(1, min=1, max=3))
    padding = setting(traitlets.Int(0, min=0, max=2))
    dilation = setting(traitlets.Int(1, min=1, max=3))
    step = setting(traitlets.Int(7, min=1, max=121))
