"""Defaults and constants are those that a paper, a docstring or the text of a lesson states, written down here once more."""

import importlib
import inspect
import math
from pathlib import Path

import numpy as np
import pytest

from cnnlib.explorers import EXPLORERS

CONSTANTS = {
    "canvas": {"COLUMN": 760, "SMALL": 9.5, "NORMAL": 10.5, "MARGIN": 8},
    "checks.engine.blame": {"LONGEST": 200},
    "checks.engine.cases": {"MAX_NUMBERS": 100, "MAX_WEIGHTS": 150, "MAX_ROWS": 24, "SHORT": 40},
    "checks.engine.kinds": {"SOME": 3, "ENOUGH": 20},
    "checks.engine.limits": {"SECONDS": 10, "LINES": 20, "LETTERS": 1_000},
    "checks.engine.networks": {"EPS": 1e-5, "WEIGHTS": (-2, -1, 1, 2), "SCALES": (2, 3)},  # torch's batch norm; no zeros
    "checks.engine.relations": {"FEWEST": 3, "MOST_AXES": 5},
    "checks.engine.words": {"WIDTH": 80, "DIGITS": range(4, 18)},  # 17 digits tell any two floats apart
    "charts": {"LEGEND": 1.9},
    "data.real_scenes": {"MEGABYTES": 450},
    "data.scenes": {
        "MOST_OBJECTS": 4,
        "RADIUS": (8.0, 14.0),
        "PERIOD": (4.0, 6.0),
        "WINDOW": 36,
        "LINES": 3,
        "NOISE": 0.04,
        "TRIES": 6,
        "APART": 0.75,
    },
    "data.shapes": {"CHUNK": 64},
    "detection.average_precision": {"COCO_MAX_COUNT": 100, "POINTS": ("all", 11, 101)},
    "detection.boxes": {"LARGEST_LOG": math.log(1000 / 16)},  # torchvision's
    "detection.coco": {"PATIENCE": 10, "MEGABYTES": 78},
    "detection.fast_rcnn": {
        "DELTA_STD": (0.1, 0.1, 0.2, 0.2),
        "REGIONS": 32,
        "POSITIVE_SHARE": 0.25,  # section 2.3
        "POSITIVE_IOU": 0.5,  # section 2.3
    },
    "detection.faster_rcnn": {"MAX_PROPOSALS": 50},
    "detection.rcnn": {"POOLED": 4, "CROP_BATCH_SIZE": 128},
    "detection.regions": {
        "POSITIVE_IOU": 0.5,
        "NEGATIVE_IOU": 0.3,  # section 2.3
        "REGRESSION_IOU": 0.6,  # appendix C
        "NEGATIVE_STEP": 4,
        "C": 0.003,
        "LAMBDA": 100,
    },
    "detection.rpn": {
        "SIZES": (16, 20, 26),
        "RATIOS": (1,),
        "ANCHORS": 64,
        "POSITIVE_SHARE": 0.5,  # section 3.1.3
        "BETA": 1 / 9,
        "MAX_COUNT": 256,
        "MAX_OVERLAP": 0.7,  # section 3.3
    },
    "detection.similarity": {"COLOUR_BINS": 25, "TEXTURE_BINS": 10, "ORIENTATIONS": 8, "STEEPEST": 0.25},  # section 3.2
    "detection.yolo": {"SMALLEST": 1e-6},
    "detection.yolo_v2": {"IGNORED_OVERLAP": 0.6, "INITIAL_LOGIT": -3.0},
    "diagrams.flow": {"WIDEST": 224, "NARROWEST": 48},
    "diagrams.reading": {"LONG": 3},
    "diagrams.raster": {"POINT": 72 / 96},
    "diagrams.sheet": {"MARGIN": 10, "WIDE": 720, "NARROW": 358, "NARROW_SCREEN": 640},
    "diagrams.staircase": {"FEWEST": 3},
    "diagrams.text": {"SIZE": 13, "LINE": 17, "UNKNOWN": 700},
    "diagrams.volumes": {"TALLEST": 88, "LEAST": 14},
    "doctor": {"NEEDED_GB": 1.8, "DISK_GB": 0.5},
    "drawings.region_networks": {"SIDE": 256, "STAGES": {2: 256, 3: 512, 4: 1024, 5: 2048}, "WIDTH": 256},  # ResNet-50
    "drawings.unet": {"SIDE": 256, "CHANNELS": (64, 128, 256, 512, 1024), "COLOURS": 1, "CLASSES": 2},  # figure 1
    "explorers.anchors": {"SIZE": 64, "SCENES": 10, "SEED": 2},
    "explorers.filter": {"SIDE": 256, "NINTH": 1 / 9},
    "explorers.grid": {"SIZE": 64, "SCENES": 10, "SEED": 4},
    "explorers.grouping": {"SIDE": 200, "SCALE": 50, "BLUR": 0.8},
    "explorers.heat_map": {"SIZES": (48, 64, 96, 128, 192), "SCENES": 5, "SEED": 7, "WINDOW": 32},
    "explorers.influence": {"MAP": 56},
    "explorers.mixing": {"SIDE": 160},
    "explorers.receptive_field": {"SIDE": 224},
    "explorers.suppression": {"SHOWN": 12, "WORST": 0.3},
    "guesses": {"LONGEST": 100},
    "live": {"BARS": 0.25, "CHART": 0.5, "SLOWEST": 3.0, "PATIENCE": 2.0, "SHARE": 0.05, "SMOOTH": 10},
    "models.backbone": {"STRIDE": 4, "CHANNELS": 64},
    "models.densenet": {"GROWTH": 32},
    "models.efficientnet_lite": {"STEM": 32, "HEAD": 1280},
    "models.fcn": {"VARIANTS": {32: 0, 16: 1, 8: 2}},
    "models.inception": {"HEADS": ("inception_4a", "inception_4d"), "RESPONSE_NORMS": ("pool1", "conv2")},  # figure 3
    "models.vgg": {"HIDDEN": {"fc6": 4096, "fc7": 4096}, "NARROW": 8},
    "names": {"MOST": 6, "COVERED": 0.5},
    "objectives": {"IGNORED": 255},  # VOC's border
    "overlays": {"BROAD": 5},
    "rendering": {"SHARP": 2.0, "LARGE": 1.5, "HARM": 1.5, "QUALITY": 88, "INCH": 96},
    "side_by_side": {"PATIENCE": 0.1},
    "threads": {"TRIALS": 3, "SLOWER": 4.0, "MAX_THREADS": 8, "MAX_FIXED": 256},
}
DEFAULTS = {
    "anatomy.stages": {"shape": (3, 224, 224)},
    "checks.engine.data.digits": {"seed": 0, "low": 1, "high": 9},
    "checks.engine.exercise.Exercise": {"within": 0.0, "digits": None, "given": 0},
    "data.photos.photo": {"size": None},
    "data.real.fashion_mnist": {"max_images": 60_000},
    "data.real_scenes.voc_detection": {"size": 128, "max_images": 500},
    "data.real_scenes.voc_segmentation": {"size": 64, "max_images": 1000},
    "data.scenes.scenes": {"size": 64, "seed": 0},
    "detection.anchors.assign": {"positive": 0.7, "negative": 0.3, "inside": None},  # section 3.1.2
    "detection.average_precision.average_precision": {"min_overlap": 0.5, "points": "all", "rule": "free"},
    "detection.average_precision.precision_recall": {"min_overlap": 0.5, "rule": "free"},
    "detection.coco.detect": {"min_score": 0.5},
    "detection.dimension_clusters.anchor_sizes": {"k": 5, "seed": 0, "steps": 100},
    "detection.fast_rcnn.RegionHead": {"pooling": "align", "size": 7, "hidden": 128},
    "detection.fast_rcnn.match": {"positive": 0.5, "lowest": 0.0},
    "detection.faster_rcnn.FasterRCNN.propose": {"max_proposals": 50, "max_overlap": 0.7, "batch_size": None, "moved": True},
    "detection.faster_rcnn.FasterRCNN.scored": {"max_proposals": 50},
    "detection.grouping.grouping": {"scale": 16, "sigma": 1.6, "smallest": None, "colours": "rgb"},
    "detection.pooling.roi_align": {"sampling": 2, "aligned": True},
    "detection.pooling.roi_pyramid": {"levels": (4, 2, 1), "scale": 1.0},
    "detection.pooling.spatial_pyramid": {"levels": (4, 2, 1)},
    "detection.proposals.recall": {"min_overlap": 0.5},
    "detection.proposals.selective_search": {
        "scale": 16,
        "sigma": 1.6,
        "smallest": None,
        "strategies": None,
        "narrowest": 10,
        "whole": False,
    },
    "detection.rcnn.RCNN": {"size": 32, "context": 6, "channels": 64},
    "detection.regions.RegionClassifier.fit": {"positive_iou": 0.5},
    "detection.regions.RegionClassifier.scored": {"regress": True},
    "detection.rpn.RPN": {"channels": 64, "stride": 4, "sizes": (16, 20, 26), "ratios": (1,), "hidden": None, "logits": 1},
    "detection.rpn.suppress_proposals": {"max_overlap": 0.7},
    "detection.single_shot.SingleShot": {"channels": 64, "stride": 4, "width": 128},
    "detection.sppnet.SPPNet": {"levels": (4, 2, 1), "channels": 64, "stride": 4},
    "detection.yolo.Yolo": {"per_cell": 2, "size": 64},
    "detection.yolo.yolo_loss": {"per_cell": 2, "lambda_coord": 5.0, "lambda_noobj": 0.5},  # section 2.2
    "detection.yolo_v2.yolo_v2_loss": {"lambda_coord": 3.0, "lambda_obj": 5.0, "lambda_noobj": 1.0},
    "diagrams.network": {"shape": (3, 224, 224), "parameters": False},
    "drawings.densenet.connections": {"layers": 4},
    "drawings.region_networks.mask_rcnn": {"classes": 80},  # COCO's
    "evaluation.outputs": {"batch_size": 256},
    "evaluation.predict": {"batch_size": 256},
    "figures.feature_maps": {"columns": 4, "inches": 2.0, "limit": None, "probabilities": False},
    "figures.images": {"columns": 8, "inches": 1.1},
    "files.reason": {"length": 80},
    "layers.avg_pool2d": {"stride": None, "padding": 0},
    "layers.conv2d": {"bias": None, "stride": 1, "padding": 0},
    "layers.max_pool2d": {"stride": None, "padding": 0},
    "layers.output_size": {"stride": 1, "padding": 0, "dilation": 1},
    "layers.pad": {"value": 0.0},
    "loop.adamw": {"rate": 2e-3},
    "loop.fit": {"epochs": 3, "rate": None, "batch_size": 64, "seed": 0, "clip": None, "augment": None},
    "loop.sgd": {"rate": 0.1},
    "metrics.confusion": {"ignore": 255},
    "models.backbone.classifier": {"classes": 10},
    "models.densenet.densenet": {"depth": 121, "classes": 1000},
    "models.densenet.densenet_cifar": {"growth": 12, "depth": 100, "bc": True, "classes": 10},
    "models.efficientnet_lite.top": {"count": 5},
    "models.fcn.fcn": {"variant": 8, "classes": 21},  # VOC's and the background
    "models.inception.googlenet": {"classes": 1000, "heads": False, "as_torchvision": False},
    "models.resnet.resnet": {"depth": 18, "classes": 1000, "shortcut": "B", "as_torchvision": False},
    "models.resnet.resnet_cifar": {"depth": 20, "classes": 10, "shortcut": "A"},
    "models.vgg.vgg": {"depth": 16, "classes": 1000, "size": 224},
    "overlays.boxes": {"columns": 4, "inches": 2.0, "min_score": 0.0},
    "overlays.masks": {"columns": 4, "inches": 1.7, "weight": 0.75},
    "overlays.shifts": {"count": 2, "min_score": 0.5},
    "seeds.seed": {"number": 0},
    "transposed.transposed_size": {"stride": 1, "padding": 0, "output_padding": 0},
}
INITIAL = {  # what the still picture of an explorer shows, in the words of its text alternative
    "anchors": {"scene": 0, "sizes": [16, 20, 26], "positive": 70, "negative": 30},
    "convolution": {"kernel": 3, "stride": 1, "padding": 0, "dilation": 1, "step": 7},
    "counts": {"channels": 256, "narrow": 128},
    "dense": {"growth": 12, "layers": 12, "kind": "plain"},
    "depth": {"blocks": 9, "start": "batch norm"},
    "filter": {"photograph": "hopper", "weights": [-1, 0, 1, -2, 0, 2, -1, 0, 1]},
    "grid": {"scene": 1, "cells": 8, "min_score": 30},
    "grouping": {"photograph": "hopper", "merges": 133},
    "heat_map": {"scene": 1, "size": 3, "shape": "triangle"},
    "inception": {"c1": 64, "c3_reduce": 96, "c3": 128, "c5_reduce": 16, "c5": 32, "c_pool": 32, "budget": 164},
    "mixing": {"photograph": "flower", "weights": [1.0, 0.0, 0.0], "bias": 0.0},
    "overlap": {"first": [24, 16, 56, 42], "second": [36, 20, 72, 48]},
    "pooling": {"region": [6, 9, 27, 30], "bins": 2},
    "receptive_field": {"layer": 13, "pools": "five", "weights": "random", "photograph": "cat"},
    "suppression": {"scene": 10, "min_score": 40, "max_overlap": 30, "by_class": True},
    "transposed": {"kernel": 3, "stride": 2, "padding": 0, "output_padding": 0, "stamped": 4},
    "windows": {"layers": 2, "kernel": 3, "stride": 1},
}


