"""Lay out steps, chains and forks from top to bottom, within a given width."""

from dataclasses import dataclass

from cnnlib.diagrams.parts import Chain, Fork, Part, Step, steps
from cnnlib.diagrams.sheet import Sheet
from cnnlib.diagrams.text import LINE, stage_lines
from cnnlib.diagrams.text import width as width_of

WIDEST, NARROWEST = 224, 48  # pixels of a box where there is room, and where there is none
PADDING = 7  # between a box and its words, above and below
ARROW = 22  # the length of an arrow between two boxes
LABEL = 6  # between a bare line and its label
RADIUS = 11  # of a circled plus
STRIP = 10  # the height of the strip that shows what was concatenated


@dataclass(frozen=True)
class Extent:
    """How far a part reaches to the left and right of the line that enters it, and its height."""

    left: float
    right: float
    height: float


def draw(sheet: Sheet, chain: Chain, room: float) -> tuple[float, float]:
    """Draw a chain within `room` pixels, with boxes as wide as fit; returns its width and height."""
    channels = max((sum(step.pieces) for step in steps(chain)), default=0)
    for box in range(WIDEST, NARROWEST, -2):
        flow = Flow(sheet, box, channels)
        extent = flow.measure(chain)
        if extent.left + extent.right <= room:
            break
    flow.draw_chain(chain, extent.left, 0, lead=0)
    return extent.left + extent.right, extent.height - ARROW


@dataclass(frozen=True)
class Flow:
    """Draw parts with boxes of one width on a sheet; `channels` are those of its widest concatenation."""

    sheet: Sheet
    box: float
    channels: int

    def measure(self, part: Part) -> Extent:
        """Find the room that a part takes; that of a chain includes the arrow before its first part."""
        if isinstance(part, Step):
            return Extent(self.box / 2, self.box / 2, self.height(part, self.box))
        if isinstance(part, Fork):
            return Columns(self, part).extent
        if not part.parts:
            return Extent(RADIUS, max(RADIUS, LABEL + width_of(part.label)), ARROW)
        inside = [self.measure(child) for child in part.parts]
        height = sum(extent.height + ARROW for extent in inside)
        return Extent(max(e.left for e in inside), max(e.right for e in inside), height)

    def draw_chain(self, chain: Chain, x: float, y: float, lead: float = ARROW) -> float:
        """Draw the parts around x from y downwards, an arrow of length `lead` before the first; returns the y of the end."""
        for i, part in enumerate(chain.parts):
            length = ARROW if i else lead
            if length:
                self.sheet.line([(x, y), (x, y + length)], arrow=isinstance(part, Step))
            y += length
            if isinstance(part, Step):
                self.draw_step(part, x - self.box / 2, y, self.box)
            else:
                self._draw_fork(part, x, y)
            y += self.measure(part).height
        return y

    def draw_step(self, step: Step, x: float, y: float, width: float) -> None:
        """Draw a box whose upper left corner is at (x, y)."""
        lines = stage_lines(step.name, step.words, step.shape, width - 2 * _side(width))
        self.sheet.box(x, y, width, self.height(step, width), step.kind)
        self.sheet.lines(x + width / 2, y + PADDING, lines)
        scale = (width - 2 * PADDING) / max(self.channels, 1)
        left, top = x + width / 2 - sum(step.pieces) * scale / 2, y + PADDING + len(lines) * LINE + 2
        for i, piece in enumerate(step.pieces):
            self.sheet.piece(left, top, piece * scale, STRIP, i)
            left += piece * scale

    def height(self, step: Step, width: float) -> float:
        """Measure a box of some width, or the circle of a sum."""
        if step.kind == "sum":
            return 2 * RADIUS
        lines = stage_lines(step.name, step.words, step.shape, width - 2 * _side(width))
        return len(lines) * LINE + 2 * PADDING + (STRIP + 2 if step.pieces else 0)

    def _draw_fork(self, fork: Fork, x: float, y: float) -> None:
        columns = Columns(self, fork)
        axes = [x + offset for offset in columns.offsets]
        self.sheet.line([(min(x, *axes), y), (max(x, *axes), y)])
        ends = [self.draw_chain(branch, axis, y) for branch, axis in zip(fork.branches, axes, strict=True)]
        top = y + columns.height + ARROW
        for branch, axis, end in zip(fork.branches, axes, ends, strict=True):
            if fork.join.kind == "sum" and axis != x:
                side = x + RADIUS if axis > x else x - RADIUS
                self.sheet.line([(axis, end), (axis, top + RADIUS), (side, top + RADIUS)], arrow=True)
            else:
                self.sheet.line([(axis, end), (axis, top)], arrow=True)
            if not branch.parts and branch.label:
                self.sheet.text(axis + LABEL, (y + top) / 2, branch.label, anchor="start")
        if fork.join.kind == "sum":
            self.sheet.plus(x, top + RADIUS, RADIUS)
        else:
            self.draw_step(fork.join, x - columns.extent.left, top, columns.extent.left + columns.extent.right)


class Columns:
    """Where the branches of a fork are: `offsets` from the line that enters it, and the room that the fork takes.

    The first branch goes straight on if the branches are added up or the second is a bare line; otherwise the line that enters
    is in the middle.
    """

    def __init__(self, flow: Flow, fork: Fork) -> None:
        extents = [flow.measure(branch) for branch in fork.branches]
        gap = 2 * _side(flow.box)
        axes, edge = [], -gap
        for extent in extents:
            axes.append(edge + gap + extent.left)
            edge += gap + extent.left + extent.right
        is_straight = bool(fork.branches[0].parts) and (fork.join.kind == "sum" or not all(b.parts for b in fork.branches))
        line = axes[0] if is_straight else edge / 2
        self.offsets = [axis - line for axis in axes]
        self.height = max(extent.height for extent in extents)
        self.extent = Extent(line, edge - line, self.height + ARROW + flow.height(fork.join, edge))


def _side(width: float) -> float:
    """Choose the white on the left and right of the words in a box, and, twice, between two boxes."""
    return min(9.0, 0.04 * width)
