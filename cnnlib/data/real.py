"""Fashion-MNIST, through torchvision's own loader: from this machine, else fetched, else explained in a sentence.

Files are in the folder that `CNNLIB_DATA` names, by default `~/.cache/cnnlib` (`cnnlib.files`).
"""

import contextlib
import gzip
import io
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from cnnlib.files import UNREADABLE, data_folder, reason, shown, written_whole

FASHION_CLASSES = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
DEBIAN_FASHION = Path("/usr/share/datasets/fashion-mnist")  # Debian's package dataset-fashion-mnist, gzipped

Split = tuple[Tensor, Tensor]


def fashion_mnist(max_images: int = 60_000) -> tuple[Split, Split] | None:
    """Load Fashion-MNIST (Xiao et al. 2017): training and test images (60,000 and 10,000, 1, 28, 28) in [0, 1] with labels.

    Of each part, at most the first `max_images` are converted: all of them take 220 MB. Returns None, after a sentence that
    says where to put the files, if they are not here and cannot be fetched.
    """
    from torchvision import datasets  # here, because torchvision takes as long to import as torch

    raw = data_folder() / "FashionMNIST" / "raw"

    def source(root: Path, **options: Any) -> Dataset:
        if not all((raw / file.stem).exists() for file in DEBIAN_FASHION.glob("*.gz")):
            _unpack(DEBIAN_FASHION, raw)
        return datasets.FashionMNIST(root, **options)

    return _load("Fashion-MNIST", source, lambda data: data.data[:, None], raw, max_images)


def read_or_explain(name: str, place: Path, read: Callable[[], tuple]) -> tuple | None:
    """Return what `read` returns; if files are missing or broken, print where they should be (`place`), and return None.

    A network that does not answer within ten seconds counts as none.
    """
    patience = socket.getdefaulttimeout()
    socket.setdefaulttimeout(10)
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # older versions of torchvision report every file
            return read()
    except UNREADABLE as error:
        print(
            f"{name} is not on this machine and could not be fetched ({reason(error, 500)}). With its files in {shown(place)}, "
            f"this cell would train and test on them; nothing that follows needs them."
        )
        return None
    finally:
        socket.setdefaulttimeout(patience)


def _load(name: str, source: Callable, pixels: Callable, place: Path, max_images: int) -> tuple[Split, Split] | None:
    if max_images < 1:
        raise ValueError(f"max_images must be at least 1, got {max_images}")

    def read() -> tuple:
        return tuple(source(data_folder(), train=train, download=True) for train in (True, False))

    parts = read_or_explain(name, place, read)
    if parts is None:
        return None
    train, test = ((pixels(part)[:max_images].float().div_(255), torch.as_tensor(part.targets)[:max_images]) for part in parts)
    return train, test


def _unpack(packed: Path, raw: Path) -> None:
    """Unpack the gzipped files; each appears only when it is complete."""
    for file in packed.glob("*.gz"):
        with written_whole(raw / file.stem) as part, gzip.open(file) as source, open(part, "wb") as target:
            shutil.copyfileobj(source, target)
