"""Torchvision's detector: weights that are made here are loaded, and where there are none, one sentence says so."""

import pytest
import torch
from torchvision.ops import FrozenBatchNorm2d

from cnnlib.detection import coco


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty CNNLIB_DATA, and no permission to fetch anything."""
    monkeypatch.setenv("CNNLIB_DATA", str(tmp_path))
    monkeypatch.delenv("CNNLIB_FETCH", raising=False)
    return tmp_path / "weights"


@pytest.fixture(scope="module")
def made():
    """A network with random weights that finds something, and with statistics that are not those of a new batch norm."""
    torch.manual_seed(0)
    net = coco._network().eval()
    for layer in net.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.running_var.uniform_(0.5, 2)
            layer.running_mean.normal_(std=0.1)
    net.roi_heads.box_predictor.cls_score.bias.data[17] = 6  # it takes nearly everything for a cat
    return net


def published(net):
    """List a network's weights as torchvision publishes them: without the counters of the batch norms."""
    return {key: tensor for key, tensor in net.state_dict().items() if not key.endswith(coco.COUNTER)}


def stored(folder, state):
    folder.mkdir()
    torch.save(state, folder / coco.FILE)


@pytest.mark.slow
def test_weights_that_are_here_are_loaded_without_a_network(folder, made, capsys):
    stored(folder, published(made))
    net, images = coco.pretrained(), torch.rand(2, 3, 96, 128, generator=torch.Generator().manual_seed(0))
    assert not net.training
    assert capsys.readouterr().out == ""
    found, same = coco.detect(net, images, min_score=0.1), coco.detect(made, images, min_score=0.1)
    assert sum(len(one.labels) for one in found) > 0
    for one, other in zip(found, same, strict=True):
        assert all(map(torch.equal, one, other))
        assert (one.scores >= 0.1).all()
        assert (one.labels > 0).all()  # never the background
        assert (one.boxes[:, 2:] <= torch.tensor([128, 96])).all()


def test_batch_norms_in_evaluation_mode_compute_what_the_published_frozen_ones_do(made):
    x = torch.randn(2, 16, 5, 7, generator=torch.Generator().manual_seed(0))
    norm = next(layer for layer in made.modules() if isinstance(layer, torch.nn.BatchNorm2d) and layer.num_features == 16)
    frozen = FrozenBatchNorm2d(16, norm.eps)
    assert norm.eps == FrozenBatchNorm2d(16).eps
    frozen.load_state_dict(norm.state_dict())
    torch.testing.assert_close(norm(x), frozen(x))


def test_without_weights_one_sentence_says_how_to_get_them(folder, capsys):
    assert coco.pretrained() is None
    assert capsys.readouterr().out == (
        "torchvision's Faster R-CNN is not shown (the environment variable CNNLIB_FETCH=1 allows the download of its weights, "
        "78 MB); nothing that follows needs it.\n"
    )
    assert not folder.exists()


def test_a_download_that_fails_is_one_sentence_and_leaves_nothing(folder, capsys, monkeypatch):
    def no_network(url, file, **options):
        assert url.endswith(coco.FILE)
        assert options["hash_prefix"] == "907ea3f9"
        raise OSError("no network in this test")

    monkeypatch.setenv("CNNLIB_FETCH", "1")
    monkeypatch.setattr(torch.hub, "download_url_to_file", no_network)
    assert coco.pretrained() is None
    assert capsys.readouterr().out.count("\n") == 1
    assert list(folder.iterdir()) == []


def test_weights_are_fetched_where_that_is_allowed(folder, made, capsys, monkeypatch):
    monkeypatch.setenv("CNNLIB_FETCH", "1")
    monkeypatch.setattr(torch.hub, "download_url_to_file", lambda url, file, **options: torch.save(published(made), file))
    assert coco.pretrained() is not None
    assert [file.name for file in folder.iterdir()] == [coco.FILE]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda state: {**state, "more": torch.zeros(1)}, "the weights of another network"),
        (lambda state: dict(list(state.items())[1:]), "the weights of another network"),
        (lambda state: "weights", "not shown"),
    ],
)
def test_other_weights_are_refused_in_one_sentence(folder, made, capsys, spoil, words):
    stored(folder, spoil(published(made)))
    assert coco.pretrained() is None
    said = capsys.readouterr().out
    assert words in said
    assert said.count("\n") == 1


def test_the_address_and_the_names_are_torchvision_s():
    from torchvision.models.detection import FasterRCNN_MobileNet_V3_Large_320_FPN_Weights as Weights

    assert Weights.COCO_V1.url == coco.URL
    assert len(coco.classes()) == 91
    assert len(set(coco.classes()) - {"__background__", "N/A"}) == 80
    assert coco.classes()[17] == "cat"
