"""The numbers that explorers show are torch's and the library's, for every setting or for 500 random ones."""

import base64
import io
import itertools

import pytest
import torch
from node import call
from PIL import Image
from torch.nn import functional as F

from cnnlib.data.photos import PHOTOS
from cnnlib.data.scenes import SCENE_CLASSES
from cnnlib.detection import nms, nms_by_class
from cnnlib.detection.boxes import clip, iou
from cnnlib.detection.yolo import boxes_by_cell, decode, yolo_target
from cnnlib.explorers import influence
from cnnlib.explorers.convolution import IMAGE, KERNELS
from cnnlib.explorers.encoding import data_url
from cnnlib.explorers.explorer import stored
from cnnlib.explorers.filter import KERNELS as FILTERS
from cnnlib.explorers.grid import GridExplorer, drawn
from cnnlib.explorers.receptive_field import SIDE, ReceptiveFieldExplorer
from cnnlib.models.vgg import LAYERS, narrow_vgg
from cnnlib.receptive_fields import receptive_field

RANDOM = 500


def test_every_convolution_is_torch_s():
    settings = list(itertools.product(range(1, 6), range(1, 4), range(3), range(1, 4)))
    names = ("kernel", "stride", "padding", "dilation")
    shown = call(
        "convolution", "convolve", [[dict(zip(names, s, strict=True), image=IMAGE, kernels=KERNELS)] for s in settings]
    )
    image, fitting = torch.tensor(IMAGE)[None, None].double(), 0
    for (kernel, stride, padding, dilation), one in zip(settings, shown, strict=True):
        assert one["padded"] == F.pad(image, (padding,) * 4)[0, 0].tolist()
        if one["span"] > 7 + 2 * padding:
            assert one["size"] == 0 and one["output"] == []
            continue
        weight = torch.tensor(KERNELS[str(kernel)])[None, None].double()
        expected = F.conv2d(image, weight, None, stride, padding, dilation)[0, 0]
        assert one["output"] == expected.tolist() and one["size"] == len(expected)
        fitting += 1
    assert len(settings) == 135 and 100 < fitting < 135


def test_the_sum_is_written_out_and_is_the_output():
    pixels, weights = [1, 4, 4, 4, 0, 4, 1, 1, 2], [-1, 0, -1, -1, 0, 0, 0, -1, 1]
    many = [[1, 0] * 8, [2, -1] * 8, 16]
    nine, sixteen = call("convolution", "formula", [[pixels, weights, -8], many])
    assert nine == "1·(−1) + 4·0 + 4·(−1) + 4·(−1) + 0·0 + 4·0 + 1·0 + 1·(−1) + 2·1 = −8"
    assert sixteen == " + ".join(["1·2"] * 8) + " = 16 (products that are zero are left out)"


def test_filters_are_torch_s():
    generator = torch.Generator().manual_seed(1)
    images = torch.rand(RANDOM, 1, 7, 11, generator=generator)
    weights = torch.randn(RANDOM, 1, 3, 3, generator=generator)
    calls = [[i.flatten().tolist(), 11, w.flatten().tolist()] for i, w in zip(images, weights, strict=True)]
    shown = torch.tensor(call("filter", "filtered", calls)).view(RANDOM, 7, 11)
    expected = F.conv2d(images.transpose(0, 1), weights, padding=1, groups=RANDOM)[0]
    torch.testing.assert_close(shown, expected, atol=1e-5, rtol=1e-5)


def test_the_menu_of_filters_names_them_until_a_weight_changes():
    changed = [[*weights[:4], weights[4] + 0.01, *weights[5:]] for weights in FILTERS.values()]
    rounded = [[round(weight, 4) for weight in weights] for weights in FILTERS.values()]
    names = call("filter", "nameOf", [[FILTERS, weights] for weights in [*FILTERS.values(), *rounded, *changed]])
    assert names == [*FILTERS, *FILTERS, *["your own"] * len(FILTERS)]


def test_a_filter_that_keeps_brightness_is_shown_in_grey():
    grey = [FILTERS[name] for name in ("identity", "blur", "sharpen")]
    image = [0.5] * 25
    ranges = call("filter", "range", [[image, 5, weights] for weights in [*grey, FILTERS["all edges (Laplace)"]]])
    assert [one["brightness"] for one in ranges] == [True, True, True, False]
    assert all(one["limit"] == pytest.approx(1 if n < 3 else 0.5) for n, one in enumerate(ranges))


def boxes_at_random(count: int, seed: int) -> torch.Tensor:
    """Draw boxes of whole pixels, which overlap by round fractions: (count, 4)."""
    generator = torch.Generator().manual_seed(seed)
    corner = torch.randint(0, 20, (count, 2), generator=generator)
    return torch.cat([corner, corner + torch.randint(0, 12, (count, 2), generator=generator)], 1).float()


