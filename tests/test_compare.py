"""Several trainings at once: numbers that depend on nothing but themselves, one interrupt, one exception, one sentence."""

import _thread
import threading
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from cnnlib import seeds, side_by_side, threads, training
from cnnlib.detection import anchors

DEVICE = training.place(torch.zeros(1)).device


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def at_once(monkeypatch):
    """Choose how many trainings run at once, whatever the machine is."""
    return lambda count: monkeypatch.setattr(training, "workers", lambda jobs: count)


def images(count=67, seed=2):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(0, 2, (count,), generator=generator)
    return torch.rand(count, 3, 7, 5, generator=generator) * 0.7 + 0.3 * labels.view(-1, 1, 1, 1), labels


class NoisyPixels(nn.Module):
    """A dropout of the learner's own, which no list of classes knows."""

    def forward(self, x):
        return x * (torch.rand(x.shape).to(x.device) > 0.3) if self.training else x


class Sampled(training.Classification):
    """Learns from a random half of each batch, drawn from the generator of the training."""

    def loss(self, model, *batch):
        images, labels = batch
        half = torch.rand(len(images), generator=seeds.generator()).to(images.device) > 0.5
        return super().loss(model, images[half], labels[half])


def net(*layers, width=5, seed=0):
    seeds.seed(seed)
    body = nn.Conv2d(3, width, 3), nn.BatchNorm2d(width), nn.ReLU(), *layers
    return nn.Sequential(*body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 2))


def runs():
    """Networks and options of many kinds, some of which draw random numbers while they train."""
    return {
        "plain": net(),
        "wide, longer": training.Run(net(width=11), epochs=3, rate=0.03),
        "another seed": training.Run(net(), seed=1, batch_size=8),
        "dropout": net(nn.Dropout(0.3)),
        "a dropout of its own": net(NoisyPixels()),
        "other data": training.Run(net(), data=images(31), valid=images(13), optimizer=training.adamw, clip=0.1),
        "sampled": training.Run(net(), objective=Sampled()),
    }


def running():
    return [thread for thread in threading.enumerate() if "ThreadPool" in thread.name]


def weights(run):
    model = run.model if isinstance(run, training.Run) else run
    return torch.cat([value.detach().cpu().flatten().double() for value in model.state_dict().values()])


def trained(given, **options):
    torch.manual_seed(5)  # where the random numbers of the trainings start
    histories = training.compare(given, images(), **{"epochs": 2, "batch_size": 16, **options})
    return {name: (histories[name], weights(run)) for name, run in given.items()}


def equal(a, b):
    return a.keys() == b.keys() and all(a[name][0] == b[name][0] and torch.equal(a[name][1], b[name][1]) for name in a)


@pytest.fixture
def alone():
    """Each network trained by itself with `train`, on one thread, from the same state of torch's generator."""
    results = {}
    for name, run in runs().items():
        options = {"data": images(), "epochs": 2, "batch_size": 16, **getattr(run, "options", {})}
        torch.manual_seed(5)
        results[name] = training.train(getattr(run, "model", run), **options), weights(run)
    return results


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("order", [1, -1, 3])
def test_numbers_depend_neither_on_order_nor_on_how_many_run_at_once(count, order, at_once, alone):
    at_once(count)
    names = sorted(runs(), key=lambda name: name[order % len(name)])[:: 1 if order > 0 else -1]
    assert equal(trained({name: runs()[name] for name in names}), {name: alone[name] for name in names})


@pytest.mark.parametrize("count", [1, 2])
def test_a_comparison_leaves_the_global_generator_the_threads_and_the_mode_of_gradients_alone(count, at_once):
    at_once(count)
    given, before = runs(), 3
    torch.set_num_threads(before)
    torch.manual_seed(5)
    state = torch.get_rng_state()
    training.compare(given, images(), epochs=1, batch_size=16)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == before and torch.is_grad_enabled()
    assert seeds.generator() is None


class Together(training.Classification):
    """Waits in its first steps for the others: only trainings that run at once get any further."""

    def __init__(self, barrier):
        self.barrier = barrier

    def __deepcopy__(self, memo):  # a barrier cannot be copied; the copy is for the first look at what draws
        return training.Classification()

    def loss(self, model, *batch):
        self.barrier.wait(timeout=60)
        return super().loss(model, *batch)


def test_two_at_once_are_two_at_once_with_one_thread_each(at_once, monkeypatch):
    at_once(2)
    monkeypatch.setenv("CNNLIB_THREADS", "")
    monkeypatch.setattr(threads, "cores", lambda: 4)  # one training alone would try 1, 2 and 4
    barrier, counts = threading.Barrier(2, action=lambda: counts.append(torch.get_num_threads())), []
    histories = training.compare({"a": net(), "b": net()}, images(), epochs=1, batch_size=16, objective=Together(barrier))
    assert [len(history) for history in histories.values()] == [1, 1]
    assert counts == [1] * 4


