"""The photographs that come with Python packages."""

import socket

import pytest
import torch

from cnnlib.data.photos import PHOTOS, photo


@pytest.mark.parametrize("name", PHOTOS)
def test_a_photograph_loads_without_a_network(name, monkeypatch):
    def refuse(*address):
        raise OSError("a photograph asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    image = photo(name)
    assert image.shape[:2] == (1, 3)
    assert min(image.shape[2:]) >= 300
    assert image.dtype == torch.float32
    assert 0 <= image.min() < 0.1
    assert 0.9 < image.max() <= 1
    assert (image[:, 0] != image[:, 2]).any()  # in colour


@pytest.mark.parametrize("name", ["china", "hopper"])  # one wide, one tall
def test_size_averages_the_central_square(name):
    image = photo(name)
    side = min(image.shape[2:])
    top, left = ((length - side) // 2 for length in image.shape[2:])
    square = image[:, :, top : top + side, left : left + side]
    torch.testing.assert_close(photo(name, 1)[:, :, 0, 0], square.mean((2, 3)), rtol=1e-4, atol=1e-4)
    assert photo(name, 47).shape == (1, 3, 47, 47)


def test_an_unknown_name_is_told_the_known_ones():
    with pytest.raises(ValueError, match=r"'china'.*'unicorn'"):
        photo("unicorn")
