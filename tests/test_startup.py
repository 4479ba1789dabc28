"""A lesson starts lean: its first cell leaves out the packages that take long to import; they load where they are used."""

import os
import subprocess
import sys

import pytest

from tools import startup
from tools.texts import texts

HEAVY = {"torchvision", "torch._dynamo", "sklearn", "skimage", "scipy", "pandas", "sympy", "matplotlib.pyplot"}
TEXTS = texts()


@pytest.mark.parametrize("text", TEXTS, ids=[text.stem for text in TEXTS])
def test_the_first_cell_imports_nothing_that_takes_long(text):
    code = f"{startup.first_imports(text)}\nimport sys\nprint(*sorted(set(sys.modules) & {HEAVY}))"
    env = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    imported = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert imported.returncode == 0, imported.stderr
    assert imported.stdout.split() == []


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

# 01 Small

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
