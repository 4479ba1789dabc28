"""Measure the training loop against the plain one of the PyTorch tutorials, in one run, and both against the processor.

Then the networks of the papers, suppression and the pooling of regions against torchvision's.

The plain loop is that of PyTorch's quickstart tutorial: a data set of images that ToTensor turns into tensors one by one, a
DataLoader, images channels first, SGD as torch makes it, torch's default number of threads. It runs a second time with its
images in memory as tensors, to tell what that brings and what the rest. All loops train the same network on the same images
with the same seed, settings and number of epochs; rounds alternate, so that another program on the machine slows all of them.
"""

import os
import statistics
import time
from collections.abc import Callable
from unittest import mock

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset, TensorDataset
from torch.utils.flop_counter import FlopCounterMode
from torchvision import models, transforms

from cnnlib import anatomy, threads, training
from cnnlib.data import shapes
from cnnlib.models.densenet import densenet
from cnnlib.models.inception import googlenet
from cnnlib.models.resnet import resnet
from cnnlib.models.vgg import vgg
from tools.bench_boxes import measure_detection

IMAGES, EPOCHS, ROUNDS = 4800, 2, 5
DEFAULT_THREADS = torch.get_num_threads()


def conv(c_in: int, c_out: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Build convolution, batch norm, ReLU."""
    return nn.Sequential(nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(c_out), nn.ReLU())


def lesson_01() -> nn.Module:
    """Build the CNN of lesson 01."""
    body = conv(3, 16), nn.MaxPool2d(2), conv(16, 32), nn.MaxPool2d(2), conv(32, 40), conv(40, 40)
    return nn.Sequential(*body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(40, 10))


def twenty_layers(width: int = 24) -> nn.Module:
    """Build a deep net of the kind that later lessons train: a stem that puts the body at 8 x 8, then 3 x 3 convolutions."""
    body = conv(3, width, 5, 2), nn.MaxPool2d(2), *(conv(width, width) for _ in range(18))
    return nn.Sequential(*body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 10))


class Images(Dataset):
    """Images and labels as torchvision's data sets hand them out: an image, turned into a tensor when it is asked for."""

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


def plain_loop(model: nn.Module, data: Dataset) -> float:
    """Train as the PyTorch tutorials do; returns the last loss."""
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
    return loss.item()


def our_loop(model: nn.Module, data: training.Data) -> float:
    """Train with `cnnlib.training.fit`; returns the last loss."""
    return list(training.fit(model, data, epochs=EPOCHS))[-1].loss


def peak(count: int, size: int = 1024) -> float:
    """Measure the multiply-adds a second that a matrix product reaches on `count` threads."""
    torch.set_num_threads(count)
    a, b = torch.rand(2, size, size)
    seconds = []
    for _ in range(12):
        start = time.perf_counter()
        a @ b
        seconds.append(time.perf_counter() - start)
    return size**3 / min(seconds)


def products(model: nn.Module, data: training.Data) -> float:
    """Count the multiply-adds of a training step, for each image: forward, and backward where gradients are needed."""
    with FlopCounterMode(display=False) as counter:
        training.Classification().loss(model, *(tensor[:64] for tensor in data)).backward()
    return counter.get_total_flops() / 2 / 64


def our_loop_on_one_thread(model: nn.Module, data: training.Data) -> float:
    """Train as the tests do."""
    with mock.patch.dict(os.environ, CNNLIB_THREADS="1"):
        return our_loop(model, data)


def measure_training(name: str, build: Callable[[], nn.Module]) -> None:
    """Print images a second of all loops, their ratios, and the share of the matrix product's speed that ours reaches."""
    data = shapes.crops(IMAGES)
    cost = products(build(), data)
    print(f"{name}: {anatomy.parameters(build()):,} parameters, {cost:,.0f} MACs a training step and image")
    loops = {
        "plain": (plain_loop, Images(*data)),
        "plain, tensors in memory": (plain_loop, TensorDataset(*data)),
        "ours": (our_loop, data),
        "ours on 1": (our_loop_on_one_thread, data),
    }
    ratios = {"the plain loop": [], "the plain loop with tensors in memory": []}
    shares = {"the threads in use": [], "one thread": []}
    for _ in range(ROUNDS):
        speed, reached = {}, {}
        for key, (loop, images) in loops.items():
            torch.manual_seed(0)
            model = build()
            start = time.perf_counter()
            loop(model, images)
            speed[key] = EPOCHS * IMAGES / (time.perf_counter() - start)
            used = torch.get_num_threads()
            reached[key] = speed[key] * cost / peak(used)
            print(f"  {key}: {speed[key]:.0f} images/s on {used}, {reached[key]:.0%} of the matrix product's speed on {used}")
        for versus, key in zip(ratios, ("plain", "plain, tensors in memory"), strict=True):
            ratios[versus].append(speed["ours"] / speed[key])
        for which, key in zip(shares, ("ours", "ours on 1"), strict=True):
            shares[which].append(reached[key])
    medians = [f"{statistics.median(values):.2f} times {versus}" for versus, values in ratios.items()]
    medians += [f"{statistics.median(values):.0%} of the peak of {which}" for which, values in shares.items()]
    print(f"  median: {', '.join(medians)}")


def measure_drawing() -> None:
    """Print how many images a second are drawn on one thread."""
    start = time.perf_counter()
    shapes.crops(2000)
    print(f"crops: {2000 / (time.perf_counter() - start):,.0f} images/s at 32 x 32 (one thread)")


def measure_model(name: str, ours: nn.Module, theirs: nn.Module, rounds: int = 7) -> None:
    """Print the time of forward and backward of one of our networks as a multiple of torchvision's, on one thread."""
    torch.set_num_threads(1)
    images = torch.rand(2, 3, 224, 224)
    ratios = []
    for _ in range(rounds + 1):
        seconds = []
        for model in (ours, theirs):
            start = time.perf_counter()
            model.train()(images).sum().backward()
            seconds.append(time.perf_counter() - start)
        ratios.append(seconds[0] / seconds[1])
    print(f"{name}: {statistics.median(ratios[1:]):.2f} times torchvision's time, forward and backward")


def measure_models() -> None:
    """Compare one network a family with torchvision's, in the variant that computes the same."""
    measure_model("VGG-16", vgg(16), models.vgg16())
    their_googlenet = models.googlenet(aux_logits=False, init_weights=False)
    measure_model("GoogLeNet", googlenet(as_torchvision=True), their_googlenet)
    measure_model("ResNet-50", resnet(50, as_torchvision=True), models.resnet50())
    measure_model("DenseNet-121", densenet(121), models.densenet121())


if __name__ == "__main__":
    print(f"torch {torch.__version__}, thread counts tried: {threads.candidates()}")
    measure_drawing()
    measure_training("the CNN of lesson 01", lesson_01)
    measure_training("a net of 20 layers", twenty_layers)
    measure_models()
    measure_detection()
