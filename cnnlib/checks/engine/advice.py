"""What usually lies behind an error of PyTorch or Python, in a learner's words: it is added to the error's own."""

import re
from collections.abc import Mapping

ADVICE = {  # a part of the error's words: advice that holds whatever the code was meant to do
    r"'torch\.return_types\.\w+' object|unsupported operand .*'torch\.return_types": (
        "`max`, `min`, `cummax` and the like with an axis return values and indices; take `.values` or `.indices`"
    ),
    r"Boolean value of Tensor with more than one value": (
        "`if`, `and` and Python's `max` need one truth value; compare tensors with `&`, `torch.where` or `torch.maximum`"
    ),
    r"stack expects each tensor to be equal size": "`torch.stack` needs equal shapes; `torch.cat` joins others",
    r"Sizes of tensors must match except": "`torch.cat` needs pieces that differ along one axis; flatten them first",
    r"shape of the mask": "mask and tensor have different lengths; index the list that was compared",
    r"stack expects a non-empty TensorList|expected a non-empty list of Tensors": (
        "the list is empty: with these inputs nothing was appended to it"
    ),
    r"(Subtraction|Negation), the `-` operator": "turn the booleans into numbers first, `.to(x.dtype)`",
    r"cannot assign '.*' as parameter": (
        "wrap the tensor, `nn.Parameter(tensor.detach())`, or copy it into the layer, `layer.weight.data.copy_(tensor)`"
    ),
    r"Missing key\(s\) in state_dict": "`load_state_dict` needs every parameter of the layer; give it those as well",
    r"size mismatch for \w+": (
        "`load_state_dict` copies between equal shapes; the weight of an `nn.Conv2d` is (outputs, inputs, rows, columns)"
    ),
    r"expected input\[.*\] to have \d+ channels": (
        "the first argument of `nn.Conv2d` is the number of channels of the map, however large the kernel is"
    ),
    r"shape '.*' is invalid for input of size": "a view keeps the number of numbers; one of these sides is wrong, or fixed",
    r"slice indices must be integers|only integer tensors of a single|cannot be interpreted as an integer": (
        "an index is a whole number: divide with `//`, or round and convert with `int(...)`"
    ),
    r"dtype.* (Double|Float|Long)|same dtype|expected scalar type": (
        "numbers of two dtypes meet; make new tensors with `x.new_zeros(...)` or `dtype=x.dtype`"
    ),
    r"result type \w+ can't be cast": "a tensor of whole numbers cannot take decimals; make it with `x.new_zeros(...)`",
    r"Expected (reduction dim|input).* to have non-zero size|Expected reduction dim to be specified": (
        "the piece is empty: its end is not after its start"
    ),
    r"Can't call numpy\(\) on Tensor that requires grad": "stay with tensors: gradients do not pass through numpy",
    r"a leaf Variable that requires grad": "do not write into the input: work on a clone, or on a new tensor",
    r"'builtin_function_or_method'|'method' object": "a method needs brackets to be called, `x.size()`, `x.sum()`",
    r"'NoneType' object|'NoneType' and|and 'NoneType'": "a function that ends without `return` gives None",
}


def advised(words: str, own: Mapping[str, str]) -> str:
    """Add advice to the words of an error: that of the exercise itself if it has any, else that of the table.

    >>> advised("your code raised TypeError: cannot add list to tensor", {"cannot add": "make a tensor of it"})
    'your code raised TypeError: cannot add list to tensor; make a tensor of it'
    """
    if not words.startswith("your code raised "):
        return words
    advice = next((advice for part, advice in {**own, **ADVICE}.items() if re.search(part, words)), None)
    return words if advice is None else f"{words}; {advice}"
