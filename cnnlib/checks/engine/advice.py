"""What usually lies behind an error of PyTorch or Python, in a learner's words: it is added to the error's own."""

import re
from collections.abc import Mapping

MATRICES = "`@` needs as many columns on its left, here {}, as rows on its right, here {}"
EQUAL = "tensors that are added or multiplied number by number need axes of equal length, or of length 1; {} and {} are neither"
ADVICE = {  # a part of the error's words: advice that holds whatever the code was meant to do, with the part's groups
    r"'torch\.return_types\.\w+' object|unsupported operand .*'torch\.return_types": (
        "`max`, `min`, `cummax` and the like with an axis return values and indices; take `.values` or `.indices`"
    ),
    r"Boolean value of Tensor with more than one value": (
        "`if`, `and` and Python's `max` need one truth value; compare tensors with `&`, `torch.where` or `torch.maximum`"
    ),
    r"stack expects each tensor to be equal size": "`torch.stack` needs equal shapes; `torch.cat` joins others",
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
    r"mat1 and mat2 shapes cannot be multiplied \(\d+x(\d+) and (\d+)x\d+\)": MATRICES,
    r"size mismatch, got input \(\d+\), mat \(\d+x(\d+)\), vec \((\d+)\)": MATRICES,
    r"inconsistent tensor size, expected tensor \[(\d+)\] and src \[(\d+)\]": MATRICES,
    r"first two dimensions of batch2 tensor to be: \[\d+, (\d+)\] but got: \[\d+, (\d+)\]": (
        f"{MATRICES}; of a tensor with more axes, these are the last two"
    ),
    r"tensor a \((\d+)\) must match the size of tensor b \((\d+)\)": EQUAL,
    r"Sizes of tensors must match except in dimension (\d+)\. Expected size (\d+) but got size (\d+)": (
        "`torch.cat` along axis {} needs parts that agree along all other axes; here one has {}, another {}"
    ),
    r"einsum\(\): subscript (\w) has size (\d+) .* previously seen size (\d+)": (
        "the letter {} stands for two axes of different length, {} and {}; compare its places with the shapes"
    ),
    r"'tuple' object has no attribute": "a tuple holds the tensor; take it out with `[0]`, or with `(name,) = ...`",
    r"'list' object has no attribute": "a list is not a tensor; `torch.cat`, `torch.stack` or `torch.tensor` make one of it",
    r"(list|tuple|generator) is not a Module subclass": (
        "`nn.Sequential` takes the modules one by one, not a {}; a star before it unpacks it, `nn.Sequential(*parts)`"
    ),
    r"torch\.nn\.\S*?\.([A-Z]\w*) is not a Module subclass": "`nn.{0}` is the class; `nn.{0}(...)` makes a module of it",
    r"torch\.nn\.functional\.(\w+) is not a Module subclass": "`F.{}` is a function and not a module, as `nn.ReLU()` is",
    r"genexpr> is not a Module subclass": "`nn.Sequential` takes the modules one by one; a star before them unpacks them",
    r"(cat|stack)\(\): argument 'tensors' .* must be tuple of Tensors": (
        "`torch.{0}` takes the tensors in a list: `torch.{0}([a, b], dim=1)`"
    ),
    r"operand type\(s\) for \S+: 'tuple' and": "a tuple is no number; take its parts first, `one, other = pair`",
    r"'float' object is not iterable": "a tensor is expected, not a number made with `.item()`",
    r"Padding length must be divisible by 2": "`F.pad` takes two numbers per axis, the last axis first",
    r"grad can be implicitly created only for scalar outputs": (
        "a gradient is that of a single number; add the numbers up with `.sum()` first"
    ),
    r"element 0 of tensors does not require grad": (
        "the number is not computed from a tensor that records its computations, `requires_grad_()`"
    ),
    r"differentiated Tensor( at index \d+)? appears to not have been used": (
        "the number has to be computed from the very tensor whose gradient is asked for, after its `requires_grad_()`"
    ),
    r"expected Tensor as element \d+ in argument 0, but got (\w+)": (
        "each part has to be a tensor, and one is a {}; a layer has to be called on its input"
    ),
    r"(cat|stack)\(\) takes from 1 to 2 positional arguments": (
        "`torch.{}` takes a single list of tensors, without a star: `torch.cat([a, b], dim=1)`"
    ),
    r"divisible by groups": "`groups` has to divide the number of channels that the layer reads and the number that it outputs",
    r"cannot assign module before Module": "`__init__` has to begin with `super().__init__()`",
    r"running_mean should contain (\d+) elements not (\d+)": "a batch norm for {1} channels is given {0}",
    r"dictionary update sequence|ModuleDict update sequence": "a dict is expected, which gives each module a name",
    r"index (-?\d+) is out of bounds for dimension (\d+) with size (\d+)": (
        "index {} does not exist along axis {}: there are {}, counted from 0"
    ),
    r"operand type\(s\) for \^|bitwise_xor": "`^` is not a power in Python; write `**`",
}


def advised(words: str, own: Mapping[str, str]) -> str:
    """Add advice to the words of an error: that of the exercise itself if it has any, else that of the table.

    >>> advised("your code raised TypeError: cannot add list to tensor", {"cannot add": "make a tensor of it"})
    'your code raised TypeError: cannot add list to tensor; make a tensor of it'
    """
    if not words.startswith("your code raised "):
        return words
    for part, advice in {**own, **ADVICE}.items():
        if found := re.search(part, words):
            return f"{words}; {advice.format(*found.groups()) if found.groups() else advice}"
    return words
