"""Screenshots for human eyes, in build/screenshots: both themes, two widths of the window."""

from tools import ROOT
from tools.lesson_page import Lesson

SHOTS = ROOT / "build" / "screenshots"
LOOKS = [("Light", 1280), ("Dark", 800)]


def shoot(lesson: Lesson, index: int, name: str) -> None:
    """Take a screenshot of a cell."""
    lesson.cell(index).scroll_into_view_if_needed()
    lesson.page.wait_for_timeout(100)  # a cell that scrolls into view gets its height
    lesson.cell(index).screenshot(path=SHOTS / f"{name}.png", animations="disabled")
