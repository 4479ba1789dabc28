"""Every public function on boxes, regions and scores in every dtype, with NaN, with none of them, and without float64.

The right value is the one of float32. What has none is refused in a sentence.
"""

import inspect
import math
from collections.abc import Callable
from typing import NamedTuple

import pytest
import torch
from no_float64 import no_float64
from torch import Tensor

from cnnlib import metrics
from cnnlib.detection import anchors as laying
from cnnlib.detection import average_precision as scoring
from cnnlib.detection import boxes, grouping, pooling, proposals, rois, suppression
from cnnlib.detection.detections import Detections

HALVES, INTEGERS = (torch.float16, torch.bfloat16), (torch.uint8, torch.int32, torch.int64)
MODULES = {
    "anchors": laying,
    "average_precision": scoring,
    "boxes": boxes,
    "metrics": metrics,
    "pooling": pooling,
    "proposals": proposals,
    "rois": rois,
    "suppression": suppression,
}


def whole(*shape: int, high: int = 100, seed: int = 0) -> Tensor:
    """Draw whole numbers, which bfloat16 and bytes hold too."""
    return torch.randint(0, high, shape, generator=torch.Generator().manual_seed(seed)).float()


def whole_boxes(*shape: int, seed: int = 0) -> Tensor:
    corner = whole(*shape, 2, seed=seed)
    return torch.cat([corner, corner + 1 + whole(*shape, 2, seed=seed + 1)], -1)


BOXES, OTHERS = whole_boxes(7), whole_boxes(5, seed=3)
OBJECTS, LABELS = whole_boxes(3, 5, seed=5), torch.tensor([[0, 1, 2, -1, -1], [2, 2, 0, 1, -1], [-1] * 5])
MAPS = whole(3, 2, 11, 13)
ROIS = torch.cat([torch.tensor([[0.0], [1], [2], [2], [1], [0], [0]]), BOXES], 1)
IMAGE = torch.rand(3, 24, 32, generator=torch.Generator().manual_seed(0))
COUNTS = whole(3, 3, high=50)
SCORES = whole(7, high=64)


def found(call: Callable, *options: object) -> Callable:
    """Judge 7 boxes on the first of three images."""

    def judge(predicted: Tensor, scores: Tensor, objects: Tensor) -> object:
        nothing = Detections(predicted[:0], scores[:0], torch.zeros(0, dtype=torch.long, device=scores.device))
        labels = torch.arange(len(scores), device=scores.device) % 3
        return call([Detections(predicted, scores, labels), nothing, nothing], objects, LABELS.to(objects.device), *options)

    return judge


def pooled(call: Callable, *options: object) -> Callable:
    return lambda x, regions: call(x, regions, *options)


class Case(NamedTuple):
    """A call on tensors that any dtype may replace.

    `empty` is the result for none of what the first tensor lists: a shape, a value, or the words of the error. `nan` are the
    words of the error for NaN in the first tensor; without them the row with NaN, and no other, gives NaN. `integers` are the
    words of the error for integers; without them the result is that of float32.
    """

    call: Callable
    tensors: tuple[Tensor, ...]
    empty: object
    nan: str = ""
    integers: str = ""
    like_input: bool = False  # the result has the first tensor's dtype, else float32


