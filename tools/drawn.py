"""Write the drawings that texts show in their Markdown: solutions/pictures/NN_name.png for notebooks, .svg for slides.

python -m tools.drawn [NN ...]     draw those of these lessons, or all
"""

import io
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from PIL import Image

from cnnlib.canvas import Figure
from cnnlib.diagrams import Diagram
from cnnlib.diagrams.raster import rasterised
from cnnlib.diagrams.sheet import MARGIN
from cnnlib.history import ROWS
from cnnlib.mime import DRAWING
from tools import ROOT, ToolError, drawn_boxes, drawn_charts, drawn_networks, run
from tools.pictures_of import size_of

PICTURES = ROOT / "solutions" / "pictures"
LARGEST = 100_000  # bytes of a drawing in either form
Drawing = Figure | Diagram

DRAWN: Mapping[str, Callable[[], Drawing]] = {
    "02_softmax": drawn_charts.softmax,
    "02_loop": drawn_networks.loop,
    "02_sets": drawn_charts.sets,
    "02_norm": drawn_charts.averaged,
    "02_alexnet": drawn_networks.alexnet,
    "04_jumps": partial(drawn_charts.fields, {"5×5, then 3×3 with stride 2, then 3×3": ((5, 1), (3, 2), (3, 1))}, 3.6),
    "04_stacks": partial(drawn_charts.fields, {"one 7×7 layer": ((7, 1),), "three 3×3 layers": ((3, 1),) * 3}, 3.2),
    "04_paths": drawn_charts.paths,
    "04_block": drawn_networks.vgg_block,
    "04_network": drawn_networks.vgg16,
    "04_shares": drawn_charts.shares,
    "06_preactivated": drawn_networks.preactivated,
    "07_layer": drawn_networks.dense_layer,
    "09_rounded": drawn_boxes.rounded,
    "11_responsible": drawn_boxes.responsible,
    "11_sizes": drawn_boxes.sizes,
    "11_cell": drawn_boxes.cell,
    "11_gains": drawn_boxes.gains,
} | {f"{lesson:02d}_costs": partial(drawn_charts.costs, lesson) for lesson in range(2, len(ROWS) + 1)}


def files(drawing: Drawing) -> dict[str, bytes]:
    """Render a drawing to both forms: suffix -> bytes. The PNG has the size of a page, or 800 pixels where it is a chart."""
    svg = drawing.svg if isinstance(drawing, Diagram) else str(drawing.rendered(sharpest=True)[DRAWING])
    if isinstance(drawing, Diagram):
        raster = Image.open(io.BytesIO(rasterised(svg, MARGIN))).convert("RGB")
    else:
        raster = drawing.pixels(2).convert("RGB")
    width, height = size_of(svg.encode())
    buffer = io.BytesIO()
    small = raster.resize((round(1.1 * width), round(1.1 * height)), Image.Resampling.LANCZOS)
    small.quantize(96).save(buffer, format="PNG", optimize=True)
    return {".png": buffer.getvalue(), ".svg": svg.encode()}


def main() -> None:
    """Draw the pictures of the lessons named on the command line."""
    chosen = [name for name in DRAWN if len(sys.argv) == 1 or name.startswith(tuple(sys.argv[1:]))]
    if not chosen:
        raise ToolError(f"no drawing starts with {' or '.join(sys.argv[1:])}; there are {', '.join(DRAWN)}")
    for name in chosen:
        for suffix, data in files(DRAWN[name]()).items():
            if len(data) > LARGEST:
                raise ToolError(f"{name}{suffix} has {len(data):,} bytes, more than {LARGEST:,}; draw less")
            (PICTURES / Path(name + suffix)).write_bytes(data)
            print(f"solutions/pictures/{name}{suffix}: {len(data) / 1000:.0f} KB")


if __name__ == "__main__":
    run(main)