@pytest.mark.parametrize("module", CONSTANTS)
def test_a_constant_is_what_is_stated(module):
    found = vars(importlib.import_module(f"cnnlib.{module}"))
    assert {name: found[name] for name in CONSTANTS[module]} == CONSTANTS[module]


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_default_is_what_is_stated(name):
    place, _, rest = name.rpartition(".")
    if (holder := place.rpartition(".")[2])[0].isupper():
        thing = getattr(getattr(importlib.import_module(f"cnnlib.{place.rpartition('.')[0]}"), holder), rest)
    else:
        thing = getattr(importlib.import_module(f"cnnlib.{place}"), rest)
    found = {one.name: one.default for one in inspect.signature(thing).parameters.values()}
    assert {parameter: found[parameter] for parameter in DEFAULTS[name]} == DEFAULTS[name]


@pytest.mark.parametrize("name", EXPLORERS)
def test_an_explorer_starts_as_its_picture_shows_it(name):
    settings = EXPLORERS[name].settings()
    assert {setting: settings[setting] for setting in INITIAL[name]} == INITIAL[name]


@pytest.mark.parametrize(
    ("detector", "stated"),
    [
        ("detector.Detector", (0.05, 0.3, 100, 50)),
        ("regions.RegionClassifier", (0.25, 0.3, 100, 16)),
        ("single_shot.SingleShot", (0.05, 0.5, 100, 64)),
    ],
)
def test_the_defaults_of_detect_are_those_of_the_class(detector, stated):
    module, _, name = detector.partition(".")
    one = getattr(importlib.import_module(f"cnnlib.detection.{module}"), name)
    assert list(stated) == [one.MIN_SCORE, one.MAX_OVERLAP, one.MAX_COUNT, one.BATCH_SIZE]


