"""YOLO v1 and v2: targets box by box, losses against loops, tensors read back, k-means against its definition, detection."""

import inspect

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from torchvision.ops import box_iou

from cnnlib import seeds, training
from cnnlib.data.scenes import scenes
from cnnlib.detection import yolo, yolo_v2
from cnnlib.detection.detector import DetectionObjective
from cnnlib.detection.dimension_clusters import anchor_sizes, size_overlap
from cnnlib.detection.single_shot import SingleShot, first_in_slot

ANCHORS = torch.tensor([[11.0, 13.0], [19.0, 17.0], [29.0, 23.0]])
SIZE, CLASSES = 56, 5
NAMES = ["centre", "size", "object", "no object", "class"]


def objects(n: int = 5, most: int = 3, seed: int = 0, size: int = SIZE) -> tuple[Tensor, Tensor]:
    """Draw padded objects: boxes (n, most, 4), labels (n, most); the first image is full, the last one is empty."""
    generator = torch.Generator().manual_seed(seed)
    corner, side = (torch.rand(n, most, 2, generator=generator, dtype=torch.double) for _ in range(2))
    side = 7 + 19 * side
    corner = corner * (size - side)
    labels = torch.randint(0, CLASSES, (n, most), generator=generator)
    labels[torch.arange(n)[:, None] + torch.arange(most) >= n - 1] = -1
    labels[0] = torch.arange(most) % CLASSES
    return torch.cat([corner, corner + side], 2) * (labels >= 0)[..., None], labels


def random_prediction(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.double)


def test_the_papers_tensor_has_1470_numbers_and_98_boxes():
    prediction = torch.zeros(1, 7, 7, 2 * 5 + 20)
    boxes, scores = yolo.decode(prediction, size=448)
    assert prediction.numel() == 1470 and boxes.shape == (1, 98, 4) and scores.shape == (1, 98, 20)


def test_an_object_is_written_into_the_cell_of_its_centre():
    boxes, labels = objects()
    target = yolo.yolo_target(boxes, labels, cells=7, size=SIZE)
    seen = set()
    for image in range(5):
        for box, label in zip(boxes[image], labels[image], strict=True):
            x, y = ((box[:2] + box[2:]) / 2 / 8).tolist()
            row, column = int(y), int(x)
            if label < 0 or (image, row, column) in seen:
                continue
            seen.add((image, row, column))
            here = image, row, column
            assert target.labels[here] == label and torch.equal(target.boxes[here], box)
            assert target.offsets[here].tolist() == pytest.approx([x - column, y - row])
            assert target.sizes[here].tolist() == pytest.approx(((box[2:] - box[:2]) / SIZE).tolist())
    empty = target.labels < 0
    assert (~empty).sum() == len(seen) > 5
    assert not target.offsets[empty].any() and not target.sizes[empty].any() and not target.boxes[empty].any()


def test_of_two_objects_in_one_cell_the_first_is_learned():
    twins = torch.tensor([[[8.0, 8.0, 24.0, 24.0], [10.0, 8.0, 26.0, 24.0]]])
    target = yolo.yolo_target(twins, torch.tensor([[1, 3]]), cells=7, size=SIZE)
    assert target.labels[target.labels >= 0].tolist() == [1] and torch.equal(target.boxes[0, 2, 2], twins[0, 0])
    turned = yolo.yolo_target(twins, torch.tensor([[-1, 3]]), cells=7, size=SIZE)
    assert turned.labels[turned.labels >= 0].tolist() == [3]


def test_a_centre_on_the_border_belongs_to_the_last_cell():
    target = yolo.yolo_target(torch.tensor([[[46.0, 40.0, 66.0, 72.0]]]), torch.tensor([[2]]), cells=7, size=SIZE)
    assert target.labels[0, 6, 6] == 2 and target.offsets[0, 6, 6].tolist() == [1.0, 1.0]


