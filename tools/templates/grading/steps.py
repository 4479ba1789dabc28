"""nbgrader's steps as this course needs them: the lessons' stubs, checks put back, and nothing is run that no check needs."""

import re
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions, Execute, OverwriteCells
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool

from .names import Unclear, statements
from .needed import needed

Step = tuple[NotebookNode, dict[str, Any]]
CHECK = "-check"  # ends the `grade_id` of a check; without it, it is that of the answer


class LeaveStubs(ClearSolutions):
    """Replace an answer as the lessons do: by `raise NotImplementedError` inside a function, by nothing at top level."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict[str, Any], cell_index: int) -> Step:
        """Clear the solution as nbgrader does, then remove the stub where it would stop the whole notebook."""
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if is_solution(cell):
            cell.source = re.sub(r"^raise NotImplementedError$\n?", "", cell.source, flags=re.MULTILINE).rstrip()
        return cell, resources


class RestoreChecks(OverwriteCells):
    """Write every check as it was released, and put deleted ones back, so that they judge the answer all the same."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict[str, Any], cell_index: int) -> Step:
        """Restore a cell; a second copy of one, and one of another course, is a plain cell, at which nbgrader would fail."""
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if "grade_id" not in cell.metadata.get("nbgrader", {"grade_id": None}):
            del cell.metadata["nbgrader"]
        return cell, resources

    def add_missing_grade_cells(self, nb: NotebookNode, resources: dict[str, Any]) -> Step:
        """Insert each missing check after the last cell before it that is there; nbgrader fails without its answer."""
        source = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        checks, place = {cell.name: cell for cell in source.grade_cells}, 0
        for cell in source.source_cells:
            at = [index for index, one in enumerate(nb.cells) if one.metadata.get("nbgrader", {}).get("grade_id") == cell.name]
            if not at and cell.name in checks:
                nb.cells.insert(place, self.missing_cell_transform(cell, checks[cell.name].max_score))
                at = [place]
            place = at[0] + 1 if at else place
        return nb, resources


class RunNeeded(Execute):
    """Run the answers, the checks and what they read; no training or picture of a lesson is among that."""

    run_all = Bool(False, help="Run every cell of a submission, whether a check needs it or not.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any], km: Any = None) -> Step:
        """Find out what is needed and what each answer binds, then run it."""
        code = {index for index, cell in enumerate(nb.cells) if cell.cell_type == "code"}
        self.needed = code if self.run_all else needed(nb.cells)
        self.unbound = judged(nb.cells)
        return super().preprocess(nb, resources, km)

    def preprocess_cell(self, cell: NotebookNode, resources: dict[str, Any], index: int) -> Step:
        """Run a needed cell. Before an answer its names are unbound: what an earlier exercise left must not be judged."""
        if index in self.needed:
            if names := self.unbound.get(index):
                forget = nbformat.v4.new_code_cell("\n".join(f"globals().pop({name!r}, None)" for name in sorted(names)))
                self.execute_cell(forget, index, store_history=False)
            cell, resources = super().preprocess_cell(cell, resources, index)
        return cell, resources


def judged(cells: list[NotebookNode]) -> dict[int, set[str]]:
    """Find the names that each check judges: by the position of the answer, or of the check if the answer was deleted."""
    at = {cell.metadata["nbgrader"]["grade_id"]: index for index, cell in enumerate(cells) if is_solution(cell)}
    found: dict[int, set[str]] = {}
    for index, cell in enumerate(cells):
        if is_grade(cell) and (name := cell.metadata["nbgrader"]["grade_id"]).endswith(CHECK):
            try:
                names = set().union(*(one.now for one in statements(cell.source))) - {"check"}
            except Unclear:
                continue
            found.setdefault(at.get(name.removesuffix(CHECK), index), set()).update(names)
    return found
