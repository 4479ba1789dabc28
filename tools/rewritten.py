"""What a lesson of the second edition must have; the lessons that do are listed in REWRITTEN."""

from nbformat import NotebookNode

from tools.exercises import announced, without_answers
from tools.forms import IMAGE, Box, pieces

REWRITTEN = (
    "01_convolution",
    "02_training",
    "03_bottleneck",
    "04_vgg",
    "05_inception",
    "06_resnet",
    "07_densenet",
    "08_fcn",
    "09_rcnn",
    "10_faster_rcnn",
    "11_yolo",
)  # add a lesson here when it is rewritten
WIDEST, LONGEST = 88, 18  # letters of a line of code, lines of a cell that is not folded
EXERCISES, GUESSES = 9, 2  # at most; at least
MINUTES = range(75, 101)  # of a lesson, as its notes for the speaker say


def shortcomings(lesson: NotebookNode) -> list[str]:
    """List what a lesson, as `tools.texts.written` returns it, lacks; one sentence each, with the cell where there is one."""
    return [*of_the_whole(lesson), *of_its_start(lesson), *of_its_code(lesson)]


def of_the_whole(lesson: NotebookNode) -> list[str]:
    """Count exercises, boxes, guesses and minutes."""
    found = [piece for cell in lesson.cells if cell.cell_type == "markdown" for piece in pieces(cell.source)]
    kinds = [piece.kind for piece in found if isinstance(piece, Box)]
    minutes = sum(minutes_of(piece) for piece in found)
    guesses = sum("guess" in tags(cell) for cell in lesson.cells)
    count = len(announced(lesson))
    expected = {
        f"{count} exercises: at most {EXERCISES} are expected": count <= EXERCISES,
        f"{guesses} cells for guesses: at least {GUESSES} are expected": guesses >= GUESSES,
        f"the speaker's blocks add up to {minutes} minutes: {MINUTES[0]} to {MINUTES[-1]} are expected": minutes in MINUTES,
    }
    for kind in ("open", "next"):
        expected[f"{kinds.count(kind)} boxes `:::{{{kind}}}`: one is expected"] = kinds.count(kind) == 1
    return [sentence for sentence, holds in expected.items() if not holds]


def minutes_of(piece: Box | str) -> int:
    """Read the minutes of a speaker's block; 0 for anything else."""
    return int(piece.options["minutes"]) if isinstance(piece, Box) and piece.kind == "speaker" else 0


def of_its_start(lesson: NotebookNode) -> list[str]:
    """Check the first screen: a picture, and imports that are folded."""
    imports = next(cell for cell in lesson.cells if cell.cell_type == "code" and "setup" not in tags(cell))
    expected = {
        "cell 0 has no picture": IMAGE.search(lesson.cells[0].source),
        "the first code cell is not folded: it needs the tag `hide-input`": "hide-input" in tags(imports),
    }
    return [sentence for sentence, holds in expected.items() if not holds]


def of_its_code(lesson: NotebookNode) -> list[str]:
    """Find lines and cells that are too long to be read without scrolling."""
    sentences = []
    for index, cell in enumerate(lesson.cells):
        if cell.cell_type != "code" or "setup" in tags(cell):
            continue
        for line in cell.source.splitlines():
            if len(line) > WIDEST:
                start = f"{line.strip()[:30]}..."
                sentences.append(f"cell {index}: a line has {len(line)} letters, at most {WIDEST} are expected: {start}")
        count = sum(bool(line.strip()) for line in without_answers(cell.source).splitlines())
        if count > LONGEST and "hide-input" not in tags(cell):
            sentences.append(f"cell {index}: {count} lines of code, at most {LONGEST} are expected: fold it or split it")
    return sentences


def tags(cell: NotebookNode) -> list[str]:
    """List the tags of a cell."""
    return cell.metadata.get("tags", [])
