"""Checks of lesson 02: cross-entropy, the training loop, three sets, initialisation, batch norm, flattening, shifts."""

import copy
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.checks.engine import Check, but, digits, layer, positional, random

Batches = Sequence[tuple[Tensor, Tensor]]

first_loss = Check(
    "first_loss",
    reference="b",
    choices=("a", "b", "c"),
    mistakes={
        "the loss of guessing among 100 classes is log 100 = 4.61, so this network is as good as guessing; a loss that "
        "exploded would be far above it": "a",
        "guessing gives the right class the probability 1/100, and its loss is the logarithm of 100, not 100": "c",
    },
    hints=[
        "Which probability does the right class get if all 100 classes get the same one? What is the loss then?",
        "The loss of guessing is -log(1/100) = log 100. Compare it with 4.61.",
    ],
)


def _log_softmax(logits: Tensor, dim: int = 1) -> Tensor:
    return logits.log_softmax(dim)


def _cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits, labels)


def _of_labels(values: Tensor, labels: Tensor) -> Tensor:
    return values[torch.arange(len(labels)), labels]


def _one_hot(logits: Tensor, labels: Tensor) -> Tensor:
    return F.one_hot(labels, logits.shape[1]).to(logits)


def _naive(logits: Tensor, labels: Tensor) -> Tensor:
    return -_of_labels(logits.exp() / logits.exp().sum(1, keepdim=True), labels).log().mean()


def _naive_sum(logits: Tensor, labels: Tensor) -> Tensor:
    return (logits.exp().sum(1).log() - _of_labels(logits, labels)).mean()


cross_entropy = Check(
    "cross_entropy",
    gradients=("logits",),
    reference=_cross_entropy,
    cases=[
        dict(logits=digits(2, 3), labels=torch.tensor([2, 0])),
        dict(logits=random(7, 5), labels=torch.tensor([4, 0, 3, 3, 1, 2, 4])),
        dict(logits=2000 * random(5, 3, seed=1), labels=torch.tensor([1, 0, 2, 2, 1])),  # exp overflows
    ],
    mistakes={
        "`exp` of a large logit overflows, or is 0 in a whole row: subtract the largest logit of each row first, or use "
        "`torch.logsumexp`": _naive,
        "the loss becomes infinite for large logits: subtract the largest logit of each row first, or "
        "use `torch.logsumexp`": _naive_sum,
        "that is the sigmoid's probability; the softmax divides by the sum over all classes": lambda logits, labels: (
            -_of_labels(F.logsigmoid(logits), labels).mean()
        ),
        "the sign is missing; the loss is the negative logarithm": but(_cross_entropy, result=lambda y: -y),
        "the losses are added; take their mean": but(_cross_entropy, result=lambda y, labels: y * len(labels)),
        "the mean is over images and classes; divide by the number of images only": but(
            _cross_entropy, result=lambda y, logits: y / logits.shape[1]
        ),
        "that is one loss per image; return their mean": lambda logits, labels: F.cross_entropy(
            logits, labels, reduction="none"
        ),
        "the softmax runs over the images; it runs over the classes of one image, `dim=1`": lambda logits, labels: (
            -_of_labels(_log_softmax(logits, 0), labels).mean()
        ),
        "the logarithm is missing; that is the mean probability of the right class": lambda logits, labels: _of_labels(
            logits.softmax(1), labels
        ).mean(),
        "the logarithm is missing; that is minus the mean probability of the right class": lambda logits, labels: (
            -_of_labels(logits.softmax(1), labels).mean()
        ),
        "that is one minus the probability of the right class; the loss is minus its logarithm": lambda logits, labels: (
            1 - _of_labels(logits.softmax(1), labels)
        ).mean(),
        "the softmax is missing; that is minus the mean logit of the right class": lambda logits, labels: (
            -_of_labels(logits, labels).mean()
        ),
        "the softmax is applied twice; `F.cross_entropy` and `log_softmax` apply it themselves": but(
            _cross_entropy, logits=lambda logits: logits.softmax(1)
        ),
        "the logarithm has base 2; use the natural one, `torch.log`": but(
            _cross_entropy, result=lambda y: y / torch.tensor(2.0).double().log()
        ),
        "the logarithm has base 10; use the natural one, `torch.log`": but(
            _cross_entropy, result=lambda y: y / torch.tensor(10.0).double().log()
        ),
        "the logarithms of all classes are added; only that of the right class counts": lambda logits, labels: (
            -_log_softmax(logits).sum(1).mean()
        ),
        "the logarithms of all classes are averaged; only that of the right class counts": lambda logits, labels: (
            -_log_softmax(logits).mean()
        ),
        "every image is paired with every label; pair image n with label n, `log_p[torch.arange(len(labels)), labels]`": (
            lambda logits, labels: -_log_softmax(logits)[:, labels].mean()
        ),
        "that is the loss of the class with the largest logit; take the class that the label names": lambda logits, labels: (
            -_log_softmax(logits).max(1).values.mean()
        ),
        "that is the entropy of the prediction; take the logarithm of the right class alone": lambda logits, labels: (
            -torch.special.xlogy(logits.softmax(1), logits.softmax(1)).sum(1).mean()
        ),
        "the largest logit is subtracted in the sum but not from the logit of the right class": lambda logits, labels: (
            (logits - logits.max(1, keepdim=True).values).logsumexp(1) - _of_labels(logits, labels)
        ).mean(),
        "that is the squared error of the probabilities; the loss is minus the logarithm of the right one": (
            lambda logits, labels: (logits.softmax(1) - _one_hot(logits, labels)).square().sum(1).mean()
        ),
    },
    hints=[
        "By the formula, L = log(sum of exp(z_j)) - z_y. Which part of it overflows, and what does it become if the row's "
        "largest logit is subtracted from all logits of the row?",
        "The logits of the right classes are `logits[torch.arange(len(labels)), labels]`, one per image.",
        "`return (logits.logsumexp(1) - logits[torch.arange(len(labels)), labels]).mean()`",
    ],
)