def test_a_prediction_equal_to_the_target_costs_nothing_and_is_decoded_to_the_truth():
    boxes, labels = objects(seed=1)
    target = yolo.yolo_target(boxes, labels, cells=7, size=SIZE)
    here = (target.labels >= 0).double()[..., None]
    classes = F.one_hot(target.labels.clamp(min=0), CLASSES) * here
    prediction = torch.cat([target.offsets, target.sizes, here, torch.zeros(5, 7, 7, 5), classes], 3)
    assert sum(yolo.yolo_loss(prediction, boxes, labels, SIZE).values()).item() == pytest.approx(0, abs=1e-12)
    found, scores = yolo.decode(prediction, SIZE)
    image, box, label = (scores > 0.5).nonzero(as_tuple=True)
    kept = target.labels >= 0
    assert torch.equal(label, target.labels[kept]) and torch.equal(image, kept.nonzero()[:, 0])
    torch.testing.assert_close(found[image, box], target.boxes[kept])


def slow_loss(prediction: Tensor, boxes: Tensor, labels: Tensor, per_cell: int) -> list[float]:
    """Follow equation 3 cell by cell."""
    n, cells = prediction.shape[:2]
    target = yolo.yolo_target(boxes, labels, cells, SIZE)
    total = dict.fromkeys(NAMES, 0.0)
    for image, row, column in torch.cartesian_prod(torch.arange(n), torch.arange(cells), torch.arange(cells)).tolist():
        numbers, predicted = prediction[image, row, column], []
        for b in range(per_cell):
            x, y, w, h, _ = numbers[5 * b : 5 * b + 5].tolist()
            x, y, w, h = (column + x) * SIZE / cells, (row + y) * SIZE / cells, w * SIZE, h * SIZE
            predicted.append([x - w / 2, y - h / 2, x + w / 2, y + h / 2])
        label, responsible = target.labels[image, row, column].item(), None
        if label >= 0:
            overlap = box_iou(torch.tensor(predicted, dtype=torch.double), target.boxes[image, row, column][None])[:, 0]
            responsible = overlap.argmax().item()
            x, y, w, h, c = numbers[5 * responsible : 5 * responsible + 5]
            (tx, ty), (tw, th) = target.offsets[image, row, column], target.sizes[image, row, column]
            total["centre"] += 5 * ((x - tx) ** 2 + (y - ty) ** 2).item()
            total["size"] += 5 * ((w**0.5 - tw**0.5) ** 2 + (h**0.5 - th**0.5) ** 2).item()
            total["object"] += (c - overlap[responsible]).item() ** 2
            total["class"] += (numbers[5 * per_cell :] - F.one_hot(torch.tensor(label), CLASSES)).square().sum().item()
        for b in range(per_cell):
            if b != responsible:
                total["no object"] += 0.5 * numbers[5 * b + 4].item() ** 2
    return [total[name] / n for name in NAMES]


@pytest.mark.parametrize("per_cell", [1, 2, 3])
def test_the_loss_is_equation_3(per_cell):
    boxes, labels = objects(seed=per_cell)
    prediction = random_prediction(5, 7, 7, per_cell * 5 + CLASSES)
    parts = yolo.yolo_loss(prediction, boxes, labels, SIZE, per_cell)
    assert list(parts) == NAMES
    assert [part.item() for part in parts.values()] == pytest.approx(slow_loss(prediction, boxes, labels, per_cell))


def test_a_small_loss_by_hand():
    """One object of a quarter of the side in the first of 2 x 2 cells; the second box is the better one."""
    prediction = torch.zeros(1, 2, 2, 13, dtype=torch.double)
    prediction[0, 0, 0] = torch.tensor([0.5, 0.5, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.16, 0.5, 0.5, 0.25, 0.25])
    truth = torch.tensor([[[8.0, 8.0, 24.0, 24.0]]], dtype=torch.double)
    parts = yolo.yolo_loss(prediction, truth, torch.tensor([[0]]), size=64)
    expected = [0, 5 * (0.4 - 0.5) ** 2, (0.5 - 0.64) ** 2, 0.5 * 0.5**2, 0.25 + 2 * 0.0625]
    assert [part.item() for part in parts.values()] == pytest.approx(expected)


