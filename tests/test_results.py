"""Stored results: each is read by name, says how it was measured, and is what its command measures."""

import json

import pytest

from cnnlib import results
from cnnlib.data import shapes
from cnnlib.models.backbone import pretrained_backbone
from tools import ROOT, dense_results, growth_results, region_results, trainings, transfer
from tools import results as measured


@pytest.mark.parametrize("name", measured.RESULTS)
def test_a_stored_result_says_what_it_is_and_with_which_seeds(name):
    result = results.read(name)
    assert result.about.endswith(".")
    assert result.seeds
    assert result.values


def test_every_stored_result_has_a_command_and_every_command_a_result():
    assert {file.stem for file in results.FOLDER.glob("*.json")} == set(measured.RESULTS)


def test_a_result_that_is_not_there_is_one_sentence_with_its_command():
    with pytest.raises(ValueError, match=r"no result is stored as 'wings' .*`python -m tools.results wings` would measure it"):
        results.read("wings")


def test_what_is_written_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    one = results.Result("Two numbers.", [0, 1], {"a": [1.5, 2.0]})
    assert json.loads(results.write("two", one).read_text())["seeds"] == [0, 1]
    assert results.read("two") == one


def test_the_learning_rate_is_chosen_by_the_worst_seed_on_validation_images():
    for result in (results.read("activations"), results.read("sharing")):
        for run in result.values.values():
            worst = {float(rate): min(scores) for rate, scores in run["valid"].items()}
            assert worst[run["rate"]] == max(worst.values())


def test_no_better_learning_rate_is_missing_for_the_control_of_weight_sharing():
    run = results.read("sharing").values["locally connected"]
    rates = sorted(float(rate) for rate in run["valid"])
    assert rates[0] < run["rate"] < rates[-1], f"the best of the rates {rates} is at their edge: {run['rate']}"


def test_results_are_part_of_the_package():
    assert '"cnnlib.results" = ["*.json"]' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


RANGES = [  # of how much gradients grow: the lesson, its words, the network, decimals
    ("06_resnet.md", "{} to {} for plain-32", "plain, 32", 0),
    ("06_resnet.md", "{} to {} for residual-32", "residual, 32", 0),
    ("06_resnet.md", "{} to {} with projections", "projected, 20", 0),
    ("06_resnet.md", "{} to {} in plain and", "plain, 20", 0),
    ("06_resnet.md", "{} to {} in residual networks", "residual, 20", 0),
    ("06_resnet.md", "the ratio was {} to {} for 20 layers", "pre-activated, 20", 1),
    ("06_resnet.md", "{} to {} for 32.", "pre-activated, 32", 1),
    ("07_densenet.md", "{} to {} for the chain", "chain, lesson 07", 0),
    ("07_densenet.md", "{} to {} for the residual network", "residual, lesson 07", 0),
    ("07_densenet.md", "{} to {} for the dense one", "dense, lesson 07", 0),
]


@pytest.mark.parametrize(("text", "words", "network", "decimals"), RANGES)
def test_a_range_in_a_lesson_is_that_of_the_stored_result(text, words, network, decimals):
    found = results.read("gradient_growth").values[network]
    said = words.format(*(f"{edge:.{decimals}f}" for edge in (min(found), max(found))))
    assert said in (ROOT / "solutions" / text).read_text(encoding="utf-8")


def test_a_stored_growth_of_gradients_is_measured_again():
    images, labels = (part[:128] for part in shapes.crops(3000, seed=0, style=shapes.GENTLE))
    made = growth_results.lesson("06_resnet.md", "conv", "body", "network", "plain", "arriving", images=images, labels=labels)
    stored = results.read("gradient_growth")
    measured = made["arriving"](20, made["plain"], seed=stored.seeds[0])
    assert measured == pytest.approx(stored.values["plain, 20"][0], rel=0.05)


@pytest.mark.slow
def test_a_stored_number_is_measured_again():
    lesson = trainings.from_lesson("02_training.md", "deep", "easy", "he_initialised")
    stored = results.read("activations").values["sigmoid, batch norm"]
    build = measured.partial(lesson["deep"], measured.nn.Sigmoid, True)
    net = trainings.trained(build, 0, lesson["easy"](6000, 0), rate=stored["rate"], epochs=1, batch_size=16)
    assert trainings.accuracy(net, lesson["easy"](2000, 1)) == pytest.approx(stored["test"][0], abs=6)


