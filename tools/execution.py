"""Execute a notebook in its own kernel."""

import copy
import os
from pathlib import Path

from nbclient import NotebookClient
from nbformat import NotebookNode

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
    """Reduce a figure to one static image: remove the widget, which needs its kernel, and the second copy in HTML.

    Returns False if nothing static is left of the output, as for a progress bar.
    """
    data = output.get("data", {})
    if "image/png" in data:
        data.pop("text/html", None)
    return data.pop(WIDGET, None) is None or "image/png" in data