def v1_loss(prediction: Tensor, boxes: Tensor, labels: Tensor) -> dict[str, Tensor]:
    return yolo.yolo_loss(prediction, boxes, labels, SIZE)


def v2_loss(prediction: Tensor, boxes: Tensor, labels: Tensor) -> dict[str, Tensor]:
    return yolo_v2.yolo_v2_loss(prediction, boxes, labels, ANCHORS, stride=8)


LOSSES = pytest.mark.parametrize(("loss", "outputs"), [(v1_loss, 15), (v2_loss, 30)], ids=["v1", "v2"])


@LOSSES
def test_nothing_to_find_leaves_one_part(loss, outputs):
    prediction = random_prediction(3, 7, 7, outputs)
    for boxes, labels in [
        (torch.zeros(3, 2, 4), torch.full((3, 2), -1)),
        (torch.zeros(3, 0, 4), torch.zeros(3, 0).long()),
        (torch.tensor([9.0, 9.0, 9.0, 20.0]).expand(3, 2, 4), torch.ones(3, 2).long()),  # no area
    ]:
        parts = loss(prediction, boxes, labels)
        assert [name for name, part in parts.items() if part.item()] == ["no object"]


@LOSSES
@pytest.mark.parametrize("fill", [0.0, 1.0, -1.0, 40.0])
def test_gradients_are_finite_wherever_training_goes(loss, outputs, fill):
    for boxes, labels in [objects(), (torch.zeros(5, 2, 4), torch.full((5, 2), -1))]:
        prediction = torch.full((5, 7, 7, outputs), fill, requires_grad=True)
        total = sum(loss(prediction, boxes.float(), labels).values())
        total.backward()
        assert total.isfinite() and prediction.grad.isfinite().all()


@LOSSES
def test_no_images_cost_nothing(loss, outputs):
    parts = loss(torch.zeros(0, 7, 7, outputs), torch.zeros(0, 3, 4), torch.zeros(0, 3).long())
    assert sum(parts.values()) == 0


@LOSSES
def test_the_loss_is_a_mean_over_images_in_either_precision(loss, outputs):
    (boxes, labels), prediction = objects(), random_prediction(5, 7, 7, outputs)
    together = loss(prediction, boxes, labels)
    alone = [loss(prediction[[i]], boxes[[i]], labels[[i]]) for i in range(5)]
    single = loss(prediction.float(), boxes.float(), labels)
    for name, part in together.items():
        assert part.item() == pytest.approx(sum(one[name].item() for one in alone) / 5)
        assert single[name].dtype == torch.float32 and single[name].item() == pytest.approx(part.item(), rel=1e-4)


def test_a_confidence_aims_at_an_overlap_that_is_taken_as_given():
    boxes, labels = objects()
    prediction = random_prediction(5, 7, 7, 15).requires_grad_()
    v1_loss(prediction, boxes, labels)["object"].backward()
    touched = prediction.grad.flatten(0, 2).any(0).nonzero()[:, 0].tolist()
    assert touched == [4, 9]
    prediction = random_prediction(5, 7, 7, 30).requires_grad_()
    v2_loss(prediction, boxes, labels)["object"].backward()
    touched = prediction.grad.unflatten(3, (3, 10)).flatten(0, 3).any(0).nonzero()[:, 0].tolist()
    assert touched == [4]


