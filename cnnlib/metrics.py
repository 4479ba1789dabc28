"""How good a prediction is: accuracy for classifiers."""

from torch import Tensor


def accuracy(scores: Tensor, labels: Tensor) -> float:
    """Count how often the highest score is the right one: (N, K), (N,) -> a fraction in 0 ... 1.

    Raises ValueError if the shapes disagree or N is 0.

    >>> import torch
    >>> accuracy(torch.tensor([[0.1, 0.9], [0.8, 0.2]]), torch.tensor([1, 1]))
    0.5
    """
    if scores.ndim != 2 or labels.shape != scores.shape[:1] or not len(labels):
        raise ValueError(f"accuracy takes scores (N, K), labels (N,), N > 0; got {tuple(scores.shape)}, {tuple(labels.shape)}")
    return (scores.argmax(1) == labels.to(scores.device)).double().mean().item()
