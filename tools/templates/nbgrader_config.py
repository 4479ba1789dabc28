"""nbgrader's settings for this course; nbgrader reads them from the folder in which its commands are run."""

import os
import re
import secrets

from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearSolutions
from nbgrader.utils import is_solution


class LeaveStubs(ClearSolutions):
    """Replace an answer as the lessons do: by `raise NotImplementedError` inside a function, by nothing at top level."""

    def preprocess_cell(self, cell, resources, cell_index):
        """Clear the solution as nbgrader does, then remove the stub where it would stop the whole notebook."""
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if is_solution(cell):
            cell.source = re.sub(r"^raise NotImplementedError$\n?", "", cell.source, flags=re.MULTILINE).rstrip()
        return cell, resources


c = get_config()  # noqa: F821    (nbgrader defines it)
c.CourseDirectory.course_id = "cnn"  # the name of the course in the exchange and on JupyterHub
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
steps = GenerateAssignment.preprocessors.default()
c.GenerateAssignment.preprocessors = [LeaveStubs if step is ClearSolutions else step for step in steps]

c.Execute.timeout = 1200  # seconds for one cell; the longest training takes about a minute on one core
c.Execute.skip_cells_with_tag = secrets.token_hex()  # else a check tagged "skip-execution" would pass without being run
os.environ |= {
    "CNNLIB_THREADS": "1",
    "TQDM_DISABLE": "1",
    "PYTHONWARNINGS": "ignore",  # nbgrader gives no points for a check that prints to stderr, even if it is only a warning
}