def test_each_box_of_a_cell_can_be_read():
    prediction = random_prediction(2, 7, 7, 20)
    cells = yolo.boxes_by_cell(prediction, SIZE, per_cell=3)
    x, y, w, h, confidence = prediction[1, 5, 2, 10:15].tolist()
    x, y, w, h = (2 + x) * 8, (5 + y) * 8, w * SIZE, h * SIZE
    assert cells.boxes[1, 5, 2, 2].tolist() == pytest.approx([x - w / 2, y - h / 2, x + w / 2, y + h / 2])
    assert cells.confidences[1, 5, 2, 2] == confidence and torch.equal(cells.probabilities, prediction[..., 15:])
    boxes, scores = yolo.decode(prediction, SIZE, per_cell=3)
    number = (5 * 7 + 2) * 3 + 2
    assert torch.equal(boxes[1, number], cells.boxes[1, 5, 2, 2])
    torch.testing.assert_close(scores[1, number], confidence * prediction[1, 5, 2, 15:])


def test_each_anchor_of_a_cell_can_be_read():
    prediction = random_prediction(2, 7, 11, 3 * 10)
    predicted = yolo_v2.boxes_by_anchor(prediction, ANCHORS, stride=8)
    tx, ty, tw, th, to, *logits = prediction[1, 5, 9, 20:30]
    x, y = (9 + tx.sigmoid()) * 8, (5 + ty.sigmoid()) * 8
    w, h = 29 * tw.exp(), 23 * th.exp()
    torch.testing.assert_close(predicted.boxes[1, 5, 9, 2], torch.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2]))
    boxes, scores = yolo_v2.decode(prediction, ANCHORS, stride=8)
    number = (5 * 11 + 9) * 3 + 2
    assert torch.equal(boxes[1, number], predicted.boxes[1, 5, 9, 2])
    torch.testing.assert_close(scores[1, number], to.sigmoid() * torch.stack(logits).softmax(0))


def test_an_object_is_written_to_the_anchor_most_like_it():
    boxes, labels = objects(seed=3)
    target = yolo_v2.anchor_target(boxes, labels, ANCHORS, (7, 7), stride=8)
    seen = set()
    for image in range(5):
        for box, label in zip(boxes[image], labels[image], strict=True):
            if label < 0:
                continue
            size, (x, y) = box[2:] - box[:2], ((box[:2] + box[2:]) / 16).tolist()
            corner = torch.zeros(1, 2, dtype=torch.double)
            alike = box_iou(torch.cat([corner, size[None]], 1), torch.cat([corner.expand(3, 2), ANCHORS], 1))[0]
            here = image, int(y), int(x), alike.argmax().item()
            if here in seen:
                continue
            seen.add(here)
            assert target.labels[here] == label and torch.equal(target.boxes[here], box)
            assert target.offsets[here].tolist() == pytest.approx([x - int(x), y - int(y)])
            torch.testing.assert_close(target.sizes[here].exp() * ANCHORS[here[3]], size)
    assert (target.labels >= 0).sum() == len(seen) > 5


def test_two_objects_of_one_cell_get_along_if_their_anchors_differ():
    small, large = [14.0, 14.0, 26.0, 26.0], [6.0, 8.0, 34.0, 32.0]
    for second, expected in [(large, [[1, 3]]), (small, [[1]])]:
        target = yolo_v2.anchor_target(torch.tensor([[small, second]]), torch.tensor([[1, 3]]), ANCHORS, (7, 7), stride=8)
        assert [target.labels[0, 2, 2][target.labels[0, 2, 2] >= 0].tolist()] == expected


def test_a_target_read_back_is_the_truth():
    boxes, labels = objects(seed=2)
    target = yolo_v2.anchor_target(boxes, labels, ANCHORS, (7, 7), stride=8)
    here = target.labels >= 0
    offsets = target.offsets.clamp(1e-9, 1 - 1e-9).logit()
    rest = torch.zeros(*here.shape, 1 + CLASSES)
    prediction = torch.cat([offsets, target.sizes, rest], -1).flatten(3)
    torch.testing.assert_close(yolo_v2.boxes_by_anchor(prediction, ANCHORS, 8).boxes[here], target.boxes[here])


