"""Real photographs with masks or boxes, through torchvision's own loaders: PASCAL VOC 2007.

Files are in the folder that `CNNLIB_DATA` names, by default `~/.cache/cnnlib`. The archive is large: it is fetched only
if the environment variable `CNNLIB_FETCH` is 1, and otherwise only looked for on the disk. Every photograph is resized to a
square, which changes its aspect ratio, and its boxes and mask are resized with it. At most `max_images` photographs of each
part are read, evenly spread over its list.

VOC here is trained on `train` and tested on `val`, which come in one archive. Papers train on both and test on a third part, so
the results cannot be compared with theirs.
"""

import os
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from cnnlib.data.real import Split, read_or_explain
from cnnlib.files import data_folder

VOC_CLASSES = (
    *("aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow"),
    *("diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor"),
)
MEGABYTES = 450  # of the archive

Boxed = tuple[Tensor, Tensor, Tensor]


def voc_segmentation(size: int = 64, max_images: int = 1000) -> tuple[Split, Split] | None:
    """Load VOC 2007 (Everingham et al. 2010): training and test images (N, 3, size, size) with masks (N, size, size).

    Masks are int64: 0 background, 1 + an index into `VOC_CLASSES`, 255 the border around objects; N <= `max_images` of the 209
    and 213 photographs that have one. Returns None, after a sentence that says where to put the files, if they are not here.
    Raises ValueError if `size` or `max_images` is below 1.
    """
    from torchvision import datasets

    _check(size, max_images)
    return _voc(datasets.VOCSegmentation, partial(_masked, size=size, max_images=max_images))


def voc_detection(size: int = 128, max_images: int = 500) -> tuple[Boxed, Boxed] | None:
    """Load VOC 2007: training and test images (N, 3, size, size), boxes (N, T, 4) x1 y1 x2 y2 in pixels, labels (N, T).

    Labels are indices into `VOC_CLASSES`, -1 with a box of zeros where there is no object; T is the largest number of
    objects on a photograph of the part; N <= `max_images` of 2,501 and 2,510 photographs. VOC counts pixels from 1 and its
    corners belong to the box, so that x1 - 1 and x2 are its edges. Objects marked difficult are left out: a detector that
    finds one makes a false positive here, while VOC's own rules ignore it. Returns None and raises ValueError as
    `voc_segmentation` does.
    """
    from torchvision import datasets

    _check(size, max_images)
    return _voc(datasets.VOCDetection, partial(_boxed, size=size, max_images=max_images))


def _check(size: int, max_images: int) -> None:
    if size < 1 or max_images < 1:
        raise ValueError(f"size and max_images must be at least 1, got {size=}, {max_images=}")


def _voc(kind: Callable, convert: Callable) -> tuple | None:
    source = partial(kind, data_folder(), "2007")

    def read() -> tuple:
        return tuple(convert(_find(source, part)) for part in ("train", "val"))

    return read_or_explain("PASCAL VOC 2007", data_folder() / "VOCdevkit/VOC2007", read)


def _find(source: Callable, part: str) -> Sequence:
    """Look on the disk first: with `download=True`, torchvision fetches and unpacks VOC anew every time."""
    try:
        return source(part)
    except (OSError, RuntimeError) as error:
        if os.environ.get("CNNLIB_FETCH") != "1":
            hint = f"the environment variable CNNLIB_FETCH=1 allows the download of {MEGABYTES} MB"
            raise RuntimeError(hint) from error
    return source(part, download=True)


def _spread(length: int, max_images: int) -> list[int]:
    """Choose at most `max_images` of `length` indices, evenly spread over the list."""
    count = min(length, max_images)
    return [index * length // count for index in range(count)]


def _pixels(image: Image.Image, size: int) -> Tensor:
    """Resize a photograph to (3, size, size) of 8 bits: bilinear, averaging all the pixels that a new one covers."""
    return torch.from_numpy(np.array(image.resize((size, size), Image.Resampling.BILINEAR))).permute(2, 0, 1)


def _masked(data: Sequence, size: int, max_images: int) -> Split:
    images, masks = [], []
    for image, mask in map(data.__getitem__, _spread(len(data), max_images)):
        images.append(_pixels(image, size))
        masks.append(torch.from_numpy(np.array(mask.resize((size, size), Image.Resampling.NEAREST))).long())
    return torch.stack(images).float().div_(255), torch.stack(masks)


def _boxed(data: Sequence, size: int, max_images: int) -> Boxed:
    images, boxes, labels = [], [], []
    for image, truth in map(data.__getitem__, _spread(len(data), max_images)):
        images.append(_pixels(image, size))
        objects = [found for found in truth["annotation"]["object"] if found.get("difficult") != "1"]
        corners = [[float(found["bndbox"][side]) for side in ("xmin", "ymin", "xmax", "ymax")] for found in objects]
        edges = torch.tensor(corners).view(-1, 4) - torch.tensor([1.0, 1.0, 0.0, 0.0])
        boxes.append(edges * size / torch.tensor(image.size * 2))
        labels.append(torch.tensor([VOC_CLASSES.index(found["name"]) for found in objects], dtype=torch.int64))
    padded = pad_sequence(boxes, batch_first=True), pad_sequence(labels, batch_first=True, padding_value=-1)
    return torch.stack(images).float().div_(255), *padded
