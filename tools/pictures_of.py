"""The picture that an output shows: the sharpest of its formats, with its words and size, for pages and slides."""

import base64
import html
import io
import re
from collections.abc import Callable
from dataclasses import dataclass

from nbformat import NotebookNode
from PIL import Image

from cnnlib.mime import DRAWING

SVG = "image/svg+xml"
SUFFIXES = {DRAWING: ".svg", SVG: ".svg", "image/png": ".png", "image/jpeg": ".jpg"}  # by preference
NARROW_SCREEN = 640  # CSS pixels of a window below which a picture's narrow form is shown
Place = Callable[[bytes, str], str]


@dataclass(frozen=True)
class Picture:
    """A picture of `width` x `height` CSS pixels; one `on_white` needs a margin of white on a dark page, a photograph none."""

    data: bytes
    suffix: str
    alt: str
    width: int
    height: int
    on_white: bool
    narrow: bytes = b""  # the same for a telephone, if there is such a form

    def tag(self, place: Place | None = None, more: str = "") -> str:
        """Write an HTML image. `place` stores bytes under a suffix and returns their address; without it the tag holds them."""
        place = place or inlined
        look = ' class="on-white"' if self.on_white else ""
        words = html.escape(self.alt, quote=True)
        size = f'width="{self.width}" height="{self.height}"'
        image = f'<img src="{place(self.data, self.suffix)}" alt="{words}" {size}{look}{more and f" {more}"}>'
        if not self.narrow:
            return image
        width, height = size_of(self.narrow)
        source = f'srcset="{place(self.narrow, f"-narrow{self.suffix}")}" width="{width}" height="{height}"'
        return f'<picture><source media="(max-width: {NARROW_SCREEN}px)" {source}>{image}</picture>'


def inlined(data: bytes, suffix: str) -> str:
    """Write a picture's bytes as an address that contains them."""
    kind = {".svg": SVG, ".png": "image/png", ".jpg": "image/jpeg"}[f".{suffix.rpartition('.')[2]}"]
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def pictured(output: NotebookNode) -> bool:
    """Tell whether an output holds a picture, in whatever format."""
    return any(mime in output.get("data", {}) for mime in SUFFIXES)


def picture_of(output: NotebookNode) -> Picture | None:
    """Read the picture of an output, or None; a size that the output does not give is that of its pixels."""
    mime = next((mime for mime in SUFFIXES if mime in output.get("data", {})), None)
    if mime is None:
        return None
    facts = next((output.metadata[kind] for kind in SUFFIXES if kind in output.get("metadata", {})), {})
    text, suffix = output.data[mime], SUFFIXES[mime]
    data = text.encode() if suffix == ".svg" else base64.b64decode(text)
    width, height = size_of(data)
    shown = facts.get("width") or width
    return Picture(
        data,
        suffix,
        facts.get("alt", ""),
        shown,
        facts.get("height") or round(height * shown / width),
        suffix == ".svg" or facts.get("needs_background") == "light",
        facts.get("narrow", "").encode(),
    )


def size_of(data: bytes) -> tuple[int, int]:
    """Read the width and height of a picture: pixels, or an SVG's CSS pixels."""
    if found := re.match(rb"<svg\b[^>]*?\bwidth=\"([\d.]+)\"[^>]*?\bheight=\"([\d.]+)\"", data):
        width, height = map(float, found.groups())
        return round(width), round(height)
    return Image.open(io.BytesIO(data)).size