def _epoch(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    batches: Batches,
    order: str = "loss clear backward step",
    mode: bool = True,
    loss_of: Callable = F.cross_entropy,
    result: Callable = lambda losses, sizes: sum(losses) / len(losses),
) -> float:
    """Train for one epoch; `order` lists what happens to each batch."""
    network.train(mode)
    losses, sizes = [], []
    for images, labels in batches:
        for action in order.split():
            if action == "loss":
                loss = loss_of(network(images), labels)
            elif action == "clear":
                optimizer.zero_grad()
            elif action == "backward":
                loss.backward()
            else:
                optimizer.step()
        losses.append(loss.item())
        sizes.append(len(labels))
    return result(losses, sizes)


def _changed(**options: object) -> Callable:
    return lambda network, optimizer, batches: _epoch(network, optimizer, batches, **options)


class _SGD:
    """SGD described, from which each copy of a case makes the optimizer: torch takes a second to import what that needs."""

    def __init__(self, network: nn.Module, **options: float) -> None:
        self.network, self.options = network, options

    def __deepcopy__(self, memo: dict) -> torch.optim.SGD:
        return torch.optim.SGD(copy.deepcopy(self.network, memo).parameters(), **self.options)


def _training(network: nn.Module, images: Tensor, sizes: Sequence[int], rate: float, momentum: float = 0.0) -> dict:
    """Make a case: a network in evaluation mode, its optimizer, and batches of these sizes."""
    labels = (images.sum(1) > 0).long()
    optimizer = _SGD(network, lr=rate, momentum=momentum)
    return dict(
        network=network.eval(), optimizer=optimizer, batches=list(zip(images.split(sizes), labels.split(sizes), strict=True))
    )


def _whole() -> nn.Sequential:
    """Make a linear layer with whole numbers."""
    linear = layer(nn.Linear, 2, 2)
    linear.weight.data = torch.tensor([[1.0, -1.0], [-1.0, 2.0]], dtype=torch.float64)
    linear.bias.data = torch.tensor([1.0, -1.0], dtype=torch.float64)
    return nn.Sequential(linear)


