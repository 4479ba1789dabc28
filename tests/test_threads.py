"""The number of threads: which are tried, and that the fastest is kept, with a clock of our own."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from cnnlib import threads, training


@pytest.fixture(autouse=True)
def _as_before(monkeypatch):
    monkeypatch.setattr(threads, "REMEMBERED", {})
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("cores", "expected"), [(1, [1]), (2, [1, 2]), (3, [1, 2]), (6, [1, 2, 4]), (8, [1, 2, 4, 8]), (64, [1, 2, 4, 8])]
)
def test_candidates_double_up_to_the_cores_but_not_beyond_what_helps(cores, expected, monkeypatch):
    monkeypatch.delenv("CNNLIB_THREADS", raising=False)
    monkeypatch.setattr(threads, "cores", lambda: cores)
    assert threads.candidates() == expected


def test_the_environment_names_the_one_candidate(monkeypatch):
    monkeypatch.setenv("CNNLIB_THREADS", "3")
    assert threads.candidates() == [3]


@pytest.mark.parametrize("bad", ["0", "-1", "two", "1.5", "257", "99999"])
def test_a_bad_number_is_refused(bad, monkeypatch):
    monkeypatch.setenv("CNNLIB_THREADS", bad)
    with pytest.raises(ValueError, match=f"CNNLIB_THREADS.*'{bad}'"):
        threads.candidates()
    net, data = nn.Sequential(nn.Flatten(), nn.Linear(3, 2)), (torch.zeros(8, 3), torch.zeros(8).long())
    with pytest.raises(ValueError, match=f"CNNLIB_THREADS.*'{bad}'"):
        training.fit(net, data, batch_size=4)  # before it is iterated over


@pytest.fixture
def run(monkeypatch):
    """Run steps on a clock that a step moves on by `seconds[threads]`: 9 times that on a count's first, and in those `slow`."""
    clock = SimpleNamespace(now=0.0, perf_counter=lambda: clock.now)
    monkeypatch.setattr(threads, "time", clock)
    warm = set()

    def run(pace, steps, seconds, slow=()):
        used = []
        for number in range(steps):
            with pace.step():
                used.append(torch.get_num_threads())
                clock.now += seconds[used[-1]] * (9 if number in slow or used[-1] not in warm else 1)
                warm.add(used[-1])
        return used

    return run


@pytest.mark.parametrize(
    ("seconds", "slow", "best"),
    [
        ({1: 1.0, 2: 3.0}, (), 1),
        ({1: 5.0, 2: 4.0}, (), 2),
        ({1: 5.0, 2: 4.0}, (20,), 2),  # disturbed once
        ({1: 1.0, 2: 1.0}, (), 1),
        ({1: 5.0, 2: 3.0, 4: 2.0, 8: 6.0}, (), 4),
    ],
)
def test_the_fastest_count_is_found_and_kept(seconds, slow, best, run):
    pace = threads.FastestThreads(list(seconds))
    assert pace.best == 1
    used = run(pace, 40, seconds, slow)
    assert set(used) == set(seconds)  # all were tried
    assert used[-10:] == [best] * 10
    assert pace.best == torch.get_num_threads() == best


def test_a_count_far_too_slow_is_soon_left_alone(run):
    assert run(threads.FastestThreads([1, 2]), 40, {1: 1.0, 2: 30.0}).count(2) <= 2


def test_a_machine_that_changes_is_noticed_within_a_few_steps(run):
    pace = threads.FastestThreads([1, 2])
    assert run(pace, 20, {1: 1.0, 2: 0.6})[-1] == 2
    used = run(pace, 20, {1: 1.0, 2: 6.0})
    assert used[-10:] == [1] * 10
    assert used.count(2) <= 3


def test_the_first_race_times_every_candidate_as_often_as_trials_says(run):
    used = run(threads.FastestThreads([1, 2, 4]), 40, {1: 1.0, 2: 1.1, 4: 1.2})
    assert [used.count(count) for count in (2, 4)] == [threads.TRIALS + 1] * 2  # one more to warm up
    assert threads.TRIALS == 3


@pytest.mark.parametrize(("ratio", "left_alone"), [(0.95, False), (1.05, True)])
def test_out_of_the_race_is_who_takes_more_than_slower_times_the_best(ratio, left_alone, run):
    used = run(threads.FastestThreads([1, 2]), 40, {1: 1.0, 2: threads.SLOWER * ratio})
    assert used.count(2) == (2 if left_alone else threads.TRIALS + 1)
    assert threads.SLOWER == 4.0


def test_the_choice_is_remembered_and_only_its_neighbours_are_tried_again(run):
    seconds = {1: 5.0, 2: 4.0, 4: 2.0, 8: 3.0, 16: 9.0}
    run(threads.FastestThreads(list(seconds)), 60, seconds)
    pace = threads.FastestThreads(list(seconds))  # of the next training
    assert pace.best == 4
    used = run(pace, 60, seconds)
    assert set(used) == {2, 4, 8}
    assert used.count(2) == used.count(8) == 2  # to warm up, and once
    assert used[-50:] == [4] * 50


def test_after_an_epoch_only_the_neighbours_of_the_best_are_tried_again(run):
    seconds = {1: 1.0, 2: 1.2, 4: 1.5, 8: 2.0}
    pace = threads.FastestThreads(list(seconds))
    run(pace, 40, seconds)
    pace.check()
    assert set(run(pace, 10, seconds)) == {1, 2}


def test_a_remembered_choice_is_given_up_when_the_machine_has_changed(run):
    run(threads.FastestThreads([1, 2]), 20, {1: 1.0, 2: 0.6})
    used = run(threads.FastestThreads([1, 2]), 20, {1: 1.0, 2: 30.0})  # another program came between two trainings
    assert used[-10:] == [1] * 10
    assert used.count(2) <= 3
    run(threads.FastestThreads([1, 2, 4]), 40, {1: 1.0, 2: 0.6, 4: 0.3})  # more cores: other candidates, a race of all
    assert threads.REMEMBERED == {(1, 2): 1, (1, 2, 4): 4}


@pytest.mark.parametrize("step", range(8))
def test_an_interrupt_in_any_step_of_a_race_leaves_the_fastest_so_far_in_force(step, run):
    pace = threads.FastestThreads([1, 2])
    run(pace, step, {1: 1.0, 2: 30.0})
    with pytest.raises(KeyboardInterrupt), pace.step():
        raise KeyboardInterrupt
    assert torch.get_num_threads() == pace.best == 1
    assert step > 5 or not threads.REMEMBERED  # a race that was not finished is not remembered


def test_one_candidate_is_the_one(run):
    pace = threads.FastestThreads([2])
    assert run(pace, 3, {2: 1.0}, slow=(1,)) == [2, 2, 2]
    assert pace.best == 2


@pytest.mark.parametrize("steps", range(2, 10))
def test_between_steps_the_fastest_so_far_is_in_force(steps, run):
    run(threads.FastestThreads([1, 2]), steps, {1: 1.0, 2: 3.0})
    assert torch.get_num_threads() == 1  # an epoch may end amid the trials; what follows must not run on the slow one
