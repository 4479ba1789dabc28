"""Train one network, or several at once, with bars, a live chart and an interrupt that keeps what was learned.

`fit` is the loop; `train` runs it for one network, `compare` for several, side by side where that is faster.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Unpack

import torch
from torch import Tensor, nn

from cnnlib import arguments, seeds, threads
from cnnlib.device import device, place
from cnnlib.evaluation import predict
from cnnlib.live import Track, Watch
from cnnlib.loop import Epoch, Fit, Options, adamw, fit, sgd
from cnnlib.objectives import IGNORED, Classification, Data, Objective, Segmentation
from cnnlib.side_by_side import Pulse, Stopped, run_all, workers

__all__ = [
    "IGNORED",
    "Classification",
    "Data",
    "Epoch",
    "Fit",
    "History",
    "Objective",
    "Options",
    "Run",
    "Segmentation",
    "Stopped",
    "adamw",
    "compare",
    "fit",
    "latest",
    "place",
    "predict",
    "sgd",
    "train",
]


class OwnOptions(Options, total=False):
    """What one training of a comparison can have of its own: its data too."""

    data: Data
    valid: Data | None


class History(list[Epoch]):
    """The epochs of a training that have ended; `history[-1]` is the last."""

    def __getitem__(self, index):  # an int or a slice, as a list's
        """Return an epoch; where none has ended, say so."""
        if not self and hasattr(index, "__index__"):
            raise IndexError("no epoch of this training has ended: it was stopped before, or has not begun")
        return super().__getitem__(index)


class Run:
    """A network of a comparison that is trained with options of its own: `Run(net, epochs=15, rate=0.02)`."""

    def __init__(self, model: nn.Module, **options: Unpack[OwnOptions]) -> None:
        self.model, self.options = model, options


_latest: dict[str, History] = {}


def latest() -> dict[str, History]:
    """Return the epochs of the latest training or comparison, by name, also after an interrupt."""
    return dict(_latest)


def train(
    model: nn.Module, data: Data, valid: Data | None = None, *, label: str = "training", **options: Unpack[Options]
) -> History:
    """Run `fit` with a progress bar, and in a notebook a chart, and return its epochs.

    An interrupt raises `Stopped`: the network keeps what it has learned, `latest()` the epochs that ended.
    """
    arguments.check_name(label)
    with _stoppable([label]) as (fits, histories):
        fits[label] = fit(model, data, valid, **options)
        _run(fits, histories, [([label], 1)])
    return histories[label]


def compare(
    runs: Mapping[str, nn.Module | Run], data: Data | None = None, valid: Data | None = None, **options: Unpack[Options]
) -> dict[str, History]:
    """Train several networks, as many at once as there are cores, and return the epochs of each by name.

    All share `data`, `valid` and the options of `fit`, except for those that a `Run` brings along. The numbers depend neither
    on the order nor on how many run at once: each training has one thread (`CNNLIB_THREADS`: that many, one training after
    another), the batches of its own seed, and random numbers of its own, which start where torch's generator is. A network that
    draws from torch's generator itself, as dropout does, or cannot be copied to find that out, is trained alone before the
    others. On a GPU one follows the other.

    An interrupt stops all with one sentence (`Stopped`), an exception in one stops the others: the networks keep what they
    have learned, `latest()` the epochs that ended. Raises ValueError as `fit` does, and for networks that share weights.
    """
    arguments.check_names(runs)
    before = torch.get_num_threads()
    with _stoppable(runs) as (fits, histories):
        fits.update(_own_fits(runs, {**options, "data": data, "valid": valid}))
        arguments.check_nothing_shared({name: one.model for name, one in fits.items()})
        at_once = workers(len(fits))
        if device.type == "cpu":
            for one in fits.values():
                one.thread_counts = [threads.fixed() or 1]
        alone = [name for name, one in fits.items() if at_once > 1 and one.draws()]
        together = [name for name in fits if name not in alone]
        try:
            _run(fits, histories, [(alone, 1), (together, at_once)], torch.get_rng_state())
        finally:
            torch.set_num_threads(before)
    return histories


def _own_fits(runs: Mapping[str, nn.Module | Run], shared: dict[str, Any]) -> dict[str, Fit]:
    """Prepare the trainings of a comparison; the data that they share are moved to the device once for all."""
    if shared["data"] is not None:
        arguments.check_data("data", shared["data"])
        shared["data"] = [place(tensor) for tensor in shared["data"]]
    return {name: _own_fit(name, run if isinstance(run, Run) else Run(run), shared) for name, run in runs.items()}


def _own_fit(name: str, run: Run, shared: dict[str, Any]) -> Fit:
    options = {**shared, **run.options}
    if options["data"] is None:
        raise ValueError(f"compare has no data to train {name!r} on")
    try:
        return fit(run.model, **options)
    except ValueError as error:
        raise ValueError(f"{name!r}: {error}") from None


@contextmanager
def _stoppable(names: Iterable[str]) -> Iterator[tuple[dict[str, Fit], dict[str, History]]]:
    """Lend trainings, to be prepared and run, and their histories; an interrupt raises `Stopped` and makes these the latest."""
    fits, histories = {}, {name: History() for name in names}
    try:
        yield fits, histories
    except KeyboardInterrupt:
        _publish(histories)
        ends = ", ".join(
            f"{name!r} after {fits[name].done} of {fits[name].epochs} epochs" if name in fits else f"{name!r} before it began"
            for name in histories
        )
        kept = "The networks keep what they have learned; `training.latest()` returns the epochs that ended."
        raise Stopped(f"Stopped: {ends}. {kept}") from None


def _publish(histories: dict[str, History]) -> None:
    _latest.clear()
    _latest.update(histories)


def _run(
    fits: Mapping[str, Fit],
    histories: dict[str, History],
    groups: Sequence[tuple[Sequence[str], int]],
    state: Tensor | None = None,
) -> None:
    """Train groups of networks: names, and how many of them at once. With a `state`, all draw random numbers from there on."""
    _publish(histories)
    tracks = {name: Track(one.epochs * one.steps_per_epoch, one.steps_per_epoch) for name, one in fits.items()}
    watch = Watch(tracks)
    try:
        for names, at_once in groups:
            jobs = [partial(_job, name, fits[name], histories[name], tracks[name]) for name in names]
            if state is not None:
                jobs = [partial(seeds.with_own_numbers, job, state, at_once == 1) for job in jobs]
            run_all(jobs, at_once, watch.tick)
    finally:
        watch.close()


def _job(name: str, one: Fit, history: History, track: Track, pulse: Pulse) -> None:
    def on_step(loss: Tensor) -> None:
        track.note(loss)
        pulse()

    one.on_step = on_step
    track.begun = time.time()
    try:
        for epoch in one:
            history.append(epoch)
    except Exception as error:
        error.add_note(f"This happened in the training {name!r}.")
        raise