def _with_norm(seed: int) -> nn.Sequential:
    first, norm = layer(nn.Linear, 3, 5, seed=seed), layer(nn.BatchNorm1d, 5, seed=seed)
    return nn.Sequential(first, norm, nn.ReLU(), layer(nn.Linear, 5, 2, seed=seed + 2))


NEVER = (
    "the weights do not change from batch to batch: each batch needs `loss.backward()` and then `optimizer.step()`, with "
    "`optimizer.zero_grad()` before the backward pass and not between the two"
)
train_epoch = Check(
    "train_epoch",
    changes=("network", "optimizer"),
    reference=_epoch,
    cases=[
        _training(_whole(), digits(7, 2) - 4, (3, 2, 2), rate=0.5),
        _training(_with_norm(1), random(23, 3), (7, 5, 7, 4), rate=0.3, momentum=0.9),
        _training(_with_norm(4), random(19, 3, seed=2), (5, 5, 5, 4), rate=0.7),
    ],
    mistakes={
        "the gradients are never cleared, so that each step uses the sum of all gradients so far; call "
        "`optimizer.zero_grad()` for every batch": _changed(order="loss backward step"),
        NEVER: _changed(order="loss"),
        "the network is not in training mode; call `network.train()` first": _changed(mode=False),
        "the network is not in training mode, and the gradients are never cleared": _changed(
            mode=False, order="loss backward step"
        ),
        "`optimizer.step()` is called twice per batch": _changed(order="loss clear backward step step"),
        "the batches are used in another order; go through the list from its beginning": lambda network, optimizer, batches: (
            _epoch(network, optimizer, batches[::-1])
        ),
        "the losses are added; divide by the number of batches": _changed(result=lambda losses, sizes: sum(losses)),
        "that is the loss of the last batch; return the mean of all batches": _changed(result=lambda losses, sizes: losses[-1]),
        "that is the loss of the first batch; return the mean of all batches, after the loop": _changed(
            result=lambda losses, sizes: losses[0]
        ),
        "the losses are added and divided by the number of images; divide by the number of batches": _changed(
            result=lambda losses, sizes: sum(losses) / sum(sizes)
        ),
        "the mean is weighted by the number of images; each batch counts the same here": _changed(
            result=lambda losses, sizes: sum(n * loss for n, loss in zip(sizes, losses, strict=True)) / sum(sizes)
        ),
        "the losses are divided by the number of images of the last batch; divide by the number of batches": _changed(
            result=lambda losses, sizes: sum(losses) / sizes[-1]
        ),
        "the loss is computed again after the step; use the one whose gradient was taken": _changed(
            order="loss clear backward step loss"
        ),
        "a softmax is applied before `F.cross_entropy`, which applies it itself": _changed(
            loss_of=lambda logits, labels: F.cross_entropy(logits.softmax(1), labels)
        ),
        "the losses of a batch are added; `F.cross_entropy` takes their mean by default": _changed(
            loss_of=lambda logits, labels: F.cross_entropy(logits, labels, reduction="sum")
        ),
        "the step goes up the gradient, because the loss has the wrong sign": _changed(
            loss_of=lambda logits, labels: -F.cross_entropy(logits, labels)
        ),
    },
    hints=[
        "Begin with `network.train()`. Then loop: `for images, labels in batches:`.",
        "The five steps: `loss = F.cross_entropy(network(images), labels)`, `optimizer.zero_grad()`, `loss.backward()`, "
        "`optimizer.step()`; the forward pass is inside the first.",
        "Add `loss.item()` to a total in the loop, and return `total / len(batches)` after it.",
    ],
)

split = Check(
    "split",
    reference="c",
    choices=("a", "b", "c"),
    mistakes={
        "the test images were not trained on, but they chose one network of twenty; that choice makes the number too high": "a",
        "the training loss prefers the network that fits the training images best, which need not be the best on new ones": "b",
    },
    hints=[
        "Suppose that all twenty networks were equally good. Would the best of the twenty test accuracies be above their mean?",
        "Whatever takes part in a choice cannot measure the outcome of that choice. Which images took part here?",
    ],
)