def test_overlaps_are_the_library_s():
    a, b = boxes_at_random(RANDOM, 2), boxes_at_random(RANDOM, 3)
    shown = call("overlap", "overlap", [[{"first": x, "second": y}] for x, y in zip(a.tolist(), b.tolist(), strict=True)])
    torch.testing.assert_close(torch.tensor([one["iou"] for one in shown]), iou(a[:, None], b[:, None]).view(-1))
    assert sum(one["iou"] > 0 for one in shown) > 50


def test_suppression_is_the_library_s():
    calls, expected = [], []
    for seed in range(RANDOM):
        generator = torch.Generator().manual_seed(seed)
        boxes = boxes_at_random(17, seed)
        scores = torch.randint(0, 9, (17,), generator=generator) / 8  # some are equal
        labels = torch.randint(0, 3, (17,), generator=generator)
        limit, by_class = (seed % 11) / 10, seed % 2 == 0
        calls.append([boxes.tolist(), scores.tolist(), labels.tolist(), limit, by_class])
        expected.append((nms_by_class(boxes, scores, labels, limit) if by_class else nms(boxes, scores, limit)).tolist())
    shown = call("boxes", "suppress", calls)
    assert [[step["kept"] for step in steps] for steps in shown] == expected
    for steps in shown:
        fallen = [dropped["index"] for step in steps for dropped in step["dropped"]]
        assert sorted(fallen + [step["kept"] for step in steps]) == list(range(17)), "each box is kept or dropped once"


@pytest.mark.slow
def test_suppression_of_the_stored_scenes_is_the_library_s():
    settings = list(itertools.product(range(12), (30, 50, 70), (10, 30, 60), (True, False)))
    names = ("scene", "min_score", "max_overlap", "by_class")
    scenes = stored("suppression")["scenes"]
    calls = [[dict(zip(names, s, strict=True), scenes=scenes)] for s in settings]
    for (scene, least, limit, by_class), one in zip(settings, call("suppression", "suppressed", calls), strict=True):
        boxes, scores, labels = (torch.tensor(scenes[scene][name]) for name in ("boxes", "scores", "labels"))
        enough = scores.double() >= least / 100 - 1e-7
        found = boxes[enough].view(-1, 4), scores[enough]
        kept = nms_by_class(*found, labels[enough], limit / 100) if by_class else nms(*found, limit / 100)
        assert [step["kept"] for step in one["steps"]] == kept.tolist()


def test_pulled_boxes_stay_in_their_scene():
    generator = torch.Generator().manual_seed(5)
    scene = {"width": 96, "height": 60, "least": 2}
    corners = torch.randint(0, 50, (RANDOM, 2), generator=generator)
    before = torch.cat([corners, corners + torch.randint(2, 11, (RANDOM, 2), generator=generator)], 1).tolist()
    moves = (torch.randn(RANDOM, 2, generator=generator) * 40).tolist()
    handles = ["", "nw", "ne", "sw", "se"]
    calls = [[box, handles[n % 5], *move, scene] for n, (box, move) in enumerate(zip(before, moves, strict=True))]
    after = call("boxes", "pulled", calls)
    for n, (old, (x1, y1, x2, y2)) in enumerate(zip(before, after, strict=True)):
        assert 0 <= x1 <= x2 - 2 and x2 <= 96 and 0 <= y1 <= y2 - 2 and y2 <= 60
        if n % 5 == 0:
            assert (x2 - x1, y2 - y1) == (old[2] - old[0], old[3] - old[1]), "a box that is moved keeps its size"


def ideal(boxes: torch.Tensor, labels: torch.Tensor, cells: int, size: float) -> torch.Tensor:
    """Write the library's target as the tensor of a network with one box per cell: (N, T, 4), (N, T) -> (N, S, S, 5 + C)."""
    target = yolo_target(boxes, labels, cells, size)
    real = (target.labels >= 0)[..., None]
    which = F.one_hot(target.labels.clamp(min=0), len(SCENE_CLASSES)) * real
    return torch.cat([target.offsets, target.sizes, real.float(), which.float()], -1)


