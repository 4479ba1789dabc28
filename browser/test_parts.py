"""The cells that explorers need: found by name, through other statements, with the training of the network they show."""

# ruff: noqa: D103

import ast

import pytest

from browser import parts

CELLS = """
import torch
from cnnlib.explorers import GridExplorer, OverlapExplorer
unused = torch.ones(3)
size = 8
net = build(size)
size = 9
training.train(net, scenes)
training.train(other, scenes)
"""


def chosen(show):
    return [ast.unparse(one) for one in parts.needed(ast.parse(CELLS).body, ast.parse(show).body[0])]


def test_only_what_is_named_is_kept_and_the_training():
    assert chosen("GridExplorer()") == ["from cnnlib.explorers import GridExplorer, OverlapExplorer"]
    kept = chosen("GridExplorer(net)")
    assert kept == [
        "from cnnlib.explorers import GridExplorer, OverlapExplorer",
        "size = 8",
        "net = build(size)",
        "training.train(net, scenes)",
    ]


@pytest.mark.parametrize(
    ("training", "kept"),
    [
        ("training.train(net, scenes)", True),
        ("epochs = training.train(net, scenes)", True),
        ("training.compare({'one': net, 'two': other}, scenes)", True),
        ("histories = training.compare({'two': other}, scenes)", False),
        ("print(net)", False),
    ],
)
def test_whatever_trains_a_network_is_kept(training, kept):
    statements = ast.parse(f"net = build()\n{training}").body
    assert len(parts.needed(statements, ast.parse("GridExplorer(net)").body[0])) == 1 + kept


@pytest.mark.parametrize(
    "source", ["def f(x):\n    return y", "class f(y):\n    pass", "import f.g", "from y import g as f", "f, (g, h) = y"]
)
def test_what_a_statement_binds(source):
    assert "f" in parts.names(ast.parse(source).body[0], ast.Store)


def test_every_lesson_has_an_explorer_in_the_notebook():
    notebook, places = parts.explorers()
    assert {name[:2] for name in places} == {f"{number:02d}" for number in range(1, 12)} - {"02"}
    assert all(parts.EXPLORER.match(notebook.cells[index].source) for index in places.values())
    assert "scenes(1600" not in "".join(cell.source for cell in notebook.cells), "the training is shortened"
