"""The weights of trained networks as files: those that ship with the course, and those that one lesson trains for a later one.

A file that is missing, broken or of another network never changes a model.
"""

from pathlib import Path

import torch
from torch import Tensor, nn

from cnnlib.files import UNREADABLE, data_folder, reason, written_whole
from cnnlib.seeds import shifted


def save_weights(name: str, model: nn.Module) -> None:
    """Store the weights of a trained model for later lessons, under `name` and the seed.

    Call it when the model has proved good. The file appears only when it is complete. If it cannot be written, one sentence
    is printed. Raises ValueError if `name` is not a plain word or a weight is not a finite number.
    """
    file = _file(name)
    try:
        write_weights(file, model)
    except (OSError, RuntimeError) as error:  # torch.save raises RuntimeError where there is no folder
        print(f"{name} could not be saved in {file.parent} ({reason(error)}); the lesson that needs it will train it again.")


def load_weights(name: str, model: nn.Module) -> bool:
    """Load the weights saved under `name` and the seed into a model, in place, and return whether that was possible.

    A file that cannot be read, or holds the weights of another network, changes nothing: one sentence is printed. Raises
    ValueError if `name` is not a plain word.

    >>> load_weights("never-trained", nn.Linear(2, 3))
    False
    """
    file = _file(name)
    if not file.exists():
        return False
    try:
        read_weights(file, model)
    except ValueError as error:
        print(f"{file.name} is not used ({error}): {name} has to be trained again.")
        return False
    return True


def write_weights(file: Path, model: nn.Module) -> None:
    """Write a model's weights to a file, from whatever device they are on; it appears only when it is complete.

    Raises ValueError if a weight is not a finite number, OSError or RuntimeError if the file cannot be written.
    """
    state = {key: tensor.detach().cpu().contiguous() for key, tensor in model.state_dict().items()}
    if broken := [key for key, tensor in state.items() if not tensor.isfinite().all()]:
        raise ValueError(f"{file.stem} has weights that are not finite ({broken[0]}): it is not saved")
    with written_whole(file) as part:
        torch.save(state, part)


def read_weights(file: Path, model: nn.Module) -> None:
    """Read a file of weights into a model, in place; no code in the file is run.

    Raises ValueError, with the model unchanged, if the file cannot be read or does not hold finite weights of the names,
    shapes and types of this model's.
    """
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
        _check(state, model.state_dict())
    except UNREADABLE as error:
        raise ValueError(reason(error)) from None
    model.load_state_dict(state)


def _file(name: str) -> Path:
    if not name.replace("-", "").isalnum():
        raise ValueError(f"weights are saved under a plain word, got {name!r}")
    return data_folder() / "weights" / f"{name}-{shifted(0)}.pt"


def _check(state: object, expected: dict[str, Tensor]) -> None:
    """Raise ValueError unless `state` has the names, shapes and types of `expected` and finite numbers."""
    if not isinstance(state, dict) or not all(isinstance(tensor, Tensor) for tensor in state.values()):
        raise ValueError("it does not hold the weights of a network")
    forms, expected_forms = ({key: (tensor.shape, tensor.dtype) for key, tensor in each.items()} for each in (state, expected))
    if forms != expected_forms:
        raise ValueError("it holds the weights of another network")
    if not all(tensor.isfinite().all() for tensor in state.values()):
        raise ValueError("it holds weights that are not finite")