factor = Check(
    "factor",
    reference=1 / 6,
    digits=3,
    mistakes={
        "1/3 is the factor of the convolution alone; the ReLU sets half of it to zero": 1 / 3,
        "1/2 is the factor of the ReLU alone, for weights of variance 1/n; these have a third of that variance": 1 / 2,
        "1 is the factor of He initialisation, whose variance is 2/n": 1.0,
        "2/3 doubles where the ReLU halves": 2 / 3,
        "6 is the inverse: divide the mean square after the layer by the one before it": 6.0,
        "that is the factor of the root mean square; leave out the square root": 6**-0.5,
        "1/9 squares the variance of the weights; it is a variance already": 1 / 9,
        "1/18 squares the variance of the weights; it is a variance already": 1 / 18,
        "that is the factor of eight layers; give the factor of one": 6.0**-8,
    },
    hints=[
        "The variance of a sum of n products is n times the variance of a weight, times the mean square of the inputs.",
        "With a variance of 1/(3n), the convolution's factor is 1/3. What does the ReLU keep of a mean square?",
    ],
)


def _batch_norm(
    x: Tensor,
    weight: Tensor,
    bias: Tensor,
    mean: Tensor,
    var: Tensor,
    training: bool,
    *,
    axes: tuple[int, ...] = (0, 2, 3),
    scaled_by: int = 0,
    stored: int = 1,
    uses_batch: Callable[[bool], bool] = bool,
    updates: Callable[[bool], bool] = bool,
    momentum: tuple[float, float] = (0.9, 0.1),
    scale: Callable = lambda var: (var + 1e-5).sqrt(),
    affine: Callable = lambda x, weight, bias: x * weight + bias,
    kept: Callable = lambda var: var,
    shift: Callable = lambda x, mean: x - mean,
) -> tuple[Tensor, Tensor, Tensor]:
    """Write batch norm with options for what can go wrong; `scaled_by` and `stored` are corrections of a variance."""

    def spread(statistic: Tensor) -> Tensor:
        return statistic if statistic.ndim > 1 else statistic.view(-1, 1, 1)

    batch = x.mean(axes, keepdim=True), x.var(axes, correction=scaled_by, keepdim=True)
    used = batch if uses_batch(training) else (spread(mean), spread(var))
    y = affine(shift(x, used[0]) / scale(used[1]), weight.view(-1, 1, 1), bias.view(-1, 1, 1))
    if updates(training):
        new = x.mean((0, 2, 3)), kept(x.var((0, 2, 3), correction=stored))
        mean, var = (momentum[0] * old + momentum[1] * one.detach() for old, one in zip((mean, var), new, strict=True))
    return y, mean, var


def _norm(**options: object) -> Callable:
    return positional(lambda *values: _batch_norm(*values, **options))


def _by_new_statistics(
    x: Tensor, weight: Tensor, bias: Tensor, running_mean: Tensor, running_var: Tensor, training: bool
) -> tuple[Tensor, Tensor, Tensor]:
    _, mean, var = _batch_norm(x, weight, bias, running_mean, running_var, training)
    return _batch_norm(x, weight, bias, mean, var, training=False)


def _without_history(made: object) -> object:
    """Leave the running statistics out of the comparison of gradients."""
    if isinstance(made, tuple | list) and len(made) == 3 and all(isinstance(one, Tensor) for one in made):
        return (made[0], made[1].detach(), made[2].detach())
    return made


def _norm_case(x: Tensor, training: bool, seed: int, numbers: Callable[..., Tensor] = random) -> dict:
    """Make a case of whole or random numbers; a variance is positive, and so is a weight here."""
    weight, bias, mean, var = (numbers(x.shape[1], seed=seed + place) for place in range(4))
    return dict(x=x, weight=weight.abs(), bias=bias, running_mean=mean, running_var=var.abs() + 1, training=training)


