"""The real data sets on real and on tiny files, in torchvision's formats, and the sentence when there are none."""

import gzip
import os
import socket
import struct
from functools import partial
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torch
from torchvision import datasets

from cnnlib.data import real

LOADERS = {"FashionMNIST/raw": real.fashion_mnist}
COUNTS = {"train": 11, "t10k": 7}


@pytest.fixture
def data(tmp_path, monkeypatch):
    """An empty CNNLIB_DATA, no Debian package, no network."""
    monkeypatch.setenv("CNNLIB_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(real, "DEBIAN_FASHION", tmp_path / "debian")

    def no_network(*args, **kwargs):
        raise URLError("no network in this test")

    monkeypatch.setattr(datasets.mnist, "download_and_extract_archive", no_network)
    patience = socket.getdefaulttimeout()
    yield tmp_path / "data"
    socket.setdefaulttimeout(patience)


def small_debian_package(spoil=bytes):
    """Fashion-MNIST's four files with 11 and 7 images, image i filled with 10 i, labelled i % 10; `spoil` changes the first."""
    real.DEBIAN_FASHION.mkdir()
    for part, count in COUNTS.items():
        numbers = np.arange(count, dtype=np.uint8)
        images = struct.pack(">4i", 2051, count, 28, 28) + (10 * numbers).repeat(28 * 28).tobytes()
        labels = struct.pack(">2i", 2049, count) + (numbers % 10).tobytes()
        for kind, content in ((f"{part}-images-idx3", images), (f"{part}-labels-idx1", labels)):
            (real.DEBIAN_FASHION / f"{kind}-ubyte.gz").write_bytes(spoil(gzip.compress(content)))
            spoil = bytes  # the others stay as they are


def is_small_fashion(splits) -> bool:
    (images, labels), (test_images, test_labels) = splits
    return (
        images.shape == (11, 1, 28, 28)
        and torch.equal(images[:, 0, 27, 0], torch.arange(11) * 10 / 255)
        and torch.equal(labels, torch.arange(11) % 10)
        and test_images.shape == (7, 1, 28, 28)
        and torch.equal(test_labels, torch.arange(7))
    )


@pytest.mark.skipif(not real.DEBIAN_FASHION.is_dir(), reason="needs Debian's package dataset-fashion-mnist")
def test_fashion_mnist_itself(data, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("CNNLIB_DATA", str(data))
    for (images, labels), count in zip(real.fashion_mnist(), (60_000, 10_000), strict=True):
        assert (images.shape, images.dtype) == ((count, 1, 28, 28), torch.float32)
        assert (images.aminmax().min.item(), images.aminmax().max.item()) == (0, 1)
        assert labels.bincount().tolist() == [count // 10] * len(real.FASHION_CLASSES)


@pytest.mark.parametrize("max_images", [1, 7, 9, 100])
def test_at_most_the_first_images_of_each_part_are_loaded(data, max_images):
    small_debian_package()
    for (images, labels), (few, few_labels) in zip(real.fashion_mnist(), real.fashion_mnist(max_images), strict=True):
        assert torch.equal(few, images[:max_images]) and torch.equal(few_labels, labels[:max_images])


@pytest.mark.parametrize("load", LOADERS.values())
def test_no_images_at_all_are_refused(data, load):
    with pytest.raises(ValueError, match="max_images must be at least 1, got 0"):
        load(max_images=0)


def test_debians_files_are_unpacked_once(data, monkeypatch):
    small_debian_package()
    assert is_small_fashion(real.fashion_mnist())
    assert not list(data.rglob("*.gz"))
    monkeypatch.setattr(real, "_unpack", lambda *folders: pytest.fail("unpacked twice"))
    assert is_small_fashion(real.fashion_mnist())


def test_debians_package_is_used_even_if_a_fetch_failed_before_it_was_installed(data, capsys):
    assert real.fashion_mnist() is None
    small_debian_package()
    assert is_small_fashion(real.fashion_mnist() or pytest.fail(capsys.readouterr().out))


@pytest.mark.parametrize("place", LOADERS)
def test_without_files_and_network_one_line_names_the_folder(place, data, capsys):
    socket.setdefaulttimeout(7)
    assert LOADERS[place]() is None
    assert socket.getdefaulttimeout() == 7
    printed = capsys.readouterr()
    assert printed.out.count("\n") == 1
    assert printed.out.endswith(".\n")
    assert f"in {data / place}," in printed.out
    reasons = ("no network in this test", "could not be fetched (Error downloading")  # torchvision 0.19 says no more than that
    assert any(reason in printed.out for reason in reasons)  # the reason itself, not a newer torchvision's heading over it
    assert printed.err == ""
    assert not [path for path in data.rglob("*") if path.is_file()]


@pytest.mark.parametrize("place", LOADERS)
def test_the_home_folder_is_shown_as_a_tilde(place, data, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("CNNLIB_DATA")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert LOADERS[place]() is None
    printed = capsys.readouterr().out
    assert f" ~/.cache/cnnlib/{place}," in printed
    assert str(tmp_path) not in printed


@pytest.mark.parametrize("place", LOADERS)
def test_without_a_home_folder_one_line_names_a_temporary_one(place, data, monkeypatch, capsys):
    monkeypatch.setenv("CNNLIB_DATA", "~no-such-user-7/data")
    assert LOADERS[place]() is None
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1 and f"{os.sep}cnnlib-" in printed and str(Path(place)) in printed


def half_a_package(data):
    small_debian_package(spoil=lambda packed: packed[: len(packed) // 2])


def file_cut_off(data, size):
    small_debian_package()
    real.fashion_mnist()
    os.truncate(data / "FashionMNIST" / "raw" / "train-images-idx3-ubyte", size)


def no_folder_but_a_file(data):
    small_debian_package()
    data.write_text("this is no folder")


@pytest.mark.parametrize(
    "break_it",
    [half_a_package, partial(file_cut_off, size=1000), partial(file_cut_off, size=0), no_folder_but_a_file],
    ids=["half a package", "half a file", "an empty file", "a file in the folder's place"],
)
def test_broken_files_are_explained_like_missing_ones(break_it, data, capsys):
    break_it(data)
    assert real.fashion_mnist() is None
    assert capsys.readouterr().out.count("\n") == 1
    assert not list(data.rglob("raw.*"))  # nothing half unpacked is left
