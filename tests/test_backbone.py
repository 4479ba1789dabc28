"""The backbone that the course ships: it does what `make pretrain` says, is small, and says so when its file is spoilt."""

import pytest
import torch

from cnnlib import metrics, training
from cnnlib.data.shapes import crops
from cnnlib.models import backbone


def test_the_shipped_classifier_is_right_about_98_of_100_crops():
    net = backbone.pretrained_classifier()
    images, labels = crops(500, seed=1)
    assert metrics.accuracy(training.predict(net, images), labels) >= 0.98


def test_the_file_is_small_and_holds_the_untrained_network_s_weights():
    assert backbone.WEIGHTS.stat().st_size < 1e6
    stored = torch.load(backbone.WEIGHTS, weights_only=True)
    assert {k: v.shape for k, v in stored.items()} == {k: v.shape for k, v in backbone.classifier().state_dict().items()}


def test_stride_and_channels_are_those_declared():
    net = backbone.pretrained_backbone().eval()
    assert list(dict(net.named_children())) == ["conv1", "pool1", "conv2", "pool2", "conv3"]
    assert net(torch.zeros(2, 3, 44, 52)).shape == (2, backbone.CHANNELS, 44 // backbone.STRIDE, 52 // backbone.STRIDE)


def test_two_loads_share_nothing():
    one, other = backbone.pretrained_backbone(), backbone.pretrained_backbone()
    with torch.no_grad():
        one[0][0][0].weight.zero_()
    assert other[0][0][0].weight.abs().sum() > 0


@pytest.mark.parametrize("content", [None, b"", b"no weights", "other"])
def test_a_spoilt_file_gets_one_sentence(tmp_path, monkeypatch, content):
    path = tmp_path / "backbone.pt"
    if content == "other":
        torch.save({"weight": torch.zeros(3)}, path)
    elif content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(backbone, "WEIGHTS", path)
    with pytest.raises(ValueError, match=r"backbone.pt cannot be read .*; `make pretrain` makes it anew"):
        backbone.pretrained_backbone()
