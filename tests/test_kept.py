"""Kept detectors come back as they were, and whatever else lies in their place is refused in a sentence."""

import os

import pytest
import torch
from torch import nn

from cnnlib.detection.kept import keep, kept


@pytest.fixture
def detectors(tmp_path, monkeypatch):
    """The folder of detectors, which does not exist yet."""
    monkeypatch.setenv("CNNLIB_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("CNNLIB_SEED", raising=False)
    return tmp_path / "data" / "detectors"


def net(seed=0, width=3):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(2, width, 3), nn.BatchNorm2d(width))


def same(a, b):
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def refused(capsys, model, words):
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    assert kept("fast", model) is False
    said = capsys.readouterr().out
    assert said.startswith("fast-0.pt is not used (") and words in said
    assert said.endswith("): fast has to be trained again.\n") and said.count("\n") == 1
    return all(torch.equal(before[key], tensor) for key, tensor in model.state_dict().items())


def test_what_is_kept_comes_back_and_nothing_else_is_left_behind(detectors, capsys):
    keep("fast", net(1))
    keep("fast", net(2))  # the later one counts
    model = net(0)
    assert kept("fast", model) is True
    assert same(model, net(2))
    assert os.listdir(detectors) == ["fast-0.pt"]
    assert capsys.readouterr().out == ""


def test_without_a_file_nothing_is_said(detectors, capsys):
    keep("faster", net(1))
    model = net(0)
    assert kept("fast", model) is False
    assert same(model, net(0))
    assert capsys.readouterr().out == ""


def test_each_seed_has_its_own(detectors, monkeypatch):
    keep("fast", net(1))
    monkeypatch.setenv("CNNLIB_SEED", "3")
    assert kept("fast", net()) is False
    keep("fast", net(2))
    assert sorted(os.listdir(detectors)) == ["fast-0.pt", "fast-3000.pt"]
    monkeypatch.delenv("CNNLIB_SEED")
    model = net()
    assert kept("fast", model) is True
    assert same(model, net(1))


class Touch:
    """A pickle that would run a command: touch `file`."""

    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return os.system, (f"touch {self.file}",)


BROKEN = {
    "half a file": lambda file: (keep("fast", net()), file.write_bytes(file.read_bytes()[:200])),
    "an empty file": lambda file: file.write_bytes(b""),
    "a folder": lambda file: file.mkdir(),
    "text": lambda file: file.write_text("weights"),
    "a pickle that runs a command": lambda file: torch.save({"0.weight": Touch(file.with_name("ran"))}, file),
}
OTHERS = {
    "another width": (net(width=5).state_dict(), "weights of another network"),
    "a layer more": (net().append(nn.ReLU()).append(nn.Linear(2, 2)).state_dict(), "weights of another network"),
    "a layer less": (net()[:1].state_dict(), "weights of another network"),
    "another precision": (net().double().state_dict(), "weights of another network"),
    "a list": ([torch.zeros(3)], "does not hold the weights of a network"),
    "numbers": ({"0.weight": 3}, "does not hold the weights of a network"),
    "NaN": ({key: tensor * float("nan") for key, tensor in net().state_dict().items()}, ""),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_refused_and_changes_nothing(kind, detectors, capsys):
    detectors.mkdir(parents=True)
    BROKEN[kind](detectors / "fast-0.pt")
    assert refused(capsys, net(), "")
    assert not (detectors / "ran").exists()


@pytest.mark.parametrize("kind", OTHERS)
def test_the_weights_of_another_network_are_refused_and_change_nothing(kind, detectors, capsys):
    state, words = OTHERS[kind]
    detectors.mkdir(parents=True)
    torch.save(state, detectors / "fast-0.pt")
    assert refused(capsys, net(), words)


def test_a_weight_that_is_not_finite_is_refused(detectors, capsys):
    model = net()
    with torch.no_grad():
        model[0].weight[1, 0, 2, 1] = float("inf")
    with pytest.raises(ValueError, match=r"fast has weights that are not finite \(0.weight\)"):
        keep("fast", model)
    detectors.mkdir(parents=True)
    torch.save(model.state_dict(), detectors / "fast-0.pt")
    assert refused(capsys, net(), "weights that are not finite")


def test_where_nothing_can_be_written_a_sentence_says_so(detectors, capsys):
    detectors.parent.mkdir()
    detectors.write_text("a file where the folder should be")
    keep("fast", net())
    said = capsys.readouterr().out
    assert said.startswith(f"fast could not be kept in {detectors} (") and said.endswith("will train it again.\n")
    assert kept("fast", net()) is False


@pytest.mark.parametrize("name", ["", "../fast", "a/b", "fast rcnn", "fast.pt"])
def test_a_name_that_is_no_plain_word_is_refused(name, detectors):
    for function in (keep, kept):
        with pytest.raises(ValueError, match="a detector is kept under a plain word"):
            function(name, net())
