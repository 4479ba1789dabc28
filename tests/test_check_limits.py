"""Answers that do not end, and learners who do not wait: the time limit and the interrupt."""

import signal
import sys
import threading
import time

import pytest
from checked import line_of
from samples import DOUBLE, FOUR

from cnnlib.checks import WrongAnswer
from cnnlib.checks.engine import limits


def endless(x):
    while True:
        pass


def endless_that_swallows_exceptions(x):
    while True:
        try:
            time.sleep(0.001)
        except Exception:
            pass


def endless_that_swallows_everything(x):
    while True:
        try:
            sum(range(1000))
        except:  # noqa: E722 - as learners write it
            pass


def endless_in_long_steps(x):
    while True:
        try:
            time.sleep(0.05)
        except:  # noqa: E722 - as learners write it
            pass


def endless_in_two_layers(x):
    while True:
        try:
            endless_in_long_steps(x)
        except BaseException:
            continue


def endless_that_goes_on_in_a_finally(x):
    try:
        endless(x)
    finally:
        endless(x)


def endless_printing(x):
    while True:
        print("on and on")


ENDLESS = [
    endless,
    endless_that_swallows_exceptions,
    endless_that_swallows_everything,
    endless_in_long_steps,
    endless_in_two_layers,
    endless_that_goes_on_in_a_finally,
    endless_printing,
]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="only POSIX systems can interrupt a function")
@pytest.mark.parametrize("answer", ENDLESS)
def test_an_endless_loop_is_stopped(answer, monkeypatch, capsys):
    monkeypatch.setattr(limits, "SECONDS", 0.2)
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(
        WrongAnswer, match=r"✘ double: still running after 0.2 seconds; look for a loop that does not end, on x"
    ):
        DOUBLE(answer)
    assert signal.getsignal(signal.SIGALRM) is before
    assert line_of(DOUBLE, lambda x: 2 * x) == "✔ double"
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)  # no alarm is left to go off later


def interrupt_soon():
    threading.Timer(0.2, signal.raise_signal, [signal.SIGINT]).start()


@pytest.mark.slow
@pytest.mark.parametrize("answer", [endless, endless_that_swallows_exceptions, lambda x: time.sleep(60) or 2 * x])
def test_the_learner_s_own_interrupt_is_no_answer(answer):
    DOUBLE.solved = True
    interrupt_soon()
    with pytest.raises(KeyboardInterrupt):
        DOUBLE(answer)
    assert DOUBLE.solved is None


def test_an_interrupt_that_an_answer_swallows_is_raised_in_the_end(monkeypatch):
    monkeypatch.setattr(limits, "SECONDS", 0.5)

    def interrupted(x):
        try:
            signal.raise_signal(signal.SIGINT)
        except:  # noqa: E722 - as learners write it
            endless_that_swallows_everything(x)

    with pytest.raises(KeyboardInterrupt):
        DOUBLE(interrupted)


@pytest.mark.parametrize("answer", [..., 5, lambda x: x, lambda x: sys.exit(0)])
def test_no_verdict_of_before_remains(answer, capsys):
    FOUR.solved = True
    if answer is ...:
        FOUR(answer)
    else:
        with pytest.raises(WrongAnswer):
            FOUR(answer)
    assert FOUR.solved is (None if answer is ... else False)
