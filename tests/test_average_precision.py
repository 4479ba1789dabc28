"""Average precision against pycocotools, against loops after VOC's rules, and on cases counted by hand."""

import contextlib
import io
import itertools
import math
from unittest import mock

import numpy as np
import pytest
import torch
from no_float64 import no_float64
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from cnnlib.detection.average_precision import average_precision, detection_scores, precision_recall
from cnnlib.detection.boxes import iou
from cnnlib.detection.detections import Detections

TWO = torch.tensor([[0.0, 0.0, 10.0, 10.0], [20.0, 0.0, 30.0, 10.0]])  # two objects of class 3 on one image
LABELS = torch.tensor([[3, 3, -1]])
BOXES = torch.cat([TWO, torch.zeros(1, 4)])[None]


def detections(boxes, scores, labels=None):
    boxes = torch.as_tensor(boxes).view(-1, 4)
    labels = [3] * len(boxes) if labels is None else labels
    return Detections(boxes, torch.as_tensor(scores).view(-1), torch.as_tensor(labels, dtype=torch.int64).view(-1))


NOTHING = detections(torch.zeros(0, 4), torch.zeros(0))


def drawn(images=7, objects=5, found=11, classes=3, side=40, whole=True, seed=0, dtype=torch.float32):
    """Draw truth and detections near it or anywhere; whole numbers make overlaps and scores tie."""
    generator = np.random.default_rng(seed)
    corner = generator.uniform(0, side, (images, objects, 2))
    boxes = np.concatenate([corner, corner + generator.uniform(1, 13, corner.shape)], 2)
    labels = np.where(generator.random((images, objects)) < 0.8, generator.integers(0, classes, (images, objects)), -1)
    labels[1::5] = -1
    boxes = boxes.round() if whole else boxes
    boxes[labels < 0] = 0
    predictions = []
    for image in range(images):
        count = 0 if image % 4 == 3 else generator.integers(found // 2, found + 1)
        near = generator.integers(0, objects, count)
        corner = boxes[image, near] + generator.normal(0, 1.5, (count, 4))
        corner[:, 2:] = np.maximum(corner[:, 2:], corner[:, :2] + 1)
        kind = np.where(generator.random(count) < 0.8, labels[image, near], generator.integers(0, classes, count))
        scores = generator.random(count)
        if whole:
            corner, scores = corner.round(), scores.round(1)
        parts = (torch.tensor(corner, dtype=dtype), torch.tensor(scores, dtype=dtype), torch.tensor(kind.clip(0)))
        predictions.append(Detections(*parts))
    return predictions, torch.tensor(boxes, dtype=dtype), torch.tensor(labels)


def coco(rows, images, classes):
    """Wrap (image, label, box, score) in what pycocotools calls a data set."""
    data = COCO()
    data.dataset = {"images": [{"id": i} for i in range(images)], "categories": [{"id": k} for k in range(classes)]}
    data.dataset["annotations"] = [
        dict(
            id=number,
            image_id=i,
            category_id=k,
            bbox=[x1, y1, x2 - x1, y2 - y1],
            area=(x2 - x1) * (y2 - y1),
            score=s,
            iscrowd=0,
        )
        for number, (i, k, (x1, y1, x2, y2), s) in enumerate(rows, start=1)
    ]
    data.createIndex()
    return data


def scores_by_pycocotools(predictions, boxes, labels, classes):
    truth = [(i, labels[i, j].item(), boxes[i, j].tolist(), 1.0) for i, j in (labels >= 0).nonzero().tolist()]
    found = [
        (i, k, box, score)
        for i, one in enumerate(predictions)
        for box, score, k in zip(*(part.tolist() for part in one), strict=True)
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        judge = COCOeval(coco(truth, len(labels), classes), coco(found, len(labels), classes), "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return dict(zip(("AP50:95", "mAP50", "AP75"), judge.stats[:3].tolist(), strict=True))


CASES = {
    "several seeds": [dict(seed=seed) for seed in range(8)],
    "fractions": [dict(seed=seed, whole=False) for seed in range(4)],
    "float64": [dict(whole=False, dtype=torch.float64)],
    "crowded": [dict(images=5, objects=23, found=41, classes=1, side=29)],
    "more than a hundred": [dict(images=5, objects=31, found=317, classes=2, side=37)],
    "small boxes": [dict(side=11, images=13)],
    "one image": [dict(images=1)],
    "classes that do not occur": [dict(images=2, objects=2, classes=13)],
}


@pytest.mark.parametrize("case", CASES)
def test_scores_are_those_of_pycocotools(case):
    for options in CASES[case]:
        classes = options.get("classes", 3)
        truth = drawn(**options)
        expected = scores_by_pycocotools(*truth, classes)
        assert detection_scores(*truth, classes) == pytest.approx(expected, abs=1e-9)
        assert 0 < expected["AP50:95"] < expected["mAP50"] < 1


def test_scores_are_those_of_pycocotools_where_nothing_is_found():
    _, boxes, labels = drawn()
    predictions = [NOTHING] * len(labels)
    assert detection_scores(predictions, boxes, labels, 3) == {"mAP50": 0.0, "AP75": 0.0, "AP50:95": 0.0}
    assert scores_by_pycocotools(predictions, boxes, labels, 3) == {"mAP50": 0.0, "AP75": 0.0, "AP50:95": 0.0}


def test_scores_are_those_of_pycocotools_where_all_scores_tie():
    predictions, boxes, labels = drawn(images=11, found=17)
    predictions = [one._replace(scores=torch.full_like(one.scores, 0.5)) for one in predictions]
    expected = scores_by_pycocotools(predictions, boxes, labels, 3)
    assert detection_scores(predictions, boxes, labels, 3) == pytest.approx(expected, abs=1e-9)


def test_the_order_of_equal_scores_decides_as_it_does_in_pycocotools():
    for order in ([0, 1], [1, 0]):
        predictions = [detections([[0.0, 50.0, 9.0, 59.0], *TWO[:1].tolist()], [0.5, 0.5])]
        predictions = [Detections(*(part[order] for part in predictions[0]))]
        expected = scores_by_pycocotools(predictions, BOXES, LABELS, 4)
        assert detection_scores(predictions, BOXES, LABELS, 4) == pytest.approx(expected, abs=1e-9)


def by_loops(predictions, boxes, labels, label, threshold, points, rule):
    """Match and integrate one detection, one object and one recall at a time."""
    queue = [
        (-score, image, number)
        for image, one in enumerate(predictions)
        for number, score in enumerate(one.scores.tolist())
        if one.labels[number] == label
    ]
    taken, hits = set(), []
    for _, image, number in sorted(queue):
        overlaps = iou(predictions[image].boxes[number, None].double(), boxes[image].double())[0].tolist()
        best, chosen = -1.0, None
        for index, overlap in enumerate(overlaps):
            if labels[image, index] != label or (rule == "free" and (image, index) in taken):
                continue
            if overlap > best or (overlap == best and rule == "free"):
                best, chosen = overlap, (image, index)
        hits.append(best >= threshold and chosen not in taken)
        if hits[-1]:
            taken.add(chosen)
    objects = (labels == label).sum().item()
    curve = [(sum(hits[:n]) / objects, sum(hits[:n]) / n) for n in range(1, len(hits) + 1)]

    def at(recall):
        return max((p for r, p in curve if r >= recall), default=0.0)

    if points == "all":
        steps = sorted({r for r, _ in curve} | {0.0})
        return sum((high - low) * at(high) for low, high in itertools.pairwise(steps))
    return sum(at(recall) for recall in np.linspace(0, 1, points)) / points


@pytest.mark.parametrize("points", ["all", 11, 101])
@pytest.mark.parametrize("rule", ["free", "any"])
@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.75])
def test_average_precision_is_what_loops_find(points, rule, threshold):
    for seed in range(3):
        truth = drawn(images=5, objects=13, found=23, side=17, classes=2, seed=seed)
        for label in range(2):
            expected = by_loops(*truth, label, threshold, points, rule)
            assert average_precision(*truth, label, threshold, points, rule) == pytest.approx(expected, abs=1e-12)


def test_the_mean_over_classes_and_thresholds_is_the_score():
    truth = drawn(seed=5)
    each = [[average_precision(*truth, label, t, points=101) for label in range(3)] for t in np.linspace(0.5, 0.95, 10)]
    means = np.mean(each, 1)
    expected = {"mAP50": means[0], "AP75": means[5], "AP50:95": means.mean()}
    assert detection_scores(*truth, 3) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("points", ["all", 11, 101])
@pytest.mark.parametrize("rule", ["free", "any"])
def test_a_perfect_detector_scores_one(points, rule):
    _, boxes, labels = drawn(whole=False)
    perfect = [
        Detections(box[k >= 0], torch.linspace(1, 0.5, int((k >= 0).sum())), k[k >= 0])
        for box, k in zip(boxes, labels, strict=True)
    ]
    for label in range(3):
        assert average_precision(perfect, boxes, labels, label, min_overlap=1.0, points=points, rule=rule) == 1.0
    assert detection_scores(perfect, boxes, labels, 3) == {"mAP50": 1.0, "AP75": 1.0, "AP50:95": 1.0}


def test_a_second_hit_of_the_same_object_is_a_false_positive():
    doubled = [detections(TWO[[0, 0, 1, 1]], [0.9, 0.8, 0.7, 0.6])]
    recall, precision, scores = precision_recall(doubled, BOXES, LABELS, 3)
    assert precision.tolist() == pytest.approx([1, 1 / 2, 2 / 3, 1 / 2])
    assert recall.tolist() == [0.5, 0.5, 1.0, 1.0]
    assert scores.tolist() == pytest.approx([0.9, 0.8, 0.7, 0.6])
    assert average_precision(doubled, BOXES, LABELS, 3) == pytest.approx(5 / 6)
    assert average_precision(doubled, BOXES, LABELS, 3, points=11) == pytest.approx((6 + 5 * 2 / 3) / 11)
    assert average_precision(doubled, BOXES, LABELS, 3, points=101) == pytest.approx((51 + 50 * 2 / 3) / 101)


def test_a_detection_of_the_wrong_class_is_false_in_its_own_class_alone():
    wrong = [detections(TWO, [0.9, 0.8], labels=[3, 1])]
    assert average_precision(wrong, BOXES, LABELS, 3) == 0.5
    assert precision_recall(wrong, BOXES, LABELS, 1).precision.tolist() == [0.0]
    assert detection_scores(wrong, BOXES, LABELS, 4)["mAP50"] == pytest.approx(51 / 101)


def test_a_detection_does_not_find_an_object_of_another_image():
    boxes, labels = torch.cat([BOXES, BOXES]), torch.tensor([[3, -1, -1], [-1, 3, -1]])
    swapped = [detections(TWO[1], [0.9]), detections(TWO[0], [0.8])]
    assert average_precision(swapped, boxes, labels, 3) == 0.0
    assert average_precision(swapped[::-1], boxes, labels, 3) == 1.0


def test_no_predictions_score_zero_and_no_objects_nothing():
    assert average_precision([NOTHING], BOXES, LABELS, 3) == 0.0
    assert [len(part) for part in precision_recall([NOTHING], BOXES, LABELS, 3)] == [0, 0, 0]
    found = [detections(TWO, [0.9, 0.8], labels=[2, 2])]
    for points in ("all", 11, 101):
        assert math.isnan(average_precision(found, BOXES, LABELS, 2, points=points))
    assert precision_recall(found, BOXES, LABELS, 2).recall.isnan().all()


def test_what_voc_calls_false_coco_gives_to_the_object_beside_it():
    beside = torch.tensor([[[0.0, 0.0, 10.0, 10.0], [0.0, 2.0, 10.0, 12.0]]])
    twice = [detections(beside[0, [0, 0]], [0.9, 0.8])]
    labels = torch.tensor([[3, 3]])
    assert precision_recall(twice, beside, labels, 3, rule="free").recall.tolist() == [0.5, 1.0]
    assert precision_recall(twice, beside, labels, 3, rule="any").recall.tolist() == [0.5, 0.5]
    assert precision_recall(twice, beside, labels, 3).recall.tolist() == [0.5, 1.0]
    assert average_precision(twice, beside, labels, 3) == 1.0 and average_precision(twice, beside, labels, 3, rule="any") == 0.5


@pytest.mark.parametrize(("order", "hits"), [([0, 1], 2), ([1, 0], 1)])
def test_of_two_objects_overlapped_equally_the_later_is_taken_as_in_pycocotools(order, hits):
    """The first detection overlaps both objects by 2 / 3; the second can only have the one at the left."""
    boxes = torch.tensor([[0.0, 0.0, 10.0, 10.0], [4.0, 0.0, 14.0, 10.0]])[None, order]
    between, labels = detections([[2.0, 0.0, 12.0, 10.0], [0.0, 0.0, 10.0, 10.0]], [0.9, 0.8]), torch.tensor([[3, 3]])
    assert precision_recall([between], boxes, labels, 3).recall[-1] == hits / 2
    expected = scores_by_pycocotools([between], boxes, labels, 4)
    assert detection_scores([between], boxes, labels, 4) == pytest.approx(expected, abs=1e-9)


def test_rounding_does_not_cost_a_box_the_threshold_of_one():
    nearly = [detections(TWO.double() * (1 + 1e-13), [0.9, 0.8])]
    assert average_precision(nearly, BOXES.double(), LABELS, 3, min_overlap=1.0) == 1.0


def test_an_overlap_of_exactly_the_threshold_is_a_hit():
    half = [detections([[0.0, 0.0, 10.0, 5.0]], [0.9])]
    assert average_precision(half, BOXES, LABELS, 3) == 0.5 and precision_recall(half, BOXES, LABELS, 3).recall == 0.5
    assert average_precision(half, BOXES, LABELS, 3, min_overlap=0.5) == 0.5
    assert average_precision(half, BOXES, LABELS, 3, min_overlap=0.5001) == 0.0


def test_the_padding_is_not_an_object_and_its_numbers_do_not_matter():
    predictions, boxes, labels = drawn()
    boxes_with_rubbish = torch.where((labels < 0)[..., None], torch.tensor(math.nan), boxes)
    assert detection_scores(predictions, boxes_with_rubbish, labels, 3) == detection_scores(predictions, boxes, labels, 3)


def test_detections_with_gradients_and_without_area_are_judged():
    flat = detections([[5.0, 5.0, 5.0, 9.0], [0.0, 0.0, 10.0, 10.0]], [0.9, 0.8])
    flat.scores.requires_grad_()
    flat.boxes.requires_grad_()
    assert average_precision([flat], BOXES, LABELS, 3) == 0.25


def test_overlaps_are_computed_once_per_image_however_many_classes_and_thresholds():
    truth = drawn(images=13, classes=5)
    with mock.patch("cnnlib.detection.matching.iou", wraps=iou) as counted:
        detection_scores(*truth, 5)
    assert counted.call_count == 13


def test_detections_may_be_on_the_cpu_while_the_truth_is_not():
    predictions, boxes, labels = drawn()
    with no_float64() as device:
        mixed = [Detections(*(part.to(device) for part in one)) if i % 2 else one for i, one in enumerate(predictions)]
        scores = detection_scores(mixed, boxes.to(device), labels.to(device), 3)
    assert scores == detection_scores(predictions, boxes, labels, 3)


ONE = detections(TWO, [0.9, 0.8])
RIGHT = dict(predictions=[ONE], boxes=BOXES, labels=LABELS, label=3)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (dict(boxes=BOXES[0]), r"got \(3, 4\), \(1, 3\), 1"),
        (dict(boxes=BOXES[:, :2]), r"got \(1, 2, 4\), \(1, 3\), 1"),
        (dict(predictions=[ONE, ONE]), r"got \(1, 3, 4\), \(1, 3\), 2"),
        (dict(predictions=[], boxes=BOXES[:0], labels=LABELS[:0]), r"got \(0, 3, 4\), \(0, 3\), 0"),
        (dict(labels=LABELS.float()), "torch.float32 from -1"),
        (dict(labels=LABELS - 1), "from -2"),
        (dict(boxes=BOXES[..., [2, 1, 0, 3]]), r"x1 < x2 .* got \[10.0, 0.0, 0.0, 10.0\]"),
        (dict(boxes=BOXES * math.nan), r"x1 < x2 .* got \[nan"),
        (dict(predictions=[ONE._replace(scores=ONE.scores[:1])]), r"predictions\[0\] .* \(2, 4\) .*, \(1,\) .*, \(2,\)"),
        (dict(predictions=[ONE._replace(boxes=TWO[:1])]), r"\(1, 4\) torch.float32, \(2,\)"),
        (dict(predictions=[ONE._replace(labels=torch.zeros(2))]), r"integers; got .*\(2,\) torch.float32$"),
        (dict(predictions=[NOTHING._replace(labels=torch.zeros(0))]), r"integers; got .*\(0,\) torch.float32$"),
        (dict(predictions=[ONE._replace(scores=ONE.scores * math.nan)]), r"predictions\[0\] has .* not finite"),
        (dict(predictions=[ONE._replace(boxes=TWO / 0)]), r"predictions\[0\] has .* not finite"),
        (dict(predictions=[ONE._replace(labels=ONE.labels - 4)]), r"predictions\[0\] has .* label below 0"),
        (dict(label=-1), "label=-1"),
        (dict(min_overlap=0.0), "min_overlap=0.0"),
        (dict(min_overlap=1.5), "min_overlap=1.5"),
        (dict(points=10), r"points must be one of \['all', 11, 101\], got 10"),
        (dict(rule="voc"), r"rule must be one of \['free', 'any'\], got 'voc'"),
    ],
)
def test_what_cannot_be_judged_is_refused(wrong, words):
    assert average_precision(**RIGHT) == 1.0
    with pytest.raises(ValueError, match=words):
        average_precision(**RIGHT | wrong)


def test_scores_need_an_object_and_labels_below_the_number_of_classes():
    with pytest.raises(ValueError, match="at least one object, all 3 labels are -1"):
        detection_scores([NOTHING], BOXES, torch.full_like(LABELS, -1), 5)
    with pytest.raises(ValueError, match="classes - 1 = 2, got 3"):
        detection_scores([NOTHING], BOXES, LABELS, 3)
    with pytest.raises(ValueError, match="classes - 1 = 3, got 7"):
        detection_scores([detections(TWO, [0.9, 0.8], labels=[3, 7])], BOXES, LABELS, 4)
