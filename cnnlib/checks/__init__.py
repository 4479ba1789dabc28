"""Judges of the exercises: one module per lesson, one `Check` per exercise. They know torch, and none of our own answers.

How to write a check
====================

A check is a value. One module holds those of a lesson, in the order of its exercises, each under its own name:

    conv1x1 = Check(
        "conv1x1",
        reference=lambda x, weight: F.conv2d(x, weight[:, :, None, None]),
        cases=[
            dict(x=digits(1, 2, 2, 2), weight=digits(1, 2, seed=1)),              # can be checked on paper
            dict(x=random(2, 3, 5, 7), weight=random(11, 3, seed=1)),             # distinct primes, no zeros
        ],
        mistakes={
            "height and width are exchanged": but(_conv1x1, result=lambda y: y.transpose(2, 3)),
            "the channels are averaged; a filter adds them": but(_conv1x1, result=lambda y, x: y / x.shape[1]),
        },
        hints=["...", "..."],
    )

**Answers** are values (no `cases`) or functions, which are called by position, so that a learner may rename arguments.

**Mistakes** are the right answer with one thing changed, so that the name says all that is wrong:

- `but(right, weight=lambda weight: weight.flip(2, 3))` changes inputs: a value, or a function of the inputs it names;
  `but(right, result=lambda y, x: ...)` changes the result, and may name inputs after it;
- `partial(_reference, option=...)` where the reference was written with options for what can go wrong;
- `positional(lambda x, c, s: ...)` where the names of a case are long;
- a function of its own where neither fits. It may raise one of `REFUSALS` on a case, where it explains errors alone.

A mistake is named only if it gives what the answer gave on *every* case, or raises an error where the answer does: the same
one, if no value is wrong. Order them from the most to the least likely. An answer that no mistake explains is told what holds
of all its results (`engine.relations`, `engine.kinds`), or on which cases it is right (`engine.places`).

**Cases** run from the smallest to the largest; the smallest one that fails is what a message cites and `check.name.show()`
prints. Begin with whole numbers (`digits`), follow with `random` or `uniform`; `layer(nn.Conv2d, 3, 5, 3, seed=1)` makes a
layer. None of them touches a random state. Answers, references and mistakes get deep copies of every input, in a fixed state
(`engine.state`): float32 as the default dtype, gradients on, seeds 0, no time beyond `engine.limits.SECONDS` per case.

**Networks** are looked at with `look=outputs(...)`, and compared by what they output, however their layers are named:

    cases=[dict(c=2, narrow=1), dict(c=7, narrow=2), dict(c=7, narrow=3)],
    look=outputs(digits(1, 2, 3, 3, low=-5, high=5), 1000 * random(2, 7, 5, 11)),

Each case uses the first of these inputs that the right network reads, so their numbers of channels differ. An input of whole
numbers comes first, with a case of one or two channels: there the engine gives the learner's network and the right one the same
whole weights, by their shapes, and batch norm only scales and shifts, so that "expected 5, got 3" can be checked on paper.
`check.name.show()` prints that input and the weights of each layer. Choose a `seed` with which most mistakes can be seen. Then
come random inputs: outputs in evaluation mode, which is what mistakes are compared by; and, once they are right, gradients to
the input and to every weight, the number of parameters, and training mode.

`refusals={pattern: words}` says what torch's refusal to run a network means, on any of the inputs, and `words` can be the name
of a mistake that torch refuses as well; `keys=("1x1", "3x3")` demands the names of its parts; `own_weights=True` leaves the
network's numbers as they are. Any other `look` turns what a function made, or a value, into what is compared.

**Losses** and other functions to be learned from say `gradients=("x",)`: the gradient that reaches these inputs, tensors or
lists of tensors, has to be that of the reference.

**Results** may be tensors, numbers, or tuples, lists and dicts of such (a dict's keys in their order). One rule for dtypes: a
floating result has the dtype of the input, and a result in another one is told so after its value. One rule for rounding: a
number is right within half a unit of the last of `digits=2` decimals that the statement asks for; an estimate within
`within=0.15`; all others are exact. One rule for forms: a number may come in a tensor, an array, a string or a fraction; a
letter with brackets; a list of integers for a tensor of integers. A list of floats is no tensor.

**Variants** are other sets of numbers for a predict exercise, for classes that want their own (docs/classes.md):

    shifted = Check(
        "shifted",
        reference=lambda shared, area: shared / (2 * area - shared),
        mistakes={"{:.2f} is the intersection over one box; IoU divides by the union": lambda shared, area: shared / area},
        hints=["The boxes share {shared} pixels.", "..."],
        variants=Variants(
            dict(side=20),                          # the lesson's own, which come first
            dict(side=18),
            wording=["have {side}×{side} pixels"],  # pieces of the statement
            derived=lambda side: dict(shared=(side - 2) ** 2, area=side**2),
        ),
    )

The right answer and the mistakes are functions of the numbers that they name; `{}` in a mistake's words is its value. A mistake
that is still a plain value belongs to the lesson's own numbers, and other sets do without it. Where the numbers also appear
in a figure, in a table or in a later section, an exercise can have no variants.

**Changes.** `changes=("network",)` names the inputs that an answer is meant to change; all others have to stay as they are.

**Stubs.** `given=1` says how many lines of code a stub has before its `raise NotImplementedError`, or in its `__init__`;
`builds_on=[other]` names the checks whose answers this exercise calls.
"""

from cnnlib.checks.engine import Check, WrongAnswer, but, outputs, random, report

__all__ = ["Check", "WrongAnswer", "but", "outputs", "random", "report"]
