"""Augmentation: what random shifts do to a batch, and how a training uses them."""

import pytest
import torch
from test_training import fitted, images, small_net, weights

from cnnlib import seeds, training
from cnnlib.augmentation import random_shifts


def placed(right, down, side=9):
    """One bright pixel, `right` and `down` of the middle of a black image."""
    x = torch.zeros(1, 1, side, side)
    x[0, 0, side // 2 + down, side // 2 + right] = 1
    return x


def test_every_image_is_shifted_by_its_own_offset_and_all_offsets_occur():
    seeds.seed(0)
    shifted = random_shifts(2)(placed(0, 0).expand(500, 1, 9, 9))
    assert shifted.sum((1, 2, 3)).eq(1).all()
    places = shifted.flatten(1).argmax(1)
    assert {(place // 9 - 4, place % 9 - 4) for place in places.tolist()} == {
        (i, j) for i in range(-2, 3) for j in range(-2, 3)
    }


def test_what_leaves_the_image_is_lost_and_zeros_come_in():
    seeds.seed(0)
    ones = random_shifts(3)(torch.ones(50, 2, 7, 5))
    assert set(ones.unique().tolist()) == {0.0, 1.0}
    assert not torch.equal(random_shifts(3)(placed(4, 0).expand(50, 1, 9, 9)).sum((1, 2, 3)), torch.ones(50))


def test_no_shift_changes_nothing():
    x = torch.rand(3, 2, 7, 5)
    assert torch.equal(random_shifts(0)(x), x)


@pytest.mark.parametrize("by", [-1, 1.5, True, "4"])
def test_a_shift_that_is_no_number_of_pixels_is_refused(by):
    with pytest.raises(ValueError, match="by must be a whole number of pixels of at least 0, got"):
        random_shifts(by)


def test_the_images_of_a_batch_are_augmented_and_its_labels_are_not():
    x, labels = images()
    seen = []

    class Watching(training.Classification):
        def loss(self, model, *batch):
            seen.append(batch)
            return super().loss(model, *batch)

    fitted(small_net(), Watching(), (x, labels), epochs=1, augment=lambda batch: batch + 10)
    assert all(batch.min() >= 10 for batch, _ in seen)
    assert all(set(truth.tolist()) <= {0, 1} for _, truth in seen)


def test_validation_images_are_not_augmented():
    x, labels = images()
    plain = fitted(small_net(), training.Classification(), (x, labels), (x, labels), epochs=1)
    same = fitted(small_net(), training.Classification(), (x, labels), (x, labels), epochs=1, augment=lambda batch: batch)
    assert plain[0].scores == same[0].scores


def test_the_same_seed_shifts_alike_whatever_trains_beside_it(monkeypatch):
    monkeypatch.setenv("CNNLIB_THREADS", "1")
    trained = []
    for others in ([], ["other"]):
        nets = {name: small_net() for name in ["shifted", *others]}
        seeds.seed(3)
        runs = {name: training.Run(net, augment=random_shifts(1)) for name, net in nets.items()}
        training.compare(runs, images(), epochs=2, batch_size=16)
        trained.append(weights(nets["shifted"]))
    assert torch.equal(*trained)


def test_what_is_no_function_is_refused():
    with pytest.raises(ValueError, match=r"augment must be a function of a batch of images, .* got a value of the type int"):
        training.fit(small_net(), images(), batch_size=16, augment=4)
