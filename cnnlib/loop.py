"""The training loop of every task: data in memory on the device, channels last, one cycle of the learning rate."""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from cnnlib import seeds, threads
from cnnlib.device import device, place
from cnnlib.objectives import Classification, Data, Objective

Maker = Callable[..., torch.optim.Optimizer]  # of a model and, where one is given, a learning rate


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
) -> "Fit":
    """Prepare to train `model` in place: iterating over the result trains, an `Epoch` per pass over `data`.

    `objective` is the task, by default classification; `optimizer` makes the optimizer of the model, with the peak learning
    rate `rate` if it is given, or is one; `clip` bounds the norm of the gradient of all weights together. The learning rate
    starts at a 25th of its peak, rises over the first 30 % of the steps and falls to almost 0, in one cycle (Smith and Topin
    2018). Each epoch leaves out the images that do not fill a last batch, others each time. Same seed, same number of threads:
    the same weights, bit for bit. Raises ValueError if the tensors of `data` or of `valid` differ in length, for `epochs` or
    `batch_size` out of range, and for the optimizer of another network.

    >>> fit(nn.Linear(3, 2), (torch.zeros(7, 3), torch.zeros(7).long()), batch_size=2)
    <a training of 3 epochs, 0 done: `for epoch in fit(...)` trains>
    """
    size = len(data[0])
    if any(len(tensor) != size for tensor in data) or epochs < 1 or not 1 <= batch_size <= size:
        raise ValueError(
            f"training needs tensors of one length, 1 <= batch_size <= that length, epochs >= 1, got lengths "
            f"{[len(tensor) for tensor in data]}, batch_size={batch_size}, epochs={epochs}"
        )
    if valid is not None and (not len(valid[0]) or any(len(tensor) != len(valid[0]) for tensor in valid)):
        raise ValueError(f"validation needs tensors of one length above 0, got lengths {[len(tensor) for tensor in valid]}")
    if not isinstance(optimizer, torch.optim.Optimizer):
        optimizer = optimizer(model) if rate is None else optimizer(model, rate)
    elif rate is not None:
        raise ValueError(f"rate={rate} is for an optimizer that is made here; the one given has a learning rate of its own")
    mine, theirs = set(model.parameters()), [p for group in optimizer.param_groups for p in group["params"]]
    if not mine.issuperset(theirs):
        raise ValueError("the optimizer updates weights that are not of this network: make it from the network that is trained")
    return Fit(model, data, valid, epochs, objective or Classification(), optimizer, batch_size, seed, clip)


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
        place(self.model)
        data = [place(tensor) for tensor in self.data]
        steps = self.steps_per_epoch
        peaks = [group["lr"] for group in self.optimizer.param_groups]
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
                    loss = self._step([place(tensor[chosen]) for tensor in data])
                schedule.step()
                total += loss
                self.on_step(loss)
            scores = self.objective.scores(self.model, self.valid) if self.valid else {}
            self.done = number
            yield Epoch(number, total.item() / steps, scores)

    def draws(self) -> bool:
        """Try the first batch on a copy: does the network or its objective draw from torch's global generator?"""
        model, objective = deepcopy((self.model, self.objective))
        place(model).train()
        batch = [place(tensor[: self.batch_size]) for tensor in self.data]
        with seeds.drawing_from(torch.Generator()):
            return seeds.draws_globally(lambda: objective.loss(model, *batch))

    def _step(self, batch: Sequence[Tensor]) -> Tensor:
        loss = self.objective.loss(self.model, *batch)
        self.optimizer.zero_grad()
        loss.backward()
        if self.clip is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
        self.optimizer.step()
        return loss.detach()
