"""Saved weights come back as they were, and whatever else is in their place is refused in one sentence."""

import os

import pytest
import torch
from torch import nn

from cnnlib.weights import load_weights, read_weights, save_weights, write_weights


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of weights, which does not exist yet."""
    monkeypatch.setenv("CNNLIB_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("CNNLIB_SEED", raising=False)
    return tmp_path / "data" / "weights"


def net(seed=0, width=3):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(2, width, 3), nn.BatchNorm2d(width))


def same(a, b):
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def refused(capsys, model, words):
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    assert load_weights("fast", model) is False
    printed = capsys.readouterr().out
    assert printed.startswith("fast-0.pt is not used (") and words in printed
    assert printed.endswith("): fast has to be trained again.\n") and printed.count("\n") == 1
    return all(torch.equal(before[key], tensor) for key, tensor in model.state_dict().items())


def test_saved_weights_come_back_and_nothing_else_is_left_behind(folder, capsys):
    save_weights("fast", net(1))
    save_weights("fast", net(2))  # the later one counts
    model = net(0)
    assert load_weights("fast", model) is True
    assert same(model, net(2))
    assert os.listdir(folder) == ["fast-0.pt"]
    assert capsys.readouterr().out == ""


def test_without_a_file_nothing_is_printed(folder, capsys):
    save_weights("faster", net(1))
    model = net(0)
    assert load_weights("fast", model) is False
    assert same(model, net(0))
    assert capsys.readouterr().out == ""


def test_each_seed_has_its_own(folder, monkeypatch):
    save_weights("fast", net(1))
    monkeypatch.setenv("CNNLIB_SEED", "3")
    assert load_weights("fast", net()) is False
    save_weights("fast", net(2))
    assert sorted(os.listdir(folder)) == ["fast-0.pt", "fast-3000.pt"]
    monkeypatch.delenv("CNNLIB_SEED")
    model = net()
    assert load_weights("fast", model) is True
    assert same(model, net(1))


class Touch:
    """A pickle that would run a command: touch `file`."""

    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return os.system, (f"touch {self.file}",)


BROKEN = {
    "half a file": lambda file: (save_weights("fast", net()), file.write_bytes(file.read_bytes()[:200])),
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
def test_a_broken_file_is_refused_and_changes_nothing(kind, folder, capsys):
    folder.mkdir(parents=True)
    BROKEN[kind](folder / "fast-0.pt")
    assert refused(capsys, net(), "")
    assert not (folder / "ran").exists()


@pytest.mark.parametrize("kind", OTHERS)
def test_the_weights_of_another_network_are_refused_and_change_nothing(kind, folder, capsys):
    state, words = OTHERS[kind]
    folder.mkdir(parents=True)
    torch.save(state, folder / "fast-0.pt")
    assert refused(capsys, net(), words)


def test_a_weight_that_is_not_finite_is_refused(folder, capsys):
    model = net()
    with torch.no_grad():
        model[0].weight[1, 0, 2, 1] = float("inf")
    with pytest.raises(ValueError, match=r"fast-0 has weights that are not finite \(0.weight\)"):
        save_weights("fast", model)
    folder.mkdir(parents=True)
    torch.save(model.state_dict(), folder / "fast-0.pt")
    assert refused(capsys, net(), "weights that are not finite")


def test_where_nothing_can_be_written_a_sentence_says_so(folder, capsys):
    folder.parent.mkdir()
    folder.write_text("a file where the folder should be")
    save_weights("fast", net())
    printed = capsys.readouterr().out
    assert printed.startswith(f"fast could not be saved in {folder} (") and printed.endswith("will train it again.\n")
    assert load_weights("fast", net()) is False


@pytest.mark.parametrize("name", ["", "../fast", "a/b", "fast rcnn", "fast.pt"])
def test_a_name_that_is_no_plain_word_is_refused(name, folder):
    for function in (save_weights, load_weights):
        with pytest.raises(ValueError, match="weights are saved under a plain word"):
            function(name, net())


def test_without_a_home_folder_weights_are_saved_for_as_long_as_python_runs(monkeypatch, capsys):
    monkeypatch.setenv("CNNLIB_DATA", "~no-such-user-7/course")
    save_weights("homeless", net(1))
    model = net(0)
    assert load_weights("homeless", model) and same(model, net(1))
    assert capsys.readouterr().out == ""


def test_any_file_of_weights_is_read_whole_or_not_at_all(tmp_path):
    write_weights(tmp_path / "net.pt", net(1))
    model = net(0)
    read_weights(tmp_path / "net.pt", model)
    assert same(model, net(1))
    with pytest.raises(ValueError, match="weights of another network"):
        read_weights(tmp_path / "net.pt", other := net(0, width=5))
    assert same(other, net(0, width=5))
    with pytest.raises(ValueError, match="No such file"):
        read_weights(tmp_path / "none.pt", model)