FINITE, INDEX = "finite, ", torch.arange(7)
LABELLED = INDEX % 3
CASES = {
    "boxes.area": Case(boxes.area, (BOXES,), (0,)),
    "boxes.iou": Case(boxes.iou, (BOXES, OTHERS), (0, 5)),
    "boxes.clip": Case(lambda b: boxes.clip(b, 50, 70), (BOXES,), (0, 4)),
    "boxes.encode": Case(lambda b: boxes.encode(b, BOXES[: len(b)].flip(0).to(b.device)), (BOXES,), (0, 4)),
    "boxes.decode": Case(lambda d: boxes.decode(d, BOXES[: len(d)].to(d.device)), (whole(7, 4, high=3),), (0, 4)),
    "suppression.nms": Case(lambda b, s: suppression.nms(b, s[: len(b)], 0.3), (BOXES, SCORES), (0,), FINITE),
    "suppression.nms_by_class": Case(
        lambda b, s: suppression.nms_by_class(b, s[: len(b)], LABELLED[: len(b)].to(b.device), 0.3),
        (BOXES, SCORES),
        (0,),
        FINITE,
    ),
    "rois.as_rois": Case(lambda b: rois.as_rois(INDEX[: len(b)].to(b.device), b), (BOXES,), (0, 5)),
    "rois.rois_of": Case(lambda b: rois.rois_of(b[None]), (BOXES,), (0, 5), FINITE),
    "rois.take_apart": Case(lambda r: rois.take_apart(MAPS.to(r.device), r)[1], (ROIS,), (0,), FINITE),
    "pooling.crop_and_warp": Case(pooled(pooling.crop_and_warp, 5), (MAPS, ROIS), "0 to -1", "NaN", like_input=True),
    "pooling.spatial_pyramid": Case(pooling.spatial_pyramid, (MAPS,), (0, 42), like_input=True),
    "pooling.roi_pool": Case(pooled(pooling.roi_pool, 3, 1 / 8), (MAPS, ROIS), "0 to -1", "NaN", like_input=True),
    "pooling.roi_pyramid": Case(pooled(pooling.roi_pyramid, (2, 1), 1 / 8), (MAPS, ROIS), "0 to -1", "NaN", like_input=True),
    "pooling.roi_align": Case(pooled(pooling.roi_align, 3, 1 / 8), (MAPS, ROIS), "0 to -1", "NaN", like_input=True),
    "anchors.assign": Case(
        lambda a, o: laying.assign(a, o, LABELS.to(a.device), 0.3, 0.1, (90, 120)), (BOXES, OBJECTS), (3, 0), FINITE
    ),
    "average_precision.precision_recall": Case(
        found(scoring.precision_recall, 0, 0.1), (BOXES, SCORES, OBJECTS), None, "not finite"
    ),
    "average_precision.average_precision": Case(
        found(scoring.average_precision, 0, 0.1), (BOXES, SCORES, OBJECTS), None, "not finite"
    ),
    "average_precision.detection_scores": Case(
        found(scoring.detection_scores, 3), (BOXES, SCORES, OBJECTS), None, "not finite"
    ),
    "proposals.padded": Case(lambda b: proposals.padded([b])[0], (BOXES,), (0, 4), like_input=True),
    "proposals.recall": Case(lambda p, b: proposals.recall(p, b, 0.1), (BOXES, OTHERS), 0.0, FINITE),
    "proposals.selective_search": Case(
        proposals.selective_search,
        (IMAGE,),
        r"\(0, 24, 32\)",
        "in .0, 1., got nan",
        r"floats in \[0, 1\], got .* of torch.*int",
    ),
    "grouping.grouping": Case(
        lambda x: grouping.grouping(x).boxes, (IMAGE,), r"\(0, 24, 32\)", "in .0, 1., got nan", "floats in .*int"
    ),
    "metrics.accuracy": Case(
        lambda s: metrics.accuracy(s, LABELLED[: len(s)]), (whole(7, 3),), r"N > 0 .* \(0, 3\)", "counted"
    ),
    "metrics.pixel_accuracy": Case(metrics.pixel_accuracy, (COUNTS,), r"\(K, K\)", "3 of them negative or not finite"),
    "metrics.intersection_over_union": Case(
        lambda c: metrics.intersection_over_union(c).float(), (COUNTS,), r"\(K, K\)", "3 of them negative or not finite"
    ),
    "metrics.mean_iou": Case(metrics.mean_iou, (COUNTS,), r"\(K, K\)", "3 of them negative or not finite"),
}
OF_THEIR_OWN = {  # what takes numbers, integers alone, or any tensor as it is, is tested below or where it is used
    "boxes.in_float", "rois.split_by_image", "boxes.check_boxes", "boxes.check_finite", "anchors.anchors", "anchors.sample",
    "proposals.sliding_windows", "metrics.confusion",
}  # fmt: skip
EACH = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def as_list(result: object) -> list:
    parts = result.values() if isinstance(result, dict) else result if isinstance(result, tuple) else [result]
    return [part.cpu() if isinstance(part, Tensor) else part for part in parts]


def same(found: object, expected: object) -> None:
    """Compare bit by bit; a value that is not float32 has no digits that float32 lacks."""
    for one, other in zip(as_list(found), as_list(expected), strict=True):
        if isinstance(one, Tensor):
            assert torch.equal(one.nan_to_num(-1), other.to(one.dtype).nan_to_num(-1))
        else:
            assert one == other or (math.isnan(one) and math.isnan(other))


def test_every_public_function_has_a_case():
    public = {
        f"{title}.{name}"
        for title, module in MODULES.items()
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }
    assert public | {"grouping.grouping"} == set(CASES) | OF_THEIR_OWN


@EACH
@pytest.mark.parametrize("dtype", HALVES)
def test_half_precision_is_computed_in_float32(case, dtype):
    tensors = [tensor.to(dtype) for tensor in case.tensors]
    result = case.call(*tensors)
    same(result, case.call(*(tensor.float() for tensor in tensors)))
    for part in as_list(result):
        if isinstance(part, Tensor) and part.is_floating_point() and part.dtype != torch.float64:
            assert part.dtype == (dtype if case.like_input else torch.float32)


@EACH
@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_are_computed_in_float32_or_refused(case, dtype):
    tensors = [tensor.to(dtype) for tensor in case.tensors]
    if case.integers:
        with pytest.raises(ValueError, match=case.integers):
            case.call(*tensors)
    else:
        same(case.call(*tensors), case.call(*(tensor.float() for tensor in tensors)))


