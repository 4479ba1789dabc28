"""Train one network, or several at once, with bars, a live chart and an interrupt that keeps what was learned.

`fit` is the loop; `train` runs it for one network, `compare` for several, side by side where that is faster.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from itertools import chain
from typing import TypedDict, Unpack

import torch
from torch import Tensor, nn

from cnnlib import seeds, threads
from cnnlib.device import device, place
from cnnlib.evaluation import predict
from cnnlib.live import Track, Watch
from cnnlib.loop import Epoch, Fit, Maker, adamw, fit, sgd
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


class Options(TypedDict, total=False):
    """The options of a training: those of `fit`, where they are explained."""

    epochs: int
    objective: Objective | None
    optimizer: torch.optim.Optimizer | Maker
    rate: float | None
    batch_size: int
    seed: int
    clip: float | None


class OwnOptions(Options, total=False):
    """What one training of a comparison can have of its own: its data too."""

    data: Data
    valid: Data | None


class History(list[Epoch]):
    """The epochs of a training that have ended; `history[-1]` is the last."""

    def __getitem__(self, index):  # an int or a slice, as a list's
        """Return an epoch; where none has ended, say so."""
        if not self and not isinstance(index, slice):
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
    return _run({label: fit(model, data, valid, **options)}, [([label], 1)])[label]


def compare(
    runs: Mapping[str, nn.Module | Run], data: Data | None = None, valid: Data | None = None, **options: Unpack[Options]
) -> dict[str, History]:
    """Train several networks, as many at once as there are cores, and return the epochs of each by name.

    All share `data`, `valid` and the options of `fit`, except for those that a `Run` brings along. The numbers depend neither
    on the order nor on how many run at once: each training has one thread (`CNNLIB_THREADS`: that many, one training after
    another), the batches of its own seed, and random numbers of its own, which start where torch's generator is. A network that
    draws from torch's generator itself, as dropout does, is trained alone after the others. On a GPU one follows the other.

    An interrupt stops all with one sentence (`Stopped`), an exception in one stops the others: the networks keep what they
    have learned, `latest()` the epochs that ended. Raises ValueError for networks that share weights.
    """
    if not runs:
        raise ValueError("compare needs at least one network")
    shared: OwnOptions = {**options, "valid": valid}
    if data is not None:
        shared["data"] = [place(tensor) for tensor in data]  # once for all
    fits = {name: _own_fit(name, run if isinstance(run, Run) else Run(run), shared) for name, run in runs.items()}
    _refuse_shared_weights(fits)
    at_once, before = workers(len(fits)), torch.get_num_threads()
    if device.type == "cpu":
        for one in fits.values():
            one.thread_counts = [threads.fixed() or 1]
    alone = [name for name, one in fits.items() if at_once > 1 and one.draws()]
    together = [name for name in fits if name not in alone]
    try:
        return _run(fits, [(together, at_once), (alone, 1)], torch.get_rng_state())
    finally:
        torch.set_num_threads(before)


def _own_fit(name: str, run: Run, shared: OwnOptions) -> Fit:
    options: OwnOptions = {**shared, **run.options}
    if "data" not in options:
        raise ValueError(f"compare has no data to train {name!r} on")
    try:
        return fit(run.model, **options)
    except ValueError as error:
        raise ValueError(f"{name!r}: {error}") from None


def _run(
    fits: Mapping[str, Fit], groups: Sequence[tuple[Sequence[str], int]], state: Tensor | None = None
) -> dict[str, History]:
    """Train groups of networks, each so many at once. Where a `state` is given, all draw random numbers from there on."""
    _latest.clear()
    _latest.update({name: History() for name in fits})
    histories = latest()
    tracks = {name: Track(one.epochs * one.steps_per_epoch, one.steps_per_epoch) for name, one in fits.items()}
    watch = Watch(tracks)
    try:
        for names, at_once in groups:
            jobs = [partial(_job, name, fits[name], histories[name], tracks[name]) for name in names]
            if state is not None:
                jobs = [partial(_with_own_numbers, job, state, at_once == 1) for job in jobs]
            run_all(jobs, at_once, watch.tick)
    except KeyboardInterrupt:
        ends = ", ".join(f"{name!r} after {one.done} of {one.epochs} epochs" for name, one in fits.items())
        kept = "The networks keep what they have learned; `training.latest()` returns the epochs that ended."
        raise Stopped(f"Stopped: {ends}. {kept}") from None
    finally:
        watch.close()
    return histories


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


def _with_own_numbers(job: Callable[[Pulse], None], state: Tensor, alone: bool, pulse: Pulse) -> None:
    """Run a job whose random numbers start from `state`; the global generator is lent to it only if it is alone."""
    own = torch.Generator()
    own.set_state(state)
    with seeds.drawing_from(own), seeds.forked() if alone else nullcontext():
        job(pulse)


def _refuse_shared_weights(fits: Mapping[str, Fit]) -> None:
    owners: dict[int, str] = {}
    for name, one in fits.items():
        trained = [(where, weight) for where, weight in one.model.named_parameters() if weight.requires_grad]
        for where, tensor in chain(trained, one.model.named_buffers()):
            if owners.setdefault(id(tensor), name) != name:
                other = owners[id(tensor)]
                raise ValueError(f"the networks {other!r} and {name!r} share `{where}`: train a copy.deepcopy of one of them")
