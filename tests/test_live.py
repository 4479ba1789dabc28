"""What moves while networks train: bars, and in a notebook a chart, on a clock of our own."""

import sys
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from cnnlib import live, training
from cnnlib.mime import DRAWING


def track(steps=900, per_epoch=300, done=0):
    made = live.Track(steps, per_epoch)
    for step in range(done):
        made.note(torch.tensor(float(step)))
    return made


@pytest.mark.parametrize(("steps", "smooth"), [(8, 1), (100, 2), (900, 10), (90_000, 10)])
def test_a_point_is_the_mean_loss_of_a_few_steps_at_the_end_of_them(steps, smooth):
    noted = live.Track(steps, 4)
    for step in range(3 * smooth):
        noted.note(torch.tensor(float(step), requires_grad=True).detach())
    assert noted.losses == [pytest.approx((smooth - 1) / 2 + k * smooth) for k in range(3)]
    assert noted.epochs == [(k + 1) * smooth / 4 for k in range(3)]


def test_the_chart_has_a_line_per_training_a_legend_and_the_numbers_in_words():
    figure = live.losses({"plain": track(done=200), "residual": track(done=50), "waiting": track()})
    [ax] = figure.axes
    assert [len(line.get_xdata()) for line in ax.lines] == [20, 5, 0]
    assert ax.get_xlim() == (0, 3)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["plain", "residual", "waiting"]
    assert len({(line.get_color(), line.get_linestyle()) for line in ax.lines}) == 3
    assert figure.alt == "Training loss against epochs: plain from 4.50 to 194.50; residual from 4.50 to 44.50."


@pytest.mark.parametrize(("done", "formats"), [(450, {DRAWING}), (900, {"image/png", DRAWING})])
def test_a_chart_that_moves_is_made_fast_and_the_last_one_is_saved_for_every_reader(done, formats):
    bundle, metadata = live.losses({"plain": track(done=done)})._repr_mimebundle_()
    assert set(bundle) == formats | {"text/html", "text/plain"}
    assert next(iter(metadata.values()))["alt"] == bundle["text/plain"]


def test_twelve_lines_can_be_told_apart():
    lines = live.losses({str(k): track(done=20) for k in range(12)}).axes[0].lines
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 12


@pytest.fixture
def notebook(monkeypatch):
    """A kernel that notes what is displayed and updated, at which time of a clock that drawing moves on by `seconds`."""
    clock = SimpleNamespace(now=0.0, seconds=0.0, shown=[], time=lambda: clock.now)
    clock.perf_counter = clock.thread_time = clock.time

    def draw(tracks):
        clock.now += clock.seconds
        return "chart"

    def display(figure, display_id):
        clock.shown.append(clock.now)
        return SimpleNamespace(update=lambda figure: clock.shown.append(clock.now))

    monkeypatch.setattr(live, "time", clock)
    monkeypatch.setattr(live, "losses", draw)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=1)))
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    monkeypatch.setenv("TQDM_DISABLE", "0")
    return clock


def watched(clock, seconds):
    watch = live.Watch({"plain": track()})
    end = clock.now + seconds
    while clock.now < end:
        clock.now += 0.01
        watch.tick()
    watch.close()


@pytest.mark.parametrize("drawing", [0.0, 0.1])
def test_the_chart_is_drawn_at_most_twice_a_second_and_takes_at_most_a_twentieth_of_the_time(drawing, notebook):
    notebook.seconds = drawing
    watched(notebook, 60)
    gaps = [later - earlier for earlier, later in zip(notebook.shown, notebook.shown[1:-1], strict=False)]
    assert min(gaps) >= 0.5
    assert len(notebook.shown) * drawing <= 0.05 * 60 + drawing
    assert len(notebook.shown) > 20


def test_a_first_drawing_that_loads_matplotlib_does_not_stop_the_chart_for_long(notebook):
    notebook.seconds = 0.7
    watched(notebook, 60)
    gaps = [later - earlier for earlier, later in zip(notebook.shown, notebook.shown[1:-1], strict=False)]
    assert max(gaps) <= 3.8


def test_a_short_training_needs_no_chart_and_a_long_one_ends_with_its_last_numbers(notebook):
    watched(notebook, 1.9)
    assert not notebook.shown
    watched(notebook, 3.1)
    assert notebook.shown[-1] == notebook.now


@pytest.mark.parametrize("where", ["script", "terminal", "disabled"])
def test_outside_of_a_notebook_and_where_bars_are_off_there_is_no_chart(where, notebook, monkeypatch):
    shell = {"script": None, "terminal": SimpleNamespace()}.get(where, SimpleNamespace(kernel=1))
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setenv("TQDM_DISABLE", "1" if where == "disabled" else "0")
    watched(notebook, 60)
    assert not notebook.shown


def test_without_ipython_there_is_no_chart(monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "")
    monkeypatch.setitem(sys.modules, "IPython", None)
    assert not live.in_jupyter()


def test_a_comparison_has_a_bar_for_each_that_counts_its_own_steps(monkeypatch, capsys):
    bars = []

    def bar(**options):
        bars.append(tqdm(**options, disable=False))
        return bars[-1]

    tqdm = live.tqdm
    monkeypatch.setattr(live, "tqdm", bar)
    data = torch.rand(20, 3, 5, 5), torch.zeros(20).long()
    nets = [nn.Sequential(nn.Flatten(), nn.Linear(75, 2)) for _ in range(2)]
    training.compare({"a": nets[0], "longer": training.Run(nets[1], epochs=3)}, data, epochs=1, batch_size=5)
    assert [(bar.n, bar.total, bar.desc) for bar in bars] == [(4, 4, "a     "), (12, 12, "longer")]
    assert capsys.readouterr().out == ""
