"""The training loop of every task: data in memory on the device, channels last, one cycle of the learning rate."""

import importlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TypedDict

import torch
from torch import Tensor, nn

from cnnlib import arguments, seeds, threads
from cnnlib.device import device, place
from cnnlib.objectives import Classification, Data, Objective

Maker = Callable[..., torch.optim.Optimizer]  # of a model and, where one is given, a learning rate
Augmentation = Callable[[Tensor], Tensor]  # of the images of a batch, (N, C, H, W) -> (N, C, H, W)


class Options(TypedDict, total=False):
    """The options of a training: those of `fit`, where they are explained."""

    epochs: int
    objective: Objective | None
    optimizer: torch.optim.Optimizer | Maker
    rate: float | None
    batch_size: int
    seed: int
    clip: float | None
    augment: Augmentation | None


@dataclass
class Epoch:
    """One pass over the training data: its mean loss, and what the objective measured on the validation data after it."""

    number: int
    loss: float
    scores: dict[str, float] = field(default_factory=dict)


def sgd(model: nn.Module, rate: float = 0.1) -> torch.optim.Optimizer:
    """Make the optimizer of the course: SGD, Nesterov momentum 0.9, weight decay 5e-4; `rate` is the peak of the cycle."""
    return torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9, nesterov=True, weight_decay=5e-4, fused=True)


def adamw(model: nn.Module, rate: float = 2e-3) -> torch.optim.Optimizer:
    """Make the optimizer of the detectors: AdamW (Loshchilov and Hutter 2019); `rate` is the peak of the cycle."""
    return torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=rate)


def fit(
    model: nn.Module,
    data: Data,
    valid: Data | None = None,
    *,
    epochs: int = 3,
    objective: Objective | None = None,
    optimizer: torch.optim.Optimizer | Maker = sgd,
    rate: float | None = None,
    batch_size: int = 64,
    seed: int = 0,
    clip: float | None = None,
    augment: Augmentation | None = None,
) -> "Fit":
    """Prepare to train `model` in place: iterating over the result trains, an `Epoch` per pass over `data`.

    `objective` is the task, by default classification; `optimizer` makes the optimizer of the model, with the peak learning
    rate `rate` if it is given, or is one; `clip` bounds the norm of the gradient of all weights together; `augment` changes the
    images of each batch before the network sees them (`cnnlib.augmentation`), and labels stay as they are. The learning rate
    starts at a 25th of its peak, rises over the first 30 % of the steps and falls to almost 0, in one cycle (Smith and Topin
    2017). Each epoch leaves out the images that do not fill a last batch, different ones each time. Same seed, same number of
    threads: the same weights, bit for bit. Raises ValueError, with one sentence, for an argument of the wrong type or out of
    range, for tensors of `data` or of `valid` that differ in length, for a network without a weight to train, and for the
    optimizer of another network.

    >>> fit(nn.Linear(3, 2), (torch.zeros(7, 3), torch.zeros(7).long()), batch_size=2)
    <a training of 3 epochs, 0 done: `for epoch in fit(...)` trains>
    """
    objective = Classification() if objective is None else objective
    arguments.check_network(model)
    arguments.check_data("data", data)
    if valid is not None:
        arguments.check_data("valid", valid)
    arguments.check_whole("epochs", epochs, 1)
    arguments.check_whole("batch_size", batch_size, 1, len(data[0]), ", the length of the data")
    arguments.check_whole("seed", seed, 0, 2**32 - 1)
    arguments.check_positive("rate", rate)
    arguments.check_positive("clip", clip)
    arguments.check_augmentation(augment)
    arguments.check_objective(objective, valid is not None)
    arguments.check_optimizer(optimizer, rate)
    threads.fixed()  # raises for a bad CNNLIB_THREADS
    _import_whole("torch._dynamo")
    if not isinstance(optimizer, torch.optim.Optimizer):
        optimizer = optimizer(model) if rate is None else optimizer(model, rate)
    arguments.check_updates(optimizer, model)
    return Fit(model, data, valid, epochs, objective, optimizer, batch_size, seed, clip, augment)