def test_networks_that_draw_from_the_global_generator_run_alone(at_once):
    at_once(2)
    busy, most = set(), []

    class Counting(training.Classification):
        def loss(self, model, *batch):
            if threading.current_thread() is threading.main_thread():
                most.append(set(busy))
            busy.add(id(model))
            try:
                return super().loss(model, *batch)
            finally:
                busy.discard(id(model))

    given = {"dropout": net(nn.Dropout()), "plain": net(), "other": net(), "noisy": net(NoisyPixels())}
    training.compare(given, images(), epochs=1, batch_size=16, objective=Counting())
    assert len(most) == 2 * 4 + 4  # steps of the two in this thread, and the first look at all four
    assert not any(most)


def test_what_draws_is_seen_by_what_it_does():
    x = torch.ones(2, 3, 8, 8)
    matches = torch.tensor([[2, -1, 0, -1, -2, -1, 1, -1]])
    for layer in (
        nn.Dropout(),
        nn.Dropout2d(),
        nn.AlphaDropout(),
        nn.RReLU(),
        nn.FractionalMaxPool2d(2, output_size=4),
        NoisyPixels(),
    ):
        assert seeds.draws_globally(lambda layer=layer: layer(x)), layer
    for layer in (nn.Conv2d(3, 2, 3), nn.BatchNorm2d(3), nn.Dropout().eval(), nn.MaxPool2d(2), nn.GELU()):
        before = torch.get_rng_state()
        assert not seeds.draws_globally(lambda layer=layer: layer(x)), layer
        assert torch.equal(before, torch.get_rng_state())
    assert seeds.draws_globally(lambda: anchors.sample(matches, 4, 0.25))
    with seeds.drawing_from(torch.Generator()):
        assert not seeds.draws_globally(lambda: anchors.sample(matches, 4, 0.25))


def test_sampling_draws_from_the_generator_of_the_training_what_the_global_one_would_give():
    matches = torch.randint(-2, 3, (3, 500))
    torch.manual_seed(3)
    expected = anchors.sample(matches, 64, 0.5)
    with seeds.drawing_from(torch.Generator().manual_seed(3)):
        assert torch.equal(anchors.sample(matches, 64, 0.5), expected)


class Failing(training.Classification):
    """Does `what` at step `number`."""

    def __init__(self, number, what):
        self.left, self.what = number, what

    def loss(self, model, *batch):
        self.left -= 1
        if not self.left:
            self.what()
        return super().loss(model, *batch)


def wrong():
    raise RuntimeError("no such layer")


@pytest.mark.parametrize("count", [1, 2, 3])
def test_an_exception_in_one_stops_the_others_and_is_raised_once(count, at_once):
    at_once(count)
    given = {"good": training.Run(net(), epochs=10_000), "bad": training.Run(net(), objective=Failing(6, wrong))}
    if count == 1:
        given = dict(reversed(given.items()))
    with pytest.raises(RuntimeError, match="no such layer") as raised:
        training.compare(given, images(), batch_size=16)
    assert raised.value.__notes__ == ["This happened in the training 'bad'."]
    assert raised.value.__context__ is None
    assert len(training.latest()["bad"]) == 1 and len(training.latest()["good"]) < 10_000
    assert not running()


@pytest.mark.parametrize("count", [1, 2])
def test_one_interrupt_stops_all_with_one_sentence_and_keeps_what_was_learned(count, at_once):
    at_once(count)
    given = {
        "first": training.Run(net(), objective=Failing(6, _thread.interrupt_main), epochs=10_000),
        "second": training.Run(net(), epochs=10_000),
        "third": training.Run(net(seed=3), epochs=10_000),
    }
    before = {name: weights(run) for name, run in given.items()}
    with pytest.raises(training.Stopped) as stopped:
        training.compare(given, images(), batch_size=16)
    histories = training.latest()
    ends = ", ".join(f"{name!r} after {len(history)} of 10000 epochs" for name, history in histories.items())
    [sentence] = stopped.value._render_traceback_()
    assert sentence.startswith(f"Stopped: {ends}. The networks keep what they have learned")
    assert not torch.equal(weights(given["first"]), before["first"])
    assert histories["first"] and [epoch.number for epoch in histories["first"]] == list(range(1, len(histories["first"]) + 1))
    assert torch.equal(weights(given["third"]), before["third"])
    with pytest.raises(IndexError, match="no epoch of this training has ended"):
        histories["third"][-1]
    assert not running()