@pytest.mark.parametrize("name", [name for name in CASES if name != "metrics.accuracy"])  # below: such a row is wrong
def test_nan_stays_where_it_is_or_is_refused(name):
    case = CASES[name]
    first = case.tensors[0].clone()
    first[2] = math.nan
    if case.nan:
        with pytest.raises(ValueError, match=case.nan):
            case.call(first, *case.tensors[1:])
    else:
        has_nan = case.call(first, *case.tensors[1:]).isnan().view(len(first), -1).any(1)
        assert has_nan.tolist() == [row == 2 for row in range(len(first))]


@EACH
def test_nothing_gives_nothing_or_is_refused(case):
    first = case.tensors[0][:0]
    if isinstance(case.empty, str):
        with pytest.raises(ValueError, match=case.empty):
            case.call(first, *case.tensors[1:])
    elif isinstance(case.empty, tuple):
        assert case.call(first, *case.tensors[1:]).shape == case.empty
    elif case.empty is not None:
        assert case.call(first, *case.tensors[1:]) == case.empty
    else:
        scores, objects = case.tensors[1:]
        assert all(not torch.as_tensor(part).any() for part in as_list(case.call(first, scores[:0], objects)))


@EACH
def test_no_float64_is_made_on_a_device(case):
    expected = case.call(*case.tensors)
    with no_float64() as device:
        result = as_list(case.call(*(tensor.to(device) for tensor in case.tensors)))
    same(tuple(result), tuple(as_list(expected)))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16, torch.int32, torch.int64, *HALVES])
def test_areas_of_large_boxes_do_not_overflow(dtype):
    side = 2 ** (7 if dtype == torch.uint8 else 14)
    large = torch.tensor([[0, 0, side, side]], dtype=dtype)
    assert boxes.area(large).item() == side**2
    assert boxes.iou(large, large).item() == 1


def test_corners_in_the_wrong_order_do_not_wrap_around_in_bytes():
    assert boxes.area(torch.tensor([[9, 9, 3, 20]], dtype=torch.uint8)).item() == 0


@pytest.mark.parametrize("wrong", [0, -1, math.nan, math.inf])
@pytest.mark.parametrize("name", ["height", "width", "stride", "sizes", "ratios"])
def test_anchors_and_windows_of_no_number_are_refused(name, wrong):
    right = dict(height=4, width=5, stride=8, sizes=(8,), ratios=(1,))
    wrong = {name: (wrong,) if name in ("sizes", "ratios") else wrong}
    with pytest.raises(ValueError, match=f"positive numbers, got .*{name}"):
        laying.anchors(**right | wrong)
    right["step"], wrong = right.pop("stride"), {"step" if key == "stride" else key: value for key, value in wrong.items()}
    with pytest.raises(ValueError, match=f"positive numbers, got .*{next(iter(wrong))}"):
        proposals.sliding_windows(**right | wrong)


def test_no_sizes_give_no_anchors_and_no_windows():
    assert laying.anchors(4, 5, 8, sizes=(), ratios=(1,)).shape == (0, 4)
    assert proposals.sliding_windows(4, 5, sizes=(), ratios=(1,), step=8).shape == (0, 4)


def test_numbers_alone_make_no_float64_on_a_device():
    with no_float64() as device:
        laid = laying.anchors(4, 5, 8, (8, 13), (0.5, 1), device)
        assert laid.device == device and torch.equal(laid.cpu(), laying.anchors(4, 5, 8, (8, 13), (0.5, 1)))
        matches = torch.tensor([[0, -1, 2, -2, -1]], device=device)
        assert laying.sample(matches, 4, 0.5).cpu().sum() == 4
        classes = torch.tensor([0, 1, 1, 2], device=device)
        assert torch.equal(
            metrics.confusion(classes, classes.flip(0), 3).cpu(), torch.tensor([[0, 0, 1], [0, 2, 0], [1, 0, 0]])
        )


def test_what_holds_indices_or_classes_must_be_integers():
    with pytest.raises(ValueError, match=r"matches \(N, A'\) of integers.* torch.float32"):
        laying.sample(torch.zeros(2, 7), 5, 0.5)
    with pytest.raises(ValueError, match=r"labels .* integers.* torch.bfloat16"):
        metrics.accuracy(torch.zeros(2, 3), torch.zeros(2, dtype=torch.bfloat16))
    with pytest.raises(ValueError, match=r"integers .* torch.float16"):
        metrics.confusion(torch.zeros(3, dtype=torch.float16), torch.zeros(3).long(), 2)


def test_scores_with_nan_predict_no_class():
    scores = torch.tensor([[math.nan, 0.0], [math.nan, math.nan], [0.0, 1.0]])
    assert metrics.accuracy(scores, torch.tensor([0, 0, 1])) == pytest.approx(1 / 3)
