"""Counts against torch's own counter and the published figures; fields against the papers and against gradients."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision import models
from torchvision.models.googlenet import Inception
from torchvision.models.resnet import Bottleneck

from cnnlib.anatomy import macs, parameters, stages, table, up_to
from cnnlib.meta import meta_copy, run_on_meta
from cnnlib.models.efficientnet_lite import SamePad
from cnnlib.receptive_fields import Field, influence, measured_receptive_field, receptive_field

# Parameters and, in billions, multiply-adds for one image of 224 x 224.
PUBLISHED = {
    "alexnet": (61_100_840, 0.714),
    "vgg11": (132_863_336, 7.609),
    "vgg13": (133_047_848, 11.308),
    "vgg16": (138_357_544, 15.470),
    "vgg19": (143_667_240, 19.632),
    "googlenet": (6_624_904, 1.498),
    "resnet18": (11_689_512, 1.814),
    "resnet34": (21_797_672, 3.664),
    "resnet50": (25_557_032, 4.089),
    "resnet101": (44_549_160, 7.801),
    "resnet152": (60_192_808, 11.514),
    "densenet121": (7_978_856, 2.834),
    "densenet169": (14_149_480, 3.360),
    "densenet201": (20_013_928, 4.291),
}

LARGE = ("resnet101", "resnet152", "densenet")


def on_meta(name: str) -> nn.Module:
    options = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
    with torch.device("meta"):
        return models.get_model(name, **options)


def body(net: nn.Module) -> nn.Sequential:
    """A torchvision network up to and without its average pool."""
    children = [child for name, child in net.named_children() if not name.startswith("aux")]
    return nn.Sequential(*children[: [type(c).__name__ for c in children].index("AdaptiveAvgPool2d")])


def torch_macs(net: nn.Module, x: torch.Tensor) -> int:
    with FlopCounterMode(display=False) as counter:
        net.eval()(x)
    return counter.get_total_flops() // 2


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n.startswith(LARGE) else n for n in PUBLISHED])
def test_the_published_counts_are_reproduced(name):
    net = on_meta(name)
    assert (parameters(net), round(macs(net) / 1e9, 3)) == PUBLISHED[name]
    assert macs(net) == torch_macs(net, torch.empty(1, 3, 224, 224, device="meta"))
    assert sum(stage.parameters for stage in stages(net)) == parameters(net)


def test_every_kind_of_layer_costs_what_torch_says():
    net = nn.Sequential(
        nn.Conv2d(6, 14, (3, 5), stride=(2, 1), padding=1, dilation=2, groups=2),
        nn.BatchNorm2d(14),
        nn.ConvTranspose2d(14, 22, 4, stride=2, padding=1, output_padding=1, groups=2),
        nn.AdaptiveAvgPool2d(3),
        nn.Flatten(),
        nn.Linear(198, 7, bias=False),
    )
    assert macs(net, (6, 23, 29)) == torch_macs(net, torch.zeros(1, 6, 23, 29))
    assert [stage.output for stage in stages(net, (6, 23, 29))] == [
        (14, 11, 23),
        (14, 11, 23),
        (22, 23, 47),
        (22, 3, 3),
        (198,),
        (7,),
    ]


def test_a_shared_layer_costs_each_use_and_weighs_once():
    layer = nn.Conv2d(5, 5, 3, padding=1, bias=False)
    net = nn.Sequential(layer, nn.ReLU(), layer)
    assert (parameters(net), macs(net, (5, 7, 11))) == (225, 2 * 225 * 77)


def test_a_network_is_left_as_it_was():
    net = nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.Dropout(), nn.MaxPool2d(2))
    net[2].eval()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    table(net), receptive_field(net), measured_receptive_field(net, (3, 13, 17)), influence(net, torch.rand(3, 13, 17))
    assert [module.training for module in net] == [True, True, False, True]
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert not any(module._forward_hooks for module in net.modules())
    assert type(net[3]) is nn.MaxPool2d and all(p.grad is None for p in net.parameters())


def test_a_single_layer_is_a_network():
    assert [(s.output, s.parameters, s.macs) for s in stages(nn.Linear(7, 5), (7,))] == [((5,), 40, 35)]
    assert receptive_field(nn.Conv2d(3, 5, 7, stride=2, padding=3)) == Field(7, 2, -3)
    assert receptive_field(nn.Conv2d(3, 5, 5, padding="same", dilation=3)) == Field(13, 1, -6)
    assert receptive_field(nn.Conv2d(3, 5, 4, padding="valid")) == Field(4, 1, 0)


def test_a_stage_out_of_use_has_no_output():
    class Headed(nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.head = nn.Flatten(), nn.Linear(12, 5)

        def forward(self, x):
            return self.head(self.body(x)) if self.training else self.body(x)

    assert [(s.output, s.parameters, s.macs) for s in stages(Headed(), (3, 2, 2))] == [((12,), 0, 0), ((), 65, 0)]


def test_the_table_is_text_and_html():
    net = nn.Sequential()
    net.add_module("conv<1>", nn.Conv2d(3, 64, 7, stride=2, padding=3))
    net.add_module("pool", nn.MaxPool2d(2))
    shown = table(net)
    assert repr(shown).splitlines() == [
        "stage    output          parameters         MACs",
        "conv<1>  64 x 112 x 112       9,472  118,013,952",
        "pool     64 x 56 x 56             0            0",
        "total                         9,472  118,013,952",
    ]
    html = shown._repr_html_()
    assert '<td style="text-align: right">118,013,952</td>' in html and "conv&lt;1&gt;" in html
    assert html.count("<tr>") == html.count("</tr>") == 4 and html.count("<th ") == html.count("</th>") == 4


def test_a_network_is_cut_after_a_stage_or_a_layer():
    net = nn.Sequential()
    for name in "ab":
        net.add_module(name, nn.Sequential(nn.Conv2d(3, 3, 3), nn.ReLU()))
    net.eval()
    net.a.train()
    cut = up_to(net, "b.0")
    assert [name for name, _ in cut.named_modules() if name] == ["a", "a.0", "a.1", "b", "b.0"]
    assert cut.a is net.a and cut.b[0] is net.b[0] and len(net.b) == 2
    assert [cut.training, cut.a.training, cut.b.training] == [False, True, False]
    assert len(up_to(nn.Sequential(net.a, net.b, net.a), "2")) == 3
    with pytest.raises(ValueError, match=r"one of \['a', 'b'\] in a Sequential, got 'c'"):
        up_to(net, "c")
    with pytest.raises(ValueError, match="got 'x' in a Conv2d"):
        up_to(net, "a.0.x")


def conv(kernel: int, stride: int = 1, c_in: int = 1) -> nn.Module:
    return nn.Sequential(nn.Conv2d(c_in, 1, kernel, stride, kernel // 2), nn.ReLU())


def test_the_published_fields_of_alexnet_and_vgg():
    alexnet, vgg = on_meta("alexnet"), on_meta("vgg16")
    assert [receptive_field(net).size for net in (alexnet.features, alexnet)] == [195, 355]  # pool5, fc6
    conv5_3 = vgg.features[:-1]
    assert [receptive_field(net).size for net in (conv5_3, vgg.features, vgg)] == [196, 212, 404]  # ..., pool5, fc6
    assert receptive_field(nn.Sequential(conv5_3, nn.Conv2d(512, 512, 3, padding=1))) == Field(228, 16, -106)  # RPN


def test_the_published_field_of_zf_with_the_rpn():
    zf = [conv(7, 2, 3), nn.MaxPool2d(3, 2), conv(5, 2), nn.MaxPool2d(3, 2), conv(3), conv(3), conv(3)]
    assert receptive_field(nn.Sequential(*zf, conv(3))).size == 171


def test_the_published_field_of_googlenet_counts_its_average_pool():
    net = on_meta("googlenet")
    assert receptive_field(net).size == 571  # torchvision's has 3x3 for 5x5 and a 2x2 pool
    net.maxpool4.kernel_size = 3
    for block in net.modules():
        if isinstance(block, Inception):
            block.branch3[1].conv.kernel_size, block.branch3[1].conv.padding = (5, 5), (2, 2)
            weight = block.branch3[1].conv.weight
            block.branch3[1].conv.weight = nn.Parameter(weight.new_empty(*weight.shape[:2], 5, 5))
    assert receptive_field(net).size == 907


@pytest.mark.parametrize(("name", "size"), [("resnet18", 435), ("resnet34", 899), ("resnet50", 427)])
def test_the_fields_of_resnets(name, size):
    assert receptive_field(body(on_meta(name))) == Field(size, 32, -(size // 2))


def test_a_resnet_that_strides_in_the_first_1x1_sees_more():
    net = body(on_meta("resnet50"))
    for block in net.modules():
        if isinstance(block, Bottleneck):
            block.conv1.stride, block.conv2.stride = block.conv2.stride, block.conv1.stride
    assert receptive_field(net).size == 483


class Branches(nn.Module):
    def __init__(self, *branches: nn.Module, add: bool = False) -> None:
        super().__init__()
        self.branches, self.add = nn.ModuleList(branches), add

    def forward(self, x):
        made = [branch(x) for branch in self.branches]
        return sum(made[1:], made[0]) if self.add else torch.cat(made, 1)


NETS = {
    "a pyramid": nn.Sequential(conv(5, 3), conv(3), nn.MaxPool2d(2), conv(3, 2), nn.AvgPool2d(3, 2, 1)),
    "without padding": nn.Sequential(nn.Conv2d(1, 2, 5, 2), nn.BatchNorm2d(2), nn.Conv2d(2, 3, 3), nn.MaxPool2d(3, 2)),
    "dilation": nn.Sequential(nn.Conv2d(1, 1, 3, dilation=3), nn.Conv2d(1, 1, 2, 2), nn.Conv2d(1, 1, 3, dilation=2)),
    "padding by name": nn.Sequential(nn.Conv2d(1, 1, 5, padding="same", dilation=2), nn.Conv2d(1, 1, 2, padding="valid")),
    "concatenation": nn.Sequential(conv(3, 2), Branches(conv(1), conv(5), nn.MaxPool2d(3, 1, 1)), nn.Conv2d(3, 1, 3, 2)),
    "a sum": nn.Sequential(conv(3), Branches(nn.Sequential(conv(3, 2), conv(3)), conv(1, 2), add=True), nn.MaxPool2d(2)),
    "lopsided branches": nn.Sequential(nn.Conv2d(1, 1, 2), Branches(conv(3, 2), nn.MaxPool2d(3, 2, ceil_mode=True))),
    "padding apart": nn.Sequential(SamePad(3, 2), nn.Conv2d(1, 1, 3, 2), nn.ZeroPad2d((2, 0, 1, 3)), nn.Conv2d(1, 1, 5, 2)),
    "ReLU6 far above 6": nn.Sequential(*[Branches(conv(1), nn.Sequential(conv(3), nn.ReLU6()), add=True) for _ in range(5)]),
    "a pool that rounds up": nn.Sequential(conv(3, 2), nn.MaxPool2d(3, 2, ceil_mode=True), conv(3)),
}


@pytest.mark.parametrize("net", NETS.values(), ids=NETS)
def test_the_gradient_sees_what_the_recurrence_says(net):
    shape = (1, 97, 101)
    assert measured_receptive_field(net, shape) == receptive_field(net, shape).size


def test_the_measured_field_leaves_no_number_to_chance():
    torch.use_deterministic_algorithms(True)  # fills memory that nobody wrote to with NaN
    try:
        assert measured_receptive_field(NETS["without padding"], (1, 97, 101)) == 13
    finally:
        torch.use_deterministic_algorithms(False)


@pytest.mark.parametrize("depth", [1, 2, 3, 5, 8])
def test_n_layers_of_3x3_see_2n_plus_1(depth):
    net = nn.Sequential(*[conv(3) for _ in range(depth)])
    assert receptive_field(net, (1, 23, 29)).size == measured_receptive_field(net, (1, 23, 29)) == 2 * depth + 1


def test_the_gradient_sees_where_the_field_says():
    net = nn.Sequential(nn.Conv2d(1, 1, 5, 3, padding=2), SamePad(3), nn.Conv2d(1, 1, 3), nn.AvgPool2d(2), nn.Conv2d(1, 1, 2))
    for p in net.parameters():
        nn.init.ones_(p)
    field = receptive_field(net, (1, 67, 61))
    for i in range(net(torch.ones(1, 1, 67, 61)).shape[2]):
        seen = influence(net, torch.ones(1, 67, 61), (i, 0)).any(1).nonzero().flatten().tolist()
        assert seen == [row for row in field.rows(i) if 0 <= row < 67]


def test_the_influence_is_that_of_the_middle_or_of_all():
    image = torch.ones(1, 5, 7)
    assert influence(nn.Conv2d(1, 1, 1), image).nonzero().tolist() == [[2, 3]]
    assert influence(nn.Conv2d(1, 1, 1), image, (4, 0)).nonzero().tolist() == [[4, 0]]
    assert influence(nn.Sequential(nn.Conv2d(1, 2, 1), nn.Flatten()), image).all()


def test_what_has_no_field_is_refused():
    with pytest.raises(ValueError, match=r"one stride, got \[1, 224\]"):
        receptive_field(Branches(nn.Conv2d(3, 3, 1), nn.AdaptiveAvgPool2d(1), add=True))
    with pytest.raises(ValueError, match="ConvTranspose2d sees, 224 rows in and 448 out"):
        receptive_field(nn.ConvTranspose2d(3, 5, 4, stride=2, padding=1))
    with pytest.raises(ValueError, match="ConvTranspose2d sees, 224 rows in and 224 out"):
        receptive_field(nn.ConvTranspose2d(3, 5, 3, padding=1))
    with pytest.raises(ValueError, match="AdaptiveAvgPool2d sees, 224 rows in and 5 out"):
        receptive_field(nn.AdaptiveAvgPool2d(5))


@pytest.mark.parametrize("count", [stages, receptive_field, macs, table])
def test_a_shape_that_does_not_fit_is_named(count):
    with pytest.raises(ValueError, match=r"shape \(3, 224, 224\) does not fit the network: Invalid channel"):
        count(nn.Conv2d(5, 7, 3))


def test_a_copy_without_numbers_is_in_evaluation_mode_and_float32_and_the_network_stays():
    net = nn.Sequential(nn.Linear(3, 2), nn.Dropout()).double().train()
    copied = meta_copy(net)
    assert not any(module.training for module in copied.modules())
    assert {(p.dtype, p.device.type) for p in copied.parameters()} == {(torch.float32, "meta")}
    assert net[1].training and net[0].weight.dtype == torch.float64 and net[0].weight.device.type == "cpu"


def test_an_input_that_does_not_fit_is_one_sentence_with_torch_s_reason():
    with pytest.raises(ValueError, match=r"^an input of shape \(5,\) does not fit the layer: .+") as caught:
        run_on_meta(meta_copy(nn.Linear(3, 2)), (5,), "the layer")
    assert "\n" not in str(caught.value)
    assert run_on_meta(lambda x: tuple(x.shape), (3, 7, 5)) == (1, 3, 7, 5)
