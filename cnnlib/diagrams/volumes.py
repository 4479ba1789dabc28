"""Lay out the stages of a network as volumes, row by row: the taller the larger the map, the wider the more channels."""

import math
from itertools import pairwise

from cnnlib.diagrams.parts import Step
from cnnlib.diagrams.sheet import KINDS, Sheet
from cnnlib.diagrams.text import LINE, stage_lines, wrap

SLOT = 104  # the least width of a stage with its words
ABOVE = 8  # pixels above and below the volumes of a row
TALLEST, LEAST = 88, 14  # pixels of the largest map, and of a single pixel
SLANT = 0.22  # of a volume's depth: how far it goes to the right and up, per height
LANE = 8  # on both sides of the rows and between them, for the line from row to row
NOTE = "Height: pixels per side. Width: channels. Both scales are logarithmic."


def draw(sheet: Sheet, stages: list[Step], width: float) -> tuple[float, float]:
    """Draw the stages in as many rows as needed; returns their width and height."""
    room = width - 2 * LANE
    rows = math.ceil(len(stages) / max(1, int(room // SLOT)))
    columns = math.ceil(len(stages) / rows)
    slot = min(room / columns, 1.4 * SLOT)
    used = columns * slot + 2 * LANE
    largest = max(max(stage.output[1:], default=1) for stage in stages)
    y, before = 0.0, None
    for start in range(0, len(stages), columns):
        row = stages[start : start + columns]
        tall = max(size(stage.output, largest)[1] for stage in row) * (1 + SLANT) + 2 * ABOVE
        middle = y + tall / 2
        spans = [_draw_volume(sheet, stage, LANE + (i + 0.5) * slot, middle, largest) for i, stage in enumerate(row)]
        for (_, right), (left, _) in pairwise(spans):
            sheet.line([(right + 2, middle), (left - 2, middle)], arrow=True)
        if before:
            (x, above), right, left = before, used - 2, 2
            turns = [(right, above), (right, y - LANE), (left, y - LANE), (left, middle)]
            sheet.line([(x, above), *turns, (spans[0][0] - 2, middle)], arrow=True)
        before = (spans[-1][1] + 2, middle)
        texts = [stage_lines(stage.name, stage.words, stage.shape, slot - 10) for stage in row]
        for i, text in enumerate(texts):
            sheet.lines(LANE + (i + 0.5) * slot, y + tall, text)
        y += tall + max(map(len, texts)) * LINE + 2 * LANE
    note = wrap(NOTE, used)
    sheet.lines(used / 2, y - LANE, [(line, False) for line in note])
    return used, y - LANE + len(note) * LINE


def size(output: tuple[int, ...], largest: int) -> tuple[float, float]:
    """Turn channels and pixels into the width and height of a volume, both on logarithmic scales.

    >>> [round(side) for side in size((64, 224, 224), largest=224)], [round(side) for side in size((64, 56, 56), 224)]
    ([32, 88], [32, 69])
    """
    channels, side = (output or (1,))[0], max(output[1:], default=1)
    share = math.log2(side) / math.log2(largest) if largest > 1 else 0
    return 8 + 4 * math.log2(channels), LEAST + (TALLEST - LEAST) * share


def _draw_volume(sheet: Sheet, stage: Step, x: float, middle: float, largest: int) -> tuple[float, float]:
    """Draw a volume around (x, middle); returns where it begins and ends."""
    w, h = size(stage.output, largest)
    d = SLANT * h  # how far its depth goes to the right and up
    left, top = x - (w + d) / 2, middle - (h - d) / 2
    right, bottom = left + w, top + h
    edge, tint = KINDS[stage.kind]
    front = tint if stage.kind == "data" else edge
    sheet.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], front)
    sheet.polygon([(left, top), (left + d, top - d), (right + d, top - d), (right, top)], tint)
    sheet.polygon([(right, top), (right + d, top - d), (right + d, bottom - d), (right, bottom)], front, 0.7)
    return left, right + d
