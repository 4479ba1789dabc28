"""The training loop: what it promises about seeds, epochs, interrupts, batches and other tasks than classification."""

import contextlib
import re
import subprocess
import sys
import weakref
from functools import partial

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from cnnlib import live, metrics, seeds, threads, training

pytestmark = pytest.mark.usefixtures("one_thread")


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


def fitted(net, objective=None, data=None, valid=None, epochs=2, batch_size=16, **options):
    options = {"objective": objective or Recording(), "epochs": epochs, "batch_size": batch_size, **options}
    return list(training.fit(net, data or images(), valid, **options))


def stated(function, words):
    """Read the number before `words`, or after them, in the docstring of a function: what it promises."""
    found = re.search(words.replace("#", r"(\d[\d.e-]*\d|\d)"), " ".join(function.__doc__.split()))
    return float(found[1])


def test_same_seed_and_threads_give_the_same_weights_to_the_bit():
    nets = [small_net() for _ in range(3)]
    runs = [fitted(nets[0]), fitted(nets[1])]
    assert runs[0] == runs[1]
    assert torch.equal(weights(nets[0]), weights(nets[1]))
    fitted(nets[2], seed=1)
    assert not torch.equal(weights(nets[0]), weights(nets[2]))


def test_fit_takes_the_steps_of_the_textbook_loop():
    """Written out: SGD with Nesterov momentum and weight decay (Sutskever et al. 2013), one cycle (Smith and Topin 2018)."""
    net, objective = small_net(), Recording()
    fitted(net, objective)
    momentum, decay = stated(training.sgd, "Nesterov momentum #"), stated(training.sgd, "weight decay #")
    peak, first, rise = 0.1, 1 / stated(training.fit, "starts at a #th"), stated(training.fit, "the first # %") / 100
    textbook, steps = training.place(small_net()), len(objective.batches)
    speeds = [torch.zeros_like(parameter) for parameter in textbook.parameters()]
    top = rise * steps - 1  # the step at which the rate is highest

    def between(a, b, share):  # along half a cosine
        return b + (a - b) * (1 + torch.cos(torch.tensor(torch.pi * share)).item()) / 2

    for step, (pictures, labels) in enumerate(objective.batches):
        rising = between(first * peak, peak, step / top)
        rate = rising if step <= top else between(peak, first * peak / 1e4, (step - top) / (steps - 1 - top))
        textbook.zero_grad()
        F.cross_entropy(textbook(pictures), labels).backward()
        with torch.no_grad():
            for parameter, speed in zip(textbook.parameters(), speeds, strict=True):
                gradient = parameter.grad + decay * parameter
                speed.mul_(momentum).add_(gradient)
                parameter -= rate * (gradient + momentum * speed)
    torch.testing.assert_close(weights(net), weights(textbook))


@pytest.mark.parametrize(
    ("make", "rate", "group"),
    [
        (training.sgd, 0.1, {"momentum": 0.9, "nesterov": True, "weight_decay": 5e-4}),
        (training.adamw, 2e-3, {"betas": (0.9, 0.999), "weight_decay": 0.01}),  # Loshchilov and Hutter 2019, as torch has them
    ],
)
def test_the_optimizers_are_those_of_the_docstrings(make, rate, group):
    assert {"lr": rate, **group}.items() <= make(small_net()).param_groups[0].items()
    assert make(small_net(), 0.3).param_groups[0]["lr"] == 0.3
    for value in ("0.9", "5e-4"):
        assert value in training.sgd.__doc__


def test_the_rate_goes_to_the_optimizer_that_is_made():
    net, optimizers = small_net(), []

    def make(model, rate=0.05):
        optimizers.append(training.sgd(model, rate))
        return optimizers[-1]

    for options in ({}, {"rate": 0.2}):
        training.fit(net, images(), optimizer=make, **options)
    assert [optimizer.param_groups[0]["lr"] for optimizer in optimizers] == [0.05, 0.2]
    assert training.fit(net, images()).optimizer.param_groups[0]["lr"] == 0.1


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


