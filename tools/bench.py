"""Measure the training loop against the plain one of the PyTorch tutorials, in one run, and both against the processor.

The plain loop: a DataLoader over a TensorDataset, images channels first, torch's default number of threads. Both train the same
network on the same images with the same seed, optimizer and number of epochs; rounds alternate, so that another program on the
machine slows both.
"""

import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from cnnlib import anatomy, threads, training
from cnnlib.data import shapes

IMAGES, EPOCHS, ROUNDS = 4800, 1, 5
DEFAULT_THREADS = torch.get_num_threads()


def network(layers: int = 20, width: int = 24) -> nn.Module:
    """Build the kind of net that the lessons train: a stem that puts the body at 8 x 8, then 3 x 3 convolutions."""

    def conv(c_in: int, c_out: int, kernel: int, stride: int = 1) -> nn.Sequential:
        return nn.Sequential(
            nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(c_out), nn.ReLU(inplace=True)
        )

    torch.manual_seed(0)
    body = [conv(width, width, 3) for _ in range(layers - 2)]
    return nn.Sequential(
        conv(3, width, 5, 2), nn.MaxPool2d(2), *body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 10)
    )


def plain_loop(model: nn.Module, data: training.Data) -> float:
    """Train as the PyTorch tutorials do; returns the last loss."""
    torch.set_num_threads(DEFAULT_THREADS)
    loader = DataLoader(
        TensorDataset(*data), batch_size=64, shuffle=True, drop_last=True, generator=torch.Generator().manual_seed(0)
    )
    optimizer = training.sgd(model)
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
    return list(training.fit(model, training.Classification(), data, None, training.sgd(model), EPOCHS))[-1].loss


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


def measure_training() -> None:
    """Print images a second of both loops, their ratio, and the share of the matrix product's speed that ours reaches."""
    data = shapes.crops(IMAGES)
    cost = 3 * anatomy.macs(network(), (3, 32, 32))  # backward is two products for each forward one
    print(f"a {20}-layer net, {anatomy.parameters(network()):,} parameters, {cost / 3:,.0f} MACs an image, {IMAGES:,} images")
    ratios, shares = [], []
    for number in range(1, ROUNDS + 1):
        speed = {}
        for name, loop in (("plain", plain_loop), ("ours", our_loop)):
            model = network()
            start = time.perf_counter()
            loop(model, data)
            speed[name] = EPOCHS * IMAGES / (time.perf_counter() - start)
        used = torch.get_num_threads()
        ratios.append(speed["ours"] / speed["plain"])
        shares.append(speed["ours"] * cost / peak(used))
        print(
            f"{number}: plain {speed['plain']:.0f} images/s on {DEFAULT_THREADS} threads, ours {speed['ours']:.0f} on {used}, "
            f"{ratios[-1]:.2f} times as fast, {shares[-1]:.0%} of the matrix product's speed on {used}"
        )
    print(f"median: {statistics.median(ratios):.2f} times the plain loop, {statistics.median(shares):.0%} of the peak")


def measure_drawing() -> None:
    """Print how many images a second are drawn on one thread."""
    start = time.perf_counter()
    shapes.crops(2000)
    print(f"crops: {2000 / (time.perf_counter() - start):,.0f} images/s at 32 x 32 (one thread)")


if __name__ == "__main__":
    print(f"torch {torch.__version__}, thread counts tried: {threads.candidates()}")
    measure_drawing()
    measure_training()
