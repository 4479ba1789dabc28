"""Measure training, networks, suppression and RoI pooling against what others use, in ratios of one run.

Training is compared with the plain loop of the PyTorch tutorials (`tools.bench_training`), the networks of the papers with
torchvision's, suppression and RoI pooling with torchvision.ops (`tools.bench_boxes`). The two sides of a comparison take
turns, so that another program on the machine slows both.
"""

import statistics
import time

import torch
from torch import nn
from torchvision import models

from cnnlib import threads
from cnnlib.cores import cores
from cnnlib.data import shapes
from cnnlib.models.densenet import densenet
from cnnlib.models.inception import googlenet
from cnnlib.models.resnet import resnet
from cnnlib.models.vgg import vgg
from tools.bench_boxes import measure_detection
from tools.bench_training import measure_training


def measure_drawing() -> None:
    """Print how many images are drawn per second on one thread."""
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
    """Compare one network per family with torchvision's, in the variant that computes the same."""
    measure_model("VGG-16", vgg(16), models.vgg16())
    their_googlenet = models.googlenet(aux_logits=False, init_weights=False)
    measure_model("GoogLeNet", googlenet(as_torchvision=True), their_googlenet)
    measure_model("ResNet-50", resnet(50, as_torchvision=True), models.resnet50())
    measure_model("DenseNet-121", densenet(121), models.densenet121())


if __name__ == "__main__":
    print(f"torch {torch.__version__}, {cores()} cores, thread counts tried: {threads.candidates()}")
    measure_drawing()
    measure_training()
    measure_models()
    measure_detection()