ALWAYS = "`training` is ignored: in evaluation mode the running statistics normalise, and they stay as they are"
batch_norm = Check(
    "batch_norm",
    gradients=("x", "weight", "bias"),
    reference=positional(_batch_norm),
    look=_without_history,
    cases=[
        _norm_case(digits(2, 1, 4, 3), training=True, seed=1, numbers=digits),
        _norm_case(digits(2, 1, 4, 3, seed=5), training=False, seed=6, numbers=digits),
        _norm_case(0.01 * random(3, 5, 2, 7), training=True, seed=11),
        _norm_case(random(7, 3, 5, 2, seed=3), training=False, seed=15),
    ],
    mistakes={
        ALWAYS: _norm(uses_batch=lambda training: True, updates=lambda training: True),
        "the statistics of the batch normalise in evaluation mode too; use the running ones there": _norm(
            uses_batch=lambda training: True
        ),
        "the running statistics are updated in evaluation mode too; they stay as they are there": _norm(
            updates=lambda training: True
        ),
        "the running statistics normalise in training mode too; use those of the batch there": _norm(
            uses_batch=lambda training: False
        ),
        "the running statistics normalise in training mode too, and never change; use those of the batch there": _norm(
            uses_batch=lambda training: False, updates=lambda training: False
        ),
        "the new running statistics normalise in training mode; use those of the batch": _by_new_statistics,
        "the two modes are exchanged: the batch normalises in training, the running statistics in evaluation": _norm(
            uses_batch=lambda training: not training, updates=lambda training: not training
        ),
        "the running statistics never change; in training mode they move a tenth of the way to those of the batch": _norm(
            updates=lambda training: False
        ),
        "the running statistics move nine tenths of the way to those of the batch; keep 0.9 of the old ones": _norm(
            momentum=(0.1, 0.9)
        ),
        "the running statistics are replaced by those of the batch; keep 0.9 of the old ones": _norm(momentum=(0, 1)),
        "a tenth of the batch's statistics is added to the whole old ones; keep 0.9 of the old ones": _norm(momentum=(1, 0.1)),
        "the biased variance is stored; torch updates `running_var` with the unbiased one, divided by n - 1": _norm(stored=0),
        "the unbiased variance normalises; normalise with the biased one, divided by n": _norm(scaled_by=1),
        "the two variances are exchanged: the biased one normalises, the unbiased one is stored": _norm(scaled_by=1, stored=0),
        "the square root is missing; divide by the standard deviation": _norm(scale=lambda var: var + 1e-5),
        "`eps` is missing; add 1e-5 to the variance before the square root": _norm(scale=lambda var: var.sqrt()),
        "`eps` is added after the square root; add it to the variance": _norm(scale=lambda var: var.sqrt() + 1e-5),
        "the division by the standard deviation is missing": _norm(scale=torch.ones_like),
        "the mean is not subtracted": _norm(shift=lambda x, mean: x),
        "`weight` is missing; multiply by it after normalising": _norm(affine=lambda x, weight, bias: x + bias),
        "`bias` is missing; add it at the end": _norm(affine=lambda x, weight, bias: x * weight),
        "`weight` and `bias` are missing; scale and shift after normalising": _norm(affine=lambda x, weight, bias: x),
        "`bias` is added before the multiplication by `weight`; add it afterwards": _norm(
            affine=lambda x, weight, bias: (x + bias) * weight
        ),
        "`weight` and `bias` are exchanged": _norm(affine=lambda x, weight, bias: x * bias + weight),
        "the standard deviation is stored; `running_var` is a variance": _norm(kept=lambda var: var.sqrt()),
        "the statistics are those of each image alone; take them over images, rows and columns, `dim=(0, 2, 3)`": _norm(
            axes=(2, 3)
        ),
        "there is one mean for all channels; each channel has its own, over `dim=(0, 2, 3)`": _norm(axes=(0, 1, 2, 3)),
        "running variance and running mean are returned in the wrong order: the mean comes first": but(
            positional(_batch_norm), result=lambda made: (made[0], made[2], made[1])
        ),
    },
    hints=[
        "In training mode take `x.mean((0, 2, 3))` and `x.var((0, 2, 3), correction=0)`; in evaluation mode, the running ones.",
        "`mean.view(-1, 1, 1)` broadcasts over rows and columns. Then scale by `weight` and shift by `bias`, viewed alike.",
        "The new running variance is `0.9 * running_var + 0.1 * x.var((0, 2, 3))`, whose `var` divides by n - 1 by default.",
    ],
)

