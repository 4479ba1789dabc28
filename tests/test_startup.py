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


def heavy_imports(*codes):
    """Run code, one after the other, in one fresh process and list the heavy packages that were imported by then."""
    env = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    code = "\n".join(["import sys", *(f"{code}\nprint(*sorted(set(sys.modules) & {HEAVY}))" for code in codes)])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    return [line.split() for line in done.stdout.splitlines()]


@pytest.mark.slow
def test_the_first_cell_of_a_lesson_and_a_check_import_nothing_that_takes_long():
    """All share one process, which starts in three seconds: the first that imports too much is the one to mend."""
    found = heavy_imports(*map(startup.first_imports, TEXTS), JUDGED)
    assert dict(zip([*(text.stem for text in TEXTS), "a check"], found, strict=True)) == {
        **{text.stem: [] for text in TEXTS},
        "a check": [],
    }


def test_heavy_imports_are_found():
    assert heavy_imports("import json", "import scipy", "import math") == [[], ["scipy"], ["scipy"]]


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
