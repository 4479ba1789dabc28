"""How the notebooks are tested: one thread each, so that they run side by side, and each in a group of its own."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT / "tools"))

import build  # noqa: E402

# before torch is imported anywhere: the kernels that nbval starts inherit it too
os.environ.update(build.FIXED)


def pytest_configure(config: pytest.Config) -> None:
    """Compare a figure with the saved one by its words: a live figure is HTML too, a saved one is not."""
    if not config.pluginmanager.hasplugin("nbval"):
        return
    from nbval.plugin import IPyNbCell

    compare = IPyNbCell.compare_outputs
    IPyNbCell.compare_outputs = lambda cell, test, *rest, **options: compare(
        cell, list(map(without_html, test)), *rest, **options
    )


def without_html(output: dict) -> dict:
    """Take the HTML copy of an image out of an output, as the build does."""
    if "image/png" in output.get("data", {}):
        output["data"].pop("text/html", None)
    return output


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep the cells of a notebook, and the tests of a file, in order on one worker."""
    if item.path.suffix == ".ipynb":
        item.add_marker(pytest.mark.slow)
    if not item.get_closest_marker("xdist_group"):
        item.add_marker(pytest.mark.xdist_group(item.path.name))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the long groups come first."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