evaluation = Check(
    "evaluation",
    reference="a",
    choices=("a", "b", "c"),
    mistakes={
        "overfitting would show on new images in batches of 64 as well; here the batch size alone changes the result": "b",
        "without `torch.no_grad()` a prediction needs more memory, but its numbers are the same": "c",
    },
    hints=[
        "The weights are the same in both cases. Which layer mixes the images of a batch?",
        "In which mode do the other images of a batch have no influence on a prediction?",
    ],
)

flatten = Check(
    "flatten",
    reference=16,
    mistakes={
        "4 images went in, but `-1` makes as many rows as the numbers fill": 4,
        "400 is the length of a row": 400,
        "1600 is how long a row must be to keep the images apart": 1600,
        "6400 is how many numbers there are; how many rows of 400 do they fill?": 6400,
    },
    hints=[
        "How many numbers are in the batch, and how many go into one row?",
        "The batch has 4 * 16 * 10 * 10 numbers; a row has 16 * 5 * 5.",
    ],
)


def _shift(images: Tensor, right: int, down: int) -> Tensor:
    return F.pad(images, (right, -right, down, -down))


def _edges_repeated(images: Tensor, right: int, down: int) -> Tensor:
    rows, columns = (
        (torch.arange(size) - by).clamp(0, size - 1) for size, by in zip(images.shape[2:], (down, right), strict=True)
    )
    return images[:, :, rows][..., columns]


shift = Check(
    "shift",
    reference=_shift,
    cases=[
        dict(images=digits(1, 2, 3, 4), right=1, down=0),
        dict(images=digits(1, 2, 3, 4, seed=1), right=0, down=-1),
        dict(images=random(2, 3, 7, 5), right=2, down=1),
        dict(images=random(3, 2, 5, 7, seed=1), right=-3, down=2),
        dict(images=random(2, 3, 5, 7, seed=2), right=-1, down=-2),
    ],
    mistakes={
        "what leaves the image comes in on the other side; these pixels should be 0": lambda images, right, down: images.roll(
            (down, right), (2, 3)
        ),
        "what leaves the image comes in on the other side, and `right` and `down` are exchanged": positional(
            lambda images, right, down: images.roll((right, down), (2, 3))
        ),
        "the images move left and up; a positive `right` moves them to the right, a positive `down` downwards": but(
            _shift, right=lambda right: -right, down=lambda down: -down
        ),
        "the images move to the left for a positive `right`": but(_shift, right=lambda right: -right),
        "the images move up for a positive `down`": but(_shift, down=lambda down: -down),
        "`right` and `down` are exchanged: columns are the last axis, rows the one before": positional(
            lambda images, right, down: _shift(images, down, right)
        ),
        "`down` is ignored": but(_shift, down=0),
        "`right` is ignored": but(_shift, right=0),
        "negative shifts are ignored; they move the images to the left or up": but(
            _shift, right=lambda right: max(right, 0), down=lambda down: max(down, 0)
        ),
        "negative shifts move the images to the right and down, as positive ones do": but(
            _shift, right=lambda right: abs(right), down=lambda down: abs(down)
        ),
        "the images do not move": lambda images, right, down: images,
        "the images grow; cut off on the other side what is added on one": positional(
            lambda images, right, down: F.pad(images, (right, 0, down, 0))
        ),
        "the pixels of the edge are repeated; the pixels that become free should be 0": _edges_repeated,
    },
    hints=[
        "`F.pad(x, (left, right, top, bottom))` takes negative numbers too: they cut pixels off.",
        "To move everything two columns to the right, add two columns on the left and cut two off on the right.",
        "`return F.pad(images, (right, -right, down, -down))`",
    ],
)