def test_networks_that_share_weights_are_refused_and_a_frozen_body_may_be_shared():
    body = nn.Conv2d(3, 5, 3)
    heads = [nn.Sequential(body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 2)) for _ in range(2)]
    with pytest.raises(ValueError, match=r"'a' and 'b' share `0\.weight`"):
        training.compare(dict(zip("ab", heads, strict=True)), images())
    with pytest.raises(ValueError, match=r"'a' and 'b' share"):
        training.compare({"a": heads[0], "b": training.Run(heads[0], seed=1)}, images())
    body.requires_grad_(False)
    assert len(training.compare(dict(zip("ab", heads, strict=True)), images(), epochs=1)) == 2
    norm = nn.BatchNorm2d(3).requires_grad_(False)  # its running statistics would be those of both
    with pytest.raises(ValueError, match=r"share `0\.running_mean`"):
        training.compare({name: nn.Sequential(norm, net()) for name in "ab"}, images())


@pytest.mark.parametrize(
    ("device", "fixed", "cores", "expected"),
    [("cpu", "", 1, 1), ("cpu", "", 2, 2), ("cpu", "", 64, 5), ("cpu", "1", 8, 1), ("cpu", "4", 8, 1), ("cuda", "", 8, 1)],
)
def test_one_after_another_on_one_core_a_gpu_and_where_the_threads_are_fixed(device, fixed, cores, expected, monkeypatch):
    monkeypatch.setenv("CNNLIB_THREADS", fixed)
    monkeypatch.setattr(side_by_side, "device", SimpleNamespace(type=device))
    monkeypatch.setattr(side_by_side, "cores", lambda: cores)
    assert side_by_side.workers(5) == expected


def test_fixed_threads_are_the_threads_of_each_training(monkeypatch):
    monkeypatch.setenv("CNNLIB_THREADS", "2")
    assert threads.fixed() == 2
    used = []
    training.compare({"a": net()}, images(), epochs=1, objective=Failing(1, lambda: used.append(torch.get_num_threads())))
    assert used == [2] or DEVICE.type != "cpu"


def test_a_step_of_a_comparison_computes_the_loss_once(at_once):
    at_once(2)
    calls = []

    def note(module, inputs):
        calls.append(module.training)

    model = net()
    model[0].register_forward_pre_hook(note)
    training.compare({"a": model, "b": net()}, images(), epochs=1, batch_size=16)
    assert len(calls) == 4 + 1  # and the first look at what draws


class Keeping(nn.Conv2d):
    """Keeps its last output, which is not a leaf: such a network cannot be copied once it has run."""

    def forward(self, x):
        self.last = super().forward(x)
        return self.last


def test_networks_that_cannot_be_copied_are_trained_alone(at_once):
    at_once(2)
    given = {"keeping": nn.Sequential(Keeping(3, 3, 1), net()), "plain": net()}
    given["keeping"](images()[0])
    histories = training.compare(given, images(), epochs=1, batch_size=16)
    assert [len(history) for history in histories.values()] == [1, 1]


class Penalty(training.Classification):
    """Asks for the gradient with respect to the images: the first look at what draws must allow for that."""

    def loss(self, model, *batch):
        pixels = batch[0].clone().requires_grad_()
        loss = super().loss(model, pixels, batch[1])
        [gradient] = torch.autograd.grad(loss, pixels, create_graph=True)
        return loss + gradient.square().mean()


class DropoutWhileScoring(training.Classification):
    """Measures with dropout, as Monte Carlo dropout does (Gal and Ghahramani 2015)."""

    def scores(self, model, data):
        return {"mean": torch.nn.functional.dropout(data[0]).mean().item()}


@pytest.mark.parametrize(("objective", "together"), [(Penalty(), True), (DropoutWhileScoring(), False)])
def test_gradients_and_scores_in_an_objective_give_the_same_numbers_at_once(objective, together, at_once):
    results = []
    for count in (1, 2):
        at_once(count)
        results.append(trained({"a": net(), "b": net(seed=1)}, valid=images(13), objective=objective))
    assert equal(*results)
    assert training.fit(net(), images(), images(13), objective=objective).draws() is not together


@pytest.mark.parametrize("count", [1, 2])
def test_the_callers_modes_hold_in_every_training(count, at_once):
    at_once(count)
    dtypes = set()

    class Noting(training.Classification):
        def loss(self, model, *batch):
            dtypes.add(model(batch[0]).dtype)
            return super().loss(model, *batch)

    with torch.autocast(DEVICE.type, torch.bfloat16):
        training.compare({"a": net(), "b": net()}, images(), epochs=1, objective=Noting())
    assert dtypes == {torch.bfloat16}
    with torch.no_grad(), pytest.raises(ValueError, match=r"training needs gradients.*no_grad"):
        training.compare({"a": net(), "b": net()}, images(), epochs=1)