def test_the_second_loss_box_by_box():
    boxes, labels = objects(seed=4)
    prediction = random_prediction(5, 7, 7, 30) - 0.3
    target = yolo_v2.anchor_target(boxes, labels, ANCHORS, (7, 7), stride=8)
    for image, row, column, a in (target.labels >= 0).nonzero().tolist():  # the next anchor sees the object as well
        offset, box = target.offsets[image, row, column, a], target.boxes[image, row, column, a]
        other = (a + 1) % 3
        size = ((box[2:] - box[:2]) / ANCHORS[other]).log()
        prediction[image, row, column, 10 * other : 10 * other + 4] = torch.cat([offset.logit(), size])
    predicted = yolo_v2.boxes_by_anchor(prediction, ANCHORS, stride=8)
    total, spared = dict.fromkeys(NAMES, 0.0), 0
    for here in torch.cartesian_prod(*map(torch.arange, target.labels.shape)).tolist():
        here, label = tuple(here), target.labels[tuple(here)].item()
        image, confidence = here[0], predicted.confidences[here].item()
        near = box_iou(predicted.boxes[here][None], boxes[image][labels[image] >= 0]).flatten().tolist()
        if label >= 0:
            own = box_iou(predicted.boxes[here][None], target.boxes[here][None]).item()
            total["centre"] += 3 * (predicted.offsets[here] - target.offsets[here]).square().sum().item()
            total["size"] += 3 * (predicted.sizes[here] - target.sizes[here]).square().sum().item()
            total["object"] += 5 * (confidence - own) ** 2
            total["class"] -= predicted.probabilities[here][label].log().item()
        elif max(near, default=0) <= 0.6:
            total["no object"] += confidence**2
        else:
            spared += 1
    assert spared > 0
    found = [part.item() for part in v2_loss(prediction, boxes, labels).values()]
    assert found == pytest.approx([total[name] / 5 for name in NAMES])


@pytest.mark.parametrize(("width", "expected"), [(5.9, 0.25), (6.0, 0.25), (6.1, 0.0)])
def test_a_box_that_overlaps_an_object_by_more_than_six_tenths_learns_no_confidence(width, expected):
    """One cell, an object of 10 x 10 on the first anchor; the second anchor's box overlaps it by width / 10."""
    anchors, truth = torch.tensor([[10.0, 10.0], [width, 10.0]]), torch.tensor([[[0.0, 0.0, 10.0, 10.0]]])
    parts = yolo_v2.yolo_v2_loss(torch.zeros(1, 1, 1, 12), truth, torch.tensor([[0]]), anchors, stride=10)
    assert parts["no object"].item() == expected


def test_an_untrained_network_is_confident_of_nothing():
    """Module docstring: a confidence of 0.05, that is a logit of -3, at every anchor."""
    model = yolo_v2.YoloV2(CLASSES, anchors=ANCHORS)
    bias = model.head.bias.view(3, 5 + CLASSES)
    assert bias[:, 4].tolist() == [-3, -3, -3] and bias[:, 4].sigmoid().allclose(torch.tensor(0.05), atol=0.003)
    assert (bias[:, [0, 1, 2, 3, 5, 9]] != -3).all()


def test_the_defaults_of_both_losses_are_those_of_the_paper_and_of_the_docstring():
    """YOLO, section 2.2: lambda_coord = 5, lambda_noobj = 0.5, B = 2; YOLOv2 (the authors' code): 3, 5 and 1."""
    boxes, labels = objects()
    prediction = random_prediction(5, 7, 7, 15)
    explicit = yolo.yolo_loss(prediction, boxes, labels, SIZE, per_cell=2, lambda_coord=5, lambda_noobj=0.5)
    assert explicit == v1_loss(prediction, boxes, labels)
    prediction, lambdas = random_prediction(5, 7, 7, 30), dict(lambda_coord=3, lambda_obj=5, lambda_noobj=1)
    explicit = yolo_v2.yolo_v2_loss(prediction, boxes, labels, ANCHORS, 8, **lambdas)
    assert explicit == v2_loss(prediction, boxes, labels)
    assert yolo.Yolo(CLASSES).per_cell == 2 and yolo.Yolo(CLASSES).size == 64


