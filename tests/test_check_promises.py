"""What the statements of the exercises promise, read from the lessons and not from the checks."""

import math
import re

import pytest
import torch
from checked import CHECKS, FUNCTIONS, line_of
from torch import nn

from cnnlib.checks.engine.places import right_where
from cnnlib.checks.engine.structure import _many
from tools.exercises import exercise_of, with_answers
from tools.texts import texts, written

TRAINED = {  # exercises that ask for something to be learned from -> the inputs that its gradient has to reach
    "densenet.cross_stage": ("x",),
    "faster_rcnn.box_loss": ("deltas",),
    "faster_rcnn.focal": ("logits",),
    "faster_rcnn.pool": ("x",),
    "resnet.zero_padded": ("x",),
    "training.batch_norm": ("x", "weight", "bias"),
    "training.cross_entropy": ("logits",),
    "yolo.cell_loss": ("predicted", "probabilities"),
}
COUNTS = {"whole": 0, "one": 1, "two": 2, "three": 3, "four": 4}
CHOSEN = {"rcnn.operating": 2}  # the answer is one of the numbers in the statement, which have two decimals
DIGITS = re.compile(rf"\b({'|'.join(COUNTS)})\s+(?:decimals?|percent)\b")


def exercises():
    """Yield the check, the statement and the solved code of every exercise."""
    for text in texts():
        statement, lesson = "", text.stem.partition("_")[2]
        for cell in written(text).cells:
            name = exercise_of(cell)
            if cell.cell_type == "markdown" and ":::{exercise}" in cell.source:
                statement = cell.source
            elif cell.cell_type == "code" and name:
                yield f"{lesson}.{name}", statement, with_answers(cell.source)


EXERCISES = {check: (statement, code) for check, statement, code in exercises()}
VALUES = [name for name in EXERCISES if not CHECKS[name].cases]


def test_every_exercise_is_found():
    assert set(EXERCISES) == set(CHECKS)


@pytest.mark.parametrize("name", VALUES)
def test_the_answer_of_the_lesson_is_right(name):
    code, names = EXERCISES[name][1], {"math": math, "torch": torch, "nn": nn}
    answer = code[: code.index("check.")]
    argument = code[code.index("check.") :].partition("(")[2].rpartition(")")[0]
    try:
        exec(answer, names)
    except NameError as missing:
        pytest.skip(f"the answer is computed from what the lesson made: {missing}")
    assert line_of(CHECKS[name], eval(argument, names)).startswith("✔")


def test_a_gradient_is_demanded_of_all_that_is_trained():
    assert {name: check.gradients for name, check in FUNCTIONS.items() if check.gradients} == TRAINED


@pytest.mark.parametrize("name", EXERCISES)
def test_decimals_are_those_that_the_statement_asks_for(name):
    asked = DIGITS.findall(EXERCISES[name][0])
    assert [CHECKS[name].digits] == ([COUNTS[word] for word in asked] or [CHOSEN.get(name)])


def test_no_layer_is_said_in_a_word_and_any_other_number_in_digits():
    assert [_many(count) for count in (0, 1, 2)] == ["no", "1", "2"]


def test_where_two_properties_fit_none_is_named():
    cases = [dict(stride=1, padding=0)] * 2 + [dict(stride=2, padding=3)] * 2
    assert right_where(cases, [True, True, False, False]) is None
    assert right_where([dict(stride=case["stride"]) for case in cases], [True, True, False, False]) == "`stride` is 1"
