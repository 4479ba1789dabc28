"""What explorers of boxes, regions and scenes show is what torch or the library computes, for 500 random settings."""

import itertools

import pytest
import torch
from node import call

from cnnlib.data.photos import PHOTOS
from cnnlib.data.scenes import SCENE_CLASSES, scenes
from cnnlib.detection.anchors import anchors, assign
from cnnlib.detection.pooling import roi_align, roi_pool
from cnnlib.explorers import anchors as anchors_explorer
from cnnlib.explorers import grouping, heat_map
from cnnlib.explorers.explorer import stored
from cnnlib.explorers.pooling import MAP

RANDOM = 500


def random_regions() -> list[list[int]]:
    generator = torch.Generator().manual_seed(6)
    corners = torch.randint(0, 37, (RANDOM, 2), generator=generator)
    far = corners + 4 + (torch.rand(RANDOM, 2, generator=generator) * (37 - corners)).long()
    return torch.cat([corners, far.clamp(max=40)], 1).tolist()


@pytest.mark.parametrize("bins", [1, 2, 3, 4])
def test_pooled_regions_are_the_library_s(bins):
    regions = random_regions()
    shown = call("pooling", "pooled", [[{"map": MAP, "region": region, "bins": bins}] for region in regions])
    x = torch.tensor(MAP).double()[None, None]
    rois = torch.tensor([[0, *region] for region in regions]).double()
    maxima, means = roi_pool(x, rois, bins, 1 / 4)[:, 0], roi_align(x, rois, bins, 1 / 4)[:, 0]
    torch.testing.assert_close(torch.tensor([one["maxima"] for one in shown]).double(), maxima)
    torch.testing.assert_close(torch.tensor([one["means"] for one in shown]).double(), means)
    assert all(low >= 0 and high <= 40 for region in regions for low, high in (region[::2], region[1::2]))


@pytest.mark.slow
def test_anchors_are_matched_as_the_library_matches_them():
    drawn = scenes(anchors_explorer.SCENES, anchors_explorer.SIZE, anchors_explorer.SEED)
    generator = torch.Generator().manual_seed(7)
    settings = []
    for n in range(RANDOM):
        sizes = torch.randint(8, 41, (3,), generator=generator).tolist()
        positive, negative = sorted(torch.randint(1, 20, (2,), generator=generator).tolist(), reverse=True)
        settings.append((n % 10, sizes, positive * 5, negative * 5))
    laid = call("anchors", "anchors", [[64, sizes] for _, sizes, *_ in settings])
    calls, expected = [], []
    for (scene, sizes, positive, negative), shown in zip(settings, laid, strict=True):
        one = anchors(16, 16, 4, sizes, (1,))
        torch.testing.assert_close(torch.tensor(shown).float(), one)
        boxes, labels = drawn.boxes[scene : scene + 1], drawn.labels[scene : scene + 1]
        calls.append([shown, boxes[0, labels[0] >= 0].tolist(), positive / 100, negative / 100])
        expected.append(assign(one, boxes, labels, positive / 100, negative / 100)[0].tolist())
    for shown, matches in zip(call("anchors", "assign", calls), expected, strict=True):
        assert [one["match"] for one in shown] == matches


@pytest.fixture(scope="module")
def hierarchies():
    return {name: grouping.hierarchy(name) for name in PHOTOS}


@pytest.mark.slow
def test_stored_groupings_are_those_of_the_library(hierarchies):
    assert {name: grouping.written(found) for name, found in hierarchies.items()} == stored("grouping")


@pytest.mark.parametrize("name", [name if name == "hopper" else pytest.param(name, marks=pytest.mark.slow) for name in PHOTOS])
def test_regions_merge_as_the_library_merges_them(name, hierarchies):
    found, values = hierarchies[name], stored("grouping")[name]
    (labels,) = call("grouping", "labelsOf", [[values["runs"]]])
    assert labels == found.labels.flatten().tolist()
    counts = [0, 1, 2, len(found.merges) // 2, len(found.merges) - 11, len(found.merges)]
    for count, shown in zip(counts, call("grouping", "merged", [[labels, values["merges"], n] for n in counts]), strict=True):
        after = found.after(count)
        assert torch.equal(torch.tensor(shown["now"])[found.labels], after)
        assert sorted(shown["left"]) == after.unique().tolist()
        first = len(found.merges) + 1
        boxes = found.boxes[: first + count]
        assert shown["boxes"] == boxes.long().tolist()
        large = boxes[(boxes[:, 2:] - boxes[:, :2]).amin(1) >= 12]
        assert shown["proposals"] == len(large.unique(dim=0))


def test_a_grouping_of_too_many_regions_is_one_sentence(hierarchies):
    found = hierarchies["hopper"]
    many = type(found)(found.labels, torch.zeros(256, 2, dtype=torch.long), found.boxes)
    with pytest.raises(ValueError, match="a region's index must fit into a byte, got 257 regions"):
        grouping.written(many)


@pytest.mark.slow
def test_a_heat_map_is_what_the_network_computes():
    values = heat_map.HeatMapExplorer.initial()
    states = list(itertools.product(range(heat_map.SCENES), range(len(heat_map.SIZES)), SCENE_CLASSES))
    light = {"sizes": values["sizes"], "classes": values["classes"]}
    maps = [{"maps": scene["maps"]} for scene in values["scenes"]]
    calls = [[light | {"scenes": [maps[scene]], "scene": 0, "size": size, "shape": shape}] for scene, size, shape in states]
    shown = call("heat_map", "heat", calls)
    computed = {}
    for (scene, size, shape), one in zip(states, shown, strict=True):
        if (scene, size) not in computed:
            image = scenes(heat_map.SCENES, heat_map.SIZES[size], seed=heat_map.SEED).images[scene]
            computed[scene, size] = heat_map.shape_maps(heat_map._net(), image)
        expected = computed[scene, size][SCENE_CLASSES.index(shape)]
        assert one["side"] == len(expected) == (heat_map.SIZES[size] - 32) // 4 + 1
        torch.testing.assert_close(torch.tensor(one["map"]).view_as(expected) / 255, expected, atol=0.01, rtol=0)