def test_centres_outside_the_map_belong_to_its_last_or_first_cells():
    """A map of 3 rows and 5 columns: no axis can stand in for the other."""
    anchors = torch.tensor([[8.0, 8.0]])
    for centre, cell in [((40.0, 24.0), (2, 4)), ((43.0, 7.0), (0, 4)), ((-1.0, 26.0), (2, 0)), ((39.9, 15.9), (1, 4))]:
        box = torch.tensor([[[centre[0] - 4, centre[1] - 4, centre[0] + 4, centre[1] + 4]]])
        target = yolo_v2.anchor_target(box, torch.tensor([[2]]), anchors, (3, 5), stride=8)
        assert (target.labels[0, :, :, 0] >= 0).nonzero().tolist() == [list(cell)]
    left = yolo.yolo_target(torch.tensor([[[-6.0, 40.0, 4.0, 72.0]]]), torch.tensor([[2]]), cells=7, size=SIZE)
    assert left.labels[0, 6, 0] == 2


def test_a_box_grows_by_a_factor_of_1000_16ths_at_most():
    prediction = torch.full((1, 1, 1, 6), 50.0)
    box = yolo_v2.boxes_by_anchor(prediction, torch.tensor([[16.0, 8.0]]), stride=8).boxes[0, 0, 0, 0]
    torch.testing.assert_close(box[2:] - box[:2], torch.tensor([1000.0, 500.0]))


def test_of_equally_good_anchors_the_first_is_taken():
    anchors = torch.tensor([[8.0, 16.0], [16.0, 8.0]])
    target = yolo_v2.anchor_target(torch.tensor([[[0.0, 0.0, 8.0, 8.0]]]), torch.tensor([[1]]), anchors, (1, 1), stride=8)
    assert target.labels.flatten().tolist() == [1, -1]


@pytest.mark.parametrize("seed", range(5))
def test_a_centre_moves_to_its_only_size(seed):
    """From any two sizes: from the first two, the second centre follows the third size, and then has it alone."""
    sizes = torch.tensor([[10.0, 10.0], [11.0, 11.0], [40.0, 40.0]])
    assert anchor_sizes(sizes, k=2, seed=seed).tolist() == [[10.5, 10.5], [40, 40]]


@pytest.mark.parametrize(("side", "has_slope"), [(0.0, False), (1e-9, False), (1e-5, True)])
def test_the_slope_of_a_vanishing_size_is_bounded(side, has_slope):
    """The square root of a side has a slope of 0.5 / root: infinite at 0, so that sides below a millionth have none."""
    boxes, labels = objects()
    prediction = torch.full((5, 7, 7, 15), side, requires_grad=True)
    v1_loss(prediction, boxes.float(), labels)["size"].backward()
    assert prediction.grad.isfinite().all() and bool(prediction.grad.any()) == has_slope
    assert prediction.grad.abs().max() < 10 / 2e-3  # 2 lambda_coord times the slope at a millionth


def test_the_defaults_of_k_means():
    signature = inspect.signature(anchor_sizes).parameters
    assert [signature[name].default for name in ("k", "seed", "steps")] == [5, 0, 100]  # section 2: k = 5
    sizes = 5 + 30 * random_prediction(301, 2)
    assert torch.equal(anchor_sizes(sizes), anchor_sizes(sizes, 5, 0, 100))
    assert not torch.equal(anchor_sizes(sizes, 9, steps=1), anchor_sizes(sizes, 9, seed=1, steps=1))


