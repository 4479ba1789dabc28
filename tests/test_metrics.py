"""Accuracy on tables small enough to count by hand."""

import pytest
import torch

from cnnlib.metrics import accuracy

SCORES = torch.tensor([[0.1, 0.7, 0.2], [0.5, 0.3, 0.4], [-3.0, -2.0, -1.0], [0.0, 2.0, 9.0], [8.0, 1.0, 1.0]])


@pytest.mark.parametrize(
    ("labels", "expected"),
    [([1, 0, 2, 2, 0], 1), ([0, 1, 0, 1, 2], 0), ([1, 0, 2, 0, 1], 3 / 5), ([1, 1, 1, 1, 1], 1 / 5)],
)
def test_accuracy_counts_the_rows_whose_highest_score_is_right(labels, expected):
    assert accuracy(SCORES, torch.tensor(labels)) == expected
    assert type(accuracy(SCORES, torch.tensor(labels))) is float


@pytest.mark.parametrize(
    ("scores", "labels", "numbers"),
    [
        ((5, 3), (4,), r"\(5, 3\), \(4,\)"),
        ((5,), (5,), r"\(5,\), \(5,\)"),
        ((5, 3), (5, 1), r"\(5, 1\)"),
        ((0, 3), (0,), r"\(0,\)"),
    ],
)
def test_shapes_that_disagree_are_refused(scores, labels, numbers):
    with pytest.raises(ValueError, match=numbers):
        accuracy(torch.zeros(scores), torch.zeros(labels, dtype=torch.long))