@pytest.mark.slow
def test_the_stored_accuracy_of_the_network_without_sharing_is_measured_again():
    lesson = trainings.from_lesson("02_training.md", "he_initialised", "Local", "stage", "network")
    stored = results.read("sharing").values["locally connected"]
    train, test = (shapes.crops(count, seed=seed) for count, seed in ((6000, 0), (2000, 1)))
    net = trainings.trained(lambda: lesson["network"](shared=False), 0, train, rate=stored["rate"], epochs=6)
    assert trainings.accuracy(net, test) == pytest.approx(stored["test"][0], abs=3)


@pytest.mark.slow
def test_a_stored_training_is_measured_again():
    lesson = trainings.from_lesson("06_resnet.md", "conv", "body", "with_shortcut", "network")
    stored = results.read("long_training").values["residual-8"]["0"]
    train, test = (shapes.crops(count, seed=seed, style=shapes.GENTLE) for count, seed in ((3000, 0), (2000, 1)))
    net = trainings.trained(lambda: lesson["network"](8, lesson["with_shortcut"]), 0, train, epochs=10, batch_size=32)
    assert trainings.accuracy(net, test) == pytest.approx(stored["test"], abs=2)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["four 3×3", "two (1×1, 5×5)"])
def test_a_stored_comparison_of_branches_is_measured_again(kind):
    lesson = trainings.from_lesson("05_inception.md", "conv", "reduced_pair", "KINDS", "network")
    stored = results.read("branches").values["right"][kind]
    net = trainings.trained(lambda: lesson["network"](kind), 0, shapes.crops(5000, seed=0))
    assert trainings.accuracy(net, shapes.crops(2000, seed=1)) == pytest.approx(stored[0], abs=3)


@pytest.mark.slow
def test_what_is_positive_for_an_svm_is_measured_again():
    stored = results.read("positives").values["ground-truth boxes only"]["0"]
    found = region_results.measured(
        region_results.fitted(region_results.split(600, 0), pretrained_backbone(), 1.0), region_results.split(300, 1)
    )
    for boxes in stored:
        assert found[boxes] == pytest.approx(stored[boxes], abs=0.02)


@pytest.mark.slow
def test_a_fine_tuned_backbone_is_measured_again():
    stored = results.read("fine_tuning").values["60"]["pretrained and fine-tuned"]["0"]
    train = region_results.split(600, 0).first(60)
    backbone = region_results.tuned(train, "pretrained and fine-tuned", 0)
    found = region_results.measured(region_results.fitted(train, backbone), region_results.split(300, 1))
    for boxes in stored:
        assert found[boxes] == pytest.approx(stored[boxes], abs=0.03)


@pytest.mark.slow
def test_a_stored_transfer_is_measured_again():
    stored = results.read("transfer").values
    found = transfer.mean_ious({"frozen": transfer.lesson()["BODIES"]["frozen"]}, 2, [0])
    assert found["frozen"][0] == pytest.approx(stored["frozen"][0], abs=0.03)


@pytest.mark.slow
def test_stored_accuracies_on_faces_are_measured_again():
    stored, (images, labels) = results.read("faces").values, transfer.lfw()
    vectors = transfer.of_efficientnet(images)
    again = [transfer.linear(vectors, labels, 10, draw) for draw in transfer.DRAWS]
    assert again == pytest.approx(stored["frozen EfficientNet-Lite0"]["10"], abs=3)
    assert transfer.network(images, labels, 10, 0, 0.01) == pytest.approx(stored["from scratch"]["10"][0], abs=5)


@pytest.mark.slow
def test_a_stored_accuracy_of_a_dense_stack_is_measured_again():
    stored = results.read("reading").values
    assert dense_results.learned("chain", 0) == pytest.approx(stored["chain"]["0"], abs=5)
    assert dense_results.learned("dense", 1) == pytest.approx(stored["dense"]["1"], abs=5)