def test_the_overlap_of_sizes_is_that_of_boxes_with_one_centre():
    sizes = random_prediction(13, 2) + 0.1
    boxes = torch.cat([-sizes / 2, sizes / 2], 1)
    torch.testing.assert_close(size_overlap(sizes, sizes[:7]), box_iou(boxes, boxes[:7]))


@pytest.mark.parametrize("k", [1, 2, 5])
def test_anchors_are_the_means_of_their_own_boxes(k):
    sizes = 5 + 30 * random_prediction(301, 2)
    anchors = anchor_sizes(sizes, k, steps=1000)
    nearest = size_overlap(sizes, anchors).argmax(1)
    torch.testing.assert_close(anchors, torch.stack([sizes[nearest == number].mean(0) for number in range(k)]))
    assert anchors.prod(1).diff().ge(0).all()


def test_more_anchors_fit_better_and_k_means_beats_its_start():
    sizes = 5 + 30 * random_prediction(301, 2)
    fit = [size_overlap(sizes, anchor_sizes(sizes, k)).amax(1).mean() for k in (1, 2, 5, 9)]
    assert fit == sorted(fit)
    start = anchor_sizes(sizes, 5, steps=0)
    assert size_overlap(sizes, start).amax(1).mean() < fit[2]


def test_anchors_repeat_by_seed_and_may_be_as_many_as_the_sizes():
    sizes = 5 + 30 * random_prediction(101, 2)
    assert torch.equal(anchor_sizes(sizes, seed=3), anchor_sizes(sizes, seed=3))
    few = torch.tensor([[4.0, 5.0], [4.0, 5.0], [7.0, 9.0], [2.0, 3.0]])
    assert anchor_sizes(few, k=3).tolist() == [[2, 3], [4, 5], [7, 9]]


def test_slots_go_to_the_first_real_object():
    slot, real = torch.tensor([[3, 1, 3, 1], [0, 0, 0, 4]]), torch.tensor([[1, 0, 1, 1], [0, 1, 1, 1]]).bool()
    assert first_in_slot(slot, real, 5).tolist() == [[-1, 3, -1, 0, -1], [1, -1, -1, -1, 3]]


MODELS = pytest.mark.parametrize(
    "make", [lambda: yolo.Yolo(CLASSES), lambda: yolo_v2.YoloV2(CLASSES, anchors=ANCHORS)], ids=["v1", "v2"]
)


@pytest.mark.slow
@MODELS
@pytest.mark.parametrize("train", [True, False])
def test_detections_are_what_they_promise(make, train):
    seeds.seed(0)
    model, images = make().train(train), scenes(67).images  # more than are looked at together
    before = {name: value.clone() for name, value in model.state_dict().items()}
    found = model.detect(images, min_score=0.001, max_count=7)
    assert len(found) == 67 and model.training is train
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    for boxes, scores, labels in found:
        assert boxes.shape == (len(scores), 4) and labels.shape == scores.shape and 0 < len(scores) <= 7
        assert ((boxes >= 0) & (boxes <= 64)).all() and (scores > 0.001).all() and (scores <= 1).all()
        assert scores.diff().le(0).all() and not scores.requires_grad
    assert all(len(one.scores) == 0 for one in model.detect(images[:3], min_score=1.0))
    assert model.detect(images[:0]) == []


def test_the_first_says_numbers_of_0_to_1_and_the_second_reads_any_size():
    prediction = yolo.Yolo(classes=3, per_cell=4, size=48)(torch.rand(2, 3, 48, 48))
    assert prediction.shape == (2, 6, 6, 23) and (prediction >= 0).all() and (prediction <= 1).all()
    found = yolo_v2.YoloV2(CLASSES, anchors=ANCHORS).detect(torch.rand(2, 3, 40, 72), min_score=0.0)
    assert all((one.boxes <= torch.tensor([72, 40, 72, 40])).all() for one in found)


