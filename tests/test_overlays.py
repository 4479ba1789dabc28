"""Masks and boxes over images: what is drawn, in which colours, and what the text alternatives say."""

import pytest
import torch

from cnnlib import overlays
from cnnlib.data.scenes import SCENE_CLASSES, scenes
from cnnlib.detection import Detections, ground_truth


@pytest.fixture(scope="module")
def drawn():
    return scenes(3)


def test_masks_are_described_in_words(drawn):
    labels = drawn.semantic.clone()
    labels[0, :3] = 255
    figure = overlays.masks(drawn.images, labels, SCENE_CLASSES, ["a", "b", "c"])
    seen = [name for k, name in enumerate(SCENE_CLASSES, 1) if (labels == k).any()]
    assert figure.alt == f"3 images (a, b, c), each pixel in the colour of its label; seen: {', '.join(seen)}."
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["background", *SCENE_CLASSES]
    assert figure.rendered()


def test_boxes_are_drawn_with_their_scores_from_a_minimum_on(drawn):
    found = [Detections(torch.tensor([[2.0, 1, 22, 31], [5, 5, 30, 30]]), torch.tensor([0.9, 0.2]), torch.tensor([1, 0]))] * 3
    figure = overlays.boxes(drawn.images, found, SCENE_CLASSES, min_score=0.5)
    assert figure.alt == "Boxes over 3 images. image 0: square; image 1: square; image 2: square."
    assert [text.get_text() for text in figure.axes[0].texts] == ["square 0.90"]
    empty = Detections(torch.zeros(0, 4), torch.zeros(0), torch.zeros(0, dtype=torch.int64))
    assert "image 0: nothing" in overlays.boxes(drawn.images[:1], [empty], SCENE_CLASSES).alt


def test_many_boxes_of_a_class_are_counted_in_words(drawn):
    many = Detections(torch.tensor([[2.0, 1, 22, 31]] * 3), torch.tensor([0.9, 0.8, 0.7]), torch.tensor([1, 0, 1]))
    assert overlays.boxes(drawn.images[:1], [many], SCENE_CLASSES).alt == "Boxes over 1 images. image 0: square (2), disc."


def test_the_ground_truth_has_names_and_no_scores(drawn):
    truth = ground_truth(drawn.boxes, drawn.labels)
    figure = overlays.boxes(drawn.images, truth, SCENE_CLASSES)
    for ax, one in zip(figure.axes, truth, strict=False):
        assert sorted(text.get_text() for text in ax.texts) == sorted(SCENE_CLASSES[label] for label in one.labels)


def test_moved_boxes_show_the_scenes_that_gain_most():
    def found(right, label=1, score=0.9):
        return Detections(torch.tensor([[2.0 + right, 1, 22 + right, 31]]), torch.tensor([score]), torch.tensor([label]))

    truth = [found(0)] * 4
    before, after = [found(5), found(3), found(5), found(5)], [found(1), found(0), found(1, label=2), found(1, score=0.1)]
    figure = overlays.shifts(torch.zeros(4, 3, 64, 64), truth, before, after, SCENE_CLASSES, count=2)
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == ["proposed: IoU 0.60", "moved: IoU 0.90", "proposed: IoU 0.74", "moved: IoU 1.00"]
    assert "proposed 0.60, moved 0.90, proposed 0.74, moved 1.00" in figure.alt and figure.rendered()
