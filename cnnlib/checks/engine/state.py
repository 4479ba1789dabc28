"""What an answer can change for everybody else: one table of what is saved, what an answer finds, and how it is restored."""

import contextlib
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
import torch

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGALRM") if hasattr(signal, name)]


class Setting(NamedTuple):
    """One row of the table: `save` reads a value, `restore` puts it back, `prepare` sets what an answer finds."""

    name: str
    save: Callable[[], Any]
    restore: Callable[[Any], Any]
    prepare: Callable[[], Any] = lambda: None


def _entered(context: contextlib.AbstractContextManager) -> contextlib.AbstractContextManager:
    context.__enter__()
    return context


def _left(context: contextlib.AbstractContextManager) -> None:
    context.__exit__(None, None, None)


def _deterministic() -> tuple[bool, bool]:
    return torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()


def _make_deterministic(mode: tuple[bool, bool]) -> None:
    if mode != _deterministic():  # only then: the call imports torch's compiler, which takes a second and 140 MB
        torch.use_deterministic_algorithms(mode[0], warn_only=mode[1])


def _default_device() -> torch.device:
    try:
        return torch.get_default_device()
    except AttributeError:  # torch 2.4, once a default device was taken back
        return torch.device("cpu")


def _device(device: torch.device) -> None:
    torch.set_default_device(None if device.type == "cpu" else device)


def _accelerators() -> list[torch.Tensor]:
    """Save the random states of devices that are in use; asking about others would start them."""
    return torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []


def _handlers() -> dict[int, Any]:
    return {number: signal.getsignal(number) for number in SIGNALS}


def _handle(handlers: dict[int, Any]) -> None:
    if threading.current_thread() is threading.main_thread():  # Python allows it nowhere else
        for number, handler in handlers.items():
            if handler is not None and signal.getsignal(number) is not handler:
                signal.signal(number, handler)


def _environment(variables: dict[str, str]) -> None:
    if dict(os.environ) != variables:
        os.environ.clear()
        os.environ.update(variables)


def _streams(streams: tuple[Any, Any, Any]) -> None:
    sys.stdout, sys.stderr, sys.stdin = streams


NUMPY_DEFAULTS: dict[str, Any] = dict(
    precision=8,
    threshold=1000,
    edgeitems=3,
    linewidth=75,
    suppress=False,
    nanstr="nan",
    infstr="inf",
    sign="-",
    formatter=None,
    floatmode="maxprec",
    legacy=False,
)
SETTINGS = [
    Setting("signal handlers", _handlers, _handle),
    Setting("streams", lambda: (sys.stdout, sys.stderr, sys.stdin), _streams),
    Setting("inference mode", lambda: _entered(torch.inference_mode(False)), _left),
    Setting("grad mode", torch.is_grad_enabled, torch.set_grad_enabled, lambda: torch.set_grad_enabled(True)),
    Setting("default dtype", torch.get_default_dtype, torch.set_default_dtype, lambda: torch.set_default_dtype(torch.float32)),
    Setting("default device", _default_device, _device, lambda: torch.set_default_device(None)),
    Setting("threads", torch.get_num_threads, torch.set_num_threads, lambda: torch.set_num_threads(1)),  # cases are small
    Setting("deterministic mode", _deterministic, _make_deterministic),
    Setting("anomaly detection", torch.is_anomaly_enabled, torch.autograd.set_detect_anomaly),
    Setting("torch's random state", torch.get_rng_state, torch.set_rng_state, lambda: torch.default_generator.manual_seed(0)),
    Setting("accelerators' random states", _accelerators, lambda states: states and torch.cuda.set_rng_state_all(states)),
    Setting("numpy's random state", np.random.get_state, np.random.set_state, lambda: np.random.seed(0)),
    Setting("Python's random state", random.getstate, random.setstate, lambda: random.seed(0)),
    Setting(
        "torch's print options",
        lambda: asdict(vars(torch)["_tensor_str"].PRINT_OPTS),
        lambda options: torch.set_printoptions(**options),
        lambda: torch.set_printoptions(profile="default"),
    ),
    Setting(
        "numpy's print options",
        np.get_printoptions,
        lambda options: np.set_printoptions(**options),
        lambda: np.set_printoptions(**NUMPY_DEFAULTS),
    ),
    Setting("numpy's handling of errors", np.geterr, lambda handling: np.seterr(**handling)),
    Setting("warnings", lambda: _entered(warnings.catch_warnings()), _left),
    Setting("working directory", os.getcwd, os.chdir),
    Setting("environment", lambda: dict(os.environ), _environment),
    Setting("recursion limit", sys.getrecursionlimit, sys.setrecursionlimit),
]


@contextlib.contextmanager
def isolated() -> Iterator[None]:
    """Give the block a fixed state, so that an answer always gets the same verdict, and restore the state around it."""
    with contextlib.ExitStack() as stack:  # restores every row, in the reverse order, whatever one of them raises
        for setting in SETTINGS:
            stack.callback(setting.restore, setting.save())
        for setting in SETTINGS:
            setting.prepare()
        yield
