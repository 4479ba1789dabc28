"""The training loop: what it promises about seeds, epochs, interrupts, batches and other tasks than classification."""

from functools import partial

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from cnnlib import metrics, seeds, training


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch):
    monkeypatch.setenv("CNNLIB_THREADS", "1")
    monkeypatch.delenv("CNNLIB_SEED", raising=False)
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def images(count=67):
    """Bright or dark noise: (count, 3, 7, 5), labels (count,)."""
    generator = torch.Generator().manual_seed(2)
    labels = torch.randint(0, 2, (count,), generator=generator)
    return torch.rand(count, 3, 7, 5, generator=generator) * 0.7 + 0.3 * labels.view(-1, 1, 1, 1), labels


def small_net():
    seeds.seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 2)
    )


def weights(net):
    return torch.cat([parameter.detach().cpu().flatten() for parameter in net.parameters()])


class Recording(training.Classification):
    """Notes what each step is given, and raises KeyboardInterrupt at step `stop`."""

    def __init__(self, stop=None):
        self.stop, self.seen, self.batches, self.modes, self.weights = stop, [], [], [], []

    def loss(self, model, *batch):
        self.seen.append(batch[0].cpu())
        self.batches.append(batch)
        self.modes.append(model.training)
        self.weights.append(weights(model))
        if len(self.seen) == self.stop:
            raise KeyboardInterrupt
        return super().loss(model, *batch)


def fitted(net, objective=None, data=None, valid=None, epochs=2, batch=16, **options):
    return list(
        training.fit(net, objective or Recording(), data or images(), valid, training.sgd(net), epochs, batch, **options)
    )


def test_same_seed_and_threads_give_the_same_weights_to_the_bit():
    nets = [small_net() for _ in range(3)]
    runs = [fitted(nets[0]), fitted(nets[1])]
    assert runs[0] == runs[1]
    assert torch.equal(weights(nets[0]), weights(nets[1]))
    fitted(nets[2], seed=1)
    assert not torch.equal(weights(nets[0]), weights(nets[2]))


def test_fit_takes_the_steps_of_the_textbook_loop():
    net, textbook, objective = small_net(), training.place(small_net()), Recording()
    fitted(net, objective)
    optimizer = training.sgd(textbook)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, len(objective.batches), cycle_momentum=False)
    for pictures, labels in objective.batches:
        optimizer.zero_grad()
        F.cross_entropy(textbook(pictures), labels).backward()
        optimizer.step()
        schedule.step()
    torch.testing.assert_close(weights(net), weights(textbook))


def test_the_environment_shifts_the_seed_of_weights_and_of_batches(monkeypatch):
    start, shifted_batches = small_net(), small_net()
    monkeypatch.setenv("CNNLIB_SEED", "1")
    assert not torch.equal(weights(start), weights(small_net()))
    fitted(shifted_batches)
    monkeypatch.delenv("CNNLIB_SEED")
    seed_1000 = small_net()
    fitted(seed_1000, seed=1000)
    fitted(start)
    assert torch.equal(weights(shifted_batches), weights(seed_1000))
    assert not torch.equal(weights(shifted_batches), weights(start))


