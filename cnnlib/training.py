"""One training loop for every task: data in memory on the device, channels last, one cycle of the learning rate."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm.auto import tqdm

from cnnlib import metrics, threads
from cnnlib.device import device
from cnnlib.seeds import shifted

Data = Sequence[Tensor]  # tensors that agree on their first axis: images, labels, ...
IGNORED = 255  # the label of pixels that are left out: VOC's borders
Placed = TypeVar("Placed", Tensor, nn.Module)


class Objective(Protocol):
    """What a task has to say: how wrong a batch is, and how good a whole set is."""

    def loss(self, model: nn.Module, *batch: Tensor) -> Tensor:
        """Measure how wrong the model is on one batch: a scalar to go down from."""

    def scores(self, model: nn.Module, data: Data) -> dict[str, float]:
        """Measure how good the model is on a whole set, by name."""


class Classification:
    """Images (N, 3, H, W) to labels (N,): cross-entropy to learn from, accuracy to report."""

    def loss(self, model: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
        """Take the cross-entropy of a batch: images (N, C, H, W), labels (N,) -> a scalar."""
        return F.cross_entropy(model(images), labels)

    def scores(self, model: nn.Module, data: Data) -> dict[str, float]:
        """Measure the accuracy on images and labels."""
        images, labels = data
        return {"accuracy": metrics.accuracy(predict(model, images), labels)}


class Segmentation:
    """Images (N, 3, H, W) to a label for each pixel (N, H, W): cross-entropy to learn from, overlaps to report.

    Pixels labelled `IGNORED` take no part.
    """

    def loss(self, model: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
        """Take the mean cross-entropy over all pixels: scores (N, K, H, W), labels (N, H, W) -> a scalar."""
        return F.cross_entropy(model(images), labels, ignore_index=IGNORED)

    def scores(self, model: nn.Module, data: Data) -> dict[str, float]:
        """Measure mean IoU and pixel accuracy over all images together."""
        images, labels = data
        predicted = predict(model, images)
        counts = metrics.confusion(predicted.argmax(1), labels.to(device), predicted.shape[1], IGNORED)
        return {"mean IoU": metrics.mean_iou(counts), "pixel accuracy": metrics.pixel_accuracy(counts)}


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
    objective: Objective,
    train: Data,
    valid: Data | None,
    optimizer: torch.optim.Optimizer,
    epochs: int,
    batch: int = 64,
    seed: int = 0,
    on_step: Callable[[Tensor], None] = lambda loss: None,
    clip: float | None = None,
) -> Iterator[Epoch]:
    """Train `model` in place and yield an `Epoch` after each pass; prints nothing, plots nothing.

    The learning rate rises to the optimizer's own and falls to almost 0 in one cycle (Smith and Topin 2018). Same seed, same
    number of threads: the same weights, bit for bit. Each epoch leaves out the images that do not fill a last batch, others
    each time. `clip` bounds the norm of the gradient of all weights together. Raises ValueError if the tensors of `train`
    differ in length.
    """
    size = len(train[0])
    if any(len(tensor) != size for tensor in train) or epochs < 1 or not 1 <= batch <= size:
        raise ValueError(
            f"fit needs tensors of one length, 1 <= batch <= that length, epochs >= 1, got lengths "
            f"{[len(tensor) for tensor in train]}, batch={batch}, epochs={epochs}"
        )
    place(model)
    train = [place(tensor) for tensor in train]
    steps = size // batch
    rates = [group["lr"] for group in optimizer.param_groups]
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rates, total_steps=epochs * steps, cycle_momentum=False)
    shuffle = torch.Generator().manual_seed(shifted(seed))
    pace = threads.FastestThreads(threads.candidates() if device.type == "cpu" else [torch.get_num_threads()])
    for number in range(1, epochs + 1):
        model.train()
        total = torch.zeros((), device=device)
        pace.race(1 if number > 1 else threads.TRIALS)
        for chosen in torch.randperm(size, generator=shuffle).to(device)[: steps * batch].view(steps, batch):
            with pace.step():
                loss = objective.loss(model, *(place(tensor[chosen]) for tensor in train))
                optimizer.zero_grad()
                loss.backward()
                if clip is not None:
                    nn.utils.clip_grad_norm_(model.parameters(), clip)
                optimizer.step()
            schedule.step()
            total += loss.detach()
            on_step(loss.detach())
        yield Epoch(number, total.item() / steps, objective.scores(model, valid) if valid else {})


def train(
    model: nn.Module,
    data: Data,
    valid: Data | None = None,
    epochs: int = 3,
    objective: Objective | None = None,
    optimizer: torch.optim.Optimizer | None = None,
    batch: int = 64,
    seed: int = 0,
    label: str = "training",
    clip: float | None = None,
) -> list[Epoch]:
    """Run `fit` with a progress bar and return its epochs; an interrupt keeps what was learned so far."""
    history = []
    with tqdm(total=epochs * (len(data[0]) // max(batch, 1)), desc=label, unit="step") as bar:

        def show(loss: Tensor) -> None:
            bar.update()
            if bar.n % 10 == 0:
                bar.set_postfix(loss=f"{loss.item():.2f}", refresh=False)

        try:
            for epoch in fit(
                model, objective or Classification(), data, valid, optimizer or sgd(model), epochs, batch, seed, show, clip
            ):
                history.append(epoch)
        except KeyboardInterrupt:
            print(f"Stopped during epoch {len(history) + 1} of {epochs}; the network keeps what it has learned.")
    return history


def predict(model: nn.Module, images: Tensor, batch: int = 256) -> Tensor:
    """Run `model` in evaluation mode without gradients, batch by batch: (N, C, H, W) -> (N, ...), on the device."""
    model.eval()
    with torch.no_grad():
        return torch.cat([model(place(part)) for part in images.split(batch)])


def place(thing: Placed) -> Placed:
    """Move a model or a tensor to the device, images and filters with their channels last in memory."""
    if isinstance(thing, nn.Module) or thing.ndim == 4:
        return thing.to(device, memory_format=torch.channels_last)
    return thing.to(device)
