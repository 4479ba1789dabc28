"""Lay out an FCN as its paper does: the stages go down, their scores go across, and the sums go up again to the image."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

from cnnlib.diagrams.flow import ARROW, RADIUS, WIDEST, Flow
from cnnlib.diagrams.parts import Chain, Step
from cnnlib.diagrams.sheet import Sheet

GAP = 12  # between two columns where there is little room; twice as much elsewhere


@dataclass(frozen=True)
class Rung:
    """A stage, and if it is scored its score and the upsampling of all that has been added up there."""

    stage: Step
    score: Step | None = None
    upsampling: Step | None = None


def rungs(chain: Chain) -> list[Rung]:
    """Take the chain of an FCN apart: its stages in order, the coarsest last."""
    parts = cast(tuple[Any, ...], chain.parts)  # boxes, and a fork for the scores that are added up
    *stages, scored, upsampling = parts
    unscored = [Rung(stage) for stage in stages[:-1]]
    if isinstance(scored, Step):
        return [*unscored, Rung(stages[-1], scored, upsampling)]
    coarser, own = scored.branches
    return [*unscored, Rung(stages[-1], own.parts[0], upsampling), *rungs(coarser)]


def draw(sheet: Sheet, chain: Chain, room: float) -> tuple[float, float]:
    """Draw the chain of an FCN in three columns; returns its width and height."""
    box = min(WIDEST - 20, (room - 2 * GAP) / 3)
    gap = min(2 * GAP, (room - 3 * box) / 2)
    flow, found = Flow(sheet, box, 0), rungs(chain)
    x = [box / 2 + i * (box + gap) for i in range(3)]
    y = _rows(flow, found)
    for i, rung in enumerate(found):
        flow.draw_step(rung.stage, x[0] - box / 2, y[i] - _half(flow, rung.stage), box)
        if rung.score and rung.upsampling:
            _draw_score(flow, rung.score, x, y[i], is_coarsest=i + 1 == len(found))
            above = y[i - 1] + RADIUS if found[i - 1].score else None
            _draw_upsampling(flow, rung.upsampling, x[2], y[i] - _join(found, i), above)
    for (upper, above), (lower, below) in pairwise(zip(found, y, strict=True)):
        ends = above + _half(flow, upper.stage), below - _half(flow, lower.stage)
        sheet.line([(x[0], ends[0]), (x[0], ends[1])], arrow=True)
    return 3 * box + 2 * gap, y[-1] + max(_half(flow, step) for step in (found[-1].stage, found[-1].score) if step)


def _rows(flow: Flow, found: list[Rung]) -> list[float]:
    """Find the middle of each row: its stage fits below the one before, and upsampling fits between two sums."""
    y = [_half(flow, found[0].stage)]
    for i, (upper, lower) in enumerate(pairwise(found)):
        steps = _half(flow, upper.stage) + ARROW + _half(flow, lower.stage)
        up = 2 * _half(flow, lower.upsampling) + ARROW + _join(found, i + 1) if lower.upsampling else 0
        y.append(max(y[-1] + steps, y[-1] + RADIUS + ARROW + up if upper.score else up))
    return y


def _half(flow: Flow, step: Step) -> float:
    return flow.height(step, flow.box) / 2


def _join(found: list[Rung], i: int) -> float:
    """Measure how far a sum reaches above the middle of its row; the coarsest score is added to nothing."""
    return RADIUS if i + 1 < len(found) else 0


def _draw_score(flow: Flow, score: Step, x: list[float], y: float, is_coarsest: bool) -> None:
    half = flow.box / 2
    flow.draw_step(score, x[1] - half, y - _half(flow, score), flow.box)
    flow.sheet.line([(x[0] + half, y), (x[1] - half, y)], arrow=True)
    if is_coarsest:
        flow.sheet.line([(x[1] + half, y), (x[2], y)])
    else:
        flow.sheet.line([(x[1] + half, y), (x[2] - RADIUS, y)], arrow=True)
        flow.sheet.plus(x[2], y, RADIUS)


def _draw_upsampling(flow: Flow, step: Step, x: float, start: float, end: float | None) -> None:
    """Draw the box of an upsampling above `start`, half way to the sum whose lower end is `end`, if there is one."""
    height = flow.height(step, flow.box)
    arrow = ARROW if end is None else (start - end - height) / 2
    flow.draw_step(step, x - flow.box / 2, start - arrow - height, flow.box)
    flow.sheet.line([(x, start), (x, start - arrow)], arrow=True)
    if end is not None:
        flow.sheet.line([(x, end + arrow), (x, end)], arrow=True)
