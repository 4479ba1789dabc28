"""Execute a notebook in its own kernel."""

import copy
import os
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbformat import NotebookNode

from cnnlib.mime import EXPLORER
from tools.pictures_of import SUFFIXES, pictured

WIDGET = "application/vnd.jupyter.widget-view+json"
FIXED = {"CNNLIB_THREADS": "1", "OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def execute(notebook: NotebookNode, folder: Path, seconds: int = 1200) -> NotebookNode:
    """Run all cells of a copy on one thread and return it with its outputs; raises CellExecutionError."""
    executed = copy.deepcopy(notebook)
    client = NotebookClient(
        executed,
        timeout=seconds,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        coalesce_streams=True,
        store_widget_state=False,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],  # newer kernels warn about unencrypted local connections
    )
    client.execute(env=os.environ | FIXED)
    for cell in executed.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if keep_static(output)]
    executed.metadata = notebook.metadata
    return executed


def keep_static(output: NotebookNode) -> bool:
    """Reduce a figure to what every reader can show: remove the widget, which needs its kernel, and the copy in HTML.

    Returns False if nothing static is left of the output, as for a progress bar.
    """
    data = output.get("data", {})
    if pictured(output):
        data.pop("text/html", None)
    return data.pop(WIDGET, None) is None or pictured(output)


def comparable(output: Any) -> Any:
    """Leave the words of a picture: its bytes depend on the processor and on the version of matplotlib.

    The values of an explorer are removed as well: they may be a network's output.
    """
    data = output.get("data", {})
    data.pop(EXPLORER, None)
    if pictured(output):
        for mime in ("text/html", *SUFFIXES):
            data.pop(mime, None)
    return output