def test_the_styles_of_crops_are_those_of_the_text():
    from cnnlib.data import shapes

    assert shapes.Style(radius=(0.30, 0.42), period=(3.5, 5.0), clutter=2, noise=0.05) == shapes.HARD
    assert shapes.Style(radius=(0.36, 0.44), period=(5.0, 7.0), clutter=0, noise=0.03) == shapes.GENTLE
    assert inspect.signature(shapes.crops).parameters["style"].default == shapes.HARD


def test_coco_averages_over_its_ten_overlaps():
    from cnnlib.detection.average_precision import COCO_OVERLAPS

    np.testing.assert_allclose(COCO_OVERLAPS, [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95])


def test_photographs_are_searched_as_the_paper_s_fast_mode_does():
    from cnnlib.detection.proposals import PHOTO

    scales = (("hsv", 50), ("lab", 50), ("hsv", 100), ("lab", 100))
    assert {"strategies": scales, "sigma": 0.8, "narrowest": 20} == PHOTO


def test_the_tolerances_of_checks_are_those_that_lessons_rely_on():
    import torch

    from cnnlib.checks.engine import comparing

    assert comparing.EXACT == (1e-6, 1e-9)
    assert {torch.float32: (1e-4, 1e-5), torch.float16: (1e-2, 1e-3), torch.bfloat16: (1e-1, 1e-2)} == comparing.OTHER


def test_every_explorer_and_every_module_of_the_table_exists():
    root = Path(importlib.import_module("cnnlib").__file__).parent
    assert set(INITIAL) == set(EXPLORERS)
    assert all((root / f"{name.replace('.', '/')}.py").is_file() for name in CONSTANTS)
