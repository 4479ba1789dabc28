"""What a learner sees while networks train: a progress bar each, and in a notebook one chart in which all losses fall."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from torch import Tensor
from tqdm.auto import tqdm

if TYPE_CHECKING:
    from cnnlib.canvas import Figure

BARS = 0.25  # seconds between two looks at the bars, at least
CHART, SLOWEST = 0.5, 3.0  # seconds between two drawings of the chart, at least and at most
PATIENCE = 2.0  # seconds before the first drawing: a training that is over by then needs no chart
SHARE = 0.05  # of one core's time goes into drawing, at most, unless a drawing takes long
SMOOTH = 10  # steps whose mean loss is one point of the chart


@dataclass
class Track:
    """How far one training has come; written by the thread that trains, read by the one that draws."""

    steps: int  # all of them
    per_epoch: int
    done: int = 0
    begun: float = 0.0  # as `time.time` counts
    epochs: list[float] = field(default_factory=list)  # of the points of the chart
    losses: list[float] = field(default_factory=list)
    _sum: Tensor | float = 0.0

    def note(self, loss: Tensor) -> None:
        """Note the loss of a step: a scalar."""
        self.done += 1
        self._sum = self._sum + loss
        smooth = max(1, min(SMOOTH, self.steps // 50))
        if self.done % smooth == 0:
            self.losses.append(float(self._sum) / smooth)
            self.epochs.append(self.done / self.per_epoch)
            self._sum = 0.0


class Watch:
    """The bars and the chart of some trainings, by name; only the main thread calls `tick` and `close`.

    `TQDM_DISABLE=1` hides the bars and the chart; outside of Jupyter there is no chart.
    """

    def __init__(self, tracks: Mapping[str, Track]) -> None:
        self.tracks = tracks
        width = max(map(len, tracks))
        self.bars = {name: tqdm(total=track.steps, desc=f"{name:{width}}", unit="step") for name, track in tracks.items()}
        self.next_bars = self.next_chart = time.perf_counter()
        self.next_chart += PATIENCE
        self.chart = None  # the handle of what is displayed

    def tick(self) -> None:
        """Show how far the trainings have come, if it is time to."""
        now = time.perf_counter()
        if now >= self.next_bars:
            self.next_bars = now + BARS
            self._move_bars()
        if now >= self.next_chart and in_jupyter():
            before = time.thread_time()  # the trainings compute meanwhile: what they take is not the drawing's
            self._draw()
            self.next_chart = time.perf_counter() + min(max(CHART, (time.thread_time() - before) / SHARE), SLOWEST)

    def close(self) -> None:
        """Show the end of all trainings."""
        self._move_bars()
        for bar in self.bars.values():
            bar.close()
        if self.chart:
            self._draw()

    def _move_bars(self) -> None:
        for name, bar in self.bars.items():
            track = self.tracks[name]
            if bar.disable or bar.n == track.done:
                continue
            bar.start_t = track.begun  # not when the first training of the comparison began
            bar.n = track.done
            if track.losses:
                bar.set_postfix(loss=f"{track.losses[-1]:.2f}", refresh=False)
            bar.refresh()
            if bar.n == bar.total:
                bar.close()

    def _draw(self) -> None:
        from IPython.display import display

        figure = losses(self.tracks)
        if self.chart:
            self.chart.update(figure)
        else:
            self.chart = display(figure, display_id=True)


def in_jupyter() -> bool:
    """Tell whether a chart can be shown and replaced: in a notebook's kernel, unless `TQDM_DISABLE` hides what moves."""
    if os.environ.get("TQDM_DISABLE", "0") not in ("", "0"):
        return False
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return hasattr(get_ipython(), "kernel")


def losses(tracks: Mapping[str, Track]) -> "Figure":
    """Draw the losses so far against the epochs, one line per training."""
    from cnnlib import canvas, charts, colours  # not before there is something to draw: they load matplotlib

    figure, (ax,) = canvas.blank(canvas.FULL, 3.4)
    figure.moving = any(track.done < track.steps for track in tracks.values())
    with canvas.course_style():
        for (name, track), look in zip(tracks.items(), colours.looks(tracks), strict=True):
            ax.plot(track.epochs, track.losses, look.dashes, color=look.colour, linewidth=1.6, label=name)
        ax.set_xlim(0, max(track.steps / track.per_epoch for track in tracks.values()))
        ax.set_ylim(bottom=0)
        ax.locator_params("x", integer=True)
        ax.set(xlabel="epochs", ylabel="training loss")
        ax.grid(color=colours.PALE)
        charts.name_lines(ax)
    ends = [f"{n} from {t.losses[0]:.2f} to {t.losses[-1]:.2f}" for n, t in tracks.items() if t.losses]
    figure.alt = f"Training loss against epochs: {'; '.join(ends) or 'no step yet'}."
    return figure
