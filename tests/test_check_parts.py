"""Parts of the check engine by themselves: copies, gradients that are cut off, parameters that are counted."""

import torch
from torch import nn

from cnnlib.checks.engine import training
from cnnlib.checks.engine.copies import copied
from cnnlib.checks.engine.gradients import CUTS, cut_off


def test_a_tensor_with_a_graph_is_cloned_and_its_gradient_goes_on():
    leaf = torch.ones(3, requires_grad=True)
    given = 2 * leaf
    clone = copied(given)
    assert clone.data_ptr() != given.data_ptr() and torch.equal(clone, given)
    clone.sum().backward()
    assert leaf.grad.tolist() == [2, 2, 2]


def test_a_negative_gradient_arrives_too():
    said = cut_off("x", torch.tensor([-1.0, 0.0]), torch.tensor([-1.0, 2.0]))
    assert said == f"its gradient does not reach all of `x`: {CUTS} cuts it off"


def test_too_few_parameters_are_a_layer_used_twice_and_too_many_are_counted():
    small, large = nn.Linear(3, 2), nn.Linear(3, 4)
    assert training._wrong_count(small, small) is None
    assert "8 parameters where 16 are expected; is a layer used twice?" in training._wrong_count(small, large)
    assert "16 parameters where 8 are expected; which of them are too many?" in training._wrong_count(large, small)
