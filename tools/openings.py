"""Draw the pictures with which the lessons open, solutions/pictures/NN_name.png or .jpg: one function per lesson.

python -m tools.openings [NN ...]     draw those of these lessons, or all
"""

import io
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from cnnlib.canvas import Figure
from tools import ROOT, ToolError, run
from tools.opening_boxes import faster_rcnn, rcnn, yolo
from tools.opening_networks import densenet, resnet
from tools.opening_pictures import bottleneck, convolution, fcn, inception, training, vgg

PICTURES = ROOT / "solutions" / "pictures"
WIDTH = 800  # pixels of a picture
LARGEST = 60_000  # bytes

OPENINGS: dict[str, Callable[[], Figure]] = {
    "01_convolution.png": convolution,
    "02_training.png": training,
    "03_bottleneck.png": bottleneck,
    "04_vgg.jpg": vgg,
    "05_inception.jpg": inception,
    "06_resnet.png": resnet,
    "07_densenet.png": densenet,
    "08_fcn.jpg": fcn,
    "09_rcnn.jpg": rcnn,
    "10_faster_rcnn.jpg": faster_rcnn,
    "11_yolo.png": yolo,
}


def rendered(figure: Figure, suffix: str = ".png") -> bytes:
    """Render a figure, 800 pixels wide: PNG with a palette or, for many shades, JPEG; raises ToolError above 60 KB."""
    drawn = figure.pixels(2 * WIDTH / figure.size()[0])
    small = drawn.resize((WIDTH, round(drawn.height * WIDTH / drawn.width)), Image.Resampling.LANCZOS).convert("RGB")
    tries = [(small.quantize(colours), {}) for colours in (256, 128, 64, 56, 48, 32)]
    if suffix == ".jpg":
        tries = [(small, {"quality": quality, "subsampling": 0}) for quality in (90, 80, 70)]
    for picture, options in tries:
        buffer = io.BytesIO()
        picture.save(buffer, format="JPEG" if suffix == ".jpg" else "PNG", optimize=True, **options)
        if buffer.tell() <= LARGEST:
            return buffer.getvalue()
    raise ToolError(f"a picture has {buffer.tell():,} bytes, more than {LARGEST:,}; draw less or shrink photographs")


def main() -> None:
    """Draw the pictures of the lessons named on the command line."""
    names = sys.argv[1:]
    chosen = [name for name in OPENINGS if not names or name.startswith(tuple(names))]
    if not chosen:
        raise ToolError(f"no opening picture starts with {' or '.join(names)}; there are {', '.join(OPENINGS)}")
    PICTURES.mkdir(exist_ok=True)
    for name in chosen:
        data = rendered(OPENINGS[name](), Path(name).suffix)
        (PICTURES / name).write_bytes(data)
        print(f"solutions/pictures/{name}: {len(data) / 1000:.0f} KB")


if __name__ == "__main__":
    run(main)
