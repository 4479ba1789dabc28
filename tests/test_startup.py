"""A lesson starts lean: its first cell leaves out the packages that take long to import; they load where they are used."""

import os
import subprocess
import sys

import pytest

from tools import startup
from tools.texts import texts

HEAVY = {"torchvision", "torch._dynamo", "sklearn", "skimage", "scipy", "pandas", "sympy", "matplotlib.pyplot"}
TEXTS = texts()


JUDGED = """
import contextlib
import torch
from cnnlib.checks import rcnn as check
with contextlib.suppress(AssertionError):
    check.overlap(lambda a, b: torch.zeros(len(a), len(b)))
"""


def heavy_imports(code):
    """Run code in a fresh process and list which of the heavy packages it imported."""
    env = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    code = f"{code}\nimport sys\nsys.exit(' '.join(sorted(set(sys.modules) & {HEAVY})))"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env).stderr.split()


@pytest.mark.parametrize("text", TEXTS, ids=[text.stem for text in TEXTS])
def test_the_first_cell_imports_nothing_that_takes_long(text):
    assert heavy_imports(startup.first_imports(text)) == []


def test_a_check_imports_nothing_that_takes_long():
    assert heavy_imports(JUDGED) == []


def test_heavy_imports_are_found():
    assert heavy_imports("import scipy") == ["scipy"]


def test_only_the_imports_of_the_first_cell_after_set_up_are_measured():
    imports = startup.first_imports(TEXTS[0])
    assert "import torch" in imports.splitlines()
    assert all(line.startswith(("import ", "from ")) for line in imports.splitlines())
    assert "importlib" not in imports  # the set-up cell's


@pytest.mark.slow
def test_a_lesson_is_measured_in_its_kernel(tmp_path):
    text = tmp_path / "01_small.md"
    text.write_text(SMALL, encoding="utf-8")
    step, processor, memory = startup.measure(text)
    assert step.endswith(" s") and processor.endswith(" s")
    assert memory.endswith("GB in cell 3")  # title 0, set-up 1, imports 2


SMALL = """---
jupytext:
  text_representation:
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# Small

```{code-cell} ipython3
import torch
```

```{code-cell} ipython3
weight = torch.nn.Parameter(torch.ones(40_000_000))
weight.grad = weight.data
torch.optim.SGD([weight], lr=1).step()
```

```{code-cell} ipython3
del weight
```
"""
