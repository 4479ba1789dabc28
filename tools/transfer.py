"""Measure what lesson 08 says about transfer: several starts on two budgets, and classifiers from a few faces."""

from collections.abc import Callable, Iterable
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnlib import metrics, seeds, training
from cnnlib.data import real
from cnnlib.data.scenes import scenes
from cnnlib.models import efficientnet_lite
from cnnlib.models.backbone import block, classifier, pretrained_backbone
from cnnlib.models.fcn import SkipNet
from cnnlib.results import Result
from tools import ROOT, ToolError
from tools.definitions import definitions

TEXT = ROOT / "solutions" / "08_fcn.md"
STARTS = ("from scratch", "frozen", "fine-tuned")
IMAGES, DRAWS, RATES = (10, 20, 40), range(10), (0.01, 0.03, 0.1)
Faces = tuple[Tensor, Tensor]


def lesson() -> dict:
    """Define the networks of lesson 08, with the modules that it imports."""
    known = dict(nn=nn, seeds=seeds, block=block, classifier=classifier, SkipNet=SkipNet)
    return definitions(TEXT, "Frozen", "BODIES", "started", **known, pretrained_backbone=pretrained_backbone)


@cache
def data() -> list[Faces]:
    """Draw the lesson's 1,200 scenes for training and its 300 others, each with the label of every pixel."""
    return [(drawn.images, drawn.semantic) for drawn in (scenes(1200), scenes(300, seed=1))]


def learned(net: nn.Module, epochs: int, seed: int) -> float:
    """Train a network as the lesson does and return its mean IoU on the other scenes."""
    fit = training.fit(net, *data(), epochs=epochs, objective=training.Segmentation(), batch_size=16, seed=seed)
    return round(list(fit)[-1].scores["mean IoU"], 3)


def mean_ious(bodies: dict[str, Callable[[], nn.Module]], epochs: int, seed_numbers: Iterable[int]) -> dict[str, list[float]]:
    """Train the network of stride 4 from each of these bodies: its mean IoU by seed."""
    started = lesson()["started"]
    return {name: [learned(started(body, seed=seed), epochs, seed) for seed in seed_numbers] for name, body in bodies.items()}


def transfer() -> Result:
    """Train from three starts for two epochs, and from a body that has learned clothes in place of drawn shapes."""
    defined, clothes = lesson(), clothes_body()
    bodies = defined["BODIES"] | {
        "clothes, frozen": lambda: defined["Frozen"](*clothes()),
        "clothes, fine-tuned": clothes,
    }
    about = "Mean IoU on 300 scenes after two epochs on 1,200 scenes, by start and seed."
    return Result(about, [0, 1, 2, 3, 4], mean_ious(bodies, 2, range(5)))


def transfer_long() -> Result:
    """Train from three starts for ten epochs."""
    about = "Mean IoU on 300 scenes after ten epochs on 1,200 scenes, by start and seed."
    return Result(about, [0, 1, 2], mean_ious(lesson()["BODIES"], 10, range(3)))


def clothes_body() -> Callable[[], nn.Sequential]:
    """Train the backbone's architecture on Fashion-MNIST and return a function that makes copies of its body."""
    loaded = real.fashion_mnist(12_000)
    if loaded is None:
        raise ToolError("this result needs Fashion-MNIST")
    seeds.seed(0)
    net = classifier()
    images, labels = loaded[0]
    list(training.fit(net, (F.pad(images, (2, 2, 2, 2)).expand(-1, 3, -1, -1).contiguous(), labels), epochs=3))
    state = {key: value.clone() for key, value in net[:-2].state_dict().items()}

    def copy() -> nn.Sequential:
        body = classifier()[:-2]
        body.load_state_dict(state)
        return body

    return copy


def faces() -> Result:
    """Tell faces from background with 10, 20 and 40 images: on features of trained networks, on pixels, and from scratch."""
    images, labels = lfw()
    features = {
        "frozen EfficientNet-Lite0": of_efficientnet(images),
        "frozen backbone": of_backbone(images),
        "pixels": images[:, 0].flatten(1),
    }
    values: dict[str, dict[str, list[float]]] = {}
    for name, vectors in features.items():
        values[name] = {str(n): [linear(vectors, labels, n, draw) for draw in DRAWS] for n in IMAGES}
    for n in IMAGES:
        tried = [[network(images, labels, n, draw, rate) for draw in DRAWS] for rate in RATES]
        values.setdefault("from scratch", {})[str(n)] = max(tried, key=sum)
    about = (
        "Accuracy in per cent on 100 images of lfw_subset that were not trained on, by number of training images and draw; the "
        "network from scratch has whichever of three learning rates is best on these images."
    )
    return Result(about, list(DRAWS), values)


def lfw() -> Faces:
    """Load 100 faces and 100 pieces of background: (200, 3, 25, 25) in [0, 1], labels 1 for a face."""
    from skimage.data import lfw_subset

    images = torch.from_numpy(lfw_subset()).float()[:, None].expand(-1, 3, -1, -1).contiguous()
    return images, torch.arange(200).lt(100).long()


def of_efficientnet(images: Tensor) -> Tensor:
    """Compute the features of EfficientNet-Lite0 on images of 96 x 96: (N, 3, H, W) -> (N, 1280)."""
    net = efficientnet_lite.pretrained()
    large = F.interpolate(images, size=(96, 96), mode="bilinear")
    body = nn.Sequential(*(net.get_submodule(name) for name in ("features", "pool", "flatten")))
    return training.predict(body, efficientnet_lite.normalised(large))


def of_backbone(images: Tensor) -> Tensor:
    """Compute the mean maps of our own backbone on images of 32 x 32: (N, 3, H, W) -> (N, 64)."""
    return training.predict(pretrained_backbone(), F.interpolate(images, size=(32, 32), mode="bilinear")).mean((2, 3))


def split(n: int, draw: int) -> tuple[Tensor, Tensor]:
    """Sample n images for training, half of them faces, and 100 others for the test: their indices."""
    generator = torch.Generator().manual_seed(draw)
    shuffled = [start + torch.randperm(100, generator=generator) for start in (0, 100)]
    return torch.cat([one[: n // 2] for one in shuffled]), torch.cat([one[50:] for one in shuffled])


def linear(vectors: Tensor, labels: Tensor, n: int, draw: int) -> float:
    """Fit a logistic regression to n vectors, each number scaled to variance 1, and measure its accuracy in per cent."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    train, test = split(n, draw)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    model.fit(vectors[train].cpu().numpy(), labels[train].numpy())
    return round(100 * model.score(vectors[test].cpu().numpy(), labels[test].numpy()), 1)


def network(images: Tensor, labels: Tensor, n: int, draw: int, rate: float) -> float:
    """Train the backbone's architecture from scratch on n images, 800 images seen in all: its accuracy in per cent."""
    train, test = split(n, draw)
    seeds.seed(draw)
    net = classifier(2)
    list(training.fit(net, (images[train], labels[train]), epochs=800 // n, batch_size=10, rate=rate, seed=draw))
    return round(100 * metrics.accuracy(training.predict(net, images[test]), labels[test]), 1)