def test_targets_are_the_library_s_for_every_scene_and_number_of_cells():
    values = GridExplorer.initial()
    settings = list(itertools.product(range(10), range(1, 17)))
    scenes, labels = drawn().boxes, drawn().labels
    calls = [[scenes[n].tolist(), labels[n].tolist(), cells, 64, len(values["classes"])] for n, cells in settings]
    for (n, cells), rows in zip(settings, call("yolo", "target", calls), strict=True):
        expected = ideal(scenes[n : n + 1], labels[n : n + 1], cells, 64).flatten(0, 2)
        torch.testing.assert_close(torch.tensor(rows), expected, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("per_cell", [1, 2, 3])
def test_predictions_are_read_as_the_library_reads_them(per_cell):
    prediction = torch.rand(1, 7, 7, 5 * per_cell + 5, generator=torch.Generator().manual_seed(per_cell)).double()
    values = {"scenes": [{"boxes": [], "labels": []}], "classes": list("abcde"), "size": 64, "scene": 0, "cells": 7}
    values |= {"predictions": [prediction.flatten().tolist()], "per_cell": per_cell}
    (shown,) = call("grid", "cellsOf", [[values]])
    expected = boxes_by_cell(prediction, 64, per_cell)
    boxes = torch.tensor([[box["box"] for box in cell["boxes"]] for cell in shown["grid"]]).double()
    torch.testing.assert_close(boxes, expected.boxes.flatten(0, 2), atol=1e-4, rtol=1e-4)
    assert [cell["label"] for cell in shown["grid"]] == expected.probabilities.argmax(-1).flatten().tolist()

    every, scores = decode(prediction, 64, per_cell)
    best = scores[0].amax(-1)
    (found,) = call("grid", "likely", [[shown["grid"], 0.3, 64]])
    assert len(found) == int((best >= 0.3).sum()) > 0
    torch.testing.assert_close(
        torch.tensor([one["box"] for one in found]).double(), clip(every[0][best >= 0.3], 64, 64), atol=1e-4, rtol=1e-4
    )


@pytest.fixture(scope="module")
def measured():
    return ReceptiveFieldExplorer.initial()


def test_receptive_fields_are_the_library_s_in_every_state(measured):
    states = list(itertools.product(range(1, 19), ("five", "none"), ("random", "equal"), PHOTOS))
    names = ("layer", "pools", "weights", "photograph")
    light = {name: measured[name] for name in ("layers", "fields", "sides")}
    light["maps"] = {pools: dict.fromkeys([*PHOTOS, "equal"], "") for pools in ("five", "none")}
    shown = call("receptive_field", "seen", [[dict(zip(names, state, strict=True)) | light] for state in states])
    for (layer, pools, weights, photograph), one in zip(states, shown, strict=True):
        field = influence.field_after(pools == "five")[layer - 1]
        assert one["field"] == [field.size, field.stride, influence.first_row(field)]
        assert one["name"] == LAYERS[layer - 1]
        assert one["side"] == measured["sides"][pools]["equal" if weights == "equal" else photograph][layer - 1] <= field.size
        rows = [row for row in field.rows(SIDE // field.stride // 2) if 0 <= row < SIDE]
        assert one["map"]["place"] == [rows[0], len(rows)]
    assert len(states) == 432


def test_what_the_lesson_says_of_the_influence_on_conv5_3(measured):
    conv5_3 = {
        p: {key: sides[LAYERS.index("conv5_3")] for key, sides in measured["sides"][p].items()} for p in ("five", "none")
    }
    assert (conv5_3["five"].pop("equal"), conv5_3["none"].pop("equal")) == (116, 13)
    assert (min(conv5_3["five"].values()), max(conv5_3["five"].values())) == (136, 146)
    assert round(100 * 116**2 / 196**2) == 35


@pytest.mark.parametrize("pools", [True, False])
def test_the_fields_are_those_of_the_network_itself(pools):
    for layer in (1, 3, 9, 18):
        field = influence.field_after(pools)[layer - 1]
        net = narrow_vgg(pools)[:layer]
        assert (field.size, field.stride) == (receptive_field(net).size, receptive_field(net).stride)


def test_maps_are_read_byte_by_byte(measured):
    values = measured | {"pools": "five", "weights": "random", "photograph": "cat"}
    kept = {"five": {"cat": measured["maps"]["five"]["cat"]}, "none": {}}
    calls = [[values | {"layer": layer, "maps": kept, "photographs": {}}] for layer in range(1, 19)]
    maps = [one["map"] for one in call("receptive_field", "seen", calls)]
    whole = base64.b64decode(kept["five"]["cat"])
    shown = call("receptive_field", "bytes", [[one] for one in maps])
    assert b"".join(map(bytes, shown)) == whole
    assert all(max(one) == 255 for one in shown), "each map is white at its largest"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("layer", "pools", "key"), [(2, True, "cat"), (10, True, "china"), (18, False, "equal"), (14, True, "equal")]
)
def test_what_is_stored_is_what_is_measured(measured, layer, pools, key):
    field, name = influence.field_after(pools)[layer - 1], "five" if pools else "none"
    side, now = influence._one(layer, field, pools, key)
    fields = influence.field_after(pools)[:layer]
    sizes = [min(len([row for row in f.rows(SIDE // f.stride // 2) if 0 <= row < SIDE]), influence.MAP) ** 2 for f in fields]
    whole = base64.b64decode(measured["maps"][name][key])
    then = whole[sum(sizes[:-1]) : sum(sizes)]
    assert abs(side - measured["sides"][name][key][layer - 1]) <= 2
    difference = torch.tensor(list(now)).float() - torch.tensor(list(then)).float()
    assert difference.abs().max() <= 3, "python -m tools.explorer_data receptive_field computes it anew"


def test_a_colour_is_rounded_to_the_nearest_level():
    picture = Image.open(io.BytesIO(base64.b64decode(data_url(torch.full((1, 8, 8), 200.6 / 255)).partition(",")[2])))
    assert picture.getpixel((3, 3)) == 201
