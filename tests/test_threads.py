"""The number of threads: which are tried, and that the fastest is kept, with a clock of our own."""

import os
from types import SimpleNamespace

import pytest
import torch

from cnnlib import threads


@pytest.fixture(autouse=True)
def _as_before():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(("cores", "expected"), [(1, [1]), (2, [1, 2]), (3, [1, 2]), (6, [1, 2, 4]), (8, [1, 2, 4, 8])])
def test_candidates_double_up_to_the_cores(cores, expected, monkeypatch):
    monkeypatch.delenv("CNNLIB_THREADS", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(cores)), raising=False)
    assert threads.candidates() == expected
    monkeypatch.delattr(os, "sched_getaffinity")  # as on macOS and Windows
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert threads.candidates() == expected


def test_the_environment_names_the_one_candidate(monkeypatch):
    monkeypatch.setenv("CNNLIB_THREADS", "3")
    assert threads.candidates() == [3]


@pytest.mark.parametrize("bad", ["0", "-1", "two", "1.5"])
def test_a_bad_number_is_refused(bad, monkeypatch):
    monkeypatch.setenv("CNNLIB_THREADS", bad)
    with pytest.raises(ValueError, match=f"CNNLIB_THREADS.*'{bad}'"):
        threads.candidates()


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


def test_one_candidate_is_the_one(run):
    pace = threads.FastestThreads([2])
    assert run(pace, 3, {2: 1.0}, slow=(1,)) == [2, 2, 2]
    assert pace.best == 2


@pytest.mark.parametrize("steps", range(2, 10))
def test_between_steps_the_fastest_so_far_is_in_force(steps, run):
    run(threads.FastestThreads([1, 2]), steps, {1: 1.0, 2: 3.0})
    assert torch.get_num_threads() == 1  # an epoch may end amid the trials; what follows must not run on the slow one
