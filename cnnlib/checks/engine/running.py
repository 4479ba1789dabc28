"""Run an answer on one case: with copies, with limits, and with one clear sentence for whatever goes wrong."""

import contextlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from cnnlib.checks.engine import limits
from cnnlib.checks.engine.blame import Failure, NotAttempted, failure_of
from cnnlib.checks.engine.copies import copied, is_unchanged, marks


class Trial(NamedTuple):
    """What a function made of one case, and the inputs whose gradients can be asked for."""

    made: Any
    leaves: list[Tensor]


def prepared(case: Mapping[str, Any], gradients: tuple[str, ...]) -> tuple[dict[str, Any], list[Tensor]]:
    """Copy a case; of the inputs in `gradients`, give out a clone whose gradient can be asked for: (inputs, leaves)."""
    inputs, leaves = copied(dict(case)), []
    for name in gradients:
        leaf, inputs[name] = _with_leaf(inputs[name])
        leaves.append(leaf)
    return inputs, leaves


def _with_leaf(value: Tensor | list[Tensor]) -> tuple[Tensor, Tensor | list[Tensor]]:
    """Make one tensor whose gradient can be asked for, and of it clones of a tensor, or of all tensors of a list."""
    if isinstance(value, Tensor):
        leaf = value.requires_grad_()
        return leaf, leaf.clone()
    leaf = torch.cat([one.flatten() for one in value]).requires_grad_()
    parts = leaf.split([one.numel() for one in value])
    return leaf, [part.view_as(one).clone() for part, one in zip(parts, value, strict=True)]


def guarded(work: Callable[[], Any], answer: Any, printed: limits.Printed, given: int = 0) -> Any:
    """Run code of an answer; raises NotAttempted, Failure, or KeyboardInterrupt if the learner pressed the key."""
    limit = limits.Limits()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), limit.applied():
            made = limits.call(work)
    except (Failure, NotAttempted):
        raise
    except limits.TimeUp:
        made = Failure(f"still running after {limits.SECONDS:g} seconds; look for a loop that does not end")
    except BaseException as error:
        made = failure_of(error, answer, given)
    if limit.interrupted:
        raise KeyboardInterrupt
    if isinstance(made, Failure | NotAttempted):
        raise made from None
    return made


def run(
    answer: Callable,
    case: Mapping[str, Any],
    printed: limits.Printed,
    gradients: tuple[str, ...] = (),
    given: int = 0,
    changes: tuple[str, ...] = (),
) -> Trial:
    """Call an answer with copies of a case's values, by position; raises NotAttempted, Failure or KeyboardInterrupt."""
    inputs, leaves = prepared(case, gradients)
    letters, marked = printed.letters, {name: marks(value) for name, value in inputs.items()}
    made = guarded(lambda: answer(*inputs.values()), answer, printed, given)
    if made is None and printed.letters > letters:
        raise Failure("the result is printed, not returned; end the function with `return`")
    if inspect.isgenerator(made):
        raise Failure("the function is a generator: it has a `yield`; end it with `return`")
    if inspect.iscoroutine(made):
        made.close()
        raise Failure("the function is a coroutine; write `def`, without `async`")
    for name, before in case.items():
        if name in changes:
            continue
        if not is_unchanged(before, inputs[name]):
            raise Failure(f"the input `{name}` was changed in place; work on a copy")
        if marks(inputs[name]) != marked[name]:
            what = "its training mode" if isinstance(before, nn.Module) else "its `requires_grad` or `.grad`"
            raise Failure(f"the input `{name}` was changed: {what}; work on a copy")
    return Trial(made, leaves)