def test_fit_yields_an_epoch_a_pass_trains_no_further_and_prints_nothing(capsys):
    steps, net = [], small_net()
    epochs = training.fit(net, training.Classification(), images(), images(13), training.sgd(net), 3, 16, on_step=steps.append)
    for number in (1, 2, 3):
        epoch = next(epochs)
        assert (epoch.number, len(steps)) == (number, number * (67 // 16))
        assert epoch.scores == {"accuracy": metrics.accuracy(training.predict(net, images(13)[0]), images(13)[1])}
        assert epoch.loss == pytest.approx(torch.stack(steps[-4:]).mean().item())
    assert list(epochs) == []
    assert capsys.readouterr() == ("", "")


def test_it_learns_and_the_learning_rate_rises_and_ends_near_zero():
    net = small_net()
    optimizer, rates = training.sgd(net, 0.2), []
    optimizer.register_step_pre_hook(lambda *step: rates.append(optimizer.param_groups[0]["lr"]))
    history = list(training.fit(net, training.Classification(), images(), images(), optimizer, 6, 16))
    assert history[-1].loss < 0.6 * history[0].loss
    assert history[-1].scores["accuracy"] > 0.9
    assert rates.index(max(rates)) in range(1, len(rates) // 2)
    assert max(rates) == pytest.approx(0.2, rel=0.05)
    assert rates[-1] < 0.2 / 1000


def test_the_last_incomplete_batch_is_left_out_of_an_epoch():
    data, objective = images(), Recording()
    fitted(small_net(), objective, data, batch=16)
    assert [len(batch) for batch in objective.seen] == [16] * 8
    for epoch in (objective.seen[:4], objective.seen[4:]):
        assert len(torch.cat(epoch).flatten(1).unique(dim=0)) == 64  # each image at most once
    assert len(torch.cat(objective.seen).flatten(1).unique(dim=0)) > 64  # another three the next time


def test_one_batch_of_everything_is_a_whole_training():
    [epoch] = fitted(small_net(), epochs=1, batch=67)
    assert epoch.loss > 0


def test_validation_leaves_the_next_epoch_in_training_mode():
    objective = Recording()
    fitted(small_net(), objective, valid=images(13))
    assert all(objective.modes)


def test_without_validation_data_there_are_no_scores():
    assert [epoch.scores for epoch in fitted(small_net(), valid=None)] == [{}, {}]


@pytest.mark.parametrize(("stop", "finished"), [(3, 0), (6, 1), (12, 2)])
def test_an_interrupt_keeps_the_weights_and_the_finished_epochs(stop, finished, capsys):
    net, objective = small_net(), Recording(stop)
    history = training.train(net, images(), epochs=3, objective=objective, batch=16)
    assert [epoch.number for epoch in history] == list(range(1, finished + 1))
    assert torch.equal(weights(net), objective.weights[-1])
    assert not torch.equal(weights(net), objective.weights[0])
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert f"epoch {finished + 1} of 3" in printed


def test_train_is_fit_with_a_progress_bar(monkeypatch, capsys):
    monkeypatch.setattr(training, "tqdm", partial(training.tqdm, disable=False))  # the tests' environment hides the bars
    nets = small_net(), small_net()
    history = training.train(nets[0], images(), images(13), epochs=2, batch=16, label="a small net")
    assert history == fitted(nets[1], valid=images(13))
    assert torch.equal(weights(nets[0]), weights(nets[1]))
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "a small net: 100%" in printed.err
    assert "8/8" in printed.err


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (dict(data=(images(7)[0], images(5)[1]), batch=2), r"\[7, 5\]"),
        (dict(epochs=0), "epochs=0"),
        (dict(batch=0), "batch=0"),
        (dict(batch=68), r"\[67, 67\], batch=68"),
    ],
)
@pytest.mark.parametrize(
    "loop", [fitted, lambda net, data=None, **options: training.train(net, data or images(), **options)], ids=["fit", "train"]
)
def test_bad_arguments_are_refused_with_their_numbers(loop, options, numbers):
    with pytest.raises(ValueError, match=numbers):
        loop(small_net(), **options)


class BrightPixels:
    """A segmentation objective of the learner's own: (N, 3, H, W) to masks (N, H, W)."""

    def loss(self, model, images, masks):
        return F.cross_entropy(model(images), masks)

    def scores(self, model, data):
        images, masks = data
        return {"pixels": (training.predict(model, images).argmax(1).cpu() == masks).double().mean().item()}


def test_an_objective_of_another_task_needs_no_other_loop():
    pictures, _ = images()
    data = pictures, (pictures.mean(1) > 0.5).long()
    seeds.seed(0)
    net = nn.Conv2d(3, 2, 1)
    history = training.train(net, data, data, epochs=8, objective=BrightPixels(), optimizer=training.sgd(net, 2.0), batch=16)
    assert list(history[0].scores) == ["pixels"]
    assert history[-1].scores["pixels"] > 0.95


def test_predict_gives_the_same_for_any_batch_size_and_leaves_no_trace():
    net, (pictures, _) = small_net().double(), images(13)
    pictures = pictures.double()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    whole, *parts = (training.predict(net.train(), pictures, batch) for batch in (256, 1, 5))
    for part in parts:
        torch.testing.assert_close(part, whole)
    torch.testing.assert_close(training.predict(net, pictures.flip(0)), whole.flip(0))  # batch norm in evaluation mode
    assert whole.shape == (13, 2)
    assert not whole.requires_grad
    assert not net.training
    assert all(torch.equal(value, before[name]) for name, value in net.to("cpu").state_dict().items())
    assert torch.is_grad_enabled()


def test_place_keeps_the_numbers_and_lays_channels_last():
    pictures, labels = images(5)
    placed = training.place(pictures)
    assert torch.equal(placed.cpu(), pictures)
    assert placed.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(training.place(labels).cpu(), labels)


def test_segmentation_learns_pixels_leaves_the_ignored_out_and_reports_overlaps():
    pixels = torch.rand(32, 3, 7, 5, generator=torch.Generator().manual_seed(0))
    labels = (pixels[:, 0] > 0.5).long()
    labels[:, 0] = training.IGNORED
    seeds.seed(0)
    net = nn.Conv2d(3, 2, 1)
    epochs = fitted(net, training.Segmentation(), (pixels, labels), (pixels, labels), epochs=12, batch=8)
    assert epochs[-1].loss < epochs[0].loss and epochs[-1].scores["mean IoU"] > 0.7
    predicted = net(training.place(pixels)).argmax(1).cpu()
    right = (predicted == labels)[:, 1:].double().mean().item()
    assert epochs[-1].scores["pixel accuracy"] == pytest.approx(right)


def test_clip_bounds_the_step():
    before, bounded, free = (small_net() for _ in range(3))
    for net, clip in ((bounded, 1e-4), (free, None)):
        list(training.fit(net, Recording(), images(), None, torch.optim.SGD(net.parameters(), lr=0.1), 1, 16, clip=clip))
    assert (weights(bounded) - weights(before)).norm() < 0.1 * 4 * 1e-4 < (weights(free) - weights(before)).norm()


def test_adamw_trains_what_is_not_frozen():
    net = small_net()
    net[0].requires_grad_(False)
    assert sum(p.numel() for group in training.adamw(net).param_groups for p in group["params"]) == 10 + 12
