"""Time a comparison of small networks against the plain loop of PyTorch's quickstart tutorial: a part of `make bench`.

The plain loop has a data set of images that ToTensor turns into tensors one by one, a DataLoader, images channels first, SGD as
torch makes it, torch's default number of threads. It runs a second time with its images in memory as tensors, to tell what that
brings and what the rest. All loops train the same networks on the same images, with the same seed, settings and epochs.
"""

import contextlib
import io
import statistics
import time
from collections.abc import Callable, Sequence

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset, TensorDataset
from torch.utils.flop_counter import FlopCounterMode
from torchvision import transforms

from cnnlib import anatomy, side_by_side, training
from cnnlib.data import shapes
from cnnlib.models.densenet import dense_block
from cnnlib.models.inception import Branches

IMAGES, EPOCHS, ROUNDS = 3200, 2, 5
NETWORKS = 4  # in a comparison
DEFAULT_THREADS = torch.get_num_threads()
PLAIN, IN_MEMORY = "the plain loop", "the plain loop with tensors in memory"


def conv(c_in: int, c_out: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Build convolution, batch norm, ReLU."""
    return nn.Sequential(nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(c_out), nn.ReLU())


def classifier(c_out: int, *layers: nn.Module) -> nn.Sequential:
    """Build a body and its head: global average pooling, a linear layer to ten classes."""
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c_out, 10))


def inception(c_in: int) -> Branches:
    """Build the small Inception block of lesson 05: c_in -> 64 channels."""
    branches = {"1x1": conv(c_in, 16, 1), "3x3": nn.Sequential(conv(c_in, 16, 1), conv(16, 24))}
    branches["5x5"] = nn.Sequential(conv(c_in, 8, 1), conv(8, 16, 5))
    return Branches({**branches, "pool": nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), conv(c_in, 8, 1))})


def stem(c_out: int) -> nn.Sequential:
    """Build the stem of the later lessons: 32 x 32 -> 8 x 8."""
    return nn.Sequential(conv(3, c_out, 5, 2), nn.MaxPool2d(2))


KINDS: dict[str, Callable[[], nn.Module]] = {  # one per kind of network that lessons compare
    "the CNN of lesson 02": lambda: classifier(
        40, conv(3, 16), nn.MaxPool2d(2), conv(16, 32), nn.MaxPool2d(2), conv(32, 40), conv(40, 40)
    ),
    "20 layers": lambda: classifier(24, stem(24), *(conv(24, 24) for _ in range(18))),
    "two Inception blocks": lambda: classifier(64, stem(32), inception(32), inception(64)),
    "a dense block of 24 layers": lambda: classifier(112, stem(16), dense_block(16, 24, 4, bottleneck=False)),
}


class Images(Dataset):
    """Images and labels as torchvision's data sets hand them out: an image, turned into a tensor when it is read."""

    def __init__(self, images: Tensor, labels: Tensor) -> None:
        self.pixels = (images * 255).round().byte().permute(0, 2, 3, 1).numpy()
        self.labels = labels.tolist()
        self.transform = transforms.ToTensor()

    def __len__(self) -> int:
        """Count the images."""
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Transform one image: (3, H, W) and its label."""
        return self.transform(Image.fromarray(self.pixels[index])), self.labels[index]


def plain_loop(model: nn.Module, data: Dataset) -> None:
    """Train as the PyTorch tutorials do."""
    torch.set_num_threads(DEFAULT_THREADS)
    loader = DataLoader(data, batch_size=64, shuffle=True, drop_last=True, generator=torch.Generator().manual_seed(0))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=EPOCHS * len(loader), cycle_momentum=False)
    model.train()
    for _ in range(EPOCHS):
        for images, labels in loader:
            loss = F.cross_entropy(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()


def seconds(run: Callable[[], object]) -> float:
    """Measure how long `run` takes, in seconds."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def peak(count: int, size: int = 1024) -> float:
    """Measure the multiply-adds per second that a matrix product reaches on `count` threads."""
    torch.set_num_threads(count)
    a, b = torch.rand(2, size, size)
    return size**3 / min(seconds(lambda: a @ b) for _ in range(12))


def products(model: nn.Module, data: training.Data) -> float:
    """Count the multiply-adds of a training step per image: forward, and backward where gradients are needed."""
    with FlopCounterMode(display=False) as counter:
        training.Classification().loss(model, *(tensor[:64] for tensor in data)).backward()
    return counter.get_total_flops() / 2 / 64


def networks(build: Callable[[], nn.Module]) -> dict[str, nn.Module]:
    """Build the networks of a comparison, the same in every round."""
    torch.manual_seed(0)
    return {str(number): build() for number in range(NETWORKS)}


def measure(name: str, build: Callable[[], nn.Module], loops: Sequence[str] = (PLAIN, IN_MEMORY)) -> None:
    """Print how many times as long as a comparison of four such networks four plain loops take, one after another."""
    data = shapes.crops(IMAGES)
    sets = {PLAIN: Images(*data), IN_MEMORY: TensorDataset(*data)}
    at_once, cost = side_by_side.workers(NETWORKS), products(build(), data)
    ratios: dict[str, list[float]] = {loop: [] for loop in loops}
    shares = []
    for _ in range(ROUNDS):
        with contextlib.redirect_stderr(io.StringIO()):  # the bars, whose time counts
            ours = seconds(lambda: training.compare(networks(build), data, epochs=EPOCHS)) / NETWORKS
        for loop in loops:
            ratios[loop].append(seconds(lambda loop=loop: plain_loop(networks(build)["0"], sets[loop])) / ours)
        shares.append(EPOCHS * IMAGES * cost / ours / (at_once * peak(1)))
        print(f"  {ours:.1f} s per network; times that: " + ", ".join(f"{loop} {ratios[loop][-1]:.2f}" for loop in loops))
    medians = ", ".join(f"{statistics.median(values):.2f} times {loop}" for loop, values in ratios.items())
    print(f"{name}: {anatomy.parameters(build()):,} parameters, {cost:,.0f} MACs per training step and image")
    print(f"  median: {medians}; {statistics.median(shares):.0%} of the speed of a matrix product per thread")


def measure_training() -> None:
    """Print the ratios for every kind of network, and what they mean."""
    at_once = side_by_side.workers(NETWORKS)
    print(f"training: a comparison of {NETWORKS} networks as in lessons ({at_once} at once), against {NETWORKS} plain loops,")
    print(f"one after another ({DEFAULT_THREADS} threads); a ratio of 2 means that a learner waits half as long")
    for name, build in KINDS.items():
        measure(name, build)
