"""Drawn images: the same for the same seed, whoever draws them, and with nothing in their colours that gives the label away."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from cnnlib.data import shapes

HERE = Path(__file__).parent
CHECKSUMS = {"HARD": "3c470732aa351891", "GENTLE": "6af0005777e4bb54"}
ONE_IN_TEN = len(shapes.CROP_CLASSES) ** -1


pytestmark = pytest.mark.usefixtures("unshifted")


@pytest.fixture(scope="module")
def many(unshifted):
    return shapes.crops(3000)


def checksum(style: str, count: int = 256) -> str:
    images, labels = shapes.crops(count, style=getattr(shapes, style))
    pixels = (255 * images).round().to(torch.uint8).numpy()
    return hashlib.sha256(pixels.tobytes() + labels.numpy().astype("<i8").tobytes()).hexdigest()[:16]


@pytest.mark.parametrize("style", CHECKSUMS)
def test_the_drawing_is_the_stored_one(style):
    assert checksum(style) == CHECKSUMS[style]


@pytest.mark.slow
def test_a_processor_without_vector_instructions_draws_the_same():
    """numpy computes sines with what the processor has; a last digit that differs must not reach a pixel."""
    found = " ".join(np.show_config(mode="dicts")["SIMD Extensions"].get("found", []))
    plain = {
        "NPY_DISABLE_CPU_FEATURES": found,
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX2_Usable,-FMA_Usable",
        "PYTHONPATH": os.pathsep.join(map(str, (HERE, HERE.parent))),
    }
    program = "import test_shapes as t; print(*(t.checksum(style, 1024) for style in t.CHECKSUMS))"
    run = subprocess.run([sys.executable, "-c", program], env=os.environ | plain, capture_output=True, text=True)
    assert run.stdout.split() == [checksum(style, 1024) for style in CHECKSUMS], run.stderr


def test_image_100_does_not_depend_on_how_many_are_drawn():
    (few, few_labels), (more, more_labels) = shapes.crops(101), shapes.crops(300)
    assert torch.equal(few, more[:101])
    assert torch.equal(few_labels, more_labels[:101])
    assert not torch.equal(few[0], few[shapes.CHUNK])  # a new chunk is a new drawing


def test_the_seed_chooses_the_images_and_the_environment_shifts_it(monkeypatch):
    first, labels = shapes.crops(70)
    assert torch.equal(first, shapes.crops(70)[0])
    other, other_labels = shapes.crops(70, seed=1000)
    assert not torch.equal(first, other)
    assert not torch.equal(labels, other_labels)
    monkeypatch.setenv("CNNLIB_SEED", "1")
    assert torch.equal(shapes.crops(70)[0], other)


@pytest.mark.parametrize("style", [shapes.HARD, shapes.GENTLE])
@pytest.mark.parametrize("size", [32, 47, 1])
def test_shape_dtype_and_range(size, style):
    images, labels = shapes.crops(5, size, style=style)
    assert (images.shape, images.dtype) == ((5, 3, size, size), torch.float32)
    assert (labels.shape, labels.dtype) == ((5,), torch.int64)
    assert images.min() >= 0
    assert images.max() <= 1


def test_pixels_are_multiples_of_a_255th(many):
    images, _ = many
    assert torch.equal(images, (255 * images).round() / 255)
    assert len(images[:256].unique()) == 256


def test_all_classes_are_about_equally_frequent(many):
    _, labels = many
    counts = labels.bincount(minlength=10).double()
    assert len(counts) == len(shapes.CROP_CLASSES)
    spread = (len(labels) * ONE_IN_TEN * (1 - ONE_IN_TEN)) ** 0.5
    assert (counts - len(labels) * ONE_IN_TEN).abs().max() < 4 * spread


def fitted_accuracy(features, labels, train=2000):
    """Accuracy on the rest of a least-squares fit to the first `train`: (N, D), (N,) -> a fraction."""
    features = torch.cat([features, torch.ones(len(features), 1)], 1)
    targets = torch.nn.functional.one_hot(labels).float()
    weights = torch.linalg.lstsq(features[:train], targets[:train]).solution
    return ((features[train:] @ weights).argmax(1) == labels[train:]).float().mean().item()


def test_colours_say_nothing_about_the_label(many):
    images, labels = many
    colours, brightness = images.mean((2, 3)), images.mean((1, 2, 3))[:, None]
    corners = images[:, :, [0, 0, -1, -1], [0, -1, 0, -1]].flatten(1)
    bound = ONE_IN_TEN + 4 * (ONE_IN_TEN * (1 - ONE_IN_TEN) / 1000) ** 0.5
    for what in (colours, brightness, corners):
        assert fitted_accuracy(what, labels) < bound
    assert fitted_accuracy(brightness + 0.1 * labels[:, None], labels) > bound  # the fit would see it


def test_a_label_names_texture_and_shape():
    assert shapes.CROP_CLASSES[5 * 1 + 4] == "checked ring"
    assert len(set(shapes.CROP_CLASSES)) == 10


@pytest.mark.parametrize(("options", "numbers"), [(dict(n=0), "n=0"), (dict(n=-3), "n=-3"), (dict(n=2, size=0), "size=0")])
def test_bad_input_is_refused_with_its_numbers(options, numbers):
    with pytest.raises(ValueError, match=numbers):
        shapes.crops(**options)


@pytest.mark.parametrize("shift", ["two", "-1", "1.5"])
def test_a_bad_shift_of_the_seed_is_refused(shift, monkeypatch):
    monkeypatch.setenv("CNNLIB_SEED", shift)
    with pytest.raises(ValueError, match=f"CNNLIB_SEED.*{shift}"):
        shapes.crops(1)
