"""Photographs with masks or boxes from tiny files in the format of VOC, and the sentence without them."""

import socket

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import datasets

from cnnlib.data import real_scenes

LOADERS = {"voc_segmentation": real_scenes.voc_segmentation, "voc_detection": real_scenes.voc_detection}
RED, BLUE = (250, 0, 0), (0, 0, 250)


@pytest.fixture
def data(tmp_path, monkeypatch):
    """An empty CNNLIB_DATA, no wish to fetch, and a network that must not be asked."""
    monkeypatch.setenv("CNNLIB_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("CNNLIB_FETCH", raising=False)
    serve(monkeypatch, lambda *args, **kwargs: pytest.fail("a download was started"))
    return tmp_path / "data"


def serve(monkeypatch, download):
    monkeypatch.setattr(datasets.voc, "download_and_extract_archive", download)


@pytest.fixture(params=LOADERS)
def loader(request):
    return LOADERS[request.param]


def photograph(path, width=48, height=16, right=BLUE):
    """Red on the left, `right` on the right: a JPEG that is wider than high."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:, : width // 2], pixels[:, width // 2 :] = RED, right
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, quality=100, subsampling=0)


def mask(path, rows, palette=False):
    """A PNG of 48x16 made of blocks; with a palette, as VOC's are, whose colours are not the numbers."""
    blocks = np.array(rows, np.uint8)
    image = Image.fromarray(blocks.repeat(16 // blocks.shape[0], 0).repeat(48 // blocks.shape[1], 1))
    if palette:
        image.putpalette([7 * value % 256 for value in range(768)])
        assert image.mode == "P"
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


def voc_list(data, kind, part, names):
    file = data / "VOCdevkit" / "VOC2007" / "ImageSets" / kind / f"{part}.txt"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{name}\n" for name in names))


def small_voc_masks(data, train=("000032", "000039")):
    base = data / "VOCdevkit" / "VOC2007"
    for part, names in (("train", train), ("val", ["000033"])):
        voc_list(data, "Segmentation", part, names)
        for name in names:
            photograph(base / "JPEGImages" / f"{name}.jpg")
            mask(base / "SegmentationClass" / f"{name}.png", [[0, 255, 20], [0, 255, 1]], palette=True)


PART = "<part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part>"


def annotate(data, name, objects, width=48, height=16):
    """Write a photograph and its XML; an object is (name, difficult, xmin, ymin, xmax, ymax), a person has a part."""
    base = data / "VOCdevkit" / "VOC2007"
    photograph(base / "JPEGImages" / f"{name}.jpg", width, height)
    found = "".join(
        f"<object><name>{kind}</name><pose>Left</pose><truncated>1</truncated><difficult>{difficult}</difficult>"
        f"<bndbox><xmin>{x1}</xmin><ymin>{y1}</ymin><xmax>{x2}</xmax><ymax>{y2}</ymax></bndbox>"
        f"{PART if kind == 'person' else ''}</object>"
        for kind, difficult, x1, y1, x2, y2 in objects
    )
    size = f"<size><width>{width}</width><height>{height}</height><depth>3</depth></size>"
    (base / "Annotations").mkdir(exist_ok=True)
    text = f"<annotation>\n<folder>VOC2007</folder><filename>{name}.jpg</filename>{size}{found}\n</annotation>\n"
    (base / "Annotations" / f"{name}.xml").write_text(text)


def small_voc_boxes(data):
    annotate(data, "000012", [("aeroplane", 0, 1, 1, 48, 16), ("dog", 1, 3, 3, 9, 9), ("tvmonitor", 0, 4, 5, 4, 5)])
    annotate(data, "000017", [("person", 0, 13, 3, 36, 8)])
    annotate(data, "000023", [])
    annotate(data, "000005", [("cat", 1, 3, 3, 9, 9)], width=16, height=48)
    annotate(data, "000007", [("cow", 0, 3, 3, 9, 9)], width=16, height=48)
    voc_list(data, "Main", "train", ["000012", "000017", "000023"])
    voc_list(data, "Main", "val", ["000005", "000007"])


def small(data):
    small_voc_masks(data)
    small_voc_boxes(data)


def are_red_then_blue(images) -> bool:
    """Left and right end of every image, within what JPEG changes, and bilinear in between."""
    red, blue = (torch.tensor(colour).div(255).view(1, 3, 1) for colour in (RED, BLUE))
    middle = images[:, 0, :, images.shape[3] // 2]
    ends = torch.allclose(images[..., 0], red, atol=0.01) and torch.allclose(images[..., -1], blue, atol=0.01)
    return ends and images.dtype == torch.float32 and bool(((middle > 0.1) & (middle < 0.9)).all())


def test_masks_hold_no_numbers_between_their_own(data):
    small_voc_masks(data)
    (_, masks), _ = real_scenes.voc_segmentation(size=11)
    assert masks.unique().tolist() == [0, 1, 20, 255]


def test_voc_has_21_classes_and_a_border(data):
    small_voc_masks(data)
    (images, masks), (test_images, test_masks) = real_scenes.voc_segmentation(size=6)
    assert masks.dtype == torch.int64
    top, bottom = torch.tensor([[0, 0, 255, 255, 20, 20], [0, 0, 255, 255, 1, 1]])
    assert torch.equal(masks, torch.stack([top] * 3 + [bottom] * 3).expand(2, 6, 6))
    assert images.shape == (2, 3, 6, 6)
    assert (test_images.shape, test_masks.shape) == ((1, 3, 6, 6), (1, 6, 6))
    assert are_red_then_blue(real_scenes.voc_segmentation(size=7)[0][0])


def test_boxes_of_voc_become_edges_in_pixels_of_the_square(data):
    small_voc_boxes(data)
    (images, boxes, labels), (test_images, test_boxes, test_labels) = real_scenes.voc_detection(size=24)
    assert (images.shape, boxes.dtype, labels.dtype) == ((3, 3, 24, 24), torch.float32, torch.int64)
    none = [0.0, 0.0, 0.0, 0.0]
    assert labels.tolist() == [[0, 19], [14, -1], [-1, -1]]
    assert boxes.tolist() == [[[0, 0, 24, 24], [1.5, 6, 2, 7.5]], [[6, 3, 18, 12], none], [none, none]]
    assert (test_images.shape, test_labels.tolist()) == ((2, 3, 24, 24), [[-1], [9]])
    assert test_boxes.tolist() == [[none], [[3, 1, 13.5, 4.5]]]


def test_a_part_without_objects_has_room_for_none(data):
    small_voc_boxes(data)
    voc_list(data, "Main", "val", ["000023", "000005"])
    images, boxes, labels = real_scenes.voc_detection(size=5)[1]
    assert (images.shape, boxes.shape, labels.shape) == ((2, 3, 5, 5), (2, 0, 4), (2, 0))


def test_classes_are_in_vocs_order():
    assert len(real_scenes.VOC_CLASSES) == 20
    assert list(real_scenes.VOC_CLASSES) == sorted(real_scenes.VOC_CLASSES)


def test_only_as_many_as_wanted_are_read_spread_over_the_list(data):
    small_voc_masks(data, train=[f"{number:06}" for number in range(7)])
    for number in range(7):
        file = data / "VOCdevkit" / "VOC2007" / "JPEGImages" / f"{number:06}.jpg"
        if number in (0, 2, 4):  # the three of 7 that are wanted
            photograph(file, right=(0, 0, 20 * number))
        else:
            file.write_bytes(b"not to be read")
    (images, masks), (test_images, _) = real_scenes.voc_segmentation(size=8, max_images=3)
    assert (len(images), len(masks), len(test_images)) == (3, 3, 1)
    assert torch.allclose(images[:, 2, 4, 7], torch.tensor([0, 2, 4]) * 20 / 255, atol=0.015)


def test_max_images_counts_for_every_set(loader, data):
    small(data)
    for part in loader(size=8, max_images=1):
        assert [len(tensor) for tensor in part] == [1] * len(part)


def test_defaults_are_small(data):
    small(data)
    assert real_scenes.voc_segmentation()[0][1].shape == (2, 64, 64)
    assert real_scenes.voc_detection()[0][0].shape == (3, 3, 128, 128)


def test_without_files_one_line_names_the_folder_and_the_variable(loader, data, capsys):
    patience = socket.getdefaulttimeout()
    assert loader() is None
    assert socket.getdefaulttimeout() == patience
    printed = capsys.readouterr()
    assert printed.out == (
        "PASCAL VOC 2007 is not on this machine and could not be fetched (the environment variable CNNLIB_FETCH=1 allows the "
        f"download of 450 MB). With its files in {data / 'VOCdevkit/VOC2007'}, this cell would train and test on them; nothing "
        "that follows needs them.\n"
    )
    assert printed.err == ""
    assert not data.exists()


def test_half_of_the_files_is_not_enough_and_the_variable_is_named(data, capsys):
    small_voc_masks(data)  # without the lists of the boxes
    assert real_scenes.voc_segmentation(size=8) is not None
    assert real_scenes.voc_detection() is None
    assert "CNNLIB_FETCH=1" in capsys.readouterr().out


def test_a_wish_to_fetch_that_the_network_refuses_is_explained(loader, data, monkeypatch, capsys):
    def no_network(*args, **kwargs):
        raise OSError("no network in this test")

    serve(monkeypatch, no_network)
    monkeypatch.setenv("CNNLIB_FETCH", "1")
    assert loader() is None
    assert "could not be fetched (no network in this test)." in capsys.readouterr().out


def test_a_wish_to_fetch_fetches_once(loader, data, monkeypatch):
    fetched = []

    def download(url, *args, **kwargs):
        fetched.append(url)
        small(data)

    serve(monkeypatch, download)
    monkeypatch.setenv("CNNLIB_FETCH", "1")
    for _ in range(2):
        assert loader(size=8) is not None
    assert [url.rpartition("/")[2] for url in fetched] == ["VOCtrainval_06-Nov-2007.tar"]


def cut_off(data, pattern):
    file = min(data.rglob(pattern))
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def renamed_object(data):
    file = data / "VOCdevkit" / "VOC2007" / "Annotations" / "000012.xml"
    file.write_text(file.read_text().replace("aeroplane", "submarine"))


def object_without_a_box(data):
    file = data / "VOCdevkit" / "VOC2007" / "Annotations" / "000012.xml"
    file.write_text(file.read_text().replace("xmax", "xmux"))


@pytest.mark.parametrize(
    ("name", "break_it"),
    [
        ("voc_segmentation", lambda data: cut_off(data, "000039.png")),
        ("voc_segmentation", lambda data: min(data.rglob("Segmentation/val.txt")).unlink()),
        ("voc_segmentation", lambda data: min(data.rglob("Segmentation/val.txt")).write_text("")),
        ("voc_segmentation", lambda data: cut_off(data, "000033.jpg")),
        ("voc_segmentation", lambda data: min(data.rglob("000039.png")).unlink()),
        ("voc_detection", lambda data: cut_off(data, "000017.xml")),
        ("voc_detection", renamed_object),
        ("voc_detection", object_without_a_box),
    ],
)
def test_broken_files_are_explained_like_missing_ones(name, break_it, data, capsys):
    small(data)
    break_it(data)
    assert LOADERS[name]() is None
    printed = capsys.readouterr()
    assert (printed.out.count("\n"), printed.err) == (1, "")


@pytest.mark.parametrize("wanted", [{"size": 0}, {"max_images": 0}, {"size": -3, "max_images": 5}])
def test_no_pixels_and_no_images_are_refused(loader, wanted):
    with pytest.raises(
        ValueError, match=" and ".join(f"{name}={value}" for name, value in wanted.items()).replace(" and", ",")
    ):
        loader(**wanted)
