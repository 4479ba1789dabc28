"""nbgrader's settings for this course; nbgrader reads them in the folder where its commands are given."""

import os
import re
import secrets

from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearSolutions


class LeaveStubs(ClearSolutions):
    """Leave what the lessons leave: `raise NotImplementedError` inside a function, nothing at top level."""

    def preprocess_cell(self, cell, resources, cell_index):
        """Clear the solution as nbgrader does, then take the stub out where it would stop the whole notebook."""
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if cell.metadata["nbgrader"]["solution"]:
            cell.source = re.sub(r"^raise NotImplementedError$\n?", "", cell.source, flags=re.MULTILINE).rstrip()
        return cell, resources


c = get_config()  # noqa: F821    (nbgrader puts it there)
c.CourseDirectory.course_id = "cnn"  # the name of the course in the exchange and on JupyterHub
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
kept = GenerateAssignment.preprocessors.default()
c.GenerateAssignment.preprocessors = [LeaveStubs if step is ClearSolutions else step for step in kept]

c.Execute.timeout = 1200  # seconds for one cell; the longest training takes about a minute on one core
c.Execute.skip_cells_with_tag = secrets.token_hex()  # or a check tagged "skip-execution" would pass without being run
os.environ |= {
    "CNNLIB_THREADS": "1",
    "TQDM_DISABLE": "1",
    "PYTHONWARNINGS": "ignore",  # nbgrader gives no points to a check that prints to stderr, be it only a warning
}