@MODELS
def test_one_look_at_an_image_is_enough(make):
    model, looks = make().eval(), []
    model.backbone.register_forward_hook(lambda *_: looks.append(1))
    model.detect(torch.rand(5, 3, 64, 64))
    assert len(looks) == 1


@pytest.mark.slow
@MODELS
def test_eight_scenes_are_learned_by_heart(make):
    seeds.seed(0)
    drawn, model = scenes(8), make()
    data = (drawn.images, drawn.boxes, drawn.labels)
    training.train(model, data, epochs=60, objective=DetectionObjective(), optimizer=training.adamw, batch_size=8, clip=5.0)
    scores = DetectionObjective().scores(model, data)
    assert isinstance(model, SingleShot) and scores["mAP50"] > 0.95 and scores["AP75"] > 0.9


TRUTH = torch.zeros(2, 3, 4), torch.full((2, 3), -1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: yolo.yolo_target(*TRUTH, 0, 64), "cells=0"),
        (lambda: yolo.yolo_target(*TRUTH, 7, 0), "size=0"),
        (lambda: yolo.yolo_target(TRUTH[0], TRUTH[1][:, :2], 7, 64), r"\(N, T\).*\(2, 3, 4\), \(2, 2\)"),
        (lambda: yolo.boxes_by_cell(torch.zeros(2, 7, 11, 30), 64), r"\(2, 7, 11, 30\)"),
        (lambda: yolo.boxes_by_cell(torch.zeros(2, 7, 7, 10), 64), r"2 \* 5 \+ C\), C > 0, got \(2, 7, 7, 10\)"),
        (lambda: yolo.decode(torch.zeros(7, 7, 30), 64), r"\(7, 7, 30\)"),
        (lambda: yolo.decode(torch.zeros(2, 7, 7, 30), 64, per_cell=0), r"0 \* 5"),
        (lambda: v1_loss(torch.zeros(2, 7, 7, 15), TRUTH[0], TRUTH[1] + 6), "below C = 5, got 5"),
        (lambda: v1_loss(torch.zeros(3, 7, 7, 15), *TRUTH), "3 images.*2"),
        (lambda: v2_loss(torch.zeros(3, 7, 7, 30), *TRUTH), "3 images.*2"),
        (lambda: v2_loss(torch.zeros(2, 7, 7, 30), TRUTH[0], TRUTH[1] + 6), "below C = 5, got 5"),
        (lambda: v2_loss(torch.zeros(2, 7, 7, 31), *TRUTH), r"\(2, 7, 7, 31\) and \(3, 2\)"),
        (lambda: yolo_v2.decode(torch.zeros(2, 7, 7, 15), ANCHORS, 8), r"\(2, 7, 7, 15\)"),
        (lambda: yolo_v2.anchor_target(*TRUTH, ANCHORS[:, :1], (7, 7), 8), r"\(A, 2\), got \(3, 1\)"),
        (lambda: yolo_v2.anchor_target(TRUTH[0][0], TRUTH[1], ANCHORS, (7, 7), 8), r"\(3, 4\), \(2, 3\)"),
        (lambda: anchor_sizes(torch.ones(7, 3)), r"\(7, 3\)"),
        (lambda: anchor_sizes(torch.tensor([[3.0, 0.0]]), 1), "positive"),
        (lambda: anchor_sizes(torch.ones(7, 2), 2), r"1 \.\.\. 1.*got 2"),
        (lambda: anchor_sizes(torch.ones(0, 2), 1), "got 1"),
        (lambda: yolo.Yolo(CLASSES)(torch.zeros(1, 3, 64, 72)), r"64 x 64 pixels, got \(1, 3, 64, 72\)"),
    ],
)
def test_errors_say_the_numbers(call, words):
    with pytest.raises(ValueError, match=words):
        call()