def test_fit_yields_an_epoch_per_pass_trains_no_further_and_prints_nothing(capsys):
    steps, net = [], small_net()
    fit = training.fit(net, images(), images(13), epochs=3, batch_size=16)
    fit.on_step = steps.append
    epochs = iter(fit)
    for number in (1, 2, 3):
        epoch = next(epochs)
        assert (epoch.number, len(steps)) == (number, number * (67 // 16))
        assert epoch.scores == {"accuracy": metrics.accuracy(training.predict(net, images(13)[0]), images(13)[1])}
        assert epoch.loss == pytest.approx(torch.stack(steps[-4:]).mean().item())
        assert f"{number} done" in repr(fit)
    assert list(epochs) == []
    assert capsys.readouterr() == ("", "")


def test_fit_trains_nothing_before_it_is_iterated_over_and_says_so():
    net = small_net()
    before = weights(net)
    fit = training.fit(net, images(), epochs=3, batch_size=16)
    assert torch.equal(weights(net), before)
    assert repr(fit) == "<a training of 3 epochs, 0 done: `for epoch in fit(...)` trains>"


def test_the_options_of_train_and_compare_are_those_of_fit():
    keywords = set(training.fit.__kwdefaults__)
    assert keywords == set(training.Options.__annotations__)
    assert keywords | {"data", "valid"} == set(training.OwnOptions.__annotations__)


def test_it_learns_and_the_learning_rate_rises_and_ends_near_zero():
    net = small_net()
    optimizer, rates = training.sgd(net, 0.2), []
    optimizer.register_step_pre_hook(lambda *step: rates.append(optimizer.param_groups[0]["lr"]))
    history = list(training.fit(net, images(), images(), optimizer=optimizer, epochs=6, batch_size=16))
    assert history[-1].loss < 0.6 * history[0].loss
    assert history[-1].scores["accuracy"] > 0.9
    assert rates.index(max(rates)) in range(1, len(rates) // 2)
    assert max(rates) == pytest.approx(0.2, rel=0.05)
    assert rates[0] == pytest.approx(0.2 / 25)
    assert rates[-1] < 0.2 / 1000


def test_the_last_incomplete_batch_is_left_out_of_an_epoch():
    data, objective = images(), Recording()
    fitted(small_net(), objective, data)
    assert [len(batch) for batch in objective.seen] == [16] * 8
    for epoch in (objective.seen[:4], objective.seen[4:]):
        assert len(torch.cat(epoch).flatten(1).unique(dim=0)) == 64  # each image at most once
    assert len(torch.cat(objective.seen).flatten(1).unique(dim=0)) > 64  # another three the next time


def test_a_seed_is_any_number_of_32_bits():
    assert training.fit(small_net(), images(), seed=2**32 - 1).seed == 2**32 - 1
    with pytest.raises(ValueError, match=f"^seed must be a whole number from 0 to {2**32 - 1}, got seed={2**32}$"):
        training.fit(small_net(), images(), seed=2**32)


def test_one_batch_of_everything_is_a_whole_training():
    [epoch] = fitted(small_net(), epochs=1, batch_size=67)
    assert epoch.loss > 0


@pytest.mark.parametrize("mode", [True, False])
def test_every_step_is_in_training_mode_whatever_the_mode_before_and_after_validation(mode):
    objective = Recording()
    fitted(small_net().train(mode), objective, valid=images(13))
    assert all(objective.modes)


def test_the_threads_are_chosen_in_the_first_epoch_and_looked_at_again_in_every_later_one(monkeypatch):
    looks = []

    class Pace(threads.FastestThreads):
        def check(self):
            looks.append(len(objective.seen))

    objective = Recording()
    monkeypatch.setattr(threads, "FastestThreads", Pace)
    fitted(small_net(), objective, epochs=3)
    assert looks == [4, 8]


def test_without_validation_data_there_are_no_scores():
    assert [epoch.scores for epoch in fitted(small_net(), valid=None)] == [{}, {}]


@pytest.mark.parametrize(("stop", "finished"), [(3, 0), (6, 1), (12, 2)])
def test_an_interrupt_stops_with_one_sentence_and_keeps_the_weights_and_the_finished_epochs(stop, finished, capsys):
    net, objective = small_net(), Recording(stop)
    with pytest.raises(training.Stopped) as stopped:
        training.train(net, images(), epochs=3, objective=objective, batch_size=16, label="a net")
    assert stopped.value._render_traceback_() == [
        f"Stopped: 'a net' after {finished} of 3 epochs. The networks keep what they have learned; "
        "`training.latest()` returns the epochs that ended."
    ]
    assert [epoch.number for epoch in training.latest()["a net"]] == list(range(1, finished + 1))
    assert torch.equal(weights(net), objective.weights[-1])
    assert not torch.equal(weights(net), objective.weights[0])
    assert capsys.readouterr().out == ""


def test_an_empty_history_says_why():
    history = training.History()
    with pytest.raises(IndexError, match="no epoch of this training has ended"):
        history[-1]
    assert history[:] == [] and list(history) == []
    history.append(training.Epoch(1, 0.5))
    assert history[-1].loss == 0.5
    with pytest.raises(IndexError, match="out of range"):
        history[1]
    for empty in (training.History(), history):
        with pytest.raises(TypeError, match="str"):
            empty["a"]


def test_train_is_fit_with_a_progress_bar(monkeypatch, capsys):
    monkeypatch.setattr(live, "tqdm", partial(live.tqdm, disable=False))  # the tests' environment hides the bars
    nets = small_net(), small_net()
    history = training.train(nets[0], images(), images(13), epochs=2, batch_size=16, label="a small net")
    assert history == fitted(nets[1], valid=images(13))
    assert torch.equal(weights(nets[0]), weights(nets[1]))
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "a small net: 100%" in printed.err
    assert "8/8" in printed.err


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
    history = training.train(net, data, data, epochs=8, objective=BrightPixels(), rate=2.0, batch_size=16)
    assert list(history[0].scores) == ["pixels"]
    assert history[-1].scores["pixels"] > 0.95


@pytest.mark.parametrize("training_mode", [True, False])
def test_predict_gives_the_same_for_any_batch_size_and_leaves_no_trace(training_mode):
    net, (pictures, _) = small_net().double().train(training_mode), images(13)
    net[1].eval()  # a part with a mode of its own keeps it
    pictures = pictures.double()
    before, modes = {name: value.clone() for name, value in net.state_dict().items()}, [m.training for m in net.modules()]
    whole, *parts = (training.predict(net, pictures, batch_size=size) for size in (256, 1, 5))
    for part in parts:
        torch.testing.assert_close(part, whole)
    torch.testing.assert_close(training.predict(net, pictures.flip(0)), whole.flip(0))  # batch norm in evaluation mode
    assert whole.shape == (13, 2)
    assert not whole.requires_grad
    assert [m.training for m in net.modules()] == modes
    assert all(torch.equal(value, before[name]) for name, value in net.to("cpu").state_dict().items())
    assert all(parameter.grad is None for parameter in net.parameters())
    assert torch.is_grad_enabled()


@pytest.mark.parametrize(("count", "batch_size"), [(0, 256), (5, 0)])
def test_predict_refuses_nothing_at_all(count, batch_size):
    with pytest.raises(ValueError, match=f"{count} images, batch_size={batch_size}"):
        training.predict(small_net(), images(count)[0], batch_size)


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
    epochs = fitted(net, training.Segmentation(), (pixels, labels), (pixels, labels), epochs=12, batch_size=8)
    assert epochs[-1].loss < epochs[0].loss and epochs[-1].scores["mean IoU"] > 0.7
    predicted = net(training.place(pixels)).argmax(1).cpu()
    right = (predicted == labels)[:, 1:].double().mean().item()
    assert epochs[-1].scores["pixel accuracy"] == pytest.approx(right)


def test_segmentation_keeps_the_logits_of_one_batch_at_a_time(monkeypatch):
    net, seen = nn.Conv2d(3, 7, 1), []
    pictures, labels = torch.rand(600, 3, 5, 5), torch.randint(0, 7, (600, 5, 5))
    net.register_forward_hook(lambda module, inputs, output: seen.append(weakref.ref(output)))
    alive = []
    monkeypatch.setattr(
        metrics,
        "confusion",
        lambda *args, count=metrics.confusion: alive.append(sum(r() is not None for r in seen)) or count(*args),
    )
    scores = training.Segmentation().scores(net, (pictures, labels))
    assert alive == [1] * 10  # batches of at most 64 images
    monkeypatch.undo()
    counts = metrics.confusion(training.predict(net, pictures).argmax(1).cpu(), labels, 7)
    assert scores == {"mean IoU": metrics.mean_iou(counts), "pixel accuracy": metrics.pixel_accuracy(counts)}


def test_clip_bounds_the_step():
    before, bounded, free = (small_net() for _ in range(3))
    for net, clip in ((bounded, 1e-4), (free, None)):
        fitted(net, optimizer=torch.optim.SGD(net.parameters(), lr=0.1), epochs=1, clip=clip)
    assert (weights(bounded) - weights(before)).norm() < 0.1 * 4 * 1e-4 < (weights(free) - weights(before)).norm()


def test_adamw_trains_what_is_not_frozen():
    net = small_net()
    net[0].requires_grad_(False)
    assert sum(p.numel() for group in training.adamw(net).param_groups for p in group["params"]) == 10 + 12


def test_an_optimizer_that_is_passed_in_keeps_its_learning_rate_also_after_an_interrupt():
    net = small_net()
    optimizer = training.sgd(net, 0.3)
    for objective in (Recording(), Recording(stop=3), Recording()):
        with contextlib.suppress(training.Stopped):
            training.train(net, images(), epochs=2, objective=objective, batch_size=16, optimizer=optimizer)
        assert [group["lr"] for group in optimizer.param_groups] == [0.3]
    next(iter(training.fit(net, images(), optimizer=optimizer)))  # and where only one epoch is taken
    assert optimizer.param_groups[0]["lr"] == 0.3


def test_an_interrupt_of_the_preparation_stops_with_one_sentence_and_no_epochs():
    def interrupted(model):
        raise KeyboardInterrupt

    training.train(small_net(), images(), epochs=1)
    with pytest.raises(training.Stopped, match=r"^Stopped: 'a net' before it began\. .*`training\.latest\(\)`"):
        training.train(small_net(), images(), optimizer=interrupted, label="a net")
    assert training.latest() == {"a net": []}


def test_a_refused_call_leaves_the_latest_epochs():
    history = training.train(small_net(), images(), epochs=1)
    with pytest.raises(ValueError):
        training.train(small_net(), images(), epochs=0, label="another")
    assert training.latest() == {"training": history}


INTERRUPTED = """
import _thread, sys, threading
import torch
from torch import nn
from cnnlib import training

class Interrupting:
    left, at_work = 100, []

    def find_spec(self, name, path=None, target=None):
        if name.startswith("torch."):
            self.left -= 1
            if "_dynamo" in name:
                self.at_work.append(threading.current_thread() is threading.main_thread())
            if not self.left:
                _thread.interrupt_main()

sys.meta_path.insert(0, Interrupting())
net, data = nn.Sequential(nn.Flatten(), nn.Linear(3, 2)), (torch.rand(8, 3, 1, 1), torch.zeros(8).long())
try:
    training.train(net, data, epochs=1, batch_size=4)
except training.Stopped as stopped:
    print(stopped)
print(len(training.train(net, data, epochs=1, batch_size=4)), "epoch", any(Interrupting.at_work))
"""


@pytest.mark.slow
def test_an_interrupt_while_torch_loads_what_an_optimizer_needs_leaves_torch_whole():
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    stopped, again = done.stdout.splitlines()
    assert stopped.startswith("Stopped: 'training' before it began.")
    assert again == "1 epoch False"  # and no part of it was loaded in the main thread
