"""The photographs that come with Python packages, and files of the reader's own."""

import socket

import numpy as np
import pytest
import torch
from PIL import Image

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


# Two rows of three pixels: no two numbers agree, so that a swapped axis or channel shows.
COLOURS = np.array([[[250, 10, 20], [30, 240, 40], [50, 60, 230]], [[0, 70, 80], [90, 100, 110], [255, 120, 130]]], np.uint8)
GREY = np.array([[0, 50, 100], [150, 200, 255]], np.uint8)
TOLERANCE = 1 / 255


def saved(folder, image, name="own.png", **options):
    """Save an image of Pillow's, or the array of one, and read it back as a photograph: (3, H, W)."""
    path = folder / name
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(path, **options)
    found = photo(path)
    assert found.dtype == torch.float32 and found.shape[:2] == (1, 3) and found.min() >= 0 and found.max() <= 1
    return found[0]


def fractions(array, whole=255):
    """(H, W, 3) or (H, W) of whole numbers -> (3, H, W) in [0, 1]."""
    rgb = array if array.ndim == 3 else np.stack([array] * 3, 2)
    return torch.from_numpy(rgb.astype(np.float32) / whole).permute(2, 0, 1)


def test_a_path_is_a_string_or_a_path(tmp_path, monkeypatch):
    assert torch.equal(saved(tmp_path, COLOURS), fractions(COLOURS))
    assert torch.equal(photo(str(tmp_path / "own.png")), photo(tmp_path / "own.png"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert torch.equal(photo("~/own.png"), photo(tmp_path / "own.png"))


def turned(image, orientation):
    """The pixels as a camera stores them that asks for `orientation` (EXIF 2.3, tag 274)."""
    return {
        1: image,
        2: image[:, ::-1],
        3: image[::-1, ::-1],
        4: image[::-1],
        5: image.transpose(1, 0, 2),
        6: image.transpose(1, 0, 2)[::-1],  # shown turned to the right by 90 degrees
        7: image.transpose(1, 0, 2)[::-1, ::-1],
        8: image.transpose(1, 0, 2)[:, ::-1],
    }[orientation]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_exif_says_which_side_is_up(orientation, suffix, tmp_path):
    exif = Image.Exif()
    exif[274] = orientation
    stored = np.ascontiguousarray(turned(COLOURS, orientation))
    assert torch.equal(saved(tmp_path, stored, f"own.{suffix}", exif=exif), fractions(COLOURS))


def test_a_photograph_of_a_telephone_held_upright(tmp_path):
    exif = Image.Exif()
    exif[274] = 6
    stored = np.zeros((30, 40, 3), np.uint8)
    stored[:, :20] = 255  # the left half as stored is the top half as seen
    seen = saved(tmp_path, stored, "own.jpg", exif=exif, quality=95)
    assert seen.shape == (3, 40, 30) and seen[:, :19].min() > 0.9 and seen[:, 21:].max() < 0.1


def test_grey_becomes_three_equal_channels(tmp_path):
    assert torch.equal(saved(tmp_path, GREY), fractions(GREY))
    black_and_white = Image.fromarray(GREY).point(lambda value: 255 * (value > 99)).convert("1")
    assert torch.equal(saved(tmp_path, black_and_white), fractions(255 * (GREY > 99)))


@pytest.mark.parametrize(("dtype", "suffix"), [("<u2", "png"), ("<u2", "tiff"), (">u2", "tiff"), ("<i4", "tiff")])
def test_sixteen_bits_are_kept(dtype, suffix, tmp_path):
    values = np.array([[0, 1, 300], [40_000, 65_534, 65_535]], dtype)
    torch.testing.assert_close(saved(tmp_path, values, f"own.{suffix}"), fractions(values, 65535))


def test_fractions_are_taken_as_they_are(tmp_path):
    values = np.array([[-0.5, 0.25], [1.0, 3.0]], np.float32)
    assert torch.equal(saved(tmp_path, values, "own.tiff")[1], torch.tensor([[0, 0.25], [1, 1]]))


@pytest.mark.parametrize("colours", [COLOURS, GREY], ids=["RGBA", "LA"])
def test_what_is_transparent_becomes_white(colours, tmp_path):
    alpha = np.array([[255, 0, 255], [128, 255, 0]], np.uint8)
    image = Image.fromarray(colours)
    image.putalpha(Image.fromarray(alpha))
    share = torch.from_numpy(alpha.astype(np.float32) / 255)
    expected = fractions(colours) * share + (1 - share)
    torch.testing.assert_close(saved(tmp_path, image), expected, rtol=0, atol=TOLERANCE)


def test_a_palette_is_looked_up_and_may_be_transparent(tmp_path):
    image = Image.fromarray(np.array([[0, 1, 2], [2, 1, 0]], np.uint8)).convert("P")
    image.putpalette([250, 10, 20, 30, 240, 40, 50, 60, 230])
    colours = np.array([[250, 10, 20], [30, 240, 40], [50, 60, 230]], np.uint8)[[[0, 1, 2], [2, 1, 0]]]
    assert torch.equal(saved(tmp_path, image), fractions(colours))
    colours[[0, 1], [1, 1]] = 255
    assert torch.equal(saved(tmp_path, image, transparency=1), fractions(colours))
    assert torch.equal(saved(tmp_path, image, "own.gif", transparency=1), fractions(colours))


def test_one_transparent_colour(tmp_path):
    seen = saved(tmp_path, COLOURS, transparency=(250, 10, 20))
    assert seen[:, 0, 0].tolist() == [1, 1, 1] and torch.equal(seen[:, 0, 1:], fractions(COLOURS)[:, 0, 1:])


@pytest.mark.parametrize("suffix", ["jpg", "tiff"])
def test_cmyk_is_not_inverted(suffix, tmp_path):
    ink = Image.new("CMYK", (16, 16), (0, 255, 255, 0))  # no cyan: red
    red, green, blue = saved(tmp_path, ink, f"own.{suffix}").mean((1, 2)).tolist()
    assert red > 0.95 and green < 0.05 and blue < 0.05


@pytest.mark.slow
@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 300), (300, 1), (2000, 3000)])
def test_any_size_is_read_and_cut_to_a_square(height, width, tmp_path):
    path = tmp_path / "own.png"
    Image.new("RGB", (width, height), (51, 102, 153)).save(path)
    assert photo(path).shape == (1, 3, height, width)
    square = photo(path, 24)
    assert square.shape == (1, 3, 24, 24)
    torch.testing.assert_close(square.mean((2, 3)), torch.tensor([[0.2, 0.4, 0.6]]), rtol=0, atol=1e-3)


def test_what_is_no_image_is_told_in_a_sentence(tmp_path, monkeypatch):
    whole = tmp_path / "whole.png"
    Image.fromarray(np.arange(30_000, dtype=np.uint16).view(np.uint8).reshape(200, 100, 3)).save(whole)
    contents = {
        "notes.txt": b"no image",
        "empty.jpg": b"",
        "half.png": whole.read_bytes()[: whole.stat().st_size // 2],
        "header.png": whole.read_bytes()[:20],
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=rf"^{name} cannot be read as an image \(.+\): save it as a JPEG or PNG file$"):
            photo(tmp_path / name)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 5000)
    with pytest.raises(ValueError, match=r"whole\.png cannot be read as an image .* exceeds limit"):
        photo(whole)


@pytest.mark.parametrize("name", ["nowhere/cat.jpg", "", "https://example.org/cat.jpg", ".", None, 3, ["cat"]])
def test_what_does_not_exist_is_told_in_a_sentence(name):
    with pytest.raises(
        ValueError, match=r"^photo must be one of \['hopper'.*\] or the path of a file, got .*, which is neither$"
    ):
        photo(name)
