"""Numbers that were measured once and are drawn by an explorer are those that the lesson's own code measures."""

import re

import pytest
import torch
from torch import nn

from cnnlib import anatomy, metrics, seeds, training
from cnnlib.data import shapes
from cnnlib.explorers import gradients
from cnnlib.explorers.modules import source
from cnnlib.models import resnet
from cnnlib.models.resnet import Residual
from tools import ROOT
from tools.definitions import definitions


def from_lesson(text: str, *names: str, **context: object) -> dict:
    return definitions(ROOT / "solutions" / text, *names, **context)


def test_what_a_resnet_of_110_layers_keeps_is_what_the_lesson_counts():
    drawn = re.search(r"RESNET_110 = {.* stored: (\d+)", source("dense.js"))
    megabytes = from_lesson("07_densenet.md", "kept", torch=torch)["kept"](resnet.resnet_cifar(110), torch.rand(2, 3, 32, 32))
    assert megabytes == pytest.approx(int(drawn[1]) * 4e-6, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["plain", "residual"])
def test_the_losses_by_depth_are_those_that_the_lesson_trains_to(kind, monkeypatch):
    monkeypatch.setenv("CNNLIB_SEED", "0")
    context = dict(nn=nn, seeds=seeds, training=training, metrics=metrics, anatomy=anatomy, Residual=Residual)
    context |= dict(train=shapes.crops(3000, style=shapes.GENTLE), test=shapes.crops(100, seed=1, style=shapes.GENTLE))
    context |= dict(loss={}, right={}, nets={})
    lesson = from_lesson("06_resnet.md", "conv", "body", "plain", "network", "with_shortcut", "started", "trained", **context)
    block = lesson["plain" if kind == "plain" else "with_shortcut"]
    lesson["trained"]({layers: lesson["started"](layers, block) for layers in (8, 20)})
    measured = {layers: lesson["loss"][layers][-1] for layers in (8, 20)}
    drawn = dict(zip(gradients.DEPTHS, gradients.LOSSES[kind], strict=True))
    assert (measured[20] > measured[8]) == (kind == "plain")
    assert measured == pytest.approx({layers: drawn[layers] for layers in (8, 20)}, abs=0.15, rel=0.15)
