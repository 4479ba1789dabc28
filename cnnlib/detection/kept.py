"""Detectors that one lesson trains and a later one compares: kept as weights in the course's data folder, by name and seed.

A detector that is not there, or not readable, costs its training again and nothing else.
"""

import os
import pickle
from pathlib import Path

import torch
from torch import Tensor, nn

from cnnlib.data import real
from cnnlib.seeds import shifted

UNREADABLE = (OSError, RuntimeError, ValueError, TypeError, AttributeError, EOFError, LookupError, pickle.UnpicklingError)


def keep(name: str, model: nn.Module) -> None:
    """Store the weights of a trained model for lessons to come; call it once the model has proved good.

    The file appears under its name only when it is whole. Where it cannot be written, a sentence says so. Raises ValueError if
    `name` is not a plain word or a weight is not a finite number.
    """
    file = _file(name)
    state = {key: tensor.detach().cpu() for key, tensor in model.state_dict().items()}
    if broken := [key for key, tensor in state.items() if not tensor.isfinite().all()]:
        raise ValueError(f"{name} has weights that are not finite ({broken[0]}): it is not kept")
    part = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        torch.save(state, part)
        part.replace(file)
    except (OSError, RuntimeError) as error:  # torch.save says RuntimeError where there is no folder
        print(f"{name} could not be kept in {file.parent} ({_words(error)}); the lesson that needs it will train it again.")
    finally:
        _remove(part)


def kept(name: str, model: nn.Module) -> bool:
    """Load the weights that were kept under `name` into a model, in place, and tell whether there were any.

    A file that cannot be read or is of another network changes nothing: a sentence says so. Raises ValueError if `name` is not
    a plain word.

    >>> kept("never-trained", nn.Linear(2, 3))
    False
    """
    file = _file(name)
    if not file.exists():
        return False
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
        _check(state, model.state_dict())
    except UNREADABLE as error:
        print(f"{file.name} is not used ({_words(error)}): {name} has to be trained again.")
        return False
    model.load_state_dict(state)
    return True


def _file(name: str) -> Path:
    if not name.replace("-", "").isalnum():
        raise ValueError(f"a detector is kept under a plain word, got {name!r}")
    return real.folder() / "detectors" / f"{name}-{shifted(0)}.pt"


def _check(state: object, expected: dict[str, Tensor]) -> None:
    """Raise ValueError unless `state` has the names, shapes and kinds of `expected` and finite numbers."""
    if not isinstance(state, dict) or not all(isinstance(tensor, Tensor) for tensor in state.values()):
        raise ValueError("it does not hold the weights of a network")
    forms = ({key: (tensor.shape, tensor.dtype) for key, tensor in each.items()} for each in (state, expected))
    if next(forms) != next(forms):
        raise ValueError("it holds the weights of another network")
    if not all(tensor.isfinite().all() for tensor in state.values()):
        raise ValueError("it holds weights that are not finite")


def _remove(part: Path) -> None:
    try:
        part.unlink(missing_ok=True)
    except OSError:
        return


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:80] or type(error).__name__
