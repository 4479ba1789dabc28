"""Which cells of a submission run when it is graded: those that a check needs, found from their text."""

import random
import re

import nbformat
import pytest
import torch

from cnnlib.checks import Check
from cnnlib.colours import fix_colours
from tools.assignments import assignment
from tools.exercises import checks_of, with_answers, without_answers
from tools.templates.grading.needed import is_graded, needed
from tools.texts import texts

TEXTS = texts()


def notebook(*sources):
    """Make cells of code, of which those that begin with `answer` are for nbgrader."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    for cell in cells:
        if cell.source.startswith("answer"):
            cell.metadata["nbgrader"] = {"solution": True}
    return cells


def kept(*sources):
    return sorted(needed(notebook(*sources)))


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS, ids=[text.stem for text in TEXTS])
def test_answers_and_checks_need_no_training_no_picture_and_no_guess(text):
    cells = assignment(text).cells
    run = sorted(needed(cells))
    missing = [{**cell, "source": without_answers(cell.source)} if is_graded(cell) else cell for cell in cells]
    assert needed([nbformat.from_dict(cell) for cell in missing]) <= {*run}
    space = {"__name__": "__main__"}
    for index in run:
        tags = set(cells[index].metadata.get("tags", []))
        assert not tags & {"nbval-ignore-output", "guess", "result"}
        exec(with_answers(cells[index].source), space)
    assert len([index for index in run if not is_graded(cells[index])]) <= 2  # imports, in one lesson a helper
    checks = [check for check in vars(checks_of(assignment(text))).values() if isinstance(check, Check)]
    assert checks and all(check.solved for check in checks)
    torch.set_default_dtype(torch.float32)
    fix_colours()  # frees the colours that the lesson fixed


@pytest.mark.parametrize(
    "before",
    [
        "x = 2",
        "for x in range(3): pass",
        "if True:\n    x = 2",
        "def two():\n    global x\n    x = 2\ntwo()",
        "import math as x",
        "class x: pass",
        "(one, [x, *more]) = 1, (2, 3)",
        "x: int = 2",
        "with open(__file__) as x: pass",
        "[x := 2]",
        "x = await two()",
    ],
)
def test_a_cell_that_may_bind_what_an_answer_reads_is_run(before):
    assert kept(before, "y = 1", "answer = x") == [0, 2]


CHANGES = """x[0] = 1; x.shape = 3; x += [1]; x.append(1); fit(x); fit(*x); fit(of=x.items); x.add_(1)
for _ in fit(x): pass; y = zeros_(x[0].weight); del x[0]; with z: x[0].y = 2"""


@pytest.mark.parametrize("change", re.split("; |\n", CHANGES))
def test_a_cell_that_may_change_what_an_answer_reads_is_run(change):
    assert kept("x = []", change, "answer = x") == [0, 1, 2]


def test_lines_that_are_never_reached_need_nothing():
    assert kept("x = train()", "def f():\n    raise NotImplementedError\n    return x", "answer = f()") == [1, 2]
    assert kept("x = train()", "def f(y):\n    if y:\n        return 1\n    return x", "answer = f(0)") == [0, 1, 2]


def test_a_name_that_is_bound_anew_needs_no_earlier_cell():
    assert kept("x = train()", "x = 2", "answer = x") == [1, 2]
    assert kept("x = train()\nx = 2", "x = 3\ny = x", "answer = y") == [1, 2]


def test_what_a_function_reads_may_be_bound_before_or_after_its_definition():
    assert kept("k = 2", "def double(x):\n    return k * x", "k = 3", "answer = double(1)") == [0, 1, 2, 3]
    assert kept("x = train()", "def double(x):\n    return 2 * x", "answer = double(1)") == [1, 2]
    inner = kept("x = train()", "answer = [x for x in range(3)]", "answer = sum(x * x for x in [1])")
    assert inner in ([1, 2], [0, 1, 2])  # from Python 3.12 on, a comprehension's names count as those around it: one cell more


@pytest.mark.parametrize("unclear", ["globals()['x'] = 2", "exec('x = 2')", "from math import *", "%run other.py", "!ls"])
def test_where_the_text_does_not_tell_what_is_read_everything_is_run(unclear):
    assert kept("y = 1", unclear, "answer = 2") == [0, 1, 2]


def test_what_is_no_python_runs_nothing_and_is_no_error():
    assert kept("x = 2", "x = (", "answer = x") == [0, 2]
    assert kept("x = 1", "answer = (") == [1]
    assert kept("x = 1", "answer = " + "(" * 5000) in ([1], [0, 1])


FORMS = """{a} = list({b})
{a} = {b} + [{n}]
{a} += [{n}]
{a}.append({n})
{a}[0] = {n}
{a}.extend(map(f, [{b}]))
{a} = [f({b})]
{a} = [{b}[-1] for {b} in [{c}]]
if {n} % 2: {a} = [{n}, 2]
for {a} in ([{n}], [3]): pass
if len({a}) > 1: del {a}[0]
def f({a}): return sum({b}) + len({a})
f = lambda {a}: len({a} + {c})"""


def program(rng):
    """Write a small notebook at random, with loops, functions and changes in place, that ends with an answer."""
    a, b, c = rng.choices("stuvw", k=3)
    cells = ["\n".join(f"{name} = [{rng.randint(1, 9)}]" for name in "stuvw") + "\nf = len"]
    for _ in range(10):
        a, b, c = rng.choices("stuvw", k=3)
        cells.append(
            "\n".join(
                rng.choice(FORMS.splitlines()).format(a=a, b=b, c=c, n=rng.randint(1, 9)) for _ in range(rng.randint(1, 3))
            )
        )
    return [*cells, f"answer = {rng.choice('stuvw')}, f({rng.choice('stuvw')})"]


@pytest.mark.slow
def test_answers_are_those_of_a_run_of_everything():
    saved = 0
    for seed in range(500):
        sources = program(random.Random(seed))
        run = kept(*sources)
        whole, part = {}, {}
        for index, source in enumerate(sources):
            exec(source, whole)
            if index in run:
                exec(source, part)
        assert part["answer"] == whole["answer"], (run, sources)
        saved += len(sources) - len(run)
    assert saved > 1000  # cells, of 6,000
