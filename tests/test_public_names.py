"""Nothing public is there for nobody: a lesson, a check, a page, a tool or another part of the library uses each name."""

import ast
import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
LIBRARY = sorted(path for path in (ROOT / "cnnlib").rglob("*.py"))
USERS = [
    *(ROOT / "solutions").glob("*.md"),
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / folder / path for folder in ("tools", "browser") for path in (ROOT / folder).rglob("*.py")),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "Makefile")),
]
PURPOSES = {  # names that only tests use -> what they are for
    "CIFAR_SIZES": "the output sizes of a table, which tests/test_models.py walks",
    "SIZES": "the output sizes of a table, which tests/test_models.py walks",
    "conv2d_loops": "convolution written as its formula, to be read beside `conv2d` and to test it",
    "global_avg_pool": "the last of the layers from first principles, beside max and average pooling",
    "voc_segmentation": "real photographs for whoever goes on from lesson 08, as `voc_detection` is for lesson 11",
    "PRINTED": "a misprint of the paper, beside what the network has",
}


def words(text):
    return Counter(re.findall(r"\w+", text))


def defined(source):
    """List the public functions, classes and constants of a module."""
    for node in ast.parse(source).body:
        names = [node.name] if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]
        yield from (name for name in names if not name.startswith("_"))


def unused():
    """List the public names of the library that stand nowhere but where they are defined, and perhaps in tests."""
    sources = {path: path.read_text(encoding="utf-8") for path in LIBRARY}
    counts = words("\n".join([*sources.values(), *(path.read_text(encoding="utf-8") for path in USERS)]))
    own = {path: words(re.sub(r'"""[\s\S]*?"""', "", source)) for path, source in sources.items()}
    documented = {path: words(source) - own[path] for path, source in sources.items()}
    return {
        name: path.relative_to(ROOT).as_posix()
        for path, source in sources.items()
        for name in defined(source)
        if counts[name] - documented[path][name] < 2 and name not in PURPOSES
    }


def test_every_public_name_is_used():
    assert unused() == {}


def test_a_name_that_only_its_own_docstring_uses_is_found():
    assert list(defined("def f(x):\n    pass\nA, B = 1, 2\n_c = 3\nclass D: pass")) == ["f", "A", "B", "D"]


def test_every_excuse_is_needed():
    names = {name for path in LIBRARY for name in defined(path.read_text(encoding="utf-8"))}
    assert set(PURPOSES) <= names
