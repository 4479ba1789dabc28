"""The outputs of cells as the site shows them: figures as files, explorers alive, verdicts without the learner's score."""

import re
from pathlib import Path

from nbformat import NotebookNode

from cnnlib.explorers import MIME
from tools.exercises import MARKS, plain
from tools.pictures_of import picture_of
from tools.website import explorers

SCORE = re.compile(r" <span>&middot; [^<]*</span>")  # "3 of 9 solved"


def shown(output: NotebookNode, path: Path) -> NotebookNode:
    """Write an output's figure to a file, `path` with a suffix, and show it with its text alternative from the notebook."""

    def place(data: bytes, suffix: str) -> str:
        file = path.with_name(path.name + suffix)
        file.write_bytes(data)
        return f"../_static/figures/{file.name}"

    data = output.get("data", {})
    if MIME in data:
        output.data = {"text/html": explorers.place(**data[MIME], path=path)}
    elif picture := picture_of(output):
        output.data = {"text/html": picture.tag(place, 'loading="lazy"')}
    elif "text/html" in data and plain(output).startswith(MARKS):
        data["text/html"] = SCORE.sub("", data["text/html"])
    return output