def _import_whole(name: str) -> None:
    """Import a module where no interrupt reaches: in another thread. Half imported, torch's own modules cannot be used again.

    The first optimizer of a process imports `torch._dynamo`, which takes about a second.
    """
    with ThreadPoolExecutor(1) as pool:  # leaving it waits for the import, after an interrupt too
        pool.submit(importlib.import_module, name).result()


@dataclass(repr=False)
class Fit:
    """A training, made by `fit`: iterating over it trains. `on_step` is called with the loss after each step, a scalar."""

    model: nn.Module
    data: Data
    valid: Data | None
    epochs: int
    objective: Objective
    optimizer: torch.optim.Optimizer
    batch_size: int
    seed: int
    clip: float | None
    augment: Augmentation | None = None
    on_step: Callable[[Tensor], None] = lambda loss: None
    thread_counts: Sequence[int] | None = None  # to choose from; None: those of the machine
    done: int = field(default=0, init=False)

    @property
    def steps_per_epoch(self) -> int:
        """How many full batches there are."""
        return len(self.data[0]) // self.batch_size

    def __repr__(self) -> str:
        return f"<a training of {self.epochs} epochs, {self.done} done: `for epoch in fit(...)` trains>"

    def __iter__(self) -> Iterator[Epoch]:
        if not torch.is_grad_enabled():
            raise ValueError("training needs gradients, and torch.no_grad() or torch.inference_mode() turns them off here")
        peaks = [group["lr"] for group in self.optimizer.param_groups]
        try:
            yield from self._train(peaks)
        finally:  # the optimizer may be the caller's, for another training
            for group, peak in zip(self.optimizer.param_groups, peaks, strict=True):
                group["lr"] = peak

    def _train(self, peaks: list[float]) -> Iterator[Epoch]:
        place(self.model)
        data = [place(tensor) for tensor in self.data]
        steps = self.steps_per_epoch
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, peaks, total_steps=self.epochs * steps, cycle_momentum=False
        )
        shuffle = torch.Generator().manual_seed(seeds.shifted(self.seed))
        counts = self.thread_counts or (threads.candidates() if device.type == "cpu" else [torch.get_num_threads()])
        pace = threads.FastestThreads(counts)
        for number in range(1, self.epochs + 1):
            self.model.train()
            total = torch.zeros((), device=device)
            if number > 1:
                pace.check()
            order = torch.randperm(len(data[0]), generator=shuffle).to(device)
            for chosen in order[: steps * self.batch_size].view(steps, self.batch_size):
                with pace.step():
                    loss = self._step(self._augmented([place(tensor[chosen]) for tensor in data]))
                schedule.step()
                total += loss
                self.on_step(loss)
            scores = self.objective.scores(self.model, self.valid) if self.valid else {}
            self.done = number
            yield Epoch(number, total.item() / steps, scores)

    def draws(self) -> bool:
        """Try a copy: do the loss of the first batch or the scores of two rows draw from torch's global generator?

        Also true if copying or trying fails. What draws only later, or from the generators of Python or numpy, is not noticed.
        """
        batch = [place(tensor[: self.batch_size]) for tensor in self.data]
        rows = [tensor[:2] for tensor in self.valid or ()]
        try:
            model, objective = deepcopy((self.model, self.objective))
            place(model).train()
            with seeds.drawing_from(torch.Generator()):
                in_loss = seeds.draws_globally(lambda: objective.loss(model, *self._augmented(batch)))
                return in_loss or (bool(rows) and seeds.draws_globally(lambda: objective.scores(model, rows)))
        except Exception:  # some networks cannot be copied; what is wrong with the loss is raised by the training
            return True

    def _augmented(self, batch: Sequence[Tensor]) -> Sequence[Tensor]:
        return batch if self.augment is None else [place(self.augment(batch[0])), *batch[1:]]

    def _step(self, batch: Sequence[Tensor]) -> Tensor:
        loss = self.objective.loss(self.model, *batch)
        self.optimizer.zero_grad()
        loss.backward()
        if self.clip is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
        self.optimizer.step()
        return loss.detach()
