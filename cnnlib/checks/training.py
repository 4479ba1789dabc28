"""Checks of lesson 02: cross-entropy, the training loop, three sets, initialisation, batch norm, flattening, shifts."""

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any

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


def _kept_from_zero(keep: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    return lambda logits, labels: -keep(_of_labels(logits.softmax(1), labels)).log().mean()


CONSTANTS = (1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6)  # with which logarithms of 0 are avoided
cross_entropy = Check(
    "cross_entropy",
    gradients=("logits",),
    errors={"out of bounds": "images come first, classes second: `logits[torch.arange(len(labels)), labels]`"},
    without=("cross_entropy", "CrossEntropyLoss"),
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
        **{
            f"{constant:g} keeps the probability away from 0, so that the loss cannot grow beyond {-math.log(constant):.0f}; "
            "`torch.logsumexp` needs no such constant": _kept_from_zero(lambda p, constant=constant: p + constant)
            for constant in CONSTANTS
        },
        **{
            f"the probability is kept above {constant:g}, so that the loss cannot grow beyond {-math.log(constant):.0f}; "
            "`torch.logsumexp` needs no such limit": _kept_from_zero(lambda p, constant=constant: p.clamp(min=constant))
            for constant in CONSTANTS[-2:]  # which differ from the ones added
        },
        **{
            f"the logits are limited to {limit}, which changes the loss of large ones; subtract each row's largest logit": but(
                _cross_entropy, logits=lambda logits, limit=limit: logits.clamp(-limit, limit)
            )
            for limit in (20, 50, 100, 500)
        },
        "the softmax runs over all images and classes; it runs over the classes of one image, `dim=1`": lambda logits, labels: (
            logits.logsumexp((0, 1)) - _of_labels(logits, labels).mean()
        ),
        "the softmax runs over all images and classes, and `exp` overflows; it runs over the classes of one image": (
            lambda logits, labels: -_of_labels(logits.exp() / logits.exp().sum(), labels).log().mean()
        ),
        "the largest logit of each class is subtracted; subtract that of each image, `logits.max(1, keepdim=True)`": (
            lambda logits, labels: _naive(logits - logits.max(0).values, labels)
        ),
        "the largest logit of all images is subtracted, so that `exp` is 0 in a whole row; subtract that of each image": (
            lambda logits, labels: _naive_sum(logits - logits.max(), labels)
        ),
        "that is the loss of the last image alone; return the mean over all images": lambda logits, labels: _cross_entropy(
            logits[-1:], labels[-1:]
        ),
        "that is the loss of the first image alone; return the mean over all images": lambda logits, labels: _cross_entropy(
            logits[:1], labels[:1]
        ),
        "the logit of the right class is missing; subtract it from the logarithm of the sum": lambda logits, labels: (
            logits.logsumexp(1).mean()
        ),
        "the largest logit is subtracted from the logit of the right class but not in the sum": lambda logits, labels: (
            _cross_entropy(logits, labels) + logits.max(1).values.mean()
        ),
        "that is the loss of the class before the right one; labels begin at 0, as indices do": but(
            _cross_entropy, labels=lambda labels, logits: (labels - 1) % logits.shape[1]
        ),
        "the mean is divided by the number of images once more": but(_cross_entropy, result=lambda y, labels: y / len(labels)),
        "that is the exponential of the loss; leave out the last `exp`": but(_cross_entropy, result=torch.exp),
        "the logarithm is taken of the mean probability; take it per image, then the mean": lambda logits, labels: (
            -_of_labels(logits.softmax(1), labels).mean().log()
        ),
        "that is the binary cross-entropy of every class; take the softmax, and the logarithm of the right class": (
            lambda logits, labels: F.binary_cross_entropy_with_logits(logits, _one_hot(logits, labels))
        ),
        "that is the squared error of the logits; the loss is minus the logarithm of the right class's probability": (
            lambda logits, labels: F.mse_loss(logits, _one_hot(logits, labels))
        ),
        "the largest logit stands in for the logarithm of the sum; `torch.logsumexp` adds all classes": lambda logits, labels: (
            logits.max(1).values - _of_labels(logits, labels)
        ).mean(),
        "`exp` is missing: the logits themselves are added; use `torch.logsumexp`": lambda logits, labels: (
            logits.sum(1).log() - _of_labels(logits, labels)
        ).mean(),
        "the logits are divided by their sum without `exp`; exponentiate first": lambda logits, labels: (
            -_of_labels(logits / logits.sum(1, keepdim=True), labels).log().mean()
        ),
        "the logits are divided by the largest one; subtract it": but(
            _cross_entropy, logits=lambda logits: logits / logits.max(1, keepdim=True).values
        ),
        "the sign of the logits is wrong; a larger logit means a larger probability": but(
            _cross_entropy, logits=lambda logits: -logits
        ),
        "the sum over the images is divided by the number of classes; divide by the number of images": but(
            _cross_entropy, result=lambda y, logits: y * logits.shape[0] / logits.shape[1]
        ),
        "that is the largest loss of all images; return their mean": lambda logits, labels: F.cross_entropy(
            logits, labels, reduction="none"
        ).max(),
        "that is the share of images that are predicted wrongly, which has no gradient": lambda logits, labels: (
            (logits.argmax(1) != labels).to(logits).mean()
        ),
        "that is the sigmoid's probability, and its logarithm is infinite for large logits; use the softmax": (
            lambda logits, labels: -_of_labels(logits.sigmoid(), labels).log().mean()
        ),
        "that is the median of the losses; return their mean": lambda logits, labels: F.cross_entropy(
            logits, labels, reduction="none"
        ).median(),
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


def _changed(**options: Any) -> Callable:
    return lambda network, optimizer, batches: _epoch(network, optimizer, batches, **options)


class _SGD:
    """SGD described, from which each copy of a case makes the optimizer: torch takes a second to import what that needs."""

    def __init__(self, network: nn.Module, **options: Any) -> None:
        self.network, self.options = network, options

    def __deepcopy__(self, memo: dict) -> torch.optim.SGD:
        return torch.optim.SGD(copy.deepcopy(self.network, memo).parameters(), **self.options)

    def __repr__(self) -> str:
        return f"SGD({', '.join(f'{name}={value:g}' for name, value in self.options.items())})"


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


def _by_hand(network: nn.Module, optimizer: torch.optim.Optimizer, batches: Batches) -> float:
    """Move the weights by plain gradient descent at the optimizer's learning rate."""
    plain = torch.optim.SGD(network.parameters(), lr=optimizer.param_groups[0]["lr"])
    return _epoch(network, plain, batches)


def _accuracy(network: nn.Module, optimizer: torch.optim.Optimizer, batches: Batches) -> float:
    right = []

    def loss_of(logits: Tensor, labels: Tensor) -> Tensor:
        right.append((logits.argmax(1) == labels).double().mean().item())
        return F.cross_entropy(logits, labels)

    _epoch(network, optimizer, batches, loss_of=loss_of)
    return sum(right) / len(right)


def _own_optimizer(make: Callable) -> Callable:
    return lambda network, optimizer, batches: _epoch(network, make(network.parameters()), batches)


def _doubled(loss: Tensor) -> Tensor:
    """Double the gradient of a loss, and leave its value."""
    return 2 * loss - loss.detach()


def _moving(losses: Sequence[float], sizes: Sequence[int]) -> float:
    average = 0.0
    for loss in losses:
        average = (average + loss) / 2
    return average


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
        "the gradients are not cleared from batch to batch, so that each step uses the sum of all so far; call "
        "`optimizer.zero_grad()` for every batch": _changed(order="loss backward step"),
        NEVER: _changed(order="loss"),
        "the network is not in training mode; call `network.train()` first": _changed(mode=False),
        "the network is not in training mode, and the gradients are not cleared from batch to batch": _changed(
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
        "the function returns in the loop, after the first batch; return after the loop": lambda network, optimizer, batches: (
            _epoch(network, optimizer, batches[:1], result=lambda losses, sizes: losses[0] / len(batches))
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
        "the last batch is left out; use every batch of the list": lambda network, optimizer, batches: _epoch(
            network, optimizer, batches[:-1]
        ),
        "the last batch is left out, but counted; use every batch of the list": lambda network, optimizer, batches: _epoch(
            network, optimizer, batches[:-1], result=lambda losses, sizes: sum(losses) / len(batches)
        ),
        "the first batch is left out; use every batch of the list": lambda network, optimizer, batches: _epoch(
            network, optimizer, batches[1:]
        ),
        "the losses are divided by one less than the number of batches": _changed(
            result=lambda losses, sizes: sum(losses) / (len(losses) - 1)
        ),
        "the network is not in training mode, and the losses are added; divide by the number of batches": _changed(
            mode=False, result=lambda losses, sizes: sum(losses)
        ),
        "the gradients are not cleared from batch to batch, and the losses are added; divide by their number": _changed(
            order="loss backward step", result=lambda losses, sizes: sum(losses)
        ),
        "the list is gone through twice; one epoch uses every batch once": lambda network, optimizer, batches: (
            _epoch(network, optimizer, batches),
            _epoch(network, optimizer, batches),
        )[1],
        "`F.nll_loss` expects logarithms of probabilities; `F.cross_entropy` takes the logits": _changed(loss_of=F.nll_loss),
        "the total holds the last loss alone; set it to 0 once, before the loop, and add every loss with `+=`": _changed(
            result=lambda losses, sizes: losses[-1] / len(losses)
        ),
        "each loss is divided by the number of images in its batch; it is their mean already": _changed(
            result=lambda losses, sizes: sum(loss / n for loss, n in zip(losses, sizes, strict=True)) / len(losses)
        ),
        "each loss is multiplied by the number of images in its batch; every batch counts the same here": _changed(
            result=lambda losses, sizes: sum(n * loss for n, loss in zip(sizes, losses, strict=True)) / len(losses)
        ),
        "the losses are divided by 2, the length of a pair; divide by the number of batches, `len(batches)`": _changed(
            result=lambda losses, sizes: sum(losses) / 2
        ),
        "the losses are divided by the number of images of the first batch; divide by the number of batches": _changed(
            result=lambda losses, sizes: sum(losses) / sizes[0]
        ),
        "each loss is averaged with the mean so far, so that late batches count more; add up, and divide once": _changed(
            result=_moving
        ),
        "the weights are moved without the optimizer's momentum; call `optimizer.step()`": _by_hand,
        **{
            f"the weights move at a learning rate of {rate:g}, as by a new optimizer; use the given one": _own_optimizer(
                lambda weights, rate=rate: torch.optim.SGD(weights, lr=rate)
            )
            for rate in (0.1, 0.01, 0.001)
        },
        "that is the accuracy, not the loss; add up `loss.item()`": _accuracy,
        "that is the largest loss of all batches; return their mean": _changed(result=lambda losses, sizes: max(losses)),
        "that is the smallest loss of all batches; return their mean": _changed(result=lambda losses, sizes: min(losses)),
        "`loss.backward()` is called twice per batch, which doubles every step": _changed(
            loss_of=lambda logits, labels: _doubled(F.cross_entropy(logits, labels))
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
        "that is close to 0, as after many layers; give the factor of one layer": 6.0**-8,
        "3 is the inverse of the convolution's factor; divide the mean square after the layer by the one before it": 3.0,
        "2 is what He initialisation makes up for; the ReLU halves": 2.0,
        "3/2 is the inverse of 2/3, and the ReLU halves in place of doubling": 3 / 2,
        "1/4 halves twice; the ReLU halves once, and the convolution's factor is n times 1/(3n)": 1 / 4,
        "1/12 halves twice; the ReLU halves the mean square once": 1 / 12,
        "that is the factor of the root mean square, for the convolution alone; leave out the square root, and add the ReLU": (
            3**-0.5
        ),
        "1/36 is the factor of two layers; give that of one": 1 / 36,
        "0.166 is cut off after three decimals; round it, or give a fraction": 0.166,
        "0.17 is rounded too far; give three decimals, or a fraction": 0.17,
        "0.2 is rounded too far; give three decimals, or a fraction": 0.2,
        "0.16 is cut off after two decimals; give three, rounded, or a fraction": 0.16,
        "a mean square cannot be negative, and neither can the factor": -1 / 6,
        "that is 1/2 plus 1/3, or 1 minus the factor; the convolution and the ReLU multiply one after the other": 5 / 6,
        "that is in per cent; give a fraction": 100 / 6,
        "16.7 is in per cent; give a fraction": 16.7,
    },
    hints=[
        "The variance of a sum of n products is n times the variance of a weight, times the mean square of the inputs.",
        "With a variance of 1/(3n), the convolution's factor is 1/3. What does the ReLU keep of a mean square?",
    ],
)


def _spread(statistic: Tensor) -> Tensor:
    return statistic if statistic.ndim > 1 else statistic.view(-1, 1, 1)


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
    normalised: Callable = lambda x, mean, deviation: (x - mean) / deviation,
    variance: Callable = lambda x, axes, correction: x.var(axes, correction=correction, keepdim=True),
) -> tuple[Tensor, Tensor, Tensor]:
    """Write batch norm with options for what can go wrong; `scaled_by` and `stored` are corrections of a variance."""
    batch = x.mean(axes, keepdim=True), variance(x, axes, scaled_by)
    used = batch if uses_batch(training) else (_spread(mean), _spread(var))
    y = affine(normalised(x, used[0], scale(used[1])), weight.view(-1, 1, 1), bias.view(-1, 1, 1))
    if updates(training):
        new = x.mean((0, 2, 3)), kept(x.var((0, 2, 3), correction=stored))
        mean, var = (momentum[0] * old + momentum[1] * one.detach() for old, one in zip((mean, var), new, strict=True))
    return y, mean, var


def _norm(**options: Any) -> Callable:
    return positional(lambda *values: _batch_norm(*values, **options))


def _by_new_statistics(
    x: Tensor, weight: Tensor, bias: Tensor, running_mean: Tensor, running_var: Tensor, training: bool
) -> tuple[Tensor, Tensor, Tensor]:
    _, mean, var = _batch_norm(x, weight, bias, running_mean, running_var, training)
    return _batch_norm(x, weight, bias, mean, var, training=False)


def _only(mode: bool, **options: Any) -> Callable:
    """Make a batch norm that is wrong in one of its modes alone."""
    return positional(lambda *values: _batch_norm(*values, **options) if values[-1] is mode else _batch_norm(*values))


def _stored(wrong: Callable, **options: Any) -> Callable:
    """Make a batch norm whose new running statistics in training mode are wrong: `wrong(x, old mean, old var, new ones)`."""

    def norm(
        x: Tensor, weight: Tensor, bias: Tensor, mean: Tensor, var: Tensor, training: bool
    ) -> tuple[Tensor, Tensor, Tensor]:
        y, new_mean, new_var = _batch_norm(x, weight, bias, mean, var, training, **options)
        return (y, *wrong(x, mean, var, new_mean, new_var)) if training else (y, mean, var)

    return positional(norm)


def _second_moment(x: Tensor, axes: tuple[int, ...], correction: int) -> Tensor:
    return x.square().mean(axes, keepdim=True)


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
        _norm_case(random(2, 5, 3, 7, seed=4), training=True, seed=19),
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
        "the two modes are exchanged; use the batch in training mode, and the running statistics in evaluation mode": _norm(
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
        "the biased variance is stored; `running_var` takes the unbiased one, `x.var((0, 2, 3))`": _norm(stored=0),
        "the unbiased variance normalises; normalise with the biased one, `correction=0`": _norm(scaled_by=1),
        "the two variances are exchanged; normalise with the biased one, and store the unbiased one": _norm(
            scaled_by=1, stored=0
        ),
        "the square root is missing; divide by the standard deviation": _norm(scale=lambda var: var + 1e-5),
        "`eps` is missing; add 1e-5 to the variance before the square root": _norm(scale=lambda var: var.sqrt()),
        "`eps` is added after the square root; add it to the variance": _norm(scale=lambda var: var.sqrt() + 1e-5),
        "the division by the standard deviation is missing": _norm(scale=torch.ones_like),
        "the mean is not subtracted": _norm(normalised=lambda x, mean, deviation: x / deviation),
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
        "in training mode the unbiased standard deviation normalises, and `eps` is added to it; use the biased variance": _only(
            True, scaled_by=1, scale=lambda var: var.sqrt() + 1e-5
        ),
        "in training mode the unbiased standard deviation normalises, without `eps`; use the biased variance": _only(
            True, scaled_by=1, scale=torch.sqrt
        ),
        "the unbiased variance normalises, and `eps` is added after the square root": _norm(
            scaled_by=1, scale=lambda var: var.sqrt() + 1e-5
        ),
        "the unbiased variance normalises, and `eps` is missing": _norm(scaled_by=1, scale=torch.sqrt),
        **{
            f"`eps` is {eps:g}; use 1e-5": _norm(scale=lambda var, eps=eps: (var + eps).sqrt())
            for eps in (1e-3, 1e-4, 1e-6, 1e-8)
        },
        **{
            f"the new running statistics are {old:g} times the old plus {new:g} times the batch's; use 0.9 and 0.1": _norm(
                momentum=(old, new)
            )
            for old, new in ((0.99, 0.01), (0.5, 0.5), (0.9, 1.0), (0.9, 0.0), (1.1, -0.1), (0.8, 0.2), (0.9, 0.01))
        },
        "the running mean is updated, the running variance is not; both move": _stored(
            lambda x, mean, var, new_mean, new_var: (new_mean, var)
        ),
        "the running variance is updated, the running mean is not; both move": _stored(
            lambda x, mean, var, new_mean, new_var: (mean, new_var)
        ),
        "the running mean moves towards the variance of the batch, and the running variance towards its mean": _stored(
            lambda x, mean, var, new_mean, new_var: (
                0.9 * mean + new_var - 0.9 * var,
                0.9 * var + new_mean - 0.9 * mean,
            )
        ),
        "the stored variance is divided by the number of images minus 1; its m counts the pixels of all images": _stored(
            lambda x, mean, var, new_mean, new_var: (
                new_mean,
                0.9 * var + 0.1 * x.var((0, 2, 3), correction=0) * len(x) / (len(x) - 1),
            )
        ),
        "the biased variance is stored, and `eps` is missing": _norm(stored=0, scale=torch.sqrt),
        "the biased variance is stored, and `eps` is added after the square root": _norm(
            stored=0, scale=lambda var: var.sqrt() + 1e-5
        ),
        "the running statistics move nine tenths of the way, and the biased variance is stored": _norm(
            momentum=(0.1, 0.9), stored=0
        ),
        "the statistics are those of each pixel over the images; take them over images, rows and columns, `dim=(0, 2, 3)`": (
            _norm(axes=(0,))
        ),
        "the statistics are those of each image over all its channels; take them per channel, `dim=(0, 2, 3)`": _norm(
            axes=(1, 2, 3)
        ),
        **{
            f"the statistics are those of {part}, and the running ones their mean over all; take them per channel, "
            "`dim=(0, 2, 3)`": _stored(
                lambda x, mean, var, new_mean, new_var, dims=dims, correction=correction: (
                    new_mean,
                    0.9 * var + 0.1 * x.var(dims, correction=correction, keepdim=True).mean((0, 2, 3)),
                ),
                axes=dims,
                scaled_by=correction,
            )
            for part, dims, correction in (
                ("each image alone", (2, 3), 0),
                ("each image alone, with the unbiased variance", (2, 3), 1),
                ("each pixel over the images", (0,), 0),
                ("each pixel over the images, with the unbiased variance", (0,), 1),
            )
        },
        "there is one mean and one variance for all channels, in the running ones too; each channel has its own": _stored(
            lambda x, mean, var, new_mean, new_var: (0.9 * mean + 0.1 * x.mean(), 0.9 * var + 0.1 * x.var()),
            axes=(0, 1, 2, 3),
        ),
        "the columns are left out of the statistics; take them over images, rows and columns, `dim=(0, 2, 3)`": _norm(
            axes=(0, 2)
        ),
        "the mean square stands in for the variance; subtract the mean before you square": _norm(variance=_second_moment),
        "the mean square stands in for the variance, in the running one too; subtract the mean before you square": _stored(
            lambda x, mean, var, new_mean, new_var: (new_mean, 0.9 * var + 0.1 * x.square().mean((0, 2, 3))),
            variance=_second_moment,
        ),
        "`eps` is added to the result; add it to the variance before the square root": _norm(
            scale=torch.sqrt, affine=lambda x, weight, bias: x * weight + bias + 1e-5
        ),
        "`weight` and `bias` are missing in evaluation mode; they scale and shift in both modes": _only(
            False, affine=lambda x, weight, bias: x
        ),
        "the square root is missing in evaluation mode; divide by the standard deviation in both": _only(
            False, scale=lambda var: var + 1e-5
        ),
        "the square root is missing in training mode; divide by the standard deviation in both": _only(
            True, scale=lambda var: var + 1e-5
        ),
        "`eps` is missing in evaluation mode; add it in both": _only(False, scale=torch.sqrt),
        "`eps` is missing in training mode; add it in both": _only(True, scale=torch.sqrt),
        "`weight` multiplies the input before the mean is subtracted; put brackets around `x - mean`": positional(
            lambda x, weight, *values: _batch_norm(
                x, weight, *values, normalised=lambda x, mean, deviation: (x - mean / _spread(weight)) / deviation
            )
        ),
        "only the mean is divided by the standard deviation; put brackets around `x - mean`": _norm(
            normalised=lambda x, mean, deviation: x - mean / deviation
        ),
        "the m of the stored variance counts the numbers of all channels; each channel has its own": _stored(
            lambda x, mean, var, new_mean, new_var: (
                new_mean,
                0.9 * var + 0.1 * x.var((0, 2, 3), correction=0) * x.numel() / (x.numel() - 1),
            )
        ),
        "`weight` and `bias` are applied before normalising; scale and shift afterwards": positional(
            lambda x, weight, bias, *values: _batch_norm(
                x,
                weight,
                bias,
                *values,
                normalised=lambda x, mean, deviation: (x * _spread(weight) + _spread(bias) - mean) / deviation,
                affine=lambda x, weight, bias: x,
            )
        ),
        "the deviation from the mean is multiplied by the standard deviation; divide by it": _norm(
            normalised=lambda x, mean, deviation: (x - mean) * deviation
        ),
        "the running statistics normalise in training mode too, and are updated in evaluation mode too": _norm(
            uses_batch=lambda training: False, updates=lambda training: True
        ),
        "the running statistics are replaced by those of the batch, with the biased variance": _norm(momentum=(0, 1), stored=0),
        "the mean is added; subtract it": _norm(normalised=lambda x, mean, deviation: (x + mean) / deviation),
        "`bias` is subtracted; add it": _norm(affine=lambda x, weight, bias: x * weight - bias),
    },
    hints=[
        "In training mode take `x.mean((0, 2, 3))` and `x.var((0, 2, 3), correction=0)`; in evaluation mode, the running ones.",
        "`mean.view(-1, 1, 1)` broadcasts over rows and columns. Then scale by `weight` and shift by `bias`, viewed alike.",
        "The new running variance is `0.9 * running_var + 0.1 * x.var((0, 2, 3))`, whose `var` is the unbiased one by default.",
    ],
)

evaluation = Check(
    "evaluation",
    reference="a",
    choices=("a", "b", "c"),
    mistakes={
        "overfitting would show on new images in batches of 256 as well; here the batch size alone changes the result": "b",
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
        "1 would be a single row of 6400 numbers; a row has 400": 1,
        "64 is the number of feature maps; how many rows of 400 numbers do they fill?": 64,
        "25 is the number of positions of a 5x5 map; count rows of 16 * 5 * 5 numbers": 25,
        "100 is the number of positions of a 10x10 map; count rows of 16 * 5 * 5 numbers": 100,
        "256 is 6400 divided by 25; a row has 16 * 5 * 5 numbers": 256,
        "2 is how many times as long each side is; a map has four times as many numbers, and there are 4 images": 2,
        "8 counts one side of the maps; both are twice as long": 8,
        "1/4 is how much of an image is in one row; how many rows are there?": 1 / 4,
        "40 is 4 * 10; divide all 4 * 16 * 10 * 10 numbers by the length of a row": 40,
        "160 is 16 * 10; divide all 4 * 16 * 10 * 10 numbers by the length of a row": 160,
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


def _cleared(images: Tensor, right: int, down: int) -> Tensor:
    images = images.clone()
    images[:, :, : max(down, 0)] = images[..., : max(right, 0)] = 0
    return images


def _not_cleared(images: Tensor, right: int, down: int) -> Tensor:
    return torch.where(_shift(torch.ones_like(images), right, down) > 0, _shift(images, right, down), images)


def _rolled_and_cleared(images: Tensor, right: int, down: int) -> Tensor:
    images = images.roll((down, right), (2, 3))
    images[:, :, :down] = images[..., :right] = 0
    return images


def _wrapped(images: Tensor, right: int, down: int) -> Tensor:
    """Read the pixel at an index that may be negative, which counts from the end; beyond the end there are zeros."""
    padded = F.pad(images, (0, max(-right, 0), 0, max(-down, 0)))
    rows, columns = (torch.arange(size) - by for size, by in zip(images.shape[2:], (down, right), strict=True))
    rows, columns = (
        torch.where(places < 0, places + size, places) for places, size in zip((rows, columns), images.shape[2:], strict=True)
    )
    return padded[:, :, rows][..., columns]


shift = Check(
    "shift",
    reference=_shift,
    cases=[
        dict(images=digits(1, 2, 3, 4), right=1, down=0),
        dict(images=digits(1, 2, 3, 4, seed=1), right=0, down=-1),
        dict(images=digits(1, 1, 4, 4, seed=2), right=1, down=2),
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
        "what comes in again on the other side is cleared for positive shifts alone; a negative slice clears nearly all": (
            _rolled_and_cleared
        ),
        "zeros are added on both sides; add them on one side, and cut off on the other, `-right` and `-down`": positional(
            lambda images, right, down: F.pad(images, (right, right, down, down))
        ),
        "zeros are added on the right and at the bottom, so that the images grow and do not move": positional(
            lambda images, right, down: F.pad(images, (0, right, 0, down))
        ),
        "negative shifts make the images smaller; what is cut off on one side has to be added on the other": positional(
            lambda images, right, down: F.pad(images, (right, 0, down, 0))[:, :, : images.shape[2], : images.shape[3]]
        ),
        "negative shifts make the images larger; what is added on one side has to be cut off on the other": positional(
            lambda images, right, down: F.pad(images, (max(right, 0), -right, max(down, 0), -down))
        ),
        "pixels are cut off, and no zeros are added on the other side": positional(
            lambda images, right, down: images[:, :, down:, right:]
        ),
        "the pixels that become free are 1; they should be 0": positional(
            lambda images, right, down: F.pad(images, (right, -right, down, -down), value=1.0)
        ),
        "the pixels that become free keep their old values; they should be 0": _not_cleared,
        "`F.pad` takes (left, right, top, bottom); here it is given left, top, right, bottom": positional(
            lambda images, right, down: F.pad(images, (right, down, -right, -down))
        ),
        "only the first image of the batch is moved": positional(
            lambda images, right, down: torch.cat([_shift(images[:1], right, down), images[1:]])
        ),
        "only the first image of the batch is returned": but(_shift, images=lambda images: images[:1]),
        "the images move twice as far": but(_shift, right=lambda right: 2 * right, down=lambda down: 2 * down),
        "the images move down by `right`": but(_shift, down=lambda right: right),
        "the images move right by `down`": but(_shift, right=lambda down: down),
        "`F.pad` starts with the last axis; its third pair, if there is one, is that of the channels": positional(
            lambda images, right, down: F.pad(images, (0, 0, right, -right, down, -down))
        ),
        "the edge is cleared, but the images do not move": _cleared,
        "a negative index counts from the end: for positive shifts, pixels come in on the other side": _wrapped,
        "a copy moved to the right and a copy moved down are added; move one image in both directions": positional(
            lambda images, right, down: _shift(images, right, 0) + _shift(images, 0, down)
        ),
        "all pixels are 0; copy those that stay in the image": lambda images, right, down: torch.zeros_like(images),
        "the images move one pixel more than asked, to the right and down": but(
            _shift, right=lambda right: right + 1, down=lambda down: down + 1
        ),
        "`right` and `down` are exchanged, and the images move left and up": positional(
            lambda images, right, down: _shift(images, -down, -right)
        ),
        "what leaves on the left or right comes in on the other side; these pixels should be 0": positional(
            lambda images, right, down: _shift(images, 0, down).roll(right, 3)
        ),
        "the pixels that become free are -1; they should be 0": positional(
            lambda images, right, down: F.pad(images, (right, -right, down, -down), value=-1.0)
        ),
        "the images only move if both numbers are positive": positional(
            lambda images, right, down: _shift(images, right, down) if right > 0 and down > 0 else images
        ),
        "the images move half as far": but(_shift, right=lambda right: right // 2, down=lambda down: down // 2),
        "the images move left and up, whatever the signs are": but(
            _shift, right=lambda right: -abs(right), down=lambda down: -abs(down)
        ),
        "the images move one pixel less than asked, to the right and down": but(
            _shift, right=lambda right: right - 1, down=lambda down: down - 1
        ),
        "what leaves at the top or bottom comes in on the other side; these pixels should be 0": positional(
            lambda images, right, down: _shift(images, right, 0).roll(down, 2)
        ),
    },
    hints=[
        "`F.pad(x, (left, right, top, bottom))` takes negative numbers too: they cut pixels off.",
        "To move everything two columns to the right, add two columns on the left and cut two off on the right.",
        "`return F.pad(images, (right, -right, down, -down))`",
    ],
)
