"""nbgrader's settings for this course; nbgrader reads them from the folder in which its commands are run."""

import importlib.util
import os
import secrets
import sys
from pathlib import Path

from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.preprocessors import ClearSolutions, Execute, OverwriteCells

# the folder next to this file, whatever folder nbgrader is started in
spec = importlib.util.spec_from_file_location("grading", Path(__file__).resolve().parent / "grading" / "__init__.py")
sys.modules["grading"] = importlib.util.module_from_spec(spec)
from grading.steps import LeaveStubs, RestoreChecks, RunNeeded  # noqa: E402

c = get_config()  # noqa: F821    (nbgrader defines it)
c.CourseDirectory.course_id = "cnn"  # the name of the course in the exchange and on JupyterHub
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
ours = {ClearSolutions: LeaveStubs, OverwriteCells: RestoreChecks, Execute: RunNeeded}
c.GenerateAssignment.preprocessors = [ours.get(step, step) for step in GenerateAssignment.preprocessors.default()]
c.Autograde.sanitize_preprocessors = [ours.get(step, step) for step in Autograde.sanitize_preprocessors.default()]
c.Autograde.autograde_preprocessors = [ours.get(step, step) for step in Autograde.autograde_preprocessors.default()]

c.Execute.timeout = 1200  # seconds for one cell; the longest training takes about a minute on one core
c.Execute.skip_cells_with_tag = secrets.token_hex()  # else a check tagged "skip-execution" would pass without being run
c.Execute.extra_arguments = ["--IPKernelApp.log_level=ERROR"]  # newer kernels warn about unencrypted local connections
c.OverwriteCells.add_missing_cells = True
c.IgnorePattern.enabled = True  # nbgrader gives no points for a check that prints to stderr, even if it is only a warning
c.IgnorePattern.pattern = r"[\s\S]"
os.environ |= {"CNNLIB_THREADS": "1", "TQDM_DISABLE": "1"}
